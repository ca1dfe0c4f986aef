//! How fast the engine is on this disk:
//! `cargo run --release -p store-rocks --example write_rate -- FOLDER [RESOURCES]`.
//!
//! Three parts, each closed-loop: small durable batches by 32 writers, bulk writes
//! of bundles of 70 resources (7 keys and 300 bytes of value a resource), reads of
//! what was written. The folder must not exist; it is left behind for a look.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use store::batch::Batch;
use store::engine::{CommitError, Engine, Read, Space, Span};
use store_rocks::{Options, Rocks};

const RECORD: u64 = 70;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let folder = Path::new(
        arguments
            .get(1)
            .expect("the first argument is a folder to make"),
    );
    let resources: u64 = arguments
        .get(2)
        .map_or(1_000_000, |text| text.parse().expect("a number"));
    assert!(!folder.exists(), "the folder exists already");
    let engine = Rocks::open(folder, &Options::default()).expect("opens");
    for writers in [1, 8, 32, 128] {
        small(&engine, writers, Duration::from_secs(4));
    }
    bulk(&engine, resources);
    let (size, start) = (engine.size_bytes().expect("a size"), Instant::now());
    engine.flush().expect("flushes");
    engine.compact().expect("compacts");
    let settled = engine.size_bytes().expect("a size");
    println!(
        "disk: {:.0} bytes a resource as written, {:.0} settled after {:.1?}",
        size as f64 / resources as f64,
        settled as f64 / resources as f64,
        start.elapsed()
    );
    reads(&engine, resources);
    println!("memory at its peak: {} MiB", peak_mib());
    engine.close().expect("closes");
}

/// Seven keys: the value, four postings, a locator, and the record's head.
fn resource(batch: &mut Batch, number: u64, value: &[u8]) {
    let record = mix(number / RECORD).to_be_bytes();
    batch.put(Space::Record, &entry(number), value);
    for term in 0..4 {
        let token = mix(number % 997 * 4 + term).to_be_bytes();
        let block = u128::from(mix(number * 4 + term)) << 64 | u128::from(mix(!number));
        let key = [&record[..1], &token, &token[..2], &block.to_be_bytes()].concat();
        batch.put(Space::Posting, &key, &[]);
    }
    let locator = mix(number ^ 0xabcd).to_be_bytes();
    batch.put(Space::Locator, &[&locator[..], &[1; 4]].concat(), &[5; 31]);
    batch.put(Space::Record, &head(number), &[3; 60]);
}

fn entry(number: u64) -> Vec<u8> {
    let record = mix(number / RECORD).to_be_bytes();
    [
        &record[..],
        &[1, 0, 3],
        &((number % RECORD) as u32).to_be_bytes(),
        &[0, 0, 0, 1],
    ]
    .concat()
}

fn head(number: u64) -> Vec<u8> {
    [&mix(number / RECORD).to_be_bytes()[..], &[0]].concat()
}

/// Numbers spread over everything, the same every time.
fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}

fn noise(number: u64, length: usize) -> Vec<u8> {
    (0..length as u64)
        .map(|place| mix(number * 1000 + place) as u8)
        .collect()
}

fn small(engine: &Rocks, writers: u64, how_long: Duration) {
    static NEXT: AtomicU64 = AtomicU64::new(1 << 40);
    let value = noise(1, 300);
    let end = Instant::now() + how_long;
    let before = (cpu(), Instant::now());
    let mut took: Vec<Duration> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..writers)
            .map(|_| {
                let value = &value;
                scope.spawn(move || {
                    let mut took = Vec::new();
                    while Instant::now() < end {
                        let number = NEXT.fetch_add(RECORD, Ordering::Relaxed);
                        let mut batch = Batch::with_capacity(8, 800);
                        batch.require_absent(Space::Record, &head(number));
                        resource(&mut batch, number, value);
                        let start = Instant::now();
                        engine.commit_wait(batch).expect("commits");
                        took.push(start.elapsed());
                    }
                    took
                })
            })
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("writes"))
            .collect()
    });
    let (cpu_before, start) = before;
    let rate = took.len() as f64 / start.elapsed().as_secs_f64();
    let cost = (cpu() - cpu_before).as_secs_f64() * 1e6 / took.len() as f64;
    println!(
        "{writers:>4} writers: {rate:>7.0} durable batches/s of 7 keys and a precondition, {}, {cost:.0} us of CPU each",
        percentiles(&mut took)
    );
}

