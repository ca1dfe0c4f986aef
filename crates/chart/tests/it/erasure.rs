//! A person is erased, and nothing anywhere tells that they were there but that they were erased.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use access::Role;
use chart::{Chart, DecidedErasure, Error, EverythingQuery, HeldKind, HistoryQuery, HistoryScope, HoldOf, NewRegistration, Registered, RegistrationKind};
use fhir::{Moment, ResourceType};
use search::{Handling, Query, QueryContext};
use store::engine::{Read, Space, Span};
use store::memory::Memory;
use store_rocks::{Options, Rocks};
use testkit::{Clinic, block_on, caller, clinic_on};

const CURP: &str = "urn:oid:2.16.840.1.113883.4.629";

fn kind(name: &str) -> ResourceType {
    ResourceType::named(name).unwrap()
}

/// Ana with two observations, one of which names her mother; her mother with one that names Ana.
async fn family(chart: &Chart) {
    let system = caller(Role::Integration);
    let put = async |kind_name: &str, id: &str, body: String| {
        chart.update(&system, kind(kind_name), id, body.as_bytes(), None).await.unwrap_or_else(|cause| panic!("{id}: {cause:?}"));
    };
    let person = |id: &str, family: &str, number: &str| {
        format!(r#"{{"resourceType":"Patient","id":"{id}","identifier":[{{"system":"{CURP}","value":"{number}"}}],"name":[{{"family":"{family}"}}],"birthDate":"1990-01-02"}}"#)
    };
    let observation = |id: &str, subject: &str, performer: &str, value: &str| {
        format!(r#"{{"resourceType":"Observation","id":"{id}","status":"final","code":{{"coding":[{{"system":"http://loinc.org","code":"29463-7"}}]}},"subject":{{"reference":"Patient/{subject}"}},"performer":[{{"reference":"Patient/{performer}"}}],"effectiveDateTime":"2016-02-02","valueString":"{value}"}}"#)
    };
    put("Patient", "mother", person("mother", "Tragaluz", "XEXX010101MZZXXXA1")).await;
    put("Patient", "ana", person("ana", "Sobrenombre", "XEXX010101HZZXXXA1")).await;
    put("Observation", "one", observation("one", "ana", "mother", "first")).await;
    put("Observation", "one", observation("one", "ana", "mother", "second")).await;
    put("Observation", "two", observation("two", "ana", "ana", "third")).await;
    put("Observation", "hers", observation("hers", "mother", "ana", "fourth")).await;
    chart.delete(&system, kind("Observation"), chart::Target::Id("two"), None).await.unwrap();
    for id in ["ana", "mother"] {
        chart.person(&caller(Role::Physician), id).await.unwrap();
    }
}

fn memory() -> (Arc<Memory>, Arc<Memory>, Clinic) {
    let (data, keyring) = (Arc::new(Memory::new()), Arc::new(Memory::new()));
    let clinic = clinic_on(data.clone(), keyring.clone(), 1);
    (data, keyring, clinic)
}

async fn decide(chart: &Chart) -> DecidedErasure {
    chart.decide_erasure(&caller(Role::Console), "ana", "case 7").await.unwrap()
}

async fn found(chart: &Chart, kind_name: &str, text: &str) -> Vec<String> {
    let context = QueryContext { default_offset_minutes: 0, base_url: testkit::BASE_URL.to_owned(), ..QueryContext::default() };
    let pairs = search::split_query(text);
    let query = Query::parse(kind(kind_name), pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())), Handling::Strict, context).unwrap();
    chart.search(&caller(Role::Physician), &query, None).await.unwrap().items.into_iter().map(|hit| hit.stored.id).collect()
}

fn sound(chart: &Chart) -> chart::Checked {
    let seen = chart.check(&caller(Role::Console), &mut |_| {}).unwrap();
    assert!(seen.is_sound(), "{:#?}", seen.findings);
    seen
}

