//! Forms about a person: which there are, filling one in, reading one.
//!
//! * Every button sends the whole form, and what was typed is kept before anything else happens.
//! * A save over the version of somebody else is refused: both versions stand on the page, and
//!   whoever reads it decides.
//! * What is looked for in a value set travels in the body, never in an address.

mod act;
mod list;
mod read;

use std::collections::HashMap;

use access::Role;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use chart::{Filled, SaidBy};
use fhir::{Moment, is_id};
use forms::{Filling, Json, Standing, differences, lay_out, tell_left_out, tell_not_begun};

pub use act::act;
pub use list::{begin, list};
pub(super) use list::{offered_to, titles};
pub(super) use read::{AddendumView, addendum, read, written};

use super::fault::{self, Fault};
use super::person::with_record;
use crate::banner::{Allergies, Banner};
use crate::form::{self, Drawing, Field, Part, Wrong};
use crate::frame::Frame;
use crate::house::{FormPage, Reader, show};
use crate::rail::{self, RailLink};
use crate::record::{Item, Kind, Record};
use crate::voice::Voice;

#[derive(Template)]
#[template(path = "form.html")]
struct FillPage {
    frame: Frame,
    banner: Banner,
    rail: Vec<RailLink>,
    response: String,
    version: u32,
    /// What the form asks, as it was when the page was made.
    asked: String,
    title: String,
    is_official: Option<bool>,
    source: String,
    saved: String,
    news: Option<String>,
    is_conflict: bool,
    overtaken: Option<OvertakenView>,
    flaws: Option<String>,
    fields: Vec<Field>,
    wrong: Vec<Wrong>,
    parts: Vec<Part>,
    unconfirmed: Option<String>,
    /// It is completed by being signed.
    wants_signature: bool,
    /// A person fills it in, and sends it.
    is_sent: bool,
}

/// What a page says of an amendment whose document got another version meanwhile.
struct OvertakenView {
    text: String,
    link: String,
    /// It can be begun anew.
    has_way: bool,
}

/// Who fills in forms: whoever writes into records at pages.
pub fn may_write(role: Role) -> bool {
    matches!(role, Role::Physician | Role::Nurse | Role::Laboratory | Role::Pharmacy | Role::Imaging | Role::Admissions | Role::RecordsClerk)
}

/// Who may come as far as a form at all: staff who write, and persons, of whom the door says more.
fn fills(reader: &Reader) -> bool {
    let role = reader.entry.caller.account.role;
    may_write(role) || role == Role::Person
}

/// What a page of a form says of the act before.
#[derive(Default)]
pub(super) struct After {
    /// What was done.
    pub news: Option<String>,
    /// Say what is wrong.
    pub shows_faults: bool,
    /// What is looked for, and where.
    pub search: Option<(String, String)>,
    /// What somebody else has written meanwhile.
    pub theirs: Option<Filled>,
    /// The document from which an amendment was begun anew, to be seen where it says something else.
    pub newest: Option<Filled>,
    /// What is wrong with the form as a whole.
    pub whole: Vec<forms::Fault>,
    /// Shown instead of what is stored: rows without an answer are in it.
    pub filling: Option<Filling>,
}

/// Who said what stands in a form, in words.
fn said(teller: Option<SaidBy>, is_own: bool, voice: &Voice) -> Option<String> {
    let key = match teller? {
        _ if is_own => "forms-said-you",
        SaidBy::Person => "forms-said-person",
        SaidBy::Proxy => "forms-said-proxy",
    };
    Some(voice.say(key))
}

pub(super) fn sides(record: &Record<'_>, frame: &Frame, now: Moment) -> (Banner, Vec<RailLink>) {
    let today = now.civil(frame.voice.zone_offset_minutes);
    (Banner::of(record, &frame.voice, today), rail::rail(record, &frame.voice, today, None))
}

/// A response: a draft to fill in, or what was completed to read.
pub async fn page(reader: Reader, Path((id, response)): Path<(String, String)>) -> Response {
    match filled(&reader, &id, &response).await {
        Ok(filled) => answer(reader, id, filled, StatusCode::OK, After::default()).await,
        Err(response) => response,
    }
}

pub(super) async fn filled(reader: &Reader, id: &str, response: &str) -> Result<Filled, Response> {
    if !is_id(id) || !is_id(response) {
        return Err(fault::show(&reader.visitor, Fault::NotFound));
    }
    reader.visitor.house.door.gate().filled(&reader.entry.caller, id, response).await.map_err(|error| fault::of_error(&reader.visitor, &error))
}

pub(super) async fn answer(reader: Reader, id: String, filled: Filled, status: StatusCode, after: After) -> Response {
    let goes_on = match reader.visitor.house.door.gate().may_go_on(&reader.entry.caller, &filled) {
        Ok(goes_on) => goes_on,
        Err(error) => return fault::of_error(&reader.visitor, &error),
    };
    if filled.status == "in-progress" && filled.said_by.is_some() && !goes_on {
        // Nobody has said anything yet.
        return fault::show(&reader.visitor, Fault::NotFound);
    }
    // Without its form a draft is read, and can only be thrown away.
    if filled.status != "in-progress" || filled.lacks_form || !goes_on || !fills(&reader) {
        return read(reader, id, filled, status, after.news, None).await;
    }
    fill(reader, id, filled, status, after).await
}

