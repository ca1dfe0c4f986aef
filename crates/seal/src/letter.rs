//! A file sealed for one house elsewhere: whoever has only its public key writes it, and it alone reads it.
//!
//! ```text
//! carnet-letter 1 RECEIVER ENCAPSULATED      the public key it is for, and the one made for this letter; in hex
//! piece ‖ tag                                a quarter of a MiB each, numbered, the last one marked as such
//! …
//! ```
//!
//! * HPKE in its base mode with X25519, HKDF-SHA-256 and AES-256-GCM: <https://www.rfc-editor.org/rfc/rfc9180>.
//! * It tells nobody who wrote it: what is inside must bear a signature.
//! * All of a letter is verified when it is opened. What was cut off, altered, exchanged or is for somebody else is
//!   told, with its place.
//! * Memory holds one piece, and the reader can go to any place.

mod hpke;

use std::io::{self, Read, Seek, SeekFrom, Write};

use aws_lc_rs::agreement::{PrivateKey, X25519};
use aws_lc_rs::digest::{SHA256, digest};
use zeroize::Zeroizing;

use self::hpke::{Context, TAG};
use crate::Chance;

/// How a letter begins.
const FIRST_WORDS: &str = "carnet-letter 1 ";
const HEADER: usize = FIRST_WORDS.len() + 64 + 1 + 64 + 1;
/// Plain bytes of a piece.
const PIECE: usize = 256 << 10;
const SEALED: u64 = (PIECE + TAG) as u64;
const INFO: &[u8] = b"carnet-letter 1";

/// The public key of a house that receives letters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Receiver([u8; 32]);

/// The key that opens letters. Its secret is gone from memory when dropped.
pub struct ReceivingKey(Zeroizing<[u8; 32]>);

/// What is wrong with a letter.
#[derive(Debug, thiserror::Error)]
pub enum LetterFault {
    /// It could not be read.
    #[error("the file could not be read")]
    Io(#[from] io::Error),
    /// It is something else.
    #[error("this is no sealed letter, or one of a later version")]
    NoLetter,
    /// It is for somebody else.
    #[error("it is sealed for another key, which begins with {0}")]
    AnotherKey(String),
    /// Its end is missing.
    #[error("the file was cut off: its last piece is missing behind byte {0}")]
    Cut(u64),
    /// Something in it is not as it was sealed.
    #[error("the file was altered or damaged in piece {piece}, from byte {byte} on")]
    Altered {
        /// From 1; 0 is the first line.
        piece: u64,
        /// Where it begins.
        byte: u64,
    },
}

impl Receiver {
    /// As it is told to others: seventy-two signs in nines of eight, the last of which notice a typing error.
    pub fn to_text(&self) -> String {
        let all: Vec<u8> = self.0.iter().copied().chain(check(&self.0)).collect();
        hex(&all).as_bytes().chunks(8).map(|part| String::from_utf8_lossy(part).into_owned()).collect::<Vec<_>>().join("-")
    }

    /// Reads a key as it was told, with or without signs between; none where a sign is wrong.
    pub fn from_text(text: &str) -> Option<Receiver> {
        let digits: String = text.chars().filter(|sign| !sign.is_whitespace() && *sign != '-').collect();
        let bytes: [u8; 36] = unhex(&digits)?;
        let key: [u8; 32] = bytes[..32].try_into().ok()?;
        (bytes[32..] == check(&key)).then_some(Receiver(key))
    }
}

/// Four bytes by which a wrong sign is noticed.
fn check(key: &[u8; 32]) -> [u8; 4] {
    let sum = digest(&SHA256, &[b"carnet receiver ".as_slice(), key].concat());
    [sum.as_ref()[0], sum.as_ref()[1], sum.as_ref()[2], sum.as_ref()[3]]
}

impl ReceivingKey {
    /// A new one.
    pub fn new(chance: &mut dyn Chance) -> ReceivingKey {
        let mut seed = Zeroizing::new([0; 32]);
        chance.fill(seed.as_mut());
        ReceivingKey(seed)
    }

