//! A search as data: what was asked for, read once and completely.
//!
//! * Unknown parameters and modifiers are refused, with the ones that work; under
//!   [`Handling::Lenient`] they are dropped and named in [`Query::dropped`].
//! * A value that cannot be read is refused either way.
//! * Issues name parameters and places, never values: a value may be a person's identifier.
//!
//! <https://hl7.org/fhir/R4/search.html>

use crate::include::{Include, can_include};
use crate::custom::{Custom, names};
use crate::filter::Filter;
use crate::link::{Link, MOST_LINKS, What, chain_targets};
use crate::parameter::{Parameter, Source, parameter};
use crate::path::Shape;
use crate::text::{encode_into, split_escaped, split_query};
use crate::wanted::{self, System, Wanted};
use fhir::definitions::ParameterKind;
use fhir::{Issue, IssueCode, ResourceType};
use std::fmt;
use std::sync::Arc;
use terminology::Codes;

/// What to do with parameters that are not understood (`Prefer: handling=`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Handling {
    /// Refuse the query.
    Strict,
    /// Leave them out and say so.
    Lenient,
}

/// What a query needs to know of the place it is asked in.
#[derive(Clone)]
pub struct QueryContext {
    /// The zone of dates without one, in minutes east of UTC: the institution's.
    pub default_offset_minutes: i16,
    /// The FHIR base address without a slash at its end: references under it are local.
    pub base_url: String,
    /// What is known about codes, for `:in`, `:not-in`, `:above` and `:below`.
    pub codes: Arc<dyn Codes>,
    /// The site's own parameters.
    pub custom: Arc<Custom>,
    /// Whoever asks may also ask how the search is done (`explain=true`).
    pub may_explain: bool,
}

impl Default for QueryContext {
    /// UTC, no address of its own, the codes of R4.
    fn default() -> QueryContext {
        QueryContext { default_offset_minutes: 0, base_url: String::new(), codes: Arc::new(terminology::R4), custom: Arc::default(), may_explain: false }
    }
}

impl QueryContext {
    /// The parameter of that name on a type: R4's, or else the site's.
    pub fn parameter(&self, kind: ResourceType, code: &str) -> Option<&'static Parameter> {
        parameter(kind, code).or_else(|| self.custom.find(kind, code))
    }
}

impl fmt::Debug for QueryContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at {} ({} minutes)", self.base_url, self.default_offset_minutes)
    }
}

/// How a criterion looks at values.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[allow(missing_docs)]
pub enum Modifier {
    Plain, Missing, Exact, Contains, Text, Not, Above, Below, In, NotIn, OfType, Identifier, Type(ResourceType),
    /// `_filter` alone has these: the whole text is equal, begins or ends so, or some value is another one.
    Equals, Begins, Ends, Differs,
}

impl Modifier {
    /// All that stand in a URL, but the types.
    pub const NAMED: [Modifier; 11] = [
        Modifier::Missing, Modifier::Exact, Modifier::Contains, Modifier::Text, Modifier::Not, Modifier::Above, Modifier::Below,
        Modifier::In, Modifier::NotIn, Modifier::OfType, Modifier::Identifier,
    ];

    fn named(name: &str) -> Option<Modifier> {
        Modifier::NAMED.into_iter().find(|modifier| modifier.name() == name).or_else(|| ResourceType::named(name).map(Modifier::Type))
    }

