//! What a program signs to prove who it is.
//!
//! * The algorithm comes from a list, the key from those that were registered, or lie where it was
//!   registered that they lie; whatever a header says about other keys is refused.
//! * It is meant for this server alone, for five minutes at most, and once.
//!
//! <https://hl7.org/fhir/smart-app-launch/STU2.2/client-confidential-asymmetric.html>

use fhir::Moment;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

use crate::encode;
use crate::error::{Code, Refusal};

/// The longest an assertion may be good for.
pub(crate) const LONGEST_MS: i64 = 5 * 60_000;
/// How far clocks may differ.
const SKEW_MS: i64 = 10_000;
/// What may sign. <https://hl7.org/fhir/smart-app-launch/STU2.2/client-confidential-asymmetric.html#registering-a-client-communicating-public-keys>
pub(crate) const ALGORITHMS: [(&str, Algorithm); 3] = [("ES384", Algorithm::ES384), ("RS384", Algorithm::RS384), ("ES256", Algorithm::ES256)];

/// What an assertion says, once its signature is right.
#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: i64,
    iat: Option<i64>,
    nbf: Option<i64>,
    jti: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    fn only(&self) -> Option<&str> {
        match self {
            Audience::One(one) => Some(one),
            // Meant for somebody else too, it could be brought here by them.
            Audience::Several(all) => if let [one] = all.as_slice() { Some(one) } else { None },
        }
    }
}

/// What is known of an assertion that proves its program.
#[derive(Debug)]
pub(crate) struct Proved {
    /// Stands for this one assertion of this program.
    pub mark: [u8; 32],
    /// From when on it is worth nothing anyway.
    pub until: Moment,
}

/// The program an assertion says it is from, before anything is believed.
pub(crate) fn claimed_client(token: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Who {
        sub: String,
    }
    let claims: Who = serde_json::from_slice(&encode::bytes(token.split('.').nth(1)?)?).ok()?;
    Some(claims.sub)
}

/// The name of the key an assertion says it is signed with, before anything is believed.
pub(crate) fn claimed_key(token: &str) -> Option<String> {
    let header: serde_json::Value = serde_json::from_slice(&encode::bytes(token.split('.').next()?)?).ok()?;
    Some(header["kid"].as_str()?.to_owned())
}

/// Looks at an assertion of a program with these keys. `began` is when this process began: of what
/// was signed before, nobody remembers whether it was used.
pub(crate) fn prove(token: &str, client: &str, keys: &JwkSet, audiences: &[&str], now: Moment, began: Moment) -> Result<Proved, Refusal> {
    let wrong = |message| Refusal { code: Code::InvalidClient, message };
    let header: serde_json::Value = token.split('.').next().and_then(encode::bytes).and_then(|bytes| serde_json::from_slice(&bytes).ok()).ok_or(wrong("The client_assertion is no signed JWT."))?;
    if ["jku", "x5u", "x5c", "jwk", "crit"].iter().any(|name| !header[*name].is_null()) {
        return Err(wrong("The header of the client_assertion names other keys or conditions; this server uses the registered keys only."));
    }
    let kid = header["kid"].as_str().ok_or(wrong("The client_assertion names no key (`kid`)."))?;
    let key = keys.find(kid).ok_or(wrong("No key with the `kid` of the client_assertion is registered."))?;
    let named = header["alg"].as_str().unwrap_or_default();
    let algorithm = ALGORITHMS.iter().find(|(name, _)| *name == named).map(|(_, algorithm)| *algorithm).ok_or(wrong("The client_assertion is signed with ES384, RS384 or ES256."))?;
    let mut validation = Validation::new(algorithm);
    // The times are looked at below, with the clock of the door.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let decoding = DecodingKey::from_jwk(key).map_err(|_| wrong("The registered key cannot be used."))?;
    let claims = jsonwebtoken::decode::<Claims>(token, &decoding, &validation).map_err(|_| wrong("The signature of the client_assertion is wrong, or it lacks one of iss, sub, aud, exp and jti."))?.claims;
    if claims.iss != client || claims.sub != client {
        return Err(wrong("In the client_assertion iss and sub are the client_id."));
    }
    if !claims.aud.only().is_some_and(|audience| audiences.contains(&audience)) {
        return Err(wrong("The client_assertion is meant for this token endpoint (`aud`) and nobody else."));
    }
    if claims.jti.is_empty() || claims.jti.len() > 500 {
        return Err(wrong("The client_assertion has a `jti` of 1 to 500 bytes."));
    }
    let exp = claims.exp.saturating_mul(1000);
    if exp <= now.0 || exp > now.0 + LONGEST_MS + SKEW_MS {
        return Err(wrong("The client_assertion has ended, or is good for more than five minutes."));
    }
    let is_ahead = |seconds: Option<i64>| seconds.is_some_and(|seconds| seconds.saturating_mul(1000) > now.0 + SKEW_MS);
    if is_ahead(claims.iat) || is_ahead(claims.nbf) {
        return Err(wrong("The client_assertion was made in the future: look at the clock."));
    }
    let made_at = claims.iat.map_or(exp - LONGEST_MS, |seconds| seconds.saturating_mul(1000));
    if made_at + 1000 <= began.0 {
        return Err(wrong("The client_assertion was made before this server began, and may have been used: make another."));
    }
    Ok(Proved { mark: encode::sha256(format!("{client}\n{}", claims.jti).as_bytes()), until: Moment(exp) })
}
