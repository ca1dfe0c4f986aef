//! The three languages, in one order, so that a text cannot miss one of them.

/// The same words in Spanish, Vietnamese and Russian.
pub(crate) type Words = [&'static str; 3];

/// Which of the three a population speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tongue {
    Spanish = 0,
    Vietnamese = 1,
    Russian = 2,
}

impl Tongue {
    /// The language of a country's records.
    pub fn of(country: &country::Country) -> Tongue {
        match country.languages.first().map_or("", String::as_str) {
            "es" => Tongue::Spanish,
            "vi" => Tongue::Vietnamese,
            _ => Tongue::Russian,
        }
    }

    /// These words in this language.
    pub fn say(self, words: &Words) -> &'static str {
        words[self as usize]
    }

    /// A unit as its readers print it; the UCUM code beside it never changes.
    pub fn unit(self, unit: &'static str) -> &'static str {
        let words: &Words = match unit {
            "/min" => &["/min", "lần/phút", "/мин"],
            "10³/µL" => &["10³/µL", "G/L", "×10⁹/л"],
            "10⁶/µL" => &["10⁶/µL", "T/L", "×10¹²/л"],
            "kg" => &["kg", "kg", "кг"],
            "cm" => &["cm", "cm", "см"],
            "mmHg" => &["mmHg", "mmHg", "мм рт. ст."],
            "mmol/L" => &["mmol/L", "mmol/L", "ммоль/л"],
            "µmol/L" => &["µmol/L", "µmol/L", "мкмоль/л"],
            "g/L" => &["g/L", "g/L", "г/л"],
            "U/L" => &["U/L", "U/L", "Ед/л"],
            "mL/min/1.73 m²" => &["mL/min/1.73 m²", "mL/phút/1,73 m²", "мл/мин/1,73 м²"],
            "mg/L" => &["mg/L", "mg/L", "мг/л"],
            "mg/g" => &["mg/g", "mg/g", "мг/г"],
            "ng/mL" => &["ng/mL", "ng/mL", "нг/мл"],
            "ng/L" => &["ng/L", "ng/L", "нг/л"],
            "pg/mL" => &["pg/mL", "pg/mL", "пг/мл"],
            "mIU/L" => &["mIU/L", "mIU/L", "мМЕ/л"],
            "fL" => &["fL", "fL", "фл"],
            "L" => &["L", "L", "л"],
            "kg/m²" => &["kg/m²", "kg/m²", "кг/м²"],
            _ => return unit,
        };
        self.say(words)
    }

    /// Mexico reports glucose in mg/dL, the others in mmol/L, and so on.
    pub fn molar(self) -> usize {
        usize::from(self != Tongue::Spanish)
    }
}
