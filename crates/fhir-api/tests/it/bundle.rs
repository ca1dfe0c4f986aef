//! Transactions and batches.

use crate::clinic::Clinic;

#[test]
fn a_transaction_is_done_whole_or_not() {
    Clinic::open().check(r#"
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"fullUrl":"urn:uuid:11111111-1111-4111-8111-111111111111","resource":{"resourceType":"Patient","active":true},"request":{"method":"POST","url":"Patient"}},{"resource":{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},"subject":{"reference":"urn:uuid:11111111-1111-4111-8111-111111111111"}},"request":{"method":"PUT","url":"Observation/o"}}]} => 200 ; ~ "type":"transaction-response" ; ~ "status":"201 Created" ; ~ "location":"Observation/o/_history/1" ; ~ "etag":"W/\"1\"" ; !~ "active"
        GET /Observation/o => 200 ; ~ "reference":"Patient/ ; !~ urn:uuid
        POST / | Prefer: return=representation <<< {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient","id":"a","active":true},"request":{"method":"PUT","url":"Patient/a"}}]} => 200 ; ~ "active":true
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient","id":"b"},"request":{"method":"PUT","url":"Patient/b"}},{"resource":{"resourceType":"Patient","id":"c","birthDate":"yesterday"},"request":{"method":"PUT","url":"Patient/c"}}]} => 422 ; ~ Bundle.entry[1].resource.birthDate
        GET /Patient/b => 404 not-found
        POST / <<< {"resourceType":"Bundle","type":"transaction"} => 200 ; ~ transaction-response
        POST / <<< {"resourceType":"Bundle","type":"collection"} => 400
        POST / <<< {"resourceType":"Patient"} => 400
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient"}}]} => 400
    "#);
}

#[test]
fn a_batch_does_what_it_can() {
    Clinic::open().check(r#"
        PUT /Patient/a <<< {"resourceType":"Patient","id":"a","active":true} => 201
        POST / <<< {"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"Patient/a"}},{"request":{"method":"GET","url":"Patient/none"}},{"request":{"method":"GET","url":"Patient?_id=a"}},{"request":{"method":"DELETE","url":"Patient/a"}},{"resource":{"resourceType":"Patient","birthDate":"x"},"request":{"method":"POST","url":"Patient"}}]} => 200 ; ~ "type":"batch-response" ; ~ "active":true ; ~ "status":"404 Not Found" ; ~ "type":"searchset" ; ~ "status":"422 Unprocessable Entity" ; ~ OperationOutcome
    "#);
}

#[test]
fn a_deletion_that_finds_nothing_does_not_fail_a_transaction() {
    Clinic::open().check(r#"
        PUT /Patient/a <<< {"resourceType":"Patient","id":"a"} => 201
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient","id":"b"},"request":{"method":"PUT","url":"Patient/b"}},{"request":{"method":"DELETE","url":"Patient/never"}},{"request":{"method":"DELETE","url":"Patient?identifier=http://n.example|none"}}]} => 200 ; ~ "status":"201 Created" ; ~ {"response":{"status":"204 No Content"}},{"response":{"status":"204 No Content"}}
        GET /Patient/b => 200
        GET /Patient/never => 404 not-found
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"DELETE","url":"Patient/a"}}]} => 200 ; ~ "status":"204 No Content","etag":"W/\"2\""
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"DELETE","url":"Patient/a"}}]} => 200 ; ~ "status":"204 No Content","etag":"W/\"2\""
        # Whoever insists on a version wants something to be there, and one resource is named once.
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient","id":"c"},"request":{"method":"PUT","url":"Patient/c"}},{"request":{"method":"DELETE","url":"Patient/never","ifMatch":"W/\"1\""}}]} => 404
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient","id":"c"},"request":{"method":"PUT","url":"Patient/c"}},{"request":{"method":"DELETE","url":"Patient/c"}}]} => 400
        GET /Patient/c => 404 not-found
        # What is created under the condition of such a deletion is created.
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"DELETE","url":"Patient?identifier=http://n.example|9"}},{"resource":{"resourceType":"Patient","identifier":[{"system":"http://n.example","value":"9"}]},"request":{"method":"POST","url":"Patient","ifNoneExist":"identifier=http://n.example|9"}}]} => 200 ; ~ "status":"201 Created"
        GET /Patient?identifier=http://n.example|9&_total=accurate => 200 ; ~ "total":1
        # Alone, and in a batch, it is told.
        DELETE /Patient/never => 404 not-found
        POST / <<< {"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"DELETE","url":"Patient/never"}},{"request":{"method":"DELETE","url":"Patient/b"}}]} => 200 ; ~ "status":"404 Not Found" ; ~ "status":"204 No Content"
    "#);
}

