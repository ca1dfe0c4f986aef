//! What a subscription waits for, at the door.

use access::Role;
use chart::{Error, Place, SubscriptionStatus};
use fhir::ResourceType;
use testkit::{Clinic, block_on, caller};

fn kind(name: &str) -> ResourceType {
    ResourceType::named(name).unwrap()
}

fn clinic() -> Clinic {
    testkit::clinic_telling(&["https://system.example"])
}

async fn put(clinic: &Clinic, path: &str, body: &str) -> chart::Result<chart::Written> {
    let (name, id) = path.split_once('/').unwrap();
    let body = format!(r#"{{"resourceType":"{name}","id":"{id}",{body}}}"#);
    clinic.chart.update(&caller(Role::Integration), kind(name), id, body.as_bytes(), None).await
}

fn subscription(criteria: &str, more: &str) -> String {
    format!(r#""status":"requested","reason":"r","criteria":"{criteria}","channel":{{"type":"rest-hook","endpoint":"https://system.example/hook","payload":"application/fhir+json"{more}}}"#)
}

/// The ids of what there is to tell.
async fn events(clinic: &Clinic, role: Role) -> Vec<String> {
    let server = caller(Role::Console);
    let subscribed = clinic.chart.subscription(&server, "s").await.unwrap();
    let (mut found, mut place) = (Vec::new(), Place::before(fhir::Moment(0)));
    loop {
        let events = clinic.chart.subscription_events(&caller(role), &subscribed, place, 2).await.unwrap();
        found.extend(events.found.iter().map(|event| format!("{}:{}", event.stored.id, event.stored.version)));
        if !events.more {
            return found;
        }
        assert!(events.reached > place);
        place = events.reached;
    }
}

#[test]
fn what_the_owner_may_not_see_is_not_told_and_what_is_told_leaves_an_opening() {
    block_on(async {
        let clinic = clinic();
        put(&clinic, "Patient/a", r#""active":true"#).await.unwrap();
        put(&clinic, "Subscription/s", &subscription("Observation?code=x", "")).await.unwrap();
        let observation = |code: &str| format!(r#""status":"final","code":{{"coding":[{{"code":"{code}"}}]}},"subject":{{"reference":"Patient/a"}}"#);
        for (id, code) in [("1", "x"), ("2", "y"), ("3", "x"), ("4", "x"), ("1", "y"), ("2", "x")] {
            put(&clinic, &format!("Observation/{id}"), &observation(code)).await.unwrap();
        }
        clinic.chart.delete(&caller(Role::Integration), kind("Observation"), chart::Target::Id("3"), None).await.unwrap();
        let before = clinic.chart.openings(&caller(Role::Integration), "a", 100).await.unwrap().iter().filter(|line| line.account == 1).count();
        assert!(events(&clinic, Role::Operator).await.is_empty());
        assert_eq!(before, 0);
        assert_eq!(events(&clinic, Role::Physician).await, ["1:1", "3:1", "4:1", "2:2"]);
        let after = clinic.chart.openings(&caller(Role::Integration), "a", 100).await.unwrap().iter().filter(|line| line.account == 1).count();
        assert_eq!(after, 1);
    });
}

#[test]
fn criteria_may_look_beyond_the_resource_as_it_was_then() {
    block_on(async {
        let clinic = clinic();
        put(&clinic, "Patient/a", r#""gender":"female""#).await.unwrap();
        put(&clinic, "Subscription/s", &subscription("Observation?subject:Patient.gender=female", "")).await.unwrap();
        let observation = r#""status":"final","code":{"text":"x"},"subject":{"reference":"Patient/a"}"#;
        put(&clinic, "Observation/1", observation).await.unwrap();
        put(&clinic, "Patient/a", r#""gender":"male""#).await.unwrap();
        put(&clinic, "Observation/2", observation).await.unwrap();
        assert_eq!(events(&clinic, Role::Integration).await, ["1:1"]);
    });
}

#[test]
fn the_owner_is_whoever_wrote_it_and_the_server_writes_where_it_stands() {
    block_on(async {
        let clinic = clinic();
        let claimed = subscription("Observation?", "") + r#","error":"x","extension":[{"url":"https://carnet.health/fhir/StructureDefinition/subscription-owner","valueString":"99"},{"url":"urn:kept","valueString":"y"}]"#;
        let written = put(&clinic, "Subscription/s", &claimed).await.unwrap();
        assert!(written.stored.text.contains("urn:kept") && !written.stored.text.contains("99") && !written.stored.text.contains("\"error\""), "{}", written.stored.text);
        let server = caller(Role::Console);
        let subscribed = clinic.chart.subscription(&server, "s").await.unwrap();
        assert_eq!((subscribed.owner, subscribed.status), (caller(Role::Integration).account.number, SubscriptionStatus::Requested));
        clinic.chart.set_subscription_status(&server, &subscribed, SubscriptionStatus::Error, Some("why")).await.unwrap();
        let after = clinic.chart.subscription(&server, "s").await.unwrap();
        assert_eq!((after.owner, after.status, after.version), (subscribed.owner, SubscriptionStatus::Error, 2));
        // Written to by somebody else meanwhile: left alone.
        clinic.chart.set_subscription_status(&server, &subscribed, SubscriptionStatus::Active, None).await.unwrap();
        assert_eq!(clinic.chart.subscription(&server, "s").await.unwrap().status, SubscriptionStatus::Error);
    });
}

#[test]
fn what_cannot_be_told_is_refused_with_its_remedy() {
    block_on(async {
        let clinic = clinic();
        let fine = subscription("Observation?code=x", "");
        for (body, place, says) in [
            (fine.replace("system.example", "other.example"), "endpoint", "subscription_targets"),
            (fine.replace("https://system.example", "https://system.example@evil.example"), "endpoint", "https"),
            (fine.replace("https:", "http:"), "endpoint", "subscription_targets"),
            (fine.replace("rest-hook", "email"), "type", "rest-hook"),
            (fine.replace("Observation?code=x", "Nothing?code=x"), "criteria", "SubscriptionTopic"),
            (fine.replace("Observation?code=x", "https://x.example/topic"), "criteria", "SubscriptionTopic"),
            (fine.replace("code=x", "colour=x"), "criteria", ""),
            (fine.replace("code=x", "_count=5"), "criteria", "_count"),
            (fine.replace("code=x", "code=x&_contained=true"), "criteria", "_contained"),
            (fine.replace("fhir+json", "fhir+xml"), "payload", "fhir+json"),
            (subscription("Observation?", r#","header":["no colon"]"#), "header", "line"),
            (subscription("Observation?", r#","header":["Host: x"]"#), "header", "own"),
            (subscription("Observation?", r#","header":["A: x\ny"]"#), "header", "ASCII"),
            (subscription("Observation?", r#","header":["A: sealed:AAAA"]"#), "header", "anew"),
            (subscription("https://carnet.health/fhir/SubscriptionTopic/admission", ""), "payload", "backport-payload-content"),
        ] {
            match put(&clinic, "Subscription/s", &body).await {
                Err(Error::Refused(issues)) => assert!(issues[0].expression.contains(place) && issues[0].message.contains(says), "{body}: {issues:?}"),
                other => panic!("{body}: {other:?}"),
            }
        }
        put(&clinic, "Subscription/s", &fine).await.unwrap();
    });
}

#[test]
fn there_are_not_more_subscriptions_than_the_server_can_tell() {
    block_on(async {
        let clinic = clinic();
        let body = subscription("Observation?", "");
        for number in 0..500 {
            put(&clinic, &format!("Subscription/s{number}"), &body).await.unwrap();
        }
        assert!(matches!(put(&clinic, "Subscription/one-more", &body).await, Err(Error::Refused(_))));
        put(&clinic, "Subscription/s7", &body.replace("Observation?", "Encounter?")).await.unwrap();
        put(&clinic, "Subscription/s7", &body.replace("requested", "off")).await.unwrap();
        put(&clinic, "Subscription/one-more", &body).await.unwrap();
    });
}
