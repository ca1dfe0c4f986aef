//! What each query means, told by small resources: `+` finds it, `-` does not.

use fhir::{Document, Moment, ResourceType};
use search::{Handling, Matcher, Meta, Query, QueryContext, split_query};

const BASE: &str = "https://carnet.example/fhir";

fn context() -> QueryContext {
    QueryContext { default_offset_minutes: 7 * 60, base_url: BASE.to_owned(), ..QueryContext::default() }
}

fn query(kind: ResourceType, text: &str) -> Query {
    let pairs = split_query(text);
    Query::parse(kind, pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())), Handling::Strict, context())
        .unwrap_or_else(|issues| panic!("{text}: {issues:?}"))
}

fn check(resource: &str, lines: &str) {
    let document = Document::read(resource).unwrap();
    let kind = ResourceType::named(&document.root().string("resourceType").unwrap()).unwrap();
    let meta = Meta { id: "r1", last_updated: Moment::parse("2024-05-17T10:00:00.500Z").unwrap(), version: 1 };
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (sign, text) = line.split_at(1);
        let found = Matcher::new(&query(kind, text.trim())).matches(document.root(), meta);
        assert_eq!(found, sign == "+", "{line}");
    }
}

#[test]
fn codes_are_found_by_system_and_code() {
    check(
        r#"{"resourceType":"Observation","status":"final",
            "category":[{"coding":[{"system":"http://c","code":"laboratory"}]}],
            "code":{"coding":[{"system":"http://loinc.org","code":"8480-6","display":"Systolic blood pressure"},{"code":"SYS"}],"text":"Presión sistólica"}}"#,
        r"
        + code=8480-6
        + code=http://loinc.org|8480-6
        - code=http://loinc.org|8480-7
        - code=http://snomed.info/sct|8480-6
        + code=http://loinc.org|
        - code=|8480-6
        + code=|SYS
        + code=sys
        - code=8480
        + code=x,8480-6
        - code=x,y
        - code=8480-6\,x
        - code:not=8480-6
        + code:not=x
        - code:not=x,8480-6
        + code:text=presion
        + code:text=Systolic%20blood
        - code:text=blood
        + status=final
        + status=http://hl7.org/fhir/observation-status|final
        - status=http://hl7.org/fhir/administrative-gender|final
        - status=|finale
        + status=preliminary,final
        + code=8480-6&status=final
        - code=8480-6&status=amended
        + category=laboratory&category=http://c|laboratory
        + status:in=http://hl7.org/fhir/ValueSet/observation-status
        - status:not-in=http://hl7.org/fhir/ValueSet/observation-status
        + date:missing=true
        - date:missing=false
        + code:missing=false
        ",
    );
}

