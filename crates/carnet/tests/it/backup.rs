//! `carnet backup` and `carnet restore`: one moment of a site, brought back whole, and nothing overwritten.

use std::fs;
use std::time::{Duration, Instant};

use crate::site::{Said, Site, synth};
use crate::web::Server;

/// A backup that a server must make too: tried until its socket is there.
fn backup(site: &Site, out: &str) -> Said {
    let began = Instant::now();
    loop {
        let said = site.run("backup", &["--out", out]);
        if said.code != 2 || !said.err.contains("in use by a running server") || began.elapsed() > Duration::from_secs(10) {
            return said;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_copy_is_one_moment_of_a_site_in_use_and_comes_back_whole_where_there_is_none() {
    let site = Site::new();
    let people = site.folder("people");
    synth(&people, "mx", 3);
    site.import(&people, &[]).ok();
    let before = site.export();
    let copy = site.data.with_file_name("copy");
    let copy_name = copy.to_str().unwrap();
    let server = Server::start(&site);
    backup(&site, copy_name).ok();
    let answer = server.client().ask("PUT", "/fhir/Patient/later", "", r#"{"resourceType":"Patient","id":"later"}"#).unwrap();
    assert_eq!(answer.status, 201, "{}", answer.body);
    drop(server);
    assert!(site.export().contains_key("Patient/later"));

    let again = site.run("backup", &["--out", copy_name]);
    assert!(again.code == 2 && again.err.contains("there already"), "{}{}", again.out, again.err);
    let over = site.run("restore", &["--from", copy_name]);
    assert!(over.code == 2 && over.err.contains("overwrites nothing"), "{}{}", over.out, over.err);
    assert!(site.export().contains_key("Patient/later"));

    fs::rename(&site.data, site.data.with_file_name("lost")).unwrap();
    let part = site.folder("part");
    fs::create_dir_all(part.join("record")).unwrap();
    let partly = site.run("restore", &["--from", part.to_str().unwrap()]);
    assert!(partly.code == 2 && partly.err.contains("no backup") && !site.data.exists(), "{}{}", partly.out, partly.err);
    site.run("restore", &["--from", copy_name]).ok();
    let older = site.run("check", &[]);
    assert!(older.code == 1 && older.out.contains("has lost commits"), "{}{}", older.out, older.err);
    let said = site.run("check", &["--accept-rollback"]).ok();
    assert!(said.out.ends_with("Sound.\n"), "{}", said.out);
    assert_eq!(site.export(), before);
    // The copy was not touched by what was made of it.
    assert!(copy.join("record").join("FORMAT").exists() && !copy.join("record").join("LOCK").exists());
}
