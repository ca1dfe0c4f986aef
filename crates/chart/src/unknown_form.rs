//! A form for reading what was completed, where the one it answers is not held here.
//!
//! * It is made of the answers alone: what is asked is called as the response calls it, by its text or else by its
//!   linkId. So nothing that was signed is unreadable because a form is missing.
//! * It knows no rule, no choice and no name in another language. Nothing is begun, amended, signed or certified with it.

use ::forms::{Form, Json};

/// The form of a response; none where the response says nothing that could be read.
pub(crate) fn of(response: &Json) -> Option<Form> {
    let canonical = response.string("questionnaire").unwrap_or_default();
    let title = canonical.split('|').next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
    let title = if title.is_empty() { "QuestionnaireResponse" } else { title };
    let mut form = Json::object([("resourceType", Json::text("Questionnaire")), ("status", Json::text("unknown")), ("title", Json::text(title))]);
    let asked = items(&response.each("item").iter().collect::<Vec<_>>());
    if !asked.is_empty() {
        form.set("item", Json::List(asked));
    }
    Form::read(&form.written()).ok()
}

/// One item for each linkId, in the order in which they are first answered: rows of a group are one item.
fn items(given: &[&Json]) -> Vec<Json> {
    let mut names: Vec<&str> = Vec::new();
    for name in given.iter().filter_map(|one| one.string("linkId")) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.into_iter().map(|name| item(name, &given.iter().copied().filter(|one| one.string("linkId") == Some(name)).collect::<Vec<_>>())).collect()
}

fn item(name: &str, rows: &[&Json]) -> Json {
    let answers: Vec<&Json> = rows.iter().flat_map(|row| row.each("answer")).collect();
    let below: Vec<&Json> = rows.iter().flat_map(|row| row.each("item")).chain(answers.iter().flat_map(|answer| answer.each("item"))).collect();
    let text = rows.iter().find_map(|row| row.string("text")).unwrap_or(name);
    let kind = match answers.iter().find_map(|answer| answer.choice("value")) {
        Some((member, _)) => kind_of(member),
        None if answers.is_empty() => "group",
        // Only why there is no answer.
        None => "string",
    };
    let mut item = Json::object([("linkId", Json::text(name)), ("text", Json::text(text)), ("type", Json::text(kind))]);
    let below = items(&below);
    if !below.is_empty() {
        item.set("item", Json::List(below));
    }
    item
}

/// The type of an item that is answered with a value of this member.
fn kind_of(member: &str) -> &'static str {
    match member {
        "valueBoolean" => "boolean",
        "valueDecimal" => "decimal",
        "valueInteger" => "integer",
        "valueDate" => "date",
        "valueDateTime" => "dateTime",
        "valueTime" => "time",
        "valueUri" => "url",
        "valueAttachment" => "attachment",
        "valueCoding" => "open-choice",
        "valueQuantity" => "quantity",
        "valueReference" => "reference",
        _ => "text",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_answered_is_read_without_its_form() {
        let response = Json::read(
            r#"{"resourceType":"QuestionnaireResponse","questionnaire":"https://form.example/leave|2","status":"completed","item":[
            {"linkId":"from","text":"First day","answer":[{"valueDate":"2026-03-02"}]},
            {"linkId":"drug","item":[{"linkId":"name","answer":[{"valueString":"A"}]}]},
            {"linkId":"drug","item":[{"linkId":"name","answer":[{"valueString":"B"}]},{"linkId":"dose","answer":[{"valueQuantity":{"value":1}}]}]},
            {"linkId":"why","answer":[{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]}]}]}"#,
        )
        .unwrap();
        let form = of(&response).unwrap();
        assert!(form.issues.is_empty(), "{:?}", form.issues);
        assert_eq!(form.title.told("en"), "leave");
        let names: Vec<&str> = form.items.iter().map(|item| item.link_id.as_str()).collect();
        assert_eq!(names, ["from", "drug", "why"]);
        assert_eq!(form.items[0].text.told("en"), "First day");
        assert_eq!(form.items[1].items.iter().map(|item| item.link_id.as_str()).collect::<Vec<_>>(), ["name", "dose"]);
        assert!(form.certificate.is_none() && form.items.iter().all(|item| !item.is_withheld));
    }

    #[test]
    fn a_response_that_says_nothing_has_an_empty_form() {
        assert!(of(&Json::read(r#"{"resourceType":"QuestionnaireResponse"}"#).unwrap()).is_some_and(|form| form.items.is_empty()));
    }
}
