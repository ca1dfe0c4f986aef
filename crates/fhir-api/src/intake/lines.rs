//! From pieces of a file to its lines: plain or gzip, told by the first bytes.
//!
//! * No more than one line and one unpacked slice is held: a bomb of a few kilobytes is noticed
//!   when the file's ceiling is reached, not when memory is gone.

use chart::IntakeLine;
use flate2::write::MultiGzDecoder;
use std::io::Write;

/// Packed bytes that are unpacked at once: at most a thousand times as many come out.
const SLICE: usize = 4096;

/// Why no more lines come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Trouble {
    /// More than a file may hold.
    TooLarge,
    /// No gzip, or one that was cut off.
    Packed,
}

/// A file on its way.
pub(super) struct Lines {
    form: Form,
    line: Vec<u8>,
    is_too_long: bool,
    number: u64,
    longest: usize,
    bytes_left: u64,
}

enum Form {
    /// The first byte, while nobody knows.
    Unknown(Vec<u8>),
    Plain,
    Gzip(MultiGzDecoder<Vec<u8>>),
}

impl Lines {
    /// A file of which nothing has come, with the longest line and the most bytes it may have.
    pub fn new(longest: usize, most_bytes: u64) -> Lines {
        Lines { form: Form::Unknown(Vec::new()), line: Vec::new(), is_too_long: false, number: 0, longest, bytes_left: most_bytes }
    }

    /// Takes a piece and adds the lines it ends.
    pub fn push(&mut self, piece: &[u8], out: &mut Vec<IntakeLine>) -> Result<(), Trouble> {
        match &mut self.form {
            Form::Plain => self.cut(piece, out),
            Form::Gzip(_) => self.unpack(piece, out),
            Form::Unknown(start) => {
                start.extend_from_slice(piece);
                if start.len() < 2 {
                    return Ok(());
                }
                let start = std::mem::take(start);
                self.form = if start.starts_with(&[0x1f, 0x8b]) { Form::Gzip(MultiGzDecoder::new(Vec::new())) } else { Form::Plain };
                self.push(&start, out)
            }
        }
    }

    /// Adds the last line, if nothing ended it.
    pub fn end(&mut self, out: &mut Vec<IntakeLine>) -> Result<(), Trouble> {
        match &mut self.form {
            Form::Plain => {}
            Form::Unknown(start) => {
                let start = std::mem::take(start);
                self.cut(&start, out)?;
            }
            Form::Gzip(decoder) => {
                decoder.try_finish().map_err(|_| Trouble::Packed)?;
                let unpacked = std::mem::take(decoder.get_mut());
                self.cut(&unpacked, out)?;
            }
        }
        if !self.line.is_empty() || self.is_too_long {
            self.end_line(out);
        }
        Ok(())
    }

    fn unpack(&mut self, piece: &[u8], out: &mut Vec<IntakeLine>) -> Result<(), Trouble> {
        for slice in piece.chunks(SLICE) {
            let Form::Gzip(decoder) = &mut self.form else { return Ok(()) };
            decoder.write_all(slice).map_err(|_| Trouble::Packed)?;
            let unpacked = std::mem::take(decoder.get_mut());
            self.cut(&unpacked, out)?;
        }
        Ok(())
    }

    fn cut(&mut self, text: &[u8], out: &mut Vec<IntakeLine>) -> Result<(), Trouble> {
        self.bytes_left = self.bytes_left.checked_sub(text.len() as u64).ok_or(Trouble::TooLarge)?;
        let mut rest = text;
        while let Some(at) = rest.iter().position(|byte| *byte == b'\n') {
            self.add(&rest[..at]);
            self.end_line(out);
            rest = &rest[at + 1..];
        }
        self.add(rest);
        Ok(())
    }

    fn add(&mut self, part: &[u8]) {
        if self.line.len() + part.len() > self.longest {
            // Its number is told, and the next line is read.
            (self.is_too_long, self.line) = (true, Vec::new());
        }
        if !self.is_too_long {
            self.line.extend_from_slice(part);
        }
    }

    fn end_line(&mut self, out: &mut Vec<IntakeLine>) {
        self.number += 1;
        let line = std::mem::take(&mut self.line);
        if std::mem::take(&mut self.is_too_long) {
            return out.push(IntakeLine { number: self.number, text: None });
        }
        let text = line.strip_prefix(b"\xef\xbb\xbf").filter(|_| self.number == 1).unwrap_or(&line).trim_ascii();
        if !text.is_empty() {
            out.push(IntakeLine { number: self.number, text: Some(text.to_vec()) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// The lines of a file that comes in pieces of that size, `-` where one is too long.
    fn lines(file: &[u8], piece: usize) -> Result<Vec<String>, Trouble> {
        let (mut lines, mut out) = (Lines::new(9, 100_000), Vec::new());
        file.chunks(piece).try_for_each(|piece| lines.push(piece, &mut out))?;
        lines.end(&mut out)?;
        Ok(out.into_iter().map(|line| format!("{}:{}", line.number, line.text.map_or("-".into(), |text| String::from_utf8(text).unwrap()))).collect())
    }

    #[test]
    fn lines_are_the_same_in_whatever_pieces_they_come() {
        let text = b"\xef\xbb\xbfone\r\n\n  two\nthree is too long\nfour";
        let packed = gzip(text);
        let two = [gzip(&text[..7]), gzip(&text[7..])].concat();
        for file in [text.as_slice(), &packed, &two] {
            for piece in [1, 2, 3, 7, 1000] {
                assert_eq!(lines(file, piece).unwrap(), ["1:one", "3:two", "4:-", "5:four"], "in pieces of {piece}");
            }
        }
        assert_eq!(lines(b"", 1).unwrap(), Vec::<String>::new());
        assert_eq!(lines(b"x", 1).unwrap(), ["1:x"]);
        assert_eq!(lines(b"x\n", 1).unwrap(), ["1:x"]);
    }

    #[test]
    fn a_bomb_and_a_torn_file_are_noticed() {
        assert_eq!(lines(&gzip(&[b'x'; 10_000_000]), 500), Err(Trouble::TooLarge));
        assert_eq!(lines(&[b'x'; 100_001], 1000), Err(Trouble::TooLarge));
        let packed = gzip(&b"line\n".repeat(1000));
        assert_eq!(lines(&packed[..packed.len() - 9], 100), Err(Trouble::Packed));
        assert_eq!(lines(&packed[..5], 100), Err(Trouble::Packed));
        assert_eq!(lines(&[0x1f, 0x8b, 7, 7, 7], 100), Err(Trouble::Packed));
    }
}
