//! Reading a query's pairs, one after the other.
//!
//! * What is not understood is refused, or dropped and named where the caller is lenient; a value
//!   that cannot be read is refused either way.
//! * A name is repeated only where it is plainly one: someone may have put anything there.

use super::{Contained, Criterion, Dropped, Handling, MOST_ALTERNATIVES, Modifier, Query, QueryContext, SortKey, Summary, Total, Unshown};
use crate::custom::names;
use crate::filter::Filter;
use crate::include::{Include, can_include};
use crate::link::{Link, MOST_LINKS, What, chain_targets};
use crate::parameter::{Parameter, Source};
use crate::summary::{elements_of, has_element};
use crate::text::split_escaped;
use crate::wanted;
use fhir::definitions::ParameterKind;
use fhir::{Issue, IssueCode, ResourceType};
use std::sync::Arc;

/// A query while its pairs are being read.
pub(super) struct Reading {
    pub query: Query,
    /// How many links lead here.
    depth: usize,
    /// All types that are asked together with this one.
    among: Vec<ResourceType>,
    handling: Handling,
    /// What was said of those that can be said [`ONCE`].
    said: Vec<(&'static str, String)>,
    pub issues: Vec<Issue>,
}

/// Parameters with one value: of two, one would be passed over unsaid.
const ONCE: [&str; 8] = ["_count", "_total", "_totalMethod", "_summary", "_contained", "_containedType", "explain", "_format"];

impl Reading {
    pub fn new(resource_type: ResourceType, handling: Handling, context: QueryContext) -> Reading {
        let query = Query {
            resource_type,
            criteria: Vec::new(),
            links: Vec::new(),
            filters: Vec::new(),
            filter_texts: Unshown::default(),
            contained: Contained::False,
            shows_contained: false,
            count: None,
            total: None,
            sort: Vec::new(),
            includes: Vec::new(),
            summary: None,
            elements: Vec::new(),
            explain: false,
            place: None,
            dropped: Vec::new(),
            is_one_persons: false,
            context,
        };
        Reading { query, depth: 0, among: vec![resource_type], handling, said: Vec::new(), issues: Vec::new() }
    }

    /// The same for a search over several types: what one of them knows is known.
    pub fn among(self, types: &[ResourceType]) -> Reading {
        Reading { among: types.to_vec(), ..self }
    }

    pub fn finish(mut self) -> Result<Query, Vec<Issue>> {
        if self.query.contained != Contained::False && !self.query.sort.is_empty() {
            self.refuse("_contained", "resources inside others are not sorted; leave _sort out");
        }
        // What contains a match may be of any type.
        if self.query.contained == Contained::False {
            self.refuse_idle_includes();
        }
        if self.query.summary == Some(Summary::Text) && !self.query.includes.is_empty() {
            self.include_in_text();
        }
        if matches!(self.query.summary, Some(Summary::True | Summary::Text | Summary::Data)) && !self.query.elements.is_empty() {
            self.query.elements.clear();
            self.drop_or_refuse("_elements", "_summary says already which elements are sent; leave one of them out");
        }
        if self.issues.is_empty() { Ok(self.query) } else { Err(self.issues) }
    }

    fn refuse_idle_includes(&mut self) {
        for include in std::mem::take(&mut self.query.includes) {
            match include.brings_nothing(&self.query.context.custom, &self.among) {
                None => self.query.includes.push(include),
                Some(reason) => self.drop_or_refuse(if include.reverse { "_revinclude" } else { "_include" }, &reason),
            }
        }
    }

    /// What is included would come without what it was included for.
    /// <https://hl7.org/fhir/R4/search.html#summary>
    fn include_in_text(&mut self) {
        let reason = "_include and _revinclude cannot be mixed with _summary=text; leave one of them out";
        match self.handling {
            Handling::Lenient => {
                self.query.includes.clear();
                self.query.dropped.push(Dropped { name: "_include".to_owned(), reason: reason.to_owned() });
            }
            Handling::Strict => self.issues.push(Issue::error(IssueCode::NotSupported, "_summary", format!("The parameters do not go together: {reason}."))),
        }
    }

