//! `_include`: which references to follow from a match.
//!
//! Only tells which resources are named; whether each may be shown is decided elsewhere, one
//! by one. <https://hl7.org/fhir/R4/search.html#include>

use crate::custom::{Custom, names};
use crate::parameter::{Parameter, parameters};
use crate::path::Shape;
use crate::query::{Modifier, QueryContext};
use fhir::definitions::ParameterKind;
use fhir::{Reference, ResourceType, Value};

/// One `_include`.
#[derive(Clone, Copy)]
pub struct Include {
    /// The type of the resource that holds the reference; none for `*`.
    pub source: Option<ResourceType>,
    /// The reference parameter; none for `*` or `Type:*`: all of them.
    pub parameter: Option<&'static Parameter>,
    /// Only targets of this type.
    pub target: Option<ResourceType>,
    /// `_revinclude`: from the target to those who name it.
    pub reverse: bool,
    /// Also from what was included, not only from matches.
    pub iterate: bool,
}

impl std::fmt::Debug for Include {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text())
    }
}

impl Include {
    /// Reads `Observation:subject`, `Observation:subject:Patient`, `Observation:*` or `*`.
    pub(crate) fn parse(context: &QueryContext, text: &str, iterate: bool) -> Result<Include, String> {
        if text == "*" {
            return Ok(Include { source: None, parameter: None, target: None, reverse: false, iterate });
        }
        let mut parts = text.split(':');
        let (source, code, target) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
        let expected = "Type:parameter or Type:parameter:Target is expected, as Observation:subject";
        let (Some(source), Some(code), None) = (ResourceType::named(source), code, parts.next()) else { return Err(expected.into()) };
        let target = match target {
            None => None,
            Some(name) => Some(ResourceType::named(name).ok_or("the target is not a resource type")?),
        };
        let never = |found: &Parameter| target.is_some_and(|target| !Modifier::Type(target).works_on(found));
        if code == "*" {
            let include = Include { source: Some(source), parameter: None, target, reverse: false, iterate };
            return match (target, every_reference(&context.custom, source).all(never)) {
                (Some(target), true) => Err(format!("no reference of {source} leads to {target}")),
                _ => Ok(include),
            };
        }
        match context.parameter(source, code).filter(|found| can_include(found)) {
            Some(found) if never(found) => Err(format!("{} never leads to that type; it leads to {}", found.code(), found.definition.targets.join(", "))),
            Some(found) => Ok(Include { source: Some(source), parameter: Some(found), target, reverse: false, iterate }),
            None => {
                let known = names(&context.custom, source, can_include);
                Err(format!("{source} has no such reference parameter; these work: {known}"))
            }
        }
    }

    /// Reads `_revinclude=Observation:subject`, `Observation:subject:Patient`, `Observation:*`:
    /// those of the source type that name what is found.
    pub(crate) fn parse_reverse(context: &QueryContext, text: &str, iterate: bool) -> Result<Include, String> {
        Ok(Include { reverse: true, ..Include::parse(context, text, iterate)? })
    }

    /// Tells why it can bring nothing to matches of these types, if that is so.
    pub(crate) fn brings_nothing(&self, custom: &Custom, among: &[ResourceType]) -> Option<String> {
        // What came along may be of any type.
        if self.iterate {
            return None;
        }
        let names = || among.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ");
        let leads_here = |found: &Parameter| among.iter().any(|kind| Modifier::Type(*kind).works_on(found));
        match (self.reverse, self.source, self.parameter) {
            (false, Some(source), _) if !among.contains(&source) => Some(format!("no {source} is searched for here; with :iterate what comes along is followed, too")),
            (false, ..) => None,
            _ if self.target.is_some_and(|target| !among.contains(&target)) => Some(format!("what is named must be of a type that is searched for: {}", names())),
            (true, _, Some(found)) if !leads_here(found) => Some(format!("{} does not lead to {}; it leads to {}", found.code(), names(), found.definition.targets.join(", "))),
            (true, Some(source), None) if !every_reference(custom, source).any(leads_here) => Some(format!("no reference of {source} leads to {}", names())),
            _ => None,
        }
    }

    /// The types whose references it follows, each with the parameters through which it looks: those of R4 and of the site.
    pub fn sources(&self, custom: &Custom) -> Vec<(ResourceType, Vec<&'static Parameter>)> {
        let all = |source: ResourceType| (source, every_reference(custom, source).collect());
        match (self.source, self.parameter) {
            (Some(source), Some(parameter)) => vec![(source, vec![parameter])],
            (Some(source), None) => vec![all(source)],
            (None, _) => ResourceType::all().map(all).collect(),
        }
    }

