//! Resources and queries of every type, invented from the definitions: what a search finds is
//! what looking at everything finds, on both engines.
//!
//! A pair is one query beside one store. `CARNET_PAIRS=100000` asks so many instead of 2,000.

use std::collections::BTreeMap;
use std::sync::Arc;

use chart::{Chart, Error, Target};
use fhir::definitions::ParameterKind;
use fhir::{Document, Moment, Reference, ResourceType, Value};
use search::{Handling, Matcher, Meta, Parameter, Query, QueryContext, Way, World};
use store::engine::Engine;
use store::memory::Memory;
use store_rocks::{Options, Rocks};
use testkit::invent::{Asked, Inventor, PEOPLE, spoken};
use testkit::{BASE_URL, block_on, clinic_on};

use crate::door::{kind, system};

const USUAL_PAIRS: usize = 2_000;
/// So many queries are asked of one store before the next one is made.
const PAIRS_A_STORE: usize = 1_000;

/// A stored resource, beside the store.
struct Kept {
    document: Document<'static>,
    version: u32,
    last_updated: Moment,
}

#[derive(Default)]
struct Everything(BTreeMap<(ResourceType, String), Kept>);

impl Everything {
    fn of(&self, kind: ResourceType) -> impl Iterator<Item = (&str, &Kept)> {
        self.0.range((kind, String::new())..).take_while(move |((one, _), _)| *one == kind).map(|((_, id), kept)| (id.as_str(), kept))
    }

    fn answers_it(&self, query: &Query, id: &str, kept: &Kept) -> bool {
        Matcher::new(query).matches_in(kept.document.root(), kept.meta(id), self)
    }

    /// The ids of what answers a query, looked at one by one.
    fn answer(&self, query: &Query) -> Vec<String> {
        let followed = query.with_parts(&|way, kind, id| self.parts(way, kind, id));
        let query = followed.as_ref().unwrap_or(query);
        self.of(query.resource_type).filter(|(id, kept)| self.answers_it(query, id, kept)).map(|(id, _)| id.to_owned()).collect()
    }
}

impl Everything {
    /// The slow and obvious way to what is part of a place, or what it is part of: until nothing more is met.
    /// What is gone leads nowhere.
    fn parts(&self, way: Way, kind: ResourceType, id: &str) -> Vec<String> {
        let part_of = search::parameter(kind, "partof").unwrap();
        let is_part = |part: &str, whole: &str| self.0.get(&(kind, part.to_owned())).is_some_and(|kept| names(part_of, kept.document.root(), kind, whole));
        let is_here = |id: &str| self.0.contains_key(&(kind, id.to_owned()));
        let mut met = vec![id.to_owned()];
        loop {
            let leads = |other: &String| met.iter().any(|known| match way {
                Way::Below => is_here(known) && is_part(other, known),
                Way::Above => is_part(known, other),
            });
            let more: Vec<String> = places(kind).into_iter().map(|(_, other)| other).filter(|other| !met.contains(other) && leads(other)).collect();
            if more.is_empty() {
                return met.into_iter().filter(|other| other != id).collect();
            }
            met.extend(more);
        }
    }
}

impl Kept {
    fn meta<'m>(&self, id: &'m str) -> Meta<'m> {
        Meta { id, last_updated: self.last_updated, version: self.version }
    }
}

/// The slow and obvious way to what lies beyond a resource.
impl World for Everything {
    fn answers(&self, query: &Query, id: &str) -> bool {
        self.0.get(&(query.resource_type, id.to_owned())).is_some_and(|kept| self.answers_it(query, id, kept))
    }

    fn is_named_by(&self, query: &Query, parameter: &'static Parameter, kind: ResourceType, id: &str) -> bool {
        self.of(query.resource_type).any(|(source, kept)| names(parameter, kept.document.root(), kind, id) && self.answers_it(query, source, kept))
    }

