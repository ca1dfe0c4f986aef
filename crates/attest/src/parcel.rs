//! A parcel: the records that leave one house to be taken in at another, in one file.
//!
//! ```text
//! carnet-parcel 1
//! E Observation/o1 4711 SHA256          what comes, its length and its digest
//! {"resourceType":"Observation",…}      its bytes, as they were stored
//! …
//! M 812 SHA256                          the evidence of the manifest: how much came, and a digest for each
//! {"carnet-evidence":1,…}               thousand headers, signed by the institution
//! end 00000000000a31f7                  where the manifest begins
//! ```
//!
//! * The manifest is looked at first and the whole file before anything of it is used: what was cut off,
//!   altered, taken out or put in is found, with its place.
//! * Memory holds one item, however long the file.
//! * A place is a number of an item and of a byte, never a name.

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::ops::ControlFlow;

use aws_lc_rs::digest::{Context, SHA256, digest};
use serde_json::{Value, json};

use crate::authority::hex;
use crate::evidence::{Evidence, LONGEST_EVIDENCE};
use crate::signature::{Attested, Capacity, Doubt};

const FIRST_LINE: &[u8] = b"carnet-parcel 1\n";
/// Items whose headers share one digest of the manifest.
const BLOCK: u64 = 1_000;
/// `end `, sixteen digits, and the end of the line.
const END_BYTES: u64 = 21;
const LONGEST_HEADER: u64 = 512;
/// What stands in the header of the manifest.
const MANIFEST: &str = "manifest";
/// The longest item.
const LONGEST_ITEM: u64 = 128 << 20;

/// What an item is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ItemKind {
    /// An organisation, a practitioner, a place: what belongs to no person.
    Shared,
    /// A Patient: what follows belongs to this person, until the next.
    Person,
    /// An entry of the person's record.
    Entry,
    /// Evidence of a signed version of the person's record.
    Evidence,
    /// Who opened the person's record, as a Bundle of AuditEvents.
    Log,
}

impl ItemKind {
    fn letter(self) -> &'static str {
        match self {
            ItemKind::Shared => "S",
            ItemKind::Person => "P",
            ItemKind::Entry => "E",
            ItemKind::Evidence => "V",
            ItemKind::Log => "L",
        }
    }

    fn of(letter: &str) -> Option<ItemKind> {
        [ItemKind::Shared, ItemKind::Person, ItemKind::Entry, ItemKind::Evidence, ItemKind::Log].into_iter().find(|kind| kind.letter() == letter)
    }
}

/// One item of a parcel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Item {
    /// What it is.
    pub kind: ItemKind,
    /// Type and id; of evidence the version, too.
    pub name: String,
    /// Its bytes.
    pub text: String,
}

/// What the manifest says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Heading {
    /// Names this parcel.
    pub id: String,
    /// When it was made.
    pub made: String,
    /// The institution it comes from.
    pub from: String,
    /// How many items there are.
    pub items: u64,
}

/// What is wrong with a parcel, and where.
#[derive(Debug, thiserror::Error)]
pub enum ParcelFault {
    /// It could not be read.
    #[error("the file could not be read")]
    Io(#[from] io::Error),
    /// It is something else.
    #[error("this is no parcel of records, or one of a later version")]
    NoParcel,
    /// Its end is missing.
    #[error("the file was cut off: it ends after {bytes} bytes, behind item {items}")]
    Cut {
        /// Bytes there are.
        bytes: u64,
        /// Items that are whole.
        items: u64,
    },
    /// Something in it is not as it was packed.
    #[error("the file was altered or damaged: {what} at item {item}, byte {byte}")]
    Altered {
        /// What.
        what: &'static str,
        /// Which item, from 1; one more than there are stands for the manifest.
        item: u64,
        /// Where it begins.
        byte: u64,
    },
    /// The authority that vouches for it is not among those trusted.
    #[error("the parcel comes from an authority that is not trusted here, with the fingerprint {0}")]
    UnknownAuthority(String),
    /// The signature of the manifest is not believed.
    #[error("the manifest is not believed: {0}")]
    NotSigned(Doubt),
}

/// Writes a parcel.
pub struct Packer<W> {
    out: W,
    at: u64,
    items: u64,
    block: Context,
    blocks: Vec<String>,
}

impl<W: Write> Packer<W> {
    /// Begins one.
    ///
    /// # Errors
    /// It could not be written.
    pub fn begin(mut out: W) -> io::Result<Packer<W>> {
        out.write_all(FIRST_LINE)?;
        Ok(Packer { out, at: FIRST_LINE.len() as u64, items: 0, block: Context::new(&SHA256), blocks: Vec::new() })
    }

    /// Adds an item.
    ///
    /// # Errors
    /// It could not be written, or is longer than any item.
    pub fn add(&mut self, kind: ItemKind, name: &str, text: &str) -> io::Result<()> {
        let header = header(kind.letter(), name, text);
        if text.len() as u64 > LONGEST_ITEM || header.len() as u64 > LONGEST_HEADER || name.contains([' ', '\n']) {
            return Err(io::Error::other("an item is longer than any parcel holds"));
        }
        self.put(&header, text)?;
        self.block.update(header.as_bytes());
        self.items += 1;
        if self.items.is_multiple_of(BLOCK) {
            self.end_block();
        }
        Ok(())
    }

