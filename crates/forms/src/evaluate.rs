//! The formulas of a form, evaluated over its answers.
//!
//! * `%resource` is the response as it stands, `%context` the item a formula hangs on, or the
//!   nearest above it that has an answer; `%questionnaire` and `%qitem` are of the form.
//! * A formula that cannot be evaluated gives nothing; it never gives the answer of yesterday.
//! * Calculated answers are found again until they stand still, or a bound is reached. What is not asked has no part in them.

use crate::answer::{Answer, Coding, Datum, Quantity, Reference};
use crate::budget::Budget;
use crate::enable::{enabled_once, has_conditions, measured};
use crate::filling::{Filling, Given};
use crate::form::Form;
use crate::item::{Formula, Item, ItemType, Variable};
use crate::json::Json;
use crate::layout::is_integer;
use fhir::date::Precision;
use fhir::{Document, Moment, PartialDateTime, Value};
use fhirpath::{Collection, Context, Decimal, EvalError, Expression, Limits, Node, write_item};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};

/// What lies around a form: who it is about, who writes, what the record says, what time it is.
#[derive(Default)]
pub struct Around<'a> {
    /// Handed in by name: `patient`, `encounter`, `user`; and the answers to the form's searches.
    pub named: Vec<(String, Document<'a>)>,
    /// Now, with its zone.
    pub now: Option<PartialDateTime>,
}

/// Items that all names in force hold together.
const MOST_NAMED: usize = 20_000;
/// Passes until calculated answers stand still.
const MOST_PASSES: usize = 8;

/// Names in force at a place, the nearest last.
pub(crate) type Names<'d> = Vec<(String, Collection<'d>)>;

/// One pass over the answers.
pub(crate) struct Pass<'p, 'd> {
    around: &'p Around<'d>,
    questionnaire: Value<'d>,
    root: Value<'d>,
    pub budget: &'p Budget,
    /// Rows that a group has no room for, by its linkId.
    left_out: RefCell<BTreeMap<String, usize>>,
}

impl<'p, 'd> Pass<'p, 'd> {
    pub fn new(form: &'d Form, around: &'p Around<'d>, root: Value<'d>, budget: &'p Budget) -> Pass<'p, 'd> {
        Pass { around, questionnaire: form.document.root(), root, budget, left_out: RefCell::default() }
    }

    /// Notes that a group has no room for so many rows.
    pub fn leave_out(&self, link_id: &str, count: usize) {
        if count > 0 {
            *self.left_out.borrow_mut().entry(link_id.to_owned()).or_default() += count;
        }
    }

    /// The groups that had no room for rows, and for how many.
    pub fn left_out(&self) -> Vec<(String, usize)> {
        self.left_out.borrow().iter().map(|(link_id, count)| (link_id.clone(), *count)).collect()
    }

    /// Now, with its zone.
    pub fn now(&self) -> Option<PartialDateTime> {
        self.around.now
    }

