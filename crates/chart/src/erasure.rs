//! Erasing a person: decided once, carried out as often as a restored backup makes it necessary.
//!
//! * The decision is a line of a list that is kept outside of the store before anything is erased.
//! * An erasure leaves a line in the log of openings, whose proof is the certificate: which record,
//!   when, by whom; it names the entry of the site's journal that says why.
//! * A hold that was placed after the decision ends it: holds are asked for again where something is erased, while nobody
//!   can place one. A decision that is not carried out can be withdrawn, by a line of the same list.
//! * What names the person in other records is not touched: it is told, and somebody decides.

use access::{Act, Caller, Disclosure, Opening, Purpose, may_erase};
use fhir::{Issue, IssueCode, RecordId, Reference, ResourceType, Value, home};
use store::{Meaning, Refused, Tick};

use crate::acts::{SiteAct, reason};
use crate::door::Chart;
use crate::error::{Error, Result};
use crate::holds::{refusal, told};
use crate::identity;
use crate::search::terms_of;

/// One line of the list that is kept outside.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Erasure {
    /// Which record.
    pub record: RecordId,
    /// When it was decided.
    pub at: Tick,
    /// The beginning of the digest of the journal's entry; 0 where the list was made anew from the store.
    pub entry: u64,
}

/// An erasure that was decided and is not carried out yet.
#[derive(Clone, Debug)]
pub struct DecidedErasure {
    /// What was decided.
    pub erasure: Erasure,
    /// The line to be kept outside of the store first.
    pub line: String,
    /// Resources in other records that name the person, and stay.
    pub named_in: Vec<(ResourceType, String)>,
    /// The login of who agreed; none where nobody has to.
    pub agreed_by: Option<String>,
}

/// What became of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ErasureOutcome {
    /// Versions of resources that were erased now; none where nothing was left to do.
    pub versions: u64,
    /// Index entries that lead to nothing were left: the key of the record was gone before it.
    pub leaves_index: bool,
    /// A key was destroyed now: its bytes are in the files of the keyring until [`Chart::settle_keys`].
    pub destroyed_key: bool,
    /// The place of the certificate in the log of openings.
    pub certificate: u64,
}

const TRIES: usize = 8;
/// How a line of the list begins.
const FIRST_WORD: &str = "carnet-erased-1";
/// How a line begins that takes those of the same record before it back.
const WITHDRAWN: &str = "carnet-erasure-withdrawn-1";

impl Chart {
    /// Decides the erasure of a person's record, and writes why into the journal. Where it takes two,
    /// somebody else must have agreed (`crate::agreement`).
    pub async fn decide_erasure(&self, caller: &Caller, patient_id: &str, why: &str) -> Result<DecidedErasure> {
        self.decide(caller, patient_id, why, None).await
    }

    /// The same of a record whose term of retention still runs, on this ground.
    pub async fn decide_early_erasure(&self, caller: &Caller, patient_id: &str, why: &str, ground: &str) -> Result<DecidedErasure> {
        self.decide(caller, patient_id, why, Some(ground)).await
    }

    async fn decide(&self, caller: &Caller, patient_id: &str, why: &str, ground: Option<&str>) -> Result<DecidedErasure> {
        if !may_erase(caller) {
            return Err(Error::Forbidden);
        }
        let (record, why) = (self.record_as_a_whole(caller, patient_id)?, reason(why)?);
        let _gate = self.holds_gate().await;
        let _held = self.inner.locks.records([record]).await;
        if let Some(hold) = self.held_by(caller, record, None)? {
            return Err(refusal(&hold));
        }
        if self.joined(record)?.first().is_some_and(|first| first.record == record) {
            let message = "Other Patients were merged into this one, so this record is not all there is of the person. Erase those first: each is a link of type `replaces` in this Patient.";
            return Err(Error::Refused(vec![Issue::error(IssueCode::BusinessRule, "Patient.link", message)]));
        }
        let mut why = match ground {
            Some(ground) => format!("{why}; before its term, because {}", reason(ground)?),
            None => {
                self.check_term(caller, record)?;
                why.to_owned()
            }
        };
        // Which rules the record came past, and which of them still ran. Without days: they would tell of the person.
        why.push_str(&self.rules_passed(caller, record)?);
        let agreed = self.agreed_erasure(record)?;
        let named_in = self.named_in(caller, record)?;
        if let Some((agreed, _)) = &agreed {
            why.push_str(&format!("; agreed by {}", agreed.by));
        }
        let still_agreed: Vec<_> = agreed.iter().map(|(_, book)| book.unchanged()).collect();
        let entry = self.note_act_with(&caller.account, SiteAct::Erase, &told(record), &why, &still_agreed)?;
        let erasure = Erasure { record, at: Tick::at(self.now()), entry };
        Ok(DecidedErasure { erasure, line: self.erasure_line(erasure), named_in, agreed_by: agreed.map(|(agreed, _)| agreed.by) })
    }

