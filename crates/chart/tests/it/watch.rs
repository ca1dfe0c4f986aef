//! Openings that should be asked about, as a privacy officer hears of them; and questions of persons.

use access::{Account, Caller, Purpose, Role, Session};
use chart::{Chart, Error, NewAccount, Settings, Sign, Terms};
use fhir::ResourceType;
use testkit::{Clinic, block_on, caller, clinic_set};

const HOUR_MS: i64 = 3_600_000;

fn put(chart: &Chart, body: &str) {
    let document = fhir::Document::read(body).unwrap_or_else(|cause| panic!("{body}: {cause}"));
    let (name, id) = (document.root().string("resourceType").unwrap().into_owned(), document.root().string("id").unwrap().into_owned());
    block_on(chart.update(&caller(Role::Integration), ResourceType::named(&name).unwrap(), &id, body.as_bytes(), None)).unwrap_or_else(|cause| panic!("{body}: {cause} {:?}", cause.issues()));
}

fn account(chart: &Chart, login: &str, display: &str, role: Role, institution: &str) -> Account {
    let new = NewAccount { login: login.into(), display: display.into(), role, institution: institution.into(), language: "en".into(), terms: Terms::default() };
    chart.add_account(&caller(Role::Console).account, new, "correct horse").unwrap()
}

fn at_work(account: &Account, session: u64) -> Caller {
    Caller { account: account.clone(), purpose: Purpose::Treatment, session: Session { number: session, began: testkit::OPENS }, grant: None }
}

fn opens(chart: &Chart, who: &Caller, patient: &str) {
    block_on(chart.read(who, ResourceType::PATIENT, patient)).unwrap();
}

