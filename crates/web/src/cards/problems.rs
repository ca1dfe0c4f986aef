//! Problems: what the person has, with state and since when.

use std::cmp::Reverse;
use std::collections::HashSet;

use crate::record::{Record, When, concept};
use crate::voice::Voice;

/// One line of the problem list.
#[derive(Clone, Debug)]
pub struct ProblemRow {
    /// The diagnosis in words.
    pub name: String,
    /// The code behind it, in grey; may be empty.
    pub code: String,
    /// State, stage or severity.
    pub state: String,
    /// Month of onset, may be empty.
    pub since: String,
    /// Month of its end, for resolved ones.
    pub until: String,
    /// Where it is shown.
    pub link: String,
}

/// Active and resolved problems; the same problem recorded again is one line. Two that bear one code and are called
/// otherwise, as of two sides, are two while they are active.
#[derive(Clone, Debug, Default)]
pub struct Problems {
    /// Active, recurring or relapsed, those longest carried first.
    pub active: Vec<ProblemRow>,
    /// All others, the latest first.
    pub resolved: Vec<ProblemRow>,
}

/// Reads the problem list.
pub fn problems(record: &Record<'_>, voice: &Voice) -> Problems {
    let mut lines: Vec<(bool, i64, String, ProblemRow)> = Vec::new();
    for item in record.valid("Condition") {
        let root = item.root();
        if root.get("verificationStatus").is_some_and(|status| concept::has_code(status, "refuted")) {
            continue;
        }
        let name = root.get("code").and_then(|code| record.says(code)).unwrap_or_else(|| voice.say("not-stated"));
        let status = root.get("clinicalStatus").and_then(|status| concept::first_code(Some(status)));
        let ended = When::read(root.get("abatementDateTime").or_else(|| root.path(&["abatementPeriod", "end"])), voice);
        // An end may also be told as an age or in words.
        let has_ended = root.members().any(|(name, _)| name.starts_with("abatement"));
        let is_active = matches!(status.as_deref(), Some("active" | "recurrence" | "relapse") | None) && !has_ended;
        let onset = record.when(item, voice);
        let order = if is_active { onset.map_or(i64::MAX, |when| when.at) } else { -ended.or(onset).map_or(i64::MIN + 1, |when| when.at) };
        let code = root.get("code").and_then(concept::short_code).unwrap_or_default();
        let key = if code.is_empty() { name.clone() } else { code.clone() };
        let row = ProblemRow {
            name,
            code,
            state: state(root, status.as_deref(), voice),
            since: onset.map_or_else(String::new, |when| voice.month(&when.date)),
            until: ended.map_or_else(String::new, |when| voice.month(&when.date)),
            link: item.link(record.person()),
        };
        lines.push((is_active, order, key, row));
    }
    lines.sort_by_key(|(is_active, order, _, _)| (Reverse(*is_active), *order));
    let mut problems = Problems::default();
    let (mut seen, mut carried) = (HashSet::new(), HashSet::new());
    for (is_active, _, key, row) in lines {
        let is_carried_anew = is_active && carried.insert((key.clone(), row.name.clone()));
        // What is active now needs no second line among the resolved.
        if !seen.insert(key) && !is_carried_anew {
            continue;
        }
        if is_active { problems.active.push(row) } else { problems.resolved.push(row) }
    }
    problems
}

/// The most telling word: a stage, a severity, doubt, else the clinical status.
fn state(root: fhir::Value<'_>, status: Option<&str>, voice: &Voice) -> String {
    let stage = root.path(&["stage", "summary"]).and_then(concept::text);
    let doubtful = root.get("verificationStatus").is_some_and(|status| concept::has_code(status, "provisional") || concept::has_code(status, "differential") || concept::has_code(status, "unconfirmed"));
    if doubtful {
        return voice.say("problem-provisional");
    }
    stage.or_else(|| root.get("severity").and_then(concept::text)).unwrap_or_else(|| {
        voice.say(match status {
            Some("recurrence") => "problem-recurrence",
            Some("relapse") => "problem-relapse",
            Some("inactive") => "problem-inactive",
            Some("remission") => "problem-remission",
            Some("resolved") => "problem-resolved",
            _ => "problem-active",
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn two_problems_of_one_code_are_two_lines_while_both_are_active() {
        let stored = |kind: &str, id: &str, text: String| chart::Stored { kind: fhir::ResourceType::named(kind).unwrap(), id: id.to_owned(), version: 1, last_updated: fhir::Moment(0), method: chart::Method::Create, text, flaws: Vec::new() };
        let condition = |id: &str, text: &str, status: &str, more: &str| {
            let body = format!(r#"{{"resourceType":"Condition","id":"{id}","clinicalStatus":{{"coding":[{{"code":"{status}"}}]}},"code":{{"coding":[{{"system":"http://hl7.org/fhir/sid/icd-10","code":"S52"}}],"text":"{text}"}},"subject":{{"reference":"Patient/p"}}{more}}}"#);
            stored("Condition", id, body)
        };
        let resources = vec![
            condition("l", "Fracture of the left forearm", "active", ""),
            condition("r", "Fracture of the right forearm", "active", ""),
            condition("again", "Fracture of the left forearm", "active", ""),
            condition("old", "Fracture of a forearm", "resolved", r#","abatementString":"in childhood""#),
        ];
        let record = chart::PersonRecord { patient: stored("Patient", "p", r#"{"resourceType":"Patient","id":"p"}"#.to_owned()), merged: Vec::new(), resources, shared: Vec::new(), holds: Vec::new() };
        let problems = problems(&Record::new(&record), &Voice { language: Language::English, zone_offset_minutes: 0 });
        let mut active: Vec<&str> = problems.active.iter().map(|row| row.name.as_str()).collect();
        active.sort_unstable();
        assert_eq!(active, ["Fracture of the left forearm", "Fracture of the right forearm"]);
        assert!(problems.resolved.is_empty());
    }
}
