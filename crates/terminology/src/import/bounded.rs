//! A reader that gives up where something has no end, and knows its lines.

use std::io::{self, BufRead, Read};

/// A longer line, or piece of mark-up, is an accident or an attack.
const LONGEST_BYTES: usize = 1 << 20;
/// Lines whose place is remembered; a file with more has long been refused for its rows.
const MOST_LINES: usize = 8_000_000;

/// Reads on as long as one of `ends` comes often enough.
pub(super) struct Bounded<R> {
    inner: R,
    ends: &'static [u8],
    since: usize,
    at: u64,
    line: u64,
    is_at_start: bool,
    /// Where each line that is not empty begins, and its number.
    starts: Vec<(u64, u64)>,
}

impl<R: BufRead> Bounded<R> {
    /// Passes over a byte order mark.
    pub fn new(mut inner: R, ends: &'static [u8]) -> io::Result<Bounded<R>> {
        if inner.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
            inner.consume(3);
        }
        Ok(Bounded { inner, ends, since: 0, at: 0, line: 1, is_at_start: true, starts: Vec::new() })
    }

    /// The line that is being read, from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The line on which the next thing at or after a place begins.
    pub fn line_at(&self, place: u64) -> u64 {
        let next = self.starts.partition_point(|(start, _)| *start < place);
        self.starts.get(next).or(self.starts.last()).map_or(1, |(_, line)| *line)
    }

    fn pass(&mut self, read: &[u8]) {
        for byte in read {
            match byte {
                b'\n' => {
                    self.line += 1;
                    self.is_at_start = true;
                }
                b'\r' => {}
                _ if self.is_at_start => {
                    self.is_at_start = false;
                    if self.starts.len() < MOST_LINES {
                        self.starts.push((self.at, self.line));
                    }
                }
                _ => {}
            }
            self.at += 1;
            self.since = if self.ends.contains(byte) { 0 } else { self.since + 1 };
        }
    }
}

/// What such an error says.
pub(super) fn too_long() -> String {
    format!("More than {} KiB without an end: this is not a file of this kind.", LONGEST_BYTES >> 10)
}

impl<R: BufRead> BufRead for Bounded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.since > LONGEST_BYTES {
            return Err(io::Error::other(too_long()));
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        // What is consumed is still in the buffer, so nothing is read here.
        if let Ok(buffer) = self.inner.fill_buf() {
            let read = buffer[..amount.min(buffer.len())].to_vec();
            self.pass(&read);
        }
        self.inner.consume(amount);
    }
}

impl<R: BufRead> Read for Bounded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let buffer = self.fill_buf()?;
        let length = buffer.len().min(out.len());
        out[..length].copy_from_slice(&buffer[..length]);
        self.consume(length);
        Ok(length)
    }
}
