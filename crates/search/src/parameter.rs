//! The search parameters that work, compiled once per resource type.
//!
//! * A parameter is offered only if its whole expression is understood: what is missing
//!   here is refused by the query and absent from the CapabilityStatement.
//! * `_id` and `_lastUpdated` look at what the store says, never at the text.

use crate::path::{Found, Route};
use fhir::definitions::{ParameterKind, SearchParameter, r4};
use fhir::{ResourceType, Value};
use std::sync::OnceLock;

/// A search parameter on one resource type, ready to look.
pub struct Parameter {
    /// As published.
    pub definition: &'static SearchParameter,
    /// Where its values come from.
    pub source: Source,
    /// A string in a person's name or an address: any of its words may be the one meant.
    pub by_word: bool,
}

/// Where the values of a parameter come from.
pub enum Source {
    /// The logical id the store keeps.
    Id,
    /// The moment the store wrote the version.
    LastUpdated,
    /// Values in the resource.
    Routes(Vec<Route>),
    /// True or false: whether there is a value other than `false` (`Patient.deceased`).
    Presence(Vec<Route>),
    /// The words of the narrative (`_text`).
    Narrative,
    /// The words of the whole resource (`_content`).
    Everything,
    /// Places on the earth (`Location.near`).
    Positions(Vec<Route>),
    /// Several values that must stand together in one place.
    Composite {
        /// The places.
        places: Vec<Route>,
        /// What is looked for in each.
        components: Vec<Component>,
    },
}

/// One part of a composite parameter.
pub struct Component {
    /// How it compares.
    pub kind: ParameterKind,
    /// From a place, by the type the place has. A component looks from several types where
    /// the places differ (`Observation`, `Observation.component`).
    pub routes: Vec<(&'static str, Vec<Route>)>,
    /// The routes begin at the resource, wherever the place is: `%resource.referenceSeq`.
    pub from_resource: bool,
}

impl Component {
    /// Calls `visit` for each value of the component at a place until it says true.
    pub(crate) fn any<'d>(&'d self, end: &str, place: Value<'d>, resource: Value<'d>, visit: &mut dyn FnMut(Found<'d>) -> bool) -> bool {
        let from = if self.from_resource { resource } else { place };
        let mut routes = self.routes.iter().filter(|(known, _)| *known == end).flat_map(|(_, routes)| routes);
        routes.any(|route| route.any(from, resource, visit))
    }
}

impl Parameter {
    /// The name in URLs.
    pub fn code(&self) -> &'static str {
        self.definition.code
    }

    /// How its values compare.
    pub fn kind(&self) -> ParameterKind {
        self.definition.kind
    }

    /// The routes of a plain parameter; none for the others.
    pub fn routes(&self) -> &[Route] {
        match &self.source {
            Source::Routes(routes) => routes,
            _ => &[],
        }
    }

    /// Calls `visit` for each value in the resource until it says true; tells whether it did.
    pub fn any<'d>(&'d self, resource: Value<'d>, visit: &mut dyn FnMut(Found<'d>) -> bool) -> bool {
        self.routes().iter().any(|route| route.any(resource, resource, visit))
    }

    /// One that looks through these routes and no others.
    pub(crate) fn of_routes(definition: &'static SearchParameter, routes: Vec<Route>) -> Parameter {
        let by_word = definition.kind == ParameterKind::String && routes.iter().any(is_name_or_address);
        Parameter { definition, source: Source::Routes(routes), by_word }
    }

    fn compile(kind: ResourceType, definition: &'static SearchParameter) -> Option<Parameter> {
        let type_name = kind.name();
        let source = match definition.code {
            "_id" => Source::Id,
            "_lastUpdated" => Source::LastUpdated,
            "_text" => Source::Narrative,
            "_content" => Source::Everything,
            "deceased" if definition.expression.contains("exists()") => Source::Presence(Route::compile("deceased", type_name, r4())?),
            _ => match definition.kind {
                ParameterKind::Special if definition.code == "near" => Source::Positions(Route::compile(definition.expression, type_name, r4())?),
                ParameterKind::Special => return None,
                ParameterKind::Composite => composite(type_name, definition)?,
                _ => Source::Routes(Route::compile(definition.expression, type_name, r4())?),
            },
        };
        let mut parameter = Parameter { definition, source, by_word: false };
        if let Source::Routes(routes) = &mut parameter.source {
            routes.retain(|route| can_compare(definition.kind, route.shape));
            narrow_to_target(definition, routes);
            if routes.is_empty() {
                return None;
            }
        }
        // A named query is an operation, and none is kept here.
        if definition.code == "_query" {
            return None;
        }
        parameter.by_word = definition.kind == ParameterKind::String
            && (is_directory_name(kind, definition.code)
                || parameter.routes().iter().any(is_name_or_address));
        Some(parameter)
    }
}

fn is_name_or_address(route: &Route) -> bool {
    route.in_name_or_address || matches!(route.shape, crate::path::Shape::HumanName | crate::path::Shape::Address)
}

