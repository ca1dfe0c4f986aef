//! The two hashes of the tree. <https://www.rfc-editor.org/rfc/rfc6962#section-2.1>

use aws_lc_rs::digest::{Context, SHA256};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// SHA-256 of some bytes.
pub fn sha256(bytes: &[u8]) -> Hash {
    of_parts(&[bytes])
}

/// The hash of an entry.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    of_parts(&[&[0], entry])
}

/// The hash of two hashes below one node.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    of_parts(&[&[1], left, right])
}

fn of_parts(parts: &[&[u8]]) -> Hash {
    let mut context = Context::new(&SHA256);
    parts.iter().for_each(|part| context.update(part));
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}
