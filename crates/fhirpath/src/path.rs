//! Many expressions on one type of resource at once: what search parameters need.
//!
//! * What cannot apply to the type is left out when compiling: of
//!   `Patient.birthDate | Person.birthDate` one term remains.
//! * Paths are walked, not evaluated: no collection is built, each place found is handed on.
//! * `as` is read as "those that are": parameters use it on elements that repeat.

use crate::ast::{Call, Expr, ExprId, Operator, Step};
use crate::evaluate::{Evaluator, Frame};
use crate::functions::Function;
use crate::parser::{MOST_WALKED, can_be_walked};
use crate::{Collection, Context, EvalError, Expression, Item, Node, ParseError, TypeId};
use std::sync::OnceLock;

/// Expressions compiled for one resource type.
pub struct PathSet {
    expressions: Vec<(Expression, Vec<ExprId>)>,
}

impl PathSet {
    /// Compiles expressions for resources of a type.
    pub fn compile(type_name: &str, expressions: &[&str]) -> Result<PathSet, ParseError> {
        let kind = TypeId::named(type_name).unwrap_or(TypeId::UNKNOWN);
        let compiled = expressions.iter().map(|text| {
            let mut expression = Expression::parse(text)?;
            soften(&mut expression);
            let mut terms = Vec::new();
            collect_terms(&expression, expression.root, &mut terms);
            terms.retain(|term| root_type(&expression, *term).is_none_or(|root| kind == TypeId::UNKNOWN || kind.is_a(root)));
            Ok((expression, terms))
        });
        Ok(PathSet { expressions: compiled.collect::<Result<_, _>>()? })
    }

    /// Calls `found` with the number of the expression and each item it finds in `resource`,
    /// expression by expression. What two terms of a union both find is found twice.
    pub fn for_each<'d>(&self, context: &Context<'_, 'd>, resource: fhir::Value<'d>, found: &mut dyn FnMut(usize, Item<'d>)) -> Result<(), EvalError> {
        let input = Collection::one(Node::resource(resource));
        let frame = Frame { this: &input, index: None, total: None };
        let mut evaluator = Evaluator::new(&[], context, &input);
        for (number, (expression, terms)) in self.expressions.iter().enumerate() {
            evaluator.turn_to(&expression.nodes);
            for term in terms {
                match &expression.nodes[*term as usize] {
                    Expr::Chain { head: None, steps, walked } if *walked == steps.len() => {
                        evaluator.walk_all(&input, steps, frame, &mut |node| {
                            found(number, Item::Node(node));
                            true
                        })?;
                    }
                    _ => evaluator.eval(*term, frame)?.into_iter().for_each(|item| found(number, item)),
                }
            }
        }
        Ok(())
    }
}

/// Turns every `as` into `ofType`, and chains of chains into one.
fn soften(expression: &mut Expression) {
    // A node only refers to nodes before it, so what is inside has been seen to already.
    for at in 0..expression.nodes.len() {
        let (head, added) = match &expression.nodes[at] {
            Expr::TypeOperator { operand, is: false, kind } => {
                let call = Call { function: Function::OfType, arguments: Box::new([]), kind: Some(kind.clone()), pattern: OnceLock::new() };
                (Some(*operand), vec![Step::Call(call)])
            }
            Expr::Chain { head, steps, .. } => (*head, steps.iter().cloned().map(soft_step).collect()),
            _ => continue,
        };
        let (head, mut steps) = match head.map(|head| &expression.nodes[head as usize]) {
            Some(Expr::Chain { head, steps, .. }) => (*head, steps.to_vec()),
            _ => (head, Vec::new()),
        };
        steps.extend(added);
        let walked = steps.iter().take(MOST_WALKED).take_while(|step| can_be_walked(&expression.nodes, step)).count();
        expression.nodes[at] = Expr::Chain { head, steps: steps.into(), walked };
    }
}

fn soft_step(step: Step) -> Step {
    match step {
        Step::Call(call) if call.function == Function::As => Step::Call(Call { function: Function::OfType, ..call }),
        other => other,
    }
}

