//! `$export` on the system, on patients and on a group: the beginning of a bulk export.
//! https://hl7.org/fhir/uv/bulkdata/export.html

use super::{At, Call, Operation, Place, Reads};
use crate::answer::Answer;
use crate::asked::Asked;
use crate::outcome::Trouble;
use axum::http::header::{CONTENT_LOCATION, HeaderValue};
use axum::http::StatusCode;
use chart::{BulkLevel, BulkRequest};
use fhir::{Document, IssueCode, ResourceType};

/// `reason` is ours: what the second person is told, where an export takes two.
const PARAMETERS: [&str; 6] = ["_outputFormat", "_since", "_type", "_typeFilter", "_elements", "reason"];

pub(crate) const OF_THE_SYSTEM: Operation = operation("http://hl7.org/fhir/uv/bulkdata/OperationDefinition/export", &[At::System]);
pub(crate) const OF_PATIENTS: Operation = operation("http://hl7.org/fhir/uv/bulkdata/OperationDefinition/patient-export", &[At::Type(&["Patient"])]);
pub(crate) const OF_A_GROUP: Operation = operation("http://hl7.org/fhir/uv/bulkdata/OperationDefinition/group-export", &[At::Instance(&["Group"])]);

const fn operation(definition: &'static str, at: &'static [At]) -> Operation {
    Operation { name: "export", definition, at, methods: "GET, HEAD, POST", parameters: &PARAMETERS, reads: Reads::Parameters, run: |asked, call| Box::pin(export(asked, call)) }
}

async fn export(asked: &mut Asked<'_>, call: Call<'_>) -> Result<Answer, Trouble> {
    if !asked.prefer.respond_async {
        return Err(Trouble::malformed(IssueCode::Required, "An export takes its time: send Prefer: respond-async and ask again at the address you are given.").at("http.Prefer"));
    }
    let level = match call.place {
        Place::System => BulkLevel::System,
        Place::Type(_) => BulkLevel::Patients,
        Place::Instance(kind, id) => {
            // A group that is hidden or absent is told now, not by an export that fails.
            let group = asked.chart.read(asked.caller, kind, id).await?;
            lists_members(&group.text)?;
            BulkLevel::Group(id.to_owned())
        }
        Place::Version(..) => return Err(Trouble::inside()),
    };
    if let Some(format) = asked.parameters.first("_outputFormat")
        && !["application/fhir+ndjson", "application/fhir ndjson", "application/ndjson", "ndjson"].contains(&format)
    {
        return Err(Trouble::malformed(IssueCode::NotSupported, "_outputFormat is application/fhir+ndjson.").at("http._outputFormat"));
    }
    let all = |name: &'static str| asked.parameters.pairs().filter(move |(other, _)| *other == name).map(|(_, value)| value);
    let wrong = || Trouble::malformed(IssueCode::Value, "_type lists resource types of FHIR R4, as in Patient,Observation.").at("http._type");
    let types = all("_type").flat_map(|names| names.split(',')).map(|name| ResourceType::named(name.trim()).ok_or_else(wrong)).collect::<Result<Vec<_>, _>>()?;
    let is_left_out = |filter: &str| filter.split('?').next().and_then(ResourceType::named).is_some_and(|kind| !types.is_empty() && !types.contains(&kind));
    let filters = filters(all("_typeFilter"));
    if filters.iter().any(|filter| is_left_out(filter)) {
        return Err(Trouble::malformed(IssueCode::Value, "A filter is of a type that _type does not name, so it would filter nothing: name the type, too, or leave the filter out.").at("http._typeFilter"));
    }
    asked.pass_over_elements(&types);
    let request = BulkRequest {
        level,
        elements: crate::trim::elements(&asked.parameters, &types, asked.prefer.lenient)?.join(","),
        types,
        since: asked.moment("_since")?,
        filters,
        address: address(asked, &call),
        at: Default::default(),
    };
    begin(asked, request).await
}

