//! Whether a resource answers a query: the truth that postings only narrow.
//!
//! * Nothing here is indexed, guessed or remembered: the resource's own tokens are compared
//!   with what was asked, so this is also the oracle of every faster way.
//! * No allocation for usual resources: a folded text fits a small buffer, and only strings
//!   with JSON escapes are copied.
//! * Values that cannot be read (a flawed date kept by an import) match nothing.

mod date;
mod number;
mod place;
mod reference;
mod string;
mod token;

pub(crate) use date::{around, covered};
pub(crate) use number::{extent, extent_in_base_units, rank};
pub(crate) use reference::{CANONICAL, text as reference_text};
pub(crate) use string::{each_name_part, has_folded_word};

use crate::link::{Link, NoWorld, Together, World, one_meets_all};
use crate::parameter::{Parameter, Source};
use crate::path::Found;
use crate::query::{Criterion, Modifier, Query};
use crate::wanted::Wanted;
use crate::words;
use fhir::definitions::ParameterKind;
use fhir::{Kind, Moment, Value};

/// What the store knows of a version beside its text.
#[derive(Clone, Copy, Debug)]
pub struct Meta<'m> {
    /// The logical id.
    pub id: &'m str,
    /// When this version was written.
    pub last_updated: Moment,
    /// From 1.
    pub version: u32,
}

/// Decides whether resources answer one query.
#[derive(Clone, Copy)]
pub struct Matcher<'q> {
    query: &'q Query,
}

impl<'q> Matcher<'q> {
    /// A matcher of this query; costs nothing.
    pub fn new(query: &'q Query) -> Matcher<'q> {
        Matcher { query }
    }

    /// True if the resource, which must be of the query's type, meets every criterion. What looks
    /// beyond it ([`Query::looks_beyond`]) is not looked at.
    pub fn matches(&self, resource: Value<'_>, meta: Meta<'_>) -> bool {
        let local = self.query.filters.iter().filter(|filter| filter.is_local());
        self.query.criteria.iter().all(|criterion| self.meets(criterion, resource, meta)) && local.into_iter().all(|filter| filter.is_met(self, resource, meta, &NoWorld))
    }

    /// The same, and every link: what lies at their other ends is asked of `world`.
    pub fn matches_in(&self, resource: Value<'_>, meta: Meta<'_>, world: &dyn World) -> bool {
        let mut beyond = self.query.filters.iter().filter(|filter| !filter.is_local());
        self.matches(resource, meta)
            && (0..self.query.links.len()).all(|number| self.meets_numbered(number, resource, meta, world))
            && beyond.all(|filter| filter.is_met(self, resource, meta, world))
    }

    /// The same of a resource inside another one, which was written with it.
    pub fn matches_inside(&self, resource: Value<'_>, container: Value<'_>, meta: Meta<'_>, world: &dyn World) -> bool {
        let (kind, base_url) = (self.query.resource_type, self.query.context.base_url.as_str());
        let mut filters = self.query.filters.iter();
        self.query.criteria.iter().all(|criterion| self.meets(criterion, resource, meta))
            && self.query.links.iter().all(|link| link.is_met_inside(kind, resource, container, meta, base_url, world))
            && filters.all(|filter| filter.is_met(self, resource, meta, world))
    }

    fn meets_numbered(&self, number: usize, resource: Value<'_>, meta: Meta<'_>, world: &dyn World) -> bool {
        match Together::of(self.query, number) {
            Together::Alone => self.meets_link(&self.query.links[number], resource, meta, world),
            Together::First(parameter, chains) => one_meets_all(parameter, &chains, resource, meta, self.query.context.base_url.as_str(), world),
            Together::Later => true,
        }
    }

    pub(crate) fn meets_link(&self, link: &Link, resource: Value<'_>, meta: Meta<'_>, world: &dyn World) -> bool {
        link.is_met(self.query.resource_type, resource, meta, self.query.context.base_url.as_str(), world)
    }

    pub(crate) fn meets(&self, criterion: &Criterion, resource: Value<'_>, meta: Meta<'_>) -> bool {
        if let Some(missing) = criterion.missing {
            return has_value(criterion.parameter, resource) != missing;
        }
        let any = self.meets_any(criterion, resource, meta);
        // `:not` is about the set: no value may be the one named, and no value at all is fine.
        if matches!(criterion.modifier, Modifier::Not | Modifier::NotIn) { !any } else { any }
    }

    fn meets_any(&self, criterion: &Criterion, resource: Value<'_>, meta: Meta<'_>) -> bool {
        let wanted = &criterion.wanted;
        let at = At { query: self.query, modifier: criterion.modifier, kind: criterion.parameter.kind(), by_word: criterion.parameter.by_word };
        let differs = criterion.modifier == Modifier::Differs;
        let words = |text: &str| wanted.iter().any(|one| matches!(one, Wanted::Words(words) if words.are_in(text)));
        match &criterion.parameter.source {
            Source::Id => wanted.iter().any(|one| matches!(one, Wanted::Token { code: Some(code), .. } if (code == meta.id) != differs)),
            Source::Narrative => words::narrative(resource).is_some_and(|text| words(&text)),
            Source::Everything => words(&words::everything(resource)),
            Source::LastUpdated => {
                let written = (meta.last_updated, Moment(meta.last_updated.0 + 1));
                wanted.iter().any(|one| date::compare(one, written))
            }
            Source::Presence(routes) => {
                let present = routes.iter().any(|route| route.any(resource, resource, &mut is_not_false));
                let said = if present { "true" } else { "false" };
                wanted.iter().any(|one| matches!(one, Wanted::Token { code: Some(code), .. } if (code == said) != differs))
            }
            Source::Routes(routes) | Source::Positions(routes) => {
                routes.iter().any(|route| route.any(resource, resource, &mut |found| wanted.iter().any(|one| at.compare(found, one))))
            }
            Source::Composite { places, components } => wanted.iter().any(|one| {
                let Wanted::Composite(parts) = one else { return false };
                places.iter().any(|place| {
                    place.any(resource, resource, &mut |spot| {
                        components.iter().zip(parts).all(|(component, part)| {
                            let plain = At { modifier: Modifier::Plain, kind: component.kind, by_word: false, ..at };
                            component.any(place.end, spot.value, resource, &mut |found| plain.compare(found, part))
                        })
                    })
                })
            }),
        }
    }
}

/// True where the parameter has any value: what `:missing` asks.
fn has_value(parameter: &Parameter, resource: Value<'_>) -> bool {
    match &parameter.source {
        Source::Composite { places, components } => places.iter().any(|place| {
            place.any(resource, resource, &mut |spot| {
                components.iter().all(|component| component.any(place.end, spot.value, resource, &mut |_| true))
            })
        }),
        // An element that says `false` is there.
        Source::Routes(routes) | Source::Positions(routes) | Source::Presence(routes) => routes.iter().any(|route| route.any(resource, resource, &mut |_| true)),
        Source::Narrative => words::narrative(resource).is_some(),
        Source::Id | Source::LastUpdated | Source::Everything => true,
    }
}

fn is_not_false(found: Found<'_>) -> bool {
    found.value.as_bool() != Some(false)
}

/// What comparing needs to know beside the two values.
#[derive(Clone, Copy)]
struct At<'a> {
    query: &'a Query,
    modifier: Modifier,
    kind: ParameterKind,
    by_word: bool,
}

