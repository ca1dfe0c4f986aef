//! Which of the given doses count, one after the other.

use country::{Calendar, Plan, Series, Step};

use super::{Given, Judged, LeftOut, Person, Reason, Verdict};
use crate::day::Day;

/// Where nobody knows when a pregnancy began, a dose this long ago was before it.
const PREGNANCY_DAYS: i32 = 280;

/// How far a person came in a plan.
#[derive(Default)]
pub(super) struct Progress {
    pub doses: Vec<Judged>,
    pub left_out: Vec<LeftOut>,
    /// The step that comes next; as many as there are steps: none.
    pub step: usize,
    /// How many doses count.
    pub valid: usize,
    /// The last dose, whether it counts or not: gaps are measured from it.
    pub last: Option<Day>,
    /// The last dose that counts ended the series by its age.
    pub ended_by_age: bool,
    /// The last step was fulfilled.
    pub ended: bool,
}

/// Goes through the given doses by day.
pub(super) fn judge(calendar: &Calendar, series: &Series, plan: &Plan, person: &Person<'_>, today: Day) -> Progress {
    // Nor can it have begun before the last one ended.
    let earliest = || person.last_birth.map_or(today.plus(-PREGNANCY_DAYS), |birth| today.plus(-PREGNANCY_DAYS).max(birth.plus(1)));
    let from = plan.each_pregnancy.then(|| person.pregnancy.map(|pregnancy| pregnancy.began.unwrap_or_else(earliest))).flatten();
    let concerns = |given: &super::Given| (series.counts.contains(&given.cvx) || series.partly.contains(&given.cvx)) && from.is_none_or(|from| given.day >= from);
    let mut places: Vec<usize> = (0..person.given.len()).filter(|place| concerns(&person.given[*place])).collect();
    places.sort_by_key(|place| (person.given[*place].day, *place));
    let mut progress = Progress::default();
    for place in places {
        let verdict = progress.take(calendar, series, plan, person, place, today);
        progress.doses.push(Judged { given: place, verdict });
    }
    progress
}

impl Progress {
    fn take(&mut self, calendar: &Calendar, series: &Series, plan: &Plan, person: &Person<'_>, place: usize, today: Day) -> Verdict {
        let given = &person.given[place];
        if series.partly.contains(&given.cvx) {
            return Verdict::DoesNot(Reason::InPart);
        }
        // Gaps are not measured from it either: it may have been on the day of the other one.
        if let Some(as_on) = maybe_same(series, person, given) {
            return Verdict::DoesNot(Reason::MaybeSame { as_on });
        }
        if let Some(reason) = impossible(person, given.day, self.last, today) {
            return Verdict::DoesNot(reason);
        }
        if !self.ended {
            self.leave_out(plan, person, given.day);
        }
        let Some(step) = plan.steps.get(self.step).filter(|_| !self.ended || plan.steps[self.step].repeats) else {
            self.last = Some(given.day);
            return Verdict::DoesNot(if self.ended { Reason::Extra } else { self.too_old() });
        };
        let verdict = match flaw(calendar, series, step, person, place, self.last) {
            Some(reason) => Verdict::DoesNot(reason),
            None => self.fulfil(plan, step, person, given.day),
        };
        self.last = Some(given.day);
        verdict
    }

    fn fulfil(&mut self, plan: &Plan, step: &Step, person: &Person<'_>, day: Day) -> Verdict {
        self.valid += 1;
        let is_last = self.step + 1 == plan.steps.len();
        self.ended_by_age = !is_last && plan.completes_from.is_some_and(|age| day >= person.birth.after(age));
        self.ended = is_last || self.ended_by_age;
        if !is_last && !self.ended {
            self.step += 1;
        } else if self.ended_by_age {
            self.step = plan.steps.len();
        } else if !step.repeats {
            self.step += 1;
        }
        Verdict::Counts { number: self.valid, row: step.row.clone() }
    }

