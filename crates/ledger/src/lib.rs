//! A log that can only grow: the tree over it, its proofs, and the signed note that vouches for it.
//!
//! * The tree is the one of RFC 6962; tiles, checkpoints and proofs have the forms of c2sp.org
//!   (`tlog-tiles`, `tlog-checkpoint`, `signed-note`, `tlog-proof`, `tlog-witness`), so that others can
//!   verify them.
//! * Nothing is verified halfway: a proof holds, or it is refused with what does not fit.
//! * Nothing here knows a store, a clock, a secret key, or what an entry says.

#![forbid(unsafe_code)]

mod frontier;
mod hash;
mod note;
mod proof;
mod tile;
mod tree;
mod witness;

pub use frontier::{Frontier, Node};
pub use hash::{Hash, leaf_hash, node_hash, sha256};
pub use note::{Checkpoint, Key, NoteError, sign};
pub use proof::{entry_of, entry_of_commitment, ProofError, Proven, consistency_file, inclusion_file, verify_consistency_file, verify_inclusion_file};
pub use tile::{TILE_WIDTH, TilePath, read_tile_path};
pub use tree::{Nodes, consistency, inclusion, root, verify_consistency, verify_inclusion};
pub use witness::{Seen, Unwitnessed, WitnessKey, claimed_log, cosign, cosigned, witness, witness_request};
