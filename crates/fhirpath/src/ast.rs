//! The expression as a tree, kept in one flat list so that no nesting, however deep,
//! is ever walked by the machine's stack when it is dropped.

use crate::functions::Function;
use crate::model::{Child, TypeId};
use crate::quantity::Quantity;
use crate::temporal::{Date, DateTime, Time};
use rust_decimal::Decimal;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// Place of an [`Expr`] in its tree.
pub(crate) type ExprId = u32;

#[derive(Clone, Debug)]
pub(crate) enum Expr {
    /// `{}`
    Empty,
    Literal(Literal),
    /// `$this`
    This,
    /// `$index`
    Index,
    /// `$total`
    Total,
    /// `%name`
    Constant(Box<str>),
    /// Steps after a head; without a head they start from the input. The first `walked`
    /// steps can be gone node by node, without a collection for each.
    Chain { head: Option<ExprId>, steps: Box<[Step]>, walked: usize },
    /// Operators of one precedence, applied from the left.
    Operators { first: ExprId, rest: Box<[(Operator, ExprId)]> },
    /// `-x` or, not negative, `+x`
    Polarity { negative: bool, operand: ExprId },
    /// `x is T`, `x as T`
    TypeOperator { operand: ExprId, is: bool, kind: TypeSpecifier },
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
    Member(Member),
    /// `[index]`
    Index(ExprId),
    Call(Call),
}

#[derive(Debug)]
pub(crate) struct Member {
    pub name: Box<str>,
    /// For the first name of a chain: the type it might name (`Patient.name`).
    pub root: Option<TypeId>,
    /// The type last met and the place of this element among its children, packed.
    last_met: AtomicU32,
}

impl Clone for Member {
    fn clone(&self) -> Self {
        Member::new(&self.name, self.root)
    }
}

impl Member {
    pub(crate) fn new(name: &str, root: Option<TypeId>) -> Member {
        Member { name: name.into(), root, last_met: AtomicU32::new(0) }
    }

    /// The element of this name in a type. Expressions meet the same types over and over,
    /// so the last answer is kept; threads may overwrite each other's, both being right.
    pub(crate) fn child_of(&self, kind: TypeId) -> Option<&'static Child> {
        let row = kind.row();
        let known = self.last_met.load(Ordering::Relaxed);
        if known >> 16 == kind.number() as u32 + 1 {
            return row.children.get((known & 0xFFFF) as usize);
        }
        let at = row.children.binary_search_by(|child| child.name.cmp(&self.name)).unwrap_or(0xFFFF);
        self.last_met.store((kind.number() as u32 + 1) << 16 | at as u32, Ordering::Relaxed);
        row.children.get(at)
    }
}

#[derive(Debug)]
pub(crate) struct Call {
    pub function: Function,
    pub arguments: Box<[ExprId]>,
    /// For `is`, `as`, `ofType`.
    pub kind: Option<TypeSpecifier>,
    /// The compiled pattern of `matches` and its kin, where it is a literal.
    pub pattern: OnceLock<Option<regex::Regex>>,
}

impl Clone for Call {
    fn clone(&self) -> Self {
        Call { function: self.function, arguments: self.arguments.clone(), kind: self.kind.clone(), pattern: OnceLock::new() }
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Literal {
    Boolean(bool),
    String(Box<str>),
    Integer(i64),
    Decimal(Decimal),
    Date(Date),
    DateTime(DateTime),
    Time(Time),
    Quantity(Box<Quantity>),
}

/// The name of a type, perhaps with its namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeSpecifier {
    /// `FHIR` or `System`; where none is written, both are meant.
    pub namespace: Option<Box<str>>,
    /// `Patient`, `string`, `String`.
    pub name: Box<str>,
    /// The model's type of that name.
    pub(crate) fhir: Option<TypeId>,
}

impl TypeSpecifier {
    pub(crate) fn new(namespace: Option<&str>, name: &str) -> TypeSpecifier {
        let fhir = if namespace == Some("System") { None } else { TypeId::named(name) };
        TypeSpecifier { namespace: namespace.map(Into::into), name: name.into(), fhir }
    }
}

/// A binary operator.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub(crate) enum Operator {
    Multiply, Divide, Div, Mod, Plus, Minus, Concatenate, Union, Less, LessOrEqual, Greater, GreaterOrEqual,
    Equal, NotEqual, Equivalent, NotEquivalent, In, Contains, And, Or, Xor, Implies,
}

impl Operator {
    /// All of them, with how they are written and how tightly they bind. The type
    /// operators stand between `Plus` and `Union`.
    pub(crate) const TABLE: [(Operator, &'static str, u8); 22] = [
        (Operator::Multiply, "*", 10), (Operator::Divide, "/", 10), (Operator::Div, "div", 10), (Operator::Mod, "mod", 10),
        (Operator::Plus, "+", 9), (Operator::Minus, "-", 9), (Operator::Concatenate, "&", 9),
        (Operator::Union, "|", 7),
        (Operator::Less, "<", 6), (Operator::LessOrEqual, "<=", 6), (Operator::Greater, ">", 6), (Operator::GreaterOrEqual, ">=", 6),
        (Operator::Equal, "=", 5), (Operator::NotEqual, "!=", 5), (Operator::Equivalent, "~", 5), (Operator::NotEquivalent, "!~", 5),
        (Operator::In, "in", 4), (Operator::Contains, "contains", 4),
        (Operator::And, "and", 3), (Operator::Or, "or", 2), (Operator::Xor, "xor", 2), (Operator::Implies, "implies", 1),
    ];

    pub(crate) fn is_logical(self) -> bool {
        matches!(self, Operator::And | Operator::Or | Operator::Xor | Operator::Implies)
    }

    pub(crate) fn text(self) -> &'static str {
        Self::TABLE.iter().find(|(operator, ..)| *operator == self).map_or("", |(_, text, _)| text)
    }

    pub(crate) fn binding(self) -> u8 {
        Self::TABLE.iter().find(|(operator, ..)| *operator == self).map_or(0, |(.., binding)| *binding)
    }
}

/// How tightly `is` and `as` bind.
pub(crate) const TYPE_BINDING: u8 = 8;
