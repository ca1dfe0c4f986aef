//! Passkeys at the door: whose they are, what they open, and what does not open with them.

use access::passkey::{PasskeySite, ShownPasskey};
use access::{Account, AccountAct, Role};
use chart::{Attempt, Chart, Error, NewAccount, NewPasskey, PasskeyAdded, PasskeyAttempt, PasswordChange, SignIn, Terms};
use testkit::authenticator::{Answer, Authenticator};
use testkit::{Clinic, caller, clinic_set, settings};

const PASSWORD: &str = "correct horse";
const BROWSER: &str = "what the browser holds";
const MINUTE: i64 = 60_000;

fn console() -> Account {
    Account { number: 0, ..caller(Role::Console).account }
}

fn site() -> PasskeySite {
    PasskeySite { id: "record.example".into(), origins: vec!["https://record.example".into()] }
}

fn clinic() -> Clinic {
    clinic_set(chart::Settings { passkeys: Some(site()), ..settings() })
}

fn account(chart: &Chart, login: &str, role: Role) -> Account {
    let new = NewAccount { login: login.into(), display: login.into(), role, institution: "Clinic".into(), language: "en".into(), terms: Terms::default() };
    chart.add_account(&console(), new, PASSWORD).unwrap()
}

fn device(id: u8) -> Authenticator {
    Authenticator::new(-7, "record.example", "https://record.example", &[id; 20])
}

fn adds_with(chart: &Chart, account: &Account, password: &str, name: &str, device: &Authenticator) -> chart::Result<PasskeyAdded> {
    let question = chart.passkey_question(BROWSER);
    let made = device.make(&question);
    chart.add_passkey(account, password, &NewPasskey { name, bound_to: BROWSER, question: &question, client_data: &made.client_data, attestation: &made.attestation }, None)
}

fn adds(chart: &Chart, account: &Account, device: &Authenticator) {
    assert_eq!(adds_with(chart, account, PASSWORD, "telephone", device).unwrap(), PasskeyAdded::Done);
}

fn tries(chart: &Chart, device: &Authenticator, question: &str, bound_to: &str, answer: &Answer) -> SignIn {
    let shown = ShownPasskey { client_data: &answer.client_data, authenticator_data: &answer.authenticator_data, signature: &answer.signature };
    chart.sign_in_with_passkey(&PasskeyAttempt { bound_to, question, id: &device.id, handle: &[], answer: shown }).unwrap()
}

/// Somebody comes with the device; it counts.
fn comes(chart: &Chart, device: &mut Authenticator) -> Option<String> {
    device.counter += 1;
    let question = chart.passkey_question(BROWSER);
    match tries(chart, device, &question, BROWSER, &device.answer(&question)) {
        SignIn::Welcome(signed_in) => Some(signed_in.account.login),
        SignIn::Refused => None,
        other => panic!("{other:?}"),
    }
}

fn journal(chart: &Chart) -> Vec<AccountAct> {
    chart.account_journal().unwrap().into_iter().map(|entry| entry.act).collect()
}

#[test]
fn a_passkey_opens_its_account_and_says_when_it_did_last() {
    let clinic = clinic();
    let chart = &clinic.chart;
    let ana = account(chart, "ana", Role::Physician);
    let ruiz = account(chart, "ruiz", Role::Physician);
    let (mut first, mut second) = (device(1), device(2));
    adds(chart, &ana, &first);
    adds(chart, &ruiz, &second);
    let kept = chart.passkeys(ana.number).unwrap();
    assert_eq!((kept.len(), kept[0].name.as_str(), kept[0].used_at, kept[0].is_synced), (1, "telephone", None, false));
    assert_eq!(comes(chart, &mut first).as_deref(), Some("ana"));
    assert_eq!(comes(chart, &mut second).as_deref(), Some("ruiz"));
    assert!(chart.passkeys(ana.number).unwrap()[0].used_at.is_some());
    assert_eq!(comes(chart, &mut device(3)), None, "nobody's");
    assert_eq!(chart.passkey_handle(ana.number).unwrap(), chart.passkey_handle(ana.number).unwrap());
    assert_ne!(chart.passkey_handle(ana.number).unwrap(), chart.passkey_handle(ruiz.number).unwrap());
    assert_eq!(journal(chart), [AccountAct::Add, AccountAct::Add, AccountAct::AddPasskey, AccountAct::AddPasskey]);
}

#[test]
fn it_stands_for_both_factors() {
    let clinic = clinic_set(chart::Settings { passkeys: Some(site()), second_factor_required: true, ..settings() });
    let ana = account(&clinic.chart, "ana", Role::Physician);
    let mut device = device(1);
    adds(&clinic.chart, &ana, &device);
    assert_eq!(comes(&clinic.chart, &mut device).as_deref(), Some("ana"));
}

