//! What stands on a paper: a document, its signatures, what was added to it, in the words of a language.
//!
//! * Whoever asks, at a page or over the API, passes the same door and leaves the line of a copy that was taken away.
//! * The template is the one that the document was completed with; the same version in the same language is the same
//!   file to the byte, as long as the register says the same of the person.
//! * Whom it is about is told as it was registered when it was signed.

use std::fmt;
use std::sync::LazyLock;

use access::{Caller, Deeds, Extent};
use attest::Algorithm;
use chart::{Chart, Filled, PaperKind, PressError, Pressing, shown_code};
use fhir::{Moment, ResourceType};
use forms::{Json, Standing};
use print::{Added, Answer, Copy, Field, Paper, Part, Signed, Template};
use tokio::sync::Semaphore;

use crate::banner::Head;
use crate::form::{self, Reading};
use crate::house::Settings;
use crate::pages::forms::targets;
use crate::pages::papers::{kind_key, without_withheld};
use crate::pages::signing::{SignatureView, told};
use crate::record::Record;
use crate::signing::Desk;
use crate::voice::Voice;
use crate::words::Language;

/// Papers made at once. Others wait, so that printing leaves processors to those who read.
static PRESSES: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(1, |cores| cores.get().div_ceil(2))));

/// Columns of a table on paper; what has more is written below one another.
const MOST_COLUMNS: usize = 6;

/// True where a document of this status is one for paper: what may still change is none.
pub(crate) fn is_final(status: &str) -> bool {
    matches!(status, "completed" | "amended" | "entered-in-error")
}

/// Sets papers of this house.
pub struct Press {
    chart: Chart,
    algorithm: Algorithm,
    language: Language,
    zone_offset_minutes: i16,
}

/// What is to be set.
pub(crate) struct Errand<'e> {
    /// The version of a document.
    pub filled: Filled,
    /// The certificate or copy it is set as.
    pub paper: Option<chart::Paper>,
    /// In whose words.
    pub voice: Voice,
    /// The address of the site.
    pub site: &'e str,
}

impl Press {
    /// A press behind this door, set up as its pages are.
    pub fn new(chart: Chart, settings: &Settings) -> Press {
        Press { chart, algorithm: settings.signature_algorithm, language: settings.language, zone_offset_minutes: settings.zone_offset_minutes }
    }

    /// Sets a paper.
    pub(crate) async fn set(&self, caller: &Caller, errand: Errand<'_>) -> Result<Vec<u8>, PressError> {
        let Errand { filled, paper, voice, site } = errand;
        if !is_final(&filled.status) {
            return Err(PressError::NotFinal);
        }
        // Without its person or its signatures a paper would say what is not so.
        if let Some(grant) = &caller.grant
            && !["Patient", "Provenance", "QuestionnaireResponse"].iter().filter_map(|name| ResourceType::named(name)).all(|kind| grant.extent_anywhere(Deeds::READING, kind) == Extent::Whole)
        {
            return Err(PressError::Door(chart::Error::Forbidden));
        }
        // Never another look than that of its time.
        let name = filled.template.as_deref().unwrap_or(print::FORM);
        let template = print::template(name).ok_or_else(|| PressError::Failed("the document names a template that this program does not have".to_owned()))?;
        let signatures = self.signatures(caller, &filled, &voice).await?;
        let mut added = Vec::new();
        if let Some(paper) = &paper {
            for one in self.chart.made_with(caller, paper, &filled).await? {
                let signatures = self.signatures(caller, &one, &voice).await?;
                added.push((one, signatures));
            }
        }
        let then = self.chart.person_then(caller, &filled).await?;
        self.chart.taken_away(caller, &filled.patient).await?;
        let press = PRESSES.acquire().await.map_err(|_| PressError::Failed("the presses are closed".to_owned()))?;
        let record = self.chart.person(caller, &filled.patient).await?;
        let (door, site) = (std::sync::Arc::new(self.chart.clone()), site.to_owned());
        // It takes milliseconds of a core; other requests must not wait for it.
        let pressed = tokio::task::spawn_blocking(move || {
            // Held until it is printed, also where the browser has gone away.
            let _press = press;
            let record = Record::new(&record).told_in(voice.code(), door);
            let (_, names) = targets(&record, &voice);
            let is_short = paper.as_ref().is_some_and(|paper| paper.kind == PaperKind::Short);
            let given = if is_short { without_withheld(&filled.form.items, &filled.filling.items) } else { filled.filling.items.clone() };
            let is_old = filled.elsewhere.is_some() || record.find(filled.stored.kind, &filled.stored.id).is_some_and(|newest| newest.stored.version > filled.stored.version);
            let is_annulled = is_annulled_now(&record, &filled);
            let readings = form::readings(&filled.form.items, &given, &voice, &names, 0);
            let today = Head::of(record.patient.root(), &voice);
            let head = then.and_then(|then| Head::of_stored(&then, &voice)).unwrap_or_else(|| today.clone());
            let added = added.iter().map(|(one, signatures)| addendum(one, signatures, &form::readings(&one.form.items, &one.filling.items, &voice, &names, 0), &voice)).collect();
            let has_changed = head != today;
            let sheet = Sheet { filled: &filled, head: &head, has_changed, readings: &readings, signatures: &signatures, paper: paper.as_ref(), site: &site, is_old, is_annulled, template, voice: &voice };
            let at = paper.as_ref().map_or(filled.stored.last_updated, |paper| paper.at);
            print::print(&sheet.paper(added), template, clock(at)).map_err(|error| PressError::Failed(error.to_string()))
        });
        pressed.await.map_err(|_| PressError::Failed("the press stopped".to_owned()))?
    }

