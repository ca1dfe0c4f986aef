//! The promise an engine keeps, and the record written on top of it.
//!
//! * [`engine`] is the promise: sorted bytes, atomic batches, views that stand still.
//! * [`memory`] keeps it in memory, slowly and obviously; it is the oracle of the others.
//! * [`contract`] is the proof every engine must pass.
//! * [`Store`] is the record on top of an engine: sealed values, heads, postings, locators,
//!   claims and the log. It discloses nothing without a [`access::Permitted`].
//! * Nothing here knows FHIR's meaning, a query or a wire.
#![forbid(unsafe_code)]

pub mod batch;
pub mod contract;
pub mod engine;
pub mod flaws;
pub mod memory;

mod browse;
mod chance;
mod check;
mod drawer;
mod entry;
mod erase;
mod error;
mod head;
mod index;
mod keyring;
mod layout;
mod log;
mod openings;
mod postings;
mod read;
mod rotation;
mod store;
mod tick;
mod write;

pub use browse::Browse;
pub use check::{Checked, Finding, MOST_FINDINGS, Meaning};
pub use drawer::Drawer;
pub use entry::{EntryRef, Method};
pub use erase::{Erased, ErasedRecord, GuestsOf};
pub use error::{Error, Refused};
pub use head::{Class, Head};
pub use log::{CommitLine, VersionLine};
pub use openings::OpeningLine;
pub use postings::{Lists, Posting, Probe};
pub use read::{Location, OwnedTerm, Term};
pub use rotation::KeyNames;
pub use store::{FORMAT, NoteChange, Shape, Store};
pub use tick::Tick;
pub use write::{Change, Claim, Prepared};
