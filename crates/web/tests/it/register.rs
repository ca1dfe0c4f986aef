//! The page that registers a person: each kind and country, what is wrong, who is there already, and once only.

use access::Role;
use axum::http::StatusCode;
use fhir::{Document, ResourceType};
use web::words::Language;

use crate::desk;

const WHICH: &str = "0123456789abcdef0123456789abcdef";

fn curp() -> String {
    let body = "PUEA800512MXZRNN0";
    format!("{body}{}", country::mx::curp::check_digit(body).unwrap())
}

fn snils() -> String {
    format!("900123456{:02}", country::ru::snils::control("900123456").unwrap())
}

async fn patient(site: &desk::Site, location: &str) -> String {
    let id = location.strip_prefix("/person/").unwrap_or_else(|| panic!("{location} is no person's page"));
    site.chart.read(&testkit::caller(Role::Console), ResourceType::PATIENT, id).await.unwrap().text
}

async fn told(site: &desk::Site, location: &str, kind: &str) -> usize {
    let record = site.chart.person(&testkit::caller(Role::Integration), location.strip_prefix("/person/").unwrap()).await.unwrap();
    record.resources.iter().filter(|one| one.kind.name() == kind).count()
}

fn with<'f>(fields: &[(&'f str, &'f str)], name: &'f str, value: &'f str) -> Vec<(&'f str, &'f str)> {
    fields.iter().copied().filter(|(of, _)| *of != name).chain([(name, value)]).collect()
}

/// The fields of a page in which one begins to type.
fn focused(page: &str) -> Vec<String> {
    let starts = page.match_indices(" autofocus>").filter_map(|(at, _)| page[..at].rfind(" name=\"").map(|start| page[start + 7..at].split('"').next().unwrap_or_default().to_owned()));
    starts.collect()
}

