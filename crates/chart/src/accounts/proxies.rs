//! Who acts for a person: entrusted at a health station, with what was seen; ended by time, by the
//! person, by the one who acts, or by a station.
//!
//! * A trust lies in a note of the person's record, and the account that acts has a list of such
//!   records. Whether it holds is decided at each act, by the birth date as it is then.
//! * A RelatedPerson in the record tells other systems of it; it gives nobody anything.
//! * What has ended stays to be read.
//! * Of Patients that are one person the trusts of all are told and ended together, and each holds only by every birth date
//!   that is told of the person: whoever reads one of the records reads all.

use access::{Account, AccountAct, Act, Caller, Proxy, ProxyKind, may_keep, scribe};
use fhir::splice::write_string;
use fhir::{Moment, RecordId, ResourceType};

use super::ledger::Whose;
use super::person::{Known, is_person_number};
use super::{clean, refused};
use crate::door::Chart;
use crate::error::{Error, Result};
use crate::whole::to_its_end;

/// The most letters of what was seen.
const EVIDENCE_LONGEST: usize = 200;
/// So many persons may act for one, those whose time is over included.
const MOST: usize = 200;
/// So many persons may be entrusted to one account at a time.
const MOST_ENTRUSTED: usize = 50;

/// A trust to be made.
#[derive(Clone, Debug)]
pub struct NewProxy {
    /// The login of the person who is to act.
    pub login: String,
    /// As what.
    pub kind: ProxyKind,
    /// The person who is acted for was there and agreed.
    pub agreed: bool,
    /// Until when at most.
    pub until: Option<Moment>,
    /// What was seen: a birth certificate, an act of guardianship, a power of attorney.
    pub evidence: String,
    /// The id of the DocumentReference in the record that holds a copy of it.
    pub document: Option<String>,
}

/// Somebody who acts, or acted, for a person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProxyState {
    /// Names it in acts.
    pub id: String,
    /// How the one who acts is called.
    pub display: String,
    /// As what, from when, and until when at most.
    pub proxy: Proxy,
    /// When it ends by itself; none where only somebody's word ends it.
    pub ends: Option<Moment>,
    /// It holds now.
    pub holds: bool,
    /// What was seen.
    pub evidence: String,
    /// The document with a copy of it.
    pub document: Option<String>,
    /// Who saw it.
    pub seen_by: String,
    /// When somebody ended it, and who.
    pub ended: Option<(Moment, String)>,
}

/// A person somebody may act for now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entrusted {
    /// The id of the Patient.
    pub patient: String,
    /// As what.
    pub kind: ProxyKind,
    /// When it ends by itself.
    pub ends: Option<Moment>,
    /// The id of the RelatedPerson in the record that tells of it.
    pub id: String,
}

/// A trust as it is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Kept {
    id: String,
    number: u64,
    display: String,
    proxy: Proxy,
    evidence: String,
    document: Option<String>,
    seen_by: String,
    ended: Option<(Moment, String)>,
}

impl Kept {
    fn written(&self) -> String {
        let Kept { id, number, display, proxy, evidence, document, seen_by, ended } = self;
        let agreed = if proxy.agreed { "agreed" } else { "alone" };
        let until = proxy.until.map_or_else(String::new, |until| until.0.to_string());
        let document = document.as_deref().unwrap_or_default();
        let ended = ended.as_ref().map_or_else(String::new, |(at, by)| format!("\t{}\t{by}", at.0));
        format!("{id}\t{number}\t{display}\t{}\t{agreed}\t{}\t{until}\t{evidence}\t{document}\t{seen_by}{ended}\n", proxy.kind.word(), proxy.from.0)
    }

    fn read(line: &str) -> Option<Kept> {
        let parts: Vec<&str> = line.split('\t').collect();
        let ([id, number, display, kind, agreed, from, until, evidence, document, seen_by], rest) = parts.split_first_chunk::<10>()?;
        let optional = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let moment = |text: &str| Some(Moment(text.parse().ok()?));
        let ended = match rest {
            [] => None,
            [at, by] => Some((moment(at)?, (*by).to_owned())),
            _ => return None,
        };
        let agreed = match *agreed {
            "agreed" => true,
            "alone" => false,
            _ => return None,
        };
        let until = if until.is_empty() { None } else { Some(moment(until)?) };
        let proxy = Proxy { kind: ProxyKind::named(kind)?, agreed, from: moment(from)?, until };
        Some(Kept { id: (*id).to_owned(), number: number.parse().ok()?, display: (*display).to_owned(), proxy, evidence: (*evidence).to_owned(), document: optional(document), seen_by: (*seen_by).to_owned(), ended })
    }
}

