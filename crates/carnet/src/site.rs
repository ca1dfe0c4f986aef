//! A site on disk: the data, the keyring, the configuration; and, outside of it, the key and the anchor.
//!
//! ```text
//! DIR/carnet.toml  DIR/record/  DIR/keyring/          may lie on somebody else's disks
//! DIR-key/institution.key  recovery-copy.key  anchor  checkpoint  erased  must not
//! DIR-key/admin.sock                                  while a server holds the site
//! ```

use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use chart::{Chart, Settings};
use parking_lot::Mutex;
use store::engine::Engine;
use store::{Shape, Store};
use store_rocks::{Options, Rocks};

use crate::config::Config;
use crate::system::{SystemClock, seed};

/// Where the parts of a site lie.
#[derive(Clone, Debug)]
pub struct Site {
    /// The folder the operator named.
    pub folder: PathBuf,
    /// The folder of the key and the anchor.
    pub key_folder: PathBuf,
}

// What a command is asked for that is about a site and nothing else. No line of help of its own: the command has one.
#[derive(clap::Args)]
pub struct Of {
    /// The folder of the site.
    #[arg(long)]
    pub data: PathBuf,
}

impl Site {
    /// The site in a folder, with its key beside it or where the operator says.
    pub fn at(folder: &Path, key_folder: Option<&Path>) -> Site {
        let beside = || {
            let mut name = folder.file_name().unwrap_or("carnet".as_ref()).to_owned();
            name.push("-key");
            folder.with_file_name(name)
        };
        Site { folder: folder.to_owned(), key_folder: key_folder.map_or_else(beside, Path::to_owned) }
    }

    /// True if there is a site already.
    pub fn exists(&self) -> bool {
        self.record().exists()
    }

    pub(crate) fn record(&self) -> PathBuf {
        self.folder.join("record")
    }

    pub(crate) fn keyring(&self) -> PathBuf {
        self.folder.join("keyring")
    }

    /// The configuration file.
    pub fn config_file(&self) -> PathBuf {
        self.folder.join("carnet.toml")
    }

    /// Where commands reach the server that holds the store.
    pub fn socket_file(&self) -> PathBuf {
        self.key_folder.join("admin.sock")
    }

    /// The list of erased records, which outlives every backup.
    pub fn erased_file(&self) -> PathBuf {
        self.key_folder.join("erased")
    }

    /// The commit numbers of the last time the store was closed or looked at.
    pub fn anchor_file(&self) -> PathBuf {
        self.key_folder.join("anchor")
    }

    /// The last signed note over the log of openings.
    pub fn checkpoint_file(&self) -> PathBuf {
        self.key_folder.join("checkpoint")
    }

    /// Makes a new site: key first, then configuration and empty stores.
    pub fn create(&self, config: &Config) -> Result<()> {
        if self.exists() {
            bail!("{} holds a site already; choose another folder, or start it with `carnet serve --data {}`", self.folder.display(), self.folder.display());
        }
        if self.keyring().exists() {
            bail!("{}; choose another folder for a new site", only_a_part(&self.keyring(), &self.record()));
        }
        let configured = self.config_file();
        if configured.exists() {
            bail!("{} is there without a site: is a disk not mounted? If it is left of an `init` that did not finish, remove it first", configured.display());
        }
        make_private_folder(&self.folder)?;
        make_private_folder(&self.key_folder)?;
        let key = self.first_key(config)?;
        config.write(&self.config_file())?;
        let (data, keyring) = self.engines(config)?;
        Store::create_apart(&data, &*keyring, &key, Shape::default(), seed()?)?;
        for engine in [data, keyring] {
            engine.close()?;
        }
        sync_folder(&self.folder)?;
        // The names of these two are on disk, too, where this user may see to it: without the key nothing could ever be read.
        for folder in [above(&self.folder), above(&self.key_folder)] {
            let _ = sync_folder(folder);
        }
        Ok(())
    }

    pub(crate) fn engines(&self, config: &Config) -> Result<(Arc<dyn Engine>, Arc<dyn Engine>)> {
        let options = Options { cache_bytes: config.cache_mib << 20, ..Options::default() };
        let record = self.record();
        let data = match Rocks::open(&record, &options) {
            Err(store::engine::Error::InUse { .. }) => bail!("the store in {} is in use by a running server, or by another command; stop it first", self.folder.display()),
            opened => opened.with_context(|| format!("could not open the record in {}", record.display()))?,
        };
        let keyring = self.keyring();
        let keys = Rocks::open(&keyring, &Options::small()).with_context(|| format!("could not open the keyring in {}", keyring.display()))?;
        Ok((Arc::new(data), Arc::new(keys)))
    }

