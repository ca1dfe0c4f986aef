//! What to ask about resources: criteria near the values that are there.

use fhir::definitions::ParameterKind;
use fhir::{Document, ResourceType, Value};
use search::capability::reverse_includes;
use search::include::can_include;
use search::parameter::Source;
use search::path::{Found, Route, Shape};
use search::{Modifier, Parameter, WHOLES, parameter, parameters};

use super::values::{AMOUNTS, CODES, DAYS, MOMENTS, NUMBERS, SYSTEMS, VALUES, WITHIN_STAYS, WORDS, ids};
use super::{Inventor, PEOPLE};

/// A query as names and values, not yet encoded.
pub type Asked = Vec<(String, String)>;

/// A query as it stands in an address.
pub fn spoken(asked: &Asked) -> String {
    let mut out = String::new();
    for (name, value) in asked {
        out.push_str(if out.is_empty() { "" } else { "&" });
        search::encode_into(name, &mut out);
        out.push('=');
        search::encode_into(value, &mut out);
    }
    out
}

const PREFIXES: [&str; 12] = ["", "", "", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"];
const VALUE_SETS: [&str; 3] = [
    "http://hl7.org/fhir/ValueSet/administrative-gender", "http://hl7.org/fhir/ValueSet/observation-status", "http://terminology.hl7.org/ValueSet/v3-ActEncounterCode",
];

/// True if the resource has a value of the parameter, be it said by the store.
pub(super) fn has_value(parameter: &Parameter, resource: Value<'_>) -> bool {
    match &parameter.source {
        Source::Id | Source::LastUpdated | Source::Narrative | Source::Everything | Source::Positions(_) => true,
        Source::Routes(_) => parameter.any(resource, &mut |found| !questions(parameter.kind(), found).is_empty()),
        Source::Presence(routes) => routes.iter().any(|route| route.any(resource, resource, &mut |_| true)),
        Source::Composite { .. } => parts(parameter, resource).iter().any(|parts| parts.iter().all(|part| !part.is_empty())),
    }
}

/// Values of a parameter that must find the resource they were taken from. What the store says
/// of it (`_id`, `_lastUpdated`) is not among them, nor are words and distances, which have tests
/// of their own.
pub fn values_of(parameter: &Parameter, resource: Value<'_>) -> Vec<String> {
    match &parameter.source {
        Source::Id | Source::LastUpdated | Source::Narrative | Source::Everything | Source::Positions(_) => Vec::new(),
        Source::Routes(_) => {
            let mut all = Vec::new();
            parameter.any(resource, &mut |found| {
                all.extend(questions(parameter.kind(), found));
                false
            });
            all
        }
        Source::Presence(routes) => {
            let is_so = routes.iter().any(|route| route.any(resource, resource, &mut |found| found.value.as_bool() != Some(false)));
            vec![is_so.to_string()]
        }
        Source::Composite { .. } => {
            let whole = |parts: Vec<Vec<String>>| parts.iter().map(|part| part.first().cloned()).collect::<Option<Vec<_>>>().map(|parts| parts.join("$"));
            parts(parameter, resource).into_iter().filter_map(whole).collect()
        }
    }
}

/// For each place of a composite, the values of each of its components.
fn parts(parameter: &Parameter, resource: Value<'_>) -> Vec<Vec<Vec<String>>> {
    let Source::Composite { places, components } = &parameter.source else { return Vec::new() };
    let mut all = Vec::new();
    for place in places {
        place.any(resource, resource, &mut |spot| {
            let of = |component: &search::parameter::Component| {
                let mut found = Vec::new();
                let routes = component.routes.iter().find(|(end, _)| *end == place.end).map_or(&[] as &[Route], |(_, routes)| routes);
                for route in routes {
                    route.any(spot.value, resource, &mut |value| {
                        found.extend(questions(component.kind, value));
                        false
                    });
                }
                found
            };
            all.push(components.iter().map(of).collect());
            false
        });
    }
    all
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace(',', "\\,").replace('|', "\\|").replace('$', "\\$")
}

fn text(value: Value<'_>, name: &str) -> Option<String> {
    value.get(name)?.as_str().map(|text| escaped(&text))
}

/// Values that find what was found here.
fn questions(kind: ParameterKind, found: Found<'_>) -> Vec<String> {
    let value = found.value;
    let plain = || value.as_str().map(|text| escaped(&text)).into_iter().collect::<Vec<_>>();
    let coded = |coding: Value<'_>, code: &str| {
        let (system, code) = (text(coding, "system"), text(coding, code));
        let whole = match (&system, &code) {
            (Some(system), Some(code)) => Some(format!("{system}|{code}")),
            (None, Some(code)) => Some(format!("|{code}")),
            (Some(system), None) => Some(format!("{system}|")),
            (None, None) => None,
        };
        [code, whole].into_iter().flatten().collect::<Vec<_>>()
    };
    match (kind, found.shape()) {
        (ParameterKind::Token, Shape::CodeableConcept) => value.get("coding").into_iter().flat_map(|codings| codings.each()).flat_map(|coding| coded(coding, "code")).collect(),
        (ParameterKind::Token, Shape::Coding) => coded(value, "code"),
        (ParameterKind::Token, Shape::Identifier) => coded(value, "value"),
        (ParameterKind::Token, Shape::ContactPoint) => text(value, "value").into_iter().collect(),
        (ParameterKind::Token, Shape::Boolean) => vec![value.raw().to_owned()],
        (ParameterKind::Token | ParameterKind::Uri, _) => plain(),
        (ParameterKind::String, Shape::HumanName) => {
            let given = value.get("given").into_iter().flat_map(|given| given.each()).filter_map(|given| Some(escaped(&given.as_str()?)));
            given.chain(["family", "text"].iter().filter_map(|name| text(value, name))).collect()
        }
        (ParameterKind::String, Shape::Address) => ["text", "city", "district", "state", "postalCode", "country"].iter().filter_map(|name| text(value, name)).collect(),
        (ParameterKind::String, Shape::CodeableConcept) => text(value, "text").into_iter().collect(),
        (ParameterKind::String, _) => plain(),
        (ParameterKind::Date, Shape::Date) => plain(),
        (ParameterKind::Date, Shape::Period) => {
            let end = text(value, "end").map(|end| format!("ge{end}"));
            text(value, "start").map(|start| format!("le{start}")).into_iter().chain(end).collect()
        }
        (ParameterKind::Date, Shape::Timing) => {
            let event = value.get("event").and_then(|events| events.first()?.as_str().map(|event| format!("le{event}")));
            let bounds = value.path(&["repeat", "boundsPeriod"]);
            let start = bounds.and_then(|bounds| text(bounds, "start")).map(|start| format!("le{start}"));
            event.or(start).or_else(|| bounds.and_then(|bounds| text(bounds, "end")).map(|end| format!("ge{end}"))).into_iter().collect()
        }
        (ParameterKind::Reference, Shape::Reference) => text(value, "reference").filter(|text| !text.starts_with('#')).into_iter().collect(),
        (ParameterKind::Reference, _) => plain(),
        (ParameterKind::Number | ParameterKind::Quantity, Shape::Number) => vec![value.raw().to_owned()],
        (ParameterKind::Number | ParameterKind::Quantity, Shape::Quantity) => {
            let number = value.get("value").filter(|_| value.get("comparator").is_none()).and_then(|number| number.as_number());
            let unit = text(value, "code").filter(|_| kind == ParameterKind::Quantity).map(|code| format!("|{}|{code}", text(value, "system").unwrap_or_default()));
            number.into_iter().flat_map(|number| [number.to_owned(), format!("{number}{}", unit.clone().unwrap_or_default())]).collect()
        }
        (ParameterKind::Quantity, Shape::Money) => value.get("value").and_then(|number| number.as_number()).map(str::to_owned).into_iter().collect(),
        (ParameterKind::Number | ParameterKind::Quantity, Shape::Range) => {
            let side = |name: &str| value.get(name).and_then(|side| side.get("value")?.as_number());
            let (low, high) = (side("low").map(|low| format!("ge{low}")), side("high").map(|high| format!("le{high}")));
            low.into_iter().chain(high).collect()
        }
        _ => Vec::new(),
    }
}

