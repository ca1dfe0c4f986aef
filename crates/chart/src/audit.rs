//! Openings as AuditEvents of IHE BALP, for those who watch over the record.
//!
//! * Every opening is one; nobody writes them, they are read out of the log.
//! * They refer to persons and say nothing of what is in a record.
//! * Reading them is an opening too: of each person on the page, by whoever reads it.
//! * What is not kept says so: where the reader sat, and what exactly was asked.

use std::collections::HashMap;
use std::fmt::Write;
use std::ops::ControlFlow;

use access::{Account, Act, Caller, Disclosure, Permitted, PermittedSet, may_audit};
use fhir::splice::write_string;
use fhir::{Issue, IssueCode, Moment, RecordId, ResourceType};
use store::Tick;

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::openings::OpeningLine;
use crate::stored::{Hit, Method, Page, SearchMode, Stored};

/// How the id of an AuditEvent of the log begins; its place in the log follows.
pub const AUDIT_ID: &str = "opening-";

/// Which openings.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct AuditQuery {
    /// Of the records of this person, by any Patient that is one with them; several, parted by commas, where any will do.
    pub patient: Option<String>,
    /// At or after.
    pub from: Option<Moment>,
    /// Before.
    pub to: Option<Moment>,
    /// By this account: its number, or its login; several, parted by commas, where any will do.
    pub agent: Option<String>,
    /// With one of these ids.
    pub ids: Option<Vec<String>>,
    /// At most so many on a page.
    pub count: Option<usize>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// True for an id that only the log gives out.
pub(crate) fn is_of_the_log(kind: ResourceType, id: Option<&str>) -> bool {
    kind.name() == "AuditEvent" && id.is_some_and(|id| id.starts_with(AUDIT_ID))
}

pub(crate) fn nobody_writes() -> Issue {
    Issue::error(IssueCode::BusinessRule, "AuditEvent.id", format!("AuditEvents whose id begins with {AUDIT_ID} are the log itself: nobody writes them. Send your own under another id."))
}

/// Openings looked at for one page; a filter that finds less gives a short page and a next link.
const LOOKED_AT: u64 = 20_000;

/// Whose record it is, as a reference.
type Whose = Option<(ResourceType, String)>;

impl Chart {
    /// One opening.
    pub async fn audit_event(&self, caller: &Caller, id: &str) -> Result<Stored> {
        let query = AuditQuery { ids: Some(vec![id.to_owned()]), ..AuditQuery::default() };
        self.audit_events(caller, &query).await?.items.pop().map(|hit| hit.stored).ok_or(Error::NotFound)
    }

    /// A page of openings, newest first.
    pub async fn audit_events(&self, caller: &Caller, query: &AuditQuery) -> Result<Page<Hit>> {
        if !may_audit(caller) {
            return Err(Error::NotFound);
        }
        let set = self.permitted_set(caller, Act::Audit)?;
        let about = format!("audit {:?}", AuditQuery { cursor: None, count: None, ..query.clone() });
        let below = match &query.cursor {
            Some(cursor) => Some(self.opened_cursor(&about, cursor)?.as_slice().try_into().map(u64::from_be_bytes).map_err(|_| crate::history::stale())?),
            None => None,
        };
        let accounts = self.accounts()?;
        let size = query.count.unwrap_or(self.inner.settings.usual_page).clamp(1, self.inner.settings.largest_page);
        let (lines, next) = self.lines_of(&set, query, &accounts, below, size).await?;
        let (mut whose, mut rights): (HashMap<RecordId, Whose>, Vec<Permitted>) = (HashMap::new(), Vec::new());
        for line in &lines {
            let Some(permitted) = self.right(&set, line.record)? else { continue };
            if !whose.contains_key(&line.record) {
                whose.insert(line.record, self.whose(&permitted)?);
                rights.push(permitted);
            }
        }
        self.disclose(Disclosure::Audit, rights).await?;
        let base = &self.inner.settings.base_url;
        let events = lines.iter().map(|line| {
            let account = accounts.iter().find(|account| account.number == line.account).cloned();
            // Those of persons are looked up one by one. What cannot be read is not known any more.
            let account = account.or_else(|| self.account_of(line.account).ok().flatten());
            let text = event(line, account.as_ref(), whose.get(&line.record).and_then(Option::as_ref), base);
            let stored = Stored { kind: audit_type(), id: format!("{AUDIT_ID}{}", line.index), version: 1, last_updated: line.at.moment(), method: Method::Create, text, flaws: Vec::new() };
            Hit { stored, mode: SearchMode::Match, inside: None }
        });
        let next = next.map(|below| self.store().seal_cursor(about.as_bytes(), &below.to_be_bytes()));
        Ok(Page { items: events.collect(), total: None, next, issues: Vec::new() })
    }

