//! JSON that can be changed: a tree of its own, for what is made here rather than received.
//!
//! * Members keep their order, numbers their text.

use fhir::splice::write_string;
use fhir::{Document, Kind, ReadError, Value};

/// A JSON value.
#[derive(Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Json {
    Null,
    Bool(bool),
    /// As it was written.
    Number(String),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl std::fmt::Debug for Json {
    /// Never shows content: it may be about a person.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Json::Null => "null",
            Json::Bool(_) => "a truth",
            Json::Number(_) => "a number",
            Json::Text(_) => "a text",
            Json::List(_) => "a list",
            Json::Object(_) => "an object",
        })
    }
}

impl Json {
    /// A copy of what was read.
    pub fn of(value: Value<'_>) -> Json {
        match value.kind() {
            Kind::Null => Json::Null,
            Kind::Bool => Json::Bool(value.as_bool() == Some(true)),
            Kind::Number => Json::Number(value.raw().to_owned()),
            Kind::String => Json::Text(value.as_str().unwrap_or_default().into_owned()),
            Kind::Array => Json::List(value.items().map(Json::of).collect()),
            Kind::Object => Json::Object(value.members().map(|(name, member)| (name.into_owned(), Json::of(member))).collect()),
        }
    }

    /// Reads a text, as strictly as a received resource.
    pub fn read(text: &str) -> Result<Json, ReadError> {
        Ok(Json::of(Document::read(text)?.root()))
    }

    /// An object of these members.
    pub fn object<const N: usize>(members: [(&str, Json); N]) -> Json {
        Json::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// A text.
    pub fn text(text: impl Into<String>) -> Json {
        Json::Text(text.into())
    }

    /// Appends it without white space.
    pub fn write(&self, out: &mut String) {
        match self {
            Json::Null => out.push_str("null"),
            Json::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Json::Number(text) => out.push_str(text),
            Json::Text(text) => write_string(text, out),
            Json::List(items) => {
                out.push('[');
                for (place, item) in items.iter().enumerate() {
                    if place > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Json::Object(members) => {
                out.push('{');
                for (place, (name, value)) in members.iter().enumerate() {
                    if place > 0 {
                        out.push(',');
                    }
                    write_string(name, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }

    /// Written out.
    pub fn written(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    /// A member of an object.
    pub fn get(&self, name: &str) -> Option<&Json> {
        match self {
            Json::Object(members) => members.iter().find_map(|(own, value)| (own == name).then_some(value)),
            _ => None,
        }
    }

    /// The text of a member.
    pub fn string(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// The items of a member that is a list, or the member alone.
    pub fn each(&self, name: &str) -> &[Json] {
        match self.get(name) {
            Some(Json::List(items)) => items,
            Some(Json::Null) | None => &[],
            Some(one) => std::slice::from_ref(one),
        }
    }

    /// The members of an object.
    pub fn members(&self) -> &[(String, Json)] {
        match self {
            Json::Object(members) => members,
            _ => &[],
        }
    }

    /// The first member whose name begins like this and goes on: `value` finds `valueString`.
    pub fn choice(&self, stem: &str) -> Option<(&str, &Json)> {
        self.members().iter().find(|(name, _)| name.len() > stem.len() && name.starts_with(stem)).map(|(name, value)| (name.as_str(), value))
    }

    /// A text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A truth.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Json::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The text of a number.
    pub fn as_number(&self) -> Option<&str> {
        match self {
            Json::Number(text) => Some(text),
            _ => None,
        }
    }

    /// Sets a member in its place, or at the end.
    pub fn set(&mut self, name: &str, value: Json) {
        if let Json::Object(members) = self {
            match members.iter_mut().find(|(own, _)| own == name) {
                Some((_, old)) => *old = value,
                None => members.push((name.to_owned(), value)),
            }
        }
    }

    /// Adds to a member that is a list, or begins it.
    pub fn push(&mut self, name: &str, value: Json) {
        if let Json::Object(members) = self {
            match members.iter_mut().find(|(own, _)| own == name) {
                Some((_, Json::List(items))) => items.push(value),
                Some((_, other)) => *other = Json::List(vec![std::mem::replace(other, Json::Null), value]),
                None => members.push((name.to_owned(), Json::List(vec![value]))),
            }
        }
    }

    /// Takes a member out.
    pub fn remove(&mut self, name: &str) -> Option<Json> {
        match self {
            Json::Object(members) => members.iter().position(|(own, _)| own == name).map(|place| members.remove(place).1),
            _ => None,
        }
    }

    /// The extensions of an address.
    pub fn extensions<'j, 'a>(&'j self, address: &'a str) -> impl Iterator<Item = &'j Json> + use<'j, 'a> {
        self.each("extension").iter().filter(move |one| one.string("url") == Some(address))
    }

    /// The value of the first extension of an address, whatever its type.
    pub fn extension(&self, address: &str) -> Option<&Json> {
        let mut all = self.each("extension").iter().filter(|one| one.string("url") == Some(address));
        all.find_map(|one| one.choice("value").map(|(_, value)| value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_the_same() {
        for text in [r#"{"a":[1.50,"x\"",true,null],"b":{}}"#, "[]", r#"{"resourceType":"Patient","extension":[{"url":"u","valueCode":"c"}]}"#] {
            assert_eq!(Json::read(text).unwrap().written(), text);
        }
    }

    #[test]
    fn members_are_set_in_their_place_and_lists_grow() {
        let mut json = Json::read(r#"{"a":1,"b":2}"#).unwrap();
        json.set("a", Json::text("x"));
        json.push("b", Json::Bool(true));
        json.push("c", Json::Null);
        json.remove("zz");
        assert_eq!(json.written(), r#"{"a":"x","b":[2,true],"c":[null]}"#);
    }
}
