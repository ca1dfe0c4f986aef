//! An import as it lies on disk: a sealed note of lines, each a word and its value.
//!
//! * What a line means never changes; lines that are not known are passed over.

use access::Caller;
use fhir::{Moment, ResourceType};

use super::IntakeStep;
use crate::bulk::{Owner, expiry};

/// One file to be fetched.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IntakeFile {
    /// What all its lines are.
    pub kind: ResourceType,
    /// Where it lies.
    pub url: String,
}

/// What was asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IntakeRequest {
    /// The files, in any order.
    pub files: Vec<IntakeFile>,
    /// Who the data comes from, if it was said: an address of no further meaning.
    pub source: String,
    /// The address of the request, for the manifest.
    pub address: String,
}

/// How far a job is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum IntakeState {
    /// Under way.
    Working {
        /// Files that were read.
        files_read: usize,
        /// All files.
        files: usize,
        /// Lines looked at.
        lines: u64,
        /// Lines that wait for something that has not arrived.
        waiting: u64,
        /// Refused so far.
        rejected: u64,
    },
    /// Over.
    Ended {
        /// When it ended.
        at: Moment,
        /// Until when it may be asked about.
        expires: Moment,
        /// What became of each file.
        files: Vec<IntakeResult>,
    },
    /// It broke down, and why.
    Failed(String),
}

/// What became of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IntakeResult {
    /// The file.
    pub file: IntakeFile,
    /// Lines whose resources are in the record.
    pub taken: u64,
    /// What was refused: lines, and the file itself where it could not be read to its end.
    pub rejected: u64,
}

/// How far a file is.
pub(super) struct Progress {
    pub kind: ResourceType,
    url: String,
    pub tag: Option<String>,
    /// Lines that are settled or put aside.
    pub lines: u64,
    pub taken: u64,
    pub rejected: u64,
    /// Notes that hold what was refused.
    pub notes: u32,
    pub is_read: bool,
}

/// How patient a job still is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Turn {
    /// More may come.
    Early,
    /// Nothing more comes: what has no home because its subject never arrived is taken as it is.
    Late,
    /// What still waits is refused.
    Last,
}

/// What waits for something that has not arrived.
pub(super) struct Aside {
    /// The round whose notes are being written; those of the round before are being read.
    pub round: u32,
    /// Notes of this round.
    pub notes: u32,
    /// The next note of the round before, and how many there are.
    pub next: u32,
    pub of: u32,
    /// Something was taken in this round.
    pub moved: bool,
    pub turn: Turn,
    /// How many lines wait.
    pub lines: u64,
}

impl Aside {
    /// All notes of a round were tried: those that were written meanwhile are due.
    pub fn begin_round(&mut self) {
        if self.round > 0 && !self.moved {
            self.turn = if self.turn == Turn::Early { Turn::Late } else { Turn::Last };
        }
        (self.round, self.of, self.notes, self.next, self.moved) = (self.round + 1, self.notes, 0, 0, false);
    }

    /// What a note is called.
    pub fn name(&self, id: &str, round: u32, note: u32) -> String {
        aside_name(id, round, note)
    }
}

pub(super) struct Job {
    pub owner: Owner,
    address: String,
    source: String,
    pub files: Vec<Progress>,
    pub aside: Aside,
    pub ended: Option<Moment>,
    pub failure: Option<String>,
}

impl Job {
    pub fn new(caller: &Caller, request: IntakeRequest, began: Moment) -> Job {
        let file = |file: IntakeFile| Progress { kind: file.kind, url: file.url, tag: None, lines: 0, taken: 0, rejected: 0, notes: 0, is_read: false };
        Job { owner: Owner::of(caller, began), address: request.address, source: request.source, files: request.files.into_iter().map(file).collect(), ..Job::empty() }
    }

    fn empty() -> Job {
        let aside = Aside { round: 0, notes: 0, next: 0, of: 0, moved: false, turn: Turn::Early, lines: 0 };
        Job { owner: Owner::nobody(), address: String::new(), source: String::new(), files: Vec::new(), aside, ended: None, failure: None }
    }

