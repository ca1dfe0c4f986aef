//! Medicines: name in bold, strength, how to take it, since when. Never cut.
//!
//! * What is taken now is a line for each way it is taken: a renewal of the same is one line, another dose is another.
//! * What must not be given stands among them, and says so.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use fhir::Value;

use crate::record::quantity;
use crate::record::{Item, Record, When, clinical, concept};
use crate::voice::{Day, Voice};

/// One medicine.
#[derive(Clone, Debug)]
pub struct MedicineRow {
    /// The generic name, shown in bold.
    pub name: String,
    /// Strength and form, after the name.
    pub strength: String,
    /// How to take it.
    pub how: String,
    /// Month of the first order of this course.
    pub since: String,
    /// A word about its state where it is not simply taken.
    pub remark: String,
    /// Where the latest order is shown.
    pub link: String,
}

/// What is taken now and what was.
#[derive(Clone, Debug, Default)]
pub struct Medicines {
    /// Active orders and statements, the newest first.
    pub current: Vec<MedicineRow>,
    /// Ended ones, the newest first.
    pub past: Vec<MedicineRow>,
}

/// Between two orders of one course lies at most this: half a year of supply and some delay.
const PAUSE_MS: i64 = 230 * fhir::date::DAY_MS;

/// One order or statement on the way to a line.
struct Order<'r, 'i> {
    item: &'i Item<'r>,
    title: String,
    how: String,
    at: i64,
    is_current: bool,
    /// It orders that the medicine is not given.
    is_forbidden: bool,
}

/// Reads the medicines; orders of the same medicine, taken in the same way, are one line, and so are those that ended.
pub fn medicines(record: &Record<'_>, voice: &Voice, today: Day) -> Medicines {
    let mut orders: Vec<Order<'_, '_>> = record.valid("MedicationRequest").chain(record.valid("MedicationStatement")).filter_map(|item| order(record, item, voice, today)).collect();
    orders.sort_by_key(|order| (Reverse(order.is_current), Reverse(order.at)));
    let mut first: HashMap<String, i64> = HashMap::new();
    let mut by_time: Vec<&Order<'_, '_>> = orders.iter().filter(|order| order.at != i64::MIN).collect();
    by_time.sort_by_key(|order| Reverse(order.at));
    for order in by_time {
        // A renewal continues the order before it, unless there was a long pause.
        let earliest = first.entry(order.title.clone()).or_insert(order.at);
        if *earliest - order.at <= PAUSE_MS {
            *earliest = order.at;
        }
    }
    let mut medicines = Medicines::default();
    let (mut seen, mut titles) = (HashSet::new(), HashSet::new());
    for order in &orders {
        let is_first = titles.insert(order.title.as_str());
        let is_new = if order.is_current { seen.insert((order.title.as_str(), order.how.as_str(), order.is_forbidden)) } else { is_first };
        if !is_new {
            continue;
        }
        let since = first.get(&order.title).copied().unwrap_or(order.at);
        let row = row(record, order, since, voice);
        if order.is_current { medicines.current.push(row) } else { medicines.past.push(row) }
    }
    medicines
}

fn order<'r, 'i>(record: &Record<'_>, item: &'i Item<'r>, voice: &Voice, today: Day) -> Option<Order<'r, 'i>> {
    let root = item.root();
    // A proposal or plan is not yet an order; an option inside one never is.
    if matches!(root.string("intent").as_deref(), Some("proposal" | "plan" | "option")) {
        return None;
    }
    let status = root.string("status");
    let is_open = matches!(status.as_deref(), Some("active" | "on-hold" | "intended"));
    let title = clinical::title(record, root).unwrap_or_else(|| voice.say("not-stated"));
    let at = record.when(item, voice).map_or(i64::MIN, |when| when.at);
    let dosages = root.get("dosageInstruction").or_else(|| root.get("dosage"));
    let how: Vec<String> = dosages.into_iter().flat_map(|all| all.each().filter_map(|dosage| dosage_text(dosage, voice)).collect::<Vec<_>>()).collect();
    let is_forbidden = root.get("doNotPerform").and_then(|flag| flag.as_bool()) == Some(true);
    Some(Order { item, title, how: how.join("; "), at, is_current: is_open && !has_ended(root, voice, today), is_forbidden })
}

