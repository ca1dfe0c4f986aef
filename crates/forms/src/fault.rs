//! What is wrong with an answer, as pages and programs tell it. Never carries the answer.

/// What is wrong at one place of a filled form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// An answer is needed and there is none, not even a reason.
    Missing,
    /// So many are needed.
    TooFew(usize),
    /// At most so many.
    TooMany(usize),
    /// At most so many characters.
    TooLong(usize),
    /// At least so many characters.
    TooShort(usize),
    /// Not a number.
    NotNumber,
    /// Not a whole number.
    NotWhole,
    /// A number that can be read in two ways: its sign may part thousands, or a fraction.
    Grouped,
    /// Less than this.
    TooSmall(String),
    /// More than this.
    TooLarge(String),
    /// More digits after the point than this.
    TooPrecise(usize),
    /// Not a date, with or without time.
    NotDate,
    /// Not a time of day.
    NotTime,
    /// Not an address of the web.
    NotAddress,
    /// Not in the form that is wanted.
    Pattern,
    /// None of the choices.
    NotOffered,
    /// A number without its unit.
    NoUnit,
    /// A unit that is not offered.
    UnitNotOffered,
    /// A value of a type the question does not ask for.
    WrongType,
    /// It came out of the record and was not confirmed.
    Unconfirmed,
    /// The last day lies before the first, or before today.
    EndsBefore,
    /// A date that the rules of the paper need is without its day, or was not told.
    NotWholeDay,
    /// Some of its days lie in another certificate: from when until when that is.
    Overlaps(String),
    /// More days than one paper may have.
    TooManyDays(String),
    /// More days without a gap than there may be.
    TooManyInAll(String),
    /// Over more days without a gap a commission decides.
    NeedsCommission(String),
    /// It says that it goes on, and nothing ends the day before.
    FollowsNothing,
    /// It begins earlier than this day.
    BeginsTooEarly(String),
    /// It begins later than this day.
    BeginsTooLate(String),
    /// The day that it is for, or until which it holds, is later than this one.
    HoldsTooLong(String),
    /// A birth in the future.
    BornToCome,
    /// The mother is a man.
    MotherIsMan,
    /// The mother had died before the birth.
    MotherDied,
    /// The mother was younger or older at the birth than mothers are: from what age until what age they are.
    MotherAge(String),
    /// The person of the certificate had died before its last day.
    PersonDied,
    /// The certificate is for a woman who is or was pregnant, and the person is a man.
    PersonIsMan,
    /// On its first day the person would be younger or older than that.
    PersonAge(String),
    /// Nobody born after so many weeks weighs that: from what until what they weigh.
    WeightForWeeks(String),
    /// The same child has a certificate: the address of that document.
    BornAlready(String),
    /// It is one of several, and another certificate says that its child of these days was born alone: that document.
    BornBesideSingle(String),
    /// The same mother bore another child, and no pregnancy is so short: the document of the other birth.
    BornTooNear(String),
    /// More than one newborn's record that was begun may be the child's.
    WhichNewborn,
    /// Too much would have to be worked out for the item of this linkId; the rest of it gives nothing.
    TooCostly(String),
    /// What the record says could not be worked out for the item of this linkId: somebody fills it in.
    NotBegun(String),
    /// The record has so many rows more than the group may have.
    LeftOut(usize),
    /// The formulas or rules of the item of this linkId change each other without end.
    Unsettled(String),
    /// A rule of the form, told in its own words.
    Rule {
        /// What the form says; its plain text and its translations.
        human: crate::Said,
        /// True where it may be completed all the same.
        is_advice: bool,
    },
}

impl Fault {
    /// True where a form with it can be completed all the same.
    pub fn is_advice(&self) -> bool {
        matches!(self, Fault::Rule { is_advice: true, .. } | Fault::NotBegun(_) | Fault::LeftOut(_))
    }

    /// A word for programs and for the tables of words: `missing`, `too-long`.
    pub fn word(&self) -> &'static str {
        match self {
            Fault::Missing => "missing",
            Fault::TooFew(_) => "too-few",
            Fault::TooMany(_) => "too-many",
            Fault::TooLong(_) => "too-long",
            Fault::TooShort(_) => "too-short",
            Fault::NotNumber => "not-number",
            Fault::NotWhole => "not-whole",
            Fault::Grouped => "grouped",
            Fault::TooSmall(_) => "too-small",
            Fault::TooLarge(_) => "too-large",
            Fault::TooPrecise(_) => "too-precise",
            Fault::NotDate => "not-date",
            Fault::NotTime => "not-time",
            Fault::NotAddress => "not-address",
            Fault::Pattern => "pattern",
            Fault::NotOffered => "not-offered",
            Fault::NoUnit => "no-unit",
            Fault::UnitNotOffered => "unit-not-offered",
            Fault::WrongType => "wrong-type",
            Fault::Unconfirmed => "unconfirmed",
            Fault::EndsBefore => "ends-before",
            Fault::NotWholeDay => "not-whole-day",
            Fault::Overlaps(_) => "overlaps",
            Fault::TooManyDays(_) => "too-many-days",
            Fault::TooManyInAll(_) => "too-many-in-all",
            Fault::NeedsCommission(_) => "needs-commission",
            Fault::FollowsNothing => "follows-nothing",
            Fault::BeginsTooEarly(_) => "begins-too-early",
            Fault::BeginsTooLate(_) => "begins-too-late",
            Fault::HoldsTooLong(_) => "holds-too-long",
            Fault::BornToCome => "born-to-come",
            Fault::MotherIsMan => "mother-is-man",
            Fault::MotherDied => "mother-died",
            Fault::MotherAge(_) => "mother-age",
            Fault::PersonDied => "person-died",
            Fault::PersonIsMan => "person-is-man",
            Fault::PersonAge(_) => "person-age",
            Fault::WeightForWeeks(_) => "weight-for-weeks",
            Fault::BornAlready(_) => "born-already",
            Fault::BornBesideSingle(_) => "born-beside-single",
            Fault::BornTooNear(_) => "born-too-near",
            Fault::WhichNewborn => "which-newborn",
            Fault::TooCostly(_) => "too-costly",
            Fault::NotBegun(_) => "not-begun",
            Fault::LeftOut(_) => "left-out",
            Fault::Unsettled(_) => "unsettled",
            Fault::Rule { .. } => "rule",
        }
    }

    /// The bound that was passed, or the item that is meant, as a text; empty where there is none.
    pub fn bound(&self) -> String {
        match self {
            Fault::TooFew(bound) | Fault::TooMany(bound) | Fault::TooLong(bound) | Fault::TooShort(bound) | Fault::TooPrecise(bound) | Fault::LeftOut(bound) => bound.to_string(),
            Fault::TooSmall(bound) | Fault::TooLarge(bound) | Fault::Overlaps(bound) | Fault::TooManyDays(bound) | Fault::TooManyInAll(bound) | Fault::NeedsCommission(bound) | Fault::BeginsTooEarly(bound) | Fault::BeginsTooLate(bound) | Fault::HoldsTooLong(bound) | Fault::MotherAge(bound) | Fault::PersonAge(bound) | Fault::WeightForWeeks(bound) | Fault::BornAlready(bound) | Fault::BornBesideSingle(bound) | Fault::BornTooNear(bound) | Fault::TooCostly(bound) | Fault::NotBegun(bound) | Fault::Unsettled(bound) => bound.clone(),
            _ => String::new(),
        }
    }
}
