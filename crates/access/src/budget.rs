//! How many different persons somebody may open within an hour.
//!
//! * A person counts for an hour from the last time they were opened; however often, once.
//! * Persons found by a search are many more than those opened: they have ten times the room.
//! * What is remembered is bounded by the limits themselves, and old things go with each look.

use std::collections::{HashMap, VecDeque};

use fhir::{Moment, RecordId};

use crate::{Disclosure, Role};

/// The length of the window.
pub const HOUR_MS: i64 = 3_600_000;
/// So much longer may a list be than what is opened from it.
const LISTED: usize = 10;
/// Somebody who is opened again within this time is not noted again.
const GRAIN_MS: i64 = 5 * 60_000;

/// Two numbers of persons an hour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limit {
    /// More are unusual: the privacy officer is told.
    pub soft: usize,
    /// More are refused.
    pub hard: usize,
}

/// The limits of a site.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Budgets {
    /// Of one account, by its role. A role that is not named has no limit.
    pub of_account: Vec<(Role, Limit)>,
    /// Of all accounts of one role at one institution together, in parts of the limit of one.
    pub role_factor: usize,
    /// Of all accounts of one institution together.
    pub of_institution: Limit,
}

impl Default for Budgets {
    fn default() -> Budgets {
        let limit = |soft, hard| Limit { soft, hard };
        Budgets {
            of_account: vec![
                (Role::Physician, limit(60, 200)),
                (Role::Nurse, limit(100, 300)),
                (Role::Laboratory, limit(200, 600)),
                (Role::Pharmacy, limit(200, 600)),
                (Role::Imaging, limit(100, 300)),
                (Role::Admissions, limit(200, 600)),
                (Role::RecordsClerk, limit(100, 300)),
            ],
            role_factor: 25,
            of_institution: limit(5_000, 20_000),
        }
    }
}

impl Budgets {
    /// The limit of one account.
    pub fn of(&self, role: Role) -> Option<Limit> {
        self.of_account.iter().find(|(one, _)| *one == role).map(|(_, limit)| *limit)
    }

    /// The limit of all accounts of a role at one institution.
    pub fn of_role(&self, role: Role) -> Option<Limit> {
        self.of(role).map(|limit| Limit { soft: limit.soft.saturating_mul(self.role_factor), hard: limit.hard.saturating_mul(self.role_factor) })
    }
}

/// What a disclosure counts as.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Counted {
    /// A record was opened.
    Opened,
    /// A person was found by a search.
    Listed,
}

impl Counted {
    /// None for what is no look into a record: who opened it.
    pub fn of(how: Disclosure) -> Option<Counted> {
        match how {
            Disclosure::Audit => None,
            Disclosure::Search | Disclosure::Match => Some(Counted::Listed),
            _ => Some(Counted::Opened),
        }
    }

    /// The limit as it holds for this.
    pub fn limit(self, limit: Limit) -> Limit {
        match self {
            Counted::Opened => limit,
            Counted::Listed => Limit { soft: limit.soft.saturating_mul(LISTED), hard: limit.hard.saturating_mul(LISTED) },
        }
    }
}

/// The different persons of the last hour.
#[derive(Clone, Default, Debug)]
pub struct Window {
    last: HashMap<RecordId, Moment>,
    order: VecDeque<(Moment, RecordId)>,
}

impl Window {
    /// How many there are, once what is older than an hour has gone.
    pub fn count(&mut self, now: Moment) -> usize {
        while let Some((at, record)) = self.order.front().copied().filter(|(at, _)| now.0 - at.0 >= HOUR_MS) {
            self.order.pop_front();
            if self.last.get(&record) == Some(&at) {
                self.last.remove(&record);
            }
        }
        self.last.len()
    }

    /// How many of these it does not hold.
    pub fn new_among(&self, records: &[RecordId]) -> usize {
        records.iter().filter(|record| !self.last.contains_key(record)).count()
    }

    /// Holds a person for an hour from now.
    pub fn note(&mut self, record: RecordId, now: Moment) {
        if self.last.get(&record).is_some_and(|last| now.0 - last.0 < GRAIN_MS) {
            return;
        }
        self.last.insert(record, now);
        self.order.push_back((now, record));
    }

    /// How long until one of them is older than an hour, in milliseconds.
    pub fn wait_ms(&self, now: Moment) -> i64 {
        self.order.front().map_or(0, |(at, _)| (at.0 + HOUR_MS - now.0).max(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    #[test]
    fn a_person_counts_once_and_for_an_hour_from_the_last_time() {
        let mut window = Window::default();
        for (minute, record, count) in [(0, 1, 1), (1, 1, 1), (10, 2, 2), (20, 1, 2), (69, 3, 3), (70, 3, 2), (79, 3, 2), (80, 3, 1), (140, 4, 1)] {
            window.note(RecordId(record), Moment(minute * MINUTE));
            assert_eq!(window.count(Moment(minute * MINUTE)), count, "{minute}");
        }
    }

    #[test]
    fn what_is_remembered_does_not_grow_with_how_often() {
        let mut window = Window::default();
        for second in 0..20_000 {
            window.note(RecordId(second % 10), Moment(second as i64 * 1000));
            window.count(Moment(second as i64 * 1000));
        }
        assert!(window.last.len() == 10 && window.order.len() <= 10 * 13, "{}", window.order.len());
    }

    #[test]
    fn every_role_that_opens_charts_at_a_desk_has_a_limit() {
        let budgets = Budgets::default();
        for (role, _) in Role::of_accounts() {
            let opens = matches!(role, Role::Physician | Role::Nurse | Role::Laboratory | Role::Pharmacy | Role::Imaging | Role::Admissions | Role::RecordsClerk);
            assert_eq!(budgets.of(role).is_some(), opens, "{role:?}");
            assert!(budgets.of(role).is_none_or(|limit| limit.soft < limit.hard));
        }
    }
}
