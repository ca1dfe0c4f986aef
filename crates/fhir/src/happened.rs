//! When what a resource tells of happened.

use crate::{Moment, PartialDateTime, ResourceType, Value};

/// The members that date a resource, the most telling first.
const NAMES: &[&str] = &[
    "effectiveDateTime", "effectivePeriod", "effectiveInstant", "period", "performedDateTime", "performedPeriod", "occurrenceDateTime",
    "occurrencePeriod", "onsetDateTime", "onsetPeriod", "identifiedDateTime", "identifiedPeriod", "authoredOn", "authored", "dateWritten", "date", "issued", "start", "recordedDate", "created", "sent", "started",
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Document;

    #[test]
    fn each_type_is_dated_by_what_it_calls_its_date() {
        for (kind, members, expect) in [
            ("Observation", r#""effectiveDateTime":"2024-05-01","issued":"2024-06-01T00:00:00Z""#, Some("2024-05-01")),
            ("MedicationRequest", r#""authoredOn":"2024-05-01""#, Some("2024-05-01")),
            ("QuestionnaireResponse", r#""authored":"2024-05-01""#, Some("2024-05-01")),
            ("VisionPrescription", r#""created":"2024-05-02","dateWritten":"2024-05-01""#, Some("2024-05-01")),
            ("DetectedIssue", r#""identifiedDateTime":"2024-05-01""#, Some("2024-05-01")),
            ("Encounter", r#""period":{"start":"2024-05-01"}"#, Some("2024-05-01")),
            ("Consent", r#""scope":{}"#, None),
            ("Patient", r#""date":"2024-05-01""#, None),
        ] {
            let text = format!(r#"{{"resourceType":"{kind}",{members}}}"#);
            let document = Document::read(&text).unwrap();
            let low = range(ResourceType::named(kind).unwrap(), document.root(), 0).map(|(low, _)| low);
            assert_eq!(low, expect.map(|day| PartialDateTime::parse(day).unwrap().range(0).0), "{text}");
        }
    }
}
