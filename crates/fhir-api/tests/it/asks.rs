//! Searches by distance, by filter, by words, into what is contained, and over all types.

use crate::clinic::Clinic;
use fhir::Document;

fn ward() -> Clinic {
    let clinic = Clinic::open();
    for (place, body) in [
        ("Location/near", r#"{"resourceType":"Location","id":"near","name":"Puesto","position":{"longitude":-99.1332,"latitude":19.4326}}"#),
        ("Location/far", r#"{"resourceType":"Location","id":"far","name":"Hospital","position":{"longitude":-103.35,"latitude":20.67}}"#),
        ("Organization/north", r#"{"resourceType":"Organization","id":"north","name":"Clínica Norte"}"#),
        ("Practitioner/doc", r#"{"resourceType":"Practitioner","id":"doc","name":[{"family":"Rojas"}]}"#),
        ("Patient/a", r#"{"resourceType":"Patient","id":"a","gender":"female","birthDate":"1980-01-01","name":[{"family":"Ámbar"}],"managingOrganization":{"reference":"Organization/north"}}"#),
        ("Patient/b", r#"{"resourceType":"Patient","id":"b","gender":"male","birthDate":"1990-01-01","name":[{"family":"Bosque"}]}"#),
        ("Encounter/ea", r#"{"resourceType":"Encounter","id":"ea","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/a"},"period":{"start":"2026-01-03","end":"2026-01-03"},"participant":[{"individual":{"reference":"Practitioner/doc"}}]}"#),
        ("Encounter/eb", r#"{"resourceType":"Encounter","id":"eb","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/b"},"period":{"start":"2026-01-05","end":"2026-01-05"}}"#),
        ("Observation/oa", r#"{"resourceType":"Observation","id":"oa","status":"final","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">Presión <b>alta</b></div>"},"code":{"coding":[{"system":"http://loinc.org","code":"4548-4"}]},"note":[{"text":"después del café"}],"subject":{"reference":"Patient/a"},"effectiveDateTime":"2026-01-01"}"#),
        ("Observation/ob", r#"{"resourceType":"Observation","id":"ob","status":"amended","code":{"coding":[{"system":"http://loinc.org","code":"718-7"}]},"subject":{"reference":"Patient/b"},"effectiveDateTime":"2026-01-04"}"#),
        ("MedicationRequest/ma", r##"{"resourceType":"MedicationRequest","id":"ma","status":"active","intent":"order","contained":[{"resourceType":"Medication","id":"m","code":{"coding":[{"code":"A1"}]}},{"resourceType":"Medication","id":"n","code":{"coding":[{"code":"A1"}]}},{"resourceType":"Practitioner","id":"p","name":[{"family":"Sol"}]}],"medicationReference":{"reference":"#m"},"supportingInformation":[{"reference":"#n"}],"requester":{"reference":"#p"},"subject":{"reference":"Patient/a"}}"##),
        ("DiagnosticReport/ra", r##"{"resourceType":"DiagnosticReport","id":"ra","status":"final","code":{"coding":[{"code":"panel"}]},"contained":[{"resourceType":"Observation","id":"x","status":"final","code":{"coding":[{"code":"inner"}]},"subject":{"reference":"Patient/a"}}],"result":[{"reference":"#x"}],"subject":{"reference":"Patient/a"},"effectiveDateTime":"2026-01-01"}"##),
        ("Medication/own", r#"{"resourceType":"Medication","id":"own","code":{"coding":[{"code":"A1"}]}}"#),
        ("List/round", r#"{"resourceType":"List","id":"round","status":"current","mode":"changes","entry":[{"item":{"reference":"Patient/b"}},{"item":{"reference":"Observation/oa"}}]}"#),
    ] {
        let answer = clinic.put(&format!("/{place}"), body.to_owned());
        assert_eq!(answer.status, 201, "{place}: {}", answer.text());
    }
    clinic
}

#[test]
fn a_place_near_a_point_is_found() {
    ward().check(r#"
        GET /Location?near=19.43|-99.13 => 200 ; ~ Location/near ; !~ Location/far
        GET /Location?near=19.43|-99.13|600|km => 200 ; ~ Location/near ; ~ Location/far
        GET /Location?near=19.43|-99.13|600|km&name=hospital => 200 ; !~ Location/near ; ~ Location/far
        GET /Location?near=19.43|-99.13|600|kg => 400 value ; ~ UCUM
        GET /Encounter?location.near=19.43|-99.13&patient=a => 200 ; !~ "entry"
    "#);
}

#[test]
fn a_filter_is_asked_like_any_parameter() {
    ward().check(r#"
        GET /Patient?_filter=family+eq+ambar+and+gender+eq+female => 200 ; ~ Patient/a ; !~ Patient/b ; ~ _filter=family%20eq
        GET /Patient?_filter=family+eq+ambar+or+family+eq+bosque => 200 ; ~ Patient/a ; ~ Patient/b
        GET /Patient?name=ambar&_filter=not+(gender+eq+female) => 200 ; !~ "entry"
        GET /Observation?_filter=patient.family+eq+ambar+and+code+eq+http://loinc.org|4548-4 => 200 ; ~ Observation/oa ; !~ Observation/ob
        GET /Observation?_filter=patient[gender+eq+female].family+sw+amb+and+code+pr+true => 200 ; ~ Observation/oa ; !~ Observation/ob
        GET /Observation?_filter=patient[gender+eq+male].family+sw+amb&code=4548-4 => 200 ; !~ "entry"
        GET /Observation?_filter=patient.organization.name+co+norte+and+status+ne+amended => 200 ; ~ Observation/oa
        GET /Observation?code=4548-4,718-7&_filter=patient.family+eq+ambar+or+status+eq+amended => 200 ; ~ Observation/oa ; ~ Observation/ob
        GET /Observation?code=4548-4,718-7&_filter=not+(patient.family+eq+ambar) => 200 ; !~ Observation/oa ; ~ Observation/ob
        GET /Observation?_filter=code+eq+4548-4+or+code+eq+718-7&explain=true => 200 ; ~ postings ; ~ 2 values ; ~ 2 answered
        GET /Observation?_filter=code+like+x => 400 value ; ~ from character 6 on
        GET /Observation?_filter=code+eq+x | Prefer: handling=lenient => 200
        GET /Observation?_filter=nonsense+eq+x | Prefer: handling=lenient => 400 not-supported ; ~ from character 1 on
        POST /Observation/_search | Content-Type: application/x-www-form-urlencoded <<< _filter=code+eq+4548-4 => 200 ; ~ Observation/oa
        POST /Observation/_search | Content-Type: application/x-www-form-urlencoded <<< _format=xml => 406
        POST /Observation/_search | Content-Type: application/x-www-form-urlencoded <<< _format=json => 200
        POST /Observation/_search | Content-Type: application/x-www-form-urlencoded <<< code=4548-4&_pretty=true => 200 ; ~   "resourceType": "Bundle"
        POST /Observation/_search | Content-Type: application/x-www-form-urlencoded <<< _format=application/json => 200 ; Content-Type: application/json; charset=utf-8
        POST /Observation/_search | Content-Type: application/x-www-form-urlencoded | Accept: application/fhir+xml <<< _format=json => 200 ; ~ Observation/oa
        POST /Observation/_search | Content-Type: application/x-www-form-urlencoded | Accept: text/html <<< _format=json => 200 ; ~ Observation/oa
        POST /Observation/_search | Content-Type: application/x-www-form-urlencoded | Accept: application/fhir+xml <<< code=4548-4 => 406
        POST /Observation/_search | Content-Type: application/x-www-form-urlencoded | Accept: text/html <<< code=4548-4 => 406
        POST /Observation/_search?_pretty=true | Content-Type: application/x-www-form-urlencoded <<< _pretty=false => 400 value
    "#);
}

#[test]
fn words_are_looked_for_in_one_record_only() {
    ward().check(r#"
        GET /Observation?patient=a&_text=presion+alta => 200 ; ~ Observation/oa
        GET /Observation?patient=a&_text=cafe => 200 ; !~ "entry"
        GET /Observation?patient=a&_content=cafe => 200 ; ~ Observation/oa
        GET /Patient/a/Observation?_content=(cafe+OR+te)+AND+alta => 200 ; ~ Observation/oa
        GET /Patient/a/*?_content=cafe => 200 ; ~ Observation/oa ; !~ Encounter/ea
        GET /Observation?_id=oa&_content=cafe => 200 ; ~ Observation/oa
        GET /Patient?_id=a&_content=ambar => 200 ; ~ Patient/a
        GET /Observation?patient=a&_filter=_content+co+cafe+or+status+eq+amended => 200 ; ~ Observation/oa
        GET /Observation?_content=cafe => 403 too-costly ; ~ one patient
        GET /Observation?code=4548-4&_text=cafe => 403 too-costly ; ~ one patient
        GET /Observation?code=4548-4&_filter=_text+co+cafe+or+status+eq+final => 403 too-costly
        GET /Observation?patient=a,b&_text=cafe => 403 too-costly
        GET /Observation?patient._text=cafe => 400 not-supported
        GET /Observation?patient=a&_text=(cafe => 400 value ; ~ bracket
    "#);
}

#[test]
fn what_is_contained_is_found_where_it_lies() {
    let clinic = ward();
    clinic.check(r##"
        GET /Medication?code=A1 => 200 ; ~ Medication/own ; !~ MedicationRequest/ma
        GET /Medication?code=A1&_contained=false => 200 ; ~ Medication/own ; !~ MedicationRequest/ma
        GET /Medication?code=A1&_contained=true => 200 ; ~ "fullUrl":"http://localhost/fhir/MedicationRequest/ma" ; !~ Medication/own ; ~ _contained=true
        GET /Medication?code=A1&_contained=both => 200 ; ~ "fullUrl":"http://localhost/fhir/MedicationRequest/ma" ; ~ Medication/own
        GET /Medication?code=A1&_contained=true&_containedType=contained => 200 ; ~ "fullUrl":"http://localhost/fhir/MedicationRequest/ma#m","resource":{"resourceType":"Medication" ; ~ ma#n
        GET /Medication?code=A1&_contained=true&_summary=count => 200 ; ~ "total":1
        GET /Medication?code=A1&_contained=true&_containedType=contained&_summary=count => 200 ; ~ "total":2
        GET /Medication?code=B2&_contained=true => 200 ; !~ "entry"
        GET /Medication?code=A1&_contained=true&_include=MedicationRequest:patient => 200 ; ~ "mode":"include" ; ~ "fullUrl":"http://localhost/fhir/Patient/a"
        GET /Medication?code=A1&_contained=true&_containedType=contained&_revinclude=MedicationRequest:medication => 200 ; !~ "mode":"include"
        GET /Observation?patient=a&_contained=true => 200 ; ~ DiagnosticReport/ra ; !~ "fullUrl":"http://localhost/fhir/Observation/oa"
        GET /Observation?patient=a&_contained=both => 200 ; ~ DiagnosticReport/ra ; ~ Observation/oa ; !~ Observation/ob
        GET /Patient/a/Observation?_contained=true&code=inner => 200 ; ~ DiagnosticReport/ra
        GET /Patient/b/Observation?_contained=true&code=inner => 200 ; !~ "entry"
        GET /Practitioner?name=sol&_contained=true => 200 ; ~ MedicationRequest/ma
        GET /Observation?patient=a&_contained=maybe => 400 value
        GET /Observation?patient=a&_containedType=maybe => 400 value
        GET /Observation?patient=a&_contained=true&_sort=date => 400 value ; ~ _sort
    "##);
    let (mut address, mut seen) = ("/Medication?code=A1&_contained=both&_containedType=contained&_count=1".to_owned(), Vec::new());
    loop {
        let answer = clinic.get(&address);
        assert_eq!(answer.status, 200, "{address}: {}", answer.text());
        let document = Document::read(answer.text()).unwrap();
        let entries: Vec<_> = document.root().get("entry").into_iter().flat_map(|entries| entries.items()).collect();
        assert!(entries.len() <= 1);
        seen.extend(entries.iter().map(|entry| entry.string("fullUrl").unwrap().rsplit('/').next().unwrap().to_owned()));
        let mut links = document.root().get("link").unwrap().items();
        match links.find(|link| link.string("relation").as_deref() == Some("next")) {
            Some(next) => address = next.string("url").unwrap().split_once("/fhir").unwrap().1.to_owned(),
            None => break,
        }
        assert!(seen.len() < 10);
    }
    seen.sort();
    assert_eq!(seen, ["ma#m", "ma#n", "own"]);
}

#[test]
fn all_types_are_searched_by_id_and_by_list() {
    ward().check(r#"
        GET /?_id=oa => 200 ; ~ Observation/oa ; ~ /fhir?_id=oa
        GET /?_id=oa,a => 200 ; ~ Observation/oa ; ~ "fullUrl":"http://localhost/fhir/Patient/a"
        GET /?_list=round => 200 ; ~ Observation/oa ; ~ Patient/b ; !~ "fullUrl":"http://localhost/fhir/Patient/a"
        GET /?_id=none => 200 ; !~ "entry"
        GET /?_lastUpdated=gt2000 => 400 too-costly ; ~ _type
        GET /Patient?_query=current-high-risk => 400 not-supported ; ~ named queries
    "#);
}

#[test]
fn several_types_are_sorted_together() {
    let clinic = ward();
    clinic.check(r#"
        GET /?_type=Encounter,Observation&patient=a,b&_sort=class => 400 not-supported
        GET /Patient?name=ambar&_revinclude=* => 200 ; ~ Observation/oa ; ~ Encounter/ea ; ~ MedicationRequest/ma ; !~ Observation/ob
    "#);
    for (sort, expect) in [("date", ["oa", "ea", "ob", "eb"]), ("-date", ["eb", "ob", "ea", "oa"]), ("-_id", ["ob", "oa", "eb", "ea"])] {
        let (mut address, mut seen) = (format!("/?_type=Encounter,Observation&patient=a,b&_sort={sort}&_count=1"), Vec::new());
        loop {
            let answer = clinic.get(&address);
            assert_eq!(answer.status, 200, "{address}: {}", answer.text());
            let document = Document::read(answer.text()).unwrap();
            for entry in document.root().get("entry").into_iter().flat_map(|entries| entries.items()) {
                seen.push(entry.get("resource").unwrap().string("id").unwrap().into_owned());
            }
            let mut links = document.root().get("link").unwrap().items();
            match links.find(|link| link.string("relation").as_deref() == Some("next")) {
                Some(next) => address = next.string("url").unwrap().split_once("/fhir").unwrap().1.to_owned(),
                None => break,
            }
            assert!(seen.len() < 10);
        }
        assert_eq!(seen, expect, "{sort}");
    }
}

#[test]
fn a_compartment_with_several_parameters_uses_postings() {
    ward().check(r#"
        GET /Practitioner/doc/Encounter?explain=true => 200 ; ~ Encounter/ea ; !~ Encounter/eb ; ~ walks the postings
        GET /Practitioner/doc/Encounter?status=planned => 200 ; !~ "entry"
        GET /Practitioner/doc/PractitionerRole?explain=true => 200 ; ~ walks the postings
    "#);
}
