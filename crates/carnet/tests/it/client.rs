//! `carnet client` on a site.

use std::process::Command;

use crate::site::{CARNET, Site};
use crate::web::Server;

/// What `carnet client ACT` said: exit code, lines, complaints.
fn client(site: &Site, act: &str, rest: &[&str]) -> (i32, String, String) {
    let output = Command::new(CARNET).args(["client", act, "--data"]).arg(&site.data).args(rest).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn programs_are_registered_listed_and_taken_off() {
    let site = Site::new();
    let (code, out, err) = client(&site, "add", &["Curves", "--redirect", "https://app.example/back", "--scope", "launch/patient patient/*.rs"]);
    assert!(code == 0 && out.starts_with("client_id ") && !out.contains("secret"), "{out}{err}");
    let id = out.split_whitespace().nth(1).unwrap().to_owned();
    let (code, out, err) = client(&site, "add", &["Planner", "--secret", "--redirect", "https://planner.example/", "--scope", "user/Encounter.rs"]);
    assert!(code == 0 && out.contains("client_secret  "), "{out}{err}");
    let secret = out.split_whitespace().nth(3).unwrap().to_owned();
    let (_, list, _) = client(&site, "list", &[]);
    assert!(list.contains(&format!("{id}\tCurves\tapproved\tpublic\tlaunch/patient patient/*.rs")) && !list.contains(&secret), "{list}");
    let (code, _, err) = client(&site, "remove", &[&id]);
    assert_eq!((code, client(&site, "list", &[]).1.lines().count()), (0, 1), "{id} {err}");
}

#[test]
fn a_program_that_does_not_fit_is_refused_with_the_reason() {
    let site = Site::new();
    let back = ["--redirect", "https://app.example/"];
    for (act, rest, words) in [
        ("add", &["A", back[0], back[1], "--scope", "patient/Nothing.rs"][..], "The scopes are those of SMART"),
        ("add", &["A", "--redirect", "http://app.example/", "--scope", "patient/*.rs"], "begins with https"),
        ("add", &["A", "--scope", "patient/*.rs"], "address to come back to"),
        ("add", &["A", "--scope", "system/*.rs", "--account", "nobody", "--jwks", "{}"], "there is no sign-in nobody"),
        ("add", &["A", "--scope", "system/*.rs", "--account", "admin", "--jwks", "{}"], "connected system only"),
        ("add", &["A", back[0], back[1], "--scope", "patient/*.rs", "--jwks", "no-such-file"], "could not read the keys"),
        ("add", &["A", back[0], back[1], "--scope", "patient/*.rs", "--jwks", "{}"], "The keys are a JWKS"),
        ("approve", &["nobody"], "there is no such program"),
        ("remove", &["nobody"], "there is no such program"),
    ] {
        let (code, out, err) = client(&site, act, rest);
        assert!(code == 2 && err.contains(words) && out.is_empty(), "{act} {rest:?}: {code} {out}{err}");
    }
}

#[test]
fn programs_are_kept_while_a_server_holds_the_store() {
    let site = Site::new();
    let server = Server::start(&site);
    let get = |path: &str| {
        let answer = server.client().ask("GET", path, "", "").unwrap();
        (answer.status, answer.body)
    };
    let (code, out, err) = client(&site, "add", &["Curves", "--redirect", "https://app.example/back", "--scope", "patient/*.rs"]);
    assert!(code == 0 && out.starts_with("client_id "), "{out}{err}");
    let id = out.split_whitespace().nth(1).unwrap().to_owned();
    // The server knows it at once: what it says of a program that is not there is something else.
    let asked = |id: &str| get(&format!("/authorize?response_type=code&state=s&client_id={id}&redirect_uri=https://app.example/back")).0;
    assert_ne!(asked(&id), asked("nobody"));
    let kids = || get("/oauth/jwks").1.matches("\"kid\"").count();
    assert_eq!(kids(), 1);
    let (code, out, err) = client(&site, "rotate-key", &[]);
    assert!(code == 0 && out.contains("signs from now on"), "{out}{err}");
    assert_eq!(kids(), 2);
    assert_eq!(client(&site, "remove", &[&id]).0, 0);
    assert!(client(&site, "list", &[]).1.is_empty());
    assert_eq!(asked(&id), asked("nobody"));
}
