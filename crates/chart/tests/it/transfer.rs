//! A record that moves: insurance that begins and ends, a change of unit, a transfer to another
//! institution; and what each side sees of it.

use std::sync::Arc;

use access::{Account, Caller, GlassReason, Policy, Purpose, Role, Session};
use chart::{Chart, Error, EverythingQuery, HistoryQuery, HistoryScope, NewCoverage, Target, Transfer};
use fhir::{Moment, ResourceType};
use search::{Handling, Query, QueryContext};
use store::engine::Engine;
use store_rocks::{Options, Rocks};
use testkit::{block_on, caller, clinic, clinic_on, clinic_set};

fn kind(name: &str) -> ResourceType {
    ResourceType::named(name).unwrap()
}

/// Somebody of an institution.
fn at(institution: &str, role: Role, number: u64) -> Caller {
    let account = Account { number, login: format!("somebody-{number}"), display: "Somebody".into(), role, institution: institution.into(), language: "en".into() };
    Caller { account, purpose: Purpose::Treatment, session: Session { number, began: Moment(0) }, grant: None }
}

fn north() -> Caller {
    at("North", Role::Physician, 71)
}

fn south() -> Caller {
    at("South", Role::Physician, 72)
}

fn desk() -> Caller {
    at("South", Role::Admissions, 73)
}

async fn put(chart: &Chart, text: &str) {
    let document = fhir::Document::read(text).unwrap();
    let (of, id) = (document.root().string("resourceType").unwrap().into_owned(), document.root().string("id").unwrap().into_owned());
    chart.update(&caller(Role::Console), kind(&of), &id, text.as_bytes(), None).await.unwrap_or_else(|cause| panic!("{text}: {cause} {:?}", cause.issues()));
}

async fn found(chart: &Chart, who: &Caller, of: &str, text: &str) -> Vec<String> {
    let context = QueryContext { base_url: testkit::BASE_URL.to_owned(), ..QueryContext::default() };
    let pairs = search::split_query(text);
    let query = Query::parse(kind(of), pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())), Handling::Strict, context).unwrap();
    let mut ids: Vec<String> = chart.search(who, &query, None).await.unwrap().items.into_iter().map(|hit| hit.stored.id).collect();
    ids.sort();
    ids
}

async fn reads(chart: &Chart, who: &Caller, of: &str, id: &str) -> bool {
    match chart.read(who, kind(of), id).await {
        Ok(_) => true,
        Err(Error::NotFound) => false,
        Err(cause) => panic!("{of}/{id}: {cause}"),
    }
}

