//! `carnet import`: what files hold, taken into the record.
//!
//! * A file is told by its first bytes, not by its name: plain, gzip, zstandard or bzip2; one
//!   document or a resource a line.
//! * Memory is bounded: files are read in parcels, and so many bytes are under way at once.
//! * What names something that has not arrived waits and is tried again until nothing moves.
//! * Nothing is dropped silently: what cannot be kept lies in the rejects file with its reasons.
//! * The same files twice change nothing, so an import that was killed is simply started again.

mod parcel;
mod note;
pub(crate) mod rejects;
pub(crate) mod source;
mod splitter;
mod tally;
mod waiting;
mod work;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::config::Config;
use crate::site::Site;
use crate::{demo, progress, serve};

use note::{IMPORT_ROOM, Note};
use rejects::Rejects;
use work::Import as Work;

/// Import FHIR Bundles and NDJSON, files or folders, plain or compressed; the same files twice change nothing.
#[derive(clap::Args)]
pub struct Import {
    /// The folder of the site.
    #[arg(long)]
    data: PathBuf,
    /// Files, or folders with files: Bundles, single resources or NDJSON; plain, .gz, .zst or .bz2.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Keep resources that break the rules of FHIR R4, with what is wrong beside them.
    #[arg(long)]
    keep_flawed: bool,
    /// Where to keep what cannot be taken in, instead of DIR/rejects-1.ndjson and so on.
    #[arg(long)]
    rejects: Option<PathBuf>,
}

impl Import {
    /// Takes everything in and says what became of it.
    pub fn run(self) -> Result<ExitCode> {
        let began = Instant::now();
        let site = Site::at(&self.data, None);
        let config = Config::read(&site.config_file())?;
        let listing = source::list(&self.paths)?;
        if listing.sources.is_empty() && listing.unreadable.is_empty() {
            bail!("there are no files in the paths that were named");
        }
        let listen = config.listen.parse().context("`listen` in the configuration wants an address and a port")?;
        let chart = site.chart(&config, &serve::base_url(&config, listen))?;

        let note = Note::open(&site.folder, self.keep_flawed, &chart.drawer(IMPORT_ROOM), chart.commit_numbers()?.iter().sum())?;
        let rejects = Rejects::open(&site.folder, self.rejects.as_deref(), &note)?;
        let resumed = note.finished_count();
        let caller = demo::console(&chart);
        let bytes = listing.sources.iter().map(|source| source.size_bytes).sum();
        let bar = progress::bytes(bytes, "Importing");
        let import = Work::new(chart.clone(), caller, self.keep_flawed, note, rejects, bar.clone(), &site.folder);
        let outcome = import.run(listing);
        bar.finish_and_clear();
        // What was acknowledged is in the store, whatever happened afterwards.
        site.anchor(&chart)?;
        let summary = match outcome {
            Ok(summary) => summary,
            Err(cause) => {
                let _ = chart.close();
                return Err(cause).context("the import stopped; what was taken in so far is safe, and the same command goes on from there");
            }
        };
        chart.close()?;
        print!("{}", summary.tally.table());
        if resumed > 0 {
            println!("{resumed} files were finished by an earlier run that was interrupted, and were passed over.");
        }
        if summary.tally.flawed > 0 {
            println!("{} kept although flawed: their issues lie beside them.", summary.tally.flawed);
        }
        let seconds = began.elapsed().as_secs_f64();
        let total = summary.tally.total();
        println!("{total} resources from {} files in {seconds:.1} s: {:.0} resources/s.", summary.files, total as f64 / seconds.max(0.001));
        match summary.rejected {
            0 => Ok(ExitCode::SUCCESS),
            rejected => {
                println!("{rejected} REJECTED, with reasons, in {}", summary.rejects_file.display());
                Ok(ExitCode::from(1))
            }
        }
    }
}
