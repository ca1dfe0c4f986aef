//! What one person asks for and another must agree to: the erasure of a person, and an export of the whole site.
//!
//! * The rule holds from the moment on at which a site has a privacy officer, whatever became of that
//!   account since ([`Chart::needs_agreement`]).
//! * Nobody agrees to what they asked for themselves. A request, its answer and the act are entries of the
//!   journal of the site, each one write with what it changes.
//! * Who was asked and did not answer in time has not agreed.
//! * All requests are lines of one sealed note. What was used or declined is in the journal only.
//!
//! OWASP ASVS 5.0, 2.3.5.

use access::{Account, Caller, Role, may_agree, may_erase};
use fhir::{Issue, IssueCode, Moment, RecordId};
use store::NoteChange;

use crate::acts::{SiteAct, reason};
use crate::bulk::BulkLevel;
use crate::door::Chart;
use crate::error::{Error, Result};
use crate::holds::told;

/// How long a request waits, and how long an agreement may be used that is good for one act.
pub const WAITS_MS: i64 = 72 * 3_600_000;
/// How long exports may be begun that were agreed to beforehand.
pub const STANDING_MS: i64 = 30 * fhir::date::DAY_MS;
/// Requests at one time.
const MOST: usize = 100;
const NOTE: &str = "agreements";

/// What is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Matter {
    /// That a record is erased.
    Erasure {
        /// Which.
        record: RecordId,
        /// The id of its Patient.
        patient: String,
    },
    /// That the whole site is taken elsewhere by the command line.
    Export,
    /// That a connected system takes the whole site, or the records of all persons.
    BulkExport {
        /// Only what lies in the records of persons.
        patients: bool,
    },
}

/// A request, and what became of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Agreement {
    /// Names it; for the export of a system it is that of its job.
    pub id: String,
    /// What is asked for.
    pub matter: Matter,
    /// The number of the account that asks.
    pub by: u64,
    /// Its login.
    pub login: String,
    /// When it was asked.
    pub at: Moment,
    /// Why; empty where a system did not say.
    pub reason: String,
    /// Who agreed, until when it holds, and whether it holds for all exports of the account until then.
    pub agreed: Option<Agreed>,
}

/// That somebody agreed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Agreed {
    /// The login of who did.
    pub by: String,
    /// When.
    pub at: Moment,
    /// For all exports of the account until the end.
    pub standing: bool,
}

impl Agreement {
    /// Until when it waits for an answer, or may be used.
    pub fn until(&self) -> Moment {
        match &self.agreed {
            None => Moment(self.at.0 + WAITS_MS),
            Some(agreed) => Moment(agreed.at.0 + if agreed.standing { STANDING_MS } else { WAITS_MS }),
        }
    }

    fn is_over(&self, now: Moment) -> bool {
        self.until() <= now
    }

    /// What it is about, as the journal tells it: no person by name.
    fn about(&self) -> String {
        match &self.matter {
            Matter::Erasure { record, .. } => format!("erasure {}", told(*record)),
            Matter::Export => "export".to_owned(),
            Matter::BulkExport { patients } => format!("bulk-export {}", if *patients { "patients" } else { "system" }),
        }
    }

    fn written(&self) -> String {
        let Agreement { id, matter, by, login, at, reason, agreed } = self;
        let matter = match matter {
            Matter::Erasure { record, patient } => format!("erasure\t{}\t{patient}", told(*record)),
            Matter::Export => "export\t\t".to_owned(),
            Matter::BulkExport { patients } => format!("bulk\t{}\t", if *patients { "patients" } else { "system" }),
        };
        let agreed = agreed.as_ref().map_or_else(String::new, |agreed| format!("\t{}\t{}\t{}", agreed.by, agreed.at.0, if agreed.standing { "standing" } else { "once" }));
        format!("{id}\t{matter}\t{by}\t{login}\t{}\t{reason}{agreed}\n", at.0)
    }

    fn read(line: &str) -> Option<Agreement> {
        let parts: Vec<&str> = line.split('\t').collect();
        let ([id, kind, about, patient, by, login, at, reason], rest) = parts.split_first_chunk::<8>()?;
        let matter = match (*kind, *about) {
            ("erasure", record) => Matter::Erasure { record: RecordId(u64::from_str_radix(record, 16).ok()?), patient: (*patient).to_owned() },
            ("export", "") => Matter::Export,
            ("bulk", "patients") => Matter::BulkExport { patients: true },
            ("bulk", "system") => Matter::BulkExport { patients: false },
            _ => return None,
        };
        let agreed = match rest {
            [] => None,
            [by, at, standing @ ("standing" | "once")] => Some(Agreed { by: (*by).to_owned(), at: Moment(at.parse().ok()?), standing: *standing == "standing" }),
            _ => return None,
        };
        Some(Agreement { id: (*id).to_owned(), matter, by: by.parse().ok()?, login: (*login).to_owned(), at: Moment(at.parse().ok()?), reason: (*reason).to_owned(), agreed })
    }
}

