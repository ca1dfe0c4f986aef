//! Where commands reach the server that holds the store: a socket in the folder of the key.
//!
//! * A command is carried out by the same code with or without a server; only who opened the store differs.
//! * Only the user who runs the server, and the machine's administrator, are answered.
//! * One line of JSON asks, one answers; both say which version of this page they follow.
//! * What is asked and answered may hold a new password: none of it is logged.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream as Stream;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use access::Caller;
use anyhow::{Context, Result, bail};
use chart::Chart;
use clap::Parser;
use indicatif::ProgressBar;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{oneshot, watch};

use crate::config::Config;
use crate::demo::console;
use crate::progress;
use crate::site::Site;
use crate::{Carnet, Command};

/// Which version of question and answer this program speaks.
const VERSION: u32 = 1;
/// The longest question, in bytes.
const LONGEST: u64 = 64 << 10;
/// How long a question may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Serialize, Deserialize)]
struct Question {
    version: u32,
    /// Where the command was given: relative paths begin there.
    folder: PathBuf,
    /// The words of the command, without the program's name.
    words: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Answer {
    version: u32,
    code: u8,
    out: String,
    err: String,
}

/// What a command works with: the open store, and where its words go.
pub struct Desk<'d> {
    /// The site.
    pub site: &'d Site,
    /// Its configuration.
    pub config: &'d Config,
    /// The door.
    pub chart: &'d Chart,
    /// What is known of programs: the server's own where there is one, so that nothing is remembered twice.
    pub oauth: &'d oauth::Server,
    folder: PathBuf,
    is_here: bool,
    out: String,
}

impl Desk<'_> {
    /// A line of the answer.
    pub fn say(&mut self, line: impl AsRef<str>) {
        self.out.push_str(line.as_ref());
        self.out.push('\n');
    }

    /// A line for each entry of a journal, and 0; where the journal is not whole what is wrong, and 1.
    pub fn say_journal<E>(&mut self, entries: chart::Result<Vec<E>>, line: impl Fn(&E) -> String) -> Result<u8> {
        match entries {
            Ok(entries) => {
                entries.iter().for_each(|entry| self.say(line(entry)));
                Ok(0)
            }
            Err(chart::Error::Store(cause @ store::Error::Damaged(_))) => {
                self.say(format!("DAMAGE {cause}"));
                Ok(1)
            }
            Err(cause) => Err(cause.into()),
        }
    }

    /// Who acts.
    pub fn caller(&self) -> Caller {
        console(self.chart)
    }

    /// Writes into the journal of the site what was done with programs.
    pub fn note(&self, act: chart::SiteAct, about: &str) -> Result<()> {
        Ok(self.chart.note_of_programs(&self.caller().account, act, about)?)
    }

    /// A path as whoever gave the command means it.
    pub fn path(&self, path: &Path) -> PathBuf {
        self.folder.join(path)
    }

    /// A count that grows on the terminal of whoever gave the command, if that is here.
    pub fn spinner(&self, what: &str) -> ProgressBar {
        if self.is_here { progress::spinner(what) } else { ProgressBar::hidden() }
    }

    /// Waits for an act of the door.
    pub fn wait<T>(&self, act: impl Future<Output = T>) -> Result<T> {
        // Commands run on a thread of their own, so there is no runtime around them.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("no runtime could be started")?;
        Ok(runtime.block_on(act))
    }
}

/// A command that needs an open store.
pub trait Errand {
    /// The folder of the site.
    fn data(&self) -> &Path;