    /// What everything in the form may name.
    pub fn names(&self, form: &Form, named: &'d [(String, Document<'_>)]) -> Names<'d> {
        let mut names: Names<'d> = vec![("questionnaire".to_owned(), Collection::one(Node::resource(self.questionnaire)))];
        for launch in &form.launch {
            names.push((launch.name.clone(), Collection::empty()));
        }
        for name in ["patient", "encounter", "user"] {
            names.push((name.to_owned(), Collection::empty()));
        }
        // What nobody has looked up yet is nothing, not unknown: a formula that asks for it can be evaluated.
        for (name, _) in form.queries() {
            names.push((name.to_owned(), Collection::empty()));
        }
        for (name, document) in named {
            names.push((name.clone(), Collection::one(Node::resource(document.root()))));
        }
        let here = Collection::one(Node::resource(self.root));
        self.add(&form.variables, &here, &mut names);
        names
    }

    /// Adds what variables give.
    pub fn add(&self, variables: &[Variable], here: &Collection<'d>, names: &mut Names<'d>) {
        for variable in variables {
            if let Formula::Path(expression) = &variable.formula {
                let mut found = self.give(expression, here.clone(), names);
                if names.iter().map(|(_, items)| items.len()).sum::<usize>() + found.len() > MOST_NAMED {
                    self.budget.stop();
                    found = Collection::empty();
                }
                names.push((variable.name.clone(), found));
            } else if !names.iter().any(|(name, _)| *name == variable.name) {
                names.push((variable.name.clone(), Collection::empty()));
            }
        }
    }

    /// What an expression gives; nothing where it cannot be evaluated.
    pub fn give(&self, expression: &Expression, here: Collection<'d>, names: &Names<'d>) -> Collection<'d> {
        let Some(steps) = self.budget.steps() else { return Collection::empty() };
        let root = Node::resource(self.root);
        // The engine takes the first of a name; ours is the last.
        let constants = names.iter().rev().cloned().collect();
        let context = Context {
            resource: Some(root),
            root_resource: Some(root),
            constants,
            now: self.around.now,
            resolver: None,
            terminology: None,
            trace: None,
            limits: Limits { steps, items: 10_000, string_bytes: 1 << 16, ..Limits::default() },
        };
        let (found, took) = expression.evaluate_counted(&context, here);
        // Names are handed over item by item: that is work too.
        self.budget.take(1 + took + names.iter().map(|(_, items)| 1 + items.len() as u64).sum::<u64>() / 4);
        if matches!(found, Err(EvalError::Limit(_))) {
            self.budget.stop();
        }
        found.unwrap_or_default()
    }

    /// Whether an expression is true; none where it cannot be told.
    pub fn truth(&self, expression: &Expression, here: Collection<'d>, names: &Names<'d>) -> Option<bool> {
        self.give(expression, here, names).as_boolean()
    }
}

/// The response of a draft, as formulas see it.
pub(crate) fn response_text(form: &Form, filling: &Filling) -> String {
    let mut json = Json::object([("resourceType", Json::text("QuestionnaireResponse")), ("questionnaire", Json::text(form.canonical())), ("status", Json::text("in-progress"))]);
    json.set("item", filling.json());
    if json.each("item").is_empty() {
        json.remove("item");
    }
    json.written()
}

/// The nodes of what was given, in step with the answers: what is empty has none.
pub(crate) fn nodes_of<'d>(parent: Option<Value<'d>>, items: &[Given]) -> Vec<Option<Value<'d>>> {
    let mut below = parent.and_then(|parent| parent.get("item")).into_iter().flat_map(|list| list.items());
    items.iter().map(|one| if one.is_empty() { None } else { below.next() }).collect()
}

/// The node of an answer.
pub(crate) fn answer_node<'d>(node: Option<Value<'d>>, answers: &[Answer], wanted: usize) -> Option<Value<'d>> {
    let place = answers[..wanted].iter().filter(|answer| !answer.is_empty()).count();
    if answers[wanted].is_empty() { None } else { node?.get("answer")?.items().nth(place) }
}

/// A place of the response as an input.
pub(crate) fn here_of<'d>(node: Value<'d>) -> Collection<'d> {
    let is_root = node.get("resourceType").is_some();
    Collection::one(if is_root { Node::resource(node) } else { Node::element(node, "QuestionnaireResponse.item") })
}

/// The item of the form as a constant, for a formula that names it.
pub(crate) fn question_node<'d>(item: &'d Item, form: &'d Form, expression: Option<&Expression>) -> Collection<'d> {
    // Looking an item up costs as much as the form is long.
    if !expression.is_some_and(|expression| expression.text().contains("qitem")) && item.variables.is_empty() {
        return Collection::empty();
    }
    fn look<'d>(parent: Value<'d>, link_id: &str) -> Option<Value<'d>> {
        let below = || parent.get("item").into_iter().flat_map(|list| list.items());
        below().find(|one| one.string("linkId").as_deref() == Some(link_id)).or_else(|| below().find_map(|one| look(one, link_id)))
    }
    look(form.document.root(), &item.link_id).map(|value| Collection::one(Node::element(value, "Questionnaire.item"))).unwrap_or_default()
}

