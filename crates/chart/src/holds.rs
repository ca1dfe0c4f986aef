//! Legal holds: what nobody may erase, by whom, why and until when.
//!
//! * A hold is on the record of a person, on the documents of one kind in it, or on the documents of one kind of everybody.
//! * Who places a hold and who erases wait for each other: an erasure asks for holds where it erases, not only where it is
//!   decided, and one that was placed in between ends the decision (`crate::erasure`).
//! * They are one sealed note of the store. A hold stays until its last day or until it is released, whoever asks for an
//!   erasure; one whose last day has passed is listed as over until somebody takes it off the list.
//! * An erasure takes a record whole, so a document that is held holds its record. A document that was deleted counts too,
//!   and one that was of the kind before it was changed: its versions are there until the record is erased.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::ControlFlow;

use access::{Account, Act, Caller};
use fhir::{Document, Issue, IssueCode, Moment, RecordId, ResourceType, Value};
use store::{Class, EntryRef, Location, Method, NoteChange, Tick};

use crate::acts::{SiteAct, reason};
use crate::door::Chart;
use crate::error::{Error, Result};
use crate::locks::Held;
use crate::terminology::search_value;

const NOTE: &str = "holds";
/// The condition under which holds are placed and records are erased; no query looks like it.
const GATE: &str = "\u{1}holds";
/// How a line begins that says more than a record and a reason.
const FIRST_WORD: &str = "of";
/// Holds at one time.
const MOST: usize = 1000;

/// Year, month and day.
type Day = (i32, u8, u8);

/// A kind of document: a type, and a code or form where not every document of that type is meant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeldKind {
    /// `DocumentReference`, `QuestionnaireResponse`…
    pub resource_type: ResourceType,
    /// A code (`code` or `system|code`) of its type or category, or the address of the form it answers.
    pub code: Option<String>,
}

impl HeldKind {
    /// Reads `DocumentReference`, `DocumentReference=http://loinc.org|18842-5`, `QuestionnaireResponse=https://…`.
    pub fn parse(text: &str) -> Option<HeldKind> {
        let (kind, code) = text.split_once('=').map_or((text, None), |(kind, code)| (kind, Some(code)));
        let is_code = |code: &str| !code.is_empty() && code.len() <= 300 && !code.chars().any(|letter| letter.is_control() || letter.is_whitespace());
        let resource_type = ResourceType::named(kind).filter(|kind| *kind != ResourceType::PATIENT)?;
        code.is_none_or(is_code).then(|| HeldKind { resource_type, code: code.map(str::to_owned) })
    }

    pub(crate) fn is_of(&self, kind: ResourceType, resource: Option<Value<'_>>) -> bool {
        let Some(code) = &self.code else { return kind == self.resource_type };
        // What a tombstone was of is not looked up: it may have been.
        kind == self.resource_type && resource.is_none_or(|resource| has_code(resource, code))
    }
}

impl fmt::Display for HeldKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.code {
            Some(code) => write!(f, "{}={code}", self.resource_type),
            None => write!(f, "{}", self.resource_type),
        }
    }
}

fn has_code(resource: Value<'_>, wanted: &str) -> bool {
    let (system, code) = wanted.rsplit_once('|').map_or((None, wanted), |(system, code)| (Some(system), code));
    let concepts = ["type", "category", "code"].into_iter().filter_map(|member| resource.get(member)).flat_map(|value| value.each());
    let mut codings = concepts.filter_map(|concept| concept.get("coding")).flat_map(|all| all.each());
    let is_coded = codings.any(|coding| coding.string("code").as_deref() == Some(code) && system.is_none_or(|system| coding.string("system").as_deref() == Some(system)));
    is_coded || resource.string("questionnaire").is_some_and(|form| form == wanted || form.split('|').next() == Some(wanted))
}

/// What may not be erased.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hold {
    /// The record and the id of the person's Patient; none for everybody.
    pub person: Option<(RecordId, String)>,
    /// Which documents; none for the record as a whole.
    pub kind: Option<HeldKind>,
    /// Since when.
    pub at: Moment,
    /// The last day; none until it is released.
    pub until: Option<Day>,
    /// The login of who asked for it.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// What to hold, or to hold no longer.
#[derive(Clone, Debug, Default)]
pub struct HoldOf<'h> {
    /// The id of the person's Patient; none for everybody.
    pub patient: Option<&'h str>,
    /// Which documents; none for the record as a whole.
    pub kind: Option<HeldKind>,
    /// The last day.
    pub until: Option<Day>,
}

