//! `carnet log`: the log of openings, its checkpoints and its proofs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use chart::Chart;
use clap::Subcommand;
use ledger::{Checkpoint, Key};

use crate::config::Config;
use crate::cosignatures::{self, Witnesses};
use crate::demo::console;
use crate::site::Site;
use crate::witness::Witness;

/// The log of who opened what: sign it, verify it, prove a line of it.
#[derive(clap::Args)]
pub struct Log {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// Print the public key others verify with.
    Key(Store),
    /// Print the signed checkpoint over the log as it is now.
    Checkpoint(Store),
    /// Verify that the log only adds to the checkpoint in the key folder, or to one given.
    Verify {
        #[command(flatten)]
        store: Store,
        /// A checkpoint that was kept elsewhere.
        #[arg(long)]
        checkpoint: Option<PathBuf>,
        /// Ask the witnesses of the configuration now, too.
        #[arg(long)]
        ask: bool,
    },
    /// Watch logs of others: run this elsewhere.
    Witness(Witness),
    /// Write a proof that verifies without the store.
    Prove {
        #[command(flatten)]
        store: Store,
        /// The place in the log: the number in the id of its AuditEvent.
        #[arg(long, conflicts_with = "since", required_unless_present = "since")]
        opening: Option<u64>,
        /// An older checkpoint: prove that the log only adds to it.
        #[arg(long)]
        since: Option<PathBuf>,
    },
    /// Verify a proof with nothing but the file and the public key.
    VerifyProof {
        /// The proof.
        file: PathBuf,
        /// The public key, as `carnet log key` prints it.
        #[arg(long)]
        key: String,
        /// For a proof of growth: the older checkpoint.
        #[arg(long)]
        since: Option<PathBuf>,
    },
}

#[derive(clap::Args)]
struct Store {
    /// The folder of the site.
    #[arg(long)]
    data: PathBuf,
}

impl Log {
    /// Does it. A log or a proof that does not hold is exit code 1.
    pub fn run(self) -> Result<ExitCode> {
        match self.act {
            Act::Key(store) => store.with(|chart| {
                println!("{}", chart.log_key());
                Ok(ExitCode::SUCCESS)
            }),
            Act::Checkpoint(store) => store.with(|chart| {
                print!("{}", chart.log_checkpoint());
                Ok(ExitCode::SUCCESS)
            }),
            Act::Verify { store, checkpoint, ask } => verify(&store, checkpoint, ask),
            Act::Witness(witness) => witness.run(),
            Act::Prove { store, opening, since } => store.with(|chart| {
                let proof = match (opening, since) {
                    (Some(index), _) => chart.prove_opening(&console(chart), index).with_context(|| format!("there is no opening {index}; the log holds {}, counted from 0", chart.log_size()))?,
                    (None, Some(file)) => chart.prove_growth(&read(&file)?)?,
                    (None, None) => bail!("--opening or --since says what to prove"),
                };
                print!("{proof}");
                Ok(ExitCode::SUCCESS)
            }),
            Act::VerifyProof { file, key, since } => verify_proof(&file, &key, since.as_deref()),
        }
    }
}

impl Store {
    fn with(&self, act: impl FnOnce(&Chart) -> Result<ExitCode>) -> Result<ExitCode> {
        let site = Site::at(&self.data, None);
        let config = Config::read(&site.config_file())?;
        let chart = site.chart(&config, "")?;
        let done = act(&chart);
        chart.close()?;
        done
    }
}

fn verify(store: &Store, checkpoint: Option<PathBuf>, ask: bool) -> Result<ExitCode> {
    let site = Site::at(&store.data, None);
    let file = checkpoint.unwrap_or_else(|| site.checkpoint_file());
    let note = read(&file)?;
    let config = Config::read(&site.config_file())?;
    // The store is opened as it is: what the checkpoint says of it is the question.
    let chart = site.chart_of(site.store(&config, true)?, &config, "")?;
    let compared = chart.compare_with_checkpoint(&note);
    let size = chart.log_size();
    let mut witnessed = cosignatures::verify(&site, &config, &chart)?;
    if ask {
        witnessed = Some(doubts(&config, &chart)?);
    }
    chart.close()?;
    match compared {
        Ok(()) => {
            let kept = Checkpoint::verified(&note, &Key::read(&chart.log_key())?)?;
            println!("The log holds {size} openings; the first {} are those of the checkpoint.", kept.size);
            match witnessed {
                Some(Err(why)) => {
                    println!("DAMAGE  log: {why}");
                    Ok(ExitCode::from(1))
                }
                Some(Ok(said)) => {
                    println!("{said}");
                    Ok(ExitCode::SUCCESS)
                }
                None => Ok(ExitCode::SUCCESS),
            }
        }
        Err(cause) => {
            println!("DAMAGE  log: {:#}", anyhow::Error::from(cause));
            Ok(ExitCode::from(1))
        }
    }
}

/// What the witnesses say now.
fn doubts(config: &Config, chart: &Chart) -> Result<std::result::Result<String, String>> {
    let witnesses = Witnesses::of(config)?.context("the configuration names no witness ([[witness]])")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("no runtime could be started")?;
    let doubts = runtime.block_on(witnesses.doubts(chart))?;
    Ok(if doubts.is_empty() { Ok(format!("{} witnesses signed the log as it is now.", config.witness.len())) } else { Err(doubts.join("; ")) })
}

fn verify_proof(file: &Path, key: &str, since: Option<&Path>) -> Result<ExitCode> {
    let (proof, key) = (read(file)?, Key::read(key)?);
    let shown = match since {
        Some(old) => ledger::verify_consistency_file(&proof, &read(old)?, &key).map(|new| format!("The log of {} openings only adds to the older one.\n", new.size)),
        None => ledger::verify_inclusion_file(&proof, &key).map(|proven| format!("Place {} of a log of {} openings says:\n\n{}", proven.index, proven.checkpoint.size, proven.statement)),
    };
    match shown {
        Ok(text) => {
            print!("The proof holds. {text}");
            Ok(ExitCode::SUCCESS)
        }
        Err(cause) => {
            println!("NOT PROVEN: {cause}");
            Ok(ExitCode::from(1))
        }
    }
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("could not read {}", file.display()))
}
