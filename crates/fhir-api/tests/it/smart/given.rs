//! What a program is given, and how it ends.

use super::desk::*;
use oauth::Proof;
use serde_json::{Value, json};

#[test]
fn the_configuration_names_every_endpoint_and_is_open_to_all() {
    let desk = Desk::open();
    for path in ["/fhir/.well-known/smart-configuration", "/fhir/.well-known/openid-configuration"] {
        let reply = desk.ask("GET", path, &[], "");
        let told = reply.json();
        assert_eq!((reply.status.as_u16(), reply.headers["content-type"].to_str().unwrap()), (200, "application/json; charset=utf-8"));
        assert_eq!((told["issuer"].as_str(), told["token_endpoint"].as_str()), (Some(testkit::BASE_URL), Some("http://127.0.0.1:8080/oauth/token")));
        assert_eq!(told["code_challenge_methods_supported"], json!(["S256"]));
    }
    let metadata = desk.ask("GET", "/fhir/metadata", &[], "").json();
    let security = &metadata["rest"][0]["security"];
    assert_eq!(security["extension"][0]["extension"][1]["valueUri"], "http://127.0.0.1:8080/oauth/token");
    assert_eq!(security["service"][0]["coding"][0]["code"], "SMART-on-FHIR");
}

#[test]
fn a_code_becomes_tokens_with_the_patient_and_who_is_using_it() {
    let desk = Desk::open();
    let scopes = "openid fhirUser launch/patient patient/*.rs offline_access";
    let (client, _) = desk.app(Proof::None, scopes);
    let told = desk.tokens(&client, scopes);
    assert_eq!((told["token_type"].as_str(), told["patient"].as_str(), told["scope"].as_str()), (Some("Bearer"), Some("p"), Some(scopes)));
    assert_eq!((told["need_patient_banner"].as_bool(), told["expires_in"].as_i64()), (Some(true), Some(900)));
    let keys: jsonwebtoken::jwk::JwkSet = serde_json::from_value(desk.ask("GET", "/oauth/jwks", &[], "").json()).unwrap();
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::ES256);
    validation.set_audience(&[&client.id]);
    validation.set_issuer(&[testkit::BASE_URL]);
    // The clinic's clock stands in another year.
    validation.validate_exp = false;
    let token = jsonwebtoken::decode::<Value>(told["id_token"].as_str().unwrap(), &jsonwebtoken::DecodingKey::from_jwk(&keys.keys[0]).unwrap(), &validation).unwrap();
    assert_eq!((token.claims["nonce"].as_str(), token.header.kid.as_ref()), (Some("n"), keys.keys[0].common.key_id.as_ref()));
    let user = token.claims["fhirUser"].as_str().unwrap().strip_prefix("http://127.0.0.1:8080").unwrap();
    let access = told["access_token"].as_str().unwrap();
    assert!(desk.with(access, "GET", user.strip_prefix("/fhir").unwrap(), "").text.contains("Dr. ana"));
    assert_eq!(desk.with(access, "GET", "/Patient/p", "").status, 200);
}

#[test]
fn each_way_for_a_program_to_prove_itself_leads_to_a_token() {
    let desk = Desk::open();
    let keys = Keys::new();
    let field = |code: &str, client: &str| [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK), ("client_id", client), ("code_verifier", VERIFIER)].map(|(name, value)| (name.to_owned(), value.to_owned()));
    let send = |authorization: Option<&str>, fields: &[(String, String)]| desk.form("token", authorization, &fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<Vec<_>>());
    let (client, secret) = desk.app(Proof::Secret, "patient/*.rs");
    let reply = send(Some(&basic(&client.id, &secret.unwrap())), &field(&desk.code(&client, "patient/*.rs"), &client.id));
    assert_eq!(reply.status, 200, "{}", reply.text);
    let (client, _) = desk.app(Proof::Keys(keys.jwks().to_string()), "patient/*.rs");
    for (alg, kid) in [("ES384", "one"), ("ES256", "two")] {
        let seconds = desk.chart.now().0 / 1000;
        let claims = json!({ "iss": client.id, "sub": client.id, "aud": "http://127.0.0.1:8080/oauth/token", "exp": seconds + 200, "iat": seconds, "jti": kid });
        let mut fields = field(&desk.code(&client, "patient/*.rs"), &client.id).to_vec();
        fields.push(("client_assertion".into(), keys.sign(&json!({ "alg": alg, "kid": kid, "typ": "JWT" }), &claims)));
        fields.push(("client_assertion_type".into(), "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".into()));
        let reply = send(None, &fields);
        assert_eq!(reply.status, 200, "{alg}: {}", reply.text);
    }
}