impl Chart {
    /// Entrusts the record of a person to another one, for whoever may at a health station.
    pub async fn entrust(&self, by: &Caller, patient_id: &str, new: &NewProxy) -> Result<()> {
        let (at, _) = self.find_seen_person(by, patient_id)?;
        let holder = self.kept_of_login(new.login.trim())?.filter(|kept| kept.person.is_some());
        let holder = holder.ok_or_else(|| wrong("proxy-login", "Nobody signs in with that login as a person. Whoever is to act makes an account first, with a code from the page of their own record."))?;
        if !may_keep(&by.account, AccountAct::Entrust, &holder.account) {
            return Err(Error::Forbidden);
        }
        let records = self.records_of_person(at.record)?;
        if holder.person.as_ref().is_some_and(|person| records.contains(&person.record)) {
            return Err(wrong("proxy-self", "Nobody acts for themselves; this is the login of the person whose record it is."));
        }
        let evidence = clean(new.evidence.trim());
        if evidence.is_empty() || evidence.chars().count() > EVIDENCE_LONGEST {
            return Err(wrong("proxy-evidence", "Say in 1 to 200 letters what you saw, as `birth certificate, both parents present`."));
        }
        self.is_a_document_of(by, at.record, new.document.as_deref())?;
        let proxy = Proxy { kind: new.kind, agreed: new.agreed || new.kind == ProxyKind::Carer, from: self.now(), until: new.until };
        let zone = self.settings().zone_offset_minutes;
        let known = self.known_person(at.record)?.ok_or(Error::NotFound)?;
        if !self.known_of_all(at.record)?.iter().all(|known| proxy.holds_at(self.now(), known.born.as_ref(), known.ages, zone)) {
            return Err(wrong("proxy-over", "This would be over already: the person has reached the age at which it ends, the last day lies in the past, or the birth date is not known. With the person's own agreement a parent may go on until they come of age; after that only a carer can be named."));
        }
        let id = format!("proxy-{:016x}", u64::from_le_bytes(self.store().random()));
        let kept = Kept { id, number: holder.account.number, display: clean(&holder.account.display), proxy, evidence, document: new.document.clone(), seen_by: clean(&by.account.display), ended: None };
        let (chart, by, patient, holder) = (self.clone(), by.clone(), patient_id.to_owned(), holder.account);
        // Who hangs up leaves nobody named in the record who is not entrusted with it.
        to_its_end(async move { chart.begin_trust(&by, (at.record, &patient), kept, &holder, &known).await }).await
    }

    /// Tells of a trust and keeps it. What cannot be kept does not stay told.
    async fn begin_trust(&self, by: &Caller, (record, patient_id): (RecordId, &str), kept: Kept, holder: &Account, known: &Known) -> Result<()> {
        let zone = self.settings().zone_offset_minutes;
        let holds = |other: &Kept| other.ended.is_none() && other.proxy.holds_at(self.now(), known.born.as_ref(), known.ages, zone);
        self.list_with(record, kept.number, &self.trusts_of(record)?, &holds)?;
        let ends = kept.proxy.ends(known.born.as_ref(), known.ages, zone);
        self.tell_of(by, patient_id, &kept, ends).await?;
        let Err(cause) = self.keep_trust(&by.account, (record, patient_id), kept.clone(), holder, &holds) else { return Ok(()) };
        let now = self.now();
        self.tell_of(by, patient_id, &Kept { ended: Some((now, clean(&by.account.display))), ..kept }, Some(now)).await?;
        Err(cause)
    }

