//! The same random acts on the engine and on the one in memory.

use std::ops::ControlFlow;

use crate::batch::Batch;
use crate::contract::{MakeSite, clauses::all};
use crate::engine::{Cursor, Engine, Read, Snapshot, Space, Span};
use crate::memory::Memory;

const SEEDS: u64 = 12;
const EPOCHS: usize = 3;
const ACTS: usize = 400;

pub(super) fn end_as_in_memory(make: &MakeSite<'_>) {
    for seed in 0..SEEDS {
        of_one_seed(make, seed);
    }
}

pub(super) fn of_one_seed(make: &MakeSite<'_>, seed: u64) {
    println!("seed {seed}");
    let mut dice = Dice(seed);
    let site = make();
    let memory = Memory::new();
    let mut engine = site.open();
    for _ in 0..EPOCHS {
        act(&mut dice, &*engine, &memory);
        for space in Space::ALL {
            assert_eq!(
                all(&*engine, space, &Span::all()),
                all(&memory, space, &Span::all()),
                "{space:?}"
            );
        }
        if site.survives() {
            // Sometimes with a farewell, sometimes without.
            if dice.once_in(2) {
                engine.close().expect("closes");
            }
            drop(engine);
            engine = site.open();
        }
    }
}

/// One epoch of acts between two openings.
fn act(dice: &mut Dice, engine: &dyn Engine, memory: &Memory) {
    let mut pairs: Vec<Pair<'_>> = Vec::new();
    for _ in 0..ACTS {
        match dice.below(20) {
            0..=7 => {
                let batch = dice.batch(memory);
                let (ours, theirs) = (engine.commit_wait(batch.clone()), memory.commit_wait(batch));
                match (ours, theirs) {
                    (Ok(ours), Ok(theirs)) => assert_eq!(ours, theirs),
                    (Err(ours), Err(theirs)) => assert_eq!(ours.to_string(), theirs.to_string()),
                    (ours, theirs) => panic!("the engine says {ours:?}, memory says {theirs:?}"),
                }
            }
            8..=9 => {
                let (space, keys) = (dice.space(), [dice.key(), dice.key(), dice.key()]);
                let keys: Vec<&[u8]> = keys.iter().map(Vec::as_slice).collect();
                let ours = engine.multi_get(space, &keys).expect("reads");
                assert_eq!(ours, memory.multi_get(space, &keys).expect("reads"));
                assert_eq!(ours[0], engine.get(space, keys[0]).expect("reads"));
            }
            10..=12 => compare_scan(dice, engine, memory, None),
            13 => compare_cursor(dice, engine, memory),
            14 if pairs.len() < 4 => {
                let shard = dice.shard();
                pairs.push(Pair {
                    shard,
                    ours: engine.snapshot(shard).expect("a snapshot"),
                    theirs: memory.snapshot(shard).expect("a snapshot"),
                });
            }
            14 => _ = pairs.swap_remove(dice.below(4)),
            15..=17 if !pairs.is_empty() => {
                let pair = &pairs[dice.below(pairs.len())];
                let number = pair.ours.commit_number().expect("reads");
                assert_eq!(number, pair.theirs.commit_number().expect("reads"));
                compare_scan(dice, &*pair.ours, &*pair.theirs, Some(pair.shard));
            }
            18 if dice.once_in(10) => engine.flush().expect("flushes"),
            19 if dice.once_in(20) => engine.compact().expect("compacts"),
            _ => {
                let shard = dice.shard();
                let ours = engine.commit_number(shard).expect("reads");
                assert_eq!(ours, memory.commit_number(shard).expect("reads"));
            }
        }
    }
}

/// Two snapshots taken at the same moment.
struct Pair<'a> {
    shard: u8,
    ours: Box<dyn Snapshot + 'a>,
    theirs: Box<dyn Snapshot + 'a>,
}

