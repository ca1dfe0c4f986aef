//! What frequencies give away: somebody has the files of a store and the statistics of the country.
//!
//! The files hold, for each term, how many resources have it, under a token that only the key makes.
//! Names and diagnoses are not equally frequent, and how frequent they are is public. The attacks
//! here are given more than a thief of the files has: statistics from the very model that made the
//! people. Each is told beside what guessing the most frequent answer would give, and the gain is in
//! docs/security.md. `CARNET_PEOPLE=5000` takes so many people instead of 600.
//!
//! * *Mixed*: which tokens are of names, and which of diagnoses, is not known. All tokens are
//!   compared with all statistics.
//! * *Sorted*: an oracle says of each token what it is of, though not what it says.
//! * *Person*: an oracle says everything about every token. Whose it is, it does not.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::ControlFlow;
use std::sync::Arc;

use access::Role;
use fhir::{Document, ResourceType, Value};
use search::ParameterId;
use store::engine::{Read, Space, Span};
use store::{Meaning, OwnedTerm, Store};
use store_rocks::{Options, Rocks};
use testkit::{block_on, caller, clinic_on};

/// Parameter, value, month.
type Fact = (u16, Vec<u8>, u16);

const USUAL: u64 = 600;

fn people() -> u64 {
    std::env::var("CARNET_PEOPLE").map_or(USUAL, |text| text.parse().expect("CARNET_PEOPLE is a number"))
}

fn population(seed: u64, size: u64) -> impl Iterator<Item = String> {
    synth::Population::new(country::by_code("mx").unwrap(), seed).shaped(synth::Shape::Encounters(2)).bundles(size)
}

/// Every term of a resource.
fn each_term(kind: ResourceType, resource: Value<'_>, give: &mut dyn FnMut(search::Term<'_>)) {
    search::terms(kind, resource, give);
    search::Custom::beside_r4().terms(kind, resource, &|_| true, give);
}

/// What everybody can know: how often each fact is found among so many people, as counted among others.
fn statistics(size: u64) -> HashMap<Fact, f64> {
    const TIMES: u64 = 3;
    let mut counted: HashMap<Fact, f64> = HashMap::new();
    for bundle in population(2, size * TIMES) {
        let document = Document::read(&bundle).unwrap();
        for resource in document.root().get("entry").into_iter().flat_map(|entries| entries.items()).filter_map(|entry| entry.get("resource")) {
            let Some(kind) = resource.string("resourceType").and_then(|name| ResourceType::named(&name)) else { continue };
            each_term(kind, resource, &mut |term| *counted.entry((term.parameter.0, term.value.to_vec(), term.bucket)).or_default() += 1.0 / TIMES as f64);
        }
    }
    counted
}

/// What the files of a store show, and beside it the truth, for keeping the score.
struct Stolen {
    /// Tokens with how many postings each has.
    counts: HashMap<[u8; 10], f64>,
    truth: HashMap<[u8; 10], Fact>,
    /// The words of the names of each person, with the shard that the record's number tells.
    persons: Vec<(u8, BTreeSet<Vec<u8>>)>,
}

fn stolen(size: u64) -> Stolen {
    let folder = tempfile::tempdir().unwrap();
    let open = |name: &str| Arc::new(Rocks::open(&folder.path().join(name), &Options::small()).unwrap());
    let (data, keyring) = (open("record"), open("keyring"));
    let clinic = clinic_on(data.clone(), keyring.clone(), 11);
    let system = caller(Role::Integration);
    // Somebody is born as late as the records of the population go.
    let (year, month, day) = synth::LAST_DAY;
    clinic.hands.stand_at(fhir::Moment(fhir::date::days_from_civil(year, month, day) * fhir::date::DAY_MS));
    block_on(async {
        for bundle in population(1, size) {
            clinic.chart.bundle(&system, bundle.as_bytes()).await.expect("the bundle is taken");
        }
    });
    drop(clinic);
    let mut counts: HashMap<[u8; 10], f64> = HashMap::new();
    data.scan(Space::Posting, &Span::all(), &mut |key, _| {
        *counts.entry(key[1..11].try_into().unwrap()).or_default() += 1.0;
        ControlFlow::Continue(())
    })
    .unwrap();
    let found: RefCell<BTreeSet<Fact>> = RefCell::default();
    let names: RefCell<Vec<BTreeSet<Vec<u8>>>> = RefCell::default();
    let store = Store::open(data.clone(), keyring, &testkit::key(), [5; 32]).unwrap();
    let terms_of = |kind: ResourceType, resource: Value<'_>| {
        let mut words = BTreeSet::new();
        each_term(kind, resource, &mut |term| {
            found.borrow_mut().insert((term.parameter.0, term.value.to_vec(), term.bucket));
            if kind == ResourceType::PATIENT && term.parameter == ParameterId::NAME_WORD {
                words.insert(term.value.to_vec());
            }
        });
        if kind == ResourceType::PATIENT {
            names.borrow_mut().push(words);
        }
        Vec::<OwnedTerm>::new()
    };
    // Only the walk is wanted; that the postings have no terms here is told to nobody.
    store.check(&Meaning { terms_of: &terms_of, claims_of: &|_, _| Vec::new(), former_claims_of: &|_, _| Vec::new(), is_settled: false }, &mut |_| {}).unwrap();
    let tokens = testkit::key().as_site().tokens();
    let truth = found.into_inner().into_iter().map(|fact| (tokens.term(&fact.0.to_string(), &fact.1, fact.2).0, fact)).collect();
    // Which shard a person lies in is the first byte of a random number: any assignment is as good.
    let persons = names.into_inner().into_iter().enumerate().map(|(number, words)| ((number % 8) as u8, words)).collect();
    Stolen { counts, truth, persons }
}

