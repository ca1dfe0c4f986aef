//! Parameters that R4 gives an operation and this server does not take, each with its reason: who sends
//! one is told more than that it is unknown.
//!
//! * One that is taken stands in the operation's own line and never here.
//! * Who is lenient is answered as if it had not been sent, like any other that is not taken.

use super::{Input, Operation};
use crate::asked::Asked;
use crate::outcome::Trouble;
use fhir::IssueCode;

const DATE: &str = "date is not taken: code systems and value sets are held by version, not by day. Name the version instead.";
const CONTEXT: &str = "context is not taken: which value set an element is bound to is not looked up. Name the value set in url.";
const DIRECTION: &str = "contextDirection is not taken, because context is not. Name the value set in url.";

/// The end of the definition's address, the parameter, the reason.
const DECLINED: [(&str, &str, &str); 7] = [
    ("CodeSystem-lookup", "date", DATE),
    ("CodeSystem-validate-code", "date", DATE),
    ("ValueSet-expand", "context", CONTEXT),
    ("ValueSet-expand", "contextDirection", DIRECTION),
    ("ValueSet-expand", "date", DATE),
    ("ValueSet-validate-code", "context", CONTEXT),
    ("ValueSet-validate-code", "date", DATE),
];

/// Refuses a call with one of these by its name.
pub(super) fn check(operation: &Operation, asked: &Asked<'_>, input: &Input) -> Result<(), Trouble> {
    let is_sent = |name: &str| asked.parameters.first(name).is_some() || input.all(name).next().is_some();
    let of_this = |definition: &str| operation.definition.rsplit('/').next() == Some(definition);
    match DECLINED.iter().find(|(definition, name, _)| !asked.prefer.lenient && of_this(definition) && is_sent(name)) {
        Some((_, name, reason)) => Err(Trouble::malformed(IssueCode::NotSupported, *reason).at(&format!("http.{name}"))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::OPERATIONS;

    #[test]
    fn what_is_declined_belongs_to_an_operation_that_does_not_take_it() {
        for (definition, name, reason) in DECLINED {
            let operation = OPERATIONS.iter().find(|operation| operation.definition.ends_with(&format!("/{definition}"))).unwrap_or_else(|| panic!("{definition}"));
            assert!(!operation.parameters.contains(&name) && reason.starts_with(name), "{definition} {name}");
        }
    }
}
