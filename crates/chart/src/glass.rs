//! Breaking the glass: one person, one session, a while, a reason, and an answer.
//!
//! * What is sealed opens only after the reason and the opening are on disk.
//! * It ends by itself, and with the session. Nothing of it outlives the process.
//! * Each breaking stays in a list until the facility's privacy officer has answered, and is told
//!   to the person for good.

use std::collections::HashMap;

use access::{Act, Caller, Disclosure, GlassReason, Opening, PermittedSet, may_break_glass, may_review_glass};
use fhir::{Issue, IssueCode, Moment, RecordId, ResourceType, is_id};
use parking_lot::Mutex;
use store::{Class, Method};

use crate::door::Chart;
use crate::error::{Error, Result};

/// The most characters of a reason told in words, and of an answer.
pub const GLASS_WORDS_LONGEST: usize = 500;

/// Who sees what is sealed, and until when.
#[derive(Default)]
pub(crate) struct Glass(Mutex<HashMap<(u64, u64, RecordId), Moment>>);

impl Glass {
    fn is_broken(&self, set: &PermittedSet, record: RecordId) -> bool {
        let (account, session) = set.session();
        self.is_broken_by(account, session, record, set.at())
    }

    /// The same for an opening that is about to be written.
    pub fn is_broken_for(&self, opening: &Opening, now: Moment) -> bool {
        self.is_broken_by(opening.account, opening.session, opening.record, now)
    }

    /// True where an account broke it in this session, and that still holds.
    pub fn is_broken_by(&self, account: u64, session: u64, record: RecordId, now: Moment) -> bool {
        let broken = self.0.lock();
        !broken.is_empty() && broken.get(&(account, session, record)).is_some_and(|until| now < *until)
    }
}

/// What was answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GlassReview {
    /// There was good reason.
    pub is_justified: bool,
    /// What was said.
    pub words: String,
    /// By whom.
    pub by: String,
    /// When.
    pub at: Moment,
}

/// One breaking of the glass.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BrokenGlass {
    /// Its id.
    pub id: String,
    /// The Patient's id.
    pub patient: String,
    /// The account's number.
    pub account: u64,
    /// Who, as they were called then.
    pub by: String,
    /// Where they worked.
    pub institution: String,
    /// Why.
    pub reason: GlassReason,
    /// Why, in words.
    pub words: String,
    /// When.
    pub at: Moment,
    /// Until when.
    pub until: Moment,
    /// What was answered; none yet.
    pub review: Option<GlassReview>,
}

impl Chart {
    pub(crate) fn broke_glass(&self, set: &PermittedSet, record: RecordId) -> bool {
        self.inner.glass.is_broken(set, record)
    }

    /// Opens what is sealed of a person to this session, for a while; until when.
    pub async fn break_glass(&self, caller: &Caller, patient_id: &str, reason: GlassReason, words: &str) -> Result<Moment> {
        if !may_break_glass(caller) {
            return Err(Error::Forbidden);
        }
        let words = told(words)?;
        if !is_id(patient_id) {
            return Err(Error::NotFound);
        }
        // Whoever is sealed as a whole can be opened too: that is what it is for.
        let at = self.store().locate(ResourceType::PATIENT, patient_id)?.ok_or(Error::NotFound)?;
        let set = self.permitted_set(caller, Act::Read)?;
        let permitted = set.of(Class::subject(at.record), &self.inner.known.nobody(), true).ok_or(Error::NotFound)?;
        let patient = self.newest(&permitted, ResourceType::PATIENT, at)?.ok_or(Error::NotFound)?;
        if patient.method == Method::Delete {
            return Err(Error::Gone { version: patient.version });
        }
        let now = self.now();
        let until = Moment(now.0.saturating_add(i64::from(self.inner.settings.glass_minutes) * 60_000));
        let account = &caller.account;
        let broken = BrokenGlass {
            id: self.new_job_id(),
            patient: patient_id.to_owned(),
            account: account.number,
            by: if account.display.is_empty() { account.login.clone() } else { account.display.clone() },
            institution: account.institution.clone(),
            reason,
            words,
            at: now,
            until,
            review: None,
        };
        self.store().keep_note(&name_of(&broken.id), None, broken.text().as_bytes())?;
        self.list_waiting(&of_record(at.record), &broken.id, true)?;
        self.list_waiting(WAITING, &broken.id, true)?;
        self.disclose_uncounted(Disclosure::Opened, [permitted]).await?;
        let records = self.records_of_person(at.record)?;
        let mut all = self.inner.glass.0.lock();
        all.retain(|_, until| now < *until);
        for record in records {
            all.insert((account.number, caller.session.number, record), until);
        }
        Ok(until)
    }

