//! The terms a resource is found by across records.
//!
//! * The same resource always gives the same terms, whoever asks and whatever the zone of the
//!   institution: dates without a zone are taken in UTC, and [`plan`](crate::plan()) looks a
//!   day further on either side.
//! * Terms come from the same parameters the matcher uses, so whatever matches is found.

use crate::fold;
use crate::indexed::{indexed, is_indexed_target};
use crate::matcher::{covered, each_name_part, reference_text};
use crate::parameter::Parameter;
use crate::parameter_id::{self as id, LAST_MONTH, ParameterId, SPANNING, UNDATED};
use crate::path::{Found, Shape, member};
use fhir::{Moment, Reference, ResourceType, Value};

/// One posting a resource gets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Term<'t> {
    /// What it is about.
    pub parameter: ParameterId,
    /// Its canonical bytes, the resource type first.
    pub value: &'t [u8],
    /// The month since January 1970 in which the resource happened, [`UNDATED`] or [`SPANNING`].
    pub bucket: u16,
    /// Seconds since 1970 at which the resource began, for ordering; 0 where nobody said.
    pub time: i64,
}

/// Calls `give` with each term of a resource, each once.
pub fn terms(kind: ResourceType, resource: Value<'_>, give: &mut dyn FnMut(Term<'_>)) {
    let table = indexed(kind);
    let (bucket, time) = when(kind, resource);
    let mut out = Given { give, seen: Vec::new(), bytes: Vec::new(), time };
    let mut value = Vec::with_capacity(64);

    if let Some(parameter) = table.identifier {
        each(parameter, resource, &mut |found| identifiers(kind, found, &mut value, &mut out));
    }
    if let Some(parameter) = table.name {
        let mut word = Words { kind, latin: String::new(), folded: String::new() };
        each(parameter, resource, &mut |found| match found.shape() {
            Shape::HumanName => each_name_part(found.value, &mut |text| word.give(&text, &mut value, &mut out)),
            _ => {
                if let Some(text) = found.value.as_str() {
                    word.give(&text, &mut value, &mut out);
                }
            }
        });
    }
    if let Some(parameter) = table.birth_date {
        each(parameter, resource, &mut |found| birth_dates(kind, found, &mut value, &mut out));
    }
    if let Some(parameter) = table.url {
        each(parameter, resource, &mut |found| {
            if let Some(url) = found.value.as_str() {
                id::text(kind, &url, &mut value);
                out.give(ParameterId::URL, &value, UNDATED);
            }
        });
    }
    if let Some(parameter) = table.code {
        each(parameter, resource, &mut |found| {
            each_code(found, &mut |code| {
                id::code(kind, code, &mut value);
                out.give(ParameterId::CODE, &value, bucket);
            })
        });
    }
    for (number, parameter) in &table.references {
        each(parameter, resource, &mut |found| {
            if let Some(text) = reference_text(found)
                && let Some((target, target_id)) = local_or_absolute(&text)
                && is_indexed_target(target)
            {
                id::reference(kind, *number, target, target_id, &mut value);
                out.give(ParameterId::REFERENCE, &value, bucket);
            }
        });
    }
    if table.dating.is_some() {
        id::begin(kind, &mut value);
        out.give(ParameterId::DATE, &value, bucket);
    }
}

/// The bucket and the time in seconds at which a resource happened.
pub fn when(kind: ResourceType, resource: Value<'_>) -> (u16, i64) {
    let Some(parameter) = indexed(kind).dating else { return (UNDATED, 0) };
    let mut all: Option<(Moment, Moment)> = None;
    each(parameter, resource, &mut |found| {
        if let Some((low, high)) = covered(found, 0) {
            all = Some(all.map_or((low, high), |all| (all.0.min(low), all.1.max(high))));
        }
    });
    let Some((low, high)) = all else { return (UNDATED, 0) };
    let began = if low.0 == i64::MIN { Moment(high.0.saturating_sub(1)) } else { low };
    (bucket(low, high), began.0.div_euclid(1000))
}

fn bucket(low: Moment, high: Moment) -> u16 {
    if low.0 == i64::MIN || high.0 == i64::MAX {
        return SPANNING;
    }
    let (first, last) = (low.month(), Moment(high.0 - 1).month());
    if first > LAST_MONTH || last > first + 1 { SPANNING } else { first }
}

fn each<'d>(parameter: &'d Parameter, resource: Value<'d>, visit: &mut dyn FnMut(Found<'d>)) {
    parameter.any(resource, &mut |found| {
        visit(found);
        false
    });
}