/// A search of a form with its expressions put in: the type, and its parameters. None where an
/// expression gives nothing: then there is nothing to look for.
pub fn query(form: &Form, search: &str, around: &Around<'_>) -> Option<(String, Vec<(String, String)>)> {
    let document = Document::read_owned(response_text(form, &Filling::default())).ok()?;
    let root = document.root();
    let budget = Budget::whole();
    let pass = Pass::new(form, around, root, &budget);
    let names = pass.names(form, &around.named);
    let put_in = |text: &str| -> Option<String> {
        let (mut out, mut rest) = (String::new(), text);
        while let Some((before, after)) = rest.split_once("{{") {
            let (formula, after) = after.split_once("}}")?;
            let found = pass.give(&Expression::parse(formula).ok()?, Collection::one(Node::resource(root)), &names);
            let mut written = String::new();
            write_item(found.first()?, &mut written);
            let json = Json::read(&written).ok()?;
            out.push_str(&before.replace("%7C", "|").replace("%2C", ",").replace("%20", " "));
            out.push_str(json.as_str().or_else(|| json.as_number())?);
            rest = after;
        }
        out.push_str(&rest.replace("%7C", "|").replace("%2C", ",").replace("%20", " "));
        Some(out)
    };
    let (kind, pairs) = search.split_once('?').unwrap_or((search, ""));
    let pairs = pairs.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Some((name.to_owned(), put_in(value)?))
    });
    Some((put_in(kind)?, pairs.collect::<Option<_>>()?))
}

/// Finds calculated answers again until they stand still. They replace whatever stood there.
///
/// What never stands still, or takes too long, is told by [`lay_out`](crate::lay_out) and [`complete`](crate::complete).
pub fn settle(form: &Form, filling: &mut Filling, around: &Around<'_>) {
    settle_within(form, filling, around, &Budget::whole());
}

/// The same within a budget; the items that never stand still.
pub(crate) fn settle_within(form: &Form, filling: &mut Filling, around: &Around<'_>, budget: &Budget) -> Vec<String> {
    if !form.calculates {
        return Vec::new();
    }
    let mut changed = Vec::new();
    // What is not asked counts as unanswered here, too: nothing is added up of what was only set aside.
    let is_conditional = has_conditions(&form.items);
    let (mut asked, mut disabled) = (filling.clone(), HashSet::new());
    for _ in 0..MOST_PASSES {
        let mut is_still = true;
        if is_conditional {
            let (next, found) = enabled_once(form, filling, &asked, around, budget);
            is_still = found == disabled;
            (asked, disabled) = (next, found);
        }
        let found = pass(form, if is_conditional { &asked } else { &*filling }, around, budget);
        changed.clear();
        put(&mut filling.items, &form.items, &mut Vec::new(), &found, &mut changed);
        if changed.is_empty() && is_still {
            break;
        }
    }
    changed.sort();
    changed.dedup();
    changed
}

/// Where a calculated answer belongs: places in the lists of what was given, then its item.
type Places = BTreeMap<(Vec<usize>, String), Vec<Datum>>;

fn pass(form: &Form, filling: &Filling, around: &Around<'_>, budget: &Budget) -> Places {
    let Ok(document) = Document::read_owned(response_text(form, filling)) else { return Places::new() };
    // The names of a pass live as long as its document.
    let root = document.root();
    let pass = Pass::new(form, around, root, budget);
    let names = pass.names(form, &around.named);
    let mut found = Places::new();
    calculate(&pass, form, &form.items, &filling.items, root, Some(root), &names, &mut Vec::new(), &mut found);
    found
}