impl Inventor {
    /// A query about a type, near what one of `others` (texts of stored resources of the type) says.
    pub fn question(&mut self, kind: ResourceType, others: &[&str]) -> Asked {
        let one = if others.is_empty() { None } else { Some(*self.chance.one(others)) };
        let document = one.map(|text| Document::read(text).expect("what was stored can be read"));
        let near = document.as_ref().map(Document::root);
        let count = *self.chance.one(&[1, 1, 1, 2, 2, 3]);
        let mut asked: Asked = (0..count).map(|_| self.criterion(kind, near)).collect();
        if self.chance.once_in(6) {
            asked.push(self.link(kind, 0));
        }
        if self.chance.once_in(8) {
            asked.remove(0);
            asked.push(self.link(kind, 0));
        }
        asked
    }

    /// One condition on the resource itself, mostly one that the resource at hand could meet.
    fn criterion(&mut self, kind: ResourceType, near: Option<Value<'_>>) -> (String, String) {
        // Words are asked only within one person, and distances have tests of their own.
        let all: Vec<&Parameter> = parameters(kind).iter().filter(|one| !matches!(one.source, Source::Narrative | Source::Everything | Source::Positions(_))).collect();
        let mut told: Vec<&Parameter> = all.iter().copied().filter(|one| near.is_some_and(|near| has_value(one, near))).collect();
        // There are few of these, and most can go wrong with them.
        let is_rare = |one: &&Parameter| matches!(one.kind(), ParameterKind::Number | ParameterKind::Quantity | ParameterKind::Composite | ParameterKind::String | ParameterKind::Date) && one.code() != "_lastUpdated";
        if self.chance.once_in(3) && told.iter().any(is_rare) {
            told.retain(is_rare);
        }
        // What decides where postings lie is asked more often than its share.
        let dating = search::dating(kind).filter(|dating| near.is_some_and(|near| has_value(dating, near)) && self.chance.once_in(3));
        let coded = search::parameter(kind, "code").filter(|code| near.is_some_and(|near| has_value(code, near)) && self.chance.once_in(8));
        let found = match dating.or(coded) {
            Some(found) => found,
            None if told.is_empty() || self.chance.once_in(4) => *self.chance.one(&all),
            None => *self.chance.one(&told),
        };
        let mut ways = vec![Modifier::Plain; 8];
        ways.extend(Modifier::NAMED.into_iter().filter(|modifier| modifier.works_on(found)));
        ways.extend(found.definition.targets.iter().filter_map(|name| ResourceType::named(name)).map(Modifier::Type).filter(|modifier| modifier.works_on(found)).take(2));
        // What turns an answer around must never narrow where to look.
        let turns_around = Modifier::Not.works_on(found) && self.chance.once_in(4);
        let modifier = if turns_around { Modifier::Not } else { *self.chance.one(&ways) };
        let name = if modifier == Modifier::Plain { found.code().to_owned() } else { format!("{}:{}", found.code(), modifier.name()) };
        if modifier == Modifier::Missing {
            return (name, self.chance.once_in(2).to_string());
        }
        let own = near.and_then(|near| near.string("id")).map(|id| id.into_owned()).filter(|_| matches!(found.source, Source::Id));
        let there: Vec<String> = own.into_iter().chain(near.into_iter().flat_map(|near| values_of(found, near))).collect();
        let count = 1 + usize::from(self.chance.once_in(3));
        let values: Vec<String> = (0..count).map(|_| self.wanted(found, modifier, &there)).collect();
        (name, values.join(","))
    }

