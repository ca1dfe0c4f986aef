//! What this institution attests so that others can check it without asking: signed cards that a
//! person carries, and signatures under documents.
//!
//! ```text
//! Patient, Immunizations ──content──▶ what the card says ──Signer──▶ JWS ──numeric──▶ a code to scan
//! scanned text ──read──▶ JWS ──verify (published keys, no network)──▶ what it says, and who says so
//!
//! a stored version ──sign (a hand: a key of staff, certified by the authority)──▶ JWS without its payload
//! version, JWS, authority, list of what is revoked ──Evidence──▶ one file ──verify──▶ who signed what, and when
//!
//! records ──Packer──▶ a parcel: one file with a signed manifest ──Parcel──▶ the same bytes elsewhere, or what was altered
//! ```
//!
//! * A card says what its kind needs and no more: no id, no narrative, nothing that was not given.
//! * The key lies in a sealed note and is made when it is first asked for; keys are added, never
//!   taken away, because cards are checked years later.
//! * Nothing here knows HTTP, a page, or who is asking.
//!
//! <https://spec.smarthealth.cards/>

#![forbid(unsafe_code)]

mod authority;
mod card;
mod content;
mod evidence;
mod hand;
mod key;
mod parcel;
mod signature;

pub use authority::{Authority, Holder, Revoked, SIGNING_ROOM, fingerprint, pem};
pub use card::{Card, CardError, Verified, numeric, read, verify, verify_unrevoked};
pub use content::{Given, cards_of};
pub use evidence::{Evidence, LONGEST_EVIDENCE};
pub use hand::{Algorithm, Hand, HandError, Judge, OwnHand, OwnJudge, Standing};
pub use key::{Error, Signer};
pub use parcel::{Heading, Item, ItemKind, Packer, Parcel, ParcelFault};
pub use signature::{Attested, Capacity, Doubt, SignerSaid, claimed, serial_of, sign, verify_signature};
