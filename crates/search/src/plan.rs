//! Where to look for what answers a query.
//!
//! * A plan may only narrow: every resource that matches is among what it names, and the
//!   matcher decides about each. A test compares both on random resources and queries.
//! * Each [`TermQuery`] alone is enough; several may be intersected.
//! * One limit is accepted: `encounter=…` looks in the record of the encounter's person. A
//!   resource about one person that names an encounter of another (a newborn's, under the
//!   mother's stay) is found by its own person, not by that encounter.

use crate::fold;
use crate::indexed::{Indexed, indexed, is_indexed_target};
use crate::link::{Link, What};
use crate::matcher::around;
use crate::parameter::{Parameter, Source};
use crate::parameter_id::{self as id, LAST_MONTH, ParameterId, SPANNING, UNDATED};
use crate::query::{Criterion, Modifier, Query};
use crate::terms::{PREFIX_LETTERS, first_letters};
use crate::wanted::{Prefix, System, Wanted};
use fhir::definitions::{ParameterKind, r4};
use fhir::{Moment, ResourceType};

/// Where the matches of a query are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plan {
    /// Only these ids can match.
    ById(Vec<String>),
    /// Only these records can hold matches.
    Record {
        /// A patient, or an encounter whose person's record is meant.
        records: Vec<(ResourceType, String)>,
        /// Matches may live in another person's record, with a guest pointer in this one.
        guests: bool,
    },
    /// Only resources with one of the values of each of these terms; the narrowest first.
    Postings(Vec<TermQuery>),
    /// The type lives in the shared space: scan it there.
    Shared,
    /// Nothing narrows: every resource of the type.
    Type {
        /// A term that every resource of the type has, by month, where there is one.
        listing: Option<TermQuery>,
    },
}

/// A term to look up.
#[derive(Clone, PartialEq, Eq)]
pub struct TermQuery {
    /// What it is about.
    pub parameter: ParameterId,
    /// Canonical bytes; any of them will do.
    pub values: Vec<Vec<u8>>,
    /// Where it lies.
    pub buckets: Buckets,
}

impl std::fmt::Debug for TermQuery {
    /// Never shows a value: it may be a name or an identifier.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} ({} values) {:?}", self.parameter, self.values.len(), self.buckets)
    }
}

/// The buckets in which postings of a term may lie.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Buckets {
    /// In [`UNDATED`] only: the term has no months.
    Undated,
    /// In these months, both included, and always in [`SPANNING`] too. The first month may
    /// come after the last: then only there.
    Months {
        /// The first month since January 1970; 0 includes what has no date.
        first: u16,
        /// The last; at most [`LAST_MONTH`].
        last: u16,
    },
}

impl Buckets {
    /// Every month there is.
    pub const ALL: Buckets = Buckets::Months { first: 0, last: LAST_MONTH };

    /// True if a posting in that bucket is meant.
    pub fn contains(self, bucket: u16) -> bool {
        match self {
            Buckets::Undated => bucket == UNDATED,
            Buckets::Months { first, last } => bucket == SPANNING || (first <= bucket && bucket <= last),
        }
    }

    /// The buckets to look in, newest first, as far as `in_use` (the first and last month in
    /// which the caller holds anything) reaches.
    pub fn newest_first(self, in_use: (u16, u16)) -> impl Iterator<Item = u16> {
        let (spanning, first, last) = match self {
            Buckets::Undated => (None, UNDATED, UNDATED),
            Buckets::Months { first, last } => (Some(SPANNING), first.max(in_use.0), last.min(in_use.1)),
        };
        let undated = matches!(self, Buckets::Months { first: UNDATED, .. }) && first > UNDATED;
        spanning.into_iter().chain((first..=last).rev()).chain(undated.then_some(UNDATED))
    }
}

/// How far a date may move because two sides took different zones: a day is enough.
pub(crate) const ZONE_MS: i64 = fhir::date::DAY_MS;

