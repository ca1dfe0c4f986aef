//! Guests and homeless resources: stored, found, opened and refused.

use access::Role;
use chart::{Chart, Error, EverythingQuery};
use fhir::ResourceType;
use testkit::{block_on, caller, clinic};

use crate::door::{create, created, ids, is_hidden, kind, patient, search, system};

/// The types and ids of a person's `$everything`, the person included.
async fn everything(chart: &Chart, patient: &str) -> Vec<String> {
    let page = chart.everything(&system(), patient, &EverythingQuery::default()).await.unwrap();
    assert!(page.next.is_none());
    let mut found: Vec<String> = page.items.iter().map(|hit| format!("{}/{}", hit.stored.kind, hit.stored.id)).collect();
    found.sort();
    found
}

/// Openings that a role has left in a person's record. Looking leaves one too, of another account.
async fn openings_by(chart: &Chart, role: Role, patient: &str) -> usize {
    let number = caller(role).account.number;
    chart.openings(&caller(Role::Console), patient, 1000).await.unwrap().iter().filter(|line| line.account == number).count()
}

#[test]
fn a_coverage_lies_with_its_beneficiary_and_the_others_it_names_are_guests() {
    block_on(async {
        let clinic = clinic();
        let chart = &clinic.chart;
        let (child, mother, father, stranger) = (patient(chart, "child").await, patient(chart, "mother").await, patient(chart, "father").await, patient(chart, "stranger").await);
        let coverage = created(
            chart,
            &format!(
                r#"{{"resourceType":"Coverage","status":"active","beneficiary":{{"reference":"Patient/{child}"}},"subscriber":{{"reference":"Patient/{mother}"}},"payor":[{{"reference":"Patient/{father}"}}]}}"#
            ),
        )
        .await;
        let named = format!("Coverage/{coverage}");
        for person in [&child, &mother, &father] {
            assert!(everything(chart, person).await.contains(&named), "whoever is named has it in everything");
        }
        assert!(!everything(chart, &stranger).await.contains(&named));

        // Whoever reads it opens the record it lies in, and no other.
        let doctor = caller(Role::Physician);
        chart.read(&doctor, kind("Coverage"), &coverage).await.unwrap();
        assert_eq!(openings_by(chart, Role::Physician, &child).await, 1);
        assert_eq!(openings_by(chart, Role::Physician, &stranger).await, 0);
        // Whoever asks for everything of a guest opens both records.
        let nurse = caller(Role::Nurse);
        chart.everything(&nurse, &mother, &EverythingQuery::default()).await.unwrap();
        assert_eq!(openings_by(chart, Role::Nurse, &mother).await, 1);
        assert_eq!(openings_by(chart, Role::Nurse, &child).await, 1);
        assert_eq!(openings_by(chart, Role::Nurse, &stranger).await, 0);

        for (text, count) in [(format!("patient={child}"), 1), (format!("beneficiary=Patient/{child}"), 1), (format!("subscriber=Patient/{mother}"), 1), (format!("payor=Patient/{father}"), 1), (format!("patient={mother}"), 0)] {
            assert_eq!(search(chart, &system(), "Coverage", &text).await.unwrap().items.len(), count, "{text}");
        }

        // Named no more, they are guests no more; the history stays.
        let body = format!(r#"{{"resourceType":"Coverage","id":"{coverage}","status":"active","beneficiary":{{"reference":"Patient/{child}"}},"payor":[{{"display":"nobody known"}}]}}"#);
        chart.update(&system(), kind("Coverage"), &coverage, body.as_bytes(), None).await.unwrap();
        assert!(everything(chart, &child).await.contains(&named));
        for person in [&mother, &father] {
            assert!(!everything(chart, person).await.contains(&named), "no longer named");
        }
        assert!(is_hidden(&chart.read(&caller(Role::Operator), kind("Coverage"), &coverage).await));
    });
}

#[test]
fn an_observation_by_another_patient_lies_with_its_subject_and_is_found_by_both() {
    block_on(async {
        let clinic = clinic();
        let chart = &clinic.chart;
        let (child, mother) = (patient(chart, "child").await, patient(chart, "mother").await);
        let observation = created(
            chart,
            &format!(
                r#"{{"resourceType":"Observation","status":"final","code":{{"text":"temperature"}},"subject":{{"reference":"Patient/{child}"}},"performer":[{{"reference":"Patient/{mother}"}}]}}"#
            ),
        )
        .await;
        for text in [format!("patient={child}"), format!("subject=Patient/{child}"), format!("performer=Patient/{mother}")] {
            assert_eq!(ids(&search(chart, &system(), "Observation", &text).await.unwrap()), [observation.as_str()], "{text}");
        }
        assert_eq!(search(chart, &system(), "Observation", &format!("patient={mother}")).await.unwrap().items.len(), 0);
        for person in [&child, &mother] {
            assert!(everything(chart, person).await.contains(&format!("Observation/{observation}")));
        }
        // The page of a person holds what lies with the person, not what names them elsewhere.
        let lies_with = |patient: String| async move { chart.person(&system(), &patient).await.unwrap().resources.len() };
        assert_eq!(lies_with(child.clone()).await, 1);
        assert_eq!(lies_with(mother.clone()).await, 0);
    });
}

#[test]
fn a_group_and_a_list_are_records_of_their_own() {
    block_on(async {
        let clinic = clinic();
        let chart = &clinic.chart;
        let (one, other) = (patient(chart, "one").await, patient(chart, "other").await);
        let group = created(
            chart,
            &format!(
                r#"{{"resourceType":"Group","type":"person","actual":true,"member":[{{"entity":{{"reference":"Patient/{one}"}}}},{{"entity":{{"reference":"Patient/{other}"}}}}]}}"#
            ),
        )
        .await;
        let list = created(
            chart,
            &format!(r#"{{"resourceType":"List","status":"current","mode":"working","entry":[{{"item":{{"reference":"Patient/{one}"}}}},{{"item":{{"reference":"Patient/{other}"}}}}]}}"#),
        )
        .await;
        let own = created(chart, &format!(r#"{{"resourceType":"List","status":"current","mode":"working","subject":{{"reference":"Patient/{one}"}}}}"#)).await;
        let doctor = caller(Role::Physician);
        for (of, id) in [("Group", &group), ("List", &list), ("List", &own)] {
            assert_eq!(chart.read(&doctor, kind(of), id).await.unwrap().id, *id);
            assert!(is_hidden(&chart.read(&caller(Role::Operator), kind(of), id).await), "{of} is not for whoever opens no chart");
        }
        assert_eq!(search(chart, &doctor, "List", &format!("subject=Patient/{one}")).await.unwrap().items.len(), 1);
        assert_eq!(search(chart, &doctor, "Group", &format!("member=Patient/{one}")).await.unwrap().items.len(), 1);
        let (of_one, of_other) = (everything(chart, &one).await, everything(chart, &other).await);
        for (name, with_one, with_other) in [(format!("Group/{group}"), true, true), (format!("List/{list}"), true, true), (format!("List/{own}"), true, false)] {
            assert_eq!((of_one.contains(&name), of_other.contains(&name)), (with_one, with_other), "{name}");
        }
        // Only the list with a subject lies with a person.
        assert_eq!(chart.person(&doctor, &one).await.unwrap().resources.len(), 1);
        assert_eq!(chart.person(&doctor, &other).await.unwrap().resources.len(), 0);
    });
}

#[test]
fn a_binary_lies_where_its_security_context_says() {
    block_on(async {
        let clinic = clinic();
        let chart = &clinic.chart;
        let whose = patient(chart, "whose").await;
        let with = created(chart, &format!(r#"{{"resourceType":"Binary","contentType":"text/plain","securityContext":{{"reference":"Patient/{whose}"}},"data":"YQ=="}}"#)).await;
        let without = created(chart, r#"{"resourceType":"Binary","contentType":"text/plain","data":"Yg=="}"#).await;
        let doctor = caller(Role::Physician);
        let before = openings_by(chart, Role::Physician, &whose).await;
        chart.read(&doctor, kind("Binary"), &without).await.unwrap();
        assert_eq!(openings_by(chart, Role::Physician, &whose).await, before, "it is nobody's");
        chart.read(&doctor, kind("Binary"), &with).await.unwrap();
        assert_eq!(openings_by(chart, Role::Physician, &whose).await, before + 1, "it is hers");
        let found = everything(chart, &whose).await;
        assert!(found.contains(&format!("Binary/{with}")) && !found.contains(&format!("Binary/{without}")));
        for id in [&with, &without] {
            assert!(is_hidden(&chart.read(&caller(Role::Operator), kind("Binary"), id).await));
        }
    });
}

#[test]
fn an_observation_without_a_subject_waits_and_is_found_by_what_it_says() {
    block_on(async {
        let clinic = clinic();
        let chart = &clinic.chart;
        let somebody = patient(chart, "somebody").await;
        let waiting = created(chart, r#"{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"718-7"}]},"effectiveDateTime":"2026-02-01"}"#).await;
        let doctor = caller(Role::Physician);
        assert_eq!(chart.read(&doctor, kind("Observation"), &waiting).await.unwrap().id, waiting);
        assert_eq!(ids(&search(chart, &doctor, "Observation", "code=718-7").await.unwrap()), [waiting.as_str()]);
        assert!(!everything(chart, &somebody).await.contains(&format!("Observation/{waiting}")), "it is guessed to be nobody's");
        assert!(is_hidden(&chart.read(&caller(Role::Operator), kind("Observation"), &waiting).await));
        // Giving it a subject by an update would move it: that is an act of its own.
        let body = format!(r#"{{"resourceType":"Observation","id":"{waiting}","status":"final","code":{{"text":"a"}},"subject":{{"reference":"Patient/{somebody}"}}}}"#);
        assert!(matches!(chart.update(&system(), kind("Observation"), &waiting, body.as_bytes(), None).await, Err(Error::Refused(_))));
    });
}

#[test]
fn an_update_that_would_change_the_home_is_refused_and_changes_nothing() {
    block_on(async {
        let clinic = clinic();
        let chart = &clinic.chart;
        let (one, other) = (patient(chart, "one").await, patient(chart, "other").await);
        let body = |id: &str, subject: &str| format!(r#"{{"resourceType":"Condition"{id},"code":{{"text":"a"}},"subject":{{"reference":"{subject}"}}}}"#);
        let condition = created(chart, &body("", &format!("Patient/{one}"))).await;
        let id = format!(r#","id":"{condition}""#);
        for moved in [format!("Patient/{other}"), format!("{}/Patient/{other}", testkit::BASE_URL)] {
            let refused = chart.update(&system(), kind("Condition"), &condition, body(&id, &moved).as_bytes(), None).await;
            let Err(cause @ Error::Refused(_)) = refused else { panic!("{moved}: {refused:?}") };
            assert!(!format!("{cause:?}").contains(&other), "a refusal names nobody");
        }
        let patch = format!(r#"[{{"op":"replace","path":"/subject/reference","value":"Patient/{other}"}}]"#);
        assert!(matches!(chart.patch(&system(), kind("Condition"), chart::Target::Id(&condition), chart::Patch::Json(patch.as_bytes()), None).await, Err(Error::Refused(_))));
        let now = chart.read(&system(), kind("Condition"), &condition).await.unwrap();
        assert_eq!(now.version, 1);
        assert!(now.text.contains(&one));
        // The same home, said in another way, is no move.
        let same = body(&id, &format!("{}/Patient/{one}", testkit::BASE_URL));
        chart.update(&system(), kind("Condition"), &condition, same.as_bytes(), None).await.unwrap();
    });
}

#[test]
fn a_resource_about_somebody_who_does_not_exist_is_refused() {
    block_on(async {
        let clinic = clinic();
        let body = r#"{"resourceType":"Condition","code":{"text":"a"},"subject":{"reference":"Patient/nobody"}}"#;
        assert!(matches!(create(&clinic.chart, body).await, Err(Error::Refused(_))));
        assert_eq!(search(&clinic.chart, &system(), "Condition", "").await.unwrap().items.len(), 0);
        assert!(is_hidden(&clinic.chart.read(&system(), ResourceType::PATIENT, "nobody").await));
    });
}

#[test]
fn what_names_several_of_the_persons_asked_for_is_found_once() {
    block_on(async {
        let clinic = clinic();
        let chart = &clinic.chart;
        let (home, second, third) = (patient(chart, "home").await, patient(chart, "second").await, patient(chart, "third").await);
        let named: Vec<String> = [&home, &second, &third].iter().map(|id| format!(r#"{{"reference":"Patient/{id}"}}"#)).collect();
        let report = created(
            chart,
            &format!(
                r#"{{"resourceType":"MeasureReport","status":"complete","type":"individual","measure":"http://m.example/m","period":{{"start":"2026"}},"subject":{{"reference":"Patient/{home}"}},"evaluatedResource":[{}]}}"#,
                named.join(",")
            ),
        )
        .await;
        for whom in [[&second, &third, &home], [&home, &second, &third], [&third, &second, &third]] {
            for page in ["", "&_count=1"] {
                let text = format!("evaluated-resource=Patient/{},Patient/{},Patient/{}{page}", whom[0], whom[1], whom[2]);
                assert_eq!(crate::door::all_pages(chart, &crate::door::query("MeasureReport", &text)).await.unwrap(), [report.clone()], "{text}");
            }
        }
    });
}

#[test]
fn a_guest_who_came_later_is_found_once_the_resource_is_written_again() {
    block_on(async {
        let clinic = clinic();
        let chart = &clinic.chart;
        let body = |active: bool| format!(r#"{{"resourceType":"Patient","id":"early","active":{active},"link":[{{"other":{{"reference":"Patient/late"}},"type":"seealso"}}]}}"#);
        chart.update(&system(), ResourceType::PATIENT, "early", body(true).as_bytes(), None).await.unwrap();
        chart.update(&system(), ResourceType::PATIENT, "late", br#"{"resourceType":"Patient","id":"late"}"#, None).await.unwrap();
        for active in [false, true] {
            chart.update(&system(), ResourceType::PATIENT, "early", body(active).as_bytes(), None).await.unwrap();
            assert_eq!(ids(&search(chart, &system(), "Patient", "link=Patient/late").await.unwrap()), ["early"]);
        }
        let checked = chart.check(&caller(Role::Console), &mut |_| {}).unwrap();
        assert!(checked.is_sound(), "{:?}", checked.findings);
    });
}

#[test]
fn a_guest_is_found_by_a_reference_inside_an_element_of_that_name() {
    block_on(async {
        let clinic = clinic();
        let chart = &clinic.chart;
        let (one, other) = (patient(chart, "one").await, patient(chart, "other").await);
        let consent = created(
            chart,
            &format!(
                r#"{{"resourceType":"Consent","status":"active","scope":{{"text":"x"}},"category":[{{"text":"x"}}],"policyRule":{{"text":"x"}},"patient":{{"reference":"Patient/{one}"}},"provision":{{"actor":[{{"role":{{"text":"x"}},"reference":{{"reference":"Patient/{other}"}}}}]}}}}"#
            ),
        )
        .await;
        assert_eq!(ids(&search(chart, &system(), "Consent", &format!("actor=Patient/{other}")).await.unwrap()), [consent]);
    });
}
