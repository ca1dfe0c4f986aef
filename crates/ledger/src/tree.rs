//! Roots and proofs out of the hashes that are kept, and what verifies them.
//! <https://www.rfc-editor.org/rfc/rfc9162#section-2.1.3>

use std::ops::Range;

use crate::frontier::perfect_root;
use crate::hash::{Hash, node_hash, sha256};

/// Where the hashes of a tree are kept: those of level 0 are the leaves, one of level `n` stands
/// for 256 to the power of `n` leaves.
pub trait Nodes {
    /// Why a hash could not be read.
    type Error;
    /// Hashes of a level, in order.
    fn hashes(&self, level: u8, range: Range<u64>) -> Result<Vec<Hash>, Self::Error>;
}

/// The hash of the first `size` leaves.
pub fn root<N: Nodes>(nodes: &N, size: u64) -> Result<Hash, N::Error> {
    if size == 0 { Ok(sha256(&[])) } else { range_root(nodes, 0..size) }
}

/// The hashes that lead from a leaf to the root of the first `size` leaves.
pub fn inclusion<N: Nodes>(nodes: &N, index: u64, size: u64) -> Result<Vec<Hash>, N::Error> {
    let mut proof = Vec::new();
    let mut range = 0..size;
    while range.end - range.start > 1 {
        let middle = split(&range);
        let other = if index < middle { middle..range.end } else { range.start..middle };
        proof.push(range_root(nodes, other)?);
        range = if index < middle { range.start..middle } else { middle..range.end };
    }
    proof.reverse();
    Ok(proof)
}

