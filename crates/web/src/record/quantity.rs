//! Values of measurements as a reader sees them, and what is unusual about them.

use fhir::Value;

use super::concept;
use crate::voice::Voice;

/// How a value lies to its reference range.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs)]
pub enum Standing { #[default] Unknown, Normal, High, Low, CriticalHigh, CriticalLow, Abnormal }

impl Standing {
    /// True for what a reader must not overlook.
    pub fn is_abnormal(self) -> bool {
        !matches!(self, Standing::Unknown | Standing::Normal)
    }

    /// A sign that needs no colour.
    pub fn sign(self) -> &'static str {
        match self {
            Standing::High => "▲",
            Standing::Low => "▼",
            Standing::CriticalHigh => "▲▲",
            Standing::CriticalLow => "▼▼",
            Standing::Abnormal => "!",
            Standing::Unknown | Standing::Normal => "",
        }
    }

    /// The key of the word for it.
    pub fn key(self) -> Option<&'static str> {
        match self {
            Standing::High => Some("result-high"),
            Standing::Low => Some("result-low"),
            Standing::CriticalHigh => Some("result-critical-high"),
            Standing::CriticalLow => Some("result-critical-low"),
            Standing::Abnormal => Some("result-abnormal"),
            Standing::Normal => Some("result-normal"),
            Standing::Unknown => None,
        }
    }
}

/// A value ready to be shown.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// `148/86`, `8.1`, `Positive`.
    pub value: String,
    /// `mmHg`, `%`; may be empty.
    pub unit: String,
}

/// The value of an Observation or of one of its components.
pub fn shown(voice: &Voice, observation: Value<'_>) -> Option<Shown> {
    for (name, value) in observation.members() {
        let Some(kind) = name.strip_prefix("value") else { continue };
        let plain = |value: String| Some(Shown { value, unit: String::new() });
        return match kind {
            "Quantity" => quantity(voice, value),
            "CodeableConcept" => concept::text(value).and_then(plain),
            "String" | "DateTime" | "Time" => value.as_str().map(|text| text.into_owned()).and_then(plain),
            "Integer" => value.as_number().map(|text| voice.figure(text)).and_then(plain),
            "Boolean" => value.as_bool().map(|flag| voice.say(if flag { "result-yes" } else { "result-no" })).and_then(plain),
            "Range" => range(voice, value),
            "Ratio" => ratio(voice, value),
            _ => None,
        };
    }
    None
}

/// A Quantity: comparator, figure and unit.
pub fn quantity(voice: &Voice, quantity: Value<'_>) -> Option<Shown> {
    let figure = voice.figure(quantity.get("value")?.as_number()?);
    let comparator = match quantity.string("comparator").as_deref() {
        Some("<=") => "≤ ",
        Some(">=") => "≥ ",
        Some("<") => "< ",
        Some(">") => "> ",
        _ => "",
    };
    Some(Shown { value: format!("{comparator}{figure}"), unit: unit(voice, quantity) })
}

/// A Quantity as one text.
pub fn quantity_text(voice: &Voice, value: Value<'_>) -> Option<String> {
    let shown = quantity(voice, value)?;
    Some(joined(&shown))
}

/// Value and unit as one text.
pub fn joined(shown: &Shown) -> String {
    if shown.unit.is_empty() { shown.value.clone() } else { format!("{}\u{a0}{}", shown.value, shown.unit) }
}

fn unit(voice: &Voice, quantity: Value<'_>) -> String {
    let code = concept::said(quantity, "code");
    let unit = concept::said(quantity, "unit").or(code.clone()).unwrap_or_default();
    // UCUM's own spellings are for machines.
    match (code.as_deref(), unit.as_str()) {
        (Some("/min"), _) | (_, "/min" | "{beats}/min" | "{breaths}/min") => voice.say("unit-per-minute"),
        (_, "Cel" | "degC") => "°C".to_owned(),
        (_, "[degF]") => "°F".to_owned(),
        (_, "mm[Hg]" | "mmHg") => voice.say("unit-mercury"),
        (_, "kg/m2") => "kg/m²".to_owned(),
        (_, "[lb_av]") => "lb".to_owned(),
        (_, "1" | "{score}" | "{nominal}" | "{count}") => String::new(),
        _ => unit.replace("10*3", "10³").replace("10*6", "10⁶").replace("10*9", "10⁹").replace("10*12", "10¹²"),
    }
}

fn range(voice: &Voice, range: Value<'_>) -> Option<Shown> {
    let side = |name: &str| range.get(name).and_then(|quantity_value| quantity(voice, quantity_value));
    match (side("low"), side("high")) {
        (Some(low), Some(high)) => Some(Shown { value: format!("{}\u{2013}{}", low.value, high.value), unit: high.unit }),
        (Some(low), None) => Some(Shown { value: format!("≥ {}", low.value), unit: low.unit }),
        (None, Some(high)) => Some(Shown { value: format!("≤ {}", high.value), unit: high.unit }),
        (None, None) => None,
    }
}

fn ratio(voice: &Voice, ratio: Value<'_>) -> Option<Shown> {
    let side = |name: &str| ratio.get(name).and_then(|value| quantity_text(voice, value));
    Some(Shown { value: format!("{} : {}", side("numerator")?, side("denominator")?), unit: String::new() })
}

/// The numeric value, for drawing and comparing only.
pub fn number(observation: Value<'_>) -> Option<f64> {
    let value = observation.get("valueQuantity").and_then(|quantity| quantity.get("value")).or_else(|| observation.get("valueInteger"))?;
    value.as_number()?.parse().ok()
}

