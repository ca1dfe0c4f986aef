//! The forms of a person: which can be begun, which were, and beginning one.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use askama::Template;
use axum::extract::{Form as Fields, Path};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chart::{Error, Offered, SaidBy};
use fhir::{Moment, is_id};
use forms::{Filler, Form, FormKind, Json, Standing};

use super::{fills, may_write, said, sides};
use crate::banner::{self, Allergies, Banner};
use crate::frame::Frame;
use crate::house::{Reader, show};
use crate::pages::fault::{self, Fault};
use crate::pages::person::with_record;
use crate::rail::RailLink;
use crate::record::Record;
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

/// Forms that stand first because they are used most.
const MOST_OFTEN: usize = 6;
/// Characters of what is looked for.
const SOUGHT_LONGEST: usize = 100;

/// The forms of a person.
pub async fn list(reader: Reader, Path(id): Path<String>) -> Response {
    listed(reader, id, StatusCode::OK, Told::Nothing, None).await
}

/// What the list of forms says of the act before.
pub(super) enum Told {
    Nothing,
    News(String),
    Fault(String),
}

pub(super) async fn listed(reader: Reader, id: String, status: StatusCode, told: Told, sought: Option<String>) -> Response {
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
    let gate = reader.visitor.house.door.gate().clone();
    with_record(reader, id, move |record, frame, now| {
        let voice = frame.voice;
        let (banner, rail) = sides(record, &frame, now);
        let titles: BTreeMap<String, String> = offered.all.iter().flat_map(|one| [(one.form.canonical(), one), (one.form.url.clone(), one)]).map(|(address, one)| (address, one.form.title.told(voice.code()).to_owned())).collect();
        // What is offered no longer is found once for each form.
        let mut behind: HashMap<String, Option<String>> = HashMap::new();
        let (mut drafts, mut completed) = (Vec::new(), Vec::new());
        for item in record.valid("QuestionnaireResponse") {
            let root = item.root();
            let status = root.string("status").unwrap_or_default();
            let canonical = root.string("questionnaire").unwrap_or_default();
            let offered = titles.get(&*canonical).or_else(|| titles.get(canonical.split('|').next().unwrap_or_default())).cloned();
            let title = offered.or_else(|| {
                let found = || gate.form_behind(item.stored).ok().flatten().map(|form| form.title.told(voice.code()).to_owned()).filter(|title| !title.is_empty());
                behind.entry(canonical.clone().into_owned()).or_insert_with(found).clone()
            });
            let title = title.unwrap_or_else(|| voice.say("forms-unknown"));
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
pub(in crate::pages) struct OfferedTo {
    all: Arc<Vec<Offered>>,
    pub(in crate::pages) fitting: Vec<Offered>,
}

/// The forms of the site for this reader, and for a person how a response about that person names them.
pub(in crate::pages) fn offered_to(reader: &Reader, id: &str) -> Result<(OfferedTo, Option<String>), Error> {
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
pub(in crate::pages) fn titles(record: &Record<'_>, offered: &[Offered], country: &str, now: Moment, voice: &Voice) -> Vec<(String, String)> {
    let here = banner::country_of(record.patient.root()).map_or(country, |country| country.code.as_str());
    let shelves = shelves(offered, here, &|form| fits(record, form, now, voice), &HashMap::new(), None, voice);
    shelves.groups.into_iter().flat_map(|group| group.offers).map(|offer| (offer.title, offer.about)).collect()
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
