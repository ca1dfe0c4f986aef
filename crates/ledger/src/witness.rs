//! What a witness is asked and says: that a log only added to what the witness saw of it before.
//!
//! The forms are those of <https://c2sp.org/tlog-witness> and <https://c2sp.org/tlog-cosignature>, so that a
//! witness of others can watch this log, and this one the logs of others.

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::hash::{Hash, sha256};
use crate::note::{Checkpoint, Key, NoteError, key_id, key_text, read_hash, read_key, write_hash};
use crate::tree::verify_consistency;

/// Kind of key: a time, and Ed25519 over it and the text of the note.
const COSIGNATURE_KIND: u8 = 4;
/// The most hashes a proof can have: a tree has at most 64 levels.
const HASHES_MOST: usize = 63;

/// The public key of a witness.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WitnessKey {
    /// The name of the witness.
    pub name: String,
    /// The key.
    pub public: [u8; 32],
}

impl WitnessKey {
    /// The text others verify with: `name+id+key`.
    pub fn text(&self) -> String {
        key_text(COSIGNATURE_KIND, &self.name, &self.public)
    }

    /// A key out of its text.
    ///
    /// # Errors
    /// [`NoteError::NotAKey`] where it is none.
    pub fn read(text: &str) -> Result<WitnessKey, NoteError> {
        let (name, public) = read_key(COSIGNATURE_KIND, text)?;
        Ok(WitnessKey { name, public })
    }

    fn id(&self) -> [u8; 4] {
        key_id(COSIGNATURE_KIND, &self.name, &self.public)
    }
}

/// What is signed: when, and the text of the checkpoint.
fn signed_text(time_s: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {time_s}\n{text}")
}

/// The line with which a witness signs a checkpoint at a time, in seconds since 1970.
pub fn cosign(checkpoint: &Checkpoint, key: &WitnessKey, time_s: u64, signature: impl FnOnce(&[u8]) -> [u8; 64]) -> String {
    let signature = signature(signed_text(time_s, &checkpoint.text()).as_bytes());
    let signed = [&key.id()[..], &time_s.to_be_bytes(), &signature].concat();
    format!("— {} {}\n", key.name, STANDARD.encode(signed))
}

/// When a witness signed a note, in seconds since 1970.
///
/// # Errors
/// [`NoteError::NotSigned`] where it did not, [`NoteError::Forged`] where its signature is of another text.
pub fn cosigned(note: &str, key: &WitnessKey) -> Result<u64, NoteError> {
    let (text, signatures) = note.split_once("\n\n").ok_or(NoteError::Unlike)?;
    for line in signatures.lines() {
        let Some((name, encoded)) = line.strip_prefix("— ").and_then(|line| line.split_once(' ')) else { return Err(NoteError::Unlike) };
        let bytes = STANDARD.decode(encoded).map_err(|_| NoteError::Unlike)?;
        let Some(rest) = bytes.strip_prefix(&key.id()).filter(|_| name == key.name) else { continue };
        let Some((time, signature)) = rest.split_first_chunk::<8>() else { return Err(NoteError::Forged) };
        let time_s = u64::from_be_bytes(*time);
        let public = UnparsedPublicKey::new(&ED25519, key.public);
        return public.verify(signed_text(time_s, &format!("{text}\n")).as_bytes(), signature).map(|()| time_s).map_err(|_| NoteError::Forged);
    }
    Err(NoteError::NotSigned)
}

/// What a witness is asked: to sign a note, and how it follows from what the witness saw last.
pub fn witness_request(old: u64, proof: &[Hash], note: &str) -> String {
    let hashes: String = proof.iter().map(|hash| write_hash(hash) + "\n").collect();
    format!("old {old}\n{hashes}\n{note}")
}

/// What a witness has seen of a log: how large it was, and its root. A log it knows nothing of is empty.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Seen {
    /// How many entries.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

impl Seen {
    /// Nothing yet.
    pub fn nothing() -> Seen {
        Seen { size: 0, root: sha256(&[]) }
    }
}

/// Why a witness does not sign.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unwitnessed {
    /// The request cannot be read.
    Unlike,
    /// It says more entries were seen than there are.
    TooOld,
    /// Its log is not one the witness watches.
    UnknownLog,
    /// The note is not signed by its log.
    NotSigned,
    /// It does not begin where the witness saw the log last: with so many entries.
    Elsewhere(u64),
    /// The log does not add to what was seen: something before was changed, dropped or reordered.
    Forked,
}

/// The name of the log a request is about, before anything is believed.
pub fn claimed_log(request: &str) -> Option<&str> {
    request.split_once("\n\n")?.1.lines().next()
}

