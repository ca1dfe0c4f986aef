//! Signing what was written: what is signed stands on the page, and whoever signs shows anew who they are.
//!
//! * A draft is completed and signed as one act; a signed document is amended or annulled by another
//!   version that is signed too.
//! * An older version is shown as it was signed, with the form as it was.
//! * The evidence of a version is one file that is verified without this server.

use std::collections::HashMap;

use access::Role;
use askama::Template;
use axum::extract::{Form as Fields, Path};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chart::{Completion, Error, Filled, Pen, Presence, Presented, SignedVersion, Signee};

use super::fault::{self, Fault};
use super::forms::{After, answer, encounter_of, filled, may_write, read, sides, targets};
use super::person::with_record;
use crate::banner::{Allergies, Banner};
use crate::form::{self, Reading};
use crate::frame::Frame;
use crate::house::{Reader, show};
use crate::rail::RailLink;
use crate::signing::{Desk, Judged};
use crate::voice::Voice;

#[derive(Template)]
#[template(path = "sign.html")]
struct SignPage {
    frame: Frame,
    banner: Banner,
    rail: Vec<RailLink>,
    response: String,
    version: u32,
    title: String,
    /// Who will have signed it, with role, licence and institution.
    signer: String,
    by_institution: bool,
    has_second_factor: bool,
    is_annulment: bool,
    reason: String,
    fault: Option<String>,
    parts: Vec<Reading>,
}

/// A signature in the list of a document.
pub struct SignatureView {
    /// Which version; of one that was signed elsewhere the number it has there.
    pub version: u32,
    /// The version here that it signs.
    pub here: Option<u32>,
    /// It was made in another house and came with a parcel.
    pub is_elsewhere: bool,
    /// The version as addresses name it.
    pub address: String,
    /// Who, with what they were.
    pub who: String,
    /// Where they worked; the institution itself, of its own signature.
    pub place: String,
    /// When.
    pub when: String,
    /// Why the version took the place of the one before.
    pub reason: Option<String>,
    /// The institution's, beside the author's.
    pub is_institution: bool,
    /// The verdict, in words.
    pub verdict: String,
    /// It is believed.
    pub is_good: bool,
    /// The first of its version in the list.
    pub is_first: bool,
}

impl SignatureView {
    /// True where it signs this version of a document.
    pub(crate) fn is_of(&self, filled: &Filled) -> bool {
        match filled.elsewhere {
            Some(version) => self.is_elsewhere && self.version == version,
            None => self.here == Some(filled.stored.version),
        }
    }
}

/// The signatures of a document as its page lists them.
pub async fn views(reader: &Reader, filled: &Filled) -> Result<Vec<SignatureView>, Response> {
    let gate = reader.visitor.house.door.gate();
    let signed = gate.signatures(&reader.entry.caller, &filled.stored).await.map_err(|error| fault::of_error(&reader.visitor, &error))?;
    told(&desk(reader), &signed, &reader.visitor.voice, reader.now()).map_err(|error| failed(reader, &error))
}

/// Signatures in words, each with its verdict.
pub(crate) fn told(desk: &Desk, signed: &[SignedVersion], voice: &Voice, now: fhir::Moment) -> Result<Vec<SignatureView>, attest::Error> {
    let mut last = (0, false);
    Ok(desk
        .judge(signed, now)?
        .iter()
        .map(|one| {
            let own = (one.version, one.is_elsewhere);
            let is_first = own != last;
            last = own;
            view(one, voice, is_first)
        })
        .collect())
}

fn view(one: &Judged, voice: &Voice, is_first: bool) -> SignatureView {
    let verdict = match (&one.doubt, one.said.as_ref().and_then(|said| said.revoked_later_at_s)) {
        (None, None) => voice.say("sign-good"),
        (None, Some(at_s)) => voice.with("sign-good-revoked-later", &[("time", &voice.moment(fhir::Moment(at_s * 1000)))]),
        (Some(doubt), _) => voice.say(doubt_key(*doubt)),
    };
    let who = one.said.as_ref().map_or_else(String::new, |said| signer(&said.by.name, &said.by.role, &said.by.licence, &said.by.place, voice));
    SignatureView {
        version: one.version,
        here: one.here,
        is_elsewhere: one.is_elsewhere,
        address: if one.is_elsewhere { format!("{ELSEWHERE}{}", one.version) } else { one.version.to_string() },
        place: one.said.as_ref().map_or_else(String::new, |said| if said.capacity == attest::Capacity::Institution { said.by.name.clone() } else { said.by.place.clone() }),
        who,
        when: one.said.as_ref().map_or_else(String::new, |said| voice.moment(fhir::Moment(said.at_s.saturating_mul(1000)))),
        reason: one.reason.clone(),
        is_institution: one.said.as_ref().is_some_and(|said| said.capacity == attest::Capacity::Institution),
        verdict,
        is_good: one.doubt.is_none(),
        is_first,
    }
}

