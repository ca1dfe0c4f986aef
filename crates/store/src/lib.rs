//! The promise an engine keeps, and the record written on top of it.
//!
//! * [`engine`] is the promise: sorted bytes, atomic batches, views that stand still.
//! * [`memory`] keeps it in memory, slowly and obviously; it is the oracle of the others.
//! * [`contract`] is the proof every engine must pass.
#![forbid(unsafe_code)]

pub mod batch;
pub mod contract;
pub mod engine;
pub mod memory;
