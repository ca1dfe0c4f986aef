//! `carnet log witness`: a witness for logs of others, apart from the sites it watches.
//!
//! * It holds a key of its own and, of each log, how far it saw it. It signs a log only where that
//!   adds to what it saw, and what it signs is on its disk before the answer leaves.
//! * It needs nothing of a site: no key, no store, no account. Who has the site and all its keys
//!   has not this one.
//! * It is to run elsewhere, under somebody else. <https://c2sp.org/tlog-witness>

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use ledger::{Key, Seen, Unwitnessed, WitnessKey, claimed_log, cosign};
use parking_lot::Mutex;
use seal::Signer;

use crate::site::{make_new_private_folder, sync_folder, write_private};
use crate::system;

/// A proof has at most 63 hashes, a note some signatures.
const LONGEST: usize = 64 * 1024;

/// Watch logs of others, and sign that they only grow.
#[derive(clap::Args)]
pub struct Witness {
    #[command(subcommand)]
    act: Act,
}

#[derive(clap::Subcommand)]
enum Act {
    /// Make the folder of a witness, with a key of its own; prints the public key that sites name in `[[witness]]`.
    Init {
        /// The folder of the witness: not one of a site.
        #[arg(long)]
        folder: PathBuf,
        /// What the witness is called, as witness.example/one.
        #[arg(long)]
        name: String,
    },
    /// Watch a log from now on.
    Add {
        /// The folder of the witness.
        #[arg(long)]
        folder: PathBuf,
        /// The public key of the log, as `carnet log key` prints it.
        #[arg(long)]
        key: String,
    },
    /// Print the public key, and how far each log was seen.
    List {
        /// The folder of the witness.
        #[arg(long)]
        folder: PathBuf,
    },
    /// Answer sites until told to stop: POST /add-checkpoint.
    Serve {
        /// The folder of the witness.
        #[arg(long)]
        folder: PathBuf,
        /// Where to listen; for others than this machine behind something that speaks TLS.
        #[arg(long, default_value = "127.0.0.1:8090")]
        listen: SocketAddr,
    },
}

impl Witness {
    /// Does it.
    pub fn run(self) -> Result<ExitCode> {
        match self.act {
            Act::Init { folder, name } => {
                if name.is_empty() || name.contains(['+', '\n']) || name.contains(char::is_whitespace) {
                    bail!("a witness is called as an address without its scheme, as witness.example/one: no white space and no +");
                }
                make_new_private_folder(&folder)?;
                let seed = system::seed()?;
                let hex: String = seed.iter().map(|byte| format!("{byte:02x}")).collect();
                write_private(&folder.join("witness.key"), &format!("carnet-witness-1 {name} {hex}\n"))?;
                sync_folder(&folder)?;
                println!("{}", Watcher::open(&folder)?.key.text());
            }
            Act::Add { folder, key } => {
                let key = Key::read(&key)?;
                let watcher = Watcher::open(&folder)?;
                if watcher.read(&key.name)?.is_some() {
                    bail!("the log {} is watched already", key.name);
                }
                watcher.keep(&key, &Seen::nothing())?;
                println!("{}: watched from now on; the first checkpoint it brings is believed.", key.name);
            }
            Act::List { folder } => {
                let watcher = Watcher::open(&folder)?;
                println!("{}", watcher.key.text());
                for (name, (_, seen)) in watcher.all()? {
                    println!("{name}\t{}", seen.size);
                }
            }
            Act::Serve { folder, listen } => serve(Watcher::open(&folder)?, listen)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// A witness with its key, and the folder of what it saw. One process at a time.
struct Watcher {
    folder: PathBuf,
    key: WitnessKey,
    signer: Signer,
    /// Held as long as this is: two that sign at once could sign two histories.
    _lock: File,
    one_at_a_time: Mutex<()>,
}

impl Watcher {
    fn open(folder: &Path) -> Result<Watcher> {
        let file = folder.join("witness.key");
        let text = fs::read_to_string(&file).with_context(|| format!("could not read {}; `carnet log witness init` makes one", file.display()))?;
        let damaged = || format!("{} is not the key of a witness", file.display());
        let mut words = text.split_whitespace();
        let (Some("carnet-witness-1"), Some(name), Some(hex), None) = (words.next(), words.next(), words.next(), words.next()) else { bail!(damaged()) };
        let mut seed = [0; 32];
        if hex.len() != 64 || !hex.is_ascii() {
            bail!(damaged());
        }
        for (place, byte) in seed.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&hex[2 * place..2 * place + 2], 16).with_context(damaged)?;
        }
        let lock = File::options().create(true).truncate(false).write(true).open(folder.join("lock")).context("the folder of the witness cannot be written to")?;
        if lock.try_lock().is_err() {
            bail!("another process works with {}; a witness that signs twice is none", folder.display());
        }
        let signer = Signer::of_seed(seed);
        let key = WitnessKey { name: name.to_owned(), public: signer.public_key() };
        Ok(Watcher { folder: folder.to_owned(), key, signer, _lock: lock, one_at_a_time: Mutex::new(()) })
    }

    /// The file of a log: named by a digest, since a name may hold a slash.
    fn file(&self, log: &str) -> PathBuf {
        let digest: String = ledger::sha256(log.as_bytes())[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        self.folder.join(format!("{digest}.log"))
    }

    /// The key of a log and what was seen of it; none where it is not watched.
    fn read(&self, log: &str) -> Result<Option<(Key, Seen)>> {
        let file = self.file(log);
        match fs::read_to_string(&file) {
            Ok(text) => read_state(&text).filter(|(key, _)| key.name == log).map(Some).with_context(|| format!("{} is damaged; bring back a copy: a witness that forgot is none", file.display())),
            Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(cause).with_context(|| format!("could not read {}", file.display())),
        }
    }

    fn all(&self) -> Result<BTreeMap<String, (Key, Seen)>> {
        let mut all = BTreeMap::new();
        for entry in fs::read_dir(&self.folder).context("the folder of the witness cannot be read")? {
            let path = entry?.path();
            if path.extension().is_some_and(|ending| ending == "log") {
                let text = fs::read_to_string(&path)?;
                let (key, seen) = read_state(&text).with_context(|| format!("{} is damaged", path.display()))?;
                all.insert(key.name.clone(), (key, seen));
            }
        }
        Ok(all)
    }

    /// On disk before this returns.
    fn keep(&self, key: &Key, seen: &Seen) -> Result<()> {
        let file = self.file(&key.name);
        let new = file.with_extension("new");
        let _ = fs::remove_file(&new);
        let root: String = seen.root.iter().map(|byte| format!("{byte:02x}")).collect();
        write_private(&new, &format!("{}\n{}\n{root}\n", key.text(), seen.size))?;
        fs::rename(&new, &file).with_context(|| format!("could not keep {}", file.display()))?;
        sync_folder(&self.folder)
    }

    /// What a site is answered.
    fn answer(&self, request: &str) -> Result<Result<String, Unwitnessed>> {
        let _one = self.one_at_a_time.lock();
        let Some(log) = claimed_log(request) else { return Ok(Err(Unwitnessed::Unlike)) };
        let Some((key, seen)) = self.read(log)? else { return Ok(Err(Unwitnessed::UnknownLog)) };
        let checkpoint = match ledger::witness(request, &key, &seen) {
            Ok(checkpoint) => checkpoint,
            Err(why) => {
                if why == Unwitnessed::Forked {
                    eprintln!("REFUSED: the log {log} does not add to the {} entries seen before. Something in it was changed, dropped or reordered. Keep this witness's folder: it is the evidence.", seen.size);
                }
                return Ok(Err(why));
            }
        };
        self.keep(&key, &Seen { size: checkpoint.size, root: checkpoint.root })?;
        let now_s = u64::try_from(chart::Clock::now(&system::SystemClock).0 / 1000).unwrap_or(0);
        Ok(Ok(cosign(&checkpoint, &self.key, now_s, |text| self.signer.sign(text))))
    }
}

fn read_state(text: &str) -> Option<(Key, Seen)> {
    let mut lines = text.lines();
    let key = Key::read(lines.next()?).ok()?;
    let size = lines.next()?.parse().ok()?;
    let hex = lines.next().filter(|hex| hex.len() == 64 && hex.is_ascii())?;
    let mut root = [0; 32];
    for (place, byte) in root.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&hex[2 * place..2 * place + 2], 16).ok()?;
    }
    Some((key, Seen { size, root }))
}

