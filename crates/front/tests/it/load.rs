//! Ten times more than can be done: what is urgent is still done.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use front::Limits;

use crate::rough::{serve, settings, status};

/// Asks at fixed moments whatever the answers do, and gives statuses with how long each took
/// from the moment it was due.
fn open_loop(server: &crate::rough::Server, path: &str, per_second: u32, seconds: u32, hands: usize) -> Vec<(u16, Duration)> {
    let (next, began) = (AtomicUsize::new(0), Instant::now());
    let all = (per_second * seconds) as usize;
    let mut found = Vec::new();
    std::thread::scope(|scope| {
        let asking: Vec<_> = (0..hands)
            .map(|_| {
                scope.spawn(|| {
                    let mut stream = server.connect();
                    let mut told = Vec::new();
                    loop {
                        let number = next.fetch_add(1, Relaxed);
                        if number >= all {
                            return told;
                        }
                        let due = Duration::from_secs(1) * number as u32 / per_second;
                        if let Some(early) = due.checked_sub(began.elapsed()) {
                            std::thread::sleep(early);
                        }
                        told.push((ask(&mut stream, path), began.elapsed() - due));
                    }
                })
            })
            .collect();
        found = asking.into_iter().flat_map(|one| one.join().unwrap()).collect();
    });
    found
}

fn ask(stream: &mut TcpStream, path: &str) -> u16 {
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes()).unwrap();
    let mut piece = [0; 4096];
    let length = stream.read(&mut piece).unwrap();
    status(&String::from_utf8_lossy(&piece[..length]))
}

#[test]
fn ten_times_too_many_searches_leave_reads_and_health_alone() {
    // Four searches of 100 ms at a time are 40 a second; 400 are asked for.
    let limits = Limits { at_work: 8, waiting: 64, wait_ms: 300, connections_per_address: 2000, requests_per_address: 0, ..Limits::default() };
    let server = serve(settings(limits));
    let (mut searches, mut reads, mut health) = (Vec::new(), Vec::new(), Vec::new());
    std::thread::scope(|scope| {
        let flood = scope.spawn(|| open_loop(&server, "/search", 400, 4, 250));
        std::thread::sleep(Duration::from_millis(500));
        let reading = scope.spawn(|| open_loop(&server, "/read", 50, 3, 20));
        let living = scope.spawn(|| open_loop(&server, "/live", 10, 3, 5));
        reads = reading.join().unwrap();
        health = living.join().unwrap();
        searches = flood.join().unwrap();
    });
    let done = searches.iter().filter(|(status, _)| *status == 200).count();
    let shed = searches.iter().filter(|(status, _)| *status == 503).count();
    assert_eq!(done + shed, 1600, "every search is answered, one way or the other");
    assert!(shed > 1000, "{shed} refused");
    assert!(done > 4 * 40 * 85 / 100, "{done} done: the hands stay busy");
    assert!(reads.iter().chain(&health).all(|(status, _)| *status == 200), "no read and no look at the health is refused");
    let slowest = reads.iter().chain(&health).map(|(_, took)| *took).max().unwrap();
    assert!(slowest < Duration::from_secs(1), "{slowest:?}");
    assert!(server.front.metrics().lines().any(|line| line == format!("carnet_shed_total{{rank=\"search\"}} {shed}")));
}
