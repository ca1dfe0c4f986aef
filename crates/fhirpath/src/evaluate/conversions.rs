//! `toInteger()` and its kin, and `convertsToInteger()` and its kin.
//!
//! <http://hl7.org/fhirpath/N1/#conversion>

use super::{Evaluator, Frame, Result, as_decimal, in_range};
use crate::ast::Call;
use crate::functions::Function;
use crate::quantity::{Quantity, Unit, parse_decimal};
use crate::temporal::{DateTime, Time};
use crate::{Collection, Item};
use rust_decimal::Decimal;

impl<'d> Evaluator<'_, '_, 'd> {
    pub(super) fn conversion(&mut self, call: &Call, input: &Collection<'d>, frame: Frame<'_, 'd>) -> Result<Collection<'d>> {
        use Function::*;
        let Some(item) = self.single_value(input, call.function.name())? else { return Ok(Collection::empty()) };
        let unit = match call.arguments.first() {
            Some(argument) => {
                let unit = self.eval(*argument, frame)?;
                self.string(&unit, "the unit")?
            }
            None => None,
        };
        let (converted, only_asks) = match call.function {
            ToBoolean => (to_boolean(&item), false),
            ConvertsToBoolean => (to_boolean(&item), true),
            ToInteger => (to_integer(&item), false),
            ConvertsToInteger => (to_integer(&item), true),
            ToDecimal => (to_decimal(&item), false),
            ConvertsToDecimal => (to_decimal(&item), true),
            ToString => (to_string(&item), false),
            ConvertsToString => (to_string(&item), true),
            ToDate => (to_date(&item), false),
            ConvertsToDate => (to_date(&item), true),
            ToDateTime => (to_date_time(&item), false),
            ConvertsToDateTime => (to_date_time(&item), true),
            ToTime => (to_time(&item), false),
            ConvertsToTime => (to_time(&item), true),
            ToQuantity => (to_quantity(&item, unit.as_deref()), false),
            _ => (to_quantity(&item, unit.as_deref()), true),
        };
        Ok(match converted {
            _ if only_asks => Collection::one(converted.is_some()),
            Some(item) => Collection::one(item),
            None => Collection::empty(),
        })
    }
}

fn to_boolean<'d>(item: &Item<'d>) -> Option<Item<'d>> {
    let value = match item {
        Item::Boolean(value) => *value,
        Item::Integer(value) => match value {
            1 => true,
            0 => false,
            _ => return None,
        },
        Item::Decimal(value) if *value == Decimal::ONE => true,
        Item::Decimal(value) if value.is_zero() => false,
        Item::String(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "1" | "1.0" => true,
            "false" | "f" | "no" | "n" | "0" | "0.0" => false,
            _ => return None,
        },
        _ => return None,
    };
    Some(Item::Boolean(value))
}

fn to_integer<'d>(item: &Item<'d>) -> Option<Item<'d>> {
    match item {
        Item::Integer(value) => Some(Item::Integer(*value)),
        Item::Boolean(value) => Some(Item::Integer(*value as i64)),
        Item::String(text) => {
            let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
            let sound = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|_| sound).and_then(in_range)
        }
        _ => None,
    }
}

fn to_decimal<'d>(item: &Item<'d>) -> Option<Item<'d>> {
    let value = match item {
        Item::Boolean(value) => Decimal::from(*value as i64),
        Item::String(text) => {
            let sound = !text.contains(['e', 'E', '_']);
            parse_decimal(text.strip_prefix('+').unwrap_or(text)).filter(|_| sound)?
        }
        item => as_decimal(item)?,
    };
    Some(Item::Decimal(value))
}

/// The text of an item that has one.
pub(super) fn to_text(item: &Item<'_>) -> Option<String> {
    Some(match item {
        Item::String(text) => text.to_string(),
        Item::Boolean(value) => value.to_string(),
        Item::Integer(value) => value.to_string(),
        Item::Decimal(value) => value.to_string(),
        Item::Date(date) => date.to_string(),
        Item::DateTime(moment) => moment.to_string(),
        Item::Time(time) => time.to_string(),
        Item::Quantity(quantity) => quantity.to_string(),
        Item::Node(_) | Item::Type(_) => return None,
    })
}

fn to_string<'d>(item: &Item<'d>) -> Option<Item<'d>> {
    match item {
        Item::String(text) => Some(Item::String(text.clone())),
        other => to_text(other).map(Item::from),
    }
}

fn to_date<'d>(item: &Item<'d>) -> Option<Item<'d>> {
    match item {
        Item::Date(date) => Some(Item::Date(*date)),
        Item::DateTime(moment) => Some(Item::Date(moment.date)),
        Item::String(text) => DateTime::parse(text).map(|moment| Item::Date(moment.date)),
        _ => None,
    }
}

fn to_date_time<'d>(item: &Item<'d>) -> Option<Item<'d>> {
    match item {
        Item::DateTime(moment) => Some(Item::DateTime(*moment)),
        Item::Date(date) => Some(Item::DateTime(DateTime { date: *date, time: None, offset_minutes: None })),
        Item::String(text) => DateTime::parse(text).map(Item::DateTime),
        _ => None,
    }
}

fn to_time<'d>(item: &Item<'d>) -> Option<Item<'d>> {
    match item {
        Item::Time(time) => Some(Item::Time(*time)),
        Item::String(text) => Time::parse(text.strip_prefix('T').unwrap_or(text)).map(Item::Time),
        _ => None,
    }
}

fn to_quantity<'d>(item: &Item<'d>, unit: Option<&str>) -> Option<Item<'d>> {
    let quantity: Quantity = match item {
        Item::Quantity(quantity) => quantity.clone(),
        Item::Boolean(value) => Quantity::number(Decimal::from(*value as i64)),
        Item::String(text) => text.parse().ok()?,
        item => Quantity::number(as_decimal(item)?),
    };
    match unit {
        None => Some(Item::Quantity(quantity)),
        Some(unit) => {
            let word = Unit::from_word(unit);
            let converted = quantity.convert(word.as_ref().map_or(unit, Unit::code))?;
            Some(Item::Quantity(Quantity { value: converted.value, unit: word.unwrap_or(converted.unit) }))
        }
    }
}
