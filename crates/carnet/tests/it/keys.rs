//! `carnet keys`, `erase`, `hold`, `doctor` on a real site, with a server and without, and killed.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::site::{CARNET, Said, Site, synth};
use crate::web::Server;

/// `carnet COMMAND ACT --data …`
fn run(site: &Site, command: &[&str], rest: &[&str]) -> Said {
    let output = Command::new(CARNET).args(command).arg("--data").arg(&site.data).args(rest).stdin(Stdio::null()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Said { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
}

fn key_folder(site: &Site) -> PathBuf {
    site.data.with_file_name("site-key")
}

fn people(site: &Site, count: u32) {
    let folder = site.folder("people");
    synth(&folder, "mx", count);
    site.import(&folder, &[]).ok();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let there = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &there);
        } else if path.file_name().unwrap() != "admin.sock" {
            fs::copy(&path, &there).unwrap();
        }
    }
}

/// A command that a server must answer too: tried until the socket is there.
fn answered(site: &Site, command: &[&str], rest: &[&str]) -> Said {
    let began = Instant::now();
    loop {
        let said = run(site, command, rest);
        if said.code != 2 || !said.err.contains("in use by a running server") || began.elapsed() > Duration::from_secs(10) {
            return said;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn some_person(site: &Site) -> String {
    let export = site.export();
    export.keys().find(|name| name.starts_with("Patient/")).unwrap().clone()
}

#[test]
fn the_key_is_changed_and_the_old_one_opens_nothing_any_more() {
    let site = Site::new();
    people(&site, 4);
    let before = site.export();
    let old = fs::read_to_string(key_folder(&site).join("institution.key")).unwrap();
    let said = run(&site, &["keys", "status"], &[]).ok();
    assert!(said.out.contains("opens the keys of") && !said.out.contains("Older key"), "{}", said.out);
    let said = run(&site, &["keys", "rotate"], &[]).ok();
    assert!(said.out.contains("were moved to it") && said.out.contains("retired-"), "{}", said.out);
    let new = fs::read_to_string(key_folder(&site).join("institution.key")).unwrap();
    assert!(new != old && fs::read_to_string(key_folder(&site).join("recovery-copy.key")).unwrap() == new);
    assert_eq!(site.export(), before);
    site.run("check", &[]).ok();
    fs::write(key_folder(&site).join("institution.key"), &old).unwrap();
    let said = site.run("check", &[]);
    assert!(said.code == 2 && said.err.contains("another institution key"), "{}", said.err);
    fs::write(key_folder(&site).join("institution.key"), &new).unwrap();
    let journal = run(&site, &["keys", "journal"], &[]).ok().out;
    let acts: Vec<&str> = journal.lines().map(|line| line.split('\t').nth(2).unwrap()).collect();
    assert_eq!(acts, ["turn-key", "retire-key"], "{journal}");
}

#[test]
fn a_rotation_that_was_killed_goes_on_with_the_same_command() {
    let site = Site::new();
    people(&site, 2);
    let before = site.export();
    // Many wraps, so that there is something to be killed in.
    let began = Instant::now();
    run(&site, &["keys", "rotate"], &[]).ok();
    let took = began.elapsed();
    let mut interrupted = 0;
    for round in 0..14u32 {
        let mut child = Command::new(CARNET).args(["keys", "rotate", "--data"]).arg(&site.data).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(took * (6 * round + 10) / 100);
        child.kill().unwrap();
        child.wait().unwrap();
        interrupted += u32::from(key_folder(&site).join("institution.key.next").exists());
        // The store opens at every step, and whatever was there is there.
        assert_eq!(site.export(), before, "round {round}");
    }
    println!("{interrupted} of 14 were killed with two keys");
    run(&site, &["keys", "rotate"], &[]).ok();
    let status = run(&site, &["keys", "status"], &[]).ok().out;
    assert!(!status.contains("Older key") && !status.contains("Unknown key"), "{status}");
    assert!(!key_folder(&site).join("institution.key.next").exists());
    assert_eq!(site.export(), before);
    site.run("check", &[]).ok();
}

#[test]
fn while_a_server_holds_the_store_commands_go_through_its_socket() {
    let site = Site::new();
    people(&site, 3);
    let person = some_person(&site);
    let socket = key_folder(&site).join("admin.sock");
    {
        let server = Server::start(&site);
        let said = answered(&site, &["keys", "status"], &[]).ok();
        assert!(said.out.contains("Institution key"), "{}", said.out);
        assert_eq!(fs::metadata(&socket).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(key_folder(&site)).unwrap().permissions().mode() & 0o777, 0o700);
        // A sign-in made now works now.
        let said = run(&site, &["user", "add"], &["ana", "--role", "nurse"]).ok();
        assert!(said.out.starts_with("ana / "), "{}", said.out);
        assert!(run(&site, &["user", "list"], &[]).ok().out.contains("ana\tnurse"));
        let said = run(&site, &["user", "block"], &["nobody"]);
        assert!(said.code == 2 && said.err.contains("there is no such sign-in"), "{}", said.err);
        // The key is changed under a server that reads and writes.
        let reading = server.address;
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        let path = format!("/fhir/{person}");
        let reader = std::thread::spawn(move || {
            let mut client = crate::web::Client::to(reading).unwrap();
            let mut count = 0;
            while stopped.try_recv().is_err() {
                assert_eq!(client.ask("GET", &path, "", "").unwrap().status, 200);
                let answer = client.ask("POST", "/fhir/Patient", "", r#"{"resourceType":"Patient","gender":"female"}"#).unwrap();
                assert_eq!(answer.status, 201);
                count += 1;
            }
            count
        });
        for _ in 0..3 {
            run(&site, &["keys", "rotate"], &[]).ok();
        }
        stop.send(()).unwrap();
        assert!(reader.join().unwrap() > 3);
        assert_eq!(server.client().ask("GET", &format!("/fhir/{person}"), "", "").unwrap().status, 200);
        // What needs the store for itself says so.
        let said = site.run("check", &[]);
        assert!(said.code == 2 && said.err.contains("stop it first"), "{}", said.err);
    }
    // The server was killed: its socket lies there still, and nobody waits for it.
    assert!(socket.exists());
    assert!(run(&site, &["user", "list"], &[]).ok().out.contains("ana\tnurse"));
    site.run("check", &[]).ok();
    let status = run(&site, &["keys", "status"], &[]).ok().out;
    assert!(!status.contains("Unknown key"), "{status}");
}

#[test]
fn three_of_five_shares_bring_a_lost_key_back_and_others_are_told_apart() {
    let (site, other) = (Site::new(), Site::new());
    people(&site, 2);
    let before = site.export();
    let divide = |site: &Site, name: &str| {
        let out = site.folder("shares").join(name);
        run(site, &["keys", "shares"], &["--out", out.to_str().unwrap()]).ok();
        out
    };
    let shares = divide(&site, "one");
    let again = run(&site, &["keys", "shares"], &["--out", shares.to_str().unwrap()]);
    assert!(again.code == 2 && again.err.contains("name one that does not exist"), "{}", again.err);
    assert_eq!(fs::read_dir(&shares).unwrap().count(), 5);
    let share = |folder: &Path, number: u32| folder.join(format!("share-{number}-of-5.txt")).to_str().unwrap().to_owned();
    assert_eq!(fs::metadata(share(&shares, 1)).unwrap().permissions().mode() & 0o777, 0o600);
    let (second, stranger) = (divide(&site, "two"), divide(&other, "other"));
    let key = key_folder(&site).join("institution.key");
    let lost = fs::read_to_string(&key).unwrap();
    let typed = site.folder("typed").join("share.txt");
    fs::write(&typed, fs::read_to_string(share(&shares, 3)).unwrap().replacen("1  ", "1 f", 1)).unwrap();
    fs::remove_file(&key).unwrap();
    let said = site.run("check", &[]);
    assert!(said.code == 2 && said.err.contains("carnet keys recover"), "{}", said.err);
    let recover = |files: &[String]| run(&site, &["keys", "recover"], &files.iter().map(String::as_str).collect::<Vec<_>>());
    for (files, words) in [
        (vec![share(&shares, 1), share(&shares, 2)], "3 are needed"),
        (vec![share(&shares, 1), share(&shares, 2), share(&shares, 2)], "given twice"),
        (vec![share(&shares, 1), share(&shares, 2), share(&second, 3)], "of another division"),
        (vec![share(&shares, 1), share(&shares, 2), share(&stranger, 3)], "of another site"),
        (vec![share(&stranger, 1), share(&stranger, 2), share(&stranger, 3)], "does not open this site"),
        (vec![share(&shares, 1), share(&shares, 2), typed.to_str().unwrap().to_owned()], "is not a share as it was printed"),
    ] {
        let said = recover(&files);
        assert!(said.code == 2 && said.err.contains(words), "{words}: {}{}", said.out, said.err);
        assert!(!key.exists());
    }
    recover(&[share(&shares, 5), share(&shares, 1), share(&shares, 3)]).ok();
    assert_eq!(fs::read_to_string(&key).unwrap(), lost);
    assert_eq!(site.export(), before);
    let said = recover(&[share(&shares, 2), share(&shares, 1), share(&shares, 4)]);
    assert!(said.code == 2 && said.err.contains("is that key already"), "{}", said.err);
    // After a rotation they are shares of a key that opens nothing.
    run(&site, &["keys", "rotate"], &[]).ok();
    let said = recover(&[share(&shares, 2), share(&shares, 1), share(&shares, 4)]);
    assert!(said.code == 2 && said.err.contains("a key before a rotation"), "{}", said.err);
}

#[test]
fn a_person_is_erased_with_a_certificate_and_stays_erased_when_a_backup_is_restored() {
    let site = Site::new();
    people(&site, 3);
    let (person, backup) = (some_person(&site), site.folder("backup"));
    copy(&site.data, &backup);
    let certificate = site.folder("papers").join("certificate");
    let paper = certificate.to_str().unwrap();
    let erase = |rest: &[&str]| run(&site, &["erase", "person"], &[&[person.as_str(), "--certificate", paper], rest].concat());
    let said = erase(&["--reason", "case 7", "--confirm", "somebody-else"]);
    assert!(said.code == 2 && said.err.contains("--confirm"), "{}", said.err);
    run(&site, &["hold", "add"], &[&person, "--reason", "court 3"]).ok();
    let said = erase(&["--reason", "case 7", "--confirm", &person]);
    assert!(said.code == 2 && said.err.contains("legal hold"), "{}", said.err);
    assert!(run(&site, &["hold", "list"], &[]).ok().out.contains(&format!("{person}\tcourt 3")));
    run(&site, &["hold", "release"], &[&person, "--reason", "court 3 closed"]).ok();
    // Documents of a kind, of everybody, until a day; bad words are told.
    run(&site, &["hold", "add"], &["--kind", "Observation", "--until", "2100-12-31", "--reason", "court 4"]).ok();
    let said = erase(&["--reason", "case 7", "--confirm", &person]);
    assert!(said.code == 2 && said.err.contains("documents (Observation)") && said.err.contains("2100-12-31"), "{}", said.err);
    assert!(run(&site, &["hold", "list"], &[]).ok().out.contains("everybody\tcourt 4\tof Observation\tuntil 2100-12-31"));
    for (rest, word) in [(&["--kind", "Shoes"][..], "--kind wants"), (&["--kind", "Observation", "--until", "soon"], "--until wants a day"), (&[], "a kind of document")] {
        let said = run(&site, &["hold", "add"], &[rest, &["--reason", "court 5"][..]].concat());
        assert!(said.code == 2 && said.err.contains(word), "{rest:?}: {}", said.err);
    }
    run(&site, &["hold", "release"], &["--kind", "Observation", "--reason", "court 4 closed"]).ok();
    // What holds nothing is kept, and says so.
    let nowhere = ["--kind", "QuestionnaireResponse=http://nowhere.example/form", "--reason", "court 6"];
    let said = run(&site, &["hold", "add"], &nowhere).ok();
    assert!(said.out.contains("no document of this kind was found") && said.out.contains("These documents are held"), "{}", said.out);
    run(&site, &["hold", "release"], &nowhere).ok();
    let server = Server::start(&site);
    let endless = "x".repeat(100_000);
    let said = run(&site, &["hold", "add"], &[&person, "--reason", &endless]);
    assert!(said.code == 2 && said.err.contains("at most 500 characters"), "{}", said.err);
    let status = |path: &str| server.client().ask("GET", &format!("/fhir/{path}"), "", "").unwrap().status;
    assert_eq!((status(&person), certificate.exists()), (200, false));
    answered(&site, &["keys", "status"], &[]).ok();
    // The country's term still runs.
    let said = erase(&["--reason", "case 7", "--confirm", &person]);
    assert!(said.code == 2 && said.err.contains("is to be kept at least until") && said.err.contains("--despite-retention"), "{}", said.err);
    assert_eq!(status(&person), 200);
    // Nothing is decided that could be taken back.
    let said = run(&site, &["erase", "withdraw"], &[&person, "--reason", "case 7"]);
    assert!(said.code == 2 && said.err.contains("no erasure of this person is decided"), "{}", said.err);
    let said = erase(&["--reason", "case 7", "--despite-retention", "the person's own demand, decision 8", "--confirm", &person]).ok();
    assert!(said.out.contains("Erased:"), "{}", said.out);
    assert_eq!((status(&person), status(&format!("{person}/_history")), status(&format!("{person}/$everything"))), (404, 404, 404));
    drop(server);
    let (_, key) = (site.run("check", &[]).ok(), log_key(&site));
    let proof = Command::new(CARNET).args(["log", "verify-proof", paper, "--key", key.trim()]).output().unwrap();
    let said = String::from_utf8_lossy(&proof.stdout).into_owned();
    assert!(proof.status.success() && said.contains("how erase"), "{said}");
    let gone = site.export();
    assert!(!gone.contains_key(&person));

    // The day before comes back, with the person in it; the list lies outside.
    fs::remove_dir_all(&site.data).unwrap();
    copy(&backup, &site.data);
    let said = site.run("check", &["--accept-rollback"]).ok();
    assert!(said.out.contains("1 erased records were in the store again and were erased again") && said.out.contains("1 records erased"), "{}", said.out);
    assert_eq!(site.export().keys().collect::<Vec<_>>(), gone.keys().collect::<Vec<_>>());
    assert!(run(&site, &["erase", "list"], &[]).ok().out.lines().count() == 1);
    // A list that somebody changed keeps the site from serving.
    let list = key_folder(&site).join("erased");
    fs::write(&list, fs::read_to_string(&list).unwrap().replacen("carnet-erased-1 ", "carnet-erased-1 0", 1)).unwrap();
    let said = run(&site, &["user", "list"], &[]);
    assert!(said.code == 2 && said.err.contains("bring back a copy"), "{}", said.err);
}

#[test]
fn where_there_is_a_privacy_officer_an_erasure_and_an_export_take_two() {
    let site = Site::new();
    people(&site, 3);
    let person = some_person(&site);
    let (password, wrong) = (site.folder("papers").join("vera"), site.folder("papers").join("wrong"));
    fs::write(&wrong, "not this\n").unwrap();
    let paper = site.folder("papers").join("certificate");
    let erase = || run(&site, &["erase", "person"], &[&person, "--certificate", paper.to_str().unwrap(), "--reason", "case 7", "--despite-retention", "decision 8", "--confirm", &person]);
    let said = run(&site, &["agreement", "ask", "export"], &["--reason", "case 7"]);
    assert!(said.code == 2 && said.err.contains("nobody has to agree here"), "{}", said.err);
    let vera = run(&site, &["user", "add"], &["vera", "--role", "privacy-officer"]).ok();
    fs::write(&password, vera.out.split(" / ").nth(1).unwrap()).unwrap();
    run(&site, &["user", "add"], &["ana", "--role", "physician"]).ok();
    let agree = |id: &str, login: &str, file: &Path| run(&site, &["agreement", "agree"], &[id, "--login", login, "--password-file", file.to_str().unwrap()]);
    let out = site.folder("out");
    // Without a server: neither without being asked, nor before somebody has agreed.
    for round in 0..2 {
        let said = site.run("export", &["--out", out.to_str().unwrap()]);
        assert!(said.code == 2 && said.err.contains(if round == 0 { "takes two" } else { "waits for a second person" }), "{}", said.err);
        if round == 0 {
            run(&site, &["agreement", "ask", "export"], &["--reason", "case 7"]).ok();
        }
    }
    let listed = run(&site, &["agreement", "list"], &[]).ok().out;
    let id = listed.split('\t').next().unwrap().to_owned();
    assert!(listed.contains("export of the whole site\twaits until"), "{listed}");
    let said = agree(&id, "vera", &wrong);
    assert!(said.code == 2 && said.err.contains("is wrong"), "{}", said.err);
    let said = agree("nothing", "vera", &password);
    assert!(said.code == 2 && said.err.contains("nothing waits"), "{}", said.err);
    assert!(run(&site, &["agreement", "ask", "export"], &["--reason", "again"]).err.contains("asked for already"));
    agree(&id, "vera", &password).ok();
    site.run("export", &["--out", out.to_str().unwrap()]).ok();
    let said = site.run("export", &["--out", site.folder("once-more").to_str().unwrap()]);
    assert!(said.code == 2 && said.err.contains("takes two"), "an agreement is good for one: {}", said.err);
    // With a server, the same commands through it.
    let server = Server::start(&site);
    let status = |path: &str| server.client().ask("GET", &format!("/fhir/{path}"), "", "").unwrap().status;
    let said = answered(&site, &["agreement", "ask", "erasure"], &[&person, "--reason", "case 7"]).ok();
    let id = said.out.split(':').next().unwrap().to_owned();
    let said = erase();
    assert!(said.code == 2 && said.err.contains("waits for a second person"), "{}", said.err);
    assert_eq!((status(&person), paper.exists()), (200, false));
    agree(&id, "vera", &password).ok();
    assert!(erase().ok().out.contains("Agreed by vera"));
    assert_eq!(status(&person), 404);
    assert!(run(&site, &["agreement", "list"], &[]).ok().out.is_empty());
    drop(server);
    // Who was blocked since is still a reason to ask.
    run(&site, &["user", "block"], &["vera"]).ok();
    assert!(site.run("export", &["--out", site.folder("later").to_str().unwrap()]).err.contains("takes two"));
    let said = site.run("check", &[]).ok();
    assert!(said.out.contains("The journal of site"), "{}", said.out);
}

fn log_key(site: &Site) -> String {
    run(site, &["log", "key"], &[]).ok().out
}

#[test]
fn doctor_names_what_would_let_the_site_down() {
    let site = Site::new();
    let doctor = || run(&site, &["doctor"], &[]);
    let said = doctor();
    assert_eq!(said.code, 1, "{}{}", said.out, said.err);
    for words in ["on the same device", "recovery copy", "There is no checkpoint", "well  Nobody else may read", "well  Plain HTTP on this machine only", "well  The clock is not behind"] {
        assert!(said.out.contains(words), "{words}: {}", said.out);
    }
    fs::remove_file(key_folder(&site).join("recovery-copy.key")).unwrap();
    site.run("check", &[]).ok();
    assert!(doctor().out.contains("well  The checkpoint is from"));
    fs::set_permissions(key_folder(&site).join("institution.key"), fs::Permissions::from_mode(0o644)).unwrap();
    assert!(doctor().out.contains("MEND  Others may read, or own"));
    fs::remove_file(key_folder(&site).join("anchor")).unwrap();
    let said = site.run("check", &[]).ok();
    assert!(said.out.contains("Unanchored since 20"), "{}", said.out);
    // A certificate that ended long ago.
    let pem = site.folder("tls").join("old.pem");
    fs::write(&pem, ended_certificate()).unwrap();
    let config = site.data.join("carnet.toml");
    let text = fs::read_to_string(&config).unwrap().replacen("engine =", &format!("tls_certificate = \"{}\"\ntls_key = \"x.pem\"\nengine =", pem.display()), 1);
    fs::write(&config, text).unwrap();
    assert!(doctor().out.contains("it has ended"), "{}", doctor().out);
    // It looks even where the store does not open.
    fs::remove_file(key_folder(&site).join("institution.key")).unwrap();
    let said = doctor();
    assert!(said.code == 1 && said.out.contains("The store does not open") && said.out.contains("free where"), "{}{}", said.out, said.err);
    let said = Command::new(CARNET).args(["doctor", "--data"]).arg(site.folder("nothing")).output().unwrap();
    assert_eq!(said.status.code(), Some(2));
}

fn ended_certificate() -> String {
    let mut parameters = rcgen::CertificateParams::new(vec!["record.example".to_owned()]).unwrap();
    parameters.not_before = rcgen::date_time_ymd(2020, 1, 1);
    parameters.not_after = rcgen::date_time_ymd(2021, 1, 1);
    parameters.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap().pem()
}
