//! When things happen: time never runs backwards, and pages wait for what began before them.

use std::collections::BTreeMap;
use std::sync::Arc;

use fhir::Moment;
use parking_lot::Mutex;
use store::Tick;
use tokio::sync::Notify;

use crate::door::Clock;

pub(crate) struct Times {
    clock: Arc<dyn Clock>,
    given: Arc<Given>,
}

/// The stamps that were given out.
struct Given {
    state: Mutex<State>,
    ended: Notify,
}

struct State {
    /// The newest stamp given out.
    stamped: Tick,
    /// No stamp is given out below this.
    floor: Tick,
    /// Stamps of commits that are not on disk yet, with how many bear each.
    under_way: BTreeMap<Tick, usize>,
}

/// A stamp whose commit is under way; it ends when dropped. Who hangs up does not end it: it goes with the
/// commit.
pub(crate) struct Stamp {
    pub at: Tick,
    given: Arc<Given>,
}

impl Times {
    pub fn new(clock: Arc<dyn Clock>, newest: Tick) -> Times {
        let state = State { stamped: newest, floor: newest, under_way: BTreeMap::new() };
        Times { clock, given: Arc::new(Given { state: Mutex::new(state), ended: Notify::new() }) }
    }

    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    /// The time of a commit that begins now: after every earlier one, whatever the clock does. No
    /// two commits share a tick, so their order is the order in which they began.
    pub fn stamp(&self) -> Stamp {
        let now = Tick::at(self.clock.now());
        let mut state = self.given.state.lock();
        state.floor = state.floor.max(now);
        state.stamped = state.floor.max(Tick(state.stamped.0 + 1));
        let at = state.stamped;
        *state.under_way.entry(at).or_default() += 1;
        Stamp { at, given: self.given.clone() }
    }

    /// A tick as of which everything is settled: what was stamped up to it is on disk when this
    /// returns, and nothing will be stamped up to it any more.
    pub async fn settled(&self) -> Tick {
        let tick = {
            let mut state = self.given.state.lock();
            if state.stamped >= state.floor {
                state.floor = Tick(state.stamped.0 + 1);
            }
            Tick(state.floor.0 - 1)
        };
        loop {
            let ended = self.given.ended.notified();
            tokio::pin!(ended);
            ended.as_mut().enable();
            if self.given.state.lock().under_way.first_key_value().is_none_or(|(oldest, _)| *oldest > tick) {
                return tick;
            }
            ended.await;
        }
    }
}

impl Drop for Stamp {
    fn drop(&mut self) {
        let mut state = self.given.state.lock();
        if let Some(count) = state.under_way.get_mut(&self.at) {
            *count -= 1;
            if *count == 0 {
                state.under_way.remove(&self.at);
            }
        }
        drop(state);
        self.given.ended.notify_waiters();
    }
}
