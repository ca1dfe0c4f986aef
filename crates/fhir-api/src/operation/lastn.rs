//! `GET|POST /Observation/$lastn`: the newest observations of each kind.
//! https://hl7.org/fhir/R4/observation-operation-lastn.html

use super::{At, Call, Operation, Reads};
use crate::answer::Answer;
use crate::asked::Asked;
use crate::outcome::Trouble;
use crate::page::{Head, bundle, size_of, write_hit};
use crate::trim::Trim;
use fhir::{IssueCode, ResourceType};
use search::{Handling, Query};

pub(crate) const OPERATION: Operation = Operation {
    name: "lastn",
    definition: "http://hl7.org/fhir/OperationDefinition/Observation-lastn",
    at: &[At::Type(&["Observation"])],
    methods: "GET, HEAD, POST",
    parameters: &PARAMETERS,
    reads: Reads::Parameters,
    run: |asked, call| Box::pin(lastn(asked, call)),
};

/// `max` and the criteria. Whose observations they are and of which kind is asked for.
const PARAMETERS: [&str; 46] = [
    "max", "_summary", "_elements", "patient", "patient:Patient", "subject", "subject:Patient", "category", "category:not", "category:in", "category:text", "code", "code:not", "code:in", "code:below", "code:text",
    "combo-code", "component-code", "code-value-quantity", "code-value-concept", "code-value-string", "code-value-date", "date", "status", "status:not", "encounter", "device", "performer", "specimen", "based-on", "derived-from",
    "has-member", "part-of", "focus", "method", "data-absent-reason", "value-quantity", "value-concept", "value-string", "value-date", "identifier", "_id", "_lastUpdated", "_tag", "_profile", "_security",
];

/// The parameters that say of which kind.
const KINDS: [&str; 6] = ["category", "code", "combo-code", "component-code", "code-value-quantity", "code-value-concept"];

async fn lastn(asked: &mut Asked<'_>, _call: Call<'_>) -> Result<Answer, Trouble> {
    let kind = ResourceType::named("Observation").ok_or_else(Trouble::inside)?;
    let trim = Trim::asked(&asked.parameters, &[kind], asked.prefer.lenient)?;
    asked.pass_over_elements(&[kind]);
    let required = |message: &str| Trouble::malformed(IssueCode::Required, message);
    let bare = |name: &str| name.split(':').next().unwrap_or_default().to_owned();
    let has = |names: &[&str]| asked.parameters.pairs().any(|(name, _)| names.contains(&bare(name).as_str()));
    if !has(&["patient", "subject"]) {
        return Err(required("Name the person in patient or subject.").at("http.patient"));
    }
    if !has(&KINDS) {
        return Err(required("Name a category or a code.").at("http.category"));
    }
    let most = most(asked)?;
    let context = crate::search::context(asked);
    let criteria = asked.parameters.pairs().filter(|(name, _)| !matches!(*name, "max" | "_summary" | "_elements" | "_format" | "_pretty") && PARAMETERS.contains(name));
    let query = Query::parse(kind, criteria, Handling::Strict, context).map_err(Trouble::malformed_by)?;
    let hits = asked.chart.last_observations(asked.caller, &query, most).await?;
    let (own, _) = asked.links("/Observation/$lastn", &PARAMETERS, None);
    let head = Head { kind: "searchset", total: Some(hits.len() as u64), self_link: Some(&own), next_link: None };
    let size_bytes = size_of(hits.iter().map(|hit| &hit.stored));
    let base = asked.base().into_owned();
    Ok(Answer::ok(bundle(head, hits, size_bytes, move |hit, out| write_hit(&base, &hit, &trim, out), None)))
}

/// `max`: one where it is not given.
fn most(asked: &Asked<'_>) -> Result<usize, Trouble> {
    let wrong = || Trouble::malformed(IssueCode::Value, "max is a whole number, 1 or more.").at("http.max");
    asked.parameters.only("max")?.map_or(Ok(1), |text| text.parse().ok().filter(|most| *most > 0).ok_or_else(wrong))
}
