//! The engine in memory keeps the contract it is the oracle of.

use store::contract::{Site, check};
use store::engine::Engine;
use store::memory::Memory;

struct Nowhere;

impl Site for Nowhere {
    fn open(&self) -> Box<dyn Engine> {
        Box::new(Memory::new())
    }

    fn survives(&self) -> bool {
        false
    }
}

#[test]
fn the_engine_in_memory_keeps_the_contract() {
    check(&|| Box::new(Nowhere));
}
