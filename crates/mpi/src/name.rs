//! How two names agree: surnames, given names, patronymic, each by itself.
//!
//! * Words find their counterparts wherever they stand in their part; a word without one on
//!   either side is left out, words without one on both sides differ.
//! * Where the parts do not fit (a family name among the given names, a name that is only a
//!   text), all words of both names are compared together, and weigh less.

use crate::person::{Name, Person};
use crate::population::Population;
use crate::word::{Likeness, Word};

/// What one part of a name says.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(crate) struct Part {
    pub bits: f64,
    pub code: Option<&'static str>,
    pub agrees: bool,
    /// Something on both sides has no counterpart.
    pub contradicts: bool,
    /// Every word has its counterpart.
    pub is_whole: bool,
}

/// What two names say.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(crate) struct Names {
    pub family: Part,
    pub given: Part,
    pub patronymic: Part,
    /// A maiden or former name was needed.
    pub is_former: bool,
    /// All words agree only where their places are forgotten.
    pub is_elsewhere: bool,
}

impl Names {
    pub fn bits(&self) -> f64 {
        self.family.bits + self.given.bits + self.patronymic.bits
    }
}

/// The best that any two of their names say; none where one has no name.
pub(crate) fn compare(asked: &Person, found: &Person, population: &Population) -> Option<Names> {
    let pairs = asked.names.iter().flat_map(|one| found.names.iter().map(move |other| (one, other)));
    let compared = pairs.map(|(one, other)| {
        let is_woman = asked.is_woman == Some(true) || found.is_woman == Some(true);
        Names { is_former: one.is_former || other.is_former, ..two_names(one, other, is_woman, population) }
    });
    compared.max_by(|one, other| one.bits().total_cmp(&other.bits()))
}

fn two_names(one: &Name, other: &Name, is_woman: bool, population: &Population) -> Names {
    let apart = Names {
        family: family(&one.family, &other.family, is_woman, population),
        given: given(&one.given, &other.given, population),
        patronymic: patronymic(one.patronymic.as_ref(), other.patronymic.as_ref(), population),
        ..Names::default()
    };
    match together(one, other, population) {
        Some(together) if one.is_loose || other.is_loose || together.bits() > apart.bits() => together,
        _ => apart,
    }
}

/// Words of one side with their counterparts on the other.
struct Aligned {
    pairs: Vec<(Likeness, usize, usize)>,
    alone_left: usize,
    alone_right: usize,
}

impl Aligned {
    fn of(left: &[&Word], right: &[&Word], allowed: impl Fn(Likeness, &Word, &Word) -> bool) -> Aligned {
        let mut all: Vec<(Likeness, usize, usize)> = Vec::new();
        for (place, word) in left.iter().enumerate() {
            let likes = right.iter().enumerate().filter_map(|(other, found)| Some((word.like(found)?, place, other)));
            all.extend(likes.filter(|(like, _, other)| allowed(*like, word, right[*other])));
        }
        all.sort();
        let mut pairs: Vec<(Likeness, usize, usize)> = Vec::new();
        for one in all {
            if !pairs.iter().any(|(_, place, other)| *place == one.1 || *other == one.2) {
                pairs.push(one);
            }
        }
        Aligned { alone_left: left.len() - pairs.len(), alone_right: right.len() - pairs.len(), pairs }
    }

    fn bits(&self, left: &[&Word], population: &Population) -> f64 {
        self.pairs.iter().map(|(like, place, _)| like.bits(population.share(left[*place].latin()))).sum()
    }

    fn worst(&self) -> Option<Likeness> {
        self.pairs.iter().map(|(like, ..)| *like).max()
    }

    fn is_exchanged(&self) -> bool {
        self.pairs.iter().any(|(_, place, other)| self.pairs.iter().any(|(_, later, counterpart)| later > place && counterpart < other))
    }

    /// Words on both sides without counterpart.
    fn is_partly(&self) -> bool {
        self.alone_left > 0 && self.alone_right > 0
    }
}

