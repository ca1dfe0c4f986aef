//! A code to scan (QR), as runs of dark dots.

use qrcode::{Color, EcLevel, QrCode};

/// Light around it, in dots: the standard asks for four.
const MARGIN: usize = 4;

/// A code.
#[derive(Debug)]
pub(crate) struct Code {
    /// Dots of a side, light around it included.
    pub side: usize,
    /// Column, row and length of each dark run.
    pub runs: Vec<(usize, usize, usize)>,
}

impl Code {
    /// The code of a text; none where it is too long for one (2,331 bytes).
    pub(crate) fn of(text: &str) -> Option<Code> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
        let (width, dots) = (code.width(), code.to_colors());
        let mut runs = Vec::new();
        for (row, line) in dots.chunks(width).enumerate() {
            let mut column = 0;
            while column < width {
                let length = line[column..].iter().take_while(|dot| **dot == line[column]).count();
                if line[column] == Color::Dark {
                    runs.push((column + MARGIN, row + MARGIN, length));
                }
                column += length;
            }
        }
        Some(Code { side: width + 2 * MARGIN, runs })
    }
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn a_code_is_found_again_and_a_text_too_long_has_none() {
        const TEXT: &str = "https://record.example/verify/abcdefgh2345jkmn";
        let code = Code::of(TEXT).unwrap();
        let dark = |column: usize, row: usize| code.runs.iter().any(|(from, own, length)| *own == row && (*from..from + length).contains(&column));
        // Four dots a side each, as a camera sees it.
        let mut seen = rqrr::PreparedImage::prepare_from_greyscale(code.side * 4, code.side * 4, |x, y| if dark(x / 4, y / 4) { 0 } else { 255 });
        assert_eq!(seen.detect_grids().iter().map(|grid| grid.decode().unwrap().1).collect::<Vec<_>>(), [TEXT]);
        assert!(Code::of(&"x".repeat(3000)).is_none());
    }
}