    /// Until when this session sees what is sealed of a person; none where the glass is whole.
    pub fn glass_until(&self, caller: &Caller, patient_id: &str) -> Result<Option<Moment>> {
        let Some(at) = self.store().locate(ResourceType::PATIENT, patient_id)? else { return Ok(None) };
        let now = self.now();
        let all = self.inner.glass.0.lock();
        Ok(all.get(&(caller.account.number, caller.session.number, at.record)).copied().filter(|until| now < *until))
    }

    /// Mends the glass before its time.
    pub fn mend_glass(&self, caller: &Caller, patient_id: &str) -> Result<()> {
        if let Some(at) = self.store().locate(ResourceType::PATIENT, patient_id)? {
            // It was broken for the whole person.
            let records = self.records_of_person(at.record)?;
            let mut all = self.inner.glass.0.lock();
            for record in records {
                all.remove(&(caller.account.number, caller.session.number, record));
            }
        }
        Ok(())
    }

    /// Every breaking of one person's glass, newest first, for whoever may read who has looked.
    pub fn glass_of(&self, caller: &Caller, patient_id: &str) -> Result<Vec<BrokenGlass>> {
        // It was broken for the whole person, and stands with the Patient by which they were known then.
        let mut all = Vec::new();
        for (_, permitted) in self.find_seen_records(caller, patient_id)? {
            all.extend(self.listed_glass(&of_record(permitted.record()), &|_| true)?);
        }
        all.sort_by_key(|broken| std::cmp::Reverse(broken.at));
        Ok(all)
    }

    /// Breakings that nobody has answered and that this caller may answer, the oldest first.
    pub fn glass_waiting(&self, caller: &Caller) -> Result<Vec<BrokenGlass>> {
        // Whoever answered may have been broken off before it left the list.
        let mut waiting = self.listed_glass(WAITING, &|broken| broken.review.is_none() && may_review_glass(&caller.account, broken.account, &broken.institution))?;
        waiting.reverse();
        Ok(waiting)
    }

    /// Answers whether there was good reason. An answer stays.
    pub fn review_glass(&self, caller: &Caller, id: &str, is_justified: bool, words: &str) -> Result<()> {
        let answered = Error::Conflict("it has been answered already");
        let (before, mut broken) = self.noted_glass(id)?.ok_or(Error::NotFound)?;
        if !may_review_glass(&caller.account, broken.account, &broken.institution) {
            return Err(Error::NotFound);
        }
        if broken.review.is_some() {
            return Err(answered);
        }
        let account = &caller.account;
        let by = if account.display.is_empty() { account.login.clone() } else { account.display.clone() };
        broken.review = Some(GlassReview { is_justified, words: told(words)?, by, at: self.now() });
        // Nothing else changes it: of two who answer at once the second is told so.
        if !self.store().keep_note(&name_of(id), Some(&before), broken.text().as_bytes())? {
            return Err(answered);
        }
        self.list_waiting(WAITING, id, false)
    }

    /// Forgets every breaking of an erased person's glass.
    pub(crate) fn forget_glass(&self, record: RecordId) -> Result<()> {
        let list = of_record(record);
        let note = self.store().note(&list)?.unwrap_or_default();
        for id in String::from_utf8_lossy(&note).lines() {
            self.list_waiting(WAITING, id, false)?;
            self.blank(&name_of(id), b"")?;
        }
        self.blank(&list, b"")
    }

    fn listed_glass(&self, list: &str, wanted: &dyn Fn(&BrokenGlass) -> bool) -> Result<Vec<BrokenGlass>> {
        let note = self.store().note(list)?.unwrap_or_default();
        let text = String::from_utf8_lossy(&note).into_owned();
        let mut found = Vec::new();
        for id in text.lines().rev() {
            found.extend(self.kept_glass(id)?.filter(|broken| wanted(broken)));
        }
        Ok(found)
    }

    fn kept_glass(&self, id: &str) -> Result<Option<BrokenGlass>> {
        Ok(self.noted_glass(id)?.map(|(_, broken)| broken))
    }

