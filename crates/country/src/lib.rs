//! What is true in one country only.
//!
//! A country is data first (`packs/<code>/*.toml`, compiled in) and code only
//! where a rule must be computed: check digits, how a name is composed. The
//! three countries have the same functions in the same order; a fourth is one
//! folder, one file and one line: its name in [`countries`], from which [`all`] follows.
//!
//! * The same value always gives the same answer: nothing here has a clock,
//!   chance or a store.
//! * A flaw never carries the value that has it.
//! * Folding names for a search is not ours; it lives in `search`.
#![forbid(unsafe_code)]

mod birth;
mod calendar;
mod digits;
mod examination;
mod identifier;
mod immunisation;
mod milestone;
mod name;
mod order;
mod pack;
pub mod provisional;
mod retention;
mod sensitivity;
mod series;
mod sheets;
mod units;

use std::collections::BTreeMap;
use std::sync::OnceLock;

pub use birth::{BirthWeight, Births, Called};
pub use calendar::DateFormat;
pub use examination::{Examination, Timetable};
pub use identifier::{Certainty, Flaw, IdentifierKind, IdentifierSystem, Rules, Told, ToldSex};
pub use immunisation::{Age, Dose, Target};
pub use milestone::{Milestone, Milestones};
pub use name::{NameOrder, NamePart, NameParts, NamePlace};
pub use order::NameKey;
pub use pack::{Pack, read};
pub use retention::{Retention, RetentionRule, RecordFacts, Since, Term, Until};
pub use sensitivity::{Adolescence, CodeRange, ConsentRegime, Sensitivities, Sensitivity};
pub use series::{Calendar, Contraindication, Plan, Risk, Series, Step};
pub use units::{Unit, Units};

/// At which ages somebody decides alone, in whole years.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ages {
    /// Nobody acts as parent of the person any more.
    pub majority: u8,
    /// A parent needs the person's agreement.
    pub own_confidence: u8,
    /// Where that is said, or that it is proposed.
    pub note: String,
}

/// One country: how it names persons, numbers and days.
#[derive(Debug)]
pub struct Country {
    /// Lower-case code used in commands and folders: `mx`.
    pub code: String,
    /// ISO 3166-1 alpha-2, upper case, as FHIR addresses write it.
    pub iso: String,
    /// The country's name by language (`en`, `es`, `vi`, `ru`).
    pub names: BTreeMap<String, String>,
    /// From which ages on somebody decides alone.
    pub ages: Ages,
    /// What can be true of a birth.
    pub births: Births,
    /// BCP 47 languages of its records, the usual one first.
    pub languages: Vec<String>,
    /// IANA time zone of dates written without a zone.
    pub time_zone: String,
    /// Minutes east of UTC of its standard time.
    pub utc_offset_minutes: i32,
    /// How a day is written for its readers.
    pub date: DateFormat,
    /// The sign between whole and fraction.
    pub decimal: char,
    /// The sign between groups of three digits.
    pub grouping: char,
    /// Which part of a name is spoken first.
    pub name_order: NameOrder,
    /// The parts of a name as a desk asks for them, in the order of the papers.
    pub name_parts: Vec<NamePart>,
    /// People are called by the last of their given names, and lists are sorted by it.
    pub called_last: bool,
    /// Identifier systems, the one people know by heart first.
    pub identifiers: Vec<IdentifierSystem>,
    /// The immunisation calendar, in the order of the official table.
    pub immunisation: Vec<Dose>,
    /// What is sensitive, who sees it, and what holds where no consent speaks.
    pub sensitivities: Sensitivities,
    /// How long records are kept.
    pub retention: Retention,
    /// How those doses form series.
    pub calendar: Calendar,
    /// The preventive examinations of its children.
    pub examinations: Timetable,
    /// The milestones of a child's development.
    pub milestones: Milestones,
    /// Its provinces, states and districts over time.
    pub units: Units,
    /// Its forms, each as a sheet that a nurse can read.
    pub forms: &'static [&'static str],
    compose: fn(&NameParts<'_>) -> String,
}

impl Country {
    /// The identifier system with this key: `curp`, `snils`…
    pub fn identifier(&self, key: &str) -> Option<&IdentifierSystem> {
        self.identifiers.iter().find(|system| system.key == key)
    }

    /// A name for a banner: the FAMILY name in capitals, the rest as spoken
    /// in this country. Absent parts leave no gap.
    pub fn compose(&self, name: &NameParts<'_>) -> String {
        (self.compose)(name)
    }

    /// How a newborn without a name is called: by the name of the mother, as it is spoken here. None where she has none.
    pub fn newborn_of(&self, sex: &str, mother: &NameParts<'_>) -> Option<String> {
        let name = name::spoken(self.name_order, mother);
        (!name.is_empty()).then(|| self.births.called(sex, &name))
    }

    /// What a list of names is sorted by in this country.
    pub fn sort_key(&self, name: &NameParts<'_>) -> NameKey {
        NameKey::of(self.called_last, name)
    }

    /// A decimal text (`7.4`) as its readers write it (`7,4`). Only the sign
    /// is replaced: precision is never changed.
    pub fn number(&self, decimal: &str) -> String {
        if self.decimal == '.' {
            decimal.to_owned()
        } else {
            decimal.replacen('.', &self.decimal.to_string(), 1)
        }
    }
}

