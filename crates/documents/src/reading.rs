//! Reading a resource into words: concepts, dates, amounts and doses.
//!
//! * Nothing is translated and nothing is guessed; what is not there is none.

use fhir::{PartialDateTime, Value};

use crate::words::Voice;

/// The words of a CodeableConcept or Coding: its text, else a display, else a code.
pub(crate) fn concept(value: Option<Value<'_>>) -> Option<String> {
    let value = value?;
    let codings = || value.get("coding").into_iter().flat_map(|codings| codings.each().collect::<Vec<_>>());
    let said = |value: Value<'_>, name: &str| value.string(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    said(value, "text")
        .or_else(|| codings().find(|coding| coding.get("userSelected").is_some_and(|chosen| chosen.raw() == "true")).and_then(|coding| said(coding, "display")))
        .or_else(|| codings().find_map(|coding| said(coding, "display")))
        .or_else(|| said(value, "display"))
        .or_else(|| codings().find_map(|coding| said(coding, "code")))
        .or_else(|| said(value, "code"))
}

/// True if a concept has that code, in that system where one is named.
pub(crate) fn has_code(value: Option<Value<'_>>, system: &str, codes: &[&str]) -> bool {
    let concepts = value.into_iter().flat_map(|value| value.each().collect::<Vec<_>>());
    let mut codings = concepts.flat_map(|concept| concept.get("coding").into_iter().flat_map(|codings| codings.each().collect::<Vec<_>>()));
    codings.any(|coding| {
        let fits = coding.string("system").is_none_or(|found| system.is_empty() || found == system);
        fits && coding.string("code").is_some_and(|code| codes.contains(&&*code))
    })
}

/// The first code of a concept.
pub(crate) fn code(value: Option<Value<'_>>) -> Option<String> {
    let coding = value?.get("coding")?.first()?;
    Some(format!("{}|{}", coding.string("system").unwrap_or_default(), coding.string("code")?))
}

/// The first date under one of these names, of a period its start.
pub(crate) fn date(resource: Value<'_>, names: &[&str]) -> Option<PartialDateTime> {
    names.iter().find_map(|name| {
        let value = resource.get(name)?;
        let text = value.as_str().or_else(|| value.string("start")).or_else(|| value.string("end"))?;
        PartialDateTime::parse(&text)
    })
}

/// The same, told; what is no date is told as it was written.
pub(crate) fn day(voice: &Voice, resource: Value<'_>, names: &[&str]) -> Option<String> {
    date(resource, names).map(|date| voice.date(&date)).or_else(|| names.iter().find_map(|name| resource.string(name)).map(|text| text.into_owned()))
}

/// A Quantity with its unit.
pub(crate) fn amount(voice: &Voice, quantity: Value<'_>) -> Option<String> {
    let value = voice.figure(quantity.get("value")?.as_number()?);
    let sign = quantity.string("comparator").map(|sign| format!("{sign}\u{a0}")).unwrap_or_default();
    let unit = quantity.string("unit").or_else(|| quantity.string("code")).map(|unit| without_annotation(&unit)).filter(|unit| unit != "1" && !unit.is_empty());
    Some(match unit {
        Some(unit) => format!("{sign}{value}\u{a0}{unit}"),
        None => format!("{sign}{value}"),
    })
}

/// A unit without what UCUM lets one remark in braces: `{INR}` is no unit to a reader.
fn without_annotation(unit: &str) -> String {
    let mut inside = false;
    unit.chars().filter(|letter| {
        inside |= *letter == '{';
        let kept = !inside;
        inside &= *letter != '}';
        kept
    }).collect()
}

/// What an observation or a component found.
pub(crate) fn value(voice: &Voice, place: Value<'_>) -> Option<String> {
    let (name, value) = place.members().find(|(name, _)| name.starts_with("value"))?;
    match &*name {
        "valueQuantity" => amount(voice, value),
        "valueCodeableConcept" => concept(Some(value)),
        "valueBoolean" => Some(voice.say(if value.as_bool()? { "yes" } else { "no" })),
        "valueInteger" => Some(voice.figure(value.as_number()?)),
        "valueRange" => range(voice, value),
        "valueRatio" => {
            let side = |name: &str| value.get(name).and_then(|quantity| amount(voice, quantity));
            Some(format!("{} : {}", side("numerator")?, side("denominator")?))
        }
        "valueDateTime" | "valuePeriod" => day(voice, place, &[&name]),
        _ => value.as_str().map(|text| text.into_owned()),
    }
}