    /// The key of these bytes.
    pub fn of_bytes(bytes: Zeroizing<[u8; 32]>) -> ReceivingKey {
        ReceivingKey(bytes)
    }

    /// Its bytes, to be kept sealed.
    pub fn expose(&self) -> &Zeroizing<[u8; 32]> {
        &self.0
    }

    /// What others seal with.
    pub fn receiver(&self) -> Receiver {
        Receiver(public(&self.0))
    }
}

fn public(secret: &[u8; 32]) -> [u8; 32] {
    let key = PrivateKey::from_private_key(&X25519, secret).expect("any thirty-two bytes are a key of X25519");
    let public = key.compute_public_key().expect("a key of X25519 has a public one");
    public.as_ref().try_into().expect("a public key of X25519 has thirty-two bytes")
}

/// Writes a letter.
pub struct LetterWriter<W> {
    out: W,
    context: Context,
    header: Vec<u8>,
    piece: Vec<u8>,
    number: u64,
}

impl<W: Write> LetterWriter<W> {
    /// Begins a letter to a house.
    ///
    /// # Errors
    /// It could not be written, or the key is none that anybody can have.
    pub fn begin(mut out: W, to: &Receiver, chance: &mut dyn Chance) -> io::Result<LetterWriter<W>> {
        let own = ReceivingKey::new(chance);
        let enc = public(&own.0);
        let context = hpke::send(&own.0, &enc, &to.0, INFO).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the key of the receiver is none that anybody can have"))?;
        let header = format!("{FIRST_WORDS}{} {}\n", hex(&to.0), hex(&enc)).into_bytes();
        out.write_all(&header)?;
        Ok(LetterWriter { out, context, header, piece: Vec::with_capacity(PIECE), number: 0 })
    }

    /// Ends it. A letter that is not ended is none.
    ///
    /// # Errors
    /// It could not be written.
    pub fn end(mut self) -> io::Result<W> {
        self.put(true)?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn put(&mut self, is_last: bool) -> io::Result<()> {
        self.context.seal(self.number, &bound(is_last, &self.header), &mut self.piece).ok_or_else(|| io::Error::other("a piece could not be sealed"))?;
        self.out.write_all(&self.piece)?;
        self.piece.clear();
        self.number += 1;
        Ok(())
    }
}

impl<W: Write> Write for LetterWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.piece.len() == PIECE {
            self.put(false)?;
        }
        let taken = bytes.len().min(PIECE - self.piece.len());
        self.piece.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    /// Nothing leaves before its piece is whole.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn bound(is_last: bool, header: &[u8]) -> Vec<u8> {
    [&[u8::from(is_last)], header].concat()
}

/// Reads a letter, all of which was verified.
pub struct LetterReader<R> {
    file: R,
    context: Context,
    header: Vec<u8>,
    /// How many pieces there are.
    pieces: u64,
    /// Plain bytes.
    length: u64,
    at: u64,
    /// The piece that is open, and its plain bytes.
    open: Option<(u64, Zeroizing<Vec<u8>>)>,
}

impl<R: Read + Seek> LetterReader<R> {
    /// True for a file that begins like a letter; it is at its beginning again afterwards.
    ///
    /// # Errors
    /// It could not be read.
    pub fn is_letter(file: &mut R) -> io::Result<bool> {
        file.seek(SeekFrom::Start(0))?;
        let mut first = Vec::new();
        file.by_ref().take(FIRST_WORDS.len() as u64).read_to_end(&mut first)?;
        file.seek(SeekFrom::Start(0))?;
        Ok(first == FIRST_WORDS.as_bytes())
    }

