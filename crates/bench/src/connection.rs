//! One connection to a server: a request out, an answer in, again and again.
//!
//! Written by hand, so that the driver takes as little as possible of the processors it shares
//! with what it measures. It knows what our own server sends and nothing else.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// An answer.
#[derive(Debug)]
pub struct Reply<'c> {
    /// The HTTP status.
    pub status: u16,
    /// The lines above the body.
    pub head: &'c str,
    /// What came over the wire below them.
    pub body: &'c [u8],
}

/// A connection that is kept.
pub struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> io::Result<Connection> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Connection { stream, received: Vec::with_capacity(64 * 1024) })
    }

    /// Sends a request and waits for the whole answer.
    pub async fn ask(&mut self, request: &[u8]) -> io::Result<Reply<'_>> {
        self.stream.write_all(request).await?;
        self.received.clear();
        let head = loop {
            self.more().await?;
            if let Some(at) = self.received.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
        };
        let lines = std::str::from_utf8(&self.received[..head]).map_err(|_| broken("the head is no text"))?.to_ascii_lowercase();
        let field = |name: &str| lines.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let status: u16 = lines.get(9..12).and_then(|status| status.parse().ok()).ok_or_else(|| broken("there is no status"))?;
        let end = if let Some(length) = field("content-length:") {
            let length: usize = length.parse().map_err(|_| broken("the length is no number"))?;
            while self.received.len() < head + length {
                self.more().await?;
            }
            head + length
        } else if field("transfer-encoding:") == Some("chunked") {
            let mut at = head;
            loop {
                match chunk(&self.received[at..])? {
                    Some((skip, true)) => break at + skip,
                    Some((skip, false)) if at + skip <= self.received.len() => at += skip,
                    _ => self.more().await?,
                }
            }
        } else {
            head
        };
        let text = std::str::from_utf8(&self.received[..head]).map_err(|_| broken("the head is no text"))?;
        Ok(Reply { status, head: text, body: &self.received[head..end] })
    }

    async fn more(&mut self) -> io::Result<()> {
        self.received.reserve(64 * 1024);
        match self.stream.read_buf(&mut self.received).await? {
            0 => Err(broken("the server hung up")),
            _ => Ok(()),
        }
    }
}

/// The length of the chunk that begins here, with its frame, and whether it is the last.
fn chunk(bytes: &[u8]) -> io::Result<Option<(usize, bool)>> {
    let Some(line) = bytes.windows(2).position(|two| two == b"\r\n") else { return Ok(None) };
    let size = std::str::from_utf8(&bytes[..line]).ok().and_then(|text| usize::from_str_radix(text.split(';').next()?, 16).ok());
    match size.ok_or_else(|| broken("a chunk has no size"))? {
        0 if bytes.len() < line + 4 => Ok(None),
        0 => Ok(Some((line + 4, true))),
        size => Ok(Some((line + 2 + size + 2, false))),
    }
}

fn broken(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::chunk;

    #[test]
    fn chunks_are_measured() {
        for (bytes, expect) in [
            (&b"5\r\nhello\r\n"[..], Some((10, false))),
            (b"1a;x=y\r\n", Some((36, false))),
            (b"0\r\n\r\n", Some((5, true))),
            (b"0\r\n", None),
            (b"5", None),
        ] {
            assert_eq!(chunk(bytes).unwrap(), expect);
        }
        assert!(chunk(b"zz\r\n").is_err());
    }
}
