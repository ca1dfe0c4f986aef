//! Why an expression could not be read or could not be evaluated.
//!
//! Neither kind of error carries content of a resource.

/// An expression that is not FHIRPath, and where it stops being so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} at line {line}, column {column}")]
pub struct ParseError {
    /// From 1.
    pub line: u32,
    /// In characters, from 1.
    pub column: u32,
    /// What is wrong and what was expected.
    pub message: String,
}

/// An evaluation that the language calls an error, or that was stopped at a limit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvalError {
    /// The operator or function wants one item at most.
    #[error("{what} wants a single item, there are {count}")]
    NotSingle {
        /// Operator or function.
        what: &'static str,
        /// Items found.
        count: usize,
    },
    /// An operand of a type with which this makes no sense.
    #[error("{what} cannot be applied to {found}")]
    WrongType {
        /// Operator or function.
        what: &'static str,
        /// Type names, never values.
        found: String,
    },
    /// A type the model does not know.
    #[error("there is no type {0}")]
    UnknownType(String),
    /// `%name` that nobody defined.
    #[error("there is no constant %{0}")]
    UnknownConstant(String),
    /// A variable defined twice, or under a reserved name.
    #[error("a variable of that name is already defined")]
    VariableDefined,
    /// Not a regular expression.
    #[error("the pattern is not a regular expression, or too large a one")]
    BadPattern,
    /// An argument outside what the function accepts.
    #[error("{function}: {problem}")]
    BadArgument {
        /// The function.
        function: &'static str,
        /// What is wrong with the argument.
        problem: &'static str,
    },
    /// The function asks something the context cannot answer.
    #[error("{0} is not available here")]
    NotAvailable(&'static str),
    /// A [`Limits`](crate::Limits) value was reached.
    #[error("stopped: the evaluation reached its limit of {0}")]
    Limit(&'static str),
}
