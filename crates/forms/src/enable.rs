//! Which items are asked, by the answers so far.
//!
//! * What is not asked counts as unanswered for everything else; its answers are only set aside
//!   and come back when it is asked again.
//! * A question named by a rule is the nearest one: in the same row, then further out.

use std::collections::HashSet;

use crate::answer::{Answer, Datum};
use crate::budget::Budget;
use crate::evaluate::{Around, Names, Pass, answer_node, decimal, here_of, nodes_of, response_text};
use crate::filling::{Filling, Given};
use crate::form::Form;
use crate::item::{EnableWhen, Item, Operator};
use fhir::{Document, PartialDateTime, Value};

/// Rounds until what is asked stands still.
const MOST_ROUNDS: usize = 8;

/// A place as pages and faults name it: the rows of the groups that repeat, and the item.
pub(crate) fn place_of(rows: &[usize], link_id: &str) -> String {
    let rows: Vec<String> = rows.iter().map(usize::to_string).collect();
    format!("{}:{link_id}", rows.join("."))
}

/// The answers without those of items that are not asked, the places that are not, and the items of which it cannot
/// be told whether they are asked, as they switch each other on and off.
pub(crate) fn enabled(form: &Form, filling: &Filling, around: &Around<'_>, budget: &Budget) -> (Filling, HashSet<String>, Vec<String>) {
    let (mut effective, mut disabled) = (filling.clone(), HashSet::new());
    let mut unsure: Vec<String> = Vec::new();
    for _ in 0..MOST_ROUNDS {
        let found = disabled_in(form, &effective, around, budget);
        let mut next = filling.clone();
        prune(&mut next.items, &form.items, &mut Vec::new(), &found);
        let is_still = found == disabled && next == effective;
        unsure = found.symmetric_difference(&disabled).filter_map(|place| place.split_once(':').map(|(_, link_id)| link_id.to_owned())).collect();
        (effective, disabled) = (next, found);
        if is_still {
            break;
        }
    }
    unsure.sort();
    unsure.dedup();
    (effective, disabled, unsure)
}

/// One round of the same, as asked by the answers that counted so far; for whoever finds answers in between.
pub(crate) fn enabled_once(form: &Form, filling: &Filling, so_far: &Filling, around: &Around<'_>, budget: &Budget) -> (Filling, HashSet<String>) {
    let found = disabled_in(form, so_far, around, budget);
    let mut next = filling.clone();
    prune(&mut next.items, &form.items, &mut Vec::new(), &found);
    (next, found)
}

/// True where something is asked only sometimes.
pub(crate) fn has_conditions(items: &[Item]) -> bool {
    items.iter().any(|item| !item.enable_when.is_empty() || item.enable_formula.is_some() || has_conditions(&item.items))
}

fn disabled_in(form: &Form, filling: &Filling, around: &Around<'_>, budget: &Budget) -> HashSet<String> {
    let mut disabled = HashSet::new();
    let Ok(document) = Document::read_owned(response_text(form, filling)) else { return disabled };
    let root = document.root();
    let pass = Pass::new(form, around, root, budget);
    let names = pass.names(form, &around.named);
    let mut walk = Walk { pass, disabled: &mut disabled };
    walk.items(&form.items, &filling.items, root, Some(root), &names, &mut Vec::new(), &mut vec![&filling.items]);
    disabled
}

struct Walk<'w, 'p, 'd> {
    pass: Pass<'p, 'd>,
    disabled: &'w mut HashSet<String>,
}

