//! The walk over the expression tree: operators, paths and the scope of `$this`.
//!
//! * Every item looked at is a step, and steps, nesting and sizes are bounded by
//!   [`Limits`](crate::Limits).
//! * Functions live in the modules below this one, by what they are about.

mod calls;
mod collections;
mod conversions;
mod fhir_functions;
mod math;
mod strings;
mod walk;

use crate::ast::{Expr, ExprId, Literal, Member, Operator, Step, TypeSpecifier};
use crate::compare::{equal, equivalent, order, system_value, type_name};
use crate::error::EvalError;
use crate::functions::Function;
use crate::model::{TypeId, model};
use crate::quantity::Quantity;
use crate::temporal::{DateTime, duration};
use crate::{Collection, Context, Item, Node};
use rust_decimal::Decimal;
use std::cmp::Ordering;

type Result<T> = std::result::Result<T, EvalError>;

/// What `$this`, `$index` and `$total` mean at one place.
#[derive(Clone, Copy)]
pub(crate) struct Frame<'f, 'd> {
    pub this: &'f Collection<'d>,
    pub index: Option<usize>,
    pub total: Option<&'f Collection<'d>>,
}

pub(crate) struct Evaluator<'e, 'c, 'd> {
    nodes: &'e [Expr],
    context: &'e Context<'c, 'd>,
    steps: u64,
    depth: u32,
    /// What `defineVariable()` defined, innermost last.
    variables: Vec<(String, Collection<'d>)>,
    /// The resource that holds the input.
    resource: Option<Node<'d>>,
    root_resource: Option<Node<'d>>,
    /// The offset of the caller's clock, if known.
    zone: Option<i16>,
}

impl<'e, 'c, 'd> Evaluator<'e, 'c, 'd> {
    pub(crate) fn new(nodes: &'e [Expr], context: &'e Context<'c, 'd>, input: &Collection<'d>) -> Self {
        let first = input.nodes().next().filter(Node::is_resource);
        let resource = context.resource.or(first);
        Evaluator {
            nodes,
            context,
            steps: 0,
            depth: 0,
            variables: Vec::new(),
            resource,
            root_resource: context.root_resource.or(resource),
            zone: context.now.and_then(|now| now.offset_minutes),
        }
    }

    /// Goes on with another expression; what was counted stays counted.
    pub(crate) fn turn_to(&mut self, nodes: &'e [Expr]) {
        self.nodes = nodes;
    }

    /// Counts work done; the language has no other way to end.
    fn work(&mut self, steps: usize) -> Result<()> {
        self.steps += steps as u64;
        if self.steps > self.context.limits.steps { Err(EvalError::Limit("steps")) } else { Ok(()) }
    }

    fn bounded(&mut self, items: Collection<'d>) -> Result<Collection<'d>> {
        self.work(items.len())?;
        if items.len() > self.context.limits.items { Err(EvalError::Limit("items in a collection")) } else { Ok(items) }
    }

    pub(crate) fn eval(&mut self, id: ExprId, frame: Frame<'_, 'd>) -> Result<Collection<'d>> {
        self.enter()?;
        let nodes = self.nodes;
        let out = match &nodes[id as usize] {
            Expr::Empty => Collection::empty(),
            Expr::Literal(literal) => Collection::one(literal_item(literal)),
            Expr::This => frame.this.clone(),
            Expr::Index => frame.index.map(|index| Collection::one(index as i64)).unwrap_or_default(),
            Expr::Total => frame.total.cloned().unwrap_or_default(),
            Expr::Constant(name) => self.constant(name)?,
            Expr::Chain { head, steps, walked } => self.chain(*head, steps, *walked, frame)?,
            Expr::Operators { first, rest } => self.operators(*first, rest, frame)?,
            Expr::Polarity { negative, operand } => self.polarity(*negative, *operand, frame)?,
            Expr::TypeOperator { operand, is, kind } => {
                let input = match &nodes[*operand as usize] {
                    Expr::Chain { head, steps, walked } if *is && matches!(steps.last(), Some(Step::Call(call)) if call.function == Function::Resolve) => {
                        let input = self.chain(*head, &steps[..steps.len() - 1], *walked, frame)?;
                        self.depth -= 1;
                        return self.resolves_to(&input, kind);
                    }
                    _ => self.eval(*operand, frame)?,
                };
                if *is { self.is(&input, kind)? } else { self.cast(&input, kind, "as")? }
            }
        };
        self.depth -= 1;
        Ok(out)
    }