    /// Does it; the exit code.
    fn act(&self, desk: &mut Desk<'_>) -> Result<u8>;
}

/// Carries a command out: by the server that holds the store, or here.
pub fn carry_out(errand: &impl Errand) -> Result<ExitCode> {
    let site = Site::at(errand.data(), None);
    if let Some(code) = ask(&site)? {
        return Ok(code);
    }
    let config = Config::read(&site.config_file())?;
    let chart = site.chart(&config, "")?;
    let oauth = crate::client::server(&config, &chart, "")?;
    let done = at_desk(errand, &Held { site: &site, config: &config, chart: &chart, oauth: &oauth }, std::env::current_dir().unwrap_or_default(), true);
    site.anchor(&chart)?;
    chart.close()?;
    let (code, out) = done?;
    print!("{out}");
    Ok(ExitCode::from(code))
}

/// What whoever opened the store holds.
#[derive(Clone, Copy)]
struct Held<'h> {
    site: &'h Site,
    config: &'h Config,
    chart: &'h Chart,
    oauth: &'h oauth::Server,
}

fn at_desk(errand: &impl Errand, held: &Held<'_>, folder: PathBuf, is_here: bool) -> Result<(u8, String)> {
    let Held { site, config, chart, oauth } = *held;
    let mut desk = Desk { site, config, chart, oauth, folder, is_here, out: String::new() };
    let code = errand.act(&mut desk)?;
    Ok((code, desk.out))
}

/// Asks the server that holds the site to carry out the command this process was started with. None
/// where there is no server.
fn ask(site: &Site) -> Result<Option<ExitCode>> {
    let Ok(mut stream) = Stream::connect(site.socket_file()) else { return Ok(None) };
    let words = std::env::args_os().skip(1).map(|word| word.into_string()).collect::<std::result::Result<_, _>>();
    let Ok(words) = words else { bail!("a word of the command is not UTF-8; stop the server, or give another path") };
    let question = Question { version: VERSION, folder: std::env::current_dir().unwrap_or_default(), words };
    let mut line = serde_json::to_string(&question)?;
    line.push('\n');
    if line.len() as u64 > LONGEST {
        bail!("the command is too long: {} bytes, and at most {LONGEST} are read. A reason has at most 500 characters.", line.len());
    }
    let failed = "the server that holds the site did not answer; look at its log, or stop it";
    stream.write_all(line.as_bytes()).context(failed)?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).context(failed)?;
    if line.is_empty() {
        bail!("{failed}");
    }
    let answer: Answer = serde_json::from_str(&line).context("the server that holds the site answered something else than this program understands; use the program the server was started with")?;
    print!("{}", answer.out);
    eprint!("{}", answer.err);
    Ok(Some(ExitCode::from(answer.code)))
}

/// Answers commands until told to stop.
pub async fn serve(site: Site, config: Config, chart: Chart, oauth: Arc<oauth::Server>, mut stopped: watch::Receiver<bool>) {
    let listener = match listen(&site) {
        Ok(listener) => listener,
        Err(cause) => {
            tracing::warn!("commands cannot reach this server: {cause:#}");
            return;
        }
    };
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    tokio::spawn(receive(stream, site.clone(), config.clone(), chart.clone(), oauth.clone()));
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            },
            _ = stopped.changed() => break,
        }
    }
    let _ = fs::remove_file(site.socket_file());
}

fn listen(site: &Site) -> Result<UnixListener> {
    let file = site.socket_file();
    // We hold the store: a socket that lies there is one of a server that was killed.
    let _ = fs::remove_file(&file);
    let listener = UnixListener::bind(&file).with_context(|| format!("could not listen on {}", file.display()))?;
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).with_context(|| format!("could not close {} to others", file.display()))?;
    Ok(listener)
}

/// The user of this process, and the machine's administrator.
fn may_ask(stream: &UnixStream) -> bool {
    stream.peer_cred().is_ok_and(|peer| peer.uid() == 0 || peer.uid() == rustix::process::geteuid().as_raw())
}

