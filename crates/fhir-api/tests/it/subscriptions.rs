//! Subscriptions over HTTP, where nobody may be notified.

use crate::clinic::Clinic;

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
