//! The corpora of the fuzz targets, replayed without a fuzzer.

use std::panic::catch_unwind;
use std::path::Path;
use std::time::{Duration, Instant};

use testkit::fuzz;

/// A slow machine may take this long for one input; a hang takes longer.
const PATIENCE: Duration = Duration::from_secs(10);

fn replay(target: &str, body: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap_or_else(|cause| panic!("{}: {cause}", folder.display())).map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 24, "{} holds {} files: the corpus is gone", folder.display(), files.len());
    let mut broken = Vec::new();
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        let began = Instant::now();
        if catch_unwind(|| body(&bytes)).is_err() {
            broken.push(format!("{}: a promise is broken (see above)", file.display()));
        } else if began.elapsed() > PATIENCE {
            broken.push(format!("{}: took {:?}", file.display(), began.elapsed()));
        }
        // Cut short anywhere, or with one bit changed, it is still survived.
        for cut in (0..bytes.len()).step_by(1 + bytes.len() / 40) {
            let mut changed = bytes.clone();
            changed[cut] ^= 1 << (cut % 7);
            if catch_unwind(|| (body(&bytes[..cut]), body(&changed))).is_err() {
                broken.push(format!("{} cut or changed at byte {cut}: a promise is broken (see above)", file.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_json_reader_survives_its_corpus() {
    replay("json", fuzz::json);
}

#[test]
fn fhirpath_survives_its_corpus() {
    replay("fhirpath", fuzz::fhirpath);
}

#[test]
fn the_search_parser_survives_its_corpus() {
    replay("search", fuzz::search);
}