    /// How many items there are.
    pub fn items(&self) -> u64 {
        self.items
    }

    /// The manifest that is to be signed. Nothing is added after it.
    pub fn manifest(&mut self, id: &str, made: &str, from: &str) -> String {
        if !self.items.is_multiple_of(BLOCK) {
            self.end_block();
        }
        let manifest = json!({
            "resourceType": "DocumentManifest",
            "id": id,
            "meta": { "versionId": "1" },
            "carnet-parcel": 1,
            "made": made,
            "from": from,
            "items": self.items,
            "bytes": self.at,
            "blocks": self.blocks,
        });
        manifest.to_string()
    }

    /// Ends it with the evidence of the manifest.
    ///
    /// # Errors
    /// It could not be written.
    pub fn end(mut self, evidence: &Evidence) -> io::Result<W> {
        let (at, text) = (self.at, evidence.written());
        let text = text.trim_end().replace('\n', " ");
        let header = header("M", MANIFEST, &text);
        self.put(&header, &text)?;
        self.out.write_all(end_line(at).as_bytes())?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn put(&mut self, header: &str, text: &str) -> io::Result<()> {
        self.out.write_all(header.as_bytes())?;
        self.out.write_all(text.as_bytes())?;
        self.out.write_all(b"\n")?;
        self.at += (header.len() + text.len() + 1) as u64;
        Ok(())
    }

    fn end_block(&mut self) {
        let block = std::mem::replace(&mut self.block, Context::new(&SHA256));
        self.blocks.push(hex(block.finish().as_ref()));
    }
}

fn header(letter: &str, name: &str, text: &str) -> String {
    format!("{letter} {name} {} {}\n", text.len(), hex(digest(&SHA256, text.as_bytes()).as_ref()))
}

/// A parcel whose manifest is believed.
pub struct Parcel<R> {
    file: BufReader<R>,
    manifest_at: u64,
    heading: Heading,
    blocks: Vec<String>,
    evidence: Evidence,
    signed: Attested,
}

impl<R: Read + Seek> Parcel<R> {
    /// Opens a parcel and judges its manifest: the authority must be one of those whose fingerprints are given.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn open(file: R, trusted: &[String]) -> Result<Parcel<R>, ParcelFault> {
        let mut file = BufReader::with_capacity(256 << 10, file);
        let bytes = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(0))?;
        let mut first = Vec::new();
        file.by_ref().take(FIRST_LINE.len() as u64).read_to_end(&mut first)?;
        if first != FIRST_LINE {
            return Err(if FIRST_LINE.starts_with(&first) && !first.is_empty() { ParcelFault::Cut { bytes, items: 0 } } else { ParcelFault::NoParcel });
        }
        let Some(manifest_at) = end_of(&mut file, bytes)? else { return Err(cut(file, bytes)?) };
        file.seek(SeekFrom::Start(manifest_at))?;
        let altered = |what| ParcelFault::Altered { what, item: 0, byte: manifest_at };
        let Found::Item(letter, name, text, _) = read_item(&mut file, LONGEST_EVIDENCE as u64)? else { return Err(altered("the manifest")) };
        if letter != "M" || name != MANIFEST || file.stream_position()? + END_BYTES != bytes {
            return Err(altered("the manifest"));
        }
        let evidence = Evidence::read(&text).ok_or_else(|| altered("the manifest"))?;
        let found = plain(&evidence.fingerprint());
        if !trusted.iter().any(|one| plain(one) == found) {
            return Err(ParcelFault::UnknownAuthority(evidence.fingerprint()));
        }
        let [verdict]: [Result<Attested, Doubt>; 1] = evidence.verify(&[]).try_into().map_err(|_| ParcelFault::NotSigned(Doubt::NoSignature))?;
        let signed = verdict.map_err(ParcelFault::NotSigned)?;
        if signed.capacity != Capacity::Institution {
            return Err(ParcelFault::NotSigned(Doubt::AnotherName));
        }
        let (heading, blocks, packed) = manifest(&evidence.text).ok_or(ParcelFault::NoParcel)?;
        // A signed manifest of another parcel.
        if packed != manifest_at || blocks.len() as u64 != heading.items.div_ceil(BLOCK) {
            return Err(altered("the manifest"));
        }
        Ok(Parcel { file, manifest_at, heading, blocks, evidence, signed })
    }

    /// What the manifest says.
    pub fn heading(&self) -> &Heading {
        &self.heading
    }

    /// The evidence of the manifest: the authority, and what it has revoked.
    pub fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// Who signed, and when.
    pub fn signed(&self) -> &Attested {
        &self.signed
    }

