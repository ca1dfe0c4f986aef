//! `Observation/$lastn`: the newest observations of each kind.
//!
//! * Two observations are of one kind if they share a coding; kinds that one observation joins are
//!   one kind. Without codings the text decides.
//! * Two of the same moment are both told, even if that is one more than was asked for.
//! * Every status counts unless the query names one, as the definition of the operation has it.
//!
//! <https://hl7.org/fhir/R4/observation-operation-lastn.html>

use std::collections::HashMap;

use access::{Caller, Deed};
use fhir::{Document, Issue, IssueCode, Moment, Value};
use search::Query;

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::everything::clinical_date;
use crate::stored::Hit;
use crate::terminology::Knowledge;

impl Chart {
    /// The newest `most` observations of each kind among those that answer a query, newest kind first.
    pub async fn last_observations(&self, caller: &Caller, query: &Query, most: usize) -> Result<Vec<Hit>> {
        let (zone, knowledge) = (self.inner.settings.zone_offset_minutes, self.knowledge());
        let mut found = Vec::new();
        for hit in self.all_hits(caller, query).await? {
            let Ok(document) = Document::read(&hit.stored.text) else { continue };
            let root = document.root();
            let at = clinical_date(hit.stored.kind, root, zone).map_or(Moment(i64::MIN), |(low, _)| low);
            let keys = keys(root, &knowledge);
            drop(document);
            found.push(Found { keys, at, hit });
        }
        Ok(newest_of_each(found, most))
    }

    /// Everything that answers a query: only for queries within one record. What is more than a search may hold is refused,
    /// because figures of a part would be wrong.
    pub(crate) async fn all_hits(&self, caller: &Caller, query: &Query) -> Result<Vec<Hit>> {
        self.check_scope(caller, Deed::Search, query.resource_type)?;
        let mut query = query.clone();
        query.count = Some(self.inner.settings.largest_page as u32);
        let mut room_bytes = self.inner.settings.search_memory_bytes;
        let (mut all, mut cursor) = (Vec::new(), None);
        loop {
            let page = self.search(caller, &query, cursor.as_deref()).await?;
            room_bytes = page.items.iter().fold(room_bytes, |room, hit| room.saturating_sub(hit.stored.text.len()));
            all.extend(page.items);
            cursor = page.next;
            if cursor.is_none() {
                return Ok(all);
            }
            if room_bytes == 0 {
                let message = "More of this person's observations answer than this server holds at once. Name fewer codes, or a shorter time.";
                return Err(Error::TooCostly(vec![Issue::error(IssueCode::TooCostly, "", message)]));
            }
        }
    }
}

struct Found {
    keys: Vec<String>,
    at: Moment,
    hit: Hit,
}

/// By what an observation is told to be of one kind with others. A system that makes no difference of capitals has one
/// code however it is written.
fn keys(observation: Value<'_>, knowledge: &Knowledge) -> Vec<String> {
    let Some(code) = observation.get("code") else { return Vec::new() };
    let codings = code.get("coding").into_iter().flat_map(|codings| codings.each().collect::<Vec<_>>());
    let key = |coding: Value<'_>| {
        let (system, code) = (coding.string("system").unwrap_or_default(), coding.string("code")?);
        let small = code.to_ascii_lowercase();
        let code = if knowledge.is_same_code(Some(&system), &small, &code) { small.as_str() } else { &*code };
        Some(format!("{system}|{code}"))
    };
    let keys: Vec<String> = codings.filter_map(key).collect();
    match code.string("text") {
        Some(text) if keys.is_empty() => vec![format!("text {text}")],
        _ => keys,
    }
}

/// Which kind each belongs to: the smallest number of all it is joined to.
fn kinds(found: &[Found]) -> Vec<usize> {
    let mut parent: Vec<usize> = (0..found.len()).collect();
    fn root(parent: &mut [usize], mut one: usize) -> usize {
        while parent[one] != one {
            parent[one] = parent[parent[one]];
            one = parent[one];
        }
        one
    }
    let mut first: HashMap<&str, usize> = HashMap::new();
    for (number, one) in found.iter().enumerate() {
        for key in &one.keys {
            let other = *first.entry(key).or_insert(number);
            let (left, right) = (root(&mut parent, other), root(&mut parent, number));
            parent[left.max(right)] = left.min(right);
        }
    }
    (0..found.len()).map(|one| root(&mut parent, one)).collect()
}

fn newest_of_each(found: Vec<Found>, most: usize) -> Vec<Hit> {
    let kinds = kinds(&found);
    let mut groups: HashMap<usize, Vec<Found>> = HashMap::new();
    for (kind, one) in kinds.into_iter().zip(found) {
        groups.entry(kind).or_default().push(one);
    }
    let rank = |one: &Found| (one.at, one.hit.stored.last_updated, one.hit.stored.id.clone());
    let mut groups: Vec<Vec<Found>> = groups.into_values().collect();
    for group in &mut groups {
        group.sort_by_key(|one| std::cmp::Reverse(rank(one)));
        // In case of a tie both are told.
        let least = most.checked_sub(1).and_then(|last| group.get(last)).map(|one| one.at);
        group.retain(|one| least.is_none_or(|least| one.at >= least));
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.first().map(rank)));
    groups.into_iter().flatten().map(|one| one.hit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stored::{Method, SearchMode, Stored};

    /// Each line: id, day, keys. The answer: ids in order.
    fn check(most: usize, lines: &str, expect: &str) {
        let found = lines.lines().map(str::trim).filter(|line| !line.is_empty()).map(|line| {
            let mut words = line.split_whitespace();
            let id = words.next().unwrap().to_owned();
            let at = Moment(words.next().unwrap().parse().unwrap());
            let stored = Stored { kind: fhir::ResourceType::named("Observation").unwrap(), id, version: 1, last_updated: at, method: Method::Create, text: String::new(), flaws: Vec::new() };
            Found { keys: words.map(str::to_owned).collect(), at, hit: Hit::new(stored, SearchMode::Match) }
        });
        let ids: Vec<_> = newest_of_each(found.collect(), most).into_iter().map(|hit| hit.stored.id).collect();
        assert_eq!(ids.join(" "), expect);
    }

    #[test]
    fn the_newest_of_each_kind_come_newest_kind_first() {
        let lines = "
            a 1 glucose
            b 3 glucose
            c 2 sodium
            d 2 glucose
        ";
        check(1, lines, "b c");
        check(2, lines, "b d c");
        check(9, lines, "b d a c");
        check(2, "a 1 x\nb 1 x\nc 2 x\nd 0 x", "c b a");
    }

    #[test]
    fn kinds_that_one_observation_joins_are_one() {
        check(1, "a 1 x\nb 2 y\nc 3 x y\nd 4 z", "d c");
        check(1, "a 5 y\nb 1 x\nc 2 x y", "a");
        check(1, "a 1\nb 2", "b a");
    }
}
