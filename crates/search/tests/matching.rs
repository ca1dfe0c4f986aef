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
        + status=http://hl7.org/fhir/observation-status|
        - status=http://hl7.org/fhir/administrative-gender|
        + status=|final
        - status:not=http://hl7.org/fhir/observation-status|
        + category=http://c|
        - category=http://d|
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
fn a_plain_code_and_a_yes_have_the_system_that_r4_gives_them() {
    check(
        r#"{"resourceType":"Patient","id":"r1","active":true,"deceasedBoolean":true,"gender":"female","identifier":[{"system":"urn:curp","value":"A"}]}"#,
        r"
        + gender=http://hl7.org/fhir/administrative-gender|
        + gender=|female
        - gender=http://loinc.org|
        + active=true
        + active=|true
        + active=http://hl7.org/fhir/special-values|true
        + active=http://terminology.hl7.org/CodeSystem/special-values|
        - active=false
        + deceased=http://hl7.org/fhir/special-values|true
        + identifier=urn:curp|
        - identifier=urn:nss|
        ",
    );
    check(
        r#"{"resourceType":"DocumentReference","status":"current","content":[{"attachment":{"contentType":"text/plain"}}]}"#,
        r"
        + contenttype=text/plain
        + contenttype=urn:ietf:bcp:13|text/plain
        + contenttype=urn:ietf:bcp:13|
        - contenttype=urn:ietf:bcp:47|text/plain
        ",
    );
}

#[test]
fn a_profile_without_a_version_is_found_in_each() {
    check(
        r#"{"resourceType":"Observation","meta":{"profile":["http://p.example/a|1.2","http://p.example/b"]}}"#,
        r"
        + _profile=http://p.example/a
        + _profile=http://p.example/a|1.2
        - _profile=http://p.example/a|1.3
        - _profile=http://p.example/a|1
        + _profile=http://p.example/b
        - _profile=http://p.example/b|1.2
        - _profile=http://p.example
        + _profile:below=http://p.example/a
        + _profile:above=http://p.example/a/x
        ",
    );
    check(
        r#"{"resourceType":"QuestionnaireResponse","questionnaire":"https://carnet.example/fhir/Questionnaire/q|2"}"#,
        r"
        + questionnaire=Questionnaire/q
        + questionnaire=q
        + questionnaire=https://carnet.example/fhir/Questionnaire/q|2
        - questionnaire=Questionnaire/r
        ",
    );
}

