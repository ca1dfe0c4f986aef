//! `$validate`: what is wrong, where, and nothing is kept.

use crate::clinic::Clinic;

#[test]
fn a_resource_is_judged_without_being_kept() {
    let clinic = Clinic::open();
    clinic.put("/Patient/a", r#"{"resourceType":"Patient","id":"a","birthDate":"1980"}"#);
    clinic.check(r#"
        POST /Patient/$validate <<< {"resourceType":"Patient","birthDate":"1980-01-01"} => 200 ; ~ OperationOutcome ; !~ "severity":"error"
        POST /Patient/$validate <<< {"resourceType":"Patient","birthDate":"1980-02-31"} => 200 ; ~ "severity":"error" ; ~ Patient.birthDate ; ~ operationoutcome-issue-line ; !~ 02-31
        POST /Patient/$validate <<< {"resourceType":"Patient","gender":"x","nonsense":1} => 200 ; ~ Patient.gender ; ~ nonsense
        POST /Patient/$validate <<< {"resourceType":"Parameters","parameter":[{"name":"resource","resource":{"resourceType":"Patient","gender":"x"}},{"name":"mode","valueCode":"create"}]} => 200 ; ~ Patient.gender ; ~ issue-col
        POST /Patient/$validate <<< {"resourceType":"Observation","status":"final","code":{"text":"x"}} => 200 ; ~ "severity":"error" ; ~ resourceType
        POST /Patient/$validate?profile=http://hl7.org/fhir/StructureDefinition/Patient <<< {"resourceType":"Patient"} => 200 ; !~ "severity":"error"
        POST /Patient/$validate?profile=http://example.org/mine <<< {"resourceType":"Patient"} => 200 ; ~ "severity":"error" ; ~ profile-unknown ; ~ is not held here
        POST /Patient/$validate <<< {"resourceType":"Patient","meta":{"profile":["http://example.org/mine"]}} => 200 ; ~ Patient.meta.profile[0] ; ~ not looked at ; ~ "code":"profile-unknown" ; !~ "severity":"error"
        POST /Observation/$validate?profile=http://hl7.org/fhir/StructureDefinition/bodyweight <<< {"resourceType":"Observation","status":"final","code":{"text":"x"}} => 200 ; ~ "code":"cardinality-min" ; ~ Observation.category ; ~ Observation.subject ; ~ urn:carnet:rule ; ~ "severity":"error"
        POST /Patient/$validate <<< {"resourceType":"Patient","identifier":[{"system":"https://carnet.health/id/vn/cccd","value":"000000000000"}]} => 200 ; ~ "severity":"warning" ; ~ identifier-untrue ; ~ Patient.identifier[0].value ; !~ 000000000000 ; !~ "severity":"error"
        POST /Patient/$validate <<< {"resourceType":"Patient","identifier":[{"system":"https://carnet.health/id/vn/cccd","value":"912158012345"}]} => 200 ; !~ identifier-untrue
        POST /Patient | Prefer: return=OperationOutcome <<< {"resourceType":"Patient","identifier":[{"system":"https://carnet.health/id/vn/cccd","value":"000000000000"}]} => 201 ; ~ identifier-untrue ; !~ 000000000000
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient","identifier":[{"system":"https://carnet.health/id/vn/cccd","value":"000000000000"}]},"request":{"method":"POST","url":"Patient"}}]} => 200 ; ~ identifier-untrue ; !~ 000000000000
        POST /Patient/a/$validate?mode=update <<< {"resourceType":"Patient","id":"a"} => 200 ; !~ "severity":"error"
        POST /Patient/a/$validate?mode=update <<< {"resourceType":"Patient","id":"b"} => 200 ; ~ Patient.id
        POST /Patient/a/$validate?mode=delete => 200
        POST /Patient/none/$validate?mode=delete => 404 not-found
        POST /Patient/$validate?mode=update <<< {"resourceType":"Patient"} => 400 value
        POST /Patient/$validate?mode=maybe <<< {"resourceType":"Patient"} => 400 value
        POST /Patient/$validate?mode=profile <<< {"resourceType":"Patient"} => 400 required
        POST /Bundle/$validate <<< {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Encounter","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient?identifier=a|b"}},"request":{"method":"POST","url":"Encounter"}}]} => 200 ; !~ "severity":"error"
        POST /Bundle/$validate <<< {"resourceType":"Bundle","type":"message","entry":[{"resource":{"resourceType":"Patient"}}]} => 200 ; ~ dom-6 ; ~ bdl-12 ; ~ "severity":"error"
        POST /Bundle/$validate <<< {"resourceType":"Bundle","type":"message"} => 200 ; ~ bdl-12 ; ~ "severity":"error"
        POST /Bundle <<< {"resourceType":"Bundle","type":"message"} => 422 invariant
        POST /Bundle/$validate <<< {"resourceType":"Bundle","type":"document"} => 200 ; ~ bdl-11 ; ~ "severity":"error"
        POST /Bundle <<< {"resourceType":"Bundle","type":"document"} => 422 invariant
        POST /Bundle/$validate <<< {"resourceType":"Bundle","type":"document","entry":[{"fullUrl":"http://a.example/Composition/2","resource":{"resourceType":"Composition","id":"2","status":"final","type":{"text":"x"},"date":"2025-01-01","title":"x","author":[{"reference":"Organization/404"}]}}]} => 200 ; ~ reference-absent ; ~ Bundle.entry[0].resource.author[0].reference
        POST /Bundle/$validate <<< {"resourceType":"Bundle","type":"document","entry":[{"fullUrl":"http://a.example/Composition/2","resource":{"resourceType":"Composition","id":"2","status":"final","type":{"text":"x"},"date":"2025-01-01","title":"x","author":[{"reference":"Organization/3"}]}},{"fullUrl":"http://a.example/Organization/3","resource":{"resourceType":"Organization","id":"3","name":"x"}}]} => 200 ; !~ reference-absent
        POST /Bundle/$validate <<< {"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"http://a.example/Basic/2","resource":{"resourceType":"Basic","id":"2","code":{"text":"x"},"subject":{"reference":"Patient/404"}}}]} => 200 ; !~ reference-absent
        POST /Bundle/$validate <<< {"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"http://example.org/Patient/9","resource":{"resourceType":"Patient","id":"1"}}]} => 200 ; ~ Bundle.entry[0].fullUrl ; ~ "severity":"error"
        POST /Bundle <<< {"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"Patient/1","resource":{"resourceType":"Patient","id":"1"}}]} => 422 value
        POST /Patient/$validate => 400 required
        GET /Patient/a/$validate => 200 ; !~ "severity":"error"
        GET /Patient/none/$validate => 404 not-found
        POST /Patient/$validate <<< {"resourceType" => 400 structure
        POST /Patient/$validate?nonsense=1 <<< {"resourceType":"Patient"} => 400 not-supported
        GET /Patient?birthdate=1980-01-01 => 200 ; ~ "total":0
    "#);
}

#[test]
fn r4_prefers_forbids_and_names_codes_of_its_own() {
    let clinic = Clinic::open();
    let told = |body: &str, expect: &str| clinic.check(&format!("POST /Patient/$validate <<< {body} => 200 ; {expect}"));
    told(r#"{"resourceType":"Patient","language":"es"}"#, "!~ binding-");
    told(r#"{"resourceType":"Patient","language":"vi"}"#, r#"~ binding-preferred ; !~ binding-maximum ; !~ binding-unknown ; ~ "severity":"information" ; !~ "severity":"error""#);
    told(r#"{"resourceType":"Patient","language":"zzzzzzzzzzz"}"#, r#"~ "severity":"error" ; ~ binding-maximum ; ~ Patient.language ; !~ zzzz"#);
    // Only the registry of languages could tell, and it is not here.
    told(r#"{"resourceType":"Patient","language":"nah"}"#, r#"~ binding-unknown ; !~ binding-maximum ; !~ "severity":"error""#);
    told(r#"{"resourceType":"Patient","communication":[{"language":{"coding":[{"system":"http://x","code":"klingon"}]}}]}"#, r#"~ "severity":"error" ; ~ binding-maximum ; ~ Patient.communication[0].language ; !~ klingon"#);
    told(r#"{"resourceType":"Patient","communication":[{"language":{"text":"klingon"}}]}"#, "!~ binding-");
    let status = |more: &str| format!(r#"{{"resourceType":"Patient","maritalStatus":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/v3-MaritalStatus","code":"M",{more}}}]}}}}"#);
    told(&status(r#""display":"Divorced""#), r#"~ "code":"display" ; ~ Patient.maritalStatus.coding[0].display ; ~ "severity":"warning" ; !~ "severity":"error" ; !~ Divorced"#);
    told(&status(r#""display":" MÁRRIED""#), r#"!~ "code":"display""#);
    // A part of a system, and a system nobody has, call their codes as others say.
    told(r#"{"resourceType":"Patient","maritalStatus":{"coding":[{"system":"http://loinc.org","code":"718-7","display":"Horse"},{"system":"urn:x","code":"M","display":"Horse"}]}}"#, r#"!~ "code":"display""#);
    clinic.check(r#"
        POST /Condition/$validate <<< {"resourceType":"Condition","subject":{"reference":"Patient/1"},"onsetAge":{"value":3,"system":"http://unitsofmeasure.org","code":"mo"}} => 200 ; !~ binding-
        POST /Condition/$validate <<< {"resourceType":"Condition","subject":{"reference":"Patient/1"},"onsetAge":{"value":3,"system":"http://unitsofmeasure.org","code":"ms"}} => 200 ; ~ binding-extensible ; !~ binding-maximum
        POST /Condition/$validate <<< {"resourceType":"Condition","subject":{"reference":"Patient/1"},"onsetAge":{"value":3,"system":"http://unitsofmeasure.org","code":"kg"}} => 200 ; ~ binding-maximum
        GET /ValueSet/$validate-code?url=http://hl7.org/fhir/ValueSet/all-time-units&system=http://unitsofmeasure.org&code=d => 200 ; ~ "valueBoolean":true
        GET /ValueSet/$validate-code?url=http://hl7.org/fhir/ValueSet/all-time-units&system=http://unitsofmeasure.org&code=fs => 200 ; ~ "valueBoolean":true
        GET /ValueSet/$validate-code?url=http://hl7.org/fhir/ValueSet/all-time-units&system=http://unitsofmeasure.org&code=kg => 200 ; ~ "valueBoolean":false
        GET /ValueSet/$validate-code?url=http://hl7.org/fhir/ValueSet/all-languages&system=urn:ietf:bcp:47&code=vi-VN => 200 ; ~ "valueBoolean":true
        GET /ValueSet/$validate-code?url=http://hl7.org/fhir/ValueSet/all-languages&system=urn:ietf:bcp:47&code=zz => 200 ; ~ "valueBoolean":false
        GET /ValueSet/$validate-code?url=http://hl7.org/fhir/ValueSet/all-languages&system=urn:ietf:bcp:47&code=nah => 422 not-supported
    "#);
}

#[test]
fn required_codes_that_nobody_here_holds_are_told_and_taken() {
    Clinic::open().check(r#"
        POST /Patient/$validate <<< {"resourceType":"Patient","photo":[{"contentType":"image/png","data":"AA=="},{"contentType":"image/jpeg","data":"AA=="}]} => 200 ; ~ binding-unknown ; ~ Patient.photo[0].contentType ; !~ photo[1] ; ~ "severity":"information" ; !~ "severity":"error"
        POST /Invoice/$validate <<< {"resourceType":"Invoice","status":"draft","totalNet":{"value":1,"currency":"MXN"}} => 200 ; ~ binding-unknown ; ~ Invoice.totalNet.currency ; !~ "severity":"error"
        POST /Patient/$validate <<< {"resourceType":"Patient","photo":[{"contentType":"picture","data":"AA=="}]} => 200 ; ~ binding-shape ; ~ "severity":"warning" ; !~ "severity":"error" ; !~ picture
        POST /Invoice/$validate <<< {"resourceType":"Invoice","status":"draft","totalNet":{"value":1,"currency":"pesos"}} => 200 ; ~ binding-shape ; ~ Invoice.totalNet.currency ; !~ "severity":"error" ; !~ pesos
        POST /Patient | Prefer: return=OperationOutcome <<< {"resourceType":"Patient","photo":[{"contentType":"image/png","data":"AA=="}]} => 201 ; !~ binding-unknown
    "#);
}

/// A profile of this house: two identifiers, and a name that a set of codes knows.
const RED: &str = r#"{"resourceType":"StructureDefinition","id":"red","url":"https://house.example/red","version":"1","name":"Red","status":"active","kind":"resource","abstract":false,"type":"Patient","baseDefinition":"http://hl7.org/fhir/StructureDefinition/Patient","derivation":"constraint","differential":{"element":[{"id":"Patient.identifier","path":"Patient.identifier","min":1},{"id":"Patient.maritalStatus","path":"Patient.maritalStatus","binding":{"strength":"required","valueSet":"https://house.example/reds"}}]}}"#;

#[test]
fn a_stored_profile_is_known_as_soon_as_it_is_written_and_what_claims_it_must_meet_it() {
    let clinic = Clinic::open();
    let claim = r#"{"resourceType":"Patient","meta":{"profile":["https://house.example/red"]},"gender":"male"}"#;
    // Nobody holds it yet: what claims it is taken in, and `$validate` says that nobody looked.
    clinic.check(&format!("POST /Patient <<< {claim} => 201"));
    clinic.put("/StructureDefinition/red", RED);
    clinic.check(&format!(r#"
        POST /Patient <<< {claim} => 422 required ; ~ Patient.identifier ; ~ cardinality-min ; ~ https://house.example/red
        POST /Patient <<< {{"resourceType":"Patient","meta":{{"profile":["https://house.example/red|1"]}},"identifier":[{{"value":"1"}}]}} => 201
        POST /Patient <<< {{"resourceType":"Patient","gender":"male"}} => 201
        POST / <<< {{"resourceType":"Bundle","type":"transaction","entry":[{{"resource":{claim},"request":{{"method":"POST","url":"Patient"}}}}]}} => 422 required ; ~ Bundle.entry[0].resource.identifier
        POST /Patient/$validate?profile=https://house.example/red <<< {{"resourceType":"Patient"}} => 200 ; ~ cardinality-min ; ~ "severity":"error"
        POST /Patient/$validate?profile=https://house.example/red <<< {{"resourceType":"Patient","identifier":[{{"value":"1"}}],"maritalStatus":{{"coding":[{{"system":"urn:reds","code":"crimson"}}]}}}} => 200 ; ~ binding-unknown
        PUT /ValueSet/reds <<< {{"resourceType":"ValueSet","id":"reds","url":"https://house.example/reds","status":"active","compose":{{"include":[{{"system":"urn:reds","concept":[{{"code":"crimson"}}]}}]}}}} => 201
        POST /Patient/$validate?profile=https://house.example/red <<< {{"resourceType":"Patient","identifier":[{{"value":"1"}}],"maritalStatus":{{"coding":[{{"system":"urn:reds","code":"crimson"}}]}}}} => 200 ; !~ binding-unknown ; !~ binding-required
        POST /Patient/$validate?profile=https://house.example/red <<< {{"resourceType":"Patient","identifier":[{{"value":"1"}}],"maritalStatus":{{"coding":[{{"system":"urn:reds","code":"green"}}]}}}} => 200 ; ~ binding-required ; !~ "green"
        POST /$fhirpath <<< {{"resourceType":"Parameters","parameter":[{{"name":"expression","valueString":"conformsTo('https://house.example/red')"}},{{"name":"resource","resource":{{"resourceType":"Patient","identifier":[{{"value":"1"}}]}}}}]}} => 200 ; ~ "valueBoolean":true
        POST /$fhirpath <<< {{"resourceType":"Parameters","parameter":[{{"name":"expression","valueString":"conformsTo('https://house.example/red')"}},{{"name":"resource","resource":{{"resourceType":"Patient"}}}}]}} => 200 ; ~ "valueBoolean":false
        DELETE /StructureDefinition/red => 204
        POST /Patient <<< {claim} => 201
    "#));
}

#[test]
fn profiles_that_derive_from_each_other_in_a_circle_end() {
    let clinic = Clinic::open();
    for (id, base) in [("a", "b"), ("b", "a")] {
        let text = RED.replace("\"red\"", &format!("\"{id}\"")).replace("https://house.example/red\"", &format!("https://house.example/{id}\"")).replace("http://hl7.org/fhir/StructureDefinition/Patient", &format!("https://house.example/{base}"));
        clinic.put(&format!("/StructureDefinition/{id}"), text);
    }
    clinic.check(r#"
        POST /Patient/$validate?profile=https://house.example/a <<< {"resourceType":"Patient"} => 200 ; ~ cardinality-min ; ~ is not held: what that one asks was not looked at
    "#);
}
