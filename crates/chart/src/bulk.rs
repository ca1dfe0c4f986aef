//! Bulk export: everything of a site, of its patients or of a group, for another system.
//! <https://hl7.org/fhir/uv/bulkdata/export.html>
//!
//! * A job is what was asked for and a moment. Versions are never overwritten, so the record as
//!   of that moment is the export: no file is written that somebody could find, and a fetch that
//!   broke off is simply made again.
//! * Before it is ready a job is counted through once, record by record; where it is lies on disk,
//!   so a restart goes on there.
//! * A file is streamed in constant memory. Every person in it has an opening on disk before any of
//!   their resources leave.
//! * Only the account that asked for a job sees it; to everybody else it is not there.

mod job;
mod ledger;
mod walk;

pub use job::{BulkLevel, BulkRequest, BulkState};
pub(crate) use ledger::{EXPORTS, INTAKES, Owner, expiry};
pub(crate) use walk::Scope;

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::Arc;

use access::{Act, Caller, Disclosure};
use fhir::{Issue, IssueCode, RecordId, ResourceType};
use parking_lot::Mutex;
use search::Query;
use store::{Class, Method, Tick};
use tokio::sync::Semaphore;

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::stored::Stored;

/// Jobs counted at the same time; the others wait.
const AT_ONCE: usize = 2;
/// Records counted between two notes of where a job is.
const RECORDS: usize = 2048;
/// Bytes gathered before openings are written and lines handed out.
const GATHERED_BYTES: usize = 1 << 20;
/// How long a job may be fetched.
pub const LASTS_MS: i64 = 24 * 3_600_000;
/// Jobs one account may have.
pub(crate) const MOST_JOBS: usize = 20;

/// Who counts, and who waits.
pub(crate) struct Bench {
    places: Arc<Semaphore>,
    under_way: Mutex<HashSet<String>>,
}

impl Default for Bench {
    fn default() -> Bench {
        Bench { places: Arc::new(Semaphore::new(AT_ONCE)), under_way: Mutex::default() }
    }
}

/// That somebody counts a job, or waits to; over when this is dropped, whatever became of it.
struct UnderWay(Chart, String);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.inner.bench.under_way.lock().remove(&self.1);
    }
}

/// One step of a file.
pub struct BulkLines {
    /// Resources, each as it is stored.
    pub lines: Vec<Stored>,
    /// Where the next step begins; none after the last.
    pub next: Option<RecordId>,
}

impl Chart {
    /// Begins a job; its id. The request must have been read by [`Chart::bulk_filters`]. An export of
    /// the whole site waits until somebody agrees, where that takes two; `why` is told to them.
    pub async fn begin_bulk(&self, caller: &Caller, mut request: BulkRequest, why: &str) -> Result<String> {
        self.check_bulk(caller, &request.types)?;
        if access::decide(caller, Act::Export, access::Subject::Person(RecordId(0))) == access::Decision::Hide {
            return Err(Error::Forbidden);
        }
        self.bulk_filters(&request.filters)?;
        self.forget_old_jobs()?;
        let all = EXPORTS.ids(self.store())?;
        let own = all.into_iter().filter_map(|id| self.kept_job(&id).transpose()).filter(|job| job.as_ref().is_ok_and(|job| job.owner.account == caller.account.number));
        if own.count() >= MOST_JOBS {
            return Err(Error::Conflict("this account has as many exports as it may; delete one"));
        }
        let settled = self.inner.times.settled().await;
        request.at = settled;
        let id = self.new_job_id();
        let level = request.level.clone();
        let mut job = job::Job::new(caller, request, self.now());
        let is_whole = !matches!(level, BulkLevel::Group(_));
        job.waits = is_whole && self.needs_agreement()? && !self.use_standing_export(&caller.account, &level)?;
        self.keep_job(&id, &job)?;
        EXPORTS.list(self.store(), &id, true)?;
        if job.waits {
            self.ask_bulk(caller, &id, &level, why)?;
        } else {
            self.count_in_background(id.clone());
        }
        Ok(id)
    }

    /// A job goes on without the token that began it, and other tokens of the account find it: each
    /// must read all of its types.
    fn check_bulk(&self, caller: &Caller, types: &[ResourceType]) -> Result<()> {
        let all = |grant: &access::Grant| if types.is_empty() { grant.is_whole(Act::Read) } else { types.iter().all(|kind| grant.reads_all_of(*kind)) };
        self.check_outlives(caller, all)
    }

