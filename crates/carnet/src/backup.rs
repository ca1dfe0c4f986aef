//! `carnet backup`: a copy of a site, made while it is in use.
//!
//! * A copy has its name when it is complete and on disk; what is not complete has another one.
//! * The data is copied before its keys: every key that the data needs is in the copy.
//! * The institution's key is no part of it, nor is what lies beside that key.
//! * Nothing is ever overwritten.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::admin::{self, Desk, Errand};
use crate::site::{Site, above, make_private_folder, sync_folder};

/// Copy the site to a new folder; the server may go on.
#[derive(clap::Args)]
pub struct Backup {
    /// The folder of the site.
    #[arg(long)]
    data: PathBuf,
    /// A new folder for the copy.
    #[arg(long)]
    out: PathBuf,
}

impl Backup {
    /// Makes the copy.
    pub fn run(self) -> Result<ExitCode> {
        admin::carry_out(&self)
    }
}

impl Errand for Backup {
    fn data(&self) -> &Path {
        &self.data
    }

    fn act(&self, desk: &mut Desk<'_>) -> Result<u8> {
        let out = desk.path(&self.out);
        if out.exists() {
            bail!("{} is there already; name a new folder", out.display());
        }
        let unfinished = unfinished(&out)?;
        make_private_folder(&unfinished)?;
        let copy = Site::at(&unfinished, None);
        desk.chart.copy_store(&desk.caller(), &copy.record(), &copy.keyring()).with_context(|| format!("the copy could not be made; remove {}", unfinished.display()))?;
        copy_all(&desk.site.config_file(), &copy.config_file())?;
        put_in_place(&unfinished, &out)?;
        desk.say(format!("The copy is in {}. It is sealed, and the institution's key is not in it: keep that elsewhere.", out.display()));
        desk.say("It holds the keys of persons who are erased later: keep such copies for a short time only.");
        Ok(0)
    }
}

/// What a folder is called until it is complete; an error where one of that name is left.
pub(crate) fn unfinished(folder: &Path) -> Result<PathBuf> {
    let Some(name) = folder.file_name() else { bail!("{} has no name; name a new folder", folder.display()) };
    let mut name: OsString = name.to_owned();
    name.push(".unfinished");
    let unfinished = folder.with_file_name(name);
    if unfinished.exists() {
        bail!("{} is left of a copy that was broken off; remove it first", unfinished.display());
    }
    Ok(unfinished)
}

/// Gives a complete folder its name.
pub(crate) fn put_in_place(unfinished: &Path, folder: &Path) -> Result<()> {
    sync_folder(unfinished)?;
    fs::rename(unfinished, folder).with_context(|| format!("{} is complete, and could not be called {}", unfinished.display(), folder.display()))?;
    sync_folder(above(folder))
}

/// Copies a file, or a folder with all that lies in it, and sees to it that the copy is on disk.
pub(crate) fn copy_all(from: &Path, to: &Path) -> Result<()> {
    let trouble = || format!("could not copy {}", from.display());
    if !from.is_dir() {
        fs::copy(from, to).with_context(trouble)?;
        return File::open(to).and_then(|copy| copy.sync_all()).with_context(trouble);
    }
    make_private_folder(to)?;
    for entry in fs::read_dir(from).with_context(trouble)? {
        let entry = entry.with_context(trouble)?;
        copy_all(&entry.path(), &to.join(entry.file_name()))?;
    }
    sync_folder(to)
}
