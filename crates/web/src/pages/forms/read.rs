//! Reading what was completed: with its signatures, what was added to it and what followed.

use std::collections::HashMap;

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use chart::{Error, Filled};
use forms::{Filler, Json, Standing};

use super::{fills, may_write, said, sides, targets, title_of};
use crate::banner::{Allergies, Banner, Head};
use crate::form::{self, Reading};
use crate::frame::Frame;
use crate::house::{Reader, show};
use crate::pages::fault;
use crate::pages::person::with_record;
use crate::pages::signing::{self, SignatureView};
use crate::rail::RailLink;
use crate::voice::Voice;

#[derive(Template)]
#[template(path = "form_read.html")]
struct ReadPage {
    frame: Frame,
    banner: Banner,
    rail: Vec<RailLink>,
    response: String,
    version: u32,
    /// The version as addresses name it.
    address: String,
    title: String,
    /// The form it answers is not held here.
    lacks_form: bool,
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
    /// A draft without its form, which its writer may throw away.
    may_discard: bool,
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
pub(in crate::pages) struct AddendumView {
    pub(in crate::pages) title: String,
    link: String,
    pub(in crate::pages) when: String,
    pub(in crate::pages) by: String,
    is_annulled: bool,
    pub(in crate::pages) parts: Vec<Reading>,
    /// Who signed it, and when; what is believed only.
    pub(in crate::pages) signed: Vec<(String, String)>,
    /// The verdicts of its signatures, and whether each is believed.
    verdicts: Vec<(String, bool)>,
}

/// What was completed, with its signatures.
pub(in crate::pages) async fn read(reader: Reader, id: String, filled: Filled, status: StatusCode, news: Option<String>, fault: Option<String>) -> Response {
    let signatures = match signing::views(&reader, &filled).await {
        Ok(signatures) => signatures,
        Err(response) => return response,
    };
    let gate = reader.visitor.house.door.gate().clone();
    let mut added = Vec::new();
    match gate.addenda(&reader.entry.caller, &filled).await {
        Ok(all) => {
            for one in all {
                match signing::views(&reader, &one).await {
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
    let may_write = is_staff && filled.said_by.is_none() && !filled.lacks_form;
    let may_take = is_staff && filled.said_by.is_some() && !filled.lacks_form && filled.form.fillers.contains(&Filler::Staff);
    let may_discard = filled.status == "in-progress" && filled.lacks_form && fills(&reader) && matches!(reader.visitor.house.door.gate().may_go_on(&reader.entry.caller, &filled), Ok(true));
    let is_own = filled.said_by.is_some() && matches!(reader.visitor.house.door.gate().may_go_on(&reader.entry.caller, &filled), Ok(true));
    with_record(reader, id.clone(), move |record, frame, now| {
        let (banner, rail) = sides(record, &frame, now);
        let voice = frame.voice;
        let (_, names) = targets(record, &voice);
        let own = format!("QuestionnaireResponse/{}", filled.stored.id);
        let is_old = filled.elsewhere.is_some() || record.find(filled.stored.kind, &filled.stored.id).is_some_and(|newest| newest.stored.version > filled.stored.version);
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
        let is_signed = signatures.iter().any(|one| one.is_of(&filled) && one.is_good);
        let (when, by) = written(&json, &voice);
        let registered = Head::of(record.patient.root(), &voice);
        let head = then.and_then(|then| Head::of_stored(&then, &voice)).unwrap_or_else(|| registered.clone());
        let page = ReadPage {
            today: (head != registered).then(|| registered.line()),
            head,
            may_discard,
            may_append: may_write && !is_old && is_signed && filled.appends.is_none(),
            appends: appends.map(|to| (format!("/person/{id}/forms/{}", to.stored.id), to.form.title.told(voice.code()).to_owned())),
            addenda,
            title: filled.form.title.told(voice.code()).to_owned(),
            lacks_form: filled.lacks_form,
            address: filled.elsewhere.map_or_else(|| filled.stored.version.to_string(), |version| format!("{}{version}", signing::ELSEWHERE)),
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
pub(in crate::pages) fn written(json: &Json, voice: &Voice) -> (String, String) {
    let when = json.string("authored").and_then(fhir::PartialDateTime::parse).map_or_else(String::new, |date| voice.date_and_time(&date));
    (when, json.get("author").and_then(|author| author.string("display")).unwrap_or_default().to_owned())
}

pub(in crate::pages) fn addendum(one: &Filled, signatures: &[SignatureView], voice: &Voice, names: &HashMap<String, String>) -> AddendumView {
    let (when, by) = written(&Json::read(&one.stored.text).unwrap_or(Json::Null), voice);
    AddendumView {
        title: one.form.title.told(voice.code()).to_owned(),
        signed: signatures.iter().filter(|signature| signature.is_of(one) && signature.is_good).map(|signature| (signature.who.clone(), signature.when.clone())).collect(),
        link: format!("/person/{}/forms/{}", one.patient, one.stored.id),
        when,
        by,
        is_annulled: one.status == "entered-in-error",
        parts: form::readings(&one.form.items, &one.filling.items, voice, names, 3),
        verdicts: signatures.iter().filter(|signature| signature.is_of(one)).map(|signature| (signature.verdict.clone(), signature.is_good)).collect(),
    }
}
