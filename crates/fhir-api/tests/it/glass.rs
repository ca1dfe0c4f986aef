//! What a request is for, and breaking the glass.

use crate::clinic::Clinic;
use access::Role;

#[test]
fn who_treats_breaks_the_glass_with_a_reason() {
    Clinic::open_as(Role::Physician).check(r#"
        PUT /Patient/ana <<< {"resourceType":"Patient","id":"ana"} => 201
        POST /Patient/ana/$break-glass => 400 required ; ~ cannot-speak
        POST /Patient/ana/$break-glass <<< {"resourceType":"Parameters","parameter":[{"name":"reason","valueCode":"curious"},{"name":"note","valueString":"x"}]} => 400 value
        POST /Patient/ana/$break-glass <<< {"resourceType":"Parameters","parameter":[{"name":"reason","valueCode":"danger"}]} => 400 required
        POST /Patient/ana/$break-glass <<< {"resourceType":"Parameters","parameter":[{"name":"reason","valueCode":"danger"},{"name":"note","valueString":"found unconscious"}]} => 200 ; ~ "name":"until"
        POST /Patient/none/$break-glass <<< {"resourceType":"Parameters","parameter":[{"name":"reason","valueCode":"danger"},{"name":"note","valueString":"x"}]} => 404 not-found
        GET /Patient/ana/$break-glass => 405 not-supported
        GET /Patient/ana => 200
    "#);
}

#[test]
fn a_system_never_breaks_the_glass() {
    Clinic::open().check(r#"
        PUT /Patient/ana <<< {"resourceType":"Patient","id":"ana"} => 201
        POST /Patient/ana/$break-glass <<< {"resourceType":"Parameters","parameter":[{"name":"reason","valueCode":"danger"},{"name":"note","valueString":"x"}]} => 403 forbidden
    "#);
}

#[test]
fn a_request_says_what_it_is_for() {
    Clinic::open_as(Role::Physician).check(r#"
        PUT /Patient/ana <<< {"resourceType":"Patient","id":"ana"} => 201
        PUT /Observation/o <<< {"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/ana"}} => 201
        GET /Observation/o | X-Purpose-Of-Use: TREAT => 200
        GET /Observation/o | X-Purpose-Of-Use: BTG => 200
        GET /Observation/o | X-Purpose-Of-Use: HPAYMT => 404 not-found
        GET /Observation | X-Purpose-Of-Use: HPAYMT => 200 ; ~ "total":0
        GET /Patient/ana | X-Purpose-Of-Use: HPAYMT => 200
        GET /Patient/ana | X-Purpose-Of-Use: PUBHLTH => 403 forbidden ; ~ X-Purpose-Of-Use
        GET /Patient/ana | X-Purpose-Of-Use: treat => 400 value ; ~ X-Purpose-Of-Use
    "#);
    Clinic::open_as(Role::Console).check(r#"
        PUT /Patient/ana <<< {"resourceType":"Patient","id":"ana"} => 201
        GET /Patient/ana | X-Purpose-Of-Use: PUBHLTH => 200
        GET /AuditEvent?patient=ana => 200 ; ~ "code":"PUBHLTH"
    "#);
}
