//! Closure tables: which of a client's codes lie below which, kept and told step by step.
//! <https://hl7.org/fhir/R4/terminology-service.html#closure>
//!
//! ```text
//! ConceptMap closure-…   version 1     version 2     version 3      its history is the table
//!                        begin         two codes     one more code
//! ```
//!
//! * A table belongs to one account and one name. It is a ConceptMap whose every version holds what
//!   one call added, so nothing is ever rewritten and it is there after a restart.
//! * A table is its account's: nobody else adds to it, begins it anew or deletes it, and but for whoever keeps the server
//!   running nobody else sees it. Its id is made of the account and the name, and so tells whose it is.
//! * An entry is told once, from the narrower code to the wider one. A code that cannot be judged
//!   is told as unmatched and not taken into the table.
//! * Nothing here concerns a person.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write;

use access::{Caller, Facts, Role, Sieve, is_at_work};
use fhir::splice::write_string;
use fhir::{Document, Issue, IssueCode, Moment, ResourceType, Value};
use parking_lot::Mutex;
use store::Method;
use terminology::{Library, System};

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::history::{HistoryQuery, HistoryScope};
use crate::stored::Stored;
use crate::transaction::{Deed, Rules};
use crate::write::order;

/// The type of a table.
pub(crate) const CONCEPT_MAP: &str = "ConceptMap";
/// How the id of a table begins; 32 hexadecimal digits follow.
const TABLE: &str = "closure-";

/// Codes of one call, and of one table.
const MOST_AT_ONCE: usize = 10_000;
const MOST_IN_ALL: usize = 100_000;
/// Tables kept in memory.
const MOST_KEPT: usize = 64;
/// How often a call begins again because another one was faster.
const TRIES: usize = 16;

/// The tag of a version with which a table begins, and of one that adds to it.
const STEP: &str = "https://carnet.health/fhir/CodeSystem/closure-step";
const BEGIN: &str = "begin";

/// A code of a client.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ClosureCode {
    /// Its system.
    pub system: String,
    /// The version of the system, where it matters.
    pub version: Option<String>,
    /// The code.
    pub code: String,
}

/// What a call brings.
#[derive(Clone, Debug)]
pub struct Closure {
    /// The version of the table afterwards.
    pub version: u32,
    /// When it was reached.
    pub at: Moment,
    /// New entries, by the system of both: a code and those right or further above it.
    pub entries: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    /// Codes that could not be judged, by their system.
    pub unmatched: BTreeMap<String, Vec<String>>,
}

/// Tables that were read lately.
#[derive(Default)]
pub(crate) struct Tables(Mutex<HashMap<String, Table>>);

/// The codes of a table as of a version.
#[derive(Clone, Default)]
struct Table {
    version: u32,
    codes: HashSet<(String, String)>,
}

type Entries = BTreeMap<String, BTreeMap<String, Vec<String>>>;

impl Chart {
    /// Begins a table, or begins it anew.
    pub async fn begin_closure(&self, caller: &Caller, name: &str) -> Result<Closure> {
        if !is_at_work(caller) {
            return Err(Error::Forbidden);
        }
        for _ in 0..TRIES {
            let id = table_id(caller, name);
            let was = self.newest_step(caller, &id).await?;
            // A begin after a begin is still a step of its own: clients count them.
            let was = was.map_or(0, |(version, _)| version);
            let text = step_text(&id, name, was + 1, true, &[], &Entries::new());
            if let Some((version, at)) = self.add_step(caller, &id, was, &text).await? {
                self.inner.tables.keep(&id, Table { version, codes: HashSet::new() });
                return Ok(Closure { version, at, entries: Entries::new(), unmatched: BTreeMap::new() });
            }
        }
        Err(BUSY)
    }

    /// Adds codes to a table and tells the entries they bring; with `since`, every entry that came
    /// after that version.
    pub async fn extend_closure(&self, caller: &Caller, name: &str, concepts: &[ClosureCode], since: Option<u32>) -> Result<Closure> {
        if !is_at_work(caller) {
            return Err(Error::Forbidden);
        }
        if concepts.len() > MOST_AT_ONCE {
            return Err(refused(IssueCode::TooCostly, format!("At most {MOST_AT_ONCE} concepts are taken at once; send them in several calls.")));
        }
        let id = table_id(caller, name);
        for _ in 0..TRIES {
            let Some((was, Some(was_at))) = self.newest_step(caller, &id).await? else { return Err(not_begun()) };
            // Before anything is added: what these codes bring would be told to nobody.
            if since.is_some_and(|since| since > was) {
                return Err(refused(IssueCode::NotFound, format!("The table has not reached that version; it is at {was}. Begin it anew by its name alone.")));
            }
            let table = self.table(caller, &id, was).await?;
            let found = self.relations(&table, concepts)?;
            let (version, at) = match found.added.is_empty() {
                true => (was, was_at),
                false => {
                    let text = step_text(&id, name, was + 1, false, &found.added, &found.entries);
                    let Some(done) = self.add_step(caller, &id, was, &text).await? else { continue };
                    let codes = table.codes.into_iter().chain(found.added).collect();
                    self.inner.tables.keep(&id, Table { version: done.0, codes });
                    done
                }
            };
            let entries = match since {
                Some(since) => self.steps(caller, &id, since).await?.1,
                None => found.entries,
            };
            return Ok(Closure { version, at, entries, unmatched: found.unmatched });
        }
        Err(BUSY)
    }