    /// The same, with its note as it lies there.
    fn noted_glass(&self, id: &str) -> Result<Option<(Vec<u8>, BrokenGlass)>> {
        if id.len() != 32 || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(None);
        }
        let Some(note) = self.store().note(&name_of(id))?.filter(|note| !note.is_empty()) else { return Ok(None) };
        let broken = BrokenGlass::read(id, &String::from_utf8_lossy(&note));
        let broken = broken.ok_or(store::Error::Damaged("the note of a broken glass could not be read"))?;
        Ok(Some((note, broken)))
    }

    /// Puts an id on a list that waits, or takes it off.
    pub(crate) fn list_waiting(&self, list: &str, id: &str, is_there: bool) -> Result<()> {
        loop {
            let before = self.store().note(list)?;
            let text = String::from_utf8_lossy(before.as_deref().unwrap_or_default()).into_owned();
            let mut ids: Vec<&str> = text.lines().filter(|other| *other != id).collect();
            ids.extend(is_there.then_some(id));
            if self.store().keep_note(list, before.as_deref(), ids.join("\n").as_bytes())? {
                return Ok(());
            }
        }
    }
}

/// Those nobody has answered.
const WAITING: &str = "glass waiting";

fn name_of(id: &str) -> String {
    format!("glass {id}")
}

fn of_record(record: RecordId) -> String {
    format!("glass of {:016x}", record.0)
}

/// Words that say something, on one line.
fn told(words: &str) -> Result<String> {
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.is_empty() || words.chars().count() > GLASS_WORDS_LONGEST {
        let message = format!("Say in 1 to {GLASS_WORDS_LONGEST} characters why; the person and the privacy officer will read it.");
        return Err(Error::Refused(vec![Issue::error(IssueCode::Required, "Parameters.parameter.where(name='note')", message)]));
    }
    Ok(words)
}

impl BrokenGlass {
    /// A word and its value on each line; lines that are not known are passed over.
    fn text(&self) -> String {
        let mut text = format!(
            "patient {}\naccount {}\nby {}\ninstitution {}\nreason {}\nwords {}\nat {}\nuntil {}\n",
            self.patient,
            self.account,
            one_line(&self.by),
            one_line(&self.institution),
            self.reason.word(),
            self.words,
            self.at.0,
            self.until.0
        );
        if let Some(review) = &self.review {
            let verdict = if review.is_justified { "yes" } else { "no" };
            text.push_str(&format!("justified {verdict}\nanswer {}\nanswered-by {}\nanswered {}\n", review.words, one_line(&review.by), review.at.0));
        }
        text
    }

    fn read(id: &str, text: &str) -> Option<BrokenGlass> {
        let of = |word: &str| text.lines().find_map(|line| line.strip_prefix(word)?.strip_prefix(' '));
        let moment = |word: &str| of(word)?.parse().ok().map(Moment);
        let review = match of("justified") {
            None => None,
            Some(verdict) => Some(GlassReview { is_justified: verdict == "yes", words: of("answer")?.to_owned(), by: of("answered-by")?.to_owned(), at: moment("answered")? }),
        };
        Some(BrokenGlass {
            id: id.to_owned(),
            patient: of("patient")?.to_owned(),
            account: of("account")?.parse().ok()?,
            by: of("by")?.to_owned(),
            institution: of("institution")?.to_owned(),
            reason: GlassReason::named(of("reason")?)?,
            words: of("words")?.to_owned(),
            at: moment("at")?,
            until: moment("until")?,
            review,
        })
    }
}

pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_breaking_is_read_as_it_was_written() {
        let mut broken = BrokenGlass {
            id: "0".repeat(32),
            patient: "ana".into(),
            account: 7,
            by: "Dr. Ruiz".into(),
            institution: String::new(),
            reason: GlassReason::Danger,
            words: "found unconscious".into(),
            at: Moment(1),
            until: Moment(2),
            review: None,
        };
        assert_eq!(BrokenGlass::read(&broken.id, &broken.text()), Some(broken.clone()));
        broken.review = Some(GlassReview { is_justified: false, words: "no".into(), by: "Vera".into(), at: Moment(3) });
        assert_eq!(BrokenGlass::read(&broken.id, &broken.text()), Some(broken.clone()));
        assert_eq!(BrokenGlass::read(&broken.id, "patient ana\n"), None);
        assert_eq!(told("  a\n b ").unwrap(), "a b");
        assert!(told(" \n ").is_err() && told(&"x".repeat(501)).is_err());
    }
}
