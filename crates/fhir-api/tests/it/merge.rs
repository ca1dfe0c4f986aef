//! Two Patients that are one person, over HTTP.

use crate::clinic::Clinic;
use access::Role;

const TWO: &str = r#"
    PUT /Patient/ana <<< {"resourceType":"Patient","id":"ana","active":true,"name":[{"family":"Ríos"}]} => 201
    PUT /Patient/ana2 <<< {"resourceType":"Patient","id":"ana2","name":[{"family":"Rios"}]} => 201
    PUT /Observation/o1 <<< {"resourceType":"Observation","id":"o1","status":"final","code":{"coding":[{"code":"x"}]},"subject":{"reference":"Patient/ana"}} => 201
    PUT /Observation/o2 <<< {"resourceType":"Observation","id":"o2","status":"final","code":{"coding":[{"code":"x"}]},"subject":{"reference":"Patient/ana2"}} => 201
"#;

#[test]
fn two_patients_are_merged_read_as_one_and_unmerged() {
    let clinic = Clinic::open();
    clinic.check(TWO);
    clinic.check(r#"
        GET /Observation?patient=ana => 200 ; ~ "total":1
        POST /Patient/$merge <<< {"resourceType":"Parameters","parameter":[{"name":"source-patient","valueReference":{"reference":"Patient/ana2"}},{"name":"target-patient","valueReference":{"reference":"Patient/ana"}},{"name":"reason","valueString":"same card"}]} => 200 ; ~ "type":"replaces" ; ~ "type":"replaced-by"
        GET /Observation?patient=ana => 200 ; ~ "total":2 ; ~ o1 ; ~ o2
        GET /Observation?patient=ana2 => 200 ; ~ "total":2
        GET /Observation?subject=Patient/ana2&code=x&_summary=count => 200 ; ~ "total":2
        GET /Observation?_filter=patient+eq+ana => 200 ; ~ "total":2
        GET /Patient/ana2/Observation => 200 ; ~ "total":2
        GET /Patient/ana/$everything => 200 ; ~ Observation/o1 ; ~ Observation/o2 ; ~ Patient/ana2
        GET /Observation/$lastn?patient=ana&code=x&max=5 => 200 ; ~ o1 ; ~ o2
        GET /Patient/ana2 => 200 ; ~ "active":false
        GET /Patient?family=rios => 200 ; ~ "total":2
        GET /Provenance?target=Patient/ana => 200 ; ~ same card ; ~ "code":"merge"
        PUT /Patient/ana <<< {"resourceType":"Patient","id":"ana","name":[{"family":"Ríos"}]} => 422 business-rule ; ~ $unmerge
        DELETE /Patient/ana2 => 422 business-rule
        POST /Patient/ana2/$unmerge <<< {"resourceType":"Parameters","parameter":[{"name":"reason","valueString":"two persons"}]} => 200 ; ~ "name":"result"
        GET /Observation?patient=ana => 200 ; ~ "total":1
        GET /Patient/ana2 => 200 ; !~ "active" ; !~ "link"
    "#);
}

#[test]
fn a_summary_by_an_identifier_that_two_patients_of_one_person_bear_is_answered() {
    let clinic = Clinic::open();
    clinic.check(r#"
        PUT /Patient/ana <<< {"resourceType":"Patient","id":"ana","identifier":[{"system":"urn:s","value":"7"}],"name":[{"family":"Ríos"}]} => 201
        PUT /Patient/ana2 <<< {"resourceType":"Patient","id":"ana2","identifier":[{"system":"urn:s","value":"7"}],"name":[{"family":"Rios"}]} => 201
        PUT /Condition/c2 <<< {"resourceType":"Condition","id":"c2","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},"code":{"text":"Cough"},"subject":{"reference":"Patient/ana2"}} => 201
        GET /Patient/$summary?identifier=urn:s|7 => 412 multiple-matches
        POST /Patient/$merge <<< {"resourceType":"Parameters","parameter":[{"name":"source-patient","valueReference":{"reference":"Patient/ana2"}},{"name":"target-patient","valueReference":{"reference":"Patient/ana"}},{"name":"reason","valueString":"same card"}]} => 200
        GET /Patient/$summary?identifier=urn:s|7 => 200 ; ~ "subject":{"reference":"Patient/ana"} ; ~ Cough ; !~ Patient/ana2
        PUT /Patient/else <<< {"resourceType":"Patient","id":"else","identifier":[{"system":"urn:s","value":"7"}]} => 201
        GET /Patient/$summary?identifier=urn:s|7 => 412 multiple-matches
        DELETE /Patient/else => 204
        GET /Patient/$summary?identifier=urn:s|7 => 200 ; ~ Cough
        POST /Patient/ana2/$unmerge <<< {"resourceType":"Parameters","parameter":[{"name":"reason","valueString":"two persons"}]} => 200
        GET /Patient/$summary?identifier=urn:s|7 => 412 multiple-matches
    "#);
}

#[test]
fn what_cannot_be_merged_is_refused_with_the_place() {
    let clinic = Clinic::open();
    clinic.check(TWO);
    clinic.check(r#"
        POST /Patient/$merge => 400 required ; ~ source-patient
        POST /Patient/$merge <<< {"resourceType":"Parameters","parameter":[{"name":"source-patient","valueReference":{"reference":"Patient/ana2"}}]} => 400 required ; ~ target-patient
        POST /Patient/$merge <<< {"resourceType":"Parameters","parameter":[{"name":"source-patient","valueReference":{"reference":"Observation/o1"}},{"name":"target-patient","valueReference":{"reference":"Patient/ana"}},{"name":"reason","valueString":"x"}]} => 400 value
        POST /Patient/$merge <<< {"resourceType":"Parameters","parameter":[{"name":"source-patient","valueReference":{"reference":"Patient/ana2"}},{"name":"target-patient","valueReference":{"reference":"Patient/ana"}}]} => 400 required ; ~ reason
        POST /Patient/$merge <<< {"resourceType":"Parameters","parameter":[{"name":"source-patient","valueReference":{"reference":"Patient/ana"}},{"name":"target-patient","valueReference":{"reference":"Patient/ana"}},{"name":"reason","valueString":"x"}]} => 422 business-rule
        POST /Patient/$merge <<< {"resourceType":"Parameters","parameter":[{"name":"source-patient","valueReference":{"reference":"Patient/none"}},{"name":"target-patient","valueReference":{"reference":"Patient/ana"}},{"name":"reason","valueString":"x"}]} => 404 not-found
        POST /Patient/ana/$unmerge <<< {"resourceType":"Parameters","parameter":[{"name":"reason","valueString":"x"}]} => 422 business-rule
        GET /Patient/$merge => 405 not-supported
        POST /$correct-person <<< {"resourceType":"Parameters","parameter":[{"name":"patient","valueReference":{"reference":"Patient/ana2"}},{"name":"reason","valueString":"x"}]} => 400 required ; ~ entry
        POST /$correct-person <<< {"resourceType":"Parameters","parameter":[{"name":"entry","valueReference":{"reference":"Patient/ana"}},{"name":"patient","valueReference":{"reference":"Patient/ana2"}},{"name":"reason","valueString":"x"}]} => 422 business-rule
        POST /$correct-person <<< {"resourceType":"Parameters","parameter":[{"name":"entry","valueReference":{"reference":"Observation/o1"}},{"name":"patient","valueReference":{"reference":"Patient/ana2"}},{"name":"reason","valueString":"wrong chart"}]} => 200 ; ~ "name":"moved"
        GET /Observation?patient=ana2 => 200 ; ~ "total":2
        GET /Observation/o1 => 410 deleted
    "#);
    for role in [Role::Physician, Role::Nurse, Role::Laboratory] {
        let clinic = Clinic::open_as(role);
        clinic.check(r#"
            PUT /Patient/ana <<< {"resourceType":"Patient","id":"ana"} => 201
            PUT /Patient/ana2 <<< {"resourceType":"Patient","id":"ana2"} => 201
            POST /Patient/$merge <<< {"resourceType":"Parameters","parameter":[{"name":"source-patient","valueReference":{"reference":"Patient/ana2"}},{"name":"target-patient","valueReference":{"reference":"Patient/ana"}},{"name":"reason","valueString":"x"}]} => 403 forbidden
        "#);
    }
}
