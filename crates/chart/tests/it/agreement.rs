//! What takes two: asked by one, agreed to by another, in time, and all of it in the journal.

use std::sync::Arc;

use access::{Account, Role};
use chart::{Agreement, BulkLevel, BulkRequest, BulkState, Chart, Error, NewAccount, STANDING_MS, Settings, Terms, WAITS_MS};
use store::engine::{Read, Space, Span};
use store::memory::Memory;
use testkit::{Clinic, block_on, caller, clinic_set, clinic_with};

use crate::door::held::Gated;

fn account(chart: &Chart, login: &str, role: Role) -> Account {
    let new = NewAccount { login: login.into(), display: login.into(), role, institution: "North".into(), language: "en".into(), terms: Terms::default() };
    chart.add_account(&caller(Role::Console).account, new, "correct horse").unwrap()
}

fn clinic() -> Clinic {
    let clinic = clinic_set(Settings { second_person: true, ..testkit::settings() });
    for id in ["ana", "eva"] {
        let body = format!(r#"{{"resourceType":"Patient","id":"{id}","name":[{{"family":"Sobrenombre"}}]}}"#);
        block_on(clinic.chart.update(&caller(Role::Integration), fhir::ResourceType::PATIENT, id, body.as_bytes(), None)).unwrap();
    }
    clinic
}

fn everything() -> BulkRequest {
    BulkRequest { level: BulkLevel::System, types: Vec::new(), since: None, filters: Vec::new(), elements: String::new(), address: "http://x/fhir/$export".into(), at: Default::default() }
}

/// What the journal of the site says: who, what, about what.
fn journal(chart: &Chart) -> Vec<String> {
    chart.site_journal().unwrap().into_iter().map(|entry| format!("{} {} {}", entry.by, entry.act.word(), entry.about.split(' ').next().unwrap())).collect()
}

fn is_refused<T: std::fmt::Debug>(done: Result<T, Error>) -> bool {
    matches!(done, Err(Error::Refused(_)))
}

#[test]
fn nobody_has_to_agree_until_there_is_somebody_who_could_and_from_then_on_always() {
    let clinic = clinic();
    let (chart, console) = (&clinic.chart, caller(Role::Console));
    let count = |chart: &Chart| {
        let mut count = 0;
        block_on(chart.export(&console, &[], None, &mut |_| {
            count += 1;
            std::ops::ControlFlow::Continue(())
        }))
        .map(|()| count)
    };
    assert_eq!((chart.needs_agreement().unwrap(), count(chart).unwrap()), (false, 2));
    let vera = account(chart, "vera", Role::PrivacyOfficer);
    assert!(chart.needs_agreement().unwrap() && is_refused(count(chart)));
    chart.block_account(&console.account, "vera").unwrap();
    assert!(chart.needs_agreement().unwrap() && is_refused(count(chart)) && is_refused(block_on(chart.decide_erasure(&console, "ana", "case 7"))));
    assert_eq!(vera.role, Role::PrivacyOfficer);
}

#[test]
fn what_an_export_asks_for_writes_no_lines_into_the_note_of_its_job() {
    let (clinic, lab) = (clinic(), caller(Role::Integration));
    let requests = [
        BulkRequest { level: BulkLevel::Group("g".into()), filters: vec!["Observation?code=a\nlevel system".into()], ..everything() },
        BulkRequest { elements: "id\nrole console".into(), ..everything() },
        BulkRequest { address: "http://x/fhir/$export\ncounted yes".into(), ..everything() },
    ];
    for request in requests {
        let refused = block_on(clinic.chart.begin_bulk(&lab, request, ""));
        assert!(matches!(refused, Err(Error::Malformed(_))), "{refused:?}");
    }
}

#[test]
fn what_waits_is_not_forgotten_while_the_index_is_half_made() {
    let (data, keyring) = (Arc::new(Memory::new()), Arc::new(Memory::new()));
    let open = |seed: u8| clinic_with(data.clone(), keyring.clone(), seed, Settings { second_person: true, ..testkit::settings() });
    let (clinic, console) = (open(7), caller(Role::Console));
    let chart = &clinic.chart;
    for id in ["ana", "eva"] {
        let body = format!(r#"{{"resourceType":"Patient","id":"{id}"}}"#);
        block_on(chart.update(&caller(Role::Integration), fhir::ResourceType::PATIENT, id, body.as_bytes(), None)).unwrap();
    }
    let decided = block_on(chart.decide_erasure(&console, "ana", "case 7")).unwrap();
    block_on(chart.erase(&console, decided.erasure)).unwrap();
    let vera = account(chart, "vera", Role::PrivacyOfficer);
    block_on(chart.ask_erasure(&console, "eva", "case 8")).unwrap();
    // As it is where somebody was killed just after the beginning.
    let store = store::Store::open(data.clone(), keyring.clone(), &testkit::key(), [9; 32]).unwrap();
    assert!(store.keep_note("index is being made anew", None, b"1").unwrap());
    let mut locators = Vec::new();
    data.scan(Space::Locator, &Span::all(), &mut |key, _| {
        locators.push(key.to_vec());
        std::ops::ControlFlow::Continue(())
    })
    .unwrap();
    locators.iter().for_each(|key| data.tamper(Space::Locator, key, None));
    // The next start carries out what is on the list once more.
    let chart = open(10).chart;
    block_on(chart.erase(&console, decided.erasure)).unwrap();
    chart.repair_index(&console, &mut |_| {}).unwrap();
    block_on(chart.erase(&console, decided.erasure)).unwrap();
    assert_eq!(chart.agreements(&vera).unwrap().len(), 1);
}

#[test]
fn an_erasure_waits_for_another_one_who_has_seventy_two_hours() {
    let clinic = clinic();
    let (chart, console) = (&clinic.chart, caller(Role::Console));
    let vera = account(chart, "vera", Role::PrivacyOfficer);
    let doctor = account(chart, "doc", Role::Physician);
    let ask = || block_on(chart.ask_erasure(&console, "ana", "case 7"));
    let decide = || block_on(chart.decide_erasure(&console, "ana", "case 7"));
    assert!(is_refused(decide()) && is_refused(block_on(chart.ask_erasure(&console, "ana", " "))));
    assert!(matches!(block_on(chart.ask_erasure(&caller(Role::Physician), "ana", "case 7")), Err(Error::Forbidden)));
    assert!(matches!(block_on(chart.ask_erasure(&console, "nobody", "case 7")), Err(Error::NotFound)));
    let id = ask().unwrap();
    assert!(matches!(ask(), Err(Error::Conflict(_))), "asked once");
    assert!(is_refused(decide()), "asked is not agreed");
    for nobody in [&doctor, &console.account, &caller(Role::Operator).account] {
        assert!(matches!(block_on(chart.agree(nobody, &id, false)), Err(Error::Forbidden)), "{}", nobody.login);
    }
    // Whoever asks under the number of the officer has asked themselves.
    assert!(matches!(block_on(chart.agree(&Account { number: console.account.number, ..vera.clone() }, &id, false)), Err(Error::Forbidden)));
    clinic.hands.forward_ms(WAITS_MS);
    assert!(matches!(block_on(chart.agree(&vera, &id, false)), Err(Error::NotFound)), "too late");
    let id = ask().unwrap();
    assert!(is_refused(block_on(chart.agree(&vera, &id, true))), "none beforehand");
    block_on(chart.agree(&vera, &id, false)).unwrap();
    assert!(is_refused(block_on(chart.decide_erasure(&console, "eva", "case 7"))), "it was about somebody else");
    // An agreement nobody used ends, too.
    clinic.hands.forward_ms(WAITS_MS);
    assert!(is_refused(decide()));
    let id = ask().unwrap();
    chart.decline(&vera, &id, "no case").unwrap();
    assert!(is_refused(decide()) && chart.agreements(&vera).unwrap().is_empty());
    let id = ask().unwrap();
    chart.withdraw(&console.account, &id).unwrap();
    let id = ask().unwrap();
    block_on(chart.agree(&vera, &id, false)).unwrap();
    let decided = decide().unwrap();
    assert_eq!(decided.agreed_by.as_deref(), Some("vera"));
    block_on(chart.erase(&console, decided.erasure)).unwrap();
    assert!(chart.agreements(&vera).unwrap().is_empty(), "nothing is left of what was asked about the person");
    let detail = chart.site_journal().unwrap().pop().unwrap().detail;
    assert_eq!(detail, "case 7; no rule of retention; agreed by vera");
    assert_eq!(journal(chart), ["console ask erasure", "console ask erasure", "vera agree erasure", "console ask erasure", "vera decline erasure", "console ask erasure", "console withdraw erasure", "console ask erasure", "vera agree erasure"].into_iter().map(str::to_owned).chain([format!("console erase {:016x}", decided.erasure.record.0)]).collect::<Vec<_>>());
}

#[test]
fn who_agreed_is_asked_again_once_a_decision_is_withdrawn() {
    let clinic = clinic();
    let (chart, console) = (&clinic.chart, caller(Role::Console));
    let vera = account(chart, "vera", Role::PrivacyOfficer);
    let id = block_on(chart.ask_erasure(&console, "ana", "case 7")).unwrap();
    block_on(chart.agree(&vera, &id, false)).unwrap();
    let decided = block_on(chart.decide_erasure(&console, "ana", "case 7")).unwrap();
    block_on(chart.withdraw_erasure(&console, decided.erasure, "case 9")).unwrap();
    assert!(chart.agreements(&vera).unwrap().is_empty() && is_refused(block_on(chart.decide_erasure(&console, "ana", "case 7"))));
}

/// The journal says that an erasure begins only where what was agreed to stands at that very moment.
#[test]
fn what_is_withdrawn_while_an_erasure_is_decided_is_not_erased() {
    let data = Gated::new();
    let clinic = clinic_with(data.clone(), Arc::new(Memory::new()), 13, Settings { second_person: true, ..testkit::settings() });
    let (chart, console) = (&clinic.chart, caller(Role::Console));
    block_on(chart.update(&caller(Role::Integration), fhir::ResourceType::PATIENT, "ana", br#"{"resourceType":"Patient","id":"ana"}"#, None)).unwrap();
    let vera = account(chart, "vera", Role::PrivacyOfficer);
    let id = block_on(chart.ask_erasure(&console, "ana", "case 7")).unwrap();
    block_on(chart.agree(&vera, &id, false)).unwrap();
    data.hold_next();
    let deciding = std::thread::spawn({
        let (chart, console) = (chart.clone(), console.clone());
        move || block_on(chart.decide_erasure(&console, "ana", "case 7"))
    });
    while !data.holds_one() {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    chart.withdraw(&vera, &id).unwrap();
    data.let_through();
    assert!(matches!(deciding.join().unwrap(), Err(Error::Conflict(_))));
    assert_eq!(journal(chart), ["console ask erasure", "vera agree erasure", "vera withdraw erasure"]);
}

#[test]
fn a_system_waits_with_the_whole_site_and_not_with_a_group() {
    let clinic = clinic();
    let chart = clinic.chart.clone();
    let vera = account(&chart, "vera", Role::PrivacyOfficer);
    let lab = access::Caller { account: account(&chart, "lab", Role::Integration), ..caller(Role::Integration) };
    block_on(async {
        let settle = async |id: &str| loop {
            match chart.bulk(&lab, id).unwrap().1 {
                BulkState::Counting(_) => tokio::time::sleep(std::time::Duration::from_millis(5)).await,
                state => break state,
            }
        };
        let id = chart.begin_bulk(&lab, everything(), "yearly").await.unwrap();
        assert_eq!(settle(&id).await, BulkState::Waiting);
        assert!(matches!(chart.bulk_lines(&lab, &id, Some(fhir::ResourceType::PATIENT), 0, None).await, Err(Error::NotFound)));
        let waiting: Vec<Agreement> = chart.agreements(&vera).unwrap();
        assert_eq!((waiting.len(), waiting[0].id.as_str(), waiting[0].reason.as_str(), waiting[0].login.as_str()), (1, id.as_str(), "yearly", "lab"));
        chart.resume_bulk().unwrap();
        assert_eq!(settle(&id).await, BulkState::Waiting, "a restart begins nothing");
        chart.agree(&vera, &id, false).await.unwrap();
        let BulkState::Ready { files, .. } = settle(&id).await else { panic!("it was agreed to") };
        assert_eq!(files.values().sum::<u64>(), 2);
        // Good for that one.
        let id = chart.begin_bulk(&lab, everything(), "").await.unwrap();
        assert_eq!(settle(&id).await, BulkState::Waiting);
        chart.decline(&vera, &id, "twice a year is enough").unwrap();
        assert_eq!(settle(&id).await, BulkState::Declined);
        let id = chart.begin_bulk(&lab, everything(), "").await.unwrap();
        chart.end_bulk(&lab, &id).unwrap();
        assert!(chart.agreements(&vera).unwrap().is_empty(), "who ends a job asks for nothing any more");
        // For thirty days.
        let id = chart.begin_bulk(&lab, everything(), "nightly").await.unwrap();
        chart.agree(&vera, &id, true).await.unwrap();
        assert!(matches!(settle(&id).await, BulkState::Ready { .. }));
        let id = chart.begin_bulk(&lab, BulkRequest { level: BulkLevel::Patients, ..everything() }, "").await.unwrap();
        assert!(matches!(settle(&id).await, BulkState::Ready { .. }), "who may take all may take the persons");
        let other = access::Caller { account: account(&chart, "other", Role::Integration), ..caller(Role::Integration) };
        let theirs = chart.begin_bulk(&other, everything(), "").await.unwrap();
        assert_eq!(chart.bulk(&other, &theirs).unwrap().1, BulkState::Waiting, "it is one account's");
        clinic.hands.forward_ms(STANDING_MS);
        let id = chart.begin_bulk(&lab, everything(), "").await.unwrap();
        assert_eq!(settle(&id).await, BulkState::Waiting);
    });
    assert!(journal(&chart).contains(&"lab export bulk-export".to_owned()));
}
