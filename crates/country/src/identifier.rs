//! A system of identifiers: who it names, when a value can be true, how it is shown.

use std::fmt;

/// What is wrong with an identifier. It never repeats the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// Not as many signs as the system has.
    Length {
        /// How many signs there should be.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// A sign that cannot stand at this place, counted from 1.
    Sign {
        /// The place of the first wrong sign.
        place: usize,
    },
    /// Letters alone, where a number has digits.
    NoDigit,
    /// The birth date inside does not exist.
    BirthDate,
    /// The state, province or group inside is not in the official list.
    Region,
    /// The check digit does not follow from the rest: a typing error.
    CheckDigit,
    /// Zeros where the issuer counts, or one digit throughout: written where the number is not known.
    Placeholder,
    /// It says a birth that is to come: a digit of the century or of the year is wrong.
    BirthToCome,
}

impl Flaw {
    /// What to do about it, for whoever typed or sent the value.
    pub fn remedy(&self) -> &'static str {
        match self {
            Flaw::Length { found, expected } if found < expected => {
                "compare it with the document: signs are missing"
            }
            Flaw::Length { .. } => "compare it with the document: there are signs too many",
            Flaw::Sign { .. } => {
                "compare that place with the document: letters and digits look alike"
            }
            Flaw::NoDigit => "compare it with the document: its digits are missing",
            Flaw::BirthDate => "compare the birth date in it with the document",
            Flaw::Region => "compare the letters or digits of the region with the document",
            Flaw::CheckDigit => {
                "compare it with the document sign by sign: one is wrong or two are exchanged"
            }
            Flaw::Placeholder => "write the number of the document, or none where there is no number",
            Flaw::BirthToCome => "compare its digits of century and year with the document",
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Flaw::Length { expected, found } => {
                write!(formatter, "has {found} signs instead of {expected}")
            }
            Flaw::Sign { place } => write!(
                formatter,
                "has a sign at place {place} that cannot stand there"
            ),
            Flaw::NoDigit => formatter.write_str("has letters alone"),
            Flaw::BirthDate => formatter.write_str("contains a birth date that does not exist"),
            Flaw::Region => {
                formatter.write_str("contains a region or group that is not in the official list")
            }
            Flaw::CheckDigit => {
                formatter.write_str("has a check digit that does not follow from the rest")
            }
            Flaw::Placeholder => formatter.write_str("is only zeros, one digit repeated, or one that stands where nobody has a number"),
            Flaw::BirthToCome => formatter.write_str("says a birth in the future"),
        }
    }
}

impl std::error::Error for Flaw {}

/// What an identifier is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdentifierKind {
    /// The person's number in the population register.
    National,
    /// The number of a health insurance.
    Insurance,
    /// The number in a social-security scheme.
    SocialSecurity,
}

impl IdentifierKind {
    /// The code for `Identifier.type`, in
    /// `http://terminology.hl7.org/CodeSystem/v2-0203`.
    pub fn type_code(self) -> &'static str {
        match self {
            IdentifierKind::National => "NI",
            IdentifierKind::Insurance => "HC",
            IdentifierKind::SocialSecurity => "SS",
        }
    }
}

/// How sure we are that others write the same URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Certainty {
    /// A national FHIR guide names it.
    Guide,
    /// Others use it; no publication by the issuer is known.
    InUse,
    /// Ours, until somebody publishes a better one.
    Own,
}

/// One system of identifiers.
#[derive(Debug)]
pub struct IdentifierSystem {
    /// Its short name in code and packs: `curp`.
    pub key: String,
    /// The URI in FHIR `Identifier.system`.
    pub uri: String,
    /// What people call it, in the country's language.
    pub label: String,
    /// Its full name, in the country's language.
    pub long: String,
    /// One value names at most one person, so a second holder is a conflict.
    pub unique: bool,
    /// What it is for.
    pub kind: IdentifierKind,
    /// How sure we are of the URI.
    pub certainty: Certainty,
    pub(crate) rules: Rules,
}

