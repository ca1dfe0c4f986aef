//! How a request arrived: what the way in knows of it before anybody has signed in.

use std::sync::Arc;

use crate::Account;

/// How urgent a request is, the most urgent first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Urgency {
    /// The summary of one person, for somebody who must act now.
    Emergency,
    /// One resource or page.
    Read,
    /// Something to be kept.
    Write,
    /// Many resources.
    Search,
    /// All of them.
    Export,
}

impl Urgency {
    /// All of them, with the word that names each.
    pub const ALL: [(Urgency, &str); 5] =
        [(Urgency::Emergency, "emergency"), (Urgency::Read, "read"), (Urgency::Write, "write"), (Urgency::Search, "search"), (Urgency::Export, "export")];
}

/// How often an account may ask.
pub trait Allowance: Send + Sync {
    /// Takes one request of the account, or says after how many seconds to come back.
    fn take(&self, account: &Account) -> Result<(), u32>;
}

/// What a face is told of a request. A face that is told nothing serves as if nothing were known.
#[derive(Clone, Default)]
pub struct Arrival {
    /// The login the client's certificate stands for.
    pub certified: Option<Arc<str>>,
    /// SHA-256 of the certificate the client showed, and that its authority vouches for.
    pub certificate: Option<[u8; 32]>,
    /// True for a page of an origin that the operator registered.
    pub is_from_registered_origin: bool,
    /// Who counts the requests of accounts; nobody where there is no limit.
    pub allowance: Option<Arc<dyn Allowance>>,
}

impl Arrival {
    /// Counts a request of an account, or says after how many seconds to come back.
    pub fn take(&self, account: &Account) -> Result<(), u32> {
        self.allowance.as_ref().map_or(Ok(()), |allowance| allowance.take(account))
    }
}
