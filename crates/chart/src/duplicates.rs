//! The queue of persons who may be registered twice: each new Patient is compared with all others,
//! in the background, and a clerk decides.
//!
//! * New ones are found in the log, so none is missed across a restart; how far it came is a note.
//! * Nothing is shown to anybody by comparing. Whoever reads the queue opens both records.
//! * What a clerk has said are two persons is not asked again.
//! * A queue that is full takes no more, and the comparing waits until there is room.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use access::{Act, Caller, may_merge};
use fhir::{Document, ResourceType};
use mpi::{Grade, Person};
use store::{Location, Tick};

use crate::acts::reason;
use crate::door::Chart;
use crate::error::{Error, Result};
use crate::stored::{Method, Stored};
use crate::terminology::house;

/// How far the log was read: a tick for each shard, 8 bytes.
const SEEN: &str = "duplicates-seen";
/// The pairs that wait: lines of `id id grade`.
const QUEUE: &str = "duplicates-waiting";
/// Pairs that wait at most.
const MOST_WAITING: usize = 2_000;
/// Lines of the log read at once in each shard.
const MOST_LINES: usize = 2_000;
/// Patients compared by one call of [`Chart::look_for_duplicates`], and those that came in one commit with the last of them.
pub const COMPARED_AT_ONCE: u32 = 16;
/// How often a note that others change meanwhile is tried.
const TRIES: usize = 8;

/// Two who may be one.
#[derive(Clone, Debug)]
pub struct Suspects {
    /// The newer Patient.
    pub one: Stored,
    /// The other one.
    pub other: Stored,
    /// How likely it is.
    pub grade: Grade,
}

impl Chart {
    /// Compares some of the Patients that came since the last time. True where more may wait.
    pub async fn look_for_duplicates(&self) -> Result<bool> {
        let (settled, chart) = (self.inner.times.settled().await, self.clone());
        let done = tokio::task::spawn_blocking(move || chart.compare_newcomers(settled)).await;
        done.unwrap_or_else(|cause| std::panic::resume_unwind(cause.into_panic()))
    }

    /// The pairs that wait, the likeliest first, as far as the caller may see both; and how many there are.
    pub async fn duplicates(&self, caller: &Caller, most: usize) -> Result<(Vec<Suspects>, usize)> {
        if !may_merge(caller) {
            return Err(Error::Forbidden);
        }
        let mut waiting = self.waiting()?.1;
        waiting.sort_by(|one, other| rank(&other.2).cmp(&rank(&one.2)));
        let (mut found, mut settled) = (Vec::new(), BTreeSet::new());
        for (one, other, word) in &waiting {
            if found.len() == most {
                break;
            }
            if self.is_settled(one, other)? {
                settled.insert((one.clone(), other.clone()));
                continue;
            }
            let both = (self.read(caller, ResourceType::PATIENT, one).await, self.read(caller, ResourceType::PATIENT, other).await);
            match both {
                (Ok(one), Ok(other)) => found.push(Suspects { one, other, grade: if word == CERTAIN { Grade::Certain } else { Grade::Probable } }),
                // Of somebody who was deleted nothing is left to decide.
                (Err(Error::Gone { .. }), _) | (_, Err(Error::Gone { .. })) => _ = settled.insert((one.clone(), other.clone())),
                (Err(Error::NotFound), _) | (_, Err(Error::NotFound)) => {}
                (Err(cause), _) | (_, Err(cause)) => return Err(cause),
            }
        }
        if !settled.is_empty() {
            self.change_waiting(&mut |all| all.retain(|(one, other, _)| !settled.contains(&(one.clone(), other.clone()))))?;
        }
        Ok((found, waiting.len() - settled.len()))
    }

    /// Says that two are two persons. They are not asked about again.
    pub async fn keep_apart(&self, caller: &Caller, one: &str, other: &str, why: &str) -> Result<()> {
        if !may_merge(caller) {
            return Err(Error::Forbidden);
        }
        let why = reason(why)?;
        for id in [one, other] {
            self.read(caller, ResourceType::PATIENT, id).await?;
        }
        let name = apart(one, other);
        let line = format!("{}\t{}\t{why}", self.now(), caller.account.number);
        let before = self.store().note(&name)?;
        if !self.store().keep_note(&name, before.as_deref(), line.as_bytes())? {
            return Err(Error::Conflict("somebody else decides about these two at this moment; look again"));
        }
        let is_pair = |a: &String, b: &String| (a == one && b == other) || (a == other && b == one);
        self.change_waiting(&mut |all| all.retain(|(a, b, _)| !is_pair(a, b)))
    }