/// The normal range, as numbers: low and high where stated.
pub fn band(observation: Value<'_>) -> (Option<f64>, Option<f64>) {
    let Some(range) = observation.get("referenceRange").and_then(|ranges| ranges.each().find(is_normal)) else { return (None, None) };
    let side = |name: &str| range.path(&[name, "value"]).and_then(|value| value.as_number()?.parse().ok());
    (side("low"), side("high"))
}

/// Reference ranges without a type are normal ranges.
fn is_normal(range: &Value<'_>) -> bool {
    range.get("type").is_none_or(|kind| concept::has_code(kind, "normal"))
}

/// The normal range as text, without its unit.
pub fn band_text(voice: &Voice, observation: Value<'_>) -> Option<String> {
    let normal = observation.get("referenceRange")?.each().find(is_normal)?;
    range(voice, normal).map(|shown| shown.value).or_else(|| concept::said(normal, "text"))
}

/// How the value stands: what the laboratory says, else what its range says.
pub fn standing(observation: Value<'_>) -> Standing {
    let said = observation.get("interpretation").and_then(|concepts| concepts.each().find_map(|concept| concept::first_code(Some(concept))));
    match said.as_deref() {
        Some("H" | "HU" | "HX" | "U") => return Standing::High,
        Some("L" | "LU" | "LX" | "D") => return Standing::Low,
        Some("HH") => return Standing::CriticalHigh,
        Some("LL") => return Standing::CriticalLow,
        Some("A" | "AA" | "POS" | "DET" | "R" | "E") => return Standing::Abnormal,
        Some("N" | "NEG" | "ND" | "S") => return Standing::Normal,
        _ => {}
    }
    let Some(value) = number(observation) else { return Standing::Unknown };
    // Of a bound only what holds for all it may mean is said: less than 10 is not high because 10 would be.
    let comparator = observation.get("valueQuantity").and_then(|quantity| quantity.string("comparator"));
    match (comparator.as_deref(), band(observation)) {
        (None, _) => {}
        (Some("<"), (Some(low), _)) if value <= low => return Standing::Low,
        (Some("<="), (Some(low), _)) if value < low => return Standing::Low,
        (Some("<" | "<="), (None, Some(high))) if value <= high => return Standing::Normal,
        (Some(">"), (_, Some(high))) if value >= high => return Standing::High,
        (Some(">="), (_, Some(high))) if value > high => return Standing::High,
        (Some(">" | ">="), (Some(low), None)) if value >= low => return Standing::Normal,
        (Some(_), _) => return Standing::Unknown,
    }
    match band(observation) {
        (Some(low), _) if value < low => Standing::Low,
        (_, Some(high)) if value > high => Standing::High,
        (None, None) => Standing::Unknown,
        _ => Standing::Normal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    fn check(observation: &str, text: &str, expected: Standing) {
        let document = fhir::Document::read(observation).unwrap();
        let voice = Voice { language: Language::Vietnamese, zone_offset_minutes: 0 };
        assert_eq!(shown(&voice, document.root()).map(|shown| joined(&shown)).as_deref(), Some(text));
        assert_eq!(standing(document.root()), expected, "{text}");
    }

    #[test]
    fn a_value_is_shown_with_its_unit_and_its_standing() {
        check(r#"{"valueQuantity":{"value":8.1,"unit":"%"},"referenceRange":[{"high":{"value":5.6}}]}"#, "8,1\u{a0}%", Standing::High);
        check(r#"{"valueQuantity":{"value":8.1,"unit":"%"},"interpretation":[{"coding":[{"code":"N"}]}],"referenceRange":[{"high":{"value":5.6}}]}"#, "8,1\u{a0}%", Standing::Normal);
        check(r#"{"valueQuantity":{"value":3,"comparator":"<","code":"mm[Hg]"}}"#, "< 3\u{a0}mmHg", Standing::Unknown);
        for (comparator, range, sign, expected) in [
            ("<", r#""high":{"value":0.04}"#, "< ", Standing::Unknown),
            ("<", r#""high":{"value":0.5}"#, "< ", Standing::Normal),
            ("<", r#""low":{"value":0.1}"#, "< ", Standing::Low),
            ("<=", r#""low":{"value":0.05},"high":{"value":0.5}"#, "≤ ", Standing::Unknown),
            (">", r#""high":{"value":0.1}"#, "> ", Standing::High),
            (">", r#""low":{"value":0.5}"#, "> ", Standing::Unknown),
            (">=", r#""low":{"value":0.1}"#, "≥ ", Standing::Normal),
        ] {
            check(&format!(r#"{{"valueQuantity":{{"value":0.1,"comparator":"{comparator}"}},"referenceRange":[{{{range}}}]}}"#), &format!("{sign}0,1"), expected);
        }
        check(r#"{"valueQuantity":{"value":2.0,"unit":"x"},"interpretation":[{"coding":[{"code":"LL"}]}]}"#, "2,0\u{a0}x", Standing::CriticalLow);
        check(r#"{"valueCodeableConcept":{"text":"Dương tính"},"interpretation":[{"coding":[{"code":"POS"}]}]}"#, "Dương tính", Standing::Abnormal);
        check(r#"{"valueBoolean":true}"#, "Có", Standing::Unknown);
        check(r#"{"valueRatio":{"numerator":{"value":1},"denominator":{"value":160}}}"#, "1 : 160", Standing::Unknown);
    }
}
