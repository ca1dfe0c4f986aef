//! Budgets: how many different persons an account, a role and an institution open within an hour.
//!
//! * Counted before an opening is written; what is refused was not disclosed and leaves no opening.
//! * After a start the last hour is counted again from the log of openings.
//! * An alarm is kept, sealed, until a privacy officer of the institution has judged it; the
//!   verdict is in the journal of accounts.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};

use access::{Account, AccountAct, Act, Budgets, Counted, HOUR_MS, Limit, Opening, Role, Window, may_keep};
use fhir::{Issue, IssueCode, Moment, RecordId};
use parking_lot::Mutex;
use store::Tick;

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::terminology::house;

/// A raised limit is so many times the usual one.
const RAISED: usize = 3;
/// Alarms kept for an institution; the oldest that were judged go first.
const MOST_ALARMS: usize = 1000;
/// Windows in memory before empty ones are swept out.
const MOST_WINDOWS: usize = 10_000;
/// The most letters of a verdict.
const VERDICT_LONGEST: usize = 500;

/// What is counted together.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Key {
    Account(u64, Counted),
    Role(String, Role, Counted),
    Institution(String, Counted),
}

/// Whose limit was reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// That of one account.
    Account,
    /// That of all accounts of a role at an institution.
    Role,
    /// That of an institution.
    Institution,
}

impl Scope {
    const ALL: [(Scope, &'static str); 3] = [(Scope::Account, "account"), (Scope::Role, "role"), (Scope::Institution, "institution")];

    fn word(self) -> &'static str {
        Scope::ALL.iter().find(|(scope, _)| *scope == self).map_or("", |(_, word)| word)
    }

    fn named(word: &str) -> Option<Scope> {
        Scope::ALL.iter().find(|(_, name)| *name == word).map(|(scope, _)| *scope)
    }
}

/// That a limit was reached.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Alarm {
    /// Names it.
    pub id: String,
    /// When.
    pub at: Moment,
    /// The account whose opening reached it.
    pub account: u64,
    /// Whose limit.
    pub scope: Scope,
    /// Persons were listed by searches, not opened.
    pub listed: bool,
    /// The hard limit: the opening was refused.
    pub refused: bool,
    /// How many different persons there were within the hour.
    pub persons: usize,
    /// What a privacy officer found, who, and when.
    pub verdict: Option<(String, String, Moment)>,
}

impl Alarm {
    fn written(&self) -> String {
        let Alarm { id, at, account, scope, listed, refused, persons, verdict } = self;
        let verdict = verdict.as_ref().map_or_else(String::new, |(text, by, at)| format!("\t{text}\t{by}\t{}", at.0));
        let (listed, refused) = (u8::from(*listed), u8::from(*refused));
        format!("{id}\t{}\t{account}\t{}\t{listed}\t{refused}\t{persons}{verdict}\n", at.0, scope.word())
    }

    fn read(line: &str) -> Option<Alarm> {
        let parts: Vec<&str> = line.split('\t').collect();
        let ([id, at, account, scope, listed, refused, persons], rest) = parts.split_first_chunk::<7>()?;
        let verdict = match rest {
            [] => None,
            [text, by, at] => Some(((*text).to_owned(), (*by).to_owned(), Moment(at.parse().ok()?))),
            _ => return None,
        };
        let flag = |text: &str| match text {
            "0" => Some(false),
            "1" => Some(true),
            _ => None,
        };
        Some(Alarm {
            id: (*id).to_owned(),
            at: Moment(at.parse().ok()?),
            account: account.parse().ok()?,
            scope: Scope::named(scope)?,
            listed: flag(listed)?,
            refused: flag(refused)?,
            persons: persons.parse().ok()?,
            verdict,
        })
    }
}

/// What was opened within the last hour.
#[derive(Default)]
pub(crate) struct Spent {
    book: Mutex<Book>,
    soft: AtomicU64,
    hard: AtomicU64,
    /// Held while the alarms of an institution change: a verdict must not write over a new one.
    alarms: Mutex<()>,
}

#[derive(Default)]
struct Book {
    windows: HashMap<Key, Window>,
    /// When somebody was told of a key last: once an hour is enough.
    told: HashMap<(Key, bool), Moment>,
}

