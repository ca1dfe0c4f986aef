//! Papers, looked up by anybody, and certificates with rules, over the real door and RocksDB.

use attest::Algorithm;
use axum::http::{StatusCode, header};
use axum::body::Body;
use axum::http::Request;
use fhir::{Document, ResourceType};
use web::words::Language;

use desk::{PASSWORD, Reader, Site, between, site};

use crate::desk;

const CERTIFICATE: &str = "https://carnet.health/fhir/StructureDefinition/form-certificate";

/// A certificate form: a kind with rules, a type, two days, what it finds, and a word that is withheld.
fn form(name: &str, rules: &str) -> String {
    let parts: Vec<String> = rules.split_whitespace().map(|rule| rule.split_once('=').map_or_else(|| format!(r#"{{"url":"kind","valueCode":"{rule}"}}"#), |(name, value)| format!(r#"{{"url":"{name}","valueString":"{value}"}}"#))).collect();
    format!(
        r#"{{"resourceType":"Questionnaire","extension":[{{"url":"{CERTIFICATE}","extension":[{}]}}],"url":"https://form.example/{name}","version":"1","title":"Paper {name}","status":"active","subjectType":["Patient"],"item":[
        {{"linkId":"type","text":"Type","type":"choice","answerOption":[{{"valueCoding":{{"system":"https://x.example","code":"first","display":"First"}}}},{{"valueCoding":{{"system":"https://x.example","code":"next","display":"Next"}}}},{{"valueCoding":{{"system":"https://x.example","code":"tb","display":"Tuberculosis"}}}}]}},
        {{"linkId":"from","text":"First day","type":"date"}},{{"linkId":"until","text":"Last day","type":"date"}},
        {{"linkId":"days","text":"Days","type":"integer","readOnly":true}},{{"linkId":"total","text":"All days","type":"integer","readOnly":true}},
        {{"linkId":"commission","text":"Commission","type":"string"}},{{"linkId":"valid","text":"Holds until","type":"date"}},
        {{"extension":[{{"url":"https://carnet.health/fhir/StructureDefinition/form-withheld","valueBoolean":true}}],"linkId":"illness","text":"Illness","type":"string"}}]}}"#,
        parts.join(",")
    )
}

async fn clinic() -> Site {
    let forms = [
        form("leave", "sick-leave from=from until=until days=days total=total type=type apart=yes most-days=7 most-days-tb=60 most-total=20 most-total-tb=90 back-days=3 follows=next alone-days=10 alone-days-tb=90 commission=commission"),
        form("referral", "referral valid-until=valid valid-working-days=10 uses=once"),
    ];
    site(&forms, Algorithm::Es256).await
}

/// Fills a paper in and signs it; the page that comes, and where the paper is.
async fn signed(reader: &Reader<'_>, name: &str, fields: &[(&str, &str)]) -> (desk::Page, String) {
    let place = reader.begin(name).await;
    let page = reader.act(&place, "sign", fields).await;
    assert_eq!(page.location(), format!("{place}/sign"), "{}", page.text);
    let asked = reader.get(&format!("{place}/sign")).await;
    if asked.status != StatusCode::OK {
        return (asked, place);
    }
    (reader.act(&format!("{place}/sign"), "sign", &[("secret", PASSWORD)]).await, place)
}

fn leave<'f>(kind: &'f str, from: &'f str, until: &'f str) -> Vec<(&'f str, &'f str)> {
    vec![("a::type", kind), ("a::from", from), ("a::until", until), ("a::illness", "influenza")]
}

