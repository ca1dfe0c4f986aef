//! A Bundle that is kept tells nobody what is hidden from them where it comes from.

use access::{Caller, Disclosure, GlassReason, Role};
use chart::{HistoryQuery, HistoryScope, Target};
use fhir::ResourceType;
use testkit::secrets::consent;
use testkit::{block_on, caller, clinic_set, settings};

use crate::door::{is_hidden, kind, search};

/// A Bundle with one resource of somebody in it.
fn bundle(id: &str, of: &str, inner: &str, whom: &str) -> String {
    format!(
        r#"{{"resourceType":"Bundle","id":"{id}","type":"collection","entry":[{{"fullUrl":"urn:uuid:11111111-1111-4111-8111-111111111111","resource":{{"resourceType":"{of}","id":"inside",{inner},"subject":{{"reference":"Patient/{whom}"}}}}}}]}}"#
    )
}

#[test]
fn a_kept_bundle_is_hidden_with_what_is_in_it() {
    const OBSERVATION: &str = r#""status":"final","code":{"text":"x"}"#;
    const CONDITION: &str = r#""clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},"code":{"text":"x"}"#;
    block_on(async {
        let clinic = clinic_set(settings());
        let chart = &clinic.chart;
        let (console, physician) = (caller(Role::Console), caller(Role::Physician));
        let put = async |of: &str, id: &str, text: &str| {
            chart.update(&console, kind(of), id, text.as_bytes(), None).await.unwrap_or_else(|cause| panic!("{text}: {cause} {:?}", cause.issues()));
        };
        let sees = async |caller: &Caller, id: &str| {
            let read = chart.read(caller, ResourceType::BUNDLE, id).await;
            assert!(read.is_ok() || is_hidden(&read));
            let count = usize::from(read.is_ok());
            let found = search(chart, caller, "Bundle", &format!("_id={id}&_total=accurate")).await.unwrap();
            assert_eq!((found.items.len(), found.total), (count, Some(count as u64)), "a search agrees with a read");
            let history = chart.history(caller, HistoryScope::Instance(ResourceType::BUNDLE, id), &HistoryQuery::default()).await;
            assert_eq!(history.is_ok(), read.is_ok(), "a history agrees with a read");
            read.is_ok()
        };
        put("Organization", "clinic", r#"{"resourceType":"Organization","id":"clinic","name":"Test clinic"}"#).await;
        for whom in ["ana", "bao"] {
            put("Patient", whom, &format!(r#"{{"resourceType":"Patient","id":"{whom}"}}"#)).await;
        }
        let refused = bundle("refused", "Observation", OBSERVATION, "ana");
        put("Bundle", "refused", &refused).await;
        put("Bundle", "another-type", &bundle("another-type", "Condition", CONDITION, "ana")).await;
        put("Bundle", "another-person", &bundle("another-person", "Observation", OBSERVATION, "bao")).await;
        assert!(sees(&physician, "refused").await);

        let consent = |status: &str| consent("ana", status, r#""actor":[{"role":{"text":"x"},"reference":{"reference":"Organization/clinic"}}],"class":[{"system":"http://hl7.org/fhir/resource-types","code":"Observation"}]"#);
        put("Consent", "ana-refusal", &consent("active")).await;
        assert!(!sees(&physician, "refused").await, "what she refuses is refused in whatever it is kept");
        assert!(sees(&physician, "another-type").await && sees(&physician, "another-person").await && sees(&console, "refused").await);
        assert!(is_hidden(&chart.update(&physician, ResourceType::BUNDLE, "refused", refused.as_bytes(), None).await));
        assert!(is_hidden(&chart.delete(&physician, ResourceType::BUNDLE, Target::Id("refused"), None).await));

        chart.break_glass(&physician, "ana", GlassReason::Danger, "found unconscious").await.unwrap();
        assert!(sees(&physician, "refused").await);
        chart.mend_glass(&physician, "ana").unwrap();
        assert!(!sees(&physician, "refused").await);
        put("Consent", "ana-refusal", &consent("inactive")).await;
        assert!(sees(&physician, "refused").await, "and it ends at once");
    });
}

#[test]
fn who_reads_a_kept_bundle_has_opened_the_records_of_those_in_it() {
    block_on(async {
        let clinic = clinic_set(settings());
        let chart = &clinic.chart;
        let (console, physician) = (caller(Role::Console), caller(Role::Physician));
        for whom in ["ana", "bao"] {
            let text = format!(r#"{{"resourceType":"Patient","id":"{whom}"}}"#);
            chart.update(&console, ResourceType::PATIENT, whom, text.as_bytes(), None).await.unwrap();
        }
        let text = bundle("kept", "Observation", r#""status":"final","code":{"text":"x"}"#, "ana");
        chart.update(&console, ResourceType::BUNDLE, "kept", text.as_bytes(), None).await.unwrap();
        let opened = async |whom: &str| {
            let lines = chart.openings(&console, whom, 100).await.unwrap();
            lines.iter().filter(|line| line.account == physician.account.number).map(|line| line.how).collect::<Vec<_>>()
        };
        assert!(opened("ana").await.is_empty());
        chart.read(&physician, ResourceType::BUNDLE, "kept").await.unwrap();
        assert_eq!((opened("ana").await, opened("bao").await), (vec![Disclosure::Read], vec![]), "once, and of whom it tells");
        chart.read(&physician, ResourceType::BUNDLE, "kept").await.unwrap();
        assert_eq!(opened("ana").await.len(), 1);
    });
}
