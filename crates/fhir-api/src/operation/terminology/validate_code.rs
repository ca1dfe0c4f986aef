//! `CodeSystem/$validate-code`: whether a code exists, and is called what somebody says.
//! https://hl7.org/fhir/R4/codesystem-operation-validate-code.html

use super::{Coded, Told, codes, language, not_held, required, system_here, versioned};
use crate::answer::Answer;
use crate::asked::Asked;
use crate::operation::{At, Call, Operation, Reads};
use crate::outcome::Trouble;
use terminology::{Library, System};

pub(crate) const OPERATION: Operation = Operation {
    name: "validate-code",
    definition: "http://hl7.org/fhir/OperationDefinition/CodeSystem-validate-code",
    at: &[At::Type(&["CodeSystem"]), At::Instance(&["CodeSystem"])],
    methods: "GET, HEAD, POST",
    parameters: &["url", "code", "version", "display", "coding", "codeableConcept", "displayLanguage"],
    reads: Reads::Parameters,
    run: |asked, call| Box::pin(validate_code(asked, call)),
};

async fn validate_code(asked: &mut Asked<'_>, call: Call<'_>) -> Result<Answer, Trouble> {
    let here = system_here(asked, &call).await?;
    let (mut last, language) = (None, language(asked));
    for one in codes(asked, &call, "url")? {
        let system = match &here {
            Some(system) => system.clone(),
            None => {
                let url = asked.parameters.first("url").or(one.system.as_deref()).ok_or_else(|| required("http.url", "Name the code system in url."))?;
                asked.chart.knowledge().system(&versioned(url, one.version.as_deref())).ok_or_else(|| not_held("code system").at("http.url"))?
            }
        };
        let judged = judge(&system, &one, language.as_deref());
        let is_valid = judged.is_valid;
        last = Some(judged);
        if is_valid {
            break;
        }
    }
    Ok(last.ok_or_else(|| required("Parameters.parameter", "Name at least one code."))?.answer())
}

/// What came of a code.
pub(super) struct Judged {
    pub is_valid: bool,
    pub display: Option<String>,
    pub message: Option<String>,
}

impl Judged {
    pub fn answer(self) -> Answer {
        let mut told = Told::new();
        told.raw("result", "valueBoolean", if self.is_valid { "true" } else { "false" });
        if let Some(message) = &self.message {
            told.text("message", "valueString", message);
        }
        if let Some(display) = &self.display {
            told.text("display", "valueString", display);
        }
        told.answer()
    }
}

fn judge(system: &System, one: &Coded, language: Option<&str>) -> Judged {
    let no = |message: &str| Judged { is_valid: false, display: None, message: Some(message.to_owned()) };
    match system.concept(&one.code) {
        Some(concept) => {
            let judged = Judged { is_valid: true, display: concept.display_in(language).map(str::to_owned), message: None };
            called(judged, one.display.as_deref(), concept.names())
        }
        None if system.is_complete() => no("The code system has no such code."),
        None => no("This server holds only a part of the code system; the code is not in that part and may exist all the same."),
    }
}

/// The same, false where somebody calls it what nobody else does.
pub(super) fn called<'n>(judged: Judged, display: Option<&str>, mut names: impl Iterator<Item = &'n str>) -> Judged {
    let fold = terminology::fold::fold;
    match display {
        Some(display) if !names.any(|name| fold(name) == fold(display)) => {
            Judged { is_valid: false, message: Some("The code exists, but is not called that; its display is told.".to_owned()), ..judged }
        }
        _ => judged,
    }
}
