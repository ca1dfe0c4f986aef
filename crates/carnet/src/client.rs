//! `carnet client`: the programs that may ask people, or systems, for access by SMART.
//!
//! Exit codes: 0 done; 2 not done, and the message says why.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use access::Role;
use anyhow::{Context, Result, anyhow, bail};
use chart::{Chart, SiteAct};
use oauth::{Bound, Client as Registered, ClientKind, NewClient, Proof};

use crate::admin::{self, Desk, Errand};
use crate::config::Config;
use crate::site::Of;

/// Register, list, approve and remove programs.
#[derive(clap::Args)]
pub struct Client {
    #[command(subcommand)]
    act: Act,
}

#[derive(clap::Subcommand)]
enum Act {
    /// Register a program; its identifier, and its secret where it has one, are printed once.
    Add(Box<Add>),
    /// List the programs and how they stand.
    List(Of),
    /// Answer for a program that registered itself.
    Approve(One),
    /// Take a program off; its tokens are worth nothing from then on.
    Remove(One),
    /// Sign with a new key from now on. The one before stays public until nothing it signed is good.
    RotateKey(Of),
}

#[derive(clap::Args)]
struct One {
    /// The folder of the site.
    #[arg(long)]
    data: PathBuf,
    /// The identifier, as `carnet client list` shows it. It may begin with a hyphen.
    #[arg(allow_hyphen_values = true)]
    id: String,
}

#[derive(clap::Args)]
struct Add {
    /// The folder of the site.
    #[arg(long)]
    data: PathBuf,
    /// What people read when it asks them.
    name: String,
    /// Where browsers are sent back to, letter by letter; several times for several.
    #[arg(long = "redirect")]
    redirect_uris: Vec<String>,
    /// Where it is opened from a person's page.
    #[arg(long = "launch")]
    launch_uri: Option<String>,
    /// All it may ever ask for, as "openid fhirUser launch/patient patient/*.rs".
    #[arg(long)]
    scope: String,
    /// It can keep a secret: one is made and printed once.
    #[arg(long, conflicts_with = "jwks")]
    secret: bool,
    /// It signs with a key: a file with its public keys (a JWKS), or the JWKS itself.
    #[arg(long)]
    jwks: Option<String>,
    /// It signs with a key that it publishes here; the origin stands in `key_sources`.
    #[arg(long, conflicts_with_all = ["jwks", "secret"])]
    jwks_uri: Option<String>,
    /// To what its tokens must be bound: `key` (DPoP) or `certificate` (mTLS). Without it, to what it brings.
    #[arg(long, value_parser = ["key", "certificate"])]
    bound: Option<String>,
    /// The account (role integration) in whose name it works where no person takes part: scopes system/….
    #[arg(long)]
    account: Option<String>,
    /// It may ask what tokens of others are worth: for a server that takes them.
    #[arg(long)]
    introspects: bool,
}

impl Client {
    /// Does it.
    pub fn run(self) -> Result<ExitCode> {
        admin::carry_out(&self)
    }
}

impl Errand for Client {
    fn data(&self) -> &Path {
        match &self.act {
            Act::Add(add) => &add.data,
            Act::List(of) | Act::RotateKey(of) => &of.data,
            Act::Approve(one) | Act::Remove(one) => &one.data,
        }
    }

