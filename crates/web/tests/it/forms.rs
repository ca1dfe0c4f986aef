//! Forms at the pages, over the real door and RocksDB: begun, saved, completed, amended, refused.

use std::sync::Arc;

use access::Role;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use chart::{NewAccount, Terms};
use fhir::{Document, ResourceType};
use http_body_util::BodyExt;
use store_rocks::{Options, Rocks};
use tower::ServiceExt;
use web::words::Language;
use web::{Settings, router_of};

const PASSWORD: &str = "a secret word";

/// A site with the forms of all packs, a person with a weight on record, two physicians and a person's reader.
struct Site {
    router: Router,
    chart: chart::Chart,
    _folder: tempfile::TempDir,
}

const WEIGHT: &str = r#"{"resourceType":"Observation","id":"w","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},"subject":{"reference":"Patient/p"},"effectiveDateTime":"2026-01-02","valueQuantity":{"value":61.5,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"}}"#;

async fn site() -> Site {
    let folder = tempfile::tempdir().unwrap();
    let open = |name: &str| Arc::new(Rocks::open(&folder.path().join(name), &Options::small()).unwrap());
    let clinic = testkit::clinic_on(open("record"), open("keyring"), 7);
    for (login, role) in [("ana", Role::Physician), ("ruiz", Role::Physician), ("auditor", Role::Auditor)] {
        let new = NewAccount { login: login.into(), display: format!("Dr. {login}"), role, institution: "Carnet".into(), language: "en".into(), terms: Terms::default() };
        clinic.chart.add_account(&testkit::caller(Role::Console).account, new, PASSWORD).unwrap();
    }
    let system = testkit::caller(Role::Integration);
    for (kind, id, body) in [
        ("Patient", "p", r#"{"resourceType":"Patient","id":"p","name":[{"family":"Prueba","given":["Rosa"]}],"gender":"female","birthDate":"1958-03-14"}"#),
        ("Patient", "other", r#"{"resourceType":"Patient","id":"other","name":[{"family":"Otra"}],"gender":"male","birthDate":"1990-01-01"}"#),
        ("Observation", "w", WEIGHT),
    ] {
        clinic.chart.update(&system, ResourceType::named(kind).unwrap(), id, body.as_bytes(), None).await.unwrap();
    }
    for sheet in country::all().iter().flat_map(|country| country.forms) {
        let text = forms::sheet::questionnaire(sheet, &country::form_part).unwrap();
        assert!(clinic.chart.keep_form(&testkit::caller(Role::Console), &text).await.unwrap());
        assert!(!clinic.chart.keep_form(&testkit::caller(Role::Console), &text).await.unwrap());
    }
    let mut next = 0u8;
    let chance = move |bytes: &mut [u8]| {
        for byte in bytes {
            next = next.wrapping_mul(37).wrapping_add(11);
            *byte = next;
        }
    };
    let router = router_of(clinic.chart.clone(), clinic.oauth(), Box::new(chance), Settings { language: Language::English, ..Settings::default() });
    Site { router, chart: clinic.chart, _folder: folder }
}

struct Reader<'s> {
    site: &'s Site,
    cookies: String,
    token: String,
}

impl Site {
    async fn ask(&self, request: Request<Body>) -> (StatusCode, HeaderMap, String) {
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        (parts.status, parts.headers, String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap())
    }

    async fn sign_in(&self, login: &str) -> Reader<'_> {
        let (_, headers, page) = self.ask(Request::get("/sign-in").body(Body::empty()).unwrap()).await;
        let form = format!("login={login}&password={}&token={}", PASSWORD.replace(' ', "+"), token(&page));
        let request = Request::post("/sign-in").header(header::COOKIE, cookie(&headers)).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(Body::from(form)).unwrap();
        let (status, headers, _) = self.ask(request).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{login}");
        let cookies = cookie(&headers);
        let (_, _, page) = self.ask(Request::get("/account").header(header::COOKIE, &cookies).body(Body::empty()).unwrap()).await;
        Reader { site: self, token: token(&page), cookies }
    }

    /// The resources of a type in a person's record, as texts.
    async fn record(&self, kind: &str) -> Vec<String> {
        let record = self.chart.person(&testkit::caller(Role::Integration), "p").await.unwrap();
        record.resources.iter().filter(|one| one.kind.name() == kind).map(|one| one.text.clone()).collect()
    }

    fn form(&self, end: &str) -> String {
        self.chart.forms().unwrap().iter().find(|one| one.form.url.ends_with(end)).unwrap().id.clone()
    }
}