fn family(left: &[Word], right: &[Word], is_woman: bool, population: &Population) -> Part {
    if left.is_empty() || right.is_empty() {
        return Part::default();
    }
    let (left, right): (Vec<&Word>, Vec<&Word>) = (left.iter().collect(), right.iter().collect());
    let aligned = Aligned::of(&left, &right, |_, _, _| true);
    let Some(worst) = aligned.worst() else {
        // A woman may have taken another surname; a man hardly ever has.
        return if is_woman { differs(-2.5, "surname-differs-may-have-changed") } else { differs(-5.5, "surname-differs") };
    };
    let (rebate, code) = match (aligned.is_partly(), aligned.alone_left + aligned.alone_right, aligned.is_exchanged()) {
        (true, ..) => (2.5, "one-surname-agrees-one-differs"),
        (false, 0, true) => (1.0, "surnames-exchanged"),
        (false, 0, false) => (0.0, worst.code()),
        (false, ..) => (0.3, "one-surname-missing"),
    };
    Part { bits: aligned.bits(&left, population) - rebate, code: Some(code), agrees: !aligned.is_partly(), contradicts: aligned.is_partly(), is_whole: aligned.alone_left + aligned.alone_right == 0 }
}

fn given(left: &[Word], right: &[Word], population: &Population) -> Part {
    if left.is_empty() || right.is_empty() {
        return Part::default();
    }
    let (left, right): (Vec<&Word>, Vec<&Word>) = (left.iter().collect(), right.iter().collect());
    let aligned = Aligned::of(&left, &right, |like, one, other| like != Likeness::Gendered && !is_other_gender(like, one, other));
    let Some(worst) = aligned.worst() else { return differs(-6.0, "given-name-differs") };
    let alone = aligned.alone_left + aligned.alone_right;
    let (rebate, code) = match (aligned.is_partly(), alone, aligned.is_exchanged()) {
        (true, ..) => (5.0, "one-given-name-agrees-one-differs"),
        (false, 0, true) => (0.5, "given-names-exchanged"),
        (false, 0, false) => (0.0, worst.code()),
        (false, ..) => (0.4 * alone as f64, "given-name-missing"),
    };
    let bits = (aligned.bits(&left, population) - rebate).min(16.0);
    Part { bits, code: Some(code), agrees: !aligned.is_partly() && worst <= Likeness::ShortForm, contradicts: aligned.is_partly(), is_whole: alone == 0 }
}

/// Daniel and Daniela, Fernando and Fernanda are two persons, not a slip.
fn is_other_gender(like: Likeness, one: &Word, other: &Word) -> bool {
    if like != Likeness::Typing {
        return false;
    }
    let (one, other) = (one.latin(), other.latin());
    let (longer, shorter) = if one.len() >= other.len() { (one, other) } else { (other, one) };
    longer.starts_with(shorter) || (one.len() == other.len() && one[..one.len() - 1] == other[..other.len() - 1])
}

fn patronymic(left: Option<&Word>, right: Option<&Word>, population: &Population) -> Part {
    let (Some(left), Some(right)) = (left, right) else { return Part::default() };
    match left.like(right).filter(|like| *like != Likeness::Gendered) {
        Some(like) => Part { bits: like.bits(population.share(left.latin())).min(7.0), code: Some(like.code()), agrees: true, contradicts: false, is_whole: true },
        None => differs(-6.5, "patronymic-differs"),
    }
}

/// All words of both, wherever they stand.
fn together(one: &Name, other: &Name, population: &Population) -> Option<Names> {
    let (left, right): (Vec<&Word>, Vec<&Word>) = (one.words().collect(), other.words().collect());
    let aligned = Aligned::of(&left, &right, |like, one, other| !is_other_gender(like, one, other));
    let is_loose = one.is_loose || other.is_loose;
    if aligned.pairs.len() < 2 && !is_loose {
        return None;
    }
    if aligned.is_partly() && !is_loose {
        return None;
    }
    let rebate = if aligned.is_partly() { 6.0 } else { 1.5 + 0.3 * (aligned.alone_left + aligned.alone_right) as f64 };
    let bits = if aligned.pairs.is_empty() { -6.0 } else { aligned.bits(&left, population) - rebate };
    let code = if aligned.is_partly() { "some-words-differ" } else { "words-in-other-places" };
    let agrees = !aligned.is_partly() && aligned.pairs.len() >= 2 && aligned.worst().is_some_and(|worst| worst <= Likeness::ShortForm);
    let whole = Part { bits: bits.min(24.0), code: Some(code), agrees, contradicts: aligned.is_partly(), is_whole: aligned.alone_left + aligned.alone_right == 0 };
    Some(Names { given: whole, family: Part { agrees, ..Part::default() }, is_elsewhere: true, ..Names::default() })
}

fn differs(bits: f64, code: &'static str) -> Part {
    Part { bits, code: Some(code), agrees: false, contradicts: true, is_whole: false }
}
