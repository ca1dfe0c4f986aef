//! What a person permits is written down by those who keep consents, not by those it lets in.

use access::Role;
use chart::{Error, Target};
use testkit::secrets::consent;
use testkit::{block_on, caller, clinic_set, settings};

use crate::door::{is_hidden, kind};

const HERE: &str = r#""actor":[{"role":{"text":"x"},"reference":{"reference":"Organization/clinic"}}]"#;
const THERE: &str = r#""actor":[{"role":{"text":"x"},"reference":{"reference":"Organization/another"}}]"#;
const ACCOUNT: &str = r#""actor":[{"role":{"text":"x"},"reference":{"identifier":{"system":"https://carnet.health/fhir/NamingSystem/account","value":"physician"}}}]"#;
const RESEARCH: &str = r#""purpose":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"HRESCH"}]"#;
const TREATMENT: &str = r#""purpose":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"TREAT"}]"#;
const BUT_THERE: &str = r#""actor":[{"role":{"text":"x"},"reference":{"reference":"Organization/another"}}],"provision":[{"type":"permit","code":[{"text":"x"}]}]"#;
const ALL_BUT_ONE: &str = r#""provision":[{"type":"permit","code":[{"coding":[{"code":"8480-6"}]}]}]"#;

#[test]
fn nobody_lets_themselves_in_by_a_consent() {
    block_on(async {
        let clinic = clinic_set(settings());
        let chart = &clinic.chart;
        let (console, physician) = (caller(Role::Console), caller(Role::Physician));
        for (of, id, body) in [("Organization", "clinic", r#""name":"Test clinic""#), ("Patient", "ana", r#""gender":"female""#), ("Observation", "o", r#""status":"final","code":{"text":"x"},"subject":{"reference":"Patient/ana"}"#)] {
            let text = format!(r#"{{"resourceType":"{of}","id":"{id}",{body}}}"#);
            chart.update(&console, kind(of), id, text.as_bytes(), None).await.unwrap();
        }
        chart.update(&console, kind("Consent"), "ana-refusal", consent("ana", "active", HERE).as_bytes(), None).await.unwrap();
        assert!(is_hidden(&chart.read(&physician, kind("Observation"), "o").await));
        let mut number = 0;
        for (role, status, of, what, is_taken) in [
            (Role::Physician, "active", "permit", HERE, false),
            (Role::Nurse, "active", "permit", HERE, false),
            (Role::Physician, "active", "permit", ACCOUNT, false),
            (Role::Nurse, "active", "permit", ACCOUNT, false),
            (Role::Physician, "active", "permit", TREATMENT, false),
            (Role::Physician, "active", "deny", ALL_BUT_ONE, false),
            (Role::Physician, "active", "deny", BUT_THERE, false),
            (Role::Physician, "active", "permit", THERE, false),
            (Role::Physician, "active", "permit", RESEARCH, true),
            (Role::Physician, "inactive", "permit", HERE, true),
            (Role::Physician, "active", "deny", HERE, true),
        ] {
            number += 1;
            let id = format!("c-{number}");
            let text = consent("ana", status, what).replace("ana-refusal", &id).replacen("\"type\":\"deny\"", &format!("\"type\":\"{of}\""), 1).replace("\"dateTime\":\"2026-01-01\"", "\"dateTime\":\"2026-01-02\"");
            match chart.update(&caller(role), kind("Consent"), &id, text.as_bytes(), None).await {
                Ok(_) => assert!(is_taken, "{role:?} {text}"),
                Err(Error::Refused(issues)) => assert!(!is_taken && issues[0].rule == "consent-keeper", "{role:?} {text}: {issues:?}"),
                Err(cause) => panic!("{role:?} {text}: {cause} {:?}", cause.issues()),
            }
            assert!(is_hidden(&chart.read(&physician, kind("Observation"), "o").await), "{role:?} {text}");
        }
        // What is refused to others is lifted by nobody else either, nor ended by a version that says nothing.
        chart.update(&console, kind("Patient"), "bao", br#"{"resourceType":"Patient","id":"bao"}"#, None).await.unwrap();
        let there = consent("bao", "active", THERE);
        chart.update(&physician, kind("Consent"), "bao-refusal", there.as_bytes(), None).await.unwrap();
        for written in [
            chart.update(&physician, kind("Consent"), "bao-refusal", there.replace("\"status\":\"active\"", "\"status\":\"inactive\"").as_bytes(), None).await,
            chart.delete(&physician, kind("Consent"), Target::Id("bao-refusal"), None).await,
        ] {
            assert!(matches!(&written, Err(Error::Refused(issues)) if issues[0].rule == "consent-keeper"), "{written:?}");
        }
        chart.delete(&caller(Role::RecordsClerk), kind("Consent"), Target::Id("bao-refusal"), None).await.unwrap();
        // Who keeps consents writes down what she says, and it counts.
        let text = consent("ana", "active", HERE).replace("ana-refusal", "at-the-desk").replacen("\"type\":\"deny\"", "\"type\":\"permit\"", 1).replace("\"dateTime\":\"2026-01-01\"", "\"dateTime\":\"2026-01-03\"");
        chart.update(&caller(Role::Admissions), kind("Consent"), "at-the-desk", text.as_bytes(), None).await.unwrap();
        assert!(chart.read(&physician, kind("Observation"), "o").await.is_ok());
    });
}
