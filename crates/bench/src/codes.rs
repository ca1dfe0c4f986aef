//! An invented catalogue as large as those of nations, in four languages, to type from.

use std::io::{BufWriter, Write};
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::load::mix;

/// Write a table of invented codes with names in four languages, for `carnet terminology import --kind table`.
#[derive(clap::Args)]
pub struct Codes {
    /// How many.
    #[arg(long, default_value_t = 100_000)]
    count: u64,
    /// Where the table goes.
    #[arg(long)]
    out: PathBuf,
}

/// A word in English, Spanish, Vietnamese and Russian.
type Word = [&'static str; 4];

const WHAT: &[Word] = &[
    ["Inflammation", "Inflamación", "Viêm", "Воспаление"], ["Fracture", "Fractura", "Gãy", "Перелом"], ["Pain", "Dolor", "Đau", "Боль"], ["Swelling", "Hinchazón", "Sưng", "Отёк"],
    ["Injury", "Traumatismo", "Chấn thương", "Травма"], ["Benign growth", "Tumor benigno", "U lành", "Доброкачественное новообразование"], ["Malignant growth", "Tumor maligno", "U ác", "Злокачественное новообразование"],
    ["Infection", "Infección", "Nhiễm trùng", "Инфекция"], ["Stenosis", "Estenosis", "Hẹp", "Стеноз"], ["Paralysis", "Parálisis", "Liệt", "Паралич"], ["Burn", "Quemadura", "Bỏng", "Ожог"], ["Ulcer", "Úlcera", "Loét", "Язва"],
    ["Bleeding", "Hemorragia", "Chảy máu", "Кровотечение"], ["Diabetic damage", "Daño diabético", "Tổn thương do đái tháo đường", "Диабетическое поражение"], ["Deformity", "Deformidad", "Biến dạng", "Деформация"], ["Abscess", "Absceso", "Áp xe", "Абсцесс"],
];

const WHERE: &[Word] = &[
    ["of the shoulder", "del hombro", "vai", "плеча"], ["of the knee", "de la rodilla", "gối", "колена"], ["of the hand", "de la mano", "bàn tay", "кисти"], ["of the foot", "del pie", "bàn chân", "стопы"], ["of the skull", "del cráneo", "sọ", "черепа"],
    ["of the lung", "del pulmón", "phổi", "лёгкого"], ["of the heart", "del corazón", "tim", "сердца"], ["of the stomach", "del estómago", "dạ dày", "желудка"], ["of the liver", "del hígado", "gan", "печени"], ["of the kidney", "del riñón", "thận", "почки"],
    ["of the eye", "del ojo", "mắt", "глаза"], ["of the ear", "del oído", "tai", "уха"], ["of the throat", "de la garganta", "họng", "горла"], ["of the skin", "de la piel", "da", "кожи"], ["of the spine", "de la columna", "cột sống", "позвоночника"],
    ["of the bladder", "de la vejiga", "bàng quang", "мочевого пузыря"], ["of the jaw", "de la mandíbula", "hàm", "челюсти"], ["of the hip", "de la cadera", "háng", "тазобедренного сустава"], ["of the gut", "del intestino", "ruột", "кишечника"], ["of a tooth", "de un diente", "răng", "зуба"],
];

const HOW: &[Word] = &[
    ["acute", "agudo", "cấp tính", "острая форма"], ["chronic", "crónico", "mạn tính", "хроническая форма"], ["of the newborn", "del recién nacido", "ở trẻ sơ sinh", "у новорождённого"], ["in pregnancy", "en el embarazo", "khi mang thai", "при беременности"],
    ["after surgery", "tras cirugía", "sau phẫu thuật", "после операции"], ["without cause told", "sin causa especificada", "không rõ nguyên nhân", "без указания причины"], ["severe", "grave", "nặng", "тяжёлая степень"], ["mild", "leve", "nhẹ", "лёгкая степень"],
];

const SIDE: &[Word] = &[["left", "izquierdo", "bên trái", "слева"], ["right", "derecho", "bên phải", "справа"], ["both sides", "bilateral", "hai bên", "с обеих сторон"], ["side not told", "lado no especificado", "không rõ bên", "сторона не указана"]];

impl Codes {
    /// Writes the table.
    pub fn run(self) -> Result<()> {
        let file = std::fs::File::create(&self.out).with_context(|| format!("could not write {}", self.out.display()))?;
        let mut out = BufWriter::new(file);
        writeln!(out, "code,display,display:es,display:vi,display:ru")?;
        for number in 0..self.count {
            // Every combination before the first one comes again, with the number of its turn; in no order.
            let mut rest = number;
            let mut next = |words: &'static [Word]| {
                let word = words[(rest % words.len() as u64) as usize];
                rest /= words.len() as u64;
                word
            };
            let words = [next(WHAT), next(WHERE), next(HOW), next(SIDE)];
            let name = |language: usize| words.map(|word| word[language]).join(" ");
            let turn = if rest == 0 { String::new() } else { format!(" {}", rest + 1) };
            let code = format!("{}{:02}.{number}", char::from(b'A' + (mix(number) % 26) as u8), mix(number ^ 7) % 100);
            writeln!(out, "{code},{}{turn},{}{turn},{}{turn},{}{turn}", name(0), name(1), name(2), name(3))?;
        }
        Ok(out.flush()?)
    }
}
