//! A person as far as sameness is concerned: read once from a Patient, then only compared.
//!
//! * Whatever is missing is missing: nothing is filled in.
//! * Flawed data is read as far as it goes; a Patient that says nothing gives a Person
//!   about whom nothing is known.

use crate::address::Address;
use crate::birth::Birth;
use crate::word::Word;
use fhir::Value;

const MOTHERS_MAIDEN_NAME: &str = "http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName";

/// What is known of somebody.
#[derive(Clone, Debug, Default)]
pub struct Person {
    /// All names, the ones in use and former ones.
    pub names: Vec<Name>,
    pub(crate) birth: Option<Birth>,
    pub(crate) is_woman: Option<bool>,
    /// Numbers given to the person.
    pub identifiers: Vec<Identifier>,
    /// Telephone numbers by their last nine digits, and e-mail addresses in lower case.
    pub(crate) contacts: Vec<String>,
    pub(crate) addresses: Vec<Address>,
    pub(crate) mother: Vec<Word>,
    /// Where they live or lived, or were given a number, as far as the countries here tell: codes, each once.
    pub(crate) countries: Vec<&'static str>,
    /// Which of several born together.
    pub(crate) birth_order: Option<u32>,
}

/// One name.
#[derive(Clone, Debug, Default)]
pub struct Name {
    /// Surnames, without `de la`.
    pub family: Vec<Word>,
    /// Given names; Vietnamese middle names stand before the name a person is called by.
    pub given: Vec<Word>,
    /// The father's name as a Russian name carries it.
    pub patronymic: Option<Word>,
    /// Nobody said which word is what.
    pub is_loose: bool,
    /// A maiden name, or one no longer used.
    pub is_former: bool,
}

impl Name {
    /// Every word there is.
    pub fn words(&self) -> impl Iterator<Item = &Word> {
        self.family.iter().chain(&self.given).chain(&self.patronymic)
    }
}

/// A number given to a person.
#[derive(Clone, PartialEq, Eq)]
pub struct Identifier {
    /// Who gave it; empty where nobody said.
    pub system: String,
    /// As received.
    pub value: String,
}

impl std::fmt::Debug for Identifier {
    /// Never shows the number.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identifier of {}", self.system)
    }
}

impl Person {
    /// Reads a Patient.
    pub fn read(patient: Value<'_>) -> Person {
        let list = |name: &str| patient.get(name).into_iter().flat_map(|value| value.each());
        let text = |value: Value<'_>, name: &str| value.string(name).map(|text| text.into_owned()).unwrap_or_default();
        let birth_order = patient.get("multipleBirthInteger").and_then(|number| number.as_number()).and_then(|text| text.parse().ok());
        Person {
            names: with_given_names(list("name").filter_map(Name::read).collect()),
            birth: patient.string("birthDate").and_then(|date| Birth::read(&date)),
            is_woman: match patient.string("gender").as_deref() {
                Some("female") => Some(true),
                Some("male") => Some(false),
                _ => None,
            },
            identifiers: list("identifier")
                .filter(|one| one.string("use").as_deref() != Some("old"))
                .map(|one| Identifier { system: text(one, "system"), value: text(one, "value") })
                .filter(|one| !one.value.trim().is_empty())
                .collect(),
            contacts: list("telecom").filter_map(|one| contact(&text(one, "value"))).collect(),
            addresses: list("address").filter_map(Address::read).collect(),
            mother: mother(patient),
            countries: countries(patient),
            birth_order,
        }
    }

    /// True if nothing is known by which anybody could be recognised.
    pub fn says_nothing(&self) -> bool {
        self.names.is_empty() && self.identifiers.is_empty()
    }
}

impl Name {
    fn read(value: Value<'_>) -> Option<Name> {
        let text = |name: &str| value.string(name).map(|text| text.into_owned()).unwrap_or_default();
        let givens = value.get("given").into_iter().flat_map(|given| given.each());
        let given: Vec<String> = givens.filter_map(|one| one.as_str().map(|text| text.into_owned())).collect();
        let usage = text("use");
        let is_former = usage == "maiden" || usage == "old" || value.get("period").is_some_and(|period| period.get("end").is_some());
        let mut name = Name { is_former, ..Name::of(&text("family"), &given.join(" ")) };
        if name.family.is_empty() && name.given.is_empty() {
            name = Name { given: words(&text("text")), is_loose: true, is_former, ..Name::default() };
        }
        let is_empty = name.words().next().is_none();
        (!is_empty).then_some(name)
    }

    /// A name from its two parts.
    pub fn of(family: &str, given: &str) -> Name {
        let mut given = words(given);
        let patronymic = (given.len() > 1 && given.last().is_some_and(is_patronymic)).then(|| given.pop()).flatten();
        Name { family: words(family), given, patronymic, ..Name::default() }
    }
}

/// A maiden name is mostly kept as a surname alone; the given names are the same.
fn with_given_names(mut names: Vec<Name>) -> Vec<Name> {
    let Some(whole) = names.iter().find(|name| !name.given.is_empty() && !name.is_loose).cloned() else { return names };
    for name in names.iter_mut().filter(|name| name.given.is_empty()) {
        name.given.clone_from(&whole.given);
        name.patronymic.clone_from(&whole.patronymic);
    }
    names
}

