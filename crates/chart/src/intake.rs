//! Bulk import: files that lie elsewhere, taken into the record line by line.
//! <https://github.com/smart-on-fhir/bulk-import/blob/master/import.md>
//!
//! * A job is a list of files and how far each has come. Its note is written after the lines it
//!   counts, and a line that comes twice changes nothing: whoever goes on after the plug was pulled
//!   loses nothing and doubles nothing.
//! * A line goes through the same door as any write, with the rights of whoever asked. Of what is
//!   refused the place and the reasons are kept, never the content.
//! * What names something that has not arrived is put aside, sealed, and tried again when all
//!   files are read, until nothing moves.
//! * Only the account that asked for a job sees it; to everybody else it is not there.
//! * Nothing here fetches: the lines come from outside.

mod aside;
mod job;

pub use job::{IntakeFile, IntakeRequest, IntakeResult, IntakeState};

use std::collections::BTreeMap;

use access::{Act, Caller, Decision, Subject};
use fhir::{Document, Issue, IssueCode, RecordId, ResourceType, Severity};
use tokio::sync::watch;

use crate::arrivals;
use crate::bulk::{INTAKES, MOST_JOBS};
use crate::door::Chart;
use crate::error::{Error, Result};
use crate::import::{Arrival, Imported, Importer};
use crate::origin::{is_listed, is_overheard, origin};
use aside::Piece;
use job::{Job, Turn};

/// Files of one job: their progress is written down after every few lines.
const MOST_FILES: usize = 500;
/// Refused lines of one file; after so many it is not worth reading on.
const MOST_REJECTED: u64 = 100_000;

/// Tells those who fetch that there is something to fetch.
pub(crate) struct Bell(watch::Sender<u64>);

impl Default for Bell {
    fn default() -> Bell {
        Bell(watch::Sender::new(0))
    }
}

/// What a job wants next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum IntakeStep {
    /// The lines of a file.
    Fetch {
        /// Which of the job's files.
        file: usize,
        /// Where it lies.
        url: String,
        /// Lines that are settled: passed over when it is read again.
        lines: u64,
        /// What its server called this state of it, if it was read before.
        tag: Option<String>,
    },
    /// A try with what was put aside: [`Chart::retry_intake`].
    Retry,
}

/// A line of a file.
pub struct IntakeLine {
    /// From 1.
    pub number: u64,
    /// As it came, unpacked; none where it is longer than a line may be.
    pub text: Option<Vec<u8>>,
}

/// A line that was refused, or a file that could not be read.
pub struct Rejected {
    /// From 1; none where the file as a whole is meant.
    pub line: Option<u64>,
    /// Why. Positions are those in the file.
    pub issues: Vec<Issue>,
}

impl Chart {
    /// Begins a job; its id. Every address must be one the operator allows.
    pub fn begin_intake(&self, caller: &Caller, request: IntakeRequest) -> Result<String> {
        self.check_outlives(caller, |grant| grant.is_whole(Act::Write))?;
        // Whoever may write what belongs to nobody is a connected system or the operator's own hand.
        if access::decide(caller, Act::Write, Subject::Shared(RecordId(0))) == Decision::Hide {
            return Err(Error::Forbidden);
        }
        if request.files.is_empty() || request.files.len() > MOST_FILES {
            let message = format!("An import names 1 to {MOST_FILES} files, each as an input with type and url; begin another for more.");
            return Err(Error::Malformed(vec![Issue::error(IssueCode::Required, "input", message)]));
        }
        for (number, file) in request.files.iter().enumerate() {
            self.may_be_fetched(&file.url).map_err(|issue| Error::Refused(vec![Issue { expression: format!("input[{number}]"), ..issue }]))?;
        }
        self.forget_old_intakes()?;
        let all = INTAKES.ids(self.store())?;
        let own = all.iter().filter_map(|id| self.kept_intake(id).transpose()).filter(|job| job.as_ref().is_ok_and(|(_, job)| job.owner.account == caller.account.number));
        if own.count() >= MOST_JOBS {
            return Err(Error::Conflict("this account has as many imports as it may; delete one"));
        }
        let id = self.new_job_id();
        INTAKES.write(self.store(), &id, &Job::new(caller, request, self.now()).bytes())?;
        INTAKES.list(self.store(), &id, true)?;
        self.inner.bell.0.send_modify(|count| *count += 1);
        Ok(id)
    }

    /// Changes whenever an import was begun.
    pub fn intakes_begun(&self) -> watch::Receiver<u64> {
        self.inner.bell.0.subscribe()
    }