    /// The openings of a page, and the place below which the next one begins.
    async fn lines_of(&self, set: &PermittedSet, query: &AuditQuery, accounts: &[Account], below: Option<u64>, size: usize) -> Result<(Vec<OpeningLine>, Option<u64>)> {
        let mut by: Option<Vec<u64>> = None;
        for named in query.agent.iter().flat_map(|named| named.split(',')) {
            let account = accounts.iter().find(|account| account.login == *named).map(|account| account.number);
            by.get_or_insert_default().extend(account.or(self.number_of_account(named)?).or_else(|| named.parse().ok()));
        }
        let mut records: Option<Vec<RecordId>> = None;
        for id in query.patient.iter().flat_map(|ids| ids.split(',')) {
            let found = self.store().locate(ResourceType::PATIENT, id)?.map(|at| at.record);
            let known = records.get_or_insert_default();
            let Some(record) = found else { continue };
            // Whoever was registered twice is one person: what was opened of them was opened under either Patient.
            let joined = self.joined(record)?;
            for record in std::iter::once(record).chain(joined.iter().map(|member| member.record)) {
                if !known.contains(&record) {
                    known.push(record);
                }
            }
        }
        if by.as_ref().is_some_and(Vec::is_empty) || records.as_ref().is_some_and(Vec::is_empty) {
            return Ok((Vec::new(), None));
        }
        let ids: Option<Vec<u64>> = query.ids.as_ref().map(|ids| ids.iter().filter_map(|id| place(id)).collect());
        let shows = |line: &OpeningLine| {
            let at = line.at.moment();
            query.from.is_none_or(|from| at >= from)
                && query.to.is_none_or(|to| at < to)
                && by.as_ref().is_none_or(|by| by.contains(&line.account))
                && records.as_ref().is_none_or(|records| records.contains(&line.record))
                && ids.as_ref().is_none_or(|ids| ids.contains(&line.index))
        };
        let mut found = Vec::new();
        if let Some(ids) = &ids {
            for id in ids {
                self.store().openings_back(set, id.saturating_add(1), &mut |line| {
                    if line.index == *id && shows(&line) && below.is_none_or(|below| line.index < below) {
                        found.push(line);
                    }
                    ControlFlow::Break(())
                })?;
            }
            found.sort_by_key(|line| std::cmp::Reverse(line.index));
            found.dedup();
        } else if let Some(records) = &records {
            for record in records {
                let Some(permitted) = self.right(set, *record)? else { continue };
                let (mut of_record, mut before) = (Vec::new(), below);
                // A record is opened some thousand times in a life: read in pages until one is full.
                while of_record.len() <= size {
                    let lines = self.store().openings(&permitted, *record, before, size + 1)?;
                    let Some(last) = lines.last() else { break };
                    before = Some(last.index);
                    let is_over = query.from.is_some_and(|from| last.at.moment() < from);
                    of_record.extend(lines.into_iter().filter(|line| shows(line)));
                    if is_over {
                        break;
                    }
                }
                found.extend(of_record);
            }
            found.sort_by_key(|line| std::cmp::Reverse(line.index));
        } else {
            let end = query.to.map(|to| self.store().openings_before(set, Tick::at(to))).transpose()?;
            let end = end.into_iter().chain(below).min().unwrap_or(u64::MAX);
            let (mut seen, mut stopped_at) = (0, None);
            self.store().openings_back(set, end, &mut |line| {
                if query.from.is_some_and(|from| line.at.moment() < from) {
                    return ControlFlow::Break(());
                }
                seen += 1;
                if seen > LOOKED_AT {
                    stopped_at = Some(line.index + 1);
                    return ControlFlow::Break(());
                }
                if shows(&line) {
                    found.push(line);
                }
                if found.len() > size { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })?;
            if let Some(place) = stopped_at {
                return Ok((found, Some(place)));
            }
        }
        let more = found.len() > size;
        found.truncate(size);
        let next = found.last().filter(|_| more).map(|line| line.index);
        Ok((found, next))
    }

    /// Whom a record is about: a person, or for a set and what nobody was assigned its first resource.
    fn whose(&self, permitted: &Permitted) -> Result<Whose> {
        let mut whose = None;
        self.store().scan_types(permitted, &[ResourceType::PATIENT], Tick::END, None, &mut |entry| {
            whose = Some((entry.kind, entry.id.to_owned()));
            ControlFlow::Break(())
        })?;
        if whose.is_none() {
            self.store().scan_record(permitted, Tick::END, &mut |entry| {
                whose = Some((entry.kind, entry.id.to_owned()));
                ControlFlow::Break(())
            })?;
        }
        Ok(whose)
    }
}

fn audit_type() -> ResourceType {
    ResourceType::named("AuditEvent").expect("R4 has the type")
}

fn place(id: &str) -> Option<u64> {
    let digits = id.strip_prefix(AUDIT_ID)?;
    let place: u64 = digits.parse().ok()?;
    (place.to_string() == digits).then_some(place)
}

/// The interaction that FHIR's code for it is closest to.
fn interaction(how: Disclosure) -> &'static str {
    match how {
        Disclosure::Opened | Disclosure::Read | Disclosure::Write | Disclosure::Notify => "read",
        Disclosure::Search | Disclosure::Audit => "search-type",
        Disclosure::History => "history-instance",
        Disclosure::Erased | Disclosure::Summary | Disclosure::Export | Disclosure::Match | Disclosure::Chart => "operation",
    }
}