/// Says where to look.
pub fn plan(query: &Query) -> Plan {
    let kind = query.resource_type;
    let table = indexed(kind);
    if let Some(ids) = query.criteria.iter().find_map(ids) {
        return Plan::ById(ids);
    }
    if let Some(plan) = query.criteria.iter().find_map(|criterion| record(kind, criterion, ResourceType::PATIENT)) {
        return plan;
    }
    let months = months(query, table);
    let mut ranked: Vec<(u8, TermQuery)> = query.criteria.iter().filter_map(|criterion| term(kind, table, criterion, months)).collect();
    let own = |criterion: &Criterion| crate::custom::term(kind, query.context.custom.indexed_key(kind, criterion.parameter)?, criterion);
    ranked.extend(query.criteria.iter().filter_map(own));
    ranked.sort_by_key(|(rank, _)| *rank);
    let by_encounter = || query.criteria.iter().find_map(|criterion| record(kind, criterion, ResourceType::ENCOUNTER));
    match ranked.first() {
        Some((0, _)) => {}
        _ => {
            if let Some(plan) = by_encounter() {
                return plan;
            }
        }
    }
    if !ranked.is_empty() {
        return Plan::Postings(ranked.into_iter().map(|(_, term)| term).collect());
    }
    if fhir::home::is_shared(kind) {
        return Plan::Shared;
    }
    let listing = table.dating.map(|_| listing(kind, months));
    match listing {
        Some(listing) if months != Buckets::ALL => Plan::Postings(vec![listing]),
        listing => Plan::Type { listing },
    }
}

impl Plan {
    /// How it looks, in words and without values: for whoever asks why a search takes long.
    pub fn describe(&self) -> String {
        match self {
            Plan::ById(ids) => format!("reads {} resources by id", ids.len()),
            Plan::Record { records, guests } => format!("scans {} records{}", records.len(), if *guests { " and what names them elsewhere" } else { "" }),
            Plan::Postings(terms) => match terms.first() {
                Some(term) => format!("walks the postings of {:?}", term),
                None => "looks nowhere".to_owned(),
            },
            Plan::Shared => "scans the shared space of the type".to_owned(),
            Plan::Type { .. } => "scans every record".to_owned(),
        }
    }
}

/// Where the resources lie that hold what a query with `_contained` asks for. A resource that names
/// a person, even in what it contains, is in that person's record or has a guest pointer there.
pub fn plan_contained(query: &Query) -> Plan {
    let named = query.criteria.iter().find_map(|criterion| persons(criterion, ResourceType::PATIENT));
    match named {
        Some(records) => Plan::Record { records, guests: true },
        None => Plan::Type { listing: None },
    }
}

impl Query {
    /// True if all matches are one resource, or lie in one person's record.
    pub fn is_within_one_record(&self) -> bool {
        let belongs = |link: &Link| matches!(&link.what, What::Compartment { kind, .. } if matches!(kind.name(), "Patient" | "Encounter" | "RelatedPerson"));
        self.is_one_persons || self.links.iter().any(belongs) || match plan(self) {
            Plan::ById(ids) => ids.len() <= 1,
            Plan::Record { records, .. } => records.len() <= 1,
            _ => false,
        }
    }
}

