//! Children of three countries, worked out by hand: `tests/children/*.txt` is written for nurses
//! to read and correct. The head of `mx.txt` says how a child is written.

use std::collections::{BTreeMap, BTreeSet};

use country::{Age, Calendar, Plan, Series, Step};
use schedule::Day;
use schedule::immunisation::{Event, Forecast, Given, Line, Person, Pregnancy, Reason, Refused, RefusedVaccine, Status, Verdict, forecast};

#[test]
fn the_children_of_mexico_are_due_what_the_table_says() {
    check("mx", include_str!("children/mx.txt"));
}

#[test]
fn the_children_of_vietnam_are_due_what_the_table_says() {
    check("vn", include_str!("children/vn.txt"));
}

#[test]
fn the_children_of_russia_are_due_what_the_table_says() {
    check("ru", include_str!("children/ru.txt"));
}

/// Every rule of a calendar that can speak does so for at least one child of its country.
#[test]
fn the_children_of_each_country_reach_every_rule_of_its_calendar() {
    let mut missing = Vec::new();
    for (country, table) in [("mx", include_str!("children/mx.txt")), ("vn", include_str!("children/vn.txt")), ("ru", include_str!("children/ru.txt"))] {
        let calendar = &country::by_code(country).unwrap().calendar;
        let (_, children) = read(table);
        let reached: BTreeSet<String> = children.iter().flat_map(|child| reached(calendar, child)).collect();
        missing.extend(rules(calendar).difference(&reached).map(|rule| format!("{country} {rule}")));
    }
    assert!(missing.is_empty(), "no child reaches these rules of series.toml; write one into children/*.txt:\n{}", missing.join("\n"));
}

/// What a calendar has to be tried by, in words a reader finds in `series.toml`.
fn rules(calendar: &Calendar) -> BTreeSet<String> {
    // What every calendar can say of a dose or a day.
    let always = ["age-reached", "age-not-reached", "gap-over", "gap-not-over", "refused", "before-birth", "in-future", "same-day", "extra", "all-given"];
    let mut rules: BTreeSet<String> = always.iter().map(|reason| format!("somewhere: {reason}")).collect();
    rules.extend(["event", "serious event", "a dose of a vaccine that no step gives", "a vaccine that the calendar does not have"].map(|what| format!("somewhere: {what}")));
    for series in &calendar.series {
        let key = &series.key;
        for (place, plan) in series.plan.iter().enumerate() {
            rules.extend(plan.risk.iter().map(|risk| format!("{key}: risk {risk}")));
            rules.extend(plan.from_age.map(|age| format!("{key}: late start from {age}")));
            rules.extend(plan.completes_from.map(|age| format!("{key}: one is enough from {age}")));
            rules.extend(plan.pregnant.then(|| format!("{key}: pregnancy")));
            rules.extend((!plan.given.is_empty()).then(|| format!("{key}: after-vaccine")));
            for (number, step) in plan.steps.iter().enumerate() {
                let superseded = |age: Age| is_superseded(&series.plan[..place], plan, number, age);
                rules.insert(format!("{key}: row {}", step.row));
                rules.extend(step.age_max.filter(|age| !superseded(*age)).map(|age| format!("{key}: {} closed by age {age}", step.row)));
                let others = step.instead.iter().filter(|other| !superseded(other.from));
                rules.extend(others.map(|other| format!("{key}: {} gives {} from {}", step.row, other.cvx, other.from)));
            }
        }
        let steps = || series.plan.iter().flat_map(|plan| &plan.steps);
        if steps().any(|step| step.age_min.is_some_and(|age| age.approximate_days() > 4)) {
            rules.insert(format!("{key}: too-young"));
        }
        if series.plan.iter().any(|plan| plan.steps.len() > 1) {
            rules.insert(format!("{key}: too-soon"));
        }
        if steps().any(|step| calendar.live.contains(&step.cvx)) {
            rules.extend([format!("{key}: live-not-over"), format!("{key}: too-soon-after-live")]);
        }
        for one in &calendar.contraindication {
            let is_of_women = one.codes.iter().any(|code| code == "Z33");
            let is_in_time = |step: &&Step| !is_of_women || step.age_max.is_none_or(|age| age.years > 12);
            if steps().filter(is_in_time).any(|step| one.forbids.contains(&step.cvx)) {
                rules.insert(format!("{key}: {} {}", one.key, one.instead.as_ref().map_or("forbids".to_owned(), |cvx| format!("gives {cvx}"))));
            }
        }
    }
    rules
}