#[tokio::test]
async fn a_person_is_registered_in_three_countries_with_what_a_number_tells() {
    let site = desk::site(&[], attest::Algorithm::Es256).await;
    let desk = site.sign_in("desk").await;
    let (curp, snils) = (curp(), snils());
    let spaced = format!("{} {}", &curp[..4].to_lowercase(), &curp[4..]);
    for (place, (country, fields, parts)) in [
        ("mx", vec![("name-0", "Prueba"), ("name-1", "Ensayo"), ("name-2", "Ana Luz"), ("number-curp", spaced.as_str()), ("telephone", "+52 55 0000 0000"), ("contact", "Luz <b>"), ("contact-telephone", "55 0000 0001")], vec![r#""family":"Prueba Ensayo""#, r#""given":["Ana","Luz"]"#, r#""birthDate":"1980-05-12""#, r#""gender":"female""#, curp.as_str(), r#""code":"NI""#, "+52 55 0000 0000", "Luz <b>"]),
        ("vn", vec![("name-0", "Thử"), ("name-1", "Văn"), ("name-2", "Mẫu"), ("number-cccd", "912 090 123 456"), ("born", "3/4/1990")], vec![r#""family":"Thử""#, r#""given":["Văn","Mẫu"]"#, r#""birthDate":"1990-04-03""#, r#""gender":"male""#, "912090123456"]),
        ("ru", vec![("name-0", "Пробная"), ("name-1", "Анна"), ("name-2", "Тестовна"), ("number-snils", snils.as_str()), ("sex", "female"), ("age", "40")], vec![r#""family":"Пробная""#, r#""given":["Анна","Тестовна"]"#, r#""birthDate":"1"#, snils.as_str()]),
    ].into_iter().enumerate() {
        let form = format!("{WHICH}{place}");
        let page = desk.get(&format!("/register?country={country}")).await;
        assert!(page.status == StatusCode::OK && !page.text.contains("/sign-in"), "{}", page.text);
        let mut all = vec![("form", form.as_str()), ("kind", "known"), ("country", country)];
        all.extend(fields);
        let done = desk.post("/register", &all).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{country}: {}", done.text);
        let text = patient(&site, &done.location()).await;
        for part in parts {
            assert!(text.contains(part), "{country}: {part} is not in {text}");
        }
        assert_eq!(told(&site, &done.location(), "Provenance").await, 1, "who registered them is told");
        assert_eq!(desk.get(&done.location()).await.status, StatusCode::OK);
        // The same form again, as a double click or a reload sends it.
        let again = desk.post("/register", &all).await;
        assert_eq!((again.status, again.location()), (StatusCode::SEE_OTHER, done.location()));
        // Another form with the same number ends at the record that is there.
        if country != "ru" {
            let page = desk.post("/register", &with(&all, "form", "ffffffffffffffffffffffff")).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{country}");
            assert!(page.text.contains("registered already") && page.text.contains(&format!("href=\"{}\"", done.location())) && !page.text.contains("Register as a new person"), "{}", page.text);
        }
    }
}

#[tokio::test]
async fn what_is_wrong_is_told_beside_its_field_and_what_was_typed_stays() {
    let site = desk::site(&[], attest::Algorithm::Es256).await;
    let desk = site.sign_in("desk").await;
    let good = curp();
    let wrong = format!("{}{}", &good[..17], (good[17..].parse::<u32>().unwrap() + 1) % 10);
    let fields = [("form", WHICH), ("kind", "known"), ("country", "mx"), ("name-0", "Prueba"), ("name-2", "Ana"), ("sex", "female"), ("born", "1980-05-12")];
    let long = "x".repeat(201);
    for (name, value, says) in [
        ("number-curp", wrong.as_str(), "check digit does not fit"),
        ("number-curp", &good[..16], "Signs are missing"),
        ("number-curp", "PUEA801332MXZRNN00", "birth date in it does not exist"),
        ("number-curp", "PUEA800512MQQRNN00", "region in it is on no list"),
        ("number-curp", "1UEA800512MXZRNN00", "cannot stand where it stands"),
        ("number-curp", "PUEA800512MXZRNN0012", "signs too many"),
        ("number-issste", "PRUEBA", "letters alone"),
        ("name-0", "", "This is needed"),
        ("name-0", long.as_str(), "cannot be read"),
        ("sex", "", "This is needed"),
        ("sex", "neither", "cannot be read"),
        ("born", "", "This is needed"),
        ("born", "30/02/1980", "cannot be read"),
        ("born", "2190-01-01", "in the future"),
        ("born", "1700", "in the future or too long ago"),
        ("telephone", "call me", "cannot be read"),
    ] {
        let page = desk.post("/register", &with(&fields, name, value)).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}={value}");
        assert!(page.text.contains(says) && page.text.contains(&format!("id=\"{name}-fault\"")), "{name}={value}: {}", page.text);
        assert!(name == "name-2" || page.text.contains("value=\"Ana\""), "what was typed stays");
        // One goes on at the first field that is wrong, and the top of the page leads to each.
        assert_eq!(focused(&page.text), [name], "{name}={value}");
        assert!(page.text.contains(&format!("<li><a href=\"#{name}\">")), "{name}={value}: {}", page.text);
    }
    // A number that tells a day to come, where nothing else tells when they were born.
    let to_come = "PUEA990512MXZRNNA";
    let to_come = format!("{to_come}{}", country::mx::curp::check_digit(to_come).unwrap());
    let page = desk.post("/register", &with(&with(&fields, "born", ""), "number-curp", &to_come)).await;
    assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.text.contains("id=\"born-fault\"") && page.text.contains("in the future"), "{}", page.text);
    // An age beside a birth date that says another one: both places are named, and neither is taken.
    let page = desk.post("/register", &with(&with(&fields, "born", "2001"), "age", "5")).await;
    assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.text.contains("id=\"born-fault\"") && page.text.contains("id=\"age-fault\"") && page.text.contains("say different things"), "{}", page.text);
    assert!(focused(&page.text) == ["born"] && page.text.contains("href=\"#born\"") && page.text.contains("href=\"#age\""), "{}", page.text);
    assert_eq!(focused(&desk.get("/register?country=mx").await.text), ["name-0"]);
    let page = desk.post("/register", &with(&with(&fields, "born", ""), "age", "a few")).await;
    assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.text.contains("id=\"age-fault\""));
    assert!(site.chart.find_persons(&testkit::caller(Role::Integration), "Ana", 20).await.unwrap().is_empty(), "nobody was registered");

    // What a number tells otherwise is asked, and registered as typed when somebody has compared it.
    let other = with(&with(&with(&fields, "number-curp", &good), "born", "1981-05-12"), "sex", "male");
    let page = desk.post("/register", &other).await;
    assert!(page.status == StatusCode::OK && page.text.contains("CURP tells another birth date") && page.text.contains("CURP tells another sex"), "{}", page.text);
    let done = desk.post("/register", &with(&other, "confirm", "1")).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    assert!(patient(&site, &done.location()).await.contains(r#""birthDate":"1981-05-12""#));
}

#[tokio::test]
async fn who_may_be_the_same_is_shown_before_anybody_is_registered_beside_them() {
    let site = desk::site(&[], attest::Algorithm::Es256).await;
    let desk = site.sign_in("desk").await;
    let fields = [("form", WHICH), ("kind", "known"), ("country", "mx"), ("name-0", "Prueba"), ("name-2", "Rosa"), ("sex", "female"), ("born", "1958-03-14")];
    let page = desk.post("/register", &fields).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(page.text.contains("href=\"/person/p\"") && page.text.contains("This is the person") && page.text.contains("Agrees: ") && page.text.contains("Register as a new person"), "{}", page.text);
    let seen = desk::between(&page.text, "name=\"seen\" value=\"", "\"");
    assert!(seen.split(' ').any(|id| id == "p"));
    // Somebody else who was not shown is shown first.
    let page = desk.post("/register", &with(&fields, "seen", "other")).await;
    assert!(page.status == StatusCode::OK && page.text.contains("href=\"/person/p\""));
    // Two clicks at once write one person.
    let fields = with(&fields, "seen", &seen);
    let (one, other) = tokio::join!(desk.post("/register", &fields), desk.post("/register", &fields));
    assert_eq!((one.status, other.status), (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER), "{} {}", one.text, other.text);
    assert_eq!(one.location(), other.location());
    assert_ne!(one.location(), "/person/p");
    // The pair waits for the desk that decides.
    while site.chart.look_for_duplicates().await.unwrap() {}
    assert_eq!(site.chart.duplicates(&testkit::caller(Role::Admissions), 10).await.unwrap().1, 1);
}

#[tokio::test]
async fn two_desks_with_one_number_register_one_person() {
    let site = desk::site(&[], attest::Algorithm::Es256).await;
    let (one, other) = (site.sign_in("desk").await, site.sign_in("ana").await);
    let curp = curp();
    let fields = [("form", WHICH), ("kind", "known"), ("country", "mx"), ("name-0", "Ensayo"), ("name-2", "Luz"), ("number-curp", curp.as_str())];
    let (first, second) = tokio::join!(one.post("/register", &fields), other.post("/register", &fields));
    let mut told = [first.status, second.status];
    told.sort();
    assert_eq!(told, [StatusCode::SEE_OTHER, StatusCode::UNPROCESSABLE_ENTITY], "{} {}", first.text, second.text);
    assert_eq!(site.chart.find_persons(&testkit::caller(Role::Integration), &curp, 20).await.unwrap().len(), 1);
}

#[tokio::test]
async fn somebody_unknown_and_a_foreigner_get_a_provisional_number() {
    let site = desk::site(&[], attest::Algorithm::Es256).await;
    let doctor = site.sign_in("ana").await;
    let unknown = [("form", WHICH), ("kind", "unknown"), ("country", "ru"), ("sex", "male"), ("age", "40"), ("place", "Station <b>")];
    let page = doctor.post("/register", &with(&unknown, "sex", "")).await;
    assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.text.contains("sex-fault"));
    let done = doctor.post("/register", &unknown).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let text = patient(&site, &done.location()).await;
    let document = Document::read(&text).unwrap();
    let number = document.root().get("identifier").unwrap().first().unwrap();
    assert_eq!(country::provisional::read(&number.string("value").unwrap()), Ok(country::provisional::Case::Unknown));
    assert_eq!((number.string("system").as_deref(), number.string("use").as_deref()), (Some(country::provisional::SYSTEM), Some("temp")));
    assert!(document.root().get("name").is_none() && text.contains("Station <b>") && document.root().string("birthDate").unwrap().len() == 4, "{text}");
    // Another one is another person, with another number.
    let other = doctor.post("/register", &with(&unknown, "form", "ffffffffffffffffffffffff")).await;
    assert_eq!(other.status, StatusCode::SEE_OTHER);
    assert_ne!(other.location(), done.location());
    let page = doctor.get(&done.location()).await.text;
    assert!(page.contains(&*number.string("value").unwrap()), "the ward tells them apart by it");

    let foreigner = [("form", "00000000000000000000000000000001"), ("kind", "foreigner"), ("country", "vn"), ("name-2", "Sample"), ("sex", "female"), ("born", "1990"), ("passport", "x 0000001"), ("passport-country", "fra")];
    for (name, value) in [("passport", ""), ("passport", "!"), ("passport-country", "France"), ("name-2", "")] {
        let page = doctor.post("/register", &with(&foreigner, name, value)).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}={value}: {}", page.text);
    }
    let done = doctor.post("/register", &foreigner).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let text = patient(&site, &done.location()).await;
    assert!(text.contains("http://hl7.org/fhir/sid/passport-FRA") && text.contains("X0000001") && text.contains("\"F-"), "{text}");
}

#[tokio::test]
async fn only_who_may_write_registers_and_a_form_from_elsewhere_does_nothing() {
    let site = desk::site(&[], attest::Algorithm::Es256).await;
    let (desk, auditor) = (site.sign_in("desk").await, site.sign_in("auditor").await);
    let fields = [("form", WHICH), ("kind", "unknown"), ("country", "mx"), ("sex", "male")];
    assert_eq!(auditor.get("/register").await.status, StatusCode::FORBIDDEN);
    assert_eq!(auditor.post("/register", &fields).await.status, StatusCode::FORBIDDEN);
    assert!(!auditor.get("/").await.text.contains("/register") && desk.get("/").await.text.contains("href=\"/register\""));
    let mut forged = site.sign_in("desk").await;
    forged.token = "0".repeat(64);
    assert_eq!(forged.post("/register", &fields).await.status, StatusCode::FORBIDDEN);
    assert_eq!(site.stranger().await.post("/register", &fields).await.status, StatusCode::SEE_OTHER, "a stranger is sent to the door");
    // Without the mark of its form nothing is written.
    assert_ne!(desk.post("/register", &with(&fields, "form", "")).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_page_speaks_four_languages_and_takes_over_what_was_searched() {
    let site = desk::site(&[], attest::Algorithm::Es256).await;
    let desk = site.sign_in("desk").await;
    for language in Language::ALL {
        for kind in ["known", "foreigner", "unknown", "newborn"] {
            for country in ["mx", "vn", "ru"] {
                let page = desk.get_in(&format!("/register?kind={kind}&country={country}"), language).await;
                assert_eq!(page.status, StatusCode::OK);
                assert!(!page.text.contains(">register-") && !page.text.contains(">field-"), "{}: a word is missing", language.code());
                assert!(kind != "known" || page.text.contains("name=\"name-2\""));
            }
        }
    }
    let found = desk.post("/find", &[("q", "Zutana Prueba 12/05/1980")]).await.text;
    assert!(found.contains("href=\"/register?from=find\""), "{found}");
    let page = desk.get("/register?from=find&country=mx").await.text;
    assert!(page.contains("value=\"Prueba\"") && page.contains("value=\"Zutana\"") && page.contains("value=\"1980-05-12\""), "{page}");
    assert!(!desk.get("/register?country=mx").await.text.contains("value=\"Prueba\""));
}

/// What cannot be true is kept where a system sent it, and everybody who opens the record sees that it is not.
#[tokio::test]
async fn a_number_that_cannot_be_true_is_marked_on_the_persons_page() {
    let site = desk::site(&[], attest::Algorithm::Es256).await;
    let system = testkit::caller(Role::Integration);
    let mx = &country::by_code("mx").unwrap().identifier("curp").unwrap().uri;
    let put = async |id: &str, numbers: &[(&str, &str)]| {
        let numbers: Vec<String> = numbers.iter().map(|(of, value)| format!(r#"{{"system":"{of}","value":"{value}"}}"#)).collect();
        let body = format!(r#"{{"resourceType":"Patient","id":"{id}","name":[{{"family":"Prueba"}}],"identifier":[{}]}}"#, numbers.join(","));
        site.chart.update(&system, ResourceType::PATIENT, id, body.as_bytes(), None).await.unwrap();
    };
    let good = curp();
    let wrong = format!("{}{}", &good[..17], (good[17..].parse::<u32>().unwrap() + 1) % 10);
    put("slip", &[(mx, &wrong)]).await;
    put("newborn", &[("https://carnet.health/id/vn/cccd", "000000000000")]).await;
    put("right", &[(mx, &good), ("https://a.example/file", "000000000000")]).await;
    let reader = site.sign_in("ana").await;
    for (language, check, other) in [
        (Language::English, "the check digit does not fit", "only zeros, one digit repeated"),
        (Language::Spanish, "el dígito verificador no coincide", "no es de nadie"),
        (Language::Vietnamese, "chữ số kiểm tra không khớp", "không phải số của ai"),
        (Language::Russian, "контрольная цифра не сходится", "ничей номер"),
    ] {
        for (id, said, unsaid) in [("slip", check, other), ("newborn", other, check)] {
            let page = reader.get_in(&format!("/person/{id}"), language).await;
            assert_eq!(page.status, StatusCode::OK, "{id}");
            assert!(page.text.contains(said) && !page.text.contains(unsaid), "{id} {language:?}");
        }
        let page = reader.get_in("/person/right", language).await;
        assert!(page.status == StatusCode::OK && !page.text.contains(check) && !page.text.contains(other), "{language:?}");
    }
}

async fn children(site: &desk::Site, born: &str) -> Vec<String> {
    let hits = site.chart.find_persons(&testkit::caller(Role::Integration), born, 20).await.unwrap();
    hits.into_iter().map(|hit| hit.patient.text).collect()
}

#[tokio::test]
async fn a_newborn_is_registered_with_the_mother_and_called_by_her_name() {
    let site = desk::site(&[], attest::Algorithm::Es256).await;
    let nurse = site.sign_in("desk").await;
    // From the mother's page by her id, or found by her name, which stands in no address.
    let page = nurse.get("/person/p").await.text;
    assert!(page.contains("href=\"/register?kind=newborn&amp;mother=p\""), "{page}");
    let page = nurse.get("/register?kind=newborn&mother=p").await.text;
    assert!(page.contains("name=\"mother\" value=\"p\"") && page.contains("PRUEBA") && !page.contains("name=\"mother-sought\""), "{page}");
    let empty = [("form", WHICH), ("kind", "newborn"), ("country", "mx"), ("country-was", "mx"), ("born", "1/3/2026")];
    let found = nurse.post("/register", &[&empty[..], &[("mother-sought", "Rosa"), ("act", "seek")]].concat()).await;
    assert!(found.status == StatusCode::OK && found.text.contains("name=\"choose\" value=\"p\"") && found.text.contains("value=\"2026-03-01\""), "{}", found.text);
    let by_enter = nurse.post("/register", &with(&empty, "mother-sought", "Rosa")).await;
    assert!(by_enter.text.contains("name=\"choose\" value=\"p\""), "Enter in the field searches");
    let chosen = nurse.post("/register", &with(&empty, "choose", "p")).await.text;
    assert!(chosen.contains("name=\"mother\" value=\"p\"") && chosen.contains("value=\"2026-03-01\"") && !chosen.contains("role=\"alert\""), "{chosen}");
    let other = nurse.post("/register", &[&empty[..], &[("mother", "p"), ("act", "other-mother")]].concat()).await.text;
    assert!(!other.contains("name=\"mother\" value=\"p\"") && other.contains("name=\"mother-sought\""), "{other}");

    for (country, mother, called) in [("mx", "p", "Recién nacida de Rosa Prueba"), ("vn", "other", "Con bà Otra Rosa"), ("ru", "other", "Новорождённая (мать: Otra Rosa)")] {
        let form = format!("{WHICH}{country}");
        let born = if country == "ru" { "2026-02-27" } else { "2026-03-01" };
        let fields = [("form", form.as_str()), ("kind", "newborn"), ("country", country), ("mother", mother), ("born", born), ("born-time", "7h05"), ("sex", "female"), ("birth-order", "2")];
        let done = nurse.post("/register", &fields).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{country}: {}", done.text);
        let text = patient(&site, &done.location()).await;
        let document = Document::read(&text).unwrap();
        let number = document.root().get("identifier").unwrap().first().unwrap();
        assert_eq!(country::provisional::read(&number.string("value").unwrap()), Ok(country::provisional::Case::Newborn));
        for part in [format!(r#""use":"temp","text":"{called}""#), format!(r#""birthDate":"{born}""#), format!(r#""valueDateTime":"{born}T07:05:00"#), r#""multipleBirthInteger":2"#.to_owned(), r#""gender":"female""#.to_owned()] {
            assert!(text.contains(&part), "{country}: {part} is not in {text}");
        }
        assert!(text.contains(&format!(r#""country":"{}""#, country.to_uppercase())), "somebody's calendar applies: {text}");
        let record = site.chart.person(&testkit::caller(Role::Integration), done.location().strip_prefix("/person/").unwrap()).await.unwrap();
        let related: Vec<&str> = record.resources.iter().filter(|one| one.kind.name() == "RelatedPerson").map(|one| one.text.as_str()).collect();
        assert!(matches!(related[..], [one] if one.contains("\"MTH\"") && one.contains("Rosa") && one.contains(&format!(r#""system":"https://carnet.health/id/patient","value":"{mother}""#))), "{related:?}");
        assert_eq!(told(&site, &done.location(), "Provenance").await, 1);
        let page = nurse.get(&done.location()).await.text;
        assert!(page.contains(called), "the ward reads whose child it is: {page}");
        // The same form again, as a double click sends it.
        let again = nurse.post("/register", &fields).await;
        assert_eq!((again.status, again.location()), (StatusCode::SEE_OTHER, done.location()));
    }
}

#[tokio::test]
async fn of_one_mother_and_day_a_second_newborn_is_shown_the_first() {
    let site = desk::site(&[], attest::Algorithm::Es256).await;
    let (one, other) = (site.sign_in("desk").await, site.sign_in("ana").await);
    let fields = [("form", WHICH), ("kind", "newborn"), ("country", "mx"), ("mother", "p"), ("born", "2026-03-01"), ("sex", "female"), ("birth-order", "1")];
    // Two desks at once: the second is shown what the first wrote.
    let (first, second) = tokio::join!(one.post("/register", &fields), other.post("/register", &fields));
    let (done, shown) = if first.status == StatusCode::SEE_OTHER { (first, second) } else { (second, first) };
    assert_eq!((done.status, shown.status), (StatusCode::SEE_OTHER, StatusCode::OK), "{}", shown.text);
    let id = done.location().strip_prefix("/person/").unwrap().to_owned();
    assert!(shown.text.contains(&format!("href=\"/person/{id}\"")) && shown.text.contains("The same mother, the same day"), "{}", shown.text);
    assert_eq!(children(&site, "2026-03-01").await.len(), 1);
    // Without an order it may be the same; of another order it is not; another day is another birth.
    let again = with(&fields, "form", "ffffffffffffffffffffffff");
    assert!(one.post("/register", &with(&again, "birth-order", "")).await.text.contains(&id));
    let twin = one.post("/register", &with(&again, "birth-order", "2")).await;
    assert_eq!(twin.status, StatusCode::SEE_OTHER, "{}", twin.text);
    let elsewhere = one.post("/register", &with(&with(&with(&fields, "form", "eeeeeeeeeeeeeeeeeeeeeeee"), "mother", "other"), "birth-order", "1")).await;
    assert_eq!(elsewhere.status, StatusCode::SEE_OTHER, "another mother: {}", elsewhere.text);
    // Who was shown and says that it is another one may go on.
    let third = one.post("/register", &with(&with(&again, "form", "dddddddddddddddddddddddd"), "seen", &id)).await;
    assert_eq!(third.status, StatusCode::SEE_OTHER, "{}", third.text);
    assert_eq!(children(&site, "2026-03-01").await.len(), 4);
}

#[tokio::test]
async fn what_is_wrong_about_a_newborn_is_told_and_nobody_is_registered() {
    let site = desk::site(&[], attest::Algorithm::Es256).await;
    let desk = site.sign_in("desk").await;
    let fields = [("form", WHICH), ("kind", "newborn"), ("country", "mx"), ("mother", "p"), ("born", "2026-03-01"), ("sex", "female")];
    for (name, value, at) in [
        ("mother", "", "mother"), ("mother", "<b>", "mother"), ("born", "", "born"), ("born", "2026", "born"), ("born", "2026-02-30", "born"), ("born", "2027-01-01", "born"), ("born", "2024-01-01", "born"),
        ("born-time", "25:00", "born-time"), ("born-time", "noon", "born-time"), ("born-time", "9:5", "born-time"), ("sex", "", "sex"), ("sex", "girl", "sex"), ("birth-order", "0", "birth-order"), ("birth-order", "10", "birth-order"), ("birth-order", "-1", "birth-order"),
    ] {
        let page = desk.post("/register", &with(&fields, name, value)).await;
        assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.text.contains(&format!("id=\"{at}-fault\"")), "{name}={value}: {} {}", page.status, page.text);
    }
    assert_eq!(desk.post("/register", &with(&fields, "mother", "nobody-here")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(desk.get("/register?kind=newborn&mother=nobody-here").await.status, StatusCode::NOT_FOUND);
    assert!(children(&site, "2026-03-01").await.is_empty());
}

#[tokio::test]
async fn a_birth_certificate_takes_up_the_record_that_a_desk_began() {
    let mexico = country::by_code("mx").unwrap();
    let sheet = mexico.forms.iter().find(|text| text.contains("Questionnaire/mx-nacimiento ")).unwrap();
    let site = desk::site(&[forms::sheet::questionnaire(sheet, &country::form_part).unwrap()], attest::Algorithm::Es256).await;
    site.mother(r#""birthDate":"1990-05-01""#).await;
    let (desk, ana) = (site.sign_in("desk").await, site.sign_in("ana").await);
    let begin = async |form: &str, sex: &str, order: &str, time: &str| {
        let done = desk.post("/register", &[("form", form), ("kind", "newborn"), ("country", "mx"), ("mother", "p"), ("born", "2026-03-01"), ("born-time", time), ("sex", sex), ("birth-order", order)]).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
        done.location()
    };
    let certify = async |sex: &str, time: &str, order: &str| {
        let born = format!("2026-03-01T{time}");
        let place = ana.begin("mx-nacimiento").await;
        ana.act(&place, "save", &[("a::born", born.as_str()), ("a::sex", sex), ("a::surname", "Ejemplo"), ("a::weeks", "39"), ("a::birth-weight", "3250"), ("a::apgar", "9"), ("a::plurality", "c1"), ("a::order", order), ("a::way", "c0"), ("a::pregnancies", "2"), ("a::living", "2"), ("a::where", "c0")]).await;
        let signed = ana.act(&format!("{place}/sign"), "sign", &[("secret", desk::PASSWORD)]).await;
        assert_eq!(signed.status, StatusCode::OK, "{}", signed.text);
    };
    let girl = begin("1111111111111111", "female", "1", "09:15").await;
    let boy = begin("2222222222222222", "male", "2", "").await;
    let second_girl = begin("3333333333333333", "female", "3", "09:40").await;
    let tasks = async |place: &str| told(&site, place, "Task").await;
    certify("c0", "09:40", "3").await;
    assert_eq!([tasks(&girl).await, tasks(&boy).await, tasks(&second_girl).await], [0, 0, 1], "the time tells the sisters apart");
    certify("c1", "09:30", "2").await;
    assert_eq!([tasks(&girl).await, tasks(&boy).await, tasks(&second_girl).await], [0, 1, 1]);
    certify("c0", "09:15", "1").await;
    assert_eq!([tasks(&girl).await, tasks(&boy).await, tasks(&second_girl).await], [1, 1, 1]);
    assert_eq!(children(&site, "2026-03-01").await.len(), 3, "no certificate made another record");
    let text = patient(&site, &girl).await;
    assert!(text.contains(r#""family":"Ejemplo""#) && text.contains(r#""multipleBirthInteger":1"#) && !text.contains("Rosa Prueba"), "{text}");
    assert!(patient(&site, &boy).await.contains("T09:30:00"), "the certificate knows the time");
    assert_eq!(told(&site, &girl, "RelatedPerson").await, 1);
    // One more certificate is about one more child.
    certify("c0", "09:50", "4").await;
    assert_eq!(children(&site, "2026-03-01").await.len(), 4);
}

#[tokio::test]
async fn of_sisters_whom_nothing_tells_apart_a_certificate_takes_neither() {
    let mexico = country::by_code("mx").unwrap();
    let sheet = mexico.forms.iter().find(|text| text.contains("Questionnaire/mx-nacimiento ")).unwrap();
    let site = desk::site(&[forms::sheet::questionnaire(sheet, &country::form_part).unwrap()], attest::Algorithm::Es256).await;
    site.mother(r#""birthDate":"1990-05-01""#).await;
    let (desk, ana) = (site.sign_in("desk").await, site.sign_in("ana").await);
    let fields = [("kind", "newborn"), ("country", "mx"), ("mother", "p"), ("born", "2026-03-01"), ("sex", "female")];
    let one = desk.post("/register", &with(&fields, "form", "1111111111111111")).await.location();
    let second = with(&with(&fields, "form", "2222222222222222"), "seen", one.strip_prefix("/person/").unwrap());
    let page = desk.post("/register", &second).await;
    assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.text.contains("id=\"birth-order-fault\""), "of a second child it is said which it is: {}", page.text);
    let other = desk.post("/register", &with(&second, "birth-order", "2")).await;
    assert_eq!(other.status, StatusCode::SEE_OTHER, "{}", other.text);
    let other = other.location();
    // A system that writes them may leave it out.
    let id = other.strip_prefix("/person/").unwrap();
    let text = patient(&site, &other).await.replace("\"multipleBirthInteger\":2,", "");
    site.chart.update(&testkit::caller(Role::Integration), ResourceType::PATIENT, id, text.as_bytes(), None).await.unwrap();
    let certify = async || {
        let place = ana.begin("mx-nacimiento").await;
        ana.act(&place, "save", &[("a::born", "2026-03-01T09:15"), ("a::sex", "c0"), ("a::weeks", "36"), ("a::birth-weight", "2500"), ("a::apgar", "9"), ("a::plurality", "c1"), ("a::order", "1"), ("a::way", "c0"), ("a::pregnancies", "2"), ("a::living", "2"), ("a::where", "c0")]).await;
        ana.act(&format!("{place}/sign"), "sign", &[("secret", desk::PASSWORD)]).await
    };
    let refused = certify().await;
    assert!(refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.text.contains("More than one newborn of this mother and day"), "{}", refused.text);
    assert_eq!([told(&site, &one, "Task").await, told(&site, &other, "Task").await], [0, 0]);
    assert_eq!(children(&site, "2026-03-01").await.len(), 2, "nobody was made of it either");
    // Once their records say which is which, it is known.
    let text = patient(&site, &other).await.replace("\"gender\"", "\"multipleBirthInteger\":1,\"gender\"");
    site.chart.update(&testkit::caller(Role::Integration), ResourceType::PATIENT, id, text.as_bytes(), None).await.unwrap();
    let signed = certify().await;
    assert_eq!(signed.status, StatusCode::OK, "{}", signed.text);
    assert_eq!([told(&site, &one, "Task").await, told(&site, &other, "Task").await], [0, 1]);
}

#[tokio::test]
async fn another_kind_or_country_keeps_what_was_typed() {
    let site = desk::site(&[], attest::Algorithm::Es256).await;
    let desk = site.sign_in("desk").await;
    let typed = [("form", WHICH), ("kind", "known"), ("country", "mx"), ("country-was", "mx"), ("name-0", "Prueba"), ("name-1", "Ensayo"), ("name-2", "Ana \"Luz\""), ("number-nss", "12"), ("born", "1980"), ("sex", "female"), ("contact", "Luz")];
    let foreign = desk.post("/register", &with(&typed, "turn", "foreigner")).await;
    assert_eq!(foreign.status, StatusCode::OK);
    for part in ["name=\"name-2\" type=\"text\"", "value=\"Ana &#34;Luz&#34;\"", "value=\"1980\"", "value=\"female\" selected", "value=\"Luz\"", "name=\"passport\"", "name=\"kept-number-nss\" value=\"12\""] {
        assert!(foreign.text.contains(part), "{part}: {}", foreign.text);
    }
    assert!(!foreign.text.contains("role=\"alert\""), "nothing was judged yet");
    // What has no field waits until one has: there and back.
    let unknown = desk.post("/register", &with(&typed, "turn", "unknown")).await.text;
    assert!(unknown.contains("name=\"kept-name-0\" value=\"Prueba\"") && unknown.contains("name=\"kept-born\" value=\"1980\"") && !unknown.contains("id=\"name-0\"") && !unknown.contains("Or about how old"), "{unknown}");
    let back = desk.post("/register", &[("form", WHICH), ("kind", "unknown"), ("country", "mx"), ("country-was", "mx"), ("kept-name-0", "Prueba"), ("kept-born", "1980"), ("kept-token", "x"), ("turn", "known")]).await.text;
    assert!(back.contains("name=\"name-0\" type=\"text\"") && back.contains("value=\"Prueba\"") && back.contains("value=\"1980\"") && !back.contains("kept-token"), "{back}");
    // What waits is not written.
    let done = desk.post("/register", &[("form", WHICH), ("kind", "unknown"), ("country", "mx"), ("country-was", "mx"), ("sex", "male"), ("kept-name-0", "Prueba"), ("kept-born", "1980"), ("kept-number-nss", "12")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let text = patient(&site, &done.location()).await;
    assert!(!text.contains("Prueba") && !text.contains("1980"), "{text}");
    // Another country, by its button or because it was chosen and another button pressed.
    for more in [("turn", ""), ("other", "")] {
        let moved = desk.post("/register", &with(&with(&typed, "country", "vn"), more.0, more.1)).await;
        assert!(moved.status == StatusCode::OK && moved.text.contains("value=\"Prueba Ensayo\"") && moved.text.contains("id=\"number-cccd\"") && moved.text.contains("name=\"country-was\" value=\"vn\""), "{}", moved.text);
    }
}

#[tokio::test]
async fn an_age_is_kept_as_a_guess_and_shown_as_one() {
    let site = desk::site(&[], attest::Algorithm::Es256).await;
    let desk = site.sign_in("ana").await;
    let fields = [("form", WHICH), ("kind", "unknown"), ("country", "mx"), ("sex", "male"), ("age", "40")];
    let done = desk.post("/register", &fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let text = patient(&site, &done.location()).await;
    assert!(text.contains(r#""birthDate":"1986","_birthDate":{"extension":[{"url":"http://hl7.org.au/fhir/StructureDefinition/date-accuracy-indicator","valueCoding":{"system":"https://healthterminologies.gov.au/fhir/CodeSystem/date-accuracy-indicator-1","code":"UUE"}}]}"#), "{text}");
    for (language, words) in [(Language::English, ["about 1986", "about 40 years"]), (Language::Spanish, ["hacia 1986", "unos 40 años"]), (Language::Vietnamese, ["khoảng 1986", "khoảng 40 tuổi"]), (Language::Russian, ["около 1986", "примерно 40 лет"])] {
        let page = desk.get_in(&done.location(), language).await.text;
        assert!(words.iter().all(|word| page.contains(word)), "{}: {page}", language.code());
    }
    // A year that somebody knows is no guess, and a number that is not far from a guess knows better.
    let known = [("form", "44444444444444444444"), ("kind", "known"), ("country", "mx"), ("name-0", "Prueba"), ("name-2", "Ana"), ("sex", "female")];
    let year = desk.post("/register", &with(&known, "born", "1975")).await;
    assert!(!patient(&site, &year.location()).await.contains("accuracy"), "{}", year.text);
    let number = curp();
    let guessed = with(&with(&with(&known, "form", "55555555555555555555"), "age", "44"), "number-curp", &number);
    let page = desk.post("/register", &guessed).await;
    let done = if page.status == StatusCode::OK { desk.post("/register", &with(&guessed, "seen", &desk::between(&page.text, "name=\"seen\" value=\"", "\""))).await } else { page };
    let text = patient(&site, &done.location()).await;
    assert!(text.contains(r#""birthDate":"1980-05-12""#) && !text.contains("accuracy"), "{text}");
}

#[tokio::test]
async fn whoever_bore_the_number_before_is_shown_before_it_is_given_to_another() {
    let site = desk::site(&[], attest::Algorithm::Es256).await;
    let desk = site.sign_in("desk").await;
    let curp = curp();
    let before = format!(r#"{{"resourceType":"Patient","id":"before","name":[{{"family":"Otero","given":["Marta"]}}],"gender":"female","birthDate":"1931-01-02","identifier":[{{"use":"old","system":"{}","value":"{curp}"}}]}}"#, country::by_code("mx").unwrap().identifier("curp").unwrap().uri);
    site.chart.update(&testkit::caller(Role::Integration), ResourceType::PATIENT, "before", before.as_bytes(), None).await.unwrap();
    let fields = [("form", WHICH), ("kind", "known"), ("country", "mx"), ("name-0", "Prueba"), ("name-1", "Ensayo"), ("name-2", "Ana"), ("number-curp", curp.as_str())];
    for (language, says) in [(Language::English, "bore this number before"), (Language::Spanish, "llevó antes este número"), (Language::Russian, "Раньше этот номер был"), (Language::Vietnamese, "trước đây mang số này")] {
        let mut reader = site.sign_in("desk").await;
        reader.cookies = format!("{}; carnet_language={}", reader.cookies, language.code());
        let page = reader.post("/register", &fields).await;
        assert!(page.status == StatusCode::OK && page.text.contains(says) && page.text.contains("OTERO") && !page.text.contains('⟦'), "{}", page.text);
    }
    // It was withdrawn there: whoever has looked may go on.
    let done = desk.post("/register", &with(&fields, "seen", "before")).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    assert!(patient(&site, &done.location()).await.contains(&curp));
}
