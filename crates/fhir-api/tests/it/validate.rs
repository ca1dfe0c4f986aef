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
        POST /Patient/$validate?profile=http://example.org/mine <<< {"resourceType":"Patient"} => 400 not-supported
        POST /Patient/$validate <<< {"resourceType":"Patient","meta":{"profile":["http://example.org/mine"]}} => 200 ; ~ Patient.meta.profile[0] ; ~ not looked at
        POST /Patient/a/$validate?mode=update <<< {"resourceType":"Patient","id":"a"} => 200 ; !~ "severity":"error"
        POST /Patient/a/$validate?mode=update <<< {"resourceType":"Patient","id":"b"} => 200 ; ~ Patient.id
        POST /Patient/a/$validate?mode=delete => 200
        POST /Patient/none/$validate?mode=delete => 404 not-found
        POST /Patient/$validate?mode=update <<< {"resourceType":"Patient"} => 400 value
        POST /Patient/$validate?mode=maybe <<< {"resourceType":"Patient"} => 400 value
        POST /Patient/$validate?mode=profile <<< {"resourceType":"Patient"} => 400 required
        POST /Bundle/$validate <<< {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Encounter","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient?identifier=a|b"}},"request":{"method":"POST","url":"Encounter"}}]} => 200 ; !~ "severity":"error"
        POST /Patient/$validate => 400 required
        GET /Patient/a/$validate => 200 ; !~ "severity":"error"
        GET /Patient/none/$validate => 404 not-found
        POST /Patient/$validate <<< {"resourceType" => 400 structure
        POST /Patient/$validate?nonsense=1 <<< {"resourceType":"Patient"} => 400 not-supported
        GET /Patient?birthdate=1980-01-01 => 200 ; ~ "total":0
    "#);
}
