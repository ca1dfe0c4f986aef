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
use fhir::{IssueCode, Reference, ResourceType, Value, is_id};
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
    let encounter = context(&call, "encounter");
    let own = match (call.place, form.url.is_empty()) {
        (Place::Instance(_, id), true) => format!("Questionnaire/{id}"),
        _ => form.canonical(),
    };
    let response = asked.chart.populated(asked.caller, &form, &own, &subject, encounter.as_deref()).await?;
    let mut out = format!("{{\"resourceType\":\"Parameters\",\"parameter\":[{{\"name\":\"response\",\"resource\":{response}}}");
    tell(&form.issues, &mut out);
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

/// The id of the Encounter that is handed in under a name.
fn context(call: &Call<'_>, name: &str) -> Option<String> {
    let part = |parameter: Value<'_>, wanted: &str| parameter.get("part").and_then(|parts| parts.items().find(|part| part.string("name").as_deref() == Some(wanted)).map(|part| part.raw().to_owned()));
    let all = call.input.all("context").chain(call.input.all("launchContext"));
    for parameter in all {
        let is_it = part(parameter, "name").is_some_and(|raw| raw.contains(&format!("\"{name}\"")));
        let Some(content) = part(parameter, "content").filter(|_| is_it) else { continue };
        let json = forms::Json::read(&content).ok()?;
        let reference = json.get("valueReference").and_then(|value| value.string("reference")).and_then(|text| text.strip_prefix("Encounter/")).map(str::to_owned);
        let resource = json.get("resource").and_then(|resource| resource.string("id")).map(str::to_owned);
        return reference.or(resource).filter(|id| is_id(id));
    }
    None
}
