//! What this institution attests so that others can check it without asking: signed cards that a
//! person carries.
//!
//! ```text
//! Patient, Immunizations ──content──▶ what the card says ──Signer──▶ JWS ──numeric──▶ a code to scan
//! scanned text ──read──▶ JWS ──verify (published keys, no network)──▶ what it says, and who says so
//! ```
//!
//! * A card says what its kind needs and no more: no id, no narrative, nothing that was not given.
//! * The key lies in a sealed note and is made when it is first asked for; keys are added, never
//!   taken away, because cards are checked years later.
//! * Nothing here knows HTTP, a page, or who is asking.
//!
//! <https://spec.smarthealth.cards/>

#![forbid(unsafe_code)]

mod card;
mod content;
mod key;

pub use card::{Card, CardError, Verified, numeric, read, verify};
pub use content::{Given, cards_of};
pub use key::{Error, Signer};
