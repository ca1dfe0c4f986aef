//! The grammar of `_filter`: names, operators and values, not yet tied to any type.

use super::Problem;
use fhir::IssueCode;

/// The operators of R4.
pub(super) const OPERATORS: [&str; 19] =
    ["eq", "ne", "co", "sw", "ew", "gt", "lt", "ge", "le", "ap", "sa", "eb", "pr", "po", "ss", "sb", "in", "ni", "re"];

/// Longer filters are refused, in bytes.
const LONGEST: usize = 8 * 1024;
/// Brackets within brackets.
const DEEPEST: usize = 16;
/// Tests in one filter.
const MOST_TESTS: usize = 100;

/// A filter as it was written.
#[derive(Debug)]
pub(super) enum Syntax {
    All(Vec<Syntax>),
    Any(Vec<Syntax>),
    Not(Box<Syntax>),
    Test(Test),
}

/// `subject.name co "pet"`.
#[derive(Debug)]
pub(super) struct Test {
    pub path: Vec<Step>,
    pub operator: &'static str,
    /// The letter at which the operator stands.
    pub at: usize,
    pub value: String,
    pub value_at: usize,
}

/// One name of a path, with what stands in square brackets after it.
#[derive(Debug)]
pub(super) struct Step {
    pub name: String,
    pub at: usize,
    pub within: Option<Box<Syntax>>,
}

/// Reads a whole filter.
pub(super) fn read(text: &str) -> Result<Syntax, Problem> {
    if text.len() > LONGEST {
        return Err(Problem { at: 1, code: IssueCode::TooLong, message: format!("a filter has {LONGEST} bytes at most") });
    }
    let mut reader = Reader { rest: text, read: 0, depth: 0, tests: 0 };
    let syntax = reader.filter()?;
    reader.blanks();
    match reader.rest.chars().next() {
        None => Ok(syntax),
        Some(')') => Err(reader.expected("a bracket closes here that was never opened")),
        Some(_) => Err(reader.expected("and, or, or the end is expected")),
    }
}

struct Reader<'t> {
    rest: &'t str,
    /// Letters read so far.
    read: usize,
    depth: usize,
    tests: usize,
}

