//! `_filter`: conditions joined by *and*, *or* and *not*, on the parameters of any other search.
//!
//! * A filter becomes criteria and links like any others; the same matcher decides about them.
//! * Logic is read from left to right, as R4 says; brackets say otherwise.
//! * Text, depth and the number of tests are limited. A refusal names the place, never a value.
//!
//! <https://hl7.org/fhir/R4/search_filter.html>

mod syntax;

use crate::custom::names;
use crate::link::{Link, MOST_LINKS, What, World, chain_targets};
use crate::matcher::{Matcher, Meta};
use crate::parameter::{Parameter, Source};
use crate::query::{Criterion, Modifier, Query, QueryContext};
use crate::wanted::{self, Prefix, Wanted};
use fhir::definitions::ParameterKind;
use fhir::{IssueCode, ResourceType, Value};
use std::sync::Arc;
use syntax::{Step, Syntax, Test};

/// A filter, ready to be matched.
#[derive(Clone, Debug)]
pub enum Filter {
    /// All of them must be met.
    All(Vec<Filter>),
    /// One of them must be met.
    Any(Vec<Filter>),
    /// It must not be met.
    Not(Box<Filter>),
    /// A condition on the resource.
    Is(Box<Criterion>),
    /// A condition on another one.
    Beyond(Box<Link>),
}

/// What is wrong with a filter, and at which of its letters, the first being 1.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub at: usize,
    pub code: IssueCode,
    pub message: String,
}

impl Filter {
    /// Reads a filter on a type.
    pub(crate) fn parse(text: &str, kind: ResourceType, depth: usize, context: &QueryContext) -> Result<Filter, Problem> {
        Resolver { context }.resolve(&syntax::read(text)?, kind, depth)
    }

    /// Whether a resource meets it.
    pub(crate) fn is_met(&self, matcher: &Matcher<'_>, resource: Value<'_>, meta: Meta<'_>, world: &dyn World) -> bool {
        match self {
            Filter::All(all) => all.iter().all(|one| one.is_met(matcher, resource, meta, world)),
            Filter::Any(any) => any.iter().any(|one| one.is_met(matcher, resource, meta, world)),
            Filter::Not(inner) => !inner.is_met(matcher, resource, meta, world),
            Filter::Is(criterion) => matcher.meets(criterion, resource, meta),
            Filter::Beyond(link) => matcher.meets_link(link, resource, meta, world),
        }
    }

    /// True if the resource alone tells.
    pub fn is_local(&self) -> bool {
        self.each(&mut |leaf| !matches!(leaf, Filter::Beyond(_)))
    }

    /// True if `wanted` says so of every condition.
    pub(crate) fn each(&self, wanted: &mut dyn FnMut(&Filter) -> bool) -> bool {
        match self {
            Filter::All(parts) | Filter::Any(parts) => parts.iter().all(|part| part.each(wanted)),
            Filter::Not(inner) => inner.each(wanted),
            leaf => wanted(leaf),
        }
    }
}

impl Query {
    /// The same, only for what meets a filter. What must be met in any case becomes a criterion
    /// like any other, so that it can narrow.
    pub(crate) fn take(&mut self, filter: Filter) {
        match filter {
            Filter::All(parts) => parts.into_iter().for_each(|part| self.take(part)),
            Filter::Is(criterion) => self.criteria.push(*criterion),
            Filter::Beyond(link) => self.links.push(*link),
            other => self.filters.push(other),
        }
    }
}

/// Gives names their meaning.
struct Resolver<'c> {
    context: &'c QueryContext,
}

