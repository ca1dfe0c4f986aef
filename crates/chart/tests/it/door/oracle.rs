//! The fast search beside the slow one: every answer is what looking at everything would give.

use std::collections::{BTreeMap, BTreeSet};

use chart::{Chart, Error, Target};
use fhir::{Document, ResourceType};
use search::{Matcher, Meta, Query};
use testkit::{block_on, clinic};

use crate::door::{Chance, all_pages, kind, query, system};

const FAMILIES: [&str; 6] = ["Nguyễn", "García López", "Щукина", "O'Brien", "Do", "Đỗ"];
const GIVEN: [&str; 6] = ["María", "Thị Hoa", "Юлия", "An", "Ana-Lucía", "Ma"];
const BIRTHS: [&str; 5] = ["1958-03-14", "1958-03", "1958", "2001-12-31", "2024-02-29"];
const CODES: [&str; 4] = ["8480-6", "718-7", "A,B", "x|y"];
const SYSTEMS: [&str; 2] = ["http://loinc.org", "urn:oid:1.2"];
const DATES: [&str; 7] = ["2024", "2024-02", "2024-02-29", "2024-02-29T23:30:00-06:00", "2024-03-01T05:30:00Z", "2023-12-31", "1958-03"];
const STATUSES: [&str; 3] = ["final", "preliminary", "amended"];
const CATEGORIES: [&str; 2] = ["laboratory", "vital-signs"];

fn patient(chance: &mut Chance) -> String {
    format!(
        r#""identifier":[{{"system":"{}","value":"{}"}}],"name":[{{"family":"{}","given":["{}"]}}],"gender":"{}","birthDate":"{}""#,
        chance.one(&SYSTEMS), chance.below(6), chance.one(&FAMILIES), chance.one(&GIVEN), chance.one(&["female", "male"]), chance.one(&BIRTHS)
    )
}

