//! Why something was not sealed or opened. Never a content, never a key.

use crate::Purpose;

/// What was to be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The wrap of a person's key.
    Wrap,
    /// The sealed value of an entry.
    Value,
    /// A small thing under the institution's key.
    Small(Purpose),
}

impl std::fmt::Display for What {
    fn fmt(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        form.write_str(match self {
            What::Wrap => "wrapped key",
            What::Value => "value",
            What::Small(Purpose::Head) => "head",
            What::Small(Purpose::Locator) => "locator",
            What::Small(Purpose::Claim) => "claim",
            What::Small(Purpose::LogEntry) => "log entry",
            What::Small(Purpose::Cursor) => "cursor",
            What::Small(Purpose::Meta) => "note of the store",
        })
    }
}

/// Something could not be sealed or opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Another key, another place, or altered bytes: a seal does not say which.
    #[error("a sealed {what} does not open: it was altered, moved, or sealed under another key")]
    NotOpened {
        /// What was to be opened.
        what: What,
    },
    /// Sealed by a newer program.
    #[error("a sealed {what} has suite {suite}, which this program does not know")]
    UnknownSuite {
        /// What was to be opened.
        what: What,
        /// The suite byte in front of it.
        suite: u8,
    },
    /// Compressed with a dictionary that this program does not carry.
    #[error(
        "a sealed value was compressed with dictionary {dictionary}, which this program does not carry"
    )]
    UnknownDictionary {
        /// The dictionary byte of the value.
        dictionary: u8,
    },
    /// The value is larger than a value may be, sealed or opened.
    #[error("a value is larger than {limit_bytes} bytes")]
    TooLarge {
        /// The limit, in bytes of the plain value.
        limit_bytes: usize,
    },
    /// The seal was right, yet what is inside does not decompress.
    #[error("a value opens but does not decompress")]
    NotDecompressed,
    /// The compression library refused.
    #[error("a value could not be compressed")]
    NotCompressed,
    /// The text of a key file is not one.
    #[error("line {line} of the key file {why}")]
    KeyFile {
        /// The line, from one.
        line: usize,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The cryptographic library refused, which it does only without memory.
    #[error("the cryptographic library refused to seal")]
    Refused,
}
