//! Tokens into a tree, by precedence.
//!
//! * Unknown functions, wrong numbers of arguments and impossible dates are refused here.
//! * Nesting is limited ([`MAX_NESTING`]), so that neither reading nor evaluating can
//!   exhaust the stack; the text is limited to [`MAX_BYTES`].

use crate::ast::{Call, Expr, ExprId, Literal, Member, Operator, Step, TYPE_BINDING, TypeSpecifier};
use crate::error::ParseError;
use crate::functions::Function;
use crate::lexer::{Placed, Token, error_at, tokens};
use crate::model::TypeId;
use crate::quantity::{Quantity, Unit};
use crate::temporal::{Date, DateTime, Time};
use rust_decimal::Decimal;
use std::sync::OnceLock;

/// Longest expression text.
pub const MAX_BYTES: usize = 1 << 16;
/// Deepest nesting of brackets, arguments and signs.
pub const MAX_NESTING: u16 = 100;

/// Most calls with a regular expression: compiling one may take milliseconds.
pub const MAX_PATTERNS: u16 = 64;

/// Most steps that are walked without a collection between them.
pub(crate) const MOST_WALKED: usize = 12;

pub(crate) struct Parsed {
    pub nodes: Vec<Expr>,
    pub root: ExprId,
}

pub(crate) fn parse(text: &str) -> Result<Parsed, ParseError> {
    if text.len() > MAX_BYTES {
        return Err(error_at(text, MAX_BYTES, "the expression is longer than 65,536 bytes"));
    }
    let mut parser = Parser { text, tokens: tokens(text)?, at: 0, nodes: Vec::new(), heights: Vec::new(), nesting: 0, patterns: 0 };
    let root = parser.expression(0)?;
    if parser.peek() != &Token::End {
        return parser.fail("an operator or the end is expected here");
    }
    Ok(Parsed { nodes: parser.nodes, root })
}

struct Parser<'t> {
    text: &'t str,
    tokens: Vec<Placed>,
    at: usize,
    nodes: Vec<Expr>,
    /// How deep the tree below each node is.
    heights: Vec<u16>,
    nesting: u16,
    /// Calls that take a regular expression.
    patterns: u16,
}

