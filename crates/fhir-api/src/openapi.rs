//! `GET /openapi.json`: the addresses of this server as OpenAPI 3.0 tells them.
//! https://spec.openapis.org/oas/v3.0.3
//!
//! * Made from the table by which the router reads a path, and from the operations that the
//!   CapabilityStatement lists: neither can promise what does not work.
//! * Open to everybody: it says nothing about anybody.
//! * It tells addresses, methods, media types and statuses. What a resource looks like is told by
//!   R4 and by `/metadata`, so a body is an object with a `resourceType` here, and no more.

use crate::answer::{Answer, Payload};
use crate::patch;
use crate::route::{Address, addresses};
use fhir::ResourceType;
use fhir::splice::write_string;
use serde_json::{Map, Value, json};
use std::sync::OnceLock;

/// Addresses of operations on no more types than this are told one by one.
const FEW: usize = 6;
const FHIR_JSON: &str = "application/fhir+json";

/// Answers with the description of the server at that base.
pub(crate) fn answer(base: &str) -> Answer {
    static REST: OnceLock<String> = OnceLock::new();
    let rest = REST.get_or_init(|| description().to_string());
    let mut text = String::from("{\"servers\":[{\"url\":");
    write_string(base, &mut text);
    text.push_str("}],");
    text.push_str(rest.strip_prefix('{').unwrap_or(rest));
    Answer::ok(Payload::Text(text))
}

/// Everything but where the server is.
fn description() -> Value {
    let mut paths = Map::new();
    for address in addresses() {
        for (pattern, types) in spelled(&address) {
            let path = path_of(&address, &pattern, &types);
            paths.insert(format!("/{pattern}"), path);
        }
    }
    let types: Vec<&str> = ResourceType::all().map(|kind| kind.name()).collect();
    json!({
        "openapi": "3.0.3",
        "info": {
            "title": "Carnet",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "FHIR R4 over HTTP. `/metadata` tells types, search parameters and operations; docs/api.md tells the rest. What a caller may not see is answered like what is not there.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "security": [{ "basic": [] }, { "bearer": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "basic": { "type": "http", "scheme": "basic" },
                "bearer": { "type": "http", "scheme": "bearer", "description": "A token of SMART App Launch 2.2; see /.well-known/smart-configuration." },
            },
            "schemas": {
                "ResourceType": { "type": "string", "enum": types },
                "Id": { "type": "string", "pattern": "^[A-Za-z0-9.-]{1,64}$" },
                "Resource": { "type": "object", "required": ["resourceType"], "properties": { "resourceType": { "$ref": "#/components/schemas/ResourceType" } } },
                "OperationOutcome": {
                    "type": "object",
                    "required": ["resourceType", "issue"],
                    "properties": {
                        "resourceType": { "type": "string", "enum": ["OperationOutcome"] },
                        "issue": { "type": "array", "minItems": 1, "items": { "type": "object", "required": ["severity", "code"], "properties": { "severity": { "type": "string", "enum": ["fatal", "error", "warning", "information"] }, "code": { "type": "string" } } } },
                    },
                },
            },
        },
    })
}

/// The pattern with the types that may stand in it: a few are spelled out, many stay `{type}`.
/// Content of a Binary is no JSON, so it stands apart.
fn spelled(address: &Address) -> Vec<(String, Vec<ResourceType>)> {
    let with = |kind: ResourceType| (address.pattern.replace("{type}", kind.name()), Vec::new());
    if !address.types.is_empty() && address.types.len() <= FEW {
        return address.types.iter().copied().map(with).collect();
    }
    let mut all = vec![(address.pattern.clone(), address.types.clone())];
    if is_content(&address.pattern) {
        all[0].1.retain(|kind| *kind != ResourceType::BINARY);
        all.push(with(ResourceType::BINARY));
    }
    all
}

fn is_content(pattern: &str) -> bool {
    matches!(pattern, "{type}/{id}" | "{type}/{id}/_history/{version}")
}

