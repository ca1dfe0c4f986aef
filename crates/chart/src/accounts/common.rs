//! The passwords that are tried first, in the languages of our pages.

/// In small letters; none is shorter than a password must be.
pub(super) const COMMON: &[&str] = &[
    "password", "password1", "password12", "password123", "passw0rd", "p@ssword", "p@ssw0rd", "12345678", "123456789", "1234567890", "87654321",
    "987654321", "0987654321", "11111111", "00000000", "22222222", "88888888", "99999999", "12341234", "11223344", "12344321", "13131313",
    "147258369", "123123123", "12121212", "qwertyui", "qwertyuiop", "qwerty12", "qwerty123", "qwerty1234", "1qaz2wsx", "1q2w3e4r", "1q2w3e4r5t",
    "q1w2e3r4", "qazwsxedc", "asdfghjk", "asdfghjkl", "zxcvbnm1", "zxcvbnm123", "abcd1234", "abc12345", "a1234567", "a12345678", "aa123456",
    "abcdefgh", "abcdefg1", "iloveyou", "iloveyou1", "sunshine", "sunshine1", "princess", "princess1", "football", "football1", "baseball",
    "baseball1", "superman", "trustno1", "starwars", "whatever", "letmein1", "letmein123", "welcome1", "welcome123", "welcome2024", "welcome2025",
    "welcome2026", "administrator", "admin123", "admin1234", "adminadmin", "changeme", "changeme1", "computer", "internet", "michael1", "jennifer",
    "jordan23", "samsung1", "pokemon1", "dragon123", "master123", "monkey123", "shadow123", "hospital", "hospital1", "doctor123", "doctor1234",
    "nurse123", "nurse1234", "medico123", "medicina", "contraseña", "contrasena", "contraseña1", "contrasena1", "bienvenido", "bienvenido1",
    "teamomucho", "mexico123", "mexico2024", "mexico2026", "estrella", "matkhau1", "matkhau123", "matkhau@123", "anhyeuem", "emyeuanh", "vietnam1",
    "vietnam123", "xinchao123", "bacsi123", "benhvien", "йцукенгш", "йцукен123", "пароль123", "пароль12", "qwertyйцукен", "parol123", "moskva123",
    "rossiya1", "zdravstvuy", "privet123", "больница",
];
