//! Where to look for somebody who may be the same: a few conjunctions of terms, each small.
//!
//! * A block only says whom to compare; whether two are one, [`compare`](crate::compare) says.
//! * A block that is too large is made narrower, never cut: whoever looks it up says which
//!   blocks stayed too large, so that nobody takes a missing candidate for a missing person.

use crate::person::Person;
use crate::word::Word;

/// One look-up key.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Key {
    /// An identifier's value, in one of the ways it may be written.
    Number(String),
    /// A whole word of a name, as received but for case.
    NameWord(String),
    /// A birth date, or a month or a year (then: only persons of whom no more is known).
    BirthDate(String),
    /// Everybody born in this month.
    BirthMonth(String),
    /// A telephone number by its last nine digits, or an e-mail address in lower case.
    Contact(String),
    /// A street and its number, in Latin letters without marks or spaces.
    Street(String),
}

impl std::fmt::Debug for Key {
    /// Never shows what it holds.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Key::Number(_) => "Number",
            Key::NameWord(_) => "NameWord",
            Key::BirthDate(_) => "BirthDate",
            Key::BirthMonth(_) => "BirthMonth",
            Key::Contact(_) => "Contact",
            Key::Street(_) => "Street",
        })
    }
}

/// Whoever has any of these. Of several words, those too frequent to be looked up do not count
/// as something in common; a group of nothing but such words narrows nothing.
pub type Group = Vec<Key>;

/// Whoever is in all groups.
#[derive(Clone, Debug)]
pub struct Block {
    /// What is looked for, in words for whoever asked.
    pub name: &'static str,
    /// All of them must hold.
    pub groups: Vec<Group>,
    /// If that is too much, these too, one after the other.
    pub narrower: Vec<Group>,
}

/// The blocks of a person, the surest first.
pub fn blocks(person: &Person) -> Vec<Block> {
    let numbers: Group = person.identifiers.iter().flat_map(|one| spellings(&one.system, &one.value)).map(Key::Number).collect();
    let (family, given) = words(person);
    // Whoever said one part of the name only is answered by that part: the other one may be unknown on both sides.
    let parts: Vec<Group> = [&family, &given].into_iter().filter(|part| !part.is_empty()).cloned().collect();
    let part = if given.is_empty() { family.clone() } else { given.clone() };
    let called = |both, surname, given_name| match (family.is_empty(), given.is_empty()) {
        (false, true) => surname,
        (true, false) => given_name,
        _ => both,
    };
    let (contacts, streets) = reached(person);
    let mut all = Vec::new();
    let mut add = |name: &'static str, groups: Vec<Group>, narrower: Vec<Group>| {
        if !groups.is_empty() && groups.iter().all(|group| !group.is_empty()) {
            let narrower = narrower.into_iter().filter(|group| !group.is_empty()).collect();
            all.push(Block { name, groups, narrower });
        }
    };
    add("identifier", vec![numbers], vec![]);
    if let Some(birth) = &person.birth {
        let months = |year: i32| (1..=12).map(move |month| Key::BirthMonth(format!("{year:04}-{month:02}")));
        let exact = vec![Key::BirthDate(birth.text())];
        let slips: Group = birth.exchanged().into_iter().chain(birth.slips()).map(|slip| Key::BirthDate(slip.text())).collect();
        let year: Group = months(birth.year).chain([Key::BirthDate(format!("{:04}", birth.year))]).collect();
        match (birth.month, birth.day) {
            (Some(month), Some(_)) => {
                let less_exact = [format!("{:04}", birth.year), format!("{:04}-{month:02}", birth.year), format!("{:04}-01-01", birth.year)];
                add("birth date", vec![exact], vec![given.clone(), family.clone()]);
                let name = called("birth date known less exactly, with given name", "birth date known less exactly, with surname", "birth date known less exactly, with given name");
                add(name, vec![less_exact.into_iter().map(Key::BirthDate).collect(), part], vec![family.clone()]);
                add("birth date mistyped, with given name", vec![slips.clone(), given.clone()], vec![family.clone()]);
                add("birth date mistyped, with surname", vec![slips, family.clone()], vec![given.clone()]);
            }
            (Some(month), None) => {
                let name = called("birth month, with given name", "birth month, with surname", "birth month, with given name");
                add(name, vec![vec![Key::BirthMonth(format!("{:04}-{month:02}", birth.year))], part], vec![family.clone()]);
            }
            // A year by itself holds too many.
            _ if parts.is_empty() => {}
            _ => {
                let name = called("birth year, with names", "birth year, with surname", "birth year, with given name");
                add(name, std::iter::once(year.clone()).chain(parts.iter().cloned()).collect(), vec![]);
            }
        }
        add("telephone or e-mail", vec![contacts], vec![given.clone(), family.clone(), year.clone()]);
        add("street", vec![streets], vec![given.clone(), family.clone(), year.clone()]);
        add(called("surname and given name", "surname", "given name"), parts, vec![year]);
    } else {
        add("telephone or e-mail", vec![contacts], vec![given.clone(), family.clone()]);
        add("street", vec![streets], vec![given.clone(), family.clone()]);
        add(called("surname and given name", "surname", "given name"), parts, vec![]);
    }
    all
}

