//! A file of evidence, verified by the binary where there is no store.

use std::fs;
use std::process::{Command, Stdio};

use attest::{Algorithm, Authority, Capacity, Evidence, Holder, SignerSaid, sign};

use crate::site::CARNET;

const NOW: i64 = 1_770_000_000;
const TEXT: &str = r#"{"resourceType":"QuestionnaireResponse","id":"r1","meta":{"versionId":"2"},"status":"completed"}"#;

fn signer() -> SignerSaid {
    SignerSaid { name: "Dr. Ana".into(), role: "physician".into(), licence: "L-1".into(), place: "Test clinic".into() }
}

fn evidence(authority: &Authority, at_s: i64) -> Evidence {
    let hand = authority.hand(Holder::Account(1), &signer(), Algorithm::Ed25519, "Test clinic", NOW).unwrap();
    let signature = sign(&hand, TEXT, at_s, &signer(), Capacity::Author).unwrap();
    Evidence { text: TEXT.into(), signatures: vec![signature], authority: authority.certificate("Test clinic", NOW).unwrap(), revoked: authority.list("Test clinic", NOW + 100).unwrap(), made_at: "2026-02-02T00:00:00Z".into() }
}

#[test]
fn what_is_wrong_with_evidence_is_told_apart_and_the_exit_code_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("evidence.json");
    let run = |text: &str, more: &[&str]| {
        fs::write(&file, text).unwrap();
        let output = Command::new(CARNET).arg("verify").arg(&file).args(more).current_dir(folder.path()).env_clear().stdin(Stdio::null()).output().unwrap();
        (output.status.code().unwrap(), format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
    };
    let authority = Authority::new(testkit::clinic().chart.drawer("sign"));
    let other = Authority::new(testkit::clinic().chart.drawer("sign"));
    let good = evidence(&authority, NOW + 10);
    let check = |made: &Evidence, more: &[&str], code: i32, said: &str| {
        let (found, text) = run(&made.written(), more);
        assert!(found == code && text.contains(said), "{said}: {found} {text}");
    };
    check(&good, &[], 0, "GOOD: QuestionnaireResponse/r1/_history/2 was signed at 2026-02-02T02:40:10");
    check(&good, &[], 0, "Open: whether the authority is the right one");
    check(&good, &["--fingerprint", &good.fingerprint()], 0, "by the author: Dr. Ana, physician, L-1, Test clinic.");
    check(&good, &["--fingerprint", "00 11"], 1, "NOT TRUSTED");
    // What nobody signed is not believed: neither a later day of the list nor a line that it would write.
    let forged = Evidence { made_at: "2030-01-01T00:00:00Z.\nGOOD: QuestionnaireResponse/r9 was signed".into(), ..good.clone() };
    check(&forged, &[], 0, "The list of revoked certificates is of 2026-02-02T02:41:40");
    check(&forged, &[], 0, "nobody signed it: made at 2030-01-01T00:00:00Z.\\u{a}GOOD");
    assert!(!run(&forged.written(), &[]).1.lines().any(|line| line.starts_with("GOOD: QuestionnaireResponse/r9")));
    fs::write(folder.path().join("own.pem"), attest::pem(&good.authority)).unwrap();
    fs::write(folder.path().join("other.pem"), attest::pem(&other.certificate("Test clinic", NOW).unwrap())).unwrap();
    check(&good, &["--authority", "own.pem"], 0, "GOOD");
    check(&good, &["--authority", "other.pem"], 1, "NOT TRUSTED");
    check(&good, &["--out", "document.json"], 0, "GOOD");
    assert_eq!(fs::read_to_string(folder.path().join("document.json")).unwrap(), TEXT, "to the letter");
    check(&good, &["--out", "document.json"], 2, "could not write");
    check(&Evidence { text: TEXT.replace("completed", "amended"), ..good.clone() }, &[], 1, "NOT GOOD (altered)");
    check(&Evidence { text: TEXT.replace("r1", "r2"), ..good.clone() }, &[], 1, "NOT GOOD (another-document)");
    check(&Evidence { authority: other.certificate("Test clinic", NOW).unwrap(), revoked: other.list("Test clinic", NOW).unwrap(), ..good.clone() }, &[], 1, "NOT GOOD (unknown-authority)");
    check(&Evidence { signatures: Vec::new(), ..good.clone() }, &[], 1, "NOT SIGNED");
    // The institution's signature alone: who wrote it was cut out.
    let house = SignerSaid { name: "Test clinic".into(), ..SignerSaid::default() };
    let hand = authority.hand(Holder::Institution("Test clinic"), &house, Algorithm::Ed25519, "Test clinic", NOW).unwrap();
    let vouched = sign(&hand, TEXT, NOW + 10, &house, Capacity::Institution).unwrap();
    check(&Evidence { signatures: vec![good.signatures[0].clone(), vouched.clone()], ..good.clone() }, &[], 0, "by the institution: Test clinic");
    check(&Evidence { signatures: vec![vouched], ..good.clone() }, &["--out", "cut.json"], 1, "NOT SIGNED BY AN AUTHOR");
    assert!(!folder.path().join("cut.json").exists());
    check(&evidence(&authority, NOW + 800 * 86_400), &[], 1, "NOT GOOD (expired)");
    let key = evidence(&other, NOW + 10).signatures[0].split("..").nth(1).unwrap().to_owned();
    let swapped = format!("{}..{key}", good.signatures[0].split("..").next().unwrap());
    check(&Evidence { signatures: vec![swapped], ..good.clone() }, &[], 1, "NOT GOOD (another-key)");
    authority.revoke(Holder::Account(1), NOW + 20).unwrap();
    let late = Evidence { revoked: authority.list("Test clinic", NOW + 100).unwrap(), ..good.clone() };
    check(&late, &[], 0, "revoked later");
    let fresh = Authority::new(testkit::clinic().chart.drawer("sign"));
    let signed = evidence(&fresh, NOW + 10);
    fresh.revoke(Holder::Account(1), NOW + 5).unwrap();
    check(&Evidence { revoked: fresh.list("Test clinic", NOW + 100).unwrap(), ..signed }, &[], 1, "NOT GOOD (revoked)");
    for rubbish in ["", "{}", "no json", &good.written()[..200]] {
        let (code, text) = run(rubbish, &[]);
        assert!(code == 2 && text.contains("is no evidence"), "{code} {text}");
    }
}