impl<'d> Walk<'_, '_, 'd> {
    #[allow(clippy::too_many_arguments)]
    fn items<'g>(&mut self, items: &[Item], given: &'g [Given], nearest: Value<'d>, own: Option<Value<'d>>, names: &Names<'d>, rows: &mut Vec<usize>, scopes: &mut Vec<&'g [Given]>) {
        let nodes = nodes_of(own, given);
        for item in items {
            self.pass.budget.at(&item.link_id);
            let first = given.iter().position(|one| one.link_id == item.link_id);
            let here = first.and_then(|place| nodes[place]).unwrap_or(nearest);
            let is_asked = by_rules(item, scopes) && item.enable_formula.as_ref().is_none_or(|formula| self.pass.truth(formula, here_of(here), names) == Some(true));
            if !is_asked {
                self.disabled.insert(place_of(rows, &item.link_id));
                continue;
            }
            let mut row = 0;
            for (place, one) in given.iter().enumerate().filter(|(_, one)| one.link_id == item.link_id) {
                let node = nodes[place];
                let mut names = names.clone();
                self.pass.add(&item.variables, &here_of(node.unwrap_or(nearest)), &mut names);
                let below: &'g [Given] = if item.kind.is_question() { one.answers.first().map_or(&[], |answer| &answer.items) } else { &one.items };
                let own = if item.kind.is_question() { (!one.answers.is_empty()).then(|| answer_node(node, &one.answers, 0)).flatten() } else { node };
                self.below(item, below, node.unwrap_or(nearest), own, &names, rows, scopes, row);
                row += 1;
            }
            if row == 0 {
                self.below(item, &[], nearest, None, names, rows, scopes, 0);
            }
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn below<'g>(&mut self, item: &Item, given: &'g [Given], nearest: Value<'d>, own: Option<Value<'d>>, names: &Names<'d>, rows: &mut Vec<usize>, scopes: &mut Vec<&'g [Given]>, row: usize) {
        let is_row = item.repeats && !item.kind.is_question();
        if is_row {
            rows.push(row);
        }
        scopes.push(given);
        self.items(&item.items, given, nearest, own, names, rows, scopes);
        scopes.pop();
        if is_row {
            rows.pop();
        }
    }
}

/// Takes out what was given to items that are not asked. The rows stay, so that places do.
fn prune(given: &mut [Given], items: &[Item], rows: &mut Vec<usize>, disabled: &HashSet<String>) {
    for item in items {
        let is_asked = !disabled.contains(&place_of(rows, &item.link_id));
        for (row, one) in given.iter_mut().filter(|one| one.link_id == item.link_id).enumerate() {
            if !is_asked {
                one.answers.clear();
                one.items.clear();
                continue;
            }
            let is_row = item.repeats && !item.kind.is_question();
            if is_row {
                rows.push(row);
            }
            if item.kind.is_question() {
                for answer in &mut one.answers {
                    prune(&mut answer.items, &item.items, rows, disabled);
                }
            } else {
                prune(&mut one.items, &item.items, rows, disabled);
            }
            if is_row {
                rows.pop();
            }
        }
    }
}

fn by_rules(item: &Item, scopes: &[&[Given]]) -> bool {
    let mut told = item.enable_when.iter().map(|rule| holds(rule, scopes));
    item.enable_when.is_empty() || if item.any_enables { told.any(|one| one) } else { told.all(|one| one) }
}

fn holds(rule: &EnableWhen, scopes: &[&[Given]]) -> bool {
    let answers = scopes.iter().rev().find_map(|scope| nearest(scope, &rule.question)).unwrap_or(&[]);
    let mut values = answers.iter().filter_map(|answer| answer.value.as_ref());
    let ordered = |wanted: fn(std::cmp::Ordering) -> bool| values.clone().any(|value| compare(value, &rule.answer).is_some_and(wanted));
    match rule.operator {
        Operator::Exists => (values.next().is_some()) == (rule.answer == Datum::Boolean(true)),
        Operator::Equal => values.any(|value| equal(value, &rule.answer)),
        Operator::NotEqual => !values.any(|value| equal(value, &rule.answer)),
        Operator::Greater => ordered(std::cmp::Ordering::is_gt),
        Operator::Less => ordered(std::cmp::Ordering::is_lt),
        Operator::GreaterOrEqual => ordered(std::cmp::Ordering::is_ge),
        Operator::LessOrEqual => ordered(std::cmp::Ordering::is_le),
    }
}

