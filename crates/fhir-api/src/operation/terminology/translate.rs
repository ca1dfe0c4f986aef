//! `ConceptMap/$translate`: a code in the words of another system.
//! https://hl7.org/fhir/R4/conceptmap-operation-translate.html
//!
//! * Who names no map says between what: `source`, `target` or `targetsystem`. Every map that is held
//!   between those is asked; which one answered is told with each match. Any map at all, chosen by the
//!   code's system alone, might be one for another purpose: that is refused.
//! * A translation that holds only for some values of other elements is not told as if it held always.

use super::{Coded, Told, codes, passed_over, required, versioned};
use crate::answer::Answer;
use crate::asked::Asked;
use crate::operation::{At, Call, Operation, Place, Reads};
use crate::outcome::Trouble;
use axum::http::StatusCode;
use fhir::splice::write_string;
use fhir::{Document, IssueCode, ResourceType};
use std::sync::Arc;
use terminology::{Map, Sought, Translation};

pub(crate) const OPERATION: Operation = Operation {
    name: "translate",
    definition: "http://hl7.org/fhir/OperationDefinition/ConceptMap-translate",
    at: &[At::Type(&["ConceptMap"]), At::Instance(&["ConceptMap"])],
    methods: "GET, HEAD, POST",
    parameters: &["url", "conceptMap", "conceptMapVersion", "code", "system", "version", "source", "coding", "codeableConcept", "target", "targetsystem", "dependency", "reverse"],
    reads: Reads::Resource,
    run: |asked, call| Box::pin(translate(asked, call)),
};

/// Between which value sets somebody wants a code translated, as canonical addresses.
#[derive(Default)]
struct Sets {
    source: Option<String>,
    target: Option<String>,
}

async fn translate(asked: &mut Asked<'_>, call: Call<'_>) -> Result<Answer, Trouble> {
    let reverse = match asked.parameters.first("reverse") {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(Trouble::malformed(IssueCode::Value, "reverse is true or false.").at("http.reverse")),
    };
    let named = named(asked, &call).await?;
    let into = asked.parameters.first("targetsystem").map(str::to_owned);
    let is_told = ["source", "target", "targetsystem"].iter().any(|name| asked.parameters.first(name).is_some());
    if named.is_none() && !is_told {
        return Err(required("http.url", "Name the concept map in url, or say between what: source or target (value sets), or targetsystem."));
    }
    let sets = Sets { source: set_of(asked, "source").await?, target: set_of(asked, "target").await? };
    let mut asked_about = codes(asked, &call, "system")?;
    let (is_any, count) = (!asked_about.is_empty(), asked_about.len());
    asked_about.retain(|one| one.system.is_some());
    let without_system = count - asked_about.len();
    let without_system = (without_system > 0).then(|| format!("Codings without a system were passed over: {without_system}."));
    let notes: Vec<String> = passed_over(&call).into_iter().chain(without_system).collect();
    if is_any && asked_about.is_empty() {
        return Err(required("http.system", "Name the code's system: a code alone may be that of any."));
    }
    let mut found: Vec<(Arc<Map>, Translation)> = Vec::new();
    let mut any_map = false;
    for one in &asked_about {
        let sought = Sought { system: one.system.as_deref(), source: sets.source.as_deref(), target: sets.target.as_deref(), into: into.as_deref(), reverse };
        for map in maps(asked, named.as_ref(), sought)? {
            any_map = true;
            for map in with_others(asked, map, one, into.as_deref(), reverse)? {
                let told = map.translate_in(one.system.as_deref(), version(one), &one.code, into.as_deref(), reverse, &asked.chart.knowledge());
                found.extend(told.into_iter().map(|translation| (map.clone(), translation)));
            }
        }
    }
    if !any_map {
        return Err(none_fits(&asked_about));
    }
    if found.iter().any(|(_, translation)| translation.is_conditional) {
        let message = "The concept map translates this code in one way or another by the values of other elements (dependsOn), which this server does not weigh. Read the map and choose.";
        return Err(Trouble::new(StatusCode::UNPROCESSABLE_ENTITY, IssueCode::NotSupported, message).at("ConceptMap.group.element.target.dependsOn"));
    }
    Ok(told(&found, notes))
}

/// The map meant: that of the address, the one sent along, or the one `url` names.
async fn named(asked: &Asked<'_>, call: &Call<'_>) -> Result<Option<Arc<Map>>, Trouble> {
    if let Place::Instance(kind, id) = call.place {
        let stored = asked.chart.read(asked.caller, kind, id).await?;
        return Ok(Some(Arc::new(Map::read(Document::read(&stored.text).map_err(|_| Trouble::inside())?.root()))));
    }
    if let Some(sent) = call.input.resource("conceptMap") {
        return match sent.string("resourceType").as_deref() {
            Some("ConceptMap") => Ok(Some(Arc::new(Map::read(sent)))),
            _ => Err(Trouble::malformed(IssueCode::Structure, "conceptMap is a ConceptMap.").at("Parameters.parameter")),
        };
    }
    let Some(url) = asked.parameters.first("url") else { return Ok(None) };
    let absent = || Trouble::new(StatusCode::NOT_FOUND, IssueCode::NotFound, "This server does not hold that concept map.").at("http.url");
    asked.chart.knowledge().map(&versioned(url, asked.parameters.first("conceptMapVersion"))).map(Some).ok_or_else(absent)
}

