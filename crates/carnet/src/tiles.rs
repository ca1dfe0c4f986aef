//! The log of openings as others may watch it: the checkpoint and the tiles, under `/log`.
//!
//! Everything here is a hash or a number, so no sign-in is asked for. <https://c2sp.org/tlog-tiles>

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chart::Chart;

/// The routes of the log.
pub fn routes(chart: Chart) -> Router {
    Router::new().route("/log/checkpoint", get(checkpoint)).route("/log/tile/{*path}", get(tile)).with_state(chart)
}

async fn checkpoint(State(chart): State<Chart>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-store")], chart.log_checkpoint()).into_response()
}

async fn tile(State(chart): State<Chart>, Path(path): Path<String>) -> Response {
    let Some(tile) = ledger::read_tile_path(&path) else {
        return (StatusCode::NOT_FOUND, "A tile lies at /log/tile/<level>/<index>[.p/<width>], its index in groups of three digits, as x001/234.\n").into_response();
    };
    let found = tokio::task::spawn_blocking(move || chart.log_tile(tile)).await;
    match found {
        // A tile never changes; a partial one is replaced by a wider one.
        Ok(Ok(Some(bytes))) => ([(header::CONTENT_TYPE, "application/octet-stream"), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")], bytes).into_response(),
        Ok(Ok(None)) => (StatusCode::NOT_FOUND, "The log has not come so far; /log/checkpoint says how far it has come.\n").into_response(),
        _ => (StatusCode::INTERNAL_SERVER_ERROR, "The tile could not be read; `carnet check` says why.\n").into_response(),
    }
}
