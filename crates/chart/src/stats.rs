//! `Observation/$stats`: figures over a person's measurements of one kind.
//!
//! * Figures are exact where decimals can be; a root or a quotient is rounded to the digits of the
//!   measurements and four more.
//! * Values are brought to the unit most of them have; where one cannot be, nothing is computed.
//! * What bears a modifierExtension may mean the contrary: it enters no figure, and it is told how many there are.
//! * A value that is only a bound (`< 5`) is counted among all, and enters no figure.
//! * A panel has no value: besides, there are figures for each code of its components and its members.
//!
//! <https://hl7.org/fhir/R4/observation-operation-stats.html>

mod figures;

pub use figures::Statistic;

use std::collections::{BTreeSet, HashMap, HashSet};

use access::Caller;
use fhir::{Document, Issue, IssueCode, Moment, Reference, ResourceType, Value};
use fhirpath::{Decimal, Quantity, Unit};
use search::{Handling, Query};

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::everything::clinical_date;
use crate::stored::Stored;
use crate::terminology::Knowledge;
use figures::Figures;

/// What is to be computed.
#[derive(Clone, Debug)]
pub struct StatsQuery {
    /// Whose measurements: `Patient/1`.
    pub subject: String,
    /// Which, as system (if one is named) and code.
    pub codes: Vec<(Option<String>, String)>,
    /// From when.
    pub from: Option<Moment>,
    /// Until before when.
    pub until: Option<Moment>,
    /// The figures wanted.
    pub statistics: Vec<Statistic>,
}

/// The figures of one code.
#[derive(Clone, Debug)]
pub struct Stats {
    /// The system asked for, or the one that was found.
    pub system: Option<String>,
    /// The code asked for.
    pub code: String,
    /// How the measurements call it.
    pub display: Option<String>,
    /// The unit of all figures that have one; none where nothing was measured.
    pub unit: Option<String>,
    /// All measurements say that their unit is one of UCUM, or have none.
    pub is_ucum: bool,
    /// Each figure asked for; none where there are too few measurements for it.
    pub figures: Vec<(Statistic, Option<Decimal>)>,
    /// How many observations of all that was asked enter no figure, since they or the part asked for bear a modifierExtension.
    pub passed_over: usize,
    /// The measurements behind them, oldest first.
    pub sources: Vec<Stored>,
}

/// One measurement.
struct Measured {
    /// None where the measurement does not say.
    at: Option<Moment>,
    quantity: Option<Quantity>,
    is_ucum: bool,
    stored: Stored,
}

/// The measurements of one code.
struct Group {
    system: Option<String>,
    code: String,
    display: Option<String>,
    measured: Vec<Measured>,
}

impl Group {
    fn new(system: Option<String>, code: String) -> Group {
        Group { system, code, display: None, measured: Vec::new() }
    }

    /// Adds what stands at a place of an observation, under one of its codings.
    fn take(&mut self, coding: Value<'_>, place: Value<'_>, at: Option<Moment>, stored: &Stored) {
        if self.display.is_none() {
            self.display = coding.string("display").map(|text| text.into_owned());
        }
        if self.system.is_none() {
            self.system = coding.string("system").map(|text| text.into_owned());
        }
        self.measured.push(Measured { at, quantity: quantity(place), is_ucum: is_ucum(place), stored: stored.clone() });
    }

    fn figures(self, statistics: &[Statistic], passed_over: usize) -> Result<Stats> {
        let Group { system, code, display, mut measured } = self;
        measured.sort_by(|left, right| (left.at, &left.stored.id).cmp(&(right.at, &right.stored.id)));
        let (unit, values) = in_one_unit(&measured)?;
        let is_ucum = measured.iter().filter(|one| one.quantity.is_some()).all(|one| one.is_ucum);
        let figures = Figures::of(values, measured.len());
        let figures = statistics.iter().map(|statistic| (*statistic, figures.get(*statistic))).collect();
        let mut sources: Vec<Stored> = measured.into_iter().map(|one| one.stored).collect();
        sources.dedup_by(|left, right| left.id == right.id);
        Ok(Stats { system, code, display, unit, is_ucum, figures, passed_over, sources })
    }
}

