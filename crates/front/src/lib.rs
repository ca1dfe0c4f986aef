//! The way in: connections, TLS, limits, and who goes first when too many come.
//!
//! * Nothing a stranger sends takes memory or time without a bound: each connection, header,
//!   body, wait and answer has one.
//! * When there is too much to do, the urgent and the cheap go first, and what cannot begin
//!   within a second is refused at once. Whether the process lives is always answered.
//! * A new certificate is taken while the server runs; a broken one never replaces a good one.
//! * Every answer carries the headers that make browsers careful.
//! * Nothing here knows FHIR, HTML, an account's password or a store: the faces lie behind.

#![forbid(unsafe_code)]

mod body;
mod bucket;
mod gate;
mod headers;
mod limits;
mod line;
mod listen;
mod metrics;
mod pulse;
mod tls;
mod wire;

pub use gate::{Manners, Refusal};
pub use limits::Limits;
pub use listen::{Front, Settings};
pub use metrics::Metrics;
pub use tls::{Certificate, TlsError, TlsFiles, fingerprint};
