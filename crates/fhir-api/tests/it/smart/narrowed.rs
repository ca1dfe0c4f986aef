//! What scopes leave of a record: every way to read or write obeys them.

use super::desk::*;

/// Each line: method, path, and after `=>` the status, then words that are there and, with a `!`, that are not.
/// A body stands behind `<<<`.
fn check(scopes: &str, table: &str) {
    let desk = Desk::open();
    let token = desk.access(scopes);
    let mut failed = Vec::new();
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (asked, expected) = line.rsplit_once(" => ").unwrap();
        let (head, body) = asked.split_once(" <<< ").unwrap_or((asked, ""));
        let (method, path) = head.trim().split_once(' ').unwrap();
        let reply = desk.with(&token, method, path.trim(), body.trim());
        let mut words = expected.split_whitespace();
        let status = words.next().unwrap();
        let is_right = words.all(|word| match word.strip_prefix('!') {
            Some(absent) => !reply.text.contains(absent),
            None => reply.text.contains(word),
        });
        if reply.status.as_str() != status || !is_right {
            failed.push(format!("{line}\n  {} {}", reply.status, reply.text));
        }
    }
    assert!(failed.is_empty(), "{scopes}\n{}", failed.join("\n"));
}

#[test]
fn the_chosen_patient_is_all_there_is() {
    check("launch/patient patient/*.rs", r#"
        GET /Patient/p => 200 female
        GET /Patient/q => 404
        GET /Patient/q/_history => 404
        GET /Patient/q/_history/1 => 404
        GET /Observation/q-lab => 404
        GET /Patient => 200 Patient/p !Patient/q
        GET /Observation => 200 p-lab p-vital !q-lab !q-vital
        GET /Observation?patient=q => 200 !q-lab
        GET /Observation?_total=accurate&_count=1 => 200 "total":2
        GET /Observation?_summary=count => 200 "total":2
        GET /Observation?_sort=-_lastUpdated => 200 p-lab !q-lab
        GET /Observation?subject:Patient.gender=female => 200 p-lab !q-lab
        GET /Patient?_has:Observation:patient:status=final => 200 Patient/p !Patient/q
        GET /Patient?_revinclude=Observation:patient => 200 p-lab !q-lab
        GET /Practitioner?_revinclude=Condition:asserter => 200 p-c !q-c
        GET /Observation/_history => 200 p-lab !q-lab
        GET /_history => 200 p-lab !q-lab
        GET /?_type=Observation,Condition&_lastUpdated=ge2020 => 200 p-lab p-c !q-lab !q-c
        GET /Patient/p/Observation => 200 p-lab
        GET /Patient/q/Observation => 200 !q-lab
        GET /Patient/p/$everything => 200 p-lab p-c !q-
        GET /Patient/q/$everything => 404
        GET /Patient/q/$summary => 404
        GET /Practitioner/dr => 200
        GET /AuditEvent => 200 !opening-
        GET /$export => 403
        GET /Patient/$export => 403
        PUT /Observation/p-lab <<< {"resourceType":"Observation","id":"p-lab","status":"amended","code":{"text":"x"},"subject":{"reference":"Patient/p"}} => 403
        POST /Observation <<< {"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/p"}} => 403
        DELETE /Observation/p-lab => 403
        PATCH /Observation/p-lab <<< {"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"replace"},{"name":"path","valueString":"Observation.status"},{"name":"value","valueCode":"amended"}]}]} => 403
        POST /Patient <<< {"resourceType":"Patient"} => 403
        PUT /Practitioner/dr <<< {"resourceType":"Practitioner","id":"dr","active":true} => 403
        POST / <<< {"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"Observation/q-lab"}},{"request":{"method":"GET","url":"Observation/p-lab"}}]} => 200 404 p-lab
        POST / <<< {"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"DELETE","url":"Observation/p-lab"}}]} => 403
        GET /$graphql?query=%7BObservationList%7Bid%7D%7D => 200 p-lab !q-lab
    "#);
}

#[test]
fn a_type_that_no_scope_names_is_closed_however_one_comes() {
    check("launch/patient patient/Observation.rs", r#"
        GET /Observation/p-lab => 200
        GET /Condition/p-c => 403
        GET /Condition => 403
        GET /Patient/p => 403
        GET /Practitioner/dr => 403
        GET /Patient/p/Condition => 403
        GET /Patient/p/$everything => 403
        GET /Observation?_include=Observation:subject => 200 p-lab !female
        GET /Observation?subject:Patient.gender=female => 200 !p-lab
        GET /Observation?_has:DiagnosticReport:result:status=final => 200 !p-lab
        GET /?_type=Observation,Condition&_lastUpdated=ge2020 => 403
        GET /_history => 200 p-lab !p-c
        GET /$graphql?query=%7BConditionList%7Bid%7D%7D => 403
    "#);
}

#[test]
fn what_a_scope_searches_for_is_all_of_its_type() {
    check("launch/patient patient/Patient.rs patient/Condition.rs patient/Observation.rs?category=laboratory", r#"
        GET /Observation/p-lab => 200
        GET /Observation/p-vital => 404
        GET /Observation/p-vital/_history => 404
        GET /Observation => 200 p-lab !p-vital
        GET /Observation?_summary=count => 200 "total":1
        GET /Observation?category=vital-signs => 200 !p-vital
        GET /Patient/p/$everything => 200 p-lab p-c !p-vital
        GET /Patient?_has:Observation:patient:category=vital-signs => 200 !female
        GET /Patient?_revinclude=Observation:patient => 200 p-lab !p-vital
        GET /Condition/p-c => 200
    "#);
}

#[test]
fn what_is_said_of_a_whole_record_is_not_said_from_a_part_of_it() {
    // The person has no birth date, which is told to whoever may read all that counts.
    check("launch/patient patient/*.rs", "
        GET /Patient/p/$summary => 200 female
        GET /Patient/p/$immds-forecast?calendar=mx => 400 birthDate
    ");
    let all = "launch/patient patient/Patient.rs patient/AllergyIntolerance.rs patient/Condition.rs patient/MedicationStatement.rs patient/MedicationRequest.rs patient/DiagnosticReport.rs patient/Procedure.rs patient/DeviceUseStatement.rs patient/CarePlan.rs patient/Consent.rs patient/AdverseEvent.rs";
    check(&format!("{all} patient/Immunization.rs patient/Observation.rs"), "
        GET /Patient/p/$summary => 200 female
        GET /Patient/p/$immds-forecast?calendar=mx => 400 birthDate
    ");
    check(&format!("{all} patient/Observation.rs"), "
        GET /Patient/p/$summary => 403 Immunization.rs !Observation.rs
        GET /Patient/p/$immds-forecast?calendar=mx => 403 Immunization.rs !Observation.rs
    ");
    check(&format!("{all} patient/Immunization.rs patient/Observation.rs?category=laboratory"), r#"
        GET /Patient/p/$summary => 403 Observation.rs
        GET /Patient/p/$immds-forecast?calendar=mx => 403 Observation.rs
        GET /Patient/q/$summary => 404
        GET /Patient/q/$immds-forecast?calendar=mx => 404
        POST / <<< {"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"Patient/p/$summary"}}]} => 200 403 Observation.rs
    "#);
}

#[test]
fn reading_one_and_finding_many_are_told_apart() {
    check("launch/patient patient/Observation.r", "
        GET /Observation/p-lab => 200
        GET /Observation/p-lab/_history => 200
        GET /Observation => 403
        GET /Observation/_history => 403
        GET /_history => 403
    ");
    check("launch/patient patient/Observation.r patient/Condition.rs", "
        GET /_history => 200 p-c !p-lab
    ");
    // What names a match is found by a search, too.
    check("launch/patient patient/Patient.rs patient/Observation.r", "
        GET /Patient?_revinclude=Observation:patient => 403
        GET /Patient?_revinclude=* => 403
        GET /Patient?_has:Observation:patient:category=laboratory => 403
        GET /Patient?_revinclude=Condition:patient => 200 female !p-c
        GET /Patient => 200 female
    ");
    check("launch/patient patient/Patient.r patient/Observation.rs", "
        GET /Observation?_include=Observation:patient => 200 p-lab female
    ");
    check("launch/patient patient/Observation.s", "
        GET /Observation/p-lab => 403
        GET /Observation => 200 p-lab
    ");
}

#[test]
fn each_way_of_writing_has_its_letter_and_a_search_binds_it_too() {
    check("launch/patient patient/Observation.c", r#"
        POST /Observation <<< {"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/p"}} => 201
        POST /Observation <<< {"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/q"}} => 404
        PUT /Observation/p-lab <<< {"resourceType":"Observation","id":"p-lab","status":"amended","code":{"text":"x"},"subject":{"reference":"Patient/p"}} => 403
        POST /Condition <<< {"resourceType":"Condition","subject":{"reference":"Patient/p"}} => 403
        GET /Observation/p-lab => 403
    "#);
    check("launch/patient patient/Observation.u", r#"
        POST /Observation <<< {"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/p"}} => 403
        PUT /Observation/p-lab <<< {"resourceType":"Observation","id":"p-lab","status":"amended","code":{"text":"x"},"subject":{"reference":"Patient/p"}} => 200
        PUT /Observation/brand-new <<< {"resourceType":"Observation","id":"brand-new","status":"amended","code":{"text":"x"},"subject":{"reference":"Patient/p"}} => 201
        DELETE /Observation/p-vital => 403
    "#);
    check("launch/patient patient/Observation.d", "
        DELETE /Observation/p-vital => 204
        DELETE /Observation/q-vital => 404
    ");
    let lab = observation("new", "p", "laboratory").replace(r#""id":"new","#, "");
    let vital = observation("new", "p", "vital-signs").replace(r#""id":"new","#, "");
    check("launch/patient patient/Observation.cu?category=laboratory", &format!("
        POST /Observation <<< {lab} => 201
        POST /Observation <<< {vital} => 403
        PUT /Observation/p-vital <<< {} => 403
        PUT /Observation/p-lab <<< {} => 403
        PUT /Observation/p-lab <<< {} => 200
    ", observation("p-vital", "p", "laboratory"), observation("p-lab", "p", "vital-signs"), observation("p-lab", "p", "laboratory").replace("final", "amended")));
}

#[test]
fn a_scope_to_create_is_one_for_post_alone() {
    let brand_new = observation("brand-new", "p", "laboratory");
    check("launch/patient patient/Observation.c", &format!("PUT /Observation/brand-new <<< {brand_new} => 403"));
    check("launch/patient patient/Observation.cr", &format!("
        PUT /Observation/brand-new <<< {brand_new} => 403
        GET /Observation/brand-new => 404
    "));
    check("launch/patient patient/Observation.cu", &format!("PUT /Observation/brand-new <<< {brand_new} => 201"));
}

#[test]
fn a_scope_to_update_holds_updates_that_make_something() {
    // STU 2.2 says so of `u`: https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html
    let new = |category: &str| observation("brand-new", "p", category);
    let of_another = observation("brand-new", "q", "laboratory");
    check("launch/patient patient/Observation.u", &format!("
        PUT /Observation/brand-new <<< {of_another} => 404
        PUT /Observation/brand-new <<< {} => 201
        PUT /Observation/brand-new <<< {} => 200
        GET /Observation/brand-new => 403
        POST / <<< {{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":[{{\"resource\":{},\"request\":{{\"method\":\"PUT\",\"url\":\"Observation/other-new\"}}}}]}} => 200 201
    ", new("laboratory"), new("vital-signs"), observation("other-new", "p", "laboratory")));
    check("launch/patient patient/Observation.u?category=laboratory", &format!("
        PUT /Observation/brand-new <<< {} => 403
        PUT /Observation/brand-new <<< {} => 201
    ", new("vital-signs"), new("laboratory")));
}

/// A FHIRPath Patch that gives the element of a path another code.
fn patch_of(path: &str, code: &str) -> String {
    format!(r#"{{"resourceType":"Parameters","parameter":[{{"name":"operation","part":[{{"name":"type","valueCode":"replace"}},{{"name":"path","valueString":"{path}"}},{{"name":"value","valueCode":"{code}"}}]}}]}}"#)
}

#[test]
fn a_scope_to_update_patches_and_tells_nothing_of_what_is_there() {
    let amended = patch_of("Observation.status", "amended");
    let asking = patch_of("Observation.where(status = 'final').status", "amended");
    let entry = |path: &str| format!(r#"POST / <<< {{"resourceType":"Bundle","type":"transaction","entry":[{{"resource":{amended},"request":{{"method":"PATCH","url":"{path}"}}}}]}}"#);
    check("launch/patient patient/Observation.u", &format!("
        PATCH /Observation/p-lab <<< {asking} => 403
        PATCH /Observation/p-lab <<< {amended} => 200 !amended !category
        {} => 200 !category
        {} => 403 !category
        PATCH /Observation/q-lab <<< {amended} => 404
        PATCH /Observation/nobody <<< {amended} => 404
        PATCH /Observation?category=laboratory <<< {amended} => 403
        PATCH /Condition/p-c <<< {amended} => 403
    ", entry("Observation/p-vital"), entry("Observation?category=laboratory")));
    check("launch/patient patient/Observation.u?category=laboratory", &format!("
        PATCH /Observation/p-vital <<< {amended} => 403
        PATCH /Observation/p-lab <<< {amended} => 200 !category
    "));
    // What one may read is told, and may be asked of.
    check("launch/patient patient/Observation.u patient/Observation.r?category=laboratory", &format!("
        PATCH /Observation/p-lab <<< {asking} => 200 amended category
        PATCH /Observation/p-vital <<< {asking} => 403
        PATCH /Observation/p-vital <<< {amended} => 200 !category
    "));
    check("launch/patient patient/Observation.cr", &format!("PATCH /Observation/p-lab <<< {amended} => 403"));
}

#[test]
fn who_is_not_the_chosen_patient_is_told_from_nobody_by_no_write() {
    check("launch/patient patient/Observation.cruds", r#"
        POST /Observation <<< {"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/q"}} => 404
        POST /Observation <<< {"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/nobody"}} => 404
        PUT /Observation/q-lab <<< {"resourceType":"Observation","id":"q-lab","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/q"}} => 404
        PUT /Observation/q-lab <<< {"resourceType":"Observation","id":"q-lab","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/p"}} => 404
        PUT /Observation/q-lab <<< {"resourceType":"Observation","id":"q-lab","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/nobody"}} => 404
        PUT /Observation/q-lab <<< {"resourceType":"Observation","id":"q-lab","status":"final","code":{"text":"x"}} => 404
        PUT /Observation/p-lab <<< {"resourceType":"Observation","id":"p-lab","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/q"}} => 404
        PUT /Observation/p-lab <<< {"resourceType":"Observation","id":"p-lab","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/nobody"}} => 404
        PUT /Observation/p-lab <<< {"resourceType":"Observation","id":"p-lab","status":"final","code":{"text":"x"}} => 422 move
    "#);
}

#[test]
fn a_user_scope_reaches_as_far_as_the_user_and_no_further() {
    check("user/Observation.rs", "
        GET /Observation/p-lab => 200
        GET /Observation/q-lab => 200
        GET /Condition/q-c => 403
        GET /Observation => 200 p-lab q-lab
    ");
    check("user/*.cruds", r#"
        GET /Condition/q-c => 200
        GET /$export => 403
        PUT /Practitioner/dr <<< {"resourceType":"Practitioner","id":"dr","active":true} => 403
        PUT /Observation/q-lab <<< {"resourceType":"Observation","id":"q-lab","status":"amended","code":{"text":"x"},"subject":{"reference":"Patient/q"}} => 200
        GET /AuditEvent => 200 !opening-
        POST /Patient/p/$break-glass <<< {"resourceType":"Parameters","parameter":[{"name":"reason","valueCode":"danger"},{"name":"note","valueString":"x"}]} => 403
    "#);
}

#[test]
fn a_place_that_no_scope_shows_is_not_followed() {
    let desk = Desk::open();
    let lab = basic("lab", "correct-horse");
    let stay = |place: &str| format!(r#"{{"resourceType":"Encounter","id":"in-{place}","status":"finished","class":{{"code":"IMP"}},"subject":{{"reference":"Patient/p"}},"location":[{{"location":{{"reference":"Location/{place}"}}}}]}}"#);
    for (path, body) in [
        ("Location/house", r#"{"resourceType":"Location","id":"house"}"#.to_owned()),
        ("Location/ward", r#"{"resourceType":"Location","id":"ward","partOf":{"reference":"Location/house"}}"#.to_owned()),
        ("Encounter/in-house", stay("house")),
        ("Encounter/in-ward", stay("ward")),
    ] {
        let reply = desk.ask("PUT", &format!("/fhir/{path}"), &[("authorization", &lab), ("content-type", "application/fhir+json")], &body);
        assert!(reply.status.is_success(), "{path}: {} {}", reply.status, reply.text);
    }
    for (scopes, sees_below, sees_above) in [
        ("launch/patient patient/Encounter.rs patient/Location.rs", true, true),
        // The place itself is named by whoever asks; what it is part of, and what is part of it, is told by places.
        ("launch/patient patient/Encounter.rs", false, false),
    ] {
        let token = desk.access(scopes);
        let found = |path: &str| desk.with(&token, "GET", path, "").text;
        let (below, above) = (found("/Encounter?location:below=house"), found("/Encounter?location:above=ward"));
        assert!(below.contains("Encounter/in-house") && below.contains("Encounter/in-ward") == sees_below, "{scopes}: {below}");
        assert!(above.contains("Encounter/in-ward") && above.contains("Encounter/in-house") == sees_above, "{scopes}: {above}");
    }
}