/// Countries of addresses, former ones too, and of numbers: who moved has lived in both.
fn countries(patient: Value<'_>) -> Vec<&'static str> {
    let each = |name: &str| patient.get(name).into_iter().flat_map(|list| list.each());
    let lived = each("address").filter_map(|one| country::named(&one.string("country")?));
    let systems: Vec<String> = each("identifier").filter_map(|one| one.string("system").map(|text| text.into_owned())).collect();
    let numbered = country::all().iter().filter(|one| one.identifiers.iter().any(|system| systems.contains(&system.uri)));
    let mut codes: Vec<&'static str> = lived.chain(numbered).map(|one| one.code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// The words of a part, without the particles between them where anything else is left.
fn words(text: &str) -> Vec<Word> {
    let all: Vec<Word> = text.split(|letter: char| letter.is_whitespace() || matches!(letter, '-' | ',' | '/')).map(Word::new).filter(|word| !word.is_empty()).collect();
    let is_particle = |word: &Word| ["de", "del", "la", "las", "los", "y"].contains(&word.latin());
    let rest: Vec<Word> = all.iter().filter(|word| !is_particle(word)).cloned().collect();
    if rest.is_empty() { all } else { rest }
}

/// Сергеевна, Ильич, Sergeevich.
fn is_patronymic(word: &Word) -> bool {
    let latin = word.latin();
    latin.len() >= 5 && ["ovich", "evich", "ilich", "mich", "ovna", "evna", "ichna", "inichna"].iter().any(|ending| latin.ends_with(ending))
}

/// A telephone number by its last nine digits, so that codes of country and trunk do not
/// matter; an e-mail address as it is.
fn contact(value: &str) -> Option<String> {
    if value.contains('@') {
        return Some(value.trim().to_lowercase());
    }
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    (digits.len() >= 7).then(|| digits[digits.len().saturating_sub(9)..].to_owned())
}

fn mother(patient: Value<'_>) -> Vec<Word> {
    let extensions = patient.get("extension").into_iter().flat_map(|list| list.each());
    let named = extensions.filter(|one| one.string("url").as_deref() == Some(MOTHERS_MAIDEN_NAME)).find_map(|one| one.string("valueString").map(|text| words(&text)));
    let of_contact = || {
        let contacts = patient.get("contact").into_iter().flat_map(|list| list.each());
        let is_mother = |contact: &Value<'_>| {
            let codings = contact.get("relationship").into_iter().flat_map(|list| list.each()).filter_map(|one| one.get("coding")).flat_map(|list| list.each());
            codings.filter_map(|coding| coding.string("code")).any(|code| code == "MTH")
        };
        let mut names = contacts.filter(is_mother).filter_map(|contact| contact.get("name").and_then(Name::read));
        names.next().map(|name| name.words().cloned().collect())
    };
    named.or_else(of_contact).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use fhir::Document;

    fn person(json: &str) -> Person {
        Person::read(Document::read(json).unwrap().root())
    }

    #[test]
    fn a_patient_is_read_as_far_as_it_goes() {
        let ana = person(
            r#"{"resourceType":"Patient","name":[{"family":"de la Cruz López","given":["María","Guadalupe"]},{"use":"maiden","text":"Ana B"},{"prefix":["Dr"]}],
                "gender":"female","birthDate":"1980-05-12","telecom":[{"value":"+52 55 1234 5678"},{"value":"Ana@X.example"},{"value":"12"}],
                "identifier":[{"system":"urn:x","value":"1"},{"use":"old","value":"2"},{"value":" "}],"multipleBirthInteger":2,
                "contact":[{"relationship":[{"coding":[{"code":"MTH"}]}],"name":{"family":"López"}}]}"#,
        );
        let words: Vec<_> = ana.names[0].words().map(Word::latin).collect();
        assert_eq!(words, ["cruz", "lopez", "maria", "guadalupe"]);
        assert_eq!((ana.names.len(), ana.names[1].is_loose, ana.names[1].is_former), (2, true, true));
        assert_eq!(ana.contacts, ["512345678", "ana@x.example"]);
        assert_eq!((ana.identifiers.len(), ana.birth_order, ana.mother.len(), ana.is_woman), (1, Some(2), 1, Some(true)));
        let nobody = person(r#"{"resourceType":"Patient"}"#);
        assert!(nobody.says_nothing() && nobody.birth.is_none());
    }

    #[test]
    fn the_patronymic_is_told_from_the_given_name_and_particles_stay_where_nothing_else_is() {
        let name = Name::of("Кузнецова", "Анна Сергеевна");
        assert_eq!((name.given.len(), name.patronymic.is_some()), (1, true));
        assert!(Name::of("Zhukov", "Petr Ilich").patronymic.is_some());
        assert!(Name::of("Nguyễn", "Thị Hoa").patronymic.is_none());
        assert_eq!(Name::of("La", "Y").words().count(), 2);
    }
}
