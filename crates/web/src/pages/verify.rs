//! What anybody may ask: is this paper true, is this card true, who is the authority.
//!
//! * Nobody signs in here. The only thing in the address is the random code of the paper.
//! * With the code one learns what kind of paper it is, from whom, of which day and whether it is in
//!   force. What it says is shown to who also knows a detail that stands on it.
//! * A wrong detail and a code that does not exist are answered with the same page.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Form as Fields, Path, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use chart::{Filled, LookedUp, Paper, PaperKind, PaperState, shown_code};

use super::certificate::signer;
use super::fault::{self, Fault};
use super::papers::{kind_key, without_withheld};
use crate::door::Door;
use crate::form::{self, Reading};
use crate::frame::Frame;
use crate::house::{House, Visitor};
use crate::voice::Voice;

#[derive(Template)]
#[template(path = "verify.html")]
struct VerifyPage {
    frame: Frame,
    /// As it was typed; empty where nothing was.
    code: String,
    fault: Option<String>,
    found: Option<Found>,
}

/// What is said of a paper.
struct Found {
    title: String,
    kind: String,
    institution: String,
    when: String,
    state: String,
    is_good: bool,
    /// What it says; none where no detail was shown.
    said: Option<Said>,
}

/// What a paper says.
struct Said {
    number: usize,
    parts: Vec<Reading>,
    /// What is said of additions; empty for a certificate.
    added_note: String,
    /// The additions it was made with: title, when and by whom, and what each says.
    addenda: Vec<(String, String, Vec<Reading>)>,
    /// Of the bytes it was made of; empty for a paper made before that was kept.
    digest: String,
    /// Something stands on the paper that is not shown here.
    has_more: bool,
}

#[derive(Template)]
#[template(path = "verify_card.html")]
struct CardPage {
    frame: Frame,
    fault: Option<String>,
    card: Option<CardSaid>,
}

/// What a card says that is believed.
struct CardSaid {
    name: String,
    born: String,
    issuer: String,
    since: String,
    doses: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "verify_authority.html")]
struct AuthorityPage {
    frame: Frame,
    fingerprint: String,
}

/// The page that asks for a code.
pub async fn page(visitor: Visitor) -> Response {
    visitor.show_at_door(StatusCode::OK, |frame| VerifyPage { frame, code: String::new(), fault: None, found: None })
}

/// A code was typed.
pub async fn ask(visitor: Visitor, Fields(fields): Fields<HashMap<String, String>>) -> Response {
    if !visitor.proves(&fields) {
        return fault::show(&visitor, Fault::Form);
    }
    let code: String = fields.get("code").map_or("", String::as_str).chars().filter(char::is_ascii_alphanumeric).take(40).collect();
    if code.is_empty() { Redirect::to("/verify").into_response() } else { Redirect::to(&format!("/verify/{}", code.to_lowercase())).into_response() }
}

/// What a paper with a code is.
pub async fn paper(visitor: Visitor, Path(code): Path<String>) -> Response {
    looked_up(visitor, code, None).await
}

/// The same with a detail of the paper.
pub async fn detail(visitor: Visitor, Path(code): Path<String>, Fields(fields): Fields<HashMap<String, String>>) -> Response {
    if !visitor.proves(&fields) {
        return fault::show(&visitor, Fault::Form);
    }
    let detail: String = fields.get("detail").map_or("", String::as_str).chars().take(60).collect();
    looked_up(visitor, code, Some(detail)).await
}

async fn looked_up(visitor: Visitor, code: String, detail: Option<String>) -> Response {
    let gate = visitor.house.door.gate().clone();
    let typed: String = code.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
    let voice = visitor.voice;
    let shown = |status: StatusCode, fault: Option<String>, found: Option<Found>| visitor.show_at_door(status, |frame| VerifyPage { frame, code: shown_code(&typed), fault, found });
    match gate.look_up_paper(&code, detail.as_deref(), visitor.from).await {
        Ok(LookedUp::Found { paper, state, filled, addenda, is_shown }) => shown(StatusCode::OK, None, Some(found(&paper, state, &filled, &addenda, is_shown, &voice))),
        Ok(LookedUp::Absent) => shown(StatusCode::NOT_FOUND, Some(voice.say("verify-absent")), None),
        Ok(LookedUp::Later(seconds)) => {
            let mut response = shown(StatusCode::TOO_MANY_REQUESTS, Some(voice.count("sign-later", (seconds as usize).div_ceil(60))), None);
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            response
        }
        Err(error) => fault::of_error(&visitor, &error),
    }
}

fn found(paper: &Paper, state: PaperState, filled: &Filled, addenda: &[Filled], is_shown: bool, voice: &Voice) -> Found {
    // Only a copy of all says all, also here.
    let given = || if paper.kind == PaperKind::Copy { filled.filling.items.clone() } else { without_withheld(&filled.form.items, &filled.filling.items) };
    let added = || {
        addenda.iter().map(|one| {
            let (when, by) = super::forms::written(&forms::Json::read(&one.stored.text).unwrap_or(forms::Json::Null), voice);
            (one.form.title.told(voice.code()).to_owned(), [when, by].join(" · "), form::readings(&one.form.items, &one.filling.items, voice, &HashMap::new(), 4))
        })
    };
    Found {
        title: filled.form.title.told(voice.code()).to_owned(),
        kind: voice.say(kind_key(paper.kind)),
        institution: paper.institution.clone(),
        when: voice.day(paper.at.civil(voice.zone_offset_minutes)),
        state: voice.say(match state {
            PaperState::Good => "verify-good",
            PaperState::Replaced => "verify-replaced",
            PaperState::Revoked => "verify-revoked",
            PaperState::Expired => "verify-expired",
            PaperState::Used => "verify-used",
            PaperState::Unsure => "verify-unsure",
        }),
        is_good: state == PaperState::Good,
        said: is_shown.then(|| Said {
            number: paper.number,
            parts: form::readings(&filled.form.items, &given(), voice, &HashMap::new(), 3),
            added_note: crate::press::added_note(paper, voice),
            addenda: added().collect(),
            // The certificate itself bears all of it; a short copy has no more than this.
            has_more: paper.kind == PaperKind::Certificate && without_withheld(&filled.form.items, &filled.filling.items) != filled.filling.items,
            digest: paper.made_of.as_ref().map_or_else(String::new, |made_of| made_of.digest.clone()),
        }),
    }
}

