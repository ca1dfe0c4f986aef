//! Small random resources of the main types, and queries that are near them. Both draw from
//! the same few words, so that a query often finds something. Everything follows from a seed.
#![allow(dead_code)]

use fhir::ResourceType;
use search::{Handling, Query, QueryContext, split_query};
pub use testkit::invent::Chance;

pub const BASE: &str = "https://carnet.example/fhir";

pub fn context() -> QueryContext {
    QueryContext { default_offset_minutes: -360, base_url: BASE.to_owned(), ..QueryContext::default() }
}

pub fn parse(kind: ResourceType, text: &str) -> Query {
    let pairs = split_query(text);
    Query::parse(kind, pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())), Handling::Strict, context())
        .map(|query| query.with_parts(&|_, _, _| vec!["o2".to_owned()]).unwrap_or(query))
        .unwrap_or_else(|issues| panic!("{kind}?{text}: {issues:?}"))
}

/// How the small resources are drawn.
pub trait Draw {
    /// One of several.
    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T;
    fn often(&mut self) -> bool;
    fn seldom(&mut self) -> bool;
}

impl Draw for Chance {
    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        *self.one(from)
    }

    fn often(&mut self) -> bool {
        !self.once_in(4)
    }

    fn seldom(&mut self) -> bool {
        self.once_in(5)
    }
}

pub const TYPES: [&str; 13] = [
    "Patient", "Observation", "Encounter", "Condition", "MedicationRequest", "Immunization", "AllergyIntolerance", "DiagnosticReport",
    "Procedure", "DocumentReference", "ServiceRequest", "Organization", "Appointment",
];

const SYSTEMS: [&str; 3] = ["http://loinc.org", "urn:oid:1.2", "http://a.example/s|x"];
const CODES: [&str; 6] = ["8480-6", "E11", "e11", "A,B", "x|y", "Ж1"];
const VALUES: [&str; 5] = ["123", "A-1", "a-1", "7,8", "1$2"];
const WORDS: [&str; 16] = [
    "María", "Mar", "Nguyễn", "Đỗ", "An", "Y", "García López", "O'Brien", "de la Cruz", "Щукина", "Юлия", "Shchukina", "van  der-Berg", "Santa Maria", "Ёлкин", "Ana-Lucía",
];
const DATES: [&str; 14] = [
    "2024", "2024-02", "2024-02-29", "2024-03-01", "2024-02-29T23:30:00-06:00", "2024-03-01T05:30:00Z", "2023-12-31", "1958-03-12", "1958-03", "1958", "1969-12-31T20:00:00-06:00",
    "2101-01-01", "2024-01-31T23:59:59.999+14:00", "1980-06-15T12:00:00Z",
];
const PEOPLE: [&str; 2] = ["p1", "p2"];
const STATUSES: [&str; 3] = ["final", "active", "completed"];

/// What a random resource is.
pub struct Made {
    pub kind: ResourceType,
    pub text: String,
    pub id: String,
}

