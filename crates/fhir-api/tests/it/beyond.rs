//! Searches that look beyond the resource: chains, `_has`, includes both ways, lists,
//! compartments, several types.

use crate::clinic::Clinic;

/// Two patients of two clinics; a ward round, a laboratory result, a list.
fn ward() -> Clinic {
    let clinic = Clinic::open();
    for (place, body) in [
        ("Organization/north", r#"{"resourceType":"Organization","id":"north","name":"Clínica Norte","identifier":[{"system":"http://n.example","value":"N"}]}"#),
        ("Organization/south", r#"{"resourceType":"Organization","id":"south","name":"Clínica Sur","partOf":{"reference":"Organization/north"}}"#),
        ("Practitioner/doc", r#"{"resourceType":"Practitioner","id":"doc","name":[{"family":"Rojas"}]}"#),
        ("Patient/a", r#"{"resourceType":"Patient","id":"a","gender":"female","birthDate":"1980-01-01","name":[{"family":"Ámbar"}],"managingOrganization":{"reference":"Organization/north"},"generalPractitioner":[{"reference":"Practitioner/doc"}]}"#),
        ("Patient/b", r#"{"resourceType":"Patient","id":"b","gender":"male","birthDate":"1990-01-01","name":[{"family":"Bosque"}],"managingOrganization":{"reference":"Organization/south"}}"#),
        ("Encounter/ea", r#"{"resourceType":"Encounter","id":"ea","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/a"},"serviceProvider":{"reference":"Organization/north"},"period":{"start":"2026-01-01","end":"2026-01-02"}}"#),
        ("Encounter/eb", r#"{"resourceType":"Encounter","id":"eb","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/b"},"serviceProvider":{"reference":"Organization/south"},"period":{"start":"2026-01-01","end":"2026-01-02"}}"#),
        ("Observation/oa", r#"{"resourceType":"Observation","id":"oa","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"4548-4"}]},"subject":{"reference":"Patient/a"},"encounter":{"reference":"Encounter/ea"},"effectiveDateTime":"2026-01-01","valueQuantity":{"value":7.1,"system":"http://unitsofmeasure.org","code":"%"}}"#),
        ("Observation/ob", r#"{"resourceType":"Observation","id":"ob","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"718-7"}]},"subject":{"reference":"Patient/b"},"encounter":{"reference":"Encounter/eb"},"effectiveDateTime":"2026-01-01","valueQuantity":{"value":130,"system":"http://unitsofmeasure.org","code":"g/L"}}"#),
        ("DiagnosticReport/ra", r#"{"resourceType":"DiagnosticReport","id":"ra","status":"final","code":{"coding":[{"code":"panel"}]},"subject":{"reference":"Patient/a"},"result":[{"reference":"Observation/oa"}],"effectiveDateTime":"2026-01-01"}"#),
        ("List/round", r#"{"resourceType":"List","id":"round","status":"current","mode":"changes","entry":[{"item":{"reference":"Patient/b"}},{"item":{"reference":"Observation/oa"}},{"deleted":true,"item":{"reference":"Patient/a"}}]}"#),
    ] {
        let answer = clinic.put(&format!("/{place}"), body.to_owned());
        assert_eq!(answer.status, 201, "{place}");
    }
    clinic
}

#[test]
fn a_chain_follows_references_as_far_as_it_says() {
    ward().check(r#"
        GET /Observation?patient.name=ambar => 200 ; ~ Observation/oa ; !~ Observation/ob
        GET /Observation?subject:Patient.family=bosque => 200 ; ~ Observation/ob ; !~ Observation/oa
        GET /Observation?patient.organization.name=clinica+sur => 200 ; ~ Observation/ob ; !~ Observation/oa
        GET /Observation?patient.organization.partof.identifier=http://n.example|N => 200 ; ~ Observation/ob ; !~ Observation/oa
        GET /Observation?encounter.service-provider.name=clinica+norte => 200 ; ~ Observation/oa ; !~ Observation/ob
        GET /Observation?code=4548-4&patient.general-practitioner:Practitioner.name=rojas => 200 ; ~ Observation/oa ; !~ Observation/ob
        GET /Observation?patient.birthdate=lt1985&patient.gender=female&code=4548-4 => 200 ; ~ Observation/oa
        GET /DiagnosticReport?result.code=4548-4&patient=a => 200 ; ~ DiagnosticReport/ra
        GET /DiagnosticReport?result.subject:Patient.name=bosque => 200 ; !~ "entry"
        GET /DiagnosticReport?result.patient.name=ambar => 200 ; ~ DiagnosticReport/ra
        GET /Observation?patient.name:exact=Ámbar => 200 ; ~ Observation/oa ; !~ Observation/ob
        GET /Observation?patient.name=nobody => 200 ; !~ "entry"
        GET /Observation?patient.name=ambar&_summary=count => 200 ; ~ "total":1
        GET /Patient?name=ambar&organization.name=clinica+norte => 200 ; ~ Patient/a
        GET /Observation?patient.nonsense=1 => 400 not-supported ; ~ nonsense
        GET /Observation?subject.nonsense=1 => 400 not-supported
        GET /Observation?code.name=1 => 400 not-supported ; ~ subject
        GET /Observation?patient:Device.name=1 => 400 not-supported
        GET /Observation?patient.birthdate=soon => 400 value
        GET /Organization?partof.partof.partof.partof.partof.partof.partof.name=x => 400
        GET /Observation?patient.nonsense=1&code=4548-4 | Prefer: handling=lenient => 200 ; ~ "mode":"outcome" ; ~ Observation/oa ; !~ nonsense=1
    "#);
}

#[test]
fn has_finds_what_others_refer_to() {
    ward().check(r#"
        GET /Patient?_has:Observation:patient:code=4548-4 => 200 ; ~ Patient/a ; !~ Patient/b
        GET /Patient?_has:Observation:patient:code=4548-4&birthdate=1990-01-01 => 200 ; !~ "entry"
        GET /Patient?_has:Observation:patient:code=4548-4&name=ambar => 200 ; ~ Patient/a
        GET /Patient?_has:Observation:patient:_has:DiagnosticReport:result:code=panel => 200 ; ~ Patient/a ; !~ Patient/b
        GET /Patient?_has:Encounter:patient:service-provider.name=clinica+sur => 200 ; ~ Patient/b ; !~ Patient/a
        GET /Organization?_has:Patient:organization:name=bosque => 200 ; ~ Organization/south ; !~ "Organization/north","resource"
        GET /Practitioner?_has:Patient:general-practitioner:birthdate=1980-01-01 => 200 ; ~ Practitioner/doc
        GET /Observation?_has:DiagnosticReport:result:status=final&patient=a => 200 ; ~ Observation/oa
        GET /Patient?_has:Observation:performer:code=4548-4&name=ambar => 200 ; !~ "entry"
        GET /Patient?_has:Observation:code:code=4548-4 => 400 not-supported ; ~ patient
        GET /Patient?_has:Observation:patient=4548-4 => 400 not-supported
        GET /Patient?_has:Nonsense:patient:code=1 => 400 not-supported
        GET /Patient?_has:Observation:patient:date=soon => 400 value
    "#);
}

#[test]
fn a_version_that_a_reference_names_is_found_and_brought_along() {
    Clinic::open().check(r#"
        PUT /Organization/org <<< {"resourceType":"Organization","id":"org","name":"As it was"} => 201
        PUT /Organization/org <<< {"resourceType":"Organization","id":"org","name":"As it is"} => 200
        PUT /Patient/p <<< {"resourceType":"Patient","id":"p"} => 201
        PUT /Observation/v <<< {"resourceType":"Observation","id":"v","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/p"},"performer":[{"reference":"Organization/org/_history/1"}]} => 201
        PUT /Observation/w <<< {"resourceType":"Observation","id":"w","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/p"},"performer":[{"reference":"Organization/org"}]} => 201
        GET /Observation?patient=p&performer=Organization/org => 200 ; ~ Observation/v ; ~ Observation/w
        GET /Observation?patient=p&performer=Organization/org/_history/1 => 200 ; ~ Observation/v ; !~ Observation/w
        GET /Observation?patient=p&performer=Organization/org/_history/2 => 200 ; ~ "total":0
        GET /Observation?_id=v&_include=Observation:performer => 200 ; ~ As it was ; !~ As it is ; !~ "mode":"outcome"
        GET /Observation?_id=w&_include=Observation:performer => 200 ; ~ As it is ; !~ As it was ; !~ "mode":"outcome"
        GET /Observation?_id=v,w&_include=Observation:performer => 200 ; ~ As it is ; !~ As it was ; ~ "mode":"outcome" ; ~ a version that is not brought along
    "#);
}

#[test]
fn includes_go_both_ways_and_on() {
    ward().check(r#"
        GET /Patient?name=ambar&_revinclude=Observation:patient => 200 ; ~ Observation/oa ; ~ "mode":"include" ; !~ Observation/ob
        GET /Patient?name=ambar&_revinclude=Observation:subject&_revinclude=Encounter:patient => 200 ; ~ Observation/oa ; ~ Encounter/ea
        GET /Patient?name=ambar&_revinclude=Observation:* => 200 ; ~ Observation/oa
        GET /Patient?name=ambar&_revinclude=Observation:subject:Patient => 200 ; ~ Observation/oa
        GET /Patient?name=ambar&_revinclude=Observation:subject:Group => 400 not-supported ; ~ Patient
        GET /Patient?name=ambar&_revinclude=Observation:patient&_revinclude:iterate=DiagnosticReport:result => 200 ; ~ DiagnosticReport/ra
        GET /DiagnosticReport?patient=a&_include=DiagnosticReport:result&_include:iterate=Observation:encounter&_include:iterate=Encounter:service-provider => 200 ; ~ Observation/oa ; ~ Encounter/ea ; ~ Organization/north
        GET /Observation?code=718-7&_include=Observation:patient&_include:iterate=Patient:organization&_include:iterate=Organization:partof => 200 ; ~ Organization/south ; ~ Organization/north
        GET /Organization?name=clinica+sur&_revinclude=Encounter:service-provider => 200 ; ~ Encounter/eb ; !~ Encounter/ea
        GET /Patient?name=ambar&_revinclude=Observation:patient => 200 ; ~ _revinclude=Observation:patient
        GET /Patient?name=ambar&_revinclude=* => 200 ; ~ Observation/oa ; ~ Encounter/ea ; !~ Observation/ob
        GET /Patient?name=ambar&_revinclude=Observation:encounter => 400 not-supported
        GET /Patient?name=ambar&_revinclude=Observation:nonsense => 400 not-supported
    "#);
}

#[test]
fn what_is_named_by_its_canonical_address_comes_along() {
    ward().check(r#"
        PUT /Questionnaire/q1 <<< {"resourceType":"Questionnaire","id":"q1","status":"active","url":"urn:form","version":"1"} => 201
        PUT /Questionnaire/q2 <<< {"resourceType":"Questionnaire","id":"q2","status":"active","url":"urn:form","version":"2"} => 201
        PUT /Questionnaire/q3 <<< {"resourceType":"Questionnaire","id":"q3","status":"active","url":"urn:other"} => 201
        PUT /QuestionnaireResponse/one <<< {"resourceType":"QuestionnaireResponse","id":"one","status":"completed","questionnaire":"urn:form|1","subject":{"reference":"Patient/a"}} => 201
        PUT /QuestionnaireResponse/any <<< {"resourceType":"QuestionnaireResponse","id":"any","status":"completed","questionnaire":"urn:form","subject":{"reference":"Patient/a"}} => 201
        PUT /QuestionnaireResponse/none <<< {"resourceType":"QuestionnaireResponse","id":"none","status":"completed","questionnaire":"urn:form|9","subject":{"reference":"Patient/a"}} => 201
        GET /QuestionnaireResponse?_id=one&_include=QuestionnaireResponse:questionnaire => 200 ; ~ Questionnaire/q1 ; ~ "mode":"include" ; ~ "total":1 ; !~ Questionnaire/q2 ; !~ Questionnaire/q3
        GET /QuestionnaireResponse?_id=any&_include=QuestionnaireResponse:questionnaire:Questionnaire => 200 ; ~ Questionnaire/q1 ; ~ Questionnaire/q2 ; !~ Questionnaire/q3
        GET /QuestionnaireResponse?_id=none&_include=QuestionnaireResponse:questionnaire => 200 ; !~ "mode":"include"
        GET /Patient?_id=a&_revinclude=QuestionnaireResponse:subject&_include:iterate=QuestionnaireResponse:questionnaire => 200 ; ~ Questionnaire/q1 ; ~ Questionnaire/q2
        GET /QuestionnaireResponse?_include=QuestionnaireResponse:questionnaire:Patient => 400 not-supported ; ~ it leads to Questionnaire
        GET /Questionnaire?_revinclude=QuestionnaireResponse:questionnaire => 400 not-supported
        GET /metadata => 200 ; ~ QuestionnaireResponse:questionnaire
    "#);
}

#[test]
fn a_list_narrows_to_what_it_names() {
    ward().check(r#"
        GET /Patient?_list=round => 200 ; ~ Patient/b ; !~ "Patient/a","resource"
        GET /Observation?_list=round => 200 ; ~ Observation/oa ; !~ Observation/ob
        GET /Patient?_list=round&gender=female => 200 ; !~ "entry"
        GET /Patient?_list=absent => 200 ; !~ "entry"
        GET /Patient?_list=$current-problems => 400 not-supported
        GET /Patient?_list=a_b => 400 value
    "#);
}

#[test]
fn a_compartment_is_searched_by_address() {
    ward().check(r#"
        GET /Patient/a/Observation => 200 ; ~ Observation/oa ; !~ Observation/ob ; ~ /Patient/a/Observation
        GET /Patient/a/Observation?code=718-7 => 200 ; !~ "entry"
        GET /Patient/a/* => 200 ; ~ Observation/oa ; ~ Encounter/ea ; ~ DiagnosticReport/ra ; !~ Observation/ob
        GET /Patient/a/*?_type=Encounter,Observation => 200 ; ~ Observation/oa ; ~ Encounter/ea ; !~ DiagnosticReport/ra
        GET /Patient/a/*?_count=1 => 200 ; ~ "next"
        GET /Patient/a/*?class=AMB => 200 ; ~ Encounter/ea ; !~ Observation/oa
        GET /Patient/a/*?_type=Encounter,Observation&class=AMB => 400 not-supported
        GET /Patient/a/*?date=soon => 400 value ; ~ a date is expected
        GET /Patient/a/*?nothing=soon => 400 not-supported
        GET /Patient/a/*?_type=Encounter&_type=Observation => 200 ; ~ Observation/oa ; ~ Encounter/ea
        GET /Encounter/ea/Observation => 200 ; ~ Observation/oa ; !~ Observation/ob
        GET /Practitioner/doc/Patient?birthdate=1980-01-01 => 200 ; ~ Patient/a
        POST /Patient/a/Observation/_search | Content-Type: application/x-www-form-urlencoded <<< code=4548-4 => 200 ; ~ Observation/oa
        GET /Patient/none/Observation => 200 ; !~ "entry"
        GET /Patient/a/Observation?nonsense=1 => 400 not-supported
        GET /Patient/a/Organization => 404 not-supported
        GET /Organization/north/Patient => 404 not-supported
        GET /Patient/a_b/Observation => 400 value
        DELETE /Patient/a/Observation => 405 not-supported
    "#);
}

#[test]
fn several_types_are_one_search_with_pages() {
    let clinic = ward();
    clinic.check(r#"
        GET /?_type=Patient,Observation&_lastUpdated=gt2000 => 200 ; ~ Patient/a ; ~ Observation/ob ; !~ "fullUrl":"http://localhost/fhir/Encounter/ea"
        GET /?_type=Encounter,Observation&patient=a => 200 ; ~ Encounter/ea ; ~ Observation/oa ; !~ Observation/ob
        GET /?_type=Encounter,Observation&patient=a&_summary=count => 200 ; ~ "total":2
        GET /?_type=Encounter,Observation&patient=a&_sort=date => 200 ; ~ Encounter/ea ; ~ Observation/oa
        GET /?_type=Patient,Observation&patient=a => 400 not-supported
        GET /?_type=Nonsense&patient=a => 400
        GET /?patient=a => 400
        GET /?_type=Observation,Patient&code=4548-4 | Prefer: handling=lenient => 400 not-supported ; ~ code
        GET /?_type=Encounter,Observation&nonsense=1&patient=a | Prefer: handling=lenient => 200 ; ~ "mode":"outcome" ; ~ nonsense
        GET /Patient/a/*?code=4548-4 | Prefer: handling=lenient => 400 not-supported
        POST /_search | Content-Type: application/x-www-form-urlencoded <<< _type=Encounter,Observation&patient=a => 200 ; ~ Encounter/ea
    "#);
    let (mut address, mut seen) = ("/?_type=Encounter,Observation,DiagnosticReport&patient=a&_count=1".to_owned(), Vec::new());
    loop {
        let answer = clinic.get(&address);
        assert_eq!(answer.status, 200, "{address}");
        let document = fhir::Document::read(answer.text()).unwrap();
        for entry in document.root().get("entry").into_iter().flat_map(|entries| entries.items()) {
            seen.push(entry.get("resource").unwrap().string("id").unwrap().into_owned());
        }
        let links: Vec<_> = document.root().get("link").unwrap().items().collect();
        match links.iter().find(|link| link.string("relation").as_deref() == Some("next")) {
            Some(next) => address = next.string("url").unwrap().split_once("/fhir").unwrap().1.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, ["ea", "oa", "ra"]);
}

#[test]
fn whoever_runs_the_machines_may_ask_how_a_search_is_done() {
    ward().check(r#"
        GET /Observation?patient.name=ambar&explain=true => 200 ; ~ "mode":"outcome" ; ~ scans 1 records ; ~ looked at
        GET /Observation?code=4548-4&explain=true => 200 ; ~ postings ; !~ "diagnostics":"4548
        GET /Observation?patient=a&explain=maybe => 400 value
    "#);
}

/// A house with two wards, one of which has a room; two rooms that are parts of each other; stays in them.
fn house() -> Clinic {
    let clinic = Clinic::open();
    let place = |id: &str, whole: &str| {
        let part_of = if whole.is_empty() { String::new() } else { format!(r#","partOf":{{"reference":"Location/{whole}"}}"#) };
        assert_eq!(clinic.put(&format!("/Location/{id}"), format!(r#"{{"resourceType":"Location","id":"{id}"{part_of}}}"#)).status, 201, "{id}");
    };
    for (id, whole) in [("house", ""), ("east", "house"), ("west", "house"), ("room", "east"), ("elsewhere", ""), ("one", ""), ("other", "one")] {
        place(id, whole);
    }
    assert_eq!(clinic.put("/Location/one", r#"{"resourceType":"Location","id":"one","partOf":{"reference":"Location/other"}}"#.to_owned()).status, 200);
    for (id, whole) in [("net", ""), ("north", "net"), ("clinic", "north"), ("south", "net")] {
        let part_of = if whole.is_empty() { String::new() } else { format!(r#","partOf":{{"reference":"Organization/{whole}"}}"#) };
        assert_eq!(clinic.put(&format!("/Organization/{id}"), format!(r#"{{"resourceType":"Organization","id":"{id}","name":"{id}"{part_of}}}"#)).status, 201, "{id}");
    }
    for (number, (place, provider)) in [("house", "net"), ("east", "north"), ("room", "clinic"), ("west", "south"), ("elsewhere", "south"), ("other", "south")].into_iter().enumerate() {
        assert_eq!(clinic.put(&format!("/Patient/p{number}"), format!(r#"{{"resourceType":"Patient","id":"p{number}"}}"#)).status, 201);
        let stay = format!(
            r#"{{"resourceType":"Encounter","id":"in-{place}","status":"finished","class":{{"code":"IMP"}},"subject":{{"reference":"Patient/p{number}"}},"serviceProvider":{{"reference":"Organization/{provider}"}},"period":{{"start":"2026-01-0{0}","end":"2026-01-0{0}"}},"location":[{{"location":{{"reference":"Location/{place}"}}}}]}}"#,
            number + 1
        );
        assert_eq!(clinic.put(&format!("/Encounter/in-{place}"), stay).status, 201);
    }
    clinic
}

#[test]
fn what_is_part_of_a_place_is_found_below_it() {
    house().check(r#"
        GET /Encounter?location:below=Location/house => 200 ; ~ in-house ; ~ in-east ; ~ in-room ; ~ in-west ; !~ in-elsewhere ; ~ location:below=
        GET /Encounter?location:below=east => 200 ; ~ in-east ; ~ in-room ; !~ in-house ; !~ in-west
        GET /Encounter?location:below=room => 200 ; ~ in-room ; !~ in-east
        GET /Encounter?location:above=room => 200 ; ~ in-room ; ~ in-east ; ~ in-house ; !~ in-west
        GET /Encounter?location:below=one => 200 ; ~ in-other ; !~ in-room
        GET /Encounter?location:above=other => 200 ; ~ in-other ; !~ in-room
        GET /Encounter?location:below=nowhere => 200 ; ~ "total":0
        GET /Encounter?location:below=east,elsewhere => 200 ; ~ in-room ; ~ in-elsewhere ; !~ in-west
        GET /Encounter?location:below=house&_summary=count => 200 ; ~ "total":4
        GET /Encounter?location:below=house&_total=accurate&_count=1 => 200 ; ~ "total":4 ; ~ "next"
        GET /Encounter?location:below=house&_sort=-date&_count=2 => 200 ; ~ in-west ; ~ in-room ; !~ in-house
        GET /Location?partof:below=house => 200 ; ~ Location/east ; ~ Location/room ; !~ "fullUrl":"http://localhost/fhir/Location/house"
        GET /Organization?partof:above=clinic => 200 ; ~ Organization/clinic ; ~ Organization/north ; ~ Organization/south ; !~ "fullUrl":"http://localhost/fhir/Organization/net"
        GET /Encounter?service-provider:below=Organization/north => 200 ; ~ in-east ; ~ in-room ; !~ in-house ; !~ in-west
        GET /Patient?_has:Encounter:patient:location:below=east => 200 ; ~ Patient/p1 ; ~ Patient/p2 ; !~ Patient/p3
        GET /Encounter?location.partof:below=house => 200 ; ~ in-east ; ~ in-room ; ~ in-west ; !~ fhir/Encounter/in-house
        GET /Encounter?patient:below=p1 => 400 not-supported
        GET /Encounter?location:below=Organization/net => 400 value
        GET /Encounter?part-of:below=Encounter/in-east => 400 not-supported
        GET /$export?_typeFilter=Encounter?location:below=east | Prefer: respond-async => 400 value
        DELETE /Location/east => 204
        GET /Encounter?location:below=house => 200 ; ~ in-house ; ~ in-west ; !~ in-room
        GET /Encounter?location:below=east => 200 ; ~ in-east ; !~ in-room
    "#);
}

#[test]
fn a_place_with_too_many_parts_is_refused_with_the_reason() {
    let clinic = Clinic::open();
    let entry = |number: usize| format!(r#"{{"resource":{{"resourceType":"Location","partOf":{{"reference":"Location/all"}},"name":"{number}"}},"request":{{"method":"POST","url":"Location"}}}}"#);
    assert_eq!(clinic.put("/Location/all", r#"{"resourceType":"Location","id":"all"}"#.to_owned()).status, 201);
    let write = |from: usize, to: usize| {
        let entries: Vec<String> = (from..to).map(entry).collect();
        let reply = clinic.ask("POST", "/", &[("content-type", "application/fhir+json")], format!(r#"{{"resourceType":"Bundle","type":"transaction","entry":[{}]}}"#, entries.join(",")));
        assert_eq!(reply.status, 200, "{}", reply.text());
    };
    write(0, 500);
    write(500, 1_000);
    clinic.check(r#"
        GET /Location?partof:below=all&_summary=count => 200 ; ~ "total":1000
    "#);
    write(1_000, 1_001);
    clinic.check(r#"
        GET /Location?partof:below=all&_summary=count => 403 too-costly ; ~ fewer parts
        GET /Location?partof=all&_summary=count => 200 ; ~ "total":1001
    "#);
}
