//! Which program is calling, and what somebody has allowed it: SMART App Launch 2.2 on a server of our own.
//!
//! * A [`Server`] knows the programs that are registered, the codes and tokens it gave out, and the
//!   key with which it signs who somebody is.
//! * Codes live in memory for a minute and open once. What lasts longer lies in sealed notes.
//! * A token is never kept, only the secret that proves it; nobody learns one from the store. It may
//!   be bound to a key or a certificate of its program.
//! * A [`Provider`] elsewhere may say who a person is; what it says is believed as far as it is signed
//!   for this very sign-in. What goes out goes through a [`ProviderWire`].
//! * Time enters as an argument. Nothing here knows HTTP, a page, a password or a resource.
//!
//! <https://hl7.org/fhir/smart-app-launch/STU2.2/> · <https://www.rfc-editor.org/rfc/rfc9700>

#![forbid(unsafe_code)]

mod assertion;
mod authorize;
mod bearer;
mod binding;
mod client;
mod consent;
mod encode;
mod error;
mod family;
mod fetched;
mod key;
mod pkce;
mod prove;
mod provider;
mod register;
mod scope;
mod server;
mod token;

pub use authorize::{Began, Launch, LaunchContext, Patient, Waiting};
pub use bearer::Bearer;
pub use binding::{Binding, Borne, Brought, PROOF_ALGORITHMS};
pub use client::{Bound, Client, ClientKind, NewClient, Proof};
pub use consent::Consent;
pub use error::{Code, Error, Refusal, Result};
pub use fetched::KeySources;
pub use provider::{PROVIDER_LONGEST, ProvedPerson, Provider, ProviderAnswer, ProviderErrand, ProviderRequest, ProviderSettings, ProviderTrouble, ProviderWire};
pub use register::Registration;
pub use scope::{Scope, Scopes};
pub use server::Server;
pub use token::{Accounts, Presented};
