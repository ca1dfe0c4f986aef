//! Chance, as an argument.
//!
//! The door asks the operating system once and hands over a seed; everything
//! below draws from a [`Stream`] of it. A copied machine may repeat a stream:
//! that is why nonces are hedged (see the sealing of values).

use zeroize::Zeroize;

/// A source of bytes nobody can foresee.
pub trait Chance {
    /// Fills the bytes.
    fn fill(&mut self, bytes: &mut [u8]);
}

impl<F: FnMut(&mut [u8])> Chance for F {
    fn fill(&mut self, bytes: &mut [u8]) {
        self(bytes);
    }
}

/// Unforeseeable bytes drawn out of a seed of thirty-two.
///
/// The seed is replaced from its own stream every thousand bytes, so that what
/// was drawn earlier cannot be found again in the memory of the process.
pub struct Stream {
    seed: [u8; 32],
    drawn: [u8; Stream::ROOM],
    used: usize,
}

impl Stream {
    const ROOM: usize = 1024;

    /// A stream out of a seed. The seed must come from the operating system,
    /// except in tests.
    pub fn new(seed: [u8; 32]) -> Stream {
        Stream {
            seed,
            drawn: [0; Stream::ROOM],
            used: Stream::ROOM,
        }
    }

    fn draw(&mut self) {
        let mut output = blake3::Hasher::new_keyed(&self.seed)
            .update(b"carnet chance 1")
            .finalize_xof();
        output.fill(&mut self.seed);
        output.fill(&mut self.drawn);
        self.used = 0;
    }
}

impl Chance for Stream {
    fn fill(&mut self, bytes: &mut [u8]) {
        let mut filled = 0;
        while filled < bytes.len() {
            if self.used == Stream::ROOM {
                self.draw();
            }
            let count = (bytes.len() - filled).min(Stream::ROOM - self.used);
            let drawn = &mut self.drawn[self.used..self.used + count];
            bytes[filled..filled + count].copy_from_slice(drawn);
            drawn.fill(0);
            self.used += count;
            filled += count;
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.seed.zeroize();
        self.drawn.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_does_not_repeat_itself_and_does_not_depend_on_how_it_is_drawn() {
        let mut at_once = vec![0; 5000];
        Stream::new([7; 32]).fill(&mut at_once);
        let mut in_pieces = Vec::new();
        let mut stream = Stream::new([7; 32]);
        while in_pieces.len() < 5000 {
            let mut piece = [0; 40];
            stream.fill(&mut piece);
            in_pieces.extend_from_slice(&piece);
        }
        assert_eq!(at_once, in_pieces[..5000]);
        let mut sixteens: Vec<&[u8]> = at_once.chunks_exact(16).collect();
        sixteens.sort_unstable();
        sixteens.dedup();
        assert_eq!(sixteens.len(), 5000 / 16);
    }

    #[test]
    fn another_seed_is_another_stream() {
        let (mut one, mut two) = ([0; 32], [0; 32]);
        Stream::new([1; 32]).fill(&mut one);
        Stream::new([2; 32]).fill(&mut two);
        assert_ne!(one, two);
    }
}
