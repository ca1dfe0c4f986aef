//! Updates, patches and deletions, with and without conditions.

use crate::clinic::Clinic;

#[test]
fn an_update_names_the_version_it_has_seen() {
    Clinic::open().check(r#"
        PUT /Patient/a | If-Match: W/"1" <<< {"resourceType":"Patient","id":"a"} => 412
        PUT /Patient/a | If-Match: * <<< {"resourceType":"Patient","id":"a"} => 412
        PUT /Patient/a <<< {"resourceType":"Patient","id":"a"} => 201
        PUT /Patient/a | If-Match: W/"1" <<< {"resourceType":"Patient","id":"a","active":true} => 200 ; ETag: W/"2"
        PUT /Patient/a | If-Match: W/"1" <<< {"resourceType":"Patient","id":"a","active":false} => 412 conflict ; ETag: W/"2"
        PUT /Patient/a | If-Match: "2" <<< {"resourceType":"Patient","id":"a","active":false} => 200 ; ETag: W/"3"
        PUT /Patient/a | If-Match: W/"1", W/"3" <<< {"resourceType":"Patient","id":"a","active":true} => 200 ; ETag: W/"4"
        PUT /Patient/a | If-Match: W/"1", W/"3" <<< {"resourceType":"Patient","id":"a","active":false} => 412
        PUT /Patient/a | If-Match: * <<< {"resourceType":"Patient","id":"a","active":false} => 200 ; ETag: W/"5"
        PUT /Patient/a | If-Match: W/"x" <<< {"resourceType":"Patient","id":"a"} => 412
        PUT /Patient/a | If-Match: W/" <<< {"resourceType":"Patient","id":"a"} => 400 invalid
        DELETE /Patient/a | If-Match: W/"1" => 412
        DELETE /Patient/a | If-Match: W/"5" => 204
    "#);
}

#[test]
fn only_if_nothing_is_there() {
    Clinic::open().check(r#"
        PUT /Patient/a | If-None-Match: * <<< {"resourceType":"Patient","id":"a"} => 201
        PUT /Patient/a | If-None-Match: * <<< {"resourceType":"Patient","id":"a","active":true} => 412 conflict
        GET /Patient/a => 200 ; !~ active
        DELETE /Patient/a => 204
        PUT /Patient/a | If-None-Match: * <<< {"resourceType":"Patient","id":"a"} => 201 ; ETag: W/"3"
        PUT /Patient/a | If-None-Match: * | If-Match: W/"3" <<< {"resourceType":"Patient","id":"a"} => 400 not-supported
        PUT /Patient/a | If-None-Match: W/"3" <<< {"resourceType":"Patient","id":"a"} => 400 not-supported
        PUT /Patient/b | If-Match: W/"0" <<< {"resourceType":"Patient","id":"b"} => 412 conflict
        GET /Patient/b => 404 not-found
    "#);
}

#[test]
fn only_if_the_criteria_find_nothing() {
    Clinic::open().check(r#"
        PUT /Patient?identifier=http://n.example|1 | If-None-Match: * <<< {"resourceType":"Patient","identifier":[{"system":"http://n.example","value":"1"}]} => 201 ; ETag: W/"1"
        PUT /Patient?identifier=http://n.example|1 | If-None-Match: * <<< {"resourceType":"Patient","active":true,"identifier":[{"system":"http://n.example","value":"1"}]} => 412 conflict
        GET /Patient/$1 => 200 ; !~ active
        PUT /Patient?identifier=http://n.example|1 | If-None-Match: * | If-Match: W/"1" <<< {"resourceType":"Patient","identifier":[{"system":"http://n.example","value":"1"}]} => 400 not-supported
        PUT /Patient?identifier=http://n.example|1 | If-None-Match: W/"1" <<< {"resourceType":"Patient","identifier":[{"system":"http://n.example","value":"1"}]} => 400 not-supported
        PUT /Patient?identifier=http://n.example|1 <<< {"resourceType":"Patient","active":true,"identifier":[{"system":"http://n.example","value":"1"}]} => 200 ; ETag: W/"2"
    "#);
}

#[test]
fn an_entry_of_a_bundle_may_ask_that_nothing_is_there() {
    Clinic::open().check(r#"
        PUT /Patient/a <<< {"resourceType":"Patient","id":"a","identifier":[{"system":"http://n.example","value":"1"}]} => 201
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient","id":"a","active":true},"request":{"method":"PUT","url":"Patient/a","ifNoneMatch":"*"}}]} => 412 conflict
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient","active":true},"request":{"method":"PUT","url":"Patient?identifier=http://n.example|1","ifNoneMatch":"*"}}]} => 412 conflict
        POST / <<< {"resourceType":"Bundle","type":"batch","entry":[{"resource":{"resourceType":"Patient","id":"a","active":true},"request":{"method":"PUT","url":"Patient/a","ifNoneMatch":"*"}},{"resource":{"resourceType":"Patient","id":"b"},"request":{"method":"PUT","url":"Patient/b","ifNoneMatch":"*"}}]} => 200 ; ~ "status":"412 Precondition Failed" ; ~ "status":"201 Created"
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient","id":"c"},"request":{"method":"PUT","url":"Patient/c","ifNoneMatch":"W/\"1\""}}]} => 400 ; ~ Bundle.entry[0].request.ifNoneMatch
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient","id":"a"},"request":{"method":"PUT","url":"Patient/a","ifNoneMatch":"*","ifMatch":"W/\"1\""}}]} => 400 ; ~ Bundle.entry[0].request.ifNoneMatch
        GET /Patient/a => 200 ; ETag: W/"1" ; !~ active
        GET /Patient/c => 404 not-found
        # And that something is.
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient","id":"c"},"request":{"method":"PUT","url":"Patient/c","ifMatch":"*"}}]} => 412
        GET /Patient/c => 404 not-found
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient","id":"a","active":true},"request":{"method":"PUT","url":"Patient/a","ifMatch":"*"}}]} => 200
        GET /Patient/a => 200 ; ETag: W/"2" ; ~ "active":true
    "#);
}