impl Resolver<'_> {
    fn resolve(&self, syntax: &Syntax, kind: ResourceType, depth: usize) -> Result<Filter, Problem> {
        let all = |parts: &[Syntax]| parts.iter().map(|part| self.resolve(part, kind, depth)).collect::<Result<Vec<_>, _>>();
        Ok(match syntax {
            Syntax::All(parts) => Filter::All(all(parts)?),
            Syntax::Any(parts) => either(all(parts)?),
            Syntax::Not(inner) => Filter::Not(Box::new(self.resolve(inner, kind, depth)?)),
            Syntax::Test(test) => self.test(&test.path, test, kind, depth)?,
        })
    }

    fn test(&self, path: &[Step], test: &Test, kind: ResourceType, depth: usize) -> Result<Filter, Problem> {
        match path {
            [] => Err(Problem { at: test.at, code: IssueCode::Value, message: "a parameter is missing".into() }),
            [only] => self.criterion(only, test, kind, depth).map(|criterion| Filter::Is(Box::new(criterion))),
            [head, rest @ ..] => self.chain(head, rest, test, kind, depth),
        }
    }

    fn criterion(&self, step: &Step, test: &Test, kind: ResourceType, depth: usize) -> Result<Criterion, Problem> {
        let unknown = |message: String| Problem { at: step.at, code: IssueCode::NotSupported, message };
        let Some(found) = self.context.parameter(kind, &step.name) else {
            let known = names(&self.context.custom, kind, |_| true);
            return Err(unknown(format!("{kind} has no such parameter here; these work: {known}")));
        };
        if depth > 0 && matches!(found.source, Source::Narrative | Source::Everything) {
            return Err(unknown("words are looked for in the resource itself, not at the other end of a reference".into()));
        }
        if test.operator == "pr" {
            let missing = match test.value.as_str() {
                "true" => false,
                "false" => true,
                _ => return Err(Problem { at: test.value_at, code: IssueCode::Value, message: "true or false is expected after pr".into() }),
            };
            return Ok(Criterion::unsaid(found, Modifier::Missing, Vec::new(), Some(missing)));
        }
        let Some((modifier, prefix)) = meaning(test.operator, found) else {
            let working: Vec<_> = syntax::OPERATORS.into_iter().filter(|operator| *operator == "pr" || meaning(operator, found).is_some()).collect();
            let message = format!("{} does not work on {}; these do: {}", test.operator, found.code(), working.join(", "));
            return Err(Problem { at: test.at, code: IssueCode::NotSupported, message });
        };
        let wanted = read(found, modifier, prefix, &test.value, self.context);
        let wanted = wanted.map_err(|expected| Problem { at: test.value_at, code: IssueCode::Value, message: expected })?;
        Ok(Criterion::unsaid(found, modifier, vec![wanted], None))
    }

    /// `subject.name`, `subject[gender eq female].name`: one resource at the other end meets all.
    fn chain(&self, head: &Step, rest: &[Step], test: &Test, kind: ResourceType, depth: usize) -> Result<Filter, Problem> {
        let problem = |code, message| Problem { at: head.at, code, message };
        if depth >= MOST_LINKS {
            return Err(problem(IssueCode::TooCostly, "this is nested deeper than this server follows".into()));
        }
        let (found, targets) = chain_targets(self.context, kind, &head.name).map_err(|reason| problem(IssueCode::NotSupported, reason))?;
        let (mut inner, mut problems) = (Vec::new(), Vec::new());
        for target in &targets {
            match self.other_end(head, rest, test, *target, depth + 1) {
                Ok(query) => inner.push(Arc::new(query)),
                Err(problem) => problems.push(problem),
            }
        }
        if inner.is_empty() {
            let message = "none of the types it leads to has what follows; name the type, as subject:Patient.name";
            let worst = problems.iter().position(|problem| problem.code != IssueCode::NotSupported || targets.len() == 1);
            return Err(worst.map_or_else(|| problem(IssueCode::NotSupported, message.into()), |worst| problems.swap_remove(worst)));
        }
        Ok(Filter::Beyond(Box::new(Link { what: What::Chain { parameter: found, inner }, text: (String::new(), String::new()) })))
    }

    fn other_end(&self, head: &Step, rest: &[Step], test: &Test, kind: ResourceType, depth: usize) -> Result<Query, Problem> {
        let mut query = Query::all(kind, self.context.clone());
        if let Some(within) = &head.within {
            query.take(self.resolve(within, kind, depth)?);
        }
        query.take(self.test(rest, test, kind, depth)?);
        Ok(query)
    }
}

