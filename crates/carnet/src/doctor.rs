//! `carnet doctor`: what around a site would let it down, and what to do about it.
//!
//! It looks at the machine and at what lies outside of the store; `carnet check` looks inside.
//! Exit codes: 0 all well; 1 something is to be mended; 2 it could not look.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result};
use chart::{Chart, Clock};
use rustix::process::{Resource, geteuid, getrlimit};

use crate::admin::{self, Desk, Errand};
use crate::config::Config;
use crate::site::Site;
use crate::system::SystemClock;

/// Look for what would let the site down: keys, permissions, room, clock, anchor, certificates.
#[derive(clap::Args)]
pub struct Doctor {
    /// The folder of the site.
    #[arg(long)]
    data: PathBuf,
}

impl Doctor {
    /// Looks; without the store where that does not open.
    pub fn run(self) -> Result<ExitCode> {
        let site = Site::at(&self.data, None);
        if !site.exists() {
            anyhow::bail!("there is no site in {}; the path is wrong, or the disk is not mounted", site.folder.display());
        }
        let config = Config::read(&site.config_file())?;
        match admin::carry_out(&self) {
            Ok(code) => Ok(code),
            Err(cause) => {
                let mut report = Report::default();
                report.mend(format!("The store does not open: {cause:#}."), "Look the message up in the operator's manual.");
                look_outside(&site, &config, &mut report);
                print!("{}", report.text);
                Ok(ExitCode::from(1))
            }
        }
    }
}

impl Errand for Doctor {
    fn data(&self) -> &Path {
        &self.data
    }

    fn act(&self, desk: &mut Desk<'_>) -> Result<u8> {
        let mut report = Report::default();
        look_outside(desk.site, desk.config, &mut report);
        look_with_store(desk.site, desk.chart, &mut report)?;
        let (text, code) = (report.text.trim_end().to_owned(), u8::from(report.is_ill));
        desk.say(text);
        Ok(code)
    }
}

/// What was found, line by line.
#[derive(Default)]
struct Report {
    text: String,
    is_ill: bool,
}

impl Report {
    fn well(&mut self, what: impl AsRef<str>) {
        self.text.push_str(&format!("well  {}\n", what.as_ref()));
    }

    fn mend(&mut self, what: impl AsRef<str>, remedy: &str) {
        self.is_ill = true;
        self.text.push_str(&format!("MEND  {}\n      {remedy}\n", what.as_ref()));
    }

    /// One or the other.
    fn tell(&mut self, stands: bool, well: impl AsRef<str>, ill: impl AsRef<str>, remedy: &str) {
        if stands { self.well(well) } else { self.mend(ill, remedy) }
    }

    /// A look that failed is something to be mended, and the others are made all the same.
    fn look(&mut self, at: &str, look: impl FnOnce(&mut Report) -> Result<()>) {
        if let Err(cause) = look(self) {
            self.mend(format!("{at}: {cause:#}."), "See to it that this user may read it, then look again.");
        }
    }
}

fn look_outside(site: &Site, config: &Config, report: &mut Report) {
    report.look("key and data", |report| devices(site, report));
    report.look("permissions", |report| permissions(site, report));
    report.look("the key", |report| copies(site, config, report));
    report.look("room", |report| room(site, report));
    report.look("open files", open_files);
    report.look("the anchor", |report| outside_files(site, report));
    report.look("certificates", |report| certificates(config, report));
}

/// Whoever takes the disk with the data must not have the key with it.
fn devices(site: &Site, report: &mut Report) -> Result<()> {
    let device = |path: &Path| fs::metadata(path).map(|data| data.dev()).with_context(|| format!("could not look at {}", path.display()));
    let apart = device(&site.key_folder)? != device(&site.folder)?;
    let remedy = "Move the folder of the key to another device, and leave a symbolic link in its place; or name a token in carnet.toml (key = \"pkcs11:…\").";
    report.tell(apart, "Key and data lie on different devices.", "Key and data lie on the same device: who takes the one has the other.", remedy);
    Ok(())
}

fn permissions(site: &Site, report: &mut Report) -> Result<()> {
    let mut wrong = Vec::new();
    let mut files = vec![site.key_folder.clone(), site.folder.clone()];
    for entry in fs::read_dir(&site.key_folder).with_context(|| format!("could not look into {}", site.key_folder.display()))? {
        files.push(entry?.path());
    }
    for path in files {
        let Ok(data) = fs::metadata(&path) else { continue };
        if data.mode() & 0o077 != 0 || data.uid() != geteuid().as_raw() {
            wrong.push(path.display().to_string());
        }
    }
    report.tell(wrong.is_empty(), "Nobody else may read the site or its key.", format!("Others may read, or own: {}.", wrong.join(", ")), "chmod go= what is named, and chown it to the user who runs the server.");
    Ok(())
}

fn copies(site: &Site, config: &Config, report: &mut Report) -> Result<()> {
    let kept = site.kept_in(config)?;
    report.tell(!kept.contains("carnet.toml names a token"), format!("The key lies in {kept}."), format!("The key lies in {kept}."), "Run `carnet keys rotate`: the new key is sealed by the token.");
    let recovery = site.recovery_file();
    let remedy = "Print it or move it to a safe, then delete it here.";
    report.tell(!recovery.exists(), "No recovery copy of the key lies beside it.", format!("The recovery copy {} lies beside the key: it is lost with it.", recovery.display()), remedy);
    let mut old = Vec::new();
    for entry in fs::read_dir(&site.key_folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.starts_with("retired-") || name.starts_with("replaced-") {
            old.push(name);
        }
    }
    if !old.is_empty() {
        report.mend(format!("Keys that open nothing here any more lie in {}: {}.", site.key_folder.display(), old.join(", ")), "Move them to where the backups are that they open, or destroy them.");
    }
    Ok(())
}

