//! Damage, mistakes and other programs are noticed and named.

use std::fs;
use std::path::{Path, PathBuf};

use store::batch::Batch;
use store::engine::{CommitError, Engine, Error, Read, Space};
use store_rocks::{Options, Rocks};
use tempfile::TempDir;

fn open(folder: &Path) -> Result<Rocks, Error> {
    Rocks::open(folder, &Options::small())
}

/// What opening answers, without the engine (which has nothing to print).
fn refusal(folder: &Path) -> Error {
    match open(folder) {
        Ok(_) => panic!("it opens"),
        Err(error) => error,
    }
}

/// A store with so many batches in shard 1, and the commit number a caller remembers.
fn written(batches: u32, close: bool) -> (TempDir, PathBuf) {
    let place = tempfile::tempdir().expect("a folder");
    let folder = place.path().join("store");
    let engine = open(&folder).expect("opens");
    for number in 0..batches {
        let mut batch = Batch::new();
        batch.put(
            Space::Record,
            &[&[1][..], &number.to_be_bytes()].concat(),
            &[7; 400],
        );
        engine.commit_wait(batch).expect("commits");
    }
    if close {
        engine.close().expect("closes");
    }
    (place, folder)
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found: Vec<(u64, PathBuf)> = fs::read_dir(folder.join("db"))
        .expect("the database")
        .map(|entry| entry.expect("a file").path())
        .filter(|path| path.extension().is_some_and(|of| of == ending))
        .map(|path| (fs::metadata(&path).expect("its size").len(), path))
        .collect();
    found.sort();
    found.into_iter().map(|(_, path)| path).collect()
}

fn cut(path: &Path, keep: impl Fn(u64) -> u64) {
    let file = fs::OpenOptions::new()
        .write(true)
        .open(path)
        .expect("opens");
    let length = file.metadata().expect("its length").len();
    file.set_len(keep(length)).expect("cuts");
}

/// Whether a caller that remembers the number notices.
fn noticed(folder: &Path, remembered: u64) -> bool {
    match open(folder) {
        Err(_) => true,
        Ok(engine) => {
            engine.verify().is_err()
                || engine
                    .commit_number(1)
                    .is_ok_and(|number| number < remembered)
        }
    }
}

#[test]
fn a_log_that_was_cut_shows_in_the_commit_number() {
    for keep_parts in [0, 1, 3, 6, 7] {
        let (_place, folder) = written(80, false);
        let log = files(&folder, "log").pop().expect("a log");
        cut(&log, |length| length * keep_parts / 8);
        assert!(noticed(&folder, 80), "cut to {keep_parts} eighths");
    }
}

#[test]
fn a_byte_changed_in_the_log_is_noticed() {
    let (_place, folder) = written(80, false);
    let log = files(&folder, "log").pop().expect("a log");
    let mut bytes = fs::read(&log).expect("reads");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&log, bytes).expect("writes");
    assert!(noticed(&folder, 80));
}

#[test]
fn after_a_close_everything_lies_in_sorted_files_and_their_damage_is_noticed() {
    type Harm<'a> = (&'a str, &'a dyn Fn(&Path));
    let cases: [Harm<'_>; 3] = [
        ("cut", &|path| cut(path, |length| length - 10)),
        ("gone", &|path| fs::remove_file(path).expect("removes")),
        ("changed", &|path| {
            let mut bytes = fs::read(path).expect("reads");
            bytes[300] ^= 1;
            fs::write(path, bytes).expect("writes");
        }),
    ];
    for (case, damage) in cases {
        let (_place, folder) = written(80, true);
        for file in files(&folder, "log") {
            assert!(
                fs::metadata(&file).expect("its size").len() == 0,
                "nothing waits in the log"
            );
        }
        assert!(!noticed(&folder, 80), "before the damage");
        damage(&files(&folder, "sst").pop().expect("a sorted file"));
        assert!(noticed(&folder, 80), "{case}");
    }
}

