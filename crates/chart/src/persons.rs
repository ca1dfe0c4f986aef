//! Finding a person and opening the record, for pages.

use std::collections::{BTreeSet, HashSet};
use std::ops::ControlFlow;

use access::{Act, Caller, Disclosure, Permitted};
use fhir::{Document, Moment, PartialDateTime, RecordId, ResourceType};
use search::{Handling, Query};
use store::{Method, Tick};

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::everything::{clinical_date, note_shared};
use crate::holds::{HeldKind, HeldLine};
use crate::stored::Stored;

/// A person a page may list.
#[derive(Clone, Debug)]
pub struct PersonHit {
    /// The Patient resource.
    pub patient: Stored,
    /// The beginning of the newest encounter, if there is one.
    pub last_seen: Option<Moment>,
}

/// A person's record as a page needs it.
#[derive(Clone, Debug)]
pub struct PersonRecord {
    /// The Patient resource.
    pub patient: Stored,
    /// The Patients that were merged into it, each with a record of its own; what lies there is here too.
    pub merged: Vec<Stored>,
    /// Everything else in the record that lives, in no promised order.
    pub resources: Vec<Stored>,
    /// Organisations, practitioners and places that any of it names.
    pub shared: Vec<Stored>,
    /// What of it is held and may not be erased.
    pub holds: Vec<HeldLine>,
}

/// What somebody typed, read as words, a birth date and an identifier.
#[derive(Default, Debug, PartialEq)]
struct Asked {
    words: Vec<String>,
    born: Option<String>,
    identifiers: Vec<String>,
}

/// What lives in the records of one person.
pub(crate) struct Living {
    /// The Patients, in the order of the records.
    pub patients: Vec<Stored>,
    /// Everything else.
    pub resources: Vec<Stored>,
    /// What they name of the shared space.
    pub named: BTreeSet<(ResourceType, String)>,
}

impl Chart {
    /// Persons that fit what was typed: name words in any order with or without accents, a birth
    /// date or year, an identifier whole or grouped.
    pub async fn find_persons(&self, caller: &Caller, text: &str, limit: usize) -> Result<Vec<PersonHit>> {
        let asked = Asked::read(text);
        let mut queries: Vec<Vec<(&str, &str)>> = asked.identifiers.iter().map(|value| vec![("identifier", value.as_str())]).collect();
        let mut by_name: Vec<(&str, &str)> = asked.words.iter().map(|word| ("name", word.as_str())).collect();
        if let Some(born) = &asked.born {
            by_name.push(("birthdate", born));
        }
        if !by_name.is_empty() {
            queries.push(by_name);
        }
        let (mut found, mut known) = (Vec::new(), HashSet::new());
        for pairs in queries {
            let mut query = Query::parse(ResourceType::PATIENT, pairs.into_iter(), Handling::Strict, self.query_context()).map_err(Error::Malformed)?;
            query.count = Some(limit as u32);
            for hit in self.search(caller, &query, None).await?.items {
                let patient = self.that_stays(caller, hit.stored).await?;
                if found.len() < limit && known.insert(patient.id.clone()) {
                    found.push(self.person_hit(caller, patient)?);
                }
            }
        }
        Ok(found)
    }

    /// The Patient into which one was merged, if the caller may see it; else the one itself.
    async fn that_stays(&self, caller: &Caller, patient: Stored) -> Result<Stored> {
        let (at, _) = self.find(caller, Act::Read, ResourceType::PATIENT, &patient.id)?;
        let joined = self.joined(at.record)?;
        let Some(first) = joined.first().filter(|first| first.record != at.record) else { return Ok(patient) };
        match self.read(caller, ResourceType::PATIENT, &first.patient).await {
            Ok(stays) => Ok(stays),
            Err(Error::NotFound | Error::Gone { .. }) => Ok(patient),
            Err(cause) => Err(cause),
        }
    }

    fn person_hit(&self, caller: &Caller, patient: Stored) -> Result<PersonHit> {
        let (_, permitted) = self.find(caller, Act::Read, ResourceType::PATIENT, &patient.id)?;
        let mut last_seen: Option<Moment> = None;
        self.store().scan_types(&permitted, &[ResourceType::ENCOUNTER], Tick::END, None, &mut |entry| {
            if entry.method != Method::Delete
                && let Ok(document) = Document::read(entry.text)
                && let Some((start, _)) = clinical_date(entry.kind, document.root(), self.inner.settings.zone_offset_minutes)
            {
                last_seen = last_seen.max(Some(start));
            }
            ControlFlow::Continue(())
        })?;
        Ok(PersonHit { patient, last_seen })
    }

    /// The number of a person's record, for whoever may read it. Shows nothing of what is in it.
    pub fn person_record(&self, caller: &Caller, patient_id: &str) -> Result<RecordId> {
        Ok(self.find(caller, Act::Read, ResourceType::PATIENT, patient_id)?.0.record)
    }

    /// Leaves the opening of somebody who takes a piece of a record away as a file.
    pub async fn taken_away(&self, caller: &Caller, patient_id: &str) -> Result<()> {
        let (_, permitted) = self.find(caller, Act::Read, ResourceType::PATIENT, patient_id)?;
        self.disclose(Disclosure::Export, [permitted]).await
    }