    /// Opens a letter with whichever of the keys it is for, and verifies all of it.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn open(mut file: R, keys: &[ReceivingKey]) -> Result<LetterReader<R>, LetterFault> {
        let bytes = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(0))?;
        let mut header = Vec::new();
        file.by_ref().take(HEADER as u64).read_to_end(&mut header)?;
        if !header.starts_with(FIRST_WORDS.as_bytes()) {
            return Err(LetterFault::NoLetter);
        }
        if header.len() < HEADER {
            return Err(LetterFault::Cut(bytes));
        }
        let line = std::str::from_utf8(&header).ok().and_then(|line| line.strip_prefix(FIRST_WORDS)?.strip_suffix('\n')?.split_once(' '));
        let (to, enc) = line.and_then(|(to, enc)| Some((unhex::<32>(to)?, unhex::<32>(enc)?))).ok_or(LetterFault::Altered { piece: 0, byte: 0 })?;
        let key = keys.iter().find(|key| key.receiver().0 == to).ok_or_else(|| LetterFault::AnotherKey(hex(&to[..4])))?;
        let context = hpke::receive(&key.0, &to, &enc, INFO).ok_or(LetterFault::Altered { piece: 0, byte: 0 })?;
        let sealed = bytes - HEADER as u64;
        let pieces = sealed.div_ceil(SEALED);
        let mut letter = LetterReader { file, context, header, pieces, length: 0, at: 0, open: None };
        // What is left of the last piece must at least be a tag.
        let rest = sealed - SEALED * pieces.saturating_sub(1);
        if pieces == 0 || rest < TAG as u64 {
            return Err(LetterFault::Cut(bytes));
        }
        letter.length = sealed - pieces * TAG as u64;
        for number in 0..pieces {
            if letter.piece(number, number + 1 == pieces)?.is_none() {
                let is_cut = number + 1 == pieces && letter.piece(number, false)?.is_some();
                return Err(if is_cut { LetterFault::Cut(bytes) } else { LetterFault::Altered { piece: number + 1, byte: HEADER as u64 + number * SEALED } });
            }
        }
        Ok(letter)
    }

    fn piece(&mut self, number: u64, is_last: bool) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
        self.file.seek(SeekFrom::Start(HEADER as u64 + number * SEALED))?;
        let mut piece = Zeroizing::new(Vec::with_capacity(SEALED as usize));
        self.file.by_ref().take(SEALED).read_to_end(&mut piece)?;
        Ok(self.context.open(number, &bound(is_last, &self.header), &mut piece).map(|()| piece))
    }
}

impl<R: Read + Seek> Read for LetterReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.length {
            return Ok(0);
        }
        let number = self.at / PIECE as u64;
        if self.open.as_ref().is_none_or(|(open, _)| *open != number) {
            let piece = self.piece(number, number + 1 == self.pieces)?;
            let piece = piece.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the letter changed while it was read"))?;
            self.open = Some((number, piece));
        }
        let Some((_, piece)) = &self.open else { return Ok(0) };
        let from = (self.at % PIECE as u64) as usize;
        let taken = out.len().min(piece.len().saturating_sub(from));
        out[..taken].copy_from_slice(&piece[from..from + taken]);
        self.at += taken as u64;
        Ok(taken)
    }
}

