//! A filled form completed: checked as a whole, without what was not asked.

use crate::answer::Answer;
use crate::budget::Budget;
use crate::enable::enabled;
use crate::evaluate::{Around, settle};
use crate::fault::Fault;
use crate::filling::{Filling, Given};
use crate::form::Form;
use crate::item::Item;
use crate::json::Json;
use crate::layout::{Laid, lay_out};
use terminology::Library;

/// What came of completing a form.
#[derive(Debug)]
pub struct Completed {
    /// The answers that count.
    pub filling: Filling,
    /// Where something is wrong, and what; the place of the form as a whole is empty.
    pub faults: Vec<(String, Fault)>,
}

impl Completed {
    /// True where nothing forbids to complete it.
    pub fn is_sound(&self) -> bool {
        self.faults.iter().all(|(_, fault)| fault.is_advice())
    }

    /// The items of the response, with the texts of the questions as the form says them.
    pub fn items(&self, form: &Form) -> Json {
        let mut items = self.filling.json();
        if let Json::List(items) = &mut items {
            items.iter_mut().for_each(|one| tell(one, &form.items));
        }
        items
    }
}

/// Completes a form. What was not asked is left out; what is wrong is told with its place.
pub fn complete(form: &Form, filling: &Filling, around: &Around<'_>, library: &dyn Library) -> Completed {
    let mut settled = filling.clone();
    settle(form, &mut settled, around);
    let (laid, own) = lay_out(form, &settled, around, library);
    let mut faults: Vec<(String, Fault)> = own.into_iter().map(|fault| (String::new(), fault)).collect();
    let mut gather = |one: &Laid<'_>| faults.extend(one.faults.iter().map(|fault| (one.place.clone(), fault.clone())));
    laid.iter().for_each(|one| each(one, &mut gather));
    if count(&settled.items) > known(&form.items, &settled.items) {
        faults.push((String::new(), Fault::WrongType));
    }
    let (mut kept, ..) = enabled(form, &settled, around, &Budget::whole());
    kept.items = in_order(&form.items, kept.items);
    Completed { filling: kept, faults }
}

/// The answers that count now: calculated, and without those of questions that are not asked.
pub fn counting(form: &Form, filling: &Filling, around: &Around<'_>) -> Filling {
    let mut settled = filling.clone();
    settle(form, &mut settled, around);
    enabled(form, &settled, around, &Budget::whole()).0
}

fn each(one: &Laid<'_>, act: &mut impl FnMut(&Laid<'_>)) {
    act(one);
    for below in one.rows.iter().flatten() {
        each(below, act);
    }
}

/// How much was given in all, and how much of it the form knows.
fn count(given: &[Given]) -> usize {
    given.iter().map(|one| 1 + count(&one.items) + one.answers.iter().map(|answer| count(&answer.items)).sum::<usize>()).sum()
}

fn known(items: &[Item], given: &[Given]) -> usize {
    given
        .iter()
        .filter_map(|one| Some((one, items.iter().find(|item| item.link_id == one.link_id)?)))
        .map(|(one, item)| 1 + known(&item.items, &one.items) + one.answers.iter().map(|answer| known(&item.items, &answer.items)).sum::<usize>())
        .sum()
}

/// In the order of the form, as R4 wants it; what the form does not know is left out.
fn in_order(items: &[Item], given: Vec<Given>) -> Vec<Given> {
    let mut found = Vec::new();
    for item in items {
        for one in given.iter().filter(|one| one.link_id == item.link_id) {
            let answers = one.answers.iter().map(|answer| Answer { items: in_order(&item.items, answer.items.clone()), is_prefilled: false, ..answer.clone() });
            found.push(Given { link_id: one.link_id.clone(), answers: answers.collect(), items: in_order(&item.items, one.items.clone()) });
        }
    }
    found
}

/// Puts the text of the question beside its linkId.
fn tell(json: &mut Json, items: &[Item]) {
    let Some(item) = json.string("linkId").and_then(|link_id| items.iter().find(|item| item.link_id == link_id)) else { return };
    if let Json::Object(members) = json {
        for (name, value) in members.iter_mut() {
            if let Json::List(below) = value {
                match name.as_str() {
                    "item" => below.iter_mut().for_each(|one| tell(one, &item.items)),
                    "answer" => {
                        for answer in below {
                            if let Json::Object(members) = answer {
                                let nested = members.iter_mut().filter(|(name, _)| name == "item").filter_map(|(_, value)| if let Json::List(below) = value { Some(below) } else { None });
                                nested.flatten().for_each(|one| tell(one, &item.items));
                            }
                        }
                    }
                    _ => {}
                }
            }
        }
        if !item.text.plain.is_empty() {
            members.insert(1, ("text".to_owned(), Json::text(&item.text.plain)));
        }
    }
}

/// The linkIds whose answers differ between two fillings, in the order of the first; rows count as one.
pub fn differences(left: &Filling, right: &Filling) -> Vec<String> {
    let (mut found, mut seen) = (Vec::new(), std::collections::HashSet::new());
    let (left, right) = (flat(&left.items), flat(&right.items));
    for (link_id, answers) in &left {
        let theirs = right.iter().filter(|(other, _)| other == link_id).flat_map(|(_, answers)| answers);
        let ours = left.iter().filter(|(other, _)| other == link_id).flat_map(|(_, answers)| answers);
        let _ = answers;
        if seen.insert(link_id.clone()) && !ours.eq(theirs) {
            found.push(link_id.clone());
        }
    }
    for (link_id, _) in &right {
        if !seen.contains(link_id) && seen.insert(link_id.clone()) {
            found.push(link_id.clone());
        }
    }
    found
}

fn flat(given: &[Given]) -> Vec<(String, Vec<Answer>)> {
    let mut found = Vec::new();
    for one in given {
        let plain: Vec<Answer> = one.answers.iter().filter(|answer| !answer.is_empty()).map(|answer| Answer { items: Vec::new(), ..answer.clone() }).collect();
        if !plain.is_empty() {
            found.push((one.link_id.clone(), plain));
        }
        found.extend(flat(&one.items));
        one.answers.iter().for_each(|answer| found.extend(flat(&answer.items)));
    }
    found
}