#[test]
fn a_refresh_token_is_good_once_and_bringing_it_twice_ends_everything() {
    let desk = Desk::open();
    let scopes = "launch/patient patient/*.rs offline_access";
    let (client, _) = desk.app(Proof::None, scopes);
    let first = desk.tokens(&client, scopes);
    let renew = |token: &Value| desk.form("token", None, &[("grant_type", "refresh_token"), ("refresh_token", token["refresh_token"].as_str().unwrap()), ("client_id", &client.id)]);
    let reads = |token: &Value| desk.with(token["access_token"].as_str().unwrap(), "GET", "/Patient/p", "").status.as_u16();
    let second = renew(&first).json();
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert_eq!((reads(&first), reads(&second), second["patient"].as_str()), (200, 200, Some("p")));
    // Who did not hear the answer asks again within ten seconds, and is answered the same.
    let again = renew(&first).json();
    assert_eq!((&again["refresh_token"], reads(&again), reads(&second)), (&second["refresh_token"], 200, 200));
    desk.hands.forward_ms(10_000);
    assert_eq!(renew(&first).told(), "400 invalid_grant");
    assert_eq!((reads(&first), reads(&second), renew(&second).told().as_str()), (401, 401, "400 invalid_grant"));
}

#[test]
fn a_refresh_token_that_was_renewed_further_ends_everything_at_once() {
    let desk = Desk::open();
    let scopes = "launch/patient patient/*.rs offline_access";
    let (client, _) = desk.app(Proof::None, scopes);
    let first = desk.tokens(&client, scopes);
    let renew = |token: &Value| desk.form("token", None, &[("grant_type", "refresh_token"), ("refresh_token", token["refresh_token"].as_str().unwrap()), ("client_id", &client.id)]);
    let third = renew(&renew(&first).json()).json();
    assert_eq!(desk.with(third["access_token"].as_str().unwrap(), "GET", "/Patient/p", "").status, 200);
    assert_eq!(renew(&first).told(), "400 invalid_grant");
    assert_eq!(desk.with(third["access_token"].as_str().unwrap(), "GET", "/Patient/p", "").status, 401);
}

#[test]
fn tokens_end_with_their_time_their_program_their_password_and_when_they_are_taken_back() {
    let scopes = "launch/patient patient/*.rs offline_access";
    let reads = |desk: &Desk, token: &Value| desk.with(token["access_token"].as_str().unwrap(), "GET", "/Patient/p", "").status.as_u16();
    for (what, end) in [
        ("time", (|desk: &Desk, _: &str, _: &Value| desk.hands.forward_ms(15 * 60_000)) as fn(&Desk, &str, &Value)),
        ("program", |desk, client, _| assert!(desk.oauth.remove(client).unwrap())),
        ("password", |desk, _, _| drop(desk.chart.set_password(&testkit::caller(access::Role::Console).account, "ana", "another-horse").unwrap())),
        ("block", |desk, _, _| drop(desk.chart.block_account(&testkit::caller(access::Role::Console).account, "ana").unwrap())),
        ("revoked", |desk, client, told| assert_eq!(desk.form("revoke", None, &[("token", told["refresh_token"].as_str().unwrap()), ("client_id", client)]).status, 200)),
        ("access revoked", |desk, client, told| assert_eq!(desk.form("revoke", None, &[("token", told["access_token"].as_str().unwrap()), ("client_id", client)]).status, 200)),
    ] {
        let desk = Desk::open();
        let (client, _) = desk.app(Proof::None, scopes);
        let told = desk.tokens(&client, scopes);
        assert_eq!(reads(&desk, &told), 200, "{what}");
        end(&desk, &client.id, &told);
        assert_eq!(reads(&desk, &told), 401, "{what}");
    }
}

