//! `GET /metadata`: what this server can do, generated from what is there.
//! https://hl7.org/fhir/R4/http.html#capabilities
//!
//! * Open to everybody: it says nothing about anybody.
//! * It lists the interactions of the routes, the parameters of `search` and the formats of
//!   the patch, so that none is promised that does not work.

use crate::answer::{Answer, Payload};
use crate::operation::terminology::expand::OPERATION as EXPAND;
use crate::operation::{OPERATIONS, Operation, Place};
use crate::outcome::Trouble;
use crate::parameters::Parameters;
use crate::patch;
use crate::trim::Trim;
use chart::{Chart, StoredSystem};
use fhir::splice::write_string;
use fhir::{IssueCode, Moment, ResourceType};
use parking_lot::Mutex;
use search::capability::{self, Supported};
use search::{Custom, compartment};
use std::fmt::Write;
use std::sync::Arc;

/// The day this statement last changed its shape. Not the day it is asked for: two answers
/// of one program are equal.
const DATE: &str = "2026-11-29";

/// Interactions of every type, as the routes offer them.
const OF_A_TYPE: [&str; 9] = ["read", "vread", "update", "patch", "delete", "history-instance", "history-type", "create", "search-type"];
/// Interactions of the whole system.
const OF_THE_SYSTEM: [&str; 4] = ["transaction", "batch", "search-system", "history-system"];

/// The statement, kept for the base it was last written for.
#[derive(Default)]
pub(crate) struct Capabilities {
    kept: Mutex<Option<(String, Arc<Custom>, String)>>,
}

impl Capabilities {
    /// Answers `GET /metadata`.
    pub fn answer(&self, base: &str, chart: &Chart, smart: &[(&str, String)], parameters: &Parameters) -> Result<Answer, Trouble> {
        match parameters.first("mode") {
            None | Some("full" | "normative") => {}
            Some("terminology") => {
                let stored = chart.knowledge().stored_systems()?;
                return Ok(Answer::ok(Payload::Text(terminology_statement(base, &stored))));
            }
            Some(_) => return Err(Trouble::malformed(IssueCode::Value, "mode is full, normative or terminology.").at("http.mode")),
        }
        let Some(kind) = ResourceType::named("CapabilityStatement") else {
            return Err(Trouble::inside());
        };
        let trim = Trim::asked(parameters, &[kind], false)?;
        let text = self.text(base, chart.custom(), smart);
        let text = trim.text(chart::Stored { kind, id: String::new(), version: 1, last_updated: Moment(0), method: chart::Method::Create, text, flaws: Vec::new() });
        Ok(Answer::ok(Payload::Text(text)))
    }

    fn text(&self, base: &str, custom: Arc<Custom>, smart: &[(&str, String)]) -> String {
        let mut kept = self.kept.lock();
        match &*kept {
            Some((known, in_force, text)) if known == base && Arc::ptr_eq(in_force, &custom) => text.clone(),
            _ => {
                let text = statement(base, &custom, smart);
                *kept = Some((base.to_owned(), custom, text.clone()));
                text
            }
        }
    }
}

