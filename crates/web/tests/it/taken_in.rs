//! Documents that were signed in one house and taken in at another: read, printed and copied there, with or without
//! their form; and papers that are used once, in two houses. Over the real door and RocksDB.

use access::Role;
use attest::{Algorithm, Authority, Evidence, SIGNING_ROOM};
use axum::http::StatusCode;
use chart::{HandedOver, Origin, Stored, TakenIn};
use web::words::Language;

use desk::{PASSWORD, Reader, Site, site, small_form};

use crate::desk;
use crate::proof::pages_of;

const REFERRAL: &str = r#"{"url":"https://carnet.health/fhir/StructureDefinition/form-certificate","extension":[{"url":"kind","valueCode":"referral"},{"url":"uses","valueString":"once"}]}"#;

fn referral() -> String {
    small_form("referral", REFERRAL)
}

async fn signed(reader: &Reader<'_>) -> String {
    let place = reader.begin("/referral").await;
    reader.act(&place, "sign", &[("a::note", "asthma")]).await;
    let page = reader.act(&format!("{place}/sign"), "sign", &[("secret", PASSWORD)]).await;
    assert!(page.status == StatusCode::OK && page.text.contains("The signature is good"), "{}", page.text);
    place
}

fn texts(all: &[Stored]) -> Vec<String> {
    all.iter().map(|one| one.text.clone()).collect()
}

/// The person's record, as it leaves.
async fn handed(from: &Site) -> HandedOver {
    from.chart.hand_over(&testkit::caller(Role::Console), "p").await.unwrap().unwrap()
}

/// Takes a record in, with what is shared or without, and trusts who signed it.
async fn take_in(from: &Site, to: &Site, handed: &HandedOver, has_forms: bool) {
    let console = testkit::caller(Role::Console);
    let now_s = from.chart.now().0 / 1000;
    let theirs = Authority::new(from.chart.drawer(SIGNING_ROOM));
    let (authority, revoked) = (theirs.certificate("Test clinic", now_s).unwrap(), theirs.list("Test clinic", now_s).unwrap());
    Authority::new(to.chart.drawer(SIGNING_ROOM)).trust(&authority, &revoked).unwrap();
    let evidence = |one: &chart::SignedVersion| Evidence { text: one.text.clone(), signatures: one.signatures.clone(), authority: authority.clone(), revoked: revoked.clone(), made_at: "2026-03-02".into() }.written();
    let files: Vec<String> = handed.signed.iter().map(evidence).collect();
    if has_forms {
        let fates = to.chart.take_in_shared(&console, &texts(&handed.shared)).await.unwrap();
        assert!(fates.iter().all(|fate| matches!(fate, TakenIn::New | TakenIn::Same)), "{fates:?}");
    }
    let origin = Origin { institution: "Test clinic", parcel: "p1" };
    let fates = to.chart.take_in_person(&console, &origin, &texts(&handed.patients), &texts(&handed.entries), &files, &[]).await.unwrap();
    assert!(fates.iter().all(|fate| matches!(fate, TakenIn::New | TakenIn::Same)), "{fates:?}");
}

