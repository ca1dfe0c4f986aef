//! `ConceptMap/$translate`: a code in the words of another system.
//! https://hl7.org/fhir/R4/conceptmap-operation-translate.html

use super::{Told, codes, required, versioned};
use crate::answer::Answer;
use crate::asked::Asked;
use crate::operation::{At, Call, Operation, Place, Reads};
use crate::outcome::Trouble;
use axum::http::StatusCode;
use fhir::splice::write_string;
use fhir::{Document, IssueCode};
use std::sync::Arc;
use terminology::{Map, Translation};

pub(crate) const OPERATION: Operation = Operation {
    name: "translate",
    definition: "http://hl7.org/fhir/OperationDefinition/ConceptMap-translate",
    at: &[At::Type(&["ConceptMap"]), At::Instance(&["ConceptMap"])],
    methods: "GET, HEAD, POST",
    parameters: &["url", "conceptMapVersion", "code", "system", "version", "coding", "codeableConcept", "targetsystem", "reverse"],
    reads: Reads::Parameters,
    run: |asked, call| Box::pin(translate(asked, call)),
};

async fn translate(asked: &mut Asked<'_>, call: Call<'_>) -> Result<Answer, Trouble> {
    let reverse = match asked.parameters.first("reverse") {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(Trouble::malformed(IssueCode::Value, "reverse is true or false.").at("http.reverse")),
    };
    let map = match call.place {
        Place::Instance(kind, id) => {
            let stored = asked.chart.read(asked.caller, kind, id).await?;
            Arc::new(Map::read(Document::read(&stored.text).map_err(|_| Trouble::inside())?.root()))
        }
        _ => {
            let url = asked.parameters.first("url").ok_or_else(|| required("http.url", "Name the concept map in url."))?;
            let absent = || Trouble::new(StatusCode::NOT_FOUND, IssueCode::NotFound, "This server does not hold that concept map.").at("http.url");
            asked.chart.knowledge().map(&versioned(url, asked.parameters.first("conceptMapVersion"))).ok_or_else(absent)?
        }
    };
    let mut found: Vec<Translation> = Vec::new();
    for one in codes(asked, &call, "system")? {
        found.extend(map.translate(one.system.as_deref(), &one.code, asked.parameters.first("targetsystem"), reverse));
    }
    let is_match = |one: &Translation| one.code.is_some() && !matches!(one.equivalence.as_str(), "unmatched" | "disjoint");
    let mut told = Told::new();
    let any = found.iter().any(is_match);
    told.raw("result", "valueBoolean", if any { "true" } else { "false" });
    if !any {
        told.text("message", "valueString", "The concept map leads nowhere from here.");
    }
    for one in &found {
        let mut parts = Told::new();
        parts.text("equivalence", "valueCode", &one.equivalence);
        let mut coding = String::new();
        for (name, value) in [("system", &one.system), ("code", &one.code), ("display", &one.display)] {
            if let Some(value) = value.as_ref().filter(|_| one.code.is_some()) {
                coding.push_str(if coding.is_empty() { "{" } else { "," });
                coding.push_str(&format!("\"{name}\":"));
                write_string(value, &mut coding);
            }
        }
        if !coding.is_empty() {
            coding.push('}');
            parts.raw("concept", "valueCoding", &coding);
        }
        if !map.url.is_empty() {
            parts.text("source", "valueUri", &map.url);
        }
        told.parts("match", parts);
    }
    Ok(told.answer())
}
