//! What the pages ask of the record's door.
//!
//! The pages need a few of its acts; naming them here lets a page be shown over samples.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;

use access::{Account, Caller, Disclosure};
use chart::{BrokenGlass, ChildRecord, Page, PersonHit, PersonRecord, Result, Stored};
use fhir::{Moment, ResourceType};

/// That somebody opened a record.
#[derive(Clone, Debug)]
pub struct Opened {
    /// Its place in the log.
    pub index: u64,
    /// When.
    pub at: Moment,
    /// Who; none where the account is not known any more.
    pub account: Option<Account>,
    /// HL7's code of the purpose.
    pub purpose: String,
    /// What was done.
    pub how: Disclosure,
}

/// An answer that is on its way.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// The acts of the door that pages use.
pub trait Door: Send + Sync + 'static {
    /// Now.
    fn now(&self) -> Moment;
    /// The door itself, where it keeps sign-ins.
    fn gate(&self) -> &chart::Chart;
    /// Persons that answer a text.
    fn find_persons<'a>(&'a self, caller: &'a Caller, text: &'a str, limit: usize) -> Answer<'a, Vec<PersonHit>>;
    /// Everything of one person.
    fn person<'a>(&'a self, caller: &'a Caller, patient_id: &'a str) -> Answer<'a, PersonRecord>;
    /// Facilities whose name begins with what was typed.
    fn facilities<'a>(&'a self, caller: &'a Caller, text: &'a str, limit: usize) -> Answer<'a, Vec<Stored>>;
    /// One facility.
    fn facility<'a>(&'a self, caller: &'a Caller, id: &'a str) -> Answer<'a, Stored>;
    /// A page of the children of a facility, with what a schedule needs.
    fn children_of<'a>(&'a self, caller: &'a Caller, facility: &'a str, born_since: &'a str, size: usize, cursor: Option<&'a str>) -> Answer<'a, Page<ChildRecord>>;
    /// A page of the persons of a facility of whom no birth date is known.
    fn undated_of<'a>(&'a self, caller: &'a Caller, facility: &'a str, size: usize, cursor: Option<&'a str>) -> Answer<'a, Page<ChildRecord>>;
    /// What a code is called in a language, where a text calls it so in another one; none where
    /// nobody knows, or where the text is in that language already.
    fn called(&self, system: &str, code: &str, text: &str, language: &str) -> Option<String>;
    /// Who opened a person's record, the newest first, from before a place in the log.
    fn openings<'a>(&'a self, caller: &'a Caller, patient_id: &'a str, before: Option<u64>, limit: usize) -> Answer<'a, Vec<Opened>>;
    /// Keeps a question about an opening.
    fn question<'a>(&'a self, caller: &'a Caller, patient_id: &'a str, opening: u64, text: &'a str) -> Answer<'a, ()>;
    /// Who broke the glass of a person, the newest first.
    fn glass_of(&self, caller: &Caller, patient_id: &str) -> Result<Vec<BrokenGlass>>;
    /// Answers a question.
    fn answer<'a>(&'a self, caller: &'a Caller, patient_id: &'a str, question_id: &'a str, text: &'a str) -> Answer<'a, ()>;
}

impl Door for chart::Chart {
    fn now(&self) -> Moment {
        chart::Chart::now(self)
    }

    fn gate(&self) -> &chart::Chart {
        self
    }

    fn find_persons<'a>(&'a self, caller: &'a Caller, text: &'a str, limit: usize) -> Answer<'a, Vec<PersonHit>> {
        Box::pin(chart::Chart::find_persons(self, caller, text, limit))
    }

    fn person<'a>(&'a self, caller: &'a Caller, patient_id: &'a str) -> Answer<'a, PersonRecord> {
        Box::pin(chart::Chart::person(self, caller, patient_id))
    }

    fn facilities<'a>(&'a self, caller: &'a Caller, text: &'a str, limit: usize) -> Answer<'a, Vec<Stored>> {
        Box::pin(self.find_facilities(caller, text, limit))
    }

    fn facility<'a>(&'a self, caller: &'a Caller, id: &'a str) -> Answer<'a, Stored> {
        Box::pin(async move {
            let kind = ResourceType::named("Organization").ok_or(chart::Error::NotFound)?;
            self.read(caller, kind, id).await
        })
    }

    fn children_of<'a>(&'a self, caller: &'a Caller, facility: &'a str, born_since: &'a str, size: usize, cursor: Option<&'a str>) -> Answer<'a, Page<ChildRecord>> {
        Box::pin(chart::Chart::children_of(self, caller, facility, born_since, size, cursor))
    }

    fn undated_of<'a>(&'a self, caller: &'a Caller, facility: &'a str, size: usize, cursor: Option<&'a str>) -> Answer<'a, Page<ChildRecord>> {
        Box::pin(chart::Chart::undated_of(self, caller, facility, size, cursor))
    }

    fn called(&self, system: &str, code: &str, text: &str, language: &str) -> Option<String> {
        self.knowledge().called(system, code, text, language)
    }

    fn openings<'a>(&'a self, caller: &'a Caller, patient_id: &'a str, before: Option<u64>, limit: usize) -> Answer<'a, Vec<Opened>> {
        Box::pin(async move {
            let lines = self.openings_from(caller, patient_id, before, limit).await?;
            let mut known: HashMap<u64, Option<Account>> = HashMap::new();
            let mut opened = Vec::with_capacity(lines.len());
            for line in lines {
                if !known.contains_key(&line.account) {
                    known.insert(line.account, self.account_of(line.account)?);
                }
                opened.push(Opened { index: line.index, at: line.at.moment(), account: known[&line.account].clone(), purpose: line.purpose, how: line.how });
            }
            Ok(opened)
        })
    }

    fn question<'a>(&'a self, caller: &'a Caller, patient_id: &'a str, opening: u64, text: &'a str) -> Answer<'a, ()> {
        Box::pin(self.question_opening(caller, patient_id, opening, text))
    }

    fn glass_of(&self, caller: &Caller, patient_id: &str) -> Result<Vec<BrokenGlass>> {
        chart::Chart::glass_of(self, caller, patient_id)
    }

    fn answer<'a>(&'a self, caller: &'a Caller, patient_id: &'a str, question_id: &'a str, text: &'a str) -> Answer<'a, ()> {
        Box::pin(self.answer_question(caller, patient_id, question_id, text))
    }
}
