//! What the sameness of two persons means: how likely it is, and why.
//!
//! ```text
//! Patient ──read──▶ Person ──blocks──▶ where others who may be the same are looked up
//!                      └───compare───▶ bits for and against, a score, a grade, the reasons
//! ```
//!
//! * The same two persons in the same population always give the same answer.
//! * A reason names a field, what was seen and how much it weighs; it never carries a value.
//! * What contradicts is never outvoted: twins, a number of somebody else and a number that
//!   differs keep a match from being certain, whatever else agrees.
//! * Nothing here knows a store, a clock, HTTP, or who is asking. Nothing here merges anybody.
//!
//! The model and its figures are told in `docs/mpi.md`.
#![forbid(unsafe_code)]

mod address;
mod birth;
mod block;
mod compare;
mod identifier;
mod name;
mod nickname;
mod person;
mod population;
mod ties;
mod word;

pub use block::{Block, Group, Key, blocks, traces};
pub use compare::{Comparison, Grade, Reason, compare};
pub use person::{Identifier, Name, Person};
pub use population::{LEAST_PERSONS, Population, UNCOUNTED};
pub use ties::{Ties, ties};
pub use word::{Likeness, Word};
