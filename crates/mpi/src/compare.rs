//! The judgement: what each field says, added up, and what no sum may outvote.
//!
//! A score is the probability that the two are one person, given how many persons there are:
//! the bits of all fields and of the prior, as a logit. After Fellegi and Sunter, "A Theory
//! for Record Linkage", 1969, with the frequency of names counted.

use crate::birth::BirthLikeness;
use crate::identifier::{self, Numbers};
use crate::name::{self, Names, Part};
use crate::person::Person;
use crate::population::Population;

/// How sure a match is. https://hl7.org/fhir/R4/valueset-match-grade.html
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Grade {
    /// Not the same person.
    CertainlyNot,
    /// Somebody should look.
    Possible,
    /// Likely the same; somebody should still look.
    Probable,
    /// The same person, and nothing contradicts.
    Certain,
}

impl Grade {
    /// FHIR's code.
    pub fn code(self) -> &'static str {
        match self {
            Grade::Certain => "certain",
            Grade::Probable => "probable",
            Grade::Possible => "possible",
            Grade::CertainlyNot => "certainly-not",
        }
    }
}

/// From how many bits on (after the prior) a match has a grade: 0.999, 0.9 and 0.02.
const CERTAIN_BITS: f64 = 9.97;
const PROBABLE_BITS: f64 = 3.17;
const POSSIBLE_BITS: f64 = -5.6;
/// Where a contradiction holds a match: 0.98 and 0.5.
const MOST_PROBABLE_BITS: f64 = 5.6;
const MOST_POSSIBLE_BITS: f64 = 0.0;
/// Two who bear one unique number are at least shown: 0.2.
const LEAST_WITH_SAME_NUMBER_BITS: f64 = -2.0;

/// Why: what one field says.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Reason {
    /// Which element of the Patient.
    pub field: &'static str,
    /// What was seen there.
    pub code: &'static str,
    /// How much it speaks for (or, below zero, against) the same person, in bits. Zero for a
    /// rule that only limits the grade.
    pub bits: f64,
}

/// The answer to "are they one?".
#[derive(Clone, PartialEq, Debug)]
pub struct Comparison {
    /// From 0 to 1.
    pub score: f64,
    /// The grade of the score, as far as contradictions allow.
    pub grade: Grade,
    /// The heaviest first.
    pub reasons: Vec<Reason>,
}

/// Judges whether two are the same person.
pub fn compare(asked: &Person, found: &Person, population: &Population) -> Comparison {
    let seen = Seen {
        names: name::compare(asked, found, population),
        birth: asked.birth.as_ref().zip(found.birth.as_ref()).map(|(one, other)| one.like(other)),
        is_same_gender: asked.is_woman.zip(found.is_woman).map(|(one, other)| one == other),
        numbers: identifier::compare(&asked.identifiers, &found.identifiers),
        is_other_birth_order: asked.birth_order.zip(found.birth_order).is_some_and(|(one, other)| one != other),
        is_other_country: !asked.countries.is_empty() && !found.countries.is_empty() && !asked.countries.iter().any(|code| found.countries.contains(code)),
    };
    let mut reasons = seen.reasons();
    reasons.extend(household(asked, found));
    reasons.extend(mother(asked, found, population));
    let sum: f64 = population.prior_bits() + reasons.iter().map(|reason| reason.bits).sum::<f64>();
    // The same unique number is always worth a look, if only to find whose it is.
    let mut bits = if seen.numbers.is_same { sum.max(LEAST_WITH_SAME_NUMBER_BITS) } else { sum };
    for (most, code) in seen.limits() {
        bits = bits.min(most);
        reasons.push(Reason { field: "Patient", code, bits: 0.0 });
    }
    if bits >= CERTAIN_BITS && !seen.may_be_certain() {
        bits = MOST_PROBABLE_BITS;
    }
    reasons.sort_by(|one, other| other.bits.abs().total_cmp(&one.bits.abs()));
    Comparison { score: 1.0 / (1.0 + (-bits).exp2()), grade: grade(bits), reasons }
}

fn grade(bits: f64) -> Grade {
    match bits {
        bits if bits >= CERTAIN_BITS => Grade::Certain,
        bits if bits >= PROBABLE_BITS => Grade::Probable,
        bits if bits >= POSSIBLE_BITS => Grade::Possible,
        _ => Grade::CertainlyNot,
    }
}

/// What was seen in the fields that can contradict each other.
struct Seen {
    names: Option<Names>,
    birth: Option<BirthLikeness>,
    is_same_gender: Option<bool>,
    numbers: Numbers,
    is_other_birth_order: bool,
    /// Both tell of countries, and of none in common.
    is_other_country: bool,
}

