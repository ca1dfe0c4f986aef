//! Where a person lives: each home an Address of the Patient, with the days from which and until which.
//!
//! * Who moves gets a new Address before the others; those that held until then get an end, and nothing else of them
//!   changes. The address of now comes first, for whoever reads only one.
//! * A province or state is one of those that are today, and bears its code; what is on no list is taken as text when
//!   somebody says so.
//! * A unit that ended is never rewritten into what it became: pages tell that beside it.
//! * What was written wrong is put right in a new version; the one before stays in the history.
//!
//! <https://hl7.org/fhir/R4/datatypes.html#Address>

use ::forms::Json;
use access::{Caller, may_assign};
use country::{Country, Unit};
use fhir::date::{Precision, civil_from_days, days_from_civil};
use fhir::{Document, PartialDateTime, ResourceType};
use terminology::fold::fold;

use crate::coverage::wrong;
use crate::door::Chart;
use crate::error::{Error, Result};
use crate::provenance::versioned;
use crate::stored::Stored;
use crate::transaction::{Deed, Order, Rules};
use crate::units::{CODED, named, system_of};
use crate::write::order;

/// The longest part of an address, in characters.
pub const ADDRESS_LONGEST: usize = 200;
/// More addresses than this are not added to a person.
const MOST: usize = 100;

/// A home as somebody types it.
#[derive(Clone, Copy, Debug, Default)]
pub struct NewAddress<'a> {
    /// The code of a country of this server (`vn`), or the name of another one.
    pub country: &'a str,
    /// The province or state.
    pub state: &'a str,
    /// The province or state is on no list, and is taken as it is typed.
    pub as_typed: bool,
    /// What lies below it: a district, a municipality.
    pub district: &'a str,
    /// The town or village.
    pub city: &'a str,
    /// Street and house; a line each.
    pub line: &'a str,
    /// The postal code.
    pub postal_code: &'a str,
    /// The first day.
    pub from: &'a str,
}