/// The term that everything of the query's type has which belongs to a compartment; none where
/// some of the parameters that say so have no terms.
pub fn compartment_term(query: &Query, owner: ResourceType, id: &str, parameters: &[&'static Parameter]) -> Option<TermQuery> {
    if !is_indexed_target(owner) || parameters.is_empty() {
        return None;
    }
    let (kind, table) = (query.resource_type, indexed(query.resource_type));
    let mut numbers = parameters.iter().map(|parameter| covering(table, parameter)).collect::<Option<Vec<u8>>>()?;
    numbers.sort_unstable();
    numbers.dedup();
    let values = numbers.into_iter().map(|number| made(|value| id::reference(kind, number, owner, id, value))).collect::<Option<_>>()?;
    let buckets = if table.dating.is_some() { months(query, table) } else { Buckets::Undated };
    Some(TermQuery { parameter: ParameterId::REFERENCE, values, buckets })
}

/// The indexed reference that has every value of a parameter: itself, or one that looks at the
/// same elements without a filter on the target (`participant` has all of `practitioner`).
fn covering(table: &Indexed, parameter: &Parameter) -> Option<u8> {
    let paths = |parameter: &Parameter| parameter.routes().iter().map(|route| route.member_path().map(str::to_owned).collect::<Vec<_>>()).collect::<Vec<_>>();
    let own = paths(parameter);
    let covers = |other: &Parameter| other.routes().iter().all(|route| !route.is_filtered()) && own.iter().all(|path| paths(other).contains(path));
    let found = table.references.iter().find(|(_, other)| std::ptr::eq(*other, parameter) || covers(other));
    found.filter(|_| !own.is_empty()).map(|(number, _)| *number)
}

/// The term every resource of a dated type has.
fn listing(kind: ResourceType, buckets: Buckets) -> TermQuery {
    let mut value = Vec::new();
    id::begin(kind, &mut value);
    TermQuery { parameter: ParameterId::DATE, values: vec![value], buckets }
}

fn ids(criterion: &Criterion) -> Option<Vec<String>> {
    if !matches!(criterion.parameter.source, Source::Id) || criterion.modifier != Modifier::Plain {
        return None;
    }
    let mut ids: Vec<String> = Vec::new();
    for wanted in &criterion.wanted {
        match wanted {
            Wanted::Token { code: Some(code), .. } if !ids.contains(code) => ids.push(code.clone()),
            _ => {}
        }
    }
    Some(ids)
}

/// What a reference criterion names, if all its alternatives name a `target`.
fn persons(criterion: &Criterion, target: ResourceType) -> Option<Vec<(ResourceType, String)>> {
    let plain = matches!(criterion.modifier, Modifier::Plain | Modifier::Type(_));
    if criterion.parameter.kind() != ParameterKind::Reference || !plain {
        return None;
    }
    let named = |wanted: &Wanted| match wanted {
        Wanted::Local { kind: Some(named), id, .. } if *named == target => Some((target, id.clone())),
        _ => None,
    };
    criterion.wanted.iter().map(named).collect()
}

/// The records a reference criterion leads to, if all its alternatives name a `target`.
fn record(kind: ResourceType, criterion: &Criterion, target: ResourceType) -> Option<Plan> {
    if fhir::home::is_shared(kind) {
        return None;
    }
    let records = persons(criterion, target)?;
    let homes = fhir::home::rule(kind).paths;
    let paths: Vec<String> = criterion.parameter.routes().iter().map(|route| route.member_path().collect::<Vec<_>>().join(".")).collect();
    if target == ResourceType::ENCOUNTER && !paths.iter().all(|path| homes.contains(&path.as_str())) {
        return None;
    }
    let always_at_home = paths.iter().all(|path| Some(&path.as_str()) == homes.first() && is_single(kind, path));
    Some(Plan::Record { records, guests: target == ResourceType::PATIENT && !always_at_home })
}

/// True if a resource of the type has at most one value of the parameter.
pub fn is_single_valued(kind: ResourceType, parameter: &Parameter) -> bool {
    let paths: Vec<String> = parameter.routes().iter().map(|route| route.member_path().collect::<Vec<_>>().join(".")).collect();
    paths.len() == 1 && is_single(kind, &paths[0])
}

/// True if a path of elements leads to one value at most.
fn is_single(kind: ResourceType, path: &str) -> bool {
    let mut owner = kind.name();
    path.split('.').all(|step| {
        let element = r4().type_named(owner).and_then(|found| found.elements.iter().find(|element| element.name == step));
        element.is_some_and(|element| {
            owner = element.types.first().map_or("", |one| one.code);
            element.max == Some(1)
        })
    })
}

/// The term of a criterion and how narrow it is: 0 is one resource, 9 a whole type.
fn term(kind: ResourceType, table: &Indexed, criterion: &Criterion, months: Buckets) -> Option<(u8, TermQuery)> {
    let is = |parameter: Option<&'static Parameter>| parameter.is_some_and(|parameter| std::ptr::eq(parameter, criterion.parameter));
    let dated = if table.dating.is_some() { months } else { Buckets::Undated };
    let plain = criterion.modifier == Modifier::Plain;
    let code = criterion.parameter.code();
    if plain && is(table.identifier) {
        let with_system = criterion.wanted.iter().all(|wanted| matches!(wanted, Wanted::Token { system: System::Is(_), .. }));
        let values = values(criterion, |wanted| match wanted {
            Wanted::Token { system: System::Is(system), code: Some(code) } if with_system => made(|value| id::identifier(kind, system, code, value)),
            Wanted::Token { code: Some(code), .. } => made(|value| id::text(kind, code, value)),
            _ => None,
        })?;
        let parameter = if with_system { ParameterId::IDENTIFIER } else { ParameterId::IDENTIFIER_VALUE };
        return Some((0, TermQuery { parameter, values, buckets: Buckets::Undated }));
    }
    if plain && is(table.url) {
        let values = values(criterion, |wanted| match wanted {
            Wanted::Uri(uri) => made(|value| id::text(kind, uri, value)),
            _ => None,
        })?;
        return Some((0, TermQuery { parameter: ParameterId::URL, values, buckets: Buckets::Undated }));
    }
    if table.name.is_some() && (is(table.name) || matches!(code, "family" | "given")) {
        return name(kind, criterion);
    }
    if plain && is(table.birth_date) {
        return birth_date(kind, criterion);
    }
    if plain && is(table.code) {
        let values = values(criterion, |wanted| match wanted {
            Wanted::Token { code: Some(code), .. } => made(|value| id::code(kind, code, value)),
            _ => None,
        })?;
        return Some((5, TermQuery { parameter: ParameterId::CODE, values, buckets: dated }));
    }
    if matches!(criterion.modifier, Modifier::Plain | Modifier::Type(_) | Modifier::Above | Modifier::Below)
        && criterion.parameter.kind() == ParameterKind::Reference
        && let Some(number) = reference_number(table, criterion.parameter)
    {
        let values = values(criterion, |wanted| match wanted {
            Wanted::Local { kind: Some(target), id, .. } if is_indexed_target(*target) => made(|value| id::reference(kind, number, *target, id, value)),
            _ => None,
        })?;
        return Some((4, TermQuery { parameter: ParameterId::REFERENCE, values, buckets: dated }));
    }
    None
}

/// A term's value, written into a new buffer.
fn made(write: impl FnOnce(&mut Vec<u8>)) -> Option<Vec<u8>> {
    let mut value = Vec::new();
    write(&mut value);
    Some(value)
}

/// The parameter's own number, or that of the wider one it is a part of
/// (`Encounter.practitioner` of `Encounter.participant`).
fn reference_number(table: &Indexed, parameter: &Parameter) -> Option<u8> {
    let path = |parameter: &Parameter| parameter.routes().iter().map(|route| route.member_path().collect::<Vec<_>>().join(".")).collect::<Vec<_>>();
    let own = path(parameter);
    table.references.iter().find(|(_, indexed)| {
        let indexed_paths = path(indexed);
        indexed.code() == parameter.code() || (indexed_paths.len() == 1 && own == indexed_paths && matches!(indexed.code(), "participant" | "actor"))
    }).map(|(number, _)| *number)
}

/// One value for each alternative; none where any of them has no term.
fn values(criterion: &Criterion, make: impl FnMut(&Wanted) -> Option<Vec<u8>>) -> Option<Vec<Vec<u8>>> {
    let values: Option<Vec<_>> = criterion.wanted.iter().map(make).collect();
    values.filter(|values| !values.is_empty())
}

/// For each alternative its longest word: as a whole for `:exact`, else its longest indexed
/// beginning.
fn name(kind: ResourceType, criterion: &Criterion) -> Option<(u8, TermQuery)> {
    let mut least_letters = usize::MAX;
    let values = values(criterion, |wanted| {
        let Wanted::Text { folded, .. } = wanted else { return None };
        let longest = fold::words(folded).max_by_key(|word| word.chars().count())?;
        let letters = longest.chars().count();
        let part = match criterion.modifier {
            Modifier::Exact | Modifier::Equals => longest,
            Modifier::Plain | Modifier::Begins => PREFIX_LETTERS.into_iter().rev().find_map(|letters| first_letters(longest, letters))?,
            _ => return None,
        };
        least_letters = least_letters.min(letters);
        made(|value| id::text(kind, part, value))
    })?;
    let rank = match least_letters {
        0..=2 => 6,
        3 => 5,
        4..=5 => 3,
        _ => 2,
    };
    Some((rank, TermQuery { parameter: ParameterId::NAME_WORD, values, buckets: Buckets::Undated }))
}

/// More months than this are no narrowing.
const MOST_BIRTH_MONTHS: i32 = 60;

fn birth_date(kind: ResourceType, criterion: &Criterion) -> Option<(u8, TermQuery)> {
    let mut values: Vec<Vec<u8>> = Vec::new();
    let mut rank = 1;
    for wanted in &criterion.wanted {
        let Wanted::Date { prefix, low, high, date } = wanted else { return None };
        let mut add = |text: &str| values.extend(made(|value| id::text(kind, text, value)));
        match prefix {
            // A birth date has no zone and neither has the question: the same words meet.
            Prefix::Eq if date.offset_minutes.is_none() && date.precision == fhir::date::Precision::Day => {
                add(&format!("{:04}-{:02}-{:02}", date.year, date.month, date.day));
            }
            Prefix::Eq | Prefix::Ap => {
                let (low, high) = if *prefix == Prefix::Ap { around(*low, *high) } else { (*low, *high) };
                rank = rank.max(4);
                let (first, last) = (Moment(low.0 - ZONE_MS).civil(0), Moment(high.0 + ZONE_MS).civil(0));
                let months = (last.0 - first.0) * 12 + last.1 as i32 - first.1 as i32;
                if months > MOST_BIRTH_MONTHS {
                    return None;
                }
                for month in 0..=months {
                    let month = first.0 * 12 + first.1 as i32 - 1 + month;
                    add(&format!("{:04}-{:02}", month.div_euclid(12), month.rem_euclid(12) + 1));
                }
                for year in first.0..=last.0 {
                    add(&format!("{year:04}"));
                }
            }
            _ => return None,
        }
    }
    values.sort();
    values.dedup();
    (!values.is_empty()).then_some((rank, TermQuery { parameter: ParameterId::BIRTH_DATE, values, buckets: Buckets::Undated }))
}

/// The months in which a match may lie, from all criteria on the type's dating parameter.
fn months(query: &Query, table: &Indexed) -> Buckets {
    let Some(dating) = table.dating else { return Buckets::ALL };
    let (mut first, mut last) = (0, LAST_MONTH);
    for criterion in query.criteria.iter().filter(|criterion| std::ptr::eq(criterion.parameter, dating) && criterion.modifier == Modifier::Plain) {
        let spans = criterion.wanted.iter().map(span);
        if let Some((from, to)) = spans.reduce(|all, one| (all.0.min(one.0), all.1.max(one.1))) {
            first = first.max(from);
            last = last.min(to);
        }
    }
    Buckets::Months { first, last }
}

/// The parameter whose date decides in which month the postings of a type lie.
pub fn dating(kind: ResourceType) -> Option<&'static Parameter> {
    indexed(kind).dating
}

