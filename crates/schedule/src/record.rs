//! What a person's record says that a schedule needs.
//!
//! * What was entered in error is not read.
//! * A dose with a month or a year counts as given on the last day of it that has been, unless another dose of the same
//!   series is dated more exactly within that time: then it may be the same one, and does not count until it is dated. A dose
//!   without a readable code or date is told apart, so that nobody takes it for never given.
//! * A refusal holds from its first day until a dose is given, until its last day is over, or until the person agrees: of
//!   several Consents about one series that have begun the newest speaks. <https://hl7.org/fhir/R4/consent.html>
//! * A pregnancy ends with its Condition, with a birth, or 45 weeks after it was first told: a Condition that nobody ended
//!   forbids no vaccine for the rest of a life.
//! * A birth date without its day gives no schedule: ages would be guesses.

mod measured;
mod pregnancy;

use country::Country;
use fhir::date::{DAY_MS, Precision, civil_from_days};
use fhir::{Moment, PartialDateTime, Value};

use crate::day::Day;
use crate::immunisation::{Event, Given, Person, Pregnancy, PregnancyOver, Refused, RefusedVaccine};
use crate::milestone::{self, Seen};
pub use measured::Gestation;
use measured::{grams, is_withdrawn};

/// Codes of vaccines, as the CDC publishes them.
pub const CVX: &str = "http://hl7.org/fhir/sid/cvx";
/// The same table by its object identifier.
const CVX_OID: &str = "urn:oid:2.16.840.1.113883.12.292";
/// When somebody died, in LOINC.
pub const DIED: &str = "81956-5";
/// Rows of our calendars.
pub const CALENDAR: &str = "https://carnet.health/id/immunisation-calendar";

/// Keys of the series of our calendars, for what is refused or agreed to as a whole.
pub const SERIES: &str = "https://carnet.health/id/immunisation-series";

/// The facts of one record.
#[derive(Clone, Default, Debug)]
pub struct Facts {
    /// The birth date, where its day is known.
    pub birth: Option<Day>,
    /// Vaccines given.
    pub given: Vec<Given>,
    /// For each of them, the id of its Immunization.
    pub sources: Vec<String>,
    /// For each of them, whether its day was written.
    pub exact: Vec<bool>,
    /// Vaccines refused.
    pub refused: Vec<Refused>,
    /// Ids of Immunizations whose vaccine or date cannot be read.
    pub unread: Vec<String>,
    /// ICD-10 codes of what the person has now.
    pub conditions: Vec<String>,
    /// A pregnancy.
    pub pregnancy: Option<Pregnancy>,
    /// The newest pregnancy that a Condition without an end tells of and that is over, and why.
    pub pregnancy_over: Option<PregnancyOver>,
    /// When the last pregnancy ended that the record tells of.
    pub last_birth: Option<Day>,
    /// The newest weight, in grams.
    pub weight_grams: Option<u32>,
    /// Age at birth in days of pregnancy.
    pub gestation_days: Option<i32>,
    /// Somebody wrote the weeks of pregnancy at birth so that they cannot be read.
    pub gestation_is_unread: bool,
    /// The person has died.
    pub has_died: bool,
    /// What happened after vaccines, where it is known after which.
    pub events: Vec<Event>,
    /// For each of them, the id of the Immunization before it.
    pub event_sources: Vec<String>,
    /// Of Immunizations that were entered in error and are named by what happened after them: their ids, and those of the
    /// doses that took their place.
    pub replaced: Vec<(String, String)>,
    /// Immunizations that were entered in error: their ids, the vaccine and the day.
    withdrawn: Vec<(String, String, Day)>,
    /// Milestones of development that somebody looked for.
    pub milestones: Vec<Seen>,
}

/// The country whose identifiers a person carries, else the one of the address.
pub fn country_of(patient: Value<'_>) -> Option<&'static Country> {
    let systems: Vec<String> = each(patient, "identifier").filter_map(|identifier| Some(identifier.string("system")?.into_owned())).collect();
    let by_identifier = country::all().iter().find(|country| country.identifiers.iter().any(|system| systems.contains(&system.uri)));
    let lived = |is_left: bool| each(patient, "address").filter(move |address| (address.string("use").as_deref() == Some("old")) == is_left);
    by_identifier.or_else(|| lived(false).chain(lived(true)).find_map(|address| country::named(&address.string("country")?)))
}

impl Facts {
    /// Reads a Patient and the other resources of the record.
    pub fn read<'r>(country: &Country, patient: Value<'r>, resources: impl Iterator<Item = Value<'r>>, today: Day, zone_offset_minutes: i16) -> Facts {
        let mut reader = Reader { country, today, zone_offset_minutes, facts: Facts::default(), expecting: Vec::new(), births: Vec::new(), weighed: None, began: None, gestation: Gestation::default(), said: Vec::new(), reactions: Vec::new() };
        reader.facts.birth = patient.string("birthDate").and_then(|text| Day::parse(&text));
        reader.facts.has_died = fhir::life::death(patient).is_some();
        for resource in resources {
            match resource.string("resourceType").as_deref() {
                Some("Immunization") => reader.immunization(resource),
                Some("Condition") => reader.condition(resource),
                Some("Observation") => reader.observation(resource),
                Some("Consent") => reader.consent(resource),
                Some("AdverseEvent") => reader.adverse_event(resource),
                _ => {}
            }
        }
        reader.weigh_consents();
        reader.events();
        reader.weigh_pregnancies();
        (reader.facts.gestation_days, reader.facts.gestation_is_unread) = (reader.gestation.days, reader.gestation.is_unread);
        reader.facts
    }

    /// The person a forecast is made for; none without a birth date.
    pub fn person(&self) -> Option<Person<'_>> {
        Some(Person { birth: self.birth?, given: &self.given, refused: &self.refused, conditions: &self.conditions, pregnancy: self.pregnancy, pregnancy_over: self.pregnancy_over, last_birth: self.last_birth, weight_grams: self.weight_grams, events: &self.events, has_died: self.has_died })
    }
}

struct Reader<'c> {
    country: &'c Country,
    today: Day,
    zone_offset_minutes: i16,
    facts: Facts,
    /// Codes of a pregnancy that no Condition ends, and since when they are told.
    expecting: Vec<(String, Option<Day>)>,
    /// When pregnancies ended.
    births: Vec<Day>,
    /// When the newest weight was taken.
    weighed: Option<Day>,
    began: Option<Day>,
    gestation: Gestation,
    /// What Consents say of series.
    said: Vec<Said>,
    /// After which Immunization, when, and whether it was serious.
    reactions: Vec<(String, Option<Day>, bool)>,
}

