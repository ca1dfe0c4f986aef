//! The left rail: the sections of a record with their counts and keys.

use crate::cards::problems;
use crate::record::{Kind, Record};
use crate::voice::{Age, Day, Voice};

/// A page of a record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Section { Overview, Timeline, Problems, Notes, Medicines, Results, Vitals, Imaging, Referrals, Admissions, Plans, Vaccinations, Growth, Card, Coverage, Address, Openings }

/// Section, path below `/person/{id}`, key of its word, the letter after `g`.
const SECTIONS: &[(Section, &str, &str, char)] = &[
    (Section::Overview, "", "section-overview", 'O'),
    (Section::Timeline, "/timeline", "section-timeline", 'T'),
    (Section::Problems, "/problems", "section-problems", 'P'),
    (Section::Notes, "/timeline?kind=note", "section-notes", 'N'),
    (Section::Medicines, "/medicines", "section-medicines", 'M'),
    (Section::Results, "/results", "section-results", 'R'),
    (Section::Vitals, "/vitals", "section-vitals", 'V'),
    (Section::Imaging, "/timeline?kind=imaging", "section-imaging", 'I'),
    (Section::Referrals, "/timeline?kind=referral", "section-referrals", 'F'),
    (Section::Admissions, "/timeline?kind=admission", "section-admissions", 'A'),
    (Section::Plans, "/timeline?kind=plan", "section-plans", 'C'),
    (Section::Vaccinations, "/vaccinations", "section-vaccinations", 'J'),
    (Section::Growth, "/growth", "section-growth", 'W'),
    (Section::Card, "/card", "section-card", 'D'),
    (Section::Coverage, "/coverage", "section-coverage", 'U'),
    (Section::Address, "/address", "section-address", 'H'),
    (Section::Openings, "/openings", "section-openings", 'L'),
];

/// One link of the rail.
#[derive(Clone, Debug)]
pub struct RailLink {
    /// Where it leads.
    pub link: String,
    /// Its word.
    pub word: String,
    /// How many entries, empty where counting says nothing.
    pub count: String,
    /// The letter after `g`.
    pub letter: char,
    /// True for the page shown.
    pub is_here: bool,
}

/// The sections this record has; empty ones are left out, save the first seven and the last three.
pub fn rail(record: &Record<'_>, voice: &Voice, today: Day, here: Option<Section>) -> Vec<RailLink> {
    let person = record.person();
    SECTIONS
        .iter()
        .filter_map(|(section, path, key, letter)| {
            let count = count(record, *section, voice, today);
            let is_needed = (*section as usize) < 7 || (matches!(section, Section::Vaccinations | Section::Card) && is_child(record, today)) || matches!(section, Section::Coverage | Section::Address | Section::Openings) || count.is_some_and(|count| count > 0) || here == Some(*section);
            is_needed.then(|| RailLink {
                link: format!("/person/{person}{path}"),
                word: voice.say(key),
                count: count.filter(|count| *count > 0 && *section != Section::Growth).map_or_else(String::new, |count| voice.whole(count)),
                letter: *letter,
                is_here: here == Some(*section),
            })
        })
        .collect()
}

fn count(record: &Record<'_>, section: Section, voice: &Voice, today: Day) -> Option<usize> {
    let of = |names: &[&str]| Some(names.iter().map(|name| record.count_of(name)).sum());
    match section {
        Section::Overview | Section::Results | Section::Vitals => None,
        Section::Timeline | Section::Card | Section::Coverage | Section::Address | Section::Openings => None,
        Section::Problems => Some(problems::problems(record, voice).active.len()),
        Section::Notes => of(&["DocumentReference", "Composition", "ClinicalImpression"]),
        Section::Medicines => Some(crate::cards::medicines::medicines(record, voice, today).current.len()),
        Section::Imaging => of(&["ImagingStudy", "Media"]),
        Section::Referrals => of(&["ServiceRequest", "Task"]),
        Section::Admissions => Some(record.valid("Encounter").filter(|item| Kind::of(item) == Kind::Admission).count()),
        Section::Plans => of(&["CarePlan", "Goal"]),
        Section::Vaccinations => of(&["Immunization"]),
        Section::Growth => Some(usize::from(is_child(record, today) && record.count_of("Observation") > 0)),
    }
}

/// Under nineteen: vaccinations and the child's card are always worth a look.
fn is_child(record: &Record<'_>, today: Day) -> bool {
    crate::banner::birth(record.patient.root()).and_then(|birth| Age::on(&birth, today)).is_some_and(|age| age.years() < 19)
}

/// The section a timeline filtered by a kind stands for.
pub fn section_of_kind(kind: Option<Kind>) -> Section {
    match kind {
        Some(Kind::Note) => Section::Notes,
        Some(Kind::Imaging) => Section::Imaging,
        Some(Kind::Referral) => Section::Referrals,
        Some(Kind::Admission) => Section::Admissions,
        Some(Kind::Plan) => Section::Plans,
        _ => Section::Timeline,
    }
}
