//! Vaccinations: what is due and why, what comes later, what was given and whether it counts.
//!
//! * Every state is a word; colour only repeats it.
//! * Each statement stands with its reasons. What no source confirms is called a proposal.

use std::collections::HashMap;

use country::{Age, Calendar, Country};
use fhir::Document;
use schedule::Day;
use schedule::immunisation::{Forecast, Line, Next, PregnancyOver, Reason, Status, Verdict, forecast};
use schedule::record::{CVX, Facts};

use crate::banner;
use crate::record::{Record, clinical, concept};
use crate::voice::{self, Voice};

/// The page.
#[derive(Clone, Debug, Default)]
pub struct VaccinationsPage {
    /// Why there is no forecast, in words; then the lists of doses to come are empty.
    pub without: Option<String>,
    /// By whose calendar.
    pub calendar: String,
    /// Where that calendar comes from.
    pub source: String,
    /// The language of names of vaccines.
    pub language: String,
    /// Overdue, then due.
    pub due: Vec<Statement>,
    /// What a later day brings.
    pub later: Vec<Statement>,
    /// What is complete, closed or must not be given.
    pub settled: Vec<Statement>,
    /// What was given, the newest first.
    pub given: Vec<GivenRow>,
    /// Whoever reads may write down what happened after a dose.
    pub may_add: bool,
    /// Links to entries that could not be read, with their titles.
    pub unread: Vec<(String, String)>,
}

/// What is said about one vaccine.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// What it protects from, with the number of the dose.
    pub protects: Vec<String>,
    /// The vaccine, in the language of the country; empty where no dose comes.
    pub vaccine: String,
    /// The state in words.
    pub state: String,
    /// The class of its chip.
    pub chip: &'static str,
    /// Names of days and the days.
    pub days: Vec<(String, String)>,
    /// Why, a sentence each.
    pub reasons: Vec<String>,
    /// No source confirms it.
    pub is_proposed: bool,
    /// What is alike is one statement.
    key: (Status, Option<(String, String, Day, Day)>),
}

/// A dose that was given.
#[derive(Clone, Debug)]
pub struct GivenRow {
    /// Its day, as it was written.
    pub day: String,
    /// The vaccine as it was recorded.
    pub vaccine: String,
    /// Where it is shown.
    pub link: String,
    /// What it counts for.
    pub counts: Vec<String>,
    /// What it does not count for, and why.
    pub does_not: Vec<String>,
    /// What happened after it.
    pub events: Vec<EventLine>,
    /// The id of its Immunization.
    pub id: String,
}

/// What may happen after a vaccine: the code, and the key of its word.
pub(crate) const EVENTS: [(&str, &str); 9] = [
    ("fever", "event-fever"),
    ("local-reaction", "event-local-reaction"),
    ("rash", "event-rash"),
    ("crying", "event-crying"),
    ("seizure", "event-seizure"),
    ("collapse", "event-collapse"),
    ("anaphylaxis", "event-anaphylaxis"),
    ("intussusception", "event-intussusception"),
    ("other", "event-other"),
];
/// The system of these codes.
pub(crate) const EVENT_CODES: &str = "https://carnet.health/fhir/CodeSystem/vaccine-event";

/// What happened after a dose.
#[derive(Clone, Debug)]
pub struct EventLine {
    /// Where it is shown.
    pub link: String,
    /// When, and what.
    pub told: String,
    /// It was serious.
    pub is_serious: bool,
}

/// The page of a record.
pub fn vaccinations(record: &Record<'_>, voice: &Voice, today: voice::Day) -> VaccinationsPage {
    let today = Day::of(today.0, today.1, today.2);
    let patient = record.patient.root();
    let found = banner::country_of(patient);
    // Without a country the doses are still read: any country reads them alike.
    let country = found.unwrap_or(&country::all()[0]);
    // Of a dose that was entered in error it is read which one took its place.
    let items = || record.of("Immunization").chain(record.valid("Condition")).chain(record.valid("Observation")).chain(record.valid("Consent")).chain(record.valid("AdverseEvent"));
    let mut facts = Facts::read(country, patient, items().map(|item| item.root()), today, voice.zone_offset_minutes);
    if facts.pregnancy.is_some() {
        // A certificate of birth ends it, too. To read one takes its form, so it is asked for where it may matter.
        let told = record.deliveries();
        let births: Vec<Document<'_>> = told.iter().filter_map(|text| Document::read(text).ok()).collect();
        if !births.is_empty() {
            facts = Facts::read(country, patient, items().map(|item| item.root()).chain(births.iter().map(Document::root)), today, voice.zone_offset_minutes);
        }
    }
    let forecast = found.and(facts.person()).map(|person| forecast(&country.calendar, &person, today));
    let teller = Teller { voice, country, record };
    let mut page = VaccinationsPage { given: teller.given(&facts, forecast.as_ref()), unread: teller.unread(&facts), ..VaccinationsPage::default() };
    match forecast {
        Some(forecast) => teller.tell(&forecast, &mut page),
        None => page.without = Some(voice.say(if found.is_none() { "vaccinations-no-country" } else { "vaccinations-no-birth" })),
    }
    page
}

