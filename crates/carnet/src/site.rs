//! A site on disk: the data, the keyring, the configuration; and, outside of it, the key and the anchor.
//!
//! ```text
//! DIR/carnet.toml  DIR/record/  DIR/keyring/          may lie on somebody else's disks
//! DIR-key/institution.key  recovery-copy.key  anchor  checkpoint  must not
//! ```

use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use chart::{Chart, Settings};
use seal::{InstitutionKey, Stream};
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

    fn record(&self) -> PathBuf {
        self.folder.join("record")
    }

    fn keyring(&self) -> PathBuf {
        self.folder.join("keyring")
    }

    /// The configuration file.
    pub fn config_file(&self) -> PathBuf {
        self.folder.join("carnet.toml")
    }

    /// The institution's key.
    pub fn key_file(&self) -> PathBuf {
        self.key_folder.join("institution.key")
    }

    /// The copy the operator is told to take away.
    pub fn recovery_file(&self) -> PathBuf {
        self.key_folder.join("recovery-copy.key")
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
        make_private_folder(&self.folder)?;
        make_private_folder(&self.key_folder)?;
        let key = match fs::read_to_string(self.key_file()) {
            Ok(text) => read_key(&text, &self.key_file())?,
            Err(_) => {
                let key = InstitutionKey::new(&mut Stream::new(seed()?));
                write_private(&self.key_file(), &key.to_file_text())?;
                write_private(&self.recovery_file(), &key.to_file_text())?;
                key
            }
        };
        config.write(&self.config_file())?;
        let (data, keyring) = self.engines(config)?;
        Store::create(&data, &key, Shape::default())?;
        for engine in [data, keyring] {
            engine.close()?;
        }
        Ok(())
    }

    fn engines(&self, config: &Config) -> Result<(Arc<dyn Engine>, Arc<dyn Engine>)> {
        let options = Options { cache_bytes: config.cache_mib << 20, ..Options::default() };
        let record = self.record();
        let data = match Rocks::open(&record, &options) {
            Err(store::engine::Error::InUse { .. }) => bail!("the store in {} is in use by a running server; stop it first", self.folder.display()),
            opened => opened.with_context(|| format!("could not open the record in {}", record.display()))?,
        };
        let keyring = self.keyring();
        let keys = Rocks::open(&keyring, &Options::small()).with_context(|| format!("could not open the keyring in {}", keyring.display()))?;
        Ok((Arc::new(data), Arc::new(keys)))
    }

    /// Opens the store and compares it with the anchor.
    pub fn store(&self, config: &Config, accept_rollback: bool) -> Result<Store> {
        if !self.exists() {
            bail!("there is no site in {}; create one with `carnet init --data {}` or `carnet demo`", self.folder.display(), self.folder.display());
        }
        let file = self.key_file();
        let text = fs::read_to_string(&file)
            .with_context(|| format!("could not read the institution key {}; bring it back, or its recovery copy", file.display()))?;
        let key = read_key(&text, &file)?;
        let (data, keyring) = self.engines(config)?;
        let store = Store::open(data, keyring, &key, seed()?)?;
        if !accept_rollback {
            if let Some(numbers) = self.anchor()? {
                store.compare_with(&numbers)?;
            }
            if let Some(note) = self.checkpoint()? {
                store.compare_with_checkpoint(&note)?;
            }
        }
        Ok(store)
    }

    /// Opens the door.
    pub fn chart(&self, config: &Config, base_url: &str) -> Result<Chart> {
        self.chart_of(self.store(config, false)?, config, base_url)
    }

    /// Puts the door on an open store.
    pub fn chart_of(&self, store: Store, config: &Config, base_url: &str) -> Result<Chart> {
        let limits = fhir::Limits { size_bytes: config.body_limit_mib << 20, ..fhir::Limits::default() };
        let settings = Settings {
            zone_offset_minutes: config.zone_offset_minutes,
            base_url: base_url.to_owned(),
            limits,
            subscription_targets: config.subscription_targets.clone(),
            claimed_profiles: config.profile_validation == "claimed",
            import_sources: config.import_sources.clone(),
            second_factor_required: config.second_factor == "required",
            allow_scans: config.allow_scans,
            most_looked_at: config.search_most_looked_at,
            search_patience: std::time::Duration::from_secs(config.search_patience_s),
            search_memory_bytes: config.search_memory_mib << 20,
            policy: config.privacy.policy(&config.country),
            glass_minutes: config.privacy.glass_minutes,
            ..Settings::default()
        };
        Ok(Chart::open(store, Arc::new(SystemClock), settings)?)
    }

    fn anchor(&self) -> Result<Option<Vec<u64>>> {
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

    /// Keeps the commit numbers outside the store.
    pub fn keep_anchor(&self, numbers: &[u64]) -> Result<()> {
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
    fn keep(&self, file: &Path, text: &str) -> Result<()> {
        let new = file.with_extension("new");
        let _ = fs::remove_file(&new);
        write_private(&new, text)?;
        fs::rename(&new, file)?;
        Ok(())
    }
}

fn read_key(text: &str, file: &Path) -> Result<InstitutionKey> {
    InstitutionKey::from_file_text(text).with_context(|| format!("{} is not a key file", file.display()))
}

fn make_private_folder(folder: &Path) -> Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).with_context(|| format!("could not make the folder {}", folder.display()))
}

/// Writes a new file that only its owner can read.
fn write_private(file: &Path, text: &str) -> Result<()> {
    let mut opened = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)
        .with_context(|| format!("could not make {}", file.display()))?;
    opened.write_all(text.as_bytes()).and_then(|()| opened.sync_all()).with_context(|| format!("could not write {}", file.display()))
}
