//! The smaller operations: labels, the newest observations, figures, visits, documents, FHIRPath.

use crate::clinic::Clinic;
use access::Role;
use fhir::Document;
use testkit::{block_on, caller};

/// Ana with two visits, measurements in two units, and Eva, who is somebody else.
fn ward() -> Clinic {
    let clinic = Clinic::open();
    clinic.check(r##"
        PUT /Organization/org <<< {"resourceType":"Organization","id":"org","name":"Clinic"} => 201
        PUT /Practitioner/dr <<< {"resourceType":"Practitioner","id":"dr","name":[{"family":"Ruiz"}]} => 201
        PUT /Patient/ana <<< {"resourceType":"Patient","id":"ana","meta":{"tag":[{"system":"urn:t","code":"trial"}]},"birthDate":"1958-03-14"} => 201
        PUT /Patient/eva <<< {"resourceType":"Patient","id":"eva"} => 201
        PUT /Encounter/stay <<< {"resourceType":"Encounter","id":"stay","status":"finished","class":{"code":"IMP"},"subject":{"reference":"Patient/ana"},"serviceProvider":{"reference":"Organization/org"}} => 201
        PUT /Encounter/ward <<< {"resourceType":"Encounter","id":"ward","status":"finished","class":{"code":"IMP"},"subject":{"reference":"Patient/ana"},"partOf":{"reference":"Encounter/stay"}} => 201
        PUT /Encounter/visit <<< {"resourceType":"Encounter","id":"visit","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/ana"}} => 201
        PUT /Condition/cough <<< {"resourceType":"Condition","id":"cough","code":{"text":"Cough"},"subject":{"reference":"Patient/ana"},"encounter":{"reference":"Encounter/visit"},"asserter":{"reference":"Practitioner/dr"}} => 201
        PUT /Observation/w1 <<< {"resourceType":"Observation","id":"w1","status":"final","category":[{"coding":[{"system":"urn:c","code":"vitals"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"29463-7","display":"Body weight"}]},"subject":{"reference":"Patient/ana"},"encounter":{"reference":"Encounter/ward"},"effectiveDateTime":"2024-01-01","valueQuantity":{"value":70.5,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"}} => 201
        PUT /Observation/w2 <<< {"resourceType":"Observation","id":"w2","status":"final","category":[{"coding":[{"system":"urn:c","code":"vitals"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},"subject":{"reference":"Patient/ana"},"effectiveDateTime":"2024-02-01","valueQuantity":{"value":71,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"}} => 201
        PUT /Observation/w3 <<< {"resourceType":"Observation","id":"w3","status":"final","category":[{"coding":[{"system":"urn:c","code":"vitals"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"29463-7"},{"system":"urn:local","code":"WT"}]},"subject":{"reference":"Patient/ana"},"effectiveDateTime":"2024-03-01","valueQuantity":{"value":72500,"unit":"g","system":"http://unitsofmeasure.org","code":"g"}} => 201
        PUT /Observation/w4 <<< {"resourceType":"Observation","id":"w4","status":"entered-in-error","category":[{"coding":[{"system":"urn:c","code":"vitals"}]}],"code":{"coding":[{"system":"urn:local","code":"WT"}]},"subject":{"reference":"Patient/ana"},"effectiveDateTime":"2023-03-01","valueQuantity":{"value":9999,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"}} => 201
        PUT /Observation/bp <<< {"resourceType":"Observation","id":"bp","status":"final","category":[{"coding":[{"system":"urn:c","code":"vitals"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}]},"subject":{"reference":"Patient/ana"},"effectiveDateTime":"2024-01-05","component":[{"code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},"valueQuantity":{"value":120,"system":"http://unitsofmeasure.org","code":"mm[Hg]"}}]} => 201
        PUT /Observation/odd <<< {"resourceType":"Observation","id":"odd","status":"final","code":{"coding":[{"system":"urn:x","code":"odd"}]},"subject":{"reference":"Patient/ana"},"valueQuantity":{"value":1,"system":"http://unitsofmeasure.org","code":"mg"}} => 201
        PUT /Observation/odd2 <<< {"resourceType":"Observation","id":"odd2","status":"final","code":{"coding":[{"system":"urn:x","code":"odd"}]},"subject":{"reference":"Patient/ana"},"valueQuantity":{"value":1,"system":"http://unitsofmeasure.org","code":"mL"}} => 201
        PUT /Observation/evas <<< {"resourceType":"Observation","id":"evas","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},"subject":{"reference":"Patient/eva"},"valueQuantity":{"value":50,"system":"http://unitsofmeasure.org","code":"kg"}} => 201
        PUT /Composition/note <<< {"resourceType":"Composition","id":"note","status":"final","type":{"text":"Note"},"subject":{"reference":"Patient/ana"},"date":"2024-01-05","author":[{"reference":"Practitioner/dr"}],"title":"Note","section":[{"title":"Vitals","entry":[{"reference":"Observation/w1"}]}]} => 201
    "##);
    clinic
}

#[test]
fn a_visit_is_told_with_what_names_it_and_what_that_names() {
    ward().check(r#"
        GET /Encounter/stay/$everything => 200 ; ~ "total":5 ; ~ Encounter/ward ; ~ Observation/w1 ; ~ Patient/ana ; ~ Organization/org ; !~ Encounter/visit ; !~ Condition/cough
        GET /Encounter/visit/$everything => 200 ; ~ Condition/cough ; ~ Practitioner/dr ; !~ Observation/w1"
        POST /Encounter/visit/$everything <<< {"resourceType":"Parameters","parameter":[{"name":"_type","valueCode":"Condition"}]} => 200 ; ~ "total":1
        GET /Encounter/stay/$everything?_count=2 => 200 ; ~ "next" ; !~ "resourceType":"Organization"
        GET /Encounter/none/$everything => 404 not-found
        GET /Encounter/visit/$everything?start=2024 => 400 not-supported
        GET /Encounter/visit/$everything?_cursor=x => 400
        DELETE /Encounter/visit => 204
        GET /Encounter/visit/$everything => 410 deleted
    "#);
}

#[test]
fn pages_of_a_visit_are_complete() {
    let clinic = ward();
    let (mut path, mut ids) = ("/Encounter/stay/$everything?_count=2".to_owned(), Vec::new());
    loop {
        let reply = clinic.get(&path);
        let document = Document::read(reply.text()).unwrap();
        ids.extend(document.root().get("entry").unwrap().items().map(|entry| entry.string("fullUrl").unwrap().into_owned()));
        let next = document.root().get("link").unwrap().items().find(|link| link.string("relation").unwrap() == "next");
        let Some(next) = next else { break };
        path = next.string("url").unwrap().strip_prefix("http://localhost/fhir").unwrap().to_owned();
    }
    assert_eq!(ids.len(), 5, "{ids:?}");
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 5);
}

#[test]
fn labels_are_read_added_and_taken_away_as_new_versions() {
    let clinic = ward();
    clinic.check(r#"
        GET /Patient/ana/$meta => 200 ; ~ "code":"trial" ; ~ "versionId":"1"
        POST /Patient/ana/$meta-add <<< {"resourceType":"Parameters","parameter":[{"name":"meta","valueMeta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}]}}]} => 200 ; ~ "versionId":"2" ; ~ "code":"R" ; ~ "code":"trial" ; location: http://localhost/fhir/Patient/ana/_history/2
        POST /Patient/ana/$meta-add <<< {"resourceType":"Parameters","parameter":[{"name":"meta","valueMeta":{"tag":[{"system":"urn:t","code":"trial"}]}}]} => 200 ; ~ "versionId":"2" ; -location
        POST /Patient/ana/$meta-delete <<< {"resourceType":"Parameters","parameter":[{"name":"meta","valueMeta":{"tag":[{"system":"urn:t","code":"trial"}]}}]} => 200 ; ~ "versionId":"3" ; !~ trial
        GET /Patient/ana/_history/1/$meta => 200 ; ~ trial ; !~ "code":"R"
        GET /Patient/ana => 200 ; ~ "birthDate":"1958-03-14" ; ~ "code":"R"
        GET /Patient/$meta => 200 ; ~ "code":"R" ; !~ trial
        GET /$meta => 200 ; ~ "code":"R"
        GET /Organization/$meta => 200 ; !~ parameter
        GET /Patient/none/$meta => 404 not-found
        GET /Patient/ana/_history/9/$meta => 404 not-found
        GET /Patient/ana/$meta?x=1 => 400 not-supported
        GET /Patient/ana/$meta-add => 405 not-supported
        POST /Patient/ana/_history/1/$meta-add <<< {"resourceType":"Parameters"} => 404 not-supported
        POST /Patient/none/$meta-add <<< {"resourceType":"Parameters","parameter":[{"name":"meta","valueMeta":{"profile":["urn:p"]}}]} => 404 not-found
        POST /Patient/ana/$meta-add <<< {"resourceType":"Parameters"} => 400 required
        POST /Patient/ana/$meta-add <<< {"resourceType":"Parameters","parameter":[{"name":"meta","valueString":"x"}]} => 400 required
        POST /Patient/ana/$meta-add <<< {"resourceType":"Parameters","parameter":[{"name":"meta","valueMeta":{"tag":{"code":"x"}}}]} => 400 structure
        POST /Patient/ana/$meta-add <<< {"resourceType":"Parameters","parameter":[{"name":"meta","valueMeta":{"tags":[]}}]} => 400 structure
        POST /Patient/ana/$meta-add <<< {"resourceType":"Parameters","parameter":[{"name":"meta","valueMeta":{"tag":[{"system":7}]}}]} => 422
        POST /Patient/ana/$meta-add <<< {"resourceType":"Parameters","parameter":[{"name":"meta","valueMeta":{"versionId":"3","source":"urn:s","tag":[{"system":"urn:t","code":"late"}]}}]} => 400 not-supported ; ~ leave out versionId, source.
        POST /Patient/ana/$meta-delete <<< {"resourceType":"Parameters","parameter":[{"name":"meta","valueMeta":{"source":"urn:s"}}]} => 400 not-supported ; ~ leave out source.
        POST /Patient/ana/$meta-add | If-Match: W/"2" <<< {"resourceType":"Parameters","parameter":[{"name":"meta","valueMeta":{"tag":[{"system":"urn:t","code":"late"}]}}]} => 412 conflict
        POST /Patient/ana/$meta-delete | If-Match: W/"2" <<< {"resourceType":"Parameters","parameter":[{"name":"meta","valueMeta":{"tag":[{"system":"urn:t","code":"late"}]}}]} => 412 conflict
        GET /Patient/ana => 200 ; ~ "versionId":"3" ; !~ late
        POST /Patient/ana/$meta-add | If-Match: W/"3" <<< {"resourceType":"Parameters","parameter":[{"name":"meta","valueMeta":{"tag":[{"system":"urn:t","code":"late"}]}}]} => 200 ; ~ "versionId":"4"
    "#);
}

#[test]
fn who_may_not_write_may_not_label() {
    let clinic = Clinic::open_as(Role::Nurse);
    let body = br#"{"resourceType":"Organization","name":"Clinic"}"#;
    let made = block_on(clinic.chart.create(&caller(Role::Integration), fhir::ResourceType::named("Organization").unwrap(), body, None)).unwrap();
    let path = format!("/Organization/{}/$meta-add", made.stored.id);
    let label = r#"{"resourceType":"Parameters","parameter":[{"name":"meta","valueMeta":{"profile":["urn:p"]}}]}"#;
    assert_eq!(clinic.ask("POST", &path, &[("content-type", "application/fhir+json")], label).status, 403);
}

#[test]
fn the_newest_of_each_kind_are_found() {
    ward().check(r#"
        GET /Observation/$lastn?patient=ana&category=urn:c|vitals => 200 ; ~ "total":2 ; ~ Observation/w3 ; ~ Observation/bp ; !~ Observation/w2 ; !~ Observation/evas
        GET /Observation/$lastn?patient=ana&code=http://loinc.org|29463-7&max=2 => 200 ; ~ "total":2 ; ~ Observation/w2 ; !~ Observation/w1
        GET /Observation/$lastn?subject=Patient/ana&code=29463-7,85354-9&date=lt2024-02-15 => 200 ; ~ "total":2 ; ~ Observation/w2 ; ~ Observation/bp
        POST /Observation/$lastn <<< {"resourceType":"Parameters","parameter":[{"name":"max","valuePositiveInt":9},{"name":"patient","valueString":"ana"},{"name":"category","valueString":"vitals"}]} => 200 ; ~ "total":5
        GET /Observation/$lastn?patient=ana&category=none => 200 ; ~ "total":0
        GET /Observation/$lastn?patient=nobody&category=vitals => 200 ; ~ "total":0
        GET /Observation/$lastn?category=vitals => 400 required
        GET /Observation/$lastn?patient=ana => 400 required
        GET /Observation/$lastn?patient=ana&code=x&max=0 => 400 value
        GET /Observation/$lastn?patient=ana&code=x&max=many => 400 value
        GET /Observation/$lastn?patient=ana&code=x&_sort=date => 400 not-supported
        GET /Observation/$lastn?patient=ana&code=x&date=soon => 400
        GET /Condition/$lastn?patient=ana&code=x => 404 not-supported ; ~ is called at /Observation/$lastn
        GET /Encounter/$everything => 404 not-supported ; ~ is called at /Encounter/[id]/$everything
        GET /Patient/ana/$match => 404 not-supported ; ~ is called at /Patient/$match
        GET /Patient/$nonsense => 404 not-supported ; !~ is called at
    "#);
}

#[test]
fn figures_are_computed_in_one_unit() {
    ward().check(r#"
        GET /Observation/$stats?subject=Patient/ana&system=http://loinc.org&code=29463-7&statistic=average,maximum,minimum,count,sum => 200 ; ~ {"value":71.33333,"unit":"kg" ; ~ {"value":72.5,"unit":"kg" ; ~ "value":70.5 ; ~ "valueInteger":3 ; ~ "value":214 ; !~ 9999
        GET /Observation/$stats?subject=Patient/ana&code=http://loinc.org|8480-6&statistic=median&statistic=total-count => 200 ; ~ {"value":120,"unit":"mm[Hg]" ; ~ "valueInteger":1
        GET /Observation/$stats?subject=Patient/ana&code=8480-6&statistic=std-dev => 200 ; ~ not-applicable
        GET /Observation/$stats?subject=Patient/ana&code=none&statistic=count,average => 200 ; ~ "valueInteger":0 ; ~ not-applicable
        GET /Observation/$stats?subject=Patient/ana&coding=http://loinc.org|29463-7&statistic=variance => 200 ; ~ "code":"kg2"
        GET /Observation/$stats?subject=Patient/ana&code=29463-7&statistic=count&include=true&limit=2 => 200 ; ~ "name":"source" ; ~ "id":"w1" ; !~ "id":"w3"
        GET /Observation/$stats?subject=Patient/ana&code=29463-7&statistic=count&duration=24 => 200 ; ~ "valueInteger":0 ; ~ effectivePeriod
        POST /Observation/$stats <<< {"resourceType":"Parameters","parameter":[{"name":"subject","valueUri":"Patient/ana"},{"name":"coding","valueCoding":{"system":"http://loinc.org","code":"29463-7"}},{"name":"period","valuePeriod":{"start":"2024-01-15","end":"2024-02"}},{"name":"statistic","valueCode":"count"}]} => 200 ; ~ "valueInteger":1 ; ~ "display":"Count"
        GET /Observation/$stats?subject=Patient/ana&code=odd&statistic=average => 422 processing
        GET /Observation/$stats?code=x&statistic=count => 400 required
        GET /Observation/$stats?subject=Patient/ana&statistic=count => 400 required
        GET /Observation/$stats?subject=Patient/ana&code=x => 400 required
        GET /Observation/$stats?subject=Group/x&code=x&statistic=count => 400 value
        GET /Observation/$stats?subject=Patient/ana&code=x&statistic=mean => 400 value
        GET /Observation/$stats?subject=Patient/ana&code=29463-7&statistic=regression => 200 ; ~ "code":"gradient" ; ~ "unit":"kg/d" ; ~ "code":"intercept" ; ~ "unit":"kg" ; ~ "code":"correlation"
        GET /Observation/$stats?subject=Patient/ana&code=8480-6&statistic=regression => 200 ; ~ not-applicable
        GET /Observation/$stats?subject=Patient/ana&code=x&statistic=regresion => 400 value ; ~ kurtosis, regression.
        GET /Observation/$stats?subject=Patient/ana&code=x&statistic=count&duration=-1 => 400 value
        GET /Observation/$stats?subject=Patient/ana&code=x&statistic=count&period=2024 => 400 value
        GET /Observation/$stats?subject=Patient/ana&code=x&statistic=count&include=perhaps => 400 value
        GET /Observation/$stats?subject=Patient/ana&code=x&statistic=count&include=true&limit=0 => 400 value
        GET /Observation/$stats?subject=Patient/ana&code=x&statistic=count&limit=2 => 400 value ; ~ include=true
        GET /Observation/$stats?subject=Patient/ana&code=x&statistic=count&include=false&limit=2 => 400 value
        GET /Observation/$stats?subject=Patient/ana&code=x&statistic=count&unit=kg => 400 not-supported
    "#);
    ward().check(r#"
        GET /Observation/$stats?subject=Patient/ana&code=29463-7&statistic=maximum,total-count => 200 ; !~ "note"
        PUT /Observation/w5 <<< {"resourceType":"Observation","id":"w5","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},"subject":{"reference":"Patient/ana"},"modifierExtension":[{"url":"urn:x:of-another","valueBoolean":true}],"valueQuantity":{"value":9998,"system":"http://unitsofmeasure.org","code":"kg"}} => 201
        PUT /Observation/w6 <<< {"resourceType":"Observation","id":"w6","status":"final","code":{"coding":[{"system":"urn:c","code":"both"}]},"subject":{"reference":"Patient/ana"},"component":[{"modifierExtension":[{"url":"urn:x:of-another","valueBoolean":true}],"code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},"valueQuantity":{"value":9997,"system":"http://unitsofmeasure.org","code":"kg"}}]} => 201
        GET /Observation/$stats?subject=Patient/ana&code=29463-7&statistic=maximum,total-count => 200 ; ~ {"value":72.5,"unit":"kg" ; ~ "valueInteger":3 ; ~ 2 observation(s) with a modifierExtension ; !~ 999
    "#);
}

#[test]
fn a_panel_has_the_figures_of_what_it_consists_of() {
    let clinic = ward();
    clinic.check(r#"
        PUT /Observation/bp2 <<< {"resourceType":"Observation","id":"bp2","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}]},"subject":{"reference":"Patient/ana"},"effectiveDateTime":"2024-02-05","component":[{"code":{"coding":[{"system":"http://loinc.org","code":"8480-6","display":"Systolic"}]},"valueQuantity":{"value":131,"system":"http://unitsofmeasure.org","code":"mm[Hg]"}},{"code":{"coding":[{"system":"http://loinc.org","code":"8462-4"}]},"valueQuantity":{"value":83,"system":"http://unitsofmeasure.org","code":"mm[Hg]"}},{"code":{"coding":[{"system":"urn:c","code":"posture"}]},"valueString":"sitting"}]} => 201
        PUT /Observation/na <<< {"resourceType":"Observation","id":"na","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"2951-2"}]},"subject":{"reference":"Patient/ana"},"effectiveDateTime":"2024-02-05","valueQuantity":{"value":139,"system":"http://unitsofmeasure.org","code":"mmol/L"}} => 201
        PUT /Observation/hidden <<< {"resourceType":"Observation","id":"hidden","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"2951-2"}]},"subject":{"reference":"Patient/eva"},"effectiveDateTime":"2024-02-05","valueQuantity":{"value":777,"system":"http://unitsofmeasure.org","code":"mmol/L"}} => 201
        PUT /Observation/panel <<< {"resourceType":"Observation","id":"panel","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"24326-1"}]},"subject":{"reference":"Patient/ana"},"effectiveDateTime":"2024-02-05","hasMember":[{"reference":"Observation/na"},{"reference":"Observation/hidden"}]} => 201
        GET /Observation/$stats?subject=Patient/ana&code=http://loinc.org|85354-9&statistic=maximum,total-count => 200 ; ~ "code":"85354-9" ; ~ "code":"8480-6" ; ~ {"value":131,"unit":"mm[Hg]" ; ~ "code":"8462-4" ; ~ {"value":83,"unit":"mm[Hg]" ; !~ posture
        GET /Observation/$stats?subject=Patient/ana&code=http://loinc.org|24326-1&statistic=maximum&include=true => 200 ; ~ "code":"2951-2" ; ~ {"value":139,"unit":"mmol/L" ; ~ "id":"na" ; ~ "id":"panel" ; !~ 777
    "#);
    clinic.check(r#"
        PUT /Observation/stone <<< {"resourceType":"Observation","id":"stone","status":"final","code":{"coding":[{"system":"urn:x","code":"stones"}]},"subject":{"reference":"Patient/ana"},"valueQuantity":{"value":11,"unit":"stone"}} => 201
        GET /Observation/$stats?subject=Patient/ana&code=stones&statistic=maximum => 200 ; ~ {"value":11,"unit":"stone"} ; !~ unitsofmeasure
    "#);
    // What is asked for by its own code, too, is told once.
    let reply = clinic.get("/Observation/$stats?subject=Patient/ana&code=85354-9,8480-6&statistic=maximum");
    assert_eq!(reply.text().matches("\"name\":\"statistics\"").count(), 3, "{}", reply.text());
}

#[test]
fn figures_are_valid_resources() {
    let clinic = ward();
    let all = chart::Statistic::ALL.map(|row| row.1).join(",");
    let reply = clinic.get(&format!("/Observation/$stats?subject=Patient/ana&code=http://loinc.org|29463-7&statistic={all}"));
    let document = Document::read(reply.text()).unwrap();
    assert_eq!(validation::validate(document.root(), &validation::Options::default()).iter().filter(|issue| issue.is_error()).count(), 0, "{}", reply.text());
    let observation = document.root().path(&["parameter", "resource"]).unwrap();
    assert_eq!(observation.get("component").unwrap().items().count(), 23);
}

#[test]
fn what_only_reads_is_answered_inside_a_bundle_as_alone() {
    let clinic = ward();
    for kind in ["batch", "transaction"] {
        let bundle = |entries: &str| format!(r#"POST / <<< {{"resourceType":"Bundle","type":"{kind}","entry":[{entries}]}}"#);
        let asked = bundle(r#"{"request":{"method":"GET","url":"Composition/note/$document"}},{"request":{"method":"POST","url":"$fhirpath"},"resource":{"resourceType":"Parameters","parameter":[{"name":"expression","valueString":"1 + 1"}]}},{"request":{"method":"GET","url":"Patient/ana/$graphql?query=%7Bid%7D"}},{"request":{"method":"POST","url":"Patient/ana/$graphql"},"resource":{"resourceType":"Parameters","parameter":[{"name":"query","valueString":"{id}"}]}},{"request":{"method":"GET","url":"Composition/none/$document"}},{"request":{"method":"GET","url":"Patient/ana/$graphql?query=%7Bcolour%7D"}}"#);
        // The data of GraphQL is in a Binary: {"data":{"id":"ana"}}.
        clinic.check(&format!(r#"{asked} => 200 ; ~ "type":"document" ; ~ "valueInteger":2 ; ~ {{"resourceType":"Binary","contentType":"application/json","data":"eyJkYXRhIjp7ImlkIjoiYW5hIn19"}} ; ~ "status":"404 Not Found" ; ~ "status":"400 Bad Request""#));
        let kept = bundle(r#"{"request":{"method":"POST","url":"Composition/note/$document"},"resource":{"resourceType":"Parameters","parameter":[{"name":"persist","valueBoolean":true}]}}"#);
        clinic.check(&format!("{kept} => {} ; ~ persist ; !~ \"type\":\"document\"", if kind == "batch" { "200" } else { "400 not-supported" }));
    }
    clinic.check(r#"GET /Bundle?type=document => 200 ; ~ "total":0"#);
}

#[test]
fn a_composition_becomes_a_document() {
    let clinic = ward();
    clinic.check(r#"
        GET /Composition/note/$document => 200 ; ~ "type":"document" ; ~ Patient/ana ; ~ Practitioner/dr ; ~ Observation/w1 ; ~ Encounter/ward ; !~ Observation/w2 ; !~ Patient/eva
        GET /Composition/$document?id=note => 200 ; ~ "type":"document"
        GET /Composition/$document?id=http://localhost/fhir/Composition/note => 200
        POST /Composition/note/$document <<< {"resourceType":"Parameters","parameter":[{"name":"persist","valueBoolean":true}]} => 200 ; ~ "type":"document"
        GET /Bundle/$1 => 200 ; ~ "type":"document"
        GET /Composition/note/$document?persist=true => 400 not-supported
        GET /Composition/note/$document?persist=perhaps => 400 value
        GET /Composition/note/$document?graph=urn:g => 400 not-supported
        GET /Composition/note/$document?id=note => 400 not-supported
        GET /Composition/$document => 400 required
        GET /Composition/$document?id=http://elsewhere.example/Composition/1 => 400 not-supported
        GET /Composition/none/$document => 404 not-found
    "#);
    let reply = clinic.get("/Composition/note/$document");
    let document = Document::read(reply.text()).unwrap();
    assert_eq!(validation::validate(document.root(), &validation::Options::default()).iter().filter(|issue| issue.is_error()).count(), 0, "{}", reply.text());
    assert_eq!(document.root().path(&["entry", "resource", "resourceType"]).unwrap().as_str().unwrap(), "Composition");
}

#[test]
fn a_summary_is_written_in_the_readers_language() {
    let clinic = ward();
    clinic.check(r#"
        PUT /Patient/ida <<< {"resourceType":"Patient","id":"ida","identifier":[{"system":"urn:s","value":"7"}]} => 201
        PUT /Patient/twin1 <<< {"resourceType":"Patient","id":"twin1","identifier":[{"system":"urn:s","value":"8"}]} => 201
        PUT /Patient/twin2 <<< {"resourceType":"Patient","id":"twin2","identifier":[{"system":"urn:s","value":"8"}]} => 201
        GET /Patient/ana/$summary => 200 ; ~ "type":"document" ; ~ "title":"Patient summary" ; ~ Cough ; ~ no-allergy-info ; content-language: en ; !~ Encounter/visit"
        GET /Patient/ana/$summary | Accept-Language: fr-CH, vi;q=0.8 => 200 ; content-language: vi ; ~ Không có thông tin về dị ứng
        GET /Patient/ana/$summary?_language=ru | Accept-Language: es => 200 ; content-language: ru ; ~ Сведений об аллергиях нет
        POST /Patient/ana/$summary <<< {"resourceType":"Parameters","parameter":[{"name":"_language","valueCode":"es"}]} => 200 ; content-language: es
        GET /Patient/$summary?identifier=urn:s|7 => 200 ; ~ Patient/ida
        GET /Patient/$summary?identifier=urn:s|8 => 412 multiple-matches
        GET /Patient/$summary?identifier=urn:s|9 => 404 not-found
        GET /Patient/$summary => 400 required
        GET /Patient/ana/$summary?identifier=urn:s|7 => 400 not-supported
        GET /Patient/ana/$summary?profile=http://hl7.org/fhir/uv/ips/StructureDefinition/Bundle-uv-ips => 200
        GET /Patient/ana/$summary?profile=urn:p => 400 not-supported
        GET /Patient/ana/$summary?_language=fr => 400 not-supported
        GET /Patient/ana/$summary?persist=true => 400 not-supported
        GET /Patient/none/$summary => 404 not-found
    "#);
}

#[test]
fn an_expression_that_finds_one_long_item_over_and_over_is_refused() {
    let clinic = Clinic::open_with(fhir_api::Settings { body_limit_bytes: 4_000, ..Default::default() });
    let note = "x".repeat(1_000);
    for (expression, expect) in [("(1|2).select(%resource)", 200), ("(1|2|3|4|5).select(%resource)", 422), ("(1|2|3|4|5).select(%resource.trace('t').id.count())", 422)] {
        let asked = format!(r#"{{"resourceType":"Parameters","parameter":[{{"name":"expression","valueString":"{expression}"}},{{"name":"resource","resource":{{"resourceType":"Basic","code":{{"text":"{note}"}}}}}}]}}"#);
        let reply = clinic.ask("POST", "/$fhirpath", &[("content-type", "application/fhir+json")], asked);
        assert_eq!((reply.status.as_u16(), reply.code()), (expect, if expect == 422 { "too-costly" } else { "" }.to_owned()), "{expression}: {}", reply.text());
    }
}

#[test]
fn an_expression_is_evaluated_as_public_tools_ask() {
    ward().check(r#"
        POST /$fhirpath <<< {"resourceType":"Parameters","parameter":[{"name":"expression","valueString":"given.trace('t').first()"},{"name":"context","valueString":"Patient.name"},{"name":"resource","resource":{"resourceType":"Patient","name":[{"given":["Ana","Eva"]},{"given":["Ada"]}]}}]} => 200 ; ~ "evaluator","valueString":"Carnet ; ~ parseDebugTree ; ~ "result","valueString":"Patient.name[0]" ; ~ "valueString":"Ada" ; ~ {"name":"trace","valueString":"t","part":[{"name":"string","valueString":"Ana"},{"name":"string","valueString":"Eva"}]}
        POST /$fhirpath <<< {"resourceType":"Parameters","parameter":[{"name":"expression","valueString":"%a + 1"},{"name":"variables","part":[{"name":"a","valueInteger":41}]}]} => 200 ; ~ {"name":"integer","valueInteger":42}
        POST /$fhirpath <<< {"resourceType":"Parameters","parameter":[{"name":"expression","valueString":"%a.count()"},{"name":"variables","part":[{"name":"a"}]}]} => 200 ; ~ "valueInteger":0
        POST /$fhirpath <<< {"resourceType":"Parameters","parameter":[{"name":"expression","valueString":"%a.count()"},{"name":"variables","part":[{"name":"a","part":[{"name":"b","valueInteger":41}]}]}]} => 400 value ; ~ value[x]
        POST /$fhirpath <<< {"resourceType":"Parameters","parameter":[{"name":"expression","valueString":"%a"},{"name":"variables","part":[{"name":"a","valueInteger":1},{"name":"a","valueInteger":2}]}]} => 400 value ; ~ name of its own
        POST /$fhirpath <<< {"resourceType":"Parameters","parameter":[{"name":"expression","valueString":"value | value.value | status | contact"},{"name":"validate","valueBoolean":true},{"name":"resource","resource":{"resourceType":"Observation","status":"final","valueQuantity":{"value":1.50,"system":"http://unitsofmeasure.org","code":"mg"}}}]} => 200 ; ~ "valueQuantity":{"value":1.50,"system":"http://unitsofmeasure.org","code":"mg"} ; ~ "valueDecimal":1.50 ; ~ "valueCode":"final" ; ~ Observation has no element contact ; ~ "valueString":"Observation.value"
        POST /$fhirpath <<< {"resourceType":"Parameters","parameter":[{"name":"expression","valueString":"Patient.contact"},{"name":"resource","extension":[{"url":"http://fhir.forms-lab.com/StructureDefinition/json-value","valueString":"{\"resourceType\":\"Patient\",\"contact\":[{\"gender\":\"male\"}]}"}]}]} => 200 ; ~ "name":"Patient.contact" ; ~ {\"gender\":\"male\"}
        POST /$fhirpath <<< {"resourceType":"Parameters","parameter":[{"name":"expression","valueString":"'' | today() | 1.5 'mg' | @T10:00"}]} => 200 ; ~ empty-string ; ~ "valueDate":"2026-03-02" ; ~ "name":"Quantity" ; ~ "valueTime":"10:00"
        POST /$fhirpath?expression=id <<< {"resourceType":"Patient","id":"p"} => 200 ; ~ "valueId":"p"
        POST /$fhirpath <<< {"resourceType":"Parameters","parameter":[{"name":"expression","valueString":"managingOrganization.resolve()"},{"name":"resource","resource":{"resourceType":"Patient","managingOrganization":{"reference":"Organization/org"}}}]} => 200 ; !~ Clinic
        POST /$fhirpath <<< {"resourceType":"Parameters","parameter":[{"name":"expression","valueString":"gender.memberOf('http://hl7.org/fhir/ValueSet/administrative-gender')"},{"name":"resource","resource":{"resourceType":"Patient","gender":"female"}}]} => 200 ; ~ {"name":"boolean","valueBoolean":true}
        POST /$fhirpath <<< {"resourceType":"Parameters","parameter":[{"name":"expression","valueString":"gender.memberOf('urn:none')"},{"name":"resource","resource":{"resourceType":"Patient","gender":"female"}}]} => 422 processing
        POST /$fhirpath <<< {"resourceType":"Parameters","parameter":[{"name":"expression","valueString":"1 +"}]} => 400 invalid
        POST /$fhirpath <<< {"resourceType":"Parameters","parameter":[{"name":"expression","valueString":"%nobody"}]} => 422 processing
        POST /$fhirpath <<< {"resourceType":"Parameters","parameter":[{"name":"expression","valueString":"(1|2|3).repeat($this + 1)"}]} => 422 too-costly
        POST /$fhirpath <<< {"resourceType":"Parameters","parameter":[{"name":"expression","valueString":"id"},{"name":"resource","valueString":"Patient/ana"}]} => 400 not-supported
        POST /$fhirpath <<< {"resourceType":"Parameters","parameter":[{"name":"expression","valueString":"id"},{"name":"resource","extension":[{"url":"http://fhir.forms-lab.com/StructureDefinition/json-value","valueString":"{"}]}]} => 400 structure
        POST /$fhirpath <<< {"resourceType":"Parameters","parameter":[{"name":"expressions","valueString":"id"}]} => 400 not-supported
        POST /$fhirpath <<< {"resourceType":"Parameters"} => 400 required
        GET /$fhirpath?expression=1 => 405 not-supported
        POST /Patient/$fhirpath <<< {"resourceType":"Parameters"} => 404 not-supported
    "#);
}

#[test]
fn whoever_is_disclosed_leaves_an_opening() {
    let clinic = Clinic::open_as(Role::Physician);
    let system = caller(Role::Integration);
    for (kind, id, body) in [
        ("Patient", "ana", r#"{"resourceType":"Patient","id":"ana"}"#),
        ("Encounter", "visit", r#"{"resourceType":"Encounter","id":"visit","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/ana"}}"#),
        ("Composition", "note", r#"{"resourceType":"Composition","id":"note","status":"final","type":{"text":"Note"},"subject":{"reference":"Patient/ana"},"date":"2024","author":[{"display":"Ruiz"}],"title":"Note"}"#),
        ("Observation", "o", r#"{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x","coding":[{"code":"x"}]},"subject":{"reference":"Patient/ana"}}"#),
    ] {
        block_on(clinic.chart.update(&system, fhir::ResourceType::named(kind).unwrap(), id, body.as_bytes(), None)).unwrap();
    }
    // How the physician opened the record, in the order of the ways.
    let opened = |clinic: &Clinic| {
        let lines = block_on(clinic.chart.openings(&system, "ana", usize::MAX)).unwrap();
        let mut ways: Vec<_> = lines.iter().filter(|line| line.account == caller(Role::Physician).account.number).map(|line| line.how).collect();
        ways.sort();
        ways
    };
    assert!(opened(&clinic).is_empty());
    clinic.check("GET /$meta => 200\nGET /Patient/$meta => 200");
    assert!(opened(&clinic).is_empty(), "labels in use disclose nobody");
    clinic.check("GET /Encounter/visit/$everything => 200");
    assert_eq!(opened(&clinic).len(), 1);
    for path in ["/Composition/note/$document", "/Observation/$lastn?patient=ana&code=x", "/Observation/$stats?subject=Patient/ana&code=x&statistic=count", "/Patient/ana/$meta", "/Patient/ana/$summary"] {
        let clinic = Clinic::open_as(Role::Physician);
        for (kind, id, body) in [
            ("Patient", "ana", r#"{"resourceType":"Patient","id":"ana"}"#),
            ("Composition", "note", r#"{"resourceType":"Composition","id":"note","status":"final","type":{"text":"Note"},"subject":{"reference":"Patient/ana"},"date":"2024","author":[{"display":"Ruiz"}],"title":"Note"}"#),
            ("Observation", "o", r#"{"resourceType":"Observation","id":"o","status":"final","code":{"coding":[{"code":"x"}]},"subject":{"reference":"Patient/ana"}}"#),
        ] {
            block_on(clinic.chart.update(&system, fhir::ResourceType::named(kind).unwrap(), id, body.as_bytes(), None)).unwrap();
        }
        assert_eq!(clinic.get(path).status, 200, "{path}");
        // One of each way, however often it is asked: a session's openings are told once.
        let once = opened(&clinic);
        assert!(!once.is_empty() && once.windows(2).all(|pair| pair[0] != pair[1]), "{path}: {once:?}");
        assert_eq!(clinic.get(path).status, 200, "{path}");
        assert_eq!(opened(&clinic), once, "{path}");
    }
}

#[test]
fn what_is_hidden_looks_absent() {
    // An operator opens no chart.
    let clinic = Clinic::open_as(Role::Operator);
    let system = caller(Role::Integration);
    for (kind, id, body) in [
        ("Patient", "ana", r#"{"resourceType":"Patient","id":"ana","meta":{"tag":[{"system":"urn:t","code":"secret"}]},"identifier":[{"system":"urn:s","value":"7"}]}"#),
        ("Encounter", "visit", r#"{"resourceType":"Encounter","id":"visit","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/ana"}}"#),
        ("Composition", "note", r#"{"resourceType":"Composition","id":"note","status":"final","type":{"text":"Note"},"subject":{"reference":"Patient/ana"},"date":"2024","author":[{"display":"Ruiz"}],"title":"Note"}"#),
        ("Observation", "o", r#"{"resourceType":"Observation","id":"o","status":"final","code":{"coding":[{"code":"x"}]},"subject":{"reference":"Patient/ana"},"valueInteger":1}"#),
    ] {
        block_on(clinic.chart.update(&system, fhir::ResourceType::named(kind).unwrap(), id, body.as_bytes(), None)).unwrap();
    }
    clinic.check(r#"
        GET /Patient/ana/$everything => 404 not-found
        GET /Encounter/visit/$everything => 404 not-found
        GET /Patient/ana/$summary => 404 not-found
        GET /Patient/$summary?identifier=urn:s|7 => 404 not-found
        GET /Composition/note/$document => 404 not-found
        GET /Patient/ana/$meta => 404 not-found
        GET /Patient/$meta => 200 ; !~ secret
        GET /$meta => 200 ; !~ secret
        POST /Patient/ana/$meta-add <<< {"resourceType":"Parameters","parameter":[{"name":"meta","valueMeta":{"profile":["urn:p"]}}]} => 404 not-found
        GET /Observation/$lastn?patient=ana&code=x => 200 ; ~ "total":0
        GET /Observation/$stats?subject=Patient/ana&code=x&statistic=total-count => 200 ; ~ "valueInteger":0
        GET /Patient/ana/$graphql?query=%7Bid%7D => 404 not-found
        GET /$graphql?query=%7BPatient(id:ana)%7Bid%7D%7D => 404 not-found
        GET /$graphql?query=%7BObservationList(patient:%22ana%22)%7Bid%7D%7D => 200 ; ~ {"ObservationList":[]}
    "#);
    let opened = block_on(clinic.chart.openings(&system, "ana", usize::MAX)).unwrap();
    assert!(opened.iter().all(|line| line.account != caller(Role::Operator).account.number));
}
