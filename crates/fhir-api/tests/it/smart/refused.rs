//! What the endpoints refuse, one row a way to go wrong, each with the error a program is told.
//! https://openid.net/specs/fapi-security-profile-2_0-final.html, https://www.rfc-editor.org/rfc/rfc9700

use std::cell::Cell;

use super::desk::*;
use oauth::{Accounts, Client, Presented, Proof};
use serde_json::{Value, json};

const SCOPES: &str = "openid launch/patient patient/*.rs offline_access";
const JWT: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How a row differs from what would be right.
enum But<'a> {
    /// A field has another value, or is there where it was not.
    Has(&'a str, &'a str),
    /// A field is not there.
    Lacks(&'a str),
    /// A field is there twice.
    Twice(&'a str),
}
use But::*;

fn changed<'a>(right: &[(&'a str, &'a str)], but: &[But<'a>]) -> Vec<(&'a str, &'a str)> {
    let mut fields = right.to_vec();
    for change in but {
        match change {
            Has(name, value) => match fields.iter_mut().find(|(one, _)| one == name) {
                Some(field) => field.1 = value,
                None => fields.push((name, value)),
            },
            Lacks(name) => fields.retain(|(one, _)| one != name),
            Twice(name) => {
                let again = *fields.iter().find(|(one, _)| one == name).unwrap();
                fields.push(again);
            }
        }
    }
    fields
}

