//! The first things anybody does at the door.

use access::Role;
use chart::{Error, EverythingQuery, WrittenAs};
use fhir::ResourceType;
use search::{Handling, Query, QueryContext};
use testkit::{block_on, caller, clinic};

const BUNDLE: &str = r#"{"resourceType":"Bundle","type":"transaction","entry":[
 {"fullUrl":"urn:uuid:11111111-1111-4111-8111-111111111111","resource":{"resourceType":"Patient","name":[{"family":"Nguyễn","given":["Thị","Hoa"]}],"birthDate":"1958-03-14","gender":"female","identifier":[{"system":"urn:x","value":"A-1"}]},"request":{"method":"POST","url":"Patient"}},
 {"fullUrl":"urn:uuid:22222222-1111-4111-8111-111111111111","resource":{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},"subject":{"reference":"urn:uuid:11111111-1111-4111-8111-111111111111"},"effectiveDateTime":"2025-10-11","valueQuantity":{"value":148.0,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}},"request":{"method":"POST","url":"Observation"}},
 {"resource":{"resourceType":"Organization","name":"Trạm Y tế"},"request":{"method":"POST","url":"Organization"}}]}"#;

fn query(kind: &str, text: &str) -> Query {
    let pairs = search::split_query(text);
    let context = QueryContext { default_offset_minutes: 0, base_url: testkit::BASE_URL.to_owned(), ..QueryContext::default() };
    Query::parse(ResourceType::named(kind).unwrap(), pairs.iter().map(|(a, b)| (a.as_str(), b.as_str())), Handling::Strict, context).unwrap()
}

#[test]
fn a_transaction_is_written_and_found_in_every_way() {
    block_on(async {
        let clinic = clinic();
        let chart = &clinic.chart;
        let system = caller(Role::Integration);
        let doctor = caller(Role::Physician);
        let done = chart.bundle(&system, BUNDLE.as_bytes()).await.unwrap();
        let ids: Vec<String> = done
            .entries
            .iter()
            .map(|entry| match &entry.result {
                Ok(chart::EntryResult::Written(written)) => {
                    assert_eq!(written.done, WrittenAs::Created);
                    written.stored.id.clone()
                }
                other => panic!("{other:?}"),
            })
            .collect();
        let observation = chart.read(&doctor, ResourceType::named("Observation").unwrap(), &ids[1]).await.unwrap();
        assert!(observation.text.contains(&format!("\"reference\":\"Patient/{}\"", ids[0])));
        assert!(observation.text.contains("148.0"));
        for (kind, text, count) in [
            ("Patient", "name=hoa", 1),
            ("Patient", "name=nguyen&birthdate=1958-03-14", 1),
            ("Patient", "family=NGUY", 1),
            ("Patient", "identifier=urn:x|A-1", 1),
            ("Patient", "identifier=A-1", 1),
            ("Patient", "identifier=urn:x|A-2", 0),
            ("Patient", "gender=male", 0),
            ("Patient", "", 1),
            ("Observation", "code=http://loinc.org|8480-6", 1),
            ("Observation", "code=8480-6&date=2025-10", 1),
            ("Observation", "code=8480-6&date=lt2025-10-11", 0),
            ("Observation", "date=ge2025-01-01", 1),
            ("Observation", "status=final", 1),
            ("Organization", "name=tram", 1),
        ] {
            let page = chart.search(&doctor, &query(kind, text), None).await.unwrap();
            assert_eq!(page.items.len(), count, "{kind}?{text}");
        }
        let by_patient = chart.search(&doctor, &query("Observation", &format!("patient={}&_include=Observation:subject", ids[0])), None).await.unwrap();
        assert_eq!(by_patient.items.len(), 2);
        let everything = chart.everything(&doctor, &ids[0], &EverythingQuery::default()).await.unwrap();
        assert_eq!(everything.items.len(), 2);
        assert_eq!(chart.find_persons(&doctor, "hoa 1958", 10).await.unwrap().len(), 1);
        assert_eq!(chart.person(&doctor, &ids[0]).await.unwrap().resources.len(), 1);
        let operator = caller(Role::Operator);
        assert!(matches!(chart.read(&operator, ResourceType::PATIENT, &ids[0]).await, Err(Error::NotFound)));
        let openings = chart.openings(&doctor, &ids[0], 100).await.unwrap();
        let mut ways: Vec<_> = openings.iter().map(|line| line.how).collect();
        ways.sort_unstable();
        ways.dedup();
        assert_eq!(ways.len(), openings.len(), "one session, one opening of each kind");
        assert!(ways.contains(&access::Disclosure::Chart) && ways.contains(&access::Disclosure::Search), "{ways:?}");
        let history = chart.history(&doctor, chart::HistoryScope::System, &Default::default()).await.unwrap();
        assert_eq!(history.items.len(), 3);
    });
}