/// The maps to ask: the one that is named, which must be between the value sets that are named, too; else all that fit.
fn maps(asked: &Asked<'_>, named: Option<&Arc<Map>>, sought: Sought<'_>) -> Result<Vec<Arc<Map>>, Trouble> {
    let Some(map) = named else {
        return match sought.system {
            Some(_) => Ok(asked.chart.knowledge().maps_for(sought)?),
            None => Err(required("http.system", "Name the code's system.")),
        };
    };
    let of_sets = Sought { source: sought.source, target: sought.target, reverse: sought.reverse, ..Sought::default() };
    match (sought.source.is_some() || sought.target.is_some()) && !map.sides.fit(of_sets) {
        true => {
            let message = "The concept map is not between the value sets that source and target name.";
            Err(Trouble::malformed(IssueCode::Value, message).at(if sought.source.is_some() { "http.source" } else { "http.target" }))
        }
        false => Ok(vec![map.clone()]),
    }
}

/// A map, and those it sends on to for a code it does not name (`group.unmapped.url`), each once. Maps that lead back to
/// one another say nothing of the code, and that is not told as if it had no translation.
fn with_others(asked: &Asked<'_>, map: Arc<Map>, one: &Coded, into: Option<&str>, reverse: bool) -> Result<Vec<Arc<Map>>, Trouble> {
    let mut all = vec![map.clone()];
    if reverse {
        return Ok(all);
    }
    let knowledge = asked.chart.knowledge();
    let trouble = |code, message: &str| Trouble::new(StatusCode::UNPROCESSABLE_ENTITY, code, message).at("ConceptMap.group.unmapped.url");
    let onward = |map: &Map| -> Vec<String> { map.others_in(one.system.as_deref(), &one.code, into, &knowledge).into_iter().rev().map(str::to_owned).collect() };
    // The way from the first map to where we are, each with those that are still to be asked.
    let mut way = vec![(map.url.clone(), onward(&map))];
    while let Some((_, left)) = way.last_mut() {
        let Some(url) = left.pop() else {
            way.pop();
            continue;
        };
        let absent = || trouble(IssueCode::NotSupported, "For this code the concept map sends on to another one, which this server does not hold. Store that one, too.");
        let other = knowledge.map(&url).ok_or_else(absent)?;
        if way.iter().any(|(known, _)| *known == other.url) {
            return Err(trouble(IssueCode::Processing, "For this code the concept maps send on to one another in a cycle. Mend the unmapped of one of them."));
        }
        if !all.iter().any(|known| known.url == other.url) {
            way.push((other.url.clone(), onward(&other)));
            all.push(other);
        }
    }
    Ok(all)
}

/// The canonical address of a value set that is named by it, by `ValueSet/23` or by `23`.
async fn set_of(asked: &Asked<'_>, name: &str) -> Result<Option<String>, Trouble> {
    let Some(text) = asked.parameters.first(name) else { return Ok(None) };
    let here = text.strip_prefix(&*asked.base()).map(|rest| rest.trim_start_matches('/')).unwrap_or(text);
    let id = here.strip_prefix("ValueSet/").unwrap_or(here);
    let Some(kind) = ResourceType::named("ValueSet").filter(|_| !id.is_empty() && !id.contains([':', '/'])) else { return Ok(Some(text.to_owned())) };
    let stored = asked.chart.read(asked.caller, kind, id).await.map_err(|cause| Trouble::from(cause).at(&format!("http.{name}")))?;
    let url = Document::read(&stored.text).ok().and_then(|document| document.root().string("url").map(|url| url.into_owned()));
    url.map(Some).ok_or_else(|| Trouble::malformed(IssueCode::Processing, "This ValueSet has no url, so no concept map can name it.").at(&format!("http.{name}")))
}

fn version(one: &Coded) -> Option<&str> {
    one.version.as_deref().filter(|version| !version.is_empty())
}

/// 404 where no map is between what is named; that there is no translation is another answer.
fn none_fits(asked_about: &[Coded]) -> Trouble {
    if asked_about.is_empty() {
        return required("Parameters.parameter", "Name at least one code.");
    }
    let message = "This server holds no concept map between these. A map counts that has the value sets of source and target as its own, and a group of the code's system and of targetsystem. \
                   Store one (POST /ConceptMap), send it as the parameter conceptMap, or name it in url.";
    Trouble::new(StatusCode::NOT_FOUND, IssueCode::NotFound, message)
}

fn told(found: &[(Arc<Map>, Translation)], mut notes: Vec<String>) -> Answer {
    let is_match = |one: &Translation| one.code.is_some() && !matches!(one.equivalence.as_str(), "unmatched" | "disjoint");
    let mut told = Told::new();
    let any = found.iter().any(|(_, one)| is_match(one));
    told.raw("result", "valueBoolean", if any { "true" } else { "false" });
    if !any {
        notes.insert(0, "The concept map leads nowhere from here.".to_owned());
    }
    if !notes.is_empty() {
        told.text("message", "valueString", &notes.join(" "));
    }
    for (map, one) in found {
        let mut parts = Told::new();
        parts.text("equivalence", "valueCode", &one.equivalence);
        if let Some(code) = &one.code {
            parts.raw("concept", "valueCoding", &coding(one.system.as_deref(), code, one.display.as_deref()));
        }
        for product in &one.products {
            let mut inner = Told::new();
            inner.text("element", "valueUri", &product.element);
            inner.raw("concept", "valueCoding", &coding(product.system.as_deref(), &product.value, product.display.as_deref()));
            parts.parts("product", inner);
        }
        if !map.url.is_empty() {
            parts.text("source", "valueUri", &map.url);
        }
        told.parts("match", parts);
    }
    told.answer()
}

fn coding(system: Option<&str>, code: &str, display: Option<&str>) -> String {
    let mut out = String::from("{");
    for (name, value) in [("system", system), ("code", Some(code)), ("display", display)] {
        if let Some(value) = value {
            out.push_str(if out.len() == 1 { "\"" } else { ",\"" });
            out.push_str(name);
            out.push_str("\":");
            write_string(value, &mut out);
        }
    }
    out.push('}');
    out
}
