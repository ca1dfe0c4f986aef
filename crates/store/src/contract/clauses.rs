//! The clauses that tell one story each.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;

use crate::batch::Batch;
use crate::contract::MakeSite;
use crate::engine::{CommitError, Committed, Engine, Read, Space, Span};

/// A batch of puts.
fn puts(puts: &[(Space, &[u8], &[u8])]) -> Batch {
    let mut batch = Batch::new();
    for (space, key, value) in puts {
        batch.put(*space, key, value);
    }
    batch
}

fn commit(engine: &dyn Engine, batch: Batch) -> Committed {
    engine.commit_wait(batch).expect("the batch is allowed")
}

/// Every key and value of a span.
pub(super) fn all(
    read: &(impl Read + ?Sized),
    space: Space,
    span: &Span,
) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut found = Vec::new();
    read.scan(space, span, &mut |key, value| {
        found.push((key.to_vec(), value.to_vec()));
        ControlFlow::Continue(())
    })
    .expect("scans");
    found
}

fn keys(read: &(impl Read + ?Sized), space: Space, span: &Span) -> Vec<Vec<u8>> {
    all(read, space, span)
        .into_iter()
        .map(|(key, _)| key)
        .collect()
}

fn get(read: &(impl Read + ?Sized), space: Space, key: &[u8]) -> Option<Vec<u8>> {
    read.get(space, key).expect("reads")
}

pub(super) fn what_was_committed_is_read(make: &MakeSite<'_>) {
    let site = make();
    let engine = &*site.open();
    assert_eq!(get(engine, Space::Record, b"key"), None);
    commit(
        engine,
        puts(&[
            (Space::Record, b"key", b"value"),
            (Space::Posting, b"empty", b""),
        ]),
    );
    assert_eq!(
        get(engine, Space::Record, b"key").as_deref(),
        Some(&b"value"[..])
    );
    assert_eq!(
        get(engine, Space::Posting, b"empty").as_deref(),
        Some(&b""[..])
    );
    assert_eq!(get(engine, Space::Record, b"ke"), None);
    assert_eq!(get(engine, Space::Record, b"keys"), None);
    let found = engine
        .multi_get(Space::Record, &[b"no", b"key", b""])
        .expect("reads");
    assert_eq!(found, [None, Some(b"value".to_vec()), None]);
    assert!(
        !engine
            .view(Space::Record, b"no", &mut |_| panic!("nothing to see"))
            .expect("reads")
    );

    let mut batch = Batch::new();
    batch
        .delete(Space::Record, b"key")
        .delete(Space::Record, b"never there");
    commit(engine, batch);
    assert_eq!(get(engine, Space::Record, b"key"), None);
}

pub(super) fn a_failed_precondition_writes_nothing(make: &MakeSite<'_>) {
    let site = make();
    let engine = &*site.open();
    commit(engine, puts(&[(Space::Claim, b"taken", b"one")]));
    let demands: [fn(&mut Batch); 6] = [
        |batch| _ = batch.require_absent(Space::Claim, b"taken"),
        |batch| _ = batch.require_present(Space::Claim, b"free"),
        |batch| _ = batch.require_equals(Space::Claim, b"taken", b"two"),
        |batch| _ = batch.require_equals(Space::Claim, b"taken", b"on"),
        |batch| _ = batch.require_equals(Space::Claim, b"free", b""),
        |batch| _ = batch.require_equals(Space::Locator, b"taken", b"one"),
    ];
    for (place, demand) in demands.iter().enumerate() {
        let mut batch = puts(&[
            (Space::Record, &[5, 1], b"new"),
            (Space::Claim, b"taken", b"mine"),
        ]);
        batch.delete(Space::Claim, b"taken");
        batch
            .require_present(Space::Claim, b"taken")
            .require_absent(Space::Claim, b"free");
        demand(&mut batch);
        let refused = engine
            .commit_wait(batch)
            .expect_err("a demand does not hold");
        assert!(
            matches!(refused, CommitError::Precondition { index: 2 }),
            "demand {place}: {refused}"
        );
        assert_eq!(get(engine, Space::Record, &[5, 1]), None);
        assert_eq!(
            get(engine, Space::Claim, b"taken").as_deref(),
            Some(&b"one"[..])
        );
        assert_eq!(engine.commit_number(5).expect("reads"), 0);
    }
}