/// A hold as the page of a record tells it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeldLine {
    /// Which documents; none for the record as a whole.
    pub kind: Option<HeldKind>,
    /// The last day.
    pub until: Option<Day>,
    /// The login of who asked for it.
    pub by: String,
    /// Why.
    pub reason: String,
}

impl Hold {
    /// Its last day has passed.
    pub fn is_over(&self, today: Day) -> bool {
        self.until.is_some_and(|until| until < today)
    }

    fn is_of(&self, record: Option<RecordId>, kind: &Option<HeldKind>) -> bool {
        self.person.as_ref().map(|(own, _)| *own) == record && self.kind == *kind
    }

    fn written(&self) -> String {
        let (record, patient) = self.person.as_ref().map_or(("-".to_owned(), "-"), |(record, patient)| (told(*record), patient.as_str()));
        let Hold { at, by, reason, .. } = self;
        if let (Some(_), None, None) = (&self.person, &self.kind, self.until) {
            return format!("{record}\t{patient}\t{at}\t{by}\t{reason}\n");
        }
        let kind = self.kind.as_ref().map_or_else(|| "-".to_owned(), HeldKind::to_string);
        let until = self.until.map_or_else(|| "-".to_owned(), day);
        format!("{FIRST_WORD}\t{record}\t{patient}\t{kind}\t{until}\t{at}\t{by}\t{reason}\n")
    }

    fn read(line: &str) -> Option<Hold> {
        let said = |text: &str| (text != "-").then(|| text.to_owned());
        let record = |text: &str| u64::from_str_radix(text, 16).ok().map(RecordId);
        if let Some(rest) = line.strip_prefix(FIRST_WORD).and_then(|rest| rest.strip_prefix('\t')) {
            let parts: Vec<&str> = rest.splitn(7, '\t').collect();
            let [number, patient, kind, until, at, by, reason] = parts[..] else { return None };
            let person = match said(number) {
                Some(number) => Some((record(&number)?, patient.to_owned())),
                None => None,
            };
            let kind = match said(kind) {
                Some(kind) => Some(HeldKind::parse(&kind)?),
                None => None,
            };
            let until = match said(until) {
                Some(until) => Some(day_of(&until)?),
                None => None,
            };
            return Some(Hold { person, kind, until, at: Moment::parse(at)?, by: by.to_owned(), reason: reason.to_owned() });
        }
        let parts: Vec<&str> = line.splitn(5, '\t').collect();
        let [number, patient, at, by, reason] = parts[..] else { return None };
        Some(Hold { person: Some((record(number)?, patient.to_owned())), kind: None, until: None, at: Moment::parse(at)?, by: by.to_owned(), reason: reason.to_owned() })
    }
}

/// A day as it is typed and kept: `2027-01-31`.
fn day((year, month, day): Day) -> String {
    format!("{year:04}-{month:02}-{day:02}")
}

/// The day of a text; none where it is no day.
pub fn day_of(text: &str) -> Option<Day> {
    let date = fhir::PartialDateTime::parse(text)?;
    (date.precision == fhir::date::Precision::Day).then_some((date.year, date.month, date.day))
}

impl Chart {
    /// All holds, the oldest first, those that are over among them.
    pub fn holds(&self, caller: &Caller) -> Result<Vec<Hold>> {
        self.may_maintain(caller)?;
        Ok(self.read_holds()?.1)
    }

    /// Keeps a person's record from being erased, until it is released.
    pub async fn add_hold(&self, caller: &Caller, patient_id: &str, why: &str) -> Result<()> {
        self.hold(caller, &HoldOf { patient: Some(patient_id), ..HoldOf::default() }, why).await
    }

    /// Lets a person's record be erased again.
    pub async fn release_hold(&self, caller: &Caller, patient_id: &str, why: &str) -> Result<()> {
        self.release(caller, &HoldOf { patient: Some(patient_id), ..HoldOf::default() }, why).await
    }

