//! What the parameters of operations are, and which of them may be sent again.
//!
//! * One that no row names is one simple value, sent once. Of two the second would be passed over, and one of another form
//!   would be as if nobody had sent it: both are refused.
//! * That a caller is lenient changes nothing: what is known is meant.
//! * Nothing here knows what a parameter means.

use super::input::is_simple;
use super::{Input, Operation};
use crate::asked::Asked;
use crate::outcome::Trouble;
use fhir::{IssueCode, Value};

/// In what form a parameter comes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Form {
    /// One value that fits into an address.
    Simple,
    /// A resource in a Parameters resource.
    Resource,
    /// Parts in a Parameters resource.
    Parts,
    /// The operation looks at it itself, and says better what it should be.
    Own,
    /// The same, where it looks into the body alone.
    Body,
}
use Form::*;

/// Operations by the end of their definition's address, names, form, and whether they may be sent again.
type Row = (&'static [&'static str], &'static [&'static str], Form, bool);

const ROWS: &[Row] = &[
    (&["Patient-everything", "Encounter-everything"], &["_type", "_elements"], Simple, true),
    (&["export", "patient-export", "group-export"], &["_type", "_typeFilter", "_elements"], Simple, true),
    (&["backport-subscription-status"], &["id"], Simple, true),
    (&["Resource-validate"], &["profile"], Simple, true),
    (&["Resource-validate", "Patient-match"], &["resource"], Resource, false),
    (&["Resource-meta-add", "Resource-meta-delete"], &["meta"], Body, false),
    (&["Observation-stats"], &["code", "statistic"], Simple, true),
    (&["Observation-stats"], &["coding"], Own, true),
    (&["Observation-stats"], &["period"], Own, false),
    (&["CodeSystem-lookup"], &["property"], Simple, true),
    (&["CodeSystem-lookup", "CodeSystem-validate-code", "ValueSet-validate-code", "ConceptMap-translate"], &["coding"], Own, false),
    (&["CodeSystem-validate-code", "ValueSet-validate-code", "ConceptMap-translate"], &["codeableConcept"], Own, false),
    (&["CodeSystem-subsumes"], &["codingA", "codingB"], Own, false),
    (&["CodeSystem-validate-code"], &["codeSystem"], Resource, false),
    (&["ValueSet-validate-code", "ValueSet-expand"], &["valueSet"], Resource, false),
    (&["ValueSet-expand"], &["designation", "exclude-system", "system-version", "check-system-version", "force-system-version"], Simple, true),
    (&["ConceptMap-translate"], &["conceptMap"], Resource, false),
    (&["ConceptMap-translate"], &["dependency"], Parts, true),
    (&["ConceptMap-closure"], &["concept"], Body, true),
    (&["fhirpath"], &["resource"], Body, false),
    (&["fhirpath"], &["variables"], Parts, true),
    (&["import"], &["input"], Parts, true),
    (&["import"], &["storageDetail"], Parts, false),
    (&["Questionnaire-populate"], &["questionnaire"], Resource, false),
    (&["Questionnaire-populate"], &["subject"], Own, false),
    (&["Questionnaire-populate"], &["context", "launchContext"], Parts, true),
    (&["QuestionnaireResponse-extract"], &["questionnaire-response"], Resource, false),
    (&["ImmDSForecastOperation"], &["patient"], Own, false),
    (&["ImmDSForecastOperation"], &["immunization", "condition", "observation", "adverse-event"], Own, true),
    (&["Patient-merge"], &["source-patient", "target-patient"], Body, false),
    (&["correct-person"], &["entry"], Body, true),
    (&["correct-person"], &["patient"], Body, false),
    (&["assign-unit", "transfer"], &["unit"], Body, false),
    (&["transfer"], &["payor"], Body, false),
    (&["transfer"], &["ends"], Body, true),
];

/// The operation that takes the parameters of a search, each of which says *and* when it is sent again; but not these.
const SEARCHES: (&str, [&str; 2]) = ("Observation-lastn", ["max", "_summary"]);

/// Refuses a parameter in another form than its own, and one that is sent again where there is one.
pub(super) fn check(operation: &Operation, asked: &Asked<'_>, input: &Input) -> Result<(), Trouble> {
    for name in operation.parameters {
        let (form, is_many) = shape(operation, name);
        if input.all(name).any(|one| !form.is_of(one)) {
            return Err(Trouble::malformed(IssueCode::Value, form.told(name)).at("Parameters.parameter"));
        }
        let simple = asked.parameters.pairs().filter(|(other, _)| other == name).count();
        let of_body = input.all(name).filter(|one| is_simple(*one)).count();
        if simple > of_body && matches!(form, Resource | Parts | Body) {
            let message = format!("{name} does not fit into an address or one value; send it in Parameters.");
            return Err(Trouble::malformed(IssueCode::Value, message).at(&format!("http.{name}")));
        }
        let others = input.all(name).filter(|one| !is_simple(*one)).count();
        if !is_many && simple + others > 1 {
            return Err(Trouble::malformed(IssueCode::Value, format!("{name} is sent once; it is here {} times.", simple + others)).at(&format!("http.{name}")));
        }
    }
    Ok(())
}

fn shape(operation: &Operation, name: &str) -> (Form, bool) {
    let own = operation.definition.rsplit('/').next().unwrap_or_default();
    if own == SEARCHES.0 {
        return (Simple, !SEARCHES.1.contains(&name));
    }
    let row = ROWS.iter().find(|(definitions, names, ..)| definitions.contains(&own) && names.contains(&name));
    row.map_or((Simple, false), |(_, _, form, is_many)| (*form, *is_many))
}

impl Form {
    fn is_of(self, parameter: Value<'_>) -> bool {
        match self {
            Simple => is_simple(parameter),
            Resource => parameter.get("resource").is_some(),
            Parts => parameter.get("part").is_some(),
            Own | Body => true,
        }
    }

    fn told(self, name: &str) -> String {
        match self {
            Simple | Own | Body => format!("{name} is one simple value: text, a code, a number, a date, true or false."),
            Resource => format!("{name} is a resource, in the member resource of the parameter."),
            Parts => format!("{name} has parts, in the member part of the parameter."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::OPERATIONS;

    #[test]
    fn each_row_speaks_of_parameters_that_an_operation_has() {
        for (definitions, names, ..) in ROWS {
            for definition in *definitions {
                let operation = OPERATIONS.iter().find(|operation| operation.definition.rsplit('/').next() == Some(*definition)).unwrap_or_else(|| panic!("{definition}"));
                for name in *names {
                    assert!(operation.parameters.contains(name), "{definition} {name}");
                }
            }
        }
        assert!(OPERATIONS.iter().any(|operation| operation.definition.ends_with(SEARCHES.0)));
    }
}
