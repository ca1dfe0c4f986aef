//! The kinds of terms, each with a number that is part of the disk format.
//!
//! | id | term | value after the two bytes of the resource type | bucket |
//! |---|---|---|---|
//! | 1 | `IDENTIFIER` | system, a bar, value, as written | 0 |
//! | 2 | `IDENTIFIER_VALUE` | value alone, as written | 0 |
//! | 3 | `NAME_WORD` | a folded word, or its first 2, 3, 4 or 6 letters | 0 |
//! | 4 | `BIRTH_DATE` | `1958-03-12`, `1958-03` or, where no more is known, `1958` | 0 |
//! | 5 | `CODE` | the code that says what the resource is about, without system, in ASCII lower case | month |
//! | 6 | `DATE` | nothing: every resource of a dated type has one | month |
//! | 7 | `REFERENCE` | the parameter's number, the target's type, its id | month |
//! | 8 | `URL` | the canonical address, as written | 0 |
//! | 9 | `OWN` | the number of a parameter of the site, then 0 (it has a value) or 1 and a value, a reference or the beginning of a word | 0 |
//! | 20 | `CONTACT` | of a Patient: the last nine digits of a telephone number, or an e-mail address in lower case | 0 |
//! | 21 | `STREET` | of a Patient: street and number in Latin letters, without marks or spaces | 0 |
//!
//! 20 and 21 come from `mpi`: persons who may be the same are looked up by them, and no search is.
//!
//! A number never changes its meaning and is never used again for another.

use fhir::ResourceType;

/// What a term is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ParameterId(pub u16);

impl ParameterId {
    /// An identifier with its system.
    pub const IDENTIFIER: ParameterId = ParameterId(1);
    /// An identifier's value, whatever its system.
    pub const IDENTIFIER_VALUE: ParameterId = ParameterId(2);
    /// A word of a name or its beginning.
    pub const NAME_WORD: ParameterId = ParameterId(3);
    /// A birth date or its month.
    pub const BIRTH_DATE: ParameterId = ParameterId(4);
    /// What a resource is about.
    pub const CODE: ParameterId = ParameterId(5);
    /// That there is a resource of this type at this time.
    pub const DATE: ParameterId = ParameterId(6);
    /// A resource that is not a person and is named by this one.
    pub const REFERENCE: ParameterId = ParameterId(7);
    /// The canonical address of a definition.
    pub const URL: ParameterId = ParameterId(8);
    /// A parameter that the site has defined.
    pub const OWN: ParameterId = ParameterId(9);
    /// How a person is called or written to.
    pub const CONTACT: ParameterId = ParameterId(20);
    /// Where a person lives.
    pub const STREET: ParameterId = ParameterId(21);
}

/// The bucket of terms without a month, and of resources without a date.
pub const UNDATED: u16 = 0;
/// The last month with a bucket of its own: December 2099.
pub const LAST_MONTH: u16 = 130 * 12 - 1;
/// The bucket of resources that touch more than two months, have an open end, or lie after
/// [`LAST_MONTH`]. Whoever looks for a date looks here too.
pub const SPANNING: u16 = u16::MAX;

/// Starts a term's value with the type: the same code on two types is two terms.
pub(crate) fn begin(kind: ResourceType, value: &mut Vec<u8>) {
    value.clear();
    value.extend_from_slice(&kind.number().to_be_bytes());
}

/// The bytes of an identifier with its system.
pub(crate) fn identifier(kind: ResourceType, system: &str, text: &str, value: &mut Vec<u8>) {
    begin(kind, value);
    value.extend_from_slice(system.as_bytes());
    value.push(b'|');
    value.extend_from_slice(text.as_bytes());
}

/// The bytes of anything that is text as it stands: an identifier's value, a word, a date, a URL.
pub(crate) fn text(kind: ResourceType, text: &str, value: &mut Vec<u8>) {
    begin(kind, value);
    value.extend_from_slice(text.as_bytes());
}

/// The bytes of a code.
pub(crate) fn code(kind: ResourceType, code: &str, value: &mut Vec<u8>) {
    begin(kind, value);
    value.extend(code.bytes().map(|byte| byte.to_ascii_lowercase()));
}

/// The bytes of a reference; `number` tells the parameters of one type apart.
pub(crate) fn reference(kind: ResourceType, number: u8, target: ResourceType, id: &str, value: &mut Vec<u8>) {
    begin(kind, value);
    value.push(number);
    value.extend_from_slice(&target.number().to_be_bytes());
    value.extend_from_slice(id.as_bytes());
}

/// The bytes of a parameter of the site: that it has a value, or which.
pub(crate) fn own(kind: ResourceType, key: u64, part: Option<&str>, value: &mut Vec<u8>) {
    begin(kind, value);
    value.extend_from_slice(&key.to_be_bytes());
    value.push(u8::from(part.is_some()));
    value.extend_from_slice(part.unwrap_or_default().as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_on_disk_have_not_moved() {
        let patient = ResourceType::PATIENT;
        let check = |write: &dyn Fn(&mut Vec<u8>), expect: &[u8]| {
            let mut value = vec![9];
            write(&mut value);
            assert_eq!(value, expect);
        };
        check(&|value| begin(patient, value), b"\0\x67");
        check(&|value| identifier(patient, "urn:x", "A|1", value), b"\0\x67urn:x|A|1");
        check(&|value| text(patient, "đ", value), b"\0\x67\xc4\x91");
        check(&|value| code(patient, "AbÉ", value), b"\0\x67ab\xc3\x89");
        check(&|value| reference(patient, 2, ResourceType::ENCOUNTER, "e1", value), b"\0\x67\x02\0\x2ce1");
        check(&|value| own(patient, 0x0102, None, value), b"\0\x67\0\0\0\0\0\0\x01\x02\0");
        check(&|value| own(patient, 0x0102, Some("nah"), value), b"\0\x67\0\0\0\0\0\0\x01\x02\x01nah");
        let numbers = [
            ParameterId::IDENTIFIER, ParameterId::IDENTIFIER_VALUE, ParameterId::NAME_WORD, ParameterId::BIRTH_DATE, ParameterId::CODE,
            ParameterId::DATE, ParameterId::REFERENCE, ParameterId::URL, ParameterId::OWN,
        ];
        assert!(numbers.iter().map(|id| id.0).eq(1..=9));
        assert_eq!((UNDATED, LAST_MONTH, SPANNING), (0, 1559, 65_535));
    }
}
