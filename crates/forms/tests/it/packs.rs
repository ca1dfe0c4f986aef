//! The forms of the packs: each can be read, is a sound Questionnaire, speaks four languages.

use super::{Shipped, around};
use fhir::Document;
use forms::extract::extract;
use forms::{Act, Form, Item, Json, begin, complete, settle, sheet, typed};

fn all() -> Vec<(String, String)> {
    let of = |country: &'static country::Country| country.forms.iter().map(move |text| (country.code.clone(), *text));
    country::all().iter().flat_map(of).map(|(code, text)| {
        let first = text.lines().find(|line| line.starts_with("form ")).unwrap_or_default();
        (format!("{code} {first}"), sheet::questionnaire(text, &country::form_part).unwrap_or_else(|flaw| panic!("{code} {first}: {flaw}")))
    }).collect()
}

#[test]
fn every_form_of_a_pack_is_sound_and_says_whether_it_is_official() {
    let forms = all();
    assert!(forms.len() >= 6);
    for (name, json) in forms {
        let form = Form::read(&json).unwrap();
        assert_eq!(form.issues, [], "{name}");
        assert!(form.standing.is_some() && form.source.as_ref().is_some_and(|source| source.len() > 10), "{name}");
        assert_eq!(form.countries.len(), 1, "{name}");
        let issues: Vec<_> = validation::validate(fhir::Document::read(&json).unwrap().root(), &validation::Options::default()).into_iter().filter(|issue| issue.is_error()).collect();
        assert_eq!(issues, [], "{name}");
        begin(&form, &around(r#"{"resourceType":"Patient","gender":"female","birthDate":"2015-05-01"}"#));
    }
}

#[test]
fn every_text_of_a_form_stands_in_four_languages() {
    fn check(name: &str, items: &[Item]) {
        for item in items {
            let texts = [Some(&item.text), Some(&item.help).filter(|help| !help.is_empty())];
            let choices = item.choices.iter().map(|choice| &choice.said);
            let rules = item.constraints.iter().map(|rule| &rule.human);
            for said in texts.into_iter().flatten().chain(choices).chain(rules) {
                assert!(!said.plain.is_empty() && said.translations.len() == 3, "{name}: {}", item.link_id);
            }
            check(name, &item.items);
        }
    }
    for (name, json) in all() {
        let form = Form::read(&json).unwrap();
        assert_eq!((form.title.translations.len(), form.description.translations.len()), (3, 3), "{name}");
        check(&name, &form.items);
    }
}

#[test]
fn a_sheet_that_cannot_be_read_says_where() {
    let check = |text: &str, line: usize| assert_eq!(sheet::questionnaire(text, &|_| None).map_err(|flaw| flaw.line), Err(line), "{text}");
    let head = "form https://example.org/q 1\nlanguages es en\n";
    check("", 1);
    check("a string | A", 1);
    for (rest, line) in [("a string | uno", 3), ("a thing | uno | one", 3), ("a string loud | uno | one", 3), ("a integer min=x | uno | one", 3), ("a string | uno | one\n  = (((", 4), ("? uno | one", 3), ("a string | uno | one\n  + {\"resourceType\":", 4), ("include nothing", 3)] {
        check(&format!("{head}{rest}"), line);
    }
}

/// The fields of a sample, and that everything asked was on the page.
fn sample(form: &Form, text: &str) -> Vec<(String, String)> {
    fn link_ids(items: &[Item], found: &mut Vec<String>) {
        for item in items {
            found.push(item.link_id.clone());
            link_ids(&item.items, found);
        }
    }
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let mut fields: Vec<(String, String)> = lines.filter_map(|line| line.split_once(' ')).map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let mut all = Vec::new();
    link_ids(&form.items, &mut all);
    for (name, _) in &fields {
        let link_id = name.rsplit(':').next().unwrap();
        assert!(all.iter().any(|one| one == link_id), "{name} is not in the form");
    }
    for link_id in all {
        fields.extend([format!("p::{link_id}"), format!("p:0:{link_id}")].map(|name| (name, "1".to_owned())));
    }
    fields
}

#[test]
fn the_sample_of_each_form_can_be_completed_and_what_follows_is_sound() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../country/packs");
    let patient = r#"{"resourceType":"Patient","id":"1","gender":"female","birthDate":"1990-05-01"}"#;
    let expected = [
        ("mx/forms/nota-evolucion", "Condition:1 MedicationRequest:1 Observation:9"),
        ("mx/forms/historia-clinica", "AllergyIntolerance:1 Condition:1 MedicationRequest:1 Observation:8"),
        ("vn/forms/ngoai-tru-chung", "Condition:1 MedicationRequest:1 Observation:9"),
        ("vn/forms/to-khai-y-te", "Observation:1"),
        ("ru/forms/025u-konsultaciya", "Condition:1 MedicationRequest:1 Observation:8"),
        ("ru/forms/079u", "Observation:5"),
        ("mx/forms/incapacidad", ""),
        ("mx/forms/nacimiento", ""),
        ("mx/forms/aptitud", ""),
        ("vn/forms/nghi-viec-bhxh", ""),
        ("vn/forms/chuyen-tuyen", "ServiceRequest:1"),
        ("vn/forms/hen-kham-lai", "Appointment:1"),
        ("ru/forms/netrudosposobnost", ""),
        ("ru/forms/095u", ""),
    ];
    assert_eq!(expected.len(), all().len(), "each form of a pack has a sample here");
    for (name, follows) in expected {
        let read = |end: &str| std::fs::read_to_string(folder.join(format!("{name}.{end}"))).unwrap();
        let form = Form::read(&sheet::questionnaire(&read("form"), &country::form_part).unwrap()).unwrap();
        let around = around(patient);
        let mut filling = begin(&form, &around);
        // Twice, as what an answer switches on appears after a save.
        for act in [Act::Save, Act::Confirm] {
            filling = typed(&form, &filling, &sample(&form, &read("sample")), &act, 0, "es", &Shipped);
            settle(&form, &mut filling, &around);
        }
        let completed = complete(&form, &filling, &around, &Shipped);
        assert_eq!(completed.faults, [], "{name}");
        let mut response = Json::read(r#"{"resourceType":"QuestionnaireResponse","status":"completed","subject":{"reference":"Patient/1"},"authored":"2026-03-02T10:00:00Z","author":{"reference":"Practitioner/3"}}"#).unwrap();
        response.set("questionnaire", Json::text(form.canonical()));
        response.set("item", completed.items(&form));
        let (found, issues) = extract(&form, &response.written(), "QuestionnaireResponse/9", &around, &mut || "urn:uuid:1".to_owned()).unwrap();
        assert_eq!(issues, [], "{name}");
        let mut counts = std::collections::BTreeMap::new();
        for text in found.iter().map(|one| one.resource.written()).chain([response.written()]) {
            let document = Document::read(&text).unwrap();
            let wrong: Vec<_> = validation::validate(document.root(), &validation::Options::default()).into_iter().filter(|issue| issue.is_error()).collect();
            assert_eq!(wrong, [], "{name} {text}");
            *counts.entry(document.root().string("resourceType").unwrap().into_owned()).or_insert(0) += 1;
        }
        counts.remove("QuestionnaireResponse");
        let counts: Vec<String> = counts.iter().map(|(kind, count)| format!("{kind}:{count}")).collect();
        assert_eq!(counts.join(" "), follows, "{name}");
    }
}
