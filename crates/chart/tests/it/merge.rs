//! Two Patients that are one person: merged, read as one, unmerged without a trace in what was there
//! before; and entries that belong to somebody else.

use std::collections::BTreeMap;
use std::sync::Arc;

use access::{Caller, Disclosure, Role};
use chart::{Chart, Error, EverythingQuery, Target};
use fhir::ResourceType;
use search::{Handling, Query, QueryContext};
use store::engine::Engine;
use store_rocks::{Options, Rocks};
use testkit::{block_on, caller, clinic, clinic_on};

fn kind(name: &str) -> ResourceType {
    ResourceType::named(name).unwrap()
}

fn clerk() -> Caller {
    caller(Role::RecordsClerk)
}

async fn put(chart: &Chart, text: &str) {
    let document = fhir::Document::read(text).unwrap();
    let (of, id) = (document.root().string("resourceType").unwrap().into_owned(), document.root().string("id").unwrap().into_owned());
    chart.update(&caller(Role::Integration), kind(&of), &id, text.as_bytes(), None).await.unwrap_or_else(|cause| panic!("{text}: {cause} {:?}", cause.issues()));
}

async fn person(chart: &Chart, id: &str, family: &str) {
    put(chart, &format!(r#"{{"resourceType":"Patient","id":"{id}","active":true,"name":[{{"family":"{family}"}}]}}"#)).await;
}

async fn seen(chart: &Chart, id: &str, patient: &str) {
    put(chart, &format!(r#"{{"resourceType":"Observation","id":"{id}","status":"final","code":{{"coding":[{{"system":"http://loinc.org","code":"8480-6"}}]}},"subject":{{"reference":"Patient/{patient}"}}}}"#)).await;
}

async fn found(chart: &Chart, of: &str, text: &str) -> Vec<String> {
    found_by(chart, &caller(Role::Physician), of, text).await
}

async fn found_by(chart: &Chart, who: &Caller, of: &str, text: &str) -> Vec<String> {
    let context = QueryContext { base_url: testkit::BASE_URL.to_owned(), ..QueryContext::default() };
    let pairs = search::split_query(text);
    let query = Query::parse(kind(of), pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())), Handling::Strict, context).unwrap();
    let (mut ids, mut cursor) = (Vec::new(), None);
    loop {
        let page = chart.search(who, &query, cursor.as_deref()).await.unwrap();
        ids.extend(page.items.into_iter().map(|hit| hit.stored.id));
        match page.next {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    ids.sort();
    ids
}

async fn everything(chart: &Chart, patient: &str, count: Option<usize>) -> Vec<String> {
    let (mut all, mut cursor) = (Vec::new(), None);
    loop {
        let query = EverythingQuery { count, cursor, ..EverythingQuery::default() };
        let page = chart.everything(&caller(Role::Physician), patient, &query).await.unwrap();
        all.extend(page.items.into_iter().map(|hit| hit.stored.id));
        match page.next {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    all.sort();
    all
}

async fn text(chart: &Chart, of: &str, id: &str) -> String {
    chart.read(&caller(Role::Physician), kind(of), id).await.unwrap().text
}

/// What a resource says, without its version and its time.
fn without_meta(text: &str) -> String {
    let (before, rest) = text.split_once("\"meta\":{").unwrap();
    before.to_owned() + rest.split_once("},").map_or("", |(_, after)| after)
}

async fn two(chart: &Chart) {
    person(chart, "ana", "Ríos").await;
    person(chart, "ana-again", "Rios").await;
    person(chart, "other", "Vega").await;
    seen(chart, "first", "ana").await;
    seen(chart, "second", "ana-again").await;
    seen(chart, "theirs", "other").await;
}

async fn story(chart: Chart) {
    two(&chart).await;
    let before: Vec<String> = [text(&chart, "Patient", "ana").await, text(&chart, "Patient", "ana-again").await].iter().map(|text| without_meta(text)).collect();
    assert_eq!(found(&chart, "Observation", "patient=ana").await, ["first"]);

    let merged = chart.merge(&clerk(), "ana", "ana-again", "same curp on the card").await.unwrap();
    assert!(merged.stays.text.contains(r#""link":[{"other":{"reference":"Patient/ana-again"},"type":"replaces"}]"#), "{}", merged.stays.text);
    assert!(merged.replaced.text.contains(r#""active":false"#) && merged.replaced.text.contains(r#""type":"replaced-by""#), "{}", merged.replaced.text);
    // Whichever is asked for, all of the person is there.
    for patient in ["ana", "ana-again"] {
        for (of, asked) in [("Observation", format!("patient={patient}")), ("Observation", format!("subject=Patient/{patient}&code=8480-6&_sort=_id&_count=1")), ("Observation", format!("patient={patient}&_count=1"))] {
            assert_eq!(found(&chart, of, &asked).await, ["first", "second"], "{of}?{asked}");
        }
        for count in [None, Some(1), Some(2)] {
            let all = everything(&chart, patient, count).await;
            let without_told: Vec<&String> = all.iter().filter(|id| ["ana", "ana-again", "first", "second"].contains(&id.as_str())).collect();
            assert_eq!(without_told, ["ana", "ana-again", "first", "second"], "{patient} {count:?}: {all:?}");
            assert_eq!(all.len(), 5, "and one Provenance, once: {all:?}");
        }
        let record = chart.person(&caller(Role::Physician), patient).await.unwrap();
        assert_eq!((record.patient.id.as_str(), record.merged.len()), ("ana", 1));
        assert!(["first", "second"].iter().all(|id| record.resources.iter().any(|one| one.id == *id)));
    }
    assert_eq!(found(&chart, "Observation", "patient=other").await, ["theirs"]);
    let hits = chart.find_persons(&caller(Role::Physician), "rios", 10).await.unwrap();
    assert_eq!(hits.iter().map(|hit| hit.patient.id.as_str()).collect::<Vec<_>>(), ["ana"], "found by either name, once");
    // Nobody undoes it by the way.
    let refused = chart.update(&caller(Role::Integration), ResourceType::PATIENT, "ana", br#"{"resourceType":"Patient","id":"ana","name":[{"family":"R"}]}"#, None).await;
    assert!(matches!(&refused, Err(Error::Refused(issues)) if issues[0].message.contains("$unmerge")), "{refused:?}");
    let refused = chart.delete(&caller(Role::Integration), ResourceType::PATIENT, Target::Id("ana-again"), None).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");

    seen(&chart, "late", "ana").await;
    seen(&chart, "late-again", "ana-again").await;
    let unmerged = chart.unmerge(&clerk(), "ana-again", "two persons after all").await.unwrap();
    let mut later: Vec<(&str, &str)> = unmerged.later.iter().map(|later| (later.patient.as_str(), later.stored.id.as_str())).collect();
    later.sort_unstable();
    assert_eq!(later, [("ana", "late"), ("ana-again", "late-again")]);
    let listed = chart.written_while_merged(&clerk(), "ana", "ana-again").await.unwrap();
    assert_eq!(listed.len(), 2);
    assert!(listed.iter().all(chart::Later::can_move));
    // Exact for what was there before.
    let after: Vec<String> = [text(&chart, "Patient", "ana").await, text(&chart, "Patient", "ana-again").await].iter().map(|text| without_meta(text)).collect();
    assert_eq!(after, before);
    assert_eq!(found(&chart, "Observation", "patient=ana").await, ["first", "late"]);
    assert_eq!(found(&chart, "Observation", "patient=ana-again").await, ["late-again", "second"]);
    // What belongs to the other is moved.
    let moved = chart.correct_person(&clerk(), &[(kind("Observation"), "late".to_owned())], "ana-again", "was of the other").await.unwrap();
    assert_eq!(found(&chart, "Observation", "patient=ana").await, ["first"]);
    let mut expect = vec!["late-again".to_owned(), "second".to_owned(), moved[0].id.clone()];
    expect.sort();
    assert_eq!(found(&chart, "Observation", "patient=ana-again").await, expect);
    assert!(matches!(chart.read(&caller(Role::Physician), kind("Observation"), "late").await, Err(Error::Gone { .. })));
    for (of, about) in [("ana", "removal"), ("ana-again", "source")] {
        let record = chart.person(&caller(Role::Physician), of).await.unwrap();
        assert!(record.resources.iter().any(|one| one.kind.name() == "Provenance" && one.text.contains(about) && one.text.contains("was of the other")), "{of}");
    }
    let sound = chart.check(&caller(Role::Console), &mut |_| {}).unwrap();
    assert!(sound.is_sound(), "{:?}", sound.findings);
}

#[test]
fn merged_persons_are_read_as_one_and_unmerged_exactly() {
    block_on(story(clinic().chart));
}

#[test]
fn the_same_on_disk_and_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let open = |name: &str| -> Arc<dyn Engine> { Arc::new(Rocks::open(&folder.path().join(name), &Options::small()).unwrap()) };
    let (data, keyring) = (open("record"), open("keyring"));
    block_on(story(clinic_on(data.clone(), keyring.clone(), 1).chart));
    block_on(async {
        let chart = clinic_on(data.clone(), keyring.clone(), 2).chart;
        chart.merge(&clerk(), "other", "ana", "again").await.unwrap();
        assert_eq!(found(&chart, "Observation", "patient=ana").await, ["first", "theirs"]);
        drop(chart);
        let chart = clinic_on(data, keyring, 3).chart;
        assert_eq!(found(&chart, "Observation", "patient=ana").await, ["first", "theirs"]);
    });
}

#[test]
fn what_was_changed_or_deleted_in_between_is_told_too() {
    block_on(async {
        let chart = clinic().chart;
        two(&chart).await;
        let system = caller(Role::Integration);
        chart.merge(&clerk(), "ana", "ana-again", "same curp on the card").await.unwrap();
        let replaced = text(&chart, "Patient", "ana-again").await;
        let with_telephone = replaced.replace("\"name\"", "\"telecom\":[{\"system\":\"phone\",\"value\":\"5550100\"}],\"name\"");
        chart.update(&system, ResourceType::PATIENT, "ana-again", with_telephone.as_bytes(), None).await.unwrap();
        chart.delete(&system, kind("Observation"), Target::Id("first"), None).await.unwrap();
        let unmerged = chart.unmerge(&clerk(), "ana-again", "two persons after all").await.unwrap();
        let told = |later: &[chart::Later]| {
            let mut told: Vec<String> = later.iter().map(|one| format!("{} {}/{}{}", one.patient, one.stored.kind, one.stored.id, if one.is_deleted() { " deleted" } else { "" })).collect();
            told.sort();
            told
        };
        let expect = ["ana Observation/first deleted", "ana-again Patient/ana-again"];
        assert_eq!(told(&unmerged.later), expect);
        assert!(unmerged.later.iter().all(|one| !one.can_move()));
        // What is changed after they were parted was not written in between.
        let parted = text(&chart, "Patient", "ana").await;
        chart.update(&system, ResourceType::PATIENT, "ana", parted.replace("\"name\"", "\"gender\":\"female\",\"name\"").as_bytes(), None).await.unwrap();
        assert_eq!(told(&chart.written_while_merged(&clerk(), "ana", "ana-again").await.unwrap()), expect);
    });
}

#[test]
fn a_merge_can_be_undone_whatever_was_written_of_being_in_use_since() {
    block_on(async {
        let chart = clinic().chart;
        for id in ["one", "two"] {
            put(&chart, &format!(r#"{{"resourceType":"Patient","id":"{id}","name":[{{"family":"Ríos"}}]}}"#)).await;
        }
        chart.merge(&clerk(), "one", "two", "one person").await.unwrap();
        let without = r#"{"resourceType":"Patient","id":"two","name":[{"family":"Ríos"}],"link":[{"other":{"reference":"Patient/one"},"type":"replaced-by"}]}"#;
        put(&chart, without).await;
        let unmerged = chart.unmerge(&clerk(), "two", "two persons").await.unwrap();
        assert!(!unmerged.restored.text.contains("active") && !unmerged.restored.text.contains("link"), "{}", unmerged.restored.text);
    });
}

#[test]
fn what_was_written_after_they_were_parted_is_nobodys_to_assign() {
    block_on(async {
        let clinic = clinic();
        let chart = &clinic.chart;
        two(chart).await;
        chart.merge(&clerk(), "ana", "ana-again", "same curp on the card").await.unwrap();
        let later = || clinic.hands.stand_at(fhir::Moment(chart.now().0 + 60_000));
        later();
        seen(chart, "late", "ana").await;
        later();
        chart.unmerge(&clerk(), "ana-again", "two persons after all").await.unwrap();
        later();
        seen(chart, "afterwards", "ana").await;
        // What was written in between and changed since is still to be looked at.
        let changed = text(chart, "Observation", "late").await.replace("\"final\"", "\"amended\"");
        put(chart, &changed).await;
        let first = text(chart, "Observation", "first").await.replace("\"final\"", "\"amended\"");
        put(chart, &first).await;
        let listed = chart.written_while_merged(&clerk(), "ana", "ana-again").await.unwrap();
        assert_eq!(listed.iter().map(|one| one.stored.id.as_str()).collect::<Vec<_>>(), ["late"]);
    });
}

#[test]
fn of_a_chain_what_came_later_is_told_of_all_of_them_and_a_merge_is_no_change() {
    block_on(async {
        let chart = clinic().chart;
        two(&chart).await;
        chart.merge(&clerk(), "ana", "ana-again", "same curp on the card").await.unwrap();
        chart.merge(&clerk(), "other", "ana", "all three").await.unwrap();
        seen(&chart, "late", "ana-again").await;
        let told = |later: &[chart::Later]| {
            let mut told: Vec<String> = later.iter().map(|one| format!("{} {}/{}", one.patient, one.stored.kind, one.stored.id)).collect();
            told.sort();
            told
        };
        let unmerged = chart.unmerge(&clerk(), "ana", "another person").await.unwrap();
        assert_eq!(told(&unmerged.later), ["ana-again Observation/late"]);
        assert_eq!(told(&chart.written_while_merged(&clerk(), "other", "ana").await.unwrap()), ["ana-again Observation/late"]);
        // Afterwards the first merge is undone: of the Patient between them only its links have changed.
        let unmerged = chart.unmerge(&clerk(), "ana-again", "two persons after all").await.unwrap();
        assert_eq!(told(&unmerged.later), ["ana-again Observation/late"]);
    });
}

#[test]
fn what_one_of_them_forbids_holds_for_both() {
    block_on(async {
        let chart = clinic().chart;
        two(&chart).await;
        let forbids = |id: &str, patient: &str| format!(
            r#"{{"resourceType":"Consent","id":"{id}","status":"active","scope":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}}]}},"category":[{{"coding":[{{"system":"http://loinc.org","code":"59284-0"}}]}}],"patient":{{"reference":"Patient/{patient}"}},"policyRule":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"OPTOUT"}}]}},"provision":{{"type":"deny"}}}}"#
        );
        put(&chart, &forbids("no", "ana-again")).await;
        let doctor = caller(Role::Physician);
        assert_eq!(found(&chart, "Observation", "patient=ana-again").await, [""; 0], "the consent speaks");
        assert_eq!(found(&chart, "Observation", "patient=ana").await, ["first"]);
        chart.merge(&clerk(), "ana", "ana-again", "one person").await.unwrap();
        for patient in ["ana", "ana-again"] {
            assert_eq!(found(&chart, "Observation", &format!("patient={patient}")).await, [""; 0], "{patient}");
        }
        // Written later, to the one that stays, it holds for what lies in the other too.
        chart.delete(&caller(Role::Integration), kind("Consent"), Target::Id("no"), None).await.unwrap();
        assert_eq!(found(&chart, "Observation", "patient=ana").await, ["first", "second"]);
        put(&chart, &forbids("again", "ana")).await;
        assert!(matches!(chart.read(&doctor, kind("Observation"), "second").await, Err(Error::NotFound)));
        // Who breaks the glass for one sees all of the person.
        chart.break_glass(&doctor, "ana", access::GlassReason::Danger, "unconscious").await.unwrap();
        assert_eq!(found(&chart, "Observation", "patient=ana").await, ["first", "second"]);
        chart.unmerge(&clerk(), "ana-again", "two persons").await.unwrap();
        let other = Caller { session: access::Session { number: 4711, ..doctor.session }, ..doctor };
        assert_eq!(found_by(&chart, &other, "Observation", "patient=ana-again").await, ["second"]);
        assert_eq!(found_by(&chart, &other, "Observation", "patient=ana").await, [""; 0]);
    });
}

#[test]
fn every_record_of_the_person_has_its_opening_and_the_person_reads_them_together() {
    block_on(async {
        let chart = clinic().chart;
        two(&chart).await;
        chart.merge(&clerk(), "ana", "ana-again", "one person").await.unwrap();
        chart.person(&caller(Role::Nurse), "ana").await.unwrap();
        let lines = chart.openings(&caller(Role::Physician), "ana", 100).await.unwrap();
        let nurse = caller(Role::Nurse).account.number;
        let opened: std::collections::BTreeSet<u64> = lines.iter().filter(|line| line.account == nurse && line.how == Disclosure::Chart).map(|line| line.record.0).collect();
        assert_eq!(opened.len(), 2);
    });
}

#[test]
fn bad_merges_are_refused_and_change_nothing() {
    block_on(async {
        let chart = clinic().chart;
        two(&chart).await;
        let ask = async |who: &Caller, one: &str, other: &str, why: &str| chart.merge(who, one, other, why).await;
        assert!(matches!(ask(&caller(Role::Physician), "ana", "ana-again", "x").await, Err(Error::Forbidden)));
        assert!(matches!(ask(&clerk(), "ana", "ana", "x").await, Err(Error::Refused(_))));
        assert!(matches!(ask(&clerk(), "ana", "nobody", "x").await, Err(Error::NotFound)));
        assert!(matches!(ask(&clerk(), "ana", "ana-again", "  ").await, Err(Error::Refused(_))));
        assert!(matches!(chart.unmerge(&clerk(), "ana", "x").await, Err(Error::Refused(_))));
        ask(&clerk(), "ana", "ana-again", "one person").await.unwrap();
        assert!(matches!(ask(&clerk(), "ana", "ana-again", "again").await, Err(Error::Conflict(_))));
        assert!(matches!(ask(&clerk(), "ana-again", "ana", "the other way").await, Err(Error::Conflict(_))));
        assert!(matches!(ask(&clerk(), "other", "ana-again", "who is replaced").await, Err(Error::Conflict(_))));
        // The one that stays can itself be replaced, and then three are one.
        ask(&clerk(), "other", "ana", "all three").await.unwrap();
        for patient in ["ana", "ana-again", "other"] {
            assert_eq!(found(&chart, "Observation", &format!("patient={patient}")).await, ["first", "second", "theirs"]);
        }
        // Erasing one would leave the others.
        assert!(matches!(chart.decide_erasure(&caller(Role::Console), "other", "case").await, Err(Error::Refused(_))));
        // What only one side says joins nobody.
        person(&chart, "stranger", "Luna").await;
        put(&chart, r#"{"resourceType":"Patient","id":"liar","active":true,"link":[{"other":{"reference":"Patient/stranger"},"type":"replaces"}]}"#).await;
        seen(&chart, "hers", "stranger").await;
        assert_eq!(found(&chart, "Observation", "patient=liar").await, [""; 0]);
        put(&chart, r#"{"resourceType":"Patient","id":"stranger","active":false,"link":[{"other":{"reference":"Patient/liar"},"type":"replaced-by"}]}"#).await;
        assert_eq!(found(&chart, "Observation", "patient=liar").await, ["hers"], "as another system says it, by both Patients");
    });
}

/// Whoever joins two Patients sees the records of both, so links are written by those who may merge.
#[test]
fn who_may_not_merge_joins_nobody_by_links() {
    block_on(async {
        let chart = clinic().chart;
        two(&chart).await;
        let linked = |id: &str, other: &str, how: &str| format!(r#"{{"resourceType":"Patient","id":"{id}","active":true,"name":[{{"family":"Rios"}}],"link":[{{"other":{{"reference":"{other}"}},"type":"{how}"}}]}}"#);
        let entry = |id: &str, number: u8, other: u8, how: &str| {
            let body = linked(id, &format!("urn:uuid:11111111-1111-4111-8111-11111111111{other}"), how);
            format!(r#"{{"fullUrl":"urn:uuid:11111111-1111-4111-8111-11111111111{number}","resource":{body},"request":{{"method":"PUT","url":"Patient/{id}"}}}}"#)
        };
        let both = format!(r#"{{"resourceType":"Bundle","type":"transaction","entry":[{},{}]}}"#, entry("ana", 1, 2, "replaces"), entry("ana-again", 2, 1, "replaced-by"));
        for role in [Role::Physician, Role::Nurse, Role::Laboratory] {
            let whole = format!("{}/Patient/ana-again", testkit::BASE_URL);
            for (other, how, is_taken) in [("Patient/ana-again", "replaces", false), ("Patient/ana-again", "replaced-by", false), (whole.as_str(), "replaces", false), ("Patient/ana-again", "seealso", true)] {
                let text = linked("ana", other, how);
                let written = chart.update(&caller(role), kind("Patient"), "ana", text.as_bytes(), None).await;
                match written {
                    Ok(_) => assert!(is_taken, "{role:?} {text}"),
                    Err(cause) => assert!(!is_taken && matches!(cause, Error::Refused(_)), "{role:?} {text}: {cause}"),
                }
            }
            assert!(chart.bundle(&caller(role), both.as_bytes()).await.is_err(), "{role:?}: by the names of entries");
            assert_eq!(found(&chart, "Observation", "patient=ana").await, ["first"]);
        }
        chart.bundle(&caller(Role::Integration), both.as_bytes()).await.unwrap();
        assert_eq!(found(&chart, "Observation", "patient=ana").await, ["first", "second"], "as another system says it");
        // What is there already stays in what others write.
        let kept = linked("ana", "Patient/ana-again", "replaces").replace("Rios", "Luna");
        chart.update(&caller(Role::Physician), kind("Patient"), "ana", kept.as_bytes(), None).await.unwrap();
        assert_eq!(found(&chart, "Observation", "patient=ana").await, ["first", "second"]);
    });
}

#[test]
fn what_hangs_together_is_moved_together_or_not_at_all() {
    block_on(async {
        let chart = clinic().chart;
        two(&chart).await;
        put(&chart, r#"{"resourceType":"Encounter","id":"visit","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/ana"}}"#).await;
        put(&chart, r#"{"resourceType":"Observation","id":"there","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/ana"},"encounter":{"reference":"Encounter/visit"}}"#).await;
        put(&chart, r#"{"resourceType":"DiagnosticReport","id":"report","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/ana"},"result":[{"reference":"Observation/there"}]}"#).await;
        let one = |of: &str, id: &str| (kind(of), id.to_owned());
        let refused = chart.correct_person(&clerk(), &[one("Observation", "there")], "other", "wrong chart").await;
        assert!(matches!(&refused, Err(Error::Refused(issues)) if issues[0].message.contains("DiagnosticReport/report")), "{refused:?}");
        assert_eq!(found(&chart, "Observation", "patient=ana").await, ["first", "there"]);
        let moved = chart.correct_person(&clerk(), &[one("Observation", "there"), one("DiagnosticReport", "report")], "other", "wrong chart").await.unwrap();
        assert!(moved[1].text.contains(&format!("Observation/{}", moved[0].id)), "{}", moved[1].text);
        assert!(!moved[0].text.contains("Encounter/visit"), "the visit was of the other: {}", moved[0].text);
        for (of, id) in [("Patient", "ana"), ("Observation", "nothing")] {
            assert!(chart.correct_person(&clerk(), &[one(of, id)], "other", "x").await.is_err(), "{of}");
        }
        assert!(chart.correct_person(&clerk(), &[one("Observation", "theirs")], "other", "x").await.is_err());
        assert!(chart.correct_person(&clerk(), &[one("Observation", "theirs"), one("Observation", "first")], "ana-again", "x").await.is_err(), "of two persons");
    });
}

#[test]
fn what_is_moved_is_nobodys_never_and_names_no_visit_of_the_other() {
    let chart = clinic().chart;
    block_on(async {
        person(&chart, "ana", "Muestra").await;
        person(&chart, "eva", "Prueba").await;
        for id in ["visit", "later"] {
            put(&chart, &format!(r#"{{"resourceType":"Encounter","id":"{id}","status":"finished","class":{{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"}},"subject":{{"reference":"Patient/ana"}}}}"#)).await;
        }
        put(&chart, r#"{"resourceType":"Observation","id":"alone","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},"encounter":{"reference":"Encounter/visit"}}"#).await;
        let paper = |id: &str, context: &str| format!(r#"{{"resourceType":"DocumentReference","id":"{id}","status":"current","subject":{{"reference":"Patient/ana"}},"content":[{{"attachment":{{"contentType":"text/plain","data":"aGk="}}}}],"context":{{{context}}}}}"#);
        put(&chart, &paper("only", r#""encounter":[{"reference":"Encounter/visit"}]"#)).await;
        put(&chart, &paper("both", r#""encounter":[{"reference":"Encounter/visit"},{"display":"elsewhere"},{"reference":"Encounter/later"}],"facilityType":{"text":"ward"}"#)).await;
        let one = |of: &str, id: &str| (kind(of), id.to_owned());
        let refused = chart.correct_person(&clerk(), &[one("Observation", "alone")], "eva", "wrong chart").await;
        assert!(matches!(&refused, Err(Error::Refused(issues)) if issues[0].message.contains("Observation/alone") && issues[0].message.contains("visit alone")), "{refused:?}");
        let moved = chart.correct_person(&clerk(), &[one("DocumentReference", "only"), one("DocumentReference", "both")], "eva", "wrong chart").await.unwrap_or_else(|cause| panic!("{cause} {:?}", cause.issues()));
        assert!(!moved[0].text.contains("context") && !moved[0].text.contains("Encounter/"), "{}", moved[0].text);
        assert!(moved[1].text.contains(r#""context":{"encounter":[{"display":"elsewhere"}],"facilityType":{"text":"ward"}}"#), "{}", moved[1].text);
        // With its visit it goes, and names the visit as it is called there.
        let moved = chart.correct_person(&clerk(), &[one("Encounter", "visit"), one("Observation", "alone")], "eva", "wrong chart").await.unwrap_or_else(|cause| panic!("{cause} {:?}", cause.issues()));
        assert!(moved[1].text.contains(&format!("Encounter/{}", moved[0].id)), "{}", moved[1].text);
        assert_eq!(found(&chart, "Encounter", "patient=eva").await, [moved[0].id.as_str()]);
        let record = chart.person(&caller(Role::Physician), "eva").await.unwrap();
        assert!(record.resources.iter().any(|stored| stored.id == moved[1].id), "it lies in her record");
        let record = chart.person(&caller(Role::Physician), "ana").await.unwrap();
        assert!(!record.resources.iter().any(|stored| matches!(stored.kind.name(), "DocumentReference" | "Observation")));
    });
}

/// Random merges, unmerges, writes and moves beside a model that knows who is joined with whom.
#[test]
fn random_histories_leave_each_entry_with_the_right_persons() {
    for seed in 1..6u64 {
        block_on(async {
            let chart = clinic().chart;
            let mut chance = testkit::invent::Chance(seed);
            let people = ["p0", "p1", "p2", "p3", "p4"];
            let mut by: BTreeMap<&str, Option<&str>> = BTreeMap::new();
            let mut lies: BTreeMap<String, &str> = BTreeMap::new();
            for id in people {
                person(&chart, id, "Ríos").await;
                by.insert(id, None);
            }
            let root = |by: &BTreeMap<&'static str, Option<&'static str>>, id: &'static str| {
                let mut at = id;
                while let Some(Some(next)) = by.get(at) {
                    at = next;
                }
                at
            };
            for number in 0..60 {
                let (one, other) = (people[chance.below(5)], people[chance.below(5)]);
                match chance.below(5) {
                    0 => {
                        let may = one != other && by[one].is_none() && by[other].is_none();
                        let done = chart.merge(&clerk(), one, other, "seems one").await;
                        assert_eq!(done.is_ok(), may, "seed {seed}, {number}: {one} {other} {done:?}");
                        if may {
                            by.insert(other, Some(one));
                        }
                    }
                    1 => {
                        let may = by[one].is_some();
                        assert_eq!(chart.unmerge(&clerk(), one, "is not").await.is_ok(), may, "seed {seed}, {number}: {one}");
                        by.insert(one, None);
                    }
                    2 if !lies.is_empty() => {
                        let id = lies.keys().nth(chance.below(lies.len())).unwrap().clone();
                        let may = lies[&id] != one;
                        let moved = chart.correct_person(&clerk(), &[(kind("Observation"), id.clone())], one, "wrong chart").await;
                        assert_eq!(moved.is_ok(), may, "seed {seed}, {number}: {moved:?}");
                        if let Ok(moved) = moved {
                            lies.remove(&id);
                            lies.insert(moved[0].id.clone(), one);
                        }
                    }
                    _ => {
                        let id = format!("o{number}");
                        seen(&chart, &id, one).await;
                        lies.insert(id, one);
                    }
                }
                let asked = people[chance.below(5)];
                let mut expect: Vec<String> = lies.iter().filter(|(_, home)| root(&by, home) == root(&by, asked)).map(|(id, _)| id.clone()).collect();
                expect.sort();
                assert_eq!(found(&chart, "Observation", &format!("patient={asked}")).await, expect, "seed {seed}, {number}: {asked}");
            }
            let sound = chart.check(&caller(Role::Console), &mut |_| {}).unwrap();
            assert!(sound.is_sound(), "{:?}", sound.findings);
        });
    }
}

#[test]
fn who_may_be_registered_twice_waits_for_a_clerk() {
    block_on(async {
        let chart = clinic().chart;
        let come = async |id: &str, family: &str, born: &str| {
            put(&chart, &format!(r#"{{"resourceType":"Patient","id":"{id}","name":[{{"family":"{family}","given":["Xóchitl"]}}],"birthDate":"{born}","gender":"female"}}"#)).await;
        };
        come("one", "Quetzalcóatl", "1980-03-04").await;
        come("far", "Zapata", "1951-01-01").await;
        while chart.look_for_duplicates().await.unwrap() {}
        assert_eq!(chart.duplicates(&clerk(), 10).await.unwrap().1, 0);
        come("again", "Quetzalcoatl", "1980-03-04").await;
        come("third", "Quetzalcóatl", "1980-04-03").await;
        while chart.look_for_duplicates().await.unwrap() {}
        let (found, waiting) = chart.duplicates(&clerk(), 10).await.unwrap();
        let mut pairs: Vec<(String, String)> = found.iter().map(|two| (two.one.id.clone(), two.other.id.clone())).collect();
        pairs.sort();
        assert_eq!((pairs.len(), waiting), (3, 3), "{pairs:?}");
        // Comparing discloses nobody; reading the queue does.
        let opened = |lines: &[chart::OpeningLine], who: u64| lines.iter().filter(|line| line.account == who).count();
        let lines = chart.openings(&caller(Role::Physician), "one", 100).await.unwrap();
        assert_eq!((opened(&lines, 0), opened(&lines, clerk().account.number)), (0, 1));
        assert!(matches!(chart.duplicates(&caller(Role::Physician), 10).await, Err(Error::Forbidden)));
        chart.keep_apart(&clerk(), "third", "one", "mother and daughter").await.unwrap();
        chart.merge(&clerk(), "one", "again", "one person").await.unwrap();
        let (found, waiting) = chart.duplicates(&clerk(), 10).await.unwrap();
        assert_eq!((found.len(), waiting), (1, 1), "{:?}", found.iter().map(|two| (&two.one.id, &two.other.id)).collect::<Vec<_>>());
        // What was decided is not asked again.
        come("fourth", "Quetzalcóatl", "1980-03-04").await;
        while chart.look_for_duplicates().await.unwrap() {}
        let (found, _) = chart.duplicates(&clerk(), 10).await.unwrap();
        assert!(found.iter().all(|two| [&two.one.id, &two.other.id] != [&"third".to_owned(), &"one".to_owned()] && [&two.one.id, &two.other.id] != [&"one".to_owned(), &"third".to_owned()]));
        assert!(found.iter().any(|two| two.one.id == "fourth"));
        // Of somebody who was deleted nothing is left to decide, and nothing waits.
        chart.delete(&caller(Role::Integration), ResourceType::PATIENT, Target::Id("fourth"), None).await.unwrap();
        let (found, waiting) = chart.duplicates(&clerk(), 10).await.unwrap();
        assert!(found.iter().all(|two| two.one.id != "fourth" && two.other.id != "fourth"));
        assert_eq!((found.len(), chart.duplicates(&clerk(), 10).await.unwrap().1), (waiting, waiting));
    });
}