/// Whether nobody who has only `number` doses is in this plan any more at an age: a plan for those who begin late took them.
fn is_superseded(before: &[Plan], plan: &Plan, number: usize, age: Age) -> bool {
    before.iter().any(|late| late.risk.is_none() && !late.pregnant && plan.risk.is_none() && late.fewer_than > number && late.from_age.is_some_and(|from| from.approximate_days() <= age.approximate_days()))
}

/// The rules that spoke for a child, in the same words.
fn reached(calendar: &Calendar, child: &Child<'_>) -> Vec<String> {
    let person = Person { birth: child.birth.unwrap(), given: &child.given, refused: &child.refused, conditions: &child.conditions, pregnancy: child.pregnancy, pregnancy_over: None, last_birth: None, weight_grams: None, events: &child.events, has_died: false };
    let forecast = forecast(calendar, &person, child.today.unwrap());
    let mut all: Vec<String> = forecast.beside.iter().map(|_| "somewhere: a vaccine that the calendar does not have".to_owned()).collect();
    for line in &forecast.lines {
        let series = calendar.series(&line.series).unwrap();
        all.extend(line.next.iter().map(|next| format!("{}: row {}", line.series, next.row)));
        all.extend(line.reasons.iter().flat_map(|reason| spoken(line, reason)));
        for left in &line.left_out {
            if let Reason::TooOld { age } = left.reason {
                all.push(format!("{}: {} closed by age {age}", line.series, left.row));
            }
        }
        for dose in &line.doses {
            all.extend(judged(series, &child.given[dose.given], &dose.verdict));
        }
    }
    all
}

fn spoken(line: &Line, reason: &Reason) -> Vec<String> {
    let (key, next) = (&line.series, line.next.as_ref());
    let cvx = next.map_or("", |next| next.cvx.as_str());
    let mut all = vec![format!("somewhere: {}", reason.code()), format!("{key}: {}", reason.code())];
    match reason {
        Reason::Risk { key: risk } => all.push(format!("{key}: risk {risk}")),
        Reason::LateStart { age } => all.push(format!("{key}: late start from {age}")),
        Reason::OneIsEnough { age } => all.push(format!("{key}: one is enough from {age}")),
        Reason::InsteadFrom { age } => all.extend(next.map(|next| format!("{key}: {} gives {cvx} from {age}", next.row))),
        Reason::Forbidden { key: one, .. } => all.push(format!("{key}: {one} forbids")),
        Reason::Instead { key: one } => all.push(format!("{key}: {one} gives {cvx}")),
        Reason::AfterEvent { is_serious, .. } => all.push(format!("somewhere: {}", if *is_serious { "serious event" } else { "event" })),
        _ => {}
    }
    all
}

fn judged(series: &Series, given: &Given, verdict: &Verdict) -> Vec<String> {
    match verdict {
        Verdict::DoesNot(reason) => vec![format!("somewhere: {}", reason.code()), format!("{}: {}", series.key, reason.code())],
        Verdict::Counts { row, .. } => {
            let offered = |step: &Step| step.cvx == given.cvx || step.instead.iter().any(|other| other.cvx == given.cvx);
            let is_elsewhere = !series.plan.iter().flat_map(|plan| &plan.steps).any(offered);
            let elsewhere = is_elsewhere.then(|| "somewhere: a dose of a vaccine that no step gives".to_owned());
            [format!("{}: row {row}", series.key)].into_iter().chain(elsewhere).collect()
        }
    }
}

/// Words, groups and courses of a table.
#[derive(Default)]
struct Head<'t> {
    words: BTreeMap<&'t str, &'t str>,
    groups: BTreeMap<&'t str, Vec<&'t str>>,
    courses: BTreeMap<&'t str, &'t str>,
}

#[derive(Default)]
struct Child<'t> {
    name: &'t str,
    birth: Option<Day>,
    today: Option<Day>,
    given: Vec<Given>,
    refused: Vec<Refused>,
    conditions: Vec<String>,
    pregnancy: Option<Pregnancy>,
    events: Vec<Event>,
    expected: Vec<&'t str>,
}

