//! The worker that takes files in: fetched, unpacked, cut into lines, handed to the door.
//!
//! * Memory is bounded: a file passes in pieces, and the door has taken one batch of lines before
//!   the next is read.
//! * A file that breaks off is fetched again and its settled lines are passed over; after so many
//!   attempts without progress it is given up, and its list of errors says so.
//! * Who fetches is told from outside ([`Fetcher`]): here is no socket. An answer other than the
//!   file itself, a redirect too, is never followed.

mod lines;

use bytes::Bytes;
use chart::{Chart, IntakeLine, IntakeStep};
use fhir::{Issue, IssueCode};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use lines::Lines;
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

/// Jobs worked on at the same time; the others wait.
const AT_ONCE: usize = 2;
/// Lines and bytes handed over together.
const BATCH_LINES: usize = 256;
const BATCH_BYTES: usize = 512 << 10;
/// A batch that is not full is handed over after so long, so that progress shows.
const BATCH_AGE: Duration = Duration::from_secs(2);
/// How often to look whether a silent source speaks again, and whether anybody still waits for it.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How often to look for jobs, should nobody say that one was begun.
const JOBS_EVERY: Duration = Duration::from_secs(30);
/// The longest wait between two attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// What a fetcher brings back.
pub struct Fetched {
    /// The status of the answer.
    pub status: u16,
    /// What the other side calls this state of the file: its ETag, or when it was changed.
    pub tag: Option<String>,
    /// The file, piece by piece; or why it broke off, in general words.
    pub pieces: BoxStream<'static, Result<Bytes, &'static str>>,
}

/// A file that is being asked for; or why there is no answer, in general words.
pub type Fetching<'f> = Pin<Box<dyn Future<Output = Result<Fetched, &'static str>> + Send + 'f>>;

/// Fetches files. Never follows a redirect and never tries twice.
pub trait Fetcher: Send + Sync {
    /// Asks for the file at an address.
    fn fetch(&self, address: String) -> Fetching<'_>;
}

/// How much the worker takes, and how patient it is.
#[derive(Clone, Copy, Debug)]
pub struct IntakeLimits {
    /// The most a file may hold, unpacked.
    pub file_bytes: u64,
    /// How long one fetch of a file may last.
    pub file_time: Duration,
    /// How long a source may be silent.
    pub silence: Duration,
    /// The longest line.
    pub line_bytes: usize,
    /// The wait after a first failure; each further one is twice as long, up to a minute.
    pub first_wait: Duration,
    /// After so many failures without a line between them a file is given up.
    pub attempts: u32,
}

impl Default for IntakeLimits {
    fn default() -> IntakeLimits {
        IntakeLimits {
            file_bytes: 64 << 30,
            file_time: Duration::from_secs(12 * 3600),
            silence: Duration::from_secs(60),
            line_bytes: 64 << 20,
            first_wait: Duration::from_secs(1),
            attempts: 6,
        }
    }
}

/// Takes in what imports ask for.
#[derive(Clone)]
pub struct Intaker {
    /// The door.
    pub chart: Chart,
    /// Who fetches.
    pub fetcher: Arc<dyn Fetcher>,
    /// How much, how patiently.
    pub limits: IntakeLimits,
}

/// How the reading of a file ended.
enum End {
    /// At its end.
    Read,
    /// Nobody wants more of it, or the server stops.
    Unwanted,
    /// Another attempt may do better.
    Broken(String),
    /// No attempt will.
    Refused(Issue),
}

impl Intaker {
    /// Works until told to stop. What is under way goes on after the next start.
    pub async fn run(self, mut stopped: watch::Receiver<bool>) {
        let mut tasks: HashMap<String, JoinHandle<()>> = HashMap::new();
        let bench = Arc::new(Semaphore::new(AT_ONCE));
        let mut begun = self.chart.intakes_begun();
        while !*stopped.borrow() {
            begun.borrow_and_update();
            tasks.retain(|_, task| !task.is_finished());
            match self.chart.intakes() {
                Ok(ids) => {
                    for id in ids {
                        tasks.entry(id.clone()).or_insert_with(|| tokio::spawn(self.clone().one(id, bench.clone(), stopped.clone())));
                    }
                }
                Err(cause) => tracing::error!("imports could not be read: {cause}"),
            }
            tokio::select! {
                _ = begun.changed() => {}
                () = tokio::time::sleep(JOBS_EVERY) => {}
                _ = stopped.changed() => {}
            }
        }
        for (_, task) in tasks {
            let _ = task.await;
        }
    }

