//! The log of openings: it grows with every disclosure, vouches for itself, and can be proven to others.

use std::sync::Arc;

use access::{Disclosure, Role};
use chart::{AuditQuery, Chart, Error, EverythingQuery, HistoryQuery, HistoryScope};
use fhir::{Document, ResourceType};
use ledger::{Checkpoint, Key};
use store::memory::Memory;
use testkit::{Clinic, block_on, caller, clinic, clinic_on};

async fn add_person(chart: &Chart, id: &str) {
    let body = format!(r#"{{"resourceType":"Patient","id":"{id}"}}"#);
    chart.update(&caller(Role::Integration), ResourceType::PATIENT, id, body.as_bytes(), None).await.unwrap();
}

fn checkpoint(chart: &Chart) -> Checkpoint {
    Checkpoint::verified(&chart.log_checkpoint(), &Key::read(&chart.log_key()).unwrap()).unwrap()
}

#[test]
fn each_way_of_opening_is_told_by_its_name() {
    let clinic = clinic();
    let chart = &clinic.chart;
    block_on(async {
        add_person(chart, "ana").await;
        let doctor = caller(Role::Physician);
        for _ in 0..2 {
            chart.read(&doctor, ResourceType::PATIENT, "ana").await.unwrap();
            chart.person(&doctor, "ana").await.unwrap();
            chart.everything(&doctor, "ana", &EverythingQuery::default()).await.unwrap();
            chart.history(&doctor, HistoryScope::Instance(ResourceType::PATIENT, "ana"), &HistoryQuery::default()).await.unwrap();
        }
        let of_doctor: Vec<Disclosure> = chart.openings(&doctor, "ana", 100).await.unwrap().iter().filter(|line| line.account == doctor.account.number).map(|line| line.how).collect();
        assert_eq!(of_doctor, [Disclosure::Audit, Disclosure::History, Disclosure::Summary, Disclosure::Chart, Disclosure::Read], "newest first, each once a session");
    });
}

#[test]
fn openings_have_a_time_each_also_while_the_clock_is_behind() {
    let clinic = clinic();
    let chart = &clinic.chart;
    block_on(async {
        let (doctor, ids): (_, Vec<String>) = (caller(Role::Physician), (0..20).map(|number| format!("p{number}")).collect());
        for id in &ids {
            add_person(chart, id).await;
        }
        clinic.hands.forward_ms(3_600_000);
        chart.read(&doctor, ResourceType::PATIENT, &ids[0]).await.unwrap();
        clinic.hands.forward_ms(-3_600_000);
        for id in &ids[1..] {
            chart.read(&doctor, ResourceType::PATIENT, id).await.unwrap();
        }
        let mut times = Vec::new();
        for id in &ids {
            let lines = chart.openings(&doctor, id, 100).await.unwrap();
            times.extend(lines.iter().filter(|line| line.how == Disclosure::Read).map(|line| line.at));
        }
        assert_eq!(times.len(), ids.len());
        assert!(times.is_sorted_by(|one, next| one < next), "{times:?}");
    });
}

#[test]
fn any_opening_can_be_proven_with_the_public_key_alone_and_growth_against_any_older_checkpoint() {
    let clinic = clinic();
    let chart = &clinic.chart;
    block_on(async {
        let mut notes = vec![chart.log_checkpoint()];
        for number in 0..300 {
            let id = format!("p{number}");
            add_person(chart, &id).await;
            chart.read(&caller(Role::Physician), ResourceType::PATIENT, &id).await.unwrap();
            if number % 60 == 0 {
                notes.push(chart.log_checkpoint());
            }
        }
        assert_eq!(checkpoint(chart).size, 300);
        let (console, key) = (caller(Role::Console), Key::read(&chart.log_key()).unwrap());
        for place in [0, 1, 128, 255, 256, 299] {
            let file = chart.prove_opening(&console, place).unwrap();
            let proven = ledger::verify_inclusion_file(&file, &key).unwrap();
            assert!(proven.index == place && proven.statement.contains("how read\npurpose TREAT\n"), "{proven:?}");
        }
        assert!(matches!(chart.prove_opening(&console, 300), Err(Error::NotFound)));
        assert!(matches!(chart.prove_opening(&caller(Role::Physician), 0), Err(Error::Forbidden)));
        for note in &notes {
            let file = chart.prove_growth(note).unwrap();
            assert_eq!(ledger::verify_consistency_file(&file, note, &key).unwrap().size, 300);
        }
        let tile = |path: &str| chart.log_tile(ledger::read_tile_path(path).unwrap()).unwrap();
        let (full, above, entries) = (tile("0/000").unwrap(), tile("1/000.p/1").unwrap(), tile("entries/001.p/44").unwrap());
        assert_eq!((full.len(), above.len(), entries.len()), (256 * 32, 32, 44 * 35));
        assert_eq!(tile("0/001.p/45"), None, "the log has not come so far");
        assert_eq!(tile("0/001"), None);
        assert!(chart.check(&console, &mut |_| {}).unwrap().is_sound());
    });
}

#[test]
fn openings_written_at_once_have_no_gaps_and_survive_the_door() {
    let (data, keyring) = (Arc::new(Memory::new()), Arc::new(Memory::new()));
    let Clinic { chart, .. } = clinic_on(data.clone(), keyring.clone(), 1);
    let before = block_on(async {
        for number in 0..40 {
            add_person(&chart, &format!("p{number}")).await;
        }
        let readers = (0..8u64).map(|reader| {
            let chart = chart.clone();
            tokio::spawn(async move {
                let mut doctor = caller(Role::Physician);
                doctor.session.number += 1000 * reader;
                for number in 0..40 {
                    chart.read(&doctor, ResourceType::PATIENT, &format!("p{number}")).await.unwrap();
                }
            })
        });
        for reader in readers.collect::<Vec<_>>() {
            reader.await.unwrap();
        }
        assert!(chart.check(&caller(Role::Console), &mut |_| {}).unwrap().is_sound());
        checkpoint(&chart)
    });
    assert_eq!(before.size, 320);
    let again = clinic_on(Arc::new(data.copy()), Arc::new(keyring.copy()), 2).chart;
    assert_eq!(checkpoint(&again), before);
    block_on(again.read(&caller(Role::Nurse), ResourceType::PATIENT, "p0")).unwrap();
    assert_eq!(checkpoint(&again).size, 321);
    assert!(again.check(&caller(Role::Console), &mut |_| {}).unwrap().is_sound());
}

#[test]
fn a_log_that_was_shortened_or_grew_otherwise_is_not_the_one_of_a_checkpoint_though_nothing_in_it_is_broken() {
    let (data, keyring) = (Arc::new(Memory::new()), Arc::new(Memory::new()));
    let Clinic { chart, .. } = clinic_on(data.clone(), keyring.clone(), 1);
    block_on(add_person(&chart, "ana"));
    let (early, keys) = (data.copy(), keyring.copy());
    block_on(chart.read(&caller(Role::Physician), ResourceType::PATIENT, "ana")).unwrap();
    let note = chart.log_checkpoint();
    assert!(chart.compare_with_checkpoint(&note).is_ok());
    let back = clinic_on(Arc::new(early), Arc::new(keys), 2).chart;
    let rewritten = |chart: &Chart| matches!(chart.compare_with_checkpoint(&note), Err(Error::Store(store::Error::LogRewritten { .. })));
    assert!(rewritten(&back), "shortened");
    block_on(back.read(&caller(Role::Nurse), ResourceType::PATIENT, "ana")).unwrap();
    assert!(back.check(&caller(Role::Console), &mut |_| {}).unwrap().is_sound());
    assert!(rewritten(&back), "as long as before, and another");
    assert!(matches!(back.compare_with_checkpoint(&note.replace('1', "2")), Err(Error::Store(store::Error::Checkpoint(_)))));
}

#[test]
fn those_who_watch_over_the_record_read_every_opening_and_nobody_else_does() {
    let clinic = clinic();
    let chart = &clinic.chart;
    block_on(async {
        let (console, doctor, nurse) = (caller(Role::Console), caller(Role::Physician), caller(Role::Nurse));
        for id in ["ana", "eva"] {
            add_person(chart, id).await;
            chart.read(&doctor, ResourceType::PATIENT, id).await.unwrap();
        }
        clinic.hands.forward_ms(86_400_000);
        let next_day = chart.now();
        chart.person(&nurse, "ana").await.unwrap();
        let places = |page: &chart::Page<chart::Hit>| page.items.iter().map(|hit| hit.stored.id.trim_start_matches(chart::AUDIT_ID).parse::<u64>().unwrap()).collect::<Vec<_>>();
        let ask = async |query: AuditQuery| places(&chart.audit_events(&console, &query).await.unwrap());
        assert_eq!(ask(AuditQuery { to: Some(next_day), ..AuditQuery::default() }).await, [1, 0]);
        assert_eq!(ask(AuditQuery { from: Some(next_day), agent: Some(nurse.account.number.to_string()), ..AuditQuery::default() }).await, [2]);
        let whole = chart.audit_events(&console, &AuditQuery { patient: Some("ana".into()), ..AuditQuery::default() }).await.unwrap();
        // The console's own look is an opening too, of both persons.
        assert_eq!(places(&whole)[places(&whole).len() - 2..], [2, 0]);
        let newest = Document::read(&whole.items[0].stored.text).unwrap();
        assert!(whole.items[0].stored.text.contains(r#""code":"audit""#), "{}", newest.root().raw());
        assert!(whole.items.iter().all(|hit| hit.stored.text.contains("Patient/ana") && !hit.stored.text.contains("Patient/eva")));
        for wrong in [AuditQuery { patient: Some("nobody".into()), ..AuditQuery::default() }, AuditQuery { agent: Some("nobody".into()), ..AuditQuery::default() }] {
            assert_eq!(ask(wrong).await, [] as [u64; 0]);
        }
        // Page by page is the same as all at once.
        let (mut cursor, mut paged) = (None, Vec::new());
        let until = Some(chart.now());
        loop {
            let page = chart.audit_events(&console, &AuditQuery { to: until, count: Some(1), cursor, ..AuditQuery::default() }).await.unwrap();
            paged.extend(places(&page));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(paged, ask(AuditQuery { to: until, ..AuditQuery::default() }).await);
        assert_eq!(chart.audit_event(&console, "opening-0").await.unwrap().id, "opening-0");
        for id in ["opening-00", "opening-999", "opening-", "opening--1"] {
            assert!(matches!(chart.audit_event(&console, id).await, Err(Error::NotFound)), "{id}");
        }
        for role in [Role::Physician, Role::Nurse, Role::Admissions, Role::Operator, Role::Integration] {
            assert!(matches!(chart.audit_events(&caller(role), &AuditQuery::default()).await, Err(Error::NotFound)), "{role:?}");
            assert!(matches!(chart.audit_event(&caller(role), "opening-0").await, Err(Error::NotFound)), "{role:?}");
        }
        let event = ResourceType::named("AuditEvent").unwrap();
        let forged = r#"{"resourceType":"AuditEvent","id":"opening-0"}"#;
        assert!(chart.update(&console, event, "opening-0", forged.as_bytes(), None).await.is_err());
        assert!(chart.delete(&console, event, chart::Target::Id("opening-0"), None).await.is_err());
        let forged = r#"{"resourceType":"AuditEvent","id":"opening-7","type":{"code":"rest"},"recorded":"2026-01-01T00:00:00Z","agent":[{"requestor":true}],"source":{"observer":{"display":"x"}}}"#;
        for role in [Role::Console, Role::Integration, Role::Physician] {
            let under = chart.update_where(&caller(role), event, "type=urn:nobody|nothing", forged.as_bytes(), None).await;
            assert!(matches!(&under, Err(Error::Refused(issues)) if issues[0].expression == "AuditEvent.id"), "{role:?} {under:?}");
        }
    });
}

#[test]
fn a_question_about_an_entry_stays_with_the_person_until_those_who_answer_for_it_have_answered() {
    let clinic = clinic();
    let chart = &clinic.chart;
    block_on(async {
        for id in ["ana", "eva"] {
            add_person(chart, id).await;
            chart.person(&caller(Role::Physician), id).await.unwrap();
        }
        let (nurse, desk) = (caller(Role::Nurse), caller(Role::Admissions));
        chart.question_opening(&nurse, "ana", 0, " Who was \"this\"? ").await.unwrap();
        for (id, opening, text) in [("ana", 1, "eva's entry"), ("ana", 99, "no entry"), ("nobody", 0, "no person")] {
            assert!(matches!(chart.question_opening(&nurse, id, opening, text).await, Err(Error::NotFound)), "{text}");
        }
        for text in [String::new(), "  ".to_owned(), "x".repeat(chart::QUESTION_LONGEST + 1)] {
            assert!(matches!(chart.question_opening(&nurse, "ana", 0, &text).await, Err(Error::Refused(_))));
        }
        let asked = async || {
            let record = chart.person(&desk, "ana").await.unwrap();
            let mut found: Vec<_> = record.resources.iter().filter_map(|stored| chart::read_question(&stored.id, Document::read(&stored.text).unwrap().root())).collect();
            found.sort_by_key(|one| one.answers.is_some());
            found
        };
        let open = asked().await;
        assert_eq!((open.len(), open[0].opening, open[0].text.as_str(), open[0].by.as_str()), (1, 0, "Who was \"this\"?", "nurse"));
        let question = open[0].id.clone();
        assert!(matches!(chart.answer_question(&nurse, "ana", &question, "Me.").await, Err(Error::Forbidden)));
        assert!(matches!(chart.answer_question(&desk, "eva", &question, "Me.").await, Err(Error::NotFound)), "it is another person's");
        chart.answer_question(&desk, "ana", &question, "The night doctor.").await.unwrap();
        let answered = asked().await;
        assert_eq!((answered.len(), answered[1].answers.as_deref(), answered[1].text.as_str(), answered[1].opening), (2, Some(question.as_str()), "The night doctor.", 0));
        assert!(matches!(chart.answer_question(&desk, "ana", &answered[1].id, "Again.").await, Err(Error::NotFound)), "an answer is no question");
        // By the way nobody answers for themselves, rewords what was asked, or makes it go.
        let communication = ResourceType::named("Communication").unwrap();
        let text = chart.read(&desk, communication, &question).await.unwrap().text;
        for who in [caller(Role::Physician), nurse.clone(), desk.clone(), caller(Role::RecordsClerk)] {
            let by_the_way = [
                chart.update(&who, communication, &question, text.replace("Who was", "Who wasn't").as_bytes(), None).await,
                chart.update(&who, communication, &question, text.replace("log-question", "other").as_bytes(), None).await,
                chart.create(&who, communication, text.as_bytes(), None).await,
                chart.delete(&who, communication, chart::Target::Id(&question), None).await,
            ];
            for written in by_the_way {
                assert!(matches!(&written, Err(Error::Refused(issues)) if issues[0].rule == "log-question"), "{:?} {written:?}", who.account.role);
            }
        }
        assert_eq!(asked().await.len(), 2);
    });
}

#[test]
fn whoever_was_registered_twice_asks_about_every_entry_that_is_listed() {
    let clinic = clinic();
    let chart = &clinic.chart;
    block_on(async {
        for id in ["ana", "ana-again"] {
            add_person(chart, id).await;
            chart.person(&caller(Role::Physician), id).await.unwrap();
        }
        chart.merge(&caller(Role::RecordsClerk), "ana-again", "ana", "one person").await.unwrap();
        let (nurse, desk) = (caller(Role::Nurse), caller(Role::Admissions));
        let listed: Vec<u64> = chart.openings(&nurse, "ana", 100).await.unwrap().iter().filter(|line| line.account == caller(Role::Physician).account.number).map(|line| line.index).collect();
        assert_eq!(listed.len(), 2, "{listed:?}");
        for patient in ["ana", "ana-again"] {
            let query = AuditQuery { patient: Some(patient.into()), agent: Some(caller(Role::Physician).account.number.to_string()), ..AuditQuery::default() };
            assert_eq!(chart.audit_events(&caller(Role::Console), &query).await.unwrap().items.len(), 2, "whoever reads the log of {patient} reads all");
        }
        for index in &listed {
            chart.question_opening(&nurse, "ana", *index, "Who was this?").await.unwrap();
        }
        let record = chart.person(&desk, "ana").await.unwrap();
        let asked: Vec<_> = record.resources.iter().filter_map(|stored| chart::read_question(&stored.id, Document::read(&stored.text).unwrap().root())).collect();
        assert_eq!(asked.len(), 2);
        for question in asked {
            chart.answer_question(&desk, "ana", &question.id, "The night doctor.").await.unwrap();
        }
        assert!(chart.questions_waiting(&caller(Role::PrivacyOfficer)).unwrap().is_empty());
    });
}
