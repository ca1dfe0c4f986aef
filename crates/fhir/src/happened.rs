//! When what a resource tells of happened.

use crate::{Moment, PartialDateTime, ResourceType, Value};

/// The members that date a resource, the most telling first.
const NAMES: &[&str] = &[
    "effectiveDateTime", "effectivePeriod", "effectiveInstant", "period", "performedDateTime", "performedPeriod", "occurrenceDateTime",
    "occurrencePeriod", "onsetDateTime", "onsetPeriod", "authoredOn", "date", "issued", "start", "recordedDate", "created", "sent", "started",
    "whenHandedOver", "servicedDate", "startDate", "recorded",
];

/// The range of the first date under its usual names; none for a person, and where nothing dates it.
/// Dates without a zone are taken so many minutes east of UTC.
pub fn range(kind: ResourceType, resource: Value<'_>, zone_offset_minutes: i16) -> Option<(Moment, Moment)> {
    if kind == ResourceType::PATIENT {
        return None;
    }
    let read = |text: &str| PartialDateTime::parse(text).map(|date| date.range(zone_offset_minutes));
    NAMES.iter().find_map(|name| {
        let value = resource.get(name)?;
        match value.as_str() {
            Some(text) => read(&text),
            None => {
                let low = value.string("start").and_then(|text| read(&text)).map(|(low, _)| low);
                let high = value.string("end").and_then(|text| read(&text)).map(|(_, high)| high);
                (low.is_some() || high.is_some()).then(|| (low.unwrap_or(Moment(i64::MIN)), high.unwrap_or(Moment(i64::MAX))))
            }
        }
    })
}