impl Parser<'_> {
    fn peek(&self) -> &Token {
        &self.tokens[self.at].token
    }

    fn peek_second(&self) -> &Token {
        &self.tokens[(self.at + 1).min(self.tokens.len() - 1)].token
    }

    fn advance(&mut self) -> Token {
        let token = self.tokens[self.at].token.clone();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        token
    }

    fn fail<T>(&self, message: impl Into<String>) -> Result<T, ParseError> {
        Err(error_at(self.text, self.tokens[self.at].offset, message))
    }

    fn accept(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Token::Sign(found) if *found == sign);
        if found {
            self.advance();
        }
        found
    }

    fn expect(&mut self, sign: &str) -> Result<(), ParseError> {
        if self.accept(sign) { Ok(()) } else { self.fail(format!("{sign} is expected here")) }
    }

    fn add(&mut self, expr: Expr) -> Result<ExprId, ParseError> {
        let mut below = 0;
        let mut see = |id: ExprId| below = below.max(self.heights[id as usize]);
        match &expr {
            Expr::Chain { head, steps, .. } => {
                head.iter().for_each(|id| see(*id));
                for step in steps {
                    match step {
                        Step::Member(_) => {}
                        Step::Index(id) => see(*id),
                        Step::Call(call) => call.arguments.iter().for_each(|id| see(*id)),
                    }
                }
            }
            Expr::Operators { first, rest } => {
                see(*first);
                rest.iter().for_each(|(_, id)| see(*id));
            }
            Expr::Polarity { operand, .. } | Expr::TypeOperator { operand, .. } => see(*operand),
            _ => {}
        }
        if below >= MAX_NESTING * 2 {
            return self.fail("the expression is nested too deeply");
        }
        self.nodes.push(expr);
        self.heights.push(below + 1);
        Ok(self.nodes.len() as ExprId - 1)
    }

    /// An operator that stands here, and how tightly it binds.
    fn operator(&self) -> Option<(Result<Operator, bool>, u8)> {
        let text = match self.peek() {
            Token::Word(word) => word.as_str(),
            Token::Sign(sign) => sign,
            _ => return None,
        };
        match text {
            "is" => Some((Err(true), TYPE_BINDING)),
            "as" => Some((Err(false), TYPE_BINDING)),
            _ => Operator::TABLE.iter().find(|row| row.1 == text).map(|row| (Ok(row.0), row.2)),
        }
    }

    fn expression(&mut self, least: u8) -> Result<ExprId, ParseError> {
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            return self.fail("the expression is nested too deeply");
        }
        let mut left = self.polarity()?;
        // The operators of one precedence that are being collected after `left`.
        let mut run: Vec<(Operator, ExprId)> = Vec::new();
        let mut run_binding = 0;
        while let Some((operator, binding)) = self.operator() {
            if binding < least {
                break;
            }
            if !run.is_empty() && binding != run_binding {
                left = self.add(Expr::Operators { first: left, rest: std::mem::take(&mut run).into() })?;
            }
            self.advance();
            match operator {
                Err(is) => {
                    let kind = self.type_specifier()?;
                    left = self.add(Expr::TypeOperator { operand: left, is, kind })?;
                }
                Ok(operator) => {
                    let right = self.expression(binding + 1)?;
                    run.push((operator, right));
                    run_binding = binding;
                }
            }
        }
        if !run.is_empty() {
            left = self.add(Expr::Operators { first: left, rest: run.into() })?;
        }
        self.nesting -= 1;
        Ok(left)
    }

    fn polarity(&mut self) -> Result<ExprId, ParseError> {
        let negative = match self.peek() {
            Token::Sign("-") => true,
            Token::Sign("+") => false,
            _ => return self.chain(),
        };
        self.advance();
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            return self.fail("the expression is nested too deeply");
        }
        let operand = self.polarity()?;
        self.nesting -= 1;
        self.add(Expr::Polarity { negative, operand })
    }

    /// A term and the steps after it.
    fn chain(&mut self) -> Result<ExprId, ParseError> {
        let mut steps = Vec::new();
        let head = self.term(&mut steps)?;
        loop {
            if self.accept("[") {
                let index = self.expression(0)?;
                self.expect("]")?;
                steps.push(Step::Index(index));
            } else if self.accept(".") {
                // `name.$this` is `name`.
                if self.peek() == &Token::Dollar("this".to_owned()) {
                    self.advance();
                    continue;
                }
                steps.push(self.invocation(false)?);
            } else {
                break;
            }
        }
        match head {
            Some(head) if steps.is_empty() => Ok(head),
            head => {
                // Walking nests one step in the other, so there is a limit; real paths are shorter.
                let walked = steps.iter().take(MOST_WALKED).take_while(|step| can_be_walked(&self.nodes, step)).count();
                self.add(Expr::Chain { head, steps: steps.into(), walked })
            }
        }
    }

    /// A head, or none where the chain starts from the input with a step.
    fn term(&mut self, steps: &mut Vec<Step>) -> Result<Option<ExprId>, ParseError> {
        let expr = match self.peek().clone() {
            Token::Sign("(") => {
                self.advance();
                let inner = self.expression(0)?;
                self.expect(")")?;
                return Ok(Some(inner));
            }
            Token::Sign("{") => {
                self.advance();
                self.expect("}")?;
                Expr::Empty
            }
            Token::Word(word) if word == "true" || word == "false" => {
                self.advance();
                Expr::Literal(Literal::Boolean(word == "true"))
            }
            Token::Word(_) | Token::Delimited(_) => {
                steps.push(self.invocation(true)?);
                return Ok(None);
            }
            Token::Dollar(name) => {
                self.advance();
                match name.as_str() {
                    "this" => Expr::This,
                    "index" => Expr::Index,
                    _ => Expr::Total,
                }
            }
            Token::Constant(name) => {
                self.advance();
                Expr::Constant(name.into())
            }
            Token::String(text) => {
                self.advance();
                Expr::Literal(Literal::String(text.into()))
            }
            Token::Number(text) => Expr::Literal(self.number(&text)?),
            Token::Moment(text) => {
                let Some(literal) = moment(&text) else { return self.fail("not a date, time or date and time that can exist") };
                self.advance();
                Expr::Literal(literal)
            }
            Token::End => return self.fail("an expression is expected here, but the text ends"),
            Token::Sign(_) => return self.fail("an expression is expected here"),
        };
        self.add(expr).map(Some)
    }

    /// A number, or a quantity where a unit follows.
    fn number(&mut self, text: &str) -> Result<Literal, ParseError> {
        let Ok(decimal) = Decimal::from_str_exact(text) else { return self.fail("a number with more than 28 digits") };
        let is_integer = !text.contains('.');
        let integer = decimal.try_into().ok().filter(|integer: &i64| is_integer && *integer <= i32::MAX as i64 + 1);
        if is_integer && integer.is_none() {
            return self.fail("an integer of more than 32 bits");
        }
        self.advance();
        let unit = match self.peek() {
            Token::String(unit) => Some(Unit::from_code(unit)),
            Token::Word(word) => Unit::from_word(word),
            _ => None,
        };
        if let Some(unit) = unit {
            self.advance();
            return Ok(Literal::Quantity(Box::new(Quantity { value: decimal, unit })));
        }
        Ok(match integer {
            Some(integer) => Literal::Integer(integer),
            None => Literal::Decimal(decimal),
        })
    }

    /// A member or a function call; `first` where it begins a chain.
    fn invocation(&mut self, first: bool) -> Result<Step, ParseError> {
        let is_call = matches!(self.peek_second(), Token::Sign("(")) && matches!(self.peek(), Token::Word(_));
        let place = self.at;
        let name = match self.advance() {
            Token::Word(name) | Token::Delimited(name) => name,
            _ => {
                self.at = place;
                return self.fail("an element or function name is expected here");
            }
        };
        if !is_call {
            let root = if first { TypeId::named(&name).filter(|kind| !kind.is_primitive()) } else { None };
            return Ok(Step::Member(Member::new(&name, root)));
        }
        let Some((function, least, most)) = Function::named(&name) else {
            self.at = place;
            return self.fail(format!("there is no function {name}()"));
        };
        self.patterns += matches!(function, Function::Matches | Function::MatchesFull | Function::ReplaceMatches) as u16;
        if self.patterns > MAX_PATTERNS {
            self.at = place;
            return self.fail("more than 64 regular expressions in one expression");
        }
        self.expect("(")?;
        let mut arguments = Vec::new();
        let mut kind = None;
        if matches!(function, Function::Is | Function::As | Function::OfType) {
            kind = Some(self.type_specifier()?);
            self.expect(")")?;
        } else if !self.accept(")") {
            loop {
                let sort_direction = function == Function::Sort;
                let argument = self.expression(0)?;
                arguments.push(argument);
                if sort_direction {
                    self.sort_direction(&mut arguments)?;
                }
                if !self.accept(",") {
                    break;
                }
            }
            self.expect(")")?;
        }
        let count = arguments.len() + kind.is_some() as usize;
        if count < least || count > most {
            self.at = place;
            let wanted = if least == most { least.to_string() } else { format!("{least} to {most}") };
            return self.fail(format!("{name}() takes {wanted} arguments, not {count}"));
        }
        Ok(Step::Call(Call { function, arguments: arguments.into(), kind, pattern: OnceLock::new() }))
    }

    /// `sort(family desc)`: the newer way to write `sort(-family)`.
    fn sort_direction(&mut self, arguments: &mut [ExprId]) -> Result<(), ParseError> {
        let descending = match self.peek() {
            Token::Word(word) if word == "desc" => true,
            Token::Word(word) if word == "asc" => false,
            _ => return Ok(()),
        };
        self.advance();
        if let (true, Some(last)) = (descending, arguments.last_mut()) {
            *last = self.add(Expr::Polarity { negative: true, operand: *last })?;
        }
        Ok(())
    }

    fn type_specifier(&mut self) -> Result<TypeSpecifier, ParseError> {
        let first = self.type_name()?;
        if self.accept(".") {
            let second = self.type_name()?;
            return Ok(TypeSpecifier::new(Some(&first), &second));
        }
        Ok(TypeSpecifier::new(None, &first))
    }

    fn type_name(&mut self) -> Result<String, ParseError> {
        match self.peek().clone() {
            Token::Word(name) | Token::Delimited(name) => {
                self.advance();
                Ok(name)
            }
            _ => self.fail("the name of a type is expected here"),
        }
    }
}

/// Whether a step gives nothing but elements, each from one element it was given.
pub(crate) fn can_be_walked(nodes: &[Expr], step: &Step) -> bool {
    let literal = |id: ExprId| match &nodes[id as usize] {
        Expr::Literal(literal) => Some(literal),
        _ => None,
    };
    match step {
        Step::Member(_) => true,
        Step::Index(index) => matches!(literal(*index), Some(Literal::Integer(_))),
        Step::Call(call) => match call.function {
            Function::Where | Function::First | Function::Children => true,
            Function::OfType => call.kind.as_ref().is_some_and(|kind| kind.fhir.is_some()),
            Function::Extension => matches!(literal(call.arguments[0]), Some(Literal::String(_))),
            _ => false,
        },
    }
}

fn moment(text: &str) -> Option<Literal> {
    if let Some(time) = text.strip_prefix('T') {
        return Time::parse(time).map(Literal::Time);
    }
    if text.contains('T') {
        return DateTime::parse(text.strip_suffix('T').unwrap_or(text)).map(Literal::DateTime);
    }
    Date::parse(text).map(Literal::Date)
}

