//! Vietnam: its pack, its identifiers, how its people are called.

pub mod bhyt;
pub mod cccd;
pub mod cmnd;

use crate::Country;
use crate::identifier::Rules;
use crate::name::{NameParts, family_in_capitals};
use crate::pack::{self, Pack};

/// The country, read from its pack.
pub(crate) fn country() -> Country {
    pack::read(&Pack {
        country: include_str!("../packs/vn/country.toml"),
        immunisation: include_str!("../packs/vn/immunisation.toml"),
        sensitivity: include_str!("../packs/vn/sensitivity.toml"),
        retention: include_str!("../packs/vn/retention.toml"),
        series: include_str!("../packs/vn/series.toml"),
        examinations: include_str!("../packs/vn/examinations.toml"),
        milestones: include_str!("../packs/vn/milestones.toml"),
        units: include_str!("../packs/vn/units.toml"),
        forms: crate::sheets::VN,
        rules,
        compose,
    })
}

/// The computed rules of the identifier with this key.
fn rules(key: &str) -> Option<Rules> {
    match key {
        "bhyt" => Some(bhyt::RULES),
        "cccd" => Some(cccd::RULES),
        "cmnd" => Some(cmnd::RULES),
        _ => None,
    }
}

/// `NGUYỄN Thị Hoa`: family, middle, then the name a person is called by.
fn compose(name: &NameParts<'_>) -> String {
    family_in_capitals(name, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_composed_as_it_is_spoken_and_absent_parts_leave_no_gap() {
        let cases: &[(&str, &[&str], &str)] = &[
            ("Nguyễn", &["Thị", "Hoa"], "NGUYỄN Thị Hoa"),
            ("Đỗ", &["Văn Nam"], "ĐỖ Văn Nam"),
            ("Lê", &[], "LÊ"),
        ];
        for (family, given, composed) in cases {
            assert_eq!(compose(&NameParts { family, given }), *composed);
        }
    }
}
