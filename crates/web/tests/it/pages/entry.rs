//! Who comes in, and by which forms: sessions, sign-in, second factor, accounts, and what a browser proves.

use super::*;

#[tokio::test]
async fn nothing_is_shown_without_a_session() {
    let house = house();
    for path in PAGES {
        let (status, headers, page) = get(&house, path, "carnet=0000").await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{path}");
        assert!(headers[header::LOCATION].to_str().unwrap().starts_with("/sign-in"), "{path}");
        assert!(page.is_empty(), "{path}");
    }
    for (path, expected) in [("/find", StatusCode::SEE_OTHER), ("/sign-out", StatusCode::SEE_OTHER), ("/language", StatusCode::FORBIDDEN), ("/sign-in", StatusCode::FORBIDDEN), ("/nowhere", StatusCode::NOT_FOUND)] {
        let (status, _, page) = post(&house, path, "", "q=ana&login=ana&password=secret&language=es").await;
        assert_eq!(status, expected, "{path}");
        assert!(!page.contains("Ví Dụ"), "{path}");
    }
}

#[tokio::test]
async fn what_is_not_there_and_what_is_hidden_look_the_same_and_repeat_nothing() {
    let house = house();
    let (session, _) = sign_in(&house).await;
    for path in NOT_THERE {
        let (status, _, page) = get(&house, path, &session).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        assert!(!page.split("<body>").next().unwrap().contains("nobody"), "{path}");
    }
}

