//! The pages of the record: sign in, find a person, read the chart.
//!
//! * Pages are written on the server, work without script and speak four languages.
//! * What a page shows is a pure reading of what the door gave out; nothing else is asked.
//! * No name, identifier or diagnosis stands in an address, a log or the title of an error.
//! * Nothing inline: no script, no style, nothing from elsewhere. The policy says so to browsers.
//! * Nothing here knows an engine, a key or a country's rules.
//!
//! The example `preview` shows the pages over synthetic people, `measure` says what they cost, and
//! `tests/browser` at the root of the house drives them in a browser.

#![forbid(unsafe_code)]

pub mod address;
pub mod banner;
pub mod card;
pub mod cards;
pub mod coverage;
pub mod door;
pub mod form;
pub mod growth;
mod kept;
mod likeness;
pub mod overdue;
pub mod overview;
pub mod record;
pub mod timeline;
pub mod vaccinations;
pub mod voice;
pub mod words;

mod assets;
mod browser;
mod document;
mod figure;
mod find;
mod frame;
mod house;
mod mine;
mod narrative;
mod openings;
mod pages;
mod picture;
mod plain;
mod press;
mod rail;
mod series;
mod session;
mod signing;
mod units;

pub use house::{Settings, Web, refusal, router, router_of, urgency};
pub use press::Press;