fn statement(base: &str, custom: &Custom, smart: &[(&str, String)]) -> String {
    let mut out = String::with_capacity(400_000);
    let _ = write!(
        out,
        "{{\"resourceType\":\"CapabilityStatement\",\"status\":\"active\",\"date\":\"{DATE}\",\"kind\":\"instance\",\
         \"software\":{{\"name\":\"Carnet\",\"version\":\"{}\"}},\
         \"implementation\":{{\"description\":\"One lifelong record per person\",\"url\":",
        env!("CARGO_PKG_VERSION")
    );
    write_string(base, &mut out);
    out.push_str("},\"fhirVersion\":\"4.0.1\",\"format\":[\"application/fhir+json\",\"json\"],\"patchFormat\":[");
    for (number, format) in patch::FORMATS.iter().enumerate() {
        let _ = write!(out, "{}\"{format}\"", comma(number));
    }
    out.push_str(
        "],\"rest\":[{\"mode\":\"server\",\"documentation\":\"_sort orders texts by their letters, without regard to capitals and accents; names by the family name first, in every country alike.\",\"security\":{\"extension\":[{\"url\":\"http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris\",\"extension\":[",
    );
    for (number, (name, address)) in smart.iter().enumerate() {
        let _ = write!(out, "{}{{\"url\":\"{name}\",\"valueUri\":", comma(number));
        write_string(address, &mut out);
        out.push('}');
    }
    out.push_str("]}],\"cors\":true,\"service\":[");
    for (number, service) in ["SMART-on-FHIR", "Basic"].iter().enumerate() {
        let _ = write!(out, "{}{{\"coding\":[{{\"system\":\"http://terminology.hl7.org/CodeSystem/restful-security-service\",\"code\":\"{service}\"}}]}}", comma(number));
    }
    out.push_str(
        "],\"description\":\"SMART App Launch 2.2 (.well-known/smart-configuration), or HTTP Basic, over TLS. Every disclosure is logged.\"},\"resource\":[",
    );
    for (number, kind) in ResourceType::all().enumerate() {
        out.push_str(comma(number));
        write_type(kind, custom, &mut out);
    }
    out.push_str("],\"interaction\":[");
    write_interactions(&OF_THE_SYSTEM, &mut out);
    out.push(']');
    write_common(&mut out);
    write_operations(|operation| operation.is_at(Place::System), &mut out);
    for (number, owner) in compartment::OWNERS.iter().enumerate() {
        let name = format!("{}{}", owner[..1].to_ascii_lowercase(), &owner[1..]);
        let _ = write!(out, "{}\"http://hl7.org/fhir/CompartmentDefinition/{name}\"", if number == 0 { ",\"compartment\":[" } else { "," });
    }
    out.push(']');
    out.push_str("}]}");
    out
}

/// More stored code systems than this are counted, not listed.
const MOST_SYSTEMS: usize = 500;

/// What the operations about codes can do, and the code systems that are held: those that are
/// stored count before what R4 publishes and the starter set.
/// https://hl7.org/fhir/R4/terminologycapabilities.html
fn terminology_statement(base: &str, stored: &[StoredSystem]) -> String {
    let mut out = format!(
        "{{\"resourceType\":\"TerminologyCapabilities\",\"status\":\"active\",\"date\":\"{DATE}\",\"kind\":\"instance\",\
         \"software\":{{\"name\":\"Carnet\",\"version\":\"{}\"}},\"implementation\":{{\"description\":\"What R4 publishes, a starter set, and what this site has stored (code systems: {}{})\",\"url\":",
        env!("CARGO_PKG_VERSION"),
        stored.len(),
        if stored.len() > MOST_SYSTEMS { format!(", the first {MOST_SYSTEMS} listed") } else { String::new() }
    );
    write_string(base, &mut out);
    out.push_str("},\"codeSystem\":[");
    let listed = &stored[..stored.len().min(MOST_SYSTEMS)];
    for (number, versions) in listed.chunk_by(|one, next| one.url == next.url).enumerate() {
        out.push_str(comma(number));
        write_stored(versions, &mut out);
    }
    let is_new = |url: &str| !listed.iter().any(|stored| stored.url == url);
    let whole = fhir::r4().code_systems().filter(|system| system.content() == fhir::definitions::Content::Complete).map(|system| (system.url(), true));
    // Of these a part is held, which tells nothing about what lies below what.
    let parts = terminology::starter::systems().into_iter().map(|system| (system, false));
    let units: Vec<String> = chart::units::systems().collect();
    let units = units.iter().map(|url| (url.as_str(), true));
    for (number, (url, subsumption)) in whole.chain(parts).chain(units).filter(|(url, _)| is_new(url)).enumerate() {
        let _ = write!(out, "{}{{\"uri\":\"{url}\",\"subsumption\":{subsumption}}}", comma(number + listed.len()));
    }
    out.push_str("],\"expansion\":{\"hierarchical\":false,\"paging\":true,\"incomplete\":false,\"parameter\":[");
    for (number, name) in EXPAND.parameters.iter().enumerate() {
        let _ = write!(out, "{}{{\"name\":\"{name}\"}}", comma(number));
    }
    out.push_str(
        "],\"textFilter\":\"Each word typed begins a word of a name in any language, without case and accents.\"},\"codeSearch\":\"explicit\",\
         \"validateCode\":{\"translations\":true},\"translation\":{\"needsMap\":false},\"closure\":{\"translation\":false}}",
    );
    out
}

