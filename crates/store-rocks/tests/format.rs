//! Every format ever shipped is still opened.
//!
//! `test_data/format_N` holds a small store as a program of that format left it when it was killed,
//! its key, and what a door said lay in it. `crates/testkit/examples/make_format_fixture.rs` made it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use access::Role;
use chart::{Attempt, Chart, Clock, Error, Settings, SignIn};
use fhir::{Moment, ResourceType};
use seal::InstitutionKey;
use store::Store;
use store_rocks::{Options, Rocks};
use testkit::{block_on, caller, told::told};

fn kept(format: u32) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("test_data").join(format!("format_{format}"))
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() { copy(&path, &target) } else { fs::copy(&path, &target).map(|_| ()).unwrap() }
    }
}

/// A year after the store was last written to.
struct Later(AtomicI64);

impl Clock for Later {
    fn now(&self) -> Moment {
        Moment(self.0.fetch_add(1, Ordering::SeqCst))
    }
}

fn open(folder: &Path) -> Result<Chart, Box<dyn std::error::Error>> {
    let key = InstitutionKey::from_file_text(&fs::read_to_string(folder.join("institution.key"))?)?;
    let engine = |name: &str| Rocks::open(&folder.join(name), &Options::small()).map(Arc::new);
    let store = Store::open(engine("record")?, engine("keyring")?, &key, [77; 32])?;
    let anchor = fs::read_to_string(folder.join("anchor"))?;
    let numbers: Vec<u64> = anchor.split_whitespace().skip(1).map(str::parse).collect::<Result<_, _>>()?;
    store.compare_with(&numbers)?;
    let clock = Later(AtomicI64::new(testkit::OPENS.0 + 366 * 86_400_000));
    Ok(Chart::open(store, Arc::new(clock), Settings { base_url: testkit::BASE_URL.to_owned(), ..Settings::default() })?)
}

fn role_of(chart: &Chart, password: &str) -> Option<Role> {
    match chart.sign_in(&Attempt { login: "physician", password, from: None }).unwrap() {
        SignIn::Welcome(signed_in) => Some(signed_in.account.role),
        _ => None,
    }
}

#[test]
fn a_store_of_format_1_is_opened_read_checked_mended_and_written_to() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("store");
    copy(&kept(1), &folder);
    let expected: Vec<String> = fs::read_to_string(folder.join("told.txt")).unwrap().lines().map(str::to_owned).collect();
    let told_of = |part: &str| expected.iter().filter(|line| line.contains(part)).count();
    for part in ["Patient/", "Encounter/", " 3 Update ", " Delete ", "Coverage/", "Group/", "Practitioner/", "flaws 1", "account 2 operator", "opened Patient/"] {
        assert!(told_of(part) > 0, "the store holds {part}");
    }
    let chart = open(&folder).unwrap();
    block_on(async {
        let (console, doctor) = (caller(Role::Console), caller(Role::Physician));
        let seen = chart.check(&console, &mut |_| {}).unwrap();
        // Postings of later days are all that an old store lacks; mending adds them.
        assert!(seen.findings.iter().all(|finding| finding.in_index) && seen.guests > 0 && seen.flawed > 0 && seen.claims > 0 && seen.openings > 0, "{seen:?}");
        assert_eq!(told(&chart, caller(Role::Nurse).account.number).await.unwrap(), expected);
        let observation = ResourceType::named("Observation").unwrap();
        let read = chart.read(&doctor, observation, "of-the-mother").await.unwrap();
        assert!(read.version == 3 && read.text.contains("three times"), "{read:?}");
        assert!(matches!(chart.read(&doctor, observation, "a-mistake").await, Err(Error::Gone { .. })));
        assert_eq!(role_of(&chart, "a password of format 1"), Some(Role::Physician));
        assert_eq!(role_of(&chart, "another password"), None);
        // Mending takes no key away.
        let before = (seen.locators, seen.claims);
        chart.repair_index(&console, &mut |_| {}).unwrap();
        let mended = chart.check(&console, &mut |_| {}).unwrap();
        assert!(mended.is_sound() && mended.postings >= seen.postings && (mended.locators, mended.claims) == before, "{mended:?}");
        // What was mended once is today's index: mending it anew changes no key.
        chart.repair_index(&console, &mut |_| {}).unwrap();
        let again = chart.check(&console, &mut |_| {}).unwrap();
        assert!(again.is_sound() && (again.postings, again.locators, again.claims) == (mended.postings, mended.locators, mended.claims), "{again:?}");
        let text = read.text.replace("three times", "once more");
        let written = chart.update(&caller(Role::Integration), observation, "of-the-mother", text.as_bytes(), Some("3")).await.unwrap();
        assert_eq!(written.stored.version, 4);
    });
    assert!(chart.check(&caller(Role::Console), &mut |_| {}).unwrap().is_sound());
    chart.close().unwrap();
}

#[test]
fn a_damaged_copy_of_format_1_is_refused_or_named() {
    let mut files = Vec::new();
    for part in ["record", "keyring"] {
        for entry in fs::read_dir(kept(1).join(part).join("db")).unwrap() {
            let path = entry.unwrap().path();
            let size = fs::metadata(&path).unwrap().len();
            // In a small table file nearly everything is the library's notes on it, which hold
            // nothing of ours and are not read back.
            let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
            if ending == "sst" && size > 10_000 || ending == "log" && size > 0 {
                files.push(path.strip_prefix(kept(1)).unwrap().to_owned());
            }
        }
    }
    assert!(files.len() >= 4, "{files:?}");
    for file in files {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("store");
        copy(&kept(1), &folder);
        let mut bytes = fs::read(folder.join(&file)).unwrap();
        let place = bytes.len() / 3;
        bytes[place] ^= 1;
        fs::write(folder.join(&file), bytes).unwrap();
        let noticed = match open(&folder) {
            Err(_) => true,
            Ok(chart) => chart.check(&caller(Role::Console), &mut |_| {}).map_or(true, |seen| !seen.is_sound()),
        };
        assert!(noticed, "a bit of {} was turned and nobody noticed", file.display());
    }
}
