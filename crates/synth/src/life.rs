//! Seven years of a life as a list of visits: why somebody came, and when.
//!
//! What a visit finds and writes is told by `tell`; here is only the course.

use country::{Dose, Target};

use crate::chance::{Chance, mix};
use crate::chronic::{self, Kind};
use crate::day::Day;
use crate::illness::{ILLNESSES, Illness, Setting, Sex};
use crate::people::{Case, Person, Registry, Role};
use crate::words::Tongue;
use crate::Shape;

/// Days the record looks back.
pub(crate) const SPAN_DAYS: i32 = 7 * 365 + 2;

/// A condition somebody lives with.
#[derive(Debug, Clone)]
pub(crate) struct Standing {
    pub kind: Kind,
    pub onset: Day,
    /// How grave, from 0 to 1.
    pub severity: f64,
}

/// Why somebody came.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    /// Born here today.
    Birth,
    WellChild,
    Checkup,
    Review,
    Illness(&'static Illness),
    /// Completed weeks of pregnancy.
    Prenatal(i32),
    /// Gave birth; whether by caesarean.
    Delivery(bool),
    Postnatal,
    HomeVisit,
    /// One of very many short visits at home, with this number.
    HomeCare(u32),
}

/// One visit.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    pub day: Day,
    pub purpose: Purpose,
    pub doses: Vec<&'static Dose>,
}

/// The course of a life.
#[derive(Debug)]
pub(crate) struct Life {
    pub standing: Vec<Standing>,
    pub visits: Vec<Visit>,
    /// Doses given before the record begins, known from a booklet.
    pub booklet: Vec<(Day, &'static Dose)>,
    /// The first day of a pregnancy not yet ended.
    pub expecting: Option<Day>,
    /// Seen often and measured thoroughly: the cast and the records made for size.
    pub rich: bool,
    pub start: Day,
    /// The last day: of the record, or of the life.
    pub end: Day,
}

/// The course of this person's life.
pub(crate) fn plan(registry: &Registry, person: &Person, shape: Shape) -> Life {
    let mut chance = Chance::new(mix(person.key, 21));
    let end = person.death.unwrap_or(registry.end);
    let start = Day(registry.end.plus(-SPAN_DAYS).0.max(person.birth.0));
    let mut life = Life { standing: standing(registry, person, shape, &mut chance), visits: Vec::new(), booklet: Vec::new(), expecting: None, rich: person.case.is_some() || shape != Shape::Usual, start, end };
    if person.birth >= registry.end.plus(-SPAN_DAYS) {
        life.push(person.birth, Purpose::Birth);
    }
    childhood(registry, person, &mut life, &mut chance);
    pregnancies(registry, person, &mut life, &mut chance);
    reviews(person, &mut life, shape, &mut chance);
    illnesses(registry, person, &mut life, shape, &mut chance);
    season(registry, person, &mut life, &mut chance);
    if let Shape::Encounters(count) = shape {
        let days = (life.end.0 - life.start.0).max(1);
        for number in 0..count {
            life.push(life.start.plus((i64::from(days) * i64::from(number) / i64::from(count.max(1))) as i32), Purpose::HomeCare(number));
        }
    }
    life.settle();
    life
}

impl Life {
    fn push(&mut self, day: Day, purpose: Purpose) {
        self.visits.push(Visit { day, purpose, doses: Vec::new() });
    }

    /// Puts the visits in order, on working days where one waits for those,
    /// within the record, and one a day.
    fn settle(&mut self) {
        for visit in &mut self.visits {
            let waits = !matches!(visit.purpose, Purpose::Birth | Purpose::Delivery(_) | Purpose::HomeCare(_))
                && !matches!(visit.purpose, Purpose::Illness(illness) if illness.setting != Setting::Office);
            if waits {
                visit.day = visit.day.working();
            }
        }
        let (start, end) = (self.start, self.end);
        self.visits.retain(|visit| visit.day >= start && visit.day <= end);
        self.visits.sort_by_key(|visit| visit.day);
        let mut kept: Vec<Visit> = Vec::with_capacity(self.visits.len());
        for mut visit in self.visits.drain(..) {
            if let Some(last) = kept.last_mut()
                && last.day == visit.day
                && !matches!(visit.purpose, Purpose::HomeCare(_))
            {
                last.doses.append(&mut visit.doses);
                continue;
            }
            kept.push(visit);
        }
        self.visits = kept;
    }

