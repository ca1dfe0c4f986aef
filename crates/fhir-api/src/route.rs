//! Addresses under the base: one table of them, by which a path is read and nothing else.
//!
//! * An address that is not in [`LINES`] does not exist. Whoever walks all addresses (the statement
//!   of OpenAPI, the matrix of who sees what) walks this table, so nothing is forgotten there.

use crate::operation::{self, At, EVERY_TYPE, OPERATIONS, Operation, Place};
use crate::outcome::Trouble;
use axum::http::{Method, StatusCode};
use fhir::{IssueCode, ResourceType, is_id};

/// What an address names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Route<'p> {
    Metadata,
    OpenApi,
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

/// One kind of address, as others walk them: the matrix of who sees what, the statement of OpenAPI.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Address {
    /// The path below the base, without a slash before it: `{type}/{id}/_history`. Each operation
    /// has a line of its own, with its name: `{type}/{id}/$meta`.
    pub pattern: String,
    /// The methods it takes, as the header Allow says them.
    pub methods: &'static str,
    /// The types that may stand for `{type}`; none where the pattern has no type.
    pub types: Vec<ResourceType>,
    /// The parameters an operation knows.
    pub parameters: &'static [&'static str],
}

/// All kinds of addresses of this server, in the order in which a path is compared with them.
pub fn addresses() -> Vec<Address> {
    let every = || ResourceType::all().collect::<Vec<_>>();
    let mut all = Vec::new();
    for line in LINES {
        let pattern = line.steps.iter().map(|step| step.shown()).collect::<Vec<_>>().join("/");
        if line.steps.contains(&Step::Operation) {
            all.extend(operations_at(line).map(|(operation, names)| Address {
                pattern: pattern.replace("{operation}", &format!("${}", operation.name)),
                methods: operation.methods,
                parameters: operation.parameters,
                types: match names {
                    None => Vec::new(),
                    Some(EVERY_TYPE) => every(),
                    Some(names) => names.iter().filter_map(|name| ResourceType::named(name)).collect(),
                },
            }));
            continue;
        }
        let types = match (line.steps.contains(&Step::Type), line.steps.contains(&Step::Member)) {
            (true, true) => search::compartment::OWNERS.iter().filter_map(|name| ResourceType::named(name)).collect(),
            (true, false) => every(),
            (false, _) => Vec::new(),
        };
        let example: Vec<&str> = line.steps.iter().map(|step| step.example()).collect();
        // Each line means something for its own example: a test asks all of them.
        if let Ok(route) = (line.meaning)(&Steps { all: padded(&example) }) {
            all.push(Address { pattern, methods: route.allow(), types, parameters: &[] });
        }
    }
    all
}

/// The operations that may be called at a line, with the types they may be called on.
fn operations_at(line: &Line) -> impl Iterator<Item = (&'static Operation, Option<&'static [&'static str]>)> {
    let (has_type, has_id, has_version) = (line.steps.contains(&Step::Type), line.steps.contains(&Step::Id), line.steps.contains(&Step::Version));
    OPERATIONS.iter().flat_map(move |operation| {
        operation.at.iter().filter_map(move |at| match *at {
            At::System => (!has_type).then_some((*operation, None)),
            At::Type(names) => (has_type && !has_id).then_some((*operation, Some(names))),
            At::Instance(names) => (has_id && !has_version).then_some((*operation, Some(names))),
            At::Version(names) => has_version.then_some((*operation, Some(names))),
        })
    })
}

/// A step of an address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Step {
    /// This word.
    Word(&'static str),
    /// The name of a resource type.
    Type,
    /// The type of what belongs to a compartment, or `*`.
    Member,
    Id,
    Version,
    /// A name with a dollar sign before it.
    Operation,
    Job,
    File,
}

impl Step {
    fn fits(self, text: &str) -> bool {
        match self {
            Step::Word(word) => text == word,
            Step::Operation => text.starts_with('$'),
            Step::Member => text == "*" || ResourceType::named(text).is_some(),
            // Whether it is a type or an id is said where it is read, with what is wrong with it.
            Step::Type | Step::Id | Step::Version | Step::Job | Step::File => true,
        }
    }

    fn shown(self) -> &'static str {
        match self {
            Step::Word(word) => word,
            Step::Type => "{type}",
            Step::Member => "{member}",
            Step::Id => "{id}",
            Step::Version => "{version}",
            Step::Operation => "{operation}",
            Step::Job => "{job}",
            Step::File => "{file}",
        }
    }

    fn example(self) -> &'static str {
        match self {
            Step::Word(word) => word,
            Step::Type => "Patient",
            Step::Member => "*",
            Step::Operation => "$meta",
            Step::Id | Step::Version | Step::Job | Step::File => "1",
        }
    }
}