/// The code of the newest paper in the list of a document.
async fn code(reader: &Reader<'_>, place: &str) -> String {
    let page = reader.get(&format!("{place}/papers")).await;
    page.text.split("<td class=\"zero\"").skip(1).filter_map(|rest| rest.split('>').nth(1)?.split('<').next()).last().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn sick_leave_counts_its_days_and_refuses_what_the_rules_forbid() {
    let site = clinic().await;
    let ana = site.sign_in("ana").await;
    // The clinic opens on 2 March 2026.
    let (page, _) = signed(&ana, "/leave", &leave("c0", "2026-03-02", "2026-03-06")).await;
    assert!(page.status == StatusCode::OK && page.text.contains("<dt>Days</dt><dd><span>5</span>"), "{}", page.text);
    let (page, _) = signed(&ana, "/leave", &leave("c1", "2026-03-07", "2026-03-09")).await;
    assert!(page.text.contains("<dt>All days</dt><dd><span>8</span>"), "without a gap: {}", page.text);
    for (kind, from, until, said) in [
        ("c0", "2026-03-06", "2026-03-08", "/03/2026 – 0"),
        ("c0", "2026-03-01", "2026-03-20", "Some of these days lie in another certificate"),
        ("c0", "2026-03-11", "2026-03-18", "One paper covers at most 7 days"),
        ("c0", "2026-03-12", "2026-03-11", "The last day lies before the first"),
        ("c0", "2026-02-20", "2026-02-22", "It begins at the earliest on 27/02/2026"),
        ("c0", "1958-03-10", "1958-03-12", "It begins at the earliest on 14/03/1958"),
        ("c1", "2026-03-15", "2026-03-16", "no certificate ends the day before"),
        ("c1", "2026-03-10", "2026-03-14", "the commission decides"),
    ] {
        let (page, _) = signed(&ana, "/leave", &leave(kind, from, until)).await;
        assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.text.contains(said), "{kind} {from} {until}: {}", page.text);
    }
    // A type has rules of its own; rubbish is told as such.
    let (page, _) = signed(&ana, "/leave", &leave("c2", "2026-04-01", "2026-05-20")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let place = ana.begin("/leave").await;
    let page = ana.act(&place, "sign", &leave("c9", "31/31/2026", "never")).await;
    let asked = ana.get(&page.location()).await;
    assert!(asked.status == StatusCode::UNPROCESSABLE_ENTITY && asked.text.contains("This is not a date"), "{}", asked.text);
}

#[tokio::test]
async fn of_two_overlapping_papers_signed_at_once_one_is_refused() {
    let site = clinic().await;
    let (ana, ruiz) = (site.sign_in("ana").await, site.sign_in("ruiz").await);
    let (first, second) = (ana.begin("/leave").await, ruiz.begin("/leave").await);
    ana.act(&first, "save", &leave("c0", "2026-03-02", "2026-03-05")).await;
    ruiz.act(&second, "save", &leave("c0", "2026-03-04", "2026-03-06")).await;
    let fields = [("version", "2"), ("act", "sign"), ("secret", PASSWORD)];
    let (one_path, other_path) = (format!("{first}/sign"), format!("{second}/sign"));
    let (one, other) = tokio::join!(ana.post(&one_path, &fields), ruiz.post(&other_path, &fields));
    let mut found = [one.status, other.status];
    found.sort();
    assert_eq!(found, [StatusCode::OK, StatusCode::UNPROCESSABLE_ENTITY], "{}\n{}", one.text, other.text);
    assert_eq!(site.record("QuestionnaireResponse").await.iter().filter(|text| text.contains("\"completed\"")).count(), 1);
}

#[tokio::test]
async fn a_code_tells_what_the_paper_says_and_no_more() {
    let site = clinic().await;
    let ana = site.sign_in("ana").await;
    let (_, place) = signed(&ana, "/leave", &leave("c0", "2026-03-02", "2026-03-06")).await;
    let code = code(&ana, &place).await;
    assert!(code.len() == 19 && code.split('-').all(|group| group.len() == 4), "{code}");
    let stranger = site.stranger().await;
    let path = format!("/verify/{}", code.replace('-', "").to_lowercase());
    let page = stranger.get(&path).await;
    assert!(page.status == StatusCode::OK && page.text.contains("Paper leave") && page.text.contains("Test clinic") && page.text.contains("02/03/2026") && page.text.contains("In force"), "{}", page.text);
    for hidden in ["Prueba", "Rosa", "influenza", "2026-03-06", "06/03/2026", "1958", "Dr. ana"] {
        assert!(!page.text.contains(hidden), "{hidden}: {}", page.text);
    }
    // With the birth date: what the paper says, without the illness.
    let page = stranger.post(&path, &[("detail", "14/03/1958")]).await;
    assert!(page.status == StatusCode::OK && page.text.contains("06/03/2026") && !page.text.contains("influenza") && !page.text.contains("Prueba"), "{}", page.text);
    // The person reads that it was looked at.
    let lines = site.chart.openings_from(&testkit::caller(access::Role::Console), "p", None, 50).await.unwrap();
    assert!(lines.iter().any(|line| line.account == 0), "an opening of nobody's account");
    // A wrong detail and a code that is not there are one page.
    let absent = format!("/verify/{}", "a".repeat(16));
    let wrong = stranger.post(&path, &[("detail", "15/03/1958")]).await;
    let nothing = stranger.post(&absent, &[("detail", "14/03/1958")]).await;
    let plain = |page: &desk::Page, code: &str| page.text.replace(code, "CODE").replace(&code.to_lowercase().replace('-', ""), "code");
    assert_eq!((wrong.status, nothing.status), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
    assert_eq!(plain(&wrong, &code), plain(&nothing, "AAAA-AAAA-AAAA-AAAA"));
    for rubbish in ["x", "%00", "..%2f", "'%20or%201=1", &"z".repeat(500)] {
        assert_eq!(stranger.get(&format!("/verify/{rubbish}")).await.status, StatusCode::NOT_FOUND, "{rubbish}");
    }
    assert_eq!(stranger.post("/verify", &[("code", &code)]).await.location(), path);
}

#[tokio::test]
async fn guessing_wears_patience_out() {
    let site = clinic().await;
    let ana = site.sign_in("ana").await;
    let (_, place) = signed(&ana, "/leave", &leave("c0", "2026-03-02", "2026-03-06")).await;
    let path = format!("/verify/{}", code(&ana, &place).await);
    let stranger = site.stranger().await;
    let mut answers = Vec::new();
    for day in 1..10 {
        answers.push(stranger.post(&path, &[("detail", &format!("{day:02}/03/1958"))]).await.status);
    }
    assert!(answers.contains(&StatusCode::TOO_MANY_REQUESTS), "{answers:?}");
    assert_eq!(stranger.post(&path, &[("detail", "14/03/1958")]).await.status, StatusCode::TOO_MANY_REQUESTS, "also the right one waits");
    let mut codes = Vec::new();
    for guess in 0..12 {
        codes.push(stranger.get(&format!("/verify/{guess:016}")).await.status);
    }
    assert!(codes.contains(&StatusCode::TOO_MANY_REQUESTS), "{codes:?}");
}

#[tokio::test]
async fn a_copy_has_a_number_says_who_asked_and_follows_what_becomes_of_its_document() {
    let site = clinic().await;
    let ana = site.sign_in("ana").await;
    let (_, place) = signed(&ana, "/leave", &leave("c0", "2026-03-02", "2026-03-06")).await;
    let allergy = r#"{"resourceType":"AllergyIntolerance","id":"al","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical","code":"active"}]},"code":{"text":"penicillin"},"patient":{"reference":"Patient/p"}}"#;
    site.chart.update(&testkit::caller(access::Role::Integration), ResourceType::named("AllergyIntolerance").unwrap(), "al", allergy.as_bytes(), None).await.unwrap();
    let papers = format!("{place}/papers");
    assert_eq!(ana.post(&papers, &[("act", "copy"), ("asked", " ")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(ana.post(&papers, &[("act", "copy"), ("asked", &"x".repeat(201))]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    // The certificate has a paper from the first look on, so the copies are the second and third.
    ana.get(&papers).await;
    let (one, other) = tokio::join!(ana.post(&papers, &[("act", "copy"), ("asked", "the person")]), ana.post(&papers, &[("act", "short"), ("asked", "the employer")]));
    let mut places = [one.location(), other.location()];
    places.sort();
    assert_eq!(places, [format!("{papers}/2"), format!("{papers}/3")], "two at once get two numbers");
    let full = ana.get(&one.location()).await;
    assert!(full.text.contains("influenza") && full.text.contains("the person") && full.text.contains("Dr. ana") && full.text.contains("class=\"qr\"") && full.text.contains("Certified copy"), "{}", full.text);
    let short = ana.get(&other.location()).await;
    assert!(!short.text.contains("influenza") && short.text.contains("the employer") && short.text.contains("06/03/2026"), "{}", short.text);
    // What else the record says stands on no paper, not even in its frame.
    assert!(!short.text.contains("penicillin") && !full.text.contains("penicillin") && ana.get(&place).await.text.contains("penicillin"));
    let list = ana.get(&papers).await;
    let code = between(&full.text, "<strong class=\"zero\">", "<");
    assert!(list.text.contains(&code) && list.text.contains("the employer"));
    let desk = site.sign_in("auditor").await;
    assert_ne!(desk.post(&papers, &[("act", "copy"), ("asked", "me")]).await.status, StatusCode::SEE_OTHER);
    let stranger = site.stranger().await;
    let path = format!("/verify/{code}");
    assert!(stranger.post(&path, &[("detail", "1958-03-14")]).await.text.contains("influenza"), "a full copy says all, also here");
    // Amended: the copy of the version before is replaced; out of force: revoked.
    let draft = ana.post(&place, &[("act", "amend"), ("reason", "a day more")]).await.location();
    ana.act(&draft, "save", &leave("c0", "2026-03-02", "2026-03-07")).await;
    let page = ana.act(&format!("{draft}/sign"), "sign", &[("secret", PASSWORD)]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(stranger.get(&path).await.text.contains("Replaced by a newer version"));
    ana.post(&format!("{place}/sign"), &[("version", "4"), ("act", "annul"), ("secret", PASSWORD), ("reason", "never ill")]).await;
    assert!(stranger.get(&path).await.text.contains("Taken out of force"));
    // Printed once more, the copy says so itself.
    for (place, says) in [(one.location(), "Certified copy"), (other.location(), "the employer")] {
        let page = ana.get(&place).await.text;
        assert!(page.contains(says) && page.contains(">Out of force<") && !page.contains("Replaced by a newer version"), "{page}");
    }
    // From then on no paper is made of it, whoever sends what the page offers no longer.
    let how_many = ana.get(&papers).await.text.matches("<th scope=\"row\">").count();
    for act in ["copy", "short", "certificate"] {
        let page = ana.post(&papers, &[("act", act), ("asked", "the person")]).await;
        assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.text.contains("no paper is made of it"), "{act}: {}", page.text);
    }
    assert_eq!(ana.get(&papers).await.text.matches("<th scope=\"row\">").count(), how_many);
    // Erased: nothing is left to look up.
    let console = testkit::caller(access::Role::Console);
    let decided = site.chart.decide_erasure(&console, "p", "asked for by the person").await.unwrap();
    site.chart.erase(&console, decided.erasure).await.unwrap();
    assert_eq!(stranger.get(&path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_amendment_begins_and_holds_as_of_the_day_the_paper_was_issued() {
    let site = clinic().await;
    let ana = site.sign_in("ana").await;
    let (_, leave_at) = signed(&ana, "/leave", &leave("c0", "2026-03-02", "2026-03-06")).await;
    let (page, referral_at) = signed(&ana, "/referral", &[("a::illness", "asthma")]).await;
    assert!(page.text.contains("16/03/2026"), "{}", page.text);
    site.hands.forward_ms(8 * 86_400_000);
    let ana = site.sign_in("ana").await;
    for (place, fields, says) in [(&leave_at, leave("c0", "2026-03-02", "2026-03-05"), "05/03/2026"), (&referral_at, vec![("a::illness", "bronchitis")], "16/03/2026")] {
        let draft = ana.post(place, &[("act", "amend"), ("reason", "a slip")]).await.location();
        ana.act(&draft, "save", &fields).await;
        let page = ana.act(&format!("{draft}/sign"), "sign", &[("secret", PASSWORD)]).await;
        assert!(page.status == StatusCode::OK && page.text.contains(says), "{says}: {}", page.text);
    }
    // A new paper of that first day is too late, and an amendment begins no earlier than the paper could.
    let (page, _) = signed(&ana, "/leave", &leave("c0", "2026-02-28", "2026-03-01")).await;
    assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.text.contains("It begins at the earliest on 07/03/2026"), "{}", page.text);
    let draft = ana.post(&leave_at, &[("act", "amend"), ("reason", "a slip")]).await.location();
    ana.act(&draft, "save", &leave("c0", "2026-02-20", "2026-02-22")).await;
    let page = ana.act(&format!("{draft}/sign"), "sign", &[("secret", PASSWORD)]).await;
    assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.text.contains("It begins at the earliest on 27/02/2026"), "{}", page.text);
}

#[tokio::test]
async fn a_referral_holds_a_while_and_is_used_once() {
    let site = clinic().await;
    let (ana, desk) = (site.sign_in("ana").await, site.sign_in("desk").await);
    let (page, place) = signed(&ana, "/referral", &[("a::illness", "asthma")]).await;
    assert!(page.text.contains("16/03/2026"), "ten working days: {}", page.text);
    let papers = format!("{place}/papers");
    let (one, other) = tokio::join!(ana.post(&papers, &[("act", "use")]), desk.post(&papers, &[("act", "use")]));
    let mut found = [one.status, other.status];
    found.sort();
    assert_eq!(found, [StatusCode::OK, StatusCode::CONFLICT]);
    let code = code(&ana, &place).await;
    assert!(site.stranger().await.get(&format!("/verify/{code}")).await.text.contains("Used already"));
    // Another one, too late.
    let (_, late) = signed(&ana, "/referral", &[("a::illness", "asthma")]).await;
    let late_code = self::code(&ana, &late).await;
    site.hands.forward_ms(15 * 86_400_000);
    let ana = site.sign_in("ana").await;
    let page = ana.post(&format!("{late}/papers"), &[("act", "use")]).await;
    assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.text.contains("The time of this paper is over"), "{}", page.text);
    assert!(site.stranger().await.get(&format!("/verify/{late_code}")).await.text.contains("Its time is over"));
    // What is no such paper is not used.
    let (_, leave) = signed(&ana, "/leave", &leave("c0", "2026-03-17", "2026-03-18")).await;
    assert_eq!(ana.post(&format!("{leave}/papers"), &[("act", "use")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

/// The notifications of births that wait for the registry, as its system asks for them.
async fn waiting(site: &Site) -> Vec<String> {
    testkit::found(&site.chart, &testkit::caller(access::Role::Console), "Task", "code=https://carnet.health/fhir/CodeSystem/task|birth-notification&status=requested").await
}

#[tokio::test]
async fn a_birth_opens_the_newborns_record_and_waits_for_the_registry() {
    let mexico = country::all().into_iter().find(|country| country.code == "mx").unwrap();
    let sheet = mexico.forms.iter().find(|text| text.contains("Questionnaire/mx-nacimiento ")).unwrap();
    let site = site(&[forms::sheet::questionnaire(sheet, &country::form_part).unwrap()], Algorithm::Es256).await;
    site.mother(r#""birthDate":"1990-05-01""#).await;
    let ana = site.sign_in("ana").await;
    let fields = [("a::born", "2026-03-02T07:15"), ("a::sex", "c0"), ("a::surname", "Ejemplo"), ("a::weeks", "39"), ("a::birth-weight", "3250"), ("a::apgar", "9"), ("a::plurality", "c0"), ("a::way", "c0"), ("a::pregnancies", "2"), ("a::living", "2"), ("a::where", "c0")];
    let (page, place) = signed(&ana, "mx-nacimiento", &fields).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let system = testkit::caller(access::Role::Integration);
    let tasks = waiting(&site).await;
    assert_eq!(tasks.len(), 1);
    let task = Document::read(&tasks[0]).unwrap();
    let child = task.root().get("for").unwrap().string("reference").unwrap().into_owned();
    assert_eq!(task.root().get("focus").unwrap().string("reference").as_deref(), Some(format!("QuestionnaireResponse/{}", place.rsplit('/').next().unwrap()).as_str()));
    let record = site.chart.person(&system, child.trim_start_matches("Patient/")).await.unwrap();
    assert!(record.patient.text.contains("\"birthDate\":\"2026-03-02\"") && record.patient.text.contains("\"gender\":\"female\"") && record.patient.text.contains("id/provisional"), "{}", record.patient.text);
    let mother = record.resources.iter().find(|one| one.kind.name() == "RelatedPerson").unwrap();
    assert!(mother.text.contains("\"MTH\"") && mother.text.contains("Prueba"), "{}", mother.text);
    // A correction of the certificate is about the same child.
    let draft = ana.post(&place, &[("act", "amend"), ("reason", "the weight")]).await.location();
    ana.act(&draft, "save", &[("a::birth-weight", "3350")]).await;
    assert_eq!(ana.act(&format!("{draft}/sign"), "sign", &[("secret", PASSWORD)]).await.status, StatusCode::OK);
    assert_eq!(waiting(&site).await.len(), 1);
}

#[tokio::test]
async fn a_birth_to_come_is_told_beside_its_field() {
    let mexico = country::all().iter().find(|country| country.code == "mx").unwrap();
    let sheet = mexico.forms.iter().find(|text| text.contains("Questionnaire/mx-nacimiento ")).unwrap();
    let site = site(&[forms::sheet::questionnaire(sheet, &country::form_part).unwrap()], Algorithm::Es256).await;
    site.mother(r#""birthDate":"1990-05-01""#).await;
    let ana = site.sign_in("ana").await;
    let fields = |born| [("a::born", born), ("a::sex", "c0"), ("a::surname", "Ejemplo"), ("a::weeks", "39"), ("a::birth-weight", "3250"), ("a::apgar", "9"), ("a::plurality", "c0"), ("a::way", "c0"), ("a::pregnancies", "2"), ("a::living", "2"), ("a::where", "c0")];
    for born in ["2026-03-03T09:15", "2126-03-02T09:15"] {
        let (page, _) = signed(&ana, "mx-nacimiento", &fields(born)).await;
        assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.text.contains("The birth cannot lie in the future"), "{born}: {}", page.text);
    }
    assert!(waiting(&site).await.is_empty());
    let (page, _) = signed(&ana, "mx-nacimiento", &fields("2026-03-02T07:15")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
}

#[tokio::test]
async fn cards_are_checked_and_taken_back_and_keys_are_for_everybody() {
    let site = clinic().await;
    let dose = r#"{"resourceType":"Immunization","id":"i1","status":"completed","vaccineCode":{"coding":[{"system":"http://hl7.org/fhir/sid/cvx","code":"207"}]},"patient":{"reference":"Patient/p"},"occurrenceDateTime":"2025-01-15"}"#;
    site.chart.update(&testkit::caller(access::Role::Integration), ResourceType::named("Immunization").unwrap(), "i1", dose.as_bytes(), None).await.unwrap();
    let (ana, stranger) = (site.sign_in("ana").await, site.stranger().await);
    let file = ana.get("/person/p/vaccinations/file").await.text;
    let page = stranger.post("/verify/card", &[("card", &file)]).await;
    assert!(page.status == StatusCode::OK && page.text.contains("This card is true") && page.text.contains("Rosa Prueba") && page.text.contains("cvx 207 (COVID-19, mRNA"), "{}", page.text);
    // Who carries the card reads what it says, in words.
    for (language, name) in [(Language::English, "COVID-19, mRNA"), (Language::Spanish, "COVID-19 de ARNm"), (Language::Vietnamese, "COVID-19 mRNA"), (Language::Russian, "COVID-19 мРНК")] {
        for path in ["/person/p/vaccinations", "/person/p/vaccinations/certificate"] {
            let page = ana.get_in(path, language).await;
            assert!(page.text.contains(&format!("207 ({name}")), "{path} {name}: {}", page.text);
        }
    }
    for rubbish in ["", "shc:/12", "a.b.c", "{}", &file.replace("ey", "ez")] {
        assert_eq!(stranger.post("/verify/card", &[("card", rubbish)]).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{rubbish}");
    }
    let keys = stranger.get("/.well-known/jwks.json").await;
    assert_eq!(keys.headers.get(header::ACCESS_CONTROL_ALLOW_ORIGIN).unwrap(), "*");
    let kid = between(&keys.text, "\"kid\":\"", "\"");
    let list = format!("/.well-known/crl/{kid}.json");
    let none = stranger.get(&list).await.text;
    assert!(none.contains("\"rids\":[]") && none.contains("\"ctr\":1"), "{none}");
    assert_eq!(stranger.get("/.well-known/crl/other.json").await.status, StatusCode::NOT_FOUND);
    assert_ne!(site.sign_in("auditor").await.post("/person/p/vaccinations/certificate", &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(ana.post("/person/p/vaccinations/certificate", &[]).await.status, StatusCode::SEE_OTHER);
    assert!(stranger.post("/verify/card", &[("card", &file)]).await.text.contains("The card was taken back"));
    let listed = stranger.get(&list).await;
    assert!(listed.text.contains("\"ctr\":2") && listed.headers.get(header::ACCESS_CONTROL_ALLOW_ORIGIN).is_some(), "{}", listed.text);
    site.hands.forward_ms(2_000);
    let anew = ana.get("/person/p/vaccinations/file").await.text;
    assert_eq!(stranger.post("/verify/card", &[("card", &anew)]).await.status, StatusCode::OK, "a new one is good");
    let page = stranger.get("/verify/authority").await;
    let pem = site.ask(Request::get("/verify/authority.pem").body(Body::empty()).unwrap()).await;
    let fingerprint = between(&page.text, "<dd class=\"zero\">", "<");
    assert!(pem.text.starts_with("-----BEGIN CERTIFICATE-----") && fingerprint.len() == 79, "{fingerprint}");
}

/// The branch of insurance of a type of leave in Mexico: maternity before and after the birth.
fn branch(kind: &str) -> &'static str {
    if matches!(kind, "c4" | "c5") { "c2" } else { "c0" }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_copy_for_an_employer_does_not_tell_that_it_is_tuberculosis() {
    let sheet = country::all().iter().flat_map(|country| country.forms).find(|text| text.contains("Questionnaire/vn-nghi-viec-bhxh ")).unwrap();
    let site = site(&[forms::sheet::questionnaire(sheet, &country::form_part).unwrap()], Algorithm::Es256).await;
    site.mother(r#""birthDate":"1990-05-01""#).await;
    let ana = site.sign_in("ana").await;
    let (page, place) = signed(&ana, "vn-nghi-viec-bhxh", &[("a::type", "c1"), ("a::begins", "2026-03-02"), ("k::begins", "1"), ("a::ends", "2026-06-20"), ("o::diagnosis", "an illness")]).await;
    assert!(page.status == StatusCode::OK && page.text.contains("Tuberculosis"), "{}", page.text);
    let copy = ana.post(&format!("{place}/papers"), &[("act", "short"), ("asked", "the employer")]).await.location();
    let copy = ana.get(&copy).await.text;
    assert!(copy.contains("20/06/2026") && !copy.contains("Tuberculosis") && !copy.contains("an illness"), "{copy}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leave_of_maternity_is_for_pregnancy_and_childbirth_alone() {
    let sheet = country::all().iter().flat_map(|country| country.forms).find(|text| text.contains("Questionnaire/mx-incapacidad ")).unwrap();
    let sheets = [forms::sheet::questionnaire(sheet, &country::form_part).unwrap()];
    // Branch and type, whose leave, and what is said.
    for (branch, kind, gender, said) in [
        ("c2", "c0", "male", "Maternity is of the type"),
        ("c2", "c1", "female", "Maternity is of the type"),
        ("c0", "c4", "female", "of the branch maternity"),
        ("c1", "c5", "female", "of the branch maternity"),
        ("c2", "c3", "male", "this person is a man"),
        ("c0", "c3", "male", "this person is a man"),
        ("c2", "c3", "female", ""),
        ("c2", "c4", "female", ""),
        ("c1", "c0", "male", ""),
    ] {
        let site = site(&sheets, Algorithm::Es256).await;
        let body = format!(r#"{{"resourceType":"Patient","id":"p","name":[{{"family":"Prueba","given":["Rosa"]}}],"gender":"{gender}","birthDate":"1990-05-01"}}"#);
        site.chart.update(&testkit::caller(access::Role::Integration), ResourceType::PATIENT, "p", body.as_bytes(), None).await.unwrap();
        let ana = site.sign_in("ana").await;
        let fields = [("a::branch", branch), ("a::type", kind), ("a::begins", "2026-03-02"), ("k::begins", "1"), ("a::ends", "2026-03-04"), ("o::diagnosis", "an illness")];
        let place = ana.begin("mx-incapacidad").await;
        let page = ana.act(&place, "sign", &fields).await;
        let page = if page.location() == format!("{place}/sign") { ana.get(&format!("{place}/sign")).await } else { page };
        let page = if page.status == StatusCode::OK { ana.act(&format!("{place}/sign"), "sign", &[("secret", PASSWORD)]).await } else { page };
        let expected = if said.is_empty() { (StatusCode::OK, "The signature is good") } else { (StatusCode::UNPROCESSABLE_ENTITY, said) };
        assert!(page.status == expected.0 && page.text.contains(expected.1), "{branch} {kind} {gender}: {}", page.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leave_begins_no_further_ahead_than_its_country_says() {
    let sheets: Vec<String> = country::all().iter().flat_map(|country| country.forms).filter(|text| text.contains("ahead-days=")).map(|text| forms::sheet::questionnaire(text, &country::form_part).unwrap()).collect();
    assert_eq!(sheets.len(), 4);
    // The clinic opens on 2 March 2026. Type, first and last day, and what is said.
    for (name, kind, from, until, said) in [
        ("mx-incapacidad", "c0", "2026-04-02", "2026-04-03", "It begins at the latest on 01/04/2026"),
        ("mx-incapacidad", "c0", "2026-04-01", "2026-04-03", ""),
        ("mx-incapacidad", "c0", "2126-04-01", "2126-04-03", "It begins at the latest on 01/04/2026"),
        ("mx-incapacidad", "c4", "2026-05-02", "2026-05-20", "It begins at the latest on 01/05/2026"),
        ("mx-incapacidad", "c4", "2026-05-01", "2026-05-20", ""),
        ("vn-nghi-viec-bhxh", "c0", "2026-03-04", "2026-03-05", "It begins at the latest on 03/03/2026"),
        ("vn-nghi-viec-bhxh", "c0", "2026-03-03", "2026-03-05", ""),
        ("ru-netrudosposobnost", "c0", "2026-04-02", "2026-04-03", "It begins at the latest on 01/04/2026"),
        ("ru-netrudosposobnost", "c2", "2026-05-01", "2026-05-20", ""),
        ("ru-095u", "", "2026-04-02", "2026-04-03", "It begins at the latest on 01/04/2026"),
        ("ru-095u", "", "2025-12-30", "2026-01-03", "It begins at the earliest on 01/01/2026"),
        ("ru-095u", "", "2026-02-20", "2026-03-03", ""),
    ] {
        let site = site(&sheets, Algorithm::Es256).await;
        site.mother(r#""birthDate":"1990-05-01""#).await;
        let ana = site.sign_in("ana").await;
        let fields = [("a::branch", branch(kind)), ("a::type", kind), ("a::begins", from), ("k::begins", "1"), ("a::ends", until), ("o::diagnosis", "an illness"), ("a::place", "School"), ("a::contact", "false")];
        let fields: Vec<_> = fields.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        let (page, _) = signed(&ana, name, &fields).await;
        let expected = if said.is_empty() { (StatusCode::OK, "The signature is good") } else { (StatusCode::UNPROCESSABLE_ENTITY, said) };
        assert!(page.status == expected.0 && page.text.contains(expected.1), "{name} {kind} {from} {until}: {}", page.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appointment_lies_no_further_ahead_than_its_form_says() {
    let sheet = country::all().iter().flat_map(|country| country.forms).find(|text| text.contains("Questionnaire/vn-hen-kham-lai ")).unwrap();
    let sheets = [forms::sheet::questionnaire(sheet, &country::form_part).unwrap()];
    // The clinic opens on 2 March 2026.
    for (day, said) in [("2126-03-02", "The day is at the latest 03/03/2027"), ("2027-03-04", "The day is at the latest 03/03/2027"), ("2027-03-03", "")] {
        let site = site(&sheets, Algorithm::Es256).await;
        site.mother(r#""birthDate":"1990-05-01""#).await;
        let ana = site.sign_in("ana").await;
        let (page, _) = signed(&ana, "vn-hen-kham-lai", &[("a::day", day), ("o::diagnosis", "an illness"), ("a::place", "Room 2")]).await;
        let expected = if said.is_empty() { (StatusCode::OK, "The signature is good") } else { (StatusCode::UNPROCESSABLE_ENTITY, said) };
        assert!(page.status == expected.0 && page.text.contains(expected.1), "{day}: {}", page.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sheets_of_three_countries_differ_in_their_rules_alone() {
    let sheets: Vec<String> = country::all().iter().flat_map(|country| country.forms).filter(|text| text.contains("certificate sick-leave")).map(|text| forms::sheet::questionnaire(text, &country::form_part).unwrap()).collect();
    assert_eq!(sheets.len(), 3);
    // Type, first and last day, what else is answered, and what is said; all of a line one after the other.
    type Paper<'t> = (&'t str, &'t str, &'t str, &'t [(&'t str, &'t str)], &'t str);
    let stories: [(&str, &[Paper<'_>]); 7] = [
        ("mx-incapacidad", &[("c0", "2026-03-02", "2026-03-30", &[], "at most 28 days"), ("c0", "2026-03-02", "2026-03-29", &[], ""), ("c1", "2026-04-01", "2026-04-02", &[], "no certificate ends the day before"), ("c1", "2026-03-30", "2026-04-10", &[], "")]),
        ("mx-incapacidad", &[("c4", "2026-03-02", "2026-04-12", &[], ""), ("c5", "2026-04-13", "2026-05-24", &[], "")]),
        // A month or a year would pass every rule.
        ("mx-incapacidad", &[("c0", "2026-03", "2026-04", &[], "are whole days"), ("c0", "2026-03-02", "2026-03", &[], "are whole days"), ("c0", "2026", "2020", &[], "are whole days"), ("c0", "2026-03-02", "2026-03-03", &[], ""), ("c1", "2026-03-04", "2026-03", &[], "are whole days")]),
        ("vn-nghi-viec-bhxh", &[("c0", "2026-03-02", "2026-04-01", &[], "at most 30 days"), ("c0", "2026-03-01", "2026-03-03", &[], "begins at the earliest on 02/03/2026"), ("c0", "2026-03-02", "2026-03-31", &[], "")]),
        ("vn-nghi-viec-bhxh", &[("c1", "2026-03-02", "2026-08-28", &[], ""), ("c0", "2026-08-28", "2026-08-29", &[], "Some of these days")]),
        ("ru-netrudosposobnost", &[("c0", "2026-03-02", "2026-03-17", &[], "at most 15 days"), ("c0", "2026-03-02", "2026-03-16", &[], ""), ("c1", "2026-03-17", "2026-03-20", &[], "the commission decides"), ("c1", "2026-03-17", "2026-03-20", &[("a::commission", "No. 5")], "")]),
        ("ru-netrudosposobnost", &[("c2", "2026-03-02", "2026-07-19", &[], "")]),
    ];
    for (name, papers) in stories {
        let site = site(&sheets, Algorithm::Es256).await;
        site.mother(r#""birthDate":"1990-05-01""#).await;
        let ana = site.sign_in("ana").await;
        for (kind, from, until, more, said) in papers {
            let mut fields = vec![("a::branch", branch(kind)), ("a::type", *kind), ("a::begins", *from), ("k::begins", "1"), ("a::ends", *until), ("o::diagnosis", "an illness")];
            fields.extend(more.iter());
            let (page, _) = signed(&ana, name, &fields).await;
            let expected = if said.is_empty() { (StatusCode::OK, "The signature is good") } else { (StatusCode::UNPROCESSABLE_ENTITY, *said) };
            assert!(page.status == expected.0 && page.text.contains(expected.1), "{name} {kind} {from} {until}: {}", page.text);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leave_is_for_somebody_who_can_have_it() {
    let sheets: Vec<String> = country::all().iter().flat_map(|country| country.forms).filter(|text| text.contains("certificate sick-leave")).map(|text| forms::sheet::questionnaire(text, &country::form_part).unwrap()).collect();
    // What the register says, the type, and what is said of a leave from the second to the fourth of March 2026.
    let (man, woman) = (r#""gender":"male","birthDate":"1990-05-01""#, r#""gender":"female","birthDate":"1990-05-01""#);
    for (name, person, kind, said) in [
        ("mx-incapacidad", man, "c4", "this person is a man"),
        ("mx-incapacidad", man, "c5", "this person is a man"),
        ("mx-incapacidad", man, "c0", ""),
        ("mx-incapacidad", woman, "c4", ""),
        ("mx-incapacidad", r#""gender":"female","birthDate":"1958-03-14""#, "c4", "outside the ages of"),
        ("mx-incapacidad", r#""gender":"female","birthDate":"1958-03-14""#, "c0", ""),
        ("mx-incapacidad", r#""gender":"female","birthDate":"2021-05-01""#, "c0", "outside the ages of ≥ 15"),
        ("mx-incapacidad", r#""gender":"female""#, "c4", ""),
        ("mx-incapacidad", r#""gender":"female","birthDate":"1990-05-01","deceasedDateTime":"2026-03-01""#, "c0", "had died before the last day"),
        ("mx-incapacidad", r#""gender":"female","birthDate":"1990-05-01","deceasedBoolean":true"#, "c0", "had died before the last day"),
        ("ru-netrudosposobnost", man, "c2", "this person is a man"),
        ("ru-netrudosposobnost", man, "c3", ""),
        ("vn-nghi-viec-bhxh", man, "c2", "this person is a man"),
        ("vn-nghi-viec-bhxh", r#""gender":"male","birthDate":"2021-05-01""#, "c0", ""),
    ] {
        let site = site(&sheets, Algorithm::Es256).await;
        let body = format!(r#"{{"resourceType":"Patient","id":"p","name":[{{"family":"Prueba","given":["Rosa"]}}],{person}}}"#);
        site.chart.update(&testkit::caller(access::Role::Integration), ResourceType::PATIENT, "p", body.as_bytes(), None).await.unwrap();
        let ana = site.sign_in("ana").await;
        let fields = [("a::branch", branch(kind)), ("a::type", kind), ("a::begins", "2026-03-02"), ("k::begins", "1"), ("a::ends", "2026-03-04"), ("o::diagnosis", "an illness")];
        let (page, _) = signed(&ana, name, &fields).await;
        let expected = if said.is_empty() { (StatusCode::OK, "The signature is good") } else { (StatusCode::UNPROCESSABLE_ENTITY, said) };
        assert!(page.status == expected.0 && page.text.contains(expected.1), "{name} {person} {kind}: {}", page.text);
    }
}
