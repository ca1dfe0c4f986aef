//! `carnet.toml`: what an operator decides. One field, one line in the reference.

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

/// The configuration of a site.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The engine: `rocks`, embedded in this process.
    pub engine: String,
    /// Where the server listens.
    pub listen: String,
    /// The address clients use for the FHIR API, as `https://record.example/fhir`. Empty: as they asked.
    pub base_url: String,
    /// The country pack: `mx`, `vn` or `ru`.
    pub country: String,
    /// What dates without a zone mean, in minutes east of UTC.
    pub zone_offset_minutes: i16,
    /// Memory for what was read from disk, in MiB.
    pub cache_mib: usize,
    /// The largest request body, in MiB.
    pub body_limit_mib: usize,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            engine: "rocks".to_owned(),
            listen: "127.0.0.1:8080".to_owned(),
            base_url: String::new(),
            country: String::new(),
            zone_offset_minutes: 0,
            cache_mib: 512,
            body_limit_mib: 64,
        }
    }
}

impl Config {
    /// The configuration of a file; the defaults where there is none.
    pub fn read(file: &Path) -> Result<Config> {
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(Config::default()),
            Err(cause) => return Err(cause).with_context(|| format!("could not read {}", file.display())),
        };
        let config: Config = toml::from_str(&text).with_context(|| format!("{} is not a valid configuration", file.display()))?;
        if config.engine != "rocks" {
            bail!("{}: the engine `{}` is not known; this release has `rocks`", file.display(), config.engine);
        }
        Ok(config)
    }

    /// Writes a commented file.
    pub fn write(&self, file: &Path) -> Result<()> {
        let text = format!("# The configuration of this site. docs/operate.md explains each line.\n{}", toml::to_string(self)?);
        std::fs::write(file, text).with_context(|| format!("could not write {}", file.display()))
    }
}