/// Nothing of Ana's answers, and everything of her mother's does.
async fn looks_absent(chart: &Chart) {
    let doctor = caller(Role::Physician);
    for (kind_name, id) in [("Patient", "ana"), ("Observation", "one"), ("Observation", "two")] {
        assert!(matches!(chart.read(&doctor, kind(kind_name), id).await, Err(Error::NotFound)), "{id}");
        assert!(matches!(chart.vread(&doctor, kind(kind_name), id, "1").await, Err(Error::NotFound)), "{id}");
        let history = chart.history(&doctor, HistoryScope::Instance(kind(kind_name), id), &HistoryQuery::default()).await;
        assert!(matches!(history, Err(Error::NotFound)), "{id}");
    }
    assert!(matches!(chart.person(&doctor, "ana").await, Err(Error::NotFound)));
    assert!(matches!(chart.everything(&doctor, "ana", &EverythingQuery::default()).await, Err(Error::NotFound)));
    assert!(matches!(chart.openings(&caller(Role::Physician), "ana", 10).await, Err(Error::NotFound)));
    assert_eq!(found(chart, "Patient", "family=Sobrenombre").await, [""; 0]);
    assert_eq!(found(chart, "Patient", &format!("identifier={CURP}|XEXX010101HZZXXXA1")).await, [""; 0]);
    assert_eq!(found(chart, "Observation", "code=29463-7").await, ["hers"]);
    assert_eq!(found(chart, "Patient", "family=Tragaluz").await, ["mother"]);
    let all = chart.history(&doctor, HistoryScope::System, &HistoryQuery::default()).await.unwrap();
    let mut ids: Vec<&str> = all.items.iter().map(|entry| entry.stored.id.as_str()).collect();
    ids.sort_unstable();
    assert_eq!(ids, ["hers", "mother"]);
    let everything = chart.everything(&doctor, "mother", &EverythingQuery::default()).await.unwrap();
    assert!(everything.items.iter().all(|hit| hit.stored.id != "one"));
}