/// The hashes that show that the first `old` leaves of a tree of `size` are those of the tree of `old`.
pub fn consistency<N: Nodes>(nodes: &N, old: u64, size: u64) -> Result<Vec<Hash>, N::Error> {
    let mut proof = Vec::new();
    if old == 0 || old >= size {
        return Ok(proof);
    }
    let (mut range, mut is_whole) = (0..size, true);
    while range.end != old {
        let middle = split(&range);
        if old <= middle {
            proof.push(range_root(nodes, middle..range.end)?);
            range.end = middle;
        } else {
            proof.push(range_root(nodes, range.start..middle)?);
            range.start = middle;
            is_whole = false;
        }
    }
    if !is_whole {
        proof.push(range_root(nodes, range)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Whether a leaf lies at a place of the tree with this root.
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut place, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            hash = node_hash(sibling, &hash);
            while place & 1 == 0 && place != 0 {
                (place, last) = (place >> 1, last >> 1);
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        (place, last) = (place >> 1, last >> 1);
    }
    last == 0 && hash == *root
}

/// Whether the tree of `size` only adds to the tree of `old`.
pub fn verify_consistency(old: u64, old_root: &Hash, size: u64, root: &Hash, proof: &[Hash]) -> bool {
    if old > size {
        return false;
    }
    if old == size || old == 0 {
        return proof.is_empty() && if old == 0 { *old_root == sha256(&[]) } else { old_root == root };
    }
    let mut hashes = proof.iter();
    let first = if old.is_power_of_two() { Some(old_root) } else { hashes.next() };
    let Some(first) = first else { return false };
    let (mut place, mut last) = (old - 1, size - 1);
    while place & 1 == 1 {
        (place, last) = (place >> 1, last >> 1);
    }
    let (mut of_old, mut of_new) = (*first, *first);
    for sibling in hashes {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            of_old = node_hash(sibling, &of_old);
            of_new = node_hash(sibling, &of_new);
            while place & 1 == 0 && place != 0 {
                (place, last) = (place >> 1, last >> 1);
            }
        } else {
            of_new = node_hash(&of_new, sibling);
        }
        (place, last) = (place >> 1, last >> 1);
    }
    last == 0 && of_old == *old_root && of_new == *root
}

/// Where a range of more than one leaf is divided: after the largest power of two below its length.
fn split(range: &Range<u64>) -> u64 {
    let length = range.end - range.start;
    range.start + (1 << (u64::BITS - 1 - (length - 1).leading_zeros()))
}

fn range_root<N: Nodes>(nodes: &N, range: Range<u64>) -> Result<Hash, N::Error> {
    let length = range.end - range.start;
    if length.is_power_of_two() {
        // A perfect tree is made of whole nodes of the highest level that fits.
        let level = length.trailing_zeros() / 8;
        let shift = level * 8;
        return Ok(perfect_root(&nodes.hashes(level as u8, range.start >> shift..range.end >> shift)?));
    }
    let middle = split(&range);
    Ok(node_hash(&range_root(nodes, range.start..middle)?, &range_root(nodes, middle..range.end)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Frontier, leaf_hash};
    use std::convert::Infallible;

    /// Every hash that is final, in memory.
    struct Kept(Vec<Vec<Hash>>);

    impl Nodes for Kept {
        type Error = Infallible;
        fn hashes(&self, level: u8, range: Range<u64>) -> Result<Vec<Hash>, Infallible> {
            Ok(self.0[level as usize][range.start as usize..range.end as usize].to_vec())
        }
    }

    fn leaf(number: u64) -> Hash {
        leaf_hash(&number.to_be_bytes())
    }

    /// The definition of the tree, word by word.
    fn slow_root(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => sha256(&[]),
            [only] => *only,
            _ => {
                let middle = leaves.len().next_power_of_two() / 2;
                node_hash(&slow_root(&leaves[..middle]), &slow_root(&leaves[middle..]))
            }
        }
    }

    fn grown(size: u64) -> (Kept, Frontier) {
        let (mut kept, mut frontier) = (Kept(vec![Vec::new(); 4]), Frontier::default());
        for number in 0..size {
            kept.0[0].push(leaf(number));
            frontier.append(leaf(number), |node| {
                assert_eq!(kept.0[node.level as usize].len() as u64, node.index);
                kept.0[node.level as usize].push(node.hash);
            });
        }
        (kept, frontier)
    }

    const SIZES: [u64; 16] = [0, 1, 2, 3, 5, 8, 13, 255, 256, 257, 511, 512, 777, 65_536, 65_537, 70_001];

    #[test]
    fn the_root_is_the_one_of_the_definition_and_an_edge_can_be_read_back() {
        assert_eq!(sha256(&[])[..4], [0xe3, 0xb0, 0xc4, 0x42]);
        for size in SIZES {
            let (kept, frontier) = grown(size);
            let slow = slow_root(&kept.0[0]);
            assert_eq!(frontier.root(), slow, "{size}");
            assert_eq!(root(&kept, size), Ok(slow), "{size}");
            let read = Frontier::read(size, |level, index| Ok::<_, Infallible>(kept.0[level as usize][index as usize]));
            assert_eq!(read, Ok(frontier));
        }
    }

    #[test]
    fn a_proof_holds_for_its_leaf_place_and_tree_and_for_no_other() {
        let (kept, _) = grown(777);
        for size in 1..=40u64 {
            let whole = root(&kept, size).unwrap();
            for index in 0..size {
                let proof = inclusion(&kept, index, size).unwrap();
                assert!(verify_inclusion(&leaf(index), index, size, &proof, &whole), "{index} of {size}");
                assert!(!verify_inclusion(&leaf(index + 1), index, size, &proof, &whole));
                assert!(size == 1 || !verify_inclusion(&leaf(index), (index + 1) % size, size, &proof, &whole));
                assert!(!verify_inclusion(&leaf(index), index, size, &[proof.as_slice(), &[whole]].concat(), &whole));
                assert!(proof.is_empty() || !verify_inclusion(&leaf(index), index, size, &proof[1..], &whole));
            }
        }
        for (index, size) in [(0, 777), (255, 256), (256, 777), (700, 701), (776, 777)] {
            assert!(verify_inclusion(&leaf(index), index, size, &inclusion(&kept, index, size).unwrap(), &root(&kept, size).unwrap()));
        }
    }

    #[test]
    fn a_tree_that_only_grew_is_told_from_one_that_changed() {
        let (kept, _) = grown(777);
        let sizes = (1..40).chain([255, 256, 257, 512, 700, 777]);
        for size in sizes.clone() {
            let whole = root(&kept, size).unwrap();
            for old in sizes.clone().filter(|old| *old <= size) {
                let before = root(&kept, old).unwrap();
                let proof = consistency(&kept, old, size).unwrap();
                assert!(verify_consistency(old, &before, size, &whole, &proof), "{old} to {size}");
                let mut forked = before;
                forked[0] ^= 1;
                assert!(!verify_consistency(old, &forked, size, &whole, &proof), "{old} to {size}");
                assert!(!verify_consistency(old, &before, size, &forked, &proof), "{old} to {size}");
                assert!(!verify_consistency(old, &before, size, &whole, &[proof.as_slice(), &[whole]].concat()));
            }
        }
        assert!(!verify_consistency(5, &leaf(0), 4, &leaf(0), &[]));
    }
}
