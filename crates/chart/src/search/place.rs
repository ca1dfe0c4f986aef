//! Where a walk is: what a cursor holds.
//!
//! * A place is only good for the walk it came from; cursors are sealed with the query's address.
//! * Bytes of a place are never shown to anybody in the clear.

use fhir::{RecordId, ResourceType};
use search::sort::SortValue;

/// Where a walk is. Sealed into cursors; later walks begin after it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Place {
    Id(u32),
    Record(u32, [u8; 6]),
    Guest(u32, [u8; 8]),
    Posting { bucket: u16, value: u16, shard: u8, block: [u8; 16] },
    Shared(u8, [u8; 6]),
    Type(RecordId, [u8; 6]),
    /// After a resource in a sorted answer.
    Sorted(Box<SortedAt>),
    /// After what is contained in a resource, up to this one; 0 is the resource itself.
    Within(Box<Place>, u32),
}

/// A resource in a sorted answer: what it is ordered by, then its type and id.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct SortedAt {
    pub values: Vec<Option<SortValue>>,
    pub kind: ResourceType,
    pub id: String,
}

impl SortedAt {
    /// About how much it holds.
    pub(crate) fn size_bytes(&self) -> usize {
        let text = |value: &Option<SortValue>| match value {
            Some(SortValue::Text(text)) => text.len(),
            _ => 8,
        };
        self.id.len() + self.values.iter().map(text).sum::<usize>()
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.push(self.values.len() as u8);
        for value in &self.values {
            match value {
                None => bytes.push(0),
                Some(SortValue::Moment(moment)) => {
                    bytes.push(1);
                    bytes.extend_from_slice(&moment.to_be_bytes());
                }
                Some(SortValue::Number(number)) => {
                    bytes.push(3);
                    bytes.extend_from_slice(&number.to_be_bytes());
                }
                Some(SortValue::Text(text)) => {
                    bytes.push(2);
                    bytes.extend_from_slice(&(text.len() as u16).to_be_bytes());
                    bytes.extend_from_slice(text.as_bytes());
                }
            }
        }
        bytes.extend_from_slice(&self.kind.number().to_be_bytes());
        bytes.extend_from_slice(self.id.as_bytes());
    }

    fn read(bytes: &[u8]) -> Option<SortedAt> {
        let (count, mut rest) = bytes.split_first()?;
        let mut values = Vec::with_capacity(*count as usize);
        for _ in 0..*count {
            let (tag, after) = rest.split_first()?;
            let (value, after) = match tag {
                0 => (None, after),
                1 | 3 => {
                    let (number, after) = after.split_at_checked(8)?;
                    let number = i64::from_be_bytes(number.try_into().ok()?);
                    (Some(if *tag == 1 { SortValue::Moment(number) } else { SortValue::Number(number) }), after)
                }
                _ => {
                    let (length, after) = after.split_at_checked(2)?;
                    let (text, after) = after.split_at_checked(u16::from_be_bytes(length.try_into().ok()?) as usize)?;
                    (Some(SortValue::Text(String::from_utf8(text.to_vec()).ok()?)), after)
                }
            };
            values.push(value);
            rest = after;
        }
        let (kind, id) = rest.split_at_checked(2)?;
        let kind = ResourceType::from_number(u16::from_be_bytes(kind.try_into().ok()?))?;
        Some(SortedAt { values, kind, id: String::from_utf8(id.to_vec()).ok()? })
    }
}

/// The bytes before these; none before the first.
fn decreased<const N: usize>(mut bytes: [u8; N]) -> Option<[u8; N]> {
    for byte in bytes.iter_mut().rev() {
        let (less, borrows) = byte.overflowing_sub(1);
        *byte = less;
        if !borrows {
            return Some(bytes);
        }
    }
    None
}

impl Place {
    /// A place after which a walk that looks into resources shows this one again; none is the
    /// beginning. Such walks go through records and guests only.
    pub(crate) fn just_before(&self) -> Option<Place> {
        match *self {
            Place::Record(number, place) => match (decreased(place), number) {
                (Some(before), _) => Some(Place::Record(number, before)),
                (None, 0) => None,
                (None, _) => Some(Place::Guest(number - 1, [0xff; 8])),
            },
            Place::Guest(number, token) => Some(decreased(token).map_or(Place::Record(number, [0xff; 6]), |before| Place::Guest(number, before))),
            Place::Type(record, place) => match (decreased(place), record.0.checked_sub(1)) {
                (Some(before), _) => Some(Place::Type(record, before)),
                (None, Some(previous)) => Some(Place::Type(RecordId(previous), [0xff; 6])),
                (None, None) => None,
            },
            _ => None,
        }
    }

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
            Place::Sorted(at) => {
                bytes.push(8);
                at.write(&mut bytes);
            }
            Place::Within(outer, number) => {
                bytes.push(9);
                bytes.extend_from_slice(&number.to_be_bytes());
                bytes.extend_from_slice(&outer.bytes());
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
            8 => Place::Sorted(Box::new(SortedAt::read(rest)?)),
            9 => Place::Within(Box::new(Place::read(rest.get(4..)?)?), number(0)?),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads_back(place: Place) {
        let bytes = place.bytes();
        assert!(Place::read(&bytes) == Some(place));
        // Whatever is cut off is refused or another place; nothing panics.
        (0..bytes.len()).for_each(|length| drop(Place::read(&bytes[..length])));
    }

    #[test]
    fn a_place_is_read_as_it_was_written() {
        let values = vec![Some(SortValue::Moment(-5)), None, Some(SortValue::Number(-7)), Some(SortValue::Text("ñandú".into()))];
        reads_back(Place::Sorted(Box::new(SortedAt { values, kind: ResourceType::PATIENT, id: "a-1".into() })));
        reads_back(Place::Within(Box::new(Place::Guest(7, [1; 8])), 3));
        reads_back(Place::Within(Box::new(Place::Type(RecordId(9), [2; 6])), 0));
        reads_back(Place::Posting { bucket: 652, value: 1, shard: 3, block: [7; 16] });
    }

    #[test]
    fn before_a_place_comes_the_place_before() {
        let check = |place: Place, expect: Option<Place>| assert!(place.just_before() == expect);
        check(Place::Record(1, [0, 0, 0, 0, 1, 0]), Some(Place::Record(1, [0, 0, 0, 0, 0, 255])));
        check(Place::Record(1, [0; 6]), Some(Place::Guest(0, [255; 8])));
        check(Place::Record(0, [0; 6]), None);
        check(Place::Guest(2, [0; 8]), Some(Place::Record(2, [255; 6])));
        check(Place::Type(RecordId(5), [0; 6]), Some(Place::Type(RecordId(4), [255; 6])));
    }
}