    /// As it stands in a URL after the colon; empty for a plain one.
    pub fn name(self) -> &'static str {
        match self {
            Modifier::Plain | Modifier::Equals | Modifier::Begins | Modifier::Ends | Modifier::Differs => "",
            Modifier::Missing => "missing",
            Modifier::Exact => "exact",
            Modifier::Contains => "contains",
            Modifier::Text => "text",
            Modifier::Not => "not",
            Modifier::Above => "above",
            Modifier::Below => "below",
            Modifier::In => "in",
            Modifier::NotIn => "not-in",
            Modifier::OfType => "of-type",
            Modifier::Identifier => "identifier",
            Modifier::Type(kind) => kind.name(),
        }
    }

    /// True where the modifier means something to the parameter and works here. `:above` and
    /// `:below` of references are not offered: R4 leaves open which hierarchy they follow.
    pub fn works_on(self, parameter: &Parameter) -> bool {
        if matches!(parameter.source, Source::Narrative | Source::Everything) {
            return self == Modifier::Plain;
        }
        if matches!(parameter.source, Source::Positions(_)) {
            return matches!(self, Modifier::Plain | Modifier::Missing);
        }
        if matches!(parameter.source, Source::Id | Source::LastUpdated | Source::Presence(_)) {
            return matches!(self, Modifier::Plain) || (self == Modifier::Not && parameter.kind() == ParameterKind::Token);
        }
        let has = |shape: Shape| parameter.routes().iter().any(|route| route.shape == shape);
        match self {
            Modifier::Plain | Modifier::Missing => true,
            Modifier::Equals | Modifier::Begins | Modifier::Ends | Modifier::Differs => false,
            Modifier::Exact | Modifier::Contains => parameter.kind() == ParameterKind::String,
            Modifier::Text | Modifier::Not => parameter.kind() == ParameterKind::Token,
            Modifier::In | Modifier::NotIn => parameter.kind() == ParameterKind::Token,
            Modifier::OfType => parameter.kind() == ParameterKind::Token && has(Shape::Identifier),
            Modifier::Identifier => parameter.kind() == ParameterKind::Reference && has(Shape::Reference),
            Modifier::Type(kind) => {
                let targets = &parameter.definition.targets;
                parameter.kind() == ParameterKind::Reference && (has(Shape::Reference) || has(Shape::Resource)) && (targets.is_empty() || targets.contains(&kind.name()))
            }
            Modifier::Above | Modifier::Below => {
                parameter.kind() == ParameterKind::Uri
                    || (parameter.kind() == ParameterKind::Token && [Shape::Coding, Shape::CodeableConcept, Shape::Text].into_iter().any(has))
            }
        }
    }
}

/// One condition: any of its values must be met.
#[derive(Clone)]
pub struct Criterion {
    /// What is looked at.
    pub parameter: &'static Parameter,
    /// How.
    pub modifier: Modifier,
    /// The alternatives, of which one must be met. Empty for `:missing`.
    pub wanted: Vec<Wanted>,
    /// For `:missing`: whether it must be absent.
    pub missing: Option<bool>,
    /// The values as received, for the self link; none where something else said it.
    text: Option<String>,
}

impl Criterion {
    /// A condition that does not stand in the address by itself.
    pub(crate) fn unsaid(parameter: &'static Parameter, modifier: Modifier, wanted: Vec<Wanted>, missing: Option<bool>) -> Criterion {
        Criterion { parameter, modifier, wanted, missing, text: None }
    }
}

impl fmt::Debug for Criterion {
    /// Never shows a value: it may identify a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{} ({} values)", self.parameter.code(), self.modifier.name(), self.wanted.len())
    }
}

/// `_total`: how much work the number of matches is worth.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Total { None, Estimate, Accurate }

/// `_summary`: which part of each resource is sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Summary { True, Text, Data, Count, False }

/// `_contained`: whether resources inside others are looked at.
/// <https://hl7.org/fhir/R4/search.html#contained>
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Contained { False, True, Both }

impl Contained {
    /// FHIR's code.
    pub fn code(self) -> &'static str {
        match self {
            Contained::False => "false",
            Contained::True => "true",
            Contained::Both => "both",
        }
    }
}

/// One key of `_sort`.
#[derive(Clone, Copy)]
pub struct SortKey {
    /// Whose values order the matches.
    pub parameter: &'static Parameter,
    /// Largest first.
    pub descending: bool,
}

impl fmt::Debug for SortKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.descending { "-" } else { "" }, self.parameter.code())
    }
}

/// A parameter that was left out under lenient handling.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dropped {
    /// Its name, modifier included.
    pub name: String,
    /// Why, and what would work.
    pub reason: String,
}

