//! The proof: each form of the packs, in each language, is rendered, filled in from its sample, extracted, signed,
//! printed and verified, over the real door and RocksDB; and what a PDF of a document is and who gets one.

use std::collections::BTreeMap;
use std::process::Command;

use access::{Disclosure, Role};
use attest::{Algorithm, Evidence};
use axum::http::{StatusCode, header};
use fhir::{Document, ResourceType};

use crate::desk;

#[path = "../../../forms/tests/it/sample.rs"]
mod sample;

use desk::{PASSWORD, Page, Reader, Site, between, site, small_form};
use sample::{Sample, fields, samples};

/// What a reader that is not ours finds in a PDF, page by page, in the order it was written.
pub fn pages_of(pdf: &[u8]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("paper.pdf");
    std::fs::write(&path, pdf).unwrap();
    let read = Command::new("pdftotext").arg("-raw").arg(&path).arg("-").output().expect("pdftotext is needed: `scripts/set-up test` installs it (Debian package poppler-utils)");
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    String::from_utf8(read.stdout).unwrap().split('\u{c}').map(str::to_owned).collect()
}

/// Without spaces and ends of lines.
fn dense(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace()).collect()
}

/// All that a paper says, without the heads and feet that stand between.
fn said(pdf: &[u8], title: &str) -> String {
    let beginning: String = dense(title).chars().take(12).collect();
    let without = |(number, page): (usize, String)| {
        // From the second page on, the first line says once more whom it is about.
        let page = dense(if number == 0 { &page } else { page.split_once('\n').map_or("", |(_, rest)| rest) });
        page.rfind(&beginning).map_or(page.as_str(), |foot| &page[..foot]).to_owned()
    };
    pages_of(pdf).into_iter().enumerate().map(without).collect()
}

/// What the codes to scan on the first page say.
fn scanned(pdf: &[u8]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("paper.pdf");
    std::fs::write(&path, pdf).unwrap();
    let drawn = Command::new("pdftoppm").args(["-gray", "-r", "300", "-f", "1", "-l", "1"]).arg(&path).output().expect("pdftoppm is needed: `scripts/set-up test` installs it (Debian package poppler-utils)");
    let mut parts = drawn.stdout.splitn(4, |byte| byte.is_ascii_whitespace());
    let mut word = || String::from_utf8(parts.next().unwrap().to_vec()).unwrap();
    let (kind, width, height) = (word(), word().parse::<usize>().unwrap(), word().parse::<usize>().unwrap());
    assert_eq!(kind, "P5");
    let rest = parts.next().unwrap();
    let dots = &rest[rest.len() - width * height..];
    let mut seen = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| dots[y * width + x]);
    seen.detect_grids().iter().map(|grid| grid.decode().unwrap().1).collect()
}

/// Letters as they are, in place of what stands for them in HTML.
fn plain(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        let end = rest[at..].find(';').map_or(rest.len(), |end| at + end + 1);
        let name = &rest[at + 1..end - 1];
        let letter = match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            name => {
                let digits = name.trim_start_matches('#');
                let number = digits.strip_prefix('x').map_or_else(|| digits.parse(), |digits| u32::from_str_radix(digits, 16));
                char::from_u32(number.unwrap_or_else(|_| panic!("&{name};"))).unwrap()
            }
        };
        out.push(letter);
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

/// What a page shows of a document: each question, heading and answer.
fn shown(page: &str) -> Vec<String> {
    let article = between(page, "<article class=\"card form-sheet\">", "</article>");
    let mut found = Vec::new();
    for (start, end) in [("<dt>", "</dt>"), ("<span>", "</span>"), ("<span class=\"quiet\">", "</span>")] {
        found.extend(article.split(start).skip(1).map(|rest| plain(rest.split(end).next().unwrap())));
    }
    for heading in article.split("<h3").skip(1) {
        found.push(plain(between(heading, ">", "<").as_str()));
    }
    found
}

async fn in_language<'s>(site: &'s Site, language: &str) -> Reader<'s> {
    let mut ana = site.sign_in("ana").await;
    ana.cookies = format!("{}; carnet_language={language}", ana.cookies);
    ana
}

