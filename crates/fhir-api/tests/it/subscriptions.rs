//! Subscriptions over HTTP, where nobody may be notified.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use crate::clinic::Clinic;
use access::{Caller, Role, Session};
use chart::{NewAccount, Terms};
use fhir_api::{Carrying, Courier, Deliverer, Parcel, Patience};
use testkit::{OPENS, caller};

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

/// Counts what it is given, and brings back a status.
#[derive(Clone)]
struct Counter(Arc<AtomicUsize>, u16);

impl Courier for Counter {
    fn carry(&self, _: Parcel) -> Carrying<'_> {
        Box::pin(async move {
            self.0.fetch_add(1, SeqCst);
            Ok(self.1)
        })
    }
}

#[test]
fn who_may_not_sign_in_any_more_is_told_nothing_more() {
    blocked_after_the_first(200, "");
}

/// What was refused once is not sent again to somebody who may not see it any more.
#[test]
fn a_notification_that_waits_for_another_attempt_is_not_sent_for_who_was_blocked_meanwhile() {
    blocked_after_the_first(503, r#","payload":"application/fhir+json""#);
}

/// A subscription whose endpoint answers so is told of one thing; then its owner is blocked, and it is told nothing more.
fn blocked_after_the_first(status: u16, payload: &str) {
    let clinic = Clinic::telling("https://system.example");
    let by = caller(Role::Console).account;
    let new = NewAccount { login: "lab".into(), display: String::new(), role: Role::Integration, institution: "Clinic".into(), language: "en".into(), terms: Terms::default() };
    let account = clinic.chart.add_account(&by, new, "eleven herons on one leg").unwrap();
    let owner = clinic.seen_as(Some(Caller { account, ..caller(Role::Integration) }));
    let written = owner.put("/Subscription/s", format!(r#"{{"resourceType":"Subscription","id":"s","status":"requested","reason":"r","criteria":"Observation?code=x","channel":{{"type":"rest-hook","endpoint":"https://system.example/hook"{payload}}}}}"#));
    assert_eq!(written.status, 201, "{}", written.text());
    owner.put("/Patient/p", r#"{"resourceType":"Patient","id":"p"}"#);
    let observed = |id: &str| {
        let reply = clinic.put(&format!("/Observation/{id}"), format!(r#"{{"resourceType":"Observation","id":"{id}","status":"final","code":{{"coding":[{{"code":"x"}}]}},"subject":{{"reference":"Patient/p"}}}}"#));
        assert_eq!(reply.status, 201, "{}", reply.text());
    };
    let told = Counter(Arc::default(), status);
    let server = Caller { session: Session { number: 999, began: OPENS }, ..caller(Role::Integration) };
    let deliverer = Deliverer { chart: clinic.chart.clone(), courier: Arc::new(told.clone()), patience: Patience { first_wait: Duration::from_secs(2), ..Patience::default() }, server, open: None };
    let (stop, stopped) = tokio::sync::watch::channel(false);
    clinic.meanwhile(async move { deliverer.run(stopped).await });
    observed("o1");
    let until = |what: &dyn Fn() -> bool| (0..2_000).any(|_| {
        clinic.wait();
        what()
    });
    assert!(until(&|| told.0.load(SeqCst) == 1), "{}", told.0.load(SeqCst));
    clinic.chart.block_account(&by, "lab").unwrap();
    observed("o2");
    assert!(until(&|| clinic.get("/Subscription/s").text().contains("blocked or out of its dates")), "{}", clinic.get("/Subscription/s").text());
    assert_eq!(told.0.load(SeqCst), 1);
    clinic.check("GET /Subscription/s => 200 ; ~ \"status\":\"error\"");
    let _ = stop.send(true);
}