#[test]
fn an_update_by_criteria_finds_one_or_makes_one() {
    Clinic::open().check(r#"
        PUT /Patient?identifier=http://n.example|7 <<< {"resourceType":"Patient","identifier":[{"system":"http://n.example","value":"7"}]} => 201 ; ETag: W/"1"
        PUT /Patient?identifier=http://n.example%7C7&_pretty=true <<< {"resourceType":"Patient","active":true,"identifier":[{"system":"http://n.example","value":"7"}]} => 200 ; ETag: W/"2"
        GET /Patient/$1 => 200 ; ~ "active":true
        PATCH /Patient?identifier=http://n.example|7 | Content-Type: application/json-patch+json <<< [{"op":"replace","path":"/active","value":false}] => 200 ; ~ "active":false
        DELETE /Patient?identifier=http://n.example|7 => 204
        DELETE /Patient?identifier=http://n.example|7 => 404 not-found
        PUT /Patient <<< {"resourceType":"Patient"} => 400 required
        DELETE /Patient => 400 required
        DELETE /Patient?_format=json => 400 required
        PATCH /Patient | Content-Type: application/json-patch+json <<< [] => 400 required
    "#);
}

#[test]
fn a_patch_changes_what_it_names() {
    Clinic::open().check(r#"
        PUT /Patient/a <<< {"resourceType":"Patient","id":"a","active":true,"gender":"female"} => 201
        PATCH /Patient/a | Content-Type: application/json-patch+json <<< [{"op":"replace","path":"/active","value":false}] => 200 ; ETag: W/"2" ; ~ "active":false
        PATCH /Patient/a | Content-Type: application/json-patch+json | If-Match: W/"1" <<< [{"op":"replace","path":"/active","value":true}] => 412
        PATCH /Patient/a <<< {"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"replace"},{"name":"path","valueString":"Patient.gender"},{"name":"value","valueCode":"male"}]}]} => 200 ; ~ "gender":"male"
        PATCH /Patient/a | Content-Type: application/merge-patch+json <<< {} => 415 not-supported ; Accept-Patch: application/json-patch+json, application/fhir+json
        PATCH /Patient/a | Content-Type: application/json-patch+json <<< [{"op":"test","path":"/active","value":true}] => 422
        PATCH /Patient/none | Content-Type: application/json-patch+json <<< [{"op":"remove","path":"/active"}] => 404 not-found
    "#);
}