/// True where the order itself says that its course is over: of several steps, as when a dose is tapered, the last.
fn has_ended(root: Value<'_>, voice: &Voice, today: Day) -> bool {
    let is_past = |end: Value<'_>| When::read(Some(end), voice).is_some_and(|end| voice.local(&end.date).0 < today);
    let steps: Vec<Value<'_>> = root.get("dosageInstruction").into_iter().flat_map(|all| all.each().collect::<Vec<_>>()).collect();
    let are_over = !steps.is_empty() && steps.iter().all(|step| step.path(&["timing", "repeat", "boundsPeriod", "end"]).is_some_and(is_past));
    are_over || root.path(&["effectivePeriod", "end"]).is_some_and(is_past)
}

fn row(record: &Record<'_>, order: &Order<'_, '_>, since: i64, voice: &Voice) -> MedicineRow {
    let root = order.item.root();
    let (name, strength) = split_strength(&order.title);
    let remark = match (root.string("status").as_deref(), order.item.type_name(), order.is_current) {
        _ if order.is_forbidden => voice.say("medicine-not-given"),
        (Some("on-hold"), _, _) => voice.say("medicine-on-hold"),
        (_, "MedicationStatement", true) => voice.say("medicine-reported"),
        (Some("stopped"), _, _) => voice.say("medicine-stopped"),
        (Some("cancelled"), _, _) => voice.say("medicine-cancelled"),
        (Some("draft"), _, _) => voice.say("medicine-draft"),
        (_, _, false) => voice.say("medicine-completed"),
        _ => String::new(),
    };
    MedicineRow { name, strength, how: order.how.clone(), since: if since == i64::MIN { String::new() } else { month(since, voice) }, remark, link: order.item.link(record.person()) }
}

fn month(at: i64, voice: &Voice) -> String {
    let (year, month, day) = fhir::Moment(at).civil(voice.zone_offset_minutes);
    let text = format!("{year:04}-{month:02}-{day:02}");
    fhir::PartialDateTime::parse(&text).map_or_else(String::new, |date| voice.month(&date))
}

/// `Metformin 500 mg tablet` into the name and what follows its first figure.
fn split_strength(title: &str) -> (String, String) {
    let figure = title.char_indices().find(|(place, sign)| sign.is_ascii_digit() && title[..*place].ends_with(' ') && *place > 2);
    match figure {
        Some((place, _)) => (title[..place].trim_end().to_owned(), title[place..].to_owned()),
        None => (title.to_owned(), String::new()),
    }
}

