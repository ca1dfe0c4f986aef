//! Short forms of given names, from a list with its sources (`data/nicknames.txt`).
//!
//! * Only what the list says: no ending is ever cut off to find a short form.

use std::collections::HashMap;
use std::sync::OnceLock;

const LIST: &str = include_str!("../data/nicknames.txt");

/// Which names a short form may stand for.
fn names() -> &'static HashMap<&'static str, Vec<&'static str>> {
    static NAMES: OnceLock<HashMap<&'static str, Vec<&'static str>>> = OnceLock::new();
    NAMES.get_or_init(|| {
        let mut names: HashMap<&str, Vec<&str>> = HashMap::new();
        let lines = LIST.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(':'));
        for (name, forms) in lines {
            forms.split_whitespace().for_each(|form| names.entry(form).or_default().push(name));
        }
        names
    })
}

/// True if one of two Latin words is a short form of the other, or both of the same name.
pub(crate) fn is_nickname(left: &str, right: &str) -> bool {
    let of = |form: &str| names().get(form).map(Vec::as_slice).unwrap_or_default();
    of(left).contains(&right) || of(right).contains(&left) || of(left).iter().any(|name| of(right).contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_read_both_ways_and_says_no_more_than_it_does() {
        assert!(is_nickname("paco", "francisco") && is_nickname("francisco", "paco") && is_nickname("paco", "pancho"));
        assert!(!is_nickname("paco", "pepe") && !is_nickname("maria", "maria") && !is_nickname("aleksandr", "aleksandra"));
    }
}
