//! `carnet hand-over`: the records of persons leave for another institution, as one signed file.
//!
//! * What leaves is to the letter what is stored, with evidence of everything that is signed: it is
//!   verified elsewhere without asking here.
//! * It is sealed for whoever takes it in, with the key that their site told; in the clear only where somebody says so.
//! * Who opened each record here goes along as AuditEvents, at most so many as the door gives.
//! * The file gets its name when it is whole. Memory holds one person.
//! * All persons of an institution take two, once the site has a privacy officer: `carnet agreement`.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use attest::{Algorithm, Authority, Capacity, Evidence, Holder, ItemKind, Packer, SIGNING_ROOM, SignerSaid, sign};
use chart::{Chart, Stored};
use seal::{LetterWriter, Receiver, Stream};

use crate::admin::{self, Desk, Errand};
use crate::erase::refused;
use crate::receiving::RECEIVING_ROOM;

/// Hand the records of persons over to another institution: one signed file for `carnet take-in`.
#[derive(clap::Args)]
pub struct HandOver {
    /// The folder of the site.
    #[arg(long)]
    data: PathBuf,
    /// The file to write; a new one.
    #[arg(long)]
    out: PathBuf,
    /// The key of the site that takes it in, as `carnet keys receiving` shows it there.
    #[arg(long, conflicts_with = "in_clear")]
    to: Option<String>,
    /// Do not seal the file: whoever gets hold of it reads it.
    #[arg(long)]
    in_clear: bool,
    /// The ids of the persons' Patients, as `Patient/ID` or `ID`.
    #[arg(required_unless_present = "institution", conflicts_with = "institution")]
    patients: Vec<String>,
    /// Everybody who is assigned to this Organization or to a part of it, by its id. It takes two, as an export does.
    #[arg(long)]
    institution: Option<String>,
}

impl HandOver {
    /// Does it.
    pub fn run(self) -> Result<ExitCode> {
        admin::carry_out(&self)
    }

    fn receiver(&self) -> Result<Option<Receiver>> {
        match &self.to {
            Some(text) => Receiver::from_text(text).map(Some).context("--to is no key as `carnet keys receiving` shows it: a sign is wrong or missing"),
            None if self.in_clear => Ok(None),
            None => bail!("for whom? --to KEY seals the file for a site, which shows its key with `carnet keys receiving`; --in-clear leaves it readable for anybody"),
        }
    }

    fn pack(&self, desk: &Desk<'_>, to: Option<&Receiver>, file: &Path) -> Result<(u64, u64, String)> {
        let (caller, chart) = (desk.caller(), desk.chart);
        let made = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(file).with_context(|| format!("could not make {}", file.display()))?;
        let authority = Authority::new(chart.drawer(SIGNING_ROOM));
        let (name, now) = (institution(chart)?, chart.now());
        let now_s = now.0 / 1000;
        let certificate = authority.certificate(&name, now_s)?;
        let revoked = authority.list(&name, now_s)?;
        let evidence = |text: String, signatures: Vec<String>| Evidence { text, signatures, authority: certificate.clone(), revoked: revoked.clone(), made_at: now.to_string() };
        let made = BufWriter::with_capacity(256 << 10, made);
        let out = match to {
            Some(to) => Out::Sealed(Box::new(LetterWriter::begin(made, to, &mut Stream::new(chart.drawer(RECEIVING_ROOM).random())).context("the file could not be sealed")?)),
            None => Out::Clear(made),
        };
        let mut parcel = Parcel { packer: Packer::begin(out).context("the file could not be written")?, shared: BTreeSet::new() };
        let mut persons = 0;
        let bar = desk.spinner("Handing over");
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let mut one = |id: &str| -> Result<()> {
            // Who is named twice, or by two Patients that are one person, is in the parcel once.
            if !seen.insert(id.to_owned()) {
                return Ok(());
            }
            let Some(handed) = desk.wait(chart.hand_over(&caller, id))?.map_err(|cause| told(cause, id))? else { return Ok(()) };
            seen.extend(handed.patients.iter().map(|stored| stored.id.clone()));
            for stored in &handed.shared {
                parcel.shared(stored)?;
            }
            for (kind, list) in [(ItemKind::Person, &handed.patients), (ItemKind::Entry, &handed.entries)] {
                list.iter().try_for_each(|stored| parcel.add(kind, stored))?;
            }
            for signed in handed.signed {
                let document = name_of(&signed.text).context("a signed version could not be read")?;
                let file = match signed.elsewhere {
                    Some(elsewhere) => elsewhere.file,
                    None => evidence(signed.text, signed.signatures).written(),
                };
                parcel.packer.add(ItemKind::Evidence, &document, &file).context("the file could not be written")?;
            }
            let person = handed.patients.first().map(|stored| format!("Patient/{}/log", stored.id)).context("a record without its person could not be read")?;
            for log in &handed.logs {
                parcel.packer.add(ItemKind::Log, &person, log).context("the file could not be written")?;
            }
            persons += 1;
            bar.inc(1);
            Ok(())
        };
        match &self.institution {
            None => self.patients.iter().try_for_each(|id| one(id.strip_prefix("Patient/").unwrap_or(id)))?,
            Some(of) => {
                let of = of.strip_prefix("Organization/").unwrap_or(of);
                let mut page = desk.wait(chart.persons_of(&caller, of, None))?.map_err(|cause| told(cause, of))?;
                chart.begin_hand_over(&caller).map_err(refused)?;
                loop {
                    page.0.iter().try_for_each(|id| one(id))?;
                    let Some(next) = page.1 else { break };
                    page = desk.wait(chart.persons_of(&caller, of, Some(&next)))?.map_err(|cause| told(cause, of))?;
                }
            }
        }
        bar.finish_and_clear();
        let items = parcel.packer.items();
        let id: [u8; 16] = chart.drawer(SIGNING_ROOM).random();
        let id: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
        let manifest = parcel.packer.manifest(&id, &now.to_string(), &name);
        let said = SignerSaid { name: name.clone(), ..SignerSaid::default() };
        let hand = authority.hand(Holder::Institution(&name), &said, Algorithm::Es256, &name, now_s)?;
        let signature = sign(&hand, &manifest, now_s, &said, Capacity::Institution)?;
        // The key may have been certified just now: the evidence bears the list of this moment.
        let evidence = evidence(manifest, vec![signature]);
        let written = parcel.packer.end(&evidence).context("the file could not be written")?;
        let written = match written {
            Out::Sealed(letter) => letter.end().context("the file could not be finished")?,
            Out::Clear(written) => written,
        };
        written.into_inner().map_err(|cause| cause.into_error()).and_then(|file: File| file.sync_all()).context("the file could not be finished")?;
        Ok((persons, items, evidence.fingerprint()))
    }
}