fn check(country: &str, table: &str) {
    let calendar = &country::by_code(country).unwrap().calendar;
    let (head, children) = read(table);
    assert!(children.len() >= 60, "{country}: {} children", children.len());
    let mut wrong = Vec::new();
    for child in &children {
        let (birth, today) = (child.birth.unwrap(), child.today.unwrap());
        let person = Person { birth, given: &child.given, refused: &child.refused, conditions: &child.conditions, pregnancy: child.pregnancy, pregnancy_over: None, last_birth: None, weight_grams: None, events: &child.events, has_died: false };
        let forecast = forecast(calendar, &person, today);
        assert!(forecast.lines.iter().all(|line| !line.reasons.is_empty()), "{}", child.name);
        wrong.extend(differences(&head, child, &forecast).into_iter().map(|difference| format!("{country} {}: {difference}", child.name)));
    }
    assert!(wrong.is_empty(), "the table and the forecast differ; work it out again by the rules:\n{}", wrong.join("\n"));
}

fn read(table: &str) -> (Head<'_>, Vec<Child<'_>>) {
    let (mut head, mut children) = (Head::default(), Vec::<Child<'_>>::new());
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let (name, value) = rest.split_once(' ').unwrap_or((rest, ""));
        match (verb, children.last_mut()) {
            ("child", _) => children.push(Child { name: rest, ..Child::default() }),
            ("word", None) => assert!(head.words.insert(name, value).is_none(), "{line}"),
            ("group", None) => assert!(head.groups.insert(name, value.split_whitespace().collect()).is_none(), "{line}"),
            ("course", None) => assert!(head.courses.insert(name, value).is_none(), "{line}"),
            (_, Some(child)) => read_fact(&head, child, verb, rest, line),
            _ => panic!("before the first child: {line}"),
        }
    }
    (head, children)
}

fn read_fact<'t>(head: &Head<'t>, child: &mut Child<'t>, verb: &str, rest: &'t str, line: &'t str) {
    let birth = child.birth;
    let doses = |text: &str| {
        let (when, names) = text.trim().split_once(' ').unwrap_or_else(|| panic!("{line}"));
        let day = day(when, birth, line);
        let cvx = |name: &str| head.words.get(name).unwrap_or_else(|| panic!("no word {name}: {line}")).to_string();
        names.split_whitespace().map(|name| (day, cvx(name))).collect::<Vec<_>>()
    };
    match verb {
        "born" => child.birth = Day::parse(rest),
        "today" => child.today = Day::parse(rest),
        "given" => child.given.extend(doses(rest).into_iter().map(|(day, cvx)| Given { day, cvx, is_subpotent: false, since: None })),
        "course" => {
            let course = head.courses.get(rest).unwrap_or_else(|| panic!("{line}"));
            child.given.extend(course.split(';').flat_map(doses).map(|(day, cvx)| Given { day, cvx, is_subpotent: false, since: None }));
        }
        "refused" => child.refused.extend(doses(rest).into_iter().map(|(day, cvx)| Refused { day, vaccine: RefusedVaccine::Cvx(cvx) })),
        "event" | "serious" => child.events.extend(doses(rest).into_iter().map(|(day, cvx)| Event { day, cvx, is_serious: verb == "serious" })),
        "ill" => child.conditions.push(rest.to_owned()),
        "pregnant" => child.pregnancy = Some(Pregnancy { began: Day::parse(rest) }),
        _ => child.expected.push(line),
    }
}

/// A day as it is, or the day an age is reached.
fn day(text: &str, birth: Option<Day>, line: &str) -> Day {
    Day::parse(text).unwrap_or_else(|| {
        let age = Age::parse(&format!("P{text}")).unwrap_or_else(|| panic!("neither a day nor an age: {line}"));
        birth.unwrap_or_else(|| panic!("born stands first: {line}")).after(age)
    })
}