#[tokio::test]
async fn a_form_without_its_proof_changes_nothing() {
    let house = house();
    let (session, proof) = sign_in(&house).await;
    for form in ["q=le", "q=le&token=", "q=le&token=0000"] {
        assert_eq!(post(&house, "/find", &session, form).await.0, StatusCode::FORBIDDEN);
    }
    let (status, _, page) = post(&house, "/find", &session, &format!("q=l%C3%AA&token={proof}")).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("LÊ Thị Ví Dụ") && page.contains("<b>7 919</b>"));
    assert_eq!(post(&house, "/sign-out", &session, "token=1").await.0, StatusCode::FORBIDDEN);
    assert_eq!(post(&house, "/sign-out", &session, &format!("token={proof}")).await.0, StatusCode::SEE_OTHER);
    assert_eq!(get(&house, "/", &session).await.0, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_form_sent_by_another_site_is_refused_even_with_everything() {
    let house = house();
    let (session, proof) = sign_in(&house).await;
    let request = Request::post("/find").header(header::COOKIE, &session).header("sec-fetch-site", "cross-site").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(Body::from(format!("q=le&token={proof}"))).unwrap();
    assert_eq!(ask(&house, request).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_wrong_password_says_the_same_as_an_unknown_login_and_then_asks_for_patience() {
    let house = house();
    let (_, headers, page) = get(&house, "/sign-in", "").await;
    let (door, proof) = (cookie(&headers, "carnet_door"), token(&page));
    for attempt in 0..5 {
        let (status, headers, _) = post(&house, "/sign-in", &door, &format!("login=ana&password=wrong{attempt}&token={proof}")).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(cookie(&headers, "carnet").is_empty());
    }
    assert_eq!(post(&house, "/sign-in", &door, &format!("login=ana&password=a+secret+word&token={proof}")).await.0, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(post(&house, "/sign-in", &door, &format!("login=ruiz&password=a+secret+word&token={proof}")).await.0, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn every_answer_carries_the_policy_and_no_page_is_kept() {
    let house = house();
    let (session, _) = sign_in(&house).await;
    for path in ["/sign-in", "/", "/person/p", "/nowhere"] {
        let (_, headers, _) = get(&house, path, &session).await;
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{path}");
        assert_eq!(headers[header::CACHE_CONTROL], "no-store", "{path}");
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
    }
    let page = get(&house, "/", &session).await.2;
    let sheet = page.split("href=\"/assets/").nth(2).and_then(|rest| rest.split('"').next()).unwrap();
    let (status, headers, _) = get(&house, &format!("/assets/{sheet}"), "").await;
    assert_eq!((status, headers[header::CACHE_CONTROL].to_str().unwrap()), (StatusCode::OK, "public, max-age=31536000, immutable"));
    assert_eq!(get(&house, "/assets/0000/carnet.css", "").await.0, StatusCode::NOT_FOUND);
}

/// From one workstation to the next by an explicit act: the page goes along, the session there ends.
#[tokio::test]
async fn one_goes_on_at_another_workstation_where_one_was() {
    let house = house();
    let (ward, _) = sign_in(&house).await;
    let (desk, proof) = sign_in(&house).await;
    let (other, others_proof) = sign_in_as(&house, "ruiz").await;
    assert_eq!(get(&house, "/person/p/timeline", &ward).await.0, StatusCode::OK);
    let page = get(&house, "/account", &desk).await.2;
    let here: Vec<&str> = page.split("name=\"here\" value=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(here.len(), 1, "only the other one is offered");
    // Nobody else takes it, nor without the proof, nor the session one is in.
    assert_eq!(post(&house, "/account/end", &other, &format!("here={}&token={others_proof}", here[0])).await.0, StatusCode::NOT_FOUND);
    assert_eq!(post(&house, "/account/end", &desk, &format!("here={}", here[0])).await.0, StatusCode::FORBIDDEN);
    let own = page.split("name=\"session\" value=\"").skip(1).filter_map(|rest| rest.split('"').next()).find(|number| *number != here[0] && *number != "all").unwrap();
    for wrong in [own, "0123456789abcdef", "nonsense"] {
        assert_eq!(post(&house, "/account/end", &desk, &format!("here={wrong}&token={proof}")).await.0, StatusCode::NOT_FOUND, "{wrong}");
    }
    let (status, headers, _) = post(&house, "/account/end", &desk, &format!("here={}&token={proof}", here[0])).await;
    assert_eq!((status, headers[header::LOCATION].to_str().unwrap()), (StatusCode::SEE_OTHER, "/person/p/timeline"));
    assert_eq!(get(&house, "/", &ward).await.0, StatusCode::SEE_OTHER, "the session there has ended");
    assert_eq!(get(&house, "/person/p/timeline", &desk).await.0, StatusCode::OK);
}

#[tokio::test]
async fn one_sees_where_one_is_signed_in_and_ends_one_or_all() {
    let house = house();
    let (first, proof) = sign_in(&house).await;
    let (second, _) = sign_in(&house).await;
    let (other, _) = sign_in_as(&house, "ruiz").await;
    let numbers = |page: &str| -> Vec<String> { page.split("name=\"session\" value=\"").skip(1).filter_map(|rest| rest.split('"').next()).filter(|number| *number != "all").map(str::to_owned).collect() };
    let page = get(&house, "/account", &first).await.2;
    let mine = numbers(&page);
    assert_eq!((mine.len(), page.matches("chip ok").count()), (2, 1));
    // Another's session cannot be ended, nor without the proof.
    let others = numbers(&get(&house, "/account", &other).await.2);
    assert_eq!(post(&house, "/account/end", &first, &format!("session={}&token={proof}", others[0])).await.0, StatusCode::NOT_FOUND);
    assert_eq!(post(&house, "/account/end", &first, &format!("session={}", mine[0])).await.0, StatusCode::FORBIDDEN);
    assert_eq!(get(&house, "/", &other).await.0, StatusCode::OK);
    let this = page.split("chip ok").next().unwrap().matches("name=\"session\"").count();
    let not_this = &mine[1 - this];
    assert_eq!(post(&house, "/account/end", &first, &format!("session={not_this}&token={proof}")).await.0, StatusCode::SEE_OTHER);
    assert_eq!(get(&house, "/", &second).await.0, StatusCode::SEE_OTHER);
    assert_eq!(get(&house, "/", &first).await.0, StatusCode::OK);
    assert_eq!(post(&house, "/account/end", &first, &format!("session=all&token={proof}")).await.0, StatusCode::SEE_OTHER);
    for (session, expected) in [(&first, StatusCode::SEE_OTHER), (&other, StatusCode::OK)] {
        assert_eq!(get(&house, "/", session).await.0, expected);
    }
}

#[tokio::test]
async fn a_block_ends_every_session_on_its_next_request() {
    let shelf = common::Shelf::new("en", false);
    let door = shelf.clinic.chart.clone();
    let house = house_of(shelf, Settings::default());
    let (session, _) = sign_in(&house).await;
    let (root, proof) = sign_in_as(&house, "root").await;
    let (status, _, page) = post(&house, "/accounts", &root, &format!("act=block&login=ana&token={proof}")).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("Done for ana.") && page.contains("Blocked"));
    assert_eq!(get(&house, "/person/p", &session).await.0, StatusCode::SEE_OTHER);
    assert_eq!(knock(&house, "ana", common::PASSWORD).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    post(&house, "/accounts", &root, &format!("act=unblock&login=ana&token={proof}")).await;
    let (session, _) = sign_in(&house).await;
    door.set_password(&testkit::caller(access::Role::Console).account, "ana", "another secret word").unwrap();
    assert_eq!(get(&house, "/", &session).await.0, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn accounts_are_kept_by_admissions_and_operators_and_by_nobody_else() {
    let house = house();
    let (ana, proof) = sign_in(&house).await;
    assert_eq!(get(&house, "/accounts", &ana).await.0, StatusCode::FORBIDDEN);
    for act in ["block", "give-code", "end-sessions", "add", "nonsense"] {
        let status = post(&house, "/accounts", &ana, &format!("act={act}&login=ruiz&token={proof}")).await.0;
        assert!(status == StatusCode::FORBIDDEN || status == StatusCode::NOT_FOUND, "{act} {status}");
    }
    let (desk, proof) = sign_in_as(&house, "desk").await;
    assert_eq!(post(&house, "/accounts", &desk, &format!("act=block&login=ruiz&token={proof}")).await.0, StatusCode::FORBIDDEN);
    assert_eq!(post(&house, "/accounts", &desk, "act=give-code&login=ruiz").await.0, StatusCode::FORBIDDEN);
    for language in Language::ALL {
        let (status, _, page) = get(&house, "/accounts", &format!("{desk}; carnet_language={}", language.code())).await;
        assert_eq!(status, StatusCode::OK);
        assert!(!page.contains('⟦') && page.contains("value=\"ruiz\"") && !page.contains("value=\"root\""), "{}", language.code());
    }
}

#[tokio::test]
async fn a_lost_password_is_replaced_with_a_code_from_the_desk() {
    let house = house();
    let (session, _) = sign_in(&house).await;
    let (desk, proof) = sign_in_as(&house, "desk").await;
    let page = post(&house, "/accounts", &desk, &format!("act=give-code&login=ana&token={proof}")).await.2;
    let code = page.split("zero secret\">").nth(1).and_then(|rest| rest.split('<').next()).unwrap();
    assert_eq!(code.len(), 14);
    assert!(!get(&house, "/accounts", &desk).await.2.contains(code));
    // The old password and session work until the code is used.
    assert_eq!(get(&house, "/", &session).await.0, StatusCode::OK);
    for language in Language::ALL {
        let (_, _, page) = get(&house, "/sign-in/new-password", &format!("carnet_language={}", language.code())).await;
        assert!(!page.contains('⟦'), "{}", language.code());
    }
    let (_, headers, page) = get(&house, "/sign-in/new-password", "carnet_language=en").await;
    let (door, proof) = (format!("{}; carnet_language=en", cookie(&headers, "carnet_door")), token(&page));
    let set = async |login: &str, code: &str, password: &str| post(&house, "/sign-in/new-password", &door, &format!("login={login}&code={code}&password={password}&token={proof}")).await;
    assert_eq!(post(&house, "/sign-in/new-password", &door, &format!("login=ana&code={code}&password=a-fine-word")).await.0, StatusCode::FORBIDDEN);
    for (login, code, password, words) in [
        ("ana", "aaaa-aaaa-aaaa", "a-fine-word", "do not belong together"),
        ("ruiz", code, "a-fine-word", "do not belong together"),
        ("ana", code, "short", "at least 8"),
        ("ana", code, "password123", "most common"),
        ("ana", code, "xx-ANA-xx", "contain the login"),
    ] {
        let (status, _, page) = set(login, code, password).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.contains(words), "{words}");
    }
    let (status, _, page) = set("ana", code, "a-fine-word").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("The new password is set."));
    assert_eq!(get(&house, "/", &session).await.0, StatusCode::SEE_OTHER);
    assert_eq!(knock(&house, "ana", common::PASSWORD).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(knock(&house, "ana", "a-fine-word").await.0, StatusCode::SEE_OTHER);
}

/// The secret a page of enrolment shows, as bytes.
fn secret_of(page: &str) -> Vec<u8> {
    let letters = page.split("zero secret\">").nth(1).and_then(|rest| rest.split('<').next()).unwrap().replace(' ', "");
    let bits: String = letters.bytes().map(|letter| format!("{:05b}", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|one| *one == letter).unwrap())).collect();
    bits.as_bytes().chunks_exact(8).map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap()).collect()
}

fn code_now(door: &chart::Chart, secret: &[u8], later: i64) -> String {
    access::totp::code(secret, access::totp::step_at(door.now()) + later)
}

#[tokio::test]
async fn a_second_factor_that_is_required_is_added_before_anything_else_and_then_asked_for() {
    let shelf = common::Shelf::new("en", true);
    let door = shelf.clinic.chart.clone();
    let house = house_of(shelf, Settings::default());
    let (status, location, pending) = knock(&house, "ana", common::PASSWORD).await;
    assert_eq!((status, location.as_str()), (StatusCode::SEE_OTHER, "/account/second-factor"));
    for path in PAGES.iter().filter(|path| **path != "/account/second-factor") {
        let (status, headers, _) = get(&house, path, &pending).await;
        assert_eq!((status, headers[header::LOCATION].to_str().unwrap()), (StatusCode::SEE_OTHER, "/account/second-factor"), "{path}");
    }
    assert_eq!(knock(&house, "system", common::PASSWORD).await.0, StatusCode::FORBIDDEN);
    let page = get(&house, "/account/second-factor", &pending).await.2;
    let (secret, proof) = (secret_of(&page), token(&page));
    assert!(page.contains("<svg class=\"qr\"") && secret.len() == 20 && !page.contains("action=\"/find\""));
    assert_eq!(secret_of(&get(&house, "/account/second-factor", &pending).await.2), secret);
    assert_eq!(post(&house, "/account/second-factor", &pending, &format!("code=000000&token={proof}")).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(post(&house, "/account/second-factor", &pending, &format!("code={}", code_now(&door, &secret, 0))).await.0, StatusCode::FORBIDDEN);
    let (status, headers, _) = post(&house, "/account/second-factor", &pending, &format!("code={}&token={proof}", code_now(&door, &secret, 0))).await;
    assert_eq!((status, headers[header::LOCATION].to_str().unwrap()), (StatusCode::SEE_OTHER, "/account/recovery"));
    let session = cookie(&headers, "carnet");
    // The codes outlive a change of language, and end when their holder goes on.
    let page = get(&house, "/account/recovery", &session).await.2;
    let codes: Vec<&str> = page.split("<li><b>").skip(1).filter_map(|rest| rest.split('<').next()).collect();
    assert_eq!(codes.len(), 10);
    let (_, headers, _) = post(&house, "/language", &session, &format!("language=vi&back=/account/recovery&token={}", token(&page))).await;
    assert_eq!(headers[header::LOCATION], "/account/recovery");
    for language in Language::ALL {
        let again = get(&house, "/account/recovery", &format!("{session}; carnet_language={}", language.code())).await.2;
        assert!(codes.iter().all(|code| again.contains(code)) && !again.contains('⟦'), "{}", language.code());
    }
    assert_eq!(post(&house, "/account/recovery", &session, "").await.0, StatusCode::FORBIDDEN);
    assert_eq!(post(&house, "/account/recovery", &session, &format!("token={}", token(&page))).await.0, StatusCode::SEE_OTHER);
    assert_eq!(get(&house, "/account/recovery", &session).await.0, StatusCode::SEE_OTHER);
    assert_eq!(get(&house, "/", &session).await.0, StatusCode::OK);
    assert_eq!(get(&house, "/", &pending).await.0, StatusCode::SEE_OTHER);
    // The next time the code is wanted.
    let (_, location, half) = knock(&house, "ana", common::PASSWORD).await;
    assert_eq!(location, "/sign-in/code?back=/");
    for path in ["/", "/person/p", "/account", "/account/second-factor"] {
        let (status, headers, _) = get(&house, path, &half).await;
        assert_eq!((status, headers[header::LOCATION].to_str().unwrap()), (StatusCode::SEE_OTHER, "/sign-in/code"), "{path}");
    }
    let page = get(&house, "/sign-in/code", &half).await.2;
    let proof = token(&page);
    let enter = async |code: &str| post(&house, "/sign-in/code", &half, &format!("back=/person/p&code={code}&token={proof}")).await;
    assert_eq!(enter("000000").await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(enter(&code_now(&door, &secret, 0)).await.0, StatusCode::UNPROCESSABLE_ENTITY, "used when it was added");
    let (status, headers, _) = enter(&code_now(&door, &secret, 1)).await;
    assert_eq!((status, headers[header::LOCATION].to_str().unwrap()), (StatusCode::SEE_OTHER, "/person/p"));
    assert_eq!(get(&house, "/person/p", &cookie(&headers, "carnet")).await.0, StatusCode::OK);
    let (_, _, half) = knock(&house, "ana", common::PASSWORD).await;
    let proof = token(&get(&house, "/sign-in/code", &half).await.2);
    assert_eq!(post(&house, "/sign-in/code", &half, &format!("code={}&token={proof}", codes[0])).await.0, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn without_that_word_of_the_browser_the_origin_tells_where_a_form_came_from() {
    let house = house();
    let (session, proof) = sign_in(&house).await;
    for (origin, expected) in [("http://record.example", StatusCode::OK), ("https://record.example", StatusCode::OK), ("http://evil.example", StatusCode::FORBIDDEN), ("null", StatusCode::FORBIDDEN), ("http://record.example.evil.example", StatusCode::FORBIDDEN)] {
        let request = Request::post("/find").header(header::COOKIE, &session).header(header::HOST, "record.example").header(header::ORIGIN, origin).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(Body::from(format!("q=le&token={proof}"))).unwrap();
        assert_eq!(ask(&house, request).await.0, expected, "{origin}");
    }
}

#[tokio::test]
async fn over_tls_the_cookie_is_bound_to_this_host_and_never_leaves_it_in_the_clear() {
    let house = house_of(common::Shelf::new("en", false), Settings { is_secure: true, ..Settings::default() });
    let (_, headers, page) = get(&house, "/sign-in", "").await;
    let (_, headers, _) = post(&house, "/sign-in", &cookie(&headers, "carnet_door"), &format!("login=ana&password=a+secret+word&token={}", token(&page))).await;
    let sent = headers.get_all(header::SET_COOKIE).into_iter().map(|value| value.to_str().unwrap()).find(|value| value.starts_with("__Host-carnet=")).unwrap();
    for part in ["; Path=/", "; HttpOnly", "; SameSite=Strict", "; Secure"] {
        assert!(sent.contains(part), "{part}");
    }
}
