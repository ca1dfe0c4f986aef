//! An expression as the JSON tree that public FHIRPath tools draw.
//! <https://github.com/brianpos/fhirpath-lab/blob/main/server-api.md#ast-definition>
//!
//! * Each node has a type, a name and its arguments, the first of which is what it is applied to.
//! * The tree says how the expression was read; nothing of a resource is in it.

use crate::Expression;
use crate::ast::{Expr, ExprId, Literal, Step};
use fhir::splice::write_string;

impl Expression {
    /// The tree as JSON.
    pub fn outline(&self) -> String {
        let mut out = String::new();
        self.outline_of(self.root, &mut out);
        out
    }

    fn outline_of(&self, id: ExprId, out: &mut String) {
        match &self.nodes[id as usize] {
            Expr::Empty => leaf("EmptyExpression", "{}", out),
            Expr::Literal(literal) => leaf("ConstantExpression", &told(literal), out),
            Expr::This => leaf("AxisExpression", "builtin.this", out),
            Expr::Index => leaf("AxisExpression", "builtin.index", out),
            Expr::Total => leaf("AxisExpression", "builtin.total", out),
            Expr::Constant(name) => leaf("VariableRefExpression", name, out),
            Expr::Chain { head, steps, .. } => self.outline_of_chain(*head, steps, out),
            Expr::Operators { first, rest } => {
                for (operator, _) in rest.iter().rev() {
                    begin("BinaryExpression", operator.text(), out);
                }
                self.outline_of(*first, out);
                for (_, operand) in rest {
                    out.push(',');
                    self.outline_of(*operand, out);
                    out.push_str("]}");
                }
            }
            Expr::Polarity { negative, operand } => {
                begin("UnaryExpression", if *negative { "-" } else { "+" }, out);
                self.outline_of(*operand, out);
                out.push_str("]}");
            }
            Expr::TypeOperator { operand, is, kind } => {
                begin("BinaryExpression", if *is { "is" } else { "as" }, out);
                self.outline_of(*operand, out);
                out.push(',');
                leaf("ConstantExpression", &kind.name, out);
                out.push_str("]}");
            }
        }
    }

    /// The last step is the outermost node; what a chain begins with lies innermost.
    fn outline_of_chain(&self, head: Option<ExprId>, steps: &[Step], out: &mut String) {
        for step in steps.iter().rev() {
            match step {
                Step::Member(member) => begin("ChildExpression", &member.name, out),
                Step::Index(_) => begin("IndexerExpression", "[]", out),
                Step::Call(call) => begin("FunctionCallExpression", call.function.name(), out),
            }
        }
        match head {
            Some(head) => self.outline_of(head, out),
            None => leaf("AxisExpression", "builtin.that", out),
        }
        for step in steps {
            match step {
                Step::Member(_) => {}
                Step::Index(index) => {
                    out.push(',');
                    self.outline_of(*index, out);
                }
                Step::Call(call) => {
                    if let Some(kind) = &call.kind {
                        out.push(',');
                        leaf("ConstantExpression", &kind.name, out);
                    }
                    for argument in &call.arguments {
                        out.push(',');
                        self.outline_of(*argument, out);
                    }
                }
            }
            out.push_str("]}");
        }
    }
}

fn begin(kind: &str, name: &str, out: &mut String) {
    out.push_str("{\"ExpressionType\":\"");
    out.push_str(kind);
    out.push_str("\",\"Name\":");
    write_string(name, out);
    out.push_str(",\"Arguments\":[");
}

fn leaf(kind: &str, name: &str, out: &mut String) {
    out.push_str("{\"ExpressionType\":\"");
    out.push_str(kind);
    out.push_str("\",\"Name\":");
    write_string(name, out);
    out.push('}');
}

fn told(literal: &Literal) -> String {
    match literal {
        Literal::Boolean(value) => value.to_string(),
        Literal::String(text) => text.to_string(),
        Literal::Integer(value) => value.to_string(),
        Literal::Decimal(value) => value.to_string(),
        Literal::Date(date) => date.to_string(),
        Literal::DateTime(moment) => moment.to_string(),
        Literal::Time(time) => time.to_string(),
        Literal::Quantity(quantity) => quantity.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fhir::{Document, Value};

    /// The tree in brackets.
    fn shape(node: Value<'_>) -> String {
        let name = node.string("Name").unwrap();
        let kind = node.string("ExpressionType").unwrap().replace("Expression", "");
        let arguments: Vec<_> = node.get("Arguments").into_iter().flat_map(|all| all.items()).map(shape).collect();
        if arguments.is_empty() { format!("{kind} {name}") } else { format!("{kind} {name}({})", arguments.join(", ")) }
    }

    fn check(expression: &str, expect: &str) {
        let text = Expression::parse(expression).unwrap().outline();
        assert_eq!(shape(Document::read(&text).unwrap().root()), expect, "{expression}");
    }

    #[test]
    fn the_tree_is_told_from_the_outside_in() {
        check("name.given", "Child given(Child name(Axis builtin.that))");
        check("name[0].where(use = 'a').given", "Child given(FunctionCall where(Indexer [](Child name(Axis builtin.that), Constant 0), Binary =(Child use(Axis builtin.that), Constant a)))");
        check("1 + 2 - %x", "Binary -(Binary +(Constant 1, Constant 2), VariableRef x)");
        check("value.ofType(Quantity) is Age", "Binary is(FunctionCall ofType(Child value(Axis builtin.that), Constant Quantity), Constant Age)");
        check("-(3)", "Unary -(Constant 3)");
        check("{} | $this", "Binary |(Empty {}, Axis builtin.this)");
    }
}