impl Reader<'_> {
    /// Tests and brackets joined by `and` and `or`, from left to right.
    fn filter(&mut self) -> Result<Syntax, Problem> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.problem(IssueCode::TooCostly, "brackets nest deeper than this server follows"));
        }
        let mut syntax = self.operand()?;
        loop {
            self.blanks();
            syntax = if self.word("and") {
                let next = self.operand()?;
                match syntax {
                    Syntax::All(mut parts) => {
                        parts.push(next);
                        Syntax::All(parts)
                    }
                    other => Syntax::All(vec![other, next]),
                }
            } else if self.word("or") {
                let next = self.operand()?;
                match syntax {
                    Syntax::Any(mut parts) => {
                        parts.push(next);
                        Syntax::Any(parts)
                    }
                    other => Syntax::Any(vec![other, next]),
                }
            } else {
                self.depth -= 1;
                return Ok(syntax);
            };
        }
    }

    fn operand(&mut self) -> Result<Syntax, Problem> {
        self.blanks();
        if self.sign('(') {
            return self.bracketed();
        }
        if self.rest.starts_with("not") && self.rest[3..].trim_start().starts_with('(') {
            self.skip(3);
            self.blanks();
            self.sign('(');
            return Ok(Syntax::Not(Box::new(self.bracketed()?)));
        }
        self.test().map(Syntax::Test)
    }

    fn bracketed(&mut self) -> Result<Syntax, Problem> {
        let inner = self.filter()?;
        self.blanks();
        if self.sign(')') { Ok(inner) } else { Err(self.expected("and, or, or a closing bracket is expected")) }
    }

    fn test(&mut self) -> Result<Test, Problem> {
        self.tests += 1;
        if self.tests > MOST_TESTS {
            return Err(self.problem(IssueCode::TooCostly, &format!("a filter has {MOST_TESTS} tests at most")));
        }
        let path = self.path()?;
        self.blanks();
        let at = self.read + 1;
        let letters = self.rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let Some(operator) = OPERATORS.into_iter().find(|operator| *operator == &self.rest[..letters]) else {
            return Err(self.expected(&format!("an operator is expected: {}", OPERATORS.join(", "))));
        };
        self.skip(letters);
        if !self.rest.starts_with(char::is_whitespace) {
            return Err(self.expected("a space and a value are expected"));
        }
        self.blanks();
        let value_at = self.read + 1;
        let value = if self.rest.starts_with('"') { self.quoted()? } else { self.token()? };
        Ok(Test { path, operator, at, value, value_at })
    }

    fn path(&mut self) -> Result<Vec<Step>, Problem> {
        let mut path = Vec::new();
        loop {
            let at = self.read + 1;
            // The colon is that of `subject:Patient`, as in any chain.
            let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b':');
            let letters = self.rest.bytes().take_while(is_of_name).count();
            if letters == 0 || !self.rest.starts_with(|letter: char| letter == '_' || letter.is_ascii_alphabetic()) {
                return Err(self.expected("a parameter, a bracket or not( is expected"));
            }
            let name = self.skip(letters);
            let within = if self.sign('[') {
                let inner = self.filter()?;
                self.blanks();
                if !self.sign(']') {
                    return Err(self.expected("and, or, or a closing square bracket is expected"));
                }
                if !self.rest.starts_with('.') {
                    return Err(self.expected("a dot and a parameter of what it leads to are expected"));
                }
                Some(Box::new(inner))
            } else {
                None
            };
            path.push(Step { name, at, within });
            if !self.sign('.') {
                return Ok(path);
            }
        }
    }

    /// A JSON string.
    fn quoted(&mut self) -> Result<String, Problem> {
        let mut escaped = false;
        let end = self.rest.char_indices().skip(1).find_map(|(at, letter)| {
            let ends = letter == '"' && !escaped;
            escaped = letter == '\\' && !escaped;
            ends.then_some(at + 1)
        });
        let Some(end) = end else { return Err(self.expected("a closing quotation mark is missing after this one")) };
        let read = fhir::Document::read(&self.rest[..end]).ok().and_then(|document| document.root().as_str().map(|text| text.into_owned()));
        let Some(value) = read else { return Err(self.expected("a string as in JSON is expected")) };
        self.skip(end);
        Ok(value)
    }

    fn token(&mut self) -> Result<String, Problem> {
        let is_of_token = |letter: &char| !letter.is_whitespace() && !matches!(letter, ')' | ']');
        let bytes = self.rest.chars().take_while(is_of_token).map(char::len_utf8).sum();
        if bytes == 0 { Err(self.expected("a value is expected")) } else { Ok(self.skip(bytes)) }
    }

    /// Takes a word that a blank or a bracket follows.
    fn word(&mut self, word: &str) -> bool {
        let is_here = self.rest.strip_prefix(word).is_some_and(|after| after.starts_with(|letter: char| letter.is_whitespace() || letter == '('));
        if is_here {
            self.skip(word.len());
        }
        is_here
    }

    fn sign(&mut self, sign: char) -> bool {
        let is_here = self.rest.starts_with(sign);
        if is_here {
            self.skip(sign.len_utf8());
        }
        is_here
    }

    fn blanks(&mut self) {
        let bytes = self.rest.len() - self.rest.trim_start().len();
        self.skip(bytes);
    }

    fn skip(&mut self, bytes: usize) -> String {
        let (taken, rest) = self.rest.split_at(bytes);
        self.read += taken.chars().count();
        self.rest = rest;
        taken.to_owned()
    }

    fn expected(&self, message: &str) -> Problem {
        self.problem(IssueCode::Value, message)
    }

    fn problem(&self, code: IssueCode, message: &str) -> Problem {
        Problem { at: self.read + 1, code, message: message.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A filter with every bracket written out.
    fn shown(syntax: &Syntax) -> String {
        let joined = |parts: &[Syntax], word: &str| format!("({})", parts.iter().map(shown).collect::<Vec<_>>().join(word));
        match syntax {
            Syntax::All(parts) => joined(parts, " & "),
            Syntax::Any(parts) => joined(parts, " | "),
            Syntax::Not(inner) => format!("!{}", shown(inner)),
            Syntax::Test(test) => {
                let step = |step: &Step| step.within.as_ref().map_or(step.name.clone(), |within| format!("{}[{}]", step.name, shown(within)));
                format!("{} {} {}", test.path.iter().map(step).collect::<Vec<_>>().join("."), test.operator, test.value)
            }
        }
    }

    #[test]
    fn a_filter_is_read_from_left_to_right() {
        for (text, expect) in [
            ("given eq peter", "given eq peter"),
            (r#" name  co "p)e\"t" "#, "name co p)e\"t"),
            ("a eq 1 and b eq 2 or c eq 3", "((a eq 1 & b eq 2) | c eq 3)"),
            ("a eq 1 and (b eq 2 or c eq 3)", "(a eq 1 & (b eq 2 | c eq 3))"),
            ("a eq 1 or b eq 2 or c eq 3", "(a eq 1 | b eq 2 | c eq 3)"),
            ("not (a eq 1) and not(b pr true)", "(!a eq 1 & !b pr true)"),
            ("subject.name sw ñ", "subject.name sw ñ"),
            ("related[type eq x].target re Observation/4", "related[type eq x].target re Observation/4"),
            ("and eq or and or eq and", "(and eq or & or eq and)"),
            ("nothing eq not", "nothing eq not"),
        ] {
            assert_eq!(read(text).map(|syntax| shown(&syntax)), Ok(expect.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_place() {
        for (text, at) in [
            ("", 1),
            ("given", 6),
            ("given eq", 9),
            ("given like x", 7),
            ("given eq \"x", 10),
            ("given eq x y", 12),
            ("(given eq x", 12),
            ("given eq x)", 11),
            ("ñ eq x", 1),
            ("name eq ñ and 1 eq x", 15),
            ("a eq x and", 8),
            ("a[b eq 1] eq 2", 10),
            ("a[b eq 1.c eq 2", 12),
            ("a. eq 1", 3),
            (r#"a eq "\q""#, 6),
        ] {
            let problem = read(text).unwrap_err();
            assert_eq!((problem.at, problem.code), (at, IssueCode::Value), "{text}: {}", problem.message);
        }
        let deep = format!("{}a eq 1{}", "(".repeat(20), ")".repeat(20));
        assert_eq!(read(&deep).unwrap_err().code, IssueCode::TooCostly);
        let many = vec!["a eq 1"; 101].join(" and ");
        assert_eq!(read(&many).unwrap_err().code, IssueCode::TooCostly);
        assert_eq!(read(&format!("a eq {}", "x".repeat(9000))).unwrap_err().code, IssueCode::TooLong);
    }
}
