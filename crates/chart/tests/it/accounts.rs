//! Sign-ins, from the outside of the door.

use std::net::IpAddr;

use access::{Account, AccountAct, Role, totp};
use chart::{AccountChange, Attempt, CodeUse, Error, NewAccount, SignIn, Terms};
use testkit::{Clinic, caller, clinic, clinic_on};

const PASSWORD: &str = "correct horse";

fn console() -> Account {
    Account { number: 0, ..caller(Role::Console).account }
}

fn add(clinic: &Clinic, login: &str, role: Role) -> Account {
    let new = NewAccount { login: login.into(), display: login.into(), role, institution: "Clinic".into(), language: "en".into(), terms: Terms::default() };
    clinic.chart.add_account(&console(), new, PASSWORD).unwrap()
}

fn tries_from(clinic: &Clinic, login: &str, password: &str, from: &str) -> SignIn {
    let from: Option<IpAddr> = from.parse().ok();
    clinic.chart.sign_in(&Attempt { login, password, from }).unwrap()
}

fn enters(clinic: &Clinic, login: &str, password: &str) -> bool {
    matches!(tries_from(clinic, login, password, ""), SignIn::Welcome(signed_in) if signed_in.account.login == login)
}

fn era(clinic: &Clinic, account: &Account) -> Option<u64> {
    clinic.chart.standing(account.number).unwrap()
}

/// The code of now, by an application that has read the secret.
fn shown(clinic: &Clinic, secret: &[u8]) -> String {
    totp::code(secret, totp::step_at(clinic.chart.now()))
}

#[test]
fn an_account_works_between_its_days_and_only_then() {
    let clinic = clinic();
    let ana = add(&clinic, "ana", Role::Physician);
    assert!(enters(&clinic, "ana", PASSWORD));
    // The clinic opens on 2 March 2026.
    for (from, until, works) in [
        (Some((2026, 3, 2)), Some((2026, 3, 2)), true),
        (Some((2026, 3, 3)), None, false),
        (None, Some((2026, 3, 1)), false),
        (None, None, true),
    ] {
        clinic.chart.change_account(&console(), "ana", AccountChange { from: Some(from), until: Some(until), ..AccountChange::default() }).unwrap();
        assert_eq!((enters(&clinic, "ana", PASSWORD), era(&clinic, &ana).is_some()), (works, works), "{from:?} {until:?}");
    }
    let backwards = AccountChange { from: Some(Some((2026, 3, 3))), until: Some(Some((2026, 3, 2))), ..AccountChange::default() };
    assert!(matches!(clinic.chart.change_account(&console(), "ana", backwards), Err(Error::Refused(_))));
}

#[test]
fn a_block_a_new_password_another_role_and_an_end_each_begin_an_era() {
    let clinic = clinic();
    let ana = add(&clinic, "ana", Role::Physician);
    assert_eq!(era(&clinic, &ana), Some(0));
    clinic.chart.end_sessions(&console(), "ana").unwrap();
    assert_eq!(era(&clinic, &ana), Some(1));
    clinic.chart.set_password(&console(), "ana", "another horse").unwrap();
    assert_eq!(era(&clinic, &ana), Some(2));
    assert!(!enters(&clinic, "ana", PASSWORD) && enters(&clinic, "ana", "another horse"));
    clinic.chart.change_account(&console(), "ana", AccountChange { role: Some(Role::Physician), licence: Some("A 12".into()), ..AccountChange::default() }).unwrap();
    assert_eq!(era(&clinic, &ana), Some(2));
    clinic.chart.change_account(&console(), "ana", AccountChange { role: Some(Role::Nurse), ..AccountChange::default() }).unwrap();
    assert_eq!(era(&clinic, &ana), Some(3));
    clinic.chart.block_account(&console(), "ana").unwrap();
    assert_eq!(era(&clinic, &ana), None);
    assert!(!enters(&clinic, "ana", "another horse"));
    clinic.chart.unblock_account(&console(), "ana").unwrap();
    assert_eq!(era(&clinic, &ana), Some(4));
    let state = clinic.chart.account_states().unwrap().remove(0);
    assert_eq!((state.account.role, state.terms.licence.as_str(), state.blocked, state.in_time), (Role::Nurse, "A 12", false, true));
}

