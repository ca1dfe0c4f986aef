//! Which part of a resource is sent: `_summary` and `_elements`.

use crate::outcome::Trouble;
use crate::parameters::Parameters;
use chart::Stored;
use fhir::{Document, IssueCode};
use search::{Part, Summary};

/// Whole, or a part of it.
#[derive(Clone, Debug)]
pub(crate) enum Trim {
    Whole,
    Part(Summary),
    Elements(Vec<String>),
}

impl Trim {
    /// What a query asks for.
    pub fn of(summary: Option<Summary>, elements: Vec<String>) -> Trim {
        match summary {
            Some(Summary::False) | None if !elements.is_empty() => Trim::Elements(elements),
            Some(Summary::False) | None => Trim::Whole,
            Some(summary) => Trim::Part(summary),
        }
    }

    /// What the parameters of a read or a history ask for.
    pub fn asked(parameters: &Parameters) -> Result<Trim, Trouble> {
        let summary = match parameters.first("_summary") {
            None => None,
            Some(text) => match Summary::named(text) {
                Some(Summary::Count) | None => {
                    return Err(Trouble::malformed(IssueCode::Value, "_summary is true, text, data or false here.").at("http._summary"));
                }
                some => some,
            },
        };
        let elements = parameters.first("_elements").unwrap_or_default();
        let names: Vec<_> = elements.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
        Ok(Trim::of(summary, names))
    }

    /// Appends the resource or its part. What cannot be read any more is sent as it lies there.
    pub fn write(&self, stored: &Stored, out: &mut String) {
        let part = match self {
            Trim::Whole => None,
            Trim::Part(summary) => Some(Part::Summary(*summary)),
            Trim::Elements(names) => Some(Part::Elements(names)),
        };
        let Some(part) = part else {
            return out.push_str(&stored.text);
        };
        match Document::read(&stored.text) {
            Ok(document) => search::write_part(stored.kind, document.root(), part, out),
            Err(_) => out.push_str(&stored.text),
        }
    }

    /// The resource or its part; the stored text itself where all of it is wanted.
    pub fn text(&self, stored: Stored) -> String {
        if let Trim::Whole = self {
            return stored.text;
        }
        let mut out = String::with_capacity(stored.text.len());
        self.write(&stored, &mut out);
        out
    }
}