impl Reader<'_> {
    async fn get(&self, path: &str) -> (StatusCode, HeaderMap, String) {
        self.site.ask(Request::get(path).header(header::COOKIE, &self.cookies).body(Body::empty()).unwrap()).await
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> (StatusCode, HeaderMap, String) {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.append_pair("token", &self.token);
        for (name, value) in fields {
            body.append_pair(name, value);
        }
        let request = Request::post(path).header(header::COOKIE, &self.cookies).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(Body::from(body.finish())).unwrap();
        self.site.ask(request).await
    }

    /// Begins a form about the person and says where it is.
    async fn begin(&self, end: &str) -> String {
        let (status, headers, page) = self.post("/person/p/forms", &[("form", &self.site.form(end))]).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
        headers[header::LOCATION].to_str().unwrap().to_owned()
    }

    /// Sends what a browser would: every field of the page as it stands, with these changed.
    async fn send(&self, path: &str, changes: &[(&str, &str)], act: &str) -> (StatusCode, HeaderMap, String) {
        let (_, _, page) = self.get(path).await;
        self.send_page(path, &page, changes, act).await
    }

    async fn send_page(&self, path: &str, page: &str, changes: &[(&str, &str)], act: &str) -> (StatusCode, HeaderMap, String) {
        let mut fields = fields(page);
        for (name, _) in changes {
            fields.retain(|(own, _)| own != name);
        }
        fields.extend(changes.iter().map(|(name, value)| (name.to_string(), value.to_string())));
        fields.push(("act".into(), act.into()));
        let pairs: Vec<(&str, &str)> = fields.iter().filter(|(name, _)| name != "token").map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.post(path, &pairs).await
    }
}

fn token(page: &str) -> String {
    between(page, "name=\"token\" value=\"", "\"")
}

fn between(text: &str, start: &str, end: &str) -> String {
    text.split(start).nth(1).and_then(|rest| rest.split(end).next()).unwrap_or_default().to_owned()
}

fn cookie(headers: &HeaderMap) -> String {
    headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok()?.split(';').next()).filter(|pair| !pair.ends_with('=')).collect::<Vec<_>>().join("; ")
}

/// The fields of the form of a page with their values, as a browser without script would send them.
fn fields(page: &str) -> Vec<(String, String)> {
    let form = between(page, "data-form ", "</form>");
    // What is not asked is disabled and not sent.
    let mut asked = String::new();
    let mut rest = form.as_str();
    while let Some(at) = rest.find("<fieldset") {
        let end = at + rest[at..].find('>').unwrap();
        if !rest[at..end].contains(" disabled") {
            asked.push_str(&rest[..end]);
            rest = &rest[end..];
            continue;
        }
        asked.push_str(&rest[..at]);
        let (mut depth, mut place) = (0, at);
        loop {
            let open = rest[place..].find("<fieldset");
            let close = rest[place..].find("</fieldset>").expect("each field set is closed");
            if open.is_some_and(|open| open < close) {
                (depth, place) = (depth + 1, place + open.unwrap() + 9);
            } else {
                (depth, place) = (depth - 1, place + close + 11);
            }
            if depth == 0 {
                break;
            }
        }
        rest = &rest[place..];
    }
    asked.push_str(rest);
    let mut found = Vec::new();
    let value = |tag: &str, name: &str| tag.contains(&format!("{name}=\"")).then(|| plain(&between(tag, &format!("{name}=\""), "\"")));
    for part in asked.split('<') {
        let tag = part.split('>').next().unwrap_or_default();
        let Some(name) = value(tag, " name") else { continue };
        let kind = value(tag, " type").unwrap_or_default();
        if tag.starts_with("input") && (!matches!(kind.as_str(), "radio" | "checkbox") || tag.ends_with(" checked")) {
            found.push((name, value(tag, " value").unwrap_or_default()));
        } else if tag.starts_with("textarea") {
            found.push((name, plain(part.split_once('>').map_or("", |(_, text)| text).trim_start_matches('\n'))));
        } else if tag.starts_with("select") {
            let rest = &asked[asked.find(part).unwrap()..];
            let list = rest.split_once('>').map_or("", |(_, rest)| rest).split("</select>").next().unwrap_or_default();
            let chosen = list.split("<option ").find(|option| option.split('>').next().is_some_and(|tag| tag.ends_with(" selected")));
            found.push((name, chosen.map(|option| plain(&between(option, "value=\"", "\""))).unwrap_or_default()));
        }
    }
    found
}

