//! GraphQL: what is asked for comes, in the shape that was asked for, and nothing else does.

use crate::clinic::{Clinic, Reply};
use access::Role;
use testkit::{block_on, caller};

fn ward() -> Clinic {
    let clinic = Clinic::open();
    clinic.check(r##"
        PUT /Organization/org <<< {"resourceType":"Organization","id":"org","name":"Clinic"} => 201
        PUT /Patient/ana <<< {"resourceType":"Patient","id":"ana","active":true,"name":[{"use":"official","family":"Ruiz","given":["Ana","Eva"]},{"use":"nickname","given":["Anita"]}],"birthDate":"1958-03-14","_birthDate":{"extension":[{"url":"urn:time","valueTime":"10:00:00"}]},"managingOrganization":{"reference":"Organization/org"},"generalPractitioner":[{"reference":"#gp"}],"contained":[{"resourceType":"Practitioner","id":"gp","name":[{"family":"Nunez"}]}]} => 201
        PUT /Patient/lost <<< {"resourceType":"Patient","id":"lost","managingOrganization":{"reference":"http://elsewhere.example/Organization/9"}} => 201
        PUT /Observation/o1 <<< {"resourceType":"Observation","id":"o1","status":"final","code":{"coding":[{"system":"urn:c","code":"w"}]},"subject":{"reference":"Patient/ana"},"valueQuantity":{"value":70.50,"unit":"kg"}} => 201
        PUT /Observation/o2 <<< {"resourceType":"Observation","id":"o2","status":"final","code":{"text":"Note"},"subject":{"reference":"Patient/ana"},"valueString":"well"} => 201
        PUT /Observation/o3 <<< {"resourceType":"Observation","id":"o3","status":"preliminary","code":{"text":"Note"},"subject":{"reference":"Patient/lost"},"valueString":"x"} => 201
    "##);
    clinic
}

fn ask(clinic: &Clinic, path: &str, query: &str) -> Reply {
    clinic.ask("POST", path, &[("content-type", "application/graphql")], query.to_owned())
}

fn check(clinic: &Clinic, path: &str, query: &str, expect: &str) {
    let reply = ask(clinic, path, query);
    assert_eq!(reply.text(), format!("{{\"data\":{expect}}}"), "{query}");
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), "application/json; charset=utf-8");
}

