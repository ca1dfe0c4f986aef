//! Proofs as files that verify without the log. <https://c2sp.org/tlog-proof>

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::hash::{Hash, leaf_hash, sha256};
use crate::note::{Checkpoint, Key, NoteError, read_hash, write_hash};
use crate::tree::{verify_consistency, verify_inclusion};

const INCLUSION: &str = "c2sp.org/tlog-proof@v1";
const CONSISTENCY: &str = "carnet-log-consistency@v1";

/// The first byte of an entry: what follows is the hash of a statement.
const STATED: u8 = 1;

/// Why a proof does not hold.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ProofError {
    /// It is not a file of this kind.
    #[error("the file is not a proof: {0}")]
    Unlike(&'static str),
    /// The checkpoint in it or beside it does not stand.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The hashes do not lead where they should.
    #[error("the proof does not hold: {0}")]
    Broken(&'static str),
}

/// What a proof has shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proven {
    /// The place in the log.
    pub index: u64,
    /// What was logged there, in its own words.
    pub statement: String,
    /// The log that holds it.
    pub checkpoint: Checkpoint,
}

/// The entry of the log that commits to a statement, which has its own salt.
pub fn entry_of(statement: &[u8]) -> [u8; 33] {
    entry_of_commitment(&sha256(statement))
}

/// The entry of a commitment.
pub fn entry_of_commitment(commitment: &Hash) -> [u8; 33] {
    let mut entry = [STATED; 33];
    entry[1..].copy_from_slice(commitment);
    entry
}

/// A file that shows that a statement lies in the log of a checkpoint.
pub fn inclusion_file(statement: &str, index: u64, proof: &[Hash], note: &str) -> String {
    let hashes: String = proof.iter().map(|hash| write_hash(hash) + "\n").collect();
    format!("{INCLUSION}\nextra {}\nindex {index}\n{hashes}\n{note}", STANDARD.encode(statement))
}

/// Whether such a file holds, and what it shows.
pub fn verify_inclusion_file(file: &str, key: &Key) -> Result<Proven, ProofError> {
    let (front, note) = file.split_once("\n\n").ok_or(ProofError::Unlike("an empty line before the checkpoint is missing"))?;
    let mut lines = front.lines();
    if lines.next() != Some(INCLUSION) {
        return Err(ProofError::Unlike("its first line is not c2sp.org/tlog-proof@v1"));
    }
    let statement = lines.next().and_then(|line| line.strip_prefix("extra ")).and_then(|text| STANDARD.decode(text).ok()).and_then(|bytes| String::from_utf8(bytes).ok());
    let statement = statement.ok_or(ProofError::Unlike("the line \"extra\" with the statement is missing"))?;
    let index: Option<u64> = lines.next().and_then(|line| line.strip_prefix("index ")).and_then(|text| text.parse().ok());
    let index = index.ok_or(ProofError::Unlike("the line \"index\" is missing"))?;
    let proof = read_hashes(lines)?;
    let checkpoint = Checkpoint::verified(note, key)?;
    if !verify_inclusion(&leaf_hash(&entry_of(statement.as_bytes())), index, checkpoint.size, &proof, &checkpoint.root) {
        return Err(ProofError::Broken("the statement does not lie at this place of the log"));
    }
    Ok(Proven { index, statement, checkpoint })
}

/// A file that shows that the log of a checkpoint only adds to an older one.
pub fn consistency_file(proof: &[Hash], note: &str) -> String {
    let hashes: String = proof.iter().map(|hash| write_hash(hash) + "\n").collect();
    format!("{CONSISTENCY}\n{hashes}\n{note}")
}

/// Whether such a file holds for a checkpoint that was kept; the newer checkpoint.
pub fn verify_consistency_file(file: &str, old_note: &str, key: &Key) -> Result<Checkpoint, ProofError> {
    let (front, note) = file.split_once("\n\n").ok_or(ProofError::Unlike("an empty line before the checkpoint is missing"))?;
    let mut lines = front.lines();
    if lines.next() != Some(CONSISTENCY) {
        return Err(ProofError::Unlike("its first line is not carnet-log-consistency@v1"));
    }
    let proof = read_hashes(lines)?;
    let (old, new) = (Checkpoint::verified(old_note, key)?, Checkpoint::verified(note, key)?);
    if !verify_consistency(old.size, &old.root, new.size, &new.root, &proof) {
        return Err(ProofError::Broken("the newer log does not contain the older one: something before was changed, dropped or reordered"));
    }
    Ok(new)
}

fn read_hashes<'t>(lines: impl Iterator<Item = &'t str>) -> Result<Vec<Hash>, ProofError> {
    lines.map(|line| read_hash(line).ok_or(ProofError::Unlike("a line is not a hash in base64"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::note::{sign, tests::signer};
    use crate::node_hash;

    #[test]
    fn a_file_proves_its_statement_and_a_changed_one_proves_nothing() {
        let (key, signature) = signer();
        let said = "salt 1\nsomebody opened something\n";
        let (leaf, other) = (leaf_hash(&entry_of(said.as_bytes())), leaf_hash(b"other"));
        let checkpoint = Checkpoint { origin: key.name.clone(), size: 2, root: node_hash(&other, &leaf) };
        let note = sign(&checkpoint, &key, signature);
        let file = inclusion_file(said, 1, &[other], &note);
        assert_eq!(verify_inclusion_file(&file, &key), Ok(Proven { index: 1, statement: said.into(), checkpoint }));
        let broken = |file: String| matches!(verify_inclusion_file(&file, &key), Err(ProofError::Broken(_)));
        assert!(broken(file.replace("index 1", "index 0")));
        assert!(broken(inclusion_file("salt 1\nnobody opened anything\n", 1, &[other], &note)));
        assert!(broken(inclusion_file(said, 1, &[leaf], &note)));
        assert_eq!(verify_inclusion_file(&file.replace("\n2\n", "\n3\n"), &key), Err(NoteError::Forged.into()));
        for length in 0..file.len() - 1 {
            let cut = file.get(..length).unwrap_or_default();
            assert!(verify_inclusion_file(cut, &key).is_err(), "{length}");
        }
    }

    #[test]
    fn a_log_that_was_put_back_is_not_consistent() {
        let (key, signature) = signer();
        let (a, b, c) = (leaf_hash(b"a"), leaf_hash(b"b"), leaf_hash(b"c"));
        let note = |size, root| sign(&Checkpoint { origin: key.name.clone(), size, root }, &key, &signature);
        let (old, new, forked) = (note(1, a), note(2, node_hash(&a, &b)), note(2, node_hash(&c, &b)));
        assert_eq!(verify_consistency_file(&consistency_file(&[b], &new), &old, &key).unwrap().size, 2);
        assert!(matches!(verify_consistency_file(&consistency_file(&[b], &forked), &old, &key), Err(ProofError::Broken(_))));
        assert!(matches!(verify_consistency_file(&consistency_file(&[], &old), &new, &key), Err(ProofError::Broken(_))));
    }
}