#[allow(clippy::too_many_arguments)]
fn calculate<'d>(pass: &Pass<'_, 'd>, form: &'d Form, items: &'d [Item], given: &[Given], nearest: Value<'d>, own: Option<Value<'d>>, names: &Names<'d>, path: &mut Vec<usize>, found: &mut Places) {
    let nodes = nodes_of(own, given);
    for item in items {
        pass.budget.at(&item.link_id);
        let rows: Vec<usize> = given.iter().enumerate().filter(|(_, one)| one.link_id == item.link_id).map(|(place, _)| place).collect();
        if let Some(expression) = &item.calculated
            && item.kind.is_question()
        {
            let node = rows.first().and_then(|place| nodes[*place]);
            let mut names = names.clone();
            let here = here_of(node.unwrap_or(nearest));
            names.push(("qitem".to_owned(), question_node(item, form, Some(expression))));
            pass.add(&item.variables, &here, &mut names);
            let values = pass.give(expression, here, &names);
            found.insert((path.clone(), item.link_id.clone()), data_of(&values, item, pass.now()));
        }
        for place in rows {
            let node = nodes[place];
            let here = node.unwrap_or(nearest);
            pass.budget.at(&item.link_id);
            let mut names = names.clone();
            pass.add(&item.variables, &here_of(here), &mut names);
            path.push(place);
            if item.kind.is_question() {
                if let Some(answer) = given[place].answers.first() {
                    let own = answer_node(node, &given[place].answers, 0);
                    calculate(pass, form, &item.items, &answer.items, here, own, &names, path, found);
                }
            } else {
                calculate(pass, form, &item.items, &given[place].items, here, node, &names, path, found);
            }
            path.pop();
        }
    }
}

fn put(given: &mut Vec<Given>, items: &[Item], path: &mut Vec<usize>, found: &Places, changed: &mut Vec<String>) {
    for item in items {
        if item.calculated.is_some() && item.kind.is_question() {
            let values = found.get(&(path.clone(), item.link_id.clone())).cloned().unwrap_or_default();
            let own = match given.iter().position(|one| one.link_id == item.link_id) {
                Some(place) => &mut given[place],
                None if values.is_empty() => continue,
                None => {
                    given.push(Given::of(&item.link_id));
                    changed.push(item.link_id.clone());
                    given.last_mut().expect("just added")
                }
            };
            let stands: Vec<&Datum> = own.answers.iter().filter_map(|answer| answer.value.as_ref()).collect();
            let is_same = stands.len() == values.len() && own.answers.len() == values.len() && stands.iter().zip(&values).all(|(left, right)| *left == right);
            if !is_same {
                own.answers = values.into_iter().map(Answer::of).collect();
                changed.push(item.link_id.clone());
            }
        }
        for place in 0..given.len() {
            if given[place].link_id != item.link_id {
                continue;
            }
            path.push(place);
            let below = if item.kind.is_question() { given[place].answers.first_mut().map(|answer| &mut answer.items) } else { Some(&mut given[place].items) };
            if let Some(below) = below {
                put(below, &item.items, path, found, changed);
            }
            path.pop();
        }
    }
}

/// The answers an expression gives to an item; what does not fit its type is left out.
pub(crate) fn data_of(values: &Collection<'_>, item: &Item, now: Option<PartialDateTime>) -> Vec<Datum> {
    let most = if item.repeats { item.max_occurs.unwrap_or(200).min(200) } else { 1 };
    let mut found: Vec<Datum> = Vec::new();
    for value in values {
        let mut text = String::new();
        write_item(value, &mut text);
        let Ok(json) = Json::read(&text) else { continue };
        if let Some(datum) = datum_of(&json, item, now) && !found.iter().any(|one| one.is_same(&datum)) {
            found.push(datum);
        }
        if found.len() == most {
            break;
        }
    }
    found
}

/// A moment in UTC, which machines write, as the clock here shows it, whose zone `now` has; none for what is told otherwise.
/// Its day is then the day on which it was here.
pub(crate) fn told_here(text: &str, now: Option<PartialDateTime>) -> Option<String> {
    let date = PartialDateTime::parse(text).filter(|date| date.precision >= Precision::Minute && date.offset_minutes == Some(0))?;
    let offset = now?.offset_minutes.filter(|minutes| *minutes != 0)?;
    let shifted = Moment(date.range(0).0.0 + i64::from(offset) * 60_000).to_string();
    let (sign, east) = if offset < 0 { ('-', -offset) } else { ('+', offset) };
    Some(format!("{}{sign}{:02}:{:02}", shifted.trim_end_matches('Z'), east / 60, east % 60))
}

