//! Finding a definition by its name: a fast hash, a map keyed by it, and the members of one type.
//!
//! * Every name is one of the table's own; whatever else is asked for is simply not found.
//! * The hash is not for strangers' data in bulk: the maps never grow after decoding, so no
//!   choice of names by a sender can make them slow.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A map from published names.
pub(super) type NameMap<V> = HashMap<&'static str, V, BuildHasherDefault<NameHasher>>;

const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;

/// Eight bytes at a time: multiply, fold.
#[derive(Default)]
pub(super) struct NameHasher(u64);

impl NameHasher {
    fn mix(&mut self, word: u64) {
        let wide = u128::from(self.0 ^ word).wrapping_mul(u128::from(MULTIPLIER));
        self.0 = (wide as u64) ^ ((wide >> 64) as u64);
    }
}

impl Hasher for NameHasher {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.mix(u64::from_le_bytes(*word));
        }
        let mut last = bytes.len() as u64;
        for byte in rest {
            last = (last << 8) | u64::from(*byte);
        }
        self.mix(last);
    }

    fn write_u8(&mut self, _: u8) {
        // A string ends with a marker byte for the hasher's sake; the length is already in the hash.
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// The JSON members of one type: an open table, half empty, built once.
#[derive(Default)]
pub(super) struct Names {
    slots: Vec<Slot>,
}

#[derive(Clone, Copy)]
struct Slot {
    name: &'static str,
    element: u16,
    type_ref: u16,
}

const FREE: u16 = u16::MAX;

impl Names {
    /// A table of the (name, element, type) given.
    pub(super) fn new(members: &[(&'static str, u16, u16)]) -> Names {
        if members.is_empty() {
            return Names::default();
        }
        let size = (members.len() * 2).next_power_of_two();
        let mut slots = vec![Slot { name: "", element: FREE, type_ref: 0 }; size];
        for &(name, element, type_ref) in members {
            let mut place = place_of(name) & (size - 1);
            while slots[place].element != FREE {
                place = (place + 1) & (size - 1);
            }
            slots[place] = Slot { name, element, type_ref };
        }
        Names { slots }
    }

    /// The (element, type) of that name.
    #[inline]
    pub(super) fn find(&self, name: &str) -> Option<(usize, usize)> {
        if self.slots.is_empty() {
            return None;
        }
        let mask = self.slots.len() - 1;
        let mut place = place_of(name) & mask;
        loop {
            let slot = &self.slots[place];
            if slot.element == FREE {
                return None;
            }
            if slot.name == name {
                return Some((slot.element as usize, slot.type_ref as usize));
            }
            place = (place + 1) & mask;
        }
    }
}

/// Its first and last eight bytes and its length tell nearly all members of a type apart.
#[inline]
fn place_of(name: &str) -> usize {
    let bytes = name.as_bytes();
    let (first, last) = match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
        _ => (bytes.iter().fold(0, |word, byte| (word << 8) | u64::from(*byte)), 0),
    };
    let mixed = (first ^ last.rotate_left(29) ^ bytes.len() as u64).wrapping_mul(MULTIPLIER);
    (mixed >> 40) as usize
}
