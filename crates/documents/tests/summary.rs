//! Summaries of made-up people: complete, closed, the same each time, in four languages.

use std::collections::HashSet;

use documents::ips::{Record, Setting, summary};
use documents::words::{Language, MISSING};
use fhir::{Document, Moment, Value};
use validation::profile::{Asked, Shipped, Site, survey};

const IPS: &str = "http://hl7.org/fhir/uv/ips/StructureDefinition/Bundle-uv-ips";
const BASE: &str = "http://localhost/fhir";

fn setting(language: Language) -> Setting<'static> {
    Setting { base_url: BASE, institution: "Clinic", language, now: Moment(1_772_438_400_000), zone_offset_minutes: 0, is_copy: false }
}

fn made(patient: &str, resources: &[&str], shared: &[&str], language: Language) -> String {
    let record = Record { patient, merged: Vec::new(), resources: resources.to_vec(), shared: shared.to_vec() };
    summary(&record, &setting(language)).unwrap()
}

fn entries<'d>(document: &'d Document<'_>) -> Vec<(String, Value<'d>)> {
    document.root().get("entry").unwrap().items().map(|entry| (entry.string("fullUrl").unwrap().into_owned(), entry.get("resource").unwrap())).collect()
}

/// True of every summary.
fn check(text: &str) {
    let document = Document::read(text).unwrap_or_else(|cause| panic!("{cause}: {text}"));
    let issues: Vec<_> = validation::validate(document.root(), &validation::Options::default()).into_iter().filter(|issue| issue.is_error()).collect();
    assert!(issues.is_empty(), "{issues:?}");
    // The profiles of the International Patient Summary, which the document claims to meet.
    let site = Site { profiles: &Shipped, codes: &terminology::R4 };
    let issues: Vec<_> = survey(document.root(), &Asked { profiles: &[IPS], only_profiles: false }, site).into_iter().filter(|issue| issue.is_error()).collect();
    assert!(issues.is_empty(), "{issues:?}");
    let entries = entries(&document);
    assert_eq!(entries[0].1.string("resourceType").unwrap(), "Composition");
    assert_eq!(entries[1].1.string("resourceType").unwrap(), "Patient");
    let addresses: HashSet<&str> = entries.iter().map(|(address, _)| address.as_str()).collect();
    assert_eq!(addresses.len(), entries.len(), "each address once");
    for (_, resource) in &entries {
        fhir::home::reference_texts(*resource, &mut |reference| {
            let absolute = if reference.contains(':') { reference.to_string() } else { format!("{BASE}/{reference}") };
            assert!(reference.starts_with('#') || addresses.contains(absolute.as_str()), "{reference} leads out of the document");
        });
    }
    let sections: Vec<_> = entries[0].1.get("section").unwrap().items().collect();
    for code in ["11450-4", "48765-2", "10160-0"] {
        let section = sections.iter().find(|section| section.path(&["code", "coding", "code"]).unwrap().as_str().unwrap() == code).unwrap();
        assert!(section.path(&["entry", "reference"]).is_some(), "{code}");
    }
    for section in sections {
        let address = section.path(&["entry", "reference"]).unwrap().as_str().unwrap().into_owned();
        assert!(addresses.contains(address.as_str()));
        assert!(!section.path(&["text", "div"]).unwrap().as_str().unwrap().contains(MISSING));
    }
}

fn codes(text: &str) -> Vec<String> {
    let document = Document::read(text).unwrap();
    let entries = entries(&document);
    let sections = entries[0].1.get("section").unwrap().items();
    sections.map(|section| section.path(&["code", "coding", "code"]).unwrap().as_str().unwrap().into_owned()).collect()
}