    fn compare_newcomers(&self, settled: Tick) -> Result<bool> {
        if self.waiting()?.1.len() >= MOST_WAITING {
            return Ok(false);
        }
        let before = self.store().note(SEEN)?;
        let shards = self.store().shards();
        let mut seen: Vec<i64> = (0..usize::from(shards)).map(|shard| before.as_deref().and_then(|note| note.get(shard * 8..shard * 8 + 8)).and_then(|bytes| bytes.try_into().ok()).map_or(0, i64::from_be_bytes)).collect();
        let set = self.permitted_set(&house(), Act::Read)?;
        let (mut newcomers, mut is_all): (Vec<Location>, bool) = (Vec::new(), true);
        for shard in 0..shards {
            let (mut lines, mut last) = (0, None);
            let at = &mut seen[usize::from(shard)];
            self.store().history_forward(&set, shard, Tick(at.saturating_add(1)), &mut |line| {
                // What was stamped with one tick is read as a whole.
                if line.at > settled || ((lines >= MOST_LINES || newcomers.len() >= COMPARED_AT_ONCE as usize) && last != Some(line.at)) {
                    is_all &= line.at > settled;
                    return ControlFlow::Break(());
                }
                newcomers.extend(line.versions.iter().filter(|version| version.kind == ResourceType::PATIENT && version.version == 1).map(|version| version.location));
                (*at, last) = (line.at.0, Some(line.at));
                lines += 1;
                ControlFlow::Continue(())
            })?;
        }
        for location in newcomers {
            self.compare_newcomer(location)?;
        }
        let now: Vec<u8> = seen.iter().flat_map(|tick| tick.to_be_bytes()).collect();
        if before.as_deref() != Some(&now[..]) {
            // Only one process looks; who else would have changed it has done the same.
            self.store().keep_note(SEEN, before.as_deref(), &now)?;
        }
        Ok(!is_all)
    }

    fn compare_newcomer(&self, location: Location) -> Result<()> {
        let set = self.permitted_set(&house(), Act::Read)?;
        let Some(permitted) = self.right(&set, location.record)? else { return Ok(()) };
        let Some(patient) = self.newest(&permitted, ResourceType::PATIENT, location)?.filter(|patient| patient.method != Method::Delete) else { return Ok(()) };
        let Ok(document) = Document::read(&patient.text) else { return Ok(()) };
        let person = Person::read(document.root());
        if person.says_nothing() {
            return Ok(());
        }
        for (matched, _) in self.judged(&house(), &person, Tick::END)?.0 {
            let word = match matched.grade {
                Grade::Certain => CERTAIN,
                Grade::Probable => PROBABLE,
                _ => continue,
            };
            let other = matched.patient.id;
            if other == patient.id || self.is_settled(&patient.id, &other)? {
                continue;
            }
            self.change_waiting(&mut |all| {
                let is_there = all.iter().any(|(a, b, _)| (*a == patient.id && *b == other) || (*a == other && *b == patient.id));
                if !is_there {
                    all.push((patient.id.clone(), other.clone(), word.to_owned()));
                }
            })?;
        }
        Ok(())
    }

    /// Puts two into the queue who are beyond doubt one person by what is known of them.
    pub(crate) fn propose_merge(&self, one: &str, other: &str) -> Result<()> {
        if self.is_settled(one, other)? {
            return Ok(());
        }
        self.change_waiting(&mut |all| {
            if !all.iter().any(|(a, b, _)| (a == one && b == other) || (a == other && b == one)) {
                all.push((one.to_owned(), other.to_owned(), CERTAIN.to_owned()));
            }
        })
    }

    /// True where nothing is left to decide: they are one, somebody said that they are two, or one is gone.
    fn is_settled(&self, one: &str, other: &str) -> Result<bool> {
        if self.store().note(&apart(one, other))?.is_some() {
            return Ok(true);
        }
        let (Some(at), Some(_)) = (self.store().locate(ResourceType::PATIENT, one)?, self.store().locate(ResourceType::PATIENT, other)?) else { return Ok(true) };
        Ok(self.joined(at.record)?.iter().any(|member| member.patient == other))
    }

    fn waiting(&self) -> Result<(Option<Vec<u8>>, Vec<(String, String, String)>)> {
        let note = self.store().note(QUEUE)?;
        let damaged = || store::Error::Damaged("the queue of possible duplicates could not be read");
        let text = std::str::from_utf8(note.as_deref().unwrap_or_default()).map_err(|_| damaged())?;
        let mut pairs = Vec::new();
        for line in text.lines() {
            let mut words = line.split(' ').map(str::to_owned);
            let (Some(one), Some(other), Some(word)) = (words.next(), words.next(), words.next()) else { return Err(damaged().into()) };
            pairs.push((one, other, word));
        }
        Ok((note, pairs))
    }

    fn change_waiting(&self, change: &mut dyn FnMut(&mut Vec<(String, String, String)>)) -> Result<()> {
        for _ in 0..TRIES {
            let (before, mut pairs) = self.waiting()?;
            let was = pairs.len();
            change(&mut pairs);
            if pairs.len() == was {
                return Ok(());
            }
            let text: String = pairs.iter().map(|(one, other, word)| format!("{one} {other} {word}\n")).collect();
            if self.store().keep_note(QUEUE, before.as_deref(), text.as_bytes())? {
                return Ok(());
            }
        }
        Err(Error::Conflict("others keep changing the queue of possible duplicates; try again in a moment"))
    }
}

const CERTAIN: &str = "certain";
const PROBABLE: &str = "probable";

fn rank(word: &str) -> u8 {
    u8::from(word == CERTAIN)
}

/// The note that says that two are two.
fn apart(one: &str, other: &str) -> String {
    let (first, second) = if one < other { (one, other) } else { (other, one) };
    format!("apart {first} {second}")
}