fn bulk(engine: &Rocks, resources: u64) {
    const IN_FLIGHT: usize = 16;
    let values: Vec<Vec<u8>> = (0..64).map(|number| noise(number, 300)).collect();
    let (answer, answers) = mpsc::sync_channel::<Result<(), CommitError>>(IN_FLIGHT);
    let (start, cpu_before) = (Instant::now(), cpu());
    let mut in_flight = 0;
    for bundle in 0..resources / RECORD {
        let mut batch = Batch::with_capacity(7 * RECORD as usize, 600 * RECORD as usize);
        for number in bundle * RECORD..(bundle + 1) * RECORD {
            resource(&mut batch, number, &values[(number % 64) as usize]);
        }
        if in_flight == IN_FLIGHT {
            answers.recv().expect("an answer").expect("commits");
            in_flight -= 1;
        }
        let answer = answer.clone();
        engine.commit(
            batch,
            Box::new(move |result| _ = answer.send(result.map(|_| ()))),
        );
        in_flight += 1;
    }
    for _ in 0..in_flight {
        answers.recv().expect("an answer").expect("commits");
    }
    let seconds = start.elapsed().as_secs_f64();
    let cost = (cpu() - cpu_before).as_secs_f64() * 1e6 / resources as f64;
    println!(
        "bulk: {:.0} resources/s, durable, {cost:.1} us of CPU a resource, all threads",
        resources as f64 / seconds
    );
}

fn reads(engine: &Rocks, resources: u64) {
    let (mut get, mut miss, mut scan, mut snapshot) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for round in 0..20_000 {
        let number = mix(round) % (resources / RECORD * RECORD);
        let start = Instant::now();
        assert!(
            engine
                .view(Space::Record, &entry(number), &mut |_| {})
                .expect("reads")
        );
        get.push(start.elapsed());
        let start = Instant::now();
        assert!(
            engine
                .get(Space::Record, &entry(number + (1 << 50)))
                .expect("reads")
                .is_none()
        );
        miss.push(start.elapsed());
        let span = Span::prefix(&entry(number)[..8]);
        let start = Instant::now();
        let mut entries = 0;
        engine
            .scan(Space::Record, &span, &mut |_, _| {
                entries += 1;
                ControlFlow::Continue(())
            })
            .expect("scans");
        scan.push(start.elapsed());
        assert!(entries >= RECORD);
        let start = Instant::now();
        drop(engine.snapshot(entry(number)[0]).expect("a snapshot"));
        snapshot.push(start.elapsed());
    }
    println!("get a value:             {}", percentiles(&mut get));
    println!("learn there is none:     {}", percentiles(&mut miss));
    println!("scan a record of 71:     {}", percentiles(&mut scan));
    println!("take and drop a snapshot: {}", percentiles(&mut snapshot));
}

fn percentiles(took: &mut [Duration]) -> String {
    took.sort_unstable();
    let at = |part: f64| took[((took.len() - 1) as f64 * part) as usize].as_secs_f64() * 1e6;
    let micros = |micros: f64| {
        if micros < 1000.0 {
            format!("{micros:.1} us")
        } else {
            format!("{:.1} ms", micros / 1e3)
        }
    };
    format!(
        "p50 {}, p99 {}, p99.9 {}",
        micros(at(0.5)),
        micros(at(0.99)),
        micros(at(0.999))
    )
}

/// Time on a processor by all threads so far (Linux counts it in hundredths of a second).
fn cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = text.rsplit(") ").next().unwrap_or("").split(' ').collect();
    let ticks = |place: usize| {
        fields
            .get(place)
            .and_then(|field| field.parse::<u64>().ok())
            .unwrap_or(0)
    };
    Duration::from_millis(10 * (ticks(11) + ticks(12)))
}

fn peak_mib() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.trim().split(' ').next()?.parse::<u64>().ok())
        .unwrap_or(0)
        / 1024
}
