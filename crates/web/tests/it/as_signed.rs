//! A paper says who its person was when it was signed, whatever the register says later; and a certified copy holds
//! what it held when it was made. Over the real door and RocksDB.

use access::Role;
use attest::Algorithm;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use fhir::ResourceType;
use http_body_util::BodyExt;
use tower::ServiceExt;
use web::words::Language;

use desk::{PASSWORD, Reader, Site, between, site, small_form};

use crate::desk;
use crate::proof::pages_of;

const CERTIFICATE: &str = r#"{"url":"https://carnet.health/fhir/StructureDefinition/form-certificate","extension":[{"url":"kind","valueCode":"fitness"}]}"#;
const ADDENDUM: &str = r#"{"url":"https://carnet.health/fhir/StructureDefinition/form-addendum","valueBoolean":true},{"url":"https://carnet.health/fhir/StructureDefinition/form-signature","valueCode":"needed"}"#;

async fn house() -> Site {
    let site = site(&[small_form("plain", ""), small_form("fit", CERTIFICATE), small_form("more", ADDENDUM)], Algorithm::Es256).await;
    registered(&site, "p", "Prueba", "1958-03-14", "A-111111").await;
    site
}

/// The register says so from now on.
async fn registered(site: &Site, id: &str, family: &str, born: &str, number: &str) {
    site.hands.forward_ms(60_000);
    let body = format!(r#"{{"resourceType":"Patient","id":"{id}","identifier":[{{"system":"https://numbers.example","type":{{"text":"No"}},"value":"{number}"}}],"name":[{{"family":"{family}","given":["Rosa"]}}],"gender":"female","birthDate":"{born}"}}"#);
    site.chart.update(&testkit::caller(Role::Integration), ResourceType::PATIENT, id, body.as_bytes(), None).await.unwrap();
    site.hands.forward_ms(60_000);
}

async fn sign(reader: &Reader<'_>, place: &str, fields: &[(&str, &str)]) {
    let page = reader.act(place, "sign", fields).await;
    assert_eq!(page.location(), format!("{place}/sign"), "{}", page.text);
    let page = reader.act(&format!("{place}/sign"), "sign", &[("secret", PASSWORD)]).await;
    assert!(page.status == StatusCode::OK && page.text.contains("The signature is good"), "{}", page.text);
}

async fn signed(reader: &Reader<'_>, end: &str, note: &str) -> String {
    let place = reader.begin(end).await;
    sign(reader, &place, &[("a::note", note)]).await;
    place
}

async fn paper(reader: &Reader<'_>, address: &str) -> String {
    let file = reader.get(address).await;
    assert_eq!(file.status, StatusCode::OK, "{address}: {}", file.text);
    pages_of(&file.bytes).concat()
}

fn article(page: &str) -> String {
    between(page, "<article class=\"card form-sheet\">", "</article>")
}

#[tokio::test]
async fn a_document_names_its_person_as_they_were_when_it_was_signed() {
    let site = house().await;
    let ana = site.sign_in("ana").await;
    let place = signed(&ana, "/plain", "first").await;
    let page = ana.get(&place).await.text;
    assert!(article(&page).contains("PRUEBA Rosa") && article(&page).contains("A-111111") && !page.contains("was registered as above"), "{page}");
    assert!(!paper(&ana, &format!("{place}/pdf")).await.contains("register of persons has changed"));
    registered(&site, "p", "Otero", "1959-04-15", "B-222222").await;
    // The page says both, the paper what it was signed for and that there is more to know.
    for language in Language::ALL {
        let page = ana.get_in(&place, language).await.text;
        assert!(article(&page).contains("PRUEBA Rosa") && article(&page).contains("1958") && !article(&page).contains("OTERO") && !article(&page).contains("B-222222") && !page.contains('⟦'), "{page}");
        let today = between(&page, "</article>", "</p>");
        assert!(today.contains("OTERO Rosa") && today.contains("B-222222") && today.contains("1959"), "{}: {today}", language.code());
    }
    let text = paper(&ana, &format!("{place}/pdf")).await;
    assert!(text.contains("PRUEBA Rosa") && text.contains("14/03/1958") && text.contains("A-111111") && text.contains("The register of persons has changed since this was signed."), "{text}");
    assert!(!text.contains("OTERO") && !text.contains("B-222222") && !text.contains("1959"), "{text}");
    // Amended, the new version is of the person as they are now, and the old one stays.
    let draft = ana.post(&place, &[("act", "amend"), ("reason", "a word")]).await.location();
    sign(&ana, &draft, &[("a::note", "second")]).await;
    let (old, new) = (paper(&ana, &format!("{place}/version/3/pdf")).await, paper(&ana, &format!("{place}/pdf")).await);
    assert!(old.contains("PRUEBA Rosa") && old.contains("first") && !old.contains("OTERO"), "{old}");
    assert!(new.contains("OTERO Rosa") && new.contains("second") && !new.contains("PRUEBA") && !new.contains("register of persons"), "{new}");
}

/// The Questionnaire says something else from now on, under the same address and version.
async fn reworded(site: &Site, id: &str, name: &str, more: &str) {
    site.hands.forward_ms(60_000);
    let text = small_form(name, "").replace(r#""text":"Note""#, r#""text":"Reworded question""#).replacen('{', &format!(r#"{{"id":"{id}","#), 1);
    let text = text.replace(&format!("Small {name}"), &format!("Another title{more}"));
    site.chart.update(&testkit::caller(Role::Console), questionnaire(), id, text.as_bytes(), None).await.unwrap();
    site.hands.forward_ms(60_000);
}

fn questionnaire() -> ResourceType {
    ResourceType::named("Questionnaire").unwrap()
}

#[tokio::test]
async fn a_document_asks_what_was_asked_when_it_was_signed() {
    let site = house().await;
    let ana = site.sign_in("ana").await;
    site.hands.forward_ms(60_000);
    let place = signed(&ana, "/plain", "first").await;
    let id = site.form("/plain");
    let shown = async |what: &str| {
        for language in Language::ALL {
            for address in [place.clone(), format!("{place}/version/3")] {
                let page = ana.get_in(&address, language).await.text;
                assert!(article(&page).contains("Small plain") && article(&page).contains("Note") && article(&page).contains("first") && !page.contains("Reworded") && !page.contains("Another title"), "{what}, {address}: {page}");
            }
        }
        for address in [format!("{place}/pdf"), format!("{place}/version/3/pdf")] {
            let text = paper(&ana, &address).await;
            assert!(text.contains("Small plain") && text.contains("Note") && !text.contains("Reworded"), "{what}, {address}: {text}");
        }
    };
    shown("as it is").await;
    reworded(&site, &id, "plain", "").await;
    shown("reworded").await;
    // What is begun and signed now has the words of now, whatever they become.
    let later = signed(&ana, "/plain", "second").await;
    reworded(&site, &id, "plain", " again").await;
    let page = ana.get(&later).await.text;
    assert!(article(&page).contains("Another title") && !article(&page).contains("Another title again") && article(&page).contains("Reworded question"), "{page}");
    // Gone, and there again under another id with other words.
    site.chart.delete(&testkit::caller(Role::Console), questionnaire(), chart::Target::Id(&id), None).await.unwrap();
    shown("deleted").await;
    reworded(&site, "another-id", "plain", "").await;
    shown("there again").await;
    // Out of force it still asks what it asked.
    let page = ana.post(&format!("{place}/sign"), &[("version", "3"), ("act", "annul"), ("secret", PASSWORD), ("reason", "of somebody else")]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let page = ana.get(&place).await.text;
    assert!(article(&page).contains("Small plain") && !page.contains("Reworded"), "{page}");
}

#[tokio::test]
async fn the_list_names_a_document_whose_form_is_retired() {
    let site = house().await;
    let ana = site.sign_in("ana").await;
    signed(&ana, "/plain", "said in time").await;
    let (console, id) = (testkit::caller(Role::Console), site.form("/plain"));
    let text = site.chart.read(&console, questionnaire(), &id).await.unwrap().text;
    let retired = text.replace("\"status\":\"active\"", "\"status\":\"retired\"");
    assert_ne!(retired, text);
    site.hands.forward_ms(60_000);
    site.chart.update(&console, questionnaire(), &id, retired.as_bytes(), None).await.unwrap();
    let page = ana.get("/person/p/forms").await;
    assert!(page.status == StatusCode::OK && page.text.contains("Small plain") && !page.text.contains("A form that is not held here"), "{}", page.text);
}

#[tokio::test]
async fn a_draft_outlives_its_form() {
    let site = house().await;
    let ana = site.sign_in("ana").await;
    let (kept, thrown) = (ana.begin("/plain").await, ana.begin("/plain").await);
    site.hands.forward_ms(60_000);
    site.chart.delete(&testkit::caller(Role::Console), questionnaire(), chart::Target::Id(&site.form("/plain")), None).await.unwrap();
    site.hands.forward_ms(60_000);
    assert_eq!(ana.act(&thrown, "discard", &[]).await.status, StatusCode::OK);
    assert_eq!(ana.get(&thrown).await.status, StatusCode::GONE);
    let page = ana.act(&kept, "complete", &[("a::note", "said in time")]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let page = ana.get(&kept).await.text;
    assert!(article(&page).contains("Small plain") && article(&page).contains("Note") && article(&page).contains("said in time") && !page.contains("is not held here"), "{page}");
    // A draft of a form that never was here is read, and can only be thrown away.
    let strange = r#"{"resourceType":"QuestionnaireResponse","questionnaire":"https://form.example/unknown|1","status":"in-progress","subject":{"reference":"Patient/p"},"item":[{"linkId":"word","answer":[{"valueString":"said elsewhere"}]}]}"#;
    let written = site.chart.create(&testkit::caller(Role::Integration), ResourceType::named("QuestionnaireResponse").unwrap(), strange.as_bytes(), None).await.unwrap();
    let place = format!("/person/p/forms/{}", written.stored.id);
    for language in Language::ALL {
        let page = ana.get_in(&place, language).await;
        assert!(page.status == StatusCode::OK && page.text.contains("said elsewhere") && page.text.contains("value=\"discard\"") && !page.text.contains("value=\"amend\"") && !page.text.contains('⟦'), "{}", page.text);
    }
    for (act, address) in [("complete", place.clone()), ("save", place.clone())] {
        assert_eq!(ana.act(&address, act, &[("a::word", "forged")]).await.status, StatusCode::CONFLICT, "{act}");
    }
    assert_eq!(ana.get(&format!("{place}/sign")).await.status, StatusCode::CONFLICT);
    assert!(!site.record("QuestionnaireResponse").await.concat().contains("forged"));
    assert_eq!(ana.act(&place, "discard", &[]).await.status, StatusCode::OK);
    assert_eq!(ana.get(&place).await.status, StatusCode::GONE);
}

#[tokio::test]
async fn a_signature_given_later_counts_from_its_own_moment() {
    let site = house().await;
    let ana = site.sign_in("ana").await;
    let place = ana.begin("/plain").await;
    assert_eq!(ana.act(&place, "complete", &[("a::note", "first")]).await.status, StatusCode::OK);
    registered(&site, "p", "Otero", "1958-03-14", "A-111111").await;
    let unsigned = paper(&ana, &format!("{place}/pdf")).await;
    assert!(unsigned.contains("PRUEBA Rosa") && unsigned.contains("has changed since"), "{unsigned}");
    let page = ana.act(&format!("{place}/sign"), "sign", &[("secret", PASSWORD)]).await;
    assert!(page.text.contains("The signature is good"), "{}", page.text);
    let text = paper(&ana, &format!("{place}/pdf")).await;
    assert!(text.contains("OTERO Rosa") && !text.contains("PRUEBA"), "{text}");
}

#[tokio::test]
async fn a_certificate_and_its_code_hold_for_who_the_person_was() {
    let site = house().await;
    let ana = site.sign_in("ana").await;
    let place = signed(&ana, "/fit", "may swim").await;
    ana.get(&format!("{place}/papers")).await;
    registered(&site, "p", "Otero", "1959-04-15", "B-222222").await;
    let page = ana.get(&format!("{place}/papers/1")).await.text;
    assert!(page.contains("PRUEBA Rosa") && page.contains("A-111111") && !article(&page).contains("OTERO") && page.contains("has changed since this was signed"), "{page}");
    let text = paper(&ana, &format!("{place}/papers/1/pdf")).await;
    assert!(text.contains("PRUEBA Rosa") && !text.contains("OTERO"), "{text}");
    // Whoever looks it up knows what stands on it, and not what the register says today.
    let code = between(&page, "<strong class=\"zero\">", "<").replace('-', "").to_lowercase();
    let stranger = site.stranger().await;
    for (detail, status) in [("14/03/1958", StatusCode::OK), ("111111", StatusCode::OK), ("15/04/1959", StatusCode::NOT_FOUND), ("222222", StatusCode::NOT_FOUND)] {
        assert_eq!(stranger.post(&format!("/verify/{code}"), &[("detail", detail)]).await.status, status, "{detail}");
    }
}

#[tokio::test]
async fn who_was_merged_keeps_the_name_that_was_signed_for() {
    let site = house().await;
    let ana = site.sign_in("ana").await;
    let begun = ana.post("/person/other/forms", &[("form", &site.form("/plain"))]).await.location();
    sign(&ana, &begun, &[("a::note", "of the other")]).await;
    site.hands.forward_ms(60_000);
    site.chart.merge(&testkit::caller(Role::RecordsClerk), "p", "other", "registered twice").await.unwrap();
    for place in [begun.clone(), begun.replace("/person/other/", "/person/p/")] {
        let page = ana.get(&place).await.text;
        assert!(article(&page).contains("OTRA Rosa") && !article(&page).contains("PRUEBA") && page.contains("was registered as above") , "{place}: {page}");
        for address in [format!("{place}/pdf"), format!("{place}/version/3/pdf")] {
            let text = paper(&ana, &address).await;
            assert!(text.contains("OTRA Rosa") && !text.contains("PRUEBA") && text.contains("has changed since"), "{address}: {text}");
        }
    }
}

#[tokio::test]
async fn a_copy_holds_the_additions_of_its_day() {
    let site = house().await;
    let (ana, ruiz) = (site.sign_in("ana").await, site.sign_in("ruiz").await);
    let place = signed(&ana, "/plain", "a clear film").await;
    let papers = format!("{place}/papers");
    let without = ana.post(&papers, &[("act", "copy"), ("asked", "the person")]).await.location();
    let before = paper(&ana, &format!("{without}/pdf")).await;
    assert!(before.contains("Nothing had been added to the document when this copy was made."), "{before}");
    let file = ana.get(&format!("{without}/pdf")).await.bytes;
    let addendum = ruiz.act(&place, "append", &[]).await.location();
    sign(&ruiz, &addendum, &[("a::note", "no growth after three days")]).await;
    // What is not signed yet goes with no copy.
    ruiz.act(&place, "append", &[]).await;
    let with = ana.post(&papers, &[("act", "copy"), ("asked", "the court")]).await.location();
    for language in Language::ALL {
        let page = ana.get_in(&with, language).await.text;
        assert!(article(&page).contains("no growth after three days") && article(&page).contains("Dr. ruiz") && !page.contains('⟦'), "{page}");
    }
    let text = paper(&ana, &format!("{with}/pdf")).await;
    let place_of = |what: &str| text.find(what).unwrap_or_else(|| panic!("{what} in {text}"));
    assert!(text.contains("One addendum follows the document.") && text.matches("Dr. ruiz").count() >= 2 && text.matches("The signature is good").count() == 2, "{text}");
    assert!(place_of("a clear film") < place_of("Dr. ana · ") && place_of("Dr. ana · ") < place_of("no growth after three days"), "behind the document and its signature: {text}");
    // The older copy is what it was, to the byte.
    assert_eq!(ana.get(&format!("{without}/pdf")).await.bytes, file);
    let page = ana.get(&without).await.text;
    assert!(!page.contains("no growth"), "{page}");
    // Each code covers what was printed.
    let stranger = site.stranger().await;
    let looked_up = async |paper: &str| {
        let code = between(&ana.get(paper).await.text, "<strong class=\"zero\">", "<");
        let plain = stranger.get(&format!("/verify/{code}")).await.text;
        assert!(!plain.contains("no growth") && !plain.contains("a clear film"), "{plain}");
        stranger.post(&format!("/verify/{code}"), &[("detail", "14/03/1958")]).await.text
    };
    let (old, new) = (looked_up(&without).await, looked_up(&with).await);
    assert!(old.contains("In force") && old.contains("a clear film") && !old.contains("no growth"), "{old}");
    assert!(new.contains("In force") && new.contains("a clear film") && new.contains("no growth after three days") && new.contains("Dr. ruiz"), "{new}");
    let digest = |page: &str| between(page, "(SHA-256): <span class=\"zero\">", "<");
    assert!(digest(&old).len() == 64 && digest(&old) != digest(&new) && before.contains(&digest(&old)[..20]), "{} {}", digest(&old), digest(&new));
    // An addition that is taken out of force takes the copy with it; the other copy stands.
    let page = ruiz.post(&format!("{addendum}/sign"), &[("version", "3"), ("act", "annul"), ("secret", PASSWORD), ("reason", "of somebody else")]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(looked_up(&with).await.contains("Replaced by a newer version") && looked_up(&without).await.contains("In force"));
    assert!(paper(&ana, &format!("{with}/pdf")).await.contains("no growth after three days"), "the copy stays what it was");
    let third = ana.post(&papers, &[("act", "copy"), ("asked", "the person")]).await.location();
    assert!(paper(&ana, &format!("{third}/pdf")).await.contains("Nothing had been added"));
}

#[tokio::test]
async fn an_addendum_is_not_begun_alone() {
    let site = house().await;
    let ana = site.sign_in("ana").await;
    let before = site.record("QuestionnaireResponse").await.len();
    for language in Language::ALL {
        let mut reader = site.sign_in("ana").await;
        reader.cookies = format!("{}; carnet_language={}", reader.cookies, language.code());
        let page = reader.post("/person/p/forms", &[("form", &site.form("/more"))]).await;
        assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.text.contains("class=\"fault\"") && !page.text.contains('⟦'), "{}", page.text);
    }
    assert!(ana.post("/person/p/forms", &[("form", &site.form("/more"))]).await.text.contains("An addendum is begun from the document it adds to"));
    assert_eq!(site.record("QuestionnaireResponse").await.len(), before);
}

/// The API over the same site, entered by one role.
async fn asked_over_api(site: &Site, role: Role, method: &str, path: &str, accept: &str) -> desk::Page {
    let press = web::Press::new(site.chart.clone(), &web::Settings { language: Language::English, ..web::Settings::default() });
    let settings = fhir_api::Settings { press: Some(std::sync::Arc::new(press)), ..fhir_api::Settings::default() };
    let api = fhir_api::Api { oauth: testkit::oauth(&site.chart), chart: site.chart.clone(), settings, open: Some(testkit::caller(role)), seed: [9; 32] };
    let mut request = Request::builder().method(method).uri(format!("/fhir{path}")).header(header::HOST, "localhost");
    if !accept.is_empty() {
        request = request.header(header::ACCEPT, accept);
    }
    let (parts, body) = fhir_api::mounted(api).oneshot(request.body(Body::empty()).unwrap()).await.unwrap().into_parts();
    let bytes = body.collect().await.unwrap().to_bytes().to_vec();
    desk::Page { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned(), bytes }
}

#[tokio::test]
async fn a_paper_over_the_api_is_that_of_the_page() {
    let site = house().await;
    let ana = site.sign_in("ana").await;
    let place = signed(&ana, "/plain", "first").await;
    let path = format!("/QuestionnaireResponse/{}/$paper", place.rsplit('/').next().unwrap());
    let exports = async || site.chart.openings_from(&testkit::caller(Role::Console), "p", None, 200).await.unwrap().iter().filter(|line| line.how == access::Disclosure::Export).count();
    let ask = async |method: &str, more: &str, accept: &str| asked_over_api(&site, Role::Physician, method, &format!("{path}{more}"), accept).await;
    let file = ask("GET", "", "application/pdf").await;
    let kind = |page: &desk::Page| page.headers.get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
    assert_eq!((file.status, kind(&file).as_str(), exports().await), (StatusCode::OK, "application/pdf", 1), "{}", file.text);
    assert_eq!(file.headers.get(header::CONTENT_DISPOSITION).unwrap(), "attachment; filename=\"document-version-3.pdf\"");
    assert_eq!(file.headers.get(header::CACHE_CONTROL).unwrap(), "no-store");
    for (more, accept, language) in [("", "application/pdf", Language::English), ("?_language=vi", "application/pdf, application/fhir+json;q=0.5", Language::Vietnamese), ("?_language=ru", "*/*", Language::Russian), ("?_language=es-MX", "", Language::Spanish), ("?_language=xx", "", Language::English)] {
        let file = ask("GET", more, accept).await;
        assert!(file.status == StatusCode::OK && file.bytes == ana.get_in(&format!("{place}/pdf"), language).await.bytes, "{more} {accept}: {}", file.text);
    }
    assert_eq!(ask("POST", "", "application/pdf").await.bytes, file.bytes);
    let binary = ask("GET", "", "application/fhir+json").await;
    assert!(binary.status == StatusCode::OK && binary.text.starts_with(r#"{"resourceType":"Binary","contentType":"application/pdf","data":"JVBERi0xLj"#), "{}", binary.text);
    // What is asked wrongly, or of what there is not.
    assert_eq!(ask("GET", "", "image/png").await.status, StatusCode::NOT_ACCEPTABLE);
    assert_eq!(ask("GET", "?language=vi", "application/pdf").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(ask("DELETE", "", "").await.status, StatusCode::METHOD_NOT_ALLOWED);
    let before = exports().await;
    let draft = ana.begin("/plain").await;
    let draft = format!("/QuestionnaireResponse/{}/$paper", draft.rsplit('/').next().unwrap());
    for (role, path, status) in [(Role::Physician, draft.as_str(), StatusCode::UNPROCESSABLE_ENTITY), (Role::Physician, "/QuestionnaireResponse/none/$paper", StatusCode::NOT_FOUND), (Role::Auditor, path.as_str(), StatusCode::NOT_FOUND), (Role::Operator, path.as_str(), StatusCode::NOT_FOUND)] {
        let page = asked_over_api(&site, role, "GET", path, "application/pdf").await;
        assert!(page.status == status && !page.text.contains("Prueba"), "{role:?} {path}: {} {}", page.status, page.text);
    }
    assert_eq!(exports().await, before, "what is refused leaves no line of a copy");
}

#[tokio::test]
async fn what_the_record_says_and_costs_too_much_is_named_where_it_belongs() {
    let ten = "(1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10)";
    let endless = format!("{ten}.select({ten}).select({ten}).aggregate($total + {ten}.select({ten}).select({ten}).count(), 0)");
    let costly = format!(r#"{{"resourceType":"Questionnaire","url":"https://form.example/costly","version":"1","title":"Costly","status":"active","subjectType":["Patient"],"item":[{{"linkId":"easy","text":"Easy","type":"string"}},{{"extension":[{{"url":"http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-initialExpression","valueExpression":{{"language":"text/fhirpath","expression":"{endless}"}}}}],"linkId":"hard","text":"Hard","type":"integer"}}]}}"#);
    let site = site(&[costly], Algorithm::Es256).await;
    let ana = site.sign_in("ana").await;
    let place = ana.begin("/costly").await;
    for language in Language::ALL {
        let page = ana.get_in(&place, language).await.text;
        assert!(page.matches("class=\"flaw\"").count() == 1 && !page.contains('⟦'), "{page}");
    }
    let page = ana.get(&place).await.text;
    let (before, after) = page.split_once("could not be filled in: working it out would cost too much").unwrap_or_else(|| panic!("{page}"));
    assert!(before.contains("Easy") && before.contains("Hard") && !after.contains("would cost too much"), "at its item, and once: {page}");
    // Answered, nothing more is said, and it is completed.
    ana.act(&place, "save", &[("a::hard", "7")]).await;
    assert!(!ana.get(&place).await.text.contains("would cost too much"));
    let page = ana.act(&place, "complete", &[("a::hard", "7")]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(!site.record("QuestionnaireResponse").await[0].contains("form-not-begun"), "what is completed does not carry it");
}

#[tokio::test]
async fn a_paper_of_a_country_begins_with_who_issues_it_and_what_the_form_follows() {
    let letterhead = ["Record of somewhere", "after rule 7"].map(|line| format!(r#"{{"url":"https://carnet.health/fhir/StructureDefinition/form-letterhead","valueString":"{line}"}}"#)).join(",");
    let of_country = |name: &str, more: &str| small_form(name, &[more, &letterhead].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(",")).replace(r#""status":"active","#, r#""status":"active","jurisdiction":[{"coding":[{"system":"urn:iso:std:iso:3166","code":"MX"}]}],"#);
    let site = site(&[of_country("there", ""), of_country("fit", CERTIFICATE), small_form("nowhere", &letterhead)], Algorithm::Es256).await;
    let ana = site.sign_in("ana").await;
    let text = paper(&ana, &format!("{}/pdf", signed(&ana, "/there", "said").await)).await;
    let place_of = |what: &str| text.find(what).unwrap_or_else(|| panic!("{what} in {text}"));
    assert!(place_of("Test clinic") < place_of("Record of somewhere") && place_of("Record of somewhere") < place_of("after rule 7") && place_of("after rule 7") < place_of("Small there") && text.contains("form-2"), "{text}");
    let certificate = signed(&ana, "/fit", "may swim").await;
    ana.get(&format!("{certificate}/papers")).await;
    let text = paper(&ana, &format!("{certificate}/papers/1/pdf")).await;
    assert!(text.starts_with("Test clinic") && text.contains("after rule 7") && text.contains("certificate-2"), "{text}");
    // A form of no country looks as it did.
    let text = paper(&ana, &format!("{}/pdf", signed(&ana, "/nowhere", "said").await)).await;
    assert!(text.starts_with("Small nowhere") && !text.contains("rule 7") && text.contains("form-1"), "{text}");
    // Nobody signed it, so nobody is said to issue it.
    let open = ana.begin("/there").await;
    assert_eq!(ana.act(&open, "complete", &[("a::note", "said")]).await.status, StatusCode::OK);
    let text = paper(&ana, &format!("{open}/pdf")).await;
    assert!(text.starts_with("Record of somewhere") && text.contains("Not signed"), "{text}");
}
