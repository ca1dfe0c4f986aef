//! Persons who come by the word of a provider, and what goes with an erased person.

use access::passkey::{PasskeySite, ShownPasskey};
use access::{Account, Caller, ProxyKind, Purpose, Role, Session};
use chart::{Activation, Attempt, Chart, Elsewhere, Linking, NewPasskey, NewPerson, NewProxy, PasskeyAdded, PasswordChange, PasskeyAttempt, SignIn};
use fhir::ResourceType;
use testkit::authenticator::Authenticator;
use testkit::{Clinic, block_on, caller, clinic_set, settings};

const MINUTE: i64 = 60_000;
const BROWSER: &str = "what the browser holds";

fn clinic() -> Clinic {
    let site = PasskeySite { id: "record.example".into(), origins: vec!["https://record.example".into()] };
    let clinic = clinic_set(chart::Settings { passkeys: Some(site), ..settings() });
    for (id, born) in [("ana", "1980-05-01"), ("ruiz", "1970-01-01"), ("son", "2021-01-01")] {
        let patient = format!(r#"{{"resourceType":"Patient","id":"{id}","identifier":[{{"system":"urn:number","value":"N-{id}"}}],"birthDate":"{born}"}}"#);
        block_on(clinic.chart.update(&caller(Role::Integration), ResourceType::PATIENT, id, patient.as_bytes(), None)).unwrap();
    }
    clinic
}

fn who(subject: &str, number: Option<&str>) -> Elsewhere {
    Elsewhere { issuer: "https://id.example".into(), subject: subject.into(), identifier: number.map(|number| ("urn:number".to_owned(), number.to_owned())) }
}

fn invited(chart: &Chart, patient: &str) -> String {
    let new = NewPerson { patient, display: patient, language: "en", evidence: "passport", contact: None };
    chart.invite(&caller(Role::Admissions), &new).unwrap().code
}

fn as_caller(account: &Account) -> Caller {
    Caller { account: account.clone(), purpose: Purpose::Own, session: Session { number: account.number, began: testkit::OPENS }, grant: None }
}

fn reads(chart: &Chart, account: &Account, patient: &str) -> bool {
    block_on(chart.read(&as_caller(account), ResourceType::PATIENT, patient)).is_ok()
}

#[test]
fn who_has_an_account_links_a_provider_later_and_takes_it_off_with_a_password() {
    let clinic = clinic();
    let chart = &clinic.chart;
    let activated = |patient: &str, login: &str| {
        let Activation::Done(signed_in) = chart.activate(&invited(chart, patient), login, "correct horse", None).unwrap() else { panic!("{login}") };
        signed_in.account
    };
    let (ana, ruiz) = (activated("ana", "ana-p"), activated("ruiz", "ruiz-p"));
    assert!(!chart.is_linked(ana.number).unwrap());
    assert_eq!(chart.link_elsewhere(&ana, &who("s-1", Some("N-ruiz"))).unwrap(), Linking::Unlike, "the record's number decides");
    assert_eq!(chart.sign_in_elsewhere(&who("s-1", None)).unwrap(), None);
    assert_eq!(chart.link_elsewhere(&ana, &who("s-1", Some("N-ana"))).unwrap(), Linking::Done);
    assert!(matches!(chart.sign_in_elsewhere(&who("s-1", None)).unwrap(), Some(SignIn::Welcome(signed_in)) if signed_in.account == ana));
    assert_eq!(chart.link_elsewhere(&ana, &who("s-2", None)).unwrap(), Linking::Taken, "one of ours, one of theirs");
    assert_eq!(chart.link_elsewhere(&ruiz, &who("s-1", None)).unwrap(), Linking::Taken);
    let staff = Account { number: 1, role: Role::Physician, ..ana.clone() };
    assert!(chart.link_elsewhere(&staff, &who("s-3", None)).is_err(), "persons only");
    let before = chart.standing(ana.number).unwrap();
    assert_eq!(chart.unlink_elsewhere(&ana, "wrong", None).unwrap(), PasswordChange::Refused);
    assert!(chart.is_linked(ana.number).unwrap());
    assert!(matches!(chart.unlink_elsewhere(&ana, "correct horse", None).unwrap(), PasswordChange::Done(_)));
    assert_ne!(chart.standing(ana.number).unwrap(), before, "whoever came in so is signed out");
    assert_eq!((chart.sign_in_elsewhere(&who("s-1", None)).unwrap(), chart.is_linked(ana.number).unwrap()), (None, false));
    assert!(matches!(chart.unlink_elsewhere(&ana, "correct horse", None), Err(chart::Error::NotFound)));
    assert_eq!(chart.link_elsewhere(&ruiz, &who("s-1", None)).unwrap(), Linking::Done, "what was taken off is free");
    let acts: Vec<&str> = chart.account_journal().unwrap().iter().rev().take(3).map(|entry| entry.act.word()).collect();
    assert_eq!(acts, ["link-provider", "unlink-provider", "link-provider"]);
}

#[test]
fn the_word_of_a_provider_opens_nothing_until_a_code_has_linked_it() {
    let clinic = clinic();
    let chart = &clinic.chart;
    assert_eq!(chart.sign_in_elsewhere(&who("s-1", None)).unwrap(), None);
    let code = invited(chart, "ana");
    assert_eq!(chart.activate_elsewhere("aaaa-bbbb-cccc", &who("s-1", None), None).unwrap(), Activation::Refused);
    let Activation::Done(signed_in) = chart.activate_elsewhere(&code, &who("s-1", None), None).unwrap() else { panic!("not linked") };
    assert!(reads(chart, &signed_in.account, "ana") && !reads(chart, &signed_in.account, "ruiz"));
    assert!(matches!(chart.sign_in_elsewhere(&who("s-1", None)).unwrap(), Some(SignIn::Welcome(again)) if again.account == signed_in.account));
    assert_eq!(chart.sign_in_elsewhere(&who("s-2", None)).unwrap(), None);
    let elsewhere = Elsewhere { issuer: "https://other.example".into(), ..who("s-1", None) };
    assert_eq!(chart.sign_in_elsewhere(&elsewhere).unwrap(), None, "another provider's s-1 is somebody else");
    let code = invited(chart, "ruiz");
    assert_eq!(chart.activate_elsewhere(&code, &who("s-1", None), None).unwrap(), Activation::Taken, "one of theirs, one of ours");
    assert!(matches!(chart.activate_elsewhere(&code, &who("s-2", None), None).unwrap(), Activation::Done(_)), "the code was not used up");
    let guess = Attempt { login: &signed_in.account.login, password: "", from: None };
    assert_eq!(chart.sign_in(&guess).unwrap(), SignIn::Refused);
    chart.block_account(&caller(Role::Console).account, &signed_in.account.login).unwrap();
    assert_eq!(chart.sign_in_elsewhere(&who("s-1", None)).unwrap(), Some(SignIn::Refused));
}

#[test]
fn a_code_for_another_record_than_the_provider_names_links_nothing() {
    let clinic = clinic();
    let chart = &clinic.chart;
    let code = invited(chart, "ana");
    for wrong in ["N-ruiz", "N-an", "ana"] {
        assert_eq!(chart.activate_elsewhere(&code, &who("s-1", Some(wrong)), None).unwrap(), Activation::Unlike, "{wrong}");
    }
    assert_eq!(chart.sign_in_elsewhere(&who("s-1", None)).unwrap(), None);
    assert!(matches!(chart.activate_elsewhere(&code, &who("s-1", Some("n-ANA ")), None).unwrap(), Activation::Done(_)));
}

#[test]
fn a_ticket_is_for_one_browser_and_a_quarter_of_an_hour() {
    let clinic = clinic();
    let chart = &clinic.chart;
    for person in [who("s-1", Some("N-ana")), who("s-1", None)] {
        let ticket = chart.ticket_for(&person, BROWSER);
        assert_eq!(chart.open_ticket(&ticket, BROWSER), Some(person));
        assert!(!ticket.contains("s-1"));
        assert_eq!(chart.open_ticket(&ticket, "another"), None);
        assert_eq!(chart.open_ticket(&ticket, ""), None);
        let changed = format!("{}A", &ticket[..ticket.len() - 1]);
        assert!(changed == ticket || chart.open_ticket(&changed, BROWSER).is_none());
        clinic.hands.forward_ms(16 * MINUTE);
        assert_eq!(chart.open_ticket(&ticket, BROWSER), None);
    }
    assert_eq!(chart.open_ticket("", BROWSER), None);
    assert_eq!(chart.open_ticket(&chart.ticket_for(&who("s", None), ""), ""), None);
}

#[test]
fn with_an_erased_person_go_account_passkey_link_trusts_and_what_waited() {
    let clinic = clinic();
    let chart = &clinic.chart;
    let code = invited(chart, "ana");
    let Activation::Done(ana) = chart.activate_elsewhere(&code, &who("s-1", None), None).unwrap() else { panic!("not linked") };
    let code = invited(chart, "ruiz");
    let Activation::Done(ruiz) = chart.activate(&code, "ruiz", "correct horse", None).unwrap() else { panic!("no account") };
    // Ana acts for her son, and Ruiz for Ana.
    let trust = |login: &str, kind| NewProxy { login: login.into(), kind, agreed: true, until: None, evidence: "seen".into(), document: None };
    block_on(chart.entrust(&caller(Role::Nurse), "son", &trust(&ana.account.login, ProxyKind::Parent))).unwrap();
    block_on(chart.entrust(&caller(Role::Nurse), "ana", &trust("ruiz", ProxyKind::Carer))).unwrap();
    assert!(reads(chart, &ana.account, "son") && reads(chart, &ruiz.account, "ana"));
    // A password of her own, a passkey, a question that waits, a broken glass.
    chart.set_password(&ana.account, &ana.account.login, "correct horse").unwrap();
    let mut device = Authenticator::new(-7, "record.example", "https://record.example", &[1; 20]);
    let question = chart.passkey_question(BROWSER);
    let made = device.make(&question);
    let new = NewPasskey { name: "telephone", bound_to: BROWSER, question: &question, client_data: &made.client_data, attestation: &made.attestation };
    assert_eq!(chart.add_passkey(&ana.account, "correct horse", &new, None).unwrap(), PasskeyAdded::Done);
    let line = block_on(chart.openings(&as_caller(&ana.account), "ana", 5)).unwrap().remove(0);
    block_on(chart.question_opening(&as_caller(&ana.account), "ana", line.index, "Who?")).unwrap();
    block_on(chart.break_glass(&caller(Role::Physician), "ana", access::GlassReason::Danger, "found")).unwrap();
    let duties = || { let all = chart.duties_of_all().unwrap(); (all.glass.waiting, all.questions.waiting) };
    assert_eq!(duties(), (1, 1));
    let console = caller(Role::Console);
    let decided = block_on(chart.decide_erasure(&console, "ana", "case 7")).unwrap();
    for round in 0..2 {
        block_on(chart.erase(&console, decided.erasure)).unwrap();
        assert_eq!(duties(), (0, 0), "{round}");
        assert_eq!(chart.account_of(ana.account.number).unwrap(), None);
        assert_eq!(chart.standing(ana.account.number).unwrap(), None, "whoever is signed in is signed out");
        assert_eq!(chart.sign_in_elsewhere(&who("s-1", None)).unwrap(), None);
        assert_eq!(chart.sign_in(&Attempt { login: &ana.account.login, password: "correct horse", from: None }).unwrap(), SignIn::Refused);
        assert!(chart.passkeys(ana.account.number).unwrap().is_empty());
        assert!(!reads(chart, &ana.account, "son") && !reads(chart, &ruiz.account, "ana"));
        assert!(chart.proxies_of(&caller(Role::Nurse), "son").unwrap().is_empty(), "she is not named where she acted");
        assert!(chart.entrusted_now(&ruiz.account).unwrap().is_empty());
    }
    device.counter = 9;
    let question = chart.passkey_question(BROWSER);
    let answer = device.answer(&question);
    let shown = ShownPasskey { client_data: &answer.client_data, authenticator_data: &answer.authenticator_data, signature: &answer.signature };
    assert_eq!(chart.sign_in_with_passkey(&PasskeyAttempt { bound_to: BROWSER, question: &question, id: &device.id, handle: &[], answer: shown }).unwrap(), SignIn::Refused);
    assert!(reads(chart, &ruiz.account, "ruiz"), "others keep theirs");
    // The login is free again, and the journal still whole.
    let code = invited(chart, "son");
    assert!(matches!(chart.activate(&code, &ana.account.login, "correct horse", None).unwrap(), Activation::Done(_)));
    assert!(chart.account_journal().unwrap().len() > 6 && chart.site_journal().is_ok());
}
