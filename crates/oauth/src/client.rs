//! A program that is registered: what it is called, how it proves who it is, where it comes back to, what it may ask for.

use jsonwebtoken::jwk::{AlgorithmParameters, JwkSet};
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::error::{Code, Refusal};
use crate::scope::Scopes;

/// Keys that one program may have.
const KEYS_MOST: usize = 10;
/// Addresses to come back to that one program may have.
const ADDRESSES_MOST: usize = 20;
/// The longest address.
const ADDRESS_BYTES: usize = 500;

/// How a program proves who it is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientKind {
    /// It cannot: it runs in a browser or on a telephone, where nothing stays secret.
    Public,
    /// By a secret, of which a digest is kept.
    Secret(String),
    /// By signing with a key whose public half is held here.
    Keys(JwkSet),
    /// By signing with a key whose public half lies at this address.
    #[serde(rename = "keys-at")]
    KeysAt(String),
}

/// To what the tokens of a program must be bound.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Bound {
    /// To what it brings, if it brings something.
    #[default]
    Free,
    /// To a key (DPoP).
    Key,
    /// To its certificate (mTLS).
    Certificate,
}

/// A program to be registered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewClient {
    /// What people read: 1 to 100 signs.
    pub name: String,
    /// How it proves who it is.
    pub proof: Proof,
    /// Where browsers are sent back to, letter by letter.
    pub redirect_uris: Vec<String>,
    /// Where it is opened from a person's page.
    pub launch_uri: Option<String>,
    /// All it may ever ask for.
    pub scopes: String,
    /// The account in whose name it works where no person takes part.
    pub login: Option<String>,
    /// It may ask about tokens that were given to others.
    pub introspects: bool,
    /// To what its tokens must be bound.
    pub bound: Bound,
}

/// How a program will prove who it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Proof {
    /// It cannot.
    None,
    /// By a secret that is made now and told once.
    Secret,
    /// By keys: the text of a JWKS.
    Keys(String),
    /// By keys that lie at an address.
    KeysAt(String),
}

/// A program that is registered.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Client {
    /// Its identifier.
    pub id: String,
    /// What people read.
    pub name: String,
    /// How it proves who it is.
    pub kind: ClientKind,
    /// Where browsers are sent back to.
    pub redirect_uris: Vec<String>,
    /// Where it is opened from a person's page.
    pub launch_uri: Option<String>,
    /// All it may ever ask for.
    pub scopes: String,
    /// The account in whose name it works where no person takes part.
    pub login: Option<String>,
    /// It may ask about tokens that were given to others.
    pub introspects: bool,
    /// To what its tokens must be bound.
    #[serde(default)]
    pub bound: Bound,
    /// Somebody answers for it. Until then it may do nothing.
    pub approved: bool,
    /// When it was registered, in milliseconds since 1970.
    pub registered_at: i64,
}

impl Client {
    /// What it may ask for.
    pub fn scopes(&self) -> Scopes {
        Scopes::parse(&self.scopes)
    }

    /// True if it can keep a secret.
    pub fn is_confidential(&self) -> bool {
        self.kind != ClientKind::Public
    }

    /// The origins of its pages, from which a browser may ask for tokens.
    pub fn origins(&self) -> impl Iterator<Item = String> {
        self.redirect_uris.iter().filter_map(|address| Url::parse(address).ok()).map(|url| url.origin().ascii_serialization()).filter(|origin| origin.starts_with("http"))
    }
}

