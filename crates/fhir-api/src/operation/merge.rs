//! `POST /Patient/$merge`, `POST /Patient/{id}/$unmerge`: two Patients that are one person.
//! After the draft of HL7 (<https://build.fhir.org/patient-operation-merge.html>); R4 has no such
//! operation. `reason` is ours: nobody joins two records without saying why.
//!
//! `POST /$correct-person`: entries that were written to the wrong chart. Ours.

use std::fmt::Write;

use fhir::splice::write_string;
use fhir::{IssueCode, Reference, ResourceType, Value};

use super::{At, Call, Operation, Place, Reads};
use crate::answer::{Answer, Payload};
use crate::asked::Asked;
use crate::outcome::Trouble;

pub(crate) const MERGE: Operation = Operation {
    name: "merge",
    definition: "http://hl7.org/fhir/OperationDefinition/Patient-merge",
    at: &[At::Type(&["Patient"])],
    methods: "POST",
    parameters: &["source-patient", "target-patient", "reason"],
    reads: Reads::Parameters,
    run: |asked, call| Box::pin(merge(asked, call)),
};

pub(crate) const UNMERGE: Operation = Operation {
    name: "unmerge",
    definition: "https://carnet.health/fhir/OperationDefinition/unmerge",
    at: &[At::Instance(&["Patient"])],
    methods: "POST",
    parameters: &["reason"],
    reads: Reads::Parameters,
    run: |asked, call| Box::pin(unmerge(asked, call)),
};

pub(crate) const CORRECT_PERSON: Operation = Operation {
    name: "correct-person",
    definition: "https://carnet.health/fhir/OperationDefinition/correct-person",
    at: &[At::System],
    methods: "POST",
    parameters: &["entry", "patient", "reason"],
    reads: Reads::Parameters,
    run: |asked, call| Box::pin(correct_person(asked, call)),
};

async fn merge(asked: &mut Asked<'_>, call: Call<'_>) -> Result<Answer, Trouble> {
    let source = patient(&call, "source-patient", asked)?;
    let target = patient(&call, "target-patient", asked)?;
    let merged = asked.chart.merge(asked.caller, &target, &source, &reason(asked)?).await?;
    let text = format!("{{\"resourceType\":\"Parameters\",\"parameter\":[{{\"name\":\"result\",\"resource\":{}}},{{\"name\":\"source\",\"resource\":{}}}]}}", merged.stays.text, merged.replaced.text);
    Ok(Answer::ok(Payload::Text(text)))
}

async fn unmerge(asked: &mut Asked<'_>, call: Call<'_>) -> Result<Answer, Trouble> {
    let Place::Instance(_, id) = call.place else { return Err(Trouble::inside()) };
    let unmerged = asked.chart.unmerge(asked.caller, id, &reason(asked)?).await?;
    let mut text = format!("{{\"resourceType\":\"Parameters\",\"parameter\":[{{\"name\":\"result\",\"resource\":{}}},{{\"name\":\"target\",\"resource\":{}}}", unmerged.restored.text, unmerged.stayed.text);
    for later in &unmerged.later {
        let _ = write!(text, ",{{\"name\":\"later\",\"part\":[{{\"name\":\"entry\",\"valueReference\":{{\"reference\":\"{}/{}\"}}}},{{\"name\":\"patient\",\"valueReference\":{{\"reference\":\"Patient/{}\"}}}}", later.stored.kind, later.stored.id, later.patient);
        if later.is_deleted() {
            text.push_str(",{\"name\":\"deleted\",\"valueBoolean\":true}");
        }
        text.push_str("]}");
    }
    text.push_str("]}");
    Ok(Answer::ok(Payload::Text(text)))
}

async fn correct_person(asked: &mut Asked<'_>, call: Call<'_>) -> Result<Answer, Trouble> {
    let to = patient(&call, "patient", asked)?;
    let mut entries: Vec<(ResourceType, String)> = Vec::new();
    for entry in call.input.all("entry") {
        entries.push(reference(entry, asked).ok_or_else(|| wrong("entry", IssueCode::Value))?);
    }
    if entries.is_empty() {
        return Err(wrong("entry", IssueCode::Required));
    }
    let written = asked.chart.correct_person(asked.caller, &entries, &to, &reason(asked)?).await?;
    let mut text = String::from("{\"resourceType\":\"Parameters\",\"parameter\":[");
    for (number, ((kind, id), now)) in entries.iter().zip(&written).enumerate() {
        let comma = if number == 0 { "" } else { "," };
        let _ = write!(text, "{comma}{{\"name\":\"moved\",\"part\":[{{\"name\":\"from\",\"valueReference\":{{\"reference\":\"{kind}/{id}\"}}}},{{\"name\":\"to\",\"valueReference\":{{\"reference\":");
        write_string(&format!("{}/{}", now.kind, now.id), &mut text);
        text.push_str("}}]}");
    }
    text.push_str("]}");
    Ok(Answer::ok(Payload::Text(text)))
}

/// The id of the Patient that a parameter refers to.
fn patient(call: &Call<'_>, name: &'static str, asked: &Asked<'_>) -> Result<String, Trouble> {
    let given = call.input.all(name).next().ok_or_else(|| wrong(name, IssueCode::Required))?;
    match reference(given, asked) {
        Some((ResourceType::PATIENT, id)) => Ok(id),
        _ => Err(wrong(name, IssueCode::Value)),
    }
}

fn reference(parameter: Value<'_>, asked: &Asked<'_>) -> Option<(ResourceType, String)> {
    let text = parameter.path(&["valueReference", "reference"])?.as_str()?.into_owned();
    let (kind, id) = Reference::within(&text, &asked.base()).local()?;
    Some((kind, id.to_owned()))
}

fn reason(asked: &Asked<'_>) -> Result<String, Trouble> {
    asked.parameters.first("reason").map(str::to_owned).ok_or_else(|| wrong("reason", IssueCode::Required))
}

fn wrong(name: &str, code: IssueCode) -> Trouble {
    let message = match name {
        "reason" => "A parameter reason (valueString) says why, in one line and without names.".to_owned(),
        "entry" => "Each parameter entry is a valueReference to a resource of this server, as Observation/23.".to_owned(),
        name => format!("The parameter {name} is a valueReference to a Patient of this server, as Patient/23."),
    };
    Trouble::malformed(code, message).at("Parameters.parameter")
}
