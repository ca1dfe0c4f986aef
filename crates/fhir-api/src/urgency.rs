//! How urgent a request is, by its address alone.

use crate::face::decoded_path;
use crate::route::Route;
use access::Urgency;
use axum::http::Method;

/// How urgent a request below the base is. What no address means is answered like a read.
pub fn urgency(method: &Method, path: &str) -> Urgency {
    let is_safe = method.is_safe();
    match Route::parse(path) {
        Err(_) => Urgency::Read,
        Ok(Route::Operation(operation, _)) => match operation.name {
            "summary" => Urgency::Emergency,
            "export" | "import" => Urgency::Export,
            "closure" | "meta-add" | "meta-delete" => Urgency::Write,
            _ => Urgency::Search,
        },
        Ok(Route::Job(_)) => Urgency::Read,
        Ok(Route::JobFile(..)) => Urgency::Export,
        Ok(Route::SystemSearch | Route::TypeSearch(_) | Route::CompartmentSearch(..)) => Urgency::Search,
        Ok(Route::Metadata | Route::OpenApi | Route::SmartConfiguration | Route::OpenIdConfiguration | Route::Version(..)) => Urgency::Read,
        Ok(Route::Instance(..)) if is_safe => Urgency::Read,
        Ok(_) if is_safe => Urgency::Search,
        Ok(_) => Urgency::Write,
    }
}

/// True for a path below the base that is an address of FHIR here, whatever is done with it.
pub fn is_address(path: &str) -> bool {
    decoded_path(path).is_ok_and(|path| Route::parse(&path).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_tells_how_urgent_it_is() {
        for (method, path, expect) in [
            (Method::GET, "/Patient/1/$summary", Urgency::Emergency),
            (Method::GET, "/Patient/1", Urgency::Read),
            (Method::HEAD, "/Patient/1/_history/2", Urgency::Read),
            (Method::GET, "/metadata", Urgency::Read),
            (Method::GET, "/nothing", Urgency::Read),
            (Method::PUT, "/Patient/1", Urgency::Write),
            (Method::POST, "/Patient", Urgency::Write),
            (Method::POST, "/", Urgency::Write),
            (Method::GET, "/Patient", Urgency::Search),
            (Method::POST, "/Patient/_search", Urgency::Search),
            (Method::GET, "/Patient/1/_history", Urgency::Search),
            (Method::GET, "/Patient/1/Observation", Urgency::Search),
            (Method::GET, "/Patient/1/$everything", Urgency::Search),
            (Method::GET, "/$export", Urgency::Export),
            (Method::GET, "/_jobs/1/Patient.0.ndjson", Urgency::Export),
        ] {
            assert_eq!(urgency(&method, path), expect, "{method} {path}");
        }
    }
}
