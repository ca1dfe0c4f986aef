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

/// Active and resolved problems; the same problem recorded again is one line.
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
        let is_active = matches!(status.as_deref(), Some("active" | "recurrence" | "relapse") | None) && ended.is_none();
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
    let mut seen = HashSet::new();
    for (is_active, _, key, row) in lines {
        // What is active now needs no second line among the resolved.
        if !seen.insert(key) {
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
