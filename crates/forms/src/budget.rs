//! How much work a form may make of one act: formulas are counted in steps, what is laid out in places.
//!
//! * A form is data that anybody may bring; whatever stands in it, an act on it ends soon.
//! * Where a bound is reached the rest gives nothing, and the item at which it was reached is named.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

/// Steps of all formulas of one act.
const STEPS: u64 = 8_000_000;
/// Steps of one formula.
const STEPS_OF_ONE: u64 = 200_000;
/// Places that one act lays out, begins, types or takes out.
pub(crate) const MOST_PLACES: usize = 20_000;

/// What is left of it.
pub(crate) struct Budget {
    steps: Cell<u64>,
    places: Cell<usize>,
    at: RefCell<String>,
    stopped: RefCell<BTreeSet<String>>,
}

impl Budget {
    /// A whole one.
    pub fn whole() -> Budget {
        Budget { steps: Cell::new(STEPS), places: Cell::new(MOST_PLACES), at: RefCell::default(), stopped: RefCell::default() }
    }

    /// Says at which item the work is from now on.
    pub fn at(&self, link_id: &str) {
        let mut at = self.at.borrow_mut();
        at.clear();
        at.push_str(link_id);
    }

    /// Steps that one formula may take; none where nothing is left.
    pub fn steps(&self) -> Option<u64> {
        let left = self.steps.get().min(STEPS_OF_ONE);
        if left == 0 {
            self.stop();
            return None;
        }
        Some(left)
    }

    /// Takes what was used.
    pub fn take(&self, steps: u64) {
        self.steps.set(self.steps.get().saturating_sub(steps));
    }

    /// One more place, if there may be one.
    pub fn place(&self) -> bool {
        let left = self.places.get();
        if left == 0 {
            self.stop();
            return false;
        }
        self.places.set(left - 1);
        true
    }

    /// A bound was reached here.
    pub fn stop(&self) {
        let at = self.at.borrow();
        let mut stopped = self.stopped.borrow_mut();
        // The first few tell enough.
        if stopped.len() < 20 {
            stopped.insert(at.clone());
        }
    }

    /// Items at which a bound was reached; empty for the form as a whole.
    pub fn stopped(&self) -> BTreeSet<String> {
        self.stopped.borrow().clone()
    }
}
