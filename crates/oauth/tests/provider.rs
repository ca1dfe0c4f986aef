//! What a provider's answer must be before anybody is let in, and every way in which it may not be.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fhir::Moment;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use oauth::{ProvedPerson, Provider, ProviderAnswer, ProviderRequest, ProviderSettings, ProviderTrouble, ProviderWire};
use serde_json::{Value, json};
use testkit::block_on;

const ISSUER: &str = "https://id.example/realm";
const NOW: Moment = Moment(1_800_000_000_000);
const CHANCE: [u8; 96] = [7; 96];
const DISCOVERY: &str = "https://id.example/realm/.well-known/openid-configuration";
const TOKENS: &str = "https://id.example/realm/token";
const KEYS: &str = "https://id.example/realm/jwks";

struct Key {
    kid: &'static str,
    pkcs8: Vec<u8>,
    public: Vec<u8>,
}

fn key(kid: &'static str) -> Key {
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap().as_ref().to_vec();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8).unwrap();
    Key { kid, public: pair.public_key().as_ref().to_vec(), pkcs8 }
}

impl Key {
    fn jwk(&self) -> Value {
        json!({ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.kid, "x": URL_SAFE_NO_PAD.encode(&self.public[1..33]), "y": URL_SAFE_NO_PAD.encode(&self.public[33..]) })
    }

    fn signs(&self, claims: &Value) -> String {
        let header = Header { kid: Some(self.kid.to_owned()), ..Header::new(Algorithm::ES256) };
        jsonwebtoken::encode(&header, claims, &EncodingKey::from_ec_der(&self.pkcs8)).unwrap()
    }
}

/// A provider that answers what it is told to.
#[derive(Debug, Default)]
struct Told {
    answers: Mutex<HashMap<String, (u16, String)>>,
    asked: Mutex<Vec<ProviderRequest>>,
}

impl ProviderWire for Told {
    fn send(&self, request: ProviderRequest) -> ProviderAnswer<'_> {
        let answer = self.answers.lock().unwrap().get(&request.address).cloned();
        self.asked.lock().unwrap().push(request);
        Box::pin(async move { answer.map(|(status, text)| (status, text.into_bytes())).ok_or("no connection") })
    }
}

impl Told {
    fn says(&self, address: &str, status: u16, body: impl ToString) {
        self.answers.lock().unwrap().insert(address.to_owned(), (status, body.to_string()));
    }

    fn count(&self, address: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|request| request.address == address).count()
    }
}

fn metadata() -> Value {
    json!({ "issuer": ISSUER, "authorization_endpoint": "https://id.example/realm/auth?tenant=a", "token_endpoint": TOKENS, "jwks_uri": KEYS })
}

fn settings() -> ProviderSettings {
    ProviderSettings {
        issuer: ISSUER.into(),
        name: "ID".into(),
        client_id: "carnet site".into(),
        secret: Some("se:cret".into()),
        scopes: vec!["profile".into()],
        identifier: Some(("curp".into(), "urn:curp".into())),
        redirect_uri: "https://record.example/sign-in/provider/back".into(),
        origins: Vec::new(),
    }
}

struct Stage {
    told: Arc<Told>,
    provider: Provider,
    key: Key,
}

fn stage_of(settings: ProviderSettings) -> Stage {
    let (told, key) = (Arc::new(Told::default()), key("one"));
    told.says(DISCOVERY, 200, metadata());
    told.says(KEYS, 200, json!({ "keys": [{ "kty": "OKP", "crv": "nobody knows it", "kid": "odd", "x": "AA" }, key.jwk()] }));
    Stage { provider: Provider::new(settings, told.clone()), told, key }
}

fn stage() -> Stage {
    stage_of(settings())
}

fn claims() -> Value {
    json!({ "iss": ISSUER, "aud": "carnet site", "sub": "s-1", "exp": NOW.0 / 1000 + 300, "iat": NOW.0 / 1000, "nonce": URL_SAFE_NO_PAD.encode([7; 32]), "curp": "C1" })
}

