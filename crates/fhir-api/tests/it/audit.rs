//! The log of openings as AuditEvents.

use crate::clinic::Clinic;
use access::Role;

#[test]
fn who_watches_over_the_record_searches_the_log_and_reads_its_entries() {
    Clinic::open_as(Role::Console).check(r#"
        PUT /Patient/ana <<< {"resourceType":"Patient","id":"ana","name":[{"family":"Silva"}]} => 201
        GET /AuditEvent => 200 ; ~ searchset ; !~ opening-0
        GET /Patient/ana => 200
        GET /AuditEvent?patient=Patient/ana => 200 ; ~ opening-0 ; ~ IHE.BasicAudit.PatientRead ; ~ Patient/ana ; !~ Silva
        GET /AuditEvent?patient=ana&_count=1 => 200 ; ~ "next" ; ~ opening-1
        GET /AuditEvent/opening-0 => 200 ; ~ "code":"read" ; ~ "recorded"
        GET /AuditEvent?_id=opening-0 => 200 ; ~ opening-0
        GET /AuditEvent?date=ge2026-01-01&date=lt2027-01-01&agent=1 => 200
        GET /AuditEvent?date=lt2020-01-01 => 200 ; !~ opening-
        GET /AuditEvent?patient=nobody => 200 ; !~ opening-
        GET /AuditEvent?agent=nobody => 200 ; !~ opening-
        GET /AuditEvent?date=zz2020 => 400 value
        GET /AuditEvent?outcome=0 => 400 not-supported ; ~ _cursor
        GET /AuditEvent?_cursor=x => 400
        GET /AuditEvent/opening-999 => 404 not-found
        PUT /AuditEvent/opening-0 <<< {"resourceType":"AuditEvent","id":"opening-0","type":{"code":"rest"},"recorded":"2026-01-01T00:00:00Z","agent":[{"requestor":true}],"source":{"observer":{"display":"x"}}} => 422 business-rule
        DELETE /AuditEvent/opening-0 => 422 business-rule
    "#);
}

#[test]
fn a_form_says_how_many_and_what_is_left_out_is_told() {
    let clinic = Clinic::open_as(Role::Console);
    clinic.check(r#"
        PUT /Patient/ana <<< {"resourceType":"Patient","id":"ana"} => 201
        GET /Patient/ana => 200
        GET /AuditEvent?patient=Patient/ana => 200
        POST /AuditEvent/_search | Content-Type: application/x-www-form-urlencoded <<< patient=ana&_count=1 => 200 ; ~ "next" ; ~ opening-
        POST /Patient/ana/AuditEvent/_search | Content-Type: application/x-www-form-urlencoded <<< _count=1 => 200 ; ~ "next" ; ~ opening-
        POST /_search | Content-Type: application/x-www-form-urlencoded <<< _type=AuditEvent&_count=1 => 200 ; ~ "next" ; ~ opening-
        POST /AuditEvent/_search | Content-Type: application/x-www-form-urlencoded <<< _count=none => 400 value
        GET /AuditEvent?_id=AuditEvent/opening-0 => 400 value ; ~ http._id
        GET /AuditEvent?outcome=0&_count=1 | Prefer: handling=lenient => 200 ; ~ opening- ; ~ "mode":"outcome" ; ~ The parameter outcome was left out ; !~ outcome=0
        GET /AuditEvent?Ana%20Silva=0&_count=1 | Prefer: handling=lenient => 200 ; ~ opening- ; ~ with an unreadable name was left out ; !~ Silva
        GET /AuditEvent?_count=1 | Prefer: handling=lenient => 200 ; ~ opening- ; !~ "mode":"outcome"
    "#);
}

#[test]
fn to_everybody_else_the_entries_of_the_log_do_not_exist_and_their_own_events_are_theirs() {
    for role in [Role::Physician, Role::Nurse, Role::Admissions, Role::Integration] {
        Clinic::open_as(role).check(r#"
            PUT /Patient/ana <<< {"resourceType":"Patient","id":"ana"} => 201
            GET /Patient/ana => 200
            GET /AuditEvent => 200 ; !~ opening-
            GET /AuditEvent?patient=ana => 200 ; !~ opening-
            GET /AuditEvent/opening-0 => 404 not-found
        "#);
    }
    Clinic::open_as(Role::Integration).check(r#"
        PUT /AuditEvent/mine <<< {"resourceType":"AuditEvent","id":"mine","type":{"system":"urn:x","code":"rest"},"recorded":"2026-01-01T00:00:00Z","agent":[{"requestor":true}],"source":{"observer":{"display":"x"}}} => 201
        GET /AuditEvent/mine => 200
        GET /AuditEvent?_id=mine => 200 ; ~ AuditEvent/mine
    "#);
}

#[test]
fn several_values_are_any_of_them_and_what_the_log_cannot_answer_is_refused() {
    let clinic = Clinic::open_as(Role::Console);
    clinic.check(r#"
        PUT /Patient/ana <<< {"resourceType":"Patient","id":"ana"} => 201
        PUT /Patient/eva <<< {"resourceType":"Patient","id":"eva"} => 201
        GET /Patient/ana => 200
        GET /Patient/eva => 200
        GET /AuditEvent?patient=ana,eva&_id=opening-0,opening-1 => 200 ; ~ opening-0 ; ~ opening-1
        GET /AuditEvent?patient=nobody,Patient/eva => 200 ; ~ Patient/eva ; !~ Patient/ana
        GET /AuditEvent?patient=eva,ana,ana => 200 ; ~ opening-0 ; ~ opening-1
        GET /AuditEvent?patient=nobody,none => 200 ; !~ opening-
        GET /AuditEvent?patient=ana&agent=nobody,1 => 200
        GET /AuditEvent?agent=nobody,none => 200 ; !~ opening-
        GET /AuditEvent?patient=ana&patient=eva => 400 value ; ~ http.patient
        GET /AuditEvent?agent=1&agent=1 => 400 value ; ~ http.agent
        GET /AuditEvent?patient= => 400 value ; ~ http.patient
        GET /AuditEvent?patient=ana, => 400 value
        GET /AuditEvent?patient=Observation/ana => 400 value
        GET /AuditEvent?patient=http://elsewhere.example/Patient/ana => 400 value
        GET /?_type=AuditEvent&patient=eva => 200 ; ~ opening-1 ; !~ Patient/ana
        GET /Patient/eva/AuditEvent => 200 ; ~ opening-1 ; !~ Patient/ana
        GET /Patient/eva/*?_type=AuditEvent => 200 ; ~ opening-1 ; !~ Patient/ana
        GET /?_type=AuditEvent,Patient&patient=eva => 400 not-supported ; ~ alone
        GET /?_type=Patient,AuditEvent => 400 not-supported ; ~ alone
        GET /?_type=AuditEvent&_type=Patient => 400 not-supported ; ~ alone
        GET /?_type=AuditEvent,Nonsense => 400 not-supported
        GET /Patient/eva/*?_type=AuditEvent,Observation => 400 not-supported ; ~ alone
        GET /Patient/eva/AuditEvent?patient=ana => 400 value
        GET /Practitioner/dr/AuditEvent => 400 not-supported
        GET /$graphql?query=%7BAuditEventList%7Bid%7D%7D => 400 ; ~ AuditEvent
    "#);
    let base = "http://localhost/fhir";
    clinic.check(&format!("GET /AuditEvent?patient={base}/Patient/eva => 200 ; ~ opening-1 ; !~ Patient/ana"));
    // Page by page they are the same as all at once.
    let ids = |text: &str| text.split("\"id\":\"opening-").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect::<Vec<_>>();
    let (mut path, mut paged) = ("/AuditEvent?patient=ana,eva&_count=1&date=lt2999-01-01".to_owned(), Vec::new());
    for _ in 0..2 {
        let reply = clinic.get(&path);
        let text = reply.text();
        paged.extend(ids(text));
        let next = text.split("\"relation\":\"next\",\"url\":\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a next page").to_owned();
        path = next[next.find("/AuditEvent").unwrap()..].to_owned();
    }
    assert!(paged[0].parse::<u64>().unwrap() > paged[1].parse::<u64>().unwrap(), "newest first: {paged:?}");
}
