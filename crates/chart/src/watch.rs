//! Openings that should be asked about: one's own family, colleagues, well-known persons,
//! namesakes, nights.
//!
//! * Looked for in the log of openings after they were written, so no answer waits for it. What was
//!   looked at is remembered by its place in the log; after a restart it goes on there.
//! * What is found is kept, sealed, until a privacy officer of the institution has judged it; the
//!   verdict is in the journal of accounts.
//! * The same account, person and reason are told once a day.
//! * A sign says which rule spoke, never what was compared.

mod facts;
mod signs;

use std::collections::HashMap;
use std::ops::ControlFlow;

use access::{Account, AccountAct, Act, Counted, Role};
use fhir::{Moment, RecordId};
use parking_lot::Mutex;
use store::{NoteChange, OpeningLine, Tick};

pub use signs::Sign;

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::terminology::house;

/// The first look of a site goes back so far.
const FIRST_LOOK_MS: i64 = 24 * 3_600_000;
/// The same is told again after this time.
const AGAIN_MS: i64 = 24 * 3_600_000;
/// Openings looked at in one go.
const MOST: u64 = 50_000;
/// Kept for an institution; the oldest that were judged go first.
const MOST_KEPT: usize = 1000;

/// An opening that should be asked about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sighting {
    /// Names it.
    pub id: String,
    /// When the record was opened.
    pub at: Moment,
    /// The account that opened it.
    pub account: u64,
    /// Which rule spoke.
    pub sign: Sign,
    /// The id of the Patient.
    pub patient: String,
    /// The place of the opening in the log.
    pub opening: u64,
    /// What a privacy officer found, who, and when.
    pub verdict: Option<(String, String, Moment)>,
}

/// One looks, or judges, at a time.
#[derive(Default)]
pub(crate) struct Watch(Mutex<()>);

impl Chart {
    /// Looks at what was opened since the last look, and keeps what should be asked about. Gives how
    /// many signs were found.
    pub fn look_for_signs(&self) -> Result<usize> {
        let Some(_one) = self.inner.watch.0.try_lock() else { return Ok(0) };
        let before = self.store().note(SEEN)?;
        let from = before.as_deref().and_then(|note| std::str::from_utf8(note).ok()?.parse::<u64>().ok());
        let set = self.permitted_set(&house(), Act::Audit)?;
        let from = match from {
            Some(from) => from,
            None => self.store().openings_before(&set, Tick::at(Moment(self.now().0 - FIRST_LOOK_MS)))?,
        };
        let to = self.log_size().min(from.saturating_add(MOST));
        if to <= from {
            return Ok(0);
        }
        let mut accounts: HashMap<u64, Option<facts::Known>> = HashMap::new();
        let (mut lines, mut outcome) = (Vec::new(), Ok(()));
        self.store().openings_back(&set, to, &mut |line| {
            if line.index < from {
                return ControlFlow::Break(());
            }
            if Counted::of(line.how) != Some(Counted::Opened) {
                return ControlFlow::Continue(());
            }
            if let std::collections::hash_map::Entry::Vacant(place) = accounts.entry(line.account) {
                match self.account_of(line.account).and_then(|account| account.filter(is_watched).map(|account| self.facts_of(account)).transpose()) {
                    Ok(known) => drop(place.insert(known)),
                    Err(cause) => {
                        outcome = Err(cause);
                        return ControlFlow::Break(());
                    }
                }
            }
            if accounts.get(&line.account).is_some_and(Option::is_some) {
                lines.push(line);
            }
            ControlFlow::Continue(())
        })?;
        outcome?;
        lines.reverse();
        let found = self.signs_among(&lines, &accounts)?;
        let count = found.values().map(Vec::len).sum();
        self.keep_sightings(found, before.as_deref(), to)?;
        Ok(count)
    }

    fn signs_among(&self, lines: &[OpeningLine], accounts: &HashMap<u64, Option<facts::Known>>) -> Result<HashMap<String, Vec<Sighting>>> {
        let mut found: HashMap<String, Vec<Sighting>> = HashMap::new();
        let mut persons: HashMap<RecordId, Option<facts::Person>> = HashMap::new();
        for line in lines {
            let Some(Some(known)) = accounts.get(&line.account) else { continue };
            if let std::collections::hash_map::Entry::Vacant(place) = persons.entry(line.record) {
                // A long list of persons opened by one export would stay in memory as a whole.
                place.insert(self.facts_of_person(line.record)?);
            }
            let Some(Some(person)) = persons.get(&line.record) else { continue };
            for sign in self.signs(known, person, line)? {
                let id = format!("{:016x}", u64::from_le_bytes(self.store().random()));
                let sighting = Sighting { id, at: line.at.moment(), account: line.account, sign, patient: person.patient.clone(), opening: line.index, verdict: None };
                found.entry(known.account.institution.clone()).or_default().push(sighting);
            }
            if persons.len() > 4096 {
                persons.clear();
            }
        }
        Ok(found)
    }

    /// Keeps what was found and how far the log was looked at: all or nothing.
    fn keep_sightings(&self, found: HashMap<String, Vec<Sighting>>, before: Option<&[u8]>, to: u64) -> Result<()> {
        let mut notes = Vec::new();
        for (institution, new) in found {
            let (mut all, note) = self.sightings_of(&institution)?;
            for sighting in new {
                let is_told = |one: &Sighting| one.account == sighting.account && one.sign == sighting.sign && (one.patient == sighting.patient || sighting.sign.is_of_the_hour()) && sighting.at.0 - one.at.0 < AGAIN_MS;
                if !all.iter().any(is_told) {
                    all.push(sighting);
                }
            }
            while all.len() > MOST_KEPT {
                // One that nobody has judged goes only where all are such.
                let place = all.iter().position(|one| one.verdict.is_some()).unwrap_or(0);
                all.remove(place);
            }
            notes.push((sightings_name(&institution), note, all.iter().map(Sighting::written).collect::<String>().into_bytes()));
        }
        let seen = to.to_string();
        let mut changes: Vec<NoteChange<'_>> = notes.iter().map(|(name, before, now)| NoteChange { name, before: before.as_deref(), now }).collect();
        changes.push(NoteChange { name: SEEN, before, now: seen.as_bytes() });
        // Somebody else changed one of them: the next look finds the same again.
        self.store().keep_notes(&changes)?;
        Ok(())
    }

