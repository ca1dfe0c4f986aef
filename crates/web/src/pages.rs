//! The addresses and what answers at them.

pub mod account;
pub mod accounts;
pub mod authorize;
pub mod activate;
pub mod fault;
pub mod find;
pub mod forms;
pub mod glass;
pub mod language;
pub mod launch;
pub mod new_password;
pub mod openings;
pub mod overdue;
pub mod person;
pub mod programs;
pub mod second_factor;
pub mod sign_in;
pub mod trust;
pub mod unusual;