    /// Ends a trust: by the person, by the one who acts, or by a health station.
    pub async fn end_trust(&self, by: &Caller, patient_id: &str, id: &str) -> Result<()> {
        let (at, _) = self.find(by, Act::Read, ResourceType::PATIENT, patient_id)?;
        let records = self.records_of_person(at.record)?;
        let (record, ended) = {
            let _held = self.inner.ledger.trusts.lock();
            let mut found = None;
            for record in &records {
                let all = self.trusts_of(*record)?;
                if let Some(place) = all.iter().position(|kept| kept.id == id && kept.ended.is_none()) {
                    found = Some((*record, all, place));
                    break;
                }
            }
            let (record, mut all, place) = found.ok_or(Error::NotFound)?;
            let acting = self.account_of(all[place].number)?.ok_or(Error::NotFound)?;
            let is_own = self.number_of_person(record)? == Some(by.account.number) || all[place].number == by.account.number;
            // The person ends what concerns the person; whose account the journal names is then their own.
            let holder = if is_own { by.account.clone() } else { acting.clone() };
            if !may_keep(&by.account, AccountAct::EndTrust, &holder) {
                return Err(Error::Forbidden);
            }
            all[place].ended = Some((self.now(), clean(&by.account.display)));
            let ended = all[place].clone();
            let detail = format!("{} of {}", ended.proxy.kind.word(), acting.login);
            let notes = [self.written_trusts(record, &all), self.list_without(&all, record, ended.number)?];
            self.change_accounts(&by.account, AccountAct::EndTrust, &detail, Whose::Staff, &notes, |_| Ok(holder))?;
            (record, ended)
        };
        // The RelatedPerson lies in the record of the Patient for whom it was begun.
        let patient = match self.known_person(record)? {
            Some(known) if record != at.record => known.patient,
            _ => patient_id.to_owned(),
        };
        let (chart, by) = (self.clone(), scribe(by));
        let at = ended.ended.as_ref().map(|(at, _)| *at);
        // It has ended: whoever hangs up does not keep the record from saying so.
        to_its_end(async move { chart.tell_of(&by, &patient, &ended, at).await }).await
    }

    /// Who acts or acted for a person, the newest first, for whoever may read the record.
    pub fn proxies_of(&self, by: &Caller, patient_id: &str) -> Result<Vec<ProxyState>> {
        let (at, _) = self.find_seen_person(by, patient_id)?;
        let mut states: Vec<ProxyState> = Vec::new();
        for record in self.records_of_person(at.record)? {
            let known = self.known_of_all(record)?;
            for kept in self.trusts_of(record)? {
                let (holds, ends) = self.trust_standing(&kept, &known);
                let Kept { id, display, proxy, evidence, document, seen_by, ended, .. } = kept;
                states.push(ProxyState { id, display, proxy, ends, holds, evidence, document, seen_by, ended });
            }
        }
        states.reverse();
        states.sort_by_key(|state| std::cmp::Reverse(state.proxy.from));
        Ok(states)
    }

    /// What is told of the person of a record: by its Patient, and by those that are one with it and say when they were born.
    fn known_of_all(&self, record: RecordId) -> Result<Vec<Known>> {
        let mut all: Vec<Known> = self.known_person(record)?.into_iter().collect();
        if all.is_empty() {
            return Ok(all);
        }
        for other in self.records_of_person(record)?.into_iter().filter(|other| *other != record) {
            all.extend(self.known_person(other)?.filter(|known| known.born.is_some()));
        }
        Ok(all)
    }

    /// Whether a trust holds now, and when it ends by itself: by all that is told of the person.
    fn trust_standing(&self, kept: &Kept, known: &[Known]) -> (bool, Option<Moment>) {
        let (zone, now) = (self.settings().zone_offset_minutes, self.now());
        let is_in_time = |known: &Known| kept.proxy.holds_at(now, known.born.as_ref(), known.ages, zone);
        let holds = kept.ended.is_none() && !known.is_empty() && known.iter().all(is_in_time);
        (holds, known.iter().filter_map(|known| kept.proxy.ends(known.born.as_ref(), known.ages, zone)).min())
    }

    /// Whom an account may act for now.
    pub fn entrusted_now(&self, account: &Account) -> Result<Vec<Entrusted>> {
        Ok(self.trusts_held(account.number)?.into_iter().map(|(_, entrusted)| entrusted).collect())
    }

    /// For whom an account acts now: the record, as what, and the id of the RelatedPerson that tells of it.
    pub(crate) fn acting_for(&self, number: u64) -> Result<Vec<(RecordId, ProxyKind, String)>> {
        Ok(self.trusts_held(number)?.into_iter().map(|(record, entrusted)| (record, entrusted.kind, entrusted.id)).collect())
    }

