//! Killed at any moment, the store keeps every acknowledged batch, whole, and no
//! half of any other.
//!
//! The test starts itself again as a child that writes with 32 threads and says
//! each acknowledgement on its output; the parent kills it (SIGKILL), reopens the
//! store and compares. What this cannot show is a power cut: the system's cache
//! survives the process.

use std::io::{BufRead, BufReader, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use store::batch::Batch;
use store::engine::{CommitError, Engine, Read, Space, Span};
use store_rocks::{Options, Rocks};

const CHILD: &str = "CARNET_KILL_TEST_FOLDER";
const ROUND: &str = "CARNET_KILL_TEST_ROUND";
const WRITERS: u8 = 32;
const ROUNDS: u32 = 20;
const SHARDS: u8 = 4;
/// Keys of one batch besides its claim and its counter.
const PARTS: u8 = 5;

/// A store with buffers so small that flushes and compactions are killed as well.
fn options() -> Options {
    Options {
        write_buffer_bytes: 2 << 20,
        ..Options::small()
    }
}

#[test]
fn nothing_acknowledged_is_lost_and_nothing_is_half_there() {
    if let Some(folder) = std::env::var_os(CHILD) {
        let round = std::env::var(ROUND)
            .expect("a round")
            .parse()
            .expect("a number");
        write_until_killed(Path::new(&folder), round);
    }
    let place = tempfile::tempdir().expect("a folder");
    let folder = place.path().join("store");
    let mut acknowledged: Vec<(u32, u8, u32)> = Vec::new();
    let mut unheard = 0;
    for round in 0..ROUNDS {
        acknowledged.extend(run_and_kill(&folder, round));
        unheard = compare(&folder, &acknowledged);
    }
    println!(
        "{} acknowledged batches, {unheard} whole ones nobody heard of",
        acknowledged.len()
    );
    assert!(
        acknowledged.len() > 500,
        "only {} batches: the test shows nothing",
        acknowledged.len()
    );
}

/// Batches of a round, a writer and a number: the same key in four spaces, and a
/// counter of the shard moved by compare-and-set.
fn write_until_killed(folder: &Path, round: u32) -> ! {
    let engine = Rocks::open(folder, &options()).expect("opens");
    let engine = &engine;
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            scope.spawn(move || {
                let shard = writer % SHARDS;
                for number in 0.. {
                    while !write_one(engine, shard, round, writer, number) {}
                    let line = format!("{round} {writer} {number}\n");
                    std::io::stdout()
                        .lock()
                        .write_all(line.as_bytes())
                        .expect("the parent listens");
                }
            });
        }
    });
    unreachable!("writers write until they are killed")
}

fn write_one(engine: &Rocks, shard: u8, round: u32, writer: u8, number: u32) -> bool {
    let counter = [shard, 0];
    let old = engine.get(Space::Log, &counter).expect("reads");
    let next = old.as_deref().map_or(0, count) + 1;
    let mut batch = Batch::new();
    batch.require_unchanged(Space::Log, &counter, old.as_deref());
    batch.require_absent(Space::Claim, &claim(round, writer, number));
    for part in 0..PARTS {
        let key = key(shard, round, writer, number, part);
        batch.put(Space::Record, &key, &[writer; 300]);
        batch.put(Space::Posting, &key, &[]);
    }
    batch.put(Space::Claim, &claim(round, writer, number), &[]);
    batch.put(Space::Log, &counter, &next.to_be_bytes());
    match engine.commit_wait(batch) {
        Ok(_) => true,
        Err(CommitError::Precondition { index: 0 }) => false,
        Err(other) => panic!("{other}"),
    }
}

fn key(shard: u8, round: u32, writer: u8, number: u32, part: u8) -> Vec<u8> {
    [
        &[shard, writer][..],
        &round.to_be_bytes(),
        &number.to_be_bytes(),
        &[part],
    ]
    .concat()
}

