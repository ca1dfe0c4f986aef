//! Codes: looked up, validated, compared, expanded, translated.

use crate::clinic::Clinic;

const ANIMALS: &str = r#"{"resourceType":"CodeSystem","id":"animals","url":"http://x.example/animals","version":"1","name":"Animals","status":"active","content":"complete","concept":[
    {"code":"A","display":"Animal","concept":[{"code":"C","display":"Cat","definition":"It purrs.","designation":[{"language":"es","value":"Gato"},{"language":"vi","value":"Mèo"},{"language":"ru","value":"Кошка"}]},
    {"code":"D","display":"Dog","property":[{"code":"inactive","valueBoolean":true}]}]}]}"#;

fn shelf() -> Clinic {
    let clinic = Clinic::open();
    for (place, body) in [
        ("CodeSystem/animals", ANIMALS),
        ("ValueSet/pets", r#"{"resourceType":"ValueSet","id":"pets","url":"http://x.example/pets","status":"active","compose":{"include":[{"system":"http://x.example/animals","filter":[{"property":"concept","op":"descendent-of","value":"A"}]}]}}"#),
        ("ValueSet/lost", r#"{"resourceType":"ValueSet","id":"lost","url":"http://x.example/lost","status":"active","compose":{"include":[{"system":"http://snomed.info/sct"}]}}"#),
        ("ConceptMap/map", r#"{"resourceType":"ConceptMap","id":"map","url":"http://x.example/map","status":"active","group":[{"source":"http://x.example/animals","target":"http://y.example","element":[{"code":"C","target":[{"code":"felis","display":"Felis catus","equivalence":"equivalent"}]}]}]}"#),
        ("Observation/o", r#"{"resourceType":"Observation","id":"o","status":"final","code":{"coding":[{"system":"http://x.example/animals","code":"C"}]},"subject":{"reference":"Patient/a"}}"#),
    ] {
        if place.starts_with("Observation") {
            assert_eq!(clinic.put("/Patient/a", r#"{"resourceType":"Patient","id":"a"}"#).status, 201);
        }
        assert_eq!(clinic.put(&format!("/{place}"), body.to_owned()).status, 201, "{place}");
    }
    clinic
}

#[test]
fn a_code_is_looked_up() {
    shelf().check(r#"
        GET /CodeSystem/$lookup?system=http://x.example/animals&code=C => 200 ; ~ "name":"display","valueString":"Cat" ; ~ It purrs. ; ~ Кошка ; ~ "valueCode":"parent"
        GET /CodeSystem/$lookup?system=http://x.example/animals&code=C&displayLanguage=vi => 200 ; ~ "valueString":"Mèo"
        GET /CodeSystem/$lookup?system=http://x.example/animals&code=C&property=parent => 200 ; !~ Кошка
        GET /CodeSystem/$lookup?system=http://hl7.org/fhir/administrative-gender&code=female => 200 ; ~ Female
        POST /CodeSystem/$lookup <<< {"resourceType":"Parameters","parameter":[{"name":"coding","valueCoding":{"system":"http://x.example/animals","code":"D"}}]} => 200 ; ~ Dog ; ~ "valueBoolean":true
        GET /CodeSystem/$lookup?system=http://x.example/animals&code=Z => 404 not-found
        GET /CodeSystem/$lookup?system=http://nowhere.example&code=Z => 404 not-found
        GET /CodeSystem/$lookup?code=Z => 400 required
        GET /CodeSystem/$lookup?system=http://x.example/animals => 400 required
        GET /CodeSystem/$lookup?system=http://x.example/animals&code=C&nonsense=1 => 400 not-supported
    "#);
}

#[test]
fn a_code_is_validated_in_its_system_and_in_a_set() {
    shelf().check(r#"
        GET /CodeSystem/$validate-code?url=http://x.example/animals&code=C => 200 ; ~ "valueBoolean":true ; ~ Cat
        GET /CodeSystem/$validate-code?url=http://x.example/animals&code=Z => 200 ; ~ "valueBoolean":false
        GET /CodeSystem/$validate-code?url=http://x.example/animals&code=C&display=Gato => 200 ; ~ "valueBoolean":true
        GET /CodeSystem/$validate-code?url=http://x.example/animals&code=C&display=Horse => 200 ; ~ "valueBoolean":false ; ~ not called that ; !~ Horse
        GET /CodeSystem/animals/$validate-code?code=D => 200 ; ~ "valueBoolean":true
        GET /CodeSystem/$validate-code?url=http://nowhere.example&code=Z => 404 not-found
        GET /ValueSet/$validate-code?url=http://x.example/pets&system=http://x.example/animals&code=C => 200 ; ~ "valueBoolean":true
        GET /ValueSet/$validate-code?url=http://x.example/pets&system=http://x.example/animals&code=A => 200 ; ~ "valueBoolean":false
        GET /ValueSet/pets/$validate-code?system=http://x.example/animals&code=D&display=Dog => 200 ; ~ "valueBoolean":true
        GET /ValueSet/$validate-code?url=http://hl7.org/fhir/ValueSet/administrative-gender&system=http://hl7.org/fhir/administrative-gender&code=male => 200 ; ~ "valueBoolean":true
        GET /ValueSet/$validate-code?url=http://x.example/lost&system=http://snomed.info/sct&code=1 => 422 not-supported
        GET /ValueSet/$validate-code?url=http://nowhere.example&code=Z => 404 not-found
        POST /ValueSet/$validate-code <<< {"resourceType":"Parameters","parameter":[{"name":"url","valueUri":"http://x.example/pets"},{"name":"codeableConcept","valueCodeableConcept":{"coding":[{"system":"http://x.example/animals","code":"A"},{"system":"http://x.example/animals","code":"C"}]}}]} => 200 ; ~ "valueBoolean":true
        POST /ValueSet/$validate-code <<< {"resourceType":"Parameters","parameter":[{"name":"valueSet","resource":{"resourceType":"ValueSet","status":"active","compose":{"include":[{"system":"urn:x","concept":[{"code":"1"}]}]}}},{"name":"code","valueCode":"1"},{"name":"system","valueUri":"urn:x"}]} => 200 ; ~ "valueBoolean":true
    "#);
}

#[test]
fn of_two_codes_the_wider_is_told() {
    shelf().check(r#"
        GET /CodeSystem/$subsumes?system=http://x.example/animals&codeA=A&codeB=C => 200 ; ~ "valueCode":"subsumes"
        GET /CodeSystem/$subsumes?system=http://x.example/animals&codeA=C&codeB=A => 200 ; ~ subsumed-by
        GET /CodeSystem/$subsumes?system=http://x.example/animals&codeA=C&codeB=C => 200 ; ~ equivalent
        GET /CodeSystem/animals/$subsumes?codeA=C&codeB=D => 200 ; ~ not-subsumed
        GET /CodeSystem/$subsumes?system=http://x.example/animals&codeA=C&codeB=Z => 404 not-found
        GET /CodeSystem/$subsumes?system=http://x.example/animals&codeA=C => 400 required
    "#);
}

#[test]
fn a_set_is_expanded_also_while_somebody_types() {
    shelf().check(r#"
        GET /ValueSet/$expand?url=http://x.example/pets => 200 ; ~ "total":2 ; ~ "code":"C" ; ~ "inactive":true ; !~ "code":"A"
        GET /ValueSet/pets/$expand?activeOnly=true => 200 ; ~ "total":1
        GET /ValueSet/$expand?url=http://x.example/pets&filter=gat&displayLanguage=es => 200 ; ~ "total":1 ; ~ "display":"Gato"
        GET /ValueSet/$expand?url=http://x.example/pets&filter=meo => 200 ; ~ "total":1
        GET /ValueSet/$expand?url=http://x.example/pets&count=1&offset=1 => 200 ; ~ "total":2 ; ~ "offset":1
        GET /ValueSet/$expand?url=http://x.example/pets&count=0 => 200 ; ~ "total":2 ; !~ contains
        GET /ValueSet/$expand?url=http://x.example/pets&includeDesignations=true => 200 ; ~ "designation":[{"language":"es","value":"Gato"}
        GET /ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender => 200 ; ~ "total":4 ; ~ Female
        GET /ValueSet/$expand?url=http://x.example/lost => 422 not-supported
        GET /ValueSet/$expand?url=http://nowhere.example => 404 not-found
        GET /ValueSet/$expand => 400 required
        GET /ValueSet/$expand?url=http://x.example/pets&count=few => 400 value
        POST /ValueSet/$expand <<< {"resourceType":"Parameters","parameter":[{"name":"valueSet","resource":{"resourceType":"ValueSet","status":"active","compose":{"include":[{"system":"http://x.example/animals"}]}}},{"name":"filter","valueString":"dog"}]} => 200 ; ~ "total":1
    "#);
}

#[test]
fn what_is_written_is_known_at_once() {
    let clinic = shelf();
    clinic.check(r#"GET /ValueSet/$expand?url=http://x.example/pets => 200 ; ~ "total":2"#);
    let more = ANIMALS.replace(r#"{"code":"D""#, r#"{"code":"E","display":"Eel"},{"code":"D""#);
    assert_eq!(clinic.put("/CodeSystem/animals", more).status, 200);
    clinic.check(r#"GET /ValueSet/$expand?url=http://x.example/pets => 200 ; ~ "total":3 ; ~ Eel"#);
}

#[test]
fn a_code_is_translated() {
    shelf().check(r#"
        GET /ConceptMap/$translate?url=http://x.example/map&system=http://x.example/animals&code=C => 200 ; ~ "valueBoolean":true ; ~ felis ; ~ equivalent
        GET /ConceptMap/map/$translate?system=http://y.example&code=felis&reverse=true => 200 ; ~ "code":"C"
        GET /ConceptMap/$translate?url=http://x.example/map&system=http://x.example/animals&code=D => 200 ; ~ "valueBoolean":false
        GET /ConceptMap/$translate?url=http://nowhere.example&system=http://x.example/animals&code=D => 404 not-found
        GET /ConceptMap/$translate?system=http://x.example/animals&code=D => 400 required
    "#);
}

#[test]
fn searches_know_the_stored_codes() {
    shelf().check(r#"
        GET /Observation?patient=a&code:in=http://x.example/pets => 200 ; ~ Observation/o
        GET /Observation?patient=a&code:not-in=http://x.example/pets => 200 ; !~ "entry"
        GET /Observation?patient=a&code:below=http://x.example/animals|A => 200 ; ~ Observation/o
        GET /Observation?patient=a&code:above=http://x.example/animals|C => 200 ; ~ Observation/o
        GET /Observation?patient=a&code:below=http://x.example/animals|D => 200 ; !~ "entry"
        GET /Observation?patient=a&code:in=http://x.example/lost => 400 value
        GET /Observation?patient=a&code:below=http://snomed.info/sct|1 => 400 value
    "#);
}

#[test]
fn the_terminology_this_server_has_is_told() {
    shelf().check(r#"
        GET /metadata?mode=terminology => 200 ; ~ TerminologyCapabilities ; ~ "paging":true ; ~ http://hl7.org/fhir/administrative-gender
        GET /metadata => 200 ; ~ CodeSystem-lookup ; ~ ValueSet-expand
    "#);
}
