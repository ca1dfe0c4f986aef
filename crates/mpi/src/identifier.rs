//! What numbers say: the same, another one, or a slip of the same.
//!
//! * Which systems are unique to a person, and whether a number can be true at all, the
//!   country packs say. A number whose check digit is wrong is weak in both directions.
//! * A placeholder, as zeros, is no number: it says nothing.
//! * A hospital's own numbers agree or say nothing: each hospital gives another one.

use crate::person::Identifier;
use country::{Flaw, identifier_system};

/// What the identifiers of two persons say together.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Numbers {
    pub bits: f64,
    pub code: Option<&'static str>,
    /// A unique number, true in itself, is the same.
    pub is_same: bool,
    /// A unique number of the same system differs, both being true in themselves.
    pub differs: bool,
}

pub(crate) fn compare(left: &[Identifier], right: &[Identifier]) -> Numbers {
    let mut all = Numbers::default();
    let mut systems: Vec<&str> = left.iter().map(|one| one.system.as_str()).filter(|system| right.iter().any(|other| other.system == *system)).collect();
    systems.sort_unstable();
    systems.dedup();
    for system in systems {
        let of = |list: &[Identifier]| -> Vec<String> { list.iter().filter(|one| one.system == system).map(|one| normal(system, &one.value)).collect() };
        let (left, right) = (of(left), of(right));
        let pairs = left.iter().flat_map(|one| right.iter().map(move |other| one_pair(system, one, other)));
        // A person may have had several numbers of a system: the best pair counts.
        let Some(best) = pairs.max_by(|one, other| one.bits.total_cmp(&other.bits)) else { continue };
        let weighs_more = all.code.is_none() || best.bits.abs() > all.bits.abs();
        all = Numbers {
            bits: all.bits + best.bits,
            code: if weighs_more { best.code } else { all.code },
            is_same: all.is_same || best.is_same,
            differs: all.differs || best.differs,
        };
    }
    all.bits = all.bits.clamp(-10.0, 26.0);
    all
}

/// True for one number, however grouped, that was given to one person alone. What a family shares, and what cannot be
/// true, is nobody's own.
pub(crate) fn is_one_persons(one: &Identifier, other: &Identifier) -> bool {
    let is_same = !one.system.is_empty() && one.system == other.system && normal(&one.system, &one.value) == normal(&other.system, &other.value);
    is_same && identifier_system(&one.system).is_none_or(|known| known.unique && known.check(&one.value).is_ok())
}

fn normal(system: &str, value: &str) -> String {
    match identifier_system(system) {
        Some(known) => known.normalise(value),
        None => value.trim().to_owned(),
    }
}

fn one_pair(system: &str, left: &str, right: &str) -> Numbers {
    let told = |bits: f64, code: &'static str| Numbers { bits, code: Some(code), ..Numbers::default() };
    let same = left == right;
    let Some(known) = identifier_system(system) else {
        return match (same, system.is_empty()) {
            (true, true) => told(5.0, "same-without-system"),
            (true, false) => told(16.0, "same-local"),
            (false, _) => Numbers::default(),
        };
    };
    let (left_flaw, right_flaw) = (known.check(left).err(), known.check(right).err());
    if [left_flaw, right_flaw].contains(&Some(Flaw::Placeholder)) {
        return Numbers::default();
    }
    let true_left = left_flaw.is_none();
    let true_both = true_left && right_flaw.is_none();
    match (same, known.unique) {
        (true, true) if true_left => Numbers { is_same: true, ..told(22.0, "same-unique") },
        (true, true) => told(8.0, "same-but-check-wrong"),
        // A family shares the number of its worker.
        (true, false) => told(if true_left { 8.0 } else { 4.0 }, "same-shared"),
        (false, true) if true_both => Numbers { differs: true, ..told(-8.0, "differs-unique") },
        (false, true) if strsim::osa_distance(left, right) == 1 => told(9.0, "one-sign-differs-check-wrong"),
        (false, true) => told(-1.0, "differs-check-wrong"),
        (false, false) => told(-1.0, "differs-shared"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CURP: &str = "urn:oid:2.16.840.1.113883.4.629";

    fn check(left: &[(&str, &str)], right: &[(&str, &str)], code: Option<&str>, is_same: bool, differs: bool) {
        let list = |pairs: &[(&str, &str)]| pairs.iter().map(|(system, value)| Identifier { system: system.to_string(), value: value.to_string() }).collect::<Vec<_>>();
        let found = compare(&list(left), &list(right));
        assert_eq!((found.code, found.is_same, found.differs), (code, is_same, differs), "{left:?} {right:?}");
        let back = compare(&list(right), &list(left));
        assert_eq!((found.bits, found.code), (back.bits, back.code));
    }

    #[test]
    fn numbers_speak_for_and_against_as_their_system_allows() {
        let (one, typo, two) = ("XEXX010101MZZXXXA1", "XEXX010101MZZXXXA2", "LOPA850315MDFPRN08");
        check(&[(CURP, one)], &[(CURP, "xexx010101 mzzxxxa1")], Some("same-unique"), true, false);
        check(&[(CURP, one)], &[(CURP, two)], Some("differs-unique"), false, true);
        check(&[(CURP, one)], &[(CURP, typo)], Some("one-sign-differs-check-wrong"), false, false);
        check(&[(CURP, typo)], &[(CURP, typo)], Some("same-but-check-wrong"), false, false);
        check(&[(CURP, one), (CURP, two)], &[(CURP, two)], Some("same-unique"), true, false);
        check(&[("urn:h", "7")], &[("urn:h", "8")], None, false, false);
        check(&[("urn:h", "7")], &[("urn:h", "7")], Some("same-local"), false, false);
        check(&[("", "7")], &[("", "7")], Some("same-without-system"), false, false);
        check(&[("urn:h", "7")], &[("urn:i", "7")], None, false, false);
        // Zeros are nobody's number, though their check digit follows.
        for (system, zeros, other) in [
            ("https://fhir.ru/ig/core/systems/snils", "000-000-000 00", "90000000081"),
            ("https://fhir.ru/ig/core/systems/oms", "0000 0000 0000 0000", "8451999122899990"),
            ("https://carnet.health/id/mx/nss", "00000000000", "98987654328"),
        ] {
            check(&[(system, zeros)], &[(system, zeros)], None, false, false);
            check(&[(system, zeros)], &[(system, other)], None, false, false);
        }
        check(&[("https://carnet.health/id/mx/nss", "98987654328")], &[("https://carnet.health/id/mx/nss", "98 98 76 5432 8")], Some("same-shared"), false, false);
    }
}
