//! A program proves who it is: by a secret in the header, by a signed assertion, or, where it can do neither, by its name.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fhir::Moment;

use crate::assertion;
use crate::client::{Client, ClientKind};
use crate::encode::{self, once};
use crate::error::{Code, Refusal, Result, refused};
use crate::server::{Server, make_room};
use crate::token::Presented;

/// The only kind of assertion. <https://www.rfc-editor.org/rfc/rfc7523#section-2.2>
pub(crate) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

const UNKNOWN: Refusal = Refusal { code: Code::InvalidClient, message: "The program is not registered, not approved yet, or did not prove who it is." };
const TWICE: Refusal = Refusal { code: Code::InvalidRequest, message: "A parameter is there twice." };

impl Server {
    /// The program a request comes from.
    pub(crate) fn prove(&self, presented: &Presented<'_>, now: Moment) -> Result<Client> {
        let field = |name: &str| once(presented.form, name).map_err(|()| TWICE);
        let (id, secret, assertion, kind) = (field("client_id")?, field("client_secret")?, field("client_assertion")?, field("client_assertion_type")?);
        if secret.is_some() {
            return refused(Code::InvalidClient, "A secret is sent in the Authorization header (HTTP Basic), not in the body.");
        }
        match (presented.authorization, assertion, kind) {
            (Some(_), Some(_), _) => refused(Code::InvalidRequest, "A program proves itself in one way, not in two."),
            (Some(header), None, None) => self.prove_by_secret(header, id),
            (None, Some(assertion), Some(ASSERTION_TYPE)) => self.prove_by_assertion(assertion, id, now),
            (None, None, None) => match self.known(id.unwrap_or_default())? {
                Some(client) if !client.is_confidential() => Ok(client),
                _ => Err(UNKNOWN.into()),
            },
            _ => refused(Code::InvalidRequest, "client_assertion and client_assertion_type (urn:ietf:params:oauth:client-assertion-type:jwt-bearer) come together and without an Authorization header."),
        }
    }

    /// A program somebody answers for.
    pub(crate) fn known(&self, id: &str) -> Result<Option<Client>> {
        Ok(self.client(id)?.filter(|client| client.approved))
    }

    fn prove_by_secret(&self, header: &str, named: Option<&str>) -> Result<Client> {
        let Some((id, secret)) = basic(header) else { return refused(Code::InvalidClient, "The Authorization header is HTTP Basic with client_id and secret.") };
        let digest = encode::text(encode::sha256(secret.as_bytes()));
        let client = self.known(&id)?;
        let is_right = client.as_ref().is_some_and(|client| matches!(&client.kind, ClientKind::Secret(kept) if encode::is_same(kept.as_bytes(), digest.as_bytes())));
        match client {
            Some(client) if is_right && named.is_none_or(|named| named == client.id) => Ok(client),
            _ => Err(UNKNOWN.into()),
        }
    }

    fn prove_by_assertion(&self, assertion: &str, named: Option<&str>, now: Moment) -> Result<Client> {
        let id = assertion::claimed_client(assertion).ok_or(Refusal { code: Code::InvalidClient, message: "The client_assertion is no signed JWT." })?;
        let Some(client) = self.known(&id)?.filter(|client| named.is_none_or(|named| named == client.id)) else { return Err(UNKNOWN.into()) };
        let keys = match &client.kind {
            ClientKind::Keys(keys) => Arc::new(keys.clone()),
            ClientKind::KeysAt(address) => self.keys_at(address, now).ok_or(Refusal { code: Code::InvalidClient, message: "The keys of the program could not be fetched from its jwks_uri." })?,
            _ => return Err(UNKNOWN.into()),
        };
        let endpoint = self.token_endpoint();
        let proved = assertion::prove(assertion, &client.id, &keys, &[&endpoint, self.issuer()], now, self.began)?;
        let mut memory = self.memory.lock();
        make_room(&mut memory.assertions, |until| *until <= now)?;
        match memory.assertions.get(&proved.mark) {
            Some(until) if *until > now => return refused(Code::InvalidClient, "This client_assertion was used already: a `jti` is good once."),
            _ => memory.assertions.insert(proved.mark, proved.until),
        };
        drop(memory);
        Ok(client)
    }
}

/// Identifier and secret of a Basic header; both are form-encoded in it (RFC 6749 section 2.3.1).
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, rest) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((decoded(id)?, decoded(secret)?))
}

fn decoded(text: &str) -> Option<String> {
    url::form_urlencoded::parse(format!("x={}", text.replace('&', "%26").replace('=', "%3D")).as_bytes()).next().map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_from_the_header_as_the_standard_writes_it() {
        let header = |text: &str| format!("Basic {}", STANDARD.encode(text));
        assert_eq!(basic(&header("app:a-_b")), Some(("app".into(), "a-_b".into())));
        assert_eq!(basic(&header("a%3Ab:c%26d")), Some(("a:b".into(), "c&d".into())));
        for wrong in ["", "Basic", "Bearer abc", "Basic !!", &header("app")] {
            assert_eq!(basic(wrong), None, "{wrong}");
        }
    }
}
