//! Functions on numbers. What has no real, exact enough answer is empty.
//!
//! <http://hl7.org/fhirpath/N1/#math>

use super::{Evaluator, Frame, Result, as_decimal, in_range};
use crate::ast::Call;
use crate::error::EvalError;
use crate::functions::Function;
use crate::{Collection, Item, Quantity, numbers};
use rust_decimal::Decimal;

impl<'d> Evaluator<'_, '_, 'd> {
    pub(super) fn math(&mut self, call: &Call, input: &Collection<'d>, frame: Frame<'_, 'd>) -> Result<Collection<'d>> {
        let name = call.function.name();
        let Some(item) = self.single_value(input, name)? else { return Ok(Collection::empty()) };
        let argument = match call.arguments.first() {
            Some(argument) => {
                let argument = self.eval(*argument, frame)?;
                match self.single_value(&argument, name)? {
                    Some(argument) => Some(argument),
                    None => return Ok(Collection::empty()),
                }
            }
            None => None,
        };
        let wrong = |item: &Item<'_>| EvalError::WrongType { what: name, found: crate::compare::type_name(item).to_owned() };
        if let Item::Quantity(quantity) = &item {
            let same_unit = |value: Decimal| Ok(Collection::one(Quantity { value, unit: quantity.unit.clone() }));
            return match call.function {
                Function::Abs => same_unit(quantity.value.abs()),
                Function::Round => match self.digits(argument.as_ref())? {
                    Some(digits) => same_unit(numbers::round(quantity.value, digits)),
                    None => Ok(Collection::empty()),
                },
                Function::Ceiling => same_unit(quantity.value.ceil()),
                Function::Floor => same_unit(quantity.value.floor()),
                Function::Truncate => same_unit(quantity.value.trunc()),
                _ => Err(wrong(&item)),
            };
        }
        let Some(value) = as_decimal(&item) else { return Err(wrong(&item)) };
        let other = match &argument {
            Some(argument) => Some(as_decimal(argument).ok_or_else(|| wrong(argument))?),
            None => None,
        };
        let whole = |value: Decimal| i64::try_from(value).ok().and_then(in_range);
        let out: Option<Item<'d>> = match (call.function, &item) {
            (Function::Abs, Item::Integer(value)) => in_range(value.abs()),
            (Function::Abs, _) => Some(Item::Decimal(value.abs())),
            (Function::Ceiling, _) => whole(value.ceil()),
            (Function::Floor, _) => whole(value.floor()),
            (Function::Truncate, _) => whole(value.trunc()),
            (Function::Round, _) => self.digits(argument.as_ref())?.map(|digits| Item::Decimal(numbers::round(value, digits))),
            (Function::Exp, _) => numbers::exponential(value).map(Item::Decimal),
            (Function::Ln, _) => positive(value).and_then(numbers::natural_logarithm).map(Item::Decimal),
            (Function::Log, _) => positive(value).zip(other.and_then(positive)).and_then(|(value, base)| numbers::logarithm(value, base)).map(Item::Decimal),
            (Function::Sqrt, _) => numbers::square_root(value).map(Item::Decimal),
            (Function::Power, base) => {
                let Some(exponent) = other else { return Ok(Collection::empty()) };
                let out = numbers::power(value, exponent);
                match (base, &argument) {
                    (Item::Integer(_), Some(Item::Integer(exponent))) if *exponent >= 0 => out.and_then(whole),
                    _ => out.map(Item::Decimal),
                }
            }
            _ => None,
        };
        Ok(out.map(Collection::one).unwrap_or_default())
    }

    /// Digits to round to; none where that is more than a decimal has.
    fn digits(&self, argument: Option<&Item<'d>>) -> Result<Option<u32>> {
        match argument {
            None => Ok(Some(0)),
            Some(Item::Integer(digits)) if *digits >= 0 => Ok(u32::try_from(*digits).ok().map(|digits| digits.min(28))),
            Some(_) => Err(EvalError::BadArgument { function: "round", problem: "the precision is not a whole number from 0" }),
        }
    }
}

fn positive(value: Decimal) -> Option<Decimal> {
    (value > Decimal::ZERO).then_some(value)
}
