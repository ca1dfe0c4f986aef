//! Reading one resource: newest, earlier, already known, in part.

use crate::clinic::Clinic;

#[test]
fn what_was_written_is_read_with_its_version_and_time() {
    Clinic::open().check(r#"
        GET /Patient/a => 404 not-found
        PUT /Patient/a <<< {"resourceType":"Patient","id":"a","multipleBirthInteger":2} => 201 ; Location: http://localhost/fhir/Patient/a/_history/1 ; ETag: W/"1"
        GET /Patient/a => 200 ; ETag: W/"1" ; Content-Type: application/fhir+json; charset=utf-8 ; ~ "multipleBirthInteger":2 ; ~ "versionId":"1" ; X-Content-Type-Options: nosniff
        HEAD /Patient/a => 200 ; ETag: W/"1" ; !~ Patient
        GET /Patient/a/ => 200
        GET /Patient/a/_history/1 => 200 ; ETag: W/"1"
        GET /Patient/a/_history/2 => 404 not-found
        GET /Patient/a/_history/x => 404 not-found
        GET /Patient/a/_history/01 => 404 not-found
        GET /Patient/b => 404 not-found
        GET /Observation/a => 404 not-found
        # What a read does not know is refused, as everywhere.
        GET /Patient/a?nope=1 => 400 not-supported ; ~ http.nope
        GET /Patient/a/_history/1?nope=1 => 400 not-supported
        GET /Patient/a?_summary=true&_pretty=true => 200
        GET /Patient/a?nope=1 | Prefer: handling=lenient => 200 ; warning: 199 - "Parameters passed over: nope"
        GET /Patient/a?Ana%20Silva=1&nope=1 | Prefer: handling=lenient => 200 ; warning: 199 - "Parameters passed over: one without a usual name, nope"
        GET /Patient/a | Prefer: handling=lenient => 200 ; -warning
        POST / <<< {"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"Patient/a?nope=1"}}]} => 200 ; ~ "status":"400 Bad Request" ; ~ http.nope
    "#);
}

#[test]
fn an_earlier_version_stays_and_a_deletion_is_told() {
    Clinic::open().check(r#"
        PUT /Patient/a <<< {"resourceType":"Patient","id":"a","active":true} => 201
        PUT /Patient/a <<< {"resourceType":"Patient","id":"a","active":false} => 200 ; ETag: W/"2" ; Location: http://localhost/fhir/Patient/a/_history/2
        GET /Patient/a/_history/1 => 200 ; ~ "active":true
        GET /Patient/a => 200 ; ~ "active":false
        DELETE /Patient/a => 204 ; ETag: W/"3"
        GET /Patient/a => 410 deleted ; ETag: W/"3"
        HEAD /Patient/a => 410
        GET /Patient/a/_history/3 => 410 deleted
        GET /Patient/a/_history/2 => 200
        DELETE /Patient/a => 204
        DELETE /Patient/never => 404 not-found
        PUT /Patient/a <<< {"resourceType":"Patient","id":"a"} => 201 ; ETag: W/"4"
        GET /Patient/a => 200
    "#);
}

#[test]
fn who_has_it_already_is_told_so() {
    Clinic::open().check(r#"
        PUT /Patient/a <<< {"resourceType":"Patient","id":"a"} => 201
        GET /Patient/a | If-None-Match: W/"1" => 304 ; ETag: W/"1" ; !~ Patient ; -content-type
        GET /Patient/a | If-None-Match: "1" => 304
        GET /Patient/a | If-None-Match: * => 304
        GET /Patient/a | If-None-Match: W/"2" => 200
        GET /Patient/a | If-None-Match: W/2" => 400 invalid
        GET /Patient/a | If-Modified-Since: Sat, 01 Jan 2050 00:00:00 GMT => 304
        GET /Patient/a | If-Modified-Since: Sat, 01 Jan 2000 00:00:00 GMT => 200
        GET /Patient/a | If-Modified-Since: soon => 200
        GET /Patient/a/_history/1 | If-None-Match: W/"1" => 304
    "#);
}

#[test]
fn tokens_come_back_as_they_went() {
    let clinic = Clinic::open();
    let sent = r#"{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x\u00e9"},"subject":{"reference":"Patient/a"},"valueQuantity":{"value":1.50,"unit":"mg"}}"#;
    clinic.put("/Patient/a", r#"{"resourceType":"Patient","id":"a"}"#);
    assert_eq!(clinic.put("/Observation/o", sent).status, 201);
    let read = clinic.get("/Observation/o");
    assert!(read.text().contains(r#""value":1.50,"#) && read.text().contains(r"x\u00e9"), "{}", read.text());
    let pretty = clinic.get("/Observation/o?_pretty=true");
    assert!(pretty.text().contains("\n  \"status\": \"final\"") && pretty.text().contains("1.50"), "{}", pretty.text());
}

#[test]
fn a_part_of_a_resource_is_marked() {
    Clinic::open().check(r#"
        PUT /Patient/a <<< {"resourceType":"Patient","id":"a","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>"},"active":true,"gender":"female","maritalStatus":{"text":"m"}} => 201
        GET /Patient/a?_summary=true => 200 ; ~ SUBSETTED ; ~ "active" ; !~ maritalStatus
        GET /Patient/a?_summary=text => 200 ; ~ SUBSETTED ; ~ "div" ; !~ maritalStatus
        GET /Patient/a?_summary=data => 200 ; !~ "div" ; ~ maritalStatus
        GET /Patient/a?_summary=false => 200 ; !~ SUBSETTED ; ~ maritalStatus
        GET /Patient/a?_elements=maritalStatus => 200 ; ~ SUBSETTED ; ~ maritalStatus ; !~ "gender"
        GET /Patient/a?_summary=count => 400 value
        GET /Patient/a?_summary=some => 400 value
    "#);
}