/// Two institutions with units, and a person of the first with a record of both.
async fn filled(chart: &Chart) {
    for (id, name, whole) in [("north", "North", ""), ("north-1", "North unit 1", "north"), ("north-2", "North unit 2", "north"), ("south", "South", ""), ("south-1", "South unit 1", "south")] {
        let part = if whole.is_empty() { String::new() } else { format!(r#","partOf":{{"reference":"Organization/{whole}"}}"#) };
        put(chart, &format!(r#"{{"resourceType":"Organization","id":"{id}","name":"{name}"{part}}}"#)).await;
    }
    put(chart, r#"{"resourceType":"Organization","id":"closed","name":"Closed","active":false}"#).await;
    put(chart, r#"{"resourceType":"Practitioner","id":"family"}"#).await;
    put(chart, r#"{"resourceType":"Patient","id":"ana","name":[{"family":"Prueba"}],"managingOrganization":{"reference":"Organization/north-1"},"generalPractitioner":[{"reference":"Practitioner/family"}]}"#).await;
    put(chart, r#"{"resourceType":"Patient","id":"other","name":[{"family":"Muestra"}],"managingOrganization":{"reference":"Organization/north-1"}}"#).await;
    put(chart, r#"{"resourceType":"Coverage","id":"old-cover","status":"active","beneficiary":{"reference":"Patient/ana"},"payor":[{"reference":"Organization/north"}],"period":{"start":"2020-01-01"}}"#).await;
    visit(chart, "visit-n", "north-1", "2025-01-10").await;
    entry(chart, "of-visit", r#","encounter":{"reference":"Encounter/visit-n"}"#).await;
    entry(chart, "by-north", r#","performer":[{"reference":"Organization/north-1"}]"#).await;
    entry(chart, "by-south", r#","performer":[{"reference":"Organization/south-1"}]"#).await;
    entry(chart, "by-nobody", "").await;
}

async fn visit(chart: &Chart, id: &str, unit: &str, day: &str) {
    put(chart, &format!(r#"{{"resourceType":"Encounter","id":"{id}","status":"finished","class":{{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"}},"subject":{{"reference":"Patient/ana"}},"serviceProvider":{{"reference":"Organization/{unit}"}},"period":{{"start":"{day}T10:00:00Z","end":"{day}T10:20:00Z"}}}}"#)).await;
}

async fn entry(chart: &Chart, id: &str, more: &str) {
    put(chart, &format!(r#"{{"resourceType":"Observation","id":"{id}","status":"final","code":{{"coding":[{{"system":"http://loinc.org","code":"8480-6"}}]}},"subject":{{"reference":"Patient/ana"}}{more}}}"#)).await;
}

const ALL: [&str; 4] = ["by-nobody", "by-north", "by-south", "of-visit"];

fn transfer<'a>(ends: &'a [String], begins: Option<NewCoverage<'a>>) -> Transfer<'a> {
    Transfer { unit: "south-1", ends, until: "2026-11-29", begins, reason: "new employer" }
}

fn new_cover() -> NewCoverage<'static> {
    NewCoverage { payor: "south", kind: "PUBLICPOL", scheme: "", number: "A 12", from: "2026-11-30", until: None, is_confirmed: false }
}

async fn story(chart: Chart) {
    filled(&chart).await;
    for who in [north(), south()] {
        assert_eq!(found(&chart, &who, "Observation", "patient=ana").await, ALL, "before, on a site that asks for no relation of care");
    }
    let ends = ["old-cover".to_owned()];
    let done = chart.transfer(&desk(), "ana", &transfer(&ends, Some(new_cover()))).await.unwrap_or_else(|cause| panic!("{cause} {:?}", cause.issues()));
    assert!(done.patient.text.contains(r#""managingOrganization":{"reference":"Organization/south-1","display":"South unit 1"}"#) && !done.patient.text.contains("generalPractitioner"), "{}", done.patient.text);
    assert_eq!(done.coverages.len(), 2);
    assert!(done.coverages[0].id == "old-cover" && done.coverages[0].text.contains(r#""end":"2026-11-29""#) && done.coverages[0].text.contains(r#""status":"active""#), "{}", done.coverages[0].text);
    assert!(done.coverages[1].text.contains(r#""subscriberId":"A 12""#), "{}", done.coverages[1].text);
    let ended = done.ended.unwrap();
    assert!(ended.text.contains("transferred") && ended.text.contains("Organization/north-1") && ended.text.contains(r#""valueReference":{"reference":"Organization/north"}"#), "{}", ended.text);
    assert!(done.began.text.contains(r#""status":"active""#) && done.began.text.contains("Organization/south"), "{}", done.began.text);
    assert_eq!(found(&chart, &south(), "Provenance", "target=Patient/ana").await.len(), 1, "it says who and why");
    assert_eq!(found(&chart, &caller(Role::Integration), "EpisodeOfCare", "organization=south-1&status=active").await, [done.began.id.as_str()], "units find their persons");

    later(&chart).await;
    sees(&chart).await;
    // Nobody of the institution lets it in again by the way.
    for who in [north(), at("North", Role::Integration, 74), desk()] {
        let deleted = chart.delete(&who, kind("EpisodeOfCare"), Target::Id(&ended.id), None).await;
        assert!(matches!(&deleted, Err(Error::Refused(_) | Error::NotFound)), "{deleted:?}");
        let text = ended.text.replace("transferred", "other");
        let altered = chart.update(&who, kind("EpisodeOfCare"), &ended.id, text.as_bytes(), None).await;
        assert!(matches!(&altered, Err(Error::Refused(_) | Error::NotFound)), "{altered:?}");
    }
    // A second time, and to the same institution.
    for unit in ["south-1", "south"] {
        let again = chart.transfer(&desk(), "ana", &Transfer { unit, ..transfer(&[], None) }).await;
        assert!(matches!(&again, Err(Error::Refused(issues)) if issues[0].expression == "unit"), "{unit}: {again:?}");
    }
    // Whoever breaks the glass sees what is sealed to them.
    let reason = GlassReason::ALL[0].0;
    chart.break_glass(&north(), "ana", reason, "somebody unconscious").await.unwrap();
    assert!(reads(&chart, &north(), "Observation", "late").await && !chart.sees_a_copy(&north(), "ana").unwrap());

    // Who comes back is let in again, all of the institution.
    chart.transfer(&desk(), "ana", &Transfer { unit: "north-2", ends: &[], until: "2026-12-31", begins: None, reason: "back" }).await.unwrap();
    for who in [at("North", Role::Nurse, 75), at("North unit 1", Role::Physician, 76)] {
        assert!(reads(&chart, &who, "Observation", "late").await && !chart.sees_a_copy(&who, "ana").unwrap());
    }
    assert!(!reads(&chart, &south(), "Observation", "by-nobody").await && reads(&chart, &south(), "Observation", "late").await);
}

/// What is written after the transfer.
async fn later(chart: &Chart) {
    entry(chart, "late", r#","performer":[{"reference":"Organization/south-1"}]"#).await;
    entry(chart, "late-of-nobody", "").await;
}

/// Who sees what after the transfer.
async fn sees(chart: &Chart) {
    assert_eq!(found(chart, &south(), "Observation", "patient=ana").await, ["by-nobody", "by-north", "by-south", "late", "late-of-nobody", "of-visit"], "the new one reads all");
    for who in [north(), at("North", Role::Nurse, 77), at("North", Role::Integration, 78), at("North", Role::RecordsClerk, 79), at("North unit 1", Role::Physician, 80)] {
        let place = format!("{} at {}", who.account.role.word(), who.account.institution);
        assert_eq!(found(chart, &who, "Observation", "patient=ana").await, ["by-north", "of-visit"], "{place} keeps what it wrote");
        assert_eq!(found(chart, &who, "Observation", "code=8480-6&subject:Patient._id=ana").await, ["by-north", "of-visit"], "{place}");
        assert!(reads(chart, &who, "Coverage", "old-cover").await && reads(chart, &who, "Encounter", "visit-n").await && reads(chart, &who, "Patient", "ana").await, "{place}");
        for id in ["late", "late-of-nobody", "by-south", "by-nobody"] {
            assert!(!reads(chart, &who, "Observation", id).await, "{place} {id}");
            assert!(chart.vread(&who, kind("Observation"), id, "1").await.is_err(), "{place} {id}");
        }
        assert!(chart.sees_a_copy(&who, "ana").unwrap() && !chart.sees_a_copy(&who, "other").unwrap(), "{place}");
        let record = chart.person(&who, "ana").await.unwrap();
        assert!(!record.resources.iter().any(|one| ["late", "late-of-nobody", "by-south", "by-nobody"].contains(&one.id.as_str())), "{place}");
        assert!(record.resources.iter().any(|one| one.kind.name() == "EpisodeOfCare" && one.text.contains("transferred")), "{place}: that they left is told");
    }
    for who in [south(), at("West", Role::Physician, 82), caller(Role::Console)] {
        assert!(!chart.sees_a_copy(&who, "ana").unwrap(), "{}", who.account.institution);
    }
    assert!(matches!(chart.sees_a_copy(&north(), "nobody"), Err(Error::NotFound)));
    // Another unit of theirs keeps what names it or the whole, and no more.
    assert_eq!(found(chart, &at("North unit 2", Role::Physician, 81), "Observation", "patient=ana").await, Vec::<String>::new());
    // Whom it does not concern: a third institution, as before; and the other person.
    assert_eq!(found(chart, &at("West", Role::Physician, 82), "Observation", "patient=ana").await.len(), 6);
    assert!(reads(chart, &north(), "Patient", "other").await);
}

#[test]
fn a_transfer_is_one_act_after_which_one_side_reads_all_and_the_other_its_copy() {
    block_on(story(clinic().chart));
    let (data, keyring) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let open = |folder: &tempfile::TempDir| -> Arc<dyn Engine> { Arc::new(Rocks::open(folder.path(), &Options::small()).unwrap()) };
    block_on(story(clinic_on(open(&data), open(&keyring), 7).chart));
}

#[test]
fn who_comes_back_is_taken_back_at_the_desk_that_was_left() {
    let chart = clinic().chart;
    block_on(async {
        filled(&chart).await;
        let (here, there) = (at("North", Role::Admissions, 83), desk());
        chart.transfer(&there, "ana", &transfer(&[], None)).await.unwrap();
        assert!(!reads(&chart, &here, "Observation", "by-south").await && chart.sees_a_copy(&here, "ana").unwrap());
        let back = Transfer { unit: "north-2", ends: &[], until: "2026-12-31", begins: None, reason: "back" };
        // What it may not do it does not do by the way: somebody without the right to assign is refused as before.
        assert!(matches!(chart.transfer(&north(), "ana", &back).await, Err(Error::Forbidden)));
        for transferred in ["", r#",{"coding":[{"system":"https://carnet.health/fhir/CodeSystem/assignment","code":"transferred"}]}"#] {
            // Nor by the resource that an act would write: neither that they are here again, nor that they left another institution.
            let text = format!(r#"{{"resourceType":"EpisodeOfCare","id":"by-the-way","status":"active","type":[{{"coding":[{{"system":"https://carnet.health/fhir/CodeSystem/assignment","code":"assigned-unit"}}]}}{transferred}],"patient":{{"reference":"Patient/ana"}},"managingOrganization":{{"reference":"Organization/north-1"}}}}"#);
            for role in [Role::Physician, Role::Nurse] {
                let written = chart.update(&at("North", role, 84), kind("EpisodeOfCare"), "by-the-way", text.as_bytes(), None).await;
                assert!(matches!(&written, Err(Error::Refused(_))), "{role:?} {written:?}");
            }
        }
        assert!(chart.sees_a_copy(&here, "ana").unwrap());
        let done = chart.transfer(&here, "ana", &back).await.unwrap_or_else(|cause| panic!("{cause} {:?}", cause.issues()));
        assert!(done.patient.text.contains("Organization/north-2") && done.ended.is_some_and(|ended| ended.text.contains("Organization/south-1") && ended.text.contains("transferred")));
        assert_eq!(found(&chart, &caller(Role::Integration), "EpisodeOfCare", "patient=ana&status=active").await, [done.began.id.as_str()], "one unit");
        assert!(reads(&chart, &here, "Observation", "by-south").await && !chart.sees_a_copy(&here, "ana").unwrap());
        assert!(chart.sees_a_copy(&south(), "ana").unwrap());
        // A change of unit is no way round: the institution that was left stays left.
        chart.assign_unit(&here, "ana", "north-1", "moved").await.unwrap();
        assert!(chart.sees_a_copy(&south(), "ana").unwrap());
    });
}

#[test]
fn only_the_institution_that_is_left_is_told_as_left() {
    let chart = clinic().chart;
    block_on(async {
        filled(&chart).await;
        for (id, name, more) in [("west", "West", ""), ("west-1", "West unit 1", r#","partOf":{"reference":"Organization/west"}"#)] {
            put(&chart, &format!(r#"{{"resourceType":"Organization","id":"{id}","name":"{name}"{more}}}"#)).await;
        }
        let assigned = |id: &str, place: &str| format!(r#"{{"resourceType":"EpisodeOfCare","id":"{id}","status":"active","type":[{{"coding":[{{"system":"https://carnet.health/fhir/CodeSystem/assignment","code":"assigned-unit"}}]}}],"patient":{{"reference":"Patient/ana"}},"managingOrganization":{{"reference":"Organization/{place}-1"}},"extension":[{{"url":"https://carnet.health/fhir/StructureDefinition/institution","valueReference":{{"reference":"Organization/{place}"}}}}],"period":{{"start":"2024-01-01"}}}}"#);
        put(&chart, &assigned("of-west", "west")).await;
        let west = || at("West", Role::Physician, 82);
        // Of the institution that is left no assignment was kept: it is told all the same, and that first.
        let done = chart.transfer(&desk(), "ana", &transfer(&[], None)).await.unwrap_or_else(|cause| panic!("{cause} {:?}", cause.issues()));
        assert!(done.ended.as_ref().is_some_and(|ended| ended.text.contains("transferred") && ended.text.contains("Organization/north-1") && !ended.text.contains("west")), "{:?}", done.ended);
        let kept = chart.read(&caller(Role::Integration), kind("EpisodeOfCare"), "of-west").await.unwrap();
        assert!(kept.text.contains(r#""status":"finished""#) && !kept.text.contains("transferred") && !kept.text.contains("Organization/north"), "{}", kept.text);
        assert!(chart.sees_a_copy(&north(), "ana").unwrap() && !chart.sees_a_copy(&west(), "ana").unwrap());
        assert_eq!(found(&chart, &caller(Role::Integration), "EpisodeOfCare", "patient=ana&status=active").await, [done.began.id.as_str()], "one unit");
        // With an assignment of each: the one of the institution that is left tells it.
        put(&chart, &assigned("of-west-again", "west")).await;
        let back = Transfer { unit: "north-2", ends: &[], until: "2026-12-31", begins: None, reason: "back" };
        let done = chart.transfer(&at("North", Role::Admissions, 83), "ana", &back).await.unwrap_or_else(|cause| panic!("{cause} {:?}", cause.issues()));
        assert!(done.ended.as_ref().is_some_and(|ended| ended.text.contains("transferred") && ended.text.contains("Organization/south-1")), "{:?}", done.ended);
        let kept = chart.read(&caller(Role::Integration), kind("EpisodeOfCare"), "of-west-again").await.unwrap();
        assert!(kept.text.contains(r#""status":"finished""#) && !kept.text.contains("transferred") && !kept.text.contains("Organization/south"), "{}", kept.text);
        assert!(chart.sees_a_copy(&south(), "ana").unwrap() && !chart.sees_a_copy(&west(), "ana").unwrap() && !chart.sees_a_copy(&north(), "ana").unwrap());
    });
}

#[test]
fn a_transfer_holds_where_a_relation_of_care_is_needed() {
    let policy = Policy { needs_relation: true, ..Policy::default() };
    let chart = clinic_set(chart::Settings { policy, ..testkit::settings() }).chart;
    block_on(async {
        filled(&chart).await;
        assert_eq!(found(&chart, &north(), "Observation", "patient=ana").await, ALL);
        assert!(found(&chart, &south(), "Observation", "patient=ana").await.is_empty());
        chart.transfer(&desk(), "ana", &transfer(&[], None)).await.unwrap();
        assert_eq!(found(&chart, &south(), "Observation", "patient=ana").await, ALL, "at once");
        assert_eq!(found(&chart, &north(), "Observation", "patient=ana").await, ["by-north", "of-visit"]);
        assert!(found(&chart, &at("West", Role::Physician, 82), "Observation", "patient=ana").await.is_empty());
    });
}

#[test]
fn a_change_of_unit_is_one_act_and_keeps_the_history() {
    let policy = Policy { needs_relation: true, ..Policy::default() };
    let chart = clinic_set(chart::Settings { policy, ..testkit::settings() }).chart;
    block_on(async {
        filled(&chart).await;
        let clerk = at("North", Role::RecordsClerk, 90);
        let (one, two) = (at("North unit 1", Role::Physician, 91), at("North unit 2", Role::Physician, 92));
        assert_eq!((found(&chart, &one, "Observation", "patient=ana").await.len(), found(&chart, &two, "Observation", "patient=ana").await.len()), (4, 0));
        let done = chart.assign_unit(&clerk, "ana", "north-2", "moved house").await.unwrap();
        assert!(done.coverages.is_empty() && done.ended.as_ref().is_some_and(|ended| ended.text.contains("Organization/north-1") && !ended.text.contains("transferred")));
        assert_eq!(found(&chart, &two, "Observation", "patient=ana").await.len(), 4, "the new unit sees the whole record at once");
        assert!(found(&chart, &one, "Observation", "patient=ana").await.is_empty(), "the old one as the rules say: no relation any more");
        chart.assign_unit(&clerk, "ana", "north-1", "moved back").await.unwrap();
        assert_eq!((found(&chart, &one, "Observation", "patient=ana").await.len(), found(&chart, &two, "Observation", "patient=ana").await.len()), (4, 0));
        let episodes = found(&chart, &clerk, "EpisodeOfCare", "patient=ana").await;
        assert_eq!(episodes.len(), 3, "each stays in the history");
        assert_eq!(found(&chart, &clerk, "EpisodeOfCare", "patient=ana&status=active").await.len(), 1);
        for (unit, why, place) in [("north-1", "again", "unit"), ("nowhere", "why", "unit"), ("closed", "why", "unit"), ("north-2", " ", "reason"), ("north-2", "two\nlines", "reason")] {
            let refused = chart.assign_unit(&clerk, "ana", unit, why).await;
            assert!(matches!(&refused, Err(Error::Refused(issues)) if issues[0].expression == place), "{unit}: {refused:?}");
        }
        assert!(matches!(chart.assign_unit(&one, "ana", "north-2", "why").await, Err(Error::Forbidden)));
        assert!(matches!(chart.assign_unit(&clerk, "nobody", "north-2", "why").await, Err(Error::NotFound)));
        assert_eq!(found(&chart, &clerk, "EpisodeOfCare", "patient=ana").await.len(), 3, "what is refused leaves nothing");
    });
}

#[test]
fn two_who_move_a_person_at_once_leave_one_unit() {
    let chart = clinic().chart;
    block_on(async {
        filled(&chart).await;
        let clerk = at("North", Role::RecordsClerk, 90);
        let (one, two) = futures_util::future::join(chart.assign_unit(&clerk, "ana", "north-2", "a"), chart.assign_unit(&clerk, "ana", "south-1", "b")).await;
        assert!(one.is_ok() || two.is_ok());
        assert_eq!(found(&chart, &clerk, "EpisodeOfCare", "patient=ana&status=active").await.len(), 1, "{one:?} {two:?}");
    });
}

#[test]
fn insurance_of_whoever_was_registered_twice_ends_whichever_record_it_lies_in() {
    let chart = clinic().chart;
    block_on(async {
        filled(&chart).await;
        put(&chart, r#"{"resourceType":"Patient","id":"twice","name":[{"family":"Prueba"}]}"#).await;
        put(&chart, r#"{"resourceType":"Coverage","id":"of-twice","status":"active","beneficiary":{"reference":"Patient/twice"},"payor":[{"reference":"Organization/north"}],"period":{"start":"2021-01-01"}}"#).await;
        assert!(matches!(chart.end_coverage(&desk(), "ana", "of-twice", "2026-11-29").await, Err(Error::NotFound)), "of somebody else");
        chart.merge(&caller(Role::RecordsClerk), "ana", "twice", "one person").await.unwrap();
        let ended = chart.end_coverage(&desk(), "ana", "of-twice", "2026-11-29").await.unwrap_or_else(|cause| panic!("{cause} {:?}", cause.issues()));
        assert!(ended.text.contains(r#""end":"2026-11-29""#) && ended.text.contains("Patient/twice"), "{}", ended.text);
        assert!(matches!(chart.end_coverage(&desk(), "other", "of-twice", "2026-11-28").await, Err(Error::NotFound)));
    });
}

#[test]
fn insurance_begins_and_ends_and_nothing_of_it_goes_away() {
    let chart = clinic().chart;
    block_on(async {
        filled(&chart).await;
        let new = |from, until, scheme, number| NewCoverage { payor: "south", kind: "PUBLICPOL", scheme, number, from, until, is_confirmed: false };
        let begun = chart.begin_coverage(&desk(), "ana", &new("2026-12-01", None, "", "")).await.unwrap();
        assert!(begun.text.contains(r#""period":{"start":"2026-12-01"}"#) && !begun.text.contains("identifier"), "{}", begun.text);
        let ended = chart.end_coverage(&desk(), "ana", &begun.id, "2026-12-31").await.unwrap();
        assert!(ended.version == 2 && ended.text.contains(r#""end":"2026-12-31""#));
        for (new, place) in [
            (new("2026-12", None, "", ""), "from"), (new("yesterday", None, "", ""), "from"), (new("2026-12-02", Some("2026-12-01"), "", ""), "until"), (new("2026-12-02", None, "nss", "12345678901"), "number"),
            (new("2026-12-02", None, "no-scheme", "1"), "scheme"), (NewCoverage { payor: "nowhere", ..new("2026-12-02", None, "", "") }, "payor"), (NewCoverage { kind: "free", ..new("2026-12-02", None, "", "") }, "kind"),
        ] {
            let refused = chart.begin_coverage(&desk(), "ana", &new).await;
            assert!(matches!(&refused, Err(Error::Refused(issues)) if issues[0].expression == place), "{new:?}: {refused:?}");
        }
        for day in ["2026-12-31", "2027-01-01", "2026-11-30", "soon"] {
            let refused = chart.end_coverage(&desk(), "ana", &begun.id, day).await;
            assert!(matches!(&refused, Err(Error::Refused(issues)) if issues[0].expression == "until"), "{day}: {refused:?}");
        }
        assert!(matches!(chart.end_coverage(&desk(), "other", &begun.id, "2026-12-15").await, Err(Error::NotFound)), "of another person");
        assert!(matches!(chart.end_coverage(&south(), "ana", &begun.id, "2026-12-15").await, Err(Error::Forbidden)));
        assert!(matches!(chart.begin_coverage(&south(), "ana", &new("2026-12-02", None, "", "")).await, Err(Error::Forbidden)));
    });
}

/// What a former institution is told about a person, by every way there is to ask.
async fn told(chart: &Chart, who: &Caller) -> Vec<String> {
    let mut told = Vec::new();
    let context = || QueryContext { base_url: testkit::BASE_URL.to_owned(), ..QueryContext::default() };
    for (of, text) in [
        ("Observation", "patient=ana"), ("Observation", "patient=ana&_sort=-_lastUpdated&_count=1&_total=accurate"), ("Observation", "patient=ana&_summary=count"), ("Observation", "code=8480-6&_sort=_id"), ("Observation", "code=secret-1&_total=accurate"),
        ("Observation", "encounter:Encounter.class=AMB&_sort=_id"), ("Observation", "patient=ana&_include=Observation:encounter&_revinclude=Provenance:target&_sort=_id"), ("Patient", "_has:Observation:patient:code=secret-1&_id=ana"), ("Patient", "_has:Encounter:patient:class=IMP&_id=ana"),
        ("Patient", "_id=ana&_revinclude=Observation:patient&_revinclude=Encounter:patient"), ("Encounter", "patient=ana&_sort=date"), ("Condition", "patient=ana&_total=accurate"), ("Coverage", "beneficiary=Patient/ana&_sort=_id"), ("EpisodeOfCare", "patient=ana&_sort=_id&_elements=status"),
    ] {
        let pairs = search::split_query(text);
        let query = Query::parse(kind(of), pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())), Handling::Strict, context()).unwrap();
        let mut cursor = None;
        for _ in 0..10 {
            match chart.search(who, &query, cursor.as_deref()).await {
                Ok(page) => {
                    told.extend(page.items.iter().map(|hit| format!("{of}?{text}: {} {:?}", hit.stored.text, hit.mode)));
                    told.push(format!("{of}?{text}: {:?} {} {:?}", page.total, page.next.is_some(), page.issues));
                    cursor = page.next;
                }
                Err(cause) => told.push(format!("{of}?{text}: {cause}")),
            }
            if cursor.is_none() {
                break;
            }
        }
    }
    for (of, id) in [("Observation", "secret"), ("Condition", "secret"), ("Encounter", "secret"), ("Observation", "by-nobody"), ("Patient", "ana")] {
        told.push(format!("read {of}/{id} {:?}", chart.read(who, kind(of), id).await.map(|stored| stored.text).map_err(|cause| cause.to_string())));
        told.push(format!("vread {of}/{id} {:?}", chart.vread(who, kind(of), id, "1").await.map(|stored| stored.text).map_err(|cause| cause.to_string())));
        let history = chart.history(who, HistoryScope::Instance(kind(of), id), &HistoryQuery::default()).await;
        told.push(format!("history {of}/{id} {:?}", history.map(|page| (page.items.len(), page.total)).map_err(|cause| cause.to_string())));
        if of != "Patient" {
            told.push(format!("delete {of}/{id} {:?}", chart.delete(who, kind(of), Target::Id(id), None).await.map(|_| ()).map_err(|cause| cause.to_string())));
        }
    }
    let everything = chart.everything(who, "ana", &EverythingQuery::default()).await.unwrap();
    told.extend(everything.items.iter().map(|hit| format!("everything {}", hit.stored.text)));
    let record = chart.person(who, "ana").await.unwrap();
    told.extend(record.resources.iter().map(|stored| format!("chart {}", stored.text)));
    told
}

#[test]
fn what_others_write_after_a_transfer_changes_nothing_of_what_the_former_institution_is_told() {
    block_on(async {
        let secret = |number: u8| vec![
            format!(r#"{{"resourceType":"Observation","id":"secret","status":"final","code":{{"coding":[{{"code":"secret-{number}"}}]}},"subject":{{"reference":"Patient/ana"}},"valueString":"{number}","performer":[{{"reference":"Organization/south-1"}}]}}"#),
            format!(r#"{{"resourceType":"Condition","id":"secret","code":{{"text":"{number}"}},"subject":{{"reference":"Patient/ana"}}}}"#),
            format!(r#"{{"resourceType":"Encounter","id":"secret","status":"finished","class":{{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"{}"}},"subject":{{"reference":"Patient/ana"}},"serviceProvider":{{"reference":"Organization/south-1"}}}}"#, if number == 1 { "IMP" } else { "AMB" }),
        ];
        let mut said = Vec::new();
        for (number, policy) in [(1, Policy::default()), (2, Policy::default()), (0, Policy::default())] {
            let clinic = clinic_set(chart::Settings { policy, ..testkit::settings() });
            let mut step = 0;
            let mut tick = || {
                step += 1;
                clinic.hands.stand_at(Moment(testkit::OPENS.0 + step * 60_000));
            };
            tick();
            filled(&clinic.chart).await;
            tick();
            clinic.chart.transfer(&desk(), "ana", &transfer(&["old-cover".to_owned()], None)).await.unwrap();
            for text in secret(number) {
                tick();
                if number > 0 {
                    put(&clinic.chart, &text).await;
                }
            }
            tick();
            let outsider = told(&clinic.chart, &north()).await;
            let insider = told(&clinic.chart, &caller(Role::Console)).await.len();
            said.push((outsider, insider));
        }
        // The numbers of what is made are chance, and the same from the same seed where as much was made.
        assert_eq!(said[0].0, said[1].0, "secrets that differ are told apart");
        let sorted = |lines: &[String]| {
            let mut lines = lines.to_vec();
            lines.sort();
            lines
        };
        assert_eq!(sorted(&said[0].0), sorted(&said[2].0), "a secret is told from none");
        assert!(said[0].0.iter().any(|line| line.contains("by-north")) && said[0].1 > said[2].1, "the comparison can fail");
    });
}

#[test]
fn what_names_only_a_practitioner_belongs_to_where_they_worked_then() {
    let chart = clinic().chart;
    block_on(async {
        filled(&chart).await;
        put(&chart, r#"{"resourceType":"Practitioner","id":"ruiz"}"#).await;
        let role = |end: &str| format!(r#"{{"resourceType":"PractitionerRole","id":"ruiz-north","practitioner":{{"reference":"Practitioner/ruiz"}},"organization":{{"reference":"Organization/north-2"}},"period":{{"start":"2020-01-01"{end}}}}}"#);
        put(&chart, &role("")).await;
        entry(&chart, "by-ruiz", r#","performer":[{"reference":"Practitioner/ruiz"}],"effectiveDateTime":"2025-05-01""#).await;
        entry(&chart, "by-role", r#","performer":[{"reference":"PractitionerRole/ruiz-north"}],"effectiveDateTime":"2025-05-02""#).await;
        entry(&chart, "by-stranger", r#","performer":[{"reference":"Practitioner/family"}],"effectiveDateTime":"2025-05-01""#).await;
        chart.transfer(&desk(), "ana", &transfer(&[], None)).await.unwrap();
        let north_sees = async || found(&chart, &north(), "Observation", "patient=ana").await;
        assert_eq!(north_sees().await, ["by-north", "by-role", "by-ruiz", "of-visit"]);
        // What is written meanwhile counts at once: entries, and where somebody works.
        entry(&chart, "by-ruiz-2", r#","performer":[{"reference":"Practitioner/ruiz"}],"effectiveDateTime":"2025-06-01""#).await;
        assert_eq!(north_sees().await, ["by-north", "by-role", "by-ruiz", "by-ruiz-2", "of-visit"]);
        put(&chart, &role(r#","end":"2025-05-15""#)).await;
        assert_eq!(north_sees().await, ["by-north", "by-role", "by-ruiz", "of-visit"]);
        put(&chart, r#"{"resourceType":"PractitionerRole","id":"ruiz-south","practitioner":{"reference":"Practitioner/ruiz"},"organization":{"reference":"Organization/south"},"period":{"start":"2025-04-01"}}"#).await;
        assert_eq!(north_sees().await, ["by-north", "by-role", "of-visit"], "of the days on which they worked for both nobody can tell, unless the role is named");
        assert_eq!(found(&chart, &at("South", Role::Physician, 83), "Observation", "patient=ana").await.len(), 8);
    });
}
