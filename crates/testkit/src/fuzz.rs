//! What is asked of every input that someone hostile may send: the bodies of the fuzz targets.
//!
//! * Each takes any bytes and panics only when a promise is broken.
//! * The fuzz targets (`fuzz/`) and the replay of their corpora (`tests/corpus.rs`) both call these.

use fhir::{Document, Kind, Limits, Moment, ResourceType, Value};
use fhirpath::{Context, Expression};
use search::{Handling, Matcher, Meta, Plan, Query, QueryContext, TermQuery, plan, split_query, terms};
use serde::de::IgnoredAny;

#[cfg(feature = "face")]
pub use crate::face::request;

/// The JSON reader: strict, exact, and never surprised.
pub fn json(bytes: &[u8]) {
    let accepted_elsewhere = serde_json::from_slice::<IgnoredAny>(bytes).is_ok();
    let document = match Document::read_bytes(bytes, Limits { size_bytes: 1 << 20, ..Limits::default() }) {
        Ok(document) => document,
        Err(refusal) => {
            assert!(refusal.offset <= bytes.len(), "a refusal points into the text");
            assert!(refusal.line >= 1 && refusal.column >= 1);
            // What another reader accepts is refused for a reason of ours only.
            use fhir::json::Problem::*;
            let ours = matches!(refusal.problem, DuplicateMember | TooDeep | NumberTooLong | LoneSurrogate | TooLarge | NotUtf8 | ByteOrderMark);
            assert!(!accepted_elsewhere || ours, "refused: {refusal}");
            return;
        }
    };
    assert!(accepted_elsewhere, "another reader refuses this");
    let root = document.root();
    look_at(root);
    let mut compact = String::new();
    root.write_compact(&mut compact);
    let again = Document::read(&compact).expect("what was accepted is accepted when white space is left out");
    assert_eq!(again.root().token_count(), root.token_count(), "no token is lost");
    let mut twice = String::new();
    again.root().write_compact(&mut twice);
    assert_eq!(compact, twice);
    let _ = fhir::home::candidates(ResourceType::named(&root.string("resourceType").unwrap_or_default()).unwrap_or(ResourceType::PATIENT), root);
}

/// Every value means what another reader says it means.
fn look_at(value: Value<'_>) {
    match value.kind() {
        Kind::String => {
            let expected: String = serde_json::from_str(value.raw()).expect("a string as others read it");
            assert_eq!(value.as_str().expect("a string"), expected);
        }
        Kind::Number => assert_eq!(value.as_number(), Some(value.raw())),
        Kind::Object => {
            for (name, member) in value.members() {
                assert!(value.get(&name).is_some(), "a member is found by its name");
                look_at(member);
            }
        }
        Kind::Array => value.items().for_each(look_at),
        Kind::Null | Kind::Bool => {}
    }
}

const SOMEBODY: &str = r##"{"resourceType":"Patient","id":"p","extension":[{"url":"urn:x","valueDecimal":1.50}],"active":true,"name":[{"use":"official","given":["a","b"],"family":"c"},{"text":"d"}],"birthDate":"2000-02-29","_birthDate":{"extension":[{"url":"urn:t","valueDateTime":"2000-02-29T10:00:00+07:00"}]},"deceasedBoolean":false,"multipleBirthInteger":2,"identifier":[{"system":"urn:s","value":"1"}],"contact":[{"name":{"text":"t"},"period":{"start":"2020"}}],"contained":[{"resourceType":"Organization","id":"o","name":"n"}],"managingOrganization":{"reference":"#o"},"generalPractitioner":[{"reference":"Practitioner/1"}]}"##;

/// FHIRPath: the first line is an expression, what follows the resource it is asked of.
/// Every expression ends, and means the same when it is printed and read again.
pub fn fhirpath(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (expression, resource) = first_line(text);
    let Ok(expression) = Expression::parse(expression) else { return };
    let printed = expression.to_string();
    let again = Expression::parse(&printed).unwrap_or_else(|error| panic!("printed, it cannot be read: {error}"));
    assert_eq!(again.to_string(), printed);
    expression.check("Patient");

    let somebody = Document::read(SOMEBODY).expect("the resource of this test is well formed");
    let document = Document::read(resource).ok().filter(|document| document.root().kind() == Kind::Object).unwrap_or(somebody);
    let evaluate = |expression: &Expression| {
        let mut context = Context::of(document.root());
        context.limits = fhirpath::Limits { steps: 200_000, ..fhirpath::Limits::default() };
        context.now = fhir::PartialDateTime::parse("2026-03-02T08:00:00.000+07:00");
        expression.evaluate_on(&context, document.root()).map(|found| fhirpath::to_json_lines(&found)).ok()
    };
    let found = evaluate(&expression);
    assert_eq!(found, evaluate(&again), "printed, it means something else");
    for line in found.iter().flat_map(|lines| lines.lines()) {
        serde_json::from_str::<IgnoredAny>(line).unwrap_or_else(|error| panic!("a result that is not JSON: {error}"));
    }
}

const SOMETHING: &str = r#"{"resourceType":"Observation","id":"o","identifier":[{"system":"urn:s","value":"1"}],"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"4548-4"}],"text":"a"},"subject":{"reference":"Patient/p"},"effectiveDateTime":"2024-02-29T23:30:00-06:00","valueQuantity":{"value":6.50,"unit":"%","system":"http://unitsofmeasure.org","code":"%"}}"#;

