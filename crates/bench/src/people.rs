//! Whom the requests are about: a list made from the files that were imported.
//!
//! An import keeps the UUID of a fullUrl as the id, so the files tell what to ask for.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use fhir::{Document, Value};

use crate::load::mix;

/// List the persons of a folder of Bundles, as `carnet synth` writes them.
#[derive(clap::Args)]
pub struct People {
    /// Folders of Bundles, one person each.
    #[arg(required = true)]
    folders: Vec<PathBuf>,
    /// Where the list goes.
    #[arg(long)]
    out: PathBuf,
}

/// Resources listed for each person.
const LISTED: usize = 8;

/// A person of the list.
#[derive(Clone, Debug)]
pub struct Person {
    /// The Patient's id.
    pub id: String,
    /// The family name, else any.
    pub family: String,
    /// `Patient.birthDate`.
    pub born: String,
    /// Some resources of the record, as `Type/id`.
    pub resources: Vec<String>,
    /// The code of one Observation, as `system|code`, and its date.
    pub code: String,
    /// The year and month of that Observation.
    pub month: String,
}

impl People {
    /// Writes a line a person.
    pub fn run(self) -> Result<()> {
        let (mut text, mut persons, mut resources, mut bytes) = (String::new(), 0u64, 0u64, 0u64);
        let mut types: BTreeMap<String, u64> = BTreeMap::new();
        for file in files(&self.folders)? {
            let bundle = std::fs::read_to_string(&file).with_context(|| format!("could not read {}", file.display()))?;
            let document = Document::read(&bundle).with_context(|| format!("{} is no JSON", file.display()))?;
            let entries: Vec<Value<'_>> = document.root().get("entry").into_iter().flat_map(|entries| entries.items()).collect();
            for entry in &entries {
                let kind = entry.get("resource").and_then(|resource| resource.string("resourceType")).unwrap_or_default();
                *types.entry(kind.into_owned()).or_default() += 1;
            }
            resources += entries.len() as u64;
            bytes += bundle.len() as u64;
            if let Some(person) = person(&entries) {
                persons += 1;
                let Person { id, family, born, resources, code, month } = person;
                writeln!(text, "{id}\t{family}\t{born}\t{}\t{code}\t{month}", resources.join(","))?;
            }
        }
        std::fs::write(&self.out, text).with_context(|| format!("could not write {}", self.out.display()))?;
        println!("{persons} persons, {resources} resources, {bytes} bytes");
        for (kind, count) in types {
            println!("{kind}\t{count}");
        }
        Ok(())
    }
}

/// Reads a list.
pub fn read(file: &Path) -> Result<Vec<Person>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("could not read {}", file.display()))?;
    let persons: Vec<Person> = text
        .lines()
        .filter_map(|line| {
            let mut fields = line.split('\t').map(str::to_owned);
            Some(Person {
                id: fields.next()?,
                family: fields.next()?,
                born: fields.next()?,
                resources: fields.next()?.split(',').map(str::to_owned).collect(),
                code: fields.next()?,
                month: fields.next()?,
            })
        })
        .collect();
    if persons.is_empty() {
        bail!("{} lists nobody; make it with `bench people`", file.display());
    }
    Ok(persons)
}

fn person(entries: &[Value<'_>]) -> Option<Person> {
    let typed = |entry: &Value<'_>| Some((entry.get("resource")?.string("resourceType")?.into_owned(), id(entry)?));
    let patient = entries.iter().find(|entry| typed(entry).is_some_and(|(kind, _)| kind == "Patient"))?;
    let resource = patient.get("resource")?;
    let family = resource.get("name").and_then(|names| names.items().find_map(|name| name.string("family"))).unwrap_or_default();
    let seed = mix(family.len() as u64 ^ entries.len() as u64);
    let listed = (0..LISTED as u64).filter_map(|number| typed(&entries[(mix(seed ^ number) % entries.len() as u64) as usize]));
    let observations: Vec<Value<'_>> = entries.iter().filter_map(|entry| entry.get("resource")).filter(|resource| resource.string("resourceType").as_deref() == Some("Observation")).collect();
    let (mut code, mut month) = (String::new(), String::new());
    if !observations.is_empty() {
        let chosen = observations[(seed % observations.len() as u64) as usize];
        if let Some(coding) = chosen.get("code").and_then(|concept| concept.get("coding")).and_then(|codings| codings.items().next()) {
            code = format!("{}|{}", coding.string("system").unwrap_or_default(), coding.string("code").unwrap_or_default());
        }
        month = chosen.string("effectiveDateTime").and_then(|date| date.get(..7).map(str::to_owned)).unwrap_or_default();
    }
    Some(Person {
        id: id(patient)?,
        family: family.into_owned(),
        born: resource.string("birthDate").unwrap_or_default().into_owned(),
        resources: listed.map(|(kind, id)| format!("{kind}/{id}")).collect(),
        code,
        month,
    })
}

fn id(entry: &Value<'_>) -> Option<String> {
    entry.string("fullUrl")?.strip_prefix("urn:uuid:").map(str::to_owned)
}

/// All JSON files below, those of places and practitioners first.
pub fn files(folders: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for folder in folders {
        gather(folder, &mut found)?;
    }
    let is_person = |file: &Path| {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        !(name.starts_with("0000") || name.starts_with("hospitalInformation") || name.starts_with("practitionerInformation"))
    };
    // Hospitals before the practitioners who work there, both before the persons seen there.
    found.sort_by_key(|file| (is_person(file), file.clone()));
    Ok(found)
}

fn gather(place: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    if place.is_dir() {
        for entry in std::fs::read_dir(place).with_context(|| format!("could not read {}", place.display()))? {
            gather(&entry?.path(), found)?;
        }
    } else if place.extension().is_some_and(|extension| extension == "json") {
        found.push(place.to_owned());
    }
    Ok(())
}