    fn is_listed(&self, list: &str, kind: ResourceType, id: &str) -> bool {
        let Some(kept) = self.0.get(&(crate::door::kind("List"), list.to_owned())) else { return false };
        let entries = kept.document.root().get("entry").into_iter().flat_map(|entries| entries.items());
        entries.filter(|entry| entry.get("deleted").and_then(|deleted| deleted.as_bool()) != Some(true)).any(|entry| {
            let text = entry.get("item").and_then(|item| item.string("reference")).unwrap_or_default();
            Reference::within(&text, BASE_URL).local() == Some((kind, id))
        })
    }
}

fn names(parameter: &'static Parameter, resource: Value<'_>, kind: ResourceType, id: &str) -> bool {
    parameter.any(resource, &mut |found| {
        let text = found.value.string("reference").unwrap_or_default();
        Reference::within(&text, BASE_URL).local() == Some((kind, id))
    })
}

/// The ids that the resources of a type have: two of each person, the persons themselves, or two that all share.
fn places(of: ResourceType) -> Vec<(&'static str, String)> {
    if of == ResourceType::PATIENT {
        return PEOPLE.into_iter().map(|person| (person, person.to_owned())).collect();
    }
    if fhir::home::is_shared(of) {
        return vec![(PEOPLE[0], "s1".to_owned()), (PEOPLE[1], "s2".to_owned())];
    }
    PEOPLE.into_iter().flat_map(|person| [(person, format!("{person}-1")), (person, format!("{person}-2"))]).collect()
}

struct Site {
    chart: Chart,
    everything: Everything,
    inventor: Inventor,
    refused: usize,
}

impl Site {
    async fn write(&mut self, of: ResourceType, id: &str, text: &str) {
        match self.chart.update(&system(), of, id, text.as_bytes(), None).await {
            Ok(written) => {
                let stored = written.stored;
                let document = Document::read_owned(stored.text).expect("what was stored can be read");
                if access::unsent_author(of, document.root()).is_some() {
                    // What a person is still writing is nobody else's to find.
                    self.everything.0.remove(&(of, id.to_owned()));
                    return;
                }
                self.everything.0.insert((of, id.to_owned()), Kept { document, version: stored.version, last_updated: stored.last_updated });
            }
            // An update that would move a resource to another person, or a subscription to nobody known.
            Err(Error::Refused(_) | Error::Invalid(_) | Error::Conflict(_)) => self.refused += 1,
            Err(other) => panic!("{of}/{id}: {other} {:?}\n{text}", other.issues()),
        }
    }