    /// Carries a decided erasure out, or finishes one that was interrupted or undone by a restored
    /// backup. What is done already stays as it is.
    ///
    /// # Errors
    /// [`Error::Refused`] where a hold was placed after the decision, and nothing was erased: the decision is to be
    /// withdrawn ([`Chart::withdraw_erasure`]). A hold from before it, which only a restored backup can have brought back, was
    /// released when it was decided.
    pub async fn erase(&self, caller: &Caller, erasure: Erasure) -> Result<ErasureOutcome> {
        if !may_erase(caller) {
            return Err(Error::Forbidden);
        }
        let record = erasure.record;
        let permitted = self.permit(caller, Act::Maintain, record)?;
        let _gate = self.holds_gate().await;
        let _held = self.inner.locks.records([record]).await;
        if self.store().erased(record)?.is_none()
            && let Some(hold) = self.held_by(caller, record, Some(erasure.at.moment()))?
        {
            return Err(refusal(&hold));
        }
        let mut outcome = ErasureOutcome { versions: 0, leaves_index: false, destroyed_key: false, certificate: 0 };
        if !self.store().is_erased_whole(record)? {
            let custom = self.custom();
            let terms_of = |kind, resource: Value<'_>| terms_of(&custom, &|_| true, kind, resource);
            let meaning = Meaning { terms_of: &terms_of, claims_of: &identity::claims, former_claims_of: &identity::former_claims, is_settled: true };
            let guests_of = |_: ResourceType, resource: Value<'_>| self.persons_named(resource);
            let stamp = self.inner.times.stamp();
            let mut tries = 0;
            let erased = loop {
                match self.store().erase(&permitted, &meaning, &guests_of, stamp.at) {
                    Ok(erased) => break erased,
                    Err(Refused::RecordMoved) if tries < TRIES => tries += 1,
                    Err(Refused::Store(cause)) => return Err(cause.into()),
                    Err(_) => return Err(Error::Conflict("others keep writing to the same records; try again in a moment")),
                }
            };
            (outcome.versions, outcome.leaves_index) = (erased.versions, erased.leaves_index);
            outcome.destroyed_key = self.store().destroy_keys(record)?;
        }
        // What was looked up while it was there is not true any more.
        self.inner.known.forget(record);
        self.inner.joined.forget();
        self.forget_account(record)?;
        self.forget_glass(record)?;
        self.forget_papers(record)?;
        // Who is gone is told by the index, which tells nothing before it is whole.
        if !self.lacks_index()? {
            self.forget_who_is_gone()?;
        }
        outcome.certificate = self.certify(caller, erasure).await?;
        Ok(outcome)
    }

    /// The line of the log that says so, written where there is none yet.
    async fn certify(&self, caller: &Caller, erasure: Erasure) -> Result<u64> {
        let permitted = self.permit(caller, Act::Maintain, erasure.record)?;
        let newest = || self.store().openings(&permitted, erasure.record, None, 1).map(|lines| lines.into_iter().find(|line| line.how == Disclosure::Erased));
        if let Some(line) = newest()? {
            return Ok(line.index);
        }
        let opening = Opening { record: erasure.record, account: caller.account.number, session: erasure.entry, purpose: Purpose::Operations, how: Disclosure::Erased };
        self.keep_openings(&[opening]).await?;
        Ok(newest()?.map(|line| line.index).ok_or(store::Error::Damaged("the certificate of an erasure is not in the log"))?)
    }