/// A limit that holds for an opening, and for whom.
struct Line {
    key: Key,
    scope: Scope,
    limit: Limit,
}

impl Chart {
    /// Counts openings that are about to be written, or refuses them.
    pub(crate) fn spend(&self, openings: &[Opening]) -> Result<()> {
        let Some((first, counted)) = openings.first().and_then(|first| Some((first, Counted::of(first.how)?))) else { return Ok(()) };
        let Some(account) = self.account_of(first.account)? else { return Ok(()) };
        let budgets = &self.settings().budgets;
        if budgets.of(account.role).is_none() {
            return Ok(());
        }
        let now = self.now();
        // A broken glass is never refused: it has a queue of its own that must be answered. To say that
        // it is an emergency is not enough.
        let counted_ones = openings.iter().filter(|opening| !self.inner.glass.is_broken_for(opening, now));
        let mut records: Vec<RecordId> = counted_ones.map(|opening| self.counted_as(opening.record)).collect::<Result<_>>()?;
        if records.is_empty() {
            return Ok(());
        }
        records.sort_unstable();
        records.dedup();
        let mut lines = lines(budgets, &account, counted);
        let spent = &self.inner.spent;
        let mut taken = spent.take(&lines, &records, now);
        if taken.is_err() && self.is_raised(account.number)? {
            // Who was let off by the officer is measured alone, and has more room.
            lines.truncate(1);
            for line in &mut lines {
                line.limit = Limit { soft: line.limit.hard, hard: line.limit.hard.saturating_mul(RAISED) };
            }
            taken = spent.take(&lines, &records, now);
        }
        let (alarms, answer): (Vec<_>, _) = match taken {
            Ok(passed) => (passed.into_iter().filter_map(|(place, persons)| spent.told(&lines[place], persons, false, now)).collect(), Ok(())),
            Err((place, persons, wait_ms)) => (spent.told(&lines[place], persons, true, now).into_iter().collect(), Err(over(counted, lines[place].scope, wait_ms))),
        };
        for (scope, persons, refused) in alarms {
            let id = format!("{:016x}", u64::from_le_bytes(self.store().random()));
            self.keep_alarm(&account.institution, Alarm { id, at: now, account: account.number, scope, listed: counted == Counted::Listed, refused, persons, verdict: None })?;
        }
        answer
    }

    /// The record that stands for a person in the count: several Patients that are one are counted once.
    fn counted_as(&self, record: RecordId) -> Result<RecordId> {
        Ok(self.joined(record)?.first().map_or(record, |first| first.record))
    }

    /// Counts the last hour again from the log.
    pub(crate) fn recount(&self) -> Result<()> {
        let since = Moment(self.now().0 - HOUR_MS);
        let set = self.permitted_set(&house(), Act::Audit)?;
        let (mut seen, mut accounts): (Vec<_>, HashMap<u64, Option<Account>>) = (Vec::new(), HashMap::new());
        let mut outcome = Ok(());
        self.store().openings_back(&set, u64::MAX, &mut |line| {
            if line.at.moment() < since {
                return ControlFlow::Break(());
            }
            if let std::collections::hash_map::Entry::Vacant(place) = accounts.entry(line.account) {
                match self.account_of(line.account) {
                    Ok(account) => drop(place.insert(account.filter(|account| self.settings().budgets.of(account.role).is_some()))),
                    Err(cause) => {
                        outcome = Err(cause);
                        return ControlFlow::Break(());
                    }
                }
            }
            if let (Some(Some(_)), Some(counted)) = (accounts.get(&line.account), Counted::of(line.how)) {
                seen.push((line.account, counted, line.record, line.at));
            }
            ControlFlow::Continue(())
        })?;
        outcome?;
        for (number, counted, record, at) in seen.into_iter().rev() {
            if let Some(Some(account)) = accounts.get(&number) {
                let lines = lines(&self.settings().budgets, account, counted);
                self.inner.spent.note_quietly(&lines, self.counted_as(record)?, Tick::moment(at));
            }
        }
        Ok(())
    }

