//! Codes that change with the time: what an authenticator application shows, and whether it is right.
//!
//! SHA-1, 30 seconds and six digits, because that is what every common application does.
//! <https://www.rfc-editor.org/rfc/rfc6238>

use aws_lc_rs::hmac;
use fhir::Moment;

/// How many random bytes a secret has (RFC 4226 section 4 asks for 20).
pub const SECRET_BYTES: usize = 20;
/// How long one code lasts.
const STEP_MS: i64 = 30_000;
/// Clocks of telephones go wrong: so many steps before and after are right too.
const SLACK: i64 = 1;
const DIGITS: u32 = 6;

/// The step of a moment.
pub fn step_at(now: Moment) -> i64 {
    now.0.div_euclid(STEP_MS)
}

/// The code of a step.
pub fn code(secret: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let offset = usize::from(tag.last().copied().unwrap_or(0) & 15);
    let number = tag[offset..offset + 4].iter().fold(0u32, |number, byte| number << 8 | u32::from(*byte)) & 0x7fff_ffff;
    format!("{:06}", number % 10u32.pow(DIGITS))
}

/// The step whose code was typed, if it is one of now and later than the last one used: a code
/// opens once. Spaces between the digits do no harm.
pub fn step_of(secret: &[u8], typed: &str, now: Moment, last_used: i64) -> Option<i64> {
    let typed: String = typed.chars().filter(|sign| !sign.is_whitespace()).collect();
    let at = step_at(now);
    (at - SLACK..=at + SLACK).filter(|step| code(secret, *step) == typed).find(|step| *step > last_used)
}

/// The secret as applications take it: base32 without padding (RFC 4648).
pub fn base32(secret: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bit = |place: usize| secret.get(place / 8).map_or(0, |byte| byte >> (7 - place % 8) & 1);
    (0..(secret.len() * 8).div_ceil(5)).map(|letter| (0..5).fold(0, |number, place| number << 1 | bit(letter * 5 + place))).map(|number| char::from(LETTERS[usize::from(number)])).collect()
}

/// What the drawn code says to an application.
/// <https://github.com/google/google-authenticator/wiki/Key-Uri-Format>
pub fn address(secret: &[u8], login: &str) -> String {
    let escaped: String = login.bytes().map(|byte| if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect();
    format!("otpauth://totp/Carnet:{escaped}?secret={}&issuer=Carnet", base32(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    #[test]
    fn the_codes_are_those_of_the_standard() {
        // Appendix B of RFC 6238, its last six digits.
        for (second, expected) in [(59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"), (2_000_000_000, "279037"), (20_000_000_000, "353130")] {
            assert_eq!(code(SECRET, step_at(Moment(second * 1000))), expected);
        }
    }

    #[test]
    fn a_code_is_right_for_a_minute_and_a_half_and_once() {
        let now = Moment(1_234_567_890_000);
        let at = step_at(now);
        for (step, expected) in [(at - 2, None), (at - 1, Some(at - 1)), (at, Some(at)), (at + 1, Some(at + 1)), (at + 2, None)] {
            assert_eq!(step_of(SECRET, &code(SECRET, step), now, 0), expected);
        }
        assert_eq!(step_of(SECRET, "005 924", now, at - 1), Some(at));
        assert_eq!(step_of(SECRET, "005924", now, at), None);
        for wrong in ["", "00592", "0059240", "abcdef", "005925"] {
            assert_eq!(step_of(SECRET, wrong, now, 0), None, "{wrong}");
        }
    }

    #[test]
    fn a_secret_is_written_as_applications_read_it() {
        assert_eq!(base32(SECRET), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(base32(b"f"), "MY");
        assert_eq!(base32(b"foobar"), "MZXW6YTBOI");
        assert_eq!(address(b"f", "a@b"), "otpauth://totp/Carnet:a%40b?secret=MY&issuer=Carnet");
    }
}