#[test]
fn one_condition_makes_one_resource_and_what_is_deleted_in_the_same_act_is_not_found() {
    Clinic::open().check(r#"
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient","identifier":[{"system":"http://n.example","value":"1"}]},"request":{"method":"PUT","url":"Patient?identifier=http://n.example|1"}},{"resource":{"resourceType":"Patient","identifier":[{"system":"http://n.example","value":"1"}]},"request":{"method":"PUT","url":"Patient?identifier=http://n.example|1"}}]} => 400 duplicate
        GET /Patient?identifier=http://n.example|1&_total=accurate => 200 ; ~ "total":0
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient","identifier":[{"system":"http://n.example","value":"1"}]},"request":{"method":"POST","url":"Patient","ifNoneExist":"identifier=http://n.example|1"}},{"resource":{"resourceType":"Patient","identifier":[{"system":"http://n.example","value":"1"}]},"request":{"method":"PUT","url":"Patient?identifier=http://n.example|1"}}]} => 400 duplicate
        GET /Patient?identifier=http://n.example|1&_total=accurate => 200 ; ~ "total":0
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient","identifier":[{"system":"http://n.example","value":"1"}]},"request":{"method":"PUT","url":"Patient?identifier=http://n.example|1"}},{"resource":{"resourceType":"Patient","identifier":[{"system":"http://n.example","value":"1"}]},"request":{"method":"POST","url":"Patient","ifNoneExist":"identifier=http://n.example|1"}}]} => 200 ; ~ "status":"201 Created"
        GET /Patient?identifier=http://n.example|1&_total=accurate => 200 ; ~ "total":1
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient","identifier":[{"system":"http://n.example","value":"2"}]},"request":{"method":"POST","url":"Patient","ifNoneExist":"identifier=http://n.example|2"}},{"resource":{"resourceType":"Patient","identifier":[{"system":"http://n.example","value":"2"}]},"request":{"method":"POST","url":"Patient","ifNoneExist":"identifier=http://n.example|2"}}]} => 200 ; ~ "status":"201 Created" ; ~ "status":"200 OK"
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient","identifier":[{"system":"http://n.example","value":"3"}]},"request":{"method":"POST","url":"Patient","ifNoneExist":"identifier=http://n.example|3&active:missing=true"}},{"resource":{"resourceType":"Patient","identifier":[{"system":"http://n.example","value":"3"}]},"request":{"method":"POST","url":"Patient","ifNoneExist":"active:missing=true&identifier=http://n.example%7C3"}}]} => 200 ; ~ "status":"201 Created" ; ~ "status":"200 OK"
        GET /Patient?identifier=http://n.example|2&_total=accurate => 200 ; ~ "total":1
        # What was there is updated once, and found as often as you like.
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient","identifier":[{"system":"http://n.example","value":"2"}]},"request":{"method":"POST","url":"Patient","ifNoneExist":"identifier=http://n.example|2"}},{"resource":{"resourceType":"Patient","identifier":[{"system":"http://n.example","value":"2"}]},"request":{"method":"PUT","url":"Patient?identifier=http://n.example|2"}}]} => 200
        GET /Patient?identifier=http://n.example|2&_total=accurate => 200 ; ~ "total":1
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient","identifier":[{"system":"http://n.example","value":"2"}]},"request":{"method":"PUT","url":"Patient?identifier=http://n.example|2"}},{"resource":{"resourceType":"Patient","identifier":[{"system":"http://n.example","value":"2"}]},"request":{"method":"PUT","url":"Patient?identifier=http://n.example|2"}}]} => 400 duplicate
        # Deletions come first, wherever they stand.
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"DELETE","url":"Patient?identifier=http://n.example|2"}},{"resource":{"resourceType":"Patient","identifier":[{"system":"http://n.example","value":"2"}]},"request":{"method":"POST","url":"Patient","ifNoneExist":"identifier=http://n.example|2"}}]} => 200 ; ~ "status":"204 No Content" ; ~ "status":"201 Created"
        GET /Patient?identifier=http://n.example|2&_total=accurate => 200 ; ~ "total":1
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient","identifier":[{"system":"http://n.example","value":"2"}]},"request":{"method":"POST","url":"Patient","ifNoneExist":"identifier=http://n.example|2"}},{"request":{"method":"DELETE","url":"Patient?identifier=http://n.example|2"}}]} => 200 ; ~ "status":"204 No Content" ; ~ "status":"201 Created"
        GET /Patient?identifier=http://n.example|2&_total=accurate => 200 ; ~ "total":1
        # A resource that is deleted is not updated, too.
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"DELETE","url":"Patient?identifier=http://n.example|2"}},{"resource":{"resourceType":"Patient","identifier":[{"system":"http://n.example","value":"2"}]},"request":{"method":"PUT","url":"Patient?identifier=http://n.example|2"}}]} => 400 duplicate
        GET /Patient?identifier=http://n.example|2&_total=accurate => 200 ; ~ "total":1
    "#);
}