/// A search over one resource type.
#[derive(Clone, Debug)]
pub struct Query {
    /// The type of the matches.
    pub resource_type: ResourceType,
    /// All of them must be met.
    pub criteria: Vec<Criterion>,
    /// Conditions that look beyond the resource; all of them must be met too.
    pub links: Vec<Link>,
    /// Conditions of `_filter` that are not plain criteria or links.
    pub filters: Vec<Filter>,
    /// Each `_filter` as received, for the self link.
    filter_texts: Unshown,
    /// `_contained`.
    pub contained: Contained,
    /// `_containedType=contained`: show what is contained, not what contains it.
    pub shows_contained: bool,
    /// `_count`: the most matches a page holds.
    pub count: Option<u32>,
    /// `_total`.
    pub total: Option<Total>,
    /// `_sort`: the most important first.
    pub sort: Vec<SortKey>,
    /// `_include`.
    pub includes: Vec<Include>,
    /// `_summary`.
    pub summary: Option<Summary>,
    /// `_elements`: names of top elements of the matches.
    pub elements: Vec<String>,
    /// `explain=true`: tell where it looked.
    pub explain: bool,
    /// The address it was asked at, below the base; the type's own where nothing is said.
    pub place: Option<String>,
    /// What lenient handling left out.
    pub dropped: Vec<Dropped>,
    /// Where the query was asked.
    pub context: QueryContext,
}

/// Texts that may hold values: never shown but in the self link.
#[derive(Clone, Default)]
struct Unshown(Vec<String>);

impl fmt::Debug for Unshown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} texts", self.0.len())
    }
}

/// More pairs than this are no honest query.
const MOST_PAIRS: usize = 200;
/// More alternatives in one criterion than this are refused.
const MOST_ALTERNATIVES: usize = 1000;

