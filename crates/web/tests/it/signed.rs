//! What is signed at the pages, over the real door and RocksDB: it stays, it is verified, and no way leads round it.

use access::Role;
use attest::{Algorithm, Capacity, Evidence};
use axum::http::StatusCode;
use chart::{Arrival, Error, Imported, Importer, Labelling, Patch, Target};
use fhir::{Document, ResourceType};

use desk::{PASSWORD, Site, between, site, small_form};

use crate::desk;

const NEEDED: &str = r#"{"url":"https://carnet.health/fhir/StructureDefinition/form-signature","valueCode":"licence"},{"url":"https://carnet.health/fhir/StructureDefinition/form-signature","valueCode":"institution"}"#;

async fn with_forms() -> Site {
    site(&[small_form("plain", ""), small_form("grave", NEEDED)], Algorithm::Es256).await
}

fn response(place: &str) -> String {
    place.rsplit('/').next().unwrap().to_owned()
}

/// A response of the plain form, signed by Ana: where it is.
async fn signed(site: &Site) -> String {
    let ana = site.sign_in("ana").await;
    let place = ana.begin("/plain").await;
    let page = ana.act(&place, "sign", &[("a::note", "first")]).await;
    assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, format!("{place}/sign")), "{}", page.text);
    let asked = ana.get(&page.location()).await;
    assert!(asked.text.contains("first") && asked.text.contains("Dr. ana · Physician · licence L-1 · Test clinic"), "{}", asked.text);
    let page = ana.act(&format!("{place}/sign"), "sign", &[("secret", PASSWORD)]).await;
    assert!(page.status == StatusCode::OK && page.text.contains("The signature is good"), "{}", page.text);
    place
}

async fn evidence(site: &Site, place: &str, version: u32) -> Evidence {
    let page = site.sign_in("ruiz").await.get(&format!("{place}/evidence/{version}")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    Evidence::read(&page.text).unwrap()
}

#[tokio::test]
async fn what_is_signed_is_verified_without_the_house() {
    for algorithm in [Algorithm::Es256, Algorithm::Ed25519] {
        let site = site(&[small_form("plain", ""), small_form("grave", NEEDED)], algorithm).await;
        let place = signed(&site).await;
        let evidence = evidence(&site, &place, 3).await;
        let said = evidence.verify(&[]).pop().unwrap().unwrap();
        assert_eq!((said.by.name.as_str(), said.by.role.as_str(), said.by.licence.as_str(), said.by.place.as_str(), said.capacity), ("Dr. ana", "physician", "L-1", "Test clinic", Capacity::Author));
        assert_eq!(said.document, format!("QuestionnaireResponse/{}/_history/3", response(&place)));
        // The bytes are those of the record, which the signature did not change.
        assert_eq!(site.record("QuestionnaireResponse").await, [evidence.text.clone()]);
        assert!(evidence.text.contains("\"status\":\"completed\"") && !evidence.text.contains("signature"));
        // The signature lies beside it, as FHIR keeps it.
        let provenance = site.record("Provenance").await.into_iter().find(|text| text.contains("\"signature\"")).unwrap();
        let document = Document::read(&provenance).unwrap();
        let root = document.root();
        let signature = root.get("signature").unwrap().items().next().unwrap();
        assert_eq!(signature.string("sigFormat").as_deref(), Some("application/jose"));
        assert_eq!(String::from_utf8(fhir::base64::decode(&signature.string("data").unwrap()).unwrap()).unwrap(), evidence.signatures[0]);
        assert_eq!(root.get("target").unwrap().items().next().unwrap().string("reference").as_deref(), Some(said.document.as_str()));
    }
}

#[tokio::test]
async fn nobody_signs_without_showing_anew_who_they_are() {
    let site = with_forms().await;
    let ana = site.sign_in("ana").await;
    let place = ana.begin("/plain").await;
    ana.act(&place, "save", &[("a::note", "first")]).await;
    for secret in ["", "wrong", "000000"] {
        let page = ana.act(&format!("{place}/sign"), "sign", &[("secret", secret)]).await;
        assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.text.contains("Nothing was signed"), "{secret}: {}", page.text);
    }
    // A version that is not the one that was read is shown anew, whatever is typed.
    let page = ana.post(&format!("{place}/sign"), &[("version", "1"), ("act", "sign"), ("secret", PASSWORD)]).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    // Without its proof, a form does nothing.
    let page = ana.get(&format!("{place}/sign")).await;
    assert!(page.text.contains("autocomplete=\"current-password\""));
    assert_eq!(ana.post(&format!("{place}/sign"), &[("token", "x")]).await.status, StatusCode::FORBIDDEN);
    // Guessing makes wait.
    let mut waits = false;
    for _ in 0..8 {
        waits |= ana.act(&format!("{place}/sign"), "sign", &[("secret", "wrong")]).await.text.contains("Too many attempts");
    }
    assert!(waits);
    assert!(site.record("Provenance").await.iter().all(|text| !text.contains("signature")));
    assert!(site.record("QuestionnaireResponse").await[0].contains("in-progress"));
}

