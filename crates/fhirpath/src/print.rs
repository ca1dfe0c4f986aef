//! An expression written again: one way of writing for each tree.
//!
//! * What is printed reads as the same tree, up to brackets that say nothing.

use crate::Expression;
use crate::ast::{Expr, ExprId, Literal, Step, TYPE_BINDING, TypeSpecifier};
use std::fmt::{self, Formatter, Write};

/// How tightly signs and steps bind: tighter than any operator.
const SIGN_BINDING: u8 = 11;
const CHAIN_BINDING: u8 = 12;

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.print(self.root, 0, f)
    }
}

impl Expression {
    /// Writes a node, in brackets if it binds less tightly than `least`.
    fn print(&self, id: ExprId, least: u8, f: &mut Formatter<'_>) -> fmt::Result {
        let expr = &self.nodes[id as usize];
        let binding = binding(expr);
        if binding < least {
            f.write_char('(')?;
        }
        match expr {
            Expr::Empty => f.write_str("{}")?,
            Expr::Literal(literal) => print_literal(literal, f)?,
            Expr::This => f.write_str("$this")?,
            Expr::Index => f.write_str("$index")?,
            Expr::Total => f.write_str("$total")?,
            Expr::Constant(constant) => {
                f.write_char('%')?;
                name(constant, f)?;
            }
            Expr::Chain { head, steps, .. } => self.chain(*head, steps, f)?,
            Expr::Operators { first, rest } => {
                self.print(*first, binding, f)?;
                for (operator, operand) in rest {
                    write!(f, " {} ", operator.text())?;
                    self.print(*operand, binding + 1, f)?;
                }
            }
            Expr::Polarity { negative, operand } => {
                f.write_char(if *negative { '-' } else { '+' })?;
                self.print(*operand, SIGN_BINDING, f)?;
            }
            Expr::TypeOperator { operand, is, kind } => {
                self.print(*operand, TYPE_BINDING, f)?;
                f.write_str(if *is { " is " } else { " as " })?;
                type_name(kind, f)?;
            }
        }
        if binding < least {
            f.write_char(')')?;
        }
        Ok(())
    }

    fn chain(&self, head: Option<ExprId>, steps: &[Step], f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(head) = head {
            self.print(head, CHAIN_BINDING, f)?;
        }
        for (at, step) in steps.iter().enumerate() {
            let follows = at > 0 || head.is_some();
            if follows && !matches!(step, Step::Index(_)) {
                f.write_char('.')?;
            }
            match step {
                Step::Member(member) => name(&member.name, f)?,
                Step::Index(index) => {
                    f.write_char('[')?;
                    self.print(*index, 0, f)?;
                    f.write_char(']')?;
                }
                Step::Call(call) => {
                    write!(f, "{}(", call.function.name())?;
                    if let Some(kind) = &call.kind {
                        type_name(kind, f)?;
                    }
                    for (place, argument) in call.arguments.iter().enumerate() {
                        f.write_str(if place > 0 { ", " } else { "" })?;
                        self.print(*argument, 0, f)?;
                    }
                    f.write_char(')')?;
                }
            }
        }
        Ok(())
    }
}

fn binding(expr: &Expr) -> u8 {
    match expr {
        Expr::Operators { rest, .. } => rest.first().map_or(CHAIN_BINDING, |(operator, _)| operator.binding()),
        Expr::TypeOperator { .. } => TYPE_BINDING,
        Expr::Polarity { .. } => SIGN_BINDING,
        Expr::Chain { .. } => CHAIN_BINDING,
        _ => CHAIN_BINDING,
    }
}

fn print_literal(literal: &Literal, f: &mut Formatter<'_>) -> fmt::Result {
    match literal {
        Literal::Boolean(value) => write!(f, "{value}"),
        Literal::String(value) => quoted(value, '\'', f),
        Literal::Integer(value) => write!(f, "{value}"),
        Literal::Decimal(value) => write!(f, "{value}"),
        Literal::Date(date) => write!(f, "@{date}"),
        Literal::DateTime(moment) if moment.time.is_none() => write!(f, "@{moment}T"),
        Literal::DateTime(moment) => write!(f, "@{moment}"),
        Literal::Time(time) => write!(f, "@T{time}"),
        Literal::Quantity(quantity) => match &quantity.unit {
            crate::Unit::Code(code) => {
                write!(f, "{} ", quantity.value)?;
                quoted(code, '\'', f)
            }
            crate::Unit::Calendar(_) => write!(f, "{quantity}"),
        },
    }
}

fn type_name(kind: &TypeSpecifier, f: &mut Formatter<'_>) -> fmt::Result {
    if let Some(namespace) = &kind.namespace {
        name(namespace, f)?;
        f.write_char('.')?;
    }
    name(&kind.name, f)
}

fn name(text: &str, f: &mut Formatter<'_>) -> fmt::Result {
    let is_plain = text.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !matches!(text, "true" | "false");
    if is_plain { f.write_str(text) } else { quoted(text, '`', f) }
}

fn quoted(text: &str, quote: char, f: &mut Formatter<'_>) -> fmt::Result {
    f.write_char(quote)?;
    for letter in text.chars() {
        match letter {
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            '\u{c}' => f.write_str("\\f")?,
            letter if letter == quote => write!(f, "\\{quote}")?,
            letter if (letter as u32) < 0x20 => write!(f, "\\u{:04x}", letter as u32)?,
            letter => f.write_char(letter)?,
        }
    }
    f.write_char(quote)
}