#[test]
fn what_was_sampled_is_found_by_its_bounds() {
    let sampled = |rest: &str| {
        format!(r#"{{"resourceType":"Observation","status":"final","code":{{"coding":[{{"code":"ecg"}}]}},"valueSampledData":{{"origin":{{"value":100,"unit":"mV","system":"http://unitsofmeasure.org","code":"mV"}},"period":10,"dimensions":1,{rest}}}}}"#)
    };
    check(
        &sampled(r#""factor":0.5,"data":"-20 E 10 40""#),
        r"
        + value-quantity=ge90
        + value-quantity=le120
        + value-quantity=gt119|http://unitsofmeasure.org|mV
        - value-quantity=gt120
        + value-quantity=sa89
        - value-quantity=sa90
        + value-quantity=eb0.121|http://unitsofmeasure.org|V
        - value-quantity=lt0.09|http://unitsofmeasure.org|V
        - value-quantity=ge90|http://unitsofmeasure.org|mm
        - value-quantity=100
        + value-quantity=ap100
        + combo-value-quantity=ge90
        + value-quantity:missing=false
        ",
    );
    check(
        &sampled(r#""lowerLimit":1,"upperLimit":9,"data":"L 5 7""#),
        r"
        + value-quantity=lt1
        - value-quantity=gt107
        - value-quantity=sa1
        + value-quantity=eb108
        ",
    );
    check(&sampled(r#""data":"E""#), "- value-quantity=ge0\n - value-quantity=le0");
    check(&sampled(r#""data":"1 two""#), "- value-quantity=ge0");
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
        + _id:missing=false
        - _id:missing=true
        + _lastUpdated:missing=false
        - _lastUpdated:missing=true
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
    check(r#"{"resourceType":"Patient"}"#, "+ deceased:missing=true\n - deceased:missing=false\n + deceased=false");
    check(r#"{"resourceType":"Patient","deceasedDateTime":"2020"}"#, "+ deceased=true\n - deceased=false\n + death-date=2020\n + gender:missing=true\n + gender:not=male\n + deceased:missing=false\n - deceased:missing=true");
    check(r#"{"resourceType":"Patient","deceasedBoolean":false,"birthDate":"1958"}"#, "- deceased=true\n + deceased:missing=false\n - deceased:missing=true\n - birthdate=1958-03\n + birthdate=1958\n + birthdate=ge1958-03\n + birthdate=lt1958-03");
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
        + subject=Patient/p1/_history/3
        - subject=Patient/p1/_history/2
        + subject:Patient=Patient/p1/_history/3
        - subject:Patient=Patient/p1/_history/4
        - encounter=Encounter/e1/_history/1
        + subject=https://carnet.example/fhir/Patient/p1/_history/3
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

#[test]
fn a_place_is_near_as_the_crow_flies() {
    check(
        r#"{"resourceType":"Location","name":"Consultorio","position":{"longitude":-99.1332,"latitude":19.4326}}"#,
        r"
        + near=19.4326|-99.1332
        + near=19.4326|-99.0400
        - near=19.4326|-99.0300
        + near=19.4326|-99.0300|11|km
        - near=19.4326|-99.0300|10|km
        + near=19.4326|-99.0300|11
        + near=19.4326|-99.0300|11000|m
        + near=19.4326|-99.0300|7|[mi_us]
        - near=19.4326|-99.0300|6|[mi_us]
        + near=0|0|1,19.4|-99.1|10
        + near=-19.4326|80.8668|20100|km
        - near:missing=true
        + near:missing=false
        ",
    );
    check(r#"{"resourceType":"Location","position":{"longitude":null}}"#, "- near=0|0\n + near:missing=false");
    check(r#"{"resourceType":"Location"}"#, "- near=0|0|20000\n + near:missing=true");
    for text in ["near=19", "near=91|0", "near=0|181", "near=x|0", "near=0|0|-1", "near=0|0|x|km", "near=0|0|1|kg", "near=0|0|1|km|x", "near=0|0|30000|km", "near:exact=0|0"] {
        let pairs = split_query(text);
        let read = Query::parse(ResourceType::named("Location").unwrap(), pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())), Handling::Strict, context());
        assert!(read.is_err(), "{text}");
    }
}

/// Filters as they stand in a request, not encoded.
fn check_filters(resource: &str, lines: &str) {
    let encoded = |line: &str| {
        let (sign, filter) = line.split_at(1);
        let mut out = format!("{sign} _filter=");
        search::encode_into(filter.trim(), &mut out);
        out
    };
    let lines: Vec<_> = lines.lines().map(str::trim).filter(|line| !line.is_empty()).map(encoded).collect();
    check(resource, &lines.join("\n"));
}

#[test]
fn a_filter_joins_conditions() {
    check_filters(
        r#"{"resourceType":"Patient","id":"r1","gender":"female","birthDate":"1980-05-17","deceasedBoolean":true,
            "name":[{"family":"García López","given":["María","José"]},{"family":"Ríos"}],
            "identifier":[{"system":"http://n.example","value":"AB-123"}],"managingOrganization":{"reference":"Organization/o1"}}"#,
        r#"
        + given eq "maria"
        + given eq MARÍA
        - given eq "mar"
        + given co "ari"
        + given sw "mar"
        + given ew "sé"
        - given ew "mar"
        + family eq "garcia lopez"
        - family eq "garcia"
        + family ne "rios"
        + given ne "maria"
        - gender ne female
        + gender ne male
        + birthdate ge 1980-01-01
        - birthdate gt 1980-05-17
        + birthdate po 1980
        + birthdate eq 1980
        - birthdate ne 1980-05-17
        - birthdate po 1981
        + birthdate sa 1979 and birthdate eb 1981
        + identifier eq http://n.example|AB-123
        + identifier sw ab-
        + identifier ew "123"
        - identifier co xy
        + organization re Organization/o1
        - organization re Organization/o2
        + organization pr true
        - organization pr false
        + general-practitioner pr false
        + _id eq r1
        - _id ne r1
        + deceased eq true
        + deceased ne false
        + given eq maria and gender eq female
        - given eq maria and gender eq male
        + given eq nobody or gender eq female
        + gender eq male or gender eq female
        - not (gender eq female)
        + not (gender eq male or given eq nobody)
        + given eq nobody and gender eq male or birthdate eq 1980
        - given eq nobody and (gender eq male or birthdate eq 1980)
        - birthdate eq 1980 or gender eq female and given eq nobody
        + _lastUpdated ge 2024-05-17 or _lastUpdated lt 2000
        "#,
    );
    check_filters(
        r#"{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},
            "valueQuantity":{"value":130,"system":"http://unitsofmeasure.org","code":"mm[Hg]"},"effectivePeriod":{"start":"2024-01-10","end":"2024-03-10"}}"#,
        r#"
        + code eq http://loinc.org|8480-6
        + code eq http://loinc.org|1 or code eq http://loinc.org|8480-6
        - code eq "http://loinc.org|1"
        + value-quantity gt 120
        + value-quantity ap "125|http://unitsofmeasure.org|mm[Hg]"
        - value-quantity lt 120
        + date po 2024-02
        - date eq 2024-02
        - date po 2024-04
        + status in http://hl7.org/fhir/ValueSet/observation-status
        - status ni http://hl7.org/fhir/ValueSet/observation-status
        + code-value-quantity eq "http://loinc.org|8480-6$gt120"
        + code-value-quantity pr true
        "#,
    );
}

#[test]
fn a_filter_that_means_nothing_is_refused_with_its_place() {
    let refusal = |kind: &str, filter: &str| {
        let pairs = [("_filter", filter)];
        let issues = Query::parse(ResourceType::named(kind).unwrap(), pairs.into_iter(), Handling::Lenient, context()).unwrap_err();
        issues[0].message.clone()
    };
    for (kind, filter, says) in [
        ("Patient", "given eq", "from character 9 on"),
        ("Patient", "nonsense eq 1", "from character 1 on: Patient has no such parameter"),
        ("Patient", "given eq a and birthdate eq soon", "from character 29 on"),
        ("Patient", "birthdate eq ge2000", "how it compares stands before it"),
        ("Patient", "birthdate co 2000", "co does not work on birthdate; these do: eq, ne, gt"),
        ("Patient", "given gt a", "eq, ne, co, sw, ew, pr"),
        ("Patient", "given pr maybe", "true or false"),
        ("Patient", "organization.nonsense eq 1", "has no such parameter"),
        ("Patient", "general-practitioner.nonsense eq 1", "name the type"),
        ("Patient", "gender.name eq 1", "a chain begins with a reference"),
        ("Patient", "organization:Patient.name eq 1", "does not lead to that type"),
        ("Observation", "status in http://nobody.example/set", "from character 11 on"),
        ("Observation", "subject:Patient._text eq x", "not at the other end"),
    ] {
        let message = refusal(kind, filter);
        assert!(message.contains(says), "{filter}: {message}");
    }
}

#[test]
fn words_are_looked_for_in_what_is_said() {
    check(
        r#"{"resourceType":"Condition","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">Infección aguda</div>"},"note":[{"text":"Teme a las agujas"}]}"#,
        r"
        + _text=infeccion
        + _text=aguda%20infec
        - _text=agujas
        + _content=agujas
        + _content=agujas%20AND%20NOT%20nada
        + _content=nada,agujas
        - _content=nada
        ",
    );
    check(r#"{"resourceType":"Condition"}"#, "- _text=a\n - _content=a");
}

#[test]
fn components_are_met_where_they_are_meant() {
    check(
        r#"{"resourceType":"DocumentReference","relatesTo":[{"code":"replaces","target":{"reference":"DocumentReference/1"}},{"code":"appends","target":{"reference":"DocumentReference/2"}}]}"#,
        r"
        + relationship=DocumentReference/1$replaces
        - relationship=DocumentReference/1$appends
        + relationship=2$appends
        ",
    );
    check(
        r#"{"resourceType":"MolecularSequence","referenceSeq":{"chromosome":{"coding":[{"code":"1"}]},"referenceSeqId":{"coding":[{"code":"NC_000001.11"}]}},"variant":[{"start":128,"end":130},{"start":300,"end":301}]}"#,
        r"
        + chromosome-variant-coordinate=1$gt120$lt140
        - chromosome-variant-coordinate=2$gt120$lt140
        - chromosome-variant-coordinate=1$gt140$lt160
        + referenceseqid-variant-coordinate=NC_000001.11$300$301
        - referenceseqid-variant-coordinate=NC_000001.11$128$301
        ",
    );
    check(
        r#"{"resourceType":"Bundle","type":"document","entry":[{"resource":{"resourceType":"Composition","id":"c1","title":"Alta"}},{"resource":{"resourceType":"MessageHeader","id":"m1"}}]}"#,
        r"
        + composition=c1
        + composition=Composition/c1
        - composition=Composition/c2
        - message=m1
        + message:missing=true
        ",
    );
}

#[test]
fn a_place_is_asked_for_with_what_is_part_of_it() {
    let kind = |name: &str| ResourceType::named(name).unwrap();
    let meta = Meta { id: "r1", last_updated: Moment(0), version: 1 };
    let members = |way: search::Way, kind: ResourceType, id: &str| match (way, kind.name(), id) {
        (search::Way::Below, "Location", "ward") => vec!["room".to_owned(), "bed".to_owned()],
        (search::Way::Above, "Location", "ward") => vec!["house".to_owned()],
        (search::Way::Below, "Organization", "north") => vec!["clinic".to_owned()],
        _ => Vec::new(),
    };
    let answers = |name: &str, text: &str, resource: &str| {
        let asked = query(kind(name), text);
        assert!(asked.asks_for_parts() && asked.looks_beyond(), "{text}");
        let followed = asked.with_parts(&members).unwrap();
        assert!(!followed.asks_for_parts() && followed.to_self_link() == asked.to_self_link(), "{text}");
        Matcher::new(&followed).matches(Document::read(resource).unwrap().root(), meta)
    };
    let stay = |place: &str| format!(r#"{{"resourceType":"Encounter","location":[{{"location":{{"reference":"{place}"}}}}]}}"#);
    for (text, place, expect) in [
        ("location:below=ward", "Location/ward", true),
        ("location:below=Location/ward", "Location/bed", true),
        ("location:below=https://carnet.example/fhir/Location/ward", "https://carnet.example/fhir/Location/room", true),
        ("location:below=ward", "Location/house", false),
        ("location:above=ward", "Location/house", true),
        ("location:above=ward", "Location/bed", false),
        ("location:below=other,ward", "Location/bed", true),
        ("location:below=ward", "Organization/bed", false),
        ("location:below=other", "Location/bed", false),
    ] {
        assert_eq!(answers("Encounter", text, &stay(place)), expect, "{text} of {place}");
    }
    let part = |name: &str, whole: &str| format!(r#"{{"resourceType":"{name}","partOf":{{"reference":"{name}/{whole}"}}}}"#);
    assert!(answers("Location", "partof:below=ward", &part("Location", "room")) && answers("Location", "partof:below=ward", &part("Location", "ward")));
    assert!(!answers("Location", "partof:below=ward", &part("Location", "house")));
    assert!(answers("Organization", "partof:below=north", &part("Organization", "clinic")));
    // At the other end of a chain and of `_has`, too.
    for (name, text) in [("Observation", "encounter.location:below=ward"), ("Patient", "_has:Encounter:patient:location:below=ward")] {
        let asked = query(kind(name), text);
        assert!(asked.asks_for_parts() && !asked.with_parts(&members).unwrap().asks_for_parts(), "{text}");
    }
    assert!(query(kind("Encounter"), "location=ward").with_parts(&members).is_none());
    // A stay is looked for under the organisations that were found, where these have postings.
    let planned = search::plan(&query(kind("Encounter"), "service-provider:below=north").with_parts(&members).unwrap());
    assert!(matches!(&planned, search::Plan::Postings(terms) if terms[0].values.len() == 2), "{planned:?}");
    for (name, text) in [
        ("Encounter", "patient:below=1"), ("Encounter", "location:below=Organization/ward"), ("Encounter", "location:below=Location/ward/_history/1"), ("Encounter", "location:below=https://other.example/Location/1"), ("Encounter", "location:below="),
        ("Encounter", "part-of:below=Encounter/1"), ("Appointment", "actor:below=Patient/1"), ("Encounter", "location:below=a b"),
    ] {
        let pairs = split_query(text);
        let read = Query::parse(kind(name), pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())), Handling::Strict, context());
        assert!(read.is_err(), "{name}?{text}");
    }
    query(kind("Appointment"), "actor:below=Location/ward");
    query(kind("Appointment"), "actor:below=ward");
}
