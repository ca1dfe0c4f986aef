//! What a person is due: vaccinations by the calendar of a country, examinations of children,
//! milestones of their development, and how a child's growth stands.
//!
//! * Every statement carries its reason as a value; the faces put it into words.
//! * The same facts always give the same answer: the day of today is one of them.
//! * A rule that no source confirms is marked as a proposal.
//! * Nothing here knows a store, a clock, a wire or a language.
#![forbid(unsafe_code)]

pub mod card;
pub mod day;
pub mod examination;
pub mod growth;
pub mod immunisation;
pub mod milestone;
pub mod record;

pub use day::Day;
