//! What can be said against an expression before it meets a resource.
//!
//! Evaluation is lenient, as the language wants: an element that does not exist is empty.
//! An author wants to know; [`Expression::check`] tells. It follows types as far as they
//! are certain and is silent beyond.

use crate::Expression;
use crate::ast::{Expr, ExprId, Literal, Step};
use crate::functions::Function;
use crate::model::TypeId;
use std::fmt;

/// Something that cannot be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Complaint {
    /// The type has no such element.
    NoSuchElement {
        /// The element as written.
        element: String,
        /// The type it was asked of.
        type_name: &'static str,
    },
    /// The operand can never be of that type.
    NeverThatType {
        /// The type as written.
        type_name: String,
    },
    /// An order was asked of items that have none.
    NoOrder {
        /// The function that asks.
        function: &'static str,
    },
    /// A condition that is no boolean.
    NotBoolean {
        /// The function that asks.
        function: &'static str,
    },
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Complaint::NoSuchElement { element, type_name } => write!(f, "{type_name} has no element {element}"),
            Complaint::NeverThatType { type_name } => write!(f, "this can never be a {type_name}"),
            Complaint::NoOrder { function } => write!(f, "{function}() asks for an order that children() and descendants() do not have"),
            Complaint::NotBoolean { function } => write!(f, "the condition of {function}() is not a boolean"),
        }
    }
}

/// The types an expression may yield; none where that is not known.
type Kinds = Option<Vec<TypeId>>;

/// What is known of a collection.
#[derive(Clone)]
struct Shape {
    kinds: Kinds,
    is_ordered: bool,
}

impl Shape {
    const UNKNOWN: Shape = Shape { kinds: None, is_ordered: true };
}

impl Expression {
    /// What can be said against this expression on a type; nothing if it seems sound.
    pub fn check(&self, type_name: &str) -> Vec<Complaint> {
        let mut checker = Checker { nodes: &self.nodes, complaints: Vec::new() };
        let kinds = TypeId::named(type_name).map(|kind| vec![kind]);
        checker.visit(self.root, &Shape { kinds, is_ordered: true });
        checker.complaints
    }
}

struct Checker<'e> {
    nodes: &'e [Expr],
    complaints: Vec<Complaint>,
}

impl Checker<'_> {
    fn visit(&mut self, id: ExprId, this: &Shape) -> Shape {
        let nodes = self.nodes;
        match &nodes[id as usize] {
            Expr::This => this.clone(),
            Expr::Chain { head, steps, .. } => {
                let mut shape = match head {
                    Some(head) => self.visit(*head, this),
                    None => this.clone(),
                };
                for step in steps {
                    shape = self.step(step, &shape, this);
                }
                shape
            }
            Expr::Operators { first, rest } => {
                self.visit(*first, this);
                for (_, operand) in rest {
                    self.visit(*operand, this);
                }
                Shape::UNKNOWN
            }
            Expr::Polarity { operand, .. } => {
                self.visit(*operand, this);
                Shape::UNKNOWN
            }
            Expr::TypeOperator { operand, is, kind } => {
                let shape = self.visit(*operand, this);
                if *is { Shape::UNKNOWN } else { self.narrowed(&shape, kind) }
            }
            _ => Shape::UNKNOWN,
        }
    }

    fn step(&mut self, step: &Step, input: &Shape, this: &Shape) -> Shape {
        match step {
            Step::Member(member) => {
                let Some(kinds) = &input.kinds else { return Shape::UNKNOWN };
                if member.root.is_some_and(|root| kinds.iter().any(|kind| kind.is_a(root))) {
                    return input.clone();
                }
                let mut found = Vec::new();
                let mut is_any = false;
                for kind in kinds {
                    let row = kind.row();
                    is_any |= *kind == TypeId::UNKNOWN || kind.name() == "Resource" || kind.name() == "DomainResource" || kind.is_primitive();
                    if let Some(child) = row.child(&member.name) {
                        is_any = true;
                        found.extend(child.members.iter().map(|member| member.kind));
                    }
                }
                if let (false, Some(kind)) = (is_any, kinds.first()) {
                    self.complaints.push(Complaint::NoSuchElement { element: member.name.to_string(), type_name: kind.name() });
                }
                Shape { kinds: (!found.is_empty()).then_some(found), is_ordered: input.is_ordered }
            }
            Step::Index(index) => {
                self.visit(*index, this);
                self.ask_order(input, "[]");
                input.clone()
            }
            Step::Call(call) => {
                let one = Shape { kinds: input.kinds.clone(), is_ordered: true };
                let scope = match call.function {
                    Function::Where | Function::Select | Function::All | Function::Exists | Function::Repeat => &one,
                    _ => this,
                };
                let mut projected = Shape::UNKNOWN;
                for argument in &call.arguments {
                    projected = self.visit(*argument, scope);
                }
                match call.function {
                    Function::First | Function::Last | Function::Tail | Function::Skip | Function::Take => {
                        self.ask_order(input, call.function.name());
                        input.clone()
                    }
                    Function::Where | Function::Single | Function::Distinct | Function::Trace => input.clone(),
                    Function::Select => projected,
                    Function::As | Function::OfType => match &call.kind {
                        // These are questions, unlike the operator `as`: an impossible one is just empty.
                        Some(kind) => Shape { kinds: kind.fhir.map(|kind| vec![kind]), ..input.clone() },
                        None => Shape::UNKNOWN,
                    },
                    Function::Children | Function::Descendants => Shape { kinds: None, is_ordered: false },
                    Function::Iif => {
                        let condition = call.arguments.first().map(|argument| &self.nodes[*argument as usize]);
                        if matches!(condition, Some(Expr::Literal(literal)) if !matches!(literal, Literal::Boolean(_))) {
                            self.complaints.push(Complaint::NotBoolean { function: "iif" });
                        }
                        Shape::UNKNOWN
                    }
                    _ => Shape::UNKNOWN,
                }
            }
        }
    }

    fn ask_order(&mut self, input: &Shape, function: &'static str) {
        if !input.is_ordered {
            self.complaints.push(Complaint::NoOrder { function });
        }
    }

    fn narrowed(&mut self, shape: &Shape, kind: &crate::TypeSpecifier) -> Shape {
        if let (Some(kinds), Some(wanted)) = (&shape.kinds, kind.fhir) {
            let possible = kinds.iter().any(|known| *known == TypeId::UNKNOWN || known.is_a(wanted) || wanted.is_a(*known));
            if !possible {
                self.complaints.push(Complaint::NeverThatType { type_name: kind.name.to_string() });
            }
        }
        Shape { kinds: kind.fhir.map(|kind| vec![kind]), is_ordered: shape.is_ordered }
    }
}
