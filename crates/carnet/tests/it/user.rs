//! `carnet user` on a site.

use std::process::Command;

use crate::site::{CARNET, Site};

/// What `carnet user ACT` said: exit code, lines, complaints.
fn user(site: &Site, act: &str, rest: &[&str]) -> (i32, String, String) {
    let output = Command::new(CARNET).args(["user", act, "--data"]).arg(&site.data).args(rest).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn accounts_are_added_changed_and_blocked_and_the_journal_tells_it() {
    let site = Site::new();
    let (code, out, _) = user(&site, "add", &["ana", "--role", "laboratory", "--institution", "Clinic", "--licence", "A 1", "--until", "2099-12-31"]);
    assert!(code == 0 && out.starts_with("ana / ") && out.trim().len() == "ana / ".len() + 19, "{out}");
    for (act, rest) in [
        ("change", &["ana", "--role", "pharmacy", "--until", "open"][..]),
        ("block", &["ana"]),
        ("unblock", &["ana"]),
        ("password", &["ana"]),
        ("end-sessions", &["ana"]),
        ("block", &["ana"]),
    ] {
        let (code, out, err) = user(&site, act, rest);
        assert!(code == 0 && out.starts_with("ana"), "{act}: {out}{err}");
    }
    let (_, list, _) = user(&site, "list", &[]);
    assert!(list.lines().any(|line| line == "ana\tpharmacy\tClinic\tblocked\tA 1"), "{list}");
    let (code, journal, _) = user(&site, "journal", &[]);
    let told: Vec<String> = journal.lines().map(|line| line.split('\t').skip(1).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(code, 0);
    assert_eq!(told, [
        "console add admin role operator",
        "console add ana role laboratory, licence A 1, until 2099-12-31",
        "console change ana role pharmacy, until open",
        "console block ana ",
        "console unblock ana ",
        "console password ana ",
        "console end-sessions ana ",
        "console block ana ",
    ]);
}

#[test]
fn what_cannot_be_done_says_so_and_changes_nothing() {
    let site = Site::new();
    for (act, rest, words) in [
        ("add", &["ana", "--role", "surgeon"][..], "there are physician"),
        ("add", &["ana", "--role", "console"], "there is no such role"),
        ("add", &["ana", "--role", "nurse", "--until", "2026-02-30"], "2026-01-31"),
        ("add", &["ana", "--role", "nurse", "--from", "2026-03-02", "--until", "2026-03-01"], "before its first"),
        ("add", &["admin", "--role", "nurse"], "the login is taken"),
        ("add", &["a b", "--role", "nurse"], "A login has"),
        ("change", &["admin"], "required"),
        ("block", &["nobody"], "there is no such sign-in"),
        ("password", &["nobody"], "there is no such sign-in"),
        ("reset-second-factor", &["admin"], "no second factor"),
    ] {
        let (code, out, err) = user(&site, act, rest);
        assert!(code == 2 && err.contains(words) && out.is_empty(), "{act} {rest:?}: {code} {out}{err}");
    }
    assert_eq!(user(&site, "journal", &[]).1.lines().count(), 1);
}
