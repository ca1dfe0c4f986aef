//! Words that came from outside, as they may be shown beside our own.
//!
//! * No sign of them begins a line, moves a cursor or turns the direction of writing: what stands beside them would be
//!   read otherwise.
//! * They are as long as a place for them, and one that was cut says so.

/// True for a sign that is not seen and changes how others are.
pub fn steers(sign: char) -> bool {
    sign.is_control() || matches!(sign, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A text on one line without such signs, of at most so many letters.
pub fn shown(text: &str, most: usize) -> String {
    let plain: String = text.chars().map(|sign| if sign.is_whitespace() { ' ' } else { sign }).filter(|sign| !steers(*sign)).collect();
    let plain = plain.trim();
    match plain.char_indices().nth(most) {
        None => plain.to_owned(),
        Some((end, _)) => format!("{}…", plain[..end].trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_from_outside_stays_on_its_line_and_in_its_place() {
        assert_eq!(shown("Bác sĩ Nguyễn", 200), "Bác sĩ Nguyễn");
        assert_eq!(shown(" one\n\ttwo\u{0} ", 200), "one  two");
        assert_eq!(shown("\u{202e}nemo\u{2066}\u{feff}", 200), "nemo");
        assert_eq!(shown("12345 789", 6), "12345…");
        assert_eq!(shown("123456", 6), "123456");
        assert!(steers('\u{202d}') && steers('\u{1b}') && !steers('ñ') && !steers(' '));
    }
}
