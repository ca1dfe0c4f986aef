//! Operations: addresses that begin with a dollar sign.
//!
//! * One operation, one file, one line in [`OPERATIONS`]. Address, methods, input and the
//!   CapabilityStatement come from that line, so none is promised that does not work.
//! * A parameter that an operation does not know is refused, unless the caller is lenient; one that it knows, in another
//!   form or sent twice where there is one, in any case.
//! * Nothing here knows what an operation does.

mod break_glass;
mod declined;
pub(crate) mod document;
mod encounter_everything;
mod export;
mod extract;
mod events;
pub(crate) mod everything;
mod fhirpath;
pub(crate) mod graphql;
mod immds_forecast;
mod import;
mod input;
mod r#match;
mod index_status;
mod lastn;
mod merge;
mod meta;
mod meta_add;
mod meta_delete;
pub(crate) mod paper;
mod populate;
mod shapes;
mod stats;
mod status;
mod summary;
pub(crate) mod terminology;
mod transfer;
mod validate;

pub(crate) use input::Input;

use crate::answer::Answer;
use crate::asked::Asked;
use crate::outcome::Trouble;
use axum::body::Body;
use fhir::ResourceType;
use std::fmt;
use std::future::Future;
use std::pin::Pin;

/// All operations of this server.
pub(crate) const OPERATIONS: &[&Operation] = &[
    &break_glass::OPERATION,
    &document::OPERATION,
    &encounter_everything::OPERATION,
    &events::OPERATION,
    &everything::OPERATION,
    &export::OF_A_GROUP,
    &export::OF_PATIENTS,
    &export::OF_THE_SYSTEM,
    &extract::OPERATION,
    &fhirpath::OPERATION,
    &graphql::OPERATION,
    &immds_forecast::OPERATION,
    &import::OPERATION,
    &lastn::OPERATION,
    &r#match::OPERATION,
    &merge::CORRECT_PERSON,
    &merge::MERGE,
    &merge::UNMERGE,
    &meta::OPERATION,
    &meta_add::OPERATION,
    &meta_delete::OPERATION,
    &paper::OPERATION,
    &populate::OPERATION,
    &stats::OPERATION,
    &index_status::OPERATION,
    &status::OPERATION,
    &summary::OPERATION,
    &terminology::closure::OPERATION,
    &terminology::expand::OPERATION,
    &terminology::lookup::OPERATION,
    &terminology::subsumes::OPERATION,
    &terminology::translate::OPERATION,
    &terminology::validate_code::OPERATION,
    &terminology::validate_member::OPERATION,
    &transfer::ASSIGN_UNIT,
    &transfer::TRANSFER,
    &validate::OPERATION,
];

/// One operation.
pub(crate) struct Operation {
    /// Without the dollar sign: `everything`.
    pub name: &'static str,
    /// The canonical address of its definition.
    pub definition: &'static str,
    /// Where it may be called.
    pub at: &'static [At],
    /// The methods it takes, for Allow: `GET, HEAD, POST`, or `POST` where it changes something
    /// or its input does not fit into an address.
    pub methods: &'static str,
    /// The parameters it knows, in the address or in a Parameters resource.
    pub parameters: &'static [&'static str],
    /// What its body may be.
    pub reads: Reads,
    /// Does it.
    pub run: for<'a, 'r> fn(&'a mut Asked<'r>, Call<'a>) -> Doing<'a>,
}

/// An operation under way.
pub(crate) type Doing<'a> = Pin<Box<dyn Future<Output = Result<Answer, Trouble>> + Send + 'a>>;

/// A level at which an operation may be called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum At {
    /// `/$name`.
    System,
    /// `/Type/$name` of these types.
    Type(&'static [&'static str]),
    /// `/Type/id/$name` of these types.
    Instance(&'static [&'static str]),
    /// `/Type/id/_history/version/$name` of these types.
    Version(&'static [&'static str]),
}

/// For [`At`]: every type.
pub(crate) const EVERY_TYPE: &[&str] = &[];

/// What the body of an operation may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reads {
    /// Nothing or a Parameters resource of modest size.
    Parameters,
    /// Nothing, a Parameters resource, or a resource alone, as large as a body may be.
    Resource,
    /// Whatever it is: the operation reads it by its Content-Type.
    Bytes,
}

/// Where an operation was called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place<'p> {
    System,
    Type(ResourceType),
    Instance(ResourceType, &'p str),
    Version(ResourceType, &'p str, &'p str),
}

/// One call of an operation.
pub(crate) struct Call<'a> {
    /// Where.
    pub place: Place<'a>,
    /// By POST: what changes something asks for it.
    pub is_post: bool,
    /// With what. Parameters with a simple value are among `Asked::parameters` too, wherever
    /// they came from.
    pub input: Input,
}

impl Operation {
    /// True where it may be called at that place.
    pub fn is_at(&self, place: Place<'_>) -> bool {
        let has = |names: &[&str], kind: ResourceType| names.is_empty() || names.contains(&kind.name());
        self.at.iter().any(|at| match (*at, place) {
            (At::System, Place::System) => true,
            (At::Type(names), Place::Type(kind)) => has(names, kind),
            (At::Instance(names), Place::Instance(kind, _)) => has(names, kind),
            (At::Version(names), Place::Version(kind, ..)) => has(names, kind),
            _ => false,
        })
    }

    /// True where it is called on this type or on its instances.
    pub fn concerns(&self, kind: ResourceType) -> bool {
        self.at.iter().any(|at| match at {
            At::System => false,
            At::Type(names) | At::Instance(names) | At::Version(names) => names.is_empty() || names.contains(&kind.name()),
        })
    }

