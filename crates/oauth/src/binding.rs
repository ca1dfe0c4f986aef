//! To what a token is bound, so that a stolen one is worth nothing: a key of the program, or its certificate.
//!
//! * What a program brings when it gets a token, it brings with every use of it, and when it renews it.
//! * A bound token that is brought as an unbound one is refused, and so is the reverse.
//! * A proof is good for one request, for a minute, and once. Of those made before this process began
//!   nobody remembers whether they were used: they are refused.
//!
//! <https://www.rfc-editor.org/rfc/rfc9449>, <https://www.rfc-editor.org/rfc/rfc8705#section-3>

use fhir::Moment;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use crate::bearer::Bearer;
use crate::client::{Bound, Client};
use crate::encode;
use crate::error::{Code, Refusal, Result};
use crate::server::Server;
use crate::token::Presented;

/// How old a proof may be.
const PROOF_MS: i64 = 60_000;
/// How far clocks may differ.
const SKEW_MS: i64 = 10_000;
/// The longest proof: an RSA key of 4096 bits and its signature fit.
const PROOF_BYTES: usize = 8 * 1024;
/// What may sign a proof.
pub const PROOF_ALGORITHMS: [&str; 6] = ["ES256", "ES384", "EdDSA", "PS256", "RS256", "RS384"];

/// To what a token is bound; written as its `cnf` is told (RFC 7800).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Binding {
    /// To a key, by its thumbprint (RFC 7638).
    #[serde(rename = "jkt")]
    Key(String),
    /// To a certificate, by its SHA-256.
    #[serde(rename = "x5t#S256")]
    Certificate(String),
}

impl Binding {
    /// To a certificate of that SHA-256.
    pub fn of_certificate(sha256: &[u8; 32]) -> Binding {
        Binding::Certificate(encode::text(sha256))
    }

    fn is_same_kind(&self, other: &Binding) -> bool {
        matches!((self, other), (Binding::Key(_), Binding::Key(_)) | (Binding::Certificate(_), Binding::Certificate(_)))
    }
}

/// What a program is told of the kind of its token.
pub(crate) fn token_type(binding: Option<&Binding>) -> &'static str {
    if matches!(binding, Some(Binding::Key(_))) { "DPoP" } else { "Bearer" }
}

/// A token, and with what it was brought.
#[derive(Clone, Copy, Debug)]
pub struct Brought<'a> {
    /// The token.
    pub token: &'a str,
    /// Under the scheme `DPoP`, not `Bearer`.
    pub is_dpop: bool,
    /// The DPoP headers, as they came.
    pub proofs: &'a [&'a str],
    /// The method of the request.
    pub method: &'a str,
    /// The path of the request, without its query.
    pub path: &'a str,
    /// SHA-256 of the client's certificate.
    pub certificate: Option<[u8; 32]>,
}

/// What a token is worth in the hands that brought it.
#[derive(Clone, Debug)]
pub enum Borne {
    /// It is good.
    Good(Bearer),
    /// It is unknown, over, taken back, or bound to what was not shown.
    Worthless,
    /// It is good, and the proof beside it is not, or is missing.
    Unproved(Refusal),
}

/// A proof that is right by itself.
#[derive(Debug)]
struct Proof {
    thumbprint: String,
    mark: [u8; 32],
}

#[derive(Deserialize)]
struct Claims {
    jti: String,
    htm: String,
    htu: String,
    iat: i64,
    ath: Option<String>,
}

fn wrong(message: &'static str) -> Refusal {
    Refusal { code: Code::InvalidDpopProof, message }
}

