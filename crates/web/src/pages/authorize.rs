//! A program asks to see something: who it is for, what it wants in words, yes or no.
//! <https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html>
//!
//! * Nothing is given without a person who reads this page and presses the button.
//! * What a program calls itself is told as such. Each wish can be taken off before saying yes.

use std::collections::HashMap;

use access::{AccountAct, Deed, Reach, Rule};
use askama::Template;
use axum::extract::{Form, Path, RawQuery};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use fhir::Document;
use oauth::{Began, Patient, Refusal, Scope, Waiting};
use url::Url;

use super::fault::{self, Fault};
use crate::banner;
use crate::find::{self, FoundPage};
use crate::frame::Frame;
use crate::house::{FormTarget, Reader, Visitor, show};
use crate::voice::Voice;

#[derive(Template)]
#[template(path = "going_on.html")]
struct GoingOn {
    frame: Frame,
    title: String,
    address: String,
}

#[derive(Template)]
#[template(path = "program_refused.html")]
struct ProgramRefused {
    frame: Frame,
    reason: &'static str,
}

#[derive(Template)]
#[template(path = "choose_person.html")]
struct ChoosePerson {
    frame: Frame,
    handle: String,
    program: String,
    query: String,
    page: Option<FoundPage>,
}

#[derive(Template)]
#[template(path = "consent.html")]
struct Consent {
    frame: Frame,
    handle: String,
    program: String,
    place: String,
    person: Option<String>,
    may_choose: bool,
    wishes: Vec<Wish>,
}

/// One thing a program wants.
pub(super) struct Wish {
    number: usize,
    pub what: String,
    pub whose: String,
    only: Option<String>,
}

/// A program sends a browser here. The session's cookie is strict and stays away when another site
/// brings somebody, so the page goes on to one of ours by itself.
pub async fn begin(visitor: Visitor, RawQuery(query): RawQuery) -> Response {
    let parameters: Vec<(String, String)> = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
    let gate = visitor.house.door.gate();
    let began = visitor.house.oauth.begin(&parameters, &|rule| gate.understands(rule), visitor.house.door.now());
    match began {
        Ok(Began::Waiting(handle)) => going_on(&visitor, visitor.voice.say("consent-going-on"), format!("/authorize/{handle}")),
        Ok(Began::Back(address)) => Redirect::to(&address).into_response(),
        Ok(Began::Refused(refusal)) => program_refused(&visitor, refusal),
        Err(error) => of_error(&visitor, &error),
    }
}

/// A page that leads on by itself, and by a link.
pub fn going_on(visitor: &Visitor, title: String, address: String) -> Response {
    visitor.show_at_door(StatusCode::OK, |frame| GoingOn { frame: Frame { path: "/".to_owned(), ..frame }, title, address })
}

fn program_refused(visitor: &Visitor, refusal: Refusal) -> Response {
    visitor.show_at_door(StatusCode::BAD_REQUEST, |frame| ProgramRefused { frame: Frame { path: "/".to_owned(), ..frame }, reason: refusal.message })
}

pub(super) fn of_error(visitor: &Visitor, error: &oauth::Error) -> Response {
    match error {
        oauth::Error::Refused(refusal) => program_refused(visitor, *refusal),
        error => {
            tracing::error!(%error, "what is kept of programs could not be read or written");
            fault::show(visitor, Fault::Failed)
        }
    }
}

/// The question: first whose record, where the program wants one, then what.
pub async fn page(reader: Reader, Path(handle): Path<String>) -> Response {
    match reader.visitor.house.oauth.waiting(&handle, reader.now()) {
        Some(waiting) if is_anothers(&reader, &waiting) => fault::show(&reader.visitor, Fault::Refused),
        Some(waiting) if waiting.wants_patient() => choose_page(&reader, handle, &waiting, String::new(), None),
        Some(waiting) => consent_page(&reader, handle, waiting).await,
        None => fault::show(&reader.visitor, Fault::Over),
    }
}

/// A launch goes on only for whoever began it.
fn is_anothers(reader: &Reader, waiting: &Waiting) -> bool {
    waiting.account.is_some_and(|account| account != reader.entry.caller.account.number)
}

fn choose_page(reader: &Reader, handle: String, waiting: &Waiting, query: String, page: Option<FoundPage>) -> Response {
    show(StatusCode::OK, &ChoosePerson { frame: framed(reader, &handle), handle, program: waiting.client.name.clone(), query, page })
}

/// A form's own address is no place to come back to, the question's is.
fn framed(reader: &Reader, handle: &str) -> Frame {
    Frame { path: format!("/authorize/{handle}"), ..reader.frame() }
}