    /// Goes through all items, each verified before it is seen. A block that was not packed so is found at its end:
    /// go through the whole file once before anything of it is used.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn walk(&mut self, see: &mut dyn FnMut(Item) -> ControlFlow<()>) -> Result<(), ParcelFault> {
        let mut at = FIRST_LINE.len() as u64;
        self.file.seek(SeekFrom::Start(at))?;
        let (mut number, mut block) = (0, Context::new(&SHA256));
        while at < self.manifest_at {
            number += 1;
            let began = at;
            let altered = |what| ParcelFault::Altered { what, item: number, byte: began };
            let (letter, name, text, header) = match read_item(&mut self.file, LONGEST_ITEM)? {
                Found::Item(letter, name, text, header) => (letter, name, text, header),
                Found::Wrong(what) => return Err(altered(what)),
            };
            block.update(header.as_bytes());
            at += (header.len() + text.len() + 1) as u64;
            if number % BLOCK == 0 || number == self.heading.items {
                let found = hex(std::mem::replace(&mut block, Context::new(&SHA256)).finish().as_ref());
                if self.blocks.get(((number - 1) / BLOCK) as usize) != Some(&found) {
                    let first = (number - 1) / BLOCK * BLOCK + 1;
                    return Err(ParcelFault::Altered { what: "an item was exchanged, taken out or put in after the one", item: first, byte: at });
                }
            }
            let kind = ItemKind::of(&letter).ok_or_else(|| altered("an item of an unknown kind"))?;
            if see(Item { kind, name, text }).is_break() {
                return Ok(());
            }
        }
        if number == self.heading.items && at == self.manifest_at { Ok(()) } else { Err(ParcelFault::Altered { what: "the number of items", item: number, byte: at }) }
    }
}

fn end_line(manifest_at: u64) -> String {
    format!("end {manifest_at:016x}\n")
}

/// Where the manifest begins; none where the end is missing.
fn end_of<R: Read + Seek>(file: &mut BufReader<R>, bytes: u64) -> io::Result<Option<u64>> {
    let Some(from) = bytes.checked_sub(END_BYTES) else { return Ok(None) };
    file.seek(SeekFrom::Start(from))?;
    let mut end = String::new();
    if file.take(END_BYTES).read_to_string(&mut end).is_err() {
        return Ok(None);
    }
    let place = end.strip_prefix("end ").and_then(|rest| rest.strip_suffix('\n')).and_then(|digits| u64::from_str_radix(digits, 16).ok());
    // As it is written, and no other way to write the same number.
    Ok(place.filter(|place| *place < from && end == end_line(*place)))
}

/// How much of a file without its end is whole.
fn cut<R: Read + Seek>(mut file: BufReader<R>, bytes: u64) -> io::Result<ParcelFault> {
    file.seek(SeekFrom::Start(FIRST_LINE.len() as u64))?;
    let mut items = 0;
    while let Ok(Found::Item(..)) = read_item(&mut file, LONGEST_ITEM) {
        items += 1;
    }
    Ok(ParcelFault::Cut { bytes, items })
}

enum Found {
    /// Letter, name, text and header.
    Item(String, String, String, String),
    Wrong(&'static str),
}

fn read_item<R: Read>(file: &mut BufReader<R>, longest: u64) -> io::Result<Found> {
    let mut header = Vec::new();
    file.by_ref().take(LONGEST_HEADER).read_until(b'\n', &mut header)?;
    let Ok(header) = String::from_utf8(header) else { return Ok(Found::Wrong("a header that cannot be read")) };
    let words: Vec<&str> = header.strip_suffix('\n').unwrap_or_default().split(' ').collect();
    let [letter, name, length, sum] = words[..] else { return Ok(Found::Wrong("a header that cannot be read")) };
    let Some(length) = length.parse::<u64>().ok().filter(|length| *length <= longest) else { return Ok(Found::Wrong("a length that cannot be")) };
    let mut text = Vec::new();
    file.by_ref().take(length + 1).read_to_end(&mut text)?;
    if text.len() as u64 != length + 1 || text.pop() != Some(b'\n') {
        return Ok(Found::Wrong("an item whose end is missing"));
    }
    if hex(digest(&SHA256, &text).as_ref()) != sum {
        return Ok(Found::Wrong("an item that is not what was packed"));
    }
    let Ok(text) = String::from_utf8(text) else { return Ok(Found::Wrong("an item that is no text")) };
    Ok(Found::Item(letter.to_owned(), name.to_owned(), text, header))
}

fn manifest(text: &str) -> Option<(Heading, Vec<String>, u64)> {
    let json: Value = serde_json::from_str(text).ok()?;
    if json["carnet-parcel"] != 1 {
        return None;
    }
    let said = |name: &str| json[name].as_str().map(str::to_owned);
    let blocks = json["blocks"].as_array()?.iter().map(|one| one.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()?;
    Some((Heading { id: said("id")?, made: said("made")?, from: said("from")?, items: json["items"].as_u64()? }, blocks, json["bytes"].as_u64()?))
}

/// The digits alone, as people copy them with or without signs between.
fn plain(fingerprint: &str) -> String {
    fingerprint.chars().filter(char::is_ascii_hexdigit).map(|digit| digit.to_ascii_uppercase()).collect()
}
