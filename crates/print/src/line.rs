//! Words to lines: which drawings stand for them, and where a line ends.
//!
//! * Letters are composed first (NFC), so that one drawing stands for a letter with its marks.
//! * A line ends at a space, after a hyphen or a stroke, or, in a word longer than a line, wherever it is full.
//! * A letter that no face has is drawn as its number, `[U+1F600]`, and read as the letter itself. So is a sign that
//!   steers text without being seen (U+202E): it is shown, and steers nothing.
//! * Hebrew and Arabic run from right to left within a line. Arabic letters are not joined.

use krilla::text::{GlyphId, KrillaGlyph};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::face::Style;

/// One letter with its drawing.
#[derive(Clone, Debug)]
struct Sign {
    letter: char,
    /// How it was meant to be said.
    style: Style,
    drawn: Drawn,
    /// In sizes of the letters.
    width: f32,
    /// A line may end behind it.
    ends_line: bool,
}

#[derive(Clone, Debug)]
enum Drawn {
    /// One drawing of a face.
    Glyph(Style, GlyphId),
    /// Its number, letter by letter.
    Number(Vec<(char, GlyphId, f32)>),
}

/// Drawings of one face that stand side by side.
#[derive(Debug)]
pub(crate) struct Piece {
    /// How it was meant to be said.
    pub style: Style,
    /// The face it is drawn in.
    pub face: Style,
    pub text: String,
    pub glyphs: Vec<KrillaGlyph>,
    pub width: f32,
    /// The letter whose number this is.
    pub stands_for: Option<String>,
}

/// A line.
#[derive(Debug, Default)]
pub(crate) struct Line {
    pub pieces: Vec<Piece>,
}

impl Line {
    /// How far it reaches, in sizes of its letters.
    pub(crate) fn width(&self) -> f32 {
        self.pieces.iter().map(|piece| piece.width).sum()
    }
}

/// The lines of runs of text that follow one another, none wider than `width` sizes unless one letter is.
pub(crate) fn lines(runs: &[(&str, Style)], width: f32) -> Vec<Line> {
    let mut paragraphs: Vec<Vec<Sign>> = vec![Vec::new()];
    for (text, style) in runs {
        gather(text, *style, &mut paragraphs);
    }
    let mut lines = Vec::new();
    for signs in paragraphs {
        broken(&signs, width, &mut lines);
    }
    // What ends with an empty line ends before it.
    while lines.last().is_some_and(|line| line.pieces.is_empty()) {
        lines.pop();
    }
    lines
}

/// The widest word of a text, in sizes.
pub(crate) fn widest_word(text: &str, style: Style) -> f32 {
    let mut paragraphs = vec![Vec::new()];
    gather(text, style, &mut paragraphs);
    let mut widest = 0.0_f32;
    for signs in paragraphs {
        let mut word = 0.0;
        for sign in &signs {
            word += if sign.letter == ' ' { 0.0 } else { sign.width };
            widest = widest.max(word);
            if sign.ends_line {
                word = 0.0;
            }
        }
    }
    widest
}

/// The width of a text on one line, in sizes.
pub(crate) fn natural(text: &str, style: Style) -> f32 {
    lines(&[(text, style)], f32::INFINITY).iter().map(Line::width).fold(0.0, f32::max)
}

fn gather(text: &str, style: Style, paragraphs: &mut Vec<Vec<Sign>>) {
    let mut letters = text.nfc().peekable();
    while let Some(letter) = letters.next() {
        let own = paragraphs.last_mut().expect("there is always one");
        match letter {
            '\r' if letters.peek() == Some(&'\n') => {}
            '\n' | '\r' | '\u{2028}' | '\u{2029}' | '\u{85}' | '\u{b}' | '\u{c}' => paragraphs.push(Vec::new()),
            // They say only where a line may end.
            '\u{ad}' | '\u{200b}' => {
                if let Some(last) = own.last_mut() {
                    last.ends_line = true;
                }
            }
            '\u{a0}' | '\u{202f}' | '\u{2007}' => own.push(Sign { ends_line: false, ..sign(' ', style) }),
            letter if letter.is_whitespace() => own.push(sign(' ', style)),
            letter => own.push(sign(letter, style)),
        }
    }
}