/// The message of a doubt.
pub fn doubt_key(doubt: attest::Doubt) -> &'static str {
    use attest::Doubt;
    match doubt {
        Doubt::NoSignature => "sign-doubt-no-signature",
        Doubt::Altered => "sign-doubt-altered",
        Doubt::AnotherDocument => "sign-doubt-another-document",
        Doubt::AnotherKey | Doubt::Unfitting => "sign-doubt-another-key",
        Doubt::UnknownAuthority => "sign-doubt-unknown-authority",
        Doubt::Expired => "sign-doubt-expired",
        Doubt::NotYet => "sign-doubt-not-yet",
        Doubt::Revoked => "sign-doubt-revoked",
        Doubt::List => "sign-doubt-list",
        Doubt::Algorithm => "sign-doubt-algorithm",
        Doubt::AnotherName => "sign-doubt-another-name",
    }
}

/// Name, role, licence and institution in one line.
fn signer(name: &str, role: &str, licence: &str, place: &str, voice: &Voice) -> String {
    let role = Role::named(role).map(|role| voice.role(role)).unwrap_or_default();
    let licence = if licence.is_empty() { String::new() } else { voice.with("sign-licence", &[("number", licence)]) };
    [name.to_owned(), role, licence, place.to_owned()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// The keys of this house.
pub fn desk(reader: &Reader) -> Desk {
    Desk::new(reader.visitor.house.door.gate(), reader.visitor.house.settings.signature_algorithm)
}

/// What is said where a key could not be used.
pub fn failed(reader: &Reader, error: &attest::Error) -> Response {
    tracing::error!(%error, "a signature could not be made or judged");
    fault::show(&reader.visitor, Fault::Failed)
}

/// The page on which a draft, or what was completed, is signed; with `?annul` the one on which a
/// signed document is taken out of force.
pub async fn page(reader: Reader, Path((id, response)): Path<(String, String)>, query: axum::extract::RawQuery) -> Response {
    if !may_write(reader.entry.caller.account.role) {
        return fault::show(&reader.visitor, Fault::Refused);
    }
    let filled = match filled(&reader, &id, &response).await {
        Ok(filled) => filled,
        Err(response) => return response,
    };
    let is_annulment = query.0.as_deref() == Some("annul");
    asked(reader, id, filled, is_annulment, StatusCode::OK, None, String::new()).await
}

/// The page that asks; what cannot be signed is shown as it stands.
async fn asked(reader: Reader, id: String, mut filled: Filled, is_annulment: bool, status: StatusCode, fault: Option<String>, reason: String) -> Response {
    let gate = reader.visitor.house.door.gate().clone();
    let caller = reader.entry.caller.clone();
    let is_signed = match gate.is_signed(&filled.stored) {
        Ok(is_signed) => is_signed,
        Err(error) => return fault::of_error(&reader.visitor, &error),
    };
    let is_draft = filled.status == "in-progress";
    if (is_draft && filled.lacks_form) || is_annulment != is_signed || !(is_draft || matches!(filled.status.as_str(), "completed" | "amended")) {
        return answer(reader, id, filled, StatusCode::CONFLICT, After::default()).await;
    }
    // What would not be completed is not signed: the form says what is missing.
    if is_draft {
        let around = match gate.around(&caller, &filled.form, &id, encounter_of(&filled).as_deref()).await {
            Ok(around) => around,
            Err(error) => return fault::of_error(&reader.visitor, &error),
        };
        match gate.overtaken(&caller, &filled).await {
            Ok(None) => {}
            Ok(Some(_)) => return answer(reader, id, filled, StatusCode::CONFLICT, After::default()).await,
            Err(error) => return fault::of_error(&reader.visitor, &error),
        }
        let (certified, refused_by) = match gate.certified(&filled, &filled.filling, &around).await {
            Ok(certified) => certified,
            Err(error) => return fault::of_error(&reader.visitor, &error),
        };
        let mut completed = forms::complete(&filled.form, &certified, &around, &gate.knowledge());
        completed.faults.extend(refused_by.into_iter().map(|fault| (String::new(), fault)));
        if completed.is_sound() {
            filled.filling = completed.filling;
        } else {
            let whole = completed.faults.into_iter().filter(|(place, _)| place.is_empty()).map(|(_, fault)| fault).collect();
            return answer(reader, id, filled, StatusCode::UNPROCESSABLE_ENTITY, After { shows_faults: true, whole, ..After::default() }).await;
        }
    }
    let (licence, has_second_factor) = match (gate.licence_of(&caller.account), gate.has_second_factor(caller.account.number)) {
        (Ok(licence), Ok(has)) => (licence, has),
        (Err(error), _) | (_, Err(error)) => return fault::of_error(&reader.visitor, &error),
    };
    with_record(reader, id, move |record, frame, now| {
        let (banner, rail) = sides(record, &frame, now);
        let voice = frame.voice;
        let (_, names) = targets(record, &voice);
        let account = &caller.account;
        let name = if account.display.is_empty() { &account.login } else { &account.display };
        let page = SignPage {
            title: filled.form.title.told(voice.code()).to_owned(),
            signer: signer(name, account.role.word(), &licence, &account.institution, &voice),
            by_institution: filled.form.signing.by_institution,
            has_second_factor,
            is_annulment,
            reason,
            fault,
            parts: form::readings(&filled.form.items, &filled.filling.items, &voice, &names, 3),
            response: filled.stored.id.clone(),
            version: filled.stored.version,
            frame,
            banner,
            rail,
        };
        Some(show(status, &page))
    })
    .await
}

/// Signs, or annuls.
pub async fn act(reader: Reader, Path((id, response)): Path<(String, String)>, Fields(fields): Fields<HashMap<String, String>>) -> Response {
    if !reader.visitor.proves(&fields) {
        return fault::show(&reader.visitor, Fault::Form);
    }
    if !may_write(reader.entry.caller.account.role) {
        return fault::show(&reader.visitor, Fault::Refused);
    }
    let filled = match filled(&reader, &id, &response).await {
        Ok(filled) => filled,
        Err(response) => return response,
    };
    let field = |name: &str| fields.get(name).map_or("", String::as_str).to_owned();
    let (is_annulment, reason) = (field("act") == "annul", field("reason"));
    let voice = reader.visitor.voice;
    if field("version") != filled.stored.version.to_string() {
        // Somebody wrote in between: what would be signed is shown anew.
        let said = Some(voice.say("sign-changed"));
        return asked(reader, id, filled, is_annulment, StatusCode::CONFLICT, said, reason).await;
    }
    let presence = match shown(&reader, field("secret")).await {
        Ok(Ok(presence)) => presence,
        Ok(Err(said)) => return asked(reader, id, filled, is_annulment, StatusCode::UNPROCESSABLE_ENTITY, Some(said), reason).await,
        Err(response) => return response,
    };
    let gate = reader.visitor.house.door.gate().clone();
    let caller = reader.entry.caller.clone();
    let desk = desk(&reader);
    let signs = move |signee: &Signee<'_>| desk.sign(signee);
    let pen = Pen { presence, signs: &signs };
    if is_annulment {
        return match gate.annul_form(&caller, &filled, &reason, pen).await {
            Ok(done) => read(reader, id, done, StatusCode::OK, Some(voice.say("sign-annulled")), None).await,
            Err(error @ (Error::Refused(_) | Error::Conflict(_) | Error::VersionMismatch { .. })) => {
                let said = Some(refusal(&error, &voice));
                asked(reader, id, filled, true, StatusCode::UNPROCESSABLE_ENTITY, said, reason).await
            }
            Err(error) => fault::of_error(&reader.visitor, &error),
        };
    }
    match gate.sign_form(&caller, &filled, &filled.filling, pen).await {
        Ok(Completion::Done(done, _)) => read(reader, id, *done, StatusCode::OK, Some(voice.say("sign-done")), None).await,
        Ok(Completion::Faulty(faults)) => {
            let whole = faults.into_iter().filter(|(place, _)| place.is_empty()).map(|(_, fault)| fault).collect();
            answer(reader, id, filled, StatusCode::UNPROCESSABLE_ENTITY, After { shows_faults: true, whole, ..After::default() }).await
        }
        Ok(Completion::Overtaken) => answer(reader, id, filled, StatusCode::CONFLICT, After::default()).await,
        Err(error @ (Error::Refused(_) | Error::Conflict(_) | Error::VersionMismatch { .. })) => {
            let said = Some(refusal(&error, &voice));
            let now = match super::forms::filled(&reader, &id, &filled.stored.id).await {
                Ok(now) => now,
                Err(response) => return response,
            };
            asked(reader, id, now, false, StatusCode::CONFLICT, said, String::new()).await
        }
        Err(error) => fault::of_error(&reader.visitor, &error),
    }
}

fn refusal(error: &Error, voice: &Voice) -> String {
    voice.say(match error {
        Error::Refused(issues) if issues.iter().any(|issue| issue.rule == "licence") => "sign-no-licence",
        Error::Refused(issues) if issues.iter().any(|issue| issue.rule == "reason") => "form-amend-wrong",
        Error::Refused(_) => "sign-refused",
        _ => "sign-changed",
    })
}

/// Whoever holds the session shows that they are its owner. A refusal comes in words.
async fn shown(reader: &Reader, typed: String) -> Result<Result<Presence, String>, Response> {
    let (account, from) = (reader.entry.caller.account.clone(), reader.visitor.from);
    let voice = reader.visitor.voice;
    Ok(match reader.visitor.at_the_gate(move |chart| chart.show_presence(&account, &typed, from)).await? {
        Presented::Here(presence) => Ok(presence),
        Presented::Refused => Err(voice.say("sign-wrong")),
        Presented::Later(seconds) => Err(voice.count("sign-later", usize::try_from(seconds.div_ceil(60)).unwrap_or(1))),
    })
}

/// A version as it was.
pub async fn version(reader: Reader, Path((id, response, version)): Path<(String, String, String)>) -> Response {
    match version_named(&reader, &id, &response, &version).await {
        Ok(filled) => read(reader, id, filled, StatusCode::OK, None, None).await,
        Err(response) => response,
    }
}

/// The version of a document that an address names.
pub(super) async fn version_named(reader: &Reader, id: &str, response: &str, named: &str) -> Result<Filled, Response> {
    let (gate, caller) = (reader.visitor.house.door.gate(), &reader.entry.caller);
    let found = match (number(named), named.strip_prefix(ELSEWHERE).and_then(number)) {
        (Some(here), _) => gate.filled_version(caller, id, response, here).await,
        (None, Some(elsewhere)) => gate.filled_elsewhere(caller, id, response, elsewhere).await,
        (None, None) => return Err(fault::show(&reader.visitor, Fault::NotFound)),
    };
    found.map_err(|error| fault::of_error(&reader.visitor, &error))
}

/// The evidence of a version.
pub async fn evidence(reader: Reader, Path((id, response, version)): Path<(String, String, String)>) -> Response {
    let elsewhere = version.strip_prefix(ELSEWHERE);
    let Some(number) = number(elsewhere.unwrap_or(&version)) else { return fault::show(&reader.visitor, Fault::NotFound) };
    let filled = match filled(&reader, &id, &response).await {
        Ok(filled) => filled,
        Err(response) => return response,
    };
    let signed = match reader.visitor.house.door.gate().signatures(&reader.entry.caller, &filled.stored).await {
        Ok(signed) => signed,
        Err(error) => return fault::of_error(&reader.visitor, &error),
    };
    let of = |is_elsewhere: bool| signed.iter().find(|one| one.version == number && one.elsewhere.is_some() == is_elsewhere);
    // A number alone is one of here, or else of where it was signed.
    let Some(signed) = (if elsewhere.is_some() { of(true) } else { of(false).or_else(|| of(true)) }) else { return fault::show(&reader.visitor, Fault::NotFound) };
    match desk(&reader).evidence(signed, reader.now()) {
        Ok(text) => (StatusCode::OK, [(header::CONTENT_TYPE, "application/json"), (HeaderName::from_static("content-disposition"), "attachment; filename=\"evidence.json\"")], text).into_response(),
        Err(error) => failed(&reader, &error),
    }
}

/// What stands in an address before the number of a version that was signed in another house.
pub(super) const ELSEWHERE: &str = "elsewhere-";

/// The number of a version in an address.
pub(super) fn number(text: &str) -> Option<u32> {
    text.parse().ok().filter(|number| *number > 0)
}
