//! Which vaccinations a person is due, and why.
//!
//! * Each series of the calendar that has a plan for the person gives one [`Line`].
//! * Each line, each dose that does not count and each dose left out has its [`Reason`].
//! * A dose counts from its least age and gap less the days of grace; it is never recommended
//!   before its least age.
//! * Rules: the country's `series.toml` over its `immunisation.toml`.

mod judge;
mod next;
mod plan;

use country::{Age, Calendar};

use crate::day::Day;

/// What a forecast is made from.
#[derive(Clone, Copy, Debug)]
pub struct Person<'p> {
    /// Born on.
    pub birth: Day,
    /// Vaccines given, in any order.
    pub given: &'p [Given],
    /// Vaccines refused.
    pub refused: &'p [Refused],
    /// ICD-10 codes of what the person has now.
    pub conditions: &'p [String],
    /// A pregnancy, where there is one.
    pub pregnancy: Option<Pregnancy>,
    /// A pregnancy that the record still tells of and that is over.
    pub pregnancy_over: Option<PregnancyOver>,
    /// When the last pregnancy ended that the record tells of.
    pub last_birth: Option<Day>,
    /// The newest weight that is known, in grams.
    pub weight_grams: Option<u32>,
    /// What happened after vaccines, and may have come of them.
    pub events: &'p [Event],
    /// The person has died: nothing is due any more.
    pub has_died: bool,
}

/// A vaccine that was given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Given {
    /// On which day.
    pub day: Day,
    /// CVX code.
    pub cvx: String,
    /// It was weaker than it should have been (half a dose, a broken cold chain): it does not count.
    pub is_subpotent: bool,
    /// Where only its month or year was written: the first day of that time, whose last day stands for it.
    pub since: Option<Day>,
}

impl Given {
    /// The first and the last day on which it can have been.
    fn time(&self) -> (Day, Day) {
        (self.since.unwrap_or(self.day), self.day)
    }

    /// True where another dose was written down more exactly, within the time of this one: it may be the same dose,
    /// entered twice.
    pub(crate) fn may_be(&self, other: &Given) -> bool {
        let ((from, until), (other_from, other_until)) = (self.time(), other.time());
        self.since.is_some() && from <= other_from && other_until <= until && (from, until) != (other_from, other_until)
    }

    /// True where another one says the same: this vaccine, on this day or in this month or year.
    pub(crate) fn is_as(&self, other: &Given) -> bool {
        self.cvx == other.cvx && self.time() == other.time()
    }
}

/// A vaccine that was refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refused {
    /// On which day.
    pub day: Day,
    /// What was refused.
    pub vaccine: RefusedVaccine,
}

/// What was refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RefusedVaccine {
    /// A vaccine, by its CVX code.
    Cvx(String),
    /// Everything that protects from one illness: the key of the series.
    Series(String),
}

impl RefusedVaccine {
    /// True where a series waits for it.
    pub fn concerns(&self, series: &country::Series) -> bool {
        match self {
            RefusedVaccine::Cvx(cvx) => series.counts.contains(cvx),
            RefusedVaccine::Series(key) => *key == series.key,
        }
    }
}

/// What happened after a vaccine was given: an adverse event following immunisation. Nobody says by it that the vaccine was the cause.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Event {
    /// On which day.
    pub day: Day,
    /// CVX code of the vaccine before it.
    pub cvx: String,
    /// It put life in danger, brought to hospital, or left something behind.
    pub is_serious: bool,
}

/// A pregnancy.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pregnancy {
    /// First day of the last period, where known.
    pub began: Option<Day>,
}

/// Why a pregnancy that a record still tells of, by a Condition that has no end, is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PregnancyOver {
    /// The record tells of a birth, or another end of it.
    Birth {
        /// When.
        on: Day,
    },
    /// No pregnancy lasts so long.
    Weeks {
        /// Since when it was told.
        since: Day,
    },
}

impl PregnancyOver {
    /// The day it is told by.
    pub(crate) fn day(self) -> Day {
        match self {
            PregnancyOver::Birth { on } => on,
            PregnancyOver::Weeks { since } => since,
        }
    }
}

/// What a person is due.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Forecast {
    /// One line for each series, in the order of the calendar.
    pub lines: Vec<Line>,
    /// Places in [`Person::given`] of vaccines that the calendar does not have for this person.
    pub beside: Vec<usize>,
}

