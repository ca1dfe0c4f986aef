//! Breaking the glass: what opens, to whom, for how long, and who hears of it.

use std::sync::Arc;

use access::{Account, Caller, GlassReason, Policy, Role, Session};
use chart::{Chart, Error, Settings};
use fhir::ResourceType;
use store::memory::Memory;
use testkit::{Clinic, block_on, caller, clinic_on, clinic_set};

use crate::door::held::Gated;
use crate::door::{is_hidden, kind};

const HOUR_MS: i64 = 3_600_000;

/// A clinic where two persons have something sealed.
async fn ward() -> Clinic {
    let policy = Policy { sensitivities: Arc::from(country::all()[0].sensitivities.labels.clone()), ..Policy::default() };
    let clinic = clinic_set(Settings { policy, ..testkit::settings() });
    let console = caller(Role::Console);
    for person in ["ana", "bao"] {
        let patient = format!(r#"{{"resourceType":"Patient","id":"{person}"}}"#);
        clinic.chart.update(&console, ResourceType::PATIENT, person, patient.as_bytes(), None).await.unwrap();
        let sealed = format!(r#"{{"resourceType":"Observation","id":"{person}-o","meta":{{"security":[{{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"V"}}]}},"status":"final","code":{{"text":"x"}},"subject":{{"reference":"Patient/{person}"}}}}"#);
        clinic.chart.update(&console, kind("Observation"), &format!("{person}-o"), sealed.as_bytes(), None).await.unwrap();
    }
    clinic
}

async fn sees(chart: &Chart, caller: &Caller, id: &str) -> bool {
    let read = chart.read(caller, kind("Observation"), id).await;
    assert!(read.is_ok() || is_hidden(&read));
    let found = crate::door::search(chart, caller, "Observation", &format!("_id={id}")).await.unwrap();
    assert_eq!(found.items.len(), usize::from(read.is_ok()), "a search agrees with a read");
    read.is_ok()
}

fn officer(institution: &str) -> Caller {
    let caller = caller(Role::PrivacyOfficer);
    Caller { account: Account { institution: institution.to_owned(), ..caller.account.clone() }, ..caller }
}

#[test]
fn what_is_sealed_opens_for_one_person_one_session_and_one_hour() {
    block_on(async {
        let clinic = ward().await;
        let chart = &clinic.chart;
        let physician = caller(Role::Physician);
        let elsewhere = Caller { session: Session { number: 7, ..physician.session }, ..physician.clone() };
        assert!(!sees(chart, &physician, "ana-o").await);
        assert_eq!(chart.glass_until(&physician, "ana").unwrap(), None);
        let until = chart.break_glass(&physician, "ana", GlassReason::Danger, "found unconscious").await.unwrap();
        assert!((until.0 - chart.now().0 - HOUR_MS).abs() < 1_000);
        assert!(sees(chart, &physician, "ana-o").await);
        assert!(!sees(chart, &physician, "bao-o").await, "one person");
        assert!(!sees(chart, &elsewhere, "ana-o").await, "one session");
        assert!(!sees(chart, &caller(Role::Nurse), "ana-o").await, "one account");
        clinic.hands.forward_ms(HOUR_MS);
        assert!(!sees(chart, &physician, "ana-o").await, "one hour");
        chart.break_glass(&physician, "ana", GlassReason::Asked, "she asks again").await.unwrap();
        assert!(sees(chart, &physician, "ana-o").await);
        chart.mend_glass(&physician, "ana").unwrap();
        assert!(!sees(chart, &physician, "ana-o").await, "mended before its time");
    });
}

#[test]
fn the_person_and_the_privacy_officer_hear_of_it() {
    block_on(async {
        let clinic = ward().await;
        let chart = &clinic.chart;
        let (physician, here, there) = (caller(Role::Physician), officer("Test clinic"), officer("Another"));
        chart.break_glass(&physician, "ana", GlassReason::StandingIn, "  night\nduty ").await.unwrap();
        let openings = chart.openings(&physician, "ana", 10).await.unwrap();
        assert!(openings.iter().any(|line| line.purpose == "ETREAT"), "{openings:?}");
        let told = chart.glass_of(&physician, "ana").unwrap();
        assert_eq!(told.iter().map(|broken| (broken.by.as_str(), broken.reason, broken.words.as_str())).collect::<Vec<_>>(), [("physician", GlassReason::StandingIn, "night duty")]);
        assert!(chart.glass_of(&physician, "bao").unwrap().is_empty());
        assert!(chart.glass_waiting(&there).unwrap().is_empty() && chart.glass_waiting(&physician).unwrap().is_empty());
        let waiting = chart.glass_waiting(&here).unwrap();
        assert_eq!(waiting, told);
        let id = waiting[0].id.clone();
        assert!(is_hidden(&chart.review_glass(&there, &id, true, "fine")));
        assert!(is_hidden(&chart.review_glass(&physician, &id, true, "fine")), "nobody judges themselves");
        assert!(matches!(chart.review_glass(&here, &id, true, " "), Err(Error::Refused(_))));
        chart.review_glass(&here, &id, false, "was not on duty").unwrap();
        assert!(chart.glass_waiting(&here).unwrap().is_empty());
        assert!(matches!(chart.review_glass(&here, &id, true, "after all"), Err(Error::Conflict(_))), "an answer stays");
        // As it is where whoever answered was broken off before it left the list.
        let store = store::Store::open(clinic.data.clone(), clinic.keyring.clone(), &testkit::key(), [9; 32]).unwrap();
        assert!(store.keep_note("glass waiting", store.note("glass waiting").unwrap().as_deref(), id.as_bytes()).unwrap());
        assert!(chart.glass_waiting(&here).unwrap().is_empty());
        let review = chart.glass_of(&physician, "ana").unwrap().remove(0).review.expect("it was answered");
        assert_eq!((review.is_justified, review.words.as_str()), (false, "was not on duty"));
    });
}

#[test]
fn it_is_broken_and_mended_for_the_whole_person() {
    block_on(async {
        let clinic = ward().await;
        let chart = &clinic.chart;
        chart.merge(&caller(Role::RecordsClerk), "ana", "bao", "one person").await.unwrap();
        let physician = caller(Role::Physician);
        assert!(!sees(chart, &physician, "bao-o").await);
        chart.break_glass(&physician, "ana", GlassReason::Danger, "found unconscious").await.unwrap();
        assert!(sees(chart, &physician, "ana-o").await && sees(chart, &physician, "bao-o").await);
        assert_eq!([chart.glass_of(&physician, "ana").unwrap().len(), chart.glass_of(&physician, "bao").unwrap().len()], [1, 1], "it is told at either Patient");
        chart.mend_glass(&physician, "ana").unwrap();
        assert!(!sees(chart, &physician, "ana-o").await && !sees(chart, &physician, "bao-o").await);
    });
}

#[test]
fn of_two_who_answer_at_once_the_second_is_told_so() {
    block_on(async {
        let data = Gated::new();
        let chart = clinic_on(data.clone(), Arc::new(Memory::new()), 9).chart;
        chart.update(&caller(Role::Console), ResourceType::PATIENT, "ana", br#"{"resourceType":"Patient","id":"ana"}"#, None).await.unwrap();
        chart.break_glass(&caller(Role::Physician), "ana", GlassReason::Danger, "found unconscious").await.unwrap();
        let here = officer("Test clinic");
        let id = chart.glass_waiting(&here).unwrap()[0].id.clone();
        data.hold_next();
        let first = std::thread::spawn({
            let (chart, here, id) = (chart.clone(), here.clone(), id.clone());
            move || chart.review_glass(&here, &id, true, "was on duty")
        });
        data.until_held().await;
        chart.review_glass(&here, &id, false, "was not on duty").unwrap();
        data.let_through();
        assert!(matches!(first.join().unwrap(), Err(Error::Conflict(_))));
        let review = chart.glass_of(&caller(Role::Physician), "ana").unwrap().remove(0).review.expect("it was answered");
        assert_eq!((review.is_justified, review.words.as_str()), (false, "was not on duty"));
        assert!(chart.glass_waiting(&here).unwrap().is_empty());
    });
}

#[test]
fn nobody_breaks_it_without_a_reason_a_person_and_the_role() {
    block_on(async {
        let clinic = ward().await;
        let chart = &clinic.chart;
        for role in [Role::Integration, Role::Admissions, Role::Laboratory, Role::PrivacyOfficer, Role::Operator] {
            assert!(matches!(chart.break_glass(&caller(role), "ana", GlassReason::Danger, "x").await, Err(Error::Forbidden)), "{role:?}");
        }
        let physician = caller(Role::Physician);
        assert!(matches!(chart.break_glass(&physician, "ana", GlassReason::Danger, " ").await, Err(Error::Refused(_))));
        assert!(is_hidden(&chart.break_glass(&physician, "nobody", GlassReason::Danger, "x").await));
        assert!(is_hidden(&chart.break_glass(&physician, "no/body", GlassReason::Danger, "x").await));
        assert!(!sees(chart, &physician, "ana-o").await && chart.glass_of(&physician, "ana").unwrap().is_empty());
    });
}

#[test]
fn from_whom_the_person_is_sealed_nothing_is_told_beside_them() {
    block_on(async {
        let clinic = ward().await;
        let chart = &clinic.chart;
        let sealed = br#"{"resourceType":"Patient","id":"bao","meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"V"}]}}"#;
        let nurse = caller(Role::Nurse);
        assert!(chart.glass_of(&nurse, "bao").is_ok() && chart.openings(&nurse, "bao", 10).await.is_ok() && chart.proxies_of(&nurse, "bao").is_ok() && chart.person_account(&nurse, "bao").is_ok());
        chart.update(&caller(Role::Console), ResourceType::PATIENT, "bao", sealed, None).await.unwrap();
        assert!(is_hidden(&chart.read(&nurse, ResourceType::PATIENT, "bao").await));
        assert!(is_hidden(&chart.glass_of(&nurse, "bao")) && is_hidden(&chart.openings(&nurse, "bao", 10).await));
        assert!(is_hidden(&chart.proxies_of(&nurse, "bao")) && is_hidden(&chart.person_account(&nurse, "bao")));
        // Whoever breaks the glass sees who else did.
        chart.break_glass(&nurse, "bao", GlassReason::Danger, "found unconscious").await.unwrap();
        assert_eq!(chart.glass_of(&nurse, "bao").unwrap().len(), 1);
        assert!(chart.openings(&nurse, "bao", 10).await.is_ok());
    });
}