/// What a Consent says of one series.
struct Said {
    at: Moment,
    day: Day,
    series: String,
    refuses: bool,
    /// The last day of a refusal.
    until: Option<Day>,
}

impl Reader<'_> {
    fn immunization(&mut self, resource: Value<'_>) {
        let status = resource.string("status").unwrap_or_default();
        let cvx = cvx_of(self.country, resource);
        let day = resource.string("occurrenceDateTime").and_then(|text| self.day(&text));
        let id = resource.string("id").unwrap_or_default().into_owned();
        match (cvx, day) {
            // What is written anew, as by an amended form, is an entry of its own: what happened after the dose goes with it.
            (Some(cvx), Some((day, _))) if status == "entered-in-error" => self.facts.withdrawn.push((id, cvx, day)),
            _ if status == "entered-in-error" => {}
            (Some(cvx), Some((day, _))) if status == "not-done" => {
                // Not done for another reason (no stock, ill that day) changes nothing.
                if codes(resource, "statusReason").any(|(_, code)| code == "PATOBJ") {
                    self.facts.refused.push(Refused { day, vaccine: RefusedVaccine::Cvx(cvx) });
                }
            }
            _ if status == "not-done" => {}
            (Some(cvx), Some((day, exact))) => {
                for reaction in each(resource, "reaction") {
                    let on = reaction.string("date").and_then(|text| self.day(&text)).map_or(day, |(on, _)| on);
                    self.reactions.push((id.clone(), Some(on), false));
                }
                let date = resource.string("occurrenceDateTime").as_deref().and_then(PartialDateTime::parse);
                let first = date.map(|date| Day::of(date.year, date.month, date.day));
                self.facts.given.push(Given { day, cvx, is_subpotent: is_subpotent(resource), since: (!exact).then(|| first.unwrap_or(day)) });
                self.facts.sources.push(id);
                self.facts.exact.push(exact);
            }
            _ => self.facts.unread.push(id),
        }
    }

    /// An active Consent to treatment that permits or denies what it names of our series.
    fn consent(&mut self, resource: Value<'_>) {
        let is_treatment = codes(resource, "scope").any(|(_, code)| code == "treatment");
        let Some(provision) = resource.get("provision").filter(|_| is_treatment && resource.string("status").as_deref() == Some("active")) else { return };
        let Some(date) = resource.string("dateTime").as_deref().and_then(PartialDateTime::parse) else { return };
        let Some((day, _)) = resource.string("dateTime").and_then(|text| self.day(&text)) else { return };
        let refuses = match provision.string("type").as_deref() {
            Some("deny") => true,
            Some("permit") => false,
            _ => return,
        };
        // What begins later says nothing yet, and what was said before still holds.
        let begins = provision.path(&["period", "start"]).and_then(|start| start.as_str()).and_then(|text| PartialDateTime::parse(&text)).map(|date| date.range(self.zone_offset_minutes).0);
        if begins.is_some_and(|begins| self.of_moment(begins) > self.today) {
            return;
        }
        let until = provision.path(&["period", "end"]).and_then(|end| end.as_str()).and_then(|text| self.day(&text)).map(|(day, _)| day);
        let at = date.range(self.zone_offset_minutes).0;
        self.said.extend(codes(provision, "code").filter(|(system, _)| system == SERIES).map(|(_, series)| Said { at, day, series, refuses, until }));
    }

    /// Of what was said of each series the newest holds; of two of one moment the refusal.
    fn weigh_consents(&mut self) {
        let mut said = std::mem::take(&mut self.said);
        said.sort_by_key(|one| (one.at, one.refuses));
        let country = self.country;
        for series in &country.calendar.series {
            let Some(newest) = said.iter().rfind(|one| one.series == series.key) else { continue };
            if newest.refuses {
                if newest.until.is_none_or(|until| until >= self.today) {
                    self.facts.refused.push(Refused { day: newest.day, vaccine: RefusedVaccine::Series(series.key.clone()) });
                }
            } else {
                self.facts.refused.retain(|refused| refused.day > newest.day || !refused.vaccine.concerns(series));
            }
        }
    }

    /// What happened after vaccines that are named. Something that only might have happened is no event.
    fn adverse_event(&mut self, resource: Value<'_>) {
        if resource.string("actuality").as_deref() == Some("potential") {
            return;
        }
        let day = ["date", "detected", "recordedDate"].into_iter().find_map(|member| self.day(&resource.string(member)?)).map(|(day, _)| day);
        let is_serious = codes(resource, "seriousness").any(|(_, code)| code.eq_ignore_ascii_case("serious"));
        for suspect in each(resource, "suspectEntity") {
            let reference = suspect.path(&["instance"]).and_then(|instance| instance.string("reference")).unwrap_or_default().into_owned();
            if let Some((_, id)) = reference.rsplit_once("Immunization/") {
                self.reactions.push((id.split('/').next().unwrap_or_default().to_owned(), day, is_serious));
            }
        }
    }

    /// Where the dose stands that an event names; of one that was entered in error, the dose that took its place: of the same
    /// vaccine the nearest, else one of the same day.
    fn place_of(&self, source: &str) -> Option<usize> {
        let standing = self.facts.sources.iter().position(|own| own == source);
        standing.or_else(|| {
            let (_, cvx, day) = self.facts.withdrawn.iter().find(|(id, _, _)| id == source)?;
            let given = &self.facts.given;
            let alike = (0..given.len()).filter(|place| given[*place].cvx == *cvx);
            alike.min_by_key(|place| (given[*place].day.0 - day.0).abs()).or_else(|| given.iter().position(|one| one.day == *day))
        })
    }

    /// Once every dose is read: each event with the vaccine before it.
    fn events(&mut self) {
        for (source, day, is_serious) in std::mem::take(&mut self.reactions) {
            let Some(place) = self.place_of(&source) else { continue };
            let given = &self.facts.given[place];
            self.facts.events.push(Event { day: day.unwrap_or(given.day), cvx: given.cvx.clone(), is_serious });
            let own = self.facts.sources[place].clone();
            if own != source {
                self.facts.replaced.push((source, own.clone()));
            }
            self.facts.event_sources.push(own);
        }
    }

    /// The last period, the expected day of birth, and the age at one's own birth.
    fn observation(&mut self, resource: Value<'_>) {
        if is_withdrawn(resource) {
            return;
        }
        for (_, key) in codes(resource, "code").filter(|(system, _)| system == milestone::CODES) {
            let seen = resource.get("valueBoolean").and_then(|value| value.as_bool());
            let day = resource.string("effectiveDateTime").and_then(|text| self.day(&text));
            self.facts.milestones.extend(seen.zip(day).map(|(is_reached, (day, _))| Seen { key, day, is_reached }));
        }
        for (_, code) in codes(resource, "code").filter(|(system, _)| system == "http://loinc.org") {
            let date = || resource.string("valueDateTime").and_then(|text| self.day(&text)).map(|(day, _)| day);
            match code.as_str() {
                "8665-2" => self.began = self.began.max(date()),
                // Of the body, of the body measured.
                "29463-7" | "3141-9" => {
                    let day = resource.string("effectiveDateTime").and_then(|text| self.day(&text)).map(|(day, _)| day);
                    self.weight(resource, day);
                }
                // At birth, whenever it was written down.
                "8339-4" => self.weight(resource, self.facts.birth),
                // When a child was delivered, as the mother's record tells it.
                "93857-1" => {
                    let born = resource.string("valueDateTime").and_then(|text| self.first_day(&text));
                    self.births.extend(born);
                }
                "11778-8" => self.began = self.began.max(date().map(|day| day.plus(-280))),
                _ => {}
            }
        }
        // A document may know of a death before the data of the person do.
        self.facts.has_died |= codes(resource, "code").any(|(system, code)| system == "http://loinc.org" && code == DIED);
        self.gestation.take(resource, self.facts.birth);
    }

    /// A weight counts by its day, until a newer one is read.
    fn weight(&mut self, resource: Value<'_>, day: Option<Day>) {
        if let Some((day, grams)) = day.zip(grams(resource))
            && day <= self.today
            && self.weighed.is_none_or(|newest| newest <= day)
        {
            self.weighed = Some(day);
            self.facts.weight_grams = Some(grams);
        }
    }

    /// The day of a date; of a month or a year the first.
    fn first_day(&self, text: &str) -> Option<Day> {
        let (day, is_exact) = self.day(text)?;
        let date = PartialDateTime::parse(text)?;
        Some(if is_exact { day } else { Day::of(date.year, date.month, date.day) })
    }

    fn of_moment(&self, at: Moment) -> Day {
        let (year, month, day) = at.civil(self.zone_offset_minutes);
        Day::of(year, month, day)
    }

    fn day(&self, text: &str) -> Option<(Day, bool)> {
        day_of(text, self.today, self.zone_offset_minutes)
    }
}

