//! `carnet forms bring`: a site made before a form existed gets it, visibly, and keeps what was changed there.

use std::process::Command;

use crate::site::{CARNET, Said, Site};
use crate::web::Server;

fn bring(site: &Site, rest: &[&str]) -> Said {
    Said::of(Command::new(CARNET).args(["forms", "bring", "--data"]).arg(&site.data).args(rest).output().unwrap())
}

/// The forms of the site: address, version, and the text.
fn held(site: &Site) -> Vec<(String, String)> {
    let all = site.export();
    let text = |text: &str, name: &str| fhir::Document::read(text).unwrap().root().string(name).unwrap_or_default().into_owned();
    all.values().filter(|one| text(one, "resourceType") == "Questionnaire").map(|one| (format!("{}|{}", text(one, "url"), text(one, "version")), one.clone())).collect()
}

#[test]
fn new_forms_and_versions_come_and_changed_ones_stay() {
    let site = Site::new();
    assert_eq!(held(&site).len(), 0);
    let said = bring(&site, &[]);
    assert!(said.code == 2 && said.err.contains("--country"), "{}", said.err);
    let said = bring(&site, &["--country", "ru", "--dry-run"]).ok();
    let count = country::by_code("ru").unwrap().forms.len();
    assert!(said.out.contains(&format!("{count} would be brought, 0 left")) && said.out.lines().filter(|line| line.ends_with("\tnew")).count() == count, "{}", said.out);
    assert_eq!(held(&site).len(), 0, "only said");
    bring(&site, &["--country", "ru"]).ok();
    let first = held(&site);
    assert_eq!(first.len(), count);
    // Again: nothing to do. Without a country: those whose forms are here.
    let said = bring(&site, &[]).ok();
    assert_eq!(said.out, "0 brought, 0 left because they were changed here.\n");
    assert_eq!(held(&site), first);
    assert_eq!(bring(&site, &["--country", "fr"]).code, 2);
    // As it was before a form had its version of today; another that was changed; one that was retired; through a server.
    let other = Site::new();
    let sheets = country::by_code("ru").unwrap().forms;
    let text = |end: &str| forms::sheet::questionnaire(sheets.iter().find(|sheet| sheet.contains(&format!("Questionnaire/{end} "))).unwrap(), &country::form_part).unwrap();
    let server = Server::start(&other);
    let mut client = server.client();
    let old = text("ru-soglasie").replace("\"version\":\"1.1.0\"", "\"version\":\"1.0.0\"");
    let changed = text("ru-079u").replace("\"publisher\":\"Carnet\"", "\"publisher\":\"Here\"");
    let retired = text("ru-095u").replace("\"status\":\"active\"", "\"status\":\"retired\"").replace("\"version\":\"", "\"version\":\"0.");
    for body in [&old, &changed, &retired] {
        assert_eq!(client.ask("POST", "/fhir/Questionnaire", "", body).unwrap().status, 201);
    }
    let said = bring(&other, &["--country", "ru"]).ok();
    assert!(said.out.contains("ru-soglasie|1.1.0\tnew version\n"), "{}", said.out);
    for end in ["ru-079u", "ru-095u"] {
        assert!(said.out.lines().any(|line| line.contains(&format!("/{end}|")) && line.ends_with("\tleft, changed here")), "{}", said.out);
    }
    assert!(said.out.ends_with(&format!("{} brought, 2 left because they were changed here.\n", count - 2)), "{}", said.out);
    // Where it is wanted, a new version stands beside what was changed.
    let said = bring(&other, &["--country", "ru", "--also-changed"]).ok();
    assert!(said.out.lines().any(|line| line.contains("/ru-095u|") && line.ends_with("\tnew version")), "{}", said.out);
    drop(client);
    drop(server);
    let all = held(&other);
    for kept in [&old, &changed, &retired] {
        let mark = ["\"version\":\"1.0.0\"", "\"publisher\":\"Here\"", "\"status\":\"retired\""].into_iter().find(|mark| kept.contains(*mark)).unwrap();
        assert!(all.iter().any(|(_, text)| text.contains(mark)), "{mark}");
    }
    assert_eq!(all.iter().filter(|(address, _)| address.contains("/ru-soglasie|")).count(), 2);
    assert_eq!(all.iter().filter(|(address, _)| address.contains("/ru-079u|")).count(), 1, "the changed one has the version of the pack");
}

#[test]
fn a_form_that_was_deleted_here_stays_deleted() {
    let site = Site::new();
    bring(&site, &["--country", "ru"]).ok();
    let server = Server::start(&site);
    let mut client = server.client();
    let found = client.ask("GET", "/fhir/Questionnaire?url=https://carnet.health/fhir/Questionnaire/ru-095u", "", "").unwrap();
    let bundle = fhir::Document::read_owned(found.body.clone()).unwrap();
    let entry = bundle.root().get("entry").unwrap().items().next().unwrap();
    let id = entry.get("resource").unwrap().string("id").unwrap().into_owned();
    assert_eq!(client.ask("DELETE", &format!("/fhir/Questionnaire/{id}"), "Prefer: return=OperationOutcome\r\n", "").unwrap().status, 200);
    for dry in [&["--dry-run"][..], &[]] {
        let said = bring(&site, &[&["--country", "ru"], dry].concat()).ok();
        assert!(said.out.lines().any(|line| line.contains("/ru-095u|") && line.ends_with("\tleft, deleted here")) && said.out.contains("0 left because they were changed here.\n1 left because they were deleted here; --also-deleted brings them back.\n"), "{}", said.out);
    }
    bring(&site, &["--country", "ru", "--also-changed"]).ok();
    let living = |client: &mut crate::web::Client| client.ask("GET", "/fhir/Questionnaire?url=https://carnet.health/fhir/Questionnaire/ru-095u&_summary=count", "", "").unwrap().body.contains("\"total\":1");
    assert!(!living(&mut client));
    let said = bring(&site, &["--country", "ru", "--also-deleted"]).ok();
    assert!(said.out.contains("/ru-095u|") && said.out.contains("\tnew\n") && said.out.contains("1 brought"), "{}", said.out);
    assert!(living(&mut client));
    assert_eq!(bring(&site, &["--country", "ru"]).ok().out, "0 brought, 0 left because they were changed here.\n");
}