    pub fn pair(&mut self, name: &str, value: &str) {
        if self.is_said_already(name, value) {
            return;
        }
        match name {
            "_format" | "_pretty" => {}
            "_count" => match value.parse() {
                Ok(count) => self.query.count = Some(count),
                Err(_) => self.refuse(name, "a whole number from 0 is expected"),
            },
            "_total" => match [Total::None, Total::Estimate, Total::Accurate].into_iter().find(|total| total.code() == value) {
                Some(total) => self.query.total = Some(total),
                None => self.refuse(name, "none, estimate or accurate is expected"),
            },
            // What fhirpy sends to count.
            "_totalMethod" if value == "count" => self.query.total = Some(Total::Accurate),
            "_summary" => match Summary::named(value) {
                Some(summary) => self.query.summary = Some(summary),
                None => self.refuse(name, "true, text, data, count or false is expected"),
            },
            "_elements" => self.elements(value),
            "_sort" => self.sort(value),
            "_revinclude" | "_revinclude:iterate" | "_revinclude:recurse" => match Include::parse_reverse(&self.query.context, value, name != "_revinclude") {
                Ok(include) => self.query.includes.push(include),
                Err(expected) => self.drop_or_refuse(name, &expected),
            },
            "explain" if self.query.context.may_explain => match value {
                "true" | "false" => self.query.explain = value == "true",
                _ => self.refuse(name, "true or false is expected"),
            },
            "_list" => self.listed(value),
            "_filter" => self.filter(value),
            "_contained" => match [Contained::False, Contained::True, Contained::Both].into_iter().find(|contained| contained.code() == value) {
                Some(contained) => self.query.contained = contained,
                None => self.refuse(name, "true, false or both is expected"),
            },
            "_containedType" => match value {
                "container" | "contained" => self.query.shows_contained = value == "contained",
                _ => self.refuse(name, "container or contained is expected"),
            },
            "_query" => self.drop_or_refuse(name, "this server keeps no named queries; ask with the parameters of the type"),
            _ if name.starts_with("_has:") => self.has(name, value),
            _ if name.contains('.') => self.chain(name, value),
            "_include" | "_include:iterate" | "_include:recurse" => match Include::parse_forward(&self.query.context, value, name != "_include") {
                Ok(include) => self.query.includes.push(include),
                Err(expected) => self.drop_or_refuse(name, &expected),
            },
            "_type" if value == self.query.resource_type.name() => {}
            "_type" => self.refuse(name, "_type chooses types only in a search over several; here the address names the type"),
            _ => self.criterion(name, value),
        }
    }

    /// The same value again is no other question; another one is refused, or told where the caller is lenient.
    fn is_said_already(&mut self, name: &str, value: &str) -> bool {
        let Some(known) = ONCE.into_iter().find(|known| *known == name) else { return false };
        let Some((_, before)) = self.said.iter().find(|(said, _)| *said == known) else {
            self.said.push((known, value.to_owned()));
            return false;
        };
        if before != value {
            self.drop_or_refuse(name, "it is given more than once with different values, of which only the first could count");
        }
        true
    }

    fn elements(&mut self, value: &str) {
        let names: Vec<&str> = value.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
        if names.is_empty() {
            return self.drop_or_refuse("_elements", "a value is missing; leave the parameter out or give one");
        }
        for name in names {
            // A type may stand before it.
            let bare = name.split_once('.').filter(|(kind, _)| ResourceType::named(kind).is_some()).map_or(name, |(_, element)| element);
            if !bare.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                return self.refuse("_elements", "names of top-level elements are expected, separated by commas");
            }
            if has_element(&self.among, name) {
                self.query.elements.push(name.to_owned());
                continue;
            }
            let reason = match self.among.as_slice() {
                [only] => format!("{only} has no element of one of these names; it has: {}", elements_of(*only)),
                _ => "none of the types asked for has an element of one of these names".to_owned(),
            };
            if !self.query.dropped.iter().any(|dropped| dropped.reason == reason) {
                self.drop_or_refuse("_elements", &reason);
            }
        }
    }

    fn sort(&mut self, value: &str) {
        for key in value.split(',') {
            let (code, descending) = key.strip_prefix('-').map_or((key, false), |code| (code, true));
            match self.query.context.parameter(self.query.resource_type, code) {
                // A key that stands there already decides nothing more, and each costs memory with every match.
                Some(found) if self.query.sort.iter().any(|key| std::ptr::eq(key.parameter, found)) => {}
                Some(found) if crate::sort::can_sort(found) => self.query.sort.push(SortKey { parameter: found, descending }),
                _ => {
                    let known = names(&self.query.context.custom, self.query.resource_type, crate::sort::can_sort);
                    self.drop_or_refuse("_sort", &format!("a key is not one this server can sort by; these work: {known}"));
                }
            }
        }
    }