    /// Files whose resources others name come first: that saves waiting, and any order ends in the same record.
    pub fn step(&self) -> Option<IntakeStep> {
        if self.ended.is_some() {
            return None;
        }
        let due = self.files.iter().enumerate().filter(|(_, file)| !file.is_read).min_by_key(|(_, file)| rank(file.kind));
        Some(match due {
            Some((number, file)) => IntakeStep::Fetch { file: number, url: file.url.clone(), lines: file.lines, tag: file.tag.clone() },
            None => IntakeStep::Retry,
        })
    }

    pub fn request(&self) -> IntakeRequest {
        IntakeRequest { files: self.files.iter().map(Progress::file).collect(), source: self.source.clone(), address: self.address.clone() }
    }

    pub fn state(&self) -> IntakeState {
        let sum = |count: fn(&Progress) -> u64| self.files.iter().map(count).sum();
        match (&self.failure, self.ended) {
            (Some(why), _) => IntakeState::Failed(why.clone()),
            (None, Some(at)) => IntakeState::Ended {
                at,
                expires: expiry(at),
                files: self.files.iter().map(|file| IntakeResult { file: file.file(), taken: file.taken, rejected: file.rejected }).collect(),
            },
            (None, None) => IntakeState::Working {
                files_read: self.files.iter().filter(|file| file.is_read).count(),
                files: self.files.len(),
                lines: sum(|file| file.lines),
                waiting: self.aside.lines,
                rejected: sum(|file| file.rejected),
            },
        }
    }

    /// A job under way does not expire: it ends.
    pub fn is_expired(&self, now: Moment) -> bool {
        self.ended.is_some_and(|at| expiry(at) <= now)
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut text = self.owner.lines();
        // No value begins a line of its own.
        let mut line = |word: &str, value: String| text.push_str(&format!("{word} {}\n", value.replace(['\n', '\r'], " ")));
        line("address", self.address.clone());
        line("source", self.source.clone());
        for file in &self.files {
            let read = if file.is_read { "read" } else { "due" };
            line("file", format!("{} {} {} {} {} {read} {}", file.kind, file.lines, file.taken, file.rejected, file.notes, file.url));
            file.tag.iter().for_each(|tag| line("tag", tag.clone()));
        }
        let (aside, moved) = (&self.aside, if self.aside.moved { "moved" } else { "still" });
        let turn = match aside.turn {
            Turn::Early => "early",
            Turn::Late => "late",
            Turn::Last => "last",
        };
        line("aside", format!("{} {} {} {} {moved} {turn} {}", aside.round, aside.notes, aside.next, aside.of, aside.lines));
        self.ended.iter().for_each(|at| line("ended", at.0.to_string()));
        self.failure.iter().for_each(|why| line("failed", why.clone()));
        text.into_bytes()
    }

    pub fn read(bytes: &[u8]) -> Option<Job> {
        let text = std::str::from_utf8(bytes).ok()?;
        let mut job = Job::empty();
        for line in text.lines() {
            let (word, value) = line.split_once(' ').unwrap_or((line, ""));
            match word {
                "address" => job.address = value.to_owned(),
                "source" => job.source = value.to_owned(),
                "file" => job.files.push(Progress::read(value)?),
                "tag" => job.files.last_mut()?.tag = Some(value.to_owned()),
                "aside" => job.aside = read_aside(value)?,
                "ended" => job.ended = Some(Moment(value.parse().ok()?)),
                "failed" => job.failure = Some(value.to_owned()),
                _ => job.owner.learn(word, value)?,
            }
        }
        Some(job)
    }
}

impl Progress {
    fn file(&self) -> IntakeFile {
        IntakeFile { kind: self.kind, url: self.url.clone() }
    }

