//! Histories and their pages.

use crate::clinic::Clinic;
use fhir::Document;

#[test]
fn a_history_tells_every_version_newest_first() {
    let clinic = Clinic::open();
    clinic.check(r#"
        PUT /Patient/a <<< {"resourceType":"Patient","id":"a"} => 201
        PUT /Patient/a <<< {"resourceType":"Patient","id":"a","active":true} => 200
        DELETE /Patient/a => 204
        GET /Patient/a/_history => 200 ; ~ "type":"history" ; ~ "total":3 ; ~ "method":"DELETE" ; ~ "status":"204 No Content"
        GET /Patient/b/_history => 404 not-found
        GET /Patient/_history => 200 ; ~ "type":"history" ; ~ "method":"POST","url":"Patient"
        GET /_history => 200 ; ~ "method":"PUT","url":"Patient/a"
        GET /Observation/_history => 200 ; !~ "entry"
        GET /Patient/a/_history?_since=2999-01-01T00:00:00Z => 200 ; !~ "resource":
        GET /Patient/a/_history?_at=2026 => 200
        GET /Patient/a/_history?_count=0 => 400 value
        GET /Patient/a/_history?_count=x => 400 value
        GET /Patient/a/_history?_since=yesterday => 400 value ; ~ http._since
        GET /Patient/a/_history?name=x => 400 not-supported
        GET /Patient/a/_history?name=x&_count=2 | Prefer: handling=lenient => 200 ; ~ _history?_count=2" ; !~ name=x
        GET /Patient/a/_history?_cursor=rubbish => 400
        GET /Patient/a/_history?_summary=true => 200 ; ~ SUBSETTED
    "#);
    let versions: Vec<_> = walk(&clinic, "/Patient/a/_history?_count=1");
    assert_eq!(versions, ["W/\"3\"", "W/\"2\"", "W/\"1\""]);
    assert_eq!(walk(&clinic, "/_history?_count=2").len(), 3);
}

/// The etags of all pages.
fn walk(clinic: &Clinic, path: &str) -> Vec<String> {
    let (mut path, mut found) = (path.to_owned(), Vec::new());
    loop {
        let reply = clinic.get(&path);
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        let document = Document::read(reply.text()).unwrap();
        let root = document.root();
        let entries = root.get("entry").into_iter().flat_map(|list| list.items());
        found.extend(entries.map(|entry| entry.path(&["response", "etag"]).unwrap().as_str().unwrap().into_owned()));
        let mut links = root.get("link").unwrap().items();
        match links.find(|link| link.string("relation").unwrap() == "next") {
            Some(link) => path = link.string("url").unwrap().strip_prefix("http://localhost/fhir").unwrap().to_owned(),
            None => return found,
        }
        assert!(found.len() < 100);
    }
}
