//! `carnet user`: the sign-ins of a site.
//!
//! Exit codes: 0 done; 1 the journal is not whole; 2 not done, and the message says why.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use access::{Account, Role};
use anyhow::{Context, Result, anyhow, bail};
use chart::{AccountChange, AccountState, Day, NewAccount, Terms};

use crate::admin::{self, Desk, Errand};
use crate::init::password;
use crate::site::Of;

/// Add, list and change sign-ins.
#[derive(clap::Args)]
pub struct User {
    #[command(subcommand)]
    act: Act,
}

#[derive(clap::Subcommand)]
enum Act {
    /// Add a sign-in; its password is printed once.
    Add(Add),
    /// List the sign-ins and how they stand.
    List(Of),
    /// Change the role, the dates or the licence of a sign-in; another role ends its sessions.
    Change(Change),
    /// Let nobody use a sign-in any more.
    Block(One),
    /// Let a blocked sign-in be used again.
    Unblock(One),
    /// Set a new password, which is printed once, and end all sessions.
    Password(One),
    /// End all sessions of a sign-in.
    EndSessions(One),
    /// Take the second factor off, for somebody who has lost it and the recovery codes.
    ResetSecondFactor(One),
    /// Show who changed what about which sign-in, and when.
    Journal(Of),
}

#[derive(clap::Args)]
struct One {
    /// The folder of the site.
    #[arg(long)]
    data: PathBuf,
    /// What is typed at the door.
    login: String,
}

#[derive(clap::Args)]
struct Add {
    /// The folder of the site.
    #[arg(long)]
    data: PathBuf,
    /// What is typed at the door.
    login: String,
    /// physician, nurse, laboratory, pharmacy, imaging, admissions, records-clerk, programme-officer,
    /// auditor, privacy-officer, operator or integration.
    #[arg(long, value_parser = role)]
    role: Role,
    /// How pages show the holder.
    #[arg(long, default_value = "")]
    display: String,
    /// The institution's name.
    #[arg(long, default_value = "")]
    institution: String,
    /// es, vi, ru or en.
    #[arg(long, default_value = "en", value_parser = ["es", "vi", "ru", "en"])]
    language: String,
    /// The number of the professional licence.
    #[arg(long, default_value = "")]
    licence: String,
    /// The first day on which it may be used, as 2026-01-31.
    #[arg(long, value_parser = day)]
    from: Option<Day>,
    /// The last day.
    #[arg(long, value_parser = day)]
    until: Option<Day>,
}

#[derive(clap::Args)]
struct Change {
    /// The folder of the site.
    #[arg(long)]
    data: PathBuf,
    /// What is typed at the door.
    login: String,
    /// Another role; see `add`.
    #[arg(long, value_parser = role)]
    role: Option<Role>,
    /// Another number of the licence; empty takes it off.
    #[arg(long)]
    licence: Option<String>,
    /// Another first day, as 2026-01-31, or `open`.
    #[arg(long, value_parser = day_or_open)]
    from: Option<OpenDay>,
    /// Another last day, or `open`.
    #[arg(long, value_parser = day_or_open)]
    until: Option<OpenDay>,
}

impl Change {
    fn says_nothing(&self) -> bool {
        self.role.is_none() && self.licence.is_none() && self.from.is_none() && self.until.is_none()
    }
}

/// A day, or none on purpose.
#[derive(Clone, Copy)]
struct OpenDay(Option<Day>);

impl User {
    /// Does it.
    pub fn run(self) -> Result<ExitCode> {
        if let Act::Change(change) = &self.act
            && change.says_nothing()
        {
            bail!("what is to change is required: --role, --licence, --from or --until");
        }
        admin::carry_out(&self)
    }
}

impl Errand for User {
    fn data(&self) -> &Path {
        match &self.act {
            Act::Add(add) => &add.data,
            Act::Change(change) => &change.data,
            Act::List(of) | Act::Journal(of) => &of.data,
            Act::Block(one) | Act::Unblock(one) | Act::Password(one) | Act::EndSessions(one) | Act::ResetSecondFactor(one) => &one.data,
        }
    }

