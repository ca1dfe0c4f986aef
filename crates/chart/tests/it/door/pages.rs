//! Pages neither skip nor repeat while others write.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chart::{Chart, EncounterQuery, EverythingQuery, HistoryQuery, HistoryScope, Target};
use search::{Handling, Query, QueryContext};
use store::engine::Engine;
use store::memory::Memory;
use testkit::{block_on, clinic, clinic_on};

use crate::door::{Chance, created, kind, patient, query, search, system};

const CODES: [&str; 2] = ["8480-6", "718-7"];

fn observation(id: Option<&str>, patient: &str, code: &str, day: usize) -> String {
    let id = id.map_or(String::new(), |id| format!(r#""id":"{id}","#));
    format!(
        r#"{{"resourceType":"Observation",{id}"status":"final","code":{{"coding":[{{"system":"http://loinc.org","code":"{code}"}}]}},"subject":{{"reference":"Patient/{patient}"}},"effectiveDateTime":"2025-{:02}-{:02}"}}"#,
        1 + day % 12,
        1 + day % 28
    )
}

/// What is there, by id: patient and code.
type Known = BTreeMap<String, (String, String)>;

/// One random act of somebody else: a new observation, another code, an end.
async fn disturb(chart: &Chart, chance: &mut Chance, patients: &[String], known: &mut Known) {
    let of = kind("Observation");
    match chance.below(4) {
        0 | 1 => {
            let (patient, code) = (&patients[chance.below(patients.len())], chance.one(&CODES));
            let id = created(chart, &observation(None, patient, code, chance.below(300))).await;
            known.insert(id, (patient.clone(), code.to_owned()));
        }
        act => {
            let Some(id) = known.keys().nth(chance.below(known.len().max(1))).cloned() else { return };
            let (patient, _) = known[&id].clone();
            if act == 2 {
                let code = chance.one(&CODES);
                chart.update(&system(), of, &id, observation(Some(&id), &patient, code, chance.below(300)).as_bytes(), None).await.unwrap();
                known.insert(id, (patient, code.to_owned()));
            } else {
                chart.delete(&system(), of, Target::Id(&id), None).await.unwrap();
                known.remove(&id);
            }
        }
    }
}

async fn begin(chart: &Chart, chance: &mut Chance, people: usize, observations: usize) -> (Vec<String>, Known) {
    let mut patients = Vec::new();
    for number in 0..people {
        patients.push(patient(chart, &format!("p{number}")).await);
    }
    let mut known = Known::new();
    for _ in 0..observations {
        let (patient, code) = (&patients[chance.below(people)], chance.one(&CODES));
        let id = created(chart, &observation(None, patient, code, chance.below(300))).await;
        known.insert(id, (patient.clone(), code.to_owned()));
    }
    (patients, known)
}

#[test]
fn a_search_shows_what_matched_when_it_began_each_once_whoever_writes_between_its_pages() {
    block_on(async {
        for seed in 0..12 {
            let mut chance = Chance(seed);
            let clinic = clinic();
            let chart = &clinic.chart;
            let (patients, mut known) = begin(chart, &mut chance, 5, 60).await;
            for round in 0..4 {
                let (text, wanted): (String, Box<dyn Fn(&(String, String)) -> bool>) = match round {
                    0 => ("code=8480-6".to_owned(), Box::new(|(_, code)| code == "8480-6")),
                    1 => (format!("patient={}", patients[0]), Box::new(|(patient, _)| *patient == patients[0])),
                    2 => ("".to_owned(), Box::new(|_| true)),
                    _ => ("code=8480-6&date=ge2025-01".to_owned(), Box::new(|(_, code)| code == "8480-6")),
                };
                let expected: BTreeSet<String> = known.iter().filter(|(_, what)| wanted(what)).map(|(id, _)| id.clone()).collect();
                let query = query("Observation", &format!("{text}{}_count={}", if text.is_empty() { "" } else { "&" }, 1 + chance.below(9)));
                let (mut seen, mut cursor) = (Vec::new(), None);
                loop {
                    let page = chart.search(&system(), &query, cursor.as_deref()).await.unwrap();
                    seen.extend(page.items.iter().map(|hit| hit.stored.id.clone()));
                    for _ in 0..chance.below(4) {
                        disturb(chart, &mut chance, &patients, &mut known).await;
                    }
                    match page.next {
                        Some(next) => cursor = Some(next),
                        None => break,
                    }
                }
                let each: BTreeSet<String> = seen.iter().cloned().collect();
                assert_eq!(each.len(), seen.len(), "seed {seed}, {text:?}: something was shown twice");
                assert_eq!(each, expected, "seed {seed}, {text:?}");
            }
        }
    });
}

#[test]
fn the_history_of_all_shards_is_whole_newest_first_and_as_it_was_when_it_began() {
    block_on(async {
        for seed in 100..106 {
            let mut chance = Chance(seed);
            let clinic = clinic();
            let chart = &clinic.chart;
            let (patients, mut known) = begin(chart, &mut chance, 12, 30).await;
            for _ in 0..30 {
                disturb(chart, &mut chance, &patients, &mut known).await;
            }
            let whole = chart.history(&system(), HistoryScope::System, &HistoryQuery { count: Some(1000), ..HistoryQuery::default() }).await.unwrap();
            assert!(whole.next.is_none());
            let name = |entry: &chart::HistoryEntry| (entry.stored.kind, entry.stored.id.clone(), entry.stored.version);
            let expected: Vec<_> = whole.items.iter().map(name).collect();
            assert_eq!(expected.len(), patients.len() + 60, "every act left one version");
            let (mut seen, mut cursor, size) = (Vec::new(), None, 1 + chance.below(7));
            loop {
                let page = chart.history(&system(), HistoryScope::System, &HistoryQuery { count: Some(size), cursor, ..HistoryQuery::default() }).await.unwrap();
                assert!(page.items.len() <= size);
                seen.extend(page.items.iter().map(|entry| (entry.stored.last_updated, name(entry))));
                disturb(chart, &mut chance, &patients, &mut known).await;
                match page.next {
                    Some(next) => cursor = Some(next),
                    None => break,
                }
            }
            assert!(seen.windows(2).all(|pair| pair[0].0 >= pair[1].0), "seed {seed}: newest first");
            assert_eq!(seen.into_iter().map(|(_, name)| name).collect::<Vec<_>>(), expected, "seed {seed}");
        }
    });
}

#[test]
fn everything_about_a_person_in_pages_is_everything_about_a_person() {
    block_on(async {
        for seed in 200..206 {
            let mut chance = Chance(seed);
            let clinic = clinic();
            let chart = &clinic.chart;
            let (patients, mut known) = begin(chart, &mut chance, 3, 40).await;
            let whole = chart.everything(&system(), &patients[0], &EverythingQuery::default()).await.unwrap();
            let expected: BTreeSet<String> = whole.items.iter().map(|hit| hit.stored.id.clone()).collect();
            assert_eq!(expected.len(), 1 + known.values().filter(|(patient, _)| *patient == patients[0]).count());
            let (mut seen, mut cursor) = (Vec::new(), None);
            let count = Some(1 + chance.below(6));
            loop {
                let page = chart.everything(&system(), &patients[0], &EverythingQuery { count, cursor, ..EverythingQuery::default() }).await.unwrap();
                seen.extend(page.items.iter().map(|hit| hit.stored.id.clone()));
                disturb(chart, &mut chance, &patients, &mut known).await;
                match page.next {
                    Some(next) => cursor = Some(next),
                    None => break,
                }
            }
            let each: BTreeSet<String> = seen.iter().cloned().collect();
            assert_eq!(each.len(), seen.len(), "seed {seed}: something was shown twice");
            assert_eq!(each, expected, "seed {seed}");
        }
    });
}

#[test]
fn a_cursor_is_good_for_its_own_query_only() {
    block_on(async {
        let clinic = clinic();
        let chart = &clinic.chart;
        begin(chart, &mut Chance(1), 2, 10).await;
        let next = search(chart, &system(), "Observation", "code=8480-6&_count=1").await.unwrap().next.unwrap();
        assert!(chart.search(&system(), &query("Observation", "code=718-7&_count=1"), Some(&next)).await.is_err());
        for damaged in [&next[1..], "", "AAAA", &next.replace(&next[5..6], if &next[5..6] == "A" { "B" } else { "A" })] {
            assert!(chart.search(&system(), &query("Observation", "code=8480-6&_count=1"), Some(damaged)).await.is_err());
        }
    });
}

/// Who is named no more while somebody reads on may be passed over; whoever stays is not.
#[test]
fn pages_of_what_names_a_person_elsewhere_repeat_nothing_and_skip_nothing_that_stays() {
    block_on(async {
        for seed in 300..312 {
            let mut chance = Chance(seed);
            let clinic = clinic();
            let chart = &clinic.chart;
            let (child, mother) = (patient(chart, "child").await, patient(chart, "mother").await);
            let body = |id: Option<&str>, by: bool| {
                let id = id.map_or(String::new(), |id| format!(r#""id":"{id}","#));
                let by = if by { format!(r#","performer":[{{"reference":"Patient/{mother}"}}]"#) } else { String::new() };
                format!(r#"{{"resourceType":"Observation",{id}"status":"final","code":{{"text":"a"}},"subject":{{"reference":"Patient/{child}"}}{by}}}"#)
            };
            for in_everything in [false, true] {
                let mut stays = BTreeSet::new();
                for _ in 0..20 {
                    stays.insert(created(chart, &body(None, true)).await);
                }
                let query = query("Observation", &format!("performer=Patient/{mother}&_count=3"));
                let (mut seen, mut cursor) = (Vec::new(), None);
                loop {
                    let page = if in_everything {
                        let query = EverythingQuery { count: Some(3), cursor, ..EverythingQuery::default() };
                        chart.everything(&system(), &mother, &query).await.unwrap()
                    } else {
                        chart.search(&system(), &query, cursor.as_deref()).await.unwrap()
                    };
                    seen.extend(page.items.iter().map(|hit| hit.stored.id.clone()));
                    if chance.below(2) == 0 {
                        created(chart, &body(None, true)).await;
                    } else {
                        let id = stays.iter().nth(chance.below(stays.len())).unwrap().clone();
                        chart.update(&system(), kind("Observation"), &id, body(Some(&id), false).as_bytes(), None).await.unwrap();
                        stays.remove(&id);
                    }
                    match page.next {
                        Some(next) => cursor = Some(next),
                        None => break,
                    }
                }
                let each: BTreeSet<String> = seen.iter().cloned().collect();
                assert_eq!(each.len(), seen.len(), "seed {seed}: something was shown twice");
                assert!(stays.is_subset(&each), "seed {seed}: something was passed over");
            }
        }
    });
}

#[test]
fn pages_of_a_search_by_codes_go_on_after_a_restart_until_a_set_is_written() {
    block_on(async {
        let (data, keyring): (Arc<dyn Engine>, Arc<dyn Engine>) = (Arc::new(Memory::new()), Arc::new(Memory::new()));
        let chart = clinic_on(data.clone(), keyring.clone(), 1).chart;
        let set = r#"{"resourceType":"ValueSet","id":"seen","url":"urn:set:seen","status":"active","compose":{"include":[{"system":"http://loinc.org","concept":[{"code":"718-7"}]}]}}"#;
        chart.update(&system(), kind("ValueSet"), "seen", set.as_bytes(), None).await.unwrap();
        let person = patient(&chart, "Luna").await;
        for day in 0..3 {
            created(&chart, &observation(None, &person, "718-7", day)).await;
        }
        let context = QueryContext { codes: chart.codes(), base_url: testkit::BASE_URL.to_owned(), ..QueryContext::default() };
        let asked = Query::parse(kind("Observation"), [("code:in", "urn:set:seen"), ("_count", "1")].into_iter(), Handling::Strict, context).unwrap();
        let first = chart.search(&system(), &asked, None).await.unwrap();
        created(&chart, &observation(None, &person, "718-7", 9)).await;
        drop(chart);
        let chart = clinic_on(data, keyring, 2).chart;
        let second = chart.search(&system(), &asked, first.next.as_deref()).await.unwrap();
        assert_eq!(second.items.len(), 1);
        chart.update(&system(), kind("ValueSet"), "seen", set.replace("718-7", "8480-6").as_bytes(), None).await.unwrap();
        assert!(matches!(chart.search(&system(), &asked, second.next.as_deref()).await, Err(chart::Error::Conflict(_))));
    });
}

#[test]
fn what_is_too_long_for_one_answer_comes_in_shorter_pages_or_is_refused_and_never_cut() {
    block_on(async {
        let clinic = testkit::clinic_set(chart::Settings { search_memory_bytes: 5_000, ..testkit::settings() });
        let chart = &clinic.chart;
        let person = patient(chart, "Ríos").await;
        let note = "x".repeat(1_500);
        for number in 0..9 {
            // Nine resources, and nine versions of another one.
            for id in [format!("own-{number}"), "same".to_owned()] {
                let body = format!(r#"{{"resourceType":"Basic","id":"{id}","code":{{"text":"{number}{note}"}},"subject":{{"reference":"Patient/{person}"}}}}"#);
                chart.update(&system(), kind("Basic"), &id, body.as_bytes(), None).await.unwrap();
            }
        }
        let refused = chart.everything(&system(), &person, &EverythingQuery::default()).await.unwrap_err();
        assert!(refused.issues()[0].message.contains("_count"), "{refused:?}");
        let small = EverythingQuery { types: vec![kind("Patient")], ..EverythingQuery::default() };
        assert_eq!(chart.everything(&system(), &person, &small).await.unwrap().items.len(), 1);
        let (mut query, mut seen, mut pages) = (EverythingQuery { count: Some(100), ..EverythingQuery::default() }, BTreeSet::new(), 0);
        loop {
            let page = chart.everything(&system(), &person, &query).await.unwrap();
            assert!(page.items.len() <= 6, "{} on a page", page.items.len());
            seen.extend(page.items.iter().map(|hit| hit.stored.id.clone()));
            pages += 1;
            let Some(next) = page.next else { break };
            query.cursor = Some(next);
        }
        assert_eq!((seen.len(), pages > 2), (11, true));
        for (scope, expect) in [(HistoryScope::Instance(kind("Basic"), "same"), 9), (HistoryScope::Type(kind("Basic")), 18)] {
            let (mut query, mut seen, mut pages) = (HistoryQuery { count: Some(100), ..HistoryQuery::default() }, BTreeSet::new(), 0);
            loop {
                let page = chart.history(&system(), scope, &query).await.unwrap();
                seen.extend(page.items.iter().map(|entry| (entry.stored.id.clone(), entry.stored.version)));
                pages += 1;
                let Some(next) = page.next else { break };
                query.cursor = Some(next);
            }
            assert_eq!((seen.len(), pages > 2), (expect, true), "{scope:?}");
        }
        let visit = created(chart, &format!(r#"{{"resourceType":"Encounter","status":"finished","class":{{"code":"AMB"}},"subject":{{"reference":"Patient/{person}"}}}}"#)).await;
        let refused = chart.encounter_everything(&system(), &visit, &EncounterQuery::default()).await.unwrap_err();
        assert!(refused.issues()[0].message.contains("encounter="), "{refused:?}");
        let named = (0..9).map(|number| format!(r#"{{"reference":"Basic/own-{number}"}}"#)).collect::<Vec<_>>().join(",");
        let letter = created(chart, &format!(r#"{{"resourceType":"Composition","status":"final","type":{{"text":"x"}},"date":"2026-01-01","author":[{{"display":"x"}}],"title":"t","subject":{{"reference":"Patient/{person}"}},"section":[{{"entry":[{named}]}}]}}"#)).await;
        let refused = chart.document(&system(), &letter).await.unwrap_err();
        assert!(refused.issues()[0].message.contains("puts into one"), "{refused:?}");
    });
}

#[test]
fn a_history_that_would_go_through_the_whole_log_is_refused_and_what_it_found_is_a_page() {
    block_on(async {
        let clinic = testkit::clinic_set(chart::Settings { most_looked_at: 500, ..testkit::settings() });
        let chart = &clinic.chart;
        let person = patient(chart, "Ríos").await;
        created(chart, r#"{"resourceType":"Basic","code":{"text":"first"}}"#).await;
        for day in 0..700 {
            created(chart, &observation(None, &person, CODES[0], day)).await;
        }
        let of = |name: &str| HistoryScope::Type(kind(name));
        let ten = HistoryQuery { count: Some(10), ..HistoryQuery::default() };
        let page = chart.history(&system(), of("Observation"), &ten).await.unwrap();
        assert_eq!((page.items.len(), page.next.is_some()), (10, true));
        let refused = chart.history(&system(), of("Basic"), &ten).await.unwrap_err();
        assert!(refused.issues()[0].message.contains("_since"), "{refused:?}");
        created(chart, r#"{"resourceType":"Basic","code":{"text":"last"}}"#).await;
        let page = chart.history(&system(), of("Basic"), &ten).await.unwrap();
        assert_eq!((page.items.len(), page.next.is_some()), (1, true));
        // Whoever follows the link is never refused: they come to the end, over pages with nothing on them.
        let (mut next, mut seen, mut pages) = (page.next, 1, 0);
        while let Some(cursor) = next {
            let page = chart.history(&system(), of("Basic"), &HistoryQuery { cursor: Some(cursor), ..ten.clone() }).await.unwrap();
            seen += page.items.len();
            pages += 1;
            assert!(pages < 50, "the link leads no further");
            next = page.next;
        }
        assert_eq!(seen, 2);
    });
}