    /// A site with resources of every type, some of them written twice, some gone again.
    async fn filled(chart: Chart, seed: u64) -> Site {
        let mut site = Site { chart, everything: Everything::default(), inventor: Inventor::new(seed), refused: 0 };
        let first = [ResourceType::PATIENT, ResourceType::ENCOUNTER];
        // Who is named before they are here is not found by that reference: all persons come first.
        for person in PEOPLE {
            site.write(ResourceType::PATIENT, person, &format!(r#"{{"resourceType":"Patient","id":"{person}"}}"#)).await;
        }
        for of in first.into_iter().chain(ResourceType::all().filter(|of| !first.contains(of))) {
            for (person, id) in places(of) {
                let mut text = site.inventor.about(person).resource(of, &id);
                while of == ResourceType::ENCOUNTER && !fhir::home::candidates(of, Document::read(&text).unwrap().root()).contains(&(ResourceType::PATIENT, person.to_owned())) {
                    text = site.inventor.resource(of, &id);
                }
                site.write(of, &id, &text).await;
            }
        }
        for (of, id) in site.everything.0.keys().cloned().collect::<Vec<_>>() {
            let person = PEOPLE.into_iter().find(|person| id.starts_with(person)).unwrap_or(PEOPLE[0]);
            match site.inventor.chance().below(12) {
                0..3 if of != ResourceType::ENCOUNTER => {
                    let text = site.inventor.about(person).resource(of, &id);
                    site.write(of, &id, &text).await;
                }
                3 if of != ResourceType::ENCOUNTER && of != ResourceType::PATIENT => {
                    site.chart.delete(&system(), of, Target::Id(&id), None).await.unwrap();
                    site.everything.0.remove(&(of, id));
                }
                _ => {}
            }
        }
        site
    }

    /// A query that can be asked: what has no meaning (a beginning without a letter) is invented anew.
    fn question(&mut self) -> (Asked, Query) {
        let kinds: Vec<ResourceType> = ResourceType::all().collect();
        let is_measured = |of: &ResourceType| search::parameters(*of).iter().any(|one| matches!(one.kind(), ParameterKind::Number | ParameterKind::Quantity | ParameterKind::Composite));
        let measured: Vec<ResourceType> = kinds.iter().copied().filter(is_measured).collect();
        let personal: Vec<ResourceType> = kinds.iter().copied().filter(|of| !fhir::home::is_shared(*of)).collect();
        loop {
            let from = *self.inventor.chance().one(&[&kinds, &measured, &personal, &personal]);
            let of = *self.inventor.chance().one(from);
            let texts: Vec<&str> = self.everything.of(of).map(|(_, kept)| kept.document.text()).collect();
            let mut asked = self.inventor.question(of, &texts);
            if self.inventor.chance().once_in(3) {
                let keys: Vec<&Parameter> = search::parameters(of).iter().collect();
                let key = self.inventor.chance().one(&keys).code();
                let minus = if self.inventor.chance().once_in(2) { "-" } else { "" };
                asked.push(("_sort".to_owned(), format!("{minus}{key}")));
            }
            let count = *self.inventor.chance().one(&["1", "3", "50"]);
            asked.push(("_count".to_owned(), count.to_owned()));
            let context = QueryContext { base_url: BASE_URL.to_owned(), codes: self.chart.codes(), custom: self.chart.custom(), ..QueryContext::default() };
            let pairs = asked.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            let Ok(query) = Query::parse(of, pairs, Handling::Strict, context) else { continue };
            // Few criteria have postings, and much can go wrong with them: most others are passed over.
            if !matches!(search::plan(&query), search::Plan::Postings(_)) && !self.inventor.chance().once_in(4) {
                continue;
            }
            let owner = *self.inventor.chance().one(&["Patient", "Practitioner", "Device"]);
            if self.inventor.chance().once_in(12) {
                let id = self.inventor.chance().one(&places(kind(owner))).1.clone();
                if let Some(within) = query.clone().within_compartment(kind(owner), &id) {
                    return (asked, within);
                }
            }
            return (asked, query);
        }
    }
}

#[derive(Default, Debug)]
struct Tally {
    asked: usize,
    found_some: usize,
    plans: BTreeMap<&'static str, usize>,
    kinds: BTreeMap<String, (usize, usize)>,
    wrong: Vec<String>,
}

impl Tally {
    async fn compare(&mut self, site: &Site, told: &str, asked: &Asked, query: &Query) {
        let expected = site.everything.answer(query);
        let told = || format!("{told}: {}?{}", query.place.as_deref().unwrap_or(query.resource_type.name()), spoken(asked));
        let found = match crate::door::all_pages(&site.chart, query).await {
            Ok(found) => found,
            Err(cause) => return self.wrong.push(format!("{}\n  {cause} {:?}", told(), cause.issues())),
        };
        self.asked += 1;
        self.found_some += usize::from(!expected.is_empty());
        let plan = match search::plan(query) {
            search::Plan::ById(_) => "by id",
            search::Plan::Record { .. } => "record",
            search::Plan::Postings(_) => "postings",
            search::Plan::Shared => "shared",
            search::Plan::Type { .. } => "type",
        };
        *self.plans.entry(plan).or_default() += 1;
        for criterion in &query.criteria {
            let counts = self.kinds.entry(format!("{}:{}", search::capability::kind_code(criterion.parameter.kind()), modifier(criterion.modifier))).or_default();
            counts.0 += 1;
            counts.1 += usize::from(!expected.is_empty());
        }
        let mut sorted = found.clone();
        sorted.sort();
        if sorted != expected {
            let texts = sorted.iter().chain(&expected).filter(|id| !(sorted.contains(id) && expected.contains(id))).filter_map(|id| site.everything.0.get(&(query.resource_type, id.to_string())));
            let texts: Vec<&str> = texts.map(|kept| kept.document.text()).take(1).collect();
            self.wrong.push(format!("{}\n  {plan}: found {found:?}, expected {expected:?}\n  {}", told(), texts.join("\n  ")));
            return;
        }
        let values: Vec<_> = found.iter().filter_map(|id| site.everything.0.get(&(query.resource_type, id.clone())).map(|kept| query.sort_values(kept.document.root(), kept.meta(id)))).collect();
        if !values.is_sorted_by(|left, right| query.compare_sorted(left, right).is_le()) {
            self.wrong.push(format!("{}\n  not in the order asked for: {found:?}", told()));
        }
        let mut counted = query.clone();
        counted.summary = Some(search::Summary::Count);
        let total = site.chart.search(&system(), &counted, None).await.map(|page| page.total);
        if !matches!(total, Ok(Some(total)) if total as usize == expected.len()) {
            self.wrong.push(format!("{}\n  counted {total:?} of {}", told(), expected.len()));
        }
    }
}

/// All types as one, so that each can be seen to have been asked.
fn modifier(modifier: search::Modifier) -> &'static str {
    if let search::Modifier::Type(_) = modifier { "[type]" } else { modifier.name() }
}

fn pairs() -> usize {
    std::env::var("CARNET_PAIRS").map_or(USUAL_PAIRS, |text| text.parse().expect("CARNET_PAIRS is a number"))
}

/// Asks so many queries of stores on these engines, each store filled anew.
fn compare(wanted: usize, first_seed: u64, engines: &dyn Fn(u64) -> (Arc<dyn Engine>, Arc<dyn Engine>)) -> Tally {
    let mut tally = Tally::default();
    let mut seed = first_seed;
    while tally.asked < wanted && tally.wrong.len() < 20 {
        let (data, keyring) = engines(seed);
        let clinic = clinic_on(data, keyring, seed as u8);
        block_on(async {
            let mut site = Site::filled(clinic.chart.clone(), seed).await;
            let kept = site.everything.0.len();
            assert!(site.refused * 10 < kept, "seed {seed}: {} refused, {kept} kept", site.refused);
            for number in 0..PAIRS_A_STORE.min(wanted - tally.asked.min(wanted)) {
                let (asked, query) = site.question();
                tally.compare(&site, &format!("seed {seed}, query {number}"), &asked, &query).await;
            }
        });
        seed += 1;
    }
    println!("{} asked, {} found something; {:?}\n{:?}", tally.asked, tally.found_some, tally.plans, tally.kinds);
    assert!(tally.wrong.is_empty(), "{} wrong:\n{}", tally.wrong.len(), tally.wrong.iter().take(8).cloned().collect::<Vec<_>>().join("\n"));
    assert!(tally.found_some * 4 > tally.asked, "too few queries find something: {} of {}", tally.found_some, tally.asked);
    tally
}

#[test]
fn a_search_of_any_type_finds_what_looking_at_everything_finds() {
    let tally = compare(pairs() / 2, 1, &|_| (Arc::new(Memory::new()), Arc::new(Memory::new())));
    for plan in ["by id", "record", "postings", "shared", "type"] {
        assert!(tally.plans.get(plan).is_some_and(|count| *count * 100 > tally.asked), "{plan}: {:?}", tally.plans);
    }
    for way in [
        "token:", "token:missing", "token:not", "token:text", "token:in", "token:not-in", "token:above", "token:below", "token:of-type", "string:", "string:exact", "string:contains",
        "reference:", "reference:identifier", "reference:[type]", "reference:above", "reference:below", "date:", "date:missing", "number:", "quantity:", "uri:", "uri:above", "uri:below", "composite:",
    ] {
        assert!(tally.kinds.get(way).is_some_and(|(asked, _)| *asked > 0), "nothing was asked by {way}: {:?}", tally.kinds);
    }
}

#[test]
fn a_search_of_any_type_finds_the_same_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    compare(pairs() / 2, 501, &|seed| {
        let open = |name: &str| -> Arc<dyn Engine> { Arc::new(Rocks::open(&folder.path().join(format!("{name}-{seed}")), &Options::small()).unwrap()) };
        (open("record"), open("keyring"))
    });
}
