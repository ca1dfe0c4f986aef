//! Dates as HTTP headers write them: `Sun, 06 Nov 1994 08:49:37 GMT`.

use fhir::Moment;
use fhir::date::{DAY_MS, civil_from_days, days_from_civil, days_in_month};

const WEEKDAYS: [&[u8; 3]; 7] = [b"Thu", b"Fri", b"Sat", b"Sun", b"Mon", b"Tue", b"Wed"];
const MONTHS: [&[u8; 3]; 12] = [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];

/// The moment, cut to its second.
pub(crate) fn write(moment: Moment) -> [u8; 29] {
    let days = moment.0.div_euclid(DAY_MS);
    let seconds = moment.0.rem_euclid(DAY_MS) / 1000;
    let (year, month, day) = civil_from_days(days);
    let mut text = *b"Thu, 01 Jan 1970 00:00:00 GMT";
    text[..3].copy_from_slice(WEEKDAYS[days.rem_euclid(7) as usize]);
    text[8..11].copy_from_slice(MONTHS[(month as usize - 1) % 12]);
    let mut two = |at: usize, number: i64| {
        text[at] = b'0' + (number / 10 % 10) as u8;
        text[at + 1] = b'0' + (number % 10) as u8;
    };
    two(5, day as i64);
    two(12, year as i64 / 100);
    two(14, year as i64 % 100);
    two(17, seconds / 3600);
    two(20, seconds / 60 % 60);
    two(23, seconds % 60);
    text
}

/// The moment a header names; none for anything but the one form senders must use.
/// A date that cannot be read is as if it were not there. https://httpwg.org/specs/rfc9110.html#field.if-modified-since
pub(crate) fn read(text: &str) -> Option<Moment> {
    let bytes = text.as_bytes();
    if bytes.len() != 29 || &bytes[3..5] != b", " || &bytes[25..] != b" GMT" || bytes[19] != b':' || bytes[22] != b':' {
        return None;
    }
    let number = |from: usize, to: usize| bytes[from..to].iter().try_fold(0i64, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + (byte - b'0') as i64));
    let month = MONTHS.iter().position(|name| name[..] == bytes[8..11])? as u8 + 1;
    let (day, year) = (number(5, 7)?, number(12, 16)?);
    let (hour, minute, second) = (number(17, 19)?, number(20, 22)?, number(23, 25)?);
    let exists = (1..=days_in_month(year as i32, month) as i64).contains(&day) && hour < 24 && minute < 60 && second <= 60;
    exists.then(|| Moment(days_from_civil(year as i32, month, day as u8) * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_go_out_and_come_back() {
        for (text, iso) in [("Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z"), ("Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01T00:00:00Z"), ("Thu, 29 Feb 2024 23:59:59 GMT", "2024-02-29T23:59:59Z")] {
            let moment = Moment::parse(iso).unwrap();
            assert_eq!(std::str::from_utf8(&write(Moment(moment.0 + 999))).unwrap(), text);
            assert_eq!(read(text), Some(moment));
        }
        for text in ["", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 Nov 1994 25:49:37 GMT", "Sun, 06 Xxx 1994 08:49:37 GMT"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