fn serve(watcher: Watcher, listen: SocketAddr) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().context("no threads could be started")?;
    let router = Router::new().route("/add-checkpoint", post(add)).layer(DefaultBodyLimit::max(LONGEST)).with_state(Arc::new(watcher));
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(listen).await.with_context(|| format!("could not listen on {listen}"))?;
        println!("The witness listens on http://{}", listener.local_addr()?);
        axum::serve(listener, router).with_graceful_shutdown(crate::serve::told_to_stop()).await.context("the witness stopped")
    })
}

async fn add(State(watcher): State<Arc<Watcher>>, request: String) -> Response {
    let answered = tokio::task::spawn_blocking(move || watcher.answer(&request)).await;
    let refuse = |status: StatusCode, text: &'static str| (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response();
    match answered {
        Ok(Ok(Ok(line))) => (StatusCode::OK, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], line).into_response(),
        Ok(Ok(Err(why))) => match why {
            Unwitnessed::Unlike => refuse(StatusCode::BAD_REQUEST, "The request is not one of c2sp.org/tlog-witness.\n"),
            Unwitnessed::TooOld => refuse(StatusCode::BAD_REQUEST, "The old size is larger than the checkpoint.\n"),
            Unwitnessed::UnknownLog => refuse(StatusCode::NOT_FOUND, "This log is not watched here.\n"),
            Unwitnessed::NotSigned => refuse(StatusCode::FORBIDDEN, "The checkpoint is not signed by its log.\n"),
            Unwitnessed::Elsewhere(size) => (StatusCode::CONFLICT, [(header::CONTENT_TYPE, "text/x.tlog.size")], format!("{size}\n")).into_response(),
            Unwitnessed::Forked => refuse(StatusCode::UNPROCESSABLE_ENTITY, "The log does not add to what was seen of it before.\n"),
        },
        Ok(Err(cause)) => {
            eprintln!("carnet: {cause:#}");
            refuse(StatusCode::INTERNAL_SERVER_ERROR, "The witness failed.\n")
        }
        Err(_) => refuse(StatusCode::INTERNAL_SERVER_ERROR, "The witness failed.\n"),
    }
}
