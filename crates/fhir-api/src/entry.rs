//! What a transaction or a batch asks without changing anything: each entry is answered as a request of its own.
//!
//! * Address, parameters, conditions and rights are those of the same request outside: one table of addresses for both.
//! * What changes something, starts a job or hands out content is refused with what is answered instead.
//! * The answers of a bundle are held until all are known, so they have a ceiling together; what would go beyond it is refused.
//! * Nothing here knows what an interaction does.

use crate::answer::{Answer, Payload};
use crate::asked::Asked;
use crate::binary;
use crate::face::{answered, decoded_path};
use crate::http_date;
use crate::negotiate;
use crate::operation::{self, Operation, Place};
use crate::outcome::Trouble;
use crate::parameters::Parameters;
use crate::prefer::Prefer;
use crate::route::Route;
use axum::body::Body;
use axum::http::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH};
use axum::http::{HeaderMap, Method, StatusCode};
use chart::{Question, Verb};
use fhir::{IssueCode, Moment};
use futures_util::future::join_all;

/// The operations that are answered inside a bundle, as docs/api.md lists them: each changes nothing and answers at once.
const ANSWERED: [&str; 17] = [
    "document", "everything", "expand", "extract", "fhirpath", "graphql", "lastn", "lookup", "match", "meta", "populate", "stats", "subsumes", "summary", "translate", "validate",
    "validate-code",
];

/// So many questions are answered side by side: their openings go to the disk together.
const SIDE_BY_SIDE: usize = 16;

/// What became of a question.
pub(crate) struct Told {
    pub is_head: bool,
    /// Of a resource that was read.
    pub full_url: Option<String>,
    pub result: Result<Answer, Trouble>,
}

impl Told {
    /// The length of the resource in the answer.
    pub fn size_bytes(&self) -> usize {
        match &self.result {
            Ok(Answer { payload: Payload::Text(text), .. }) => text.len(),
            _ => 0,
        }
    }
}

/// Refuses a question that is not answered inside a bundle, before anything is written.
pub(crate) fn check(question: &Question<'_>) -> Result<(), Trouble> {
    let path = path_of(question)?;
    let route = led(&path, question)?;
    if keeps(route, question)? {
        let message = "Inside a bundle this keeps nothing: send $document with persist as a request of its own, or leave persist out.";
        return Err(Trouble::malformed(IssueCode::NotSupported, message).at(&place(question)));
    }
    Ok(())
}

/// True where an operation that reads is asked to keep what it made.
fn keeps(route: Route<'_>, question: &Question<'_>) -> Result<bool, Trouble> {
    let Route::Operation(operation, _) = route else { return Ok(false) };
    if operation.name != operation::document::OPERATION.name || question.verb != Verb::Post {
        return Ok(false);
    }
    let query = question.url.split_once('?').map_or("", |(_, query)| query);
    let is_asked = Parameters::parse(query)?.pairs().any(|(name, value)| name == "persist" && value != "false");
    let parameters = question.body.and_then(|body| body.get("parameter"));
    let is_sent = parameters.into_iter().flat_map(|list| list.items()).any(|one| {
        let is_it = one.string("name").as_deref() == Some("persist");
        is_it && one.get("valueBoolean").and_then(|value| value.as_bool()) != Some(false)
    });
    Ok(is_asked || is_sent)
}

/// Answers all questions in their order, some side by side, until the answers are as long as a body may be.
pub(crate) async fn answers(asked: &Asked<'_>, questions: &[Question<'_>]) -> Vec<Told> {
    let most_bytes = asked.settings.body_limit_bytes;
    let (mut told, mut held_bytes) = (Vec::with_capacity(questions.len()), 0);
    for several in questions.chunks(SIDE_BY_SIDE) {
        let has_room = held_bytes < most_bytes;
        let these = join_all(several.iter().map(|question| async move {
            let answer = if has_room { answer(asked, question).await } else { Err(too_long(question, most_bytes)) };
            let (full_url, result) = match answer {
                Ok((full_url, answer)) => (full_url, Ok(answer)),
                Err(trouble) => (None, Err(trouble)),
            };
            Told { is_head: question.verb == Verb::Head, full_url, result }
        }))
        .await;
        held_bytes += these.iter().map(Told::size_bytes).sum::<usize>();
        told.extend(these);
    }
    told
}

/// Refuses what there is no room for beside what was answered.
fn too_long(question: &Question<'_>, most_bytes: usize) -> Trouble {
    let message = format!("The entries before this one are answered with more than the {most_bytes} bytes that this server holds for one bundle, so it was not looked at. Ask for the rest by another bundle, or for smaller pages.");
    Trouble::new(StatusCode::FORBIDDEN, IssueCode::TooCostly, message).at(&place(question))
}

