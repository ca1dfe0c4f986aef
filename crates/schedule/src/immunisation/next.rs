//! Which dose comes next in a series, when, and why.

use country::{Age, Calendar, Plan, Series, Step};

use super::judge::{Progress, judge};
use super::plan::{has_code, plan_of};
use super::{Line, Next, Person, Reason, Status};
use crate::day::Day;

/// How a series stands; none where it has no plan for the person.
pub(super) fn line(calendar: &Calendar, series: &Series, person: &Person<'_>, today: Day) -> Option<Line> {
    let (plan, why) = plan_of(calendar, series, person, today)?;
    let mut progress = judge(calendar, series, plan, person, today);
    // Nor does a dose of every year come any more.
    if person.has_died && progress.ended {
        return Some(finished(series, plan, progress, why));
    }
    if person.has_died {
        let Progress { doses, left_out, .. } = progress;
        return Some(Line { series: series.key.clone(), status: Status::Closed, next: None, doses, left_out, reasons: vec![Reason::Died], proposed: plan.proposed });
    }
    Some(match offer(calendar, series, plan, person, &mut progress, today) {
        Some(offer) => offered(calendar, series, plan, person, progress, offer, why, today),
        None => finished(series, plan, progress, why),
    })
}

/// A dose that can still be given, with the days that bind it.
struct Offer<'c> {
    step: &'c Step,
    earliest: Day,
    recommended: Day,
    latest: Option<Day>,
    /// What the earliest day hangs on, where it is not the age.
    waits: Option<Reason>,
    /// The gap made it later than its age.
    by_gap: Option<(Age, Day)>,
}

/// The next step whose days are not over; those that are over are left out.
fn offer<'c>(calendar: &Calendar, series: &Series, plan: &'c Plan, person: &Person<'_>, progress: &mut Progress, today: Day) -> Option<Offer<'c>> {
    loop {
        let step = plan.steps.get(progress.step)?;
        if step.needs > progress.valid {
            progress.skip(step, Reason::EarlierMissing { needs: step.needs });
            continue;
        }
        let offer = days(calendar, series, step, person, progress, today);
        match (offer.latest, step.age_max) {
            // What ended stays ended: a yearly dose is not left out, it comes no more.
            (Some(latest), Some(_)) if progress.ended && offer.earliest.max(today) > latest => return None,
            (Some(latest), Some(age)) if offer.earliest.max(today) > latest => progress.skip(step, Reason::TooOld { age }),
            _ => return Some(offer),
        }
    }
}

fn days<'c>(calendar: &Calendar, series: &Series, step: &'c Step, person: &Person<'_>, progress: &Progress, today: Day) -> Offer<'c> {
    let birth = person.birth;
    // A dose of pregnancy has no age: it may come from the day it began, or from now.
    let begin = person.pregnancy.filter(|_| step.age.is_none()).map_or(birth, |pregnancy| pregnancy.began.unwrap_or(today));
    let mut earliest = step.age_min.map_or(begin, |age| birth.after(age));
    let mut recommended = step.age.map_or(earliest, |age| birth.after(age)).max(earliest);
    let mut waits = None;
    let mut by_gap = None;
    if let Some(last) = progress.last {
        let gap = step.gap.unwrap_or(calendar.least_gap);
        let every = step.every.unwrap_or(gap);
        if last.after(gap) > earliest {
            earliest = last.after(gap);
            waits = Some(Reason::GapNotOver { gap, after: last });
        }
        if last.after(every).max(earliest) > recommended {
            recommended = last.after(every).max(earliest);
            by_gap = Some((every, last));
        }
    }
    if let Some(began) = person.pregnancy.and_then(|pregnancy| pregnancy.began) {
        let full = |week: u16| began.plus(i32::from(week) * 7);
        if let Some(week) = step.from_week.filter(|week| full(*week) > earliest) {
            (earliest, waits) = (full(week), Some(Reason::WeekNotReached { week }));
        }
        recommended = step.week.map_or(recommended, |week| recommended.max(full(week)));
    }
    if let Some((day, reason)) = live(calendar, series, step, person, earliest, today) {
        (earliest, waits) = (day, Some(reason));
    }
    Offer { step, earliest, recommended: recommended.max(earliest), latest: step.age_max.map(|age| birth.after(age)), waits, by_gap }
}