#[test]
fn each_change_is_in_the_journal_and_what_was_refused_is_not() {
    let clinic = clinic();
    let desk = add(&clinic, "desk", Role::Admissions);
    let ana = add(&clinic, "ana", Role::Physician);
    clinic.chart.change_account(&console(), "ana", AccountChange { role: Some(Role::Nurse), until: Some(Some((2026, 12, 31))), ..AccountChange::default() }).unwrap();
    clinic.chart.give_code(&desk, "ana").unwrap();
    assert!(matches!(clinic.chart.block_account(&desk, "ana"), Err(Error::Forbidden)));
    assert!(matches!(clinic.chart.give_code(&ana, "desk"), Err(Error::Forbidden)));
    assert!(matches!(clinic.chart.block_account(&console(), "nobody"), Err(Error::NotFound)));
    clinic.chart.block_account(&console(), "ana").unwrap();
    let told = |clinic: &Clinic| -> Vec<String> { clinic.chart.account_journal().unwrap().into_iter().map(|entry| format!("{} {} {} {}", entry.by, entry.act.word(), entry.holder, entry.detail).trim().to_owned()).collect() };
    let expected = [
        "console add desk role admissions",
        "console add ana role physician",
        "console change ana role nurse, until 2026-12-31",
        "desk give-code ana",
        "console block ana",
    ];
    assert_eq!(told(&clinic), expected);
    let times: Vec<_> = clinic.chart.account_journal().unwrap().into_iter().map(|entry| entry.at).collect();
    assert!(times.is_sorted());
    // A door opened anew tells the same and goes on with it.
    let again = clinic_on(clinic.data.clone(), clinic.keyring.clone(), 8);
    assert_eq!(told(&again), expected);
    again.chart.unblock_account(&console(), "ana").unwrap();
    assert_eq!(told(&again).len(), 6);
    assert!(enters(&again, "ana", PASSWORD));
}

#[test]
fn wrong_passwords_slow_down_their_own_address_and_no_login_can_be_told_from_another() {
    let clinic = clinic();
    add(&clinic, "ana", Role::Physician);
    for login in ["ana", "nobody"] {
        for _ in 0..5 {
            assert_eq!(tries_from(&clinic, login, "wrong", "203.0.113.1"), SignIn::Refused);
        }
        assert_eq!(tries_from(&clinic, login, "wrong", "203.0.113.1"), SignIn::Later(15));
    }
    assert_eq!(tries_from(&clinic, "ana", PASSWORD, "203.0.113.1"), SignIn::Later(15));
    assert!(matches!(tries_from(&clinic, "ana", PASSWORD, "203.0.113.2"), SignIn::Welcome(_)));
    clinic.hands.forward_ms(15_000);
    assert!(matches!(tries_from(&clinic, "ana", PASSWORD, "203.0.113.1"), SignIn::Welcome(_)));
}

#[test]
fn a_second_factor_is_asked_for_and_each_code_opens_once() {
    let clinic = clinic();
    let ana = add(&clinic, "ana", Role::Physician);
    let secret = clinic.chart.new_factor_secret();
    assert_eq!(clinic.chart.enrol(&ana, &secret, "000000").unwrap(), None);
    let used = shown(&clinic, &secret);
    let codes = clinic.chart.enrol(&ana, &secret, &used).unwrap().unwrap();
    assert_eq!(codes.len(), 10);
    assert!(matches!(clinic.chart.enrol(&ana, &secret, &used), Err(Error::Conflict(_))));
    assert!(matches!(tries_from(&clinic, "ana", PASSWORD, ""), SignIn::Half(_)));
    let step = |typed: &str| clinic.chart.second_step(ana.number, typed, None).unwrap();
    assert_eq!(step(&used), SignIn::Refused);
    clinic.hands.forward_ms(31_000);
    let fresh = shown(&clinic, &secret);
    assert!(matches!(step(&fresh), SignIn::Welcome(_)));
    assert_eq!(step(&fresh), SignIn::Refused);
    // A recovery code, however it is typed; once.
    let typed = codes[3].to_uppercase().replace('-', " ");
    assert!(matches!(step(&typed), SignIn::Welcome(_)));
    assert_eq!(step(&codes[3]), SignIn::Refused);
    assert_eq!(clinic.chart.recovery_codes_left(ana.number).unwrap(), Some(9));
    assert_eq!(clinic.chart.account_journal().unwrap().last().unwrap().act, AccountAct::Recover);
    clinic.chart.reset_second_factor(&console(), "ana").unwrap();
    assert_eq!(era(&clinic, &ana), Some(1));
    assert!(enters(&clinic, "ana", PASSWORD));
    assert_eq!(step(&shown(&clinic, &secret)), SignIn::Refused);
}

