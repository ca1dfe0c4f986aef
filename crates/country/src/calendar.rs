//! How a day is written for a country's readers.

/// The order of day, month and year and the sign between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
pub enum DateFormat {
    /// `14/03/1958`
    #[serde(rename = "DD/MM/YYYY")]
    Slashes,
    /// `14.03.1958`
    #[serde(rename = "DD.MM.YYYY")]
    Dots,
}

impl DateFormat {
    /// A FHIR date (`1958`, `1958-03` or `1958-03-14`) for a reader, with the
    /// precision it has and no more. Anything else stays as it is.
    pub fn write(self, date: &str) -> String {
        let sign = match self {
            DateFormat::Slashes => "/",
            DateFormat::Dots => ".",
        };
        let parts: Vec<&str> = date.split('-').collect();
        let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
        let digits = parts
            .iter()
            .all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
        if !digits || !matches!(lengths.as_slice(), [4] | [4, 2] | [4, 2, 2]) {
            return date.to_owned();
        }
        parts.into_iter().rev().collect::<Vec<_>>().join(sign)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_keeps_its_precision() {
        for (given, slashes, dots) in [
            ("1958-03-14", "14/03/1958", "14.03.1958"),
            ("1958-03", "03/1958", "03.1958"),
            ("1958", "1958", "1958"),
            ("in May", "in May", "in May"),
        ] {
            assert_eq!(DateFormat::Slashes.write(given), slashes);
            assert_eq!(DateFormat::Dots.write(given), dots);
        }
    }
}
