//! A SMART Health Card: made, written as digits, read and verified.
//! <https://spec.smarthealth.cards/#health-cards-are-encoded-as-compact-serialization-json-web-signatures-jws>

use std::io::{Read, Write};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde_json::{Value, json};

use crate::key::{Error, Signer, thumbprint};

/// What one code holds at most (version 22 of a QR code).
pub(crate) const LONGEST: usize = 1195;
/// A card that unfolds to more is not read.
const MOST_BYTES: u64 = 64 * 1024;

/// A signed card.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Card {
    /// The JWS in its compact form.
    pub jws: String,
    /// Which of the given doses it names, by their places.
    pub doses: Vec<usize>,
}

/// What a card says, and who signed it.
#[derive(Clone, PartialEq, Debug)]
pub struct Verified {
    /// The address of who issued it, under which its keys are published.
    pub issuer: String,
    /// Since when it is good, in seconds since 1970.
    pub not_before: i64,
    /// The Bundle it holds.
    pub bundle: Value,
    /// By what it is taken back; none where it cannot be.
    pub rid: Option<String>,
}

/// Why a card is not believed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CardError {
    /// It is no card.
    #[error("this is no health card")]
    NoCard,
    /// It is signed in a way that cards are not.
    #[error("the card is not signed with ES256")]
    Algorithm,
    /// It is signed with a key that is not among those given.
    #[error("the card is signed with a key that is not among those given")]
    UnknownKey,
    /// It was altered, or signed by somebody else.
    #[error("the signature does not fit: the card was altered or is forged")]
    Forged,
    /// It is not good yet.
    #[error("the card is not good yet")]
    TooEarly,
    /// The list of what was taken back is not that of the key that signed.
    #[error("the list of what was taken back is not that of the key that signed the card")]
    NoList,
    /// Who issued it took it back.
    #[error("the card was taken back by who issued it")]
    Revoked,
}

impl Signer {
    /// Signs what a card says; the JWS. By its `rid` it can be taken back.
    ///
    /// # Errors
    /// The key could not be read, or it is too long for one code.
    pub fn sign_card(&self, issuer: &str, issued: i64, kinds: &[&str], bundle: &Value, rid: Option<&str>) -> Result<String, Error> {
        let key = self.key()?;
        let types: Vec<String> = std::iter::once("health-card").chain(kinds.iter().copied()).map(|kind| format!("https://smarthealth.cards#{kind}")).collect();
        let mut payload = json!({ "iss": issuer, "nbf": issued, "vc": { "type": types, "credentialSubject": { "fhirVersion": "4.0.1", "fhirBundle": bundle } } });
        if let Some(rid) = rid {
            payload["vc"]["rid"] = json!(rid);
        }
        let mut packed = DeflateEncoder::new(Vec::new(), Compression::best());
        let packed = packed.write_all(payload.to_string().as_bytes()).and_then(|()| packed.finish()).map_err(|_| Error::TooLong)?;
        let header = json!({ "zip": "DEF", "alg": "ES256", "kid": key.kid });
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(packed));
        let jws = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes())?));
        if jws.len() > LONGEST { Err(Error::TooLong) } else { Ok(jws) }
    }
}

/// The digits of a card, as they stand behind `shc:/` in a code.
pub fn numeric(jws: &str) -> String {
    jws.bytes().map(|sign| format!("{:02}", sign.saturating_sub(45))).collect()
}

/// The JWS in what was scanned or pasted: `shc:/` with digits, a JWS, or a card's file.
///
/// # Errors
/// [`CardError::NoCard`] for anything else.
pub fn read(text: &str) -> Result<String, CardError> {
    let text = text.trim();
    if let Some(digits) = text.strip_prefix("shc:/") {
        if digits.len() % 2 != 0 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(CardError::NoCard);
        }
        let signs = digits.as_bytes().chunks(2).map(|pair| (pair[0] - b'0') * 10 + (pair[1] - b'0') + 45);
        return signs.map(|sign| if sign.is_ascii_alphanumeric() || matches!(sign, b'-' | b'_' | b'.') { Ok(char::from(sign)) } else { Err(CardError::NoCard) }).collect();
    }
    if text.starts_with('{') {
        let file: Value = serde_json::from_str(text).map_err(|_| CardError::NoCard)?;
        return file["verifiableCredential"][0].as_str().map(str::to_owned).ok_or(CardError::NoCard);
    }
    if text.split('.').count() == 3 { Ok(text.to_owned()) } else { Err(CardError::NoCard) }
}

