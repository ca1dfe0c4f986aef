//! `carnet erase`: a person's record, for good.
//!
//! The decision is in the list outside of the store before anything goes, so that a restored backup
//! is erased again before it serves; killed in the middle, the next start or `replay` finishes.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow, bail};
use chart::Chart;

use crate::admin::{self, Desk, Errand};
use crate::demo::console;
use crate::site::{Of, Site, write_private};

/// Erase a person's record for good, with a certificate.
#[derive(clap::Args)]
pub struct Erase {
    #[command(subcommand)]
    act: Act,
}

#[derive(clap::Subcommand)]
enum Act {
    /// Erase a person's record: keys, content, and everything that leads to it.
    Person(Person),
    /// Finish what was interrupted, or undone by a restored backup. The server does so when it starts.
    Replay(Of),
    /// Take a decided erasure back that was not carried out.
    Withdraw(Withdraw),
    /// List the records that were erased, by their numbers.
    List(Of),
}

#[derive(clap::Args)]
struct Person {
    /// The folder of the site.
    #[arg(long)]
    data: PathBuf,
    /// The id of the person's Patient, as `Patient/ID` or `ID`.
    patient: String,
    /// Why: the number of the decision or the case, without names. It stays in the journal.
    #[arg(long)]
    reason: String,
    /// Erase it although its term of retention still runs, on this ground: a law, the number of a decision. It stays in the journal.
    #[arg(long, value_name = "GROUND")]
    despite_retention: Option<String>,
    /// The id once more: there is no way back.
    #[arg(long)]
    confirm: String,
    /// Where the certificate goes: a new file.
    #[arg(long)]
    certificate: PathBuf,
    /// Leave the bytes of what was erased to a later compaction; without their key, of which nothing is left, they are noise.
    #[arg(long)]
    compact_later: bool,
}

#[derive(clap::Args)]
struct Withdraw {
    /// The folder of the site.
    #[arg(long)]
    data: PathBuf,
    /// The id of the person's Patient, as `Patient/ID` or `ID`.
    patient: String,
    /// Why: the number of the decision or the case, without names. It stays in the journal.
    #[arg(long)]
    reason: String,
}

impl Erase {
    /// Does it.
    pub fn run(self) -> Result<ExitCode> {
        admin::carry_out(&self)
    }
}

impl Errand for Erase {
    fn data(&self) -> &Path {
        match &self.act {
            Act::Person(person) => &person.data,
            Act::Withdraw(one) => &one.data,
            Act::Replay(of) | Act::List(of) => &of.data,
        }
    }

    fn act(&self, desk: &mut Desk<'_>) -> Result<u8> {
        match &self.act {
            Act::Person(person) => person.act(desk),
            Act::Replay(_) => {
                // Opening the site has done it already where there was no server.
                let done = replay(desk.site, desk.chart)?;
                desk.say(format!("{} erasures are in the list; {} were carried out now.", done.listed, done.carried_out));
                if done.leaves_index {
                    desk.say(LEFT);
                }
                if done.held > 0 {
                    desk.say(held(done.held));
                }
                Ok(u8::from(done.leaves_index))
            }
            Act::Withdraw(one) => {
                let (caller, chart) = (desk.caller(), desk.chart);
                let id = one.patient.strip_prefix("Patient/").unwrap_or(&one.patient);
                let erasure = chart.decided_erasure_of(&caller, id, &desk.site.erasures(chart)?).map_err(refused)?;
                let line = desk.wait(chart.withdraw_erasure(&caller, erasure, &one.reason))?.map_err(refused)?;
                desk.site.add_erasure(&line)?;
                desk.say("The erasure is withdrawn: nothing erases the record until that is decided anew.");
                Ok(0)
            }
            Act::List(_) => {
                for erasure in desk.site.erasures(desk.chart)? {
                    desk.say(format!("{}\t{:016x}", erasure.at.moment(), erasure.record.0));
                }
                Ok(0)
            }
        }
    }
}

/// Why a decision is withdrawn without anybody asking for it, as the journal keeps it.
const HELD_SINCE: &str = "a legal hold was placed after the decision";

/// What is told of decided erasures that were not carried out.
pub fn held(count: usize) -> String {
    format!("{count} decided erasures were not carried out and are withdrawn: a legal hold was placed after the decision. Once it is released, decide anew.")
}

const LEFT: &str = "A record's key was gone before it: entries of the index that lead to nothing were left. Clear them with `carnet check --repair-index`, the server stopped.";

