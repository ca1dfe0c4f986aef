//! What the server says of itself, held to its word.

use crate::clinic::Clinic;
use fhir::Document;

#[test]
fn the_statement_is_a_valid_resource_and_says_what_is_there() {
    let clinic = Clinic::open();
    let reply = clinic.get("/metadata");
    assert_eq!(reply.status, 200);
    let document = Document::read(reply.text()).unwrap();
    let root = document.root();
    assert_eq!(root.string("resourceType").unwrap(), "CapabilityStatement");
    assert_eq!(root.string("fhirVersion").unwrap(), "4.0.1");
    assert_eq!(root.path(&["implementation", "url"]).unwrap().as_str().unwrap(), "http://localhost/fhir");
    let rest = root.get("rest").unwrap().items().next().unwrap();
    let types: Vec<_> = rest.get("resource").unwrap().items().collect();
    assert_eq!(types.len(), fhir::ResourceType::all().count());
    let patient = types.iter().find(|kind| kind.string("type").unwrap() == "Patient").unwrap();
    let parameters: Vec<_> = patient.get("searchParam").unwrap().items().map(|one| one.string("name").unwrap().into_owned()).collect();
    for name in ["_id", "_lastUpdated", "identifier", "name", "family", "given", "birthdate", "gender"] {
        assert!(parameters.iter().any(|one| one == name), "{name}: {parameters:?}");
    }
    let formats: Vec<_> = root.get("patchFormat").unwrap().items().map(|one| one.as_str().unwrap().into_owned()).collect();
    assert_eq!(formats, ["application/json-patch+json", "application/fhir+json"]);
    assert_eq!(clinic.get("/metadata").text(), reply.text());
    // What it says of itself is held to the rules of any other resource.
    assert_eq!(clinic.ask("POST", "/CapabilityStatement", &[("content-type", "application/fhir+json")], reply.body.clone()).status, 201);
}

#[test]
fn every_parameter_it_lists_can_be_asked() {
    let clinic = Clinic::open();
    let reply = clinic.get("/metadata");
    let document = Document::read(reply.text()).unwrap();
    let rest = document.root().get("rest").unwrap().items().next().unwrap();
    for resource in rest.get("resource").unwrap().items() {
        let name = resource.string("type").unwrap().into_owned();
        for parameter in resource.get("searchParam").into_iter().flat_map(|list| list.items()) {
            let code = parameter.string("name").unwrap().into_owned();
            let values: &[&str] = match &*parameter.string("type").unwrap() {
                "date" => &["2024"],
                "number" | "quantity" => &["5"],
                "reference" => &["Patient/a"],
                "special" => &["19.4|-99.1"],
                // The statement does not tell the kinds of the components: one of these fits.
                "composite" => &["x$x", "x$5", "x$2024", "x$5$6"],
                // Of what is true or false.
                "token" => &["x", "true"],
                _ => &["x"],
            };
            let replies: Vec<_> = values.iter().map(|value| clinic.get(&format!("/{name}?{code}={value}"))).collect();
            assert!(replies.iter().any(|reply| reply.status == 200), "{name}?{code}={values:?}: {}", replies[0].text());
        }
        for include in resource.get("searchInclude").into_iter().flat_map(|list| list.items()) {
            let include = include.as_str().unwrap().into_owned();
            let reply = clinic.get(&format!("/{name}?_id=none&_include={include}"));
            assert_eq!(reply.status, 200, "{name} {include}: {}", reply.text());
        }
        for include in resource.get("searchRevInclude").into_iter().flat_map(|list| list.items()) {
            let include = include.as_str().unwrap().into_owned();
            let reply = clinic.get(&format!("/{name}?_id=none&_revinclude={include}"));
            assert_eq!(reply.status, 200, "{name} {include}: {}", reply.text());
        }
        // And what is not listed is refused.
        assert_eq!(clinic.get(&format!("/{name}?nonsense=1")).status, 400, "{name}");
        assert_eq!(clinic.get(&format!("/{name}?_id=none&_revinclude={name}:nonsense")).status, 400, "{name}");
    }
}

