//! What a FHIR query means: read as data, matched against the tree, narrowed by postings.
//!
//! ```text
//! text ──query──▶ Query ──matcher──▶ yes or no for a resource     (the truth)
//!                   └────plan──────▶ which terms to look up       (may only narrow)
//! resource ──terms──▶ the terms it is found by
//! ```
//!
//! * **The matcher is the truth.** Terms and plans never decide; a test shows that a resource
//!   which matches is always among what the plan names.
//! * What is not understood is refused, or dropped by name where the caller is lenient.
//! * Terms are part of the disk format: the same resource always has the same ones.
//! * Nothing here knows a store, a clock, HTTP, or who is asking.

#![forbid(unsafe_code)]

pub mod capability;
mod certain;
pub mod compartment;
mod custom;
mod decimal;
mod filter;
pub mod include;
mod indexed;
pub mod link;
mod magnitude;
pub mod matcher;
pub mod parameter;
pub mod parameter_id;
mod part;
pub mod path;
pub mod plan;
pub mod query;
mod same;
pub mod sort;
pub mod summary;
pub mod terms;
mod text;
pub mod wanted;
mod words;

pub use certain::{Certain, Sole, certain};
pub use custom::{Custom, MOST_CUSTOM, Own};
pub use filter::Filter;
pub use include::Include;
pub use terminology::fold;
pub use link::{Link, MOST_LINKS, NoWorld, Together, What, World, holds_resources};
pub use matcher::{Matcher, Meta};
pub use parameter_id::{LAST_MONTH, ParameterId, SPANNING, UNDATED};
pub use part::{Members, PART_OF, WHOLES, Way};
pub use plan::{Buckets, Plan, TermQuery, beginnings, compartment_term, dating, plan, plan_contained};
pub use parameter::{Parameter, parameter, parameters};
pub use query::{Contained, Criterion, Handling, Modifier, Query, QueryContext, Summary, Total};
pub use same::Others;
pub use summary::{Part, elements_of, has_element, write_part};
pub use terms::{Term, each_main_code, terms};
pub use text::{encode_into, split_query};
