//! SearchParameters of the site: in force over restarts, indexed in the background, told apart from
//! what is ready.

use std::sync::Arc;
use std::time::Duration;

use access::Role;
use chart::{Chart, IndexState, Target};
use search::{Handling, Query, QueryContext, split_query};
use store::engine::Engine;
use store::memory::Memory;
use store_rocks::{Options, Rocks};
use testkit::{block_on, caller, clinic_on};
use tokio::task::JoinHandle;

use crate::door::held::Gated;
use crate::door::{all_pages, created, kind, system};

const SPOKEN: &str = r#"{"resourceType":"SearchParameter","id":"spoken","url":"https://a.example/spoken","name":"Spoken","status":"active","description":"Spoken at home","code":"spoken","base":["Patient"],"type":"token","expression":"Patient.extension('https://a.example/spoken').value"}"#;

fn person(language: &str) -> String {
    format!(r#"{{"resourceType":"Patient","extension":[{{"url":"https://a.example/spoken","valueCode":"{language}"}}],"name":[{{"family":"Ríos"}}]}}"#)
}

async fn write(chart: &Chart, text: &str) {
    let document = fhir::Document::read(text).unwrap();
    let id = document.root().string("id").unwrap().into_owned();
    chart.update(&system(), kind("SearchParameter"), &id, text.as_bytes(), None).await.unwrap_or_else(|cause| panic!("{cause} {:?}", cause.issues()));
}

fn asked(chart: &Chart, text: &str) -> Option<Query> {
    let pairs = split_query(text);
    let context = QueryContext { base_url: testkit::BASE_URL.to_owned(), custom: chart.custom(), ..QueryContext::default() };
    Query::parse(fhir::ResourceType::PATIENT, pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())), Handling::Strict, context).ok()
}

async fn found(chart: &Chart, text: &str) -> usize {
    all_pages(chart, &asked(chart, text).expect("the parameter is in force")).await.unwrap().len()
}