/// Facilities are looked for by any word of their name: "general" finds "Hospital General".
fn is_directory_name(kind: ResourceType, code: &str) -> bool {
    code == "name" && matches!(kind.name(), "Organization" | "Location" | "HealthcareService")
}

/// True where values of that shape mean something to a parameter of that kind. An expression
/// often passes by values of other types (`Observation.effective` may be a Timing).
pub(crate) fn can_compare(kind: ParameterKind, shape: crate::path::Shape) -> bool {
    use crate::path::Shape as S;
    match kind {
        ParameterKind::Token => {
            matches!(shape, S::Coding | S::CodeableConcept | S::Identifier | S::ContactPoint | S::Boolean | S::Text)
        }
        ParameterKind::String => matches!(shape, S::Text | S::HumanName | S::Address | S::CodeableConcept),
        ParameterKind::Date => matches!(shape, S::Date | S::Period | S::Timing),
        ParameterKind::Number => matches!(shape, S::Number | S::Range | S::Quantity),
        ParameterKind::Quantity => matches!(shape, S::Quantity | S::Money | S::Range | S::Number | S::SampledData),
        // A resource in its place stands for a reference to it (`Bundle.composition`).
        ParameterKind::Reference => matches!(shape, S::Reference | S::Text | S::Resource),
        ParameterKind::Uri => matches!(shape, S::Text),
        ParameterKind::Composite | ParameterKind::Special => false,
    }
}

/// A route to any resource whatever, where only one type is meant: `Bundle.entry[0].resource`.
fn narrow_to_target(definition: &SearchParameter, routes: &mut [Route]) {
    if let [only] = definition.targets.as_slice()
        && let Some(kind) = ResourceType::named(only)
    {
        routes.iter_mut().filter(|route| route.shape == crate::path::Shape::Resource).for_each(|route| route.narrow(kind));
    }
}

/// The components as they are meant: `DocumentReference.relationship` is published with the
/// elements of its two components exchanged. <https://hl7.org/fhir/R5/documentreference-search.html>
fn components_of(definition: &'static SearchParameter) -> Vec<(&'static str, &'static str)> {
    let mut components = definition.components.clone();
    if let ("relationship", [(_, first @ "code"), (_, second @ "target")]) = (definition.code, components.as_mut_slice()) {
        std::mem::swap(first, second);
    }
    components
}

fn composite(type_name: &'static str, definition: &'static SearchParameter) -> Option<Source> {
    let places = Route::compile(definition.expression, type_name, r4())?;
    let mut components = Vec::new();
    for (url, expression) in components_of(definition) {
        let kind = r4().parameter_by_url(url)?.kind;
        let outside = expression.strip_prefix("%resource.");
        let mut routes: Vec<(&'static str, Vec<Route>)> = Vec::new();
        for place in &places {
            if !routes.iter().any(|(end, _)| *end == place.end) {
                let mut from_here = match outside {
                    Some(path) => Route::compile(path, type_name, r4())?,
                    None => Route::compile(expression, place.end, r4())?,
                };
                from_here.retain(|route| can_compare(kind, route.shape));
                if from_here.is_empty() {
                    return None;
                }
                routes.push((place.end, from_here));
            }
        }
        components.push(Component { kind, routes, from_resource: outside.is_some() });
    }
    (components.len() > 1).then_some(Source::Composite { places, components })
}

/// Every parameter that works on a type, in the order of their names.
pub fn parameters(kind: ResourceType) -> &'static [Parameter] {
    static TABLE: [OnceLock<Vec<Parameter>>; 256] = [const { OnceLock::new() }; 256];
    TABLE[kind.number() as usize].get_or_init(|| {
        let mut found: Vec<_> = r4().parameters_of(kind.name()).filter_map(|definition| Parameter::compile(kind, definition)).collect();
        found.sort_by_key(|parameter| parameter.code());
        // `Resource` and a type may both define a name; the type's own is the one meant.
        found.dedup_by_key(|parameter| parameter.code());
        found
    })
}

/// The parameter of that name on a type.
pub fn parameter(kind: ResourceType, code: &str) -> Option<&'static Parameter> {
    let known = parameters(kind);
    known.binary_search_by_key(&code, |parameter| parameter.code()).ok().map(|place| &known[place])
}

/// The general FHIRPath engine finds the same places, on small resources of our own and, where
/// they are at hand, on the published examples.
#[cfg(test)]
mod oracle {
    use super::*;
    use crate::path::Shape;
    use fhir::Document;
    use fhirpath::{Collection, Context, Expression, Node};
    use std::collections::{BTreeSet, HashMap};

    /// An empty resource of each type, so that `resolve() is Patient` has something to look at.
    struct Stubs(HashMap<&'static str, Document<'static>>);

