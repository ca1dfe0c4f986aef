//! Counting over the nation, and chains that lead to many: exact, and without opening what need
//! not be opened.

use chart::{Chart, Error, Target};
use testkit::block_on;

use crate::door::{all_pages, created, kind, patient, query, search, system};

fn measured(patient: &str, code: &str, date: &str) -> String {
    format!(
        r#"{{"resourceType":"Observation","status":"final","code":{{"coding":[{{"system":"http://loinc.org","code":"{code}"}}]}},"subject":{{"reference":"Patient/{patient}"}},"effectiveDateTime":"{date}"}}"#
    )
}

async fn counted(chart: &Chart, text: &str) -> Option<u64> {
    match search(chart, &system(), "Observation", &format!("{text}&_summary=count")).await {
        Ok(page) => page.total,
        Err(Error::TooCostly(_)) => None,
        Err(other) => panic!("{text}: {other}"),
    }
}

#[test]
fn a_count_opens_only_what_its_postings_leave_open() {
    block_on(async {
        let clinic = testkit::clinic_set(chart::Settings { most_looked_at: 60, most_scanned: 60, ..testkit::settings() });
        let chart = &clinic.chart;
        let who = patient(chart, "Ríos").await;
        let mut ids = Vec::new();
        for month in 1..=12 {
            for day in 1..=12 {
                ids.push(created(chart, &measured(&who, "8480-6", &format!("2024-{month:02}-{day:02}"))).await);
            }
        }
        created(chart, &measured(&who, "8462-4", "2024-05-05")).await;
        for (text, expected) in [
            ("code=8480-6", Some(144)),
            ("code=nothing", Some(0)),
            ("", Some(145)),
            // The days at the edges are looked at, because zones move them.
            ("code=8480-6&date=ge2024-03-01&date=lt2024-11-01", Some(96)),
            ("code=8480-6&date=2024", Some(144)),
            ("date=ge2024-02", Some(133)),
            // The code was never said in another system, so its posting tells this too.
            ("code=http://loinc.org|8480-6", Some(144)),
            ("code=http://loinc.org|8480-6&date=2024", Some(144)),
            // Each of these would have to be opened.
            ("code=http://snomed.info/sct|8480-6", None),
            ("code=|8480-6", None),
            ("code=8480-6,8462-4", None),
            ("code=8480-6&status=final", None),
            ("code:not=8480-6", None),
        ] {
            assert_eq!(counted(chart, text).await, expected, "{text}");
        }
        // What was written again left a posting that tells nothing any more.
        for id in &ids[..3] {
            let body = measured(&who, "8462-4", "2025-01-01").replacen('{', &format!(r#"{{"id":"{id}","#), 1);
            chart.update(&system(), kind("Observation"), id, body.as_bytes(), None).await.unwrap();
        }
        chart.delete(&system(), kind("Observation"), Target::Id(&ids[3]), None).await.unwrap();
        assert_eq!((counted(chart, "code=8480-6").await, counted(chart, "code=8462-4").await, counted(chart, "").await), (Some(140), Some(4), Some(144)));
    });
}

/// What a code alone tells of its system holds from the first resource on, and ends with the first that differs.
#[test]
fn a_code_tells_its_system_until_it_is_said_in_another_one() {
    block_on(async {
        let clinic = testkit::clinic_set(chart::Settings { most_looked_at: 60, most_scanned: 60, ..testkit::settings() });
        let chart = &clinic.chart;
        let who = patient(chart, "Ríos").await;
        for day in 1..=28 {
            for code in ["8480-6", "8462-4", "9279-1"] {
                created(chart, &measured(&who, code, &format!("2024-01-{day:02}"))).await;
                created(chart, &measured(&who, code, &format!("2024-02-{day:02}"))).await;
                created(chart, &measured(&who, code, &format!("2024-03-{day:02}"))).await;
            }
        }
        let with_system = |code: &str| format!("code=http://loinc.org|{code}");
        for code in ["8480-6", "8462-4", "9279-1"] {
            assert_eq!(counted(chart, &with_system(code)).await, Some(84), "{code}");
        }
        // Capitals do not matter to a search, so neither do they here.
        created(chart, &measured(&who, "x1", "2024-04-01")).await;
        created(chart, &measured(&who, "X1", "2024-04-01").replace("http://loinc.org", "http://a.example/codes")).await;
        assert_eq!((counted(chart, "code=http://loinc.org|x1").await, counted(chart, "code=x1").await), (Some(1), Some(2)));
        // In another system, in none, and beside another one in one resource.
        created(chart, &measured(&who, "8480-6", "2024-04-01").replace("http://loinc.org", "http://a.example/codes")).await;
        created(chart, &measured(&who, "8462-4", "2024-04-01").replace(r#""system":"http://loinc.org","#, "")).await;
        let both = r#"{"system":"http://loinc.org","code":"9279-1"},{"system":"http://a.example/codes","code":"9279-1"}"#;
        created(chart, &measured(&who, "9279-1", "2024-04-01").replace(r#"{"system":"http://loinc.org","code":"9279-1"}"#, both)).await;
        for code in ["8480-6", "8462-4", "9279-1"] {
            assert_eq!(counted(chart, &with_system(code)).await, None, "{code} is opened, which costs too much here");
            assert_eq!(counted(chart, &format!("code={code}")).await, Some(85), "{code}");
        }
    });
}

#[test]
fn a_total_stands_still_while_others_write() {
    block_on(async {
        let chart = &testkit::clinic().chart;
        let who = patient(chart, "Ríos").await;
        let mut ids = Vec::new();
        for day in 1..=9 {
            ids.push(created(chart, &measured(&who, "8480-6", &format!("2024-01-{day:02}"))).await);
        }
        let asked = query("Observation", "code=8480-6&_count=2&_total=accurate");
        let mut page = chart.search(&system(), &asked, None).await.unwrap();
        for round in 0..4 {
            assert_eq!(page.total, Some(9), "page {round}");
            created(chart, &measured(&who, "8480-6", "2024-01-20")).await;
            chart.delete(&system(), kind("Observation"), Target::Id(&ids[round]), None).await.unwrap();
            let body = measured(&who, "8462-4", "2024-01-01").replacen('{', &format!(r#"{{"id":"{}","#, ids[8 - round]), 1);
            chart.update(&system(), kind("Observation"), &ids[8 - round], body.as_bytes(), None).await.unwrap();
            page = chart.search(&system(), &asked, page.next.as_deref()).await.unwrap();
        }
        assert_eq!(counted(chart, "code=8480-6").await, Some(5));
    });
}

#[test]
fn many_are_counted_by_several_threads_as_by_one() {
    block_on(async {
        let chart = &testkit::clinic().chart;
        let mut expected = 0;
        for person in 0..40 {
            let who = patient(chart, "Ríos").await;
            for number in 0..160 {
                let code = if (person + number) % 5 == 0 { "8462-4" } else { "8480-6" };
                expected += u64::from(code == "8480-6");
                created(chart, &measured(&who, code, &format!("20{:02}-03-05", 10 + number % 9))).await;
            }
        }
        assert_eq!(counted(chart, "code=8480-6").await, Some(expected));
        assert_eq!(counted(chart, "code=http://loinc.org|8480-6").await, Some(expected));
        assert_eq!(counted(chart, "code=http://loinc.org|8480-6,http://loinc.org|8462-4").await, Some(6400));
        assert_eq!(counted(chart, "code=urn:oid:1.2|8480-6").await, Some(0));
    });
}

/// More persons than become one condition, half of a practitioner's with a measurement.
#[test]
fn a_chain_of_two_finds_what_a_practitioners_many_patients_have() {
    block_on(async {
        let clinic = testkit::clinic_set(chart::Settings { most_looked_at: 9_000, ..testkit::settings() });
        let chart = &clinic.chart;
        let doctor = async |name: &str| created(chart, &format!(r#"{{"resourceType":"Practitioner","name":[{{"family":"{name}"}}]}}"#)).await;
        let (ruiz, other) = (doctor("Ruiz").await, doctor("Otero").await);
        let mut expected = Vec::new();
        for number in 0..1_300 {
            let of = if number < 1_050 { &ruiz } else { &other };
            let who = created(chart, &format!(r#"{{"resourceType":"Patient","generalPractitioner":[{{"reference":"Practitioner/{of}"}}]}}"#)).await;
            if number % 2 == 0 {
                let id = created(chart, &measured(&who, "8480-6", "2024-01-20")).await;
                if number < 1_050 {
                    expected.push(id);
                }
            }
        }
        expected.sort();
        for text in [
            // By the postings of the code, of which there are fewer than records to walk would cost.
            "code=8480-6&patient.general-practitioner.family=Ruiz&_count=200",
            // By the records of the patients.
            "status=final&patient.general-practitioner.family=Ruiz&_count=200",
        ] {
            let mut found = all_pages(chart, &query_here(chart, text)).await.unwrap_or_else(|cause| panic!("{text}: {cause} {:?}", cause.issues()));
            found.sort();
            assert_eq!(found, expected, "{text}");
            let mut counting = query_here(chart, text);
            counting.summary = Some(search::Summary::Count);
            assert_eq!(chart.search(&system(), &counting, None).await.unwrap().total, Some(525), "{text}");
        }
    });
}

#[test]
fn what_a_compartment_lacks_is_said_when_it_is_refused() {
    block_on(async {
        let clinic = testkit::clinic_set(chart::Settings { most_scanned: 5, ..testkit::settings() });
        let who = patient(&clinic.chart, "Ríos").await;
        for day in 1..=9 {
            created(&clinic.chart, &measured(&who, "8480-6", &format!("2024-01-{day:02}"))).await;
        }
        let practitioner = kind("Practitioner");
        let within = |text: &str| query("Observation", text).within_compartment(practitioner, "d").unwrap();
        match clinic.chart.search(&system(), &within(""), None).await {
            Err(refused @ Error::TooCostly(_)) => {
                let message = &refused.issues()[0].message;
                assert!(message.contains("performer") && message.contains("add a patient, a code or a time"), "{message}");
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(clinic.chart.search(&system(), &within("code=8480-6"), None).await.unwrap().items.len(), 0);
    });
}

/// A query that knows what the site has terms of.
fn query_here(chart: &Chart, text: &str) -> search::Query {
    let pairs = search::split_query(text);
    let context = search::QueryContext { base_url: testkit::BASE_URL.to_owned(), custom: chart.custom(), ..search::QueryContext::default() };
    search::Query::parse(kind("Observation"), pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())), search::Handling::Strict, context).unwrap()
}