/// What a value says of its holder, as far as its issuer wrote it in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Told {
    /// The year of birth.
    pub birth_year: Option<u32>,
    /// Month and day of birth.
    pub birth_day: Option<(u32, u32)>,
    /// The sex in the papers.
    pub sex: Option<ToldSex>,
}

/// The sex a value says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToldSex {
    /// A woman.
    Female,
    /// A man.
    Male,
    /// Neither, in the words of the issuer.
    Other,
}

/// What has to be computed about a system's values.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// Whether a normalised value can be true.
    pub check: fn(&str) -> Result<(), Flaw>,
    /// A true value as people write it.
    pub display: fn(&str) -> String,
    /// Whether it lies where invented persons have theirs.
    pub is_synthetic: fn(&str) -> bool,
    /// What it tells of its holder.
    pub tells: fn(&str) -> Told,
}

impl IdentifierSystem {
    /// The value as it is stored and compared: capitals, without spaces,
    /// hyphens, dots or number signs.
    pub fn normalise(&self, value: &str) -> String {
        value
            .chars()
            .filter(|sign| {
                !sign.is_whitespace() && !matches!(sign, '-' | '.' | '№' | '\u{2010}'..='\u{2015}')
            })
            .flat_map(char::to_uppercase)
            .collect()
    }

    /// Whether a value, however grouped, can be true: length, signs, date,
    /// region, check digit, and more than a placeholder. It does not know whether it was ever issued.
    ///
    /// # Errors
    /// The first flaw found.
    pub fn check(&self, value: &str) -> Result<(), Flaw> {
        (self.rules.check)(&self.normalise(value))
    }

    /// Whether a value can be true on a day (year, month, day): as [`check`](Self::check), and its holder is born.
    ///
    /// # Errors
    /// The first flaw found.
    pub fn check_on(&self, value: &str, today: (i32, u8, u8)) -> Result<(), Flaw> {
        self.check(value)?;
        let told = self.tells(value);
        let (month, day) = told.birth_day.unwrap_or((1, 1));
        let today = (i64::from(today.0), u32::from(today.1), u32::from(today.2));
        match told.birth_year {
            Some(year) if (i64::from(year), month, day) > today => Err(Flaw::BirthToCome),
            _ => Ok(()),
        }
    }

    /// The value grouped for the eye; one that does not fit stays as it is.
    pub fn display(&self, value: &str) -> String {
        let normal = self.normalise(value);
        if self.check(value).is_ok() {
            (self.rules.display)(&normal)
        } else {
            value.to_owned()
        }
    }

    /// What a value says of its holder; nothing where it is flawed.
    pub fn tells(&self, value: &str) -> Told {
        let normal = self.normalise(value);
        if (self.rules.check)(&normal).is_ok() {
            (self.rules.tells)(&normal)
        } else {
            Told::default()
        }
    }

    /// Whether the value lies in the range set aside for invented persons,
    /// which no issuer uses. Each system's module says which one and why.
    pub fn is_synthetic(&self, value: &str) -> bool {
        let normal = self.normalise(value);
        (self.rules.check)(&normal).is_ok() && (self.rules.is_synthetic)(&normal)
    }
}

/// Fails unless `value` has `expected` signs.
pub(crate) fn length(value: &str, expected: usize) -> Result<(), Flaw> {
    let found = value.chars().count();
    if found == expected {
        Ok(())
    } else {
        Err(Flaw::Length { expected, found })
    }
}

/// Fails where all digits are the same one, as in `0000000000`.
pub(crate) fn more_than_one_digit(digits: &[u32]) -> Result<(), Flaw> {
    if digits.windows(2).all(|pair| pair[0] == pair[1]) {
        Err(Flaw::Placeholder)
    } else {
        Ok(())
    }
}

/// The digits of `value`, or the place of the first sign that is none.
pub(crate) fn only_digits(value: &str, expected: usize) -> Result<Vec<u32>, Flaw> {
    length(value, expected)?;
    crate::digits::digits(value).ok_or_else(|| {
        let place = value
            .chars()
            .position(|sign| !sign.is_ascii_digit())
            .unwrap_or(0)
            + 1;
        Flaw::Sign { place }
    })
}
