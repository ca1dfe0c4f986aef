//! Holds the examples of a published guide against its profiles: `guide PACKAGE-FOLDER`.
//!
//! Prints what is wrong, one issue a line, so that the validator can be compared with others.

use fhir::Document;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use validation::profile::{Asked, Profile, Profiles, Site, shipped, survey};

/// The profiles of a folder, and what ships with Carnet.
struct Folder {
    texts: HashMap<String, String>,
    read: Mutex<HashMap<String, Option<Arc<Profile>>>>,
}

impl Folder {
    fn of(folder: &Path) -> Folder {
        let mut texts = HashMap::new();
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            let is_structure = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("StructureDefinition-"));
            if is_structure && path.extension().is_some_and(|extension| extension == "json") {
                let text = std::fs::read_to_string(&path).expect("a text");
                let url = Document::read(&text).ok().and_then(|document| document.root().string("url").map(|url| url.into_owned()));
                url.map(|url| texts.insert(url, text));
            }
        }
        Folder { texts, read: Mutex::default() }
    }
}

impl Profiles for Folder {
    fn profile(&self, address: &str) -> Option<Arc<Profile>> {
        let url = address.split('|').next().unwrap_or(address);
        if let Some(known) = self.read.lock().unwrap().get(url) {
            return known.clone();
        }
        let own = self.texts.get(url).and_then(|text| {
            let document = Document::read(text).ok()?;
            Profile::read(document.root(), &|base| self.profile(base)).ok().map(Arc::new)
        });
        let found = own.or_else(|| shipped::profile(address));
        self.read.lock().unwrap().insert(url.to_owned(), found.clone());
        found
    }
}

fn main() {
    let folder = PathBuf::from(std::env::args().nth(1).expect("the folder of a package"));
    let profiles = Folder::of(&folder);
    let site = Site { profiles: &profiles, codes: &terminology::R4 };
    let examples = [folder.join("example"), folder.clone()].into_iter().find(|folder| folder.is_dir()).expect("examples");
    let (mut files, mut flawed) = (0, 0);
    let mut paths: Vec<PathBuf> = std::fs::read_dir(examples).expect("a folder").flatten().map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|extension| extension == "json")).collect();
    paths.sort();
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("a text");
        let Ok(document) = Document::read(&text) else { continue };
        let began = std::time::Instant::now();
        let issues = survey(document.root(), &Asked::default(), site);
        files += 1;
        flawed += usize::from(issues.iter().any(|issue| issue.is_error()));
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        for issue in issues {
            println!("{name}: {} {} {}: {}", issue.severity.code(), issue.rule, issue.expression, issue.message);
        }
        if began.elapsed().as_millis() > 50 {
            println!("{name}: took {:?}", began.elapsed());
        }
    }
    println!("{files} files, {flawed} with errors");
}
