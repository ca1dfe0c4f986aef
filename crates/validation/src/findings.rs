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
    errors: usize,
}

/// Findings about to be told of a rule that programs know by name.
pub(crate) struct Ruled<'f> {
    findings: &'f mut Findings,
    rule: String,
}

impl Ruled<'_> {
    pub(crate) fn error(self, code: IssueCode, place: &Place<'_>, offset: usize, message: impl Into<String>) {
        self.add(Severity::Error, code, place, offset, message);
    }

    pub(crate) fn add(self, severity: Severity, code: IssueCode, place: &Place<'_>, offset: usize, message: impl Into<String>) {
        self.findings.keep(self.rule, severity, code, place, offset, message.into());
    }
}

impl Findings {
    pub(crate) fn error(&mut self, code: IssueCode, place: &Place<'_>, offset: usize, message: impl Into<String>) {
        self.add(Severity::Error, code, place, offset, message);
    }

    /// What is told next is of this rule: an invariant's key, or a word listed in docs/api.md.
    pub(crate) fn ruled(&mut self, rule: &str) -> Ruled<'_> {
        Ruled { findings: self, rule: rule.to_owned() }
    }

    /// An issue of R4's own rules: its rule is the key at the end of the message, or its kind.
    pub(crate) fn add(&mut self, severity: Severity, code: IssueCode, place: &Place<'_>, offset: usize, message: impl Into<String>) {
        let message = message.into();
        let rule = key_of(&message).unwrap_or_else(|| code.code()).to_owned();
        self.keep(rule, severity, code, place, offset, message);
    }

    fn keep(&mut self, rule: String, severity: Severity, code: IssueCode, place: &Place<'_>, offset: usize, message: String) {
        self.errors += usize::from(severity >= Severity::Error);
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
        self.issues.push(Issue { severity, ..Issue::error(code, place.expression(), message) }.at(offset).of_rule(rule));
    }

    /// True if one of them is an error.
    pub(crate) fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// How many errors so far, told or only counted. What is a warning spoils no further look.
    pub(crate) fn error_count(&self) -> usize {
        self.errors
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
            self.issues.push(Issue { severity, ..Issue::error(IssueCode::Incomplete, root, message).of_rule("incomplete") });
        }
        self.issues
    }
}

/// `obs-7` of a message that ends with `(obs-7).`: what R4 calls the invariant.
fn key_of(message: &str) -> Option<&str> {
    let key = message.strip_suffix(").")?.rsplit('(').next()?;
    let (word, number) = key.rsplit_once('-')?;
    let is_key = word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-') && number.bytes().next().is_some_and(|byte| byte.is_ascii_digit());
    is_key.then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_counted_whatever_becomes_of_them_and_warnings_are_not() {
        let (mut findings, place) = (Findings::default(), Place::root("Patient"));
        for _ in 0..MOST_ISSUES + 5 {
            findings.add(Severity::Warning, IssueCode::Structure, &place, 0, "It could be better.");
        }
        assert_eq!((findings.error_count(), findings.has_errors()), (0, false));
        for count in 1..=MOST_ISSUES + 5 {
            findings.error(IssueCode::Structure, &place, 0, "It is wrong.");
            assert_eq!((findings.error_count(), findings.has_errors()), (count, true));
        }
    }

    #[test]
    fn the_key_of_an_invariant_stands_at_the_end() {
        let check = |message: &str, key: Option<&str>| assert_eq!(key_of(message), key, "{message}");
        check("An object may not be empty (ele-1).", Some("ele-1"));
        check("Codes shall differ (obs-7).", Some("obs-7"));
        check("A key of two words (us-core-2).", Some("us-core-2"));
        check("This element must occur at least 2 times.", None);
        check("It is wrong (see there).", None);
    }
}
