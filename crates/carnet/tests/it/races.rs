//! Two simultaneous creates under one condition make one resource, whichever way they come.

use access::{Caller, Role};
use chart::{Arrival, Chart, Importer};
use fhir::{Document, ResourceType};

use crate::site::Site;
use crate::web::Server;

const ROUNDS: usize = 20;

#[derive(Clone, Copy, Debug)]
enum Way {
    Direct,
    Batch,
    Transaction,
    Import,
}

const WAYS: [Way; 4] = [Way::Direct, Way::Batch, Way::Transaction, Way::Import];

fn patient(value: &str) -> String {
    format!(r#"{{"resourceType":"Patient","identifier":[{{"system":"http://test.example/race","value":"{value}"}}]}}"#)
}

fn condition(value: &str) -> String {
    format!("identifier=http://test.example/race|{value}")
}

async fn create(chart: Chart, caller: Caller, way: Way, value: String) {
    let (patient, condition) = (patient(&value), condition(&value));
    match way {
        Way::Direct => {
            chart.create(&caller, ResourceType::PATIENT, patient.as_bytes(), Some(&condition)).await.unwrap();
        }
        Way::Batch | Way::Transaction => {
            let kind = if matches!(way, Way::Batch) { "batch" } else { "transaction" };
            let entry = format!(r#"{{"resource":{patient},"request":{{"method":"POST","url":"Patient","ifNoneExist":"{condition}"}}}}"#);
            let body = format!(r#"{{"resourceType":"Bundle","type":"{kind}","entry":[{entry}]}}"#);
            let outcome = chart.bundle(&caller, body.as_bytes()).await.unwrap();
            assert!(outcome.entries.iter().all(|entry| entry.result.is_ok()));
        }
        Way::Import => {
            let document = Document::read(&patient).unwrap();
            let arrival =
                Arrival { body: Some(document.root()), full_url: None, method: Some("POST".into()), url: Some("Patient".into()), if_none_exist: Some(condition) };
            let fates = chart.import(&caller, &[arrival], Importer::default()).await.unwrap();
            assert!(matches!(fates[..], [chart::Imported::Kept { .. }]), "{fates:?}");
        }
    }
}

#[test]
fn two_at_once_make_one_on_every_path() {
    let clinic = testkit::clinic();
    let caller = testkit::caller(Role::Integration);
    testkit::block_on(async {
        for one in WAYS {
            for other in WAYS {
                for round in 0..ROUNDS {
                    let value = format!("{one:?}-{other:?}-{round}");
                    let both = [one, other].map(|way| tokio::spawn(create(clinic.chart.clone(), caller.clone(), way, value.clone())));
                    for task in both {
                        task.await.unwrap();
                    }
                    let pairs = [("identifier".to_owned(), format!("http://test.example/race|{value}"))];
                    let pairs = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
                    let query = search::Query::parse(ResourceType::PATIENT, pairs, search::Handling::Strict, search::QueryContext { default_offset_minutes: 0, base_url: String::new(), ..search::QueryContext::default() }).unwrap();
                    let found = clinic.chart.search(&caller, &query, None).await.unwrap();
                    assert_eq!(found.items.len(), 1, "{value}");
                }
            }
        }
    });
}

#[test]
fn many_at_once_make_one_over_http() {
    let site = Site::new();
    let server = Server::start(&site);
    for round in 0..5 {
        let value = round.to_string();
        let header = format!("If-None-Exist: {}\r\n", condition(&value));
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| {
                    let (mut client, header, body) = (server.client(), &header, patient(&value));
                    scope.spawn(move || client.ask("POST", "/fhir/Patient", header, &body).unwrap().status)
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 7, "{statuses:?}");
        let answer = server.client().ask("GET", &format!("/fhir/Patient?{}", condition(&value)), "", "").unwrap();
        assert_eq!(answer.body.matches("\"resourceType\":\"Patient\"").count(), 1, "{}", answer.body);
    }
}
