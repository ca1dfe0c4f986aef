//! The few requests that gather what is judged: GET, on this machine, signed in.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use fhir::Document;

/// A demonstration makes its people first.
const PATIENCE: Duration = Duration::from_secs(180);

pub(super) struct Server {
    address: String,
    authorization: String,
}

impl Server {
    /// The server at an address, once it answers, with the sign-in of an integration.
    pub fn waited_for(address: &str, sign_ins: &Path) -> Result<Server> {
        let began = Instant::now();
        while TcpStream::connect(address).is_err() {
            if began.elapsed() > PATIENCE {
                bail!("the demonstration did not answer within {} s", PATIENCE.as_secs());
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        let text = std::fs::read_to_string(sign_ins).context("the demonstration left no sign-ins")?;
        let words = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>()).find(|words| words.get(1) == Some(&"system"));
        let words = words.context("the demonstration has no sign-in for a system")?;
        let password = words.get(2).context("a sign-in has a password")?;
        let mut authorization = String::from("Basic ");
        fhir::base64::encode(format!("{}:{password}", words[1]).as_bytes(), &mut authorization);
        Ok(Server { address: address.to_owned(), authorization })
    }

    /// What it answers, be it a refusal.
    pub fn get(&self, path: &str) -> Result<String> {
        let path = path.replace('|', "%7C").replace('$', "%24");
        let mut stream = TcpStream::connect(&self.address).context("the demonstration is gone")?;
        // In this version of HTTP the end of the answer is the end of the connection.
        write!(stream, "GET /fhir{path} HTTP/1.0\r\nHost: {}\r\nAuthorization: {}\r\nAccept: application/fhir+json\r\n\r\n", self.address, self.authorization)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).with_context(|| format!("the answer to {path} cannot be read"))?;
        let (head, body) = answer.split_once("\r\n\r\n").with_context(|| format!("the answer to {path} has no body"))?;
        if head.split(' ').nth(1).is_none_or(|status| status.starts_with('5')) {
            bail!("{path} failed: {}", head.lines().next().unwrap_or_default());
        }
        Ok(body.to_owned())
    }

    /// The resources of a search, page by page, up to a number.
    pub fn resources(&self, path: &str, most: usize) -> Result<Vec<String>> {
        let (mut found, mut next) = (Vec::new(), Some(path.to_owned()));
        while let Some(path) = next.take().filter(|_| found.len() < most) {
            let text = self.get(&path)?;
            let document = Document::read(&text).with_context(|| format!("the answer to {path} is no JSON"))?;
            let root = document.root();
            if root.string("resourceType").as_deref() != Some("Bundle") {
                bail!("{path} is refused: {text}");
            }
            let entries = root.get("entry").into_iter().flat_map(|entries| entries.items());
            found.extend(entries.filter_map(|entry| Some(entry.get("resource")?.raw().to_owned())));
            let links = root.get("link").into_iter().flat_map(|links| links.items());
            let further = links.filter(|link| link.string("relation").as_deref() == Some("next")).find_map(|link| link.string("url"));
            next = further.and_then(|url| url.split_once("/fhir").map(|(_, path)| path.to_owned()));
        }
        found.truncate(most);
        Ok(found)
    }
}