    fn chain(&mut self, head: Option<ExprId>, steps: &'e [Step], walked: usize, frame: Frame<'_, 'd>) -> Result<Collection<'d>> {
        let scope = self.variables.len();
        let mut current = match head {
            Some(head) => Some(self.eval(head, frame)?),
            None => None,
        };
        let mut done = 0;
        if walked > 0 {
            let input = current.as_ref().unwrap_or(frame.this);
            if let Some((items, steps_done)) = self.walked(input, steps, walked, frame)? {
                current = Some(items);
                done = steps_done;
            }
        }
        for (at, step) in steps.iter().enumerate().skip(done) {
            let has_input = current.is_some();
            let input = current.as_ref().unwrap_or(frame.this);
            let next = match step {
                Step::Member(member) => self.member(member, input)?,
                Step::Index(index) => self.indexer(input, *index, frame)?,
                // Several items are an error for as(), but the published invariant dom-3 asks
                // `descendants().as(uri)` and means those that are one.
                Step::Call(call) if call.function == Function::As && follows_the_tree(steps, at) => self.of_type(call, input)?,
                Step::Call(call) => self.call(call, input, has_input, frame)?,
            };
            current = Some(next);
        }
        self.variables.truncate(scope);
        Ok(current.unwrap_or_else(|| frame.this.clone()))
    }

    fn member(&mut self, member: &Member, input: &Collection<'d>) -> Result<Collection<'d>> {
        let mut out = Collection::empty();
        for item in input {
            match item {
                Item::Node(node) => {
                    if member.root.is_some_and(|root| node.kind.is_a(root)) {
                        out.push(*node);
                        continue;
                    }
                    node.each_member(&member.name, &|kind| member.child_of(kind), &mut |child| out.push(child));
                }
                Item::Quantity(quantity) => match &*member.name {
                    "value" => out.push(quantity.value),
                    "unit" | "code" => out.push(quantity.unit.code().to_owned()),
                    _ => {}
                },
                Item::Type(kind) => match &*member.name {
                    "namespace" => out.extend(kind.namespace.as_deref().map(|name| Item::from(name.to_owned()))),
                    "name" => out.push(kind.name.to_string()),
                    _ => {}
                },
                _ => {}
            }
        }
        self.work(input.len())?;
        self.bounded(out)
    }

    fn indexer(&mut self, input: &Collection<'d>, index: ExprId, frame: Frame<'_, 'd>) -> Result<Collection<'d>> {
        let index = self.eval(index, frame)?;
        let Some(index) = self.integer(&index, "the index")? else { return Ok(Collection::empty()) };
        let item = usize::try_from(index).ok().and_then(|index| input.as_slice().get(index));
        Ok(item.cloned().map(Collection::one).unwrap_or_default())
    }

    /// `%name`.
    fn constant(&self, name: &str) -> Result<Collection<'d>> {
        if let Some((_, items)) = self.variables.iter().rev().find(|(defined, _)| defined == name) {
            return Ok(items.clone());
        }
        if let Some((_, items)) = self.context.constants.iter().find(|(defined, _)| defined == name) {
            return Ok(items.clone());
        }
        let node = |node: Option<Node<'d>>| Ok(node.map(Collection::one).unwrap_or_default());
        let text = |text: String| Ok(Collection::one(text));
        match name {
            "resource" | "context" => node(self.resource),
            "rootResource" => node(self.root_resource),
            "sct" => text("http://snomed.info/sct".to_owned()),
            "loinc" => text("http://loinc.org".to_owned()),
            "ucum" => text("http://unitsofmeasure.org".to_owned()),
            _ => {
                if let Some(id) = name.strip_prefix("vs-") {
                    return text(format!("http://hl7.org/fhir/ValueSet/{id}"));
                }
                if let Some(id) = name.strip_prefix("cs-") {
                    return text(format!("http://hl7.org/fhir/{id}"));
                }
                if let Some(id) = name.strip_prefix("ext-") {
                    return text(format!("http://hl7.org/fhir/StructureDefinition/{id}"));
                }
                Err(EvalError::UnknownConstant(name.to_owned()))
            }
        }
    }

    // Types.

    /// Whether an item is of a type; an unknown type is an error.
    fn item_is(&self, item: &Item<'_>, kind: &TypeSpecifier) -> Result<bool> {
        let is_system_name = matches!(&*kind.name, "Boolean" | "String" | "Integer" | "Long" | "Decimal" | "Date" | "DateTime" | "Time" | "Quantity" | "Any");
        let known = match kind.namespace.as_deref() {
            Some("System") => is_system_name,
            Some("FHIR") => kind.fhir.is_some(),
            Some(_) => false,
            None => is_system_name || kind.fhir.is_some(),
        };
        if !known {
            return Err(EvalError::UnknownType(kind.name.to_string()));
        }
        Ok(match item {
            Item::Node(node) => kind.namespace.as_deref() != Some("System") && kind.fhir.is_some_and(|wanted| node.kind.is_a(wanted)),
            Item::Type(_) => false,
            other => kind.namespace.as_deref() != Some("FHIR") && (type_name(other) == &*kind.name || &*kind.name == "Any"),
        })
    }

    fn is(&mut self, input: &Collection<'d>, kind: &TypeSpecifier) -> Result<Collection<'d>> {
        Ok(match self.single(input, "is")? {
            Some(item) => Collection::one(self.item_is(item, kind)?),
            None => Collection::empty(),
        })
    }

    /// `as`: unlike `is`, an element keeps its declared type, so `gender as string` is empty
    /// although a code is a string. The published tests want it so.
    fn cast(&mut self, input: &Collection<'d>, kind: &TypeSpecifier, what: &'static str) -> Result<Collection<'d>> {
        let Some(item) = self.single(input, what)? else { return Ok(Collection::empty()) };
        Ok(if self.is_cast_to(item, kind)? { Collection::one(item.clone()) } else { Collection::empty() })
    }

    fn is_cast_to(&self, item: &Item<'_>, kind: &TypeSpecifier) -> Result<bool> {
        let fits = self.item_is(item, kind)?;
        Ok(fits && match item {
            Item::Node(node) if node.kind.is_primitive() => kind.fhir == Some(node.kind),
            _ => true,
        })
    }

    // Singletons.

    fn single<'i>(&self, items: &'i Collection<'d>, what: &'static str) -> Result<Option<&'i Item<'d>>> {
        match items.as_slice() {
            [] => Ok(None),
            [item] => Ok(Some(item)),
            more => Err(EvalError::NotSingle { what, count: more.len() }),
        }
    }

    fn single_value(&self, items: &Collection<'d>, what: &'static str) -> Result<Option<Item<'d>>> {
        Ok(self.single(items, what)?.map(system_value))
    }