impl Stage {
    /// The whole way, with a token.
    fn comes_with(&self, token: &str) -> Result<ProvedPerson, ProviderTrouble> {
        self.told.says(TOKENS, 200, json!({ "access_token": "a", "token_type": "Bearer", "id_token": token }));
        let errand = block_on(self.provider.begin(&CHANCE, "/person/p", NOW))?;
        let state = address_of(&errand.address)["state"].clone();
        block_on(self.provider.finish(&errand.cookie, &pairs(&[("state", &state), ("code", "c o d e")]), NOW))
    }

    fn comes(&self, change: impl FnOnce(&mut Value)) -> Result<ProvedPerson, ProviderTrouble> {
        let mut claims = claims();
        change(&mut claims);
        self.comes_with(&self.key.signs(&claims))
    }
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn address_of(address: &str) -> HashMap<String, String> {
    url::Url::parse(address).unwrap().query_pairs().into_owned().collect()
}

#[test]
fn who_is_proved_is_named_and_what_was_asked_is_what_the_standard_asks() {
    let stage = stage();
    let proved = stage.comes(|_| {}).unwrap();
    assert_eq!(proved, ProvedPerson { issuer: ISSUER.into(), subject: "s-1".into(), identifier: Some(("urn:curp".into(), "C1".into())), back: "/person/p".into(), signed_in_at: None });
    let mut chance = [0; 96];
    chance.iter_mut().enumerate().for_each(|(place, byte)| *byte = place as u8);
    let errand = block_on(stage.provider.begin(&chance, "/", NOW)).unwrap();
    let asked = address_of(&errand.address);
    let value = |name: &str| asked[name].as_str();
    assert!(errand.address.starts_with("https://id.example/realm/auth?tenant=a&response_type=code"));
    assert_eq!((value("client_id"), value("scope"), value("code_challenge_method")), ("carnet site", "openid profile", "S256"));
    assert!(value("code_challenge").len() == 43 && !errand.address.contains(errand.cookie.split('.').nth(2).unwrap()), "the verifier stays here");
    let requests = stage.told.asked.lock().unwrap();
    let exchange = requests.iter().find(|request| request.address == TOKENS).unwrap();
    let form: HashMap<String, String> = url::form_urlencoded::parse(exchange.form.as_deref().unwrap().as_bytes()).into_owned().collect();
    assert_eq!((form["code"].as_str(), form["grant_type"].as_str(), form["redirect_uri"].as_str()), ("c o d e", "authorization_code", "https://record.example/sign-in/provider/back"));
    assert_eq!(form["code_verifier"], URL_SAFE_NO_PAD.encode([7; 32]));
    // "carnet+site:se%3Acret", as RFC 6749 section 2.3.1 has it.
    assert_eq!(exchange.authorization.as_deref(), Some("Basic Y2FybmV0K3NpdGU6c2UlM0FjcmV0"));
    assert!(!form.contains_key("client_id"));
}

#[test]
fn a_site_without_a_secret_names_itself_in_the_form() {
    let stage = stage_of(ProviderSettings { secret: None, identifier: None, ..settings() });
    assert_eq!(stage.comes(|_| {}).unwrap().identifier, None);
    let requests = stage.told.asked.lock().unwrap();
    let exchange = requests.iter().find(|request| request.address == TOKENS).unwrap();
    assert!(exchange.authorization.is_none() && exchange.form.as_deref().unwrap().contains("client_id=carnet+site"));
}

/// Changes the claims of a token for the worse.
type Spoil = fn(&mut Value);

const WRONG: &[(&str, Spoil)] = &[
    ("another issuer", |claims| claims["iss"] = json!("https://id.example/other")),
    ("no issuer", |claims| claims["iss"] = Value::Null),
    ("for another site", |claims| claims["aud"] = json!("other")),
    ("for nobody", |claims| claims["aud"] = json!([])),
    ("for several without saying who asked", |claims| claims["aud"] = json!(["carnet site", "other"])),
    ("asked by another", |claims| claims["azp"] = json!("other")),
    ("over", |claims| claims["exp"] = json!(NOW.0 / 1000 - 61)),
    ("never over", |claims| claims["exp"] = Value::Null),
    ("of the future", |claims| claims["iat"] = json!(NOW.0 / 1000 + 61)),
    ("without a beginning", |claims| claims["iat"] = Value::Null),
    ("not good yet", |claims| claims["nbf"] = json!(NOW.0 / 1000 + 61)),
    ("of another sign-in", |claims| claims["nonce"] = json!(URL_SAFE_NO_PAD.encode([8; 32]))),
    ("of no sign-in", |claims| claims["nonce"] = Value::Null),
    ("of nobody", |claims| claims["sub"] = json!("")),
    ("of somebody with a very long name", |claims| claims["sub"] = json!("x".repeat(256))),
    ("without the claim that names the person", |claims| claims["curp"] = Value::Null),
    ("with an empty one", |claims| claims["curp"] = json!(" ")),
];

#[test]
fn a_token_that_is_not_for_this_sign_in_proves_nothing() {
    for (what, spoil) in WRONG {
        assert!(matches!(stage().comes(spoil), Err(ProviderTrouble::Unproved(_))), "{what}");
    }
    let for_several = |claims: &mut Value| {
        claims["aud"] = json!(["carnet site", "other"]);
        claims["azp"] = json!("carnet site");
    };
    assert!(stage().comes(for_several).is_ok());
}

#[test]
fn a_token_that_is_not_signed_by_a_key_of_the_provider_proves_nothing() {
    let stage = stage();
    let body = URL_SAFE_NO_PAD.encode(claims().to_string());
    let head = |header: Value| URL_SAFE_NO_PAD.encode(header.to_string());
    let with_public_as_secret = {
        let header = Header { kid: Some("one".into()), ..Header::new(Algorithm::HS256) };
        jsonwebtoken::encode(&header, &claims(), &EncodingKey::from_secret(&stage.key.public)).unwrap()
    };
    let good = stage.key.signs(&claims());
    let mut other_body = claims();
    other_body["sub"] = json!("s-2");
    let parts: Vec<&str> = good.split('.').collect();
    let swapped = format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode(other_body.to_string()), parts[2]);
    let critical = format!("{}.{}.{}", head(json!({ "alg": "ES256", "kid": "one", "crit": ["b64"] })), parts[1], parts[2]);
    for (what, token) in [
        ("no signature", format!("{}.{body}.", head(json!({ "alg": "none", "kid": "one" })))),
        ("an algorithm nobody lists", format!("{}.{body}.{}", head(json!({ "alg": "ES256K", "kid": "one" })), parts[2])),
        ("a public key as a secret", with_public_as_secret),
        ("the key of a stranger under the same name", key("one").signs(&claims())),
        ("a key nobody knows", key("two").signs(&claims())),
        ("another body", swapped),
        ("conditions nobody knows", critical),
        ("no JWT", "token".to_owned()),
        ("nothing", String::new()),
    ] {
        assert!(matches!(stage.comes_with(&token), Err(ProviderTrouble::Unproved(_))), "{what}");
    }
    assert!(stage.comes_with(&good).is_ok());
}