fn identifiers(kind: ResourceType, found: Found<'_>, value: &mut Vec<u8>, out: &mut Given<'_>) {
    if found.shape() != Shape::Identifier {
        return;
    }
    let Some(text) = member(found.value, "value").and_then(|text| text.as_str()) else { return };
    if let Some(system) = member(found.value, "system").and_then(|system| system.as_str()) {
        id::identifier(kind, &system, &text, value);
        out.give(ParameterId::IDENTIFIER, value, UNDATED);
    }
    id::text(kind, &text, value);
    out.give(ParameterId::IDENTIFIER_VALUE, value, UNDATED);
}

/// The day and its month; a date known less exactly, as it is.
fn birth_dates(kind: ResourceType, found: Found<'_>, value: &mut Vec<u8>, out: &mut Given<'_>) {
    let Some(text) = found.value.as_str().filter(|text| fhir::PartialDateTime::parse(text).is_some()) else { return };
    // A time of day is no part of a birth date, though flawed data may hold one.
    for length in [text.len().min(10), 7] {
        if length <= text.len() {
            id::text(kind, &text[..length], value);
            out.give(ParameterId::BIRTH_DATE, value, UNDATED);
        }
    }
}

/// Calls `visit` with each code of a Coding, CodeableConcept or plain code.
fn each_code(found: Found<'_>, visit: &mut dyn FnMut(&str)) {
    each_coding(found, &mut |code, _| visit(code));
}

fn each_coding(found: Found<'_>, visit: &mut dyn FnMut(&str, Option<&str>)) {
    let mut coding = |value: Value<'_>| {
        if let Some(code) = member(value, "code").and_then(|code| code.as_str()) {
            let system = member(value, "system").and_then(|system| system.as_str());
            visit(&code, system.as_deref());
        }
    };
    match found.shape() {
        Shape::CodeableConcept => member(found.value, "coding").into_iter().flat_map(|codings| codings.each()).for_each(coding),
        Shape::Coding => coding(found.value),
        Shape::Text => {
            if let Some(code) = found.value.as_str() {
                visit(&code, None);
            }
        }
        _ => {}
    }
}

/// Calls `visit` with the value of the term of each code that has one, and the code's system. The same may come again.
pub fn each_main_code(kind: ResourceType, resource: Value<'_>, visit: &mut dyn FnMut(&[u8], Option<&str>)) {
    let Some(parameter) = indexed(kind).code else { return };
    let mut value = Vec::new();
    each(parameter, resource, &mut |found| {
        each_coding(found, &mut |code, system| {
            id::code(kind, code, &mut value);
            visit(&value, system);
        })
    });
}

/// What a reference names here, or would name if its address were ours: the server's own
/// address is not known where terms are made.
pub(crate) fn local_or_absolute(text: &str) -> Option<(ResourceType, &str)> {
    match Reference::parse(text) {
        Reference::Local { kind, id, .. } => Some((kind, id)),
        Reference::Absolute(address) => {
            let address = address.split_once("/_history/").map_or(address, |(before, _)| before);
            let mut steps = address.rsplit('/');
            let (id, kind) = (steps.next()?, steps.next()?);
            Some((ResourceType::named(kind)?, id))
        }
        _ => None,
    }
}

/// How many letters of a word are worth a term of their own.
pub(crate) const PREFIX_LETTERS: [usize; 4] = [2, 3, 4, 6];

/// The first `letters` of a word; none where it has fewer.
pub(crate) fn first_letters(word: &str, letters: usize) -> Option<&str> {
    match word.char_indices().nth(letters) {
        Some((at, _)) => Some(&word[..at]),
        None if word.chars().count() == letters => Some(word),
        None => None,
    }
}

struct Words {
    kind: ResourceType,
    folded: String,
    latin: String,
}

impl Words {
    fn give(&mut self, text: &str, value: &mut Vec<u8>, out: &mut Given<'_>) {
        self.folded.clear();
        fold::fold_into(text, &mut self.folded);
        for word in fold::words(&self.folded) {
            one_word(self.kind, word, value, out);
            self.latin.clear();
            if fold::transliterated(word, &mut self.latin) && !self.latin.is_empty() {
                one_word(self.kind, &self.latin, value, out);
            }
        }
    }
}

fn one_word(kind: ResourceType, word: &str, value: &mut Vec<u8>, out: &mut Given<'_>) {
    for part in PREFIX_LETTERS.into_iter().filter_map(|letters| first_letters(word, letters)).chain([word]) {
        id::text(kind, part, value);
        out.give(ParameterId::NAME_WORD, value, UNDATED);
    }
}

