//! Where the institution's key lies: in a file as it is, or in one that a token has sealed.
//!
//! * Every file is written whole beside the one it replaces, and is on disk before it takes its place.
//! * While a rotation is under way there are two keys; a store that knows the next one is opened with both.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use seal::{InstitutionKey, Stream};
use store::Store;
use store::engine::Engine;

use crate::config::Config;
use crate::keys::hex;
use crate::site::{Site, sync_folder, write_private};
use crate::system::seed;
use crate::token;

impl Site {
    /// The institution's key.
    pub fn key_file(&self) -> PathBuf {
        self.key_folder.join("institution.key")
    }

    /// The key that is about to take its place.
    fn next_key_file(&self) -> PathBuf {
        self.key_folder.join("institution.key.next")
    }

    /// The copy the operator is told to take away.
    pub fn recovery_file(&self) -> PathBuf {
        self.key_folder.join("recovery-copy.key")
    }

    /// The key as it lies there.
    pub fn key(&self, config: &Config) -> Result<InstitutionKey> {
        let file = self.key_file();
        let text = fs::read_to_string(&file)
            .with_context(|| format!("could not read the institution key {}; bring it back, its recovery copy, or three shares with `carnet keys recover`", file.display()))?;
        read_key(&text, &file, config)
    }

    /// The key that opens a keyring, and the one before it while a rotation is under way.
    pub fn keys_of(&self, config: &Config, keyring: &dyn Engine) -> Result<(InstitutionKey, Option<InstitutionKey>)> {
        let key = self.key(config)?;
        match self.waiting_key(config)? {
            Some(next) if Store::is_known(keyring, &next)? => Ok((next, Some(key))),
            _ => Ok((key, None)),
        }
    }

    fn waiting_key(&self, config: &Config) -> Result<Option<InstitutionKey>> {
        let file = self.next_key_file();
        match fs::read_to_string(&file) {
            Ok(text) => Ok(Some(read_key(&text, &file, config)?)),
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(cause).with_context(|| format!("could not read the next institution key {}", file.display())),
        }
    }

    /// The key of a new site: one that lies there already, or a new one.
    pub fn first_key(&self, config: &Config) -> Result<InstitutionKey> {
        if self.key_file().exists() {
            return self.key(config);
        }
        let key = InstitutionKey::new(&mut Stream::new(seed()?));
        write_private(&self.key_file(), &text_of(&key, config)?)?;
        self.keep_recovery_copy(&key, config)?;
        sync_folder(&self.key_folder)?;
        Ok(key)
    }

    /// The key a rotation turns to: the one that waits, or a new one that waits from now on.
    pub fn next_key(&self, config: &Config) -> Result<InstitutionKey> {
        if let Some(key) = self.waiting_key(config)? {
            return Ok(key);
        }
        let key = InstitutionKey::new(&mut Stream::new(seed()?));
        self.keep(&self.next_key_file(), &text_of(&key, config)?)?;
        Ok(key)
    }

    /// The next key takes the place of the one that opens nothing any more, which is set aside; where.
    pub fn retire_key(&self, config: &Config, next: &InstitutionKey) -> Result<Option<PathBuf>> {
        let old = fs::read_to_string(self.key_file()).with_context(|| format!("could not read the institution key {}", self.key_file().display()))?;
        let name = read_key(&old, &self.key_file(), config)?.fingerprint();
        if name == next.fingerprint() {
            return Ok(None);
        }
        let retired = self.key_folder.join(format!("retired-{}.key", hex(&name)));
        self.keep(&retired, &old)?;
        self.keep_recovery_copy(next, config)?;
        fs::rename(self.next_key_file(), self.key_file()).context("the new key could not take the place of the old one; give the same command again")?;
        sync_folder(&self.key_folder)?;
        Ok(Some(retired))
    }

    /// A key put together from shares takes its place, if it opens this site; where what lay there went.
    pub fn recover_key(&self, config: &Config, key: &InstitutionKey, of_site: [u8; 8]) -> Result<Option<PathBuf>> {
        if let Ok(there) = self.key(config)
            && there.fingerprint() == key.fingerprint()
        {
            bail!("{} is that key already; nothing was done", self.key_file().display());
        }
        self.opens(config, key, of_site)?;
        crate::site::make_private_folder(&self.key_folder)?;
        let mut set_aside = None;
        if self.key_file().exists() {
            let aside = (1..).map(|number| self.key_folder.join(format!("replaced-{number}.key"))).find(|file| !file.exists());
            let aside = aside.context("there is no name left for the key that lies there")?;
            fs::rename(self.key_file(), &aside).with_context(|| format!("could not move {} away", self.key_file().display()))?;
            set_aside = Some(aside);
        }
        self.keep(&self.key_file(), &text_of(key, config)?)?;
        Ok(set_aside)
    }

    /// An error where a key does not open this site.
    fn opens(&self, config: &Config, key: &InstitutionKey, of_site: [u8; 8]) -> Result<()> {
        self.refuse_a_part()?;
        let (data, keyring) = self.engines(config)?;
        let opened = Store::open(data.clone(), keyring.clone(), key, seed()?).map(|store| store.key_names().site);
        for engine in [data, keyring] {
            engine.close()?;
        }
        match opened {
            Ok(site) if site == of_site => Ok(()),
            Ok(_) | Err(store::Error::OtherKey) => bail!("the shares put a key together, and it does not open this site: they are of another site, or of a key before a rotation"),
            Err(cause) => Err(cause.into()),
        }
    }

    fn keep_recovery_copy(&self, key: &InstitutionKey, config: &Config) -> Result<()> {
        // A key that a token keeps has no copy in the clear: its shares are its copy.
        if config.key.is_some() {
            return Ok(());
        }
        self.keep(&self.recovery_file(), &key.to_file_text())
    }

    /// Where the key lies, in words.
    pub fn kept_in(&self, config: &Config) -> Result<String> {
        let file = self.key_file();
        let text = fs::read_to_string(&file).with_context(|| format!("could not read {}", file.display()))?;
        Ok(match (token::is_sealed(&text), &config.key) {
            (true, _) => format!("{}, sealed by a token", file.display()),
            (false, Some(_)) => format!("{}, in the clear although carnet.toml names a token: `carnet keys rotate` mends it", file.display()),
            (false, None) => file.display().to_string(),
        })
    }
}

fn read_key(text: &str, file: &Path, config: &Config) -> Result<InstitutionKey> {
    if token::is_sealed(text) {
        return token::open(text, config).with_context(|| format!("the token did not open {}", file.display()));
    }
    InstitutionKey::from_file_text(text).with_context(|| format!("{} is not a key file", file.display()))
}

/// A key as it is to lie in a file.
fn text_of(key: &InstitutionKey, config: &Config) -> Result<String> {
    match &config.key {
        Some(uri) => token::seal(key, uri).context("the token did not seal the key"),
        None => Ok(key.to_file_text()),
    }
}
