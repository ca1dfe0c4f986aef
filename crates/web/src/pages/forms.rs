//! Forms about a person: which there are, filling one in, reading one.
//!
//! * Every button sends the whole form, and what was typed is kept before anything else happens.
//! * A save over the version of somebody else is refused: both versions stand on the page, and
//!   whoever reads it decides.
//! * What is looked for in a value set travels in the body, never in an address.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use access::Role;
use askama::Template;
use axum::body::Bytes;
use axum::extract::{Form as Fields, Path};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use chart::{Completion, Error, Filled, Offered, SaidBy};
use fhir::splice::write_string;
use fhir::{Moment, is_id};
use forms::{Act, Filler, Filling, Form, FormKind, Json, Standing, choices, differences, lay_out, settle, tell_not_begun, typed};

use super::fault::{self, Fault};
use super::person::with_record;
use super::signing::SignatureView;
use crate::banner::{self, Allergies, Banner, Head};
use crate::form::{self, Drawing, Field, MOST_FOUND, Part, Reading, Wrong};
use crate::frame::Frame;
use crate::house::{FormPage, Reader, show};
use crate::rail::{self, RailLink};
use crate::record::{Item, Kind, Record};
use crate::voice::{Age, Voice};

#[derive(Template)]
#[template(path = "forms.html")]
struct FormsPage {
    frame: Frame,
    banner: Banner,
    rail: Vec<RailLink>,
    news: Option<String>,
    fault: Option<String>,
    may_write: bool,
    shelves: Shelves,
    drafts: Vec<Line>,
    completed: Vec<Line>,
}

/// The forms that can be begun, as the page shows them.
#[derive(Default)]
struct Shelves {
    /// What was looked for.
    sought: String,
    /// What was found; none where nothing was looked for.
    found: Option<Vec<Offer>>,
    /// Those that are used most, at most [`MOST_OFTEN`].
    often: Vec<Offer>,
    /// All that fit the person, by what they are used for.
    groups: Vec<Group>,
    /// How many others there are, which do not fit.
    others: Option<String>,
}

/// Forms of one kind.
struct Group {
    title: String,
    count: usize,
    offers: Vec<Offer>,
}

/// A form that can be begun.
struct Offer {
    id: String,
    title: String,
    about: String,
    is_official: Option<bool>,
}

/// A response in a list.
struct Line {
    link: String,
    title: String,
    when: String,
    by: String,
    /// Who said it, where nobody who works here did.
    said: Option<String>,
    is_amendment: bool,
    /// It adds something to a signed document.
    is_addendum: bool,
}