/// A Dosage in words: its own text, else dose, times and as-needed.
pub fn dosage_text(dosage: Value<'_>, voice: &Voice) -> Option<String> {
    if let Some(text) = concept::said(dosage, "text") {
        return Some(text);
    }
    let mut parts = Vec::new();
    if let Some(dose) = dosage.path(&["doseAndRate", "doseQuantity"]).and_then(|quantity_value| quantity::quantity_text(voice, quantity_value)) {
        parts.push(dose);
    }
    if let Some(times) = dosage.path(&["timing", "repeat"]).and_then(|repeat| times(repeat, voice)) {
        parts.push(times);
    } else if let Some(code) = dosage.path(&["timing", "code"]).and_then(concept::text) {
        parts.push(code);
    }
    if let Some(route) = dosage.get("route").and_then(concept::text) {
        parts.push(route);
    }
    if dosage.get("asNeededBoolean").and_then(|flag| flag.as_bool()) == Some(true) {
        parts.push(voice.say("dose-as-needed"));
    } else if let Some(reason) = dosage.get("asNeededCodeableConcept").and_then(concept::text) {
        parts.push(format!("{}: {reason}", voice.say("dose-as-needed")));
    }
    if let Some(more) = concept::said(dosage, "patientInstruction").or_else(|| concept::texts(dosage.get("additionalInstruction"))) {
        parts.push(more);
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn times(repeat: Value<'_>, voice: &Voice) -> Option<String> {
    let whole = |member: &str| repeat.get(member).and_then(|value| value.as_number()?.parse::<f64>().ok()).map(|number| number.round() as usize);
    let frequency = whole("frequency").unwrap_or(1).max(1);
    let period = whole("period")?.max(1);
    let each = |key: &str| Some(format!("{} {}", voice.count("dose-times", frequency), voice.say(key)));
    match (repeat.string("periodUnit")?.as_ref(), period) {
        ("d", 1) => each("dose-per-day"),
        ("wk", 1) => each("dose-per-week"),
        ("mo", 1) => each("dose-per-month"),
        ("h", hours) => Some(voice.count("dose-per-hours", (hours / frequency).max(1))),
        ("d", days) => Some(format!("{} {}", voice.count("dose-times", frequency), voice.count("dose-per-days", days))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn a_name_is_told_from_its_strength() {
        for (title, name, strength) in [("Metformina 850 mg tableta", "Metformina", "850 mg tableta"), ("Paracetamol", "Paracetamol", ""), ("Vitamin B12 100 µg", "Vitamin B12", "100 µg"), ("24 HR Metformin 500 MG", "24 HR Metformin", "500 MG")] {
            assert_eq!(split_strength(title), (name.to_owned(), strength.to_owned()));
        }
    }

    #[test]
    fn each_way_a_medicine_is_taken_now_is_a_line_and_what_must_not_be_given_says_so() {
        let stored = |kind: &str, id: &str, text: String| chart::Stored { kind: fhir::ResourceType::named(kind).unwrap(), id: id.to_owned(), version: 1, last_updated: fhir::Moment(0), method: chart::Method::Create, text, flaws: Vec::new() };
        let order = |id: &str, name: &str, status: &str, on: &str, dosages: &str, more: &str| {
            let text = format!(r#"{{"resourceType":"MedicationRequest","id":"{id}","status":"{status}","intent":"order"{more},"medicationCodeableConcept":{{"text":"{name}"}},"subject":{{"reference":"Patient/p"}},"authoredOn":"{on}","dosageInstruction":[{dosages}]}}"#);
            stored("MedicationRequest", id, text)
        };
        let said = |text: &str| format!(r#"{{"text":"{text}"}}"#);
        let until = |text: &str, end: &str| format!(r#"{{"text":"{text}","timing":{{"repeat":{{"boundsPeriod":{{"end":"{end}"}}}}}}}}"#);
        let resources = vec![
            order("i1", "Insulin", "active", "2026-11-01", &said("10 U in the morning"), ""),
            order("i2", "Insulin", "active", "2026-11-01", &said("6 U at night"), ""),
            order("i3", "Insulin", "active", "2026-08-01", &said("6 U at night"), ""),
            order("i4", "Insulin", "completed", "2025-08-01", &said("4 U at night"), ""),
            // Its first step is over, the order is not.
            order("p1", "Prednisone", "active", "2026-11-20", &format!("{},{}", until("40 mg", "2026-11-25"), until("20 mg", "2026-12-02")), ""),
            order("p2", "Amoxicillin", "active", "2026-11-01", &until("500 mg", "2026-11-08"), ""),
            order("a1", "Aspirin", "active", "2026-11-01", &said("100 mg"), r#","doNotPerform":true"#),
        ];
        let record = chart::PersonRecord { patient: stored("Patient", "p", r#"{"resourceType":"Patient","id":"p"}"#.to_owned()), merged: Vec::new(), resources, shared: Vec::new(), holds: Vec::new() };
        for language in Language::ALL {
            let voice = Voice { language, zone_offset_minutes: 0 };
            let medicines = medicines(&Record::new(&record), &voice, (2026, 11, 30));
            let told = |rows: &[MedicineRow]| {
                let mut told: Vec<(String, String)> = rows.iter().map(|row| (format!("{} {}", row.name, row.how), row.remark.clone())).collect();
                told.sort();
                told
            };
            let forbidden = voice.say("medicine-not-given");
            let current: Vec<(String, String)> = [("Aspirin 100 mg", forbidden.as_str()), ("Insulin 10 U in the morning", ""), ("Insulin 6 U at night", ""), ("Prednisone 40 mg; 20 mg", "")].map(|(line, remark)| (line.to_owned(), remark.to_owned())).to_vec();
            assert_eq!(told(&medicines.current), current);
            assert_eq!(medicines.past.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["Amoxicillin"]);
        }
    }

    #[test]
    fn a_dosage_without_words_is_put_into_words() {
        let voice = |language| Voice { language, zone_offset_minutes: 0 };
        let text = |json: &str, language| dosage_text(fhir::Document::read(json).unwrap().root(), &voice(language)).unwrap_or_default();
        let twice = r#"{"timing":{"repeat":{"frequency":2,"period":1,"periodUnit":"d"}},"doseAndRate":[{"doseQuantity":{"value":0.5,"unit":"tab"}}],"asNeededBoolean":true}"#;
        assert_eq!(text(twice, Language::English), "0.5\u{a0}tab, twice a day, as needed");
        assert_eq!(text(twice, Language::Russian), "0,5\u{a0}tab, 2 раза в день, при необходимости");
        assert_eq!(text(r#"{"timing":{"repeat":{"frequency":1,"period":8,"periodUnit":"h"}}}"#, Language::Spanish), "cada 8 horas");
        assert_eq!(text(r#"{"text":"1 viên, buổi sáng"}"#, Language::Russian), "1 viên, buổi sáng");
        assert_eq!(text("{}", Language::English), "");
    }
}