async fn answer(asked: &Asked<'_>, question: &Question<'_>) -> Result<(Option<String>, Answer), Trouble> {
    check(question)?;
    let path = path_of(question)?;
    let route = led(&path, question)?;
    let is_no_resource = matches!(route, Route::Operation(operation, _) if operation.name == operation::graphql::OPERATION.name);
    let full_url = match route {
        Route::Instance(kind, id) | Route::Version(kind, id, _) => Some(format!("{}/{kind}/{id}", asked.base())),
        _ => None,
    };
    let query = question.url.split_once('?').map_or("", |(_, query)| query);
    let (headers, method) = (headers(asked, question)?, method(question.verb));
    let parameters = Parameters::parse(query)?;
    let body = question.body.filter(|_| method == Method::POST).map_or_else(Body::empty, |body| Body::from(body.raw().to_owned()));
    let mut own = Asked {
        chart: asked.chart,
        settings: asked.settings,
        headers: &headers,
        format: negotiate::format(&headers, &parameters)?,
        parameters,
        query,
        prefer: Prefer { lenient: asked.prefer.lenient, ..Prefer::default() },
        caller: asked.caller,
        request_id: asked.request_id,
        host: asked.host,
        capabilities: asked.capabilities,
        oauth: asked.oauth,
        passed_over: asked.passed_over.clone(),
    };
    let answer = answered(&mut own, route, &method, body).await?;
    let payload = match answer.payload {
        // Nothing of it is sent.
        _ if question.verb == Verb::Head => Payload::Nothing,
        Payload::Pieces(pieces) => Payload::Text(pieces.collect()),
        payload => payload,
    };
    let answer = Answer { payload, ..answer };
    Ok((full_url, if is_no_resource { as_binary(answer)? } else { answer }))
}

/// The data of GraphQL, which is no resource, as the one that carries anything: its operation is defined to give a
/// Binary. <https://hl7.org/fhir/R4/resource-operation-graphql.html>
fn as_binary(answer: Answer) -> Result<Answer, Trouble> {
    let payload = match answer.payload {
        Payload::Text(text) => {
            let json = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
            Payload::Text(String::from_utf8(binary::wrap(&json, text.as_bytes(), None)?).map_err(|_| Trouble::inside())?)
        }
        payload => payload,
    };
    Ok(Answer { payload, ..answer })
}

fn path_of<'q>(question: &'q Question<'_>) -> Result<std::borrow::Cow<'q, str>, Trouble> {
    let path = question.url.split('?').next().unwrap_or_default();
    decoded_path(path).map_err(|trouble| as_no_address(trouble, question))
}

/// The address of a question, if it is one that is answered inside a bundle.
fn led<'p>(path: &'p str, question: &Question<'_>) -> Result<Route<'p>, Trouble> {
    let route = Route::parse(path).map_err(|trouble| as_no_address(trouble, question))?;
    let route = match route {
        // A search inside a bundle has its parameters in the url, with these words at its end or without.
        Route::SystemSearch => Route::System,
        Route::TypeSearch(kind) => Route::Type(kind),
        Route::CompartmentSearch(owner, id, kind) => Route::Compartment(owner, id, kind),
        route => route,
    };
    let is_answered = match route {
        Route::Metadata
        | Route::System
        | Route::SystemHistory
        | Route::Type(_)
        | Route::TypeHistory(_)
        | Route::Instance(..)
        | Route::InstanceHistory(..)
        | Route::Version(..)
        | Route::Compartment(..) => true,
        Route::Operation(operation, place) => is_answered(operation, place),
        Route::OpenApi | Route::SmartConfiguration | Route::OpenIdConfiguration | Route::SystemSearch | Route::TypeSearch(_) | Route::CompartmentSearch(..) | Route::Job(_) | Route::JobFile(..) => false,
    };
    if !is_answered {
        let operations = ANSWERED.map(|name| format!("${name}")).join(", ");
        let message = format!("Inside a bundle this is not answered: send it as a request of its own. Answered are reads, searches, histories, metadata, and the operations {operations} (of one person, where they are about persons).");
        return Err(Trouble::malformed(IssueCode::NotSupported, message).at(&place(question)));
    }
    route.check(&method(question.verb)).map_err(|trouble| trouble.at(&format!("Bundle.entry[{}].request.method", question.index)))?;
    Ok(route)
}

fn is_answered(operation: &Operation, place: Place<'_>) -> bool {
    // Of everybody it is a job.
    let is_job = operation.name == "everything" && matches!(place, Place::Type(_));
    ANSWERED.contains(&operation.name) && !is_job
}

fn place(question: &Question<'_>) -> String {
    format!("Bundle.entry[{}].request.url", question.index)
}

/// 400 at the url, with what is wrong with it.
fn as_no_address(trouble: Trouble, question: &Question<'_>) -> Trouble {
    let message = trouble.issues.first().map(|issue| issue.message.as_str()).unwrap_or_default();
    Trouble::malformed(IssueCode::Invalid, format!("The url is an address relative to this server. {message}")).at(&place(question))
}

fn method(verb: Verb) -> Method {
    match verb {
        Verb::Get => Method::GET,
        Verb::Head => Method::HEAD,
        // What else writes is no question.
        Verb::Post | Verb::Put | Verb::Patch | Verb::Delete => Method::POST,
    }
}