/// A range of amounts, also one that is open on a side.
fn range(voice: &Voice, value: Value<'_>) -> Option<String> {
    let side = |name: &str| value.get(name).and_then(|quantity| amount(voice, quantity));
    match (side("low"), side("high")) {
        (Some(low), Some(high)) => Some(format!("{low} \u{2013} {high}")),
        (Some(low), None) => Some(format!("\u{2265}\u{a0}{low}")),
        (None, Some(high)) => Some(format!("\u{2264}\u{a0}{high}")),
        (None, None) => None,
    }
}

/// What an observation found, its parts included, and how it stands.
pub(crate) fn finding(voice: &Voice, observation: Value<'_>) -> Option<String> {
    let own = value(voice, observation).map(|text| with_standing(voice, observation, text));
    let parts = observation.get("component").into_iter().flat_map(|parts| parts.items());
    let parts = parts.filter_map(|part| Some(format!("{}: {}", concept(part.get("code"))?, with_standing(voice, part, value(voice, part)?))));
    let all: Vec<String> = own.into_iter().chain(parts).collect();
    if !all.is_empty() {
        return Some(all.join("; "));
    }
    concept(observation.get("dataAbsentReason"))
}

/// High, low or critical, as the laboratory said it.
fn with_standing(voice: &Voice, place: Value<'_>, text: String) -> String {
    let said = place.get("interpretation").and_then(|concepts| concepts.each().find_map(|concept| code(Some(concept))));
    let word = match said.as_deref().and_then(|code| code.rsplit('|').next()) {
        Some("H" | "HU" | "HX") => "standing-high",
        Some("HH") => "standing-critical-high",
        Some("L" | "LU" | "LX") => "standing-low",
        Some("LL") => "standing-critical-low",
        Some("A" | "AA" | "POS" | "DET" | "R") => "standing-abnormal",
        _ => return text,
    };
    format!("{text} ({})", voice.say(word))
}

/// How a medicine is taken: what was written, else dose, route and rhythm.
pub(crate) fn dosage(voice: &Voice, resource: Value<'_>) -> Option<String> {
    let all = resource.get("dosage").or_else(|| resource.get("dosageInstruction"))?;
    let told: Vec<String> = all.each().filter_map(|one| one.string("text").or_else(|| one.string("patientInstruction")).map(|text| text.into_owned()).or_else(|| built(voice, one))).collect();
    (!told.is_empty()).then(|| told.join("; "))
}

fn built(voice: &Voice, dosage: Value<'_>) -> Option<String> {
    let dose = dosage.path(&["doseAndRate", "doseQuantity"]).and_then(|quantity| amount(voice, quantity));
    let dose = dose.or_else(|| range(voice, dosage.path(&["doseAndRate", "doseRange"])?));
    let rhythm = dosage.path(&["timing", "repeat"]).and_then(|repeat| {
        let times = repeat.get("frequency").and_then(|value| value.as_number()).unwrap_or("1");
        let period = repeat.get("period")?.as_number()?;
        let unit = voice.known(&format!("unit-{}", repeat.string("periodUnit")?))?;
        Some(voice.with("rhythm", &[("times", times), ("period", &voice.figure(period)), ("unit", &unit)]))
    });
    let rhythm = rhythm.or_else(|| concept(dosage.path(&["timing", "code"])));
    let needed = match concept(dosage.get("asNeededCodeableConcept")) {
        Some(why) => Some(format!("{} ({why})", voice.say("as-needed"))),
        None => dosage.get("asNeededBoolean").and_then(|value| value.as_bool()).unwrap_or(false).then(|| voice.say("as-needed")),
    };
    let parts: Vec<String> = [dose, concept(dosage.get("route")), rhythm, needed].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// A person's name as it is said.
pub(crate) fn name(patient: Value<'_>) -> Option<String> {
    let names: Vec<Value<'_>> = patient.get("name")?.each().collect();
    let chosen = names.iter().find(|name| name.string("use").as_deref() == Some("official")).or(names.first())?;
    if let Some(text) = chosen.string("text") {
        return Some(text.into_owned());
    }
    let given = chosen.get("given").into_iter().flat_map(|given| given.each().filter_map(|one| one.as_str().map(|text| text.into_owned())).collect::<Vec<_>>());
    let all: Vec<String> = given.chain(chosen.string("family").map(|text| text.into_owned())).collect();
    (!all.is_empty()).then(|| all.join(" "))
}
