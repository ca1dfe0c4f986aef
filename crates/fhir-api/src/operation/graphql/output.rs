//! The answer of a query while it grows.
//!
//! * Values keep their received tokens.
//! * A name that comes again in a list grows it; outside of one it is an error, told by the caller.
//! * A list holds values of one type: what was collated from several is an error too.

use fhir::splice::write_string;

/// A value of the answer.
pub(super) enum Out {
    /// JSON tokens of a scalar.
    Token(String),
    Object(Members),
    List(Vec<Out>),
}

/// Names and values in the order of the query.
#[derive(Default)]
pub(super) struct Members(Vec<(String, Out, &'static str)>);

impl Out {
    pub fn null() -> Out {
        Out::Token("null".to_owned())
    }

    pub fn text(text: &str) -> Out {
        let mut token = String::new();
        write_string(text, &mut token);
        Out::Token(token)
    }

    /// The length of a scalar; what is in an object or a list was counted when it was put there.
    pub fn size_bytes(&self) -> usize {
        match self {
            Out::Token(token) => token.len(),
            Out::Object(_) | Out::List(_) => 0,
        }
    }

    pub fn write(&self, out: &mut String) {
        match self {
            Out::Token(token) => out.push_str(token),
            Out::Object(members) => members.write(out),
            Out::List(items) => {
                out.push('[');
                for (number, item) in items.iter().enumerate() {
                    if number > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
        }
    }
}

impl Members {
    /// Sets a name; false where it is set already to something else.
    pub fn set(&mut self, name: &str, value: Out) -> bool {
        match self.0.iter().find(|(other, ..)| other == name) {
            None => {
                self.0.push((name.to_owned(), value, ""));
                true
            }
            Some((_, Out::Token(old), _)) => matches!(value, Out::Token(new) if *old == new),
            Some(_) => false,
        }
    }

    /// Adds to the list of a name; false where the name is no list, or one of another type.
    pub fn add(&mut self, name: &str, value: Out, kind: &'static str) -> bool {
        match self.0.iter_mut().find(|(other, ..)| other == name) {
            None => {
                self.0.push((name.to_owned(), Out::List(vec![value]), kind));
                true
            }
            Some((_, Out::List(items), known)) if *known == kind => {
                items.push(value);
                true
            }
            Some(_) => false,
        }
    }

    pub fn write(&self, out: &mut String) {
        out.push('{');
        for (number, (name, value, _)) in self.0.iter().enumerate() {
            if number > 0 {
                out.push(',');
            }
            write_string(name, out);
            out.push(':');
            value.write(out);
        }
        out.push('}');
    }
}
