//! How long a record is kept at least, by the rules of its country.
//!
//! * Nothing is erased because a term has run out. A term that still runs keeps a record from being erased,
//!   unless somebody says on what ground, and that stays in the journal.
//! * The rules of the person's country hold, and those of the country the site stands in, which keeps the record: of all
//!   the longest. Where both are unknown a record has no term.
//! * No term is counted from a guess. What has no date was done at the latest when it was written here, a death of which
//!   only the month or year is known at the latest with the end of it; where not even that is known, nobody tells a term.

use std::ops::ControlFlow;

use access::{Act, Caller};
use country::{CodeRange, RetentionRule, RecordFacts, Until};
use fhir::{Document, Issue, IssueCode, Moment, RecordId, ResourceType, Value};
use schedule::record::country_of;
use store::{Method, Tick};

use crate::door::Chart;
use crate::error::{Error, Result};

/// What of a record its term depends on, gathered from one resource after the other: from all of them where
/// something is decided, from what a reader may see where it is shown.
#[derive(Default)]
pub struct TermFacts {
    last_act: Option<Moment>,
    /// When that was written last here which has no date.
    written: Option<Moment>,
    /// How many have none.
    undated: usize,
    /// When the Patient was written last here.
    registered: Option<Moment>,
    died: Option<Option<(i32, u8, u8)>>,
    country: Option<&'static country::Country>,
    /// The country of the site.
    site: Option<&'static country::Country>,
    codes: Vec<(String, String)>,
}

impl Chart {
    /// What the term of a record depends on, from all of it and from those that are one person with it: what was done for
    /// the person keeps each of them.
    fn term_facts(&self, caller: &Caller, record: RecordId) -> Result<TermFacts> {
        let zone = self.inner.settings.zone_offset_minutes;
        let mut facts = TermFacts::at(country::by_code(&self.inner.settings.country));
        let now = self.now();
        for record in self.records_of_person(record)? {
            let permitted = self.permit(caller, Act::Maintain, record)?;
            self.store().scan_record(&permitted, Tick::END, &mut |entry| {
                if entry.method != Method::Delete
                    && let Ok(document) = Document::read(entry.text)
                {
                    facts.see(entry.kind, document.root(), zone, now);
                }
                ControlFlow::Continue(())
            })?;
        }
        Ok(facts)
    }

    /// The rules that hold for a record, as the certificate of an erasure tells them.
    pub(crate) fn rules_passed(&self, caller: &Caller, record: RecordId) -> Result<String> {
        let today = self.now().civil(self.inner.settings.zone_offset_minutes);
        let rules = self.term_facts(caller, record)?.terms(self.inner.settings.zone_offset_minutes);
        let told = rules.iter().map(|(until, rule)| {
            let stands = match until {
                Until::Day(day) if *day < today => "over",
                Until::Day(_) | Until::AfterDeath(_) => "running",
                Until::Undated => "no day to count from",
            };
            format!("{} ({stands})", rule.source.trim_end_matches('.'))
        });
        let told: Vec<String> = told.collect();
        Ok(if told.is_empty() { "; no rule of retention".to_owned() } else { format!("; rules of retention: {}", told.join("; ")) })
    }

    /// Refuses to erase a record whose term still runs.
    pub(crate) fn check_term(&self, caller: &Caller, record: RecordId) -> Result<()> {
        let zone = self.inner.settings.zone_offset_minutes;
        let today = self.now().civil(zone);
        let facts = self.term_facts(caller, record)?;
        let Some((until, rule)) = facts.term(zone) else { return Ok(()) };
        let kept = match until {
            Until::Day(day) if day < today => return Ok(()),
            Until::Day((year, month, day)) => format!("is to be kept at least until {year}-{month:02}-{day:02}"),
            Until::AfterDeath(years) => format!("is to be kept at least as long as the person lives and {years} years more"),
            Until::Undated => "has no day from which its term could be counted".to_owned(),
        };
        let why = match facts.counted_from_writing() {
            0 => String::new(),
            count => format!("; {count} of its resources do not say when they were done, and count as of the day they were last written here"),
        };
        let message = format!("The record {kept} ({}{why}). Where the law has it erased earlier, say on what ground (--despite-retention).", rule.source);
        Err(Error::Refused(vec![Issue::error(IssueCode::BusinessRule, "Patient", message)]))
    }
}

impl TermFacts {
    /// Nothing yet of a record that a site of this country keeps.
    pub fn at(site: Option<&'static country::Country>) -> TermFacts {
        TermFacts { site, ..TermFacts::default() }
    }

    /// Every rule that holds, with how long it keeps the record. `zone` in minutes east of UTC.
    pub fn terms(&self, zone: i16) -> Vec<(Until, &'static RetentionRule)> {
        let others = self.site.filter(|site| self.country.is_none_or(|country| country.code != site.code));
        let holds = |range: &CodeRange| self.codes.iter().any(|(system, code)| range.holds(system, code));
        let facts = RecordFacts { last_act: self.latest_act().map(|at| at.civil(zone)), died: self.died, holds: &holds };
        let countries = self.country.into_iter().chain(others);
        countries.flat_map(|country| country.retention.terms(&facts)).map(|term| (term.until, term.rule)).collect()
    }