pub(super) fn preconditions_see_the_state_before_the_batch(make: &MakeSite<'_>) {
    let site = make();
    let engine = &*site.open();
    let create = || {
        let mut batch = puts(&[(Space::Record, b"key", b"1")]);
        batch.require_absent(Space::Record, b"key");
        batch
    };
    commit(engine, create());
    assert!(engine.commit_wait(create()).is_err());
    let mut change = puts(&[(Space::Record, b"key", b"2")]);
    change
        .require_unchanged(Space::Record, b"key", Some(b"1"))
        .require_unchanged(Space::Record, b"other", None);
    commit(engine, change);
    // A batch that only asks writes nothing and is answered.
    let mut ask = Batch::new();
    ask.require_equals(Space::Record, b"key", b"2");
    assert_eq!(commit(engine, ask), Committed::default());
    // A deleted key is absent for the batch after it.
    let mut remove = Batch::new();
    remove.delete(Space::Record, b"key");
    commit(engine, remove);
    commit(engine, create());
}

pub(super) fn the_later_of_two_writes_wins(make: &MakeSite<'_>) {
    let site = make();
    let engine = &*site.open();
    let mut batch = puts(&[
        (Space::Record, b"a", b"1"),
        (Space::Record, b"a", b"2"),
        (Space::Record, b"b", b"1"),
    ]);
    batch
        .delete(Space::Record, b"b")
        .delete(Space::Record, b"c")
        .put(Space::Record, b"c", b"3");
    commit(engine, batch);
    let expected = [
        (b"a".to_vec(), b"2".to_vec()),
        (b"c".to_vec(), b"3".to_vec()),
    ];
    assert_eq!(all(engine, Space::Record, &Span::all()), expected);
}

pub(super) fn commit_numbers_count_the_batches_of_a_shard(make: &MakeSite<'_>) {
    let site = make();
    let engine = &*site.open();
    let numbers = |shards: &[u8]| -> Vec<u64> {
        shards
            .iter()
            .map(|shard| engine.commit_number(*shard).expect("reads"))
            .collect()
    };
    assert_eq!(numbers(&[0, 7, 255]), [0, 0, 0]);
    let done = commit(
        engine,
        puts(&[
            (Space::Record, &[7, 1], b""),
            (Space::Posting, &[7, 2], b""),
        ]),
    );
    assert_eq!(done.numbers, [(7, 1)]);
    let done = commit(
        engine,
        puts(&[
            (Space::Log, &[255], b""),
            (Space::Record, &[7, 1], b""),
            (Space::Record, &[0], b""),
        ]),
    );
    assert_eq!(done.numbers, [(0, 1), (7, 2), (255, 1)]);
    assert_eq!(done.number(7), Some(2));
    assert_eq!(done.number(8), None);
    // What has no shard moves no number.
    let done = commit(
        engine,
        puts(&[
            (Space::Claim, &[7], b""),
            (Space::Locator, &[7], b""),
            (Space::Meta, &[7], b""),
        ]),
    );
    assert_eq!(done.numbers, []);
    assert_eq!(numbers(&[0, 7, 255]), [1, 2, 1]);
    let mut remove = Batch::new();
    remove.delete(Space::Record, &[7, 1]);
    assert_eq!(commit(engine, remove).numbers, [(7, 3)]);
    assert_eq!(
        engine
            .snapshot(7)
            .expect("a snapshot")
            .commit_number()
            .expect("reads"),
        3
    );
    assert_eq!(
        engine
            .snapshot(9)
            .expect("a snapshot")
            .commit_number()
            .expect("reads"),
        0
    );
}

