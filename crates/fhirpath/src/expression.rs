//! A parsed expression, ready to be evaluated any number of times, from any thread.

use crate::ast::{Expr, ExprId};
use crate::evaluate::{Evaluator, Frame};
use crate::parser::parse;
use crate::{Collection, Context, EvalError, Node, ParseError};
use std::fmt;

/// A FHIRPath expression.
#[derive(Clone)]
pub struct Expression {
    text: Box<str>,
    pub(crate) nodes: Vec<Expr>,
    pub(crate) root: ExprId,
}

impl Expression {
    /// Reads an expression.
    pub fn parse(text: &str) -> Result<Expression, ParseError> {
        let parsed = parse(text)?;
        Ok(Expression { text: text.into(), nodes: parsed.nodes, root: parsed.root })
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Evaluates on `input`, which is `$this` at the outermost level.
    pub fn evaluate<'d>(&self, context: &Context<'_, 'd>, input: Collection<'d>) -> Result<Collection<'d>, EvalError> {
        let mut evaluator = Evaluator::new(&self.nodes, context, &input);
        evaluator.eval(self.root, Frame { this: &input, index: None, total: None })
    }

    /// Evaluates on a whole resource, which is also `%resource` unless the context names another.
    pub fn evaluate_on<'d>(&self, context: &Context<'_, 'd>, resource: fhir::Value<'d>) -> Result<Collection<'d>, EvalError> {
        self.evaluate(context, Collection::one(Node::resource(resource)))
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Expression({})", self.text)
    }
}

/// Whether an invariant holds: evaluated on `node`, it must not be false.
///
/// An invariant is a statement that "evaluates to true". Where the answer is empty (an
/// operand was absent) it is taken as *not* true, which is what the reference validators do;
/// a single item that is no boolean is true.
/// <https://hl7.org/fhir/R4/fhirpath.html#variables>
pub fn is_true<'d>(expression: &Expression, context: &Context<'_, 'd>, node: Node<'d>) -> Result<bool, EvalError> {
    let found = expression.evaluate(context, Collection::one(node))?;
    match found.len() {
        0 => Ok(false),
        1 => Ok(found.as_boolean().unwrap_or(true)),
        count => Err(EvalError::NotSingle { what: "an invariant", count }),
    }
}