impl Seen {
    fn reasons(&self) -> Vec<Reason> {
        let mut reasons = Vec::new();
        let mut tell = |field, code: Option<&'static str>, bits| {
            if let Some(code) = code {
                reasons.push(Reason { field, code, bits });
            }
        };
        if let Some(names) = &self.names {
            tell("Patient.name.family", names.family.code, names.family.bits);
            tell(if names.is_elsewhere { "Patient.name" } else { "Patient.name.given" }, names.given.code, names.given.bits);
            tell("Patient.name.given", names.patronymic.code, names.patronymic.bits);
            tell("Patient.name", names.is_former.then_some("former-name"), 0.0);
        }
        tell("Patient.birthDate", self.birth.map(BirthLikeness::code), self.birth.map_or(0.0, BirthLikeness::bits));
        tell("Patient.gender", self.is_same_gender.map(|same| if same { "same" } else { "differs" }), self.is_same_gender.map_or(0.0, |same| if same { 0.98 } else { -5.0 }));
        tell("Patient.identifier", self.numbers.code, self.numbers.bits);
        tell("Patient.multipleBirth", self.is_other_birth_order.then_some("other-birth-order"), -8.0);
        reasons
    }

    /// What no agreement elsewhere outvotes.
    fn limits(&self) -> Vec<(f64, &'static str)> {
        let mut limits = Vec::new();
        let part = |of: fn(&Names) -> Part| self.names.map(|names| of(&names)).unwrap_or_default();
        let (family, given) = (part(|names| names.family), part(|names| names.given));
        let born_together = self.birth == Some(BirthLikeness::Day) && given.contradicts;
        if self.is_other_birth_order || (born_together && !family.contradicts) {
            limits.push((MOST_POSSIBLE_BITS, "may-be-twins"));
        }
        if self.numbers.differs && !self.numbers.is_same {
            limits.push((MOST_PROBABLE_BITS, "unique-number-differs"));
        }
        // People move, but among two nations there are namesakes of one day whom nobody has counted together.
        if self.is_other_country && !self.numbers.is_same {
            limits.push((MOST_PROBABLE_BITS, "another-country"));
        }
        let is_other_birth = self.birth.is_some_and(|birth| !birth.agrees());
        if self.numbers.is_same && given.contradicts && (is_other_birth || self.birth.is_none()) {
            limits.push((MOST_POSSIBLE_BITS, "may-be-the-number-of-somebody-else"));
        }
        limits
    }

    /// Certain is what a machine may act on: a unique number that name or birth date bear
    /// out, or birth date, surname and all given names; and no contradiction.
    fn may_be_certain(&self) -> bool {
        let Some(names) = &self.names else { return false };
        let contradicts = names.given.contradicts
            || names.patronymic.contradicts
            || self.is_same_gender == Some(false)
            || self.is_other_birth_order
            || self.birth.is_some_and(|birth| !birth.agrees());
        let born_the_same_day = self.birth == Some(BirthLikeness::Day);
        let by_number = self.numbers.is_same && (born_the_same_day || (names.given.agrees && names.family.agrees));
        let by_name = names.given.agrees && names.given.is_whole && names.family.agrees && born_the_same_day && !self.numbers.differs;
        !contradicts && (by_number || by_name)
    }
}

/// Address and telephone say that two belong to one household: that much and no more, or the
/// members of a family would be one person.
const MOST_HOUSEHOLD_BITS: f64 = 9.0;

fn household(asked: &Person, found: &Person) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let addresses = asked.addresses.iter().flat_map(|one| found.addresses.iter().filter_map(move |other| one.like(other)));
    if let Some((bits, code)) = addresses.max_by(|one, other| one.0.total_cmp(&other.0)) {
        reasons.push(Reason { field: "Patient.address", code, bits });
    }
    if !asked.contacts.is_empty() && !found.contacts.is_empty() {
        let same = asked.contacts.iter().any(|contact| found.contacts.contains(contact));
        let (bits, code) = if same { (7.5, "same") } else { (-0.5, "differs") };
        reasons.push(Reason { field: "Patient.telecom", code, bits });
    }
    let sum: f64 = reasons.iter().map(|reason| reason.bits).sum();
    if sum > MOST_HOUSEHOLD_BITS {
        reasons.iter_mut().for_each(|reason| reason.bits *= MOST_HOUSEHOLD_BITS / sum);
    }
    reasons
}

/// The mother's name: the same for brothers and sisters, so it weighs as a surname does.
fn mother(asked: &Person, found: &Person, population: &Population) -> Option<Reason> {
    if asked.mother.is_empty() || found.mother.is_empty() {
        return None;
    }
    let like = |word: &crate::word::Word| found.mother.iter().filter_map(|other| word.like(other)).min().map(|like| like.bits(population.share(word.latin())));
    let agreeing: Vec<f64> = asked.mother.iter().filter_map(like).collect();
    let all = agreeing.len() == asked.mother.len().min(found.mother.len());
    let (bits, code) = if all { (agreeing.iter().sum::<f64>().min(6.0), "same") } else { (-3.0, "differs") };
    Some(Reason { field: "Patient.contact", code, bits })
}
