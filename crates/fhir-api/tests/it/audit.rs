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