#[tokio::test]
async fn with_a_second_factor_its_code_is_asked_and_opens_once() {
    let site = with_forms().await;
    let ana = site.sign_in("ana").await;
    let account = site.chart.accounts().unwrap().into_iter().find(|one| one.login == "ana").unwrap();
    let secret = site.chart.new_factor_secret();
    let code = |site: &Site| access::totp::code(&secret, access::totp::step_at(site.chart.now()));
    assert!(site.chart.enrol(&account, &secret, &code(&site)).unwrap().is_some());
    site.hands.forward_ms(60_000);
    let place = ana.begin("/plain").await;
    ana.act(&place, "save", &[("a::note", "first")]).await;
    let page = ana.act(&format!("{place}/sign"), "sign", &[("secret", PASSWORD)]).await;
    assert!(page.text.contains("Nothing was signed") && page.text.contains("A code of your second factor"), "the password alone signs nothing");
    let right = code(&site);
    assert_eq!(ana.act(&format!("{place}/sign"), "sign", &[("secret", &right)]).await.status, StatusCode::OK);
    let second = ana.begin("/plain").await;
    ana.act(&second, "save", &[("a::note", "second")]).await;
    assert!(ana.act(&format!("{second}/sign"), "sign", &[("secret", &right)]).await.text.contains("Nothing was signed"), "a code opens once");
}

#[tokio::test]
async fn a_form_that_wants_it_is_completed_by_a_signature_of_somebody_with_a_licence_and_of_the_institution() {
    let site = with_forms().await;
    let (ana, ruiz) = (site.sign_in("ana").await, site.sign_in("ruiz").await);
    let place = ana.begin("/grave").await;
    assert!(!ana.get(&place).await.text.contains("value=\"complete\""));
    // Whoever sends the button all the same comes to the page that asks.
    assert_eq!(ana.act(&place, "complete", &[("a::note", "x")]).await.location(), format!("{place}/sign"));
    let page = ruiz.act(&format!("{place}/sign"), "sign", &[("secret", PASSWORD)]).await;
    assert!(page.text.contains("your account names none"), "{}", page.text);
    assert!(ana.get(&format!("{place}/sign")).await.text.contains("The institution signs it too"));
    assert_eq!(ana.act(&format!("{place}/sign"), "sign", &[("secret", PASSWORD)]).await.status, StatusCode::OK);
    let said: Vec<_> = evidence(&site, &place, 3).await.verify(&[]).into_iter().map(|one| one.unwrap()).collect();
    assert_eq!(said.iter().map(|one| (one.capacity, one.by.name.as_str())).collect::<Vec<_>>(), [(Capacity::Author, "Dr. ana"), (Capacity::Institution, "Test clinic")]);
    // What is not filled in is not signed.
    let empty = ana.begin("/grave").await;
    let page = ana.get(&format!("{empty}/sign")).await;
    assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.text.contains("An answer is needed"));
}