    /// True, false or unknown; a single item that is no boolean counts as true.
    /// <http://hl7.org/fhirpath/N1/#singleton-evaluation-of-collections>
    fn boolean(&self, items: &Collection<'d>, what: &'static str) -> Result<Option<bool>> {
        Ok(self.single(items, what)?.map(|item| match item {
            Item::Boolean(value) => *value,
            Item::Node(node) => node.value.and_then(|value| value.as_bool()).unwrap_or(true),
            _ => true,
        }))
    }

    fn integer(&self, items: &Collection<'d>, what: &'static str) -> Result<Option<i64>> {
        match self.single_value(items, what)? {
            None => Ok(None),
            Some(Item::Integer(value)) => Ok(Some(value)),
            Some(other) => Err(EvalError::WrongType { what, found: type_name(&other).to_owned() }),
        }
    }

    fn string(&self, items: &Collection<'d>, what: &'static str) -> Result<Option<std::borrow::Cow<'d, str>>> {
        match self.single(items, what)? {
            None => Ok(None),
            Some(Item::String(text)) => Ok(Some(text.clone())),
            // Any element written as text serves, a date or a code too.
            Some(Item::Node(node)) if node.value.is_some_and(|value| value.kind() == fhir::Kind::String) => Ok(node.text()),
            Some(other) => Err(EvalError::WrongType { what, found: type_name(other).to_owned() }),
        }
    }

    // Operators.

    fn operators(&mut self, first: ExprId, rest: &'e [(Operator, ExprId)], frame: Frame<'_, 'd>) -> Result<Collection<'d>> {
        let mut left = self.scoped(first, frame)?;
        for (operator, right) in rest {
            left = self.operator(*operator, left, *right, frame)?;
        }
        Ok(left)
    }

    /// Variables defined inside an operand stay inside it.
    fn scoped(&mut self, id: ExprId, frame: Frame<'_, 'd>) -> Result<Collection<'d>> {
        let scope = self.variables.len();
        let out = self.eval(id, frame)?;
        self.variables.truncate(scope);
        Ok(out)
    }

    fn operator(&mut self, operator: Operator, left: Collection<'d>, right: ExprId, frame: Frame<'_, 'd>) -> Result<Collection<'d>> {
        use Operator::*;
        if operator.is_logical() {
            return self.logic(operator, left, right, frame);
        }
        if let (Equal | NotEqual, Expr::Literal(Literal::String(text))) = (operator, &self.nodes[right as usize]) {
            if let Some(same) = equals_text(&left, text) {
                self.work(1)?;
                return Ok(same.map(|same| Collection::one(same == (operator == Equal))).unwrap_or_default());
            }
        }
        let right = self.scoped(right, frame)?;
        let zone = self.zone;
        Ok(match operator {
            Equal | NotEqual => match self.collections_equal(&left, &right)? {
                Some(same) => Collection::one(same == (operator == Equal)),
                None => Collection::empty(),
            },
            Equivalent | NotEquivalent => Collection::one(self.collections_equivalent(&left, &right)? == (operator == Equivalent)),
            Less | LessOrEqual | Greater | GreaterOrEqual => {
                let (left, right) = (self.single(&left, operator.text())?, self.single(&right, operator.text())?);
                let (Some(left), Some(right)) = (left, right) else { return Ok(Collection::empty()) };
                match order(left, right, zone)? {
                    None => Collection::empty(),
                    Some(found) => Collection::one(match operator {
                        Less => found == Ordering::Less,
                        LessOrEqual => found != Ordering::Greater,
                        Greater => found == Ordering::Greater,
                        _ => found != Ordering::Less,
                    }),
                }
            }
            Union => {
                let mut all = left;
                all.extend(right);
                self.distinct(all)?
            }
            In => self.contained(&left, &right, "in")?,
            Contains => self.contained(&right, &left, "contains")?,
            Concatenate => {
                let left = self.string(&left, "&")?.unwrap_or_default();
                let right = self.string(&right, "&")?.unwrap_or_default();
                self.text(format!("{left}{right}"))?
            }
            _ => self.arithmetic(operator, &left, &right)?,
        })
    }

    fn contained(&mut self, item: &Collection<'d>, all: &Collection<'d>, what: &'static str) -> Result<Collection<'d>> {
        let Some(item) = self.single(item, what)? else { return Ok(Collection::empty()) };
        self.work(all.len())?;
        let zone = self.zone;
        Ok(Collection::one(all.iter().any(|other| equal(item, other, zone) == Some(true))))
    }

    /// A string the expression made, within the limit.
    fn text(&mut self, text: String) -> Result<Collection<'d>> {
        self.work(text.len() / 64)?;
        if text.len() > self.context.limits.string_bytes {
            return Err(EvalError::Limit("bytes in a text"));
        }
        Ok(Collection::one(text))
    }

    fn logic(&mut self, operator: Operator, left: Collection<'d>, right: ExprId, frame: Frame<'_, 'd>) -> Result<Collection<'d>> {
        let left = self.boolean(&left, operator.text())?;
        Ok(self.decide(operator, left, right, frame)?.map(Collection::one).unwrap_or_default())
    }

    fn decide(&mut self, operator: Operator, left: Option<bool>, right: ExprId, frame: Frame<'_, 'd>) -> Result<Option<bool>> {
        // What is decided already is not asked: `x.exists() and x.first()…` must not fail.
        match (operator, left) {
            (Operator::And, Some(false)) => return Ok(Some(false)),
            (Operator::Or, Some(true)) | (Operator::Implies, Some(false)) => return Ok(Some(true)),
            _ => {}
        }
        let right = self.truth(right, operator.text(), frame)?;
        Ok(match operator {
            Operator::And => match (left, right) {
                (Some(true), Some(true)) => Some(true),
                (Some(false), _) | (_, Some(false)) => Some(false),
                _ => None,
            },
            Operator::Or => match (left, right) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            },
            Operator::Xor => left.zip(right).map(|(left, right)| left != right),
            _ => match (left, right) {
                (Some(false), _) | (_, Some(true)) => Some(true),
                (Some(true), right) => right,
                _ => None,
            },
        })
    }

    /// An expression as a condition: true, false or unknown.
    pub(crate) fn truth(&mut self, id: ExprId, what: &'static str, frame: Frame<'_, 'd>) -> Result<Option<bool>> {
        if let Expr::Operators { first, rest } = &self.nodes[id as usize] {
            if let Some((operator, _)) = rest.first().filter(|(operator, _)| operator.is_logical()) {
                self.enter()?;
                let mut out = self.truth(*first, operator.text(), frame)?;
                for (operator, right) in rest {
                    out = self.decide(*operator, out, *right, frame)?;
                }
                self.depth -= 1;
                return Ok(out);
            }
        }
        let found = self.scoped(id, frame)?;
        self.boolean(&found, what)
    }

    fn enter(&mut self) -> Result<()> {
        self.work(1)?;
        self.depth += 1;
        if self.depth > self.context.limits.depth { Err(EvalError::Limit("nested evaluations")) } else { Ok(()) }
    }

    fn collections_equal(&mut self, left: &Collection<'d>, right: &Collection<'d>) -> Result<Option<bool>> {
        if left.is_empty() || right.is_empty() {
            return Ok(None);
        }
        if left.len() != right.len() {
            return Ok(Some(false));
        }
        self.work(left.len())?;
        let mut unknown = false;
        for (left, right) in left.iter().zip(right) {
            match equal(left, right, self.zone) {
                Some(false) => return Ok(Some(false)),
                None => unknown = true,
                Some(true) => {}
            }
        }
        Ok(if unknown { None } else { Some(true) })
    }

    /// The same items in any order.
    fn collections_equivalent(&mut self, left: &Collection<'d>, right: &Collection<'d>) -> Result<bool> {
        if left.len() != right.len() {
            return Ok(false);
        }
        let mut free: Vec<&Item<'d>> = right.iter().collect();
        for item in left {
            self.work(free.len())?;
            let Some(at) = free.iter().position(|other| equivalent(item, other, self.zone)) else { return Ok(false) };
            free.remove(at);
        }
        Ok(true)
    }

    fn polarity(&mut self, negative: bool, operand: ExprId, frame: Frame<'_, 'd>) -> Result<Collection<'d>> {
        let operand = self.eval(operand, frame)?;
        let Some(item) = self.single_value(&operand, "the sign")? else { return Ok(Collection::empty()) };
        let sign = |value: Decimal| if negative { -value } else { value };
        Ok(match item {
            Item::Integer(value) => Collection::one(if negative { -value } else { value }),
            Item::Decimal(value) => Collection::one(sign(value)),
            Item::Quantity(quantity) => Collection::one(Quantity { value: sign(quantity.value), unit: quantity.unit }),
            other => return Err(EvalError::WrongType { what: "the sign", found: type_name(&other).to_owned() }),
        })
    }

    fn arithmetic(&mut self, operator: Operator, left: &Collection<'d>, right: &Collection<'d>) -> Result<Collection<'d>> {
        let what = operator.text();
        let (left, right) = (self.single_value(left, what)?, self.single_value(right, what)?);
        let (Some(left), Some(right)) = (left, right) else { return Ok(Collection::empty()) };
        let wrong = |left: &Item<'_>, right: &Item<'_>| EvalError::WrongType { what, found: format!("{} and {}", type_name(left), type_name(right)) };
        let out: Option<Item<'d>> = match (left, right) {
            (Item::Integer(left), Item::Integer(right)) => integers(operator, left, right),
            (Item::String(left), Item::String(right)) if operator == Operator::Plus => return self.text(format!("{left}{right}")),
            (moment @ (Item::Date(_) | Item::DateTime(_) | Item::Time(_)), Item::Quantity(quantity)) if matches!(operator, Operator::Plus | Operator::Minus) => {
                return shifted(&moment, &quantity, operator == Operator::Minus).map(|item| item.map(Collection::one).unwrap_or_default());
            }
            (Item::Quantity(left), Item::Quantity(right)) => match operator {
                Operator::Plus => left.add(&right, false).map(Item::Quantity),
                Operator::Minus => left.add(&right, true).map(Item::Quantity),
                Operator::Multiply => left.multiply(&right).map(Item::Quantity),
                Operator::Divide => left.divide(&right).map(Item::Quantity),
                _ => return Err(wrong(&Item::Quantity(left), &Item::Quantity(right))),
            },
            (left, right) => match (as_decimal(&left), as_decimal(&right)) {
                (Some(left), Some(right)) => decimals(operator, left, right).map(Item::Decimal),
                (left_number, right_number) => {
                    let left_quantity = as_quantity(&left);
                    let right_quantity = as_quantity(&right);
                    let mixed = left_number.is_some() != right_number.is_some();
                    match (left_quantity, right_quantity) {
                        (Some(left), Some(right)) if mixed && operator == Operator::Multiply => left.multiply(&right).map(Item::Quantity),
                        (Some(left), Some(right)) if mixed && operator == Operator::Divide => left.divide(&right).map(Item::Quantity),
                        (Some(left), Some(right)) if mixed && operator == Operator::Plus => left.add(&right, false).map(Item::Quantity),
                        (Some(left), Some(right)) if mixed && operator == Operator::Minus => left.add(&right, true).map(Item::Quantity),
                        _ => return Err(wrong(&left, &right)),
                    }
                }
            },
        };
        Ok(out.map(Collection::one).unwrap_or_default())
    }

    /// The dateTime of the caller's clock.
    fn now(&self) -> Result<DateTime> {
        self.context.now.as_ref().map(DateTime::from_partial).ok_or(EvalError::NotAvailable("the clock"))
    }
}

