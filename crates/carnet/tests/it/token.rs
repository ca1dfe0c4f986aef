//! The institution's key in a PKCS#11 token. SoftHSM2 stands for one; without it this is skipped.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::site::{CARNET, Said};

const MODULES: [&str; 4] = ["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm.so", "/usr/local/lib/softhsm/libsofthsm2.so"];

/// A token in a folder of its own.
struct Token {
    folder: tempfile::TempDir,
    module: PathBuf,
}

impl Token {
    /// None where SoftHSM2 is not installed.
    fn new() -> Option<Token> {
        let module = MODULES.iter().map(PathBuf::from).find(|module| module.exists())?;
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("tokens")).unwrap();
        fs::write(folder.path().join("softhsm2.conf"), format!("directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n", folder.path().join("tokens").display())).unwrap();
        fs::write(folder.path().join("pin"), "4321\n").unwrap();
        let token = Token { folder, module };
        let made = Command::new("softhsm2-util").env("SOFTHSM2_CONF", token.file("softhsm2.conf")).args(["--init-token", "--free", "--label", "Hospital Norte", "--so-pin", "1234", "--pin", "4321"]).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Some(token)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn uri(&self, object: &str) -> String {
        format!("pkcs11:token=Hospital%20Norte;object={object}?module-path={}&pin-source=file:{}", self.module.display(), self.file("pin").display())
    }

    fn run(&self, words: &[&str], data: &Path, rest: &[&str]) -> Said {
        let output = Command::new(CARNET).env("SOFTHSM2_CONF", self.file("softhsm2.conf")).args(words).arg("--data").arg(data).args(rest).stdin(Stdio::null()).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Said { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }
}

#[test]
fn a_token_seals_the_key_and_nothing_opens_without_it() {
    let Some(token) = Token::new() else {
        println!("SKIPPED: SoftHSM2 is not installed; `scripts/set-up test` installs it");
        return;
    };
    let data = token.file("site");
    let key_file = token.file("site-key").join("institution.key");
    token.run(&["init"], &data, &[]).ok();
    let plain = fs::read_to_string(&key_file).unwrap();
    let config = fs::read_to_string(data.join("carnet.toml")).unwrap();
    let name = |object: &str| fs::write(data.join("carnet.toml"), config.replacen("engine =", &format!("key = \"{}\"\nengine =", token.uri(object)), 1)).unwrap();
    name("institution");
    let said = token.run(&["keys", "status"], &data, &[]).ok();
    assert!(said.out.contains("in the clear although carnet.toml names a token"), "{}", said.out);
    // The rotation brings the new key into the token.
    token.run(&["keys", "rotate"], &data, &[]).ok();
    let sealed = fs::read_to_string(&key_file).unwrap();
    assert!(sealed.starts_with("carnet institution key in a token 1\n") && !sealed.contains("\nkey "), "{sealed}");
    let status = token.run(&["keys", "status"], &data, &[]).ok().out;
    assert!(status.contains("sealed by a token"), "{status}");
    token.run(&["check"], &data, &[]).ok();
    token.run(&["keys", "rotate"], &data, &[]).ok();
    assert_ne!(fs::read_to_string(&key_file).unwrap(), sealed);
    // The recovery copy in the clear is that of the first key, and opens nothing.
    let here = fs::read_to_string(&key_file).unwrap();
    fs::write(&key_file, &plain).unwrap();
    assert!(token.run(&["check"], &data, &[]).err.contains("another institution key"));
    for (text, words) in [(here.replacen("sealed ", "sealed 00", 1), "refused to decrypt"), (here.replacen("nonce  ", "nonce  zz", 1), "not hexadecimal")] {
        fs::write(&key_file, text).unwrap();
        let said = token.run(&["check"], &data, &[]);
        assert!(said.code == 2 && said.err.contains(words), "{words}: {}", said.err);
    }
    fs::write(&key_file, &here).unwrap();
    fs::write(token.file("pin"), "9999").unwrap();
    let said = token.run(&["check"], &data, &[]);
    assert!(said.code == 2 && said.err.contains("did not take the PIN") && !said.err.contains("9999"), "{}", said.err);
    fs::write(token.file("pin"), "4321").unwrap();
    name("another");
    let said = token.run(&["check"], &data, &[]);
    assert!(said.code == 2 && said.err.contains("holds no key `another`"), "{}", said.err);
    // Without the token nothing opens; with three shares it does.
    name("institution");
    let shares = token.file("shares");
    token.run(&["keys", "shares"], &data, &["--out", shares.to_str().unwrap()]).ok();
    fs::remove_dir_all(token.file("tokens")).unwrap();
    fs::create_dir(token.file("tokens")).unwrap();
    let said = token.run(&["check"], &data, &[]);
    assert!(said.code == 2 && said.err.contains("there is no token"), "{}", said.err);
    fs::write(data.join("carnet.toml"), &config).unwrap();
    let files: Vec<String> = [1, 3, 4].map(|number| shares.join(format!("share-{number}-of-5.txt")).to_str().unwrap().to_owned()).into();
    token.run(&["keys", "recover"], &data, &files.iter().map(String::as_str).collect::<Vec<_>>()).ok();
    token.run(&["check"], &data, &[]).ok();
}
