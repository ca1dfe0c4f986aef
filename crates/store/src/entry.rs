//! What a sealed entry says: a short header, then the resource's tokens.

use fhir::{Issue, Moment, ResourceType};

use crate::tick::Tick;

use crate::error::Error;
use crate::flaws;
use crate::layout::EntryKey;

/// How a version came to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Method {
    /// POST: the first version.
    Create,
    /// PUT or PATCH.
    Update,
    /// DELETE: a tombstone.
    Delete,
}

/// One version of a resource, lent while it is looked at.
#[derive(Clone, Copy)]
pub struct EntryRef<'a> {
    /// Its type.
    pub kind: ResourceType,
    /// Its logical id.
    pub id: &'a str,
    /// Its number within the record.
    pub entry: u32,
    /// From 1.
    pub version: u32,
    /// When it was written.
    pub last_updated: Moment,
    /// The same, finer.
    pub tick: Tick,
    /// How it came to be.
    pub method: Method,
    /// The tokens; empty for a deletion.
    pub text: &'a str,
    pub(crate) flaws: &'a [u8],
    pub(crate) token: u16,
}

impl EntryRef<'_> {
    /// What an import found wrong and kept.
    pub fn flaws(&self) -> Vec<Issue> {
        flaws::read(self.flaws)
    }

    /// Its place in the order in which a record is scanned, for cursors.
    pub fn place(&self) -> [u8; 6] {
        let mut place = [0; 6];
        place[..2].copy_from_slice(&self.token.to_be_bytes());
        place[2..].copy_from_slice(&self.entry.to_be_bytes());
        place
    }

    /// True where an import kept it with its flaws.
    pub fn is_flawed(&self) -> bool {
        !self.flaws.is_empty()
    }
}

/// `type 2 ‖ method 1 ‖ time 8 ‖ length of id 1 ‖ id ‖ length of flaws 4 ‖ flaws ‖ tokens`
pub(crate) fn write(kind: ResourceType, id: &str, method: Method, at: Tick, flaws: &[u8], text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(&kind.number().to_be_bytes());
    out.push(match method {
        Method::Create => 1,
        Method::Update => 2,
        Method::Delete => 3,
    });
    out.extend_from_slice(&at.0.to_be_bytes());
    out.push(id.len() as u8);
    out.extend_from_slice(id.as_bytes());
    out.extend_from_slice(&(flaws.len() as u32).to_be_bytes());
    out.extend_from_slice(flaws);
    out.extend_from_slice(text.as_bytes());
}

/// The reverse of [`write`]. What was sealed by us and opened is only unreadable if a newer
/// program wrote it or memory is broken.
pub(crate) fn read(plain: &[u8], at: EntryKey) -> Result<EntryRef<'_>, Error> {
    read_parts(plain, at).ok_or(Error::Damaged("an entry opened but could not be read"))
}

fn read_parts(plain: &[u8], at: EntryKey) -> Option<EntryRef<'_>> {
    let kind = ResourceType::from_number(u16::from_be_bytes(plain.get(..2)?.try_into().ok()?))?;
    let method = match plain.get(2)? {
        1 => Method::Create,
        2 => Method::Update,
        3 => Method::Delete,
        _ => return None,
    };
    let tick = Tick(i64::from_be_bytes(plain.get(3..11)?.try_into().ok()?));
    let id_end = 12 + *plain.get(11)? as usize;
    let id = std::str::from_utf8(plain.get(12..id_end)?).ok()?;
    let flaws_length = u32::from_be_bytes(plain.get(id_end..id_end + 4)?.try_into().ok()?) as usize;
    let text_start = id_end + 4 + flaws_length;
    let flaws = plain.get(id_end + 4..text_start)?;
    let text = std::str::from_utf8(plain.get(text_start..)?).ok()?;
    Some(EntryRef { kind, id, entry: at.entry, version: at.version, last_updated: tick.moment(), tick, method, text, flaws, token: at.token })
}
