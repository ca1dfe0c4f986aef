//! For which site passkeys are made: as the configuration says, else as the site's address tells.
//!
//! A passkey belongs to a domain for ever (<https://www.w3.org/TR/webauthn-3/#rp-id>), never to an
//! address in numbers. A server on this machine alone is `localhost`.

use access::passkey::PasskeySite;
use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

use crate::config::is_target;

/// `[passkeys]`. Empty: as the site's address tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Passkeys {
    /// The domain passkeys are made for, as `record.example`.
    pub site: String,
    /// The origins of the pages, as `https://record.example`.
    pub origins: Vec<String>,
    /// Staff comes in with a passkey and by nothing else; who has none yet adds one first.
    pub required: bool,
}

impl Passkeys {
    /// Refuses what no browser would take.
    pub fn check(&self) -> Result<()> {
        if self.site.is_empty() != self.origins.is_empty() {
            bail!("site and origins are set together or not at all");
        }
        if self.site.is_empty() {
            return Ok(());
        }
        let is_domain = !is_number(&self.site) && self.site.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte));
        if !is_domain {
            bail!("site is a domain in small letters, as record.example, not {}", self.site);
        }
        for origin in &self.origins {
            let host = host_of(origin);
            if !is_target(origin) || origin.ends_with('/') || !(host == self.site || host.ends_with(&format!(".{}", self.site))) {
                bail!("origins lists addresses of pages below {}, as https://{}, not {origin}", self.site, self.site);
            }
        }
        Ok(())
    }

    /// The site, where there can be one.
    pub fn site(&self, base_url: &str) -> Option<PasskeySite> {
        if !self.site.is_empty() {
            return Some(PasskeySite { id: self.site.clone(), origins: self.origins.clone() });
        }
        let (scheme, rest) = base_url.split_once("://")?;
        let authority = rest.split('/').next()?;
        let host = host_of(base_url);
        if is_here(host) {
            let port = authority.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit())).map_or_else(String::new, |(_, port)| format!(":{port}"));
            return Some(PasskeySite { id: "localhost".to_owned(), origins: vec![format!("{scheme}://localhost{port}")] });
        }
        // Browsers offer passkeys over TLS only.
        (scheme == "https" && !is_number(host)).then(|| PasskeySite { id: host.to_owned(), origins: vec![format!("https://{authority}")] })
    }
}

fn host_of(address: &str) -> &str {
    let authority = address.split_once("://").map_or(address, |(_, rest)| rest).split('/').next().unwrap_or_default();
    match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    }
}

fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn is_number(host: &str) -> bool {
    host.parse::<std::net::IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_site_tells_for_whom_passkeys_are_made() {
        let site = |base: &str| Passkeys::default().site(base).map(|site| (site.id, site.origins.join(" ")));
        let some = |id: &str, origin: &str| Some((id.to_owned(), origin.to_owned()));
        assert_eq!(site("https://record.example/fhir"), some("record.example", "https://record.example"));
        assert_eq!(site("https://record.example:8443/fhir"), some("record.example", "https://record.example:8443"));
        assert_eq!(site("http://127.0.0.1:8080/fhir"), some("localhost", "http://localhost:8080"));
        assert_eq!(site("https://[::1]:8443/fhir"), some("localhost", "https://localhost:8443"));
        for nowhere in ["http://record.example/fhir", "http://0.0.0.0:8080/fhir", "https://192.0.2.7/fhir", ""] {
            assert_eq!(site(nowhere), None, "{nowhere}");
        }
    }

    #[test]
    fn what_no_browser_would_take_is_refused() {
        let check = |site: &str, origins: &[&str]| Passkeys { site: site.to_owned(), origins: origins.iter().map(|origin| (*origin).to_owned()).collect(), required: false }.check().is_ok();
        assert!(check("", &[]) && check("record.example", &["https://record.example", "https://ward.record.example:8443"]) && check("localhost", &["http://localhost:8080"]));
        for (site, origins) in [
            ("record.example", &[][..]),
            ("", &["https://record.example"]),
            ("Record.example", &["https://Record.example"]),
            ("192.0.2.7", &["https://192.0.2.7"]),
            ("record.example", &["http://record.example"]),
            ("record.example", &["https://record.example/"]),
            ("record.example", &["https://otherrecord.example"]),
            ("record.example", &["https://record.example.evil.example"]),
        ] {
            assert!(!check(site, origins), "{site} {origins:?}");
        }
    }
}