#[test]
fn people_are_found_by_name_identifier_birth_date_and_gender() {
    check(
        r#"{"resourceType":"Patient","id":"r1","gender":"female","birthDate":"1958-03-12",
            "identifier":[{"system":"urn:curp","value":"ABC1","type":{"coding":[{"system":"http://t","code":"MR"}]}},{"value":"77"}],
            "name":[{"family":"García López","given":["María","de la Luz"],"prefix":["Dra."]},{"text":"Щукина Юлия"}],
            "telecom":[{"system":"phone","use":"home","value":"555 01"},{"system":"email","value":"a@b.example"}],
            "address":[{"line":["Calle 5"],"city":"Mérida","country":"MX"}],
            "generalPractitioner":[{"reference":"Practitioner/p"}]}"#,
        r"
        + name=garcia
        + name=LOPEZ
        + name=lop
        + name=maria lopez
        + name=lopez, x
        - name=opez
        + name:contains=opez
        - name=garcia jose
        - name=dra
        + family=García
        + family=lópez
        - family=maria
        + given=MARI
        + given=luz
        - given=lopez
        + family:exact=García López
        - family:exact=garcía lópez
        - family:exact=García
        + name=щукин
        + name=shchuk
        + name=щукина юлия
        - name=shchuk maria
        + identifier=ABC1
        - identifier=abc1
        + identifier=urn:curp|ABC1
        - identifier=urn:nss|ABC1
        + identifier=|77
        - identifier=|ABC1
        + identifier=urn:curp|
        + identifier:of-type=http://t|MR|ABC1
        - identifier:of-type=http://t|PPN|ABC1
        + birthdate=1958-03-12
        + birthdate=1958-03
        + birthdate=1958
        - birthdate=1958-03-13
        + birthdate=ge1958
        + birthdate=lt1959
        - birthdate=gt1958-03-12
        + birthdate=ge1958-03-12&birthdate=le1958-03-12
        + gender=female
        - gender=male
        + gender=http://hl7.org/fhir/administrative-gender|female
        + gender:not=male
        + phone=555 01
        - email=555 01
        + telecom=a@b.example
        + address=calle
        + address=merida
        + address-city=MERIDA
        - address-city=calle
        + _id=r1
        + _id=x,r1
        - _id=R1
        + _lastUpdated=2024-05-17
        - _lastUpdated=gt2024-05-17T10:00:00Z
        + _lastUpdated=gt2024-05-17T10:00:00.499Z
        + _lastUpdated=gt2024-05-17T09:59:59Z
        - _lastUpdated=gt2024-05-17T10:00:01Z
        + _lastUpdated=ge2024-05-17T10:00:00.500Z
        + deceased=false
        - deceased=true
        + general-practitioner=Practitioner/p
        + general-practitioner:Practitioner=p
        - general-practitioner=Organization/p
        + general-practitioner=p
        ",
    );
    check(r#"{"resourceType":"Patient","deceasedDateTime":"2020"}"#, "+ deceased=true\n - deceased=false\n + death-date=2020\n + gender:missing=true\n + gender:not=male");
    check(r#"{"resourceType":"Patient","deceasedBoolean":false,"birthDate":"1958"}"#, "- deceased=true\n - birthdate=1958-03\n + birthdate=1958\n + birthdate=ge1958-03\n + birthdate=lt1958-03");
}

#[test]
fn dates_compare_as_the_ranges_they_cover() {
    let at = |effective: &str| format!(r#"{{"resourceType":"Observation",{effective}}}"#);
    check(
        &at(r#""effectiveDateTime":"2024-05-17T10:00:00+07:00""#),
        "
        + date=2024-05-17
        + date=eq2024
        - date=ne2024
        + date=ne2023
        - date=gt2024-05-17
        + date=ge2024-05-17
        + date=gt2024-05-16
        + date=le2024-05-17
        - date=lt2024-05-17
        + date=sa2024-05-16
        - date=sa2024-05-17
        + date=eb2024-05-18
        - date=eb2024-05-17
        + date=ap2024-05-18
        - date=ap2024-05-20
        + date=2024-05-17T10:00
        + date=2024-05-17T03:00:00Z
        - date=2024-05-17T10:00:00Z
        + date=2023,2024-05
        ",
    );
    check(
        &at(r#""effectivePeriod":{"start":"2024-05-17","end":"2024-06-02"}"#),
        "
        - date=2024-05
        + date=2024
        + date=ge2024-06
        + date=gt2024-06-01
        - date=gt2024-06-02
        + date=lt2024-05-18
        - date=sa2024-05-17
        + date=sa2024-05-16
        + date=eb2024-06-03
        + date=ap2024-06-02
        ",
    );
    check(&at(r#""effectivePeriod":{"start":"2024-05-17"}"#), "+ date=gt2030\n - date=2024\n + date=ge2024\n - date=lt2024-05-17\n - date=eb2030\n + date=sa2023");
    check(&at(r#""effectiveDateTime":"nonsense""#), "- date=2024\n - date=ne2024\n - date:missing=true");
    // Without a zone on either side, both are in the institution's.
    check(&at(r#""effectiveDateTime":"2024-05-17""#), "+ date=2024-05-17\n - date=2024-05-17T00:00:00Z\n + date=ge2024-05-17T00:00:00+07:00");
}

#[test]
fn numbers_and_quantities_compare_with_their_precision() {
    let measured = |value: &str| format!(r#"{{"resourceType":"Observation","code":{{"coding":[{{"code":"k"}}]}},"valueQuantity":{value}}}"#);
    check(
        &measured(r#"{"value":5.40,"unit":"milligrams","system":"http://unitsofmeasure.org","code":"mg"}"#),
        "
        + value-quantity=5.4
        + value-quantity=5.40
        + value-quantity=5
        - value-quantity=5.41
        + value-quantity=5.4|http://unitsofmeasure.org|mg
        - value-quantity=5.4|http://unitsofmeasure.org|g
        + value-quantity=5.4||mg
        + value-quantity=5.4||milligrams
        + value-quantity=gt5
        - value-quantity=gt5.4
        + value-quantity=ge5.400
        + value-quantity=lt6||mg
        + value-quantity=ap5
        - value-quantity=ap4
        - value-quantity=ne5.4
        + code-value-quantity=k$gt5
        - code-value-quantity=k$gt6
        - code-value-quantity=x$gt5
        ",
    );
    check(&measured(r#"{"value":5,"comparator":"<"}"#), "+ value-quantity=lt5\n - value-quantity=ge5\n - value-quantity=gt5\n + value-quantity=lt1\n + value-quantity=eb5\n - value-quantity=5");
    check(
        r#"{"resourceType":"Observation","component":[{"code":{"coding":[{"code":"a"}]},"valueQuantity":{"value":1}},{"code":{"coding":[{"code":"b"}]},"valueQuantity":{"value":2}}]}"#,
        "
        + component-code-value-quantity=a$1
        - component-code-value-quantity=a$2
        + combo-code-value-quantity=b$2
        + component-code=b
        + combo-code=a
        - code=a
        ",
    );
    check(r#"{"resourceType":"RiskAssessment","prediction":[{"probabilityDecimal":0.8}]}"#, "+ probability=gt0.5\n - probability=gt0.9\n + probability=0.8");
}

#[test]
fn references_are_found_by_type_id_address_and_identifier() {
    check(
        r##"{"resourceType":"Observation","subject":{"reference":"Patient/p1/_history/3"},
            "performer":[{"reference":"https://carnet.example/fhir/Practitioner/d1"},{"reference":"https://other.example/Practitioner/d2"},
                         {"identifier":{"system":"urn:x","value":"9"}},{"reference":"#c"}],
            "contained":[{"resourceType":"Organization","id":"c"}],"encounter":{"reference":"Encounter/e1"}}"##,
        "
        + subject=Patient/p1
        + subject=p1
        + patient=p1
        + patient=Patient/p1
        - patient=P1
        + subject:Patient=p1
        - subject:Group=p1
        - subject=Group/p1
        + subject=https://carnet.example/fhir/Patient/p1
        - subject=https://other.example/Patient/p1
        + performer=Practitioner/d1
        + performer=https://other.example/Practitioner/d2
        - performer=Practitioner/d2
        + performer:identifier=urn:x|9
        - performer:identifier=urn:y|9
        + encounter=Encounter/e1
        + encounter=e1
        + patient:missing=false
        + device:missing=true
        ",
    );
    check(r#"{"resourceType":"Observation","subject":{"reference":"Group/g"}}"#, "+ patient:missing=true\n - patient=g\n + subject=Group/g");
    check(
        r#"{"resourceType":"QuestionnaireResponse","questionnaire":"http://q.example/form|2"}"#,
        "+ questionnaire=http://q.example/form\n + questionnaire=http://q.example/form|2\n - questionnaire=http://q.example/form|1",
    );
}

#[test]
fn an_escaped_member_or_value_is_found_all_the_same() {
    check(
        r#"{"resourceType":"Patient","n\u0061me":[{"f\u0061mily":"Garc\u00eda"}],"identifier":[{"system":"urn:x","value":"A\u002F1"}]}"#,
        "
        + name=garcia
        + family:exact=García
        + identifier=urn:x|A/1
        ",
    );
}

#[test]
fn addresses_are_exact_and_nest() {
    check(
        r#"{"resourceType":"ValueSet","url":"http://acme.example/fhir/ValueSet/123","name":"Colours of things"}"#,
        "
        + url=http://acme.example/fhir/ValueSet/123
        - url=http://acme.example/fhir/ValueSet/12
        + url:below=http://acme.example/fhir
        + url:below=http://acme.example/fhir/
        - url:below=http://acme.example/fh
        + url:above=http://acme.example/fhir/ValueSet/123/history/5
        - url:above=http://acme.example/fhir/ValueSet/124
        + name=colours
        - name=things
        + name:contains=THINGS
        ",
    );
}

#[test]
fn units_of_ucum_are_converted() {
    check(
        r#"{"resourceType":"Observation","valueQuantity":{"value":5.4,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}"#,
        r"
        + value-quantity=5.4|http://unitsofmeasure.org|mg
        + value-quantity=0.0054|http://unitsofmeasure.org|g
        + value-quantity=5400|http://unitsofmeasure.org|ug
        - value-quantity=5.4|http://unitsofmeasure.org|g
        + value-quantity=gt0.005|http://unitsofmeasure.org|g
        - value-quantity=lt5000|http://unitsofmeasure.org|ug
        - value-quantity=5.4|http://unitsofmeasure.org|mL
        - value-quantity=5.4|http://unitsofmeasure.org|nonsense
        - value-quantity=0.0054|http://other.example|g
        + value-quantity=5.4||mg
        ",
    );
    check(
        r#"{"resourceType":"Observation","valueQuantity":{"value":36.6,"unit":"C","system":"http://unitsofmeasure.org","code":"Cel"}}"#,
        r"
        + value-quantity=97.88|http://unitsofmeasure.org|[degF]
        - value-quantity=gt98|http://unitsofmeasure.org|[degF]
        ",
    );
}

#[test]
fn a_code_is_found_by_what_lies_above_or_below_it() {
    let class = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
    check(
        r#"{"resourceType":"Encounter","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"ACUTE"}}"#,
        &format!(
            "
            + class:below={class}|IMP
            + class:below={class}|ACUTE
            - class:below={class}|AMB
            - class:above={class}|IMP
            + class:above={class}|ACUTE
            "
        ),
    );
}
