//! Many at the door at once.

use chart::{Error, WrittenAs};
use fhir::ResourceType;
use testkit::{block_on, clinic};

use crate::door::{kind, patient, search, system};

const SOMEBODY: &str = r#"{"resourceType":"Patient","identifier":[{"system":"urn:s","value":"1"}]}"#;

#[test]
fn two_conditional_creates_at_once_make_one_resource_on_every_path() {
    block_on(async {
        let clinic = clinic();
        for round in 0..30 {
            let value = format!("r{round}");
            let body = SOMEBODY.replace("\"1\"", &format!("\"{value}\""));
            let condition = format!("identifier=urn:s|{value}");
            let bundle = |kind: &str| {
                format!(
                    r#"{{"resourceType":"Bundle","type":"{kind}","entry":[{{"resource":{body},"request":{{"method":"POST","url":"Patient","ifNoneExist":"{condition}"}}}}]}}"#
                )
            };
            let (transaction, batch) = (bundle("transaction"), bundle("batch"));
            let mut tasks = Vec::new();
            for path in 0..6 {
                let (chart, body, condition, transaction, batch) = (clinic.chart.clone(), body.clone(), condition.clone(), transaction.clone(), batch.clone());
                tasks.push(tokio::spawn(async move {
                    match path % 3 {
                        0 => chart.create(&system(), ResourceType::PATIENT, body.as_bytes(), Some(&condition)).await.map(|written| (written.done, written.stored.id)),
                        1 => chart.bundle(&system(), transaction.as_bytes()).await.map(|mut done| outcome(done.entries.remove(0))),
                        _ => chart.bundle(&system(), batch.as_bytes()).await.map(|mut done| outcome(done.entries.remove(0))),
                    }
                }));
            }
            let mut fates = Vec::new();
            for task in tasks {
                fates.push(task.await.unwrap().unwrap());
            }
            let made = fates.iter().filter(|(done, _)| *done == WrittenAs::Created).count();
            assert_eq!(made, 1, "{fates:?}");
            assert!(fates.iter().all(|(_, id)| *id == fates[0].1), "all are told of the same one: {fates:?}");
            let found = search(&clinic.chart, &system(), "Patient", &condition).await.unwrap();
            assert_eq!(found.items.len(), 1);
        }
    });
}

fn outcome(entry: chart::EntryOutcome) -> (WrittenAs, String) {
    match entry.result {
        Ok(chart::EntryResult::Written(written)) => (written.done, written.stored.id),
        other => panic!("{other:?}"),
    }
}

#[test]
fn of_many_who_change_the_same_version_one_wins_and_none_is_lost() {
    block_on(async {
        let clinic = clinic();
        let who = patient(&clinic.chart, "a").await;
        let mut tasks = Vec::new();
        for number in 0..8 {
            let (chart, who) = (clinic.chart.clone(), who.clone());
            tasks.push(tokio::spawn(async move {
                let body = format!(r#"{{"resourceType":"Patient","id":"{who}","name":[{{"family":"w{number}"}}]}}"#);
                chart.update(&system(), ResourceType::PATIENT, &who, body.as_bytes(), Some("1")).await
            }));
        }
        let mut won = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(written) => {
                    assert_eq!(written.stored.version, 2);
                    won += 1;
                }
                Err(Error::VersionMismatch { current: 2 }) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!(won, 1);
    });
}

#[test]
fn many_writers_in_one_record_leave_everything_they_wrote() {
    block_on(async {
        let clinic = clinic();
        let who = patient(&clinic.chart, "a").await;
        let mut tasks = Vec::new();
        for number in 0..40 {
            let (chart, who) = (clinic.chart.clone(), who.clone());
            tasks.push(tokio::spawn(async move {
                let body = format!(r#"{{"resourceType":"Condition","code":{{"text":"c{number}"}},"subject":{{"reference":"Patient/{who}"}}}}"#);
                chart.create(&system(), kind("Condition"), body.as_bytes(), None).await.map(|written| written.stored.id)
            }));
        }
        let mut made = Vec::new();
        for task in tasks {
            made.push(task.await.unwrap().unwrap());
        }
        made.sort();
        let mut found: Vec<String> = clinic.chart.person(&system(), &who).await.unwrap().resources.iter().map(|stored| stored.id.clone()).collect();
        found.sort();
        assert_eq!(found, made);
        let checked = clinic.chart.check(&testkit::caller(access::Role::Console), &mut |_| {}).unwrap();
        assert!(checked.is_sound(), "{:?}", checked.findings);
    });
}
