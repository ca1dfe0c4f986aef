//! The provinces and states of the countries as codes, so that forms, searches and other programs can ask for them.
//!
//! ```text
//! CodeSystem/vn-units      every unit there ever was; those that ended are inactive
//! ValueSet/vn-units        those there are; `|2024-05-01` those there were on a day
//! ValueSet/vn-units-ever   all of them
//! ConceptMap/vn-units-today   what each is today
//! ```
//!
//! * What a site stores under one of these addresses counts before it.
//! * A map leads to the unit itself where it still is; `equivalent` where it only got a new name or rank, `wider`
//!   where others went into the same one.

use country::{Country, Unit};
use terminology::fold::fold;
use terminology::{Concept, Map, Set, System};

const SYSTEMS: &str = "https://carnet.health/fhir/CodeSystem/";
const SETS: &str = "https://carnet.health/fhir/ValueSet/";
const MAPS: &str = "https://carnet.health/fhir/ConceptMap/";

/// The address of a country's units as a code system.
pub fn system_of(country: &Country) -> String {
    format!("{SYSTEMS}{}-units", country.code)
}

/// The addresses of all of them.
pub fn systems() -> impl Iterator<Item = String> {
    country::all().iter().map(system_of)
}

/// The unit a code names, with its country.
pub fn unit(system: &str, code: &str) -> Option<(&'static Country, &'static Unit)> {
    let country = of(system, SYSTEMS, "-units")?;
    Some((country, country.units.get(code)?))
}

/// The extension by which a text bears a code. <https://hl7.org/fhir/R4/extension-iso21090-sc-coding.html>
pub const CODED: &str = "http://hl7.org/fhir/StructureDefinition/iso21090-SC-coding";

/// The units of a country that a text names, by key or in any way a name is written: of the first level, or those
/// that lie in the unit of a key. Those that ended are among them.
pub fn named<'c>(country: &'c Country, within: Option<&str>, text: &str) -> Vec<&'c Unit> {
    let written = fold(text);
    let is_meant = |unit: &&Unit| unit.within.as_deref() == within && (unit.key == text || (!written.is_empty() && country.units.written(unit).iter().any(|name| fold(name) == written)));
    country.units.all.iter().filter(is_meant).collect()
}

/// Every way to write a unit of the first level, and each unit that went into it. It is told by name or, where the
/// system is, by its key; of units with one name, those that are today are meant. Nothing where no unit is told.
pub(crate) fn names_below(system: Option<&str>, place: &str) -> Vec<String> {
    let told: Vec<(&Country, &Unit)> = match system {
        Some(system) => unit(system, place).into_iter().filter(|(_, unit)| unit.within.is_none()).collect(),
        None => country::all().iter().flat_map(|country| {
            let all = named(country, None, place);
            let are_today = all.iter().any(|unit| unit.until.is_none());
            all.into_iter().filter(move |unit| !are_today || unit.until.is_none()).map(move |unit| (country, unit))
        }).collect(),
    };
    let mut names: Vec<String> = told.into_iter().flat_map(|(country, unit)| country.units.came_from(unit).into_iter().chain([unit]).flat_map(|one| country.units.written(one))).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn of(url: &str, before: &str, after: &str) -> Option<&'static Country> {
    country::by_code(url.strip_prefix(before)?.strip_suffix(after)?).filter(|country| url == format!("{before}{}{after}", country.code))
}

/// The code system of an address.
pub(crate) fn system(url: &str) -> Option<System> {
    let country = of(url, SYSTEMS, "-units")?;
    let name = format!("{}: provinces, states and districts over time", country.names.get("en").map_or("", String::as_str));
    Some(System::whole(url, &name, country.languages.first().map_or("", String::as_str), country.units.all.iter().map(|unit| concept(country, unit)).collect()))
}

fn concept(country: &Country, unit: &Unit) -> Concept {
    let told = |name: &str, member: &str, value: String| -> (Box<str>, Box<str>, Box<str>) { (name.into(), member.into(), value.into()) };
    let day = |(year, month, day): (i32, u8, u8)| format!("{year:04}-{month:02}-{day:02}");
    let mut properties = vec![told("official", "valueString", unit.code.clone()), told("kind", "valueCode", unit.kind.clone()), told("from", "valueDateTime", day(unit.from))];
    properties.extend(unit.until.map(|until| told("until", "valueDateTime", day(until))));
    properties.extend(unit.into.iter().map(|next| told("into", "valueCode", next.clone())));
    let place = |key: &String| country.units.all.iter().position(|other| other.key == *key).map(|place| place as u32);
    let also = unit.also.iter().map(|name| terminology::Designation { language: country.languages.first().map(|language| language.as_str().into()), value: name.as_str().into(), usage: None });
    let own = terminology::Designation { language: country.languages.first().map(|language| language.as_str().into()), value: country.units.shown(unit).into(), usage: None };
    Concept {
        code: unit.key.as_str().into(),
        display: Some(country.units.shown(unit).into()),
        parents: unit.within.iter().filter_map(place).collect(),
        designations: std::iter::once(own).chain(also).collect(),
        properties,
        is_inactive: unit.until.is_some(),
        ..Concept::default()
    }
}

