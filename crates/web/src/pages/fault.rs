//! What a reader sees when something is not there, not allowed or broken.
//!
//! The only place where an error of the door becomes a status. It never repeats what was asked.

use askama::Template;
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::Response;

use crate::frame::Frame;
use crate::house::Visitor;

#[derive(Template)]
#[template(path = "error.html")]
struct FaultPage {
    frame: Frame,
    title: String,
    text: String,
}

/// What went wrong, as far as a reader needs to know.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// Nothing there, or not for this reader: one answer for both.
    NotFound,
    /// It was deleted.
    Gone,
    /// The account may not do this.
    Refused,
    /// A question of a program that does not wait any more.
    Over,
    /// A form without its proof.
    Form,
    /// More different persons within an hour than the account may open.
    Budget,
    /// Our fault.
    Failed,
}

impl From<&chart::Error> for Fault {
    fn from(error: &chart::Error) -> Fault {
        match error {
            chart::Error::Gone { .. } => Fault::Gone,
            chart::Error::Forbidden => Fault::Refused,
            chart::Error::OverBudget { .. } => Fault::Budget,
            chart::Error::NotFound | chart::Error::Malformed(_) => Fault::NotFound,
            _ => Fault::Failed,
        }
    }
}

/// Shows a fault.
pub fn show(visitor: &Visitor, fault: Fault) -> Response {
    let (status, title, text) = match fault {
        Fault::NotFound => (StatusCode::NOT_FOUND, "error-not-found-title", "error-not-found"),
        Fault::Gone => (StatusCode::GONE, "error-gone-title", "error-gone"),
        Fault::Refused => (StatusCode::FORBIDDEN, "error-refused-title", "error-refused"),
        Fault::Over => (StatusCode::GONE, "error-over-title", "error-over"),
        Fault::Form => (StatusCode::FORBIDDEN, "error-form-title", "error-form"),
        Fault::Budget => (StatusCode::TOO_MANY_REQUESTS, "error-budget-title", "error-budget"),
        Fault::Failed => (StatusCode::INTERNAL_SERVER_ERROR, "error-failed-title", "error-failed"),
    };
    let voice = visitor.voice;
    visitor.show_at_door(status, |frame| FaultPage { frame, title: voice.say(title), text: voice.say(text) })
}

/// Shows an error of the door, and logs what is ours to mend; an error carries no name.
pub fn of_error(visitor: &Visitor, error: &chart::Error) -> Response {
    let fault = Fault::from(error);
    if fault == Fault::Failed {
        tracing::error!(%error, "a page could not be read");
    }
    let mut response = show(visitor, fault);
    if let chart::Error::OverBudget { seconds, .. } = error {
        response.headers_mut().insert(RETRY_AFTER, (*seconds).into());
    }
    response
}

/// Every address without a page.
pub async fn nothing_here(visitor: Visitor) -> Response {
    show(&visitor, Fault::NotFound)
}
