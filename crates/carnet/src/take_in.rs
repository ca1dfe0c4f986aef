//! `carnet take-in`: records that another institution handed over.
//!
//! * The whole file is verified before anything of it is used: against the authorities that whoever
//!   takes it in names, never against what the file says of itself.
//! * One that is sealed for this site is opened with its keys; what it holds is written nowhere in the clear on the way.
//! * Nothing that is here is written over. What differs, and what cannot be taken in, is kept in a file
//!   beside, with the reasons.
//! * Cut short, the same command goes on: what is here already is left as it is.

use std::fs::File;
use std::io::{BufWriter, Read, Seek, Write};
use std::ops::ControlFlow;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow, bail};
use attest::{Authority, Capacity, Evidence, Item, ItemKind, Parcel, SIGNING_ROOM, fingerprint};
use chart::{Origin, TakenIn};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use seal::{LetterFault, LetterReader};
use serde_json::json;

use crate::admin::{self, Desk, Errand};
use crate::receiving::{self, RECEIVING_ROOM};

/// Take in the records that another institution handed over with `carnet hand-over`.
#[derive(clap::Args)]
pub struct TakeIn {
    /// The folder of the site.
    #[arg(long)]
    data: PathBuf,
    /// The parcel.
    file: PathBuf,
    /// The certificate of an authority that is trusted, in PEM; may be given several times.
    #[arg(long)]
    authority: Vec<PathBuf>,
    /// The fingerprint of such a certificate (SHA-256), as the other institution told it; may be given several times.
    #[arg(long)]
    fingerprint: Vec<String>,
    /// Where what is not taken in goes, with the reasons; without it, beside the parcel.
    #[arg(long)]
    rejects: Option<PathBuf>,
    /// Verify the parcel and take nothing in.
    #[arg(long)]
    only_verify: bool,
}

/// What became of the items.
#[derive(Default)]
struct Tally {
    new: u64,
    same: u64,
    differs: u64,
    refused: u64,
    persons: u64,
    /// Those who are here already, beyond doubt.
    beside: u64,
}

/// Items of one person, or of the shared space, until they are taken in.
#[derive(Default)]
struct Gathered {
    shared: Vec<Item>,
    patients: Vec<Item>,
    entries: Vec<Item>,
    evidence: Vec<Item>,
    logs: Vec<Item>,
}

/// Shared items that are taken in at once.
const SHARED: usize = 200;

impl TakeIn {
    /// Does it.
    pub fn run(self) -> Result<ExitCode> {
        admin::carry_out(&self)
    }

    fn trusted(&self, desk: &Desk<'_>) -> Result<Vec<String>> {
        let mut trusted = self.fingerprint.clone();
        for file in &self.authority {
            let file = desk.path(file);
            let certificate = CertificateDer::from_pem_file(&file).map_err(|_| anyhow!("{} holds no certificate in PEM", file.display()))?;
            trusted.push(fingerprint(&certificate));
        }
        Ok(trusted)
    }
}

impl Errand for TakeIn {
    fn data(&self) -> &Path {
        &self.data
    }

