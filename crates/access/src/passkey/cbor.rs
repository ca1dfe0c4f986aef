//! The part of CBOR that authenticators speak: whole items of known length, none nested deeply
//! (RFC 8949; <https://fidoalliance.org/specs/fido-v2.1-ps-20210615/fido-client-to-authenticator-protocol-v2.1-ps-errata-20220621.html#ctap2-canonical-cbor-encoding-form>).
//!
//! What a declared length asks for is never set aside before it is there.

/// One item, over the bytes it came in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Item<'a> {
    /// A number from zero up.
    Unsigned(u64),
    /// `-1 - n`.
    Negative(u64),
    /// Bytes.
    Bytes(&'a [u8]),
    /// Text.
    Text(&'a str),
    /// Items in their order.
    Array(Vec<Item<'a>>),
    /// Pairs in their order; no key is there twice.
    Map(Vec<(Item<'a>, Item<'a>)>),
    /// True, false or null.
    Simple(u8),
}

/// More levels than any authenticator needs: a certificate chain lies in an array in a map in a map.
const DEEPEST: usize = 6;

/// The first item, and what follows it.
pub(super) fn first(bytes: &[u8]) -> Option<(Item<'_>, &[u8])> {
    read(bytes, 0)
}

/// The only item.
pub(super) fn whole(bytes: &[u8]) -> Option<Item<'_>> {
    first(bytes).filter(|(_, rest)| rest.is_empty()).map(|(item, _)| item)
}

impl<'a> Item<'a> {
    /// The member of a map under a text.
    pub fn text_member(&self, name: &str) -> Option<&Item<'a>> {
        self.member(&Item::Text(name))
    }

    /// The member of a map under a number, which may be negative.
    pub fn number_member(&self, number: i64) -> Option<&Item<'a>> {
        self.member(&if number < 0 { Item::Negative((-1 - number).unsigned_abs()) } else { Item::Unsigned(number.unsigned_abs()) })
    }

    fn member(&self, key: &Item<'_>) -> Option<&Item<'a>> {
        let Item::Map(pairs) = self else { return None };
        pairs.iter().find(|(one, _)| one == key).map(|(_, value)| value)
    }

    /// A whole number.
    pub fn number(&self) -> Option<i64> {
        match self {
            Item::Unsigned(number) => i64::try_from(*number).ok(),
            Item::Negative(number) => Some(-1 - i64::try_from(*number).ok()?),
            _ => None,
        }
    }

    /// Bytes.
    pub fn bytes(&self) -> Option<&'a [u8]> {
        if let Item::Bytes(bytes) = self { Some(bytes) } else { None }
    }
}

fn read(bytes: &[u8], depth: usize) -> Option<(Item<'_>, &[u8])> {
    if depth > DEEPEST {
        return None;
    }
    let (&head, rest) = bytes.split_first()?;
    let (number, mut rest) = argument(head & 0x1f, rest)?;
    let item = match head >> 5 {
        0 => Item::Unsigned(number),
        1 => Item::Negative(number),
        2 => {
            let (these, after) = rest.split_at_checked(usize::try_from(number).ok()?)?;
            rest = after;
            Item::Bytes(these)
        }
        3 => {
            let (these, after) = rest.split_at_checked(usize::try_from(number).ok()?)?;
            rest = after;
            Item::Text(std::str::from_utf8(these).ok()?)
        }
        4 => {
            let mut items = Vec::new();
            for _ in 0..number {
                let (item, after) = read(rest, depth + 1)?;
                items.push(item);
                rest = after;
            }
            Item::Array(items)
        }
        5 => {
            let mut pairs: Vec<(Item<'_>, Item<'_>)> = Vec::new();
            for _ in 0..number {
                let (key, after) = read(rest, depth + 1)?;
                let (value, after) = read(after, depth + 1)?;
                if pairs.len() >= 64 || pairs.iter().any(|(one, _)| *one == key) {
                    return None;
                }
                pairs.push((key, value));
                rest = after;
            }
            Item::Map(pairs)
        }
        7 if matches!(head & 0x1f, 20..=22) => Item::Simple(head & 0x1f),
        _ => return None,
    };
    Some((item, rest))
}

/// The number after a head; none for lengths that are left open.
fn argument(short: u8, rest: &[u8]) -> Option<(u64, &[u8])> {
    let wide = match short {
        0..=23 => return Some((u64::from(short), rest)),
        24..=27 => 1usize << (short - 24),
        _ => return None,
    };
    let (bytes, rest) = rest.split_at_checked(wide)?;
    Some((bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_read_and_what_is_odd_is_not() {
        assert_eq!(whole(&[0x18, 0x64]), Some(Item::Unsigned(100)));
        assert_eq!(whole(&[0x39, 0x01, 0x00]).and_then(|item| item.number()), Some(-257));
        assert_eq!(whole(&[0x43, 1, 2, 3]), Some(Item::Bytes(&[1, 2, 3])));
        let map = whole(&[0xa2, 0x61, b'a', 0x01, 0x20, 0x82, 0xf5, 0xf6]).unwrap();
        assert_eq!(map.text_member("a"), Some(&Item::Unsigned(1)));
        assert_eq!(map.number_member(-1), Some(&Item::Array(vec![Item::Simple(21), Item::Simple(22)])));
        for (odd, why) in [
            (&[][..], "nothing"),
            (&[0x43, 1, 2], "too short"),
            (&[0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], "a length nobody has"),
            (&[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], "as many items"),
            (&[0x5f, 0x41, 1, 0xff], "a length that is left open"),
            (&[0x61, 0xff], "text that is not"),
            (&[0xa2, 0x01, 0x01, 0x01, 0x02], "a key twice"),
            (&[0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x01], "too deep"),
            (&[0xc0, 0x01], "a tag"),
            (&[0xf9, 0x00, 0x00], "a half"),
            (&[0x01, 0x01], "one too many"),
        ] {
            assert_eq!(whole(odd), None, "{why}");
        }
    }
}