/// A ward of two institutions: `ana` is a physician in the north with a Practitioner, `ruiz` her
/// colleague, `stranger` a patient nobody has anything to do with.
fn ward() -> (Clinic, Caller, Account) {
    let clinic = clinic_set(Settings { night: (22, 6), ..testkit::settings() });
    let chart = &clinic.chart;
    let ana = account(chart, "ana", "Dr. A. P.", Role::Physician, "North");
    account(chart, "ruiz", "Nurse Ruiz", Role::Nurse, "North");
    account(chart, "south", "Nurse Sur", Role::Nurse, "South");
    let officer = account(chart, "officer", "Vera", Role::PrivacyOfficer, "North");
    put(chart, r#"{"resourceType":"Organization","id":"north","name":"North"}"#);
    let staff = |login: &str, rest: &str| format!(r#"{{"resourceType":"Practitioner","id":"{login}","identifier":[{{"system":"https://carnet.health/fhir/NamingSystem/account","value":"{login}"}}]{rest}}}"#);
    put(chart, &staff("ana", r#","name":[{"family":"Pérez López","given":["Ana"]}],"birthDate":"1980-05-12","address":[{"line":["Av. Juárez 12"],"city":"Puebla"}],"telecom":[{"system":"phone","value":"+52 222 123 4567"}]"#));
    put(chart, &staff("ruiz", r#","name":[{"family":"Ruiz Soto","given":["Luis"]}],"birthDate":"1975-01-02""#));
    put(chart, &staff("south", r#","name":[{"family":"Sur Mora","given":["Eva"]}]"#));
    let person = |id: &str, rest: &str| put(chart, &format!(r#"{{"resourceType":"Patient","id":"{id}"{rest}}}"#));
    person("stranger", r#","name":[{"family":"Gómez","given":["Juan"]}]"#);
    person("self", r#","name":[{"family":"Perez Lopez","given":["ANA"]}],"birthDate":"1980-05-12""#);
    person("husband", r#","name":[{"family":"Gómez","given":["Pedro"]}],"address":[{"line":["Av. Juarez 12"],"city":"Puebla"}]"#);
    person("mother", r#","name":[{"family":"López","given":["Rosa"]}],"telecom":[{"system":"phone","value":"222 123 4567"}]"#);
    person("child", r#","name":[{"family":"Gómez Pérez","given":["Leo"]}],"contact":[{"name":{"family":"Pérez López","given":["Ana"]}}]"#);
    person("nephew", r#","name":[{"family":"Díaz","given":["Iván"]}]"#);
    put(chart, r#"{"resourceType":"RelatedPerson","id":"aunt","patient":{"reference":"Patient/nephew"},"name":[{"family":"Pérez López","given":["Ana"]}]}"#);
    person("namesake", r#","name":[{"family":"Pérez López","given":["Ana"]}],"birthDate":"2001-09-09""#);
    person("luis", r#","name":[{"family":"Ruiz Soto","given":["Luis"]}],"birthDate":"1975-01-02""#);
    person("eva", r#","name":[{"family":"Sur Mora","given":["Eva"]}]"#);
    person("employee", r#","meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"EMPL"}]}"#);
    person("singer", r#","meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"CEL"}]}"#);
    person("flagged", "");
    put(chart, r#"{"resourceType":"Flag","id":"f","status":"active","code":{"coding":[{"code":"VIP"}]},"subject":{"reference":"Patient/flagged"}}"#);
    person("once-flagged", "");
    put(chart, r#"{"resourceType":"Flag","id":"g","status":"inactive","code":{"coding":[{"code":"VIP"}]},"subject":{"reference":"Patient/once-flagged"}}"#);
    for id in ["luis-here", "singer-here", "namesake-here"] {
        let rest = match id {
            "luis-here" => r#","name":[{"family":"Ruiz Soto","given":["Luis"]}],"birthDate":"1975-01-02""#,
            "singer-here" => r#","meta":{"security":[{"code":"CEL"}]}"#,
            _ => r#","name":[{"family":"Pérez López","given":["Ana"]}],"birthDate":"2001-09-09""#,
        };
        person(id, rest);
        put(chart, &format!(r#"{{"resourceType":"Encounter","id":"at-{id}","status":"in-progress","class":{{"code":"IMP"}},"subject":{{"reference":"Patient/{id}"}},"serviceProvider":{{"reference":"Organization/north"}}}}"#));
    }
    chart.look_for_signs().unwrap();
    let ana = at_work(&ana, 1);
    (clinic, ana, officer)
}

/// What the officer hears after somebody opened a record.
fn heard(chart: &Chart, officer: &Account) -> Vec<(String, Sign)> {
    chart.look_for_signs().unwrap();
    let mut all: Vec<_> = chart.sightings(officer).unwrap().into_iter().map(|sighting| (sighting.patient, sighting.sign)).collect();
    all.sort_by_key(|(patient, sign)| (patient.clone(), sign.word()));
    all
}

#[test]
fn each_tie_has_its_reason_and_a_stranger_has_none() {
    let (clinic, ana, officer) = ward();
    for (patient, expected) in [
        ("stranger", vec![]),
        ("self", vec![Sign::Own]),
        ("husband", vec![Sign::SameAddress]),
        ("mother", vec![Sign::SameContact]),
        ("child", vec![Sign::Related]),
        ("nephew", vec![Sign::Related]),
        ("namesake", vec![Sign::Namesake]),
        ("namesake-here", vec![]),
        ("luis", vec![Sign::Colleague]),
        ("luis-here", vec![]),
        ("eva", vec![]),
        ("employee", vec![Sign::Colleague]),
        ("singer", vec![Sign::WellKnown]),
        ("singer-here", vec![]),
        ("flagged", vec![Sign::WellKnown]),
        ("once-flagged", vec![]),
    ] {
        opens(&clinic.chart, &ana, patient);
        let found: Vec<Sign> = heard(&clinic.chart, &officer).into_iter().filter(|(one, _)| one == patient).map(|(_, sign)| sign).collect();
        assert_eq!(found, expected, "{patient}");
    }
    let other = account(&clinic.chart, "elsewhere", "Ines", Role::PrivacyOfficer, "South");
    assert!(clinic.chart.sightings(&other).unwrap().is_empty(), "an officer hears of the own institution");
    assert!(matches!(clinic.chart.sightings(&ana.account), Err(Error::Forbidden)));
}

#[test]
fn a_list_of_hits_and_a_system_are_no_look_and_the_same_is_told_once_a_day() {
    let (clinic, ana, officer) = ward();
    let chart = &clinic.chart;
    let found = block_on(chart.find_persons(&ana, "Perez Lopez", 10)).unwrap();
    assert!(found.len() >= 2);
    opens(chart, &caller(Role::Integration), "self");
    assert!(heard(chart, &officer).is_empty());
    opens(chart, &ana, "self");
    assert_eq!(heard(chart, &officer).len(), 1);
    opens(chart, &at_work(&ana.account, 2), "self");
    assert_eq!(heard(chart, &officer).len(), 1, "another session on the same day");
    clinic.hands.forward_ms(24 * HOUR_MS);
    opens(chart, &at_work(&ana.account, 3), "self");
    assert_eq!(heard(chart, &officer).len(), 2, "the next day");
}

#[test]
fn a_night_is_told_once_where_nobody_is_in_care() {
    let (clinic, ana, officer) = ward();
    let chart = &clinic.chart;
    // The clinic opens at some hour of the day; walk on to one in the morning.
    let hour = chart.now().0.div_euclid(HOUR_MS).rem_euclid(24);
    clinic.hands.forward_ms((25 - hour) * HOUR_MS);
    for patient in ["stranger", "once-flagged"] {
        opens(chart, &ana, patient);
    }
    assert_eq!(heard(chart, &officer), [("stranger".to_owned(), Sign::Night)]);
    let south = at_work(&chart.accounts().unwrap().into_iter().find(|account| account.login == "south").unwrap(), 5);
    opens(chart, &south, "stranger");
    assert_eq!(heard(chart, &officer).len(), 1, "whose institution is nowhere has nobody in care");
    clinic.hands.forward_ms(9 * HOUR_MS);
    opens(chart, &at_work(&ana.account, 9), "stranger");
    assert_eq!(heard(chart, &officer).len(), 1, "by day it is an opening like any other");
}

#[test]
fn a_verdict_stays_with_a_name_and_nobody_else_gives_it() {
    let (clinic, ana, officer) = ward();
    let chart = &clinic.chart;
    opens(chart, &ana, "self");
    heard(chart, &officer);
    let id = chart.sightings(&officer).unwrap()[0].id.clone();
    let duties = |officer: &Account| chart.duties(&at_work(officer, 7)).unwrap();
    assert_eq!((duties(&officer).unusual.waiting, duties(&ana.account).unusual.waiting, chart.duties_of_all().unwrap().unusual.waiting), (1, 0, 1));
    assert!(duties(&officer).unusual.since.is_some());
    let other = account(chart, "elsewhere", "Ines", Role::PrivacyOfficer, "South");
    assert!(matches!(chart.judge_sighting(&other, &id, "fine"), Err(Error::NotFound)));
    assert!(matches!(chart.judge_sighting(&ana.account, &id, "fine"), Err(Error::Forbidden)));
    for wrong in ["", " \n", &"x".repeat(501)] {
        assert!(matches!(chart.judge_sighting(&officer, &id, wrong), Err(Error::Refused(_))));
    }
    chart.judge_sighting(&officer, &id, "she\task ed").unwrap();
    assert!(matches!(chart.judge_sighting(&officer, &id, "once more"), Err(Error::NotFound)));
    let verdict = chart.sightings(&officer).unwrap()[0].verdict.clone().unwrap();
    assert_eq!((verdict.0.as_str(), verdict.1.as_str()), ("she ask ed", "Vera"));
    assert_eq!((duties(&officer).unusual.waiting, chart.duties_of_all().unwrap().unusual.waiting), (0, 0));
    assert_eq!(chart.account_journal().unwrap().last().map(|entry| (entry.act.word(), entry.by.clone())), Some(("judge", "officer".to_owned())));
}

/// Persons of the ward about whom each opening of Ana's is a sign.
const NEAR: [&str; 7] = ["self", "husband", "mother", "child", "nephew", "namesake", "luis"];

#[test]
fn verdicts_and_looks_at_the_same_moment_lose_neither() {
    let (clinic, ana, officer) = ward();
    let found = {
        let (other, ana, officer) = ward();
        NEAR.iter().for_each(|patient| opens(&other.chart, &ana, patient));
        heard(&other.chart, &officer);
        other.chart.sightings(&officer).unwrap().len()
    };
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for patient in NEAR {
                opens(&clinic.chart, &ana, patient);
                clinic.chart.look_for_signs().unwrap();
            }
            done.store(true, std::sync::atomic::Ordering::SeqCst);
        });
        scope.spawn(|| {
            while !done.load(std::sync::atomic::Ordering::SeqCst) {
                for sighting in clinic.chart.sightings(&officer).unwrap().into_iter().filter(|one| one.verdict.is_none()) {
                    clinic.chart.judge_sighting(&officer, &sighting.id, "asked").unwrap();
                }
            }
        });
    });
    // What found the other at work is found by the next look.
    while clinic.chart.look_for_signs().unwrap() > 0 {}
    let all = clinic.chart.sightings(&officer).unwrap();
    let judged = all.iter().filter(|one| one.verdict.is_some()).count();
    let in_journal = clinic.chart.account_journal().unwrap().iter().filter(|entry| entry.act.word() == "judge").count();
    assert_eq!((all.len(), judged), (found, in_journal));
}

#[test]
fn what_could_not_be_kept_is_found_by_the_next_look_once() {
    let (clinic, ana, officer) = ward();
    // Two processes' worth of looks at one store: one of them finds that the other has changed it.
    let other = testkit::clinic_on(clinic.data.clone(), clinic.keyring.clone(), 9);
    for patient in NEAR {
        opens(&clinic.chart, &ana, patient);
        std::thread::scope(|scope| {
            for chart in [&clinic.chart, &other.chart] {
                scope.spawn(|| chart.look_for_signs().unwrap());
            }
        });
    }
    while clinic.chart.look_for_signs().unwrap() > 0 {}
    let told = |chart: &Chart| {
        let mut all: Vec<String> = chart.sightings(&officer).unwrap().into_iter().map(|one| format!("{} {:?}", one.patient, one.sign)).collect();
        all.sort();
        all
    };
    let alone = {
        let (alone, ana, officer) = ward();
        NEAR.iter().for_each(|patient| opens(&alone.chart, &ana, patient));
        heard(&alone.chart, &officer);
        let mut all: Vec<String> = alone.chart.sightings(&officer).unwrap().into_iter().map(|one| format!("{} {:?}", one.patient, one.sign)).collect();
        all.sort();
        all
    };
    assert_eq!(told(&clinic.chart), alone);
}

#[test]
fn what_was_looked_at_is_not_looked_at_again_after_a_restart() {
    let (clinic, ana, officer) = ward();
    opens(&clinic.chart, &ana, "self");
    assert_eq!(clinic.chart.look_for_signs().unwrap(), 1);
    let (data, keyring, now) = (clinic.data.clone(), clinic.keyring.clone(), clinic.chart.now());
    let again = testkit::clinic_on(data, keyring, 9);
    again.hands.stand_at(fhir::Moment(now.0 + 1000));
    assert_eq!(again.chart.look_for_signs().unwrap(), 0);
    assert_eq!(again.chart.sightings(&officer).unwrap().len(), 1);
}

#[test]
fn of_two_who_answer_a_question_at_once_one_finds_it_answered() {
    let (clinic, ana, officer) = ward();
    let chart = &clinic.chart;
    opens(chart, &ana, "stranger");
    let line = block_on(chart.openings(&ana, "stranger", 10)).unwrap().into_iter().find(|line| line.account == ana.account.number).unwrap();
    block_on(chart.question_opening(&ana, "stranger", line.index, "Who was this?")).unwrap();
    let vera = at_work(&officer, 4);
    let id = chart.questions_waiting(&vera).unwrap()[0].id.clone();
    let answer = || chart.answer_waiting(&vera, &id, "The ward round.");
    let (one, other) = block_on(async { tokio::join!(answer(), answer()) });
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    let record = block_on(chart.person(&ana, "stranger")).unwrap();
    assert_eq!(record.resources.iter().filter(|stored| stored.kind.name() == "Communication").count(), 2, "the question and one answer");
}

#[test]
fn a_question_waits_for_the_officer_whose_answer_the_person_reads() {
    let (clinic, ana, officer) = ward();
    let chart = &clinic.chart;
    opens(chart, &ana, "stranger");
    let line = block_on(chart.openings(&ana, "stranger", 10)).unwrap().into_iter().find(|line| line.account == ana.account.number).unwrap();
    block_on(chart.question_opening(&ana, "stranger", line.index, "  Who was\nthis?  ")).unwrap();
    let vera = at_work(&officer, 4);
    let other = at_work(&account(chart, "elsewhere", "Ines", Role::PrivacyOfficer, "South"), 5);
    assert!(chart.questions_waiting(&other).unwrap().is_empty() && chart.questions_waiting(&ana).unwrap().is_empty());
    let waiting = chart.questions_waiting(&vera).unwrap();
    assert_eq!((waiting.len(), waiting[0].text.as_str(), waiting[0].patient.as_str(), waiting[0].account), (1, "Who was\nthis?", "stranger", ana.account.number));
    assert_eq!((chart.duties(&vera).unwrap().questions.waiting, chart.duties_of_all().unwrap().questions.waiting), (1, 1));
    let id = waiting[0].id.clone();
    assert!(matches!(block_on(chart.answer_waiting(&other, &id, "no")), Err(Error::NotFound)));
    assert!(matches!(block_on(chart.answer_waiting(&vera, "nothing", "no")), Err(Error::NotFound)));
    assert!(matches!(block_on(chart.answer_waiting(&vera, &id, " ")), Err(Error::Refused(_))));
    block_on(chart.answer_waiting(&vera, &id, "The ward round.")).unwrap();
    assert!(matches!(block_on(chart.answer_waiting(&vera, &id, "again")), Err(Error::NotFound)));
    assert!(chart.questions_waiting(&vera).unwrap().is_empty());
    let record = block_on(chart.person(&ana, "stranger")).unwrap();
    let said: Vec<_> = record.resources.iter().filter_map(|stored| chart::read_question(&stored.id, fhir::Document::read(&stored.text).unwrap().root())).collect();
    let answer = said.iter().find(|one| one.answers.as_deref() == Some(id.as_str())).unwrap();
    assert_eq!((answer.text.as_str(), answer.by.as_str(), said.len()), ("The ward round.", "Vera", 2));
    assert!(matches!(block_on(chart.read(&vera, ResourceType::PATIENT, "stranger")), Err(Error::NotFound)), "the record stays closed to the officer");
    // What admissions answers on the person's page waits no more either.
    block_on(chart.question_opening(&ana, "stranger", line.index, "And why?")).unwrap();
    let id = chart.questions_waiting(&vera).unwrap()[0].id.clone();
    block_on(chart.answer_question(&caller(Role::Admissions), "stranger", &id, "For your bed.")).unwrap();
    assert!(chart.questions_waiting(&vera).unwrap().is_empty());
}
