//! What a store takes on disk, space by space.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rocksdb::{DB, Options};

use crate::sheet::Sheet;

/// Tell what a store takes on disk. No server may hold it.
#[derive(clap::Args)]
pub struct Disk {
    /// The folder of the site.
    #[arg(long)]
    data: PathBuf,
    /// Give back what can be given back first; takes long.
    #[arg(long)]
    compact: bool,
    /// Resources in the store.
    #[arg(long)]
    resources: u64,
    /// What the figures are called.
    #[arg(long, default_value = "disk")]
    name: String,
    /// Where the figures go.
    #[arg(long)]
    sheet: PathBuf,
}

impl Disk {
    /// Writes a line for each space and one for all files.
    pub fn run(self) -> Result<()> {
        if self.compact {
            compact(&self.data)?;
        }
        let sheet = Sheet::new(&self.sheet, "name,what,bytes,entries,bytes_per_resource,entries_per_resource");
        let per = |count: u64| count as f64 / self.resources as f64;
        for store in ["record", "keyring"] {
            for (space, (bytes, entries)) in spaces(&self.data.join(store))? {
                sheet.line(&format!("{},{store}/{space},{bytes},{entries},{:.1},{:.2}", self.name, per(bytes), per(entries)))?;
            }
        }
        let all = bytes_below(&self.data)?;
        sheet.line(&format!("{},all files,{all},,{:.1},", self.name, per(all)))
    }
}

/// Bytes and entries of the sorted files of each space.
fn spaces(store: &Path) -> Result<BTreeMap<String, (u64, u64)>> {
    let database = database(store)?;
    let options = Options::default();
    let names = DB::list_cf(&options, &database).context("the store's spaces could not be listed")?;
    let db = DB::open_cf_for_read_only(&options, &database, names, false).context("the store could not be opened")?;
    let mut found: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for file in db.live_files()? {
        let sums = found.entry(file.column_family_name).or_default();
        sums.0 += file.size as u64;
        sums.1 += file.num_entries;
    }
    Ok(found)
}

/// The folder in which the database itself lies: the one with its `CURRENT`.
fn database(store: &Path) -> Result<PathBuf> {
    if store.join("CURRENT").exists() {
        return Ok(store.to_owned());
    }
    for entry in std::fs::read_dir(store).with_context(|| format!("could not read {}", store.display()))? {
        let path = entry?.path();
        if path.join("CURRENT").exists() {
            return Ok(path);
        }
    }
    anyhow::bail!("there is no store in {}", store.display())
}

fn compact(data: &Path) -> Result<()> {
    use store::engine::Engine;
    for (store, options) in [("record", store_rocks::Options::default()), ("keyring", store_rocks::Options::small())] {
        let engine = store_rocks::Rocks::open(&data.join(store), &options)?;
        engine.flush()?;
        engine.compact()?;
        engine.close()?;
    }
    Ok(())
}

fn bytes_below(folder: &Path) -> Result<u64> {
    let mut sum = 0;
    for entry in std::fs::read_dir(folder).with_context(|| format!("could not read {}", folder.display()))? {
        let entry = entry?;
        let meta = entry.metadata()?;
        sum += if meta.is_dir() { bytes_below(&entry.path())? } else { meta.len() };
    }
    Ok(sum)
}