    /// Reads the list kept outside; an error where a line was changed or is another site's.
    pub fn erasures(&self, list: &str) -> Result<Vec<Erasure>> {
        let damaged = || store::Error::Damaged("the list of erased records kept outside is not as it was written, or is another site's");
        let read = |line: &str| {
            let mut words = line.split_whitespace().skip(1);
            let erasure = Erasure {
                record: RecordId(u64::from_str_radix(words.next()?, 16).ok()?),
                at: Tick(words.next()?.parse().ok()?),
                entry: u64::from_str_radix(words.next()?, 16).ok()?,
            };
            let is_withdrawn = line.starts_with(WITHDRAWN);
            (self.list_line(if is_withdrawn { WITHDRAWN } else { FIRST_WORD }, erasure) == line).then_some((erasure, is_withdrawn))
        };
        // A last line without an end was being written when the machine stopped: nothing was erased yet.
        let whole = list.rsplit_once('\n').map_or("", |(whole, _)| whole);
        let mut decided: Vec<Erasure> = Vec::new();
        for line in whole.lines() {
            let (erasure, is_withdrawn) = read(line).ok_or_else(damaged)?;
            if is_withdrawn {
                decided.retain(|one| one.record != erasure.record);
            } else {
                decided.push(erasure);
            }
        }
        Ok(decided)
    }

    /// The decided erasure of a person that is still here, out of the list kept outside.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is no such person, who may have been erased; [`Error::Conflict`] where nobody decided it.
    pub fn decided_erasure_of(&self, caller: &Caller, patient_id: &str, list: &[Erasure]) -> Result<Erasure> {
        let record = self.record_as_a_whole(caller, patient_id)?;
        let found = list.iter().rev().find(|erasure| erasure.record == record).copied();
        found.ok_or(Error::Conflict("no erasure of this person is decided and not carried out"))
    }

    /// Withdraws a decided erasure that was not carried out, and writes why into the journal; whoever agreed to it has to be
    /// asked again. Gives the line to be kept outside of the store, without which it stays decided.
    ///
    /// # Errors
    /// [`Error::Conflict`] where the record is erased already; [`Error::Refused`] without a reason.
    pub async fn withdraw_erasure(&self, caller: &Caller, erasure: Erasure, why: &str) -> Result<String> {
        if !may_erase(caller) {
            return Err(Error::Forbidden);
        }
        let (record, why) = (erasure.record, reason(why)?);
        let _gate = self.holds_gate().await;
        let _held = self.inner.locks.records([record]).await;
        if self.store().erased(record)?.is_some() {
            return Err(Error::Conflict("the record is erased already: that cannot be taken back"));
        }
        let (book, now) = self.without_erasure(record)?;
        let entry = self.note_act_with(&caller.account, SiteAct::Withdraw, &format!("erasure {}", told(record)), why, &[book.change(&now)])?;
        Ok(self.list_line(WITHDRAWN, Erasure { record, at: Tick::at(self.now()), entry }))
    }

    /// Lines for erased records that a list does not have.
    pub fn erasures_missing_from(&self, list: &[Erasure]) -> Result<Vec<String>> {
        let missing = self.store().all_erased()?.into_iter().filter(|(record, _)| !list.iter().any(|erasure| erasure.record == *record));
        Ok(missing.map(|(record, mark)| self.erasure_line(Erasure { record, at: mark.at, entry: 0 })).collect())
    }

    fn erasure_line(&self, erasure: Erasure) -> String {
        self.list_line(FIRST_WORD, erasure)
    }

    fn list_line(&self, word: &str, erasure: Erasure) -> String {
        let text = format!("{word} {} {} {:016x}", told(erasure.record), erasure.at.0, erasure.entry);
        format!("{text} {:032x}", u128::from_be_bytes(self.store().tag(text.as_bytes())))
    }

    /// Resources in other records that name the person.
    fn named_in(&self, caller: &Caller, record: RecordId) -> Result<Vec<(ResourceType, String)>> {
        let permitted = self.permit(caller, Act::Maintain, record)?;
        let mut places = Vec::new();
        self.store().guests(&permitted, &mut |_, kind, at| places.push((kind, at)))?;
        let mut named = Vec::new();
        for (kind, at) in places {
            let there = self.permit(caller, Act::Maintain, at.record)?;
            named.extend(self.newest(&there, kind, at)?.map(|stored| (kind, stored.id)));
        }
        Ok(named)
    }

    /// Every person a resource names that is here.
    fn persons_named(&self, resource: Value<'_>) -> Vec<RecordId> {
        let mut persons = Vec::new();
        home::reference_texts(resource, &mut |text| {
            // A stored reference to what is here is local: it was rewritten when it came.
            if let Some((ResourceType::PATIENT, id)) = Reference::parse(&text).local()
                && let Ok(Some(at)) = self.store().locate(ResourceType::PATIENT, id)
                && !persons.contains(&at.record)
            {
                persons.push(at.record);
            }
        });
        persons
    }
}
