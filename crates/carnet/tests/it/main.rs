//! The binary as it is shipped, on the engine it is shipped with.

#![allow(missing_docs)]

mod backup;
mod bulk;
mod check;
mod client;
mod drafts;
mod forms;
mod front;
mod growth;
mod handover;
mod import;
mod keys;
mod kill;
mod log;
mod overload;
mod package;
mod races;
mod round_trip;
mod site;
mod subscriptions;
mod terminology;
mod token;
mod user;
mod verify;
mod web;
mod witness;