#[test]
fn a_site_may_ask_its_staff_for_passkeys_only_and_locks_nobody_out() {
    let clinic = clinic_set(chart::Settings { passkeys: Some(site()), passkeys_only: true, ..settings() });
    let chart = &clinic.chart;
    let (ana, lab) = (account(chart, "ana", Role::Physician), account(chart, "lab", Role::Integration));
    assert!(chart.owes_passkey(&ana) && !chart.owes_passkey(&lab));
    let lacks = || chart.account_states().unwrap().into_iter().filter(|state| state.lacks_passkey).map(|state| state.account.login).collect::<Vec<_>>();
    assert_eq!(lacks(), ["ana"]);
    let mut device = device(1);
    adds(chart, &ana, &device);
    assert_eq!((lacks(), comes(chart, &mut device).as_deref()), (Vec::new(), Some("ana")));
    let id = chart.passkeys(ana.number).unwrap()[0].id.clone();
    assert!(matches!(chart.remove_passkey(&ana, PASSWORD, &id, None), Err(chart::Error::Refused(_))), "the last one stays");
    // Who has lost all begins anew, by whoever keeps the accounts.
    chart.reset_second_factor(&caller(Role::Console).account, "ana").unwrap();
    assert_eq!(lacks(), ["ana"]);
    // Where nobody can make one, nobody is asked for one.
    let nowhere = clinic_set(chart::Settings { passkeys: None, passkeys_only: true, ..settings() });
    assert!(!nowhere.chart.owes_passkey(&ana));
}

#[test]
fn an_answer_opens_once_in_the_browser_that_was_asked_and_not_later() {
    let clinic = clinic();
    let chart = &clinic.chart;
    let ana = account(chart, "ana", Role::Physician);
    let mut device = device(1);
    adds(chart, &ana, &device);
    let other = Authenticator::new(-7, "record.example", "https://record.example", &[4; 20]);
    device.counter = 2;
    let question = chart.passkey_question(BROWSER);
    let answer = device.answer(&question);
    assert_eq!(tries(chart, &device, &question, "another browser", &answer), SignIn::Refused);
    assert_eq!(tries(chart, &device, &question, "", &answer), SignIn::Refused);
    assert_eq!(tries(chart, &other, &question, BROWSER, &answer), SignIn::Refused, "the name of another passkey");
    assert!(matches!(tries(chart, &device, &question, BROWSER, &answer), SignIn::Welcome(_)));
    assert_eq!(tries(chart, &device, &question, BROWSER, &answer), SignIn::Refused, "brought twice");
    device.counter = 3;
    let question = chart.passkey_question(BROWSER);
    let answer = device.answer(&question);
    clinic.hands.forward_ms(5 * MINUTE + 1000);
    assert_eq!(tries(chart, &device, &question, BROWSER, &answer), SignIn::Refused, "too late");
    // Questions nobody asked.
    for invented in ["", "AAAA", &"A".repeat(75), "not base64 !"] {
        assert_eq!(tries(chart, &device, invented, BROWSER, &device.answer(invented)), SignIn::Refused, "{invented}");
    }
}

#[test]
fn a_device_that_does_not_count_opens_once_with_each_answer() {
    let clinic = clinic();
    let chart = &clinic.chart;
    let ana = account(chart, "ana", Role::Physician);
    let mut device = device(1);
    device.counter = 0;
    adds(chart, &ana, &device);
    let question = chart.passkey_question(BROWSER);
    let answer = device.answer(&question);
    assert!(matches!(tries(chart, &device, &question, BROWSER, &answer), SignIn::Welcome(_)));
    assert_eq!(tries(chart, &device, &question, BROWSER, &answer), SignIn::Refused);
}

#[test]
fn a_device_that_counted_back_is_refused_and_written_down() {
    let clinic = clinic();
    let chart = &clinic.chart;
    let ana = account(chart, "ana", Role::Physician);
    let mut device = device(1);
    adds(chart, &ana, &device);
    device.counter = 40;
    assert!(comes(chart, &mut device).is_some());
    device.counter = 12;
    assert_eq!(comes(chart, &mut device), None);
    assert_eq!(journal(chart).last(), Some(&AccountAct::DoubtPasskey));
    device.counter = 41;
    assert!(comes(chart, &mut device).is_some(), "the true one counts on");
}

#[test]
fn another_handle_another_site_and_no_site_open_nothing() {
    let clinic = clinic();
    let chart = &clinic.chart;
    let ana = account(chart, "ana", Role::Physician);
    let mut first = device(1);
    adds(chart, &ana, &first);
    first.counter = 2;
    let question = chart.passkey_question(BROWSER);
    let answer = first.answer(&question);
    let shown = ShownPasskey { client_data: &answer.client_data, authenticator_data: &answer.authenticator_data, signature: &answer.signature };
    let wrong = PasskeyAttempt { bound_to: BROWSER, question: &question, id: &first.id, handle: b"another account", answer: shown };
    assert_eq!(chart.sign_in_with_passkey(&wrong).unwrap(), SignIn::Refused);
    first.site = "evil.example".into();
    assert_eq!(comes(chart, &mut first), None);
    let without = clinic_set(settings());
    let ana = account(&without.chart, "ana", Role::Physician);
    assert!(matches!(adds_with(&without.chart, &ana, PASSWORD, "telephone", &device(1)), Err(Error::NotFound)));
    assert_eq!(comes(&without.chart, &mut device(1)), None);
}

