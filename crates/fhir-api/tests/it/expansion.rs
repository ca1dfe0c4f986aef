//! Expansions as somebody wants them: of which versions, with which names, without what.

use crate::clinic::Clinic;

/// Animals in two versions, the second with an eel and a heading; and sets that name a version or none.
fn zoo() -> Clinic {
    let clinic = Clinic::open();
    let animals = |id: &str, version: &str, more: &str| {
        let text = format!(
            r#"{{"resourceType":"CodeSystem","id":"{id}","url":"http://x.example/animals","version":"{version}","name":"Animals","status":"active","content":"complete","concept":[
            {{"code":"A","display":"Animal","concept":[{{"code":"C","display":"Cat","designation":[{{"language":"es-MX","value":"Gato"}},{{"language":"ru","value":"Кошка"}}]}},{{"code":"D","display":"Dog"}}{more}]}},
            {{"code":"H","display":"Heading","property":[{{"code":"notSelectable","valueBoolean":true}}]}}]}}"#
        );
        assert_eq!(clinic.put(&format!("/CodeSystem/{id}"), text).status, 201, "{id}");
    };
    animals("one", "1", "");
    animals("two", "2", r#",{"code":"E","display":"Eel"}"#);
    let set = |id: &str, include: &str| {
        let text = format!(r#"{{"resourceType":"ValueSet","id":"{id}","url":"http://x.example/{id}","status":"active","compose":{{"include":[{include}]}}}}"#);
        assert_eq!(clinic.put(&format!("/ValueSet/{id}"), text).status, 201, "{id}");
    };
    set("pets", r#"{"system":"http://x.example/animals","filter":[{"property":"concept","op":"descendent-of","value":"A"}]}"#);
    set("pinned", r#"{"system":"http://x.example/animals","version":"1","filter":[{"property":"concept","op":"descendent-of","value":"A"}]}"#);
    set("all", r#"{"system":"http://x.example/animals"}"#);
    set("mixed", r#"{"valueSet":["http://x.example/pinned"]},{"system":"urn:other","concept":[{"code":"1"}]}"#);
    clinic
}

#[test]
fn a_set_is_expanded_of_the_versions_that_are_asked_for() {
    zoo().check(r#"
        GET /ValueSet/$expand?url=http://x.example/pets => 200 ; ~ "total":3 ; ~ Eel
        GET /ValueSet/$expand?url=http://x.example/pets&filter=%25 => 200 ; ~ "total":0
        GET /ValueSet/$expand?url=http://x.example/pets&system-version=http://x.example/animals|1 => 200 ; ~ "total":2 ; ~ "name":"system-version","valueUri":"http://x.example/animals|1" ; ~ "name":"version","valueUri":"http://x.example/animals|1"
        GET /ValueSet/$expand?url=http://x.example/pinned => 200 ; ~ "total":2
        GET /ValueSet/$expand?url=http://x.example/pinned&system-version=http://x.example/animals|2 => 200 ; ~ "total":2 ; !~ "name":"version"
        GET /ValueSet/$expand?url=http://x.example/pinned&force-system-version=http://x.example/animals|2 => 200 ; ~ "total":3 ; ~ "name":"version","valueUri":"http://x.example/animals|2"
        GET /ValueSet/$expand?url=http://x.example/mixed&force-system-version=http://x.example/animals|2 => 200 ; ~ "total":4
        GET /ValueSet/$expand?url=http://x.example/pinned&check-system-version=http://x.example/animals|1 => 200 ; ~ "total":2
        GET /ValueSet/$expand?url=http://x.example/pets&check-system-version=http://x.example/animals|1 => 200 ; ~ "total":2
        GET /ValueSet/pets/$expand?system-version=http://x.example/animals|1&system-version=urn:other|7 => 200 ; ~ "total":2
        POST /ValueSet/$expand <<< {"resourceType":"Parameters","parameter":[{"name":"url","valueUri":"http://x.example/pinned"},{"name":"force-system-version","valueCanonical":"http://x.example/animals|2"}]} => 200 ; ~ "total":3
        GET /ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender&system-version=http://hl7.org/fhir/administrative-gender|4.0.1 => 200 ; ~ "total":4
    "#);
}

#[test]
fn a_version_that_is_not_held_or_not_wanted_is_refused() {
    let clinic = zoo();
    clinic.check(r#"
        GET /ValueSet/$expand?url=http://x.example/pinned&check-system-version=http://x.example/animals|2 => 422 not-supported ; ~ http.check-system-version ; ~ another version
        GET /ValueSet/$expand?url=http://x.example/mixed&check-system-version=http://x.example/animals|2 => 422 not-supported ; ~ http.check-system-version
        GET /ValueSet/$expand?url=http://x.example/pets&system-version=http://x.example/animals|9 => 422 not-supported ; ~ http.system-version ; ~ does not hold the version
        GET /ValueSet/$expand?url=http://x.example/pets&force-system-version=http://x.example/animals|9 => 422 not-supported ; ~ http.force-system-version
        GET /ValueSet/$expand?url=http://x.example/pets&system-version=http://x.example/animals => 400 value ; ~ http.system-version
        GET /ValueSet/$expand?url=http://x.example/pets&force-system-version=|1 => 400 value
        GET /ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender&system-version=http://hl7.org/fhir/administrative-gender|9 => 422 not-supported
    "#);
    // A newer one that is stored does not change what R4 published.
    let newer = r#"{"resourceType":"CodeSystem","id":"gender","url":"http://hl7.org/fhir/administrative-gender","version":"9","status":"active","content":"complete","concept":[{"code":"male"},{"code":"new"}]}"#;
    assert_eq!(clinic.put("/CodeSystem/gender", newer.to_owned()).status, 201);
    clinic.check("GET /ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender&system-version=http://hl7.org/fhir/administrative-gender|9 => 422 not-supported ; ~ told from R4");
}

#[test]
fn systems_that_were_published_with_r4_are_held_in_its_version_whatever_else_is_stored() {
    let clinic = zoo();
    let asked = |set: &str, how: &str, version: &str, expect: &str| clinic.check(&format!("GET /ValueSet/$expand?url={set}&{how}=http://terminology.hl7.org/CodeSystem/condition-clinical|{version} => {expect}"));
    let published = "http://hl7.org/fhir/ValueSet/condition-clinical";
    let all = ["system-version", "check-system-version", "force-system-version"];
    for how in all {
        asked(published, how, "4.0.1", r#"200 ; ~ "code":"relapse""#);
    }
    let newer = r#"{"resourceType":"CodeSystem","id":"clinical","url":"http://terminology.hl7.org/CodeSystem/condition-clinical","version":"1.0.0","status":"active","content":"complete","concept":[{"code":"active"},{"code":"newer"}]}"#;
    assert_eq!(clinic.put("/CodeSystem/clinical", newer.to_owned()).status, 201);
    let own = r#"{"resourceType":"ValueSet","id":"clinical","url":"http://x.example/clinical","status":"active","compose":{"include":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical"}]}}"#;
    assert_eq!(clinic.put("/ValueSet/clinical", own.to_owned()).status, 201);
    for how in all {
        asked(published, how, "4.0.1", r#"200 ; ~ "code":"relapse" ; !~ newer"#);
        asked("http://x.example/clinical", how, "4.0.1", r#"200 ; ~ "code":"relapse" ; !~ newer"#);
        asked("http://x.example/clinical", how, "1.0.0", r#"200 ; ~ "code":"newer" ; !~ relapse"#);
        asked("http://x.example/clinical", how, "5.0.0", "422 not-supported");
        // Only the system that is named is concerned.
        asked("http://x.example/pets", how, "5.0.0", r#"200 ; ~ "total":3"#);
    }
    // Of the tables that have versions of their own nobody says that they are of R4's.
    clinic.check("GET /ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/marital-status&system-version=http://terminology.hl7.org/CodeSystem/v3-MaritalStatus|4.0.1 => 422 not-supported");
}

#[test]
fn an_expansion_holds_the_names_and_codes_that_are_asked_for() {
    let expressions = r#"POST /ValueSet/$expand?MORE <<< {"resourceType":"Parameters","parameter":[{"name":"valueSet","resource":{"resourceType":"ValueSet","status":"active","compose":{"include":[{"system":"http://snomed.info/sct","concept":[{"code":"22298006"},{"code":"22298006:363698007=80891009"}]}]}}}]}"#;
    let clinic = zoo();
    clinic.check(r#"
        GET /ValueSet/$expand?url=http://x.example/pets&designation=urn:ietf:bcp:47|es => 200 ; ~ "value":"Gato" ; !~ Кошка ; ~ "name":"designation"
        GET /ValueSet/$expand?url=http://x.example/pets&designation=ru&designation=es => 200 ; ~ Gato ; ~ Кошка
        GET /ValueSet/$expand?url=http://x.example/pets&designation=es-ES => 200 ; !~ Gato
        GET /ValueSet/$expand?url=http://x.example/pets&designation=urn:x|es => 200 ; !~ Gato
        GET /ValueSet/$expand?url=http://x.example/pets&designation=es&includeDesignations=false => 200 ; !~ Gato
        GET /ValueSet/$expand?url=http://x.example/pets&designation= => 400 value ; ~ http.designation
        GET /ValueSet/$expand?url=https://carnet.health/fhir/ValueSet/vaccines&filter=sarampion&designation=https://carnet.health/fhir/CodeSystem/designation-use|unofficial => 200 ; ~ "code":"unofficial"
        GET /ValueSet/$expand?url=https://carnet.health/fhir/ValueSet/vaccines&filter=sarampion&designation=urn:x|unofficial => 200 ; !~ "code":"unofficial"
        GET /ValueSet/$expand?url=http://x.example/mixed&exclude-system=urn:other => 200 ; ~ "total":2 ; ~ "name":"exclude-system","valueUri":"urn:other"
        GET /ValueSet/$expand?url=http://x.example/mixed&exclude-system=urn:other&exclude-system=http://x.example/animals => 200 ; ~ "total":0 ; !~ contains
        GET /ValueSet/$expand?url=http://x.example/pets&exclude-system=http://x.example/animals|1 => 200 ; ~ "total":3
        GET /ValueSet/$expand?url=http://x.example/pets&exclude-system=http://x.example/animals|2 => 200 ; ~ "total":0
        GET /ValueSet/$expand?url=http://x.example/pets => 200 ; !~ "compose"
        GET /ValueSet/$expand?url=http://x.example/pets&includeDefinition=true => 200 ; ~ "compose":{"include":[{"system":"http://x.example/animals","filter":[{"property":"concept" ; ~ "total":3
        GET /ValueSet/pets/$expand?includeDefinition=true => 200 ; ~ "compose":{"include":[
        GET /ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender&includeDefinition=true => 200 ; ~ "compose":{"include":[{"system":"http://hl7.org/fhir/administrative-gender"}]}
        GET /ValueSet/$expand?url=http://x.example/pets&includeDefinition=perhaps => 400 value
    "#);
    clinic.check(&format!(
        "{} => 200 ; ~ \"total\":2\n{} => 200 ; ~ \"total\":1 ; ~ \"code\":\"22298006\"}}\n{} => 400 value",
        expressions.replace("?MORE", ""),
        expressions.replace("MORE", "excludePostCoordinated=true"),
        expressions.replace("MORE", "excludePostCoordinated=maybe"),
    ));
}

#[test]
fn what_r4_offers_and_this_server_does_not_take_is_refused_by_name_and_with_its_reason() {
    zoo().check(r#"
        GET /ValueSet/$expand?url=http://x.example/pets&date=2020-01-01 => 400 not-supported ; ~ http.date ; ~ by version, not by day
        GET /ValueSet/$expand?context=http://x.example/definition => 400 not-supported ; ~ http.context ; ~ is bound to
        GET /ValueSet/$expand?url=http://x.example/pets&contextDirection=incoming => 400 not-supported ; ~ http.contextDirection
        POST /ValueSet/$expand <<< {"resourceType":"Parameters","parameter":[{"name":"url","valueUri":"http://x.example/pets"},{"name":"date","valueDateTime":"2020-01-01"}]} => 400 not-supported ; ~ http.date
        GET /ValueSet/$expand?url=http://x.example/pets&date=2020-01-01 | Prefer: handling=lenient => 200 ; ~ "total":3 ; warning: 199 - "Parameters passed over: date"
        GET /ValueSet/$validate-code?url=http://x.example/pets&code=C&date=2020-01-01 => 400 not-supported ; ~ http.date
        GET /ValueSet/$validate-code?context=http://x.example/definition&code=C => 400 not-supported ; ~ http.context
        GET /CodeSystem/$validate-code?url=http://x.example/animals&code=C&date=2020-01-01 => 400 not-supported ; ~ http.date
        GET /CodeSystem/$lookup?system=http://x.example/animals&code=C&date=2020-01-01 => 400 not-supported ; ~ http.date
        GET /CodeSystem/$subsumes?system=http://x.example/animals&codeA=C&codeB=D&date=2020-01-01 => 400 not-supported ; !~ by version, not by day
        GET /metadata?mode=terminology => 200 ; ~ "name":"force-system-version" ; !~ "name":"contextDirection"
    "#);
}

#[test]
fn headings_are_codes_unless_somebody_says_that_they_are_not() {
    zoo().check(r#"
        GET /CodeSystem/$validate-code?url=http://x.example/animals&code=H => 200 ; ~ "valueBoolean":true
        GET /CodeSystem/$validate-code?url=http://x.example/animals&code=H&abstract=true => 200 ; ~ "valueBoolean":true
        GET /CodeSystem/$validate-code?url=http://x.example/animals&code=H&abstract=false => 200 ; ~ "valueBoolean":false ; ~ is a heading
        GET /CodeSystem/$validate-code?url=http://x.example/animals&code=C&abstract=false => 200 ; ~ "valueBoolean":true
        GET /CodeSystem/$validate-code?url=http://x.example/animals&code=H&abstract=perhaps => 400 value ; ~ http.abstract
        GET /ValueSet/$validate-code?url=http://x.example/all&system=http://x.example/animals&code=H => 200 ; ~ "valueBoolean":true
        GET /ValueSet/$validate-code?url=http://x.example/all&system=http://x.example/animals&code=H&abstract=false => 200 ; ~ "valueBoolean":false ; ~ is a heading
        GET /ValueSet/$validate-code?url=http://x.example/all&code=H&abstract=false => 200 ; ~ "valueBoolean":false ; ~ is a heading
        GET /ValueSet/$validate-code?url=http://x.example/all&code=C&abstract=false => 200 ; ~ "valueBoolean":true
    "#);
}

#[test]
fn a_system_may_be_sent_along_and_one_without_a_name_is_told_by_its_address() {
    let clinic = zoo();
    let bare = |title: &str| format!(r#"{{"resourceType":"CodeSystem","id":"bare","url":"http://y.example/bare",{title}"status":"active","content":"complete","concept":[{{"code":"1","display":"One"}}]}}"#);
    assert_eq!(clinic.put("/CodeSystem/bare", bare("")).status, 201);
    clinic.check(r#"GET /CodeSystem/$lookup?system=http://y.example/bare&code=1 => 200 ; ~ "name":"name","valueString":"http://y.example/bare""#);
    assert_eq!(clinic.put("/CodeSystem/bare", bare(r#""title":"Bare words","#)).status, 200);
    clinic.check(r#"
        GET /CodeSystem/$lookup?system=http://y.example/bare&code=1 => 200 ; ~ "name":"name","valueString":"Bare words"
        GET /CodeSystem/$lookup?system=http://x.example/animals&code=C&property=lang.es => 200 ; ~ Gato ; !~ Кошка ; !~ "valueCode":"parent"
        POST /CodeSystem/$validate-code <<< {"resourceType":"Parameters","parameter":[{"name":"code","valueCode":"q"},{"name":"codeSystem","resource":{"resourceType":"CodeSystem","url":"urn:sent","status":"draft","content":"complete","concept":[{"code":"q"}]}}]} => 200 ; ~ "valueBoolean":true
        POST /CodeSystem/$validate-code <<< {"resourceType":"Parameters","parameter":[{"name":"code","valueCode":"r"},{"name":"codeSystem","resource":{"resourceType":"CodeSystem","url":"urn:sent","status":"draft","content":"complete","concept":[{"code":"q"}]}}]} => 200 ; ~ "valueBoolean":false
        POST /CodeSystem/$validate-code <<< {"resourceType":"Parameters","parameter":[{"name":"code","valueCode":"q"},{"name":"codeSystem","resource":{"resourceType":"Patient"}}]} => 400 structure
    "#);
}

#[test]
fn a_set_that_is_locked_to_a_day_says_that_its_systems_are_those_of_today() {
    let clinic = zoo();
    let locked = r#"{"resourceType":"ValueSet","id":"locked","url":"http://x.example/locked","status":"active","compose":{"lockedDate":"2020-01-01","include":[{"system":"urn:other","concept":[{"code":"1"}]}]}}"#;
    assert_eq!(clinic.put("/ValueSet/locked", locked).status, 201);
    clinic.check(r#"
        GET /ValueSet/$expand?url=http://x.example/locked => 200 ; ~ "name":"warning","valueString":"The value set, or one that it is built on, has a lockedDate. ; ~ "total":1
        GET /ValueSet/$validate-code?url=http://x.example/locked&system=urn:other&code=1 => 200 ; ~ "valueBoolean":true ; ~ has a lockedDate
        GET /ValueSet/$validate-code?url=http://x.example/locked&system=urn:other&code=2 => 200 ; ~ "valueBoolean":false ; ~ has a lockedDate
        GET /ValueSet/$validate-code?url=http://x.example/pets&system=http://x.example/animals&code=C => 200 ; ~ "valueBoolean":true ; !~ lockedDate
        POST /ValueSet/$expand <<< {"resourceType":"Parameters","parameter":[{"name":"valueSet","resource":{"resourceType":"ValueSet","status":"active","compose":{"include":[{"valueSet":["http://x.example/locked"]}]}}}]} => 200 ; ~ "name":"warning" ; ~ has a lockedDate
        GET /ValueSet/$expand?url=http://x.example/pets => 200 ; !~ "name":"warning"
    "#);
}

#[test]
fn codes_and_codings_that_are_passed_over_are_told() {
    let concept = |codings: &str| format!(r#"{{"resourceType":"Parameters","parameter":[{{"name":"url","valueUri":"http://x.example/WHAT"}},{{"name":"codeableConcept","valueCodeableConcept":{{"coding":[{codings}]}}}}]}}"#);
    let sent = |include: &str| format!(r#"POST /ValueSet/$expand <<< {{"resourceType":"Parameters","parameter":[{{"name":"valueSet","resource":{{"resourceType":"ValueSet","status":"active","compose":{{"include":[{include}]}}}}}}]}}"#);
    let clinic = zoo();
    let asked = |kind: &str, what: &str, codings: &str, expect: &str| clinic.check(&format!("POST /{kind}/$validate-code <<< {} => 200 ; {expect}", concept(codings).replace("WHAT", what)));
    let cat = r#"{"system":"http://x.example/animals","code":"C"}"#;
    asked("ValueSet", "pets", &format!(r#"{{"display":"Horse"}},{cat}"#), r#"~ "valueBoolean":true ; ~ Codings without a code were passed over: 1. ; !~ Horse"#);
    asked("ValueSet", "pets", cat, r#"~ "valueBoolean":true ; !~ passed over"#);
    asked("CodeSystem", "animals", &format!(r#"{{"display":"Horse"}},{cat}"#), r#"~ "valueBoolean":true ; ~ passed over: 1."#);
    // The same letter in another system is another code.
    asked("CodeSystem", "animals", r#"{"system":"urn:other","code":"C"}"#, r#"~ "valueBoolean":false ; ~ of another code system"#);
    asked("CodeSystem", "animals", &format!(r#"{{"system":"urn:other","code":"Z"}},{cat}"#), r#"~ "valueBoolean":true"#);
    clinic.check(&format!("{} => 200 ; ~ \"total\":1 ; ~ were left out: 2.", sent(r#"{"system":"http://x.example/animals","concept":[{"code":"C"},{"code":"Y"},{"code":"Z"}]}"#)));
    clinic.check(&format!("{} => 200 ; ~ \"total\":1 ; !~ left out", sent(r#"{"system":"http://x.example/animals","concept":[{"code":"C"}]}"#)));
    // What R4 forbids says nothing, and is no empty set.
    clinic.check(&format!("{} => 422 not-supported ; ~ without their code system", sent(r#"{"concept":[{"code":"C"}]}"#)));
    clinic.check(&format!("{} => 422 not-supported ; ~ both lists codes and filters", sent(r#"{"system":"http://x.example/animals","concept":[{"code":"C"}],"filter":[{"property":"concept","op":"is-a","value":"D"}]}"#)));
    clinic.check(&format!("{} => 422 not-supported ; ~ neither a code system nor a value set", sent(r#"{"version":"1"}"#)));
}

#[test]
fn a_parameter_in_another_form_or_sent_twice_is_refused() {
    let body = |parameters: &str| format!(r#"{{"resourceType":"Parameters","parameter":[{parameters}]}}"#);
    let clinic = zoo();
    let asked = |path: &str, parameters: &str, expect: &str| clinic.check(&format!("POST {path} <<< {} => {expect}", body(parameters)));
    clinic.check(r#"
        GET /ValueSet/$expand?url=http://x.example/pets&url=http://x.example/all => 400 value ; ~ http.url ; ~ sent once
        GET /ValueSet/$expand?url=http://x.example/pets&valueSet=x => 400 value ; ~ http.valueSet
        GET /ValueSet/$expand?url=http://x.example/pets&force-system-version=http://x.example/animals|1&force-system-version=http://x.example/animals|2 => 400 value ; ~ one version
        GET /CodeSystem/$lookup?system=http://x.example/animals&code=C&code=D => 400 value
        GET /CodeSystem/$lookup?system=http://x.example/animals&code=C&property=parent&property=child => 200
        GET /CodeSystem/$lookup?code=C&coding=http://x.example/animals|D => 400 value ; ~ in one way
        GET /CodeSystem/$lookup?system=urn:other&coding=http://x.example/animals|D => 400 value ; ~ http.system
        GET /CodeSystem/$lookup?coding=http://x.example/animals|C&version=1 => 200 ; ~ "name":"version","valueString":"1"
        GET /CodeSystem/$lookup?coding=http://x.example/animals|C&version=9 => 404 not-found
        GET /CodeSystem/$subsumes?system=http://x.example/animals&codeA=C&codingB=D => 400 value
    "#);
    asked("/CodeSystem/$subsumes?system=urn:other", r#"{"name":"codingA","valueCoding":{"system":"http://x.example/animals","code":"A"}},{"name":"codingB","valueCoding":{"system":"http://x.example/animals","code":"C"}}"#, "400 value ; ~ another code system");
    asked("/CodeSystem/$subsumes", r#"{"name":"codingA","valueCoding":{"system":"http://x.example/animals","code":"A"}},{"name":"codingB","valueCoding":{"system":"http://x.example/animals","code":"C"}}"#, "200 ; ~ subsumes");
    asked("/ValueSet/$expand", r#"{"name":"url","valueUri":"http://x.example/pets"},{"name":"activeOnly","valueCoding":{"code":"true"}}"#, "400 value");
    asked("/ValueSet/$expand?url=http://x.example/pets", r#"{"name":"url","valueUri":"http://x.example/all"}"#, "400 value");
    asked("/ValueSet/$validate-code?url=http://x.example/pets", r#"{"name":"codeableConcept","valueCoding":{"system":"http://x.example/animals","code":"C"}}"#, "400 value");
    asked("/Patient/$match", r#"{"name":"resource","resource":{"resourceType":"Patient"}},{"name":"onlyCertainMatches","part":[{"name":"x","valueBoolean":true}]}"#, "400 value");
    asked("/Patient/$match", r#"{"name":"resource","resource":{"resourceType":"Patient"}},{"name":"resource","resource":{"resourceType":"Patient"}}"#, "400 value");
    asked("/$immds-forecast", r#"{"name":"patient","resource":{"resourceType":"Patient","birthDate":"2024-01-01"}},{"name":"immunization","valueReference":{"reference":"Immunization/1"}}"#, "400 value");
    asked("/Observation/$stats", r#"{"name":"subject","valueUri":"Patient/x"},{"name":"statistic","valueCode":"count"},{"name":"code","valueString":"a"},{"name":"coding","valueCodeableConcept":{"text":"x"}}"#, "400 value");
    asked("/$graphql", r#"{"name":"query","valueString":"{ Patient(id: 1) { id } }"},{"name":"nonsense","valueString":"x"}"#, "400 not-supported ; ~ operationName");
    asked("/$immds-forecast", r#"{"name":"patient","resource":{"resourceType":"Person","birthDate":"2024-01-01"}},{"name":"calendar","valueCode":"mx"}"#, "400 value ; ~ type Patient");
    asked("/$immds-forecast", r#"{"name":"patient","resource":{"resourceType":"Patient","birthDate":"2024-01-01"}},{"name":"calendar","valueCode":"mx"},{"name":"immunization","resource":{"resourceType":"MedicationAdministration"}}"#, "400 value ; ~ type Immunization");
    asked("/$closure?concept=http://x.example/animals|C", r#"{"name":"name","valueString":"x"}"#, "400 value ; ~ http.concept");
    asked("/$fhirpath?resource=Patient/1", r#"{"name":"expression","valueString":"1"}"#, "400 value ; ~ http.resource");
    asked("/$graphql", r#"{"name":"query","valueString":"{ a }"},{"name":"query","valueString":"{ b }"}"#, "400 value");
    asked("/$graphql", r#"{"name":"query","valueString":"query q($id: ID!) { Patient(id: $id) { id } }"},{"name":"variables","valueString":"[1]"}"#, "400 structure ; ~ variables");
}
