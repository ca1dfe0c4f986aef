//! What a caller may not see changes nothing of what they see.
//!
//! Three clinics are filled alike. Into the records of the first two go secrets at the same places
//! that say different things; into those of the third go none. Whoever may not see them is told
//! the same by the first two, to the byte and in the same order; and by the third, where only the
//! order of what nobody asked to be ordered may differ, because it looks like chance.
//!
//! `CARNET_PAIRS=100000` asks so many queries instead of 1,000.

use access::{Caller, Role};
use chart::{Chart, EncounterQuery, Error, EverythingQuery, HistoryQuery, HistoryScope, MatchWish, Target};
use fhir::{Document, ResourceType};
use search::{Handling, Query, QueryContext};
use testkit::invent::{Chance, PEOPLE, spoken};
use testkit::secrets::{SECRETS, Three, consent, secret};
use testkit::{BASE_URL, block_on, clinic_set};

use crate::door::kind;

const USUAL: usize = 1_000;
const QUESTIONS_A_SEED: usize = 500;
fn console() -> Caller {
    testkit::caller(Role::Console)
}

/// Those who may not see the secrets.
fn outsiders() -> Vec<Caller> {
    vec![testkit::caller(Role::Physician), testkit::caller(Role::Integration), testkit::caller(Role::Admissions)]
}

fn question(three: &mut Three) -> (String, Query) {
    let kinds: Vec<ResourceType> = ResourceType::all().filter(|of| !fhir::home::is_shared(*of)).collect();
    loop {
        let of = if three.inventor.chance().once_in(5) { *three.inventor.chance().one(&kinds) } else { kind(three.inventor.chance().one::<&str>(&SECRETS)) };
        // Half of the questions are about what the secrets say.
        let about_secrets = three.inventor.chance().once_in(2);
        let texts: Vec<&str> = three.texts.iter().filter(|(one, text)| *one == of && (!about_secrets || text.contains("-9\""))).map(|(_, text)| text.as_str()).collect();
        let mut asked = three.inventor.question(of, &texts);
        let chance = three.inventor.chance();
        if chance.once_in(3) {
            let keys: Vec<&search::Parameter> = search::parameters(of).iter().collect();
            let minus = if chance.once_in(2) { "-" } else { "" };
            asked.push(("_sort".to_owned(), format!("{minus}{}", chance.one(&keys).code())));
        }
        let extra: [(&str, &str); 9] = [
            ("_include", "*"), ("_revinclude", "Provenance:target"), ("_revinclude", "DiagnosticReport:result"), ("_revinclude", "Encounter:part-of"), ("_list", "ana-9"),
            ("_has:Provenance:target:_id", "ana-9"), ("_has:DiagnosticReport:result:status", "final"), ("_total", "accurate"), ("_contained", "both"),
        ];
        if chance.once_in(3) {
            let (name, value) = *chance.one(&extra);
            asked.push((name.to_owned(), value.to_owned()));
        }
        asked.push(("_count".to_owned(), (*chance.one(&["1", "2", "50"])).to_owned()));
        let context = QueryContext { base_url: BASE_URL.to_owned(), codes: three.all[0].chart.codes(), ..QueryContext::default() };
        let Ok(query) = Query::parse(of, asked.iter().map(|(name, value)| (name.as_str(), value.as_str())), Handling::Strict, context) else { continue };
        if chance.once_in(8)
            && let Some(within) = query.clone().within_compartment(ResourceType::PATIENT, PEOPLE[chance.below(3)])
        {
            return (format!("compartment {of}?{}", spoken(&asked)), within);
        }
        return (format!("{of}?{}", spoken(&asked)), query);
    }
}

/// Everything a search says, page by page.
async fn pages(chart: &Chart, caller: &Caller, query: &Query) -> Vec<String> {
    let (mut told, mut cursor) = (Vec::new(), None);
    loop {
        match chart.search(caller, query, cursor.as_deref()).await {
            Ok(page) => {
                told.extend(page.items.iter().map(|hit| format!("{:?}", (&hit.stored, hit.mode, &hit.inside))));
                told.push(format!("total {:?}, more {}, {:?}", page.total, page.next.is_some(), page.issues));
                cursor = page.next;
            }
            Err(cause) => {
                told.push(format!("{cause} {:?}", cause.issues()));
                return told;
            }
        }
        if cursor.is_none() {
            return told;
        }
    }
}

