//! Formats and codings, both ways.

use crate::clinic::Clinic;
use std::io::{Read, Write};

#[test]
fn json_is_written_and_nothing_else() {
    Clinic::open().check(r#"
        PUT /Patient/a <<< {"resourceType":"Patient","id":"a"} => 201
        GET /Patient/a | Accept: application/fhir+json => 200 ; Content-Type: application/fhir+json; charset=utf-8
        GET /Patient/a | Accept: application/json => 200 ; Content-Type: application/json; charset=utf-8
        GET /Patient/a | Accept: text/json => 200 ; Content-Type: application/json; charset=utf-8
        GET /Patient/a | Accept: application/fhir+xml;q=0.9, */*;q=0.1 => 200
        GET /Patient/a | Accept: application/fhir+xml => 406 not-supported ; ~ http.Accept
        GET /Patient/a | Accept: text/turtle => 406 not-supported
        GET /Patient/a | Accept: text/html => 406 not-supported
        GET /Patient/a?_format=xml => 406 not-supported ; ~ http._format
        GET /Patient/a?_format=json | Accept: application/fhir+xml => 200
        GET /Patient/a?_format=application/fhir%2Bjson => 200
        GET /Patient/a?_format=application/fhir+json => 200
        GET /Patient?_format=ttl => 406 not-supported
        POST /Patient | Accept: application/fhir+xml <<< {"resourceType":"Patient"} => 406 not-supported
        GET /metadata | Accept: application/fhir+xml => 406 not-supported
        GET /Patient/a?_pretty=maybe => 400 value
        GET /Patient/none?_pretty=true => 404 not-found ; ~   "resourceType": "OperationOutcome"
    "#);
}

#[test]
fn bodies_say_what_they_are() {
    Clinic::open().check(r#"
        POST /Patient | -Content-Type <<< {"resourceType":"Patient"} => 415 not-supported
        POST /Patient | Content-Type: text/plain <<< {"resourceType":"Patient"} => 415 not-supported
        POST /Patient | Content-Type: application/fhir+xml <<< <Patient/> => 415 not-supported
        POST /Patient | Content-Type: application/json <<< {"resourceType":"Patient"} => 201
        POST /Patient | Content-Type: application/fhir+json; charset=utf-8 <<< {"resourceType":"Patient"} => 201
        POST /Patient | Content-Type: application/fhir+json; charset=iso-8859-1 <<< {"resourceType":"Patient"} => 415 not-supported
        POST /Patient/_search | Content-Type: application/json <<< {} => 415 not-supported
        POST /Patient/_search | -Content-Type <<< name=x => 415 not-supported
        POST /Patient/_search?name=x | -Content-Type => 200
        POST /_search?_type=Patient&name=x => 200
        POST / | Content-Type: text/plain <<< {} => 415 not-supported
        POST /Patient | Content-Encoding: br <<< {"resourceType":"Patient"} => 415 not-supported ; Accept-Encoding: gzip, zstd
        POST /Patient | Content-Encoding: gzip <<< {"resourceType":"Patient"} => 400 structure
    "#);
}

#[test]
fn compressed_both_ways() {
    let clinic = Clinic::open();
    let note = "x".repeat(5000);
    let body = format!(r#"{{"resourceType":"Basic","id":"b","code":{{"text":"{note}"}}}}"#);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(body.as_bytes()).unwrap();
    let json = ("content-type", "application/fhir+json");
    let reply = clinic.ask("PUT", "/Basic/b", &[json, ("content-encoding", "gzip")], gzip.finish().unwrap());
    assert_eq!(reply.status, 201, "{}", reply.text());
    let packed = zstd::encode_all(body.as_bytes(), 1).unwrap();
    assert_eq!(clinic.ask("PUT", "/Basic/b", &[json, ("content-encoding", "zstd")], packed).status, 200);
    let plain = clinic.get("/Basic/b");
    assert!(plain.text().contains(&note));
    for (coding, expect) in [("gzip", "gzip"), ("zstd, gzip;q=0.5", "zstd"), ("br", ""), ("identity", "")] {
        let reply = clinic.ask("GET", "/Basic/b", &[("accept-encoding", coding)], "");
        assert_eq!(reply.header("content-encoding"), expect);
        assert!(reply.header("vary").contains("Accept-Encoding"));
        let mut text = String::new();
        match expect {
            "gzip" => drop(flate2::read::GzDecoder::new(&reply.body[..]).read_to_string(&mut text).unwrap()),
            "zstd" => drop(zstd::stream::read::Decoder::new(&reply.body[..]).unwrap().read_to_string(&mut text).unwrap()),
            _ => text = reply.text().to_owned(),
        }
        assert_eq!(text, plain.text());
    }
    let small = clinic.ask("GET", "/Basic/none", &[("accept-encoding", "gzip")], "");
    assert_eq!(small.header("content-encoding"), "");
}