#[test]
fn a_code_is_worth_nothing_without_all_that_belongs_to_it() {
    let desk = Desk::open();
    let (client, _) = desk.app(Proof::None, SCOPES);
    let (other, _) = desk.app(Proof::None, SCOPES);
    let rows: &[(&str, &[But<'_>], &str)] = &[
        ("no grant_type", &[Lacks("grant_type")], "400 unsupported_grant_type"),
        ("the password grant", &[Has("grant_type", "password")], "400 unsupported_grant_type"),
        ("the implicit grant", &[Has("grant_type", "implicit")], "400 unsupported_grant_type"),
        ("two grant_types", &[Twice("grant_type")], "400 invalid_request"),
        ("no program", &[Lacks("client_id")], "401 invalid_client"),
        ("an unknown program", &[Has("client_id", "nobody")], "401 invalid_client"),
        ("two programs", &[Twice("client_id")], "400 invalid_request"),
        ("another program", &[Has("client_id", &other.id)], "400 invalid_grant"),
        ("a secret in the body", &[Has("client_secret", "x")], "401 invalid_client"),
        ("an assertion without its type", &[Has("client_assertion", "x")], "400 invalid_request"),
        ("an assertion of another type", &[Has("client_assertion", "x"), Has("client_assertion_type", "saml")], "400 invalid_request"),
        ("no code", &[Lacks("code")], "400 invalid_grant"),
        ("an invented code", &[Has("code", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")], "400 invalid_grant"),
        ("two codes", &[Twice("code")], "400 invalid_request"),
        ("no redirect_uri", &[Lacks("redirect_uri")], "400 invalid_grant"),
        ("another redirect_uri", &[Has("redirect_uri", "https://app.example/callback/")], "400 invalid_grant"),
        ("no verifier", &[Lacks("code_verifier")], "400 invalid_grant"),
        ("another verifier", &[Has("code_verifier", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")], "400 invalid_grant"),
        ("the challenge as verifier (downgrade to plain)", &[Has("code_verifier", CHALLENGE)], "400 invalid_grant"),
        ("two verifiers", &[Twice("code_verifier")], "400 invalid_request"),
    ];
    for (what, but, expected) in rows {
        let code = desk.code(&client, SCOPES);
        let right = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", CALLBACK), ("client_id", &client.id), ("code_verifier", VERIFIER)];
        let reply = desk.form("token", None, &changed(&right, but));
        assert_eq!(reply.told(), *expected, "{what}: {}", reply.text);
        assert_eq!(reply.headers["cache-control"], "no-store", "{what}");
    }
}

#[test]
fn a_code_opens_once_within_a_minute_and_a_thief_ends_what_came_of_it() {
    let desk = Desk::open();
    let (client, _) = desk.app(Proof::None, SCOPES);
    let bring = |code: &str| desk.form("token", None, &[("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK), ("client_id", &client.id), ("code_verifier", VERIFIER)]);
    let late = desk.code(&client, SCOPES);
    desk.hands.forward_ms(61_000);
    assert_eq!(bring(&late).told(), "400 invalid_grant");
    let code = desk.code(&client, SCOPES);
    let told = bring(&code).json();
    let reads = || desk.with(told["access_token"].as_str().unwrap(), "GET", "/Patient/p", "").status.as_u16();
    assert_eq!(reads(), 200);
    assert_eq!(bring(&code).told(), "400 invalid_grant");
    assert_eq!(reads(), 401);
    let wrong = desk.code(&client, SCOPES);
    let guess = desk.form("token", None, &[("grant_type", "authorization_code"), ("code", &wrong), ("redirect_uri", CALLBACK), ("client_id", &client.id), ("code_verifier", CHALLENGE)]);
    assert_eq!((guess.told().as_str(), bring(&wrong).told().as_str()), ("400 invalid_grant", "400 invalid_grant"), "a code with a wrong verifier is used up");
}

/// Brings a code again while it is being exchanged: when the account is asked about.
struct Meanwhile<'a> {
    desk: &'a Desk,
    presented: Presented<'a>,
    era: u64,
    refused: Cell<Option<bool>>,
}

impl Accounts for Meanwhile<'_> {
    fn era(&self, _: u64) -> Result<Option<u64>, store::Error> {
        if self.refused.get().is_none() {
            self.refused.set(Some(false));
            self.refused.set(Some(self.desk.oauth.token(&self.presented, self, self.desk.chart.now()).is_err()));
        }
        Ok(Some(self.era))
    }

    fn system(&self, _: &str) -> Result<Option<(u64, u64)>, store::Error> {
        Ok(None)
    }

    fn fhir_user(&self, _: u64) -> Option<String> {
        None
    }
}

#[test]
fn of_a_code_that_is_brought_again_while_it_is_exchanged_comes_nothing() {
    let desk = Desk::open();
    let (client, _) = desk.app(Proof::None, SCOPES);
    let code = desk.code(&client, SCOPES);
    let form = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", CALLBACK), ("client_id", &client.id), ("code_verifier", VERIFIER)].map(|(name, value)| (name.to_owned(), value.to_owned()));
    let ana = desk.chart.accounts().unwrap().into_iter().find(|account| account.login == "ana").unwrap();
    let meanwhile = Meanwhile { desk: &desk, presented: Presented { form: &form, ..Presented::default() }, era: desk.chart.standing(ana.number).unwrap().unwrap(), refused: Cell::new(None) };
    let first = desk.oauth.token(&meanwhile.presented, &meanwhile, desk.chart.now());
    assert_eq!((first.is_err(), meanwhile.refused.get()), (true, Some(true)));
    assert!(desk.oauth.consents(ana.number, meanwhile.era, desk.chart.now()).unwrap().is_empty(), "nothing may be renewed of it");
}

#[test]
fn a_program_with_a_secret_or_a_key_proves_itself_so_and_not_otherwise() {
    let desk = Desk::open();
    let keys = Keys::new();
    let (secretive, secret) = desk.app(Proof::Secret, SCOPES);
    let (keyed, _) = desk.app(Proof::Keys(keys.jwks().to_string()), SCOPES);
    let (public, _) = desk.app(Proof::None, SCOPES);
    let secret = secret.unwrap();
    let rows: &[(&str, &Client, Option<String>, &str)] = &[
        ("a secret program by its name alone", &secretive, None, "401 invalid_client"),
        ("a keyed program by its name alone", &keyed, None, "401 invalid_client"),
        ("a wrong secret", &secretive, Some(basic(&secretive.id, "wrong")), "401 invalid_client"),
        ("an empty secret", &secretive, Some(basic(&secretive.id, "")), "401 invalid_client"),
        ("nearly the secret", &secretive, Some(basic(&secretive.id, &format!("{secret}="))), "401 invalid_client"),
        ("another program's secret", &keyed, Some(basic(&keyed.id, &secret)), "401 invalid_client"),
        ("a secret of a public program", &public, Some(basic(&public.id, &secret)), "401 invalid_client"),
        ("a secret of one and the name of another", &public, Some(basic(&secretive.id, &secret)), "401 invalid_client"),
        ("a Bearer header", &secretive, Some("Bearer x".into()), "401 invalid_client"),
        ("a header that is none", &secretive, Some("Basic !!".into()), "401 invalid_client"),
    ];
    for (what, client, authorization, expected) in rows {
        let code = desk.code(client, SCOPES);
        let reply = desk.form("token", authorization.as_deref(), &[("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", CALLBACK), ("client_id", &client.id), ("code_verifier", VERIFIER)]);
        assert_eq!(reply.told(), *expected, "{what}: {}", reply.text);
        assert!(reply.headers.contains_key("www-authenticate"), "{what}");
    }
}

#[test]
fn an_assertion_that_differs_in_anything_proves_nothing() {
    let desk = Desk::open();
    let (keys, others) = (Keys::new(), Keys::new());
    let client = desk.machine(&keys, "system/*.rs");
    let seconds = desk.chart.now().0 / 1000;
    let header = json!({ "alg": "ES384", "kid": "one", "typ": "JWT" });
    let claims = json!({ "iss": client.id, "sub": client.id, "aud": "http://127.0.0.1:8080/oauth/token", "exp": seconds + 200, "iat": seconds, "jti": "j" });
    let with = |base: &Value, name: &str, value: Value| {
        let mut changed = base.clone();
        changed[name] = value;
        changed
    };
    let without = |base: &Value, name: &str| {
        let mut changed = base.clone();
        changed.as_object_mut().unwrap().remove(name);
        changed
    };
    let signed = |header: &Value, claims: &Value| keys.sign(header, claims);
    let unsigned = signed(&with(&header, "alg", "none".into()), &claims);
    let rows = [
        ("alg none, without a signature", format!("{}.", unsigned.rsplit_once('.').unwrap().0)),
        ("alg none, with one", unsigned),
        ("alg HS256 with the public key as secret", signed(&with(&header, "alg", "HS256".into()), &claims)),
        ("alg RS256, which is not on the list", signed(&with(&header, "alg", "RS256".into()), &claims)),
        ("alg RS384 with a key of another kind", signed(&with(&header, "alg", "RS384".into()), &claims)),
        ("ES256 under the key of ES384", signed(&json!({ "alg": "ES256", "kid": "one" }), &claims)),
        ("somebody else's key", others.sign(&header, &claims)),
        ("no kid", signed(&without(&header, "kid"), &claims)),
        ("an unknown kid", signed(&with(&header, "kid", "three".into()), &claims)),
        ("keys from elsewhere (jku)", signed(&with(&header, "jku", "https://evil.example/keys".into()), &claims)),
        ("a certificate from elsewhere (x5u)", signed(&with(&header, "x5u", "https://evil.example/cert".into()), &claims)),
        ("a key of its own (jwk)", signed(&with(&header, "jwk", others.jwks()["keys"][0].clone()), &claims)),
        ("a condition nobody knows (crit)", signed(&with(&header, "crit", json!(["x"])), &claims)),
        ("another issuer", signed(&header, &with(&claims, "iss", "x".into()))),
        ("another subject", signed(&header, &with(&claims, "sub", "x".into()))),
        ("another audience", signed(&header, &with(&claims, "aud", "https://evil.example/token".into()))),
        ("an audience that begins alike", signed(&header, &with(&claims, "aud", "http://127.0.0.1:8080/oauth/token/x".into()))),
        ("two audiences", signed(&header, &with(&claims, "aud", json!(["http://127.0.0.1:8080/oauth/token", "https://evil.example"])))),
        ("no audience", signed(&header, &without(&claims, "aud"))),
        ("no end", signed(&header, &without(&claims, "exp"))),
        ("ended", signed(&header, &with(&claims, "exp", (seconds - 1).into()))),
        ("good for more than five minutes", signed(&header, &with(&claims, "exp", (seconds + 400).into()))),
        ("made in the future", signed(&header, &with(&claims, "iat", (seconds + 60).into()))),
        ("not yet good", signed(&header, &with(&claims, "nbf", (seconds + 60).into()))),
        ("made before this server began", signed(&header, &with(&claims, "iat", (seconds - 3600).into()))),
        ("no jti", signed(&header, &without(&claims, "jti"))),
        ("an empty jti", signed(&header, &with(&claims, "jti", "".into()))),
        ("no JWT", "x.y".to_owned()),
    ];
    let send = |assertion: &str, scope: &str| desk.form("token", None, &[("grant_type", "client_credentials"), ("scope", scope), ("client_assertion_type", JWT), ("client_assertion", assertion)]);
    for (what, assertion) in rows {
        let reply = send(&assertion, "system/*.rs");
        assert_eq!(reply.told(), "401 invalid_client", "{what}: {}", reply.text);
    }
    let right = signed(&header, &claims);
    assert_eq!(send(&right, "system/*.rs").status, 200);
    assert_eq!(send(&right, "system/*.rs").told(), "401 invalid_client", "the same jti again");
    for (number, (scope, expected)) in [("system/*.cruds", "400 invalid_scope"), ("user/*.rs", "400 invalid_scope"), ("patient/*.rs", "400 invalid_scope"), ("openid", "400 invalid_scope"), ("", "400 invalid_scope")].into_iter().enumerate() {
        assert_eq!(send(&signed(&header, &with(&claims, "jti", number.into())), scope).told(), "401 invalid_client", "a jti is a text");
        let reply = send(&signed(&header, &with(&claims, "jti", format!("n{number}").into())), scope);
        assert_eq!(reply.told(), expected, "{scope}");
    }
    let (app, _) = desk.app(Proof::Keys(keys.jwks().to_string()), SCOPES);
    let own = with(&with(&with(&claims, "iss", app.id.as_str().into()), "sub", app.id.as_str().into()), "jti", "app".into());
    assert_eq!(send(&signed(&header, &own), "system/*.rs").told(), "400 unauthorized_client", "a program for people works without none");
}

#[test]
fn a_refresh_token_renews_for_its_program_and_never_more_than_it_had() {
    let desk = Desk::open();
    let (client, _) = desk.app(Proof::None, SCOPES);
    let (other, _) = desk.app(Proof::None, SCOPES);
    let told = desk.tokens(&client, SCOPES);
    let (refresh, access) = (told["refresh_token"].as_str().unwrap(), told["access_token"].as_str().unwrap());
    let rows: &[(&str, &[But<'_>], &str)] = &[
        ("no token", &[Lacks("refresh_token")], "400 invalid_grant"),
        ("an invented one", &[Has("refresh_token", "AAAA")], "400 invalid_grant"),
        ("a token for access", &[Has("refresh_token", access)], "400 invalid_grant"),
        ("another program", &[Has("client_id", &other.id)], "400 invalid_grant"),
        ("more scopes", &[Has("scope", "openid patient/*.cruds")], "400 invalid_scope"),
        ("other scopes", &[Has("scope", "user/*.rs")], "400 invalid_scope"),
        ("two tokens", &[Twice("refresh_token")], "400 invalid_request"),
    ];
    let right = [("grant_type", "refresh_token"), ("refresh_token", refresh), ("client_id", client.id.as_str())];
    for (what, but, expected) in rows {
        let reply = desk.form("token", None, &changed(&right, but));
        assert_eq!(reply.told(), *expected, "{what}: {}", reply.text);
    }
    let fewer = desk.form("token", None, &changed(&right, &[Has("scope", "patient/Condition.rs")]));
    let fewer = fewer.json();
    assert_eq!(fewer["scope"], "patient/Condition.rs", "none of the above used it up");
    // Fewer scopes are those of the one token; what was given stays with the refresh token.
    let patient = |told: &Value| desk.with(told["access_token"].as_str().unwrap(), "GET", "/Patient/p", "").status.as_u16();
    assert_eq!((patient(&told), patient(&fewer)), (200, 403));
    let whole = desk.form("token", None, &[("grant_type", "refresh_token"), ("refresh_token", fewer["refresh_token"].as_str().unwrap()), ("client_id", client.id.as_str())]).json();
    assert_eq!((&whole["scope"], patient(&whole), patient(&fewer)), (&told["scope"], 200, 403));
    let many = ["openid"; 201].join(" ");
    let refused = desk.form("token", None, &[("grant_type", "refresh_token"), ("refresh_token", whole["refresh_token"].as_str().unwrap()), ("client_id", client.id.as_str()), ("scope", &many)]);
    assert_eq!(refused.told(), "400 invalid_scope", "what is too long is not cut");
}

#[test]
fn a_token_is_brought_in_its_header_and_is_what_it_says() {
    let desk = Desk::open();
    let (client, _) = desk.app(Proof::None, SCOPES);
    let told = desk.tokens(&client, SCOPES);
    let (refresh, access) = (told["refresh_token"].as_str().unwrap(), told["access_token"].as_str().unwrap());
    let status = |header: &str| desk.ask("GET", "/fhir/Patient/p", &[("authorization", header)], "");
    for (what, header) in [("a refresh token", format!("Bearer {refresh}")), ("none", "Bearer ".into()), ("another scheme", format!("Token {access}")), ("an id_token", format!("Bearer {}", told["id_token"].as_str().unwrap())), ("cut", format!("Bearer {}", &access[..access.len() - 4]))] {
        assert_eq!(status(&header).status, 401, "{what}");
    }
    assert!(status("Bearer x").headers["www-authenticate"].to_str().unwrap().contains("invalid_token"));
    for path in [format!("/fhir/Patient/p?access_token={access}"), format!("/fhir/Patient?access_token={access}")] {
        assert_eq!(desk.ask("GET", &path, &[], "").status, 401, "in the address it opens nothing");
    }
    assert_eq!(desk.ask("GET", "/oauth/token", &[], "").status, 405);
    let json = desk.ask("POST", "/oauth/token", &[("content-type", "application/json")], "{}");
    assert_eq!(json.told(), "400 invalid_request");
    let (stranger, _) = desk.app(Proof::None, SCOPES);
    assert_eq!(desk.form("introspect", None, &[("token", access), ("client_id", &stranger.id)]).told(), "401 invalid_client");
    assert_eq!(desk.form("revoke", None, &[("token", refresh), ("client_id", &stranger.id)]).status, 200);
    assert_eq!(status(&format!("Bearer {access}")).status, 200, "nobody takes back what is another's");
}

#[test]
fn a_registration_that_does_not_fit_is_refused() {
    let desk = Desk::open();
    let right = json!({ "client_name": "App", "redirect_uris": [CALLBACK], "scope": "patient/*.rs", "token_endpoint_auth_method": "none" });
    for (what, name, value, expected) in [
        ("keys to be fetched", "jwks_uri", json!("https://app.example/keys"), "400 invalid_client_metadata"),
        ("no name", "client_name", json!(null), "400 invalid_client_metadata"),
        ("a name that turns what stands beside it", "client_name", json!("App\u{202e}ppA"), "400 invalid_client_metadata"),
        ("no scopes", "scope", json!(null), "400 invalid_client_metadata"),
        ("scopes for systems", "scope", json!("system/*.rs"), "400 invalid_client_metadata"),
        ("a plain address", "redirect_uris", json!(["http://app.example/"]), "400 invalid_redirect_uri"),
        ("a script", "redirect_uris", json!(["javascript:alert(1)"]), "400 invalid_redirect_uri"),
        ("no address", "redirect_uris", json!([]), "400 invalid_client_metadata"),
        ("an unknown proof", "token_endpoint_auth_method", json!("client_secret_post"), "400 invalid_client_metadata"),
        ("keys that are none", "token_endpoint_auth_method", json!("private_key_jwt"), "400 invalid_client_metadata"),
    ] {
        let mut wish = right.clone();
        wish[name] = value;
        let reply = desk.ask("POST", "/oauth/register", &[("content-type", "application/json")], &wish.to_string());
        assert_eq!(reply.told(), expected, "{what}: {}", reply.text);
    }
    assert!(desk.oauth.clients().unwrap().is_empty());
}
