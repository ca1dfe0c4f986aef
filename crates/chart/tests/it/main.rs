//! The tests of the chart, one program: each program more is linked by itself, which takes longer than its tests.

mod accounts;
mod agreement;
mod budgets;
mod check_keys;
mod check_tamper;
mod check_unlinkable;
mod door;
mod dump;
mod elsewhere;
mod erasure;
mod first;
mod frequency;
mod growth;
mod log;
mod merge;
mod paper_use;
mod passkeys;
mod persons;
mod recall;
mod transfer;
mod watch;
