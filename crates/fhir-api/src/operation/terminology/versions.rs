//! Of which versions of its code systems a value set is expanded: `system-version` where the set names
//! none, `check-system-version` where it may name no other, `force-system-version` whatever it names.
//! https://hl7.org/fhir/R4/valueset-operation-expand.html
//!
//! * A version that is asked for and not held is told; another one never stands in for it.
//! * R4's own value sets are told from R4's own table, so no stored version of a system changes them.

use crate::asked::Asked;
use crate::outcome::Trouble;
use axum::http::StatusCode;
use fhir::IssueCode;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use terminology::{Found, Library, Set, System};

pub(super) const PREFERRED: &str = "system-version";
pub(super) const CHECKED: &str = "check-system-version";
pub(super) const FORCED: &str = "force-system-version";

/// A library in which systems have the versions somebody asks for.
pub(super) struct Versions<'l> {
    library: &'l dyn Library,
    preferred: BTreeMap<String, String>,
    checked: BTreeMap<String, String>,
    forced: BTreeMap<String, String>,
    seen: RefCell<Seen>,
}

/// What came of it.
#[derive(Default)]
struct Seen {
    /// Systems taken in a version that was asked for.
    used: BTreeMap<String, String>,
    /// Systems that are not held in it.
    missing: BTreeSet<String>,
    /// Systems of which the value set wants another version than it may.
    differing: BTreeSet<String>,
    /// A value set of R4 is among those it is built on.
    has_fixed: bool,
}

impl<'l> Versions<'l> {
    /// Reads the three parameters, each `system|version` and as often as one likes.
    pub fn asked(asked: &Asked<'_>, library: &'l dyn Library) -> Result<Versions<'l>, Trouble> {
        let read = |name: &str| -> Result<BTreeMap<String, String>, Trouble> {
            let wrong = || Trouble::malformed(IssueCode::Value, format!("{name} is a code system with its version, as http://loinc.org|2.78.")).at(&format!("http.{name}"));
            let values = asked.parameters.pairs().filter(|(own, _)| *own == name).map(|(_, value)| value);
            let mut all = BTreeMap::new();
            for value in values {
                let (url, version) = value.split_once('|').filter(|(url, version)| !url.is_empty() && !version.is_empty()).ok_or_else(wrong)?;
                // Of two versions of one system the first would be passed over.
                if all.insert(url.to_owned(), version.to_owned()).is_some_and(|before| before != version) {
                    return Err(Trouble::malformed(IssueCode::Value, format!("{name} names one version of each code system.")).at(&format!("http.{name}")));
                }
            }
            Ok(all)
        };
        Ok(Versions { library, preferred: read(PREFERRED)?, checked: read(CHECKED)?, forced: read(FORCED)?, seen: RefCell::default() })
    }

    /// Refuses what could not be made of the versions asked for. To be asked after the expansion, whatever came of it.
    pub fn check(&self, set: &Set, members: &[Found]) -> Result<(), Trouble> {
        let seen = self.seen.borrow();
        let refused = |message: String, name: &str| Err(Trouble::new(StatusCode::UNPROCESSABLE_ENTITY, IssueCode::NotSupported, message).at(&format!("http.{name}")));
        if let Some(url) = seen.differing.first() {
            return refused(format!("The value set is built on another version of {url} than {CHECKED} names."), CHECKED);
        }
        if let Some(url) = seen.missing.first() {
            let name = [(FORCED, &self.forced), (CHECKED, &self.checked)].iter().find(|(_, all)| all.contains_key(url)).map_or(PREFERRED, |(name, _)| *name);
            return refused(format!("This server does not hold the version of {url} that is asked for."), name);
        }
        let is_fixed = set.is_fixed() || seen.has_fixed;
        match members.iter().map(Found::system).find(|system| is_fixed && seen.used.contains_key(*system)) {
            Some(system) => refused(format!("R4's own value sets are told from R4's own code systems, and {system} is asked for in another version."), PREFERRED),
            None => Ok(()),
        }
    }

    /// What was asked for and what was taken, each as name and value, for the parameters of the expansion.
    pub fn told(&self) -> Vec<(&'static str, String)> {
        let asked = [(PREFERRED, &self.preferred), (CHECKED, &self.checked), (FORCED, &self.forced)];
        let all = |name: &'static str, of: &BTreeMap<String, String>| of.iter().map(|(url, version)| (name, format!("{url}|{version}"))).collect::<Vec<_>>();
        let used = all("version", &self.seen.borrow().used);
        asked.into_iter().flat_map(|(name, of)| all(name, of)).chain(used).collect()
    }
}

impl Library for Versions<'_> {
    fn system(&self, address: &str) -> Option<Arc<System>> {
        let (url, own) = address.split_once('|').map_or((address, None), |(url, version)| (url, Some(version)));
        let wanted = match (self.forced.get(url), self.checked.get(url)) {
            (Some(forced), _) => Some(forced),
            (None, Some(checked)) if own.is_some_and(|own| own != checked) => {
                self.seen.borrow_mut().differing.insert(url.to_owned());
                return None;
            }
            (None, Some(checked)) => Some(checked),
            (None, None) => self.preferred.get(url).filter(|_| own.is_none()),
        };
        let Some(wanted) = wanted else { return self.library.system(address) };
        let found = self.library.system(&format!("{url}|{wanted}")).filter(|system| is_of(system, wanted));
        let mut seen = self.seen.borrow_mut();
        match &found {
            Some(system) if system.version.is_some() => drop(seen.used.insert(url.to_owned(), wanted.clone())),
            Some(_) => {}
            None => drop(seen.missing.insert(url.to_owned())),
        }
        found
    }

    fn set(&self, address: &str) -> Option<Arc<Set>> {
        let found = self.library.set(address);
        self.seen.borrow_mut().has_fixed |= found.as_ref().is_some_and(|set| set.is_fixed());
        found
    }
}

/// Whether a system is that version; those of R4's own table bear the version of R4, whatever else of them is stored.
fn is_of(system: &System, version: &str) -> bool {
    system.version.as_deref().map_or_else(|| chart::is_version_of_r4(&system.url, version), |own| own == version)
}
