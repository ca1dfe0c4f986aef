//! The other side of a witness: a site brings its checkpoints, keeps what was signed, and demands it.
//!
//! * What the witnesses signed last lies in the folder of the key, beside the checkpoint.
//! * A witness that refuses, or has seen more of the log than there is, says that the log was rewritten or put
//!   back. That is an error in the server's log, a metric, and damage to `carnet log verify`.

use std::fs;
use std::io::ErrorKind;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use chart::Chart;
use http::Request;
use http::header::{CONTENT_TYPE, USER_AGENT};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use ledger::{Checkpoint, Key, WitnessKey, cosigned, witness_request};
use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::site::Site;
use crate::wire::{self, Names, Wire};

/// How long a witness may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest answer.
const LONGEST: usize = 16 * 1024;

/// Times a witness said that the log does not add to what it saw.
pub static REFUSED: AtomicU64 = AtomicU64::new(0);

/// A witness, as the configuration names it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessAt {
    /// Its address without the path, as `https://witness.example`.
    pub address: String,
    /// Its public key, as `carnet log witness init` prints it.
    pub key: String,
}

/// What came of asking a witness.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Said {
    /// It signed: the line.
    Signed(String),
    /// It saw so many entries; the log has fewer.
    SawMore(u64),
    /// The log does not add to what it saw.
    Forked,
}

/// The witnesses of a site.
pub struct Witnesses {
    all: Vec<(String, WitnessKey)>,
    wire: Wire,
}

impl Witnesses {
    /// Those of the configuration; none where it names none.
    pub fn of(config: &Config) -> Result<Option<Witnesses>> {
        if config.witness.is_empty() {
            return Ok(None);
        }
        let origins: Vec<String> = config.witness.iter().map(|witness| witness.address.trim_end_matches('/').to_owned()).collect();
        let all = origins.iter().zip(&config.witness).map(|(address, witness)| Ok((address.clone(), WitnessKey::read(&witness.key)?))).collect::<Result<_>>()?;
        Ok(Some(Witnesses { all, wire: Wire::new(&origins, "[[witness]]", Names::all())? }))
    }

    /// Brings the log as it is now to each witness, and keeps what they signed. Gives how many entries
    /// were signed by all; none where somebody did not answer.
    pub async fn bring(&self, site: &Site, chart: &Chart) -> Result<Option<u64>> {
        let before = kept(site)?;
        let key = Key::read(&chart.log_key())?;
        let size_before = before.as_deref().and_then(|note| Checkpoint::verified(note, &key).ok()).map_or(0, |checkpoint| checkpoint.size);
        let mut note = chart.log_checkpoint();
        let size = Checkpoint::verified(&note, &key)?.size;
        let mut is_whole = true;
        for (address, witness) in &self.all {
            match self.ask(address, witness, &note, size_before, chart).await {
                Ok(Said::Signed(line)) => note.push_str(&line),
                Ok(said) => {
                    REFUSED.fetch_add(1, Relaxed);
                    is_whole = false;
                    tracing::error!("{}", told(&witness.name, size, &said));
                }
                Err(cause) => {
                    is_whole = false;
                    tracing::warn!("the witness {} did not sign the log: {cause:#}", witness.name);
                }
            }
        }
        if is_whole {
            site.keep(&file(site), &note).context("what the witnesses signed could not be kept")?;
        }
        Ok(is_whole.then_some(size))
    }

    /// Asks one witness about a note, from what it saw on.
    async fn ask(&self, address: &str, witness: &WitnessKey, note: &str, guess: u64, chart: &Chart) -> Result<Said> {
        let key = Key::read(&chart.log_key())?;
        // What others signed is not for this one.
        let own = own_part(note);
        let size = Checkpoint::verified(&own, &key)?.size;
        let mut old = guess.min(size);
        for _ in 0..3 {
            let (status, text) = self.post(address, witness_request(old, &chart.log_consistency(old, size)?, &own)).await?;
            match status {
                200 => {
                    let line = text.lines().map(|line| format!("{line}\n")).find(|line| cosigned(&format!("{own}{line}"), witness).is_ok());
                    return line.map(Said::Signed).context("its answer is not signed with its key");
                }
                409 => {
                    let seen: u64 = text.trim().parse().context("its answer cannot be understood")?;
                    if seen > size {
                        return Ok(Said::SawMore(seen));
                    }
                    if seen == old {
                        return Ok(Said::Forked);
                    }
                    old = seen;
                }
                422 => return Ok(Said::Forked),
                404 => bail!("it does not watch this log; give it the public key: `carnet log key`"),
                status => bail!("it answered {status}"),
            }
        }
        bail!("what it has seen changes all the time")
    }

