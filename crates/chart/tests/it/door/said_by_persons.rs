//! What a person said in a form stays what they said, whoever writes by whatever way.

use access::Role;
use chart::{Chart, Error, Labelling, Patch, Target};
use fhir::Document;
use testkit::{block_on, caller, clinic};

use crate::door::{kind, system};

fn said(id: &str, author: &str, note: &str) -> String {
    format!(
        r#"{{"resourceType":"QuestionnaireResponse","id":"{id}","status":"completed","subject":{{"reference":"Patient/ana"}},"author":{{"reference":"{author}"}},"item":[{{"linkId":"note","answer":[{{"valueString":"{note}"}}]}}]}}"#
    )
}

async fn put(chart: &Chart, of: &str, id: &str, text: &str) {
    chart.update(&system(), kind(of), id, text.as_bytes(), None).await.unwrap_or_else(|cause| panic!("{text}: {cause} {:?}", cause.issues()));
}

#[test]
fn who_works_here_alters_nothing_that_a_person_said() {
    block_on(async {
        let chart = clinic().chart;
        let response = kind("QuestionnaireResponse");
        for id in ["ana", "bao"] {
            put(&chart, "Patient", id, &format!(r#"{{"resourceType":"Patient","id":"{id}"}}"#)).await;
        }
        put(&chart, "RelatedPerson", "mother", r#"{"resourceType":"RelatedPerson","id":"mother","patient":{"reference":"Patient/ana"}}"#).await;
        put(&chart, "Practitioner", "dr", r#"{"resourceType":"Practitioner","id":"dr"}"#).await;
        for (id, author) in [("own", "Patient/ana"), ("acting", "RelatedPerson/mother"), ("staff", "Practitioner/dr")] {
            put(&chart, "QuestionnaireResponse", id, &said(id, author, "first")).await;
        }
        let is_held = |result: &chart::Result<chart::Written>| matches!(result, Err(Error::Refused(issues)) if issues[0].rule == "said-by-person");
        for role in [Role::Physician, Role::Nurse, Role::Admissions, Role::RecordsClerk] {
            for (id, author) in [("own", "Patient/ana"), ("acting", "RelatedPerson/mother")] {
                assert!(is_held(&chart.update(&caller(role), response, id, said(id, author, "other").as_bytes(), None).await), "{role:?} {id}");
                assert!(is_held(&chart.update(&caller(role), response, id, said(id, "Practitioner/dr", "first").as_bytes(), None).await), "{role:?} {id}");
                assert!(is_held(&chart.delete(&caller(role), response, Target::Id(id), None).await), "{role:?} {id}");
            }
            let patch = Patch::Json(br#"[{"op":"replace","path":"/status","value":"entered-in-error"}]"#);
            assert!(is_held(&chart.patch(&caller(role), response, Target::Id("own"), patch, None).await), "{role:?}");
            let text = said("staff", "Practitioner/dr", role.word());
            assert!(chart.update(&caller(role), response, "staff", text.as_bytes(), None).await.is_ok(), "{role:?}: what staff wrote");
        }
        // It may be labelled, and moved to the chart where it belongs; a system that brings it brings it anew.
        let label = Document::read(r#"{"tag":[{"system":"urn:t","code":"seen"}]}"#).unwrap();
        chart.label(&caller(Role::Physician), response, "own", Labelling::Add, label.root(), None).await.unwrap();
        put(&chart, "QuestionnaireResponse", "own", &said("own", "Patient/ana", "again")).await;
        chart.correct_person(&caller(Role::RecordsClerk), &[(response, "own".to_owned())], "bao", "wrong chart").await.unwrap();
        assert!(matches!(chart.read(&caller(Role::Physician), response, "own").await, Err(Error::Gone { .. })));
    });
}
