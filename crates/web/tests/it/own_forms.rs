//! Forms that persons fill in, over the real door and RocksDB: what they say is theirs, and what they agree to or
//! refuse holds.

use access::{ProxyKind, Role};
use attest::Algorithm;
use axum::http::StatusCode;
use chart::{Activation, Error, NewPerson, NewProxy};
use fhir::ResourceType;
use web::words::Language;

use desk::{PASSWORD, Reader, Site, site};

use crate::desk;

const STAFF_ONLY: &str = r#"{"resourceType":"Questionnaire","url":"https://form.example/ward","version":"1","title":"Ward note","status":"active","subjectType":["Patient"],"item":[{"linkId":"note","text":"Note","type":"string"}]}"#;

/// A form for these, from which an Observation and a Consent follow.
fn told(name: &str, fillers: &[&str]) -> String {
    let sheet = format!(
        "form https://form.example/{name} 1\nlanguages es en vi ru\nlanguage en\nfilled-by {}\ntitle Contado {name} | Told {name} | Lời kể {name} | Рассказ {name}\nabout Algo | Something | Điều gì đó | Что-то\n{}\nnote string required | Nota | Note | Ghi chú | Заметка\n",
        fillers.join(" "),
        concat!(
            r#"+ {"resourceType":"Observation","status":"final","code":{"text":"note"},"subject":{"=":"%resource.subject"},"valueString":"=%resource.item.where(linkId = 'note').answer.value"}"#,
            "\n",
            r#"+ {"resourceType":"Consent","status":"active","scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"treatment"}]},"category":[{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}],"patient":{"=":"%resource.subject"},"dateTime":"=%resource.authored","performer":[{"=":"%resource.author"}],"sourceReference":{"reference":"='QuestionnaireResponse/' + %resource.id"},"policyRule":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"OPTIN"}]}}"#
        )
    );
    forms::sheet::questionnaire(&sheet, &|_| None).unwrap_or_else(|flaw| panic!("{flaw}"))
}

fn of_pack(country: &str, end: &str) -> String {
    let pack = country::by_code(country).unwrap();
    let sheet = pack.forms.iter().find(|text| text.contains(&format!("Questionnaire/{end} "))).unwrap();
    forms::sheet::questionnaire(sheet, &country::form_part).unwrap()
}

/// Rosa, who reads her own record and that of a child; somebody who cares for her; and somebody else.
async fn home() -> Site {
    let site = site(&[STAFF_ONLY.to_owned(), told("all", &["staff", "person", "guardian"]), told("own", &["person"]), of_pack("ru", "ru-otkaz-ot-privivok"), of_pack("mx", "mx-usos-de-datos")], Algorithm::Es256).await;
    let system = testkit::caller(Role::Integration);
    let kid = r#"{"resourceType":"Patient","id":"kid","identifier":[{"system":"http://hl7.org/fhir/sid/unknown","value":"1"}],"name":[{"family":"Prueba"}],"gender":"male","birthDate":"2024-01-01","address":[{"country":"RU"}]}"#;
    site.chart.update(&system, ResourceType::PATIENT, "kid", kid.as_bytes(), None).await.unwrap();
    let station = testkit::caller(Role::Nurse);
    for (patient, login) in [("p", "rosa"), ("other", "helper")] {
        let new = NewPerson { patient, display: login, language: "en", evidence: "passport", contact: None };
        let code = site.chart.invite(&station, &new).unwrap().code;
        assert!(matches!(site.chart.activate(&code, login, PASSWORD, None).unwrap(), Activation::Done(_)));
    }
    for (login, patient, kind) in [("rosa", "kid", ProxyKind::Parent), ("helper", "p", ProxyKind::Carer)] {
        let trust = NewProxy { login: login.into(), kind, agreed: true, until: None, evidence: "papers seen".into(), document: None };
        site.chart.entrust(&station, patient, &trust).await.unwrap();
    }
    site
}

async fn of(site: &Site, patient: &str, kind: &str) -> Vec<String> {
    let record = site.chart.person(&testkit::caller(Role::Integration), patient).await.unwrap();
    record.resources.iter().filter(|one| one.kind.name() == kind).map(|one| one.text.clone()).collect()
}

