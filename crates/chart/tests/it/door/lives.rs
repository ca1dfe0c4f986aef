//! Births and deaths that cannot be true: refused of whoever writes them, kept where they come from an older record.

use access::Role;
use chart::{Arrival, Error, Importer, Origin, TakenIn, WrittenAs};
use fhir::{Document, Issue, ResourceType};
use testkit::{block_on, caller, clinic};

use crate::door::{create, created, search, system};

fn told(issues: &[Issue]) -> Vec<(&str, &str, bool)> {
    issues.iter().map(|issue| (issue.expression.as_str(), issue.rule.as_str(), issue.is_error())).collect()
}

#[test]
fn a_birth_to_come_and_a_death_before_it_are_refused_with_place_and_remedy() {
    block_on(async {
        let clinic = clinic();
        let chart = &clinic.chart;
        // The clinic opens on 2 March 2026.
        for (body, place, rule) in [
            (r#"{"resourceType":"Patient","birthDate":"2026-03-04"}"#, "Patient.birthDate", "birth-in-future"),
            (r#"{"resourceType":"Patient","birthDate":"2027"}"#, "Patient.birthDate", "birth-in-future"),
            (r#"{"resourceType":"Practitioner","birthDate":"2027"}"#, "Practitioner.birthDate", "birth-in-future"),
            (r#"{"resourceType":"Patient","deceasedDateTime":"2027-01-01"}"#, "Patient.deceasedDateTime", "death-in-future"),
            (r#"{"resourceType":"Patient","birthDate":"1958-03-14","deceasedDateTime":"1958-03-13"}"#, "Patient.deceasedDateTime", "death-before-birth"),
        ] {
            let refused = create(chart, body).await;
            let Err(Error::Invalid(issues)) = refused else { panic!("{body}: {refused:?}") };
            assert_eq!(told(&issues), [(place, rule, true)], "{body}");
            assert!(issues[0].message.contains("orrect") && !issues[0].message.contains("19") && !issues[0].message.contains("20"), "a remedy and no date: {}", issues[0].message);
        }
        for body in [r#"{"resourceType":"Patient","birthDate":"2026"}"#, r#"{"resourceType":"Patient","birthDate":"2026-03"}"#, r#"{"resourceType":"Patient","birthDate":"2026-03-03"}"#, r#"{"resourceType":"Patient","birthDate":"1958-03-14","deceasedDateTime":"1958-03"}"#] {
            created(chart, body).await;
        }
        assert_eq!(search(chart, &system(), "Patient", "").await.unwrap().items.len(), 4);
        // In a transaction nothing of it is written.
        let bundle = r#"{"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient","birthDate":"1958"},"request":{"method":"POST","url":"Patient"}},{"resource":{"resourceType":"Patient","birthDate":"2126"},"request":{"method":"POST","url":"Patient"}}]}"#;
        let refused = chart.bundle(&system(), bundle.as_bytes()).await;
        assert!(matches!(&refused, Err(Error::Entry { index: 1, cause }) if matches!(**cause, Error::Invalid(_))), "{refused:?}");
        assert_eq!(search(chart, &system(), "Patient", "").await.unwrap().items.len(), 4);
    });
}

#[test]
fn what_an_older_version_kept_can_be_brought_changed_and_merged_and_not_made_worse() {
    block_on(async {
        let clinic = clinic();
        let chart = &clinic.chart;
        let old = r#"{"resourceType":"Patient","id":"old","active":true,"birthDate":"2126-01-01"}"#;
        let document = Document::read(old).unwrap();
        let arrivals = [Arrival { body: Some(document.root()), full_url: None, method: None, url: None, if_none_exist: None }];
        let strict = chart.import(&caller(Role::Console), &arrivals, Importer::default()).await.unwrap();
        assert!(matches!(&strict[0], chart::Imported::Rejected(issues) if told(issues) == [("Patient.birthDate", "birth-in-future", true)]), "{strict:?}");
        let kept = chart.import(&caller(Role::Console), &arrivals, Importer { keep_flawed: true, ..Importer::default() }).await.unwrap();
        assert!(matches!(&kept[0], chart::Imported::Kept { flawed: true, .. }), "{kept:?}");
        // Something else of it changes: that is told of and not refused.
        let put = async |text: String| chart.update(&system(), ResourceType::PATIENT, "old", text.as_bytes(), None).await;
        let written = put(old.replace("\"active\"", "\"gender\":\"female\",\"active\"")).await.unwrap();
        assert_eq!((written.done, told(&written.issues)), (WrittenAs::Updated, vec![("Patient.birthDate", "birth-in-future", false)]));
        created(chart, r#"{"resourceType":"Patient","active":true,"birthDate":"1958"}"#).await;
        let other = search(chart, &system(), "Patient", "birthdate=1958").await.unwrap().items[0].stored.id.clone();
        chart.merge(&caller(Role::RecordsClerk), &other, "old", "one person").await.unwrap();
        chart.unmerge(&caller(Role::RecordsClerk), "old", "two after all").await.unwrap();
        // Another day to come is refused; a true one is taken, and is then no exception any more.
        assert!(matches!(put(old.replace("2126", "2127")).await, Err(Error::Invalid(_))));
        assert!(put(old.replace("2126", "1958")).await.unwrap().issues.is_empty());
        assert!(matches!(put(old.to_owned()).await, Err(Error::Invalid(_))));
    });
}

#[test]
fn a_parcel_from_a_house_with_an_older_version_is_taken_in() {
    block_on(async {
        let clinic = clinic();
        let person = r#"{"resourceType":"Patient","id":"old","birthDate":"1958-03-14","deceasedDateTime":"1950"}"#.to_owned();
        let fates = clinic.chart.take_in_person(&caller(Role::Console), &Origin { institution: "North", parcel: "p" }, &[person], &[], &[], &[]).await.unwrap();
        assert_eq!(fates, [TakenIn::New]);
    });
}
