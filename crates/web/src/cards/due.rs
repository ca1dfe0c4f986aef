//! What is due and what is open: referrals without an answer, results that have not come,
//! appointments, tasks, vaccinations somebody recommended.

use std::collections::HashSet;

use super::visit::days_ago;
use crate::record::{Item, Record, When, clinical, concept};
use crate::voice::{Day, Voice};

/// One open matter.
#[derive(Clone, Debug)]
pub struct DueRow {
    /// What it is about.
    pub text: String,
    /// The state in words.
    pub state: String,
    /// True where the day has passed.
    pub is_overdue: bool,
    /// Where it is shown.
    pub link: String,
}

/// Reads what is due or open, the overdue first, then by date.
pub fn due(record: &Record<'_>, voice: &Voice, today: Day, now_ms: i64) -> Vec<DueRow> {
    let mut rows: Vec<(bool, i64, DueRow)> = Vec::new();
    let answered = answered(record);
    for item in record.valid("ServiceRequest") {
        let root = item.root();
        let is_open = matches!(root.string("status").as_deref(), Some("active" | "on-hold")) && matches!(root.string("intent").as_deref(), Some("order" | "original-order" | "directive" | "filler-order" | "reflex-order" | "instance-order"));
        if is_open && !answered.contains(item.stored.id.as_str()) {
            add(&mut rows, record, item, voice, "due-referral", Since::Past(today));
        }
    }
    for item in record.valid("DiagnosticReport").chain(record.valid("Observation")) {
        let status = item.root().string("status");
        // Of a report that is preliminary not all results are final; a single value that is has come.
        if matches!(status.as_deref(), Some("registered" | "partial")) || status.as_deref() == Some("preliminary") && item.type_name() == "DiagnosticReport" {
            add(&mut rows, record, item, voice, "due-result", Since::Past(today));
        }
    }
    for item in record.valid("Task") {
        if matches!(item.root().string("status").as_deref(), Some("requested" | "received" | "accepted" | "ready" | "in-progress")) {
            add(&mut rows, record, item, voice, "due-task", Since::Past(today));
        }
    }
    for item in record.valid("Appointment") {
        let is_open = matches!(item.root().string("status").as_deref(), Some("booked" | "pending" | "proposed"));
        if is_open && record.when(item, voice).is_some_and(|when| when.at >= now_ms) {
            add(&mut rows, record, item, voice, "due-appointment", Since::Future);
        }
    }
    for item in record.valid("ImmunizationRecommendation") {
        vaccinations(&mut rows, record, item, voice, now_ms);
    }
    rows.sort_by_key(|(is_overdue, at, _)| (!*is_overdue, *at));
    rows.into_iter().map(|(_, _, row)| row).collect()
}

/// Ids of requests that some report, procedure, study or encounter answers. What was called off, was not done or has not
/// begun is no answer.
fn answered(record: &Record<'_>) -> HashSet<String> {
    let answers = record.valid("DiagnosticReport").chain(record.valid("Procedure")).chain(record.valid("ImagingStudy")).chain(record.valid("Encounter"));
    let mut ids = HashSet::new();
    let is_answer = |item: &Item<'_>| !matches!(item.root().string("status").as_deref(), Some("cancelled" | "not-done" | "preparation" | "planned"));
    for item in answers.filter(|item| is_answer(item)) {
        for request in item.root().get("basedOn").into_iter().flat_map(|all| all.each().collect::<Vec<_>>()) {
            if let Some(id) = request.string("reference").and_then(|text| text.strip_prefix("ServiceRequest/").map(str::to_owned)) {
                ids.insert(id);
            }
        }
    }
    ids
}

enum Since {
    Past(Day),
    Future,
}

