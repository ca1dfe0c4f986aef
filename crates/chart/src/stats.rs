//! `Observation/$stats`: figures over a person's measurements of one kind.
//!
//! * Figures are exact where decimals can be; a root or a quotient is rounded to the digits of the
//!   measurements and four more.
//! * Values are brought to the unit most of them have; where one cannot be, nothing is computed.
//! * A value that is only a bound (`< 5`) is counted among all, and enters no figure.
//!
//! <https://hl7.org/fhir/R4/observation-operation-stats.html>

mod figures;

pub use figures::Statistic;

use std::collections::HashMap;

use access::Caller;
use fhir::{Document, Issue, IssueCode, Moment, ResourceType, Value};
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
    /// Each figure asked for; none where there are too few measurements for it.
    pub figures: Vec<(Statistic, Option<Decimal>)>,
    /// The measurements behind them, oldest first.
    pub sources: Vec<Stored>,
}

/// One measurement.
struct Measured {
    /// None where the measurement does not say.
    at: Option<Moment>,
    quantity: Option<Quantity>,
    stored: Stored,
}

impl Chart {
    /// Figures for each code, in the order asked.
    pub async fn observation_stats(&self, caller: &Caller, query: &StatsQuery) -> Result<Vec<Stats>> {
        let kind = ResourceType::named("Observation").ok_or(Error::NotFound)?;
        let mut all = Vec::new();
        for (system, code) in &query.codes {
            let token = match system {
                Some(system) => format!("{}|{}", escaped(system), escaped(code)),
                None => escaped(code),
            };
            let pairs = [("subject", query.subject.as_str()), ("combo-code", token.as_str())];
            let search = Query::parse(kind, pairs.into_iter(), Handling::Strict, self.query_context()).map_err(Error::Malformed)?;
            all.push(self.stats_of(caller, query, &search, system.as_deref(), code).await?);
        }
        Ok(all)
    }

    async fn stats_of(&self, caller: &Caller, query: &StatsQuery, search: &Query, system: Option<&str>, code: &str) -> Result<Stats> {
        let mut measured = Vec::new();
        let (mut display, mut found_system, knowledge) = (None, None, self.knowledge());
        for hit in self.all_hits(caller, search).await? {
            let Ok(document) = Document::read(&hit.stored.text) else { continue };
            let root = document.root();
            if root.string("status").as_deref() == Some("entered-in-error") || root.get("modifierExtension").is_some() {
                continue;
            }
            let at = clinical_date(hit.stored.kind, root, self.inner.settings.zone_offset_minutes).map(|(low, _)| low);
            if (query.from.is_some() || query.until.is_some()) && !at.is_some_and(|at| query.from.is_none_or(|from| at >= from) && query.until.is_none_or(|until| at < until)) {
                continue;
            }
            let places: Vec<Value<'_>> = std::iter::once(root).chain(root.get("component").into_iter().flat_map(|parts| parts.items())).collect();
            for (place, coding) in places.into_iter().filter_map(|place| Some((place, coding(place, system, code, &knowledge)?))) {
                display = display.or_else(|| coding.string("display").map(|text| text.into_owned()));
                found_system = found_system.or_else(|| coding.string("system").map(|text| text.into_owned()));
                measured.push(Measured { at, quantity: quantity(place), stored: hit.stored.clone() });
            }
        }
        measured.sort_by(|left, right| (left.at, &left.stored.id).cmp(&(right.at, &right.stored.id)));
        let (unit, values) = in_one_unit(&measured)?;
        let figures = Figures::of(values, measured.len());
        let figures = query.statistics.iter().map(|statistic| (*statistic, figures.get(*statistic))).collect();
        let mut sources: Vec<Stored> = measured.into_iter().map(|one| one.stored).collect();
        sources.dedup_by(|left, right| left.id == right.id);
        Ok(Stats { system: system.map(str::to_owned).or(found_system), code: code.to_owned(), display, unit, figures, sources })
    }
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
