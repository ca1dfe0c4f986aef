//! Forms as data: what a Questionnaire asks, what was answered, and what follows from it.
//!
//! ```text
//! Questionnaire ──▶ Form ──▶ begin ──▶ Filling ──▶ settle ──▶ lay_out ──▶ a page
//!                     ▲                   │                       │
//!                   sheet                 └────── complete ───────┴──▶ QuestionnaireResponse ──▶ extract
//! ```
//!
//! * A form is data: a new one needs no code. One that others wrote works as well as ours.
//! * A draft keeps whatever was typed, also what is no answer; only what is complete is checked as a whole.
//! * An answer that came out of the record says so until somebody has confirmed it.
//! * The same form, answers and surroundings give the same result; expressions are bounded.
//! * Nothing here knows a store, a clock, a page, or who is asking.
//!
//! <https://hl7.org/fhir/R4/questionnaire.html> and the part of
//! <https://build.fhir.org/ig/HL7/sdc/> that docs/forms.md lists.

#![forbid(unsafe_code)]

mod address;
mod answer;
mod begin;
mod budget;
mod carry;
mod choices;
mod complete;
mod enable;
mod evaluate;
pub mod extract;
mod fault;
mod filler;
mod filling;
mod form;
mod item;
mod json;
mod layout;
mod said;
pub mod sheet;
mod typed;
mod whom;

pub use answer::{Absent, Answer, Coding, Datum, Quantity, Reference};
pub use begin::{Begun, begin, begun};
pub use carry::carried;
pub use choices::{choices, holds};
pub use complete::{Completed, complete, counting, differences};
pub use evaluate::{Around, query, settle};
pub use fault::Fault;
pub use filler::Filler;
pub use filling::{Filling, Given};
pub use form::{Certificate, Form, Launch, Signing, Standing};
pub use item::{Choice, Control, Item, ItemType};
pub use json::Json;
pub use layout::{Laid, lay_out, most_rows, tell_left_out, tell_not_begun};
pub use said::Said;
pub use typed::{Act, shown_number, shown_quantity, typed};
pub use whom::{FormKind, Whom};