    fn criterion(&mut self, name: &str, value: &str) {
        let (code, modifier) = name.split_once(':').map_or((name, None), |(code, modifier)| (code, Some(modifier)));
        let Some(found) = self.query.context.parameter(self.query.resource_type, code) else {
            let known = names(&self.query.context.custom, self.query.resource_type, |_| true);
            let reason = format!("{} has no such parameter here; these work: {known}", self.query.resource_type);
            return self.drop_or_refuse(name, &reason);
        };
        let modifier = match modifier {
            None => Modifier::Plain,
            Some(text) => match Modifier::named(text).filter(|modifier| modifier.works_on(found)) {
                Some(modifier) => modifier,
                None => return self.drop_or_refuse(name, &format!("this modifier does not work on it; these do: {}", working_modifiers(found))),
            },
        };
        if self.depth > 0 && matches!(found.source, Source::Narrative | Source::Everything) {
            return self.drop_or_refuse(name, "words are looked for in the resource itself, not at the other end of a reference");
        }
        if value.is_empty() {
            return self.drop_or_refuse(name, "a value is missing; leave the parameter out or give one");
        }
        if modifier == Modifier::Missing {
            match value {
                "true" | "false" => self.query.criteria.push(Criterion { parameter: found, modifier, wanted: Vec::new(), missing: Some(value == "true"), text: Some(value.to_owned()) }),
                _ => self.refuse(name, "true or false is expected"),
            }
            return;
        }
        let mut wanted = Vec::new();
        for part in split_escaped(value, ',') {
            if wanted.len() >= MOST_ALTERNATIVES {
                return self.refuse(name, "more than 1000 alternatives; ask in several queries");
            }
            let read = match modifier {
                Modifier::Below if found.kind() == ParameterKind::String => wanted::read_place(part, &self.query.context),
                _ => wanted::read(found, modifier, part, &self.query.context).map(|one| vec![one]),
            };
            match read {
                Ok(all) => wanted.extend(all),
                Err(expected) => return self.refuse(name, &expected),
            }
        }
        self.query.criteria.push(Criterion { parameter: found, modifier, wanted, missing: None, text: Some(value.to_owned()) });
    }

    /// `_filter`: alternatives at its outermost level are not divided by commas.
    fn filter(&mut self, value: &str) {
        match Filter::parse(value, self.query.resource_type, self.depth, &self.query.context) {
            Ok(filter) => {
                self.query.take(filter);
                self.query.filter_texts.0.push(value.to_owned());
            }
            Err(problem) => {
                let message = format!("The parameter _filter cannot be read from character {} on: {}.", problem.at, problem.message);
                self.issues.push(Issue::error(problem.code, "_filter", message));
            }
        }
    }

    /// `patient.name`, `subject:Patient.organization.name`.
    fn chain(&mut self, name: &str, value: &str) {
        let Some((head, rest)) = name.split_once('.') else { return };
        let (found, targets) = match chain_targets(&self.query.context, self.query.resource_type, head) {
            Ok(found) => found,
            Err(reason) => return self.drop_or_refuse(name, &reason),
        };
        let code = found.code();
        let (mut inner, mut reasons) = (Vec::new(), Vec::new());
        for target in &targets {
            match self.inner(*target, rest, value) {
                Ok(query) => inner.push(Arc::new(query)),
                Err(issues) => reasons.extend(issues),
            }
        }
        if inner.is_empty() {
            reasons.dedup_by(|left, right| left.message == right.message);
            return match targets.as_slice() {
                [_] => self.take_over(name, reasons),
                _ if reasons.iter().any(|issue| issue.code != IssueCode::NotSupported) => {
                    reasons.retain(|issue| issue.code != IssueCode::NotSupported);
                    self.take_over(name, reasons);
                }
                _ => self.drop_or_refuse(name, &format!("none of the types that {code} leads to has what follows; name the type, as {code}:Patient.name")),
            };
        }
        self.query.links.push(Link { what: What::Chain { parameter: found, inner }, text: (name.to_owned(), value.to_owned()) });
    }