/// Under what a person is to be found besides name, birth date and identifiers, which every search knows.
pub fn traces(person: &Person) -> Vec<Key> {
    let (contacts, streets) = reached(person);
    contacts.into_iter().chain(streets).collect()
}

/// How a person is reached: contacts and streets, each once.
fn reached(person: &Person) -> (Group, Group) {
    let once = |mut group: Group| {
        let mut seen = std::collections::HashSet::new();
        group.retain(|key| seen.insert(key.clone()));
        group
    };
    let contacts = person.contacts.iter().cloned().map(Key::Contact).collect();
    let streets = person.addresses.iter().filter_map(|address| address.street()).map(|street| Key::Street(street.to_owned())).collect();
    (once(contacts), once(streets))
}

/// All surnames and all given names there are; of a name nobody took apart, each word as both.
fn words(person: &Person) -> (Group, Group) {
    let (mut family, mut given) = (Vec::new(), Vec::new());
    for name in &person.names {
        let loose = if name.is_loose { &name.given[..] } else { &[] };
        each(name.family.iter().chain(loose), &mut family);
        each(&name.given, &mut given);
    }
    (family, given)
}

fn each<'w>(words: impl IntoIterator<Item = &'w Word>, group: &mut Group) {
    for word in words.into_iter().filter(|word| word.latin().len() > 1) {
        for form in [word.written(), word.latin()] {
            let key = Key::NameWord(form.to_owned());
            if !group.contains(&key) {
                group.push(key);
            }
        }
    }
}

/// The ways in which a number may have been written down.
fn spellings(system: &str, value: &str) -> Vec<String> {
    let mut all = vec![value.trim().to_owned()];
    if let Some(known) = country::identifier_system(system) {
        all.push(known.normalise(value));
        all.push(known.display(value));
    }
    all.sort();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use fhir::Document;

    fn names(json: &str) -> Vec<&'static str> {
        let document = Document::read(json).unwrap();
        blocks(&Person::read(document.root())).iter().map(|block| block.name).collect()
    }

    #[test]
    fn whatever_is_known_is_looked_up_and_nothing_else() {
        let whole = r#"{"resourceType":"Patient","name":[{"family":"Cruz","given":["Ana"]}],"birthDate":"1980-05-12","identifier":[{"value":"7"}]}"#;
        assert_eq!(names(whole), ["identifier", "birth date", "birth date known less exactly, with given name", "birth date mistyped, with given name", "birth date mistyped, with surname", "surname and given name"]);
        assert_eq!(names(r#"{"resourceType":"Patient","name":[{"family":"Cruz","given":["Ana"]}],"birthDate":"1980"}"#), ["birth year, with names", "surname and given name"]);
        assert_eq!(names(r#"{"resourceType":"Patient","name":[{"text":"Ana Cruz"}]}"#), ["surname and given name"]);
        assert_eq!(names(r#"{"resourceType":"Patient","birthDate":"1980-05-12"}"#), ["birth date"]);
        assert!(names(r#"{"resourceType":"Patient"}"#).is_empty());
        // One part of a name leads where both would.
        let half = |name: &str, birth: &str| names(&format!(r#"{{"resourceType":"Patient","name":[{{{name}}}]{birth}}}"#));
        let (surname, given_name) = (r#""family":"Zed""#, r#""given":["Ana"]"#);
        assert_eq!(half(surname, ""), ["surname"]);
        assert_eq!(half(given_name, ""), ["given name"]);
        assert_eq!(half(surname, r#","birthDate":"1980""#), ["birth year, with surname", "surname"]);
        assert_eq!(half(given_name, r#","birthDate":"1980""#), ["birth year, with given name", "given name"]);
        assert_eq!(half(surname, r#","birthDate":"1980-05""#), ["birth month, with surname", "surname"]);
        assert_eq!(half(surname, r#","birthDate":"1980-05-12""#), ["birth date", "birth date known less exactly, with surname", "birth date mistyped, with surname", "surname"]);
        // A letter is no word, and a year by itself holds too many.
        assert!(half(r#""family":"Z""#, r#","birthDate":"1980""#).is_empty());
        let reached = r#"{"resourceType":"Patient","name":[{"family":"Cruz","given":["Ana"]}],"telecom":[{"value":"+52 55 1234 5678"},{"value":"55 1234 5678"}],"address":[{"line":["Calle Luna 5"]},{"line":["s/n"]},{"city":"X"}]}"#;
        assert_eq!(names(reached), ["telephone or e-mail", "street", "surname and given name"]);
        let document = Document::read(reached).unwrap();
        assert_eq!(traces(&Person::read(document.root())), [Key::Contact("512345678".into()), Key::Street("calleluna5".into())]);
    }
}
