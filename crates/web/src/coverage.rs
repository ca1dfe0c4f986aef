//! Who pays for a person's care and to which unit the person is assigned, as two lines of time: what was,
//! what is, what comes, the days on which nobody paid, and those on which two did.
//!
//! * A pure reading of the record; a day without a time counts as a whole one.
//! * What was cancelled or entered in error pays for no day, and is shown.

use access::{tells_of_assignment, tells_of_leaving};
use fhir::date::{DAY_MS, civil_from_days, days_from_civil};
use fhir::{PartialDateTime, Value};

use crate::record::{Item, Record, clinical, concept};
use crate::voice::{Day, Voice};

/// Where a span lies as seen from today.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// It ended.
    Past,
    /// It goes on.
    Now,
    /// It has not begun.
    Later,
    /// It pays for nothing: cancelled, a draft.
    Void,
}

/// A line of the time of coverage.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Line {
    /// A coverage.
    Paid(Span),
    /// Days between coverages on which nobody paid.
    Gap {
        /// The first.
        from: String,
        /// The last.
        until: String,
        /// How many.
        days: usize,
    },
}

/// One coverage.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Span {
    /// The id of the Coverage.
    pub id: String,
    /// Where it is shown in full.
    pub link: String,
    /// Who pays.
    pub payor: String,
    /// Of what kind.
    pub kind: String,
    /// The number there.
    pub number: String,
    /// The number is not one of its scheme.
    pub is_number_wrong: bool,
    /// Its first day; empty where nobody said.
    pub from: String,
    /// Its last day; empty where none is known.
    pub until: String,
    /// Where it lies.
    pub standing: Standing,
    /// Another one pays for some of the same days.
    pub overlaps: bool,
}

/// One assignment to a unit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Assignment {
    /// The unit.
    pub unit: String,
    /// Since when; empty where nobody said.
    pub from: String,
    /// Until when; empty where it goes on.
    pub until: String,
    /// It is the unit of now.
    pub is_now: bool,
    /// It ended by a transfer to another institution.
    pub was_transfer: bool,
}

/// Everything of the page.
#[derive(Clone, Debug)]
pub struct CoveragePage {
    /// The newest first.
    pub lines: Vec<Line>,
    /// Somebody pays today.
    pub is_covered: bool,
    /// The newest first.
    pub units: Vec<Assignment>,
    /// The person is assigned to a unit.
    pub has_unit: bool,
    /// Organisations the record names as unit or payer.
    pub known: Vec<Choice>,
}

struct Read {
    first: i64,
    last: i64,
    counts: bool,
    span: Span,
}

const LONG_AGO: i64 = i64::MIN / 4;
const FOR_EVER: i64 = i64::MAX / 4;

/// Reads the page of a record.
pub fn coverage_page(record: &Record<'_>, voice: &Voice, today: Day) -> CoveragePage {
    let now = days_from_civil(today.0, today.1, today.2);
    let mut read: Vec<Read> = record.valid("Coverage").map(|item| span(record, item, voice, now)).collect();
    // Who ends last comes first, and among them who began last.
    read.sort_by(|one, other| (other.last, other.first, &other.span.id).cmp(&(one.last, one.first, &one.span.id)));
    for place in 0..read.len() {
        let (first, last) = (read[place].first, read[place].last);
        let shares = |(other, one): (usize, &Read)| other != place && one.counts && one.first <= last && first <= one.last;
        read[place].span.overlaps = read[place].counts && read.iter().enumerate().any(shares);
    }
    let is_covered = read.iter().any(|one| one.counts && one.first <= now && now <= one.last);
    let units = units(record, voice);
    let has_unit = record.patient.root().get("managingOrganization").is_some();
    CoveragePage { lines: lines(read, voice), is_covered, units, has_unit, known: known(record) }
}

/// The coverages with the days between them on which nobody paid.
fn lines(read: Vec<Read>, voice: &Voice) -> Vec<Line> {
    let mut lines = Vec::new();
    // The first day for which somebody later pays.
    let mut covered_from: Option<i64> = None;
    for one in read {
        if one.counts {
            if let Some(from) = covered_from
                && one.last < from - 1
            {
                let day = |days: i64| voice.day(civil_from_days(days));
                lines.push(Line::Gap { from: day(one.last + 1), until: day(from - 1), days: usize::try_from(from - 1 - one.last).unwrap_or_default() });
            }
            covered_from = Some(covered_from.map_or(one.first, |from| from.min(one.first)));
        }
        lines.push(Line::Paid(one.span));
    }
    lines
}

