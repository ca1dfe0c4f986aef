//! Subscriptions over HTTP, where nobody may be notified.

use crate::clinic::Clinic;
use access::Role;

#[test]
fn nobody_is_notified_before_the_operator_allows_it() {
    Clinic::open().check(r#"
        POST /Subscription <<< {"resourceType":"Subscription","status":"requested","reason":"r","criteria":"Observation?code=x","channel":{"type":"rest-hook","endpoint":"https://system.example/hook"}} => 422 security ; ~ subscription_targets ; !~ system.example
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Subscription","status":"active","reason":"r","criteria":"Observation?code=x","channel":{"type":"rest-hook","endpoint":"https://system.example/hook"}},"request":{"method":"POST","url":"Subscription"}}]} => 422 security ; ~ Bundle.entry[0].resource.channel.endpoint
        GET /Subscription => 200 ; ~ "total":0
        GET /Subscription/none/$status => 404 not-found
        GET /Subscription/$status => 200 ; ~ "total":0
        GET /Subscription/$status?id=none => 404 not-found
        GET /Subscription/$events => 404 not-supported
        GET /Subscription/none/$events => 404 not-found
        GET /metadata => 200 ; ~ backport-subscription-status ; ~ backport-subscription-events
    "#);
}

#[test]
fn criteria_are_shown_to_those_who_may_write_them_and_to_operators() {
    let clinic = Clinic::telling("https://system.example");
    clinic.check(r#"
        PUT /Subscription/s <<< {"resourceType":"Subscription","id":"s","status":"requested","reason":"r","criteria":"Observation?code=x","channel":{"type":"rest-hook","endpoint":"https://system.example/hook"}} => 201
        PUT /Organization/o <<< {"resourceType":"Organization","id":"o","name":"Clinic"} => 201
    "#);
    for role in [Role::Integration, Role::Console, Role::Operator] {
        clinic.seen_by(role).check("
            GET /Subscription/s => 200 ; ~ Observation?code=x
            GET /Subscription => 200 ; ~ \"total\":1
            GET /Subscription/s/$status => 200
        ");
    }
    for role in [Role::Physician, Role::Nurse, Role::Admissions] {
        clinic.seen_by(role).check("
            GET /Subscription/s => 404 not-found
            GET /Subscription/s/_history/1 => 404 not-found
            GET /Subscription/s/_history => 404 not-found
            GET /Subscription/_history => 200 ; !~ code=x
            GET /_history => 200 ; !~ code=x
            GET /Subscription => 200 ; ~ \"total\":0
            GET /Subscription?_id=s&_summary=count => 200 ; ~ \"total\":0
            GET /Subscription/s/$status => 404 not-found
            GET /Subscription/$status => 200 ; ~ \"total\":0
            GET /Subscription/s/$meta => 404 not-found
            GET /Organization/o => 200
        ");
    }
    for role in [Role::Physician, Role::Operator] {
        let reply = clinic.seen_by(role).put("/Subscription/s", r#"{"resourceType":"Subscription","id":"s","status":"off","reason":"r","criteria":"Observation?code=x","channel":{"type":"rest-hook","endpoint":"https://system.example/hook"}}"#);
        assert!([403, 404].contains(&reply.status.as_u16()), "{role:?}: {}", reply.text());
    }
}
