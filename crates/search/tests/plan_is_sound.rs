//! A plan may only narrow: whatever matches is among what the plan names.

mod support;

use fhir::{Document, Moment};
use search::{Custom, Handling, Matcher, Meta, Plan, Query, QueryContext, plan, split_query, terms};
use std::collections::BTreeMap;
use support::{Chance, Draw, parse, query, resource};

#[test]
fn whatever_matches_is_among_what_the_plan_names() {
    let mut counts: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for seed in 0..40_000u64 {
        let mut chance = Chance(seed);
        let made = resource(&mut chance);
        let text = query(&mut chance, made.kind);
        let query = parse(made.kind, &text);
        let document = Document::read(&made.text).unwrap();
        let meta = Meta { id: &made.id, last_updated: Moment::parse("2024-03-01T05:30:00Z").unwrap(), version: 1 };
        let matches = Matcher::new(&query).matches(document.root(), meta);
        let plan = plan(&query);
        let kind = match &plan {
            Plan::ById(_) => "by id",
            Plan::Record { .. } => "record",
            Plan::Postings(_) => "postings",
            Plan::Shared => "shared",
            Plan::Type { .. } => "type",
        };
        let count = counts.entry(kind).or_default();
        count.0 += 1;
        if !matches {
            continue;
        }
        count.1 += 1;
        let mut had = Vec::new();
        terms(made.kind, document.root(), &mut |term| had.push((term.parameter, term.value.to_vec(), term.bucket)));
        let among = match &plan {
            Plan::ById(ids) => ids.contains(&made.id),
            Plan::Record { records, guests } => {
                let made_local = local(&made.text);
                let document = Document::read(&made_local).unwrap();
                let homes = fhir::home::candidates(made.kind, document.root());
                let mut named = Vec::new();
                fhir::home::reference_texts(document.root(), &mut |text| named.extend(fhir::Reference::parse(&text).local().map(|(kind, id)| (kind, id.to_owned()))));
                let person_only = homes.first().into_iter().filter(|(kind, _)| *kind == fhir::ResourceType::PATIENT);
                records.iter().any(|record| {
                    if *guests { named.contains(record) } else if record.0 == fhir::ResourceType::ENCOUNTER { homes.contains(record) } else { person_only.clone().any(|home| home == record) }
                })
            }
            Plan::Postings(wanted) => wanted
                .iter()
                .all(|wanted| had.iter().any(|(parameter, value, bucket)| *parameter == wanted.parameter && wanted.values.contains(value) && wanted.buckets.contains(*bucket))),
            Plan::Shared => fhir::home::is_shared(made.kind),
            Plan::Type { listing } => listing
                .iter()
                .all(|wanted| had.iter().any(|(parameter, value, bucket)| *parameter == wanted.parameter && wanted.values.contains(value) && wanted.buckets.contains(*bucket))),
        };
        assert!(among, "seed {seed}: {}\n{}?{text}\n{plan:?}", made.text, made.kind);
    }
    println!("{counts:?}");
    let postings = counts["postings"];
    assert!(postings.0 > 5_000 && postings.1 > 1_000, "the test must try enough plans and find enough: {counts:?}");
    for (kind, (tried, found)) in counts {
        assert!(found * 50 > tried, "{kind}: too few of the queries find their resource: {found} of {tried}");
    }
}

