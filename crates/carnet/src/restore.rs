//! `carnet restore`: a site made of a backup.
//!
//! * Nothing is ever overwritten: a site is made where there is none.
//! * It has its name when it is complete and on disk.
//! * The institution's key and what lies beside it stay as they are; who goes on with an older day says so to the check.

use std::fs::{self, File, TryLockError};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use store_rocks::Rocks;

use crate::backup::{copy_all, put_in_place, unfinished};
use crate::site::{Site, make_private_folder};

/// Make a site of a backup, where there is none.
#[derive(clap::Args)]
pub struct Restore {
    /// The folder of the site: there is none yet, or it is empty.
    #[arg(long)]
    data: PathBuf,
    /// The folder of the backup.
    #[arg(long)]
    from: PathBuf,
}

impl Restore {
    /// Makes the site and says what to do next.
    pub fn run(self) -> Result<ExitCode> {
        let (from, site) = (Site::at(&self.from, None), Site::at(&self.data, None));
        self.refuse_what_is_no_backup(&from)?;
        let folder = &site.folder;
        if folder.exists() && fs::read_dir(folder).with_context(|| format!("could not use the folder {}", folder.display()))?.next().is_some() {
            bail!("{} is not empty, and a restore overwrites nothing: move away what is there", folder.display());
        }
        let unfinished = unfinished(folder)?;
        let new = Site::at(&unfinished, None);
        make_private_folder(&unfinished)?;
        for (part, place) in [(from.config_file(), new.config_file()), (from.keyring(), new.keyring()), (from.record(), new.record())] {
            copy_all(&part, &place).with_context(|| format!("nothing was restored; remove {}", unfinished.display()))?;
        }
        put_in_place(&unfinished, folder)?;
        println!("The site is in {}, as it was when the backup was made.", folder.display());
        println!("Its key is looked for in {}. The list of erased persons beside it stays today's.", site.key_folder.display());
        println!("Now: carnet check --accept-rollback --data {}", folder.display());
        Ok(ExitCode::SUCCESS)
    }

    fn refuse_what_is_no_backup(&self, from: &Site) -> Result<()> {
        for part in [from.record(), from.keyring()] {
            if !Rocks::exists(&part) {
                bail!("{} holds no store: this is no backup, or not a whole one", part.display());
            }
            // The copy of a store to which somebody writes would be none.
            if File::open(part.join("LOCK")).is_ok_and(|lock| matches!(lock.try_lock(), Err(TryLockError::WouldBlock))) {
                bail!("{} is in use; name the folder of a backup", self.from.display());
            }
        }
        if !from.config_file().is_file() {
            bail!("{} is missing: this is no backup, or not a whole one", from.config_file().display());
        }
        Ok(())
    }
}