    /// The whole record of a person, under one opening: that of every Patient that was merged with
    /// this one, whichever of them was asked for.
    pub async fn person(&self, caller: &Caller, patient_id: &str) -> Result<PersonRecord> {
        let (at, permitted) = self.find(caller, Act::Read, ResourceType::PATIENT, patient_id)?;
        let mut rights = self.whole_person(caller, &permitted)?;
        // The Patient that stays comes first.
        if let Some(first) = self.joined(at.record)?.first() {
            rights.sort_by_key(|right| right.record() != first.record);
        }
        let Living { mut patients, resources, named } = self.living(&rights)?;
        let patient = patients.remove(0);
        let shared = self.shared(caller, named)?;
        let numbers: Vec<RecordId> = rights.iter().map(Permitted::record).collect();
        let has = |kind: &HeldKind| resources.iter().any(|one| Document::read(&one.text).is_ok_and(|document| kind.is_of(one.kind, Some(document.root()))));
        let holds = self.holds_of(&numbers, &has)?;
        self.disclose(Disclosure::Chart, rights).await?;
        Ok(PersonRecord { patient, merged: patients, resources, shared, holds })
    }

    /// All that lives in the records of a person.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is no Patient.
    pub(crate) fn living(&self, rights: &[Permitted]) -> Result<Living> {
        let mut living = Living { patients: Vec::new(), resources: Vec::new(), named: BTreeSet::new() };
        for permitted in rights {
            self.store().scan_record(permitted, Tick::END, &mut |entry| {
                if entry.method != Method::Delete {
                    let list = if entry.kind == ResourceType::PATIENT { &mut living.patients } else { &mut living.resources };
                    list.push(Stored::from(entry));
                    note_shared(entry.text, &mut living.named);
                }
                ControlFlow::Continue(())
            })?;
        }
        if living.patients.is_empty() { Err(Error::NotFound) } else { Ok(living) }
    }

    pub(crate) fn shared(&self, caller: &Caller, named: BTreeSet<(ResourceType, String)>) -> Result<Vec<Stored>> {
        let set = self.permitted_set(caller, Act::Read)?;
        let mut shared = Vec::new();
        for (kind, id) in named {
            if let Some((_, stored)) = self.look_up(&set, kind, &id, Tick::END)? {
                shared.push(stored);
            }
        }
        Ok(shared)
    }
}

impl Asked {
    fn read(text: &str) -> Asked {
        let mut asked = Asked::default();
        let whole: String = text.chars().filter(|letter| letter.is_alphanumeric()).collect();
        let digits = whole.chars().filter(char::is_ascii_digit).count();
        // Identifiers have many digits; what is left of them after taking the grouping away is tried too.
        if digits >= 6 && born(text.trim()).is_none() {
            for form in [text.trim().to_owned(), whole.clone(), whole.to_uppercase()] {
                if !asked.identifiers.contains(&form) {
                    asked.identifiers.push(form);
                }
            }
            asked.identifiers.extend(country::all().iter().flat_map(|country| &country.identifiers).map(|system| system.normalise(text)));
            asked.identifiers.sort();
            asked.identifiers.dedup();
            asked.identifiers = asked.identifiers.iter().map(|form| escaped(form)).collect();
        }
        for word in text.split([' ', ',', ';', '\t']).filter(|word| !word.is_empty()) {
            match born(word) {
                Some(date) if asked.born.is_none() => asked.born = Some(date),
                _ if word.chars().any(char::is_alphabetic) && word.chars().filter(char::is_ascii_digit).count() < 3 => asked.words.push(escaped(word)),
                _ => {}
            }
        }
        asked
    }
}

/// A word as a search value: what FHIR gives a meaning to is escaped.
pub(crate) fn escaped(word: &str) -> String {
    word.replace('\\', "\\\\").replace(',', "\\,").replace('|', "\\|").replace('$', "\\$")
}

/// A birth date as typed in four countries: `1958`, `1958-03-14`, `14/03/1958`, `14.03.1958`.
fn born(word: &str) -> Option<String> {
    let parts: Vec<&str> = word.split(['-', '/', '.']).collect();
    let is = |part: &str, length: usize| part.len() <= length && !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let date = match parts.as_slice() {
        [year] if year.len() == 4 && is(year, 4) => (*year).to_owned(),
        [year, month] if year.len() == 4 && is(year, 4) && is(month, 2) => format!("{year}-{month:0>2}"),
        [month, year] if year.len() == 4 && is(year, 4) && is(month, 2) => format!("{year}-{month:0>2}"),
        [year, month, day] if year.len() == 4 && is(year, 4) && is(month, 2) && is(day, 2) => format!("{year}-{month:0>2}-{day:0>2}"),
        [day, month, year] if year.len() == 4 && is(year, 4) && is(month, 2) && is(day, 2) => format!("{year}-{month:0>2}-{day:0>2}"),
        _ => return None,
    };
    let read = PartialDateTime::parse(&date)?;
    (1850..=2100).contains(&read.year).then_some(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_understood() {
        let words = |text| Asked::read(text).words;
        assert_eq!(words("nguyen thi hoa"), ["nguyen", "thi", "hoa"]);
        let asked = Asked::read("Hoa 1958");
        assert_eq!((asked.words, asked.born.as_deref(), asked.identifiers.len()), (vec!["Hoa".to_owned()], Some("1958"), 0));
        for text in ["14/03/1958", "14.03.1958", "1958-03-14", "1958-3-14"] {
            let asked = Asked::read(text);
            assert_eq!(asked.born.as_deref(), Some("1958-03-14"), "{text}");
            assert!(asked.identifiers.is_empty(), "{text}");
        }
        assert!(Asked::read("001 158 012 345").identifiers.contains(&"001158012345".to_owned()));
        assert_eq!(Asked::read("a|b").words, ["a\\|b"]);
        assert_eq!(Asked::read("31/31/1958").born, None);
    }
}