/// A posting that says that its resource answers is right.
#[test]
fn what_a_posting_tells_by_itself_is_so() {
    let (mut told, mut left_open) = (0, 0);
    for seed in 0..120_000u64 {
        let mut chance = Chance(seed);
        let made = resource(&mut chance);
        let code = match made.kind.name() {
            "Immunization" => "vaccine-code",
            "Encounter" | "DocumentReference" => "type",
            "Patient" | "Organization" | "Appointment" => continue,
            _ => "code",
        };
        let mut criteria = Vec::new();
        if chance.often() {
            let system = chance.pick(&["", "", "", "http://loinc.org|", "http://hl7.org/fhir/sid/icd-10|", "http://x.example|", "|"]);
            criteria.push(format!("{code}={system}{}", chance.pick(&["8480-6", "E11", "e11", "A\\,B", "x\\|y", "ж1"])));
        }
        let date = search::dating(made.kind).unwrap().code();
        for _ in 0..chance.below(3) {
            let prefix = chance.pick(&["", "", "ge", "gt", "lt", "le", "sa", "eb", "ne", "ap"]);
            let day = chance.pick(&["2024", "2023", "1980", "2024-02", "2024-01-01", "2020", "2030", "2023-06", "1970", "2102", "1958", "2024-03-02T10:00:00Z"]);
            criteria.push(format!("{date}={prefix}{day}"));
        }
        let query = parse(made.kind, &criteria.join("&"));
        let wanted = match plan(&query) {
            Plan::Postings(terms) => terms.into_iter().next().unwrap(),
            Plan::Type { listing: Some(listing) } => listing,
            _ => continue,
        };
        let document = Document::read(&made.text).unwrap();
        // What the store remembers of all its resources: here there is only this one.
        let mut said: Vec<(Vec<u8>, Option<String>)> = Vec::new();
        search::each_main_code(made.kind, document.root(), &mut |term, system| said.push((term.to_vec(), system.map(str::to_owned))));
        let sole = |term: &[u8], system: &str| said.iter().filter(|(own, _)| own == term).all(|(_, own)| own.as_deref() == Some(system));
        let Some(certain) = search::certain(&query, &wanted, &sole) else { continue };
        let meta = Meta { id: &made.id, last_updated: Moment::parse("2024-03-01T05:30:00Z").unwrap(), version: 1 };
        let answers = Matcher::new(&query).matches(document.root(), meta);
        terms(made.kind, document.root(), &mut |term| {
            if term.parameter != wanted.parameter || !wanted.values.iter().any(|value| value == term.value) || !wanted.buckets.contains(term.bucket) {
                return;
            }
            match certain.holds(term.bucket, term.time) {
                true => {
                    told += 1;
                    assert!(answers, "seed {seed}: {}\n{}?{}\n{certain:?}", made.text, made.kind, criteria.join("&"));
                }
                false => left_open += usize::from(answers),
            }
        });
    }
    println!("{told} told, {left_open} left open");
    assert!(told > 3_000 && left_open > 300, "{told} {left_open}");
}

