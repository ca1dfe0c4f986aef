//! A client that hangs up while its write is on the way to the disk.

use std::sync::Arc;
use std::time::Duration;

use store::memory::Memory;
use testkit::{block_on, clinic_on};

use crate::door::held::Gated;
use crate::door::{all_pages, created, patient, query};

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
        while !data.holds_one() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        written.abort();
        assert!(written.await.unwrap_err().is_cancelled());
        let reader = chart.clone();
        let asked = tokio::spawn(async move { all_pages(&reader, &query("Patient", "family=luna")).await.unwrap().len() });
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(!asked.is_finished());
        data.let_through();
        assert_eq!(asked.await.unwrap(), 2);
    });
}
