//! Pages for paper: what a completed or signed document looks like as PDF/A-2.
//!
//! ```text
//! Paper (words, in the reader's language) ─▶ lines, rows, sheets by a template ─▶ PDF/A-2a, the same bytes each time
//! ```
//!
//! * A paper is data, and a template is data too: numbers and an order, no program.
//! * A template that was published is never altered: what changes is a new one beside it. So an old
//!   document looks as it did when it was signed.
//! * The same paper, template and moment give the same bytes.
//! * No letter is dropped: what no face has is drawn by its number, and read as what it was.
//! * Nothing here knows a store, a form, a clock, or who is asking.
//!
//! Why so: docs/decisions/2026-11-29-papers-are-set-by-a-small-press.md.

#![forbid(unsafe_code)]

mod code;
mod face;
mod layout;
mod line;
mod paper;
mod press;
mod template;

pub use paper::{Added, Answer, Copy, Field, Language, Paper, Part, Signed};
pub use press::{PrintError, print};
pub use template::{CERTIFICATE, FORM, Template, template, templates};