/// The encounter of a response, for what its formulas may name.
pub(super) fn encounter_of(filled: &Filled) -> Option<String> {
    let json = Json::read(&filled.stored.text).ok()?;
    json.get("encounter")?.string("reference")?.strip_prefix("Encounter/").map(str::to_owned)
}

async fn fill(reader: Reader, id: String, filled: Filled, status: StatusCode, after: After) -> Response {
    let gate = reader.visitor.house.door.gate().clone();
    let around = match gate.around(&reader.entry.caller, &filled.form, &id, encounter_of(&filled).as_deref()).await {
        Ok(around) => around,
        Err(error) => return fault::of_error(&reader.visitor, &error),
    };
    let is_sent = reader.entry.caller.account.role == Role::Person;
    let wants_signature = match gate.wants_signature(&filled) {
        Ok(wants) => wants,
        Err(error) => return fault::of_error(&reader.visitor, &error),
    };
    let overtaken = match gate.overtaken(&reader.entry.caller, &filled).await {
        Ok(overtaken) => overtaken,
        Err(error) => return fault::of_error(&reader.visitor, &error),
    };
    let adds = filled.appends.is_some() && filled.amends.is_none();
    let person = id.clone();
    let mut response = with_record(reader, id, move |record, frame, now| {
        let (banner, rail) = sides(record, &frame, now);
        let voice = frame.voice;
        let library = gate.knowledge();
        let filling = after.filling.as_ref().unwrap_or(&filled.filling);
        let (mut laid, own) = lay_out(&filled.form, filling, &around, &library);
        tell_not_begun(&mut laid, &filled.not_begun);
        tell_left_out(&mut laid, &filled.left_out);
        let own = if after.shows_faults { after.whole } else { own };
        // A document is opened at its page.
        let page_of = |address: String| format!("/person/{person}/forms/{}", address.trim_start_matches("QuestionnaireResponse/"));
        let own: Vec<_> = own.into_iter().map(|fault| match fault {
            forms::Fault::BornAlready(address) => forms::Fault::BornAlready(page_of(address)),
            forms::Fault::BornBesideSingle(address) => forms::Fault::BornBesideSingle(page_of(address)),
            forms::Fault::BornTooNear(address) => forms::Fault::BornTooNear(page_of(address)),
            other => other,
        }).collect();
        let theirs: HashMap<String, String> = after.theirs.iter().chain(&after.newest).flat_map(|theirs| differences(filling, &theirs.filling).into_iter().map(|link_id| (link_id.clone(), form::answered(&filled.form, &theirs.filling, &link_id, &voice)))).collect();
        let (targets, names) = targets(record, &voice);
        let drawing = Drawing { voice, library: &library, shows_faults: after.shows_faults, search: after.search, theirs, names, targets };
        let drawn = form::draw(&filled.form, &laid, &own, &drawing);
        let some = |count: usize, key: &str| (count > 0).then(|| voice.count(key, count));
        let version = after.theirs.as_ref().map_or(filled.stored.version, |theirs| theirs.stored.version);
        let page = FillPage {
            title: filled.form.title.told(voice.code()).to_owned(),
            is_official: filled.form.standing.map(|standing| standing == Standing::Official),
            source: filled.form.source.clone().unwrap_or_default(),
            saved: voice.with("form-saved", &[("time", &voice.moment(filled.stored.last_updated))]),
            news: after.news,
            is_conflict: after.theirs.is_some(),
            overtaken: overtaken.map(|one| OvertakenView {
                text: voice.say(match one.is_annulled {
                    true if adds => "form-append-annulled",
                    true => "form-overtaken-annulled",
                    false => "form-overtaken",
                }),
                link: format!("/person/{person}/forms/{}", one.document),
                has_way: !one.is_annulled,
            }),
            flaws: some(filled.form.issues.len(), "form-flaws"),
            response: filled.stored.id.clone(),
            version,
            asked: filled.form.fingerprint(),
            fields: drawn.fields,
            wrong: drawn.wrong,
            parts: drawn.parts,
            unconfirmed: some(drawn.unconfirmed, "form-unconfirmed"),
            wants_signature,
            is_sent,
            frame,
            banner,
            rail,
        };
        Some(show(status, &page))
    })
    .await;
    response.extensions_mut().insert(FormPage);
    response
}

/// What a reference may lead to: what the record holds and names.
pub(crate) fn targets(record: &Record<'_>, voice: &Voice) -> (Vec<(String, String)>, HashMap<String, String>) {
    let mut all: Vec<(String, String)> = Vec::new();
    for kind in ["Practitioner", "Organization", "Location", "Condition", "Encounter", "MedicationRequest", "Observation"] {
        all.extend(record.named(kind).take(100).map(|item| (format!("{kind}/{}", item.stored.id), title_of(record, item, voice))));
    }
    let names = all.iter().cloned().collect();
    (all, names)
}

/// What an entry is called, or else what kind of entry it is.
fn title_of(record: &Record<'_>, item: &Item<'_>, voice: &Voice) -> String {
    crate::record::title(record, item.root()).unwrap_or_else(|| voice.say(Kind::of(item).key()))
}

