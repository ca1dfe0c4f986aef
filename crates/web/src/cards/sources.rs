//! Sources and gaps: who has sent what and when, and who has fallen silent.

use std::cmp::Reverse;
use std::collections::HashMap;

use fhir::Moment;

use crate::record::{Record, When};
use crate::voice::Voice;

/// One place that has sent something.
#[derive(Clone, Debug)]
pub struct SourceRow {
    /// Its name, or the words for a place nobody named.
    pub place: String,
    /// How many entries came from it.
    pub entries: String,
    /// Day of its latest entry.
    pub last_entry: String,
    /// When something last arrived.
    pub received: String,
    /// Words where it has been silent for over a year.
    pub silent: Option<String>,
}

/// All places, the latest first.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The places.
    pub rows: Vec<SourceRow>,
    /// How many named places, in words.
    pub summary: String,
    /// Words about entries kept with flaws, where there are any.
    pub flawed: Option<String>,
    /// How long the record is kept at least, and by which rule.
    pub kept: Option<String>,
    /// What of it is held, a sentence each.
    pub held: Vec<String>,
}

const YEAR_MS: i64 = 366 * fhir::date::DAY_MS;

#[derive(Default)]
struct Tally {
    entries: usize,
    latest: Option<When>,
    received: Moment,
}

/// Reads the sources. A place is what an entry names, else what its encounter names.
pub fn sources(record: &Record<'_>, voice: &Voice, now_ms: i64) -> Sources {
    // Names of encounters' places are looked up once, not once per observation.
    let mut places: HashMap<&str, Option<String>> = HashMap::new();
    let mut tallies: HashMap<Option<String>, Tally> = HashMap::new();
    let mut flawed = 0;
    for item in record.all() {
        flawed += usize::from(!item.stored.flaws.is_empty());
        let own_encounter = if item.type_name() == "Encounter" { Some(item) } else { record.encounter(item) };
        let place = match own_encounter {
            Some(encounter) => places.entry(encounter.stored.id.as_str()).or_insert_with(|| crate::record::clinical::own_place(record, encounter.root())).clone(),
            None => record.place_of(item),
        };
        let tally = tallies.entry(place).or_default();
        tally.entries += 1;
        tally.received = tally.received.max(item.stored.last_updated);
        let when = record.when(item, voice).filter(|when| when.at <= now_ms);
        if when.is_some_and(|when| tally.latest.is_none_or(|latest| when.at > latest.at)) {
            tally.latest = when;
        }
    }
    let named = tallies.keys().filter(|place| place.is_some()).count();
    let mut tallies: Vec<(Option<String>, Tally)> = tallies.into_iter().collect();
    tallies.sort_by_key(|(place, tally)| (place.is_none(), Reverse(tally.latest.map_or(i64::MIN, |when| when.at)), place.clone()));
    let rows = tallies.into_iter().map(|(place, tally)| row(place, &tally, voice, now_ms)).collect();
    Sources { rows, summary: voice.count("sources-places", named), flawed: (flawed > 0).then(|| voice.count("sources-flawed", flawed)), kept: crate::kept::kept(record, voice, Moment(now_ms)), held: crate::kept::held(record, voice) }
}

fn row(place: Option<String>, tally: &Tally, voice: &Voice, now_ms: i64) -> SourceRow {
    let last_entry = tally.latest.map_or_else(String::new, |when| voice.date(&when.date));
    // One visit once is no habit; three entries or more were a source.
    let is_silent = place.is_some() && tally.entries >= 3 && tally.latest.is_some_and(|when| now_ms - when.at > YEAR_MS);
    SourceRow {
        place: place.unwrap_or_else(|| voice.say("sources-unknown")),
        entries: voice.whole(tally.entries),
        silent: is_silent.then(|| voice.with("sources-silent", &[("date", &last_entry)])),
        last_entry,
        received: voice.moment(tally.received),
    }
}
