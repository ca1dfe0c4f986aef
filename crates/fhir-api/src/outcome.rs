//! Errors into statuses and OperationOutcomes; the only place that does it.
//!
//! * Every refusal has a body a program can read and a sentence a person can act on.
//! * Nothing here repeats a value of a resource or of a search: a message names places.
//! * What went wrong inside is told to the operator's log by the door, never to the caller.

use axum::body::Body;
use axum::http::header::{ALLOW, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{Response, StatusCode};
use fhir::splice::write_string;
use fhir::{Issue, IssueCode, Severity};
use std::fmt::Write;

/// Issues told at most; a body with ten thousand faults is mended from the top.
const ISSUES_TOLD: usize = 100;

/// The system of the rules that issues name, listed in docs/api.md.
pub(crate) const RULES: &str = "urn:carnet:rule";

/// A refusal on its way to the caller.
#[derive(Debug)]
pub(crate) struct Trouble {
    pub status: StatusCode,
    pub issues: Vec<Issue>,
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The version whose ETag goes along (a deletion names its tombstone).
    pub version: Option<u32>,
    /// For the operator's log, never for the caller.
    pub inside: Option<String>,
}

impl Trouble {
    /// One issue without a place.
    pub fn new(status: StatusCode, code: IssueCode, message: impl Into<String>) -> Trouble {
        Trouble::of(status, vec![Issue::error(code, "", message)])
    }

    fn of(status: StatusCode, issues: Vec<Issue>) -> Trouble {
        Trouble { status, issues, headers: Vec::new(), version: None, inside: None }
    }

    /// 400.
    pub fn malformed(code: IssueCode, message: impl Into<String>) -> Trouble {
        Trouble::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// 400 with issues found elsewhere.
    pub fn malformed_by(issues: Vec<Issue>) -> Trouble {
        Trouble::of(StatusCode::BAD_REQUEST, issues)
    }

    /// 404 for an address this server does not have.
    pub fn no_such_address(message: impl Into<String>) -> Trouble {
        Trouble::new(StatusCode::NOT_FOUND, IssueCode::NotSupported, message)
    }

    /// 405 with what is allowed instead.
    pub fn not_allowed(allow: &'static str) -> Trouble {
        let message = format!("This address does not take that method; it takes {allow}.");
        Trouble::new(StatusCode::METHOD_NOT_ALLOWED, IssueCode::NotSupported, message).with(ALLOW, HeaderValue::from_static(allow))
    }

    /// 401 with how to sign in.
    pub fn sign_in(message: &'static str) -> Trouble {
        let challenge = HeaderValue::from_static("Basic realm=\"Carnet\", charset=\"UTF-8\"");
        Trouble::new(StatusCode::UNAUTHORIZED, IssueCode::Login, message).with(WWW_AUTHENTICATE, challenge)
    }

    /// 401 for a token that is worth nothing. https://www.rfc-editor.org/rfc/rfc6750#section-3
    pub fn bad_token() -> Trouble {
        let challenge = HeaderValue::from_static("Bearer realm=\"Carnet\", error=\"invalid_token\"");
        Trouble::new(StatusCode::UNAUTHORIZED, IssueCode::Login, "The token is unknown, over or was taken back: get another.").with(WWW_AUTHENTICATE, challenge)
    }

    /// 401 for a token whose proof of a key is missing or wrong. https://www.rfc-editor.org/rfc/rfc9449#section-7.1
    pub fn bad_proof(message: &'static str) -> Trouble {
        let challenge = HeaderValue::from_static("DPoP realm=\"Carnet\", error=\"invalid_dpop_proof\", algs=\"ES256 ES384 EdDSA PS256 RS256 RS384\"");
        Trouble::new(StatusCode::UNAUTHORIZED, IssueCode::Login, message).with(WWW_AUTHENTICATE, challenge)
    }

    /// 429 or 503: come back in so many seconds.
    pub fn later(status: StatusCode, code: IssueCode, seconds: u32, message: &'static str) -> Trouble {
        Trouble::new(status, code, message).with(RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// 412 for a condition of the request that does not hold.
    pub fn condition_fails(message: impl Into<String>) -> Trouble {
        Trouble::new(StatusCode::PRECONDITION_FAILED, IssueCode::Conflict, message)
    }

    /// 500 with nothing about the inside.
    pub fn inside() -> Trouble {
        Trouble::new(StatusCode::INTERNAL_SERVER_ERROR, IssueCode::Exception, "The server failed to answer this request; its operator can find it by the request id.")
    }

    /// The same with one more header.
    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> Trouble {
        self.headers.push((name, value));
        self
    }

    /// The same, all its issues at that header or parameter (`http.If-Match`).
    pub fn at(mut self, place: &str) -> Trouble {
        for issue in &mut self.issues {
            issue.expression = place.to_owned();
        }
        self
    }

    /// Byte offsets become lines and columns of the received body.
    pub fn within(mut self, body: &[u8]) -> Trouble {
        find_positions(&mut self.issues, body);
        self
    }
}

impl From<chart::Error> for Trouble {
    fn from(cause: chart::Error) -> Trouble {
        use chart::Error::*;
        match cause {
            NotFound => Trouble::new(StatusCode::NOT_FOUND, IssueCode::NotFound, "There is no such resource."),
            Gone { version } => Trouble {
                version: Some(version),
                ..Trouble::new(StatusCode::GONE, IssueCode::Deleted, format!("The resource was deleted; its version {version} is the deletion."))
            },
            Malformed(issues) if issues.iter().any(|issue| issue.code == IssueCode::TooLong) => Trouble::of(StatusCode::PAYLOAD_TOO_LARGE, issues),
            Malformed(issues) => Trouble::of(StatusCode::BAD_REQUEST, issues),
            Invalid(issues) | Refused(issues) => Trouble::of(StatusCode::UNPROCESSABLE_ENTITY, issues),
            VersionMismatch { current: 0 } => Trouble::condition_fails("If-Match asks for a resource that is there, and it is not.").at("http.If-Match"),
            VersionMismatch { current } => Trouble {
                version: Some(current),
                ..Trouble::condition_fails(format!("The resource is at version {current}, not at the one the request expects; read it again and decide."))
            },
            MultipleMatches => Trouble::new(StatusCode::PRECONDITION_FAILED, IssueCode::MultipleMatches, "The condition finds more than one resource; make it more selective."),
            Conflict(what) => Trouble::new(StatusCode::CONFLICT, IssueCode::Conflict, what),
            TooCostly(issues) => Trouble::of(StatusCode::FORBIDDEN, issues),
            Forbidden => Trouble::new(StatusCode::FORBIDDEN, IssueCode::Forbidden, "This sign-in may not do that."),
            OverBudget { seconds, .. } => Trouble::later(
                StatusCode::TOO_MANY_REQUESTS,
                IssueCode::Throttled,
                seconds,
                "This would show more different persons within an hour than this account may open. Wait as long as Retry-After says; if the work needs it, the privacy officer of the institution lets the account open more today. In an emergency break the glass: that is never refused.",
            ),
            Entry { index, cause } => Trouble::from(*cause).in_entry(index),
            Store(cause) => Trouble { inside: Some(with_sources(&cause)), ..of_store(&cause) },
        }
        .never_empty()
    }
}

/// What failed may work again (a full disk that was cleared), or will not (damage).
fn of_store(cause: &store::Error) -> Trouble {
    match cause {
        store::Error::Engine(_) => Trouble::later(
            StatusCode::SERVICE_UNAVAILABLE,
            IssueCode::NoStore,
            5,
            "The store could not do it; nothing was acknowledged. Its operator can find the reason by the request id.",
        ),
        _ => Trouble::inside(),
    }
}

fn with_sources(cause: &dyn std::error::Error) -> String {
    let mut told = cause.to_string();
    let mut source = cause.source();
    while let Some(cause) = source {
        told.push_str(": ");
        told.push_str(&cause.to_string());
        source = cause.source();
    }
    told
}

impl Trouble {
    /// Tells the operator what the caller is not told. Errors of the store carry no content.
    pub fn log(&self, request_id: &str) {
        if let Some(inside) = &self.inside {
            tracing::error!(request = request_id, "a request failed: {inside}");
        }
    }

    /// The places of a resource inside an entry become places of the bundle.
    fn in_entry(mut self, index: usize) -> Trouble {
        for issue in &mut self.issues {
            issue.expression = match issue.expression.split_once(['.', '[']) {
                _ if issue.expression.starts_with("Bundle") => continue,
                Some((kind, _)) => format!("Bundle.entry[{index}].resource{}", &issue.expression[kind.len()..]),
                None if issue.expression.is_empty() => format!("Bundle.entry[{index}]"),
                None => format!("Bundle.entry[{index}].resource"),
            };
        }
        // A version belongs to one resource; the answer to a bundle has none.
        self.version = None;
        self
    }

    fn never_empty(mut self) -> Trouble {
        if self.issues.is_empty() {
            self.issues.push(Issue::error(IssueCode::Processing, "", "The request was refused."));
        }
        self
    }
}

/// The body of a refusal from before the face: too many requests, too much to do, or no such address.
pub fn refusal(status: StatusCode) -> Response<Body> {
    let message = match status {
        StatusCode::TOO_MANY_REQUESTS => "Too many requests from this address; wait as long as Retry-After says.",
        StatusCode::NOT_FOUND => "There is no such address in FHIR R4.",
        StatusCode::REQUEST_TIMEOUT => "The body came too slowly; send it again over a better connection.",
        _ => "There is too much to do just now; nothing was begun. Come again after Retry-After.",
    };
    let code = match status {
        StatusCode::NOT_FOUND => IssueCode::NotFound,
        StatusCode::REQUEST_TIMEOUT => IssueCode::Timeout,
        _ => IssueCode::Throttled,
    };
    let text = outcome("refused", &[Issue::error(code, "", message)]);
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/fhir+json; charset=utf-8"));
    response
}

/// The same issues, those with a byte offset in `body` with line and column too.
pub(crate) fn positioned(mut issues: Vec<Issue>, body: &[u8]) -> Vec<Issue> {
    find_positions(&mut issues, body);
    issues
}

/// Fills line and column of every issue that has a byte offset, in one walk over the body.
fn find_positions(issues: &mut [Issue], body: &[u8]) {
    let mut waiting: Vec<usize> = (0..issues.len()).filter(|place| issues[*place].position.is_none() && issues[*place].offset.is_some()).collect();
    waiting.sort_by_key(|place| issues[*place].offset);
    let (mut at, mut line, mut column) = (0, 1, 1);
    for place in waiting {
        let offset = issues[place].offset.unwrap_or_default().min(body.len());
        for byte in &body[at..offset] {
            match byte {
                b'\n' => (line, column) = (line + 1, 1),
                // The later bytes of a character do not move the column.
                0x80..=0xBF => {}
                _ => column += 1,
            }
        }
        at = offset;
        issues[place].position = Some((line, column));
    }
}

/// An OperationOutcome with these issues. `id` is the request's.
pub(crate) fn outcome(id: &str, issues: &[Issue]) -> String {
    let mut out = String::with_capacity(160 + issues.len().min(ISSUES_TOLD) * 200);
    out.push_str("{\"resourceType\":\"OperationOutcome\",\"id\":\"");
    out.push_str(id);
    out.push_str("\",\"issue\":[");
    for (place, issue) in issues.iter().take(ISSUES_TOLD).enumerate() {
        if place > 0 {
            out.push(',');
        }
        write_issue(issue, &mut out);
    }
    if issues.len() > ISSUES_TOLD {
        let message = format!("{} more issues are not listed.", issues.len() - ISSUES_TOLD);
        out.push(',');
        write_issue(&Issue { severity: Severity::Information, ..Issue::error(IssueCode::Incomplete, "", message) }, &mut out);
    }
    out.push_str("]}");
    out
}

/// An OperationOutcome that only says that all went well.
pub(crate) fn all_well(id: &str, message: &str, warnings: &[Issue]) -> String {
    let mut issues = Vec::with_capacity(warnings.len() + 1);
    issues.push(Issue { severity: Severity::Information, ..Issue::error(IssueCode::Informational, "", message) });
    issues.extend_from_slice(warnings);
    outcome(id, &issues)
}

fn write_issue(issue: &Issue, out: &mut String) {
    out.push('{');
    if let Some((line, column)) = issue.position {
        // https://hl7.org/fhir/R4/extension-operationoutcome-issue-line.html and its sister.
        let _ = write!(
            out,
            "\"extension\":[{{\"url\":\"http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-line\",\"valueInteger\":{line}}},\
             {{\"url\":\"http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-col\",\"valueInteger\":{column}}}],"
        );
    }
    let _ = write!(out, "\"severity\":\"{}\",\"code\":\"{}\"", issue.severity.code(), issue.code.code());
    if !issue.rule.is_empty() {
        let _ = write!(out, ",\"details\":{{\"coding\":[{{\"system\":\"{RULES}\",\"code\":");
        write_string(&issue.rule, out);
        out.push_str("}]}");
    }
    if !issue.message.trim().is_empty() {
        out.push_str(",\"diagnostics\":");
        write_string(&issue.message, out);
    }
    // A header or a parameter is a location, never an expression.
    // https://hl7.org/fhir/R4/operationoutcome-definitions.html#OperationOutcome.issue.location
    let of_http = issue.expression.starts_with("http.");
    match issue.position {
        Some((line, column)) => {
            let _ = write!(out, ",\"location\":[\"line {line}, column {column}\"]");
        }
        None if of_http => {
            out.push_str(",\"location\":[");
            write_string(&issue.expression, out);
            out.push(']');
        }
        None => {}
    }
    if !of_http && !issue.expression.is_empty() {
        out.push_str(",\"expression\":[");
        write_string(&issue.expression, out);
        out.push(']');
    }
    out.push('}');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cause: chart::Error, status: u16, code: &str) {
        let told = format!("{cause:?}");
        let trouble = Trouble::from(cause);
        assert_eq!((trouble.status.as_u16(), trouble.issues[0].code.code()), (status, code), "{told}");
    }

    #[test]
    fn each_error_has_its_status_and_its_code() {
        use chart::Error::*;
        let issues = || vec![Issue::error(IssueCode::Required, "Patient.link[0].other", "missing")];
        check(NotFound, 404, "not-found");
        check(Gone { version: 3 }, 410, "deleted");
        check(Malformed(issues()), 400, "required");
        check(Malformed(vec![]), 400, "processing");
        check(Malformed(vec![Issue::error(IssueCode::TooLong, "", "")]), 413, "too-long");
        check(Invalid(issues()), 422, "required");
        check(Refused(vec![]), 422, "processing");
        check(VersionMismatch { current: 2 }, 412, "conflict");
        check(VersionMismatch { current: 0 }, 412, "conflict");
        check(MultipleMatches, 412, "multiple-matches");
        check(Conflict("someone was first"), 409, "conflict");
        check(TooCostly(vec![Issue::error(IssueCode::TooCostly, "", "")]), 403, "too-costly");
        check(Forbidden, 403, "forbidden");
        check(OverBudget { listed: false, scope: chart::Scope::Account, seconds: 60 }, 429, "throttled");
        check(Store(store::Error::Damaged("a head")), 500, "exception");
        check(Entry { index: 1, cause: Box::new(MultipleMatches) }, 412, "multiple-matches");
    }

    #[test]
    fn an_issue_of_an_entry_is_placed_in_the_bundle() {
        let cases = [("Patient.name[0].family", "Bundle.entry[4].resource.name[0].family"), ("", "Bundle.entry[4]"), ("Patient", "Bundle.entry[4].resource"), ("Bundle.entry[4].request", "Bundle.entry[4].request")];
        for (inside, outside) in cases {
            let cause = chart::Error::Invalid(vec![Issue::error(IssueCode::Value, inside, "x")]);
            let trouble = Trouble::from(chart::Error::Entry { index: 4, cause: Box::new(cause) });
            assert_eq!(trouble.issues[0].expression, outside);
        }
    }

    #[test]
    fn offsets_become_lines_and_columns_of_characters() {
        let body = "{\n \"é\": x\n}".as_bytes();
        let at = |offset| Issue::error(IssueCode::Value, "", "").at(offset);
        let mut issues = vec![at(9), at(0), at(500), at(2)];
        find_positions(&mut issues, body);
        let found: Vec<_> = issues.iter().map(|issue| issue.position.unwrap()).collect();
        assert_eq!(found, [(2, 7), (1, 1), (3, 2), (2, 1)]);
    }

    #[test]
    fn an_outcome_names_the_request_the_place_and_the_line() {
        let mut issue = Issue::error(IssueCode::Value, "Patient.birthDate", "not a \"date\"");
        issue.position = Some((3, 5));
        let text = outcome("r-1", &[issue, Issue::error(IssueCode::NotSupported, "http.Accept", "only JSON")]);
        assert_eq!(
            text,
            "{\"resourceType\":\"OperationOutcome\",\"id\":\"r-1\",\"issue\":[{\"extension\":[{\"url\":\"http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-line\",\"valueInteger\":3},{\"url\":\"http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-col\",\"valueInteger\":5}],\"severity\":\"error\",\"code\":\"value\",\"diagnostics\":\"not a \\\"date\\\"\",\"location\":[\"line 3, column 5\"],\"expression\":[\"Patient.birthDate\"]},{\"severity\":\"error\",\"code\":\"not-supported\",\"diagnostics\":\"only JSON\",\"location\":[\"http.Accept\"]}]}"
        );
    }

    #[test]
    fn a_thousand_issues_are_told_as_a_hundred() {
        let issues = vec![Issue::error(IssueCode::Value, "", "x"); 1000];
        let text = outcome("r", &issues);
        assert_eq!(text.matches("\"severity\"").count(), 101);
        assert!(text.contains("900 more issues"));
    }
}
