//! Every byte of every key of the record. Told with an example in `docs/storage.md`.
//!
//! * Numbers are big-endian, so keys sort as their numbers do; versions are inverted,
//!   so that the newest of an entry comes first.
//! * No key holds a type, an id, a code or a name: only random numbers, counters, times
//!   and keyed tokens.

use fhir::RecordId;

use crate::tick::Tick;

/// Kinds of keys under a record.
pub(crate) const HEAD: u8 = 0;
pub(crate) const ENTRY: u8 = 1;
pub(crate) const GUEST: u8 = 2;

/// Kinds of lines in a shard's log.
pub(crate) const COMMIT: u8 = 1;
pub(crate) const OPENING: u8 = 2;

/// `record 8 ‖ 0`.
pub(crate) fn head_key(record: RecordId) -> [u8; 9] {
    let mut key = [HEAD; 9];
    key[..8].copy_from_slice(&record.0.to_be_bytes());
    key
}

/// Where one version of one resource lies: `record 8 ‖ 1 ‖ type token 2 ‖ entry 4 ‖ inverted version 4`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct EntryKey {
    pub record: RecordId,
    pub token: u16,
    pub entry: u32,
    pub version: u32,
}

impl EntryKey {
    pub const LENGTH: usize = 19;

    pub fn bytes(self) -> [u8; EntryKey::LENGTH] {
        let mut key = [0; EntryKey::LENGTH];
        key[..8].copy_from_slice(&self.record.0.to_be_bytes());
        key[8] = ENTRY;
        key[9..11].copy_from_slice(&self.token.to_be_bytes());
        key[11..15].copy_from_slice(&self.entry.to_be_bytes());
        key[15..].copy_from_slice(&(!self.version).to_be_bytes());
        key
    }

    pub fn read(key: &[u8]) -> Option<EntryKey> {
        if key.len() != EntryKey::LENGTH || key[8] != ENTRY {
            return None;
        }
        Some(EntryKey {
            record: RecordId(number(&key[..8])),
            token: number(&key[9..11]) as u16,
            entry: number(&key[11..15]) as u32,
            version: !(number(&key[15..19]) as u32),
        })
    }

    /// All versions of the entry begin with this.
    pub fn entry_prefix(self) -> [u8; 15] {
        let mut prefix = [0; 15];
        prefix.copy_from_slice(&self.bytes()[..15]);
        prefix
    }

    /// What a sealed version is bound to.
    pub fn place(self) -> seal::Place {
        seal::Place { record: self.record.0, type_code: self.token, entry: self.entry, version: self.version, kind: ENTRY }
    }
}

/// All entries of a record, or those of one type token, begin with this.
pub(crate) fn entries_prefix(record: RecordId, token: Option<u16>) -> Vec<u8> {
    let mut prefix = record.0.to_be_bytes().to_vec();
    prefix.push(ENTRY);
    if let Some(token) = token {
        prefix.extend_from_slice(&token.to_be_bytes());
    }
    prefix
}

/// A person named in another record: `record 8 ‖ 2 ‖ token 8` of where it is named.
pub(crate) fn guest_key(guest: RecordId, token: [u8; 8]) -> [u8; 17] {
    let mut key = [GUEST; 17];
    key[..8].copy_from_slice(&guest.0.to_be_bytes());
    key[9..].copy_from_slice(&token);
    key
}

/// The token in a guest's key; zeros where the key is none.
pub(crate) fn guest_token(key: &[u8]) -> [u8; 8] {
    key.get(9..17).and_then(|token| token.try_into().ok()).unwrap_or_default()
}

/// What a sealed guest pointer is bound to: the token says which.
pub(crate) fn guest_place(guest: RecordId, token: [u8; 8]) -> seal::Place {
    let halves = number(&token);
    seal::Place { record: guest.0, type_code: 0, entry: (halves >> 32) as u32, version: halves as u32, kind: GUEST }
}

/// The line a commit leaves in a shard: `shard 1 ‖ 1 ‖ time 8 ‖ chance 4`.
pub(crate) fn commit_line_key(shard: u8, at: Tick, chance: [u8; 4]) -> [u8; 14] {
    let mut key = [0; 14];
    key[0] = shard;
    key[1] = COMMIT;
    key[2..10].copy_from_slice(&(at.0 as u64).to_be_bytes());
    key[10..].copy_from_slice(&chance);
    key
}

/// The time in a commit line's key.
pub(crate) fn commit_line_time(key: &[u8]) -> Option<Tick> {
    (key.len() == 14).then(|| Tick(number(&key[2..10]) as i64))
}

