//! The rules of the house that no compiler keeps. Each failure says where and what to do.

use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// A crate leans only on crates of lower floors.
const FLOORS: [&[&str]; 7] = [
    &["fhir"],
    &["fhirpath", "country", "ledger", "seal", "terminology"],
    &["access", "search", "validation", "documents", "forms", "mpi", "print", "schedule", "synth"],
    &["store"],
    &["attest", "chart", "oauth", "store-rocks"],
    &["fhir-api", "web", "front"],
    &["carnet"],
];

/// Not shipped: these may lean on anything, and nothing shipped leans on them.
const BESIDE: [&str; 3] = ["bench", "testkit", "xtask"];

/// May name the raw engine: the façade, the engines, the binary that chooses one, and what is not shipped.
const MAY_NAME_AN_ENGINE: [&str; 5] = ["store", "store-rocks", "carnet", "testkit", "bench"];

/// Floors 0 to 2: no clock, no chance, no disk, no network.
const PURE: [&str; 15] = ["fhir", "fhirpath", "terminology", "country", "ledger", "seal", "access", "search", "validation", "documents", "forms", "mpi", "print", "schedule", "synth"];

/// Licences a hospital can live with, none of which reaches beyond the file it covers.
const LICENCES: [&str; 16] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
    // BSD in all but name: the licence of the bzip2 file format's own library.
    "bzip2-1.0.6",
];

/// The newest compiler we promise to need.
const NEWEST_RUST: (u32, u32) = (1, 95);

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value[member].as_str().unwrap_or_default()
}

/// What cargo knows of the workspace and all it depends on.
fn metadata() -> &'static [Value] {
    static METADATA: OnceLock<Value> = OnceLock::new();
    let metadata = METADATA.get_or_init(|| {
        let output = Command::new(env!("CARGO")).args(["metadata", "--format-version", "1"]).current_dir(root()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    });
    metadata["packages"].as_array().unwrap()
}

fn is_ours(package: &Value) -> bool {
    package["source"].is_null()
}

/// Every text file of the house, without what is built or fetched.
fn files() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            // In a second work tree `.git` is a file that says where the first one lies.
            if matches!(name.as_str(), ".git" | "target" | "node_modules") {
                continue;
            }
            if path.is_dir() {
                walk(&path, found);
            } else if name != "Cargo.lock"
                && let Ok(content) = std::fs::read_to_string(&path)
            {
                found.push((path, content));
            }
        }
    }
    let mut found = Vec::new();
    walk(&root(), &mut found);
    found
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// Rust files under `src` of the crates for which `wanted` is true.
fn sources(wanted: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    let in_a_wanted_crate = |path: &str| {
        let mut steps = path.split('/');
        let name = if path.starts_with("crates/") { steps.nth(1) } else { steps.next() };
        path.contains("/src/") && path.ends_with(".rs") && name.is_some_and(&wanted)
    };
    files().into_iter().map(|(path, content)| (shown(&path), content)).filter(|(path, _)| in_a_wanted_crate(path)).collect()
}

/// The part of a file that ships: what stands before its tests.
fn shipped(content: &str) -> &str {
    content.split("\n#[cfg(test)]\nmod ").next().unwrap_or(content)
}

/// A list of places, empty when all is well.
fn nothing(found: Vec<String>, what_to_do: &str) {
    assert!(found.is_empty(), "{what_to_do}\n  {}\n", found.join("\n  "));
}

#[test]
fn a_crate_leans_only_on_the_floors_below() {
    let floor = |name: &str| FLOORS.iter().position(|crates| crates.contains(&name));
    let mut found = Vec::new();
    for package in metadata().iter().filter(|package| is_ours(package)) {
        let name = text(package, "name");
        if BESIDE.contains(&name) {
            continue;
        }
        let Some(own) = floor(name) else {
            found.push(format!("{name} has no floor: give it one here and in ARCHITECTURE.md"));
            continue;
        };
        for dependency in package["dependencies"].as_array().unwrap() {
            let other = text(dependency, "name");
            // A dependency by path is one of ours; tests may use anything.
            if dependency["path"].is_null() || dependency["kind"] == "dev" {
                continue;
            }
            match floor(other) {
                Some(below) if below < own => {}
                Some(_) => found.push(format!("{name} (floor {own}) leans on {other}: move what they share to a lower floor")),
                None => found.push(format!("{name} leans on {other}, which is not shipped")),
            }
        }
    }
    nothing(found, "a crate leans only on lower floors");
}