/// The value set of an address; of a version, those there were on that day.
pub(crate) fn set(address: &str) -> Option<Set> {
    let (url, version) = address.split_once('|').map_or((address, None), |(url, version)| (url, Some(version)));
    if let Some(country) = of(url, SETS, "-units-ever").filter(|_| version.is_none()) {
        let name = format!("{}: every province, state and district there was", country.names.get("en").map_or("", String::as_str));
        return Some(listed(url, &name, country, |_| true));
    }
    let country = of(url, SETS, "-units")?;
    let name = format!("{}: provinces, states and districts", country.names.get("en").map_or("", String::as_str));
    match version {
        None => Some(listed(url, &name, country, |unit| unit.until.is_none())),
        Some(version) => {
            let date = fhir::PartialDateTime::parse(version).filter(|date| date.precision == fhir::date::Precision::Day)?;
            let day = (date.year, date.month, date.day);
            Some(listed(url, &name, country, |unit| unit.is_on(day)).of_version(version))
        }
    }
}

fn listed(url: &str, name: &str, country: &Country, is_meant: impl Fn(&Unit) -> bool) -> Set {
    let system = system_of(country);
    Set::listed(url.to_owned(), name, country.units.all.iter().filter(|unit| is_meant(unit)).map(|unit| (system.as_str(), unit.key.as_str())))
}

/// The addresses of the maps from each unit to what it is today.
pub(crate) fn maps() -> impl Iterator<Item = String> {
    country::all().iter().map(|country| format!("{MAPS}{}-units-today", country.code))
}

/// The map from each unit to what it is today.
pub(crate) fn map(url: &str) -> Option<Map> {
    let country = of(url, MAPS, "-units-today")?;
    let units = &country.units;
    let rows = units.all.iter().map(|unit| {
        let today = units.today_of(unit).into_iter().map(|one| {
            let equivalence = match one.key == unit.key {
                true => "equal",
                false if units.is_renamed(unit, one) => "equivalent",
                false => "wider",
            };
            (one.key.clone(), units.shown(one), equivalence)
        });
        (unit.key.clone(), today.collect())
    });
    Some(Map::within(url, &system_of(country), rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_addresses_of_countries_lead_somewhere() {
        assert!(system("https://carnet.health/fhir/CodeSystem/vn-units").is_some());
        for url in ["https://carnet.health/fhir/CodeSystem/xx-units", "https://carnet.health/fhir/CodeSystem/VN-units", "https://carnet.health/fhir/CodeSystem/vn", "urn:x"] {
            assert!(system(url).is_none() && set(url).is_none() && map(url).is_none(), "{url}");
        }
        for version in ["2024", "2024-05", "today", "2024-05-01T00:00:00Z"] {
            assert!(set(&format!("https://carnet.health/fhir/ValueSet/vn-units|{version}")).is_none(), "{version}");
        }
        assert!(set("https://carnet.health/fhir/ValueSet/vn-units-ever|2024-05-01").is_none());
    }

    #[test]
    fn a_unit_of_today_is_written_like_all_that_went_into_it() {
        let below = |system: Option<&str>, place: &str| names_below(system, place);
        let an_giang = below(None, "An Giang");
        assert!(an_giang.iter().any(|name| name == "Kiên Giang") && an_giang.iter().any(|name| name == "tỉnh An Giang"), "{an_giang:?}");
        assert_eq!(below(None, "Tỉnh an giang"), an_giang);
        assert_eq!(below(Some("https://carnet.health/fhir/CodeSystem/vn-units"), "91-2025"), an_giang);
        let kien_giang = below(None, "Kiên Giang");
        assert!(kien_giang.iter().all(|name| name.ends_with("Kiên Giang")) && !kien_giang.is_empty(), "{kien_giang:?}");
        assert!(below(None, "Hà Nội").iter().any(|name| name == "Hà Tây"));
        for (system, place) in [(None, "Atlantis"), (None, ""), (Some("urn:x"), "91-2025"), (Some("https://carnet.health/fhir/CodeSystem/vn-units"), "An Giang")] {
            assert_eq!(below(system, place), Vec::<String>::new(), "{place}");
        }
    }

    #[test]
    fn a_map_leads_to_today_and_back() {
        let map = map("https://carnet.health/fhir/ConceptMap/vn-units-today").unwrap();
        let told = |code: &str, reverse: bool| map.translate(None, code, None, reverse).into_iter().map(|one| format!("{} {}", one.equivalence, one.code.unwrap_or_default())).collect::<Vec<_>>();
        assert_eq!(told("24", false), ["wider 24-2025"]);
        assert_eq!(told("46", false), ["equivalent 46-2025"]);
        assert_eq!(told("01", false), ["equal 01"]);
        assert_eq!(told("24-2025", true), ["narrower 24", "narrower 27", "equal 24-2025"]);
    }
}