/// Whether a collection equals a text; the outer none where that is not as simple as
/// comparing texts, the inner where there is nothing to compare.
fn equals_text(items: &Collection<'_>, text: &str) -> Option<Option<bool>> {
    match items.as_slice() {
        [] => Some(None),
        [Item::String(found)] => Some(Some(found == text)),
        [Item::Node(node)] => {
            let known = &model().known;
            let is_moment = [known.date, known.date_time, known.instant, known.time].contains(&node.kind);
            let found = node.value.filter(|_| !is_moment)?.as_str()?;
            Some(Some(found == text))
        }
        _ => None,
    }
}

/// Whether the step before is one that gives elements of all types.
fn follows_the_tree(steps: &[Step], at: usize) -> bool {
    let before = at.checked_sub(1).map(|before| &steps[before]);
    matches!(before, Some(Step::Call(call)) if matches!(call.function, Function::Children | Function::Descendants))
}

fn literal_item<'d>(literal: &Literal) -> Item<'d> {
    match literal {
        Literal::Boolean(value) => Item::Boolean(*value),
        Literal::String(text) => Item::from(text.to_string()),
        Literal::Integer(value) => Item::Integer(*value),
        Literal::Decimal(value) => Item::Decimal(*value),
        Literal::Date(date) => Item::Date(*date),
        Literal::DateTime(moment) => Item::DateTime(*moment),
        Literal::Time(time) => Item::Time(*time),
        Literal::Quantity(quantity) => Item::Quantity((**quantity).clone()),
    }
}