/// What panels consist of, by code.
#[derive(Default)]
struct Parts {
    groups: Vec<Group>,
    /// Observations and the numbers of their places that were taken: 0 is the observation itself.
    taken: HashSet<(String, usize)>,
    /// Ids of observations that panels name as their members.
    members: BTreeSet<String>,
    /// Ids of observations that are passed over, since what is said of them may mean the contrary.
    passed_over: HashSet<String>,
}

impl Parts {
    /// Takes the components of a panel, and notes its members.
    fn take_panel(&mut self, panel: Value<'_>, at: Option<Moment>, stored: &Stored, base_url: &str, knowledge: &Knowledge) {
        self.take(panel, at, stored, 1, knowledge);
        for member in panel.get("hasMember").into_iter().flat_map(|members| members.each()) {
            let text = member.string("reference").unwrap_or_default();
            if let Some((kind, id)) = Reference::within(&text, base_url).local()
                && kind.name() == "Observation"
            {
                self.members.insert(id.to_owned());
            }
        }
    }

    /// Takes the places of an observation from that number on, each under its first code.
    fn take(&mut self, observation: Value<'_>, at: Option<Moment>, stored: &Stored, from: usize, knowledge: &Knowledge) {
        for (number, place) in places(observation).into_iter().enumerate().skip(from) {
            let codings = place.get("code").and_then(|code| code.get("coding"));
            let coded = codings.into_iter().flat_map(|codings| codings.each()).find_map(|coding| Some((coding, coding.string("code")?.into_owned())));
            let Some((coding, code)) = coded else { continue };
            if place.get("modifierExtension").is_some() {
                self.passed_over.insert(stored.id.clone());
                continue;
            }
            if !self.taken.insert((stored.id.clone(), number)) {
                continue;
            }
            let system = coding.string("system").map(|system| system.into_owned());
            let known = self.groups.iter().position(|group| group.system == system && knowledge.is_same_code(system.as_deref(), &group.code, &code));
            let place_of = known.unwrap_or_else(|| {
                self.groups.push(Group::new(system, code));
                self.groups.len() - 1
            });
            self.groups[place_of].take(coding, place, at, stored);
        }
    }
}

/// Ids asked for at a time.
const MEMBERS_AT_ONCE: usize = 500;

impl Chart {
    /// Figures for each code, in the order asked; then, of panels among them, for each code of what they consist of.
    pub async fn observation_stats(&self, caller: &Caller, query: &StatsQuery) -> Result<Vec<Stats>> {
        let knowledge = self.knowledge();
        let (mut groups, mut parts) = (Vec::new(), Parts::default());
        for (system, code) in &query.codes {
            let token = match system {
                Some(system) => format!("{}|{}", escaped(system), escaped(code)),
                None => escaped(code),
            };
            let mut group = Group::new(system.clone(), code.clone());
            let found = self.dated_of(caller, query, ("combo-code", &token), &mut parts.passed_over).await?;
            for (at, stored) in found {
                let Ok(document) = Document::read(&stored.text) else { continue };
                let root = document.root();
                for (number, place) in places(root).into_iter().enumerate() {
                    let Some(coding) = coding(place, system.as_deref(), code, &knowledge) else { continue };
                    if place.get("modifierExtension").is_some() {
                        parts.passed_over.insert(stored.id.clone());
                        continue;
                    }
                    group.take(coding, place, at, &stored);
                    if number == 0 && !has_value(root) {
                        parts.take_panel(root, at, &stored, &self.inner.settings.base_url, &knowledge);
                    }
                }
            }
            groups.push(group);
        }
        let members: Vec<String> = std::mem::take(&mut parts.members).into_iter().collect();
        for ids in members.chunks(MEMBERS_AT_ONCE) {
            let found = self.dated_of(caller, query, ("_id", &ids.join(",")), &mut parts.passed_over).await?;
            for (at, stored) in found {
                if let Ok(document) = Document::read(&stored.text) {
                    parts.take(document.root(), at, &stored, 0, &knowledge);
                }
            }
        }
        let is_asked = |part: &Group| query.codes.iter().any(|(system, code)| (system.is_none() || *system == part.system) && knowledge.is_same_code(part.system.as_deref(), &part.code, code));
        // What is told in words has no figures, and what was asked for by its own code has all of them.
        groups.extend(parts.groups.into_iter().filter(|part| part.measured.iter().any(|one| one.quantity.is_some()) && !is_asked(part)));
        let passed_over = parts.passed_over.len();
        groups.into_iter().map(|group| group.figures(&query.statistics, passed_over)).collect()
    }

