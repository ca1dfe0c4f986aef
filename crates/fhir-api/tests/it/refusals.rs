//! Every address, asked by nobody: 401, and nothing but the metadata without.

use crate::clinic::Clinic;
use access::Role;

/// Every route with every method it takes.
const ROUTES: &[(&str, &str)] = &[
    ("GET", "/"), ("HEAD", "/"), ("POST", "/"), ("GET", "/?_type=Patient"), ("POST", "/_search"), ("GET", "/_history"), ("HEAD", "/_history"),
    ("GET", "/Patient"), ("HEAD", "/Patient"), ("POST", "/Patient"), ("PUT", "/Patient?identifier=a"), ("PATCH", "/Patient?identifier=a"),
    ("DELETE", "/Patient?identifier=a"), ("POST", "/Patient/_search"), ("GET", "/Patient/_history"), ("GET", "/Patient/a"), ("HEAD", "/Patient/a"),
    ("PUT", "/Patient/a"), ("PATCH", "/Patient/a"), ("DELETE", "/Patient/a"), ("GET", "/Patient/a/_history"), ("GET", "/Patient/a/_history/1"),
    ("GET", "/Patient/a/$everything"), ("POST", "/Patient/a/$everything"), ("GET", "/Binary/a"), ("POST", "/Binary"), ("PUT", "/Binary/a"),
    ("GET", "/nowhere"), ("GET", "/Patient/a/b/c/d/e"), ("OPTIONS", "/Patient"), ("TRACE", "/"), ("GET", "/$export"), ("POST", "/metadata/x"),
    ("GET", "/Patient/a%2Fb"), ("DELETE", "/"), ("PUT", "/"),
];

#[test]
fn without_a_sign_in_every_address_is_closed() {
    let clinic = Clinic::closed();
    for (method, path) in ROUTES {
        for headers in [&[][..], &[("authorization", "Bearer abc")], &[("authorization", "Basic !!")], &[("authorization", "")]] {
            let reply = clinic.ask(method, path, headers, "");
            // An address that cannot be decoded is refused before anybody looks who asks.
            let fine = reply.status == 401 || (path.contains('%') && reply.status == 404);
            assert!(fine, "{method} {path} {headers:?}: {} {}", reply.status, reply.text());
            if reply.status == 401 {
                let is_token = headers.iter().any(|(_, value)| value.starts_with("Bearer"));
                let expected = if is_token { "Bearer realm=\"Carnet\", error=\"invalid_token\"" } else { "Basic realm=\"Carnet\", charset=\"UTF-8\"" };
                assert_eq!(reply.header("www-authenticate"), expected, "{method} {path} {headers:?}");
                assert!(method == &"HEAD" || reply.code() == "login", "{method} {path}");
            }
        }
    }
    assert_eq!(clinic.get("/metadata").status, 200);
    assert_eq!(clinic.ask("HEAD", "/metadata", &[], "").status, 200);
}

#[test]
fn a_role_gets_no_further_than_its_rule() {
    let clinic = Clinic::open_as(Role::Operator);
    clinic.check(r#"
        PUT /Patient/a <<< {"resourceType":"Patient","id":"a"} => 404 not-found
        POST /Patient <<< {"resourceType":"Patient"} => 404 not-found
        GET /Patient/a => 404 not-found
        GET /Patient/a/$everything => 404 not-found
        GET /Patient/a/_history => 404 not-found
    "#);
}

#[test]
fn a_foreign_page_cannot_use_the_readers_sign_in() {
    Clinic::open().check(r#"
        POST /Patient | Sec-Fetch-Site: cross-site <<< {"resourceType":"Patient"} => 403 security
        DELETE /Patient/a | Sec-Fetch-Site: cross-site => 403 security
        POST /Patient | Sec-Fetch-Site: same-origin <<< {"resourceType":"Patient"} => 201
        GET /Patient/none | Sec-Fetch-Site: cross-site => 404 not-found
        GET /Patient/none | -Host => 400 value ; ~ http.Host
        GET /Patient/none | -Host | Host: record.example => 421 security
        GET /Patient/none | -Host | Host: 127.0.0.1.evil.example => 421 security
        GET /Patient/none | -Host | Host: a/b => 400 value
        GET /metadata | -Host | Host: evil.example => 421 security
        GET /Patient/none | -Host | Host: [::1]:8080 => 404 not-found
    "#);
}

#[test]
fn what_an_address_does_not_take_is_told_with_what_it_does() {
    Clinic::open().check(r#"
        POST /metadata => 405 not-supported ; Allow: GET, HEAD
        DELETE / => 405 not-supported ; Allow: GET, HEAD, POST
        PUT / => 405 not-supported ; Allow: GET, HEAD, POST
        POST /Patient/a => 405 not-supported ; Allow: GET, HEAD, PUT, PATCH, DELETE
        GET /Patient/_search => 405 not-supported ; Allow: POST
        DELETE /Patient/a/_history/1 => 405 not-supported ; Allow: GET, HEAD
        POST /Patient/_history => 405 not-supported ; Allow: GET, HEAD
        DELETE /Patient/a/$everything => 405 not-supported ; Allow: GET, HEAD, POST
        OPTIONS /Patient => 405 not-supported ; Allow: GET, HEAD, POST, PUT, PATCH, DELETE
        TRACE /Patient/a => 405 not-supported
    "#);
}
