//! Importing inside this process: files in, records on disk.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::Instant;

use access::{Account, Caller, Purpose, Role, Session};
use anyhow::{Context, Result, bail};
use chart::{Arrival, Chart, Clock, Imported, Importer, Settings};
use fhir::{Document, Moment, Value};
use seal::InstitutionKey;
use store::Store;
use store_rocks::{Options, Rocks};

use crate::people::files;
use crate::process::own_cpu_seconds;
use crate::sheet::Sheet;

/// Import Bundles through the door, durably, in this process, and tell the rate.
#[derive(clap::Args)]
pub struct Import {
    /// The folder of the site; made where there is none.
    #[arg(long)]
    data: PathBuf,
    /// The binary that makes it.
    #[arg(long)]
    carnet: PathBuf,
    /// Bundles under way at once.
    #[arg(long, default_value_t = 8)]
    in_flight: usize,
    /// Keep what is not well formed, with its issues.
    #[arg(long)]
    keep_flawed: bool,
    /// Files or folders of Bundles.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// What the figures are called.
    #[arg(long, default_value = "import")]
    name: String,
    /// Where the figures go.
    #[arg(long)]
    sheet: PathBuf,
}

const COLUMNS: &str = "name,in_flight,bundles,resources,kept,waiting,rejected,bytes,seconds,resources_per_second,cpu_seconds,cpu_us_per_resource";

#[derive(Default)]
struct Counts {
    bundles: AtomicU64,
    kept: AtomicU64,
    waiting: AtomicU64,
    rejected: AtomicU64,
    bytes: AtomicU64,
}

impl Import {
    /// Imports everything once.
    pub fn run(self) -> Result<()> {
        if !self.data.join("record").exists() {
            let status = Command::new(&self.carnet).args(["init", "--data"]).arg(&self.data).stdout(Stdio::null()).status()?;
            if !status.success() {
                bail!("`carnet init` ended with {status}");
            }
        }
        let files = files(&self.paths)?;
        let chart = open(&self.data)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let counts = Arc::new(Counts::default());
        let cpu = own_cpu_seconds();
        let began = Instant::now();
        runtime.block_on(self.all(&chart, files, &counts))?;
        let seconds = began.elapsed().as_secs_f64();
        let cpu = own_cpu_seconds() - cpu;
        chart.close()?;
        let [bundles, kept, waiting, rejected, bytes] = [&counts.bundles, &counts.kept, &counts.waiting, &counts.rejected, &counts.bytes].map(|count| count.load(Relaxed));
        let resources = kept + waiting + rejected;
        let line = format!(
            "{},{},{bundles},{resources},{kept},{waiting},{rejected},{bytes},{seconds:.2},{:.0},{cpu:.2},{:.2}",
            self.name,
            self.in_flight,
            kept as f64 / seconds,
            cpu * 1e6 / kept as f64
        );
        Sheet::new(&self.sheet, COLUMNS).line(&line)
    }

    async fn all(&self, chart: &Chart, files: Vec<PathBuf>, counts: &Arc<Counts>) -> Result<()> {
        let (files, next) = (Arc::new(files), Arc::new(AtomicUsize::new(0)));
        // Places first and alone: persons refer to them by identifier.
        let first = files.iter().take_while(|file| !is_person(file)).count();
        for file in &files[..first] {
            one(chart, file, self.keep_flawed, counts).await?;
        }
        next.store(first, Relaxed);
        let mut workers = tokio::task::JoinSet::new();
        for _ in 0..self.in_flight {
            let (chart, files, next, counts, keep_flawed) = (chart.clone(), files.clone(), next.clone(), counts.clone(), self.keep_flawed);
            workers.spawn(async move {
                while let Some(file) = files.get(next.fetch_add(1, Relaxed)) {
                    one(&chart, file, keep_flawed, &counts).await?;
                }
                anyhow::Ok(())
            });
        }
        while let Some(done) = workers.join_next().await {
            done??;
        }
        Ok(())
    }
}

fn is_person(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    !(name.starts_with("0000") || name.starts_with("hospitalInformation") || name.starts_with("practitionerInformation"))
}

async fn one(chart: &Chart, file: &Path, keep_flawed: bool, counts: &Counts) -> Result<()> {
    let text = std::fs::read_to_string(file).with_context(|| format!("could not read {}", file.display()))?;
    let document = Document::read(&text).with_context(|| format!("{} is no JSON", file.display()))?;
    let arrivals: Vec<Arrival<'_>> = document.root().get("entry").into_iter().flat_map(|entries| entries.items()).map(arrival).collect();
    for fate in chart.import(&console(chart), &arrivals, Importer { keep_flawed, ..Importer::default() }).await? {
        let count = match fate {
            Imported::Kept { .. } => &counts.kept,
            Imported::Waiting(_) => &counts.waiting,
            Imported::Rejected(_) => &counts.rejected,
        };
        count.fetch_add(1, Relaxed);
    }
    counts.bundles.fetch_add(1, Relaxed);
    counts.bytes.fetch_add(text.len() as u64, Relaxed);
    Ok(())
}

/// An entry of a Bundle as the import wants it.
pub fn arrival(entry: Value<'_>) -> Arrival<'_> {
    let request = entry.get("request");
    let text = |name: &str| request.and_then(|request| request.string(name)).map(|text| text.into_owned());
    Arrival {
        body: entry.get("resource"),
        full_url: entry.string("fullUrl").map(|url| url.into_owned()),
        method: text("method"),
        url: text("url"),
        if_none_exist: text("ifNoneExist"),
    }
}

/// The door on the store of a site, with the options the binary uses.
pub fn open(data: &Path) -> Result<Chart> {
    let mut name = data.file_name().context("the folder has no name")?.to_owned();
    name.push("-key");
    let key_file = data.with_file_name(name).join("institution.key");
    let key = InstitutionKey::from_file_text(&std::fs::read_to_string(&key_file).with_context(|| format!("could not read {}", key_file.display()))?)?;
    let record = Rocks::open(&data.join("record"), &Options::default())?;
    let keyring = Rocks::open(&data.join("keyring"), &Options::small())?;
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).context("the system gave no random bytes")?;
    let store = Store::open(Arc::new(record), Arc::new(keyring), &key, seed)?;
    Ok(Chart::open(store, Arc::new(SystemClock), Settings::default())?)
}

struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "a measurement has no other door for time")]
    fn now(&self) -> Moment {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Moment(since.map_or(0, |since| since.as_millis() as i64))
    }
}

/// Who imports.
pub fn console(chart: &Chart) -> Caller {
    Caller {
        account: Account { number: 0, login: "bench".to_owned(), display: "Measurement".to_owned(), role: Role::Console, institution: String::new(), language: "en".to_owned() },
        purpose: Purpose::Operations,
        session: Session { number: 0, began: chart.now() },
        grant: None,
    }
}