fn plain(text: &str) -> String {
    let text = text.replace("&#60;", "<").replace("&#62;", ">").replace("&#34;", "\"").replace("&#39;", "'").replace("&#38;", "&");
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

/// What a page says at its top, for a test that fails.
fn said(page: &str) -> String {
    page.lines().filter(|line| line.contains("role=\"alert\"") || line.contains("role=\"status\"")).collect()
}

/// What a nurse would type into the progress note of Mexico.
const NOTE: &[(&str, &str)] = &[
    ("a::course-text", "Sin fiebre desde ayer. <b>Tolera</b> la vía oral."),
    ("a::temperature", "36,6"), ("a::systolic", "128"), ("a::diastolic", "82"), ("a::pulse", "74"), ("x::breaths", "not-asked"),
    ("k::weight", "1"), ("a::height", "160"),
    ("a:0:dx", ""), ("o:0:dx", "Neumonía en resolución"), ("a:0:dx-certainty", "c0"), ("a:0:dx-since", "2026-02-20"),
    ("a::prognosis", "c0"),
    ("a:0:drug", "Amoxicilina 500 mg, cápsula"), ("a:0:dose", "1 cápsula"), ("a:0:route", "c0"), ("a:0:often", "cada 8 horas"), ("a:0:long", "7 días"), ("a:0:drug-days", "7"),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_note_is_begun_saved_completed_and_what_it_says_is_in_the_record() {
    let site = site().await;
    let ana = site.sign_in("ana").await;
    let (status, _, page) = ana.get("/person/p/forms").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("Progress note") && page.contains("Official") && page.contains("Proposed") && page.contains("No form has been completed"), "{page}");
    let path = ana.begin("mx-nota-evolucion").await;
    let (_, headers, page) = ana.get(&path).await;
    assert!(headers["content-security-policy"].to_str().unwrap().contains("connect-src 'self';"));
    assert!(page.contains("value=\"61.5\"") && page.contains("From the record: I have checked it"), "the weight on record is prefilled: {page}");
    // Incomplete: told at the top, with links, and kept.
    let (status, _, page) = ana.send(&path, &[("a::temperature", "warm"), ("a::systolic", "80"), ("a::diastolic", "120")], "complete").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    for said in ["This is not a number.", "An answer is needed.", "It comes from the record", "The systolic pressure is above the diastolic one", "value=\"warm\"", "href=\"#f"] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(site.record("Condition").await.is_empty());
    // How a medicine is taken says nothing without the medicine.
    let (_, _, page) = ana.send(&path, &[("a:0:often", "cada 8 horas")], "complete").await;
    assert!(page.contains("Say which medicine it is"), "{page}");
    // Saved: each save is a version, calculated answers follow.
    let (status, headers, _) = ana.send(&path, NOTE, "save").await;
    assert_eq!((status, headers[header::LOCATION].to_str().unwrap()), (StatusCode::SEE_OTHER, path.as_str()));
    let (_, _, page) = ana.get(&path).await;
    assert!(page.contains(">24.0 kg/m²<") && page.contains("Neumonía en resolución") && page.contains("&#60;b&#62;Tolera") && !page.contains("<b>Tolera"), "{page}");
    let (status, _, page) = ana.send(&path, &[], "complete").await;
    assert_eq!(status, StatusCode::OK, "{}", said(&page));
    assert!(page.contains("Completed. 9 entries") && page.contains("36.6 °C") && page.contains("Amoxicilina") && page.contains("Not asked"), "{page}");
    let (responses, conditions) = (site.record("QuestionnaireResponse").await, site.record("Condition").await);
    assert!(responses[0].contains(r#""status":"completed""#) && !responses[0].contains("form-prefilled") && responses[0].contains(r#""valueCode":"not-asked""#), "{}", responses[0]);
    assert!(conditions[0].contains(r#""code":{"text":"Neumonía en resolución"}"#) && conditions[0].contains(r#""onsetDateTime":"2026-02-20""#), "{}", conditions[0]);
    let requests = site.record("MedicationRequest").await;
    assert!(requests[0].contains(r#""text":"1 cápsula, cada 8 horas, 7 días""#) && requests[0].contains(r#""code":"PO""#), "{}", requests[0]);
    assert!(requests[0].contains(r#""boundsPeriod":{"start":"2026-03-02","end":"2026-03-09"}"#), "{}", requests[0]);
    let observations = site.record("Observation").await;
    assert!(observations.iter().any(|text| text.contains("8310-5") && text.contains("36.6") && text.contains("derivedFrom")) && observations.iter().any(|text| text.contains("39156-5") && text.contains("24")), "{observations:?}");
    assert_eq!(site.record("Provenance").await.len(), 1);
    for text in observations.iter().chain(&conditions).chain(&requests).chain(&responses) {
        let issues: Vec<_> = site.chart.validate_resource(Document::read(text).unwrap().root(), &[]).into_iter().filter(|issue| issue.is_error()).collect();
        assert_eq!(issues, [], "{text}");
    }
    // What is completed is not altered by the page.
    let (status, _, page) = ana.post(&path, &[("act", "save"), ("version", "3"), ("p::course-text", "1"), ("a::course-text", "forged")]).await;
    assert_eq!(status, StatusCode::CONFLICT, "{page}");
    assert!(page.contains("completed meanwhile") && !page.contains("forged"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_entered_in_error_begins_no_form_and_grams_are_no_kilograms() {
    let site = site().await;
    let ana = site.sign_in("ana").await;
    let put = async |id: &str, status: &str, day: &str, value: &str, unit: &str| {
        let text = WEIGHT.replace("\"w\"", &format!("\"{id}\"")).replace("\"final\"", &format!("\"{status}\"")).replace("2026-01-02", day).replace("61.5", value).replace("\"kg\"", &format!("\"{unit}\""));
        site.chart.update(&testkit::caller(Role::Integration), ResourceType::named("Observation").unwrap(), id, text.as_bytes(), None).await.unwrap();
    };
    put("slip", "entered-in-error", "2026-01-03", "615", "kg").await;
    put("off", "cancelled", "2026-01-03", "6.15", "kg").await;
    let path = ana.begin("mx-nota-evolucion").await;
    let (_, _, page) = ana.get(&path).await;
    assert!(page.contains("value=\"61.5\"") && !page.contains("value=\"615\"") && !page.contains("value=\"6.15\""), "{page}");
    put("grams", "final", "2026-01-04", "62500", "g").await;
    let path = ana.begin("mx-nota-evolucion").await;
    let (_, _, page) = ana.get(&path).await;
    assert!(page.contains("value=\"62.5\"") && !page.contains("62500"), "{page}");
    // It is kept so, and still to be confirmed.
    ana.send(&path, &[("a::course-text", "stable")], "save").await;
    let drafts = site.record("QuestionnaireResponse").await;
    assert!(drafts.iter().any(|text| text.contains("form-prefilled") && text.contains(r#"{"value":62.5,"unit":"kg""#)), "{drafts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_amendment_is_a_new_version_with_a_reason_and_marks_what_followed_before() {
    let site = site().await;
    let ana = site.sign_in("ana").await;
    let path = ana.begin("mx-nota-evolucion").await;
    ana.send(&path, NOTE, "save").await;
    let (status, _, page) = ana.send(&path, &[], "complete").await;
    assert_eq!(status, StatusCode::OK, "{}", said(&page));
    let (status, _, page) = ana.post(&path, &[("act", "amend"), ("reason", "  ")]).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{page}");
    let (status, headers, page) = ana.post(&path, &[("act", "amend"), ("reason", "The pulse was another one")]).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
    let draft = headers[header::LOCATION].to_str().unwrap().to_owned();
    assert_ne!(draft, path);
    // The completed one stands while it is amended.
    assert!(ana.get(&path).await.2.contains(">74 /min<"));
    let (status, _, page) = ana.send(&draft, &[("a::pulse", "96")], "complete").await;
    assert_eq!(status, StatusCode::OK, "{page}");
    assert!(page.contains("Amended") && page.contains(">96 /min<"), "{page}");
    assert!(ana.get(&path).await.2.contains(">96 /min<"));
    assert_eq!(ana.get(&draft).await.0, StatusCode::GONE);
    let responses = site.record("QuestionnaireResponse").await;
    assert!(responses.len() == 1 && responses[0].contains(r#""status":"amended""#) && !responses[0].contains("form-amends"), "{responses:?}");
    let conditions = site.record("Condition").await;
    assert_eq!((conditions.len(), conditions.iter().filter(|text| text.contains("entered-in-error")).count()), (2, 1));
    let pulses: Vec<String> = site.record("Observation").await.into_iter().filter(|text| text.contains("8867-4")).collect();
    assert!(pulses.iter().any(|text| text.contains("74") && text.contains("entered-in-error")) && pulses.iter().any(|text| text.contains("96") && text.contains("final")), "{pulses:?}");
    // Both are of the moment at which it was measured, not of the one at which the slip was found.
    let measured: std::collections::BTreeSet<&str> = pulses.iter().filter_map(|text| text.split("\"effectiveDateTime\":\"").nth(1)?.split('"').next()).collect();
    assert_eq!(measured.len(), 1, "{pulses:?}");
    assert!(site.record("Provenance").await.iter().any(|text| text.contains("The pulse was another one")));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_writers_see_both_versions_and_nothing_is_lost() {
    let site = site().await;
    let (ana, ruiz) = (site.sign_in("ana").await, site.sign_in("ruiz").await);
    let path = ana.begin("mx-nota-evolucion").await;
    let (_, _, his) = ruiz.get(&path).await;
    ana.send(&path, &[("a::course-text", "What Ana saw")], "save").await;
    let (status, _, page) = ruiz.send_page(&path, &his, &[("a::course-text", "What Ruiz saw")], "save").await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(page.contains("Somebody else has saved") && page.contains("What Ruiz saw</textarea>") && page.contains("In the other version: <b>What Ana saw</b>"), "{page}");
    // Nothing of his is written until he says so.
    assert!(ana.get(&path).await.2.contains("What Ana saw</textarea>"));
    let (status, _, _) = ruiz.send_page(&path, &page, &[("a::course-text", "What both saw")], "save").await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert!(ana.get(&path).await.2.contains("What both saw</textarea>"));
    // The script is told too, and writes nothing.
    let (status, _, said) = ana.post(&path, &[("act", "save"), ("auto", "1"), ("version", "1"), ("p::course-text", "1"), ("a::course-text", "late")]).await;
    assert_eq!((status, said.as_str()), (StatusCode::CONFLICT, "{\"conflict\":true}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_added_and_taken_away_and_what_is_asked_follows_the_answers() {
    let site = site().await;
    let ana = site.sign_in("ana").await;
    let path = ana.begin("mx-historia-clinica").await;
    let (_, _, page) = ana.get(&path).await;
    assert!(page.contains("data-place=\":allergies\" tabindex=\"-1\" disabled hidden") && !page.contains("data-place=\":women\" tabindex=\"-1\" disabled"), "{page}");
    let (status, _, said) = {
        let mut all = fields(&page);
        all.retain(|(name, _)| name != "token");
        all.extend([("a::allergy-state".to_owned(), "c0".to_owned()), ("act".to_owned(), "save".to_owned()), ("auto".to_owned(), "1".to_owned())]);
        ana.post(&path, &all.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<Vec<_>>()).await
    };
    assert_eq!(status, StatusCode::OK);
    assert!(said.contains("\":allergies\"") && said.contains("\"version\":2") && said.contains("[\":bmi\",\"\"]"), "{said}");
    let (_, _, page) = ana.send(&path, &[("a:0:allergen", "Penicilina")], "add~:allergies").await;
    assert!(page.contains("name=\"a:1:allergen\"") && page.contains("value=\"Penicilina\"") && page.contains("remove1~:allergies"), "{page}");
    let (_, _, page) = ana.send_page(&path, &page, &[("a:1:allergen", "Látex")], "remove0~:allergies").await;
    assert!(page.contains("value=\"Látex\"") && !page.contains("Penicilina"), "{page}");
    // Nobody who asks for codes without a list is left alone.
    let (_, _, page) = ana.send_page(&path, &page, &[("q:0:dx", "neum")], "search~0:dx").await;
    assert!(page.contains("No list of these codes is held here"), "{page}");
    let (status, headers, page) = ana.send(&path, &[], "discard").await;
    assert!(status == StatusCode::OK && headers.get(header::LOCATION).is_none() && page.contains("was thrown away"), "{page}");
    assert_eq!(ana.get(&path).await.0, StatusCode::GONE);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_form_is_drawn_in_every_language_with_its_own_words() {
    let site = site().await;
    let ana = site.sign_in("ana").await;
    for offered in site.chart.forms().unwrap().iter() {
        let (status, headers, _) = ana.post("/person/p/forms", &[("form", &offered.id)]).await;
        // An addendum is begun from a signed document: its draft is put there.
        let path = if offered.form.is_addendum {
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
            let id = format!("draft-{}", offered.form.countries[0]);
            let draft = format!(r#"{{"resourceType":"QuestionnaireResponse","id":"{id}","questionnaire":"{}","status":"in-progress","subject":{{"reference":"Patient/p"}}}}"#, offered.form.canonical());
            site.chart.update(&testkit::caller(Role::Integration), ResourceType::named("QuestionnaireResponse").unwrap(), &id, draft.as_bytes(), None).await.unwrap();
            format!("/person/p/forms/{id}")
        } else {
            headers[header::LOCATION].to_str().unwrap().to_owned()
        };
        for (language, needed) in [("es", "necesita"), ("vi", "Cần"), ("ru", "Нужен"), ("en", "needed")] {
            let request = Request::get(&path).header(header::COOKIE, format!("{}; carnet_language={language}", ana.cookies)).body(Body::empty()).unwrap();
            let (status, _, page) = site.ask(request).await;
            let title = offered.form.title.told(language).replace('(', "&#40;").replace(')', "&#41;");
            assert_eq!(status, StatusCode::OK);
            assert!(page.contains(&title) || page.contains(offered.form.title.told(language)), "{language} {title}");
            assert!(page.contains(needed) && !page.contains("form-") || page.contains("class=\"form-"), "{language} {title}");
            for missing in [">form-", "\"form-fault", ">forms-", web::words::MISSING] {
                assert!(!page.contains(missing), "{language} {title} {missing}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_shows_what_fits_the_person_by_kind_and_finds_the_rest_by_its_name() {
    let site = site().await;
    let ana = site.sign_in("ana").await;
    let (status, _, page) = ana.get("/person/p/forms").await;
    assert_eq!(status, StatusCode::OK);
    // A woman of 67: what is for children or men is not offered, and nothing was used yet.
    for (title, expected) in [("Internal medicine record", true), ("Obstetric record", true), ("Paediatric record", false), ("Newborn record", false), ("School health card", false)] {
        assert_eq!(page.contains(&format!("<b>{title}")), expected, "{title}");
    }
    for group in ["Visits", "Hospital", "Programmes", "Children, vaccinations, prevention", "Papers", "Consent and refusal"] {
        assert!(page.contains(&format!("<summary>{group} ")), "{group}");
    }
    assert!(!page.contains("Used most") && page.contains("for other ages or another sex"));
    // Small enough for a slow line, however many there are.
    assert!(page.len() < 90_000, "{}", page.len());
    let (_, _, page) = ana.get("/person/other/forms").await;
    assert!(!page.contains("<b>Obstetric record") && page.contains("<b>Internal medicine record"));
    // By a word of any language, whether it fits or not; what is looked for stands in no address.
    for (sought, title) in [("newborn", "Newborn record"), ("so sinh", "Newborn record"), ("НОВОРОЖДЁННОГО", "Newborn record"), ("dental AMBULATORIO", "Outpatient dental record")] {
        let (status, headers, page) = ana.post("/person/p/forms", &[("find", sought)]).await;
        assert!(status == StatusCode::OK && headers.get(header::LOCATION).is_none() && page.contains(&format!("<b>{title}")) && !page.contains("<summary>Visits"), "{sought}");
    }
    let (_, _, page) = ana.post("/person/p/forms", &[("find", "<b>zqx")]).await;
    assert!(page.contains("No form has such a name") && !page.contains("<b>zqx"));
    assert!(ana.post("/person/p/forms", &[("find", &"a".repeat(5000))]).await.2.contains("No form has such a name"));
    let (_, _, page) = ana.post("/person/p/forms", &[("find", " ")]).await;
    assert!(page.contains("<summary>Hospital "));
    // What was begun stands first.
    ana.begin("vn-noi-khoa").await;
    let (_, _, page) = ana.get("/person/p/forms").await;
    let often = page.split("Used most").nth(1).unwrap().split("<details").next().unwrap();
    assert!(often.contains("Internal medicine record") && !often.contains("Obstetric record"));
    // A form that is written is offered, without a new start.
    let new = r#"{"resourceType":"Questionnaire","url":"https://example.org/q","version":"1","status":"active","title":"A quite new form","item":[{"linkId":"a","type":"string","text":"A"}]}"#;
    site.chart.keep_form(&testkit::caller(Role::Console), new).await.unwrap();
    let (_, _, page) = ana.get("/person/p/forms").await;
    assert!(page.contains("<b>A quite new form") && page.contains("<summary>Other forms "));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_write_begins_nothing_and_strange_requests_are_refused() {
    let site = site().await;
    let (ana, auditor) = (site.sign_in("ana").await, site.sign_in("auditor").await);
    let path = ana.begin("079u").await;
    let id = path.rsplit('/').next().unwrap();
    let form = site.form("079u");
    assert_eq!(auditor.get("/person/p/forms").await.0, StatusCode::NOT_FOUND);
    assert_eq!(auditor.post("/person/p/forms", &[("form", &form)]).await.0, StatusCode::FORBIDDEN);
    assert_eq!(auditor.post("/person/p/forms", &[("find", "x")]).await.0, StatusCode::NOT_FOUND);
    assert_eq!(auditor.post(&path, &[("act", "save")]).await.0, StatusCode::FORBIDDEN);
    for (path, fields, expect) in [
        ("/person/p/forms", vec![("form", "nothing")], StatusCode::NOT_FOUND),
        ("/person/p/forms", vec![("form", "../x")], StatusCode::NOT_FOUND),
        ("/person/nobody/forms", vec![("form", form.as_str())], StatusCode::NOT_FOUND),
        (path.as_str(), vec![("act", "burn")], StatusCode::NOT_FOUND),
        (path.as_str(), vec![], StatusCode::NOT_FOUND),
        ("/person/p/forms/nothing", vec![("act", "save")], StatusCode::NOT_FOUND),
    ] {
        assert_eq!(ana.post(path, &fields).await.0, expect, "{path} {fields:?}");
    }
    // The response of one person is not there under another.
    assert_eq!(ana.get(&format!("/person/other/forms/{id}")).await.0, StatusCode::NOT_FOUND);
    // Without its proof a form is not taken.
    let request = Request::post(&path).header(header::COOKIE, &ana.cookies).body(Body::from("act=save")).unwrap();
    assert_eq!(site.ask(request).await.0, StatusCode::FORBIDDEN);
    // Junk in fields is kept as junk, not as an answer, and breaks nothing.
    let (status, _, _) = ana.send(&path, &[("a::health-group", "c99"), ("r::given", "999999"), ("a::issued", "\u{0}\u{7f}"), ("version", "x")], "save").await;
    assert_eq!(status, StatusCode::CONFLICT);
    let (status, _, _) = ana.send(&path, &[("a::health-group", "c99"), ("r::given", "999999")], "save").await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let (status, _, page) = ana.get(&path).await;
    assert!(status == StatusCode::OK && page.contains("This is none of the choices."));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_versions_the_one_of_the_highest_number_is_begun() {
    let site = site().await;
    let ana = site.sign_in("ana").await;
    for (version, title) in [("1.10.0", "Version ten"), ("1.9.0", "Version nine"), ("1.2.0", "Version two")] {
        let text = format!(r#"{{"resourceType":"Questionnaire","url":"https://form.example/versions","version":"{version}","title":"{title}","status":"active","subjectType":["Patient"],"item":[{{"linkId":"note","text":"Note","type":"string"}}]}}"#);
        assert!(site.chart.keep_form(&testkit::caller(Role::Console), &text).await.unwrap());
    }
    let (_, _, page) = ana.get("/person/p/forms").await;
    assert!(page.contains("Version ten") && !page.contains("Version nine") && !page.contains("Version two"), "{page}");
}
