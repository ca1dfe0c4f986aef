//! Reading a pack: its data from TOML, its computed rules from code.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::identifier::{Certainty, IdentifierKind, Rules};
use crate::{Ages, Calendar, Country, DateFormat, Dose, IdentifierSystem, Milestones, NameOrder, NamePart, NameParts, Timetable, Units};

/// What a country's module brings: the files of its folder as text, and the rules that must be computed.
#[derive(Clone, Copy, Debug)]
pub struct Pack {
    /// `country.toml`.
    pub country: &'static str,
    /// `immunisation.toml`.
    pub immunisation: &'static str,
    /// `sensitivity.toml`.
    pub sensitivity: &'static str,
    /// `retention.toml`.
    pub retention: &'static str,
    /// `series.toml`.
    pub series: &'static str,
    /// `examinations.toml`.
    pub examinations: &'static str,
    /// `milestones.toml`.
    pub milestones: &'static str,
    /// `units.toml`.
    pub units: &'static str,
    /// The sheets of `forms`.
    pub forms: &'static [&'static str],
    /// The computed rules of the identifier with this key.
    pub rules: fn(&str) -> Option<Rules>,
    /// A name as a banner shows it.
    pub compose: fn(&NameParts<'_>) -> String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CountryFile {
    code: String,
    iso: String,
    time_zone: String,
    utc_offset_minutes: i32,
    languages: Vec<String>,
    decimal: char,
    grouping: char,
    date: DateFormat,
    name_order: NameOrder,
    name_part: Vec<NamePart>,
    newborn: String,
    #[serde(default)]
    called_last: bool,
    ages: Ages,
    name: BTreeMap<String, String>,
    identifier: Vec<IdentifierEntry>,
}

#[derive(Deserialize)]
struct IdentifierEntry {
    key: String,
    uri: String,
    label: String,
    long: String,
    unique: bool,
    kind: IdentifierKind,
    certainty: Certainty,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ImmunisationFile {
    dose: Vec<Dose>,
}

/// Puts a country together.
///
/// Packs are compiled in, so a pack that cannot be read is a fault of this
/// build, found by the first test that touches it.
///
/// # Panics
/// Where a file of the pack cannot be read; the message says which and why.
pub fn read(pack: &Pack) -> Country {
    let file: CountryFile = toml::from_str(pack.country).expect("country.toml is well formed");
    let immunisation: ImmunisationFile =
        toml::from_str(pack.immunisation).expect("immunisation.toml is well formed");
    let sensitivities = toml::from_str(pack.sensitivity).expect("sensitivity.toml is well formed");
    let retention = toml::from_str(pack.retention).expect("retention.toml is well formed");
    let calendar = Calendar::read(pack.series, &immunisation.dose)
        .unwrap_or_else(|error| panic!("series.toml of {}: {error}", file.code));
    let examinations = Timetable::read(pack.examinations)
        .unwrap_or_else(|error| panic!("examinations.toml of {}: {error}", file.code));
    let milestones = Milestones::read(pack.milestones).unwrap_or_else(|error| panic!("milestones.toml of {}: {error}", file.code));
    let units = Units::read(pack.units).unwrap_or_else(|error| panic!("units.toml of {}: {error}", file.code));
    let identifiers = file
        .identifier
        .into_iter()
        .map(|entry| IdentifierSystem {
            rules: (pack.rules)(&entry.key)
                .expect("every identifier of a pack has its rules in code"),
            key: entry.key,
            uri: entry.uri,
            label: entry.label,
            long: entry.long,
            unique: entry.unique,
            kind: entry.kind,
            certainty: entry.certainty,
        })
        .collect();
    Country {
        code: file.code,
        iso: file.iso,
        names: file.name,
        ages: file.ages,
        languages: file.languages,
        time_zone: file.time_zone,
        utc_offset_minutes: file.utc_offset_minutes,
        date: file.date,
        decimal: file.decimal,
        grouping: file.grouping,
        name_order: file.name_order,
        name_parts: file.name_part,
        newborn: file.newborn,
        called_last: file.called_last,
        identifiers,
        immunisation: immunisation.dose,
        sensitivities,
        retention,
        calendar,
        examinations,
        milestones,
        units,
        forms: pack.forms,
        compose: pack.compose,
    }
}