    /// Goes on with the jobs that a restart interrupted.
    pub fn resume_bulk(&self) -> Result<()> {
        self.forget_old_jobs()?;
        for id in EXPORTS.ids(self.store())? {
            if self.kept_job(&id)?.is_some_and(|job| !job.waits && !job.is_counted()) {
                self.count_in_background(id);
            }
        }
        Ok(())
    }

    /// What became of a job. Hidden from everybody but the account that began it.
    pub fn bulk(&self, caller: &Caller, id: &str) -> Result<(BulkRequest, BulkState)> {
        let job = self.own_job(caller, id)?;
        self.check_bulk(caller, &job.request.types)?;
        if !job.waits {
            self.check_codes(&job.request)?;
        }
        if !job.waits && !job.is_counted() {
            // Whoever agreed may have done so at a command line, which counts nothing.
            self.count_in_background(id.to_owned());
        }
        Ok((job.request.clone(), job.state()))
    }

    /// Ends a job: its files are no longer there.
    pub fn end_bulk(&self, caller: &Caller, id: &str) -> Result<()> {
        if self.own_job(caller, id)?.waits {
            match self.withdraw(&caller.account, id) {
                Err(Error::NotFound) => {}
                withdrawn => withdrawn?,
            }
        }
        EXPORTS.forget(self.store(), id)
    }

    /// The note of a job that waited, as it is and as it will be once somebody has agreed; none where it is gone.
    pub(crate) async fn released_job(&self, id: &str) -> Result<Option<(String, Vec<u8>, Vec<u8>)>> {
        // The record as of now is what is exported, not as of the day it was asked for.
        let settled = self.inner.times.settled().await;
        self.changed_job(id, |job| {
            job.waits = false;
            job.request.at = settled;
            job.owner.began = self.now();
        })
    }

    /// The same once somebody has declined.
    pub(crate) fn declined_job(&self, id: &str) -> Result<Option<(String, Vec<u8>, Vec<u8>)>> {
        self.changed_job(id, |job| {
            job.waits = false;
            job.fail(job::DECLINED);
        })
    }

    fn changed_job(&self, id: &str, change: impl FnOnce(&mut job::Job)) -> Result<Option<(String, Vec<u8>, Vec<u8>)>> {
        let (Some(before), Some(mut job)) = (EXPORTS.read(self.store(), id)?, self.kept_job(id)?.filter(|job| job.waits)) else { return Ok(None) };
        change(&mut job);
        Ok(Some((EXPORTS.name(id), before, job.bytes())))
    }

    /// Counts a job that has waited.
    pub(crate) fn go_on_with_job(&self, id: &str) {
        self.count_in_background(id.to_owned());
    }

    /// A step of one file of a job: resources of a type in a shard, or its deletions.
    pub async fn bulk_lines(&self, caller: &Caller, id: &str, kind: Option<ResourceType>, shard: u8, after: Option<RecordId>) -> Result<BulkLines> {
        let job = self.own_job(caller, id)?;
        self.check_bulk(caller, &job.request.types)?;
        if !job.is_counted() || shard >= self.store().shards() {
            return Err(Error::NotFound);
        }
        let (lines, rights, next) = {
            let set = self.permitted_set(caller, Act::Export)?;
            let scope = Scope::new(self, &set, &job.request)?;
            let mut gathered = (Vec::new(), Vec::new(), None);
            let mut bytes = 0;
            // Records are numbered shard by shard.
            let before_shard = (u64::from(shard) << 56).checked_sub(1).map(RecordId);
            scope.records(after.or(before_shard), shard, &mut |record, permitted| {
                let before = gathered.0.len();
                scope.entries(&permitted, kind, &mut |entry| {
                    bytes += entry.text.len();
                    gathered.0.push(Stored::from(entry));
                })?;
                if gathered.0.len() > before {
                    gathered.1.push(permitted);
                }
                if bytes < GATHERED_BYTES {
                    return Ok(ControlFlow::Continue(()));
                }
                gathered.2 = Some(record);
                Ok(ControlFlow::Break(()))
            })?;
            gathered
        };
        self.disclose(Disclosure::Export, rights).await?;
        Ok(BulkLines { lines, next })
    }

