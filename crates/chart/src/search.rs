//! Searching: the planner says where to look, the matcher decides, the door shows.
//!
//! * Pages stand still: later pages see what the first one saw ([`Times::settled`]), whatever
//!   others write in between; nothing is skipped and nothing comes twice.
//! * What the caller may not see is not there: it is neither counted nor waited for, and no
//!   chain, `_has` or include leads to it.
//!
//! [`Times::settled`]: crate::times::Times::settled

pub(crate) mod beyond;
mod count;
mod include;
pub(crate) mod look;
mod narrow;
mod parts;
mod place;
pub(crate) mod sorted;

use access::{Act, Caller, Deed, Disclosure, Permitted, PermittedSet, Role};
use fhir::{Issue, IssueCode, ResourceType, Value};
use search::{Custom, Query, QueryContext, Summary, Total};
use store::{Location, Method, OwnedTerm, Tick};

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::found::Named;
use crate::history::stale;
use crate::stored::{Hit, Page, SearchMode, Stored};
use beyond::Beyond;
use include::Gathering;
use look::{Look, Match};
use place::Place;
use sorted::{Asked, sorted_page};

/// The terms under which a resource is found, as the store wants them; of the site's own parameters
/// those of the numbers that `own` says.
pub(crate) fn terms_of(custom: &Custom, own: &dyn Fn(u64) -> bool, kind: ResourceType, resource: Value<'_>) -> Vec<OwnedTerm> {
    let mut terms = Vec::new();
    let mut add = |term: search::Term<'_>| terms.push(OwnedTerm { parameter: term.parameter.0, value: term.value.to_vec(), month: term.bucket, seconds: term.time });
    search::terms(kind, resource, &mut add);
    custom.terms(kind, resource, own, &mut add);
    if kind == ResourceType::PATIENT {
        terms.extend(crate::matching::traces_of(resource));
    }
    terms
}

/// Where a search over one or several types is: which of them, and where in its walk.
struct Resumed {
    tick: Tick,
    number: usize,
    place: Place,
}

impl Resumed {
    fn read(bytes: &[u8]) -> Option<Resumed> {
        let (tick, rest) = bytes.split_at_checked(8)?;
        let (number, place) = rest.split_at_checked(2)?;
        let number = u16::from_be_bytes(number.try_into().ok()?) as usize;
        Some(Resumed { tick: Tick(i64::from_be_bytes(tick.try_into().ok()?)), number, place: Place::read(place)? })
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.tick.0.to_be_bytes().to_vec();
        bytes.extend_from_slice(&(self.number as u16).to_be_bytes());
        bytes.extend_from_slice(&self.place.bytes());
        bytes
    }
}

/// What is known of codes is known as it is now: the pages of one search would go by two value sets.
const CODES_CHANGED: &str = "a code system or a value set was changed since the first page, and this search goes by codes; begin again from the first page";

/// Resources looked for under a condition: one more than may be there.
pub(crate) const CONDITION_FINDS: usize = 2;

impl Chart {
    pub(crate) fn query_context(&self) -> QueryContext {
        QueryContext { codes: self.codes(), custom: self.custom(), ..self.query_context_without_codes() }
    }

    /// The same for queries that knowledge about codes is itself looked up by.
    pub(crate) fn query_context_without_codes(&self) -> QueryContext {
        let settings = &self.inner.settings;
        QueryContext { default_offset_minutes: settings.zone_offset_minutes, base_url: settings.base_url.clone(), ..QueryContext::default() }
    }

    /// A page of what answers a query.
    pub async fn search(&self, caller: &Caller, query: &Query, cursor: Option<&str>) -> Result<Page<Hit>> {
        self.check_scope(caller, Deed::Search, query.resource_type)?;
        self.search_across(caller, std::slice::from_ref(query), cursor).await
    }