#[tokio::test]
async fn a_signed_document_is_read_printed_and_copied_where_it_was_taken_in() {
    let (from, to) = (site(&[referral()], Algorithm::Es256).await, site(&[], Algorithm::Es256).await);
    let there = from.sign_in("ana").await;
    let place = signed(&there).await;
    let draft = there.begin("/referral").await;
    let all = handed(&from).await;
    assert!(all.shared.iter().any(|one| one.kind.name() == "Questionnaire"), "the form travels");
    let draft_id = draft.rsplit('/').next().unwrap();
    assert!(all.entries.iter().all(|one| one.id != draft_id), "what somebody is still writing stays");
    take_in(&from, &to, &all, true).await;
    assert!(to.chart.forms().unwrap().is_empty(), "a form that came along is offered to nobody");

    let ana = to.sign_in("ana").await;
    for language in Language::ALL {
        let page = ana.get_in(&place, language).await;
        assert!(page.status == StatusCode::OK && page.text.contains("Small referral") && page.text.contains("asthma") && !page.text.contains('⟦'), "{}: {}", language.code(), page.text);
    }
    let page = ana.get(&place).await.text;
    assert!(page.contains("The signature is good") && page.contains("Signed in another institution") && page.contains("version/elsewhere-3"), "{page}");
    let file = ana.get(&format!("{place}/pdf")).await;
    assert_eq!(file.status, StatusCode::OK, "{}", file.text);
    let told = pages_of(&file.bytes).concat();
    assert!(told.contains("asthma") && told.contains("Dr. ana") && !told.contains("Not signed"), "{told}");
    for end in ["version/elsewhere-3", "version/3", "evidence/elsewhere-3", "evidence/3", "version/elsewhere-3/pdf"] {
        assert_eq!(ana.get(&format!("{place}/{end}")).await.status, StatusCode::OK, "{end}");
    }
    for end in ["version/elsewhere-9", "version/9", "version/elsewhere-", "version/elsewhere-0", "evidence/elsewhere-9", "evidence/elsewhere-x"] {
        assert_eq!(ana.get(&format!("{place}/{end}")).await.status, StatusCode::NOT_FOUND, "{end}");
    }
    // Its own certificate is of there; a certified copy of it is made here.
    let papers = format!("{place}/papers");
    assert!(!ana.get(&papers).await.text.contains("value=\"certificate\""));
    assert_eq!(ana.post(&papers, &[("act", "certificate")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let copy = ana.post(&papers, &[("act", "copy"), ("asked", "the person")]).await;
    assert_eq!(copy.status, StatusCode::SEE_OTHER, "{}", copy.text);
    let copy = ana.get(&copy.location()).await;
    assert!(copy.status == StatusCode::OK && copy.text.contains("Dr. ana") && copy.text.contains("asthma"), "{}", copy.text);

    // Amended here: the version that came is an older one now, and is still signed there.
    let draft = ana.post(&place, &[("act", "amend"), ("reason", "a word")]).await.location();
    ana.act(&draft, "save", &[("a::note", "asthma, severe")]).await;
    assert_eq!(ana.act(&format!("{draft}/sign"), "sign", &[("secret", PASSWORD)]).await.status, StatusCode::OK);
    let old = ana.get(&format!("{place}/version/elsewhere-3")).await.text;
    assert!(old.contains("asthma") && !old.contains("severe") && old.contains("This is an older version"), "{old}");
}

#[tokio::test]
async fn a_form_travels_as_it_was_answered() {
    let (from, to) = (site(&[referral()], Algorithm::Es256).await, site(&[], Algorithm::Es256).await);
    let place = signed(&from.sign_in("ana").await).await;
    from.hands.forward_ms(60_000);
    let (console, kind) = (testkit::caller(Role::Console), fhir::ResourceType::named("Questionnaire").unwrap());
    let id = from.form("/referral");
    let reworded = referral().replace("Small referral", "Another title").replacen('{', &format!(r#"{{"id":"{id}","#), 1);
    from.chart.update(&console, kind, &id, reworded.as_bytes(), None).await.unwrap();
    from.hands.forward_ms(60_000);
    let says = |all: &HandedOver| all.shared.iter().filter(|one| one.kind == kind).map(|one| one.text.contains("Small referral")).collect::<Vec<_>>();
    let all = handed(&from).await;
    assert_eq!(says(&all), [true]);
    from.chart.delete(&console, kind, chart::Target::Id(&id), None).await.unwrap();
    assert_eq!(says(&handed(&from).await), [true], "it is gone there, and goes along");
    take_in(&from, &to, &all, true).await;
    let page = to.sign_in("ana").await.get(&place).await.text;
    assert!(page.contains("Small referral") && !page.contains("Another title"), "{page}");
}

#[tokio::test]
async fn a_form_that_is_here_is_never_replaced_and_one_that_is_missing_hides_no_document() {
    let (from, to) = (site(&[referral()], Algorithm::Es256).await, site(&[referral()], Algorithm::Es256).await);
    let place = signed(&from.sign_in("ana").await).await;
    let all = handed(&from).await;
    let console = testkit::caller(Role::Console);
    let form = all.shared.iter().find(|one| one.kind.name() == "Questionnaire").unwrap().text.clone();
    let take = async |text: &str| to.chart.take_in_shared(&console, &[text.to_owned()]).await.unwrap();
    let before = to.chart.form_text(&console, "https://form.example/referral|1").unwrap();
    assert_eq!(take(&form).await, [TakenIn::Same], "under another id it is the same form");
    assert_eq!(take(&form.replace("Small referral", "Another")).await, [TakenIn::Differs]);
    assert_eq!(to.chart.form_text(&console, "https://form.example/referral|1").unwrap(), before);
    // Another version of it is kept beside, and is not offered.
    let next = form.replace("\"version\":\"1\"", "\"version\":\"2\"");
    assert_ne!(next, form);
    assert_eq!(take(&next).await, [TakenIn::New]);
    assert_eq!(take(&next).await, [TakenIn::Same], "again");
    assert!(to.chart.forms().unwrap().iter().all(|one| one.form.version == "1"));
    assert!(matches!(to.chart.take_in_shared(&testkit::caller(Role::Integration), &[form]).await, Err(chart::Error::Forbidden)));

    // A parcel of before has no forms: the document is read all the same, and nothing is written with it.
    let bare = site(&[], Algorithm::Es256).await;
    take_in(&from, &bare, &all, false).await;
    let ana = bare.sign_in("ana").await;
    let page = ana.get(&place).await;
    assert!(page.status == StatusCode::OK && page.text.contains("asthma") && page.text.contains("The signature is good") && page.text.contains("is not held here"), "{}", page.text);
    assert!(!page.text.contains("value=\"amend\"") && !page.text.contains("/sign?annul"), "{}", page.text);
    let file = ana.get(&format!("{place}/pdf")).await;
    assert!(file.status == StatusCode::OK && pages_of(&file.bytes).concat().contains("asthma"), "{}", file.text);
    assert_eq!(ana.get(&format!("{place}/evidence/3")).await.status, StatusCode::OK);
    for kind in ["copy", "short"] {
        assert_eq!(ana.post(&format!("{place}/papers"), &[("act", kind), ("asked", "the person")]).await.status, StatusCode::UNPROCESSABLE_ENTITY, "what is withheld is not known: {kind}");
    }
    assert_ne!(ana.post(&place, &[("act", "amend"), ("reason", "a word")]).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn what_was_used_there_is_used_here_and_what_may_have_been_is_asked_for() {
    let from = site(&[referral()], Algorithm::Es256).await;
    let there = from.sign_in("ana").await;
    let (used, open) = (signed(&there).await, signed(&there).await);
    assert_eq!(there.post(&format!("{used}/papers"), &[("act", "use")]).await.status, StatusCode::OK);
    let all = handed(&from).await;
    let to = site(&[], Algorithm::Es256).await;
    take_in(&from, &to, &all, true).await;
    let ana = to.sign_in("ana").await;
    let page = ana.get(&format!("{used}/papers")).await.text;
    assert!(page.contains("Used already") && !page.contains("value=\"use\""), "{page}");
    assert_eq!(ana.post(&format!("{used}/papers"), &[("act", "use"), ("asked", "yes")]).await.status, StatusCode::CONFLICT);
    // The other one is used after somebody asked where it was written, and once.
    let papers = format!("{open}/papers");
    let page = ana.get(&papers).await.text;
    assert!(page.contains("ask who issued it") && page.contains("name=\"asked\"") && !page.contains("In force<"), "{page}");
    let page = ana.post(&papers, &[("act", "use")]).await;
    assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.text.contains("may have been used in another institution"), "{}", page.text);
    assert_eq!(ana.post(&papers, &[("act", "use"), ("asked", "yes")]).await.status, StatusCode::OK);
    assert_eq!(ana.post(&papers, &[("act", "use"), ("asked", "yes")]).await.status, StatusCode::CONFLICT);
    // Where it left, nobody pretends to know; what is signed after that did not leave.
    let page = there.get(&papers).await.text;
    assert!(page.contains("was handed over to another institution") && page.contains("name=\"asked\""), "{page}");
    assert_eq!(there.post(&papers, &[("act", "use")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    from.hands.forward_ms(60_000);
    let there = from.sign_in("ana").await;
    let later = format!("{}/papers", signed(&there).await);
    assert!(!there.get(&later).await.text.contains("was handed over"));
    assert_eq!(there.post(&later, &[("act", "use")]).await.status, StatusCode::OK);
    // It comes back used.
    let back = handed(&to).await;
    let console = testkit::caller(Role::Console);
    let origin = Origin { institution: "Another clinic", parcel: "p2" };
    from.chart.take_in_person(&console, &origin, &texts(&back.patients), &texts(&back.entries), &[], &[]).await.unwrap();
    assert_eq!(there.post(&papers, &[("act", "use"), ("asked", "yes")]).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn looking_makes_no_paper_and_signing_makes_the_certificate() {
    let site = site(&[referral()], Algorithm::Es256).await;
    let ana = site.sign_in("ana").await;
    let place = signed(&ana).await;
    let signed_at = site.chart.now();
    site.hands.forward_ms(9 * 60_000);
    let desk = site.sign_in("desk").await;
    let page = desk.get(&format!("{place}/papers")).await.text;
    assert!(page.contains("Dr. ana") && !page.contains("value=\"certificate\""), "made by who signed: {page}");
    let filled = site.chart.filled(&testkit::caller(Role::Physician), "p", place.rsplit('/').next().unwrap()).await.unwrap();
    let papers = site.chart.papers_of(&testkit::caller(Role::Physician), &filled).await.unwrap();
    assert!(papers.len() == 1 && papers[0].at <= signed_at && papers[0].given_by == "Dr. ana", "{papers:?}");
}