    /// An error where there is no site, or only a part of one: opening it would make the other part anew.
    pub(crate) fn refuse_a_part(&self) -> Result<()> {
        let (record, keyring) = (self.record(), self.keyring());
        match (Rocks::exists(&record), Rocks::exists(&keyring)) {
            (true, true) => Ok(()),
            (true, false) => bail!(only_a_part(&record, &keyring)),
            (false, true) => bail!(only_a_part(&keyring, &record)),
            (false, false) => bail!("there is no site in {}; create one with `carnet init --data {}` or `carnet demo`", self.folder.display(), self.folder.display()),
        }
    }

    /// Opens the store and compares it with the anchor.
    pub fn store(&self, config: &Config, accept_rollback: bool) -> Result<Store> {
        self.refuse_a_part()?;
        // Before the engines: without a key nothing is touched.
        self.key(config)?;
        let (data, keyring) = self.engines(config)?;
        let (key, older) = self.keys_of(config, &*keyring)?;
        let store = Store::open_between(data, keyring, &key, older.as_ref(), seed()?)?;
        if !accept_rollback {
            if let Some(numbers) = self.anchored()? {
                store.compare_with(&numbers)?;
            }
            if let Some(note) = self.checkpoint()? {
                store.compare_with_checkpoint(&note)?;
            }
        }
        Ok(store)
    }

    /// Opens the door, and erases again what a restored backup has brought back.
    pub fn chart(&self, config: &Config, base_url: &str) -> Result<Chart> {
        let chart = self.chart_of(self.store(config, false)?, config, base_url)?;
        if chart.lacks_index()? {
            let folder = self.folder.display();
            bail!("the index of {folder} was being made anew and that was broken off: much of what is in it would look absent; finish it with `carnet check --repair-index --data {folder}`");
        }
        let replayed = crate::erase::replay(self, &chart)?;
        if replayed.carried_out > 0 {
            eprintln!("{} erased records were in the store again and were erased again.", replayed.carried_out);
        }
        if replayed.held > 0 {
            eprintln!("{}", crate::erase::held(replayed.held));
        }
        Ok(chart)
    }

    /// The erasures that were decided, in their order.
    pub fn erasures(&self, chart: &Chart) -> Result<Vec<chart::Erasure>> {
        let file = self.erased_file();
        match fs::read_to_string(&file) {
            Ok(list) => chart.erasures(&list).with_context(|| format!("{} could not be read; bring back a copy", file.display())),
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(cause) => Err(cause).with_context(|| format!("could not read the list of erasures {}", file.display())),
        }
    }

    /// Adds an erasure to the list; it is on disk when this returns.
    pub fn add_erasure(&self, line: &str) -> Result<()> {
        static ADDING: Mutex<()> = Mutex::new(());
        let _alone = ADDING.lock();
        let file = self.erased_file();
        let mut list = match fs::read_to_string(&file) {
            Ok(list) => list,
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(cause) => return Err(cause).with_context(|| format!("could not read the list of erasures {}", file.display())),
        };
        list.push_str(line);
        list.push('\n');
        self.keep(&file, &list).context("could not keep the list of erasures")
    }

    /// Puts the door on an open store.
    pub fn chart_of(&self, store: Store, config: &Config, base_url: &str) -> Result<Chart> {
        let limits = fhir::Limits { size_bytes: config.body_limit_mib << 20, ..fhir::Limits::default() };
        let settings = Settings {
            zone_offset_minutes: config.zone_offset_minutes,
            country: config.country.clone(),
            base_url: base_url.to_owned(),
            limits,
            subscription_targets: config.subscription_targets.clone(),
            claimed_profiles: config.profile_validation == "claimed",
            import_sources: config.import_sources.clone(),
            budgets: config.budgets()?,
            passkeys: config.passkeys.site(base_url),
            passkeys_only: config.passkeys.required,
            second_factor_required: config.second_factor == "required",
            second_person: config.second_person,
            allow_scans: config.allow_scans,
            most_looked_at: config.search_most_looked_at,
            search_patience: std::time::Duration::from_secs(config.search_patience_s),
            search_memory_bytes: config.search_memory_mib << 20,
            policy: config.privacy.policy(&config.country),
            glass_minutes: config.privacy.glass_minutes,
            night: config.privacy.night,
            ..Settings::default()
        };
        Ok(Chart::open(store, Arc::new(SystemClock), settings)?)
    }