/// How a series stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// The key of the series.
    pub series: String,
    /// Where it stands.
    pub status: Status,
    /// The next dose; none where no more comes.
    pub next: Option<Next>,
    /// The given doses that concern it, by day.
    pub doses: Vec<Judged>,
    /// Rows of the calendar that were left out.
    pub left_out: Vec<LeftOut>,
    /// Why it stands there; never empty.
    pub reasons: Vec<Reason>,
    /// A plan, dose or age that no source confirms had a part in it.
    pub proposed: bool,
}

impl Line {
    /// On which day the dose that comes next was refused; none where it was not.
    pub fn refused_on(&self) -> Option<Day> {
        self.reasons.iter().find_map(|reason| if let Reason::Refused { on } = reason { Some(*on) } else { None })
    }

    /// How many doses count.
    pub fn valid(&self) -> usize {
        self.doses.iter().filter(|dose| matches!(dose.verdict, Verdict::Counts { .. })).count()
    }
}

/// Where a series stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Status {
    /// Its recommended day is more than the country's limit ago.
    Overdue,
    /// Its recommended day has come.
    Due,
    /// A later day.
    NotYet,
    /// It must not be given.
    Contraindicated,
    /// Every dose was given.
    Complete,
    /// No more dose can be given, though not every one was.
    Closed,
}

/// The dose that comes next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Next {
    /// Which dose that counts it will be, from 1.
    pub number: usize,
    /// The row of the calendar.
    pub row: String,
    /// CVX code of the vaccine.
    pub cvx: String,
    /// Not before.
    pub earliest: Day,
    /// When it should be.
    pub recommended: Day,
    /// From this day on it is overdue.
    pub overdue_from: Day,
    /// Not after.
    pub latest: Option<Day>,
}

/// A given dose, judged.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Judged {
    /// Its place in [`Person::given`].
    pub given: usize,
    /// Whether it counts.
    pub verdict: Verdict,
}

/// Whether a given dose counts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It does.
    Counts {
        /// Which dose it is, from 1.
        number: usize,
        /// The row of the calendar.
        row: String,
    },
    /// It does not.
    DoesNot(Reason),
}

/// A row of the calendar that a person does not get.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LeftOut {
    /// The row.
    pub row: String,
    /// Why.
    pub reason: Reason,
}

/// Why something is as it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reason {
    /// The recommended age was reached.
    AgeReached {
        /// That age.
        age: Age,
    },
    /// The recommended age is not reached yet.
    AgeNotReached {
        /// That age.
        age: Age,
    },
    /// The gap after the dose before is over: a late start, or a dose repeated.
    GapOver {
        /// The gap.
        gap: Age,
        /// The dose before.
        after: Day,
    },
    /// The gap after the dose before is not over.
    GapNotOver {
        /// The gap.
        gap: Age,
        /// The dose before.
        after: Day,
    },
    /// Another live vaccine was given not long ago.
    LiveNotOver {
        /// When.
        after: Day,
        /// CVX code of that vaccine.
        cvx: String,
        /// How many days must lie between.
        days: u16,
    },
    /// The pregnancy is not far enough.
    WeekNotReached {
        /// The completed week.
        week: u16,
    },
    /// The pregnancy is far enough, or nobody knows how far it is.
    Pregnancy {
        /// The completed week from which it is given.
        week: Option<u16>,
    },
    /// The last age at which it is given has passed.
    TooOld {
        /// That age.
        age: Age,
    },
    /// Doses that must come first are missing and cannot be given any more.
    EarlierMissing {
        /// How many doses must count before.
        needs: usize,
    },
    /// Every dose of the plan was given.
    AllGiven {
        /// How many count.
        doses: usize,
    },
    /// One dose at this age is enough.
    OneIsEnough {
        /// From this age on.
        age: Age,
    },
    /// Something the person has forbids it.
    Forbidden {
        /// The key of the contraindication.
        key: String,
        /// It passes: the dose is postponed.
        passes: bool,
    },
    /// A pregnancy would forbid it. The record tells of one that is over.
    PregnancyOver(PregnancyOver),
    /// Another vaccine than the usual one, because something forbids that one.
    Instead {
        /// The key of the contraindication.
        key: String,
    },
    /// Another vaccine than the usual one, because of the age.
    InsteadFrom {
        /// From this age on.
        age: Age,
    },
    /// The plan is one for a risk.
    Risk {
        /// The key of the risk.
        key: String,
    },
    /// The plan is one for those who begin late.
    LateStart {
        /// From this age on.
        age: Age,
    },
    /// The plan is one for those who were given a certain vaccine.
    AfterVaccine {
        /// CVX code of that vaccine.
        cvx: String,
    },
    /// It was refused.
    Refused {
        /// When.
        on: Day,
    },
    /// Something happened after an earlier dose: whoever gives the next one weighs it first.
    AfterEvent {
        /// When.
        on: Day,
        /// It was serious.
        is_serious: bool,
    },
    /// Given before its least age.
    TooYoung {
        /// The first day it would have counted.
        from: Day,
    },
    /// Given too soon after the dose before.
    TooSoon {
        /// The first day it would have counted.
        from: Day,
    },
    /// Given too soon after another live vaccine.
    TooSoonAfterLive {
        /// The first day it would have counted.
        from: Day,
    },
    /// The same day as another dose of the series.
    SameDay,
    /// Only its month or year is written, and another dose of the series lies within: it may be that one.
    MaybeSame {
        /// The day of that other dose, or the last day of its month.
        as_on: Day,
    },
    /// The dose wants another vaccine.
    WrongVaccine,
    /// It protects from a part of what the series protects from.
    InPart,
    /// It was weaker than it should have been.
    Subpotent,
    /// The person has died.
    Died,
    /// Dated before birth.
    BeforeBirth,
    /// Dated after today.
    InFuture,
    /// More than the plan has.
    Extra,
    /// The calendar has no such dose for this person.
    NotInPlan,
}

