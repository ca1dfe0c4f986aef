//! A job as it lies on disk: a sealed note of lines, each a word and its value.
//!
//! * What a line means never changes; lines that are not known are passed over.

use std::collections::BTreeMap;

use access::Caller;
use fhir::{Moment, RecordId, ResourceType};
use store::Tick;

use super::ledger::{EXPORTS, Owner, expiry};
use crate::agreement::WAITS_MS;
use crate::door::Chart;
use crate::error::{Error, Result};

/// What is exported.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BulkLevel {
    /// Everything.
    System,
    /// What lies in the records of patients.
    Patients,
    /// The same of the members of a Group.
    Group(String),
}

/// What was asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BulkRequest {
    /// Of whom.
    pub level: BulkLevel,
    /// Only these types; empty for all.
    pub types: Vec<ResourceType>,
    /// Only versions written at or after this moment.
    pub since: Option<Moment>,
    /// `_typeFilter`: `Observation?code=…`, not decoded.
    pub filters: Vec<String>,
    /// `_elements`, as it was asked.
    pub elements: String,
    /// The address of the request, for the manifest.
    pub address: String,
    /// The moment of the export; set when it begins.
    pub at: Tick,
}

/// How far a job is.
#[derive(Clone, PartialEq, Debug)]
pub enum BulkState {
    /// A second person has to agree first.
    Waiting,
    /// The second person declined.
    Declined,
    /// Being counted; from 0 to 1.
    Counting(f64),
    /// Ready: for each shard and type how many resources, and for each shard how many deletions.
    Ready {
        /// Resources.
        files: BTreeMap<(u8, ResourceType), u64>,
        /// Deletions since the moment asked for.
        deleted: BTreeMap<u8, u64>,
        /// Until when it may be fetched.
        expires: Moment,
    },
    /// It broke down, and why.
    Failed(String),
}

/// What a job failed with that was declined.
pub(super) const DECLINED: &str = "declined";

pub(crate) struct Job {
    pub owner: Owner,
    /// A second person has to agree first.
    pub waits: bool,
    pub request: BulkRequest,
    pub after: Option<RecordId>,
    part: f64,
    files: BTreeMap<(u8, ResourceType), u64>,
    deleted: BTreeMap<u8, u64>,
    is_counted: bool,
    failure: Option<String>,
}

impl Job {
    pub fn new(caller: &Caller, request: BulkRequest, began: Moment) -> Job {
        Job {
            owner: Owner::of(caller, began),
            waits: false,
            request,
            after: None,
            part: 0.0,
            files: BTreeMap::new(),
            deleted: BTreeMap::new(),
            is_counted: false,
            failure: None,
        }
    }

    pub fn is_counted(&self) -> bool {
        self.is_counted || self.failure.is_some()
    }

    pub fn state(&self) -> BulkState {
        match (&self.failure, self.is_counted) {
            (Some(why), _) if why == DECLINED => BulkState::Declined,
            (Some(why), _) => BulkState::Failed(why.clone()),
            (None, _) if self.waits => BulkState::Waiting,
            (None, true) => BulkState::Ready { files: self.files.clone(), deleted: self.deleted.clone(), expires: self.expires() },
            _ => BulkState::Counting(self.part),
        }
    }

    pub fn expires(&self) -> Moment {
        if self.waits { Moment(self.owner.began.0.saturating_add(WAITS_MS)) } else { expiry(self.owner.began) }
    }

    pub fn count(&mut self, shard: u8, kind: ResourceType, is_deleted: bool) {
        match is_deleted {
            true => *self.deleted.entry(shard).or_default() += 1,
            false => *self.files.entry((shard, kind)).or_default() += 1,
        }
    }

    pub fn reach(&mut self, record: RecordId, part: f64) {
        (self.after, self.part) = (Some(record), part);
    }

    pub fn finish(&mut self) {
        (self.is_counted, self.part) = (true, 1.0);
    }

    pub fn fail(&mut self, why: &str) {
        self.failure = Some(why.lines().next().unwrap_or_default().to_owned());
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut text = self.owner.lines();
        text.push_str(&format!("at {}\n", self.request.at.0));
        match &self.request.level {
            BulkLevel::System => text.push_str("level system\n"),
            BulkLevel::Patients => text.push_str("level patients\n"),
            BulkLevel::Group(id) => text.push_str(&format!("level group {id}\n")),
        }
        // No value begins a line of its own.
        let mut line = |word: &str, value: String| text.push_str(&format!("{word} {}\n", value.replace(['\n', '\r'], " ")));
        self.request.types.iter().for_each(|kind| line("type", kind.name().to_owned()));
        self.request.filters.iter().for_each(|filter| line("filter", filter.clone()));
        self.request.since.iter().for_each(|since| line("since", since.0.to_string()));
        line("elements", self.request.elements.clone());
        line("address", self.request.address.clone());
        self.after.iter().for_each(|after| line("after", after.0.to_string()));
        line("part", self.part.to_string());
        self.files.iter().for_each(|((shard, kind), count)| line("file", format!("{shard} {} {count}", kind.name())));
        self.deleted.iter().for_each(|(shard, count)| line("deleted", format!("{shard} {count}")));
        if self.is_counted {
            line("counted", "yes".to_owned());
        }
        if self.waits {
            line("waits", "yes".to_owned());
        }
        self.failure.iter().for_each(|why| line("failed", why.clone()));
        text.into_bytes()
    }

