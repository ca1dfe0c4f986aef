//! `GET|POST /$graphql`, `/Type/$graphql`, `/Type/{id}/$graphql`: reading by GraphQL.
//! https://hl7.org/fhir/R4/graphql.html
//!
//! * The schema is that of the R4 definitions, and is told by introspection.
//! * Every resource passes the door by itself, and its opening is on disk before the first byte leaves.
//! * A query that fails in one part fails whole: no answer is half of one.
//! * Depth, tokens, resources and searches of one query are bounded, and it is said which bound was met.

mod output;
mod query;
mod run;
mod schema;
mod select;

use super::{At, Call, EVERY_TYPE, Operation, Reads};
use crate::answer::Answer;
use crate::asked::Asked;
use crate::negotiate::{Sent, only, sent};
use crate::outcome::Trouble;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::http::{HeaderMap, StatusCode};
use fhir::{Document, IssueCode, Limits};

pub(crate) const OPERATION: Operation = Operation {
    name: "graphql",
    definition: "http://hl7.org/fhir/OperationDefinition/Resource-graphql",
    at: &[At::System, At::Type(EVERY_TYPE), At::Instance(EVERY_TYPE)],
    methods: "GET, HEAD, POST",
    parameters: &["query", "variables", "operationName"],
    reads: Reads::Bytes,
    run: |asked, call| Box::pin(graphql(asked, call)),
};

/// What is asked, before it is read.
#[derive(Default)]
struct Request {
    query: Option<String>,
    /// A JSON object.
    variables: Option<String>,
    operation: Option<String>,
}

async fn graphql(asked: &mut Asked<'_>, call: Call<'_>) -> Result<Answer, Trouble> {
    let request = request(asked, call.input.bytes())?;
    let text = request.query.filter(|text| !text.trim().is_empty());
    let text = text.ok_or_else(|| Trouble::malformed(IssueCode::Required, "Send a GraphQL query: in query, as application/graphql, or as application/json with a member query.").at("http.query"))?;
    let variables = read_json(request.variables.as_deref().unwrap_or("{}"), "variables")?;
    let selections = query::read(&text, variables.root(), request.operation.as_deref())?;
    let data = run::run(asked, call.place, &selections).await?;
    let mut out = String::from("{\"data\":");
    data.write(&mut out);
    out.push('}');
    let mut answer = Answer::text(StatusCode::OK, out);
    answer.headers.push((CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8")));
    Ok(answer)
}

fn request(asked: &Asked<'_>, body: &[u8]) -> Result<Request, Trouble> {
    let of_address = |name: &str| asked.parameters.first(name).map(str::to_owned);
    let mut request = Request { query: of_address("query"), variables: of_address("variables"), operation: of_address("operationName") };
    if body.is_empty() {
        return Ok(request);
    }
    if request.query.is_some() {
        return Err(Trouble::malformed(IssueCode::Invalid, "Send the query in the address or in the body, not in both.").at("http.query"));
    }
    if is_graphql(asked.headers) {
        let text = std::str::from_utf8(body).map_err(|_| Trouble::malformed(IssueCode::Invalid, "The query is not UTF-8.").at("http.query"))?;
        request.query = Some(text.to_owned());
        return Ok(request);
    }
    if sent(asked.headers)? != Sent::Json {
        return Err(only("application/graphql, application/json, application/fhir+json"));
    }
    let document = Document::read_bytes(body, Limits::default()).map_err(|cause| Trouble::malformed_by(vec![(&cause).into()]))?;
    let root = document.root();
    if root.string("resourceType").as_deref() == Some("Parameters") {
        let mut of_body = Request::default();
        for parameter in root.get("parameter").into_iter().flat_map(|all| all.items()) {
            let name = parameter.string("name").unwrap_or_default();
            let member = match &*name {
                "query" => &mut of_body.query,
                "variables" => &mut of_body.variables,
                "operationName" => &mut of_body.operation,
                _ if asked.prefer.lenient => {
                    asked.pass_over(&name);
                    continue;
                }
                _ => return Err(Trouble::malformed(IssueCode::NotSupported, format!("This operation knows the parameters {}.", OPERATION.parameters.join(", "))).at("Parameters.parameter.name")),
            };
            let text = parameter.string("valueString").filter(|_| member.is_none());
            let wrong = || Trouble::malformed(IssueCode::Value, "query, variables (a JSON object) and operationName are sent once, as valueString.").at("Parameters.parameter");
            *member = Some(text.ok_or_else(wrong)?.into_owned());
        }
        return Ok(Request { query: of_body.query, variables: of_body.variables.or(request.variables), operation: of_body.operation.or(request.operation) });
    }
    for (name, value) in root.members() {
        match &*name {
            "query" if value.kind() == fhir::Kind::String => request.query = value.as_str().map(|text| text.into_owned()),
            "operationName" if value.kind() == fhir::Kind::String => request.operation = value.as_str().map(|text| text.into_owned()),
            "query" | "operationName" if !value.is_null() => return Err(Trouble::malformed(IssueCode::Value, "query and operationName are texts.").at(&format!("http.{name}"))),
            "query" | "operationName" => {}
            "variables" if !value.is_null() => request.variables = Some(value.raw().to_owned()),
            "variables" | "extensions" => {}
            _ => return Err(Trouble::malformed(IssueCode::NotSupported, "A GraphQL request has the members query, variables, operationName and extensions.").at("http")),
        }
    }
    Ok(request)
}

fn is_graphql(headers: &HeaderMap) -> bool {
    let media = headers.get(CONTENT_TYPE).and_then(|line| line.to_str().ok()).unwrap_or_default();
    media.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/graphql")
}

fn read_json(text: &str, what: &str) -> Result<Document<'static>, Trouble> {
    let wrong = || Trouble::malformed(IssueCode::Structure, format!("{what} is a JSON object.")).at(&format!("http.{what}"));
    let document = Document::read_owned(text.to_owned()).map_err(|_| wrong())?;
    if document.root().kind() == fhir::Kind::Object { Ok(document) } else { Err(wrong()) }
}