fn span(record: &Record<'_>, item: &Item<'_>, voice: &Voice, now: i64) -> Read {
    let root = item.root();
    let bound = |name: &str| root.path(&["period", name]).and_then(|text| PartialDateTime::parse(&text.as_str()?));
    let (start, end) = (bound("start"), bound("end"));
    let zone = voice.zone_offset_minutes;
    let day_of = |at: i64| (at + i64::from(zone) * 60_000).div_euclid(DAY_MS);
    let first = start.as_ref().map_or(LONG_AGO, |start| day_of(start.range(zone).0.0));
    let last = end.as_ref().map_or(FOR_EVER, |end| day_of(end.range(zone).1.0 - 1));
    let counts = root.string("status").as_deref() == Some("active");
    let standing = match () {
        () if !counts => Standing::Void,
        () if last < now => Standing::Past,
        () if first > now => Standing::Later,
        () => Standing::Now,
    };
    let number = concept::said(root, "subscriberId").or_else(|| identifier(root).and_then(|identifier| concept::said(identifier, "value"))).unwrap_or_default();
    let scheme = identifier(root).and_then(|identifier| country::identifier_system(&identifier.string("system")?));
    let is_number_wrong = scheme.is_some_and(|scheme| identifier(root).and_then(|one| concept::said(one, "value")).is_some_and(|value| scheme.check(&scheme.normalise(&value)).is_err()));
    let payors: Vec<String> = root.get("payor").into_iter().flat_map(|payors| payors.each().filter_map(|payor| record.name_of(root, payor)).collect::<Vec<_>>()).collect();
    let kind = root.get("type").and_then(|kind| kind_word(kind, voice)).unwrap_or_default();
    let payor = if payors.is_empty() { clinical::title(record, root).unwrap_or_default() } else { payors.join(", ") };
    let span = Span {
        id: item.stored.id.clone(),
        link: item.link(record.person()),
        payor,
        kind,
        number: scheme.map_or_else(|| number.clone(), |scheme| scheme.display(&number)),
        is_number_wrong,
        from: start.map_or_else(String::new, |start| voice.date(&start)),
        until: end.map_or_else(String::new, |end| voice.date(&end)),
        standing,
        overlaps: false,
    };
    Read { first, last, counts, span }
}

fn identifier(root: Value<'_>) -> Option<Value<'_>> {
    root.get("identifier")?.first()
}

/// The words of a kind that this house knows, else what the record says.
fn kind_word(kind: Value<'_>, voice: &Voice) -> Option<String> {
    match concept::first_code(Some(kind)).and_then(|code| coverage_kind_key(&code)) {
        Some(key) => Some(voice.say(key)),
        None => concept::text(kind),
    }
}

/// The key of the words of a kind of coverage.
pub fn coverage_kind_key(code: &str) -> Option<&'static str> {
    Some(match code {
        "PUBLICPOL" => "coverage-kind-public",
        "SUBSIDIZ" => "coverage-kind-subsidised",
        "EHCPOL" => "coverage-kind-extended",
        "HIP" => "coverage-kind-private",
        _ => return None,
    })
}

fn units(record: &Record<'_>, voice: &Voice) -> Vec<Assignment> {
    let patient = record.patient.root();
    let unit_now = patient.get("managingOrganization");
    let reference = |value: Value<'_>| value.string("reference").map(|text| text.into_owned());
    let mut units: Vec<(i64, Assignment)> = Vec::new();
    for item in record.valid("EpisodeOfCare").filter(|item| tells_of_assignment(item.root())) {
        let root = item.root();
        let bound = |name: &str| root.path(&["period", name]).and_then(|text| PartialDateTime::parse(&text.as_str()?));
        let (start, end) = (bound("start"), bound("end"));
        let owner = root.get("managingOrganization");
        let assignment = Assignment {
            unit: owner.and_then(|owner| record.name_of(root, owner)).unwrap_or_default(),
            from: start.as_ref().map_or_else(String::new, |start| voice.date(start)),
            until: end.as_ref().map_or_else(String::new, |end| voice.date(end)),
            is_now: end.is_none() && owner.and_then(reference) == unit_now.and_then(reference) && unit_now.is_some(),
            was_transfer: tells_of_leaving(root),
        };
        let order = end.or(start).map_or(0, |date| date.range(voice.zone_offset_minutes).0.0);
        units.push((if assignment.is_now { i64::MAX } else { order }, assignment));
    }
    if let Some(unit) = unit_now
        && !units.iter().any(|(_, assignment)| assignment.is_now)
    {
        let name = record.name_of(patient, unit).unwrap_or_default();
        units.push((i64::MAX, Assignment { unit: name, from: String::new(), until: String::new(), is_now: true, was_transfer: false }));
    }
    units.sort_by_key(|(order, _)| std::cmp::Reverse(*order));
    units.into_iter().map(|(_, assignment)| assignment).collect()
}

