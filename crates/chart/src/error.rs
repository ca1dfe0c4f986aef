//! Why an act was refused or failed, by what the caller can do about it.

use fhir::Issue;

/// The result of an act.
pub type Result<T> = std::result::Result<T, Error>;

/// A refusal or a failure. Never carries a name, an identifier or a diagnosis.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such thing, or not for this caller: 404.
    #[error("there is no such resource")]
    NotFound,
    /// It was deleted; its last version is named: 410.
    #[error("the resource was deleted; version {version} says so")]
    Gone {
        /// The tombstone's version.
        version: u32,
    },
    /// The text or a parameter could not be read: 400.
    #[error("the request could not be read")]
    Malformed(Vec<Issue>),
    /// Read, but not a valid resource: 422 (400 where the type itself is wrong).
    #[error("the resource breaks the rules of FHIR R4")]
    Invalid(Vec<Issue>),
    /// If-Match names another version: 412.
    #[error("the resource is at version {current}, not at the one If-Match names")]
    VersionMismatch {
        /// What it is at.
        current: u32,
    },
    /// A condition that must find at most one found several: 412.
    #[error("the condition finds more than one resource")]
    MultipleMatches,
    /// Somebody else holds the same unique identifier or wrote first: 409.
    #[error("{0}")]
    Conflict(&'static str),
    /// Understood and refused by a rule of the record (a home that would change…): 422.
    #[error("the record's rules refuse this")]
    Refused(Vec<Issue>),
    /// A request that would cost more than is allowed: 403 too-costly.
    #[error("the query would read too much")]
    TooCostly(Vec<Issue>),
    /// The caller may not do this at all: 403.
    #[error("not permitted")]
    Forbidden,
    /// More different persons within an hour than may be opened: 429. The privacy officer can let
    /// the account open more today.
    #[error("more different persons than may be opened within an hour")]
    OverBudget {
        /// They would have been listed by a search, not opened.
        listed: bool,
        /// Whose limit it is.
        scope: crate::budget::Scope,
        /// In how many seconds there is room again, at the earliest.
        seconds: u32,
    },
    /// One entry of a transaction was refused; nothing was written.
    #[error("entry {index} of the transaction was refused")]
    Entry {
        /// From 0.
        index: usize,
        /// Why.
        #[source]
        cause: Box<Error>,
    },
    /// The store failed or found damage: 500 or 503.
    #[error("the store could not do it")]
    Store(#[from] store::Error),
}

impl Error {
    /// The issues it carries, if it does.
    pub fn issues(&self) -> &[Issue] {
        match self {
            Error::Malformed(issues) | Error::Invalid(issues) | Error::Refused(issues) | Error::TooCostly(issues) => issues,
            Error::Entry { cause, .. } => cause.issues(),
            _ => &[],
        }
    }
}
