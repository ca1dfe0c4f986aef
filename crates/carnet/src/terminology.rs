//! `carnet terminology`: code systems, value sets and concept maps taken in from the files their
//! owners publish.
//!
//! * A code system becomes one CodeSystem resource through the same door as every write, and a
//!   ValueSet of all its codes beside it. The same file twice changes nothing.
//! * Nothing licensed is taken in before somebody says that the licence is theirs.
//! * A row that cannot be kept lies in the rejects file with its line and reason; a system that
//!   lacks one is kept as a fragment, so that what is missing is unknown and never denied.

pub(crate) mod licence;
mod owned;
pub(crate) mod rejected;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, bail};
use chart::WrittenAs;
use clap::{Subcommand, ValueEnum};
use fhir::Issue;

use crate::canonical::{Door, Told, files, word};
use crate::site::Site;

use rejected::Rejected;

/// Take in code systems, value sets and concept maps.
#[derive(clap::Args)]
pub struct Terminology {
    #[command(subcommand)]
    deed: Deed,
}

#[derive(Subcommand)]
enum Deed {
    Import(Import),
}

/// What is taken of FHIR JSON.
const KINDS: [&str; 3] = ["CodeSystem", "ValueSet", "ConceptMap"];

/// In what form a file comes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Kind {
    /// ClaML: ICD-10 and its national modifications.
    Claml,
    /// A table with headings: code, display, display:es, parent, and others as properties.
    Table,
    /// LoincTable/Loinc.csv, and after it tables of linguistic variants.
    Loinc,
    /// The ATC table: code and name.
    Atc,
    /// The CVX table of the CDC, with bars between its cells.
    Cvx,
    /// FHIR JSON: CodeSystem, ValueSet, ConceptMap, alone, in Bundles or in packages (.tgz).
    Fhir,
}

/// Import ICD-10 (ClaML), LOINC, ATC, CVX, national tables or FHIR packages; the same file twice changes nothing.
#[derive(clap::Args)]
struct Import {
    /// The folder of the site.
    #[arg(long)]
    data: PathBuf,
    /// In what form the files come.
    #[arg(long, value_enum)]
    kind: Kind,
    /// The files, plain, .gz, .zst or .bz2.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The canonical address of the code system (needed for a table).
    #[arg(long)]
    url: Option<String>,
    /// The version of the code system, where the file does not tell it.
    #[arg(long = "version", id = "system-version")]
    version: Option<String>,
    /// What the code system is called.
    #[arg(long)]
    name: Option<String>,
    /// The language of its displays, as `es` or `vi`.
    #[arg(long)]
    language: Option<String>,
    /// What a column of a table means, as `code=CATALOG_KEY` or `display:es=NOMBRE`; again and again.
    #[arg(long = "column", value_name = "MEANING=HEADING")]
    columns: Vec<String>,
    /// I have the licence of the owner and keep its terms.
    #[arg(long)]
    accept_licence: bool,
    /// Keep rows whose parent is missing, at the top; keep FHIR resources that break rules, with what is wrong beside them.
    #[arg(long)]
    keep_flawed: bool,
    /// Where to keep what cannot be taken in, instead of DIR/rejects-1.ndjson and so on.
    #[arg(long)]
    rejects: Option<PathBuf>,
}

impl Terminology {
    /// Does it.
    pub fn run(self) -> Result<ExitCode> {
        match self.deed {
            Deed::Import(import) => import.run(),
        }
    }
}

impl Import {
    fn run(self) -> Result<ExitCode> {
        let began = Instant::now();
        if let Some(url) = self.url.as_deref().filter(|url| !url.contains(':') || url.contains(['|', ' '])) {
            bail!("--url wants the canonical address of the code system, as http://salud.example/CodeSystem/servicios, not {url}");
        }
        let site = Site::at(&self.data, None);
        if !site.exists() {
            bail!("there is no site in {}; create one with `carnet init --data {}`", site.folder.display(), site.folder.display());
        }
        let mut rejected = Rejected::open(&site.folder, self.rejects.as_deref())?;
        let told = match self.kind {
            Kind::Fhir => self.take_resources(&site, &mut rejected)?,
            _ => self.take_codes(&site, &mut rejected)?,
        };
        rejected.settle()?;
        let count = |done: WrittenAs| told.iter().filter(|one| one.done == done).count();
        for one in told.iter().take(20) {
            println!("{} {}: {}.", one.kind, one.about, word(one.done));
        }
        let seconds = began.elapsed().as_secs_f64();
        println!("{} resources in {seconds:.1} s: {} created, {} updated, {} unchanged.", told.len(), count(WrittenAs::Created), count(WrittenAs::Updated), count(WrittenAs::Unchanged));
        match rejected.count() {
            0 => Ok(ExitCode::SUCCESS),
            number => {
                println!("{number} REJECTED, with reasons, in {}", rejected.path().display());
                Ok(ExitCode::from(1))
            }
        }
    }

