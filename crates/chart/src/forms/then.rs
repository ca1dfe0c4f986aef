//! Which form a response answers: its words as they were when it was written.
//!
//! * What somebody signed had questions. A Questionnaire may say something else under the same address and version
//!   later, or be gone; the document goes on to be read with what was asked.
//! * Nothing is kept for it: every version of a Questionnaire stays, and the one in force when a version of the response
//!   was written is found again. Where the form came later, as with a parcel, it is the first of them.
//! * A draft is filled in with the form as it is, and where that was taken away, as it was last.

use std::cmp::Ordering;
use std::ops::ControlFlow;
use std::sync::Arc;

use ::forms::{Form, Json};
use access::Act;
use fhir::{Document, Moment, is_id};
use store::{Method, Tick};

use super::kind;
use crate::door::Chart;
use crate::error::Result;
use crate::stored::Stored;
use crate::terminology::{by_number, house};

impl Chart {
    /// The form that a version of a response answers; none where it is not held here and never was.
    ///
    /// # Errors
    /// What a read may fail with.
    pub(crate) fn form_answered(&self, response: &Json, stored: &Stored) -> Result<Option<Arc<Form>>> {
        let Some(canonical) = response.string("questionnaire") else { return Ok(None) };
        let until = match response.string("status") {
            Some("in-progress") => None,
            // It was taken out of force later than it was answered.
            Some("entered-in-error") => Some(response.string("authored").and_then(Moment::parse).map_or(stored.last_updated, |authored| authored.min(stored.last_updated))),
            _ => Some(stored.last_updated),
        };
        Ok(self.form_then(canonical, until)?.and_then(|held| Form::read(&held.text).ok()).map(Arc::new))
    }

    /// The form that a stored response answers, also one that is offered no longer; none where it is not held here.
    ///
    /// # Errors
    /// What a read may fail with.
    pub fn form_behind(&self, response: &Stored) -> Result<Option<Arc<Form>>> {
        let Ok(json) = Json::read(&response.text) else { return Ok(None) };
        self.form_answered(&json, response)
    }

    /// The Questionnaire of an address in force at a moment, or now.
    pub(crate) fn form_then(&self, canonical: &str, until: Option<Moment>) -> Result<Option<Stored>> {
        let kind = kind("Questionnaire");
        let set = self.permitted_set(&house(), Act::Read)?;
        // A response may name the resource itself.
        let id = canonical.strip_prefix("Questionnaire/").filter(|id| is_id(id));
        let held = match id {
            Some(id) => self.look_up(&set, kind, id, Tick::END)?.map(|(_, stored)| stored),
            None => self.canonical_stored("Questionnaire", canonical),
        };
        if let Some(held) = held.filter(|held| until.is_none_or(|until| held.last_updated <= until)) {
            return Ok(Some(held));
        }
        // What is held came later, or nothing is: it is looked for among what was.
        let mut ids: Vec<String> = id.into_iter().map(str::to_owned).collect();
        if id.is_none() {
            for record in self.store().shared_records(kind) {
                let Some(permitted) = self.right(&set, record)? else { continue };
                self.store().scan_types(&permitted, &[kind], Tick::END, None, &mut |entry| {
                    if entry.kind == kind {
                        ids.push(entry.id.to_owned());
                    }
                    ControlFlow::Continue(())
                })?;
            }
        }
        let mut best: Option<Then> = None;
        for id_of_one in ids {
            let Some(at) = self.store().locate(kind, &id_of_one)? else { continue };
            let Some(permitted) = self.right(&set, at.record)? else { continue };
            let mut found: Option<Then> = None;
            self.store().versions(&permitted, kind, at, &mut |entry| {
                if entry.method == Method::Delete {
                    return ControlFlow::Continue(());
                }
                let Some((is_active, version)) = asked_under(entry.text, id.is_none().then_some(canonical)) else { return ControlFlow::Continue(()) };
                let is_in_time = until.is_none_or(|until| entry.last_updated <= until);
                found = Some(Then { is_in_time, is_active, version, stored: Stored::from(entry) });
                if is_in_time { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })?;
            if let Some(found) = found && best.as_ref().is_none_or(|best| found.compare(best).is_gt()) {
                best = Some(found);
            }
        }
        Ok(best.map(|best| best.stored))
    }
}

/// A version of a Questionnaire that may be the one.
struct Then {
    is_in_time: bool,
    is_active: bool,
    version: String,
    stored: Stored,
}

impl Then {
    /// The greater one is meant: of those in time the one that would have been found then, or else the first that came.
    fn compare(&self, other: &Then) -> Ordering {
        let written = || self.stored.last_updated.cmp(&other.stored.last_updated);
        let known = || self.is_active.cmp(&other.is_active).then_with(|| by_number(&self.version, &other.version)).then_with(written);
        self.is_in_time.cmp(&other.is_in_time).then_with(|| if self.is_in_time { known() } else { written().reverse() })
    }
}

/// Whether a Questionnaire was offered, and its version; none where it is not of this address.
fn asked_under(text: &str, canonical: Option<&str>) -> Option<(bool, String)> {
    let (url, version) = canonical.map_or((None, None), |canonical| canonical.split_once('|').map_or((Some(canonical), None), |(url, version)| (Some(url), Some(version))));
    let document = Document::read(text).ok()?;
    let root = document.root();
    let own = root.string("version").unwrap_or_default().into_owned();
    let is_it = url.is_none_or(|url| root.string("url").as_deref() == Some(url)) && version.is_none_or(|version| version == own);
    is_it.then(|| (root.string("status").as_deref() == Some("active"), own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_known_by_its_address_and_where_one_is_named_by_its_version() {
        let text = r#"{"resourceType":"Questionnaire","url":"https://form.example/leave","version":"2","status":"retired"}"#;
        for (canonical, expect) in [(None, true), (Some("https://form.example/leave"), true), (Some("https://form.example/leave|2"), true), (Some("https://form.example/leave|1"), false), (Some("https://form.example/leav"), false)] {
            assert_eq!(asked_under(text, canonical), expect.then(|| (false, "2".to_owned())), "{canonical:?}");
        }
        assert_eq!(asked_under("no json", None), None);
    }

    #[test]
    fn what_was_in_force_comes_before_what_came_later() {
        let then = |is_in_time: bool, is_active: bool, version: &str, at: i64| Then {
            is_in_time,
            is_active,
            version: version.to_owned(),
            stored: Stored { kind: kind("Questionnaire"), id: "f".into(), version: 1, last_updated: Moment(at), method: Method::Create, text: String::new(), flaws: Vec::new() },
        };
        for (greater, less) in [
            (then(true, false, "1", 1), then(false, true, "9", 2)),
            (then(true, true, "1", 1), then(true, false, "2", 2)),
            (then(true, true, "10", 1), then(true, true, "9", 2)),
            (then(true, true, "1", 2), then(true, true, "1", 1)),
            (then(false, true, "1", 1), then(false, true, "1", 2)),
        ] {
            assert!(greater.compare(&less).is_gt() && less.compare(&greater).is_lt(), "{} {}", greater.version, less.version);
        }
    }
}
