//! Identifiers that only one person may have.

use chart::Error;
use fhir::ResourceType;
use testkit::{block_on, clinic};

use crate::door::{create, created, ids, search, system};

fn with_curp(value: &str) -> String {
    let system = &country::by_code("mx").unwrap().identifier("curp").unwrap().uri;
    format!(r#"{{"resourceType":"Patient","identifier":[{{"system":"{system}","value":"{value}"}}]}}"#)
}

/// Of the right form and nobody's.
const CURP: &str = "XEXX010101HNEXXXA4";

#[test]
fn two_patients_with_one_curp_are_a_conflict_however_it_is_written() {
    block_on(async {
        let clinic = clinic();
        let chart = &clinic.chart;
        let first = created(chart, &with_curp(CURP)).await;
        for again in [CURP.to_owned(), CURP.to_lowercase()] {
            let refused = create(chart, &with_curp(&again)).await;
            let Err(cause @ Error::Conflict(_)) = refused else { panic!("{refused:?}") };
            assert!(!cause.to_string().contains("XEXX"), "a refusal does not repeat the identifier");
        }
        assert_eq!(search(chart, &system(), "Patient", "").await.unwrap().items.len(), 1);
        // In a transaction nothing of it is written.
        let bundle = format!(
            r#"{{"resourceType":"Bundle","type":"transaction","entry":[{{"resource":{{"resourceType":"Patient"}},"request":{{"method":"POST","url":"Patient"}}}},{{"resource":{},"request":{{"method":"POST","url":"Patient"}}}}]}}"#,
            with_curp(CURP)
        );
        let refused = chart.bundle(&system(), bundle.as_bytes()).await;
        assert!(matches!(&refused, Err(Error::Entry { index: 1, cause }) if matches!(**cause, Error::Conflict(_))), "{refused:?}");
        assert_eq!(ids(&search(chart, &system(), "Patient", "").await.unwrap()), [first.as_str()]);
    });
}

#[test]
fn an_identifier_given_up_is_free_and_its_holder_may_keep_it() {
    block_on(async {
        let clinic = clinic();
        let chart = &clinic.chart;
        let first = created(chart, &with_curp(CURP)).await;
        let body = |text: String| text.replacen('{', &format!(r#"{{"id":"{first}","#), 1);
        chart.update(&system(), ResourceType::PATIENT, &first, body(with_curp(CURP)).as_bytes(), None).await.unwrap();
        assert!(matches!(create(chart, &with_curp(CURP)).await, Err(Error::Conflict(_))));
        chart.update(&system(), ResourceType::PATIENT, &first, body(r#"{"resourceType":"Patient"}"#.to_owned()).as_bytes(), None).await.unwrap();
        let second = created(chart, &with_curp(CURP)).await;
        assert_ne!(first, second);
        chart.delete(&system(), ResourceType::PATIENT, chart::Target::Id(&second), None).await.unwrap();
        created(chart, &with_curp(CURP)).await;
    });
}
