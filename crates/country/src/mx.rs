//! Mexico: its pack, its identifiers, how its people are called.

pub mod curp;
pub mod issste;
pub mod nss;

use crate::Country;
use crate::identifier::Rules;
use crate::name::{NameParts, family_in_capitals};
use crate::pack::{self, Pack};

/// The country, read from its pack.
pub(crate) fn country() -> Country {
    pack::read(&Pack {
        country: include_str!("../packs/mx/country.toml"),
        immunisation: include_str!("../packs/mx/immunisation.toml"),
        sensitivity: include_str!("../packs/mx/sensitivity.toml"),
        retention: include_str!("../packs/mx/retention.toml"),
        series: include_str!("../packs/mx/series.toml"),
        examinations: include_str!("../packs/mx/examinations.toml"),
        milestones: include_str!("../packs/mx/milestones.toml"),
        units: include_str!("../packs/mx/units.toml"),
        forms: crate::sheets::MX,
        rules,
        compose,
    })
}

/// The computed rules of the identifier with this key.
fn rules(key: &str) -> Option<Rules> {
    match key {
        "curp" => Some(curp::RULES),
        "nss" => Some(nss::RULES),
        "issste" => Some(issste::RULES),
        _ => None,
    }
}

/// `GARCÍA LÓPEZ, María Fernanda`: both surnames count as the family name.
fn compose(name: &NameParts<'_>) -> String {
    family_in_capitals(name, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_composed_as_it_is_spoken_and_absent_parts_leave_no_gap() {
        let cases: &[(&str, &[&str], &str)] = &[
            (
                "García López",
                &["María", "Fernanda"],
                "GARCÍA LÓPEZ, María Fernanda",
            ),
            ("Núñez", &["José"], "NÚÑEZ, José"),
            ("", &["José"], "José"),
        ];
        for (family, given, composed) in cases {
            assert_eq!(compose(&NameParts { family, given }), *composed);
        }
    }
}
