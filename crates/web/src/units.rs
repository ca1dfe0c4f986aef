//! What the province or state of an address is today.
//!
//! * An address is shown as it was written. Beside a unit that ended stands what it went into.
//! * A unit is known by its code, else by its name in the country that the address names; where it names none, by a
//!   name that only one country has. What is not known for sure says nothing.

use std::collections::HashMap;
use std::sync::OnceLock;

use chart::units::CODED;
use country::{Country, Unit};
use fhir::Value;
use terminology::fold::fold;

use crate::record::concept;
use crate::voice::Voice;

type Known = (&'static Country, &'static Unit);

/// Words for what the unit of an address is today; none where it still is, or is not known.
pub fn today(address: Value<'_>, voice: &Voice) -> Option<String> {
    let (_, names) = became(address)?;
    Some(voice.with("address-today", &[("place", &names)]))
}

/// The same with the year in which the unit ended.
pub fn since(address: Value<'_>, voice: &Voice) -> Option<String> {
    let (year, names) = became(address)?;
    Some(voice.with("address-since", &[("year", &year.to_string()), ("place", &names)]))
}

/// In which year the unit of an address ended, and what it is today; none where it has that name still.
fn became(address: Value<'_>) -> Option<(i32, String)> {
    let (country, unit) = coded(address).or_else(|| named(address))?;
    let (year, ..) = unit.until?;
    let names: Vec<&str> = country.units.today_of(unit).into_iter().map(|one| one.name.as_str()).filter(|name| *name != unit.name).collect();
    (!names.is_empty()).then(|| (year, names.join(", ")))
}

/// The province or state in which an address lies today, with its country: of a district the one around it, of one that
/// ended what it went into. One that went into several stays as it was written; none where it is not known for sure.
pub fn of_today(address: Value<'_>) -> Option<(&'static Country, &'static Unit)> {
    let (country, mut unit) = coded(address).or_else(|| named(address))?;
    while let Some(around) = unit.within.as_deref().and_then(|key| country.units.get(key)) {
        unit = around;
    }
    match country.units.today_of(unit)[..] {
        [one] => Some((country, one)),
        _ => Some((country, unit)),
    }
}

fn coded(address: Value<'_>) -> Option<Known> {
    let extensions = address.get("_state")?.get("extension")?;
    let coding = extensions.items().find(|one| one.string("url").as_deref() == Some(CODED))?.get("valueCoding")?;
    chart::units::unit(&coding.string("system")?, &coding.string("code")?)
}

fn named(address: Value<'_>) -> Option<Known> {
    let written = fold(&concept::said(address, "state").or_else(|| concept::said(address, "city"))?);
    let found = spellings().get(&written)?;
    let within = concept::said(address, "country").map(|name| fold(&name));
    let is_meant = |country: &Country| within.as_deref().is_none_or(|name| fold(&country.iso) == name || country.names.values().any(|own| fold(own) == name));
    let mut meant = found.iter().filter(|(country, _)| is_meant(country));
    let first = meant.next()?;
    // One that still is has the name now; one of two countries is not known for sure.
    match meant.all(|(country, _)| country.code == first.0.code) {
        true => found.iter().filter(|(country, _)| country.code == first.0.code).max_by_key(|(_, unit)| (unit.until.is_none(), unit.until)).copied(),
        false => None,
    }
}

/// Every way to write the name of a unit, folded.
fn spellings() -> &'static HashMap<String, Vec<Known>> {
    static SPELLINGS: OnceLock<HashMap<String, Vec<Known>>> = OnceLock::new();
    SPELLINGS.get_or_init(|| {
        let mut found: HashMap<String, Vec<Known>> = HashMap::new();
        for country in country::all() {
            for unit in &country.units.all {
                for written in country.units.written(unit) {
                    found.entry(fold(&written)).or_default().push((country, unit));
                }
            }
        }
        found
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;
    use fhir::Document;

    fn told(address: &str) -> Option<String> {
        let document = Document::read(address).unwrap();
        today(document.root(), &Voice { language: Language::English, zone_offset_minutes: 0 })
    }

    #[test]
    fn a_province_that_ended_says_what_it_went_into() {
        for (address, place) in [
            (r#"{"state":"Bắc Giang","country":"VN"}"#, Some("Bắc Ninh")),
            (r#"{"state":"Tỉnh Bắc Giang","country":"Việt Nam"}"#, Some("Bắc Ninh")),
            (r#"{"state":"bac giang"}"#, Some("Bắc Ninh")),
            (r#"{"state":"Hà Tây","country":"VN"}"#, Some("Hà Nội")),
            (r#"{"state":"Distrito Federal","country":"MX"}"#, Some("Ciudad de México")),
            (r#"{"state":"Пермская область","country":"RU"}"#, Some("Пермский край")),
            // It is called so still, or is in another country, or is no unit at all.
            (r#"{"state":"Bắc Ninh","country":"VN"}"#, None),
            (r#"{"state":"TP. Hồ Chí Minh"}"#, None),
            (r#"{"state":"Bắc Giang","country":"MX"}"#, None),
            (r#"{"state":"Atlantis"}"#, None),
            (r#"{"text":"Bắc Giang"}"#, None),
            // The code says which one is meant, whatever the name.
            (r#"{"state":"BG","_state":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/iso21090-SC-coding","valueCoding":{"system":"https://carnet.health/fhir/CodeSystem/vn-units","code":"15"}}]}}"#, Some("Lào Cai")),
        ] {
            assert_eq!(told(address), place.map(|place| format!("today {place}")), "{address}");
        }
    }
}
