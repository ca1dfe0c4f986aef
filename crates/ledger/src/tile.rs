//! Where a tile lies: `tile/<level>/<index>[.p/<width>]`. <https://c2sp.org/tlog-tiles>

/// Hashes in a full tile.
pub const TILE_WIDTH: u64 = 256;

/// Levels a tree can have before its leaves would not fit a number.
const MOST_LEVELS: u8 = 8;

/// A tile that is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TilePath {
    /// The level; none for the entries themselves.
    pub level: Option<u8>,
    /// Which tile of the level.
    pub index: u64,
    /// How many hashes of it, 1 to 256.
    pub width: u64,
}

/// Reads what stands after `tile/`; none where it is not the one way to write a tile's place.
pub fn read_tile_path(path: &str) -> Option<TilePath> {
    let (level, rest) = path.split_once('/')?;
    let level = if level == "entries" { None } else { Some(plain_number(level)?).filter(|level| *level < u64::from(MOST_LEVELS)).map(|level| level as u8) };
    if level.is_none() && !path.starts_with("entries/") {
        return None;
    }
    let (index, width) = match rest.split_once(".p/") {
        Some((index, width)) => (index, plain_number(width).filter(|width| (1..TILE_WIDTH).contains(width))?),
        None => (rest, TILE_WIDTH),
    };
    Some(TilePath { level, index: read_index(index)?, width })
}

/// `x001/x234/067` is 1234067: groups of three digits, `x` before all but the last.
fn read_index(text: &str) -> Option<u64> {
    let groups: Vec<&str> = text.split('/').collect();
    let (last, front) = groups.split_last()?;
    let mut index = 0u64;
    for group in front.iter().map(|group| group.strip_prefix('x')).chain([Some(*last)]) {
        let group = group?;
        if group.len() != 3 || !group.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        index = index.checked_mul(1000)?.checked_add(group.parse().ok()?)?;
    }
    // A group of nothing in front would be a second way to write the same.
    (front.first() != Some(&"x000")).then_some(index)
}

fn plain_number(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_way_to_write_the_place_of_a_tile() {
        let check = |path: &str, expected: Option<(Option<u8>, u64, u64)>| {
            assert_eq!(read_tile_path(path), expected.map(|(level, index, width)| TilePath { level, index, width }), "{path}");
        };
        check("0/000", Some((Some(0), 0, 256)));
        check("1/x001/x234/067", Some((Some(1), 1_234_067, 256)));
        check("0/000.p/17", Some((Some(0), 0, 17)));
        check("entries/x001/000.p/1", Some((None, 1000, 1)));
        for wrong in ["", "0", "0/0", "0/0000", "00/000", "8/000", "x/000", "0/x000/001", "0/001/002", "0/x001", "0/000.p/0", "0/000.p/256", "0/000.p/017", "+1/000", "0/000.p/1/2", "0/xx01/002", "-1/000"] {
            check(wrong, None);
        }
    }
}
