//! Journals that are only added to: each entry is a note of its own, written once.
//!
//! It begins with the digest of the entry before it, and a mark holds how many there are and the
//! digest of the last: an entry that was changed, left out or put elsewhere does not fit any more.

use store::Store;

use crate::error::Result;

/// All entries of a journal, the oldest first; an error where it is not whole. `read` is given an
/// entry's text and the digest of the one before.
pub(crate) fn entries<E>(store: &Store, (count, last): (u64, &str), name: impl Fn(u64) -> String, read: impl Fn(&str, &str) -> Option<E>, damaged: impl Fn() -> store::Error) -> Result<Vec<E>> {
    let (mut entries, mut digest) = (Vec::new(), String::new());
    for number in 1..=count {
        let note = store.note(&name(number))?.ok_or_else(&damaged)?;
        let text = String::from_utf8(note).map_err(|_| damaged())?;
        entries.push(read(&text, &digest).ok_or_else(&damaged)?);
        digest = blake3::hash(text.as_bytes()).to_hex().to_string();
    }
    if digest == last { Ok(entries) } else { Err(damaged().into()) }
}
