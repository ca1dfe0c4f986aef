//! `carnet log` on a real site: what is signed, proven, verified and refused.

use std::fs;
use std::process::{Command, Output};

use crate::site::{CARNET, Site, synth};

fn log(arguments: &[&str]) -> (i32, String) {
    let output: Output = Command::new(CARNET).arg("log").args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout) + &text(&output.stderr))
}

#[test]
fn the_log_is_signed_kept_outside_proven_to_others_and_missed_when_it_is_put_back() {
    let site = Site::new();
    let people = site.folder("people");
    synth(&people, "mx", 2);
    site.import(&people, &[]).ok();
    let data = site.data.to_str().unwrap().to_owned();
    let (folder, kept) = (site.folder("proofs"), site.data.with_file_name("site-key").join("checkpoint"));
    let write = |name: &str, text: &str| {
        let file = folder.join(name);
        fs::write(&file, text).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let (code, empty) = log(&["checkpoint", "--data", &data]);
    assert_eq!((code, empty.lines().nth(1)), (0, Some("0")), "{empty}");
    site.export();
    let (_, key) = log(&["key", "--data", &data]);
    let (_, note) = log(&["checkpoint", "--data", &data]);
    assert_eq!(note.lines().nth(1), Some("2"), "an export opens each of the two: {note}");
    let (code, proof) = log(&["prove", "--data", &data, "--opening", "1"]);
    assert_eq!(code, 0, "{proof}");
    let file = write("proof", &proof);
    let (code, said) = log(&["verify-proof", &file, "--key", key.trim()]);
    assert!(code == 0 && said.contains("The proof holds") && said.contains("how export"), "{said}");
    let forged = write("forged", &proof.replace("index 1", "index 0"));
    let (code, said) = log(&["verify-proof", &forged, "--key", key.trim()]);
    assert!(code == 1 && said.contains("NOT PROVEN"), "{said}");
    let (code, said) = log(&["prove", "--data", &data, "--opening", "2"]);
    assert!(code == 2 && said.contains("the log holds 2"), "{said}");

    // Growth, from the empty log to that of two.
    let old = write("old", &empty);
    let (_, growth) = log(&["prove", "--data", &data, "--since", &old]);
    let growth = write("growth", &growth);
    let (code, said) = log(&["verify-proof", &growth, "--key", key.trim(), "--since", &old]);
    assert!(code == 0 && said.contains("only adds"), "{said}");

    // `check` keeps the note beside the anchor, and a store put back is not the one it vouches for.
    let said = site.run("check", &[]).ok();
    assert!(said.out.contains("There is no") && said.out.ends_with("Sound.\n"), "{}", said.out);
    assert_eq!(fs::read_to_string(&kept).unwrap(), note);
    let (code, said) = log(&["verify", "--data", &data]);
    assert!(code == 0 && said.contains("the first 2 are those of the checkpoint"), "{said}");
    fs::write(&kept, note.replace("\n2\n", "\n3\n")).unwrap();
    let said = site.run("check", &[]);
    assert!(said.code == 1 && said.out.contains("DAMAGE  store"), "{} {}", said.out, said.err);
}
