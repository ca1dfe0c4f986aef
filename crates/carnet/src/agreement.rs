//! `carnet agreement`: what takes two, asked for at the command line and agreed to by somebody else.
//!
//! Who agrees proves themselves here as at the pages: a password, and the code of a second factor
//! where the account has one. The password comes in a file, so that no list of processes shows it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use access::Account;
use anyhow::{Context, Result, anyhow, bail};
use chart::{Agreement as Asked, Attempt, Matter, SignIn};

use crate::admin::{self, Desk, Errand};
use crate::erase::refused;
use crate::site::Of;

/// Ask for what takes two, and agree to it: the erasure of a person, an export of the whole site.
#[derive(clap::Args)]
pub struct Agreement {
    #[command(subcommand)]
    act: Act,
}

#[derive(clap::Subcommand)]
enum Act {
    /// Ask a privacy officer to agree.
    Ask(Ask),
    /// List what waits, and what was agreed to and not used.
    List(Of),
    /// Agree, as a privacy officer.
    Agree(Answer),
    /// Decline, as a privacy officer.
    Decline(Decline),
    /// Take back what the command line asked for.
    Withdraw(One),
}

#[derive(clap::Args)]
struct Ask {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// That a person be erased.
    Erasure {
        #[command(flatten)]
        why: Why,
        /// The id of the person's Patient, as `Patient/ID` or `ID`.
        patient: String,
    },
    /// That the whole site may be exported once by `carnet export`.
    Export {
        #[command(flatten)]
        why: Why,
    },
}

#[derive(clap::Args)]
struct Why {
    /// The folder of the site.
    #[arg(long)]
    data: PathBuf,
    /// Why: the number of the decision or the case, without names. It stays in the journal.
    #[arg(long)]
    reason: String,
}

#[derive(clap::Args)]
struct One {
    /// The folder of the site.
    #[arg(long)]
    data: PathBuf,
    /// The request, as `list` names it.
    request: String,
}

#[derive(clap::Args)]
struct Answer {
    #[command(flatten)]
    one: One,
    #[command(flatten)]
    who: Who,
    /// Agree to every export of that account for thirty days.
    #[arg(long)]
    standing: bool,
}

#[derive(clap::Args)]
struct Decline {
    #[command(flatten)]
    one: One,
    #[command(flatten)]
    who: Who,
    /// Why not.
    #[arg(long)]
    reason: String,
}

#[derive(clap::Args)]
struct Who {
    /// The sign-in of a privacy officer.
    #[arg(long)]
    login: String,
    /// A file whose first line is its password.
    #[arg(long)]
    password_file: PathBuf,
    /// The code of its second factor.
    #[arg(long)]
    code: Option<String>,
}

impl Agreement {
    /// Does it.
    pub fn run(self) -> Result<ExitCode> {
        admin::carry_out(&self)
    }
}

impl Errand for Agreement {
    fn data(&self) -> &Path {
        match &self.act {
            Act::Ask(Ask { what: What::Erasure { why, .. } | What::Export { why } }) => &why.data,
            Act::List(of) => &of.data,
            Act::Agree(Answer { one, .. }) | Act::Decline(Decline { one, .. }) | Act::Withdraw(one) => &one.data,
        }
    }

    fn act(&self, desk: &mut Desk<'_>) -> Result<u8> {
        let (caller, chart) = (desk.caller(), desk.chart);
        match &self.act {
            Act::Ask(Ask { what }) => {
                if !chart.needs_agreement()? {
                    bail!("nobody has to agree here: this site has no privacy officer, or its configuration says `second_person = false`");
                }
                let id = match what {
                    What::Erasure { why, patient } => desk.wait(chart.ask_erasure(&caller, patient.strip_prefix("Patient/").unwrap_or(patient), &why.reason))?,
                    What::Export { why } => chart.ask_export(&caller, &why.reason),
                };
                let id = id.map_err(refused)?;
                desk.say(format!("{id}: asked. A privacy officer has 72 hours to agree, at /agreements or with `carnet agreement agree`; then give the command itself."));
            }
            Act::List(_) => {
                for asked in chart.agreements(&caller.account)? {
                    desk.say(told(&asked));
                }
            }
            Act::Agree(answer) => {
                let by = answer.who.prove(desk)?;
                desk.wait(chart.agree(&by, &answer.one.request, answer.standing))?.map_err(unanswered)?;
                desk.say("Agreed.");
            }
            Act::Decline(decline) => {
                let by = decline.who.prove(desk)?;
                chart.decline(&by, &decline.one.request, &decline.reason).map_err(unanswered)?;
                desk.say("Declined.");
            }
            Act::Withdraw(one) => {
                chart.withdraw(&caller.account, &one.request).map_err(unanswered)?;
                desk.say("Taken back.");
            }
        }
        Ok(0)
    }
}

impl Who {
    /// The account, once it is proved.
    fn prove(&self, desk: &Desk<'_>) -> Result<Account> {
        let file = desk.path(&self.password_file);
        let text = fs::read_to_string(&file).with_context(|| format!("could not read {}", file.display()))?;
        let password = text.lines().next().unwrap_or_default();
        let wrong = || anyhow!("the login, its password or the code is wrong; nothing was done");
        let signed_in = match desk.chart.sign_in(&Attempt { login: &self.login, password, from: None })? {
            SignIn::Welcome(_) if desk.chart.settings().second_factor_required => bail!("this site wants a second factor; {} has none yet: sign in at the pages and add one", self.login),
            SignIn::Welcome(signed_in) => signed_in,
            SignIn::Half(half) => {
                let code = self.code.as_deref().context("the account has a second factor: give its code with --code")?;
                match desk.chart.second_step(half.account.number, code, None)? {
                    SignIn::Welcome(signed_in) => signed_in,
                    SignIn::Later(seconds) => bail!("too many attempts; try again in {seconds} s"),
                    _ => return Err(wrong()),
                }
            }
            SignIn::Later(seconds) => bail!("too many attempts; try again in {seconds} s"),
            SignIn::Refused => return Err(wrong()),
        };
        Ok(signed_in.account)
    }
}

fn unanswered(cause: chart::Error) -> anyhow::Error {
    match cause {
        chart::Error::NotFound => anyhow!("nothing waits under that name; `carnet agreement list` shows what does"),
        chart::Error::Forbidden => anyhow!("only a privacy officer agrees, and never to what they asked for themselves"),
        cause => refused(cause),
    }
}

/// One line: the request, when, who asks, for what, how it stands, why.
fn told(asked: &Asked) -> String {
    let what = match &asked.matter {
        Matter::Erasure { patient, .. } => format!("erasure of Patient/{patient}"),
        Matter::Export => "export of the whole site".to_owned(),
        Matter::BulkExport { patients: false } => "bulk export of the whole site".to_owned(),
        Matter::BulkExport { patients: true } => "bulk export of all persons".to_owned(),
    };
    let stands = match &asked.agreed {
        None => format!("waits until {}", asked.until()),
        Some(agreed) => format!("agreed by {}, {} until {}", agreed.by, if agreed.standing { "for all" } else { "once" }, asked.until()),
    };
    format!("{}\t{}\t{}\t{what}\t{stands}\t{}", asked.id, asked.at, asked.login, asked.reason)
}
