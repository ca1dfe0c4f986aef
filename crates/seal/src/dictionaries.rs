//! The dictionaries values are compressed with: one per resource type, and a
//! general one for the rest.
//!
//! A value names its dictionary by number for as long as it exists. So a number
//! is never reused, a file never changes, and no line of the table is ever
//! removed; a better dictionary for a type is a new line at the end, and the
//! last line of a type is the one new values are compressed with.

use std::sync::OnceLock;

use zstd::zstd_safe::{CDict, DDict};

use crate::Error;

/// A trained dictionary as the program carries it.
struct Line {
    /// What values say. From 1; 0 means none.
    id: u8,
    /// The resource type it was trained on; empty for the general one.
    type_name: &'static str,
    /// The first eight bytes of the file's BLAKE3 hash, in hexadecimal, so that a
    /// changed file fails a test and not the readers of old values.
    #[cfg_attr(not(test), allow(dead_code, reason = "only the test compares it"))]
    digest: &'static str,
    bytes: &'static [u8],
}

/// Trained by `cargo xtask dictionaries` on the synthetic population of three countries.
/// To add one: put the file into `dictionaries/`, add a line at the end here with the next
/// number, and take the digest from the message of the test.
const TABLE: &[Line] = &[
    Line { id: 1, type_name: "AllergyIntolerance", digest: "a592920806e4d286", bytes: include_bytes!("../dictionaries/001-allergyintolerance.dict") },
    Line { id: 2, type_name: "Appointment", digest: "9c8a809591a86741", bytes: include_bytes!("../dictionaries/002-appointment.dict") },
    Line { id: 3, type_name: "CarePlan", digest: "973af91d5794a045", bytes: include_bytes!("../dictionaries/003-careplan.dict") },
    Line { id: 4, type_name: "Composition", digest: "644ef0b0db33b262", bytes: include_bytes!("../dictionaries/004-composition.dict") },
    Line { id: 5, type_name: "Condition", digest: "4ef4dad1cab6df69", bytes: include_bytes!("../dictionaries/005-condition.dict") },
    Line { id: 6, type_name: "Coverage", digest: "d1d91396f8b94de0", bytes: include_bytes!("../dictionaries/006-coverage.dict") },
    Line { id: 7, type_name: "DiagnosticReport", digest: "baa2b2356227e890", bytes: include_bytes!("../dictionaries/007-diagnosticreport.dict") },
    Line { id: 8, type_name: "DocumentReference", digest: "db869c648dc0596d", bytes: include_bytes!("../dictionaries/008-documentreference.dict") },
    Line { id: 9, type_name: "Encounter", digest: "6a3c8a1b39a75711", bytes: include_bytes!("../dictionaries/009-encounter.dict") },
    Line { id: 10, type_name: "Immunization", digest: "24b380fb07d1871f", bytes: include_bytes!("../dictionaries/010-immunization.dict") },
    Line { id: 11, type_name: "MedicationRequest", digest: "8a4c7996cee7e236", bytes: include_bytes!("../dictionaries/011-medicationrequest.dict") },
    Line { id: 12, type_name: "Observation", digest: "a19e389175ffa2b1", bytes: include_bytes!("../dictionaries/012-observation.dict") },
    Line { id: 13, type_name: "Patient", digest: "bf566689742c5ecf", bytes: include_bytes!("../dictionaries/013-patient.dict") },
    Line { id: 14, type_name: "Procedure", digest: "4265d831b2e01695", bytes: include_bytes!("../dictionaries/014-procedure.dict") },
    Line { id: 15, type_name: "RelatedPerson", digest: "2638b676d77cef59", bytes: include_bytes!("../dictionaries/015-relatedperson.dict") },
    Line { id: 16, type_name: "", digest: "c82bc64d3ed81c41", bytes: include_bytes!("../dictionaries/016-general.dict") },
];

/// The level of compression. Any level opens the same. Measured with a dictionary on
/// real observations of 733 bytes, sealing included: level 1 takes 1.58 µs (ratio
/// 6.05), level 2 1.62 µs (5.92), level 3 1.80 µs (6.13).
pub(crate) const LEVEL: i32 = 1;

/// The number of a dictionary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DictionaryId(u8);

impl DictionaryId {
    /// Compressed without a dictionary.
    pub const NONE: DictionaryId = DictionaryId(0);

    /// The byte in front of a sealed value.
    pub fn number(self) -> u8 {
        self.0
    }
}

/// The dictionaries this program carries.
pub struct Dictionaries;

impl Dictionaries {
    /// The dictionary for new values of a resource type: its own, else the
    /// general one, else none.
    pub fn id_for(type_name: &str) -> DictionaryId {
        let newest = |name: &str| TABLE.iter().rev().find(|line| line.type_name == name);
        newest(type_name)
            .or_else(|| newest(""))
            .map_or(DictionaryId::NONE, |line| DictionaryId(line.id))
    }

    /// Every dictionary, with the resource type it was trained on (empty for a
    /// general one).
    pub fn all() -> impl Iterator<Item = (DictionaryId, &'static str)> {
        TABLE
            .iter()
            .map(|line| (DictionaryId(line.id), line.type_name))
    }
}

/// A dictionary with its tables built, shared by all threads.
pub(crate) struct Prepared {
    pub(crate) compress: CDict<'static>,
    pub(crate) decompress: DDict<'static>,
}

/// The prepared dictionary of a number; none for number 0.
pub(crate) fn prepared(number: u8) -> Result<Option<&'static Prepared>, Error> {
    static PREPARED: [OnceLock<Option<Prepared>>; 256] = [const { OnceLock::new() }; 256];
    if number == DictionaryId::NONE.0 {
        return Ok(None);
    }
    PREPARED[usize::from(number)]
        .get_or_init(|| {
            let line = TABLE.iter().find(|line| line.id == number)?;
            Some(Prepared {
                compress: CDict::create(line.bytes, LEVEL),
                decompress: DDict::create(line.bytes),
            })
        })
        .as_ref()
        .map(Some)
        .ok_or(Error::UnknownDictionary { dictionary: number })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::to_hex;

    #[test]
    fn no_dictionary_was_changed_removed_or_renumbered() {
        for (place, line) in TABLE.iter().enumerate() {
            assert_eq!(
                usize::from(line.id),
                place + 1,
                "the numbers of the table have no gaps"
            );
            let digest = to_hex(&blake3::hash(line.bytes).as_bytes()[..8]);
            assert_eq!(
                line.digest, digest,
                "dictionary {} is not the file it was: restore it, and add a new one as a new line",
                line.id
            );
            assert!(prepared(line.id).is_ok());
        }
    }

    #[test]
    fn a_dictionary_nobody_carries_is_refused() {
        assert_eq!(
            prepared(255).err(),
            Some(Error::UnknownDictionary { dictionary: 255 })
        );
    }

    #[test]
    fn an_unknown_type_uses_the_general_dictionary() {
        assert_eq!(Dictionaries::id_for("NoSuchType"), Dictionaries::id_for(""));
    }
}
