//! Operators on what their operands gave.
//!
//! * Logic has three values; an operand that cannot change the answer is not evaluated.
//! * What has no answer, because a precision or a unit does not tell, is empty.
//!
//! <http://hl7.org/fhirpath/N1/#operations>

use super::{Evaluator, Frame, Result};
use crate::ast::{Expr, ExprId, Literal, Operator};
use crate::compare::{cost, equal, equivalent, order, type_name};
use crate::error::EvalError;
use crate::model::model;
use crate::quantity::Quantity;
use crate::temporal::duration;
use crate::{Collection, Item};
use rust_decimal::Decimal;
use std::cmp::Ordering;

impl<'e, 'd> Evaluator<'e, '_, 'd> {
    pub(super) fn operators(&mut self, first: ExprId, rest: &'e [(Operator, ExprId)], frame: Frame<'_, 'd>) -> Result<Collection<'d>> {
        let mut left = self.scoped(first, frame)?;
        for (operator, right) in rest {
            left = self.operator(*operator, left, *right, frame)?;
        }
        Ok(left)
    }

    fn operator(&mut self, operator: Operator, left: Collection<'d>, right: ExprId, frame: Frame<'_, 'd>) -> Result<Collection<'d>> {
        use Operator::*;
        if operator.is_logical() {
            return self.logic(operator, left, right, frame);
        }
        if let (Equal | NotEqual, Expr::Literal(Literal::String(text))) = (operator, &self.nodes[right as usize])
            && let Some(same) = equals_text(&left, text)
        {
            self.work(1)?;
            return Ok(same.map(|same| Collection::one(same == (operator == Equal))).unwrap_or_default());
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
        self.work(all.len() * cost(item))?;
        let zone = self.zone;
        Ok(Collection::one(all.iter().any(|other| equal(item, other, zone) == Some(true))))
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
        if let Expr::Operators { first, rest } = &self.nodes[id as usize]
            && let Some((operator, _)) = rest.first().filter(|(operator, _)| operator.is_logical())
        {
            self.enter()?;
            let mut out = self.truth(*first, operator.text(), frame)?;
            for (operator, right) in rest {
                out = self.decide(*operator, out, *right, frame)?;
            }
            self.depth -= 1;
            return Ok(out);
        }
        let found = self.scoped(id, frame)?;
        self.boolean(&found, what)
    }

    fn collections_equal(&mut self, left: &Collection<'d>, right: &Collection<'d>) -> Result<Option<bool>> {
        if left.is_empty() || right.is_empty() {
            return Ok(None);
        }
        if left.len() != right.len() {
            return Ok(Some(false));
        }
        self.work(left.iter().map(cost).sum())?;
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
            self.work(free.len() * cost(item))?;
            let Some(at) = free.iter().position(|other| equivalent(item, other, self.zone)) else { return Ok(false) };
            free.remove(at);
        }
        Ok(true)
    }

    pub(super) fn polarity(&mut self, negative: bool, operand: ExprId, frame: Frame<'_, 'd>) -> Result<Collection<'d>> {
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

    pub(super) fn arithmetic(&mut self, operator: Operator, left: &Collection<'d>, right: &Collection<'d>) -> Result<Collection<'d>> {
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

/// An integer of the language, which has 32 bits.
pub(crate) fn in_range<'d>(value: i64) -> Option<Item<'d>> {
    i32::try_from(value).is_ok().then_some(Item::Integer(value))
}

pub(crate) fn as_decimal(item: &Item<'_>) -> Option<Decimal> {
    match item {
        Item::Integer(value) => Some(Decimal::from(*value)),
        Item::Decimal(value) => Some(*value),
        _ => None,
    }
}