/// What a site defines, each indexed, and how its queries are read: code, type it is of, kind of value, expression.
fn own_parameters(defined: &[(&str, &str, &str, &str)]) -> (std::sync::Arc<Custom>, QueryContext) {
    let mut custom = Custom::default();
    for (code, base, of, expression) in defined {
        let text = format!(r#"{{"resourceType":"SearchParameter","status":"active","url":"http://a.example/{code}","code":"{code}","base":["{base}"],"type":"{of}","expression":"{expression}"}}"#);
        custom.add(Document::read(&text).unwrap().root()).unwrap_or_else(|issues| panic!("{code}: {issues:?}"));
    }
    let keys: Vec<u64> = custom.all().iter().map(|own| own.key).collect();
    keys.into_iter().for_each(|key| custom.is_indexed_now(key));
    let custom = std::sync::Arc::new(custom);
    let context = QueryContext { custom: custom.clone(), ..support::context() };
    (custom, context)
}

/// The same of parameters that a site defines, in every kind of value that has terms of its own.
#[test]
fn terms_of_the_sites_own_parameters_only_narrow() {
    let (custom, context) = own_parameters(&[
        ("my-code", "Observation", "token", "Observation.code | Observation.identifier"),
        ("my-date", "Observation", "date", "Observation.effective"),
        ("my-who", "Observation", "reference", "Observation.subject | Observation.encounter"),
        ("my-name", "Patient", "string", "Patient.name"),
        ("my-given", "Patient", "string", "Patient.name.given"),
        ("my-sex", "Patient", "token", "Patient.gender | Patient.identifier"),
    ]);
    let (mut by_own, mut found) = (0, 0);
    for seed in 0..60_000u64 {
        let mut chance = Chance(seed);
        let made = resource(&mut chance);
        let (patient, observation) = (made.kind.name() == "Patient", made.kind.name() == "Observation");
        if !patient && !observation {
            continue;
        }
        let modifier = |chance: &mut Chance, of: &[&'static str]| if chance.seldom() { chance.pick(of).to_owned() } else { String::new() };
        let text = match (patient, chance.below(3)) {
            (true, 0) => format!("my-name{}={}", modifier(&mut chance, &[":exact", ":contains"]), chance.pick(&["mar", "María", "lopez", "ng", "shchuk", "Щукина", "юл", "iuliia", "ana lucia", "de la", "y"])),
            (true, 1) => format!("my-given{}={}", modifier(&mut chance, &[":exact", ":missing"]).replace(":missing", ":contains"), chance.pick(&["María", "mar", "garcia lo", "obrien", "santa m", "elkin", "ёл"])),
            (true, _) => format!("my-sex{}={}", modifier(&mut chance, &[":not"]), chance.pick(&["female", "male", "123", "a-1", "A-1", "urn:oid:1.2|123", "urn:oid:1.2|"])),
            (false, 0) => format!("my-code{}={}", modifier(&mut chance, &[":not", ":text"]), chance.pick(&["8480-6", "e11", "E11,8480-6", "http://loinc.org|e11", "urn:oid:1.2|", "123", "ж1"])),
            (false, 1) => format!("my-date={}", chance.pick(&["2024", "ge2024-02", "lt2024", "ne2024", "1980-06-15", "sa2023-12-31", "eb2024-03", "le2024-02-29", "gt1970", "ap2024-02", "2024-02-29T23:30:00-06:00"])),
            (false, _) => format!("my-who{}={}", modifier(&mut chance, &[":Patient", ":Group"]), chance.pick(&["Patient/p1", "p1", "https://carnet.example/fhir/Patient/p2", "Encounter/e1", "Group/g"])),
        };
        let pairs = split_query(&text);
        // A modifier and a value of another type say nothing together.
        let Ok(query) = Query::parse(made.kind, pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())), Handling::Strict, context.clone()) else { continue };
        let document = Document::read(&made.text).unwrap();
        let meta = Meta { id: &made.id, last_updated: Moment::parse("2024-03-01T05:30:00Z").unwrap(), version: 1 };
        let Plan::Postings(wanted) = plan(&query) else { continue };
        by_own += 1;
        if !Matcher::new(&query).matches(document.root(), meta) {
            continue;
        }
        found += 1;
        let mut had = Vec::new();
        custom.terms(made.kind, document.root(), &|_| true, &mut |term| had.push((term.parameter, term.value.to_vec(), term.bucket)));
        let among = wanted.iter().all(|wanted| had.iter().any(|(parameter, value, bucket)| *parameter == wanted.parameter && wanted.values.contains(value) && wanted.buckets.contains(*bucket)));
        assert!(among, "seed {seed}: {}\n{}?{text}\n{wanted:?}", made.text, made.kind);
    }
    assert!(by_own > 5_000 && found > 1_000, "{by_own} {found}");
}

/// A canonical address without a version names each of them, and terms hold it as it was written.
#[test]
fn a_canonical_address_is_looked_up_in_every_version() {
    let (custom, context) = own_parameters(&[
        ("my-profile", "Observation", "uri", "Observation.meta.profile"),
        ("my-form", "QuestionnaireResponse", "reference", "QuestionnaireResponse.questionnaire"),
    ]);
    let observation = r#"{"resourceType":"Observation","meta":{"profile":["http://p.example/a|1.2"]}}"#;
    let answers = r#"{"resourceType":"QuestionnaireResponse","questionnaire":"https://carnet.example/fhir/Questionnaire/q|2"}"#;
    for (resource, asked, expect) in [
        (observation, "my-profile=http://p.example/a", true),
        (observation, "my-profile=http://p.example/a|1.2", true),
        (observation, "my-profile=http://p.example/a|1.3", false),
        (answers, "my-form=Questionnaire/q", true),
        (answers, "my-form=https://carnet.example/fhir/Questionnaire/q|2", true),
        (answers, "my-form=Questionnaire/r", false),
    ] {
        let document = Document::read(resource).unwrap();
        let kind = fhir::ResourceType::named(&document.root().string("resourceType").unwrap()).unwrap();
        let pairs = split_query(asked);
        let query = Query::parse(kind, pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())), Handling::Strict, context.clone()).unwrap();
        let meta = Meta { id: "x", last_updated: Moment::parse("2024-03-01T05:30:00Z").unwrap(), version: 1 };
        assert_eq!(Matcher::new(&query).matches(document.root(), meta), expect, "{asked}");
        let Plan::Postings(wanted) = plan(&query) else { panic!("{asked} is not narrowed") };
        let mut had = Vec::new();
        custom.terms(kind, document.root(), &|_| true, &mut |term| had.push((term.parameter, term.value.to_vec())));
        let among = wanted.iter().all(|wanted| had.iter().any(|(parameter, value)| *parameter == wanted.parameter && wanted.values.contains(value)));
        assert!(among || !expect, "{asked}");
    }
}

