//! What may be chosen from a value set, one of the site's or one inside the form.

use crate::form::Form;
use fhir::Document;
use terminology::{Library, Member, Reason, Set, Wanted};

/// The codes of a value set that answer what was typed, the likeliest first, at most so many; and
/// whether there are more.
pub fn choices(form: &Form, value_set: &str, typed: &str, language: &str, most: usize, library: &dyn Library) -> Result<(Vec<Member>, bool), Reason> {
    let wanted = Wanted { filter: Some(typed.trim()).filter(|typed| !typed.is_empty()), active_only: true };
    let mut members = with_set(form, value_set, library, |set| set.expand(wanted, library))?;
    members.retain(|one| !one.concept().is_abstract);
    let told = members.iter().take(most).map(|one| one.told(Some(language))).collect();
    Ok((told, members.len() > most))
}

/// Whether a code is in a value set; none where nobody here knows.
pub fn holds(form: &Form, value_set: &str, system: Option<&str>, code: &str, library: &dyn Library) -> Option<bool> {
    with_set(form, value_set, library, |set| set.contains(system, code, library)).ok()
}

fn with_set<T>(form: &Form, value_set: &str, library: &dyn Library, act: impl FnOnce(&Set) -> Result<T, Reason>) -> Result<T, Reason> {
    match value_set.strip_prefix('#') {
        Some(id) => {
            let text = form.contained(id).map(crate::Json::written).ok_or_else(|| "a value set that is not inside the form".to_owned())?;
            let document = Document::read(&text).map_err(|_| "a value set that cannot be read".to_owned())?;
            act(&Set::read(document.root()))
        }
        None => act(&*library.set(value_set).ok_or_else(|| "a value set that is not held here".to_owned())?),
    }
}