#[test]
fn what_comes_back_must_be_what_was_asked_by_this_browser_and_in_time() {
    let stage = stage();
    stage.told.says(TOKENS, 200, json!({ "id_token": stage.key.signs(&claims()) }));
    let errand = block_on(stage.provider.begin(&CHANCE, "/", NOW)).unwrap();
    let state = address_of(&errand.address)["state"].clone();
    let good = [("state", state.as_str()), ("code", "c")];
    let finish = |cookie: &str, parameters: &[(&str, &str)], at: Moment| block_on(stage.provider.finish(cookie, &pairs(parameters), at));
    assert!(finish(&errand.cookie, &good, NOW).is_ok());
    assert!(finish(&errand.cookie, &[("state", &state), ("code", "c"), ("iss", ISSUER)], NOW).is_ok());
    let late = Moment(NOW.0 + 600_000);
    for (what, cookie, parameters, at) in [
        ("no cookie", "", &good[..], NOW),
        ("a cookie of something else", "a.b.c", &good, NOW),
        ("another state", &errand.cookie, &[("state", "x"), ("code", "c")], NOW),
        ("no state", &errand.cookie, &[("code", "c")], NOW),
        ("two states", &errand.cookie, &[("state", &state), ("state", &state), ("code", "c")], NOW),
        ("no code", &errand.cookie, &[("state", &state)], NOW),
        ("two codes", &errand.cookie, &[("state", &state), ("code", "c"), ("code", "d")], NOW),
        ("another provider", &errand.cookie, &[("state", &state), ("code", "c"), ("iss", "https://other.example")], NOW),
        ("too late", &errand.cookie, &good, late),
        ("before it was asked", &errand.cookie, &good, Moment(NOW.0 - 1)),
    ] {
        assert!(matches!(finish(cookie, parameters, at), Err(ProviderTrouble::Unasked(_))), "{what}");
    }
    assert_eq!(finish(&errand.cookie, &[("state", &state), ("error", "access_denied")], NOW), Err(ProviderTrouble::Denied));
    stage.told.says(TOKENS, 400, json!({ "error": "invalid_grant" }));
    assert_eq!(finish(&errand.cookie, &good, NOW), Err(ProviderTrouble::Denied), "a code that was used");
}