/// Looks at a proof of a request. <https://www.rfc-editor.org/rfc/rfc9449#section-4.3>
fn look(proof: &str, method: &str, address: &str, token: Option<&str>, now: Moment, began: Moment) -> std::result::Result<Proof, Refusal> {
    let unlike = wrong("The DPoP header is no signed JWT of the type dpop+jwt.");
    if proof.len() > PROOF_BYTES {
        return Err(unlike);
    }
    let header: Value = proof.split('.').next().and_then(encode::bytes).and_then(|bytes| serde_json::from_slice(&bytes).ok()).ok_or(unlike)?;
    if header["typ"].as_str() != Some("dpop+jwt") {
        return Err(unlike);
    }
    if !header["crit"].is_null() {
        return Err(wrong("The header of the DPoP proof sets conditions that this server does not know."));
    }
    let named = header["alg"].as_str().unwrap_or_default();
    let algorithm = PROOF_ALGORITHMS.iter().find(|name| **name == named).and_then(|name| name.parse::<Algorithm>().ok());
    let algorithm = algorithm.ok_or(wrong("A DPoP proof is signed with ES256, ES384, EdDSA, PS256, RS256 or RS384."))?;
    let key = &header["jwk"];
    if ["d", "p", "q", "dp", "dq", "qi", "k"].iter().any(|secret| !key[*secret].is_null()) {
        return Err(wrong("The DPoP proof holds a private key: make another, and send its public half."));
    }
    let thumbprint = thumbprint(key).ok_or(wrong("The DPoP proof brings the public key it is signed with (`jwk`): EC, RSA or OKP."))?;
    let jwk: Jwk = serde_json::from_value(key.clone()).map_err(|_| wrong("The key of the DPoP proof cannot be used."))?;
    let decoding = DecodingKey::from_jwk(&jwk).map_err(|_| wrong("The key of the DPoP proof cannot be used."))?;
    let mut validation = Validation::new(algorithm);
    // The times are looked at below, with the clock of the door.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let claims = jsonwebtoken::decode::<Claims>(proof, &decoding, &validation).map_err(|_| wrong("The signature of the DPoP proof is wrong, or it lacks one of jti, htm, htu and iat."))?.claims;
    if claims.htm != method || !is_same_address(&claims.htu, address) {
        return Err(wrong("The DPoP proof is for another request: htm and htu are the method and the address, without query and fragment."));
    }
    if claims.jti.is_empty() || claims.jti.len() > 500 {
        return Err(wrong("The DPoP proof has a `jti` of 1 to 500 bytes."));
    }
    let made_at = claims.iat.saturating_mul(1000);
    if made_at > now.0 + SKEW_MS || made_at < now.0 - PROOF_MS {
        return Err(wrong("The DPoP proof is older than a minute, or made in the future: look at the clock."));
    }
    if made_at + 1000 <= began.0 {
        return Err(wrong("The DPoP proof was made before this server began, and may have been used: make another."));
    }
    let hash = token.map(|token| encode::text(encode::sha256(token.as_bytes())));
    if hash.is_some() && claims.ath != hash {
        return Err(wrong("The DPoP proof belongs to another token (`ath`)."));
    }
    let mark = encode::sha256(format!("{thumbprint}\n{}", claims.jti).as_bytes());
    Ok(Proof { thumbprint, mark })
}

/// The thumbprint of a public key. <https://www.rfc-editor.org/rfc/rfc7638#section-3.2>
fn thumbprint(key: &Value) -> Option<String> {
    let names: &[&str] = match key["kty"].as_str()? {
        "EC" => &["crv", "kty", "x", "y"],
        "RSA" => &["e", "kty", "n"],
        "OKP" => &["crv", "kty", "x"],
        _ => return None,
    };
    // In the order of their names, without white space.
    let members = names.iter().map(|name| Some(format!("{}:{}", Value::from(*name), Value::from(key[*name].as_str()?)))).collect::<Option<Vec<_>>>()?;
    Some(encode::text(encode::sha256(format!("{{{}}}", members.join(",")).as_bytes())))
}

