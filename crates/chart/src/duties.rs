//! What waits for the privacy officer of an institution: broken glasses, unusual openings, questions
//! that persons asked about the log, and what takes two. Counted, never named.

use access::{Account, Caller, Role};
use fhir::Moment;

use crate::door::Chart;
use crate::error::Result;
use crate::terminology::house;

/// One queue: how much waits there, and since when the oldest.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Queue {
    /// How much waits.
    pub waiting: usize,
    /// Since when the oldest does.
    pub since: Option<Moment>,
}

impl Queue {
    fn of(moments: impl Iterator<Item = Moment>) -> Queue {
        moments.fold(Queue::default(), |queue, at| Queue { waiting: queue.waiting + 1, since: Some(queue.since.map_or(at, |since| since.min(at))) })
    }

    fn and(self, other: Queue) -> Queue {
        Queue { waiting: self.waiting + other.waiting, since: self.since.into_iter().chain(other.since).min() }
    }
}

/// The queues of one officer, or of all.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Duties {
    /// Broken glasses nobody has answered.
    pub glass: Queue,
    /// Unusual openings nobody has judged, many persons within an hour among them.
    pub unusual: Queue,
    /// Questions about the log nobody has answered.
    pub questions: Queue,
    /// What takes two and waits for the second.
    pub agreements: Queue,
}

impl Chart {
    /// What waits for a caller. Nothing waits for who is no privacy officer.
    pub fn duties(&self, caller: &Caller) -> Result<Duties> {
        if caller.account.role != Role::PrivacyOfficer {
            return Ok(Duties::default());
        }
        Ok(Duties {
            glass: Queue::of(self.glass_waiting(caller)?.into_iter().map(|broken| broken.at)),
            unusual: self.unusual_waiting(&caller.account)?,
            questions: Queue::of(self.questions_waiting(caller)?.into_iter().map(|question| question.at)),
            agreements: Queue::of(self.agreements_waiting(&caller.account)?.into_iter().map(|asked| asked.at)),
        })
    }

    /// What waits at the whole site, whoever is to answer: for the metrics.
    pub fn duties_of_all(&self) -> Result<Duties> {
        let mut institutions: Vec<String> = self.accounts()?.into_iter().map(|account| account.institution).collect();
        institutions.sort();
        institutions.dedup();
        let mut all = Duties { glass: Queue::of(self.glass_waiting(&house())?.into_iter().map(|broken| broken.at)), questions: Queue::of(self.questions_waiting(&house())?.into_iter().map(|question| question.at)), ..Duties::default() };
        let anybody = Account { number: u64::MAX, role: Role::PrivacyOfficer, ..house().account };
        all.agreements = Queue::of(self.agreements_waiting(&anybody)?.into_iter().map(|asked| asked.at));
        for institution in institutions {
            // Nobody's number: an officer of each institution, who judges nobody here.
            let officer = Account { number: u64::MAX, role: Role::PrivacyOfficer, institution, ..house().account };
            all.unusual = all.unusual.and(self.unusual_waiting(&officer)?);
        }
        Ok(all)
    }

    fn unusual_waiting(&self, by: &Account) -> Result<Queue> {
        let alarms = self.alarms(by)?.into_iter().filter(|alarm| alarm.verdict.is_none()).map(|alarm| alarm.at);
        let signs = self.sightings(by)?.into_iter().filter(|sighting| sighting.verdict.is_none()).map(|sighting| sighting.at);
        Ok(Queue::of(alarms.chain(signs)))
    }
}