/// What is wrong with a program that somebody wants to register.
pub(crate) fn check(new: &NewClient) -> Result<(), Refusal> {
    let wrong = |message| Err(Refusal { code: Code::InvalidClientMetadata, message });
    if !(1..=100).contains(&new.name.chars().count()) || new.name.trim() != new.name || new.name.chars().any(fhir::shown::steers) {
        return wrong("A program has a name of 1 to 100 signs, none of them unseen.");
    }
    if new.redirect_uris.len() > ADDRESSES_MOST {
        return wrong("A program has at most 20 addresses to come back to.");
    }
    for address in &new.redirect_uris {
        check_address(address, new.proof == Proof::None)?;
    }
    if let Some(address) = &new.launch_uri {
        check_address(address, false)?;
    }
    if Scopes::are_too_many(&new.scopes) {
        return wrong("A program has at most 200 scopes.");
    }
    let scopes = Scopes::parse(&new.scopes);
    if scopes.iter().next().is_none() || Scopes::unknown(&new.scopes).next().is_some() {
        return wrong("The scopes are those of SMART, as `launch/patient patient/*.rs`, at least one and none that this server does not know.");
    }
    let is_system = |rule: &access::Rule| rule.reach == access::Reach::System;
    if new.login.is_some() != scopes.rules().any(is_system) {
        return wrong("A program with scopes that begin with system/ works in the name of an account, and no other program does.");
    }
    if new.login.is_some() && !matches!(new.proof, Proof::Keys(_) | Proof::KeysAt(_)) {
        return wrong("A program that works without a person proves itself by keys (a JWKS).");
    }
    if new.redirect_uris.is_empty() && !scopes.rules().all(is_system) {
        return wrong("A program that people use has an address to come back to.");
    }
    Ok(())
}

/// An address that browsers are sent to: https, or this machine, or a scheme of an application's own.
fn check_address(address: &str, is_public: bool) -> Result<(), Refusal> {
    let wrong = |message| Err(Refusal { code: Code::InvalidRedirectUri, message });
    let Ok(url) = Url::parse(address) else { return wrong("An address to come back to is a whole address, as https://app.example/callback.") };
    if address.len() > ADDRESS_BYTES || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() || address.chars().any(|sign| sign.is_control() || sign.is_whitespace() || sign == '*') {
        return wrong("An address to come back to has no fragment, no user name, no white space, no * and at most 500 bytes.");
    }
    let is_this_machine = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_this_machine => Ok(()),
        // RFC 8252 section 7.1: a name turned round, so that two applications do not meet.
        scheme if is_public && scheme.contains('.') => Ok(()),
        _ => wrong("An address to come back to begins with https, with http on this machine, or, for an application of its own, with its name turned round (example.app:/callback)."),
    }
}

/// Reads the public keys of a program.
pub(crate) fn keys(text: &str) -> Result<JwkSet, Refusal> {
    let wrong = |message| Refusal { code: Code::InvalidClientMetadata, message };
    let plain: serde_json::Value = serde_json::from_str(text).map_err(|_| wrong("The keys are a JWKS: a JSON object with `keys`."))?;
    let all = plain["keys"].as_array().ok_or(wrong("The keys are a JWKS: a JSON object with `keys`."))?;
    if all.iter().any(|key| ["d", "p", "q", "k"].iter().any(|secret| !key[*secret].is_null())) {
        return Err(wrong("The JWKS holds a private or a shared key: make new ones and send the public halves only."));
    }
    let set: JwkSet = serde_json::from_str(text).map_err(|_| wrong("The JWKS holds a key that this server cannot read: give keys for ES256, ES384 or RS384."))?;
    let kids: Vec<_> = set.keys.iter().filter_map(|key| key.common.key_id.as_deref()).collect();
    let is_usable = |key: &jsonwebtoken::jwk::Jwk| matches!(key.algorithm, AlgorithmParameters::RSA(_) | AlgorithmParameters::EllipticCurve(_)) && jsonwebtoken::DecodingKey::from_jwk(key).is_ok();
    if !(1..=KEYS_MOST).contains(&set.keys.len()) || kids.len() != set.keys.len() || kids.iter().enumerate().any(|(place, kid)| kids[..place].contains(kid)) || !set.keys.iter().all(is_usable) {
        return Err(wrong("The JWKS has 1 to 10 keys for ES256, ES384 or RS384, each with a `kid` of its own."));
    }
    Ok(set)
}