    /// `_has:Observation:patient:code`.
    fn has(&mut self, name: &str, value: &str) {
        let mut parts = name.splitn(4, ':').skip(1);
        let (source, code, rest) = (parts.next().and_then(ResourceType::named), parts.next(), parts.next());
        let (Some(source), Some(code), Some(rest)) = (source, code, rest) else {
            return self.drop_or_refuse(name, "a type, one of its references and one of its parameters are expected, as _has:Observation:patient:code");
        };
        let to_here = |found: &Parameter| can_include(found) && Modifier::Type(self.query.resource_type).works_on(found);
        let Some(found) = self.query.context.parameter(source, code).filter(|found| to_here(found)) else {
            let known = names(&self.query.context.custom, source, to_here);
            return self.drop_or_refuse(name, &format!("that reference of {source} does not lead to {}; these do: {known}", self.query.resource_type));
        };
        match self.inner(source, rest, value) {
            Ok(inner) => self.query.links.push(Link { what: What::Has { parameter: found, inner: Arc::new(inner) }, text: (name.to_owned(), value.to_owned()) }),
            Err(issues) => self.take_over(name, issues),
        }
    }

    /// `_list=23`. <https://hl7.org/fhir/R4/search.html#list>
    fn listed(&mut self, value: &str) {
        let ids: Vec<String> = value.split(',').map(|id| id.strip_prefix("List/").unwrap_or(id).to_owned()).collect();
        if ids.iter().any(|id| id.starts_with("$current-")) {
            return self.drop_or_refuse("_list", "functional lists such as $current-problems are not kept here; give the id of a List");
        }
        if !ids.iter().all(|id| fhir::is_id(id)) {
            return self.refuse("_list", "ids of Lists are expected, separated by commas");
        }
        self.query.links.push(Link { what: What::Listed(ids), text: ("_list".to_owned(), value.to_owned()) });
    }

    /// The query at the other end of a link.
    fn inner(&self, kind: ResourceType, name: &str, value: &str) -> Result<Query, Vec<Issue>> {
        let mut reading = Reading::new(kind, Handling::Strict, self.query.context.clone());
        reading.depth = self.depth + 1;
        match reading.depth > MOST_LINKS {
            true => reading.refuse(name, "this is nested deeper than this server follows"),
            false if name.starts_with("_has:") => reading.has(name, value),
            false if name.contains('.') => reading.chain(name, value),
            false => reading.criterion(name, value),
        }
        reading.finish()
    }

    /// What was wrong at the other end of a link: a value that cannot be read is refused, the rest
    /// is dropped where the caller is lenient.
    fn take_over(&mut self, name: &str, issues: Vec<Issue>) {
        match self.handling {
            Handling::Lenient if issues.iter().all(|issue| issue.code == IssueCode::NotSupported) => {
                self.query.dropped.push(Dropped { name: shown(name), reason: "what it leads to does not have that parameter".to_owned() });
            }
            _ => self.issues.extend(issues),
        }
    }

    /// What is not supported: dropped under lenient handling, refused otherwise.
    fn drop_or_refuse(&mut self, name: &str, reason: &str) {
        match self.handling {
            Handling::Lenient => self.query.dropped.push(Dropped { name: shown(name), reason: reason.to_owned() }),
            Handling::Strict => {
                let name = shown(name);
                self.issues.push(Issue::error(IssueCode::NotSupported, name.clone(), format!("The parameter {name} was not understood: {reason}.")));
            }
        }
    }

    /// A value that cannot be read.
    fn refuse(&mut self, name: &str, expected: &str) {
        let name = shown(name);
        self.issues.push(Issue::error(IssueCode::Value, name.clone(), format!("The parameter {name} cannot be read: {expected}.")));
    }
}

fn working_modifiers(parameter: &Parameter) -> String {
    let mut names: Vec<_> = Modifier::NAMED.into_iter().filter(|modifier| modifier.works_on(parameter)).map(Modifier::name).collect();
    if parameter.kind() == ParameterKind::Reference {
        names.push("a type");
    }
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// A parameter's name as it may be repeated: someone may have put anything there.
fn shown(name: &str) -> String {
    let plain = name.len() <= 64 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b':' | b'.'));
    if plain && !name.is_empty() { name.to_owned() } else { "(with an unreadable name)".to_owned() }
}