/// The CVX code, or that of the row of the calendar the dose names.
fn cvx_of(country: &Country, immunization: Value<'_>) -> Option<String> {
    let all: Vec<(String, String)> = codes(immunization, "vaccineCode").collect();
    let own = all.iter().find(|(system, code)| system == CVX && !matches!(code.as_str(), "998" | "999"));
    let row = || {
        let (_, id) = all.iter().find(|(system, _)| system == CALENDAR)?;
        country.immunisation.iter().find(|row| row.id == *id).map(|row| row.cvx.clone())
    };
    own.map(|(_, code)| code.clone()).or_else(row)
}

/// The places of Immunizations that may be second entries of another one of these: dated by month or year where another of
/// the same series is dated more exactly within that time, or a later one of the same vaccine and time. A series is one
/// of the person's country, or of any where that is not known; what no calendar has is compared by its code.
pub fn second_entries(patient: Value<'_>, immunizations: &[Value<'_>], today: Day, zone_offset_minutes: i16) -> Vec<usize> {
    let countries: Vec<&Country> = country_of(patient).map_or_else(|| country::all().iter().collect(), |country| vec![country]);
    let read = |immunization: &Value<'_>| {
        let text = immunization.string("occurrenceDateTime")?;
        let (day, exact) = day_of(&text, today, zone_offset_minutes)?;
        let date = PartialDateTime::parse(&text)?;
        let known = countries.iter().find_map(|country| cvx_of(country, *immunization));
        let cvx = known.or_else(|| codes(*immunization, "vaccineCode").next().map(|(system, code)| format!("{system}|{code}")))?;
        Some(Given { day, cvx, is_subpotent: false, since: (!exact).then(|| Day::of(date.year, date.month, date.day)) })
    };
    let given: Vec<Option<Given>> = immunizations.iter().map(read).collect();
    let in_one_series = |one: &Given, other: &Given| {
        let mut series = countries.iter().flat_map(|country| &country.calendar.series);
        one.cvx == other.cvx || series.any(|series| series.counts.contains(&one.cvx) && series.counts.contains(&other.cvx))
    };
    let is_second = |place: &usize| {
        let Some(one) = &given[*place] else { return false };
        let mut others = given.iter().enumerate().filter_map(|(other_place, other)| Some((other_place, other.as_ref()?)));
        others.any(|(other_place, other)| other_place != *place && in_one_series(one, other) && (one.may_be(other) || (other_place < *place && one.is_as(other))))
    };
    (0..given.len()).filter(is_second).collect()
}

/// Whether an Immunization tells of a dose that can count: it was given, with its full strength, on a day that can be read
/// and has been, and not before birth. A forecast asks the same, and more that a series wants.
pub fn is_whole_dose(immunization: Value<'_>, birth: Option<Day>, today: Day, zone_offset_minutes: i16) -> bool {
    let is_completed = immunization.string("status").as_deref() == Some("completed");
    let day = immunization.string("occurrenceDateTime").and_then(|text| day_of(&text, today, zone_offset_minutes)).map(|(day, _)| day);
    let has_been = day.is_some_and(|day| day <= today && birth.is_none_or(|birth| birth <= day));
    is_completed && has_been && !is_subpotent(immunization)
}

fn is_subpotent(immunization: Value<'_>) -> bool {
    immunization.get("isSubpotent").and_then(|value| value.as_bool()) == Some(true)
}

/// The day of a date and whether it was written with its day.
fn day_of(text: &str, today: Day, zone_offset_minutes: i16) -> Option<(Day, bool)> {
    let date = PartialDateTime::parse(text)?;
    if date.precision >= Precision::Minute && date.offset_minutes == Some(0) {
        let (year, month, day) = date.range(0).0.civil(zone_offset_minutes);
        return Some((Day::of(year, month, day), true));
    }
    if date.precision >= Precision::Day {
        return Some((Day::of(date.year, date.month, date.day), true));
    }
    let end = date.range(0).1.0.div_euclid(DAY_MS) - 1;
    let (year, month, day) = civil_from_days(end);
    Some((Day::of(year, month, day).min(today).max(Day::of(date.year, date.month, date.day)), false))
}

fn each<'v>(value: Value<'v>, member: &'static str) -> impl Iterator<Item = Value<'v>> {
    value.get(member).into_iter().flat_map(|all| all.each())
}

