//! Budgets of persons an hour, from the outside of the door.

use access::{Account, Budgets, Caller, Limit, Purpose, Role, Session};
use chart::{Error, NewAccount, Scope, Settings, Terms};
use fhir::ResourceType;
use testkit::{Clinic, block_on, caller, clinic_set};

fn budgets(soft: usize, hard: usize) -> Budgets {
    Budgets { of_account: vec![(Role::Physician, Limit { soft, hard })], role_factor: 2, of_institution: Limit { soft: 1000, hard: 1000 } }
}

fn clinic(budgets: Budgets) -> Clinic {
    let clinic = clinic_set(Settings { budgets, ..testkit::settings() });
    for number in 0..30 {
        let patient = format!(r#"{{"resourceType":"Patient","id":"p{number}","name":[{{"family":"Family"}}]}}"#);
        block_on(clinic.chart.update(&caller(Role::Integration), ResourceType::PATIENT, &format!("p{number}"), patient.as_bytes(), None)).unwrap();
    }
    clinic
}

fn add(clinic: &Clinic, login: &str, role: Role, institution: &str) -> Account {
    let new = NewAccount { login: login.into(), display: login.into(), role, institution: institution.into(), language: "en".into(), terms: Terms::default() };
    clinic.chart.add_account(&caller(Role::Console).account, new, "correct horse").unwrap()
}

fn session(account: &Account, number: u64) -> Caller {
    Caller { account: account.clone(), purpose: Purpose::Treatment, session: Session { number, began: testkit::OPENS }, grant: None }
}

fn opens(clinic: &Clinic, who: &Caller, number: usize) -> bool {
    match block_on(clinic.chart.read(who, ResourceType::PATIENT, &format!("p{number}"))) {
        Ok(_) => true,
        Err(Error::OverBudget { .. }) => false,
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn more_different_persons_than_the_hard_limit_are_refused_and_leave_no_opening() {
    let clinic = clinic(budgets(3, 5));
    let ruiz = session(&add(&clinic, "ruiz", Role::Physician, "North"), 1);
    let officer = add(&clinic, "officer", Role::PrivacyOfficer, "North");
    for number in 0..5 {
        assert!(opens(&clinic, &ruiz, number), "{number}");
    }
    let before = clinic.chart.log_size();
    assert!(!opens(&clinic, &ruiz, 5) && !opens(&clinic, &ruiz, 6));
    assert_eq!(clinic.chart.log_size(), before, "what was refused was not disclosed");
    assert!(opens(&clinic, &ruiz, 2), "who was open stays open");
    assert!(opens(&clinic, &session(&ruiz.account, 2), 4), "in another session too");
    assert!(!opens(&clinic, &session(&ruiz.account, 2), 7), "another session is no way around");
    let alarms = clinic.chart.alarms(&officer).unwrap();
    let told: Vec<_> = alarms.iter().map(|alarm| (alarm.refused, alarm.persons, alarm.scope, alarm.account)).collect();
    assert_eq!(told, [(true, 5, Scope::Account, ruiz.account.number), (false, 4, Scope::Account, ruiz.account.number)], "each told once an hour");
    assert_eq!(clinic.chart.budget_alarms_counted(), (1, 1));
    // An hour after the first there is room again, one by one.
    clinic.hands.forward_ms(3_600_000);
    assert!(opens(&clinic, &ruiz, 5));
}

#[test]
fn a_write_whose_answer_would_disclose_too_much_is_refused_before_it_is_written() {
    let clinic = clinic(budgets(3, 5));
    let (system, ruiz) = (caller(Role::Integration), session(&add(&clinic, "ruiz", Role::Physician, "North"), 1));
    let kind = ResourceType::named("Observation").unwrap();
    let observation = |status: &str, person: &str| format!(r#"{{"resourceType":"Observation","id":"o","status":"{status}","code":{{"text":"x"}},"subject":{{"reference":"Patient/{person}"}}}}"#);
    block_on(clinic.chart.update(&system, kind, "o", observation("preliminary", "p9").as_bytes(), None)).unwrap();
    (0..5).for_each(|number| assert!(opens(&clinic, &ruiz, number), "{number}"));
    let entries = [("POST", "Observation", observation("final", "p0")), ("PUT", "Observation/o", observation("final", "p9"))];
    let entries = entries.map(|(method, url, resource)| format!(r#"{{"resource":{resource},"request":{{"method":"{method}","url":"{url}"}}}}"#));
    let bundle = format!(r#"{{"resourceType":"Bundle","type":"transaction","entry":[{}]}}"#, entries.join(","));
    let refused = block_on(clinic.chart.bundle(&ruiz, bundle.as_bytes())).err();
    assert!(matches!(refused, Some(Error::OverBudget { .. })), "{refused:?}");
    assert_eq!(block_on(clinic.chart.read(&system, kind, "o")).unwrap().version, 1, "nothing was written");
}

#[test]
fn the_officer_of_the_institution_gives_more_room_for_the_day() {
    let clinic = clinic(budgets(3, 5));
    let ruiz = session(&add(&clinic, "ruiz", Role::Physician, "North"), 1);
    let (officer, other) = (add(&clinic, "officer", Role::PrivacyOfficer, "North"), add(&clinic, "south", Role::PrivacyOfficer, "South"));
    (0..5).for_each(|number| assert!(opens(&clinic, &ruiz, number)));
    assert!(!opens(&clinic, &ruiz, 5));
    assert!(matches!(clinic.chart.raise_budget(&other, "ruiz"), Err(Error::Forbidden)));
    assert!(matches!(clinic.chart.raise_budget(&ruiz.account, "ruiz"), Err(Error::Forbidden)));
    clinic.chart.raise_budget(&officer, "ruiz").unwrap();
    (5..15).for_each(|number| assert!(opens(&clinic, &ruiz, number), "{number}"));
    assert!(!opens(&clinic, &ruiz, 15), "three times as much, and no more");
    clinic.hands.forward_ms(24 * 3_600_000);
    let tomorrow = session(&ruiz.account, 2);
    (0..5).for_each(|number| assert!(opens(&clinic, &tomorrow, number)));
    assert!(!opens(&clinic, &tomorrow, 20), "the next day is a day like any other");
}

#[test]
fn an_alarm_is_judged_once_by_the_officer_of_its_institution_and_the_journal_keeps_it() {
    let clinic = clinic(budgets(1, 5));
    let ruiz = session(&add(&clinic, "ruiz", Role::Physician, "North"), 1);
    let (officer, other) = (add(&clinic, "officer", Role::PrivacyOfficer, "North"), add(&clinic, "south", Role::PrivacyOfficer, "South"));
    (0..2).for_each(|number| assert!(opens(&clinic, &ruiz, number)));
    assert!(clinic.chart.alarms(&other).unwrap().is_empty());
    assert!(matches!(clinic.chart.alarms(&ruiz.account), Err(Error::Forbidden)));
    let id = clinic.chart.alarms(&officer).unwrap().remove(0).id;
    assert!(matches!(clinic.chart.judge(&other, &id, "x"), Err(Error::NotFound)));
    assert!(matches!(clinic.chart.judge(&officer, &id, " "), Err(Error::Refused(_))));
    clinic.chart.judge(&officer, &id, "A full ward round,\nexplained").unwrap();
    assert!(matches!(clinic.chart.judge(&officer, &id, "again"), Err(Error::NotFound)));
    let verdict = clinic.chart.alarms(&officer).unwrap().remove(0).verdict.unwrap();
    assert_eq!((verdict.0.as_str(), verdict.1.as_str()), ("A full ward round, explained", "officer"));
    let last = clinic.chart.account_journal().unwrap().pop().unwrap();
    assert_eq!((last.act, last.holder.as_str(), last.detail.as_str()), (access::AccountAct::Judge, "ruiz", "A full ward round, explained"));
}

#[test]
fn colleagues_of_one_role_have_a_limit_together() {
    let clinic = clinic(budgets(3, 5));
    let all: Vec<Caller> = (0..3).map(|number| session(&add(&clinic, &format!("dr{number}"), Role::Physician, "North"), number)).collect();
    let elsewhere = session(&add(&clinic, "south", Role::Physician, "South"), 9);
    let opened: usize = (0..15).filter(|number| opens(&clinic, &all[number / 5], *number)).count();
    assert_eq!(opened, 10, "twice the limit of one");
    assert!(opens(&clinic, &elsewhere, 20));
}

#[test]
fn a_restart_forgets_nothing() {
    let clinic = clinic(budgets(3, 5));
    let ruiz = session(&add(&clinic, "ruiz", Role::Physician, "North"), 1);
    (0..5).for_each(|number| assert!(opens(&clinic, &ruiz, number)));
    let key = testkit::key();
    let store = store::Store::open(clinic.data.clone(), clinic.keyring.clone(), &key, [8; 32]).unwrap();
    let again = chart::Chart::open(store, clinic.hands.clone(), Settings { budgets: budgets(3, 5), ..testkit::settings() }).unwrap();
    let reads = |number: usize| block_on(again.read(&ruiz, ResourceType::PATIENT, &format!("p{number}")));
    assert!(reads(2).is_ok() && matches!(reads(5), Err(Error::OverBudget { .. })));
}

#[test]
fn what_a_search_lists_has_ten_times_the_room_and_systems_have_no_limit() {
    let clinic = clinic(budgets(1, 2));
    let ruiz = session(&add(&clinic, "ruiz", Role::Physician, "North"), 1);
    let system = session(&add(&clinic, "system", Role::Integration, "North"), 2);
    let finds = |who: &Caller, limit: usize| block_on(clinic.chart.find_persons(who, "family", limit)).map(|hits| hits.len());
    assert_eq!(finds(&ruiz, 20).unwrap(), 20);
    assert!(matches!(finds(&ruiz, 21), Err(Error::OverBudget { listed: true, .. })));
    assert!((0..30).all(|number| opens(&clinic, &system, number)));
}

#[test]
fn a_broken_glass_is_never_refused_and_to_say_emergency_is_not_enough() {
    let clinic = clinic(budgets(1, 2));
    let ruiz = session(&add(&clinic, "ruiz", Role::Physician, "North"), 1);
    (0..2).for_each(|number| assert!(opens(&clinic, &ruiz, number)));
    let in_emergency = Caller { purpose: Purpose::Emergency, ..ruiz.clone() };
    assert!(!opens(&clinic, &ruiz, 2) && !opens(&clinic, &in_emergency, 2));
    block_on(clinic.chart.break_glass(&ruiz, "p2", access::GlassReason::ALL[0].0, "unconscious")).unwrap();
    assert!(opens(&clinic, &ruiz, 2));
    assert!(!opens(&clinic, &ruiz, 3), "of one person, and of nobody else");
}

#[test]
fn two_patients_that_are_one_person_are_counted_once() {
    let clinic = clinic(budgets(3, 5));
    let ruiz = session(&add(&clinic, "ruiz", Role::Physician, "North"), 1);
    let clerk = caller(Role::RecordsClerk);
    block_on(clinic.chart.merge(&clerk, "p0", "p1", "same card")).unwrap();
    (0..6).for_each(|number| assert!(opens(&clinic, &ruiz, number), "{number}"));
    assert!(!opens(&clinic, &ruiz, 6), "five persons in six records");
    // The count after a restart is the same.
    let again = clinic_set_again(&clinic);
    let reads = |number: usize| block_on(again.read(&ruiz, ResourceType::PATIENT, &format!("p{number}")));
    assert!(reads(1).is_ok() && matches!(reads(6), Err(Error::OverBudget { .. })));
    // Whoever looks through a list of the same person twice over has room for others.
    let found = block_on(clinic.chart.find_persons(&session(&add(&clinic, "luna", Role::Physician, "South"), 3), "family", 30)).unwrap();
    assert_eq!(found.len(), 29);
}

fn clinic_set_again(clinic: &Clinic) -> chart::Chart {
    let store = store::Store::open(clinic.data.clone(), clinic.keyring.clone(), &testkit::key(), [8; 32]).unwrap();
    chart::Chart::open(store, clinic.hands.clone(), Settings { budgets: budgets(3, 5), ..testkit::settings() }).unwrap()
}
