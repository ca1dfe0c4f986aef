//! The head of a record: what must be there, so that a missing, added or rolled back entry is noticed.

use fhir::RecordId;

use crate::error::Error;
use crate::layout::number;
use crate::tick::Tick;

/// The state of a record, rewritten sealed with each commit that touches it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Head {
    /// Commits that touched the record.
    pub commits: u64,
    /// The number the next new resource gets.
    pub next_entry: u32,
    /// Versions and guest pointers that lie under the record.
    pub values: u64,
    /// The sum of their digests.
    pub sum: u128,
    /// When the newest version was written.
    pub newest: Tick,
}

impl Head {
    pub(crate) const LENGTH: usize = 44;

    pub(crate) fn bytes(&self) -> [u8; Head::LENGTH] {
        let mut bytes = [0; Head::LENGTH];
        bytes[..8].copy_from_slice(&self.commits.to_be_bytes());
        bytes[8..12].copy_from_slice(&self.next_entry.to_be_bytes());
        bytes[12..20].copy_from_slice(&self.values.to_be_bytes());
        bytes[20..36].copy_from_slice(&self.sum.to_be_bytes());
        bytes[36..].copy_from_slice(&self.newest.0.to_be_bytes());
        bytes
    }

    pub(crate) fn read(bytes: &[u8]) -> Result<Head, Error> {
        if bytes.len() != Head::LENGTH {
            return Err(Error::Damaged("a record's head opened but could not be read"));
        }
        let mut sum = [0; 16];
        sum.copy_from_slice(&bytes[20..36]);
        Ok(Head {
            commits: number(&bytes[..8]),
            next_entry: number(&bytes[8..12]) as u32,
            values: number(&bytes[12..20]),
            sum: u128::from_be_bytes(sum),
            newest: Tick(number(&bytes[36..]) as i64),
        })
    }

    /// Counts a value in.
    pub(crate) fn add(&mut self, digest: u128) {
        self.values += 1;
        self.sum = self.sum.wrapping_add(digest);
    }

    /// Counts a value out.
    pub(crate) fn remove(&mut self, digest: u128) {
        self.values = self.values.saturating_sub(1);
        self.sum = self.sum.wrapping_sub(digest);
    }
}

/// What kind of record it is, told by the last two bits of its number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Class {
    /// One person's.
    Person,
    /// A part of the shared space.
    Shared,
    /// A thing that belongs to no single person.
    Set,
    /// Clinical data nobody has assigned yet.
    Unassigned,
}

impl Class {
    /// The class of a record.
    pub fn of(record: RecordId) -> Class {
        [Class::Person, Class::Shared, Class::Set, Class::Unassigned][(record.0 & 3) as usize]
    }

    /// A random number made into the number of a record of this class in one of so many shards.
    pub(crate) fn record(self, random: u64, shards: u8) -> RecordId {
        let shard = (random >> 56) % shards as u64;
        RecordId((random & 0x00ff_ffff_ffff_fffc) | shard << 56 | self as u64)
    }

    /// The subject of a decision about a record.
    pub fn subject(record: RecordId) -> access::Subject {
        match Class::of(record) {
            Class::Person => access::Subject::Person(record),
            Class::Shared => access::Subject::Shared(record),
            Class::Set => access::Subject::Set(record),
            Class::Unassigned => access::Subject::Unassigned(record),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_comes_back_as_it_was() {
        let mut head = Head { commits: 3, next_entry: 9, values: 0, sum: u128::MAX, newest: Tick(5) };
        head.add(7);
        assert_eq!(Head::read(&head.bytes()).unwrap(), head);
        head.remove(7);
        assert_eq!((head.values, head.sum), (0, u128::MAX));
    }

    #[test]
    fn a_records_number_tells_its_class_and_shard() {
        for class in [Class::Person, Class::Shared, Class::Set, Class::Unassigned] {
            let record = class.record(0xfedc_ba98_7654_3210, 8);
            assert_eq!(Class::of(record), class);
            assert!(record.shard() < 8);
        }
    }
}