async fn until_ready(chart: &Chart) {
    for _ in 0..12_000 {
        if chart.index_state(&system(), "spoken").await.unwrap() == IndexState::Ready {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the index never became ready");
}

fn is_narrowed(chart: &Chart) -> bool {
    matches!(search::plan(&asked(chart, "spoken=nah").unwrap()), search::Plan::Postings(_))
}

async fn story(data: Arc<dyn Engine>, keyring: Arc<dyn Engine>) {
    let chart = clinic_on(data.clone(), keyring.clone(), 1).chart;
    for number in 0..300 {
        created(&chart, &person(if number % 3 == 0 { "nah" } else { "yua" })).await;
    }
    assert!(asked(&chart, "spoken=nah").is_none());
    write(&chart, SPOKEN).await;
    // Right away it finds everything, narrowed or not.
    assert_eq!(found(&chart, "spoken=nah&_count=7").await, 100);
    until_ready(&chart).await;
    assert!(is_narrowed(&chart));
    let late = created(&chart, &person("nah")).await;
    assert_eq!((found(&chart, "spoken=nah").await, found(&chart, "spoken=yua,nah").await, found(&chart, "spoken=none").await), (101, 301, 0));
    chart.update(&system(), fhir::ResourceType::PATIENT, &late, person("yua").replacen('{', &format!("{{\"id\":\"{late}\","), 1).as_bytes(), None).await.unwrap();
    assert_eq!((found(&chart, "spoken=nah&_sort=_id&_count=9").await, found(&chart, "spoken=yua").await), (100, 201));
    let sound = |chart: &Chart| chart.check(&caller(Role::Console), &mut |_| {}).unwrap();
    assert!(sound(&chart).is_sound(), "{:?}", sound(&chart).findings);

    // It is in force after the next start, and still narrows.
    drop(chart);
    let chart = clinic_on(data.clone(), keyring.clone(), 2).chart;
    assert!(is_narrowed(&chart));
    assert_eq!(found(&chart, "spoken=nah").await, 100);

    // Out of force, what is written has no terms of it; in force again, it is indexed anew.
    write(&chart, &SPOKEN.replace("active", "retired")).await;
    assert!(asked(&chart, "spoken=nah").is_none());
    assert_eq!(chart.index_state(&system(), "spoken").await.unwrap(), IndexState::Absent);
    created(&chart, &person("nah")).await;
    write(&chart, SPOKEN).await;
    until_ready(&chart).await;
    assert_eq!(found(&chart, "spoken=nah").await, 101);
    assert!(sound(&chart).is_sound(), "{:?}", sound(&chart).findings);
    chart.repair_index(&caller(Role::Console), &mut |_| {}).unwrap();
    assert_eq!(found(&chart, "spoken=nah").await, 101);
    assert!(sound(&chart).is_sound(), "{:?}", sound(&chart).findings);

    // Out of force for good, its terms go: as many are left as the resources have without it.
    chart.delete(&system(), kind("SearchParameter"), Target::Id("spoken"), None).await.unwrap();
    assert!(asked(&chart, "spoken=nah").is_none());
    for _ in 0..2000 {
        if sound(&chart).is_settled {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let left = sound(&chart);
    assert!(left.is_settled && left.is_sound(), "{:?}", left.findings);
    chart.repair_index(&caller(Role::Console), &mut |_| {}).unwrap();
    assert_eq!(sound(&chart).postings, left.postings);
}

#[test]
fn a_parameter_of_the_site_is_indexed_behind_and_lasts() {
    block_on(async {
        story(Arc::new(Memory::new()), Arc::new(Memory::new())).await;
        let place = tempfile::tempdir().unwrap();
        let open = |name: &str| -> Arc<dyn Engine> { Arc::new(Rocks::open(&place.path().join(name), &Options::small()).unwrap()) };
        story(open("data"), open("keys")).await;
    });
}

/// Who write beside: more than the machine has cores, so that some are interrupted between the draft of
/// a write and its end.
const WRITERS: usize = 12;

#[test]
fn nothing_written_while_it_is_indexed_is_missed() {
    block_on(async {
        let chart = clinic_on(Arc::new(Memory::new()), Arc::new(Memory::new()), 3).chart;
        for _ in 0..1200 {
            created(&chart, &person("nah")).await;
        }
        let writing: Vec<_> = (0..WRITERS).map(|_| chart.clone()).map(|writer| tokio::spawn(async move {
            for _ in 0..50 {
                created(&writer, &person("nah")).await;
            }
        })).collect();
        tokio::task::yield_now().await;
        write(&chart, SPOKEN).await;
        for written in writing {
            written.await.unwrap();
        }
        until_ready(&chart).await;
        assert!(is_narrowed(&chart));
        assert_eq!(found(&chart, "spoken=nah&_count=1000").await, 1200 + WRITERS * 50);
        let checked = chart.check(&caller(Role::Console), &mut |_| {}).unwrap();
        assert!(checked.is_sound(), "{:?}", checked.findings);
    });
}

/// Twenty persons, one more whose write is held back, and a parameter that came into force after that was drafted.
async fn with_one_on_its_way(seed: u8) -> (Arc<Gated>, Chart, JoinHandle<String>) {
    let data = Gated::new();
    let chart = clinic_on(data.clone(), Arc::new(Memory::new()), seed).chart;
    write(&chart, &SPOKEN.replace("active", "draft")).await;
    for _ in 0..20 {
        created(&chart, &person("nah")).await;
    }
    data.hold_next();
    let writer = chart.clone();
    let late = tokio::spawn(async move { created(&writer, &person("nah")).await });
    data.until_held().await;
    write(&chart, SPOKEN).await;
    (data, chart, late)
}

/// A write that was drafted before a parameter came into force, and is on the disk only after the pass
/// over the records began, in a record the pass could not know.
#[test]
fn what_was_drafted_before_and_is_written_late_is_indexed() {
    block_on(async {
        let (data, chart, late) = with_one_on_its_way(4).await;
        // As long as a pass over so few records would take many times over.
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(!is_narrowed(&chart));
        assert!(!late.is_finished());
        data.let_through();
        late.await.unwrap();
        until_ready(&chart).await;
        assert!(is_narrowed(&chart));
        assert_eq!(found(&chart, "spoken=nah").await, 21);
        let checked = chart.check(&caller(Role::Console), &mut |_| {}).unwrap();
        assert!(checked.is_sound(), "{:?}", checked.findings);
    });
}

/// A pass over the records that fails is told of, and whoever asks for another one gets it.
#[test]
fn indexing_goes_on_after_a_failure() {
    block_on(async {
        // As long as the late one is on its way no pass begins.
        let (data, chart, late) = with_one_on_its_way(12).await;
        data.refuse(true);
        data.let_through();
        late.await.unwrap();
        let mut failure = None;
        for _ in 0..4_000 {
            failure = chart.indexing_failure();
            if failure.is_some() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert!(failure.is_some() && !is_narrowed(&chart));
        data.refuse(false);
        chart.resume_indexing();
        until_ready(&chart).await;
        assert_eq!(found(&chart, "spoken=nah").await, 21);
    });
}

const COUNT: &str = r#"{"resourceType":"SearchParameter","id":"spoken","url":"https://a.example/count","name":"Count","status":"active","description":"How many","code":"count","base":["Patient"],"type":"number","expression":"Patient.extension('https://a.example/count').value"}"#;

/// Numbers of more digits than a search reads were here before the parameter was.
#[test]
fn a_very_long_number_is_indexed_behind_like_any_other() {
    block_on(async {
        let chart = clinic_on(Arc::new(Memory::new()), Arc::new(Memory::new()), 6).chart;
        for number in ["12345678901234567890123456789012345678901", "1e309", "5"] {
            created(&chart, &format!(r#"{{"resourceType":"Patient","extension":[{{"url":"https://a.example/count","valueDecimal":{number}}}]}}"#)).await;
        }
        write(&chart, COUNT).await;
        until_ready(&chart).await;
        assert!(matches!(search::plan(&asked(&chart, "count=gt1e40").unwrap()), search::Plan::Postings(_)));
        assert_eq!((found(&chart, "count=gt1e40").await, found(&chart, "count=gt1e100").await, found(&chart, "count=lt10").await), (2, 1, 1));
    });
}

#[test]
fn pages_go_on_where_an_index_became_ready_between_them() {
    block_on(async {
        let chart = clinic_on(Arc::new(Memory::new()), Arc::new(Memory::new()), 7).chart;
        for _ in 0..20 {
            created(&chart, &person("nah")).await;
        }
        write(&chart, SPOKEN).await;
        until_ready(&chart).await;
        let document = fhir::Document::read(SPOKEN).unwrap();
        let mut not_indexed = search::Custom::default();
        not_indexed.add(document.root()).unwrap();
        let context = QueryContext { base_url: testkit::BASE_URL.to_owned(), custom: Arc::new(not_indexed), ..QueryContext::default() };
        let before = Query::parse(fhir::ResourceType::PATIENT, [("spoken", "nah"), ("_count", "7")].into_iter(), Handling::Strict, context).unwrap();
        assert!(matches!(search::plan(&before), search::Plan::Type { .. }));
        let after = asked(&chart, "spoken=nah&_count=7").unwrap();
        let first = chart.search(&system(), &before, None).await.unwrap();
        let mut found: Vec<String> = first.items.into_iter().map(|hit| hit.stored.id).collect();
        let mut next = first.next;
        while let Some(cursor) = next {
            let page = chart.search(&system(), &after, Some(&cursor)).await.unwrap();
            found.extend(page.items.into_iter().map(|hit| hit.stored.id));
            next = page.next;
        }
        found.sort();
        found.dedup();
        assert_eq!(found.len(), 20);
    });
}
