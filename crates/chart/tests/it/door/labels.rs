//! Labels that keep something from others are put on by whoever treats, and taken off by those who keep labels.

use access::Role;
use chart::{Error, Labelling};
use fhir::{Document, ResourceType};
use testkit::{block_on, caller, clinic_set, settings};

use crate::door::kind;

fn label(code: &str) -> String {
    format!(r#"{{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"{code}"}}"#)
}

fn observation(id: &str, labels: &str) -> String {
    let labels: Vec<String> = labels.split_whitespace().map(label).collect();
    let meta = if labels.is_empty() { String::new() } else { format!(r#""meta":{{"security":[{}]}},"#, labels.join(",")) };
    format!(r#"{{"resourceType":"Observation","id":"{id}",{meta}"status":"final","code":{{"text":"x"}},"subject":{{"reference":"Patient/ana"}}}}"#)
}

#[test]
fn who_treats_puts_labels_on_and_takes_none_off() {
    block_on(async {
        let clinic = clinic_set(settings());
        let (chart, console) = (&clinic.chart, caller(Role::Console));
        chart.update(&console, ResourceType::PATIENT, "ana", br#"{"resourceType":"Patient","id":"ana"}"#, None).await.unwrap();
        let mut number = 0;
        for (role, was, now, is_taken) in [
            (Role::Physician, "", "R", true),
            (Role::Physician, "R", "V", true),
            (Role::Physician, "R", "R N", true),
            (Role::Physician, "N", "", true),
            (Role::Physician, "R", "", false),
            (Role::Physician, "R", "N", false),
            (Role::Physician, "V", "R", false),
            (Role::Nurse, "R", "", false),
            (Role::Admissions, "R", "", false),
            (Role::RecordsClerk, "R", "", true),
            (Role::Integration, "R", "", true),
        ] {
            number += 1;
            let id = format!("o-{number}");
            chart.update(&console, kind("Observation"), &id, observation(&id, was).as_bytes(), None).await.unwrap();
            match chart.update(&caller(role), kind("Observation"), &id, observation(&id, now).as_bytes(), None).await {
                Ok(_) => assert!(is_taken, "{role:?} {was:?} {now:?}"),
                Err(Error::Refused(issues)) => assert!(!is_taken && issues[0].rule == "label-keeper", "{role:?} {was:?} {now:?}: {issues:?}"),
                Err(cause) => panic!("{role:?} {was:?} {now:?}: {cause} {:?}", cause.issues()),
            }
        }
        // The operation is a write like any other.
        chart.update(&console, kind("Observation"), "o", observation("o", "R").as_bytes(), None).await.unwrap();
        let change = format!(r#"{{"security":[{}]}}"#, label("R"));
        let meta = Document::read(&change).unwrap();
        let refused = chart.label(&caller(Role::Physician), kind("Observation"), "o", Labelling::Remove, meta.root(), None).await;
        assert!(matches!(&refused, Err(Error::Refused(issues)) if issues[0].rule == "label-keeper"), "{refused:?}");
        chart.label(&caller(Role::RecordsClerk), kind("Observation"), "o", Labelling::Remove, meta.root(), None).await.unwrap();
    });
}