/// Refuses a group that describes who belongs to it and lists nobody: its export would be empty, and no answer.
/// https://hl7.org/fhir/R4/group-definitions.html#Group.actual
fn lists_members(group: &str) -> Result<(), Trouble> {
    let document = Document::read(group).map_err(|_| Trouble::inside())?;
    match document.root().get("actual").and_then(|actual| actual.as_bool()) {
        Some(false) => {
            let message = "This Group describes its members (actual is false) and lists none, so this server does not know whom to export. Name a Group of listed members, or export Patient with _typeFilter.";
            Err(Trouble::new(StatusCode::UNPROCESSABLE_ENTITY, IssueCode::NotSupported, message).at("Group.actual"))
        }
        _ => Ok(()),
    }
}

/// True for types that may lie in a person's record.
fn may_be_a_persons(kind: ResourceType) -> bool {
    kind == ResourceType::PATIENT || !fhir::home::rule(kind).paths.is_empty()
}

/// Begins a job; where to ask for it.
pub(super) async fn begin(asked: &Asked<'_>, request: BulkRequest) -> Result<Answer, Trouble> {
    let is_of_persons = !matches!(request.level, BulkLevel::System);
    if is_of_persons && let Some(kind) = request.types.iter().find(|kind| !may_be_a_persons(**kind)) {
        if asked.prefer.lenient {
            asked.pass_over("_type");
        } else {
            let message = format!("{kind} lies in nobody's record, so an export of persons never holds it. Ask for it by /$export, or leave it out; with Prefer: handling=lenient it is left out here.");
            return Err(Trouble::malformed(IssueCode::NotSupported, message).at("http._type"));
        }
    }
    let id = asked.chart.begin_bulk(asked.caller, request, asked.parameters.first("reason").unwrap_or_default()).await?;
    let status = HeaderValue::try_from(format!("{}/_jobs/{id}", asked.base())).map_err(|_| Trouble::inside())?;
    let mut answer = Answer::text(StatusCode::ACCEPTED, crate::outcome::all_well(asked.request_id, "The export has begun; Content-Location tells where to ask for it.", &[]));
    answer.headers.push((CONTENT_LOCATION, status));
    Ok(answer)
}

/// Several filters stand in one parameter, separated by commas, or in several. A comma before
/// something that is no `Type?` belongs to the value before it.
fn filters<'f>(given: impl Iterator<Item = &'f str>) -> Vec<String> {
    let mut filters: Vec<String> = Vec::new();
    for text in given {
        for (number, part) in text.split(',').enumerate() {
            let begins_one = part.split_once('?').is_some_and(|(name, _)| ResourceType::named(name).is_some());
            match filters.last_mut().filter(|_| number > 0 && !begins_one) {
                Some(last) => {
                    last.push(',');
                    last.push_str(part);
                }
                None => filters.push(part.to_owned()),
            }
        }
    }
    filters
}

/// The address of the request, for the manifest. Filters stay out of it: they may name somebody.
fn address(asked: &Asked<'_>, call: &Call<'_>) -> String {
    let path = match call.place {
        Place::System => "/$export".to_owned(),
        Place::Type(kind) => format!("/{kind}/$export"),
        Place::Instance(kind, id) | Place::Version(kind, id, _) => format!("/{kind}/{id}/$export"),
    };
    let shown = ["_outputFormat", "_since", "_type", "_elements"];
    asked.link(&path, asked.parameters.pairs().filter(|(name, _)| shown.contains(name)))
}

#[cfg(test)]
mod tests {
    use super::filters;

    #[test]
    fn a_comma_separates_filters_only_where_one_begins() {
        let read = |given: &[&str]| filters(given.iter().copied()).join(" ; ");
        assert_eq!(read(&["Observation?code=a,b,Condition?code=c", "Patient?gender=male"]), "Observation?code=a,b ; Condition?code=c ; Patient?gender=male");
        assert_eq!(read(&["nonsense"]), "nonsense");
    }
}