pub(super) fn keys_of_the_engine_and_empty_keys_are_refused(make: &MakeSite<'_>) {
    let site = make();
    let engine = &*site.open();
    for (space, key) in [
        (Space::Meta, &[0, 7][..]),
        (Space::Meta, &[0]),
        (Space::Record, &[]),
        (Space::Claim, &[]),
    ] {
        let refused =
            engine.commit_wait(puts(&[(Space::Record, b"before", b""), (space, key, b"x")]));
        assert!(
            matches!(refused, Err(CommitError::Invalid { index: 1, .. })),
            "{space:?} {key:?}: {refused:?}"
        );
        assert_eq!(get(engine, Space::Record, b"before"), None);
    }
}

pub(super) fn scans_go_both_ways_and_stop(make: &MakeSite<'_>) {
    let site = make();
    let engine = &*site.open();
    let sorted: [&[u8]; 9] = [
        &[0],
        &[0, 0],
        &[0, 255],
        &[1],
        &[1, 2, 3, 4, 5, 6, 7, 8, 1],
        &[1, 2, 3, 4, 5, 6, 7, 9],
        &[254, 255],
        &[255],
        &[255, 255, 255],
    ];
    let mut batch = Batch::new();
    // Written in another order than read, and partly before a flush.
    for key in sorted.iter().rev().step_by(2) {
        batch.put(Space::Record, key, key);
    }
    commit(engine, std::mem::take(&mut batch));
    engine.flush().expect("flushes");
    for key in sorted.iter().skip(1).step_by(2) {
        batch.put(Space::Record, key, key);
    }
    commit(engine, batch);

    let spans = [
        Span::all(),
        Span::prefix([]),
        Span::prefix([0]),
        Span::prefix([1]),
        Span::prefix([1, 2, 3, 4, 5, 6, 7, 8]),
        Span::prefix([1, 2, 3, 4, 5, 6, 7]),
        Span::prefix([255]),
        Span::prefix([255, 255]),
        Span::prefix([9]),
        Span::between([0, 255], [254]),
        Span::between([1], [1]),
        Span::between([3], [1]),
        Span::between([], [0]),
        Span::between([1, 0], []),
        Span {
            from: vec![1, 3],
            to: None,
        },
    ];
    for span in spans {
        let expected: Vec<Vec<u8>> = sorted
            .iter()
            .filter(|key| span.holds(key))
            .map(|key| key.to_vec())
            .collect();
        let reversed: Vec<Vec<u8>> = expected.iter().rev().cloned().collect();
        let snapshot = engine.snapshot(1).expect("a snapshot");
        assert_eq!(keys(engine, Space::Record, &span), expected, "{span:?}");
        for stop_after in 1..=expected.len() {
            let (mut forth, mut back) = (Vec::new(), Vec::new());
            let gather = |found: &mut Vec<Vec<u8>>, key: &[u8], value: &[u8]| {
                assert_eq!(key, value);
                found.push(key.to_vec());
                if found.len() == stop_after {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            };
            engine
                .scan(Space::Record, &span, &mut |key, value| {
                    gather(&mut forth, key, value)
                })
                .expect("scans");
            engine
                .scan_back(Space::Record, &span, &mut |key, value| {
                    gather(&mut back, key, value)
                })
                .expect("scans");
            assert_eq!(forth, expected[..stop_after], "{span:?}");
            assert_eq!(back, reversed[..stop_after], "{span:?}");
        }
        let in_shard = |keys: Vec<Vec<u8>>| -> Vec<Vec<u8>> {
            keys.into_iter().filter(|key| key[0] == 1).collect()
        };
        assert_eq!(
            in_shard(keys(&*snapshot, Space::Record, &span)),
            in_shard(expected),
            "{span:?}"
        );
    }
}

pub(super) fn a_cursor_seeks_forwards_and_backwards(make: &MakeSite<'_>) {
    let site = make();
    let engine = &*site.open();
    let mut batch = Batch::new();
    for number in (10..100u8).step_by(10) {
        batch.put(Space::Record, &[1, number], &[number]);
    }
    batch
        .put(Space::Record, &[0, 200], b"before")
        .put(Space::Record, &[2, 0], b"after");
    commit(engine, batch);
    let mut cursor = engine
        .cursor(Space::Record, &Span::prefix([1]))
        .expect("a cursor");
    let mut shown = |seek: Option<&[u8]>| -> Option<u8> {
        if let Some(key) = seek {
            cursor.seek(key);
        }
        let (key, value) = cursor.next().expect("reads")?;
        assert_eq!(key[1], value[0]);
        Some(key[1])
    };
    let story: [(Option<&[u8]>, Option<u8>); 13] = [
        (None, Some(10)),
        (None, Some(20)),
        (Some(&[1, 55]), Some(60)),
        (None, Some(70)),
        (Some(&[1, 30]), Some(30)),
        (None, Some(40)),
        (Some(&[0]), Some(10)),
        (Some(&[1, 90]), Some(90)),
        (None, None),
        (None, None),
        (Some(&[1, 80]), Some(80)),
        (Some(&[2]), None),
        (Some(&[]), Some(10)),
    ];
    for (place, (seek, expected)) in story.into_iter().enumerate() {
        assert_eq!(shown(seek), expected, "step {place}");
    }
}

pub(super) fn a_snapshot_stands_still(make: &MakeSite<'_>) {
    let site = make();
    let engine = &*site.open();
    commit(
        engine,
        puts(&[
            (Space::Record, &[3, 1], b"old"),
            (Space::Posting, &[3, 1], b""),
            (Space::Log, &[3], b"old"),
        ]),
    );
    let snapshot = engine.snapshot(3).expect("a snapshot");
    let mut cursor = snapshot
        .cursor(Space::Record, &Span::prefix([3]))
        .expect("a cursor");
    let mut batch = puts(&[
        (Space::Record, &[3, 1], b"new"),
        (Space::Record, &[3, 0], b"new"),
        (Space::Posting, &[3, 2], b""),
    ]);
    batch
        .delete(Space::Posting, &[3, 1])
        .delete(Space::Log, &[3]);
    commit(engine, batch);
    engine.flush().expect("flushes");
    engine.compact().expect("compacts");
    assert_eq!(snapshot.commit_number().expect("reads"), 1);
    assert_eq!(
        all(&*snapshot, Space::Record, &Span::prefix([3])),
        [(vec![3, 1], b"old".to_vec())]
    );
    assert_eq!(
        keys(&*snapshot, Space::Posting, &Span::prefix([3])),
        [vec![3, 1]]
    );
    assert_eq!(
        get(&*snapshot, Space::Log, &[3]).as_deref(),
        Some(&b"old"[..])
    );
    assert_eq!(get(&*snapshot, Space::Record, &[3, 0]), None);
    assert_eq!(
        cursor.next().expect("reads"),
        Some((&[3, 1][..], &b"old"[..]))
    );
    assert_eq!(cursor.next().expect("reads"), None);
    drop(cursor);
    drop(snapshot);
    let now = engine.snapshot(3).expect("a snapshot");
    assert_eq!(now.commit_number().expect("reads"), 2);
    assert_eq!(
        keys(&*now, Space::Record, &Span::prefix([3])),
        [vec![3, 0], vec![3, 1]]
    );
}

pub(super) fn spaces_do_not_meet(make: &MakeSite<'_>) {
    let site = make();
    let engine = &*site.open();
    for space in Space::ALL {
        commit(
            engine,
            puts(&[(space, b"same key", space.name().as_bytes())]),
        );
    }
    for space in Space::ALL {
        assert_eq!(
            get(engine, space, b"same key").as_deref(),
            Some(space.name().as_bytes())
        );
        let mine = Span::prefix(*b"same");
        assert_eq!(
            all(engine, space, &mine),
            [(b"same key".to_vec(), space.name().as_bytes().to_vec())]
        );
    }
}

pub(super) fn values_of_every_size_survive(make: &MakeSite<'_>) {
    let site = make();
    let sizes = [0, 1, 100, 4096, 70_000, 2 << 20];
    let value =
        |size: usize| -> Vec<u8> { (0..size).map(|place| (place * 31 % 251) as u8).collect() };
    let compare = |engine: &dyn Engine| {
        for (number, size) in sizes.iter().enumerate() {
            let found = get(engine, Space::Record, &[1, number as u8]);
            assert!(found == Some(value(*size)), "a value of {size} bytes");
        }
    };
    let engine = site.open();
    let mut batch = Batch::new();
    for (number, size) in sizes.iter().enumerate() {
        batch.put(Space::Record, &[1, number as u8], &value(*size));
    }
    commit(&*engine, batch);
    compare(&*engine);
    engine.flush().expect("flushes");
    engine.compact().expect("compacts");
    compare(&*engine);
    engine.verify().expect("is in order");
    assert!(engine.size_bytes().expect("a size") > 70_000);
}

pub(super) fn of_many_claimants_one_wins(make: &MakeSite<'_>) {
    let site = make();
    let engine = &*site.open();
    for round in 0..20u8 {
        let winners = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for claimant in 0..8u8 {
                let winners = &winners;
                scope.spawn(move || {
                    let mut batch = puts(&[
                        (Space::Claim, &[round], &[claimant]),
                        (Space::Record, &[claimant, round], b"won"),
                    ]);
                    batch.require_absent(Space::Claim, &[round]);
                    match engine.commit_wait(batch) {
                        Ok(_) => _ = winners.fetch_add(1, Ordering::Relaxed),
                        Err(CommitError::Precondition { index: 0 }) => {}
                        Err(other) => panic!("{other}"),
                    }
                });
            }
        });
        assert_eq!(winners.into_inner(), 1);
        let winner = get(engine, Space::Claim, &[round]).expect("a winner")[0];
        for claimant in 0..8u8 {
            assert_eq!(
                get(engine, Space::Record, &[claimant, round]).is_some(),
                claimant == winner
            );
        }
    }
}

