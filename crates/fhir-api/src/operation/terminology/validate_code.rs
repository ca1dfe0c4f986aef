//! `CodeSystem/$validate-code`: whether a code exists, and is called what somebody says.
//! https://hl7.org/fhir/R4/codesystem-operation-validate-code.html

use super::{Coded, Told, codes, language, not_held, only_in_part, passed_over, required, system_here, told_truth, versioned};
use crate::answer::Answer;
use crate::asked::Asked;
use crate::operation::{At, Call, Operation, Reads};
use crate::outcome::Trouble;
use terminology::{Existence, Library, System};

pub(crate) const OPERATION: Operation = Operation {
    name: "validate-code",
    definition: "http://hl7.org/fhir/OperationDefinition/CodeSystem-validate-code",
    at: &[At::Type(&["CodeSystem"]), At::Instance(&["CodeSystem"])],
    methods: "GET, HEAD, POST",
    parameters: &["url", "codeSystem", "code", "version", "display", "coding", "codeableConcept", "abstract", "displayLanguage"],
    reads: Reads::Parameters,
    run: |asked, call| Box::pin(validate_code(asked, call)),
};

async fn validate_code(asked: &mut Asked<'_>, call: Call<'_>) -> Result<Answer, Trouble> {
    let no_headings = told_truth(asked, "abstract")? == Some(false);
    let here = system_here(asked, &call).await?;
    let (mut last, mut untold, language) = (None, None, language(asked));
    let passed_over = passed_over(&call);
    let named = here.as_ref().map(|system| system.url.as_str()).or(asked.parameters.first("url"));
    for one in codes(asked, &call, "url")? {
        // The same letters in another system are another code.
        if named.zip(one.system.as_deref()).is_some_and(|(named, own)| named.split('|').next() != own.split('|').next()) {
            last = Some(Judged { is_valid: false, display: None, message: Some("The code is of another code system.".to_owned()) });
            continue;
        }
        let system = match &here {
            // What is in one version need not be in another: the one that is here answers for itself alone.
            Some(system) if one.version.as_deref().zip(system.version.as_deref()).is_some_and(|(asked, own)| asked != own) => {
                last = Some(Judged { is_valid: false, display: None, message: Some("The code is of another version of the code system.".to_owned()) });
                continue;
            }
            Some(system) => system.clone(),
            None => {
                let url = asked.parameters.first("url").or(one.system.as_deref()).ok_or_else(|| required("http.url", "Name the code system in url."))?;
                asked.chart.knowledge().system(&versioned(url, one.version.as_deref())).ok_or_else(|| not_held("code system").at("http.url"))?
            }
        };
        match judge(&system, &one, language.as_deref(), no_headings) {
            Some(judged) if judged.is_valid => return Ok(judged.noting(passed_over.as_deref().into_iter().chain(untold.is_some().then_some(NOT_TOLD))).answer()),
            Some(judged) => last = Some(judged),
            None => untold = Some(only_in_part()),
        }
    }
    // One code that nobody can judge here leaves the whole question open.
    if let Some(untold) = untold {
        return Err(untold);
    }
    let last = last.ok_or_else(|| required("Parameters.parameter", "Name at least one code."))?;
    Ok(last.noting(passed_over.as_deref().into_iter()).answer())
}

/// What is told where one coding is valid and another could not be judged.
pub(super) const NOT_TOLD: &str = "Of another coding nothing can be told here.";

/// What came of a code.
pub(super) struct Judged {
    pub is_valid: bool,
    pub display: Option<String>,
    pub message: Option<String>,
}

impl Judged {
    /// The same with what else is to be told.
    pub fn noting<'n>(self, notes: impl Iterator<Item = &'n str>) -> Judged {
        let all: Vec<String> = self.message.into_iter().chain(notes.map(str::to_owned)).collect();
        let message = (!all.is_empty()).then(|| all.join(" "));
        Judged { message, ..self }
    }

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

/// Why a code is not valid to whoever says `abstract=false`.
pub(super) const HEADING: &str = "The code exists, but is a heading (abstract), not to be chosen itself.";

/// None where only a part of the system is held, and the code is not in it.
fn judge(system: &System, one: &Coded, language: Option<&str>, no_headings: bool) -> Option<Judged> {
    let no = |message: String| Some(Judged { is_valid: false, display: None, message: Some(message) });
    match system.existence(&one.code) {
        Existence::Held(place) => {
            let concept = &system.concepts[place as usize];
            if no_headings && concept.is_abstract {
                return no(HEADING.to_owned());
            }
            let judged = Judged { is_valid: true, display: concept.display_in(language).map(str::to_owned), message: None };
            Some(called(judged, one.display.as_deref(), concept.names()))
        }
        // What a grammar makes of it is an explanation, not a name that others have to use.
        Existence::Formed(meaning) => Some(Judged { is_valid: true, display: Some(meaning), message: None }),
        Existence::Absent(why) => no(why.unwrap_or_else(|| "The code system has no such code.".to_owned())),
        Existence::Unknown => None,
    }
}

/// The same, false where somebody calls it what nobody else does.
pub(super) fn called<'n>(judged: Judged, display: Option<&str>, names: impl Iterator<Item = &'n str>) -> Judged {
    match display.is_some_and(|display| !terminology::is_called(names, display)) {
        true => Judged { is_valid: false, message: Some("The code exists, but is not called that; its display is told.".to_owned()), ..judged },
        false => judged,
    }
}
