//! What holds for every child, tried on invented ones.

use country::{Age, Calendar, Country};
use proptest::prelude::*;
use schedule::Day;
use schedule::immunisation::{Forecast, Given, Person, Reason, Status, Verdict, forecast};

/// Birth, doses as (days after birth, place in the list of codes), and the age today in days.
type Invented = (i32, Vec<(i32, usize)>, i32);

fn invented() -> impl Strategy<Value = Invented> {
    let first = Day::of(2020, 7, 1).0;
    let dose = (prop_oneof![3 => 0..800_i32, 1 => 0..6000_i32], 0..100_usize);
    (first..first + 1500, prop::collection::vec(dose, 0..14), prop_oneof![3 => 0..900_i32, 1 => 0..7000_i32])
}

fn codes(calendar: &Calendar) -> Vec<String> {
    let mut codes: Vec<String> = calendar.series.iter().flat_map(|series| series.counts.clone()).collect();
    codes.sort();
    codes.dedup();
    codes
}

fn told(calendar: &Calendar, (birth, doses, today): &Invented, shift: i32) -> (Vec<Given>, Forecast) {
    let codes = codes(calendar);
    let birth = Day(birth + shift);
    let given: Vec<Given> = doses.iter().map(|(days, code)| Given { day: birth.plus(*days), cvx: codes[code % codes.len()].clone(), is_subpotent: false, since: None }).collect();
    let person = Person { birth, given: &given, refused: &[], conditions: &[], pregnancy: None, pregnancy_over: None, last_birth: None, weight_grams: None, events: &[], has_died: false };
    let forecast = forecast(calendar, &person, birth.plus(*today));
    (given, forecast)
}