fn outcome<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result {
        Ok(done) => format!("{done:?}"),
        Err(cause) => format!("{cause} {:?}", cause.issues()),
    }
}

/// What everything that is no search says: reads, histories, operations, and writes that must fail.
async fn told(chart: &Chart, caller: &Caller) -> Vec<String> {
    let mut told = Vec::new();
    for person in PEOPLE {
        let page = chart.everything(caller, person, &EverythingQuery::default()).await;
        told.push(format!("everything {}", outcome(page.map(|page| (page.items, page.total)))));
        let paged = EverythingQuery { count: Some(1000), ..EverythingQuery::default() };
        told.push(format!("everything by pages {}", outcome(chart.everything(caller, person, &paged).await.map(|page| (page.items, page.next.is_some())))));
        let encounter = chart.encounter_everything(caller, &format!("{person}-1"), &EncounterQuery::default()).await;
        told.push(format!("encounter {}", outcome(encounter.map(|page| (page.items, page.total)))));
        told.push(format!("chart {}", outcome(chart.person(caller, person).await.map(|record| (record.patient, record.resources, record.shared)))));
        told.push(format!("persons {}", outcome(chart.find_persons(caller, person, 10).await.map(|found| found.into_iter().map(|hit| (hit.patient, hit.last_seen)).collect::<Vec<_>>()))));
        let last = crate::door::query("Observation", &format!("subject=Patient/{person}"));
        told.push(format!("lastn {}", outcome(chart.last_observations(caller, &last, 1).await)));
        for of in SECRETS.map(kind) {
            let id = format!("{person}-9");
            let history = |page: chart::Page<chart::HistoryEntry>| (page.items, page.total, page.next.is_some());
            told.push(format!("read {of} {}", outcome(chart.read(caller, of, &id).await)));
            told.push(format!("vread {of} {}", outcome(chart.vread(caller, of, &id, "1").await)));
            told.push(format!("history {of} {}", outcome(chart.history(caller, HistoryScope::Instance(of, &id), &HistoryQuery::default()).await.map(history))));
            told.push(format!("type history {of} {}", outcome(chart.history(caller, HistoryScope::Type(of), &HistoryQuery::default()).await.map(history))));
            told.push(format!("labels {of} {}", outcome(chart.labels_in_use(caller, &[of]).await)));
            told.push(format!("delete {of} {}", outcome(chart.delete(caller, of, Target::Id(&id), None).await.map(|_| ()))));
            told.push(format!("patch {of} {}", outcome(chart.patch(caller, of, Target::Id(&id), chart::Patch::Json(b"[]"), None).await.map(|_| ()))));
            told.push(format!("bad update {of} {}", outcome(chart.update(caller, of, &id, secret(of.name(), person, &mut Chance(0)).as_bytes(), Some("1")).await.map(|_| ()))));
        }
    }
    told.push(format!("document {}", outcome(chart.document(caller, "ana-1").await)));
    let system = HistoryQuery { count: Some(1000), ..HistoryQuery::default() };
    told.push(format!("system history {}", outcome(chart.history(caller, HistoryScope::System, &system).await.map(|page| page.items))));
    let patient = Document::read(r#"{"resourceType":"Patient","name":[{"family":"Test"}],"birthDate":"1980-01-01"}"#).unwrap();
    let matched = chart.match_person(caller, patient.root(), MatchWish { only_certain: false, count: 10 }).await;
    told.push(format!("match {}", outcome(matched.map(|found| found.items.into_iter().map(|one| one.patient).collect::<Vec<_>>()))));
    told
}

#[test]
fn what_is_hidden_changes_nothing_of_what_is_seen() {
    let wanted = std::env::var("CARNET_PAIRS").map_or(USUAL, |text| text.parse().expect("CARNET_PAIRS is a number"));
    let (mut asked, mut found_some, mut would_have, mut seed) = (0, 0, 0, 1);
    while asked < wanted {
        block_on(async {
            let mut three = Three::filled(seed).await;
            for caller in outsiders() {
                let mut said = Vec::new();
                for clinic in &three.all {
                    said.push(told(&clinic.chart, &caller).await);
                }
                for (first, rest) in said[0].iter().zip(said[1].iter().zip(&said[2])) {
                    assert_eq!(first, rest.0, "seed {seed}, {:?}: secrets that differ are told apart", caller.account.role);
                    assert_eq!(first, rest.1, "seed {seed}, {:?}: a secret is told from none", caller.account.role);
                }
            }
            let callers = outsiders();
            for number in 0..QUESTIONS_A_SEED {
                let (text, query) = question(&mut three);
                let caller = &callers[number % callers.len()];
                let mut said = Vec::new();
                for clinic in &three.all {
                    said.push(pages(&clinic.chart, caller, &query).await);
                }
                let place = format!("seed {seed}, query {number} of {:?}: {text}", caller.account.role);
                assert_eq!(said[0], said[1], "{place}: secrets that differ are told apart");
                found_some += usize::from(said[0].iter().any(|line| line.contains("Stored {")));
                if query.sort.is_empty() {
                    // Where pages end differs with an order that looks like chance; what is on them does not.
                    said.iter_mut().for_each(|lines| lines.retain(|line| !line.starts_with("total ")));
                    said.iter_mut().for_each(|lines| lines.sort());
                }
                assert_eq!(said[0], said[2], "{place}: a secret is told from none");
                asked += 1;
                // Who may see them is told something else: the comparison can fail.
                let [mut with, mut without] = [pages(&three.all[0].chart, &console(), &query).await, pages(&three.all[2].chart, &console(), &query).await];
                (with.sort(), without.sort());
                would_have += usize::from(with != without);
            }
        });
        seed += 1;
    }
    println!("{asked} asked, {found_some} found something, {would_have} would have told");
    assert!(found_some * 5 > asked, "too few queries find something: {found_some} of {asked}");
    assert!(would_have * 10 > asked, "too few queries touch a secret: {would_have} of {asked}");
}

#[test]
fn a_withdrawn_consent_counts_at_once_and_a_new_one_too() {
    let clinic = clinic_set(testkit::settings());
    let chart = &clinic.chart;
    block_on(async {
        let (console, physician) = (console(), testkit::caller(Role::Physician));
        chart.update(&console, kind("Organization"), "clinic", br#"{"resourceType":"Organization","id":"clinic","name":"Test clinic"}"#, None).await.unwrap();
        chart.update(&console, ResourceType::PATIENT, "ana", br#"{"resourceType":"Patient","id":"ana"}"#, None).await.unwrap();
        chart.update(&console, kind("Observation"), "o", br#"{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/ana"}}"#, None).await.unwrap();
        let sees = async || chart.read(&physician, kind("Observation"), "o").await.is_ok();
        assert!(sees().await);
        let consent = |status: &str| consent("ana", status, r#""actor":[{"role":{"text":"x"},"reference":{"reference":"Organization/clinic"}}]"#);
        chart.update(&console, kind("Consent"), "ana-refusal", consent("active").as_bytes(), None).await.unwrap();
        assert!(!sees().await, "a refusal counts at once");
        assert!(chart.read(&physician, ResourceType::PATIENT, "ana").await.is_ok());
        assert!(matches!(chart.read(&physician, kind("Consent"), "ana-refusal").await, Err(Error::NotFound)), "and does not tell of itself");
        chart.update(&console, kind("Organization"), "clinic", br#"{"resourceType":"Organization","id":"clinic","name":"Another clinic"}"#, None).await.unwrap();
        assert!(sees().await, "it was meant for another institution");
        chart.update(&console, kind("Organization"), "clinic", br#"{"resourceType":"Organization","id":"clinic","name":"Test clinic"}"#, None).await.unwrap();
        assert!(!sees().await);
        chart.update(&console, kind("Consent"), "ana-refusal", consent("inactive").as_bytes(), None).await.unwrap();
        assert!(sees().await, "and ends at once");
        chart.update(&console, kind("Consent"), "ana-refusal", consent("active").as_bytes(), None).await.unwrap();
        assert!(!sees().await);
        chart.delete(&console, kind("Consent"), Target::Id("ana-refusal"), None).await.unwrap();
        assert!(sees().await, "a deleted one is none");
    });
}