impl Person {
    fn act(&self, desk: &mut Desk<'_>) -> Result<u8> {
        let bare = |text: &str| text.strip_prefix("Patient/").unwrap_or(text).to_owned();
        let id = bare(&self.patient);
        if bare(&self.confirm) != id {
            bail!("--confirm is not the id of the person to be erased; nothing was done");
        }
        let certificate = desk.path(&self.certificate);
        if certificate.exists() {
            bail!("{} exists; name another file for the certificate", certificate.display());
        }
        let caller = desk.caller();
        let decided = match &self.despite_retention {
            Some(ground) => desk.wait(desk.chart.decide_early_erasure(&caller, &id, &self.reason, ground))?,
            None => desk.wait(desk.chart.decide_erasure(&caller, &id, &self.reason))?,
        };
        let decided = decided.map_err(refused)?;
        desk.site.add_erasure(&decided.line)?;
        let outcome = match desk.wait(desk.chart.erase(&caller, decided.erasure))? {
            Err(cause @ chart::Error::Refused(_)) => {
                let line = desk.wait(desk.chart.withdraw_erasure(&caller, decided.erasure, HELD_SINCE))?.map_err(refused)?;
                desk.site.add_erasure(&line)?;
                return Err(refused(cause));
            }
            outcome => outcome.map_err(refused)?,
        };
        let bar = desk.spinner("Giving back room");
        if self.compact_later {
            desk.chart.settle_keys(&caller)?;
        } else {
            desk.chart.settle(&caller, true)?;
        }
        bar.finish_and_clear();
        write_private(&certificate, &desk.chart.prove_opening(&caller, outcome.certificate)?)?;
        desk.say(format!("Erased: {} versions, and everything that led to them.", outcome.versions));
        desk.say(match &decided.agreed_by {
            Some(login) => format!("Agreed by {login}."),
            None => "Nobody else was asked: this site has no privacy officer, or its configuration says `second_person = false`.".to_owned(),
        });
        desk.say(format!("The certificate is {}; `carnet log verify-proof` verifies it with the key of the log.", certificate.display()));
        desk.say(format!("The list of erasures is {}: keep a copy of it elsewhere, and bring it back before a backup is restored. Copies of the keyring made before now still open the record: destroy them in time.", desk.site.erased_file().display()));
        for (kind, id) in &decided.named_in {
            desk.say(format!("Names the person, and stays: {kind}/{id}"));
        }
        if outcome.leaves_index {
            desk.say(LEFT);
        }
        Ok(0)
    }
}

/// What a replay came to.
#[derive(Default)]
pub struct Replayed {
    /// Lines of the list.
    pub listed: usize,
    /// Records of which something was there again.
    pub carried_out: usize,
    /// Index entries that lead to nothing were left.
    pub leaves_index: bool,
    /// Not carried out and withdrawn, because a hold was placed after the decision.
    pub held: usize,
}

/// Carries out every erasure of the list of which anything is left to do, and adds to the list what it lacks. One that a
/// later hold forbids is withdrawn.
pub fn replay(site: &Site, chart: &Chart) -> Result<Replayed> {
    let list = site.erasures(chart)?;
    for line in chart.erasures_missing_from(&list)? {
        site.add_erasure(&line)?;
    }
    if list.is_empty() {
        return Ok(Replayed::default());
    }
    // Nobody waits inside a runtime here: the store has just been opened, or a thread was made for it.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("no runtime could be started")?;
    let caller = console(chart);
    let mut replayed = Replayed { listed: list.len(), ..Replayed::default() };
    let mut destroyed_keys = false;
    for erasure in list {
        let outcome = match runtime.block_on(chart.erase(&caller, erasure)) {
            Err(chart::Error::Refused(_)) => {
                site.add_erasure(&runtime.block_on(chart.withdraw_erasure(&caller, erasure, HELD_SINCE))?)?;
                replayed.held += 1;
                continue;
            }
            outcome => outcome?,
        };
        replayed.carried_out += usize::from(outcome.versions > 0);
        replayed.leaves_index |= outcome.leaves_index;
        destroyed_keys |= outcome.destroyed_key;
    }
    if destroyed_keys {
        chart.settle_keys(&caller)?;
    }
    Ok(replayed)
}

/// What the door refused, in its words.
pub fn refused(cause: chart::Error) -> anyhow::Error {
    match cause {
        chart::Error::NotFound => anyhow!("there is no such person"),
        chart::Error::Refused(issues) => anyhow!("{}", issues.iter().map(|issue| issue.message.as_str()).collect::<Vec<_>>().join(" ")),
        cause => cause.into(),
    }
}