impl Query {
    /// Reads a query's decoded names and values (see [`split_query`]). `_format` and `_pretty`
    /// belong to the face and are passed over.
    pub fn parse<'p>(
        resource_type: ResourceType,
        pairs: impl Iterator<Item = (&'p str, &'p str)>,
        handling: Handling,
        context: QueryContext,
    ) -> Result<Query, Vec<Issue>> {
        let mut reading = Reading::new(resource_type, handling, context);
        for (number, (name, value)) in pairs.enumerate() {
            if number == MOST_PAIRS {
                reading.issues.push(Issue::error(IssueCode::TooCostly, "", format!("More than {MOST_PAIRS} parameters; ask in several queries.")));
                break;
            }
            reading.pair(name, value);
        }
        reading.finish()
    }

    /// Reads a search over several types (`GET /?_type=Patient,Observation&…`): one query a
    /// type, each with the same criteria. `_type` must be given.
    pub fn parse_across<'p>(
        pairs: impl Iterator<Item = (&'p str, &'p str)> + Clone,
        handling: Handling,
        context: QueryContext,
    ) -> Result<Vec<Query>, Vec<Issue>> {
        let mut types: Vec<ResourceType> = Vec::new();
        for (_, value) in pairs.clone().filter(|(name, _)| *name == "_type") {
            for name in value.split(',') {
                match ResourceType::named(name) {
                    Some(kind) if !types.contains(&kind) => types.push(kind),
                    Some(_) => {}
                    None => return Err(vec![Issue::error(IssueCode::Invalid, "_type", "A value of _type is not a resource type of R4.")]),
                }
            }
        }
        if types.is_empty() {
            // An id and a list name a few resources, whatever their types.
            if !pairs.clone().any(|(name, _)| matches!(name, "_id" | "_list")) {
                return Err(vec![Issue::error(IssueCode::TooCostly, "_type", "A search over all types needs _type, as _type=Patient,Observation, or names resources by _id or _list.")]);
            }
            types = ResourceType::all().collect();
        }
        types.into_iter().map(|kind| Query::parse(kind, pairs.clone().filter(|(name, _)| *name != "_type"), handling, context.clone())).collect()
    }

    /// The address of a search over several types, as it was understood.
    pub fn self_link_across(queries: &[Query]) -> String {
        let Some(first) = queries.first() else { return String::new() };
        if queries.len() == 1 {
            return first.to_self_link();
        }
        let own = first.to_self_link();
        let (place, rest) = own.split_once('?').map_or((own.as_str(), ""), |(place, rest)| (place, rest));
        let above = place.strip_suffix(first.resource_type.name()).unwrap_or(place);
        let names: Vec<_> = queries.iter().map(|query| query.resource_type.name()).collect();
        if names.len() == ResourceType::all().count() {
            return format!("{}?{rest}", above.trim_end_matches('/'));
        }
        let place = if first.place.is_some() { format!("{above}*") } else { above.trim_end_matches('/').to_owned() };
        format!("{place}?_type={}{}{rest}", names.join(","), if rest.is_empty() { "" } else { "&" })
    }

    /// Reads the criteria of a conditional create, update or delete (`identifier=a|b&…`, not
    /// yet decoded). Nothing may be dropped here and at least one criterion is needed: a
    /// misread condition would act on the wrong resource.
    pub fn parse_condition(resource_type: ResourceType, condition: &str, context: QueryContext) -> Result<Query, Vec<Issue>> {
        let pairs = split_query(condition);
        let query = Query::parse(resource_type, pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())), Handling::Strict, context)?;
        let only_criteria = query.contained == Contained::False && query.count.is_none() && query.total.is_none() && query.sort.is_empty() && query.includes.is_empty();
        if !only_criteria || query.summary.is_some() || !query.elements.is_empty() {
            let results = ["_count", "_total", "_sort", "_include", "_revinclude", "_summary", "_elements"];
            let odd = pairs.iter().find_map(|(name, _)| results.into_iter().find(|result| name.split(':').next() == Some(result)));
            return Err(vec![Issue::error(IssueCode::Invalid, odd.unwrap_or_default(), "A condition holds criteria only, no _count, _sort, _include and the like.")]);
        }
        if query.criteria.is_empty() && query.links.is_empty() && query.filters.is_empty() {
            return Err(vec![Issue::error(IssueCode::Required, "", "A condition needs at least one criterion, as identifier=system|value.")]);
        }
        Ok(query)
    }

    /// Reads a conditional reference: `Patient?identifier=a|b`.
    pub fn parse_reference(reference: &str, context: QueryContext) -> Result<Query, Vec<Issue>> {
        match fhir::Reference::parse(reference) {
            fhir::Reference::Conditional { kind, query } => Query::parse_condition(kind, query, context),
            _ => Err(vec![Issue::error(IssueCode::Invalid, "", "A conditional reference is expected, as Patient?identifier=system|value.")]),
        }
    }

    /// The same, only for what refers through the parameter to one of these resources.
    pub fn leading_to(mut self, parameter: &'static Parameter, targets: &[(ResourceType, String)]) -> Query {
        let wanted = targets.iter().map(|(kind, id)| Wanted::Local { kind: Some(*kind), id: id.clone() }).collect();
        self.criteria.push(Criterion::unsaid(parameter, Modifier::Plain, wanted, None));
        self
    }

    /// The same, only for resources with one of these ids.
    pub fn with_ids(mut self, ids: Vec<String>) -> Query {
        if let Some(parameter) = parameter(self.resource_type, "_id") {
            let wanted = ids.into_iter().map(|id| Wanted::Token { system: System::Any, code: Some(id) }).collect();
            self.criteria.push(Criterion::unsaid(parameter, Modifier::Plain, wanted, None));
        }
        self
    }

    /// True if the resource alone does not tell whether it answers.
    pub fn looks_beyond(&self) -> bool {
        !self.links.is_empty() || self.filters.iter().any(|filter| !filter.is_local())
    }

    /// True if all that a resource says is looked through (`_text`, `_content`).
    pub fn reads_words(&self) -> bool {
        let reads = |criterion: &Criterion| matches!(criterion.parameter.source, Source::Narrative | Source::Everything);
        let by_filter = |filter: &Filter| !filter.each(&mut |leaf| !matches!(leaf, Filter::Is(criterion) if reads(criterion)));
        self.criteria.iter().any(reads) || self.filters.iter().any(by_filter)
    }

    /// A query for everything of a type.
    pub fn all(resource_type: ResourceType, context: QueryContext) -> Query {
        Reading::new(resource_type, Handling::Strict, context).query
    }

    /// The address of this query as it was understood: what was dropped is not in it.
    pub fn to_self_link(&self) -> String {
        let place = self.place.as_deref().unwrap_or(self.resource_type.name());
        let mut link = format!("{}/{place}", self.context.base_url.trim_end_matches('/'));
        let mut separator = '?';
        let mut add = |name: &str, modifier: &str, value: &str| {
            link.push(separator);
            separator = '&';
            link.push_str(name);
            if !modifier.is_empty() {
                link.push(':');
                link.push_str(modifier);
            }
            link.push('=');
            encode_into(value, &mut link);
        };
        for (criterion, text) in self.criteria.iter().filter_map(|criterion| Some((criterion, criterion.text.as_ref()?))) {
            add(criterion.parameter.code(), criterion.modifier.name(), text);
        }
        for text in &self.filter_texts.0 {
            add("_filter", "", text);
        }
        for link in self.links.iter().filter(|link| !link.text.0.is_empty()) {
            let mut name = String::new();
            encode_into(&link.text.0, &mut name);
            add(&name, "", &link.text.1);
        }
        if self.contained != Contained::False {
            add("_contained", "", self.contained.code());
            add("_containedType", "", if self.shows_contained { "contained" } else { "container" });
        }
        if !self.sort.is_empty() {
            let keys: Vec<_> = self.sort.iter().map(|key| format!("{key:?}")).collect();
            add("_sort", "", &keys.join(","));
        }
        for include in &self.includes {
            add(if include.reverse { "_revinclude" } else { "_include" }, if include.iterate { "iterate" } else { "" }, &include.text());
        }
        if let Some(count) = self.count {
            add("_count", "", &count.to_string());
        }
        if let Some(total) = self.total {
            add("_total", "", total.code());
        }
        if let Some(summary) = self.summary {
            add("_summary", "", summary.code());
        }
        if self.explain {
            add("explain", "", "true");
        }
        if !self.elements.is_empty() {
            add("_elements", "", &self.elements.join(","));
        }
        link
    }
}