impl At<'_> {
    fn compare(&self, found: Found<'_>, wanted: &Wanted) -> bool {
        if self.modifier == Modifier::Differs {
            let modifier = if self.kind == ParameterKind::String { Modifier::Equals } else { Modifier::Plain };
            return !At { modifier, ..*self }.compare(found, wanted);
        }
        match wanted {
            Wanted::Token { system, code } if self.modifier == Modifier::Identifier => {
                crate::path::member(found.value, "identifier").is_some_and(|identifier| token::identifier(identifier, system, code.as_deref()))
            }
            Wanted::Token { system, code } => token::compare(found, system, code.as_deref()),
            Wanted::IdentifierOfType { system, code, value } => token::identifier_of_type(found.value, system, code, value),
            Wanted::ValueSet(url) => token::is_in(found, url, &*self.query.context.codes),
            Wanted::Hierarchy { system, code } => token::is_above_or_below(found, system, code, self.modifier == Modifier::Below, &*self.query.context.codes),
            Wanted::Text { exact, folded } => match self.modifier {
                Modifier::Text => token::says(found, folded),
                _ if self.kind != ParameterKind::String => token::has_part(found, self.modifier, exact),
                _ => string::compare(found, self.modifier, exact, folded, self.by_word),
            },
            Wanted::Date { .. } => {
                date::covered(found, self.query.context.default_offset_minutes).is_some_and(|range| date::compare(wanted, range))
            }
            Wanted::Number { prefix, number } => number::interval(found).is_some_and(|interval| number::compare(*prefix, *number, interval)),
            Wanted::Quantity { prefix, number, system, unit } => number::quantity(found, *prefix, *number, system, unit.as_deref()),
            Wanted::Local { kind, id, version } => reference::names(found, *kind, id, version.as_deref(), &self.query.context.base_url),
            // The place itself; its parts are named beside it once they have been looked up.
            Wanted::Part { kind, id } => reference::names(found, Some(*kind), id, None, &self.query.context.base_url),
            Wanted::Near { latitude, longitude, metres } => place::metres_between(found.value, *latitude, *longitude).is_some_and(|away| away <= *metres),
            Wanted::Address(address) => reference::is_address(found, address),
            Wanted::Uri(uri) => found.value.as_str().is_some_and(|text| {
                let text = reference::asked_version(found, &text, uri);
                match self.modifier {
                    Modifier::Below => below(text, uri),
                    Modifier::Above => below(uri, text),
                    _ => text == uri,
                }
            }),
            // A composite is taken apart before its parts are compared; words are looked for in the whole.
            Wanted::Composite(_) | Wanted::Words(_) => false,
        }
    }
}

/// True if `address` is `root` or lies under it.
fn below(address: &str, root: &str) -> bool {
    let root = root.trim_end_matches('/');
    address.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The items of a member, if the value is an object that has it.
fn each<'d>(value: Value<'d>, name: &str) -> impl Iterator<Item = Value<'d>> {
    let found = (value.kind() == Kind::Object).then(|| crate::path::member(value, name)).flatten();
    found.into_iter().flat_map(|found| found.each())
}

/// The text of a member.
fn text_of<'d>(value: Value<'d>, name: &str) -> Option<std::borrow::Cow<'d, str>> {
    crate::path::member(value, name)?.as_str()
}