/// The headers of the same request outside.
fn headers(asked: &Asked<'_>, question: &Question<'_>) -> Result<HeaderMap, Trouble> {
    let json = HeaderValue::from_static("application/fhir+json");
    let mut headers = HeaderMap::from_iter([(ACCEPT, json.clone()), (CONTENT_TYPE, json)]);
    headers.extend(asked.headers.get(ACCEPT_LANGUAGE).map(|languages| (ACCEPT_LANGUAGE, languages.clone())));
    let wrong = |member: &str, what: &str| Trouble::malformed(IssueCode::Value, what).at(&format!("Bundle.entry[{}].request.{member}", question.index));
    if let Some(tag) = &question.if_none_match {
        let value = HeaderValue::from_str(tag).map_err(|_| wrong("ifNoneMatch", "A version is named as W/\"3\"."))?;
        headers.insert(IF_NONE_MATCH, value);
    }
    if let Some(since) = &question.if_modified_since {
        let what = "ifModifiedSince is an instant, as 2026-11-30T08:00:00Z.";
        let since = Moment::parse(since).ok_or_else(|| wrong("ifModifiedSince", what))?;
        headers.insert(IF_MODIFIED_SINCE, HeaderValue::from_bytes(&http_date::write(since)).map_err(|_| wrong("ifModifiedSince", what))?);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::OPERATIONS;

    fn ask(verb: Verb, url: &str) -> Result<(), Trouble> {
        check(&Question { index: 2, verb, url: url.to_owned(), if_none_match: None, if_modified_since: None, body: None })
    }

    #[test]
    fn what_changes_nothing_is_answered_and_the_rest_is_told() {
        for url in ["Patient/1", "Patient/1?_elements=name", "Patient?_id=1", "Patient/_search?_id=1", "?_type=Patient", "_history", "Patient/_history?_since=2026", "Patient/1/_history", "Patient/1/_history/2", "Patient/1/Observation?code=x", "Patient/1/*", "metadata", "metadata?mode=terminology", "Patient/1/$everything", "Patient/1/%24summary", "Observation/$lastn?subject=Patient/1", "CodeSystem/$lookup?code=a&system=b", "ValueSet/1/$expand", "$meta", "$graphql?query=%7Bx%7D", "Patient/1/$graphql?query=%7Bx%7D", "Composition/1/$document", "Composition/$document?id=1&persist=false", "Questionnaire/1/$populate?subject=Patient/1", "QuestionnaireResponse/1/$extract"] {
            assert!(ask(Verb::Get, url).is_ok(), "{url}");
        }
        for url in ["Patient/$match", "Observation/$validate", "ValueSet/$validate-code", "$fhirpath", "$graphql", "Composition/1/$document", "Composition/1/$document?persist=false", "Questionnaire/$populate", "QuestionnaireResponse/$extract"] {
            assert!(ask(Verb::Post, url).is_ok(), "{url}");
        }
        for (verb, url, status) in [
            (Verb::Get, "Patients", 400),
            (Verb::Get, "Patient/a_b", 400),
            (Verb::Get, "Patient/1/$nonsense", 400),
            (Verb::Get, "http://other.example/fhir/Patient/1", 400),
            (Verb::Get, "openapi.json", 400),
            (Verb::Get, ".well-known/smart-configuration", 400),
            (Verb::Get, "_jobs/1", 400),
            (Verb::Get, "$export", 400),
            (Verb::Get, "Patient/$everything", 400),
            (Verb::Post, "Patient/1/$meta-add", 400),
            (Verb::Post, "$closure", 400),
            (Verb::Post, "Composition/1/$document?persist=true", 400),
            (Verb::Post, "Composition/1/$document?p%65rsist=true", 400),
            (Verb::Get, "$fhirpath", 405),
            (Verb::Get, "Patient/$match", 405),
        ] {
            let trouble = ask(verb, url).unwrap_err();
            assert_eq!(trouble.status.as_u16(), status, "{url}");
            assert!(trouble.issues[0].expression.starts_with("Bundle.entry[2].request."), "{url}");
        }
    }

    #[test]
    fn a_document_that_is_to_be_kept_is_refused_however_it_is_said() {
        for (parameter, is_refused) in [
            (r#"{"name":"persist","valueBoolean":true}"#, true),
            (r#"{"name":"persist","valueString":"true"}"#, true),
            (r#"{"name":"persist","valueBoolean":false}"#, false),
            (r#"{"name":"id","valueUri":"1"}"#, false),
        ] {
            let text = format!(r#"{{"resourceType":"Parameters","parameter":[{parameter}]}}"#);
            let document = fhir::Document::read(&text).unwrap();
            let question = Question { index: 0, verb: Verb::Post, url: "Composition/$document".to_owned(), if_none_match: None, if_modified_since: None, body: Some(document.root()) };
            assert_eq!(check(&question).is_err(), is_refused, "{parameter}");
        }
    }

    #[test]
    fn each_name_is_one_of_an_operation() {
        for name in ANSWERED {
            assert!(OPERATIONS.iter().any(|operation| operation.name == name), "{name}");
        }
    }
}
