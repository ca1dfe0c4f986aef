//! Tokens that are bound to a key or a certificate, and every way to bring one without it.
//! https://www.rfc-editor.org/rfc/rfc9449, https://www.rfc-editor.org/rfc/rfc8705

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use super::desk::*;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth::{Bound, Client, KeySources, NewClient, Proof, ProviderAnswer, ProviderRequest, ProviderWire};
use serde_json::{Value, json};

const SCOPES: &str = "launch/patient patient/*.rs offline_access";
const TOKEN: &str = "http://127.0.0.1:8080/oauth/token";
const PATIENT: &str = "http://127.0.0.1:8080/fhir/Patient/p";
const JWT: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

fn hash(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()))
}

/// The public key with which proofs are signed: the second of a program's.
fn public(keys: &Keys) -> Value {
    let mut key = keys.jwks()["keys"][1].clone();
    key.as_object_mut().unwrap().remove("kid");
    key
}

fn header(keys: &Keys) -> Value {
    json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": public(keys) })
}

impl Desk {
    fn claims(&self, method: &str, address: &str, token: Option<&str>) -> Value {
        let now = self.chart.now().0;
        let mut claims = json!({ "jti": format!("j{now}"), "htm": method, "htu": address, "iat": now.div_euclid(1000) });
        if let Some(token) = token {
            claims["ath"] = hash(token).into();
        }
        claims
    }

    fn proof(&self, keys: &Keys, method: &str, address: &str, token: Option<&str>) -> String {
        keys.sign(&header(keys), &self.claims(method, address, token))
    }

    /// Sends a form to the token endpoint with proofs.
    fn proved(&self, proofs: &[&str], fields: &[(&str, &str)]) -> Reply {
        let mut headers = vec![("content-type", "application/x-www-form-urlencoded")];
        headers.extend(proofs.iter().map(|proof| ("dpop", *proof)));
        self.ask("POST", "/oauth/token", &headers, &form(fields))
    }

