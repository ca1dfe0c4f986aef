//! A program that was let into the record of one patient, where two Patients are one person.

use super::desk::*;
use access::Role;
use testkit::{block_on, caller};

#[test]
fn a_program_reads_the_whole_person_through_whichever_patient_was_chosen_and_no_more_after_unmerging() {
    // `p` was chosen; once it is the one that stays, once the one that is replaced.
    for (stays, goes) in [("p", "q"), ("q", "p")] {
        let desk = Desk::open();
        let clerk = caller(Role::RecordsClerk);
        let (whole, narrow) = (desk.access("launch/patient patient/*.rs"), desk.access("launch/patient patient/Patient.rs patient/Observation.rs?category=laboratory"));
        let sees = |token: &str, id: &str| desk.with(token, "GET", &format!("/Observation/{id}"), "").status.as_u16();
        let finds = |token: &str, path: &str| {
            let text = desk.with(token, "GET", path, "").text;
            ["p-lab", "p-vital", "q-lab", "q-vital"].into_iter().filter(|id| text.contains(&format!("Observation/{id}\""))).collect::<Vec<_>>()
        };
        let alone = || {
            assert_eq!((sees(&whole, "p-lab"), sees(&whole, "q-lab")), (200, 404));
            assert_eq!(desk.with(&whole, "GET", "/Patient/q", "").status, 404);
            assert_eq!(finds(&whole, "/Observation?patient=p"), ["p-lab", "p-vital"]);
            assert_eq!(finds(&whole, "/Observation"), ["p-lab", "p-vital"]);
            assert_eq!(finds(&narrow, "/Observation"), ["p-lab"]);
        };
        alone();
        block_on(desk.chart.merge(&clerk, stays, goes, "same card")).unwrap();
        assert_eq!((sees(&whole, "p-lab"), sees(&whole, "q-lab")), (200, 200), "{stays} stays");
        assert_eq!(desk.with(&whole, "GET", "/Patient/q", "").status, 200);
        for path in ["/Observation?patient=p", "/Observation?patient=q", "/Patient/p/Observation", "/Observation", "/Patient/p/$everything?_type=Observation"] {
            assert_eq!(finds(&whole, path), ["p-lab", "p-vital", "q-lab", "q-vital"], "{path}");
        }
        // Scopes are no wider than they were.
        assert_eq!(finds(&narrow, "/Observation?patient=p"), ["p-lab", "q-lab"]);
        assert_eq!((sees(&narrow, "q-vital"), desk.with(&narrow, "GET", "/Condition/q-c", "").status.as_u16()), (404, 403), "another category, and a type no scope names");
        block_on(desk.chart.unmerge(&clerk, goes, "two persons")).unwrap();
        alone();
    }
}