/// The search parser: the first line is `Type?query`, what follows a resource to match. The type
/// may stand in a compartment (`Patient/p/Observation?…`), or be left to `_type` (`?_type=…`).
/// A query that is read is read again from its own link, and its plan loses no match.
pub fn search(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (line, resource) = first_line(text);
    if let Some(query) = line.strip_prefix('?') {
        return across(query);
    }
    if let Some((place, query)) = line.split_once('?').filter(|(place, _)| place.contains('/')) {
        return in_compartment(place, query);
    }
    let (kind, query) = line.split_once('?').unwrap_or(("Observation", line));
    let Some(kind) = ResourceType::named(kind) else { return };
    let (strict, lenient) = (parse(kind, query, Handling::Strict), parse(kind, query, Handling::Lenient));
    let _ = Query::parse_condition(kind, query, context());
    let Some(query) = strict else {
        if let Some(query) = lenient {
            assert!(!query.dropped.is_empty(), "what only lenient handling accepts has lost something, and says so");
            read_again(&query);
        }
        return;
    };
    assert!(query.dropped.is_empty() && lenient.is_some(), "strict handling drops nothing, lenient handling refuses no more");
    read_again(&query);

    let of_the_kind = |text| Document::read(text).ok().filter(|document| document.root().string("resourceType").as_deref() == Some(kind.name()));
    let Some(document) = of_the_kind(resource).or_else(|| of_the_kind(SOMEBODY)).or_else(|| of_the_kind(SOMETHING)) else { return };
    let id = document.root().string("id").unwrap_or_default().into_owned();
    let meta = Meta { id: &id, last_updated: Moment(1_772_438_400_000), version: 1 };
    if !Matcher::new(&query).matches(document.root(), meta) {
        return;
    }
    let mut had = Vec::new();
    terms(kind, document.root(), &mut |term| had.push((term.parameter, term.value.to_vec(), term.bucket)));
    let among = |wanted: &TermQuery| had.iter().any(|(parameter, value, bucket)| *parameter == wanted.parameter && wanted.values.contains(value) && wanted.buckets.contains(*bucket));
    let narrows_soundly = match &plan(&query) {
        Plan::ById(ids) => ids.contains(&id),
        Plan::Postings(wanted) => wanted.iter().all(among),
        Plan::Type { listing } => listing.iter().all(among),
        Plan::Record { .. } | Plan::Shared => true,
    };
    assert!(narrows_soundly, "a resource matches and the plan would pass it over");
}

/// A search over several types says about each what it would say about one.
fn across(text: &str) {
    let pairs = split_query(text);
    let pairs = || pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let Ok(queries) = Query::parse_across(pairs(), Handling::Strict, context()) else { return };
    assert!(!queries.is_empty(), "a search that is understood is about some type");
    for query in &queries {
        // An element that only another of the types has may be named for all of them.
        let own = pairs().filter(|(name, _)| !matches!(*name, "_type" | "_elements"));
        let alone = Query::parse(query.resource_type, own, Handling::Strict, context()).expect("each type alone understands it, too");
        assert_eq!(plan(query), plan(&alone));
    }
    let link = Query::self_link_across(&queries);
    assert!(link.starts_with(crate::BASE_URL), "the link leads here");
}

/// `Owner/id/Type?query`: belonging to a compartment only narrows.
fn in_compartment(place: &str, text: &str) {
    let mut steps = place.split('/');
    let (owner, id, kind) = (steps.next().and_then(ResourceType::named), steps.next(), steps.next().and_then(ResourceType::named));
    let (Some(owner), Some(id), Some(kind), None) = (owner, id, kind, steps.next()) else { return };
    let Some(query) = parse(kind, text, Handling::Strict) else { return };
    let Some(within) = query.clone().within_compartment(owner, id) else { return };
    let documents = [SOMEBODY, SOMETHING].map(|text| Document::read(text).expect("the resources of this test are well formed"));
    for document in documents.iter().filter(|document| document.root().string("resourceType").as_deref() == Some(kind.name())) {
        let id = document.root().string("id").unwrap_or_default().into_owned();
        let meta = Meta { id: &id, last_updated: Moment(1_772_438_400_000), version: 1 };
        let matches = |query: &Query| Matcher::new(query).matches_in(document.root(), meta, &search::NoWorld);
        assert!(!matches(&within) || matches(&query), "a compartment holds nothing that the search alone does not find");
    }
}

/// The link of a query means the same query.
fn read_again(query: &Query) {
    let link = query.to_self_link();
    let text = link.split_once('?').map_or("", |(_, text)| text);
    let again = parse(query.resource_type, text, Handling::Strict).unwrap_or_else(|| panic!("the link of a query cannot be read"));
    assert_eq!(again.to_self_link(), link);
    assert_eq!(plan(&again), plan(query));
}

fn parse(kind: ResourceType, text: &str, handling: Handling) -> Option<Query> {
    let pairs = split_query(text);
    Query::parse(kind, pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())), handling, context()).ok()
}

fn context() -> QueryContext {
    QueryContext { default_offset_minutes: -360, base_url: crate::BASE_URL.to_owned(), ..QueryContext::default() }
}

fn first_line(text: &str) -> (&str, &str) {
    text.split_once('\n').unwrap_or((text, ""))
}
