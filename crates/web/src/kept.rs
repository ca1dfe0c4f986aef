//! How long a record is kept, in words: by which rule of the country, and until when at least; and what of it is held.

use chart::TermFacts;
use country::Until;
use fhir::Moment;

use crate::record::Record;
use crate::voice::Voice;

/// The words; none where no rule says anything of what the reader sees.
pub fn kept(record: &Record<'_>, voice: &Voice, now: Moment) -> Option<String> {
    let mut facts = TermFacts::at(record.site());
    for item in std::iter::once(&record.patient).chain(record.all()) {
        facts.see(item.stored.kind, item.root(), voice.zone_offset_minutes, now);
    }
    let (until, rule) = facts.term(voice.zone_offset_minutes)?;
    let name = rule.name.get(voice.code()).cloned().unwrap_or_default();
    let mut words = match until {
        Until::Day(day) => voice.with("kept-until", &[("day", &voice.day(day))]),
        Until::AfterDeath(years) => voice.count("kept-for-life", usize::from(years)),
        Until::Undated => voice.say("kept-undated"),
    };
    words.push_str(&format!(" {name}: {}", rule.source));
    if let Some(note) = rule.note.get(voice.code()) {
        words.push_str(&format!("; {note}"));
    }
    let from_writing = facts.counted_from_writing();
    if from_writing > 0 && matches!(until, Until::Day(_)) {
        words.push_str(&format!("; {}", voice.count("kept-by-writing", from_writing)));
    }
    if rule.is_proposed {
        words.push_str(&format!(" ({})", voice.say("forms-proposed").to_lowercase()));
    }
    Some(words)
}

/// What of the record is held, a sentence each: what, until when, who asked for it and why.
pub fn held(record: &Record<'_>, voice: &Voice) -> Vec<String> {
    let told = |hold: &chart::HeldLine| {
        let what = match &hold.kind {
            None => voice.say("held-record"),
            Some(kind) => voice.with("held-kind", &[("kind", &kind.to_string())]),
        };
        let until = match hold.until {
            Some(day) => voice.with("held-until", &[("day", &voice.day(day))]),
            None => voice.say("held-open"),
        };
        format!("{what} {until} {}", voice.with("held-by", &[("login", &hold.by), ("reason", &hold.reason)]))
    };
    record.holds().iter().map(told).collect()
}
