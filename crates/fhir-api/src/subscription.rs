//! Notifications on their way out: FHIR over HTTP, with us as the client.
//!
//! * One task a subscription, one notification at a time: order is kept and a slow endpoint
//!   holds up nobody else.
//! * A notification that fails is sent again, later each time; after so many attempts the
//!   subscription is in error and says why, without a word about what was to be told.
//! * Who carries it is told from outside ([`Courier`]): here is no socket.

mod deliver;
pub(crate) mod notification;

pub use deliver::Deliverer;

use bytes::Bytes;
use std::future::Future;
use std::pin::Pin;

/// One request to somebody else's endpoint.
#[derive(Clone)]
pub struct Parcel {
    /// `POST` or `PUT`.
    pub method: &'static str,
    /// Where to.
    pub address: String,
    /// Header lines of the subscription: secrets, not to be logged.
    pub headers: Vec<(String, String)>,
    /// FHIR JSON; empty for a bare message.
    pub body: Bytes,
}

impl std::fmt::Debug for Parcel {
    /// Nothing of what it carries.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a parcel of {} bytes", self.body.len())
    }
}

/// What a courier brings back: the status of the answer, or why there is none.
pub type Carrying<'c> = Pin<Box<dyn Future<Output = Result<u16, &'static str>> + Send + 'c>>;

/// Carries parcels. Never follows a redirect and never tries twice.
pub trait Courier: Send + Sync {
    /// Sends it and waits for the status.
    fn carry(&self, parcel: Parcel) -> Carrying<'_>;
}

/// How patient the deliverer is.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// The wait after the first failure; each further one is twice as long, up to five minutes.
    pub first_wait: std::time::Duration,
    /// After so many failures in a row the subscription is in error.
    pub attempts: u32,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience { first_wait: std::time::Duration::from_secs(1), attempts: 10 }
    }
}