    /// Reads the input and does it.
    pub async fn call<'a>(&'static self, asked: &'a mut Asked<'_>, place: Place<'a>, body: Option<Body>) -> Result<Answer, Trouble> {
        let is_post = body.is_some();
        let input = Input::receive(asked, body, self.reads).await?;
        declined::check(self, asked, &input)?;
        asked.knows_only(self.parameters)?;
        input.knows_only(asked, self.parameters)?;
        shapes::check(self, asked, &input)?;
        (self.run)(asked, Call { place, is_post, input }).await
    }
}

impl PartialEq for Operation {
    fn eq(&self, other: &Operation) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Operation {}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${}", self.name)
    }
}

/// The operation of that name at that place (`name` with its dollar sign).
pub(crate) fn find(name: &str, place: Place<'_>) -> Result<&'static Operation, Trouble> {
    let name = name.strip_prefix('$').unwrap_or(name);
    match OPERATIONS.iter().find(|operation| operation.name == name && operation.is_at(place)) {
        Some(operation) => Ok(operation),
        None => {
            let others = elsewhere(name, place);
            let message = match others.as_slice() {
                [] => format!("This server has no such operation here; it has {}.", offered(place)),
                others => format!("This server has no such operation here; it is called at {}. Here it has {}.", others.join(", "), offered(place)),
            };
            Err(Trouble::no_such_address(message))
        }
    }
}

/// Where else an operation of that name is called: of the same type, or of the system; where there is no such place, anywhere.
fn elsewhere(name: &str, place: Place<'_>) -> Vec<String> {
    let own = match place {
        Place::System => None,
        Place::Type(kind) | Place::Instance(kind, _) | Place::Version(kind, ..) => Some(kind.name()),
    };
    let (mut near, mut far) = (Vec::new(), Vec::new());
    for at in OPERATIONS.iter().filter(|operation| operation.name == name).flat_map(|operation| operation.at) {
        let (names, below) = match at {
            At::System => {
                near.push(format!("/${name}"));
                continue;
            }
            At::Type(names) => (names, ""),
            At::Instance(names) => (names, "/[id]"),
            At::Version(names) => (names, "/[id]/_history/[version]"),
        };
        let address = |kind: &str| format!("/{kind}{below}/${name}");
        match own.filter(|own| names.is_empty() || names.contains(own)) {
            Some(own) => near.push(address(own)),
            None if names.is_empty() => far.push(address("[type]")),
            None => far.extend(names.iter().map(|kind| address(kind))),
        }
    }
    if near.is_empty() { far } else { near }
}

/// What may be called at a place, or, if that is nothing, anywhere.
fn offered(place: Place<'_>) -> String {
    let names = |wanted: &dyn Fn(&Operation) -> bool| {
        let mut names: Vec<_> = OPERATIONS.iter().filter(|operation| wanted(operation)).map(|operation| format!("${}", operation.name)).collect();
        names.sort();
        names.dedup();
        names.join(", ")
    };
    let here = names(&|operation| operation.is_at(place));
    if here.is_empty() { format!("none here; elsewhere {}", names(&|_| true)) } else { here }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_that_is_called_elsewhere_says_where() {
        let kind = |name: &str| ResourceType::named(name).unwrap();
        for (name, place, expect) in [
            ("everything", Place::Type(kind("Encounter")), "/Encounter/[id]/$everything"),
            ("everything", Place::Type(kind("Condition")), "/Encounter/[id]/$everything, /Patient/$everything, /Patient/[id]/$everything"),
            ("everything", Place::System, "/Encounter/[id]/$everything, /Patient/$everything, /Patient/[id]/$everything"),
            ("match", Place::Instance(kind("Patient"), "1"), "/Patient/$match"),
            ("match", Place::System, "/Patient/$match"),
            ("export", Place::Type(kind("Observation")), "/$export"),
            ("validate", Place::System, "/[type]/$validate, /[type]/[id]/$validate"),
            ("nonsense", Place::System, ""),
        ] {
            assert_eq!(elsewhere(name, place).join(", "), expect, "${name} at {place:?}");
        }
        // Whatever exists is told from wherever it is not.
        for operation in OPERATIONS {
            for place in [Place::System, Place::Type(kind("Basic")), Place::Instance(kind("Basic"), "1"), Place::Version(kind("Basic"), "1", "1")] {
                assert!(operation.is_at(place) || !elsewhere(operation.name, place).is_empty(), "{operation:?} {place:?}");
            }
        }
    }

    #[test]
    fn each_operation_is_found_where_it_says_and_only_once() {
        for operation in OPERATIONS {
            assert!(!operation.at.is_empty() && !operation.name.starts_with('$'), "{operation:?}");
            assert!(["GET, HEAD, POST", "POST", "GET, HEAD"].contains(&operation.methods), "{operation:?}");
            for at in operation.at {
                let names = match at {
                    At::System => &[][..],
                    At::Type(names) | At::Instance(names) | At::Version(names) => names,
                };
                assert!(names.iter().all(|name| ResourceType::named(name).is_some()), "{operation:?}");
            }
        }
        for kind in ResourceType::all() {
            for place in [Place::System, Place::Type(kind), Place::Instance(kind, "1"), Place::Version(kind, "1", "1")] {
                let mut names: Vec<_> = OPERATIONS.iter().filter(|operation| operation.is_at(place)).map(|operation| operation.name).collect();
                names.sort();
                let all = names.len();
                names.dedup();
                assert_eq!(names.len(), all, "two operations of one name at {place:?}");
            }
        }
    }
}