#[test]
fn a_reference_by_search_finds_what_the_transaction_makes_and_not_what_it_takes_away() {
    Clinic::open().check(r#"
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Observation","id":"one","status":"final","code":{"text":"x"},"subject":{"reference":"Patient?identifier=http://n.example|1"}},"request":{"method":"PUT","url":"Observation/one"}},{"resource":{"resourceType":"Patient","identifier":[{"system":"http://n.example","value":"1"}]},"request":{"method":"POST","url":"Patient"}}]} => 200 ; ~ "status":"201 Created"
        GET /Observation/one => 200 ; ~ "reference":"Patient/ ; !~ identifier=
        GET /Observation?subject:Patient.identifier=http://n.example|1 => 200 ; ~ Observation/one
        # Two answer, one that was here and one that is made.
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Observation","id":"two","status":"final","code":{"text":"x"},"subject":{"reference":"Patient?identifier=http://n.example|1"}},"request":{"method":"PUT","url":"Observation/two"}},{"resource":{"resourceType":"Patient","identifier":[{"system":"http://n.example","value":"1"}]},"request":{"method":"POST","url":"Patient"}}]} => 422 multiple-matches
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Observation","id":"two","status":"final","code":{"text":"x"},"subject":{"reference":"Patient?identifier=http://n.example|2"}},"request":{"method":"PUT","url":"Observation/two"}},{"resource":{"resourceType":"Patient","identifier":[{"system":"http://n.example","value":"3"}]},"request":{"method":"POST","url":"Patient"}}]} => 422 not-found
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Observation","id":"two","status":"final","code":{"text":"x"},"subject":{"reference":"Patient?identifier=http://n.example|1"}},"request":{"method":"PUT","url":"Observation/two"}},{"request":{"method":"DELETE","url":"Patient?identifier=http://n.example|1"}}]} => 422 not-found
        # What is changed counts as it will be.
        PUT /Patient/p <<< {"resourceType":"Patient","id":"p","identifier":[{"system":"http://n.example","value":"4"}]} => 201
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Observation","id":"two","status":"final","code":{"text":"x"},"subject":{"reference":"Patient?identifier=http://n.example|4"}},"request":{"method":"PUT","url":"Observation/two"}},{"resource":{"resourceType":"Patient","id":"p","identifier":[{"system":"http://n.example","value":"5"}]},"request":{"method":"PUT","url":"Patient/p"}}]} => 422 not-found
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Observation","id":"two","status":"final","code":{"text":"x"},"subject":{"reference":"Patient?identifier=http://n.example|5"}},"request":{"method":"PUT","url":"Observation/two"}},{"resource":{"resourceType":"Patient","id":"p","identifier":[{"system":"http://n.example","value":"5"}]},"request":{"method":"PUT","url":"Patient/p"}}]} => 200
        GET /Observation/two => 200 ; ~ "reference":"Patient/p"
        GET /Patient/p => 200 ; ~ "value":"5"
    "#);
}

#[test]
fn the_links_of_a_narrative_lead_to_what_the_entries_became() {
    Clinic::open().check(r##"
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"fullUrl":"urn:uuid:11111111-1111-4111-8111-111111111111","resource":{"resourceType":"Patient","id":"a"},"request":{"method":"PUT","url":"Patient/a"}},{"fullUrl":"urn:uuid:22222222-2222-4222-8222-222222222222","resource":{"resourceType":"Basic","id":"b","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><a href=\"urn:uuid:11111111-1111-4111-8111-111111111111\">who</a></div>"},"code":{"text":"x"},"subject":{"reference":"urn:uuid:11111111-1111-4111-8111-111111111111"}},"request":{"method":"PUT","url":"Basic/b"}}]} => 200
        GET /Basic/b => 200 ; ~ <a href=\"Patient/a\">who</a> ; !~ urn:uuid
    "##);
}

#[test]
fn a_relative_reference_means_what_comes_from_the_same_server() {
    Clinic::open().check(r#"
        PUT /Patient/123 <<< {"resourceType":"Patient","id":"123"} => 201
        PUT /Patient/new <<< {"resourceType":"Patient","id":"new"} => 201
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"fullUrl":"http://other.example/fhir/Patient/123","resource":{"resourceType":"Patient","identifier":[{"system":"http://n.example","value":"1"}]},"request":{"method":"POST","url":"Patient"}},{"fullUrl":"http://other.example/fhir/AllergyIntolerance/1","resource":{"resourceType":"AllergyIntolerance","id":"a","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical","code":"active"}]},"patient":{"reference":"Patient/123"}},"request":{"method":"PUT","url":"AllergyIntolerance/a"}},{"fullUrl":"http://other.example/fhir/Basic/2","resource":{"resourceType":"Basic","id":"b","code":{"text":"x"},"subject":{"reference":"http://other.example/fhir/Patient/123/_history/7"}},"request":{"method":"PUT","url":"Basic/b"}}]} => 200 ; ~ "status":"201 Created"
        GET /AllergyIntolerance/a => 200 ; ~ "reference":"Patient/ ; !~ "reference":"Patient/123"
        GET /Basic/b => 200 ; ~ "reference":"Patient/ ; !~ _history/7
        GET /AllergyIntolerance?patient=123&_total=accurate => 200 ; ~ "total":0
        GET /AllergyIntolerance?patient.identifier=http://n.example|1&_total=accurate => 200 ; ~ "total":1
        # Of whom no entry bears the address is who is here.
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"fullUrl":"http://other.example/fhir/AllergyIntolerance/3","resource":{"resourceType":"AllergyIntolerance","id":"c","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical","code":"active"}]},"patient":{"reference":"Patient/123"}},"request":{"method":"PUT","url":"AllergyIntolerance/c"}},{"fullUrl":"http://third.example/fhir/Patient/123","resource":{"resourceType":"Patient","id":"new"},"request":{"method":"PUT","url":"Patient/new"}}]} => 200
        GET /AllergyIntolerance/c => 200 ; ~ "reference":"Patient/123"
    "#);
}