/// Amounts in all their units, numbers, ranges and times of the site's own parameters.
#[test]
fn magnitudes_of_the_sites_own_parameters_only_narrow() {
    let (custom, context) = own_parameters(&[
        ("my-amount", "Observation", "quantity", "Observation.value | Observation.component.value"),
        ("my-number", "RiskAssessment", "number", "RiskAssessment.prediction.probability"),
        ("my-time", "Observation", "date", "Observation.effective | Observation.issued"),
    ]);
    let mut inventor = testkit::invent::Inventor::new(7);
    let (mut by_parts, mut found, mut passed_over) = (0, 0, 0);
    for _ in 0..1_500 {
        let name = *inventor.chance().one(&["Observation", "Observation", "Observation", "RiskAssessment"]);
        let kind = fhir::ResourceType::named(name).unwrap();
        let text = inventor.resource(kind, "x");
        let document = Document::read(&text).unwrap();
        for _ in 0..12 {
            let chance = inventor.chance();
            let prefix = *chance.one(&["", "", "ge", "gt", "lt", "le", "sa", "eb", "ne", "ap"]);
            let asked = match (name, chance.below(2)) {
                ("Observation", 0) => {
                    let number = *chance.one(&["5.4", "5.40", "0.0054", "5400", "120", "16", "37", "98.6", "100", "0", "-3", "1e2", "4", "1000"]);
                    let unit = *chance.one(&["", "", "|http://unitsofmeasure.org|mg", "|http://unitsofmeasure.org|g", "|http://unitsofmeasure.org|kg", "||mg", "|http://unitsofmeasure.org|mm[Hg]", "|http://unitsofmeasure.org|kPa", "|http://unitsofmeasure.org|Cel", "|http://unitsofmeasure.org|K", "|urn:oid:1.2.3|tbl", "|http://unitsofmeasure.org|nonsense"]);
                    format!("my-amount={prefix}{number}{unit}")
                }
                ("Observation", _) => format!("my-time={prefix}{}", chance.one(&["2024", "2024-02", "1958", "2101", "2024-02-29", "1969-12-31", "2023-12-31T12:00:00Z", "1000", "9999"])),
                _ => format!("my-number={prefix}{}", chance.one(&["5.4", "5", "100", "-3", "0", "0.005", "99.5"])),
            };
            let pairs = split_query(&asked);
            let query = Query::parse(kind, pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())), Handling::Strict, context.clone()).unwrap();
            let Plan::Postings(wanted) = plan(&query) else { panic!("{asked} is not narrowed") };
            let mut had = Vec::new();
            custom.terms(kind, document.root(), &|_| true, &mut |term| had.push((term.parameter, term.value.to_vec())));
            let among = wanted.iter().all(|wanted| had.iter().any(|(parameter, value)| *parameter == wanted.parameter && wanted.values.contains(value)));
            let meta = Meta { id: "x", last_updated: Moment::parse("2024-03-01T05:30:00Z").unwrap(), version: 1 };
            let matches = Matcher::new(&query).matches(document.root(), meta);
            assert!(among || !matches, "{text}\n{asked}\n{wanted:?}");
            by_parts += usize::from(wanted[0].values.len() > 1);
            found += usize::from(matches);
            passed_over += usize::from(!among && !had.is_empty());
        }
    }
    println!("{by_parts} {found} {passed_over}");
    assert!(by_parts > 5_000 && found > 500 && passed_over > 1_000, "{by_parts} {found} {passed_over}");
}

/// The store makes absolute references under its base local before it looks for a home.
fn local(text: &str) -> String {
    text.replace(&format!("{}/", support::BASE), "")
}
