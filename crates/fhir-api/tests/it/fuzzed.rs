//! The corpus of the fuzz target `request`, replayed without a fuzzer.

use std::panic::catch_unwind;
use std::path::Path;
use testkit::fuzz;

#[test]
fn whole_requests_survive_their_corpus() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/request");
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap_or_else(|cause| panic!("{}: {cause}", folder.display())).map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 80, "{} holds {} files: the corpus is gone", folder.display(), files.len());
    let mut broken = Vec::new();
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        let began = std::time::Instant::now();
        if catch_unwind(|| fuzz::request(&bytes)).is_err() {
            broken.push(format!("{}: a promise is broken (see above)", file.display()));
        }
        // Cut short anywhere, or with one bit changed, it is still answered.
        for cut in (0..bytes.len()).step_by(1 + bytes.len() / 16) {
            let mut changed = bytes.clone();
            changed[cut] ^= 1 << (cut % 7);
            if catch_unwind(|| (fuzz::request(&bytes[..cut]), fuzz::request(&changed))).is_err() {
                broken.push(format!("{} cut or changed at byte {cut}: a promise is broken (see above)", file.display()));
            }
        }
        assert!(began.elapsed().as_secs() < 60, "{}: took {:?}", file.display(), began.elapsed());
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
