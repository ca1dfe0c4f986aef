//! A part of what a set is composed of: codes, a system, filters, other sets.

use super::filter::{Filter, Over};
use super::way::Way;
use super::{Found, Library, Reason, Wanted, Whose, give, is_same_code};
use crate::bcp47;
use crate::system::{Concept, Designation, Existence, System};
use fhir::Value;
use fhir::definitions::Taken;
use std::collections::HashSet;
use std::sync::Arc;

#[derive(Default)]
pub(super) struct Part {
    /// The address of the system, without version.
    pub system: Option<String>,
    pub version: Option<String>,
    pub codes: Vec<Concept>,
    pub filters: Vec<Filter>,
    pub sets: Vec<String>,
    /// No code that is no longer to be used.
    pub active_only: bool,
    /// Somebody wrote the codes down: one that its system, held whole, does not have is none. What a publisher or an
    /// expansion tells stays as it is told.
    pub is_written: bool,
}

/// What R4 published of a part.
pub(super) fn taken(part: Taken) -> Part {
    let concept = |code: &str| Concept { code: code.into(), ..Concept::default() };
    Part {
        system: part.system.map(str::to_owned),
        codes: part.codes.into_iter().flatten().map(concept).collect(),
        filters: part.filters.into_iter().map(|(property, how, value)| Filter::new(property.to_owned(), how.to_owned(), value.to_owned())).collect(),
        sets: part.sets.into_iter().map(str::to_owned).collect(),
        ..Part::default()
    }
}

impl Part {
    /// Under which the library knows the system.
    pub fn address(&self, system: &str) -> String {
        self.version.as_ref().map_or_else(|| system.to_owned(), |version| format!("{system}|{version}"))
    }

    pub fn holds(&self, system: Option<&str>, code: &str, library: &dyn Library, way: Way<'_>) -> Result<bool, Reason> {
        if let (Some(own), Some(given)) = (&self.system, system)
            && own != given
        {
            return Ok(false);
        }
        if let Some(flaw) = self.flaw() {
            return Err(flaw.to_owned());
        }
        if let Some(own) = &self.system {
            if !self.codes.is_empty() {
                let address = self.address(own);
                if !self.codes.iter().any(|one| is_same_code(library, Some(&address), &one.code, code)) {
                    return Ok(false);
                }
                if (self.active_only || self.is_written) && library.system(&address).is_some_and(|held| !self.keeps(&held, code)) {
                    return Ok(false);
                }
            } else if let Some(is_tag) = self.language(own, code, library) {
                if !is_tag.ok_or_else(|| not_held(own))? {
                    return Ok(false);
                }
            } else {
                let held = library.system(&self.address(own)).ok_or_else(|| not_held(own))?;
                match held.existence(code) {
                    Existence::Held(place) => {
                        if self.active_only && held.concepts[place as usize].is_inactive {
                            return Ok(false);
                        }
                        let mut is_open = false;
                        for filter in &self.filters {
                            let over = filter.over(&held);
                            let admits = over.admits(place)?;
                            is_open |= !over.is_certain(place, admits);
                            if !admits && over.is_certain(place, admits) {
                                return Ok(false);
                            }
                        }
                        if is_open {
                            return Err(not_held(own));
                        }
                    }
                    Existence::Absent(_) => return Ok(false),
                    Existence::Formed(_) => {
                        for filter in &self.filters {
                            if !filter.admits_unit(code).ok_or_else(|| not_held(own))? {
                                return Ok(false);
                            }
                        }
                    }
                    Existence::Unknown => return Err(not_held(own)),
                }
            }
        }
        for url in &self.sets {
            let set = library.set(url).ok_or_else(|| format!("the value set {url}, which this server does not hold"))?;
            if !set.holds(system.or(self.system.as_deref()), code, library, way.down(&set)?)? {
                return Ok(false);
            }
        }
        Ok(self.system.is_some() || !self.sets.is_empty())
    }

    /// How many of the codes that somebody wrote down their system, held whole, does not have.
    pub fn lacking(&self, library: &dyn Library) -> usize {
        let system = self.system.as_deref().filter(|_| self.is_written && !self.codes.is_empty());
        let held = system.and_then(|own| library.system(&self.address(own))).filter(|held| held.is_complete());
        held.map_or(0, |held| self.codes.iter().filter(|one| matches!(held.existence(&one.code), Existence::Absent(_))).count())
    }

