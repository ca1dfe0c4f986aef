//! What an import found wrong, in bytes: beside a resource it kept, or in place of one it refused.

use fhir::{Issue, IssueCode, Severity};

/// Their places are on disk: codes are added, never moved.
const CODES: &[IssueCode] = &[
    IssueCode::Processing, IssueCode::Invalid, IssueCode::Structure, IssueCode::Required, IssueCode::Value,
    IssueCode::Invariant, IssueCode::CodeInvalid, IssueCode::Extension, IssueCode::NotSupported, IssueCode::BusinessRule,
    IssueCode::TooLong, IssueCode::NotFound, IssueCode::Duplicate, IssueCode::Incomplete, IssueCode::Informational,
    IssueCode::Conflict, IssueCode::MultipleMatches, IssueCode::Security, IssueCode::Forbidden, IssueCode::Timeout,
    IssueCode::TooCostly, IssueCode::Deleted, IssueCode::Login, IssueCode::Expired, IssueCode::Throttled,
    IssueCode::Exception, IssueCode::LockError, IssueCode::NoStore,
];

/// One line an issue: severity, code, place, message, rule, separated by a byte no text contains.
pub fn write(issues: &[Issue]) -> Vec<u8> {
    let mut out = Vec::new();
    for issue in issues {
        out.push(b'0' + issue.severity as u8);
        out.push(b'A' + CODES.iter().position(|code| *code == issue.code).unwrap_or(0) as u8);
        for part in [&issue.expression, &issue.message, &issue.rule] {
            out.extend(part.bytes().filter(|byte| *byte > 2));
            out.push(1);
        }
        out.push(2);
    }
    out
}

/// The reverse of [`write`].
pub fn read(bytes: &[u8]) -> Vec<Issue> {
    bytes.split(|byte| *byte == 2).filter(|line| line.len() > 2).map(read_line).collect()
}

fn read_line(line: &[u8]) -> Issue {
    let severity = match line[0] {
        b'0' => Severity::Information,
        b'1' => Severity::Warning,
        b'3' => Severity::Fatal,
        _ => Severity::Error,
    };
    let code = CODES.get(line[1].wrapping_sub(b'A') as usize).copied().unwrap_or(IssueCode::Processing);
    let mut parts = line[2..].split(|byte| *byte == 1).map(|part| String::from_utf8_lossy(part).into_owned());
    let expression = parts.next().unwrap_or_default();
    let message = parts.next().unwrap_or_default();
    // Stores written before 0.2 have no rule here.
    let rule = parts.next().unwrap_or_default();
    Issue { severity, code, message, expression, offset: None, position: None, rule }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issues_come_back_as_they_were() {
        let issues = vec![
            Issue::error(IssueCode::Required, "Patient.name", "is missing; add it").of_rule("required"),
            Issue::warning(IssueCode::Invariant, "", "é"),
            Issue::error(IssueCode::TooCostly, "", "too many lines"),
            Issue::error(IssueCode::NoStore, "", "no room"),
        ];
        assert_eq!(read(&write(&issues)), issues);
        assert!(read(b"").is_empty());
    }
}