/// The note of all requests, read.
pub(crate) struct Book {
    note: Option<Vec<u8>>,
    all: Vec<Agreement>,
}

impl Book {
    fn bytes(&self) -> Vec<u8> {
        self.all.iter().map(Agreement::written).collect::<String>().into_bytes()
    }

    /// What it is to be from now on, where it is as it was read.
    pub(crate) fn change<'b>(&'b self, now: &'b [u8]) -> NoteChange<'b> {
        NoteChange { name: NOTE, before: self.note.as_deref(), now }
    }

    /// Nothing changes, and nothing may have changed: what was agreed to is taken back by nobody in between.
    pub(crate) fn unchanged(&self) -> NoteChange<'_> {
        self.change(self.note.as_deref().unwrap_or_default())
    }
}

impl Chart {
    /// Whether an erasure and an export of the whole site need a second person: where the site says
    /// so, and there is an account of a privacy officer, whether or not it may be used today.
    ///
    /// # Errors
    /// Where the accounts cannot be read.
    pub fn needs_agreement(&self) -> Result<bool> {
        Ok(self.settings().second_person && self.accounts()?.iter().any(|account| account.role == Role::PrivacyOfficer))
    }

    /// Asks that a person be erased; the id of the request.
    ///
    /// # Errors
    /// [`Error::Conflict`] where that waits already, [`Error::Refused`] without a reason.
    pub async fn ask_erasure(&self, caller: &Caller, patient_id: &str, why: &str) -> Result<String> {
        if !may_erase(caller) {
            return Err(Error::Forbidden);
        }
        let record = self.record_as_a_whole(caller, patient_id)?;
        self.ask(&caller.account, None, Matter::Erasure { record, patient: patient_id.to_owned() }, reason(why)?)
    }

    /// Asks that the whole site may be exported by the command line; the id of the request.
    ///
    /// # Errors
    /// As [`Chart::ask_erasure`].
    pub fn ask_export(&self, caller: &Caller, why: &str) -> Result<String> {
        if caller.account.role != Role::Console {
            return Err(Error::Forbidden);
        }
        self.ask(&caller.account, None, Matter::Export, reason(why)?)
    }

    /// Asks for the job of a connected system.
    pub(crate) fn ask_bulk(&self, caller: &Caller, job: &str, level: &BulkLevel, why: &str) -> Result<()> {
        let why = if why.is_empty() { why } else { reason(why)? };
        self.ask(&caller.account, Some(job), Matter::BulkExport { patients: *level == BulkLevel::Patients }, why).map(|_| ())
    }

    fn ask(&self, by: &Account, id: Option<&str>, matter: Matter, why: &str) -> Result<String> {
        let mut book = self.book_of_agreements()?;
        // A system may have several jobs that wait; what the command line asks for is asked once.
        if id.is_none() && book.all.iter().any(|one| one.matter == matter) {
            return Err(Error::Conflict("that is asked for already; `carnet agreement list` tells how it stands"));
        }
        if book.all.len() >= MOST {
            return Err(Error::Conflict("too many requests wait for an agreement"));
        }
        let id = id.map_or_else(|| self.new_job_id()[..12].to_owned(), str::to_owned);
        let asked = Agreement { id: id.clone(), matter, by: by.number, login: by.login.clone(), at: self.now(), reason: why.to_owned(), agreed: None };
        let about = asked.about();
        book.all.push(asked);
        let now = book.bytes();
        self.note_act_with(by, SiteAct::Ask, &about, why, &[book.change(&now)])?;
        Ok(id)
    }

    /// What waits for an answer or was agreed to and not used, the oldest first.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for who neither answers nor acts.
    pub fn agreements(&self, by: &Account) -> Result<Vec<Agreement>> {
        if !matches!(by.role, Role::PrivacyOfficer | Role::Console) {
            return Err(Error::Forbidden);
        }
        Ok(self.book_of_agreements()?.all)
    }