pub(super) fn concurrent_changes_are_never_lost(make: &MakeSite<'_>) {
    const WRITERS: u8 = 6;
    const EACH: u64 = 40;
    let site = make();
    let engine = &*site.open();
    commit(engine, puts(&[(Space::Record, &[1], &0u64.to_be_bytes())]));
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            scope.spawn(move || {
                let mut done = 0;
                while done < EACH {
                    let old = get(engine, Space::Record, &[1]).expect("the counter");
                    let next =
                        u64::from_be_bytes(old.as_slice().try_into().expect("eight bytes")) + 1;
                    let mut batch = puts(&[(Space::Record, &[1], &next.to_be_bytes())]);
                    batch.put(
                        Space::Log,
                        &[&[1, writer][..], &next.to_be_bytes()].concat(),
                        b"",
                    );
                    batch.require_equals(Space::Record, &[1], &old);
                    match engine.commit_wait(batch) {
                        Ok(_) => done += 1,
                        Err(CommitError::Precondition { .. }) => {}
                        Err(other) => panic!("{other}"),
                    }
                }
            });
        }
    });
    let total = u64::from(WRITERS) * EACH;
    assert_eq!(
        get(engine, Space::Record, &[1]),
        Some(total.to_be_bytes().to_vec())
    );
    assert_eq!(keys(engine, Space::Log, &Span::all()).len() as u64, total);
    assert_eq!(engine.commit_number(1).expect("reads"), total + 1);
}