    /// How long the record is kept at least, and by which rule: of all the longest; none where no rule holds.
    pub fn term(&self, zone: i16) -> Option<(Until, &'static RetentionRule)> {
        self.terms(zone).into_iter().max_by_key(|(until, _)| *until)
    }

    /// How many resources without a date the last act was told by, because they were written here after all that has one;
    /// zero where a date tells it.
    pub fn counted_from_writing(&self) -> usize {
        if self.written > self.last_act { self.undated } else { 0 }
    }

    /// The latest moment at which the last thing can have been done. Where nothing was, that is when the person was registered.
    fn latest_act(&self) -> Option<Moment> {
        self.last_act.max(self.written).or(self.registered)
    }

    /// Learns from a resource. What lies after `now` is planned and no act.
    pub fn see(&mut self, kind: ResourceType, resource: Value<'_>, zone: i16, now: Moment) {
        let written = resource.get("meta").and_then(|meta| meta.string("lastUpdated")).and_then(|text| Moment::parse(&text));
        if kind == ResourceType::PATIENT {
            // Of several Patients that are one person each may tell what the others do not.
            self.country = self.country.or_else(|| country_of(resource));
            self.registered = self.registered.max(written);
            let died = fhir::life::death(resource).map(|death| {
                let latest = death.day().map(|date| Moment(date.range(zone).1.0.saturating_sub(1)).min(now));
                latest.or(written).map(|at| at.civil(zone))
            });
            self.died = self.died.max(died);
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
        } else if bucket == search::UNDATED && search::dating(kind).is_some() {
            self.undated += 1;
            self.written = self.written.max(written);
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

    #[test]
    fn what_has_no_date_counts_from_its_writing_and_a_death_from_the_end_of_its_time() {
        let now = Moment::parse("2026-03-02T08:00:00Z").unwrap();
        let term = |resources: &[&str]| {
            let mut facts = TermFacts::default();
            for text in resources {
                let document = Document::read(text).unwrap();
                facts.see(fhir::home::resource_type_of(&document).unwrap(), document.root(), 0, now);
            }
            (facts.term(0).map(|(until, _)| until), facts.counted_from_writing())
        };
        let mexican = r#"{"resourceType":"Patient","meta":{"lastUpdated":"2020-05-01T08:00:00Z"},"address":[{"country":"MX"}]}"#;
        let dated = r#"{"resourceType":"Condition","meta":{"lastUpdated":"2024-05-01T08:00:00Z"},"recordedDate":"2015-01-10"}"#;
        let undated = r#"{"resourceType":"Condition","meta":{"lastUpdated":"2024-05-01T08:00:00Z"}}"#;
        assert_eq!(term(&[mexican, dated]), (Some(Until::Day((2020, 1, 10))), 0));
        assert_eq!(term(&[mexican, dated, undated]), (Some(Until::Day((2029, 5, 1))), 1));
        // Nothing was done but that somebody was registered; and where even that has no day, nobody can tell.
        assert_eq!(term(&[mexican]), (Some(Until::Day((2025, 5, 1))), 0));
        assert_eq!(term(&[r#"{"resourceType":"Patient","address":[{"country":"MX"}]}"#]), (Some(Until::Undated), 0));
        // Thirty years from the end of the year of a death.
        let dead = |death: &str| format!(r#"{{"resourceType":"Patient","meta":{{"lastUpdated":"2020-05-01T08:00:00Z"}},"address":[{{"country":"VN"}}],{death}}}"#);
        assert_eq!(term(&[dead(r#""deceasedDateTime":"2010""#).as_str(), dated]).0, Some(Until::Day((2040, 12, 31))));
        assert_eq!(term(&[dead(r#""deceasedBoolean":true"#).as_str(), dated]).0, Some(Until::Day((2050, 12, 31))));
    }

    #[test]
    fn the_country_that_keeps_a_record_has_a_say_beside_that_of_the_person() {
        let now = Moment::parse("2026-03-02T08:00:00Z").unwrap();
        let until = |site: &str, patient: &str| {
            let mut facts = TermFacts::at(country::by_code(site));
            for text in [patient, r#"{"resourceType":"Condition","recordedDate":"2015-01-10"}"#] {
                let document = Document::read(text).unwrap();
                facts.see(fhir::home::resource_type_of(&document).unwrap(), document.root(), 0, now);
            }
            facts.term(0).map(|(until, _)| until)
        };
        let (mexican, somebody) = (r#"{"resourceType":"Patient","address":[{"country":"MX"}]}"#, r#"{"resourceType":"Patient"}"#);
        for (site, patient, expected) in [
            ("", mexican, Some(Until::Day((2020, 1, 10)))),
            ("mx", mexican, Some(Until::Day((2020, 1, 10)))),
            ("ru", mexican, Some(Until::Day((2040, 1, 10)))),
            ("ru", somebody, Some(Until::Day((2040, 1, 10)))),
            ("vn", mexican, Some(Until::AfterDeath(10))),
            ("", somebody, None),
        ] {
            assert_eq!(until(site, patient), expected, "{site} {patient}");
        }
    }
}
