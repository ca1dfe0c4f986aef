//! What may be chosen from a value set, one of the site's or one inside the form.

use crate::form::Form;
use fhir::Document;
use terminology::{Found, Library, Member, Reason, Set, Wanted};

/// The codes of a value set that answer what was typed, the likeliest first, at most so many; and
/// whether there are more.
pub fn choices(form: &Form, value_set: &str, typed: &str, language: &str, most: usize, library: &dyn Library) -> Result<(Vec<Member>, bool), Reason> {
    let wanted = Wanted { filter: Some(typed.trim()).filter(|typed| !typed.is_empty()), active_only: true };
    let mut members = with_set(form, value_set, library, |set| set.expand(wanted, library))?;
    members.retain(|one| !one.concept().is_abstract);
    let told = members.iter().take(most).map(|one| one.told(Some(language))).collect();
    Ok((told, members.len() > most))
}

/// The one code of a value set that may be chosen under this name, however many there are; without a system the first of
/// any. None where it is not among them, and where nobody here knows.
pub(crate) fn choice(form: &Form, value_set: &str, system: Option<&str>, code: &str, language: &str, library: &dyn Library) -> Option<Member> {
    let told = |set: &Set| -> Result<Option<Member>, Reason> {
        let why = match set.expand(Wanted { filter: Some(code), active_only: true }, library) {
            Ok(found) => {
                let is_it = |one: &&Found| *one.concept().code == *code && system.is_none_or(|system| one.system() == system) && !one.concept().is_abstract;
                return Ok(found.iter().find(is_it).map(|one| one.told(Some(language))));
            }
            Err(why) => why,
        };
        // A set that cannot be told whole may know a single code all the same.
        let system = system.ok_or(why)?;
        let held = library.system(system);
        let known = held.as_ref().and_then(|held| held.concept(code));
        let is_meant = set.contains(Some(system), code, library)? && known.is_none_or(|one| !one.is_abstract && !one.is_inactive);
        let display = known.and_then(|one| one.display_in(Some(language))).map(str::to_owned);
        Ok(is_meant.then(|| Member { system: system.to_owned(), code: known.map_or_else(|| code.to_owned(), |one| one.code.to_string()), display }))
    };
    with_set(form, value_set, library, told).ok().flatten()
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