/// An integer of the language, which has 32 bits.
pub(crate) fn in_range<'d>(value: i64) -> Option<Item<'d>> {
    i32::try_from(value).is_ok().then_some(Item::Integer(value))
}

fn integers<'d>(operator: Operator, left: i64, right: i64) -> Option<Item<'d>> {
    match operator {
        Operator::Plus => in_range(left.checked_add(right)?),
        Operator::Minus => in_range(left.checked_sub(right)?),
        Operator::Multiply => in_range(left.checked_mul(right)?),
        Operator::Div => in_range(left.checked_div(right)?),
        Operator::Mod => in_range(left.checked_rem(right)?),
        _ => decimals(operator, Decimal::from(left), Decimal::from(right)).map(Item::Decimal),
    }
}

fn decimals(operator: Operator, left: Decimal, right: Decimal) -> Option<Decimal> {
    match operator {
        Operator::Plus => left.checked_add(right),
        Operator::Minus => left.checked_sub(right),
        Operator::Multiply => left.checked_mul(right),
        Operator::Divide => left.checked_div(right).map(|value| value.normalize()),
        Operator::Div => left.checked_div(right).map(|value| value.trunc()),
        Operator::Mod => left.checked_rem(right),
        _ => None,
    }
}

pub(crate) fn as_decimal(item: &Item<'_>) -> Option<Decimal> {
    match item {
        Item::Integer(value) => Some(Decimal::from(*value)),
        Item::Decimal(value) => Some(*value),
        _ => None,
    }
}