/// Alternatives on one parameter are one criterion with several values, which can narrow.
fn either(parts: Vec<Filter>) -> Filter {
    let mut merged: Option<Criterion> = None;
    for part in &parts {
        let Filter::Is(one) = part else { return Filter::Any(parts) };
        match &mut merged {
            _ if one.missing.is_some() || matches!(one.modifier, Modifier::Not | Modifier::NotIn) => return Filter::Any(parts),
            None => merged = Some(one.as_ref().clone()),
            Some(first) if std::ptr::eq(first.parameter, one.parameter) && first.modifier == one.modifier => first.wanted.extend(one.wanted.iter().cloned()),
            Some(_) => return Filter::Any(parts),
        }
    }
    merged.map_or(Filter::Any(parts), |one| Filter::Is(Box::new(one)))
}

/// How an operator looks at a parameter; none where R4 gives it no meaning there.
fn meaning(operator: &str, parameter: &Parameter) -> Option<(Modifier, Option<Prefix>)> {
    use Modifier as M;
    let plain = Some((M::Plain, None));
    let ordered = |prefix| Some((M::Plain, Some(prefix)));
    match (&parameter.source, operator) {
        (Source::Id | Source::Presence(_) | Source::Composite { .. }, "eq") => return plain,
        (Source::Id | Source::Presence(_), "ne") => return Some((M::Differs, None)),
        (Source::Positions(_), "eq") => return plain,
        (Source::Narrative | Source::Everything, "eq" | "co") => return plain,
        (Source::Routes(_) | Source::LastUpdated, _) => {}
        _ => return None,
    }
    let found = match (parameter.kind(), operator) {
        (ParameterKind::Date, "po") => ordered(Prefix::Po),
        (ParameterKind::Date | ParameterKind::Number | ParameterKind::Quantity, _) => ordered(Prefix::named(operator)?),
        (ParameterKind::String, "eq") => Some((M::Equals, None)),
        (ParameterKind::Token | ParameterKind::Uri | ParameterKind::Reference, "eq") | (ParameterKind::Reference, "re") => plain,
        (ParameterKind::String | ParameterKind::Token | ParameterKind::Uri | ParameterKind::Reference, "ne") => Some((M::Differs, None)),
        (ParameterKind::String | ParameterKind::Token | ParameterKind::Uri, "co") => Some((M::Contains, None)),
        (ParameterKind::String | ParameterKind::Token | ParameterKind::Uri, "sw") => Some((M::Begins, None)),
        (ParameterKind::String | ParameterKind::Token | ParameterKind::Uri, "ew") => Some((M::Ends, None)),
        (ParameterKind::Token, "ss") => Some((M::Below, None)),
        (ParameterKind::Token, "sb") => Some((M::Above, None)),
        (ParameterKind::Token, "in") => Some((M::In, None)),
        (ParameterKind::Token, "ni") => Some((M::NotIn, None)),
        _ => None,
    };
    found.filter(|(modifier, _)| !matches!(modifier, M::Above | M::Below | M::In | M::NotIn) || modifier.works_on(parameter))
}

fn read(parameter: &Parameter, modifier: Modifier, prefix: Option<Prefix>, value: &str, context: &QueryContext) -> Result<Wanted, String> {
    let Some(prefix) = prefix else { return wanted::read(parameter, modifier, value, context) };
    // `gt` is said by the operator: one more in the value would mean something else.
    if value.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
        return Err("a date or a number is expected; how it compares stands before it".into());
    }
    let mut wanted = wanted::read(parameter, modifier, value, context)?;
    if let Wanted::Date { prefix: said, .. } | Wanted::Number { prefix: said, .. } | Wanted::Quantity { prefix: said, .. } = &mut wanted {
        *said = prefix;
    }
    Ok(wanted)
}
