//! `GET|POST /Patient/{id}/$everything`: the whole record, never capped.
//! https://hl7.org/fhir/R4/patient-operation-everything.html

use crate::answer::Answer;
use crate::asked::Asked;
use chart::EverythingQuery;
use crate::negotiate::{Sent, only, sent};
use crate::outcome::Trouble;
use crate::page::{Head, bundle, size_of, write_hit};
use crate::trim::Trim;
use axum::body::Body;
use fhir::{Document, IssueCode, Limits, ResourceType};

/// A Parameters resource with five dates and names is never longer than this.
const PARAMETERS_LIMIT_BYTES: usize = 64 * 1024;

const PARAMETERS: [&str; 8] = ["_since", "_type", "start", "end", "_count", "_cursor", "_summary", "_elements"];

pub(crate) async fn everything(asked: &mut Asked<'_>, id: &str, body: Option<Body>) -> Result<Answer, Trouble> {
    if let Some(body) = body {
        take_parameters(asked, body).await?;
    }
    asked.knows_only(&PARAMETERS)?;
    let trim = Trim::asked(&asked.parameters)?;
    let query = EverythingQuery {
        since: asked.moment("_since")?,
        types: types(asked)?,
        start: asked.date("start")?,
        end: asked.date("end")?,
        count: asked.count()?,
        cursor: asked.parameters.first("_cursor").map(str::to_owned),
    };
    let page = asked.chart.everything(asked.caller, id, &query).await?;
    let (own, next) = asked.links(&format!("/Patient/{id}/$everything"), &PARAMETERS, page.next.as_deref());
    let head = Head { kind: "searchset", total: page.total, self_link: Some(&own), next_link: next.as_deref() };
    let size_bytes = size_of(page.items.iter().map(|hit| &hit.stored));
    let base = asked.base().into_owned();
    Ok(Answer::ok(bundle(head, page.items, size_bytes, move |hit, out| write_hit(&base, &hit, &trim, out), None)))
}

fn types(asked: &Asked<'_>) -> Result<Vec<ResourceType>, Trouble> {
    let wrong = || Trouble::malformed(IssueCode::Value, "_type lists resource types of FHIR R4, as in Observation,Condition.").at("http._type");
    let lists = asked.parameters.pairs().filter(|(name, _)| *name == "_type");
    lists.flat_map(|(_, list)| list.split(',')).map(|name| ResourceType::named(name.trim()).ok_or_else(wrong)).collect()
}

/// The parameters of a POST: a Parameters resource, or nothing.
async fn take_parameters(asked: &mut Asked<'_>, body: Body) -> Result<(), Trouble> {
    let received = asked.body(body, PARAMETERS_LIMIT_BYTES).await?;
    if received.is_empty() {
        return Ok(());
    }
    if sent(asked.headers)? != Sent::Json {
        return Err(only("application/fhir+json"));
    }
    let document = Document::read_bytes(&received, Limits::default()).map_err(|cause| Trouble::malformed_by(vec![(&cause).into()]))?;
    let root = document.root();
    if root.string("resourceType").as_deref() != Some("Parameters") {
        return Err(Trouble::malformed(IssueCode::Structure, "The body of an operation is a Parameters resource."));
    }
    for parameter in root.get("parameter").into_iter().flat_map(|list| list.items()) {
        let name = parameter.string("name").unwrap_or_default().into_owned();
        let value = parameter.members().find(|(member, _)| member.starts_with("value")).map(|(_, value)| value);
        let text = value.and_then(|value| value.as_str().map(|text| text.into_owned()).or_else(|| value.as_number().map(str::to_owned)));
        let wrong = || Trouble::malformed(IssueCode::Value, "Each parameter has a name and a date, code or whole number.");
        asked.parameters.push(&name, text.ok_or_else(wrong)?);
    }
    Ok(())
}
