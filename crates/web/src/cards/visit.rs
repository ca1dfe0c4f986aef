//! This visit: what is open now, when the person was last seen, what comes next.

use std::cmp::Reverse;

use fhir::date::days_from_civil;

use super::story;
use crate::record::{Item, Record, When, clinical};
use crate::voice::{Day, Voice};

/// The block above the story.
#[derive(Clone, Debug, Default)]
pub struct Visit {
    /// Lines of words, the first one strong.
    pub headline: String,
    /// How long ago, in words; empty where a visit is open.
    pub ago: String,
    /// Place and reason.
    pub details: Vec<String>,
    /// The encounter, where there is one.
    pub link: String,
    /// Next appointment, in words.
    pub next: Option<String>,
    /// True while an encounter is going on.
    pub is_open: bool,
}

/// Reads where the person stands today.
pub fn visit(record: &Record<'_>, voice: &Voice, today: Day, now_ms: i64) -> Visit {
    let mut encounters: Vec<(When, &Item<'_>)> = record.valid("Encounter").filter_map(|item| Some((record.when(item, voice)?, item))).filter(|(when, _)| when.at <= now_ms).collect();
    encounters.retain(|(_, item)| !matches!(item.root().string("status").as_deref(), Some("planned" | "cancelled")));
    encounters.sort_by_key(|(when, _)| Reverse(when.at));
    let open = encounters.iter().find(|(_, item)| matches!(item.root().string("status").as_deref(), Some("in-progress" | "arrived" | "triaged" | "onleave")));
    let next = next_appointment(record, voice, now_ms);
    let Some((when, item)) = open.or(encounters.first()) else {
        return Visit { headline: voice.say("visit-never"), next, ..Visit::default() };
    };
    let root = item.root();
    let details = [clinical::own_place(record, root), story::reason(record, root)].into_iter().flatten().collect();
    let is_open = open.is_some();
    Visit {
        headline: if is_open { voice.with("visit-open", &[("date", &voice.date_and_time(&when.date))]) } else { voice.with("visit-last", &[("date", &voice.date(&when.date))]) },
        ago: if is_open { String::new() } else { days_ago(voice.local(&when.date).0, today, voice) },
        details,
        link: item.link(record.person()),
        next,
        is_open,
    }
}

/// `12 days ago`.
pub fn days_ago(day: Day, today: Day, voice: &Voice) -> String {
    let days = days_from_civil(today.0, today.1, today.2) - days_from_civil(day.0, day.1, day.2);
    if days < 0 { String::new() } else { voice.count("days-ago", days as usize) }
}

fn next_appointment(record: &Record<'_>, voice: &Voice, now_ms: i64) -> Option<String> {
    let appointments = record.valid("Appointment").filter(|item| matches!(item.root().string("status").as_deref(), Some("booked" | "pending" | "proposed")));
    let planned = record.valid("Encounter").filter(|item| item.root().string("status").as_deref() == Some("planned"));
    let next = appointments.chain(planned).filter_map(|item| record.when(item, voice)).filter(|when| when.at >= now_ms).min_by_key(|when| when.at)?;
    Some(voice.with("visit-next", &[("date", &voice.date_and_time(&next.date))]))
}
