//! Resources that are known by a canonical address: taken in one by one through the door, so that the
//! same one twice changes nothing.

pub mod files;

use anyhow::{Context, Result};
use chart::{Arrival, Chart, Imported, Importer, WrittenAs};
use fhir::{Document, Issue};
use tokio::runtime::Runtime;

use crate::config::Config;
use crate::site::Site;
use crate::{demo, serve};

/// What one resource came to.
pub struct Told {
    /// Its type.
    pub kind: String,
    /// Its address, with its version.
    pub about: String,
    /// What was done.
    pub done: WrittenAs,
}

/// A bar that moves, then a store that writes.
pub struct Door {
    chart: Chart,
    runtime: Runtime,
}

impl Door {
    /// Opens the store of a site; no server may be running.
    pub fn open(site: &Site) -> Result<Door> {
        let mut config = Config::read(&site.config_file())?;
        let listen = config.listen.parse().context("`listen` in the configuration wants an address and a port")?;
        let base_url = serve::base_url(&config, listen);
        // A code system may be larger than what anybody may send over HTTP.
        config.body_limit_mib = config.body_limit_mib.max(seal::PLAIN_LIMIT_BYTES >> 20);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().context("no threads could be started")?;
        Ok(Door { chart: site.chart(&config, &base_url)?, runtime })
    }

    /// Keeps a resource under its canonical address, or says why not.
    pub fn take(&mut self, text: &str, keep_flawed: bool) -> Result<std::result::Result<Told, Vec<Issue>>> {
        let bar = crate::progress::spinner("Storing");
        bar.enable_steady_tick(std::time::Duration::from_millis(200));
        let document = Document::read(text).context("a resource that was just written could not be read")?;
        let root = document.root();
        let kind = root.string("resourceType").unwrap_or_default();
        let Some(url) = root.string("url") else {
            return Ok(Err(vec![Issue::error(fhir::IssueCode::Required, format!("{kind}.url"), "It has no canonical address: nobody could name it.")]));
        };
        let version = root.string("version");
        let condition = match &version {
            Some(version) => format!("{kind}?url={}&version={}", escaped(&url), escaped(version)),
            None => format!("{kind}?url={}&version:missing=true", escaped(&url)),
        };
        let arrival = Arrival { body: Some(root), full_url: None, method: Some("PUT".to_owned()), url: Some(condition), if_none_exist: None };
        let caller = demo::console(&self.chart);
        let fates = self.runtime.block_on(self.chart.import(&caller, &[arrival], Importer { keep_flawed, more_to_come: false }))?;
        bar.finish_and_clear();
        let about = version.map_or_else(|| url.clone().into_owned(), |version| format!("{url}|{version}"));
        Ok(match fates.into_iter().next() {
            Some(Imported::Kept { done, .. }) => Ok(Told { kind: kind.into_owned(), about, done }),
            Some(Imported::Waiting(issues) | Imported::Rejected(issues)) => Err(issues),
            None => Err(Vec::new()),
        })
    }

    /// Closes the store and keeps its anchor.
    pub fn close(self, site: &Site) -> Result<()> {
        site.anchor(&self.chart)?;
        Ok(self.chart.close()?)
    }
}

/// In words.
pub fn word(done: WrittenAs) -> &'static str {
    match done {
        WrittenAs::Created => "created",
        WrittenAs::Updated => "a new version",
        WrittenAs::Unchanged => "unchanged",
        WrittenAs::Deleted => "deleted",
    }
}

/// A value as a condition holds it: the signs of a query and of an address are its own.
fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len() + 16);
    for letter in value.chars() {
        if matches!(letter, ',' | '|' | '$' | '\\') {
            out.push_str("%5C");
        }
        match letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.' | '_') {
            true => out.push(letter),
            false => letter.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| out.push_str(&format!("%{byte:02X}"))),
        }
    }
    out
}
