//! What is attached to a document is seen by whoever sees the document.

use std::sync::Arc;

use access::{GlassReason, Policy, Role};
use chart::{Settings, Target};
use fhir::ResourceType;
use testkit::secrets::consent;
use testkit::{block_on, caller, clinic_set};

use crate::door::{is_hidden, kind, search};

#[test]
fn a_binary_is_hidden_with_what_stands_for_it() {
    const SEAL: &str = r#""meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"V"}]},"#;
    block_on(async {
        let policy = Policy { sensitivities: Arc::from(country::all()[0].sensitivities.labels.clone()), ..Policy::default() };
        let clinic = clinic_set(Settings { policy, ..testkit::settings() });
        let chart = &clinic.chart;
        let (console, physician) = (caller(Role::Console), caller(Role::Physician));
        let put = async |of: &str, id: &str, body: &str| {
            let text = format!(r#"{{"resourceType":"{of}","id":"{id}",{body}}}"#);
            chart.update(&console, kind(of), id, text.as_bytes(), None).await.unwrap_or_else(|cause| panic!("{text}: {cause} {:?}", cause.issues()));
        };
        let sees = async |id: &str| {
            let read = chart.read(&physician, ResourceType::BINARY, id).await;
            assert!(read.is_ok() || is_hidden(&read));
            let found = search(chart, &physician, "Binary", &format!("_id={id}")).await.unwrap();
            assert_eq!(found.items.len(), usize::from(read.is_ok()), "a search agrees with a read");
            read.is_ok()
        };
        put("Patient", "ana", r#""gender":"female""#).await;
        for (id, meta) in [("sealed", SEAL), ("open", "")] {
            put("DocumentReference", id, &format!(r#"{meta}"status":"current","subject":{{"reference":"Patient/ana"}},"content":[{{"attachment":{{"url":"Binary/of-{id}"}}}}]"#)).await;
            put("Binary", &format!("of-{id}"), &format!(r#""contentType":"application/pdf","securityContext":{{"reference":"DocumentReference/{id}"}},"data":"AAH/""#)).await;
        }
        put("Binary", "of-ana", r#""contentType":"application/pdf","securityContext":{"reference":"Patient/ana"},"data":"AAH/""#).await;
        assert!(sees("of-open").await && sees("of-ana").await);
        assert!(!sees("of-sealed").await, "what is sealed is sealed with its content");
        chart.break_glass(&physician, "ana", GlassReason::Danger, "found unconscious").await.unwrap();
        assert!(sees("of-sealed").await);
        chart.mend_glass(&physician, "ana").unwrap();
        chart.delete(&console, kind("DocumentReference"), Target::Id("sealed"), None).await.unwrap();
        assert!(!sees("of-sealed").await, "and stays so where the document is gone");

        let refusal = consent("ana", "active", r#""class":[{"system":"http://hl7.org/fhir/resource-types","code":"DocumentReference"}]"#);
        chart.update(&console, kind("Consent"), "ana-refusal", refusal.as_bytes(), None).await.unwrap();
        assert!(!sees("of-open").await, "who refuses documents refuses what is in them");
        assert!(sees("of-ana").await);
    });
}
