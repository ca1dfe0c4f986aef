//! Where a person lives and lived: each address with its days, as it was written, and what its province is today.
//!
//! * A pure reading of the Patient; the address of now comes first, then the others, the newest first.

use fhir::date::Precision;
use fhir::{PartialDateTime, Value};

use crate::record::{Record, concept};
use crate::voice::{Day, Voice};
use crate::{plain, units};

/// One address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Home {
    /// Its place among those of the Patient.
    pub place: usize,
    /// As it was written.
    pub written: String,
    /// What the province or state is today, and since when; none where it still is.
    pub since: Option<String>,
    /// What it is for.
    pub kind: String,
    /// Its first day; empty where nobody said.
    pub from: String,
    /// Its last day; empty where none is known.
    pub until: String,
    /// It holds today.
    pub is_now: bool,
    /// What a form begins with that puts it right.
    pub fields: Fields,
}

/// An address as fields of a form.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs)]
pub struct Fields {
    pub country: String,
    pub state: String,
    pub district: String,
    pub city: String,
    pub line: String,
    pub postal_code: String,
    pub from: String,
    pub as_typed: bool,
}

/// Reads the addresses of a person.
pub fn homes(record: &Record<'_>, voice: &Voice, today: Day) -> Vec<Home> {
    let all = record.patient.root().get("address").into_iter().flat_map(|all| all.each().collect::<Vec<_>>());
    let mut homes: Vec<(Day, Home)> = all.enumerate().map(|(place, address)| home(address, place, voice, today)).collect();
    homes.sort_by(|(one_day, one), (other_day, other)| (other.is_now, other_day, one.place).cmp(&(one.is_now, one_day, other.place)));
    homes.into_iter().map(|(_, home)| home).collect()
}

/// The address at which a person lives today, as far as the Patient says: a home before any other, the first that is
/// written before those behind it.
pub(crate) fn of_today(patient: Value<'_>, today: Day) -> Option<Value<'_>> {
    let all: Vec<Value<'_>> = patient.get("address").into_iter().flat_map(|all| all.each().collect::<Vec<_>>()).collect();
    let holds_today = |address: &Value<'_>| {
        let bound = |name: &str| address.get("period").and_then(|period| period.string(name)).and_then(|text| PartialDateTime::parse(&text));
        concept::said(*address, "use").as_deref() != Some("old") && holds(bound("start").as_ref(), bound("end").as_ref(), today)
    };
    let is_home = |address: &Value<'_>| matches!(concept::said(*address, "use").as_deref(), None | Some("home")) && concept::said(*address, "type").as_deref() != Some("postal");
    all.iter().find(|one| is_home(one) && holds_today(one)).or_else(|| all.iter().find(|one| holds_today(one))).copied()
}

/// Whether a day lies in a period; a month or a year that is its end belongs to it whole.
fn holds(from: Option<&PartialDateTime>, until: Option<&PartialDateTime>, today: Day) -> bool {
    let last = |date: &PartialDateTime| match date.precision {
        Precision::Year => (date.year, 12, 31),
        Precision::Month => (date.year, date.month, 31),
        _ => (date.year, date.month, date.day),
    };
    until.is_none_or(|date| last(date) >= today) && from.is_none_or(|date| (date.year, date.month, date.day) <= today)
}

fn home(address: Value<'_>, place: usize, voice: &Voice, today: Day) -> (Day, Home) {
    let bound = |name: &str| address.get("period").and_then(|period| period.string(name)).and_then(|text| PartialDateTime::parse(&text));
    let (from, until) = (bound("start"), bound("end"));
    let said = |member: &str| concept::said(address, member).unwrap_or_default();
    let is_old = said("use") == "old";
    let is_now = !is_old && holds(from.as_ref(), until.as_ref(), today);
    let kind = match said("use").as_str() {
        "work" => "address-use-work",
        "temp" => "address-use-temp",
        "billing" => "address-use-billing",
        _ => "address-use-home",
    };
    let lines: Vec<String> = address.get("line").into_iter().flat_map(|lines| lines.each().filter_map(|line| line.as_str().map(|text| text.into_owned())).collect::<Vec<_>>()).collect();
    let country = said("country");
    let known = country::all().iter().find(|one| one.iso == country).map(|one| one.code.clone());
    let told = |date: &Option<PartialDateTime>| date.as_ref().map_or_else(String::new, |date| voice.date(date));
    let fields = Fields {
        country: known.unwrap_or(country),
        state: said("state"),
        district: said("district"),
        city: said("city"),
        line: lines.join("\n"),
        postal_code: said("postalCode"),
        from: address.get("period").map_or_else(String::new, |period| concept::said(period, "start").unwrap_or_default()),
        as_typed: false,
    };
    let home = Home {
        place,
        written: plain::written(address).unwrap_or_else(|| voice.say("not-stated")),
        since: units::since(address, voice),
        kind: voice.say(kind),
        from: told(&from),
        until: told(&until),
        is_now,
        fields,
    };
    (from.as_ref().map_or((0, 0, 0), |date| (date.year, date.month, date.day)), home)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_moves_out_this_year_lives_there_until_its_end() {
        let date = |text: &str| PartialDateTime::parse(text);
        for (from, until, expect) in [("", "2026", true), ("", "2026-11", true), ("", "2026-10", false), ("", "2025", false), ("", "2026-11-29", false), ("2026", "", true), ("2027", "", false), ("2026-12", "2027", false), ("", "", true)] {
            assert_eq!(holds(date(from).as_ref(), date(until).as_ref(), (2026, 11, 30)), expect, "{from} {until}");
        }
    }
}