    /// The version at which a table is, and since when it is; none where it was never begun. A
    /// deleted one has a version, and no moment.
    async fn newest_step(&self, caller: &Caller, id: &str) -> Result<Option<(u32, Option<Moment>)>> {
        match self.read(caller, concept_map()?, id).await {
            Ok(stored) => Ok(Some((stored.version, Some(stored.last_updated)))),
            Err(Error::Gone { version }) => Ok(Some((version, None))),
            Err(Error::NotFound) => Ok(None),
            Err(cause) => Err(cause),
        }
    }

    /// Writes a step if the table still is where it was.
    async fn add_step(&self, caller: &Caller, id: &str, was: u32, text: &str) -> Result<Option<(u32, Moment)>> {
        let document = self.read_body(text.as_bytes())?;
        let mut one = order(Deed::Update, concept_map()?, Some(document.root()));
        (one.id, one.if_match) = (Some(id.to_owned()), Some(was.to_string()));
        match self.transact(caller, &[one], Rules::default()).await {
            Ok(written) => Ok(written.first().map(|done| (done.stored.version, done.stored.last_updated))),
            Err(Error::VersionMismatch { .. }) => Ok(None),
            Err(cause) => Err(cause),
        }
    }

    async fn table(&self, caller: &Caller, id: &str, version: u32) -> Result<Table> {
        if let Some(table) = self.inner.tables.of(id, version) {
            return Ok(table);
        }
        let table = Table { version, codes: self.steps(caller, id, 0).await?.0 };
        self.inner.tables.keep(id, table.clone());
        Ok(table)
    }

    /// The codes and entries of the steps after a version, none from before the table began anew.
    async fn steps(&self, caller: &Caller, id: &str, since: u32) -> Result<(HashSet<(String, String)>, Entries)> {
        let (mut codes, mut entries) = (HashSet::new(), Entries::new());
        let mut query = HistoryQuery { count: Some(usize::MAX), ..HistoryQuery::default() };
        loop {
            let page = self.history(caller, HistoryScope::Instance(concept_map()?, id), &query).await?;
            for item in page.items {
                if item.stored.version <= since || item.stored.method == Method::Delete {
                    return Ok((codes, entries));
                }
                let document = Document::read(&item.stored.text).map_err(|_| store::Error::Damaged("a stored resource cannot be read"))?;
                read_step(document.root(), &mut codes, &mut entries);
                if begins(document.root()) {
                    return Ok((codes, entries));
                }
            }
            match page.next {
                Some(next) => query.cursor = Some(next),
                None => return Ok((codes, entries)),
            }
        }
    }

    /// What codes bring to a table.
    fn relations(&self, table: &Table, concepts: &[ClosureCode]) -> Result<Judged> {
        let mut found = Judged::default();
        let mut by_system: BTreeMap<(&str, Option<&str>), Vec<&str>> = BTreeMap::new();
        for concept in concepts {
            by_system.entry((&concept.system, concept.version.as_deref())).or_default().push(&concept.code);
        }
        for ((url, version), codes) in by_system {
            let address = version.map_or_else(|| url.to_owned(), |version| format!("{url}|{version}"));
            // What lies above a code is told by a system held whole, and by no other.
            let held = self.knowledge().system(&address).filter(|system| system.is_complete());
            let (known, unknown): (Vec<&str>, Vec<&str>) = codes.into_iter().partition(|code| held.as_ref().is_some_and(|system| system.place(code).is_some()));
            if !unknown.is_empty() {
                found.unmatched.entry(url.to_owned()).or_default().extend(unknown.into_iter().map(str::to_owned));
            }
            if let Some(system) = held {
                found.join(url, &system, table, &known);
            }
        }
        if table.codes.len() + found.added.len() > MOST_IN_ALL {
            return Err(refused(IssueCode::TooCostly, format!("A table holds at most {MOST_IN_ALL} codes; begin another one.")));
        }
        Ok(found)
    }
}