/// Compares addresses as RFC 3986 does, without query and fragment.
fn is_same_address(one: &str, other: &str) -> bool {
    let parts = |text: &str| Url::parse(text).ok().map(|url| (url.origin(), url.path().to_owned()));
    parts(one).is_some_and(|one| Some(one) == parts(other))
}

impl Server {
    /// To what the tokens of a request are to be bound.
    pub(crate) fn binding_of(&self, presented: &Presented<'_>, client: &Client, now: Moment) -> Result<Option<Binding>> {
        let certificate = presented.certificate.as_ref().map(Binding::of_certificate);
        match (client.bound, presented.proofs, certificate) {
            (Bound::Certificate, _, None) => Err(Refusal { code: Code::InvalidRequest, message: "This program is registered to bind its tokens to its certificate: connect with it." }.into()),
            (Bound::Certificate, _, certificate) => Ok(certificate),
            (_, [proof], _) => {
                let proof = look(proof, "POST", &self.token_endpoint(), None, now, self.began)?;
                self.use_proof(&proof, now)?;
                Ok(Some(Binding::Key(proof.thumbprint)))
            }
            (Bound::Key, [], _) => Err(wrong("This program is registered to bind its tokens to a key: bring a DPoP proof.").into()),
            // A program that can keep a secret and comes with a certificate comes with it again.
            (_, [], Some(certificate)) if client.is_confidential() => Ok(Some(certificate)),
            (_, [], _) => Ok(None),
            _ => Err(wrong("There is more than one DPoP proof.").into()),
        }
    }

    /// What a token is worth in the hands that bring it.
    ///
    /// # Errors
    /// Where what is kept of programs cannot be read.
    pub fn borne(&self, brought: &Brought<'_>, now: Moment) -> Result<Borne> {
        let Some(bearer) = self.bearer(brought.token, now)? else { return Ok(Borne::Worthless) };
        match &bearer.binding {
            None if brought.is_dpop => Ok(Borne::Unproved(wrong("The token is bound to no key: it is brought as Bearer."))),
            None => Ok(Borne::Good(bearer)),
            Some(Binding::Certificate(_)) if brought.is_dpop => Ok(Borne::Worthless),
            Some(bound @ Binding::Certificate(_)) => {
                let is_shown = brought.certificate.as_ref().map(Binding::of_certificate).as_ref() == Some(bound);
                Ok(if is_shown { Borne::Good(bearer) } else { Borne::Worthless })
            }
            Some(Binding::Key(_)) if !brought.is_dpop => Ok(Borne::Unproved(wrong("The token is bound to a key: it is brought as DPoP, with a proof."))),
            Some(Binding::Key(thumbprint)) => {
                let [proof] = brought.proofs else { return Ok(Borne::Unproved(wrong("A request with a bound token brings one DPoP proof."))) };
                let address = format!("{}{}", self.addresses.origin, brought.path);
                let proof = match look(proof, brought.method, &address, Some(brought.token), now, self.began) {
                    Ok(proof) => proof,
                    Err(refusal) => return Ok(Borne::Unproved(refusal)),
                };
                if proof.thumbprint != *thumbprint {
                    return Ok(Borne::Worthless);
                }
                match self.use_proof(&proof, now) {
                    Ok(()) => Ok(Borne::Good(bearer)),
                    Err(refusal) => Ok(Borne::Unproved(refusal)),
                }
            }
        }
    }

    fn use_proof(&self, proof: &Proof, now: Moment) -> std::result::Result<(), Refusal> {
        self.memory.lock().proofs.take(proof.mark, now)
    }
}

/// What a renewal does to a binding; the refusal where it would be loosened, or another's.
pub(crate) fn renewed(bound: Option<&Binding>, shown: Option<Binding>, client: &Client) -> std::result::Result<Option<Binding>, Refusal> {
    match (bound, shown) {
        (None, shown) => Ok(shown),
        (Some(Binding::Key(_)), None) => Err(wrong("The refresh_token is bound to a key: bring a DPoP proof.")),
        (Some(bound), Some(shown)) if *bound == shown => Ok(Some(shown)),
        // Who proves itself otherwise may change its key; its older tokens are then worth nothing.
        (Some(bound), Some(shown)) if client.is_confidential() && bound.is_same_kind(&shown) => Ok(Some(shown)),
        _ => Err(Refusal { code: Code::InvalidGrant, message: "The refresh_token is bound to another key or certificate." }),
    }
}

