//! A parsed expression, ready to be evaluated any number of times, from any thread.

use crate::ast::{Expr, ExprId, Step};
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

    /// The same, with how many steps it took, whatever came of it.
    pub fn evaluate_counted<'d>(&self, context: &Context<'_, 'd>, input: Collection<'d>) -> (Result<Collection<'d>, EvalError>, u64) {
        let mut evaluator = Evaluator::new(&self.nodes, context, &input);
        let found = evaluator.eval(self.root, Frame { this: &input, index: None, total: None });
        (found, evaluator.steps())
    }

    /// Evaluates on a whole resource with at most `budget` steps, and takes what was used from it.
    pub(crate) fn evaluate_within<'d>(&self, resource: fhir::Value<'d>, budget: &mut u64) -> Result<Collection<'d>, EvalError> {
        let mut context = Context::of(resource);
        context.limits.steps = context.limits.steps.min(*budget);
        let input = Collection::one(Node::resource(resource));
        let mut evaluator = Evaluator::new(&self.nodes, &context, &input);
        let found = evaluator.eval(self.root, Frame { this: &input, index: None, total: None });
        *budget = budget.saturating_sub(evaluator.steps());
        found
    }

    /// Evaluates on a whole resource, which is also `%resource` unless the context names another.
    pub fn evaluate_on<'d>(&self, context: &Context<'_, 'd>, resource: fhir::Value<'d>) -> Result<Collection<'d>, EvalError> {
        self.evaluate(context, Collection::one(Node::resource(resource)))
    }
}

impl Expression {
    /// The same path without its last name, and that name; none where it does not end in one.
    pub(crate) fn without_last_member(&self) -> Option<(Expression, String)> {
        let mut shorter = self.clone();
        let Expr::Chain { head, steps, walked } = &mut shorter.nodes[self.root as usize] else { return None };
        let (Step::Member(last), before) = steps.split_last()? else { return None };
        let name = last.name.to_string();
        let before: Box<[Step]> = before.into();
        if before.is_empty() && head.is_none() {
            shorter.nodes[self.root as usize] = Expr::This;
            return Some((shorter, name));
        }
        *walked = (*walked).min(before.len());
        *steps = before;
        Some((shorter, name))
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Expression({})", self.text)
    }
}

/// Whether an invariant holds on `node`: true, false, or not to be told.
///
/// The answer is empty where an operand is absent or two dates differ in precision. A single
/// item that is no boolean counts as true.
pub fn holds<'d>(expression: &Expression, context: &Context<'_, 'd>, node: Node<'d>) -> Result<Option<bool>, EvalError> {
    holds_counted(expression, context, node).0
}

/// The same, with how many steps it took, whatever came of it.
pub fn holds_counted<'d>(expression: &Expression, context: &Context<'_, 'd>, node: Node<'d>) -> (Result<Option<bool>, EvalError>, u64) {
    let input = Collection::one(node);
    let mut evaluator = Evaluator::new(&expression.nodes, context, &input);
    let found = evaluator.truth(expression.root, "an invariant", Frame { this: &input, index: None, total: None });
    (found, evaluator.steps())
}

/// Whether an invariant is kept: it is, unless it is false for certain.
///
/// The rule says that an invariant must "evaluate to true", but some published ones are
/// empty on sound data and validators let these pass: `ref-1` on a reference that only has
/// a display, `per-1` on a period from an hour of a day to that day. So empty passes here;
/// [`holds`] tells the three answers apart.
/// <https://hl7.org/fhir/R4/conformance-rules.html#constraints>
pub fn is_true<'d>(expression: &Expression, context: &Context<'_, 'd>, node: Node<'d>) -> Result<bool, EvalError> {
    Ok(holds(expression, context, node)? != Some(false))
}
