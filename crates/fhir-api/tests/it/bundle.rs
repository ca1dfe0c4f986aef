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
        # Alone, and in a batch, it is told.
        DELETE /Patient/never => 404 not-found
        POST / <<< {"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"DELETE","url":"Patient/never"}},{"request":{"method":"DELETE","url":"Patient/b"}}]} => 200 ; ~ "status":"404 Not Found" ; ~ "status":"204 No Content"
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