    async fn post(&self, address: &str, body: String) -> Result<(u16, String)> {
        let request = Request::builder().method("POST").uri(format!("{address}/add-checkpoint")).header(USER_AGENT, wire::USER_AGENT).header(CONTENT_TYPE, "text/plain; charset=utf-8");
        let request = request.body(Full::new(Bytes::from(body))).context("its address cannot be connected to")?;
        let asking = async {
            let answer = self.wire.send(request).await.map_err(anyhow::Error::msg)?;
            let status = answer.status().as_u16();
            let body = Limited::new(answer.into_body(), LONGEST).collect().await.map_err(|_| anyhow::anyhow!("its answer broke off, or is too long"))?;
            anyhow::Ok((status, String::from_utf8_lossy(&body.to_bytes()).into_owned()))
        };
        tokio::time::timeout(PATIENCE, asking).await.context("it did not answer in time")?
    }

    /// Asks each witness about the log as it is, for whoever wants to know now: what is wrong, a line each.
    pub async fn doubts(&self, chart: &Chart) -> Result<Vec<String>> {
        let note = chart.log_checkpoint();
        let size = Checkpoint::verified(&note, &Key::read(&chart.log_key())?)?.size;
        let mut doubts = Vec::new();
        for (address, witness) in &self.all {
            match self.ask(address, witness, &note, size, chart).await {
                Ok(Said::Signed(_)) => {}
                Ok(said) => doubts.push(told(&witness.name, size, &said)),
                Err(cause) => doubts.push(format!("the witness {} did not sign: {cause:#}", witness.name)),
            }
        }
        Ok(doubts)
    }
}

fn told(name: &str, size: u64, said: &Said) -> String {
    match said {
        Said::SawMore(seen) => format!("THE LOG WAS PUT BACK: the witness {name} has seen {seen} openings where there are {size}"),
        _ => format!("THE LOG WAS REWRITTEN: the witness {name} refuses it, because it does not add to what it saw; openings were dropped, changed, reordered or back-dated"),
    }
}

/// The note with the signature of its log alone.
fn own_part(note: &str) -> String {
    let Some((text, signatures)) = note.split_once("\n\n") else { return note.to_owned() };
    format!("{text}\n\n{}\n", signatures.lines().next().unwrap_or_default())
}

fn file(site: &Site) -> std::path::PathBuf {
    site.key_folder.join("witnessed")
}

fn kept(site: &Site) -> Result<Option<String>> {
    match fs::read_to_string(file(site)) {
        Ok(note) => Ok(Some(note)),
        Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(cause).with_context(|| format!("could not read {}", file(site).display())),
    }
}

/// What the witnesses of the configuration signed of this log, in words; an error says what is missing or does not fit.
/// None where no witness is configured.
pub fn verify(site: &Site, config: &Config, chart: &Chart) -> Result<Option<std::result::Result<String, String>>> {
    if config.witness.is_empty() {
        return Ok(None);
    }
    let Some(note) = kept(site)? else { return Ok(Some(Err(format!("no witness has signed this log yet, although the configuration names {}: start the server, or give the witness `carnet log key`", config.witness.len())))) };
    let checkpoint = match Checkpoint::verified(&note, &Key::read(&chart.log_key())?) {
        Ok(checkpoint) => checkpoint,
        Err(cause) => return Ok(Some(Err(format!("{}: {cause}", file(site).display())))),
    };
    let mut latest_s = 0;
    for witness in &config.witness {
        let key = WitnessKey::read(&witness.key)?;
        match cosigned(&note, &key) {
            Ok(time_s) => latest_s = latest_s.max(time_s),
            Err(cause) => return Ok(Some(Err(format!("the witness {} has not signed what lies in {}: {cause}", key.name, file(site).display())))),
        }
    }
    if let Err(cause) = chart.compare_with_checkpoint(&note) {
        return Ok(Some(Err(format!("the log is not the one the witnesses signed: {:#}", anyhow::Error::from(cause)))));
    }
    let at = fhir::Moment(i64::try_from(latest_s).unwrap_or(0).saturating_mul(1000));
    Ok(Some(Ok(format!("{} of {} openings were signed by {} witnesses, last at {at}.", checkpoint.size, chart.log_size(), config.witness.len()))))
}