    /// Keeps a record, or documents of a kind, from being erased.
    ///
    /// # Errors
    /// Nobody may but the console; the same is held already; the last day has passed; a hold of everybody names no kind.
    pub async fn hold(&self, caller: &Caller, of: &HoldOf<'_>, why: &str) -> Result<()> {
        self.may_maintain(caller)?;
        let (person, why) = (self.held_person(caller, of)?, reason(why)?);
        if of.patient.is_none() && of.kind.is_none() {
            return Err(wrong("A hold is of a person, of a kind of document, or of both."));
        }
        if of.until.is_some_and(|until| until < self.today()) {
            return Err(wrong("The last day of a hold is not in the past."));
        }
        // Nobody erases it in between; and what was erased while this waited is not here any more.
        let _gate = self.holds_gate().await;
        let person = if person.is_some() { self.held_person(caller, of)? } else { None };
        let (note, mut holds) = self.read_holds()?;
        let record = person.as_ref().map(|(record, _)| *record);
        let today = self.today();
        if holds.iter().any(|hold| hold.is_of(record, &of.kind) && !hold.is_over(today)) {
            return Err(Error::Conflict("the record is held already; `carnet hold list` says by whom and why"));
        }
        if holds.len() >= MOST {
            return Err(wrong("There are a thousand holds; release those that are over first."));
        }
        // A new one takes the place of one that is over.
        holds.retain(|hold| !hold.is_of(record, &of.kind));
        let by = caller.account.login.clone();
        let hold = Hold { person, kind: of.kind.clone(), until: of.until, at: self.now(), by, reason: why.to_owned() };
        let about = about(&hold);
        holds.push(hold);
        self.keep_holds(note, &holds, &caller.account, SiteAct::Hold, &about, why)
    }

    /// Lets a record, or documents of a kind, be erased again.
    ///
    /// # Errors
    /// Nobody may but the console; there is no such hold.
    pub async fn release(&self, caller: &Caller, of: &HoldOf<'_>, why: &str) -> Result<()> {
        self.may_maintain(caller)?;
        let (person, why) = (self.held_person(caller, of)?, reason(why)?);
        let _gate = self.holds_gate().await;
        let (note, mut holds) = self.read_holds()?;
        let record = person.as_ref().map(|(record, _)| *record);
        let Some(place) = holds.iter().position(|hold| hold.is_of(record, &of.kind)) else {
            return Err(Error::Conflict("the record is not held"));
        };
        let released = holds.remove(place);
        self.keep_holds(note, &holds, &caller.account, SiteAct::Release, &about(&released), why)
    }

