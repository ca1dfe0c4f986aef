//! Documents and papers as PDF/A: what the page says, for keeping and for the printer.
//!
//! * It passes the same door as the page. Beside the opening of the page it leaves one of a copy that was taken away.
//! * The template is the one that the document was completed with; the same version in the same language is the same
//!   file to the byte.
//! * What the file is called in somebody's folder names nobody.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chart::{Filled, PaperKind, shown_code};
use fhir::Moment;
use forms::{Json, Standing};
use print::{Answer, Copy, Field, Language, Paper, Part, Signed, Template};
use tokio::sync::Semaphore;

use super::fault::{self, Fault};
use super::forms::{filled, sides, targets};
use super::papers::{kind_key, without_withheld};
use super::person::with_record;
use super::signing::SignatureView;
use crate::banner::Banner;
use crate::form::{self, Reading};
use crate::house::Reader;
use crate::voice::Voice;

/// Papers made at once. Others wait, so that printing leaves processors to those who read.
static PRESSES: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(1, |cores| cores.get().div_ceil(2))));

/// Columns of a table on paper; what has more is written below one another.
const MOST_COLUMNS: usize = 6;

/// True where a document of this status is one for paper: what may still change is none.
pub(super) fn is_final(status: &str) -> bool {
    matches!(status, "completed" | "amended" | "entered-in-error")
}

/// A document as it is now.
pub async fn document(reader: Reader, Path((id, response)): Path<(String, String)>) -> Response {
    match filled(&reader, &id, &response).await {
        Ok(filled) => made(reader, id, filled, None).await,
        Err(response) => response,
    }
}

/// A version of a document as it was.
pub async fn version(reader: Reader, Path((id, response, version)): Path<(String, String, String)>) -> Response {
    let Some(number) = super::signing::number(&version) else { return fault::show(&reader.visitor, Fault::NotFound) };
    match reader.visitor.house.door.gate().filled_version(&reader.entry.caller, &id, &response, number).await {
        Ok(filled) => made(reader, id, filled, None).await,
        Err(error) => fault::of_error(&reader.visitor, &error),
    }
}

/// A certificate or a certified copy.
pub async fn paper(reader: Reader, Path((id, response, number)): Path<(String, String, String)>) -> Response {
    match super::papers::found(&reader, &id, &response, &number).await {
        Ok((paper, filled)) => made(reader, id, filled, Some(paper)).await,
        Err(response) => response,
    }
}

async fn made(reader: Reader, id: String, filled: Filled, paper: Option<chart::Paper>) -> Response {
    if !is_final(&filled.status) {
        return fault::show(&reader.visitor, Fault::NotFound);
    }
    // Never another look than that of its time.
    let name = filled.template.as_deref().unwrap_or(print::FORM);
    let Some(template) = print::template(name) else {
        tracing::error!("a document names a template that this program does not have");
        return fault::show(&reader.visitor, Fault::Failed);
    };
    let signatures: Vec<SignatureView> = match super::signing::views(&reader, &filled).await {
        Ok(signatures) => signatures.into_iter().filter(|one| one.version == filled.stored.version).collect(),
        Err(response) => return response,
    };
    if let Err(error) = reader.visitor.house.door.gate().taken_away(&reader.entry.caller, &id).await {
        return fault::of_error(&reader.visitor, &error);
    }
    let Ok(_press) = PRESSES.acquire().await else { return fault::show(&reader.visitor, Fault::Failed) };
    let site = reader.visitor.site();
    with_record(reader, id, move |record, frame, now| {
        let voice = frame.voice;
        let (banner, _) = sides(record, &frame, now);
        let (_, names) = targets(record, &voice);
        let is_short = paper.as_ref().is_some_and(|paper| paper.kind == PaperKind::Short);
        let given = if is_short { without_withheld(&filled.form.items, &filled.filling.items) } else { filled.filling.items.clone() };
        let is_old = record.find(filled.stored.kind, &filled.stored.id).is_some_and(|newest| newest.stored.version > filled.stored.version);
        let readings = form::readings(&filled.form.items, &given, &voice, &names, 0);
        let sheet = Sheet { filled: &filled, banner: &banner, readings: &readings, signatures: &signatures, paper: paper.as_ref(), site: &site, is_old, template, voice: &voice };
        let at = paper.as_ref().map_or(filled.stored.last_updated, |paper| paper.at);
        Some(match print::print(&sheet.paper(), template, clock(at)) {
            Ok(pdf) => file(pdf, filled.stored.version, paper.as_ref()),
            Err(error) => {
                tracing::error!(%error, "a paper was not made");
                (StatusCode::INTERNAL_SERVER_ERROR, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], voice.say("paper-failed")).into_response()
            }
        })
    })
    .await
}

