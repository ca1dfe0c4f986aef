//! The one thread that writes.
//!
//! It takes everything that is queued as one group. Each batch is judged against
//! the database and what earlier batches of the group write; those that pass are
//! written in one write with one sync. Only then does anyone hear of it, in the
//! order of the queue.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use parking_lot::Mutex;
use rocksdb::{DB, WriteBatch, WriteOptions};
use store::batch::{Batch, Write};
use store::engine::{
    Cause, CommitError, Committed, Done, Error, Read, Space, commit_number_from, commit_number_key,
};

use crate::read::{View, family};
use crate::{Options, failed_commit};

pub(crate) struct Committer {
    queue: Mutex<Option<SyncSender<Queued>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    /// Set by the first failed write.
    stopped: Arc<AtomicBool>,
}

struct Queued {
    batch: Batch,
    done: Done,
}

impl Committer {
    pub(crate) fn start(db: Arc<DB>, options: &Options) -> Result<Committer, Error> {
        let (sender, receiver) = sync_channel(options.queued_batches.max(1));
        let group_bytes = options.group_bytes;
        let stopped = Arc::new(AtomicBool::new(false));
        let told = stopped.clone();
        let thread = std::thread::Builder::new()
            .name("store committer".into())
            .spawn(move || Writer::new(&db, &told).run(&receiver, group_bytes))
            .map_err(|reason| Error::Failed {
                doing: "starting the committer",
                source: Cause::new(reason),
            })?;
        Ok(Committer {
            queue: Mutex::new(Some(sender)),
            thread: Mutex::new(Some(thread)),
            stopped,
        })
    }

    /// False once a write has failed.
    pub(crate) fn takes_writes(&self) -> bool {
        !self.stopped.load(Ordering::Acquire)
    }

    pub(crate) fn hand_over(&self, batch: Batch, done: Done) {
        // The lock is released before waiting for room in the queue.
        let queue = self.queue.lock().clone();
        let refused = match queue {
            Some(queue) => match queue.send(Queued { batch, done }) {
                Ok(()) => return,
                Err(refused) => refused.0.done,
            },
            None => done,
        };
        refused(Err(CommitError::Engine(Error::Closed)));
    }

    /// Finishes the queue and stops the thread. False when it was stopped before.
    pub(crate) fn stop(&self) -> bool {
        // Without senders the thread comes to the end of the queue and returns.
        drop(self.queue.lock().take());
        let thread = self.thread.lock().take();
        thread.is_some_and(|thread| thread.join().is_ok())
    }
}

impl Drop for Committer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Batches of one group at most; more would only make the first of them wait.
const GROUP_BATCHES: usize = 1024;

struct Writer<'a> {
    db: &'a DB,
    /// The commit numbers of the shards seen so far.
    numbers: [Option<u64>; 256],
    /// Set by the first failed write: whether it reached the disk is unknown, so
    /// nothing may be judged against it.
    stopped: &'a AtomicBool,
}

type Answer = Result<Committed, CommitError>;

/// What lies under the keys that preconditions of the group ask about.
type Asked<'a> = HashMap<(Space, &'a [u8]), Option<Found<'a>>>;

/// A value out of the database, or out of an earlier batch of the group.
enum Found<'a> {
    Stored(Vec<u8>),
    Queued(&'a [u8]),
}

impl Found<'_> {
    fn bytes(&self) -> &[u8] {
        match self {
            Found::Stored(value) => value,
            Found::Queued(value) => value,
        }
    }
}

