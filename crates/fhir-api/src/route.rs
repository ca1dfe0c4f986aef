//! Addresses under the base, told apart by hand: one look at each segment, no table.

use crate::operation::{self, Operation, Place};
use crate::outcome::Trouble;
use axum::http::{Method, StatusCode};
use fhir::{IssueCode, ResourceType, is_id};

/// What an address names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Route<'p> {
    Metadata,
    SmartConfiguration,
    OpenIdConfiguration,
    System,
    SystemHistory,
    SystemSearch,
    Type(ResourceType),
    TypeHistory(ResourceType),
    TypeSearch(ResourceType),
    Instance(ResourceType, &'p str),
    InstanceHistory(ResourceType, &'p str),
    Version(ResourceType, &'p str, &'p str),
    Compartment(ResourceType, &'p str, Option<ResourceType>),
    CompartmentSearch(ResourceType, &'p str, Option<ResourceType>),
    Operation(&'static Operation, Place<'p>),
    Job(&'p str),
    JobFile(&'p str, &'p str),
}

impl<'p> Route<'p> {
    /// Reads a path below the base, decoded, with or without slashes around it.
    pub fn parse(path: &'p str) -> Result<Route<'p>, Trouble> {
        let path = path.strip_prefix('/').unwrap_or(path);
        let path = path.strip_suffix('/').unwrap_or(path);
        let mut steps = path.split('/');
        let parts = [steps.next().unwrap_or_default(), steps.next().unwrap_or_default(), steps.next().unwrap_or_default(), steps.next().unwrap_or_default()];
        let count = path.split('/').count();
        match (count, parts) {
            (1, ["", ..]) => return Ok(Route::System),
            (1, ["metadata", ..]) => return Ok(Route::Metadata),
            (1, ["_history", ..]) => return Ok(Route::SystemHistory),
            (1, ["_search", ..]) => return Ok(Route::SystemSearch),
            (2, [".well-known", "smart-configuration", ..]) => return Ok(Route::SmartConfiguration),
            (2, [".well-known", "openid-configuration", ..]) => return Ok(Route::OpenIdConfiguration),
            (2, ["_jobs", id, ..]) => return Ok(Route::Job(id)),
            (3, ["_jobs", id, file, _]) => return Ok(Route::JobFile(id, file)),
            (1, [operation, ..]) if operation.starts_with('$') => return at(operation, Place::System),
            _ => {}
        }
        let Some(kind) = ResourceType::named(parts[0]) else {
            return Err(Trouble::no_such_address("There is no resource type of that name in FHIR R4; names are case-sensitive, as in Patient."));
        };
        match (count, parts) {
            (1, _) => Ok(Route::Type(kind)),
            (2, [_, "_history", ..]) => Ok(Route::TypeHistory(kind)),
            (2, [_, "_search", ..]) => Ok(Route::TypeSearch(kind)),
            (2, [_, operation, ..]) if operation.starts_with('$') => at(operation, Place::Type(kind)),
            (2, [_, id, ..]) => Ok(Route::Instance(kind, checked(id)?)),
            (3, [_, id, "_history", _]) => Ok(Route::InstanceHistory(kind, checked(id)?)),
            (3, [_, id, operation, _]) if operation.starts_with('$') => at(operation, Place::Instance(kind, checked(id)?)),
            (3, [_, id, part, _]) if part == "*" || ResourceType::named(part).is_some() => compartment(kind, id, part).map(|(id, member)| Route::Compartment(kind, id, member)),
            (4, [_, id, part, "_search"]) if part == "*" || ResourceType::named(part).is_some() => compartment(kind, id, part).map(|(id, member)| Route::CompartmentSearch(kind, id, member)),
            (4, [_, id, "_history", version]) => Ok(Route::Version(kind, checked(id)?, checked(version)?)),
            (5, [_, id, "_history", version]) if parts_after(path).starts_with('$') => at(parts_after(path), Place::Version(kind, checked(id)?, checked(version)?)),
            _ => Err(Trouble::no_such_address("There is no such address in FHIR R4.")),
        }
    }

    /// The methods it takes, for Allow.
    pub fn allow(self) -> &'static str {
        match self {
            Route::Metadata | Route::SmartConfiguration | Route::OpenIdConfiguration | Route::Compartment(..) | Route::SystemHistory | Route::TypeHistory(_) | Route::InstanceHistory(..) | Route::Version(..) => "GET, HEAD",
            Route::System => "GET, HEAD, POST",
            Route::Job(_) => "GET, HEAD, DELETE",
            Route::JobFile(..) => "GET, HEAD",
            Route::Operation(operation, _) => operation.methods,
            Route::SystemSearch | Route::TypeSearch(_) | Route::CompartmentSearch(..) => "POST",
            Route::Type(_) => "GET, HEAD, POST, PUT, PATCH, DELETE",
            Route::Instance(..) => "GET, HEAD, PUT, PATCH, DELETE",
        }
    }

    /// 405 for a method it does not take.
    pub fn check(self, method: &Method) -> Result<(), Trouble> {
        let allow = self.allow();
        if allow.split(", ").any(|one| one == method.as_str()) { Ok(()) } else { Err(Trouble::not_allowed(allow)) }
    }
}

fn checked(id: &str) -> Result<&str, Trouble> {
    let wrong = || Trouble::new(StatusCode::BAD_REQUEST, IssueCode::Value, "An id is 1 to 64 of letters, digits, - and .").at("http.id");
    is_id(id).then_some(id).ok_or_else(wrong)
}

/// The id and the type of a compartment's address; no type for all of them.
fn compartment<'p>(owner: ResourceType, id: &'p str, part: &str) -> Result<(&'p str, Option<ResourceType>), Trouble> {
    if !search::compartment::has_compartment(owner) {
        return Err(Trouble::no_such_address(format!("There are compartments of {}; search by a parameter instead.", search::compartment::OWNERS.join(", "))));
    }
    let member = ResourceType::named(part);
    match member {
        Some(member) if search::compartment::parameters_of(owner, member).is_none() => {
            Err(Trouble::no_such_address(format!("Nothing of that type belongs to the compartment of a {owner}.")))
        }
        _ => Ok((checked(id)?, member)),
    }
}

/// The operation of that name, if it may be called there.
fn at<'p>(name: &str, place: Place<'p>) -> Result<Route<'p>, Trouble> {
    Ok(Route::Operation(operation::find(name, place)?, place))
}

/// The fifth step of a path.
fn parts_after(path: &str) -> &str {
    path.split('/').nth(4).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, expect: &str) {
        let found = match Route::parse(path) {
            Ok(route) => format!("{route:?}"),
            Err(trouble) => trouble.status.as_u16().to_string(),
        };
        assert_eq!(found, expect, "{path}");
    }

    #[test]
    fn each_address_has_one_meaning() {
        check("", "System");
        check("/", "System");
        check("/metadata", "Metadata");
        check("/_jobs/1", "Job(\"1\")");
        check("/_jobs/1/Patient.0.ndjson", "JobFile(\"1\", \"Patient.0.ndjson\")");
        check("/_history", "SystemHistory");
        check("/_search", "SystemSearch");
        check("/Patient", "Type(Patient)");
        check("/Patient/", "Type(Patient)");
        check("/Patient/_history", "TypeHistory(Patient)");
        check("/Patient/_search", "TypeSearch(Patient)");
        check("/Patient/a.b-1", "Instance(Patient, \"a.b-1\")");
        check("/Patient/1/_history", "InstanceHistory(Patient, \"1\")");
        check("/Patient/1/_history/2", "Version(Patient, \"1\", \"2\")");
        check("/Patient/1/$everything", "Operation($everything, Instance(Patient, \"1\"))");
        check("/Patient/a_b", "400");
        check("/Patient/1/_history/x!", "400");
        check("/patient/1", "404");
        check("/Patients", "404");
        check("/Patient/1/Observation", "Compartment(Patient, \"1\", Some(Observation))");
        check("/Patient/1/*", "Compartment(Patient, \"1\", None)");
        check("/Encounter/1/Observation/_search", "CompartmentSearch(Encounter, \"1\", Some(Observation))");
        check("/Patient/1/Organization", "404");
        check("/Organization/1/Patient", "404");
        check("/Patient/$everything", "Operation($everything, Type(Patient))");
        check("/Encounter/1/$everything", "Operation($everything, Instance(Encounter, \"1\"))");
        check("/Condition/1/$everything", "404");
        check("/$export", "Operation($export, System)");
        check("/Patient/1/_history/2/3", "404");
        check("//", "System");
        check("/Patient//1", "404");
        check("/Resource", "404");
    }
}
