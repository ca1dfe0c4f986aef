//! An emergency, from the button to what must be known first: the glass of a person is broken for a reason, and
//! the page with allergies, medicines, problems and contacts arrives. Both requests are one measure.
//!
//! Every person is opened for the first time, so each measure waits for the disk twice: the breaking
//! and the opening are in the log before anything is shown.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::connection::Connection;
use crate::load::Outcome;
use crate::people::Person;
use crate::process::{Server, own_cpu_seconds};

/// Emergencies begin so long after each other: many for a hospital, few for a server.
const EVERY: Duration = Duration::from_millis(50);

/// A physician who is signed in: the cookie, and the proof that forms of the session carry.
pub struct SignedIn {
    /// `carnet=…`.
    pub cookie: String,
    /// The proof.
    pub token: String,
}

impl SignedIn {
    /// With the proof out of a page of the session.
    pub async fn with(server: &Server, cookie: String) -> Result<SignedIn> {
        let mut connection = Connection::open(server.address).await?;
        let request = format!("GET /account HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n");
        let page = String::from_utf8_lossy(connection.ask(request.as_bytes()).await?.body).into_owned();
        let token = page.split("name=\"token\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).context("the page of the account carries no proof")?;
        Ok(SignedIn { cookie, token: token.to_owned() })
    }
}

/// Breaks the glass of one person after another, each once, and reads what an emergency needs.
pub async fn run(server: &Server, who: &SignedIn, persons: &[Person], seconds: f64) -> Result<Outcome> {
    let mut connection = Connection::open(server.address).await?;
    let form = format!("token={}&reason=danger&text=measured", who.token);
    let (mut micros, mut bytes, mut refused) = (Vec::new(), 0, 0);
    let (began, cpu) = (Instant::now(), (server.cpu_seconds(), own_cpu_seconds()));
    for person in persons {
        if began.elapsed().as_secs_f64() > seconds {
            break;
        }
        let (at, path) = (Instant::now(), format!("/person/{}/glass", person.id));
        let post = format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}", who.cookie, form.len());
        let broken = connection.ask(post.as_bytes()).await?.status;
        let get = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {}\r\nAccept-Encoding: gzip\r\n\r\n", who.cookie);
        let (status, length) = {
            let page = connection.ask(get.as_bytes()).await?;
            (page.status, page.body.len() as u64)
        };
        let took = at.elapsed();
        if broken == 303 && status == 200 {
            micros.push(u32::try_from(took.as_micros()).unwrap_or(u32::MAX));
            bytes += length;
        } else {
            refused += 1;
        }
        tokio::time::sleep(EVERY.saturating_sub(took)).await;
    }
    if micros.is_empty() {
        bail!("no glass was broken: {refused} were refused");
    }
    micros.sort_unstable();
    let seconds = began.elapsed().as_secs_f64();
    Ok(Outcome { seconds, answered: micros.len() as u64, refused, micros, bytes, cpu: (server.cpu_seconds() - cpu.0, own_cpu_seconds() - cpu.1) })
}