pub fn resource(chance: &mut Chance) -> Made {
    let name = chance.pick(&TYPES);
    let id = format!("r{}", chance.below(3));
    let mut members: Vec<String> = vec![format!(r#""resourceType":"{name}""#)];
    let concept = |chance: &mut Chance| {
        let codings: Vec<_> = (0..1 + chance.below(2)).map(|_| coding(chance)).collect();
        format!(r#"{{"coding":[{}],"text":"{}"}}"#, codings.join(","), chance.pick(&WORDS))
    };
    let subject = |chance: &mut Chance, member: &str| {
        let target = if chance.seldom() { "Group/g".to_owned() } else { format!("Patient/{}", chance.pick(&PEOPLE)) };
        let target = if chance.seldom() { format!("{BASE}/{target}") } else { target };
        format!(r#""{member}":{{"reference":"{target}"}}"#)
    };
    if name != "Organization" || chance.often() {
        let identifiers: Vec<_> = (0..chance.below(3)).map(|_| identifier(chance)).collect();
        if !identifiers.is_empty() {
            members.push(format!(r#""identifier":[{}]"#, identifiers.join(",")));
        }
    }
    match name {
        "Patient" => {
            let names: Vec<_> = (0..chance.below(3)).map(|_| human_name(chance)).collect();
            if !names.is_empty() {
                members.push(format!(r#""name":[{}]"#, names.join(",")));
            }
            if chance.often() {
                members.push(format!(r#""birthDate":"{}""#, &chance.pick(&DATES).split('T').next().unwrap()));
            }
            if chance.often() {
                members.push(format!(r#""gender":"{}""#, chance.pick(&["female", "male"])));
            }
        }
        "Organization" => members.push(format!(r#""name":"{} {}""#, chance.pick(&WORDS), chance.pick(&WORDS))),
        "Encounter" => {
            members.push(r#""class":{"code":"AMB"}"#.into());
            members.push(format!(r#""type":[{}]"#, concept(chance)));
            if chance.often() {
                members.push(format!(r#""period":{}"#, period(chance)));
            }
            if chance.often() {
                members.push(format!(r#""serviceProvider":{{"reference":"Organization/{}"}}"#, chance.pick(&["o1", "o2"])));
            }
            if chance.often() {
                let who = chance.pick(&["Practitioner/d1", "https://carnet.example/fhir/Practitioner/d1", "RelatedPerson/d1", "PractitionerRole/d1"]);
                members.push(format!(r#""participant":[{{"individual":{{"reference":"{who}"}}}}]"#));
            }
            members.push(subject(chance, "subject"));
        }
        "Appointment" => {
            let actors: Vec<_> = (0..1 + chance.below(3))
                .map(|_| format!(r#"{{"actor":{{"reference":"{}"}}}}"#, chance.pick(&["Patient/p1", "Patient/p2", "Practitioner/d1", "Location/l1"])))
                .collect();
            members.push(format!(r#""participant":[{}]"#, actors.join(",")));
            if chance.often() {
                members.push(format!(r#""start":"{}""#, chance.pick(&DATES)));
            }
        }
        _ => {
            let coded = match name {
                "MedicationRequest" => "medicationCodeableConcept",
                "Immunization" => "vaccineCode",
                "DocumentReference" => "type",
                _ => "code",
            };
            if chance.often() {
                members.push(format!(r#""{coded}":{}"#, concept(chance)));
            }
            let dated = match name {
                "Observation" | "DiagnosticReport" => "effectiveDateTime",
                "Immunization" => "occurrenceDateTime",
                "Procedure" => "performedDateTime",
                "Condition" | "AllergyIntolerance" => "recordedDate",
                "DocumentReference" => "date",
                _ => "authoredOn",
            };
            if chance.often() {
                let as_period = matches!(name, "Observation" | "DiagnosticReport" | "Procedure") && chance.seldom();
                members.push(if as_period {
                    format!(r#""{}":{}"#, dated.replace("DateTime", "Period"), period(chance))
                } else {
                    format!(r#""{dated}":"{}""#, chance.pick(&DATES))
                });
            }
            let who = if matches!(name, "Immunization" | "AllergyIntolerance") { "patient" } else { "subject" };
            if chance.often() {
                members.push(subject(chance, who));
            }
            if name != "DocumentReference" && chance.often() {
                members.push(format!(r#""encounter":{{"reference":"Encounter/e{}"}}"#, chance.below(2)));
            }
        }
    }
    members.push(format!(r#""status":"{}""#, chance.pick(&STATUSES)));
    let kind = ResourceType::named(name).unwrap();
    Made { kind, text: format!("{{{}}}", members.join(",")), id }
}

fn coding(chance: &mut Chance) -> String {
    let system = if chance.often() { format!(r#""system":"{}","#, chance.pick(&SYSTEMS)) } else { String::new() };
    format!(r#"{{{system}"code":"{}"}}"#, chance.pick(&CODES))
}

fn identifier(chance: &mut Chance) -> String {
    let system = if chance.often() { format!(r#""system":"{}","#, chance.pick(&SYSTEMS)) } else { String::new() };
    format!(r#"{{{system}"value":"{}"}}"#, chance.pick(&VALUES))
}

fn human_name(chance: &mut Chance) -> String {
    match chance.below(3) {
        0 => format!(r#"{{"text":"{} {}"}}"#, chance.pick(&WORDS), chance.pick(&WORDS)),
        1 => format!(r#"{{"family":"{}"}}"#, chance.pick(&WORDS)),
        _ => format!(r#"{{"family":"{}","given":["{}","{}"],"prefix":["Dr"]}}"#, chance.pick(&WORDS), chance.pick(&WORDS), chance.pick(&WORDS)),
    }
}

fn period(chance: &mut Chance) -> String {
    match chance.below(4) {
        0 => format!(r#"{{"start":"{}"}}"#, chance.pick(&DATES)),
        1 => format!(r#"{{"end":"{}"}}"#, chance.pick(&DATES)),
        2 => r#"{"start":"2024-01-31","end":"2024-02-01"}"#.to_owned(),
        _ => format!(r#"{{"start":"2023-12-31","end":"{}"}}"#, chance.pick(&["2024-01-05", "2024-02-29", "2024-06-30"])),
    }
}

/// A query on a type that may well find something.
pub fn query(chance: &mut Chance, kind: ResourceType) -> String {
    let parts: Vec<_> = (0..1 + chance.below(3)).map(|_| criterion(chance, kind)).collect();
    parts.join("&")
}

fn criterion(chance: &mut Chance, kind: ResourceType) -> String {
    let name = kind.name();
    let (code, dated) = match name {
        "Patient" => ("name", "birthdate"),
        "Organization" => ("name", "name"),
        "Encounter" => ("type", "date"),
        "Condition" => ("code", "recorded-date"),
        "MedicationRequest" => ("code", "authoredon"),
        "Immunization" => ("vaccine-code", "date"),
        "DocumentReference" => ("type", "date"),
        "ServiceRequest" => ("code", "authored"),
        "Appointment" => ("actor", "date"),
        _ => ("code", "date"),
    };
    let several = |chance: &mut Chance, make: &mut dyn FnMut(&mut Chance) -> String| {
        let values: Vec<_> = (0..1 + chance.below(2)).map(|_| make(chance)).collect();
        values.join(",")
    };
    match chance.below(12) {
        0 => format!("_id={}", several(chance, &mut |chance| format!("r{}", chance.below(3)))),
        1 | 2 => {
            let modifier = if chance.seldom() { ":not" } else { "" };
            format!("identifier{modifier}={}", several(chance, &mut |chance| token(chance, &VALUES)))
        }
        3 => format!("{dated}:missing={}", chance.pick(&["true", "false"])),
        4..=6 if dated != "name" => format!("{dated}={}", several(chance, &mut date)),
        7 | 8 if code == "name" => name_criterion(chance, name),
        7 | 8 if code == "actor" => format!("actor={}", chance.pick(&["Patient/p1", "Practitioner/d1", "Location/l1", "Patient/p1,Practitioner/d1"])),
        7 | 8 => {
            let modifier = if chance.seldom() { ":not" } else { "" };
            format!("{code}{modifier}={}", several(chance, &mut |chance| token(chance, &CODES)))
        }
        9 if !matches!(name, "Patient" | "Organization") => {
            let modifier = if chance.seldom() { ":Patient" } else { "" };
            format!("patient{modifier}={}", several(chance, &mut |chance| chance.pick(&PEOPLE).to_owned()))
        }
        10 if matches!(name, "Observation" | "Condition" | "Procedure" | "MedicationRequest") => format!("encounter=Encounter/e{}", chance.below(2)),
        10 if name == "Encounter" => chance.pick(&["service-provider=Organization/o1", "service-provider:below=Organization/o1", "service-provider:above=o1", "practitioner=d1", "participant=PractitionerRole/d1", "practitioner=Practitioner/d1"]).to_owned(),
        _ if name == "Organization" => name_criterion(chance, name),
        _ => format!("_lastUpdated={}", date(chance)),
    }
}

fn name_criterion(chance: &mut Chance, kind: &str) -> String {
    let parameter = if kind == "Patient" { chance.pick(&["name", "family", "given"]) } else { "name" };
    let word = chance.pick(&WORDS);
    match chance.below(6) {
        0 => format!("{parameter}:exact={word}"),
        1 => format!("{parameter}:contains={}", word.to_lowercase()),
        2 => format!("{parameter}={} {}", word, chance.pick(&["mar", "an", "sh"])),
        3 => format!("{parameter}={}", chance.pick(&["shchuk", "iu", "elki", "lop", "m", "ng", "ана", "щук"])),
        _ => {
            let letters = 1 + chance.below(word.chars().count());
            let short: String = word.chars().take(letters).collect();
            // A word of blanks and marks alone is refused.
            format!("{parameter}={short}x").replace(&format!("{short}x"), if chance.seldom() { "zz" } else { short.trim() })
        }
    }
}

fn token(chance: &mut Chance, values: &[&str]) -> String {
    let escaped = |text: &str| text.replace('|', "\\|").replace(',', "\\,").replace('$', "\\$");
    let value = escaped(chance.pick(values));
    match chance.below(4) {
        0 => value,
        1 => format!("|{value}"),
        2 => format!("{}|{value}", escaped(chance.pick(&SYSTEMS))),
        _ if chance.seldom() => format!("{}|", escaped(chance.pick(&SYSTEMS))),
        _ => value.to_lowercase(),
    }
}

fn date(chance: &mut Chance) -> String {
    let prefix = chance.pick(&["", "", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"]);
    format!("{prefix}{}", chance.pick(&DATES).replace('+', "%2B"))
}

/// The resources of the first people of each country, their references as the store keeps them.
pub fn population(people: u64) -> Vec<String> {
    let mut resources = Vec::new();
    for country in country::all() {
        let mut bundles = synth::Population::new(country, 7).bundles(people);
        let mut text = String::new();
        while bundles.write_bundle(&mut text) {
            let bundle = fhir::Document::read(&text).unwrap();
            let entries: Vec<_> = bundle.root().get("entry").into_iter().flat_map(|entries| entries.each()).collect();
            let mut local = std::collections::HashMap::new();
            for entry in &entries {
                if let (Some(url), Some(resource)) = (entry.string("fullUrl"), entry.get("resource")) {
                    let id = url.trim_start_matches("urn:uuid:").to_owned();
                    local.insert(url.into_owned(), format!("\"{}/{id}\"", resource.string("resourceType").unwrap()));
                }
            }
            for resource in entries.iter().filter_map(|entry| entry.get("resource")) {
                let mut out = String::new();
                fhir::splice::write(resource, &mut out, &mut |name, value| {
                    (name == "reference").then(|| local.get(&*value.as_str()?).cloned()).flatten()
                });
                resources.push(out);
            }
            text.clear();
        }
    }
    resources
}
