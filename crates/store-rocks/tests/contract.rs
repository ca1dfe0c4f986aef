//! The embedded engine keeps the contract, on a disk, reopened in between.

use store::contract::{Site, check};
use store::engine::Engine;
use store_rocks::{Options, Rocks};
use tempfile::TempDir;

struct Folder(TempDir);

impl Site for Folder {
    fn open(&self) -> Box<dyn Engine> {
        Box::new(Rocks::open(&self.0.path().join("store"), &Options::small()).expect("opens"))
    }

    fn survives(&self) -> bool {
        true
    }
}

#[test]
fn the_embedded_engine_keeps_the_contract() {
    check(&|| Box::new(Folder(tempfile::tempdir().expect("a folder"))));
}