    /// The records an account may read for others now: the Patient's id, and that of the RelatedPerson it is there.
    pub(super) fn entrusted_to(&self, number: u64) -> Result<Vec<(RecordId, String, String)>> {
        Ok(self.trusts_held(number)?.into_iter().map(|(record, entrusted)| (record, entrusted.patient, entrusted.id)).collect())
    }

    fn trusts_held(&self, number: u64) -> Result<Vec<(RecordId, Entrusted)>> {
        let mut found = Vec::new();
        for record in self.list_of(number)? {
            let known = self.known_of_all(record)?;
            let Some(own) = known.first() else { continue };
            for kept in self.trusts_of(record)?.into_iter().filter(|kept| kept.number == number) {
                if let (true, ends) = self.trust_standing(&kept, &known) {
                    found.push((record, Entrusted { patient: own.patient.clone(), kind: kept.proxy.kind, ends, id: kept.id }));
                    break;
                }
            }
        }
        Ok(found)
    }

    fn keep_trust(&self, by: &Account, (record, patient_id): (RecordId, &str), kept: Kept, holder: &Account, holds: &(dyn Fn(&Kept) -> bool + Sync)) -> Result<()> {
        let _held = self.inner.ledger.trusts.lock();
        let mut all = self.trusts_of(record)?;
        let list = self.list_with(record, kept.number, &all, holds)?;
        let detail = format!("{} of {patient_id}, seen: {}", kept.proxy.kind.word(), kept.evidence);
        let number = kept.number;
        all.push(kept);
        let notes = [self.written_trusts(record, &all), written_list(number, &list)];
        self.change_accounts(by, AccountAct::Entrust, &detail, Whose::Staff, &notes, |_| Ok(holder.clone()))?;
        Ok(())
    }

    /// The records entrusted to an account, and this one with them; refused where that cannot be.
    fn list_with(&self, record: RecordId, number: u64, all: &[Kept], holds: &(dyn Fn(&Kept) -> bool + Sync)) -> Result<Vec<RecordId>> {
        if all.iter().any(|other| other.number == number && holds(other)) {
            return Err(wrong("proxy-twice", "This person is entrusted to that login already; end that first."));
        }
        let mut list = self.list_of(number)?;
        if !list.contains(&record) {
            list.push(record);
        }
        if all.len() >= MOST || list.len() > MOST_ENTRUSTED {
            return Err(wrong("proxy-many", "So many persons cannot be entrusted to one login, or so many to act for one person."));
        }
        Ok(list)
    }

    /// Nobody is entrusted with an erased record any more.
    pub(super) fn forget_trusts_given(&self, record: RecordId) -> Result<()> {
        let _held = self.inner.ledger.trusts.lock();
        for number in self.trusts_of(record)?.into_iter().map(|kept| kept.number) {
            let mut list = self.list_of(number)?;
            list.retain(|other| *other != record);
            let (name, now) = written_list(number, &list);
            self.blank(&name, &now)?;
        }
        self.blank(&trusts_name(record), b"")
    }

    /// Who was erased acts for nobody any more, and is not named where they did.
    pub(super) fn forget_trusts_held(&self, number: u64) -> Result<()> {
        let _held = self.inner.ledger.trusts.lock();
        for record in self.list_of(number)? {
            let mut all = self.trusts_of(record)?;
            all.retain(|kept| kept.number != number);
            let (name, now) = self.written_trusts(record, &all);
            self.blank(&name, &now)?;
        }
        self.blank(&list_name(number), b"")
    }

    fn trusts_of(&self, record: RecordId) -> Result<Vec<Kept>> {
        let Some(note) = self.store().note(&trusts_name(record))? else { return Ok(Vec::new()) };
        let damaged = || store::Error::Damaged("who acts for a person could not be read");
        let text = String::from_utf8(note).map_err(|_| damaged())?;
        Ok(text.lines().map(|line| Kept::read(line).ok_or_else(damaged)).collect::<std::result::Result<_, _>>()?)
    }

    fn written_trusts(&self, record: RecordId, all: &[Kept]) -> (String, Vec<u8>) {
        (trusts_name(record), all.iter().map(Kept::written).collect::<String>().into_bytes())
    }

