//! The switch of language.

use std::collections::HashMap;

use axum::extract::Form;
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};

use super::fault::{self, Fault};
use crate::house::{LANGUAGE_COOKIE, Visitor, cookie};
use crate::words::Language;

/// Remembers a language until the browser closes or the reader signs out, and goes back.
pub async fn switch(visitor: Visitor, Form(form): Form<HashMap<String, String>>) -> Response {
    if !visitor.proves(&form) {
        return fault::show(&visitor, Fault::Form);
    }
    let Some(language) = form.get("language").and_then(|code| Language::of_code(code)) else { return fault::show(&visitor, Fault::NotFound) };
    let mut response = Redirect::to(&back(form.get("back").map_or("/", String::as_str))).into_response();
    response.headers_mut().append(header::SET_COOKIE, cookie(&visitor.house.settings, LANGUAGE_COOKIE, language.code()));
    response
}

/// A path of this site.
fn back(path: &str) -> String {
    let is_ours = path.starts_with('/') && !path.starts_with("//") && path.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'.' | b'?' | b'=' | b'&' | b'_'));
    if is_ours { path.to_owned() } else { "/".to_owned() }
}
