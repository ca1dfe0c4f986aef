//! `CodeSystem/$lookup`: what is said of a code.
//! https://hl7.org/fhir/R4/codesystem-operation-lookup.html

use super::{Told, codes, language, not_held, required, versioned};
use crate::answer::Answer;
use crate::asked::Asked;
use crate::operation::{At, Call, Operation, Reads};
use crate::outcome::Trouble;
use axum::http::StatusCode;
use fhir::IssueCode;
use fhir::splice::write_string;
use terminology::{Existence, Library, System};

pub(crate) const OPERATION: Operation = Operation {
    name: "lookup",
    definition: "http://hl7.org/fhir/OperationDefinition/CodeSystem-lookup",
    at: &[At::Type(&["CodeSystem"])],
    methods: "GET, HEAD, POST",
    parameters: &["code", "system", "version", "coding", "displayLanguage", "property"],
    reads: Reads::Parameters,
    run: |asked, call| Box::pin(lookup(asked, call)),
};

async fn lookup(asked: &mut Asked<'_>, call: Call<'_>) -> Result<Answer, Trouble> {
    let asked_about = codes(asked, &call, "system")?.into_iter().next().ok_or_else(|| required("Parameters.parameter", "Name the code."))?;
    let url = asked_about.system.as_deref().ok_or_else(|| required("http.system", "Name the code's system."))?;
    let system = asked.chart.knowledge().system(&versioned(url, asked_about.version.as_deref())).ok_or_else(|| not_held("code system").at("http.system"))?;
    let place = match system.existence(&asked_about.code) {
        Existence::Held(place) => place,
        Existence::Formed(meaning) => return Ok(formed(&system, &meaning)),
        Existence::Absent(why) => {
            let message = why.unwrap_or_else(|| "The code system has no such code.".to_owned());
            return Err(Trouble::new(StatusCode::NOT_FOUND, IssueCode::NotFound, message).at("http.code"));
        }
        Existence::Unknown => {
            let message = "This server holds only a part of the code system, and the code is not in it.";
            return Err(Trouble::new(StatusCode::NOT_FOUND, IssueCode::NotFound, message).at("http.code"));
        }
    };
    let concept = &system.concepts[place as usize];
    let wanted: Vec<&str> = asked.parameters.pairs().filter(|(name, _)| *name == "property").map(|(_, value)| value).collect();
    let wants = |name: &str| wanted.is_empty() || wanted.contains(&name);
    // `lang.es` asks for the names in Spanish, whatever its country.
    let wants_in = |language: &str| wanted.iter().filter_map(|name| name.strip_prefix("lang.")).any(|asked| language.strip_prefix(asked).is_some_and(|rest| rest.is_empty() || rest.starts_with('-')));
    let language = language(asked);
    let mut told = Told::new();
    told.text("name", "valueString", name_of(&system));
    if let Some(version) = &system.version {
        told.text("version", "valueString", version);
    }
    told.text("display", "valueString", concept.display_in(language.as_deref()).unwrap_or(&concept.code));
    if let Some(definition) = concept.definition.as_deref().filter(|_| wants("definition")) {
        told.text("definition", "valueString", definition);
    }
    for designation in concept.designations.iter().filter(|one| wants("designation") || one.language.as_deref().is_some_and(wants_in)) {
        let mut parts = Told::new();
        if let Some(language) = &designation.language {
            parts.text("language", "valueCode", language);
        }
        if let Some(usage) = &designation.usage {
            parts.raw("use", "valueCoding", usage);
        }
        parts.text("value", "valueString", &designation.value);
        told.parts("designation", parts);
    }
    let mut property = |name: &str, member: &str, value: &str| {
        if wants(name) {
            let mut parts = Told::new();
            parts.text("code", "valueCode", name);
            let is_json = matches!(member, "valueBoolean" | "valueInteger" | "valueDecimal");
            let mut quoted = String::new();
            if !is_json {
                write_string(value, &mut quoted);
            }
            // A Coding was kept by its code alone.
            let member = if member == "valueCoding" { "valueCode" } else { member };
            parts.raw("value", member, if is_json { value } else { &quoted });
            told.parts("property", parts);
        }
    };
    property("inactive", "valueBoolean", if concept.is_inactive { "true" } else { "false" });
    for parent in &concept.parents {
        property("parent", "valueCode", &system.concepts[*parent as usize].code);
    }
    for child in system.children(place) {
        property("child", "valueCode", &child.code);
    }
    for (name, member, value) in concept.properties.iter().filter(|(name, ..)| !["inactive", "parent", "child"].contains(&&**name)) {
        property(name, member, value);
    }
    Ok(told.answer())
}

/// What a system is called: its title, else its name. The operation has to tell a name and a CodeSystem need not have
/// one, and neither have those of R4's table: then its address is all there is to call it by, and is told as it is.
fn name_of(system: &System) -> &str {
    system.name.as_deref().unwrap_or(&system.url)
}

/// What is said of a code that no list has, but the grammar of its system.
fn formed(system: &System, meaning: &str) -> Answer {
    let mut told = Told::new();
    told.text("name", "valueString", name_of(system));
    told.text("display", "valueString", meaning);
    told.answer()
}