/// System and code of every coding of one or many concepts.
fn codes<'v>(value: Value<'v>, member: &'static str) -> impl Iterator<Item = (String, String)> + 'v {
    let codings = each(value, member).flat_map(|concept| each(concept, "coding"));
    codings.filter_map(|coding| Some(as_published(coding.string("system").unwrap_or_default().into_owned(), coding.string("code")?.into_owned())))
}

/// A code of CVX as its owner writes it: under the address of HL7, with two digits at least. Others send `8` for `08`, which no
/// other code can be.
fn as_published(system: String, code: String) -> (String, String) {
    if system != CVX && system != CVX_OID {
        return (system, code);
    }
    let is_short = code.len() == 1 && code.bytes().all(|sign| sign.is_ascii_digit());
    (CVX.to_owned(), if is_short { format!("0{code}") } else { code })
}

#[cfg(test)]
mod tests {
    use super::*;
    use fhir::Document;

    fn facts(resources: &[&str]) -> Facts {
        let patient = Document::read(r#"{"resourceType":"Patient","birthDate":"2025-01-15"}"#).unwrap();
        let documents: Vec<Document<'_>> = resources.iter().map(|text| Document::read(text).unwrap()).collect();
        let roots: Vec<Value<'_>> = documents.iter().map(Document::root).collect();
        Facts::read(country::by_code("ru").unwrap(), patient.root(), roots.into_iter(), Day::of(2025, 6, 10), 180)
    }

    fn given(code: &str, date: &str) -> String {
        format!(r#"{{"resourceType":"Immunization","id":"i","status":"completed","vaccineCode":{{"coding":[{code}]}},"occurrenceDateTime":"{date}"}}"#)
    }

    #[test]
    fn a_dose_is_read_by_its_code_or_by_the_row_of_the_calendar() {
        for (code, date, expected) in [
            (r#"{"system":"http://hl7.org/fhir/sid/cvx","code":"08"}"#, "2025-01-15", Some(("08", "2025-01-15", true))),
            (r#"{"system":"https://carnet.health/id/immunisation-calendar","code":"RU-BCG-1"}"#, "2025-01-18T21:30:00Z", Some(("19", "2025-01-19", true))),
            (r#"{"system":"http://hl7.org/fhir/sid/cvx","code":"08"}"#, "2025-02", Some(("08", "2025-02-28", false))),
            (r#"{"system":"http://hl7.org/fhir/sid/cvx","code":"08"}"#, "2025", Some(("08", "2025-06-10", false))),
            (r#"{"system":"http://hl7.org/fhir/sid/cvx","code":"999"}"#, "2025-02-01", None),
            (r#"{"system":"urn:other","code":"08"}"#, "2025-02-01", None),
            // As others write it: without its zero, by the object identifier.
            (r#"{"system":"http://hl7.org/fhir/sid/cvx","code":"8"}"#, "2025-01-15", Some(("08", "2025-01-15", true))),
            (r#"{"system":"urn:oid:2.16.840.1.113883.12.292","code":"3"}"#, "2025-01-15", Some(("03", "2025-01-15", true))),
            (r#"{"system":"urn:other","code":"8"}"#, "2025-02-01", None),
        ] {
            let facts = facts(&[&given(code, date)]);
            let found = facts.given.first().map(|given| (given.cvx.as_str(), given.day.to_string(), facts.exact[0]));
            assert_eq!(found, expected.map(|(cvx, day, exact)| (cvx, day.to_owned(), exact)), "{code} {date}");
            assert_eq!(facts.unread.len(), usize::from(expected.is_none()));
        }
    }

    #[test]
    fn a_dose_that_was_entered_again_by_its_year_or_month_completes_nothing() {
        use crate::immunisation::{Reason, Verdict, forecast};
        let mmr = r#"{"system":"http://hl7.org/fhir/sid/cvx","code":"03"}"#;
        let bcg = r#"{"system":"http://hl7.org/fhir/sid/cvx","code":"19"}"#;
        let country = country::by_code("mx").unwrap();
        for (doses, counting, doubtful) in [
            (vec![given(mmr, "2025-01-16"), given(mmr, "2025")], 1, 1),
            (vec![given(mmr, "2025"), given(mmr, "2025-01-16")], 1, 1),
            (vec![given(mmr, "2025-01-16"), given(mmr, "2025-01")], 1, 1),
            // A month within a year is told more exactly.
            (vec![given(mmr, "2025-01"), given(mmr, "2025")], 1, 1),
            // Another time, another vaccine: nothing to doubt.
            (vec![given(mmr, "2025-01-16"), given(mmr, "2025-11")], 2, 0),
            (vec![given(mmr, "2025-01-16"), given(mmr, "2026")], 2, 0),
            (vec![given(bcg, "2025-01-16"), given(mmr, "2025")], 1, 0),
            (vec![given(mmr, "2025")], 1, 0),
        ] {
            let patient = Document::read(r#"{"resourceType":"Patient","birthDate":"2024-01-10"}"#).unwrap();
            let documents: Vec<Document<'_>> = doses.iter().map(|text| Document::read(text).unwrap()).collect();
            let today = Day::of(2027, 6, 10);
            let facts = Facts::read(country, patient.root(), documents.iter().map(Document::root), today, 0);
            let forecast = forecast(&country.calendar, &facts.person().unwrap(), today);
            let line = forecast.lines.iter().find(|line| country.calendar.series.iter().any(|series| series.key == line.series && series.counts.iter().any(|cvx| cvx == "03"))).unwrap();
            let found = line.doses.iter().filter(|dose| matches!(dose.verdict, Verdict::DoesNot(Reason::MaybeSame { .. }))).count();
            assert_eq!((line.valid(), found), (counting, doubtful), "{doses:?}: {:?}", line.doses);
        }
    }

    #[test]
    fn measles_alone_stands_with_its_series_and_completes_nothing() {
        use crate::immunisation::{Reason, Verdict, forecast};
        let patient = Document::read(r#"{"resourceType":"Patient","birthDate":"2024-01-10"}"#).unwrap();
        let dose = given(r#"{"system":"http://hl7.org/fhir/sid/cvx","code":"05"}"#, "2025-02-01");
        let today = Day::of(2025, 6, 10);
        for code in ["mx", "ru"] {
            let country = country::by_code(code).unwrap();
            let document = Document::read(&dose).unwrap();
            let facts = Facts::read(country, patient.root(), std::iter::once(document.root()), today, 0);
            let forecast = forecast(&country.calendar, &facts.person().unwrap(), today);
            let line = forecast.lines.iter().find(|line| line.series == "mmr").unwrap();
            assert_eq!((line.valid(), line.doses[0].verdict.clone()), (0, Verdict::DoesNot(Reason::InPart)), "{code}");
            assert!(forecast.beside.is_empty(), "{code}");
        }
    }

    #[test]
    fn refusals_errors_and_what_was_not_done_are_told_apart() {
        let with = |status: &str, reason: &str| format!(r#"{{"resourceType":"Immunization","status":"{status}","statusReason":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"{reason}"}}]}},"vaccineCode":{{"coding":[{{"system":"http://hl7.org/fhir/sid/cvx","code":"03"}}]}},"occurrenceDateTime":"2025-03-01"}}"#);
        let facts = facts(&[&with("not-done", "PATOBJ"), &with("not-done", "OSTOCK"), &with("entered-in-error", "PATOBJ")]);
        assert_eq!((facts.refused.len(), facts.given.len(), facts.unread.len()), (1, 0, 0));
    }

    #[test]
    fn of_consents_about_a_series_the_newest_speaks() {
        let consent = |day: &str, kind: &str, status: &str, more: &str| format!(r#"{{"resourceType":"Consent","status":"{status}","scope":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"treatment"}}]}},"dateTime":"{day}","provision":{{"type":"{kind}",{more}"code":[{{"coding":[{{"system":"{SERIES}","code":"influenza"}}]}}]}}}}"#);
        let dose = r#"{"resourceType":"Immunization","status":"not-done","statusReason":{"coding":[{"code":"PATOBJ"}]},"vaccineCode":{"coding":[{"system":"http://hl7.org/fhir/sid/cvx","code":"141"}]},"occurrenceDateTime":"2025-03-01"}"#.to_owned();
        let (refusal, agreement) = (consent("2025-03-01", "deny", "active", ""), consent("2025-04-01", "permit", "active", ""));
        let days = |resources: &[&str]| facts(resources).refused.iter().map(|one| one.day.to_string()).collect::<Vec<_>>();
        for (resources, expected) in [
            (vec![refusal.clone()], vec!["2025-03-01"]),
            (vec![agreement.clone(), refusal.clone()], vec![]),
            (vec![agreement.clone(), consent("2025-05-01T09:00:00+03:00", "deny", "active", "")], vec!["2025-05-01"]),
            (vec![consent("2025-03-01", "permit", "active", ""), refusal.clone()], vec!["2025-03-01"]),
            (vec![consent("2025-03-01", "deny", "active", r#""period":{"end":"2025-06-09"},"#)], vec![]),
            (vec![consent("2025-03-01", "deny", "active", r#""period":{"end":"2025-06-10"},"#)], vec!["2025-03-01"]),
            // What begins tomorrow says nothing yet, and what was said before still holds.
            (vec![consent("2025-03-01", "deny", "active", r#""period":{"start":"2025-06-10"},"#)], vec!["2025-03-01"]),
            (vec![consent("2025-03-01", "deny", "active", r#""period":{"start":"2025-06-11"},"#)], vec![]),
            (vec![consent("2025-03-01", "deny", "active", r#""period":{"start":"2025-07"},"#)], vec![]),
            (vec![refusal.clone(), consent("2025-04-01", "permit", "active", r#""period":{"start":"2025-06-11"},"#)], vec!["2025-03-01"]),
            (vec![consent("2025-03-01", "deny", "entered-in-error", "")], vec![]),
            (vec![consent("2025-03-01", "deny", "inactive", ""), agreement.clone()], vec![]),
            (vec![dose.clone()], vec!["2025-03-01"]),
            (vec![dose.clone(), agreement.clone()], vec![]),
            (vec![refusal.replace("influenza", "nothing-known")], vec![]),
            (vec![refusal.replace("\"treatment\"", "\"patient-privacy\"")], vec![]),
        ] {
            let resources: Vec<&str> = resources.iter().map(String::as_str).collect();
            assert_eq!(days(&resources), expected, "{resources:?}");
        }
    }

    #[test]
    fn only_what_the_person_has_now_counts() {
        let condition = |code: &str, status: &str| format!(r#"{{"resourceType":"Condition","clinicalStatus":{{"coding":[{{"code":"{status}"}}]}},"code":{{"coding":[{{"system":"http://hl7.org/fhir/sid/icd-10","code":"{code}"}}]}}}}"#);
        let facts = facts(&[&condition("b24", "active"), &condition("K56.1", "resolved"), &condition("Z34.0", "active")]);
        assert_eq!(facts.conditions, ["B24", "Z34.0"]);
        // However its end is told, it is over.
        for end in [r#""abatementDateTime":"2020-01-01""#, r#""abatementPeriod":{"end":"2020"}"#, r#""abatementAge":{"value":3,"unit":"a"}"#, r#""abatementString":"in childhood""#] {
            let over = condition("B24", "active").replace("\"clinicalStatus\"", &format!("{end},\"clinicalStatus\""));
            assert!(self::facts(&[&over]).conditions.is_empty(), "{end}");
        }
        assert_eq!(facts.pregnancy, Some(Pregnancy { began: None }));
    }

    #[test]
    fn a_pregnancy_ends_with_a_birth_or_after_45_weeks_whatever_its_condition_says() {
        // Today is 2025-06-10.
        let condition = |code: &str, more: &str| format!(r#"{{"resourceType":"Condition","clinicalStatus":{{"coding":[{{"code":"active"}}]}},{more}"code":{{"coding":[{{"system":"http://hl7.org/fhir/sid/icd-10","code":"{code}"}}]}}}}"#);
        let delivered = |day: &str| format!(r#"{{"resourceType":"Observation","status":"final","code":{{"coding":[{{"system":"http://loinc.org","code":"93857-1"}}]}},"valueDateTime":"{day}"}}"#);
        let period = r#"{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8665-2"}]},"valueDateTime":"2025-01-05"}"#.to_owned();
        let over = condition("O80.9", r#""onsetDateTime":"2025-05-20","abatementDateTime":"2025-05-22","#);
        let weeks = |year, month, day| Some(PregnancyOver::Weeks { since: Day::of(year, month, day) });
        let birth = |year, month, day| Some(PregnancyOver::Birth { on: Day::of(year, month, day) });
        for (resources, is_pregnant, expected) in [
            (vec![condition("Z34.0", "")], true, None),
            (vec![condition("Z34.0", r#""onsetDateTime":"2024-07-30","#)], true, None),
            (vec![condition("Z34.0", r#""onsetDateTime":"2024-07-29","#)], false, weeks(2024, 7, 29)),
            (vec![condition("Z34.0", r#""recordedDate":"2023-01-10","#)], false, weeks(2023, 1, 10)),
            // Of a year the last day counts.
            (vec![condition("Z34.0", r#""onsetDateTime":"2024","#)], true, None),
            (vec![condition("Z34.0", r#""onsetDateTime":"2024-10-01","#), delivered("2025-05-20")], false, birth(2025, 5, 20)),
            (vec![condition("Z34.0", r#""onsetDateTime":"2024-10-01","#), over.clone()], false, birth(2025, 5, 20)),
            (vec![condition("Z34.0", r#""onsetDateTime":"2024-10-01","#), condition("O03.9", r#""onsetDateTime":"2024-12-01","#)], false, birth(2024, 12, 1)),
            // A birth of long ago that was written down now, and one of this year, end no pregnancy of now.
            (vec![condition("Z34.0", r#""onsetDateTime":"2025-03-01","#), condition("O80.9", r#""recordedDate":"2025-05-01","#)], true, None),
            (vec![condition("Z34.0", r#""onsetDateTime":"2025-03-01","#), condition("O80.9", r#""onsetDateTime":"2025","#)], true, None),
            (vec![condition("Z34.0", r#""onsetDateTime":"2025-03-01","#), delivered("2025")], true, None),
            // The next one, and a birth to come, which nobody has seen.
            (vec![condition("Z34.0", r#""onsetDateTime":"2025-05-25","#), delivered("2025-05-20")], true, None),
            (vec![condition("Z34.0", r#""onsetDateTime":"2024-10-01","#), delivered("2025-06-20")], true, None),
            (vec![period.clone()], true, None),
            (vec![period.clone(), delivered("2025-03-01")], false, None),
            (vec![period, condition("Z34.0", r#""onsetDateTime":"2023-10-01","#)], true, weeks(2023, 10, 1)),
        ] {
            let texts: Vec<&str> = resources.iter().map(String::as_str).collect();
            let read = facts(&texts);
            assert_eq!((read.pregnancy.is_some(), read.pregnancy_over), (is_pregnant, expected), "{resources:?}");
            assert!(read.conditions.iter().all(|_| is_pregnant), "{resources:?}");
        }
        // What comes after a birth is no pregnancy; what complicates one is.
        assert_eq!(facts(&[&condition("O92.0", r#""onsetDateTime":"2025-05-25","#), &condition("O24.4", r#""onsetDateTime":"2025-05-25","#)]).conditions, ["O24.4"]);
    }

    #[test]
    fn a_dose_of_the_pregnancy_before_is_not_of_this_one() {
        use crate::immunisation::forecast;
        let (country, today) = (country::by_code("mx").unwrap(), Day::of(2025, 6, 10));
        let patient = Document::read(r#"{"resourceType":"Patient","birthDate":"1995-01-15"}"#).unwrap();
        let condition = |code: &str, day: &str| format!(r#"{{"resourceType":"Condition","clinicalStatus":{{"coding":[{{"code":"active"}}]}},"onsetDateTime":"{day}","code":{{"coding":[{{"system":"http://hl7.org/fhir/sid/icd-10","code":"{code}"}}]}}}}"#);
        let dose = given(r#"{"system":"http://hl7.org/fhir/sid/cvx","code":"115"}"#, "2024-11-01");
        for (resources, counting) in [
            (vec![condition("Z34.9", "2025-04-01"), dose.clone()], 1),
            (vec![condition("Z34.9", "2025-04-01"), condition("O80.9", "2024-12-20"), dose.clone()], 0),
        ] {
            let documents: Vec<Document<'_>> = resources.iter().map(|text| Document::read(text).unwrap()).collect();
            let facts = Facts::read(country, patient.root(), documents.iter().map(Document::root), today, 0);
            let lines = forecast(&country.calendar, &facts.person().unwrap(), today).lines;
            let line = lines.iter().find(|line| line.series == "pertussis-pregnancy").unwrap();
            assert_eq!(line.valid(), counting, "{resources:?}");
        }
    }

    #[test]
    fn a_light_child_gets_bcg_once_it_weighs_enough() {
        use crate::immunisation::{Reason, Status, forecast};
        // Born on 2025-01-15.
        let weight = |day: &str, value: &str| format!(r#"{{"resourceType":"Observation","status":"final","code":{{"coding":[{{"system":"http://loinc.org","code":"29463-7"}}]}},"effectiveDateTime":"{day}","valueQuantity":{{{value}}}}}"#);
        let born_light = |code: &str| format!(r#"{{"resourceType":"Condition","clinicalStatus":{{"coding":[{{"code":"active"}}]}},"code":{{"coding":[{{"system":"http://hl7.org/fhir/sid/icd-10","code":"{code}"}}]}}}}"#);
        let today = Day::of(2025, 6, 10);
        for (resources, grams, is_postponed) in [
            (vec![born_light("P07.0")], None, true),
            (vec![born_light("P07.1")], None, true),
            (vec![born_light("P07.3")], None, false),
            (vec![born_light("P07.1"), weight("2025-01-15", r#""value":1900,"code":"g""#)], Some(1900), true),
            (vec![born_light("P07.1"), weight("2025-01-15", r#""value":2100,"code":"g""#)], Some(2100), false),
            (vec![weight("2025-01-15", r#""value":1.9,"unit":"kg""#)], Some(1900), true),
            // What a child weighed at birth is of that day, whenever it was written down.
            (vec![weight("2025-03-20", r#""value":1900,"code":"g""#).replace("29463-7", "8339-4"), weight("2025-02-20", r#""value":2.4,"code":"kg""#)], Some(2400), false),
            // The newest weight, in whatever order.
            (vec![born_light("P07.0"), weight("2025-02-20", r#""value":2.4,"code":"kg""#), weight("2025-01-15", r#""value":950,"code":"g""#)], Some(2400), false),
            (vec![weight("2025-07-20", r#""value":1.4,"code":"kg""#)], None, false),
            (vec![weight("2025-01-15", r#""value":4,"code":"[lb_av]""#)], None, false),
        ] {
            let texts: Vec<&str> = resources.iter().map(String::as_str).collect();
            let facts = facts(&texts);
            assert_eq!(facts.weight_grams, grams, "{resources:?}");
            let status = |today: Day| {
                let forecast = forecast(&country::by_code("ru").unwrap().calendar, &facts.person().unwrap(), today);
                let line = forecast.lines.into_iter().find(|line| line.series == "tuberculosis").unwrap();
                (line.status == Status::Contraindicated, line.reasons.iter().any(|reason| matches!(reason, Reason::Forbidden { key, passes: true } if key == "low-birth-weight")))
            };
            assert_eq!(status(today), (is_postponed, is_postponed), "{resources:?}");
            // Nobody weighs so little at one year.
            assert_eq!(status(Day::of(2026, 1, 15)), (false, false), "{resources:?}");
        }
    }

    #[test]
    fn what_may_be_a_second_entry_of_a_dose_is_told() {
        let cvx = |code: &str| format!(r#"{{"system":"http://hl7.org/fhir/sid/cvx","code":"{code}"}}"#);
        let other = r#"{"system":"urn:other","code":"MMR"}"#;
        let patient = |country: &str| format!(r#"{{"resourceType":"Patient","birthDate":"2024-01-10","address":[{{"country":"{country}"}}]}}"#);
        for (doses, expected) in [
            (vec![given(&cvx("03"), "2025-01-16"), given(&cvx("03"), "2025")], vec![1]),
            (vec![given(&cvx("03"), "2025"), given(&cvx("94"), "2025-01-16")], vec![0]),
            (vec![given(&cvx("03"), "2025"), given(&cvx("03"), "2025-01"), given(&cvx("03"), "2025-01-16")], vec![0, 1]),
            (vec![given(&cvx("03"), "2025-01-16"), given(&cvx("03"), "2025-01-16")], vec![1]),
            (vec![given(&cvx("03"), "2025-02"), given(&cvx("03"), "2025-02")], vec![1]),
            (vec![given(other, "2025-02"), given(other, "2025-02-03")], vec![0]),
            // Another time, another series, one that cannot be read.
            (vec![given(&cvx("03"), "2025-01-16"), given(&cvx("03"), "2024")], vec![]),
            (vec![given(&cvx("19"), "2025-01-16"), given(&cvx("03"), "2025")], vec![]),
            (vec![given(&cvx("03"), "2025-01-16"), given(&cvx("03"), "soon")], vec![]),
        ] {
            for country in ["MX", "RU", "FR"] {
                let patient = patient(country);
                let patient = Document::read(&patient).unwrap();
                let documents: Vec<Document<'_>> = doses.iter().map(|text| Document::read(text).unwrap()).collect();
                let roots: Vec<Value<'_>> = documents.iter().map(Document::root).collect();
                assert_eq!(second_entries(patient.root(), &roots, Day::of(2026, 6, 10), 0), expected, "{country} {doses:?}");
            }
        }
    }

    #[test]
    fn what_happened_after_a_vaccine_is_read_with_the_vaccine() {
        let dose = given(r#"{"system":"http://hl7.org/fhir/sid/cvx","code":"08"}"#, "2025-02-01");
        let event = |about: &str, more: &str| format!(r#"{{"resourceType":"AdverseEvent","actuality":"actual","date":"2025-02-03",{more}"suspectEntity":[{{"instance":{{"reference":"{about}"}}}}]}}"#);
        let serious = r#""seriousness":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-seriousness","code":"serious"}]},"#;
        let read = facts(&[&event("Immunization/i", serious), &event("https://here.example/fhir/Immunization/i/_history/2", ""), &event("Immunization/other", ""), &event("Medication/i", ""), &event("Immunization/i", "").replace("actual\"", "potential\""), &dose]);
        let told: Vec<_> = read.events.iter().map(|event| (event.day.to_string(), event.cvx.as_str(), event.is_serious)).collect();
        assert_eq!(told, [("2025-02-03".to_owned(), "08", true), ("2025-02-03".to_owned(), "08", false)]);
        assert_eq!(read.event_sources, ["i", "i"]);
        // The dose was entered in error and written anew, as an amended form does it: its events go with it.
        let wrong = dose.replace("completed", "entered-in-error");
        let anew = |code: &str, day: &str| given(&format!(r#"{{"system":"http://hl7.org/fhir/sid/cvx","code":"{code}"}}"#), day).replace("\"id\":\"i\"", "\"id\":\"n\"");
        for (other, cvx) in [(anew("08", "2025-02-01"), Some("08")), (anew("08", "2025-02-11"), Some("08")), (anew("146", "2025-02-01"), Some("146")), (anew("146", "2025-02-11"), None)] {
            let read = facts(&[&event("Immunization/i", serious), &wrong, &other]);
            assert_eq!((read.events.first().map(|event| event.cvx.as_str()), read.given.len()), (cvx, 1), "{other}");
            assert_eq!(read.replaced, cvx.map(|_| ("i".to_owned(), "n".to_owned())).into_iter().collect::<Vec<_>>());
        }
        // A reaction that stands with the dose, without a day of its own.
        let read = facts(&[&dose.replace("\"occurrenceDateTime\"", "\"reaction\":[{\"reported\":true}],\"occurrenceDateTime\"")]);
        assert_eq!(read.events, [Event { day: Day::of(2025, 2, 1), cvx: "08".to_owned(), is_serious: false }]);
    }

    #[test]
    fn milestones_are_read_with_what_was_seen() {
        let observation = |value: &str| format!(r#"{{"resourceType":"Observation","status":"final","code":{{"coding":[{{"system":"https://carnet.health/fhir/CodeSystem/milestone","code":"smiles"}}]}},"effectiveDateTime":"2025-03-01",{value}}}"#);
        let read = facts(&[&observation(r#""valueBoolean":true"#), &observation(r#""valueBoolean":false"#), &observation(r#""valueString":"yes""#)]);
        let day = Day::of(2025, 3, 1);
        assert_eq!(read.milestones, [true, false].map(|is_reached| Seen { key: "smiles".to_owned(), day, is_reached }));
    }

    #[test]
    fn the_last_period_and_the_weeks_at_birth_are_read() {
        let observation = |code: &str, value: &str| format!(r#"{{"resourceType":"Observation","status":"final","code":{{"coding":[{{"system":"http://loinc.org","code":"{code}"}}]}},{value}}}"#);
        let facts = facts(&[
            &observation("11778-8", r#""valueDateTime":"2025-12-01""#),
            &observation("11884-4", r#""valueQuantity":{"value":34,"code":"wk"}"#),
            &observation("76516-4", r#""valueQuantity":{"value":3,"code":"wk"}"#),
        ]);
        assert_eq!(facts.pregnancy, Some(Pregnancy { began: Some(Day::of(2025, 2, 24)) }));
        assert_eq!(facts.gestation_days, Some(238));
    }

    #[test]
    fn a_dose_that_can_count_was_given_whole_on_a_day_that_has_been() {
        let code = r#"{"system":"http://hl7.org/fhir/sid/cvx","code":"08"}"#;
        let (birth, today) = (Some(Day::of(2025, 1, 15)), Day::of(2025, 6, 10));
        for (dose, expected) in [
            (given(code, "2025-06-10"), true),
            (given(code, "2025-06"), true),
            (given(code, "2025"), true),
            (given(code, "2025-06-11"), false),
            (given(code, "2025-07"), false),
            // Half past nine in the evening in UTC is the next day in Moscow.
            (given(code, "2025-06-09T21:30:00Z"), true),
            (given(code, "2025-06-10T21:30:00Z"), false),
            (given(code, "2025-01-14"), false),
            (given(code, "soon"), false),
            (given(code, "2025-06-10").replace("completed", "not-done"), false),
            (given(code, "2025-06-10").replace("\"id\":\"i\"", "\"isSubpotent\":true"), false),
            (given(code, "2025-06-10").replace("\"id\":\"i\"", "\"isSubpotent\":false"), true),
        ] {
            assert_eq!(is_whole_dose(Document::read(&dose).unwrap().root(), birth, today, 180), expected, "{dose}");
        }
    }

    #[test]
    fn weeks_of_pregnancy_are_read_in_words_too_and_what_is_not_understood_is_told() {
        let observation = |value: &str| format!(r#"{{"resourceType":"Observation","status":"final","code":{{"coding":[{{"system":"http://loinc.org","code":"11884-4"}}]}},"subject":{{"reference":"Patient/c"}}{value}}}"#);
        let quantity = |value: &str| observation(&format!(r#","valueQuantity":{{{value}}}"#));
        for (resource, days, is_unread) in [
            (quantity(r#""value":28,"unit":"weeks""#), Some(196), false),
            (quantity(r#""value":28,"unit":"Semanas""#), Some(196), false),
            (quantity(r#""value":28,"unit":"нед.""#), Some(196), false),
            (quantity(r#""value":28,"unit":"tuần""#), Some(196), false),
            (quantity(r#""value":28,"unit":" wks ""#), Some(196), false),
            (quantity(r#""value":196,"unit":"дней""#), Some(196), false),
            (quantity(r#""value":28,"unit":"weeks","code":"wk","system":"http://unitsofmeasure.org""#), Some(196), false),
            // A code speaks alone, and a unit must be one of these.
            (quantity(r#""value":28,"unit":"weeks","code":"mo""#), None, true),
            (quantity(r#""value":7,"unit":"months""#), None, true),
            (quantity(r#""value":28"#), None, true),
            (quantity(r#""value":3,"unit":"weeks""#), None, true),
            (observation(r#","valueString":"28 weeks""#), None, true),
            // Nobody said anything.
            (observation(""), None, false),
        ] {
            let facts = facts(&[&resource]);
            assert_eq!((facts.gestation_days, facts.gestation_is_unread), (days, is_unread), "{resource}");
        }
    }

    #[test]
    fn a_death_that_a_document_tells_is_known() {
        let told = |status: &str| format!(r#"{{"resourceType":"Observation","status":"{status}","code":{{"coding":[{{"system":"http://loinc.org","code":"81956-5"}}]}},"valueDateTime":"2025-06-01"}}"#);
        assert!(facts(&[&told("final")]).has_died && !facts(&[&told("entered-in-error")]).has_died && !facts(&[]).has_died);
    }

    #[test]
    fn the_weeks_of_a_pregnancy_are_those_of_the_birth_where_a_child_has_them() {
        // Born on 2025-01-15.
        let observation = |code: &str, more: &str| format!(r#"{{"resourceType":"Observation","status":"final","code":{{"coding":[{{"system":"http://loinc.org","code":"{code}"}}]}}{more},"valueQuantity":{{"value":30,"code":"wk"}}}}"#);
        for (code, more, days) in [
            ("76516-4", "", Some(210)),
            ("18185-9", r#","effectiveDateTime":"2025-01-16T08:00:00Z""#, Some(210)),
            ("18185-9", r#","effectiveDateTime":"2027-10""#, Some(210)),
            // Undated, before birth, and of a person who may expect a child.
            ("18185-9", "", None),
            ("18185-9", r#","effectiveDateTime":"2024-12-30""#, None),
            ("18185-9", r#","effectiveDateTime":"2037-02-01""#, None),
        ] {
            let resource = observation(code, more);
            assert_eq!(facts(&[&resource]).gestation_days, days, "{resource}");
            assert!(!facts(&[&resource]).gestation_is_unread, "{resource}");
        }
    }

    #[test]
    fn of_several_weeks_at_birth_the_ones_of_its_own_code_and_then_the_newest_count() {
        let observation = |code: &str, weeks: u32, day: &str, status: &str, updated: &str| {
            format!(r#"{{"resourceType":"Observation","meta":{{"lastUpdated":"{updated}T00:00:00Z"}},"status":"{status}","code":{{"coding":[{{"system":"http://loinc.org","code":"{code}"}}]}},"effectiveDateTime":"{day}","valueQuantity":{{"value":{weeks},"code":"wk"}}}}"#)
        };
        let own = observation("76516-4", 30, "2025-01-15", "final", "2025-01-16");
        for (other, weeks) in [
            (observation("11884-4", 34, "2025-02-01", "final", "2025-02-01"), 30),
            (observation("76516-4", 32, "2025-01-14", "final", "2025-03-01"), 30),
            (observation("76516-4", 32, "2025-01-15", "amended", "2025-03-01"), 32),
            (observation("76516-4", 32, "2025-02-01", "final", "2025-01-01"), 32),
            (observation("76516-4", 32, "2025-02-01", "cancelled", "2025-03-01"), 30),
            (observation("76516-4", 32, "2025-02-01", "entered-in-error", "2025-03-01"), 30),
            // Nothing that can be read stands in the way of what can.
            (observation("76516-4", 3, "2025-02-01", "final", "2025-03-01"), 30),
        ] {
            for order in [[&own, &other], [&other, &own]] {
                assert_eq!(facts(&order.map(String::as_str)).gestation_days, Some(weeks * 7), "{other}");
            }
        }
        let unread = observation("76516-4", 3, "2025-02-01", "cancelled", "2025-03-01");
        assert!(!facts(&[&unread]).gestation_is_unread);
    }

    #[test]
    fn forms_of_children_ask_for_the_weeks_at_birth_by_their_own_code() {
        for form in country::all().iter().flat_map(|country| country.forms) {
            let name = form.lines().find(|line| line.starts_with("form ")).unwrap_or_default();
            let is_of_children = form.lines().any(|line| line.starts_with("ages 0 "));
            assert!(!is_of_children || !form.contains("loinc=18185-9"), "{name}: 76516-4 is the age at birth");
        }
    }

    #[test]
    fn a_birth_year_is_no_birth_day() {
        let patient = Document::read(r#"{"birthDate":"2025"}"#).unwrap();
        let facts = Facts::read(country::by_code("mx").unwrap(), patient.root(), std::iter::empty(), Day::of(2025, 6, 10), 0);
        assert!(facts.person().is_none());
    }
}