    fn act(&self, desk: &mut Desk<'_>) -> Result<u8> {
        let (chart, by) = (desk.chart, desk.caller().account);
        match &self.act {
            Act::Add(add) => add.act(desk, &by),
            Act::List(_) => list(desk),
            Act::Change(change) => {
                let wanted = AccountChange { role: change.role, licence: change.licence.clone(), from: change.from.map(|day| day.0), until: change.until.map(|day| day.0) };
                said(desk, chart.change_account(&by, &change.login, wanted), "changed")
            }
            Act::Block(one) => said(desk, chart.block_account(&by, &one.login), "blocked; its sessions have ended"),
            Act::Unblock(one) => said(desk, chart.unblock_account(&by, &one.login), "may be used again"),
            Act::Password(one) => {
                let password = password()?;
                let account = kept(chart.set_password(&by, &one.login, &password))?;
                desk.say(format!("{} / {password}", account.login));
                Ok(0)
            }
            Act::EndSessions(one) => said(desk, chart.end_sessions(&by, &one.login), "its sessions have ended"),
            Act::ResetSecondFactor(one) => said(desk, chart.reset_second_factor(&by, &one.login), "its second factor is off; the password alone opens"),
            Act::Journal(_) => journal(desk),
        }
    }
}

impl Add {
    fn act(&self, desk: &mut Desk<'_>, by: &Account) -> Result<u8> {
        let password = password()?;
        let new = NewAccount {
            login: self.login.clone(),
            display: if self.display.is_empty() { self.login.clone() } else { self.display.clone() },
            role: self.role,
            institution: self.institution.clone(),
            language: self.language.clone(),
            terms: Terms { licence: self.licence.clone(), from: self.from, until: self.until },
        };
        let account = kept(desk.chart.add_account(by, new, &password))?;
        desk.say(format!("{} / {password}", account.login));
        Ok(0)
    }
}

/// What the door refused, with its reason.
fn kept(done: chart::Result<Account>) -> Result<Account> {
    done.map_err(|cause| match cause {
        chart::Error::NotFound => anyhow!("there is no such sign-in; `carnet user list` shows all"),
        chart::Error::Refused(issues) => anyhow!("{}", issues.iter().map(|issue| issue.message.as_str()).collect::<Vec<_>>().join(" ")),
        cause => cause.into(),
    })
}

fn said(desk: &mut Desk<'_>, done: chart::Result<Account>, what: &str) -> Result<u8> {
    desk.say(format!("{}: {what}", kept(done)?.login));
    Ok(0)
}

fn list(desk: &mut Desk<'_>) -> Result<u8> {
    for state in desk.chart.account_states()? {
        let AccountState { account, terms, .. } = &state;
        desk.say(format!("{}\t{}\t{}\t{}\t{}", account.login, account.role.word(), account.institution, standing(&state), terms.licence));
    }
    Ok(0)
}

/// How a sign-in stands, in words.
fn standing(state: &AccountState) -> String {
    let mut words = vec![match (state.blocked, state.in_time) {
        (true, _) => "blocked".to_owned(),
        (_, false) => "out of its dates".to_owned(),
        _ => "open".to_owned(),
    }];
    let days = [("from", state.terms.from), ("until", state.terms.until)];
    words.extend(days.into_iter().filter_map(|(word, day)| Some(format!("{word} {}", shown(day?)))));
    if state.has_second_factor {
        words.push("second factor".to_owned());
    }
    if state.lacks_passkey {
        words.push("no passkey yet".to_owned());
    }
    words.join(", ")
}

fn journal(desk: &mut Desk<'_>) -> Result<u8> {
    let entries = desk.chart.account_journal();
    desk.say_journal(entries, |entry| format!("{}\t{}\t{}\t{}\t{}", entry.at, entry.by, entry.act.word(), entry.holder, entry.detail))
}

fn shown((year, month, day): Day) -> String {
    format!("{year:04}-{month:02}-{day:02}")
}

fn role(word: &str) -> Result<Role> {
    if let Some((role, _)) = Role::of_accounts().find(|(_, name)| *name == word) {
        return Ok(role);
    }
    let all: Vec<&str> = Role::of_accounts().map(|(_, word)| word).collect();
    bail!("there is no such role; there are {}", all.join(", "))
}

fn day(text: &str) -> Result<Day> {
    let date = fhir::PartialDateTime::parse(text).filter(|date| date.precision == fhir::date::Precision::Day);
    date.map(|date| (date.year, date.month, date.day)).context("a day is written as 2026-01-31")
}

fn day_or_open(text: &str) -> Result<OpenDay> {
    if text == "open" { Ok(OpenDay(None)) } else { day(text).map(|day| OpenDay(Some(day))) }
}
