//! Who says that a paper was used in another house: nobody here.

use access::Role;
use chart::{Arrival, Error, Imported, Importer, Unsure};
use fhir::{Document, ResourceType};
use testkit::{block_on, caller, clinic};

const ID: &str = "used-0123456789abcdef0123456789abcdef";

fn provenance(id: &str, code: &str) -> String {
    format!(r#"{{"resourceType":"Provenance","id":"{id}","target":[{{"reference":"Patient/ana"}}],"recorded":"2026-03-01T09:00:00Z","activity":{{"coding":[{{"system":"https://carnet.health/fhir/CodeSystem/paper","code":"{code}"}}]}},"agent":[{{"who":{{"display":"North"}}}}]}}"#)
}

#[test]
fn a_use_comes_with_an_import_and_is_otherwise_neither_written_nor_changed_nor_deleted() {
    let chart = clinic().chart;
    block_on(async {
        let kind = ResourceType::named("Provenance").unwrap();
        let body = r#"{"resourceType":"Patient","id":"ana"}"#;
        chart.update(&caller(Role::Integration), ResourceType::PATIENT, "ana", body.as_bytes(), None).await.unwrap();
        let is_refused = |error: &Error| error.issues().iter().any(|issue| issue.rule == "paper-use");
        let mark = provenance(ID, "used");
        for role in [Role::Integration, Role::Console] {
            let who = caller(role);
            // What says so, under whatever id; and what would stand in the place of such a one.
            for (id, text) in [(ID, mark.clone()), ("mine", provenance("mine", "used")), (ID, provenance(ID, "made"))] {
                let refused = chart.update(&who, kind, id, text.as_bytes(), None).await.unwrap_err();
                assert!(is_refused(&refused), "{role:?} {id}: {refused:?}");
            }
            let refused = chart.create(&who, kind, mark.as_bytes(), None).await.unwrap_err();
            assert!(is_refused(&refused), "{role:?}: {refused:?}");
        }
        chart.update(&caller(Role::Integration), kind, "mine", provenance("mine", "made").as_bytes(), None).await.unwrap();
        // A system that imports is no house either; whoever keeps the site brings all of another one.
        let document = Document::read(&mark).unwrap();
        let importer = Importer::default();
        let arrival = || [Arrival { body: Some(document.root()), full_url: None, method: None, url: None, if_none_exist: None }];
        let fates = chart.import(&caller(Role::Integration), &arrival(), importer).await.unwrap();
        assert!(matches!(&fates[..], [Imported::Rejected(issues)] if issues[0].rule == "paper-use"), "{fates:?}");
        let fates = chart.import(&caller(Role::Console), &arrival(), importer).await.unwrap();
        assert!(matches!(&fates[..], [Imported::Kept { .. }]), "{fates:?}");
        for role in [Role::Integration, Role::Console] {
            let refused = chart.delete(&caller(role), kind, chart::Target::Id(ID), None).await.unwrap_err();
            assert!(is_refused(&refused), "{role:?}: {refused:?}");
            let refused = chart.update(&caller(role), kind, ID, provenance(ID, "made").as_bytes(), None).await.unwrap_err();
            assert!(is_refused(&refused), "{role:?}: {refused:?}");
        }
        assert_eq!(chart.read(&caller(Role::Integration), kind, ID).await.unwrap().version, 1);
    });
}

/// Two persons, and two referrals of the first, each of which is used once.
async fn referrals(chart: &chart::Chart) {
    let (who, kind) = (caller(Role::Integration), ResourceType::named("QuestionnaireResponse").unwrap());
    let form = r#"{"resourceType":"Questionnaire","id":"form","url":"https://here.example/form","version":"1","status":"active","extension":[{"url":"https://carnet.health/fhir/StructureDefinition/form-certificate","extension":[{"url":"kind","valueCode":"referral"},{"url":"uses","valueString":"once"}]}],"item":[{"linkId":"why","type":"string"}]}"#;
    chart.update(&caller(Role::Console), ResourceType::named("Questionnaire").unwrap(), "form", form.as_bytes(), None).await.unwrap_or_else(|cause| panic!("{cause} {:?}", cause.issues()));
    for id in ["ana", "eva"] {
        chart.update(&who, ResourceType::PATIENT, id, format!(r#"{{"resourceType":"Patient","id":"{id}"}}"#).as_bytes(), None).await.unwrap();
    }
    for id in ["used", "fresh"] {
        let text = format!(r#"{{"resourceType":"QuestionnaireResponse","id":"{id}","status":"completed","questionnaire":"https://here.example/form|1","subject":{{"reference":"Patient/ana"}},"authored":"2026-03-02T08:00:00Z","item":[{{"linkId":"why","answer":[{{"valueString":"x"}}]}}]}}"#);
        chart.update(&who, kind, id, text.as_bytes(), None).await.unwrap_or_else(|cause| panic!("{cause} {:?}", cause.issues()));
    }
}

#[test]
fn a_paper_that_was_used_is_used_in_the_chart_to_which_it_is_moved() {
    let chart = clinic().chart;
    block_on(async {
        let (clerk, kind) = (caller(Role::RecordsClerk), ResourceType::named("QuestionnaireResponse").unwrap());
        referrals(&chart).await;
        let paper = chart.filled(&clerk, "ana", "used").await.unwrap();
        assert!(chart.use_paper(&clerk, &paper, false).await.unwrap() && !chart.use_paper(&clerk, &paper, false).await.unwrap());
        let moved = chart.correct_person(&clerk, &[(kind, "used".to_owned()), (kind, "fresh".to_owned())], "eva", "wrong chart").await.unwrap_or_else(|cause| panic!("{cause} {:?}", cause.issues()));
        assert!(moved.iter().all(|one| one.text.contains("Patient/eva") && one.id != "used" && one.id != "fresh"));
        assert!(chart.is_used(&moved[0].id).unwrap() && !chart.is_used(&moved[1].id).unwrap());
        let again = chart.filled(&clerk, "eva", &moved[0].id).await.unwrap();
        assert!(!chart.use_paper(&clerk, &again, false).await.unwrap(), "it is used once, wherever it lies");
        // Where it lay nobody uses it any more.
        assert!(matches!(chart.use_paper(&clerk, &paper, false).await, Err(Error::Gone { .. } | Error::NotFound)));
        let other = chart.filled(&clerk, "eva", &moved[1].id).await.unwrap();
        assert!(chart.use_paper(&clerk, &other, false).await.unwrap());
        // And back again, which is a third id.
        let back = chart.correct_person(&clerk, &[(kind, moved[0].id.clone())], "ana", "it was right").await.unwrap();
        assert!(chart.is_used(&back[0].id).unwrap());
        // A correction that is refused leaves all as it was.
        assert!(chart.correct_person(&clerk, &[(kind, back[0].id.clone())], "ana", "again").await.is_err());
        assert!(chart.is_used(&back[0].id).unwrap());
    });
}

#[test]
fn a_paper_that_may_have_been_used_elsewhere_is_as_doubtful_in_the_chart_to_which_it_is_moved() {
    let chart = clinic().chart;
    block_on(async {
        let (clerk, kind) = (caller(Role::RecordsClerk), ResourceType::named("QuestionnaireResponse").unwrap());
        referrals(&chart).await;
        // Something in the record is signed when it leaves for another house.
        let signature = r#"{"resourceType":"Provenance","id":"signature","target":[{"reference":"QuestionnaireResponse/used/_history/1"}],"recorded":"2026-03-02T09:00:00Z","agent":[{"who":{"display":"North"}}],"signature":[{"type":[{"system":"urn:iso-astm:E1762-95:2013","code":"1.2.840.10065.1.12.1.1"}],"when":"2026-03-02T09:00:00Z","who":{"display":"North"},"sigFormat":"application/jose","data":"eA=="}]}"#;
        chart.update(&caller(Role::Integration), ResourceType::named("Provenance").unwrap(), "signature", signature.as_bytes(), None).await.unwrap_or_else(|cause| panic!("{cause} {:?}", cause.issues()));
        assert!(chart.hand_over(&caller(Role::Console), "ana").await.unwrap().is_some());
        let before = chart.filled(&clerk, "ana", "fresh").await.unwrap();
        let doubt = chart.use_doubt(&clerk, &before).unwrap();
        assert!(matches!(doubt, Some(Unsure::HandedOver(_))), "{doubt:?}");
        // To another chart, and on from there.
        let mut id = "fresh".to_owned();
        for to in ["eva", "ana", "eva"] {
            let moved = chart.correct_person(&clerk, &[(kind, id)], to, "wrong chart").await.unwrap_or_else(|cause| panic!("{cause} {:?}", cause.issues()));
            id = moved[0].id.clone();
            let paper = chart.filled(&clerk, to, &id).await.unwrap();
            assert_eq!(chart.use_doubt(&clerk, &paper).unwrap(), doubt, "{to}");
            let refused = chart.use_paper(&clerk, &paper, false).await.unwrap_err();
            assert!(refused.issues().iter().any(|issue| issue.rule == "elsewhere"), "{refused:?}");
        }
        let paper = chart.filled(&clerk, "eva", &id).await.unwrap();
        assert!(chart.use_paper(&clerk, &paper, true).await.unwrap());
    });
}
