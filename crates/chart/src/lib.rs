//! The one door: every act on a record.
//!
//! A [`Chart`] authorises, validates, writes and leaves the trace, in one transaction.
//!
//! * Nothing reads or writes a record except through here, with a decision from `access`.
//! * Every person disclosed leaves an opening on disk before anything is returned.
//! * A write is on disk, whole, before it is acknowledged.
//! * Nothing here knows HTTP, HTML or an engine.

#![forbid(unsafe_code)]

mod error;
mod stored;

pub use error::{Error, Result};
pub use stored::{Hit, HistoryEntry, Method, Page, SearchMode, Stored, Written, WrittenAs};
