//! How long a record is kept at least, by the rules of its country.
//!
//! * Nothing is erased because a term has run out. A term that still runs keeps a record from being erased,
//!   unless somebody says on what ground, and that stays in the journal.
//! * A record whose country nobody knows has no term.

use std::ops::ControlFlow;

use access::Permitted;
use country::{CodeRange, RetentionRule, RecordFacts, Until};
use fhir::date::Precision;
use fhir::{Document, Issue, IssueCode, Moment, PartialDateTime, ResourceType, Value};
use schedule::record::country_of;
use store::{Method, Tick};

use crate::door::Chart;
use crate::error::{Error, Result};

/// What of a record its term depends on, gathered from one resource after the other: from all of them where
/// something is decided, from what a reader may see where it is shown.
#[derive(Default)]
pub struct TermFacts {
    last_act: Option<Moment>,
    died: Option<Option<(i32, u8, u8)>>,
    country: Option<&'static country::Country>,
    codes: Vec<(String, String)>,
}

impl Chart {
    /// Until when a record is kept at least, and by which rule: of all the longest.
    pub(crate) fn term(&self, permitted: &Permitted) -> Result<Option<(Until, &'static RetentionRule)>> {
        Ok(self.term_facts(permitted)?.term(self.inner.settings.zone_offset_minutes))
    }

    /// What the term of a record depends on, from all of it.
    fn term_facts(&self, permitted: &Permitted) -> Result<TermFacts> {
        let zone = self.inner.settings.zone_offset_minutes;
        let mut facts = TermFacts::default();
        let now = self.now();
        self.store().scan_record(permitted, Tick::END, &mut |entry| {
            if entry.method != Method::Delete
                && let Ok(document) = Document::read(entry.text)
            {
                facts.see(entry.kind, document.root(), zone, now);
            }
            ControlFlow::Continue(())
        })?;
        Ok(facts)
    }

    /// The rules that hold for a record, as the certificate of an erasure tells them.
    pub(crate) fn rules_passed(&self, permitted: &Permitted) -> Result<String> {
        let today = self.now().civil(self.inner.settings.zone_offset_minutes);
        let rules = self.term_facts(permitted)?.terms(self.inner.settings.zone_offset_minutes);
        let told = rules.iter().map(|(until, rule)| {
            let is_over = matches!(until, Until::Day(day) if *day < today);
            format!("{} ({})", rule.source.trim_end_matches('.'), if is_over { "over" } else { "running" })
        });
        let told: Vec<String> = told.collect();
        Ok(if told.is_empty() { "; no rule of retention".to_owned() } else { format!("; rules of retention: {}", told.join("; ")) })
    }

    /// Refuses to erase a record whose term still runs.
    pub(crate) fn check_term(&self, permitted: &Permitted) -> Result<()> {
        let today = self.now().civil(self.inner.settings.zone_offset_minutes);
        let Some((until, rule)) = self.term(permitted)? else { return Ok(()) };
        let until = match until {
            Until::Day(day) if day < today => return Ok(()),
            Until::Day((year, month, day)) => format!("until {year}-{month:02}-{day:02}"),
            Until::AfterDeath(years) => format!("as long as the person lives and {years} years more"),
        };
        let message = format!("The record is to be kept at least {until} ({}). Where the law has it erased earlier, say on what ground (--despite-retention).", rule.source);
        Err(Error::Refused(vec![Issue::error(IssueCode::BusinessRule, "Patient", message)]))
    }
}

impl TermFacts {
    /// Every rule that holds, with how long it keeps the record. `zone` in minutes east of UTC.
    pub fn terms(&self, zone: i16) -> Vec<(Until, &'static RetentionRule)> {
        let Some(country) = self.country else { return Vec::new() };
        let holds = |range: &CodeRange| self.codes.iter().any(|(system, code)| range.holds(system, code));
        let facts = RecordFacts { last_act: self.last_act.map(|at| at.civil(zone)), died: self.died, holds: &holds };
        country.retention.terms(&facts).into_iter().map(|term| (term.until, term.rule)).collect()
    }

    /// How long the record is kept at least, and by which rule: of all the longest; none where no rule holds.
    pub fn term(&self, zone: i16) -> Option<(Until, &'static RetentionRule)> {
        self.terms(zone).into_iter().max_by_key(|(until, _)| *until)
    }

    /// Learns from a resource. What lies after `now` is planned and no act.
    pub fn see(&mut self, kind: ResourceType, resource: Value<'_>, zone: i16, now: Moment) {
        if kind == ResourceType::PATIENT {
            self.country = country_of(resource);
            let civil = |date: PartialDateTime| (date.precision >= Precision::Day).then(|| date.range(zone).0.civil(zone));
            self.died = fhir::life::death(resource).map(|death| death.day().and_then(civil));
            return;
        }
        if kind.name() == "Condition" {
            let codings = resource.get("code").and_then(|code| code.get("coding"));
            self.codes.extend(codings.into_iter().flat_map(|all| all.items()).filter_map(|coding| Some((coding.string("system")?.into_owned(), coding.string("code")?.into_owned()))));
        }
        let (bucket, seconds) = search::terms::when(kind, resource);
        let began = Moment(seconds.saturating_mul(1000));
        if bucket != search::UNDATED && began <= now {
            self.last_act = self.last_act.max(Some(began));
            // What lasted was done until its end; what has none yet, or one to come, tells its beginning alone.
            let ended = fhir::happened::range(kind, resource, zone).map(|(_, end)| Moment(end.0.saturating_sub(1)));
            self.last_act = self.last_act.max(ended.filter(|ended| *ended <= now));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lasted_counts_until_its_end() {
        let now = Moment::parse("2026-03-02T08:00:00Z").unwrap();
        // Each line: the period of a stay, and the day until which a record of Mexico is kept: five years.
        for (period, expect) in [
            (r#"{"start":"2015-01-10","end":"2020-06-30"}"#, (2025, 6, 30)),
            (r#"{"start":"2015-01-10T08:00:00Z","end":"2020-06-30T10:00:00Z"}"#, (2025, 6, 30)),
            (r#"{"start":"2020-06-30"}"#, (2025, 6, 30)),
            (r#"{"start":"2020-06-30","end":"2030-01-01"}"#, (2025, 6, 30)),
        ] {
            let mut facts = TermFacts::default();
            for text in [r#"{"resourceType":"Patient","address":[{"country":"MX"}]}"#.to_owned(), format!(r#"{{"resourceType":"Encounter","period":{period}}}"#)] {
                let document = Document::read(&text).unwrap();
                facts.see(fhir::home::resource_type_of(&document).unwrap(), document.root(), 0, now);
            }
            assert_eq!(facts.term(0).map(|(until, _)| until), Some(Until::Day(expect)), "{period}");
        }
    }
}
