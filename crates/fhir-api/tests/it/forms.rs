//! Forms over the API: populated from the record, extracted from a response.

use crate::clinic::Clinic;

fn ward() -> Clinic {
    let clinic = Clinic::open();
    clinic.check(r##"
        PUT /Patient/ana <<< {"resourceType":"Patient","id":"ana","gender":"female","birthDate":"1958-03-14"} => 201
        PUT /Patient/eva <<< {"resourceType":"Patient","id":"eva"} => 201
        PUT /Observation/w1 <<< {"resourceType":"Observation","id":"w1","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},"subject":{"reference":"Patient/ana"},"effectiveDateTime":"2024-01-01","valueQuantity":{"value":70.5,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"}} => 201
        PUT /Observation/evas <<< {"resourceType":"Observation","id":"evas","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},"subject":{"reference":"Patient/eva"},"valueQuantity":{"value":50,"system":"http://unitsofmeasure.org","code":"kg"}} => 201
        PUT /Questionnaire/q <<< {"resourceType":"Questionnaire","id":"q","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/variable","valueExpression":{"name":"weights","language":"application/x-fhir-query","expression":"Observation?code=http://loinc.org|29463-7&patient={{%patient.id}}"}},{"url":"http://hl7.org/fhir/StructureDefinition/variable","valueExpression":{"name":"all","language":"application/x-fhir-query","expression":"Observation?code=http://loinc.org|29463-7"}},{"url":"http://hl7.org/fhir/StructureDefinition/variable","valueExpression":{"name":"hers","language":"application/x-fhir-query","expression":"Observation?patient=eva"}}],"url":"https://example.org/q","version":"2","status":"active","item":[{"extension":[{"url":"http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-initialExpression","valueExpression":{"language":"text/fhirpath","expression":"%patient.birthDate"}}],"linkId":"born","type":"date"},{"extension":[{"url":"http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-initialExpression","valueExpression":{"language":"text/fhirpath","expression":"%weights.entry.resource.value"}},{"url":"http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-observationExtract","valueBoolean":true}],"linkId":"weight","type":"quantity","code":[{"system":"http://loinc.org","code":"29463-7"}]},{"extension":[{"url":"http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-initialExpression","valueExpression":{"language":"text/fhirpath","expression":"%all.entry.resource.count()"}}],"linkId":"count","type":"integer"},{"extension":[{"url":"http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-initialExpression","valueExpression":{"language":"text/fhirpath","expression":"%hers.entry.resource.count()"}}],"linkId":"hers","type":"integer"}]} => 201
    "##);
    clinic
}