fn nearest<'g>(scope: &'g [Given], link_id: &str) -> Option<&'g [Answer]> {
    scope.iter().find(|one| one.link_id == link_id).map(|one| &*one.answers).or_else(|| {
        scope.iter().find_map(|one| nearest(&one.items, link_id).or_else(|| one.answers.iter().find_map(|answer| nearest(&answer.items, link_id))))
    })
}

fn equal(left: &Datum, right: &Datum) -> bool {
    left.is_same(right) || compare(left, right) == Some(std::cmp::Ordering::Equal)
}

/// A quantity that can be told in another unit: one with a code of UCUM.
pub(crate) fn measured(quantity: &crate::Quantity) -> Option<fhirpath::Quantity> {
    quantity.system.as_deref().is_none_or(|system| system == "http://unitsofmeasure.org").then_some(())?;
    Some(fhirpath::Quantity { value: decimal(quantity.value.as_deref()?)?, unit: fhirpath::Unit::from_code(quantity.code.as_deref()?) })
}

/// The order of two values, of quantities in units of one kind as amounts; none where they cannot be compared.
pub(crate) fn compare(left: &Datum, right: &Datum) -> Option<std::cmp::Ordering> {
    match (left, right) {
        (Datum::Decimal(left) | Datum::Integer(left), Datum::Decimal(right) | Datum::Integer(right)) => Some(decimal(left)?.cmp(&decimal(right)?)),
        (Datum::Quantity(left), Datum::Quantity(right)) => {
            let unit = |one: &crate::Quantity| one.code.clone().or_else(|| one.unit.clone());
            // A bound that names no unit is one in whatever unit is asked for.
            if unit(right).is_none() || unit(left) == unit(right) {
                return Some(decimal(left.value.as_deref()?)?.cmp(&decimal(right.value.as_deref()?)?));
            }
            measured(left)?.compare(&measured(right)?)
        }
        (Datum::Quantity(left), Datum::Decimal(right) | Datum::Integer(right)) => Some(decimal(left.value.as_deref()?)?.cmp(&decimal(right)?)),
        (Datum::Date(left) | Datum::DateTime(left), Datum::Date(right) | Datum::DateTime(right)) => {
            let (left, right) = (PartialDateTime::parse(left)?.range(0), PartialDateTime::parse(right)?.range(0));
            Some(left.0.cmp(&right.0))
        }
        (Datum::Time(left), Datum::Time(right)) | (Datum::Text(left), Datum::Text(right)) => Some(left.cmp(right)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cmp::Ordering;

    #[test]
    fn quantities_are_compared_as_amounts() {
        let amount = |value: &str, code: Option<&str>, system: Option<&str>| {
            Datum::Quantity(crate::Quantity { value: Some(value.to_owned()), comparator: None, unit: code.map(str::to_owned), system: system.map(str::to_owned), code: code.map(str::to_owned) })
        };
        let ucum = Some("http://unitsofmeasure.org");
        for (left, right, expect) in [
            (amount("1001", Some("g"), ucum), amount("1", Some("kg"), ucum), Some(Ordering::Greater)),
            (amount("1000", Some("g"), ucum), amount("1", Some("kg"), ucum), Some(Ordering::Equal)),
            (amount("0.999", Some("kg"), ucum), amount("1000", Some("g"), None), Some(Ordering::Less)),
            (amount("2", Some("kg"), ucum), amount("1", Some("kg"), ucum), Some(Ordering::Greater)),
            (amount("2", Some("kg"), ucum), amount("1", None, None), Some(Ordering::Greater)),
            (amount("2", Some("kg"), ucum), amount("1", Some("cm"), ucum), None),
            (amount("2", Some("kg"), Some("urn:mine")), amount("1", Some("g"), ucum), None),
            (amount("2", Some("tablet"), ucum), amount("1", Some("g"), ucum), None),
        ] {
            assert_eq!(compare(&left, &right), expect, "{left:?} {right:?}");
        }
    }
}