    /// Whether something of the kind of a hold was found (of answers to a form of everybody: that form), so that whoever
    /// asks for it is told where it holds nothing yet; none where that would be looked for in every record.
    ///
    /// # Errors
    /// Nobody may ask but the console; there is no such person.
    pub fn finds_held(&self, caller: &Caller, of: &HoldOf<'_>) -> Result<Option<bool>> {
        self.may_maintain(caller)?;
        let Some(kind) = &of.kind else { return Ok(Some(true)) };
        let Some((record, _)) = self.held_person(caller, of)? else { return self.finds_anywhere(caller, kind) };
        let mut is_there = false;
        for record in self.records_of_person(record)? {
            let permitted = self.permit(caller, Act::Maintain, record)?;
            self.store().scan_record(&permitted, Tick::END, &mut |entry| {
                let document = (entry.method != Method::Delete).then(|| Document::read(entry.text).ok()).flatten();
                is_there |= kind.is_of(entry.kind, document.as_ref().map(Document::root));
                if is_there { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })?;
        }
        Ok(Some(is_there))
    }

    fn finds_anywhere(&self, caller: &Caller, kind: &HeldKind) -> Result<Option<bool>> {
        // These part a query, and no code has them.
        let Some(code) = kind.code.as_deref().filter(|code| !code.contains(['&', '%', '#'])) else { return Ok(None) };
        if kind.resource_type.name() == "QuestionnaireResponse" {
            // Of a form that is not here nobody has written an answer here.
            let form = code.split('|').next().unwrap_or_default();
            return Ok(Some(self.canonical("Questionnaire", form).is_some()));
        }
        let value = match code.rsplit_once('|') {
            Some((system, code)) => format!("{}|{}", search_value(system), search_value(code)),
            None => search_value(code),
        };
        let (mut is_asked, mut is_open) = (false, false);
        for name in ["type", "category", "code"] {
            if self.query_context().parameter(kind.resource_type, name).is_none() {
                continue;
            }
            match self.find_by_condition(caller, kind.resource_type, &format!("{name}={value}"), 1) {
                Ok(found) if found.is_empty() => is_asked = true,
                Ok(_) => return Ok(Some(true)),
                Err(Error::TooCostly(_) | Error::Malformed(_)) => is_open = true,
                Err(cause) => return Err(cause),
            }
        }
        Ok((is_asked && !is_open).then_some(false))
    }

    fn held_person(&self, caller: &Caller, of: &HoldOf<'_>) -> Result<Option<(RecordId, String)>> {
        let of_patient = |patient: &str| Ok((self.record_as_a_whole(caller, patient)?, patient.to_owned()));
        of.patient.map(of_patient).transpose()
    }

    /// Keeps holds as they are while a record is erased. Taken before any record.
    pub(crate) async fn holds_gate(&self) -> Held {
        self.inner.locks.conditions([GATE]).await
    }

    /// The hold that keeps a record, or one that was merged with it, from being erased: of all, or of those that were placed
    /// at a moment or later.
    pub(crate) fn held_by(&self, caller: &Caller, record: RecordId, since: Option<Moment>) -> Result<Option<Hold>> {
        let today = self.today();
        let mut holds = self.read_holds()?.1;
        holds.retain(|hold| !hold.is_over(today) && since.is_none_or(|since| hold.at >= since));
        if holds.is_empty() {
            return Ok(None);
        }
        let mut of_kinds = Vec::new();
        let records = self.records_of_person(record)?;
        for hold in holds {
            if hold.person.as_ref().is_some_and(|(own, _)| !records.contains(own)) {
                continue;
            }
            match hold.kind {
                None => return Ok(Some(hold)),
                Some(_) => of_kinds.push(hold),
            }
        }
        if of_kinds.is_empty() {
            return Ok(None);
        }
        let permitted = self.permit(caller, Act::Maintain, record)?;
        let held = |entry: &EntryRef<'_>| {
            let document = (entry.method != Method::Delete).then(|| Document::read(entry.text).ok()).flatten();
            let root = document.as_ref().map(Document::root);
            of_kinds.iter().position(|hold| hold.kind.as_ref().is_some_and(|kind| kind.is_of(entry.kind, root)))
        };
        let (mut found, mut changed) = (None, Vec::new());
        self.store().scan_record(&permitted, Tick::END, &mut |entry| {
            found = held(&entry);
            if entry.version > 1 && of_kinds.iter().any(|hold| hold.kind.as_ref().is_some_and(|kind| kind.resource_type == entry.kind)) {
                changed.push((entry.kind, Location { record, entry: entry.entry }));
            }
            if found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        for (kind, at) in changed {
            if found.is_some() {
                break;
            }
            self.store().versions(&permitted, kind, at, &mut |entry| {
                found = held(&entry);
                if found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })?;
        }
        Ok(found.map(|place| of_kinds.swap_remove(place)))
    }

    /// What of a record is held, for its page: holds of the record, of its documents, and of documents of everybody that
    /// it has some of. `has` says whether it has one of a kind.
    pub(crate) fn holds_of(&self, records: &[RecordId], has: &dyn Fn(&HeldKind) -> bool) -> Result<Vec<HeldLine>> {
        let today = self.today();
        let is_meant = |hold: &Hold| !hold.is_over(today) && hold.person.as_ref().is_none_or(|(own, _)| records.contains(own)) && hold.kind.as_ref().is_none_or(has);
        Ok(self.read_holds()?.1.into_iter().filter(is_meant).map(|Hold { kind, until, by, reason, .. }| HeldLine { kind, until, by, reason }).collect())
    }

    /// The record of a person, for an act on it as a whole.
    pub(crate) fn record_as_a_whole(&self, caller: &Caller, patient_id: &str) -> Result<RecordId> {
        self.may_maintain(caller)?;
        let (at, permitted) = self.find(caller, Act::Maintain, ResourceType::PATIENT, patient_id)?;
        if Class::of(at.record) != Class::Person {
            return Err(Error::NotFound);
        }
        Ok(permitted.record())
    }

    fn read_holds(&self) -> Result<(Option<Vec<u8>>, Vec<Hold>)> {
        let note = self.store().note(NOTE)?;
        let text = std::str::from_utf8(note.as_deref().unwrap_or_default()).map_err(|_| damaged())?;
        let holds = text.lines().map(|line| Hold::read(line).ok_or_else(damaged)).collect::<std::result::Result<_, _>>()?;
        Ok((note, holds))
    }

    /// With the entry in the journal, all or nothing: no hold goes without a word of who released it.
    fn keep_holds(&self, before: Option<Vec<u8>>, holds: &[Hold], by: &Account, act: SiteAct, about: &str, why: &str) -> Result<()> {
        let text: String = holds.iter().map(Hold::written).collect();
        self.note_act_with(by, act, about, why, &[NoteChange { name: NOTE, before: before.as_deref(), now: text.as_bytes() }])?;
        Ok(())
    }

    /// How many holds the journal tells of that are not kept, though nobody released them.
    pub(crate) fn lost_holds(&self) -> Result<usize> {
        let mut told_of = BTreeSet::new();
        for entry in self.site_journal()? {
            match entry.act {
                SiteAct::Hold => {
                    told_of.insert(entry.about);
                }
                SiteAct::Release => {
                    told_of.remove(&entry.about);
                }
                _ => {}
            }
        }
        let kept: BTreeSet<String> = self.read_holds()?.1.iter().map(about).collect();
        Ok(told_of.difference(&kept).count())
    }
}

/// What a hold is of, as the journal tells it: no person by name.
fn about(hold: &Hold) -> String {
    let record = hold.person.as_ref().map_or_else(|| "everybody".to_owned(), |(record, _)| told(*record));
    match &hold.kind {
        Some(kind) => format!("{record} {kind}"),
        None => record,
    }
}

fn wrong(message: &str) -> Error {
    Error::Refused(vec![Issue::error(IssueCode::BusinessRule, "", message)])
}

/// What an erasure of a held record is refused with.
pub(crate) fn refusal(hold: &Hold) -> Error {
    let what = match &hold.kind {
        None => "The record is under a legal hold".to_owned(),
        Some(kind) => format!("The record has documents ({kind}) that are under a legal hold"),
    };
    let until = hold.until.map_or_else(String::new, |until| format!(" until {}", day(until)));
    let message = format!("{what}{until} and may not be erased; `carnet hold list` says by whom and why, `carnet hold release` ends it.");
    Error::Refused(vec![Issue::error(IssueCode::BusinessRule, "", message)])
}

/// A record as its number.
pub(crate) fn told(record: RecordId) -> String {
    format!("{:016x}", record.0)
}

fn damaged() -> store::Error {
    store::Error::Damaged("the legal holds could not be read")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hold_is_read_back_as_it_was_written() {
        let person = Some((RecordId(0x0123), "ana".to_owned()));
        for (person, kind, until) in [
            (person.clone(), None, None),
            (person.clone(), None, Some((2027, 1, 31))),
            (person, HeldKind::parse("DocumentReference=http://loinc.org|18842-5"), None),
            (None, HeldKind::parse("QuestionnaireResponse=https://carnet.health/fhir/Questionnaire/mx-nota-egreso"), Some((2030, 12, 31))),
        ] {
            let hold = Hold { person, kind, until, at: Moment(1_770_000_000_000), by: "console".to_owned(), reason: "court 3, file\u{a0}12".to_owned() };
            assert_eq!(Hold::read(hold.written().trim_end_matches('\n')), Some(hold));
        }
        // As version 0.1.0 wrote it.
        assert!(Hold::read("0000000000000123\tana\t2026-02-02T02:40:00.000Z\tconsole\tcourt 3").is_some_and(|hold| hold.kind.is_none() && hold.until.is_none()));
        for line in ["", "of\t-\t-", "of\tzz\tana\t-\t-\t2026-02-02T02:40:00Z\tc\tr", "of\t-\t-\tPatient\t-\t2026-02-02T02:40:00Z\tc\tr"] {
            assert_eq!(Hold::read(line), None, "{line}");
        }
    }

    #[test]
    fn a_kind_is_a_type_with_or_without_a_code() {
        assert_eq!(HeldKind::parse("Composition=11488-4").unwrap().to_string(), "Composition=11488-4");
        for text in ["", "Patient", "Document", "Composition=", "Composition=a b", "Composition=a\tb"] {
            assert_eq!(HeldKind::parse(text), None, "{text:?}");
        }
        let kind = |text: &str| HeldKind::parse(text).unwrap();
        let document = Document::read(r#"{"resourceType":"DocumentReference","type":{"coding":[{"system":"http://loinc.org","code":"18842-5"}]}}"#).unwrap();
        let (of, root) = (ResourceType::named("DocumentReference").unwrap(), document.root());
        for (text, is_it) in [("DocumentReference", true), ("DocumentReference=18842-5", true), ("DocumentReference=http://loinc.org|18842-5", true), ("DocumentReference=urn:x|18842-5", false), ("DocumentReference=1", false), ("Composition", false)] {
            assert_eq!(kind(text).is_of(of, Some(root)), is_it, "{text}");
        }
        assert!(kind("DocumentReference=1").is_of(of, None), "what was deleted may have been of that kind");
        let form = Document::read(r#"{"resourceType":"QuestionnaireResponse","questionnaire":"https://here.example/q|1.0"}"#).unwrap();
        assert!(kind("QuestionnaireResponse=https://here.example/q").is_of(ResourceType::named("QuestionnaireResponse").unwrap(), Some(form.root())));
    }
}