    impl<'d> fhirpath::Resolver<'d> for &'d Stubs {
        fn resolve(&self, reference: &str) -> Option<Value<'d>> {
            let document = Document::read("{}").ok()?;
            let kind = crate::path::type_of_reference(reference, document.root())?;
            self.0.get(kind.name()).map(Document::root)
        }
    }

    struct Oracle<'s> {
        stubs: &'s Stubs,
        parsed: HashMap<&'static str, Option<Expression>>,
        compared: usize,
        places: usize,
        wrong: Vec<String>,
    }

    impl<'s> Oracle<'s> {
        fn compare<'d>(&mut self, name: &str, document: &'d Document<'_>) where 's: 'd {
            let resource = document.root();
            let Some(kind) = resource.string("resourceType").and_then(|name| ResourceType::named(&name)) else { return };
            for parameter in parameters(kind) {
                let (Source::Routes(routes), definition) = (&parameter.source, parameter.definition) else { continue };
                let Some(expression) = self.parsed.entry(definition.url).or_insert_with(|| Expression::parse(definition.expression).ok()) else { continue };
                let stubs: &'d Stubs = self.stubs;
                let mut context = Context::of(resource);
                context.resolver = Some(&stubs);
                let Ok(found) = expression.evaluate(&context, Collection::one(Node::resource(resource))) else { continue };
                // By text, not by place: a union in FHIRPath keeps one of two equal values.
                let expect: BTreeSet<_> = found
                    .nodes()
                    .filter(|node| match ResourceType::named(node.type_name()) {
                        Some(_) => definition.targets.contains(&node.type_name()),
                        None => can_compare(parameter.kind(), Shape::of(node.type_name())),
                    })
                    .filter_map(|node| Some(compact(node.value?)))
                    .collect();
                let mut ours = BTreeSet::new();
                for route in routes {
                    route.any(resource, resource, &mut |found| {
                        ours.insert(compact(found.value));
                        false
                    });
                }
                self.compared += 1;
                self.places += ours.len();
                if ours != expect {
                    self.wrong.push(format!("{name}: {kind}.{} finds {} of {}: {}", parameter.code(), ours.len(), expect.len(), definition.expression));
                }
            }
        }
    }

    fn compact(value: Value<'_>) -> String {
        let mut out = String::new();
        value.write_compact(&mut out);
        out
    }

    #[test]
    fn every_parameter_looks_where_fhirpath_looks() {
        let stubs = Stubs(ResourceType::all().map(|kind| (kind.name(), Document::read_owned(format!(r#"{{"resourceType":"{kind}"}}"#)).unwrap())).collect());
        let mut oracle = Oracle { stubs: &stubs, parsed: HashMap::new(), compared: 0, places: 0, wrong: Vec::new() };
        let own = [
            r#"{"resourceType":"Patient","id":"a","meta":{"tag":[{"code":"t"}]},"name":[{"family":"F","given":["G","H"]}],"telecom":[{"system":"phone","value":"1"},{"system":"email","value":"2"}],"generalPractitioner":[{"reference":"Organization/o"}],"deceasedBoolean":true,"birthDate":"1958"}"#,
            r#"{"resourceType":"Observation","subject":{"reference":"Patient/1"},"encounter":{"reference":"Encounter/1"},"effectivePeriod":{"start":"2024"},"valueQuantity":{"value":1},"code":{"coding":[{"code":"c"}]},"component":[{"code":{"coding":[{"code":"d"}]},"valueCodeableConcept":{"text":"x"}},{"code":{"text":"e"},"valueQuantity":{"value":2}}]}"#,
            r#"{"resourceType":"Condition","subject":{"reference":"Group/1"},"onsetAge":{"value":3},"abatementString":"x","stage":[{"summary":{"text":"s"}}],"evidence":[{"code":[{"text":"t"}],"detail":[{"reference":"Observation/1"}]}]}"#,
            r#"{"resourceType":"Appointment","participant":[{"actor":{"reference":"Practitioner/1"}},{"actor":{"reference":"Patient/1"}},{"actor":{"reference":"Location/1"}}]}"#,
            r#"{"resourceType":"Goal","subject":{"reference":"Patient/1"},"startDate":"2024","target":[{"dueDate":"2025"}]}"#,
        ];
        for (number, text) in own.iter().enumerate() {
            oracle.compare(&format!("our own {number}"), &Document::read(text).unwrap());
        }
        assert!(oracle.places > 30, "{}", oracle.places);
        match std::env::var_os("CARNET_SHARED_DATA").map(|root| std::path::Path::new(&root).join("fhir-r4-examples/fhir-r4-examples")).filter(|folder| folder.is_dir()) {
            None => println!("CARNET_SHARED_DATA is not set or has no fhir-r4-examples: the published examples were passed over"),
            Some(folder) => {
                for file in std::fs::read_dir(folder).unwrap() {
                    let path = file.unwrap().path();
                    let text = std::fs::read_to_string(&path).unwrap();
                    if let Ok(document) = Document::read(&text) {
                        oracle.compare(&path.file_name().unwrap().to_string_lossy(), &document);
                    }
                }
            }
        }
        println!("{} comparisons, {} places", oracle.compared, oracle.places);
        assert!(oracle.wrong.is_empty(), "{} differences, first:\n{}", oracle.wrong.len(), oracle.wrong.iter().take(20).cloned().collect::<Vec<_>>().join("\n"));
    }
}
