//! A program asks, and somebody answers: what is refused and where, and the whole way over the pages.

use access::Role;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use chart::{NewAccount, Terms};
use http_body_util::BodyExt;
use oauth::{NewClient, Proof, Server};
use std::sync::Arc;
use tower::ServiceExt;
use web::words::Language;
use web::{Settings, router_of};

const PASSWORD: &str = "a secret word";
const CALLBACK: &str = "https://app.example/callback?x=1";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// `ana` and `ruiz`, physicians, the patient `p` with a visit that is open, and a program.
struct House {
    router: Router,
    oauth: Arc<Server>,
    chart: chart::Chart,
    client: String,
}

async fn house() -> House {
    let clinic = testkit::clinic();
    for login in ["ana", "ruiz"] {
        let new = NewAccount { login: login.into(), display: format!("Dr. {login}"), role: Role::Physician, institution: "Carnet".into(), language: "en".into(), terms: Terms::default() };
        clinic.chart.add_account(&testkit::caller(Role::Console).account, new, PASSWORD).unwrap();
    }
    for (kind, id, body) in [
        ("Patient", "p", r#"{"resourceType":"Patient","id":"p","name":[{"family":"Prueba","given":["Rosa"]}],"birthDate":"1958-03-14"}"#),
        ("Encounter", "closed", r#"{"resourceType":"Encounter","id":"closed","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/p"}}"#),
        ("Encounter", "open", r#"{"resourceType":"Encounter","id":"open","status":"in-progress","class":{"code":"AMB"},"subject":{"reference":"Patient/p"},"period":{"start":"2026-03-01"}}"#),
    ] {
        let kind = fhir::ResourceType::named(kind).unwrap();
        clinic.chart.update(&testkit::caller(Role::Integration), kind, id, body.as_bytes(), None).await.unwrap();
    }
    let oauth = clinic.oauth();
    let new = NewClient {
        name: "Curves <b>".into(),
        proof: Proof::None,
        redirect_uris: vec![CALLBACK.into()],
        launch_uri: Some("https://app.example/launch".into()),
        scopes: "openid fhirUser launch launch/patient launch/encounter offline_access patient/*.rs user/Observation.cruds".into(),
        login: None,
        introspects: false,
        bound: oauth::Bound::Free,
    };
    let client = oauth.register(&new, true, clinic.chart.now()).unwrap().client.id;
    let mut next = 0u8;
    let chance = move |bytes: &mut [u8]| {
        for byte in bytes {
            next = next.wrapping_mul(37).wrapping_add(11);
            *byte = next;
        }
    };
    let router = router_of(clinic.chart.clone(), oauth.clone(), Box::new(chance), Settings { language: Language::English, ..Settings::default() });
    House { router, oauth, chart: clinic.chart, client }
}

impl House {
    async fn ask(&self, request: Request<Body>) -> (StatusCode, HeaderMap, String) {
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        (parts.status, parts.headers, String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap())
    }

    async fn get(&self, path: &str, cookies: &str) -> (StatusCode, HeaderMap, String) {
        self.ask(Request::get(path).header(header::COOKIE, cookies).body(Body::empty()).unwrap()).await
    }

    async fn post(&self, path: &str, cookies: &str, form: &str) -> (StatusCode, HeaderMap, String) {
        let request = Request::post(path).header(header::COOKIE, cookies).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.ask(request.body(Body::from(form.to_owned())).unwrap()).await
    }

    /// Signs in, coming from an address, and gives the cookie and where it leads.
    async fn sign_in(&self, login: &str, back: &str) -> (String, String) {
        let (_, headers, page) = self.get(&format!("/sign-in?back={back}"), "").await;
        let door = headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
        let (_, headers, _) = self.post("/sign-in", &door, &form(&[("login", login), ("password", PASSWORD), ("token", &token(&page)), ("back", back)])).await;
        let cookie = headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok()).find(|value| value.starts_with("carnet=")).unwrap();
        (cookie.split(';').next().unwrap().to_owned(), location(&headers))
    }

    fn question(&self, changed: &[(&str, &str)]) -> String {
        let right = [
            ("response_type", "code"),
            ("client_id", self.client.as_str()),
            ("redirect_uri", CALLBACK),
            ("state", "st&te"),
            ("scope", "openid fhirUser launch/patient patient/Observation.rs patient/Condition.rs?code=a"),
            ("aud", testkit::BASE_URL),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let mut fields: Vec<(&str, &str)> = right.into_iter().filter(|(name, _)| !changed.iter().any(|(one, _)| one == name)).collect();
        fields.extend(changed.iter().filter(|(_, value)| *value != "-"));
        format!("/authorize?{}", form(&fields))
    }

    /// Begins a question and gives its address.
    async fn begin(&self, changed: &[(&str, &str)]) -> String {
        let (status, _, page) = self.get(&self.question(changed), "").await;
        assert_eq!(status, 200, "{page}");
        page.split("url=").nth(1).unwrap().split('"').next().unwrap().to_owned()
    }
}

fn form(fields: &[(&str, &str)]) -> String {
    let escaped = |text: &str| text.bytes().map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect::<String>();
    fields.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect::<Vec<_>>().join("&")
}

fn token(page: &str) -> String {
    page.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

fn location(headers: &HeaderMap) -> String {
    headers.get(header::LOCATION).map_or(String::new(), |value| value.to_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_question_that_is_wrong_sends_nobody_to_a_stranger() {
    let house = house().await;
    let waiting = house.oauth.register(&NewClient { name: "Waiting".into(), proof: Proof::None, redirect_uris: vec![CALLBACK.into()], launch_uri: None, scopes: "patient/*.rs".into(), login: None, introspects: false, bound: oauth::Bound::Free }, false, house.chart.now()).unwrap().client.id;
    let long = "x".repeat(2001);
    let rows: &[(&str, &[(&str, &str)], &str)] = &[
        ("an unknown program", &[("client_id", "nobody")], "page"),
        ("no program", &[("client_id", "-")], "page"),
        ("a program nobody approved", &[("client_id", &waiting)], "page"),
        ("no address", &[("redirect_uri", "-")], "page"),
        ("another path", &[("redirect_uri", "https://app.example/callback")], "page"),
        ("another host", &[("redirect_uri", "https://app.example.evil.example/callback?x=1")], "page"),
        ("another port", &[("redirect_uri", "https://app.example:444/callback?x=1")], "page"),
        ("something behind it", &[("redirect_uri", "https://app.example/callback?x=1&y=2")], "page"),
        ("two addresses", &[("redirect_uri", CALLBACK), ("redirect_uri", "https://evil.example/")], "page"),
        ("no response_type", &[("response_type", "-")], "unsupported_response_type"),
        ("the implicit way", &[("response_type", "token")], "unsupported_response_type"),
        ("a hybrid", &[("response_type", "code id_token")], "unsupported_response_type"),
        ("an answer in the fragment", &[("response_mode", "fragment")], "invalid_request"),
        ("no state", &[("state", "-")], "invalid_request"),
        ("a state without end", &[("state", &long)], "invalid_request"),
        ("no challenge", &[("code_challenge", "-")], "invalid_request"),
        ("no method, which means plain", &[("code_challenge_method", "-")], "invalid_request"),
        ("plain", &[("code_challenge_method", "plain")], "invalid_request"),
        ("a challenge that is none", &[("code_challenge", "short")], "invalid_request"),
        ("no audience", &[("aud", "-")], "invalid_request"),
        ("another server's audience", &[("aud", "https://evil.example/fhir")], "invalid_request"),
        ("a signed request", &[("request", "x.y.z")], "request_not_supported"),
        ("a request elsewhere", &[("request_uri", "https://evil.example/r")], "request_uri_not_supported"),
        ("nobody may be asked", &[("prompt", "none")], "interaction_required"),
        ("no scope", &[("scope", "-")], "invalid_scope"),
        ("scopes it is not registered for", &[("scope", "user/Patient.rs patient/*.cruds")], "invalid_scope"),
        ("a system's scope", &[("scope", "system/*.rs")], "invalid_scope"),
        ("a search nobody understands", &[("scope", "patient/Observation.rs?nonsense=x")], "invalid_scope"),
        ("a search beyond the resource", &[("scope", "patient/Observation.rs?patient.name=x")], "invalid_scope"),
        ("an invented launch", &[("scope", "launch patient/*.rs"), ("launch", "AAAA")], "invalid_request"),
        ("two scopes", &[("scope", "openid"), ("scope", "patient/*.rs")], "invalid_request"),
    ];
    for (what, changed, expected) in rows {
        let (status, headers, page) = house.get(&house.question(changed), "").await;
        let to = location(&headers);
        if *expected == "page" {
            assert_eq!((status, to.as_str()), (StatusCode::BAD_REQUEST, ""), "{what}");
            assert!(page.contains("cannot be connected") && !page.contains("evil"), "{what}");
        } else {
            assert_eq!(status, StatusCode::SEE_OTHER, "{what}: {page}");
            assert!(to.starts_with(&format!("{CALLBACK}&error={expected}&")) && to.ends_with("&iss=http%3A%2F%2F127.0.0.1%3A8080%2Ffhir"), "{what}: {to}");
            assert_eq!(to.contains("&state=st%26te&"), !what.contains("state"), "{what}: {to}");
        }
    }
}

#[tokio::test]
async fn somebody_signs_in_chooses_reads_and_says_yes() {
    let house = house().await;
    let address = house.begin(&[]).await;
    let (status, headers, _) = house.get(&address, "").await;
    assert_eq!((status, location(&headers)), (StatusCode::SEE_OTHER, format!("/sign-in?back={address}")));
    let (session, back) = house.sign_in("ana", &address).await;
    assert_eq!(back, address);
    let (_, _, page) = house.get(&address, &session).await;
    assert!(page.contains("Whose record?") && page.contains("Curves &#60;b&#62;"), "{page}");
    let proof = token(&page);
    let (_, _, found) = house.post(&address, &session, &form(&[("token", &proof), ("act", "find"), ("q", "prueba")])).await;
    assert!(found.contains("value=\"p\""), "{found}");
    let (status, headers, _) = house.post(&address, &session, &form(&[("token", &proof), ("patient", "p")])).await;
    assert_eq!((status, location(&headers)), (StatusCode::SEE_OTHER, address.clone()));
    for language in Language::ALL {
        let (_, headers, page) = house.get(&address, &format!("{session}; carnet_language={}", language.code())).await;
        assert!(page.contains("PRUEBA Rosa") && !page.contains("consent-") && !page.contains("kind-"), "{}: {page}", language.code());
        assert!(page.contains("code=a") && page.contains("app.example"));
        assert!(headers["content-security-policy"].to_str().unwrap().contains("form-action 'self' https://app.example;"));
    }
    let (_, _, page) = house.get(&address, &session).await;
    assert!(page.contains("Results, Vital signs (Observation): see") && page.contains("in the record of this person"), "{page}");
    // The scopes in their order: openid, fhirUser, launch/patient, two of resources; the second is taken off.
    let (status, headers, _) = house.post(&address, &session, &form(&[("token", &proof), ("act", "allow"), ("wish-0", "yes"), ("wish-2", "yes"), ("wish-3", "yes")])).await;
    let to = location(&headers);
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert!(to.starts_with(&format!("{CALLBACK}&code=")) && to.contains("&state=st%26te&iss=http"), "{to}");
    let (status, _, _) = house.post(&address, &session, &form(&[("token", &proof), ("act", "allow"), ("wish-3", "yes")])).await;
    assert_eq!(status, StatusCode::GONE, "a question is answered once");
}

#[tokio::test]
async fn whoever_says_no_or_takes_everything_off_gives_nothing() {
    let house = house().await;
    let (session, _) = house.sign_in("ana", "").await;
    for answer in [&[("act", "deny")][..], &[("act", "allow")], &[("act", "allow"), ("wish-2", "yes")]] {
        let address = house.begin(&[]).await;
        let (_, _, page) = house.get(&address, &session).await;
        let proof = token(&page);
        house.post(&address, &session, &form(&[("token", &proof), ("patient", "p")])).await;
        let mut fields = vec![("token", proof.as_str())];
        fields.extend(answer);
        let (_, headers, _) = house.post(&address, &session, &form(&fields)).await;
        assert!(location(&headers).starts_with(&format!("{CALLBACK}&error=access_denied&")), "{answer:?}: {}", location(&headers));
    }
    let address = house.begin(&[]).await;
    let (status, _, _) = house.post(&address, &session, &form(&[("token", "wrong"), ("act", "allow"), ("wish-3", "yes")])).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "a form of another page says nothing");
    let (_, _, page) = house.get(&address, &session).await;
    let proof = token(&page);
    let (_, headers, _) = house.post(&address, &session, &form(&[("token", &proof), ("act", "allow"), ("wish-3", "yes")])).await;
    assert!(location(&headers).contains("error=access_denied"), "nobody was chosen");
    let (status, _, _) = house.post(&house.begin(&[]).await, &session, &form(&[("token", &proof), ("patient", "nobody")])).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (status, _, _) = house.get("/authorize/invented", &session).await;
    assert_eq!(status, StatusCode::GONE);
}

#[tokio::test]
async fn a_program_opened_from_a_page_knows_whose_it_is_and_serves_whoever_opened_it() {
    let house = house().await;
    let (ana, _) = house.sign_in("ana", "").await;
    let (ruiz, _) = house.sign_in("ruiz", "").await;
    let (_, _, page) = house.get("/person/p", &ana).await;
    assert!(page.contains("Open a program") && page.contains(&house.client), "{page}");
    let proof = token(&page);
    let open = || async {
        let (status, _, page) = house.post("/person/p/launch", &ana, &form(&[("token", &proof), ("program", &house.client)])).await;
        assert_eq!(status, StatusCode::OK, "{page}");
        let address = page.split("url=").nth(1).unwrap().split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&");
        assert!(address.starts_with("https://app.example/launch?iss=http"), "{address}");
        address.split("launch=").nth(1).unwrap().to_owned()
    };
    let launch = open().await;
    let wish = [("scope", "launch launch/encounter openid patient/Observation.rs"), ("launch", launch.as_str())];
    let address = house.begin(&wish).await;
    assert_eq!(house.get(&address, &ruiz).await.0, StatusCode::FORBIDDEN);
    let (_, _, page) = house.get(&address, &ana).await;
    assert!(page.contains("PRUEBA Rosa") && !page.contains("Another person"), "{page}");
    let (status, _, _) = house.post(&address, &ana, &form(&[("token", &proof), ("patient", "p")])).await;
    assert_eq!(status, StatusCode::GONE, "whose it is was said when it was opened");
    let waiting = house.oauth.waiting(address.rsplit('/').next().unwrap(), house.chart.now()).unwrap();
    assert_eq!((waiting.context.patient.map(|patient| patient.id), waiting.context.encounter.as_deref()), (Some("p".to_owned()), Some("open")));
    let (_, headers, _) = house.get(&house.question(&wish), "").await;
    assert!(location(&headers).contains("error=invalid_request"), "a launch is good once");
    let (status, _, _) = house.post("/person/p/launch", &ana, &form(&[("token", &proof), ("program", "nobody")])).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (status, _, _) = house.post("/person/p/launch", &ana, &form(&[("token", "wrong"), ("program", &house.client)])).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
}

/// The verifier of the challenge above (RFC 7636, appendix B).
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

struct Staff<'c>(&'c chart::Chart);

impl oauth::Accounts for Staff<'_> {
    fn era(&self, account: u64) -> Result<Option<u64>, store::Error> {
        Ok(self.0.standing(account).unwrap())
    }

    fn system(&self, _: &str) -> Result<Option<(u64, u64)>, store::Error> {
        Ok(None)
    }

    fn fhir_user(&self, _: u64) -> Option<String> {
        None
    }
}

#[tokio::test]
async fn what_was_allowed_is_seen_and_taken_back_by_whoever_allowed_it() {
    let house = house().await;
    let (ana, _) = house.sign_in("ana", "/").await;
    let proof = token(&house.get("/account", &ana).await.2);
    assert!(house.get("/account/programs", &ana).await.2.contains("allowed no program"));
    let address = house.begin(&[]).await;
    house.post(&address, &ana, &form(&[("token", &proof), ("patient", "p")])).await;
    let (_, headers, _) = house.post(&address, &ana, &form(&[("token", &proof), ("act", "allow"), ("wish-0", "yes"), ("wish-2", "yes"), ("wish-3", "yes")])).await;
    let code = url::Url::parse(&location(&headers)).unwrap().query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let fields = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", CALLBACK), ("client_id", &house.client), ("code_verifier", VERIFIER)].map(|(name, value)| (name.to_owned(), value.to_owned()));
    house.oauth.token(&oauth::Presented { form: &fields, ..Default::default() }, &Staff(&house.chart), house.chart.now()).unwrap();
    for language in Language::ALL {
        let (status, _, page) = house.get("/account/programs", &format!("{ana}; carnet_language={}", language.code())).await;
        assert!(status == StatusCode::OK && page.contains("Curves &#60;b&#62;") && page.contains("Patient/p") && !page.contains('⟦'), "{}", language.code());
    }
    let page = house.get("/account/programs", &ana).await.2;
    let id = page.split("name=\"consent\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
    let (ruiz, _) = house.sign_in("ruiz", "/").await;
    let other = token(&house.get("/account", &ruiz).await.2);
    assert!(!house.get("/account/programs", &ruiz).await.2.contains("Curves"));
    assert_eq!(house.post("/account/programs", &ruiz, &form(&[("consent", &id), ("token", &other)])).await.0, StatusCode::NOT_FOUND, "another's");
    assert_eq!(house.post("/account/programs", &ana, &form(&[("consent", &id), ("token", "x")])).await.0, StatusCode::FORBIDDEN);
    let (status, _, page) = house.post("/account/programs", &ana, &form(&[("consent", &id), ("token", &proof)])).await;
    assert!(status == StatusCode::OK && page.contains("Taken back") && page.contains("allowed no program"), "{page}");
    assert_eq!(house.post("/account/programs", &ana, &form(&[("consent", &id), ("token", &proof)])).await.0, StatusCode::NOT_FOUND);
    let acts: Vec<&str> = house.chart.account_journal().unwrap().iter().map(|entry| entry.act.word()).filter(|word| word.ends_with("program")).collect();
    assert_eq!(acts, ["allow-program", "withdraw-program"]);
}