/// Each country is a folder of `packs`, a module, and its line in the list below.
macro_rules! countries {
    ($($code:ident)*) => {
        $(pub mod $code;)*

        /// Every country there is a pack for, in the order of their codes.
        pub fn all() -> &'static [Country] {
            static COUNTRIES: OnceLock<Vec<Country>> = OnceLock::new();
            COUNTRIES.get_or_init(|| vec![$($code::country()),*])
        }
    };
}

countries! {
    mx
    ru
    vn
}

/// The lines that several forms have in common, by name: `signs`, `diagnoses`…
pub fn form_part(name: &str) -> Option<&'static str> {
    sheets::PARTS.iter().find(|(own, _)| *own == name).map(|(_, lines)| *lines)
}

/// The country with this code, written in any case.
pub fn by_code(code: &str) -> Option<&'static Country> {
    all()
        .iter()
        .find(|country| country.code.eq_ignore_ascii_case(code))
}

/// The country that `Address.country` names: by its code, or by its name in one of the languages here.
/// <https://hl7.org/fhir/R4/datatypes-definitions.html#Address.country>
pub fn named(text: &str) -> Option<&'static Country> {
    let folded = text.trim().to_lowercase();
    by_code(&folded).or_else(|| all().iter().find(|country| country.names.values().any(|name| name.to_lowercase() == folded)))
}

/// The system a FHIR `Identifier.system` names, in whichever country.
pub fn identifier_system(uri: &str) -> Option<&'static IdentifierSystem> {
    all()
        .iter()
        .flat_map(|country| &country.identifiers)
        .find(|system| system.uri == uri)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_is_found_by_its_code_in_any_case() {
        for (code, zone) in [
            ("mx", "America/Mexico_City"),
            ("VN", "Asia/Ho_Chi_Minh"),
            ("Ru", "Europe/Moscow"),
        ] {
            assert_eq!(
                by_code(code).map(|country| country.time_zone.as_str()),
                Some(zone),
                "{code}"
            );
        }
        assert!(by_code("xx").is_none());
        for (text, code) in [("México", Some("mx")), (" MEXICO ", Some("mx")), ("Việt Nam", Some("vn")), ("РОССИЯ", Some("ru")), ("VN", Some("vn")), ("", None), ("Nowhere", None)] {
            assert_eq!(named(text).map(|country| country.code.as_str()), code, "{text}");
        }
    }

    #[test]
    fn every_identifier_system_is_found_by_its_uri_and_no_two_share_one() {
        let mut uris: Vec<&str> = all()
            .iter()
            .flat_map(|country| &country.identifiers)
            .map(|system| system.uri.as_str())
            .collect();
        for uri in &uris {
            assert_eq!(
                identifier_system(uri).map(|system| system.uri.as_str()),
                Some(*uri)
            );
        }
        let count = uris.len();
        uris.sort_unstable();
        uris.dedup();
        assert_eq!((uris.len(), count), (9, 9));
        assert!(identifier_system("urn:oid:1.2.3").is_none());
    }

    #[test]
    fn every_country_has_a_unique_identifier_and_a_name_in_four_languages() {
        for country in all() {
            assert!(
                country.identifiers.iter().any(|system| system.unique),
                "{}",
                country.code
            );
            assert_eq!(country.names.len(), 4, "{}", country.code);
        }
    }

    #[test]
    fn every_country_says_when_somebody_decides_alone_and_where_that_is_written() {
        let told: Vec<_> = all().iter().map(|country| (country.code.as_str(), country.ages.own_confidence, country.ages.majority)).collect();
        assert_eq!(told, [("mx", 18, 18), ("ru", 15, 18), ("vn", 16, 18)]);
        assert!(all().iter().all(|country| country.ages.own_confidence <= country.ages.majority && country.ages.note.len() > 20));
    }

    #[test]
    fn a_newborn_is_called_by_the_mothers_name_as_it_is_spoken() {
        for (code, family, given, called) in [
            ("mx", "Prueba Ensayo", vec!["Ana", "Luz"], Some("Recién nacido de Ana Luz Prueba Ensayo")),
            ("vn", "Thử", vec!["Thị", "Mẫu"], Some("Con bà Thử Thị Mẫu")),
            ("ru", "Пробная", vec!["Анна", "Тестовна"], Some("Новорождённый (мать: Пробная Анна Тестовна)")),
            ("mx", "Prueba", vec![], Some("Recién nacido de Prueba")),
            ("vn", " ", vec![""], None),
        ] {
            let newborn = by_code(code).and_then(|country| country.newborn_of("male", &NameParts { family, given: &given }));
            assert_eq!(newborn.as_deref(), called, "{code}");
        }
    }

    #[test]
    fn every_country_says_of_which_parts_a_name_is_made_in_four_languages() {
        for country in all() {
            assert!(country.name_parts.iter().all(|part| part.label.len() == 4), "{}", country.code);
            for place in [NamePlace::Family, NamePlace::Given] {
                assert!(country.name_parts.iter().any(|part| part.place == place && part.usual), "{}", country.code);
            }
        }
        let usual = |code: &str| by_code(code).map(|country| country.name_parts.iter().map(|part| part.usual).collect::<Vec<_>>());
        assert_eq!([usual("mx"), usual("ru"), usual("vn")], [Some(vec![true, false, true]), Some(vec![true, true, false]), Some(vec![true, false, true])]);
    }

    #[test]
    fn decimals_keep_their_precision_and_change_their_sign() {
        let written: Vec<String> = all().iter().map(|country| country.number("7.40")).collect();
        assert_eq!(written, ["7.40", "7,40", "7,40"]);
    }
}
