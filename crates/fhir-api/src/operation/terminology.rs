//! What the operations about codes share: which system or set is meant, which code, and how an
//! answer is written. https://hl7.org/fhir/R4/terminology-service.html
//!
//! * A code that is asked about is not repeated in a refusal: it may be a diagnosis.
//! * What this server does not hold is said not to be held; it never becomes *no*.

pub(crate) mod closure;
pub(crate) mod expand;
pub(crate) mod lookup;
pub(crate) mod subsumes;
pub(crate) mod translate;
pub(crate) mod validate_code;
pub(crate) mod validate_member;
mod versions;

use super::{Call, Place};
use crate::answer::Answer;
use crate::asked::Asked;
use crate::outcome::Trouble;
use axum::http::StatusCode;
use fhir::splice::write_string;
use fhir::{Document, IssueCode, Value};
use std::cell::Cell;
use std::sync::Arc;
use terminology::{Library, Set, System};

/// A code somebody asks about.
pub(super) struct Coded {
    pub system: Option<String>,
    pub version: Option<String>,
    pub code: String,
    pub display: Option<String>,
}

/// A Parameters resource being written.
pub(super) struct Told(String);

impl Told {
    pub fn new() -> Told {
        Told(String::from("{\"resourceType\":\"Parameters\",\"parameter\":["))
    }

    /// A parameter of text.
    pub fn text(&mut self, name: &str, member: &str, value: &str) {
        let mut quoted = String::new();
        write_string(value, &mut quoted);
        self.raw(name, member, &quoted);
    }

    /// A parameter whose value is JSON already.
    pub fn raw(&mut self, name: &str, member: &str, value: &str) {
        self.comma();
        self.0.push_str(&format!("{{\"name\":\"{name}\",\"{member}\":{value}}}"));
    }

    /// A parameter with parts.
    pub fn parts(&mut self, name: &str, parts: Told) {
        self.comma();
        let inner = parts.0.split_once('[').map_or("", |(_, inner)| inner);
        self.0.push_str(&format!("{{\"name\":\"{name}\",\"part\":[{inner}]}}"));
    }

    fn comma(&mut self) {
        if !self.0.ends_with('[') {
            self.0.push(',');
        }
    }

    /// 200 with it.
    pub fn answer(mut self) -> Answer {
        self.0.push_str("]}");
        Answer::text(StatusCode::OK, self.0)
    }
}

pub(super) fn required(place: &str, message: &str) -> Trouble {
    Trouble::malformed(IssueCode::Required, message).at(place)
}

/// 404 for what is not held here, with what to do.
pub(super) fn not_held(what: &str) -> Trouble {
    let message = format!("This server does not hold that {what}. Store it as a resource (POST /{}), have it imported (carnet terminology import), or ask a server that holds it.", if what == "code system" { "CodeSystem" } else { "ValueSet" });
    Trouble::new(StatusCode::NOT_FOUND, IssueCode::NotFound, message)
}

/// 422 for a code of which nothing can be said here.
pub(super) fn only_in_part() -> Trouble {
    let message = "This server holds only a part of the code system, and the code is not in it: it may exist all the same. Whoever runs the server can import the system whole (carnet terminology import).";
    Trouble::new(StatusCode::UNPROCESSABLE_ENTITY, IssueCode::NotSupported, message).at("http.code")
}

/// The language the caller reads, from `displayLanguage` or Accept-Language.
pub(super) fn language(asked: &Asked<'_>) -> Option<String> {
    let header = || asked.headers.get("accept-language").and_then(|line| line.to_str().ok());
    let text = asked.parameters.first("displayLanguage").or_else(header)?;
    let first = text.split([',', ';']).next()?.trim();
    (!first.is_empty() && first != "*").then(|| first.to_owned())
}

/// The codes asked about: `code` with its system, a `coding`, or every coding of a `codeableConcept`.
pub(super) fn codes(asked: &Asked<'_>, call: &Call<'_>, system_parameter: &str) -> Result<Vec<Coded>, Trouble> {
    let param = |name: &str| asked.parameters.first(name).map(str::to_owned);
    // A coding names its own system; the version beside it is that of one that names none.
    let of = |coding: Value<'_>| {
        let text = |name: &str| coding.string(name).map(|text| text.into_owned());
        Some(Coded { system: text("system"), version: text("version").or_else(|| param("version")), code: text("code")?, display: text("display") })
    };
    let is_coding = ["coding", "codeableConcept"].iter().any(|name| asked.parameters.first(name).is_some() || call.input.value(name).is_some());
    if is_coding && asked.parameters.first("system").is_some() && system_parameter == "system" {
        return Err(Trouble::malformed(IssueCode::Value, "system stands beside code; a coding names its system itself.").at("http.system"));
    }
    if ["code", "coding", "codeableConcept"].iter().filter(|name| asked.parameters.first(name).is_some() || call.input.value(name).is_some()).count() > 1 {
        return Err(Trouble::malformed(IssueCode::Value, "Name the code in one way: code with its system, coding, or codeableConcept.").at("Parameters.parameter"));
    }
    if let Some((member, value)) = call.input.value("coding") {
        let wrong = || Trouble::malformed(IssueCode::Value, "coding is a Coding with a code.").at("Parameters.parameter");
        return (member == "valueCoding").then(|| of(value)).flatten().map(|one| vec![one]).ok_or_else(wrong);
    }
    if let Some((member, value)) = call.input.value("codeableConcept") {
        if member != "valueCodeableConcept" {
            return Err(Trouble::malformed(IssueCode::Value, "codeableConcept is a CodeableConcept.").at("Parameters.parameter"));
        }
        return Ok(value.get("coding").into_iter().flat_map(|list| list.items()).filter_map(of).collect());
    }
    // In an address a coding is written as a token.
    if let Some(token) = asked.parameters.first("coding") {
        let (system, code) = token.split_once('|').map_or((None, token), |(system, code)| (Some(system.to_owned()), code));
        return Ok(vec![Coded { system, version: param("version"), code: code.to_owned(), display: param("display") }]);
    }
    match param("code") {
        Some(code) => Ok(vec![Coded { system: param(system_parameter), version: param("version"), code, display: param("display") }]),
        None => Err(required("Parameters.parameter", "Name the code: code with its system, coding, or codeableConcept.")),
    }
}

