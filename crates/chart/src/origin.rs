//! Addresses of others: whether they are any, and of whom.

/// Scheme, host and port of an address; none where it is not one to connect to.
pub(crate) fn origin(address: &str) -> Option<String> {
    let (scheme, rest) = address.split_once("://")?;
    let authority = rest.split(['/', '?']).next()?;
    let good = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\\\"<>^`{|}#".contains(&byte));
    let host = authority.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']'));
    let known = ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    (known && good(address) && host && !authority.is_empty()).then(|| format!("{}://{}", scheme.to_ascii_lowercase(), authority.to_ascii_lowercase()))
}

/// True for an origin that is on the list.
pub(crate) fn is_listed(origin: &str, list: &[String]) -> bool {
    list.iter().any(|listed| listed.trim_end_matches('/').eq_ignore_ascii_case(origin))
}

/// True where what is sent to an origin could be read on the way: plain HTTP to another machine.
pub(crate) fn is_overheard(origin: &str) -> bool {
    origin.strip_prefix("http://").is_some_and(|authority| !is_this_machine(authority))
}

/// True for the loopback addresses and their name.
pub(crate) fn is_this_machine(authority: &str) -> bool {
    let name = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => authority.split(':').next().unwrap_or_default(),
    };
    name == "localhost" || name == "::1" || name.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_told_and_what_is_none_is_not() {
        for (endpoint, expect) in [
            ("https://x.example/hook?a=1", Some("https://x.example")),
            ("HTTPS://X.example:8443", Some("https://x.example:8443")),
            ("http://127.0.0.1:9/h", Some("http://127.0.0.1:9")),
            ("https://user@x.example/", None),
            ("https://x.example#@y.example/", None),
            ("https://x.example\\@y.example/", None),
            ("https:///hook", None),
            ("ftp://x.example/", None),
            ("https://x.example/a b", None),
            ("/hook", None),
        ] {
            assert_eq!(origin(endpoint).as_deref(), expect, "{endpoint}");
        }
        assert!(is_this_machine("127.0.0.1:80") && is_this_machine("[::1]:80") && is_this_machine("localhost") && !is_this_machine("localhost.evil.example"));
        assert!(is_overheard("http://x.example") && !is_overheard("https://x.example") && !is_overheard("http://127.0.0.1:9"));
        let list = ["https://x.example/".to_owned()];
        assert!(is_listed("https://x.example", &list) && !is_listed("https://x.example:8443", &list) && !is_listed("http://x.example", &list));
    }
}