fn path_of(address: &Address, pattern: &str, types: &[ResourceType]) -> Value {
    let mut told = Map::new();
    let mut parameters: Vec<Value> = Vec::new();
    for step in pattern.split('/').filter_map(|step| step.strip_prefix('{')?.strip_suffix('}')) {
        let schema = match step {
            "type" if types.len() == ResourceType::all().count() => json!({ "$ref": "#/components/schemas/ResourceType" }),
            "type" => json!({ "type": "string", "enum": types.iter().map(|kind| kind.name()).collect::<Vec<_>>() }),
            "member" => json!({ "type": "string", "enum": ["*", "Observation", "Condition", "Encounter", "MedicationRequest"], "description": "`*`, or any type that belongs to the compartment." }),
            "job" | "file" => json!({ "type": "string", "pattern": "^[A-Za-z0-9.-]{1,64}$" }),
            _ => json!({ "$ref": "#/components/schemas/Id" }),
        };
        parameters.push(json!({ "name": step, "in": "path", "required": true, "schema": schema }));
    }
    if !parameters.is_empty() {
        told.insert("parameters".to_owned(), parameters.into());
    }
    for method in address.methods.split(", ") {
        let act = act_of(address, method, pattern.starts_with("Binary/"));
        told.insert(method.to_ascii_lowercase(), act);
    }
    told.into()
}

fn act_of(address: &Address, method: &str, is_binary: bool) -> Value {
    let pattern = address.pattern.as_str();
    let is_open = matches!(pattern, "metadata" | "openapi.json") || pattern.starts_with(".well-known/");
    let has_name = pattern.contains('$');
    let is_search = matches!(pattern, "" | "{type}" | "{type}/{id}/{member}") || pattern.ends_with("_search");
    let mut act = Map::new();
    let mut query: Vec<Value> = vec![chosen("_format", &["json", FHIR_JSON, "application/json"]), chosen("_pretty", &["true", "false"])];
    if is_search && method != "POST" && !is_write(method) {
        query.push(json!({ "name": "_count", "in": "query", "schema": { "type": "integer", "minimum": 0 } }));
        query.push(json!({ "name": "_id", "in": "query", "schema": { "type": "string" } }));
    }
    query.extend(address.parameters.iter().filter(|_| method != "POST").map(|name| json!({ "name": name, "in": "query", "schema": { "type": "string" } })));
    act.insert("parameters".to_owned(), query.into());
    act.insert("responses".to_owned(), responses(pattern, method, is_open, is_binary));
    if is_open {
        act.insert("security".to_owned(), json!([]));
    }
    if let Some(content) = body_of(address, method, is_binary) {
        // A search may stand in the address alone.
        let is_needed = !has_name && !pattern.ends_with("_search");
        act.insert("requestBody".to_owned(), json!({ "required": is_needed, "content": content }));
    }
    act.into()
}

fn is_write(method: &str) -> bool {
    matches!(method, "PUT" | "PATCH" | "DELETE")
}

fn chosen(name: &str, values: &[&str]) -> Value {
    json!({ "name": name, "in": "query", "schema": { "type": "string", "enum": values } })
}

/// What a request may carry; none where it carries nothing.
fn body_of(address: &Address, method: &str, is_binary: bool) -> Option<Value> {
    let pattern = address.pattern.as_str();
    let resource = json!({ "schema": { "$ref": "#/components/schemas/Resource" } });
    let named = |name: &str| json!({ "schema": { "type": "object", "required": ["resourceType"], "properties": { "resourceType": { "type": "string", "enum": [name] } } } });
    Some(match method {
        "POST" if pattern.ends_with("_search") => json!({ "application/x-www-form-urlencoded": { "schema": { "type": "object", "properties": { "_count": { "type": "integer", "minimum": 0 }, "_id": { "type": "string" } } } } }),
        "POST" if pattern.ends_with("$graphql") => json!({ "application/json": { "schema": { "type": "object", "required": ["query"], "properties": { "query": { "type": "string" } } } } }),
        "POST" if pattern.is_empty() => json!({ FHIR_JSON: named("Bundle") }),
        "POST" if pattern.contains('$') => json!({ FHIR_JSON: named("Parameters") }),
        "PATCH" => json!({ patch::FORMATS[0]: { "schema": { "type": "array", "items": { "type": "object", "required": ["op", "path"], "properties": { "op": { "type": "string", "enum": ["add", "remove", "replace", "move", "copy", "test"] }, "path": { "type": "string" } } } } }, patch::FORMATS[1]: named("Parameters") }),
        "POST" | "PUT" if is_binary => json!({ FHIR_JSON: named("Binary"), "application/octet-stream": { "schema": { "type": "string", "format": "binary" } } }),
        "POST" | "PUT" => json!({ FHIR_JSON: resource }),
        _ => return None,
    })
}

