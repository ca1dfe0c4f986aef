//! Who sets papers.
//!
//! What a document looks like on paper, and in which words, is known where pages are; who asks for one over another
//! wire asks through this. Whatever the wire, a paper passes the door and leaves its line in the log.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use access::Caller;

use crate::error::Error;
use crate::forms::Filled;

/// Why there is no paper.
#[derive(Debug, thiserror::Error)]
pub enum PressError {
    /// The door refuses it.
    #[error(transparent)]
    Door(#[from] Error),
    /// It may still change, so it is none for paper.
    #[error("what may still change is not for paper")]
    NotFinal,
    /// It could not be set. Says nothing of what stands on it.
    #[error("the paper could not be made: {0}")]
    Failed(String),
}

/// A paper that is being set.
pub type Pressing<'a> = Pin<Box<dyn Future<Output = Result<Vec<u8>, PressError>> + Send + 'a>>;

/// Sets papers as PDF/A.
pub trait Press: fmt::Debug + Send + Sync {
    /// A version of a document, in one of the languages of the house; in another, that of the site. `site` is its
    /// address as whoever asks knows it.
    fn document<'a>(&'a self, caller: &'a Caller, filled: Filled, language: &'a str, site: &'a str) -> Pressing<'a>;
}