/// What was given so far, so that nothing is given twice.
struct Given<'g> {
    give: &'g mut dyn FnMut(Term<'_>),
    seen: Vec<(ParameterId, u32, u32)>,
    bytes: Vec<u8>,
    time: i64,
}

impl Given<'_> {
    fn give(&mut self, parameter: ParameterId, value: &[u8], bucket: u16) {
        let again = |(seen, from, to): &(ParameterId, u32, u32)| *seen == parameter && &self.bytes[*from as usize..*to as usize] == value;
        if self.seen.iter().any(again) {
            return;
        }
        let from = self.bytes.len() as u32;
        self.bytes.extend_from_slice(value);
        self.seen.push((parameter, from, self.bytes.len() as u32));
        (self.give)(Term { parameter, value, bucket, time: self.time });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fhir::Document;

    fn check(resource: &str, expect: &[&str]) {
        let document = Document::read(resource).unwrap();
        let kind = ResourceType::named(&document.root().string("resourceType").unwrap()).unwrap();
        let mut found = Vec::new();
        terms(kind, document.root(), &mut |term| {
            assert_eq!(term.value[..2], kind.number().to_be_bytes());
            found.push(format!("{} {} {} {}", term.parameter.0, String::from_utf8_lossy(&term.value[2..]), term.bucket, term.time).replace(|letter: char| letter.is_control(), "."));
        });
        assert_eq!(found, expect, "{resource}");
    }

    #[test]
    fn a_usual_observation_has_a_term_for_its_code_and_one_for_its_date() {
        check(
            r#"{"resourceType":"Observation","code":{"coding":[{"system":"http://loinc.org","code":"8480-6"},{"code":"SYS"},{"code":"sys"}]},
                "subject":{"reference":"Patient/1"},"encounter":{"reference":"Encounter/1"},"effectiveDateTime":"2024-05-17T10:00:00+07:00"}"#,
            &["5 8480-6 652 1715914800", "5 sys 652 1715914800", "6  652 1715914800"],
        );
    }

    #[test]
    fn a_long_or_open_stay_lies_in_the_spanning_bucket() {
        let stay = |period: &str| format!(r#"{{"resourceType":"Encounter","period":{{{period}}}}}"#);
        check(&stay(r#""start":"2024-05-17","end":"2024-06-02""#), &["6  652 1715904000"]);
        check(&stay(r#""start":"2024-05-17","end":"2024-07-02""#), &["6  65535 1715904000"]);
        check(&stay(r#""start":"2024-05-17""#), &["6  65535 1715904000"]);
        check(&stay(r#""start":"2150-01-01","end":"2150-01-01""#), &["6  65535 5680281600"]);
        check(&stay(r#""start":"1950-01-01","end":"1950-01-01""#), &["6  0 -631152000"]);
        check(&stay(""), &["6  0 0"]);
    }

    #[test]
    fn a_person_is_found_by_words_birth_date_and_identifiers() {
        check(
            r#"{"resourceType":"Patient","birthDate":"1958-03-12","identifier":[{"system":"urn:x","value":"A1"},{"value":"7"}],
                "name":[{"family":"Đỗ","given":["Maria"],"prefix":["Dr"]},{"text":"Маша"}]}"#,
            &[
                "1 urn:x|A1 0 0", "2 A1 0 0", "2 7 0 0",
                "3 do 0 0", "3 ma 0 0", "3 mar 0 0", "3 mari 0 0", "3 maria 0 0",
                "3 ма 0 0", "3 маш 0 0", "3 маша 0 0", "3 mas 0 0", "3 mash 0 0", "3 masha 0 0",
                "4 1958-03-12 0 0", "4 1958-03 0 0",
            ],
        );
        check(r#"{"resourceType":"Patient","birthDate":"1958"}"#, &["4 1958 0 0"]);
    }

    #[test]
    fn an_encounter_is_found_by_institution_and_practitioner() {
        check(
            r#"{"resourceType":"Encounter","period":{"start":"2024-05-17","end":"2024-05-17"},"serviceProvider":{"reference":"Organization/o"},
                "participant":[{"individual":{"reference":"https://x.example/Practitioner/p"}},{"individual":{"reference":"RelatedPerson/r"}}]}"#,
            &["7 ..do 652 1715904000", "7 ..lp 652 1715904000", "6  652 1715904000"],
        );
    }
}
