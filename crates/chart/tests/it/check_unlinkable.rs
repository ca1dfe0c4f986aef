//! Without the key, nobody can tell which postings belong to one record.
//!
//! All posting keys of a store of a few hundred persons are looked at as its host sees them.
//! The same looks, with the key, do link them: what finds nothing there could have found something.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::ControlFlow;
use std::sync::Arc;

use access::Role;
use fhir::{ResourceType, Value};
use seal::{BlockKey, InstitutionKey, Stream, Tokens};
use store::engine::{Read, Space, Span};
use store::memory::Memory;
use store::{Meaning, OwnedTerm, Store};
use testkit::{block_on, caller, clinic_on};

/// A posting as it lies there: `shard 1 ‖ token 10 ‖ block 16`.
type Posting = [u8; 27];
const BLOCK: usize = 11;

const PEOPLE: u64 = 240;

/// A store of a few hundred persons, made anew by whoever asks.
fn filled(people: u64) -> (Arc<Memory>, Arc<Memory>) {
    let (data, keyring) = (Arc::new(Memory::new()), Arc::new(Memory::new()));
    let clinic = clinic_on(data.clone(), keyring.clone(), 11);
    let system = caller(Role::Integration);
    // Somebody is born as late as the records of the population go.
    let (year, month, day) = synth::LAST_DAY;
    clinic.hands.stand_at(fhir::Moment(fhir::date::days_from_civil(year, month, day) * fhir::date::DAY_MS));
    block_on(async {
        for bundle in synth::Population::new(country::by_code("mx").unwrap(), 3).shaped(synth::Shape::Encounters(1)).bundles(people) {
            clinic.chart.bundle(&system, bundle.as_bytes()).await.expect("the bundle is taken");
        }
    });
    (data, keyring)
}

fn postings(data: &Memory) -> Vec<Posting> {
    let mut found = Vec::new();
    data.scan(Space::Posting, &Span::all(), &mut |key, value| {
        assert!(value.is_empty());
        found.push(key.try_into().expect("27 bytes"));
        ControlFlow::Continue(())
    })
    .unwrap();
    found
}

/// What a Patient is matched by and no search is asked for: a contact, a street.
fn traces_of(patient: Value<'_>) -> Vec<OwnedTerm> {
    let term = |parameter: search::ParameterId, text: &str| {
        let value = [&ResourceType::PATIENT.number().to_be_bytes()[..], text.as_bytes()].concat();
        OwnedTerm { parameter: parameter.0, value, month: search::UNDATED, seconds: 0 }
    };
    let traces = mpi::traces(&mpi::Person::read(patient));
    let known = traces.iter().filter_map(|key| match key {
        mpi::Key::Contact(text) => Some(term(search::ParameterId::CONTACT, text)),
        mpi::Key::Street(text) => Some(term(search::ParameterId::STREET, text)),
        _ => None,
    });
    known.collect()
}

/// Every term of every resource, which only somebody with the key can know.
fn terms(data: Arc<Memory>, keyring: Arc<Memory>) -> BTreeSet<(u16, Vec<u8>, u16)> {
    let found = RefCell::new(BTreeSet::new());
    let store = Store::open(data, keyring, &testkit::key(), [5; 32]).unwrap();
    let terms_of = |kind: ResourceType, resource: Value<'_>| {
        let mut terms = Vec::new();
        search::terms(kind, resource, &mut |term| {
            found.borrow_mut().insert((term.parameter.0, term.value.to_vec(), term.bucket));
            terms.push(OwnedTerm { parameter: term.parameter.0, value: term.value.to_vec(), month: term.bucket, seconds: term.time });
        });
        search::Custom::beside_r4().terms(kind, resource, &|_| true, &mut |term| {
            found.borrow_mut().insert((term.parameter.0, term.value.to_vec(), term.bucket));
            terms.push(OwnedTerm { parameter: term.parameter.0, value: term.value.to_vec(), month: term.bucket, seconds: term.time });
        });
        if kind == ResourceType::PATIENT {
            for term in traces_of(resource) {
                found.borrow_mut().insert((term.parameter, term.value.clone(), term.month));
                terms.push(term);
            }
        }
        terms
    };
    store.check(&Meaning { terms_of: &terms_of, claims_of: &|_, _| Vec::new(), former_claims_of: &|_, _| Vec::new(), is_settled: true }, &mut |_| {}).unwrap();
    found.into_inner()
}

/// What a posting says to who has the key: the record's number (its shard is the key's first byte).
fn opened(tokens: &Tokens, terms: &BTreeSet<(u16, Vec<u8>, u16)>, postings: &[Posting]) -> Vec<[u8; 8]> {
    let keys: HashMap<[u8; 10], BlockKey> = terms
        .iter()
        .map(|(parameter, value, month)| tokens.term(&parameter.to_string(), value, *month))
        .collect();
    let open = |posting: &Posting| {
        let block = keys[&posting[1..BLOCK]].open(posting[BLOCK..].try_into().unwrap());
        let mut record = [posting[0]; 8];
        record[1..].copy_from_slice(&block[..7]);
        record
    };
    postings.iter().map(open).collect()
}

/// Bytes of two blocks that agree in value and place.
fn agreeing(one: &[u8], other: &[u8]) -> u64 {
    one.iter().zip(other).filter(|(one, other)| one == other).count() as u64
}

/// How far a count of agreeing bytes, of so many compared, is from chance, in standard deviations.
fn deviation(agree: u64, compared: u64) -> f64 {
    let (chance, compared) = (1.0 / 256.0, compared as f64);
    (agree as f64 - compared * chance) / (compared * chance * (1.0 - chance)).sqrt()
}