#[test]
fn elements_are_picked_as_the_definitions_know_them() {
    let clinic = ward();
    let at_ana = |query: &str, expect: &str| check(&clinic, "/Patient/ana/$graphql", query, expect);
    at_ana("{ id resourceType active birthDate gender }", r#"{"id":"ana","resourceType":"Patient","active":true,"birthDate":"1958-03-14","gender":null}"#);
    at_ana("{ name { use given } }", r#"{"name":[{"use":"official","given":["Ana","Eva"]},{"use":"nickname","given":["Anita"]}]}"#);
    at_ana("{ name(use: official) { family } }", r#"{"name":[{"family":"Ruiz"}]}"#);
    at_ana("{ name(use: [\"official\", \"nickname\"], _offset: 1) { given } }", r#"{"name":[{"given":["Anita"]}]}"#);
    at_ana("{ name(fhirpath: \"family.exists()\") { given(_count: 1) } }", r#"{"name":[{"given":["Ana"]}]}"#);
    at_ana("{ born: birthDate _birthDate { extension(url: \"urn:time\") { valueTime } } }", r#"{"born":"1958-03-14","_birthDate":{"extension":[{"valueTime":"10:00:00"}]}}"#);
    at_ana("{ name { family } name { use } }", r#"{"name":[{"family":"Ruiz","use":"official"},{"family":null,"use":"nickname"}]}"#);
    at_ana("{ ...p __typename } fragment p on Patient { id ... on Observation { status } }", r#"{"id":"ana","__typename":"Patient"}"#);
    let at_weight = |query: &str, expect: &str| check(&clinic, "/Observation/o1/$graphql", query, expect);
    at_weight("{ value { ... on Quantity { value unit } } }", r#"{"value":{"value":70.50,"unit":"kg"}}"#);
    at_weight("{ valueQuantity { value } valueString }", r#"{"valueQuantity":{"value":70.50},"valueString":null}"#);
    check(&clinic, "/Observation/o2/$graphql", "{ value valueString }", r#"{"value":"well","valueString":"well"}"#);
}

#[test]
fn directives_change_the_shape() {
    let clinic = ward();
    let at_ana = |query: &str, expect: &str| check(&clinic, "/Patient/ana/$graphql", query, expect);
    at_ana("{ name @first { given } }", r#"{"name":{"given":["Ana","Eva"]}}"#);
    at_ana("{ name @flatten { given } }", r#"{"given":["Ana","Eva","Anita"]}"#);
    at_ana("{ name @flatten { given @first } }", r#"{"given":["Ana","Anita"]}"#);
    at_ana("{ name @first @flatten { text given family @singleton } }", r#"{"given":["Ana","Eva"],"family":"Ruiz"}"#);
    at_ana("{ name @flatten @slice(path: \"use\") { given family @singleton } }", r#"{"given.official":["Ana","Eva"],"family.official":"Ruiz","given.nickname":["Anita"]}"#);
    at_ana("{ name @slice(path: \"use\") { given } }", r#"{"name.official":[{"given":["Ana","Eva"]}],"name.nickname":[{"given":["Anita"]}]}"#);
    at_ana("{ name @slice(path: \"$index\") @flatten { given @first @singleton } }", r#"{"given.0":"Ana","given.1":"Anita"}"#);
    at_ana("query q($yes: Boolean = true) { id @skip(if: $yes) active @include(if: $yes) }", r#"{"active":true}"#);
}

#[test]
fn what_stands_under_one_name_asks_for_one_thing() {
    let clinic = ward();
    for query in [
        "{ name(use: official) { family } name(use: nickname) { given } }",
        "{ name { family } name(use: nickname) { given } }",
        "{ x: birthDate x: gender }",
        "{ x: id ... on Patient { x: active } }",
        "{ name { family given(_count: 1) } ...p } fragment p on Patient { name { given } }",
        "{ ObservationList(_reference: patient, status: \"final\") { id } ObservationList(_reference: patient) { id } }",
        "{ name(use: official) @first { family } name(use: nickname) @first { given } }",
    ] {
        let reply = ask(&clinic, "/Patient/ana/$graphql", query);
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (400, "invalid"), "{query}: {}", reply.text());
        assert!(reply.text().contains("alias"), "{query}: {}", reply.text());
    }
    let reply = ask(&clinic, "/$graphql", "{ Patient(id: ana) { id } Patient(id: lost) { id } }");
    assert_eq!(reply.status, 400, "{}", reply.text());
    let at_ana = |query: &str, expect: &str| check(&clinic, "/Patient/ana/$graphql", query, expect);
    at_ana("{ name(use: official, _count: 1) { family } name(_count: 1, use: official) { use } }", r#"{"name":[{"family":"Ruiz","use":"official"}]}"#);
    at_ana("{ a: name(use: official) { family } b: name(use: nickname) { given } }", r#"{"a":[{"family":"Ruiz"}],"b":[{"given":["Anita"]}]}"#);
    // What is not there for this type is no second field, and what is flattened has no name.
    at_ana("{ x: id ... on Observation { x: status } }", r#"{"x":"ana"}"#);
    at_ana("{ name(use: official) @flatten { family @singleton } name(use: nickname) @flatten { given } }", r#"{"family":"Ruiz","given":["Anita"]}"#);
}

#[test]
fn references_are_followed_and_searches_asked() {
    let clinic = ward();
    let at_ana = |query: &str, expect: &str| check(&clinic, "/Patient/ana/$graphql", query, expect);
    at_ana("{ managingOrganization { reference resource { ... on Organization { name } } } }", r#"{"managingOrganization":{"reference":"Organization/org","resource":{"name":"Clinic"}}}"#);
    at_ana("{ managingOrganization { resource(type: Practitioner) { id } } }", r#"{"managingOrganization":{"resource":null}}"#);
    at_ana("{ managingOrganization @flatten { resource @flatten { name } } }", r#"{"name":"Clinic"}"#);
    at_ana("{ generalPractitioner { resource { ... on Practitioner { name { family } } } } }", r#"{"generalPractitioner":[{"resource":{"name":[{"family":"Nunez"}]}}]}"#);
    at_ana("{ ObservationList(_reference: patient, status: \"final\") { id } }", r#"{"ObservationList":[{"id":"o1"},{"id":"o2"}]}"#);
    at_ana("{ ConditionList(_reference: patient) { id } }", r#"{"ConditionList":[]}"#);
    check(&clinic, "/Patient/lost/$graphql", "{ managingOrganization { resource(optional: true) { id } } }", r#"{"managingOrganization":{"resource":null}}"#);
    let at_system = |query: &str, expect: &str| check(&clinic, "/$graphql", query, expect);
    at_system("{ Patient(id: ana) { id } second: Patient(id: \"lost\") { id } }", r#"{"Patient":{"id":"ana"},"second":{"id":"lost"}}"#);
    at_system("{ PatientList(family: \"ruiz\") { id ObservationList(_reference: subject, value_quantity: \"70.5||kg\") { id } } }", r#"{"PatientList":[{"id":"ana","ObservationList":[{"id":"o1"}]}]}"#);
    check(&clinic, "/Patient/$graphql", "{ PatientList(family: \"ruiz\") { id } }", r#"{"PatientList":[{"id":"ana"}]}"#);
    at_ana("{ ObservationConnection(_reference: patient) { count next edges { mode resource { id } } } }", r#"{"ObservationConnection":{"count":2,"next":null,"edges":[{"mode":"match","resource":{"id":"o1"}},{"mode":"match","resource":{"id":"o2"}}]}}"#);
}

/// What GraphiQL and the like ask first.
const USUAL: &str = "query IntrospectionQuery { __schema { queryType { name } mutationType { name } subscriptionType { name } types { ...FullType } directives { name description locations args { ...InputValue } } } }
    fragment FullType on __Type { kind name description fields(includeDeprecated: true) { name description args { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason } inputFields { ...InputValue } interfaces { ...TypeRef } enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...TypeRef } }
    fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue }
    fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

#[test]
fn the_schema_is_told_as_the_definitions_have_it() {
    let clinic = ward();
    check(&clinic, "/$graphql", "{ __type(name: \"HumanName\") { kind name fields { name } } }", r#"{"__type":{"kind":"OBJECT","name":"HumanName","fields":[{"name":"id"},{"name":"_id"},{"name":"extension"},{"name":"use"},{"name":"_use"},{"name":"text"},{"name":"_text"},{"name":"family"},{"name":"_family"},{"name":"given"},{"name":"_given"},{"name":"prefix"},{"name":"_prefix"},{"name":"suffix"},{"name":"_suffix"},{"name":"period"}]}}"#);
    check(&clinic, "/$graphql", "{ __type(name: \"Car\") { name } x: __schema { queryType { name } } }", r#"{"__type":null,"x":{"queryType":{"name":"Query"}}}"#);
    check(&clinic, "/Patient/ana/$graphql", "{ id __schema { queryType { name kind } } contact { __typename } }", r#"{"id":"ana","__schema":{"queryType":{"name":"Patient","kind":"OBJECT"}},"contact":null}"#);
    check(&clinic, "/Patient/$graphql", "{ __type(name: \"Query\") { fields { name type { kind name ofType { name } } } } }", r#"{"__type":{"fields":[{"name":"Patient","type":{"kind":"OBJECT","name":"Patient","ofType":null}},{"name":"PatientList","type":{"kind":"LIST","name":null,"ofType":{"name":"Patient"}}},{"name":"PatientConnection","type":{"kind":"OBJECT","name":"PatientConnection","ofType":null}}]}}"#);
    check(&clinic, "/$graphql", "{ PatientConnection(_count: 1, _sort: \"-_id\") { __typename edges { __typename resource { id } } } }", r#"{"PatientConnection":{"__typename":"PatientConnection","edges":[{"__typename":"PatientEdge","resource":{"id":"lost"}}]}}"#);
}

#[test]
fn the_usual_introspection_holds_together_and_what_it_promises_works() {
    let clinic = ward();
    let reply = ask(&clinic, "/$graphql", USUAL);
    assert_eq!(reply.status, 200, "{}", &reply.text()[..reply.text().len().min(500)]);
    let limits = fhir::Limits { size_bytes: 256 << 20, ..fhir::Limits::default() };
    let document = fhir::Document::read_owned_within(reply.text().to_owned(), limits).unwrap();
    let types: Vec<fhir::Value<'_>> = ["data", "__schema", "types"].iter().fold(document.root(), |value, name| value.get(name).unwrap()).items().collect();
    let text = |value: fhir::Value<'_>, name: &str| value.string(name).map(|text| text.into_owned()).unwrap_or_default();
    let names: std::collections::HashSet<String> = types.iter().map(|one| text(*one, "name")).collect();
    assert_eq!(names.len(), types.len(), "a type is told twice");
    let is_name = |name: &str| !name.is_empty() && !name.starts_with("__") && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let resolves = |mut of: fhir::Value<'_>| {
        while let Some(inside) = of.get("ofType").filter(|inside| !inside.is_null()) {
            of = inside;
        }
        names.contains(&text(of, "name"))
    };
    let list = |value: fhir::Value<'_>, name: &str| value.get(name).filter(|list| !list.is_null()).map(|list| list.items().map(|one| one.raw().to_owned()).collect::<Vec<_>>()).unwrap_or_default();
    let mut told = 0;
    for one in &types {
        let (name, fields) = (text(*one, "name"), list(*one, "fields"));
        assert!(is_name(&name) && (text(*one, "kind") != "OBJECT" || !fields.is_empty()), "{name}");
        let mut seen = std::collections::HashSet::new();
        for field in &fields {
            let field = fhir::Document::read(field).unwrap();
            let part = text(field.root(), "name");
            assert!(is_name(&part) && seen.insert(part.clone()) && resolves(field.root().get("type").unwrap()), "{name}.{part}");
            let mut arguments = std::collections::HashSet::new();
            for argument in list(field.root(), "args") {
                let argument = fhir::Document::read(&argument).unwrap();
                assert!(is_name(&text(argument.root(), "name")) && arguments.insert(text(argument.root(), "name")) && resolves(argument.root().get("type").unwrap()), "{name}.{part}");
                told += 1;
            }
            told += 1;
        }
        // Every field of a resource without arguments and selections is one that may be asked for.
        if let Some(kind) = fhir::ResourceType::named(&name).filter(|kind| ["Patient", "Observation"].contains(&kind.name())) {
            let id = if kind.name() == "Patient" { "ana" } else { "o1" };
            let asked: String = fields.iter().filter_map(|field| {
                let field = fhir::Document::read(field).unwrap();
                let of = field.root().get("type").unwrap();
                let part = text(field.root(), "name");
                match (part.ends_with("List") || part.ends_with("Connection"), text(of, "kind").as_str()) {
                    (true, _) => None,
                    (_, "SCALAR" | "NON_NULL") => Some(format!("{part} ")),
                    (_, "LIST") if text(of.get("ofType").unwrap(), "kind") == "SCALAR" => Some(format!("{part} ")),
                    _ => Some(format!("{part} {{ __typename }} ")),
                }
            }).collect();
            let reply = ask(&clinic, &format!("/{kind}/{id}/$graphql"), &format!("{{ {asked} }}"));
            assert_eq!(reply.status, 200, "{asked}: {}", reply.text());
        }
    }
    assert!(names.contains("Patient_contact") && names.contains("Reference") && told > 10_000, "{told}");
    println!("{} types, {told} fields and arguments, {} bytes", types.len(), reply.text().len());
}

#[test]
fn what_is_contained_is_not_listed() {
    let reply = ask(&ward(), "/$graphql", "{ PatientList(family: \"ruiz\", _contained: \"true\") { id } }");
    assert!(reply.status == 400 && reply.text().contains("_contained has no meaning in GraphQL"), "{}", reply.text());
}

#[test]
fn a_connection_is_paged_by_its_cursor() {
    let clinic = ward();
    let page = |cursor: &str| {
        let argument = if cursor.is_empty() { String::new() } else { format!(", _cursor: \"{cursor}\"") };
        let reply = ask(&clinic, "/$graphql", &format!("{{ ObservationConnection(patient: \"ana\", _count: 1{argument}) {{ pagesize next edges {{ resource {{ id }} }} }} }}"));
        let document = fhir::Document::read_owned(reply.text().to_owned()).unwrap();
        let connection = document.root().path(&["data", "ObservationConnection"]).unwrap();
        assert_eq!(connection.get("pagesize").unwrap().raw(), "1");
        let id = connection.path(&["edges", "resource", "id"]).unwrap().as_str().unwrap().into_owned();
        (id, connection.string("next").map(|text| text.into_owned()))
    };
    let (first, next) = page("");
    let (second, end) = page(&next.unwrap());
    assert_eq!((first.as_str(), second.as_str(), end), ("o1", "o2", None));
}

#[test]
fn a_query_comes_in_each_way_it_may() {
    ward().check(r#"
        GET /Patient/ana/$graphql?query=%7Bid%7D => 200 ; ~ {"data":{"id":"ana"}}
        GET /$graphql?query=query%20q(%24i:ID!)%7BPatient(id:%24i)%7Bid%7D%7D&variables=%7B%22i%22:%22ana%22%7D&operationName=q => 200 ; ~ {"Patient":{"id":"ana"}}
        POST /$graphql | Content-Type: application/json <<< {"query":"query q($i: ID!) { Patient(id: $i) { id } }","variables":{"i":"ana"}} => 200 ; ~ {"Patient":{"id":"ana"}}
        POST /$graphql <<< {"resourceType":"Parameters","parameter":[{"name":"query","valueString":"{ Patient(id: ana) { id } }"}]} => 200 ; ~ {"Patient":{"id":"ana"}}
        POST /$graphql | Content-Type: text/plain <<< {id} => 415 not-supported
        POST /$graphql | Content-Type: application/json <<< {"query":"{id}","mutation":1} => 400 not-supported
        POST /$graphql | Content-Type: application/json <<< {"query":"{id}","variables":[]} => 400 structure
        POST /$graphql?query=%7Bid%7D | Content-Type: application/graphql <<< {id} => 400 invalid
        GET /$graphql => 400 required
        GET /$graphql?query=%7Bid%7D&x=1 => 400 not-supported
        GET /Patient/none/$graphql?query=%7Bid%7D => 404 not-found
        PUT /$graphql <<< {} => 405 not-supported
    "#);
}

#[test]
fn what_cannot_be_meant_is_refused_with_its_place() {
    let clinic = ward();
    let refused = |path: &str, query: &str, status: u16, told: &str| {
        let reply = ask(&clinic, path, query);
        assert!(reply.status == status && !reply.code().is_empty() && reply.text().contains(told), "{query}\n  {} {}", reply.status, reply.text());
    };
    refused("/Patient/ana/$graphql", "{ idd }", 400, "Patient has no element of that name (field idd, line 1, column 3 of the query)");
    refused("/Patient/ana/$graphql", "{ id { x } }", 400, "has no elements to select");
    refused("/Patient/ana/$graphql", "{ name }", 400, "say which elements of HumanName are wanted");
    refused("/Patient/ana/$graphql", "{ name(colour: \"x\") { use } }", 400, "no element of the name of the argument");
    refused("/Patient/ana/$graphql", "{ name(fhirpath: \"1 +\") { use } }", 400, "cannot be read");
    refused("/Patient/ana/$graphql", "{ name(fhirpath: \"%x\") { use } }", 400, "cannot be evaluated");
    refused("/Patient/ana/$graphql", "{ name @flatten { use @singleton } }", 400, "Two values");
    refused("/Patient/ana/$graphql", "{ x: name @flatten { a: use } name @flatten { a: given } }", 400, "Two values");
    refused("/Patient/ana/$graphql", "{ x: name @flatten { a: use a: given } }", 400, "Two fields under one name");
    refused("/Patient/ana/$graphql", "{ ObservationList { id } }", 400, "_reference");
    refused("/Patient/lost/$graphql", "{ managingOrganization { resource { id } } }", 400, "optional: true");
    refused("/$graphql", "{ id }", 400, "PatientList");
    refused("/$graphql", "{ __schema { colour } }", 400, "__Schema has no part of that name");
    refused("/$graphql", "{ __schema }", 400, "which parts of the schema");
    refused("/$graphql", "{ __type { name } }", 400, "takes the name");
    refused("/Patient/ana/$graphql", "{ name { __schema { types { name } } } }", 400, "no element of that name");
    refused("/$graphql", "{ Patient { id } }", 400, "by id");
    refused("/$graphql", "{ Patient(id: none) { id } }", 404, "not-found");
    refused("/$graphql", "{ PatientList(colour: \"x\") { id } }", 400, "colour");
    refused("/$graphql", "{ PatientList(_include: \"x\") { id } }", 400, "_include");
    refused("/$graphql", "{ PatientConnection(family: \"ruiz\") { size } }", 400, "A connection has");
    refused("/Patient/$graphql", "{ ObservationList(patient: \"ana\") { id } }", 400, "that type");
    refused("/$graphql", "{ Patient(id: ana) { ... on Car { id } } }", 400, "R4 does not have");
    refused("/$graphql", "mutation { PatientCreate { id } }", 400, "write by the FHIR API");
    let many: String = (0..2_001).map(|number| format!("a{number}:Patient(id:ana){{id}} ")).collect();
    refused("/$graphql", &format!("{{ {many} }}"), 403, "resources");
    let many: String = (0..210).map(|number| format!("a{number}: ConditionList(patient: \"ana\") {{ id }} ")).collect();
    refused("/$graphql", &format!("{{ {many} }}"), 403, "searches");
}

#[test]
fn one_long_value_is_not_answered_under_many_names_without_end() {
    let clinic = Clinic::open_with(fhir_api::Settings { body_limit_bytes: 4_000, ..Default::default() });
    let note = "x".repeat(1_500);
    assert_eq!(clinic.put("/Basic/b", format!(r#"{{"resourceType":"Basic","id":"b","code":{{"text":"{note}"}}}}"#)).status, 201);
    check(&clinic, "/Basic/b/$graphql", "{ code { text } }", &format!(r#"{{"code":{{"text":"{note}"}}}}"#));
    let reply = ask(&clinic, "/Basic/b/$graphql", "{ a: code { text } b: code { text } c: code { text } }");
    assert_eq!((reply.status.as_u16(), reply.code()), (403, "too-costly".to_owned()), "{}", reply.text());
    assert!(reply.text().contains("bytes"), "{}", reply.text());
}

#[test]
fn whoever_is_followed_to_leaves_an_opening() {
    let clinic = Clinic::open_as(Role::Physician);
    let system = caller(Role::Integration);
    for (kind, id, body) in [
        ("Patient", "ana", r#"{"resourceType":"Patient","id":"ana"}"#),
        ("Patient", "eva", r#"{"resourceType":"Patient","id":"eva","link":[{"other":{"reference":"Patient/ana"},"type":"seealso"}]}"#),
    ] {
        block_on(clinic.chart.update(&system, fhir::ResourceType::named(kind).unwrap(), id, body.as_bytes(), None)).unwrap();
    }
    let opened = |id: &str| block_on(clinic.chart.openings(&system, id, usize::MAX)).unwrap().iter().filter(|line| line.account == caller(Role::Physician).account.number).count();
    check(&clinic, "/Patient/eva/$graphql", "{ link { other { reference } } }", r#"{"link":[{"other":{"reference":"Patient/ana"}}]}"#);
    assert_eq!((opened("eva"), opened("ana")), (1, 0));
    check(&clinic, "/Patient/eva/$graphql", "{ link { other { resource { ... on Patient { id } } } } }", r#"{"link":[{"other":{"resource":{"id":"ana"}}}]}"#);
    assert_eq!((opened("eva"), opened("ana")), (1, 1));
}