fn each(run: impl Fn(&'static Country) -> Result<(), TestCaseError>) -> Result<(), TestCaseError> {
    country::all().iter().try_for_each(run)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    /// The Gregorian calendar repeats after 28 years where no year without a leap day lies between.
    #[test]
    fn shifting_every_date_shifts_the_forecast(child in invented()) {
        let days = 10_227;
        each(|country| {
            let (_, here) = told(&country.calendar, &child, 0);
            let (_, there) = told(&country.calendar, &child, days);
            for (one, other) in here.lines.iter().zip(&there.lines) {
                prop_assert_eq!((&one.series, one.status, one.valid()), (&other.series, other.status, other.valid()));
                let moved = one.next.as_ref().map(|next| (next.number, next.earliest.plus(days), next.recommended.plus(days), next.latest.map(|day| day.plus(days))));
                let is_near = one.next.as_ref().and_then(|next| next.latest).is_none_or(|day| day < Day::of(2072, 1, 1));
                prop_assert!(!is_near || moved == other.next.as_ref().map(|next| (next.number, next.earliest, next.recommended, next.latest)), "{one:?} {other:?}");
                prop_assert_eq!(moved.map(|(number, earliest, recommended, _)| (number, earliest, recommended)), other.next.as_ref().map(|next| (next.number, next.earliest, next.recommended)));
            }
            prop_assert_eq!(here.lines.len(), there.lines.len());
            Ok(())
        })?;
    }

    #[test]
    fn nothing_is_recommended_before_its_least_age_or_after_its_last_day(child in invented()) {
        each(|country| {
            let calendar = &country.calendar;
            let birth = Day(child.0);
            for line in told(calendar, &child, 0).1.lines {
                prop_assert!(!line.reasons.is_empty());
                let Some(next) = line.next else { continue };
                let series = calendar.series(&line.series).unwrap();
                let steps = series.plan.iter().flat_map(|plan| &plan.steps).filter(|step| step.row == next.row);
                let least = steps.filter_map(|step| step.age_min.map(|age| birth.after(age))).min();
                prop_assert!(least.is_none_or(|least| next.earliest >= least), "{} {next:?}", line.series);
                prop_assert!(next.recommended >= next.earliest && next.overdue_from > next.recommended);
                prop_assert!(next.latest.is_none_or(|latest| next.earliest <= latest));
                let (today, late) = (birth.plus(child.2), next.overdue_from);
                prop_assert!(line.status != Status::Overdue || today >= late);
                prop_assert!(!matches!(line.status, Status::Due) || (next.recommended <= today && today < late));
            }
            Ok(())
        })?;
    }

    /// Whoever gets what is due today has one dose more that counts in that series, is no longer due
    /// there, and has lost nothing anywhere else.
    #[test]
    fn a_valid_dose_helps_its_series_and_harms_no_other(child in invented()) {
        each(|country| {
            let calendar = &country.calendar;
            let (mut given, before) = told(calendar, &child, 0);
            let (birth, today) = (Day(child.0), Day(child.0 + child.2));
            let due = before.lines.iter().find(|line| matches!(line.status, Status::Due | Status::Overdue));
            let Some(due) = due else { return Ok(()) };
            given.push(Given { day: today, cvx: due.next.as_ref().unwrap().cvx.clone(), is_subpotent: false, since: None });
            let person = Person { birth, given: &given, refused: &[], conditions: &[], pregnancy: None, pregnancy_over: None, last_birth: None, weight_grams: None, events: &[], has_died: false };
            let after = forecast(calendar, &person, today);
            for line in &before.lines {
                let then = after.lines.iter().find(|then| then.series == line.series).unwrap();
                prop_assert!(then.valid() >= line.valid(), "{}: {:?} then {:?}", line.series, line, then);
                prop_assert!(line.status != Status::Complete || then.status == Status::Complete);
            }
            let then = after.lines.iter().find(|then| then.series == due.series).unwrap();
            prop_assert_eq!(then.valid(), due.valid() + 1, "{:?}", due);
            prop_assert!(!matches!(then.status, Status::Due | Status::Overdue), "{:?}", then);
            Ok(())
        })?;
    }

    /// Of who died nothing is due and nothing comes, a dose of every year neither; what was complete stays so.
    #[test]
    fn nothing_comes_for_who_has_died(child in invented()) {
        each(|country| {
            let calendar = &country.calendar;
            let (given, before) = told(calendar, &child, 0);
            let person = Person { birth: Day(child.0), given: &given, refused: &[], conditions: &[], pregnancy: None, pregnancy_over: None, last_birth: None, weight_grams: None, events: &[], has_died: true };
            let after = forecast(calendar, &person, Day(child.0 + child.2));
            for line in &after.lines {
                prop_assert!(line.next.is_none() && matches!(line.status, Status::Closed | Status::Complete), "{line:?}");
            }
            for line in before.lines.iter().filter(|line| line.status == Status::Complete) {
                prop_assert!(after.lines.iter().any(|then| then.series == line.series && then.status == Status::Complete), "{line:?}");
            }
            Ok(())
        })?;
    }

    #[test]
    fn the_order_in_which_doses_were_recorded_does_not_matter(child in invented()) {
        each(|country| {
            let mut turned = child.clone();
            turned.1.reverse();
            let (_, one) = told(&country.calendar, &child, 0);
            let (_, other) = told(&country.calendar, &turned, 0);
            for (one, other) in one.lines.iter().zip(&other.lines) {
                prop_assert_eq!((one.status, one.valid(), &one.next), (other.status, other.valid(), &other.next));
            }
            Ok(())
        })?;
    }
}

#[test]
fn a_healthy_child_on_time_is_never_overdue() {
    for country in country::all() {
        let calendar = &country.calendar;
        let birth = Day::of(2021, 1, 12);
        let mut given: Vec<Given> = Vec::new();
        for day in 0..4300 {
            let today = birth.plus(day);
            for _ in 0..20 {
                let person = Person { birth, given: &given, refused: &[], conditions: &[], pregnancy: None, pregnancy_over: None, last_birth: None, weight_grams: None, events: &[], has_died: false };
                let lines = forecast(calendar, &person, today).lines;
                assert!(lines.iter().all(|line| line.status != Status::Overdue), "{} day {day}: {lines:?}", country.code);
                let Some(due) = lines.into_iter().find(|line| line.status == Status::Due) else { break };
                given.push(Given { day: today, cvx: due.next.unwrap().cvx, is_subpotent: false, since: None });
            }
        }
        let person = Person { birth, given: &given, refused: &[], conditions: &[], pregnancy: None, pregnancy_over: None, last_birth: None, weight_grams: None, events: &[], has_died: false };
        for line in forecast(calendar, &person, birth.plus(4300)).lines {
            assert!(matches!(line.status, Status::Complete | Status::NotYet), "{}: {line:?}", country.code);
        }
        assert!(Age::parse("P11Y").is_some_and(|age| birth.after(age) < birth.plus(4300)));
    }
}

/// A dose that was too young, too soon, or too soon after another live vaccine counts on the day that is told for it,
/// and not the day before.
#[test]
fn the_day_from_which_a_dose_would_have_counted_is_one_on_which_it_counts() {
    let calendar = &country::by_code("mx").expect("a pack").calendar;
    let birth = Day::of(2025, 1, 15);
    let verdict = |before: &[(Day, &str)], day: Day, cvx: &str, series: &str| {
        let mut given: Vec<Given> = before.iter().map(|(day, cvx)| Given { day: *day, cvx: (*cvx).to_owned(), is_subpotent: false, since: None }).collect();
        given.push(Given { day, cvx: cvx.to_owned(), is_subpotent: false, since: None });
        let person = Person { birth, given: &given, refused: &[], conditions: &[], pregnancy: None, pregnancy_over: None, last_birth: None, weight_grams: None, events: &[], has_died: false };
        let line = forecast(calendar, &person, Day::of(2026, 12, 1)).lines.into_iter().find(|line| line.series == series).expect("the series");
        line.doses.into_iter().find(|dose| dose.given + 1 == given.len()).expect("the dose").verdict
    };
    let bcg = (Day::of(2026, 1, 5), "19");
    let stories: [(&[(Day, &str)], Day, &str, &str); 3] = [
        (&[], birth.plus(20), "146", "dtp"),
        (&[], Day::of(2025, 12, 20), "03", "mmr"),
        // Too young, and on the day of age another live vaccine is not over.
        (&[bcg], Day::of(2025, 12, 20), "03", "mmr"),
    ];
    for (before, day, cvx, series) in stories {
        let Verdict::DoesNot(Reason::TooYoung { from } | Reason::TooSoon { from } | Reason::TooSoonAfterLive { from }) = verdict(before, day, cvx, series) else { panic!("{series} {day} counts") };
        assert!(matches!(verdict(before, from, cvx, series), Verdict::Counts { .. }), "{series} {day}: {from}");
        assert!(matches!(verdict(before, from.plus(-1), cvx, series), Verdict::DoesNot(_)), "{series} {day}: {from}");
    }
}