    fn bring(&self, client: &Client, code: &str, proofs: &[&str]) -> Reply {
        self.proved(proofs, &[("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK), ("client_id", &client.id), ("code_verifier", VERIFIER)])
    }

    /// Tokens of a public program that are bound to a key.
    fn bound(&self, client: &Client, keys: &Keys) -> Value {
        let code = self.code(client, SCOPES);
        let reply = self.bring(client, &code, &[&self.proof(keys, "POST", TOKEN, None)]);
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.json()
    }

    fn read(&self, scheme: &str, token: &str, proofs: &[&str]) -> Reply {
        let authorization = format!("{scheme} {token}");
        let mut headers = vec![("authorization", authorization.as_str())];
        headers.extend(proofs.iter().map(|proof| ("dpop", *proof)));
        self.ask("GET", "/fhir/Patient/p", &headers, "")
    }
}

fn text(told: &Value, name: &str) -> String {
    told[name].as_str().unwrap_or_else(|| panic!("{told}")).to_owned()
}

#[test]
fn a_bound_token_opens_with_its_key_and_says_to_what_it_is_bound() {
    let desk = Desk::open();
    let (client, _) = desk.app(Proof::None, SCOPES);
    let keys = Keys::new();
    let told = desk.bound(&client, &keys);
    assert_eq!(told["token_type"], "DPoP");
    let access = text(&told, "access_token");
    assert_eq!(desk.read("DPoP", &access, &[&desk.proof(&keys, "GET", PATIENT, Some(&access))]).status, 200);
    // The address as a browser writes it.
    assert_eq!(desk.read("dpop", &access, &[&desk.proof(&keys, "GET", "HTTP://127.0.0.1:8080/fhir/Patient/p?x=1#y", Some(&access))]).status, 200);
    // RFC 7638: the members in their order.
    let key = public(&keys);
    let thumbprint = hash(&format!(r#"{{"crv":"P-256","kty":"EC","x":{},"y":{}}}"#, key["x"], key["y"]));
    let (server, secret) = desk.app(Proof::Secret, SCOPES);
    let asks = NewClient { name: "Asks".into(), proof: Proof::Secret, redirect_uris: vec![CALLBACK.into()], launch_uri: None, scopes: SCOPES.into(), login: None, introspects: true, bound: Bound::Free };
    let asks = desk.oauth.register(&asks, true, desk.chart.now()).unwrap();
    let told = desk.form("introspect", Some(&basic(&asks.client.id, &asks.secret.unwrap())), &[("token", &access)]).json();
    assert_eq!((&told["active"], &told["token_type"], &told["cnf"]["jkt"]), (&json!(true), &json!("DPoP"), &json!(thumbprint)));
    let told = desk.form("introspect", Some(&basic(&server.id, &secret.unwrap())), &[("token", &access)]).json();
    assert_eq!(told, json!({ "active": false }), "nobody else's");
}

#[test]
fn a_proof_that_is_not_for_this_very_request_opens_nothing() {
    let desk = Desk::open();
    let (client, _) = desk.app(Proof::None, SCOPES);
    let (keys, others) = (Keys::new(), Keys::new());
    let access = text(&desk.bound(&client, &keys), "access_token");
    let unbound = desk.access(SCOPES);
    let with = |header: Value, change: &dyn Fn(&mut Value)| {
        let mut claims = desk.claims("GET", PATIENT, Some(&access));
        change(&mut claims);
        keys.sign(&header, &claims)
    };
    let head = |name: &str, value: Value| {
        let mut header = header(&keys);
        header[name] = value;
        header
    };
    let right = || desk.proof(&keys, "GET", PATIENT, Some(&access));
    let mut private = public(&keys);
    private["d"] = json!("AAAA");
    let second = desk.chart.now().0.div_euclid(1000);
    let rows: Vec<(&str, &str, &str, Vec<String>)> = vec![
        ("brought as Bearer", "Bearer", &access, vec![]),
        ("brought as Bearer with its proof (downgrade)", "Bearer", &access, vec![right()]),
        ("no proof", "DPoP", &access, vec![]),
        ("two proofs", "DPoP", &access, vec![right(), right()]),
        ("no JWT", "DPoP", &access, vec!["x".into()]),
        ("a long one", "DPoP", &access, vec!["x".repeat(9000)]),
        ("an unbound token as a bound one", "DPoP", &unbound, vec![desk.proof(&keys, "GET", PATIENT, Some(&unbound))]),
        ("another key", "DPoP", &access, vec![desk.proof(&others, "GET", PATIENT, Some(&access))]),
        ("the key of one, signed by another", "DPoP", &access, vec![others.sign(&header(&keys), &desk.claims("GET", PATIENT, Some(&access)))]),
        ("another type", "DPoP", &access, vec![with(head("typ", json!("JWT")), &|_| {})]),
        ("no signature", "DPoP", &access, vec![with(head("alg", json!("none")), &|_| {})]),
        ("a shared secret", "DPoP", &access, vec![with(head("alg", json!("HS256")), &|_| {})]),
        ("an algorithm that is not the key's", "DPoP", &access, vec![with(head("alg", json!("RS256")), &|_| {})]),
        ("a private key", "DPoP", &access, vec![with(head("jwk", private), &|_| {})]),
        ("a key that is a secret", "DPoP", &access, vec![with(head("jwk", json!({ "kty": "oct", "k": "AAAA" })), &|_| {})]),
        ("no key", "DPoP", &access, vec![with(head("jwk", Value::Null), &|_| {})]),
        ("conditions", "DPoP", &access, vec![with(head("crit", json!(["b64"])), &|_| {})]),
        ("another method", "DPoP", &access, vec![with(header(&keys), &|claims| claims["htm"] = json!("POST"))]),
        ("another address", "DPoP", &access, vec![with(header(&keys), &|claims| claims["htu"] = json!("http://127.0.0.1:8080/fhir/Patient/q"))]),
        ("another host", "DPoP", &access, vec![with(header(&keys), &|claims| claims["htu"] = json!("http://evil.example/fhir/Patient/p"))]),
        ("another scheme", "DPoP", &access, vec![with(header(&keys), &|claims| claims["htu"] = json!("https://127.0.0.1:8080/fhir/Patient/p"))]),
        ("no token", "DPoP", &access, vec![with(header(&keys), &|claims| claims["ath"] = Value::Null)]),
        ("another token", "DPoP", &access, vec![with(header(&keys), &|claims| claims["ath"] = json!(hash(&unbound)))]),
        ("no jti", "DPoP", &access, vec![with(header(&keys), &|claims| claims["jti"] = Value::Null)]),
        ("an empty jti", "DPoP", &access, vec![with(header(&keys), &|claims| claims["jti"] = json!(""))]),
        ("no time", "DPoP", &access, vec![with(header(&keys), &|claims| claims["iat"] = Value::Null)]),
        ("from the future", "DPoP", &access, vec![with(header(&keys), &|claims| claims["iat"] = json!(second + 60))]),
        ("two minutes old", "DPoP", &access, vec![with(header(&keys), &|claims| claims["iat"] = json!(second - 120))]),
        ("times that overflow", "DPoP", &access, vec![with(header(&keys), &|claims| claims["iat"] = json!(i64::MIN))]),
    ];
    for (what, scheme, token, proofs) in rows {
        let proofs: Vec<&str> = proofs.iter().map(String::as_str).collect();
        let reply = desk.read(scheme, token, &proofs);
        assert_eq!(reply.status, 401, "{what}: {}", reply.text);
        let challenge = reply.headers["www-authenticate"].to_str().unwrap();
        assert!(challenge.contains("invalid_dpop_proof") || challenge.contains("invalid_token"), "{what}: {challenge}");
    }
    let once = right();
    assert_eq!(desk.read("DPoP", &access, &[&once]).status, 200);
    for later_ms in [0, 30_000, 29_000] {
        desk.hands.forward_ms(later_ms);
        assert_eq!(desk.read("DPoP", &access, &[&once]).status, 401, "a proof is good once");
    }
}

#[test]
fn proofs_made_before_the_server_began_are_refused() {
    let desk = Desk::open();
    let (client, _) = desk.app(Proof::None, SCOPES);
    let keys = Keys::new();
    let mut claims = desk.claims("POST", TOKEN, None);
    claims["iat"] = json!(claims["iat"].as_i64().unwrap() - 30);
    let code = desk.code(&client, SCOPES);
    assert_eq!(desk.bring(&client, &code, &[&keys.sign(&header(&keys), &claims)]).told(), "400 invalid_dpop_proof");
    desk.hands.forward_ms(60_000);
    let code = desk.code(&client, SCOPES);
    claims = desk.claims("POST", TOKEN, None);
    claims["iat"] = json!(claims["iat"].as_i64().unwrap() - 30);
    assert_eq!(desk.bring(&client, &code, &[&keys.sign(&header(&keys), &claims)]).status, 200);
}

#[test]
fn a_refresh_token_is_renewed_with_its_key_and_never_loosened() {
    let desk = Desk::open();
    let (client, _) = desk.app(Proof::None, SCOPES);
    let (keys, others) = (Keys::new(), Keys::new());
    let told = desk.bound(&client, &keys);
    let refresh = text(&told, "refresh_token");
    let renew = |proofs: &[&str]| desk.proved(proofs, &[("grant_type", "refresh_token"), ("refresh_token", &refresh), ("client_id", &client.id)]);
    assert_eq!(renew(&[]).told(), "400 invalid_dpop_proof", "without its key (downgrade)");
    assert_eq!(renew(&[&desk.proof(&others, "POST", TOKEN, None)]).told(), "400 invalid_grant", "with another key");
    assert_eq!(renew(&[&desk.proof(&keys, "POST", PATIENT, None)]).told(), "400 invalid_dpop_proof", "for another address");
    let proof = desk.proof(&keys, "POST", TOKEN, None);
    assert_eq!(renew(&[&proof, &desk.proof(&keys, "POST", TOKEN, None)]).told(), "400 invalid_dpop_proof", "two proofs");
    let renewed = renew(&[&proof]);
    assert_eq!((renewed.status.as_u16(), renewed.json()["token_type"].clone()), (200, json!("DPoP")));
    // Whoever has the old token and not the key cannot end what its holder has.
    assert_eq!(renew(&[&desk.proof(&others, "POST", TOKEN, None)]).told(), "400 invalid_grant");
    let access = text(&renewed.json(), "access_token");
    assert_eq!(desk.read("DPoP", &access, &[&desk.proof(&keys, "GET", PATIENT, Some(&access))]).status, 200);
    // With the key it was brought twice, and later than a lost answer would be asked for again.
    desk.hands.forward_ms(10_000);
    assert_eq!(renew(&[&desk.proof(&keys, "POST", TOKEN, None)]).told(), "400 invalid_grant");
    assert_eq!(desk.read("DPoP", &access, &[&desk.proof(&keys, "GET", PATIENT, Some(&access))]).status, 401);
}

#[test]
fn a_program_that_is_registered_to_bind_its_tokens_gets_no_others() {
    let desk = Desk::open();
    let register = |bound| {
        let new = NewClient { name: "App".into(), proof: Proof::None, redirect_uris: vec![CALLBACK.into()], launch_uri: None, scopes: SCOPES.into(), login: None, introspects: false, bound };
        desk.oauth.register(&new, true, desk.chart.now()).unwrap().client
    };
    let (key, certificate) = (register(Bound::Key), register(Bound::Certificate));
    let keys = Keys::new();
    assert_eq!(desk.bring(&key, &desk.code(&key, SCOPES), &[]).told(), "400 invalid_dpop_proof");
    assert_eq!(desk.bring(&certificate, &desk.code(&certificate, SCOPES), &[]).told(), "400 invalid_request");
    assert_eq!(desk.bring(&certificate, &desk.code(&certificate, SCOPES), &[&desk.proof(&keys, "POST", TOKEN, None)]).told(), "400 invalid_request");
    // What a program registers about itself.
    let wish = json!({ "client_name": "App", "redirect_uris": [CALLBACK], "scope": "patient/*.rs", "token_endpoint_auth_method": "none", "dpop_bound_access_tokens": true });
    let reply = desk.ask("POST", "/oauth/register", &[("content-type", "application/json")], &wish.to_string());
    assert_eq!((reply.status.as_u16(), &reply.json()["dpop_bound_access_tokens"]), (201, &json!(true)));
    for (name, value) in [("dpop_bound_access_tokens", json!("yes")), ("tls_client_certificate_bound_access_tokens", json!(true))] {
        let mut wrong = wish.clone();
        wrong[name] = value;
        assert_eq!(desk.ask("POST", "/oauth/register", &[("content-type", "application/json")], &wrong.to_string()).told(), "400 invalid_client_metadata");
    }
}

#[test]
fn a_code_asked_for_with_a_key_is_brought_with_it() {
    let desk = Desk::open();
    let (client, _) = desk.app(Proof::None, SCOPES);
    let (keys, others) = (Keys::new(), Keys::new());
    let key = public(&keys);
    let thumbprint = hash(&format!(r#"{{"crv":"P-256","kty":"EC","x":{},"y":{}}}"#, key["x"], key["y"]));
    let code = || desk.code_with(&client, SCOPES, &[("dpop_jkt", &thumbprint)]);
    assert_eq!(desk.bring(&client, &code(), &[]).told(), "400 invalid_grant");
    assert_eq!(desk.bring(&client, &code(), &[&desk.proof(&others, "POST", TOKEN, None)]).told(), "400 invalid_grant");
    assert_eq!(desk.bring(&client, &code(), &[&desk.proof(&keys, "POST", TOKEN, None)]).status, 200);
}

/// An assertion of a machine, signed with its first key.
fn assertion(desk: &Desk, keys: &Keys, client: &Client) -> String {
    // One of the second in which the server began would not be believed.
    desk.hands.forward_ms(2000);
    let now = desk.chart.now().0;
    keys.sign(&json!({ "alg": "ES384", "kid": "one", "typ": "JWT" }), &json!({ "iss": client.id, "sub": client.id, "aud": TOKEN, "iat": now.div_euclid(1000), "exp": now.div_euclid(1000) + 60, "jti": format!("a{now}") }))
}

#[test]
fn a_token_given_over_a_certificate_opens_with_it_alone() {
    let desk = Desk::open();
    let keys = Keys::new();
    let machine = desk.machine(&keys, "system/*.rs");
    let ask = |certificate| {
        let signed = assertion(&desk, &keys, &machine);
        let fields = form(&[("grant_type", "client_credentials"), ("scope", "system/*.rs"), ("client_assertion_type", JWT), ("client_assertion", &signed)]);
        desk.ask_as(certificate, "POST", "/oauth/token", &[("content-type", "application/x-www-form-urlencoded")], &fields).json()
    };
    let (own, other) = ([7; 32], [8; 32]);
    let bound = text(&ask(Some(own)), "access_token");
    let read = |certificate, scheme: &str, token: &str| desk.ask_as(certificate, "GET", "/fhir/Patient/p", &[("authorization", &format!("{scheme} {token}"))], "").status.as_u16();
    assert_eq!((read(Some(own), "Bearer", &bound), read(Some(other), "Bearer", &bound), read(None, "Bearer", &bound), read(Some(own), "DPoP", &bound)), (200, 401, 401, 401));
    let signed = assertion(&desk, &keys, &machine);
    let told = desk.form("introspect", None, &[("token", &bound), ("client_assertion_type", JWT), ("client_assertion", &signed)]).json();
    assert_eq!((&told["token_type"], &told["cnf"]), (&json!("Bearer"), &json!({ "x5t#S256": URL_SAFE_NO_PAD.encode(own) })));
    // One that came without a certificate is bound to none.
    let free = text(&ask(None), "access_token");
    assert_eq!((read(None, "Bearer", &free), read(Some(own), "Bearer", &free)), (200, 200));
}

/// Somebody who answers with what lies at an address, and counts.
#[derive(Debug, Default)]
struct Shelf {
    answers: Mutex<HashMap<String, (u16, String)>>,
    asked: Mutex<Vec<String>>,
}

impl ProviderWire for Shelf {
    fn send(&self, request: ProviderRequest) -> ProviderAnswer<'_> {
        let answer = self.answers.lock().unwrap().get(&request.address).cloned();
        self.asked.lock().unwrap().push(request.address);
        Box::pin(async move { answer.map(|(status, text)| (status, text.into_bytes())).ok_or("no connection") })
    }
}

#[test]
fn keys_are_fetched_from_the_registered_address_alone_and_not_again_and_again() {
    let shelf = Arc::new(Shelf::default());
    let desk = Desk::asking(Some(KeySources { origins: vec!["https://lab.example".into()], wire: shelf.clone() }));
    let register = |address: &str| {
        let new = NewClient { name: "Machine".into(), proof: Proof::KeysAt(address.into()), redirect_uris: Vec::new(), launch_uri: None, scopes: "system/*.rs".into(), login: Some("lab".into()), introspects: false, bound: Bound::Free };
        desk.oauth.register(&new, true, desk.chart.now()).map(|registration| registration.client)
    };
    for wrong in ["", "x", "https://evil.example/jwks", "http://lab.example/jwks", "https://lab.example.evil.example/jwks", "https://user@lab.example/jwks", "https://lab.example:8443/jwks", "https://lab.example/jwks#x"] {
        assert!(register(wrong).is_err(), "{wrong}");
    }
    const ADDRESS: &str = "https://lab.example/jwks";
    let machine = register(ADDRESS).unwrap();
    let (keys, others) = (Keys::new(), Keys::new());
    let says = |status: u16, body: String| drop(shelf.answers.lock().unwrap().insert(ADDRESS.into(), (status, body)));
    let asked = || shelf.asked.lock().unwrap().len();
    let ask = |keys: &Keys| {
        let signed = assertion(&desk, keys, &machine);
        desk.form("token", None, &[("grant_type", "client_credentials"), ("scope", "system/*.rs"), ("client_assertion_type", JWT), ("client_assertion", &signed)]).told()
    };
    assert_eq!((ask(&keys), asked()), ("401 invalid_client".into(), 1), "nobody answers");
    says(200, keys.jwks().to_string());
    assert_eq!((ask(&keys), asked()), ("401 invalid_client".into(), 1), "a moment later nobody is asked again");
    desk.hands.forward_ms(31_000);
    assert_eq!((ask(&keys), ask(&keys), asked()), ("200".into(), "200".into(), 2), "asked once, and remembered");
    assert_eq!((ask(&others), asked()), ("401 invalid_client".into(), 2), "a wrong signature asks nobody");
    // What is no JWKS, a redirect, one with a secret, one that is too long: those that were known last an hour and no longer.
    let mut secret = keys.jwks();
    secret["keys"][0]["d"] = json!("AAAA");
    for (status, body) in [(302, keys.jwks().to_string()), (200, "{}".into()), (200, secret.to_string()), (200, format!("{}{}", keys.jwks(), " ".repeat(70_000)))] {
        says(status, body);
        desk.hands.forward_ms(10 * 60_000 + 1000);
        let before = asked();
        assert_eq!((ask(&keys), asked()), ("200".into(), before + 1));
    }
    desk.hands.forward_ms(30 * 60_000);
    assert_eq!(ask(&keys), "401 invalid_client");
    // Another key under a new name is found at once, beside a key of a kind we do not know.
    desk.hands.forward_ms(31_000);
    let mut both = others.jwks();
    both["keys"].as_array_mut().unwrap().push(json!({ "kty": "OKP", "crv": "X25519", "use": "enc", "kid": "e", "x": "AAAA" }));
    says(200, both.to_string());
    assert_eq!((ask(&keys), ask(&others)), ("401 invalid_client".into(), "200".into()), "a key that was taken off opens nothing any more");
    assert!(shelf.asked.lock().unwrap().iter().all(|address| address == ADDRESS));
}
