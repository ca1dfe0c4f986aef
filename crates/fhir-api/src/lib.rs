//! FHIR R4 over HTTP: translates between HTTP and the door.
//!
//! * One file per interaction; the path of the address is the name of the file.
//! * Every answer carries a request id, every refusal an OperationOutcome.
//! * Nobody comes in without an account, except to read what the server can do.
//! * Stored tokens are pasted into answers; nothing here reads a resource again to send it.
//! * Nothing here decides who may see what, touches a store, or keeps a clock.

#![forbid(unsafe_code)]

mod answer;
mod asked;
mod audit;
mod binary;
mod body;
mod bundle;
mod caller;
mod capabilities;
mod conditional;
mod create;
mod delete;
mod entry;
mod face;
mod history;
mod http_date;
mod intake;
mod jobs;
mod negotiate;
mod oauth;
mod openapi;
mod operation;
mod outcome;
mod page;
mod parameters;
mod patch;
mod prefer;
mod pretty;
mod purpose;
mod read;
mod route;
mod search;
mod settings;
mod smart;
mod subscription;
mod trim;
mod update;
mod urgency;
mod vread;

pub use face::FhirApi;
pub use intake::{Fetched, Fetcher, Fetching, IntakeLimits, Intaker};
pub use oauth::endpoints;
pub use route::{Address, addresses};
pub use settings::Settings;
pub use outcome::refusal;
pub use subscription::{Carrying, Courier, Deliverer, Parcel, Patience};
pub use urgency::{is_address, urgency};

use std::sync::Arc;

use access::Caller;
use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::any;

/// What the face stands on.
pub struct Api {
    /// The door.
    pub chart: chart::Chart,
    /// Addresses, limits and patience.
    pub settings: Settings,
    /// Who gives programs their tokens; the pages have the same one.
    pub oauth: Arc<::oauth::Server>,
    /// Trials only: everybody is this caller and nobody signs in. The binary allows it on a
    /// loopback address alone; requests that name another host are refused here as well.
    pub open: Option<Caller>,
    /// Unforeseeable bytes from the operating system, for sessions and request ids.
    pub seed: [u8; 32],
}

/// All addresses at and below [`Settings::base_path`], to be merged with the other faces'.
///
/// A program that tells prefixes apart itself calls [`FhirApi::answer`] and saves the
/// router's walk.
pub fn mounted(api: Api) -> Router {
    let base = api.settings.base_path.clone();
    mounted_at(&base, FhirApi::new(api))
}

/// The same for a face that is made already.
pub fn mounted_at(base_path: &str, face: FhirApi) -> Router {
    let base = base_path.trim_end_matches('/').to_owned();
    let addresses = [base.clone(), format!("{base}/"), format!("{base}/{{*address}}")];
    let routes = addresses.iter().filter(|address| !address.is_empty());
    routes.fold(Router::new(), |router, address| router.route(address, any(answer))).with_state(face)
}

/// All addresses below the base, to be nested there. Nesting loses the base with a slash at
/// its end, to which some clients send bundles: [`mounted`] keeps it.
pub fn router(api: Api) -> Router {
    Router::new().fallback(answer).with_state(FhirApi::new(api))
}

async fn answer(State(face): State<FhirApi>, request: Request) -> Response {
    face.answer(request).await
}