impl Reason {
    /// Its name for programs: `age-reached`. The texts of the faces hang on it.
    pub fn code(&self) -> &'static str {
        match self {
            Reason::AgeReached { .. } => "age-reached",
            Reason::AgeNotReached { .. } => "age-not-reached",
            Reason::GapOver { .. } => "gap-over",
            Reason::GapNotOver { .. } => "gap-not-over",
            Reason::LiveNotOver { .. } => "live-not-over",
            Reason::WeekNotReached { .. } => "week-not-reached",
            Reason::Pregnancy { .. } => "pregnancy",
            Reason::TooOld { .. } => "too-old",
            Reason::EarlierMissing { .. } => "earlier-missing",
            Reason::AllGiven { .. } => "all-given",
            Reason::OneIsEnough { .. } => "one-is-enough",
            Reason::Forbidden { .. } => "forbidden",
            Reason::PregnancyOver(_) => "pregnancy-over",
            Reason::Instead { .. } => "instead",
            Reason::InsteadFrom { .. } => "instead-from",
            Reason::Risk { .. } => "risk",
            Reason::LateStart { .. } => "late-start",
            Reason::AfterVaccine { .. } => "after-vaccine",
            Reason::Refused { .. } => "refused",
            Reason::AfterEvent { .. } => "after-event",
            Reason::TooYoung { .. } => "too-young",
            Reason::TooSoon { .. } => "too-soon",
            Reason::TooSoonAfterLive { .. } => "too-soon-after-live",
            Reason::SameDay => "same-day",
            Reason::MaybeSame { .. } => "maybe-same",
            Reason::WrongVaccine => "wrong-vaccine",
            Reason::InPart => "in-part",
            Reason::Subpotent => "subpotent",
            Reason::Died => "died",
            Reason::BeforeBirth => "before-birth",
            Reason::InFuture => "in-future",
            Reason::Extra => "extra",
            Reason::NotInPlan => "not-in-plan",
        }
    }
}

impl Status {
    /// Its name for programs.
    pub fn code(self) -> &'static str {
        match self {
            Status::Overdue => "overdue",
            Status::Due => "due",
            Status::NotYet => "not-yet",
            Status::Contraindicated => "contraindicated",
            Status::Complete => "complete",
            Status::Closed => "closed",
        }
    }
}

/// What a person is due on a day, by a country's calendar.
pub fn forecast(calendar: &Calendar, person: &Person<'_>, today: Day) -> Forecast {
    let lines: Vec<Line> = calendar.series.iter().filter_map(|series| next::line(calendar, series, person, today)).collect();
    let is_judged = |place: usize| lines.iter().any(|line| line.doses.iter().any(|dose| dose.given == place));
    let beside = (0..person.given.len()).filter(|place| !is_judged(*place)).collect();
    Forecast { lines, beside }
}