/// An opening: `record 8` (its first byte is the shard) `‖ 2 ‖ time 8 ‖ chance 4`.
pub(crate) fn opening_key(record: RecordId, at: Tick, chance: [u8; 4]) -> [u8; 21] {
    let mut key = [0; 21];
    key[..8].copy_from_slice(&record.0.to_be_bytes());
    key[8] = OPENING;
    key[9..17].copy_from_slice(&(at.0 as u64).to_be_bytes());
    key[17..].copy_from_slice(&chance);
    key
}

/// The record of an opening's key.
pub(crate) fn opening_record(key: &[u8]) -> RecordId {
    RecordId(number(&key[..8]))
}

/// The time in an opening's key.
pub(crate) fn opening_time(key: &[u8]) -> Tick {
    Tick(number(&key[9..17]) as i64)
}

/// What begins the keys of the tree over the openings, in the space of what the store knows of itself.
pub(crate) const TREE: u8 = 3;

/// A hash of the tree: `3 ‖ level 1 ‖ index 8`. Level 0 are the openings themselves.
pub(crate) fn tree_key(level: u8, index: u64) -> [u8; 10] {
    let mut key = [TREE; 10];
    key[1] = level;
    key[2..].copy_from_slice(&index.to_be_bytes());
    key
}

/// How many openings were there before the tree was: `3 ‖ ff`.
pub(crate) const TREE_BEGAN: [u8; 2] = [TREE, 0xff];

/// What begins the keys of the marks of erased records.
pub(crate) const ERASED: u8 = 4;

/// The mark of an erased record: `4 ‖ record 8`.
pub(crate) fn erased_key(record: RecordId) -> [u8; 9] {
    let mut key = [ERASED; 9];
    key[1..].copy_from_slice(&record.0.to_be_bytes());
    key
}

/// A posting: `shard 1 ‖ token 10 ‖ block 16`; there is no value.
pub(crate) fn posting_key(shard: u8, token: [u8; 10], block: [u8; 16]) -> [u8; 27] {
    let mut key = [0; 27];
    key[0] = shard;
    key[1..11].copy_from_slice(&token);
    key[11..].copy_from_slice(&block);
    key
}

/// What a posting's block says: `record without its shard 7 ‖ entry 4 ‖ seconds 5`.
pub(crate) fn posting_block(record: RecordId, entry: u32, seconds: i64) -> [u8; 16] {
    let mut block = [0; 16];
    block[..7].copy_from_slice(&record.0.to_be_bytes()[1..]);
    block[7..11].copy_from_slice(&entry.to_be_bytes());
    // Shifted so that times before 1970 stay in order; five bytes reach 17,000 years either way.
    block[11..].copy_from_slice(&((seconds + SECONDS_SHIFT) as u64).to_be_bytes()[3..]);
    block
}

const SECONDS_SHIFT: i64 = 1 << 39;

/// The reverse of [`posting_block`].
pub(crate) fn read_posting_block(shard: u8, block: [u8; 16]) -> (RecordId, u32, i64) {
    let record = ((shard as u64) << 56) | number(&block[..7]);
    (RecordId(record), number(&block[7..11]) as u32, number(&block[11..]) as i64 - SECONDS_SHIFT)
}

/// What a locator's block says: `record 8 ‖ entry 4 ‖ zero 4`; the zeros tell damage.
pub(crate) fn locator_block(record: RecordId, entry: u32) -> [u8; 16] {
    let mut block = [0; 16];
    block[..8].copy_from_slice(&record.0.to_be_bytes());
    block[8..12].copy_from_slice(&entry.to_be_bytes());
    block
}

/// The reverse of [`locator_block`]; none where the block is not one.
pub(crate) fn read_locator_block(block: [u8; 16]) -> Option<(RecordId, u32)> {
    (block[12..] == [0; 4]).then(|| (RecordId(number(&block[..8])), number(&block[8..12]) as u32))
}

/// Bytes as a number, most significant first; at most eight.
pub(crate) fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |sum, byte| sum << 8 | *byte as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_say_what_was_put_in_and_newer_versions_come_first() {
        let key = EntryKey { record: RecordId(0x0102_0304_0506_0708), token: 9, entry: 10, version: 11 };
        assert_eq!(EntryKey::read(&key.bytes()), Some(key));
        let newer = EntryKey { version: 12, ..key };
        assert!(newer.bytes() < key.bytes());
        assert!(head_key(key.record).as_slice() < key.bytes().as_slice());
        assert!(key.bytes().starts_with(&entries_prefix(key.record, Some(9))));
    }

    #[test]
    fn blocks_say_what_was_put_in() {
        let record = RecordId(0x0302_0304_0506_0708);
        for seconds in [-5_000_000_000, 0, 1_700_000_000] {
            assert_eq!(read_posting_block(3, posting_block(record, 77, seconds)), (record, 77, seconds));
        }
        assert_eq!(read_locator_block(locator_block(record, 5)), Some((record, 5)));
        assert_eq!(read_locator_block([1; 16]), None);
    }
}
