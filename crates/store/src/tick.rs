//! The order of commits in time, finer than `lastUpdated` shows.

use fhir::Moment;

/// Microseconds since 1970, never running backwards within a store: what a page began as of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Tick(pub i64);

impl Tick {
    /// Later than everything.
    pub const END: Tick = Tick(i64::MAX);

    /// The moment as `lastUpdated` shows it, in milliseconds.
    pub fn moment(self) -> Moment {
        Moment(self.0.div_euclid(1000))
    }

    /// The first tick of a moment.
    pub fn at(moment: Moment) -> Tick {
        Tick(moment.0.saturating_mul(1000))
    }
}
