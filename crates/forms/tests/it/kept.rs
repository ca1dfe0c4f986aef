//! What a page shows less of than there is: it comes back as it was, and still wants to be confirmed.

use super::{Shipped, answers, around, faults, form};
use forms::{Act, begin, typed};

const MARK: &str = r#""extension":[{"url":"https://carnet.health/fhir/StructureDefinition/form-prefilled","valueBoolean":true}],"#;
const CORE: &str = "http://hl7.org/fhir/StructureDefinition/";
const SDC: &str = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-";
const UCUM: &str = r#""system":"http://unitsofmeasure.org""#;

/// The answers after a page with one question was sent; the site lies seven hours east.
fn sent(item: &str, before: &str, fields: &[(&str, &str)]) -> String {
    let before = answers(&format!(r#"{{"linkId":"a","answer":[{before}]}}"#));
    let fields: Vec<(String, String)> = fields.iter().chain(&[("p::a", "1")]).map(|(name, value)| (name.to_string(), value.to_string())).collect();
    let written = typed(&form(item), &before, &fields, &Act::Save, 420, "es", &Shipped).json().written();
    written.strip_prefix(r#"[{"linkId":"a","answer":["#).and_then(|rest| rest.strip_suffix("]}]")).unwrap_or(&written).to_owned()
}

#[test]
fn what_nobody_touched_stays_as_it_was() {
    let item = |kind: &str| format!(r#"{{"linkId":"a","type":"{kind}"}}"#);
    for (kind, value, shown) in [
        ("dateTime", r#""valueDateTime":"2026-03-02T07:15:42+07:00""#, "2026-03-02T07:15"),
        ("dateTime", r#""valueDateTime":"2026-03-02T00:15:42.5Z""#, "2026-03-02T00:15:42.5Z"),
        ("dateTime", r#""valueDateTime":"2026-03""#, "2026-03"),
        ("time", r#""valueTime":"08:05:30""#, "08:05"),
        ("string", r#""valueString":" two\nlines ""#, " twolines "),
        ("text", r#""valueString":"two\nlines\n""#, "two\r\nlines\r\n"),
        ("reference", r#""valueReference":{"reference":"Practitioner/1","display":"Dr. A"}"#, "Practitioner/1"),
    ] {
        let before = format!("{{{MARK}{value}}}");
        assert_eq!(sent(&item(kind), &before, &[("a::a", shown)]), before, "{kind} {shown}");
    }
    for (kind, value, typed, expect) in [
        ("dateTime", r#""valueDateTime":"2026-03-02T07:15:42+07:00""#, "2026-03-02T07:16", r#"{"valueDateTime":"2026-03-02T07:16:00+07:00"}"#),
        ("time", r#""valueTime":"08:05:30""#, "08:06", r#"{"valueTime":"08:06:00"}"#),
        ("string", r#""valueString":" two\nlines ""#, "two lines", r#"{"valueString":"two lines"}"#),
    ] {
        assert_eq!(sent(&item(kind), &format!("{{{MARK}{value}}}"), &[("a::a", typed)]), expect, "{kind} {typed}");
    }
    // The same code is the same answer, in whatever words it was given.
    let choice = r#"{"linkId":"a","type":"choice","answerValueSet":"http://hl7.org/fhir/ValueSet/administrative-gender"}"#;
    let before = format!(r#"{{{MARK}"valueCoding":{{"system":"http://hl7.org/fhir/administrative-gender","version":"4.0.1","code":"female","display":"Mujer"}}}}"#);
    assert_eq!(sent(choice, &before, &[("a::a", "http://hl7.org/fhir/administrative-gender|female")]), before);
    assert!(sent(choice, &before, &[("a::a", "http://hl7.org/fhir/administrative-gender|male")]).contains(r#""code":"male""#));
}

#[test]
fn a_bound_is_no_amount() {
    let item = format!(r#"{{"extension":[{{"url":"{CORE}questionnaire-unitOption","valueCoding":{{{UCUM},"code":"mg/L","display":"mg/L"}}}}],"linkId":"a","type":"quantity"}}"#);
    let bound = format!(r#"{{{MARK}"valueQuantity":{{"value":0.5,"comparator":"<","unit":"mg/L",{UCUM},"code":"mg/L"}}}}"#);
    assert_eq!(sent(&item, &bound, &[("a::a", "<0.5")]), bound);
    assert_eq!(sent(&item, &bound, &[("a::a", "0.5")]), format!(r#"{{"valueQuantity":{{"value":0.5,"unit":"mg/L",{UCUM},"code":"mg/L"}}}}"#));
    assert!(sent(&item, &bound, &[("a::a", "<0.6")]).contains("form-typed"));
    // Begun with, it stays one, and no number is made of it.
    let patient = format!(r#"{{"resourceType":"Patient","extension":[{{"url":"https://form.example/result","valueQuantity":{{"value":0.5,"comparator":"<","unit":"mg/L",{UCUM},"code":"mg/L"}}}}]}}"#);
    let initial = format!(r#"{{"url":"{SDC}initialExpression","valueExpression":{{"language":"text/fhirpath","expression":"%patient.extension.value"}}}}"#);
    let begun = |item: &str| begin(&form(item), &around(&patient)).json().written();
    assert_eq!(begun(&item.replacen(r#""extension":["#, &format!(r#""extension":[{initial},"#), 1)), format!(r#"[{{"linkId":"a","answer":[{bound}]}}]"#));
    assert_eq!(begun(&format!(r#"{{"extension":[{initial}],"linkId":"a","type":"decimal"}}"#)), "[]");
}

#[test]
fn a_unit_that_is_not_offered_stays_until_another_one_is_chosen() {
    let unit = |code: &str| format!(r#"{{"url":"{CORE}questionnaire-unitOption","valueCoding":{{{UCUM},"code":"{code}","display":"{code}"}}}}"#);
    let one = format!(r#"{{"extension":[{}],"linkId":"a","type":"quantity"}}"#, unit("kg"));
    let own = format!(r#"{{{MARK}"valueQuantity":{{"value":3,"unit":"boxes"}}}}"#);
    assert_eq!(sent(&one, &own, &[("a::a", "3"), ("u::a", "")]), own);
    assert_eq!(sent(&one, &own, &[("a::a", "4"), ("u::a", "")]), r#"{"valueQuantity":{"value":4,"unit":"boxes"}}"#);
    assert_eq!(sent(&one, &own, &[("a::a", "3"), ("u::a", "0")]), format!(r#"{{"valueQuantity":{{"value":3,"unit":"kg",{UCUM},"code":"kg"}}}}"#));
    // Where no unit is asked for, the one that stands there goes on with the number.
    assert_eq!(sent(r#"{"linkId":"a","type":"quantity"}"#, &own, &[("a::a", "4")]), r#"{"valueQuantity":{"value":4,"unit":"boxes"}}"#);
    assert_eq!(faults(&form(&one), &answers(r#"{"linkId":"a","answer":[{"valueQuantity":{"value":3,"unit":"boxes"}}]}"#)), [":a unit-not-offered"]);
}

#[test]
fn what_the_record_says_in_another_unit_is_told_in_one_that_is_asked_for() {
    let asked = |kind: &str| {
        let unit = if kind == "quantity" { "questionnaire-unitOption" } else { "questionnaire-unit" };
        form(&format!(
            r#"{{"extension":[{{"url":"{CORE}{unit}","valueCoding":{{{UCUM},"code":"kg","display":"kg"}}}},{{"url":"{SDC}initialExpression","valueExpression":{{"language":"text/fhirpath","expression":"%patient.extension.value"}}}}],"linkId":"a","type":"{kind}"}}"#
        ))
    };
    let begun = |kind: &str, quantity: &str| {
        let patient = format!(r#"{{"resourceType":"Patient","extension":[{{"url":"https://form.example/weight","valueQuantity":{quantity}}}]}}"#);
        begin(&asked(kind), &around(&patient)).json().written()
    };
    let amount = |value: &str, code: &str| format!(r#"{{"value":{value},"unit":"{code}",{UCUM},"code":"{code}"}}"#);
    for (quantity, kilograms) in [(amount("3250", "g"), "3.25"), (amount("61.5", "kg"), "61.5")] {
        assert_eq!(begun("quantity", &quantity), format!(r#"[{{"linkId":"a","answer":[{{{MARK}"valueQuantity":{}}}]}}]"#, amount(kilograms, "kg")), "{quantity}");
        assert_eq!(begun("decimal", &quantity), format!(r#"[{{"linkId":"a","answer":[{{{MARK}"valueDecimal":{kilograms}}}]}}]"#), "{quantity}");
    }
    // What cannot be told in it is seen as it is; a number alone would say something else.
    let boxes = r#"{"value":3,"unit":"boxes"}"#;
    assert_eq!(begun("quantity", boxes), format!(r#"[{{"linkId":"a","answer":[{{{MARK}"valueQuantity":{boxes}}}]}}]"#));
    assert_eq!(begun("decimal", boxes), "[]");
}
