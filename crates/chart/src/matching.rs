//! Finding whoever may be the same person, among all the caller may see.
//!
//! * `mpi` says where to look and what is found there means; here it is looked up.
//! * A block of candidates that is too large is made narrower and never cut: what could not be
//!   looked at is told beside the answer.
//! * A description by which nobody could be found is told so: "nobody" is never said of somebody who was not looked for.
//! * Whoever is shown has been opened first; whoever was only compared and is not shown has not.

mod look_up;

use access::{Act, Caller, Deed, Disclosure, Permitted, is_at_work};
use fhir::{Document, Issue, IssueCode, ResourceType, Severity, Value};
pub use mpi::{Grade, Reason};
use mpi::{Person, Population, blocks, compare};
use store::{Method, Tick};

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::stored::Stored;
pub(crate) use look_up::Census;
use look_up::LookUp;
pub(crate) use look_up::traces_of;

/// Candidates compared at most; blocks that would go beyond are told.
const MOST_COMPARED: usize = 4_000;

/// How an answer is wanted.
#[derive(Clone, Copy, Debug)]
pub struct MatchWish {
    /// Only somebody about whom there is no doubt: nobody where two are beyond doubt.
    pub only_certain: bool,
    /// At most so many.
    pub count: usize,
}

/// Somebody who may be the one.
#[derive(Clone, Debug)]
pub struct Matched {
    /// The Patient.
    pub patient: Stored,
    /// The probability, from 0 to 1.
    pub score: f64,
    /// The grade.
    pub grade: Grade,
    /// Why, the heaviest first.
    pub reasons: Vec<Reason>,
}

/// The answer.
#[derive(Clone, Debug)]
pub struct Matches {
    /// The likeliest first.
    pub items: Vec<Matched>,
    /// What could not be looked at, and why nobody is named where several are certain.
    pub issues: Vec<Issue>,
}

/// Those who may be the one, each with the right that shows them, and what could not be looked at.
pub(crate) type Judged = (Vec<(Matched, Permitted)>, Vec<Issue>);

impl Chart {
    /// Who in the record may be the person that a Patient resource describes.
    pub async fn match_person(&self, caller: &Caller, patient: Value<'_>, wish: MatchWish) -> Result<Matches> {
        if !is_at_work(caller) {
            return Err(Error::Forbidden);
        }
        self.check_scope(caller, Deed::Search, ResourceType::PATIENT)?;
        // A birth date that cannot be read would be passed over, and somebody else found.
        let flaws = self.validate_resource(patient, &[]);
        if flaws.iter().any(Issue::is_error) {
            return Err(Error::Invalid(flaws));
        }
        let asked = Person::read(patient);
        if asked.says_nothing() {
            let message = "A person is matched by a name or an identifier; this Patient has neither.";
            return Err(Error::Refused(vec![Issue::error(IssueCode::Required, "Patient.name", message)]));
        }
        let tick = self.inner.times.settled().await;
        let (mut both, mut issues) = self.judged(caller, &asked, tick)?;
        if wish.only_certain {
            both.retain(|(one, _)| one.grade == Grade::Certain);
            if both.len() > 1 {
                both.clear();
                issues.push(told(IssueCode::MultipleMatches, "Several persons in the record are beyond doubt the one described; they are probably one person registered twice. Ask without onlyCertainMatches to see them."));
            }
        }
        both.truncate(wish.count);
        let (items, rights): (Vec<Matched>, Vec<Permitted>) = both.into_iter().unzip();
        self.disclose(Disclosure::Match, rights).await?;
        Ok(Matches { items, issues })
    }

    /// Everybody who may be the one, the likeliest first, and what could not be looked at.
    pub(crate) fn judged(&self, caller: &Caller, asked: &Person, tick: Tick) -> Result<Judged> {
        let set = self.permitted_set(caller, Act::Read)?;
        let mut look_up = LookUp::new(self, &set)?;
        let population = look_up.population(asked)?;
        let (candidates, too_large) = look_up.candidates(asked, MOST_COMPARED)?;
        let mut found: Vec<(Matched, Permitted)> = Vec::new();
        for location in candidates {
            let Some(permitted) = self.right(&set, location.record)? else { continue };
            self.store().as_of(&permitted, ResourceType::PATIENT, location, tick, &mut |entry| {
                // A posting may lead to an entry that is gone, or that bore the name once.
                let document = Document::read(entry.text).ok().filter(|_| entry.method != Method::Delete && entry.kind == ResourceType::PATIENT);
                let Some(document) = document else { return };
                let judged = compare(asked, &Person::read(document.root()), &population);
                if judged.grade >= Grade::Possible {
                    found.push((Matched { patient: Stored::from(entry), score: judged.score, grade: judged.grade, reasons: judged.reasons }, permitted.clone()));
                }
            })?;
        }
        found.sort_by(|(one, _), (other, _)| other.score.total_cmp(&one.score).then_with(|| one.patient.id.cmp(&other.patient.id)));
        let mut issues: Vec<Issue> = too_large.into_iter().map(too_many).collect();
        if found.is_empty() {
            issues.extend(says_too_little(asked, &population));
        }
        Ok((found, issues))
    }
}

/// Why nobody could have been named, whoever is there.
fn says_too_little(asked: &Person, population: &Population) -> Option<Issue> {
    if blocks(asked).is_empty() {
        let message = "Nobody was looked for: this description leads nowhere to look. Give a surname or a given name of two letters or more, a whole birth date with a name, an identifier, a telephone number or a street with its number.";
        return Some(told(IssueCode::Incomplete, message));
    }
    // Nobody is more like the one described than somebody of whom the same is known.
    let is_too_weak = compare(asked, asked, population).grade < Grade::Possible;
    let message = "Nobody can be named by this description: too many would answer it as well. Give a birth date, another part of the name or an identifier, too.";
    is_too_weak.then(|| told(IssueCode::Incomplete, message))
}

fn too_many(block: &str) -> Issue {
    told(IssueCode::Incomplete, format!("Not compared: whoever is found by {block} alone, because too many are. Give a birth date, an identifier or a rarer name to reach them."))
}

fn told(code: IssueCode, message: impl Into<String>) -> Issue {
    Issue { severity: Severity::Information, ..Issue::warning(code, "Patient", message) }
}
