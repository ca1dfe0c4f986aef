//! New resources, and creates under a condition.

use crate::clinic::Clinic;

#[test]
fn a_new_resource_gets_an_id_of_the_server() {
    Clinic::open().check(r#"
        POST /Patient <<< {"resourceType":"Patient","id":"mine","active":true} => 201 ; ETag: W/"1" ; ~ "active":true ; !~ "mine"
        GET /Patient/$1 => 200 ; ~ "active":true
        GET /Patient/mine => 404 not-found
    "#);
}

#[test]
fn where_it_came_from_is_the_senders_word_and_nobody_elses() {
    Clinic::open().check(r#"
        PUT /Patient/a <<< {"resourceType":"Patient","id":"a","meta":{"source":"urn:x:laboratory#7"}} => 201 ; ~ "source":"urn:x:laboratory#7"
        PUT /Patient/b <<< {"resourceType":"Patient","id":"b"} => 201 ; !~ "source"
        PUT /Observation/o <<< {"resourceType":"Observation","id":"o","meta":{"source":"urn:x:laboratory"},"status":"final","code":{"text":"x"},"subject":{"reference":"Patient/a"}} => 201
        GET /Observation?patient=a&_source=urn:x:laboratory => 200 ; ~ "total":1
        GET /Observation?patient=a&_source=urn:x:other => 200 ; ~ "total":0
        PATCH /Patient/b | Content-Type: application/json-patch+json <<< [{"op":"add","path":"/active","value":true}] => 200 ; !~ "source"
        GET /Patient/b/_history => 200 ; !~ "source"
    "#);
}

#[test]
fn the_writer_gets_back_what_it_prefers() {
    Clinic::open().check(r#"
        POST /Patient | Prefer: return=minimal <<< {"resourceType":"Patient"} => 201 ; !~ Patient ; Preference-Applied: return=minimal ; ETag: W/"1"
        POST /Patient | Prefer: return=representation <<< {"resourceType":"Patient"} => 201 ; ~ Patient ; Preference-Applied: return=representation
        POST /Patient | Prefer: return=OperationOutcome <<< {"resourceType":"Patient"} => 201 informational ; Preference-Applied: return=OperationOutcome
        PUT /Patient/a | Prefer: return=minimal <<< {"resourceType":"Patient","id":"a"} => 201 ; !~ Patient
        DELETE /Patient/a | Prefer: return=OperationOutcome => 200 informational
    "#);
}

#[test]
fn a_conditional_create_happens_once() {
    Clinic::open().check(r#"
        POST /Patient | If-None-Exist: identifier=http://n.example|1 <<< {"resourceType":"Patient","identifier":[{"system":"http://n.example","value":"1"}]} => 201 ; ETag: W/"1"
        POST /Patient | If-None-Exist: identifier=http://n.example|1 <<< {"resourceType":"Patient","identifier":[{"system":"http://n.example","value":"1"}]} => 200 ; ETag: W/"1"
        POST /Patient | If-None-Exist: Patient?identifier=http://n.example|1 <<< {"resourceType":"Patient"} => 200
        POST /Patient | If-None-Exist: ?identifier=http://n.example|1 <<< {"resourceType":"Patient"} => 200
        POST /Patient <<< {"resourceType":"Patient","identifier":[{"system":"http://n.example","value":"1"}]} => 201
        POST /Patient | If-None-Exist: identifier=http://n.example|1 <<< {"resourceType":"Patient"} => 412 multiple-matches
        POST /Patient | If-None-Exist: wrong=1 <<< {"resourceType":"Patient"} => 400
        POST /Patient | If-None-Exist: ? <<< {"resourceType":"Patient"} => 400 invalid
    "#);
}
