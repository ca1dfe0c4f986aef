//! The page of insurance and unit: two lines of time, and the desk that moves a person, over the real door.

use axum::http::StatusCode;
use fhir::ResourceType;
use web::words::Language;

use crate::desk;

async fn put(site: &desk::Site, text: &str) {
    let document = fhir::Document::read(text).unwrap();
    let (of, id) = (document.root().string("resourceType").unwrap().into_owned(), document.root().string("id").unwrap().into_owned());
    site.chart.update(&testkit::caller(access::Role::Console), ResourceType::named(&of).unwrap(), &id, text.as_bytes(), None).await.unwrap_or_else(|cause| panic!("{text}: {cause} {:?}", cause.issues()));
}

async fn filled() -> desk::Site {
    let site = desk::site(&[], attest::Algorithm::Es256).await;
    for (id, name) in [("here", "Test clinic"), ("north", "North <b>fund</b>"), ("south", "South fund")] {
        put(&site, &format!(r#"{{"resourceType":"Organization","id":"{id}","name":"{name}"}}"#)).await;
    }
    put(&site, r#"{"resourceType":"Patient","id":"p","name":[{"family":"Prueba","given":["Rosa"]}],"gender":"female","birthDate":"1958-03-14","managingOrganization":{"reference":"Organization/here"}}"#).await;
    for (id, payor, period) in [("first", "north", r#""start":"2020-01-01","end":"2022-06-30""#), ("second", "here", r#""start":"2022-07-11""#)] {
        put(&site, &format!(r#"{{"resourceType":"Coverage","id":"{id}","status":"active","beneficiary":{{"reference":"Patient/p"}},"payor":[{{"reference":"Organization/{payor}"}}],"subscriberId":"N-{id}","period":{{{period}}}}}"#)).await;
    }
    put(&site, r#"{"resourceType":"Observation","id":"of-nobody","status":"final","code":{"text":"Pressure of nobody"},"subject":{"reference":"Patient/p"},"effectiveDateTime":"2026-02-01","valueString":"x"}"#).await;
    site
}

#[tokio::test]
async fn the_lines_of_time_are_shown_in_four_languages_and_only_the_desk_changes_them() {
    let site = filled().await;
    let (desk, doctor) = (site.sign_in("desk").await, site.sign_in("ana").await);
    for reader in [&desk, &doctor] {
        for language in Language::ALL {
            let reader_in = format!("{}; carnet_language={}", reader.cookies, language.code());
            let page = site.ask(axum::http::Request::get("/person/p/coverage").header("host", "record.example").header("cookie", reader_in).body(axum::body::Body::empty()).unwrap()).await;
            assert_eq!(page.status, StatusCode::OK, "{}", page.text);
            let main = &page.text[page.text.find("id=\"main\"").unwrap()..];
            assert!(main.contains("North &#60;b&#62;fund") && main.contains("N-second"), "{main}");
            assert!(!main.contains("coverage-") || !main.contains(">coverage-"), "{}: a word is missing\n{main}", language.code());
        }
    }
    let page = doctor.get("/person/p/coverage").await.text;
    assert!(page.contains("Nobody paid for 10 days") && page.contains("01/07/2022") && page.contains("10/07/2022") && page.contains("Insured today"), "{page}");
    assert!(!page.contains("name=\"act\""), "who only reads finds no form");
    for act in ["begin", "end", "unit", "transfer"] {
        assert_eq!(doctor.post("/person/p/coverage", &[("act", act)]).await.status, StatusCode::FORBIDDEN, "{act}");
    }
    let (kinds, auditor) = (desk.get("/person/p/coverage").await.text, site.sign_in("auditor").await);
    assert!(kinds.contains("name=\"act\" value=\"transfer\""));
    assert_eq!(auditor.get("/person/p/coverage").await.status, StatusCode::NOT_FOUND);
    assert_eq!(desk.get("/person/nobody/coverage").await.status, StatusCode::NOT_FOUND);
    // What is found can be chosen.
    let page = desk.get("/person/p/coverage?organization=south").await.text;
    assert!(page.contains("<option value=\"south\">South fund</option>") && !page.contains("<option value=\"north\">"), "{page}");
    assert!(desk.get("/person/p/coverage?organization=zzzz").await.text.contains("Nothing of that name"));
}

#[tokio::test]
async fn the_desk_begins_and_ends_insurance_and_is_told_what_is_wrong() {
    let site = filled().await;
    let desk = site.sign_in("desk").await;
    let begin = [("act", "begin"), ("payor", "south"), ("kind", "PUBLICPOL"), ("scheme", ""), ("number", "7"), ("from", "2027-01-01"), ("last", "")];
    assert_eq!(desk.post("/person/p/coverage", &begin).await.status, StatusCode::SEE_OTHER);
    let page = desk.get("/person/p/coverage").await.text;
    assert!(page.contains("South fund") && page.contains("begins later") && page.contains("overlaps another one"), "{page}");
    for (name, value, says) in [("payor", "nowhere", "Choose who pays"), ("from", "tomorrow", "Look at the days"), ("last", "2020-01-01", "Look at the days"), ("scheme", "nss", "not one of its scheme")] {
        let fields: Vec<(&str, &str)> = begin.iter().map(|(of, was)| (*of, if *of == name { value } else { *was })).collect();
        let page = desk.post("/person/p/coverage", &fields).await;
        assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.text.contains(says), "{name}: {} {}", page.status, page.text);
        // What was typed stays, and one goes on where it is wrong.
        assert!(page.text.contains("<details open>") && page.text.contains("value=\"7\"") && page.text.matches(" autofocus>").count() == 1, "{name}: {}", page.text);
        assert!(name == "payor" || page.text.contains("<option value=\"south\" selected>"), "{name}: {}", page.text);
    }
    assert_eq!(desk.post("/person/p/coverage", &[("act", "end"), ("coverage", "second"), ("until", "2026-10-31")]).await.status, StatusCode::SEE_OTHER);
    let page = desk.get("/person/p/coverage").await.text;
    assert!(page.contains("31/10/2026") && page.contains("N-second"), "an ended one stays: {page}");
    assert_eq!(desk.post("/person/other/coverage", &[("act", "end"), ("coverage", "second"), ("until", "2026-09-30")]).await.status, StatusCode::NOT_FOUND, "it is another person's");
    assert_eq!(site.record("Coverage").await.len(), 3);
}

#[tokio::test]
async fn the_desk_transfers_a_person_and_from_then_on_its_own_institution_sees_its_copy() {
    let site = filled().await;
    let (desk, doctor) = (site.sign_in("desk").await, site.sign_in("ana").await);
    assert!(doctor.get("/person/p/timeline").await.text.contains("Pressure of nobody"));
    let fields = [("act", "transfer"), ("unit", "south"), ("ends", "second"), ("until", "2026-11-22"), ("payor", "south"), ("kind", "PUBLICPOL"), ("scheme", ""), ("number", "S-1"), ("from", "2026-11-23"), ("reason", "new employer")];
    let page = desk.post("/person/p/coverage", &[("act", "transfer"), ("unit", "here"), ("until", "2026-11-22"), ("reason", "x")]).await;
    assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.text.contains("Choose another unit"), "{}", page.text);
    let page = desk.post("/person/p/coverage", &fields).await;
    assert_eq!((page.status, page.location().as_str()), (StatusCode::SEE_OTHER, "/person/p/coverage"), "{}", page.text);
    let page = doctor.get("/person/p/coverage").await.text;
    assert!(page.contains("transferred away") && page.contains("N-second") && !page.contains("N-first") && !page.contains("S-1"), "the unit is told, and the insurance that was theirs: {page}");
    assert!(!doctor.get("/person/p/timeline").await.text.contains("Pressure of nobody"));
    assert_eq!(doctor.get("/person/p/document/Observation/of-nobody").await.status, StatusCode::NOT_FOUND);
    let record = site.chart.person(&testkit::caller(access::Role::Console), "p").await.unwrap();
    assert_eq!(record.resources.iter().filter(|one| one.kind.name() == "EpisodeOfCare").count(), 2);
}

#[tokio::test]
async fn each_wrong_day_of_insurance_is_told_for_what_it_is() {
    let site = filled().await;
    let desk = site.sign_in("desk").await;
    for (from, last, says) in [
        ("2026-02-30", "", "the first one does not exist"),
        ("2026-02", "", "the first one does not exist"),
        ("2026-02-03", "2026-02-30", "the last one does not exist"),
        ("1850-01-01", "", "the first one lies too far away"),
        ("2026-02-03", "2920-01-01", "the last one lies too far away"),
        ("1958-03-13", "", "before the birth date"),
        ("2026-02-03", "2026-02-02", "the last one lies before the first"),
    ] {
        let page = desk.post("/person/p/coverage", &[("act", "begin"), ("payor", "south"), ("kind", "PUBLICPOL"), ("scheme", ""), ("number", ""), ("from", from), ("last", last)]).await;
        assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.text.contains(says), "{from} {last}: {}", page.text);
    }
    let page = desk.post("/person/p/coverage", &[("act", "end"), ("coverage", "first"), ("until", "2023-01-01")]).await;
    assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.text.contains("has ended by then already"), "{}", page.text);
}

#[tokio::test]
async fn nobody_is_assigned_to_an_insurer_and_a_clinic_that_pays_is_asked_for() {
    let site = filled().await;
    let desk = site.sign_in("desk").await;
    let typed = |id: &str, name: &str, codes: &[&str]| {
        let types: Vec<String> = codes.iter().map(|code| format!(r#"{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/organization-type","code":"{code}"}}]}}"#)).collect();
        format!(r#"{{"resourceType":"Organization","id":"{id}","name":"{name}","type":[{}]}}"#, types.join(","))
    };
    for text in [typed("insurer", "West insurer", &["ins"]), typed("clinic", "West clinic", &["prov"]), typed("both", "West both", &["prov", "pay"])] {
        put(&site, &text).await;
    }
    let page = desk.get("/person/p/coverage?organization=west").await.text;
    let options = |name: &str| desk::between(&page, &format!("name=\"{name}\""), "</select>");
    let (units, payors) = (options("unit"), options("payor"));
    assert!(units.contains("West clinic") && units.contains("West both") && !units.contains("West insurer"), "{units}");
    assert!(payors.contains(">West insurer<") && payors.contains(">West both<") && payors.contains(">West clinic (treats)<"), "{payors}");
    assert!(payors.find("West clinic") > payors.find("West insurer") && page.contains("name=\"payor-asked\""), "{payors}");
    let begin = |payor: &'static str| [("act", "begin"), ("payor", payor), ("kind", "PUBLICPOL"), ("scheme", ""), ("number", ""), ("from", "2026-12-01"), ("last", "")];
    let transfer = |unit: &'static str, from: &'static str| [("act", "transfer"), ("unit", unit), ("ends", "second"), ("until", "2026-11-22"), ("payor", "south"), ("kind", "PUBLICPOL"), ("scheme", ""), ("number", ""), ("from", from), ("reason", "new employer")];
    for (fields, says) in [
        (&[("act", "unit"), ("unit", "insurer"), ("reason", "moved")][..], "nobody is assigned to an insurer"),
        (&begin("clinic")[..], "If it pays for this person, choose it again"),
        (&transfer("insurer", "2026-11-23")[..], "nobody is assigned to an insurer"),
        (&transfer("south", "2026-11-22")[..], "Let it begin the day after"),
    ] {
        let page = desk.post("/person/p/coverage", fields).await;
        assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.text.contains(says), "{says}: {} {}", page.status, page.text);
    }
    assert_eq!(desk.post("/person/p/coverage", &begin("insurer")).await.status, StatusCode::SEE_OTHER);
    // Who was asked and says so: it stands to be chosen again, and is kept.
    let found: Vec<(&str, &str)> = begin("clinic").into_iter().chain([("found", "west")]).collect();
    assert!(desk.post("/person/p/coverage", &found).await.text.contains("West clinic (treats)"));
    let confirmed: Vec<(&str, &str)> = begin("clinic").into_iter().chain([("payor-asked", "yes")]).collect();
    assert_eq!(desk.post("/person/p/coverage", &confirmed).await.status, StatusCode::SEE_OTHER);
    assert_eq!(desk.post("/person/p/coverage", &[("act", "unit"), ("unit", "both"), ("reason", "moved")]).await.status, StatusCode::SEE_OTHER);
}
