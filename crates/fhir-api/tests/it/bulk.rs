//! Bulk export: begun, asked for, fetched, ended.

use crate::clinic::Clinic;
use fhir::Document;

fn nation() -> Clinic {
    let clinic = Clinic::open();
    for number in 0..6 {
        clinic.put(&format!("/Patient/p{number}"), format!(r#"{{"resourceType":"Patient","id":"p{number}","gender":"{}"}}"#, if number % 2 == 0 { "female" } else { "male" }));
        clinic.put(
            &format!("/Observation/o{number}"),
            format!(r#"{{"resourceType":"Observation","id":"o{number}","status":"final","code":{{"coding":[{{"code":"c{}"}}]}},"subject":{{"reference":"Patient/p{number}"}},"valueString":"x"}}"#, number % 3),
        );
    }
    clinic.put("/Organization/org", r#"{"resourceType":"Organization","id":"org","name":"Clinic"}"#);
    clinic.put("/Observation/gone", r#"{"resourceType":"Observation","id":"gone","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/p0"}}"#);
    assert_eq!(clinic.ask("DELETE", "/Observation/gone", &[], "").status, 204);
    clinic.put(
        "/Group/g",
        r#"{"resourceType":"Group","id":"g","type":"person","actual":true,"member":[{"entity":{"reference":"Patient/p1"}},{"entity":{"reference":"Patient/p2"}},{"entity":{"reference":"Patient/p3"},"inactive":true},{"entity":{"reference":"Patient/p4"},"period":{"end":"2001-01-01"}},{"entity":{"reference":"Patient/p4"},"period":{"start":"2999-01-01"}}]}"#,
    );
    clinic
}

/// Begins an export, waits for its manifest, and gives the lines of each file by type.
pub fn exported(clinic: &Clinic, address: &str) -> Vec<String> {
    let told = |line: &String| {
        let document = Document::read(line).unwrap();
        let (kind, id) = (document.root().string("resourceType").unwrap().into_owned(), document.root().string("id").unwrap_or_default().into_owned());
        format!("{kind} {id}{}", if line.contains("DELETE") { " deleted" } else { "" })
    };
    let mut lines: Vec<String> = written(clinic, address).iter().map(told).collect();
    lines.sort();
    lines
}

/// The same, each line as it was written.
fn written(clinic: &Clinic, address: &str) -> Vec<String> {
    let begun = clinic.ask("GET", address, &[("prefer", "respond-async")], "");
    assert_eq!(begun.status, 202, "{}", begun.text());
    let place = begun.header("content-location").to_owned();
    let status = place.split_once("/fhir").unwrap().1.to_owned();
    let manifest = clinic.finished(&status);
    let document = Document::read(manifest.text()).unwrap();
    let mut lines = Vec::new();
    for list in ["output", "deleted"] {
        for file in document.root().get(list).unwrap().items() {
            let url = file.string("url").unwrap();
            let answer = clinic.get(url.split_once("/fhir").unwrap().1);
            assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/fhir+ndjson"));
            let own: Vec<String> = answer.text().lines().map(str::to_owned).collect();
            assert_eq!(own.len().to_string(), file.get("count").unwrap().raw(), "{url}");
            lines.extend(own);
        }
    }
    assert_eq!(clinic.ask("DELETE", &status, &[], "").status, 202);
    assert_eq!(clinic.get(&status).status, 404);
    lines
}

#[test]
fn each_level_exports_what_belongs_to_it() {
    let clinic = nation();
    assert_eq!(exported(&clinic, "/$export").len(), 14);
    let patients = exported(&clinic, "/Patient/$export");
    assert_eq!(patients.len(), 12);
    assert!(patients.iter().all(|line| line.starts_with("Patient ") || line.starts_with("Observation ")));
    assert_eq!(exported(&clinic, "/Group/g/$export"), ["Observation o1", "Observation o2", "Patient p1", "Patient p2"]);
    // A group that is a member brings its members along, also where two are members of each other.
    for (id, members) in [("outer", ["Patient/p0", "Group/inner", "Group/none"]), ("inner", ["Patient/p5", "Group/outer", "Practitioner/x"])] {
        let members = members.map(|whom| format!(r#"{{"entity":{{"reference":"{whom}"}}}}"#)).join(",");
        assert_eq!(clinic.put(&format!("/Group/{id}"), format!(r#"{{"resourceType":"Group","id":"{id}","type":"person","actual":true,"member":[{members}]}}"#)).status, 201);
    }
    assert_eq!(exported(&clinic, "/Group/outer/$export?_type=Patient"), ["Patient p0", "Patient p5"]);
    clinic.put("/Group/all-of-a-kind", r#"{"resourceType":"Group","id":"all-of-a-kind","type":"person","actual":false,"characteristic":[{"code":{"text":"x"},"valueBoolean":true,"exclude":false}]}"#);
    clinic.check("GET /Group/all-of-a-kind/$export | Prefer: respond-async => 422 not-supported ; ~ Group.actual");
    assert_eq!(exported(&clinic, "/Patient/$export?_type=Patient").len(), 6);
    assert_eq!(exported(&clinic, "/$export?_type=Observation&_typeFilter=Observation?code=c1,c2"), ["Observation o1", "Observation o2", "Observation o4", "Observation o5"]);
    assert_eq!(exported(&clinic, "/$export?_type=Patient,Observation&_typeFilter=Observation?code=c1,Patient?gender=male").len(), 5);
    assert_eq!(exported(&clinic, "/$export?_since=2000-01-01&_type=Observation").iter().filter(|line| line.ends_with("deleted")).count(), 1);
    assert!(exported(&clinic, "/$export?_since=2999-01-01").is_empty());
    assert_eq!(exported(&clinic, "/Patient/$everything"), patients);
    assert_eq!(exported(&clinic, "/Patient/$everything?_type=Patient").len(), 6);
}

#[test]
fn files_come_packed_where_that_is_asked_for() {
    let clinic = nation();
    let begun = clinic.ask("GET", "/Patient/$export?_type=Patient", &[("prefer", "respond-async")], "");
    let status = begun.header("content-location").split_once("/fhir").unwrap().1.to_owned();
    let manifest = loop {
        let answer = clinic.get(&status);
        if answer.status == 200 {
            break answer;
        }
        clinic.wait();
    };
    let document = Document::read(manifest.text()).unwrap();
    for file in document.root().get("output").unwrap().items() {
        let url = file.string("url").unwrap();
        let path = url.split_once("/fhir").unwrap().1;
        let plain = clinic.get(path);
        for name in ["application/fhir+ndjson", "application/ndjson", "application/x-ndjson;q=0.9", "application/fhir+json", "*/*"] {
            let asked = clinic.ask("GET", path, &[("accept", name)], "");
            assert_eq!((asked.status.as_u16(), asked.header("content-type")), (200, "application/fhir+ndjson"), "Accept: {name}");
            assert_eq!(asked.body, plain.body);
        }
        assert_eq!(clinic.ask("GET", path, &[("accept", "text/csv")], "").status, 406);
        for (coding, unpack) in [("gzip", (|bytes: &[u8]| { let mut out = Vec::new(); std::io::Read::read_to_end(&mut flate2::read::MultiGzDecoder::new(bytes), &mut out).unwrap(); out }) as fn(&[u8]) -> Vec<u8>), ("zstd", |bytes| zstd::decode_all(bytes).unwrap())] {
            let packed = clinic.ask("GET", path, &[("accept-encoding", coding)], "");
            assert_eq!((packed.header("content-encoding"), packed.header("content-type")), (coding, "application/fhir+ndjson"));
            assert_eq!(unpack(&packed.body), plain.body);
        }
    }
}

#[test]
fn what_is_asked_wrongly_is_refused() {
    nation().check(r#"
        GET /$export => 400 required ; ~ respond-async
        GET /Patient/$everything => 403 too-costly ; ~ respond-async
        GET /Patient/$everything?start=2024 | Prefer: respond-async => 400 not-supported ; ~ start is for one
        GET /$export?_type=Nonsense | Prefer: respond-async => 400 value
        GET /Patient/$export?_type=Patient,Organization | Prefer: respond-async => 400 not-supported ; ~ http._type
        GET /Group/g/$export?_type=Practitioner | Prefer: respond-async => 400 not-supported ; ~ http._type
        GET /Patient/$everything?_type=Organization | Prefer: respond-async => 400 not-supported ; ~ http._type
        GET /Patient/$export?_type=Patient,Organization | Prefer: respond-async, handling=lenient => 202 ; warning: 199 - "Parameters passed over: _type"
        GET /$export?_type=Organization | Prefer: respond-async => 202
        GET /$export?_since=soon | Prefer: respond-async => 400 value
        GET /$export?_outputFormat=csv | Prefer: respond-async => 400 not-supported
        GET /$export?_typeFilter=Observation | Prefer: respond-async => 400 value
        GET /$export?_typeFilter=Patient?gender=male%0Alevel%20system | Prefer: respond-async => 400 value
        GET /$export?_type=Observation&_typeFilter=Condition?code=x | Prefer: respond-async => 400 value ; ~ http._typeFilter
        GET /$export?_typeFilter=Observation?patient.name=x | Prefer: respond-async => 400 value
        GET /$export?_typeFilter=Observation?nonsense=x | Prefer: respond-async => 400 not-supported
        GET /$export?_elements=bogus | Prefer: respond-async => 400 not-supported
        GET /$export?_elements= | Prefer: respond-async => 400 not-supported
        GET /Patient/$export?_elements=id,Patient.bogus | Prefer: respond-async => 400 not-supported
        GET /Patient/$export?_type=Patient&_elements=status | Prefer: respond-async => 400 not-supported
        GET /Patient/$everything?_elements=bogus | Prefer: respond-async => 400 not-supported
        GET /$export?_elements=bogus | Prefer: respond-async, handling=lenient => 202
        GET /$export?includeAssociatedData=x | Prefer: respond-async => 400 not-supported
        GET /Group/none/$export | Prefer: respond-async => 404 not-found
        GET /_jobs/none => 404 not-found
        GET /_jobs/00000000000000000000000000000000 => 404 not-found
        GET /_jobs/00000000000000000000000000000000/Patient.0.ndjson => 404 not-found
        DELETE /_jobs/00000000000000000000000000000000 => 404 not-found
        GET /_jobs/00000000000000000000000000000000/refused.0.ndjson => 404 not-found
        POST /_jobs/1 => 405 not-supported
    "#);
}

#[test]
fn an_export_holds_the_elements_that_were_named_with_their_type() {
    let lines = written(&nation(), "/Patient/$export?_type=Patient,Observation&_elements=Patient.gender");
    let (persons, others): (Vec<&String>, Vec<&String>) = lines.iter().partition(|line| line.contains(r#""resourceType":"Patient""#));
    assert_eq!((persons.len(), others.len()), (6, 6), "{lines:?}");
    assert!(persons.iter().all(|line| line.contains(r#""gender""#) && line.contains("SUBSETTED")), "{persons:?}");
    assert!(others.iter().all(|line| line.contains(r#""status""#) && !line.contains("valueString") && line.contains("SUBSETTED")), "{others:?}");
}

#[test]
fn whoever_may_not_export_may_not_ask_for_everybody() {
    for role in [access::Role::Physician, access::Role::Nurse, access::Role::Admissions, access::Role::Operator] {
        Clinic::open_as(role).check("
            GET /Patient/$export | Prefer: respond-async => 403 forbidden
            GET /Patient/$everything | Prefer: respond-async => 403 forbidden
        ");
    }
}

#[test]
fn a_filter_by_codes_goes_by_one_set_of_them() {
    let clinic = nation();
    let set = |code: &str| format!(r#"{{"resourceType":"ValueSet","id":"reds","url":"urn:set:reds","status":"active","compose":{{"include":[{{"system":"urn:reds","concept":[{{"code":"{code}"}}]}}]}}}}"#);
    clinic.put("/ValueSet/reds", set("crimson"));
    clinic.put("/Observation/red", r#"{"resourceType":"Observation","id":"red","status":"final","code":{"coding":[{"system":"urn:reds","code":"crimson"}]},"subject":{"reference":"Patient/p0"}}"#);
    let address = "/Patient/$export?_type=Observation&_typeFilter=Observation?code:in=urn:set:reds";
    assert_eq!(exported(&clinic, address), ["Observation red"]);
    let begun = clinic.ask("GET", address, &[("prefer", "respond-async")], "");
    assert_eq!(begun.status, 202, "{}", begun.text());
    let status = begun.header("content-location").split_once("/fhir").unwrap().1.to_owned();
    let manifest = clinic.finished(&status);
    let document = Document::read(manifest.text()).unwrap();
    let file = document.root().path(&["output", "url"]).unwrap().as_str().unwrap().split_once("/fhir").unwrap().1.to_owned();
    clinic.put("/ValueSet/reds", set("scarlet"));
    let answer = clinic.get(&file);
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (409, "conflict"), "{}", answer.text());
    assert!(exported(&clinic, address).is_empty());
}