    fn act(&self, desk: &mut Desk<'_>) -> Result<u8> {
        let file = desk.path(&self.file);
        let trusted = self.trusted(desk)?;
        let mut opened = File::open(&file).with_context(|| format!("could not read {}", file.display()))?;
        let is_sealed = LetterReader::is_letter(&mut opened).with_context(|| format!("could not read {}", file.display()))?;
        let opened: Box<dyn Source> = match is_sealed {
            true => {
                let keys = receiving::keys(&desk.chart.drawer(RECEIVING_ROOM))?;
                Box::new(LetterReader::open(opened, &keys).map_err(|cause| unopened(&file, &cause))?)
            }
            false => Box::new(opened),
        };
        let refused = |cause: attest::ParcelFault| anyhow!("{}: {cause}; nothing was taken in", file.display());
        let mut parcel = Parcel::open(opened, &trusted).map_err(refused)?;
        // All of it, before anything is used.
        let mut unbelieved = Vec::new();
        let mut number = 0u64;
        parcel.walk(&mut |item| {
            number += 1;
            if item.kind == ItemKind::Evidence && !is_believed(&item.text, &trusted) {
                unbelieved.push(number);
            }
            ControlFlow::Continue(())
        }).map_err(refused)?;
        let heading = parcel.heading().clone();
        desk.say(format!("Parcel {} of {}, made {}: {} items, verified.", heading.id, heading.from, heading.made, heading.items));
        for number in &unbelieved {
            desk.say(format!("Item {number} is evidence of a signature that is not believed here: it is kept and shown as such."));
        }
        if self.only_verify {
            return Ok(u8::from(!unbelieved.is_empty()));
        }
        let rejects = self.rejects.as_deref().map_or_else(|| PathBuf::from(format!("{}.rejects", file.display())), |path| desk.path(path));
        let mut work = Work { desk, origin: (heading.from.clone(), heading.id.clone()), tally: Tally::default(), gathered: Gathered::default(), rejects, out: None };
        let mut failure = None;
        parcel.walk(&mut |item| match work.take(item) {
            Ok(()) => ControlFlow::Continue(()),
            Err(cause) => {
                failure = Some(cause);
                ControlFlow::Break(())
            }
        }).map_err(|cause| anyhow!("{}: {cause}; it changed while it was taken in", file.display()))?;
        if let Some(cause) = failure {
            return Err(cause.context("the same command goes on where this one stopped"));
        }
        work.flush()?;
        let Work { tally, rejects, out, .. } = work;
        let has_rejects = out.is_some();
        if let Some(out) = out {
            out.into_inner().map_err(|cause| cause.into_error()).and_then(|file| file.sync_all()).with_context(|| format!("could not write {}", rejects.display()))?;
        }
        // From now on what it signed is believed on the pages.
        let evidence = parcel.evidence();
        Authority::new(desk.chart.drawer(SIGNING_ROOM)).trust(&evidence.authority, &evidence.revoked)?;
        let Tally { new, same, differs, refused, persons, beside } = tally;
        desk.say(format!("{persons} persons. {new} items are new here, {same} were here already, {differs} differ from what is here, {refused} could not be taken in."));
        if beside > 0 {
            desk.say(format!("{beside} of these persons bear a number that somebody here bears already, with the same birth date and name. Both are kept, the number stays with who was here, and a merge is proposed on the page of possible duplicates: somebody decides there."));
        }
        if has_rejects {
            desk.say(format!("What was not taken in is in {}, with the reasons.", rejects.display()));
        }
        Ok(u8::from(has_rejects || !unbelieved.is_empty()))
    }
}

struct Work<'w, 'd> {
    desk: &'w Desk<'d>,
    /// Institution and parcel.
    origin: (String, String),
    tally: Tally,
    gathered: Gathered,
    rejects: PathBuf,
    out: Option<BufWriter<File>>,
}

