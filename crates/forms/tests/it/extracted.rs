//! What follows from a response, in the three ways of the guide.

use super::{around, form};
use fhir::PartialDateTime;
use forms::extract::extract;
use forms::{Around, Form, Json, sheet};

const SDC: &str = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-";

fn taken(form: &Form, items: &str) -> Vec<String> {
    let response = format!(
        r#"{{"resourceType":"QuestionnaireResponse","status":"completed","subject":{{"reference":"Patient/1"}},"encounter":{{"reference":"Encounter/2"}},"authored":"2026-03-02T10:00:00Z","author":{{"reference":"Practitioner/3"}},"item":[{items}]}}"#
    );
    let mut number = 0;
    let mut new_url = || {
        number += 1;
        format!("urn:uuid:{number}")
    };
    let (found, issues) = extract(form, &response, "QuestionnaireResponse/9", &around(""), &mut new_url).unwrap();
    assert_eq!(issues, []);
    found.iter().map(|one| format!("{} {}", one.url, one.resource.written())).collect()
}

#[test]
fn a_question_with_a_code_becomes_an_observation() {
    let form = form(&format!(
        r#"{{"extension":[{{"url":"{SDC}observationExtract","valueBoolean":true}},{{"url":"{SDC}observation-extract-category","valueCodeableConcept":{{"coding":[{{"code":"vital-signs"}}]}}}}],"linkId":"g","type":"group","item":[
        {{"linkId":"w","type":"quantity","text":"Weight","code":[{{"system":"http://loinc.org","code":"29463-7"}}]}},
        {{"linkId":"c","type":"choice","code":[{{"system":"s","code":"q"}}],"answerOption":[{{"valueCoding":{{"code":"x"}}}}]}},
        {{"linkId":"silent","type":"string"}},
        {{"extension":[{{"url":"{SDC}observationExtract","valueBoolean":false}}],"linkId":"off","type":"string","code":[{{"code":"z"}}]}}]}}"#
    ));
    let found = taken(
        &form,
        r#"{"linkId":"g","item":[{"linkId":"w","answer":[{"valueQuantity":{"value":70.50,"unit":"kg"}}]},{"linkId":"c","answer":[{"valueCoding":{"code":"x","display":"X"}}]},{"linkId":"silent","answer":[{"valueString":"a"}]},{"linkId":"off","answer":[{"valueString":"a"}]}]}"#,
    );
    assert_eq!(found.len(), 2);
    assert_eq!(
        found[0],
        r#"Observation {"resourceType":"Observation","status":"final","category":[{"coding":[{"code":"vital-signs"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}],"text":"Weight"},"subject":{"reference":"Patient/1"},"encounter":{"reference":"Encounter/2"},"effectiveDateTime":"2026-03-02T10:00:00Z","performer":[{"reference":"Practitioner/3"}],"valueQuantity":{"value":70.50,"unit":"kg"},"derivedFrom":[{"reference":"QuestionnaireResponse/9"}]}"#
    );
    assert!(found[1].contains(r#""valueCodeableConcept":{"coding":[{"code":"x","display":"X"}],"text":"X"}"#), "{}", found[1]);
    // A reason for no answer says nothing of the person.
    assert_eq!(taken(&form, r#"{"linkId":"g","item":[{"linkId":"w","answer":[{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]}]}]}"#), [""; 0]);
}

#[test]
fn a_question_that_names_an_element_fills_it() {
    let at = |link_id: &str, kind: &str, path: &str, more: &str| format!(r#"{{"linkId":"{link_id}","type":"{kind}","definition":"http://hl7.org/fhir/StructureDefinition/Immunization#Immunization.{path}"{more}}}"#);
    let fixed = format!(r#"{{"url":"{SDC}definitionExtractValue","extension":[{{"url":"definition","valueUri":"http://hl7.org/fhir/StructureDefinition/Immunization#Immunization.status"}},{{"url":"fixed-value","valueCode":"completed"}}]}}"#);
    for context in [format!(r#"{{"url":"{SDC}itemExtractionContext","valueCode":"Immunization"}}"#), format!(r#"{{"url":"{SDC}definitionExtract","extension":[{{"url":"definition","valueCanonical":"http://hl7.org/fhir/StructureDefinition/Immunization"}}]}}"#)] {
        let form = form(&format!(
            r#"{{"extension":[{context},{fixed}],"linkId":"g","type":"group","repeats":true,"item":[{},{},{},{},{}]}}"#,
            at("vaccine", "choice", "vaccineCode", r#","answerOption":[{"valueCoding":{"system":"http://hl7.org/fhir/sid/cvx","code":"03"}}]"#),
            at("day", "date", "occurrence[x]", ""),
            at("lot", "string", "lotNumber", ""),
            at("note", "text", "note.text", ""),
            at("r", "group", "reaction", &format!(r#","item":[{}]"#, at("rd", "date", "reaction.date", "")))
        ));
        let found = taken(
            &form,
            r#"{"linkId":"g","item":[{"linkId":"vaccine","answer":[{"valueCoding":{"system":"http://hl7.org/fhir/sid/cvx","code":"03","display":"MMR"}}]},{"linkId":"day","answer":[{"valueDate":"2026-02-01"}]},{"linkId":"lot","answer":[{"valueString":"L1"}]},{"linkId":"note","answer":[{"valueString":"calm"}]},{"linkId":"r","item":[{"linkId":"rd","answer":[{"valueDate":"2026-02-02"}]}]}]},{"linkId":"g","item":[{"linkId":"day","answer":[{"valueDate":"2025"}]}]},{"linkId":"g"}"#,
        );
        assert_eq!(
            found,
            [
                r#"Immunization {"resourceType":"Immunization","vaccineCode":{"coding":[{"system":"http://hl7.org/fhir/sid/cvx","code":"03","display":"MMR"}],"text":"MMR"},"occurrenceDateTime":"2026-02-01","lotNumber":"L1","note":[{"text":"calm"}],"reaction":[{"date":"2026-02-02"}],"status":"completed","patient":{"reference":"Patient/1"},"encounter":{"reference":"Encounter/2"}}"#,
                r#"Immunization {"resourceType":"Immunization","occurrenceDateTime":"2025","status":"completed","patient":{"reference":"Patient/1"},"encounter":{"reference":"Encounter/2"}}"#
            ]
        );
    }
}

#[test]
fn a_template_is_filled_and_what_gives_nothing_is_left_out() {
    let text = format!(
        r##"{{"resourceType":"Questionnaire","url":"u","status":"active","contained":[{{"resourceType":"Condition","id":"t","code":{{"text":"fixed","_text":{{"extension":[{{"url":"{SDC}templateExtractValue","valueString":"item.where(linkId='dx').answer.value"}}]}}}},"_onsetDateTime":{{"extension":[{{"url":"{SDC}templateExtractValue","valueString":"item.where(linkId='since').answer.value"}}]}},"subject":{{"extension":[{{"url":"{SDC}templateExtractValue","valueString":"%resource.subject"}}]}},"note":[{{"extension":[{{"url":"{SDC}templateExtractContext","valueString":"item.where(linkId='note').answer"}}],"_text":{{"extension":[{{"url":"{SDC}templateExtractValue","valueString":"value"}}]}}}}]}}],
        "item":[{{"extension":[{{"url":"{SDC}templateExtract","extension":[{{"url":"template","valueReference":{{"reference":"#t"}}}}]}}],"linkId":"g","type":"group","repeats":true,"item":[{{"linkId":"dx","type":"string"}},{{"linkId":"since","type":"date"}},{{"linkId":"note","type":"string","repeats":true}}]}}]}}"##
    );
    let form = Form::read(&text).unwrap();
    let found = taken(
        &form,
        r#"{"linkId":"g","item":[{"linkId":"dx","answer":[{"valueString":"A"}]},{"linkId":"note","answer":[{"valueString":"1"},{"valueString":"2"}]}]},{"linkId":"g","item":[{"linkId":"dx","answer":[{"valueString":"B"}]},{"linkId":"since","answer":[{"valueDate":"2020"}]}]}"#,
    );
    assert_eq!(
        found,
        [
            r#"Condition {"resourceType":"Condition","code":{"text":"A"},"subject":{"reference":"Patient/1"},"note":[{"text":"1"},{"text":"2"}]}"#,
            r#"Condition {"resourceType":"Condition","code":{"text":"B"},"onsetDateTime":"2020","subject":{"reference":"Patient/1"}}"#
        ]
    );
}

#[test]
fn a_list_in_a_template_holds_all_that_its_formula_gives() {
    let text = format!(
        r##"{{"resourceType":"Questionnaire","url":"u","status":"active","contained":[{{"resourceType":"Patient","id":"t","name":[{{"_given":[{{"extension":[{{"url":"{SDC}templateExtractValue","valueString":"item.where(linkId='given').answer.value"}}]}}]}}]}}],
        "item":[{{"extension":[{{"url":"{SDC}templateExtract","extension":[{{"url":"template","valueReference":{{"reference":"#t"}}}}]}}],"linkId":"g","type":"group","item":[{{"linkId":"given","type":"string","repeats":true}}]}}]}}"##
    );
    let form = Form::read(&text).unwrap();
    let given = |names: &[&str]| format!(r#"{{"linkId":"g","item":[{{"linkId":"given","answer":[{}]}}]}}"#, names.iter().map(|name| format!(r#"{{"valueString":"{name}"}}"#)).collect::<Vec<_>>().join(","));
    assert_eq!(taken(&form, &given(&["Ana", "Luz", "Paz"])), [r#"Patient {"resourceType":"Patient","name":[{"given":["Ana","Luz","Paz"]}]}"#]);
    assert_eq!(taken(&form, &given(&["Ana"])), [r#"Patient {"resourceType":"Patient","name":[{"given":["Ana"]}]}"#]);
}

#[test]
fn an_element_that_holds_one_value_is_not_given_several() {
    let several = format!(r#"{{"extension":[{{"url":"{SDC}templateExtractValue","valueString":"item.where(linkId='many').answer.value"}}]}}"#);
    let context = format!(r#"{{"extension":[{{"url":"{SDC}templateExtractContext","valueString":"item.where(linkId='many').answer"}}],"text":"fixed"}}"#);
    for (element, place) in [(format!(r#""code":{{"text":"fixed","_text":{several}}}"#), "Condition.code.text"), (format!(r#""_recordedDate":{several}"#), "Condition.recordedDate"), (format!(r#""code":{context}"#), "Condition.code"), (format!(r#""subject":{several}"#), "Condition.subject")] {
        let text = format!(
            r##"{{"resourceType":"Questionnaire","url":"u","status":"active","contained":[{{"resourceType":"Condition","id":"t",{element},"note":[{{"text":"always"}}]}}],
            "item":[{{"extension":[{{"url":"{SDC}templateExtract","extension":[{{"url":"template","valueReference":{{"reference":"#t"}}}}]}}],"linkId":"g","type":"group","repeats":true,"item":[{{"linkId":"many","type":"string","repeats":true}}]}}]}}"##
        );
        let form = Form::read(&text).unwrap();
        let group = |count: usize| format!(r#"{{"linkId":"g","item":[{{"linkId":"many","answer":[{}]}}]}}"#, vec![r#"{"valueString":"x"}"#; count].join(","));
        let told = |items: &str| {
            let response = format!(r#"{{"resourceType":"QuestionnaireResponse","status":"completed","item":[{items}]}}"#);
            extract(&form, &response, "QuestionnaireResponse/9", &around(""), &mut || "urn:uuid:1".to_owned()).unwrap()
        };
        let (found, issues) = told(&group(1));
        assert!(issues.is_empty() && found.len() == 1, "{place}: {issues:?}");
        let (found, issues) = told(&format!("{},{},{}", group(2), group(1), group(3)));
        assert!(matches!(&issues[..], [one] if one.expression.contains("'g'") && one.message.contains(&format!("{place} of a template")) && one.is_error()), "{place}: {issues:?}");
        assert_eq!(found.len(), 3, "what else is in the template is told to whoever looks");
        assert!(!found[0].resource.written().contains(r#""x""#), "none of them is taken: {}", found[0].resource.written());
    }
}

#[test]
fn a_question_with_several_answers_fills_a_list_or_is_told() {
    for (kind, element, answer, is_list) in [
        ("choice", "Immunization.reasonCode", r#"{"valueCoding":{"code":"CODE"}}"#, true),
        ("string", "Immunization.note", r#"{"valueString":"CODE"}"#, true),
        ("string", "Immunization.lotNumber", r#"{"valueString":"CODE"}"#, false),
        ("string", "Immunization.note.text", r#"{"valueString":"CODE"}"#, false),
        ("choice", "Immunization.vaccineCode", r#"{"valueCoding":{"code":"CODE"}}"#, false),
        ("date", "Immunization.occurrence[x]", r#"{"valueDate":"20CODE"}"#, false),
    ] {
        let options = if kind == "choice" { r#","answerOption":[{"valueCoding":{"code":"21"}},{"valueCoding":{"code":"22"}}]"# } else { "" };
        let form = form(&format!(
            r#"{{"extension":[{{"url":"{SDC}itemExtractionContext","valueCode":"Immunization"}}],"linkId":"g","type":"group","item":[{{"linkId":"q","type":"{kind}","repeats":true{options},"definition":"http://hl7.org/fhir/StructureDefinition/Immunization#{element}"}}]}}"#
        ));
        let told = |codes: &[&str]| {
            let answers: Vec<String> = codes.iter().map(|code| answer.replace("CODE", code)).collect();
            let response = format!(r#"{{"resourceType":"QuestionnaireResponse","status":"completed","item":[{{"linkId":"g","item":[{{"linkId":"q","answer":[{}]}}]}}]}}"#, answers.join(","));
            extract(&form, &response, "QuestionnaireResponse/9", &around(""), &mut || "urn:uuid:1".to_owned()).unwrap()
        };
        let (found, issues) = told(&["21"]);
        assert!(issues.is_empty() && found.len() == 1, "{element}: {issues:?}");
        let (found, issues) = told(&["21", "22"]);
        if is_list {
            let text = found[0].resource.written();
            assert!(issues.is_empty() && text.contains("21") && text.contains("22"), "{element}: {text} {issues:?}");
        } else {
            assert!(found.is_empty() && matches!(&issues[..], [one] if one.message.contains(&format!("{element} holds one value")) && one.expression.contains("'q'")), "{element}: {issues:?}");
        }
    }
}

#[test]
fn a_dose_of_an_earlier_day_is_copied_and_today_is_the_day_here() {
    let card = country::by_code("mx").unwrap().forms.iter().find(|text| text.contains("Questionnaire/mx-cartilla-vacunacion ")).unwrap();
    let form = Form::read(&sheet::questionnaire(card, &country::form_part).unwrap()).unwrap();
    // In Mexico it is the evening of 1 March.
    let here = Around { now: PartialDateTime::parse("2026-03-01T19:00:00.000-06:00"), ..around("") };
    for (day, is_copied) in [("2026-03-01", false), ("2026-02-27", true), ("2019", true)] {
        let response = format!(
            r#"{{"resourceType":"QuestionnaireResponse","status":"completed","subject":{{"reference":"Patient/1"}},"authored":"2026-03-02T01:00:00Z","item":[{{"linkId":"today","item":[{{"linkId":"doses","item":[{{"linkId":"dose-vaccine","answer":[{{"valueString":"BCG"}}]}},{{"linkId":"dose-day","answer":[{{"valueDate":"{day}"}}]}}]}}]}}]}}"#
        );
        let (found, issues) = extract(&form, &response, "QuestionnaireResponse/9", &here, &mut || "urn:uuid:1".to_owned()).unwrap();
        assert_eq!(issues, [], "{day}");
        let dose = found.iter().find(|one| one.url == "Immunization").unwrap().resource.written();
        assert!(dose.contains(&format!(r#""primarySource":{}"#, !is_copied)), "{day}: {dose}");
        assert_eq!(dose.contains(r#""reportOrigin":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/immunization-origin","code":"record""#), is_copied, "{day}: {dose}");
        assert!(dose.contains(r#""recorded":"2026-03-01T19:00:00.000-06:00""#), "{dose}");
    }
}

#[test]
fn what_cannot_be_taken_out_says_where() {
    let text = format!(r##"{{"resourceType":"Questionnaire","url":"u","status":"active","item":[{{"extension":[{{"url":"{SDC}templateExtract","extension":[{{"url":"template","valueReference":{{"reference":"#gone"}}}}]}}],"linkId":"g","type":"string"}}]}}"##);
    let form = Form::read(&text).unwrap();
    let response = r#"{"resourceType":"QuestionnaireResponse","status":"completed","item":[{"linkId":"g","answer":[{"valueString":"x"}]}]}"#;
    let (found, issues) = extract(&form, response, "QuestionnaireResponse/9", &around(""), &mut String::new).unwrap();
    assert!(found.is_empty() && issues.len() == 1 && issues[0].expression.contains("'g'"));
    assert!(extract(&form, "{}", "x", &around(""), &mut String::new).is_err());
    let _ = Json::Null;
}
