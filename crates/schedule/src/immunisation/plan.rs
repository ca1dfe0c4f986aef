//! Which plan of a series is a person's.

use country::{Calendar, Plan, Series};

use super::judge::judge;
use super::{Person, Reason, Verdict};
use crate::day::Day;

/// The first plan that fits, with what made it special.
pub(super) fn plan_of<'c>(calendar: &Calendar, series: &'c Series, person: &Person<'_>, today: Day) -> Option<(&'c Plan, Vec<Reason>)> {
    let plan = series.plan.iter().find(|plan| fits(calendar, series, plan, person, today))?;
    let risk = plan.risk.clone().map(|key| Reason::Risk { key });
    let late = plan.from_age.map(|age| Reason::LateStart { age });
    let given = given_one(plan, person).map(|cvx| Reason::AfterVaccine { cvx: cvx.to_owned() });
    Some((plan, risk.into_iter().chain(late).chain(given).collect()))
}

fn fits(calendar: &Calendar, series: &Series, plan: &Plan, person: &Person<'_>, today: Day) -> bool {
    let born = |(year, month, day)| Day::of(year, month, day);
    plan.born_from.is_none_or(|from| person.birth >= born(from))
        && plan.born_before.is_none_or(|before| person.birth < born(before))
        && (!plan.pregnant || person.pregnancy.is_some())
        && (plan.given.is_empty() || given_one(plan, person).is_some())
        && plan.aged_from.is_none_or(|age| today >= person.birth.after(age))
        && plan.risk.as_ref().is_none_or(|key| has_risk(calendar, key, person))
        && plan.from_age.is_none_or(|age| begins_late(calendar, series, person, person.birth.after(age), plan.fewer_than, today))
}

/// The first dose of a vaccine that the plan is for.
fn given_one<'p>(plan: &Plan, person: &'p Person<'_>) -> Option<&'p str> {
    let doses = person.given.iter().filter(|given| plan.given.contains(&given.cvx));
    doses.min_by_key(|given| given.day).map(|given| given.cvx.as_str())
}

fn has_risk(calendar: &Calendar, key: &str, person: &Person<'_>) -> bool {
    calendar.risk.iter().any(|risk| risk.key == key && has_code(person, &risk.codes))
}

/// Whether one of the person's conditions begins with one of these codes.
pub(super) fn has_code(person: &Person<'_>, codes: &[String]) -> bool {
    person.conditions.iter().any(|condition| codes.iter().any(|code| condition.starts_with(code.as_str())))
}

/// Old enough, with fewer doses that count before that age. Doses given later do not change the plan.
fn begins_late(calendar: &Calendar, series: &Series, person: &Person<'_>, from: Day, fewer_than: usize, today: Day) -> bool {
    if today < from {
        return false;
    }
    let Some(usual) = series.plan.iter().find(|plan| plan.from_age.is_none() && fits(calendar, series, plan, person, today)) else {
        return true;
    };
    let doses = judge(calendar, series, usual, person, today).doses;
    let counts = |dose: &&super::Judged| matches!(dose.verdict, Verdict::Counts { .. }) && person.given[dose.given].day < from;
    doses.iter().filter(counts).count() < fewer_than
}