impl Errand for HandOver {
    fn data(&self) -> &Path {
        &self.data
    }

    fn act(&self, desk: &mut Desk<'_>) -> Result<u8> {
        let to = self.receiver()?;
        let out = desk.path(&self.out);
        if out.exists() {
            bail!("{} is there already; choose another name", out.display());
        }
        let unfinished = PathBuf::from(format!("{}.unfinished", out.display()));
        let packed = self.pack(desk, to.as_ref(), &unfinished);
        let (persons, items, fingerprint) = match packed {
            Ok(packed) => packed,
            Err(cause) => {
                // Half a parcel is nobody's.
                let _ = fs::remove_file(&unfinished);
                return Err(cause);
            }
        };
        fs::rename(&unfinished, &out).with_context(|| format!("could not finish {}", out.display()))?;
        desk.say(format!("{persons} persons, {items} items in {}.", out.display()));
        if to.is_none() {
            desk.say("The file is NOT sealed: whoever gets hold of it reads it.");
        }
        desk.say(format!("Whoever takes it in trusts the authority with the fingerprint\n  {fingerprint}\nTell it to them by another way than the file's."));
        Ok(0)
    }
}

/// Where a parcel goes.
enum Out {
    Sealed(Box<LetterWriter<BufWriter<File>>>),
    Clear(BufWriter<File>),
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Out::Sealed(letter) => letter.write(bytes),
            Out::Clear(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Out::Sealed(letter) => letter.flush(),
            Out::Clear(file) => file.flush(),
        }
    }
}

struct Parcel {
    packer: Packer<Out>,
    /// What of the shared space is in it already.
    shared: BTreeSet<String>,
}

impl Parcel {
    fn add(&mut self, kind: ItemKind, stored: &Stored) -> Result<()> {
        self.packer.add(kind, &format!("{}/{}", stored.kind, stored.id), &stored.text).context("the file could not be written")
    }

    fn shared(&mut self, stored: &Stored) -> Result<()> {
        if self.shared.insert(format!("{}/{}", stored.kind, stored.id)) { self.add(ItemKind::Shared, stored) } else { Ok(()) }
    }
}

/// What the site calls itself: the first institution that has accounts.
fn institution(chart: &Chart) -> Result<String> {
    let named = chart.accounts()?.into_iter().map(|one| one.institution).find(|name| !name.is_empty());
    Ok(named.unwrap_or_else(|| "Carnet".to_owned()))
}

/// Type, id and version of a stored text.
fn name_of(text: &str) -> Option<String> {
    let document = fhir::Document::read(text).ok()?;
    let root = document.root();
    Some(format!("{}/{}/_history/{}", root.string("resourceType")?, root.string("id")?, root.get("meta")?.string("versionId")?))
}

fn told(cause: chart::Error, id: &str) -> anyhow::Error {
    match cause {
        chart::Error::NotFound | chart::Error::Gone { .. } => anyhow::anyhow!("nobody and nothing is here under {id}"),
        cause => refused(cause),
    }
}
