//! Persons who read their own record, and those who act for them, from the outside of the door.

use std::net::IpAddr;

use access::{Account, AccountAct, Caller, Disclosure, ProxyKind, Purpose, Role, Session};
use chart::{Activation, Attempt, CodeUse, Contact, Error, HistoryQuery, HistoryScope, MatchWish, NewAccount, NewPerson, NewProxy, PasswordChange, SignIn, Target, Terms};
use fhir::{Document, Moment, ResourceType};
use search::{Handling, Query, QueryContext};
use testkit::{Clinic, block_on, caller, clinic, clinic_on};

const PASSWORD: &str = "correct horse";
const DAY: i64 = 86_400_000;

/// Ana is of age, her son is five, and her daughter turns 15 on 4 March 2026; Ruiz is a stranger.
/// The clinic opens on 2 March 2026, in UTC.
fn people() -> Clinic {
    people_of(clinic())
}

fn people_of(clinic: Clinic) -> Clinic {
    for (id, born) in [("ana", "1980-05-01"), ("son", "2021-01-01"), ("daughter", "2011-03-04"), ("ruiz", "1970-01-01")] {
        let patient = format!(r#"{{"resourceType":"Patient","id":"{id}","name":[{{"family":"Family","given":["{id}"]}}],"birthDate":"{born}"}}"#);
        put(&clinic, "Patient", id, &patient);
        let observation = format!(r#"{{"resourceType":"Observation","id":"o-{id}","status":"final","code":{{"text":"weight"}},"subject":{{"reference":"Patient/{id}"}},"performer":[{{"reference":"Practitioner/dr"}}]}}"#);
        put(&clinic, "Observation", &format!("o-{id}"), &observation);
    }
    put(&clinic, "Group", "g", r#"{"resourceType":"Group","id":"g","type":"person","actual":true,"member":[{"entity":{"reference":"Patient/ana"}}]}"#);
    clinic
}

fn kind(name: &str) -> ResourceType {
    ResourceType::named(name).unwrap()
}

fn put(clinic: &Clinic, name: &str, id: &str, body: &str) {
    block_on(clinic.chart.update(&caller(Role::Integration), kind(name), id, body.as_bytes(), None)).unwrap();
}

fn new_person(patient: &str) -> NewPerson<'_> {
    NewPerson { patient, display: "Ana Family", language: "en", evidence: "passport with photograph", contact: None }
}

fn invited(clinic: &Clinic, patient: &str) -> String {
    clinic.chart.invite(&caller(Role::Admissions), &new_person(patient)).unwrap().code
}

fn activates(clinic: &Clinic, code: &str, login: &str) -> Activation {
    clinic.chart.activate(code, login, PASSWORD, None).unwrap()
}

/// The person of a record, signed in.
fn signed_in(clinic: &Clinic, patient: &str) -> Caller {
    let code = invited(clinic, patient);
    let Activation::Done(signed_in) = activates(clinic, &code, patient) else { panic!("{patient} has no account") };
    as_caller(signed_in.account)
}

fn as_caller(account: Account) -> Caller {
    let session = Session { number: account.number, began: testkit::OPENS };
    Caller { account, purpose: Purpose::Own, session, grant: None }
}

fn sees(clinic: &Clinic, who: &Caller, name: &str, id: &str) -> bool {
    match block_on(clinic.chart.read(who, kind(name), id)) {
        Ok(_) => true,
        Err(Error::NotFound) => false,
        Err(other) => panic!("{other}"),
    }
}

fn found(clinic: &Clinic, who: &Caller, name: &str, pairs: &[(&str, &str)]) -> Vec<String> {
    let query = Query::parse(kind(name), pairs.iter().copied(), Handling::Strict, QueryContext::default()).unwrap();
    let page = block_on(clinic.chart.search(who, &query, None)).unwrap();
    let mut ids: Vec<String> = page.items.into_iter().map(|hit| hit.stored.id).collect();
    ids.sort();
    ids
}

fn entrusted(clinic: &Clinic, patient: &str, login: &str, kind: ProxyKind, agreed: bool) -> Result<(), Error> {
    let new = NewProxy { login: login.into(), kind, agreed, until: None, evidence: "birth certificate".into(), document: None };
    block_on(clinic.chart.entrust(&caller(Role::Nurse), patient, &new))
}

#[test]
fn a_person_signs_in_with_what_they_chose_and_reads_their_own_record_and_nothing_else() {
    let clinic = people();
    let ana = signed_in(&clinic, "ana");
    assert!(matches!(clinic.chart.sign_in(&Attempt { login: "ana", password: PASSWORD, from: None }).unwrap(), SignIn::Welcome(found) if found.account == ana.account));
    assert_eq!((ana.account.role, ana.account.institution.as_str()), (Role::Person, ""));
    for (name, id, visible) in [("Patient", "ana", true), ("Observation", "o-ana", true), ("Patient", "ruiz", false), ("Observation", "o-ruiz", false), ("Patient", "nobody", false), ("Group", "g", false)] {
        assert_eq!(sees(&clinic, &ana, name, id), visible, "{name}/{id}");
    }
    assert_eq!(found(&clinic, &ana, "Patient", &[]), ["ana"]);
    assert_eq!(found(&clinic, &ana, "Patient", &[("family", "Family")]), ["ana"]);
    assert_eq!(found(&clinic, &ana, "Observation", &[("status", "final")]), ["o-ana"]);
    assert_eq!(found(&clinic, &ana, "Observation", &[("patient", "ruiz")]), [""; 0]);
    assert_eq!(found(&clinic, &ana, "Observation", &[("patient.birthdate", "1970-01-01")]), [""; 0]);
    assert_eq!(found(&clinic, &ana, "Patient", &[("_has:Observation:patient:status", "final")]), ["ana"]);
    assert_eq!(found(&clinic, &ana, "Group", &[]), [""; 0]);
    let history = block_on(clinic.chart.history(&ana, HistoryScope::System, &HistoryQuery::default())).unwrap();
    assert!(history.items.iter().all(|entry| entry.stored.id.ends_with("ana")), "only their own");
}

#[test]
fn what_became_of_their_record_is_told_however_much_is_written_of_others() {
    let clinic = people_of(testkit::clinic_set(chart::Settings { most_looked_at: 100, ..testkit::settings() }));
    let ana = signed_in(&clinic, "ana");
    let weight = |id: &str, text: &str| format!(r#"{{"resourceType":"Observation","id":"o-{id}","status":"amended","code":{{"text":"{text}"}},"subject":{{"reference":"Patient/{id}"}},"performer":[{{"reference":"Practitioner/dr"}}]}}"#);
    put(&clinic, "Observation", "o-ana", &weight("ana", "again"));
    for number in 0..150 {
        put(&clinic, "Observation", "o-ruiz", &weight("ruiz", &format!("weight {number}")));
    }
    let told = |scope: HistoryScope<'_>| {
        let (mut query, mut told) = (HistoryQuery { count: Some(1), ..HistoryQuery::default() }, Vec::new());
        loop {
            let page = block_on(clinic.chart.history(&ana, scope, &query)).unwrap();
            assert!(page.items.len() <= 1);
            told.extend(page.items.into_iter().map(|entry| format!("{} {}", entry.stored.id, entry.stored.version)));
            match page.next {
                Some(next) => query.cursor = Some(next),
                None => return told,
            }
        }
    };
    assert_eq!(told(HistoryScope::Type(kind("Observation"))), ["o-ana 2", "o-ana 1"]);
    assert_eq!(told(HistoryScope::Type(kind("Patient"))), ["ana 1"]);
    let all = told(HistoryScope::System);
    assert!(all.first().is_some_and(|first| first == "o-ana 2") && all.contains(&"ana 1".to_owned()), "{all:?}");
}

#[test]
fn of_whoever_was_registered_twice_account_and_trusts_are_told_and_ended_together() {
    let clinic = people();
    let (clerk, nurse) = (caller(Role::RecordsClerk), caller(Role::Nurse));
    let ana = signed_in(&clinic, "ana");
    entrusted(&clinic, "son", "ana", ProxyKind::Parent, false).unwrap();
    put(&clinic, "Patient", "son-again", r#"{"resourceType":"Patient","id":"son-again","name":[{"family":"Family","given":["son"]}]}"#);
    block_on(clinic.chart.merge(&clerk, "son-again", "son", "one child")).unwrap();
    let told = clinic.chart.proxies_of(&nurse, "son-again").unwrap();
    assert!(told.len() == 1 && told[0].holds, "{told:?}");
    assert!(sees(&clinic, &ana, "Patient", "son-again"));
    // The Patient that stays tells of another age: the trust holds by neither alone.
    let stays = block_on(clinic.chart.read(&nurse, kind("Patient"), "son-again")).unwrap().text;
    put(&clinic, "Patient", "son-again", &stays.replace("\"name\"", "\"birthDate\":\"2000-01-01\",\"name\""));
    assert!(!clinic.chart.proxies_of(&nurse, "son-again").unwrap()[0].holds && !sees(&clinic, &ana, "Patient", "son"));
    put(&clinic, "Patient", "son-again", &stays.replace("\"name\"", "\"birthDate\":\"2021-01-01\",\"name\""));
    assert!(sees(&clinic, &ana, "Patient", "son"));
    // It is ended at the Patient that stays, and told where it was begun.
    block_on(clinic.chart.end_trust(&nurse, "son-again", &told[0].id)).unwrap();
    assert!(clinic.chart.entrusted_now(&ana.account).unwrap().is_empty() && !sees(&clinic, &ana, "Patient", "son"));
    let related = block_on(clinic.chart.read(&nurse, kind("RelatedPerson"), &told[0].id)).unwrap().text;
    assert!(related.contains("\"active\":false") && related.contains("Patient/son\""), "{related}");
    // An account is the person's, whichever Patient it was made for; nobody acts for themselves.
    put(&clinic, "Patient", "ana-again", r#"{"resourceType":"Patient","id":"ana-again","birthDate":"1980-05-01"}"#);
    block_on(clinic.chart.merge(&clerk, "ana-again", "ana", "one person")).unwrap();
    assert_eq!(clinic.chart.person_account(&nurse, "ana-again").unwrap().map(|found| found.account.number), Some(ana.account.number));
    assert!(matches!(clinic.chart.invite(&caller(Role::Admissions), &new_person("ana-again")), Err(Error::Conflict(_))));
    assert!(matches!(entrusted(&clinic, "ana-again", "ana", ProxyKind::Carer, true), Err(Error::Refused(_))));
}

#[test]
fn a_person_writes_nothing_and_whether_others_are_there_makes_no_difference() {
    let clinic = people();
    let ana = signed_in(&clinic, "ana");
    let patient = |id: &str| format!(r#"{{"resourceType":"Patient","id":"{id}","name":[{{"family":"Other"}}]}}"#);
    let write = |id: &str| block_on(clinic.chart.update(&ana, ResourceType::PATIENT, id, patient(id).as_bytes(), None));
    assert!(matches!(write("ana"), Err(Error::Forbidden)));
    assert!(matches!(write("ruiz"), Err(Error::NotFound)));
    assert!(matches!(write("nobody"), Err(Error::NotFound)));
    assert!(matches!(block_on(clinic.chart.delete(&ana, kind("Observation"), Target::Id("o-ana"), None)), Err(Error::Forbidden)));
    let observation = r#"{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/ana"}}"#;
    assert!(matches!(block_on(clinic.chart.create(&ana, kind("Observation"), observation.as_bytes(), None)), Err(Error::Forbidden)));
    let described = Document::read(r#"{"resourceType":"Patient","name":[{"family":"Family"}]}"#).unwrap();
    assert!(matches!(block_on(clinic.chart.match_person(&ana, described.root(), MatchWish { only_certain: false, count: 5 })), Err(Error::Forbidden)));
    assert!(matches!(block_on(clinic.chart.begin_closure(&ana, "mine")), Err(Error::Forbidden)));
}

#[test]
fn what_a_person_reads_is_in_the_log_as_their_own_and_they_may_ask_about_it() {
    let clinic = people();
    let ana = signed_in(&clinic, "ana");
    block_on(clinic.chart.person(&caller(Role::Physician), "ana")).unwrap();
    assert!(sees(&clinic, &ana, "Observation", "o-ana"));
    let log = block_on(clinic.chart.openings(&ana, "ana", 100)).unwrap();
    let own: Vec<_> = log.iter().filter(|line| line.account == ana.account.number).map(|line| (line.purpose.as_str(), line.how)).collect();
    assert!(own.contains(&("PATRQT", Disclosure::Read)) && own.iter().all(|(purpose, _)| *purpose == "PATRQT"), "{own:?}");
    assert_eq!(clinic.chart.account_of(ana.account.number).unwrap(), Some(ana.account.clone()));
    let by_physician = log.iter().find(|line| line.account == caller(Role::Physician).account.number).unwrap().index;
    block_on(clinic.chart.question_opening(&ana, "ana", by_physician, "Who was this?")).unwrap();
    let asked = found(&clinic, &ana, "Communication", &[("subject", "Patient/ana")]);
    assert_eq!(asked.len(), 1);
    assert!(matches!(block_on(clinic.chart.answer_question(&ana, "ana", &asked[0], "Me")), Err(Error::Forbidden)));
    assert!(matches!(block_on(clinic.chart.question_opening(&ana, "ruiz", by_physician, "And here?")), Err(Error::NotFound)));
}

#[test]
fn a_code_works_once_for_fourteen_days_and_six_attempts() {
    let clinic = people();
    let first = invited(&clinic, "ana");
    let code = invited(&clinic, "ana");
    assert_eq!(activates(&clinic, &first, "ana"), Activation::Refused, "a newer one takes its place");
    for (login, password) in [("ana", "short"), ("ana", "password123"), ("a b", PASSWORD), ("", PASSWORD)] {
        assert!(matches!(clinic.chart.activate(&code, login, password, None), Err(Error::Refused(_))), "{login} {password}");
    }
    let typed = code.to_uppercase().replace('-', " ");
    assert!(matches!(activates(&clinic, &typed, "Ana.Family@mail"), Activation::Done(_)));
    assert_eq!(activates(&clinic, &code, "other"), Activation::Refused);
    assert!(matches!(clinic.chart.sign_in(&Attempt { login: "ANA.family@mail", password: PASSWORD, from: None }).unwrap(), SignIn::Welcome(_)), "letters of either size");
    assert!(matches!(clinic.chart.invite(&caller(Role::Nurse), &new_person("ana")), Err(Error::Conflict(_))));
    // A login somebody has, staff or person, costs nothing.
    let staff = NewAccount { login: "Desk".into(), display: String::new(), role: Role::Admissions, institution: "Clinic".into(), language: "en".into(), terms: Terms::default() };
    clinic.chart.add_account(&caller(Role::Console).account, staff.clone(), PASSWORD).unwrap();
    let code = invited(&clinic, "ruiz");
    for login in ["ana.family@mail", "desk", "DESK"] {
        assert_eq!(activates(&clinic, &code, login), Activation::Taken, "{login}");
    }
    assert!(matches!(clinic.chart.add_account(&caller(Role::Console).account, NewAccount { login: "ana.family@mail".into(), ..staff }, PASSWORD), Err(Error::Conflict(_))));
    clinic.hands.forward_ms(14 * DAY);
    assert_eq!(activates(&clinic, &code, "ruiz"), Activation::Refused);
    let code = invited(&clinic, "ruiz");
    let wrong = format!("{}{}", &code[..code.len() - 2], if code.ends_with("aa") { "bb" } else { "aa" });
    for number in 0..6u8 {
        let from: Option<IpAddr> = Some(IpAddr::from([203, 0, 113, number]));
        assert_eq!(clinic.chart.activate(&wrong, "ruiz", PASSWORD, from).unwrap(), Activation::Refused);
    }
    assert_eq!(activates(&clinic, &code, "ruiz"), Activation::Refused, "void after six");
}

#[test]
fn guesses_from_one_address_wait_like_passwords() {
    let clinic = people();
    let code = invited(&clinic, "ana");
    let wrong = format!("{}zzzz", &code[..code.len() - 4]);
    for _ in 0..5 {
        assert_eq!(activates(&clinic, &wrong, "ana"), Activation::Refused);
    }
    assert_eq!(activates(&clinic, &code, "ana"), Activation::Later(15));
}

#[test]
fn only_a_health_station_gives_codes_and_it_says_what_it_saw() {
    let clinic = people();
    for (role, may) in [(Role::Admissions, true), (Role::Nurse, true), (Role::Console, true), (Role::Physician, false), (Role::RecordsClerk, false), (Role::Integration, false)] {
        assert_eq!(clinic.chart.invite(&caller(role), &new_person("ana")).is_ok(), may, "{role:?}");
    }
    for role in [Role::Operator, Role::Auditor, Role::PrivacyOfficer] {
        assert!(matches!(clinic.chart.invite(&caller(role), &new_person("ana")), Err(Error::NotFound)), "{role:?}");
    }
    assert!(matches!(clinic.chart.invite(&caller(Role::Nurse), &NewPerson { evidence: " ", ..new_person("ana") }), Err(Error::Refused(_))));
    let last = clinic.chart.account_journal().unwrap().pop().unwrap();
    assert_eq!((last.act, last.detail.as_str(), last.holder.as_str()), (AccountAct::Invite, "passport with photograph", ""));
    let ana = signed_in(&clinic, "ana");
    assert!(matches!(clinic.chart.invite(&ana, &new_person("ruiz")), Err(Error::NotFound)));
    let acts: Vec<_> = clinic.chart.account_journal().unwrap().into_iter().map(|entry| entry.act).collect();
    assert_eq!(acts.last(), Some(&AccountAct::Activate));
    // A person's account is none of staff's.
    assert!(clinic.chart.accounts().unwrap().is_empty());
    let staff = NewAccount { login: "x".into(), display: String::new(), role: Role::Person, institution: String::new(), language: "en".into(), terms: Terms::default() };
    assert!(matches!(clinic.chart.add_account(&caller(Role::Console).account, staff, PASSWORD), Err(Error::Refused(_))));
}

#[test]
fn a_person_s_account_is_there_after_the_next_start_and_can_be_blocked_and_renewed() {
    let clinic = people();
    let ana = signed_in(&clinic, "ana");
    let again = clinic_on(clinic.data.clone(), clinic.keyring.clone(), 8);
    let desk = caller(Role::Admissions);
    assert_eq!(again.chart.person_account(&desk, "ana").unwrap().unwrap().account, ana.account);
    assert_eq!(again.chart.person_account(&desk, "ruiz").unwrap(), None);
    again.chart.block_account(&desk.account, "ana").unwrap();
    assert_eq!(again.chart.standing(ana.account.number).unwrap(), None);
    again.chart.unblock_account(&desk.account, "ana").unwrap();
    assert_eq!(again.chart.standing(ana.account.number).unwrap(), Some(1));
    let code = again.chart.give_code(&desk.account, "ana").unwrap();
    assert_eq!(again.chart.use_code("ana", &code, "another horse", None).unwrap(), CodeUse::Done);
    assert!(matches!(again.chart.sign_in(&Attempt { login: "ana", password: "another horse", from: None }).unwrap(), SignIn::Welcome(_)));
    assert!(again.chart.account_journal().unwrap().len() >= 6);
}

#[test]
fn a_code_is_sent_only_where_its_holder_has_shown_that_codes_arrive() {
    let clinic = people();
    let ana = signed_in(&clinic, "ana").account;
    let contact = Contact::typed("ana@mail.example").unwrap();
    assert_eq!(clinic.chart.code_by_post("ana").unwrap(), None);
    assert_eq!(clinic.chart.code_by_post("nobody").unwrap(), None);
    let code = clinic.chart.ask_contact(&ana, &contact).unwrap();
    assert!(matches!(clinic.chart.ask_contact(&ana, &contact), Err(Error::Refused(_))), "one at a time");
    assert!(!clinic.chart.confirm_contact(&ana, "aaaa-aaaa-aaaa").unwrap());
    assert_eq!(clinic.chart.contact_of(&ana).unwrap(), None);
    assert!(clinic.chart.confirm_contact(&ana, &code).unwrap());
    assert_eq!(clinic.chart.contact_of(&ana).unwrap(), Some(contact.clone()));
    assert!(!clinic.chart.confirm_contact(&ana, &code).unwrap(), "once");
    let (code, to, language) = clinic.chart.code_by_post("ana").unwrap().unwrap();
    assert_eq!((to, language.as_str()), (contact, "en"));
    assert_eq!(clinic.chart.code_by_post("ana").unwrap(), None, "not at once again");
    assert_eq!(clinic.chart.use_code("ana", &code, "another horse", None).unwrap(), CodeUse::Done);
    clinic.chart.drop_contact(&ana).unwrap();
    clinic.hands.forward_ms(DAY);
    assert_eq!(clinic.chart.code_by_post("ana").unwrap(), None);
    // Where the code for the account itself was sent, later ones may be sent too.
    let contact = Contact::typed("+525512345678").unwrap();
    let code = clinic.chart.invite(&caller(Role::Nurse), &NewPerson { contact: Some(&contact), ..new_person("ruiz") }).unwrap().code;
    let Activation::Done(ruiz) = activates(&clinic, &code, "ruiz") else { panic!() };
    assert_eq!(clinic.chart.contact_of(&ruiz.account).unwrap(), Some(contact));
    assert!(clinic.chart.code_by_post("ruiz").unwrap().is_some());
}

#[test]
fn six_wrong_codes_end_the_confirming_of_an_address() {
    let clinic = people();
    let ana = signed_in(&clinic, "ana").account;
    let code = clinic.chart.ask_contact(&ana, &Contact::typed("ana@mail.example").unwrap()).unwrap();
    for _ in 0..6 {
        assert!(!clinic.chart.confirm_contact(&ana, "aaaa-aaaa-aaaa").unwrap());
    }
    assert!(!clinic.chart.confirm_contact(&ana, &code).unwrap());
}

#[test]
fn a_parent_reads_a_child_s_record_and_the_log_says_for_whom() {
    let clinic = people();
    let ana = signed_in(&clinic, "ana");
    assert!(!sees(&clinic, &ana, "Patient", "son"));
    entrusted(&clinic, "son", "ana", ProxyKind::Parent, false).unwrap();
    assert!(sees(&clinic, &ana, "Observation", "o-son") && !sees(&clinic, &ana, "Patient", "daughter"));
    assert_eq!(found(&clinic, &ana, "Patient", &[]), ["ana", "son"]);
    assert_eq!(found(&clinic, &ana, "Observation", &[("patient", "son")]), ["o-son"]);
    let log = block_on(clinic.chart.openings(&caller(Role::Nurse), "son", 100)).unwrap();
    let hers: Vec<_> = log.iter().filter(|line| line.account == ana.account.number).collect();
    assert!(!hers.is_empty() && hers.iter().all(|line| line.purpose == "FAMRQT"));
    // Other systems are told, and what is told gives nobody anything.
    assert_eq!(found(&clinic, &caller(Role::Physician), "RelatedPerson", &[("patient", "son"), ("active", "true")]).len(), 1);
    let write = block_on(clinic.chart.update(&ana, ResourceType::PATIENT, "son", br#"{"resourceType":"Patient","id":"son"}"#, None));
    assert!(matches!(write, Err(Error::Forbidden)));
    let state = clinic.chart.proxies_of(&ana, "son").unwrap().remove(0);
    assert_eq!((state.holds, state.display.as_str(), state.evidence.as_str(), state.seen_by.as_str()), (true, "Ana Family", "birth certificate", "nurse"));
    assert!(matches!(entrusted(&clinic, "son", "ana", ProxyKind::Parent, false), Err(Error::Refused(_))), "twice");
    assert!(matches!(entrusted(&clinic, "ana", "ana", ProxyKind::Carer, true), Err(Error::Refused(_))), "for oneself");
    assert!(matches!(entrusted(&clinic, "son", "nobody", ProxyKind::Parent, false), Err(Error::Refused(_))));
    assert!(matches!(entrusted(&clinic, "ruiz", "ana", ProxyKind::Parent, false), Err(Error::Refused(_))), "somebody of age");
}

#[test]
fn a_parent_s_reading_ends_at_the_hour_of_the_birthday_and_not_before() {
    let clinic = people();
    let ana = signed_in(&clinic, "ana");
    entrusted(&clinic, "daughter", "ana", ProxyKind::Parent, false).unwrap();
    // 2 March 08:00 and a little; the fifteenth birthday begins at 4 March 00:00.
    let now = clinic.chart.now().0;
    clinic.hands.forward_ms(Moment::parse("2026-03-03T23:59:58Z").unwrap().0 - now);
    assert!(sees(&clinic, &ana, "Patient", "daughter"));
    clinic.hands.forward_ms(2000);
    assert!(!sees(&clinic, &ana, "Patient", "daughter"));
    assert_eq!(found(&clinic, &ana, "Patient", &[]), ["ana"]);
    assert!(matches!(entrusted(&clinic, "daughter", "ana", ProxyKind::Guardian, false), Err(Error::Refused(_))));
    // With her agreement it goes on, until she comes of age.
    entrusted(&clinic, "daughter", "ana", ProxyKind::Guardian, true).unwrap();
    assert!(sees(&clinic, &ana, "Patient", "daughter"));
    let now = clinic.chart.now().0;
    clinic.hands.forward_ms(Moment::parse("2029-03-04T00:00:00Z").unwrap().0 - now);
    assert!(!sees(&clinic, &ana, "Patient", "daughter"));
    // A birth date that is put right counts at once.
    put(&clinic, "Patient", "daughter", r#"{"resourceType":"Patient","id":"daughter","birthDate":"2020-03-04"}"#);
    assert!(sees(&clinic, &ana, "Patient", "daughter"));
}

#[test]
fn the_person_ends_it_and_so_does_the_one_who_acts_and_the_station_and_nobody_else() {
    let clinic = people();
    let (ana, ruiz) = (signed_in(&clinic, "ana"), signed_in(&clinic, "ruiz"));
    let end = |by: &Caller, patient: &str| {
        let id = clinic.chart.proxies_of(&caller(Role::Nurse), patient).unwrap().into_iter().find(|state| state.holds).unwrap().id;
        block_on(clinic.chart.end_trust(by, patient, &id))
    };
    entrusted(&clinic, "ruiz", "ana", ProxyKind::Carer, true).unwrap();
    assert!(sees(&clinic, &ana, "Patient", "ruiz"));
    assert!(matches!(end(&caller(Role::Physician), "ruiz"), Err(Error::Forbidden)));
    end(&ruiz, "ruiz").unwrap();
    assert!(!sees(&clinic, &ana, "Patient", "ruiz"));
    entrusted(&clinic, "ruiz", "ana", ProxyKind::Carer, true).unwrap();
    end(&ana, "ruiz").unwrap();
    assert!(!sees(&clinic, &ana, "Patient", "ruiz"));
    entrusted(&clinic, "ruiz", "ana", ProxyKind::Carer, true).unwrap();
    end(&caller(Role::Admissions), "ruiz").unwrap();
    assert!(!sees(&clinic, &ana, "Patient", "ruiz"));
    let states = clinic.chart.proxies_of(&ruiz, "ruiz").unwrap();
    assert_eq!(states.iter().filter_map(|state| state.ended.as_ref()).map(|(_, by)| by.as_str()).collect::<Vec<_>>(), ["admissions", "Ana Family", "Ana Family"]);
    assert_eq!(found(&clinic, &ruiz, "RelatedPerson", &[("active", "true")]), [""; 0]);
    assert_eq!(found(&clinic, &ruiz, "RelatedPerson", &[]).len(), 3);
    // Who acts for somebody ends nothing of another who does.
    entrusted(&clinic, "son", "ana", ProxyKind::Parent, false).unwrap();
    entrusted(&clinic, "son", "ruiz", ProxyKind::Guardian, false).unwrap();
    let hers = clinic.chart.proxies_of(&ana, "son").unwrap().into_iter().find(|state| state.proxy.kind == ProxyKind::Parent).unwrap();
    assert!(matches!(block_on(clinic.chart.end_trust(&ruiz, "son", &hers.id)), Err(Error::Forbidden)));
    let acts: Vec<_> = clinic.chart.account_journal().unwrap().into_iter().filter(|entry| matches!(entry.act, AccountAct::Entrust | AccountAct::EndTrust)).map(|entry| entry.act).collect();
    assert_eq!(acts.len(), 8);
}

/// An older code is void, also where two stations give one at the same moment.
#[test]
fn of_several_codes_given_at_once_one_is_good() {
    let clinic = people();
    let chart = &clinic.chart;
    let codes: Vec<String> = std::thread::scope(|scope| {
        let given: Vec<_> = (0..4).map(|_| scope.spawn(move || chart.invite(&caller(Role::Admissions), &new_person("ana")))).collect();
        given.into_iter().filter_map(|one| one.join().unwrap().ok()).map(|one| one.code).collect()
    });
    assert!(!codes.is_empty());
    // A password that cannot be taken tells that the code is good, and costs nothing.
    let good = codes.iter().filter(|code| matches!(chart.activate(code, "ana", "short", None), Err(Error::Refused(_)))).count();
    assert_eq!(good, 1);
}

#[test]
fn a_trust_that_is_refused_is_not_told_in_the_record_either() {
    let clinic = people();
    signed_in(&clinic, "ana");
    entrusted(&clinic, "daughter", "ana", ProxyKind::Parent, false).unwrap();
    let refused = entrusted(&clinic, "daughter", "ana", ProxyKind::Guardian, false).unwrap_err();
    assert_eq!(refused.issues()[0].rule, "proxy-twice");
    assert_eq!(found(&clinic, &caller(Role::Nurse), "RelatedPerson", &[("patient", "daughter")]).len(), 1);
}

#[test]
fn the_holder_changes_password_and_factor_with_the_password_of_now() {
    let clinic = people();
    let ana = signed_in(&clinic, "ana").account;
    let change = |current: &str, new: &str| clinic.chart.change_own_password(&ana, current, new, None);
    assert_eq!(change("wrong", "another horse").unwrap(), PasswordChange::Refused);
    assert!(matches!(change(PASSWORD, "short"), Err(Error::Refused(_))));
    assert!(matches!(change(PASSWORD, PASSWORD), Err(Error::Refused(_))));
    assert!(matches!(change(PASSWORD, "another horse").unwrap(), PasswordChange::Done(signed_in) if signed_in.era == 1));
    let secret = clinic.chart.new_factor_secret();
    let code = || access::totp::code(&secret, access::totp::step_at(clinic.chart.now()));
    let recovery = clinic.chart.enrol(&ana, &secret, &code()).unwrap().unwrap();
    let drop = |password: &str, code: &str| clinic.chart.drop_own_factor(&ana, password, code, None).unwrap();
    assert_eq!(drop("wrong", &recovery[0]), PasswordChange::Refused);
    assert_eq!(drop("another horse", "000000"), PasswordChange::Refused);
    assert!(matches!(drop("another horse", &recovery[0]), PasswordChange::Done(signed_in) if signed_in.era == 2));
    assert!(!clinic.chart.has_second_factor(ana.number).unwrap());
    for _ in 0..5 {
        assert_eq!(change("wrong", "a third horse").unwrap(), PasswordChange::Refused);
    }
    assert!(matches!(change("another horse", "a third horse").unwrap(), PasswordChange::Later(_)));
}

#[test]
fn whoever_reads_one_of_two_merged_patients_reads_both_and_after_unmerging_their_own() {
    let clinic = people();
    let clerk = caller(Role::RecordsClerk);
    for id in ["son-again", "ruiz-again"] {
        put(&clinic, "Patient", id, &format!(r#"{{"resourceType":"Patient","id":"{id}","name":[{{"family":"Family"}}],"birthDate":"2021-01-01"}}"#));
        put(&clinic, "Observation", &format!("o-{id}"), &format!(r#"{{"resourceType":"Observation","id":"o-{id}","status":"final","code":{{"text":"weight"}},"subject":{{"reference":"Patient/{id}"}}}}"#));
    }
    let (ana, ruiz) = (signed_in(&clinic, "ana"), signed_in(&clinic, "ruiz"));
    entrusted(&clinic, "son", "ana", ProxyKind::Parent, false).unwrap();
    let for_son = Caller { purpose: Purpose::Entrusted, ..ana.clone() };
    let sees_both = || {
        let proxy = [&ana, &for_son].map(|who| sees(&clinic, who, "Observation", "o-son-again"));
        (proxy[0] || proxy[1], sees(&clinic, &ruiz, "Observation", "o-ruiz-again"), sees(&clinic, &ruiz, "Patient", "ruiz-again"))
    };
    assert_eq!(sees_both(), (false, false, false));
    // Once the proxied record stays, once the record of the account is the one that is replaced.
    block_on(clinic.chart.merge(&clerk, "son", "son-again", "same card")).unwrap();
    block_on(clinic.chart.merge(&clerk, "ruiz-again", "ruiz", "same card")).unwrap();
    assert_eq!(sees_both(), (true, true, true));
    assert_eq!(found(&clinic, &ruiz, "Observation", &[("patient", "ruiz")]), ["o-ruiz", "o-ruiz-again"]);
    assert!(!sees(&clinic, &ruiz, "Observation", "o-ana") && !sees(&clinic, &ruiz, "Observation", "o-son"), "nobody else's");
    block_on(clinic.chart.unmerge(&clerk, "son-again", "two persons")).unwrap();
    block_on(clinic.chart.unmerge(&clerk, "ruiz", "two persons")).unwrap();
    assert_eq!(sees_both(), (false, false, false));
    assert!(sees(&clinic, &ruiz, "Observation", "o-ruiz"));
}