    fn wanted(&mut self, parameter: &Parameter, modifier: Modifier, there: &[String]) -> String {
        let near = (!there.is_empty() && !self.chance.once_in(4)).then(|| self.chance.one(there).clone());
        if let Source::Composite { components, .. } = &parameter.source {
            return near.unwrap_or_else(|| components.iter().map(|component| self.some(component.kind, None)).collect::<Vec<_>>().join("$"));
        }
        // These are asked for without a system.
        match parameter.source {
            Source::Id => return near.unwrap_or_else(|| (*self.chance.one(&PEOPLE)).to_owned()),
            Source::Presence(_) => return self.chance.once_in(2).to_string(),
            _ => {}
        }
        // What can be no value of these is refused.
        let only = |shape: Shape| !parameter.routes().is_empty() && parameter.routes().iter().all(|route| route.shape == shape);
        if parameter.kind() == ParameterKind::Token && only(Shape::Boolean) {
            return near.filter(|near| matches!(near.as_str(), "true" | "false")).unwrap_or_else(|| self.chance.once_in(2).to_string());
        }
        if parameter.kind() == ParameterKind::Token && only(Shape::ContactPoint) {
            return near.unwrap_or_else(|| (*self.chance.one(&["home|555", "mobile|", "|555", "555"])).to_owned());
        }
        match (parameter.kind(), modifier) {
            (ParameterKind::Token, Modifier::Text) => self.beginning(None),
            (ParameterKind::Token, Modifier::In | Modifier::NotIn) => {
                let own = parameter.routes().iter().find_map(|route| route.value_set).filter(|url| fhir::r4().value_set(url).is_some_and(|set| set.codes().is_some()));
                own.unwrap_or(*self.chance.one(&VALUE_SETS)).to_owned()
            }
            (ParameterKind::Token, Modifier::Above | Modifier::Below) => format!("{}|{}", SYSTEMS[3], self.chance.one(&["AMB", "IMP", "ACUTE", "_ActEncounterCode"])),
            (ParameterKind::Token, Modifier::OfType) => format!("http://terminology.hl7.org/CodeSystem/v2-0203|{}|{}", self.chance.one(&["MR", "PPN"]), escaped(*self.chance.one(&VALUES))),
            (ParameterKind::Reference, Modifier::Identifier) => self.token(&VALUES),
            (ParameterKind::Reference, Modifier::Type(kind)) => self.id(kind),
            (ParameterKind::Reference, Modifier::Above | Modifier::Below) => {
                let targets = &parameter.definition.targets;
                let names: Vec<&str> = WHOLES.into_iter().filter(|name| targets.is_empty() || targets.contains(name)).collect();
                let name = *self.chance.one(&names);
                let id = ResourceType::named(name).map_or("s1".to_owned(), |kind| self.id(kind));
                if names.len() == 1 && self.chance.once_in(3) { id } else { format!("{name}/{id}") }
            }
            (ParameterKind::Reference, _) => match near {
                Some(near) => near,
                None => {
                    let targets = &parameter.definition.targets;
                    let name = if targets.is_empty() { "Patient" } else { *self.chance.one(targets) };
                    let id = ResourceType::named(name).map_or("1".to_owned(), |kind| self.id(kind));
                    if self.chance.once_in(3) { id } else { format!("{name}/{id}") }
                }
            },
            (ParameterKind::Uri, Modifier::Below) => (*self.chance.one(&["http://defs.example", "http://defs.example/d/", "urn:oid:1.2.3"])).to_owned(),
            (ParameterKind::Uri, _) => near.unwrap_or_else(|| (*self.chance.one(&["http://defs.example/d/1", "http://defs.example/d/1/x", "urn:oid:9"])).to_owned()),
            (ParameterKind::String, Modifier::Exact) => near.unwrap_or_else(|| (*self.chance.one(&WORDS)).to_owned()),
            (ParameterKind::String, Modifier::Contains) => self.middle(near.as_deref()),
            (kind, _) => self.some(kind, near),
        }
    }

