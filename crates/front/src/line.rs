//! Who goes first when there is more to do than hands.
//!
//! * So many requests are at work at one time. The less urgent a rank, the fewer of the places
//!   it may fill: the last ones are kept for emergencies, so a slow export blocks no read.
//! * Those who wait are called by rank. Within a rank the first comes first, until the line is
//!   long: then the newest goes first, because the oldest will have given up by its turn.
//! * Nobody waits longer than told.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use access::Urgency;
use parking_lot::Mutex;
use tokio::sync::oneshot;

/// Sixteenths of the places that may be filled before such a request has to wait.
fn share(urgency: Urgency) -> usize {
    [16, 15, 12, 8, 2][urgency as usize]
}

/// The places and those who wait for one.
pub(crate) struct Line {
    places: usize,
    waiting_most: usize,
    patience: Duration,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    at_work: usize,
    waiting: [VecDeque<oneshot::Sender<Turn>>; 5],
}

/// A place at work, given back when dropped.
pub(crate) struct Turn(Arc<Line>);

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.inner.lock().at_work -= 1;
        self.0.call();
    }
}

impl Line {
    /// So many places, so many who may wait, so long.
    pub fn new(places: usize, waiting_most: usize, patience: Duration) -> Arc<Line> {
        Arc::new(Line { places, waiting_most, patience, inner: Mutex::default() })
    }

    /// A place, or none within the time.
    pub async fn turn(self: &Arc<Line>, rank: Urgency) -> Option<Turn> {
        let waiting = {
            let mut inner = self.inner.lock();
            let is_first = inner.waiting[..=rank as usize].iter().all(VecDeque::is_empty);
            if is_first && inner.at_work < self.most(rank) {
                inner.at_work += 1;
                return Some(Turn(self.clone()));
            }
            inner.wait(rank, self.waiting_most)?
        };
        tokio::time::timeout(self.patience, waiting).await.ok()?.ok()
    }

    /// How many are at work, and how many wait.
    pub fn counts(&self) -> (usize, usize) {
        let inner = self.inner.lock();
        (inner.at_work, inner.waiting.iter().flatten().filter(|one| !one.is_closed()).count())
    }

    fn most(&self, rank: Urgency) -> usize {
        (self.places * share(rank) / 16).max(1)
    }

    /// Gives free places to those who wait.
    fn call(self: &Arc<Line>) {
        while let Some(next) = self.next() {
            // Whoever gave up meanwhile gives the place back at once.
            let _ = next.send(Turn(self.clone()));
        }
    }

    fn next(&self) -> Option<oneshot::Sender<Turn>> {
        let mut inner = self.inner.lock();
        for (rank, _) in Urgency::ALL {
            while inner.at_work < self.most(rank) {
                let line = &mut inner.waiting[rank as usize];
                let next = if line.len() > self.places { line.pop_back() } else { line.pop_front() };
                match next {
                    Some(next) if next.is_closed() => {}
                    Some(next) => {
                        inner.at_work += 1;
                        return Some(next);
                    }
                    None => break,
                }
            }
        }
        None
    }
}

impl Inner {
    /// Joins the line. When it is full, the least urgent of those who wait the longest leaves.
    fn wait(&mut self, rank: Urgency, most: usize) -> Option<oneshot::Receiver<Turn>> {
        if self.waiting.iter().map(VecDeque::len).sum::<usize>() >= most {
            for line in &mut self.waiting {
                line.retain(|one| !one.is_closed());
            }
        }
        if self.waiting.iter().map(VecDeque::len).sum::<usize>() >= most {
            let least = self.waiting[rank as usize..].iter_mut().rev().find(|line| !line.is_empty())?;
            least.pop_front();
        }
        let (sender, receiver) = oneshot::channel();
        self.waiting[rank as usize].push_back(sender);
        Some(receiver)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(places: usize, waiting: usize, patience_ms: u64) -> Arc<Line> {
        Line::new(places, waiting, Duration::from_millis(patience_ms))
    }

    #[tokio::test]
    async fn exports_leave_room_for_searches_and_these_for_reads() {
        let line = line(16, 100, 5);
        let mut held = Vec::new();
        for (rank, expect) in [(Urgency::Export, 2), (Urgency::Search, 6), (Urgency::Write, 4), (Urgency::Read, 3), (Urgency::Emergency, 1)] {
            let before = held.len();
            while let Some(turn) = line.turn(rank).await {
                held.push(turn);
            }
            assert_eq!(held.len() - before, expect, "{rank:?}");
        }
        assert_eq!(line.counts(), (16, 0));
        held.clear();
        assert_eq!(line.counts(), (0, 0), "every place is given back");
    }

    #[tokio::test]
    async fn the_most_urgent_is_called_first() {
        let line = line(16, 100, 5000);
        let mut held = Vec::new();
        for _ in 0..16 {
            held.push(line.turn(Urgency::Emergency).await.unwrap());
        }
        let (said, mut heard) = tokio::sync::mpsc::unbounded_channel();
        for rank in [Urgency::Export, Urgency::Search, Urgency::Write, Urgency::Read, Urgency::Emergency] {
            let (line, said) = (line.clone(), said.clone());
            tokio::spawn(async move {
                let turn = line.turn(rank).await;
                let _ = said.send(rank);
                drop(turn);
            });
            tokio::task::yield_now().await;
        }
        held.truncate(15);
        assert_eq!(heard.recv().await, Some(Urgency::Emergency));
        held.clear();
        for expect in [Urgency::Read, Urgency::Write, Urgency::Search, Urgency::Export] {
            assert_eq!(heard.recv().await, Some(expect));
        }
    }

    #[tokio::test]
    async fn a_full_line_sends_the_least_urgent_away() {
        let line = line(16, 2, 60_000);
        let mut held = Vec::new();
        for _ in 0..16 {
            held.push(line.turn(Urgency::Emergency).await.unwrap());
        }
        let wait = |rank| {
            let line = line.clone();
            tokio::spawn(async move { line.turn(rank).await.is_some() })
        };
        let (export, search) = (wait(Urgency::Export), wait(Urgency::Search));
        tokio::task::yield_now().await;
        let read = wait(Urgency::Read);
        assert!(!export.await.unwrap(), "the export makes room for the read");
        assert!(line.turn(Urgency::Export).await.is_none(), "and none less urgent gets in");
        held.clear();
        assert!(search.await.unwrap() && read.await.unwrap());
    }

    #[tokio::test]
    async fn who_gives_up_takes_no_place() {
        let line = line(16, 100, 5);
        let mut held = Vec::new();
        for _ in 0..16 {
            held.push(line.turn(Urgency::Emergency).await.unwrap());
        }
        assert!(line.turn(Urgency::Read).await.is_none());
        held.clear();
        assert_eq!(line.counts(), (0, 0));
        assert!(line.turn(Urgency::Export).await.is_some());
    }
}