    /// The list of an account, without a record for which it holds no trust any more.
    fn list_without(&self, all: &[Kept], record: RecordId, number: u64) -> Result<(String, Vec<u8>)> {
        let mut list = self.list_of(number)?;
        if !all.iter().any(|kept| kept.number == number && kept.ended.is_none()) {
            list.retain(|other| *other != record);
        }
        Ok(written_list(number, &list))
    }

    /// The records an account was entrusted with, those whose time is over included.
    fn list_of(&self, number: u64) -> Result<Vec<RecordId>> {
        if !is_person_number(number) {
            return Ok(Vec::new());
        }
        let Some(note) = self.store().note(&list_name(number))? else { return Ok(Vec::new()) };
        let damaged = || store::Error::Damaged("whom somebody acts for could not be read");
        let text = String::from_utf8(note).map_err(|_| damaged())?;
        Ok(text.lines().map(|line| u64::from_str_radix(line, 16).map(RecordId).map_err(|_| damaged())).collect::<std::result::Result<_, _>>()?)
    }

    fn is_a_document_of(&self, by: &Caller, record: RecordId, document: Option<&str>) -> Result<()> {
        let Some(id) = document else { return Ok(()) };
        let kind = ResourceType::named("DocumentReference").expect("R4 has the type");
        match self.find(by, Act::Read, kind, id) {
            Ok((at, _)) if at.record == record => Ok(()),
            Ok(_) | Err(Error::NotFound) => Err(wrong("proxy-document", "There is no such document in this record.")),
            Err(cause) => Err(cause),
        }
    }

    /// A RelatedPerson, so that other systems know whom to speak with.
    async fn tell_of(&self, by: &Caller, patient_id: &str, kept: &Kept, ends: Option<Moment>) -> Result<()> {
        let mut body = format!(r#"{{"resourceType":"RelatedPerson","id":"{}","active":{},"patient":{{"reference":"Patient/{patient_id}"}},"#, kept.id, kept.ended.is_none());
        body.push_str(r#""relationship":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-RoleCode","code":""#);
        body.push_str(kept.proxy.kind.code());
        body.push_str(r#""}]}],"name":[{"text":"#);
        write_string(if kept.display.is_empty() { "-" } else { &kept.display }, &mut body);
        body.push_str(&format!(r#"}}],"period":{{"start":"{}""#, kept.proxy.from));
        if let Some(end) = ends {
            body.push_str(&format!(r#","end":"{end}""#));
        }
        body.push_str("}}");
        let kind = ResourceType::named("RelatedPerson").expect("R4 has the type");
        self.update(by, kind, &kept.id, body.as_bytes(), None).await.map(|_| ())
    }
}

fn wrong(rule: &str, message: &str) -> Error {
    match refused(message) {
        Error::Refused(issues) => Error::Refused(issues.into_iter().map(|issue| fhir::Issue { rule: rule.to_owned(), ..issue }).collect()),
        other => other,
    }
}

fn written_list(number: u64, list: &[RecordId]) -> (String, Vec<u8>) {
    (list_name(number), list.iter().map(|record| format!("{:016x}\n", record.0)).collect::<String>().into_bytes())
}

fn trusts_name(record: RecordId) -> String {
    format!("proxies-of-{:016x}", record.0)
}

fn list_name(number: u64) -> String {
    format!("entrusted-to-{number}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trust_is_read_as_it_was_written_and_what_is_not_understood_is_damage() {
        let mut kept = Kept {
            id: "proxy-1".into(),
            number: 9,
            display: "Ana".into(),
            proxy: Proxy { kind: ProxyKind::Parent, agreed: true, from: Moment(5), until: Some(Moment(7)) },
            evidence: "birth certificate".into(),
            document: Some("d".into()),
            seen_by: "Desk".into(),
            ended: None,
        };
        for ended in [None, Some((Moment(6), "Ana".to_owned()))] {
            kept.ended = ended;
            assert_eq!(Kept::read(kept.written().trim_end_matches('\n')), Some(kept.clone()));
        }
        for line in ["", "proxy-1\t9", &kept.written().replace("parent", "friend"), &kept.written().replace("agreed", "perhaps")] {
            assert_eq!(Kept::read(line.trim_end_matches('\n')), None, "{line}");
        }
    }
}
