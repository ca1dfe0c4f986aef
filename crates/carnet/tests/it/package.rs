//! FHIR packages: what is taken of them, what is left, and what each is refused for.

use std::fs;
use std::path::PathBuf;

use crate::site::Site;
use crate::web::Server;

fn package(site: &Site, name: &str, files: &[(&str, &str)]) -> PathBuf {
    let mut package = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    for (name, text) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        package.append_data(&mut header, name, text.as_bytes()).unwrap();
    }
    let path = site.folder("packages").join(name);
    fs::write(&path, package.into_inner().unwrap().finish().unwrap()).unwrap();
    path
}

const DESCRIPTION: &str = r#"{"name":"x.example.guide","version":"1.2.0","fhirVersions":["4.0.1"],"dependencies":{"hl7.fhir.r4.core":"4.0.1","y.example.base":"2.0.0"}}"#;
const PROFILE: &str = r#"{"resourceType":"StructureDefinition","id":"weighed","url":"http://x.example/StructureDefinition/weighed","version":"1.2.0","name":"Weighed","status":"active","kind":"resource","abstract":false,"type":"Observation","baseDefinition":"http://hl7.org/fhir/StructureDefinition/Observation","derivation":"constraint","differential":{"element":[{"id":"Observation.value[x]","path":"Observation.value[x]","min":1},{"id":"Observation.code","path":"Observation.code","binding":{"strength":"required","valueSet":"http://x.example/ValueSet/weights"}}]}}"#;
const CODES: &str = r#"{"resourceType":"CodeSystem","id":"weights","url":"http://x.example/CodeSystem/weights","version":"1.2.0","status":"active","content":"complete","concept":[{"code":"wet","display":"Wet weight"}]}"#;
const SET: &str = r#"{"resourceType":"ValueSet","id":"weights","url":"http://x.example/ValueSet/weights","version":"1.2.0","status":"active","compose":{"include":[{"system":"http://x.example/CodeSystem/weights"}]}}"#;

#[test]
fn the_definitions_of_a_package_count_and_the_rest_is_told() {
    let site = Site::new();
    let path = package(&site, "guide.tgz", &[
        ("package/package.json", DESCRIPTION),
        ("package/.index.json", "{}"),
        ("package/StructureDefinition-weighed.json", PROFILE),
        ("package/CodeSystem-weights.json", CODES),
        ("package/ValueSet-weights.json", SET),
        ("package/SearchParameter-w.json", r#"{"resourceType":"SearchParameter","id":"w","url":"http://x.example/w","status":"active"}"#),
        ("package/ImplementationGuide-x.json", r#"{"resourceType":"ImplementationGuide","id":"x"}"#),
        ("package/example/Patient-p.json", r#"{"resourceType":"Patient","id":"p"}"#),
    ]);
    let said = site.add_packages(&[], &[&path]).ok();
    for part in [
        "x.example.guide 1.2.0; it builds on y.example.base 2.0.0",
        "StructureDefinition: 1 created, 0 updated, 0 unchanged",
        "CodeSystem: 1 created",
        "ValueSet: 1 created",
        "left: 1 ImplementationGuide, 1 SearchParameter, 1 example",
    ] {
        assert!(said.out.contains(part), "{part}\n{}", said.out);
    }
    assert!(site.export().keys().all(|name| !name.starts_with("Patient") && !name.starts_with("SearchParameter")));
    let again = site.add_packages(&[], &[&path]).ok();
    assert!(again.out.contains("StructureDefinition: 0 created, 0 updated, 1 unchanged"), "{}", again.out);

    let server = Server::start(&site);
    let mut client = server.client();
    let observation = |code: &str, value: &str| {
        format!(r#"{{"resourceType":"Observation","meta":{{"profile":["http://x.example/StructureDefinition/weighed"]}},"status":"final","code":{{"coding":[{{"system":"http://x.example/CodeSystem/weights","code":"{code}"}}]}}{value}}}"#)
    };
    for (body, told) in [(observation("wet", r#","valueInteger":7"#), ""), (observation("wet", ""), "Observation.value"), (observation("dry", r#","valueInteger":7"#), "Observation.code")] {
        let answer = client.ask("POST", "/fhir/Observation/$validate", "", &body).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.body.contains(r#""severity":"error""#), !told.is_empty(), "{}", answer.body);
        assert!(answer.body.contains(told), "{told}\n{}", answer.body);
    }
}

#[test]
fn what_is_no_package_for_this_server_is_refused_whole() {
    let site = Site::new();
    let loinc = r#"{"resourceType":"CodeSystem","url":"http://loinc.org","status":"active","content":"fragment","concept":[{"code":"1-8","display":"One"}]}"#;
    let bare = site.folder("packages").join("bare.json");
    fs::write(&bare, PROFILE).unwrap();
    for (path, part) in [
        (package(&site, "five.tgz", &[("package/package.json", &DESCRIPTION.replace("4.0.1\"]", "5.0.0\"]")), ("package/a.json", CODES)]), "is for FHIR 5.0.0"),
        (package(&site, "nameless.tgz", &[("package/a.json", CODES)]), "package.json is missing"),
        (package(&site, "broken.tgz", &[("package/package.json", "{"), ("package/a.json", CODES)]), "cannot be read"),
        (package(&site, "owned.tgz", &[("package/package.json", DESCRIPTION), ("package/a.json", loinc)]), "--accept-licence"),
        (bare, "package.json is missing"),
        (site.folder("packages").join("nowhere.tgz"), "could not find"),
    ] {
        let said = site.add_packages(&[], &[&path]);
        assert!(said.code == 2 && said.err.contains(part), "{}: {}\n{}", path.display(), said.out, said.err);
    }
    assert!(site.export().is_empty());
    let flawed = package(&site, "flawed.tgz", &[("package/package.json", DESCRIPTION), ("package/a.json", CODES), ("package/b.json", "{"), ("package/c.json", r#"{"resourceType":"ValueSet","status":"active"}"#)]);
    let said = site.add_packages(&[], &[&flawed]);
    assert!(said.code == 1 && said.out.contains("CodeSystem: 1 created") && said.out.contains("2 REJECTED"), "{}\n{}", said.out, said.err);
}
