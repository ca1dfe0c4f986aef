//! What a document means: which part of a record a summary holds, and how it reads.
//!
//! * A document is a pure function of the record's trees, a moment and a reader's language.
//! * What the record says is copied token for token; what it does not say is said to be not known.
//! * Clinical words stay as they were received; only our own are in the reader's language.
//! * Nothing here knows a store, a clock, HTTP, or who is asking.

#![forbid(unsafe_code)]

pub mod ips;
pub mod language;
pub mod words;

mod reading;
mod shorn;
