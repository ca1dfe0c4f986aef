//! What is asked, what is wrong, what is calculated, what is typed.

use super::{Shipped, answers, around, asked, faults, form};
use fhir::PartialDateTime;
use forms::{Act, Around, Fault, Form, Json, begin, begun, complete, differences, lay_out, settle, tell_left_out, typed};

const SDC: &str = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-";
const CORE: &str = "http://hl7.org/fhir/StructureDefinition/";

#[test]
fn a_question_is_asked_when_its_rules_hold() {
    let rule = |rules: &str, behaviour: &str| format!(r#"{{"linkId":"a","type":"integer"}},{{"linkId":"b","type":"boolean"}},{{"linkId":"x","type":"string","enableBehavior":"{behaviour}","enableWhen":[{rules}]}}"#);
    let one = |operator: &str, answer: &str| format!(r#"{{"question":"a","operator":"{operator}",{answer}}}"#);
    let five = r#"{"linkId":"a","answer":[{"valueInteger":5}]}"#;
    let cases = [
        ("=", r#""answerInteger":5"#, five, true), ("=", r#""answerInteger":6"#, five, false), ("!=", r#""answerInteger":5"#, five, false), ("!=", r#""answerInteger":6"#, five, true),
        (">", r#""answerInteger":4"#, five, true), (">", r#""answerInteger":5"#, five, false), (">=", r#""answerInteger":5"#, five, true), ("<", r#""answerInteger":10"#, five, true),
        ("<=", r#""answerInteger":4"#, five, false), ("<", r#""answerInteger":10"#, "", false), ("exists", r#""answerBoolean":true"#, five, true), ("exists", r#""answerBoolean":true"#, "", false), ("exists", r#""answerBoolean":false"#, "", true),
    ];
    for (operator, answer, given, expect) in cases {
        let form = form(&rule(&one(operator, answer), "all"));
        assert_eq!(asked(&form, &answers(given), &around("")).contains(&"x".to_owned()), expect, "{operator} {answer} {given}");
    }
    let both = format!(r#"{},{{"question":"b","operator":"=","answerBoolean":true}}"#, one("=", r#""answerInteger":5"#));
    for (behaviour, expect) in [("all", false), ("any", true)] {
        assert_eq!(asked(&form(&rule(&both, behaviour)), &answers(five), &around("")).contains(&"x".to_owned()), expect, "{behaviour}");
    }
}

#[test]
fn what_hangs_on_a_question_that_is_not_asked_is_not_asked_either() {
    let form = form(
        r#"{"linkId":"a","type":"boolean"},{"linkId":"b","type":"boolean","enableWhen":[{"question":"a","operator":"=","answerBoolean":true}]},
           {"linkId":"c","type":"group","enableWhen":[{"question":"b","operator":"=","answerBoolean":true}],"item":[{"linkId":"d","type":"string","required":true}]}"#,
    );
    let given = |a: bool| answers(&format!(r#"{{"linkId":"a","answer":[{{"valueBoolean":{a}}}]}},{{"linkId":"b","answer":[{{"valueBoolean":true}}]}}"#));
    assert_eq!(asked(&form, &given(true), &around("")), ["a", "b", "c", "d"]);
    assert_eq!(asked(&form, &given(false), &around("")), ["a"]);
    assert_eq!(faults(&form, &given(true)), [":d missing"]);
    assert_eq!(faults(&form, &given(false)), [""; 0]);
    // What was answered before is set aside, not lost, and it does not count.
    let completed = complete(&form, &given(false), &around(""), &Shipped);
    assert_eq!(completed.filling.json().written(), r#"[{"linkId":"a","answer":[{"valueBoolean":false}]}]"#);
}

#[test]
fn a_rule_looks_in_its_own_row_first_and_expressions_do_too() {
    let expression = format!(r#"{{"extension":[{{"url":"{SDC}enableWhenExpression","valueExpression":{{"language":"text/fhirpath","expression":"%resource.item.where(linkId='all').answer.value = true"}}}}],"linkId":"e","type":"string"}}"#);
    let form = form(&format!(
        r#"{{"linkId":"all","type":"boolean"}},{{"linkId":"g","type":"group","repeats":true,"item":[{{"linkId":"k","type":"boolean"}},{{"linkId":"x","type":"string","enableWhen":[{{"question":"k","operator":"=","answerBoolean":true}}]}},{expression}]}}"#
    ));
    let row = |k: bool| format!(r#"{{"linkId":"g","item":[{{"linkId":"k","answer":[{{"valueBoolean":{k}}}]}}]}}"#);
    let filling = answers(&format!("{},{}", row(false), row(true)));
    assert_eq!(asked(&form, &filling, &around("")), ["all", "g", "0:k", "1:k", "1:x"]);
    let with_all = answers(&format!(r#"{{"linkId":"all","answer":[{{"valueBoolean":true}}]}},{},{}"#, row(false), row(true)));
    assert_eq!(asked(&form, &with_all, &around("")), ["all", "g", "0:k", "0:e", "1:k", "1:x", "1:e"]);
}

#[test]
fn a_rule_that_cannot_be_read_never_switches_anything_on() {
    let text = r#"{"resourceType":"Questionnaire","url":"u","status":"active","item":[{"linkId":"x","type":"string","enableWhen":[{"question":"a","operator":"~","answerBoolean":true}]}]}"#;
    let form = Form::read(text).unwrap();
    assert_eq!(form.issues.len(), 1);
    assert_eq!(asked(&form, &answers(""), &around("")), [""; 0]);
}

#[test]
fn what_is_wrong_is_told_at_its_place() {
    let ext = |name: &str, value: &str| format!(r#"{{"url":"{CORE}{name}",{value}}}"#);
    let q = |kind: &str, extensions: &[String], more: &str| format!(r#"{{"extension":[{}],"linkId":"a","type":"{kind}"{more}}}"#, extensions.join(",")).replace(r#""extension":[],"#, "");
    let a = |value: &str| format!(r#"{{"linkId":"a","answer":[{value}]}}"#);
    let unit = ext("questionnaire-unit", r#""valueCoding":{"system":"http://unitsofmeasure.org","code":"kg","display":"kg"}"#);
    let cases: Vec<(String, String, &[&str])> = vec![
        (q("string", &[], r#","required":true"#), String::new(), &[":a missing"]),
        (q("string", &[], r#","required":true"#), a(r#"{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]}"#), &[]),
        (q("string", &[], r#","maxLength":3"#), a(r#"{"valueString":"năm"}"#), &[]),
        (q("string", &[], r#","maxLength":3"#), a(r#"{"valueString":"four"}"#), &[":a too-long 3"]),
        (q("string", &[ext("minLength", r#""valueInteger":5"#)], ""), a(r#"{"valueString":"four"}"#), &[":a too-short 5"]),
        (q("string", &[ext("regex", r#""valueString":"[A-Z]{2}""#)], ""), a(r#"{"valueString":"AB"}"#), &[]),
        (q("string", &[ext("regex", r#""valueString":"[A-Z]{2}""#)], ""), a(r#"{"valueString":"ABC"}"#), &[":a pattern"]),
        (q("integer", &[ext("minValue", r#""valueInteger":0"#), ext("maxValue", r#""valueInteger":10"#)], ""), a(r#"{"valueInteger":11}"#), &[":a too-large 10"]),
        (q("integer", &[ext("minValue", r#""valueInteger":0"#)], ""), a(r#"{"valueInteger":-1}"#), &[":a too-small 0"]),
        (q("quantity", &[unit.clone(), ext("minValue", r#""valueDecimal":5"#)], ""), a(r#"{"valueQuantity":{"value":3,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"}}"#), &[":a too-small 5 kg"]),
        (q("decimal", &[ext("maxDecimalPlaces", r#""valueInteger":1"#)], ""), a(r#"{"valueDecimal":1.25}"#), &[":a too-precise 1"]),
        (q("decimal", &[ext("maxDecimalPlaces", r#""valueInteger":1"#)], ""), a(r#"{"valueDecimal":1.50}"#), &[]),
        (q("date", &[ext("maxValue", r#""valueDate":"2026-01-01""#)], ""), a(r#"{"valueDate":"2026-02-01"}"#), &[":a too-large 2026-01-01"]),
        (q("date", &[], ""), a(r#"{"valueDate":"2026-02-30"}"#), &[":a not-date"]),
        (q("integer", &[], ""), a(r#"{"valueString":"5"}"#), &[":a not-whole"]),
        (q("integer", &[], ""), a(r#"{"extension":[{"url":"https://carnet.health/fhir/StructureDefinition/form-typed","valueString":"five"}]}"#), &[":a not-whole"]),
        (q("quantity", std::slice::from_ref(&unit), ""), a(r#"{"valueQuantity":{"value":3,"code":"kg"}}"#), &[]),
        (q("quantity", std::slice::from_ref(&unit), ""), a(r#"{"valueQuantity":{"value":3,"code":"g"}}"#), &[":a unit-not-offered"]),
        (q("quantity", &[unit], ""), a(r#"{"valueQuantity":{"value":3}}"#), &[":a no-unit"]),
        (q("choice", &[], r#","answerOption":[{"valueCoding":{"system":"s","code":"x"}}]"#), a(r#"{"valueCoding":{"system":"s","code":"y"}}"#), &[":a not-offered"]),
        (q("choice", &[], r#","answerValueSet":"http://hl7.org/fhir/ValueSet/administrative-gender""#), a(r#"{"valueCoding":{"system":"http://hl7.org/fhir/administrative-gender","code":"female"}}"#), &[]),
        (q("choice", &[], r#","answerValueSet":"http://hl7.org/fhir/ValueSet/administrative-gender""#), a(r#"{"valueCoding":{"system":"http://hl7.org/fhir/administrative-gender","code":"x"}}"#), &[":a not-offered"]),
        (q("choice", &[], r#","answerValueSet":"urn:nobody-holds-this""#), a(r#"{"valueCoding":{"code":"x"}}"#), &[]),
        (q("string", &[], ""), a(r#"{"valueString":"a"},{"valueString":"b"}"#), &[":a too-many 1"]),
        (q("string", &[ext("questionnaire-minOccurs", r#""valueInteger":2"#)], r#","repeats":true"#), a(r#"{"valueString":"a"}"#), &[":a too-few 2"]),
        (q("string", &[], ""), a(r#"{"extension":[{"url":"https://carnet.health/fhir/StructureDefinition/form-prefilled","valueBoolean":true}],"valueString":"a"}"#), &[":a unconfirmed"]),
        (q("reference", &[ext("questionnaire-referenceResource", r#""valueCode":"Practitioner""#)], ""), a(r#"{"valueReference":{"reference":"Patient/1"}}"#), &[":a not-offered"]),
        (q("group", &[ext("questionnaire-maxOccurs", r#""valueInteger":1"#)], r#","repeats":true,"item":[{"linkId":"b","type":"string"}]"#), r#"{"linkId":"a","item":[{"linkId":"b","answer":[{"valueString":"1"}]}]},{"linkId":"a","item":[{"linkId":"b","answer":[{"valueString":"2"}]}]}"#.to_owned(), &[":a too-many 1"]),
    ];
    for (item, given, expect) in cases {
        assert_eq!(faults(&form(&item), &answers(&given)), *expect, "{item} {given}");
    }
}

#[test]
fn a_rule_of_the_form_is_told_in_its_own_words_and_advice_does_not_forbid() {
    let rule = |severity: &str| {
        format!(
            r#"{{"extension":[{{"url":"{CORE}targetConstraint","extension":[{{"url":"severity","valueCode":"{severity}"}},{{"url":"expression","valueExpression":{{"language":"text/fhirpath","expression":"answer.value < 10"}}}},{{"url":"human","valueString":"Below ten."}}]}}],"linkId":"a","type":"integer"}}"#
        )
    };
    let eleven = answers(r#"{"linkId":"a","answer":[{"valueInteger":11}]}"#);
    for (severity, is_sound) in [("error", false), ("warning", true)] {
        let form = form(&rule(severity));
        assert_eq!(faults(&form, &eleven), [":a rule"]);
        assert_eq!(complete(&form, &eleven, &around(""), &Shipped).is_sound(), is_sound);
    }
}

#[test]
fn a_calculated_answer_follows_what_it_is_calculated_from_and_rows_have_their_own() {
    let expression = |name: &str, text: &str| format!(r#"{{"url":"{SDC}{name}","valueExpression":{{"language":"text/fhirpath","expression":"{text}"}}}}"#);
    let variable = |name: &str, text: &str| format!(r#"{{"url":"{CORE}variable","valueExpression":{{"name":"{name}","language":"text/fhirpath","expression":"{text}"}}}}"#);
    let row = format!(
        r#"{{"extension":[{}],"linkId":"g","type":"group","repeats":true,"item":[{{"linkId":"n","type":"integer"}},{{"extension":[{}],"linkId":"twice","type":"integer"}}]}}"#,
        variable("n", "item.where(linkId='n').answer.value"),
        expression("calculatedExpression", "%n * 2")
    );
    let sum = format!(r#"{{"extension":[{}],"linkId":"sum","type":"integer"}}"#, expression("calculatedExpression", "%resource.item.where(linkId='g').item.where(linkId='twice').answer.value.sum()"));
    let form = form(&format!("{row},{sum}"));
    let one = |n: u32| format!(r#"{{"linkId":"g","item":[{{"linkId":"n","answer":[{{"valueInteger":{n}}}]}}]}}"#);
    let mut filling = answers(&format!("{},{}", one(3), one(4)));
    settle(&form, &mut filling, &around(""));
    let text = filling.json().written();
    assert!(text.contains(r#""twice","answer":[{"valueInteger":6}]"#) && text.contains(r#""twice","answer":[{"valueInteger":8}]"#) && text.contains(r#""sum","answer":[{"valueInteger":14}]"#), "{text}");
    // What it is calculated from has gone: so has it.
    let mut emptied = filling.clone();
    emptied.items.retain(|given| given.link_id == "sum");
    settle(&form, &mut emptied, &around(""));
    assert!(emptied.json().written().contains(r#"[{"valueInteger":0}]"#) || emptied.json().written() == "[]");
}

#[test]
fn what_is_not_asked_has_no_part_in_what_is_calculated() {
    let sum = format!(r#"{{"extension":[{{"url":"{SDC}calculatedExpression","valueExpression":{{"language":"text/fhirpath","expression":"%resource.descendants().where(linkId='n').answer.value.sum()"}}}}],"linkId":"sum","type":"integer"}}"#);
    let more = r#"{"linkId":"more","type":"group","enableWhen":[{"question":"smokes","operator":"=","answerBoolean":true}],"item":[{"linkId":"n","type":"integer"}]}"#;
    let form = form(&format!(r#"{{"linkId":"smokes","type":"boolean"}},{more},{sum}"#));
    let given = |smokes: bool| answers(&format!(r#"{{"linkId":"smokes","answer":[{{"valueBoolean":{smokes}}}]}},{{"linkId":"more","item":[{{"linkId":"n","answer":[{{"valueInteger":10}}]}}]}}"#));
    let told = |filling: &forms::Filling| filling.first("sum").and_then(|answer| answer.value.as_ref()).map(|value| value.json().written());
    for smokes in [true, false] {
        // The sum of nothing is nought, or nothing.
        let fits = |sum: Option<String>| if smokes { sum.as_deref() == Some("10") } else { sum.is_none_or(|sum| sum == "0") };
        let mut filling = given(smokes);
        settle(&form, &mut filling, &around(""));
        assert!(fits(told(&filling)), "{smokes}: {:?}", told(&filling));
        assert!(filling.first("n").is_some_and(|answer| answer.value.is_some()), "what was answered before is set aside, not lost");
        assert!(fits(told(&complete(&form, &given(smokes), &around(""), &Shipped).filling)), "{smokes}");
    }
}

#[test]
fn formulas_that_chase_each_other_or_never_end_are_stopped() {
    let calculated = |link_id: &str, text: &str| format!(r#"{{"extension":[{{"url":"{SDC}calculatedExpression","valueExpression":{{"language":"text/fhirpath","expression":"{text}"}}}}],"linkId":"{link_id}","type":"integer"}}"#);
    let of = |other: &str| format!("iif(%resource.item.where(linkId='{other}').answer.exists(), %resource.item.where(linkId='{other}').answer.value + 1, 0)");
    let form = form(&[calculated("a", &of("b")), calculated("b", &of("a")), calculated("c", "repeat(%resource.repeat(item)).count()")].join(","));
    let mut filling = answers("");
    settle(&form, &mut filling, &around(""));
    assert!(filling.first("a").is_some());
}

#[test]
fn a_form_begins_with_what_it_says_and_what_the_record_says_which_is_marked() {
    let initial = |text: &str, more: &str| format!(r#"{{"extension":[{{"url":"{SDC}initialExpression","valueExpression":{{"language":"text/fhirpath","expression":"{text}"}}}}{more}]"#);
    let form = form(&format!(
        r#"{},"linkId":"born","type":"date"}},{},"linkId":"sex","type":"string","readOnly":true}},{{"linkId":"n","type":"integer","initial":[{{"valueInteger":3}}]}},{{"linkId":"c","type":"choice","answerOption":[{{"valueCoding":{{"code":"x"}}}},{{"valueCoding":{{"code":"y"}},"initialSelected":true}}]}},
        {{"extension":[{{"url":"{SDC}itemPopulationContext","valueExpression":{{"name":"tel","language":"text/fhirpath","expression":"%patient.telecom"}}}}],"linkId":"g","type":"group","repeats":true,"item":[{},"linkId":"value","type":"string"}}]}}"#,
        initial("%patient.birthDate", ""),
        initial("%patient.gender", ""),
        initial("%tel.value", "")
    ));
    let patient = r#"{"resourceType":"Patient","birthDate":"1958-03-14","gender":"female","telecom":[{"value":"1"},{"value":"2"}]}"#;
    let filling = begin(&form, &around(patient));
    let mark = r#""extension":[{"url":"https://carnet.health/fhir/StructureDefinition/form-prefilled","valueBoolean":true}],"#;
    let expect = format!(
        r#"[{{"linkId":"born","answer":[{{{mark}"valueDate":"1958-03-14"}}]}},{{"linkId":"sex","answer":[{{"valueString":"female"}}]}},{{"linkId":"n","answer":[{{"valueInteger":3}}]}},{{"linkId":"c","answer":[{{"valueCoding":{{"code":"y"}}}}]}},{{"linkId":"g","item":[{{"linkId":"value","answer":[{{{mark}"valueString":"1"}}]}}]}},{{"linkId":"g","item":[{{"linkId":"value","answer":[{{{mark}"valueString":"2"}}]}}]}}]"#
    );
    assert_eq!(filling.json().written(), expect);
    // Without a patient it begins all the same.
    assert_eq!(begin(&form, &around("")).unconfirmed(), 0);
}

#[test]
fn rows_of_the_record_that_a_group_has_no_room_for_are_told() {
    let form = form(&format!(
        r#"{{"extension":[{{"url":"{SDC}itemPopulationContext","valueExpression":{{"name":"tel","language":"text/fhirpath","expression":"%patient.telecom"}}}},{{"url":"{CORE}questionnaire-maxOccurs","valueInteger":2}}],"linkId":"g","type":"group","repeats":true,"item":[{{"extension":[{{"url":"{SDC}initialExpression","valueExpression":{{"language":"text/fhirpath","expression":"%tel.value"}}}}],"linkId":"value","type":"string"}}]}}"#
    ));
    for (count, expected) in [(2, vec![]), (5, vec![("g".to_owned(), 3)])] {
        let telecom: Vec<String> = (0..count).map(|number| format!(r#"{{"value":"{number}"}}"#)).collect();
        let patient = format!(r#"{{"resourceType":"Patient","telecom":[{}]}}"#, telecom.join(","));
        let told = begun(&form, &around(&patient));
        assert_eq!((told.filling.items.len(), &told.left_out), (2, &expected), "{count}");
        let (mut laid, _) = lay_out(&form, &told.filling, &around(&patient), &Shipped);
        tell_left_out(&mut laid, &told.left_out);
        assert_eq!(laid[0].faults.iter().any(|fault| *fault == Fault::LeftOut(3)), count == 5);
    }
}

#[test]
fn a_day_out_of_the_record_is_the_day_on_which_it_was_here() {
    let form = form(&format!(r#"{{"extension":[{{"url":"{SDC}initialExpression","valueExpression":{{"language":"text/fhirpath","expression":"%patient.extension.value"}}}}],"linkId":"a","type":"date"}}"#));
    // A time in UTC is moved to the clock here; one with a zone of its own was told as the clock there showed it.
    for (value, day) in [("2026-03-02T03:30:00Z", "2026-03-01"), ("2026-03-02T03:30:00+07:00", "2026-03-02"), ("2026-03-02", "2026-03-02"), ("2026-03", "2026-03")] {
        let patient = format!(r#"{{"resourceType":"Patient","extension":[{{"url":"https://form.example/day","valueDateTime":"{value}"}}]}}"#);
        let here = Around { now: PartialDateTime::parse("2026-03-02T17:00:00.000-06:00"), ..around(&patient) };
        let begun = begin(&form, &here).json().written();
        assert!(begun.contains(&format!(r#""valueDate":"{day}""#)), "{value}: {begun}");
    }
}

fn type_into(form: &Form, before: &str, fields: &[(&str, &str)], act: Act) -> String {
    let fields: Vec<(String, String)> = fields.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    typed(form, &answers(before), &fields, &act, -360, "es", &Shipped).json().written()
}

#[test]
fn what_is_typed_becomes_answers_and_what_is_no_answer_is_kept_as_typed() {
    let check = |item: &str, fields: &[(&str, &str)], expect: &str| {
        let mut fields = fields.to_vec();
        fields.push(("p::a", "1"));
        let written = type_into(&form(item), "", &fields, Act::Save);
        let expect = if expect.is_empty() { "[]".to_owned() } else { format!(r#"[{{"linkId":"a","answer":[{expect}]}}]"#) };
        assert_eq!(written, expect, "{item} {fields:?}");
    };
    check(r#"{"linkId":"a","type":"decimal"}"#, &[("a::a", "36,6")], r#"{"valueDecimal":36.6}"#);
    check(r#"{"linkId":"a","type":"integer"}"#, &[("a::a", "a lot")], r#"{"extension":[{"url":"https://carnet.health/fhir/StructureDefinition/form-typed","valueString":"a lot"}]}"#);
    let kept = |text: &str| format!(r#"{{"extension":[{{"url":"https://carnet.health/fhir/StructureDefinition/form-typed","valueString":"{text}"}}]}}"#);
    for text in ["5,000", "1.500", "1.500,25", "3000000000", "-2147483649"] {
        check(r#"{"linkId":"a","type":"integer"}"#, &[("a::a", text)], &kept(text));
    }
    for text in ["5,000", "1.500", "1.500,25"] {
        check(r#"{"linkId":"a","type":"decimal"}"#, &[("a::a", text)], &kept(text));
        check(r#"{"linkId":"a","type":"quantity"}"#, &[("a::a", text)], &kept(text));
    }
    check(r#"{"linkId":"a","type":"integer"}"#, &[("a::a", "2147483647")], r#"{"valueInteger":2147483647}"#);
    check(r#"{"linkId":"a","type":"decimal"}"#, &[("a::a", "3000000000")], r#"{"valueDecimal":3000000000}"#);
    check(r#"{"linkId":"a","type":"date"}"#, &[("a::a", "2/3/2026")], r#"{"valueDate":"2026-03-02"}"#);
    check(r#"{"linkId":"a","type":"dateTime"}"#, &[("a::a", "2026-03-02T08:30")], r#"{"valueDateTime":"2026-03-02T08:30:00-06:00"}"#);
    check(r#"{"linkId":"a","type":"time"}"#, &[("a::a", "8:30")], r#"{"valueTime":"08:30:00"}"#);
    check(r#"{"linkId":"a","type":"text"}"#, &[("a::a", "one\r\ntwo \"three\" <b>\r\n")], r#"{"valueString":"one\ntwo \"three\" <b>"}"#);
    check(r#"{"linkId":"a","type":"boolean"}"#, &[("a::a", "false")], r#"{"valueBoolean":false}"#);
    check(r#"{"linkId":"a","type":"string","repeats":true}"#, &[("a::a", "x"), ("a::a", " "), ("a::a", "y")], r#"{"valueString":"x"},{"valueString":"y"}"#);
    check(r#"{"linkId":"a","type":"string"}"#, &[("a::a", "x"), ("a::a", "y")], r#"{"valueString":"x"}"#);
    let choice = r#"{"linkId":"a","type":"open-choice","answerOption":[{"valueCoding":{"code":"x"}},{"valueCoding":{"code":"y"}}]}"#;
    check(choice, &[("a::a", "c1")], r#"{"valueCoding":{"code":"y"}}"#);
    check(choice, &[("a::a", "c7")], r#"{"extension":[{"url":"https://carnet.health/fhir/StructureDefinition/form-typed","valueString":"c7"}]}"#);
    check(choice, &[("o::a", "something else")], r#"{"valueString":"something else"}"#);
    check(r#"{"linkId":"a","type":"choice","answerValueSet":"http://hl7.org/fhir/ValueSet/administrative-gender"}"#, &[("a::a", "http://hl7.org/fhir/administrative-gender|female")], r#"{"valueCoding":{"system":"http://hl7.org/fhir/administrative-gender","code":"female","display":"Female"}}"#);
    let quantity = format!(r#"{{"extension":[{{"url":"{CORE}questionnaire-unitOption","valueCoding":{{"code":"kg"}}}},{{"url":"{CORE}questionnaire-unitOption","valueCoding":{{"code":"g"}}}}],"linkId":"a","type":"quantity"}}"#);
    check(&quantity, &[("a::a", "3"), ("u::a", "1")], r#"{"valueQuantity":{"value":3,"unit":"g","code":"g"}}"#);
    let absent = r#"{"extension":[{"url":"https://carnet.health/fhir/StructureDefinition/form-absent","valueCode":"unknown"}],"linkId":"a","type":"string"}"#;
    check(absent, &[("x::a", "unknown")], r#"{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]}"#);
    check(absent, &[("x::a", "not-asked")], "");
    check(absent, &[("x::a", "unknown"), ("a::a", "said")], r#"{"valueString":"said"}"#);
    check(r#"{"linkId":"a","type":"string","readOnly":true}"#, &[("a::a", "forged")], "");
}

#[test]
fn a_code_is_found_in_a_value_set_of_any_size() {
    // The ones that are meant come last, and begin like all the others.
    let codes = (0..300).map(|number| format!("A{number:03}")).chain(["A".to_owned(), "<".to_owned()]).map(|code| format!(r#"{{"code":"{code}","display":"Word {code}"}}"#)).collect::<Vec<_>>();
    let form = Form::read(&format!(
        r##"{{"resourceType":"Questionnaire","url":"u","status":"active","contained":[{{"resourceType":"ValueSet","id":"big","status":"active","compose":{{"include":[{{"system":"urn:codes","concept":[{}]}}]}}}}],"item":[{{"linkId":"a","type":"choice","answerValueSet":"#big"}}]}}"##,
        codes.join(",")
    ))
    .unwrap();
    for code in ["A", "A000", "A299", "<"] {
        for system in ["urn:codes", ""] {
            let written = type_into(&form, "", &[("p::a", "1"), ("a::a", &format!("{system}|{code}"))], Act::Save);
            assert_eq!(written, format!(r#"[{{"linkId":"a","answer":[{{"valueCoding":{{"system":"urn:codes","code":"{code}","display":"Word {code}"}}}}]}}]"#), "{system}|{code}");
        }
    }
    for typed in ["urn:codes|A300", "urn:codes|a", "urn:other|A", "urn:codes|", "A"] {
        assert!(type_into(&form, "", &[("p::a", "1"), ("a::a", typed)], Act::Save).contains("form-typed"), "{typed}");
    }
}

#[test]
fn a_text_that_is_too_long_is_kept_whole_and_told() {
    for item in [r#"{"linkId":"a","type":"text"}"#, r#"{"linkId":"a","type":"string"}"#] {
        let form = form(item);
        let written = |length: usize| type_into(&form, "", &[("p::a", "1"), ("a::a", &"ñ".repeat(length))], Act::Save);
        assert!(written(20_000).contains("\"valueString\":\"ñ") && !written(20_000).contains("form-typed"));
        let long = written(20_001);
        assert!(long.contains("form-typed") && long.contains(&"ñ".repeat(20_001)), "nothing of it is lost");
        assert_eq!(faults(&form, &answers(long.trim_start_matches('[').trim_end_matches(']'))), [":a too-long 20000"]);
    }
}

#[test]
fn what_is_typed_beside_a_button_that_was_pressed_before_is_meant() {
    let form = form(r#"{"linkId":"a","type":"open-choice","answerOption":[{"valueCoding":{"code":"x"}},{"valueCoding":{"code":"y"}}]}"#);
    let coded = r#"{"linkId":"a","answer":[{"valueCoding":{"code":"x"}}]}"#;
    let other = r#"{"linkId":"a","answer":[{"valueString":"something else"}]}"#;
    for (before, button, beside, expect) in [
        (coded, "c0", "something else", other),
        (coded, "c0", "", coded),
        // Another button was pressed: it is meant, and what stood beside goes.
        (other, "c0", "something else", coded),
    ] {
        assert_eq!(type_into(&form, before, &[("p::a", "1"), ("a::a", button), ("o::a", beside)], Act::Save), format!("[{expect}]"), "{before} {button} {beside}");
    }
}

#[test]
fn a_field_that_is_sent_as_it_was_shown_changes_nothing() {
    let form = form(r#"{"linkId":"a","type":"decimal"},{"linkId":"b","type":"quantity"}"#);
    let before = r#"{"linkId":"a","answer":[{"valueDecimal":1.500}]},{"linkId":"b","answer":[{"valueQuantity":{"value":2.125}}]}"#;
    let sent = |language: &str, a: &str, b: &str| {
        let fields: Vec<(String, String)> = [("p::a", "1"), ("a::a", a), ("p::b", "1"), ("a::b", b)].map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        typed(&form, &answers(before), &fields, &Act::Save, 0, language, &Shipped).json().written()
    };
    for language in ["vi", "ru"] {
        assert_eq!(sent(language, "1,500", "2,125"), format!("[{before}]"), "{language}");
        assert!(sent(language, "1.500", "2,125").contains("form-typed"), "{language}");
    }
    assert_eq!(sent("es", "1.500", "2.125"), format!("[{before}]"));
    assert!(sent("es", "1,500", "2.125").contains(r#""valueString":"1,500""#));
}

#[test]
fn what_was_not_on_the_page_stays_and_prefilled_answers_wait_until_they_are_confirmed() {
    let form = form(r#"{"linkId":"a","type":"string"},{"linkId":"b","type":"string"}"#);
    let marked = r#"{"linkId":"a","answer":[{"extension":[{"url":"https://carnet.health/fhir/StructureDefinition/form-prefilled","valueBoolean":true}],"valueString":"x"}]},{"linkId":"b","answer":[{"valueString":"stays"}]}"#;
    let same = |fields: &[(&str, &str)], act: Act| type_into(&form, marked, fields, act);
    assert_eq!(same(&[("p::a", "1"), ("a::a", "x")], Act::Save), format!("[{marked}]"));
    let confirmed = r#"[{"linkId":"a","answer":[{"valueString":"x"}]},{"linkId":"b","answer":[{"valueString":"stays"}]}]"#;
    assert_eq!(same(&[("p::a", "1"), ("a::a", "x"), ("k::a", "1")], Act::Save), confirmed);
    assert_eq!(same(&[("p::a", "1"), ("a::a", "x")], Act::Confirm), confirmed);
    assert_eq!(same(&[], Act::Confirm), confirmed);
    assert!(same(&[("p::a", "1"), ("a::a", "other")], Act::Save).starts_with(r#"[{"linkId":"a","answer":[{"valueString":"other"}]}"#));
}

#[test]
fn rows_come_and_go_and_keep_what_was_typed_into_them() {
    let form = form(r#"{"linkId":"g","type":"group","repeats":true,"item":[{"linkId":"a","type":"string"}]}"#);
    let fields = [("r::g", "2"), ("p:0:a", "1"), ("a:0:a", "x"), ("p:1:a", "1"), ("a:1:a", "y")];
    let row = |text: &str| format!(r#"{{"linkId":"g","item":[{{"linkId":"a","answer":[{{"valueString":"{text}"}}]}}]}}"#);
    assert_eq!(type_into(&form, "", &fields, Act::Save), format!("[{},{}]", row("x"), row("y")));
    assert_eq!(type_into(&form, "", &fields, Act::Remove(":g".into(), 0)), format!("[{}]", row("y")));
    let fields: Vec<(String, String)> = fields.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    let added = typed(&form, &answers(""), &fields, &Act::Add(":g".into()), 0, "es", &Shipped);
    assert_eq!(added.items.len(), 3);
    // Nobody makes a million rows.
    let hostile = typed(&form, &answers(""), &[("r::g".to_owned(), "99999999".to_owned())], &Act::Save, 0, "es", &Shipped);
    assert!(hostile.items.len() <= 200);
}

#[test]
fn two_fillings_tell_where_they_differ() {
    let left = answers(r#"{"linkId":"a","answer":[{"valueString":"1"}]},{"linkId":"g","item":[{"linkId":"b","answer":[{"valueString":"2"}]}]}"#);
    let right = answers(r#"{"linkId":"a","answer":[{"valueString":"1"}]},{"linkId":"g","item":[{"linkId":"b","answer":[{"valueString":"3"}]}]},{"linkId":"c","answer":[{"valueString":"4"}]}"#);
    assert_eq!(differences(&left, &right), ["b", "c"]);
    assert_eq!(differences(&left, &left), [""; 0]);
}

#[test]
fn what_is_no_form_is_refused_and_what_is_flawed_says_so() {
    for text in ["", "[]", "{}", r#"{"resourceType":"Patient"}"#, "{\"resourceType\":\"Questionnaire\""] {
        assert!(Form::read(text).is_err(), "{text}");
    }
    let text = r#"{"resourceType":"Questionnaire","status":"active","item":[{"linkId":"a","type":"string"},{"linkId":"a","type":"string"},{"linkId":"b","type":"question"},{"type":"string"},{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/regex","valueString":"(((("}],"linkId":"c","type":"string"},{"extension":[{"url":"http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression","valueExpression":{"language":"text/cql","expression":"x"}}],"linkId":"d","type":"string"}]}"#;
    let form = Form::read(text).unwrap();
    assert_eq!((form.items.len(), form.issues.len()), (3, 5));
    let _ = Json::read(text).unwrap();
}
