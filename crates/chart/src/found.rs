//! What references by search have found in the shared space, remembered until something is written there.
//!
//! * A hundred bundles name the same clinic by its identifier; it is looked up once.
//! * Only an identifier, of types that all lie in the shared space: what is found there hangs on
//!   nothing but what lies there.
//! * Every write to the shared space makes all of it forgotten, before anybody is told that it is written.

use std::sync::Arc;

use access::{Care, Role};
use fhir::{RecordId, ResourceType, home::is_shared};
use store::{Location, Tick};

use crate::circumstances::{ANSWERS, CONSENT, KnownRecords};
use crate::door::Chart;
use crate::joined::JoinedPersons;
use crate::memory::Memory;
use crate::standing::{self, Standings};
use crate::subscription::Written;
use crate::terminology::Shelf;

/// So many are remembered; then all are forgotten. A country has some tens of thousands of institutions.
const MOST: usize = 65_536;

type Key = (Role, ResourceType, String);
type Found = Vec<(Location, String)>;

/// The memory.
#[derive(Default)]
pub(crate) struct Named(Memory<Key, Found>);

impl Named {
    /// True where a condition can be remembered.
    pub fn takes(kind: ResourceType, condition: &str) -> bool {
        is_shared(kind) && condition.starts_with("identifier=") && !condition.contains(['&', ','])
    }

    /// Something is written to the shared space.
    pub fn forget(&self) {
        self.0.forget_all();
    }

    /// What the condition has found if nothing was written since, else what it finds now. Nothing found is not remembered.
    pub fn known_or<E>(&self, role: Role, kind: ResourceType, condition: &str, find: impl FnOnce() -> Result<Found, E>) -> Result<Found, E> {
        self.0.known_or((role, kind, condition.to_owned()), MOST, |found| !found.is_empty(), find)
    }
}

/// All that a write makes old, for the thread that commits it.
pub(crate) struct Aging {
    shelf: Arc<Shelf>,
    named: Arc<Named>,
    written: Arc<Written>,
    known: Arc<KnownRecords>,
    joined: Arc<JoinedPersons>,
    standings: Arc<Standings>,
    /// What is remembered of a record may hang on any resource of it.
    reads_records: bool,
}

impl Chart {
    /// What grows old with a write. It holds the memories and not the store: the thread that
    /// commits must not be the last to hold that.
    pub(crate) fn aging(&self) -> Aging {
        let inner = &self.inner;
        Aging {
            shelf: inner.shelf.clone(),
            named: inner.named.clone(),
            written: inner.written.clone(),
            known: inner.known.clone(),
            joined: inner.joined.clone(),
            standings: inner.standings.clone(),
            reads_records: inner.policy.reads_records(),
        }
    }
}

impl Aging {
    /// Resources of these types were written at a tick, and these versions: forgets, and tells those who follow the writing.
    pub fn after(&self, at: Tick, kinds: &[ResourceType], versions: &[(RecordId, ResourceType)]) {
        for (record, kind) in versions {
            // A Patient tells with whom its person is joined, what tells of care, who was left, and an answer to a form,
            // what a person is still writing.
            if self.reads_records || kind.name() == CONSENT || kind.name() == ANSWERS || Care::TYPES.contains(&kind.name()) {
                self.known.forget(*record);
            } else {
                self.known.forget_left(*record);
            }
            if *kind == ResourceType::PATIENT {
                self.joined.forget();
            }
            if standing::tells(*kind) {
                self.standings.forget_all();
                self.known.forget_all_left();
            }
        }
        for kind in kinds.iter().filter(|kind| Shelf::holds(**kind)) {
            self.shelf.forget(*kind, at);
        }
        if kinds.iter().any(|kind| is_shared(*kind)) {
            self.named.forget();
        }
        self.written.tell(kinds);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_meanwhile_is_looked_up_again() {
        let (named, kind) = (Named::default(), ResourceType::named("Organization").unwrap());
        let at = |record| vec![(Location { record: fhir::RecordId(record), entry: 1 }, "o1".to_owned())];
        let ask = |role, find: &dyn Fn() -> Found| named.known_or(role, kind, "identifier=s|1", || Ok::<_, std::convert::Infallible>(find())).unwrap();
        assert_eq!(ask(Role::Console, &|| at(3)), at(3));
        assert_eq!(ask(Role::Console, &|| at(4)), at(3));
        assert_eq!(ask(Role::Nurse, &Vec::new), vec![], "who sees what is the role's affair");
        named.forget();
        // A look-up that began before a write and ended after it.
        let across = || {
            named.forget();
            at(5)
        };
        assert_eq!(ask(Role::Console, &across), at(5));
        assert_eq!(ask(Role::Console, &|| at(6)), at(6));
    }

    #[test]
    fn only_identifiers_of_what_is_shared_are_remembered() {
        for (kind, condition, expect) in [
            ("Organization", "identifier=s|1", true),
            ("Practitioner", "identifier=s|1", true),
            ("Patient", "identifier=s|1", false),
            ("Device", "identifier=s|1", false),
            ("Organization", "name=s", false),
            ("Organization", "identifier=s|1&active=true", false),
            ("Organization", "identifier=s|1,s|2", false),
        ] {
            assert_eq!(Named::takes(ResourceType::named(kind).unwrap(), condition), expect, "{kind}?{condition}");
        }
    }
}