impl Total {
    /// FHIR's code.
    pub fn code(self) -> &'static str {
        match self {
            Total::None => "none",
            Total::Estimate => "estimate",
            Total::Accurate => "accurate",
        }
    }
}

impl Summary {
    /// FHIR's code.
    pub fn code(self) -> &'static str {
        match self {
            Summary::True => "true",
            Summary::Text => "text",
            Summary::Data => "data",
            Summary::Count => "count",
            Summary::False => "false",
        }
    }

    /// The value of that code.
    pub fn named(code: &str) -> Option<Summary> {
        [Summary::True, Summary::Text, Summary::Data, Summary::Count, Summary::False].into_iter().find(|summary| summary.code() == code)
    }
}

/// A query while its pairs are being read.
struct Reading {
    query: Query,
    /// How many links lead here.
    depth: usize,
    handling: Handling,
    issues: Vec<Issue>,
}

impl Reading {
    fn new(resource_type: ResourceType, handling: Handling, context: QueryContext) -> Reading {
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
            context,
        };
        Reading { query, depth: 0, handling, issues: Vec::new() }
    }

    fn finish(mut self) -> Result<Query, Vec<Issue>> {
        if self.query.contained != Contained::False && !self.query.sort.is_empty() {
            self.refuse("_contained", "resources inside others are not sorted; leave _sort out");
        }
        if self.issues.is_empty() { Ok(self.query) } else { Err(self.issues) }
    }

    fn pair(&mut self, name: &str, value: &str) {
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
            "_revinclude" | "_revinclude:iterate" | "_revinclude:recurse" => match Include::parse_reverse(&self.query.context, value, self.query.resource_type, name != "_revinclude") {
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
            "_include" | "_include:iterate" | "_include:recurse" => match Include::parse(&self.query.context, value, name != "_include") {
                Ok(include) => self.query.includes.push(include),
                Err(expected) => self.drop_or_refuse(name, &expected),
            },
            "_type" if value == self.query.resource_type.name() => {}
            "_type" => self.refuse(name, "_type chooses types only in a search over several; here the address names the type"),
            _ => self.criterion(name, value),
        }
    }

    fn elements(&mut self, value: &str) {
        for element in value.split(',').filter(|element| !element.is_empty()) {
            let name = element.strip_prefix(self.query.resource_type.name()).and_then(|rest| rest.strip_prefix('.')).unwrap_or(element);
            if name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                self.query.elements.push(name.to_owned());
            } else {
                self.refuse("_elements", "names of top-level elements are expected, separated by commas");
                return;
            }
        }
    }

    fn sort(&mut self, value: &str) {
        for key in value.split(',') {
            let (code, descending) = key.strip_prefix('-').map_or((key, false), |code| (code, true));
            match self.query.context.parameter(self.query.resource_type, code) {
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
            if wanted.len() == MOST_ALTERNATIVES {
                return self.refuse(name, "more than 1000 alternatives; ask in several queries");
            }
            match wanted::read(found, modifier, part, &self.query.context) {
                Ok(one) => wanted.push(one),
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