/// Looks at a request about a log with this key, of which the witness has seen this much. The checkpoint
/// it may sign, once that is what it has seen.
///
/// # Errors
/// Why it may not.
pub fn witness(request: &str, key: &Key, seen: &Seen) -> Result<Checkpoint, Unwitnessed> {
    let (front, note) = request.split_once("\n\n").ok_or(Unwitnessed::Unlike)?;
    let mut lines = front.lines();
    let old: u64 = lines.next().and_then(|line| line.strip_prefix("old ")).and_then(|text| text.parse().ok()).ok_or(Unwitnessed::Unlike)?;
    let proof = lines.map(|line| read_hash(line).ok_or(Unwitnessed::Unlike)).collect::<Result<Vec<_>, _>>()?;
    if proof.len() > HASHES_MOST {
        return Err(Unwitnessed::Unlike);
    }
    let checkpoint = Checkpoint::verified(note, key).map_err(|cause| match cause {
        NoteError::Unlike | NoteError::NotAKey => Unwitnessed::Unlike,
        NoteError::OtherLog => Unwitnessed::UnknownLog,
        NoteError::NotSigned | NoteError::Forged => Unwitnessed::NotSigned,
    })?;
    if old > checkpoint.size {
        return Err(Unwitnessed::TooOld);
    }
    if old != seen.size {
        return Err(Unwitnessed::Elsewhere(seen.size));
    }
    if !verify_consistency(old, &seen.root, checkpoint.size, &checkpoint.root, &proof) {
        return Err(Unwitnessed::Forked);
    }
    Ok(checkpoint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::note::{sign, tests::signer};
    use crate::{leaf_hash, node_hash};
    use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};

    fn watcher() -> (WitnessKey, impl Fn(&[u8]) -> [u8; 64]) {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[8; 32]).unwrap();
        let key = WitnessKey { name: "witness.example/one".into(), public: pair.public_key().as_ref().try_into().unwrap() };
        (key, move |text: &[u8]| pair.sign(text).as_ref().try_into().unwrap())
    }

    #[test]
    fn a_cosignature_is_of_its_witness_its_time_and_its_text() {
        let (log, log_signs) = signer();
        let (key, signs) = watcher();
        let checkpoint = Checkpoint { origin: log.name.clone(), size: 17, root: [9; 32] };
        let note = sign(&checkpoint, &log, log_signs);
        assert_eq!(WitnessKey::read(&key.text()), Ok(key.clone()));
        assert!(Key::read(&key.text()).is_err() && WitnessKey::read(&log.text()).is_err(), "neither is the other");
        assert_eq!(cosigned(&note, &key), Err(NoteError::NotSigned));
        let both = format!("{note}{}", cosign(&checkpoint, &key, 1_800_000_000, &signs));
        assert_eq!((cosigned(&both, &key), Checkpoint::verified(&both, &log)), (Ok(1_800_000_000), Ok(checkpoint.clone())));
        assert_eq!(cosigned(&both.replace("\n17\n", "\n18\n"), &key), Err(NoteError::Forged));
        let other = WitnessKey { public: [1; 32], ..key.clone() };
        assert_eq!(cosigned(&both, &other), Err(NoteError::NotSigned));
        // The time is signed, too.
        let line = cosign(&checkpoint, &key, 1_800_000_000, &signs);
        let mut bytes = STANDARD.decode(line.trim_end().rsplit(' ').next().unwrap()).unwrap();
        bytes[11] ^= 1;
        assert_eq!(cosigned(&format!("{note}— {} {}\n", key.name, STANDARD.encode(&bytes)), &key), Err(NoteError::Forged));
        for text in ["", "a", "a+b+c", &key.text()[1..]] {
            assert_eq!(WitnessKey::read(text), Err(NoteError::NotAKey), "{text}");
        }
    }

    #[test]
    fn a_witness_signs_what_grew_and_nothing_that_was_put_back_or_forked() {
        let (log, signature) = signer();
        let (a, b, c) = (leaf_hash(b"a"), leaf_hash(b"b"), leaf_hash(b"c"));
        let note = |size, root| sign(&Checkpoint { origin: log.name.clone(), size, root }, &log, &signature);
        let (one, two, forked) = (note(1, a), note(2, node_hash(&a, &b)), note(2, node_hash(&c, &b)));
        let seen = witness(&witness_request(0, &[], &one), &log, &Seen::nothing()).unwrap();
        let seen = Seen { size: seen.size, root: seen.root };
        assert_eq!(seen, Seen { size: 1, root: a });
        let asked = |old, proof: &[Hash], note: &str| witness(&witness_request(old, proof, note), &log, &seen);
        assert_eq!(asked(1, &[b], &two).map(|checkpoint| checkpoint.size), Ok(2));
        assert_eq!(asked(1, &[], &one).map(|checkpoint| checkpoint.size), Ok(1), "the same once more");
        assert_eq!(asked(1, &[b], &forked), Err(Unwitnessed::Forked));
        assert_eq!(asked(1, &[], &note(1, c)), Err(Unwitnessed::Forked), "as large, and another");
        assert_eq!(asked(0, &[], &two), Err(Unwitnessed::Elsewhere(1)), "what was seen is not forgotten");
        assert_eq!(asked(3, &[], &two), Err(Unwitnessed::TooOld));
        assert_eq!(asked(1, &[b], &two.replace("\n2\n", "\n3\n")), Err(Unwitnessed::NotSigned));
        assert_eq!(asked(1, &[b; 64], &two), Err(Unwitnessed::Unlike));
        let elsewhere = Key { name: "other.example/log".into(), ..log.clone() };
        assert_eq!(witness(&witness_request(1, &[b], &two), &elsewhere, &seen), Err(Unwitnessed::UnknownLog));
        let whole = witness_request(1, &[b], &two);
        assert_eq!(claimed_log(&whole), Some("clinic.example/log"));
        for length in 0..whole.len() - 1 {
            let cut = whole.get(..length).unwrap_or_default();
            assert!(witness(cut, &log, &seen).is_err(), "{length}");
        }
    }
}