/// Where another live vaccine was given shortly before: when this one may follow.
fn live(calendar: &Calendar, series: &Series, step: &Step, person: &Person<'_>, earliest: Day, today: Day) -> Option<(Day, Reason)> {
    if !calendar.live.contains(&step.cvx) {
        return None;
    }
    let days = calendar.live_gap_days;
    let others = person.given.iter().filter(|other| calendar.live.contains(&other.cvx) && !series.counts.contains(&other.cvx));
    // The same day is allowed, so one given today keeps nothing waiting.
    let binding = others.filter(|other| {
        let until = other.day.plus(i32::from(days));
        until > earliest && ((other.day < today && today < until) || (other.day <= today && other.day < earliest))
    });
    let newest = binding.max_by_key(|other| other.day)?;
    Some((newest.day.plus(i32::from(days)), Reason::LiveNotOver { after: newest.day, cvx: newest.cvx.clone(), days }))
}

#[allow(clippy::too_many_arguments)]
fn offered(calendar: &Calendar, series: &Series, plan: &Plan, person: &Person<'_>, progress: Progress, offer: Offer<'_>, why: Vec<Reason>, today: Day) -> Line {
    let step = offer.step;
    let overdue_from = offer.recommended.after(calendar.late_after).plus(1);
    let (cvx, substituted) = vaccine(step, person, offer.recommended.max(today));
    let (cvx, forbidden) = allowed(calendar, person, cvx, today);
    let mut status = status_of(&offer, overdue_from, today);
    let mut reasons = timing(&offer, person, progress.last, status, today);
    if let Some(reason) = forbidden {
        if matches!(reason, Reason::Forbidden { .. }) {
            status = Status::Contraindicated;
            reasons = vec![reason];
        } else {
            reasons.push(reason);
        }
    }
    reasons.extend(pregnancy_over(calendar, person, &cvx).filter(|_| status != Status::Contraindicated));
    reasons.extend(substituted);
    let is_last = progress.step + 1 == plan.steps.len();
    let enough = plan.completes_from.filter(|age| !is_last && offer.recommended.max(today) >= person.birth.after(*age));
    reasons.extend(enough.map(|age| Reason::OneIsEnough { age }));
    reasons.extend(why);
    reasons.extend(refusal(series, person, progress.last));
    reasons.extend(caution(series, person, &cvx, today));
    let next = Next { number: progress.valid + 1, row: step.row.clone(), cvx, earliest: offer.earliest, recommended: offer.recommended, overdue_from, latest: offer.latest };
    let proposed = plan.proposed || step.proposed;
    Line { series: series.key.clone(), status, next: Some(next), doses: progress.doses, left_out: progress.left_out, reasons, proposed }
}

fn status_of(offer: &Offer<'_>, overdue_from: Day, today: Day) -> Status {
    if today < offer.recommended {
        Status::NotYet
    } else if today < overdue_from {
        Status::Due
    } else {
        Status::Overdue
    }
}

/// Why the dose is due, or why it is not yet.
fn timing(offer: &Offer<'_>, person: &Person<'_>, last: Option<Day>, status: Status, today: Day) -> Vec<Reason> {
    let age = offer.step.age;
    if status == Status::NotYet {
        if let Some(waits) = offer.waits.clone().filter(|_| today < offer.earliest) {
            return vec![waits];
        }
        if let Some((gap, after)) = offer.by_gap {
            return vec![Reason::GapNotOver { gap, after }];
        }
        let week = offer.step.week.map_or(Reason::Pregnancy { week: None }, |week| Reason::WeekNotReached { week });
        return vec![age.map_or(week, |age| Reason::AgeNotReached { age })];
    }
    let reached = age.filter(|age| today >= person.birth.after(*age)).map(|age| Reason::AgeReached { age });
    let over = offer.by_gap.or(offer.step.gap.zip(last)).map(|(gap, after)| Reason::GapOver { gap, after });
    let pregnancy = age.is_none().then_some(Reason::Pregnancy { week: offer.step.from_week });
    pregnancy.into_iter().chain(reached).chain(over).collect()
}

