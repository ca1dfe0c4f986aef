//! Journals that are only added to: each entry is a note of its own, written once.
//!
//! It begins with the digest of the entry before it, and a mark holds how many there are and the
//! digest of the last: an entry that was changed, left out or put elsewhere does not fit any more.
//! An entry is written with the mark: there is none beyond it.

use store::Store;

use crate::error::Result;

/// All entries of a journal, the oldest first; an error where it is not whole. `mark` reads how many there are and the
/// digest of the last; `read` is given an entry's text and the digest of the one before.
pub(crate) fn entries<E>(
    store: &Store,
    mark: impl Fn() -> Result<(u64, String)>,
    name: impl Fn(u64) -> String,
    read: impl Fn(&str, &str) -> Option<E>,
    damaged: impl Fn() -> store::Error,
) -> Result<Vec<E>> {
    loop {
        let (count, last) = mark()?;
        let (mut entries, mut digest) = (Vec::new(), String::new());
        for number in 1..=count {
            let note = store.note(&name(number))?.ok_or_else(&damaged)?;
            let text = String::from_utf8(note).map_err(|_| damaged())?;
            entries.push(read(&text, &digest).ok_or_else(&damaged)?);
            digest = blake3::hash(text.as_bytes()).to_hex().to_string();
        }
        if digest != last {
            return Err(damaged().into());
        }
        if store.note(&name(count + 1))?.is_none() {
            return Ok(entries);
        }
        // Somebody has added one in between, or the mark was taken away or put back.
        if mark()?.0 == count {
            return Err(damaged().into());
        }
    }
}