#[test]
fn after_a_failed_write_nothing_more_is_written_until_the_store_is_reopened() {
    let (_place, folder) = written(0, false);
    let engine = open(&folder).expect("opens");
    let put = |number: u8| {
        let mut batch = Batch::new();
        batch.put(Space::Record, &[1, number], &[number; 200]);
        batch
    };
    for number in 0..20 {
        engine.commit_wait(put(number)).expect("commits");
    }
    assert!(engine.takes_writes());
    // The disk goes away: no new file can be made.
    let away = folder.with_extension("away");
    fs::rename(folder.join("db"), &away).expect("renames");
    engine.flush().expect_err("cannot be flushed");
    let failed = |number| match engine.commit_wait(put(number)) {
        Err(CommitError::Engine(error)) => error,
        other => panic!("{other:?}"),
    };
    assert!(
        matches!(failed(20), Error::Failed { .. }),
        "the first to fail hears why"
    );
    assert!(!engine.takes_writes());
    // It comes back, yet nobody knows what the failed write left behind.
    fs::rename(&away, folder.join("db")).expect("renames");
    for number in 21..25 {
        assert!(matches!(failed(number), Error::WritesStopped));
    }
    assert_eq!(
        engine.get(Space::Record, &[1, 19]).expect("reads"),
        Some(vec![19; 200])
    );
    drop(engine);
    let engine = open(&folder).expect("reopens");
    let number = engine.commit_number(1).expect("reads");
    assert!((20..=21).contains(&number), "{number}");
    for number in 0..20 {
        assert!(
            engine
                .get(Space::Record, &[1, number])
                .expect("reads")
                .is_some()
        );
    }
    for number in 21..25 {
        assert_eq!(
            engine.get(Space::Record, &[1, number]).expect("reads"),
            None
        );
    }
    engine.commit_wait(put(30)).expect("writes again");
}

#[test]
fn an_older_copy_put_back_under_a_newer_progress_is_refused() {
    let (place, folder) = written(20, true);
    let older = place.path().join("older");
    open(&folder)
        .expect("opens")
        .checkpoint(&older)
        .expect("copies");
    let engine = open(&folder).expect("opens");
    let mut batch = Batch::new();
    batch.put(Space::Record, &[1, 9, 9, 9, 9], b"newer");
    engine.commit_wait(batch).expect("commits");
    engine.close().expect("closes");
    drop(engine);
    fs::remove_dir_all(folder.join("db")).expect("removes");
    fs::rename(older.join("db"), folder.join("db")).expect("renames");
    assert!(matches!(refusal(&folder), Error::Damaged { .. }));
}

#[test]
fn a_copy_is_a_store_of_its_own_and_is_consistent() {
    let (place, folder) = written(50, false);
    let copy = place.path().join("copy");
    let engine = open(&folder).expect("opens");
    engine.checkpoint(&copy).expect("copies");
    assert!(engine.checkpoint(&copy).is_err(), "a copy never overwrites");
    let mut batch = Batch::new();
    batch.put(Space::Record, &[1, 9], b"after the copy");
    engine.commit_wait(batch).expect("commits");
    let copied = open(&copy).expect("opens beside the original");
    assert_eq!(copied.commit_number(1).expect("reads"), 50);
    assert_eq!(copied.get(Space::Record, &[1, 9]).expect("reads"), None);
    assert_eq!(engine.commit_number(1).expect("reads"), 51);
    assert!(copied.size_bytes().expect("a size") > 50 * 400);
}

#[test]
fn a_second_opener_is_told_that_the_store_is_in_use() {
    let (_place, folder) = written(1, true);
    let first = open(&folder).expect("opens");
    assert!(matches!(refusal(&folder), Error::InUse { .. }));
    drop(first);
    open(&folder).expect("opens when the first is gone");
}

#[test]
fn a_folder_that_is_no_store_is_left_alone() {
    let place = tempfile::tempdir().expect("a folder");
    fs::write(place.path().join("letter.txt"), "dear").expect("writes");
    assert!(matches!(refusal(place.path()), Error::NotAStore { .. }));
    assert_eq!(fs::read_dir(place.path()).expect("lists").count(), 1);
}

#[test]
fn formats_that_are_newer_strange_or_missing_are_refused() {
    let (_place, folder) = written(3, true);
    let format = folder.join("FORMAT");
    let right = fs::read_to_string(&format).expect("reads");
    fs::write(&format, right.replace("format 1", "format 2")).expect("writes");
    assert!(matches!(
        refusal(&folder),
        Error::NewerFormat { found: 2, known: 1 }
    ));
    for strange in [
        "",
        "carnet store\n",
        "carnet store\nengine other\nformat 1\n",
        "carnet store\nengine rocks\nformat 0\n",
    ] {
        fs::write(&format, strange).expect("writes");
        assert!(
            matches!(refusal(&folder), Error::NotAStore { .. }),
            "{strange:?}"
        );
    }
    fs::remove_file(&format).expect("removes");
    assert!(matches!(refusal(&folder), Error::NotAStore { .. }));
    fs::write(&format, right).expect("writes");
    open(&folder).expect("opens again");
}

#[test]
fn a_missing_database_is_not_taken_for_a_new_one() {
    let (_place, folder) = written(3, true);
    fs::remove_dir_all(folder.join("db")).expect("removes");
    assert!(open(&folder).is_err());
}

#[test]
fn an_interrupted_creation_is_taken_up_again() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = place.path().join("store");
    fs::create_dir_all(folder.join("db")).expect("makes");
    fs::write(folder.join("FORMAT.new"), "carnet").expect("writes");
    open(&folder).expect("opens");
}
