//! Whoever has all rights on the bytes, but not the key, is noticed whatever they do.
//!
//! One clinic lives through a few days, and its engines are kept as they were in between. Each
//! case takes a copy, does to it what a host could do, and says which words of the check name it.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};

use access::Role;
use chart::{Chart, Checked, EntryResult, EverythingQuery, Patch, Target};
use fhir::ResourceType;
use search::{Handling, Query, QueryContext};
use store::batch::Batch;
use store::engine::{Engine, Read, Space, Span, commit_number_key};
use store::memory::Memory;
use store_rocks::{Options, Rocks};
use testkit::{Clinic, block_on, caller, clinic_on};

/// The engines of the clinic at some moment.
struct Moment {
    data: Memory,
    keyring: Memory,
}

/// What the clinic lived through.
struct Story {
    /// Two persons are there, with their places.
    two: Moment,
    /// Two more, Ana and her mother.
    four: Moment,
    /// Ana is named in an observation of her mother.
    named: Moment,
    /// A resource of Ana's was changed twice.
    changed: Moment,
    /// Another was deleted.
    deleted: Moment,
    /// Ana gave up an identifier that only she had.
    unclaimed: Moment,
    /// Something from long ago was added.
    dated: Moment,
    /// Records were opened.
    last: Moment,
    /// Ana's and her mother's record, as keys begin.
    ana: Vec<u8>,
    mother: Vec<u8>,
    ana_id: String,
}

fn keys(engine: &Memory, space: Space) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut found = Vec::new();
    engine
        .scan(space, &Span::all(), &mut |key, value| {
            found.push((key.to_vec(), value.to_vec()));
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
    found
}

/// Keys that are in the later engine only.
fn added(earlier: &Memory, later: &Memory, space: Space) -> Vec<Vec<u8>> {
    keys(later, space).into_iter().map(|(key, _)| key).filter(|key| earlier.get(space, key).unwrap().is_none()).collect()
}

const HEAD: usize = 9;
const ENTRY: usize = 19;
const LINE: usize = 14;
const OPENING: usize = 21;

fn of_length(keys: Vec<Vec<u8>>, length: usize) -> Vec<Vec<u8>> {
    keys.into_iter().filter(|key| key.len() == length).collect()
}

async fn write_bundle(chart: &Chart, text: &str) -> Vec<String> {
    let done = chart.bundle(&caller(Role::Integration), text.as_bytes()).await.expect("the bundle is taken");
    let id = |entry: &chart::EntryOutcome| match &entry.result {
        Ok(EntryResult::Written(written)) => written.stored.id.clone(),
        other => panic!("{other:?}"),
    };
    done.entries.iter().map(id).collect()
}

fn kind(name: &str) -> ResourceType {
    ResourceType::named(name).unwrap()
}

fn story() -> &'static Story {
    static STORY: OnceLock<Story> = OnceLock::new();
    STORY.get_or_init(|| block_on(live()))
}

