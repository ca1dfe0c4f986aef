//! Whoever has all rights on the bytes, but not the key, is noticed whatever they do.
//!
//! One clinic lives through a few days, and its engines are kept as they were in between. Each
//! case takes a copy, does to it what a host could do, and says which words of the check name it.

mod cases;
mod story;

use std::sync::Arc;

use access::Role;
use chart::EverythingQuery;
use fhir::ResourceType;
use search::{Handling, Query, QueryContext};
use store::batch::Batch;
use store::engine::{Engine, Read, Space, Span};
use store_rocks::{Options, Rocks};
use testkit::{Clinic, block_on, caller, clinic_on};

use cases::CASES;
use story::{Host, Moment, checked, kind, story, words, write_bundle};

#[test]
fn an_untouched_store_is_sound_at_every_moment() {
    let story = story();
    for moment in [&story.two, &story.four, &story.named, &story.changed, &story.deleted, &story.unclaimed, &story.dated, &story.last] {
        let clinic = clinic_on(Arc::new(moment.data.copy()), Arc::new(moment.keyring.copy()), 2);
        let seen = checked(&clinic.chart);
        assert!(seen.is_sound(), "{}", words(&seen));
        assert!(seen.records > 2 && seen.versions > 20 && seen.postings > 20 && seen.locators > 20 && seen.claims > 1, "{seen:?}");
    }
}