struct Teller<'t, 'r> {
    voice: &'t Voice,
    country: &'static Country,
    record: &'t Record<'r>,
}

impl Teller<'_, '_> {
    fn tell(&self, forecast: &Forecast, page: &mut VaccinationsPage) {
        let calendar: &Calendar = &self.country.calendar;
        let name = self.country.names.get(self.voice.code()).unwrap_or(&self.country.code);
        page.calendar = self.voice.with("vaccinations-calendar", &[("country", name)]);
        page.source = calendar.source.get(self.voice.code()).cloned().unwrap_or_default();
        page.language = self.country.languages.first().cloned().unwrap_or_default();
        for line in &forecast.lines {
            let list = match line.status {
                Status::Overdue | Status::Due => &mut page.due,
                Status::NotYet => &mut page.later,
                Status::Contraindicated | Status::Complete | Status::Closed => &mut page.settled,
            };
            self.add(list, line);
        }
        page.due.sort_by_key(|one| (one.key.0, one.key.1.as_ref().map(|(.., recommended)| *recommended)));
        page.later.sort_by_key(|one| one.key.1.as_ref().map(|(.., recommended)| *recommended));
        page.settled.sort_by_key(|one| one.key.0);
    }

    /// Series that wait for the same dose of a combined vaccine on the same days are one statement.
    fn add(&self, list: &mut Vec<Statement>, line: &Line) {
        let statement = self.statement(line);
        let alike = list.iter_mut().find(|one| one.key == statement.key && one.key.1.is_some() && one.reasons == statement.reasons);
        match alike {
            Some(one) => one.protects.extend(statement.protects),
            None => list.push(statement),
        }
    }

    fn statement(&self, line: &Line) -> Statement {
        let voice = self.voice;
        let series = voice.say(&format!("series-{}", line.series));
        let protects = match &line.next {
            Some(next) => voice.with("vaccination-dose", &[("series", &series), ("number", &next.number.to_string())]),
            None => series,
        };
        let row = line.next.as_ref().and_then(|next| self.country.immunisation.iter().find(|row| row.id == next.row));
        // A substitute has another name than the row.
        let usual = row.zip(line.next.as_ref()).filter(|(row, next)| row.cvx == next.cvx).map(|(row, _)| row.vaccine.clone());
        let vaccine = usual.or_else(|| line.next.as_ref().map(|next| self.vaccine(&next.cvx))).unwrap_or_default();
        let chip = match line.status {
            Status::Overdue | Status::Contraindicated => "crit",
            Status::Due => "warn",
            Status::Complete => "ok",
            Status::NotYet | Status::Closed => "none",
        };
        // Whoever was refused is not behind without a word.
        let refused = line.refused_on().filter(|_| matches!(line.status, Status::Due | Status::Overdue));
        let chip = if refused.is_some() { "none" } else { chip };
        let state = match refused {
            Some(on) => voice.with("vaccine-refused", &[("day", &voice.day(on.civil()))]),
            None => voice.say(&format!("vaccine-{}", line.status.code())),
        };
        Statement {
            protects: vec![protects],
            vaccine,
            state,
            chip,
            days: line.next.as_ref().map_or_else(Vec::new, |next| self.days(next)),
            reasons: line.reasons.iter().map(|reason| self.reason(reason)).collect(),
            is_proposed: line.proposed,
            key: (line.status, line.next.as_ref().map(|next| (next.row.clone(), next.cvx.clone(), next.earliest, next.recommended))),
        }
    }

