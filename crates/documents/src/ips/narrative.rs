//! How a summary reads: a heading, and a table for each section, in the reader's language.
//!
//! * What stands in a cell is escaped; no markup of a sender passes.

use fhir::Value;
use fhir::splice::write_string;

use super::sections::Section;
use super::{Item, Setting};
use crate::reading;
use crate::words::{Language, Voice};

/// Appends a generated Narrative.
pub(super) fn write_text(inside: &str, language: Language, out: &mut String) {
    let code = language.code();
    out.push_str("{\"status\":\"generated\",\"div\":");
    write_string(&format!("<div xmlns=\"http://www.w3.org/1999/xhtml\" xml:lang=\"{code}\" lang=\"{code}\">{inside}</div>"), out);
    out.push('}');
}

/// Whose summary it is, made where and when.
pub(super) fn head(voice: &Voice, patient: Value<'_>, setting: &Setting<'_>) -> String {
    let name = reading::name(patient).unwrap_or_else(|| voice.say("no-name"));
    let born = reading::day(voice, patient, &["birthDate"]).map(|day| voice.with("born", &[("day", &day)]));
    let gender = patient.string("gender").and_then(|code| voice.known(&format!("gender-{code}")));
    let died = reading::day(voice, patient, &["deceasedDateTime"]).map(|day| voice.with("died", &[("day", &day)]));
    let facts: Vec<String> = [born, gender, died].into_iter().flatten().collect();
    let now = fhir::PartialDateTime::parse(&setting.now.to_string()).map(|now| voice.date(&now)).unwrap_or_default();
    let place = if setting.institution.is_empty() { "Carnet" } else { setting.institution };
    let made = voice.with("made", &[("day", &now), ("place", place)]);
    let copy = if setting.is_copy { format!("<p><b>{}</b></p>", escaped(&voice.say("copy"))) } else { String::new() };
    format!("<p><b>{}</b></p><p>{}</p><p>{}</p>{copy}", escaped(&name), escaped(&facts.join(" \u{b7} ")), escaped(&made))
}

/// The table of a section, or the words that there is nothing to tell.
pub(super) fn section<'d>(voice: &Voice, section: &Section, chosen: &[Item<'d>], nearby: &dyn Fn(&str) -> Option<Value<'d>>) -> String {
    if let (true, Some(absent)) = (chosen.is_empty(), section.absent) {
        return format!("<p>{}</p>", escaped(&voice.say(absent.code)));
    }
    let rows: Vec<Vec<String>> = chosen.iter().map(|item| section.columns.iter().map(|column| cell(voice, column, item, nearby).unwrap_or_default()).collect()).collect();
    // A column nobody fills is left out.
    let filled: Vec<usize> = (0..section.columns.len()).filter(|column| *column == 0 || rows.iter().any(|row| !row[*column].is_empty())).collect();
    let mut out = String::from("<table><thead><tr>");
    for column in &filled {
        out.push_str(&format!("<th>{}</th>", escaped(&voice.say(&format!("column-{}", section.columns[*column])))));
    }
    out.push_str("</tr></thead><tbody>");
    for row in &rows {
        out.push_str("<tr>");
        filled.iter().for_each(|column| out.push_str(&format!("<td>{}</td>", escaped(&row[*column]))));
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table>");
    out
}

