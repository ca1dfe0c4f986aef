//! `X-Purpose-Of-Use`: what a request is for, as a code of HL7's PurposeOfUse.
//!
//! * Without the header a request is for what the sign-in is for.
//! * A purpose widens nothing by itself: what is sealed opens by `$break-glass` alone.

use std::sync::Arc;

use access::{Caller, Purpose, may_ask_for};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use fhir::IssueCode;

use crate::outcome::Trouble;

const X_PURPOSE_OF_USE: HeaderName = HeaderName::from_static("x-purpose-of-use");
const PLACE: &str = "http.X-Purpose-Of-Use";

/// The caller, for the purpose the request names.
pub(crate) fn asked_for(caller: Arc<Caller>, headers: &HeaderMap) -> Result<Arc<Caller>, Trouble> {
    let Some(header) = headers.get(X_PURPOSE_OF_USE) else { return Ok(caller) };
    let unknown = || {
        let codes: Vec<&str> = Purpose::ALL.iter().map(|(_, code)| *code).collect();
        Trouble::malformed(IssueCode::Value, format!("The purpose of use is one of {} or BTG.", codes.join(", "))).at(PLACE)
    };
    let purpose = header.to_str().ok().and_then(Purpose::named).ok_or_else(unknown)?;
    if !may_ask_for(caller.account.role, purpose) {
        return Err(Trouble::new(StatusCode::FORBIDDEN, IssueCode::Forbidden, "The role of this account has no such purpose.").at(PLACE));
    }
    Ok(Arc::new(Caller { purpose, ..Caller::clone(&caller) }))
}