    /// The jobs that want something, after a restart too.
    pub fn intakes(&self) -> Result<Vec<String>> {
        self.forget_old_intakes()?;
        let mut waiting = Vec::new();
        for id in INTAKES.ids(self.store())? {
            if self.intake_step(&id)?.is_some() {
                waiting.push(id);
            }
        }
        Ok(waiting)
    }

    /// What a job wants next; none where it is over or was ended.
    pub fn intake_step(&self, id: &str) -> Result<Option<IntakeStep>> {
        Ok(self.kept_intake(id)?.and_then(|(_, job)| job.step()))
    }

    /// Why nothing may be fetched from an address, if so. The operator may have changed the list since the job began.
    pub fn may_be_fetched(&self, address: &str) -> std::result::Result<(), Issue> {
        let wrong = |code, message: &str| Err(Issue::error(code, "", message));
        let Some(origin) = origin(address) else {
            return wrong(IssueCode::Value, "The address is one as https://system.example/Patient.ndjson, without user, fragment or spaces.");
        };
        if !is_listed(&origin, &self.inner.settings.import_sources) {
            return wrong(IssueCode::Security, "This server fetches nothing from that origin. Its operator can allow it: import_sources in carnet.toml.");
        }
        if is_overheard(&origin) {
            return wrong(IssueCode::Security, "Files of other machines are fetched by https only.");
        }
        Ok(())
    }

    /// Takes in the next lines of a file, which was in the state called `tag`. False where no more of
    /// this file is wanted: the job was ended, or too much was refused.
    pub async fn take_in(&self, id: &str, file: usize, tag: Option<&str>, lines: &[IntakeLine]) -> Result<bool> {
        let Some((before, mut job)) = self.kept_intake(id)? else { return Ok(false) };
        let Some(kind) = job.files.get(file).map(|progress| progress.kind) else { return Ok(false) };
        let reached = lines.last().map_or(0, |line| line.number);
        let texts: Vec<Arriving<'_>> = lines.iter().map(|line| Arriving { kind, file: file as u32, line: line.number, text: line.text.as_deref() }).collect();
        let fates = self.fates(&job.owner.caller_at(self)?, &texts, Turn::Early).await?;
        let settled = self.settle_lines(id, &mut job, &texts, fates)?;
        let progress = &mut job.files[file];
        progress.lines = progress.lines.max(reached);
        progress.tag = tag.map(str::to_owned);
        let is_hopeless = progress.rejected >= MOST_REJECTED;
        if is_hopeless {
            progress.is_read = true;
            let message = format!("{MOST_REJECTED} lines of this file were refused; nothing after line {reached} was read. Mend the file and import it again: what was taken in stays as it is.");
            self.refuse(id, &mut job, file, vec![Piece::refused(file as u32, None, &[Issue::error(IssueCode::TooCostly, "", message)])])?;
        }
        job.aside.moved |= settled;
        Ok(self.goes_on(id, &before, &job)? && !is_hopeless)
    }

    /// A file was read to its end, or could not be, and why.
    pub fn end_intake_file(&self, id: &str, file: usize, trouble: Option<Issue>) -> Result<()> {
        let Some((before, mut job)) = self.kept_intake(id)? else { return Ok(()) };
        let Some(progress) = job.files.get_mut(file) else { return Ok(()) };
        progress.is_read = true;
        if let Some(issue) = trouble {
            self.refuse(id, &mut job, file, vec![Piece::refused(file as u32, None, &[issue])])?;
        }
        self.goes_on(id, &before, &job).map(drop)
    }

    /// Tries some of what was put aside once more, or begins the next round.
    pub async fn retry_intake(&self, id: &str) -> Result<()> {
        let Some((before, mut job)) = self.kept_intake(id)? else { return Ok(()) };
        let aside = &mut job.aside;
        // What the step before has settled is not needed any more; only now is its progress on disk.
        if let Some(done) = aside.next.checked_sub(1) {
            self.drop_pieces(&aside.name(id, aside.round.wrapping_sub(1), done))?;
        }
        if aside.next == aside.of {
            match aside.notes {
                0 => job.ended = Some(self.now()),
                _ => aside.begin_round(),
            }
        } else {
            let pieces = self.pieces(&aside.name(id, aside.round - 1, aside.next))?;
            let turn = aside.turn;
            aside.next += 1;
            aside.lines = aside.lines.saturating_sub(pieces.len() as u64);
            let kind_of = |file: u32| job.files.get(file as usize).map(|progress| progress.kind);
            let texts: Vec<Arriving<'_>> =
                pieces.iter().filter_map(|piece| Some(Arriving { kind: kind_of(piece.file)?, file: piece.file, line: piece.line, text: Some(&piece.bytes) })).collect();
            let fates = self.fates(&job.owner.caller_at(self)?, &texts, turn).await?;
            let moved = self.settle_lines(id, &mut job, &texts, fates)?;
            job.aside.moved |= moved;
        }
        self.goes_on(id, &before, &job).map(drop)
    }

