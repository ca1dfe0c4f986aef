//! `GET|POST /Questionnaire/{id}/$populate`, `/Questionnaire/$populate`: a response with what the
//! record knows, each such answer marked as not confirmed.
//! http://hl7.org/fhir/uv/sdc/OperationDefinition/Questionnaire-populate
//!
//! * Nothing is kept.
//! * A form asks about the person it is populated for, whatever its searches say.

use super::extract::tell;
use super::{At, Call, Operation, Place, Reads};
use crate::answer::{Answer, Payload};
use crate::asked::Asked;
use crate::outcome::Trouble;
use fhir::{Issue, IssueCode, Reference, ResourceType, Value, is_id};
use forms::Form;

pub(crate) const OPERATION: Operation = Operation {
    name: "populate",
    definition: "http://hl7.org/fhir/uv/sdc/OperationDefinition/Questionnaire-populate",
    at: &[At::Type(&["Questionnaire"]), At::Instance(&["Questionnaire"])],
    methods: "GET, HEAD, POST",
    parameters: &["questionnaire", "canonical", "subject", "context", "local", "launchContext"],
    reads: Reads::Parameters,
    run: |asked, call| Box::pin(populate(asked, call)),
};

async fn populate(asked: &mut Asked<'_>, call: Call<'_>) -> Result<Answer, Trouble> {
    let refused = |name: &str, code, message: &str| Trouble::malformed(code, message).at(&format!("http.{name}"));
    // What the record knows is all there is to populate from.
    if asked.parameters.first("local").is_some_and(|local| local != "true") {
        return Err(refused("local", IssueCode::NotSupported, "A form is populated from the record: local is true, or left out."));
    }
    let sent = call.input.all("questionnaire").find_map(|parameter| parameter.get("resource"));
    let canonical = asked.parameters.first("canonical").map(str::to_owned);
    let named = [sent.is_some(), canonical.is_some(), matches!(call.place, Place::Instance(..))].into_iter().filter(|is| *is).count();
    if named != 1 {
        return Err(refused("questionnaire", IssueCode::Required, "Name one Questionnaire: in the address, by canonical, or in questionnaire."));
    }
    let text = match (call.place, sent, &canonical) {
        (Place::Instance(_, id), ..) => {
            let kind = ResourceType::named("Questionnaire").ok_or_else(Trouble::inside)?;
            asked.chart.read(asked.caller, kind, id).await?.text
        }
        (_, Some(sent), _) => sent.raw().to_owned(),
        (_, _, Some(canonical)) => asked.chart.form_text(asked.caller, canonical)?,
        _ => return Err(Trouble::inside()),
    };
    let form = Form::read(&text).map_err(|issue| Trouble::malformed_by(vec![issue]))?;
    let subject = subject(asked, &call).ok_or_else(|| refused("subject", IssueCode::Required, "subject is a reference to the Patient the form is about."))?;
    let (encounter, others) = contexts(&call, &subject, &asked.base())?;
    let own = match (call.place, form.url.is_empty()) {
        (Place::Instance(_, id), true) => format!("Questionnaire/{id}"),
        _ => form.canonical(),
    };
    let response = asked.chart.populated(asked.caller, &form, &own, &subject, encounter.as_deref()).await?;
    let mut out = format!("{{\"resourceType\":\"Parameters\",\"parameter\":[{{\"name\":\"response\",\"resource\":{response}}}");
    let mut issues = form.issues;
    if others > 0 {
        issues.push(Issue::information(IssueCode::NotSupported, "Parameters.parameter", format!("Contexts other than patient and encounter were passed over: {others}.")));
    }
    tell(&issues, &mut out);
    out.push_str("]}");
    Ok(Answer::ok(Payload::Text(out)))
}

/// The id of the person: by a reference in the body, or by text in the address.
fn subject(asked: &Asked<'_>, call: &Call<'_>) -> Option<String> {
    let in_body = call.input.value("subject").and_then(|(_, value)| value.string("reference").map(|text| text.into_owned()));
    let text = in_body.or_else(|| asked.parameters.first("subject").map(str::to_owned))?;
    patient_of(&text, &asked.base())
}

fn patient_of(text: &str, base: &str) -> Option<String> {
    match Reference::within(text, base) {
        Reference::Local { kind, id, .. } if kind == ResourceType::PATIENT && is_id(id) => Some(id.to_owned()),
        _ => None,
    }
}

/// The id of the Encounter that is handed in, and how many contexts there are at which nobody looks.
fn contexts(call: &Call<'_>, subject: &str, base: &str) -> Result<(Option<String>, usize), Trouble> {
    let wrong = |message: &str| Trouble::malformed(IssueCode::Value, message).at("Parameters.parameter");
    let (mut encounter, mut others) = (None, 0);
    for context in call.input.all("context").chain(call.input.all("launchContext")) {
        let parts: Vec<Value<'_>> = context.get("part").into_iter().flat_map(|parts| parts.items()).collect();
        let part = |wanted: &str| parts.iter().copied().find(|part| part.string("name").as_deref() == Some(wanted));
        let name = part("name").and_then(|part| part.members().find(|(member, _)| member.starts_with("value"))).and_then(|(_, value)| value.as_str());
        let name = name.ok_or_else(|| wrong("A context has the parts name, which is text, and content."))?;
        let content = part("content").and_then(|content| content_of(content, base));
        match (&*name, content) {
            ("patient", Some((ResourceType::PATIENT, id))) if id == subject => {}
            ("patient", _) => return Err(wrong("The context patient is the Patient that subject names.")),
            ("encounter", Some((ResourceType::ENCOUNTER, id))) if encounter.is_none() => encounter = Some(id),
            ("encounter", _) => return Err(wrong("The context encounter is one Encounter of this server: a reference to it, or the resource with its id.")),
            _ => others += 1,
        }
    }
    Ok((encounter, others))
}

/// What a context hands in: a resource, or a reference to one of this server.
fn content_of(content: Value<'_>, base: &str) -> Option<(ResourceType, String)> {
    if let Some(resource) = content.get("resource") {
        let kind = ResourceType::named(&resource.string("resourceType")?)?;
        return Some((kind, resource.string("id").filter(|id| is_id(id))?.into_owned()));
    }
    let text = content.get("valueReference")?.string("reference")?;
    let (kind, id) = Reference::within(&text, base).local()?;
    Some((kind, id.to_owned()))
}