async fn consent_page(reader: &Reader, handle: String, waiting: Waiting) -> Response {
    let voice = reader.visitor.voice;
    let person = match &waiting.context.patient {
        None => None,
        Some(patient) => match reader.visitor.house.door.person(&reader.entry.caller, &patient.id).await {
            Ok(record) => Some(named(&record.patient.text, &voice)),
            Err(error) => return fault::of_error(&reader.visitor, &error),
        },
    };
    let wishes = waiting.scopes.iter().enumerate().map(|(number, (_, scope))| wish(number, scope, &voice)).collect();
    let (place, target) = destination(&waiting.redirect_uri);
    let may_choose = waiting.account.is_none() && person.is_some();
    let mut response = show(StatusCode::OK, &Consent { frame: framed(reader, &handle), handle, program: waiting.client.name, place, person, may_choose, wishes });
    // The answer to the form sends the browser back to the program.
    response.extensions_mut().insert(FormTarget(target));
    response
}

fn named(patient: &str, voice: &Voice) -> String {
    let Ok(document) = Document::read(patient) else { return voice.say("name-unknown") };
    let root = document.root();
    let name = banner::name(root, banner::country_of(root)).unwrap_or_else(|| voice.say("name-unknown"));
    match banner::birth(root) {
        Some(birth) => format!("{name}, {}", voice.date(&birth)),
        None => name,
    }
}

/// Where a browser goes back to, for people and as a policy writes it.
fn destination(address: &str) -> (String, String) {
    match Url::parse(address) {
        Ok(url) if url.host_str().is_some() && url.scheme().starts_with("http") => (url.host_str().unwrap_or_default().to_owned(), url.origin().ascii_serialization()),
        Ok(url) => (format!("{}:", url.scheme()), format!("{}:", url.scheme())),
        Err(_) => (String::new(), "'none'".to_owned()),
    }
}

pub(super) fn wish(number: usize, scope: &Scope, voice: &Voice) -> Wish {
    let plain = |key: &str| Wish { number, what: voice.say(key), whose: String::new(), only: None };
    match scope {
        Scope::OpenId => plain("consent-openid"),
        Scope::FhirUser => plain("consent-user"),
        Scope::Launch | Scope::LaunchPatient => plain("consent-patient"),
        Scope::LaunchEncounter => plain("consent-encounter"),
        Scope::Offline => plain("consent-offline"),
        Scope::Online => plain("consent-online"),
        Scope::Data(rule) => Wish {
            number,
            what: voice.with("consent-wish", &[("what", &kinds(rule, voice)), ("deeds", &deeds(rule, voice))]),
            whose: voice.say(if rule.reach == Reach::Patient { "consent-of-person" } else { "consent-of-all" }),
            only: (!rule.query.is_empty()).then(|| rule.query.clone()),
        },
    }
}

fn deeds(rule: &Rule, voice: &Voice) -> String {
    // Who may change may also put in what is new, under an id of its own.
    let change = if rule.deeds.meets(Deed::Create.into()) { "consent-change" } else { "consent-put" };
    let words = [(Deed::Read, "consent-see"), (Deed::Search, "consent-find"), (Deed::Create, "consent-add"), (Deed::Update, change), (Deed::Delete, "consent-delete")];
    // Seeing and finding are one thing to people, unless a program asks for one alone.
    let both = rule.deeds.holds(access::Deeds::READING);
    let wanted = words.into_iter().filter(|(deed, _)| rule.deeds.meets((*deed).into()) && !(both && *deed == Deed::Search));
    wanted.map(|(_, key)| voice.say(key)).collect::<Vec<_>>().join(", ")
}

/// The words of the ward for a type; its own name where they have none.
fn kinds(rule: &Rule, voice: &Voice) -> String {
    let Some(kind) = rule.kind else { return voice.say("consent-everything") };
    let keys: &[&str] = match kind.name() {
        "Patient" | "RelatedPerson" | "Person" => &["kind-person"],
        "Encounter" | "EpisodeOfCare" => &["kind-visit"],
        "Observation" => &["kind-result", "kind-measurement"],
        "DiagnosticReport" => &["kind-result"],
        "Condition" => &["kind-problem"],
        "AllergyIntolerance" => &["kind-allergy"],
        "MedicationRequest" | "MedicationStatement" | "Medication" => &["kind-medicine"],
        "MedicationDispense" => &["kind-dispense"],
        "Immunization" => &["kind-vaccination"],
        "Procedure" => &["kind-procedure"],
        "ImagingStudy" => &["kind-imaging"],
        "ServiceRequest" => &["kind-referral"],
        "CarePlan" | "Goal" => &["kind-plan"],
        "Appointment" => &["kind-appointment"],
        "FamilyMemberHistory" => &["kind-family"],
        "Device" => &["kind-device"],
        "Consent" => &["kind-consent"],
        "DocumentReference" | "Composition" => &["kind-note"],
        "QuestionnaireResponse" => &["kind-history"],
        name => return name.to_owned(),
    };
    let words = keys.iter().map(|key| voice.say(key)).collect::<Vec<_>>().join(", ");
    format!("{words} ({})", kind.name())
}

