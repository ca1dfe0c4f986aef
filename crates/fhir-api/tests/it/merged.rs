//! Everything that asks about a person finds the whole person, through whichever of two merged
//! Patients it asks, and nothing of it is left once they are unmerged.

use std::collections::BTreeSet;

use crate::bulk::exported;
use crate::clinic::Clinic;
use fhir::Document;
use testkit::{block_on, caller};

/// Ana was registered twice: her card and family name with one Patient, her birth date and visit with the other.
const PEOPLE: &str = r#"
    PUT /Patient/ana <<< {"resourceType":"Patient","id":"ana","active":true,"identifier":[{"system":"urn:card","value":"1"}],"name":[{"family":"Ríos"}]} => 201
    PUT /Patient/ana2 <<< {"resourceType":"Patient","id":"ana2","identifier":[{"system":"urn:card","value":"2"}],"name":[{"family":"Rios"}],"birthDate":"1980-05-01"} => 201
    PUT /Patient/bea <<< {"resourceType":"Patient","id":"bea","identifier":[{"system":"urn:card","value":"3"}],"name":[{"family":"Vega"}],"birthDate":"1980-05-01"} => 201
    PUT /Encounter/e2 <<< {"resourceType":"Encounter","id":"e2","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/ana2"}} => 201
    PUT /Observation/o1 <<< {"resourceType":"Observation","id":"o1","status":"final","code":{"coding":[{"system":"urn:c","code":"x"}]},"subject":{"reference":"Patient/ana"},"effectiveDateTime":"2025-01-01"} => 201
    PUT /Observation/o2 <<< {"resourceType":"Observation","id":"o2","status":"final","code":{"coding":[{"system":"urn:c","code":"y"}]},"subject":{"reference":"Patient/ana2"},"encounter":{"reference":"Encounter/e2"},"effectiveDateTime":"2025-02-01"} => 201
    PUT /Observation/o3 <<< {"resourceType":"Observation","id":"o3","status":"final","code":{"coding":[{"system":"urn:c","code":"z"}]},"subject":{"reference":"Patient/bea"}} => 201
    PUT /Condition/c1 <<< {"resourceType":"Condition","id":"c1","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},"code":{"text":"Cough"},"subject":{"reference":"Patient/ana"}} => 201
    PUT /Condition/c2 <<< {"resourceType":"Condition","id":"c2","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},"code":{"text":"Fever"},"subject":{"reference":"Patient/ana2"}} => 201
    PUT /Group/g <<< {"resourceType":"Group","id":"g","type":"person","actual":true,"member":[{"entity":{"reference":"Patient/ana2"}}]} => 201
"#;

/// What is asked, what it finds of two persons, and what it finds of one.
const ASKED: &str = "
    /Observation?patient=ana                                    | o1      | o1 o2
    /Observation?patient=ana2                                   | o2      | o1 o2
    /Observation?patient.identifier=urn:card|1                  | o1      | o1 o2
    /Observation?subject:Patient.identifier=urn:card|2          | o2      | o1 o2
    /Observation?patient.family=vega                            | o3      | o3
    /Observation?patient.birthdate=1980-05-01                   | o2 o3   | o1 o2 o3
    # Two conditions on a patient are asked of one Patient.
    /Observation?patient.family=rios&patient.identifier=urn:card|1     | o1  | o1 o2
    /Observation?patient.birthdate=1980-05-01&patient.identifier=urn:card|1 | | 
    /Observation?patient.identifier=urn:card|1&code=y           |         | o2
    /Observation?code=x,y,z&patient.family:exact=Ríos           | o1      | o1 o2
    /Observation?encounter.patient=ana                          |         | o2
    /Observation?encounter.patient.identifier=urn:card|1        |         | o2
    /Observation?_filter=patient.identifier eq urn:card|1       | o1      | o1 o2
    /Patient?_has:Observation:patient:code=x                    | ana     | ana ana2
    /Patient?_has:Observation:patient:code=y                    | ana2    | ana ana2
    /Patient?_has:Observation:patient:code=z                    | bea     | bea
    /Patient?_has:Observation:patient:code=x&_has:Observation:patient:code=y |  | ana ana2
    /Patient?identifier=urn:card|1&_has:Observation:patient:code=y     |     | ana
    /Encounter?patient._has:Observation:patient:code=x          |         | e2
    /Encounter?patient=ana                                      |         | e2
    /Patient/ana/Observation                                    | o1      | o1 o2
    /Patient/ana2/Observation?code=x                            |         | o1
    /Patient/ana/Condition                                      | c1      | c1 c2
    /Observation/$lastn?patient=ana&code=x,y                    | o1      | o1 o2
    /Observation/$lastn?patient=ana2&code=x,y                   | o2      | o1 o2
    /Patient/ana/$everything?_type=Observation,Condition,Encounter,Patient  | ana c1 o1     | ana ana2 c1 c2 e2 o1 o2
    /Patient/ana2/$everything?_type=Observation,Condition,Encounter,Patient | ana2 c2 e2 o2 | ana ana2 c1 c2 e2 o1 o2
";

fn found(clinic: &Clinic, path: &str) -> String {
    let path = path.replace(' ', "+").replace('|', "%7C").replace('í', "%C3%AD");
    let reply = clinic.get(&path);
    assert_eq!(reply.status, 200, "{path}: {}", reply.text());
    let document = Document::read(reply.text()).unwrap();
    let entries = document.root().get("entry").into_iter().flat_map(|entries| entries.items());
    let ids: BTreeSet<String> = entries.filter_map(|entry| Some(entry.get("resource")?.string("id")?.into_owned())).collect();
    ids.into_iter().collect::<Vec<_>>().join(" ")
}

fn check(clinic: &Clinic, is_one: bool) {
    let mut wrong = Vec::new();
    for line in ASKED.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let mut parts = line.rsplitn(3, " |").map(str::trim);
        let (one, two, path) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
        let expected = if is_one { one } else { two };
        // The counts and the pages say the same as the list.
        let all = found(clinic, path);
        if all != expected {
            wrong.push(format!("{path}: found [{all}], not [{expected}]"));
        }
        if !path.contains('$') {
            let joint = if path.contains('?') { '&' } else { '?' };
            let counted = clinic.get(&format!("{}{joint}_summary=count", path.replace(' ', "+").replace('|', "%7C").replace('í', "%C3%AD")));
            let total = format!("\"total\":{}", expected.split_whitespace().count());
            if !counted.text().contains(&total) {
                wrong.push(format!("{path}: counted {}", counted.text()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn merge(clinic: &Clinic, stays: &str, goes: &str) {
    block_on(clinic.chart.merge(&caller(access::Role::RecordsClerk), stays, goes, "same card")).unwrap();
}

fn unmerge(clinic: &Clinic, goes: &str) {
    block_on(clinic.chart.unmerge(&caller(access::Role::RecordsClerk), goes, "two persons")).unwrap();
}

#[test]
fn every_way_to_ask_finds_the_whole_person_and_after_unmerging_each_alone() {
    for (stays, goes) in [("ana", "ana2"), ("ana2", "ana")] {
        let clinic = Clinic::open();
        clinic.check(PEOPLE);
        check(&clinic, false);
        merge(&clinic, stays, goes);
        check(&clinic, true);
        // What only memory held is found again.
        check(&clinic.reopened(), true);
        unmerge(&clinic, goes);
        check(&clinic, false);
        check(&clinic.reopened(), false);
    }
}

#[test]
fn what_is_brought_along_is_about_the_whole_person() {
    let clinic = Clinic::open();
    clinic.check(PEOPLE);
    let asked = |is_one: bool| {
        for (path, alone, whole) in [
            ("/Patient?_id=ana&_revinclude=Observation:patient", "ana o1", "ana o1 o2"),
            ("/Patient?_id=ana2&_revinclude=Observation:patient", "ana2 o2", "ana2 o1 o2"),
            ("/Patient?_id=bea&_revinclude=Observation:patient", "bea o3", "bea o3"),
            ("/Observation?_id=o2&_include=Observation:patient", "ana2 o2", "ana ana2 o2"),
            ("/Encounter?_id=e2&_include=Encounter:patient&_revinclude:iterate=Observation:patient", "ana2 e2 o2", "ana ana2 e2 o1 o2"),
        ] {
            assert_eq!(found(&clinic, path), if is_one { whole } else { alone }, "{path}");
        }
    };
    asked(false);
    merge(&clinic, "ana2", "ana");
    asked(true);
    unmerge(&clinic, "ana");
    asked(false);
}

#[test]
fn documents_and_graphs_tell_of_the_whole_person() {
    let clinic = Clinic::open();
    clinic.check(PEOPLE);
    let graph = |path: &str, query: &str| {
        let reply = clinic.ask("POST", path, &[("content-type", "application/graphql")], query.to_owned());
        assert_eq!(reply.status, 200, "{}", reply.text());
        ["o1", "o2", "o3"].into_iter().filter(|id| reply.text().contains(id)).collect::<Vec<_>>()
    };
    let summary = |id: &str| {
        let text = clinic.get(&format!("/Patient/{id}/$summary")).text().to_owned();
        ["Cough", "Fever"].into_iter().filter(|word| text.contains(word)).collect::<Vec<_>>()
    };
    let told = |id: &str| (graph("/$graphql", &format!("{{ ObservationList(patient: \"{id}\") {{ id }} }}")), graph(&format!("/Patient/{id}/$graphql"), "{ ObservationList(_reference: patient) { id } }"), summary(id));
    let (alone, other) = ((vec!["o1"], vec!["o1"], vec!["Cough"]), (vec!["o2"], vec!["o2"], vec!["Fever"]));
    assert_eq!((told("ana"), told("ana2")), (alone.clone(), other.clone()));
    merge(&clinic, "ana", "ana2");
    let whole = (vec!["o1", "o2"], vec!["o1", "o2"], vec!["Cough", "Fever"]);
    assert_eq!((told("ana"), told("ana2")), (whole.clone(), whole));
    unmerge(&clinic, "ana2");
    assert_eq!((told("ana"), told("ana2")), (alone, other));
}

#[test]
fn an_export_of_a_group_holds_its_members_whole() {
    let clinic = Clinic::open();
    clinic.check(PEOPLE);
    let alone = ["Condition c2", "Encounter e2", "Observation o2", "Patient ana2"];
    assert_eq!(exported(&clinic, "/Group/g/$export"), alone);
    merge(&clinic, "ana", "ana2");
    let lines = exported(&clinic, "/Group/g/$export?_type=Condition,Encounter,Observation,Patient");
    assert_eq!(lines, ["Condition c1", "Condition c2", "Encounter e2", "Observation o1", "Observation o2", "Patient ana", "Patient ana2"]);
    let everybody = exported(&clinic, "/Patient/$export?_type=Patient,Observation");
    assert_eq!(everybody, ["Observation o1", "Observation o2", "Observation o3", "Patient ana", "Patient ana2", "Patient bea"], "each once");
    unmerge(&clinic, "ana2");
    assert_eq!(exported(&clinic, "/Group/g/$export?_type=Condition,Encounter,Observation,Patient"), alone);
}

#[test]
fn who_waits_for_news_of_one_is_told_of_the_other_once() {
    let clinic = Clinic::telling("https://system.example");
    clinic.check(PEOPLE);
    for (id, criteria) in [("direct", "Observation?patient=ana"), ("coded", "Observation?patient=Patient/ana2&code=x"), ("other", "Observation?patient=bea")] {
        let text = format!(r#"{{"resourceType":"Subscription","id":"{id}","status":"requested","reason":"r","criteria":"{criteria}","channel":{{"type":"rest-hook","endpoint":"https://system.example/hook"}}}}"#);
        assert_eq!(clinic.put(&format!("/Subscription/{id}"), text).status, 201);
    }
    let who = caller(access::Role::Integration);
    let news = |id: &str, since: chart::Place| {
        let subscribed = block_on(clinic.chart.subscription(&who, id)).unwrap();
        let events = block_on(clinic.chart.subscription_events(&who, &subscribed, since, 100)).unwrap();
        events.found.into_iter().map(|event| event.stored.id).collect::<Vec<_>>()
    };
    let write = |id: &str, patient: &str| {
        clinic.hands.forward_ms(1000);
        let since = chart::Place::before(clinic.chart.now());
        let text = format!(r#"{{"resourceType":"Observation","id":"{id}","status":"final","code":{{"coding":[{{"system":"urn:c","code":"x"}}]}},"subject":{{"reference":"Patient/{patient}"}}}}"#);
        assert_eq!(clinic.put(&format!("/Observation/{id}"), text).status, 201);
        ["direct", "coded", "other"].map(|subscription| news(subscription, since))
    };
    let none = Vec::<String>::new();
    let of = |id: &str| vec![id.to_owned()];
    assert_eq!(write("n1", "ana"), [of("n1"), none.clone(), none.clone()]);
    assert_eq!(write("n2", "ana2"), [none.clone(), of("n2"), none.clone()]);
    merge(&clinic, "ana", "ana2");
    assert_eq!(write("n3", "ana"), [of("n3"), of("n3"), none.clone()]);
    assert_eq!(write("n4", "ana2"), [of("n4"), of("n4"), none.clone()]);
    unmerge(&clinic, "ana2");
    assert_eq!(write("n5", "ana2"), [none.clone(), of("n5"), none]);
}
