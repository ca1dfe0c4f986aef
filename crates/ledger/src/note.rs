//! The signed note that vouches for a tree. <https://c2sp.org/tlog-checkpoint>, <https://c2sp.org/signed-note>

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::hash::{Hash, sha256};

/// Why a note says nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoteError {
    /// It is not a note at all.
    #[error("the text is not a checkpoint: it has an origin, a size and a root on three lines, an empty line, and signatures")]
    Unlike,
    /// Its log is another.
    #[error("the checkpoint is of another log than the key")]
    OtherLog,
    /// Nobody we know signed it.
    #[error("the checkpoint carries no signature of this key")]
    NotSigned,
    /// The signature is not one of this text.
    #[error("the signature of the checkpoint does not fit its text: one of the two was changed")]
    Forged,
    /// The text of a key cannot be read.
    #[error("the text is not the public key of a log: it is a name, eight hexadecimal digits and base64, with + in between")]
    NotAKey,
}

/// How large a log was and what its tree hashed to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    /// The name of the log.
    pub origin: String,
    /// How many entries.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

/// Kind of key: Ed25519 over the text of the note.
const ED25519_KIND: u8 = 1;

/// The text of a key of a kind: `name+id+key`.
pub(crate) fn key_text(kind: u8, name: &str, public: &[u8; 32]) -> String {
    format!("{name}+{:08x}+{}", u32::from_be_bytes(key_id(kind, name, public)), STANDARD.encode([&[kind][..], public].concat()))
}

/// The name and the key in such a text; an error where it is none of that kind.
pub(crate) fn read_key(kind: u8, text: &str) -> Result<(String, [u8; 32]), NoteError> {
    let mut parts = text.trim().splitn(3, '+');
    let mut next = || parts.next().ok_or(NoteError::NotAKey);
    let (name, id, encoded) = (next()?, next()?, next()?);
    let bytes = STANDARD.decode(encoded).map_err(|_| NoteError::NotAKey)?;
    let (own_kind, public) = bytes.split_first().ok_or(NoteError::NotAKey)?;
    let public: [u8; 32] = public.try_into().map_err(|_| NoteError::NotAKey)?;
    if *own_kind != kind || name.is_empty() || name.contains(char::is_whitespace) || format!("{:08x}", u32::from_be_bytes(key_id(kind, name, &public))) != id {
        return Err(NoteError::NotAKey);
    }
    Ok((name.to_owned(), public))
}

/// The short id of a key of a kind.
pub(crate) fn key_id(kind: u8, name: &str, public: &[u8; 32]) -> [u8; 4] {
    let [a, b, c, d, ..] = sha256(&[name.as_bytes(), b"\n", &[kind], public].concat());
    [a, b, c, d]
}

/// The public key of a log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Key {
    /// The name of the log.
    pub name: String,
    /// The key.
    pub public: [u8; 32],
}

impl Key {
    /// The text others verify with: `name+id+key`.
    pub fn text(&self) -> String {
        key_text(ED25519_KIND, &self.name, &self.public)
    }

    /// A key out of its text.
    pub fn read(text: &str) -> Result<Key, NoteError> {
        let (name, public) = read_key(ED25519_KIND, text)?;
        Ok(Key { name, public })
    }

    fn id(&self) -> [u8; 4] {
        key_id(ED25519_KIND, &self.name, &self.public)
    }
}

impl Checkpoint {
    /// The text that is signed.
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root))
    }

    /// Reads a note that a key must have signed.
    pub fn verified(note: &str, key: &Key) -> Result<Checkpoint, NoteError> {
        let (text, signatures) = note.split_once("\n\n").ok_or(NoteError::Unlike)?;
        let text = format!("{text}\n");
        let checkpoint = Checkpoint::read(&text).ok_or(NoteError::Unlike)?;
        if checkpoint.origin != key.name {
            return Err(NoteError::OtherLog);
        }
        for line in signatures.lines() {
            let Some((name, encoded)) = line.strip_prefix("— ").and_then(|line| line.split_once(' ')) else { return Err(NoteError::Unlike) };
            let bytes = STANDARD.decode(encoded).map_err(|_| NoteError::Unlike)?;
            // Others, witnesses among them, may have signed too.
            let Some(signature) = bytes.strip_prefix(&key.id()).filter(|_| name == key.name) else { continue };
            let public = UnparsedPublicKey::new(&ED25519, key.public);
            return public.verify(text.as_bytes(), signature).map(|()| checkpoint).map_err(|_| NoteError::Forged);
        }
        Err(NoteError::NotSigned)
    }

    fn read(text: &str) -> Option<Checkpoint> {
        let mut lines = text.lines();
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        let number: u64 = size.parse().ok()?;
        if origin.is_empty() || number.to_string() != size {
            return None;
        }
        Some(Checkpoint { origin: origin.to_owned(), size: number, root: read_hash(root)? })
    }
}

/// The note of a checkpoint; `signature` signs its text with the secret half of the key.
pub fn sign(checkpoint: &Checkpoint, key: &Key, signature: impl FnOnce(&[u8]) -> [u8; 64]) -> String {
    let text = checkpoint.text();
    let signed = [&key.id()[..], &signature(text.as_bytes())].concat();
    format!("{text}\n— {} {}\n", key.name, STANDARD.encode(signed))
}

pub(crate) fn read_hash(text: &str) -> Option<Hash> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

pub(crate) fn write_hash(hash: &Hash) -> String {
    STANDARD.encode(hash)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};

    pub fn signer() -> (Key, impl Fn(&[u8]) -> [u8; 64]) {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
        let key = Key { name: "clinic.example/log".into(), public: pair.public_key().as_ref().try_into().unwrap() };
        (key, move |text: &[u8]| pair.sign(text).as_ref().try_into().unwrap())
    }

    #[test]
    fn a_note_says_what_was_signed_and_nothing_else() {
        let (key, signature) = signer();
        let checkpoint = Checkpoint { origin: key.name.clone(), size: 17, root: [9; 32] };
        let note = sign(&checkpoint, &key, signature);
        assert_eq!(Key::read(&key.text()), Ok(key.clone()));
        assert_eq!(Checkpoint::verified(&note, &key), Ok(checkpoint));
        assert_eq!(Checkpoint::verified(&note.replace("\n17\n", "\n18\n"), &key), Err(NoteError::Forged));
        let other = Key { public: [1; 32], ..key.clone() };
        assert_eq!(Checkpoint::verified(&note, &other), Err(NoteError::NotSigned));
        let elsewhere = Key { name: "other.example/log".into(), ..key.clone() };
        assert_eq!(Checkpoint::verified(&note, &elsewhere), Err(NoteError::OtherLog));
        for text in ["", "a\n1\n\n", "a\n01\nAAAA\n\n— a AAAA\n"] {
            assert_eq!(Checkpoint::verified(text, &key), Err(NoteError::Unlike), "{text:?}");
        }
        // One that a witness signed as well.
        let (text, ours) = note.split_once("\n\n").unwrap();
        let witnessed = format!("{text}\n\n— witness.example AAAAAAAA\n{ours}");
        assert!(Checkpoint::verified(&witnessed, &key).is_ok());
    }

    #[test]
    fn the_text_of_a_key_is_read_whole_or_not() {
        let text = signer().0.text();
        for wrong in ["", "a", "a+b+c", &text[1..], &text[..text.len() - 4], &text.replace("log+", "lok+")] {
            assert_eq!(Key::read(wrong), Err(NoteError::NotAKey), "{wrong}");
        }
    }
}