    /// A job that cannot go on, and why.
    pub fn fail_intake(&self, id: &str, why: &str) -> Result<()> {
        let Some((before, mut job)) = self.kept_intake(id)? else { return Ok(()) };
        job.failure = Some(why.lines().next().unwrap_or_default().to_owned());
        job.ended = Some(self.now());
        self.goes_on(id, &before, &job).map(drop)
    }

    /// What became of a job. Hidden from everybody but the account that began it.
    pub fn intake(&self, caller: &Caller, id: &str) -> Result<(IntakeRequest, IntakeState)> {
        let job = self.own_intake(caller, id)?;
        Ok((job.request(), job.state()))
    }

    /// A part of what was refused of a file; none after the last.
    pub fn intake_rejects(&self, caller: &Caller, id: &str, file: usize, part: u32) -> Result<Option<Vec<Rejected>>> {
        let job = self.own_intake(caller, id)?;
        let progress = job.files.get(file).filter(|progress| progress.rejected > 0).ok_or(Error::NotFound)?;
        if part >= progress.notes {
            return Ok(None);
        }
        let pieces = self.pieces(&job::rejects_name(id, file, part))?;
        Ok(Some(pieces.into_iter().map(Piece::into_rejected).collect()))
    }

    /// Ends a job. What was taken in stays.
    pub fn end_intake(&self, caller: &Caller, id: &str) -> Result<()> {
        let job = self.own_intake(caller, id)?;
        self.forget_intake(id, &job)
    }

