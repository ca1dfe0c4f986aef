//! Codes: looked up, validated, compared, expanded, translated.

use crate::clinic::Clinic;
use testkit::caller;

const ANIMALS: &str = r#"{"resourceType":"CodeSystem","id":"animals","url":"http://x.example/animals","version":"1","name":"Animals","status":"active","content":"complete","concept":[
    {"code":"A","display":"Animal","concept":[{"code":"C","display":"Cat","definition":"It purrs.","designation":[{"language":"es","value":"Gato"},{"language":"vi","value":"Mèo"},{"language":"ru","value":"Кошка"}]},
    {"code":"D","display":"Dog","property":[{"code":"inactive","valueBoolean":true}]}]}]}"#;

fn shelf() -> Clinic {
    let clinic = Clinic::open();
    for (place, body) in [
        ("CodeSystem/animals", ANIMALS),
        ("ValueSet/pets", r#"{"resourceType":"ValueSet","id":"pets","url":"http://x.example/pets","status":"active","compose":{"include":[{"system":"http://x.example/animals","filter":[{"property":"concept","op":"descendent-of","value":"A"}]}]}}"#),
        ("ValueSet/drafted", r#"{"resourceType":"ValueSet","id":"drafted","url":"http://x.example/drafted","status":"draft","compose":{"include":[{"system":"http://x.example/animals","concept":[{"code":"C"}]}]}}"#),
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
        GET /CodeSystem/animals/$validate-code?code=D&version=1 => 200 ; ~ "valueBoolean":true
        GET /CodeSystem/animals/$validate-code?code=D&version=9 => 200 ; ~ "valueBoolean":false ; ~ another version
        GET /CodeSystem/$validate-code?url=http://nowhere.example&code=Z => 404 not-found
        GET /ValueSet/$validate-code?url=http://x.example/pets&system=http://x.example/animals&code=C => 200 ; ~ "valueBoolean":true
        GET /ValueSet/$validate-code?url=http://x.example/pets&system=http://x.example/animals&code=A => 200 ; ~ "valueBoolean":false
        GET /ValueSet/pets/$validate-code?system=http://x.example/animals&code=D&display=Dog => 200 ; ~ "valueBoolean":true
        GET /ValueSet/$validate-code?url=http://hl7.org/fhir/ValueSet/administrative-gender&system=http://hl7.org/fhir/administrative-gender&code=male => 200 ; ~ "valueBoolean":true
        GET /ValueSet/$validate-code?url=http://x.example/lost&system=http://snomed.info/sct&code=1 => 422 not-supported
        GET /ValueSet/$validate-code?url=http://nowhere.example&code=Z => 404 not-found
        POST /ValueSet/$validate-code <<< {"resourceType":"Parameters","parameter":[{"name":"url","valueUri":"http://x.example/pets"},{"name":"codeableConcept","valueCodeableConcept":{"coding":[{"system":"http://x.example/animals","code":"A"},{"system":"http://x.example/animals","code":"C"}]}}]} => 200 ; ~ "valueBoolean":true
        POST /ValueSet/$validate-code <<< {"resourceType":"Parameters","parameter":[{"name":"valueSet","resource":{"resourceType":"ValueSet","status":"active","compose":{"include":[{"system":"urn:x","concept":[{"code":"1"}]}]}}},{"name":"code","valueCode":"1"},{"name":"system","valueUri":"urn:x"}]} => 200 ; ~ "valueBoolean":true
        # The set may call a code what its system does not, in another language, too.
        POST /ValueSet/$validate-code <<< {"resourceType":"Parameters","parameter":[{"name":"valueSet","resource":{"resourceType":"ValueSet","status":"active","compose":{"include":[{"system":"http://x.example/animals","concept":[{"code":"C","designation":[{"language":"es","value":"Minino"}]}]}]}}},{"name":"code","valueCode":"C"},{"name":"system","valueUri":"http://x.example/animals"},{"name":"display","valueString":"Minino"}]} => 200 ; ~ "valueBoolean":true
        POST /ValueSet/$validate-code <<< {"resourceType":"Parameters","parameter":[{"name":"valueSet","resource":{"resourceType":"ValueSet","status":"active","compose":{"include":[{"system":"http://x.example/animals","concept":[{"code":"C","designation":[{"language":"es","value":"Minino"}]}]}]}}},{"name":"code","valueCode":"C"},{"name":"system","valueUri":"http://x.example/animals"},{"name":"display","valueString":"Horse"}]} => 200 ; ~ "valueBoolean":false ; ~ not called that
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
        GET /CodeSystem/animals/$subsumes?codeA=C&codeB=D&version=1 => 200 ; ~ not-subsumed
        GET /CodeSystem/animals/$subsumes?codeA=C&codeB=D&version=9 => 400 value ; ~ http.version
        POST /CodeSystem/$subsumes <<< {"resourceType":"Parameters","parameter":[{"name":"codingA","valueCoding":{"system":"http://x.example/animals","version":"1","code":"A"}},{"name":"codingB","valueCoding":{"system":"http://x.example/animals","version":"9","code":"C"}}]} => 400 value ; ~ http.version
        POST /CodeSystem/$subsumes <<< {"resourceType":"Parameters","parameter":[{"name":"codingA","valueCoding":{"system":"http://x.example/animals","version":"9","code":"A"}},{"name":"codingB","valueCoding":{"system":"http://x.example/animals","code":"C"}}]} => 404 not-found
        POST /CodeSystem/$subsumes <<< {"resourceType":"Parameters","parameter":[{"name":"codingA","valueCoding":{"system":"http://x.example/animals","version":"1","code":"A"}},{"name":"codingB","valueCoding":{"system":"http://x.example/animals","code":"C"}}]} => 200 ; ~ subsumes
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

/// Two maps between value sets, one of them on a condition, and one that is retired.
#[test]
fn a_code_that_a_map_does_not_name_becomes_what_the_map_says() {
    let map = |id: &str, unmapped: &str| format!(r#"PUT /ConceptMap/{id} <<< {{"resourceType":"ConceptMap","id":"{id}","url":"http://x.example/{id}","status":"active","group":[{{"source":"http://x.example/animals","target":"http://y.example","element":[{{"code":"C","target":[{{"code":"felis","equivalence":"equal"}}]}}],"unmapped":{unmapped}}}]}} => 201"#);
    let clinic = shelf();
    clinic.check(&map("fixed", r#"{"mode":"fixed","code":"animalia","display":"Some animal"}"#));
    clinic.check(&map("same", r#"{"mode":"provided"}"#));
    clinic.check(&map("on", r#"{"mode":"other-map","url":"http://x.example/fixed"}"#));
    clinic.check(&map("round", r#"{"mode":"other-map","url":"http://x.example/round"}"#));
    clinic.check(&map("there", r#"{"mode":"other-map","url":"http://x.example/back"}"#));
    clinic.check(&map("back", r#"{"mode":"other-map","url":"http://x.example/there"}"#));
    clinic.check(&map("lost", r#"{"mode":"other-map","url":"http://x.example/nowhere"}"#));
    clinic.check(r#"
        GET /ConceptMap/fixed/$translate?system=http://x.example/animals&code=D => 200 ; ~ "valueBoolean":true ; ~ animalia ; ~ relatedto
        GET /ConceptMap/same/$translate?system=http://x.example/animals&code=D => 200 ; ~ "valueBoolean":true ; ~ "code":"D"
        GET /ConceptMap/on/$translate?system=http://x.example/animals&code=D => 200 ; ~ animalia ; ~ http://x.example/fixed
        GET /ConceptMap/on/$translate?system=http://x.example/animals&code=C => 200 ; ~ felis ; !~ animalia
        GET /ConceptMap/round/$translate?system=http://x.example/animals&code=D => 422 processing ; ~ in a cycle ; ~ ConceptMap.group.unmapped.url
        GET /ConceptMap/there/$translate?system=http://x.example/animals&code=D => 422 processing ; ~ in a cycle
        GET /ConceptMap/there/$translate?system=http://x.example/animals&code=C => 200 ; ~ felis
        GET /ConceptMap/back/$translate?system=http://y.example&code=felis&reverse=true => 200 ; ~ "code":"C"
        GET /ConceptMap/lost/$translate?system=http://x.example/animals&code=D => 422 not-supported ; ~ ConceptMap.group.unmapped.url
    "#);
}

#[test]
fn what_is_not_held_or_says_nothing_never_becomes_no() {
    let clinic = shelf();
    clinic.check(r#"
        GET /CodeSystem/$lookup?system=http://hl7.org/fhir/administrative-gender&code=male&version=4.0.1 => 200 ; ~ Male
        GET /CodeSystem/$lookup?system=http://hl7.org/fhir/administrative-gender&code=male&version=99 => 404 not-found
        GET /CodeSystem/$validate-code?url=http://hl7.org/fhir/administrative-gender&code=male&version=99 => 404 not-found
        GET /CodeSystem/$subsumes?system=http://hl7.org/fhir/administrative-gender&codeA=male&codeB=male&version=77 => 404 not-found
        GET /ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender|99 => 404 not-found
        GET /ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1 => 200 ; ~ "total":4
        PUT /ValueSet/only <<< {"resourceType":"ValueSet","id":"only","url":"http://x.example/only","status":"active","expansion":{"timestamp":"2026-01-01","contains":[{"system":"http://x.example/animals","code":"C"}]}} => 201
        GET /ValueSet/only/$expand => 200 ; ~ "total":1 ; ~ "code":"C"
        GET /ValueSet/only/$validate-code?system=http://x.example/animals&code=C => 200 ; ~ "valueBoolean":true
        PUT /ValueSet/mute <<< {"resourceType":"ValueSet","id":"mute","url":"http://x.example/mute","status":"active"} => 201
        GET /ValueSet/mute/$expand => 422 not-supported
        GET /ValueSet/mute/$validate-code?system=http://x.example/animals&code=C => 422 not-supported
        PUT /ValueSet/odd <<< {"resourceType":"ValueSet","id":"odd","url":"http://x.example/odd","status":"active","compose":{"include":[{"system":"http://x.example/animals","filter":[{"property":"colour","op":"=","value":"red"}]}]}} => 201
        GET /ValueSet/odd/$expand => 422 not-supported ; ~ a property
        POST /ValueSet/$validate-code <<< {"resourceType":"Parameters","parameter":[{"name":"url","valueUri":"http://hl7.org/fhir/ValueSet/administrative-gender"},{"name":"coding","valueCoding":{"code":"male"}}]} => 200 ; ~ "valueBoolean":false ; ~ names no system
        POST /ValueSet/$validate-code <<< {"resourceType":"Parameters","parameter":[{"name":"url","valueUri":"http://hl7.org/fhir/ValueSet/administrative-gender"},{"name":"coding","valueCoding":{"system":"http://hl7.org/fhir/administrative-gender","code":"male"}}]} => 200 ; ~ "valueBoolean":true
        POST /Condition/$validate <<< {"resourceType":"Condition","clinicalStatus":{"coding":[{"code":"active"}]},"subject":{"reference":"Patient/p"}} => 200 ; ~ "severity":"error" ; ~ Condition.clinicalStatus ; ~ without its system
        POST /Condition/$validate <<< {"resourceType":"Condition","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},"subject":{"reference":"Patient/p"}} => 200 ; !~ "severity":"error"
        PUT /Condition/c <<< {"resourceType":"Condition","id":"c","clinicalStatus":{"coding":[{"code":"active"}]},"subject":{"reference":"Patient/p"}} => 422 code-invalid
    "#);
}

fn mapped() -> Clinic {
    let clinic = shelf();
    for (id, text) in [
        ("between", r#""url":"http://x.example/between","status":"draft","sourceCanonical":"http://x.example/pets|1","targetUri":"http://z.example/names","group":[{"source":"http://x.example/animals","sourceVersion":"1","target":"http://z.example","element":[{"code":"C","target":[{"code":"tom","equivalence":"wider","product":[{"property":"http://z.example/side","system":"http://z.example/sides","value":"left"}]}]}]}]"#),
        ("both", r#""url":"http://x.example/both","status":"active","sourceUri":"http://x.example/pets","targetUri":"http://z.example/names","group":[{"source":"http://x.example/animals","target":"http://z.example","element":[{"code":"C","target":[{"code":"tabby","equivalence":"equivalent"}]},{"code":"D","target":[{"code":"rex","equivalence":"equal","dependsOn":[{"property":"http://z.example/sex","value":"m"}]}]}]}]"#),
        ("over", r#""url":"http://x.example/over","status":"retired","sourceUri":"http://x.example/pets","targetUri":"http://z.example/names","group":[{"source":"http://x.example/animals","target":"http://z.example","element":[{"code":"C","target":[{"code":"felix","equivalence":"equal"}]}]}]"#),
        ("nameless", r#""status":"active","sourceUri":"http://x.example/pets","group":[{"source":"http://x.example/animals","target":"http://z.example","element":[{"code":"C","target":[{"code":"ghost","equivalence":"equal"}]}]}]"#),
    ] {
        assert_eq!(clinic.put(&format!("/ConceptMap/{id}"), format!(r#"{{"resourceType":"ConceptMap","id":"{id}",{text}}}"#)).status, 201, "{id}");
    }
    clinic
}

#[test]
fn who_names_no_map_is_answered_by_every_map_between_what_is_named() {
    let clinic = mapped();
    clinic.check(r#"
        GET /ConceptMap/$translate?system=http://x.example/animals&code=C&source=http://x.example/pets&target=http://z.example/names => 200 ; ~ "valueBoolean":true ; ~ tom ; ~ tabby ; ~ "name":"source","valueUri":"http://x.example/between" ; ~ http://x.example/both ; ~ "name":"element","valueUri":"http://z.example/side" ; ~ "code":"left" ; !~ felix ; !~ ghost ; !~ felis
        GET /ConceptMap/$translate?system=http://x.example/animals&code=C&target=http://z.example/names => 200 ; ~ tom ; ~ tabby
        GET /ConceptMap/$translate?system=http://x.example/animals&code=C&source=ValueSet/pets&targetsystem=http://z.example => 200 ; ~ tom ; ~ tabby
        GET /ConceptMap/$translate?system=http://x.example/animals&code=C&source=pets => 200 ; ~ tom ; ~ tabby
        GET /ConceptMap/$translate?system=http://x.example/animals&code=C&source=http://x.example/pets|2&targetsystem=http://z.example => 200 ; ~ tabby ; !~ tom
        GET /ConceptMap/$translate?system=http://x.example/animals&version=2&code=C&source=http://x.example/pets => 200 ; ~ tabby ; !~ tom
        GET /ConceptMap/$translate?system=http://x.example/animals&code=C&targetsystem=http://y.example => 200 ; ~ felis ; !~ tom
        GET /ConceptMap/$translate?system=http://z.example&code=tom&source=http://z.example/names&target=http://x.example/pets&reverse=true => 200 ; ~ "code":"C" ; ~ narrower
        GET /ConceptMap/$translate?url=http://x.example/over&system=http://x.example/animals&code=C => 200 ; ~ felix
        GET /ConceptMap/$translate?system=https://carnet.health/fhir/CodeSystem/vn-units&code=24&targetsystem=https://carnet.health/fhir/CodeSystem/vn-units => 200 ; ~ 24-2025
        POST /ConceptMap/$translate <<< {"resourceType":"Parameters","parameter":[{"name":"coding","valueCoding":{"system":"http://x.example/animals","code":"C"}},{"name":"source","valueUri":"http://x.example/pets"},{"name":"dependency","part":[{"name":"element","valueUri":"http://z.example/sex"},{"name":"concept","valueCodeableConcept":{"text":"m"}}]}]} => 200 ; ~ tom ; ~ tabby
        POST /ConceptMap/$translate <<< {"resourceType":"Parameters","parameter":[{"name":"code","valueCode":"1"},{"name":"system","valueUri":"urn:a"},{"name":"conceptMap","resource":{"resourceType":"ConceptMap","status":"draft","group":[{"source":"urn:a","target":"urn:b","element":[{"code":"1","target":[{"code":"x","equivalence":"equal"}]}]}]}}]} => 200 ; ~ "code":"x" ; !~ "name":"source"
    "#);
    // What is written is asked at once, what is retired no longer.
    assert_eq!(clinic.put("/ConceptMap/both", r#"{"resourceType":"ConceptMap","id":"both","url":"http://x.example/both","status":"retired"}"#).status, 200);
    clinic.check("GET /ConceptMap/$translate?system=http://x.example/animals&code=C&source=http://x.example/pets => 200 ; ~ tom ; !~ tabby");
}

#[test]
fn a_translation_between_what_no_map_is_for_or_on_a_condition_is_refused() {
    mapped().check(r#"
        GET /ConceptMap/$translate?system=http://x.example/animals&code=C&source=http://nowhere.example => 404 not-found ; ~ no concept map between
        GET /ConceptMap/$translate?system=http://x.example/animals&code=C&source=http://x.example/pets&targetsystem=http://nowhere.example => 404 not-found
        GET /ConceptMap/$translate?system=http://nowhere.example&code=C&target=http://z.example/names => 404 not-found
        GET /ConceptMap/$translate?system=http://x.example/animals&code=C&source=ValueSet/nowhere => 404 not-found
        GET /ConceptMap/$translate?code=C&source=http://x.example/pets => 400 required ; ~ http.system
        GET /ConceptMap/$translate?url=http://x.example/map&code=C => 400 required ; ~ http.system
        GET /ConceptMap/$translate?source=http://x.example/pets => 400 required
        GET /ConceptMap/$translate?url=http://x.example/between&system=http://x.example/animals&code=C&source=http://y.example/other => 400 value ; ~ http.source
        GET /ConceptMap/$translate?url=http://x.example/map&system=http://x.example/animals&code=C&target=http://z.example/names => 400 value ; ~ http.target
        GET /ConceptMap/$translate?system=http://x.example/animals&code=D&source=http://x.example/pets => 422 not-supported ; ~ dependsOn ; !~ rex
        GET /ConceptMap/$translate?url=http://x.example/both&system=http://x.example/animals&code=C&dependency=x => 400 value
        GET /ConceptMap/$translate?conceptMap=x&system=http://x.example/animals&code=C => 400 value
        POST /ConceptMap/$translate <<< {"resourceType":"Parameters","parameter":[{"name":"code","valueCode":"1"},{"name":"conceptMap","resource":{"resourceType":"Patient"}}]} => 400 structure
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
        GET /Observation?patient=a&code:below=http://x.example/animals|Z => 400 value ; ~ does not have the code ; !~ "Z"
        GET /Observation?patient=a&code:above=http://x.example/animals|Z => 400 value
        GET /Observation?patient=a&_filter=code%20ss%20http://x.example/animals|Z => 400
        GET /Observation?patient=a&code=http://x.example/animals|Z => 200 ; !~ "entry"
    "#);
}

#[test]
fn the_terminology_this_server_has_is_told() {
    shelf().check(r#"
        GET /metadata?mode=terminology => 200 ; ~ TerminologyCapabilities ; ~ "paging":true ; ~ http://hl7.org/fhir/administrative-gender
        GET /metadata?mode=terminology => 200 ; ~ has stored (code systems: 1) ; ~ {"uri":"http://x.example/animals","version":[{"code":"1"}],"subsumption":true}
        GET /metadata => 200 ; ~ CodeSystem-lookup ; ~ ValueSet-expand
    "#);
    let clinic = shelf();
    for number in 0..502 {
        let body = format!(r#"{{"resourceType":"CodeSystem","id":"s{number}","url":"http://x.example/s{number:03}","status":"active","content":"not-present"}}"#);
        assert_eq!(clinic.put(&format!("/CodeSystem/s{number}"), body).status, 201);
    }
    clinic.check(r#"
        GET /metadata?mode=terminology => 200 ; ~ has stored (code systems: 503, the first 500 listed) ; ~ http://x.example/s498 ; !~ http://x.example/s499
    "#);
}

#[test]
fn a_set_of_r4_over_a_system_that_was_imported_is_told_from_it() {
    let clinic = Clinic::open();
    let set = "http://hl7.org/fhir/ValueSet/vaccine-code";
    let asked = |code: &str| format!("GET /ValueSet/$validate-code?url={set}&system=http://hl7.org/fhir/sid/cvx&code={code}");
    clinic.check(&format!("{} => 422 not-supported\nGET /ValueSet/$expand?url={set} => 422", asked("991")));
    for (id, url) in [("cvx", "http://hl7.org/fhir/sid/cvx"), ("air", "urn:oid:1.2.36.1.2001.1005.17")] {
        let body = format!(r#"{{"resourceType":"CodeSystem","id":"{id}","url":"{url}","status":"active","content":"complete","concept":[{{"code":"991","display":"A vaccine of {id}"}}]}}"#);
        assert_eq!(clinic.put(&format!("/CodeSystem/{id}"), body).status, 201);
    }
    clinic.check(&format!(
        "{} => 200 ; ~ \"valueBoolean\":true\n{} => 200 ; ~ \"valueBoolean\":false\nGET /ValueSet/$expand?url={set} => 200 ; ~ \"total\":2 ; ~ A vaccine of air",
        asked("991"),
        asked("992")
    ));
    // Half of it is not all of it.
    clinic.check("DELETE /CodeSystem/air => 204");
    clinic.check(&format!("{} => 200 ; ~ \"valueBoolean\":true\nGET /ValueSet/$expand?url={set} => 422 ; ~ urn:oid:1.2.36.1.2001.1005.17", asked("991")));
}

#[test]
fn a_new_site_finds_what_a_ward_says_in_four_languages() {
    Clinic::open().check(r#"
        GET /ValueSet/$expand?url=https://carnet.health/fhir/ValueSet/laboratory&filter=hemoglobina&displayLanguage=es => 200 ; ~ "code":"718-7" ; ~ "display":"Hemoglobina" ; ~ This material contains content from LOINC
        GET /ValueSet/$expand?url=https://carnet.health/fhir/ValueSet/laboratory&filter=glucose%20mau&displayLanguage=vi => 200 ; ~ "code":"2345-7"
        GET /ValueSet/$expand?url=https://carnet.health/fhir/ValueSet/laboratory&filter=%D0%B3%D0%BB%D1%8E%D0%BA%D0%BE%D0%B7%D0%B0&displayLanguage=ru => 200 ; ~ "code":"2345-7"
        GET /ValueSet/$expand?url=https://carnet.health/fhir/ValueSet/vital-signs&filter=huyet%20ap => 200 ; ~ "code":"85354-9"
        GET /ValueSet/$expand?url=https://carnet.health/fhir/ValueSet/vaccines&filter=sarampion&includeDesignations=true => 200 ; ~ "code":"03" ; ~ "code":"unofficial"
        GET /ValueSet/$expand?url=https://carnet.health/fhir/ValueSet/routes&filter=tiem%20bap => 200 ; ~ "code":"IM"
        GET /ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender&filter=mujer&displayLanguage=es => 200 ; ~ "code":"female" ; ~ "display":"Mujer"
        GET /CodeSystem/$lookup?system=http://loinc.org&code=718-7&displayLanguage=vi => 200 ; ~ "valueString":"Huyết sắc tố (Hemoglobin)" ; ~ "valueCoding":{"system":"https://carnet.health/fhir/CodeSystem/designation-use","code":"unofficial"
        GET /CodeSystem/$validate-code?url=http://loinc.org&code=718-7 => 200 ; ~ "valueBoolean":true
        GET /CodeSystem/$validate-code?url=http://loinc.org&code=718-7&display=Hemoglobina => 200 ; ~ "valueBoolean":true
        GET /CodeSystem/$validate-code?url=http://hl7.org/fhir/sid/cvx&code=19&displayLanguage=ru => 200 ; ~ БЦЖ
        GET /CodeSystem/$validate-code?url=http://loinc.org&code=1-8 => 422 not-supported ; ~ only a part
        GET /CodeSystem/$lookup?system=http://loinc.org&code=1-8 => 404 not-found ; ~ only a part
        GET /CodeSystem/$subsumes?system=http://loinc.org&codeA=718-7&codeB=2345-7 => 422 not-supported
        GET /ValueSet/$expand?url=http://loinc.org/vs => 422 not-supported
        GET /ValueSet/$validate-code?url=http://loinc.org/vs&system=http://loinc.org&code=718-7 => 200 ; ~ "valueBoolean":true
        GET /ValueSet/$validate-code?url=http://loinc.org/vs&system=http://loinc.org&code=1-8 => 422 not-supported
        POST /ValueSet/$validate-code <<< {"resourceType":"Parameters","parameter":[{"name":"url","valueUri":"http://loinc.org/vs"},{"name":"codeableConcept","valueCodeableConcept":{"coding":[{"system":"http://loinc.org","code":"1-8"},{"system":"http://loinc.org","code":"718-7"}]}}]} => 200 ; ~ "valueBoolean":true
        GET /metadata?mode=terminology => 200 ; ~ {"uri":"http://loinc.org","subsumption":false}
        POST /CodeSystem/$validate-code <<< {"resourceType":"Parameters","parameter":[{"name":"codeableConcept","valueCodeableConcept":{"coding":[{"system":"http://loinc.org","code":"1-8"},{"system":"http://loinc.org","code":"718-7"}]}}]} => 200 ; ~ "valueBoolean":true
    "#);
}

#[test]
fn what_a_site_stores_counts_before_the_starter_set_and_keeps_its_names() {
    let clinic = Clinic::open();
    let whole = r#"{"resourceType":"CodeSystem","id":"loinc","url":"http://loinc.org","version":"2.99","name":"LOINC","status":"active","content":"complete","concept":[
        {"code":"718-7","display":"Hemoglobin as the owner says","designation":[{"language":"es-MX","value":"Hemoglobina oficial"}]},{"code":"9999-9","display":"Another"}]}"#;
    assert_eq!(clinic.put("/CodeSystem/loinc", whole.to_owned()).status, 201);
    clinic.check(r#"
        GET /CodeSystem/$lookup?system=http://loinc.org&code=718-7 => 200 ; ~ Hemoglobin as the owner says ; ~ 2.99 ; ~ Гемоглобин ; !~ "valueString":"Hemoglobina"}
        GET /CodeSystem/$lookup?system=http://loinc.org&code=718-7&displayLanguage=es => 200 ; ~ "name":"display","valueString":"Hemoglobina oficial"
        GET /CodeSystem/$validate-code?url=http://loinc.org&code=2345-7 => 200 ; ~ "valueBoolean":false
        GET /ValueSet/$expand?url=http://loinc.org/vs => 200 ; ~ "total":2
        GET /ValueSet/$expand?url=http://loinc.org/vs&filter=huyet%20sac => 200 ; ~ "total":1
    "#);
}

#[test]
fn a_unit_is_judged_by_its_grammar() {
    Clinic::open().check(r#"
        GET /CodeSystem/$validate-code?url=http://unitsofmeasure.org&code=mg/dL => 200 ; ~ "valueBoolean":true ; ~ milligram per deciliter
        GET /CodeSystem/$validate-code?url=http://unitsofmeasure.org&code=kg.m/s2 => 200 ; ~ "valueBoolean":true ; ~ kilogram
        GET /CodeSystem/$validate-code?url=http://unitsofmeasure.org&code=mmHg => 200 ; ~ "valueBoolean":false ; ~ at character 1 ; !~ mmHg
        GET /CodeSystem/$validate-code?url=http://unitsofmeasure.org&code=mg//dL => 200 ; ~ "valueBoolean":false ; ~ not written as UCUM asks
        GET /CodeSystem/$lookup?system=http://unitsofmeasure.org&code=mmol/L&displayLanguage=ru => 200 ; ~ миллимоль на литр
        GET /CodeSystem/$lookup?system=http://unitsofmeasure.org&code=ng/kg/min => 200 ; ~ "name":"display" ; ~ nanogram
        GET /CodeSystem/$lookup?system=http://unitsofmeasure.org&code=furlong => 404 not-found ; ~ no unit
        GET /ValueSet/$expand?url=https://carnet.health/fhir/ValueSet/units&filter=miligramo%20por%20decilitro => 200 ; ~ "code":"mg/dL"
        POST /ValueSet/$validate-code <<< {"resourceType":"Parameters","parameter":[{"name":"valueSet","resource":{"resourceType":"ValueSet","status":"active","compose":{"include":[{"system":"http://unitsofmeasure.org"}]}}},{"name":"code","valueCode":"ng/kg/min"},{"name":"system","valueUri":"http://unitsofmeasure.org"}]} => 200 ; ~ "valueBoolean":true
        POST /ValueSet/$validate-code <<< {"resourceType":"Parameters","parameter":[{"name":"valueSet","resource":{"resourceType":"ValueSet","status":"active","compose":{"include":[{"system":"http://unitsofmeasure.org"}]}}},{"name":"code","valueCode":"mmHg"},{"name":"system","valueUri":"http://unitsofmeasure.org"}]} => 200 ; ~ "valueBoolean":false
    "#);
}

#[test]
fn a_set_may_be_composed_by_a_regular_expression() {
    shelf().check(r#"
        POST /ValueSet/$expand <<< {"resourceType":"Parameters","parameter":[{"name":"valueSet","resource":{"resourceType":"ValueSet","status":"active","compose":{"include":[{"system":"http://x.example/animals","filter":[{"property":"display","op":"regex","value":"^(Cat|Dog)$"}]}]}}}]} => 200 ; ~ "total":2
        POST /ValueSet/$expand <<< {"resourceType":"Parameters","parameter":[{"name":"valueSet","resource":{"resourceType":"ValueSet","status":"active","compose":{"include":[{"system":"http://x.example/animals","filter":[{"property":"display","op":"regex","value":"(a+"}]}]}}}]} => 422 not-supported ; ~ regular expression
    "#);
}

const CLOSURE: &str = r#"POST /$closure <<< {"resourceType":"Parameters","parameter":[{"name":"name","valueString":"NAME"}CONCEPTS]}"#;

fn closure(name: &str, codes: &str, more: &str) -> String {
    let concepts: String = codes.split_whitespace().map(|code| format!(r#",{{"name":"concept","valueCoding":{{"system":"http://x.example/animals","code":"{code}"}}}}"#)).collect();
    CLOSURE.replace("NAME", name).replace("CONCEPTS", &(concepts + more))
}

#[test]
fn an_expression_is_told_that_a_code_is_in_no_set_only_where_all_are_known() {
    let asked = |set: &str, codings: &str| format!(r#"POST /$fhirpath <<< {{"resourceType":"Parameters","parameter":[{{"name":"expression","valueString":"code.memberOf('http://x.example/{set}')"}},{{"name":"resource","resource":{{"resourceType":"Observation","status":"final","code":{{"coding":[{codings}]}}}}}}]}}"#);
    let clinic = shelf();
    let (other, snomed, cat) = (r#"{"system":"urn:other","code":"1"}"#, r#"{"system":"http://snomed.info/sct","code":"1"}"#, r#"{"system":"http://x.example/animals","code":"C"}"#);
    clinic.check(&format!("{} => 200 ; ~ \"valueBoolean\":false", asked("lost", other)));
    clinic.check(&format!("{} => 422 processing", asked("lost", &format!("{other},{snomed}"))));
    clinic.check(&format!("{} => 200 ; ~ \"valueBoolean\":true", asked("pets", &format!("{snomed},{cat}"))));
    // A code without a system is of none.
    clinic.check(&format!("{} => 200 ; ~ \"valueBoolean\":false", asked("pets", r#"{"code":"C"}"#)));
}

#[test]
fn a_closure_table_is_told_step_by_step() {
    let clinic = shelf();
    let since = |version: u32| format!(r#",{{"name":"version","valueString":"{version}"}}"#);
    let told = |codes: &str, more: &str, expect: &str| clinic.check(&format!("{} => {expect}", closure("problems", codes, more)));
    told("C", "", "404 not-found ; ~ begin it");
    told("", "", r#"200 ; ~ ConceptMap ; ~ "version":"1" ; !~ group"#);
    told("C", "", r#"200 ; ~ "version":"2" ; !~ group"#);
    // Who names a version that is not there yet adds nothing: it would be told to nobody.
    told("A", &since(3), "404 not-found ; ~ it is at 2");
    // The wider code comes later: the entry still goes from the narrower to the wider.
    told("A", "", r#"200 ; ~ "version":"3" ; ~ {"source":"http://x.example/animals","target":"http://x.example/animals","element":[{"code":"C","target":[{"code":"A","equivalence":"subsumes"}]}]}"#);
    // What is there already brings nothing, and no version.
    told("A C", "", r#"200 ; ~ "version":"3" ; !~ group"#);
    told("D nonsense", "", r#"200 ; ~ "version":"4" ; ~ {"code":"D","target":[{"code":"A" ; ~ {"code":"nonsense","target":[{"equivalence":"unmatched" ; !~ "code":"C""#);
    told("", &since(0), r#"200 ; ~ "version":"4" ; ~ "code":"C" ; ~ "code":"D""#);
    told("", &since(3), r#"200 ; ~ "version":"4" ; ~ "code":"D" ; !~ "code":"C""#);
    told("", &since(4), r#"200 ; !~ group"#);
    told("", &since(5), "404 not-found ; ~ it is at 4");
    told("", r#",{"name":"version","valueString":"first"}"#, "400 value");
    told("", r#",{"name":"concept","valueCoding":{"code":"C"}}"#, "400 required");
    told("", r#",{"name":"concept","valueString":"C"}"#, "400 required");
    // Begun anew, nothing of before is left.
    told("", "", r#"200 ; ~ "version":"5" ; !~ group"#);
    told("D", "", r#"200 ; ~ "version":"6" ; !~ "code":"A""#);
    told("", &since(0), r#"200 ; ~ "version":"6" ; !~ group"#);
}

#[test]
fn a_closure_table_survives_what_its_memory_does_not() {
    let clinic = shelf();
    for codes in ["", "C", "A"] {
        clinic.check(&format!("{} => 200", closure("kept", codes, "")));
    }
    // Another door on the same store remembers nothing but what is written.
    let later = clinic.reopened();
    later.check(&format!(r#"{} => 200 ; ~ "version":"4" ; ~ "code":"D","target":[{{"code":"A""#, closure("kept", "D C", "")));
    later.check(&format!(r#"{} => 200 ; ~ "code":"C" ; ~ "code":"D""#, closure("kept", "", r#",{"name":"version","valueString":"1"}"#)));
}

#[test]
fn a_closure_table_is_its_accounts() {
    let clinic = shelf();
    for codes in ["", "C", "A"] {
        clinic.check(&format!("{} => 200", closure("mine", codes, "")));
    }
    let own = clinic.get("/ConceptMap?title=mine&_elements=title");
    let id = own.text().split("\"id\":\"closure-").nth(1).and_then(|rest| rest.split('"').next()).map(|digits| format!("closure-{digits}")).unwrap_or_else(|| panic!("{}", own.text()));
    let mut other = caller(access::Role::Integration);
    other.account.number += 1000;
    other.session.number += 1000;
    let other = clinic.seen_as(Some(other));
    let map = |title: &str| format!(r#"{{"resourceType":"ConceptMap","id":"{id}","title":"{title}","status":"active"}}"#);
    other.check(&format!(r#"
        GET /ConceptMap?title=mine => 200 ; !~ closure-
        GET /ConceptMap?_summary=count&title=mine => 200 ; ~ "total":0
        GET /ConceptMap/{id} => 404 not-found
        GET /ConceptMap/{id}/_history => 404 not-found
        PUT /ConceptMap/{id} <<< {} => 422 business-rule ; ~ of another account
        PUT /ConceptMap/{id} <<< {} => 422 business-rule ; ~ of another account
        DELETE /ConceptMap/{id} => 422 business-rule ; ~ of another account
        PUT /ConceptMap/closure-00000000000000000000000000000000 <<< {{"resourceType":"ConceptMap","id":"closure-00000000000000000000000000000000","title":"mine","status":"active"}} => 422 business-rule
        PUT /ConceptMap/closure-of-mine <<< {{"resourceType":"ConceptMap","id":"closure-of-mine","status":"active"}} => 201
    "#, map("mine"), map("theirs")));
    // Their own of the same name is another one.
    other.check(&format!(r#"{} => 200 ; ~ "version":"1""#, closure("mine", "", "")));
    clinic.seen_by(access::Role::Operator).check(&format!("GET /ConceptMap/{id} => 200 ; ~ mine"));
    clinic.check(&format!(r#"{} => 200 ; ~ "version":"4""#, closure("mine", "D", "")));
    // Whoever keeps it may delete it, and begins it anew where it was.
    clinic.check(&format!("DELETE /ConceptMap/{id} => 204"));
    clinic.check(&format!(r#"{} => 200 ; ~ "version":"6""#, closure("mine", "", "")));
}

#[test]
fn who_may_not_write_maps_keeps_no_table() {
    Clinic::open_as(access::Role::Physician).check(&format!("{} => 403 forbidden", closure("mine", "", "")));
    Clinic::open().check("
        GET /$closure?name=x => 405
        POST /$closure => 400 required
    ");
}

/// Provinces over time: which there are on a day, what each is today, and who lives there under whichever name.
#[test]
fn provinces_are_codes_with_a_day_and_a_way_to_today() {
    let clinic = Clinic::open();
    for (id, state) in [("old", "Bắc Giang"), ("new", "Tỉnh Bắc Ninh"), ("else", "Huế")] {
        assert_eq!(clinic.put(&format!("/Patient/{id}"), format!(r#"{{"resourceType":"Patient","id":"{id}","address":[{{"state":"{state}","country":"VN"}}]}}"#)).status, 201);
    }
    clinic.check(r#"
        GET /CodeSystem/$lookup?system=https://carnet.health/fhir/CodeSystem/vn-units&code=15 => 200 ; ~ Yên Bái ; ~ "valueCode":"15-2025"
        GET /CodeSystem/$validate-code?url=https://carnet.health/fhir/CodeSystem/vn-units&code=15-2025&display=L%C3%A0o%20Cai => 200 ; ~ "valueBoolean":true
        GET /CodeSystem/$validate-code?url=https://carnet.health/fhir/CodeSystem/vn-units&code=03 => 200 ; ~ "valueBoolean":false
        GET /ValueSet/$expand?url=https://carnet.health/fhir/ValueSet/vn-units => 200 ; ~ "total":34 ; !~ Yên Bái
        GET /ValueSet/$expand?url=https://carnet.health/fhir/ValueSet/vn-units&valueSetVersion=2025-06-30 => 200 ; ~ "total":63 ; ~ Yên Bái
        GET /ValueSet/$expand?url=https://carnet.health/fhir/ValueSet/mx-units => 200 ; ~ "total":32 ; ~ Ciudad de México
        GET /ValueSet/$expand?url=https://carnet.health/fhir/ValueSet/vn-units-ever&filter=bac%20gi => 200 ; ~ "total":1 ; ~ Bắc Giang
        GET /ValueSet/$expand?url=https://carnet.health/fhir/ValueSet/ru-units&filter=%D1%8E%D0%B7%D0%B0%D0%BE => 200 ; ~ "total":1 ; ~ Юго-Западный
        GET /ValueSet/$validate-code?url=https://carnet.health/fhir/ValueSet/vn-units&system=https://carnet.health/fhir/CodeSystem/vn-units&code=24 => 200 ; ~ "valueBoolean":false
        GET /ValueSet/$expand?url=https://carnet.health/fhir/ValueSet/vn-units&valueSetVersion=yesterday => 404 not-found
        GET /ValueSet/$expand?url=https://carnet.health/fhir/ValueSet/xx-units => 404 not-found
        GET /ConceptMap/$translate?url=https://carnet.health/fhir/ConceptMap/vn-units-today&system=https://carnet.health/fhir/CodeSystem/vn-units&code=24 => 200 ; ~ "valueBoolean":true ; ~ "code":"24-2025" ; ~ "wider" ; ~ Bắc Ninh
        GET /ConceptMap/$translate?url=https://carnet.health/fhir/ConceptMap/vn-units-today&system=https://carnet.health/fhir/CodeSystem/vn-units&code=24-2025&reverse=true => 200 ; ~ "code":"24" ; ~ "code":"27"
        GET /Patient?address-state=B%E1%BA%AFc%20Ninh,B%E1%BA%AFc%20Giang => 200 ; ~ Patient/old ; ~ Patient/new ; !~ Patient/else
        GET /metadata?mode=terminology => 200 ; ~ https://carnet.health/fhir/CodeSystem/ru-units
    "#);
}

#[test]
fn an_expansion_says_whether_its_set_is_in_force() {
    shelf().check(r#"
        GET /ValueSet/$expand?url=http://x.example/drafted => 200 ; ~ "status":"draft" ; ~ "code":"C"
        GET /ValueSet/$expand?url=http://x.example/pets => 200 ; ~ "status":"active"
        GET /ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender => 200 ; ~ "status":"active"
    "#);
}

#[test]
fn the_newest_and_the_figures_of_a_code_go_by_its_system_s_rule_of_capitals() {
    for (is_sensitive, newest, count) in [(false, "!~ Observation/one", "2"), (true, "~ Observation/one", "1")] {
        let clinic = Clinic::open();
        clinic.put("/CodeSystem/tests", format!(r#"{{"resourceType":"CodeSystem","id":"tests","url":"urn:tests","status":"active","content":"complete","caseSensitive":{is_sensitive},"concept":[{{"code":"GLU"}}]}}"#));
        clinic.put("/Patient/a", r#"{"resourceType":"Patient","id":"a"}"#);
        for (id, code, day) in [("one", "Glu", 1), ("two", "GLU", 2)] {
            clinic.put(&format!("/Observation/{id}"), format!(r#"{{"resourceType":"Observation","id":"{id}","status":"final","code":{{"coding":[{{"system":"urn:tests","code":"{code}"}}]}},"subject":{{"reference":"Patient/a"}},"effectiveDateTime":"2025-01-0{day}","valueQuantity":{{"value":{day},"unit":"1"}}}}"#));
        }
        clinic.check(&format!("
            GET /Observation/$lastn?patient=a&code=urn:tests|GLU => 200 ; ~ Observation/two ; {newest}
            GET /Observation/$stats?subject=Patient/a&code=urn:tests|GLU&statistic=count => 200 ; ~ \"valueInteger\":{count}
        "));
    }
}