fn datum_of(json: &Json, item: &Item, now: Option<PartialDateTime>) -> Option<Datum> {
    let number = || json.as_number().or_else(|| json.get("value").and_then(Json::as_number)).map(str::to_owned);
    // A number alone cannot say that it is of another unit than the one beside its field.
    let told = || match item.units.first().filter(|_| json.get("value").is_some()) {
        // Nor that it is a bound.
        _ if json.get("comparator").is_some() => None,
        Some(unit) => in_unit(&Quantity { value: number(), comparator: None, unit: json.string("unit").map(str::to_owned), system: json.string("system").map(str::to_owned), code: json.string("code").or_else(|| json.string("unit")).map(str::to_owned) }, unit, None)?.value,
        None => number(),
    };
    let text = || match json {
        Json::Text(text) => Some(text.clone()),
        Json::Number(text) => Some(text.clone()),
        Json::Bool(value) => Some(value.to_string()),
        _ => json.string("text").or_else(|| json.string("display")).or_else(|| json.each("coding").iter().find_map(|coding| coding.string("display"))).or_else(|| json.string("value")).map(str::to_owned),
    };
    Some(match item.kind {
        ItemType::Boolean => Datum::Boolean(json.as_bool()?),
        ItemType::Decimal => Datum::Decimal(rounded(&told()?, item.max_decimal_places)?),
        ItemType::Integer => Datum::Integer(told().filter(|text| is_integer(text))?.split('.').next()?.to_owned()),
        ItemType::Date => {
            let text = json.as_str()?;
            let here = told_here(text, now);
            Datum::Date(here.as_deref().unwrap_or(text).split('T').next().filter(|text| PartialDateTime::parse(text).is_some())?.to_owned())
        }
        ItemType::DateTime => Datum::DateTime(json.as_str().filter(|text| PartialDateTime::parse(text).is_some())?.to_owned()),
        ItemType::Time => Datum::Time(json.as_str()?.trim_start_matches('T').to_owned()),
        ItemType::String | ItemType::Text => Datum::Text(text()?),
        ItemType::Url => Datum::Uri(json.as_str()?.to_owned()),
        ItemType::Quantity => {
            let unit = item.units.first();
            let own = |name: &str| json.string(name).map(str::to_owned);
            let value = rounded(&number()?, item.max_decimal_places)?;
            match (json.get("value").is_some(), unit) {
                (true, _) => {
                    let is = |one: &Quantity, unit: &Coding| (one.code.is_some() && one.code == unit.code) || (one.code.is_none() && one.unit.is_some() && one.unit == unit.display);
                    let found = Quantity { value: number(), comparator: own("comparator"), unit: own("unit").or_else(|| own("code")), system: own("system"), code: own("code") };
                    // In a unit that is asked for, else told in one; what can be told in none stays as it is, to be seen.
                    let asked = item.units.iter().find(|unit| is(&found, unit)).map(|unit| Quantity { comparator: own("comparator"), ..quantity(value.clone(), unit) });
                    let asked = asked.or_else(|| item.units.iter().find_map(|unit| in_unit(&found, unit, item.max_decimal_places)));
                    Datum::Quantity(asked.unwrap_or(Quantity { value: Some(value), ..found }))
                }
                (false, Some(unit)) => Datum::Quantity(quantity(value, unit)),
                (false, None) => Datum::Quantity(Quantity { value: Some(value), ..Quantity::default() }),
            }
        }
        ItemType::Choice | ItemType::OpenChoice => return chosen(json, item),
        ItemType::Reference => match json.string("resourceType") {
            Some(kind) => Datum::Reference(Reference { reference: Some(format!("{kind}/{}", json.string("id")?)), display: None }),
            None => Datum::Reference(Reference { reference: json.string("reference").or_else(|| json.as_str()).map(str::to_owned), display: json.string("display").map(str::to_owned) }),
        },
        ItemType::Attachment => Datum::Attachment(json.clone()),
        ItemType::Group | ItemType::Display => return None,
    })
}