/// Each takes its own code off what is left, and none puts that of another back.
#[test]
fn of_several_recovery_codes_at_one_moment_none_opens_twice() {
    let clinic = clinic();
    let ana = add(&clinic, "ana", Role::Physician);
    let secret = clinic.chart.new_factor_secret();
    let codes = clinic.chart.enrol(&ana, &secret, &shown(&clinic, &secret)).unwrap().unwrap();
    let (chart, number) = (&clinic.chart, ana.number);
    let opened: usize = std::thread::scope(|scope| {
        let tries: Vec<_> = codes[..4].iter().map(|code| scope.spawn(move || matches!(chart.second_step(number, code, None).unwrap(), SignIn::Welcome(_)))).collect();
        tries.into_iter().map(|one| usize::from(one.join().unwrap())).sum()
    });
    assert!(opened >= 1);
    assert_eq!(clinic.chart.recovery_codes_left(ana.number).unwrap(), Some(10 - opened));
}

#[test]
fn who_knows_the_password_cannot_try_all_codes() {
    let clinic = clinic();
    let ana = add(&clinic, "ana", Role::Physician);
    let secret = clinic.chart.new_factor_secret();
    clinic.chart.enrol(&ana, &secret, &shown(&clinic, &secret)).unwrap().unwrap();
    for _ in 0..5 {
        assert!(matches!(tries_from(&clinic, "ana", PASSWORD, ""), SignIn::Half(_)));
        assert_eq!(clinic.chart.second_step(ana.number, "000000", None).unwrap(), SignIn::Refused);
    }
    assert_eq!(tries_from(&clinic, "ana", PASSWORD, ""), SignIn::Later(15));
    assert!(matches!(clinic.chart.second_step(ana.number, "000000", None).unwrap(), SignIn::Later(_)));
}

#[test]
fn a_system_takes_no_second_factor() {
    let clinic = clinic();
    let system = add(&clinic, "system", Role::Integration);
    let secret = clinic.chart.new_factor_secret();
    assert!(matches!(clinic.chart.enrol(&system, &secret, &shown(&clinic, &secret)), Err(Error::Refused(_))));
}

#[test]
fn a_code_from_a_second_person_sets_a_new_password_once_within_an_hour() {
    let clinic = clinic();
    let desk = add(&clinic, "desk", Role::Admissions);
    let ana = add(&clinic, "ana", Role::Physician);
    let uses = |login: &str, code: &str, password: &str| clinic.chart.use_code(login, code, password, None);
    let old = clinic.chart.give_code(&desk, "ana").unwrap();
    let code = clinic.chart.give_code(&desk, "ana").unwrap();
    assert_eq!(uses("ana", &old, "another horse").unwrap(), CodeUse::Refused);
    assert_eq!(uses("desk", &code, "another horse").unwrap(), CodeUse::Refused);
    assert_eq!(uses("nobody", &code, "another horse").unwrap(), CodeUse::Refused);
    // A weak password is refused and the code stays.
    for weak in ["short", "password123", "xx-ana-xx"] {
        assert!(matches!(uses("ana", &code, weak), Err(Error::Refused(_))), "{weak}");
    }
    assert!(enters(&clinic, "ana", PASSWORD));
    assert_eq!(uses("ana", &code.replace('-', ""), "another horse").unwrap(), CodeUse::Done);
    assert_eq!(era(&clinic, &ana), Some(1));
    assert!(!enters(&clinic, "ana", PASSWORD) && enters(&clinic, "ana", "another horse"));
    assert_eq!(uses("ana", &code, "a third horse").unwrap(), CodeUse::Refused);
    let late = clinic.chart.give_code(&desk, "ana").unwrap();
    clinic.hands.forward_ms(3_600_000);
    assert_eq!(uses("ana", &late, "a third horse").unwrap(), CodeUse::Refused);
}

#[test]
fn a_code_cannot_be_guessed_at_length() {
    let clinic = clinic();
    let desk = add(&clinic, "desk", Role::Admissions);
    add(&clinic, "ana", Role::Physician);
    clinic.chart.give_code(&desk, "ana").unwrap();
    for _ in 0..5 {
        assert_eq!(clinic.chart.use_code("ana", "aaaa-aaaa-aaaa", "another horse", None).unwrap(), CodeUse::Refused);
    }
    assert!(matches!(clinic.chart.use_code("ana", "aaaa-aaaa-aaaa", "another horse", None).unwrap(), CodeUse::Later(_)));
}
