//! More searches than can be done, on the real store, while somebody opens one person after the other for the first time.

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use crate::site::{Site, synth};
use crate::web::{Client, Server};

#[test]
fn an_emergency_is_served_with_its_opening_on_disk_while_searches_are_turned_away() {
    let site = Site::new();
    let people = site.folder("people");
    synth(&people, "mx", 60);
    site.import(&people, &[]).ok();
    let config = site.data.join("carnet.toml");
    let text = fs::read_to_string(&config).unwrap().replace("at_work = 64", "at_work = 8").replace("waiting = 1024", "waiting = 16").replace("wait_ms = 1000", "wait_ms = 200");
    assert!(text.contains("at_work = 8\n") && text.contains("waiting = 16\n"), "{text}");
    fs::write(&config, text).unwrap();
    let persons: Vec<String> = site.export().keys().filter(|name| name.starts_with("Patient/")).cloned().collect();
    let before = size(&site);
    let server = Server::start(&site);
    let (over, refused, searched) = (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0));
    let address = server.address;
    // Whatever is found is told once the others have stopped.
    let (slowest, turned_away) = std::thread::scope(|scope| {
        for number in 0..32 {
            let (over, refused, searched) = (&over, &refused, &searched);
            scope.spawn(move || {
                let path = format!("/fhir/Observation?status=final&_sort=-date&_count=200&_lastUpdated=gt200{}", number % 10);
                while !over.load(Relaxed) {
                    match Client::to(address).and_then(|mut client| client.ask("GET", &path, "", "")).map(|answer| answer.status) {
                        Ok(503) => drop(refused.fetch_add(1, Relaxed)),
                        Ok(_) => drop(searched.fetch_add(1, Relaxed)),
                        Err(_) => {}
                    }
                }
            });
        }
        std::thread::sleep(Duration::from_millis(500));
        let (mut slowest, mut turned_away) = (Duration::ZERO, Vec::new());
        for person in &persons {
            let began = Instant::now();
            let answer = Client::to(address).and_then(|mut client| client.ask("GET", &format!("/fhir/{person}/$summary"), "", ""));
            let status = answer.map_or(0, |answer| answer.status);
            turned_away.extend((status != 200).then_some(status));
            slowest = slowest.max(began.elapsed());
        }
        over.store(true, Relaxed);
        (slowest, turned_away)
    });
    drop(server);
    assert!(turned_away.is_empty(), "an emergency is not turned away: {turned_away:?}");
    println!("{} summaries, the slowest {slowest:?}; {} searches answered, {} turned away", persons.len(), searched.load(Relaxed), refused.load(Relaxed));
    assert!(refused.load(Relaxed) > 0, "there was not too much to do: {} searches were answered", searched.load(Relaxed));
    assert!(slowest < Duration::from_secs(5), "{slowest:?}");
    // Each of them was opened, on disk, before it was shown.
    assert!(size(&site) >= before + persons.len() as u64);
    site.run("check", &[]).ok();
}

/// How many openings the log holds.
fn size(site: &Site) -> u64 {
    let output = std::process::Command::new(crate::site::CARNET).args(["log", "checkpoint", "--data"]).arg(&site.data).output().unwrap();
    String::from_utf8(output.stdout).unwrap().lines().nth(1).unwrap().parse().unwrap()
}