/// The versions of one stored code system, which are never none.
fn write_stored(versions: &[StoredSystem], out: &mut String) {
    out.push_str("{\"uri\":");
    write_string(&versions[0].url, out);
    let told: Vec<&StoredSystem> = versions.iter().filter(|one| one.version.is_some()).collect();
    for (number, version) in told.iter().enumerate() {
        out.push_str(if number == 0 { ",\"version\":[{\"code\":" } else { ",{\"code\":" });
        write_string(version.version.as_deref().unwrap_or_default(), out);
        out.push('}');
    }
    if !told.is_empty() {
        out.push(']');
    }
    let _ = write!(out, ",\"subsumption\":{}}}", versions.iter().any(|one| one.is_whole));
}

fn write_type(kind: ResourceType, custom: &Custom, out: &mut String) {
    let name = kind.name();
    let _ = write!(out, "{{\"type\":\"{name}\",\"profile\":\"http://hl7.org/fhir/StructureDefinition/{name}\",\"interaction\":[");
    write_interactions(&OF_A_TYPE, out);
    out.push_str(
        "],\"versioning\":\"versioned-update\",\"readHistory\":true,\"updateCreate\":true,\"conditionalCreate\":true,\
         \"conditionalRead\":\"full-support\",\"conditionalUpdate\":true,\"conditionalDelete\":\"single\",\
         \"referencePolicy\":[\"literal\",\"logical\",\"local\"]",
    );
    for (number, include) in capability::includes(kind).enumerate() {
        let _ = write!(out, "{}\"{include}\"", if number == 0 { ",\"searchInclude\":[" } else { "," });
    }
    for (number, include) in capability::reverse_includes(kind).enumerate() {
        let _ = write!(out, "{}\"{include}\"", if number == 0 { "],\"searchRevInclude\":[" } else { "," });
    }
    out.push_str("],\"searchParam\":[");
    let own = custom.of(kind).map(Supported::from);
    for (number, parameter) in capability::supported(kind).filter(|parameter| !capability::COMMON.contains(&parameter.name)).chain(own).enumerate() {
        write_parameter(number, &parameter, out);
    }
    out.push(']');
    write_operations(|operation| operation.concerns(kind), out);
    out.push('}');
}

fn write_parameter(number: usize, parameter: &Supported, out: &mut String) {
    let _ = write!(out, "{}{{\"name\":\"{}\",\"definition\":", comma(number), parameter.name);
    write_string(parameter.definition, out);
    let _ = write!(out, ",\"type\":\"{}\"}}", parameter.kind);
}

/// What every type has, told once. https://hl7.org/fhir/R4/capabilitystatement-definitions.html#CapabilityStatement.rest.searchParam
fn write_common(out: &mut String) {
    out.push_str(",\"searchParam\":[");
    // A Patient has all of them; `_text` is for resources with a narrative.
    for (number, parameter) in capability::supported(ResourceType::PATIENT).filter(|parameter| capability::COMMON.contains(&parameter.name)).enumerate() {
        write_parameter(number, &parameter, out);
    }
    for (name, kind, definition) in capability::EVERYWHERE {
        let _ = write!(out, ",{{\"name\":\"{name}\"");
        if let Some(definition) = definition {
            let _ = write!(out, ",\"definition\":\"{definition}\"");
        }
        let _ = write!(out, ",\"type\":\"{kind}\"}}");
    }
    out.push(']');
}

fn write_interactions(codes: &[&str], out: &mut String) {
    for (number, code) in codes.iter().enumerate() {
        let _ = write!(out, "{}{{\"code\":\"{code}\"}}", comma(number));
    }
}

/// The operations of a level, as `,"operation":[…]`; nothing where there are none.
fn write_operations(wanted: impl Fn(&Operation) -> bool, out: &mut String) {
    for (number, operation) in OPERATIONS.iter().filter(|operation| wanted(operation)).enumerate() {
        let before = if number == 0 { ",\"operation\":[" } else { "," };
        let _ = write!(out, "{before}{{\"name\":\"{}\",\"definition\":\"{}\"}}", operation.name, operation.definition);
    }
    if OPERATIONS.iter().any(|operation| wanted(operation)) {
        out.push(']');
    }
}

fn comma(number: usize) -> &'static str {
    if number == 0 { "" } else { "," }
}