    /// A plain value of a kind, from one that is there or from nowhere.
    fn some(&mut self, kind: ParameterKind, near: Option<String>) -> String {
        match kind {
            ParameterKind::Token => near.unwrap_or_else(|| self.token(&CODES)),
            ParameterKind::String => self.beginning(near.as_deref()),
            ParameterKind::Date => self.date(near.as_deref()),
            ParameterKind::Number => format!("{}{}", self.chance.one(&PREFIXES), self.number(near)),
            ParameterKind::Quantity => self.amount(near),
            ParameterKind::Reference => near.unwrap_or_else(|| format!("Patient/{}", self.chance.one(&PEOPLE))),
            _ => near.unwrap_or_else(|| "http://defs.example/d/1".to_owned()),
        }
    }

    fn token(&mut self, values: &[&str]) -> String {
        let value = escaped(*self.chance.one(values));
        let system = escaped(*self.chance.one(&SYSTEMS));
        match self.chance.below(6) {
            0 => format!("|{value}"),
            1 => format!("{system}|"),
            2 | 3 => format!("{system}|{value}"),
            4 => value.to_lowercase(),
            _ => value,
        }
    }

    /// The first letters of a text, seldom all of it.
    fn beginning(&mut self, near: Option<&str>) -> String {
        let whole = near.unwrap_or(*self.chance.one(&WORDS)).to_owned();
        let words: Vec<&str> = whole.split(' ').collect();
        let from = if self.chance.once_in(3) { *self.chance.one(&words) } else { whole.as_str() };
        let letters = from.chars().count();
        let kept: String = from.chars().take(1 + self.chance.below(letters)).collect();
        // A backslash that lost what it escapes would escape the next sign.
        let kept = kept.trim_end_matches('\\').to_owned();
        if self.chance.once_in(3) { search::fold::fold(&kept) } else { kept }
    }

