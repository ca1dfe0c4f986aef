//! Addresses, limits and patience of the face.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

/// What an operator decides about the face.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address clients use, as `https://record.example/fhir`, without a slash at its end.
    /// Without it, addresses in answers follow the Host header: for trials and machines
    /// nobody reaches through a proxy.
    pub base_url: Option<String>,
    /// True where connections are by TLS: addresses that follow the Host header then begin with https.
    pub is_secure: bool,
    /// Where the router is mounted: `/fhir`.
    pub base_path: String,
    /// East of UTC: what dates without a zone mean.
    pub zone_offset_minutes: i16,
    /// The most a request body may hold, before and after unpacking, in bytes.
    pub body_limit_bytes: usize,
    /// How long a body may take to arrive.
    pub body_patience: Duration,
    /// How long an answer may take to be found.
    pub answer_patience: Duration,
    /// Who sets papers; without it none are.
    pub press: Option<Arc<dyn chart::Press>>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            base_url: None,
            is_secure: false,
            base_path: "/fhir".to_owned(),
            zone_offset_minutes: 0,
            body_limit_bytes: 64 * 1024 * 1024,
            body_patience: Duration::from_secs(60),
            answer_patience: Duration::from_secs(120),
            press: None,
        }
    }
}

impl Settings {
    /// The base address, for a request that named `host`.
    pub(crate) fn base(&self, host: Option<&str>) -> Cow<'_, str> {
        match &self.base_url {
            Some(url) => Cow::Borrowed(url.trim_end_matches('/')),
            None => Cow::Owned(format!("{}://{}{}", if self.is_secure { "https" } else { "http" }, host.unwrap_or("localhost"), self.base_path)),
        }
    }
}

/// True for a name or address and port that can stand in a link.
pub(crate) fn is_host(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']'))
}

/// True for the names of this machine. A foreign page cannot make a browser send one of
/// them together with a connection to here.
pub(crate) fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost") || name == "::1" || name.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_told_apart() {
        for (host, fine, loopback) in [
            ("localhost:8080", true, true),
            ("127.0.0.1:8080", true, true),
            ("[::1]:8080", true, true),
            ("127.8.0.1", true, true),
            ("record.example", true, false),
            ("127.0.0.1.evil.example", true, false),
            ("localhost.evil.example", true, false),
            ("a/b", false, false),
            ("a\"b", false, false),
            ("", false, false),
        ] {
            assert_eq!((is_host(host), is_loopback(host)), (fine, loopback), "{host}");
        }
    }
}