    /// Steps whose last day has passed, or whose earlier doses are missing, are left out.
    fn leave_out(&mut self, plan: &Plan, person: &Person<'_>, day: Day) {
        while let Some(step) = plan.steps.get(self.step) {
            let old = step.age_max.filter(|age| day > person.birth.after(*age));
            let reason = match old {
                Some(age) => Reason::TooOld { age },
                None if step.needs > self.valid => Reason::EarlierMissing { needs: step.needs },
                None => return,
            };
            self.skip(step, reason);
        }
    }

    pub(super) fn skip(&mut self, step: &Step, reason: Reason) {
        self.left_out.push(LeftOut { row: step.row.clone(), reason });
        self.step += 1;
    }

    /// Every step was left out: the reason of the last one is the reason.
    fn too_old(&self) -> Reason {
        self.left_out.last().map_or(Reason::NotInPlan, |left| left.reason.clone())
    }
}

/// The day of the dose that an inexact one may be a second entry of: one of the series, dated more exactly within its time.
fn maybe_same(series: &Series, person: &Person<'_>, given: &Given) -> Option<Day> {
    let others = person.given.iter().filter(|other| series.counts.contains(&other.cvx) && other.day >= person.birth);
    others.filter(|other| given.may_be(other)).map(|other| other.day).min()
}

fn impossible(person: &Person<'_>, day: Day, last: Option<Day>, today: Day) -> Option<Reason> {
    if day < person.birth {
        Some(Reason::BeforeBirth)
    } else if day > today {
        Some(Reason::InFuture)
    } else {
        (last == Some(day)).then_some(Reason::SameDay)
    }
}

/// What keeps a dose from counting as this step.
fn flaw(calendar: &Calendar, series: &Series, step: &Step, person: &Person<'_>, place: usize, last: Option<Day>) -> Option<Reason> {
    let given = &person.given[place];
    let grace = i32::from(calendar.grace_days);
    if given.is_subpotent {
        return Some(Reason::Subpotent);
    }
    if !step.accepts.is_empty() && !step.accepts.contains(&given.cvx) {
        return Some(Reason::WrongVaccine);
    }
    // With the days of grace, and not before birth.
    let of_age = step.age_min.map_or(person.birth, |age| person.birth.after(age).plus(-grace).max(person.birth));
    let of_gap = last.map(|last| {
        let gap = step.gap.unwrap_or(calendar.least_gap);
        // A gap of days is short enough as it is.
        last.after(gap).plus(if gap.approximate_days() < 28 { 0 } else { -grace })
    });
    // What was too young may have been too soon as well: the day that is told is the one on which nothing was amiss.
    let counts_on = |day: Day| {
        let mut day = of_gap.map_or(of_age, |of_gap| of_age.max(of_gap)).max(day);
        while let Some(later) = after_live(calendar, series, person, place, day) {
            day = later;
        }
        day
    };
    if given.day < of_age {
        return Some(Reason::TooYoung { from: counts_on(of_age) });
    }
    if let Some(of_gap) = of_gap.filter(|of_gap| given.day < *of_gap) {
        return Some(Reason::TooSoon { from: counts_on(of_gap) });
    }
    let from = after_live(calendar, series, person, place, given.day)?;
    Some(Reason::TooSoonAfterLive { from: counts_on(from) })
}

/// The day from which a live dose of a day would have counted, where another live vaccine of another series was given
/// shortly before that day. Days of grace do not hold here.
fn after_live(calendar: &Calendar, series: &Series, person: &Person<'_>, place: usize, day: Day) -> Option<Day> {
    if !calendar.live.contains(&person.given[place].cvx) {
        return None;
    }
    let others = person.given.iter().filter(|other| calendar.live.contains(&other.cvx) && !series.counts.contains(&other.cvx));
    let until = |other: &super::Given| other.day.plus(i32::from(calendar.live_gap_days));
    others.filter(|other| other.day < day && day < until(other)).map(until).max()
}