    /// Why nobody can say which codes are meant; R4 forbids each of these.
    /// <https://hl7.org/fhir/R4/valueset.html#invs> (vsd-1 to vsd-3)
    fn flaw(&self) -> Option<&'static str> {
        match (&self.system, self.codes.is_empty(), self.filters.is_empty()) {
            (None, true, true) if self.sets.is_empty() => Some("a part that names neither a code system nor a value set"),
            (None, true, true) | (Some(_), true, _) | (Some(_), _, true) => None,
            (None, ..) => Some("a part that lists codes or filters without their code system"),
            (Some(_), false, false) => Some("a part that both lists codes and filters them"),
        }
    }

    /// Whether a code that is listed stays, given its system.
    fn keeps(&self, held: &System, code: &str) -> bool {
        let lacks = self.is_written && held.is_complete() && matches!(held.existence(code), Existence::Absent(_));
        !lacks && !(self.active_only && held.concept(code).is_some_and(|concept| concept.is_inactive))
    }

    /// Of all languages, which nobody stored: what the grammar says of a tag. None where another
    /// system is meant, or one that is held.
    fn language(&self, own: &str, code: &str, library: &dyn Library) -> Option<Option<bool>> {
        let is_meant = own == bcp47::SYSTEM && self.filters.is_empty() && library.system(&self.address(own)).is_none();
        is_meant.then(|| bcp47::is_tag(code))
    }

    pub fn gather(&self, wanted: Wanted<'_>, library: &dyn Library, way: Way<'_>, members: &mut Vec<Found>) -> Result<(), Reason> {
        if let Some(flaw) = self.flaw() {
            return Err(flaw.to_owned());
        }
        let mut known = HashSet::new();
        let wanted = Wanted { active_only: wanted.active_only || self.active_only, ..wanted };
        let in_sets = |one: &Found| -> Result<bool, Reason> {
            for url in &self.sets {
                let set = library.set(url).ok_or_else(|| format!("the value set {url}, which this server does not hold"))?;
                if !set.holds(Some(one.system()), &one.concept().code, library, way.down(&set)?)? {
                    return Ok(false);
                }
            }
            Ok(true)
        };
        let mut found = Vec::new();
        match &self.system {
            None => {
                let Some(first) = self.sets.first() else { return Ok(()) };
                let set = library.set(first).ok_or_else(|| format!("the value set {first}, which this server does not hold"))?;
                set.gather(wanted, library, way.down(&set)?, &mut found)?;
            }
            Some(own) if !self.codes.is_empty() => {
                let held = library.system(&self.address(own));
                let own: Arc<str> = own.as_str().into();
                for listed in self.codes.iter().filter(|listed| held.as_ref().is_none_or(|held| self.keeps(held, &listed.code))) {
                    // The system knows more names than the list; the list's own name is the one meant.
                    let told = held.as_ref().and_then(|held| held.concept(&listed.code));
                    let concept = Concept {
                        code: listed.code.clone(),
                        display: listed.display.clone().or_else(|| told.and_then(|told| told.display.clone())),
                        designations: listed.designations.iter().chain(told.iter().flat_map(|told| &told.designations)).cloned().collect(),
                        is_inactive: told.is_some_and(|told| told.is_inactive),
                        is_abstract: told.is_some_and(|told| told.is_abstract),
                        ..Concept::default()
                    };
                    give(Found { system: own.clone(), whose: Whose::Listed(Arc::new(concept)) }, wanted, &mut known, &mut found);
                }
            }
            Some(own) => {
                let held = library.system(&self.address(own)).filter(|held| held.is_complete()).ok_or_else(|| not_held(own))?;
                let places = match wanted.filter {
                    Some(text) => held.typed(text),
                    None => (0..held.concepts.len() as u32).collect(),
                };
                let own: Arc<str> = own.as_str().into();
                let filters: Vec<Over<'_>> = self.filters.iter().map(|filter| filter.over(&held)).collect();
                for place in places {
                    let mut admitted = true;
                    for filter in &filters {
                        admitted = admitted && filter.admits(place)?;
                    }
                    let concept = &held.concepts[place as usize];
                    if admitted && !(wanted.active_only && concept.is_inactive) {
                        found.push(Found { system: own.clone(), whose: Whose::Held(held.clone(), place) });
                    }
                }
            }
        }
        if self.sets.is_empty() {
            members.append(&mut found);
            return Ok(());
        }
        for one in found {
            if in_sets(&one)? {
                members.push(one);
            }
        }
        Ok(())
    }
}

fn not_held(system: &str) -> Reason {
    format!("codes of {system}, which this server does not hold whole")
}

pub(super) fn part(item: Value<'_>) -> Part {
    let text = |value: Value<'_>, name: &str| value.string(name).map(|text| text.into_owned());
    let list = |name: &str| item.get(name).into_iter().flat_map(|list| list.items());
    let boxed = |text: Option<String>| text.map(String::into_boxed_str);
    let codes = list("concept").filter_map(|one| {
        let designations = one.get("designation").into_iter().flat_map(|list| list.items());
        Some(Concept {
            code: text(one, "code")?.into(),
            display: boxed(text(one, "display")),
            designations: designations.filter_map(|name| Some(Designation { language: boxed(text(name, "language")), value: text(name, "value")?.into(), usage: name.get("use").map(|usage| usage.raw().into()) })).collect(),
            ..Concept::default()
        })
    });
    let filters = list("filter").map(|one| Filter::new(text(one, "property").unwrap_or_default(), text(one, "op").unwrap_or_default(), text(one, "value").unwrap_or_default()));
    Part { system: text(item, "system"), version: text(item, "version"), codes: codes.collect(), filters: filters.collect(), sets: list("valueSet").filter_map(|url| url.as_str().map(|url| url.into_owned())).collect(), active_only: false, is_written: true }
}
