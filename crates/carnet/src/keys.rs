//! `carnet keys`: the institution's key, another one, and its shares.
//!
//! A rotation goes in steps, each on disk before the next: the new key in a file beside the old one,
//! the site's key wrapped under it, new records under it, every wrap moved, the old key retired. Killed
//! anywhere it goes on with the same command, and the store opens at every step.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use parking_lot::Mutex;
use seal::{InstitutionKey, Share};

use crate::admin::{self, Desk, Errand};
use crate::receiving::{self, RECEIVING_ROOM};
use crate::site::{Of, Site, write_private};

/// Show, change, divide and bring back the institution's key.
#[derive(clap::Args)]
pub struct Keys {
    #[command(subcommand)]
    act: Act,
}

#[derive(clap::Subcommand)]
enum Act {
    /// Show under which key the store lies, and whether a rotation is under way.
    Status(Of),
    /// Take a new key into use and move everything to it, or go on with what was interrupted.
    Rotate(Of),
    /// Divide the key into five shares, of which any three put it together again.
    Shares(Divide),
    /// Put the key together again from three shares and set it back in its place.
    Recover(Recover),
    /// Show the public key with which others seal what they send here.
    Receiving(Receiving),
    /// Show what was done with keys, holds and erasures, by whom and when.
    Journal(Of),
}

#[derive(clap::Args)]
struct Divide {
    /// The folder of the site.
    #[arg(long)]
    data: PathBuf,
    /// A new folder for the five texts.
    #[arg(long)]
    out: PathBuf,
}

#[derive(clap::Args)]
struct Receiving {
    /// The folder of the site.
    #[arg(long)]
    data: PathBuf,
    /// Make another one. What was sealed with older ones still opens.
    #[arg(long)]
    new: bool,
}

#[derive(clap::Args)]
struct Recover {
    /// The folder of the site.
    #[arg(long)]
    data: PathBuf,
    /// Files with shares; at least three.
    #[arg(required = true)]
    share: Vec<PathBuf>,
}

impl Keys {
    /// Does it.
    pub fn run(self) -> Result<ExitCode> {
        match &self.act {
            Act::Recover(recover) => recover.run(),
            _ => admin::carry_out(&self),
        }
    }
}

impl Errand for Keys {
    fn data(&self) -> &Path {
        match &self.act {
            Act::Status(of) | Act::Rotate(of) | Act::Journal(of) => &of.data,
            Act::Shares(divide) => &divide.data,
            Act::Recover(recover) => &recover.data,
            Act::Receiving(receiving) => &receiving.data,
        }
    }

    fn act(&self, desk: &mut Desk<'_>) -> Result<u8> {
        match &self.act {
            Act::Status(_) => status(desk),
            Act::Rotate(_) => rotate(desk),
            Act::Shares(divide) => divide.act(desk),
            Act::Journal(_) => journal(desk),
            Act::Receiving(receiving) => receiving.act(desk),
            Act::Recover(_) => bail!("there is a server, so the key is not lost; stop it first if you want to put another one in its place"),
        }
    }
}

fn status(desk: &mut Desk<'_>) -> Result<u8> {
    let names = desk.chart.key_names();
    let wraps = desk.chart.wraps(&desk.caller())?;
    let count = |name: &[u8; 8]| wraps.get(name).copied().unwrap_or(0);
    desk.say(format!("Site             {}", hex(&names.site)));
    desk.say(format!("Institution key  {}  opens the keys of {} records", hex(&names.current), count(&names.current)));
    desk.say(format!("Kept in          {}", desk.site.kept_in(desk.config)?));
    if let Some(older) = names.older {
        desk.say(format!("Older key        {}  opens {} still: a rotation is under way; go on with `carnet keys rotate`", hex(&older), count(&older)));
    }
    for (stranger, count) in wraps.iter().filter(|(name, _)| **name != names.current && Some(**name) != names.older) {
        desk.say(format!("Unknown key      {}  would open {count}: nobody here can", hex(stranger)));
    }
    if !names.is_apart {
        desk.say("This site was made before the site had a key of its own: names, heads, notes and the log stay under its first institution key whatever is rotated.");
    }
    Ok(u8::from(names.older.is_some()))
}

/// One rotation at a time in a process.
static ROTATING: Mutex<()> = Mutex::new(());

