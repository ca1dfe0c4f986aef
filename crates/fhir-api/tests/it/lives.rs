//! Births and deaths that cannot be true, over HTTP.

use crate::clinic::Clinic;

#[test]
fn a_life_that_cannot_be_true_is_refused_with_its_place_and_what_to_do() {
    let clinic = Clinic::open();
    clinic.check(r#"
        POST /Patient <<< {"resourceType":"Patient","birthDate":"2126-01-01"} => 422 business-rule ; ~ Patient.birthDate ; ~ birth-in-future ; ~ Correct it ; ~ operationoutcome-issue-line ; !~ 2126
        POST /Patient <<< {"resourceType":"Patient","birthDate":"1958-03-14","deceasedDateTime":"1950-01-01"} => 422 business-rule ; ~ Patient.deceasedDateTime ; ~ death-before-birth ; !~ 1950
        POST /Patient <<< {"resourceType":"Patient","deceasedDateTime":"2126"} => 422 business-rule ; ~ death-in-future
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient","birthDate":"2126"},"request":{"method":"POST","url":"Patient"}}]} => 422 business-rule ; ~ birthDate
        POST /Patient/$validate <<< {"resourceType":"Patient","birthDate":"2126"} => 200 ; ~ "severity":"error" ; ~ birth-in-future ; ~ Patient.birthDate
        GET /Patient => 200 ; ~ "total":0
        PUT /Patient/p <<< {"resourceType":"Patient","id":"p","birthDate":"2026"} => 201
        PUT /RelatedPerson/r <<< {"resourceType":"RelatedPerson","id":"r","patient":{"reference":"Patient/p"},"birthDate":"2126"} => 422 business-rule ; ~ RelatedPerson.birthDate
        PUT /Patient/p <<< {"resourceType":"Patient","id":"p","birthDate":"2027"} => 422 business-rule
        PATCH /Patient/p | Content-Type: application/json-patch+json <<< [{"op":"replace","path":"/birthDate","value":"2126"}] => 422 business-rule
        GET /Patient/p => 200 ; ~ "birthDate":"2026" ; ~ "versionId":"1"
    "#);
}
