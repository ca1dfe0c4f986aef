//! The forms of the packs, all of them: each can be read, is a sound Questionnaire, speaks four languages, is filled
//! by its sample, completed, and what follows is sound; and docs/forms.md lists them as they are.

#[path = "it/sample.rs"]
mod sample;
#[path = "it/shipped.rs"]
mod shipped;

use sample::{Sample, fields, samples};
use shipped::{Shipped, around};
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
    assert!(forms.len() >= 60);
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
    for (rest, line) in [("a string | uno", 3), ("a thing | uno | one", 3), ("a string loud | uno | one", 3), ("a integer min=x | uno | one", 3), ("a quantity unit=mL/min/{1.73_m2}:mL/min/1,73_m² | uno | one", 3), ("a string | uno | one\n  = (((", 4), ("? uno | one", 3), ("a string | uno | one\n  + {\"resourceType\":", 4), ("include nothing", 3)] {
        check(&format!("{head}{rest}"), line);
    }
}

#[test]
fn the_sample_of_each_form_can_be_completed_and_what_follows_is_sound() {
    let samples = samples();
    assert_eq!(samples.len(), all().len(), "each form of a pack has a sample");
    let mut wrong = Vec::new();
    for sample in &samples {
        let follows = sample.follows();
        match filled(sample) {
            Ok(found) if found == follows => {}
            Ok(found) => wrong.push(format!("{}: {follows} should follow, and what follows is {found}", sample.name)),
            Err(problem) => wrong.push(format!("{}: {problem}", sample.name)),
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Fills a form with its sample, completes it, takes out what follows, and counts it by type.
fn filled(sample: &Sample) -> Result<String, String> {
    let form = &sample.form;
    let (gender, birth) = sample.patient();
    let around = around(&format!(r#"{{"resourceType":"Patient","id":"1","gender":"{gender}","birthDate":"{birth}"}}"#));
    let months = |date: &str| date[..4].parse::<i64>().unwrap() * 12 + date[5..7].parse::<i64>().unwrap();
    if !form.whom.fits(Some(gender), Some(months("2026-03") - months(birth))) {
        return Err("the form is not for the person of its sample".to_owned());
    }
    let mut filling = begin(form, &around);
    // Several times, as what an answer switches on appears after a save.
    for act in [Act::Save, Act::Save, Act::Confirm] {
        filling = typed(form, &filling, &fields(form, &sample.text), &act, 0, "es", &Shipped);
        settle(form, &mut filling, &around);
    }
    let completed = complete(form, &filling, &around, &Shipped);
    if !completed.faults.is_empty() {
        return Err(format!("{:?}", completed.faults));
    }
    let items = completed.items(form);
    for gives in sample.text.lines().filter_map(|line| line.strip_prefix("# gives: ")) {
        let (link_id, expected) = gives.split_once(' ').unwrap();
        let mut found = Vec::new();
        answers(&items, link_id, &mut found);
        if found != [expected.trim_matches('"')] {
            return Err(format!("{link_id} is {found:?} and not {expected}"));
        }
    }
    let mut response = Json::read(r#"{"resourceType":"QuestionnaireResponse","status":"completed","subject":{"reference":"Patient/1"},"authored":"2026-03-02T10:00:00Z","author":{"reference":"Practitioner/3"}}"#).unwrap();
    response.set("questionnaire", Json::text(form.canonical()));
    response.set("item", items);
    let (found, issues) = extract(form, &response.written(), "QuestionnaireResponse/9", &around, &mut || "urn:uuid:1".to_owned()).map_err(|issue| format!("{issue:?}"))?;
    if !issues.is_empty() {
        return Err(format!("{issues:?}"));
    }
    let mut counts = std::collections::BTreeMap::new();
    for text in found.iter().map(|one| one.resource.written()).chain([response.written()]) {
        let document = Document::read(&text).unwrap();
        let wrong: Vec<_> = validation::validate(document.root(), &validation::Options::default()).into_iter().filter(|issue| issue.is_error()).collect();
        if !wrong.is_empty() {
            return Err(format!("{wrong:?} {text}"));
        }
        *counts.entry(document.root().string("resourceType").unwrap().into_owned()).or_insert(0) += 1;
    }
    counts.remove("QuestionnaireResponse");
    let counts: Vec<String> = counts.iter().map(|(kind, count)| format!("{kind}:{count}")).collect();
    Ok(if counts.is_empty() { "nothing".to_owned() } else { counts.join(" ") })
}

/// The answers of an item of that name, as they are written.
fn answers(items: &Json, link_id: &str, found: &mut Vec<String>) {
    let Json::List(items) = items else { return };
    for item in items {
        if item.string("linkId") == Some(link_id) {
            let values = item.each("answer").iter().filter_map(|answer| answer.members().iter().find(|(name, _)| name.starts_with("value")).map(|(_, value)| value));
            found.extend(values.map(|value| value.as_str().map_or_else(|| value.written(), str::to_owned)));
        }
        answers(item.get("item").unwrap_or(&Json::Null), link_id, found);
    }
}

/// What shows below a sample, in each language: every word is there and it is told differently.
#[test]
fn each_form_is_laid_out_filled_in_four_languages() {
    fn gather<'l>(laid: &'l forms::Laid<'l>, language: &str, said: &mut String) {
        for text in [&laid.item.text, &laid.item.help] {
            said.push_str(text.told(language));
            said.push('\n');
        }
        laid.rows.iter().flatten().for_each(|one| gather(one, language, said));
    }
    for sample in samples() {
        let around = around("");
        let filling = typed(&sample.form, &begin(&sample.form, &around), &fields(&sample.form, &sample.text), &Act::Save, 0, "es", &Shipped);
        let (laid, _) = forms::lay_out(&sample.form, &filling, &around, &Shipped);
        let told: std::collections::BTreeSet<String> = ["es", "en", "vi", "ru"].iter().map(|language| {
            let mut said = sample.form.title.told(language).to_owned();
            laid.iter().for_each(|one| gather(one, language, &mut said));
            said
        }).collect();
        assert_eq!(told.len(), 4, "{}", sample.name);
    }
}

/// The lines of the table of docs/forms.md.
fn table() -> String {
    let mut lines = String::from("| form | title | standing | for | source |\n|---|---|---|---|---|\n");
    for Sample { name, form, .. } in samples() {
        let years = |months: i64| months / 12;
        let ages = match (form.whom.from_months, form.whom.to_months) {
            (None, None) => String::new(),
            (from, None) => format!("from {} years", years(from.unwrap_or(0))),
            (from, Some(to)) => format!("{} to {} years", years(from.unwrap_or(0)), years(to)),
        };
        let whom = [form.whom.kind.map_or("", forms::FormKind::code), form.whom.sex.as_deref().unwrap_or_default(), &ages].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ");
        let standing = if form.standing == Some(forms::Standing::Official) { "official" } else { "proposed" };
        lines.push_str(&format!("| {} | {} | {standing} | {whom} | {} |\n", name.replace("/forms/", " "), form.title.told("en"), form.source.as_deref().unwrap_or_default()));
    }
    lines
}

#[test]
fn docs_list_every_form_as_it_is() {
    let docs = std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/forms.md")).unwrap();
    let table = table();
    assert!(docs.contains(&table), "put this into docs/forms.md in place of its table:\n{table}");
}

#[test]
fn parts_are_put_in_with_their_word_and_none_includes_itself() {
    let part = |name: &str| match name {
        "eye" => Some("$1-eye string | Ojo | Eye"),
        "eyes" => Some("include eye right\ninclude eye left"),
        "ring" => Some("include ring"),
        _ => None,
    };
    let sheet = |rest: &str| sheet::questionnaire(&format!("form https://example.org/q 1\nlanguages es en\n{rest}"), &part);
    let form = Form::read(&sheet("both group | Ambos | Both\n  include eyes").unwrap()).unwrap();
    assert_eq!(form.items[0].items.iter().map(|item| item.link_id.as_str()).collect::<Vec<_>>(), ["right-eye", "left-eye"]);
    assert_eq!(sheet("include ring").map_err(|flaw| flaw.line), Err(3));
    for (rest, line) in [("kind nothing\na string | A | B", 3), ("sex both\na string | A | B", 3), ("ages young\na string | A | B", 3)] {
        assert_eq!(sheet(rest).map_err(|flaw| flaw.line), Err(line), "{rest}");
    }
}