fn as_quantity(item: &Item<'_>) -> Option<Quantity> {
    match item {
        Item::Quantity(quantity) => Some(quantity.clone()),
        item => as_decimal(item).map(Quantity::number),
    }
}

/// A date or time moved by a quantity; empty where it leaves the years 1 to 9999.
fn shifted<'d>(moment: &Item<'d>, quantity: &Quantity, back: bool) -> Result<Option<Item<'d>>> {
    let wrong = EvalError::BadArgument { function: "date arithmetic", problem: "the quantity is not a calendar duration" };
    let (unit, amount) = duration(quantity).ok_or(wrong)?;
    let amount = if back { -amount } else { amount };
    Ok(match moment {
        Item::Date(date) => date.add(unit, amount).map(Item::Date),
        Item::DateTime(moment) => moment.add(unit, amount).map(Item::DateTime),
        Item::Time(time) => time.add(unit, amount).map(Item::Time),
        _ => None,
    })
}

/// The type of an item as `type()` tells it.
pub(crate) fn type_of(item: &Item<'_>) -> TypeSpecifier {
    match item {
        Item::Node(node) if node.kind == TypeId::UNKNOWN => TypeSpecifier { namespace: Some("FHIR".into()), name: "Element".into(), fhir: None },
        Item::Node(node) => TypeSpecifier::new(Some("FHIR"), node.type_name()),
        other => TypeSpecifier { namespace: Some("System".into()), name: type_name(other).into(), fhir: None },
    }
}
