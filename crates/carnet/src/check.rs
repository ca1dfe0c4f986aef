//! `carnet check`: verifies everything in the store.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use chart::{Chart, Checked};

use crate::config::Config;
use crate::demo::console;
use crate::progress;
use crate::site::Site;

/// Verify every checksum, seal, posting and locator; exit code 1 and a report on damage.
#[derive(clap::Args)]
pub struct Check {
    /// The folder of the site.
    #[arg(long)]
    data: PathBuf,
    /// Rebuild postings, locators and claims from the records alone, then verify.
    #[arg(long)]
    repair_index: bool,
    /// Take the store as it is although the anchor has seen later commits.
    #[arg(long)]
    accept_rollback: bool,
}

impl Check {
    /// Looks at everything, mends the index first where asked. A store too damaged to open is
    /// damage found, not a command that could not be carried out.
    pub fn run(self) -> Result<ExitCode> {
        match self.look() {
            Err(cause) if is_damage(&cause) => {
                println!("DAMAGE  store: {cause:#}");
                Ok(ExitCode::from(1))
            }
            seen => seen,
        }
    }

    fn look(&self) -> Result<ExitCode> {
        let site = Site::at(&self.data, None);
        let config = Config::read(&site.config_file())?;
        let chart = site.chart_of(site.store(&config, self.accept_rollback)?, &config, "")?;
        let caller = console(&chart);
        let replayed = crate::erase::replay(&site, &chart)?;
        if replayed.carried_out > 0 {
            println!("{} erased records were in the store again and were erased again.", replayed.carried_out);
        }
        if replayed.held > 0 {
            println!("{}", crate::erase::held(replayed.held));
        }
        if !site.anchor_file().exists() {
            println!("{}", crate::doctor::unanchored(&chart)?);
        }
        if !site.checkpoint_file().exists() {
            println!("There is no {}; openings dropped before now by a holder of the key would not be noticed.", site.checkpoint_file().display());
        }
        if self.repair_index {
            let bar = progress::spinner("Building the index");
            let records = chart.repair_index(&caller, &mut |done| bar.set_position(done))?;
            bar.finish_and_clear();
            println!("The index of {records} records was built anew.");
        }
        let bar = progress::spinner("Checking records");
        let checked = chart.check(&caller, &mut |done| bar.set_position(done))?;
        bar.finish_and_clear();
        let sound = report(&chart, &checked) & report_journals(&chart)? & report_witnesses(&site, &config, &chart)?;
        if sound {
            println!("Sound.");
        }
        if sound {
            site.anchor(&chart)?;
            site.keep_checkpoint(&chart.log_checkpoint())?;
        }
        chart.close()?;
        Ok(if sound { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }
}

/// Whether an error tells of the store's state, and not of a missing key or a running server.
fn is_damage(cause: &anyhow::Error) -> bool {
    use store::engine::Error as Engine;
    cause.chain().any(|cause| {
        let of_store = cause.downcast_ref::<store::Error>();
        let of_engine = cause.downcast_ref::<Engine>();
        matches!(of_store, Some(store::Error::Damaged(_) | store::Error::Seal(_) | store::Error::KeyMissing | store::Error::RolledBack { .. } | store::Error::LogRewritten { .. } | store::Error::Checkpoint(_) | store::Error::Engine(Engine::Damaged { .. })))
            || matches!(of_engine, Some(Engine::Damaged { .. }))
    })
}

/// Walks the chains of the journals; true if each entry follows from the one before.
fn report_journals(chart: &Chart) -> Result<bool> {
    let mut sound = true;
    for (journal, walked) in [("accounts", chart.account_journal().map(|entries| entries.len())), ("site", chart.site_journal().map(|entries| entries.len()))] {
        match walked {
            Ok(entries) => println!("The journal of {journal}: {entries} entries"),
            Err(chart::Error::Store(cause @ (store::Error::Damaged(_) | store::Error::Seal(_)))) => {
                println!("DAMAGE  journal of {journal}: {cause}");
                sound = false;
            }
            Err(cause) => return Err(cause.into()),
        }
    }
    Ok(sound)
}

/// Prints what the witnesses of the log signed; false where one of them did not, or signed another log.
fn report_witnesses(site: &Site, config: &Config, chart: &Chart) -> Result<bool> {
    match crate::cosignatures::verify(site, config, chart)? {
        None => Ok(true),
        Some(Ok(said)) => {
            println!("{said}");
            Ok(true)
        }
        Some(Err(why)) => {
            println!("DAMAGE  log: {why}");
            Ok(false)
        }
    }
}

/// Prints what was seen; true if nothing is wrong.
fn report(chart: &Chart, checked: &Checked) -> bool {
    println!(
        "{} records, {} versions ({} kept with flaws), {} postings, {} locators, {} claims, {} guests, {} log lines, {} openings; {} records erased",
        checked.records, checked.versions, checked.flawed, checked.postings, checked.locators, checked.claims, checked.guests, checked.log_lines, checked.openings, checked.erased
    );
    if let Ok(numbers) = chart.commit_numbers() {
        println!("Commits by shard: {numbers:?}");
    }
    if !checked.is_settled {
        println!("Postings were looked up one by one and not counted: an index is being built, or was left behind. `--repair-index` settles it.");
    }
    for finding in &checked.findings {
        let place = finding.record.map_or_else(|| "store".to_owned(), |record| format!("{record:?}"));
        let mend = if finding.in_index { "  [--repair-index mends this]" } else { "" };
        println!("DAMAGE  {place}: {}{mend}", finding.what);
    }
    if checked.further > 0 {
        println!("DAMAGE  and {} findings more", checked.further);
    }
    checked.is_sound()
}