    /// Looks at lines together and tells what became of each.
    async fn fates(&self, caller: &Caller, lines: &[Arriving<'_>], turn: Turn) -> Result<Vec<Fate>> {
        let read: Vec<_> = lines.iter().map(|line| self.read_line(line)).collect();
        let mut arrived: Vec<Arrival<'_>> = Vec::with_capacity(lines.len());
        let mut counts = Vec::with_capacity(lines.len());
        for document in &read {
            let before = arrived.len();
            if let Ok(document) = document {
                arrived.extend(in_a_line(document));
            }
            counts.push(arrived.len() - before);
        }
        let importer = Importer { keep_flawed: false, more_to_come: turn == Turn::Early };
        let mut all = self.import_in_order(caller, &arrived, importer).await?.into_iter();
        let mut fates = Vec::with_capacity(lines.len());
        for (document, count) in read.iter().zip(counts) {
            let became: Vec<Imported> = all.by_ref().take(count).collect();
            fates.push(match document {
                Ok(_) => Fate::of(became, turn),
                Err(issues) => Fate::Rejected(issues.clone()),
            });
        }
        Ok(fates)
    }

    fn read_line<'l>(&self, line: &Arriving<'l>) -> std::result::Result<Document<'l>, Vec<Issue>> {
        let Some(text) = line.text else {
            let message = format!("The line is longer than the {} bytes this server takes at once.", self.inner.settings.limits.size_bytes);
            return Err(vec![Issue::error(IssueCode::TooLong, "", message)]);
        };
        let document = Document::read_bytes(text, self.inner.settings.limits).map_err(|cause| {
            let message = format!("The line is no JSON that could be read: {} (column {}).", cause.problem, cause.column);
            vec![Issue { severity: Severity::Fatal, ..Issue::error(IssueCode::Structure, cause.element.clone(), message) }]
        })?;
        let found = document.root().string("resourceType").and_then(|name| ResourceType::named(&name));
        match found {
            Some(found) if found == line.kind => Ok(document),
            Some(found) => Err(vec![Issue::error(IssueCode::Invalid, "resourceType", format!("The file was announced as {}, and this is a {found}; announce it as what it holds.", line.kind))]),
            None => Err(vec![Issue::error(IssueCode::Invalid, "resourceType", "This is no resource of FHIR R4: its resourceType is missing or unknown.")]),
        }
    }

    /// Counts what was taken, keeps what was refused, puts aside what waits. True where something moved.
    fn settle_lines(&self, id: &str, job: &mut Job, lines: &[Arriving<'_>], fates: Vec<Fate>) -> Result<bool> {
        let mut waits = Vec::new();
        let mut refused: BTreeMap<u32, Vec<Piece>> = BTreeMap::new();
        let mut moved = false;
        for (line, fate) in lines.iter().zip(fates) {
            match fate {
                Fate::Kept => {
                    job.files[line.file as usize].taken += 1;
                    moved = true;
                }
                Fate::Waits => waits.push(Piece { file: line.file, line: line.line, bytes: line.text.unwrap_or_default().to_vec() }),
                Fate::Rejected(issues) => refused.entry(line.file).or_default().push(Piece::refused(line.file, Some(line.line), &issues)),
            }
        }
        for (file, pieces) in refused {
            self.refuse(id, job, file as usize, pieces)?;
        }
        if !waits.is_empty() {
            let round = job.aside.round;
            let (notes, new) = self.add_pieces(&|note| job::aside_name(id, round, note), job.aside.notes, waits)?;
            job.aside.notes = notes;
            job.aside.lines += new;
        }
        Ok(moved)
    }

    fn refuse(&self, id: &str, job: &mut Job, file: usize, pieces: Vec<Piece>) -> Result<()> {
        let progress = &mut job.files[file];
        let (notes, new) = self.add_pieces(&|note| job::rejects_name(id, file, note), progress.notes, pieces)?;
        progress.notes = notes;
        progress.rejected += new;
        Ok(())
    }

    /// Writes a job down; false, and nothing is left of it, where it was ended meanwhile.
    fn goes_on(&self, id: &str, before: &[u8], job: &Job) -> Result<bool> {
        if INTAKES.replace(self.store(), id, before, &job.bytes())? {
            return Ok(true);
        }
        if self.kept_intake(id)?.is_none() {
            self.forget_pieces(id, job)?;
        }
        Ok(false)
    }

    fn kept_intake(&self, id: &str) -> Result<Option<(Vec<u8>, Job)>> {
        let Some(note) = INTAKES.read(self.store(), id)? else { return Ok(None) };
        let job = Job::read(&note).ok_or(Error::Store(store::Error::Damaged("an import's note could not be read")))?;
        Ok(Some((note, job)))
    }

    fn own_intake(&self, caller: &Caller, id: &str) -> Result<Job> {
        let now = self.now();
        let kept = self.kept_intake(id)?.map(|(_, job)| job);
        kept.filter(|job| job.owner.account == caller.account.number && !job.is_expired(now)).ok_or(Error::NotFound)
    }

    fn forget_old_intakes(&self) -> Result<()> {
        let now = self.now();
        for id in INTAKES.ids(self.store())? {
            match self.kept_intake(&id)? {
                Some((_, job)) if job.is_expired(now) => self.forget_intake(&id, &job)?,
                Some(_) => {}
                None => INTAKES.forget(self.store(), &id)?,
            }
        }
        Ok(())
    }

    fn forget_intake(&self, id: &str, job: &Job) -> Result<()> {
        INTAKES.forget(self.store(), id)?;
        self.forget_pieces(id, job)
    }
}

/// A line on its way in.
struct Arriving<'l> {
    kind: ResourceType,
    file: u32,
    line: u64,
    text: Option<&'l [u8]>,
}

/// What became of a line.
enum Fate {
    Kept,
    Waits,
    Rejected(Vec<Issue>),
}

impl Fate {
    /// A line is kept when all it carries is. One that is tried again does no harm to what is kept already.
    fn of(became: Vec<Imported>, turn: Turn) -> Fate {
        let (mut waits, mut wrong) = (Vec::new(), Vec::new());
        for one in became {
            match one {
                Imported::Kept { .. } => {}
                Imported::Waiting(issues) => waits.extend(issues),
                Imported::Rejected(issues) => wrong.extend(issues),
            }
        }
        match (wrong.is_empty(), waits.is_empty()) {
            (false, _) => Fate::Rejected(wrong),
            (true, true) => Fate::Kept,
            (true, false) if turn == Turn::Last => Fate::Rejected(waits),
            (true, false) => Fate::Waits,
        }
    }
}

/// A transaction or a batch is an act and carried out entry by entry, as an export tells deletions;
/// everything else, other Bundles too, is a resource to be kept.
fn in_a_line<'d>(document: &'d Document<'_>) -> Vec<Arrival<'d>> {
    let root = document.root();
    let is_act = root.string("resourceType").as_deref() == Some("Bundle") && matches!(root.string("type").as_deref(), Some("transaction" | "batch"));
    if is_act { arrivals::of(root) } else { vec![arrivals::whole(root)] }
}
