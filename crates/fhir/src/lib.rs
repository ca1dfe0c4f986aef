//! What a record is: the resource as a tree over its received tokens, partial dates,
//! references, ids, homes, issues, and the R4 definitions as a table.
//!
//! * A resource is its JSON text; the tree only points into it, so member order,
//!   decimal text and unknown extensions survive whatever we do.
//! * A date keeps the precision it came with.
//! * Nothing here knows time, chance, disk or network, nor who is asking.

#![forbid(unsafe_code)]

pub mod date;
pub mod definitions;
pub mod home;
pub mod issue;
pub mod json;
pub mod reference;
pub mod resource_type;
pub mod splice;

pub use date::{Moment, PartialDateTime};
pub use issue::{Issue, IssueCode, Severity};
pub use json::{Document, Kind, Limits, ReadError, Value};
pub use reference::{Reference, is_id};
pub use resource_type::ResourceType;