/// The vaccine of a step at an age.
fn vaccine(step: &Step, person: &Person<'_>, day: Day) -> (String, Option<Reason>) {
    let other = step.instead.iter().rfind(|other| day >= person.birth.after(other.from));
    match other {
        Some(other) => (other.cvx.clone(), Some(Reason::InsteadFrom { age: other.from })),
        None => (step.cvx.clone(), None),
    }
}

/// The vaccine that may be given, and what forbids the other one.
fn allowed(calendar: &Calendar, person: &Person<'_>, cvx: String, today: Day) -> (String, Option<Reason>) {
    let holds = |one: &country::Contraindication| match one.below_grams.zip(person.weight_grams) {
        Some((least, weight)) => weight < least,
        None => has_code(person, &one.codes) || (one.pregnant && person.pregnancy.is_some()),
    };
    let is_past = |one: &country::Contraindication| one.until_age.is_some_and(|age| today >= person.birth.after(age));
    let forbids = |one: &&country::Contraindication| one.forbids.contains(&cvx) && !is_past(one) && holds(one);
    match calendar.contraindication.iter().find(forbids) {
        None => (cvx, None),
        Some(one) => match &one.instead {
            Some(other) => (other.clone(), Some(Reason::Instead { key: one.key.clone() })),
            None => (cvx, Some(Reason::Forbidden { key: one.key.clone(), passes: one.passes })),
        },
    }
}

/// Why a pregnancy that the record still tells of forbids nothing any more.
fn pregnancy_over(calendar: &Calendar, person: &Person<'_>, cvx: &str) -> Option<Reason> {
    let over = person.pregnancy_over.filter(|_| person.pregnancy.is_none())?;
    let would_forbid = calendar.contraindication.iter().any(|one| one.pregnant && one.forbids.iter().any(|forbidden| forbidden == cvx));
    would_forbid.then_some(Reason::PregnancyOver(over))
}

/// The last refusal since the last dose.
fn refusal(series: &Series, person: &Person<'_>, last: Option<Day>) -> Option<Reason> {
    let of_series = person.refused.iter().filter(|refused| refused.vaccine.concerns(series));
    let on = of_series.map(|refused| refused.day).max().filter(|day| last.is_none_or(|last| *day >= last))?;
    Some(Reason::Refused { on })
}

/// The gravest thing that happened after a vaccine of the series, or after the very one that comes next; the newest of these.
/// It changes no day: what follows from it is for whoever gives the next dose to judge.
fn caution(series: &Series, person: &Person<'_>, cvx: &str, today: Day) -> Option<Reason> {
    let of_series = person.events.iter().filter(|event| event.day <= today && (series.counts.contains(&event.cvx) || event.cvx == cvx));
    let gravest = of_series.max_by_key(|event| (event.is_serious, event.day))?;
    Some(Reason::AfterEvent { on: gravest.day, is_serious: gravest.is_serious })
}

fn finished(series: &Series, plan: &Plan, progress: Progress, why: Vec<Reason>) -> Line {
    let mut reasons = Vec::new();
    let status = if progress.ended {
        reasons.push(Reason::AllGiven { doses: progress.valid });
        let enough = plan.completes_from.filter(|_| progress.ended_by_age);
        reasons.extend(enough.map(|age| Reason::OneIsEnough { age }));
        Status::Complete
    } else {
        reasons.extend(progress.left_out.last().map(|left| left.reason.clone()));
        Status::Closed
    };
    reasons.extend(why);
    Line { series: series.key.clone(), status, next: None, doses: progress.doses, left_out: progress.left_out, reasons, proposed: plan.proposed }
}