fn sign(letter: char, style: Style) -> Sign {
    let found = [style, Style::Mono].into_iter().find_map(|face| face.face().glyph(letter).map(|(glyph, width)| (face, glyph, width)));
    if let Some((face, glyph, width)) = found.filter(|_| !steers(letter)) {
        return Sign { letter, style, drawn: Drawn::Glyph(face, glyph), width, ends_line: matches!(letter, ' ' | '-' | '/' | '–' | '—') };
    }
    let number: Vec<(char, GlyphId, f32)> = format!("[U+{:04X}]", u32::from(letter)).chars().filter_map(|own| Style::Mono.face().glyph(own).map(|(glyph, width)| (own, glyph, width))).collect();
    let width = number.iter().map(|(.., width)| width).sum();
    Sign { letter, style, drawn: Drawn::Number(number), width, ends_line: true }
}

/// Signs that are not seen and change how others are: controls, directions, joiners, marks of byte order, tags.
fn steers(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}' | '\u{61c}' | '\u{180e}' | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}') || is_private(letter)
}

fn is_private(letter: char) -> bool {
    matches!(letter, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}')
}

fn broken(signs: &[Sign], width: f32, lines: &mut Vec<Line>) {
    let mut start = 0;
    let mut reached = 0.0;
    let mut last_end = None;
    let mut at = 0;
    while at < signs.len() {
        let sign = &signs[at];
        // A space that no longer fits is no reason for another line.
        let is_over = reached + sign.width > width + 0.001 && sign.letter != ' ' && at > start;
        if is_over && !is_combining_mark(sign.letter) {
            let end = last_end.filter(|end| *end > start).unwrap_or(at);
            lines.push(line(&signs[start..end]));
            (start, at, reached, last_end) = (end, end, 0.0, None);
            continue;
        }
        reached += sign.width;
        at += 1;
        if sign.ends_line {
            last_end = Some(at);
        }
    }
    lines.push(line(&signs[start..]));
}

fn is_right_to_left(letter: char) -> bool {
    matches!(letter, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}')
}

/// Signs as they stand on the line, those that run from right to left turned.
fn turned(signs: &[Sign]) -> Vec<&Sign> {
    let mut order: Vec<&Sign> = signs.iter().collect();
    let mut at = 0;
    while at < order.len() {
        if !is_right_to_left(order[at].letter) {
            at += 1;
            continue;
        }
        // Words of it and the spaces between them.
        let mut end = at + 1;
        let mut next = end;
        while next < order.len() && (is_right_to_left(order[next].letter) || matches!(order[next].letter, ' ' | ',' | '.' | '-')) {
            next += 1;
            if is_right_to_left(order[next - 1].letter) {
                end = next;
            }
        }
        order[at..end].reverse();
        at = end;
    }
    order
}

fn line(signs: &[Sign]) -> Line {
    let mut pieces: Vec<Piece> = Vec::new();
    let piece = |style: Style, face: Style| Piece { style, face, text: String::new(), glyphs: Vec::new(), width: 0.0, stands_for: None };
    for sign in turned(signs) {
        match &sign.drawn {
            Drawn::Glyph(face, glyph) => {
                if !pieces.last().is_some_and(|last| last.stands_for.is_none() && last.face == *face && last.style == sign.style) {
                    pieces.push(piece(sign.style, *face));
                }
                pieces.last_mut().expect("one was pushed").push(sign.letter, *glyph, sign.width);
            }
            Drawn::Number(number) => {
                let mut own = piece(sign.style, Style::Mono);
                number.iter().for_each(|(letter, glyph, width)| own.push(*letter, *glyph, *width));
                // What is no letter at all is read by its number too.
                let is_letter = !sign.letter.is_control() && !is_private(sign.letter) && !matches!(u32::from(sign.letter) & 0xffff, 0xfffe | 0xffff) && !matches!(sign.letter, '\u{feff}' | '\u{fdd0}'..='\u{fdef}') && !steers(sign.letter);
                own.stands_for = Some(if is_letter { sign.letter.to_string() } else { own.text.clone() });
                pieces.push(own);
            }
        }
    }
    Line { pieces }
}

