//! The published FHIRPath Patch and JSON Patch cases, and our own.

mod support;

use fhir::{Document, Kind, Value};
use fhirpath::json_patch::json_patch;
use fhirpath::patch::fhirpath_patch;
use support::xml;

/// Members sorted and white space gone, to compare what order does not matter for.
fn sorted(value: Value<'_>) -> String {
    match value.kind() {
        Kind::Object => {
            let mut members: Vec<String> = value.members().map(|(name, member)| format!("{name:?}:{}", sorted(member))).collect();
            members.sort();
            format!("{{{}}}", members.join(","))
        }
        Kind::Array => format!("[{}]", value.items().map(sorted).collect::<Vec<_>>().join(",")),
        // In the XHTML of a narrative `&quot;` and `"` are the same text.
        Kind::String => format!("{:?}", value.as_str().unwrap_or_default().replace("&quot;", "\"").split_whitespace().collect::<Vec<_>>().join(" ")),
        _ => value.raw().to_owned(),
    }
}

fn same(left: &str, right: &str) -> bool {
    sorted(Document::read(left).unwrap().root()) == sorted(Document::read(right).unwrap().root())
}

#[test]
fn the_published_fhirpath_patches_apply() {
    let Some(folder) = support::shared("fhirpath-and-patch-tests/fhirpath-r4/patch") else { return };
    let suite = xml::parse(&std::fs::read_to_string(folder.join("fhir-patch-tests.xml")).unwrap());
    let mut wrong = Vec::new();
    let mut count = 0;
    for case in suite.all("case") {
        count += 1;
        let name = case.attribute("name").unwrap();
        let json = |part: &str| case.child(part).map(|part| xml::resource_to_json(&part.children[0]));
        let (input, diff) = (json("input").unwrap(), json("diff").unwrap());
        let found = fhirpath_patch(Document::read(&input).unwrap().root(), Document::read(&diff).unwrap().root());
        match (json("output"), found) {
            (Some(expected), Ok(found)) if same(&expected, &found) => {}
            (None, Err(_)) => {}
            (expected, found) => wrong.push(format!("{name}: expected {expected:?}, found {found:?}")),
        }
    }
    println!("{count} published patches");
    assert!(count >= 30 && wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_published_json_patches_apply() {
    let Some(folder) = support::shared("fhirpath-and-patch-tests/fhirpath-r4/patch") else { return };
    let text = std::fs::read_to_string(folder.join("json-patch-tests.json")).unwrap();
    let suite = Document::read(&text).unwrap();
    let mut wrong = Vec::new();
    for case in suite.root().items() {
        let found = json_patch(case.get("doc").unwrap(), case.get("patch").unwrap());
        match (case.get("expected"), found) {
            (Some(expected), Ok(found)) if same(expected.raw(), &found) => {}
            (None, Err(_)) => {}
            (_, found) => wrong.push(format!("{:?}: {found:?}", case.string("comment"))),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A patch of one operation on a patient: each part is `name=JSON member`.
fn patched(resource: &str, parts: &[&str]) -> Result<String, String> {
    let parts: Vec<String> = parts.iter().map(|part| part.split_once('=').map(|(name, member)| format!(r#"{{"name":"{name}",{member}}}"#)).unwrap()).collect();
    let patch = format!(r#"{{"resourceType":"Parameters","parameter":[{{"name":"operation","part":[{}]}}]}}"#, parts.join(","));
    let (resource, patch) = (Document::read(resource).unwrap(), Document::read(&patch).unwrap_or_else(|error| panic!("{error}: {patch}")));
    fhirpath_patch(resource.root(), patch.root()).map_err(|error| error.to_string())
}

fn check(resource: &str, parts: &[&str], expect: &str) {
    match patched(resource, parts) {
        Ok(found) => assert_eq!(found, expect, "{parts:?}"),
        Err(found) => assert_eq!(found, expect, "{parts:?}"),
    }
}

const PATIENT: &str = r#"{"resourceType":"Patient","multipleBirthInteger":2,"name":[{"given":["Ana","Eva"],"_given":[null,{"id":"g"}]}],"birthDate":"1990-01-01","_birthDate":{"id":"b"}}"#;

#[test]
fn elements_are_added() {
    check(r#"{"resourceType":"Patient"}"#, &[r#"type="valueCode":"add""#, r#"path="valueString":"Patient""#, r#"name="valueString":"gender""#, r#"value="valueCode":"female""#], r#"{"resourceType":"Patient","gender":"female"}"#);
    check(r#"{"resourceType":"Patient"}"#, &[r#"type="valueCode":"add""#, r#"path="valueString":"Patient""#, r#"name="valueString":"deceased""#, r#"value="valueDateTime":"2020""#], r#"{"resourceType":"Patient","deceasedDateTime":"2020"}"#);
    check(PATIENT, &[r#"type="valueCode":"add""#, r#"path="valueString":"Patient""#, r#"name="valueString":"multipleBirth""#, r#"value="valueBoolean":true"#], "operation 0 at Patient: the element is there already and does not repeat");
    check(PATIENT, &[r#"type="valueCode":"add""#, r#"path="valueString":"Patient""#, r#"name="valueString":"colour""#, r#"value="valueString":"x""#], "operation 0 at Patient: there is no element of that name");
    check(PATIENT, &[r#"type="valueCode":"add""#, r#"path="valueString":"Patient""#, r#"name="valueString":"active""#, r#"value="valuePeriod":{}"#], "operation 0 at Patient: the element cannot have a value of that type");
    check(PATIENT, &[r#"type="valueCode":"add""#, r#"path="valueString":"Patient.contact""#, r#"name="valueString":"gender""#, r#"value="valueCode":"female""#], "operation 0 at Patient.contact: the path finds nothing");
    check(PATIENT, &[r#"type="valueCode":"add""#, r#"path="valueString":"Patient.name.given""#, r#"name="valueString":"extension""#, r#"value="valueCode":"female""#], "operation 0 at Patient.name.given: the path finds 2 elements where one is wanted");
    check(
        r#"{"resourceType":"Patient"}"#,
        &[r#"type="valueCode":"add""#, r#"path="valueString":"Patient""#, r#"name="valueString":"contact""#, r#"value="part":[{"name":"name","valueHumanName":{"family":"F"}},{"name":"telecom","valueContactPoint":{"value":"1"}},{"name":"telecom","valueContactPoint":{"value":"2"}}]"#],
        r#"{"resourceType":"Patient","contact":[{"name":{"family":"F"},"telecom":[{"value":"1"},{"value":"2"}]}]}"#,
    );
    check(
        r#"{"resourceType":"Patient"}"#,
        &[r#"type="valueCode":"add""#, r#"path="valueString":"Patient""#, r#"name="valueString":"contained""#, r#"value="resource":{"resourceType":"Basic","id":"x"}"#],
        r#"{"resourceType":"Patient","contained":[{"resourceType":"Basic","id":"x"}]}"#,
    );
}

#[test]
fn extensions_are_added_to_primitives() {
    let whole = r#"value="valueExtension":{"url":"u","valueString":"v"}"#;
    let in_parts = r#"value="part":[{"name":"url","valueUri":"u"},{"name":"value","valueString":"v"}]"#;
    let operation = |path: &str, extension: &str| [r#"type="valueCode":"add""#.to_owned(), format!(r#"path="valueString":"{path}""#), r#"name="valueString":"extension""#.to_owned(), extension.to_owned()];
    for (path, expect) in [
        ("Patient.birthDate", r#""birthDate":"1990-01-01","_birthDate":{"id":"b","extension":[{"url":"u","valueString":"v"}]}"#),
        ("Patient.name.given[0]", r#""_given":[{"extension":[{"url":"u","valueString":"v"}]},{"id":"g"}]"#),
        ("Patient.multipleBirth", r#""_multipleBirthInteger":{"extension":[{"url":"u","valueString":"v"}]}"#),
    ] {
        for extension in [whole, in_parts] {
            let parts = operation(path, extension);
            let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
            let found = patched(PATIENT, &parts).unwrap();
            assert!(found.contains(expect), "{found}");
        }
    }
}

#[test]
fn elements_are_deleted_with_what_they_leave_empty() {
    let delete = |path: &str| [r#"type="valueCode":"delete""#.to_owned(), format!(r#"path="valueString":"{path}""#)];
    for (path, expect) in [
        ("Patient.birthDate", r#"{"resourceType":"Patient","multipleBirthInteger":2,"name":[{"given":["Ana","Eva"],"_given":[null,{"id":"g"}]}]}"#),
        ("Patient.name.given[1]", r#"{"resourceType":"Patient","multipleBirthInteger":2,"name":[{"given":["Ana"]}],"birthDate":"1990-01-01","_birthDate":{"id":"b"}}"#),
        ("Patient.name.given[0]", r#"{"resourceType":"Patient","multipleBirthInteger":2,"name":[{"given":["Eva"],"_given":[{"id":"g"}]}],"birthDate":"1990-01-01","_birthDate":{"id":"b"}}"#),
        ("Patient.name", r#"{"resourceType":"Patient","multipleBirthInteger":2,"birthDate":"1990-01-01","_birthDate":{"id":"b"}}"#),
        ("Patient.photo", PATIENT),
        ("Patient", "operation 0 at Patient: the resource itself cannot be replaced, deleted or moved"),
        ("Patient.name.given", "operation 0 at Patient.name.given: the path finds 2 elements where one is wanted"),
        ("Patient.name.given.count()", "operation 0 at Patient.name.given.count(): the path does not lead to an element of the resource"),
        ("Patient.name.where(family = 'secret')", PATIENT),
        ("Patient..name", "operation 0 at Patient..name: the path is not FHIRPath: an element or function name is expected here at line 1, column 9"),
    ] {
        let parts = delete(path);
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        check(PATIENT, &parts, expect);
    }
    check(r#"{"resourceType":"Patient","contact":[{"name":{"family":"F"}}],"active":true}"#, &[r#"type="valueCode":"delete""#, r#"path="valueString":"Patient.contact.name.family""#], r#"{"resourceType":"Patient","active":true}"#);
}

#[test]
fn elements_are_replaced_in_their_place() {
    check(r#"{"resourceType":"Patient","multipleBirthInteger":2,"active":true}"#, &[r#"type="valueCode":"replace""#, r#"path="valueString":"Patient.multipleBirth""#, r#"value="valueBoolean":true"#], r#"{"resourceType":"Patient","multipleBirthBoolean":true,"active":true}"#);
    check(PATIENT, &[r#"type="valueCode":"replace""#, r#"path="valueString":"Patient.birthDate""#, r#"value="valueDate":"1991""#], r#"{"resourceType":"Patient","multipleBirthInteger":2,"name":[{"given":["Ana","Eva"],"_given":[null,{"id":"g"}]}],"birthDate":"1991"}"#);
    check(PATIENT, &[r#"type="valueCode":"replace""#, r#"path="valueString":"Patient.name.given[1]""#, r#"value="valueString":"Eve""#], r#"{"resourceType":"Patient","multipleBirthInteger":2,"name":[{"given":["Ana","Eve"]}],"birthDate":"1990-01-01","_birthDate":{"id":"b"}}"#);
    check(PATIENT, &[r#"type="valueCode":"replace""#, r#"path="valueString":"Patient.name.where(use='x')""#, r#"value="valueString":"Eve""#], "operation 0 at Patient.name.where(use='…'): the path finds nothing");
    check(PATIENT, &[r#"type="valueCode":"replace""#, r#"path="valueString":"Patient.birthDate""#], "operation 0 at Patient.birthDate: the part value is missing");
}

#[test]
fn lists_are_inserted_into_and_reordered() {
    let insert = |index: &str| vec![r#"type="valueCode":"insert""#.to_owned(), r#"path="valueString":"Patient.name.given""#.to_owned(), format!(r#"index="valueInteger":{index}"#), r#"value="valueString":"Luz""#.to_owned()];
    let check_all = |parts: Vec<String>, resource: &str, expect: &str| check(resource, &parts.iter().map(String::as_str).collect::<Vec<_>>(), expect);
    check_all(insert("1"), r#"{"resourceType":"Patient","name":[{"given":["Ana","Eva"],"_given":[null,{"id":"g"}]}]}"#, r#"{"resourceType":"Patient","name":[{"given":["Ana","Luz","Eva"],"_given":[null,null,{"id":"g"}]}]}"#);
    check_all(insert("0"), r#"{"resourceType":"Patient","name":[{"family":"F"}]}"#, r#"{"resourceType":"Patient","name":[{"family":"F","given":["Luz"]}]}"#);
    check_all(insert("3"), PATIENT, "operation 0 at Patient.name.given: the index is not within the list of 2");
    check_all(insert("-1"), PATIENT, "operation 0 at Patient.name.given: the part index is missing");
    let swap = ["type=\"valueCode\":\"move\"", r#"path="valueString":"Patient.name.given""#, r#"source="valueInteger":1"#, r#"destination="valueInteger":0"#];
    check(PATIENT, &swap, r#"{"resourceType":"Patient","multipleBirthInteger":2,"name":[{"given":["Eva","Ana"],"_given":[{"id":"g"},null]}],"birthDate":"1990-01-01","_birthDate":{"id":"b"}}"#);
    let two = r#"{"resourceType":"Patient","name":[{"given":["A"]},{"given":["B"]}]}"#;
    check(two, &swap, "operation 0 at Patient.name.given: the elements found are not one list");
}

#[test]
fn what_is_no_patch_is_refused() {
    let resource = Document::read(PATIENT).unwrap();
    for (patch, expect) in [
        ("{}", "operation 0: a FHIRPath Patch is a Parameters resource"),
        (r#"{"resourceType":"Parameters","parameter":[{"name":"x"}]}"#, "operation 0: a parameter that is not named operation"),
        (r#"{"resourceType":"Parameters","parameter":[{"name":"operation"}]}"#, "operation 0: the part type is missing"),
    ] {
        let patch = Document::read(patch).unwrap();
        assert_eq!(fhirpath_patch(resource.root(), patch.root()).unwrap_err().to_string(), expect);
    }
    check(PATIENT, &[r#"type="valueCode":"spin""#, r#"path="valueString":"Patient""#], "operation 0 at Patient: the type of an operation is one of add, insert, delete, replace, move");
}