/// Chi-square of the differences of two blocks, byte by byte, against the same number of each value.
fn chi_square(counts: &[u64; 256]) -> f64 {
    let expected = counts.iter().sum::<u64>() as f64 / 256.0;
    counts.iter().map(|count| (*count as f64 - expected).powi(2) / expected).sum()
}

/// 255 degrees of freedom, and six standard deviations above.
const CHI_SQUARE_MOST: f64 = 255.0 + 6.0 * 22.6;

#[test]
fn postings_of_one_record_have_nothing_in_common_without_the_key_and_everything_with_it() {
    let (data, keyring) = filled(PEOPLE);
    let postings = postings(&data);
    let terms = terms(data, keyring);
    assert!(postings.len() > 10_000 && terms.len() > 1_000, "{} postings of {} terms", postings.len(), terms.len());

    // Positive control: with the key, each posting opens to one of some hundred records.
    let records = opened(&testkit::key().as_site().tokens(), &terms, &postings);
    let mut by_record: BTreeMap<[u8; 8], Vec<usize>> = BTreeMap::new();
    for (index, record) in records.iter().enumerate() {
        by_record.entry(*record).or_default().push(index);
    }
    let persons = by_record.keys().filter(|record| record[7] & 3 == 0).count() as u64;
    assert_eq!(persons, PEOPLE, "every person is found behind the postings");

    // Eight bytes that two postings share are the shard and the token of one term, or part of them.
    let mut windows: Vec<([u8; 8], usize, u32)> = Vec::with_capacity(postings.len() * 20);
    for (index, posting) in postings.iter().enumerate() {
        let at = |start: usize| posting[start..start + 8].try_into().unwrap();
        windows.extend((0..20).map(|start| (at(start), start, index as u32)));
    }
    windows.sort_unstable();
    for pair in windows.windows(2) {
        let [(one, start, first), (other, other_start, second)] = pair else { unreachable!() };
        if one == other && first != second {
            let (first, second) = (&postings[*first as usize], &postings[*second as usize]);
            let of_one_term = first[1..BLOCK] == second[1..BLOCK] && start == other_start && *start < BLOCK;
            assert!(of_one_term, "two postings share eight bytes from place {start} on");
        }
    }

    // Blocks of one record under different terms agree as often as blocks of different records.
    let (mut same, mut random, mut compared) = (0, 0, 0);
    let (mut same_counts, mut random_counts) = ([0u64; 256], [0u64; 256]);
    for (number, of_one) in by_record.values().enumerate() {
        for (place, pair) in of_one.windows(2).enumerate() {
            let [one, next] = [postings[pair[0]], postings[pair[1]]];
            if one[1..BLOCK] == next[1..BLOCK] {
                continue;
            }
            // Somebody else's, chosen without looking.
            let stranger = postings[(pair[0] + 7919 * (place + 1) + number) % postings.len()];
            let (one, next, stranger) = (&one[BLOCK..], &next[BLOCK..], &stranger[BLOCK..]);
            same += agreeing(one, next);
            random += agreeing(one, stranger);
            compared += 16;
            for byte in 0..16 {
                same_counts[(one[byte] ^ next[byte]) as usize] += 1;
                random_counts[(one[byte] ^ stranger[byte]) as usize] += 1;
            }
        }
    }
    assert!(compared > 100_000, "{compared} bytes were compared");
    assert!(deviation(same, compared).abs() < 6.0, "{same} of {compared} bytes agree within a record");
    assert!(deviation(random, compared).abs() < 6.0, "{random} of {compared} bytes agree among strangers");
    for (counts, of) in [(same_counts, "within a record"), (random_counts, "among strangers")] {
        assert!(chi_square(&counts) < CHI_SQUARE_MOST, "{of}: {}", chi_square(&counts));
    }

    // The same look at what the blocks say is far from chance: it would have seen something.
    let linked: u64 = by_record.values().flat_map(|of_one| of_one.windows(2)).map(|pair| agreeing(&records[pair[0]], &records[pair[1]])).sum();
    let pairs: u64 = by_record.values().map(|of_one| of_one.len() as u64 - 1).sum();
    assert_eq!(linked, pairs * 8);
    assert!(deviation(linked, pairs * 8) > 1000.0);
}

#[test]
fn one_term_looks_different_under_the_keys_of_two_institutions() {
    let (data, keyring) = filled(12);
    let postings = postings(&data);
    let terms = terms(data, keyring);
    let (here, there) = (testkit::key().as_site().tokens(), InstitutionKey::new(&mut Stream::new([43; 32])).as_site().tokens());
    let mut seen: BTreeSet<[u8; 8]> = BTreeSet::new();
    let block = *b"record entr time";
    let (mut agree, mut compared) = (0, 0);
    for (parameter, value, month) in &terms {
        let parameter = parameter.to_string();
        let ((one, one_key), (other, other_key)) = (here.term(&parameter, value, *month), there.term(&parameter, value, *month));
        agree += agreeing(&one, &other) + agreeing(&one_key.seal(block), &other_key.seal(block));
        compared += 26;
        for token in [one, other] {
            for part in token.windows(8) {
                assert!(seen.insert(part.try_into().unwrap()), "a token is seen twice");
            }
        }
    }
    assert!(terms.len() > 100 && deviation(agree, compared).abs() < 6.0, "{agree} of {compared} bytes agree");
    // Positive control: the tokens of this institution are those in its store, the other's are not.
    let ours = |tokens: &Tokens| {
        let known: BTreeSet<[u8; 10]> = terms.iter().map(|(parameter, value, month)| tokens.term(&parameter.to_string(), value, *month).0).collect();
        postings.iter().filter(|posting| known.contains::<[u8]>(&posting[1..BLOCK])).count()
    };
    assert_eq!((ours(&here), ours(&there)), (postings.len(), 0));
}
