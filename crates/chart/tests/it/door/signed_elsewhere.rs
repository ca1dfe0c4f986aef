//! A document that was signed elsewhere and is brought by a registered system stays as it was signed.

use access::Role;
use chart::{Chart, Error, Target};
use testkit::{block_on, caller, clinic};

use crate::door::{kind, system};

async fn put(chart: &Chart, of: &str, id: &str, body: &str) {
    let text = format!(r#"{{"resourceType":"{of}","id":"{id}",{body}}}"#);
    chart.update(&system(), kind(of), id, text.as_bytes(), None).await.unwrap_or_else(|cause| panic!("{text}: {cause} {:?}", cause.issues()));
}

#[test]
fn what_it_contains_makes_no_draft_of_a_signed_document() {
    block_on(async {
        let chart = clinic().chart;
        put(&chart, "Patient", "ana", r#""gender":"female""#).await;
        let said = |note: &str| {
            format!(
                r##""contained":[{{"resourceType":"Procedure","id":"c","status":"in-progress","code":{{"text":"x"}},"subject":{{"reference":"Patient/ana"}}}}],"partOf":[{{"reference":"#c"}}],"status":"completed","subject":{{"reference":"Patient/ana"}},"item":[{{"linkId":"note","answer":[{{"valueString":"{note}"}}]}}]"##
            )
        };
        put(&chart, "QuestionnaireResponse", "q", &said("first")).await;
        put(&chart, "QuestionnaireResponse", "q", &said("second")).await;
        put(
            &chart,
            "Provenance",
            "p",
            r#""target":[{"reference":"QuestionnaireResponse/q/_history/2"}],"recorded":"2026-01-02T08:00:00Z","agent":[{"who":{"display":"Dr. Ruiz"}}],"signature":[{"type":[{"system":"urn:iso-astm:E1762-95:2013","code":"1.2.840.10065.1.12.1.1"}],"when":"2026-01-02T08:00:00Z","who":{"display":"Dr. Ruiz"},"sigFormat":"application/jose","data":"YS4uYg=="}]"#,
        )
        .await;
        let is_held = |result: chart::Result<chart::Written>| matches!(&result, Err(Error::Refused(issues)) if issues[0].rule == "signed");
        for role in [Role::Physician, Role::Integration] {
            let third = format!(r#"{{"resourceType":"QuestionnaireResponse","id":"q",{}}}"#, said("third"));
            assert!(is_held(chart.update(&caller(role), kind("QuestionnaireResponse"), "q", third.as_bytes(), None).await), "{role:?}");
            assert!(is_held(chart.delete(&caller(role), kind("QuestionnaireResponse"), Target::Id("q"), None).await), "{role:?}");
        }
    });
}