impl Work<'_, '_> {
    fn take(&mut self, item: Item) -> Result<()> {
        let gathered = &self.gathered;
        let is_person_whole = !gathered.entries.is_empty() || !gathered.evidence.is_empty() || !gathered.logs.is_empty();
        let begins = match item.kind {
            ItemKind::Shared => !gathered.patients.is_empty() || gathered.shared.len() >= SHARED,
            ItemKind::Person => is_person_whole || !gathered.shared.is_empty() || gathered.patients.first().is_some_and(|first| !names(&item.text, first) && !names(&first.text, &item)),
            ItemKind::Entry | ItemKind::Evidence | ItemKind::Log => false,
        };
        if begins {
            self.flush()?;
        }
        match item.kind {
            ItemKind::Shared => self.gathered.shared.push(item),
            ItemKind::Person => self.gathered.patients.push(item),
            ItemKind::Entry => self.gathered.entries.push(item),
            ItemKind::Evidence => self.gathered.evidence.push(item),
            ItemKind::Log => self.gathered.logs.push(item),
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        let Gathered { shared, patients, entries, evidence, logs } = std::mem::take(&mut self.gathered);
        let (caller, chart) = (self.desk.caller(), self.desk.chart);
        let texts = |items: &[Item]| items.iter().map(|item| item.text.clone()).collect::<Vec<_>>();
        if !shared.is_empty() {
            let fates = self.desk.wait(chart.take_in_shared(&caller, &texts(&shared)))??;
            self.count(shared.iter(), fates)?;
        }
        if patients.is_empty() {
            if !entries.is_empty() || !evidence.is_empty() || !logs.is_empty() {
                bail!("the parcel holds entries before any person");
            }
            return Ok(());
        }
        let origin = Origin { institution: &self.origin.0, parcel: &self.origin.1 };
        let fates = self.desk.wait(chart.take_in_person(&caller, &origin, &texts(&patients), &texts(&entries), &texts(&evidence), &texts(&logs)))??;
        self.tally.persons += 1;
        self.count(patients.iter().chain(&entries).chain(&evidence).chain(&logs), fates)
    }

    fn count<'i>(&mut self, items: impl Iterator<Item = &'i Item>, fates: Vec<TakenIn>) -> Result<()> {
        for (item, fate) in items.zip(fates) {
            let why = match fate {
                TakenIn::New => {
                    self.tally.new += 1;
                    continue;
                }
                TakenIn::Beside(_) => {
                    self.tally.new += 1;
                    self.tally.beside += 1;
                    continue;
                }
                TakenIn::Same => {
                    self.tally.same += 1;
                    continue;
                }
                TakenIn::Differs => {
                    self.tally.differs += 1;
                    vec!["Something else is here under this name, or was: it stays.".to_owned()]
                }
                TakenIn::Refused(issues) => {
                    self.tally.refused += 1;
                    issues.into_iter().map(|issue| format!("{}: {}", issue.expression, issue.message)).collect()
                }
            };
            let line = json!({ "item": item.name, "why": why, "text": item.text });
            let out = match &mut self.out {
                Some(out) => out,
                None => {
                    let file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&self.rejects).with_context(|| format!("could not write {}", self.rejects.display()))?;
                    self.out.insert(BufWriter::new(file))
                }
            };
            writeln!(out, "{line}").with_context(|| format!("could not write {}", self.rejects.display()))?;
        }
        Ok(())
    }
}

/// What a parcel is read from.
trait Source: Read + Seek {}

impl<T: Read + Seek> Source for T {}

/// Why a sealed parcel does not open.
fn unopened(file: &Path, cause: &LetterFault) -> anyhow::Error {
    let hint = match cause {
        LetterFault::AnotherKey(_) => ", not for this site, or for a key it no longer has: compare with `carnet keys receiving`",
        _ => "",
    };
    anyhow!("{}: {cause}{hint}; nothing was taken in", file.display())
}

/// True where a text names an item.
fn names(text: &str, item: &Item) -> bool {
    text.contains(&format!("\"{}\"", item.name))
}

/// True for evidence whose signatures are all good, that of the author among them, of an authority that is trusted.
fn is_believed(text: &str, trusted: &[String]) -> bool {
    let plain = |text: &str| text.chars().filter(char::is_ascii_hexdigit).map(|digit| digit.to_ascii_uppercase()).collect::<String>();
    Evidence::read(text).is_some_and(|evidence| {
        let found = plain(&evidence.fingerprint());
        trusted.iter().any(|one| plain(one) == found) && is_whole(&evidence)
    })
}

fn is_whole(evidence: &Evidence) -> bool {
    let verdicts = evidence.verify(&[]);
    verdicts.iter().all(Result::is_ok) && verdicts.iter().flatten().any(|said| said.capacity == Capacity::Author)
}