    /// A page of what answers one of several queries, each about another type: first what answers
    /// the first one, then the next. What they say about pages, totals and includes is taken from
    /// the first.
    pub async fn search_across(&self, caller: &Caller, queries: &[Query], cursor: Option<&str>) -> Result<Page<Hit>> {
        queries.iter().try_for_each(|query| self.check_scope(caller, Deed::Search, query.resource_type).and_then(|()| self.check_named(caller, query)))?;
        if queries.is_empty() {
            return Ok(Page { items: Vec::new(), total: Some(0), next: None, issues: Vec::new() });
        }
        let mut about = queries.iter().fold(String::from("search"), |about, query| format!("{about} {}", query.to_self_link()));
        let wider = self.naming_whole_persons(queries)?;
        let queries = match &wider {
            Some((wider, added)) => {
                // Pages go on only while the same Patients are one person.
                about.push_str(added);
                wider
            }
            None => queries,
        };
        let began = cursor.map(|text| Resumed::read(&self.opened_cursor(&about, text)?).filter(|began| began.number < queries.len()).ok_or_else(stale)).transpose()?;
        if began.as_ref().is_some_and(|began| self.inner.shelf.codes_changed_since(began.tick)) && queries.iter().any(Query::reads_codes) {
            return Err(Error::Conflict(CODES_CHANGED));
        }
        let tick = match &began {
            Some(began) => began.tick,
            None => self.inner.times.settled().await,
        };
        let set = self.permitted_set(caller, Act::Read)?;
        let (page, rights) = self.page_across(caller, &set, queries, began, tick, &about)?;
        self.disclose(Disclosure::Search, rights).await?;
        Ok(page)
    }

    /// The page, and the rights by which it may be shown.
    fn page_across(&self, caller: &Caller, set: &PermittedSet, queries: &[Query], began: Option<Resumed>, tick: Tick, about: &str) -> Result<(Page<Hit>, Vec<Permitted>)> {
        let beyond = Beyond::new(self, set, tick);
        let followed = self.with_parts(set, queries, tick, &beyond)?;
        let queries = followed.as_deref().unwrap_or(queries);
        let query = &queries[0];
        if query.summary == Some(Summary::Count) || query.count == Some(0) {
            let total = self.count(queries, set, tick, &beyond)?;
            let issues = explained(caller, queries, set, tick, self, &beyond)?;
            return Ok((Page { items: Vec::new(), total: Some(total), next: None, issues }, Vec::new()));
        }
        let settings = &self.inner.settings;
        let size = query.count.map_or(settings.usual_page, |count| count as usize).clamp(1, settings.largest_page);
        let first = began.is_none();
        let (mut matches, mut more): (Vec<(usize, Match)>, bool) = (Vec::new(), false);
        let (from, mut after) = began.map_or((0, None), |began| (began.number, Some(began.place)));
        if !query.sort.is_empty() {
            (matches, more) = sorted_page(&looks(self, set, queries, tick, &beyond)?, Asked::new(caller, about, tick), after.take(), size)?;
        }
        let unsorted = if query.sort.is_empty() { queries } else { &[] };
        for (number, query) in unsorted.iter().enumerate().skip(from) {
            let look = Look::new(self, set, query, tick, &beyond)?;
            // A full page asks the types that follow for one more, to know whether there is a next page.
            let (found, further) = look.page(after.take(), (size - matches.len()).max(1))?;
            if matches.len() == size {
                more = !found.is_empty();
            } else {
                matches.extend(found.into_iter().map(|one| (number, one)));
                more = further;
            }
            if more {
                break;
            }
        }
        let total = match query.total {
            Some(Total::Accurate | Total::Estimate) => Some(self.count(queries, set, tick, &beyond)?),
            Some(Total::None) => None,
            _ if first && !more => Some(matches.len() as u64),
            _ => None,
        };
        let next = matches.last().filter(|_| more).map(|(number, last)| {
            let resumed = Resumed { tick, number: *number, place: last.place.clone() };
            self.store().seal_cursor(about.as_bytes(), &resumed.bytes())
        });
        let mut rights: Vec<Permitted> = matches.iter().map(|(_, found)| found.permitted.clone()).collect();
        let mut items: Vec<Hit> = matches.into_iter().map(|(_, found)| Hit { stored: found.stored, mode: SearchMode::Match, inside: found.inside }).collect();
        let mut issues = explained(caller, queries, set, tick, self, &beyond)?;
        if !query.includes.is_empty() {
            let look = Look::new(self, set, query, tick, &beyond)?;
            let mut gathering = Gathering { items: &mut items, rights: &mut rights, issues: &mut issues, room: settings.most_included };
            look.include(&query.includes, &mut gathering)?;
        }
        Ok((Page { items, total, next, issues }, rights))
    }