/// The page that asks for a vaccination card.
pub async fn card_page(visitor: Visitor) -> Response {
    visitor.show_at_door(StatusCode::OK, |frame| CardPage { frame, fault: None, card: None })
}

/// Verifies a vaccination card that this site issued.
pub async fn card(visitor: Visitor, Fields(fields): Fields<HashMap<String, String>>) -> Response {
    if !visitor.proves(&fields) {
        return fault::show(&visitor, Fault::Form);
    }
    let signer = signer(&visitor.house);
    let keys = signer.kid().and_then(|kid| Ok((signer.jwks()?, signer.revocation_list(&kid)?.unwrap_or_default())));
    let (jwks, list) = match keys {
        Ok(keys) => keys,
        Err(error) => {
            tracing::error!(%error, "the keys of cards could not be read");
            return fault::show(&visitor, Fault::Failed);
        }
    };
    let (voice, now_s) = (visitor.voice, visitor.house.door.now().0 / 1000);
    let verified = attest::read(fields.get("card").map_or("", String::as_str)).and_then(|jws| attest::verify_unrevoked(&jws, &jwks, &list, now_s));
    match verified {
        Ok(said) => visitor.show_at_door(StatusCode::OK, |frame| CardPage { card: Some(card_said(&said, &frame.voice, &*visitor.house.door)), fault: None, frame }),
        Err(cause) => {
            let key = match cause {
                attest::CardError::NoCard | attest::CardError::Algorithm => "verify-card-none",
                attest::CardError::UnknownKey | attest::CardError::NoList => "verify-card-unknown",
                attest::CardError::Forged => "verify-card-forged",
                attest::CardError::TooEarly => "verify-card-early",
                attest::CardError::Revoked => "verify-card-revoked",
            };
            visitor.show_at_door(StatusCode::UNPROCESSABLE_ENTITY, |frame| CardPage { fault: Some(voice.say(key)), card: None, frame })
        }
    }
}

fn card_said(said: &attest::Verified, voice: &Voice, door: &dyn Door) -> CardSaid {
    let text = said.bundle.to_string();
    let document = fhir::Document::read(&text).ok();
    let entries: Vec<_> = document.iter().flat_map(|document| document.root().get("entry")).flat_map(|list| list.items()).filter_map(|entry| entry.get("resource")).collect();
    let date = |text: Option<std::borrow::Cow<'_, str>>| text.as_deref().and_then(fhir::PartialDateTime::parse).map_or_else(String::new, |date| voice.date(&date));
    let patient = entries.iter().find(|one| one.string("resourceType").as_deref() == Some("Patient"));
    let name = patient.and_then(|patient| patient.get("name")).and_then(|list| list.items().next());
    let parts = name.map(|name| {
        let given = name.get("given").into_iter().flat_map(|list| list.items()).filter_map(|one| one.as_str().map(|text| text.into_owned()));
        given.chain(name.string("family").map(|text| text.into_owned())).collect::<Vec<_>>().join(" ")
    });
    let doses = entries.iter().filter(|one| one.string("resourceType").as_deref() == Some("Immunization")).map(|dose| {
        let coding = dose.get("vaccineCode").and_then(|code| code.get("coding")).and_then(|list| list.items().next());
        let told = coding.map_or_else(String::new, |coding| {
            let (system, code) = (coding.string("system").unwrap_or_default(), coding.string("code").unwrap_or_default());
            let short = format!("{} {code}", system.rsplit(['/', ':']).next().unwrap_or_default());
            match door.called(&system, &code, &code, voice.code()) {
                Some(name) => format!("{short} ({name})"),
                None => short,
            }
        });
        (date(dose.string("occurrenceDateTime")), told)
    });
    CardSaid { name: parts.unwrap_or_default(), born: date(patient.and_then(|patient| patient.string("birthDate"))), issuer: said.issuer.clone(), since: voice.moment(fhir::Moment(said.not_before.saturating_mul(1000))), doses: doses.collect() }
}

/// Who certifies the keys of staff: the certificate and its fingerprint, to compare evidence with.
pub async fn authority(visitor: Visitor) -> Response {
    match published(&visitor.house) {
        Ok((_, fingerprint)) => visitor.show_at_door(StatusCode::OK, |frame| AuthorityPage { frame, fingerprint }),
        Err(error) => {
            tracing::error!(%error, "the authority could not be read");
            fault::show(&visitor, Fault::Failed)
        }
    }
}

/// The certificate alone.
pub async fn authority_file(State(house): State<Arc<House>>) -> Response {
    match published(&house) {
        Ok((pem, _)) => (StatusCode::OK, [(header::CONTENT_TYPE, "application/x-pem-file"), (HeaderName::from_static("access-control-allow-origin"), "*")], pem).into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

fn published(house: &House) -> Result<(String, String), attest::Error> {
    crate::signing::Desk::new(house.door.gate(), house.settings.signature_algorithm).published(house.door.now())
}