/// Proofs that were used, as long as they could be used again: those of this stretch of time and of the one before.
#[derive(Default)]
pub(crate) struct UsedProofs {
    newer: std::collections::HashSet<[u8; 32]>,
    older: std::collections::HashSet<[u8; 32]>,
    since: i64,
}

/// Proofs of one stretch.
const PROOFS_MOST: usize = 200_000;

impl UsedProofs {
    fn take(&mut self, mark: [u8; 32], now: Moment) -> std::result::Result<(), Refusal> {
        // A proof is good from its time less the skew until a minute after it.
        const STRETCH_MS: i64 = PROOF_MS + 2 * SKEW_MS;
        if now.0 - self.since >= STRETCH_MS {
            let is_long_ago = now.0 - self.since >= 2 * STRETCH_MS;
            self.older = std::mem::take(&mut self.newer);
            if is_long_ago {
                self.older.clear();
            }
            self.since = now.0;
        }
        if self.newer.contains(&mark) || self.older.contains(&mark) {
            return Err(wrong("This DPoP proof was used already: a `jti` is good once."));
        }
        if self.newer.len() >= PROOFS_MOST {
            return Err(Refusal { code: Code::TemporarilyUnavailable, message: "Too many at once; try again in a minute." });
        }
        self.newer.insert(mark);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thumbprint_is_that_of_the_standard() {
        // RFC 7638 section 3.1.
        let key = serde_json::json!({
            "kty": "RSA", "alg": "RS256", "kid": "2011-04-29", "e": "AQAB",
            "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
        });
        assert_eq!(thumbprint(&key).as_deref(), Some("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"));
        assert_eq!(thumbprint(&serde_json::json!({ "kty": "oct", "k": "AA" })), None);
    }

    #[test]
    fn addresses_are_compared_without_query_and_as_they_are_meant() {
        for (one, other, expect) in [
            ("https://a.example/fhir/Patient", "https://a.example/fhir/Patient", true),
            ("https://A.example:443/fhir/Patient?x=1#y", "https://a.example/fhir/Patient", true),
            ("https://a.example/fhir/x/../Patient", "https://a.example/fhir/Patient", true),
            ("https://a.example/fhir/Patient/", "https://a.example/fhir/Patient", false),
            ("http://a.example/fhir/Patient", "https://a.example/fhir/Patient", false),
            ("https://b.example/fhir/Patient", "https://a.example/fhir/Patient", false),
            ("/fhir/Patient", "https://a.example/fhir/Patient", false),
        ] {
            assert_eq!(is_same_address(one, other), expect, "{one}");
        }
    }

    #[test]
    fn a_proof_is_used_once_for_as_long_as_it_could_be_used_again() {
        let mut used = UsedProofs::default();
        assert!(used.take([1; 32], Moment(1_000_000)).is_ok());
        for later in [0, 1000, PROOF_MS, PROOF_MS + SKEW_MS] {
            assert!(used.take([1; 32], Moment(1_000_000 + later)).is_err(), "{later}");
        }
        for place in 0..PROOFS_MOST {
            let mut mark = [2; 32];
            mark[..8].copy_from_slice(&(place as u64).to_le_bytes());
            let _ = used.take(mark, Moment(1_000_000));
        }
        assert_eq!(used.take([3; 32], Moment(1_000_000)).map_err(|refusal| refusal.code), Err(Code::TemporarilyUnavailable));
        assert!(used.take([3; 32], Moment(2_000_000)).is_ok());
    }
}