    fn count(&self, queries: &[Query], set: &PermittedSet, tick: Tick, beyond: &Beyond<'_>) -> Result<u64> {
        let counts = queries.iter().map(|query| Look::new(self, set, query, tick, beyond)?.count());
        counts.sum()
    }

    /// A living resource the caller may see, as it was at a tick.
    pub(crate) fn look_up(&self, set: &PermittedSet, kind: ResourceType, id: &str, tick: Tick) -> Result<Option<(Permitted, Stored)>> {
        let Some(at) = self.store().locate(kind, id)? else { return Ok(None) };
        let Some(permitted) = self.right(set, at.record)? else { return Ok(None) };
        let mut found = None;
        self.store().as_of(&permitted, kind, at, tick, &mut |entry| {
            if entry.method != Method::Delete {
                found = Some(Stored::from(entry));
            }
        })?;
        Ok(found.map(|stored| (permitted, stored)))
    }

    /// The first resources a condition finds, so many, among those the caller may see. What is hidden is not
    /// found, so a second one may be made; of persons, claims on their identifiers keep it one.
    pub(crate) fn find_by_condition(&self, caller: &Caller, kind: ResourceType, condition: &str, limit: usize) -> Result<Vec<(Location, String)>> {
        self.check_scope(caller, Deed::Search, kind)?;
        let look = || self.look_for(caller, kind, condition, limit);
        // What an app may see is narrower than its role; and what is remembered was cut off after so many.
        let remembers = limit <= CONDITION_FINDS && Named::takes(kind, condition) && caller.grant.is_none();
        if remembers { self.inner.named.known_or(caller.account.role, kind, condition, look) } else { look() }
    }

    fn look_for(&self, caller: &Caller, kind: ResourceType, condition: &str, limit: usize) -> Result<Vec<(Location, String)>> {
        let query = Query::parse_condition(kind, condition, self.query_context()).map_err(Error::Malformed)?;
        self.check_named(caller, &query)?;
        let wider = self.naming_whole_persons(std::slice::from_ref(&query))?;
        let query = wider.as_ref().and_then(|(wider, _)| wider.first()).unwrap_or(&query);
        let set = self.permitted_set(caller, Act::Read)?;
        let beyond = Beyond::new(self, &set, Tick::END);
        let followed = self.with_parts(&set, std::slice::from_ref(query), Tick::END, &beyond)?;
        let query = followed.as_ref().and_then(|followed| followed.first()).unwrap_or(query);
        let (matches, _) = Look::new(self, &set, query, Tick::END, &beyond)?.page(None, limit)?;
        let mut found = Vec::with_capacity(matches.len());
        for one in matches {
            let entry = self.store().locate(kind, &one.stored.id)?.ok_or(store::Error::Damaged("a locator is missing"))?;
            found.push((entry, one.stored.id));
        }
        Ok(found)
    }
}

fn looks<'l>(chart: &'l Chart, set: &'l PermittedSet, queries: &'l [Query], tick: Tick, beyond: &'l Beyond<'l>) -> Result<Vec<Look<'l>>> {
    queries.iter().map(|query| Look::new(chart, set, query, tick, beyond)).collect()
}

/// Where a search looked and how much it looked at, for an operator who asked with `explain=true`.
fn explained(caller: &Caller, queries: &[Query], set: &PermittedSet, tick: Tick, chart: &Chart, beyond: &Beyond<'_>) -> Result<Vec<Issue>> {
    if !queries.first().is_some_and(|query| query.explain) || !may_ask_why(caller) {
        return Ok(Vec::new());
    }
    let mut issues = Vec::new();
    // What was looked at tells of what may not be seen: only the console sees all of it.
    let cost = if caller.account.role == Role::Console { beyond.cost() } else { beyond.answers() };
    for query in queries {
        let plan = Look::new(chart, set, query, tick, beyond)?.describe();
        issues.push(Issue::information(IssueCode::Informational, "", format!("{}: {plan}; {cost}.", query.resource_type)));
    }
    Ok(issues)
}

/// Who runs the machines may ask how a search is done.
pub fn may_ask_why(caller: &Caller) -> bool {
    matches!(caller.account.role, Role::Operator | Role::Integration | Role::Console)
}
