use crate::clinic::Clinic;

#[test]
fn a_request_id_is_kept_if_it_can_be() {
    let clinic = Clinic::open();
    let given = clinic.ask("GET", "/Patient/none", &[("x-request-id", "abc-1.2")], "");
    assert_eq!(given.header("x-request-id"), "abc-1.2");
    assert!(given.text().contains(r#""id":"abc-1.2""#));
    for bad in ["a b", "<x>", "", &"a".repeat(65)] {
        let reply = clinic.ask("GET", "/Patient/none", &[("x-request-id", bad)], "");
        let id = reply.header("x-request-id").to_owned();
        assert!(id != bad && fhir::is_id(&id), "{bad}");
        assert!(reply.text().contains(&format!("\"id\":\"{id}\"")));
    }
    assert_ne!(clinic.get("/Patient/none").header("x-request-id"), clinic.get("/Patient/none").header("x-request-id"));
}
