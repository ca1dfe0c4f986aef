//! Whom a Practitioner stands for: the account it names, by the system of now or, in older stores, by the former one.

use access::{Account, Caller, Policy, Role};
use chart::{Chart, Settings};
use testkit::{block_on, caller, clinic_set};

use crate::door::{kind, system};

async fn put(chart: &Chart, body: &str) {
    let document = fhir::Document::read(body).unwrap();
    let (name, id) = (document.root().string("resourceType").unwrap().into_owned(), document.root().string("id").unwrap().into_owned());
    chart.update(&system(), kind(&name), &id, body.as_bytes(), None).await.unwrap();
}

/// A Practitioner with an identifier.
async fn practitioner(chart: &Chart, id: &str, system: &str, value: &str) {
    put(chart, &format!(r#"{{"resourceType":"Practitioner","id":"{id}","identifier":[{{"system":"{system}","value":"{value}"}}]}}"#)).await;
}

/// True if somebody has to do with the person of a practitioner.
async fn cares(chart: &Chart, caller: &Caller, practitioner: &str) -> bool {
    chart.read(caller, kind("Observation"), &format!("of-{practitioner}")).await.is_ok()
}

#[test]
fn a_stand_in_stands_for_its_account_in_old_stores_and_new_ones() {
    block_on(async {
        let policy = Policy { needs_relation: true, ..Policy::default() };
        let clinic = clinic_set(Settings { policy, ..testkit::settings() });
        let chart = &clinic.chart;
        let physician = caller(Role::Physician);
        let number = physician.account.number;
        let stand_in = chart::stand_in_id(number);
        for id in [stand_in.as_str(), "another", "by-login", "by-number"] {
            practitioner(chart, id, "urn:nobody", "0").await;
            put(chart, &format!(r#"{{"resourceType":"Patient","id":"p-{id}","generalPractitioner":[{{"reference":"Practitioner/{id}"}}]}}"#)).await;
            put(chart, &format!(r#"{{"resourceType":"Observation","id":"of-{id}","status":"final","code":{{"text":"x"}},"subject":{{"reference":"Patient/p-{id}"}}}}"#)).await;
            assert!(!cares(chart, &physician, id).await, "{id}");
        }
        // As the release before wrote it.
        practitioner(chart, &stand_in, "urn:carnet:account", &number.to_string()).await;
        practitioner(chart, "another", "urn:carnet:account", &number.to_string()).await;
        assert!(cares(chart, &physician, &stand_in).await, "the former system names the stand-in");
        assert!(!cares(chart, &physician, "another").await, "and nobody else");
        chart.keep_stand_in(&physician.account).await.unwrap();
        let now = chart.read(&system(), kind("Practitioner"), &stand_in).await.unwrap().text;
        assert!(now.contains(Account::SYSTEM) && !now.contains("urn:carnet:account"), "{now}");
        assert!(cares(chart, &physician, &stand_in).await, "written anew, it still does");
        let version = chart.read(&system(), kind("Practitioner"), &stand_in).await.unwrap().version;
        chart.keep_stand_in(&physician.account).await.unwrap();
        assert_eq!(chart.read(&system(), kind("Practitioner"), &stand_in).await.unwrap().version, version, "once");
        practitioner(chart, "by-login", Account::SYSTEM, &physician.account.login).await;
        practitioner(chart, "by-number", Account::SYSTEM, &number.to_string()).await;
        assert!(cares(chart, &physician, "by-login").await && cares(chart, &physician, "by-number").await);
        let other = Caller { account: Account { number: 77, ..physician.account.clone() }, ..physician.clone() };
        assert!(!cares(chart, &other, &stand_in).await && !cares(chart, &other, "by-number").await);
        // Whose login are the digits of somebody else's number is not that somebody.
        let posing = Caller { account: Account { number: 78, login: number.to_string(), ..physician.account.clone() }, ..physician.clone() };
        assert!(!cares(chart, &posing, "by-number").await && !cares(chart, &posing, &stand_in).await);
    });
}
