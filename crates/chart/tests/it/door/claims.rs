//! Identifiers that only one person may have.

use std::ops::ControlFlow;
use std::sync::Arc;

use chart::{Chart, Error};
use fhir::{ResourceType, Value};
use store::engine::{Read, Space, Span};
use store::memory::Memory;
use store::{Claim, Meaning, OwnedTerm, Store};
use testkit::{block_on, clinic, clinic_on};

use crate::door::{create, created, ids, search, system};

fn with_curp(value: &str) -> String {
    let system = &country::by_code("mx").unwrap().identifier("curp").unwrap().uri;
    format!(r#"{{"resourceType":"Patient","identifier":[{{"system":"{system}","value":"{value}"}}]}}"#)
}

/// Of the right form and nobody's.
const CURP: &str = "XEXX010101HZZXXXA1";

#[test]
fn two_patients_with_one_curp_are_a_conflict_however_it_is_written() {
    block_on(async {
        let clinic = clinic();
        let chart = &clinic.chart;
        let first = created(chart, &with_curp(CURP)).await;
        for again in [CURP.to_owned(), CURP.to_lowercase()] {
            let refused = create(chart, &with_curp(&again)).await;
            let Err(cause @ Error::Conflict(_)) = refused else { panic!("{refused:?}") };
            assert!(!cause.to_string().contains("XEXX"), "a refusal does not repeat the identifier");
        }
        assert_eq!(search(chart, &system(), "Patient", "").await.unwrap().items.len(), 1);
        // In a transaction nothing of it is written.
        let bundle = format!(
            r#"{{"resourceType":"Bundle","type":"transaction","entry":[{{"resource":{{"resourceType":"Patient"}},"request":{{"method":"POST","url":"Patient"}}}},{{"resource":{},"request":{{"method":"POST","url":"Patient"}}}}]}}"#,
            with_curp(CURP)
        );
        let refused = chart.bundle(&system(), bundle.as_bytes()).await;
        assert!(matches!(&refused, Err(Error::Entry { index: 1, cause }) if matches!(**cause, Error::Conflict(_))), "{refused:?}");
        assert_eq!(ids(&search(chart, &system(), "Patient", "").await.unwrap()), [first.as_str()]);
    });
}

#[test]
fn an_identifier_given_up_is_free_and_its_holder_may_keep_it() {
    block_on(async {
        let clinic = clinic();
        let chart = &clinic.chart;
        let first = created(chart, &with_curp(CURP)).await;
        let body = |text: String| text.replacen('{', &format!(r#"{{"id":"{first}","#), 1);
        chart.update(&system(), ResourceType::PATIENT, &first, body(with_curp(CURP)).as_bytes(), None).await.unwrap();
        assert!(matches!(create(chart, &with_curp(CURP)).await, Err(Error::Conflict(_))));
        chart.update(&system(), ResourceType::PATIENT, &first, body(r#"{"resourceType":"Patient"}"#.to_owned()).as_bytes(), None).await.unwrap();
        let second = created(chart, &with_curp(CURP)).await;
        assert_ne!(first, second);
        chart.delete(&system(), ResourceType::PATIENT, chart::Target::Id(&second), None).await.unwrap();
        created(chart, &with_curp(CURP)).await;
    });
}

const CCCD: &str = "https://carnet.health/id/vn/cccd";

/// What is typed where nobody has a number yet. No province has the number 000.
const PLACEHOLDER: &str = "000000000000";

fn with_placeholder(id: &str, written: &str) -> String {
    format!(r#"{{"resourceType":"Patient","id":"{id}","identifier":[{{"system":"{CCCD}","value":"{written}"}}]}}"#)
}

async fn put(chart: &Chart, id: &str, body: &str) -> Vec<fhir::Issue> {
    chart.update(&system(), ResourceType::PATIENT, id, body.as_bytes(), None).await.unwrap_or_else(|cause| panic!("{id}: {cause} {:?}", cause.issues())).issues
}

#[test]
fn a_number_that_cannot_be_true_turns_nobody_away_and_is_warned_of() {
    block_on(async {
        let clinic = clinic();
        let chart = &clinic.chart;
        for (id, written) in [("first", PLACEHOLDER), ("second", PLACEHOLDER), ("third", "000 000 000 000")] {
            let issues = put(chart, id, &with_placeholder(id, written)).await;
            assert_eq!(issues.iter().map(|one| (one.rule.as_str(), one.expression.as_str(), one.is_error())).collect::<Vec<_>>(), [("identifier-untrue", "Patient.identifier[0].value", false)], "{id}");
            assert!(!issues[0].message.contains("000"), "a warning does not repeat the number: {}", issues[0].message);
        }
        // A warning is no flaw: what is stored is stored as anything else is.
        let seen = chart.check(&testkit::caller(access::Role::Console), &mut |_| {}).unwrap();
        assert!(seen.is_sound() && seen.flawed == 0 && seen.claims == 0, "{seen:?}");
        // Two of one transaction, too.
        let bundle = format!(
            r#"{{"resourceType":"Bundle","type":"transaction","entry":[{{"resource":{0},"request":{{"method":"POST","url":"Patient"}}}},{{"resource":{0},"request":{{"method":"POST","url":"Patient"}}}}]}}"#,
            with_placeholder("x", PLACEHOLDER)
        );
        chart.bundle(&system(), bundle.as_bytes()).await.unwrap();
        // The true number that comes later claims, and is nobody else's.
        assert!(put(chart, "first", &with_placeholder("first", "912158012345")).await.is_empty());
        let refused = chart.update(&system(), ResourceType::PATIENT, "second", with_placeholder("second", "912158012345").as_bytes(), None).await;
        assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
        assert!(put(chart, "second", &with_placeholder("second", "912058012345")).await.is_empty());
        // And is free again once it is taken back for the placeholder.
        put(chart, "first", &with_placeholder("first", PLACEHOLDER)).await;
        assert!(put(chart, "third", &with_placeholder("third", "912158012345")).await.is_empty());
    });
}

/// The store as a version before 0.2 left it: the placeholder is claimed by whoever had it first.
fn as_left_before(data: Arc<Memory>, keyring: Arc<Memory>) {
    let store = Store::open(data, keyring, &testkit::key(), [5; 32]).unwrap();
    let terms_of = |kind: ResourceType, resource: Value<'_>| {
        let mut terms = Vec::new();
        let mut add = |term: search::Term<'_>| terms.push(OwnedTerm { parameter: term.parameter.0, value: term.value.to_vec(), month: term.bucket, seconds: term.time });
        search::terms(kind, resource, &mut add);
        search::Custom::beside_r4().terms(kind, resource, &|_| true, &mut add);
        terms
    };
    let claims_of = |_: ResourceType, resource: Value<'_>| match resource.get("identifier").is_some() {
        true => vec![Claim(format!("{CCCD}|{PLACEHOLDER}").into_bytes())],
        false => Vec::new(),
    };
    store.repair_index(&Meaning { terms_of: &terms_of, claims_of: &claims_of, former_claims_of: &|_, _| Vec::new(), is_settled: true }, &mut |_| {}).unwrap();
}

#[test]
fn what_an_earlier_version_claimed_for_an_untrue_number_is_given_up() {
    block_on(async {
        let console = testkit::caller(access::Role::Console);
        for way in ["changed", "rewritten", "deleted", "erased"] {
            let (data, keyring) = (Arc::new(Memory::new()), Arc::new(Memory::new()));
            let claims = || {
                let mut count = 0;
                data.scan(Space::Claim, &Span::all(), &mut |_, _| {
                    count += 1;
                    ControlFlow::Continue(())
                })
                .unwrap();
                count
            };
            put(&clinic_on(data.clone(), keyring.clone(), 1).chart, "ana", &with_placeholder("ana", PLACEHOLDER)).await;
            assert_eq!(claims(), 0, "{way}");
            as_left_before(data.clone(), keyring.clone());
            assert_eq!(claims(), 1, "{way}");
            let clinic = clinic_on(data.clone(), keyring.clone(), 2);
            let chart = &clinic.chart;
            let seen = chart.check(&console, &mut |_| {}).unwrap();
            assert!(seen.is_sound(), "a claim of an earlier version is no damage: {:?}", seen.findings);
            // The next newborn with the placeholder is let in, whoever still holds the claim.
            put(chart, "next", &with_placeholder("next", PLACEHOLDER)).await;
            assert_eq!(claims(), 1, "{way}");
            match way {
                "changed" => drop(put(chart, "ana", r#"{"resourceType":"Patient","id":"ana"}"#).await),
                "rewritten" => drop(put(chart, "ana", &with_placeholder("ana", PLACEHOLDER).replace("\"id\"", "\"active\":true,\"id\"")).await),
                "deleted" => drop(chart.delete(&system(), ResourceType::PATIENT, chart::Target::Id("ana"), None).await.unwrap()),
                _ => {
                    let decided = chart.decide_early_erasure(&console, "ana", "case 7", "the law has it so").await.unwrap();
                    chart.erase(&console, decided.erasure).await.unwrap();
                }
            }
            assert_eq!(claims(), 0, "{way}");
            let seen = chart.check(&console, &mut |_| {}).unwrap();
            assert!(seen.is_sound(), "{way}: {:?}", seen.findings);
        }
    });
}
