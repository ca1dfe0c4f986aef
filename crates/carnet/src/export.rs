//! `carnet export`: the record as NDJSON, a file a type, to the letter as it is stored.
//!
//! * A file gets its name when it is complete.
//! * Every person whose resources leave has an opening in the log before they do.
//! * It takes two, once the site has a privacy officer: `carnet agreement`.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use fhir::{Moment, PartialDateTime, ResourceType};

use crate::config::Config;
use crate::site::Site;
use crate::{demo, progress, serve};

/// Export the newest version of every resource as NDJSON, one file a type.
#[derive(clap::Args)]
pub struct Export {
    /// The folder of the site.
    #[arg(long)]
    data: PathBuf,
    /// The folder to write to; made if there is none.
    #[arg(long)]
    out: PathBuf,
    /// Only this type; may be given several times.
    #[arg(long = "type")]
    types: Vec<String>,
    /// Only what was written at or after this time, as 2026-11-22 or 2026-11-22T08:00:00Z.
    #[arg(long)]
    since: Option<String>,
}

impl Export {
    /// Writes the files and says how many resources are in each.
    pub fn run(self) -> Result<ExitCode> {
        let began = Instant::now();
        let site = Site::at(&self.data, None);
        let config = Config::read(&site.config_file())?;
        let types = self.types.iter().map(|name| ResourceType::named(name).with_context(|| format!("R4 has no resource type `{name}`")));
        let types = types.collect::<Result<Vec<_>>>()?;
        let since = self.since.as_deref().map(|text| since(text, config.zone_offset_minutes)).transpose()?;
        let mut files = Files::into(&self.out)?;
        let listen = config.listen.parse().context("`listen` in the configuration wants an address and a port")?;
        let chart = site.chart(&config, &serve::base_url(&config, listen))?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().context("no threads could be started")?;

        let bar = progress::bar(1000, "Exporting");
        let mut failure = None;
        let outcome = runtime.block_on(chart.export(&demo::console(&chart), &types, since, &mut |exported| {
            bar.set_position((exported.part * 1000.0) as u64);
            match files.write(exported.kind, exported.text) {
                Ok(()) => ControlFlow::Continue(()),
                Err(cause) => {
                    failure = Some(cause);
                    ControlFlow::Break(())
                }
            }
        }));
        bar.finish_and_clear();
        // The openings were commits, too.
        site.anchor(&chart)?;
        chart.close()?;
        outcome.map_err(crate::erase::refused)?;
        if let Some(cause) = failure {
            return Err(cause);
        }
        let counts = files.finish()?;
        for (kind, count) in &counts {
            println!("{kind:<34}{count:>11}");
        }
        let total: u64 = counts.iter().map(|(_, count)| count).sum();
        let seconds = began.elapsed().as_secs_f64();
        println!("{total} resources in {} in {seconds:.1} s: {:.0} resources/s.", self.out.display(), total as f64 / seconds.max(0.001));
        Ok(ExitCode::SUCCESS)
    }
}

fn since(text: &str, zone_offset_minutes: i16) -> Result<Moment> {
    let date = PartialDateTime::parse(text).with_context(|| format!("`{text}` is no time; write 2026-11-22 or 2026-11-22T08:00:00Z"))?;
    Ok(date.range(zone_offset_minutes).0)
}

/// The files of an export, each without its name until everything is in it.
struct Files {
    folder: PathBuf,
    open: BTreeMap<&'static str, (BufWriter<File>, u64)>,
}

impl Files {
    fn into(folder: &Path) -> Result<Files> {
        let trouble = || format!("could not use the folder {}", folder.display());
        DirBuilder::new().recursive(true).mode(0o700).create(folder).with_context(trouble)?;
        for entry in fs::read_dir(folder).with_context(trouble)? {
            let path = entry.with_context(trouble)?.path();
            if path.extension().is_some_and(|ending| ending == "ndjson") {
                bail!("{} holds an export already; choose another folder", folder.display());
            }
        }
        Ok(Files { folder: folder.to_owned(), open: BTreeMap::new() })
    }

    fn unfinished(&self, kind: &str) -> PathBuf {
        self.folder.join(format!("{kind}.ndjson.unfinished"))
    }

    fn write(&mut self, kind: ResourceType, text: &str) -> Result<()> {
        let path = self.unfinished(kind.name());
        if !self.open.contains_key(kind.name()) {
            let made = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&path);
            let made = made.with_context(|| format!("could not make {}", path.display()))?;
            self.open.insert(kind.name(), (BufWriter::with_capacity(256 << 10, made), 0));
        }
        let Some((file, count)) = self.open.get_mut(kind.name()) else { return Ok(()) };
        *count += 1;
        file.write_all(text.as_bytes()).and_then(|()| file.write_all(b"\n")).with_context(|| format!("could not write {}", path.display()))
    }

    fn finish(mut self) -> Result<Vec<(&'static str, u64)>> {
        let mut counts = Vec::new();
        for (kind, (file, count)) in std::mem::take(&mut self.open) {
            let path = self.unfinished(kind);
            let finished = file.into_inner().map_err(|cause| cause.into_error()).and_then(|file| file.sync_all());
            finished.and_then(|()| fs::rename(&path, self.folder.join(format!("{kind}.ndjson")))).with_context(|| format!("could not finish {}", path.display()))?;
            counts.push((kind, count));
        }
        crate::site::sync_folder(&self.folder)?;
        Ok(counts)
    }
}
