//! A clinic that lives through a few days, and the host whose disks it lies on.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};

use access::Role;
use chart::{Chart, Checked, EntryResult, Patch, Target};
use fhir::ResourceType;
use store::engine::{Read, Space, Span, commit_number_key};
use store::memory::Memory;
use testkit::{Clinic, block_on, caller, clinic_on};

/// The engines of the clinic at some moment.
pub struct Moment {
    pub data: Memory,
    pub keyring: Memory,
}

/// What the clinic lived through.
pub struct Story {
    /// Two persons are there, with their places.
    pub two: Moment,
    /// Two more, Ana and her mother.
    pub four: Moment,
    /// Ana is named in an observation of her mother.
    pub named: Moment,
    /// A resource of Ana's was changed twice.
    pub changed: Moment,
    /// Another was deleted.
    pub deleted: Moment,
    /// Ana gave up an identifier that only she had.
    pub unclaimed: Moment,
    /// Something from long ago was added.
    pub dated: Moment,
    /// Records were opened.
    pub last: Moment,
    /// Ana's and her mother's record, as keys begin.
    pub ana: Vec<u8>,
    pub mother: Vec<u8>,
    pub ana_id: String,
}

pub fn keys(engine: &Memory, space: Space) -> Vec<(Vec<u8>, Vec<u8>)> {
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
pub fn added(earlier: &Memory, later: &Memory, space: Space) -> Vec<Vec<u8>> {
    keys(later, space).into_iter().map(|(key, _)| key).filter(|key| earlier.get(space, key).unwrap().is_none()).collect()
}

pub const HEAD: usize = 9;
pub const ENTRY: usize = 19;
pub const LINE: usize = 14;
pub const OPENING: usize = 21;

pub fn of_length(keys: Vec<Vec<u8>>, length: usize) -> Vec<Vec<u8>> {
    keys.into_iter().filter(|key| key.len() == length).collect()
}

pub async fn write_bundle(chart: &Chart, text: &str) -> Vec<String> {
    let done = chart.bundle(&caller(Role::Integration), text.as_bytes()).await.expect("the bundle is taken");
    let id = |entry: &chart::EntryOutcome| match &entry.result {
        Ok(EntryResult::Written(written)) => written.stored.id.clone(),
        other => panic!("{other:?}"),
    };
    done.entries.iter().map(id).collect()
}

pub fn kind(name: &str) -> ResourceType {
    ResourceType::named(name).unwrap()
}

pub fn story() -> &'static Story {
    static STORY: OnceLock<Story> = OnceLock::new();
    STORY.get_or_init(|| block_on(live()))
}

pub async fn live() -> Story {
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
pub struct Host {
    pub data: Arc<Memory>,
    pub keyring: Arc<Memory>,
    pub story: &'static Story,
}

impl Host {
    /// The places of the openings in the tree, in order.
    pub fn leaves(&self) -> Vec<Vec<u8>> {
        let leaves: Vec<_> = self.keys(Space::Meta).into_iter().filter(|key| key.starts_with(&[3, 0])).collect();
        assert!(leaves.len() > 1, "openings were written");
        leaves
    }

    pub fn new() -> Host {
        Host::at(&story().last)
    }

    pub fn at(moment: &Moment) -> Host {
        Host { data: Arc::new(moment.data.copy()), keyring: Arc::new(moment.keyring.copy()), story: story() }
    }

    pub fn put(&self, space: Space, key: &[u8], value: &[u8]) {
        self.data.tamper(space, key, Some(value));
    }

    pub fn drop(&self, space: Space, key: &[u8]) {
        assert!(self.data.get(space, key).unwrap().is_some(), "there is something to drop");
        self.data.tamper(space, key, None);
    }

    pub fn keys(&self, space: Space) -> Vec<Vec<u8>> {
        keys(&self.data, space).into_iter().map(|(key, _)| key).collect()
    }

    pub fn value(&self, space: Space, key: &[u8]) -> Vec<u8> {
        self.data.get(space, key).unwrap().expect("it lies there")
    }

    pub fn flip(&self, space: Space, key: &[u8]) {
        let mut value = self.value(space, key);
        let middle = value.len() / 2;
        value[middle] ^= 0x10;
        self.put(space, key, &value);
    }

    pub fn swap(&self, space: Space, one: &[u8], other: &[u8]) {
        let (first, second) = (self.value(space, one), self.value(space, other));
        assert_ne!(first, second);
        self.put(space, one, &second);
        self.put(space, other, &first);
    }

    /// The note of the months in use: the one that something from long ago changed.
    pub fn months_note(&self) -> Vec<u8> {
        let is_other = |key: &Vec<u8>| self.story.unclaimed.data.get(Space::Meta, key).unwrap().is_some_and(|was| was != self.value(Space::Meta, key));
        let changed: Vec<Vec<u8>> = self.keys(Space::Meta).into_iter().filter(|key| key[0] == 2 && is_other(key)).collect();
        assert_eq!(changed.len(), 1);
        changed[0].clone()
    }

    /// Versions in a record.
    pub fn entries(&self, record: &[u8]) -> Vec<Vec<u8>> {
        of_length(self.keys(Space::Record), ENTRY).into_iter().filter(|key| key.starts_with(record)).collect()
    }

    pub fn head(&self, record: &[u8]) -> Vec<u8> {
        [record, &[0]].concat()
    }

    /// Everything under a record becomes what it was.
    pub fn put_back(&self, record: &[u8], was: &Moment) {
        let under = |engine: &Memory| keys(engine, Space::Record).into_iter().filter(|(key, _)| key.starts_with(record)).collect::<Vec<_>>();
        for (key, _) in under(&self.data) {
            self.data.tamper(Space::Record, &key, None);
        }
        for (key, value) in under(&was.data) {
            self.put(Space::Record, &key, &value);
        }
    }

    /// The number of commits of a shard is said to be one fewer.
    pub fn lower_commit_number(&self, shard: u8) {
        let key = commit_number_key(shard);
        let number = u64::from_be_bytes(self.value(Space::Meta, &key).try_into().unwrap());
        self.put(Space::Meta, &key, &(number - 1).to_be_bytes());
    }

    /// Log lines of a length that came between two moments.
    pub fn lines(&self, from: &Moment, to: &Moment, length: usize) -> Vec<Vec<u8>> {
        of_length(added(&from.data, &to.data, Space::Log), length)
    }

    pub fn wraps(&self) -> [Vec<u8>; 2] {
        [&self.story.ana, &self.story.mother].map(|record| keys(&self.keyring, Space::Record).into_iter().find(|(key, _)| key.starts_with(record)).expect("a wrap").0)
    }

    /// Each door draws its own chance: two with one seed would write the same keys.
    pub fn open(&self) -> Clinic {
        static DOORS: AtomicU8 = AtomicU8::new(10);
        clinic_on(self.data.clone(), self.keyring.clone(), DOORS.fetch_add(1, Ordering::Relaxed))
    }
}

pub fn checked(chart: &Chart) -> Checked {
    chart.check(&caller(Role::Console), &mut |_| {}).expect("the check runs to its end")
}

pub fn words(checked: &Checked) -> String {
    checked.findings.iter().map(|finding| format!("{}{}\n", if finding.in_index { "(index) " } else { "" }, finding.what)).collect()
}
