//! Russia: its pack, its identifiers, how its people are called.

pub mod birth_certificate;
pub mod enp;
pub mod snils;

use crate::Country;
use crate::identifier::Rules;
use crate::name::{NameParts, family_in_capitals};
use crate::pack::{self, Pack};

/// The country, read from its pack.
pub(crate) fn country() -> Country {
    pack::read(&Pack {
        country: include_str!("../packs/ru/country.toml"),
        immunisation: include_str!("../packs/ru/immunisation.toml"),
        sensitivity: include_str!("../packs/ru/sensitivity.toml"),
        retention: include_str!("../packs/ru/retention.toml"),
        series: include_str!("../packs/ru/series.toml"),
        examinations: include_str!("../packs/ru/examinations.toml"),
        milestones: include_str!("../packs/ru/milestones.toml"),
        units: include_str!("../packs/ru/units.toml"),
        forms: crate::sheets::RU,
        rules,
        compose,
    })
}

/// The computed rules of the identifier with this key.
fn rules(key: &str) -> Option<Rules> {
    match key {
        "enp" => Some(enp::RULES),
        "snils" => Some(snils::RULES),
        "birth-certificate" => Some(birth_certificate::RULES),
        _ => None,
    }
}

/// `КУЗНЕЦОВА Анна Сергеевна`: family, given, patronymic.
fn compose(name: &NameParts<'_>) -> String {
    family_in_capitals(name, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_composed_as_it_is_spoken_and_absent_parts_leave_no_gap() {
        let cases: &[(&str, &[&str], &str)] = &[
            (
                "Кузнецова",
                &["Анна", "Сергеевна"],
                "КУЗНЕЦОВА Анна Сергеевна",
            ),
            ("Королёв", &["Пётр"], "КОРОЛЁВ Пётр"),
            ("", &[], ""),
        ];
        for (family, given, composed) in cases {
            assert_eq!(compose(&NameParts { family, given }), *composed);
        }
    }
}