#[derive(Default)]
struct Judged {
    added: Vec<(String, String)>,
    entries: Entries,
    unmatched: BTreeMap<String, Vec<String>>,
}

impl Judged {
    /// Takes codes of one system in: each pair of which at least one is new is told.
    fn join(&mut self, url: &str, system: &System, table: &Table, codes: &[&str]) {
        let mut new = HashSet::new();
        for code in codes {
            let Some(place) = system.place(code) else { continue };
            let own = &*system.concepts[place as usize].code;
            if !table.codes.contains(&(url.to_owned(), own.to_owned())) && new.insert(place) {
                self.added.push((url.to_owned(), own.to_owned()));
            }
        }
        if new.is_empty() {
            return;
        }
        let old = table.codes.iter().filter(|(own, _)| own == url).filter_map(|(_, code)| system.place(code));
        let all: HashSet<u32> = old.chain(new.iter().copied()).collect();
        for place in &all {
            let above = system.above(*place).into_iter().filter(|wider| all.contains(wider) && (new.contains(place) || new.contains(wider)));
            let mut above: Vec<String> = above.map(|wider| system.concepts[wider as usize].code.to_string()).collect();
            if !above.is_empty() {
                above.sort_unstable();
                self.entries.entry(url.to_owned()).or_default().entry(system.concepts[*place as usize].code.to_string()).or_default().extend(above);
            }
        }
    }
}

impl Tables {
    fn of(&self, id: &str, version: u32) -> Option<Table> {
        self.0.lock().get(id).filter(|table| table.version == version).cloned()
    }

    fn keep(&self, id: &str, table: Table) {
        let mut kept = self.0.lock();
        if kept.len() >= MOST_KEPT && !kept.contains_key(id) {
            kept.clear();
        }
        kept.insert(id.to_owned(), table);
    }
}

const BUSY: Error = Error::Conflict("others keep writing to the same table; try again in a moment");

fn refused(code: IssueCode, message: String) -> Error {
    Error::Refused(vec![Issue::error(code, "Parameters.parameter", message)])
}

fn not_begun() -> Error {
    refused(IssueCode::NotFound, "There is no table of that name for this account; begin it by its name alone.".to_owned())
}

fn concept_map() -> Result<ResourceType> {
    ResourceType::named(CONCEPT_MAP).ok_or(Error::NotFound)
}

/// The id of a table: the same for one account and name, and telling neither.
fn table_id(caller: &Caller, name: &str) -> String {
    id_of(caller.account.number, name)
}

fn id_of(account: u64, name: &str) -> String {
    let digest = blake3::hash(format!("closure\n{account}\n{name}").as_bytes()).to_hex();
    format!("{TABLE}{}", &digest[..32])
}

