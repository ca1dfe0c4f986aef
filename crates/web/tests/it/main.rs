//! The tests of the pages, one program: each program more is linked by itself, which takes longer than its tests.

mod addenda;
mod as_signed;
mod address;
mod authorize;
mod births;
mod children;
mod common;
mod coverage;
mod desk;
mod forms;
mod growth;
mod institutions;
mod looks;
mod matrix;
mod own_forms;
mod pages;
mod papers;
mod passkeys;
mod persons;
mod proof;
mod register;
mod same;
mod signed;
mod taken_in;
mod watch;
mod words;