#[test]
fn an_erased_person_looks_absent_and_the_store_is_sound() {
    block_on(async {
        let (_, _, clinic) = memory();
        let chart = &clinic.chart;
        family(chart).await;
        let before = sound(chart);
        let decided = decide(chart).await;
        assert_eq!(decided.named_in.iter().map(|(kind, id)| format!("{kind}/{id}")).collect::<Vec<_>>(), ["Observation/hers"]);
        let outcome = chart.erase(&caller(Role::Console), decided.erasure).await.unwrap();
        assert_eq!((outcome.versions, outcome.leaves_index), (5, false));
        looks_absent(chart).await;
        let after = sound(chart);
        assert_eq!((after.records, after.erased), (before.records - 1, 1));
        assert!(after.postings < before.postings && after.claims < before.claims && after.guests < before.guests, "{after:?}");
        // Once is enough, and the certificate is the same.
        let again = chart.erase(&caller(Role::Console), decided.erasure).await.unwrap();
        assert_eq!((again.versions, again.certificate), (0, outcome.certificate));
        let proof = chart.prove_opening(&caller(Role::Console), outcome.certificate).unwrap();
        let proven = ledger::verify_inclusion_file(&proof, &ledger::Key::read(&chart.log_key()).unwrap()).unwrap();
        assert!(proven.statement.contains("how erase\n") && proven.statement.contains(&format!("record {:016x}\n", decided.erasure.record.0)), "{}", proven.statement);
        let journal = chart.site_journal().unwrap();
        let entry = journal.last().unwrap();
        assert_eq!((entry.act.word(), entry.detail.as_str(), entry.about.clone()), ("erase", "case 7; rules of retention: NOM-004-SSA3-2012, 5.4 (over)", format!("{:016x}", decided.erasure.record.0)));
        // The log is still readable by those who watch over it.
        let events = chart.audit_events(&caller(Role::Auditor), &chart::AuditQuery::default()).await.unwrap();
        assert!(events.items.iter().any(|hit| hit.stored.text.contains(r#""code":"erase""#)));
        // What only one person may have is free again, and so are the ids.
        family_member_again(chart).await;
        sound(chart);
    });
}

async fn family_member_again(chart: &Chart) {
    let body = format!(r#"{{"resourceType":"Patient","id":"ana","identifier":[{{"system":"{CURP}","value":"XEXX010101HZZXXXA1"}}]}}"#);
    let written = chart.update(&caller(Role::Integration), ResourceType::PATIENT, "ana", body.as_bytes(), None).await.unwrap();
    assert_eq!(written.stored.version, 1);
}

/// A country whose rules are known keeps the record; the ground for erasing it earlier stays in the journal.
#[test]
fn a_term_that_runs_keeps_a_record_unless_somebody_says_on_what_ground() {
    block_on(async {
        let (_, _, clinic) = memory();
        let (chart, console, system) = (&clinic.chart, caller(Role::Console), caller(Role::Integration));
        let patient = |id: &str, more: &str| format!(r#"{{"resourceType":"Patient","id":"{id}","address":[{{"country":"MX"}}]{more}}}"#);
        let visit = |id: &str, patient: &str, day: &str| format!(r#"{{"resourceType":"Encounter","id":"{id}","status":"finished","class":{{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"}},"subject":{{"reference":"Patient/{patient}"}},"period":{{"start":"{day}T09:00:00Z","end":"{day}T09:30:00Z"}}}}"#);
        for (kind_name, id, body) in [
            ("Patient", "recent", patient("recent", "")),
            ("Encounter", "r", visit("r", "recent", "2023-01-02")),
            ("Patient", "old", patient("old", "")),
            ("Encounter", "o", visit("o", "old", "2010-01-02")),
            // What is only planned is no act.
            ("Encounter", "p", visit("p", "old", "2094-01-02")),
        ] {
            chart.update(&system, kind(kind_name), id, body.as_bytes(), None).await.unwrap();
        }
        let refused = chart.decide_erasure(&console, "recent", "case 7").await.unwrap_err();
        assert!(refused.issues()[0].message.contains("2028-01-02") && refused.issues()[0].message.contains("NOM-004"), "{refused:?}");
        assert!(matches!(chart.decide_early_erasure(&console, "recent", "case 7", " ").await, Err(Error::Refused(_))));
        chart.decide_early_erasure(&console, "recent", "case 7", "art. 26").await.unwrap();
        chart.decide_erasure(&console, "old", "case 8").await.unwrap();
        let reasons: Vec<String> = chart.site_journal().unwrap().into_iter().map(|entry| entry.detail).collect();
        assert_eq!(reasons, ["case 7; before its term, because art. 26; rules of retention: NOM-004-SSA3-2012, 5.4 (running)", "case 8; rules of retention: NOM-004-SSA3-2012, 5.4 (over)"]);
    });
}

/// What was done for the person keeps every record of theirs, as the page says.
#[test]
fn a_term_of_whoever_was_registered_twice_runs_by_all_that_was_done() {
    block_on(async {
        let (_, _, clinic) = memory();
        let (chart, console, system) = (&clinic.chart, caller(Role::Console), caller(Role::Integration));
        for (id, day) in [("stays", "2024-01-02"), ("replaced", "2010-01-02")] {
            let patient = format!(r#"{{"resourceType":"Patient","id":"{id}","address":[{{"country":"MX"}}]}}"#);
            chart.update(&system, ResourceType::PATIENT, id, patient.as_bytes(), None).await.unwrap();
            let observation = format!(r#"{{"resourceType":"Observation","id":"o-{id}","status":"final","code":{{"text":"x"}},"subject":{{"reference":"Patient/{id}"}},"effectiveDateTime":"{day}"}}"#);
            chart.update(&system, kind("Observation"), &format!("o-{id}"), observation.as_bytes(), None).await.unwrap();
        }
        chart.merge(&console, "stays", "replaced", "one person").await.unwrap();
        let refused = chart.decide_erasure(&console, "replaced", "case 7").await.unwrap_err();
        assert!(refused.issues()[0].message.contains("is to be kept at least until"), "{refused:?}");
        chart.unmerge(&console, "replaced", "two persons").await.unwrap();
    });
}

/// Who opened the one that stays knows nothing any more of the one that was erased.
#[test]
fn who_was_merged_into_another_and_is_erased_is_gone_from_the_other_at_once() {
    block_on(async {
        let (_, _, clinic) = memory();
        let (chart, console, system) = (&clinic.chart, caller(Role::Console), caller(Role::Integration));
        for id in ["stays", "replaced"] {
            chart.update(&system, ResourceType::PATIENT, id, format!(r#"{{"resourceType":"Patient","id":"{id}"}}"#).as_bytes(), None).await.unwrap();
            let observation = format!(r#"{{"resourceType":"Observation","id":"o-{id}","status":"final","code":{{"text":"x"}},"subject":{{"reference":"Patient/{id}"}}}}"#);
            chart.update(&system, kind("Observation"), &format!("o-{id}"), observation.as_bytes(), None).await.unwrap();
        }
        chart.merge(&console, "stays", "replaced", "one person").await.unwrap();
        let seen = async || {
            let record = chart.person(&caller(Role::Physician), "stays").await.unwrap();
            let mut ids: Vec<String> = record.resources.into_iter().filter(|one| one.kind == kind("Observation")).map(|one| one.id).collect();
            ids.sort();
            ids
        };
        assert_eq!(seen().await, ["o-replaced", "o-stays"]);
        let decided = chart.decide_erasure(&console, "replaced", "case 7").await.unwrap();
        chart.erase(&console, decided.erasure).await.unwrap();
        assert_eq!(seen().await, ["o-stays"]);
    });
}

/// Whom nobody has given a number yet is kept as anybody else of the country: by the mother's, however it is written.
#[test]
fn a_newborn_of_the_desk_is_kept_as_its_mother_is() {
    block_on(async {
        let (_, _, clinic) = memory();
        let (chart, console, system) = (&clinic.chart, caller(Role::Console), caller(Role::Integration));
        for (place, more) in [r#","address":[{"use":"home","city":"B","country":"México"}]"#, r#","address":[{"use":"old","country":"FR"},{"use":"home","country":"MX"}]"#, ""].into_iter().enumerate() {
            let body = format!(r#"{{"resourceType":"Patient","id":"mother-{place}","name":[{{"family":"Prueba","given":["Rosa"]}}],"gender":"female"{more}}}"#);
            let mother = chart.update(&system, ResourceType::PATIENT, &format!("mother-{place}"), body.as_bytes(), None).await.unwrap().stored;
            let kind = RegistrationKind::Newborn;
            let typed = NewRegistration { kind, country: "mx".to_owned(), sex: "female".to_owned(), born: "2026-03-01".to_owned(), mother: Some(mother), ..NewRegistration::default() };
            let draft = typed.draft(chart.now(), 0).unwrap();
            let done = chart.register_person(&caller(Role::Admissions), &format!("a form of the desk {place}"), kind, &draft, &HashSet::new()).await.unwrap();
            let Registered::Done(newborn) = done else { panic!("{done:?}") };
            let refused = chart.decide_erasure(&console, &newborn, "case 9").await.unwrap_err();
            assert!(refused.issues()[0].message.contains("is to be kept at least until") && refused.issues()[0].message.contains("--despite-retention"), "{more}: {refused:?}");
            chart.decide_early_erasure(&console, &newborn, "case 9", "decision 10").await.unwrap();
        }
    });
}

#[test]
fn only_the_console_erases_and_never_what_is_held() {
    block_on(async {
        let (_, _, clinic) = memory();
        let chart = &clinic.chart;
        family(chart).await;
        let console = caller(Role::Console);
        for (role, _) in Role::ALL.iter().filter(|(role, _)| *role != Role::Console) {
            assert!(matches!(chart.decide_erasure(&caller(*role), "ana", "case 7").await, Err(Error::Forbidden)), "{role:?}");
        }
        assert!(matches!(chart.decide_erasure(&console, "nobody", "case 7").await, Err(Error::NotFound)));
        for reason in ["", "  ", "two\nlines", &"long ".repeat(200)] {
            assert!(matches!(chart.decide_erasure(&console, "ana", reason).await, Err(Error::Refused(_))), "{reason:?}");
        }
        chart.add_hold(&console, "ana", "court 3").await.unwrap();
        assert!(matches!(chart.add_hold(&console, "ana", "court 4").await, Err(Error::Conflict(_))));
        let refused = chart.decide_erasure(&console, "ana", "case 7").await.unwrap_err();
        assert!(refused.issues()[0].message.contains("legal hold"), "{refused:?}");
        assert_eq!(chart.holds(&console).unwrap()[0].reason, "court 3");
        assert!(chart.read(&caller(Role::Physician), ResourceType::PATIENT, "ana").await.is_ok());
        chart.release_hold(&console, "ana", "court 3 closed").await.unwrap();
        assert!(chart.holds(&console).unwrap().is_empty());
        let decided = decide(chart).await;
        chart.erase(&console, decided.erasure).await.unwrap();
        looks_absent(chart).await;
        let acts: Vec<&str> = chart.site_journal().unwrap().iter().map(|entry| entry.act.word()).collect();
        assert_eq!(acts, ["hold", "release", "erase"]);
    });
}

#[test]
fn documents_of_a_kind_hold_the_records_that_have_some() {
    block_on(async {
        let (_, _, clinic) = memory();
        let chart = &clinic.chart;
        family(chart).await;
        let console = caller(Role::Console);
        let kind = |text: &str| HeldKind::parse(text);
        let refused = |cause: Error| cause.issues()[0].message.to_string();
        // Of everybody: a kind is named, and only the console may.
        assert!(refused(chart.hold(&console, &HoldOf::default(), "court 3").await.unwrap_err()).contains("a kind of document"));
        assert!(matches!(chart.hold(&caller(Role::Auditor), &HoldOf { kind: kind("Observation"), ..HoldOf::default() }, "court 3").await, Err(Error::Forbidden)));
        // One of a kind that the record does not have holds nothing of it.
        chart.hold(&console, &HoldOf { kind: kind("ImagingStudy"), ..HoldOf::default() }, "court 2").await.unwrap();
        chart.hold(&console, &HoldOf { kind: kind("Observation"), until: Some((2100, 12, 31)), ..HoldOf::default() }, "court 3").await.unwrap();
        let told = refused(chart.decide_erasure(&console, "ana", "case 7").await.unwrap_err());
        assert!(told.contains("documents (Observation)") && told.contains("until 2100-12-31"), "{told}");
        // The page tells what is held, until when, by whom and why.
        let held = chart.person(&caller(Role::Physician), "ana").await.unwrap().holds;
        assert_eq!(held.iter().map(|one| (one.kind.as_ref().unwrap().to_string(), one.until, one.reason.as_str())).collect::<Vec<_>>(), [("Observation".to_owned(), Some((2100, 12, 31)), "court 3")]);
        let again = HoldOf { kind: kind("Observation"), ..HoldOf::default() };
        assert!(matches!(chart.hold(&console, &again, "court 4").await, Err(Error::Conflict(_))));
        chart.release(&console, &again, "court 3 closed").await.unwrap();
        assert!(matches!(chart.release(&console, &again, "court 3 closed").await, Err(Error::Conflict(_))));
        // A code that nothing of hers has. What was deleted may have had it, and its versions are still there.
        let coded = HoldOf { kind: kind("Observation=http://loinc.org|0-0"), ..HoldOf::default() };
        chart.hold(&console, &coded, "court 5").await.unwrap();
        assert!(chart.decide_erasure(&console, "ana", "case 7").await.is_err());
        assert!(chart.person(&caller(Role::Physician), "ana").await.unwrap().holds.is_empty());
        chart.release(&console, &coded, "court 5 closed").await.unwrap();
        // Of her and a kind, then of another person and the kind: only hers counts.
        let hers = HoldOf { patient: Some("ana"), kind: kind("Observation"), until: None };
        chart.hold(&console, &hers, "court 6").await.unwrap();
        assert!(chart.decide_erasure(&console, "ana", "case 7").await.is_err());
        chart.release(&console, &hers, "court 6 closed").await.unwrap();
        let decided = decide(chart).await;
        chart.erase(&console, decided.erasure).await.unwrap();
        looks_absent(chart).await;
        let last = chart.site_journal().unwrap().pop().unwrap();
        assert!(last.act.word() == "erase" && last.detail.contains("retention"), "{last:?}");
    });
}

#[test]
fn a_document_is_held_by_what_it_was_before_it_was_changed_too() {
    block_on(async {
        let (_, _, clinic) = memory();
        let chart = &clinic.chart;
        family(chart).await;
        let console = caller(Role::Console);
        let of = |text: &str| HoldOf { kind: HeldKind::parse(text), ..HoldOf::default() };
        let body = r#"{"resourceType":"Observation","id":"hers","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8302-2"}]},"subject":{"reference":"Patient/mother"},"effectiveDateTime":"2016-02-02"}"#;
        chart.update(&caller(Role::Integration), kind("Observation"), "hers", body.as_bytes(), None).await.unwrap();
        chart.hold(&console, &of("Observation=http://loinc.org|0-0"), "court 1").await.unwrap();
        for code in ["8302-2", "29463-7"] {
            let kind = format!("Observation=http://loinc.org|{code}");
            chart.hold(&console, &of(&kind), "court 2").await.unwrap();
            let refused = chart.decide_erasure(&console, "mother", "case 7").await.unwrap_err();
            assert!(refused.issues()[0].message.contains(&kind), "{refused:?}");
            chart.release(&console, &of(&kind), "court 2 closed").await.unwrap();
        }
        // What it never was holds nothing.
        chart.decide_erasure(&console, "mother", "case 7").await.unwrap();
    });
}

#[test]
fn a_hold_ends_with_its_last_day_and_is_listed_until_it_is_taken_off() {
    block_on(async {
        let (_, _, clinic) = memory();
        let chart = &clinic.chart;
        family(chart).await;
        let console = caller(Role::Console);
        let today = chart.now().civil(0);
        let yesterday = Moment(chart.now().0 - 86_400_000).civil(0);
        let until = |day| HoldOf { patient: Some("ana"), kind: None, until: Some(day) };
        assert!(matches!(chart.hold(&console, &until(yesterday), "court 3").await, Err(Error::Refused(_))));
        chart.hold(&console, &until(today), "court 3").await.unwrap();
        assert!(chart.decide_erasure(&console, "ana", "case 7").await.is_err());
        clinic.hands.stand_at(Moment(chart.now().0 + 2 * 86_400_000));
        let listed = chart.holds(&console).unwrap();
        assert!(listed.len() == 1 && listed[0].is_over(chart.now().civil(0)));
        assert!(chart.person(&caller(Role::Physician), "ana").await.unwrap().holds.is_empty());
        // A new one takes its place.
        chart.add_hold(&console, "ana", "court 4").await.unwrap();
        assert_eq!(chart.holds(&console).unwrap().len(), 1);
        chart.release_hold(&console, "ana", "court 4 closed").await.unwrap();
        decide(chart).await;
    });
}

#[test]
fn a_hold_and_a_journal_that_were_taken_away_are_missed() {
    block_on(async {
        let (data, keyring, clinic) = memory();
        let (chart, console) = (&clinic.chart, caller(Role::Console));
        family(chart).await;
        chart.add_hold(&console, "ana", "court 3").await.unwrap();
        chart.add_hold(&console, "mother", "court 4").await.unwrap();
        chart.release_hold(&console, "mother", "court 4 closed").await.unwrap();
        sound(chart);
        let store = store::Store::open(data, keyring, &testkit::key(), [9; 32]).unwrap();
        store.drop_note("holds").unwrap();
        let seen = chart.check(&console, &mut |_| {}).unwrap();
        assert!(seen.findings.iter().any(|finding| finding.what.starts_with("1 legal holds")), "{:#?}", seen.findings);
        store.drop_note("site-journal").unwrap();
        assert!(chart.site_journal().is_err());
    });
}

#[test]
fn a_hold_that_comes_after_the_decision_stops_the_erasure_and_a_decision_is_withdrawn_with_a_reason() {
    block_on(async {
        for of in [HoldOf { patient: Some("ana"), ..HoldOf::default() }, HoldOf { kind: HeldKind::parse("Observation"), ..HoldOf::default() }] {
            let (_, _, clinic) = memory();
            let (chart, console) = (&clinic.chart, caller(Role::Console));
            family(chart).await;
            let decided = decide(chart).await;
            chart.hold(&console, &of, "court 3").await.unwrap();
            let refused = chart.erase(&console, decided.erasure).await.unwrap_err();
            assert!(refused.issues()[0].message.contains("legal hold"), "{refused:?}");
            assert!(chart.read(&caller(Role::Physician), ResourceType::PATIENT, "ana").await.is_ok());
            // The list tells that it is decided, until it is withdrawn.
            let list = format!("{}\n", decided.line);
            let listed = chart.erasures(&list).unwrap();
            assert_eq!(chart.decided_erasure_of(&console, "ana", &listed).unwrap(), decided.erasure);
            assert!(matches!(chart.decided_erasure_of(&console, "mother", &listed), Err(Error::Conflict(_))));
            assert!(matches!(chart.withdraw_erasure(&console, decided.erasure, " ").await, Err(Error::Refused(_))));
            assert!(matches!(chart.withdraw_erasure(&caller(Role::Operator), decided.erasure, "court 3").await, Err(Error::Forbidden)));
            let line = chart.withdraw_erasure(&console, decided.erasure, "court 3 was first").await.unwrap();
            let list = format!("{list}{line}\n");
            assert!(chart.erasures(&list).unwrap().is_empty());
            assert!(chart.erasures(&format!("{}\n{line}0\n", decided.line)).is_err());
            let last = chart.site_journal().unwrap().pop().unwrap();
            assert_eq!((last.act.word(), last.detail.as_str()), ("withdraw", "court 3 was first"));
            // Decided anew, once nothing holds it: what is done cannot be withdrawn.
            chart.release(&console, &of, "court 3 closed").await.unwrap();
            let again = decide(chart).await;
            assert_eq!(chart.erasures(&format!("{list}{}\n", again.line)).unwrap(), [again.erasure]);
            chart.erase(&console, again.erasure).await.unwrap();
            assert!(matches!(chart.withdraw_erasure(&console, again.erasure, "case 9").await, Err(Error::Conflict(_))));
            looks_absent(chart).await;
        }
    });
}

#[test]
fn a_hold_that_a_restored_backup_brings_back_does_not_bring_back_the_person() {
    block_on(async {
        let (data, keyring, clinic) = memory();
        let (chart, console) = (&clinic.chart, caller(Role::Console));
        family(chart).await;
        chart.add_hold(&console, "ana", "court 3").await.unwrap();
        let (data, keyring) = (data.copy(), keyring.copy());
        chart.release_hold(&console, "ana", "court 3 closed").await.unwrap();
        clinic.hands.stand_at(Moment(chart.now().0 + 60_000));
        let decided = decide(chart).await;
        chart.erase(&console, decided.erasure).await.unwrap();
        let restored = clinic_on(Arc::new(data), Arc::new(keyring), 9);
        restored.chart.erase(&console, decided.erasure).await.unwrap();
        looks_absent(&restored.chart).await;
    });
}

#[test]
fn a_restored_backup_is_erased_again_from_the_list() {
    block_on(async {
        let (data, keyring, clinic) = memory();
        family(&clinic.chart).await;
        let (old_data, old_keyring) = (data.copy(), keyring.copy());
        let decided = decide(&clinic.chart).await;
        clinic.chart.erase(&caller(Role::Console), decided.erasure).await.unwrap();
        let list = format!("{}\n", decided.line);
        // Data and keyring of an older day; the data alone, with today's keyring; the keyring alone.
        let cases = [("both", old_data.copy(), old_keyring.copy(), false), ("data", old_data.copy(), keyring.copy(), true), ("keyring", data.copy(), old_keyring.copy(), false)];
        for (what, data, keyring, leaves_index) in cases {
            let restored = clinic_on(Arc::new(data), Arc::new(keyring), 9);
            let chart = &restored.chart;
            let erasures = chart.erasures(&list).unwrap();
            assert_eq!(erasures.len(), 1);
            let outcome = chart.erase(&caller(Role::Console), erasures[0]).await.unwrap();
            assert_eq!(outcome.leaves_index, leaves_index, "{what}");
            if leaves_index {
                // Nothing answers although the index still leads there; building it anew clears it.
                assert!(matches!(chart.read(&caller(Role::Physician), ResourceType::PATIENT, "ana").await, Err(Error::NotFound)));
                assert_eq!(found(chart, "Patient", "family=Sobrenombre").await, [""; 0]);
                let everything = chart.everything(&caller(Role::Physician), "mother", &EverythingQuery::default()).await.unwrap();
                assert!(everything.items.iter().all(|hit| hit.stored.id != "one"));
                chart.repair_index(&caller(Role::Console), &mut |_| {}).unwrap();
            }
            looks_absent(chart).await;
            sound(chart);
        }
    });
}

#[test]
fn a_list_that_was_changed_is_refused_and_one_that_was_lost_is_made_anew() {
    block_on(async {
        let (_, _, clinic) = memory();
        let chart = &clinic.chart;
        family(chart).await;
        let decided = decide(chart).await;
        chart.erase(&caller(Role::Console), decided.erasure).await.unwrap();
        let line = &decided.line;
        for place in 0..line.len() {
            let mut changed = line.clone().into_bytes();
            changed[place] = if changed[place] == b'0' { b'1' } else { b'0' };
            let list = format!("{}\n", String::from_utf8(changed).unwrap());
            assert!(chart.erasures(&list).is_err(), "letter {place}");
        }
        assert!(chart.erasures("").unwrap().is_empty());
        assert!(chart.erasures(line).unwrap().is_empty(), "a line that was being written when the machine stopped");
        let anew = chart.erasures_missing_from(&[]).unwrap();
        let list = format!("{}\n", anew.join("\n"));
        assert_eq!(chart.erasures(&list).unwrap()[0].record, decided.erasure.record);
        assert!(chart.erasures_missing_from(&chart.erasures(&list).unwrap()).unwrap().is_empty());
    });
}

#[test]
fn what_comes_back_into_an_erased_record_is_noticed() {
    block_on(async {
        let (data, keyring, clinic) = memory();
        family(&clinic.chart).await;
        let decided = decide(&clinic.chart).await;
        let prefix = decided.erasure.record.0.to_be_bytes();
        let of = |engine: &Memory| {
            let mut rows = Vec::new();
            let span = Span::prefix(prefix);
            engine.scan(Space::Record, &span, &mut |key, value| {
                rows.push((key.to_vec(), value.to_vec()));
                ControlFlow::Continue(())
            }).unwrap();
            rows
        };
        let (rows, wraps) = (of(&data), of(&keyring));
        assert!(rows.len() > 5 && wraps.len() == 1);
        clinic.chart.erase(&caller(Role::Console), decided.erasure).await.unwrap();
        assert!(of(&data).is_empty() && of(&keyring).is_empty());
        let words = |chart: &Chart| chart.check(&caller(Role::Console), &mut |_| {}).unwrap().findings.iter().map(|finding| finding.what.clone()).collect::<String>();
        keyring.tamper(Space::Record, &wraps[0].0, Some(&wraps[0].1));
        assert!(words(&clinic.chart).contains("its key is in the keyring again"));
        for (key, value) in &rows {
            data.tamper(Space::Record, key, Some(value));
        }
        assert!(words(&clinic.chart).contains("something lies in it again"));
    });
}

#[test]
fn no_file_holds_a_sealed_byte_of_an_erased_person() {
    let folder = tempfile::tempdir().unwrap();
    block_on(async {
        let open = |name: &str| Arc::new(Rocks::open(&folder.path().join(name), &Options::small()).unwrap());
        let (data, keyring) = (open("record"), open("keyring"));
        let clinic = clinic_on(data.clone(), keyring.clone(), 1);
        let chart = &clinic.chart;
        family(chart).await;
        // Everything in sorted files first: that is where erased things would still lie.
        chart.settle(&caller(Role::Console), true).unwrap();
        let decided = decide(chart).await;
        let mut sealed: Vec<Vec<u8>> = Vec::new();
        for engine in [&data, &keyring] {
            let span = Span::prefix(decided.erasure.record.0.to_be_bytes());
            engine.scan(Space::Record, &span, &mut |_, value| {
                sealed.push(value.to_vec());
                ControlFlow::Continue(())
            }).unwrap();
        }
        assert!(sealed.len() > 6);
        assert!(sealed.iter().any(|value| lies_in(folder.path(), &value[value.len() - 16..])), "the look can find");
        chart.erase(&caller(Role::Console), decided.erasure).await.unwrap();
        chart.settle(&caller(Role::Console), true).unwrap();
        chart.close().unwrap();
        drop(clinic);
        drop((data, keyring));
        // What was replaced goes at the latest when the store is next opened.
        for name in ["record", "keyring"] {
            drop(open(name));
        }
        for value in &sealed {
            assert!(!lies_in(folder.path(), &value[value.len() - 16..]), "a sealed value of the person lies in a file");
        }
    });
}

#[test]
fn nothing_is_left_of_the_key_of_an_erased_person_although_the_record_is_compacted_later() {
    let folder = tempfile::tempdir().unwrap();
    block_on(async {
        let open = |name: &str| Arc::new(Rocks::open(&folder.path().join(name), &Options::small()).unwrap());
        let (data, keyring) = (open("record"), open("keyring"));
        let clinic = clinic_on(data, keyring.clone(), 1);
        let (chart, console) = (&clinic.chart, caller(Role::Console));
        family(chart).await;
        chart.settle(&console, true).unwrap();
        let decided = decide(chart).await;
        let mut wraps: Vec<Vec<u8>> = Vec::new();
        keyring.scan(Space::Record, &Span::prefix(decided.erasure.record.0.to_be_bytes()), &mut |_, wrap| {
            wraps.push(wrap.to_vec());
            ControlFlow::Continue(())
        }).unwrap();
        assert!(wraps.len() == 1 && lies_in(folder.path(), &wraps[0]));
        let outcome = chart.erase(&console, decided.erasure).await.unwrap();
        assert!(outcome.destroyed_key);
        chart.settle_keys(&console).unwrap();
        chart.close().unwrap();
        drop(clinic);
        drop(keyring);
        drop(open("keyring"));
        assert!(!lies_in(folder.path(), &wraps[0]), "the wrap of the person's key lies in a file");
    });
}

/// Whether a file below a folder holds these bytes.
fn lies_in(folder: &Path, bytes: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().any(|file| {
        let path = file.unwrap().path();
        if path.is_dir() {
            return lies_in(&path, bytes);
        }
        // A file may go while the engine tidies up.
        std::fs::read(&path).is_ok_and(|content| content.windows(bytes.len()).any(|window| window == bytes))
    })
}

#[test]
fn a_hold_of_documents_that_are_nowhere_can_be_told() {
    block_on(async {
        let (_, _, clinic) = memory();
        let chart = &clinic.chart;
        family(chart).await;
        let console = caller(Role::Console);
        let finds = |patient, kind: &str| chart.finds_held(&console, &HoldOf { patient, kind: HeldKind::parse(kind), until: None }).unwrap();
        for (patient, kind, expect) in [
            (None, "QuestionnaireResponse=http://nowhere.example/form", Some(false)),
            (None, "Observation", None),
            (Some("ana"), "Observation", Some(true)),
            (Some("ana"), "ImagingStudy", Some(false)),
        ] {
            assert_eq!(finds(patient, kind), expect, "{kind}");
        }
        assert!(matches!(chart.finds_held(&caller(Role::Auditor), &HoldOf::default()), Err(Error::Forbidden)));
    });
}