#[test]
fn a_copy_says_that_it_is_one_in_each_language() {
    for (language, said) in [(Language::English, "partial copy"), (Language::Spanish, "copia parcial"), (Language::Russian, "неполная копия"), (Language::Vietnamese, "không đầy đủ")] {
        let patient = r#"{"resourceType":"Patient","id":"p"}"#;
        let record = Record { patient, merged: Vec::new(), resources: Vec::new(), shared: Vec::new() };
        let text = summary(&record, &Setting { is_copy: true, ..setting(language) }).unwrap();
        check(&text);
        let told = text.to_lowercase();
        assert!(told.matches(said).count() >= 2, "in the title and in its words: {text}");
        assert!(!made(patient, &[], &[], language).to_lowercase().contains(said), "{language:?}");
    }
}

#[test]
fn an_empty_record_says_that_nothing_is_known() {
    for language in Language::ALL {
        let text = made(r#"{"resourceType":"Patient","id":"a"}"#, &[], &[], language);
        check(&text);
        assert_eq!(codes(&text), ["48765-2", "11450-4", "10160-0"]);
        for code in ["no-allergy-info", "no-problem-info", "no-medication-info"] {
            assert!(text.contains(code));
        }
        assert!(text.contains("data-absent-reason"), "the birth date is not known");
    }
}

#[test]
fn what_counts_is_told_and_what_does_not_is_not() {
    let patient = r#"{"resourceType":"Patient","id":"a","name":[{"text":"Ana <Ruiz>"}],"birthDate":"1958-03-14","gender":"female"}"#;
    let resources = [
        r#"{"resourceType":"Condition","id":"c1","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},"code":{"text":"Diabetes"},"subject":{"reference":"Patient/a"},"encounter":{"reference":"Encounter/e"},"onsetDateTime":"2019-05"}"#,
        r#"{"resourceType":"Condition","id":"c2","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"resolved"}]},"code":{"text":"Dengue"},"subject":{"reference":"Patient/a"}}"#,
        r#"{"resourceType":"Condition","id":"c3","verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"refuted"}]},"code":{"text":"Asthma"},"subject":{"reference":"Patient/a"}}"#,
        r#"{"resourceType":"MedicationRequest","id":"m1","status":"active","intent":"order","medicationReference":{"reference":"Medication/met"},"subject":{"reference":"Patient/a"},"authoredOn":"2024-01-05","dosageInstruction":[{"doseAndRate":[{"doseQuantity":{"value":0.5,"unit":"g"}}],"timing":{"repeat":{"frequency":2,"period":1,"periodUnit":"d"}}}]}"#,
        r#"{"resourceType":"MedicationRequest","id":"m2","status":"completed","intent":"order","medicationCodeableConcept":{"text":"Amoxicillin"},"subject":{"reference":"Patient/a"}}"#,
        r#"{"resourceType":"Observation","id":"o1","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"4548-4","display":"HbA1c"}]},"subject":{"reference":"Patient/a"},"effectiveDateTime":"2024-01-01","valueQuantity":{"value":8.1,"unit":"%"},"interpretation":[{"coding":[{"code":"H"}]}],"performer":[{"reference":"Organization/lab"}]}"#,
        r#"{"resourceType":"Observation","id":"o2","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"4548-4","display":"HbA1c"}]},"subject":{"reference":"Patient/a"},"effectiveDateTime":"2023-01-01","valueQuantity":{"value":9.9,"unit":"%"}}"#,
        r#"{"resourceType":"Observation","id":"o3","status":"entered-in-error","category":[{"coding":[{"code":"laboratory"}]}],"code":{"text":"Sodium"},"subject":{"reference":"Patient/a"},"effectiveDateTime":"2025-01-01","valueQuantity":{"value":1,"unit":"mmol/L"}}"#,
        r#"{"resourceType":"DiagnosticReport","id":"r1","status":"final","code":{"text":"X-ray of the wrist"},"subject":{"reference":"Patient/a"},"conclusion":"No fracture","effectiveDateTime":"2022"}"#,
        r#"{"resourceType":"DiagnosticReport","id":"r2","status":"final","code":{"text":"Lipids"},"subject":{"reference":"Patient/a"},"result":[{"reference":"Observation/o1"}]}"#,
        r#"{"resourceType":"MedicationRequest","id":"m3","status":"active","intent":"order","medicationReference":{"reference":"Medication/met"},"subject":{"reference":"Patient/a"},"authoredOn":"2023-07-05","dosageInstruction":[{"doseAndRate":[{"doseQuantity":{"value":0.5,"unit":"g"}}],"timing":{"repeat":{"frequency":2,"period":1,"periodUnit":"d"}}}]}"#,
        r#"{"resourceType":"Immunization","id":"i1","status":"completed","vaccineCode":{"text":"BCG"},"patient":{"reference":"Patient/a"},"occurrenceDateTime":"1958-03-15","protocolApplied":[{"doseNumberPositiveInt":1}]}"#,
        r#"{"resourceType":"Immunization","id":"i2","status":"not-done","vaccineCode":{"text":"Rabies"},"patient":{"reference":"Patient/a"},"occurrenceDateTime":"2000"}"#,
    ];
    let shared = [r#"{"resourceType":"Medication","id":"met","code":{"text":"Metformin"}}"#, r#"{"resourceType":"Organization","id":"lab","name":"Lab","partOf":{"reference":"Organization/none"}}"#];
    let text = made(patient, &resources, &shared, Language::Russian);
    check(&text);
    assert_eq!(codes(&text), ["48765-2", "11450-4", "10160-0", "11369-6", "30954-2", "11348-0"]);
    for told in ["Diabetes", "Dengue", "Metformin", "HbA1c", "BCG", "8,1\u{a0}% (повышено)", "05.2019", "0,5\u{a0}g, 2 р. за 1 сут.", "Ana &lt;Ruiz&gt;", "14.03.1958", "Сведений об аллергиях нет", "Lab", "No fracture"] {
        assert!(text.contains(told), "{told} is missing: {text}");
    }
    for not_told in ["Asthma", "Amoxicillin", "9,9", "Sodium", "Rabies", "Organization/none", "Encounter/e", "Lipids", "2023-07-05"] {
        assert!(!text.contains(not_told), "{not_told} is told");
    }
    assert_eq!(text, made(patient, &resources, &shared, Language::Russian), "the same again");
}

#[test]
fn the_newest_finding_of_each_place_of_the_body_is_told() {
    let patient = r#"{"resourceType":"Patient","id":"a","name":[{"text":"Ana"}],"birthDate":"1958-03-14"}"#;
    let finding = |id: &str, day: &str, more: &str, value: &str| {
        format!(r#"{{"resourceType":"Observation","id":"{id}","status":"final","category":[{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}}]}}],"code":{{"coding":[{{"system":"http://loinc.org","code":"8480-6","display":"Pressure"}}]}},"subject":{{"reference":"Patient/a"}},"effectiveDateTime":"{day}"{more},"valueQuantity":{{"value":{value},"unit":"mm[Hg]","system":"http://unitsofmeasure.org","code":"mm[Hg]"}}}}"#)
    };
    let (left, right) = (r#","bodySite":{"coding":[{"system":"http://x.example","code":"L"}],"text":"Left arm"}"#, r#","bodySite":{"text":"Right arm"}"#);
    let by_machine = r#","bodySite":{"text":"Right arm"},"method":{"text":"By machine"}"#;
    let resources = [finding("l1", "2024-01-01", left, "111.25"), finding("l2", "2024-02-01", left, "122.25"), finding("r1", "2023-01-01", right, "133.25"), finding("r2", "2022-01-01", right, "144.25"), finding("m1", "2021-01-01", by_machine, "155.25")];
    let text = made(patient, &resources.each_ref().map(String::as_str), &[], Language::English);
    check(&text);
    for told in ["122.25", "133.25", "155.25", "Pressure (Left arm)", "Pressure (Right arm)", "Pressure (Right arm, By machine)"] {
        assert!(text.contains(told), "{told} is missing: {text}");
    }
    for not_told in ["111.25", "144.25"] {
        assert!(!text.contains(not_told), "{not_told} is told");
    }
}

#[test]
fn each_section_is_there_if_it_has_content() {
    let about = r#""subject":{"reference":"Patient/a"}"#;
    let finding = |id: &str, category: &str, code: &str, value: &str| {
        format!(r#"{{"resourceType":"Observation","id":"{id}","status":"final","category":[{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"{category}"}}]}}],"code":{{"coding":[{{"system":"http://loinc.org","code":"{code}"}}],"text":"{id}"}},{about},"effectiveDateTime":"2024-03","valueCodeableConcept":{{"text":"{value}"}}}}"#)
    };
    let resources = [
        format!(r#"{{"resourceType":"Procedure","id":"p1","status":"completed","code":{{"text":"Appendectomy"}},{about}}}"#),
        format!(r#"{{"resourceType":"Procedure","id":"p2","status":"not-done","code":{{"text":"Bypass"}},{about}}}"#),
        format!(r#"{{"resourceType":"DeviceUseStatement","id":"d1","status":"active",{about},"device":{{"reference":"Device/pm"}}}}"#),
        r#"{"resourceType":"Device","id":"pm","patient":{"reference":"Patient/a"},"type":{"text":"Pacemaker"}}"#.to_owned(),
        finding("pregnancy", "exam", "82810-3", "Pregnant"),
        finding("smoking", "social-history", "72166-2", "Never"),
        finding("pulse", "vital-signs", "8867-4", "Strong"),
        format!(r#"{{"resourceType":"CarePlan","id":"c1","status":"active","intent":"plan","title":"Diet",{about}}}"#),
        format!(r#"{{"resourceType":"CarePlan","id":"c2","status":"revoked","intent":"plan","title":"Old plan",{about}}}"#),
        r#"{"resourceType":"AllergyIntolerance","id":"a1","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical","code":"active"}]},"criticality":"high","code":{"text":"Penicillin"},"patient":{"reference":"Patient/a"},"reaction":[{"manifestation":[{"text":"Rash"},{"text":"Fever"}]}]}"#.to_owned(),
        format!(r#"{{"resourceType":"MedicationStatement","id":"m1","status":"active","medicationCodeableConcept":{{"text":"Aspirin"}},{about}}}"#),
    ];
    let resources: Vec<&str> = resources.iter().map(String::as_str).collect();
    let text = made(r#"{"resourceType":"Patient","id":"a","name":[{"given":["Ana"],"family":"Ruiz"}]}"#, &resources, &[], Language::English);
    check(&text);
    assert_eq!(codes(&text), ["48765-2", "11450-4", "10160-0", "47519-4", "46264-8", "8716-3", "10162-6", "29762-2", "18776-5"]);
    for told in ["Appendectomy", "Pacemaker", "Pregnant", "Never", "Strong", "Diet", "Rash, Fever", "High", "Aspirin", "Ana Ruiz", "_performedDateTime", "_timingDateTime", "_effectiveDateTime"] {
        assert!(text.contains(told), "{told} is missing: {text}");
    }
    for not_told in ["Bypass", "Old plan", "no-allergy-info", "no-medication-info"] {
        assert!(!text.contains(not_told), "{not_told} is told");
    }
    assert!(text.contains("no-problem-info"));
}

#[test]
fn a_medicine_whose_course_is_over_is_not_taken() {
    // Now is 2 March 2026.
    let order = |id: &str, name: &str, dosages: &str| format!(r#"{{"resourceType":"MedicationRequest","id":"{id}","status":"active","intent":"order","medicationCodeableConcept":{{"text":"{name}"}},"subject":{{"reference":"Patient/a"}},"authoredOn":"2026-01-01","dosageInstruction":[{dosages}]}}"#);
    let until = |end: &str| format!(r#"{{"text":"1","timing":{{"repeat":{{"boundsPeriod":{{"start":"2026-01-01","end":"{end}"}}}}}}}}"#);
    let resources = [
        order("m1", "Amoxicillin", &until("2026-03-01")),
        order("m2", "Metformin", &until("2026-03-02")),
        order("m3", "Prednisone", &format!("{},{}", until("2026-02-01"), until("2026-04-01"))),
        order("m4", "Warfarin", r#"{"text":"1"}"#),
        r#"{"resourceType":"MedicationStatement","id":"m5","status":"active","medicationCodeableConcept":{"text":"Aspirin"},"subject":{"reference":"Patient/a"},"effectivePeriod":{"start":"2025-01-01","end":"2026-01-31"}}"#.to_owned(),
    ];
    let resources: Vec<&str> = resources.iter().map(String::as_str).collect();
    let text = made(r#"{"resourceType":"Patient","id":"a","name":[{"given":["Ana"],"family":"Ruiz"}]}"#, &resources, &[], Language::English);
    check(&text);
    for (name, is_taken) in [("Amoxicillin", false), ("Metformin", true), ("Prednisone", true), ("Warfarin", true), ("Aspirin", false)] {
        assert_eq!(text.contains(name), is_taken, "{name}: {text}");
    }
}

#[test]
fn that_there_is_no_allergy_is_told_once_and_beside_none() {
    let allergy = |id: &str, code: &str, text: &str, recorded: &str| format!(r#"{{"resourceType":"AllergyIntolerance","id":"{id}","clinicalStatus":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical","code":"active"}}]}},"code":{{"coding":[{{"system":"http://snomed.info/sct","code":"{code}"}}],"text":"{text}"}},"patient":{{"reference":"Patient/a"}},"recordedDate":"{recorded}"}}"#);
    let (none, again) = (allergy("n1", "716186003", "Nothing known", "2024-01-01"), allergy("n2", "716186003", "Nothing known again", "2025-01-01"));
    let (food, penicillin) = (allergy("n3", "429625007", "No food", "2024-01-01"), allergy("a1", "91936005", "Penicillin", "2023-01-01"));
    for (resources, told, not_told) in [
        (vec![&none, &again], vec!["Nothing known again"], vec!["AllergyIntolerance/n1", "no-allergy-info"]),
        (vec![&none, &again, &food, &penicillin], vec!["Penicillin", "No food"], vec!["Nothing known"]),
        (vec![&none, &food], vec!["Nothing known", "No food"], vec!["no-allergy-info"]),
    ] {
        let resources: Vec<&str> = resources.into_iter().map(String::as_str).collect();
        let text = made(r#"{"resourceType":"Patient","id":"a","name":[{"given":["Ana"],"family":"Ruiz"}]}"#, &resources, &[], Language::English);
        check(&text);
        assert!(told.iter().all(|word| text.contains(word)) && !not_told.iter().any(|word| text.contains(word)), "{told:?} {not_told:?}: {text}");
    }
}

#[test]
fn made_up_people_have_summaries_in_four_languages() {
    let mut told = 0;
    for country in ["mx", "vn", "ru"] {
        for (patient, resources, shared) in people(country, 4) {
            for language in Language::ALL {
                let resources: Vec<&str> = resources.iter().map(String::as_str).collect();
                let shared: Vec<&str> = shared.iter().map(String::as_str).collect();
                let text = made(&patient, &resources, &shared, language);
                check(&text);
                told += codes(&text).len();
            }
        }
    }
    assert!(told > 3 * 4 * 4 * 4, "{told} sections");
}

/// The records of some made-up people, as a store would hold them: patient, the rest, and nothing shared.
fn people(country: &str, count: u64) -> Vec<(String, Vec<String>, Vec<String>)> {
    let population = synth::Population::new(country::by_code(country).unwrap(), 7);
    let records = (0..count).map(|index| {
        let mut bundle = String::new();
        population.write_person(index, &mut bundle, &mut synth::Stats::default());
        let document = Document::read(&bundle).unwrap();
        let names: Vec<(String, String, String)> = document.root().get("entry").unwrap().items().map(|entry| {
            let address = entry.string("fullUrl").unwrap().into_owned();
            let kind = entry.get("resource").unwrap().string("resourceType").unwrap().into_owned();
            let id = address.trim_start_matches("urn:uuid:").to_owned();
            (address, kind, id)
        }).collect();
        let mut patient = String::new();
        let mut resources = Vec::new();
        for (entry, (_, kind, id)) in document.root().get("entry").unwrap().items().zip(&names) {
            let mut text = String::new();
            entry.get("resource").unwrap().write_compact(&mut text);
            for (address, kind, id) in &names {
                text = text.replace(address.as_str(), &format!("{kind}/{id}"));
            }
            let text = text.replacen(&format!("\"resourceType\":\"{kind}\""), &format!("\"resourceType\":\"{kind}\",\"id\":\"{id}\""), 1);
            if kind == "Patient" { patient = text } else { resources.push(text) }
        }
        (patient, resources, Vec::new())
    });
    records.collect()
}

/// Members of a record taken out and put in the wrong place: what a flawed import may have kept.
#[test]
fn a_flawed_record_still_has_a_summary_that_is_closed() {
    let mut seed = 7u64;
    let mut chance = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    let (patient, resources, _) = people("mx", 1).remove(0);
    for _ in 0..60 {
        let mut spoiled: Vec<String> = resources.iter().map(|text| spoil(text, &mut chance)).collect();
        spoiled.push("{\"resourceType\":\"Observation\"}".to_owned());
        spoiled.push("{\"resourceType\":\"Condition\",\"id\":7,\"code\":[],\"subject\":null}".to_owned());
        let patient = spoil(&patient, &mut chance);
        let texts: Vec<&str> = spoiled.iter().map(String::as_str).collect();
        let record = Record { patient: &patient, merged: Vec::new(), resources: texts, shared: Vec::new() };
        let Some(text) = summary(&record, &setting(Language::Spanish)) else { continue };
        let document = Document::read(&text).unwrap_or_else(|cause| panic!("{cause}"));
        let entries = entries(&document);
        let addresses: HashSet<&str> = entries.iter().map(|(address, _)| address.as_str()).collect();
        for (_, resource) in &entries {
            fhir::home::reference_texts(*resource, &mut |reference| {
                let absolute = if reference.contains(':') { reference.to_string() } else { format!("{BASE}/{reference}") };
                assert!(reference.starts_with('#') || addresses.contains(absolute.as_str()), "a reference leads out of the document");
            });
        }
    }
}

/// The text with a few values replaced by values of another kind.
fn spoil(text: &str, chance: &mut dyn FnMut(usize) -> usize) -> String {
    let document = Document::read(text).unwrap();
    let mut out = String::new();
    fhir::splice::write(document.root(), &mut out, &mut |name, _| {
        (name != "resourceType" && chance(25) == 0).then(|| ["null", "1.5", "true", "\"\"", "\"\\u0001<&\"", "\"2024-13-45\"", "[]", "{}"][chance(8)].to_owned())
    });
    out
}

#[test]
fn what_is_about_a_patient_that_was_merged_is_about_the_person() {
    let patient = r#"{"resourceType":"Patient","id":"1","active":true,"name":[{"family":"Prueba"}],"birthDate":"1990-01-02","link":[{"other":{"reference":"Patient/2"},"type":"replaces"}]}"#;
    let merged = r#"{"resourceType":"Patient","id":"2","active":false,"name":[{"family":"Prueba"}],"birthDate":"1990-01-02","link":[{"other":{"reference":"Patient/1"},"type":"replaced-by"}]}"#;
    let problem = |id: &str, about: &str| format!(r#"{{"resourceType":"Condition","id":"{id}","clinicalStatus":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}}]}},"code":{{"text":"Cough {id}"}},"subject":{{"reference":"{about}"}}}}"#);
    let (own, others, absolute) = (problem("a", "Patient/1"), problem("b", "Patient/2"), problem("c", &format!("{BASE}/Patient/2")));
    let record = Record { patient, merged: vec![merged], resources: vec![&own, &others, &absolute], shared: Vec::new() };
    let text = summary(&record, &setting(Language::English)).unwrap();
    check(&text);
    let document = Document::read(&text).unwrap();
    let about: Vec<_> = entries(&document).into_iter().filter(|(_, one)| one.string("resourceType").as_deref() == Some("Condition")).map(|(_, one)| (one.string("id").unwrap().into_owned(), one.path(&["subject", "reference"]).map(|text| text.as_str().unwrap().into_owned()))).collect();
    assert_eq!(about.len(), 3);
    for (id, subject) in about {
        assert_eq!(subject.as_deref(), Some("Patient/1"), "{id}");
    }
    // It does not say that it replaces itself.
    assert_eq!(entries(&document)[1].1.path(&["link", "other", "reference"]).map(|text| text.raw()), None);
}

#[test]
fn what_is_paused_planned_or_not_confirmed_says_so_and_a_dose_says_when_it_is_taken() {
    let patient = r#"{"resourceType":"Patient","id":"a","name":[{"text":"Ana"}],"birthDate":"1958-03-14"}"#;
    let about = r#""subject":{"reference":"Patient/a"}"#;
    let resources = [
        format!(r#"{{"resourceType":"MedicationRequest","id":"m1","status":"on-hold","intent":"order","medicationCodeableConcept":{{"text":"Warfarin"}},{about}}}"#),
        format!(r#"{{"resourceType":"MedicationStatement","id":"m2","status":"intended","medicationCodeableConcept":{{"text":"Iron"}},{about},"effectiveDateTime":"2026-02-01"}}"#),
        format!(r#"{{"resourceType":"MedicationRequest","id":"m3","status":"active","intent":"order","medicationCodeableConcept":{{"text":"Morphine"}},{about},"dosageInstruction":[{{"asNeededCodeableConcept":{{"text":"pain"}},"doseAndRate":[{{"doseRange":{{"low":{{"value":5,"unit":"mg"}},"high":{{"value":10,"unit":"mg"}}}}}}]}}]}}"#),
        format!(r#"{{"resourceType":"Condition","id":"c1","clinicalStatus":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}}]}},"verificationStatus":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"provisional"}}]}},"code":{{"text":"Appendicitis"}},{about}}}"#),
        format!(r#"{{"resourceType":"Condition","id":"c2","clinicalStatus":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}}]}},"code":{{"text":"Asthma"}},{about}}}"#),
    ];
    let resources: Vec<&str> = resources.iter().map(String::as_str).collect();
    for (language, paused, planned, open, needed) in [
        (Language::English, "on hold", "planned", "not confirmed", "as needed"),
        (Language::Spanish, "en pausa", "previsto", "sin confirmar", "si es necesario"),
        (Language::Vietnamese, "đang tạm ngừng", "dự kiến", "chưa xác nhận", "khi cần"),
        (Language::Russian, "приостановлено", "планируется", "не подтверждено", "при необходимости"),
    ] {
        let text = made(patient, &resources, &[], language);
        check(&text);
        for words in [format!("Warfarin ({paused})"), format!("Iron ({planned})"), format!("Appendicitis ({open})"), format!("{needed} (pain)"), "5\u{a0}mg \u{2013} 10\u{a0}mg".to_owned(), "<td>Asthma</td>".to_owned(), "<td>Morphine</td>".to_owned()] {
            assert!(text.contains(&words), "{words}: {text}");
        }
    }
}