    /// Agrees to a request. With `standing`, to every export of that account for thirty days.
    ///
    /// # Errors
    /// [`Error::NotFound`] where nothing waits under that name, [`Error::Forbidden`] for who asked
    /// themselves or watches over nothing, [`Error::Refused`] where an erasure is to be agreed to beforehand.
    pub async fn agree(&self, by: &Account, id: &str, standing: bool) -> Result<()> {
        let (mut book, place) = self.waiting_agreement(by, id)?;
        let asked = &mut book.all[place];
        if standing && matches!(asked.matter, Matter::Erasure { .. }) {
            return Err(Error::Refused(vec![Issue::error(IssueCode::BusinessRule, "", "Each erasure is agreed to by itself.")]));
        }
        asked.agreed = Some(Agreed { by: by.login.clone(), at: self.now(), standing });
        let (about, detail) = (asked.about(), format!("asked by {}{}", asked.login, if standing { ", for 30 days" } else { "" }));
        let is_job = matches!(asked.matter, Matter::BulkExport { .. });
        // A job that is agreed to has begun: there is nothing left that could be used again.
        let job = if is_job { self.released_job(id).await? } else { None };
        if is_job && !standing {
            book.all.remove(place);
        }
        let now = book.bytes();
        let mut changes = vec![book.change(&now)];
        changes.extend(job.as_ref().map(|(name, before, now)| NoteChange { name, before: Some(before), now }));
        self.note_act_with(by, SiteAct::Agree, &about, &detail, &changes)?;
        if job.is_some() {
            self.go_on_with_job(id);
        }
        Ok(())
    }

    /// Declines a request, and says why.
    ///
    /// # Errors
    /// As [`Chart::agree`], and [`Error::Refused`] without a reason.
    pub fn decline(&self, by: &Account, id: &str, why: &str) -> Result<()> {
        let why = reason(why)?;
        let (mut book, place) = self.waiting_agreement(by, id)?;
        let asked = book.all.remove(place);
        let now = book.bytes();
        let job = if matches!(asked.matter, Matter::BulkExport { .. }) { self.declined_job(id)? } else { None };
        let mut changes = vec![book.change(&now)];
        changes.extend(job.as_ref().map(|(name, before, now)| NoteChange { name, before: Some(before), now }));
        self.note_act_with(by, SiteAct::Decline, &asked.about(), why, &changes)?;
        Ok(())
    }

    /// Takes a request back, or an agreement that was not used: who asked may, and who agrees.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is none of theirs under that name.
    pub fn withdraw(&self, by: &Account, id: &str) -> Result<()> {
        let mut book = self.book_of_agreements()?;
        let place = book.all.iter().position(|one| one.id == id && (one.by == by.number || (may_agree(by, one.by) && one.agreed.is_some()))).ok_or(Error::NotFound)?;
        let asked = book.all.remove(place);
        let now = book.bytes();
        self.note_act_with(by, SiteAct::Withdraw, &asked.about(), "", &[book.change(&now)])?;
        Ok(())
    }

    /// What a privacy officer has to answer.
    pub(crate) fn agreements_waiting(&self, by: &Account) -> Result<Vec<Agreement>> {
        Ok(self.book_of_agreements()?.all.into_iter().filter(|one| one.agreed.is_none() && may_agree(by, one.by)).collect())
    }

    /// Who agreed that a record be erased, and the book that says so; none where nobody has to.
    ///
    /// # Errors
    /// [`Error::Refused`] where somebody has to, and nobody did.
    pub(crate) fn agreed_erasure(&self, record: RecordId) -> Result<Option<(Agreed, Book)>> {
        if !self.needs_agreement()? {
            return Ok(None);
        }
        let book = self.book_of_agreements()?;
        let asked = book.all.iter().find(|one| matches!(one.matter, Matter::Erasure { record: of, .. } if of == record));
        match asked.map(|one| one.agreed.clone()) {
            Some(Some(agreed)) => Ok(Some((agreed, book))),
            Some(None) => Err(unanswered("The erasure waits for a second person: a privacy officer agrees at /agreements, or with `carnet agreement agree`.")),
            None => Err(unanswered("An erasure takes two: ask with `carnet agreement ask erasure`; when a privacy officer has agreed, give this command again.")),
        }
    }

    /// The book as it is, and its bytes without what was asked and agreed to about the erasure of a record.
    pub(crate) fn without_erasure(&self, record: RecordId) -> Result<(Book, Vec<u8>)> {
        let mut book = self.book_of_agreements()?;
        book.all.retain(|one| !matches!(one.matter, Matter::Erasure { record: of, .. } if of == record));
        let now = book.bytes();
        Ok((book, now))
    }