#[tokio::test]
async fn no_way_leads_to_another_version_of_what_is_signed() {
    let site = with_forms().await;
    let place = signed(&site).await;
    let id = response(&place);
    let chart = &site.chart;
    let kind = ResourceType::named("QuestionnaireResponse").unwrap();
    let before = site.record("QuestionnaireResponse").await;
    let altered = before[0].replace("first", "forged");
    let document = Document::read(&altered).unwrap();
    let label = Document::read(r#"{"resourceType":"Meta","tag":[{"system":"https://x.example","code":"y"}]}"#).unwrap();
    let bundle = |of: &str, entry: String| format!(r#"{{"resourceType":"Bundle","type":"{of}","entry":[{entry}]}}"#);
    let put = format!(r#"{{"resource":{altered},"request":{{"method":"PUT","url":"QuestionnaireResponse/{id}"}}}}"#);
    let put_where = format!(r#"{{"resource":{altered},"request":{{"method":"PUT","url":"QuestionnaireResponse?_id={id}"}}}}"#);
    let delete = format!(r#"{{"request":{{"method":"DELETE","url":"QuestionnaireResponse/{id}"}}}}"#);
    let delete_where = format!(r#"{{"request":{{"method":"DELETE","url":"QuestionnaireResponse?_id={id}"}}}}"#);
    let json_patch = br#"[{"op":"replace","path":"/status","value":"stopped"}]"#;
    let path_patch = br#"{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"replace"},{"name":"path","valueString":"QuestionnaireResponse.status"},{"name":"value","valueCode":"stopped"}]}]}"#;
    let patch = format!(r#"{{"resource":{},"request":{{"method":"PATCH","url":"QuestionnaireResponse/{id}"}}}}"#, String::from_utf8_lossy(path_patch));
    // The console may do everything; whoever may do less is refused no less.
    for role in [Role::Console, Role::Integration, Role::Physician] {
        let caller = testkit::caller(role);
        let mut answers: Vec<(&str, Result<(), Error>)> = vec![
            ("update", chart.update(&caller, kind, &id, altered.as_bytes(), None).await.map(drop)),
            ("update with If-Match", chart.update(&caller, kind, &id, altered.as_bytes(), Some("3")).await.map(drop)),
            ("conditional update", chart.update_where(&caller, kind, &format!("_id={id}"), altered.as_bytes(), None).await.map(drop)),
            ("JSON patch", chart.patch(&caller, kind, Target::Id(&id), Patch::Json(json_patch), None).await.map(drop)),
            ("FHIRPath patch", chart.patch(&caller, kind, Target::Id(&id), Patch::FhirPath(path_patch), None).await.map(drop)),
            ("conditional patch", chart.patch(&caller, kind, Target::Criteria(&format!("_id={id}")), Patch::Json(json_patch), None).await.map(drop)),
            ("delete", chart.delete(&caller, kind, Target::Id(&id), None).await.map(drop)),
            ("conditional delete", chart.delete(&caller, kind, Target::Criteria(&format!("_id={id}")), None).await.map(drop)),
            ("labels", chart.label(&caller, kind, &id, Labelling::Add, label.root(), None).await.map(drop)),
        ];
        for (name, entry) in [("transaction put", &put), ("transaction conditional put", &put_where), ("transaction delete", &delete), ("transaction conditional delete", &delete_where), ("transaction patch", &patch)] {
            answers.push((name, chart.bundle(&caller, bundle("transaction", entry.clone()).as_bytes()).await.map(drop)));
            let batch = chart.bundle(&caller, bundle("batch", entry.clone()).as_bytes()).await.unwrap();
            answers.push((name, batch.entries.into_iter().next().unwrap().result.map(drop)));
        }
        for (name, answer) in answers {
            let cause = answer.expect_err(name);
            assert!(cause.issues().iter().any(|issue| issue.rule == "signed"), "{role:?} {name}: {cause:?}");
        }
    }
    let arrival = Arrival { body: Some(document.root()), full_url: None, method: Some("PUT".into()), url: Some(format!("QuestionnaireResponse/{id}")), if_none_exist: None };
    let gone = Arrival { body: None, method: Some("DELETE".into()), ..arrival.clone() };
    for keep_flawed in [false, true] {
        for arrival in [&arrival, &gone] {
            let fates = chart.import(&testkit::caller(Role::Console), std::slice::from_ref(arrival), Importer { keep_flawed, more_to_come: false }).await.unwrap();
            assert!(matches!(&fates[0], Imported::Rejected(issues) if issues.iter().any(|issue| issue.rule == "signed")), "import: {fates:?}");
        }
    }
    // The pages: a draft's form sent to it, an amendment completed without a signature.
    let ana = site.sign_in("ana").await;
    for act in ["save", "complete", "discard", "confirm", "add~:note"] {
        let page = ana.post(&place, &[("version", "3"), ("act", act), ("a::note", "forged")]).await;
        assert_eq!(page.status, StatusCode::CONFLICT, "{act}");
    }
    let draft = ana.post(&place, &[("act", "amend"), ("reason", "a slip")]).await.location();
    assert_eq!(ana.act(&draft, "complete", &[("a::note", "forged")]).await.location(), format!("{draft}/sign"), "an amendment is signed too");
    let filled = chart.filled(&testkit::caller(Role::Console), "p", &response(&draft)).await.unwrap();
    assert!(chart.complete_form(&testkit::caller(Role::Console), &filled, &filled.filling).await.is_err());
    // The Provenance that holds the signature stays too.
    let provenance = site.record("Provenance").await.into_iter().find(|text| text.contains("\"signature\"")).unwrap();
    let own = between(&provenance, "\"id\":\"", "\"");
    let of = ResourceType::named("Provenance").unwrap();
    for answer in [chart.update(&testkit::caller(Role::Console), of, &own, provenance.replace("Dr. ana", "Dr. X").as_bytes(), None).await, chart.delete(&testkit::caller(Role::Console), of, Target::Id(&own), None).await] {
        assert!(answer.unwrap_err().issues().iter().any(|issue| issue.rule == "signed"));
    }
    let now = site.record("QuestionnaireResponse").await;
    assert_eq!(now.iter().find(|text| text.contains(&format!("\"id\":\"{id}\""))), before.first(), "to the letter as it was");
    // What says the same changes nothing, so a file may be imported again.
    chart.update(&testkit::caller(Role::Console), kind, &id, before[0].as_bytes(), None).await.unwrap();
}

/// A signature binds what it names. Nobody binds the document of somebody else with a word that they made up.
#[tokio::test]
async fn a_signature_from_elsewhere_is_brought_by_a_system_only() {
    let site = with_forms().await;
    let (response, provenance) = (ResourceType::named("QuestionnaireResponse").unwrap(), ResourceType::named("Provenance").unwrap());
    let system = testkit::caller(Role::Integration);
    // It is no draft, whatever the status of what it contains.
    let loose = r##"{"resourceType":"QuestionnaireResponse","id":"loose","contained":[{"resourceType":"Procedure","id":"then","status":"in-progress","subject":{"reference":"Patient/p"}}],"partOf":[{"reference":"#then"}],"status":"completed","subject":{"reference":"Patient/p"}}"##;
    chart_update(&site, &system, response, "loose", loose).await.unwrap();
    let about = |target: &str| format!(r#"{{"resourceType":"Provenance","id":"brought","target":[{{"reference":"{target}"}}],"recorded":"2026-03-01T00:00:00Z","agent":[{{"who":{{"display":"Elsewhere"}}}}],"signature":[{{"type":[{{"system":"urn:iso-astm:E1762-95:2013","code":"1.2.840.10065.1.12.1.1"}}],"when":"2026-03-01T00:00:00Z","who":{{"display":"Elsewhere"}},"sigFormat":"application/jose","data":"eA=="}}]}}"#);
    for target in ["QuestionnaireResponse/loose/_history/1".to_owned(), format!("{}/QuestionnaireResponse/loose/_history/1", testkit::BASE_URL)] {
        for role in [Role::Physician, Role::Nurse] {
            let cause = site.chart.create(&testkit::caller(role), provenance, about(&target).as_bytes(), None).await.expect_err(&target);
            assert!(cause.issues().iter().any(|issue| issue.rule == "signed"), "{role:?} {target}: {cause:?}");
        }
    }
    // It binds nothing: the document can still be written.
    chart_update(&site, &system, response, "loose", &loose.replace("completed", "amended")).await.unwrap();
    chart_update(&site, &system, provenance, "brought", &about("QuestionnaireResponse/loose/_history/2")).await.unwrap();
    assert!(chart_update(&site, &system, response, "loose", loose).await.is_err(), "from now on it is bound");
}

async fn chart_update(site: &Site, caller: &access::Caller, kind: ResourceType, id: &str, text: &str) -> chart::Result<chart::Written> {
    site.chart.update(caller, kind, id, text.as_bytes(), None).await
}

#[tokio::test]
async fn a_correction_is_another_version_signed_anew_and_the_old_one_stays_verifiable() {
    let site = with_forms().await;
    let place = signed(&site).await;
    let ana = site.sign_in("ana").await;
    let draft = ana.post(&place, &[("act", "amend"), ("reason", "a slip of the pen")]).await.location();
    ana.act(&draft, "save", &[("a::note", "second")]).await;
    let page = ana.act(&format!("{draft}/sign"), "sign", &[("secret", PASSWORD)]).await;
    assert!(page.status == StatusCode::OK && page.text.contains("second") && page.text.contains("a slip of the pen"), "{}", page.text);
    for (version, word) in [(3, "first"), (4, "second")] {
        let evidence = evidence(&site, &place, version).await;
        assert!(evidence.text.contains(word) && evidence.verify(&[])[0].is_ok(), "{version}");
    }
    let old = ana.get(&format!("{place}/version/3")).await;
    assert!(old.text.contains("first") && old.text.contains("older version") && !old.text.contains("value=\"amend\""), "{}", old.text);
    // Out of force, with a reason, signed as well; then nothing goes on.
    let page = ana.act(&format!("{place}/sign?annul"), "annul", &[("secret", PASSWORD), ("reason", " ")]).await;
    assert!(page.text.contains("needs a reason"), "{}", page.text);
    let page = ana.post(&format!("{place}/sign"), &[("version", "4"), ("act", "annul"), ("secret", PASSWORD), ("reason", "the wrong person")]).await;
    assert!(page.status == StatusCode::OK && page.text.contains("Out of force"), "{}", page.text);
    assert!(evidence(&site, &place, 5).await.text.contains("entered-in-error"));
    assert_eq!(ana.post(&place, &[("act", "amend"), ("reason", "again")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    for rubbish in ["0", "9", "x", "-1", "99999999999"] {
        assert_eq!(ana.get(&format!("{place}/version/{rubbish}")).await.status, StatusCode::NOT_FOUND, "{rubbish}");
        assert_eq!(ana.get(&format!("{place}/evidence/{rubbish}")).await.status, StatusCode::NOT_FOUND, "{rubbish}");
    }
}

#[tokio::test]
async fn two_who_sign_at_once_sign_once() {
    let site = with_forms().await;
    let ana = site.sign_in("ana").await;
    let place = ana.begin("/plain").await;
    ana.act(&place, "save", &[("a::note", "first")]).await;
    let path = format!("{place}/sign");
    let fields = [("version", "2"), ("act", "sign"), ("secret", PASSWORD)];
    let (one, other) = tokio::join!(ana.post(&path, &fields), ana.post(&path, &fields));
    let mut found = [one.status, other.status];
    found.sort();
    assert_eq!(found, [StatusCode::OK, StatusCode::CONFLICT]);
    assert_eq!(site.record("Provenance").await.iter().filter(|text| text.contains("\"signature\"")).count(), 1);
}

#[tokio::test]
async fn a_revoked_key_signs_nothing_more_and_what_it_signed_stays_good() {
    let site = with_forms().await;
    let place = signed(&site).await;
    let ana = site.sign_in("ana").await;
    assert!(ana.get("/account").await.text.contains("Your signing key"));
    assert_eq!(ana.post("/account/signing-key", &[("secret", "wrong")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    site.hands.forward_ms(5_000);
    let page = ana.post("/account/signing-key", &[("secret", PASSWORD)]).await;
    assert!(page.status == StatusCode::OK && page.text.contains("certificate was revoked"), "{}", page.text);
    assert_eq!(ana.post("/account/signing-key", &[("secret", PASSWORD)]).await.status, StatusCode::CONFLICT);
    assert!(evidence(&site, &place, 3).await.verify(&[])[0].as_ref().unwrap().revoked_later_at_s.is_some());
    assert!(ana.get(&place).await.text.contains("the certificate was revoked later"));
}