impl Chart {
    /// Writes down that a person lives at another address from a day on. The homes of before end the day before.
    ///
    /// # Errors
    /// Hidden ones are not found; a day to come, one before the home of now began, a province that was no more that day
    /// (`state-ended`) or on no list (`state`), and an address that says nothing are refused, with their place.
    pub async fn move_home(&self, caller: &Caller, patient: &str, new: &NewAddress<'_>) -> Result<Stored> {
        let stored = self.whose_home(caller, patient)?;
        let from = self.first_day(new.from)?;
        let document = Document::read(&stored.text).map_err(|_| store::Error::Damaged("a stored resource cannot be read"))?;
        let addresses: Vec<Json> = document.root().get("address").into_iter().flat_map(|all| all.each().map(Json::of).collect::<Vec<_>>()).collect();
        if addresses.len() >= MOST {
            return Err(wrong("address", "So many addresses are not kept of one person."));
        }
        let mut address = Json::object([("use", Json::text("home"))]);
        written(&mut address, new, None, Some(from))?;
        address.set("period", Json::object([("start", Json::text(new.from.trim()))]));
        let last = civil_from_days(days_from_civil(from.0, from.1, from.2) - 1);
        let last = format!("{:04}-{:02}-{:02}", last.0, last.1, last.2);
        let mut operations = Vec::new();
        for (place, one) in addresses.iter().enumerate().filter(|(_, one)| is_home(one) && !has_ended(one, from)) {
            if bound(one, "start").is_some_and(|start| start >= from) {
                return Err(wrong("from", "The home of now began on that day or later: put that address right instead."));
            }
            operations.push(match one.get("period") {
                Some(_) => format!(r#"{{"op":"add","path":"/address/{place}/period/end","value":"{last}"}}"#),
                None => format!(r#"{{"op":"add","path":"/address/{place}/period","value":{{"end":"{last}"}}}}"#),
            });
        }
        operations.push(match addresses.is_empty() {
            true => format!(r#"{{"op":"add","path":"/address","value":[{}]}}"#, address.written()),
            false => format!(r#"{{"op":"add","path":"/address/0","value":{}}}"#, address.written()),
        });
        self.write_home(caller, &stored, &operations, "The person moved.").await
    }

    /// Puts right what was written wrong of an address, by its place among the person's and the version it was read
    /// in. A province that ended stays as it was written.
    ///
    /// # Errors
    /// As with [`Chart::move_home`]; what a province became, in its stead, is refused (`state-kept`).
    pub async fn correct_address(&self, caller: &Caller, patient: &str, version: u32, place: usize, new: &NewAddress<'_>) -> Result<Stored> {
        let stored = self.whose_home(caller, patient)?;
        if stored.version != version {
            return Err(Error::VersionMismatch { current: stored.version });
        }
        let document = Document::read(&stored.text).map_err(|_| store::Error::Damaged("a stored resource cannot be read"))?;
        let was = document.root().get("address").and_then(|all| all.each().nth(place)).map(Json::of).ok_or(Error::NotFound)?;
        let mut address = was.clone();
        ["text", "line", "city", "postalCode"].iter().for_each(|member| {
            address.remove(member);
        });
        let from = if new.from.trim().is_empty() { None } else { Some(self.first_day(new.from)?) };
        written(&mut address, new, Some(&was), from.or_else(|| bound(&was, "start")))?;
        if let Some(from) = from {
            if bound(&was, "end").is_some_and(|end| end < from) {
                return Err(wrong("from", "An address begins before it ends."));
            }
            let mut period = address.remove("period").unwrap_or(Json::Object(Vec::new()));
            period.set("start", Json::text(new.from.trim()));
            address.set("period", period);
        }
        let operation = format!(r#"{{"op":"replace","path":"/address/{place}","value":{}}}"#, address.written());
        self.write_home(caller, &stored, &[operation], "An address was written wrong.").await
    }

    fn whose_home(&self, caller: &Caller, patient: &str) -> Result<Stored> {
        if !may_assign(caller) {
            return Err(Error::Forbidden);
        }
        let subject = self.subject(caller, patient)?;
        if self.merged_into(subject.at.record)?.is_some() {
            return Err(Error::Conflict("this Patient was merged into another one; the address is that of the one that stays"));
        }
        Ok(subject.stored)
    }

    /// The first day of an address: not one to come.
    fn first_day(&self, text: &str) -> Result<(i32, u8, u8)> {
        let date = PartialDateTime::parse(text.trim()).filter(|date| date.precision == Precision::Day && date.year >= 1850);
        let day = date.map(|date| (date.year, date.month, date.day)).ok_or_else(|| wrong("from-day", "There is no such day, or it is no whole day; a day is written as 2026-11-22."))?;
        match day <= self.now().civil(self.inner.settings.zone_offset_minutes) {
            true => Ok(day),
            false => Err(wrong("from", "Somebody moves today at the latest: a day to come is not written down.")),
        }
    }

    /// Writes the Patient as the operations leave it, and why, where nobody else wrote in between.
    pub(crate) async fn write_home(&self, caller: &Caller, stored: &Stored, operations: &[String], why: &str) -> Result<Stored> {
        let text = self.patched_text(stored, &format!("[{}]", operations.join(",")))?;
        let target = versioned(ResourceType::PATIENT, &stored.id, stored.version + 1);
        let told = self.provenance_of_act(&caller.account, "amend", why, vec![target]).written();
        let (body, told) = (self.read_body(text.as_bytes())?, self.read_body(told.as_bytes())?);
        let patient = Order { id: Some(stored.id.clone()), if_match: Some(stored.version.to_string()), ..order(Deed::Update, ResourceType::PATIENT, Some(body.root())) };
        let provenance = order(Deed::Create, ResourceType::named("Provenance").ok_or(Error::NotFound)?, Some(told.root()));
        let written = self.transact(caller, &[patient, provenance], Rules::default()).await?;
        Ok(written.into_iter().next().ok_or(Error::NotFound)?.stored)
    }
}

/// Where somebody lives, as far as the address says: not where they work, and not one that is called old.
fn is_home(address: &Json) -> bool {
    matches!(address.string("use"), None | Some("home")) && address.string("type") != Some("postal")
}

fn has_ended(address: &Json, day: (i32, u8, u8)) -> bool {
    bound(address, "end").is_some_and(|end| end < day)
}

/// A bound of a period; a date known less exactly, by its first day.
fn bound(address: &Json, name: &str) -> Option<(i32, u8, u8)> {
    let date = PartialDateTime::parse(address.get("period")?.string(name)?)?;
    Some((date.year, date.month.max(1), date.day.max(1)))
}

/// Writes what was typed into an address that begins on a day. What a province was called before it ended stays where the
/// address has it.
fn written(address: &mut Json, new: &NewAddress<'_>, was: Option<&Json>, from: Option<(i32, u8, u8)>) -> Result<()> {
    let parts = [("state", new.state), ("district", new.district), ("city", new.city), ("postalCode", new.postal_code), ("country", new.country)];
    for (place, text) in parts {
        one_line(place, text)?;
    }
    let lines: Vec<&str> = new.line.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if lines.len() > 4 {
        return Err(wrong("line", "Street and house have four lines at most."));
    }
    lines.iter().try_for_each(|line| one_line("line", line))?;
    let said = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    if lines.is_empty() && parts[..3].iter().all(|(_, text)| said(text).is_none()) {
        return Err(wrong("address", "An address says at least a place."));
    }
    let country = country::by_code(&new.country.trim().to_lowercase());
    if !lines.is_empty() {
        address.set("line", Json::List(lines.into_iter().map(Json::text).collect()));
    }
    for (member, text) in [("city", new.city), ("postalCode", new.postal_code)] {
        if let Some(text) = said(text) {
            address.set(member, Json::text(text));
        }
    }
    let stays = was.and_then(|was| was.string("state")).is_some_and(|state| fold(state) == fold(new.state));
    let unit = match (country, said(new.state)) {
        (_, None) => {
            address.remove("state");
            address.remove("_state");
            None
        }
        (_, Some(_)) if stays => None,
        (country, Some(state)) => {
            address.remove("_state");
            let unit = country.map(|country| first_level(country, &state, new.as_typed, was, from)).transpose()?.flatten();
            address.set("state", Json::text(unit.map_or(state, |unit| unit.name.clone())));
            if let Some((country, unit)) = country.zip(unit) {
                address.set("_state", coded(country, unit));
            }
            unit
        }
    };
    let is_same = |one: &Json, member: &str, text: &str| one.string(member).is_some_and(|written| fold(written) == fold(text));
    if said(new.district).is_none() || !was.is_some_and(|was| stays && is_same(was, "district", new.district)) {
        address.remove("district");
        address.remove("_district");
    }
    if let Some(district) = said(new.district).filter(|_| address.get("district").is_none()) {
        let within = country.zip(unit).and_then(|(country, unit)| Some((country, of_then(country, &named(country, Some(&unit.key), &district), from)?)));
        address.set("district", Json::text(within.map_or(district, |(_, unit)| unit.name.clone())));
        if let Some((country, unit)) = within {
            address.set("_district", coded(country, unit));
        }
    }
    match (country, said(new.country)) {
        (Some(country), _) => address.set("country", Json::text(&country.iso)),
        (None, Some(name)) => address.set("country", Json::text(name)),
        (None, None) => {
            address.remove("country");
        }
    }
    Ok(())
}

/// Of units with one name the one there was when the address began, or else the one there is.
fn of_then<'c>(country: &Country, all: &[&'c Unit], from: Option<(i32, u8, u8)>) -> Option<&'c Unit> {
    // Before the first day that is told of it is as on that day.
    let then = from.and_then(|from| all.iter().find(|unit| unit.is_on(from.max(country.units.since))));
    then.or_else(|| all.iter().find(|unit| unit.until.is_none())).copied()
}

/// The province or state that was typed, of the day the address begins or of today; none for one that is taken as text.
fn first_level<'c>(country: &'c Country, state: &str, as_typed: bool, was: Option<&Json>, from: Option<(i32, u8, u8)>) -> Result<Option<&'c Unit>> {
    let all = named(country, None, state);
    let Some(unit) = of_then(country, &all, from) else {
        return match (all.is_empty(), as_typed) {
            (true, true) => Ok(None),
            (true, false) => Err(wrong("state", "No province or state of today is called so in that country.")),
            (false, _) => Err(wrong("state-ended", "That province or state is no more: choose what it is today.")),
        };
    };
    // What it became does not take the place of what was written.
    let before = was.and_then(|was| was.string("state")).map(|state| named(country, None, state)).unwrap_or_default();
    let became = before.iter().all(|unit| unit.until.is_some()) && before.iter().any(|old| country.units.today_of(old).iter().any(|one| one.key == unit.key));
    match became {
        true => Err(wrong("state-kept", "That is what the written province or state became; the address keeps what was written.")),
        false => Ok(Some(unit)),
    }
}

fn coded(country: &Country, unit: &Unit) -> Json {
    let coding = Json::object([("system", Json::text(system_of(country))), ("code", Json::text(&unit.key)), ("display", Json::text(&unit.name))]);
    Json::object([("extension", Json::List(vec![Json::object([("url", Json::text(CODED)), ("valueCoding", coding)])]))])
}

fn one_line(place: &'static str, text: &str) -> Result<()> {
    match text.chars().count() > ADDRESS_LONGEST || text.chars().any(char::is_control) {
        true => Err(wrong(place, "This is too long, or is no line of text.")),
        false => Ok(()),
    }
}
