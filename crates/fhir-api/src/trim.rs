//! Which part of a resource is sent: `_summary` and `_elements`.

use crate::outcome::Trouble;
use crate::parameters::Parameters;
use chart::Stored;
use fhir::{Document, IssueCode, ResourceType};
use search::{Part, Summary, elements_of, has_element};

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

    /// What the parameters of a read or a history ask for, which may show these types, or any where none is named.
    pub fn asked(parameters: &Parameters, kinds: &[ResourceType], lenient: bool) -> Result<Trim, Trouble> {
        let summary = match parameters.only("_summary")?.map(Summary::named) {
            None => None,
            Some(None | Some(Summary::Count)) => {
                return Err(Trouble::malformed(IssueCode::Value, "_summary is true, text, data or false here.").at("http._summary"));
            }
            Some(named) => named,
        };
        let elements = elements(parameters, kinds, lenient)?;
        if matches!(summary, Some(Summary::True | Summary::Text | Summary::Data)) && !elements.is_empty() && !lenient {
            let message = "_summary says already which elements are sent; leave _elements or _summary out.";
            return Err(Trouble::malformed(IssueCode::NotSupported, message).at("http._elements"));
        }
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

/// The names in `_elements` that one of these types has, or any where none is named. A name that none has,
/// or none at all, is refused; a lenient caller goes without.
pub(crate) fn elements(parameters: &Parameters, kinds: &[ResourceType], lenient: bool) -> Result<Vec<String>, Trouble> {
    let refused = |message: String| Trouble::malformed(IssueCode::NotSupported, message).at("http._elements");
    let mut kept = Vec::new();
    for (_, value) in parameters.pairs().filter(|(name, _)| *name == "_elements") {
        let names: Vec<&str> = value.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
        if names.is_empty() && !lenient {
            return Err(refused("_elements names no element; leave it out or give names of top elements, separated by commas.".to_owned()));
        }
        for name in names {
            match (has_element(kinds, name), kinds) {
                (true, _) => kept.push(name.to_owned()),
                (false, _) if lenient => {}
                (false, [only]) => return Err(refused(format!("_elements names what {only} does not have at its top; it has {}.", elements_of(*only)))),
                (false, _) => return Err(refused("_elements names what no type that is asked for has at its top, as birthDate or Patient.birthDate.".to_owned())),
            }
        }
    }
    Ok(kept)
}