    async fn one(self, id: String, bench: Arc<Semaphore>, mut stopped: watch::Receiver<bool>) {
        let _place = tokio::select! {
            place = bench.acquire_owned() => place,
            _ = stopped.changed() => return,
        };
        if let Err(cause) = self.work(&id, &mut stopped).await {
            tracing::error!(job = id, "an import broke down: {cause}");
            // If even this cannot be written, the next start goes on with the job.
            let _ = self.chart.fail_intake(&id, &cause.to_string());
        }
    }

    async fn work(&self, id: &str, stopped: &mut watch::Receiver<bool>) -> chart::Result<()> {
        // Whoever could say stop is gone: that is one, too.
        while !*stopped.borrow() && stopped.has_changed().is_ok() {
            match self.chart.intake_step(id)? {
                None => return Ok(()),
                Some(IntakeStep::Retry) => self.chart.retry_intake(id).await?,
                Some(IntakeStep::Fetch { file, .. }) => self.file(id, file, stopped).await?,
            }
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    /// Reads one file, as often as it takes.
    async fn file(&self, id: &str, file: usize, stopped: &mut watch::Receiver<bool>) -> chart::Result<()> {
        let (mut failures, mut wait, mut reached, mut failed) = (0, self.limits.first_wait, 0, None::<String>);
        loop {
            let Some(IntakeStep::Fetch { file: due, url, lines, tag }) = self.chart.intake_step(id)? else { return Ok(()) };
            if due != file {
                return Ok(());
            }
            if lines > reached {
                (failures, wait, reached) = (0, self.limits.first_wait, lines);
            }
            if let Some(cause) = failed.take().filter(|_| failures >= self.limits.attempts) {
                let message = format!("Given up after {failures} attempts: {cause}. {}", so_far(lines));
                return self.chart.end_intake_file(id, file, Some(Issue::error(IssueCode::Incomplete, "", message)));
            }
            let cause = match self.attempt(id, file, &url, lines, tag.as_deref(), stopped).await? {
                End::Unwanted => return Ok(()),
                End::Read => return self.chart.end_intake_file(id, file, None),
                End::Refused(issue) => return self.chart.end_intake_file(id, file, Some(issue)),
                End::Broken(cause) => cause,
            };
            failures += 1;
            tracing::warn!(job = id, file = file + 1, failures, "a file of an import was not read to its end: {cause}");
            failed = Some(cause);
            if failures < self.limits.attempts && tokio::time::timeout(wait, stopped.changed()).await.is_ok() {
                return Ok(());
            }
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    async fn attempt(&self, id: &str, file: usize, url: &str, settled: u64, known: Option<&str>, stopped: &mut watch::Receiver<bool>) -> chart::Result<End> {
        if let Err(issue) = self.chart.may_be_fetched(url) {
            return Ok(End::Refused(issue));
        }
        let began = Instant::now();
        let fetched = match tokio::time::timeout(self.limits.silence, self.fetcher.fetch(url.to_owned())).await {
            Ok(Ok(fetched)) => fetched,
            Ok(Err(cause)) => return Ok(End::Broken(cause.to_owned())),
            Err(_elapsed) => return Ok(End::Broken(self.silence())),
        };
        let refused = |code, message: String| Ok(End::Refused(Issue::error(code, "", message)));
        match fetched.status {
            200 => {}
            300..=399 => return refused(IssueCode::Security, "The source answered with a redirect; redirects are never followed. Name the address the file lies at.".to_owned()),
            408 | 425 | 429 | 500..=599 => return Ok(End::Broken(format!("the source answered with status {}", fetched.status))),
            status => return refused(IssueCode::NotFound, format!("The source answered with status {status} in place of the file. {}", so_far(settled))),
        }
        if settled > 0 && known.is_some() && fetched.tag.as_deref() != known {
            return refused(IssueCode::Conflict, format!("The file was changed while it was read. {} Import it again.", so_far(settled)));
        }
        let tag = fetched.tag.as_deref().filter(|tag| tag.len() <= 512 && !tag.contains('\n'));
        let mut pieces = fetched.pieces;
        let mut lines = Lines::new(self.limits.line_bytes, self.limits.file_bytes);
        let mut batch = Batch::default();
        let mut heard = Instant::now();
        loop {
            let piece = tokio::select! {
                piece = tokio::time::timeout(LOOK_EVERY.min(self.limits.silence), pieces.next()) => piece,
                _ = stopped.changed() => return Ok(End::Unwanted),
            };
            let is_end = matches!(piece, Ok(None));
            let (mut found, mut broken) = (Vec::new(), None);
            let mut unpacked = Ok(());
            match piece {
                Ok(Some(Ok(piece))) => {
                    heard = Instant::now();
                    unpacked = lines.push(&piece, &mut found);
                }
                Ok(None) => unpacked = lines.end(&mut found),
                Ok(Some(Err(cause))) => broken = Some(cause.to_owned()),
                Err(_elapsed) => broken = (heard.elapsed() >= self.limits.silence).then(|| self.silence()),
            }
            for line in found.into_iter().filter(|line| line.number > settled) {
                batch.add(line);
                if batch.is_full() && !self.chart.take_in(id, file, tag, &batch.take()).await? {
                    return Ok(End::Unwanted);
                }
            }
            let is_due = is_end || unpacked.is_err() || broken.is_some() || batch.age() > BATCH_AGE;
            if is_due && !batch.lines.is_empty() && !self.chart.take_in(id, file, tag, &batch.take()).await? {
                return Ok(End::Unwanted);
            }
            if let Some(cause) = broken {
                return Ok(End::Broken(cause));
            }
            match unpacked {
                Ok(()) if is_end => return Ok(End::Read),
                Ok(()) => {}
                Err(lines::Trouble::TooLarge) => {
                    let message = format!("The file holds more than the {} bytes this server takes of one; what lies before is taken in. Cut it into several, or ask the operator for more (import_file_mib).", self.limits.file_bytes);
                    return refused(IssueCode::TooLong, message);
                }
                Err(lines::Trouble::Packed) => return Ok(End::Broken("what it sent is no gzip that could be unpacked to its end".to_owned())),
            }
            if began.elapsed() > self.limits.file_time {
                let message = "The file took longer than this server gives one (import_file_hours); what was read is taken in. Cut it into several.";
                return refused(IssueCode::Timeout, message.to_owned());
            }
            // A slow source is not waited for when nobody wants the file any more.
            if batch.lines.is_empty() && self.chart.intake_step(id)?.is_none() {
                return Ok(End::Unwanted);
            }
        }
    }

    fn silence(&self) -> String {
        format!("the source was silent for {} seconds", self.limits.silence.as_secs_f32().ceil())
    }
}

fn so_far(lines: u64) -> String {
    match lines {
        0 => "None of its lines was taken.".to_owned(),
        lines => format!("Its first {lines} lines are settled."),
    }
}

/// Lines that go to the door together.
#[derive(Default)]
struct Batch {
    lines: Vec<IntakeLine>,
    bytes: usize,
    began: Option<Instant>,
}

impl Batch {
    fn add(&mut self, line: IntakeLine) {
        self.began.get_or_insert_with(Instant::now);
        self.bytes += line.text.as_ref().map_or(0, Vec::len);
        self.lines.push(line);
    }

    fn is_full(&self) -> bool {
        self.lines.len() >= BATCH_LINES || self.bytes >= BATCH_BYTES
    }

    fn age(&self) -> Duration {
        self.began.map_or(Duration::ZERO, |began| began.elapsed())
    }

    fn take(&mut self) -> Vec<IntakeLine> {
        (self.bytes, self.began) = (0, None);
        std::mem::take(&mut self.lines)
    }
}