    /// The signatures of one version, in words.
    async fn signatures(&self, caller: &Caller, filled: &Filled, voice: &Voice) -> Result<Vec<SignatureView>, PressError> {
        let signed = self.chart.signatures(caller, &filled.stored).await?;
        let all = told(&Desk::new(&self.chart, self.algorithm), &signed, voice, self.chart.now()).map_err(|error| PressError::Failed(error.to_string()))?;
        Ok(all.into_iter().filter(|one| one.is_of(filled)).collect())
    }
}

impl fmt::Debug for Press {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Press")
    }
}

impl chart::Press for Press {
    fn document<'a>(&'a self, caller: &'a Caller, filled: Filled, language: &'a str, site: &'a str) -> Pressing<'a> {
        let voice = Voice { language: Language::of_code(language).unwrap_or(self.language), zone_offset_minutes: self.zone_offset_minutes };
        Box::pin(self.set(caller, Errand { filled, paper: None, voice, site }))
    }
}

/// True for a version of a document that is out of force by now.
pub(crate) fn is_annulled_now(record: &Record<'_>, filled: &Filled) -> bool {
    record.find(filled.stored.kind, &filled.stored.id).is_some_and(|newest| newest.root().string("status").as_deref() == Some("entered-in-error"))
}

/// Year, month, day, hour, minute and second in UTC.
fn clock(at: Moment) -> [u16; 6] {
    let (year, month, day) = at.civil(0);
    let second = at.0.div_euclid(1000).rem_euclid(86_400);
    let part = |number: i64| u16::try_from(number).unwrap_or_default();
    [u16::try_from(year).unwrap_or_default(), u16::from(month), u16::from(day), part(second / 3600), part(second / 60 % 60), part(second % 60)]
}

/// When something was written and by whom, as fields.
fn written(filled: &Filled, voice: &Voice) -> Vec<Field> {
    let json = Json::read(&filled.stored.text).unwrap_or(Json::Null);
    let authored = json.string("authored").and_then(fhir::PartialDateTime::parse).map_or_else(String::new, |date| voice.date_and_time(&date));
    let author = json.get("author").and_then(|author| author.string("display")).unwrap_or_default().to_owned();
    [("forms-written", authored), ("forms-by", author)].into_iter().filter(|(_, value)| !value.is_empty()).map(|(key, value)| Field { label: voice.say(key), value }).collect()
}

fn signed(signatures: &[SignatureView], voice: &Voice) -> Vec<Signed> {
    signatures.iter().map(|one| Signed { by: one.who.clone(), at: format!("{} {} · {}", voice.say("paper-signed"), one.when, one.verdict) }).collect()
}

/// Something that was added to a document, behind it.
fn addendum(one: &Filled, signatures: &[SignatureView], readings: &[Reading], voice: &Voice) -> Added {
    Added { title: one.form.title.told(voice.code()).to_owned(), written: written(one, voice), parts: parts(readings), signed: signed(signatures, voice) }
}

/// What a paper says of the additions to its document; nothing where it is a document alone.
pub(crate) fn added_note(paper: &chart::Paper, voice: &Voice) -> String {
    match (paper.kind, &paper.made_of) {
        (PaperKind::Certificate, _) => String::new(),
        (PaperKind::Copy, Some(made_of)) if made_of.addenda.is_empty() => voice.say("paper-added-none"),
        (PaperKind::Copy, Some(made_of)) => voice.count("paper-added", made_of.addenda.len()),
        (PaperKind::Copy, None) | (PaperKind::Short, _) => voice.say("paper-added-without"),
    }
}

/// What is put on a paper.
struct Sheet<'s> {
    filled: &'s Filled,
    /// Whom it is about, as it was registered when it was signed.
    head: &'s Head,
    /// The register says something else today.
    has_changed: bool,
    readings: &'s [Reading],
    signatures: &'s [SignatureView],
    paper: Option<&'s chart::Paper>,
    site: &'s str,
    is_old: bool,
    /// The version that came after it takes it out of force.
    is_annulled: bool,
    template: &'s Template,
    voice: &'s Voice,
}