pub(super) fn readers_never_see_half_a_batch(make: &MakeSite<'_>) {
    let site = make();
    let engine = &*site.open();
    let over = &AtomicBool::new(false);
    let write = |number: u64| {
        let number = number.to_be_bytes();
        puts(&[
            (Space::Record, &[4, 1], &number),
            (Space::Record, &[4, 9], &number),
            (Space::Log, &[4], &number),
        ])
    };
    commit(engine, write(1));
    std::thread::scope(|scope| {
        scope.spawn(move || {
            for number in 2..=300 {
                commit(engine, write(number));
            }
            over.store(true, Ordering::Release);
        });
        while !over.load(Ordering::Acquire) {
            let snapshot = engine.snapshot(4).expect("a snapshot");
            let seen = [
                get(&*snapshot, Space::Record, &[4, 1]),
                get(&*snapshot, Space::Record, &[4, 9]),
                get(&*snapshot, Space::Log, &[4]),
                Some(
                    snapshot
                        .commit_number()
                        .expect("reads")
                        .to_be_bytes()
                        .to_vec(),
                ),
            ];
            assert!(seen.iter().all(|value| *value == seen[0]), "{seen:?}");
            let scanned = all(engine, Space::Record, &Span::prefix([4]));
            assert_eq!(scanned[0].1, scanned[1].1);
        }
    });
}