    /// Reads an `_include`: what [`Include::parse`] reads, or `QuestionnaireResponse:questionnaire`, whose values are canonical
    /// addresses of what may be stored here.
    pub(crate) fn parse_forward(context: &QueryContext, text: &str, iterate: bool) -> Result<Include, String> {
        let parts: Vec<&str> = text.split(':').collect();
        let (source, code, target) = match parts.as_slice() {
            [source, code] => (*source, *code, None),
            [source, code, target] => (*source, *code, Some(*target)),
            _ => return Include::parse(context, text, iterate),
        };
        let named = ResourceType::named(source).and_then(|source| Some((source, context.parameter(source, code)?)));
        let Some((source, found)) = named.filter(|(_, found)| names_by_address(found)) else { return Include::parse(context, text, iterate) };
        let target = match target.map(ResourceType::named) {
            None => None,
            Some(Some(target)) if found.definition.targets.is_empty() || found.definition.targets.contains(&target.name()) => Some(target),
            Some(_) => return Err(format!("{} never leads to that type; it leads to {}", found.code(), found.definition.targets.join(", "))),
        };
        Ok(Include { source: Some(source), parameter: Some(found), target, reverse: false, iterate })
    }

    /// Calls `visit` with the type and the canonical address of what `resource` (of type `kind`) names by one, for each type
    /// that may bear it. The same may come twice.
    pub fn follow_addresses(&self, kind: ResourceType, resource: Value<'_>, visit: &mut dyn FnMut(ResourceType, &str)) {
        let Some(found) = self.parameter.filter(|found| !self.reverse && self.source == Some(kind) && names_by_address(found)) else { return };
        let targets = found.definition.targets.iter().filter_map(|name| ResourceType::named(name));
        let bearers: Vec<ResourceType> = match self.target {
            Some(target) => vec![target],
            None if found.definition.targets.is_empty() => ResourceType::all().collect(),
            None => targets.collect(),
        };
        for route in found.routes().iter().filter(|route| route.shape == Shape::Text) {
            route.any(resource, resource, &mut |named| {
                if let Some(text) = named.value.as_str() {
                    let address = text.split('#').next().unwrap_or_default();
                    bearers.iter().filter(|kind| crate::parameter::parameter(**kind, "url").is_some()).for_each(|kind| visit(*kind, address));
                }
                false
            });
        }
    }

    /// As it stands in a URL.
    pub fn text(&self) -> String {
        let mut text = self.source.map_or("*", |source| source.name()).to_owned();
        if self.source.is_some() {
            text.push(':');
            text.push_str(self.parameter.map_or("*", Parameter::code));
        }
        if let Some(target) = self.target {
            text.push(':');
            text.push_str(target.name());
        }
        text
    }

    /// Calls `visit` with the type and id of each resource here that `resource` (of type
    /// `kind`) names in the way this include follows, `*` through the site's own parameters, too. The same one may come twice.
    pub fn follow(&self, kind: ResourceType, resource: Value<'_>, base_url: &str, custom: &Custom, visit: &mut dyn FnMut(ResourceType, &str)) {
        self.follow_versions(kind, resource, base_url, custom, &mut |target, id, _| visit(target, id));
    }

    /// The same, with the version where the reference names one.
    pub fn follow_versions(&self, kind: ResourceType, resource: Value<'_>, base_url: &str, custom: &Custom, visit: &mut dyn FnMut(ResourceType, &str, Option<&str>)) {
        if self.reverse || self.source.is_some_and(|source| source != kind) {
            return;
        }
        let mut from = |parameter: &Parameter| {
            for route in parameter.routes().iter().filter(|route| route.shape == Shape::Reference) {
                route.any(resource, resource, &mut |found| {
                    if let Some(text) = crate::matcher::reference_text(found)
                        && let Reference::Local { kind: target, id, version } = Reference::within(&text, base_url)
                        && self.target.is_none_or(|wanted| wanted == target)
                    {
                        visit(target, id, version);
                    }
                    false
                });
            }
        };
        match self.parameter {
            Some(parameter) => from(parameter),
            None => every_reference(custom, kind).for_each(from),
        }
    }
}

/// The references of a type that can be followed: R4's and the site's own.
fn every_reference(custom: &Custom, kind: ResourceType) -> impl Iterator<Item = &'static Parameter> {
    parameters(kind).iter().chain(custom.of(kind)).filter(|parameter| can_include(parameter))
}

/// True for reference parameters that lead to resources, not only to canonical addresses.
pub fn can_include(parameter: &Parameter) -> bool {
    parameter.kind() == ParameterKind::Reference && parameter.routes().iter().any(|route| route.shape == Shape::Reference)
}

/// True for reference parameters that name resources by canonical addresses alone: they can be brought along, not followed.
pub fn names_by_address(parameter: &Parameter) -> bool {
    parameter.kind() == ParameterKind::Reference && !can_include(parameter) && parameter.routes().iter().any(|route| route.shape == Shape::Text)
}
