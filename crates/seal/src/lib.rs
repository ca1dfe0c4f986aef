//! Compress, encrypt, and name without revealing.
//!
//! What the store writes passes here first: values become sealed bytes, the
//! terms of an index become keyed tokens. The host of the disks sees nothing
//! else.
//!
//! * One random key per person, held only as wraps under the institution's key;
//!   without its wraps a record is gone. That key can be changed, and divided into shares.
//! * A sealed value opens only at the [`Place`] it was sealed for.
//! * A byte in front names the suite, so that both can change while old bytes
//!   are still opened. Suites and dictionaries are never renumbered.
//! * A letter leaves the house for another one, whose public key it was sealed with.
//! * Chance enters as an argument, and a repeated chance reveals at most that
//!   two equal values lie at the same place.
//! * An error says what did not open, never what was inside.
//! * Nothing here knows a store, a clock, a file or FHIR.
#![forbid(unsafe_code)]

mod chance;
mod compress;
mod dictionaries;
mod error;
mod institution;
mod letter;
mod person;
mod share;
mod signer;
mod site;
mod small;
mod text;
mod tokens;
#[cfg(feature = "train")]
mod train;
mod value;

pub use chance::{Chance, Stream};
pub use dictionaries::{Dictionaries, DictionaryId};
pub use error::{Error, What};
pub use institution::InstitutionKey;
pub use letter::{LetterFault, LetterReader, LetterWriter, Receiver, ReceivingKey};
pub use person::{PersonKey, WRAP_BYTES, Wrapper};
pub use share::{Recovered, SHARES, SHARES_NEEDED, Share, ShareError};
pub use signer::Signer;
pub use site::SiteKey;
pub use small::{Purpose, SMALL_OVERHEAD_BYTES, SmallSealer};
pub use tokens::{BlockKey, BlockOpener, Tokens};
#[cfg(feature = "train")]
pub use train::{Trained, train};
pub use value::{PLAIN_LIMIT_BYTES, Place, Sealer, VALUE_OVERHEAD_BYTES};