#[test]
fn what_an_entry_names_in_the_same_transaction_is_of_a_type_that_may_stand_there() {
    let clinic = Clinic::open();
    let written = |other: &str, body: &str, expect: &str| {
        let of = |resource: &str| resource.split('"').nth(3).unwrap_or_default().to_owned();
        let entry = |resource: &str, name: &str| format!(r#"{{{name}"resource":{resource},"request":{{"method":"POST","url":"{}"}}}}"#, of(resource));
        let other = entry(other, r#""fullUrl":"urn:uuid:11111111-1111-4111-8111-111111111111","#);
        clinic.check(&format!(r#"POST / <<< {{"resourceType":"Bundle","type":"transaction","entry":[{other},{}]}} => {expect}"#, entry(body, "")));
    };
    let organization = r#"{"resourceType":"Organization","name":"x"}"#;
    let patient = r#"{"resourceType":"Patient"}"#;
    let named = r#"{"reference":"urn:uuid:11111111-1111-4111-8111-111111111111"}"#;
    let observation = |member: &str, more: &str| format!(r#"{{"resourceType":"Observation","status":"final","code":{{"text":"x"}},"{member}":{{"reference":"urn:uuid:11111111-1111-4111-8111-111111111111"{more}}}}}"#);
    for member in ["subject", "encounter", "specimen"] {
        written(organization, &observation(member, ""), &format!("422 value ; ~ Bundle.entry[1].resource.{member}.reference ; ~ This may refer only to"));
    }
    written(r#"{"resourceType":"Practitioner"}"#, &format!(r#"{{"resourceType":"Condition","subject":{named}}}"#), "422 value ; ~ Bundle.entry[1].resource.subject.reference");
    written(patient, &observation("subject", r#","type":"Group""#), "422 value ; ~ Reference.type says another type");
    written(patient, &observation("subject", r#","type":"Patient""#), "200");
    written(organization, &observation("performer", "").replace(r#""performer":{"#, r#""performer":[{"#).replace(r#"1111"}}"#, r#"1111"}]}"#), "200");
    written(r#"{"resourceType":"Device"}"#, &observation("subject", ""), "200");
}

#[test]
fn what_is_about_somebody_whom_only_another_bundle_knows_enters_nobodys_record() {
    Clinic::open().check(r#"
        POST /Observation <<< {"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"urn:uuid:11111111-1111-4111-8111-111111111111"}} => 422 not-found ; ~ "Observation.subject" ; ~ fullUrl
        PUT /Condition/c <<< {"resourceType":"Condition","id":"c","subject":{"reference":"urn:oid:1.2.36.146.595.217"}} => 422 not-found ; ~ "Condition.subject"
        PUT /Immunization/i <<< {"resourceType":"Immunization","id":"i","status":"completed","vaccineCode":{"text":"x"},"occurrenceString":"once","patient":{"reference":"urn:uuid:11111111-1111-4111-8111-111111111111"}} => 422 not-found ; ~ "Immunization.patient"
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient","id":"b"},"request":{"method":"PUT","url":"Patient/b"}},{"resource":{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"urn:uuid:11111111-1111-4111-8111-111111111111"}},"request":{"method":"POST","url":"Observation"}}]} => 422 not-found ; ~ "Bundle.entry[1].resource.subject"
        GET /Patient/b => 404 not-found
        POST / <<< {"resourceType":"Bundle","type":"batch","entry":[{"fullUrl":"urn:uuid:11111111-1111-4111-8111-111111111111","resource":{"resourceType":"Patient","id":"a"},"request":{"method":"PUT","url":"Patient/a"}},{"resource":{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},"subject":{"reference":"urn:uuid:11111111-1111-4111-8111-111111111111"}},"request":{"method":"PUT","url":"Observation/o"}}]} => 200 ; ~ "status":"201 Created" ; ~ "status":"422 Unprocessable Entity"
        GET /Observation/o => 404 not-found
        # What concerns nobody may name what it likes, and what is elsewhere is elsewhere.
        PUT /Basic/b <<< {"resourceType":"Basic","id":"b","code":{"text":"x"},"subject":{"reference":"urn:uuid:11111111-1111-4111-8111-111111111111"}} => 201
        PUT /Observation/o <<< {"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},"subject":{"reference":"http://other.example/fhir/Patient/1"}} => 201
    "#);
}

/// One entry of a batch, asked by GET, and the answer of the whole.
fn asked(url: &str, more: &str) -> String {
    format!(r#"{{"resourceType":"Bundle","type":"batch","entry":[{{"request":{{"method":"GET","url":"{url}"{more}}}}}]}}"#)
}

/// A cursor is sealed anew each time.
fn without_cursors(text: &str) -> String {
    let mut parts = text.split("_cursor=");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |told, part| told + &part[part.find('"').unwrap_or(0)..])
}

#[test]
fn a_batch_asks_as_a_request_of_its_own_asks() {
    let clinic = Clinic::open();
    clinic.check(r#"
        PUT /Organization/o <<< {"resourceType":"Organization","id":"o","name":"A"} => 201
        PUT /Organization/o <<< {"resourceType":"Organization","id":"o","name":"B"} => 200
        PUT /Patient/a <<< {"resourceType":"Patient","id":"a","active":true,"name":[{"family":"Ruiz"}]} => 201
        PUT /Observation/w <<< {"resourceType":"Observation","id":"w","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},"subject":{"reference":"Patient/a"},"effectiveDateTime":"2026-01-05"} => 201
    "#);
    let json = [("content-type", "application/fhir+json")];
    for url in [
        "Organization/o/_history?_count=1",
        "Organization/o/_history?_since=2099-01-01",
        "Organization/_history?_count=1",
        "_history?_count=2",
        "Patient/a?_elements=name",
        "Patient/a?_summary=count",
        "Patient?_id=a&_elements=name",
        "Patient?nope=1",
        "Patient/a/_history?nope=1",
        "Patient/a/_history/7",
        "Patient/none",
        "Patient/a/Observation?code=29463-7",
        "Patient/a/*?_type=Observation",
        "?_type=Patient,Observation&_count=5",
        "metadata?mode=terminology",
        "Patient/a/$everything",
        "Patient/a/$meta",
        "Observation/$lastn?subject=Patient/a&category=vital-signs",
        "CodeSystem/$lookup?system=http://hl7.org/fhir/administrative-gender&code=female",
        "CodeSystem/$lookup?system=http://hl7.org/fhir/administrative-gender&code=none",
        "ValueSet/$validate-code?url=http://hl7.org/fhir/ValueSet/administrative-gender&system=http://hl7.org/fhir/administrative-gender&code=female",
    ] {
        let alone = clinic.ask("GET", &format!("/{url}"), &[("x-request-id", "same")], "");
        let batch = clinic.ask("POST", "/", &[json[0], ("x-request-id", "same")], asked(url, ""));
        assert_eq!(batch.status, 200, "{url}");
        let document = fhir::Document::read(batch.text()).unwrap();
        let response = document.root().path(&["entry", "response"]).unwrap();
        assert!(response.string("status").unwrap().starts_with(alone.status.as_str()), "{url}: {} {}", alone.status, batch.text());
        let told = if alone.status == 200 { document.root().path(&["entry", "resource"]) } else { response.get("outcome") };
        let told = told.unwrap_or_else(|| panic!("{url}: {}", batch.text())).raw().to_owned();
        assert_eq!(without_cursors(&told), without_cursors(alone.text()), "{url}");
        if let Some(etag) = response.string("etag") {
            assert_eq!(etag, alone.header("etag"), "{url}");
        }
    }
}

#[test]
fn a_batch_keeps_the_conditions_of_a_read() {
    let clinic = Clinic::open();
    clinic.put("/Patient/a", r#"{"resourceType":"Patient","id":"a"}"#);
    let json = [("content-type", "application/fhir+json")];
    for (more, expect) in [
        (r#","ifNoneMatch":"W/\"1\"""#, "304"),
        (r#","ifNoneMatch":"*""#, "304"),
        (r#","ifNoneMatch":"W/\"2\"""#, "200"),
        (r#","ifModifiedSince":"2099-01-01T00:00:00Z""#, "304"),
        (r#","ifModifiedSince":"1999-01-01T00:00:00Z""#, "200"),
        (r#","ifModifiedSince":"yesterday""#, "400"),
    ] {
        let reply = clinic.ask("POST", "/", &json, asked("Patient/a", more));
        assert!(reply.text().contains(&format!("\"status\":\"{expect} ")), "{more}: {}", reply.text());
        assert_eq!(reply.text().contains("\"resource\":{\"resourceType\":\"Patient\""), expect == "200", "{more}: {}", reply.text());
    }
    let head = clinic.ask("POST", "/", &json, asked("Patient/a", "").replace("GET", "HEAD"));
    assert!(head.text().contains("\"status\":\"200 OK\"") && !head.text().contains("\"resource\":"), "{}", head.text());
}

#[test]
fn what_a_bundle_asks_for_together_has_a_ceiling_and_the_rest_is_refused_by_its_entry() {
    let clinic = Clinic::open_with(fhir_api::Settings { body_limit_bytes: 4_000, ..Default::default() });
    let note = "x".repeat(1_500);
    assert_eq!(clinic.put("/Basic/b", format!(r#"{{"resourceType":"Basic","id":"b","code":{{"text":"{note}"}}}}"#)).status, 201);
    let json = [("content-type", "application/fhir+json")];
    for kind in ["batch", "transaction"] {
        let entries = vec![r#"{"request":{"method":"GET","url":"Basic/b"}}"#; 70].join(",");
        let reply = clinic.ask("POST", "/", &json, format!(r#"{{"resourceType":"Bundle","type":"{kind}","entry":[{entries}]}}"#));
        assert_eq!(reply.status, 200, "{}", reply.text());
        let (answered, refused) = (reply.text().matches("\"status\":\"200 OK\"").count(), reply.text().matches("\"status\":\"403 Forbidden\"").count());
        assert_eq!((answered + refused, reply.text().matches(&note).count()), (70, answered), "{kind}");
        assert!(answered > 0 && refused > 0, "{kind}: {answered} answered, {refused} refused");
        assert_eq!(reply.text().matches("too-costly").count(), refused, "{kind}");
        assert!(reply.text().contains("Bundle.entry[69].request.url"), "{kind}");
        // What sends nothing takes no room.
        let heads = clinic.ask("POST", "/", &json, format!(r#"{{"resourceType":"Bundle","type":"{kind}","entry":[{entries}]}}"#).replace("GET", "HEAD"));
        assert_eq!(heads.text().matches("\"status\":\"200 OK\"").count(), 70, "{kind}");
    }
}

#[test]
fn short_patches_of_long_resources_have_a_ceiling_together() {
    let limits = fhir::Limits { size_bytes: 4_000, ..Default::default() };
    let clinic = Clinic::set(chart::Settings { limits, ..testkit::settings() });
    let note = "x".repeat(1_500);
    for number in 0..14 {
        assert_eq!(clinic.put(&format!("/Basic/b{number}"), format!(r#"{{"resourceType":"Basic","id":"b{number}","language":"es","code":{{"text":"{note}"}}}}"#)).status, 201);
    }
    let patches = |many: usize| {
        let patch = |number| format!(r#"{{"resource":{{"resourceType":"Parameters","parameter":[{{"name":"operation","part":[{{"name":"type","valueCode":"replace"}},{{"name":"path","valueString":"Basic.language"}},{{"name":"value","valueCode":"vi"}}]}}]}},"request":{{"method":"PATCH","url":"Basic/b{number}"}}}}"#);
        (0..many).map(patch).collect::<Vec<_>>().join(",")
    };
    let send = |kind: &str, many: usize| clinic.ask("POST", "/", &[("content-type", "application/fhir+json")], format!(r#"{{"resourceType":"Bundle","type":"{kind}","entry":[{}]}}"#, patches(many)));
    let whole = send("transaction", 5);
    assert_eq!((whole.status.as_u16(), whole.code()), (403, "too-costly".to_owned()), "{}", whole.text());
    assert!(clinic.get("/Basic/b0").text().contains("\"es\""), "nothing of it was done");
    let each = send("batch", 14);
    let (done, refused) = (each.text().matches("\"status\":\"200 OK\"").count(), each.text().matches("\"status\":\"403 Forbidden\"").count());
    assert!(done >= 2 && refused >= 2 && done + refused == 14, "{done} done, {refused} refused: {}", each.text());
    assert_eq!(send("transaction", 2).status, 200);
}

#[test]
fn operations_that_change_nothing_are_called_in_a_bundle_and_the_others_are_refused_by_name() {
    Clinic::open().check(r#"
        PUT /Patient/a <<< {"resourceType":"Patient","id":"a","name":[{"family":"Ruiz","given":["Test"]}],"birthDate":"1980-05-01"} => 201
        POST / <<< {"resourceType":"Bundle","type":"batch","entry":[{"resource":{"resourceType":"Patient","name":[{"family":"Ruiz","given":["Test"]}],"birthDate":"1980-05-01"},"request":{"method":"POST","url":"Patient/$match"}},{"resource":{"resourceType":"Patient","birthDate":"x"},"request":{"method":"POST","url":"Patient/$validate"}}]} => 200 ; ~ "type":"searchset" ; ~ "resourceType":"OperationOutcome" ; ~ "status":"200 OK" ; !~ "status":"4
        POST /?foo=1 <<< {"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"Patient/a"}}]} => 400 not-supported ; ~ http.foo
        POST /?foo=1 | Prefer: handling=lenient <<< {"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"Patient/a?bar=1"}}]} => 200 ; ~ "status":"200 OK" ; warning: 199 - "Parameters passed over: foo, bar"
        POST / <<< {"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"POST","url":"$export"}},{"request":{"method":"GET","url":"Patient/$everything"}},{"resource":{"resourceType":"Parameters"},"request":{"method":"POST","url":"Patient/a/$meta-add"}},{"request":{"method":"GET","url":"Patient/a"}}]} => 200 ; ~ "status":"400 Bad Request" ; ~ Bundle.entry[0].request.url ; ~ Bundle.entry[1].request.url ; ~ Bundle.entry[2].request.url ; ~ $summary ; ~ "birthDate":"1980-05-01"
        # In a transaction what is asked after the writes sees them; what cannot be asked there refuses it before anything is written.
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"GET","url":"Patient/b/_history?_count=1"}},{"resource":{"resourceType":"Patient","id":"b"},"request":{"method":"PUT","url":"Patient/b"}},{"request":{"method":"GET","url":"Patient/none"}}]} => 200 ; ~ "type":"history" ; ~ "status":"201 Created" ; ~ "status":"404 Not Found"
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient","id":"c"},"request":{"method":"PUT","url":"Patient/c"}},{"request":{"method":"GET","url":"$export"}}]} => 400 not-supported ; ~ Bundle.entry[1].request.url
        GET /Patient/c => 404 not-found
        POST / <<< {"resourceType":"Bundle","type":"batch","entry":[{"resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient/_search"}},{"request":{"method":"GET"}}]} => 200 ; ~ Bundle.entry[0].request.url ; ~ Bundle.entry[1].request.url
    "#);
}

#[test]
fn a_full_url_is_found_by_whatever_names_its_resource() {
    Clinic::open().check(r#"
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"fullUrl":"urn:uuid:11111111-1111-4111-8111-11111111111A","resource":{"resourceType":"Patient","id":"a"},"request":{"method":"PUT","url":"Patient/a"}},{"resource":{"resourceType":"Basic","id":"b","code":{"text":"x"},"subject":{"reference":"urn:uuid:11111111-1111-4111-8111-11111111111a"}},"request":{"method":"PUT","url":"Basic/b"}}]} => 200
        GET /Basic/b => 200 ; ~ "reference":"Patient/a"
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"fullUrl":"urn:uuid:11111111-1111-4111-8111-11111111111a","resource":{"resourceType":"Patient","id":"a","active":true},"request":{"method":"PUT","url":"Patient/a"}},{"resource":{"resourceType":"Basic","id":"c","code":{"text":"x"},"subject":{"reference":"urn:uuid:11111111-1111-4111-8111-11111111111A"}},"request":{"method":"PUT","url":"Basic/c"}}]} => 200
        GET /Basic/c => 200 ; ~ "reference":"Patient/a"
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"fullUrl":"http://other.example/fhir/Patient/1/_history/3","resource":{"resourceType":"Patient","id":"d"},"request":{"method":"PUT","url":"Patient/d"}},{"fullUrl":"http://other.example/fhir/Basic/1#","resource":{"resourceType":"Basic","id":"e","code":{"text":"x"},"subject":{"reference":"Patient/1"}},"request":{"method":"PUT","url":"Basic/e"}}]} => 200
        GET /Basic/e => 200 ; ~ "reference":"Patient/d"
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"fullUrl":"http://other.example/fhir/Patient/1/_history/3","resource":{"resourceType":"Patient","id":"f"},"request":{"method":"PUT","url":"Patient/f"}},{"fullUrl":"http://other.example/fhir/Patient/1","resource":{"resourceType":"Patient","id":"g"},"request":{"method":"PUT","url":"Patient/g"}}]} => 400
        GET /Patient/f => 404
    "#);
}

#[test]
fn a_version_that_has_never_been_is_told_in_a_bundle_too() {
    Clinic::open().check(r#"
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient","id":"a"},"request":{"method":"PUT","url":"Patient/a","ifMatch":"W/\"0\""}}]} => 412
        POST / <<< {"resourceType":"Bundle","type":"batch","entry":[{"resource":{"resourceType":"Patient","id":"a"},"request":{"method":"PUT","url":"Patient/a","ifMatch":"W/\"0\""}}]} => 200 ; ~ "status":"412 Precondition Failed"
        PUT /Patient/a | If-Match: W/"0" <<< {"resourceType":"Patient","id":"a"} => 412
        GET /Patient/a => 404
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient","id":"a"},"request":{"method":"PUT","url":"Patient/a","ifNoneExist":"identifier=x|1"}}]} => 400 ; ~ ifNoneExist
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient","ifNoneMatch":"*"}}]} => 400 ; ~ ifNoneMatch
        GET /Patient/a => 404
    "#);
}

#[test]
fn an_update_in_a_bundle_carries_its_id_as_it_does_alone() {
    Clinic::open().check(r#"
        PUT /Patient/a <<< {"resourceType":"Patient"} => 400 required
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient"},"request":{"method":"PUT","url":"Patient/a"}}]} => 400 required ; ~ Bundle.entry[0].resource.id
        POST / <<< {"resourceType":"Bundle","type":"batch","entry":[{"resource":{"resourceType":"Patient"},"request":{"method":"PUT","url":"Patient/a"}}]} => 200 ; ~ "status":"400 Bad Request"
        GET /Patient/a => 404
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient","identifier":[{"system":"http://n.example","value":"7"}]},"request":{"method":"PUT","url":"Patient?identifier=http://n.example|7"}}]} => 200 ; ~ 201 Created
    "#);
}

#[test]
fn a_write_names_its_resource_in_one_way() {
    Clinic::open().check(r#"
        PUT /Patient/a <<< {"resourceType":"Patient","id":"a","identifier":[{"system":"http://n.example","value":"1"}]} => 201
        PUT /Patient/b <<< {"resourceType":"Patient","id":"b","identifier":[{"system":"http://n.example","value":"2"}]} => 201
        DELETE /Patient/a?identifier=http://n.example|2 => 400 not-supported
        PUT /Patient/a?identifier=http://n.example|2 <<< {"resourceType":"Patient","id":"a"} => 400 not-supported
        PATCH /Patient/a?identifier=http://n.example|2 | Content-Type: application/json-patch+json <<< [{"op":"add","path":"/active","value":true}] => 400 not-supported
        PUT /Patient/a?_format=json <<< {"resourceType":"Patient","id":"a","active":true,"identifier":[{"system":"http://n.example","value":"1"}]} => 200
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"DELETE","url":"Patient/a?identifier=http://n.example|2"}}]} => 400 ; ~ Bundle.entry[0].request.url
        GET /Patient/b => 200
        # What is deleted bears no name for what is written beside it.
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"fullUrl":"urn:uuid:11111111-1111-4111-8111-111111111111","resource":{"resourceType":"Patient","id":"c"},"request":{"method":"PUT","url":"Patient/c"}},{"fullUrl":"urn:uuid:11111111-1111-4111-8111-111111111111","request":{"method":"DELETE","url":"Patient/b"}},{"resource":{"resourceType":"Basic","id":"d","code":{"text":"x"},"subject":{"reference":"urn:uuid:11111111-1111-4111-8111-111111111111"}},"request":{"method":"PUT","url":"Basic/d"}}]} => 200
        GET /Basic/d => 200 ; ~ "reference":"Patient/c"
    "#);
}

#[test]
fn who_creates_under_one_condition_twice_is_told_of_the_resource_twice() {
    let clinic = Clinic::open();
    let entry = r#"{"resource":{"resourceType":"Patient","identifier":[{"system":"http://n.example","value":"1"}]},"request":{"method":"POST","url":"Patient","ifNoneExist":"identifier=http://n.example|1"}}"#;
    let asked = format!(r#"{{"resourceType":"Bundle","type":"transaction","entry":[{entry},{entry}]}}"#);
    for prefer in ["return=minimal", "return=representation"] {
        let reply = clinic.ask("POST", "/", &[("content-type", "application/fhir+json"), ("prefer", prefer)], asked.clone());
        let document = fhir::Document::read(reply.text()).unwrap();
        let entries = document.root().get("entry").unwrap().items();
        let places: Vec<String> = entries.map(|entry| entry.path(&["response", "location"]).unwrap().as_str().unwrap().into_owned()).collect();
        assert!(places.len() == 2 && places[0] == places[1] && places[0].ends_with("/_history/1"), "{}", reply.text());
    }
}

#[test]
fn criteria_that_find_nothing_write_over_nobody() {
    Clinic::open().check(r#"
        PUT /Patient/a <<< {"resourceType":"Patient","id":"a","identifier":[{"system":"http://n.example","value":"1"}]} => 201
        PUT /Patient?identifier=http://n.example|2 <<< {"resourceType":"Patient","id":"a","identifier":[{"system":"http://n.example","value":"2"}]} => 409 conflict
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient","id":"a","identifier":[{"system":"http://n.example","value":"2"}]},"request":{"method":"PUT","url":"Patient?identifier=http://n.example|2"}}]} => 409 conflict
        GET /Patient/a => 200 ; ~ "value":"1" ; ETag: W/"1"
        # The id of nobody is taken, and that of what the criteria find.
        PUT /Patient?identifier=http://n.example|2 <<< {"resourceType":"Patient","id":"b","identifier":[{"system":"http://n.example","value":"2"}]} => 201
        PUT /Patient?identifier=http://n.example|2 <<< {"resourceType":"Patient","id":"b","active":true,"identifier":[{"system":"http://n.example","value":"2"}]} => 200
        DELETE /Patient/b => 204
        PUT /Patient?identifier=http://n.example|2 <<< {"resourceType":"Patient","id":"b","identifier":[{"system":"http://n.example","value":"2"}]} => 201
    "#);
}
