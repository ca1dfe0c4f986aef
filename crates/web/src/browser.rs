//! Which browser somebody uses, as far as its holder needs it to know a session again.

/// A family of browsers. The version is nobody's affair.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Browser { Firefox, Chrome, Edge, Safari, Opera, Other }

impl Browser {
    /// The family a `User-Agent` header names. Most of them name others too, so the order counts.
    pub fn of(user_agent: &str) -> Browser {
        let names = [("Edg", Browser::Edge), ("OPR/", Browser::Opera), ("Firefox/", Browser::Firefox), ("FxiOS/", Browser::Firefox), ("Chrome/", Browser::Chrome), ("CriOS/", Browser::Chrome), ("Safari/", Browser::Safari)];
        names.into_iter().find(|(name, _)| user_agent.contains(name)).map_or(Browser::Other, |(_, browser)| browser)
    }

    /// Its own name; none for what we do not know.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Browser::Firefox => Some("Firefox"),
            Browser::Chrome => Some("Chrome"),
            Browser::Edge => Some("Edge"),
            Browser::Safari => Some("Safari"),
            Browser::Opera => Some("Opera"),
            Browser::Other => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Browser;

    #[test]
    fn a_browser_is_known_by_its_family() {
        for (header, expected) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", Browser::Firefox),
            ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36", Browser::Chrome),
            ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0", Browser::Edge),
            ("Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1", Browser::Safari),
            ("curl/8.5.0", Browser::Other),
            ("", Browser::Other),
        ] {
            assert_eq!(Browser::of(header), expected, "{header}");
        }
    }
}
