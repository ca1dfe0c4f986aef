//! A filled form laid out: a tree that a page can draw, with what is wrong at each place.

use std::collections::HashSet;

use crate::answer::{Answer, Coding, Datum};
use crate::budget::Budget;
use crate::choices;
use crate::enable::{compare, enabled, place_of};
use crate::evaluate::{Around, Names, Pass, answer_node, decimal, here_of, nodes_of, response_text, settle_within};
use crate::fault::Fault;
use crate::filling::{Filling, Given};
use crate::form::Form;
use crate::item::{Constraint, Item, ItemType};
use crate::typed::{LONGEST, is_book, is_grouped, number};
use fhir::date::Precision;
use fhir::{Document, PartialDateTime, Value};
use fhirpath::{Collection, Decimal};
use terminology::Library;

/// One item at one place.
#[derive(Clone, Debug)]
pub struct Laid<'f> {
    /// What it is.
    pub item: &'f Item,
    /// Where: the rows of the groups that repeat around it, and its linkId.
    pub place: String,
    /// It is asked, and so is everything around it.
    pub is_enabled: bool,
    /// What was answered.
    pub answers: Vec<Answer>,
    /// What is wrong; only where it is asked.
    pub faults: Vec<Fault>,
    /// Below it: for a group one entry for each row, for a question what hangs on its first answer.
    pub rows: Vec<Vec<Laid<'f>>>,
}

/// Rows that a group may have at most.
pub fn most_rows(item: &Item) -> usize {
    if item.repeats { item.max_occurs.unwrap_or(100).clamp(1, 200) } else { 1 }
}

/// Lays a form out with its answers. The second part is what is wrong with the form as a whole.
pub fn lay_out<'f>(form: &'f Form, filling: &Filling, around: &Around<'_>, library: &dyn Library) -> (Vec<Laid<'f>>, Vec<Fault>) {
    let budget = Budget::whole();
    let mut unsettled = settle_within(form, &mut filling.clone(), around, &budget);
    let (effective, disabled, unsure) = enabled(form, filling, around, &budget);
    unsettled.extend(unsure);
    let Ok(document) = Document::read_owned(response_text(form, &effective)) else { return (Vec::new(), vec![Fault::TooCostly(String::new())]) };
    let root = document.root();
    let pass = Pass::new(form, around, root, &budget);
    let names = pass.names(form, &around.named);
    let laying = Laying { form, pass, disabled: &disabled, library };
    let mut items = laying.items(&form.items, &filling.items, &effective.items, root, Some(root), &names, &mut Vec::new(), true);
    let mut reading = crate::item::Reading::default();
    let rules = reading.constraints("", &form.json);
    budget.at("");
    let mut faults = laying.rules(&rules, here_of(root), &names);
    let told = budget.stopped().into_iter().map(Fault::TooCostly).chain(unsettled.into_iter().map(Fault::Unsettled));
    for fault in told {
        // At the item where it happened, or for the form as a whole.
        if !tell(&mut items, &fault) {
            faults.push(fault);
        }
    }
    (items, faults)
}