/// What a card says, if it is signed with one of the keys of a JWKS. `now` in seconds since 1970.
///
/// # Errors
/// Why it is not believed.
pub fn verify(jws: &str, jwks: &Value, now: i64) -> Result<Verified, CardError> {
    let mut parts = jws.split('.');
    let (Some(header), Some(payload), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else { return Err(CardError::NoCard) };
    let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| CardError::NoCard);
    let head: Value = serde_json::from_slice(&decoded(header)?).map_err(|_| CardError::NoCard)?;
    if head["alg"] != "ES256" || head["zip"] != "DEF" || head.get("crit").is_some() {
        return Err(CardError::Algorithm);
    }
    let kid = head["kid"].as_str().ok_or(CardError::UnknownKey)?;
    let keys = jwks["keys"].as_array().ok_or(CardError::UnknownKey)?;
    // A key is named by its thumbprint: a name that is not its own is nobody's.
    let fits = |key: &&Value| {
        let (Some(x), Some(y)) = (key["x"].as_str(), key["y"].as_str()) else { return false };
        key["kty"] == "EC" && key["crv"] == "P-256" && thumbprint(x, y) == kid
    };
    let key = keys.iter().find(fits).ok_or(CardError::UnknownKey)?;
    let mut point = vec![4];
    for member in ["x", "y"] {
        point.extend(decoded(key[member].as_str().ok_or(CardError::UnknownKey)?)?);
    }
    let signed = &jws[..header.len() + 1 + payload.len()];
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &point).verify(signed.as_bytes(), &decoded(signature)?).map_err(|_| CardError::Forged)?;
    let mut said = Vec::new();
    DeflateDecoder::new(&decoded(payload)?[..]).take(MOST_BYTES + 1).read_to_end(&mut said).map_err(|_| CardError::NoCard)?;
    if said.len() as u64 > MOST_BYTES {
        return Err(CardError::NoCard);
    }
    let said: Value = serde_json::from_slice(&said).map_err(|_| CardError::NoCard)?;
    let issuer = said["iss"].as_str().ok_or(CardError::NoCard)?.to_owned();
    let not_before = said["nbf"].as_f64().ok_or(CardError::NoCard)? as i64;
    if not_before > now {
        return Err(CardError::TooEarly);
    }
    let bundle = said["vc"]["credentialSubject"]["fhirBundle"].clone();
    let rid = said["vc"]["rid"].as_str().map(str::to_owned);
    if bundle["resourceType"] != "Bundle" { Err(CardError::NoCard) } else { Ok(Verified { issuer, not_before, bundle, rid }) }
}

/// The same, held against the list of what was taken back under the key that signed. A list of another key, or made by
/// another method, says nothing of this card. <https://spec.smarthealth.cards/#revocation>
///
/// # Errors
/// Why it is not believed.
pub fn verify_unrevoked(jws: &str, jwks: &Value, list: &Value, now: i64) -> Result<Verified, CardError> {
    let said = verify(jws, jwks, now)?;
    let is_on = |entry: &str, rid: &str| match entry.split_once('.') {
        // Those that were good before a moment.
        Some((own, before)) => own == rid && before.parse::<i64>().is_ok_and(|before| said.not_before < before),
        None => entry == rid,
    };
    let kid = jws.split('.').next().and_then(|head| URL_SAFE_NO_PAD.decode(head).ok()).and_then(|head| serde_json::from_slice::<Value>(&head).ok()).map(|head| head["kid"].clone());
    if list["method"] != "rid" || kid.as_ref() != Some(&list["kid"]) {
        return Err(CardError::NoList);
    }
    let rids = list["rids"].as_array().map(Vec::as_slice).unwrap_or_default();
    match &said.rid {
        Some(rid) if rids.iter().filter_map(Value::as_str).any(|entry| is_on(entry, rid)) => Err(CardError::Revoked),
        _ => Ok(said),
    }
}