async fn act(ana: &Reader<'_>, place: &str, act: &str, fields: &[(String, String)]) -> Page {
    let page = ana.get(place).await;
    let version = between(&page.text, "name=\"version\" value=\"", "\"");
    let mut all = vec![("version", version.as_str()), ("act", act)];
    all.extend(fields.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    ana.post(place, &all).await
}

/// Keeps a paper for other judges, where somebody wants them: `cargo xtask papers`.
fn keep(name: &str, language: &str, pdf: &[u8]) {
    if let Some(folder) = std::env::var_os("KEEP_PAPERS") {
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(std::path::Path::new(&folder).join(format!("{}-{language}.pdf", name.replace('/', "-"))), pdf).unwrap();
    }
}

/// One form in one language, from its list to its paper.
async fn prove(site: &Site, ana: &Reader<'_>, sample: &Sample, language: &str, person: &str) -> Result<(), String> {
    let title = sample.form.title.told(language).to_owned();
    let (gender, birth) = sample.patient();
    let body = format!(r#"{{"resourceType":"Patient","id":"{person}","name":[{{"family":"Prueba","given":["Rosa"]}}],"gender":"{gender}","birthDate":"{birth}"}}"#);
    site.chart.update(&testkit::caller(Role::Integration), ResourceType::PATIENT, person, body.as_bytes(), None).await.map_err(|error| error.to_string())?;
    // Rendered.
    let id = site.chart.forms().unwrap().iter().find(|one| one.form.canonical() == sample.form.canonical()).map(|one| one.id.clone()).ok_or("the form is not kept")?;
    let place = if sample.form.is_addendum { appended(site, ana, sample, person).await } else { ana.post(&format!("/person/{person}/forms"), &[("form", &id)]).await.location() };
    let page = ana.get(&place).await;
    let wanted = |is_good: bool, what: &str, page: &Page| if is_good { Ok(()) } else { Err(format!("{what}: {} {}", page.status, page.text)) };
    wanted(page.status == StatusCode::OK && plain(&page.text).contains(&title) && page.text.contains(&format!("lang=\"{language}\"")), "rendered", &page)?;
    // What may still change is no paper.
    wanted(ana.get(&format!("{place}/pdf")).await.status == StatusCode::NOT_FOUND, "a draft has no PDF", &page)?;
    // Filled; several times, as what an answer switches on appears after a save.
    let fields = fields(&sample.form, &sample.text);
    for word in ["save", "save", "confirm"] {
        let page = act(ana, &place, word, &fields).await;
        wanted(page.status == StatusCode::SEE_OTHER || page.status == StatusCode::OK, "filled", &page)?;
    }
    // Signed, and extracted by the same act.
    let page = act(ana, &place, "sign", &fields).await;
    wanted(page.location() == format!("{place}/sign"), "to be signed", &page)?;
    let page = act(ana, &format!("{place}/sign"), "sign", &[("secret".to_owned(), PASSWORD.to_owned())]).await;
    wanted(page.status == StatusCode::OK && page.text.contains("/evidence/"), "signed", &page)?;
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for one in site.chart.person(&testkit::caller(Role::Integration), person).await.unwrap().resources {
        if !matches!(one.kind.name(), "Provenance" | "QuestionnaireResponse") {
            *counts.entry(one.kind.name().to_owned()).or_default() += 1;
        }
    }
    let follows = counts.iter().map(|(kind, count)| format!("{kind}:{count}")).collect::<Vec<_>>().join(" ");
    if sample.follows() != if follows.is_empty() { "nothing" } else { &follows } {
        return Err(format!("{} should follow, and what follows is {follows}", sample.follows()));
    }
    // Printed.
    let read = ana.get(&place).await;
    let file = ana.get(&format!("{place}/pdf")).await;
    wanted(file.status == StatusCode::OK && file.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/pdf"), "printed", &file)?;
    keep(&sample.name, language, &file.bytes);
    let paper = said(&file.bytes, &title);
    let told = shown(&read.text);
    if told.len() < 3 {
        return Err("the page shows too little".to_owned());
    }
    let lost: Vec<&String> = told.iter().filter(|one| !paper.contains(&dense(one))).collect();
    if !lost.is_empty() {
        return Err(format!("not on paper: {lost:?}\n{paper}"));
    }
    if !paper.contains("Dr.ana") || !paper.contains("L-1") || !paper.contains("Prueba") && !paper.contains("PRUEBA") {
        return Err(format!("who signed, and about whom: {paper}"));
    }
    // Verified, without the house; and what was signed names its template.
    let version = read.text.split(&format!("{place}/evidence/")).nth(1).and_then(|rest| rest.split('"').next()).ok_or("there is no evidence")?;
    let evidence = Evidence::read(&ana.get(&format!("{place}/evidence/{version}")).await.text).ok_or("the evidence cannot be read")?;
    for one in evidence.verify(&[]) {
        one.map_err(|doubt| format!("{doubt:?}"))?;
    }
    if !evidence.text.contains(&format!("form-template\",\"valueCode\":\"{}\"", sample.form.template())) {
        return Err(format!("the template is not signed: {}", evidence.text));
    }
    // A certificate carries the code to look it up.
    if sample.form.certificate.is_some() {
        let page = ana.get(&format!("{place}/papers/1")).await;
        let page = if page.status == StatusCode::OK { page } else { ana.get(&format!("{place}/papers")).await };
        wanted(page.status == StatusCode::OK, "papers", &page)?;
        let page = ana.get(&format!("{place}/papers/1")).await;
        let code = between(&page.text, "<strong class=\"zero\">", "<");
        let file = ana.get(&format!("{place}/papers/1/pdf")).await;
        wanted(file.status == StatusCode::OK, "the certificate printed", &file)?;
        keep(&format!("{}-certificate", sample.name), language, &file.bytes);
        let address = format!("http://record.example/verify/{}", code.replace('-', "").to_lowercase());
        if scanned(&file.bytes) != [address.clone()] || !pages_of(&file.bytes).concat().contains(&code) {
            return Err(format!("the code of the certificate: {address}, and not {:?}", scanned(&file.bytes)));
        }
    }
    Ok(())
}

/// A form of a country to which something can be added.
fn base(country: &str) -> String {
    let jurisdiction = format!(r#""status":"active","jurisdiction":[{{"coding":[{{"system":"urn:iso:std:iso:3166","code":"{}"}}]}}],"#, country.to_uppercase());
    small_form(&format!("base-{country}"), "").replace(r#""status":"active","#, &jurisdiction)
}

/// An addendum is begun from a signed document of its country.
async fn appended(site: &Site, ana: &Reader<'_>, sample: &Sample, person: &str) -> String {
    let form = site.form(&format!("/base-{}", sample.form.countries[0]));
    let document = ana.post(&format!("/person/{person}/forms"), &[("form", &form)]).await.location();
    act(ana, &document, "sign", &[("a::note".to_owned(), "said".to_owned()), ("p::note".to_owned(), "1".to_owned())]).await;
    act(ana, &format!("{document}/sign"), "sign", &[("secret".to_owned(), PASSWORD.to_owned())]).await;
    ana.post(&document, &[("act", "append")]).await.location()
}

async fn prove_all(language: &str) {
    let sheets: Vec<String> = country::all().iter().flat_map(|country| country.forms).map(|text| forms::sheet::questionnaire(text, &country::form_part).unwrap()).collect();
    let bases: Vec<String> = country::all().iter().map(|country| base(&country.code)).collect();
    let site = site(&[sheets.clone(), bases].concat(), Algorithm::Es256).await;
    let ana = in_language(&site, language).await;
    let samples = samples();
    assert_eq!(samples.len(), sheets.len());
    let mut wrong = Vec::new();
    for (number, sample) in samples.iter().enumerate() {
        if let Err(problem) = prove(&site, &ana, sample, language, &format!("n{number}")).await {
            wrong.push(format!("{} in {language}: {problem}", sample.name));
        }
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), samples.len(), wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_form_in_spanish_from_its_list_to_its_paper() {
    prove_all("es").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_form_in_vietnamese_from_its_list_to_its_paper() {
    prove_all("vi").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_form_in_russian_from_its_list_to_its_paper() {
    prove_all("ru").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_form_in_english_from_its_list_to_its_paper() {
    prove_all("en").await;
}

/// A small form that Ana signed.
async fn signed(ana: &Reader<'_>, note: &str) -> String {
    let place = ana.begin("/plain").await;
    ana.act(&place, "sign", &[("a::note", note)]).await;
    let page = ana.act(&format!("{place}/sign"), "sign", &[("secret", PASSWORD)]).await;
    assert!(page.status == StatusCode::OK && page.text.contains("The signature is good"), "{}", page.text);
    place
}

#[tokio::test]
async fn a_pdf_is_for_who_may_read_the_page_and_leaves_its_line() {
    let site = site(&[small_form("plain", "")], Algorithm::Es256).await;
    let ana = site.sign_in("ana").await;
    let place = signed(&ana, "first\u{202e}\n😀").await;
    let page = ana.get(&place).await;
    assert!(page.text.contains(&format!("href=\"{place}/pdf\" download")), "{}", page.text);
    let exports = async || site.chart.openings_from(&testkit::caller(Role::Console), "p", None, 200).await.unwrap().iter().filter(|line| line.how == Disclosure::Export).count();
    assert_eq!(exports().await, 0, "looking is no export");
    let file = ana.get(&format!("{place}/pdf")).await;
    assert_eq!(exports().await, 1);
    let headers = |name: header::HeaderName| file.headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
    assert_eq!((file.status, headers(header::CONTENT_TYPE).as_str(), headers(header::CONTENT_DISPOSITION).as_str(), headers(header::CACHE_CONTROL).as_str(), headers(header::X_CONTENT_TYPE_OPTIONS).as_str()), (StatusCode::OK, "application/pdf", "attachment; filename=\"document-version-3.pdf\"", "no-store", "nosniff"));
    assert!(file.bytes.starts_with(b"%PDF-1.7"));
    // The same version is the same file.
    assert_eq!(file.bytes, ana.get(&format!("{place}/version/3/pdf")).await.bytes);
    // Nobody else gets it, and no address leads round the person.
    let stranger = site.stranger().await;
    assert_eq!(stranger.get(&format!("{place}/pdf")).await.status, StatusCode::SEE_OTHER);
    let response = place.rsplit('/').next().unwrap();
    for path in [format!("/person/other/forms/{response}/pdf"), "/person/p/forms/none/pdf".to_owned(), format!("{place}/version/9/pdf"), format!("{place}/version/0/pdf"), format!("{place}/version/x/pdf"), format!("{place}/version/1/pdf"), format!("{place}/papers/1/pdf"), format!("{place}/papers/%2e%2e/pdf"), "/person/p/forms/..%2f..%2f/pdf".to_owned()] {
        assert_eq!(ana.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    // The version before stays as it was, and says that another took its place.
    let draft = ana.post(&place, &[("act", "amend"), ("reason", "a word")]).await.location();
    ana.act(&draft, "save", &[("a::note", "second")]).await;
    assert_eq!(ana.act(&format!("{draft}/sign"), "sign", &[("secret", PASSWORD)]).await.status, StatusCode::OK);
    let old = ana.get(&format!("{place}/version/3")).await;
    assert!(old.text.contains(&format!("href=\"{place}/version/3/pdf\"")), "{}", old.text);
    let (old, new) = (pages_of(&ana.get(&format!("{place}/version/3/pdf")).await.bytes).concat(), pages_of(&ana.get(&format!("{place}/pdf")).await.bytes).concat());
    assert!(old.contains("first") && old.contains("Replaced by a newer version") && !old.contains("second"), "{old}");
    assert!(new.contains("second") && !new.contains("Replaced") && new.contains("form-1"), "{new}");
    let page = ana.get(&format!("{place}/sign?annul")).await;
    let version = between(&page.text, "name=\"version\" value=\"", "\"");
    ana.post(&format!("{place}/sign"), &[("version", &version), ("act", "annul"), ("secret", PASSWORD), ("reason", "wrong person")]).await;
    let annulled = pages_of(&ana.get(&format!("{place}/pdf")).await.bytes).concat();
    assert!(annulled.contains("Out of force"), "{annulled}");
}

#[tokio::test]
async fn what_is_completed_is_printed_by_the_template_of_that_day() {
    let site = site(&[small_form("plain", ""), small_form("framed", r#"{"url":"https://carnet.health/fhir/StructureDefinition/form-print","valueCode":"certificate-1"}"#), small_form("future", r#"{"url":"https://carnet.health/fhir/StructureDefinition/form-print","valueCode":"form-99"}"#)], Algorithm::Es256).await;
    let ana = site.sign_in("ana").await;
    let completed = async |name: &str| {
        let place = ana.begin(name).await;
        assert_eq!(ana.act(&place, "complete", &[("a::note", "said")]).await.status, StatusCode::OK, "{name}");
        place
    };
    let framed = completed("/framed").await;
    let text = pages_of(&ana.get(&format!("{framed}/pdf")).await.bytes).concat();
    assert!(text.contains("certificate-1") && text.contains("Not signed"), "{text}");
    // Another template than this program's is never taken for the one that was meant.
    let future = completed("/future").await;
    assert_eq!(ana.get(&format!("{future}/pdf")).await.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(ana.get(&future).await.status, StatusCode::OK);
    // What was completed before there were templates names none, and is printed by the first one.
    let id = site.form("/plain");
    let before = format!(r#"{{"resourceType":"QuestionnaireResponse","id":"old","questionnaire":"https://form.example/plain|1","status":"completed","subject":{{"reference":"Patient/p"}},"authored":"2020-01-01","item":[{{"linkId":"note","answer":[{{"valueString":"long ago"}}]}}]}}"#);
    assert!(!id.is_empty());
    site.chart.update(&testkit::caller(Role::Integration), ResourceType::named("QuestionnaireResponse").unwrap(), "old", before.as_bytes(), None).await.unwrap();
    let text = pages_of(&ana.get("/person/p/forms/old/pdf").await.bytes).concat();
    assert!(text.contains("long ago") && text.contains("form-1"), "{text}");
}

#[tokio::test]
async fn the_employers_copy_is_a_file_without_the_diagnosis() {
    const CERTIFICATE: &str = r#"{"url":"https://carnet.health/fhir/StructureDefinition/form-certificate","extension":[{"url":"kind","valueCode":"sick-leave"}]}"#;
    const WITHHELD: &str = r#""item":[{"extension":[{"url":"https://carnet.health/fhir/StructureDefinition/form-withheld","valueBoolean":true}],"linkId":"illness","text":"Illness","type":"string"},"#;
    let site = site(&[small_form("leave", CERTIFICATE).replace("\"item\":[", WITHHELD)], Algorithm::Es256).await;
    let ana = site.sign_in("ana").await;
    let place = ana.begin("/leave").await;
    ana.act(&place, "sign", &[("a::note", "rest"), ("a::illness", "influenza")]).await;
    assert_eq!(ana.act(&format!("{place}/sign"), "sign", &[("secret", PASSWORD)]).await.status, StatusCode::OK);
    ana.get(&format!("{place}/papers")).await;
    let papers = format!("{place}/papers");
    let full = ana.post(&papers, &[("act", "copy"), ("asked", "the person")]).await.location();
    let short = ana.post(&papers, &[("act", "short"), ("asked", "the employer")]).await.location();
    let page = ana.get(&short).await;
    assert!(page.text.contains(&format!("href=\"{short}/pdf\"")), "{}", page.text);
    let file = ana.get(&format!("{short}/pdf")).await;
    assert_eq!(file.headers.get(header::CONTENT_DISPOSITION).unwrap(), "attachment; filename=\"short-3.pdf\"");
    let (short_text, full_text) = (pages_of(&file.bytes).concat(), pages_of(&ana.get(&format!("{full}/pdf")).await.bytes).concat());
    assert!(short_text.contains("rest") && short_text.contains("the employer") && !short_text.contains("influenza") && !short_text.contains("Illness"), "{short_text}");
    assert!(full_text.contains("influenza") && full_text.contains("Certified copy") && full_text.contains("Test clinic"), "{full_text}");
    let code = between(&page.text, "<strong class=\"zero\">", "<");
    assert!(short_text.contains(&code));
    assert_eq!(scanned(&file.bytes), [format!("http://record.example/verify/{}", code.replace('-', "").to_lowercase())]);
    // The code on the paper leads to what anybody may know of it.
    let page = site.stranger().await.get(&format!("/verify/{code}")).await;
    assert!(page.text.contains("In force") && !page.text.contains("influenza"), "{}", page.text);
    let record = site.record("QuestionnaireResponse").await;
    assert!(record.iter().any(|text| Document::read(text).is_ok_and(|document| document.root().string("status").as_deref() == Some("completed"))));
}