/// A number in a unit.
pub(crate) fn quantity(value: String, unit: &Coding) -> Quantity {
    Quantity { value: Some(value), comparator: None, unit: unit.display.clone().or_else(|| unit.code.clone()), system: unit.system.clone(), code: unit.code.clone() }
}

/// A quantity told in another unit, with no more places than that; none where the units do not go together.
fn in_unit(own: &Quantity, unit: &Coding, places: Option<usize>) -> Option<Quantity> {
    if (own.code.is_some() && own.code == unit.code) || (own.unit.is_some() && own.unit == unit.display) {
        return Some(Quantity { comparator: own.comparator.clone(), ..quantity(own.value.clone()?, unit) });
    }
    unit.system.as_deref().is_none_or(|system| system == "http://unitsofmeasure.org").then_some(())?;
    let told = measured(own)?.convert(unit.code.as_deref()?)?;
    Some(Quantity { comparator: own.comparator.clone(), ..quantity(rounded(&told.value.to_string(), places)?, unit) })
}

/// A code as a choice of the item: by system and code, or by the code alone.
fn chosen(json: &Json, item: &Item) -> Option<Datum> {
    let concept = json.each("coding").first().unwrap_or(json);
    let code = concept.string("code").or_else(|| json.as_str());
    let system = concept.string("system");
    let fits = |one: &Datum| match one {
        Datum::Coding(own) => own.code.as_deref() == code && (system.is_none() || own.system.is_none() || own.system.as_deref() == system),
        Datum::Text(own) => Some(own.as_str()) == code,
        Datum::Integer(own) => json.as_number() == Some(own),
        _ => false,
    };
    if let Some(choice) = item.choices.iter().find(|choice| fits(&choice.value)) {
        return Some(choice.value.clone());
    }
    match (json, item.kind) {
        (Json::Text(text), ItemType::OpenChoice) => Some(Datum::Text(text.clone())),
        (Json::Object(_), _) if item.choices.is_empty() && code.is_some() => Datum::read("valueCoding", concept),
        _ => None,
    }
}

pub(crate) fn decimal(text: &str) -> Option<Decimal> {
    text.parse().ok().or_else(|| Decimal::from_scientific(text).ok())
}

/// How many digits a calculated number keeps from its first that is not nought, where its item sets no places.
const SIGNIFICANT_DIGITS: u32 = 12;

/// A calculated number with no more places than its item takes; where it says nothing, with its significant digits: a
/// division would bring dozens, and a count of places would make nought of what is small. Whole numbers stay whole.
fn rounded(text: &str, places: Option<usize>) -> Option<String> {
    let number = decimal(text)?;
    let scale = number.scale();
    let places = match places {
        Some(places) => places as u32,
        None => {
            let digits = number.mantissa().unsigned_abs().to_string().len() as u32;
            scale - digits.saturating_sub(SIGNIFICANT_DIGITS).min(scale)
        }
    };
    if scale <= places { Some(text.to_owned()) } else { Some(number.round_dp(places).normalize().to_string()) }
}

#[cfg(test)]
mod tests {
    use super::rounded;

    #[test]
    fn what_is_small_keeps_its_digits_and_what_is_long_is_cut() {
        for (text, places, expected) in [
            ("0.0000003", None, "0.0000003"),
            ("-0.0000003", None, "-0.0000003"),
            ("0.00000012345678901234567", None, "0.000000123456789012"),
            ("33.333333333333333333333333", None, "33.3333333333"),
            ("1.50", None, "1.50"),
            ("0", None, "0"),
            // More whole digits than are significant: none of them is lost.
            ("12345678901234.5", None, "12345678901234"),
            ("0.0000003", Some(6), "0"),
            ("24.2249", Some(1), "24.2"),
        ] {
            assert_eq!(rounded(text, places).as_deref(), Some(expected), "{text} {places:?}");
        }
        assert_eq!(rounded("many", None), None);
    }
}
