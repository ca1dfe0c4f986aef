//! Where a walk is: what a cursor holds.
//!
//! * A place is only good for the walk it came from; cursors are sealed with the query's address.
//! * Bytes of a place are never shown to anybody in the clear.

use fhir::RecordId;

/// Where a walk is. Sealed into cursors; later walks begin after it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Place {
    Id(u32),
    Record(u32, [u8; 6]),
    Guest(u32, [u8; 8]),
    Posting { bucket: u16, value: u16, shard: u8, block: [u8; 16] },
    Shared(u8, [u8; 6]),
    Type(RecordId, [u8; 6]),
    Sorted(u32),
}

impl Place {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(24);
        match self {
            Place::Id(number) => {
                bytes.push(1);
                bytes.extend_from_slice(&number.to_be_bytes());
            }
            Place::Record(number, place) => {
                bytes.push(2);
                bytes.extend_from_slice(&number.to_be_bytes());
                bytes.extend_from_slice(place);
            }
            Place::Guest(record, token) => {
                bytes.push(3);
                bytes.extend_from_slice(&record.to_be_bytes());
                bytes.extend_from_slice(token);
            }
            Place::Posting { bucket, value, shard, block } => {
                bytes.push(4);
                bytes.extend_from_slice(&bucket.to_be_bytes());
                bytes.extend_from_slice(&value.to_be_bytes());
                bytes.push(*shard);
                bytes.extend_from_slice(block);
            }
            Place::Shared(part, place) => {
                bytes.push(5);
                bytes.push(*part);
                bytes.extend_from_slice(place);
            }
            Place::Type(record, place) => {
                bytes.push(6);
                bytes.extend_from_slice(&record.0.to_be_bytes());
                bytes.extend_from_slice(place);
            }
            Place::Sorted(number) => {
                bytes.push(7);
                bytes.extend_from_slice(&number.to_be_bytes());
            }
        }
        bytes
    }

    pub(crate) fn read(bytes: &[u8]) -> Option<Place> {
        let (tag, rest) = bytes.split_first()?;
        let number = |from: usize| Some(u32::from_be_bytes(rest.get(from..from + 4)?.try_into().ok()?));
        let place = |from: usize| rest.get(from..from + 6)?.try_into().ok();
        Some(match tag {
            1 => Place::Id(number(0)?),
            2 => Place::Record(number(0)?, place(4)?),
            3 => Place::Guest(number(0)?, rest.get(4..12)?.try_into().ok()?),
            4 => Place::Posting {
                bucket: u16::from_be_bytes(rest.get(..2)?.try_into().ok()?),
                value: u16::from_be_bytes(rest.get(2..4)?.try_into().ok()?),
                shard: *rest.get(4)?,
                block: rest.get(5..21)?.try_into().ok()?,
            },
            5 => Place::Shared(*rest.first()?, place(1)?),
            6 => Place::Type(RecordId(u64::from_be_bytes(rest.get(..8)?.try_into().ok()?)), place(8)?),
            7 => Place::Sorted(number(0)?),
            _ => return None,
        })
    }
}
