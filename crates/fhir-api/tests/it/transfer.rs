//! A change of unit and a transfer, over HTTP.

use crate::clinic::Clinic;
use access::Role;

const PERSON: &str = r#"
    PUT /Organization/north <<< {"resourceType":"Organization","id":"north","name":"North"} => 201
    PUT /Organization/north1 <<< {"resourceType":"Organization","id":"north1","name":"North 1","partOf":{"reference":"Organization/north"}} => 201
    PUT /Organization/north2 <<< {"resourceType":"Organization","id":"north2","name":"North 2","partOf":{"reference":"Organization/north"}} => 201
    PUT /Organization/south <<< {"resourceType":"Organization","id":"south","name":"South"} => 201
    PUT /Patient/ana <<< {"resourceType":"Patient","id":"ana","managingOrganization":{"reference":"Organization/north1"}} => 201
    PUT /Coverage/c <<< {"resourceType":"Coverage","id":"c","status":"active","beneficiary":{"reference":"Patient/ana"},"payor":[{"reference":"Organization/north"}],"period":{"start":"2020-01-01"}} => 201
"#;

#[test]
fn a_person_changes_the_unit_and_goes_to_another_institution() {
    let clinic = Clinic::open();
    clinic.check(PERSON);
    clinic.check(r#"
        POST /Patient/ana/$assign-unit <<< {"resourceType":"Parameters","parameter":[{"name":"unit","valueReference":{"reference":"Organization/north2"}},{"name":"reason","valueString":"moved"}]} => 200 ; ~ "name":"result" ; ~ "name":"began" ; ~ "name":"ended" ; ~ assigned-unit
        GET /Patient?organization=north2 => 200 ; ~ "total":1
        GET /EpisodeOfCare?patient=ana => 200 ; ~ "total":2
        GET /EpisodeOfCare?patient=ana&status=active&organization=Organization/north2 => 200 ; ~ "total":1
        POST /Patient/ana/$transfer <<< {"resourceType":"Parameters","parameter":[{"name":"unit","valueReference":{"reference":"Organization/south"}},{"name":"ends","valueReference":{"reference":"Coverage/c"}},{"name":"until","valueDate":"2026-11-22"},{"name":"payor","valueReference":{"reference":"Organization/south"}},{"name":"kind","valueCode":"PUBLICPOL"},{"name":"from","valueDate":"2026-11-23"},{"name":"reason","valueString":"new employer"}]} => 200 ; ~ "name":"coverage" ; ~ transferred ; ~ "end":"2026-11-22"
        GET /Coverage?beneficiary=Patient/ana => 200 ; ~ "total":2
        GET /Coverage/c/_history => 200 ; ~ "total":2
        GET /EpisodeOfCare?patient=ana&type=https://carnet.health/fhir/CodeSystem/assignment|transferred => 200 ; ~ "total":1 ; ~ Organization/north2
        GET /Provenance?target=Patient/ana => 200 ; ~ "total":2 ; ~ new employer
    "#);
}

#[test]
fn a_hospital_that_pays_is_kept_and_warned_of() {
    let clinic = Clinic::open();
    clinic.check(PERSON);
    clinic.check(r#"
        PUT /Organization/hospital <<< {"resourceType":"Organization","id":"hospital","name":"Hospital","type":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/organization-type","code":"prov"}]}]} => 201
        POST /Patient/ana/$transfer <<< {"resourceType":"Parameters","parameter":[{"name":"unit","valueReference":{"reference":"Organization/south"}},{"name":"ends","valueReference":{"reference":"Coverage/c"}},{"name":"until","valueDate":"2026-11-22"},{"name":"payor","valueReference":{"reference":"Organization/hospital"}},{"name":"kind","valueCode":"PUBLICPOL"},{"name":"from","valueDate":"2026-11-23"},{"name":"reason","valueString":"new employer"}]} => 200 ; ~ "name":"outcome" ; ~ payor-asked ; ~ "severity":"warning" ; ~ Organization/hospital
        GET /Coverage?beneficiary=Patient/ana&payor=Organization/hospital => 200 ; ~ "total":1
        POST /Coverage | Prefer: return=OperationOutcome <<< {"resourceType":"Coverage","status":"active","beneficiary":{"reference":"Patient/ana"},"payor":[{"reference":"Organization/north"},{"reference":"Organization/hospital"}]} => 201 ; ~ payor-asked ; ~ "severity":"warning" ; ~ Coverage.payor[1] ; !~ Coverage.payor[0]
        POST /Coverage | Prefer: return=OperationOutcome <<< {"resourceType":"Coverage","status":"active","beneficiary":{"reference":"Patient/ana"},"payor":[{"reference":"Organization/north"}]} => 201 ; !~ payor-asked
    "#);
}

#[test]
fn what_cannot_be_assigned_or_transferred_is_refused_with_the_place() {
    let clinic = Clinic::open();
    clinic.check(PERSON);
    clinic.check(r#"
        POST /Patient/ana/$assign-unit => 400 required ; ~ unit
        POST /Patient/ana/$assign-unit <<< {"resourceType":"Parameters","parameter":[{"name":"unit","valueReference":{"reference":"Patient/ana"}},{"name":"reason","valueString":"x"}]} => 400 value ; ~ unit
        POST /Patient/ana/$assign-unit <<< {"resourceType":"Parameters","parameter":[{"name":"unit","valueReference":{"reference":"Organization/south"}}]} => 400 required ; ~ reason
        POST /Patient/ana/$assign-unit <<< {"resourceType":"Parameters","parameter":[{"name":"unit","valueReference":{"reference":"Organization/none"}},{"name":"reason","valueString":"x"}]} => 422 business-rule
        POST /Patient/none/$assign-unit <<< {"resourceType":"Parameters","parameter":[{"name":"unit","valueReference":{"reference":"Organization/south"}},{"name":"reason","valueString":"x"}]} => 404 not-found
        POST /Patient/ana/$transfer <<< {"resourceType":"Parameters","parameter":[{"name":"unit","valueReference":{"reference":"Organization/north2"}},{"name":"reason","valueString":"x"}]} => 422 business-rule ; ~ change of unit
        POST /Patient/ana/$transfer <<< {"resourceType":"Parameters","parameter":[{"name":"unit","valueReference":{"reference":"Organization/south"}},{"name":"ends","valueReference":{"reference":"Coverage/c"}},{"name":"reason","valueString":"x"}]} => 400 required ; ~ until
        POST /Patient/ana/$transfer <<< {"resourceType":"Parameters","parameter":[{"name":"unit","valueReference":{"reference":"Organization/south"}},{"name":"ends","valueReference":{"reference":"Coverage/none"}},{"name":"until","valueDate":"2026-11-22"},{"name":"reason","valueString":"x"}]} => 404 not-found
        POST /Patient/ana/$transfer <<< {"resourceType":"Parameters","parameter":[{"name":"unit","valueReference":{"reference":"Organization/south"}},{"name":"until","valueDate":"2026-11-22"},{"name":"reason","valueString":"x"}]} => 400 required ; ~ ends
        POST /Patient/ana/$transfer <<< {"resourceType":"Parameters","parameter":[{"name":"unit","valueReference":{"reference":"Organization/south"}},{"name":"number","valueString":"1"},{"name":"reason","valueString":"x"}]} => 400 required ; ~ payor
        POST /Patient/ana/$transfer?ends=Coverage/c <<< {"resourceType":"Parameters","parameter":[{"name":"unit","valueReference":{"reference":"Organization/south"}},{"name":"reason","valueString":"x"}]} => 400 value ; ~ http.ends
        POST /Patient/ana/$transfer?payor=Organization/south <<< {"resourceType":"Parameters","parameter":[{"name":"unit","valueReference":{"reference":"Organization/south"}},{"name":"reason","valueString":"x"}]} => 400 value ; ~ http.payor
        POST /Patient/ana/$transfer <<< {"resourceType":"Parameters","parameter":[{"name":"unit","valueReference":{"reference":"Organization/south"}},{"name":"what","valueString":"x"},{"name":"reason","valueString":"x"}]} => 400 not-supported
        GET /Patient/ana/$transfer => 405 not-supported
        GET /Patient/ana/_history => 200 ; ~ "total":1
    "#);
    for role in [Role::Physician, Role::Nurse, Role::Laboratory] {
        let clinic = Clinic::open_as(role);
        clinic.check(r#"
            PUT /Patient/ana <<< {"resourceType":"Patient","id":"ana"} => 201
            POST /Patient/ana/$assign-unit <<< {"resourceType":"Parameters","parameter":[{"name":"unit","valueReference":{"reference":"Organization/south"}},{"name":"reason","valueString":"x"}]} => 403 forbidden
        "#);
    }
}
