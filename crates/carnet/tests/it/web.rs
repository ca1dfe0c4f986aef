//! A server under test and a client small enough to be trusted.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Child;
use std::time::{Duration, Instant};

use crate::site::Site;

pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

impl Server {
    /// Serves a site with sign-in off on a free port, and waits until it answers.
    pub fn start(site: &Site) -> Server {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut child = site.start("serve", &["--open", "--listen", &address.to_string()]);
        let began = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(began.elapsed() < Duration::from_secs(30), "the server does not come up");
            assert!(child.try_wait().unwrap().is_none(), "the server went away");
            std::thread::sleep(Duration::from_millis(10));
        }
        Server { child, address }
    }

    /// Pulls the plug: SIGKILL.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn client(&self) -> Client {
        Client::to(self.address).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have been killed before.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub struct Client {
    stream: BufReader<TcpStream>,
}

pub struct Answer {
    pub status: u16,
    headers: String,
    pub body: String,
}

impl Answer {
    /// The first cookie that was set, as it is sent back.
    pub fn cookie(&self) -> String {
        let lines = self.headers.lines().filter(|line| line.to_ascii_lowercase().starts_with("set-cookie:"));
        lines.filter_map(|line| line.split_once(':')?.1.trim().split(';').next()).find(|pair| !pair.ends_with('=')).unwrap_or_default().to_owned()
    }

    /// The value of a header; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        let lines = self.headers.lines().filter_map(|line| line.split_once(':'));
        lines.filter(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).next().unwrap_or_default()
    }
}

impl Client {
    pub fn to(address: SocketAddr) -> std::io::Result<Client> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Client { stream: BufReader::new(stream) })
    }

    /// Asks once; an error where the server went away.
    pub fn ask(&mut self, method: &str, path: &str, headers: &str, body: &str) -> std::io::Result<Answer> {
        self.ask_as("application/fhir+json", method, path, headers, body)
    }

    /// The same with a body of another type.
    pub fn ask_as(&mut self, kind: &str, method: &str, path: &str, headers: &str, body: &str) -> std::io::Result<Answer> {
        let head = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
        self.stream.get_mut().write_all(format!("{head}{body}").as_bytes())?;
        let mut line = String::new();
        let mut told = String::new();
        let mut status = None;
        let mut length = None;
        loop {
            line.clear();
            if self.stream.read_line(&mut line)? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            told.push_str(&line);
            let text = line.trim_end().to_ascii_lowercase();
            if text.is_empty() {
                break;
            }
            if let Some(rest) = text.strip_prefix("http/1.1 ") {
                status = rest[..3].parse().ok();
            }
            if let Some(rest) = text.strip_prefix("content-length:") {
                length = rest.trim().parse().ok();
            }
        }
        let length: usize = length.ok_or(std::io::ErrorKind::InvalidData)?;
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok(Answer { status: status.ok_or(std::io::ErrorKind::InvalidData)?, headers: told, body: String::from_utf8_lossy(&body).into_owned() })
    }

    /// Asks and does not wait.
    pub fn send(&mut self, method: &str, path: &str, headers: &str) {
        let head = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n");
        self.stream.get_mut().write_all(head.as_bytes()).unwrap();
    }

    /// Asks for the last time and gives the body as it came, whole or in chunks.
    pub fn whole(mut self, method: &str, path: &str, headers: &str) -> Vec<u8> {
        self.send(method, path, headers);
        let (mut line, mut chunked, mut body) = (String::new(), false, Vec::new());
        while self.stream.read_line(&mut line).unwrap() > 0 && !line.trim().is_empty() {
            assert!(!line.starts_with("HTTP/1.1") || line.contains(" 200 "), "{path}: {line}");
            chunked |= line.to_ascii_lowercase().starts_with("transfer-encoding: chunked");
            line.clear();
        }
        while chunked {
            line.clear();
            self.stream.read_line(&mut line).unwrap();
            let length = usize::from_str_radix(line.trim(), 16).unwrap();
            let mut chunk = vec![0; length + 2];
            self.stream.read_exact(&mut chunk).unwrap();
            if length == 0 {
                return body;
            }
            body.extend_from_slice(&chunk[..length]);
        }
        self.stream.read_to_end(&mut body).unwrap();
        body
    }
}