    /// How often a soft and a hard limit was reached since the start.
    pub fn budget_alarms_counted(&self) -> (u64, u64) {
        (self.inner.spent.soft.load(Ordering::Relaxed), self.inner.spent.hard.load(Ordering::Relaxed))
    }

    /// Lets an account open more persons until the end of this day, for the privacy officer of its institution.
    pub fn raise_budget(&self, by: &Account, login: &str) -> Result<Account> {
        let number = self.number_of_account(login)?.ok_or(Error::NotFound)?;
        let day = crate::accounts::day_told(self.now().civil(self.settings().zone_offset_minutes));
        let detail = format!("until the end of {day}");
        self.note_about(by, AccountAct::RaiseBudget, number, &detail, (raised_name(number), day.into_bytes()))
    }

    fn is_raised(&self, number: u64) -> Result<bool> {
        let today = crate::accounts::day_told(self.now().civil(self.settings().zone_offset_minutes));
        Ok(self.store().note(&raised_name(number))?.is_some_and(|note| note == today.as_bytes()))
    }

    /// The alarms of the institution of a privacy officer, the newest first.
    pub fn alarms(&self, by: &Account) -> Result<Vec<Alarm>> {
        if by.role != Role::PrivacyOfficer {
            return Err(Error::Forbidden);
        }
        let mut all = self.alarms_of(&by.institution)?.0;
        all.reverse();
        Ok(all)
    }

    /// The holder of an account that is judged, if this officer may judge them.
    pub(crate) fn judged_holder(&self, by: &Account, account: u64) -> Result<Account> {
        let holder = self.account_of(account)?.ok_or(Error::NotFound)?;
        if may_keep(by, AccountAct::Judge, &holder) { Ok(holder) } else { Err(Error::Forbidden) }
    }

    /// What a privacy officer found about an alarm. Once said, it stays.
    pub fn judge(&self, by: &Account, id: &str, verdict: &str) -> Result<()> {
        let verdict = said(verdict)?;
        if by.role != Role::PrivacyOfficer {
            return Err(Error::Forbidden);
        }
        let _one = self.inner.spent.alarms.lock();
        let (mut all, _) = self.alarms_of(&by.institution)?;
        let alarm = all.iter_mut().find(|alarm| alarm.id == id && alarm.verdict.is_none()).ok_or(Error::NotFound)?;
        let holder = self.judged_holder(by, alarm.account)?;
        alarm.verdict = Some((verdict.clone(), by.display.replace(['\t', '\n', '\r'], " "), self.now()));
        let text = all.iter().map(Alarm::written).collect::<String>().into_bytes();
        self.note_about(by, AccountAct::Judge, holder.number, &verdict, (alarms_name(&by.institution), text)).map(|_| ())
    }

    fn alarms_of(&self, institution: &str) -> Result<(Vec<Alarm>, Option<Vec<u8>>)> {
        let note = self.store().note(&alarms_name(institution))?;
        let damaged = || store::Error::Damaged("the alarms of an institution could not be read");
        let text = std::str::from_utf8(note.as_deref().unwrap_or_default()).map_err(|_| damaged())?;
        let all = text.lines().map(|line| Alarm::read(line).ok_or_else(damaged)).collect::<std::result::Result<_, _>>()?;
        Ok((all, note))
    }

    fn keep_alarm(&self, institution: &str, alarm: Alarm) -> Result<()> {
        let _one = self.inner.spent.alarms.lock();
        loop {
            let (mut all, before) = self.alarms_of(institution)?;
            all.push(alarm.clone());
            while all.len() > MOST_ALARMS {
                // One that nobody has judged goes only where all are such.
                let place = all.iter().position(|one| one.verdict.is_some()).unwrap_or(0);
                all.remove(place);
            }
            let text: String = all.iter().map(Alarm::written).collect();
            if self.store().keep_note(&alarms_name(institution), before.as_deref(), text.as_bytes())? {
                return Ok(());
            }
        }
    }
}