#[test]
fn what_it_says_of_all_types_works_on_all_types() {
    let clinic = Clinic::open();
    let reply = clinic.get("/metadata");
    assert!(reply.body.len() < 600_000, "{} bytes", reply.body.len());
    let document = Document::read(reply.text()).unwrap();
    let rest = document.root().get("rest").unwrap().items().next().unwrap();
    let mut names: Vec<_> = rest.get("searchParam").unwrap().items().map(|one| one.string("name").unwrap().into_owned()).collect();
    names.sort();
    let ask = |name: &str| match name {
        "_contained" => "_contained=false",
        "_containedType" => "_containedType=container",
        "_content" => "_content=a",
        "_count" => "_count=1",
        "_elements" => "_elements=id",
        "_filter" => "_filter=_id+eq+a",
        "_format" => "_format=json",
        "_has" => "_has:Provenance:target:recorded=2026",
        "_include" => "_include=*",
        "_list" => "_list=a",
        "_profile" => "_profile=http://a.example/p",
        "_revinclude" => "_revinclude=Provenance:target",
        "_security" => "_security=a",
        "_sort" => "_sort=_id",
        "_source" => "_source=http://a.example",
        "_summary" => "_summary=true",
        "_tag" => "_tag=a",
        "_text" => "_text=a",
        "_total" => "_total=accurate",
        "_type" => "_type=TYPE",
        other => panic!("{other} is told and not asked here"),
    };
    assert_eq!(names.len(), 20, "{names:?}");
    for name in &names {
        for kind in ["Patient", "Observation", "Organization"] {
            let reply = clinic.get(&format!("/{kind}?_id=none&{}", ask(name).replace("TYPE", kind)));
            assert_eq!(reply.status, 200, "{kind} {name}: {}", reply.text());
        }
    }
}

#[test]
fn every_operation_and_compartment_it_lists_is_there() {
    let clinic = Clinic::open();
    let reply = clinic.get("/metadata");
    let document = Document::read(reply.text()).unwrap();
    let rest = document.root().get("rest").unwrap().items().next().unwrap();
    // Wherever it may be called, a refusal is about the call, never about the address.
    let check = |name: &str, places: &[String]| {
        let answers: Vec<_> = places.iter().map(|place| clinic.ask("POST", &format!("{place}/${name}"), &[("content-type", "application/fhir+json")], "")).collect();
        let is_there = |text: &str| !text.contains("has no such operation");
        assert!(answers.iter().any(|reply| is_there(reply.text())), "${name} at {places:?}");
        assert!(answers.iter().all(|reply| reply.status.as_u16() < 500), "${name} at {places:?}");
    };
    let mut count = 0;
    for operation in rest.get("operation").unwrap().items() {
        check(&operation.string("name").unwrap(), &[String::new()]);
        count += 1;
    }
    for resource in rest.get("resource").unwrap().items() {
        let kind = resource.string("type").unwrap();
        for operation in resource.get("operation").into_iter().flat_map(|list| list.items()) {
            check(&operation.string("name").unwrap(), &[format!("/{kind}"), format!("/{kind}/none"), format!("/{kind}/none/_history/1")]);
            count += 1;
        }
    }
    assert!(count > 400, "{count}");
    assert_eq!(clinic.get("/Patient/$nonsense").status, 404);
    for compartment in rest.get("compartment").unwrap().items() {
        let url = compartment.as_str().unwrap();
        let (_, owner) = url.rsplit_once('/').unwrap();
        let kind = fhir::ResourceType::all().find(|kind| kind.name().eq_ignore_ascii_case(owner)).unwrap();
        let member = search::compartment::members(kind).next().unwrap();
        assert!([200, 403].contains(&clinic.get(&format!("/{kind}/none/{member}")).status.as_u16()), "{url}");
    }
}

#[test]
fn the_mode_is_looked_at() {
    Clinic::open().check(r#"
        GET /metadata?mode=full => 200
        GET /metadata?mode=normative => 200
        GET /metadata?mode=terminology => 200 ; ~ TerminologyCapabilities
        GET /metadata?mode=x => 400 value
        GET /metadata?_summary=true => 200 ; ~ SUBSETTED
        GET /metadata?_format=xml => 406 not-supported
        HEAD /metadata => 200 ; !~ rest
    "#);
}
