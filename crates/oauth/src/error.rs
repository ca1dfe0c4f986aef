//! Why something was refused, in the words of OAuth.

/// The result of what a server does.
pub type Result<T> = std::result::Result<T, Error>;

/// The code of a refusal, for programs.
/// <https://www.rfc-editor.org/rfc/rfc6749#section-5.2>, <https://www.rfc-editor.org/rfc/rfc7591#section-3.2.2>
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Code {
    /// Something is missing, there twice or not understood.
    InvalidRequest,
    /// The program is not known, or did not prove who it is.
    InvalidClient,
    /// The code or token is unknown, used up, over, or another program's.
    InvalidGrant,
    /// This program may not ask in this way.
    UnauthorizedClient,
    /// No such way to a token.
    UnsupportedGrantType,
    /// Only codes are given.
    UnsupportedResponseType,
    /// None of the scopes can be given.
    InvalidScope,
    /// Somebody said no.
    AccessDenied,
    /// Nobody may be asked, but somebody would have to be.
    InteractionRequired,
    /// Requests as signed objects are not read.
    RequestNotSupported,
    /// Requests are not fetched from elsewhere.
    RequestUriNotSupported,
    /// Too much at once.
    TemporarilyUnavailable,
    /// An address to come back to that cannot be kept.
    InvalidRedirectUri,
    /// A proof of a key is missing, wrong, or was used.
    InvalidDpopProof,
    /// Something else about a program that cannot be kept.
    InvalidClientMetadata,
}

impl Code {
    /// Its word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Code::InvalidRequest => "invalid_request",
            Code::InvalidClient => "invalid_client",
            Code::InvalidGrant => "invalid_grant",
            Code::UnauthorizedClient => "unauthorized_client",
            Code::UnsupportedGrantType => "unsupported_grant_type",
            Code::UnsupportedResponseType => "unsupported_response_type",
            Code::InvalidScope => "invalid_scope",
            Code::AccessDenied => "access_denied",
            Code::InteractionRequired => "interaction_required",
            Code::RequestNotSupported => "request_not_supported",
            Code::RequestUriNotSupported => "request_uri_not_supported",
            Code::TemporarilyUnavailable => "temporarily_unavailable",
            Code::InvalidRedirectUri => "invalid_redirect_uri",
            Code::InvalidDpopProof => "invalid_dpop_proof",
            Code::InvalidClientMetadata => "invalid_client_metadata",
        }
    }
}

/// A refusal: the code for programs, a sentence for whoever writes them. It repeats nothing that was sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}: {message}", code.word())]
pub struct Refusal {
    /// The code.
    pub code: Code,
    /// What is wrong and what would be right.
    pub message: &'static str,
}

/// A refusal or a failure.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store failed or holds what cannot be read.
    #[error("the store could not do it")]
    Store(#[from] store::Error),
    /// Something was changed by two at once, again and again.
    #[error("what is kept of programs changed at the same time")]
    Busy,
}

/// A refusal as an error.
pub(crate) fn refused<T>(code: Code, message: &'static str) -> Result<T> {
    Err(Refusal { code, message }.into())
}