#[test]
fn architecture_lists_exactly_the_crates_that_exist() {
    let page = read(&root().join("ARCHITECTURE.md"));
    let rows = page.lines().filter(|line| line.starts_with("| ")).filter_map(|line| {
        let mut cells = line.trim_matches('|').split('|').map(str::trim);
        let floor = cells.next()?.to_owned();
        let name = cells.next()?.strip_prefix('`')?.strip_suffix('`')?.to_owned();
        (floor == "beside" || floor.parse::<usize>().is_ok()).then_some((name, floor))
    });
    let listed: BTreeMap<String, String> = rows.collect();
    let floors = FLOORS.iter().enumerate().flat_map(|(floor, crates)| crates.iter().map(move |name| (name.to_string(), floor.to_string())));
    let expected: BTreeMap<String, String> = floors.chain(BESIDE.iter().map(|name| (name.to_string(), "beside".to_owned()))).collect();
    assert_eq!(listed, expected, "the table of floors in ARCHITECTURE.md is the one of this test");
    let existing: BTreeSet<String> = metadata().iter().filter(|package| is_ours(package)).map(|package| text(package, "name").to_owned()).collect();
    assert_eq!(existing, expected.into_keys().collect(), "every crate has a floor, and no floor has a crate that is gone");
}

#[test]
fn every_place_a_page_names_exists() {
    let mut found = Vec::new();
    for (path, content) in files() {
        if path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let beside = path.parent().unwrap_or(&path);
        let links = content.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
        let links = links.filter(|link| !link.is_empty() && !link.contains(':') && !beside.join(link).exists());
        // Paths from the root, in code spans.
        let spans = content.split('`').skip(1).step_by(2).filter(|span| {
            let is_path = ["crates/", "docs/", "xtask/"].iter().any(|root| span.starts_with(root));
            is_path && !span.contains([' ', '*', '{', '<', '…']) && !root().join(span).exists()
        });
        found.extend(links.chain(spans).map(|place| format!("{}: {place}", shown(&path))));
    }
    nothing(found, "these are gone, or not written yet");
}

#[test]
fn every_room_has_a_sign_and_no_unsafe_code() {
    let mut found = Vec::new();
    for (path, content) in sources(|_| true) {
        if !content.starts_with("//!") {
            found.push(format!("{path}: begin with a //! sign: what it owns, what is always true, what it will never know"));
        }
        let is_root = path.ends_with("src/lib.rs") || path.ends_with("src/main.rs");
        if is_root && !content.contains("#![forbid(unsafe_code)]") {
            found.push(format!("{path}: add #![forbid(unsafe_code)]"));
        }
    }
    nothing(found, "a newcomer reads the sign first");
}

#[test]
fn only_the_facade_the_engines_and_the_binary_name_an_engine() {
    // The error of an engine may be carried by anyone; its promise may not.
    let names = |line: &str| {
        let line = line.trim_start();
        let raw = ["store::engine", "store::batch", "store::memory", "store_rocks", "dyn Engine", "store::{engine", "store::{batch", "store::{memory"];
        !line.starts_with("//") && raw.iter().any(|name| line.contains(name)) && !line.contains("store::engine::Error")
    };
    let mut found = Vec::new();
    for (path, content) in sources(|name| !MAY_NAME_AN_ENGINE.contains(&name) && name != "xtask") {
        let lines = shipped(&content).lines().enumerate().filter(|(_, line)| names(line));
        found.extend(lines.map(|(number, line)| format!("{path}:{}: {}", number + 1, line.trim())));
    }
    nothing(found, "go through `store::Store`, which takes a `Permitted`");
}

#[test]
fn ground_floors_have_no_clock_no_chance_no_disk_and_no_network() {
    let forbidden = ["SystemTime", "Instant::now", "Timestamp::now", "std::fs", "std::net", "std::env", "std::process", "std::thread", "tokio", "getrandom", "SystemRandom"];
    let mut found = Vec::new();
    for (path, content) in sources(|name| PURE.contains(&name)) {
        for (number, line) in shipped(&content).lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            if let Some(word) = forbidden.iter().find(|word| code.contains(**word)) {
                found.push(format!("{path}:{}: {word}", number + 1));
            }
        }
    }
    nothing(found, "time, chance, disk and network enter as arguments");
}

#[test]
fn the_definitions_are_the_ones_their_origin_describes() {
    let folder = root().join("crates/fhir/definitions");
    let table = std::fs::read(folder.join("r4.bin")).unwrap();
    let digest: String = Sha256::digest(&table).iter().map(|byte| format!("{byte:02x}")).collect();
    let origin = read(&folder.join("ORIGIN.md"));
    assert!(origin.contains(&digest), "r4.bin and ORIGIN.md are made together: run `cargo xtask definitions`");
    assert!(origin.contains(&format!("{} bytes", table.len())));
}

