//! Dates: both sides are ranges, as wide as the precision they were written in.
//! <https://hl7.org/fhir/R4/search.html#date>

use super::{each, text_of};
use crate::path::{Found, Shape};
use crate::wanted::{Prefix, Wanted};
use fhir::date::DAY_MS;
use fhir::{Moment, PartialDateTime, Value};

/// First moment covered, and first no longer covered.
pub(crate) type Covered = (Moment, Moment);

const EVER: Covered = (Moment(i64::MIN), Moment(i64::MAX));

/// Compares what a value covers with a wanted date.
pub(super) fn compare(wanted: &Wanted, (low, high): Covered) -> bool {
    let Wanted::Date { prefix, low: wanted_low, high: wanted_high, .. } = wanted else { return false };
    let (wanted_low, wanted_high) = (*wanted_low, *wanted_high);
    let equal = wanted_low <= low && high <= wanted_high;
    match prefix {
        Prefix::Eq => equal,
        Prefix::Ne => !equal,
        Prefix::Gt => high > wanted_high,
        Prefix::Lt => low < wanted_low,
        // R4 would leave out a stay from May to 2 June under ge2024-06, since it neither lies
        // within June nor reaches beyond it. Whoever asks from June on wants to see it.
        Prefix::Ge => high > wanted_low,
        Prefix::Le => low < wanted_high,
        Prefix::Sa => low >= wanted_high,
        Prefix::Eb => high <= wanted_low,
        Prefix::Po => low < wanted_high && high > wanted_low,
        Prefix::Ap => {
            let (low_enough, high_enough) = around(wanted_low, wanted_high);
            low < high_enough && high > low_enough
        }
    }
}

/// What `ap` means here: as much again on either side, at least a day. R4 suggests a tenth of
/// the distance to now, but a query must mean the same tomorrow.
pub(crate) fn around(low: Moment, high: Moment) -> Covered {
    let width = (high.0 - low.0).max(DAY_MS);
    (Moment(low.0 - width), Moment(high.0 + width))
}

/// What a date, Period or Timing covers; none where it says nothing readable.
pub(crate) fn covered(found: Found<'_>, default_offset_minutes: i16) -> Option<Covered> {
    match found.shape() {
        Shape::Date => moment(found.value, default_offset_minutes),
        Shape::Period => period(found.value, default_offset_minutes),
        Shape::Timing => timing(found.value, default_offset_minutes),
        _ => None,
    }
}

fn moment(value: Value<'_>, default_offset_minutes: i16) -> Option<Covered> {
    Some(PartialDateTime::parse(&value.as_str()?)?.range(default_offset_minutes))
}

/// An end that is not said is open: the period lasts, or began before anyone wrote it down.
fn period(value: Value<'_>, default_offset_minutes: i16) -> Option<Covered> {
    let side = |name: &str| match text_of(value, name) {
        Some(text) => PartialDateTime::parse(&text).map(|date| Some(date.range(default_offset_minutes))),
        None => Some(None),
    };
    match (side("start")?, side("end")?) {
        (None, None) => None,
        (start, end) => Some((start.map_or(EVER.0, |start| start.0), end.map_or(EVER.1, |end| end.1))),
    }
}

/// From the first to the last moment a timing names.
fn timing(value: Value<'_>, default_offset_minutes: i16) -> Option<Covered> {
    let events = each(value, "event").filter_map(|event| moment(event, default_offset_minutes));
    let bounds = each(value, "repeat")
        .flat_map(|repeat| each(repeat, "boundsPeriod"))
        .filter_map(|bounds| period(bounds, default_offset_minutes));
    events.chain(bounds).reduce(|all, one| (all.0.min(one.0), all.1.max(one.1)))
}
