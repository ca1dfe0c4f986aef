//! The addresses and what answers at them.

pub mod fault;
pub mod find;
pub mod language;
pub mod person;
pub mod sign_in;