#[test]
fn whatever_a_host_does_to_the_bytes_is_noticed() {
    let mut failures = String::new();
    for (act, tamper, expected, mends) in CASES {
        let host = Host::new();
        tamper(&host);
        let clinic = host.open();
        let seen = checked(&clinic.chart);
        if !seen.findings.iter().any(|finding| finding.what.contains(expected)) {
            failures.push_str(&format!("{act}: expected «{expected}», found:\n{}", words(&seen)));
        }
        if seen.findings.iter().all(|finding| finding.in_index) != *mends {
            failures.push_str(&format!("{act}: a repair should{} mend it:\n{}", if *mends { "" } else { " not" }, words(&seen)));
        }
        clinic.chart.repair_index(&caller(Role::Console), &mut |_| {}).unwrap();
        let after = checked(&clinic.chart);
        if after.is_sound() != *mends {
            failures.push_str(&format!("{act}: after the repair:\n{}", words(&after)));
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

#[test]
fn a_record_put_back_to_before_another_named_it_is_noticed_though_no_version_is_missing() {
    let host = Host::at(&story().named);
    host.put_back(&host.story.ana, &host.story.four);
    let found = words(&checked(&host.open().chart));
    assert!(found.contains("written to more often than its head says"), "{found}");
    assert!(!found.contains("rolled back or cut"), "{found}");
}

#[test]
fn a_running_door_checks_what_is_on_disk_and_not_what_it_remembers() {
    let host = Host::new();
    let clinic = host.open();
    let doctor = caller(Role::Physician);
    block_on(clinic.chart.person(&doctor, &host.story.ana_id)).unwrap();
    host.keyring.tamper(Space::Record, &host.wraps()[0], None);
    assert!(words(&checked(&clinic.chart)).contains("not in the keyring"));
}

#[test]
fn a_store_put_back_as_a_whole_passes_the_check_and_is_told_by_the_anchor() {
    let story = story();
    let open = |moment: &Moment| store::Store::open(Arc::new(moment.data.copy()), Arc::new(moment.keyring.copy()), &testkit::key(), [3; 32]).unwrap();
    let anchor = open(&story.last).commit_numbers().unwrap();
    assert!(open(&story.last).compare_with(&anchor).is_ok());
    for moment in [&story.two, &story.named, &story.dated] {
        assert!(matches!(open(moment).compare_with(&anchor), Err(store::Error::RolledBack { .. })));
    }
    // A later store than the anchor is what every day brings.
    assert!(open(&story.last).compare_with(&open(&story.two).commit_numbers().unwrap()).is_ok());
    assert!(open(&story.last).compare_with(&anchor[..7]).is_err());
}

#[test]
fn the_line_that_describes_the_store_cannot_be_changed() {
    let site = |host: &Host| host.keys(Space::Meta).into_iter().find(|key| key[0] == 1).unwrap();
    let open = |host: &Host| store::Store::open(host.data.clone(), host.keyring.clone(), &testkit::key(), [3; 32]);
    assert!(open(&Host::new()).is_ok());
    for place in 0..Host::new().value(Space::Meta, &site(&Host::new())).len() {
        let host = Host::new();
        let mut line = host.value(Space::Meta, &site(&host));
        line[place] ^= 1;
        host.put(Space::Meta, &site(&host), &line);
        assert!(open(&host).is_err(), "byte {place}");
    }
}

#[test]
fn reading_a_record_that_was_cut_fails_loudly() {
    let acts: [(&str, fn(&Host)); 4] = [
        ("a version dropped", |host| host.drop(Space::Record, &host.entries(&host.story.ana)[1])),
        ("a head dropped", |host| host.drop(Space::Record, &host.head(&host.story.ana))),
        ("an older head", |host| {
            let head = host.head(&host.story.ana);
            host.put(Space::Record, &head, &host.story.changed.data.get(Space::Record, &head).unwrap().unwrap());
        }),
        ("a byte changed", |host| host.flip(Space::Record, &host.entries(&host.story.ana)[0])),
    ];
    let doctor = caller(Role::Physician);
    let whole = Host::new().open();
    block_on(whole.chart.person(&doctor, &story().ana_id)).unwrap();
    for (act, tamper) in acts {
        let host = Host::new();
        tamper(&host);
        let chart = host.open().chart;
        assert!(matches!(block_on(chart.person(&doctor, &host.story.ana_id)), Err(chart::Error::Store(_))), "{act}: the page of a person");
        let everything = block_on(chart.everything(&doctor, &host.story.ana_id, &EverythingQuery::default()));
        assert!(matches!(everything, Err(chart::Error::Store(_))), "{act}: $everything");
    }
}

/// What a caller finds with some searches, and by name: types, ids and versions, in no order.
fn answers(clinic: &Clinic) -> Vec<String> {
    const SEARCHES: &[(&str, &str)] = &[
        ("Patient", ""),
        ("Patient", "gender=female"),
        ("Patient", "birthdate=ge1900-01-01"),
        ("Observation", "code=http://loinc.org|29463-7"),
        ("Observation", "code=29463-7&date=1999-12"),
        ("Observation", "date=lt2000-01-01"),
        ("Observation", "status=final"),
        ("Encounter", "date=ge2019-01-01"),
        ("Practitioner", ""),
        ("Organization", ""),
    ];
    let doctor = caller(Role::Physician);
    let context = || QueryContext { default_offset_minutes: 0, base_url: testkit::BASE_URL.to_owned(), ..QueryContext::default() };
    let mut lines = Vec::new();
    for (type_name, text) in SEARCHES {
        let pairs = search::split_query(text);
        let mut query = Query::parse(kind(type_name), pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())), Handling::Strict, context()).unwrap();
        query.count = Some(1000);
        let page = block_on(clinic.chart.search(&doctor, &query, None)).unwrap();
        let mut found: Vec<String> = page.items.iter().map(|hit| format!("{}/{}/{}", hit.stored.kind, hit.stored.id, hit.stored.version)).collect();
        found.sort_unstable();
        lines.push(format!("{type_name}?{text} {} {}", found.len(), found.join(" ")));
    }
    let read = block_on(clinic.chart.read(&doctor, ResourceType::PATIENT, &story().ana_id));
    lines.push(format!("read {}", read.is_ok()));
    lines
}

#[test]
fn an_index_lost_as_a_whole_is_built_anew_and_searches_answer_as_before() {
    let before = answers(&Host::new().open());
    assert!(before.iter().all(|line| !line.contains(" 0 ")), "every search finds something: {before:#?}");
    let host = Host::new();
    for space in [Space::Posting, Space::Locator, Space::Claim] {
        host.keys(space).iter().for_each(|key| host.drop(space, key));
    }
    host.drop(Space::Meta, &host.months_note());
    let clinic = host.open();
    assert_ne!(answers(&clinic), before);
    let records = clinic.chart.repair_index(&caller(Role::Console), &mut |_| {}).unwrap();
    assert!(records > 2);
    let after = checked(&clinic.chart);
    assert!(after.is_sound(), "{}", words(&after));
    assert_eq!(answers(&clinic), before, "the door that mended it");
    assert_eq!(answers(&host.open()), before, "a door opened later");
    // Mending what is whole changes nothing but the log.
    clinic.chart.repair_index(&caller(Role::Console), &mut |_| {}).unwrap();
    assert!(checked(&clinic.chart).is_sound());
    assert_eq!(answers(&clinic), before);
    // Who held an identifier before the loss still does.
    let taken = block_on(clinic.chart.search(&caller(Role::Physician), &Query::parse(ResourceType::PATIENT, [].into_iter(), Handling::Strict, QueryContext { default_offset_minutes: 0, base_url: String::new(), ..QueryContext::default() }).unwrap(), None)).unwrap();
    let holder = taken.items.iter().find(|hit| hit.stored.id != story().ana_id).unwrap();
    let again = block_on(clinic.chart.create(&caller(Role::Integration), ResourceType::PATIENT, holder.stored.text.as_bytes(), None));
    assert!(matches!(again, Err(chart::Error::Conflict(_))), "{again:?}");
}

#[test]
fn no_two_lines_of_a_repair_have_one_time() {
    let host = Host::new();
    host.open().chart.repair_index(&caller(Role::Console), &mut |_| {}).unwrap();
    let timeless = |key: &Vec<u8>| key.len() == 14 && key[2..10] < [0u8, 0, 1, 0, 0, 0, 0, 0][..];
    let mut places: Vec<Vec<u8>> = host.keys(Space::Log).into_iter().filter(timeless).map(|key| key[..10].to_vec()).collect();
    let count = places.len();
    places.sort_unstable();
    places.dedup();
    assert!(count > 3 && places.len() == count, "{count} lines at {} times", places.len());
}

#[test]
fn an_index_that_was_not_made_to_its_end_says_so_and_is_made_again() {
    let host = Host::new();
    let clinic = host.open();
    assert!(!clinic.chart.lacks_index().unwrap());
    let mut half = None;
    let mut keep = |_| {
        if half.is_none() {
            half = Some(host.data.copy());
        }
    };
    clinic.chart.repair_index(&caller(Role::Console), &mut keep).unwrap();
    assert!(!clinic.chart.lacks_index().unwrap());
    // What a kill in the middle leaves.
    let clinic = clinic_on(Arc::new(half.unwrap()), host.keyring.clone(), 200);
    assert!(clinic.chart.lacks_index().unwrap());
    let seen = checked(&clinic.chart);
    assert!(words(&seen).contains("was not finished") && seen.findings.iter().all(|finding| finding.in_index), "{}", words(&seen));
    clinic.chart.repair_index(&caller(Role::Console), &mut |_| {}).unwrap();
    assert!(!clinic.chart.lacks_index().unwrap());
    let seen = checked(&clinic.chart);
    assert!(seen.is_sound(), "{}", words(&seen));
}

#[test]
fn the_engine_on_disk_is_checked_and_mended_like_the_one_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let open_engine = |name: &str| Arc::new(Rocks::open(&folder.path().join(name), &Options::small()).unwrap());
    let open = |seed: u8| {
        let (data, keyring) = (open_engine("record"), open_engine("keyring"));
        (data.clone(), clinic_on(data, keyring, seed))
    };
    let (_, clinic) = open(1);
    block_on(async {
        for bundle in synth::Population::new(country::by_code("ru").unwrap(), 5).shaped(synth::Shape::Encounters(1)).bundles(3) {
            write_bundle(&clinic.chart, &bundle).await;
        }
    });
    assert!(checked(&clinic.chart).is_sound());
    clinic.chart.close().unwrap();
    drop(clinic);

    let (data, clinic) = open(2);
    let seen = checked(&clinic.chart);
    assert!(seen.is_sound() && seen.versions > 50, "{seen:?}");
    let mut some = Batch::new();
    for space in [Space::Locator, Space::Claim] {
        let mut first = Vec::new();
        data.scan(space, &Span::all(), &mut |key, _| {
            first = key.to_vec();
            std::ops::ControlFlow::Break(())
        })
        .unwrap();
        some.delete(space, &first);
    }
    data.commit_wait(some).unwrap();
    let found = words(&checked(&clinic.chart));
    assert!(found.contains("lost its locator") && found.contains("lost its claim"), "{found}");
    clinic.chart.repair_index(&caller(Role::Console), &mut |_| {}).unwrap();
    assert!(checked(&clinic.chart).is_sound());

    // A whole index lost on disk, and a version: the first is mended, the second is named.
    let mut all = Batch::new();
    for space in [Space::Posting, Space::Locator] {
        data.scan(space, &Span::all(), &mut |key, _| {
            all.delete(space, key);
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
    }
    let mut version = Vec::new();
    data.scan_back(Space::Record, &Span::all(), &mut |key, _| {
        version = key.to_vec();
        std::ops::ControlFlow::Break(())
    })
    .unwrap();
    data.commit_wait(all).unwrap();
    clinic.chart.repair_index(&caller(Role::Console), &mut |_| {}).unwrap();
    let found = words(&checked(&clinic.chart));
    assert!(!found.contains("posting") && !found.contains("locator"), "{found}");
    let mut cut = Batch::new();
    cut.delete(Space::Record, &version);
    data.commit_wait(cut).unwrap();
    let found = words(&checked(&clinic.chart));
    assert!(found.contains("does not agree with its head") && found.contains("that are not in their records"), "{found}");
    clinic.chart.close().unwrap();
}
