//! The values a profile fixes, and whether a value is what it asks for.
//!
//! * `fixed[x]`: the same, member for member. `pattern[x]`: at least what the pattern says.
//! * Numbers are compared as numbers: 1.0 is 1.
//! * Rules: <https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.pattern_x_>.

use fhir::{Kind, Value};
use fhirpath::Decimal;

/// A JSON value kept apart from the text it came from.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Expected {
    Text(Box<str>),
    Number(Decimal),
    Bool(bool),
    Many(Vec<Expected>),
    Object(Vec<(Box<str>, Expected)>),
}

impl Expected {
    /// None for null, and for a number beyond what is compared.
    pub(super) fn read(value: Value<'_>) -> Option<Expected> {
        Some(match value.kind() {
            Kind::Null => return None,
            Kind::Bool => Expected::Bool(value.as_bool()?),
            Kind::Number => Expected::Number(number(value)?),
            Kind::String => Expected::Text(value.as_str()?.into()),
            // A null stands only beside a companion, and asks nothing.
            Kind::Array => Expected::Many(value.items().filter(|item| !item.is_null()).map(Expected::read).collect::<Option<_>>()?),
            Kind::Object => Expected::Object(value.members().filter(|(_, member)| !member.is_null()).map(|(name, member)| Some((Box::from(&*name), Expected::read(member)?))).collect::<Option<_>>()?),
        })
    }

    fn is_scalar(&self, value: Value<'_>) -> bool {
        match self {
            Expected::Text(text) => value.kind() == Kind::String && value.as_str().is_some_and(|found| *found == **text),
            Expected::Number(wanted) => number(value) == Some(*wanted),
            Expected::Bool(wanted) => value.as_bool() == Some(*wanted),
            _ => false,
        }
    }

    /// `fixed[x]`: whether a value is this one and nothing more.
    pub(super) fn is(&self, value: Value<'_>) -> bool {
        match self {
            Expected::Many(all) => value.kind() == Kind::Array && value.items().count() == all.len() && all.iter().zip(value.items()).all(|(one, item)| one.is(item)),
            Expected::Object(members) => {
                value.kind() == Kind::Object
                    && value.members().filter(|(_, member)| !member.is_null()).count() == members.len()
                    && members.iter().all(|(name, wanted)| value.get(name).is_some_and(|member| wanted.is(member)))
            }
            scalar => scalar.is_scalar(value),
        }
    }

    /// `pattern[x]`: whether a value says at least this. Of an array each item of the pattern
    /// must be met by some item.
    pub(super) fn is_said_by(&self, value: Value<'_>) -> bool {
        match self {
            Expected::Many(all) => value.kind() == Kind::Array && all.iter().all(|one| value.items().any(|item| one.is_said_by(item))),
            Expected::Object(members) => value.kind() == Kind::Object && members.iter().all(|(name, wanted)| value.get(name).is_some_and(|member| wanted.is_said_by(member))),
            scalar => scalar.is_scalar(value),
        }
    }

    /// As a message shows it: what the profile says is no secret of a person. At most 200 letters.
    pub(super) fn show(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        match out.char_indices().nth(200) {
            Some((cut, _)) => format!("{}…", &out[..cut]),
            None => out,
        }
    }

    fn write(&self, out: &mut String) {
        match self {
            Expected::Text(text) => out.push_str(text),
            Expected::Number(number) => out.push_str(&number.to_string()),
            Expected::Bool(is) => out.push_str(if *is { "true" } else { "false" }),
            Expected::Many(all) => all.iter().enumerate().for_each(|(place, one)| {
                out.push_str(if place > 0 { ", " } else { "" });
                one.write(out);
            }),
            Expected::Object(members) => members.iter().enumerate().for_each(|(place, (name, one))| {
                out.push_str(if place > 0 { ", " } else { "" });
                out.extend([name, " "]);
                one.write(out);
            }),
        }
    }
}

/// A number as it is compared.
pub(super) fn number(value: Value<'_>) -> Option<Decimal> {
    let text = value.as_number()?;
    text.parse().ok().or_else(|| Decimal::from_scientific(text).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use fhir::Document;

    fn check(pattern: &str, value: &str, is: bool, is_said: bool) {
        let wanted = Document::read(pattern).unwrap();
        let found = Document::read(value).unwrap();
        let wanted = Expected::read(wanted.root().get("x").unwrap()).unwrap();
        let found = found.root().get("x").unwrap();
        assert_eq!((wanted.is(found), wanted.is_said_by(found)), (is, is_said), "{pattern} {value}");
    }

    #[test]
    fn fixed_is_the_same_and_a_pattern_is_at_least_that() {
        check(r#"{"x":"a"}"#, r#"{"x":"a"}"#, true, true);
        check(r#"{"x":"a"}"#, r#"{"x":"\u0061"}"#, true, true);
        check(r#"{"x":"a"}"#, r#"{"x":"A"}"#, false, false);
        check(r#"{"x":1.0}"#, r#"{"x":1}"#, true, true);
        check(r#"{"x":1e2}"#, r#"{"x":100}"#, true, true);
        check(r#"{"x":true}"#, r#"{"x":"true"}"#, false, false);
        check(r#"{"x":{"a":"1","b":"2"}}"#, r#"{"x":{"b":"2","a":"1"}}"#, true, true);
        check(r#"{"x":{"a":"1"}}"#, r#"{"x":{"b":"2","a":"1"}}"#, false, true);
        check(r#"{"x":{"a":"1","b":"2"}}"#, r#"{"x":{"a":"1"}}"#, false, false);
        check(r#"{"x":[{"a":"1"}]}"#, r#"{"x":[{"a":"0"},{"a":"1","b":"2"}]}"#, false, true);
        check(r#"{"x":["a","b"]}"#, r#"{"x":["b","a"]}"#, false, true);
        check(r#"{"x":["a","b"]}"#, r#"{"x":["a","b"]}"#, true, true);
    }
}