fn differences(head: &Head<'_>, child: &Child<'_>, forecast: &Forecast) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut called: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut refuted: BTreeSet<(String, Day, String)> = BTreeSet::new();
    for expected in &child.expected {
        let mut words = expected.split_whitespace().peekable();
        let verb = words.next().unwrap();
        let mut series = Vec::new();
        while let Some(word) = words.next_if(|word| is_series(head, forecast, word)) {
            series.extend(head.groups.get(word).cloned().unwrap_or_else(|| vec![word]));
        }
        let rest: Vec<&str> = words.collect();
        assert!(!series.is_empty(), "{expected}");
        for key in series {
            let Some(line) = forecast.lines.iter().find(|line| line.series == key) else {
                wrong.push(format!("{expected}: no line for {key}"));
                continue;
            };
            match verb {
                "no" => _ = refuted.insert((key.to_owned(), day(rest[0], child.birth, expected), rest[1].to_owned())),
                "proposed" => wrong.extend((!line.proposed).then(|| format!("{expected}: {key} is no proposal"))),
                "vaccine" => {
                    let found = line.next.as_ref().map_or("none", |next| next.cvx.as_str());
                    wrong.extend((found != rest[0]).then(|| format!("{expected}: {key} gives {found}")));
                    wrong.extend(part(&["because", rest[2]], line, child, expected));
                }
                _ => {
                    called.insert((verb, key));
                    wrong.extend((status(line.status) != verb).then(|| format!("{expected}: {key} is {} {:?}", status(line.status), line.next)));
                    wrong.extend(rest.chunks(2).filter_map(|pair| part(pair, line, child, expected)));
                }
            }
        }
    }
    for line in &forecast.lines {
        let word = status(line.status);
        if matches!(word, "due" | "overdue") && !called.contains(&(word, line.series.as_str())) {
            wrong.push(format!("{word} {} is not in the table: {:?} {:?}", line.series, line.next, line.reasons));
        }
    }
    let found = not_counted(child, forecast);
    wrong.extend(refuted.difference(&found).map(|(key, day, reason)| format!("{key} {day} counts, or not because {reason}")));
    wrong.extend(found.difference(&refuted).map(|(key, day, reason)| format!("{key} {day} does not count because {reason}: not in the table")));
    wrong
}

fn is_series(head: &Head<'_>, forecast: &Forecast, word: &str) -> bool {
    let words = ["dose", "on", "from", "until", "because"];
    head.groups.contains_key(word) || forecast.lines.iter().any(|line| line.series == word) || (!words.contains(&word) && word.chars().all(|sign| sign.is_ascii_lowercase() || sign == '-') && word.len() > 3)
}

/// One pair of the table, `on 2025-03-15`.
fn part(pair: &[&str], line: &Line, child: &Child<'_>, expected: &str) -> Option<String> {
    let next = line.next.as_ref();
    let (word, wanted) = (pair[0], pair[1]);
    let found = match word {
        "dose" => next.map(|next| next.number.to_string()),
        "on" => next.map(|next| next.recommended.to_string()),
        "from" => next.map(|next| next.earliest.to_string()),
        "until" => next.and_then(|next| next.latest).map(|latest| latest.to_string()),
        "because" => line.reasons.iter().map(name).find(|reason| reason == wanted).or_else(|| Some(line.reasons.iter().map(name).collect::<Vec<_>>().join(" "))),
        _ => panic!("{expected}"),
    };
    let wanted = if word == "dose" || word == "because" { wanted.to_owned() } else { day(wanted, child.birth, expected).to_string() };
    (found.as_ref() != Some(&wanted)).then(|| format!("{expected}: {} {word} {found:?}", line.series))
}

fn not_counted(child: &Child<'_>, forecast: &Forecast) -> BTreeSet<(String, Day, String)> {
    let doses = forecast.lines.iter().flat_map(|line| line.doses.iter().map(move |dose| (line, dose)));
    doses
        .filter_map(|(line, dose)| match &dose.verdict {
            Verdict::DoesNot(reason) if *reason != Reason::Extra => Some((line.series.clone(), child.given[dose.given].day, name(reason))),
            _ => None,
        })
        .collect()
}

fn status(status: Status) -> &'static str {
    if status == Status::Contraindicated { "forbidden" } else { status.code() }
}

/// A reason as the tables write it; a contraindication by its key.
fn name(reason: &Reason) -> String {
    if let Reason::Forbidden { key, .. } = reason {
        return key.clone();
    }
    reason.code().to_owned()
}
