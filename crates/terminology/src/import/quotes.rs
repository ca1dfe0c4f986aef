//! A reader that sees what becomes of the quotation marks of a table: one that is not closed swallows the rows after it,
//! and whoever reads the cells does not tell.

use std::io::{self, Read};

/// Where the reading is in a cell, by the rules of <https://www.rfc-editor.org/rfc/rfc4180>.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Inside {
    /// Before the first letter of a cell.
    Start,
    /// In a cell without quotation marks, where one stands for itself.
    Bare,
    /// After an opening mark.
    Quoted,
    /// After a mark that closes, or is the first of two.
    Closing,
}

/// Hands on what it reads, and remembers which marks went wrong.
pub(super) struct Quotes<R> {
    /// What is read.
    pub inner: R,
    /// Between the cells; none where marks stand for themselves.
    divider: Option<u8>,
    inside: Inside,
    at: u64,
    opened_at: u64,
    has_lines: bool,
    /// Marks that were closed in the middle of a cell, lines after they opened.
    torn: Vec<u64>,
}

impl<R> Quotes<R> {
    /// Of a table with this between its quoted cells.
    pub fn new(inner: R, divider: Option<u8>) -> Quotes<R> {
        Quotes { inner, divider, inside: Inside::Start, at: 0, opened_at: 0, has_lines: false, torn: Vec::new() }
    }

    /// True for a row between two places in which a mark is not closed, or lines later only by the mark of another cell.
    pub fn is_torn(&self, from: u64, to: u64) -> bool {
        let row = from..to;
        let next = self.torn.partition_point(|at| *at < from);
        (self.inside == Inside::Quoted && row.contains(&self.opened_at)) || self.torn.get(next).is_some_and(|at| row.contains(at))
    }

    fn pass(&mut self, divider: u8, read: &[u8]) {
        for byte in read {
            let ends = *byte == divider || matches!(byte, b'\n' | b'\r');
            self.inside = match self.inside {
                Inside::Start if *byte == b'"' => {
                    (self.opened_at, self.has_lines) = (self.at, false);
                    Inside::Quoted
                }
                Inside::Closing if *byte == b'"' => Inside::Quoted,
                Inside::Start | Inside::Bare | Inside::Closing if ends => Inside::Start,
                Inside::Closing => {
                    if self.has_lines {
                        self.torn.push(self.opened_at);
                    }
                    Inside::Bare
                }
                Inside::Start | Inside::Bare => Inside::Bare,
                Inside::Quoted if *byte == b'"' => Inside::Closing,
                Inside::Quoted => {
                    self.has_lines |= *byte == b'\n';
                    Inside::Quoted
                }
            };
            self.at += 1;
        }
    }
}

impl<R: Read> Read for Quotes<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(out)?;
        if let Some(divider) = self.divider {
            self.pass(divider, &out[..length]);
        }
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_that_swallows_rows_is_told_by_its_place() {
        let check = |text: &str, expect: Option<u64>| {
            let mut quotes = Quotes::new(text.as_bytes(), Some(b','));
            quotes.read_to_end(&mut Vec::new()).unwrap();
            let end = text.len() as u64;
            let found = (0..end).find(|place| quotes.is_torn(*place, place + 1));
            assert_eq!(found, expect, "{text}");
            assert_eq!(quotes.is_torn(0, end), expect.is_some(), "{text}");
        };
        check("a,b\nA,\"x\"\n", None);
        check("A,\"x \"\"y\"\" z\"\r\nB,c\"d\"\n", None);
        check("A,\"two\nlines\"\nB,x\n", None);
        check("A,\"x\" y\nB,z\n", None);
        check("A,\"x\nB,y\n", Some(2));
        check("A,x\nB,\"", Some(6));
        check("A,\"x\nB,\"y\"\nC,z\n", Some(2));
        // Where marks stand for themselves none is missed.
        let mut quotes = Quotes::new(&b"A\t\"x\nB\ty\n"[..], None);
        quotes.read_to_end(&mut Vec::new()).unwrap();
        assert!(!quotes.is_torn(0, 10));
    }
}