/// What somebody answers.
pub async fn act(reader: Reader, Path(handle): Path<String>, Form(form): Form<HashMap<String, String>>) -> Response {
    if !reader.visitor.proves(&form) {
        return fault::show(&reader.visitor, Fault::Form);
    }
    let house = reader.visitor.house.clone();
    let now = reader.now();
    let Some(waiting) = house.oauth.waiting(&handle, now) else { return fault::show(&reader.visitor, Fault::Over) };
    if is_anothers(&reader, &waiting) {
        return fault::show(&reader.visitor, Fault::Refused);
    }
    match (form.get("act").map(String::as_str), form.get("patient")) {
        (Some("find"), _) => find_person(&reader, handle, &waiting, &form).await,
        (_, Some(patient)) => choose(&reader, handle, patient),
        (Some("again"), _) => choose_page(&reader, handle, &waiting, String::new(), None),
        (Some("allow"), _) => allow(&reader, &handle, &waiting, &form).await,
        (Some("deny"), _) => match house.oauth.deny(&handle, now) {
            Some(address) => Redirect::to(&address).into_response(),
            None => fault::show(&reader.visitor, Fault::Over),
        },
        _ => fault::show(&reader.visitor, Fault::NotFound),
    }
}

async fn find_person(reader: &Reader, handle: String, waiting: &Waiting, form: &HashMap<String, String>) -> Response {
    let query: String = form.get("q").map_or("", String::as_str).trim().chars().take(200).collect();
    if query.is_empty() {
        return choose_page(reader, handle, waiting, query, None);
    }
    let hits = match reader.visitor.house.door.find_persons(&reader.entry.caller, &query, find::LIMIT).await {
        Ok(hits) => hits,
        Err(error) => return fault::of_error(&reader.visitor, &error),
    };
    let voice = reader.visitor.voice;
    let page = find::found(&hits, &voice, reader.now().civil(voice.zone_offset_minutes));
    choose_page(reader, handle, waiting, query, Some(page))
}

fn choose(reader: &Reader, handle: String, id: &str) -> Response {
    let record = match reader.visitor.house.door.gate().person_record(&reader.entry.caller, id) {
        Ok(record) => record,
        Err(error) => return fault::of_error(&reader.visitor, &error),
    };
    let patient = Patient { record: record.0, id: id.to_owned() };
    if !reader.visitor.house.oauth.choose(&handle, patient, reader.now()) {
        return fault::show(&reader.visitor, Fault::Over);
    }
    Redirect::to(&format!("/authorize/{handle}")).into_response()
}

async fn allow(reader: &Reader, handle: &str, waiting: &Waiting, form: &HashMap<String, String>) -> Response {
    let (visitor, account) = (&reader.visitor, &reader.entry.caller.account);
    let is_kept = |number: usize| form.contains_key(&format!("wish-{number}"));
    let tells_user = waiting.scopes.iter().enumerate().any(|(number, (_, scope))| *scope == Scope::FhirUser && is_kept(number));
    if tells_user && let Err(error) = visitor.house.door.gate().keep_stand_in(account).await {
        return fault::of_error(visitor, &error);
    }
    match visitor.house.oauth.allow(handle, is_kept, account.number, reader.entry.era, reader.now()) {
        Ok(Some(address)) => {
            let (account, program) = (account.clone(), waiting.client.id.clone());
            match visitor.at_the_gate(move |gate| gate.note_program(&account, AccountAct::AllowProgram, &program)).await {
                Ok(()) => Redirect::to(&address).into_response(),
                Err(response) => response,
            }
        }
        Ok(None) => fault::show(visitor, Fault::Over),
        Err(error) => of_error(visitor, &error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_may_be_sent_to_the_program_and_nowhere_else() {
        for (address, place, target) in [
            ("https://app.example/callback?x=1", "app.example", "https://app.example"),
            ("http://127.0.0.1:9000/", "127.0.0.1", "http://127.0.0.1:9000"),
            ("example.app:/callback", "example.app:", "example.app:"),
        ] {
            assert_eq!(destination(address), (place.to_owned(), target.to_owned()));
        }
    }

    #[test]
    fn who_is_asked_reads_that_a_right_to_change_also_puts_in_what_is_new() {
        let rule = |letters: &str| Rule { reach: Reach::User, kind: None, deeds: access::Deeds::of_letters(letters).unwrap(), query: String::new() };
        for language in crate::words::Language::ALL {
            let voice = Voice { language, zone_offset_minutes: 0 };
            let put = voice.say("consent-put");
            assert_eq!(deeds(&rule("u"), &voice), put);
            assert!(!deeds(&rule("cu"), &voice).contains(&put) && deeds(&rule("rus"), &voice).contains(&put));
        }
    }
}
