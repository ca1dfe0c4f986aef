//! A text as a picture that a telephone reads (QR code), as SVG.

use std::fmt::Write;

use qrcode::bits::Bits;
use qrcode::{Color, EcLevel, QrCode, Version};

/// Light around it, in dots: the standard asks for four.
const MARGIN: usize = 4;

/// The picture; empty where the text is too long for one.
pub fn qr(text: &str, label: &str) -> String {
    QrCode::with_error_correction_level(text, EcLevel::M).map_or_else(|_| String::new(), |code| drawn(&code, label, "qr"))
}

/// A prefix and digits behind it, in the smallest picture that holds them: digits take less room than
/// letters. Empty where they are too many.
pub fn digits(prefix: &str, digits: &str, label: &str) -> String {
    let code = (1..=40).find_map(|version| {
        let mut bits = Bits::new(Version::Normal(version));
        bits.push_byte_data(prefix.as_bytes()).ok()?;
        bits.push_numeric_data(digits.as_bytes()).ok()?;
        bits.push_terminator(EcLevel::L).ok()?;
        QrCode::with_bits(bits, EcLevel::L).ok()
    });
    code.map_or_else(String::new, |code| drawn(&code, label, "qr large"))
}

fn drawn(code: &QrCode, label: &str, class: &str) -> String {
    let (width, dots) = (code.width(), code.to_colors());
    let side = width + 2 * MARGIN;
    let mut path = String::new();
    for (row, line) in dots.chunks(width).enumerate() {
        let mut column = 0;
        while column < width {
            let run = line[column..].iter().take_while(|dot| **dot == line[column]).count();
            if line[column] == Color::Dark {
                let _ = write!(path, "M{} {}h{run}v1h-{run}z", column + MARGIN, row + MARGIN);
            }
            column += run;
        }
    }
    let label = label.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
    format!("<svg class=\"{class}\" viewBox=\"0 0 {side} {side}\" role=\"img\" aria-label=\"{label}\"><path d=\"{path}\"/></svg>")
}

#[cfg(test)]
mod tests {
    use super::qr;

    #[test]
    fn digits_take_less_room_than_letters() {
        let side = |svg: &str| svg.split("viewBox=\"0 0 ").nth(1).and_then(|rest| rest.split(' ').next()).and_then(|side| side.parse::<usize>().ok()).unwrap();
        let long = "5676".repeat(597);
        let svg = super::digits("shc:/", &long, "card");
        assert!(side(&svg) <= 8 + 17 + 4 * 22, "{}", side(&svg));
        assert!(side(&svg) < side(&qr(&format!("shc:/{}", &long[..2300]), "card")));
        assert_eq!(super::digits("shc:/", &"1".repeat(9000), ""), "");
    }

    #[test]
    fn a_picture_has_its_three_corners_and_light_around_it() {
        let svg = qr("otpauth://totp/Carnet:a?secret=MY&issuer=Carnet", "a \"picture\"");
        let side: usize = svg.split("viewBox=\"0 0 ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap().parse().unwrap();
        assert!((side - 8 - 17) % 4 == 0, "{side}");
        // The upper edges of the three squares of seven dots.
        for corner in ["M4 4h7v1".to_owned(), format!("M{} 4h7v1", side - 11), format!("M4 {}h7v1", side - 11)] {
            assert!(svg.contains(&corner), "{corner}");
        }
        assert!(svg.contains("aria-label=\"a &quot;picture&quot;\"") && !svg.contains("M3 "));
        assert_eq!(qr(&"x".repeat(5000), ""), "");
    }
}
