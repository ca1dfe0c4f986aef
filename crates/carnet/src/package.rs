//! `carnet package`: what a FHIR package (an implementation guide, `.tgz`) defines, taken in.
//!
//! * Profiles, extensions, value sets, code systems and concept maps are taken, each under its
//!   canonical address and through the same door as every write; the same package twice changes nothing.
//! * SearchParameters are left: one that is in force changes what searches cost, so each is written
//!   by somebody who means it. Examples and pages are left too. What was left is told.
//! * A package of another FHIR version is refused whole.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};
use chart::WrittenAs;
use clap::Subcommand;
use fhir::{Document, Issue, IssueCode};

use crate::canonical::files::{Found, each};
use crate::canonical::{Door, Told};
use crate::site::Site;
use crate::terminology::licence;
use crate::terminology::rejected::Rejected;

/// What is taken.
const KINDS: [&str; 4] = ["StructureDefinition", "ValueSet", "CodeSystem", "ConceptMap"];
/// How the FHIR versions begin that this server speaks.
const R4: &str = "4.0";

/// Take in the definitions of FHIR packages.
#[derive(clap::Args)]
pub struct Package {
    #[command(subcommand)]
    deed: Deed,
}

#[derive(Subcommand)]
enum Deed {
    Add(Add),
}

/// Add packages (.tgz): profiles, extensions, value sets, code systems, concept maps; again and again, nothing is doubled.
#[derive(clap::Args)]
struct Add {
    /// The folder of the site.
    #[arg(long)]
    data: PathBuf,
    /// The packages, as they are published.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// I have the licence of the owners of the code systems in them and keep its terms.
    #[arg(long)]
    accept_licence: bool,
    /// Keep resources that break rules, with what is wrong beside them.
    #[arg(long)]
    keep_flawed: bool,
    /// Where to keep what cannot be taken in, instead of DIR/rejects-1.ndjson and so on.
    #[arg(long)]
    rejects: Option<PathBuf>,
}

impl Package {
    /// Does it.
    pub fn run(self) -> Result<ExitCode> {
        match self.deed {
            Deed::Add(add) => add.run(),
        }
    }
}

/// What became of one package.
#[derive(Default)]
struct Account {
    taken: BTreeMap<String, [usize; 3]>,
    left: BTreeMap<String, usize>,
}

impl Account {
    fn take(&mut self, told: Told) {
        let place = match told.done {
            WrittenAs::Created => 0,
            WrittenAs::Unchanged => 2,
            WrittenAs::Updated | WrittenAs::Deleted => 1,
        };
        self.taken.entry(told.kind).or_default()[place] += 1;
    }

    fn tell(&self) {
        for (kind, [created, updated, unchanged]) in &self.taken {
            println!("  {kind}: {created} created, {updated} updated, {unchanged} unchanged");
        }
        if !self.left.is_empty() {
            let left: Vec<String> = self.left.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
            println!("  left: {}", left.join(", "));
        }
    }
}

impl Add {
    fn run(self) -> Result<ExitCode> {
        let site = Site::at(&self.data, None);
        if !site.exists() {
            bail!("there is no site in {}; create one with `carnet init --data {}`", site.folder.display(), site.folder.display());
        }
        // Looked through first: nothing is kept of a package that is not for this server, or whose licence is not accepted.
        let mut owners = Vec::new();
        let mut about = Vec::new();
        for file in &self.files {
            about.push(described(file, &mut owners)?);
        }
        owners.sort_unstable();
        owners.dedup();
        licence::ask(owners.iter(), self.accept_licence)?;
        let mut rejected = Rejected::open(&site.folder, self.rejects.as_deref())?;
        let mut door = Door::open(&site)?;
        let taken: Result<()> = self.files.iter().zip(&about).try_for_each(|(file, about)| {
            println!("{about}");
            self.add(file, &mut door, &mut rejected)?.tell();
            Ok(())
        });
        door.close(&site)?;
        taken?;
        rejected.settle()?;
        match rejected.count() {
            0 => Ok(ExitCode::SUCCESS),
            number => {
                println!("{number} REJECTED, with reasons, in {}", rejected.path().display());
                Ok(ExitCode::from(1))
            }
        }
    }

    fn add(&self, file: &Path, door: &mut Door, rejected: &mut Rejected) -> Result<Account> {
        let mut account = Account::default();
        each(file, &KINDS, &mut |found| {
            match found {
                Found::Resource { place, text } => match door.take(text, self.keep_flawed)? {
                    Ok(told) => account.take(told),
                    Err(issues) => rejected.keep_issues(file, place, &issues)?,
                },
                Found::Other { kind } => *account.left.entry(kind.to_owned()).or_default() += 1,
                Found::Description { .. } => {}
                Found::Unreadable { place, reason } => rejected.keep_issues(file, place, &[Issue::error(IssueCode::Structure, "", reason)])?,
            }
            Ok(())
        })?;
        Ok(account)
    }
}

/// What a package is, in a line; refused where it is no package, or one of another FHIR version.
fn described(file: &Path, owners: &mut Vec<licence::Owner>) -> Result<String> {
    let mut description = None;
    each(file, &KINDS, &mut |found| {
        match found {
            Found::Resource { text, .. } => owners.extend(licence::of_resource(text)),
            Found::Description { text } => description = description.take().or_else(|| Some(text.to_owned())),
            Found::Other { .. } | Found::Unreadable { .. } => {}
        }
        Ok(())
    })?;
    let name = file.display();
    let Some(description) = description else {
        bail!("{name} is no FHIR package: package.json is missing. `carnet import` takes files of resources");
    };
    let Ok(document) = Document::read(&description) else { bail!("{name} is no FHIR package: its package.json cannot be read") };
    let root = document.root();
    let versions: Vec<String> = ["fhirVersions", "fhir-version-list"].iter().filter_map(|member| root.get(member)).flat_map(|all| all.items()).filter_map(|one| one.as_str()).map(|one| one.into_owned()).collect();
    if !versions.is_empty() && !versions.iter().any(|version| version.starts_with(R4)) {
        bail!("{name} is for FHIR {}, and this server speaks R4 (4.0.1); nothing was taken in", versions.join(", "));
    }
    let said = |member: &str| root.string(member).map_or_else(|| "?".to_owned(), |text| text.into_owned());
    let needs: Vec<String> = root.get("dependencies").into_iter().flat_map(|all| all.members()).filter(|(name, _)| !name.starts_with("hl7.fhir.r4.core")).filter_map(|(name, version)| Some(format!("{name} {}", version.as_str()?))).collect();
    let needs = if needs.is_empty() { String::new() } else { format!("; it builds on {}: add these too, in any order", needs.join(", ")) };
    Ok(format!("{} {}{needs}", said("name"), said("version")))
}
