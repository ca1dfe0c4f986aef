//! Stories at the door: where things lie, who finds them, and what happens when many come at once.

mod attachments;
mod claims;
mod counts;
mod glass;
pub(crate) mod held;
mod homes;
mod hung_up;
mod intake;
mod interference;
mod invented;
mod kept_bundles;
mod labels;
mod links;
mod lives;
mod oracle;
mod own_parameters;
mod pages;
mod permits;
mod races;
mod said_by_persons;
mod signed_elsewhere;
mod stand_ins;
mod subscriptions;

use access::{Caller, Role};
use chart::{Chart, Error, Hit, Page, Result, Written};
use fhir::ResourceType;
use search::{Handling, Query, QueryContext, split_query};

pub(crate) fn kind(name: &str) -> ResourceType {
    ResourceType::named(name).unwrap_or_else(|| panic!("{name} is no type of R4"))
}

pub(crate) fn system() -> Caller {
    testkit::caller(Role::Integration)
}

/// Creates a resource; the type is the one its body names.
pub(crate) async fn create(chart: &Chart, body: &str) -> Result<Written> {
    let document = fhir::Document::read(body).expect("a story's resource is JSON");
    let name = document.root().string("resourceType").expect("a story's resource has a type").into_owned();
    chart.create(&system(), kind(&name), body.as_bytes(), None).await
}

/// Creates a resource that must be accepted; gives its id.
pub(crate) async fn created(chart: &Chart, body: &str) -> String {
    create(chart, body).await.unwrap_or_else(|cause| panic!("{body}: {cause} {:?}", cause.issues())).stored.id
}

pub(crate) async fn patient(chart: &Chart, family: &str) -> String {
    created(chart, &format!(r#"{{"resourceType":"Patient","name":[{{"family":"{family}"}}]}}"#)).await
}

pub(crate) fn query(of: &str, text: &str) -> Query {
    let pairs = split_query(text);
    let context = QueryContext { default_offset_minutes: 0, base_url: testkit::BASE_URL.to_owned(), ..QueryContext::default() };
    Query::parse(kind(of), pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())), Handling::Strict, context)
        .unwrap_or_else(|issues| panic!("{of}?{text}: {issues:?}"))
}

pub(crate) async fn search(chart: &Chart, caller: &Caller, of: &str, text: &str) -> Result<Page<Hit>> {
    chart.search(caller, &query(of, text), None).await
}

/// The ids of all pages of a search, in order.
pub(crate) async fn all_pages(chart: &Chart, query: &Query) -> Result<Vec<String>> {
    let (mut ids, mut cursor) = (Vec::new(), None);
    loop {
        let page = chart.search(&system(), query, cursor.as_deref()).await?;
        ids.extend(page.items.into_iter().map(|hit| hit.stored.id));
        match page.next {
            Some(next) => cursor = Some(next),
            None => return Ok(ids),
        }
    }
}

/// The ids on a page, in the order of their letters.
pub(crate) fn ids(page: &Page<Hit>) -> Vec<String> {
    let mut ids: Vec<String> = page.items.iter().map(|hit| hit.stored.id.clone()).collect();
    ids.sort();
    ids
}

pub(crate) fn is_hidden<T>(result: &Result<T>) -> bool {
    matches!(result, Err(Error::NotFound))
}

/// SplitMix64: a story's seed is all there is to know about it.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }

    pub(crate) fn one<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}
