//! What two persons share who need not be the same one: a name, a street, a telephone.
//!
//! * Nothing is weighed here: each tie is there or not. Whoever asks decides what it means.
//! * What is missing on either side ties nobody.

use crate::birth::BirthLikeness;
use crate::identifier::is_one_persons;
use crate::person::{Name, Person};
use crate::word::Word;

/// What two persons share.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Ties {
    /// The whole name: surnames and given names.
    pub whole_name: bool,
    /// A surname.
    pub surname: bool,
    /// The street with its number, and the place where both say one.
    pub street: bool,
    /// A telephone number or an e-mail address.
    pub contact: bool,
    /// A number that was given to one person.
    pub identifier: bool,
    /// The day of birth; none where one of them says none, or no more than agrees with the other.
    pub birth: Option<bool>,
}

impl Ties {
    /// True where nothing but chance could make them two.
    pub fn is_same_person(self) -> bool {
        self.identifier || (self.whole_name && self.birth == Some(true))
    }
}

/// What two persons share.
pub fn ties(one: &Person, other: &Person) -> Ties {
    let names = || one.names.iter().flat_map(|name| other.names.iter().map(move |found| (name, found)));
    let streets = one.addresses.iter().flat_map(|address| other.addresses.iter().map(move |found| (address, found)));
    let is_street = streets.filter(|(address, found)| address.street().is_some() && found.street().is_some()).any(|(address, found)| address.like(found).is_some_and(|(_, code)| code == "same-street"));
    Ties {
        whole_name: names().any(|(name, found)| is_whole(name, found)),
        surname: names().any(|(name, found)| name.family.iter().any(|word| found.family.iter().any(|other| is_surname(word, other)))),
        street: is_street,
        contact: one.contacts.iter().any(|contact| other.contacts.contains(contact)),
        identifier: one.identifiers.iter().any(|identifier| other.identifiers.iter().any(|found| is_one_persons(identifier, found))),
        birth: one.birth.as_ref().zip(other.birth.as_ref()).and_then(|(birth, found)| match birth.like(found) {
            BirthLikeness::Day => Some(true),
            // A year that is the same is shared by many: nothing is said.
            BirthLikeness::Month | BirthLikeness::Year => None,
            _ => Some(false),
        }),
    }
}

/// Ivanov and Ivanova are one surname.
fn is_surname(one: &Word, other: &Word) -> bool {
    let bare = |word: &Word| word.latin().strip_suffix('a').filter(|bare| bare.len() >= 3).unwrap_or(word.latin()).to_owned();
    !one.is_empty() && bare(one) == bare(other)
}

fn is_whole(one: &Name, other: &Name) -> bool {
    if one.is_loose || other.is_loose {
        let (one, other) = (sorted(one.words()), sorted(other.words()));
        return one.len() >= 2 && one == other;
    }
    let is_part = |one: &[Word], other: &[Word]| !one.is_empty() && sorted(one) == sorted(other);
    let patronymic = |name: &Name| name.patronymic.as_ref().map(|word| word.latin().to_owned());
    let is_father = patronymic(one).zip(patronymic(other)).is_none_or(|(one, other)| one == other);
    is_part(&one.family, &other.family) && is_part(&one.given, &other.given) && is_father
}

