//! What is wrong with a resource or a request, told so that the sender can mend it.

/// How bad it is (FHIR IssueSeverity).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[allow(missing_docs)]
pub enum Severity { Information, Warning, Error, Fatal }

impl Severity {
    /// FHIR's code.
    pub fn code(self) -> &'static str {
        match self {
            Severity::Information => "information",
            Severity::Warning => "warning",
            Severity::Error => "error",
            Severity::Fatal => "fatal",
        }
    }
}

/// The kind of trouble (FHIR IssueType, as far as Carnet says it).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[allow(missing_docs)]
pub enum IssueCode {
    Invalid, Structure, Required, Value, Invariant, CodeInvalid, Extension, NotSupported, NotFound, Deleted,
    Duplicate, MultipleMatches, Conflict, BusinessRule, TooLong, TooCostly, Security, Login, Forbidden, Expired,
    Processing, Throttled, Timeout, Exception, Informational, Incomplete, LockError, NoStore,
}

impl IssueCode {
    /// FHIR's code.
    pub fn code(self) -> &'static str {
        match self {
            IssueCode::Invalid => "invalid",
            IssueCode::Structure => "structure",
            IssueCode::Required => "required",
            IssueCode::Value => "value",
            IssueCode::Invariant => "invariant",
            IssueCode::CodeInvalid => "code-invalid",
            IssueCode::Extension => "extension",
            IssueCode::NotSupported => "not-supported",
            IssueCode::NotFound => "not-found",
            IssueCode::Deleted => "deleted",
            IssueCode::Duplicate => "duplicate",
            IssueCode::MultipleMatches => "multiple-matches",
            IssueCode::Conflict => "conflict",
            IssueCode::BusinessRule => "business-rule",
            IssueCode::TooLong => "too-long",
            IssueCode::TooCostly => "too-costly",
            IssueCode::Security => "security",
            IssueCode::Login => "login",
            IssueCode::Forbidden => "forbidden",
            IssueCode::Expired => "expired",
            IssueCode::Processing => "processing",
            IssueCode::Throttled => "throttled",
            IssueCode::Timeout => "timeout",
            IssueCode::Exception => "exception",
            IssueCode::Informational => "informational",
            IssueCode::Incomplete => "incomplete",
            IssueCode::LockError => "lock-error",
            IssueCode::NoStore => "no-store",
        }
    }
}

/// One thing that is wrong. Never contains a value of the resource: it names the place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Issue {
    /// How bad.
    pub severity: Severity,
    /// What kind.
    pub code: IssueCode,
    /// What is wrong and what to do, in English.
    pub message: String,
    /// FHIRPath of the place: `Patient.name[0].family`; empty where there is none.
    pub expression: String,
    /// Byte offset in the received text; the face turns it into line and column.
    pub offset: Option<usize>,
    /// Line and column in the received text, once known.
    pub position: Option<(u32, u32)>,
    /// The rule that is broken, as programs know it and as it stays: an invariant's key (`obs-7`)
    /// or a word of ours (`cardinality-min`, listed in docs/api.md). Empty where there is none.
    pub rule: String,
}

impl Issue {
    /// An error at a place.
    pub fn error(code: IssueCode, expression: impl Into<String>, message: impl Into<String>) -> Issue {
        Issue { severity: Severity::Error, code, message: message.into(), expression: expression.into(), offset: None, position: None, rule: String::new() }
    }

    /// A warning at a place.
    pub fn warning(code: IssueCode, expression: impl Into<String>, message: impl Into<String>) -> Issue {
        Issue { severity: Severity::Warning, ..Issue::error(code, expression, message) }
    }

    /// Something worth knowing.
    pub fn information(code: IssueCode, expression: impl Into<String>, message: impl Into<String>) -> Issue {
        Issue { severity: Severity::Information, ..Issue::error(code, expression, message) }
    }

    /// The same issue with its byte offset.
    pub fn at(self, offset: usize) -> Issue {
        Issue { offset: Some(offset), ..self }
    }

    /// The same issue with the rule it breaks.
    pub fn of_rule(self, rule: impl Into<String>) -> Issue {
        Issue { rule: rule.into(), ..self }
    }

    /// True for errors and fatal ones: what keeps a resource out.
    pub fn is_error(&self) -> bool {
        self.severity >= Severity::Error
    }
}

impl From<&crate::ReadError> for Issue {
    fn from(cause: &crate::ReadError) -> Issue {
        Issue {
            severity: Severity::Fatal,
            code: if cause.problem == crate::json::Problem::TooLarge { IssueCode::TooLong } else { IssueCode::Structure },
            message: format!("The JSON could not be read: {} (line {}, column {}).", cause.problem, cause.line, cause.column),
            expression: cause.element.clone(),
            offset: Some(cause.offset),
            position: Some((cause.line, cause.column)),
            rule: "json".to_owned(),
        }
    }
}