/// The statuses an address answers with, and what comes along.
fn responses(pattern: &str, method: &str, is_open: bool, is_binary: bool) -> Value {
    let is_plain = pattern == "openapi.json" || pattern.starts_with(".well-known/");
    let is_job = pattern.starts_with("_jobs/");
    let resource = json!({ "schema": { "$ref": "#/components/schemas/Resource" } });
    let done = match (is_plain, pattern) {
        (true, _) => json!({ "application/json": { "schema": { "type": "object" } } }),
        (_, "_jobs/{job}") => json!({ "application/json": { "schema": { "type": "object" } } }),
        (_, "_jobs/{job}/{file}") => json!({ "application/fhir+ndjson": { "schema": { "type": "string" } } }),
        _ if pattern.ends_with("$graphql") => json!({ "application/json": { "schema": { "type": "object" } }, FHIR_JSON: { "schema": { "type": "object" } } }),
        _ if pattern.ends_with("$paper") => json!({ "application/pdf": { "schema": { "type": "string", "format": "binary" } }, FHIR_JSON: resource }),
        _ if is_binary => json!({ "*/*": { "schema": {} } }),
        _ => json!({ FHIR_JSON: resource, "application/json": resource }),
    };
    let outcome = json!({ FHIR_JSON: { "schema": { "$ref": "#/components/schemas/OperationOutcome" } }, "application/json": { "schema": { "$ref": "#/components/schemas/OperationOutcome" } } });
    let mut all = Map::new();
    let mut tell = |status: &str, description: &str, content: Option<&Value>| {
        let told = match content {
            Some(content) if method != "HEAD" => json!({ "description": description, "content": content }),
            _ => json!({ "description": description }),
        };
        all.insert(status.to_owned(), told);
    };
    tell("200", "Done; the answer is in the body.", Some(&done));
    if method != "GET" && method != "HEAD" {
        tell("201", "Made.", Some(&done));
        tell("204", "Done; there is nothing to say.", None);
    }
    if is_job || pattern.ends_with("$export") || pattern.ends_with("$import") || pattern.ends_with("$everything") {
        tell("202", "Under way: ask at Content-Location, or again.", Some(&outcome));
    }
    if matches!(method, "GET" | "HEAD") {
        tell("304", "Unchanged.", None);
    }
    for (status, description) in [("400", "The request is malformed."), ("404", "There is no such thing for this caller."), ("405", "The address does not take the method; Allow says which."), ("406", "No format the caller reads is written here."), ("414", "The address is too long."), ("421", "This server is not known under that name."), ("429", "Too often; Retry-After says when."), ("503", "Too much to do; Retry-After says when.")] {
        tell(status, description, Some(&outcome));
    }
    if !is_open {
        for (status, description) in [("401", "Nobody is signed in."), ("403", "This caller may not, or it costs too much."), ("410", "It was deleted.")] {
            tell(status, description, Some(&outcome));
        }
    }
    if pattern.contains('$') {
        tell("422", "What was asked cannot be told; the outcome says why.", Some(&outcome));
    }
    if !is_open && !matches!(method, "GET" | "HEAD") {
        for (status, description) in [("408", "The body did not come in time."), ("409", "Something else changed at the same moment."), ("412", "A condition does not hold."), ("413", "The body is too large."), ("415", "The body is of a type that is not read here."), ("422", "What was sent breaks a rule; the outcome says which.")] {
            tell(status, description, Some(&outcome));
        }
    }
    all.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_and_method_is_told_once_and_nothing_else() {
        let told = description();
        let paths = told["paths"].as_object().unwrap();
        let mut expected = 0;
        for address in addresses() {
            for (pattern, _) in spelled(&address) {
                let path = &paths[&format!("/{pattern}")];
                let methods: Vec<&String> = path.as_object().unwrap().keys().filter(|key| *key != "parameters").collect();
                assert_eq!(methods.len(), address.methods.split(", ").count(), "{pattern}");
                assert!(address.methods.split(", ").all(|method| path[method.to_ascii_lowercase()]["responses"]["200"].is_object()), "{pattern}");
                expected += 1;
            }
        }
        assert_eq!(paths.len(), expected, "no two addresses share a line");
    }
}
