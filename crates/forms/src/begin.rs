//! The answers a form begins with: what it says itself, and what the record says.
//!
//! * What comes out of the record is marked until somebody confirms it; what nobody can change or
//!   see is not.

use crate::answer::{Answer, Datum};
use crate::budget::Budget;
use crate::evaluate::{Around, Names, Pass, data_of, here_of, question_node, response_text, settle};
use crate::filling::{Filling, Given};
use crate::form::Form;
use crate::item::{Formula, Item, ItemType};
use crate::layout::most_rows;
use fhir::Document;
use fhirpath::Collection;

/// Begins a form.
pub fn begin(form: &Form, around: &Around<'_>) -> Filling {
    begun(form, around).filling
}

/// What a form begins with, and what of it there was no room for.
#[derive(Clone, Debug, Default)]
pub struct Begun {
    /// The answers.
    pub filling: Filling,
    /// Items at which a bound was reached, so that they begin empty.
    pub stopped: Vec<String>,
    /// Groups for which the record has more rows than they may have, and how many more.
    pub left_out: Vec<(String, usize)>,
}

/// The same, with what is to be told of it.
pub fn begun(form: &Form, around: &Around<'_>) -> Begun {
    let mut filling = Filling::default();
    let (mut stopped, mut left_out) = (Vec::new(), Vec::new());
    if let Ok(document) = Document::read_owned(response_text(form, &filling)) {
        let budget = Budget::whole();
        let pass = Pass::new(form, around, document.root(), &budget);
        let names = pass.names(form, &around.named);
        filling.items = items(&pass, form, &form.items, &here_of(document.root()), &names);
        stopped.extend(budget.stopped());
        left_out.extend(pass.left_out());
    }
    settle(form, &mut filling, around);
    Begun { filling, stopped, left_out }
}

fn items<'d>(pass: &Pass<'_, 'd>, form: &'d Form, of: &'d [Item], here: &Collection<'d>, names: &Names<'d>) -> Vec<Given> {
    of.iter().flat_map(|item| one(pass, form, item, here, names)).filter(|one| !one.is_empty()).collect()
}

fn one<'d>(pass: &Pass<'_, 'd>, form: &'d Form, item: &'d Item, here: &Collection<'d>, names: &Names<'d>) -> Vec<Given> {
    pass.budget.at(&item.link_id);
    if !pass.budget.place() {
        return Vec::new();
    }
    let mut names = names.clone();
    names.push(("qitem".to_owned(), question_node(item, form, item.initial_formula.as_deref())));
    pass.add(&item.variables, here, &mut names);
    match item.kind {
        ItemType::Display => Vec::new(),
        ItemType::Group => rows(pass, item, here, &names).into_iter().map(|names| Given { items: items(pass, form, &item.items, here, &names), ..Given::of(&item.link_id) }).collect(),
        _ => {
            let mut answers = answers(pass, item, here, &names);
            if !item.items.is_empty() && let Some(first) = answers.first_mut() {
                first.items = items(pass, form, &item.items, here, &names);
            }
            vec![Given { answers, ..Given::of(&item.link_id) }]
        }
    }
}

/// The names in force in each row of a group.
fn rows<'d>(pass: &Pass<'_, 'd>, item: &'d Item, here: &Collection<'d>, names: &Names<'d>) -> Vec<Names<'d>> {
    let Some(population) = &item.population else { return vec![names.clone()] };
    let found = match &population.formula {
        Formula::Path(expression) => pass.give(expression, here.clone(), names),
        // Its answer was handed in under this name: a Bundle, whose resources are the rows.
        Formula::Query(_) => match fhirpath::Expression::parse(&format!("%{}.entry.resource", population.name)) {
            Ok(expression) => pass.give(&expression, here.clone(), names),
            Err(_) => Collection::empty(),
        },
    };
    if !item.repeats {
        let mut own = names.clone();
        own.push((population.name.clone(), found));
        return vec![own];
    }
    let one = |value: &fhirpath::Item<'d>| {
        let mut own = names.clone();
        own.push((population.name.clone(), Collection::one(value.clone())));
        own
    };
    pass.leave_out(&item.link_id, found.len().saturating_sub(most_rows(item)));
    found.iter().take(most_rows(item)).map(one).collect()
}

fn answers<'d>(pass: &Pass<'_, 'd>, item: &'d Item, here: &Collection<'d>, names: &Names<'d>) -> Vec<Answer> {
    if let Some(expression) = &item.initial_formula {
        let found = data_of(&pass.give(expression, here.clone(), names), item, pass.now());
        if !found.is_empty() {
            let is_prefilled = !item.is_read_only && !item.is_hidden;
            return found.into_iter().map(|value| Answer { is_prefilled, ..Answer::of(value) }).collect();
        }
    }
    let of_choices = || item.choices.iter().filter(|choice| choice.is_initial).map(|choice| &choice.value);
    let given: Vec<&Datum> = item.initial.iter().chain(of_choices()).take(if item.repeats { usize::MAX } else { 1 }).collect();
    given.into_iter().cloned().map(Answer::of).collect()
}
