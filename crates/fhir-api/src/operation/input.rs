//! The input of an operation, from the address and the body.
//! https://hl7.org/fhir/R4/operations.html#request

use super::Reads;
use crate::asked::Asked;
use crate::negotiate::{Sent, only, sent};
use crate::outcome::Trouble;
use axum::body::Body;
use bytes::Bytes;
use fhir::{Document, IssueCode, Kind, Limits, Value};

/// A Parameters resource with dates and names is never longer than this.
const PARAMETERS_LIMIT_BYTES: usize = 1024 * 1024;

/// What an operation was given in its body.
pub(crate) struct Input {
    received: Bytes,
    document: Option<Document<'static>>,
}

impl Input {
    /// Receives a body and adds the simple values of a Parameters resource to the request's parameters.
    pub async fn receive(asked: &mut Asked<'_>, body: Option<Body>, reads: Reads) -> Result<Input, Trouble> {
        let limit_bytes = if reads == Reads::Parameters { PARAMETERS_LIMIT_BYTES } else { asked.settings.body_limit_bytes };
        let received = match body {
            Some(body) => asked.body(body, limit_bytes).await?,
            None => Bytes::new(),
        };
        if received.is_empty() || reads == Reads::Bytes {
            return Ok(Input { received, document: None });
        }
        if sent(asked.headers)? != Sent::Json {
            return Err(only("application/fhir+json"));
        }
        let limits = Limits { size_bytes: limit_bytes, ..Limits::default() };
        let refused = |cause: fhir::ReadError| Trouble::malformed_by(vec![(&cause).into()]).within(&received);
        let document = match String::from_utf8(received.to_vec()) {
            Ok(text) => Document::read_owned_within(text, limits).map_err(refused)?,
            // Read once more for the place.
            Err(_) => return Err(Document::read_bytes(&received, limits).map_or_else(refused, |_| Trouble::inside())),
        };
        let input = Input { received, document: Some(document) };
        match input.is_parameters() {
            true => input.give_simple(asked)?,
            false if reads == Reads::Parameters => {
                return Err(Trouble::malformed(IssueCode::Structure, "The body of this operation is a Parameters resource.").at("Parameters"));
            }
            false => {}
        }
        Ok(input)
    }

    /// The body as it came; empty where there was none.
    pub fn bytes(&self) -> &Bytes {
        &self.received
    }

    /// The resource sent: alone, or as the parameter of that name.
    pub fn resource(&self, name: &str) -> Option<Value<'_>> {
        match self.is_parameters() {
            true => self.all(name).find_map(|parameter| parameter.get("resource")),
            false => self.root(),
        }
    }

    /// The value of the first parameter of that name, whatever its type, with the member that
    /// holds it (`valueCoding`).
    pub fn value(&self, name: &str) -> Option<(String, Value<'_>)> {
        self.all(name).find_map(value_of)
    }

    /// All parameters of that name, each as it stands in the Parameters resource.
    pub fn all<'i>(&'i self, name: &str) -> impl Iterator<Item = Value<'i>> {
        self.parameters().filter(move |parameter| parameter.string("name").as_deref() == Some(name))
    }

    /// Refuses parameters of the body that an operation does not know, unless the caller is lenient, who is told.
    pub fn knows_only(&self, asked: &Asked<'_>, names: &[&str]) -> Result<(), Trouble> {
        let unknown = |parameter: &Value<'_>| !parameter.string("name").is_some_and(|name| names.contains(&&*name));
        if asked.prefer.lenient {
            self.parameters().filter(|parameter| unknown(parameter)).for_each(|parameter| asked.pass_over(&parameter.string("name").unwrap_or_default()));
            return Ok(());
        }
        if !self.parameters().any(|parameter| unknown(&parameter)) {
            return Ok(());
        }
        let message = format!("This operation knows the parameters {}.", names.join(", "));
        Err(Trouble::malformed(IssueCode::NotSupported, message).at("Parameters.parameter.name"))
    }

    fn root(&self) -> Option<Value<'_>> {
        self.document.as_ref().map(Document::root)
    }

    fn is_parameters(&self) -> bool {
        self.root().is_some_and(|root| root.string("resourceType").as_deref() == Some("Parameters"))
    }

    fn parameters(&self) -> impl Iterator<Item = Value<'_>> {
        self.root().filter(|_| self.is_parameters()).and_then(|root| root.get("parameter")).into_iter().flat_map(|list| list.items())
    }

    /// Text, codes, dates, numbers and truths stand beside those of the address.
    fn give_simple(&self, asked: &mut Asked<'_>) -> Result<(), Trouble> {
        for parameter in self.parameters() {
            let wrong = || Trouble::malformed(IssueCode::Value, "Each parameter has a name and a value, a resource or parts.").at("Parameters.parameter");
            let name = parameter.string("name").ok_or_else(wrong)?.into_owned();
            if parameter.get("resource").is_some() || parameter.get("part").is_some() {
                continue;
            }
            let Some((_, value)) = value_of(parameter) else {
                // What fits into no value stands in an extension.
                if parameter.get("extension").is_some() {
                    continue;
                }
                return Err(wrong());
            };
            let text = value.as_str().map(|text| text.into_owned()).or_else(|| value.as_number().map(str::to_owned));
            if let Some(text) = text.or_else(|| value.as_bool().map(|truth| truth.to_string())) {
                asked.parameters.push(&name, text);
            }
        }
        Ok(())
    }
}

/// True for a parameter with one value that fits into an address, as [`Input::receive`] puts it beside those of the address.
pub(super) fn is_simple(parameter: Value<'_>) -> bool {
    let is_plain = |value: Value<'_>| matches!(value.kind(), Kind::String | Kind::Number | Kind::Bool);
    parameter.get("resource").is_none() && parameter.get("part").is_none() && value_of(parameter).is_some_and(|(_, value)| is_plain(value))
}

fn value_of(parameter: Value<'_>) -> Option<(String, Value<'_>)> {
    parameter.members().find(|(member, _)| member.starts_with("value")).map(|(member, value)| (member.to_string(), value))
}
