//! Who looked at a record in another house: told apart from the log of this one.

use axum::http::StatusCode;
use chart::Origin;
use web::words::Language;

use crate::desk;

#[tokio::test]
async fn what_another_house_tells_of_who_looked_there_stands_apart() {
    let site = desk::site(&[], attest::Algorithm::Es256).await;
    let event = |number: u32, at: &str, who: &str| format!(r#"{{"resource":{{"resourceType":"AuditEvent","id":"opening-{number}","type":{{"code":"rest"}},"subtype":[{{"system":"https://carnet.health/fhir/CodeSystem/opening","code":"{}"}}],"recorded":"{at}","purposeOfEvent":[{{"coding":[{{"code":"TREAT"}}]}}],"agent":[{{"role":[{{"coding":[{{"code":"nurse"}}]}}],"who":{{"display":"{who}"}},"requestor":true}}],"source":{{"site":"Northern house","observer":{{"display":"Carnet"}}}}}}}}"#, access::Disclosure::Chart.word());
    let log = |events: &[String]| format!(r#"{{"resourceType":"Bundle","type":"collection","entry":[{}]}}"#, events.join(","));
    let (one, two) = (event(1, "2025-01-02T08:00:00Z", "Nurse <b>One</b>"), event(2, "2025-02-03T09:00:00Z", "Nurse Two"));
    let patient = r#"{"resourceType":"Patient","id":"moved","name":[{"family":"Mudada"}]}"#.to_owned();
    let origin = Origin { institution: "Northern house", parcel: "p1" };
    let console = testkit::caller(access::Role::Console);
    // Two parcels, of which the second tells the first look again.
    for logs in [log(std::slice::from_ref(&one)), log(&[two, one])] {
        site.chart.take_in_person(&console, &origin, std::slice::from_ref(&patient), &[], &[], &[logs]).await.unwrap();
    }
    let doctor = site.sign_in("ana").await;
    for (language, title) in [(Language::English, "From elsewhere"), (Language::Spanish, "De otra institución"), (Language::Vietnamese, "Từ nơi khác"), (Language::Russian, "Из другого учреждения")] {
        let page = doctor.get_in("/person/moved/openings", language).await;
        assert_eq!(page.status, StatusCode::OK);
        let (own, elsewhere) = page.text.split_once("id=\"elsewhere\"").expect("it has a part of its own");
        assert!(elsewhere.contains(title) && elsewhere.contains("Northern house") && elsewhere.matches("<li>").count() == 2, "{elsewhere}");
        assert!(elsewhere.find("Nurse Two") < elsewhere.find("Nurse &#60;b&#62;One"), "the newest first");
        assert!(!own.contains("Nurse") && own.contains("Dr. ana"), "{own}");
    }
    assert!(!doctor.get_in("/person/moved/openings", Language::English).await.text.contains("older looks"));
    // What does not fit onto the page is told.
    let many: Vec<String> = (10..215).map(|number| event(number, "2024-03-04T08:00:00Z", "Nurse Three")).collect();
    site.chart.take_in_person(&console, &origin, std::slice::from_ref(&patient), &[], &[], &[log(&many)]).await.unwrap();
    let page = doctor.get_in("/person/moved/openings", Language::English).await;
    assert!(page.text.contains("7 older looks are not shown") && page.text.matches("Nurse Three").count() == 198, "{}", page.text);
    assert!(!doctor.get("/person/p/openings").await.text.contains("id=\"elsewhere\""));
}