    fn days(&self, next: &Next) -> Vec<(String, String)> {
        let word = |key: &str, day: Day| (self.voice.say(key), self.voice.day(day.civil()));
        let mut days = vec![word("vaccine-day-recommended", next.recommended)];
        if next.earliest < next.recommended {
            days.push(word("vaccine-day-earliest", next.earliest));
        }
        days.extend(next.latest.map(|latest| word("vaccine-day-latest", latest)));
        days
    }

    /// What a code is called: as a row of the calendar calls it, else in the reader's language.
    fn vaccine(&self, cvx: &str) -> String {
        let row = self.country.immunisation.iter().find(|row| row.cvx == cvx).map(|row| row.vaccine.clone());
        row.or_else(|| self.record.called(CVX, cvx)).unwrap_or_else(|| self.voice.with("vaccine-code", &[("code", cvx)]))
    }

    fn given(&self, facts: &Facts, forecast: Option<&Forecast>) -> Vec<GivenRow> {
        let items: HashMap<&str, _> = self.record.valid("Immunization").map(|item| (item.stored.id.as_str(), item)).collect();
        let mut places: Vec<usize> = (0..facts.given.len()).collect();
        places.sort_by_key(|place| std::cmp::Reverse(facts.given[*place].day));
        let row = |place: usize| {
            let item = items.get(facts.sources[place].as_str())?;
            let root = item.root();
            let day = clinical::date_of("Immunization", root).map(|date| self.voice.date(&date)).unwrap_or_default();
            let vaccine = clinical::title(self.record, root).unwrap_or_else(|| self.vaccine(&facts.given[place].cvx));
            let mut row = GivenRow { day, vaccine, link: item.link(self.record.person()), counts: Vec::new(), does_not: Vec::new(), events: self.events(facts, &item.stored.id), id: item.stored.id.clone() };
            match forecast {
                Some(forecast) => self.judge(place, forecast, &mut row),
                None => row.does_not.push(self.voice.say("vaccination-not-judged")),
            }
            if !facts.exact[place] {
                row.does_not.push(self.voice.say("vaccination-inexact"));
            }
            Some(row)
        };
        places.into_iter().filter_map(row).collect()
    }

