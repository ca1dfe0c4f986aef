//! What a record is: the resource as a tree over its received tokens, partial dates,
//! references, ids, homes, issues, and the R4 definitions as a table.
//!
//! * A resource is its JSON text; the tree only points into it, so member order,
//!   decimal text and unknown extensions survive whatever we do.
//! * A date keeps the precision it came with.
//! * Nothing here knows time, chance, disk or network, nor who is asking.

#![forbid(unsafe_code)]

pub mod base64;
pub mod date;
pub mod definitions;
pub mod happened;
pub mod home;
pub mod issue;
pub mod json;
pub mod life;
pub mod reference;
pub mod resource_type;
pub mod shown;
pub mod splice;

pub use date::{Moment, PartialDateTime};
pub use issue::{Issue, IssueCode, Severity};
pub use json::{Document, Kind, Limits, ReadError, Value};
pub use definitions::r4;
pub use reference::{Reference, is_id};
pub use resource_type::ResourceType;

/// The random number of a record: one person's lifelong record, or the record of a thing
/// that belongs to no single person. Its first byte is its shard.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(pub u64);

impl RecordId {
    /// The shard the record and its postings share.
    pub fn shard(self) -> u8 {
        self.0.to_be_bytes()[0]
    }
}

impl std::fmt::Debug for RecordId {
    /// Record ids appear in logs of the operator; they are random and name nobody.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "record {:016x}", self.0)
    }
}