/// Below this share of the device, or these bytes, a site is about to stop writing.
const ROOM_SHARE: u64 = 20;
const ROOM_BYTES: u64 = 2 << 30;

fn room(site: &Site, report: &mut Report) -> Result<()> {
    for (path, least_bytes) in [(&site.folder, ROOM_BYTES), (&site.key_folder, 1 << 20)] {
        let device = rustix::fs::statvfs(path).with_context(|| format!("could not look at {}", path.display()))?;
        let (free, all) = (device.f_bavail * device.f_frsize, device.f_blocks * device.f_frsize);
        let told = format!("{} MiB of {} MiB are free where {} lies", free >> 20, all >> 20, path.display());
        let is_enough = free >= least_bytes && free >= all / ROOM_SHARE;
        report.tell(is_enough, format!("{told}."), format!("Only {told}."), "Give the device more room: a full disk stops every write.");
        if device.f_files > 0 && device.f_favail < 1000 {
            report.mend(format!("Only {} more files can be made where {} lies.", device.f_favail, path.display()), "Remove small files there, or give the device more inodes.");
        }
    }
    Ok(())
}

const OPEN_FILES: u64 = 4096;

fn open_files(report: &mut Report) -> Result<()> {
    let limit = getrlimit(Resource::Nofile).current;
    let stands = limit.is_none_or(|limit| limit >= OPEN_FILES);
    let told = limit.map_or("without limit".to_owned(), |limit| limit.to_string());
    report.tell(stands, format!("Open files: {told}."), format!("This process may open {told} files; {OPEN_FILES} are ample."), "Raise `ulimit -n` (`LimitNOFILE=` of systemd) for the user who runs the server.");
    Ok(())
}

/// How old what lies outside may be before it says little.
const STALE_MS: i64 = 24 * 3_600_000;

fn outside_files(site: &Site, report: &mut Report) -> Result<()> {
    let now = SystemClock.now().0;
    let files = [
        ("anchor", site.anchor_file(), "without it a store that was put back as a whole is not noticed"),
        ("checkpoint", site.checkpoint_file(), "without it a log that was written anew is not noticed"),
    ];
    for (name, file, why) in files {
        let Ok(data) = fs::metadata(&file) else {
            report.mend(format!("There is no {name} in {}: {why}.", site.key_folder.display()), "Run `carnet check`, then start the server: it makes a new one.");
            continue;
        };
        let written = data.modified()?.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64);
        let age = now - written;
        if age < -300_000 {
            report.mend(format!("The {name} is dated in the future: the clock went back."), "Set the clock of the machine, and keep it by NTP.");
        } else {
            let told = format!("The {name} is from {}", fhir::Moment(written));
            report.tell(age <= STALE_MS, format!("{told}."), format!("{told}: more than a day old."), "Start the server, which renews it; if it runs, see whether it may write there.");
        }
    }
    Ok(())
}

/// A certificate is to be renewed so many days before it ends.
const RENEW_DAYS: i64 = 21;

fn certificates(config: &Config, report: &mut Report) -> Result<()> {
    let Some(file) = &config.tls_certificate else {
        let is_here = config.listen.parse::<std::net::SocketAddr>().is_ok_and(|address| address.ip().is_loopback());
        report.tell(is_here, "Plain HTTP on this machine only.", format!("Plain HTTP on {}: passwords cross the network in the clear.", config.listen), "Set tls_certificate and tls_key, or listen on loopback behind a proxy.");
        return Ok(());
    };
    let text = fs::read(file).with_context(|| format!("could not read {}", file.display()))?;
    let now_s = SystemClock.now().0 / 1000;
    let mut ends_s: Option<i64> = None;
    for block in x509_parser::pem::Pem::iter_from_buffer(&text) {
        let block = block.with_context(|| format!("{} is not PEM", file.display()))?;
        let certificate = block.parse_x509().with_context(|| format!("{} holds something that is no certificate", file.display()))?;
        let end = certificate.validity().not_after.timestamp();
        ends_s = Some(ends_s.map_or(end, |before| before.min(end)));
    }
    let end = ends_s.with_context(|| format!("{} holds no certificate", file.display()))?;
    let days = (end - now_s).div_euclid(86_400);
    let remedy = "Put the new certificate where the old one lies; the server takes it up by itself.";
    let told = format!("The certificate ends on {}", fhir::Moment(end * 1000));
    report.tell(days >= RENEW_DAYS, format!("{told}."), if days < 0 { format!("{told}: it has ended.") } else { format!("{told}, in {days} days.") }, remedy);
    Ok(())
}

fn look_with_store(site: &Site, chart: &Chart, report: &mut Report) -> Result<()> {
    let (now, newest) = (chart.now(), chart.newest_write()?);
    report.tell(newest.0 <= now.0 + 300_000, "The clock is not behind what was written.", format!("The clock says {now}, and something was written at {newest}."), "Set the clock of the machine, and keep it by NTP.");
    if chart.key_names().older.is_some() {
        report.mend("A rotation of the institution's key is under way.", "Finish it with `carnet keys rotate`.");
    }
    if !site.anchor_file().exists() {
        report.mend(unanchored(chart)?, "Bring back the anchor from a copy, or run `carnet check` and start the server.");
    }
    Ok(())
}

/// Since when nothing outside of the store has vouched for it, in words.
pub fn unanchored(chart: &Chart) -> Result<String> {
    Ok(match chart.last_anchored()? {
        Some(at) => format!("Unanchored since {at} at the latest: what was put back as a whole since then would not be noticed."),
        None => "Unanchored since it was made: a store put back as a whole would not be noticed.".to_owned(),
    })
}