    fn act(&self, desk: &mut Desk<'_>) -> Result<u8> {
        let oauth = desk.oauth;
        match &self.act {
            Act::Add(add) => add.act(desk)?,
            Act::List(_) => {
                for client in kept(oauth.clients())?.iter() {
                    desk.say(format!("{}\t{}\t{}\t{}\t{}", client.id, client.name, standing(client), proof(client), client.scopes));
                }
            }
            Act::Approve(one) => match kept(oauth.approve(&one.id))? {
                true => {
                    desk.note(SiteAct::ApproveProgram, &one.id)?;
                    desk.say(format!("{}: may ask from now on", one.id));
                }
                false => unknown()?,
            },
            Act::Remove(one) => match kept(oauth.remove(&one.id))? {
                true => {
                    desk.note(SiteAct::RemoveProgram, &one.id)?;
                    desk.say(format!("{}: taken off; its tokens are worth nothing any more", one.id));
                }
                false => unknown()?,
            },
            Act::RotateKey(_) => {
                let kid = kept(oauth.rotate_key(desk.chart.now()))?;
                desk.note(SiteAct::TurnSigningKey, &kid)?;
                desk.say(format!("The key {kid} signs from now on; the one before it stays among the public keys until nothing it signed is good any more."));
            }
        }
        Ok(0)
    }
}

impl Add {
    fn act(&self, desk: &mut Desk<'_>) -> Result<()> {
        let proof = match (&self.jwks, self.secret) {
            (None, false) if self.jwks_uri.is_some() => Proof::KeysAt(self.jwks_uri.clone().unwrap_or_default()),
            (Some(text), _) if text.trim_start().starts_with('{') => Proof::Keys(text.clone()),
            (Some(file), _) => Proof::Keys(std::fs::read_to_string(desk.path(Path::new(file))).with_context(|| format!("could not read the keys in {file}"))?),
            (None, true) => Proof::Secret,
            (None, false) => Proof::None,
        };
        let bound = match self.bound.as_deref() {
            Some("key") => Bound::Key,
            Some(_) => Bound::Certificate,
            None => Bound::Free,
        };
        let new = NewClient { name: self.name.clone(), proof, redirect_uris: self.redirect_uris.clone(), launch_uri: self.launch_uri.clone(), scopes: self.scope.clone(), login: self.account.clone(), introspects: self.introspects, bound };
        if let Some(login) = &new.login {
            check_account(desk.chart, login)?;
        }
        let registration = kept(desk.oauth.register(&new, true, desk.chart.now()))?;
        desk.note(SiteAct::AddProgram, &registration.client.id)?;
        desk.say(format!("client_id      {}", registration.client.id));
        if let Some(secret) = registration.secret {
            desk.say(format!("client_secret  {secret}"));
        }
        Ok(())
    }
}

/// A program that works without a person does so in the name of a connected system.
fn check_account(chart: &Chart, login: &str) -> Result<()> {
    match chart.accounts()?.into_iter().find(|account| account.login == login).map(|account| account.role) {
        Some(Role::Integration) => Ok(()),
        Some(role) => bail!("{login} is {}, and a program works in the name of a connected system only (role integration)", role.word()),
        None => bail!("there is no sign-in {login}; add it with `carnet user add --role integration`"),
    }
}

/// The authorization server of a site, which may ask those for keys whom the configuration lists.
pub fn server(config: &Config, chart: &Chart, base_url: &str) -> Result<oauth::Server> {
    let server = oauth::Server::new(chart.drawer("oauth"), base_url, chart.now());
    if config.key_sources.is_empty() {
        return Ok(server);
    }
    Ok(server.with_key_sources(oauth::KeySources { origins: config.key_sources.clone(), wire: crate::provider::wire(&config.key_sources, "key_sources")? }))
}

fn kept<T>(done: oauth::Result<T>) -> Result<T> {
    done.map_err(|cause| match cause {
        oauth::Error::Refused(refusal) => anyhow!(refusal.message),
        cause => cause.into(),
    })
}

fn unknown() -> Result<()> {
    bail!("there is no such program; `carnet client list` shows all")
}

fn standing(client: &Registered) -> &'static str {
    if client.approved { "approved" } else { "waits for approval" }
}

fn proof(client: &Registered) -> &'static str {
    match client.kind {
        ClientKind::Public => "public",
        ClientKind::Secret(_) => "secret",
        ClientKind::Keys(_) => "keys",
        ClientKind::KeysAt(_) => "keys elsewhere",
    }
}