/// True for the id of a table.
fn is_table(kind: ResourceType, id: &str) -> bool {
    let digits = id.strip_prefix(TABLE).filter(|digits| digits.len() == 32 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')));
    digits.is_some() && kind.name() == CONCEPT_MAP
}

/// True for a table of an account: its title is the name of which, with the account, the id is made.
fn is_of(account: u64, id: &str, table: Value<'_>) -> bool {
    table.string("title").is_some_and(|name| id_of(account, &name) == id)
}

/// Hides the tables of other accounts.
pub(crate) struct OwnTables {
    pub account: u64,
}

impl Sieve for OwnTables {
    fn shows(&self, resource: &Facts<'_>) -> bool {
        !is_table(resource.kind(), resource.id()) || resource.root().is_some_and(|table| is_of(self.account, resource.id(), table))
    }
}

/// Refuses that somebody writes or deletes a table of another account by the way, or makes one that would stand in the
/// place of another's.
///
/// # Errors
/// [`Error::Refused`] with the rule `closure-table`.
pub(crate) fn refuse_by_the_way(caller: &Caller, kind: ResourceType, id: &str, body: Option<Value<'_>>, was: Option<&Stored>) -> Result<()> {
    if caller.account.role == Role::Console || !is_table(kind, id) {
        return Ok(());
    }
    let before = was.filter(|was| was.method != Method::Delete).map(|was| Document::read(&was.text)).transpose();
    let before = before.map_err(|_| store::Error::Damaged("a stored resource cannot be read"))?;
    let is_own = |table: Value<'_>| is_of(caller.account.number, id, table);
    if body.is_none_or(is_own) && before.as_ref().is_none_or(|before| is_own(before.root())) {
        return Ok(());
    }
    let message = "This is the id of a closure table of another account: only they write and delete it. Begin one of your own by its name, with $closure.";
    Err(Error::Refused(vec![Issue::error(IssueCode::BusinessRule, "ConceptMap.title", message).of_rule("closure-table")]))
}

/// A step as a ConceptMap: what it adds, and nothing of what was there before.
fn step_text(id: &str, name: &str, version: u32, is_begin: bool, added: &[(String, String)], entries: &Entries) -> String {
    let tag = if is_begin { BEGIN } else { "add" };
    let mut out = format!("{{\"resourceType\":\"ConceptMap\",\"id\":\"{id}\",\"meta\":{{\"tag\":[{{\"system\":\"{STEP}\",\"code\":\"{tag}\"}}]}},\"version\":\"{version}\",\"name\":\"ClosureTable\",\"title\":");
    write_string(name, &mut out);
    out.push_str(",\"status\":\"active\",\"experimental\":true");
    let mut elements: BTreeMap<&str, BTreeMap<&str, &[String]>> = BTreeMap::new();
    for (system, code) in added {
        elements.entry(system).or_default().entry(code).or_default();
    }
    for (system, codes) in entries {
        for (code, above) in codes {
            elements.entry(system).or_default().insert(code, above);
        }
    }
    for (place, (system, codes)) in elements.iter().enumerate() {
        out.push_str(if place == 0 { ",\"group\":[" } else { "," });
        write_group(system, codes.iter().map(|(code, above)| (*code, *above)), &mut out);
    }
    out.push_str(if elements.is_empty() { "}" } else { "]}" });
    out
}

fn write_group<'e>(system: &str, codes: impl Iterator<Item = (&'e str, &'e [String])>, out: &mut String) {
    out.push_str("{\"source\":");
    write_string(system, out);
    out.push_str(",\"target\":");
    write_string(system, out);
    for (place, (code, above)) in codes.enumerate() {
        out.push_str(if place == 0 { ",\"element\":[{\"code\":" } else { ",{\"code\":" });
        write_string(code, out);
        for (place, wider) in above.iter().enumerate() {
            out.push_str(if place == 0 { ",\"target\":[{\"code\":" } else { ",{\"code\":" });
            write_string(wider, out);
            out.push_str(",\"equivalence\":\"subsumes\"}");
        }
        out.push_str(if above.is_empty() { "}" } else { "]}" });
    }
    out.push_str("]}");
}

fn begins(step: Value<'_>) -> bool {
    let mut tags = step.get("meta").and_then(|meta| meta.get("tag")).into_iter().flat_map(|tags| tags.items());
    tags.any(|tag| tag.string("system").as_deref() == Some(STEP) && tag.string("code").as_deref() == Some(BEGIN))
}

fn read_step(step: Value<'_>, codes: &mut HashSet<(String, String)>, entries: &mut Entries) {
    for group in step.get("group").into_iter().flat_map(|groups| groups.items()) {
        let Some(system) = group.string("source") else { continue };
        for element in group.get("element").into_iter().flat_map(|elements| elements.items()) {
            let Some(code) = element.string("code") else { continue };
            codes.insert((system.clone().into_owned(), code.clone().into_owned()));
            let above: Vec<String> = element.get("target").into_iter().flat_map(|targets| targets.items()).filter_map(|target| target.string("code").map(|code| code.into_owned())).collect();
            if !above.is_empty() {
                entries.entry(system.clone().into_owned()).or_default().entry(code.into_owned()).or_default().extend(above);
            }
        }
    }
}

impl Closure {
    /// The answer as R4 has it: a ConceptMap of the new entries.
    pub fn resource(&self, name: &str) -> String {
        let mut out = format!("{{\"resourceType\":\"ConceptMap\",\"version\":\"{}\",\"name\":\"ClosureUpdates\",\"title\":", self.version);
        write_string(name, &mut out);
        let _ = write!(out, ",\"status\":\"active\",\"experimental\":true,\"date\":\"{}\"", self.at);
        let groups = self.entries.iter().map(|(system, codes)| {
            let mut group = String::new();
            write_group(system, codes.iter().map(|(code, above)| (&**code, &**above)), &mut group);
            group
        });
        let unmatched = self.unmatched.iter().map(|(system, codes)| {
            let mut group = String::from("{\"source\":");
            write_string(system, &mut group);
            for (place, code) in codes.iter().enumerate() {
                group.push_str(if place == 0 { ",\"element\":[{\"code\":" } else { ",{\"code\":" });
                write_string(code, &mut group);
                group.push_str(",\"target\":[{\"equivalence\":\"unmatched\",\"comment\":\"The code is not in a code system that this server holds whole; it was not taken into the table.\"}]}");
            }
            group.push_str("]}");
            group
        });
        let groups: Vec<String> = groups.chain(unmatched).collect();
        if !groups.is_empty() {
            let _ = write!(out, ",\"group\":[{}]", groups.join(","));
        }
        out.push('}');
        out
    }
}
