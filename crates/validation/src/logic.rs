//! Invariants that only ask which elements are there and compare codes with constants:
//! about half of all, and nearly all that a usual resource meets. They are translated
//! once into a little logic over the bits that the walk has collected anyway.
//!
//! * [`Logic::read`] understands a part of FHIRPath and refuses everything else, which then
//!   goes to the full engine; a test compares both on random objects.
//! * As in FHIRPath, a comparison with something absent is neither true nor false.

use crate::primitive::Primitive;
use crate::schema::{Element, Member, Shape};
use crate::walk::companion_of;
use fhir::{Kind, Value};

/// An invariant over the members of one object.
#[derive(Debug)]
pub(crate) enum Logic {
    /// `name.exists()`: any of these bits.
    Exists(u64),
    /// `name = 'a'`, `name in ('a' | 'b')`
    OneOf(&'static str, u64, Vec<Literal>),
    /// `(a.count() + b.count()) > 1`
    Count(Vec<(&'static str, u64)>, Compare, usize),
    Not(Box<Logic>),
    And(Box<Logic>, Box<Logic>),
    Or(Box<Logic>, Box<Logic>),
    Xor(Box<Logic>, Box<Logic>),
    Implies(Box<Logic>, Box<Logic>),
    /// `a.exists() = b.exists()`
    Same(Box<Logic>, Box<Logic>),
}

/// A constant of the expression.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Literal {
    Text(&'static str),
    Bool(bool),
}

/// How a count compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compare { Less, LessOrSame, More, MoreOrSame, Same }

/// What the names of an expression mean.
pub(crate) struct Names<'t> {
    pub(crate) elements: &'t [Element],
    pub(crate) members: &'t [Member],
}

impl Logic {
    /// Translates an expression over one type, if it asks no more than this can answer.
    pub(crate) fn read(expression: &'static str, names: &Names<'_>) -> Option<Logic> {
        let mut reader = Reader { tokens: tokens(expression)?, at: 0, names };
        let logic = reader.implies()?;
        (reader.at == reader.tokens.len()).then_some(logic)
    }

    /// True, false, or neither.
    pub(crate) fn evaluate(&self, value: Value<'_>, present: u64) -> Option<bool> {
        match self {
            Logic::Exists(bits) => Some(present & bits != 0),
            Logic::OneOf(_, bit, _) if present & bit == 0 => None,
            // A primitive with nothing but its companion is there and equals nothing.
            Logic::OneOf(name, _, literals) => Some(value.get(name).is_some_and(|member| match member.kind() {
                Kind::String => member.as_str().is_some_and(|text| literals.iter().any(|literal| matches!(literal, Literal::Text(wanted) if *wanted == text))),
                Kind::Bool => member.as_bool().is_some_and(|is| literals.contains(&Literal::Bool(is))),
                _ => false,
            })),
            Logic::Count(names, compare, number) => {
                let count: usize = names.iter().filter(|(_, bit)| present & bit != 0).map(|(name, _)| occurrences(value, name)).sum();
                Some(match compare {
                    Compare::Less => count < *number,
                    Compare::LessOrSame => count <= *number,
                    Compare::More => count > *number,
                    Compare::MoreOrSame => count >= *number,
                    Compare::Same => count == *number,
                })
            }
            Logic::Not(inner) => inner.evaluate(value, present).map(|is| !is),
            Logic::And(left, right) => match left.evaluate(value, present) {
                Some(false) => Some(false),
                left => match (left, right.evaluate(value, present)) {
                    (_, Some(false)) => Some(false),
                    (Some(true), Some(true)) => Some(true),
                    _ => None,
                },
            },
            Logic::Or(left, right) => match left.evaluate(value, present) {
                Some(true) => Some(true),
                left => match (left, right.evaluate(value, present)) {
                    (_, Some(true)) => Some(true),
                    (Some(false), Some(false)) => Some(false),
                    _ => None,
                },
            },
            Logic::Implies(left, right) => match left.evaluate(value, present) {
                Some(false) => Some(true),
                left => match (left, right.evaluate(value, present)) {
                    (_, Some(true)) => Some(true),
                    (Some(true), Some(false)) => Some(false),
                    _ => None,
                },
            },
            Logic::Xor(left, right) => Some(left.evaluate(value, present)? != right.evaluate(value, present)?),
            Logic::Same(left, right) => Some(left.evaluate(value, present)? == right.evaluate(value, present)?),
        }
    }
}

/// How often an element that is there occurs; a primitive may have come as its companion only.
fn occurrences(value: Value<'_>, name: &str) -> usize {
    value.get(name).or_else(|| companion_of(value, name)).map_or(0, |member| member.each().count())
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Token {
    Word(&'static str),
    Text(&'static str),
    Number(usize),
    Sign(&'static str),
}

const SIGNS: &[&str] = &["!=", "<=", ">=", "(", ")", ".", "=", "<", ">", "+", "|"];

/// The expression in pieces; none if there is something this logic does not know.
fn tokens(expression: &'static str) -> Option<Vec<Token>> {
    let mut out = Vec::new();
    let mut rest = expression.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if first == '\'' {
            let length = rest[1..].find('\'')?;
            let text = &rest[1..=length];
            if text.contains('\\') {
                return None;
            }
            out.push(Token::Text(text));
            length + 2
        } else if first.is_ascii_alphabetic() || first == '%' {
            let length = rest[1..].find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(rest.len() - 1) + 1;
            out.push(match &rest[..length] {
                "%ucum" => Token::Text("http://unitsofmeasure.org"),
                word if first == '%' || word.is_empty() => return None,
                word => Token::Word(word),
            });
            length
        } else if first.is_ascii_digit() {
            let length = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
            out.push(Token::Number(rest[..length].parse().ok()?));
            length
        } else {
            let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign))?;
            out.push(Token::Sign(sign));
            sign.len()
        };
        rest = rest[length..].trim_start();
    }
    Some(out)
}

struct Reader<'t> {
    tokens: Vec<Token>,
    at: usize,
    names: &'t Names<'t>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<Token> {
        self.tokens.get(self.at).copied()
    }

    fn take(&mut self, token: Token) -> Option<()> {
        (self.peek() == Some(token)).then(|| self.at += 1)
    }

    fn implies(&mut self) -> Option<Logic> {
        let mut left = self.or()?;
        while self.take(Token::Word("implies")).is_some() {
            left = Logic::Implies(Box::new(left), Box::new(self.or()?));
        }
        Some(left)
    }

    fn or(&mut self) -> Option<Logic> {
        let mut left = self.and()?;
        loop {
            if self.take(Token::Word("or")).is_some() {
                left = Logic::Or(Box::new(left), Box::new(self.and()?));
            } else if self.take(Token::Word("xor")).is_some() {
                left = Logic::Xor(Box::new(left), Box::new(self.and()?));
            } else {
                return Some(left);
            }
        }
    }

    fn and(&mut self) -> Option<Logic> {
        let mut left = self.equality()?;
        while self.take(Token::Word("and")).is_some() {
            left = Logic::And(Box::new(left), Box::new(self.equality()?));
        }
        Some(left)
    }

    fn equality(&mut self) -> Option<Logic> {
        let left = self.term()?;
        if self.take(Token::Sign("=")).is_some() {
            return Some(Logic::Same(Box::new(left), Box::new(self.term()?)));
        }
        if self.take(Token::Sign("!=")).is_some() {
            let same = Logic::Same(Box::new(left), Box::new(self.term()?));
            return Some(Logic::Not(Box::new(same)));
        }
        Some(left)
    }

    /// Something true or false: a group, a question to an element, a comparison with constants.
    fn term(&mut self) -> Option<Logic> {
        let start = self.at;
        let mut logic = match self.count() {
            Some(count) => return Some(count),
            None => {
                self.at = start;
                match self.peek()? {
                    Token::Sign("(") => {
                        self.at += 1;
                        let inner = self.implies()?;
                        self.take(Token::Sign(")"))?;
                        inner
                    }
                    Token::Word(name) => {
                        self.at += 1;
                        self.element(name)?
                    }
                    _ => return None,
                }
            }
        };
        while self.function("not").is_some() {
            logic = Logic::Not(Box::new(logic));
        }
        Some(logic)
    }

    /// `.name()`, if it follows.
    fn function(&mut self, name: &'static str) -> Option<()> {
        let call = [Token::Sign("."), Token::Word(name), Token::Sign("("), Token::Sign(")")];
        self.tokens[self.at..].starts_with(&call).then(|| self.at += 4)
    }

    fn element(&mut self, name: &'static str) -> Option<Logic> {
        let place = self.names.elements.iter().position(|element| element.name == name)?;
        let bit = 1 << place;
        if self.function("exists").is_some() {
            return Some(Logic::Exists(bit));
        }
        if self.function("empty").is_some() {
            return Some(Logic::Not(Box::new(Logic::Exists(bit))));
        }
        let element = &self.names.elements[place];
        if element.is_choice || element.is_array {
            return None;
        }
        let is_text = match self.names.members.iter().find(|member| usize::from(member.element) == place)?.shape {
            Shape::Primitive(Primitive::Boolean) => false,
            Shape::Primitive(Primitive::Code | Primitive::String | Primitive::Uri) => true,
            _ => return None,
        };
        let mut literals = Vec::new();
        let mut is_negated = false;
        match self.peek() {
            Some(Token::Word("in")) => {
                self.at += 1;
                self.take(Token::Sign("("))?;
                literals.push(self.literal()?);
                while self.take(Token::Sign("|")).is_some() {
                    literals.push(self.literal()?);
                }
                self.take(Token::Sign(")"))?;
            }
            Some(Token::Sign(sign @ ("=" | "!="))) => {
                self.at += 1;
                is_negated = sign == "!=";
                literals.push(self.literal()?);
            }
            _ => return None,
        }
        if literals.iter().any(|literal| matches!(literal, Literal::Text(_)) != is_text) {
            return None;
        }
        let logic = Logic::OneOf(element.name, bit, literals);
        Some(if is_negated { Logic::Not(Box::new(logic)) } else { logic })
    }

    fn literal(&mut self) -> Option<Literal> {
        let literal = match self.peek()? {
            Token::Text(text) => Literal::Text(text),
            Token::Word("true") => Literal::Bool(true),
            Token::Word("false") => Literal::Bool(false),
            _ => return None,
        };
        self.at += 1;
        Some(literal)
    }

    /// `a.count() > 1`, `(a.count() + b.count()) = 1`
    fn count(&mut self) -> Option<Logic> {
        let is_group = self.take(Token::Sign("(")).is_some();
        let mut names = Vec::new();
        loop {
            let Token::Word(name) = self.peek()? else { return None };
            self.at += 1;
            self.function("count")?;
            let place = self.names.elements.iter().position(|element| element.name == name && !element.is_choice)?;
            names.push((self.names.elements[place].name, 1 << place));
            if self.take(Token::Sign("+")).is_none() {
                break;
            }
        }
        // In `(a.count() + b.count() = 1)` the closing bracket comes after the comparison.
        let is_closed = is_group && self.take(Token::Sign(")")).is_some();
        let compare = match self.peek()? {
            Token::Sign("<") => Compare::Less,
            Token::Sign("<=") => Compare::LessOrSame,
            Token::Sign(">") => Compare::More,
            Token::Sign(">=") => Compare::MoreOrSame,
            Token::Sign("=") => Compare::Same,
            _ => return None,
        };
        self.at += 1;
        let Token::Number(number) = self.peek()? else { return None };
        self.at += 1;
        if is_group && !is_closed {
            self.take(Token::Sign(")"))?;
        }
        Some(Logic::Count(names, compare, number))
    }
}