    fn read(value: &str) -> Option<Progress> {
        let mut parts = value.splitn(7, ' ');
        Some(Progress {
            kind: ResourceType::named(parts.next()?)?,
            lines: parts.next()?.parse().ok()?,
            taken: parts.next()?.parse().ok()?,
            rejected: parts.next()?.parse().ok()?,
            notes: parts.next()?.parse().ok()?,
            is_read: parts.next()? == "read",
            url: parts.next()?.to_owned(),
            tag: None,
        })
    }
}

fn read_aside(value: &str) -> Option<Aside> {
    let mut parts = value.split(' ');
    Some(Aside {
        round: parts.next()?.parse().ok()?,
        notes: parts.next()?.parse().ok()?,
        next: parts.next()?.parse().ok()?,
        of: parts.next()?.parse().ok()?,
        moved: parts.next()? == "moved",
        turn: match parts.next()? {
            "early" => Turn::Early,
            "late" => Turn::Late,
            _ => Turn::Last,
        },
        lines: parts.next()?.parse().ok()?,
    })
}

/// When a file is due.
fn rank(kind: ResourceType) -> u8 {
    match kind.name() {
        _ if fhir::home::is_shared(kind) => 0,
        "Patient" => 1,
        "Device" | "Encounter" => 2,
        "Provenance" | "List" | "Task" | "AppointmentResponse" | "EnrollmentResponse" | "Bundle" => 4,
        _ => 3,
    }
}

/// The note with what was put aside in a round.
pub(super) fn aside_name(id: &str, round: u32, note: u32) -> String {
    format!("bulk import {id} aside {round} {note}")
}

/// The note with what was refused of a file.
pub(super) fn rejects_name(id: &str, file: usize, note: u32) -> String {
    format!("bulk import {id} refused {file} {note}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_read_as_it_was_written_and_persons_come_before_what_names_them() {
        let kind = |name: &str| ResourceType::named(name).unwrap();
        let file = |name: &str| IntakeFile { kind: kind(name), url: format!("https://x.example/{name}.ndjson?a=b") };
        let request = IntakeRequest { files: ["Observation", "Patient", "Organization"].map(file).to_vec(), source: "https://x.example".into(), address: "http://y/fhir/$import".into() };
        let mut job = Job::new(&Owner::nobody().caller(), request.clone(), Moment(1));
        let due = |job: &Job| match job.step() {
            Some(IntakeStep::Fetch { file, .. }) => Some(file),
            _ => None,
        };
        assert_eq!(due(&job), Some(2));
        job.files[2].is_read = true;
        assert_eq!(due(&job), Some(1));
        (job.files[1].is_read, job.files[0].lines, job.files[0].taken, job.files[0].rejected, job.files[0].notes) = (true, 9, 6, 2, 1);
        (job.files[0].tag, job.aside.notes, job.aside.lines) = (Some("\"a b\"".into()), 3, 1);
        let mut read = Job::read(&job.bytes()).unwrap();
        assert_eq!((read.request(), read.owner), (request, job.owner));
        assert_eq!(read.state(), IntakeState::Working { files_read: 2, files: 3, lines: 9, waiting: 1, rejected: 2 });
        assert_eq!(read.step(), Some(IntakeStep::Fetch { file: 0, url: "https://x.example/Observation.ndjson?a=b".into(), lines: 9, tag: Some("\"a b\"".into()) }));
        read.files[0].is_read = true;
        assert_eq!(read.step(), Some(IntakeStep::Retry));
        let turns: Vec<Turn> = (0..4).map(|_| { read.aside.notes = 1; read.aside.begin_round(); read.aside.turn }).collect();
        assert_eq!(turns, [Turn::Early, Turn::Late, Turn::Last, Turn::Last]);
        let mut odd = Job::read(&read.bytes()).unwrap();
        odd.source = "https://x.example\naccount 1".into();
        assert_eq!(Job::read(&odd.bytes()).unwrap().owner, job.owner);
        read.ended = Some(Moment(5));
        assert!(Job::read(&read.bytes()).unwrap().step().is_none() && !read.is_expired(Moment(6)) && read.is_expired(expiry(Moment(5))));
    }
}