impl<'a> Writer<'a> {
    fn new(db: &'a DB, stopped: &'a AtomicBool) -> Writer<'a> {
        Writer {
            db,
            numbers: [None; 256],
            stopped,
        }
    }

    fn run(&mut self, queue: &Receiver<Queued>, group_bytes: usize) {
        while let Ok(first) = queue.recv() {
            let mut bytes = first.batch.size_bytes();
            let (mut batches, mut waiting) = (vec![first.batch], vec![first.done]);
            while bytes < group_bytes && batches.len() < GROUP_BATCHES {
                let Ok(next) = queue.try_recv() else { break };
                bytes += next.batch.size_bytes();
                batches.push(next.batch);
                waiting.push(next.done);
            }
            for (done, answer) in waiting.into_iter().zip(self.commit(&batches)) {
                // A listener that panics must not take the store with it; the panic
                // itself was reported where it happened.
                let _ = catch_unwind(AssertUnwindSafe(|| done(answer)));
            }
        }
    }

    /// Commits a group and gives the answer to each batch of it.
    fn commit(&mut self, batches: &[Batch]) -> Vec<Answer> {
        let all = |error: CommitError| vec![Err(error); batches.len()];
        if self.stopped.load(Ordering::Acquire) {
            return all(CommitError::Engine(Error::WritesStopped));
        }
        let judged = match self.judge(batches) {
            Ok(judged) => judged,
            Err(error) => return all(CommitError::Engine(error)),
        };
        if judged.write.is_empty() {
            return judged.answers;
        }
        let mut options = WriteOptions::default();
        options.set_sync(true);
        if let Err(reason) = self.db.write_opt(judged.write, &options) {
            self.stopped.store(true, Ordering::Release);
            let error = failed_commit("writing", reason);
            // What was refused for its own reason keeps it.
            let answers = judged.answers.into_iter();
            return answers
                .map(|answer| answer.and_then(|_| Err(error.clone())))
                .collect();
        }
        self.numbers = judged.numbers;
        judged.answers
    }

    fn judge(&self, batches: &[Batch]) -> Result<Judged, Error> {
        let families = Space::ALL.map(|space| family(self.db, space));
        let [
            Ok(record),
            Ok(posting),
            Ok(locator),
            Ok(claim),
            Ok(log),
            Ok(meta),
        ] = families
        else {
            return Err(Error::Damaged {
                what: "a family is missing".into(),
            });
        };
        let families = [record, posting, locator, claim, log, meta];
        let mut asked = self.look_up(batches)?;
        let asked_spaces = Space::ALL.map(|space| asked.keys().any(|(of, _)| *of == space));
        let bytes = batches
            .iter()
            .map(|batch| batch.size_bytes() + 16 * batch.len())
            .sum();
        let mut write = WriteBatch::with_capacity_bytes(bytes);
        let mut numbers = self.numbers;
        let mut touched = [false; 256];
        let mut answers = Vec::with_capacity(batches.len());
        for batch in batches {
            let shards = match refusal(batch, &asked) {
                Ok(shards) => shards,
                Err(refused) => {
                    answers.push(Err(refused));
                    continue;
                }
            };
            for one in batch.writes() {
                let (space, key) = one.key();
                let value = match one {
                    Write::Put(_, _, value) => {
                        write.put_cf(families[space as usize], key, value);
                        Some(Found::Queued(value))
                    }
                    Write::Delete(..) => {
                        write.delete_cf(families[space as usize], key);
                        None
                    }
                };
                if asked_spaces[space as usize]
                    && let Some(known) = asked.get_mut(&(space, key))
                {
                    *known = value;
                }
            }
            let mut committed = Committed {
                numbers: Vec::with_capacity(shards.len()),
            };
            for shard in shards {
                let place = usize::from(shard);
                let number = match numbers[place] {
                    Some(number) => number,
                    None => self.stored_number(shard)?,
                } + 1;
                numbers[place] = Some(number);
                touched[place] = true;
                committed.numbers.push((shard, number));
            }
            answers.push(Ok(committed));
        }
        for (shard, number) in (0..=u8::MAX).zip(numbers) {
            if let (true, Some(number)) = (touched[usize::from(shard)], number) {
                write.put_cf(meta, commit_number_key(shard), number.to_be_bytes());
            }
        }
        Ok(Judged {
            write,
            numbers,
            answers,
        })
    }

    /// Reads everything the preconditions of a group ask about, space by space.
    fn look_up<'b>(&self, batches: &'b [Batch]) -> Result<Asked<'b>, Error> {
        let mut keys: [Vec<&[u8]>; 6] = Default::default();
        for batch in batches {
            for precondition in batch.preconditions() {
                let (space, key) = precondition.key();
                keys[space as usize].push(key);
            }
        }
        let mut asked = Asked::with_capacity(keys.iter().map(Vec::len).sum());
        let view = View::new(self.db, None);
        for (space, keys) in Space::ALL.into_iter().zip(&mut keys) {
            if keys.is_empty() {
                continue;
            }
            keys.sort_unstable();
            keys.dedup();
            let found = view.multi_get(space, keys)?;
            let found = found.into_iter().map(|value| value.map(Found::Stored));
            asked.extend(keys.iter().map(|key| (space, *key)).zip(found));
        }
        Ok(asked)
    }

    fn stored_number(&self, shard: u8) -> Result<u64, Error> {
        let mut number = Ok(0);
        View::new(self.db, None).view(Space::Meta, &commit_number_key(shard), &mut |bytes| {
            number = commit_number_from(bytes);
        })?;
        number
    }
}

/// A group ready to be written.
struct Judged {
    write: WriteBatch,
    numbers: [Option<u64>; 256],
    answers: Vec<Answer>,
}

/// The shards of a batch, or why it is refused.
fn refusal(batch: &Batch, asked: &Asked<'_>) -> Result<Vec<u8>, CommitError> {
    let shards = batch.shards()?;
    let fails = batch.preconditions().position(|precondition| {
        let (space, key) = precondition.key();
        let found = asked.get(&(space, key)).and_then(Option::as_ref);
        !precondition.holds(found.map(Found::bytes))
    });
    fails.map_or(Ok(shards), |index| Err(CommitError::Precondition { index }))
}