#[test]
fn a_form_is_populated_from_the_record_of_its_person_and_of_nobody_else() {
    ward().check(r#"
        GET /Questionnaire/q/$populate?subject=Patient/ana => 200 ; ~ "linkId":"born","answer":[{"extension":[{"url":"https://carnet.health/fhir/StructureDefinition/form-prefilled","valueBoolean":true}],"valueDate":"1958-03-14"}] ; ~ "value":70.5 ; !~ "value":50 ; ~ "questionnaire":"https://example.org/q|2"
        GET /Questionnaire/q/$populate?subject=Patient/ana => 200 ; ~ "linkId":"count","answer":[{"extension":[{"url":"https://carnet.health/fhir/StructureDefinition/form-prefilled","valueBoolean":true}],"valueInteger":1}] ; !~ "linkId":"hers","answer":[{"extension":[{"url":"https://carnet.health/fhir/StructureDefinition/form-prefilled","valueBoolean":true}],"valueInteger":1}]
        GET /Questionnaire/$populate?canonical=https://example.org/q&subject=Patient/eva => 200 ; ~ "value":50
        POST /Questionnaire/$populate <<< {"resourceType":"Parameters","parameter":[{"name":"subject","valueReference":{"reference":"Patient/ana"}},{"name":"questionnaire","resource":{"resourceType":"Questionnaire","status":"draft","item":[{"linkId":"a","type":"integer","initial":[{"valueInteger":4}]}]}}]} => 200 ; ~ "valueInteger":4
        POST /Questionnaire/$populate <<< {"resourceType":"Parameters","parameter":[{"name":"subject","valueReference":{"reference":"Patient/ana"}},{"name":"questionnaire","resource":{"resourceType":"Questionnaire","status":"draft","item":[{"extension":[{"url":"http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-itemPopulationContext","valueExpression":{"name":"row","language":"text/fhirpath","expression":"(1 | 2 | 3)"}},{"url":"http://hl7.org/fhir/StructureDefinition/questionnaire-maxOccurs","valueInteger":2}],"linkId":"rows","type":"group","repeats":true,"item":[{"extension":[{"url":"http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-initialExpression","valueExpression":{"language":"text/fhirpath","expression":"%row"}}],"linkId":"n","type":"integer"}]}]}}]} => 200 ; ~ form-left-out","extension":[{"url":"item","valueString":"rows"},{"url":"count","valueInteger":1}] ; !~ "valueInteger":3
        GET /Questionnaire/q/$populate => 400 required
        GET /Questionnaire/q/$populate?subject=Observation/w1 => 400 required
        GET /Questionnaire/q/$populate?subject=Patient/nobody => 404 not-found
        GET /Questionnaire/none/$populate?subject=Patient/ana => 404 not-found
        GET /Questionnaire/$populate?subject=Patient/ana => 400 required
        GET /Questionnaire/$populate?canonical=urn:none&subject=Patient/ana => 404 not-found
        GET /QuestionnaireResponse?subject=Patient/ana => 200 ; ~ "total":0
    "#);
}

#[test]
fn a_form_is_populated_from_no_contact_of_another_person_and_what_nobody_looks_at_is_told() {
    let clinic = ward();
    clinic.check(r#"
        PUT /Encounter/anas <<< {"resourceType":"Encounter","id":"anas","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/ana"}} => 201
        PUT /Encounter/evas <<< {"resourceType":"Encounter","id":"evas","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/eva"}} => 201
    "#);
    let check = |contexts: &[(&str, &str)], expect: &str| {
        let contexts: String = contexts.iter().map(|(name, content)| format!(r#",{{"name":"context","part":[{{"name":"name","valueString":"{name}"}},{{"name":"content",{content}}}]}}"#)).collect();
        clinic.check(&format!(r#"POST /Questionnaire/q/$populate <<< {{"resourceType":"Parameters","parameter":[{{"name":"subject","valueReference":{{"reference":"Patient/ana"}}}}{contexts}]}} => {expect}"#));
    };
    let to = |reference: &str| format!(r#""valueReference":{{"reference":"{reference}"}}"#);
    check(&[("encounter", &to("Encounter/anas"))], r#"200 ; ~ "reference":"Encounter/anas" ; !~ passed over"#);
    check(&[("encounter", r#""resource":{"resourceType":"Encounter","id":"anas"}"#)], r#"200 ; ~ "reference":"Encounter/anas""#);
    check(&[("encounter", &to("Encounter/evas"))], "422 business-rule ; ~ another person's");
    check(&[("encounter", &to("https://elsewhere.example/Encounter/anas"))], "400 value");
    check(&[("encounter", &to("Encounter/anas")), ("encounter", &to("Encounter/anas"))], "400 value");
    check(&[("patient", &to("Patient/ana"))], "200 ; !~ passed over");
    check(&[("patient", &to("Patient/eva"))], "400 value ; ~ subject");
    check(&[("user", &to("Practitioner/x")), ("study", &to("ResearchStudy/x"))], "200 ; ~ passed over: 2.");
}

#[test]
fn what_follows_from_a_response_is_told_and_nothing_is_kept() {
    ward().check(r#"
        POST /QuestionnaireResponse/$extract <<< {"resourceType":"QuestionnaireResponse","questionnaire":"https://example.org/q|2","status":"completed","subject":{"reference":"Patient/ana"},"authored":"2026-03-01T10:00:00Z","item":[{"linkId":"weight","answer":[{"valueQuantity":{"value":71.20,"unit":"kg"}}]}]} => 200 ; ~ "name":"return" ; ~ "method":"POST","url":"Observation" ; ~ "value":71.20 ; ~ "effectiveDateTime":"2026-03-01T10:00:00Z"
        GET /Observation?patient=ana => 200 ; ~ "total":1
        PUT /QuestionnaireResponse/r <<< {"resourceType":"QuestionnaireResponse","id":"r","questionnaire":"https://example.org/q","status":"completed","subject":{"reference":"Patient/ana"},"item":[{"linkId":"weight","answer":[{"valueQuantity":{"value":72}}]}]} => 201
        GET /QuestionnaireResponse/r/$extract => 200 ; ~ QuestionnaireResponse/r ; ~ "value":72
        GET /QuestionnaireResponse/none/$extract => 404 not-found
        POST /QuestionnaireResponse/$extract <<< {"resourceType":"Patient"} => 400 required
        POST /QuestionnaireResponse/$extract <<< {"resourceType":"QuestionnaireResponse","status":"completed"} => 422 required
        POST /QuestionnaireResponse/$extract <<< {"resourceType":"QuestionnaireResponse","status":"completed","questionnaire":"urn:none"} => 422 required
    "#);
}

#[test]
fn forms_are_populated_and_extracted_inside_a_bundle_and_nothing_is_kept() {
    let clinic = ward();
    for kind in ["batch", "transaction"] {
        clinic.check(&format!(r#"
            POST / <<< {{"resourceType":"Bundle","type":"{kind}","entry":[{{"request":{{"method":"GET","url":"Questionnaire/q/$populate?subject=Patient/ana"}}}},{{"request":{{"method":"POST","url":"QuestionnaireResponse/$extract"}},"resource":{{"resourceType":"QuestionnaireResponse","questionnaire":"https://example.org/q|2","status":"completed","subject":{{"reference":"Patient/ana"}},"item":[{{"linkId":"weight","answer":[{{"valueQuantity":{{"value":71.20,"unit":"kg"}}}}]}}]}}}}]}} => 200 ; ~ "name":"response" ; ~ "value":70.5 ; ~ "name":"return" ; ~ "value":71.20
            GET /Observation?patient=ana => 200 ; ~ "total":1
            GET /QuestionnaireResponse?subject=Patient/ana => 200 ; ~ "total":0
        "#));
    }
}