impl Sheet<'_> {
    fn paper(&self, added: Vec<Added>) -> Paper {
        let Sheet { filled, head, voice, .. } = self;
        let field = |key: &str, value: &str| (!value.is_empty()).then(|| Field { label: voice.say(key), value: value.to_owned() });
        let mut person: Vec<Field> = [field("paper-person", &head.name), field("born", &head.born), field("sex", &head.sex)].into_iter().flatten().collect();
        person.extend(head.identifiers.iter().map(|(label, value)| Field { label: label.clone(), value: value.clone() }));
        let mut notes = Vec::new();
        if filled.lacks_form {
            notes.push(voice.say("form-missing"));
        }
        if let Some(source) = filled.form.source.as_deref().filter(|source| !source.is_empty()) {
            notes.push(format!("{} {source}", voice.say("form-source")));
        }
        notes.push(voice.with("paper-version", &[("version", &filled.stored.version.to_string()), ("template", &self.template.name)]));
        Paper {
            language: print::Language::of(voice.code()),
            title: filled.form.title.told(voice.code()).to_owned(),
            marks: self.marks(),
            institution: self.institution(),
            letterhead: filled.form.letterhead.clone(),
            person,
            person_note: if self.has_changed { voice.say("paper-register-changed") } else { String::new() },
            written: written(filled, voice),
            running: [head.name.as_str(), &head.born].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" · "),
            parts: parts(self.readings),
            signed: signed(self.signatures, voice),
            added,
            added_note: self.paper.map_or_else(String::new, |paper| added_note(paper, voice)),
            notes,
            copy: self.paper.map(|paper| self.copy(paper)),
            page_of: voice.with("paper-page", &[("page", "{}"), ("pages", "{}")]),
        }
    }

    /// Who issues it: of a copy whoever made it, otherwise where the document was signed.
    fn institution(&self) -> String {
        match self.paper {
            Some(paper) => paper.institution.clone(),
            None if self.template.has_letterhead() => self.signatures.first().map_or_else(String::new, |one| one.place.clone()),
            None => String::new(),
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
            keys.push(if self.is_annulled { "sign-out-of-force" } else { "verify-replaced" });
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
        if let Some(made_of) = &paper.made_of {
            lines.push(field("paper-digest", &made_of.digest));
        }
        Copy { lines, how: voice.say("paper-look-up"), code: shown_code(&paper.code), scanned: format!("{}/verify/{}", self.site, paper.code), picture: voice.say("paper-picture") }
    }
}

/// What was answered, with rows that are alike as a table.
fn parts(readings: &[Reading]) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = readings;
    while let [first, ..] = rest {
        let rows = rest.iter().take_while(|one| one.is_group && first.is_group && one.link_id == first.link_id).count();
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

/// Rows as a table, where each holds plain answers only and all of them fit side by side. A question is a column, however
/// many are called alike.
fn table(rows: &[Reading]) -> Option<Part> {
    let mut head: Vec<(String, String)> = Vec::new();
    for cell in rows.iter().flat_map(|row| &row.below) {
        if cell.is_group || !cell.below.is_empty() {
            return None;
        }
        if !head.iter().any(|(link_id, _)| *link_id == cell.link_id) {
            head.push((cell.link_id.clone(), cell.label.clone()));
        }
    }
    if head.is_empty() || head.len() > MOST_COLUMNS {
        return None;
    }
    let cell = |row: &Reading, link_id: &String| row.below.iter().filter(|cell| cell.link_id == *link_id).flat_map(|cell| &cell.answers).map(|(text, _)| text.as_str()).collect::<Vec<_>>().join(", ");
    Some(Part::Table { label: rows[0].label.clone(), rows: rows.iter().map(|row| head.iter().map(|(link_id, _)| cell(row, link_id)).collect()).collect(), head: head.into_iter().map(|(_, label)| label).collect() })
}

#[cfg(test)]
mod tests {
    use super::{Part, clock, parts};
    use crate::form::Reading;

    fn answered(label: &str, text: &str) -> Reading {
        Reading { link_id: label.to_owned(), label: label.to_owned(), answers: vec![(text.to_owned(), false)], below: Vec::new(), is_group: false, level: 1 }
    }

    fn group(label: &str, below: Vec<Reading>) -> Reading {
        Reading { link_id: label.to_owned(), label: label.to_owned(), answers: Vec::new(), below, is_group: true, level: 0 }
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
    fn what_is_called_alike_and_is_not_the_same_is_not_put_together() {
        let named = |link_id: &str, label: &str, below: Vec<Reading>| Reading { link_id: link_id.to_owned(), label: label.to_owned(), ..group("", below) };
        // Two groups without a title are no rows of one.
        let two = [named("one", "", vec![answered("Pulse", "70")]), named("two", "", vec![answered("Weight", "60")])];
        assert!(parts(&two).iter().all(|part| matches!(part, Part::Group { .. })));
        // Two questions with one title are two columns.
        let dates = |first: &str, last: &str| named("stay", "Stay", vec![Reading { link_id: "from".into(), ..answered("Date", first) }, Reading { link_id: "until".into(), ..answered("Date", last) }]);
        let Part::Table { head, rows, .. } = &parts(&[dates("1", "2"), dates("3", "4")])[0] else { panic!("no table") };
        assert_eq!(*head, ["Date", "Date"]);
        assert_eq!(*rows, [["1", "2"], ["3", "4"]]);
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