impl Piece {
    fn push(&mut self, letter: char, glyph: GlyphId, width: f32) {
        let from = self.text.len();
        self.text.push(letter);
        self.glyphs.push(KrillaGlyph::new(glyph, width, 0.0, 0.0, 0.0, from..self.text.len(), None));
        self.width += width;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, width: f32) -> Vec<String> {
        lines(&[(text, Style::Plain)], width).iter().map(|line| line.pieces.iter().map(|piece| piece.text.as_str()).collect()).collect()
    }

    #[test]
    fn a_line_ends_at_a_space_a_hyphen_or_where_it_is_full() {
        assert_eq!(told("one two three", 4.0), ["one two ", "three"]);
        assert_eq!(told("anti-inflammatory", 6.0), ["anti-", "inflammatory"].map(str::to_owned));
        assert_eq!(told("a\nb\r\nc\u{2028}d\n\n", 50.0), ["a", "b", "c", "d"]);
        assert_eq!(told("", 5.0), [""; 0]);
        // No word is lost, however narrow the line.
        for width in [0.1, 1.0, 2.5, 7.0] {
            assert_eq!(told("xxxxxxxxxx yyy", width).concat(), "xxxxxxxxxx yyy", "{width}");
        }
        for one in lines(&[(&"w".repeat(300), Style::Plain)], 10.0) {
            assert!(one.width() <= 10.01, "{}", one.width());
        }
    }

    #[test]
    fn a_number_with_its_unit_stays_on_its_line() {
        assert_eq!(told("aaaa 38\u{a0}°C", 4.0), ["aaaa ", "38 °C"]);
    }

    #[test]
    fn letters_with_marks_are_composed_and_stay_together() {
        assert_eq!(told("Nguye\u{302}\u{303}n", 50.0), ["Nguyễn"]);
        // A mark that composes with nothing goes with its letter.
        assert!(told("q\u{303}q\u{303}", 0.1).iter().all(|line| line == "q\u{303}"));
    }

    #[test]
    fn what_no_face_has_and_what_steers_is_shown_by_its_number() {
        let all = lines(&[("a😀\u{202e}\u{0}漢", Style::Plain)], 500.0);
        let shown: String = all[0].pieces.iter().map(|piece| piece.text.as_str()).collect();
        assert_eq!(shown, "a[U+1F600][U+202E][U+0000][U+6F22]");
        let read: Vec<Option<&str>> = all[0].pieces.iter().map(|piece| piece.stands_for.as_deref()).collect();
        assert_eq!(read, [None, Some("😀"), Some("[U+202E]"), Some("[U+0000]"), Some("漢")]);
    }

    #[test]
    fn hebrew_and_arabic_run_from_right_to_left_within_the_line() {
        let all = lines(&[("x אב גד y", Style::Plain)], 500.0);
        let shown: String = all[0].pieces.iter().map(|piece| piece.text.as_str()).collect();
        // Either a face has the letters, turned, or each is shown by its number, turned too.
        let places: Vec<usize> = ["ד", "ג", "ב", "א"].iter().map(|letter| shown.find(letter).or_else(|| shown.find(&format!("[U+{:04X}]", u32::from(letter.chars().next().unwrap())))).unwrap()).collect();
        assert!(places.is_sorted(), "{shown}");
        assert!(shown.starts_with('x') && shown.ends_with('y'));
    }
}