/// Asked by criteria: who is found is known only from the answer.
fn is_query(how: Disclosure) -> bool {
    matches!(how, Disclosure::Search | Disclosure::Match)
}

/// Data of a person went to somebody else.
fn is_given_away(how: Disclosure) -> bool {
    matches!(how, Disclosure::Export | Disclosure::Notify)
}

const BALP: &str = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit";
const DCM: &str = "http://dicom.nema.org/resources/ontology/DCM";
/// This server, as what takes part and as what writes down: to BALP they are the same.
const SERVER: &str = r#"{"identifier":{"system":"https://carnet.health/fhir/NamingSystem/server","value":"carnet"},"display":"Carnet"}"#;
const ABSENT: &str = r#"{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]}"#;

/// The AuditEvent of an opening. What is said of the account is what is known of it today.
fn event(line: &OpeningLine, account: Option<&Account>, whose: Option<&(ResourceType, String)>, base: &str) -> String {
    let (at, how) = (line.at.moment(), line.how);
    let of_person = whose.is_some_and(|(kind, _)| *kind == ResourceType::PATIENT);
    let is_disclosure = of_person && is_given_away(how);
    let profile = match (of_person, is_query(how)) {
        (true, _) if is_disclosure => ".PrivacyDisclosure.Source",
        (true, true) => ".PatientQuery",
        (true, false) => ".PatientRead",
        (false, true) => ".Query",
        (false, false) => ".Read",
    };
    let (kind, code, part, interaction) = match is_disclosure {
        true => (DCM, "110106", "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle", "disclose"),
        false => ("http://terminology.hl7.org/CodeSystem/audit-event-type", "rest", "http://hl7.org/fhir/restful-interaction", interaction(how)),
    };
    // To BALP, the client of a query is where it comes from, and of a read where the data goes.
    let (client, server) = if is_query(how) { ("110153", "110152") } else { ("110152", "110153") };
    let mut out = String::with_capacity(2600);
    let _ = write!(
        out,
        r#"{{"resourceType":"AuditEvent","id":"{AUDIT_ID}{}","meta":{{"versionId":"1","lastUpdated":"{at}","profile":["{BALP}{profile}"]}},"type":{{"system":"{kind}","code":"{code}"}},"subtype":[{{"system":"{part}","code":"{interaction}"}},{{"system":"#,
        line.index
    );
    write_string("https://carnet.health/fhir/CodeSystem/opening", &mut out);
    let _ = write!(out, r#","code":"{}"}}],"action":"{}","recorded":"{at}","outcome":"0","#, how.word(), if is_query(how) { "E" } else { "R" });
    let purpose = format!(r#"[{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"{}"}}]}}]"#, line.purpose);
    if line.purpose.is_empty() {
        out.push_str(r#""agent":["#);
    } else {
        let _ = write!(out, r#""purposeOfEvent":{purpose},"agent":["#);
    }
    // The person who asked.
    out.push_str(r#"{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ParticipationType","code":"IRCP"}]},"#);
    if let Some(account) = account {
        out.push_str(r#""role":[{"coding":[{"system":"#);
        write_string("https://carnet.health/fhir/CodeSystem/role", &mut out);
        let _ = write!(out, r#","code":"{}"}}]}}],"#, account.role.word());
    }
    identified(Account::SYSTEM, &line.account.to_string(), account.map(|account| account.display.as_str()), &mut out);
    out.push_str(r#","requestor":true"#);
    if !line.purpose.is_empty() {
        let _ = write!(out, r#","purposeOfUse":{purpose}"#);
    }
    // The session it was asked in, and the server.
    let _ = write!(out, r#"}},{{"type":{{"coding":[{{"system":"{DCM}","code":"{client}"}}]}},"#);
    identified("https://carnet.health/fhir/NamingSystem/session", &format!("{:016x}", line.session), None, &mut out);
    let _ = write!(out, r#","requestor":false,"network":{ABSENT}}},{{"type":{{"coding":[{{"system":"{DCM}","code":"{server}"}}]}},"who":{SERVER},"requestor":false,"network":"#);
    if base.is_empty() {
        out.push_str(ABSENT);
    } else {
        out.push_str(r#"{"address":"#);
        write_string(base, &mut out);
        out.push_str(r#","type":"5"}"#);
    }
    out.push_str(r#"}],"source":{"#);
    if let Some(account) = account.filter(|account| !account.institution.is_empty()) {
        out.push_str(r#""site":"#);
        write_string(&account.institution, &mut out);
        out.push(',');
    }
    let _ = write!(out, r#""observer":{SERVER}}},"entity":["#);
    if let Some((kind, id)) = whose.filter(|_| of_person) {
        let _ = write!(out, r#"{{"what":{{"reference":"{kind}/{id}"}},"type":{{"system":"http://terminology.hl7.org/CodeSystem/audit-entity-type","code":"1"}},"role":{{"system":"http://terminology.hl7.org/CodeSystem/object-role","code":"1"}}}},"#);
    }
    if is_query(how) {
        // What was asked may tell what somebody has; it is not kept.
        out.push_str(r#"{"type":{"system":"http://terminology.hl7.org/CodeSystem/audit-entity-type","code":"2"},"role":{"system":"http://terminology.hl7.org/CodeSystem/object-role","code":"24"},"_query":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"masked"}]}}"#);
    } else {
        out.push_str(r#"{"what":"#);
        match whose {
            Some((kind, id)) => {
                let _ = write!(out, r#"{{"reference":"{kind}/{id}"}}"#);
            }
            None => out.push_str(r#"{"display":"A record that is gone"}"#),
        }
        out.push_str(r#","type":{"system":"http://terminology.hl7.org/CodeSystem/audit-entity-type","code":"2"},"role":{"system":"http://terminology.hl7.org/CodeSystem/object-role","code":"4"}}"#);
    }
    out.push_str("]}");
    out
}

/// The same for another house, in few words: who, as what, for which institution, what for and when.
pub(crate) fn event_for_elsewhere(line: &OpeningLine, account: Option<&Account>, patient: &str) -> String {
    let at = line.at.moment();
    let mut out = format!(
        r#"{{"resourceType":"AuditEvent","id":"{AUDIT_ID}{}","type":{{"system":"http://terminology.hl7.org/CodeSystem/audit-event-type","code":"rest"}},"subtype":[{{"system":"https://carnet.health/fhir/CodeSystem/opening","code":"{}"}}],"action":"{}","recorded":"{at}","outcome":"0","#,
        line.index, line.how.word(), if is_query(line.how) { "E" } else { "R" }
    );
    if !line.purpose.is_empty() {
        let _ = write!(out, r#""purposeOfEvent":[{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"{}"}}]}}],"#, line.purpose);
    }
    out.push_str(r#""agent":[{"#);
    if let Some(account) = account {
        let _ = write!(out, r#""role":[{{"coding":[{{"system":"https://carnet.health/fhir/CodeSystem/role","code":"{}"}}]}}],"#, account.role.word());
    }
    identified(Account::SYSTEM, &line.account.to_string(), account.map(|account| account.display.as_str()), &mut out);
    out.push_str(r#","requestor":true}],"source":{"#);
    if let Some(account) = account.filter(|account| !account.institution.is_empty()) {
        out.push_str(r#""site":"#);
        write_string(&account.institution, &mut out);
        out.push(',');
    }
    let _ = write!(out, r#""observer":{SERVER}}},"entity":[{{"what":{{"reference":"Patient/{patient}"}}}}]}}"#);
    out
}

/// `"who":{…}`: an identifier, and a name where one is shown.
fn identified(system: &str, value: &str, display: Option<&str>, out: &mut String) {
    out.push_str(r#""who":{"identifier":{"system":"#);
    write_string(system, out);
    out.push_str(r#","value":"#);
    write_string(value, out);
    out.push('}');
    if let Some(display) = display.filter(|display| !display.is_empty()) {
        out.push_str(r#","display":"#);
        write_string(display, out);
    }
    out.push('}');
}

#[cfg(test)]
mod tests {
    use super::*;
    use access::Role;
    use fhir::Document;
    use std::sync::Arc;
    use validation::profile::{Asked, Profile, Profiles, Site, shipped, survey};

    struct Shelf;

    impl Profiles for Shelf {
        fn profile(&self, address: &str) -> Option<Arc<Profile>> {
            shipped::profile(address)
        }
    }

    #[test]
    fn every_kind_of_opening_is_an_audit_event_of_balp() {
        let account = Account { number: 7, login: "ruiz".into(), display: "Dr. \"Ruiz\"".into(), role: Role::Physician, institution: "Hospital Norte".into(), language: "es".into() };
        let person = (ResourceType::PATIENT, "ana".to_owned());
        let group = (ResourceType::named("Group").unwrap(), "cohort".to_owned());
        let mut count = 0;
        for (how, _) in Disclosure::ALL {
            for whose in [Some(&person), Some(&group), None] {
                for (account, purpose, base) in [(Some(&account), "TREAT", "http://localhost/fhir"), (None, "HOPERAT", "")] {
                    let line = OpeningLine { index: 3, record: RecordId(4), at: Tick(1_760_000_000_123_456), account: 7, session: 9, purpose: purpose.to_owned(), how: *how };
                    let text = event(&line, account, whose, base);
                    let document = Document::read(&text).unwrap_or_else(|cause| panic!("{cause}: {text}"));
                    let mut issues = validation::validate(document.root(), &validation::Options::default());
                    issues.extend(survey(document.root(), &Asked::default(), Site { profiles: &Shelf, codes: &terminology::R4 }));
                    let errors: Vec<_> = issues.iter().filter(|issue| issue.is_error()).collect();
                    assert!(errors.is_empty(), "{how:?} {whose:?}: {errors:?}\n{text}");
                    count += 1;
                }
            }
        }
        assert_eq!(count, Disclosure::ALL.len() * 6);
        // For another house in few words, and valid all the same.
        for (account, purpose) in [(Some(&account), "TREAT"), (None, "")] {
            let line = OpeningLine { index: 3, record: RecordId(4), at: Tick(1_760_000_000_123_456), account: 7, session: 9, purpose: purpose.to_owned(), how: Disclosure::Read };
            let text = event_for_elsewhere(&line, account, "ana");
            let document = Document::read(&text).unwrap_or_else(|cause| panic!("{cause}: {text}"));
            let errors: Vec<_> = validation::validate(document.root(), &validation::Options::default()).into_iter().filter(Issue::is_error).collect();
            assert!(errors.is_empty() && text.len() < 1_000, "{errors:?}\n{text}");
        }
        // What went to somebody else is a disclosure; what was looked at is none.
        let claims = |how, profile: &str| {
            let line = OpeningLine { index: 3, record: RecordId(4), at: Tick(0), account: 7, session: 9, purpose: "TREAT".into(), how };
            event(&line, None, Some(&person), "").contains(&format!("IHE.BasicAudit.{profile}\""))
        };
        assert!(claims(Disclosure::Export, "PrivacyDisclosure.Source") && claims(Disclosure::Notify, "PrivacyDisclosure.Source"));
        assert!(claims(Disclosure::Read, "PatientRead") && claims(Disclosure::Search, "PatientQuery"));
        // The look can find: without its agents an event is none of BALP's.
        let broken = event(&OpeningLine { index: 3, record: RecordId(4), at: Tick(0), account: 7, session: 9, purpose: "TREAT".into(), how: Disclosure::Read }, None, Some(&person), "").replace("110152", "110153");
        let document = Document::read(&broken).unwrap();
        assert!(survey(document.root(), &Asked::default(), Site { profiles: &Shelf, codes: &terminology::R4 }).iter().any(Issue::is_error));
    }
}