async fn begun(reader: &Reader<'_>, site: &Site, patient: &str, end: &str) -> String {
    let page = reader.post(&format!("/person/{patient}/forms"), &[("form", &site.form(end))]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text);
    page.location()
}

/// Sends what is typed: the place of the answer.
async fn sent(reader: &Reader<'_>, site: &Site, patient: &str, end: &str, fields: &[(&str, &str)]) -> String {
    let place = begun(reader, site, patient, end).await;
    // What an answer switches on is on the page after a save.
    for _ in 0..2 {
        reader.act(&place, "save", fields).await;
    }
    reader.act(&place, "confirm", &[]).await;
    let page = reader.act(&place, "complete", &[]).await;
    assert_eq!(page.location(), format!("{place}/send"), "{}", page.text);
    let page = reader.act(&format!("{place}/send"), "", &[]).await;
    assert!(page.status == StatusCode::OK && page.text.contains("Sent. Those who treat"), "{}", page.text);
    place
}

#[tokio::test]
async fn what_a_person_sends_is_theirs_and_only_their_consent_follows() {
    let site = home().await;
    let (rosa, ana) = (site.sign_in("rosa").await, site.sign_in("ana").await);
    let mine = rosa.get("/person/p").await.text;
    assert!(mine.contains("Forms for you") && mine.contains("Told all") && mine.contains("Told own") && !mine.contains("Ward note"), "{mine}");
    let place = begun(&rosa, &site, "p", "/all").await;
    assert_eq!(rosa.act(&place, "save", &[("a::note", "since monday")]).await.status, StatusCode::SEE_OTHER);
    // Nobody has said anything yet.
    assert!(!ana.get("/person/p/forms").await.text.contains(&place));
    assert_eq!(ana.get(&place).await.status, StatusCode::NOT_FOUND);
    assert_eq!(ana.post(&place, &[("version", "2"), ("act", "save"), ("a::note", "hers"), ("p::note", "1")]).await.status, StatusCode::FORBIDDEN);
    assert!(rosa.get("/person/p/forms").await.text.contains(&place));
    // What is missing is said before it is sent.
    let empty = begun(&rosa, &site, "p", "/all").await;
    let page = rosa.get(&format!("{empty}/send")).await;
    assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.text.contains("An answer is needed"), "{}", page.text);
    assert_eq!(rosa.act(&empty, "discard", &[]).await.status, StatusCode::OK);
    let page = rosa.act(&place, "complete", &[]).await;
    assert_eq!(page.location(), format!("{place}/send"));
    let asked = rosa.get(&page.location()).await;
    assert!(asked.text.contains("since monday") && asked.text.contains("value=\"2\""), "{}", asked.text);
    assert_eq!(of(&site, "p", "Consent").await.len(), 0, "looking sends nothing");
    assert_eq!(rosa.post(&format!("{place}/send"), &[("version", "1")]).await.status, StatusCode::CONFLICT);
    assert_eq!(ana.post(&format!("{place}/send"), &[("version", "2")]).await.status, StatusCode::FORBIDDEN);
    let page = rosa.post(&format!("{place}/send"), &[("version", "2")]).await;
    assert!(page.status == StatusCode::OK && page.text.contains("Said by you"), "{}", page.text);
    let answers = of(&site, "p", "QuestionnaireResponse").await;
    assert_eq!(answers.len(), 1);
    for told in [r#""status":"completed""#, r#""author":{"reference":"Patient/p","display":"rosa"}"#, r#""source":{"reference":"Patient/p","display":"rosa"}"#] {
        assert!(answers[0].contains(told), "{told} in {}", answers[0]);
    }
    assert_eq!(of(&site, "p", "Observation").await.len(), 0);
    let consents = of(&site, "p", "Consent").await;
    let response = place.rsplit('/').next().unwrap();
    assert!(consents.len() == 1 && consents[0].contains(&format!("\"sourceReference\":{{\"reference\":\"QuestionnaireResponse/{response}\"")) && consents[0].contains("Patient/p"), "{consents:?}");
    assert!(of(&site, "p", "Provenance").await.iter().any(|text| text.contains("\"who\":{\"reference\":\"Patient/p\"")));
    // It stays as it was said.
    let page = ana.get(&place).await;
    assert!(page.text.contains("Said by the person") && !page.text.contains("value=\"amend\"") && !page.text.contains("/sign\""), "{}", page.text);
    assert!(ana.get("/person/p/forms").await.text.contains("Said by the person"));
    assert_eq!(ana.act(&place, "amend", &[("reason", "x")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(rosa.post(&place, &[("version", "3"), ("act", "save"), ("a::note", "other"), ("p::note", "1")]).await.status, StatusCode::CONFLICT);
    assert_eq!(rosa.act(&place, "amend", &[("reason", "x")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(of(&site, "p", "QuestionnaireResponse").await, answers);
    // Whoever works here judges it in a form of their own.
    let draft = ana.act(&place, "take", &[]).await.location();
    let page = ana.act(&draft, "complete", &[]).await;
    assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.text.contains("since monday"), "nothing is completed unconfirmed: {}", page.text);
    assert_eq!(ana.act(&draft, "confirm", &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(ana.act(&draft, "complete", &[]).await.status, StatusCode::OK);
    assert_eq!(of(&site, "p", "Observation").await.len(), 1);
    let all = of(&site, "p", "QuestionnaireResponse").await;
    assert!(all.contains(&answers[0]) && all.iter().any(|text| text.contains("\"source\":{\"reference\":\"Patient/p\"") && !text.contains("\"author\":{\"reference\":\"Patient/p\"")), "{all:?}");
}

/// How many of a person's answers to forms somebody is shown, by each way there is: as the record, all of it, by search,
/// by history, and the newest and each version by its address.
async fn ways(site: &Site, who: &access::Caller, id: &str) -> [usize; 6] {
    let kind = ResourceType::named("QuestionnaireResponse").unwrap();
    let count = |texts: Vec<String>| texts.iter().filter(|text| text.starts_with("{\"resourceType\":\"QuestionnaireResponse\"") && text.contains(id)).count();
    let texts = |items: Vec<chart::Hit>| items.into_iter().map(|hit| hit.stored.text).collect::<Vec<_>>();
    let record = site.chart.person(who, "p").await.unwrap();
    let everything = site.chart.everything(who, "p", &chart::EverythingQuery::default()).await.unwrap();
    let found = testkit::found(&site.chart, who, "QuestionnaireResponse", &format!("_id={id}")).await;
    let history = site.chart.history(who, chart::HistoryScope::Instance(kind, id), &chart::HistoryQuery::default()).await.map_or(0, |page| page.items.len());
    let mut versions = 0;
    for version in 1..=9 {
        versions += usize::from(site.chart.vread(who, kind, id, &version.to_string()).await.is_ok());
    }
    let read = usize::from(site.chart.read(who, kind, id).await.is_ok());
    [count(record.resources.into_iter().map(|one| one.text).collect()), count(texts(everything.items)), count(found), history, read, versions]
}

#[tokio::test]
async fn until_it_is_sent_only_its_author_sees_it() {
    let site = home().await;
    let rosa = site.sign_in("rosa").await;
    let station = testkit::caller(Role::Nurse);
    let person = |patient: &str, number: u64| {
        let account = site.chart.person_account(&station, patient).unwrap().unwrap().account;
        access::Caller { account, purpose: access::Purpose::Own, session: access::Session { number, began: testkit::OPENS }, grant: None }
    };
    let (author, carer) = (person("p", 901), person("other", 902));
    let place = begun(&rosa, &site, "p", "/all").await;
    rosa.act(&place, "save", &[("a::note", "since monday")]).await;
    let id = place.rsplit('/').next().unwrap();
    let others = || [Role::Physician, Role::Nurse, Role::Admissions, Role::RecordsClerk, Role::Integration].map(testkit::caller).into_iter().chain([carer.clone()]);
    for other in others() {
        assert_eq!(ways(&site, &other, id).await, [0; 6], "{:?}", other.account.role);
    }
    assert_eq!(ways(&site, &author, id).await, [1, 1, 1, 2, 1, 2]);
    // No emergency opens it: nobody has said it.
    let physician = testkit::caller(Role::Physician);
    site.chart.break_glass(&physician, "p", access::GlassReason::Danger, "found unconscious").await.unwrap();
    assert_eq!(ways(&site, &physician, id).await, [0; 6]);
    // Sent, it is there for who treats, and what was typed before stays the author's.
    rosa.act(&place, "complete", &[]).await;
    let page = rosa.act(&format!("{place}/send"), "", &[]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    for other in others() {
        assert_eq!(ways(&site, &other, id).await, [1, 1, 1, 1, 1, 1], "{:?}", other.account.role);
    }
    assert_eq!(ways(&site, &author, id).await, [1, 1, 1, 3, 1, 3]);
    // Thrown away unsent, it never was, for anybody else.
    let second = begun(&rosa, &site, "p", "/all").await;
    rosa.act(&second, "save", &[("a::note", "since sunday")]).await;
    assert_eq!(rosa.act(&second, "discard", &[]).await.status, StatusCode::OK);
    let id = second.rsplit('/').next().unwrap();
    for other in others() {
        assert_eq!(ways(&site, &other, id).await, [0; 6], "{:?}", other.account.role);
    }
    assert!(ways(&site, &author, id).await[3] > 0);
    // What staff begins is everybody's who may write there.
    let ana = site.sign_in("ana").await;
    let draft = begun(&ana, &site, "p", "/all").await;
    ana.act(&draft, "save", &[("a::note", "seen")]).await;
    assert_eq!(ways(&site, &testkit::caller(Role::Nurse), draft.rsplit('/').next().unwrap()).await, [1, 1, 1, 2, 1, 2]);
}

#[tokio::test]
async fn nobody_fills_in_what_is_not_for_them() {
    let site = home().await;
    let (rosa, helper, ana) = (site.sign_in("rosa").await, site.sign_in("helper").await, site.sign_in("ana").await);
    assert_eq!(rosa.post("/person/p/forms", &[("form", &site.form("/ward"))]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(ana.post("/person/p/forms", &[("form", &site.form("/own"))]).await.status, StatusCode::FORBIDDEN);
    assert!(!ana.get("/person/p/forms").await.text.contains("Told own"));
    // A carer is no guardian.
    assert_eq!(helper.get("/person/p").await.status, StatusCode::OK);
    assert!(!helper.get("/person/p").await.text.contains("Forms for you"));
    assert_eq!(helper.post("/person/p/forms", &[("form", &site.form("/all"))]).await.status, StatusCode::FORBIDDEN);
    // Staff's draft is staff's.
    let place = begun(&ana, &site, "p", "/all").await;
    assert!(!rosa.get("/person/p/forms").await.text.contains(&place));
    assert_eq!(rosa.post(&place, &[("version", "1"), ("act", "save"), ("a::note", "x"), ("p::note", "1")]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(rosa.get(&format!("{place}/send")).await.status, StatusCode::NOT_FOUND);
    // Whose record it is not, sees none of it.
    let own = begun(&rosa, &site, "p", "/own").await;
    assert_eq!(helper.post(&own, &[("version", "1"), ("act", "save"), ("a::note", "x"), ("p::note", "1")]).await.status, StatusCode::FORBIDDEN);
    for path in ["/person/other/forms".to_owned(), own.replace("/p/", "/other/")] {
        assert_eq!(rosa.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    // A program writes nothing in a person's name.
    let account = site.chart.person_account(&testkit::caller(Role::Nurse), "p").unwrap().unwrap().account;
    let grant = access::Grant { client: "app".into(), rules: vec![access::Rule { reach: access::Reach::Patient, kind: None, deeds: access::Deeds::of_letters("cruds").unwrap(), query: String::new() }], patients: vec![site.chart.person_record(&testkit::caller(Role::Integration), "p").unwrap()] };
    let caller = access::Caller { account, purpose: access::Purpose::Own, session: access::Session { number: 9, began: site.chart.now() }, grant: Some(std::sync::Arc::new(grant)) };
    assert!(matches!(site.chart.begin_form(&caller, "p", &site.form("/own"), None).await, Err(Error::Forbidden)));
}

#[tokio::test]
async fn a_guardian_refuses_a_vaccination_for_a_child_and_takes_it_back() {
    let site = home().await;
    let (rosa, ana) = (site.sign_in("rosa").await, site.sign_in("ana").await);
    let due = |text: &str| text.contains("Refused on 02/03/2026");
    assert!(!due(&ana.get("/person/kid/vaccinations").await.text));
    let refusal = |decision: &'static str| [("a::refuses", "c1"), ("a::proxy-name", "Rosa Prueba"), ("a::decision", decision), ("r::refused", "1"), ("a:0:refused-vaccine", "c5"), ("p:0:refused-vaccine", "1"), ("a::why", "c0"), ("a::illness-told", "true"), ("a::vaccine-told", "true"), ("a::law-told", "true"), ("a::withdraw-told", "true"), ("a::signed-on", "2026-03-02")];
    sent(&rosa, &site, "kid", "ru-otkaz-ot-privivok", &refusal("c0")).await;
    let consents = of(&site, "kid", "Consent").await;
    assert!(consents.len() == 1 && consents[0].contains("\"type\":\"deny\"") && consents[0].contains("\"code\":\"mmr\"") && consents[0].contains("RelatedPerson/proxy-"), "{consents:?}");
    assert_eq!(of(&site, "kid", "Immunization").await.len(), 0, "a person writes no Immunization");
    for language in Language::ALL {
        let page = ana.get_in("/person/kid/vaccinations", language).await;
        assert!(page.status == StatusCode::OK && !page.text.contains('⟦'));
    }
    let page = ana.get("/person/kid/vaccinations").await.text;
    assert!(due(&page), "{page}");
    // The day after they think otherwise.
    site.hands.forward_ms(86_400_000);
    let rosa = site.sign_in("rosa").await;
    sent(&rosa, &site, "kid", "ru-otkaz-ot-privivok", &refusal("c1")).await;
    assert_eq!(of(&site, "kid", "Consent").await.len(), 2, "what was said stays");
    let ana = site.sign_in("ana").await;
    assert!(!due(&ana.get("/person/kid/vaccinations").await.text));
    // Who acts no more, says no more.
    let id = site.chart.proxies_of(&testkit::caller(Role::Nurse), "kid").unwrap()[0].id.clone();
    site.chart.end_trust(&testkit::caller(Role::Nurse), "kid", &id).await.unwrap();
    assert_eq!(rosa.post("/person/kid/forms", &[("form", &site.form("ru-otkaz-ot-privivok"))]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_data_may_be_used_for_hides_nothing_from_whoever_treats() {
    let site = home().await;
    let (rosa, ana) = (site.sign_in("rosa").await, site.sign_in("ana").await);
    for (decision, kind) in [("c1", "deny"), ("c0", "permit")] {
        sent(&rosa, &site, "p", "mx-usos-de-datos", &[("a::says", "c0"), ("a::research", decision), ("a::trials", "c1"), ("a::care-known", "true"), ("a::signed-on", "2026-03-02")]).await;
        let newest = of(&site, "p", "Consent").await;
        assert!(newest.iter().any(|text| text.contains("patient-privacy") && text.contains("HRESCH") && text.contains(&format!("\"type\":\"{kind}\"")) && text.contains("\"performer\":[{\"reference\":\"Patient/p\"}]")), "{newest:?}");
    }
    assert_eq!(of(&site, "p", "Consent").await.len(), 4);
    // A physician sees all that a system sees, the decisions included.
    let [seen, all] = [Role::Physician, Role::Integration].map(testkit::caller);
    let (seen, all) = (site.chart.person(&seen, "p").await.unwrap(), site.chart.person(&all, "p").await.unwrap());
    assert_eq!(seen.resources.len(), all.resources.len());
    assert_eq!(ana.get("/person/p").await.status, StatusCode::OK);
    assert!(ana.get("/person/p/forms").await.text.contains("Uses of my data"));
}

#[tokio::test]
async fn the_pages_speak_four_languages() {
    let site = home().await;
    let rosa = site.sign_in("rosa").await;
    let place = begun(&rosa, &site, "p", "/all").await;
    rosa.act(&place, "save", &[("a::note", "since monday")]).await;
    let mut said = std::collections::BTreeSet::new();
    for language in Language::ALL {
        for path in ["/person/p".to_owned(), "/person/p/forms".to_owned(), place.clone(), format!("{place}/send")] {
            let page = rosa.get_in(&path, language).await;
            assert!(page.status == StatusCode::OK && !page.text.contains('⟦') && !page.text.contains("style=\""), "{path} in {}: {}", language.code(), page.text);
            if path.ends_with("/send") {
                said.insert(desk::between(&page.text, "<dl class=\"fields\"><div><dt>", "<"));
            }
        }
    }
    assert_eq!(said.len(), 4, "{said:?}");
}