#[test]
fn adding_wants_the_password_of_now_and_a_name_and_is_good_once() {
    let clinic = clinic();
    let chart = &clinic.chart;
    let ana = account(chart, "ana", Role::Physician);
    let ruiz = account(chart, "ruiz", Role::Physician);
    assert_eq!(adds_with(chart, &ana, "wrong horse", "telephone", &device(1)).unwrap(), PasskeyAdded::Refused);
    for name in ["", "  ", &"n".repeat(61)] {
        assert!(matches!(adds_with(chart, &ana, PASSWORD, name, &device(1)), Err(Error::Refused(issues)) if issues[0].rule == "passkey-name"), "{name}");
    }
    let mut silent = device(1);
    silent.flags = 1;
    assert_eq!(adds_with(chart, &ana, PASSWORD, "telephone", &silent).unwrap(), PasskeyAdded::Unproved);
    assert!(chart.passkeys(ana.number).unwrap().is_empty());
    // One question makes one passkey.
    let question = chart.passkey_question(BROWSER);
    for (id, expected) in [(1, PasskeyAdded::Done), (2, PasskeyAdded::Unproved)] {
        let made = device(id).make(&question);
        let new = NewPasskey { name: "tab\there", bound_to: BROWSER, question: &question, client_data: &made.client_data, attestation: &made.attestation };
        assert_eq!(chart.add_passkey(&ana, PASSWORD, &new, None).unwrap(), expected);
    }
    assert_eq!(chart.passkeys(ana.number).unwrap()[0].name, "tab here");
    assert!(matches!(adds_with(chart, &ruiz, PASSWORD, "mine too", &device(1)), Err(Error::Refused(issues)) if issues[0].rule == "passkey-there"));
    for id in 10..19 {
        adds(chart, &ana, &device(id));
    }
    assert!(matches!(adds_with(chart, &ana, PASSWORD, "one more", &device(30)), Err(Error::Refused(issues)) if issues[0].rule == "passkey-many"));
    for _ in 0..5 {
        assert_eq!(adds_with(chart, &ana, "wrong horse", "telephone", &device(31)).unwrap(), PasskeyAdded::Refused);
    }
    assert!(matches!(adds_with(chart, &ana, PASSWORD, "telephone", &device(31)).unwrap(), PasskeyAdded::Later(_)), "guessing waits here too");
    let system = account(chart, "system", Role::Integration);
    assert!(matches!(adds_with(chart, &system, PASSWORD, "telephone", &device(40)), Err(Error::NotFound)));
}

#[test]
fn taking_one_off_ends_what_it_opened_and_leaves_the_others() {
    let clinic = clinic();
    let chart = &clinic.chart;
    let ana = account(chart, "ana", Role::Physician);
    let (mut lost, mut kept) = (device(1), device(2));
    adds(chart, &ana, &lost);
    adds(chart, &ana, &kept);
    let era = chart.standing(ana.number).unwrap().unwrap();
    let id = chart.passkeys(ana.number).unwrap()[0].id.clone();
    assert_eq!(chart.remove_passkey(&ana, "wrong horse", &id, None).unwrap(), PasswordChange::Refused);
    assert!(matches!(chart.remove_passkey(&ana, PASSWORD, "nobody", None), Err(Error::NotFound)));
    assert!(matches!(chart.remove_passkey(&ana, PASSWORD, &id, None).unwrap(), PasswordChange::Done(signed_in) if signed_in.era == era + 1));
    assert_eq!((comes(chart, &mut lost), comes(chart, &mut kept).as_deref()), (None, Some("ana")));
    // It may belong to somebody else now.
    let ruiz = account(chart, "ruiz", Role::Physician);
    adds(chart, &ruiz, &lost);
    assert_eq!(comes(chart, &mut lost).as_deref(), Some("ruiz"));
}

#[test]
fn a_block_keeps_it_out_and_a_reset_by_another_takes_all_off() {
    let clinic = clinic();
    let chart = &clinic.chart;
    let ana = account(chart, "ana", Role::Physician);
    let mut device = device(1);
    adds(chart, &ana, &device);
    chart.block_account(&console(), "ana").unwrap();
    assert_eq!(comes(chart, &mut device), None);
    chart.unblock_account(&console(), "ana").unwrap();
    assert!(comes(chart, &mut device).is_some());
    chart.reset_second_factor(&console(), "ana").unwrap();
    assert_eq!(comes(chart, &mut device), None);
    assert!(chart.passkeys(ana.number).unwrap().is_empty());
    assert!(matches!(chart.reset_second_factor(&console(), "ana"), Err(Error::Conflict(_))), "nothing is left to take off");
    assert!(matches!(chart.sign_in(&Attempt { login: "ana", password: PASSWORD, from: None }).unwrap(), SignIn::Welcome(_)));
    adds(chart, &ana, &device);
    assert!(comes(chart, &mut device).is_some());
}