    fn read(bytes: &[u8]) -> Option<Job> {
        let text = std::str::from_utf8(bytes).ok()?;
        let request = BulkRequest { level: BulkLevel::System, types: Vec::new(), since: None, filters: Vec::new(), elements: String::new(), address: String::new(), at: Tick(0) };
        let mut job = Job {
            owner: Owner::nobody(),
            waits: false,
            request,
            after: None,
            part: 0.0,
            files: BTreeMap::new(),
            deleted: BTreeMap::new(),
            is_counted: false,
            failure: None,
        };
        for line in text.lines() {
            let (word, value) = line.split_once(' ').unwrap_or((line, ""));
            let mut parts = value.split(' ');
            match word {
                "at" => job.request.at = Tick(value.parse().ok()?),
                "level" => {
                    job.request.level = match (parts.next()?, parts.next()) {
                        ("system", None) => BulkLevel::System,
                        ("patients", None) => BulkLevel::Patients,
                        ("group", Some(id)) => BulkLevel::Group(id.to_owned()),
                        _ => return None,
                    }
                }
                "type" => job.request.types.push(ResourceType::named(value)?),
                "filter" => job.request.filters.push(value.to_owned()),
                "since" => job.request.since = Some(Moment(value.parse().ok()?)),
                "elements" => job.request.elements = value.to_owned(),
                "address" => job.request.address = value.to_owned(),
                "after" => job.after = Some(RecordId(value.parse().ok()?)),
                "part" => job.part = value.parse().ok()?,
                "file" => {
                    let (shard, kind) = (parts.next()?.parse().ok()?, ResourceType::named(parts.next()?)?);
                    job.files.insert((shard, kind), parts.next()?.parse().ok()?);
                }
                "deleted" => {
                    job.deleted.insert(parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
                }
                "counted" => job.is_counted = true,
                "waits" => job.waits = true,
                "failed" => job.failure = Some(value.to_owned()),
                _ => job.owner.learn(word, value)?,
            }
        }
        Some(job)
    }
}

impl Chart {
    pub(super) fn kept_job(&self, id: &str) -> Result<Option<Job>> {
        let note = EXPORTS.read(self.store(), id)?;
        note.map(|note| Job::read(&note).ok_or(Error::Store(store::Error::Damaged("an export's note could not be read")))).transpose()
    }

    pub(super) fn keep_job(&self, id: &str, job: &Job) -> Result<()> {
        EXPORTS.write(self.store(), id, &job.bytes())
    }

    pub(super) fn own_job(&self, caller: &Caller, id: &str) -> Result<Job> {
        let now = self.now();
        self.kept_job(id)?.filter(|job| job.owner.account == caller.account.number && job.expires() > now).ok_or(Error::NotFound)
    }

    pub(super) fn forget_old_jobs(&self) -> Result<()> {
        let now = self.now();
        for id in EXPORTS.ids(self.store())? {
            if self.kept_job(&id)?.is_none_or(|job| job.expires() <= now) {
                EXPORTS.forget(self.store(), &id)?;
            }
        }
        Ok(())
    }

    pub(super) fn fail_job(&self, id: &str, why: &str) -> Result<()> {
        if let (Some(before), Some(mut job)) = (EXPORTS.read(self.store(), id)?, self.kept_job(id)?) {
            job.fail(why);
            // One that was ended meanwhile stays ended.
            EXPORTS.replace(self.store(), id, &before, &job.bytes())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_read_as_it_was_written() {
        let kind = |name: &str| ResourceType::named(name).unwrap();
        let request = BulkRequest {
            level: BulkLevel::Group("g-1".into()),
            types: vec![kind("Patient"), kind("Observation")],
            since: Some(Moment(5)),
            filters: vec!["Observation?code=a|b&status=final".into()],
            elements: "id,code".into(),
            address: "http://x/fhir/$export?_type=Patient".into(),
            at: Tick(77),
        };
        let mut job = Job::read(b"account 3\nrole integration\nsession 9\nbegan 1\n").unwrap();
        job.request = request.clone();
        job.count(2, kind("Observation"), false);
        job.count(2, kind("Observation"), false);
        job.count(1, kind("Observation"), true);
        job.reach(RecordId(123), 0.25);
        let mut read = Job::read(&job.bytes()).unwrap();
        assert_eq!((read.request.clone(), read.after, read.state(), read.owner), (request, Some(RecordId(123)), BulkState::Counting(0.25), job.owner));
        let mut odd = Job::read(&job.bytes()).unwrap();
        odd.request.filters = vec!["Observation?code=a\nlevel system\nwaits yes".into()];
        let odd = Job::read(&odd.bytes()).unwrap();
        assert_eq!((odd.request.level, odd.waits, odd.request.filters.len()), (BulkLevel::Group("g-1".into()), false, 1));
        read.finish();
        let BulkState::Ready { files, deleted, .. } = Job::read(&read.bytes()).unwrap().state() else { panic!("it is ready") };
        assert_eq!((files[&(2, kind("Observation"))], deleted[&1]), (2, 1));
    }
}
