//! Who has looked: the log of one record, day by day, in plain words, with what was asked about it.
//!
//! What another house told of who looked there stands apart: it is its word, and no part of this log.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use access::{Disclosure, Purpose, Role};
use chart::{LOG_ELSEWHERE, LogQuestion, read_question};
use fhir::shown::shown;
use fhir::{Document, Moment, PartialDateTime, Value};

use crate::door::Opened;
use crate::pages::glass::GlassRow;
use crate::record::Record;
use crate::voice::{Voice, clock_of};

/// A page of the log.
pub struct OpeningsPage {
    /// The days, newest first.
    pub days: Vec<DayOfOpenings>,
    /// Questions about entries of other pages that nobody has answered.
    pub open_elsewhere: Vec<AskedAbout>,
    /// The address of the older entries.
    pub older: Option<String>,
    /// The address of the newest, from a later page.
    pub newest: Option<String>,
    /// Whether this reader may answer.
    pub may_answer: bool,
    /// Who broke the glass, the newest first.
    pub glass: Vec<GlassRow>,
    /// What other houses told of who looked there, the newest first.
    pub elsewhere: Vec<ElsewhereRow>,
    /// How many of these are not shown, in words.
    pub more_elsewhere: Option<String>,
}

/// That somebody looked at the record in another house, as that house told it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ElsewhereRow {
    /// Day and time of day.
    pub when: String,
    /// Who.
    pub who: String,
    /// As what.
    pub role: String,
    /// Where.
    pub institution: String,
    /// What was done.
    pub what: String,
    /// For what.
    pub why: String,
}

/// Rows from elsewhere on a page.
const MOST_ELSEWHERE: usize = 200;

/// Letters of a name that another house told.
const LONGEST_NAME: usize = 200;

/// What happened on one day.
pub struct DayOfOpenings {
    /// The day.
    pub day: String,
    /// Its entries, newest first.
    pub rows: Vec<OpeningRow>,
}

/// One entry.
pub struct OpeningRow {
    /// Its place in the log.
    pub index: u64,
    /// The time of day.
    pub time: String,
    /// Who.
    pub who: String,
    /// As what.
    pub role: String,
    /// Where.
    pub institution: String,
    /// What was done.
    pub what: String,
    /// For what.
    pub why: String,
    /// What was asked about it.
    pub asked: Vec<AskedAbout>,
}

/// A question and what was answered.
pub struct AskedAbout {
    /// The Communication.
    pub id: String,
    /// What is asked.
    pub text: String,
    /// By whom and when.
    pub from: String,
    /// Answers, oldest first: by whom and when, and the text.
    pub answers: Vec<(String, String)>,
}

/// The page over what the door gave out. `more` tells that older entries follow.
pub fn openings_page(record: &Record<'_>, opened: &[Opened], more: bool, is_later: bool, may_answer: bool, glass: Vec<GlassRow>, voice: &Voice) -> OpeningsPage {
    let mut asked = asked(record, voice);
    let address = format!("/person/{}/openings", record.person());
    let older = opened.last().filter(|_| more).map(|last| format!("{address}?before={}", last.index));
    let mut days: Vec<DayOfOpenings> = Vec::new();
    for one in opened {
        let (day, time) = day_and_time(one.at, voice);
        if days.last().is_none_or(|last| last.day != day) {
            days.push(DayOfOpenings { day, rows: Vec::new() });
        }
        if let Some(last) = days.last_mut() {
            last.rows.push(row(one, time, asked.remove(&one.index).unwrap_or_default(), voice));
        }
    }
    let mut elsewhere: Vec<_> = asked.into_iter().collect();
    elsewhere.sort_by_key(|(place, _)| std::cmp::Reverse(*place));
    let open_elsewhere = elsewhere.into_iter().flat_map(|(_, asked)| asked).filter(|asked| asked.answers.is_empty()).collect();
    let (elsewhere, more_elsewhere) = if is_later { (Vec::new(), None) } else { elsewhere_rows(record, voice) };
    OpeningsPage { days, open_elsewhere, older, newest: is_later.then_some(address), may_answer, glass, elsewhere, more_elsewhere }
}

fn row(opened: &Opened, time: String, asked: Vec<AskedAbout>, voice: &Voice) -> OpeningRow {
    let account = opened.account.as_ref();
    OpeningRow {
        index: opened.index,
        time,
        who: account.map_or_else(|| voice.say("opening-unknown"), |account| account.display.clone()),
        role: account.map_or_else(String::new, |account| voice.role(account.role)),
        institution: account.map_or_else(String::new, |account| account.institution.clone()),
        what: voice.say(how_key(opened.how)),
        why: voice.say(why_key(&opened.purpose)),
        asked,
    }
}