    /// What should be asked about at the institution of a privacy officer, the newest first.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for everybody else.
    pub fn sightings(&self, by: &Account) -> Result<Vec<Sighting>> {
        if by.role != Role::PrivacyOfficer {
            return Err(Error::Forbidden);
        }
        let mut all = self.sightings_of(&by.institution)?.0;
        all.sort_by_key(|one| std::cmp::Reverse((one.at, one.opening)));
        Ok(all)
    }

    /// What a privacy officer found about a sighting. Once said, it stays.
    ///
    /// # Errors
    /// [`Error::Refused`] where nothing is said or too much, [`Error::NotFound`] where nothing waits
    /// for them under that name.
    pub fn judge_sighting(&self, by: &Account, id: &str, verdict: &str) -> Result<()> {
        let verdict = crate::budget::said(verdict)?;
        if by.role != Role::PrivacyOfficer {
            return Err(Error::Forbidden);
        }
        // What a look finds meanwhile must not be written over.
        let _one = self.inner.watch.0.lock();
        let (mut all, _) = self.sightings_of(&by.institution)?;
        let sighting = all.iter_mut().find(|one| one.id == id && one.verdict.is_none()).ok_or(Error::NotFound)?;
        let holder = self.judged_holder(by, sighting.account)?;
        sighting.verdict = Some((verdict.clone(), by.display.replace(['\t', '\n', '\r'], " "), self.now()));
        let text = all.iter().map(Sighting::written).collect::<String>().into_bytes();
        self.note_about(by, AccountAct::Judge, holder.number, &verdict, (sightings_name(&by.institution), text)).map(|_| ())
    }

    /// Takes off what was seen of persons who are not here any more.
    pub(crate) fn forget_sightings(&self, is_here: &dyn Fn(&str) -> Result<bool>) -> Result<()> {
        let _one = self.inner.watch.0.lock();
        let mut institutions: Vec<String> = self.accounts()?.into_iter().map(|account| account.institution).collect();
        institutions.sort();
        institutions.dedup();
        for institution in institutions {
            let (all, _) = self.sightings_of(&institution)?;
            let mut kept = Vec::with_capacity(all.len());
            for sighting in all {
                if is_here(&sighting.patient)? {
                    kept.push(sighting.written());
                }
            }
            self.blank(&sightings_name(&institution), kept.concat().as_bytes())?;
        }
        Ok(())
    }

    fn sightings_of(&self, institution: &str) -> Result<(Vec<Sighting>, Option<Vec<u8>>)> {
        let note = self.store().note(&sightings_name(institution))?;
        let damaged = || store::Error::Damaged("the unusual openings of an institution could not be read");
        let text = std::str::from_utf8(note.as_deref().unwrap_or_default()).map_err(|_| damaged())?;
        let all = text.lines().map(|line| Sighting::read(line).ok_or_else(damaged)).collect::<std::result::Result<_, _>>()?;
        Ok((all, note))
    }
}

/// Somebody whose openings are looked at: people at work. A system has nobody who could be curious.
fn is_watched(account: &Account) -> bool {
    !matches!(account.role, Role::Person | Role::Integration | Role::Console)
}

impl Sighting {
    fn written(&self) -> String {
        let Sighting { id, at, account, sign, patient, opening, verdict } = self;
        let verdict = verdict.as_ref().map_or_else(String::new, |(text, by, at)| format!("\t{text}\t{by}\t{}", at.0));
        format!("{id}\t{}\t{account}\t{}\t{patient}\t{opening}{verdict}\n", at.0, sign.word())
    }

    fn read(line: &str) -> Option<Sighting> {
        let parts: Vec<&str> = line.split('\t').collect();
        let ([id, at, account, sign, patient, opening], rest) = parts.split_first_chunk::<6>()?;
        let verdict = match rest {
            [] => None,
            [text, by, at] => Some(((*text).to_owned(), (*by).to_owned(), Moment(at.parse().ok()?))),
            _ => return None,
        };
        Some(Sighting {
            id: (*id).to_owned(),
            at: Moment(at.parse().ok()?),
            account: account.parse().ok()?,
            sign: Sign::named(sign)?,
            patient: (*patient).to_owned(),
            opening: opening.parse().ok()?,
            verdict,
        })
    }
}

/// How far the log was looked at.
const SEEN: &str = "unusual-seen";

fn sightings_name(institution: &str) -> String {
    format!("unusual-signs {institution}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sighting_is_read_as_it_was_written() {
        let mut sighting = Sighting { id: "a".into(), at: Moment(1), account: 7, sign: Sign::SameAddress, patient: "p-1".into(), opening: 12, verdict: None };
        for verdict in [None, Some(("explained".to_owned(), "Officer".to_owned(), Moment(9)))] {
            sighting.verdict = verdict;
            assert_eq!(Sighting::read(sighting.written().trim_end()), Some(sighting.clone()));
        }
        for line in ["", "a\t1", "a\t1\t7\tneighbour\tp\t1", "a\t1\t7\tnight\tp\tx", "a\t1\t7\tnight\tp\t1\tword"] {
            assert_eq!(Sighting::read(line), None, "{line}");
        }
    }
}
