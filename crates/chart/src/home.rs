//! In which record a resource lives.

use fhir::home::{Fallback, is_shared, rule};
use fhir::{RecordId, ResourceType};
use store::{Class, Store};

use crate::error::Result;

/// Where a resource belongs, as far as its references say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Home {
    /// It is a person: a record begins with it.
    Person,
    /// In the record of this person.
    Of(RecordId),
    /// Its references lead to no person.
    None {
        /// It does name a subject, which is just no person (a group, a device, a place).
        named: bool,
    },
}

impl Home {
    /// True if a resource that lies in this record may stay there.
    pub fn agrees_with(self, record: RecordId) -> bool {
        match self {
            Home::Person => Class::of(record) == Class::Person,
            Home::Of(person) => person == record,
            Home::None { .. } => Class::of(record) != Class::Person,
        }
    }
}

/// The record a new resource goes to; made where there is none yet.
pub(crate) fn new_home(store: &Store, kind: ResourceType, id: &str, home: Home) -> Result<RecordId> {
    let shared = is_shared(kind);
    Ok(match home {
        Home::Person => store.new_record(Class::Person)?,
        Home::Of(record) => record,
        Home::None { .. } if shared => store.shared_record(kind, id)?,
        Home::None { named } => match rule(kind).fallback {
            Fallback::Shared => store.shared_record(kind, id)?,
            Fallback::Unassigned if !named => store.new_record(Class::Unassigned)?,
            Fallback::Unassigned | Fallback::Own => store.new_record(Class::Set)?,
        },
    })
}