    pub fn has(&self, kind: Kind) -> bool {
        self.standing.iter().any(|standing| standing.kind == kind)
    }
}

/// Who has what, by age, sex and country.
fn standing(registry: &Registry, person: &Person, shape: Shape, chance: &mut Chance) -> Vec<Standing> {
    let end = registry.end;
    let age = end.age(person.birth);
    let mut found: Vec<Standing> = Vec::new();
    let mut add = |kind: Kind, years_ago: f64, severity: f64| {
        let onset = end.plus(-(years_ago * 365.25) as i32);
        found.push(Standing { kind, onset, severity });
    };
    let chosen: &[(Kind, f64, f64)] = match (person.case, shape) {
        (Some(Case::ManyConditions), _) | (_, Shape::Long | Shape::Encounters(_)) => {
            &[(Kind::Hypertension, 14.0, 0.95), (Kind::Diabetes, 9.5, 0.9), (Kind::Kidney, 3.4, 0.5), (Kind::Lipids, 8.0, 0.6), (Kind::Knee, 5.0, 0.4)]
        }
        (Some(Case::WeakHeart), _) => {
            &[(Kind::Hypertension, 18.0, 0.6), (Kind::Lipids, 10.0, 0.5), (Kind::Coronary, 6.2, 0.6), (Kind::HeartFailure, 3.1, 0.6), (Kind::Fibrillation, 2.4, 0.5), (Kind::Gout, 5.0, 0.4)]
        }
        (Some(Case::AsthmaticTeenager), _) => &[(Kind::Asthma, 8.3, 0.85)],
        (Some(Case::Pregnant), _) => &[(Kind::Anaemia, 0.3, 0.4)],
        (Some(Case::GrowingChild | Case::Newborn), _) => &[],
        (None, Shape::Usual) => {
            let factor = |mx: f64, vn: f64, ru: f64| [mx, vn, ru][registry.tongue as usize];
            let woman = person.woman;
            let obese = age > 16.0 && chance.happens(factor(0.30, 0.05, 0.22));
            let mut maybe = |kind: Kind, probability: f64, onset_age: f64| {
                if age > onset_age && chance.happens(probability) {
                    let years_ago = (0.4 + chance.unit() * 13.0).min(age - onset_age + 0.1);
                    add(kind, years_ago, 0.25 + chance.unit() * 0.7);
                    return true;
                }
                false
            };
            if obese {
                maybe(Kind::Obesity, 1.0, 15.0);
            }
            let pressure = maybe(Kind::Hypertension, ((age - 28.0) / 62.0).clamp(0.0, 0.68), 30.0);
            let sugar = maybe(Kind::Diabetes, (((age - 34.0) / 110.0).clamp(0.0, 0.27) + if obese { 0.07 } else { 0.0 }) * factor(1.3, 0.75, 0.85), 35.0);
            maybe(Kind::Kidney, if pressure || sugar { 0.2 } else { 0.01 }, 55.0);
            maybe(Kind::Lipids, 0.26, 38.0);
            maybe(Kind::Coronary, 0.12, 56.0);
            maybe(Kind::HeartFailure, 0.11, 68.0);
            maybe(Kind::Fibrillation, 0.10, 65.0);
            maybe(Kind::Asthma, 0.06, 3.0);
            maybe(Kind::Copd, if woman { 0.05 } else { 0.12 }, 52.0);
            maybe(Kind::Thyroid, if woman { 0.09 } else { 0.02 }, 28.0);
            maybe(Kind::Depression, 0.06, 18.0);
            maybe(Kind::Knee, 0.25, 56.0);
            maybe(Kind::Osteoporosis, if woman { 0.2 } else { 0.0 }, 62.0);
            maybe(Kind::Prostate, if woman { 0.0 } else { 0.27 }, 55.0);
            maybe(Kind::Gout, if woman { 0.01 } else { 0.05 }, 38.0);
            maybe(Kind::Migraine, if woman { 0.09 } else { 0.03 }, 16.0);
            maybe(Kind::Anaemia, if woman && age < 52.0 { 0.08 } else { 0.02 }, 12.0);
            maybe(Kind::Frailty, 0.42, 78.0);
            maybe(Kind::Dementia, 0.13, 78.0);
            &[]
        }
    };
    for (kind, years_ago, severity) in chosen {
        add(*kind, *years_ago, *severity);
    }
    found.sort_by_key(|standing| standing.kind);
    found
}

/// Doses and growth visits from birth to eighteen.
fn childhood(registry: &Registry, person: &Person, life: &mut Life, chance: &mut Chance) {
    let age_days = life.end.0 - person.birth.0;
    if age_days > 19 * 365 {
        return;
    }
    // A few families come late, and a few doses are never given.
    let late = if chance.happens(0.12) { 60 } else { 9 };
    let mut planned: Vec<(i32, Vec<&'static Dose>)> = Vec::new();
    for dose in registry.country.immunisation.iter().filter(|dose| dose.target == Target::All) {
        let Some(age) = dose.age else { continue };
        let older = person.birth < Day::of(2020, 7, 1);
        if (dose.id == "MX-SRP-2" && older) || (dose.id == "MX-SRP-2L" && !older) || dose.id == "RU-DT-RN" {
            continue;
        }
        let days = age.approximate_days() as i32 + if dose.id == "VN-JE-2" { 10 } else { 0 };
        match planned.iter_mut().find(|(planned_days, _)| *planned_days == days) {
            Some((_, doses)) => doses.push(dose),
            None => planned.push((days, vec![dose])),
        }
    }
    for (days, doses) in planned {
        let slip = if days <= 3 { 0 } else { chance.between(0, late) };
        let day = person.birth.plus(days + slip);
        if day > life.end || (days > 3 && chance.happens(0.03)) {
            continue;
        }
        if day < registry.end.plus(-SPAN_DAYS) {
            life.booklet.extend(doses.into_iter().map(|dose| (day, dose)));
            continue;
        }
        if days <= 3 {
            // In the maternity ward: with the birth.
            if let Some(birth) = life.visits.first_mut() {
                birth.doses.extend(doses);
            }
            continue;
        }
        life.visits.push(Visit { day: day.working(), purpose: Purpose::WellChild, doses });
    }
    let months: &[i32] = match registry.tongue {
        Tongue::Russian => &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 18, 24, 36, 48, 60, 72, 84, 96, 120, 144, 168, 180, 192, 204],
        _ => &[1, 2, 4, 6, 9, 12, 15, 18, 24, 30, 36, 48, 60, 72, 96, 120, 156, 192],
    };
    for (place, month) in months.iter().enumerate() {
        if !life.rich && (place % 4 != 0 || chance.happens(0.5)) {
            continue;
        }
        let day = person.birth.plus(month * 3044 / 100 + chance.between(0, 6)).working();
        let near = life.visits.iter().any(|visit| (visit.day.0 - day.0).abs() < 14);
        if !near {
            life.push(day, Purpose::WellChild);
        }
    }
    if person.case == Some(Case::Newborn) {
        life.push(person.birth.plus(6), Purpose::WellChild);
    }
}

/// Pregnancies that made the children of the household, and one on the way.
fn pregnancies(registry: &Registry, person: &Person, life: &mut Life, chance: &mut Chance) {
    if !person.woman || !matches!(person.role, Role::Mother | Role::Adult) {
        return;
    }
    let mut last_birth = None;
    for child in registry.children(person) {
        let caesarean = mix(child.key, 40).is_multiple_of(4);
        if child.birth >= life.start {
            pregnancy(life, child.birth.plus(-277), Some((child.birth, caesarean)), chance);
        }
        last_birth = last_birth.max(Some(child.birth));
    }
    let age = life.end.age(person.birth);
    let free = last_birth.is_none_or(|birth| life.end.0 - birth.0 > 500);
    let chosen = person.case == Some(Case::Pregnant);
    if chosen || (person.case.is_none() && free && person.death.is_none() && (20.0..38.0).contains(&age) && person.household_is_new() && chance.happens(0.06)) {
        let weeks = if chosen { 30 } else { chance.between(9, 37) };
        let first_day = registry.end.plus(-weeks * 7 - 3);
        life.expecting = Some(first_day);
        pregnancy(life, first_day, None, chance);
    }
}

fn pregnancy(life: &mut Life, first_day: Day, birth: Option<(Day, bool)>, chance: &mut Chance) {
    for week in [8, 12, 16, 20, 24, 28, 30, 32, 34, 36, 37, 38, 39] {
        let day = first_day.plus(week * 7 + chance.between(0, 4)).working();
        if birth.is_none_or(|(birth, _)| day < birth.plus(-2)) && !(week % 2 == 1 && chance.happens(0.5)) && (life.rich || !chance.happens(0.45)) {
            life.push(day, Purpose::Prenatal(week));
        }
    }
    if let Some((day, caesarean)) = birth {
        life.push(day, Purpose::Delivery(caesarean));
        life.push(day.plus(chance.between(7, 10)), Purpose::Postnatal);
        life.push(day.plus(chance.between(40, 47)), Purpose::Postnatal);
    }
}

/// Follow-ups of what stays, or a check-up now and then for those who have nothing.
fn reviews(person: &Person, life: &mut Life, shape: Shape, chance: &mut Chance) {
    let usual = life.standing.iter().map(|standing| chronic::of(standing.kind).review_days).min();
    let interval = match shape {
        Shape::Usual if person.case == Some(Case::ManyConditions) => Some(92),
        Shape::Usual if life.rich => usual,
        // Some come as they should, most when they remember.
        Shape::Usual => usual.map(|days| (days * chance.between(24, 100) / 10).max(270)),
        Shape::Long => Some(285),
        Shape::Encounters(_) => None,
    };
    if let Some(interval) = interval {
        let first = life.standing.iter().map(|standing| standing.onset).min().unwrap_or(life.start);
        let mut day = Day(first.0.max(life.start.0 + chance.between(3, interval)));
        // The last review lies close to the end, so that the picture is fresh.
        while day <= life.end {
            life.push(day, Purpose::Review);
            day = day.plus(interval + chance.between(-interval / 6, interval / 4));
        }
        let recent = life.end.plus(-chance.between(4, 40));
        if recent > first {
            life.push(recent, Purpose::Review);
        }
    } else if !matches!(shape, Shape::Encounters(_)) && life.end.age(person.birth) > 19.0 {
        let every = chance.between(900, 2200);
        let mut day = life.start.plus(chance.between(5, every));
        while day <= life.end {
            life.push(day, Purpose::Checkup);
            day = day.plus(every + chance.between(-60, 90));
        }
    }
    if life.has(Kind::Frailty) || life.has(Kind::Dementia) {
        let mut day = life.end.plus(-700);
        while day <= life.end {
            life.push(day, Purpose::HomeVisit);
            day = day.plus(chance.between(55, 90) * if life.rich { 1 } else { 3 });
        }
    }
}

/// What comes and goes.
fn illnesses(registry: &Registry, person: &Person, life: &mut Life, shape: Shape, chance: &mut Chance) {
    let mut day = life.start;
    while day < life.end {
        let age = day.age(person.birth);
        let asthma = life.has(Kind::Asthma);
        let yearly = match age {
            ..1.0 => 1.6,
            ..5.0 => 2.6,
            ..12.0 => 1.5,
            ..18.0 => 0.9,
            ..60.0 => 0.85,
            _ => 1.1,
        };
        let grave = match age {
            ..1.0 => 0.03,
            ..60.0 => 0.018,
            ..75.0 => 0.05,
            _ => 0.12,
        };
        for (setting, rate) in [(Setting::Office, yearly), (Setting::Emergency, if asthma { 0.25 } else { 0.12 }), (Setting::Ward, grave)] {
            // Quarter by quarter; respiratory infections follow the season below.
            let rate = rate * if shape == Shape::Usual && life.rich { 1.0 } else { 0.18 };
            if !chance.happens(rate / 4.0) {
                continue;
            }
            let when = day.plus(chance.between(0, 90));
            if let Some(illness) = choose(registry, person, when, setting, chance) {
                life.push(when, Purpose::Illness(illness));
            }
        }
        day = day.plus(91);
    }
    if person.case == Some(Case::WeakHeart) {
        let pneumonia = ILLNESSES.iter().find(|illness| illness.icd == "J18.9");
        if let Some(pneumonia) = pneumonia {
            life.push(registry.end.plus(-203), Purpose::Illness(pneumonia));
        }
    }
}

fn choose(registry: &Registry, person: &Person, day: Day, setting: Setting, chance: &mut Chance) -> Option<&'static Illness> {
    let age = day.years_since(person.birth);
    if age < 0 {
        return None;
    }
    let (_, month, _) = day.parts();
    let fits = |illness: &Illness| -> u32 {
        let sex = match illness.sex {
            Sex::Any => true,
            Sex::Female => person.woman,
        };
        // Dengue is not acquired in Russia; wintry weather favours the airways.
        let place = !(illness.icd == "A97.1" && registry.tongue == Tongue::Russian);
        if illness.setting != setting || !sex || !place || !(illness.ages.0..=illness.ages.1).contains(&age) {
            return 0;
        }
        let winter = matches!(month, 11 | 12 | 1 | 2 | 3);
        let airways = illness.icd.starts_with('J') || illness.icd == "U07.1";
        if airways && !winter { illness.weight.div_ceil(3) } else { illness.weight }
    };
    let total: u32 = ILLNESSES.iter().map(fits).sum();
    if total == 0 {
        return None;
    }
    let mut mark = chance.below(u64::from(total)) as u32;
    ILLNESSES.iter().find(|illness| {
        let weight = fits(illness);
        let hit = mark < weight;
        mark = mark.saturating_sub(weight);
        hit
    })
}

/// The yearly vaccination of those at risk, in autumn.
fn season(registry: &Registry, person: &Person, life: &mut Life, chance: &mut Chance) {
    let Some(dose) = registry.country.immunisation.iter().find(|dose| dose.target == Target::Risk && dose.antigens == ["IIV"]) else { return };
    let (last_year, _, _) = life.end.parts();
    for year in last_year - 6..=last_year {
        let day = Day::of(year, 10, 5).plus(chance.between(0, 50));
        let at_risk = day.age(person.birth) > 60.0 || (day.age(person.birth) > 5.0 && life.has(Kind::Asthma)) || life.has(Kind::Diabetes);
        if !at_risk || !chance.happens(if life.rich { 0.7 } else { 0.35 }) {
            continue;
        }
        let near = life.visits.iter_mut().find(|visit| (visit.day.0 - day.0).abs() < 45 && matches!(visit.purpose, Purpose::Review | Purpose::Checkup | Purpose::HomeVisit));
        if let Some(visit) = near {
            visit.doses.push(dose);
        }
    }
}
