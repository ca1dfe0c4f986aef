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
mod tests;