/// Tells at the items of these linkIds that what the record says there could not be worked out, as long as nothing is
/// answered there.
pub fn tell_not_begun(items: &mut [Laid<'_>], link_ids: &[String]) {
    for laid in items {
        let is_empty = laid.answers.iter().all(crate::Answer::is_empty) && laid.rows.iter().flatten().all(|below| below.answers.iter().all(crate::Answer::is_empty));
        if is_empty && link_ids.contains(&laid.item.link_id) {
            laid.faults.push(Fault::NotBegun(laid.item.link_id.clone()));
        }
        laid.rows.iter_mut().for_each(|row| tell_not_begun(row, link_ids));
    }
}

/// Tells at the groups of these linkIds for how many rows of the record they had no room.
pub fn tell_left_out(items: &mut [Laid<'_>], left_out: &[(String, usize)]) {
    for (link_id, count) in left_out {
        tell_at(items, link_id, &Fault::LeftOut(*count));
    }
}

/// Tells a fault at the first place of an item; false where there is none.
fn tell_at(items: &mut [Laid<'_>], link_id: &str, fault: &Fault) -> bool {
    items.iter_mut().any(|laid| {
        if laid.item.link_id == link_id {
            laid.faults.push(fault.clone());
            return true;
        }
        laid.rows.iter_mut().any(|row| tell_at(row, link_id, fault))
    })
}

/// Tells a fault at the first place of the item it names that is asked; false where there is none.
fn tell(items: &mut [Laid<'_>], fault: &Fault) -> bool {
    for laid in items {
        if laid.is_enabled && laid.item.link_id == fault.bound() && !laid.item.is_hidden {
            laid.faults.push(fault.clone());
            return true;
        }
        if laid.rows.iter_mut().any(|row| tell(row, fault)) {
            return true;
        }
    }
    false
}

struct Laying<'l, 'p, 'd> {
    form: &'l Form,
    pass: Pass<'p, 'd>,
    disabled: &'l HashSet<String>,
    library: &'l dyn Library,
}

impl<'d> Laying<'_, '_, 'd> {
    #[allow(clippy::too_many_arguments)]
    fn items<'f>(&self, items: &'f [Item], given: &[Given], effective: &[Given], nearest: Value<'d>, own: Option<Value<'d>>, names: &Names<'d>, rows: &mut Vec<usize>, is_enabled: bool) -> Vec<Laid<'f>> {
        let nodes = nodes_of(own, effective);
        let empty = Given::default();
        items
            .iter()
            .map(|item| {
                self.pass.budget.at(&item.link_id);
                let place = place_of(rows, &item.link_id);
                let is_enabled = is_enabled && !self.disabled.contains(&place);
                let there: Vec<usize> = given.iter().enumerate().filter(|(_, one)| one.link_id == item.link_id).map(|(place, _)| place).collect();
                let mut laid = Laid { item, place, is_enabled, answers: Vec::new(), faults: Vec::new(), rows: Vec::new() };
                let least = if item.kind == ItemType::Group && item.repeats { item.min_occurs.unwrap_or(1).clamp(1, most_rows(item)) } else { 1 };
                for row in 0..there.len().max(least) {
                    self.pass.budget.at(&item.link_id);
                    if !self.pass.budget.place() {
                        break;
                    }
                    let at = there.get(row).copied();
                    let (one, node) = at.map_or((&empty, None), |at| (&given[at], nodes[at]));
                    let clean = at.map_or(&empty, |at| &effective[at]);
                    let mut names = names.clone();
                    self.pass.add(&item.variables, &here_of(node.unwrap_or(nearest)), &mut names);
                    if item.kind.is_question() {
                        laid.answers.extend(one.answers.iter().cloned());
                        let first = one.answers.first();
                        if let Some(first) = first.filter(|_| row == 0) {
                            let own = (!clean.answers.is_empty()).then(|| answer_node(node, &clean.answers, 0)).flatten();
                            let below = clean.answers.first().map_or(&[][..], |answer| &answer.items);
                            let below = if below.len() == first.items.len() { below } else { &first.items };
                            laid.rows.push(self.items(&item.items, &first.items, below, node.unwrap_or(nearest), own, &names, rows, is_enabled));
                        }
                    } else {
                        let is_row = item.repeats;
                        if is_row {
                            rows.push(row);
                        }
                        let below = if clean.items.len() == one.items.len() { &clean.items } else { &one.items };
                        laid.rows.push(self.items(&item.items, &one.items, below, node.unwrap_or(nearest), node, &names, rows, is_enabled));
                        if is_row {
                            rows.pop();
                        }
                    }
                    if is_enabled && let Some(node) = node {
                        self.pass.budget.at(&item.link_id);
                        laid.faults.extend(self.rules(&item.constraints, here_of(node), &names));
                    }
                }
                if is_enabled {
                    self.check(&mut laid, there.iter().filter(|at| !given[**at].is_empty()).count());
                }
                laid
            })
            .collect()
    }

    fn rules(&self, rules: &[Constraint], here: Collection<'d>, names: &Names<'d>) -> Vec<Fault> {
        let broken = rules.iter().filter(|rule| self.pass.truth(&rule.expression, here.clone(), names) == Some(false));
        broken.map(|rule| Fault::Rule { human: rule.human.clone(), is_advice: rule.is_advice }).collect()
    }

    /// What is wrong with the answers of one place.
    fn check(&self, laid: &mut Laid<'_>, rows: usize) {
        let item = laid.item;
        let (count, faults) = if item.kind.is_question() { (laid.answers.iter().filter(|answer| !answer.is_empty()).count(), &mut laid.faults) } else { (rows, &mut laid.faults) };
        let least = item.min_occurs.unwrap_or(0).max(item.is_required as usize);
        let is_absent = laid.answers.iter().any(|answer| answer.absent.is_some());
        match count {
            0 if least > 0 && item.kind != ItemType::Display => faults.push(Fault::Missing),
            count if count < least && !is_absent => faults.push(Fault::TooFew(least)),
            _ => {}
        }
        if let Some(most) = item.max_occurs.or((!item.repeats).then_some(1)).filter(|most| count > *most) {
            faults.push(Fault::TooMany(most));
        }
        for answer in &laid.answers {
            if answer.is_prefilled && !item.is_read_only && !item.is_hidden {
                faults.push(Fault::Unconfirmed);
            }
            if answer.typed.is_some() {
                faults.push(unread_text(item.kind, answer.typed.as_deref().unwrap_or_default()));
            }
            if let Some(value) = &answer.value {
                faults.extend(self.wrong(item, value));
            }
        }
    }

    fn wrong(&self, item: &Item, value: &Datum) -> Option<Fault> {
        let fits = match (item.kind, value) {
            (ItemType::Boolean, Datum::Boolean(_)) | (ItemType::Attachment, Datum::Attachment(_)) | (ItemType::Reference, Datum::Reference(_)) => true,
            (ItemType::Decimal, Datum::Decimal(text)) => decimal(text).is_some(),
            (ItemType::Integer, Datum::Integer(text)) => match beyond(text) {
                Some(fault) => return Some(fault),
                None => is_integer(text),
            },
            (ItemType::Quantity, Datum::Quantity(_)) => true,
            (ItemType::Date, Datum::Date(text)) => PartialDateTime::parse(text).is_some_and(|date| date.precision <= Precision::Day),
            (ItemType::DateTime, Datum::DateTime(text)) => PartialDateTime::parse(text).is_some(),
            (ItemType::Time, Datum::Time(text)) => is_time(text),
            (ItemType::String | ItemType::Text | ItemType::OpenChoice, Datum::Text(_)) => true,
            (ItemType::Url, Datum::Uri(text)) => text.contains(':') && !text.contains(char::is_whitespace),
            (ItemType::Choice, Datum::Coding(_) | Datum::Text(_) | Datum::Integer(_) | Datum::Date(_) | Datum::Time(_) | Datum::Reference(_)) => true,
            (ItemType::OpenChoice, Datum::Coding(_)) => true,
            _ => false,
        };
        if !fits {
            return Some(if unread(item.kind) == Fault::NotOffered { Fault::WrongType } else { unread(item.kind) });
        }
        self.bounds(item, value).or_else(|| self.offered(item, value))
    }

    fn bounds(&self, item: &Item, value: &Datum) -> Option<Fault> {
        let text = match value {
            Datum::Text(text) | Datum::Uri(text) => Some(text.as_str()),
            _ => None,
        };
        if let Some(text) = text {
            let length = text.chars().count();
            if let Some(most) = item.max_length.filter(|most| length > *most) {
                return Some(Fault::TooLong(most));
            }
            if let Some(least) = item.min_length.filter(|least| length < *least) {
                return Some(Fault::TooShort(least));
            }
        }
        let as_text = match value {
            Datum::Text(text) | Datum::Uri(text) | Datum::Decimal(text) | Datum::Integer(text) | Datum::Date(text) => Some(text.as_str()),
            _ => None,
        };
        if let (Some(pattern), Some(text)) = (&item.pattern, as_text)
            && !pattern.is_match(text)
        {
            return Some(Fault::Pattern);
        }
        let number = match value {
            Datum::Decimal(text) | Datum::Integer(text) => Some(text.as_str()),
            Datum::Quantity(quantity) => quantity.value.as_deref(),
            _ => None,
        };
        if let (Some(most), Some(number)) = (item.max_decimal_places, number)
            && decimal(number).is_some_and(|number| number.normalize().scale() as usize > most)
        {
            return Some(Fault::TooPrecise(most));
        }
        let passes = |bound: &Option<Datum>, wanted: fn(std::cmp::Ordering) -> bool| bound.as_ref().filter(|bound| compare(value, bound).is_some_and(wanted)).map(|bound| shown(bound, value, item));
        if let Some(bound) = passes(&item.min_value, std::cmp::Ordering::is_lt) {
            return Some(Fault::TooSmall(bound));
        }
        passes(&item.max_value, std::cmp::Ordering::is_gt).map(Fault::TooLarge)
    }

    fn offered(&self, item: &Item, value: &Datum) -> Option<Fault> {
        match value {
            Datum::Quantity(quantity) => {
                let is = |unit: &Coding| (unit.code == quantity.code && quantity.code.is_some()) || (quantity.code.is_none() && unit.display == quantity.unit);
                match (quantity.value.is_some(), item.units.is_empty()) {
                    (false, _) => Some(Fault::NotNumber),
                    (_, false) if quantity.code.is_none() && quantity.unit.is_none() => Some(Fault::NoUnit),
                    (_, false) if !item.units.iter().any(is) => Some(Fault::UnitNotOffered),
                    _ => None,
                }
            }
            Datum::Text(_) if item.kind != ItemType::Choice => None,
            Datum::Reference(reference) if item.kind == ItemType::Reference => {
                let kind = reference.reference.as_deref().and_then(|text| text.rsplit('/').nth(1));
                (!item.targets.is_empty() && !kind.is_some_and(|kind| item.targets.iter().any(|target| target == kind))).then_some(Fault::NotOffered)
            }
            _ if !matches!(item.kind, ItemType::Choice | ItemType::OpenChoice) => None,
            _ if !item.choices.is_empty() => (!item.choices.iter().any(|choice| choice.value.is_same(value))).then_some(Fault::NotOffered),
            Datum::Coding(coding) => {
                let set = item.value_set.as_deref()?;
                let code = coding.code.as_deref()?;
                (choices::holds(self.form, set, coding.system.as_deref(), code, self.library) == Some(false)).then_some(Fault::NotOffered)
            }
            _ => None,
        }
    }
}

/// True for a whole number that FHIR can hold. <https://hl7.org/fhir/R4/datatypes.html#integer>
pub(crate) fn is_integer(text: &str) -> bool {
    decimal(text).is_some_and(|number| number.fract().is_zero()) && beyond(text).is_none()
}

/// What to say of a whole number that is too small or too large for FHIR.
fn beyond(text: &str) -> Option<Fault> {
    let number = decimal(text).filter(|number| number.fract().is_zero())?;
    if number > Decimal::from(i32::MAX) {
        return Some(Fault::TooLarge(i32::MAX.to_string()));
    }
    (number < Decimal::from(i32::MIN)).then(|| Fault::TooSmall(i32::MIN.to_string()))
}

/// What to say of what was typed and is no value of the type.
fn unread_text(kind: ItemType, text: &str) -> Fault {
    match kind {
        ItemType::Decimal | ItemType::Quantity | ItemType::Integer if is_grouped(text) => Fault::Grouped,
        ItemType::Integer => number(text).and_then(|number| beyond(&number)).unwrap_or(Fault::NotWhole),
        ItemType::String | ItemType::Text | ItemType::OpenChoice if is_book(text) => Fault::TooLong(LONGEST),
        _ => unread(kind),
    }
}

/// What to say of a text that is no value of the type.
pub(crate) fn unread(kind: ItemType) -> Fault {
    match kind {
        ItemType::Decimal | ItemType::Quantity => Fault::NotNumber,
        ItemType::Integer => Fault::NotWhole,
        ItemType::Date | ItemType::DateTime => Fault::NotDate,
        ItemType::Time => Fault::NotTime,
        ItemType::Url => Fault::NotAddress,
        _ => Fault::NotOffered,
    }
}

pub(crate) fn is_time(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let within = |part: &str, most: u32| part.len() >= 2 && part.get(..2).and_then(|two| two.parse::<u32>().ok()).is_some_and(|number| number <= most);
    matches!(parts.as_slice(), [hour, minute, second] if within(hour, 23) && within(minute, 59) && within(second, 59) && hour.len() == 2 && minute.len() == 2)
}

/// A bound as it is told. That of a quantity names its unit: its own, else the first that is asked for, in which a bound
/// without a unit is meant.
fn shown(bound: &Datum, value: &Datum, item: &Item) -> String {
    let asked = || item.units.first().and_then(|unit| unit.display.as_deref().or(unit.code.as_deref()));
    match bound {
        Datum::Decimal(text) | Datum::Integer(text) if matches!(value, Datum::Quantity(_)) => [Some(text.as_str()), asked()].into_iter().flatten().collect::<Vec<_>>().join(" "),
        Datum::Decimal(text) | Datum::Integer(text) | Datum::Date(text) | Datum::DateTime(text) | Datum::Time(text) => text.clone(),
        Datum::Quantity(quantity) => [quantity.value.as_deref(), quantity.unit.as_deref().or(quantity.code.as_deref()).or_else(asked)].into_iter().flatten().collect::<Vec<_>>().join(" "),
        _ => String::new(),
    }
}

impl Laid<'_> {
    /// It and everything below it, depth first.
    pub fn each<'l>(&'l self, act: &mut dyn FnMut(&'l Laid<'l>)) {
        act(self);
        self.rows.iter().flatten().for_each(|below| below.each(act));
    }
}