fn compare_scan<A: Read + ?Sized, B: Read + ?Sized>(
    dice: &mut Dice,
    ours: &A,
    theirs: &B,
    shard: Option<u8>,
) {
    let (space, span) = match shard {
        // A snapshot promises the spaces of its shard, and nothing else.
        Some(shard) => {
            let space = [Space::Record, Space::Posting, Space::Log][dice.below(3)];
            (
                space,
                Span::prefix([&[shard][..], &dice.key()[1..]].concat()),
            )
        }
        None => (dice.space(), dice.span()),
    };
    let limit = 1 + dice.below(12);
    let back = dice.once_in(2);
    let gather = |read: &dyn Fn(&mut crate::engine::Visit<'_>)| {
        let mut found: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
        read(&mut |key, value| {
            found.push((key.to_vec(), value.to_vec()));
            if found.len() == limit {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        found
    };
    let found = |ours_or_theirs: &dyn Fn(&mut crate::engine::Visit<'_>)| gather(ours_or_theirs);
    let (ours, theirs) = if back {
        (
            found(&|visit| ours.scan_back(space, &span, visit).expect("scans")),
            found(&|visit| theirs.scan_back(space, &span, visit).expect("scans")),
        )
    } else {
        (
            found(&|visit| ours.scan(space, &span, visit).expect("scans")),
            found(&|visit| theirs.scan(space, &span, visit).expect("scans")),
        )
    };
    assert_eq!(ours, theirs, "{space:?} {span:?} back: {back}");
}

fn compare_cursor(dice: &mut Dice, engine: &dyn Engine, memory: &Memory) {
    let (space, span) = (dice.space(), dice.span());
    let mut ours = engine.cursor(space, &span).expect("a cursor");
    let mut theirs = memory.cursor(space, &span).expect("a cursor");
    for _ in 0..10 {
        if dice.once_in(4) {
            let key = dice.key();
            ours.seek(&key);
            theirs.seek(&key);
        }
        let step = |cursor: &mut dyn Cursor| {
            cursor
                .next()
                .expect("reads")
                .map(|(key, value)| (key.to_vec(), value.to_vec()))
        };
        assert_eq!(step(&mut *ours), step(&mut *theirs), "{space:?} {span:?}");
    }
}

/// Chance out of a seed (splitmix64): small, and the same on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, end: usize) -> usize {
        (self.roll() % end as u64) as usize
    }

    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn space(&mut self) -> Space {
        Space::ALL[self.below(Space::ALL.len())]
    }

    fn shard(&mut self) -> u8 {
        [1, 2, 255][self.below(3)]
    }

    /// Keys are few and alike, so that acts meet.
    fn key(&mut self) -> Vec<u8> {
        let mut key = vec![self.shard()];
        if self.once_in(3) {
            // As long as the keys of one record, so that prefixes of eight bytes meet too.
            key.extend([0, 0, 0, 0, 0, 0, self.below(2) as u8]);
        }
        for _ in 0..self.below(4) {
            key.push([0, 1, 254, 255][self.below(4)]);
        }
        key
    }

    fn span(&mut self) -> Span {
        match self.below(4) {
            0 => Span::all(),
            1 => Span::prefix(self.key()),
            2 => Span::between(self.key(), self.key()),
            _ => Span {
                from: self.key(),
                to: None,
            },
        }
    }

    fn batch(&mut self, memory: &Memory) -> Batch {
        let mut batch = Batch::new();
        for _ in 0..self.below(3) {
            let (space, key) = (self.space(), self.key());
            let there = memory.get(space, &key).expect("reads");
            match self.below(6) {
                0 => batch.require_absent(space, &key),
                1 => batch.require_present(space, &key),
                2 => batch.require_equals(space, &key, &[1; 3]),
                _ => batch.require_unchanged(space, &key, there.as_deref()),
            };
        }
        for _ in 0..self.below(7) {
            let (space, key) = (self.space(), self.key());
            if self.once_in(4) {
                batch.delete(space, &key);
            } else {
                let value = vec![self.below(5) as u8; self.below(40)];
                batch.put(space, &key, &value);
            }
        }
        batch
    }
}
