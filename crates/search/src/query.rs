//! A search as data: what was asked for, read once and completely.
//!
//! * Unknown parameters and modifiers are refused, with the ones that work; under
//!   [`Handling::Lenient`] they are dropped and named in [`Query::dropped`].
//! * A value that cannot be read is refused either way.
//! * Issues name parameters and places, never values: a value may be a person's identifier.
//!
//! <https://hl7.org/fhir/R4/search.html>

mod reading;

use crate::custom::Custom;
use crate::filter::Filter;
use crate::include::Include;
use crate::link::{Link, What};
use crate::parameter::{Parameter, Source, parameter};
use crate::part::wholes;
use crate::path::Shape;
use crate::text::{encode_into, split_query};
use crate::wanted::{System, Wanted};
use reading::Reading;
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

/// The parameter of provinces and states, on every type that has an address.
const PROVINCE: &str = "address-state";

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

    /// True where the modifier means something to the parameter and works here.
    pub fn works_on(self, parameter: &Parameter) -> bool {
        if matches!(parameter.source, Source::Narrative | Source::Everything) {
            return self == Modifier::Plain;
        }
        if matches!(parameter.source, Source::Positions(_)) {
            return matches!(self, Modifier::Plain | Modifier::Missing);
        }
        if matches!(parameter.source, Source::Id | Source::LastUpdated | Source::Presence(_)) {
            return matches!(self, Modifier::Plain | Modifier::Missing) || (self == Modifier::Not && parameter.kind() == ParameterKind::Token);
        }
        // R4 has `:missing` for all parameters except combinations.
        if matches!(parameter.source, Source::Composite { .. }) {
            return self == Modifier::Plain;
        }
        let has = |shape: Shape| parameter.routes().iter().any(|route| route.shape == shape);
        match self {
            Modifier::Plain | Modifier::Missing => true,
            Modifier::Equals | Modifier::Begins | Modifier::Ends | Modifier::Differs => false,
            Modifier::Exact | Modifier::Contains => parameter.kind() == ParameterKind::String,
            Modifier::Text | Modifier::Not => parameter.kind() == ParameterKind::Token,
            // Nothing else is in a set of codes: of an identifier it would find nothing, or all.
            Modifier::In | Modifier::NotIn => parameter.kind() == ParameterKind::Token && is_coded(&has),
            Modifier::OfType => parameter.kind() == ParameterKind::Token && has(Shape::Identifier),
            Modifier::Identifier => parameter.kind() == ParameterKind::Reference && has(Shape::Reference),
            Modifier::Type(kind) => {
                let targets = &parameter.definition.targets;
                parameter.kind() == ParameterKind::Reference && (has(Shape::Reference) || has(Shape::Resource)) && (targets.is_empty() || targets.contains(&kind.name()))
            }
            // A province by all that went into it: an addition of ours, which takes nothing from R4's plain string.
            Modifier::Below if parameter.kind() == ParameterKind::String => parameter.code() == PROVINCE,
            Modifier::Above | Modifier::Below if parameter.kind() == ParameterKind::Reference => has(Shape::Reference) && wholes(parameter).next().is_some(),
            Modifier::Above | Modifier::Below => {
                parameter.kind() == ParameterKind::Uri
                    || (parameter.kind() == ParameterKind::Token && is_coded(&has))
            }
        }
    }
}

/// True for what has codes, plain or in a Coding.
fn is_coded(has: &dyn Fn(Shape) -> bool) -> bool {
    [Shape::Coding, Shape::CodeableConcept, Shape::Text].into_iter().any(has)
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
    fn reads_codes(&self) -> bool {
        let is_province = self.modifier == Modifier::Below && self.parameter.kind() == ParameterKind::String;
        is_province || self.wanted.iter().any(|wanted| matches!(wanted, Wanted::ValueSet(_) | Wanted::Hierarchy { .. }))
    }

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
    /// `_elements`: names of top elements of the matches, as they were written (`birthDate`, `Patient.birthDate`).
    pub elements: Vec<String>,
    /// `explain=true`: tell where it looked.
    pub explain: bool,
    /// The address it was asked at, below the base; the type's own where nothing is said.
    pub place: Option<String>,
    /// What lenient handling left out.
    pub dropped: Vec<Dropped>,
    /// The several Patients it names are one person.
    pub(crate) is_one_persons: bool,
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
        Query::parse_among(resource_type, &[resource_type], pairs, handling, context)
    }

    /// The same for one of several types that are asked together: an element that any of them has
    /// may be named in `_elements`.
    pub fn parse_among<'p>(
        resource_type: ResourceType,
        types: &[ResourceType],
        pairs: impl Iterator<Item = (&'p str, &'p str)>,
        handling: Handling,
        context: QueryContext,
    ) -> Result<Query, Vec<Issue>> {
        let mut reading = Reading::new(resource_type, handling, context).among(types);
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
        let of = |kind: &ResourceType| Query::parse_among(*kind, &types, pairs.clone().filter(|(name, _)| *name != "_type"), handling, context.clone());
        types.iter().map(of).collect()
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
        let wanted = targets.iter().map(|(kind, id)| Wanted::Local { kind: Some(*kind), id: id.clone(), version: None }).collect();
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
        self.asks_for_parts() || !self.links.is_empty() || self.filters.iter().any(|filter| !filter.is_local())
    }

    /// True if it goes by what code systems and value sets say, here or at the other end of a link.
    pub fn reads_codes(&self) -> bool {
        let by_link = |link: &Link| match &link.what {
            What::Chain { inner, .. } => inner.iter().any(|query| query.reads_codes()),
            What::Has { inner, .. } => inner.reads_codes(),
            What::Listed(_) | What::Compartment { .. } => false,
        };
        let by_leaf = |leaf: &Filter| match leaf {
            Filter::Is(criterion) => criterion.reads_codes(),
            Filter::Beyond(link) => by_link(link),
            Filter::All(_) | Filter::Any(_) | Filter::Not(_) => false,
        };
        let by_filter = |filter: &Filter| !filter.each(&mut |leaf| !by_leaf(leaf));
        self.criteria.iter().any(Criterion::reads_codes) || self.links.iter().any(by_link) || self.filters.iter().any(by_filter)
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