/// Compares tokens and facts by rank, which is the best match of two sorted rows, and gives the
/// share of the postings of what is of interest whose fact was guessed.
fn ranked(stolen: &Stolen, public: &HashMap<Fact, f64>, is_candidate: &dyn Fn(&Fact) -> bool, is_of_interest: &dyn Fn(&Fact) -> bool) -> f64 {
    let mut tokens: Vec<(&[u8; 10], f64)> = stolen.counts.iter().filter(|(token, _)| stolen.truth.get(*token).is_some_and(is_candidate)).map(|(token, count)| (token, *count)).collect();
    let mut facts: Vec<(&Fact, f64)> = public.iter().filter(|(fact, _)| is_candidate(fact)).map(|(fact, count)| (fact, *count)).collect();
    tokens.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(other.0)));
    facts.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(other.0)));
    let (mut right, mut all) = (0.0, 0.0);
    for (place, (token, count)) in tokens.iter().enumerate() {
        let truth = &stolen.truth[*token];
        if is_of_interest(truth) {
            all += count;
            right += if facts.get(place).is_some_and(|(fact, _)| *fact == truth) { *count } else { 0.0 };
        }
    }
    right / all
}

/// The share of postings for which the most frequent fact of the statistics is the right one.
fn blind(stolen: &Stolen, public: &HashMap<Fact, f64>, is_of_interest: &dyn Fn(&Fact) -> bool) -> f64 {
    let best = public.iter().filter(|(fact, _)| is_of_interest(fact)).max_by(|one, other| one.1.total_cmp(other.1).then(other.0.cmp(one.0))).unwrap().0;
    let of_interest = || stolen.counts.iter().filter(|(token, _)| stolen.truth.get(*token).is_some_and(is_of_interest));
    let right: f64 = of_interest().filter(|(token, _)| stolen.truth[*token] == *best).map(|(_, count)| count).sum();
    right / of_interest().map(|(_, count)| count).sum::<f64>()
}

#[test]
fn frequencies_give_no_person_away_and_what_they_give_is_known() {
    let size = people();
    let (stolen, public) = (stolen(size), statistics(size));
    assert!(stolen.counts.keys().filter(|token| stolen.truth.contains_key(*token)).count() * 10 > stolen.counts.len() * 8, "the truth of most tokens is known");
    let of = |kind: ResourceType, parameter: ParameterId| move |fact: &Fact| fact.0 == parameter.0 && fact.1.starts_with(&kind.number().to_be_bytes());
    let name_words = of(ResourceType::PATIENT, ParameterId::NAME_WORD);
    let diagnoses = of(ResourceType::named("Condition").unwrap(), ParameterId::CODE);
    let mut gains: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for (what, is_of_interest) in [("words of names", &name_words as &dyn Fn(&Fact) -> bool), ("diagnoses", &diagnoses)] {
        let guess = blind(&stolen, &public, is_of_interest);
        let mixed = ranked(&stolen, &public, &|_| true, is_of_interest);
        let sorted = ranked(&stolen, &public, is_of_interest, is_of_interest);
        println!("{size} people, {what}: guessing {:.2} %, mixed {:.2} %, sorted {:.2} %", guess * 100.0, mixed * 100.0, sorted * 100.0);
        gains.insert(what, (mixed - guess, sorted - guess));
    }
    // Whose a posting is, no file says: of a person the shard is known, and nothing else.
    let has = |persons: &[&(u8, BTreeSet<Vec<u8>>)]| {
        let mut counted: BTreeMap<&Vec<u8>, usize> = BTreeMap::new();
        persons.iter().flat_map(|(_, words)| words).for_each(|word| *counted.entry(word).or_default() += 1);
        counted.values().max().copied().unwrap_or_default() as f64
    };
    let all: Vec<&(u8, BTreeSet<Vec<u8>>)> = stolen.persons.iter().collect();
    let guess = has(&all) / all.len() as f64;
    let by_shard: f64 = (0..8).map(|shard| has(&all.iter().copied().filter(|(own, _)| *own == shard).collect::<Vec<_>>())).sum::<f64>() / all.len() as f64;
    println!("{size} people, a word of the name of a person: guessing {:.2} %, with every token explained {:.2} %", guess * 100.0, by_shard * 100.0);
    for (what, (mixed, _)) in &gains {
        assert!(*mixed < 0.01, "{what}: more than one in a hundred is won by files and statistics alone");
    }
    assert!(by_shard - guess < 0.05, "a person is told by what lies in the same shard");
}
