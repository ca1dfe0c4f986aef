//! What was drafted, handed over to the engine.
//!
//! * A write takes its locks and its stamp with it: they are given back on the thread that commits, whoever hung up.
//! * What is remembered grows old there too, before anybody else gets at the records.

use std::sync::Arc;

use fhir::{RecordId, ResourceType};
use store::{Change, Refused};
use tokio::sync::oneshot::error::RecvError;
use tokio::sync::{OwnedRwLockReadGuard, oneshot};

use super::draft::Draft;
use super::{CLAIMED, Transaction, Trouble, entry};
use crate::custom::SEARCH_PARAMETER;
use crate::door::Chart;
use crate::error::{Error, Result};
use crate::locks::Held;
use crate::times::Stamp;
use crate::whole::to_its_end;

/// What a write holds from before its draft until the engine is done with it.
pub(super) struct UnderWay {
    /// What is in force stays in force.
    pub drafting: OwnedRwLockReadGuard<()>,
    pub stamp: Stamp,
    pub records: Held,
    pub conditions: Arc<Held>,
}

impl UnderWay {
    /// Lets others go on.
    fn end(self) {
        let UnderWay { drafting, stamp, records, conditions } = self;
        drop((drafting, stamp, records, conditions));
    }
}

/// What the engine says of a commit.
type Told = std::result::Result<(), Refused>;

impl Chart {
    /// Writes what was drafted, and waits until it is on disk.
    pub(super) async fn write_down(&self, act: &Transaction<'_>, drafts: &[Draft<'_>], under_way: UnderWay) -> std::result::Result<(), Trouble> {
        let waiting = self.give_to_the_engine(act, drafts, under_way)?;
        let told = match act.orders.iter().any(|order| order.kind.name() == SEARCH_PARAMETER) {
            true => to_its_end(self.clone().taken_up(waiting)).await?,
            false => waiting.await,
        };
        match told {
            Ok(Ok(())) => Ok(()),
            Ok(Err(Refused::RecordMoved | Refused::IdTaken(_))) => Err(Trouble::Again),
            Ok(Err(Refused::ClaimTaken(change))) => {
                let place = drafts.iter().enumerate().filter(|(_, draft)| draft.is_written()).nth(change).map_or(0, |(place, _)| place);
                Err(Trouble::Refused(entry(place, act.orders, Error::Conflict(CLAIMED))))
            }
            Ok(Err(Refused::Store(cause))) => Err(cause.into()),
            Err(_) => Err(store::Error::Engine(store::engine::Error::Closed).into()),
        }
    }

    /// Gives the engine one batch of all that is written. From here on it is written whoever waits for it.
    fn give_to_the_engine(&self, act: &Transaction<'_>, drafts: &[Draft<'_>], under_way: UnderWay) -> std::result::Result<oneshot::Receiver<Told>, Trouble> {
        let at = under_way.stamp.at;
        let changes: Vec<Change<'_>> = drafts.iter().filter_map(|draft| draft.change(at)).collect();
        let prepared = match self.store().prepare(&changes) {
            // Somebody erased the person in between: look again who is there.
            Err(store::Error::Erased) => return Err(Trouble::Again),
            prepared => prepared?,
        };
        let (told, waiting) = oneshot::channel();
        let aging = self.aging();
        let kinds: Vec<ResourceType> = act.orders.iter().map(|order| order.kind).collect();
        let written: Vec<(RecordId, ResourceType)> = changes.iter().map(|change| (change.permitted.record(), change.kind)).collect();
        self.store().commit(
            prepared,
            Box::new(move |result| {
                // What is remembered grows old with the write, also when nobody waits for the answer any more.
                if result.is_ok() {
                    aging.after(at, &kinds, &written);
                }
                // Held until here, also where somebody hung up: who asks again under the same condition finds
                // what is written and does not write it twice.
                under_way.end();
                // Whoever hung up reads the record again.
                let _ = told.send(result);
            }),
        );
        Ok(waiting)
    }

    /// Waits for a commit of SearchParameters, and takes up what is in force from then on.
    async fn taken_up(self, waiting: oneshot::Receiver<Told>) -> Result<std::result::Result<Told, RecvError>> {
        let told = waiting.await;
        if matches!(told, Ok(Ok(()))) {
            self.read_custom()?;
            self.resume_indexing();
        }
        Ok(told)
    }
}
