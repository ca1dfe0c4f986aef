//! The FHIRPath language over a resource: `Patient.name.where(use = 'official').given`.
//!
//! Text becomes tokens (`lexer`), tokens a tree (`parser`, `ast`), and the tree is walked
//! over a borrowed resource (`evaluate`). The normative release N1 of the language in its
//! R4 flavour, with the later functions that the published tests use.
//!
//! * The same expression on the same resource in the same [`Context`] gives the same
//!   items: there is no clock, net or store in here.
//! * Every expression ends: text, nesting, steps, items and texts are bounded.
//! * Errors name types and places in the expression, never content.
//! * Nothing here knows what an expression is for; searching, validating and patching do.
//!
//! ```
//! use fhirpath::{Collection, Context, Expression, Node, to_json_lines};
//! let document = fhir::Document::read(r#"{"resourceType":"Patient","name":[{"given":["Ana","Eva"]}]}"#)?;
//! let expression = Expression::parse("name.given.first()")?;
//! let context = Context::of(document.root());
//! let found = expression.evaluate(&context, Collection::one(Node::resource(document.root())))?;
//! assert_eq!(to_json_lines(&found), "\"Ana\"\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! <http://hl7.org/fhirpath/N1/> and <https://hl7.org/fhir/R4/fhirpath.html>

#![forbid(unsafe_code)]

mod ast;
mod check;
mod compare;
mod context;
mod error;
mod evaluate;
mod expression;
mod functions;
mod json;
pub mod json_patch;
mod lexer;
mod model;
mod node;
mod numbers;
mod outline;
mod parser;
mod print;
pub mod patch;
mod path;
mod quantity;
mod reference;
mod temporal;
mod tree;
mod value;
mod xhtml;

pub use ast::TypeSpecifier;
pub use check::Complaint;
pub use context::{Code, Context, Limits, Resolver, Terminology, Trace, TraceLines};
pub use error::{EvalError, ParseError};
pub use expression::{Expression, holds, holds_counted, is_true};
pub use json::{to_json_lines, write_item};
pub use model::TypeId;
pub use node::Node;
pub use parser::{MAX_BYTES, MAX_NESTING, MAX_PATTERNS};
pub use path::PathSet;
pub use quantity::{CalendarUnit, Quantity, Unit};
pub use rust_decimal::Decimal;
pub use temporal::{Date, DateTime, Time};
pub use value::{Collection, Item};
