//! `GET|POST /Patient/{id}/$summary`, `/Patient/$summary?identifier=`: an International Patient Summary.
//! http://hl7.org/fhir/uv/ips/OperationDefinition-summary.html
//!
//! A program that may read only a part of what a summary is made from gets none: it would say that nothing is known.

use super::{At, Call, Operation, Place, Reads};
use crate::answer::{Answer, Payload};
use crate::asked::Asked;
use crate::negotiate::list;
use crate::outcome::Trouble;
use axum::http::header::{ACCEPT_LANGUAGE, CONTENT_LANGUAGE, HeaderValue};
use documents::ips::{Record, Setting, summary as written};
use documents::words::Language;
use fhir::{IssueCode, ResourceType};
use search::{Handling, Query};

pub(crate) const OPERATION: Operation = Operation {
    name: "summary",
    definition: "http://hl7.org/fhir/uv/ips/OperationDefinition/summary",
    at: &[At::Type(&["Patient"]), At::Instance(&["Patient"])],
    methods: "GET, HEAD, POST",
    parameters: &["identifier", "profile", "_language"],
    reads: Reads::Parameters,
    run: |asked, call| Box::pin(summary(asked, call)),
};

/// The profiles a summary here conforms to.
const PROFILES: [&str; 2] = ["http://hl7.org/fhir/uv/ips/StructureDefinition/Bundle-uv-ips", "http://hl7.org/fhir/uv/ips/StructureDefinition/Composition-uv-ips"];

/// More Patients than one person can have.
const MORE_THAN_ONE_HAS: &str = "40";

async fn summary(asked: &mut Asked<'_>, call: Call<'_>) -> Result<Answer, Trouble> {
    let language = language(asked)?;
    if let Some(profile) = asked.parameters.first("profile")
        && !PROFILES.contains(&profile.split('|').next().unwrap_or_default())
    {
        let message = "This server makes International Patient Summaries; leave profile out, or name Bundle-uv-ips.";
        return Err(Trouble::malformed(IssueCode::NotSupported, message).at("http.profile"));
    }
    let id = match call.place {
        Place::Instance(_, id) if asked.parameters.first("identifier").is_none() => id.to_owned(),
        Place::Instance(..) => return Err(Trouble::malformed(IssueCode::NotSupported, "The address names the person already; leave identifier out.").at("http.identifier")),
        _ => identified(asked).await?,
    };
    asked.must_read_whole(&id, &documents::ips::KINDS)?;
    let person = asked.chart.person(asked.caller, &id).await?;
    let base = asked.base();
    let record = Record { patient: &person.patient.text, merged: texts(&person.merged), resources: texts(&person.resources), shared: texts(&person.shared) };
    let setting = Setting {
        base_url: &base,
        institution: &asked.caller.account.institution,
        language,
        now: asked.chart.now(),
        zone_offset_minutes: asked.settings.zone_offset_minutes,
        is_copy: asked.chart.sees_a_copy(asked.caller, &id)?,
    };
    let text = written(&record, &setting).ok_or_else(Trouble::inside)?;
    let mut answer = Answer::ok(Payload::Text(text));
    answer.headers.push((CONTENT_LANGUAGE, HeaderValue::from_static(language.code())));
    Ok(answer)
}

/// The language of the reader: as asked, else as the reader's program says, else the account's.
fn language(asked: &Asked<'_>) -> Result<Language, Trouble> {
    if let Some(tag) = asked.parameters.first("_language") {
        return Language::of_code(tag).ok_or_else(|| Trouble::malformed(IssueCode::NotSupported, "Summaries are written in es, vi, ru and en.").at("http._language"));
    }
    let accepted = list(asked.headers, ACCEPT_LANGUAGE).find_map(|one| Language::of_code(one.split(';').next().unwrap_or_default().trim()));
    Ok(accepted.or_else(|| Language::of_code(&asked.caller.account.language)).unwrap_or(Language::English))
}

/// The one person of an identifier; where several Patients bear it that are one person, any of them.
async fn identified(asked: &Asked<'_>) -> Result<String, Trouble> {
    let missing = || Trouble::malformed(IssueCode::Required, "Name the person in the address, or by identifier=SYSTEM|VALUE.").at("http.identifier");
    let identifier = asked.parameters.only("identifier")?.filter(|text| !text.is_empty()).ok_or_else(missing)?;
    let mut found: Vec<String> = Vec::new();
    // No more is looked at than tells that they are several.
    for most in ["2", MORE_THAN_ONE_HAS] {
        let pairs = [("identifier", identifier), ("_count", most)];
        let query = Query::parse(ResourceType::PATIENT, pairs.into_iter(), Handling::Strict, crate::search::context(asked)).map_err(Trouble::malformed_by)?;
        found = asked.chart.search(asked.caller, &query, None).await?.items.into_iter().map(|hit| hit.stored.id).collect();
        if found.len() < 2 {
            break;
        }
        let ids: Vec<&str> = found.iter().map(String::as_str).collect();
        if !asked.chart.are_one_person(&ids)? {
            return Err(chart::Error::MultipleMatches.into());
        }
    }
    found.into_iter().next().ok_or_else(|| chart::Error::NotFound.into())
}

fn texts(all: &[chart::Stored]) -> Vec<&str> {
    all.iter().map(|one| one.text.as_str()).collect()
}
