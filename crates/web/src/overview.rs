//! The overview: everything a clinician needs before speaking, on one page.

use chart::PersonRecord;

use crate::banner::Banner;
use crate::cards::{due, medicines, problems, results, sources, story, visit, vitals};
use crate::rail::{self, RailLink, Section};
use crate::record::Record;
use crate::series::{self, SeriesRow};
use crate::voice::{Day, Voice};

/// The page, ready to be written.
#[derive(Clone, Debug)]
pub struct OverviewPage {
    /// Who.
    pub banner: Banner,
    /// Where else.
    pub rail: Vec<RailLink>,
    /// Active problems.
    pub problems: Vec<problems::ProblemRow>,
    /// Current medicines.
    pub medicines: Vec<medicines::MedicineRow>,
    /// Abnormal results first.
    pub results: Vec<SeriesRow>,
    /// The latest vital signs.
    pub vitals: vitals::Vitals,
    /// What is open now.
    pub visit: visit::Visit,
    /// Encounters, newest first.
    pub story: Vec<story::StoryRow>,
    /// Due and open.
    pub due: Vec<due::DueRow>,
    /// The rest of it, folded away.
    pub due_rest: Vec<due::DueRow>,
    /// Words for how many the rest are.
    pub due_more: String,
    /// Who has sent what.
    pub sources: sources::Sources,
}

/// How many results, encounters and open matters the overview shows; further open matters are folded away.
const RESULTS: usize = 6;
const STORY: usize = 5;
const DUE: usize = 8;

/// Reads the overview out of a record.
pub fn overview(record: &PersonRecord, now: fhir::Moment, voice: &Voice) -> OverviewPage {
    overview_of(&Record::new(record), now, voice)
}

/// The same over a record that is already arranged.
pub fn overview_of(record: &Record<'_>, now: fhir::Moment, voice: &Voice) -> OverviewPage {
    let today: Day = now.civil(voice.zone_offset_minutes);
    let series = series::read(record, voice);
    let mut due = due::due(record, voice, today, now.0);
    let due_rest = due.split_off(due.len().min(DUE));
    OverviewPage {
        banner: Banner::of(record, voice, today),
        rail: rail::rail(record, voice, today, Some(Section::Overview)),
        problems: problems::problems(record, voice).active,
        medicines: medicines::medicines(record, voice, today).current,
        results: results::results(record, &series.results, voice, now.0, RESULTS),
        vitals: vitals::vitals(record, &series.vitals, voice, today),
        visit: visit::visit(record, voice, today, now.0),
        story: story::story(record, voice, STORY),
        due,
        due_more: voice.count("due-more", due_rest.len()),
        due_rest,
        sources: sources::sources(record, voice, now.0),
    }
}
