//! `ValueSet/$validate-code`: whether a code is in a value set.
//! https://hl7.org/fhir/R4/valueset-operation-validate-code.html

use super::validate_code::{HEADING, Judged, NOT_TOLD, called};
use super::{Dated, codes, language, passed_over, required, set_meant, told_truth, versioned};
use crate::answer::Answer;
use crate::asked::Asked;
use crate::operation::{At, Call, Operation, Reads};
use crate::outcome::Trouble;
use axum::http::StatusCode;
use fhir::IssueCode;
use terminology::{Library, Wanted};

pub(crate) const OPERATION: Operation = Operation {
    name: "validate-code",
    definition: "http://hl7.org/fhir/OperationDefinition/ValueSet-validate-code",
    at: &[At::Type(&["ValueSet"]), At::Instance(&["ValueSet"])],
    methods: "GET, HEAD, POST",
    parameters: &["url", "valueSet", "valueSetVersion", "code", "system", "version", "systemVersion", "display", "coding", "codeableConcept", "abstract", "displayLanguage"],
    reads: Reads::Resource,
    run: |asked, call| Box::pin(validate_member(asked, call)),
};

async fn validate_member(asked: &mut Asked<'_>, call: Call<'_>) -> Result<Answer, Trouble> {
    let no_headings = told_truth(asked, "abstract")? == Some(false);
    let set = set_meant(asked, &call).await?;
    let (knowledge, language, passed_over) = (asked.chart.knowledge(), language(asked), passed_over(&call));
    let dated = Dated::of(&set, &knowledge);
    let (mut last, mut untold) = (None, None);
    let is_coding = ["coding", "codeableConcept"].iter().any(|name| call.input.value(name).is_some()) || asked.parameters.first("coding").is_some();
    let no = |message: &str| Some(Judged { is_valid: false, display: None, message: Some(message.to_owned()) });
    for one in codes(asked, &call, "system")? {
        let unknown = |why: String| {
            let message = format!("Whether the code is in the set cannot be told: it is built on {why}.");
            Trouble::new(StatusCode::UNPROCESSABLE_ENTITY, IssueCode::NotSupported, message)
        };
        // A Coding without a system means nothing; only a code that is asked about by itself may be any system's.
        if is_coding && one.system.is_none() {
            last = no("The coding names no system, so it is no code of the value set.");
            continue;
        }
        let version = one.version.as_deref().or(asked.parameters.first("systemVersion"));
        let built_on = one.system.as_deref().map(|system| set.versions_of(system)).unwrap_or_default();
        if version.is_some_and(|version| !built_on.is_empty() && !built_on.contains(&version)) {
            last = no("The value set is built on another version of the code's system.");
            continue;
        }
        match set.contains(one.system.as_deref(), &one.code, &dated) {
            Ok(true) => {}
            Ok(false) => {
                last = no("The code is not in the value set.");
                continue;
            }
            Err(why) => {
                untold = Some(unknown(why));
                continue;
            }
        }
        let system = one.system.as_deref().and_then(|url| knowledge.system(&versioned(url, version)));
        let concept = system.as_ref().and_then(|system| system.concept(&one.code));
        // A set may call a code otherwise than its system does.
        let listed = if one.display.is_some() || no_headings && concept.is_none() { set.expand(Wanted::default(), &knowledge).unwrap_or_default() } else { Vec::new() };
        let is_this = |code: &str| system.as_ref().map_or(*code == *one.code, |system| system.is_same_code(code, &one.code));
        let own = listed.iter().filter(|found| is_this(&found.concept().code) && one.system.as_ref().is_none_or(|system| system == found.system()));
        if no_headings && concept.into_iter().chain(own.clone().map(|found| found.concept())).any(|concept| concept.is_abstract) {
            last = no(HEADING);
            continue;
        }
        let names: Vec<&str> = concept.iter().flat_map(|concept| concept.names()).chain(own.flat_map(|found| found.concept().names())).collect();
        let judged = Judged { is_valid: true, display: concept.and_then(|concept| concept.display_in(language.as_deref())).or(names.first().copied()).map(str::to_owned), message: None };
        let is_named = !names.is_empty();
        let judged = called(judged, one.display.as_deref().filter(|_| is_named), names.into_iter());
        let notes = passed_over.as_deref().into_iter().chain(untold.is_some().then_some(NOT_TOLD)).chain(dated.note());
        return Ok(judged.noting(notes).answer());
    }
    // One code that nobody can judge here leaves the whole question open.
    if let Some(untold) = untold {
        return Err(untold);
    }
    let last = last.ok_or_else(|| required("Parameters.parameter", "Name at least one code."))?;
    Ok(last.noting(passed_over.as_deref().into_iter().chain(dated.note())).answer())
}
