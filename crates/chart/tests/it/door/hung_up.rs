//! A client that hangs up while its write is on the way to the disk.

use std::sync::Arc;
use std::time::Duration;

use access::{ProxyKind, Role};
use chart::{Chart, NewPerson, NewProxy, WrittenAs};
use fhir::ResourceType;
use store::memory::Memory;
use testkit::{block_on, caller, clinic_on};
use tokio::task::JoinHandle;

use crate::door::held::Gated;
use crate::door::{all_pages, created, kind, patient, query, search, system};

/// Waits until the engine holds what a task is writing, and lets its client hang up.
async fn hang_up<T: std::fmt::Debug>(data: &Gated, writing: JoinHandle<T>) {
    data.until_held().await;
    writing.abort();
    assert!(writing.await.unwrap_err().is_cancelled());
}

/// What is asked meanwhile waits for the write, as it would if the client were still there: a page, an
/// export or a subscription that passed it by would never come back to it.
#[test]
fn what_is_on_the_way_to_the_disk_is_not_passed_by_when_its_client_hangs_up() {
    block_on(async {
        let data = Gated::new();
        let chart = clinic_on(data.clone(), Arc::new(Memory::new()), 5).chart;
        patient(&chart, "Luna").await;
        data.hold_next();
        let writer = chart.clone();
        let written = tokio::spawn(async move { created(&writer, r#"{"resourceType":"Patient","name":[{"family":"Luna"}]}"#).await });
        hang_up(&data, written).await;
        let reader = chart.clone();
        let asked = tokio::spawn(async move { all_pages(&reader, &query("Patient", "family=luna")).await.unwrap().len() });
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(!asked.is_finished());
        data.let_through();
        assert_eq!(asked.await.unwrap(), 2);
    });
}

/// A client that hears nothing hangs up and asks again: the condition is there so that this makes one.
#[test]
fn who_hangs_up_and_asks_again_under_the_same_condition_writes_once() {
    const SOMEBODY: &str = r#"{"resourceType":"Patient","identifier":[{"system":"urn:s","value":"1"}]}"#;
    async fn once(chart: Chart) -> chart::Result<chart::Written> {
        chart.create(&system(), ResourceType::PATIENT, SOMEBODY.as_bytes(), Some("identifier=urn:s|1")).await
    }
    block_on(async {
        let data = Gated::new();
        let chart = clinic_on(data.clone(), Arc::new(Memory::new()), 6).chart;
        created(&chart, &SOMEBODY.replace("\"1\"", "\"0\"")).await;
        data.hold_next();
        hang_up(&data, tokio::spawn(once(chart.clone()))).await;
        let again = tokio::spawn(once(chart.clone()));
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(!again.is_finished());
        data.let_through();
        assert_eq!(again.await.unwrap().unwrap().done, WrittenAs::Unchanged);
        assert_eq!(search(&chart, &system(), "Patient", "identifier=urn:s|1").await.unwrap().items.len(), 1);
    });
}

/// Whoever reads a record to write to it waits for what is on its way there, also where nobody waits for that.
#[test]
fn what_follows_on_a_write_whose_client_hung_up_is_of_the_version_after_it() {
    block_on(async {
        let data = Gated::new();
        let chart = clinic_on(data.clone(), Arc::new(Memory::new()), 7).chart;
        let who = patient(&chart, "Luna").await;
        let named = |family: &str| format!(r#"{{"resourceType":"Patient","id":"{who}","name":[{{"family":"{family}"}}]}}"#);
        let update = |text: String| {
            let (chart, who) = (chart.clone(), who.clone());
            tokio::spawn(async move { chart.update(&system(), ResourceType::PATIENT, &who, text.as_bytes(), None).await })
        };
        data.hold_next();
        hang_up(&data, update(named("Sol"))).await;
        let next = update(named("Mar"));
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(!next.is_finished());
        data.let_through();
        assert_eq!(next.await.unwrap().unwrap().stored.version, 3);
    });
}

#[test]
fn a_search_parameter_comes_into_force_though_its_writer_hung_up() {
    const PARAMETER: &str = r#"{"resourceType":"SearchParameter","id":"spoken","url":"https://a.example/spoken","name":"Spoken","status":"active","description":"Spoken at home","code":"spoken","base":["Patient"],"type":"token","expression":"Patient.extension('https://a.example/spoken').value"}"#;
    async fn written(chart: Chart, text: String) -> chart::Result<chart::Written> {
        chart.update(&system(), kind("SearchParameter"), "spoken", text.as_bytes(), None).await
    }
    block_on(async {
        let data = Gated::new();
        let chart = clinic_on(data.clone(), Arc::new(Memory::new()), 8).chart;
        written(chart.clone(), PARAMETER.replace("active", "draft")).await.unwrap();
        data.hold_next();
        hang_up(&data, tokio::spawn(written(chart.clone(), PARAMETER.to_owned()))).await;
        data.let_through();
        until(|| chart.custom().all().iter().any(|own| own.parameter.definition.url == "https://a.example/spoken")).await;
    });
}

/// Waits for what goes on though nobody waits for its answer.
async fn until(is_so: impl Fn() -> bool) {
    for _ in 0..4_000 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("it never came so far");
}

#[test]
fn a_trust_that_is_told_in_the_record_is_kept_though_the_station_hung_up() {
    block_on(async {
        let data = Gated::new();
        let chart = clinic_on(data.clone(), Arc::new(Memory::new()), 11).chart;
        for id in ["ana", "son", "daughter"] {
            let born = if id == "ana" { "1980-05-01" } else { "2021-01-01" };
            let body = format!(r#"{{"resourceType":"Patient","id":"{id}","birthDate":"{born}"}}"#);
            chart.update(&system(), ResourceType::PATIENT, id, body.as_bytes(), None).await.unwrap();
        }
        let new = NewPerson { patient: "ana", display: "ana", language: "en", evidence: "passport", contact: None };
        let code = chart.invite(&caller(Role::Admissions), &new).unwrap().code;
        chart.activate(&code, "ana", "correct horse", None).unwrap();
        let entrust = |patient: &'static str| {
            let chart = chart.clone();
            tokio::spawn(async move {
                let new = NewProxy { login: "ana".into(), kind: ProxyKind::Parent, agreed: false, until: None, evidence: "birth certificate".into(), document: None };
                chart.entrust(&caller(Role::Nurse), patient, &new).await
            })
        };
        entrust("daughter").await.unwrap().unwrap();
        data.hold_next();
        hang_up(&data, entrust("son")).await;
        assert!(chart.proxies_of(&caller(Role::Nurse), "son").unwrap().is_empty());
        data.let_through();
        until(|| chart.proxies_of(&caller(Role::Nurse), "son").unwrap().len() == 1).await;
    });
}