fn observation(chance: &mut Chance, patient: &str) -> String {
    let subject = if chance.below(8) == 0 { String::new() } else { format!(r#","subject":{{"reference":"Patient/{patient}"}}"#) };
    let date = if chance.below(6) == 0 { String::new() } else { format!(r#","effectiveDateTime":"{}""#, chance.one(&DATES)) };
    format!(
        r#""identifier":[{{"value":"{}"}}],"status":"{}","category":[{{"coding":[{{"code":"{}"}}]}}],"code":{{"coding":[{{"system":"{}","code":"{}"}}]}}{subject}{date}"#,
        chance.below(6), chance.one(&STATUSES), chance.one(&CATEGORIES), chance.one(&SYSTEMS), chance.one(&CODES)
    )
}

/// A query near the data: one to three criteria.
fn ask(chance: &mut Chance, of: &str, patient: &str) -> String {
    let escaped = |text: &str| text.replace('|', "%5C%7C").replace(',', "%5C,");
    let mut criteria = Vec::new();
    for _ in 0..1 + chance.below(3) {
        criteria.push(match (of, chance.below(10)) {
            ("Patient", 0) => format!("name={}", chance.one(&["nguyen", "mar", "do", "hoa", "щук", "obrien", "lopez", "a", "ma"])),
            ("Patient", 1) => format!("family={}", chance.one(&["Nguyễn", "garcia", "d", "do"])),
            ("Patient", 2) => format!("given={}", chance.one(&["maria", "an", "lucia", "thi"])),
            ("Patient", 3) => format!("birthdate={}{}", chance.one(&["", "ge", "lt", "ne", "sa", "eb"]), chance.one(&BIRTHS)),
            ("Patient", 4) => format!("gender={}", chance.one(&["female", "male", "female,male"])),
            ("Patient", 5) => format!("identifier={}|{}", chance.one(&SYSTEMS), chance.below(6)),
            ("Patient", 6) => format!("identifier={}", chance.below(6)),
            ("Patient", _) => format!("name:exact={}", chance.one(&["Do", "Ma", "An"])),
            (_, 8 | 9) => format!("_filter={}", filter(chance, of, patient).replace(' ', "%20").replace('"', "%22")),
            (_, 0) => format!("code={}", escaped(chance.one(&CODES))),
            (_, 1) => format!("code={}|{}", chance.one(&SYSTEMS), escaped(chance.one(&CODES))),
            (_, 2) => format!("date={}{}", chance.one(&["", "ge", "lt", "gt", "le", "ne", "sa", "eb"]), chance.one(&DATES)),
            (_, 3) => format!("status={}", chance.one(&STATUSES)),
            (_, 4) => format!("category={}", chance.one(&CATEGORIES)),
            (_, 5) => format!("patient={patient}"),
            (_, 6) => format!("code:not={}", escaped(chance.one(&CODES))),
            (_, _) => format!("identifier={}", chance.below(6)),
        });
    }
    criteria.join("&").replace('+', "%2B")
}

/// One or two tests, joined and perhaps turned round.
fn filter(chance: &mut Chance, of: &str, patient: &str) -> String {
    let mut test = || match (of, chance.below(5)) {
        ("Patient", 0) => format!("family {} \"{}\"", chance.one(&["eq", "ne", "co", "sw", "ew"]), chance.one(&["do", "garcia lopez", "n", "Щукина"])),
        ("Patient", 1) => format!("birthdate {} {}", chance.one(&["eq", "ne", "ge", "lt", "po"]), chance.one(&BIRTHS)),
        ("Patient", 2) => format!("identifier eq {}|{}", chance.one(&SYSTEMS), chance.below(6)),
        ("Patient", _) => format!("gender {} female", chance.one(&["eq", "ne"])),
        (_, 0) => format!("date {} {}", chance.one(&["eq", "ne", "ge", "lt", "po", "sa"]), chance.one(&["2024", "2024-02", "2024-02-29", "2023-12-31"])),
        (_, 1) => format!("status {} {}", chance.one(&["eq", "ne", "sw"]), chance.one(&STATUSES)),
        (_, 2) => format!("patient re Patient/{patient}"),
        (_, 3) => format!("date pr {}", chance.one(&["true", "false"])),
        (_, _) => format!("code {} {}", chance.one(&["eq", "ne", "co"]), chance.one(&["8480-6", "718-7", "8"])),
    };
    let (left, right) = (test(), test());
    match chance.below(4) {
        0 => left,
        1 => format!("{left} and {right}"),
        2 => format!("{left} or {right}"),
        _ => format!("not ({left}) and {right}"),
    }
}

/// What is there, beside the store: by type and id, the newest version's text, number and time.
type Everything = BTreeMap<(ResourceType, String), (String, u32, fhir::Moment)>;

fn looked_at_one_by_one(everything: &Everything, query: &Query) -> BTreeSet<String> {
    let matcher = Matcher::new(query);
    let of_the_type = everything.iter().filter(|((kind, _), _)| *kind == query.resource_type);
    of_the_type
        .filter(|((_, id), (text, version, last_updated))| {
            let document = Document::read(text).expect("what was stored can be read");
            matcher.matches(document.root(), Meta { id, last_updated: *last_updated, version: *version })
        })
        .map(|((_, id), _)| id.clone())
        .collect()
}

async fn act(chart: &Chart, chance: &mut Chance, everything: &mut Everything, patients: &mut Vec<String>) {
    let old = |everything: &Everything, chance: &mut Chance, kind| {
        let of_the_type: Vec<String> = everything.keys().filter(|(one, _)| *one == kind).map(|(_, id)| id.clone()).collect();
        of_the_type.get(chance.below(of_the_type.len().max(1))).cloned()
    };
    let observations = kind("Observation");
    let of = if patients.len() < 4 || chance.below(4) == 0 { ResourceType::PATIENT } else { observations };
    let choice = chance.below(6);
    let id = if choice > 3 { old(everything, chance, of) } else { None };
    if let (5, Some(id), true) = (choice, &id, of == observations) {
        chart.delete(&system(), of, Target::Id(id), None).await.unwrap();
        everything.remove(&(of, id.clone()));
        return;
    }
    let body = match (of == observations, &id) {
        (false, _) => patient(chance),
        (true, None) => {
            let whose = patients[chance.below(patients.len())].clone();
            observation(chance, &whose)
        }
        // The home stays: the same subject as before, or still none.
        (true, Some(id)) => {
            let text = &everything[&(of, id.clone())].0;
            let document = Document::read(text).unwrap();
            let subject = document.root().path(&["subject", "reference"]).and_then(|value| value.as_str()).map(|text| text.replace("Patient/", ""));
            let made = observation(chance, subject.as_deref().unwrap_or("none"));
            match (subject, made.find(r#","subject""#)) {
                (Some(subject), None) => format!(r#"{made},"subject":{{"reference":"Patient/{subject}"}}"#),
                (None, Some(at)) => format!("{}{}", &made[..at], &made[at..].split_once('}').unwrap().1),
                _ => made,
            }
        }
    };
    let written = match id {
        Some(id) => chart.update(&system(), of, &id, format!(r#"{{"resourceType":"{of}","id":"{id}",{body}}}"#).as_bytes(), None).await,
        None => chart.create(&system(), of, format!(r#"{{"resourceType":"{of}",{body}}}"#).as_bytes(), None).await,
    };
    let stored = written.unwrap_or_else(|cause| panic!("{body}: {cause} {:?}", cause.issues())).stored;
    if of == ResourceType::PATIENT && !patients.contains(&stored.id) {
        patients.push(stored.id.clone());
    }
    everything.insert((of, stored.id), (stored.text, stored.version, stored.last_updated));
}

#[test]
fn a_search_finds_what_looking_at_everything_finds() {
    block_on(async {
        let (mut asked, mut found_some, mut too_costly) = (0, 0, 0);
        for seed in 0..8 {
            let mut chance = Chance(seed);
            let clinic = clinic();
            let (mut everything, mut patients) = (Everything::new(), Vec::new());
            for _ in 0..6 {
                for _ in 0..25 {
                    act(&clinic.chart, &mut chance, &mut everything, &mut patients).await;
                }
                for _ in 0..25 {
                    let of = chance.one(&["Patient", "Observation"]);
                    let whose = patients[chance.below(patients.len())].clone();
                    let text = ask(&mut chance, of, &whose);
                    let query = query(of, &format!("{text}&_count={}", [3, 50, 1000][chance.below(3)]));
                    let found = match all_pages(&clinic.chart, &query).await {
                        Ok(found) => found,
                        Err(Error::TooCostly(_)) => {
                            too_costly += 1;
                            continue;
                        }
                        Err(other) => panic!("seed {seed}, {of}?{text}: {other}"),
                    };
                    let each: BTreeSet<String> = found.iter().cloned().collect();
                    assert_eq!(each.len(), found.len(), "seed {seed}, {of}?{text}: something was shown twice");
                    assert_eq!(each, looked_at_one_by_one(&everything, &query), "seed {seed}, {of}?{text}");
                    asked += 1;
                    found_some += usize::from(!found.is_empty());
                }
            }
            let checked = clinic.chart.check(&testkit::caller(access::Role::Console), &mut |_| {}).unwrap();
            assert!(checked.is_sound(), "seed {seed}: {:?}", checked.findings);
        }
        println!("{asked} searches, {found_some} found something, {too_costly} were too costly");
        assert!(asked > 600 && found_some * 4 > asked, "too few searches find something: {found_some} of {asked}");
    });
}

/// The ids of everything that answers, in order: by the value of the query's first key, then by id.
fn sorted_one_by_one(everything: &Everything, query: &Query) -> Vec<String> {
    let found = looked_at_one_by_one(everything, query);
    let mut keyed: Vec<_> = found
        .into_iter()
        .map(|id| {
            let (text, version, last_updated) = &everything[&(query.resource_type, id.clone())];
            let document = Document::read(text).unwrap();
            (query.sort_values(document.root(), Meta { id: &id, last_updated: *last_updated, version: *version }), id)
        })
        .collect();
    keyed.sort_by(|left, right| query.compare_sorted(&left.0, &right.0).then_with(|| left.1.cmp(&right.1)));
    keyed.into_iter().map(|(_, id)| id).collect()
}

#[test]
fn sorted_pages_are_what_sorting_everything_gives() {
    block_on(async {
        let (mut asked, mut several) = (0, 0);
        for seed in 100..104 {
            let mut chance = Chance(seed);
            let clinic = clinic();
            let (mut everything, mut patients) = (Everything::new(), Vec::new());
            for _ in 0..200 {
                act(&clinic.chart, &mut chance, &mut everything, &mut patients).await;
            }
            for _ in 0..60 {
                let of = chance.one(&["Patient", "Observation", "Observation"]);
                let whose = patients[chance.below(patients.len())].clone();
                let criteria = if chance.below(3) == 0 { String::new() } else { ask(&mut chance, of, &whose) + "&" };
                let sort = match of {
                    "Patient" => chance.one(&["family", "-birthdate", "gender,-_id", "-given,birthdate"]),
                    _ => chance.one(&["date", "-date", "-date,status", "date,-code", "status", "-_lastUpdated", "subject,-value-quantity", "value-quantity"]),
                };
                let text = format!("{criteria}_sort={sort}&_count={}", [2, 7, 40][chance.below(3)]);
                let query = query(of, &text);
                let found = match all_pages(&clinic.chart, &query).await {
                    Ok(found) => found,
                    Err(Error::TooCostly(_)) => continue,
                    Err(other) => panic!("seed {seed}, {of}?{text}: {other}"),
                };
                assert_eq!(found, sorted_one_by_one(&everything, &query), "seed {seed}, {of}?{text}");
                asked += 1;
                several += usize::from(found.len() > 7);
            }
        }
        assert!(asked > 150 && several > 40, "{asked} {several}");
    });
}

#[test]
fn the_newest_of_many_are_found_without_looking_at_all() {
    block_on(async {
        let mut settings = chart::Settings { most_looked_at: 60, ..testkit::settings() };
        settings.most_scanned = 60;
        let clinic = testkit::clinic_set(settings);
        let patient = crate::door::patient(&clinic.chart, "Ríos").await;
        for number in 0..120 {
            let body = format!(
                r#"{{"resourceType":"Observation","status":"final","code":{{"coding":[{{"code":"8480-6"}}]}},"subject":{{"reference":"Patient/{patient}"}},"effectiveDateTime":"{}-{:02}-10"}}"#,
                2014 + number / 12,
                1 + number % 12
            );
            crate::door::created(&clinic.chart, &body).await;
        }
        for (text, looks) in [("_sort=-date&_count=5", true), ("code=8480-6&_sort=-date&_count=5", true), ("code=8480-6&_sort=date&_count=5", true), ("code=8480-6&_sort=status&_count=5", false)] {
            let page = crate::door::search(&clinic.chart, &system(), "Observation", text).await;
            assert_eq!(page.is_ok(), looks, "{text}");
            if let Ok(page) = page {
                assert_eq!(page.items.len(), 5);
                let second = clinic.chart.search(&system(), &query("Observation", text), page.next.as_deref()).await;
                assert_eq!(second.map(|page| page.items.len()).ok(), Some(5), "{text}");
            }
        }
    });
}

#[test]
fn deep_pages_of_a_sorted_answer_need_no_new_walk_and_serve_nobody_else() {
    block_on(async {
        let clinic = testkit::clinic();
        let chart = &clinic.chart;
        for number in 0..300 {
            let body = format!(r#"{{"resourceType":"Patient","name":[{{"family":"Ríos"}}],"birthDate":"19{:02}-01-{:02}"}}"#, number * 7 % 90 + 10, number % 28 + 1);
            crate::door::created(chart, &body).await;
        }
        // Only the console is told how much was looked at.
        let console = testkit::caller(access::Role::Console);
        let elsewhere = access::Caller { session: access::Session { number: 4711, ..console.session }, ..console.clone() };
        let mut asked = query("Patient", "_sort=-birthdate,_id&_count=20");
        asked.explain = true;
        let expect = all_pages(chart, &query("Patient", "_sort=-birthdate,_id&_count=500")).await.unwrap();
        assert_eq!(expect.len(), 300);
        let (mut found, mut cursor, mut pages) = (Vec::new(), None, 0);
        loop {
            let page = chart.search(&console, &asked, cursor.as_deref()).await.unwrap();
            let looked_at = if pages == 0 { ", 300 answered" } else { " 0 candidates looked at" };
            assert!(page.issues[0].message.contains(looked_at), "page {pages}: {}", page.issues[0].message);
            found.extend(page.items.iter().map(|hit| hit.stored.id.clone()));
            pages += 1;
            let Some(next) = page.next else { break };
            if pages == 1 {
                // Whoever else comes with the cursor has a walk of their own, and who goes back has none.
                let other = chart.search(&elsewhere, &asked, Some(&next)).await.unwrap();
                assert!(other.issues[0].message.contains(", 300 answered"), "{}", other.issues[0].message);
                let again = chart.search(&console, &asked, Some(&next)).await.unwrap();
                assert!(again.issues[0].message.contains(" 0 candidates looked at"), "{}", again.issues[0].message);
                assert_eq!(crate::door::ids(&again), crate::door::ids(&other));
            }
            cursor = Some(next);
        }
        assert_eq!((found, pages), (expect, 15));
    });
}

#[test]
fn who_is_erased_between_two_pages_is_on_none_of_them() {
    block_on(async {
        let clinic = testkit::clinic();
        let chart = &clinic.chart;
        for number in 0..30 {
            crate::door::created(chart, &format!(r#"{{"resourceType":"Patient","name":[{{"family":"Ríos"}}],"birthDate":"1950-01-{:02}"}}"#, number + 1)).await;
        }
        let asked = query("Patient", "_sort=birthdate&_count=10");
        let all = all_pages(chart, &query("Patient", "_sort=birthdate&_count=100")).await.unwrap();
        let first = chart.search(&system(), &asked, None).await.unwrap();
        let console = testkit::caller(access::Role::Console);
        for gone in [12, 17] {
            let decided = chart.decide_erasure(&console, &all[gone], "case 7").await.unwrap();
            chart.erase(&console, decided.erasure).await.unwrap();
        }
        let second = chart.search(&system(), &asked, first.next.as_deref()).await.unwrap();
        let shown: Vec<&str> = second.items.iter().map(|hit| hit.stored.id.as_str()).collect();
        let expect: Vec<&str> = (10..22).filter(|number| ![12, 17].contains(number)).map(|number| all[number].as_str()).collect();
        assert_eq!(shown, expect);
        let third = chart.search(&system(), &asked, second.next.as_deref()).await.unwrap();
        assert_eq!((third.items.len(), third.next.is_none()), (8, true));
    });
}

#[test]
fn a_search_that_holds_too_much_is_refused_and_says_so() {
    block_on(async {
        let clinic = testkit::clinic_set(chart::Settings { search_memory_bytes: 20_000, ..testkit::settings() });
        let patient = crate::door::patient(&clinic.chart, "Ríos").await;
        for _ in 0..120 {
            crate::door::created(&clinic.chart, &format!(r#"{{"resourceType":"Observation","status":"final","code":{{"coding":[{{"code":"8480-6"}}]}},"subject":{{"reference":"Patient/{patient}"}}}}"#)).await;
        }
        for (text, fits) in [("_count=10", true), ("_count=120", false), ("_count=10&_sort=date", true), ("_count=120&_sort=date", false)] {
            match crate::door::search(&clinic.chart, &system(), "Observation", &format!("patient={patient}&{text}")).await {
                Ok(_) => assert!(fits, "{text}"),
                Err(refused) => {
                    assert!(!fits && refused.issues()[0].message.contains("memory"), "{text}: {refused:?}");
                }
            }
        }
    });
}

#[test]
fn the_newest_of_each_are_told_of_all_or_not_at_all() {
    block_on(async {
        let clinic = testkit::clinic_set(chart::Settings { search_memory_bytes: 20_000, largest_page: 5, ..testkit::settings() });
        let patient = crate::door::patient(&clinic.chart, "Ríos").await;
        for (code, many) in [("8480-6", 120), ("718-7", 6)] {
            for _ in 0..many {
                crate::door::created(&clinic.chart, &format!(r#"{{"resourceType":"Observation","status":"final","code":{{"coding":[{{"code":"{code}"}}]}},"subject":{{"reference":"Patient/{patient}"}}}}"#)).await;
            }
        }
        let asked = |code: &str| crate::door::query("Observation", &format!("patient={patient}&code={code}"));
        assert_eq!(clinic.chart.last_observations(&system(), &asked("718-7"), 2).await.unwrap().len(), 6);
        let refused = clinic.chart.last_observations(&system(), &asked("8480-6"), 1).await.unwrap_err();
        assert!(refused.issues()[0].message.contains("shorter time"), "{refused:?}");
    });
}