    /// A file of an owner: one code system.
    fn take_codes(&self, site: &Site, rejected: &mut Rejected) -> Result<Vec<Told>> {
        let mut reading = owned::read(self, rejected)?;
        licence::ask(licence::owner(self.kind, &reading.about.url).as_ref().into_iter(), self.accept_licence)?;
        reading.settle(self.keep_flawed);
        let lacking = reading.rejects.len();
        rejected.keep(&self.files[0], &reading.rejects)?;
        if reading.rows.is_empty() {
            bail!("{} holds no code that could be kept; the reasons are in {}", self.files[0].display(), rejected.path().display());
        }
        let names: usize = reading.rows.iter().map(|row| row.names.len()).sum();
        println!("{} codes with {names} more names; {lacking} rows rejected.", reading.rows.len());
        if lacking > 0 {
            println!("The code system is kept as a fragment: codes that are not in it are unknown, not refused. Mend the file and import it again to make it complete.");
        }
        let system = terminology::import::code_system(&reading.about, &reading.rows, lacking == 0);
        drop(reading.rows);
        let room = seal::PLAIN_LIMIT_BYTES - (1 << 20);
        if system.len() > room {
            bail!("the code system would be {} MiB as a resource, and one may have {}; divide the table, or leave out columns", system.len() >> 20, room >> 20);
        }
        let set = terminology::import::value_set(&reading.about);
        let mut door = Door::open(site)?;
        let mut told = Vec::new();
        for text in [system, set] {
            match door.take(&text, self.keep_flawed) {
                Ok(Ok(one)) => told.push(one),
                // The rows were judged one by one: what is refused now is the resource as a whole.
                Ok(Err(issues)) => {
                    door.close(site)?;
                    bail!("the resource was refused: {}", issues.iter().map(|issue| format!("{} {}", issue.expression, issue.message)).collect::<Vec<_>>().join(" "));
                }
                Err(cause) => {
                    let _ = door.close(site);
                    return Err(cause);
                }
            }
        }
        door.close(site)?;
        Ok(told)
    }

    /// FHIR JSON: each resource by itself.
    fn take_resources(&self, site: &Site, rejected: &mut Rejected) -> Result<Vec<Told>> {
        // Looked through first: nothing is kept of a package whose licence is not accepted.
        let mut owners = Vec::new();
        for file in &self.files {
            files::each(file, &KINDS, &mut |found| {
                if let files::Found::Resource { text, .. } = found {
                    owners.extend(licence::of_resource(text));
                }
                Ok(())
            })?;
        }
        owners.sort_unstable();
        owners.dedup();
        licence::ask(owners.iter(), self.accept_licence)?;
        let mut door = Door::open(site)?;
        let mut told = Vec::new();
        let mut passed = 0u64;
        let taken: Result<()> = self.files.iter().try_for_each(|file| {
            files::each(file, &KINDS, &mut |found| {
                match found {
                    files::Found::Resource { place, text } => match door.take(text, self.keep_flawed)? {
                        Ok(one) => told.push(one),
                        Err(issues) => rejected.keep_issues(file, place, &issues)?,
                    },
                    files::Found::Other { .. } => passed += 1,
                    files::Found::Description { .. } => {}
                    files::Found::Unreadable { place, reason } => rejected.keep_issues(file, place, &[Issue::error(fhir::IssueCode::Structure, "", reason)])?,
                }
                Ok(())
            })
        });
        door.close(site)?;
        taken?;
        if passed > 0 {
            println!("{passed} resources of other types were passed over.");
        }
        if told.is_empty() && rejected.count() == 0 {
            bail!("there is no CodeSystem, ValueSet or ConceptMap in the files that were named");
        }
        Ok(told)
    }
}