/// Words in the order of their letters, without what stands before a name.
fn sorted<'w>(words: impl IntoIterator<Item = &'w Word>) -> Vec<&'w str> {
    const TITLES: &[&str] = &["dr", "dra", "drs", "prof", "profa", "lic", "enf", "mtro", "mtra", "bs", "ths", "ts", "gs", "pgs", "dd", "ktv", "vrach", "doktor", "doctor", "doctora", "md", "rn"];
    let mut all: Vec<&str> = words.into_iter().map(Word::latin).filter(|word| !TITLES.contains(word)).collect();
    all.sort_unstable();
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use fhir::Document;

    fn person(members: &str) -> Person {
        Person::read(Document::read(&format!("{{\"resourceType\":\"Patient\"{members}}}")).unwrap().root())
    }

    fn named(family: &str, given: &str) -> String {
        format!(r#","name":[{{"family":"{family}","given":["{given}"]}}]"#)
    }

    #[test]
    fn names_are_whole_or_share_a_surname() {
        for (one, other, whole, surname) in [
            (named("Pérez López", "Ana"), named("Perez Lopez", "ANA"), true, true),
            (named("Pérez López", "Ana"), named("Pérez López", "Ana María"), false, true),
            (named("Pérez López", "Ana"), named("López Ruiz", "Ana"), false, true),
            (named("Иванов", "Пётр Ильич"), named("Иванова", "Анна Ильинична"), false, true),
            (named("Nguyễn", "Thị Hoa"), named("Nguyễn", "Văn Hoa"), false, true),
            (named("Pérez", "Ana"), named("Ruiz", "Ana"), false, false),
            (r#","name":[{"text":"Dra. Ana Pérez López"}]"#.to_owned(), named("Pérez López", "Ana"), true, false),
            (r#","name":[{"text":"Dra. Ana Pérez"}]"#.to_owned(), named("Pérez López", "Ana"), false, false),
            (r#","name":[{"text":"Ana"}]"#.to_owned(), named("", "Ana"), false, false),
            (String::new(), named("Pérez", "Ana"), false, false),
        ] {
            let found = ties(&person(&one), &person(&other));
            assert_eq!((found.whole_name, found.surname), (whole, surname), "{one} {other}");
            assert_eq!(ties(&person(&other), &person(&one)), found, "both ways alike");
        }
    }

    #[test]
    fn a_street_a_telephone_and_a_number_tie_where_both_say_them() {
        let street = |line: &str, city: &str| person(&format!(r#","address":[{{"line":["{line}"],"city":"{city}"}}]"#));
        for (one, other, same) in [
            (("Av. Juárez 12", "Puebla"), ("Av Juarez 12", "PUEBLA"), true),
            (("Av. Juárez 12", "Puebla"), ("Av. Juárez 12", "Toluca"), false),
            (("Av. Juárez 12", "Puebla"), ("Av. Juárez 14", "Puebla"), false),
            (("s/n", "Puebla"), ("s/n", "Puebla"), false),
        ] {
            assert_eq!(ties(&street(one.0, one.1), &street(other.0, other.1)).street, same, "{one:?} {other:?}");
        }
        let telephone = |value: &str| person(&format!(r#","telecom":[{{"value":"{value}"}}]"#));
        assert!(ties(&telephone("+52 55 1234 5678"), &telephone("55-1234-5678")).contact);
        assert!(!ties(&telephone("55 1234 5678"), &telephone("55 1234 5679")).contact);
        let number = |system: &str| person(&format!(r#","identifier":[{{"system":"{system}","value":"1"}}]"#));
        assert!(ties(&number("urn:a"), &number("urn:a")).is_same_person());
        assert!(!ties(&number("urn:a"), &number("urn:b")).identifier && !ties(&number(""), &number("")).identifier);
        // What a family shares and what stands where there is no number ties nobody; a true one does, however it is written.
        let numbered = |system: &str, value: &str| person(&format!(r#","identifier":[{{"system":"{system}","value":"{value}"}}]"#));
        for (system, one, other, same) in [
            ("urn:oid:2.16.840.1.113883.4.629", "XEXX010101MZZXXXA1", "xexx010101 mzzxxxa1", true),
            ("urn:oid:2.16.840.1.113883.4.629", "XEXX010101MZZXXXA2", "XEXX010101MZZXXXA2", false),
            ("https://carnet.health/id/mx/nss", "98987654328", "98987654328", false),
            ("https://carnet.health/id/vn/cccd", "000000000000", "000000000000", false),
        ] {
            assert_eq!(ties(&numbered(system, one), &numbered(system, other)).identifier, same, "{system} {one}");
        }
        let born = |date: &str| person(&format!(r#"{},"birthDate":"{date}""#, named("Pérez", "Ana")));
        assert!(ties(&born("1980-01-02"), &born("1980-01-02")).is_same_person() && !ties(&born("1980-01-02"), &born("1980-01-03")).is_same_person());
        for (one, other, same) in [("1980", "1980", None), ("1980-01", "1980-01", None), ("1980", "1980-01-02", None), ("1980", "1981", Some(false)), ("1980-01", "1980-02-01", Some(false))] {
            let found = ties(&born(one), &born(other));
            assert_eq!((found.birth, found.is_same_person()), (same, false), "{one} {other}: a name and a year are many persons'");
        }
        assert_eq!(ties(&person(""), &person("")), Ties::default());
    }
}
