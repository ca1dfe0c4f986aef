//! The issues found so far, at most a hundred of them.

use crate::place::Place;
use fhir::{Issue, IssueCode, Severity};

/// Issues told one by one; what comes after is only counted.
pub const MOST_ISSUES: usize = 100;

#[derive(Default)]
pub(crate) struct Findings {
    issues: Vec<Issue>,
    further: usize,
    further_errors: usize,
}

impl Findings {
    pub(crate) fn error(&mut self, code: IssueCode, place: &Place<'_>, offset: usize, message: impl Into<String>) {
        self.add(Severity::Error, code, place, offset, message);
    }

    pub(crate) fn add(&mut self, severity: Severity, code: IssueCode, place: &Place<'_>, offset: usize, message: impl Into<String>) {
        if self.issues.len() >= MOST_ISSUES {
            self.further += 1;
            // Warnings make room for errors.
            match self.issues.iter().rposition(|issue| !issue.is_error()) {
                Some(warning) if severity >= Severity::Error => drop(self.issues.remove(warning)),
                _ => {
                    self.further_errors += usize::from(severity >= Severity::Error);
                    return;
                }
            }
        }
        self.issues.push(Issue { severity, ..Issue::error(code, place.expression(), message) }.at(offset));
    }

    /// How many so far.
    pub(crate) fn count(&self) -> usize {
        self.issues.len() + self.further
    }

    /// True once nothing more will be told; a walk over a hostile resource may stop looking.
    pub(crate) fn is_full(&self) -> bool {
        self.further >= 10_000
    }

    /// All issues, in the order of the resource, and a last one that counts the rest.
    pub(crate) fn finish(mut self, root: &str) -> Vec<Issue> {
        if self.further > 0 {
            let severity = if self.further_errors > 0 { Severity::Error } else { Severity::Warning };
            let message = format!("There are {} further issues; mend these and send the resource again.", self.further);
            self.issues.push(Issue { severity, ..Issue::error(IssueCode::Incomplete, root, message) });
        }
        self.issues
    }
}
