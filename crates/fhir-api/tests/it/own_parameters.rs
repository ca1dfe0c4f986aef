//! SearchParameters of the site itself: written, asked, told, retired.

use crate::clinic::Clinic;

const LANGUAGE: &str = r#"{"resourceType":"SearchParameter","id":"language","url":"https://carnet.example/SearchParameter/indigenous-language","name":"IndigenousLanguage","status":"active","description":"The language of the home","code":"indigenous-language","base":["Patient"],"type":"token","expression":"Patient.extension('https://carnet.example/StructureDefinition/indigenous-language').value"}"#;
const SITE: &str = r#"{"resourceType":"SearchParameter","id":"site","url":"https://carnet.example/SearchParameter/body-site","name":"BodySite","status":"active","description":"Where it was measured","code":"body-site","base":["Observation"],"type":"token","expression":"Observation.bodySite"}"#;
const KEEPER: &str = r#"{"resourceType":"SearchParameter","id":"keeper","url":"https://carnet.example/SearchParameter/keeper","name":"Keeper","status":"active","description":"Who keeps it","code":"keeper","base":["Patient"],"type":"reference","target":["Organization"],"expression":"Patient.extension.where(url='https://carnet.example/StructureDefinition/keeper').value.as(Reference)"}"#;

fn ward() -> Clinic {
    let clinic = Clinic::open();
    for (place, body) in [
        ("Organization/north", r#"{"resourceType":"Organization","id":"north","name":"Clínica Norte"}"#),
        ("Patient/a", r#"{"resourceType":"Patient","id":"a","birthDate":"1980-01-01","extension":[{"url":"https://carnet.example/StructureDefinition/indigenous-language","valueCoding":{"system":"urn:iso:639-3","code":"nah"}},{"url":"https://carnet.example/StructureDefinition/keeper","valueReference":{"reference":"Organization/north"}}],"name":[{"family":"Ámbar"}]}"#),
        ("Patient/b", r#"{"resourceType":"Patient","id":"b","birthDate":"1990-01-01","extension":[{"url":"https://carnet.example/StructureDefinition/indigenous-language","valueCoding":{"system":"urn:iso:639-3","code":"yua"}}],"name":[{"family":"Bosque"}]}"#),
        ("Observation/oa", r#"{"resourceType":"Observation","id":"oa","status":"final","code":{"coding":[{"code":"x"}]},"bodySite":{"coding":[{"code":"arm"}]},"subject":{"reference":"Patient/a"}}"#),
        ("SearchParameter/language", LANGUAGE),
        ("SearchParameter/site", SITE),
        ("SearchParameter/keeper", KEEPER),
    ] {
        let answer = clinic.put(&format!("/{place}"), body.to_owned());
        assert_eq!(answer.status, 201, "{place}: {}", answer.text());
    }
    clinic
}

#[test]
fn a_parameter_of_the_site_works_like_any_other() {
    ward().check(r#"
        GET /Patient?indigenous-language=nah => 200 ; ~ Patient/a ; !~ Patient/b
        GET /Patient?indigenous-language=urn:iso:639-3|yua => 200 ; ~ Patient/b ; !~ Patient/a ; ~ indigenous-language=
        GET /Patient?indigenous-language:not=nah&name=bosque => 200 ; ~ Patient/b
        GET /Patient?indigenous-language:missing=true => 200 ; !~ "entry"
        GET /Patient?_sort=-indigenous-language => 200 ; ~ Patient/a
        GET /Patient?keeper=Organization/north => 200 ; ~ Patient/a ; !~ Patient/b
        GET /Patient?keeper.nonsense=norte => 400 not-supported
        GET /Patient?keeper.name=clinica+norte => 200 ; ~ Patient/a
        GET /Patient?_id=a&_include=Patient:keeper => 200 ; ~ Organization/north
        GET /Patient?_id=a&_include=Patient:keeper:Medication => 400 not-supported ; ~ Organization
        GET /Patient?_id=a&_include=Patient:* => 200 ; ~ Organization/north ; ~ "mode":"include"
        GET /Patient?_id=a&_include=* => 200 ; ~ Organization/north ; ~ "mode":"include"
        GET /Organization?_id=north&_revinclude=Patient:* => 200 ; ~ Patient/a ; ~ "mode":"include"
        GET /Organization?_has:Patient:keeper:name=ambar => 200 ; ~ Organization/north
        GET /Organization?_id=north&_revinclude=Patient:keeper => 200 ; ~ Patient/a
        GET /Observation?patient.indigenous-language=nah => 200 ; ~ Observation/oa
        GET /Observation?patient=a&body-site=arm => 200 ; ~ Observation/oa
        GET /Observation?patient=a&_filter=body-site+eq+arm+and+code+eq+x => 200 ; ~ Observation/oa
        GET /Patient?body-site=arm => 400 not-supported
        GET /Patient?nonsense=1 => 400 not-supported ; ~ indigenous-language
        GET /metadata => 200 ; ~ "name":"indigenous-language","definition":"https://carnet.example/SearchParameter/indigenous-language","type":"token"
    "#);
}

#[test]
fn it_is_out_of_force_as_soon_as_it_is_retired() {
    let clinic = ward();
    let before = clinic.get("/metadata");
    let retired = LANGUAGE.replace("\"active\"", "\"retired\"");
    assert_eq!(clinic.put("/SearchParameter/language", retired).status, 200);
    clinic.check("
        GET /Patient?indigenous-language=nah => 400 not-supported
        GET /Patient?keeper=Organization/north => 200 ; ~ Patient/a
        GET /metadata => 200 ; !~ indigenous-language
        DELETE /SearchParameter/keeper => 204
        GET /Patient?keeper=Organization/north => 400 not-supported
    ");
    assert_eq!(clinic.put("/SearchParameter/language", LANGUAGE.to_owned()).status, 200);
    clinic.check("GET /Patient?indigenous-language=nah => 200 ; ~ Patient/a");
    assert_ne!(clinic.get("/metadata").text(), before.text());
}

#[test]
fn what_cannot_work_is_refused_and_told_why() {
    let clinic = ward();
    let with = |from: &str, to: &str| SITE.replace("\"site\"", "\"other\"").replace("body-site\",\"name", "other\",\"name").replace("\"code\":\"body-site\"", "\"code\":\"other\"").replace(from, to);
    for (body, says) in [
        (with("Observation.bodySite", "Observation.bodySite.count() > 1"), "SearchParameter.expression"),
        (with("\"type\":\"token\"", "\"type\":\"special\""), "SearchParameter.type"),
        (with("\"code\":\"other\"", "\"code\":\"status\""), "in R4"),
        (with("\"code\":\"other\"", "\"code\":\"body-site\""), "already"),
        (with("[\"Observation\"]", "[\"Resource\"]"), "SearchParameter.base"),
    ] {
        let answer = clinic.put("/SearchParameter/other", body.clone());
        assert_eq!(answer.status, 422, "{body}: {}", answer.text());
        assert!(answer.text().contains(says), "{body}: {}", answer.text());
        // A draft may say anything.
        assert!(clinic.put("/SearchParameter/draft", body.replace("\"active\"", "\"draft\"").replace("\"other\"", "\"draft\"")).status.is_success(), "{body}");
    }
    assert_eq!(clinic.put("/SearchParameter/other", with("", "")).status, 201);
}

#[test]
fn how_far_its_index_is_can_be_asked() {
    let clinic = ward();
    clinic.check(r#"
        GET /SearchParameter/language/$status => 200 ; ~ "name":"state","valueCode": ; ~ "name":"percent","valueInteger":
        POST /SearchParameter/language/$status <<< {"resourceType":"Parameters"} => 200 ; ~ "name":"state"
        GET /SearchParameter/nothing/$status => 404
        GET /SearchParameter/language/$status?x=1 => 400
        GET /SearchParameter/$status => 404
    "#);
    assert_eq!(clinic.put("/SearchParameter/language", LANGUAGE.replace("\"active\"", "\"retired\"")).status, 200);
    clinic.check("GET /SearchParameter/language/$status => 200 ; ~ not-in-force");
}