fn add(rows: &mut Vec<(bool, i64, DueRow)>, record: &Record<'_>, item: &Item<'_>, voice: &Voice, key: &str, since: Since) {
    let when = record.when(item, voice);
    let moment = when.map(|when| match since {
        Since::Past(today) => days_ago(voice.local(&when.date).0, today, voice),
        Since::Future => voice.date_and_time(&when.date),
    });
    let state = match moment.filter(|text| !text.is_empty()) {
        Some(moment) => format!("{}, {moment}", voice.say(key)),
        None => voice.say(key),
    };
    let text = clinical::title(record, item.root()).unwrap_or_else(|| voice.say("not-stated"));
    rows.push((false, when.map_or(0, |when| when.at), DueRow { text, state, is_overdue: false, link: item.link(record.person()) }));
}

/// SNOMED CT and the FHIR example set name a dose that is due or overdue.
fn vaccinations(rows: &mut Vec<(bool, i64, DueRow)>, record: &Record<'_>, item: &Item<'_>, voice: &Voice, now_ms: i64) {
    for recommendation in item.root().get("recommendation").into_iter().flat_map(|all| all.each().collect::<Vec<_>>()) {
        let status = recommendation.get("forecastStatus").and_then(|status| concept::first_code(Some(status)));
        if matches!(status.as_deref(), Some("immune" | "contraindicated" | "complete")) {
            continue;
        }
        let dates: Vec<_> = recommendation.get("dateCriterion").into_iter().flat_map(|all| all.each().collect::<Vec<_>>()).collect();
        let due = dates.iter().find(|date| date.get("code").is_some_and(|code| concept::has_code(code, "30980-7"))).or(dates.first()).and_then(|date| When::read(date.get("value"), voice));
        let is_overdue = status.as_deref() == Some("overdue") || due.is_some_and(|due| due.at < now_ms);
        let text = concept::texts(recommendation.get("vaccineCode")).or_else(|| recommendation.get("targetDisease").and_then(concept::text)).unwrap_or_else(|| voice.say("due-vaccine"));
        let state = match (is_overdue, due) {
            (true, Some(due)) => format!("{}, {}", voice.say("due-overdue"), voice.date(&due.date)),
            (true, None) => voice.say("due-overdue"),
            (false, Some(due)) => voice.with("due-on", &[("date", &voice.date(&due.date))]),
            (false, None) => voice.say("due-vaccine"),
        };
        rows.push((is_overdue, due.map_or(0, |due| due.at), DueRow { text, state, is_overdue, link: item.link(record.person()) }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn what_was_called_off_answers_nothing_and_what_is_preliminary_is_awaited() {
        let stored = |kind: &str, id: &str, members: &str| chart::Stored { kind: fhir::ResourceType::named(kind).unwrap(), id: id.to_owned(), version: 1, last_updated: fhir::Moment(0), method: chart::Method::Create, text: format!(r#"{{"resourceType":"{kind}","id":"{id}","subject":{{"reference":"Patient/p"}},"code":{{"text":"{id}"}}{members}}}"#), flaws: Vec::new() };
        let request = |id: &str| stored("ServiceRequest", id, r#","status":"active","intent":"order""#);
        let answer = |kind: &str, id: &str, status: &str, of: &str| stored(kind, id, &format!(r#","status":"{status}","basedOn":[{{"reference":"ServiceRequest/{of}"}}]"#));
        let resources = vec![
            request("chest"),
            request("heart"),
            request("knee"),
            request("blood"),
            request("eye"),
            answer("DiagnosticReport", "off", "cancelled", "chest"),
            answer("Encounter", "planned", "planned", "heart"),
            answer("Procedure", "undone", "not-done", "knee"),
            answer("DiagnosticReport", "early", "preliminary", "blood"),
            answer("Procedure", "done", "completed", "eye"),
        ];
        let record = chart::PersonRecord { patient: stored("Patient", "p", ""), merged: Vec::new(), resources, shared: Vec::new(), holds: Vec::new() };
        let voice = Voice { language: Language::English, zone_offset_minutes: 0 };
        let rows = due(&Record::new(&record), &voice, (2026, 11, 30), 0);
        let mut told: Vec<&str> = rows.iter().map(|row| row.text.as_str()).collect();
        told.sort_unstable();
        assert_eq!(told, ["chest", "early", "heart", "knee"]);
    }
}
