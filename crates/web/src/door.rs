//! What the pages ask of the record's door.
//!
//! The pages need four of its acts; naming them here lets a page be shown over samples.

use std::future::Future;
use std::pin::Pin;

use access::{Account, Caller};
use chart::{PersonHit, PersonRecord, Result};
use fhir::Moment;

/// An answer that is on its way.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// The acts of the door that pages use.
pub trait Door: Send + Sync + 'static {
    /// Now.
    fn now(&self) -> Moment;
    /// The account of a login and password; it takes tens of milliseconds on purpose.
    fn sign_in(&self, login: &str, password: &str) -> Result<Option<Account>>;
    /// Persons that answer a text.
    fn find_persons<'a>(&'a self, caller: &'a Caller, text: &'a str, limit: usize) -> Answer<'a, Vec<PersonHit>>;
    /// Everything of one person.
    fn person<'a>(&'a self, caller: &'a Caller, patient_id: &'a str) -> Answer<'a, PersonRecord>;
}

impl Door for chart::Chart {
    fn now(&self) -> Moment {
        chart::Chart::now(self)
    }

    fn sign_in(&self, login: &str, password: &str) -> Result<Option<Account>> {
        chart::Chart::sign_in(self, login, password)
    }

    fn find_persons<'a>(&'a self, caller: &'a Caller, text: &'a str, limit: usize) -> Answer<'a, Vec<PersonHit>> {
        Box::pin(chart::Chart::find_persons(self, caller, text, limit))
    }

    fn person<'a>(&'a self, caller: &'a Caller, patient_id: &'a str) -> Answer<'a, PersonRecord> {
        Box::pin(chart::Chart::person(self, caller, patient_id))
    }
}