/// The most steps an address has.
const STEPS_MOST: usize = 5;

/// The steps of a path.
struct Steps<'p> {
    all: [&'p str; STEPS_MOST],
}

impl<'p> Steps<'p> {
    fn kind(&self) -> Result<ResourceType, Trouble> {
        ResourceType::named(self.all[0]).ok_or_else(no_such_type)
    }

    fn id(&self) -> Result<&'p str, Trouble> {
        checked(self.all[1])
    }

    fn version(&self) -> Result<&'p str, Trouble> {
        checked(self.all[3])
    }
}

/// A line of the table: what a path looks like, and what it then means.
struct Line {
    steps: &'static [Step],
    meaning: for<'p> fn(&Steps<'p>) -> Result<Route<'p>, Trouble>,
}

const fn line(steps: &'static [Step], meaning: for<'p> fn(&Steps<'p>) -> Result<Route<'p>, Trouble>) -> Line {
    Line { steps, meaning }
}

use Step::{File, Id, Job, Member, Operation as Called, Type, Version, Word};

/// All addresses. The first line that fits a path says what it means.
const LINES: &[Line] = &[
    line(&[Word("")], |_| Ok(Route::System)),
    line(&[Word("metadata")], |_| Ok(Route::Metadata)),
    line(&[Word("openapi.json")], |_| Ok(Route::OpenApi)),
    line(&[Word("_history")], |_| Ok(Route::SystemHistory)),
    line(&[Word("_search")], |_| Ok(Route::SystemSearch)),
    line(&[Called], |path| at(path.all[0], Place::System)),
    line(&[Type], |path| Ok(Route::Type(path.kind()?))),
    line(&[Word(".well-known"), Word("smart-configuration")], |_| Ok(Route::SmartConfiguration)),
    line(&[Word(".well-known"), Word("openid-configuration")], |_| Ok(Route::OpenIdConfiguration)),
    line(&[Word("_jobs"), Job], |path| Ok(Route::Job(path.all[1]))),
    line(&[Type, Word("_history")], |path| Ok(Route::TypeHistory(path.kind()?))),
    line(&[Type, Word("_search")], |path| Ok(Route::TypeSearch(path.kind()?))),
    line(&[Type, Called], |path| at(path.all[1], Place::Type(path.kind()?))),
    line(&[Type, Id], |path| Ok(Route::Instance(path.kind()?, path.id()?))),
    line(&[Word("_jobs"), Job, File], |path| Ok(Route::JobFile(path.all[1], path.all[2]))),
    line(&[Type, Id, Word("_history")], |path| Ok(Route::InstanceHistory(path.kind()?, path.id()?))),
    line(&[Type, Id, Called], |path| at(path.all[2], Place::Instance(path.kind()?, path.id()?))),
    line(&[Type, Id, Member], |path| compartment(path).map(|(kind, id, member)| Route::Compartment(kind, id, member))),
    line(&[Type, Id, Word("_history"), Version], |path| Ok(Route::Version(path.kind()?, path.id()?, path.version()?))),
    line(&[Type, Id, Member, Word("_search")], |path| compartment(path).map(|(kind, id, member)| Route::CompartmentSearch(kind, id, member))),
    line(&[Type, Id, Word("_history"), Version, Called], |path| at(path.all[4], Place::Version(path.kind()?, path.id()?, path.version()?))),
];

impl<'p> Route<'p> {
    /// Reads a path below the base, decoded, with or without slashes around it.
    pub fn parse(path: &'p str) -> Result<Route<'p>, Trouble> {
        let path = path.strip_prefix('/').unwrap_or(path);
        let path = path.strip_suffix('/').unwrap_or(path);
        let (mut all, mut count) = ([""; STEPS_MOST], 0);
        for step in path.split('/') {
            if let Some(place) = all.get_mut(count) {
                *place = step;
            }
            count += 1;
        }
        let fits = |line: &&Line| line.steps.len() == count && line.steps.iter().zip(all).all(|(step, text)| step.fits(text));
        match LINES.iter().find(fits) {
            Some(line) => (line.meaning)(&Steps { all }),
            None if ResourceType::named(all[0]).is_none() => Err(no_such_type()),
            None => Err(Trouble::no_such_address("There is no such address in FHIR R4.")),
        }
    }

    /// The methods it takes, for Allow.
    pub fn allow(self) -> &'static str {
        match self {
            Route::Metadata | Route::OpenApi | Route::SmartConfiguration | Route::OpenIdConfiguration | Route::Compartment(..) | Route::SystemHistory | Route::TypeHistory(_) | Route::InstanceHistory(..) | Route::Version(..) => "GET, HEAD",
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

/// The owner, the id and the type of a compartment's address; no type for all of them.
fn compartment<'p>(path: &Steps<'p>) -> Result<(ResourceType, &'p str, Option<ResourceType>), Trouble> {
    let (owner, id, part) = (path.kind()?, path.all[1], path.all[2]);
    if !search::compartment::has_compartment(owner) {
        return Err(Trouble::no_such_address(format!("There are compartments of {}; search by a parameter instead.", search::compartment::OWNERS.join(", "))));
    }
    let member = ResourceType::named(part);
    match member {
        Some(member) if search::compartment::parameters_of(owner, member).is_none() => {
            Err(Trouble::no_such_address(format!("Nothing of that type belongs to the compartment of a {owner}.")))
        }
        _ => Ok((owner, checked(id)?, member)),
    }
}

/// The operation of that name, if it may be called there.
fn at<'p>(name: &str, place: Place<'p>) -> Result<Route<'p>, Trouble> {
    Ok(Route::Operation(operation::find(name, place)?, place))
}

fn no_such_type() -> Trouble {
    Trouble::no_such_address("There is no resource type of that name in FHIR R4; names are case-sensitive, as in Patient.")
}

fn padded<'p>(steps: &[&'p str]) -> [&'p str; STEPS_MOST] {
    let mut all = [""; STEPS_MOST];
    all.iter_mut().zip(steps).for_each(|(place, step)| *place = step);
    all
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
        check("/openapi.json", "OpenApi");
        check("/Patient/1/_history/2/$meta", "Operation($meta, Version(Patient, \"1\", \"2\"))");
        check("/a/b/c/d/e/f", "404");
    }

    #[test]
    fn whoever_walks_all_addresses_meets_every_line_and_every_operation() {
        let all = addresses();
        let plain = LINES.iter().filter(|line| !line.steps.contains(&Step::Operation)).count();
        let called: usize = OPERATIONS.iter().map(|operation| operation.at.len()).sum();
        assert_eq!(all.len(), plain + called, "{all:?}");
        for address in &all {
            let types = if address.types.is_empty() { vec![ResourceType::PATIENT] } else { address.types.clone() };
            for kind in types {
                let path = [("{type}", kind.name()), ("{member}", "*"), ("{id}", "1"), ("{version}", "1"), ("{job}", "1"), ("{file}", "1")].iter().fold(address.pattern.clone(), |path, (name, value)| path.replace(name, value));
                let route = Route::parse(&path).unwrap_or_else(|trouble| panic!("{path}: {}", trouble.status));
                assert_eq!(route.allow(), address.methods, "{path}");
            }
        }
    }
}
