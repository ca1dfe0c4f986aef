//! How far a subscription has come: a place in the log, a number, and the last few events.
//!
//! * Kept as a sealed note, after each delivery. What is lost with the plug is told once more.

use crate::door::Chart;
use crate::error::Result;
use crate::subscription::events::Place;

/// Events remembered for whoever asks for them again.
pub(super) const REMEMBERED: usize = 100;

/// An event that was delivered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Delivered {
    /// From 1.
    pub number: u64,
    /// Where it lies in the log.
    pub place: Place,
}

/// How far a subscription has come.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SubscriptionState {
    /// Everything before has been delivered.
    pub place: Place,
    /// How many events there have been.
    pub events: u64,
    /// The newest of them, oldest first.
    pub last: Vec<Delivered>,
}

impl SubscriptionState {
    /// Nothing yet: begins at a place.
    pub fn beginning(place: Place) -> SubscriptionState {
        SubscriptionState { place, events: 0, last: Vec::new() }
    }

    /// Counts an event as delivered.
    pub fn delivered(&mut self, place: Place) {
        self.events += 1;
        self.place = place;
        self.last.push(Delivered { number: self.events, place });
        let surplus = self.last.len().saturating_sub(REMEMBERED);
        self.last.drain(..surplus);
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.events.to_be_bytes().to_vec();
        bytes.extend_from_slice(&self.place.bytes());
        for one in &self.last {
            bytes.extend_from_slice(&one.number.to_be_bytes());
            bytes.extend_from_slice(&one.place.bytes());
        }
        bytes
    }

    fn read(bytes: &[u8]) -> Option<SubscriptionState> {
        const ONE: usize = 8 + Place::LENGTH;
        let mut all = bytes.chunks(ONE).map(|part| Some(Delivered { number: u64::from_be_bytes(part.get(..8)?.try_into().ok()?), place: Place::read(part.get(8..)?)? }));
        let first = all.next()??;
        Some(SubscriptionState { events: first.number, place: first.place, last: all.collect::<Option<_>>()? })
    }
}

impl Chart {
    /// How far a subscription has come; none if it never began.
    pub fn subscription_state(&self, id: &str) -> Result<Option<SubscriptionState>> {
        let Some(note) = self.store().note(&name(id))? else { return Ok(None) };
        let state = SubscriptionState::read(&note).ok_or(store::Error::Damaged("how far a subscription has come cannot be read"))?;
        Ok(Some(state))
    }

    /// Keeps how far it has come. Waits for the disk.
    pub fn keep_subscription_state(&self, id: &str, state: &SubscriptionState) -> Result<()> {
        loop {
            let before = self.store().note(&name(id))?;
            if self.store().keep_note(&name(id), before.as_deref(), &state.bytes())? {
                return Ok(());
            }
        }
    }
}

fn name(id: &str) -> String {
    format!("subscription {id}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::Tick;

    #[test]
    fn a_state_comes_back_as_it_was_and_remembers_only_the_last() {
        let place = |tick| Place { at: Tick(tick), shard: 3, line: [1, 2, 3, 4], used: 7 };
        let mut state = SubscriptionState::beginning(place(1));
        assert_eq!(SubscriptionState::read(&state.bytes()).unwrap(), state);
        (2..300).for_each(|tick| state.delivered(place(tick)));
        assert_eq!((state.events, state.last.len(), state.last[0].number), (298, 100, 199));
        assert_eq!(SubscriptionState::read(&state.bytes()).unwrap(), state);
        assert_eq!(SubscriptionState::read(b"short"), None);
    }
}
