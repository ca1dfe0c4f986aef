//! Being built.
pub(crate) struct Terminology;
