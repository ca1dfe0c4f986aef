//! The story: encounters newest first, with assessment and plan in full.

use std::cmp::Reverse;
use std::collections::HashMap;

use fhir::Value;

use crate::narrative;
use crate::record::{Item, Kind, Record, When, clinical, concept};
use crate::voice::Voice;

/// One encounter of the story.
#[derive(Clone, Debug)]
pub struct StoryRow {
    /// Day, or first to last day of a stay.
    pub day: String,
    /// The word for its kind.
    pub kind: String,
    /// Name of the kind, for its colour.
    pub kind_name: &'static str,
    /// Place and person.
    pub place: String,
    /// Why, where it was said.
    pub reason: String,
    /// Assessment and plan, paragraph by paragraph.
    pub paragraphs: Vec<String>,
    /// Where it is shown.
    pub link: String,
}

/// The latest encounters; those without any words of their own come too.
pub fn story(record: &Record<'_>, voice: &Voice, limit: usize) -> Vec<StoryRow> {
    let mut encounters: Vec<(When, &Item<'_>)> = record.valid("Encounter").filter_map(|item| Some((record.when(item, voice)?, item))).collect();
    encounters.retain(|(_, item)| !matches!(item.root().string("status").as_deref(), Some("planned" | "cancelled")));
    encounters.sort_by_key(|(when, _)| Reverse(when.at));
    encounters.truncate(limit);
    let notes = notes_of(record, &encounters);
    encounters.iter().map(|(when, item)| row(record, *when, item, notes.get(item.stored.id.as_str()).map_or(&[], Vec::as_slice), voice)).collect()
}

/// Notes by the id of the encounter they belong to, for the given encounters only.
fn notes_of<'r, 'i>(record: &'i Record<'r>, encounters: &[(When, &Item<'_>)]) -> HashMap<&'i str, Vec<&'i Item<'r>>> {
    let wanted: std::collections::HashSet<&str> = encounters.iter().map(|(_, item)| item.stored.id.as_str()).collect();
    let mut notes: HashMap<&str, Vec<&Item<'_>>> = HashMap::new();
    for type_name in ["ClinicalImpression", "Composition", "DocumentReference"] {
        for note in record.valid(type_name) {
            if let Some(encounter) = record.encounter(note)
                && wanted.contains(encounter.stored.id.as_str())
            {
                notes.entry(encounter.stored.id.as_str()).or_default().push(note);
            }
        }
    }
    notes
}

fn row(record: &Record<'_>, when: When, item: &Item<'_>, notes: &[&Item<'_>], voice: &Voice) -> StoryRow {
    let root = item.root();
    let kind = Kind::of(item);
    let names: Vec<String> = [clinical::own_place(record, root), clinical::person_of(record, root)].into_iter().flatten().collect();
    let paragraphs = notes.iter().map(|note| assessment(note.root())).find(|paragraphs| !paragraphs.is_empty()).unwrap_or_default();
    StoryRow {
        day: period(when, root, voice),
        kind: voice.say(kind.key()),
        kind_name: kind.name(),
        place: names.join(", "),
        reason: reason(record, root).unwrap_or_default(),
        paragraphs,
        link: item.link(record.person()),
    }
}

/// The day, or first and last day where a stay went over midnight.
pub fn period(start: When, root: Value<'_>, voice: &Voice) -> String {
    let first = voice.date(&start.date);
    match When::read(root.path(&["period", "end"]), voice).map(|end| voice.date(&end.date)) {
        Some(last) if last != first => format!("{first} \u{2013} {last}"),
        _ => first,
    }
}

/// Why somebody came: reasons, else diagnoses, else what kind of encounter it was.
pub fn reason(record: &Record<'_>, root: Value<'_>) -> Option<String> {
    let diagnosis = || {
        let names: Vec<String> = root.get("diagnosis")?.each().filter_map(|diagnosis| record.name_of(root, diagnosis.get("condition")?)).collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    concept::texts(root.get("reasonCode")).or_else(diagnosis).or_else(|| concept::texts(root.get("type")))
}

/// Words that begin the part of a note a reader looks at first. Treatment is not among them:
/// the medicines stand beside the story.
const LEADS: &[&str] = &[
    "assessment", "plan", "impression", "evaluación", "valoración", "análisis", "impresión diagnóstica", "diagnóstico", "đánh giá", "chẩn đoán", "xử trí", "kế hoạch", "hướng xử trí", "kết luận", "заключение",
    "оценка", "диагноз", "план", "рекомендации",
];

/// LOINC: assessment, plan of care, assessment and plan, treatment plan, impression, discharge plan.
const SECTIONS: &[&str] = &["51848-0", "18776-5", "51847-2", "8653-8", "29548-5", "19005-8", "11535-2"];

/// Assessment and plan of a note: its sections of that meaning, else its paragraphs that begin
/// with such a word, else its end, where physicians write them.
pub fn assessment(note: Value<'_>) -> Vec<String> {
    if let Some(summary) = concept::said(note, "summary") {
        return vec![summary];
    }
    let sections: Vec<String> = note
        .get("section")
        .into_iter()
        .flat_map(|all| all.each().collect::<Vec<_>>())
        .filter(|section| section.get("code").is_some_and(|code| SECTIONS.iter().any(|wanted| concept::has_code(code, wanted))) || section.string("title").is_some_and(|title| leads(&title)))
        .filter_map(|section| narrative::plain(section.path(&["text", "div"])?.as_str()?.as_ref()))
        .collect();
    if !sections.is_empty() {
        return sections;
    }
    let Some(text) = narrative::text_of(note) else { return Vec::new() };
    let chosen = chosen(&text);
    let paragraphs: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if chosen.is_empty() { paragraphs.iter().rev().take(2).rev().map(|paragraph| (*paragraph).to_owned()).collect() } else { chosen }
}

/// Paragraphs that begin with a leading word; where the word stands alone on its line as a
/// heading, the paragraphs below it up to the next heading or an empty line.
fn chosen(text: &str) -> Vec<String> {
    let mut chosen: Vec<String> = Vec::new();
    let (mut is_below, mut has_text) = (false, false);
    for line in text.lines().map(str::trim) {
        if line.is_empty() {
            is_below &= !has_text;
        } else if is_heading(line) {
            (is_below, has_text) = (leads(line), false);
        } else if is_below || leads(line) {
            has_text = true;
            chosen.push(line.to_owned());
        }
    }
    chosen
}

/// A line of capitals, or a short one that ends with a colon, stands over the text below it.
pub fn is_heading(line: &str) -> bool {
    let letters = || line.chars().filter(|sign| sign.is_alphabetic());
    let is_capitals = letters().count() > 2 && letters().all(|sign| !sign.is_lowercase());
    line.chars().count() <= 60 && (is_capitals || line.ends_with(':'))
}

fn leads(text: &str) -> bool {
    let lower = text.trim_start().to_lowercase();
    LEADS.iter().any(|lead| lower.strip_prefix(lead).is_some_and(|rest| !rest.starts_with(char::is_alphabetic)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(note: &str, expected: &[&str]) {
        assert_eq!(assessment(fhir::Document::read(note).unwrap().root()), expected);
    }

    #[test]
    fn assessment_and_plan_are_found_in_notes_of_several_shapes() {
        check(r#"{"summary":"Estable."}"#, &["Estable."]);
        check(
            r#"{"section":[{"title":"Lý do","text":{"div":"<div>Ho</div>"}},{"code":{"coding":[{"code":"51847-2"}]},"text":{"div":"<div><p>Viêm họng; uống nước.</p></div>"}}]}"#,
            &["Viêm họng; uống nước."],
        );
        // base64 of "Motivo: tos.\nDiagnóstico: bronquitis.\nPlan: líquidos."
        check(
            r#"{"content":[{"attachment":{"contentType":"text/plain","data":"TW90aXZvOiB0b3MuCkRpYWduw7NzdGljbzogYnJvbnF1aXRpcy4KUGxhbjogbMOtcXVpZG9zLg=="}}]}"#,
            &["Diagnóstico: bronquitis.", "Plan: líquidos."],
        );
        // "MOTIVO\nTos.\nVALORACIÓN\nBronquitis.\nPLAN\nLíquidos."
        check(
            r#"{"content":[{"attachment":{"contentType":"text/plain","data":"TU9USVZPClRvcy4KVkFMT1JBQ0nDk04KQnJvbnF1aXRpcy4KUExBTgpMw61xdWlkb3Mu"}}]}"#,
            &["Bronquitis.", "Líquidos."],
        );
        check("{}", &[]);
    }
}
