//! Load: so many clients at once, or so many requests a second.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::connection::Connection;
use crate::process::{Server, own_cpu_seconds};

/// Writes the request of a number.
pub type Requests = Arc<dyn Fn(u64, &mut Vec<u8>) + Send + Sync>;

/// How the requests come.
#[derive(Clone, Copy, Debug)]
pub enum Pace {
    /// Each client asks again as soon as it is answered.
    Closed,
    /// So many requests a second, at random moments (Poisson).
    Open(f64),
}

/// What a load is.
#[derive(Clone)]
pub struct Load {
    /// Connections.
    pub clients: usize,
    /// How the requests come.
    pub pace: Pace,
    /// For how long; a closed loop also ends after `most` requests.
    pub seconds: f64,
    /// The number of the first request.
    pub first: u64,
    /// Not more requests than this.
    pub most: u64,
}

/// What came of it.
pub struct Outcome {
    /// From the first request to the last answer.
    pub seconds: f64,
    /// Answers with a status below 300.
    pub answered: u64,
    /// Other answers.
    pub refused: u64,
    /// Microseconds each answer took, ascending.
    pub micros: Vec<u32>,
    /// Bytes of all bodies.
    pub bytes: u64,
    /// Processor seconds of the server, and of the driver.
    pub cpu: (f64, f64),
}

#[derive(Default)]
struct Tally {
    answered: u64,
    refused: u64,
    micros: Vec<u32>,
    bytes: u64,
}

impl Tally {
    fn count(&mut self, status: u16, body: usize, since: Instant) {
        self.bytes += body as u64;
        self.micros.push(u32::try_from(since.elapsed().as_micros()).unwrap_or(u32::MAX));
        if status < 300 { self.answered += 1 } else { self.refused += 1 }
    }
}

/// Runs a load against a server.
pub async fn run(server: &Server, load: Load, requests: &Requests) -> Result<Outcome> {
    let (address, cpu) = (server.address, (server.cpu_seconds(), own_cpu_seconds()));
    let mut clients = JoinSet::new();
    let began = Instant::now();
    let until = began + Duration::from_secs_f64(load.seconds);
    let next = Arc::new(AtomicU64::new(0));
    match load.pace {
        Pace::Closed => {
            for _ in 0..load.clients {
                clients.spawn(closed(address, load.clone(), next.clone(), requests.clone(), until));
            }
        }
        Pace::Open(rate) => {
            let due = Arc::new(moments(rate, load.seconds, load.most));
            let ripe = Arc::new(Semaphore::new(0));
            for _ in 0..load.clients {
                clients.spawn(open(address, load.first, next.clone(), requests.clone(), due.clone(), ripe.clone(), began));
            }
            std::thread::spawn(move || {
                // Finer than a runtime's timer, which counts whole milliseconds.
                for moment in due.iter() {
                    if let Some(wait) = moment.checked_sub(began.elapsed()) {
                        std::thread::sleep(wait);
                    }
                    ripe.add_permits(1);
                }
                ripe.close();
            });
        }
    }
    let mut all = Tally::default();
    while let Some(done) = clients.join_next().await {
        let tally = done.context("a client broke down")??;
        all.answered += tally.answered;
        all.refused += tally.refused;
        all.bytes += tally.bytes;
        all.micros.extend(tally.micros);
    }
    let seconds = began.elapsed().as_secs_f64();
    if all.answered == 0 {
        bail!("the server answered nothing well; {} requests were refused", all.refused);
    }
    all.micros.sort_unstable();
    let cpu = (server.cpu_seconds() - cpu.0, own_cpu_seconds() - cpu.1);
    Ok(Outcome { seconds, answered: all.answered, refused: all.refused, micros: all.micros, bytes: all.bytes, cpu })
}

async fn closed(address: SocketAddr, load: Load, next: Arc<AtomicU64>, requests: Requests, until: Instant) -> Result<Tally> {
    let (mut connection, mut tally, mut request) = (Connection::open(address).await?, Tally::default(), Vec::new());
    while Instant::now() < until {
        let number = next.fetch_add(1, Relaxed);
        if number >= load.most {
            break;
        }
        request.clear();
        requests(load.first + number, &mut request);
        let since = Instant::now();
        let reply = connection.ask(&request).await?;
        tally.count(reply.status, reply.body.len(), since);
    }
    Ok(tally)
}

async fn open(address: SocketAddr, first: u64, next: Arc<AtomicU64>, requests: Requests, due: Arc<Vec<Duration>>, ripe: Arc<Semaphore>, began: Instant) -> Result<Tally> {
    let (mut connection, mut tally, mut request) = (Connection::open(address).await?, Tally::default(), Vec::new());
    loop {
        // Once the last one is due, what is left over is still asked.
        if let Ok(permit) = ripe.acquire().await {
            permit.forget();
        }
        let number = next.fetch_add(1, Relaxed);
        let Some(moment) = due.get(number as usize) else { return Ok(tally) };
        request.clear();
        requests(first + number, &mut request);
        let reply = connection.ask(&request).await?;
        tally.count(reply.status, reply.body.len(), began + *moment);
    }
}

/// The moments at which requests are due, as far from each other as chance will have it.
fn moments(rate: f64, seconds: f64, most: u64) -> Vec<Duration> {
    let (mut at, mut number, mut moments) = (0.0, 0, Vec::new());
    loop {
        let unit = (mix(number) >> 11) as f64 / (1u64 << 53) as f64;
        at += -(1.0 - unit).ln() / rate;
        if at >= seconds || number >= most {
            return moments;
        }
        moments.push(Duration::from_secs_f64(at));
        number += 1;
    }
}

/// A number that looks random and is the same each time (splitmix64).
pub fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::moments;

    #[test]
    fn an_open_loop_keeps_its_rate() {
        let due = moments(1000.0, 10.0, u64::MAX);
        assert!((9_700..10_300).contains(&due.len()), "{}", due.len());
        assert!(due.windows(2).all(|pair| pair[0] <= pair[1]));
        assert_eq!(moments(1000.0, 10.0, 5).len(), 5);
    }
}