#[test]
fn no_dependency_needs_a_newer_compiler() {
    let mut found = Vec::new();
    for package in metadata() {
        let Some(needed) = package["rust_version"].as_str() else { continue };
        let mut numbers = needed.split('.').map(|number| number.parse::<u32>().unwrap_or(u32::MAX));
        if (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) > NEWEST_RUST {
            found.push(format!("{} {} needs {needed}", text(package, "name"), text(package, "version")));
        }
    }
    nothing(found, "choose an older release of these");
}

#[test]
fn every_dependency_has_a_licence_we_accept() {
    let mut found = Vec::new();
    for package in metadata().iter().filter(|package| !is_ours(package)) {
        let licence = text(package, "license");
        if !is_accepted(licence) {
            found.push(format!("{} {}: {licence:?}", text(package, "name"), text(package, "version")));
        }
    }
    nothing(found, "replace these, or accept the licence in this test with the reason beside it");
}

/// An SPDX expression is accepted if one of its alternatives consists of accepted licences.
fn is_accepted(expression: &str) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut place = 0;
    let accepted = alternatives(&words, &mut place);
    accepted && place == words.len()
}

fn alternatives(words: &[&str], place: &mut usize) -> bool {
    let mut accepted = together(words, place);
    while words.get(*place) == Some(&"OR") {
        *place += 1;
        accepted |= together(words, place);
    }
    accepted
}

fn together(words: &[&str], place: &mut usize) -> bool {
    let mut accepted = one(words, place);
    while words.get(*place) == Some(&"AND") {
        *place += 1;
        accepted &= one(words, place);
    }
    accepted
}

fn one(words: &[&str], place: &mut usize) -> bool {
    let Some(&word) = words.get(*place) else { return false };
    *place += 1;
    if word == "(" {
        let accepted = alternatives(words, place);
        *place += 1;
        return accepted;
    }
    let mut name = word.to_owned();
    if words.get(*place) == Some(&"WITH") {
        name = format!("{word} WITH {}", words.get(*place + 1).unwrap_or(&""));
        *place += 2;
    }
    LICENCES.contains(&name.as_str())
}

#[test]
fn a_licence_expression_is_read_as_it_is_meant() {
    let check = |expression: &str, expected: bool| assert_eq!(is_accepted(expression), expected, "{expression}");
    check("MIT", true);
    check("MIT OR Apache-2.0", true);
    check("MIT/GPL-3.0", true);
    check("GPL-3.0", false);
    check("MIT AND GPL-3.0", false);
    check("(MIT OR GPL-3.0) AND Unicode-3.0", true);
    check("Apache-2.0 WITH LLVM-exception", true);
    check("GPL-2.0 WITH Classpath-exception-2.0", false);
    check("", false);
}

#[test]
fn nothing_is_left_half_done_and_no_file_speaks_of_the_workshop() {
    // Written in two parts, so that this file does not find itself.
    let words = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("unimpl", "emented!"),
        concat!("to", "do!("),
        concat!("#[ign", "ore"),
        concat!("Being ", "built"),
        concat!("/wo", "rk/"),
        concat!("/tm", "p/"),
        concat!("registry.n", "pmjs"),
        concat!("dbg", "!("),
    ];
    let mut found = Vec::new();
    for (path, content) in files() {
        for (number, line) in content.lines().enumerate() {
            if let Some(word) = words.iter().find(|word| line.contains(**word)) {
                found.push(format!("{}:{}: {word}", shown(&path), number + 1));
            }
        }
    }
    nothing(found, "finish these, or say it in other words");
}

#[test]
fn every_language_has_the_same_words_with_the_same_places_in_them() {
    let folder = root().join("crates/web/translations");
    let mut languages: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "ftl") {
            languages.insert(path.file_stem().unwrap().to_string_lossy().into_owned(), messages(&read(&path)));
        }
    }
    assert_eq!(languages.keys().map(String::as_str).collect::<Vec<_>>(), ["en", "es", "ru", "vi"]);
    let english = &languages["en"];
    assert!(english.len() > 30);
    let mut found = Vec::new();
    for (language, words) in &languages {
        found.extend(english.keys().filter(|key| !words.contains_key(*key)).map(|key| format!("{language}.ftl lacks {key}")));
        found.extend(words.keys().filter(|key| !english.contains_key(*key)).map(|key| format!("en.ftl lacks {key}, which {language}.ftl has")));
        let differ = words.iter().filter(|(key, places)| english.get(*key).is_some_and(|there| there != *places));
        found.extend(differ.map(|(key, places)| format!("{language}.ftl: {key} names {places:?}, en.ftl names {:?}", english[key])));
    }
    nothing(found, "the four files say the same things");
}