    /// Reads `_typeFilter`: conditions, each of one type. What looks beyond the resource is refused:
    /// every resource of the export is looked at once and alone.
    pub fn bulk_filters(&self, filters: &[String]) -> Result<Vec<Query>> {
        let mut queries = Vec::with_capacity(filters.len());
        for filter in filters {
            let wrong = |message: &str| Error::Malformed(vec![Issue::error(IssueCode::Value, "http._typeFilter", message)]);
            // A job is written down line by line: what began another one would be read as something else that was asked for.
            if filter.chars().any(char::is_control) {
                return Err(wrong("A filter is written on one line."));
            }
            let (name, condition) = filter.split_once('?').ok_or_else(|| wrong("Each filter is a search, as Observation?code=8480-6."))?;
            let kind = ResourceType::named(name).ok_or_else(|| wrong("A filter begins with a resource type of FHIR R4."))?;
            let query = Query::parse_condition(kind, condition, self.query_context()).map_err(Error::Malformed)?;
            if query.looks_beyond() {
                return Err(wrong("Chains, _has, _list and what lies below or above a place cannot filter an export; filter by what stands in the resource."));
            }
            queries.push(query);
        }
        Ok(queries)
    }

    /// Refuses an export whose filters go by codes where a code system or a value set was written since its moment: what
    /// is known of codes is known as it is now, and its files would not hold what was counted.
    fn check_codes(&self, request: &BulkRequest) -> Result<()> {
        if request.filters.is_empty() || !self.inner.shelf.codes_changed_since(request.at) {
            return Ok(());
        }
        // A filter that cannot be read any more went by a set that is gone.
        if self.bulk_filters(&request.filters).is_ok_and(|filters| !filters.iter().any(Query::reads_codes)) {
            return Ok(());
        }
        Err(Error::Conflict("a code system or a value set was changed since the export began, and a filter goes by codes; delete it and begin another"))
    }

    /// What a job is called: nobody guesses it.
    pub(crate) fn new_job_id(&self) -> String {
        self.store().random::<16>().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn count_in_background(&self, id: String) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if !self.inner.bench.under_way.lock().insert(id.clone()) {
            return;
        }
        let (chart, bench, under_way) = (self.clone(), self.inner.bench.places.clone(), UnderWay(self.clone(), id.clone()));
        runtime.spawn(async move {
            let _under_way = under_way;
            let Ok(_place) = bench.acquire_owned().await else { return };
            loop {
                match chart.count_on(&id) {
                    Ok(true) => tokio::task::yield_now().await,
                    Ok(false) => return,
                    Err(cause) => {
                        // If even this cannot be written, the next start goes on with the job.
                        let _ = chart.fail_job(&id, &cause.to_string());
                        return;
                    }
                }
            }
        });
    }

    /// Counts some records; false where there is no more to count.
    fn count_on(&self, id: &str) -> Result<bool> {
        let (Some(before), Some(mut job)) = (EXPORTS.read(self.store(), id)?, self.kept_job(id)?) else { return Ok(false) };
        if job.waits || job.is_counted() {
            return Ok(false);
        }
        let caller = job.owner.caller_at(self)?;
        let set = self.permitted_set(&caller, Act::Export)?;
        let request = job.request.clone();
        let scope = Scope::new(self, &set, &request)?;
        let (mut looked_at, mut last) = (0, None);
        scope.records(job.after, u8::MAX, &mut |record, permitted| {
            scope.counted(&permitted, &mut |kind, is_deleted| job.count(record.shard(), kind, is_deleted))?;
            (looked_at, last) = (looked_at + 1, Some(record));
            Ok(if looked_at < RECORDS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
        match last.filter(|_| looked_at == RECORDS) {
            Some(record) => job.reach(record, self.part_of(record)),
            None => job.finish(),
        }
        // Somebody may have ended it meanwhile: then it stays ended.
        Ok(EXPORTS.replace(self.store(), id, &before, &job.bytes())? && !job.is_counted())
    }

    /// How far a record is from the first, from 0 to 1.
    pub(crate) fn part_of(&self, record: RecordId) -> f64 {
        let within = (record.0 << 8) as f64 / u64::MAX as f64;
        (f64::from(record.shard()) + within) / f64::from(self.store().shards())
    }
}

/// An entry as an export sees it: deletions only where they are asked for.
pub(crate) fn is_deletion(method: Method) -> bool {
    method == Method::Delete
}

/// The class of records whose content belongs to a person.
pub(crate) fn is_persons(record: RecordId) -> bool {
    Class::of(record) == Class::Person
}

/// The moment of a job as its manifest tells it.
pub fn moment_of(at: Tick) -> fhir::Moment {
    at.moment()
}