/// Year, month, day, hour, minute and second in UTC.
fn clock(at: Moment) -> [u16; 6] {
    let (year, month, day) = at.civil(0);
    let second = at.0.div_euclid(1000).rem_euclid(86_400);
    let part = |number: i64| u16::try_from(number).unwrap_or_default();
    [u16::try_from(year).unwrap_or_default(), u16::from(month), u16::from(day), part(second / 3600), part(second / 60 % 60), part(second % 60)]
}

fn file(pdf: Vec<u8>, version: u32, paper: Option<&chart::Paper>) -> Response {
    let name = paper.map_or_else(|| format!("document-version-{version}.pdf"), |paper| format!("{}-{}.pdf", paper.kind.word(), paper.number));
    let name = HeaderValue::try_from(format!("attachment; filename=\"{name}\"")).unwrap_or(HeaderValue::from_static("attachment"));
    let headers = [(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf")), (HeaderName::from_static("content-disposition"), name)];
    (StatusCode::OK, headers, pdf).into_response()
}

/// What is put on a paper.
struct Sheet<'s> {
    filled: &'s Filled,
    banner: &'s Banner,
    readings: &'s [Reading],
    signatures: &'s [SignatureView],
    paper: Option<&'s chart::Paper>,
    site: &'s str,
    is_old: bool,
    template: &'s Template,
    voice: &'s Voice,
}

impl Sheet<'_> {
    fn paper(&self) -> Paper {
        let Sheet { filled, banner, voice, .. } = self;
        let field = |key: &str, value: String| (!value.is_empty()).then(|| Field { label: voice.say(key), value });
        let json = Json::read(&filled.stored.text).unwrap_or(Json::Null);
        let mut person: Vec<Field> = [field("paper-person", banner.name.clone()), field("born", banner.born.clone()), field("sex", banner.sex.clone())].into_iter().flatten().collect();
        person.extend(banner.identifiers.iter().map(|(label, value)| Field { label: label.clone(), value: value.clone() }));
        let authored = json.string("authored").and_then(fhir::PartialDateTime::parse).map_or_else(String::new, |date| voice.date_and_time(&date));
        let author = json.get("author").and_then(|author| author.string("display")).unwrap_or_default().to_owned();
        let mut notes = Vec::new();
        if let Some(source) = filled.form.source.as_deref().filter(|source| !source.is_empty()) {
            notes.push(format!("{} {source}", voice.say("form-source")));
        }
        notes.push(voice.with("paper-version", &[("version", &filled.stored.version.to_string()), ("template", &self.template.name)]));
        Paper {
            language: Language::of(voice.code()),
            title: filled.form.title.told(voice.code()).to_owned(),
            marks: self.marks(),
            institution: self.paper.map_or_else(String::new, |paper| paper.institution.clone()),
            person,
            written: [field("forms-written", authored), field("forms-by", author)].into_iter().flatten().collect(),
            running: [banner.name.as_str(), &banner.born].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" · "),
            parts: parts(self.readings),
            signed: self.signatures.iter().map(|one| Signed { by: one.who.clone(), at: format!("{} {} · {}", voice.say("paper-signed"), one.when, one.verdict) }).collect(),
            notes,
            copy: self.paper.map(|paper| self.copy(paper)),
            page_of: voice.with("paper-page", &[("page", "{}"), ("pages", "{}")]),
        }
    }

    fn marks(&self) -> Vec<String> {
        let mut keys = Vec::new();
        match self.filled.form.standing {
            Some(Standing::Official) => keys.push("forms-official"),
            Some(Standing::Proposed) => keys.push("forms-proposed"),
            None => {}
        }
        match self.filled.status.as_str() {
            "amended" => keys.push("forms-amended"),
            "entered-in-error" => keys.push("sign-out-of-force"),
            _ => {}
        }
        if self.is_old {
            keys.push("verify-replaced");
        }
        if self.signatures.is_empty() {
            keys.push("paper-unsigned");
        }
        keys.into_iter().map(|key| self.voice.say(key)).collect()
    }

    fn copy(&self, paper: &chart::Paper) -> Copy {
        let voice = self.voice;
        let mut lines = vec![format!("{} · {} {} · {} {}", voice.say(kind_key(paper.kind)), voice.say("paper-number"), paper.number, voice.say("sign-version"), paper.version)];
        let field = |key: &str, value: &str| format!("{}: {value}", voice.say(key));
        lines.push(field("paper-made", &voice.moment(paper.at)));
        if !paper.asked_by.is_empty() {
            lines.extend([field("paper-asked", &paper.asked_by), field("paper-given", &paper.given_by)]);
        }
        lines.push(voice.say("paper-electronic"));
        Copy { lines, how: voice.say("paper-look-up"), code: shown_code(&paper.code), scanned: format!("{}/verify/{}", self.site, paper.code), picture: voice.say("paper-picture") }
    }
}