async fn receive(stream: UnixStream, site: Site, config: Config, chart: Chart, oauth: Arc<oauth::Server>) {
    if !may_ask(&stream) {
        return;
    }
    let (reading, mut writing) = stream.into_split();
    let mut line = String::new();
    let mut reader = tokio::io::BufReader::new(reading.take(LONGEST));
    let read = tokio::time::timeout(PATIENCE, reader.read_line(&mut line)).await;
    if !matches!(read, Ok(Ok(length)) if length > 0) {
        return;
    }
    let (told, waiting) = oneshot::channel();
    // A thread of its own: a rotation may take minutes, and nobody is to wait for it.
    std::thread::spawn(move || {
        let _ = told.send(answer(&line, &Held { site: &site, config: &config, chart: &chart, oauth: &oauth }));
    });
    let Ok(answer) = waiting.await else { return };
    if let Ok(mut text) = serde_json::to_string(&answer) {
        text.push('\n');
        // Whoever hung up needs no answer.
        let _ = writing.write_all(text.as_bytes()).await;
    }
}

fn answer(line: &str, held: &Held<'_>) -> Answer {
    match carry_out_for(line, held) {
        Ok((code, out)) => Answer { version: VERSION, code, out, err: String::new() },
        Err(cause) => Answer { version: VERSION, code: 2, out: String::new(), err: format!("carnet: {cause:#}\n") },
    }
}

fn carry_out_for(line: &str, held: &Held<'_>) -> Result<(u8, String)> {
    let question: Question = serde_json::from_str(line).context("the question is not one")?;
    if question.version != VERSION {
        bail!("the server speaks version {VERSION} of the admin socket, the command version {}; use the program the server was started with", question.version);
    }
    let words = std::iter::once("carnet".to_owned()).chain(question.words);
    let command = Carnet::try_parse_from(words).context("the server does not know this command; use the program it was started with")?.command;
    let folder = question.folder;
    match command {
        Command::Backup(errand) => at_desk(&errand, held, folder, false),
        Command::Client(errand) => at_desk(&errand, held, folder, false),
        Command::User(errand) => at_desk(&errand, held, folder, false),
        Command::Keys(errand) => at_desk(&errand, held, folder, false),
        Command::Hold(errand) => at_desk(&errand, held, folder, false),
        Command::HandOver(errand) => at_desk(&errand, held, folder, false),
        Command::TakeIn(errand) => at_desk(&errand, held, folder, false),
        Command::Erase(errand) => at_desk(&errand, held, folder, false),
        Command::Agreement(errand) => at_desk(&errand, held, folder, false),
        Command::Forms(errand) => at_desk(&errand, held, folder, false),
        Command::Doctor(errand) => at_desk(&errand, held, folder, false),
        _ => bail!("this command needs the store for itself; stop the server first"),
    }
}

/// True if a server answers for the site.
pub fn is_served(site: &Site) -> bool {
    Stream::connect(site.socket_file()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_that_are_none_are_refused_with_a_reason() {
        let folder = tempfile::tempdir().unwrap();
        let site = Site::at(&folder.path().join("site"), None);
        let config = Config::default();
        site.create(&config).unwrap();
        let chart = site.chart(&config, "").unwrap();
        let oauth = oauth::Server::new(chart.drawer("oauth"), "", chart.now());
        let held = Held { site: &site, config: &config, chart: &chart, oauth: &oauth };
        for (line, words) in [
            ("", "not one"),
            ("{}", "not one"),
            (r#"{"version":2,"folder":"/","words":[]}"#, "version"),
            (r#"{"version":1,"folder":"/","words":["fly"]}"#, "does not know"),
            (r#"{"version":1,"folder":"/","words":["synth","--country","mx","--people","1","--out","x"]}"#, "for itself"),
        ] {
            let answer = answer(line, &held);
            assert!(answer.code == 2 && answer.err.contains(words), "{line}: {}", answer.err);
        }
        let told = answer(r#"{"version":1,"folder":"/","words":["keys","status","--data","elsewhere"]}"#, &held);
        assert!(told.code == 0 && told.out.contains("Institution key"), "{}{}", told.out, told.err);
        chart.close().unwrap();
    }
}
