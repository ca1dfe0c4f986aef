//! A witness in a process of its own, and a site that is put back and forked with all its keys.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::site::{CARNET, Site, synth};
use crate::web::Server;

struct Watcher {
    child: Child,
    address: String,
}

impl Watcher {
    fn start(folder: &Path) -> Watcher {
        let mut child = Command::new(CARNET).args(["log", "witness", "serve", "--listen", "127.0.0.1:0", "--folder"]).arg(folder).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("The witness listens on ").unwrap_or_else(|| panic!("{line}")).to_owned();
        Watcher { child, address }
    }

    /// Sends a text to it; the status.
    fn post(&self, body: &str) -> String {
        let host = self.address.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).unwrap();
        write!(stream, "POST /add-checkpoint HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).unwrap();
        line.split(' ').nth(1).unwrap_or_default().to_owned()
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn log(arguments: &[&str]) -> (i32, String) {
    let output: Output = Command::new(CARNET).arg("log").args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout) + &text(&output.stderr))
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let there = to.join(path.file_name().unwrap());
        match path.is_dir() {
            true => copy(&path, &there),
            false if path.file_name().unwrap() == "admin.sock" => {}
            false => drop(fs::copy(&path, &there).unwrap()),
        }
    }
}

/// The size of a note's log.
fn size(note: &Path) -> u64 {
    fs::read_to_string(note).ok().and_then(|text| text.lines().nth(1)?.parse().ok()).unwrap_or(0)
}

/// Somebody reads what opens persons, with the server running, until the witness has signed so many.
fn opened(site: &Site, reads: &[String], signed: &Path, at_least: u64) {
    let server = Server::start(site);
    for path in reads {
        assert_eq!(server.client().ask("GET", &format!("/fhir/{path}"), "", "").unwrap().status, 200);
    }
    let began = Instant::now();
    while size(signed) < at_least && began.elapsed() < Duration::from_secs(30) {
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_log_that_is_put_back_or_forked_with_all_its_keys_is_refused_by_a_witness_elsewhere() {
    let site = Site::new();
    let people = site.folder("people");
    synth(&people, "mx", 3);
    site.import(&people, &[]).ok();
    let data = site.data.to_str().unwrap().to_owned();
    let keys = site.data.with_file_name("site-key");
    let signed = keys.join("witnessed");
    let folder: PathBuf = site.folder("elsewhere").join("witness");
    let at = folder.to_str().unwrap();
    let (code, key) = log(&["witness", "init", "--folder", at, "--name", "witness.example/one"]);
    assert_eq!(code, 0, "{key}");
    assert_eq!(log(&["witness", "init", "--folder", at, "--name", "other"]).0, 2, "a witness keeps its key");
    let log_key = log(&["key", "--data", &data]).1;
    let (code, said) = log(&["witness", "add", "--folder", at, "--key", &key]);
    assert!(code == 2, "the key of a witness is none of a log: {said}");
    assert_eq!(log(&["witness", "add", "--folder", at, "--key", log_key.trim()]).0, 0);
    let watcher = Watcher::start(&folder);
    assert_eq!(log(&["witness", "list", "--folder", at]).0, 2, "one process works with it");
    for (body, status) in [("", "400"), ("old 0\n\nx", "404"), ("old x\n\nclinic\n1\nAAAA\n\n", "404"), (&"x".repeat(70_000), "413")] {
        assert_eq!(watcher.post(body), status, "{}", &body[..body.len().min(40)]);
    }
    let config = site.data.join("carnet.toml");
    let before = fs::read_to_string(&config).unwrap();
    fs::write(&config, format!("{before}\n[[witness]]\naddress = \"http://witness.example\"\nkey = \"{}\"\n", key.trim())).unwrap();
    assert!(site.run("check", &[]).err.contains("https://witness.example"), "not in the clear over the net");
    fs::write(&config, format!("{before}\n[[witness]]\naddress = \"{}\"\nkey = \"{}\"\n", watcher.address, key.trim())).unwrap();
    let said = site.run("check", &[]);
    assert!(said.code == 1 && said.out.contains("no witness has signed this log yet"), "{}{}", said.out, said.err);

    let persons: Vec<String> = site.export().keys().filter(|name| name.starts_with("Patient/")).cloned().collect();
    assert_eq!(persons.len(), 3);
    opened(&site, &persons[..1], &signed, 4);
    let said = site.run("check", &[]).ok();
    assert!(said.out.contains("openings were signed by 1 witnesses") && said.out.ends_with("Sound.\n"), "{}", said.out);
    let (code, said) = log(&["verify", "--data", &data, "--ask"]);
    assert!(code == 0 && said.contains("1 witnesses signed the log as it is now"), "{said}");

    // Everything is copied, keys and anchors too; then somebody opens more.
    let (old_data, old_keys) = (site.folder("old").join("site"), site.folder("old").join("keys"));
    copy(&site.data, &old_data);
    copy(&keys, &old_keys);
    let seen = size(&signed);
    opened(&site, &persons[1..], &signed, seen + 2);
    assert_eq!(size(&signed), seen + 2);
    fs::remove_dir_all(&site.data).unwrap();
    fs::remove_dir_all(&keys).unwrap();
    copy(&old_data, &site.data);
    copy(&old_keys, &keys);
    // To the site alone nothing is wrong.
    site.run("check", &[]).ok();
    assert_eq!(log(&["verify", "--data", &data]).0, 0);
    let (code, said) = log(&["verify", "--data", &data, "--ask"]);
    assert!(code == 1 && said.contains("PUT BACK") && said.contains(&format!("has seen {} openings where there are {seen}", seen + 2)), "{said}");

    // The same number of openings again, of others.
    let server = Server::start(&site);
    for path in [&persons[2], &persons[0]] {
        assert_eq!(server.client().ask("GET", &format!("/fhir/{path}"), "", "").unwrap().status, 200);
    }
    let began = Instant::now();
    let refusals = || server.client().ask("GET", "/metrics", "", "").unwrap().body.lines().find_map(|line| line.strip_prefix("carnet_log_witness_refusals_total ")?.parse::<u64>().ok()).unwrap_or(0);
    while refusals() == 0 {
        assert!(began.elapsed() < Duration::from_secs(30), "the server does not tell that its log is refused");
        std::thread::sleep(Duration::from_millis(100));
    }
    drop(server);
    let (code, said) = log(&["verify", "--data", &data, "--ask"]);
    assert!(code == 1 && (said.contains("REWRITTEN") || said.contains("PUT BACK")), "{said}");
    assert_eq!(size(&signed), seen, "what the witness refused is not kept as signed");

    // A signature that is missing or of another note is damage, whoever is asked.
    let note = fs::read_to_string(&signed).unwrap();
    for forged in [note.replace("— witness.example/one ", "— witness.example/two "), note.lines().filter(|line| !line.contains("witness.example")).map(|line| format!("{line}\n")).collect::<String>(), note.replacen(&format!("\n{seen}\n"), &format!("\n{}\n", seen - 1), 1)] {
        fs::write(&signed, forged).unwrap();
        let said = site.run("check", &[]);
        assert!(said.code == 1 && said.out.contains("DAMAGE  log"), "{}{}", said.out, said.err);
    }
    fs::remove_file(&signed).unwrap();
    assert_eq!(site.run("check", &[]).code, 1);
}
