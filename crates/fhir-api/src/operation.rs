//! Operations: addresses that begin with a dollar sign.

pub(crate) mod everything;