fn collect_terms(expression: &Expression, id: ExprId, out: &mut Vec<ExprId>) {
    match &expression.nodes[id as usize] {
        Expr::Operators { first, rest } if rest.iter().all(|(operator, _)| *operator == Operator::Union) => {
            collect_terms(expression, *first, out);
            rest.iter().for_each(|(_, operand)| collect_terms(expression, *operand, out));
        }
        _ => out.push(id),
    }
}

/// The type a term begins with, if it begins with one.
fn root_type(expression: &Expression, id: ExprId) -> Option<TypeId> {
    match &expression.nodes[id as usize] {
        Expr::Chain { head: None, steps, .. } => match steps.first() {
            Some(Step::Member(member)) => member.root.filter(|root| root.is_resource()),
            _ => None,
        },
        Expr::Chain { head: Some(head), .. } => root_type(expression, *head),
        Expr::TypeOperator { operand, .. } => root_type(expression, *operand),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fhir::Document;
    use fhir::definitions::r4;

    const RESOURCE: &str = r##"{"resourceType":"Observation","id":"o","meta":{"tag":[{"code":"t"}]},
        "contained":[{"resourceType":"Device","id":"d"}],"status":"final","code":{"coding":[{"code":"c"}]},
        "subject":{"reference":"Patient/p"},"device":{"reference":"#d"},"effectivePeriod":{"start":"2026"},
        "valueQuantity":{"value":1.50},"component":[{"code":{"text":"a"},"valueQuantity":{"value":2}},{"code":{"text":"b"},"valueString":"x"}],
        "extension":[{"url":"u","valueString":"v"}]}"##;

    fn found(expression: &str) -> Vec<String> {
        let document = Document::read(RESOURCE).unwrap();
        let mut out = Vec::new();
        let set = PathSet::compile("Observation", &[expression]).unwrap();
        set.for_each(&Context::of(document.root()), document.root(), &mut |_, item| {
            let mut text = String::new();
            crate::write_item(&item, &mut text);
            out.push(text);
        }).unwrap();
        out
    }

    #[test]
    fn the_forms_of_search_parameters_find_their_places() {
        let cases: &[(&str, &[&str])] = &[
            ("Observation.code.coding.code", &[r#""c""#]),
            ("Patient.name | Observation.status", &[r#""final""#]),
            ("(Observation.value as Quantity).value", &["1.50"]),
            ("(Observation.component.value as Quantity).value", &["2"]),
            ("Observation.component.value.as(Quantity).value", &["2"]),
            ("Observation.component.value.as(string)", &[r#""x""#]),
            ("Observation.component[1].code.text", &[r#""b""#]),
            ("Observation.subject.where(resolve() is Patient).reference", &[r#""Patient/p""#]),
            ("Observation.subject.where(resolve() is Group)", &[]),
            ("Observation.device.where(resolve() is Device).reference", &[r##""#d""##]),
            ("Observation.extension.where(url='u').value", &[r#""v""#]),
            ("Observation.extension('u').value", &[r#""v""#]),
            ("Resource.meta.tag.code", &[r#""t""#]),
            ("Observation.value.exists() and Observation.value != false", &["true"]),
            ("(Observation.effective as dateTime) | (Observation.effective as Period).start", &[r#""2026""#]),
        ];
        for (expression, expect) in cases {
            assert_eq!(&found(expression), expect, "{expression}");
        }
    }

    #[test]
    fn every_published_parameter_compiles() {
        let mut count = 0;
        for kind in &r4().types {
            for parameter in r4().parameters_of(kind.name).filter(|parameter| !parameter.expression.is_empty()) {
                PathSet::compile(kind.name, &[parameter.expression]).unwrap_or_else(|error| panic!("{} {}: {error}", kind.name, parameter.code));
                count += 1;
            }
        }
        assert!(count > 1375, "{count}");
    }

    #[test]
    fn every_published_invariant_parses() {
        for kind in &r4().types {
            for invariant in kind.invariants.iter().chain(kind.elements.iter().flat_map(|element| &element.invariants)) {
                let expression = Expression::parse(invariant.expression).unwrap_or_else(|error| panic!("{}: {error}", invariant.key));
                let again = Expression::parse(&expression.to_string()).unwrap_or_else(|error| panic!("{} printed as {expression}: {error}", invariant.key));
                assert_eq!(again.to_string(), expression.to_string(), "{}", invariant.key);
            }
        }
    }
}