fn rotate(desk: &mut Desk<'_>) -> Result<u8> {
    let Some(_alone) = ROTATING.try_lock() else { bail!("the server is rotating the key already; `carnet keys status` says how far it is") };
    let caller = desk.caller();
    let next = desk.site.next_key(desk.config)?;
    desk.chart.begin_rotation(&caller, &next)?;
    let bar = desk.spinner("Moving keys of records");
    let moved = desk.chart.move_wraps(&caller, &mut |done| bar.set_position(done))?;
    bar.finish_and_clear();
    desk.chart.end_rotation(&caller)?;
    let retired = desk.site.retire_key(desk.config, &next)?;
    desk.say(format!("The institution key is {} now; the keys of {moved} records were moved to it.", hex(&next.fingerprint())));
    if let Some(retired) = retired {
        desk.say(format!("The old key lies in {}. Backups of the keyring made before now open with it only: keep it where they are, not here, and destroy it with the last of them.", retired.display()));
    }
    let copy = desk.site.recovery_file();
    let config = desk.config;
    match (copy.exists(), &config.key) {
        (true, None) => desk.say(format!("TAKE AWAY the new recovery copy {}: the old one opens nothing any more.", copy.display())),
        (true, Some(_)) => desk.say(format!("The recovery copy {} is of an older key and opens nothing any more: treat it like the old key.", copy.display())),
        (false, _) => {}
    }
    desk.say("Shares of the old key put together the old key: make new ones with `carnet keys shares`.");
    Ok(0)
}

impl Divide {
    fn act(&self, desk: &mut Desk<'_>) -> Result<u8> {
        let out = desk.path(&self.out);
        let key = desk.site.key(desk.config)?;
        if key.fingerprint() != desk.chart.key_names().current || desk.chart.key_names().older.is_some() {
            bail!("a rotation is under way: the key would be of no use soon; finish it with `carnet keys rotate` first");
        }
        crate::site::make_new_private_folder(&out)?;
        for share in desk.chart.divide_key(&desk.caller(), &key)? {
            write_private(&out.join(share_name(&share)), &share.to_text())?;
        }
        desk.say(format!("Five shares are in {}. Any three of them are the key; two tell nothing.", out.display()));
        desk.say("Print each, give them to five persons who do not answer to each other, and delete the files here.");
        Ok(0)
    }
}

impl Receiving {
    fn act(&self, desk: &mut Desk<'_>) -> Result<u8> {
        let key = receiving::key(&desk.chart.drawer(RECEIVING_ROOM), self.new)?;
        desk.say(format!("Whoever hands records over to this site seals them with\n  {}", key.receiver().to_text()));
        desk.say("It is public. Tell it to them by a way on which nobody can exchange it: they give it as `carnet hand-over --to`.");
        Ok(0)
    }
}

fn share_name(share: &Share) -> String {
    format!("share-{}-of-{}.txt", share.number, seal::SHARES)
}

impl Recover {
    fn run(&self) -> Result<ExitCode> {
        let site = Site::at(&self.data, None);
        let config = crate::config::Config::read(&site.config_file())?;
        if admin::is_served(&site) {
            bail!("a server holds the site, so its key is not lost; stop it first if you want to put another one in its place");
        }
        let shares = self.share.iter().map(|file| read_share(file)).collect::<Result<Vec<_>>>()?;
        let recovered = InstitutionKey::of_shares(&shares)?;
        for number in &recovered.wrong {
            println!("Share {number} is not what it says: somebody altered it. The others agree.");
        }
        let set_aside = site.recover_key(&config, &recovered.key, shares[0].site)?;
        if let Some(file) = set_aside {
            println!("The key that lay there opened nothing; it is in {} now.", file.display());
        }
        println!("The institution key {} is back in {}; it opens this site.", hex(&recovered.key.fingerprint()), site.key_file().display());
        println!("Three people have seen their shares: change the key with `carnet keys rotate` and make new ones.");
        Ok(ExitCode::from(u8::from(!recovered.wrong.is_empty())))
    }
}

fn read_share(file: &Path) -> Result<Share> {
    let text = fs::read_to_string(file).with_context(|| format!("could not read {}", file.display()))?;
    Share::from_text(&text).with_context(|| format!("{} is not a share as it was printed", file.display()))
}

fn journal(desk: &mut Desk<'_>) -> Result<u8> {
    let entries = desk.chart.site_journal();
    desk.say_journal(entries, |entry| format!("{}\t{}\t{}\t{}\t{}", entry.at, entry.by, entry.act.word(), entry.about, entry.detail))
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