    fn anchored(&self) -> Result<Option<Vec<u64>>> {
        let file = self.anchor_file();
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(cause).with_context(|| format!("could not read the anchor {}", file.display())),
        };
        let numbers: std::result::Result<Vec<u64>, _> = text.split_whitespace().skip(1).map(str::parse).collect();
        match numbers {
            Ok(numbers) if text.starts_with("carnet-anchor-1 ") => Ok(Some(numbers)),
            _ => bail!("{} is not an anchor; if it was damaged, look at the store with `carnet check` and remove the file", file.display()),
        }
    }

    /// Keeps how far the store has come outside of it, and now and then in the store that this was done.
    pub fn anchor(&self, chart: &Chart) -> Result<()> {
        self.keep_anchor(&chart.commit_numbers()?)?;
        Ok(chart.note_anchored()?)
    }

    /// Keeps the commit numbers outside the store.
    fn keep_anchor(&self, numbers: &[u64]) -> Result<()> {
        let mut text = "carnet-anchor-1".to_owned();
        for number in numbers {
            text.push_str(&format!(" {number}"));
        }
        text.push('\n');
        self.keep(&self.anchor_file(), &text).context("could not keep the anchor")
    }

    fn checkpoint(&self) -> Result<Option<String>> {
        let file = self.checkpoint_file();
        match fs::read_to_string(&file) {
            Ok(note) => Ok(Some(note)),
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(cause).with_context(|| format!("could not read the checkpoint {}", file.display())),
        }
    }

    /// Keeps the signed note over the log of openings outside the store.
    pub fn keep_checkpoint(&self, note: &str) -> Result<()> {
        self.keep(&self.checkpoint_file(), note).context("could not keep the checkpoint of the log")
    }

    /// A new file takes the old one's place whole.
    pub(crate) fn keep(&self, file: &Path, text: &str) -> Result<()> {
        let mut new = file.as_os_str().to_owned();
        new.push(".new");
        let new = PathBuf::from(new);
        let _ = fs::remove_file(&new);
        write_private(&new, text)?;
        fs::rename(&new, file)?;
        sync_folder(&self.key_folder)
    }
}

/// What is wrong where one part of a site is there and the other is not.
fn only_a_part(there: &Path, missing: &Path) -> String {
    format!("{} is there and {} is not: is a disk not mounted? Bring the missing part back; without it the other can never be read", there.display(), missing.display())
}

/// The folder in which a path lies.
pub(crate) fn above(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

pub(crate) fn make_private_folder(folder: &Path) -> Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).with_context(|| format!("could not make the folder {}", folder.display()))
}

/// Makes a folder that is not there yet, for its owner alone.
pub(crate) fn make_new_private_folder(folder: &Path) -> Result<()> {
    fs::DirBuilder::new().mode(0o700).create(folder).with_context(|| format!("could not make the folder {}; name one that does not exist", folder.display()))
}

/// What was renamed in a folder stays so after a crash.
pub(crate) fn sync_folder(folder: &Path) -> Result<()> {
    fs::File::open(folder).and_then(|folder| folder.sync_all()).with_context(|| format!("could not write {} to the disk", folder.display()))
}

/// Writes a new file that only its owner can read.
pub(crate) fn write_private(file: &Path, text: &str) -> Result<()> {
    let mut opened = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)
        .with_context(|| format!("could not make {}", file.display()))?;
    opened.write_all(text.as_bytes()).and_then(|()| opened.sync_all()).with_context(|| format!("could not write {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_site_is_neither_opened_nor_made_whole_by_a_new_one() {
        let folder = tempfile::tempdir().unwrap();
        let site = Site::at(&folder.path().join("site"), None);
        let config = Config::default();
        site.create(&config).unwrap();
        let aside = folder.path().join("aside");
        for part in [site.record(), site.keyring()] {
            fs::rename(&part, &aside).unwrap();
            assert!(site.create(&config).is_err(), "{}", part.display());
            let refused = site.store(&config, false).err().map(|cause| cause.to_string()).unwrap_or_default();
            assert!(refused.contains("not mounted"), "{refused}");
            // An empty folder, as a disk that is not mounted leaves it.
            fs::create_dir(&part).unwrap();
            assert!(site.create(&config).is_err() && site.store(&config, false).is_err(), "{}", part.display());
            fs::remove_dir(&part).unwrap();
            fs::rename(&aside, &part).unwrap();
        }
        site.store(&config, false).unwrap().close().unwrap();
        for part in [site.record(), site.keyring()] {
            fs::remove_dir_all(part).unwrap();
        }
        let written = fs::read(site.config_file()).unwrap();
        assert!(site.create(&config).is_err());
        assert_eq!(fs::read(site.config_file()).unwrap(), written, "what somebody wrote into it stays");
    }

    #[test]
    fn a_site_whose_index_is_half_made_opens_for_nobody_but_the_check() {
        let folder = tempfile::tempdir().unwrap();
        let site = Site::at(&folder.path().join("site"), None);
        let config = Config::default();
        site.create(&config).unwrap();
        let store = site.store(&config, false).unwrap();
        assert!(store.keep_note("index is being made anew", None, b"1").unwrap());
        store.close().unwrap();
        drop(store);

        let refused = site.chart(&config, "").err().map(|cause| cause.to_string()).unwrap_or_default();
        assert!(refused.contains("--repair-index"), "{refused}");
        let chart = site.chart_of(site.store(&config, false).unwrap(), &config, "").unwrap();
        chart.repair_index(&crate::demo::console(&chart), &mut |_| {}).unwrap();
        chart.close().unwrap();
        drop(chart);
        site.chart(&config, "").unwrap().close().unwrap();
    }
}