    /// Takes what was agreed to for an export of the whole site by the command line, and writes into the journal that it begins.
    pub(crate) fn use_agreed_export(&self, by: &Account) -> Result<()> {
        if !self.needs_agreement()? {
            return Ok(());
        }
        let mut book = self.book_of_agreements()?;
        let place = book.all.iter().position(|one| one.matter == Matter::Export && one.by == by.number);
        let place = place.ok_or_else(|| unanswered("An export of the whole site takes two: ask with `carnet agreement ask export`; when a privacy officer has agreed, give this command again."))?;
        let Some(agreed) = book.all[place].agreed.clone() else {
            return Err(unanswered("The export waits for a second person: a privacy officer agrees at /agreements, or with `carnet agreement agree`."));
        };
        if !agreed.standing {
            book.all.remove(place);
        }
        let now = book.bytes();
        self.note_act_with(by, SiteAct::Export, "export", &format!("agreed by {}", agreed.by), &[book.change(&now)])?;
        Ok(())
    }

    /// Whether an account may begin exports of the whole site without being asked again; it is written into the journal that it does.
    pub(crate) fn use_standing_export(&self, by: &Account, level: &BulkLevel) -> Result<bool> {
        let wanted = Matter::BulkExport { patients: *level == BulkLevel::Patients };
        let book = self.book_of_agreements()?;
        // Who may take everything may take the records of persons.
        let fits = |one: &Agreement| one.by == by.number && (one.matter == wanted || one.matter == Matter::BulkExport { patients: false });
        let Some(agreed) = book.all.iter().filter(|one| fits(one)).find_map(|one| one.agreed.as_ref().filter(|agreed| agreed.standing)) else { return Ok(false) };
        self.note_act_with(by, SiteAct::Export, "bulk-export", &format!("agreed by {}", agreed.by), &[book.unchanged()])?;
        Ok(true)
    }

    /// Takes off what was asked about a record that is not here any more.
    pub(crate) fn forget_agreements(&self, is_here: &dyn Fn(&str) -> Result<bool>) -> Result<()> {
        loop {
            let mut book = self.book_of_agreements()?;
            let mut kept = Vec::with_capacity(book.all.len());
            for one in std::mem::take(&mut book.all) {
                if !matches!(&one.matter, Matter::Erasure { patient, .. } if !is_here(patient)?) {
                    kept.push(one);
                }
            }
            book.all = kept;
            let now = book.bytes();
            if book.note.as_deref().unwrap_or_default() == now || self.store().keep_notes(&[book.change(&now)])? {
                return Ok(());
            }
        }
    }

    /// A request that waits and that this account may answer.
    fn waiting_agreement(&self, by: &Account, id: &str) -> Result<(Book, usize)> {
        if by.role != Role::PrivacyOfficer {
            return Err(Error::Forbidden);
        }
        let book = self.book_of_agreements()?;
        let place = book.all.iter().position(|one| one.id == id && one.agreed.is_none()).ok_or(Error::NotFound)?;
        if !may_agree(by, book.all[place].by) {
            return Err(Error::Forbidden);
        }
        Ok((book, place))
    }

    /// All that is not over; what is over is left out at the next change.
    fn book_of_agreements(&self) -> Result<Book> {
        let note = self.store().note(NOTE)?;
        let damaged = || store::Error::Damaged("what waits for a second person could not be read");
        let text = std::str::from_utf8(note.as_deref().unwrap_or_default()).map_err(|_| damaged())?;
        let mut all = text.lines().map(|line| Agreement::read(line).ok_or_else(damaged)).collect::<std::result::Result<Vec<_>, _>>()?;
        let now = self.now();
        all.retain(|one| !one.is_over(now));
        Ok(Book { all, note })
    }
}

fn unanswered(message: &str) -> Error {
    Error::Refused(vec![Issue::error(IssueCode::BusinessRule, "", message)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_as_it_was_written() {
        let matters = [Matter::Erasure { record: RecordId(0xabc), patient: "p-1".into() }, Matter::Export, Matter::BulkExport { patients: true }, Matter::BulkExport { patients: false }];
        for matter in matters {
            for agreed in [None, Some(false), Some(true)] {
                let agreed = agreed.map(|standing| Agreed { by: "vera".into(), at: Moment(7), standing });
                let asked = Agreement { id: "a1".into(), matter: matter.clone(), by: 3, login: "lab".into(), at: Moment(5), reason: "case 7".into(), agreed };
                assert_eq!(Agreement::read(asked.written().trim_end_matches('\n')), Some(asked));
            }
        }
        for wrong in ["", "a", "a\tflight\t\t\t1\tx\t1\twhy", "a\texport\t\t\t1\tx\t1\twhy\tvera", "a\texport\t\t\t1\tx\t1\twhy\tvera\t1\tever", "a\terasure\tzz\tp\t1\tx\t1\twhy"] {
            assert_eq!(Agreement::read(wrong), None, "{wrong}");
        }
    }
}