impl<R: Read + Seek> Seek for LetterReader<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = place.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "there is no such place"))?;
        Ok(self.at)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    if text.len() != N * 2 || !text.bytes().all(|sign| sign.is_ascii_hexdigit()) {
        return None;
    }
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[place * 2..place * 2 + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Stream;
    use std::io::Cursor;

    fn written(to: &Receiver, plain: &[u8]) -> Vec<u8> {
        let mut letter = LetterWriter::begin(Vec::new(), to, &mut Stream::new([7; 32])).unwrap();
        letter.write_all(plain).unwrap();
        letter.end().unwrap()
    }

    fn opened(bytes: &[u8], key: &ReceivingKey) -> Result<Vec<u8>, LetterFault> {
        let mut letter = LetterReader::open(Cursor::new(bytes), std::slice::from_ref(key))?;
        let mut plain = Vec::new();
        letter.read_to_end(&mut plain)?;
        Ok(plain)
    }

    fn keys() -> (ReceivingKey, ReceivingKey) {
        (ReceivingKey::new(&mut Stream::new([1; 32])), ReceivingKey::new(&mut Stream::new([2; 32])))
    }

    #[test]
    fn only_the_receiver_opens_a_letter_of_any_length() {
        let (key, other) = keys();
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 17] {
            let plain: Vec<u8> = (0..length).map(|place| (place * 31 % 251) as u8).collect();
            let letter = written(&key.receiver(), &plain);
            assert_eq!(opened(&letter, &key).unwrap(), plain, "{length}");
            assert!(matches!(opened(&letter, &other), Err(LetterFault::AnotherKey(_))));
            assert!(length < 16 || !letter.windows(16).any(|window| plain.windows(16).next() == Some(window)), "nothing of it is in the clear");
            let mut reader = LetterReader::open(Cursor::new(&letter), &[ReceivingKey::of_bytes(other.expose().clone()), ReceivingKey::of_bytes(key.expose().clone())]).unwrap();
            // Any place, in any order.
            for from in [length / 2, 0, length] {
                reader.seek(SeekFrom::Start(from as u64)).unwrap();
                let mut rest = Vec::new();
                reader.read_to_end(&mut rest).unwrap();
                assert_eq!(rest, plain[from..]);
            }
        }
    }

    #[test]
    fn what_was_cut_off_altered_or_exchanged_is_found() {
        let (key, other) = keys();
        let plain = vec![5; 2 * PIECE + 100];
        let letter = written(&key.receiver(), &plain);
        for length in (0..letter.len()).step_by(4_099).chain([HEADER, HEADER + SEALED as usize, HEADER + 2 * SEALED as usize, letter.len() - 1]) {
            assert!(opened(&letter[..length], &key).is_err(), "cut off after {length}");
        }
        assert!(matches!(opened(&letter[..HEADER + 2 * SEALED as usize], &key), Err(LetterFault::Cut(_))), "at the border of a piece");
        for place in (0..letter.len()).step_by(2_053).chain(0..HEADER + 40) {
            let mut altered = letter.clone();
            altered[place] ^= 1;
            assert!(opened(&altered, &key).is_err(), "byte {place}");
        }
        let piece = |number: usize| &letter[HEADER + number * SEALED as usize..HEADER + (number + 1) * SEALED as usize];
        let exchanged = [&letter[..HEADER], piece(1), piece(0), &letter[HEADER + 2 * SEALED as usize..]].concat();
        assert!(matches!(opened(&exchanged, &key), Err(LetterFault::Altered { piece: 1, .. })));
        let longer = [letter.as_slice(), &[0; 40]].concat();
        assert!(opened(&longer, &key).is_err());
        // Another receiver's name on it does not make it theirs.
        let renamed = [format!("{FIRST_WORDS}{}", hex(&other.receiver().0)).as_bytes(), &letter[FIRST_WORDS.len() + 64..]].concat();
        assert!(opened(&renamed, &other).is_err());
        assert!(matches!(opened(b"carnet-parcel 1\n", &key), Err(LetterFault::NoLetter)));
    }

    #[test]
    fn a_key_is_told_and_a_wrong_sign_is_noticed() {
        let (key, _) = keys();
        let text = key.receiver().to_text();
        assert_eq!(text.len(), 72 + 8);
        assert_eq!(Receiver::from_text(&format!(" {}\n", text.replace('-', " ").to_uppercase())), Some(key.receiver()));
        for place in 0..text.len() {
            let mut wrong = text.clone().into_bytes();
            wrong[place] = if wrong[place] == b'0' { b'1' } else { b'0' };
            assert_eq!(Receiver::from_text(&String::from_utf8(wrong).unwrap()), None, "{place}");
        }
        assert_eq!(Receiver::from_text(&text[..text.len() - 2]), None);
        // A point that gives the same secret to everybody is nobody's key.
        let nobody = Receiver([0; 32]);
        assert!(LetterWriter::begin(Vec::new(), &nobody, &mut Stream::new([7; 32])).is_err());
    }
}