/// An organisation to choose.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Choice {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// By its told types somebody may be assigned to it.
    pub may_be_unit: bool,
    /// By its told types it treats: whoever names it as a payer is asked.
    pub is_asked_whether_it_pays: bool,
}

impl Choice {
    /// An Organization with this id.
    pub fn of(id: &str, root: fhir::Value<'_>) -> Choice {
        Choice { id: id.to_owned(), name: concept::said(root, "name").unwrap_or_else(|| id.to_owned()), may_be_unit: chart::may_be_unit(root), is_asked_whether_it_pays: chart::is_asked_whether_it_pays(root) }
    }
}

/// The organisations that the record names, for a choice.
fn known(record: &Record<'_>) -> Vec<Choice> {
    let mut known: Vec<Choice> = record.named("Organization").map(|item| Choice::of(&item.stored.id, item.root())).collect();
    known.sort_by(|one, other| (&one.name, &one.id).cmp(&(&other.name, &other.id)));
    known.dedup();
    known
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;
    use chart::{PersonRecord, Stored};
    use fhir::{Moment, ResourceType};

    fn stored(kind: &str, id: &str, text: String) -> Stored {
        Stored { kind: ResourceType::named(kind).unwrap(), id: id.to_owned(), version: 1, last_updated: Moment(0), method: chart::Method::Create, text, flaws: Vec::new() }
    }

    /// Coverages as `id from until status`, with `-` for no day; the lines of the page in one word each, on 2026-06-15.
    fn check(coverages: &str, expect: &str) {
        let voice = Voice { language: Language::English, zone_offset_minutes: -360 };
        let resources = coverages.lines().map(str::trim).filter(|line| !line.is_empty()).map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let bound = |name: &str, day: &str| if day == "-" { String::new() } else { format!(r#""{name}":"{day}","#) };
            let period = format!("{}{}", bound("start", words[1]), bound("end", words[2]));
            let period = if period.is_empty() { String::new() } else { format!(r#","period":{{{}}}"#, period.trim_end_matches(',')) };
            stored("Coverage", words[0], format!(r#"{{"resourceType":"Coverage","id":"{}","status":"{}","payor":[{{"display":"{}"}}]{period}}}"#, words[0], words[3], words[0]))
        });
        let record = PersonRecord { patient: stored("Patient", "p", r#"{"resourceType":"Patient","id":"p"}"#.to_owned()), merged: Vec::new(), resources: resources.collect(), shared: Vec::new(), holds: Vec::new() };
        let page = coverage_page(&Record::new(&record), &voice, (2026, 6, 15));
        let told: Vec<String> = page.lines.iter().map(|line| match line {
            Line::Paid(span) => format!("{}:{:?}{}", span.id, span.standing, if span.overlaps { "+" } else { "" }),
            Line::Gap { from, until, days } => format!("gap:{from}-{until}:{days}"),
        }).collect();
        let covered = if page.is_covered { "covered" } else { "uncovered" };
        assert_eq!(format!("{} {covered}", told.join(" ")).trim(), expect, "{coverages}");
    }

    #[test]
    fn past_present_gaps_and_overlaps_are_told() {
        check("", "uncovered");
        check("a 2020-01-01 - active", "a:Now covered");
        check("a 2020-01-01 2026-06-15 active", "a:Now covered");
        check("a 2020-01-01 2026-06-14 active", "a:Past uncovered");
        check("a 2026-06-16 - active", "a:Later uncovered");
        check("a - - active", "a:Now covered");
        check("a 2020-01-01 2021-12-31 active
               b 2022-01-01 - active", "b:Now a:Past covered");
        check("a 2020-01-01 2021-12-30 active
               b 2022-01-01 - active", "b:Now gap:31/12/2021-31/12/2021:1 a:Past covered");
        check("a 2020-01-01 2022-01-01 active
               b 2022-01-01 - active", "b:Now+ a:Past+ covered");
        // Within a longer one there is no gap.
        check("a 2020 2020 active
               b 2021-02-01 2021-03-01 active
               c 2021-01-01 - active", "c:Now+ b:Past+ a:Past covered");
        check("a 2020-01-01 - cancelled
               b 2019-01-01 2019-12-31 active", "a:Void b:Past uncovered");
        // The zone of the site: a moment in UTC lies on the day before.
        check("a 2020-01-01 2021-12-31T05:00:00Z active
               b 2021-12-31 - active", "b:Now a:Past covered");
    }
}
