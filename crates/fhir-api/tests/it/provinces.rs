//! Persons by the province of today, however their address was written.

use crate::clinic::Clinic;

fn persons() -> Clinic {
    let clinic = Clinic::open();
    for (id, address) in [
        ("before", r#"{"state":"Kiên Giang","country":"VN"}"#),
        ("typed", r#"{"state":"tỉnh  KIEN GIANG"}"#),
        ("same-name", r#"{"state":"An Giang","country":"VN","period":{"end":"2020"}}"#),
        ("other", r#"{"state":"Cần Thơ","country":"VN"}"#),
        ("longer", r#"{"state":"An Giang Thượng"}"#),
        ("republic", r#"{"state":"Алтай","country":"RU"}"#),
        ("region", r#"{"state":"Алтайский край","country":"RU"}"#),
    ] {
        let answer = clinic.put(&format!("/Patient/{id}"), format!(r#"{{"resourceType":"Patient","id":"{id}","address":[{address}]}}"#));
        assert_eq!(answer.status, 201, "{id}: {}", answer.text());
    }
    clinic
}

#[test]
fn todays_province_finds_what_was_written_under_yesterdays() {
    persons().check(r#"
        GET /Patient?address-state:below=An%20Giang => 200 ; ~ Patient/before ; ~ Patient/typed ; ~ Patient/same-name ; !~ Patient/other ; !~ Patient/longer ; ~ address-state:below=An
        GET /Patient?address-state:below=tinh%20an%20giang => 200 ; ~ Patient/before ; !~ Patient/other
        GET /Patient?address-state:below=https://carnet.health/fhir/CodeSystem/vn-units|91-2025 => 200 ; ~ Patient/before ; ~ Patient/same-name ; !~ Patient/other
        GET /Patient?address-state:below=https://carnet.health/fhir/CodeSystem/vn-units|89 => 200 ; !~ Patient/before ; ~ Patient/same-name
        GET /Patient?address-state:below=Ki%C3%AAn%20Giang => 200 ; ~ Patient/before ; ~ Patient/typed ; !~ Patient/same-name
        GET /Patient?address-state:below=An%20Giang,C%E1%BA%A7n%20Th%C6%A1&_count=20 => 200 ; ~ Patient/before ; ~ Patient/other
        GET /Patient?address-state:below=An%20Giang&address-country=VN => 200 ; ~ Patient/before ; !~ Patient/typed
        GET /Patient?address-state:below=%D0%90%D0%BB%D1%82%D0%B0%D0%B9 => 200 ; ~ Patient/republic ; !~ Patient/region
        GET /Patient?address-state=an%20giang => 200 ; ~ Patient/same-name ; ~ Patient/longer ; !~ Patient/before
        GET /Patient?address-state:exact=Ki%C3%AAn%20Giang => 200 ; ~ Patient/before ; !~ Patient/typed
        GET /Patient?address-state:below=Atlantis => 400 value ; ~ province or state of today
        GET /Patient?address-state:below=urn:x|91 => 400 value
        GET /Patient?address-state:below= => 400
        GET /Patient?address-city:below=An%20Giang => 400 not-supported
        GET /Patient?address-state:above=An%20Giang => 400 not-supported
    "#);
}
