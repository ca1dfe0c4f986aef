//! Bulk import at the door: what is put aside waits, is settled, and leaves nothing behind.

use std::ops::ControlFlow;

use access::Role;
use chart::{Error, IntakeFile, IntakeLine, IntakeRequest, IntakeState, IntakeStep};
use store::engine::{Space, Span};
use testkit::{Clinic, block_on, caller, clinic_fetching};

use crate::door::{kind, system};

fn clinic() -> Clinic {
    clinic_fetching(&["https://files.example"])
}

/// How many things the store knows of itself, the tree over the openings left out.
fn notes(clinic: &Clinic) -> usize {
    let mut count = 0;
    clinic.data.scan(Space::Meta, &Span::all(), &mut |key, _| {
        count += usize::from(key.first() != Some(&3));
        ControlFlow::Continue(())
    }).unwrap();
    count
}

fn begin(clinic: &Clinic, files: &[&str]) -> String {
    let files = files.iter().map(|name| IntakeFile { kind: kind(name), url: format!("https://files.example/{name}") }).collect();
    clinic.chart.begin_intake(&system(), IntakeRequest { files, source: String::new(), address: "http://x/fhir/$import".into() }).unwrap()
}

fn lines(texts: &[&str]) -> Vec<IntakeLine> {
    (1..).zip(texts).map(|(number, text)| IntakeLine { number, text: Some(text.as_bytes().to_vec()) }).collect()
}

const OF_ANA: &str = r#"{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/ana"}}"#;
const ANA: &str = r#"{"resourceType":"Patient","id":"ana"}"#;

#[test]
fn what_waits_is_settled_when_its_subject_has_come_and_a_batch_twice_counts_once_where_it_can() {
    block_on(async {
        let clinic = clinic();
        let (chart, id) = (&clinic.chart, begin(&clinic, &["Observation", "Patient"]));
        // Persons are due first, but whoever fetches may hand over what it has.
        assert!(matches!(chart.intake_step(&id).unwrap(), Some(IntakeStep::Fetch { file: 1, lines: 0, .. })));
        for _ in 0..2 {
            assert!(chart.take_in(&id, 0, None, &lines(&[OF_ANA, "{}"])).await.unwrap());
        }
        chart.end_intake_file(&id, 0, None).unwrap();
        assert!(chart.take_in(&id, 1, Some("tag"), &lines(&[ANA])).await.unwrap());
        assert_eq!(chart.intake_step(&id).unwrap(), Some(IntakeStep::Fetch { file: 1, url: "https://files.example/Patient".into(), lines: 1, tag: Some("tag".into()) }));
        chart.end_intake_file(&id, 1, None).unwrap();
        while chart.intake_step(&id).unwrap() == Some(IntakeStep::Retry) {
            chart.retry_intake(&id).await.unwrap();
        }
        let (_, IntakeState::Ended { files, .. }) = chart.intake(&system(), &id).unwrap() else { panic!("it is over") };
        assert_eq!((files[0].rejected, files[0].taken, files[1].taken, chart.read(&system(), kind("Observation"), "o").await.unwrap().version), (1, 1, 1, 1));
        let refused = chart.intake_rejects(&system(), &id, 0, 0).unwrap().unwrap();
        assert_eq!((refused.len(), refused[0].line, refused[0].issues[0].position), (1, Some(2), Some((2, 1))));
        assert!(chart.intake_rejects(&system(), &id, 0, 1).unwrap().is_none());
    });
}

#[test]
fn a_job_leaves_nothing_behind_and_is_nobody_elses() {
    block_on(async {
        let clinic = clinic();
        let chart = &clinic.chart;
        // The list of jobs stays, and of each job an empty note.
        let first = begin(&clinic, &["Observation"]);
        chart.end_intake(&system(), &first).unwrap();
        let before = notes(&clinic);
        for is_settled in [true, false] {
            let id = begin(&clinic, &["Observation"]);
            chart.take_in(&id, 0, None, &lines(&[OF_ANA, "{}"])).await.unwrap();
            assert!(notes(&clinic) >= before + 3, "what waits and what was refused are noted");
            chart.end_intake_file(&id, 0, None).unwrap();
            while is_settled && chart.intake_step(&id).unwrap().is_some() {
                chart.retry_intake(&id).await.unwrap();
            }
            assert!(matches!(chart.intake(&caller(Role::Console), &id), Err(Error::NotFound)));
            assert!(matches!(chart.end_intake(&caller(Role::Console), &id), Err(Error::NotFound)));
            chart.end_intake(&system(), &id).unwrap();
            // A worker that did not know yet finds nothing to do, and puts nothing back.
            assert!(!chart.take_in(&id, 0, None, &lines(&[OF_ANA])).await.unwrap());
            assert_eq!(notes(&clinic), before + if is_settled { 1 } else { 2 });
        }
    });
}