/// The messages of a Fluent file and the variables each of them names.
fn messages(content: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut current = String::new();
    for line in content.lines() {
        let starts = line.starts_with(|first: char| first.is_ascii_alphabetic() || first == '-');
        if let Some((key, _)) = line.split_once('=').filter(|_| starts) {
            current = key.trim().to_owned();
            assert!(!all.contains_key(&current), "{current} is there twice");
            all.insert(current.clone(), BTreeSet::new());
        }
        if let Some(places) = all.get_mut(&current).filter(|_| !line.starts_with('#')) {
            let names = line.split('$').skip(1).map(|rest| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect());
            places.extend(names);
        }
    }
    all
}

/// Files that may know a country by name, and why: what invents people of a country has to know how they are called and
/// numbered there. Everything else takes countries as data, so that a fourth is a folder, a file and a line.
const KNOWS_COUNTRIES: [(&str, &str); 3] = [
    ("crates/synth/src/numbers.rs", "invented numbers with the right check digits"),
    ("crates/synth/src/people.rs", "which numbers an invented person has"),
    ("crates/synth/src/life.rs", "doses of which an invented child gets one or the other"),
];

#[test]
fn a_fourth_country_is_one_folder_one_file_and_one_line() {
    let packs = root().join("crates/country/packs");
    let mut found = Vec::new();
    let mut words: Vec<String> = Vec::new();
    let codes: Vec<String> = std::fs::read_dir(&packs).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.join("country.toml").is_file()).map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect();
    for code in &codes {
        let upper = code.to_uppercase();
        words.extend([format!("\"{upper}\""), format!("\"{upper}-"), format!("{code}::"), format!("by_code(\"{code}\")"), format!("code == \"{code}\"")]);
        // `ru` is a language, too.
        words.extend((code != "ru").then(|| format!("\"{code}\"")));
        let keys = read(&packs.join(code).join("country.toml"));
        let keys = keys.lines().filter_map(|line| line.strip_prefix("key = ")).map(|key| key.trim().trim_matches('"').to_owned());
        words.extend(keys.flat_map(|key| [format!("\"{key}\""), format!("{key}::"), format!("{key}(")]));
    }
    assert!(codes.len() >= 3 && words.len() > 30, "{words:?}");
    let is_start = |line: &str, at: usize| !line[..at].ends_with(|sign: char| sign.is_alphanumeric() || sign == '_');
    let names = |line: &str, word: &String| line.match_indices(word.as_str()).any(|(at, _)| is_start(line, at));
    let own = |path: &str| codes.iter().any(|code| path == format!("crates/country/src/{code}.rs") || path.starts_with(&format!("crates/country/src/{code}/")));
    let beside = |path: &str| BESIDE.iter().any(|name| path.starts_with(&format!("crates/{name}/")));
    for (path, content) in sources(|_| true).into_iter().filter(|(path, _)| !own(path) && !beside(path) && !path.starts_with("xtask/")) {
        let is_known = KNOWS_COUNTRIES.iter().any(|(known, _)| *known == path);
        let lines = shipped(&content).lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
        let naming: Vec<String> = lines.filter(|(_, line)| words.iter().any(|word| names(line, word))).map(|(number, line)| format!("{path}:{}: {}", number + 1, line.trim())).collect();
        if !is_known {
            found.extend(naming);
        } else if naming.is_empty() {
            found.push(format!("{path} stands in KNOWS_COUNTRIES and names none any more"));
        }
    }
    let list = read(&root().join("crates/country/src/lib.rs"));
    let (_, list) = list.split_once("countries! {\n").unwrap();
    let listed: Vec<&str> = list.split_once('}').unwrap().0.split_whitespace().collect();
    let mut sorted = codes.clone();
    sorted.sort();
    assert_eq!(listed, sorted, "each folder of packs has its line in crates/country/src/lib.rs");
    nothing(found, "what is true in one country only belongs into its pack (crates/country/packs/<code>) or its file (crates/country/src/<code>.rs):");
}

#[test]
fn templates_contain_no_script() {
    let mut found = Vec::new();
    let mut templates = 0;
    for (path, content) in files() {
        let path = shown(&path);
        if !path.starts_with("crates/web/templates/") {
            continue;
        }
        templates += 1;
        for (number, line) in content.lines().enumerate() {
            let lower = line.to_ascii_lowercase();
            let handler = lower.match_indices(" on").any(|(place, _)| {
                let name: String = lower[place + 1..].chars().take_while(char::is_ascii_alphabetic).collect();
                name.len() > 3 && lower[place + 1 + name.len()..].starts_with("=\"")
            });
            let inline = lower.contains("<script") && !lower.contains("src=");
            let style = lower.contains("<style") || lower.contains(" style=");
            if handler || inline || style || ["hx-on", "javascript:", "js:"].iter().any(|word| lower.contains(word)) {
                found.push(format!("{path}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    assert!(templates > 0, "the templates have moved: say here where they are");
    nothing(found, "the content security policy refuses inline script and style; put it in a file of assets");
}