#[test]
fn nothing_is_fetched_from_elsewhere_and_a_redirect_is_no_answer() {
    for (what, change) in [
        ("keys elsewhere", json!({ "jwks_uri": "https://keys.example/jwks" })),
        ("tokens elsewhere", json!({ "token_endpoint": "https://tokens.example/token" })),
        ("people sent elsewhere", json!({ "authorization_endpoint": "https://people.example/auth" })),
        ("keys without TLS", json!({ "jwks_uri": "http://id.example/realm/jwks" })),
        ("another port", json!({ "jwks_uri": "https://id.example:444/realm/jwks" })),
        ("no address", json!({ "jwks_uri": "data:,{}" })),
        ("another name", json!({ "issuer": "https://id.example/realm/" })),
    ] {
        let stage = stage();
        let mut says = metadata();
        for (name, value) in change.as_object().unwrap() {
            says[name] = value.clone();
        }
        stage.told.says(DISCOVERY, 200, says);
        assert!(matches!(stage.comes(|_| {}), Err(ProviderTrouble::Unlike(_))), "{what}");
        assert!(stage.told.asked.lock().unwrap().iter().all(|request| request.address == DISCOVERY), "{what}");
    }
    let listed = stage_of(ProviderSettings { origins: vec!["https://keys.example".into()], ..settings() });
    let mut says = metadata();
    says["jwks_uri"] = json!("https://keys.example/jwks");
    listed.told.says(DISCOVERY, 200, says);
    listed.told.says("https://keys.example/jwks", 200, json!({ "keys": [listed.key.jwk()] }));
    assert!(listed.comes(|_| {}).is_ok());
    for (address, status, body) in [(DISCOVERY, 302, ""), (DISCOVERY, 500, ""), (DISCOVERY, 200, "no JSON"), (KEYS, 302, ""), (KEYS, 200, "[")] {
        let stage = stage();
        stage.told.says(address, status, body);
        assert!(matches!(stage.comes(|_| {}), Err(ProviderTrouble::Unreachable(_))), "{address} {status}");
    }
    let stage = stage();
    stage.told.answers.lock().unwrap().clear();
    let errand = block_on(stage.provider.begin(&CHANCE, "/", NOW));
    assert_eq!(errand, Err(ProviderTrouble::Unreachable("no connection")));
}

#[test]
fn keys_that_change_are_asked_for_again_but_not_for_every_token() {
    let stage = stage();
    assert!(stage.comes(|_| {}).is_ok());
    let newer = key("newer");
    stage.told.says(KEYS, 200, json!({ "keys": [newer.jwk()] }));
    assert!(stage.comes_with(&newer.signs(&claims())).is_err(), "asked for a moment ago");
    assert_eq!((stage.told.count(KEYS), stage.told.count(DISCOVERY)), (1, 1));
    let later = Moment(NOW.0 + 60_000);
    let errand = block_on(stage.provider.begin(&CHANCE, "/", later)).unwrap();
    let state = address_of(&errand.address)["state"].clone();
    let finish = || block_on(stage.provider.finish(&errand.cookie, &pairs(&[("state", &state), ("code", "c")]), later));
    assert!(finish().is_ok());
    assert_eq!(stage.told.count(KEYS), 2);
    assert!(finish().is_ok());
    assert_eq!(stage.told.count(KEYS), 2);
}
