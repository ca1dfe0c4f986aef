//! The addresses and what answers at them.

pub mod account;
pub mod accounts;
pub mod agreements;
pub mod authorize;
pub mod certificate;
pub mod activate;
pub mod consents;
pub mod fault;
pub mod find;
pub mod forms;
pub mod glass;
pub mod language;
pub mod launch;
pub mod new_password;
pub mod openings;
pub mod overdue;
pub mod passkeys;
pub mod person;
pub mod programs;
pub mod provider;
pub mod questions;
pub mod same;
pub mod second_factor;
pub mod sign_in;
pub mod trust;
pub mod unusual;