    fn middle(&mut self, near: Option<&str>) -> String {
        let whole: Vec<char> = near.unwrap_or(*self.chance.one(&WORDS)).chars().filter(|letter| *letter != '\\').collect();
        let from = self.chance.below(whole.len());
        let kept: String = whole[from..].iter().take(4).collect();
        escaped(&kept)
    }

    fn date(&mut self, near: Option<&str>) -> String {
        if self.chance.once_in(4) {
            return format!("{}{}", self.chance.one(&["", "ge", "ge", "gt", "le", "ap", "sa", "sa", "eb"]), self.chance.one(&WITHIN_STAYS));
        }
        // A stay is found from its end on, by a word that must not be lost.
        let own = near.map(|near| &near[..near.len() - near.trim_start_matches(|letter: char| letter.is_ascii_lowercase()).len()]);
        let prefix = match own {
            Some(own) if self.chance.once_in(2) => own.to_owned(),
            _ => (*self.chance.one(&PREFIXES)).to_owned(),
        };
        let bare = near.map(|near| near.trim_start_matches(|letter: char| letter.is_ascii_lowercase()));
        let date = match bare {
            Some(date) if self.chance.once_in(3) => date[..[4, 7, 10][self.chance.below(3)].min(date.len())].to_owned(),
            Some(date) => date.to_owned(),
            None if self.chance.once_in(2) => (*self.chance.one(&DAYS)).to_owned(),
            None => (*self.chance.one(&MOMENTS)).to_owned(),
        };
        format!("{prefix}{date}")
    }

    fn number(&mut self, near: Option<String>) -> String {
        match near {
            Some(near) => near.trim_start_matches(|letter: char| letter.is_ascii_lowercase()).to_owned(),
            None => (*self.chance.one(&NUMBERS)).to_owned(),
        }
    }

    fn amount(&mut self, near: Option<String>) -> String {
        let prefix = *self.chance.one(&PREFIXES);
        if let Some(near) = near {
            return format!("{prefix}{}", near.trim_start_matches(|letter: char| letter.is_ascii_lowercase()));
        }
        let (number, unit, system, code) = *self.chance.one(&AMOUNTS);
        match self.chance.below(4) {
            0 => format!("{prefix}{number}"),
            1 => format!("{prefix}{number}||{unit}"),
            2 => format!("{prefix}{number}||{code}"),
            _ => format!("{prefix}{number}|{system}|{code}"),
        }
    }

    fn id(&mut self, kind: ResourceType) -> String {
        let person = *self.chance.one(&PEOPLE);
        self.chance.one(&ids(kind, person)).clone()
    }

    /// A chain or a reverse chain.
    fn link(&mut self, kind: ResourceType, depth: usize) -> (String, String) {
        let references: Vec<&Parameter> = parameters(kind).iter().filter(|found| can_include(found)).collect();
        let naming: Vec<String> = reverse_includes(kind).collect();
        let backwards = !naming.is_empty() && (references.is_empty() || self.chance.once_in(2));
        if backwards {
            let name = self.chance.one(&naming).clone();
            let source = name.split(':').next().and_then(ResourceType::named);
            let (rest, value) = source.map_or_else(|| ("_id".to_owned(), "x".to_owned()), |source| self.inner(source, depth));
            return (format!("_has:{name}:{rest}"), value);
        }
        let Some(found) = references.get(self.chance.below(references.len())) else { return ("_id".to_owned(), "x".to_owned()) };
        let targets: Vec<ResourceType> = found.definition.targets.iter().filter_map(|name| ResourceType::named(name)).collect();
        let target = if targets.is_empty() { ResourceType::PATIENT } else { *self.chance.one(&targets) };
        let (rest, value) = self.inner(target, depth);
        match self.chance.once_in(4) && targets.len() == 1 {
            true => (format!("{}.{rest}", found.code()), value),
            false => (format!("{}:{target}.{rest}", found.code()), value),
        }
    }

    /// The condition at the other end of a link.
    fn inner(&mut self, kind: ResourceType, depth: usize) -> (String, String) {
        if depth < 2 && self.chance.once_in(4) {
            return self.link(kind, depth + 1);
        }
        // What many have, so that something is found.
        let id = parameter(kind, "_id").filter(|_| self.chance.once_in(4)).map(|_| ("_id".to_owned(), self.id(kind)));
        id.unwrap_or_else(|| self.criterion(kind, None))
    }
}