fn cell<'d>(voice: &Voice, column: &str, item: &Item<'d>, nearby: &dyn Fn(&str) -> Option<Value<'d>>) -> Option<String> {
    let root = item.root;
    match column {
        "what" => {
            let words = what(item, nearby).unwrap_or_else(|| voice.say("unnamed"));
            Some(standing(item).map_or(words.clone(), |key| format!("{words} ({})", voice.say(key))))
        }
        "since" => reading::day(voice, root, &["onsetDateTime", "onsetPeriod", "onsetString", "effectiveDateTime", "effectivePeriod", "timingDateTime", "timingPeriod", "period", "authoredOn", "recordedDate"]),
        "until" => reading::day(voice, root, &["abatementDateTime", "abatementString"]),
        "when" => reading::day(voice, root, &super::sections::WHEN).or_else(|| reading::day(voice, root, &["occurrenceString", "performedString"])),
        "severity" => reading::concept(root.get("severity")),
        "criticality" => root.string("criticality").and_then(|code| voice.known(&format!("criticality-{code}"))),
        "reaction" => {
            let reactions = root.get("reaction")?.items().flat_map(|reaction| reaction.get("manifestation").into_iter().flat_map(|all| all.each().collect::<Vec<_>>()));
            let told: Vec<String> = reactions.filter_map(|one| reading::concept(Some(one))).collect();
            Some(told.join(", "))
        }
        "dose" => reading::dosage(voice, root),
        "dose-number" => {
            let applied = root.get("protocolApplied")?.first()?;
            let number = applied.get("doseNumberPositiveInt").and_then(|value| value.as_number().map(str::to_owned));
            number.or_else(|| applied.string("doseNumberString").map(|text| text.into_owned()))
        }
        "result" => reading::finding(voice, root).or_else(|| root.string("conclusion").map(|text| text.into_owned())),
        "activities" => {
            let activities = root.get("activity")?.items().filter_map(|activity| {
                let detail = activity.get("detail")?;
                reading::concept(detail.get("code")).or_else(|| detail.string("description").map(|text| text.into_owned()))
            });
            Some(activities.collect::<Vec<_>>().join(", "))
        }
        _ => None,
    }
}

/// What keeps a line from being so today: what is paused or only planned is not taken, and what nobody confirmed may not be.
fn standing(item: &Item<'_>) -> Option<&'static str> {
    let root = item.root;
    let is = |member: &str, words: &[&str]| root.string(member).is_some_and(|word| words.contains(&&*word));
    match item.kind.name() {
        "MedicationStatement" | "MedicationRequest" | "DeviceUseStatement" | "CarePlan" if is("status", &["on-hold"]) => Some("standing-on-hold"),
        "MedicationStatement" if is("status", &["intended"]) => Some("standing-planned"),
        "MedicationRequest" if is("intent", &["proposal", "plan", "option"]) => Some("standing-planned"),
        "Condition" | "AllergyIntolerance" if reading::has_code(root.get("verificationStatus"), "", &["unconfirmed", "provisional", "differential"]) => Some("standing-unconfirmed"),
        _ => None,
    }
}

/// What a line is about.
fn what<'d>(item: &Item<'d>, nearby: &dyn Fn(&str) -> Option<Value<'d>>) -> Option<String> {
    let root = item.root;
    let named = |member: &str, inside: &[&str]| -> Option<String> {
        let reference = root.get(member)?;
        let target = reference.string("reference").and_then(|text| match text.strip_prefix('#') {
            Some(id) => root.get("contained")?.items().find(|one| one.string("id").as_deref() == Some(id)),
            None => nearby(&text),
        });
        let words = target.and_then(|target| inside.iter().find_map(|name| reading::concept(target.get(name)).or_else(|| target.path(&[name, "name"])?.as_str().map(|text| text.into_owned()))));
        words.or_else(|| reference.string("display").map(|text| text.into_owned()))
    };
    match item.kind.name() {
        "MedicationStatement" | "MedicationRequest" => reading::concept(root.get("medicationCodeableConcept")).or_else(|| named("medicationReference", &["code"])),
        "Immunization" => reading::concept(root.get("vaccineCode")),
        "DeviceUseStatement" => named("device", &["type", "deviceName"]),
        "CarePlan" => root.string("title").map(|text| text.into_owned()).or_else(|| reading::concept(root.get("category")?.first())).or_else(|| root.string("description").map(|text| text.into_owned())),
        // What tells two findings of one kind apart.
        "Observation" => {
            let apart: Vec<String> = ["bodySite", "method"].into_iter().filter_map(|name| reading::concept(root.get(name))).collect();
            let kind = reading::concept(root.get("code"))?;
            Some(if apart.is_empty() { kind } else { format!("{kind} ({})", apart.join(", ")) })
        }
        _ => reading::concept(root.get("code")),
    }
}

/// Text as it may stand in markup.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\r' | '\t' => out.push(' '),
            letter if letter.is_control() => {}
            letter => out.push(letter),
        }
    }
    out
}