/// What was answered, with rows that are alike as a table.
fn parts(readings: &[Reading]) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = readings;
    while let [first, ..] = rest {
        let rows = rest.iter().take_while(|one| one.is_group && first.is_group && one.label == first.label).count();
        if let Some(table) = (rows > 1).then(|| table(&rest[..rows])).flatten() {
            parts.push(table);
            rest = &rest[rows..];
            continue;
        }
        let below = self::parts(&first.below);
        parts.push(if first.is_group {
            Part::Group { label: first.label.clone(), parts: below }
        } else {
            let answers = first.answers.iter().map(|(text, is_absent)| Answer { text: text.clone(), is_absent: *is_absent }).collect();
            Part::Field { label: first.label.clone(), answers, parts: below }
        });
        rest = &rest[1..];
    }
    parts
}

/// Rows as a table, where each holds plain answers only and all of them fit side by side.
fn table(rows: &[Reading]) -> Option<Part> {
    let mut head: Vec<String> = Vec::new();
    for cell in rows.iter().flat_map(|row| &row.below) {
        if cell.is_group || !cell.below.is_empty() {
            return None;
        }
        if !head.contains(&cell.label) {
            head.push(cell.label.clone());
        }
    }
    if head.is_empty() || head.len() > MOST_COLUMNS {
        return None;
    }
    let cell = |row: &Reading, label: &String| row.below.iter().filter(|cell| cell.label == *label).flat_map(|cell| &cell.answers).map(|(text, _)| text.as_str()).collect::<Vec<_>>().join(", ");
    Some(Part::Table { label: rows[0].label.clone(), rows: rows.iter().map(|row| head.iter().map(|label| cell(row, label)).collect()).collect(), head })
}

#[cfg(test)]
mod tests {
    use super::{Part, clock, parts};
    use crate::form::Reading;

    fn answered(label: &str, text: &str) -> Reading {
        Reading { label: label.to_owned(), answers: vec![(text.to_owned(), false)], below: Vec::new(), is_group: false, level: 1 }
    }

    fn group(label: &str, below: Vec<Reading>) -> Reading {
        Reading { label: label.to_owned(), answers: Vec::new(), below, is_group: true, level: 0 }
    }

    #[test]
    fn rows_that_are_alike_become_a_table_and_lose_nothing() {
        let rows = [group("Drug", vec![answered("Name", "A"), answered("Dose", "1")]), group("Drug", vec![answered("Dose", "2"), answered("Way", "oral")])];
        let Part::Table { head, rows, .. } = &parts(&rows)[0] else { panic!("no table") };
        assert_eq!(*head, ["Name", "Dose", "Way"]);
        assert_eq!(*rows, [["A", "1", ""], ["", "2", "oral"]]);
    }

    #[test]
    fn one_row_and_rows_with_something_below_stay_groups() {
        let one = [group("Drug", vec![answered("Name", "A")])];
        assert!(matches!(parts(&one)[0], Part::Group { .. }));
        let deep = || group("Drug", vec![group("More", vec![answered("Name", "A")])]);
        assert!(parts(&[deep(), deep()]).iter().all(|part| matches!(part, Part::Group { .. })));
    }

    #[test]
    fn a_moment_is_told_to_the_second() {
        assert_eq!(clock(fhir::Moment(1_772_438_400_000 + 3_723_000)), [2026, 3, 2, 9, 2, 3]);
        assert_eq!(clock(fhir::Moment(-1_000)), [1969, 12, 31, 23, 59, 59]);
    }

    #[test]
    fn every_form_of_a_pack_is_printed_by_a_template_that_there_is() {
        for text in country::all().iter().flat_map(|country| country.forms) {
            let form = forms::Form::read(&forms::sheet::questionnaire(text, &country::form_part).unwrap()).unwrap();
            assert!(print::template(form.template()).is_some(), "{} names {}", form.url, form.template());
        }
    }
}