/// What is told of the codings of a codeableConcept that have no code: nobody can judge them.
pub(super) fn passed_over(call: &Call<'_>) -> Option<String> {
    let (_, concept) = call.input.value("codeableConcept")?;
    let count = concept.get("coding").into_iter().flat_map(|list| list.items()).filter(|coding| coding.string("code").is_none()).count();
    (count > 0).then(|| format!("Codings without a code were passed over: {count}."))
}

/// What is told of a set with a `lockedDate`, or one that is built on such a set.
pub(super) const NOT_LOCKED: &str = "The value set, or one that it is built on, has a lockedDate. The code systems are taken as this server holds them, which may not be as they were on that day.";

/// A library that remembers whether a value set with a `lockedDate` was asked for.
pub(super) struct Dated<'l> {
    library: &'l dyn Library,
    is_dated: Cell<bool>,
}

impl<'l> Dated<'l> {
    /// Over a library, for a set and those it is built on.
    pub fn of(set: &Set, library: &'l dyn Library) -> Dated<'l> {
        Dated { library, is_dated: Cell::new(set.locked_date.is_some()) }
    }

    /// What is to be told, once the set was looked at.
    pub fn note(&self) -> Option<&'static str> {
        self.is_dated.get().then_some(NOT_LOCKED)
    }
}

impl Library for Dated<'_> {
    fn system(&self, address: &str) -> Option<Arc<System>> {
        self.library.system(address)
    }

    fn set(&self, address: &str) -> Option<Arc<Set>> {
        let found = self.library.set(address);
        self.is_dated.set(self.is_dated.get() || found.as_ref().is_some_and(|set| set.locked_date.is_some()));
        found
    }
}

/// An address with its version.
pub(super) fn versioned(url: &str, version: Option<&str>) -> String {
    match version.filter(|_| !url.contains('|')) {
        Some(version) => format!("{url}|{version}"),
        None => url.to_owned(),
    }
}

/// A parameter that is true or false, false where it is not sent.
pub(super) fn truth(asked: &Asked<'_>, name: &str) -> Result<bool, Trouble> {
    told_truth(asked, name).map(|told| told.unwrap_or(false))
}

/// The same, none where it is not sent.
pub(super) fn told_truth(asked: &Asked<'_>, name: &str) -> Result<Option<bool>, Trouble> {
    match asked.parameters.first(name) {
        None => Ok(None),
        Some("false") => Ok(Some(false)),
        Some("true") => Ok(Some(true)),
        Some(_) => Err(Trouble::malformed(IssueCode::Value, format!("{name} is true or false.")).at(&format!("http.{name}"))),
    }
}

/// The address of the value set that `url` names, with its version.
pub(super) fn set_address(asked: &Asked<'_>) -> Option<String> {
    asked.parameters.first("url").map(|url| versioned(url, asked.parameters.first("valueSetVersion")))
}

/// The code system meant: that of an instance's address, or the one sent along.
pub(super) async fn system_here(asked: &Asked<'_>, call: &Call<'_>) -> Result<Option<Arc<System>>, Trouble> {
    let Place::Instance(kind, id) = call.place else {
        let Some(sent) = call.input.resource("codeSystem") else { return Ok(None) };
        let wrong = || Trouble::malformed(IssueCode::Structure, "codeSystem is a CodeSystem with a url.").at("Parameters.parameter");
        let is_one = sent.string("resourceType").as_deref() == Some("CodeSystem");
        return System::read(sent).filter(|_| is_one).map(|system| Some(Arc::new(system))).ok_or_else(wrong);
    };
    let stored = asked.chart.read(asked.caller, kind, id).await?;
    let read = Document::read(&stored.text).ok().and_then(|document| System::read(document.root()));
    read.map(|system| Some(Arc::new(system))).ok_or_else(|| Trouble::malformed(IssueCode::Processing, "This CodeSystem has no url."))
}

/// The value set meant: that of the address, the one sent along, or the one `url` names.
pub(super) async fn set_meant(asked: &Asked<'_>, call: &Call<'_>) -> Result<Arc<Set>, Trouble> {
    if let Place::Instance(kind, id) = call.place {
        let stored = asked.chart.read(asked.caller, kind, id).await?;
        let document = Document::read(&stored.text).map_err(|_| Trouble::inside())?;
        return Ok(Arc::new(Set::read(document.root())));
    }
    if let Some(sent) = call.input.resource("valueSet") {
        return match sent.string("resourceType").as_deref() {
            Some("ValueSet") => Ok(Arc::new(Set::read(sent))),
            _ => Err(Trouble::malformed(IssueCode::Structure, "valueSet is a ValueSet.").at("Parameters.parameter")),
        };
    }
    let address = set_address(asked).ok_or_else(|| required("http.url", "Name the value set in url, or send it as the parameter valueSet."))?;
    asked.chart.knowledge().set(&address).ok_or_else(|| not_held("value set").at("http.url"))
}