async fn live() -> Story {
    let (data, keyring) = (Arc::new(Memory::new()), Arc::new(Memory::new()));
    let clinic = clinic_on(data.clone(), keyring.clone(), 1);
    let chart = &clinic.chart;
    let system = caller(Role::Integration);
    let now = || Moment { data: data.copy(), keyring: keyring.copy() };
    let mut people = synth::Population::new(country::by_code("vn").unwrap(), 5).shaped(synth::Shape::Encounters(1)).bundles(4);
    let mut ids = Vec::new();
    let mut moments = Vec::new();
    for bundle in &mut people {
        ids.push(write_bundle(chart, &bundle).await);
        moments.push(now());
    }
    // The first bundle holds the places; a person's begins with the person.
    let (ana_id, mother_id) = (ids[3][0].clone(), ids[4][0].clone());
    let record_of = |earlier: &Moment, later: &Moment| {
        let heads = of_length(added(&earlier.data, &later.data, Space::Record), HEAD);
        heads.iter().find(|key| key[7] & 3 == 0).expect("a person's record began")[..8].to_vec()
    };
    let (ana, mother) = (record_of(&moments[2], &moments[3]), record_of(&moments[3], &moments[4]));
    let four = moments.pop().unwrap();
    moments.pop();
    let two = moments.pop().unwrap();

    let observation = |subject: &str, performer: &str, date: &str| {
        format!(
            r#"{{"resourceType":"Observation","status":"final","code":{{"coding":[{{"system":"http://loinc.org","code":"29463-7"}}]}},"subject":{{"reference":"Patient/{subject}"}},"performer":[{{"reference":"Patient/{performer}"}}],"effectiveDateTime":"{date}","valueQuantity":{{"value":61}}}}"#
        )
    };
    let create = async |body: String| chart.create(&system, kind("Observation"), body.as_bytes(), None).await.unwrap().stored.id;
    create(observation(&mother_id, &ana_id, "2026-02-02")).await;
    let named = now();

    let weight = create(observation(&ana_id, &ana_id, "2026-02-02")).await;
    for value in [62, 63] {
        let patch = format!(r#"[{{"op":"replace","path":"/valueQuantity/value","value":{value}}}]"#);
        chart.patch(&system, kind("Observation"), Target::Id(&weight), Patch::Json(patch.as_bytes()), None).await.unwrap();
    }
    let changed = now();

    let mistake = create(observation(&ana_id, &ana_id, "2026-02-03")).await;
    chart.delete(&system, kind("Observation"), Target::Id(&mistake), None).await.unwrap();
    let deleted = now();

    chart.patch(&system, ResourceType::PATIENT, Target::Id(&ana_id), Patch::Json(br#"[{"op":"remove","path":"/identifier"}]"#), None).await.unwrap();
    let unclaimed = now();

    create(observation(&ana_id, &ana_id, "1999-12-31")).await;
    let dated = now();

    for role in [Role::Physician, Role::Nurse] {
        for id in [&ana_id, &mother_id] {
            chart.person(&caller(role), id).await.unwrap();
        }
    }
    let new = chart::NewAccount { login: "nurse".into(), display: "A nurse".into(), role: Role::Nurse, institution: "Here".into(), language: "en".into(), terms: chart::Terms::default() };
    chart.add_account(&testkit::caller(Role::Console).account, new, "a long password").unwrap();
    Story { two, four, named, changed, deleted, unclaimed, dated, last: now(), ana, mother, ana_id }
}

/// A host and what lies on its disks.
struct Host {
    data: Arc<Memory>,
    keyring: Arc<Memory>,
    story: &'static Story,
}

impl Host {
    /// The places of the openings in the tree, in order.
    fn leaves(&self) -> Vec<Vec<u8>> {
        let leaves: Vec<_> = self.keys(Space::Meta).into_iter().filter(|key| key.starts_with(&[3, 0])).collect();
        assert!(leaves.len() > 1, "openings were written");
        leaves
    }

    fn new() -> Host {
        Host::at(&story().last)
    }

    fn at(moment: &Moment) -> Host {
        Host { data: Arc::new(moment.data.copy()), keyring: Arc::new(moment.keyring.copy()), story: story() }
    }

    fn put(&self, space: Space, key: &[u8], value: &[u8]) {
        self.data.tamper(space, key, Some(value));
    }

    fn drop(&self, space: Space, key: &[u8]) {
        assert!(self.data.get(space, key).unwrap().is_some(), "there is something to drop");
        self.data.tamper(space, key, None);
    }

    fn keys(&self, space: Space) -> Vec<Vec<u8>> {
        keys(&self.data, space).into_iter().map(|(key, _)| key).collect()
    }

    fn value(&self, space: Space, key: &[u8]) -> Vec<u8> {
        self.data.get(space, key).unwrap().expect("it lies there")
    }

    fn flip(&self, space: Space, key: &[u8]) {
        let mut value = self.value(space, key);
        let middle = value.len() / 2;
        value[middle] ^= 0x10;
        self.put(space, key, &value);
    }

    fn swap(&self, space: Space, one: &[u8], other: &[u8]) {
        let (first, second) = (self.value(space, one), self.value(space, other));
        assert_ne!(first, second);
        self.put(space, one, &second);
        self.put(space, other, &first);
    }

    /// Versions in a record.
    fn entries(&self, record: &[u8]) -> Vec<Vec<u8>> {
        of_length(self.keys(Space::Record), ENTRY).into_iter().filter(|key| key.starts_with(record)).collect()
    }

    fn head(&self, record: &[u8]) -> Vec<u8> {
        [record, &[0]].concat()
    }

    /// Everything under a record becomes what it was.
    fn put_back(&self, record: &[u8], was: &Moment) {
        let under = |engine: &Memory| keys(engine, Space::Record).into_iter().filter(|(key, _)| key.starts_with(record)).collect::<Vec<_>>();
        for (key, _) in under(&self.data) {
            self.data.tamper(Space::Record, &key, None);
        }
        for (key, value) in under(&was.data) {
            self.put(Space::Record, &key, &value);
        }
    }

    /// The number of commits of a shard is said to be one fewer.
    fn lower_commit_number(&self, shard: u8) {
        let key = commit_number_key(shard);
        let number = u64::from_be_bytes(self.value(Space::Meta, &key).try_into().unwrap());
        self.put(Space::Meta, &key, &(number - 1).to_be_bytes());
    }

    /// Log lines of a length that came between two moments.
    fn lines(&self, from: &Moment, to: &Moment, length: usize) -> Vec<Vec<u8>> {
        of_length(added(&from.data, &to.data, Space::Log), length)
    }

    fn wraps(&self) -> [Vec<u8>; 2] {
        [&self.story.ana, &self.story.mother].map(|record| keys(&self.keyring, Space::Record).into_iter().find(|(key, _)| key.starts_with(record)).expect("a wrap").0)
    }

    /// Each door draws its own chance: two with one seed would write the same keys.
    fn open(&self) -> Clinic {
        static DOORS: AtomicU8 = AtomicU8::new(10);
        clinic_on(self.data.clone(), self.keyring.clone(), DOORS.fetch_add(1, Ordering::Relaxed))
    }
}

fn checked(chart: &Chart) -> Checked {
    chart.check(&caller(Role::Console), &mut |_| {}).expect("the check runs to its end")
}

fn words(checked: &Checked) -> String {
    checked.findings.iter().map(|finding| format!("{}{}\n", if finding.in_index { "(index) " } else { "" }, finding.what)).collect()
}

/// What a host did; the act; words of the finding it must lead to; whether a repair mends it.
type Case = (&'static str, fn(&Host), &'static str, bool);

const CASES: &[Case] = &[
    ("a byte of a sealed version is changed", |host| host.flip(Space::Record, &host.entries(&host.story.ana)[0]), "does not open", false),
    ("a version is dropped", |host| host.drop(Space::Record, &host.entries(&host.story.ana)[1]), "does not agree with its head", false),
    ("a tombstone is dropped", |host| {
        // Of a new entry with two versions, the newer one comes first.
        let both = of_length(added(&host.story.changed.data, &host.story.deleted.data, Space::Record), ENTRY);
        assert_eq!(both.len(), 2);
        host.drop(Space::Record, &both[0]);
    }, "does not agree with its head", false),
    ("an older head is put back", |host| {
        let head = host.head(&host.story.ana);
        host.put(Space::Record, &head, &host.story.changed.data.get(Space::Record, &head).unwrap().unwrap());
    }, "does not agree with its head", false),
    ("a head is dropped", |host| host.drop(Space::Record, &host.head(&host.story.ana)), "lost its head", false),
    ("a head becomes another record's", |host| host.swap(Space::Record, &host.head(&host.story.ana), &host.head(&host.story.mother)), "did not open", false),
    ("an older state of a whole record is put back", |host| host.put_back(&host.story.ana, &host.story.named), "a record was rolled back or cut", false),
    ("a whole record is dropped", |host| host.put_back(&host.story.mother, &host.story.two), "that are not in their records", false),
    ("a version is copied to another place of its record", |host| {
        let entries = host.entries(&host.story.ana);
        let mut elsewhere = entries[0].clone();
        elsewhere[14] ^= 0x40;
        host.put(Space::Record, &elsewhere, &host.value(Space::Record, &entries[0]));
    }, "a version does not open", false),
    ("a version is moved to another person's record", |host| {
        let key = host.entries(&host.story.ana)[0].clone();
        let value = host.value(Space::Record, &key);
        host.drop(Space::Record, &key);
        host.put(Space::Record, &[&host.story.mother[..], &key[8..]].concat(), &value);
    }, "a version does not open", false),
    ("two versions change places", |host| {
        let entries = host.entries(&host.story.ana);
        host.swap(Space::Record, &entries[0], &entries[1]);
    }, "a version does not open", false),
    ("a guest pointer is dropped", |host| {
        let guests = of_length(added(&host.story.four.data, &host.story.named.data, Space::Record), 17);
        assert_eq!(guests.len(), 1);
        host.drop(Space::Record, &guests[0]);
    }, "does not agree with its head", false),
    ("a key that is none of ours is put among the records", |host| host.put(Space::Record, b"ab", b"rubbish"), "not in the keyring", false),
    ("a key that is none of ours is put into a record", |host| host.put(Space::Record, &[&host.story.ana[..], &[7]].concat(), b"rubbish"), "no known kind", false),
    ("the keys of two records change places", |host| {
        let [one, other] = host.wraps();
        let (first, second) = (host.keyring.get(Space::Record, &one).unwrap().unwrap(), host.keyring.get(Space::Record, &other).unwrap().unwrap());
        host.keyring.tamper(Space::Record, &one, Some(&second));
        host.keyring.tamper(Space::Record, &other, Some(&first));
    }, "its key does not open", false),
    ("the key of a record is dropped", |host| host.keyring.tamper(Space::Record, &host.wraps()[0], None), "not in the keyring", false),
    ("a posting is dropped", |host| host.drop(Space::Posting, &host.keys(Space::Posting)[3]), "lost a posting", true),
    ("all postings are dropped", |host| host.keys(Space::Posting).iter().for_each(|key| host.drop(Space::Posting, key)), "lost a posting", true),
    ("a foreign posting is added", |host| {
        let mut key = host.keys(Space::Posting)[0].clone();
        key[20] ^= 1;
        host.put(Space::Posting, &key, b"");
    }, "postings, the records call for", true),
    ("a posting is moved to another shard", |host| {
        let mut key = host.keys(Space::Posting)[0].clone();
        host.drop(Space::Posting, &key);
        key[0] ^= 1;
        host.put(Space::Posting, &key, b"");
    }, "lost a posting", true),
    ("a locator is dropped", |host| host.drop(Space::Locator, &host.keys(Space::Locator)[0]), "lost its locator", true),
    ("two locators change places", |host| {
        let locators = host.keys(Space::Locator);
        host.swap(Space::Locator, &locators[0], &locators[1]);
    }, "leads elsewhere", true),
    ("a locator is added", |host| host.put(Space::Locator, &[7; 10], &[7; 16]), "locators, the records call for", true),
    ("a claim is forged", |host| {
        let claims = host.keys(Space::Claim);
        host.swap(Space::Claim, &claims[0], &claims[1]);
    }, "a claim does not open", true),
    ("a claim is added", |host| host.put(Space::Claim, &[7; 16], &host.value(Space::Claim, &host.keys(Space::Claim)[0])), "claims, the records call for", true),
    ("a claim is dropped", |host| host.drop(Space::Claim, &host.keys(Space::Claim)[0]), "lost its claim", true),
    ("a claim that was given up is put back", |host| {
        let given_up = added(&host.story.unclaimed.data, &host.story.deleted.data, Space::Claim);
        assert!(!given_up.is_empty());
        host.put(Space::Claim, &given_up[0], &host.story.deleted.data.get(Space::Claim, &given_up[0]).unwrap().unwrap());
    }, "claims, the records call for", true),
    ("a line of the log is dropped", |host| host.drop(Space::Log, &host.lines(&host.story.named, &host.story.changed, LINE)[0]), "something was taken out or put in", false),
    ("a line of the log is dropped and the number of commits made to fit", |host| {
        let line = &host.lines(&host.story.named, &host.story.changed, LINE)[0];
        host.drop(Space::Log, line);
        host.lower_commit_number(line[0]);
    }, "lines were taken out of the log", false),
    ("a line of the log is changed", |host| host.flip(Space::Log, &host.lines(&host.story.named, &host.story.changed, LINE)[0]), "do not open", false),
    ("a line of the log is put in a second time", |host| {
        let line = host.lines(&host.story.named, &host.story.changed, LINE)[0].clone();
        let mut again = line.clone();
        again[13] ^= 1;
        host.put(Space::Log, &again, &host.value(Space::Log, &line));
    }, "do not open", false),
    ("a line is put into the log of a shard there is not", |host| host.put(Space::Log, &[200; LINE], b"rubbish"), "shard 200", false),
    ("the number of commits is changed", |host| host.lower_commit_number(host.story.ana[0]), "something was taken out or put in", false),
    ("an opening is dropped", |host| host.drop(Space::Log, &host.lines(&host.story.dated, &host.story.last, OPENING)[0]), "are not those its lines tell of", false),
    ("an opening is dropped with its line", |host| {
        let opening = host.lines(&host.story.dated, &host.story.last, OPENING)[0].clone();
        let of_its_time = |line: &Vec<u8>| line[0] == opening[0] && line[2..10] == opening[9..17];
        let line = host.lines(&host.story.dated, &host.story.last, LINE).into_iter().find(of_its_time).unwrap();
        host.drop(Space::Log, &opening);
        host.drop(Space::Log, &line);
    }, "something was taken out or put in", false),
    ("two openings change places", |host| {
        let openings = host.lines(&host.story.dated, &host.story.last, OPENING);
        host.swap(Space::Log, &openings[0], &openings[1]);
    }, "are not those its lines tell of", false),
    ("two openings change places in the tree", |host| {
        let leaves = host.leaves();
        host.swap(Space::Meta, &leaves[0], &leaves[1]);
    }, "dropped, changed or reordered", false),
    ("a leaf of the tree is changed", |host| host.flip(Space::Meta, &host.leaves()[0]), "dropped, changed or reordered", false),
    ("the last leaf of the tree is dropped", |host| host.drop(Space::Meta, host.leaves().last().unwrap()), "some were taken out or put in", false),
    ("a leaf in the middle of the tree is dropped", |host| host.drop(Space::Meta, &host.leaves()[0]), "some were taken out or put in", false),
    ("a leaf leads to another opening", |host| {
        let leaves = host.leaves();
        let mut leaf = host.value(Space::Meta, &leaves[0]);
        leaf[32..].copy_from_slice(&host.value(Space::Meta, &leaves[1])[32..]);
        host.put(Space::Meta, &leaves[0], &leaf);
    }, "dropped, changed or reordered", false),
    ("an opening is put in at the end and dated back", |host| {
        let leaves = host.leaves();
        let mut after = leaves.last().unwrap().clone();
        *after.last_mut().unwrap() += 1;
        host.put(Space::Meta, &after, &host.value(Space::Meta, &leaves[0]));
    }, "dated before those in front of them", false),
    ("a hash above the openings is put in", |host| host.put(Space::Meta, &[3, 1, 0, 0, 0, 0, 0, 0, 0, 0], &[7; 32]), "hashes above the openings", false),
    ("an older note of the months in use is put back", |host| {
        let changed: Vec<Vec<u8>> = host.keys(Space::Meta).into_iter().filter(|key| key[0] == 2 && host.story.unclaimed.data.get(Space::Meta, key).unwrap().is_some_and(|was| was != host.value(Space::Meta, key))).collect();
        assert_eq!(changed.len(), 1);
        host.put(Space::Meta, &changed[0], &host.story.unclaimed.data.get(Space::Meta, &changed[0]).unwrap().unwrap());
    }, "months in use", true),
    ("the note of the months in use is dropped", |host| {
        let note = host.keys(Space::Meta).into_iter().find(|key| key[0] == 2 && host.story.dated.data.get(Space::Meta, key).unwrap().is_some()).unwrap();
        host.drop(Space::Meta, &note);
    }, "months in use", true),
    ("the accounts are changed", |host| {
        let note = host.keys(Space::Meta).into_iter().find(|key| key[0] == 2 && host.story.dated.data.get(Space::Meta, key).unwrap().is_none()).unwrap();
        host.flip(Space::Meta, &note);
    }, "do not open; accounts", false),
];

#[test]
fn an_untouched_store_is_sound_at_every_moment() {
    let story = story();
    for moment in [&story.two, &story.four, &story.named, &story.changed, &story.deleted, &story.unclaimed, &story.dated, &story.last] {
        let clinic = clinic_on(Arc::new(moment.data.copy()), Arc::new(moment.keyring.copy()), 2);
        let seen = checked(&clinic.chart);
        assert!(seen.is_sound(), "{}", words(&seen));
        assert!(seen.records > 2 && seen.versions > 20 && seen.postings > 20 && seen.locators > 20 && seen.claims > 1, "{seen:?}");
    }
}

#[test]
fn whatever_a_host_does_to_the_bytes_is_noticed() {
    let mut failures = String::new();
    for (act, tamper, expected, mends) in CASES {
        let host = Host::new();
        tamper(&host);
        let clinic = host.open();
        let seen = checked(&clinic.chart);
        if !seen.findings.iter().any(|finding| finding.what.contains(expected)) {
            failures.push_str(&format!("{act}: expected «{expected}», found:\n{}", words(&seen)));
        }
        if seen.findings.iter().all(|finding| finding.in_index) != *mends {
            failures.push_str(&format!("{act}: a repair should{} mend it:\n{}", if *mends { "" } else { " not" }, words(&seen)));
        }
        clinic.chart.repair_index(&caller(Role::Console), &mut |_| {}).unwrap();
        let after = checked(&clinic.chart);
        if after.is_sound() != *mends {
            failures.push_str(&format!("{act}: after the repair:\n{}", words(&after)));
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

#[test]
fn a_record_put_back_to_before_another_named_it_is_noticed_though_no_version_is_missing() {
    let host = Host::at(&story().named);
    host.put_back(&host.story.ana, &host.story.four);
    let found = words(&checked(&host.open().chart));
    assert!(found.contains("written to more often than its head says"), "{found}");
    assert!(!found.contains("rolled back or cut"), "{found}");
}

#[test]
fn a_running_door_checks_what_is_on_disk_and_not_what_it_remembers() {
    let host = Host::new();
    let clinic = host.open();
    let doctor = caller(Role::Physician);
    block_on(clinic.chart.person(&doctor, &host.story.ana_id)).unwrap();
    host.keyring.tamper(Space::Record, &host.wraps()[0], None);
    assert!(words(&checked(&clinic.chart)).contains("not in the keyring"));
}

#[test]
fn a_store_put_back_as_a_whole_passes_the_check_and_is_told_by_the_anchor() {
    let story = story();
    let open = |moment: &Moment| store::Store::open(Arc::new(moment.data.copy()), Arc::new(moment.keyring.copy()), &testkit::key(), [3; 32]).unwrap();
    let anchor = open(&story.last).commit_numbers().unwrap();
    assert!(open(&story.last).compare_with(&anchor).is_ok());
    for moment in [&story.two, &story.named, &story.dated] {
        assert!(matches!(open(moment).compare_with(&anchor), Err(store::Error::RolledBack { .. })));
    }
    // A later store than the anchor is what every day brings.
    assert!(open(&story.last).compare_with(&open(&story.two).commit_numbers().unwrap()).is_ok());
    assert!(open(&story.last).compare_with(&anchor[..7]).is_err());
}

#[test]
fn the_line_that_describes_the_store_cannot_be_changed() {
    let site = |host: &Host| host.keys(Space::Meta).into_iter().find(|key| key[0] == 1).unwrap();
    let open = |host: &Host| store::Store::open(host.data.clone(), host.keyring.clone(), &testkit::key(), [3; 32]);
    assert!(open(&Host::new()).is_ok());
    for place in 0..Host::new().value(Space::Meta, &site(&Host::new())).len() {
        let host = Host::new();
        let mut line = host.value(Space::Meta, &site(&host));
        line[place] ^= 1;
        host.put(Space::Meta, &site(&host), &line);
        assert!(open(&host).is_err(), "byte {place}");
    }
}

#[test]
fn reading_a_record_that_was_cut_fails_loudly() {
    let acts: [(&str, fn(&Host)); 4] = [
        ("a version dropped", |host| host.drop(Space::Record, &host.entries(&host.story.ana)[1])),
        ("a head dropped", |host| host.drop(Space::Record, &host.head(&host.story.ana))),
        ("an older head", |host| {
            let head = host.head(&host.story.ana);
            host.put(Space::Record, &head, &host.story.changed.data.get(Space::Record, &head).unwrap().unwrap());
        }),
        ("a byte changed", |host| host.flip(Space::Record, &host.entries(&host.story.ana)[0])),
    ];
    let doctor = caller(Role::Physician);
    let whole = Host::new().open();
    block_on(whole.chart.person(&doctor, &story().ana_id)).unwrap();
    for (act, tamper) in acts {
        let host = Host::new();
        tamper(&host);
        let chart = host.open().chart;
        assert!(matches!(block_on(chart.person(&doctor, &host.story.ana_id)), Err(chart::Error::Store(_))), "{act}: the page of a person");
        let everything = block_on(chart.everything(&doctor, &host.story.ana_id, &EverythingQuery::default()));
        assert!(matches!(everything, Err(chart::Error::Store(_))), "{act}: $everything");
    }
}

/// What a caller finds with some searches, and by name: types, ids and versions, in no order.
fn answers(clinic: &Clinic) -> Vec<String> {
    const SEARCHES: &[(&str, &str)] = &[
        ("Patient", ""),
        ("Patient", "gender=female"),
        ("Patient", "birthdate=ge1900-01-01"),
        ("Observation", "code=http://loinc.org|29463-7"),
        ("Observation", "code=29463-7&date=1999-12"),
        ("Observation", "date=lt2000-01-01"),
        ("Observation", "status=final"),
        ("Encounter", "date=ge2019-01-01"),
        ("Practitioner", ""),
        ("Organization", ""),
    ];
    let doctor = caller(Role::Physician);
    let context = || QueryContext { default_offset_minutes: 0, base_url: testkit::BASE_URL.to_owned(), ..QueryContext::default() };
    let mut lines = Vec::new();
    for (type_name, text) in SEARCHES {
        let pairs = search::split_query(text);
        let mut query = Query::parse(kind(type_name), pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())), Handling::Strict, context()).unwrap();
        query.count = Some(1000);
        let page = block_on(clinic.chart.search(&doctor, &query, None)).unwrap();
        let mut found: Vec<String> = page.items.iter().map(|hit| format!("{}/{}/{}", hit.stored.kind, hit.stored.id, hit.stored.version)).collect();
        found.sort_unstable();
        lines.push(format!("{type_name}?{text} {} {}", found.len(), found.join(" ")));
    }
    let read = block_on(clinic.chart.read(&doctor, ResourceType::PATIENT, &story().ana_id));
    lines.push(format!("read {}", read.is_ok()));
    lines
}

#[test]
fn an_index_lost_as_a_whole_is_built_anew_and_searches_answer_as_before() {
    let before = answers(&Host::new().open());
    assert!(before.iter().all(|line| !line.contains(" 0 ")), "every search finds something: {before:#?}");
    let host = Host::new();
    for space in [Space::Posting, Space::Locator, Space::Claim] {
        host.keys(space).iter().for_each(|key| host.drop(space, key));
    }
    let months = host.keys(Space::Meta).into_iter().find(|key| key[0] == 2 && host.story.dated.data.get(Space::Meta, key).unwrap().is_some()).unwrap();
    host.drop(Space::Meta, &months);
    let clinic = host.open();
    assert_ne!(answers(&clinic), before);
    let records = clinic.chart.repair_index(&caller(Role::Console), &mut |_| {}).unwrap();
    assert!(records > 2);
    let after = checked(&clinic.chart);
    assert!(after.is_sound(), "{}", words(&after));
    assert_eq!(answers(&clinic), before, "the door that mended it");
    assert_eq!(answers(&host.open()), before, "a door opened later");
    // Mending what is whole changes nothing but the log.
    clinic.chart.repair_index(&caller(Role::Console), &mut |_| {}).unwrap();
    assert!(checked(&clinic.chart).is_sound());
    assert_eq!(answers(&clinic), before);
    // Who held an identifier before the loss still does.
    let taken = block_on(clinic.chart.search(&caller(Role::Physician), &Query::parse(ResourceType::PATIENT, [].into_iter(), Handling::Strict, QueryContext { default_offset_minutes: 0, base_url: String::new(), ..QueryContext::default() }).unwrap(), None)).unwrap();
    let holder = taken.items.iter().find(|hit| hit.stored.id != story().ana_id).unwrap();
    let again = block_on(clinic.chart.create(&caller(Role::Integration), ResourceType::PATIENT, holder.stored.text.as_bytes(), None));
    assert!(matches!(again, Err(chart::Error::Conflict(_))), "{again:?}");
}

#[test]
fn the_engine_on_disk_is_checked_and_mended_like_the_one_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let open_engine = |name: &str| Arc::new(Rocks::open(&folder.path().join(name), &Options::small()).unwrap());
    let open = |seed: u8| {
        let (data, keyring) = (open_engine("record"), open_engine("keyring"));
        (data.clone(), clinic_on(data, keyring, seed))
    };
    let (_, clinic) = open(1);
    block_on(async {
        for bundle in synth::Population::new(country::by_code("ru").unwrap(), 5).shaped(synth::Shape::Encounters(1)).bundles(3) {
            write_bundle(&clinic.chart, &bundle).await;
        }
    });
    assert!(checked(&clinic.chart).is_sound());
    clinic.chart.close().unwrap();
    drop(clinic);

    let (data, clinic) = open(2);
    let seen = checked(&clinic.chart);
    assert!(seen.is_sound() && seen.versions > 50, "{seen:?}");
    let mut some = Batch::new();
    for space in [Space::Locator, Space::Claim] {
        let mut first = Vec::new();
        data.scan(space, &Span::all(), &mut |key, _| {
            first = key.to_vec();
            std::ops::ControlFlow::Break(())
        })
        .unwrap();
        some.delete(space, &first);
    }
    data.commit_wait(some).unwrap();
    let found = words(&checked(&clinic.chart));
    assert!(found.contains("lost its locator") && found.contains("lost its claim"), "{found}");
    clinic.chart.repair_index(&caller(Role::Console), &mut |_| {}).unwrap();
    assert!(checked(&clinic.chart).is_sound());

    // A whole index lost on disk, and a version: the first is mended, the second is named.
    let mut all = Batch::new();
    for space in [Space::Posting, Space::Locator] {
        data.scan(space, &Span::all(), &mut |key, _| {
            all.delete(space, key);
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
    }
    let mut version = Vec::new();
    data.scan_back(Space::Record, &Span::all(), &mut |key, _| {
        version = key.to_vec();
        std::ops::ControlFlow::Break(())
    })
    .unwrap();
    data.commit_wait(all).unwrap();
    clinic.chart.repair_index(&caller(Role::Console), &mut |_| {}).unwrap();
    let found = words(&checked(&clinic.chart));
    assert!(!found.contains("posting") && !found.contains("locator"), "{found}");
    let mut cut = Batch::new();
    cut.delete(Space::Record, &version);
    data.commit_wait(cut).unwrap();
    let found = words(&checked(&clinic.chart));
    assert!(found.contains("does not agree with its head") && found.contains("that are not in their records"), "{found}");
    clinic.chart.close().unwrap();
}