impl Spent {
    /// Notes persons, all of them or none: which soft limits that passes and by how many, or the
    /// first hard one it would break, how many there are, and how long until there is room again.
    fn take(&self, lines: &[Line], records: &[RecordId], now: Moment) -> std::result::Result<Vec<(usize, usize)>, (usize, usize, i64)> {
        let mut book = self.book.lock();
        if book.windows.len() > MOST_WINDOWS {
            book.windows.retain(|_, window| window.count(now) > 0);
            book.told.retain(|_, told| now.0 - told.0 < HOUR_MS);
        }
        for (place, line) in lines.iter().enumerate() {
            let window = book.windows.entry(line.key.clone()).or_default();
            let count = window.count(now);
            if count + window.new_among(records) > line.limit.hard {
                return Err((place, count, window.wait_ms(now)));
            }
        }
        let mut passed = Vec::new();
        for (place, line) in lines.iter().enumerate() {
            let window = book.windows.entry(line.key.clone()).or_default();
            records.iter().for_each(|record| window.note(*record, now));
            let count = window.count(now);
            if count > line.limit.soft {
                passed.push((place, count));
            }
        }
        Ok(passed)
    }

    fn note_quietly(&self, lines: &[Line], record: RecordId, at: Moment) {
        let mut book = self.book.lock();
        for line in lines {
            book.windows.entry(line.key.clone()).or_default().note(record, at);
        }
    }

    /// Counts an alarm; none where the same was told within the hour.
    fn told(&self, line: &Line, persons: usize, refused: bool, now: Moment) -> Option<(Scope, usize, bool)> {
        let key = (line.key.clone(), refused);
        let mut book = self.book.lock();
        if book.told.get(&key).is_some_and(|told| now.0 - told.0 < HOUR_MS) {
            return None;
        }
        book.told.insert(key, now);
        if refused { &self.hard } else { &self.soft }.fetch_add(1, Ordering::Relaxed);
        Some((line.scope, persons, refused))
    }
}

/// A verdict that says something, on one line.
pub(crate) fn said(verdict: &str) -> Result<String> {
    let verdict = verdict.trim().replace(['\t', '\n', '\r'], " ");
    if verdict.is_empty() || verdict.chars().count() > VERDICT_LONGEST {
        return Err(Error::Refused(vec![Issue::error(IssueCode::Value, "", format!("A verdict has 1 to {VERDICT_LONGEST} characters."))]));
    }
    Ok(verdict)
}

/// The limits that hold for an account, its own first.
fn lines(budgets: &Budgets, account: &Account, counted: Counted) -> Vec<Line> {
    let place = &account.institution;
    let mut all = Vec::with_capacity(3);
    let mut add = |key, scope, limit: Option<Limit>| all.extend(limit.map(|limit| Line { key, scope, limit: counted.limit(limit) }));
    add(Key::Account(account.number, counted), Scope::Account, budgets.of(account.role));
    // Who belongs to no institution is measured alone.
    if !place.is_empty() {
        add(Key::Role(place.clone(), account.role, counted), Scope::Role, budgets.of_role(account.role));
        add(Key::Institution(place.clone(), counted), Scope::Institution, Some(budgets.of_institution));
    }
    all
}

fn over(counted: Counted, scope: Scope, wait_ms: i64) -> Error {
    Error::OverBudget { listed: counted == Counted::Listed, scope, seconds: u32::try_from(wait_ms.max(1000).div_euclid(1000)).unwrap_or(u32::MAX) }
}

fn raised_name(number: u64) -> String {
    format!("budget-raised-{number}")
}

fn alarms_name(institution: &str) -> String {
    format!("budget-alarms {institution}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alarm_is_read_as_it_was_written() {
        let mut alarm = Alarm { id: "a".into(), at: Moment(1), account: 7, scope: Scope::Role, listed: true, refused: false, persons: 61, verdict: None };
        for verdict in [None, Some(("explained".to_owned(), "Officer".to_owned(), Moment(9)))] {
            alarm.verdict = verdict;
            assert_eq!(Alarm::read(alarm.written().trim_end()), Some(alarm.clone()));
        }
        for line in ["", "a\t1", "a\t1\t7\tward\t0\t0\t1", "a\t1\t7\trole\t2\t0\t1"] {
            assert_eq!(Alarm::read(line), None, "{line}");
        }
    }
}