fn claim(round: u32, writer: u8, number: u32) -> Vec<u8> {
    [&[writer][..], &round.to_be_bytes(), &number.to_be_bytes()].concat()
}

fn count(bytes: &[u8]) -> u64 {
    u64::from_be_bytes(bytes.try_into().expect("eight bytes"))
}

/// Runs the child for a while, kills it, and gives what it said was acknowledged.
fn run_and_kill(folder: &Path, round: u32) -> Vec<(u32, u8, u32)> {
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args([
            "--exact",
            "nothing_acknowledged_is_lost_and_nothing_is_half_there",
            "--nocapture",
        ])
        .env(CHILD, folder)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("starts itself");
    let output = child.stdout.take().expect("its output");
    let listener = std::thread::spawn(move || {
        let mut said = Vec::new();
        let mut line = Vec::new();
        let mut lines = BufReader::new(output);
        while lines.read_until(b'\n', &mut line).expect("reads") > 0 {
            // The last line may be torn: what was not said was not acknowledged.
            if let Some(text) = line
                .strip_suffix(b"\n")
                .and_then(|line| std::str::from_utf8(line).ok())
            {
                let numbers: Vec<u32> = text
                    .split(' ')
                    .filter_map(|word| word.parse().ok())
                    .collect();
                if let [round, writer, number] = numbers[..] {
                    said.push((round, writer as u8, number));
                }
            }
            line.clear();
        }
        said
    });
    // From the middle of the opening to well into the writing, by a fixed scatter.
    std::thread::sleep(Duration::from_millis(40 + u64::from(round * 7919 % 1100)));
    child.kill().expect("kills");
    child.wait().expect("ends");
    listener.join().expect("listens")
}

/// Reopens and compares. Gives the number of whole batches nobody heard of.
fn compare(folder: &Path, acknowledged: &[(u32, u8, u32)]) -> usize {
    let engine = Rocks::open(folder, &options()).expect("reopens");
    for (round, writer, number) in acknowledged {
        let there = engine
            .get(Space::Claim, &claim(*round, *writer, *number))
            .expect("reads");
        assert!(
            there.is_some(),
            "an acknowledged batch is lost: {round} {writer} {number}"
        );
    }
    let mut batches = vec![0; usize::from(SHARDS)];
    let mut claims = Vec::new();
    engine
        .scan(Space::Claim, &Span::all(), &mut |key, _| {
            claims.push(key.to_vec());
            ControlFlow::Continue(())
        })
        .expect("scans");
    for claim in &claims {
        let (writer, rest) = (claim[0], &claim[1..]);
        let (round, number) = rest.split_at(4);
        let four = |bytes: &[u8]| u32::from_be_bytes(bytes.try_into().expect("four bytes"));
        let shard = writer % SHARDS;
        for part in 0..PARTS {
            let key = key(shard, four(round), writer, four(number), part);
            assert_eq!(
                engine.get(Space::Record, &key).expect("reads"),
                Some(vec![writer; 300])
            );
            assert_eq!(
                engine.get(Space::Posting, &key).expect("reads"),
                Some(vec![])
            );
        }
        batches[usize::from(shard)] += 1;
    }
    for shard in 0..SHARDS {
        let counter = engine.get(Space::Log, &[shard, 0]).expect("reads");
        let whole = batches[usize::from(shard)];
        assert_eq!(
            counter.as_deref().map_or(0, count),
            whole,
            "the counter of shard {shard}"
        );
        assert_eq!(
            engine.commit_number(shard).expect("reads"),
            whole,
            "the number of shard {shard}"
        );
    }
    // Nothing is there that no claim speaks of: no half batch.
    for space in [Space::Record, Space::Posting] {
        let mut keys = 0;
        engine
            .scan(space, &Span::all(), &mut |_, _| {
                keys += 1;
                ControlFlow::Continue(())
            })
            .expect("scans");
        assert_eq!(keys, claims.len() * usize::from(PARTS));
    }
    claims.len() - acknowledged.len()
}