    /// What happened after a dose.
    fn events(&self, facts: &Facts, dose: &str) -> Vec<EventLine> {
        let is_it = |id: &str| id == dose || facts.replaced.iter().any(|(wrong, anew)| wrong == id && anew == dose);
        let names = |item: &&crate::record::Item<'_>| {
            let suspects = item.root().get("suspectEntity").into_iter().flat_map(|all| all.each());
            let mut references = suspects.filter_map(|one| one.get("instance")?.string("reference").map(|text| text.into_owned()));
            references.any(|text| text.rsplit_once("Immunization/").is_some_and(|(_, id)| id.split('/').next().is_some_and(is_it)))
        };
        let told = |item: &crate::record::Item<'_>| {
            let root = item.root();
            let coded = root.get("event").and_then(|event| EVENTS.iter().find(|(code, _)| concept::has_code(event, code)));
            let kind = coded.map(|(_, key)| self.voice.say(key));
            let words = root.get("event").and_then(|event| concept::said(event, "text"));
            let what = kind.into_iter().chain(words).collect::<Vec<_>>().join(": ");
            let day = clinical::date_of("AdverseEvent", root).map(|date| self.voice.date(&date)).unwrap_or_default();
            let is_serious = root.get("seriousness").is_some_and(|told| concept::has_code(told, "serious"));
            let what = if what.is_empty() { self.voice.say("event-title") } else { what };
            EventLine { link: item.link(self.record.person()), told: format!("{day} {what}").trim().to_owned(), is_serious }
        };
        self.record.valid("AdverseEvent").filter(names).map(told).collect()
    }

    fn judge(&self, place: usize, forecast: &Forecast, row: &mut GivenRow) {
        for line in &forecast.lines {
            let Some(dose) = line.doses.iter().find(|dose| dose.given == place) else { continue };
            let series = self.voice.say(&format!("series-{}", line.series));
            match &dose.verdict {
                Verdict::Counts { number, .. } => row.counts.push(self.voice.with("vaccination-dose", &[("series", &series), ("number", &number.to_string())])),
                Verdict::DoesNot(reason) => row.does_not.push(format!("{series}: {}", self.reason(reason))),
            }
        }
        if forecast.beside.contains(&place) {
            row.does_not.push(self.voice.say("vaccination-beside"));
        }
    }

    fn unread(&self, facts: &Facts) -> Vec<(String, String)> {
        let unread = self.record.valid("Immunization").filter(|item| facts.unread.contains(&item.stored.id));
        unread.map(|item| (item.link(self.record.person()), clinical::title(self.record, item.root()).unwrap_or_else(|| self.voice.say("not-stated")))).collect()
    }

    fn reason(&self, reason: &Reason) -> String {
        let voice = self.voice;
        let key = format!("reason-{}", reason.code());
        let day = |day: &Day| voice.day(day.civil());
        match reason {
            Reason::AgeReached { age } | Reason::AgeNotReached { age } | Reason::TooOld { age } | Reason::OneIsEnough { age } | Reason::InsteadFrom { age } | Reason::LateStart { age } => voice.with(&key, &[("age", &span(voice, age))]),
            Reason::GapOver { gap, after } | Reason::GapNotOver { gap, after } => voice.with(&key, &[("gap", &span(voice, gap)), ("day", &day(after))]),
            Reason::LiveNotOver { after, cvx, days } => voice.with(&key, &[("vaccine", &self.vaccine(cvx)), ("day", &day(after)), ("gap", &voice.count("span-days", usize::from(*days)))]),
            Reason::WeekNotReached { week } | Reason::Pregnancy { week: Some(week) } => voice.with(if matches!(reason, Reason::Pregnancy { .. }) { "reason-pregnancy-week" } else { &key }, &[("week", &week.to_string())]),
            Reason::EarlierMissing { needs } => voice.count(&key, *needs),
            Reason::AllGiven { doses } => voice.count(&key, *doses),
            Reason::Forbidden { key, passes } => voice.with(if *passes { "reason-postponed" } else { "reason-forbidden" }, &[("what", &voice.say(&format!("contraindication-{key}")))]),
            Reason::PregnancyOver(PregnancyOver::Birth { on }) => voice.with("reason-pregnancy-ended", &[("day", &day(on))]),
            Reason::PregnancyOver(PregnancyOver::Weeks { since }) => voice.with(&key, &[("day", &day(since))]),
            Reason::Instead { key: what } => voice.with(&key, &[("what", &voice.say(&format!("contraindication-{what}")))]),
            Reason::Risk { key: what } => voice.with(&key, &[("what", &voice.say(&format!("risk-{what}")))]),
            Reason::AfterVaccine { cvx } => voice.with(&key, &[("vaccine", &self.vaccine(cvx))]),
            Reason::MaybeSame { as_on } => voice.with(&key, &[("day", &day(as_on))]),
            Reason::Refused { on } => voice.with(&key, &[("day", &day(on))]),
            Reason::AfterEvent { on, is_serious } => voice.with(if *is_serious { "reason-after-serious-event" } else { &key }, &[("day", &day(on))]),
            Reason::TooYoung { from } | Reason::TooSoon { from } | Reason::TooSoonAfterLive { from } => voice.with(&key, &[("day", &day(from))]),
            Reason::Pregnancy { week: None } | Reason::SameDay | Reason::WrongVaccine | Reason::InPart | Reason::Subpotent | Reason::Died | Reason::BeforeBirth | Reason::InFuture | Reason::Extra | Reason::NotInPlan => voice.say(&key),
        }
    }
}

/// A span of time: `4 months 15 days`.
pub(crate) fn span(voice: &Voice, age: &Age) -> String {
    let parts = [("span-years", age.years), ("span-months", age.months), ("span-days", age.days), ("span-hours", age.hours)];
    let said: Vec<String> = parts.into_iter().filter(|(_, number)| *number > 0).map(|(key, number)| voice.count(key, usize::from(number))).collect();
    if said.is_empty() { voice.say("span-birth") } else { said.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn every_series_contraindication_and_risk_has_its_words_in_every_language() {
        for language in Language::ALL {
            let voice = Voice { language, zone_offset_minutes: 0 };
            for calendar in country::all().iter().map(|country| &country.calendar) {
                let series = calendar.series.iter().map(|one| format!("series-{}", one.key));
                let forbidden = calendar.contraindication.iter().map(|one| format!("contraindication-{}", one.key));
                let risks = calendar.risk.iter().map(|one| format!("risk-{}", one.key));
                for key in series.chain(forbidden).chain(risks) {
                    assert!(!voice.say(&key).contains('⟦'), "{} lacks {key}", language.code());
                }
            }
        }
    }
}
