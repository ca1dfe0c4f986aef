//! Answers carried over to a document that was changed meanwhile.
//!
//! * What somebody changed stays as they wrote it; everything else is as the newer document says.
//! * Where both changed the same, what was typed last stays, and whoever shows it can tell the difference.
//! * What the newer form does not ask is left out.

use crate::answer::Answer;
use crate::filling::{Filling, Given};
use crate::form::Form;
use crate::item::{Item, ItemType};

/// The answers `mine`, which began as `base`, upon `newest`, in the order of its form.
pub fn carried(form: &Form, base: &Filling, mine: &Filling, newest: &Filling) -> Filling {
    Filling { items: level(&form.items, &base.items, &mine.items, &newest.items) }
}

fn level(items: &[Item], base: &[Given], mine: &[Given], newest: &[Given]) -> Vec<Given> {
    items.iter().flat_map(|item| one(item, &of(item, base), &of(item, mine), &of(item, newest))).collect()
}

fn of<'g>(item: &Item, given: &'g [Given]) -> Vec<&'g Given> {
    given.iter().filter(|one| one.link_id == item.link_id && !one.is_empty()).collect()
}

fn one(item: &Item, base: &[&Given], mine: &[&Given], newest: &[&Given]) -> Vec<Given> {
    let owned = |given: &[&Given]| -> Vec<Given> { given.iter().map(|one| (*one).clone()).collect() };
    if are_same(mine, base) {
        return owned(newest);
    }
    // Rows have no names of their own: whoever changed some keeps all of theirs.
    if item.kind == ItemType::Group && !item.repeats && base.len() <= 1 && mine.len() == 1 && newest.len() == 1 {
        let was = base.first().map_or(&[][..], |one| one.items.as_slice());
        return vec![Given { items: level(&item.items, was, &mine[0].items, &newest[0].items), ..Given::of(&item.link_id) }];
    }
    owned(mine)
}

fn are_same(left: &[&Given], right: &[&Given]) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(left, right)| is_same(left, right))
}

fn is_same(left: &Given, right: &Given) -> bool {
    let answers = |given: &Given| given.answers.iter().filter(|answer| !answer.is_empty()).cloned().collect::<Vec<_>>();
    let (ours, theirs) = (answers(left), answers(right));
    ours.len() == theirs.len() && ours.iter().zip(&theirs).all(|(ours, theirs)| says_the_same(ours, theirs)) && are_same(&filled(&left.items), &filled(&right.items))
}

fn filled(given: &[Given]) -> Vec<&Given> {
    given.iter().filter(|one| !one.is_empty()).collect()
}

/// A code counts without the words in which it was last shown.
fn says_the_same(left: &Answer, right: &Answer) -> bool {
    let values = match (&left.value, &right.value) {
        (Some(left), Some(right)) => left.is_same(right),
        (left, right) => left == right,
    };
    values && left.absent == right.absent && left.typed == right.typed && are_same(&filled(&left.items), &filled(&right.items))
}