/// What parcels brought of logs of other houses, and how much more there is. The same look that came twice is one row.
fn elsewhere_rows(record: &Record<'_>, voice: &Voice) -> (Vec<ElsewhereRow>, Option<String>) {
    let mut seen: BTreeMap<(Reverse<Moment>, String), ElsewhereRow> = BTreeMap::new();
    for binary in record.of("Binary").filter(|item| item.stored.id.starts_with(LOG_ELSEWHERE)) {
        let text = binary.root().string("data").and_then(|data| fhir::base64::decode(&data)).and_then(|bytes| String::from_utf8(bytes).ok());
        let Some(bundle) = text.as_deref().and_then(|text| Document::read(text).ok()) else { continue };
        for event in bundle.root().get("entry").into_iter().flat_map(|entries| entries.items()).filter_map(|entry| entry.get("resource")) {
            let Some(at) = event.string("recorded").and_then(|text| Moment::parse(&text)) else { continue };
            seen.insert((Reverse(at), event.raw().to_owned()), elsewhere_row(event, at, voice));
        }
    }
    let more = seen.len().saturating_sub(MOST_ELSEWHERE);
    let more = (more > 0).then(|| voice.count("openings-from-elsewhere-more", more));
    (seen.into_values().take(MOST_ELSEWHERE).collect(), more)
}

fn elsewhere_row(event: Value<'_>, at: Moment, voice: &Voice) -> ElsewhereRow {
    // Its words, but no sign that would change how ours beside them are read.
    let said = |path: &[&str]| event.path(path).and_then(|value| value.as_str().map(|text| shown(&text, LONGEST_NAME))).unwrap_or_default();
    let (day, time) = day_and_time(at, voice);
    let how = said(&["subtype", "code"]);
    ElsewhereRow {
        when: format!("{day} {time}"),
        who: Some(said(&["agent", "who", "display"])).filter(|name| !name.is_empty()).unwrap_or_else(|| voice.say("opening-unknown")),
        role: Role::named(&said(&["agent", "role", "coding", "code"])).map_or_else(String::new, |role| voice.role(role)),
        institution: said(&["source", "site"]),
        what: Disclosure::ALL.iter().find(|(_, word)| *word == how).map_or_else(String::new, |(how, _)| voice.say(how_key(*how))),
        why: voice.say(why_key(&said(&["purposeOfEvent", "coding", "code"]))),
    }
}

/// Questions with their answers, by the place in the log they are about.
fn asked(record: &Record<'_>, voice: &Voice) -> HashMap<u64, Vec<AskedAbout>> {
    let mut all: Vec<LogQuestion> = record.of("Communication").filter(|item| !item.is_error()).filter_map(|item| read_question(&item.stored.id, item.root())).collect();
    all.sort_by(|one, other| (&one.sent, &one.id).cmp(&(&other.sent, &other.id)));
    let from = |one: &LogQuestion| {
        let sent = PartialDateTime::parse(&one.sent).map(|sent| voice.date_and_time(&sent)).unwrap_or_default();
        [one.by.as_str(), sent.as_str()].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" · ")
    };
    let mut found: HashMap<u64, Vec<AskedAbout>> = HashMap::new();
    for question in all.iter().filter(|one| one.answers.is_none()) {
        let answers = all.iter().filter(|one| one.answers.as_deref() == Some(&question.id)).map(|one| (from(one), one.text.clone())).collect();
        found.entry(question.opening).or_default().push(AskedAbout { id: question.id.clone(), text: question.text.clone(), from: from(question), answers });
    }
    found
}

fn day_and_time(at: Moment, voice: &Voice) -> (String, String) {
    (voice.day(at.civil(voice.zone_offset_minutes)), clock_of(at, voice.zone_offset_minutes))
}

fn why_key(purpose: &str) -> &'static str {
    match Purpose::named(purpose) {
        Some(Purpose::Treatment) => "purpose-treatment",
        Some(Purpose::Payment) => "purpose-payment",
        Some(Purpose::PublicHealth) => "purpose-public-health",
        Some(Purpose::Emergency) => "purpose-emergency",
        Some(Purpose::Own) => "purpose-own",
        Some(Purpose::Entrusted) => "purpose-entrusted",
        Some(Purpose::Operations) | None => "purpose-operations",
    }
}

fn how_key(how: Disclosure) -> &'static str {
    match how {
        Disclosure::Opened => "how-open",
        Disclosure::Read => "how-read",
        Disclosure::Search => "how-search",
        Disclosure::History => "how-history",
        Disclosure::Summary => "how-summary",
        Disclosure::Export => "how-export",
        Disclosure::Match => "how-match",
        Disclosure::Notify => "how-notify",
        Disclosure::Write => "how-write",
        Disclosure::Chart => "how-chart",
        Disclosure::Audit => "how-audit",
        Disclosure::Erased => "how-erased",
    }
}