#[derive(Template)]
#[template(path = "form.html")]
struct FillPage {
    frame: Frame,
    banner: Banner,
    rail: Vec<RailLink>,
    response: String,
    version: u32,
    title: String,
    is_official: Option<bool>,
    source: String,
    saved: String,
    news: Option<String>,
    is_conflict: bool,
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

#[derive(Template)]
#[template(path = "form_read.html")]
struct ReadPage {
    frame: Frame,
    banner: Banner,
    rail: Vec<RailLink>,
    response: String,
    version: u32,
    title: String,
    is_official: Option<bool>,
    source: String,
    /// Whom it is about, as they were registered when it was signed.
    head: Head,
    /// What the register says of them today, where it says something else.
    today: Option<String>,
    when: String,
    by: String,
    is_amended: bool,
    is_annulled: bool,
    /// It can be had as PDF.
    has_pdf: bool,
    is_signed: bool,
    /// Another version came after this one.
    is_old: bool,
    may_write: bool,
    /// Who said it, where nobody who works here did.
    said: Option<String>,
    /// Whoever reads it may begin a form of their own with these answers.
    may_take: bool,
    /// It is signed and in force, and something may be added to it.
    may_append: bool,
    /// The document it adds to: link and title.
    appends: Option<(String, String)>,
    /// What was added to it later.
    addenda: Vec<AddendumView>,
    news: Option<String>,
    fault: Option<String>,
    parts: Vec<Reading>,
    signatures: Vec<SignatureView>,
    followed: Vec<(String, String)>,
}

/// Something that was added to a signed document, as its page shows it.
pub(super) struct AddendumView {
    pub(super) title: String,
    link: String,
    pub(super) when: String,
    pub(super) by: String,
    is_annulled: bool,
    pub(super) parts: Vec<Reading>,
    /// Who signed it, and when; what is believed only.
    pub(super) signed: Vec<(String, String)>,
    /// The verdicts of its signatures, and whether each is believed.
    verdicts: Vec<(String, bool)>,
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
    /// What is wrong with the form as a whole.
    pub whole: Vec<forms::Fault>,
    /// Shown instead of what is stored: rows without an answer are in it.
    pub filling: Option<Filling>,
}

/// Forms that stand first because they are used most.
const MOST_OFTEN: usize = 6;
/// Characters of what is looked for.
const SOUGHT_LONGEST: usize = 100;

/// The forms of a person.
pub async fn list(reader: Reader, Path(id): Path<String>) -> Response {
    listed(reader, id, StatusCode::OK, Told::Nothing, None).await
}

/// What the list of forms says of the act before.
enum Told {
    Nothing,
    News(String),
    Fault(String),
}

async fn listed(reader: Reader, id: String, status: StatusCode, told: Told, sought: Option<String>) -> Response {
    let (news, fault) = match told {
        Told::Nothing => (None, None),
        Told::News(news) => (Some(news), None),
        Told::Fault(fault) => (None, Some(fault)),
    };
    let (offered, own) = match offered_to(&reader, &id) {
        Ok(offered) => offered,
        Err(error) => return fault::of_error(&reader.visitor, &error),
    };
    let is_staff = may_write(reader.entry.caller.account.role);
    let may_write = is_staff || own.is_some();
    let country = reader.visitor.house.door.gate().settings().country.clone();
    let mut used = reader.visitor.house.begun.lock().clone();
    with_record(reader, id, move |record, frame, now| {
        let voice = frame.voice;
        let (banner, rail) = sides(record, &frame, now);
        let titles: BTreeMap<String, String> = offered.all.iter().flat_map(|one| [(one.form.canonical(), one), (one.form.url.clone(), one)]).map(|(address, one)| (address, one.form.title.told(voice.code()).to_owned())).collect();
        let (mut drafts, mut completed) = (Vec::new(), Vec::new());
        for item in record.valid("QuestionnaireResponse") {
            let root = item.root();
            let status = root.string("status").unwrap_or_default();
            let canonical = root.string("questionnaire").unwrap_or_default();
            let title = titles.get(&*canonical).or_else(|| titles.get(canonical.split('|').next().unwrap_or_default())).cloned().unwrap_or_else(|| voice.say("forms-unknown"));
            *used.entry(canonical.split('|').next().unwrap_or_default().to_owned()).or_default() += 1;
            let is_amendment = status == "amended" || root.get("extension").is_some_and(|list| list.items().any(|one| one.string("url").is_some_and(|url| url.ends_with("form-amends"))));
            // A draft is seen by whoever goes on with it: what a person has not sent, they have not said.
            let author = root.path(&["author", "reference"]).and_then(|text| text.as_str()).map(|text| text.into_owned());
            let teller = Json::read(&item.stored.text).ok().and_then(|json| SaidBy::of(&json));
            if status == "in-progress" && (if is_staff { teller.is_some() } else { author != own }) {
                continue;
            }
            let said = said(teller, author.is_some() && author == own, &voice);
            let is_addendum = root.get("extension").is_some_and(|list| list.items().any(|one| one.string("url").is_some_and(|url| url.ends_with("form-relates-to"))));
            let line = Line { said, is_addendum, link: format!("/person/{}/forms/{}", record.person(), item.stored.id), title, when: voice.moment(item.stored.last_updated), by: root.path(&["author", "display"]).and_then(|display| display.as_str()).unwrap_or_default().into_owned(), is_amendment };
            let list = if status == "in-progress" { &mut drafts } else { &mut completed };
            list.push((item.stored.last_updated, line));
        }
        let newest_first = |mut lines: Vec<(Moment, Line)>| {
            lines.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
            lines.into_iter().map(|(_, line)| line).collect()
        };
        let here = banner::country_of(record.patient.root()).map_or(country, |country| country.code.clone());
        let fits = |form: &Form| fits(record, form, now, &voice);
        let shelves = if may_write { shelves(&offered.fitting, &here, &fits, &used, sought.as_deref(), &voice) } else { Shelves::default() };
        Some(show(status, &FormsPage { frame, banner, rail, news, fault, may_write, shelves, drafts: if may_write { newest_first(drafts) } else { Vec::new() }, completed: newest_first(completed) }))
    })
    .await
}

/// All forms of the site, and those that a reader may fill in about a person.
pub(super) struct OfferedTo {
    all: Arc<Vec<Offered>>,
    pub(super) fitting: Vec<Offered>,
}

/// The forms of the site for this reader, and for a person how a response about that person names them.
pub(super) fn offered_to(reader: &Reader, id: &str) -> Result<(OfferedTo, Option<String>), Error> {
    if !is_id(id) {
        return Err(Error::NotFound);
    }
    let gate = reader.visitor.house.door.gate();
    let all = gate.forms()?;
    // What is on the pages may be shown over samples that the gate does not know.
    let filling_as = match gate.filling_as(&reader.entry.caller, id) {
        Err(Error::NotFound) => None,
        found => found?,
    };
    let filler = filling_as.as_ref().map_or(Filler::Staff, |(filler, _)| *filler);
    let fitting = all.iter().filter(|one| one.form.fillers.contains(&filler) && !one.form.is_addendum).cloned().collect();
    Ok((OfferedTo { all, fitting }, filling_as.and_then(|(_, own)| own)))
}

/// Whether a form is meant for somebody of this age and sex.
fn fits(record: &Record<'_>, form: &Form, now: Moment, voice: &Voice) -> bool {
    let root = record.patient.root();
    let age = banner::birth(root).and_then(|birth| Age::on(&birth, now.civil(voice.zone_offset_minutes))).map(Age::whole_months);
    form.whom.fits(root.string("gender").as_deref(), age)
}

/// What the forms that fit a person are called, and what they are for.
pub(super) fn titles(record: &Record<'_>, offered: &[Offered], country: &str, now: Moment, voice: &Voice) -> Vec<(String, String)> {
    let here = banner::country_of(record.patient.root()).map_or(country, |country| country.code.as_str());
    let shelves = shelves(offered, here, &|form| fits(record, form, now, voice), &HashMap::new(), None, voice);
    shelves.groups.into_iter().flat_map(|group| group.offers).map(|offer| (offer.title, offer.about)).collect()
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

/// The forms that can be begun: of several versions the last, of the person's country or of all, by what they are used
/// for, in the order of their titles. What does not fit the person is found by its name only.
fn shelves(offered: &[Offered], country: &str, fits: &dyn Fn(&Form) -> bool, used: &HashMap<String, u32>, sought: Option<&str>, voice: &Voice) -> Shelves {
    let mut newest: BTreeMap<&str, &Offered> = BTreeMap::new();
    for one in offered {
        newest.insert(&one.form.url, one);
    }
    let mut all: Vec<&Offered> = newest.into_values().filter(|one| country.is_empty() || one.form.countries.is_empty() || one.form.countries.iter().any(|own| own == country)).collect();
    all.sort_by_cached_key(|one| terminology::fold::fold(one.form.title.told(voice.code())));
    let offer = |one: &&Offered| Offer { id: one.id.clone(), title: one.form.title.told(voice.code()).to_owned(), about: one.form.description.told(voice.code()).to_owned(), is_official: one.form.standing.map(|standing| standing == Standing::Official) };
    let words: Vec<String> = terminology::fold::fold(sought.unwrap_or_default()).split_whitespace().map(str::to_owned).collect();
    if !words.is_empty() {
        let found = all.iter().filter(|one| {
            let said = terminology::fold::fold(&[&one.form.title, &one.form.description].into_iter().flat_map(|said| said.each()).chain([one.form.url.as_str()]).collect::<Vec<_>>().join(" "));
            words.iter().all(|word| said.contains(word.as_str()))
        });
        return Shelves { sought: sought.unwrap_or_default().to_owned(), found: Some(found.map(offer).collect()), ..Shelves::default() };
    }
    let count = all.len();
    all.retain(|one| fits(&one.form));
    let others = count - all.len();
    let mut often: Vec<&&Offered> = all.iter().filter(|one| used.contains_key(&one.form.url)).collect();
    often.sort_by_key(|one| std::cmp::Reverse(used.get(&one.form.url)));
    often.truncate(MOST_OFTEN);
    let kinds = FormKind::ALL.into_iter().map(Some).chain([None]);
    let groups = kinds.map(|kind| {
        let offers: Vec<Offer> = all.iter().filter(|one| one.form.whom.kind == kind).map(offer).collect();
        Group { title: voice.say(kind_key(kind)), count: offers.len(), offers }
    });
    Shelves { often: often.into_iter().map(offer).collect(), groups: groups.filter(|group| group.count > 0).collect(), others: (others > 0).then(|| voice.count("forms-others", others)), ..Shelves::default() }
}

/// What a kind of forms is called.
fn kind_key(kind: Option<FormKind>) -> &'static str {
    match kind {
        Some(FormKind::Visit) => "forms-kind-visit",
        Some(FormKind::Hospital) => "forms-kind-hospital",
        Some(FormKind::Programme) => "forms-kind-programme",
        Some(FormKind::Prevention) => "forms-kind-prevention",
        Some(FormKind::Paper) => "forms-kind-paper",
        Some(FormKind::Consent) => "forms-kind-consent",
        None => "forms-kind-other",
    }
}

pub(super) fn sides(record: &Record<'_>, frame: &Frame, now: Moment) -> (Banner, Vec<RailLink>) {
    let today = now.civil(frame.voice.zone_offset_minutes);
    (Banner::of(record, &frame.voice, today), rail::rail(record, &frame.voice, today, None))
}

/// Begins a form, or looks for one by its name.
pub async fn begin(reader: Reader, Path(id): Path<String>, Fields(fields): Fields<HashMap<String, String>>) -> Response {
    if !reader.visitor.proves(&fields) {
        return fault::show(&reader.visitor, Fault::Form);
    }
    // What is looked for may name an illness, and so stands in no address.
    if let (None, Some(sought)) = (fields.get("form"), fields.get("find")) {
        let sought = sought.trim().chars().take(SOUGHT_LONGEST).collect();
        return listed(reader, id, StatusCode::OK, Told::Nothing, Some(sought)).await;
    }
    let form = fields.get("form").map_or("", String::as_str);
    if !is_id(&id) || !is_id(form) {
        return fault::show(&reader.visitor, Fault::NotFound);
    }
    if !fills(&reader) {
        return fault::show(&reader.visitor, Fault::Refused);
    }
    match reader.visitor.house.door.gate().begin_form(&reader.entry.caller, &id, form, None).await {
        Ok(draft) => {
            *reader.visitor.house.begun.lock().entry(draft.form.url.clone()).or_default() += 1;
            Redirect::to(&format!("/person/{id}/forms/{}", draft.stored.id)).into_response()
        }
        Err(Error::Refused(issues)) if issues.iter().any(|issue| issue.rule == "addendum") => {
            let fault = Told::Fault(reader.visitor.voice.say("forms-addendum-alone"));
            listed(reader, id, StatusCode::UNPROCESSABLE_ENTITY, fault, None).await
        }
        Err(error) => fault::of_error(&reader.visitor, &error),
    }
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
    if filled.status != "in-progress" || !goes_on || !fills(&reader) {
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
    let mut response = with_record(reader, id, move |record, frame, now| {
        let (banner, rail) = sides(record, &frame, now);
        let voice = frame.voice;
        let library = gate.knowledge();
        let filling = after.filling.as_ref().unwrap_or(&filled.filling);
        let (mut laid, own) = lay_out(&filled.form, filling, &around, &library);
        tell_not_begun(&mut laid, &filled.not_begun);
        let own = if after.shows_faults { after.whole } else { own };
        let theirs: HashMap<String, String> = after.theirs.iter().flat_map(|theirs| differences(filling, &theirs.filling).into_iter().map(|link_id| (link_id.clone(), form::answered(&filled.form, &theirs.filling, &link_id, &voice)))).collect();
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
            flaws: some(filled.form.issues.len(), "form-flaws"),
            response: filled.stored.id.clone(),
            version,
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

/// What was completed, with its signatures.
pub(super) async fn read(reader: Reader, id: String, filled: Filled, status: StatusCode, news: Option<String>, fault: Option<String>) -> Response {
    let signatures = match super::signing::views(&reader, &filled).await {
        Ok(signatures) => signatures,
        Err(response) => return response,
    };
    let gate = reader.visitor.house.door.gate().clone();
    let mut added = Vec::new();
    match gate.addenda(&reader.entry.caller, &filled).await {
        Ok(all) => {
            for one in all {
                match super::signing::views(&reader, &one).await {
                    Ok(signatures) => added.push((one, signatures)),
                    Err(response) => return response,
                }
            }
        }
        Err(error) => return fault::of_error(&reader.visitor, &error),
    }
    let then = match gate.person_then(&reader.entry.caller, &filled).await {
        Ok(then) => then,
        Err(error) => return fault::of_error(&reader.visitor, &error),
    };
    let appends = match &filled.appends {
        Some(to) => match gate.filled(&reader.entry.caller, &id, to).await {
            Ok(to) => Some(to),
            Err(Error::NotFound | Error::Gone { .. }) => None,
            Err(error) => return fault::of_error(&reader.visitor, &error),
        },
        None => None,
    };
    let is_staff = may_write(reader.entry.caller.account.role) && matches!(filled.status.as_str(), "completed" | "amended");
    let may_write = is_staff && filled.said_by.is_none();
    let may_take = is_staff && filled.said_by.is_some() && filled.form.fillers.contains(&Filler::Staff);
    let is_own = filled.said_by.is_some() && matches!(reader.visitor.house.door.gate().may_go_on(&reader.entry.caller, &filled), Ok(true));
    with_record(reader, id.clone(), move |record, frame, now| {
        let (banner, rail) = sides(record, &frame, now);
        let voice = frame.voice;
        let (_, names) = targets(record, &voice);
        let own = format!("QuestionnaireResponse/{}", filled.stored.id);
        let is_old = record.find(filled.stored.kind, &filled.stored.id).is_some_and(|newest| newest.stored.version > filled.stored.version);
        let mut followed = Vec::new();
        for item in record.valid("Provenance") {
            let root = item.root();
            let is_source = root.get("entity").is_some_and(|list| list.items().any(|one| one.path(&["what", "reference"]).and_then(|text| text.as_str()).as_deref() == Some(&own)));
            for target in root.get("target").into_iter().flat_map(|list| list.items()).filter(|_| is_source) {
                let address = target.string("reference").unwrap_or_default().into_owned();
                if let Some(item) = record.target(target).filter(|item| address != own && !item.is_error()) {
                    followed.push((item.link(record.person()), title_of(record, item, &voice)));
                }
            }
        }
        let json = Json::read(&filled.stored.text).unwrap_or(Json::Null);
        let addenda = added.iter().map(|(one, signatures)| addendum(one, signatures, &voice, &names)).collect();
        let is_signed = signatures.iter().any(|one| one.version == filled.stored.version && one.is_good);
        let (when, by) = written(&json, &voice);
        let registered = Head::of(record.patient.root(), &voice);
        let head = then.and_then(|then| Head::of_stored(&then, &voice)).unwrap_or_else(|| registered.clone());
        let page = ReadPage {
            today: (head != registered).then(|| registered.line()),
            head,
            may_append: may_write && !is_old && is_signed && filled.appends.is_none(),
            appends: appends.map(|to| (format!("/person/{id}/forms/{}", to.stored.id), to.form.title.told(voice.code()).to_owned())),
            addenda,
            title: filled.form.title.told(voice.code()).to_owned(),
            is_official: filled.form.standing.map(|standing| standing == Standing::Official),
            source: filled.form.source.clone().unwrap_or_default(),
            when,
            by,
            is_amended: filled.status == "amended",
            is_annulled: filled.status == "entered-in-error",
            has_pdf: crate::press::is_final(&filled.status),
            is_signed,
            is_old,
            may_write: may_write && !is_old,
            said: said(filled.said_by, is_own, &voice),
            may_take: may_take && !is_old,
            signatures,
            news,
            fault,
            parts: form::readings(&filled.form.items, &filled.filling.items, &voice, &names, 3),
            followed,
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

/// When something was written and by whom.
pub(super) fn written(json: &Json, voice: &Voice) -> (String, String) {
    let when = json.string("authored").and_then(fhir::PartialDateTime::parse).map_or_else(String::new, |date| voice.date_and_time(&date));
    (when, json.get("author").and_then(|author| author.string("display")).unwrap_or_default().to_owned())
}

pub(super) fn addendum(one: &Filled, signatures: &[SignatureView], voice: &Voice, names: &HashMap<String, String>) -> AddendumView {
    let (when, by) = written(&Json::read(&one.stored.text).unwrap_or(Json::Null), voice);
    AddendumView {
        title: one.form.title.told(voice.code()).to_owned(),
        signed: signatures.iter().filter(|signature| signature.version == one.stored.version && signature.is_good).map(|signature| (signature.who.clone(), signature.when.clone())).collect(),
        link: format!("/person/{}/forms/{}", one.patient, one.stored.id),
        when,
        by,
        is_annulled: one.status == "entered-in-error",
        parts: form::readings(&one.form.items, &one.filling.items, voice, names, 3),
        verdicts: signatures.iter().filter(|signature| signature.version == one.stored.version).map(|signature| (signature.verdict.clone(), signature.is_good)).collect(),
    }
}

/// One act on a response: save, add a row, find a code, complete, throw away, amend.
pub async fn act(reader: Reader, Path((id, response)): Path<(String, String)>, body: Bytes) -> Response {
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(&body).into_owned().collect();
    let first = |name: &str| fields.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value.as_str());
    let is_script = !first("auto").is_empty();
    if !reader.visitor.proves(&HashMap::from([("token".to_owned(), first("token").to_owned())])) {
        return fault::show(&reader.visitor, Fault::Form);
    }
    if !fills(&reader) {
        return fault::show(&reader.visitor, Fault::Refused);
    }
    let is_person = reader.entry.caller.account.role == Role::Person;
    let stored = match filled(&reader, &id, &response).await {
        Ok(stored) => stored,
        // What somebody else is still writing is not shown, and whoever would write into it is told so.
        Err(_) if is_id(&id) && is_id(&response) && matches!(reader.visitor.house.door.gate().is_unsent(&reader.entry.caller, &id, &response), Ok(true)) => return fault::show(&reader.visitor, Fault::Refused),
        Err(response) => return response,
    };
    match first("act") {
        // The door refuses these to persons.
        "append" => {
            return match reader.visitor.house.door.gate().append_form(&reader.entry.caller, &stored).await {
                Ok(draft) => Redirect::to(&format!("/person/{id}/forms/{}", draft.stored.id)).into_response(),
                Err(Error::Refused(_)) => {
                    let said = Some(reader.visitor.voice.say("form-append-wrong"));
                    read(reader, id, stored, StatusCode::UNPROCESSABLE_ENTITY, None, said).await
                }
                Err(error) => fault::of_error(&reader.visitor, &error),
            };
        }
        "amend" => return amend(reader, id, stored, first("reason")).await,
        "take" => {
            return match reader.visitor.house.door.gate().take_over(&reader.entry.caller, &stored).await {
                Ok(draft) => Redirect::to(&format!("/person/{id}/forms/{}", draft.stored.id)).into_response(),
                Err(error) => fault::of_error(&reader.visitor, &error),
            };
        }
        _ => {}
    }
    // What is signed is completed by it, and what a person says by being sent: the draft is kept, and the page that
    // asks comes next.
    let signs = !is_person && (first("act") == "sign" || (first("act") == "complete" && matches!(reader.visitor.house.door.gate().wants_signature(&stored), Ok(true))));
    let sends = is_person && matches!(first("act"), "complete" | "sign");
    let Some(act) = (if signs || sends { Some(Act::Save) } else { Act::read(first("act")) }) else { return fault::show(&reader.visitor, Fault::NotFound) };
    if stored.status != "in-progress" {
        // Somebody else has completed it meanwhile: what stands there is shown, and said.
        let said = Some(reader.visitor.voice.say("form-completed-meanwhile"));
        return if is_script { json(StatusCode::CONFLICT, "{\"conflict\":true}".to_owned()) } else { read(reader, id, stored, StatusCode::CONFLICT, None, said).await };
    }
    let gate = reader.visitor.house.door.gate().clone();
    let (voice, caller) = (reader.visitor.voice, reader.entry.caller.clone());
    if let (Act::Search(place), true) = (&act, is_script) {
        return found(&gate, &stored, place, &fields, &voice);
    }
    let around = match gate.around(&caller, &stored.form, &id, encounter_of(&stored).as_deref()).await {
        Ok(around) => around,
        Err(error) => return fault::of_error(&reader.visitor, &error),
    };
    let mut filling = typed(&stored.form, &stored.filling, &fields, &act, voice.zone_offset_minutes, voice.code(), &gate.knowledge());
    settle(&stored.form, &mut filling, &around);
    if first("version") != stored.stored.version.to_string() {
        return conflict(reader, id, stored, filling, is_script).await;
    }
    if act == Act::Discard {
        return match gate.discard_form(&caller, &stored).await {
            Ok(()) => {
                let news = Told::News(voice.say("form-discarded"));
                listed(reader, id, StatusCode::OK, news, None).await
            }
            Err(error) => fault::of_error(&reader.visitor, &error),
        };
    }
    let saved = match gate.save_form(&caller, &stored, &filling).await {
        Ok(saved) => saved,
        Err(Error::VersionMismatch { .. }) => return conflict(reader, id, stored, filling, is_script).await,
        Err(error) => return fault::of_error(&reader.visitor, &error),
    };
    if is_script {
        let (laid, _) = lay_out(&saved.form, &filling, &around, &gate.knowledge());
        let (shown, locked) = form::standing(&laid, &voice);
        let said = voice.with("form-saved", &[("time", &voice.moment(saved.stored.last_updated))]);
        return json(StatusCode::OK, state(saved.stored.version, &shown, &locked, &said));
    }
    let first = |name: &str| fields.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value.as_str());
    match act {
        _ if sends => Redirect::to(&format!("/person/{id}/forms/{}/send", saved.stored.id)).into_response(),
        _ if signs => Redirect::to(&format!("/person/{id}/forms/{}/sign", saved.stored.id)).into_response(),
        Act::Complete => complete(reader, id, saved).await,
        Act::Search(place) => {
            let search = Some((place.clone(), first(&format!("q:{place}")).to_owned()));
            answer(reader, id, saved, StatusCode::OK, After { search, filling: Some(filling), ..After::default() }).await
        }
        // Rows without an answer are on the page only: they are not in the draft.
        Act::Add(_) | Act::Remove(..) => answer(reader, id, saved, StatusCode::OK, After { filling: Some(filling), ..After::default() }).await,
        _ => Redirect::to(&format!("/person/{id}/forms/{}", saved.stored.id)).into_response(),
    }
}

async fn complete(reader: Reader, id: String, saved: Filled) -> Response {
    let gate = reader.visitor.house.door.gate().clone();
    let voice = reader.visitor.voice;
    match gate.complete_form(&reader.entry.caller, &saved, &saved.filling).await {
        Ok(Completion::Done(done, count)) => {
            let news = Some(voice.count("form-done", count));
            read(reader, id, *done, StatusCode::OK, news, None).await
        }
        Ok(Completion::Faulty(faults)) => {
            let whole = faults.into_iter().filter(|(place, _)| place.is_empty()).map(|(_, fault)| fault).collect();
            answer(reader, id, saved, StatusCode::UNPROCESSABLE_ENTITY, After { shows_faults: true, whole, ..After::default() }).await
        }
        Err(Error::VersionMismatch { .. }) => {
            let filling = saved.filling.clone();
            conflict(reader, id, saved, filling, false).await
        }
        Err(error @ (Error::Refused(_) | Error::Entry { .. })) => {
            // What the record refuses is a flaw of the form, not of who fills it in.
            tracing::warn!(%error, issues = error.issues().len(), "what follows from a form was refused");
            answer(reader, id, saved, StatusCode::UNPROCESSABLE_ENTITY, After { news: Some(voice.say("form-refused")), ..After::default() }).await
        }
        Err(error) => fault::of_error(&reader.visitor, &error),
    }
}

/// Somebody else has saved meanwhile: nothing is written, and both are shown.
async fn conflict(reader: Reader, id: String, stored: Filled, filling: Filling, is_script: bool) -> Response {
    if is_script {
        return json(StatusCode::CONFLICT, "{\"conflict\":true}".to_owned());
    }
    let theirs = match filled(&reader, &id, &stored.stored.id).await {
        Ok(theirs) => theirs,
        Err(response) => return response,
    };
    if theirs.status != "in-progress" {
        let said = Some(reader.visitor.voice.say("form-completed-meanwhile"));
        return read(reader, id, theirs, StatusCode::CONFLICT, None, said).await;
    }
    let mine = Filled { stored: theirs.stored.clone(), ..stored };
    answer(reader, id, mine, StatusCode::CONFLICT, After { theirs: Some(theirs), filling: Some(filling), ..After::default() }).await
}

async fn amend(reader: Reader, id: String, stored: Filled, reason: &str) -> Response {
    match reader.visitor.house.door.gate().amend_form(&reader.entry.caller, &stored, reason).await {
        Ok(draft) => Redirect::to(&format!("/person/{id}/forms/{}", draft.stored.id)).into_response(),
        Err(Error::Refused(_)) => {
            let said = Some(reader.visitor.voice.say("form-amend-wrong"));
            read(reader, id, stored, StatusCode::UNPROCESSABLE_ENTITY, None, said).await
        }
        Err(error) => fault::of_error(&reader.visitor, &error),
    }
}

/// The codes that answer what is typed, for the script.
fn found(gate: &chart::Chart, stored: &Filled, place: &str, fields: &[(String, String)], voice: &Voice) -> Response {
    let link_id = place.split_once(':').map_or(place, |(_, link_id)| link_id);
    let typed = fields.iter().find(|(name, _)| name.strip_prefix("q:") == Some(place)).map_or("", |(_, value)| value.as_str());
    let Some(set) = stored.form.item(link_id).and_then(|item| item.value_set.as_deref()) else { return json(StatusCode::NOT_FOUND, "{\"found\":[],\"said\":\"\"}".to_owned()) };
    let (members, said) = match choices(&stored.form, set, typed, voice.code(), MOST_FOUND, &gate.knowledge()) {
        Ok((members, true)) => {
            let said = voice.with("form-found-more", &[("count", &members.len().to_string())]);
            (members, said)
        }
        Ok((members, false)) => {
            let said = voice.count("form-found", members.len());
            (members, said)
        }
        Err(_) => (Vec::new(), voice.say("form-no-list")),
    };
    let pairs: Vec<(String, String)> = members.iter().map(|member| (format!("{}|{}", member.system, member.code), form::called(&member.code, member.display.as_deref(), true))).collect();
    let mut out = String::from("{\"found\":");
    write_pairs(&pairs, &mut out);
    out.push_str(",\"said\":");
    write_string(&said, &mut out);
    out.push('}');
    json(StatusCode::OK, out)
}

fn state(version: u32, shown: &[String], locked: &[(String, String)], said: &str) -> String {
    let mut out = format!("{{\"version\":{version},\"shown\":[");
    for (place, one) in shown.iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        write_string(one, &mut out);
    }
    out.push_str("],\"locked\":");
    write_pairs(locked, &mut out);
    out.push_str(",\"said\":");
    write_string(said, &mut out);
    out.push('}');
    out
}

fn write_pairs(pairs: &[(String, String)], out: &mut String) {
    out.push('[');
    for (place, (left, right)) in pairs.iter().enumerate() {
        out.push_str(if place > 0 { ",[" } else { "[" });
        write_string(left, out);
        out.push(',');
        write_string(right, out);
        out.push(']');
    }
    out.push(']');
}

fn json(status: StatusCode, text: String) -> Response {
    (status, [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], text).into_response()
}
