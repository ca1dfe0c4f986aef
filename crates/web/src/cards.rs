//! The blocks of a record's pages, each a pure reading of the record.

pub mod due;
pub mod emergency;
pub mod medicines;
pub mod problems;
pub mod results;
pub mod sources;
pub mod story;
pub mod visit;
pub mod vitals;
