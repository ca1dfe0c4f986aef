//! What a FHIR document holds, as arrivals for the door.

use chart::Arrival;
use fhir::Value;

/// The resources of a document: the entries of a Bundle, or the one resource it is.
pub fn of<'d>(root: Value<'d>) -> Vec<Arrival<'d>> {
    let is_bundle = root.string("resourceType").as_deref() == Some("Bundle");
    let kind = root.string("type");
    if is_bundle && matches!(kind.as_deref(), Some("transaction" | "batch" | "collection" | "document" | "searchset" | "message" | "history")) {
        return root.get("entry").into_iter().flat_map(|entries| entries.items()).map(entry).collect();
    }
    vec![Arrival { body: Some(root), full_url: None, method: None, url: None, if_none_exist: None }]
}

fn entry(entry: Value<'_>) -> Arrival<'_> {
    let request = entry.get("request");
    let text = |name: &str| request.and_then(|request| request.string(name)).map(|text| text.into_owned());
    Arrival {
        body: entry.get("resource"),
        full_url: entry.string("fullUrl").map(|url| url.into_owned()),
        method: text("method"),
        url: text("url"),
        if_none_exist: text("ifNoneExist"),
    }
}