#[test]
fn a_system_works_without_a_person_for_five_minutes() {
    let desk = Desk::open();
    let keys = Keys::new();
    let client = desk.machine(&keys, "system/*.rs");
    let seconds = desk.chart.now().0 / 1000;
    let claims = json!({ "iss": client.id, "sub": client.id, "aud": "http://127.0.0.1:8080/oauth/token", "exp": seconds + 300, "jti": "a" });
    let assertion = keys.sign(&json!({ "alg": "ES384", "kid": "one" }), &claims);
    let reply = desk.form("token", None, &[("grant_type", "client_credentials"), ("scope", "system/Observation.rs system/Patient.read"), ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"), ("client_assertion", &assertion)]);
    let told = reply.json();
    assert_eq!((reply.status.as_u16(), told["expires_in"].as_i64(), told["scope"].as_str()), (200, Some(300), Some("system/Observation.rs system/Patient.read")), "{}", reply.text);
    let token = told["access_token"].as_str().unwrap();
    assert_eq!(desk.with(token, "GET", "/Observation/q-lab", "").status, 200);
    assert_eq!(desk.with(token, "GET", "/Condition/q-c", "").status, 403);
    desk.hands.forward_ms(5 * 60_000);
    assert_eq!(desk.with(token, "GET", "/Observation/q-lab", "").status, 401);
}

#[test]
fn what_a_token_is_worth_is_told_to_its_program_and_to_those_that_may_ask() {
    let desk = Desk::open();
    let (client, secret) = desk.app(Proof::Secret, "launch/patient patient/*.rs");
    let (other, others) = desk.app(Proof::Secret, "patient/*.rs");
    let own = basic(&client.id, &secret.unwrap());
    let code = desk.code(&client, "launch/patient patient/*.rs");
    let told = desk.form("token", Some(&own), &[("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", CALLBACK), ("code_verifier", VERIFIER)]).json();
    let token = told["access_token"].as_str().unwrap();
    let asked = desk.form("introspect", Some(&own), &[("token", token)]).json();
    assert_eq!((asked["active"].as_bool(), asked["patient"].as_str(), asked["client_id"].as_str()), (Some(true), Some("p"), Some(client.id.as_str())));
    assert_eq!(desk.form("introspect", Some(&basic(&other.id, &others.unwrap())), &[("token", token)]).json(), json!({ "active": false }));
    assert_eq!(desk.form("introspect", Some(&own), &[("token", "nonsense")]).json(), json!({ "active": false }));
}

#[test]
fn a_program_that_registers_itself_waits_for_somebody() {
    let desk = Desk::open();
    let wish = json!({ "client_name": "App", "redirect_uris": [CALLBACK], "scope": "openid launch/patient patient/*.rs", "token_endpoint_auth_method": "none" });
    let reply = desk.ask("POST", "/oauth/register", &[("content-type", "application/json")], &wish.to_string());
    assert_eq!(reply.status, 201, "{}", reply.text);
    let id = reply.json()["client_id"].as_str().unwrap().to_owned();
    let entry = desk.chart.site_journal().unwrap().pop().unwrap();
    assert_eq!((entry.act.word(), entry.by.as_str(), entry.about.as_str()), ("register-program", "nobody", id.as_str()));
    let exchange = || desk.form("token", None, &[("grant_type", "authorization_code"), ("code", "x"), ("client_id", &id)]).told();
    assert_eq!(exchange(), "401 invalid_client");
    assert!(desk.oauth.approve(&id).unwrap());
    assert_eq!(exchange(), "400 invalid_grant");
}