/// The keys of a fetched JWKS with which an assertion can be signed; those of other kinds stand beside
/// them. None where it is no JWKS, holds a secret, or none that can be used.
pub(crate) fn fetched_keys(text: &[u8]) -> Option<JwkSet> {
    let plain: serde_json::Value = serde_json::from_slice(text).ok()?;
    let all = plain["keys"].as_array().filter(|all| all.len() <= 100)?;
    if all.iter().any(|key| ["d", "p", "q", "k"].iter().any(|secret| !key[*secret].is_null())) {
        return None;
    }
    let usable = |key: &serde_json::Value| {
        let key: jsonwebtoken::jwk::Jwk = serde_json::from_value(key.clone()).ok()?;
        let is_usable = key.common.key_id.is_some() && matches!(key.algorithm, AlgorithmParameters::RSA(_) | AlgorithmParameters::EllipticCurve(_)) && jsonwebtoken::DecodingKey::from_jwk(&key).is_ok();
        is_usable.then_some(key)
    };
    let keys: Vec<_> = all.iter().filter(|key| key["use"].as_str() != Some("enc")).filter_map(usable).collect();
    let kids: Vec<_> = keys.iter().filter_map(|key| key.common.key_id.as_deref()).collect();
    // Two of one name: nobody knows which is meant.
    if keys.is_empty() || kids.iter().enumerate().any(|(place, kid)| kids[..place].contains(kid)) {
        return None;
    }
    Some(JwkSet { keys })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_to_come_back_to_are_whole_and_nobody_elses() {
        for (address, is_public, good) in [
            ("https://app.example/callback", true, true),
            ("https://app.example/callback?x=1", false, true),
            ("http://127.0.0.1:8000/", true, true),
            ("http://localhost/x", true, true),
            ("http://[::1]:9/", true, true),
            ("example.app:/callback", true, true),
            ("example.app:/callback", false, false),
            ("http://app.example/callback", true, false),
            ("http://localhost.evil.example/", true, false),
            ("https://app.example/#x", true, false),
            ("https://user@app.example/", true, false),
            ("https://*.example/", true, false),
            ("javascript:alert(1)", true, false),
            ("data:text/html,x", true, false),
            ("/callback", true, false),
            ("https://app.example/ x", true, false),
        ] {
            assert_eq!(check_address(address, is_public).is_ok(), good, "{address}");
        }
    }

    #[test]
    fn what_does_not_fit_together_is_refused_at_once() {
        let app = NewClient { name: "App".into(), proof: Proof::None, redirect_uris: vec!["https://app.example/".into()], launch_uri: None, scopes: "patient/*.rs".into(), login: None, introspects: false, bound: Bound::Free };
        assert_eq!(check(&app), Ok(()));
        let keys = Proof::Keys(String::new());
        for (wrong, word) in [
            (NewClient { name: String::new(), ..app.clone() }, "name"),
            (NewClient { name: "a\nb".into(), ..app.clone() }, "name"),
            (NewClient { scopes: "nonsense".into(), ..app.clone() }, "scopes"),
            (NewClient { scopes: "patient/*.rs nonsense".into(), ..app.clone() }, "scopes"),
            (NewClient { scopes: "system/*.rs".into(), ..app.clone() }, "in the name of an account"),
            (NewClient { login: Some("lab".into()), ..app.clone() }, "in the name of an account"),
            (NewClient { scopes: "system/*.rs".into(), login: Some("lab".into()), ..app.clone() }, "proves itself by keys"),
            (NewClient { redirect_uris: Vec::new(), ..app.clone() }, "address to come back to"),
            (NewClient { launch_uri: Some("ftp://x.example".into()), ..app.clone() }, "begins with https"),
        ] {
            let refusal = check(&wrong).unwrap_err();
            assert!(refusal.message.contains(word), "{refusal}");
        }
        assert_eq!(check(&NewClient { scopes: "system/*.rs".into(), login: Some("lab".into()), proof: keys, redirect_uris: Vec::new(), ..app }), Ok(()));
    }

    #[test]
    fn only_public_halves_of_keys_that_can_be_told_apart_are_kept() {
        let key = |kid: &str, more: &str| format!(r#"{{"kty":"EC","crv":"P-256","kid":"{kid}"{more},"x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}}"#);
        let set = |all: &[String]| format!("{{\"keys\":[{}]}}", all.join(","));
        assert!(keys(&set(&[key("a", ""), key("b", "")])).is_ok());
        for wrong in [set(&[]), set(&[key("a", ""), key("a", "")]), set(&[key("a", ",\"d\":\"x\"")]), "{}".into(), "x".into(), r#"{"keys":[{"kty":"oct","kid":"a","k":"AAAA"}]}"#.into()] {
            assert!(keys(&wrong).is_err(), "{wrong}");
        }
        assert!(keys(r#"{"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#).is_err());
    }
}