pub(super) fn every_batch_is_answered_once(make: &MakeSite<'_>) {
    const BATCHES: usize = 500;
    let site = make();
    let engine = site.open();
    let (answer, answers) = mpsc::channel();
    for number in 0..BATCHES {
        let answer = answer.clone();
        let mut batch = puts(&[(
            Space::Record,
            &[(number % 3) as u8, (number % 7) as u8],
            &number.to_be_bytes(),
        )]);
        if number % 5 == 0 {
            batch.require_absent(Space::Record, &[(number % 3) as u8, (number % 7) as u8]);
        }
        engine.commit(
            batch,
            Box::new(move |result| answer.send((number, result)).expect("somebody listens")),
        );
    }
    drop(answer);
    let mut answered: Vec<usize> = Vec::new();
    let mut highest = [0; 3];
    for (number, result) in answers {
        answered.push(number);
        match result {
            // The numbers of a shard are given out in the order of the batches.
            Ok(done) => {
                let (shard, commit) = done.numbers[0];
                assert_eq!(
                    (usize::from(shard), commit),
                    (number % 3, highest[number % 3] + 1)
                );
                highest[number % 3] = commit;
            }
            Err(CommitError::Precondition { index: 0 }) => {}
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(
        answered,
        (0..BATCHES).collect::<Vec<_>>(),
        "answers come in the order of the batches"
    );
    // Closing waits for what is queued.
    let (answer, answers) = mpsc::channel();
    for number in 0..50u8 {
        let answer = answer.clone();
        engine.commit(
            puts(&[(Space::Record, &[9, number], b"")]),
            Box::new(move |result| _ = answer.send(result.is_ok())),
        );
    }
    drop(answer);
    engine.close().expect("closes");
    assert_eq!(answers.try_iter().filter(|done| *done).count(), 50);
}

pub(super) fn a_closed_engine_refuses_to_write(make: &MakeSite<'_>) {
    let site = make();
    let engine = site.open();
    commit(&*engine, puts(&[(Space::Record, b"key", b"1")]));
    engine.close().expect("closes");
    engine.close().expect("closing again changes nothing");
    let refused = engine.commit_wait(puts(&[(Space::Record, b"key", b"2")]));
    assert!(
        matches!(
            refused,
            Err(CommitError::Engine(crate::engine::Error::Closed))
        ),
        "{refused:?}"
    );
}

pub(super) fn a_reopened_store_holds_everything(make: &MakeSite<'_>) {
    let site = make();
    if !site.survives() {
        return;
    }
    let mut expected = Vec::new();
    for round in 0..6u8 {
        let engine = site.open();
        assert_eq!(
            all(&*engine, Space::Record, &Span::all()),
            expected,
            "round {round}"
        );
        assert_eq!(
            engine.commit_number(1).expect("reads"),
            u64::from(round) * 20
        );
        for number in 0..20u8 {
            commit(
                &*engine,
                puts(&[(Space::Record, &[1, round, number], &[number; 50])]),
            );
            expected.push((vec![1, round, number], vec![number; 50]));
        }
        match round % 3 {
            0 => engine.flush().expect("flushes"),
            1 => engine.close().expect("closes"),
            // Dropped as it is: an acknowledged batch needs no farewell.
            _ => {}
        }
    }
}
