//! Which part of a resource is sent: `_summary` and `_elements`.

use crate::outcome::Trouble;
use crate::parameters::Parameters;
use chart::Stored;
use fhir::{Document, IssueCode};
use search::{Part, Summary};

/// Whole, or a part of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trim {
    summary: Option<Summary>,
    elements: Vec<String>,
}

impl Trim {
    /// What a query asks for. A query that only counts sends nothing to trim.
    pub fn of(summary: Option<Summary>, elements: Vec<String>) -> Trim {
        Trim { summary, elements }
    }

    /// What the parameters of a read or a history ask for.
    pub fn asked(parameters: &Parameters) -> Result<Trim, Trouble> {
        let summary = match parameters.first("_summary").map(Summary::named) {
            None => None,
            Some(None | Some(Summary::Count)) => {
                return Err(Trouble::malformed(IssueCode::Value, "_summary is true, text, data or false here.").at("http._summary"));
            }
            Some(named) => named,
        };
        let names = parameters.first("_elements").unwrap_or_default();
        let elements = names.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
        Ok(Trim { summary, elements })
    }

    /// Appends the resource or its part. What cannot be read any more is sent as it lies there.
    pub fn write(&self, stored: &Stored, out: &mut String) {
        let Some(part) = Part::of(self.summary, &self.elements) else {
            return out.push_str(&stored.text);
        };
        match Document::read(&stored.text) {
            Ok(document) => search::write_part(stored.kind, document.root(), part, out),
            Err(_) => out.push_str(&stored.text),
        }
    }

    /// The resource or its part; the stored text itself where all of it is wanted.
    pub fn text(&self, stored: Stored) -> String {
        if Part::of(self.summary, &self.elements).is_none() {
            return stored.text;
        }
        let mut out = String::with_capacity(stored.text.len());
        self.write(&stored, &mut out);
        out
    }
}
