//! Searches and their pages.

use crate::clinic::Clinic;
use fhir::Document;
use std::collections::BTreeSet;

fn ward() -> Clinic {
    let clinic = Clinic::open();
    for number in 0..12 {
        let body = format!(
            r#"{{"resourceType":"Patient","id":"p{number}","gender":"{}","birthDate":"19{}-01-02","name":[{{"family":"Ramírez{number}","given":["Zoé"]}}],"identifier":[{{"system":"http://n.example","value":"{number}"}}]}}"#,
            if number % 2 == 0 { "female" } else { "male" },
            50 + number
        );
        assert_eq!(clinic.put(&format!("/Patient/p{number}"), body).status, 201);
        let body = format!(
            r#"{{"resourceType":"Observation","id":"o{number}","status":"final","code":{{"coding":[{{"system":"http://loinc.org","code":"4548-4"}}]}},"subject":{{"reference":"Patient/p{}"}},"effectiveDateTime":"2026-01-{:02}"}}"#,
            number % 3,
            number + 1
        );
        assert_eq!(clinic.put(&format!("/Observation/o{number}"), body).status, 201);
    }
    clinic
}

#[test]
fn a_search_finds_what_it_names() {
    ward().check(r#"
        GET /Patient?identifier=http://n.example|3 => 200 ; ~ "fullUrl":"http://localhost/fhir/Patient/p3" ; ~ "search":{"mode":"match"} ; !~ "p4"
        GET /Patient?identifier=http%3A%2F%2Fn.example%7C3 => 200 ; ~ "p3"
        GET /Patient?family=ramirez5 => 200 ; ~ "p5" ; !~ "p6"
        GET /Patient?name=zoe&birthdate=1955-01-02 => 200 ; ~ "p5" ; !~ "p6"
        GET /Observation?patient=p1&code=http://loinc.org|4548-4 => 200 ; ~ "o1" ; ~ "o4" ; !~ "o2"
        GET /Observation?subject=Patient/p1&date=ge2026-01-05 => 200 ; ~ "o7" ; !~ "o1"
        GET /Observation?patient=p1&_include=Observation:subject => 200 ; ~ "mode":"include" ; ~ Patient/p1
        GET /Observation?patient=p1&_summary=count => 200 ; ~ "total":4 ; !~ "entry"
        GET /Observation?patient=p1&_elements=status => 200 ; ~ SUBSETTED ; !~ effectiveDateTime
        GET /Observation?patient=p1&_total=accurate&_count=1 => 200 ; ~ "total":4 ; ~ "next"
        GET /Patient?identifier=none => 200 ; !~ "entry"
        POST /Patient/_search | Content-Type: application/x-www-form-urlencoded <<< identifier=http%3A%2F%2Fn.example%7C3 => 200 ; ~ "p3"
        POST /Patient/_search?birthdate=1953-01-02 | Content-Type: application/x-www-form-urlencoded <<< name=zoe => 200 ; ~ "p3"
        POST /_search | Content-Type: application/x-www-form-urlencoded <<< _type=Patient&identifier=http%3A%2F%2Fn.example%7C3 => 200 ; ~ "p3"
        GET /?_type=Patient&identifier=http://n.example|3 => 200 ; ~ "p3"
        GET /?name=x => 400 too-costly
        GET /?_type=Patient,Observation&_id=x => 200 ; !~ "entry"
        HEAD /Patient?identifier=http://n.example|3 => 200 ; !~ p3
    "#);
}

#[test]
fn what_is_not_understood_is_refused_or_told() {
    ward().check(r#"
        GET /Patient?unknown=1 => 400 ; ~ OperationOutcome
        GET /Patient?identifier=http://n.example|3&unknown=1 | Prefer: handling=lenient => 200 ; ~ "p3" ; ~ "mode":"outcome" ; ~ unknown
        GET /Patient?birthdate=not-a-date => 400
        GET /Patient?birthdate=not-a-date | Prefer: handling=lenient => 400
        GET /Patient?name:wrong=x => 400
        GET /Patient?_count=many => 400
        GET /Patient?identifier=http://n.example|3&_cursor=rubbish => 400
        GET /Patient?_include=Patient:nothing => 400
        GET /Patient?_id=%zz => 400 invalid
    "#);
}

#[test]
fn an_element_that_no_type_has_is_refused_or_told() {
    ward().check(r#"
        GET /Patient?_elements=bogus => 400 not-supported ; ~ birthDate
        GET /Patient?_elements= => 400 not-supported
        GET /Patient?_elements=, => 400 not-supported
        GET /Patient?_elements=name.family => 400 value
        GET /Patient?_elements=Observation.status => 400 not-supported
        GET /Patient?_elements=name,bogus => 400 not-supported
        GET /Patient?identifier=http://n.example|3&_elements=Patient.birthDate => 200 ; ~ birthDate ; ~ SUBSETTED ; !~ "gender"
        GET /Patient?identifier=http://n.example|3&_elements=bogus,gender | Prefer: handling=lenient => 200 ; ~ "mode":"outcome" ; ~ _elements=gender ; ~ SUBSETTED ; !~ bogus ; !~ birthDate"
        GET /Patient?identifier=http://n.example|3&_elements=bogus | Prefer: handling=lenient => 200 ; ~ "mode":"outcome" ; !~ bogus ; !~ SUBSETTED ; ~ birthDate
        GET /?_type=Patient,Observation&_id=p1,o1&_elements=status,gender => 200 ; ~ "status":"final" ; ~ "gender" ; !~ effectiveDateTime ; !~ "name"
        GET /?_type=Patient,Observation&_id=p1,o1&_elements=Observation.effective,Patient.gender => 200 ; ~ effectiveDateTime ; ~ "gender" ; !~ "name"
        GET /?_type=Patient,Observation&_id=p1,o1&_elements=bogus => 400 not-supported
        GET /Patient/p1/*?_elements=gender,bogus => 400 not-supported
        GET /Patient/p1/*?_type=Patient,Observation&_elements=gender => 200 ; ~ Observation/o1 ; ~ "gender" ; !~ effectiveDateTime
        GET /Patient/p1?_elements=bogus => 400 not-supported
        GET /Patient/p1?_elements= => 400 not-supported
        GET /Patient/p1?_elements=bogus | Prefer: handling=lenient => 200 ; ~ birthDate ; !~ SUBSETTED ; warning: 199 - "Parameters passed over: _elements"
        GET /Patient/p1?_elements=gender | Prefer: handling=lenient => 200 ; ~ SUBSETTED ; -warning
        GET /Patient/_history?_elements=status => 400 not-supported
        GET /_history?_elements=status => 200 ; ~ SUBSETTED
        GET /_history?_elements=bogus => 400 not-supported
        GET /_history?_elements=bogus,status | Prefer: handling=lenient => 200 ; ~ _elements=status ; !~ bogus
        GET /Patient/p1/$everything?_elements=bogus => 400 not-supported
        GET /Patient/p1/$everything?_type=Patient&_elements=effective => 400 not-supported
        GET /Patient/p1/$everything?_elements=effective => 200 ; ~ effectiveDateTime ; !~ "gender"
    "#);
}

#[test]
fn a_definition_that_ships_and_is_not_stored_is_told() {
    Clinic::open().check(r#"
        GET /ValueSet?url=http://hl7.org/fhir/ValueSet/administrative-gender => 200 ; ~ "total":0 ; ~ "mode":"outcome" ; ~ ships with Carnet
        GET /CodeSystem?url=http://loinc.org => 200 ; ~ "total":0 ; ~ ships with Carnet
        GET /StructureDefinition?url=http://hl7.org/fhir/StructureDefinition/bp => 200 ; ~ ships with Carnet
        GET /ValueSet?url=http://nowhere.example/set => 200 ; ~ "total":0 ; !~ "mode"
        GET /ValueSet?url=http://hl7.org/fhir/ValueSet/administrative-gender&_summary=count => 200 ; ~ "total":0 ; !~ "mode"
        PUT /ValueSet/g <<< {"resourceType":"ValueSet","id":"g","url":"http://hl7.org/fhir/ValueSet/administrative-gender","status":"active"} => 201
        GET /ValueSet?url=http://hl7.org/fhir/ValueSet/administrative-gender => 200 ; ~ ValueSet/g ; !~ ships with Carnet
    "#);
}

#[test]
fn what_is_missing_is_asked_of_all_parameters_but_combinations() {
    let clinic = ward();
    assert_eq!(clinic.put("/Patient/dead", r#"{"resourceType":"Patient","id":"dead","deceasedBoolean":true}"#.to_owned()).status, 201);
    clinic.check(r#"
        GET /Patient?deceased:missing=true => 200 ; ~ Patient/p1 ; !~ Patient/dead
        GET /Patient?deceased:missing=false => 200 ; ~ Patient/dead ; !~ Patient/p1
        GET /Patient?_lastUpdated:missing=false => 200 ; ~ Patient/p1 ; ~ Patient/dead
        GET /Patient?_lastUpdated:missing=true => 200 ; ~ "total":0
        GET /Patient?_id:missing=true => 200 ; ~ "total":0
        GET /Patient?deceased:missing=perhaps => 400 value
        GET /Observation?code-value-quantity:missing=true => 400 not-supported
        GET /Observation?code-value-quantity:missing=true&patient=p1 | Prefer: handling=lenient => 200 ; ~ "mode":"outcome" ; ~ Observation/o1
        GET /Observation?combo-code-value-quantity:missing=false => 400 not-supported
    "#);
}

#[test]
fn pages_neither_skip_nor_repeat() {
    let clinic = ward();
    for query in ["/Observation?code=http://loinc.org|4548-4&_count=5", "/Observation?patient=p1&_count=1", "/Patient?name=zoe&_count=4"] {
        let (mut path, mut found, mut pages) = (query.to_owned(), Vec::new(), 0);
        loop {
            let reply = clinic.get(&path);
            assert_eq!(reply.status, 200, "{path}: {}", reply.text());
            let document = Document::read(reply.text()).unwrap();
            let root = document.root();
            let entries = root.get("entry").into_iter().flat_map(|list| list.items());
            found.extend(entries.map(|entry| entry.string("fullUrl").unwrap().into_owned()));
            pages += 1;
            let mut links = root.get("link").unwrap().items();
            match links.find(|link| link.string("relation").unwrap() == "next") {
                Some(link) => path = link.string("url").unwrap().strip_prefix("http://localhost/fhir").unwrap().to_owned(),
                None => break,
            }
            assert!(pages < 50);
        }
        let expect = if query.contains("p1") { 4 } else { 12 };
        assert_eq!((found.len(), found.iter().collect::<BTreeSet<_>>().len()), (expect, expect), "{query}");
    }
}

#[test]
fn the_pages_of_a_search_by_codes_go_by_one_set_of_them() {
    let clinic = Clinic::open();
    let set = |codes: &str| format!(r#"{{"resourceType":"ValueSet","id":"reds","url":"urn:set:reds","status":"active","compose":{{"include":[{{"system":"urn:reds","concept":[{codes}]}}]}}}}"#);
    clinic.put("/Patient/a", r#"{"resourceType":"Patient","id":"a"}"#);
    clinic.put("/Patient/b", r#"{"resourceType":"Patient","id":"b"}"#);
    clinic.put("/ValueSet/reds", set(r#"{"code":"crimson"},{"code":"scarlet"}"#));
    for (id, code) in [("one", "crimson"), ("two", "crimson"), ("three", "scarlet")] {
        let whose = if id == "two" { "b" } else { "a" };
        clinic.put(&format!("/Observation/{id}"), format!(r#"{{"resourceType":"Observation","id":"{id}","status":"final","code":{{"coding":[{{"system":"urn:reds","code":"{code}"}}]}},"subject":{{"reference":"Patient/{whose}"}}}}"#));
    }
    let next = |address: &str| {
        let answer = clinic.get(address);
        assert_eq!(answer.status, 200, "{address}: {}", answer.text());
        let document = fhir::Document::read(answer.text()).unwrap();
        let mut links = document.root().get("link").unwrap().items();
        let found = links.find(|link| link.string("relation").as_deref() == Some("next")).unwrap_or_else(|| panic!("{address}: {}", answer.text()));
        found.string("url").unwrap().split_once("/fhir").unwrap().1.to_owned()
    };
    let by_codes = next("/Observation?code:in=urn:set:reds&_count=1");
    let by_filter = next("/Observation?_filter=code+in+urn:set:reds+or+status+eq+final&_count=1");
    let by_chain = next("/Patient?_has:Observation:patient:code:in=urn:set:reds&_count=1");
    let by_code = next("/Observation?code=urn:reds|crimson&_count=1");
    // What others write is no matter.
    clinic.put("/Observation/four", r#"{"resourceType":"Observation","id":"four","status":"final","code":{"coding":[{"system":"urn:reds","code":"crimson"}]},"subject":{"reference":"Patient/a"}}"#);
    clinic.check(&format!("GET {by_codes} => 200 ; ~ Observation/ ; !~ Observation/four"));
    clinic.put("/ValueSet/reds", set(r#"{"code":"scarlet"}"#));
    clinic.check(&format!("
        GET {by_codes} => 409 conflict ; ~ begin again
        GET {by_filter} => 409 conflict
        GET {by_chain} => 409 conflict
        GET {by_code} => 200 ; ~ Observation/
        GET /Observation?code:in=urn:set:reds&_count=1 => 200 ; ~ Observation/three
    "));
}

#[test]
fn numbers_that_are_longer_than_any_measurement_are_found() {
    let clinic = Clinic::open();
    let numbers = [("long", "1.2345678901234567890123456789012"), ("whole", "12345678901234567890123456789012345678901"), ("large", "1e309")];
    clinic.put("/Patient/a", r#"{"resourceType":"Patient","id":"a"}"#);
    for (id, number) in numbers {
        clinic.put(&format!("/Observation/{id}"), format!(r#"{{"resourceType":"Observation","id":"{id}","status":"final","code":{{"text":"x"}},"subject":{{"reference":"Patient/a"}},"valueQuantity":{{"value":{number}}}}}"#));
        // Found among others; nobody asks for so many digits.
        clinic.check(&format!("GET /Observation?value-quantity={number} => 400 value"));
    }
    clinic.check("
        GET /Observation?value-quantity=1.23 => 200 ; ~ Observation/long ; !~ Observation/whole
        GET /Observation?value-quantity=gt1 => 200 ; ~ Observation/long ; ~ Observation/whole ; ~ Observation/large
        GET /Observation?value-quantity=gt1e100 => 200 ; !~ Observation/long ; !~ Observation/whole ; ~ Observation/large
        GET /Observation?value-quantity=lt1e40 => 200 ; ~ Observation/long ; !~ Observation/whole ; !~ Observation/large
        GET /Observation?_sort=value-quantity => 200 ; ~ Observation/large
        GET /Observation?value-quantity=1e => 400
    ");
}

#[test]
fn a_value_set_is_named_by_where_it_lies_too() {
    let clinic = Clinic::open();
    let set = |codes: &str| format!(r#"{{"resourceType":"ValueSet","id":"reds","status":"active","compose":{{"include":[{{"system":"urn:reds","concept":[{codes}]}}]}}}}"#);
    clinic.put("/Patient/a", r#"{"resourceType":"Patient","id":"a"}"#);
    clinic.put("/ValueSet/reds", set(r#"{"code":"crimson"}"#));
    for code in ["crimson", "scarlet"] {
        clinic.put(&format!("/Observation/{code}"), format!(r#"{{"resourceType":"Observation","id":"{code}","status":"final","code":{{"coding":[{{"system":"urn:reds","code":"{code}"}}]}},"subject":{{"reference":"Patient/a"}}}}"#));
    }
    clinic.check("
        GET /Observation?patient=a&code:in=ValueSet/reds => 200 ; ~ Observation/crimson ; !~ Observation/scarlet
        GET /Observation?patient=a&code:in=http://localhost/fhir/ValueSet/reds => 200 ; ~ Observation/crimson ; !~ Observation/scarlet
        GET /Observation?patient=a&code:not-in=ValueSet/reds => 200 ; ~ Observation/scarlet ; !~ Observation/crimson
        GET /Observation?patient=a&_filter=code+in+ValueSet/reds => 200 ; ~ Observation/crimson ; !~ Observation/scarlet
        GET /Observation?patient=a&code:in=ValueSet/none => 400 value ; ~ a value set whose codes
        GET /Observation?patient=a&code:in=ValueSet/reds/_history/1 => 400 value
        GET /Observation?patient=a&code:in=CodeSystem/reds => 400 value
    ");
    clinic.put("/ValueSet/reds", set(r#"{"code":"scarlet"}"#));
    clinic.check("
        GET /Observation?patient=a&code:in=ValueSet/reds => 200 ; ~ Observation/scarlet ; !~ Observation/crimson
        DELETE /ValueSet/reds => 204
        GET /Observation?patient=a&code:in=ValueSet/reds => 400 value
    ");
}

#[test]
fn what_can_be_said_once_is_not_said_twice() {
    ward().check(r#"
        GET /Patient?name=zoe&_count=2&_count=3 => 400 not-supported ; ~ _count
        GET /Patient?name=zoe&_count=2&_count=2 => 200 ; ~ "next"
        GET /Patient?name=zoe&_count=2&_count=3 | Prefer: handling=lenient => 200 ; ~ "mode":"outcome" ; ~ _count ; ~ _count=2 ; !~ _count=3
        GET /Patient?name=zoe&_summary=true&_summary=false => 400 not-supported ; ~ _summary
        GET /Patient?name=zoe&_total=none&_total=accurate => 400 not-supported ; ~ _total
        GET /Patient?name=zoe&_format=json&_format=xml => 400 value ; ~ http._format
        GET /Patient?name=zoe&_format=json&_format=json => 200
        GET /Patient?name=zoe&_pretty=true&_pretty=false => 400 value ; ~ http._pretty
        POST /Patient/_search?_count=1 | Content-Type: application/x-www-form-urlencoded <<< name=zoe&_count=2 => 400 not-supported ; ~ _count
        POST /Patient/_search?_format=json | Content-Type: application/x-www-form-urlencoded <<< name=zoe&_format=xml => 400 value ; ~ http._format
        GET /Patient/p1?_summary=true&_summary=text => 400 value ; ~ http._summary
        GET /Patient/p1?_summary=true&_elements=gender => 400 not-supported ; ~ http._elements
        GET /Patient/p1?_summary=false&_elements=gender => 200 ; ~ "gender" ; !~ birthDate
        GET /Patient?name=zoe&_summary=data&_elements=gender => 400 not-supported ; ~ _elements
        GET /Patient?name=zoe&_summary=data&_elements=gender | Prefer: handling=lenient => 200 ; ~ "mode":"outcome" ; ~ birthDate ; !~ _elements=gender
        GET /Patient?name=zoe&_summary=count&_elements=gender => 200 ; ~ "total":12
        GET /Patient/p1/_history?_count=1&_count=2 => 400 value ; ~ http._count
        GET /Patient/p1/_history?_since=2020&_since=2021 => 400 value ; ~ http._since
        GET /Observation/$stats?subject=Patient/p1&subject=Patient/p2&code=4548-4&statistic=count => 400 value ; ~ http.subject
    "#);
}

#[test]
fn an_include_that_can_bring_nothing_is_refused_with_what_could() {
    ward().check(r#"
        GET /Observation?patient=p1&_include=Observation:subject:Medication => 400 not-supported ; ~ Patient
        GET /Observation?patient=p1&_include=Observation:subject:Patient => 200 ; ~ "mode":"include"
        GET /Observation?patient=p1&_include=Patient:general-practitioner => 400 not-supported ; ~ :iterate
        GET /Patient?_id=p1&_revinclude=Observation:subject:Group => 400 not-supported ; ~ Patient
        GET /Patient?_id=p1&_revinclude=Observation:subject:Patient => 200 ; ~ "mode":"include"
        GET /Patient?_id=p1&_revinclude=Encounter:location => 400 not-supported ; ~ Location
        GET /?_type=Encounter,Patient&_id=p1&_revinclude=Observation:subject:Patient => 200 ; ~ "mode":"include"
        GET /?_type=Encounter,Patient&_id=p1&_revinclude=Observation:encounter => 200
        GET /Observation?patient=p1&_include=Observation:subject:Medication | Prefer: handling=lenient => 200 ; ~ "mode":"outcome" ; !~ "mode":"include"
    "#);
}