    /// What a parameter finds of the person's measurements and counts: not entered in error, and within the time asked for.
    async fn dated_of(&self, caller: &Caller, query: &StatsQuery, criterion: (&str, &str), passed_over: &mut HashSet<String>) -> Result<Vec<(Option<Moment>, Stored)>> {
        let kind = ResourceType::named("Observation").ok_or(Error::NotFound)?;
        let pairs = [("subject", query.subject.as_str()), criterion];
        let search = Query::parse(kind, pairs.into_iter(), Handling::Strict, self.query_context()).map_err(Error::Malformed)?;
        let mut found = Vec::new();
        for hit in self.all_hits(caller, &search).await? {
            let Ok(document) = Document::read(&hit.stored.text) else { continue };
            let root = document.root();
            if root.string("status").as_deref() == Some("entered-in-error") {
                continue;
            }
            let at = clinical_date(hit.stored.kind, root, self.inner.settings.zone_offset_minutes).map(|(low, _)| low);
            if (query.from.is_some() || query.until.is_some()) && !at.is_some_and(|at| query.from.is_none_or(|from| at >= from) && query.until.is_none_or(|until| at < until)) {
                continue;
            }
            if root.get("modifierExtension").is_some() {
                passed_over.insert(hit.stored.id.clone());
                continue;
            }
            drop(document);
            found.push((at, hit.stored));
        }
        Ok(found)
    }
}

/// The observation itself, then its components.
fn places(observation: Value<'_>) -> Vec<Value<'_>> {
    std::iter::once(observation).chain(observation.get("component").into_iter().flat_map(|parts| parts.items())).collect()
}

/// True where an observation says something itself.
fn has_value(observation: Value<'_>) -> bool {
    observation.members().any(|(name, _)| name.starts_with("value"))
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace(',', "\\,").replace('|', "\\|").replace('$', "\\$")
}

/// The coding by which an observation or a component is the one asked for.
fn coding<'d>(place: Value<'d>, system: Option<&str>, code: &str, knowledge: &Knowledge) -> Option<Value<'d>> {
    let codings = place.get("code")?.get("coding")?;
    codings.each().find(|coding| {
        let own = coding.string("system");
        system.is_none_or(|system| own.as_deref() == Some(system)) && coding.string("code").is_some_and(|found| knowledge.is_same_code(own.as_deref(), &found, code))
    })
}

/// The exact amount, if there is one.
fn quantity(place: Value<'_>) -> Option<Quantity> {
    let quantity = place.get("valueQuantity")?;
    if quantity.get("comparator").is_some() {
        return None;
    }
    let value = fhirpath::Decimal::from_str_exact(quantity.get("value")?.as_number()?).ok()?;
    let unit = quantity.string("code").or_else(|| quantity.string("unit")).unwrap_or("1".into());
    Some(Quantity { value, unit: Unit::from_code(&unit) })
}

/// True where the unit of an amount is one of UCUM, or there is none.
fn is_ucum(place: Value<'_>) -> bool {
    let Some(quantity) = place.get("valueQuantity") else { return true };
    quantity.string("system").as_deref() == Some("http://unitsofmeasure.org") || (quantity.get("code").is_none() && quantity.get("unit").is_none())
}

/// All values in the unit that most of them have.
fn in_one_unit(measured: &[Measured]) -> Result<(Option<String>, Vec<(Option<Moment>, Decimal)>)> {
    let mut units: HashMap<&str, usize> = HashMap::new();
    let quantities = || measured.iter().filter_map(|one| Some((one.at, one.quantity.as_ref()?)));
    quantities().for_each(|(_, quantity)| *units.entry(quantity.unit.code()).or_default() += 1);
    // Of units equally frequent, the first in the alphabet: the answer never depends on chance.
    let Some((unit, _)) = units.into_iter().max_by(|left, right| left.1.cmp(&right.1).then(right.0.cmp(left.0))) else { return Ok((None, Vec::new())) };
    let converted: Option<Vec<_>> = quantities().map(|(at, quantity)| quantity.convert(unit).map(|converted| (at, converted.value))).collect();
    let message = "The measurements are in units that cannot be brought to one; ask for a code whose measurements share a kind of unit, or for a shorter time.";
    let values = converted.ok_or_else(|| Error::Refused(vec![Issue::error(IssueCode::Processing, "", message)]))?;
    Ok((Some(unit.to_owned()), values))
}
