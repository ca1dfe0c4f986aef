//! From a function's name to its meaning.

use super::{Evaluator, Frame, Result, as_decimal, type_of};
use crate::ast::Call;
use crate::compare::{order, system_value};
use crate::error::EvalError;
use crate::functions::Function;
use crate::{Collection, Item, numbers};
use rust_decimal::Decimal;
use std::cmp::Ordering;

impl<'d> Evaluator<'_, '_, 'd> {
    /// Calls a function on `input`. Arguments that are not criteria are evaluated where the
    /// call stands (`frame`), criteria once per item.
    pub(super) fn call(&mut self, call: &Call, input: &Collection<'d>, has_input: bool, frame: Frame<'_, 'd>) -> Result<Collection<'d>> {
        use Function::*;
        let answer = |value: bool| Ok(Collection::one(value));
        match call.function {
            Empty => answer(input.is_empty()),
            Exists if call.arguments.is_empty() => answer(!input.is_empty()),
            Count => Ok(Collection::one(input.len() as i64)),
            Not => Ok(self.boolean(input, "not")?.map(|value| Collection::one(!value)).unwrap_or_default()),
            Exists | All | Where | Select | Repeat | RepeatAll | Sort | Coalesce | Aggregate | Single | First | Last | Tail | Skip | Take
            | AllTrue | AnyTrue | AllFalse | AnyFalse | SubsetOf | SupersetOf | Distinct | IsDistinct | Intersect | Exclude | Union | Combine | OfType => {
                self.collection_function(call, input, frame)
            }
            Iif => self.iif(call, input, has_input, frame),
            ToBoolean | ConvertsToBoolean | ToInteger | ConvertsToInteger | ToDecimal | ConvertsToDecimal | ToString | ConvertsToString | ToDate
            | ConvertsToDate | ToDateTime | ConvertsToDateTime | ToTime | ConvertsToTime | ToQuantity | ConvertsToQuantity => self.conversion(call, input, frame),
            IndexOf | LastIndexOf | Substring | StartsWith | EndsWith | Contains | Upper | Lower | Replace | Matches | MatchesFull | ReplaceMatches
            | Length | ToChars | Encode | Decode | Escape | Unescape | Trim | Split | Join => self.string_function(call, input, frame),
            Abs | Ceiling | Exp | Floor | Ln | Log | Power | Round | Sqrt | Truncate => self.math(call, input, frame),
            Sum | Min | Max | Avg => self.statistics(call.function, input),
            LowBoundary | HighBoundary => self.boundary(call, input, frame),
            Precision => self.precision(input),
            Comparable => self.comparable(call, input, frame),
            Children => self.children(input),
            Descendants => self.descendants(input),
            Type => {
                self.work(input.len())?;
                Ok(input.iter().map(|item| Item::Type(type_of(item))).collect())
            }
            Is | As => {
                let Some(kind) = &call.kind else { return Ok(Collection::empty()) };
                if call.function == Is { self.is(input, kind) } else { self.cast(input, kind, "as()") }
            }
            Trace => {
                let name = self.eval(call.arguments[0], frame)?;
                let name = self.string(&name, "trace")?.unwrap_or_default();
                let shown = match call.arguments.get(1) {
                    Some(projection) => Some(self.select(input, *projection, frame)?),
                    None => None,
                };
                if let Some(sink) = self.context.trace {
                    sink.trace(&name, shown.as_ref().unwrap_or(input));
                }
                Ok(input.clone())
            }
            Now => Ok(Collection::one(Item::DateTime(self.now()?))),
            Today => Ok(Collection::one(Item::Date(self.now()?.date))),
            TimeOfDay => Ok(self.now()?.time.map(|time| Collection::one(Item::Time(time))).unwrap_or_default()),
            DefineVariable => self.define_variable(call, input, frame),
            Extension | HasValue | GetValue | Resolve | MemberOf | Subsumes | SubsumedBy | HtmlChecks | ConformsTo | CheckModifiers
            | ElementDefinition | Slice | GetResourceKey | GetReferenceKey => self.fhir_function(call, input, frame),
        }
    }

    fn iif(&mut self, call: &Call, input: &Collection<'d>, has_input: bool, frame: Frame<'_, 'd>) -> Result<Collection<'d>> {
        let inner = if has_input {
            self.single(input, "iif")?;
            Frame { this: input, ..frame }
        } else {
            frame
        };
        let chosen = if self.truth(call.arguments[0], "iif", inner)? == Some(true) { call.arguments.get(1) } else { call.arguments.get(2) };
        match chosen {
            Some(chosen) => self.scoped(*chosen, inner),
            None => Ok(Collection::empty()),
        }
    }

    fn define_variable(&mut self, call: &Call, input: &Collection<'d>, frame: Frame<'_, 'd>) -> Result<Collection<'d>> {
        let name = self.eval(call.arguments[0], frame)?;
        let Some(name) = self.string(&name, "defineVariable")? else {
            return Err(EvalError::BadArgument { function: "defineVariable", problem: "a name is needed" });
        };
        if self.constant(&name).is_ok() {
            return Err(EvalError::VariableDefined);
        }
        let items = match call.arguments.get(1) {
            Some(value) => self.scoped(*value, Frame { this: input, ..frame })?,
            None => input.clone(),
        };
        if self.variables.len() >= 100 {
            return Err(EvalError::Limit("variables"));
        }
        self.variables.push((name.into_owned(), items));
        Ok(input.clone())
    }

    fn statistics(&mut self, function: Function, input: &Collection<'d>) -> Result<Collection<'d>> {
        self.work(input.len())?;
        let values: Vec<Item<'d>> = input.iter().map(system_value).collect();
        let Some((first, rest)) = values.split_first() else { return Ok(Collection::empty()) };
        let mut best = first.clone();
        match function {
            Function::Min | Function::Max => {
                let wanted = if function == Function::Min { Ordering::Less } else { Ordering::Greater };
                for item in rest {
                    match order(item, &best, self.zone)? {
                        None => return Ok(Collection::empty()),
                        Some(found) if found == wanted => best = item.clone(),
                        _ => {}
                    }
                }
                Ok(Collection::one(best))
            }
            _ => {
                let mut total = Collection::one(best);
                for item in rest {
                    total = self.arithmetic(crate::ast::Operator::Plus, &total, &Collection::one(item.clone()))?;
                }
                if function == Function::Sum {
                    return Ok(total);
                }
                self.arithmetic(crate::ast::Operator::Divide, &total, &Collection::one(values.len() as i64))
            }
        }
    }

    /// <https://hl7.org/fhirpath/#lowboundaryprecision-integer-decimal--date--datetime--time>
    fn boundary(&mut self, call: &Call, input: &Collection<'d>, frame: Frame<'_, 'd>) -> Result<Collection<'d>> {
        let high = call.function == Function::HighBoundary;
        let Some(item) = self.single_value(input, call.function.name())? else { return Ok(Collection::empty()) };
        let digits = match call.arguments.first() {
            Some(argument) => {
                let argument = self.eval(*argument, frame)?;
                match self.integer(&argument, "the precision")? {
                    Some(digits) => Some(digits),
                    None => return Ok(Collection::empty()),
                }
            }
            None => None,
        };
        let number = |value: Decimal| numbers::boundary(value, high, digits.unwrap_or(8));
        let out = match &item {
            Item::Integer(value) => number(Decimal::from(*value)).map(Item::Decimal),
            Item::Decimal(value) => number(*value).map(Item::Decimal),
            Item::Quantity(quantity) => number(quantity.value).map(|value| Item::Quantity(crate::Quantity { value, unit: quantity.unit.clone() })),
            Item::Date(date) => date.boundary(high, digits.unwrap_or(8)).map(Item::Date),
            Item::DateTime(moment) => moment.boundary(high, digits.unwrap_or(17)).map(Item::DateTime),
            Item::Time(time) => time.boundary(high, digits.unwrap_or(9)).map(Item::Time),
            other => return Err(EvalError::WrongType { what: call.function.name(), found: crate::compare::type_name(other).to_owned() }),
        };
        Ok(out.map(Collection::one).unwrap_or_default())
    }

    fn precision(&mut self, input: &Collection<'d>) -> Result<Collection<'d>> {
        let Some(item) = self.single_value(input, "precision")? else { return Ok(Collection::empty()) };
        let digits = match &item {
            Item::Date(date) => date.precision() as i64,
            Item::DateTime(moment) => moment.precision() as i64,
            Item::Time(time) => time.precision() as i64,
            item => match as_decimal(item) {
                Some(decimal) => decimal.scale() as i64,
                None => return Err(EvalError::WrongType { what: "precision", found: crate::compare::type_name(item).to_owned() }),
            },
        };
        Ok(Collection::one(digits))
    }

    fn comparable(&mut self, call: &Call, input: &Collection<'d>, frame: Frame<'_, 'd>) -> Result<Collection<'d>> {
        let other = self.eval(call.arguments[0], frame)?;
        match (self.single_value(input, "comparable")?, self.single_value(&other, "comparable")?) {
            (Some(Item::Quantity(left)), Some(Item::Quantity(right))) => Ok(Collection::one(left.is_comparable(&right))),
            (None, _) | (_, None) => Ok(Collection::empty()),
            (Some(left), Some(right)) => Ok(Collection::one(order(&left, &right, self.zone).is_ok_and(|found| found.is_some()))),
        }
    }
}