/// From which to which second since 1970, both included, whatever matches begins, as far as the
/// criteria on the type's dating parameter say. For resources of one month only: what lies in
/// [`SPANNING`] may begin earlier.
pub fn beginnings(query: &Query) -> (i64, i64) {
    let (mut first, mut last) = (i64::MIN, i64::MAX);
    let Some(dating) = indexed(query.resource_type).dating else { return (first, last) };
    for criterion in query.criteria.iter().filter(|criterion| std::ptr::eq(criterion.parameter, dating) && criterion.modifier == Modifier::Plain) {
        let spans = criterion.wanted.iter().map(beginning);
        if let Some((from, to)) = spans.reduce(|all, one| (all.0.min(one.0), all.1.max(one.1))) {
            first = first.max(from);
            last = last.min(to);
        }
    }
    (first, last)
}

/// When something that matches this date may begin, in seconds.
fn beginning(wanted: &Wanted) -> (i64, i64) {
    let Wanted::Date { prefix, low, high, .. } = wanted else { return (i64::MIN, i64::MAX) };
    let early = |moment: Moment| (moment.0 - ZONE_MS).div_euclid(1000);
    let late = |moment: Moment| (moment.0 + ZONE_MS).div_euclid(1000);
    match prefix {
        // What is equal lies inside the asked time, so it begins there.
        Prefix::Eq => (early(*low), late(*high)),
        Prefix::Sa => (early(*high), i64::MAX),
        Prefix::Ne | Prefix::Gt | Prefix::Ge => (i64::MIN, i64::MAX),
        Prefix::Lt | Prefix::Eb => (i64::MIN, late(*low)),
        Prefix::Le | Prefix::Po => (i64::MIN, late(*high)),
        Prefix::Ap => (i64::MIN, late(around(*low, *high).1)),
    }
}

/// The months in which something that matches this date may begin. What does not span begins
/// at most one month before it ends.
fn span(wanted: &Wanted) -> (u16, u16) {
    let Wanted::Date { prefix, low, high, .. } = wanted else { return (0, LAST_MONTH) };
    let early = |moment: Moment| Moment(moment.0 - ZONE_MS).month().min(LAST_MONTH);
    let late = |moment: Moment| Moment(moment.0 + ZONE_MS).month().min(LAST_MONTH);
    match prefix {
        Prefix::Eq => (early(*low), late(*high)),
        Prefix::Ne => (0, LAST_MONTH),
        Prefix::Gt => (early(*high).saturating_sub(1), LAST_MONTH),
        Prefix::Ge => (early(*low).saturating_sub(1), LAST_MONTH),
        Prefix::Sa => (early(*high), LAST_MONTH),
        Prefix::Lt | Prefix::Eb => (0, late(*low)),
        Prefix::Le => (0, late(*high)),
        Prefix::Po => (early(*low).saturating_sub(1), late(*high)),
        Prefix::Ap => {
            let (low, high) = around(*low, *high);
            (early(low).saturating_sub(1), late(high))
        }
    }
}
