//! From a StructureDefinition to a [`Profile`].
//!
//! * Only the differential is read, upon the tree of the base. Without a differential, or where
//!   the base is not held, the snapshot serves.
//! * Elements are placed by their id (`Observation.component:systolic.value[x]`), or by path and
//!   slice name where an old tool left the ids out.
//! * What cannot be understood is noted, and told whenever the profile is used.
//! * Rules: <https://hl7.org/fhir/R4/profiling.html>, <https://hl7.org/fhir/R4/elementdefinition.html>.

use super::expected::Expected;
use super::tree::{Bound, By, Discriminator, Invariant, Node, Place, Profile, Rules, Slicing, TypeRule};
use fhir::definitions::{Kind, Strength, Type};
use fhir::{Value, r4};
use fhirpath::Expression;
use std::sync::Arc;

/// Where R4 keeps the definitions of its own types.
pub(super) const CORE: &str = "http://hl7.org/fhir/StructureDefinition/";
/// Value sets outside which nothing may be.
const MAXIMUM: &str = "http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet";
/// Elements of one StructureDefinition that are read.
const MOST_ELEMENTS: usize = 10_000;

/// Why a StructureDefinition cannot be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unusable(pub String);

impl Profile {
    /// Reads a StructureDefinition; `base` finds the profile it derives from.
    pub fn read(definition: Value<'_>, base: &dyn Fn(&str) -> Option<Arc<Profile>>) -> Result<Profile, Unusable> {
        let text = |name: &str| definition.string(name).unwrap_or_default().into_owned();
        let refuse = |why: &str| Err(Unusable(why.to_owned()));
        let kind = text("type");
        if definition.string("resourceType").as_deref() != Some("StructureDefinition") {
            return refuse("It is no StructureDefinition.");
        }
        if text("url").is_empty() {
            return refuse("It has no url, so that nothing can name it.");
        }
        if r4().type_named(&kind).is_none() {
            return refuse("Its type is none of R4's; logical models are not checked.");
        }
        let mut profile = Profile { url: text("url"), version: text("version"), contexts: contexts(definition), notes: Vec::new(), nodes: vec![Node::named(&kind, None)], kind, is_usable: true };
        let elements = |view: &str| definition.get(view).and_then(|view| view.get("element"));
        let from = text("baseDefinition");
        let mut view = elements("differential");
        if from.strip_prefix(CORE).is_none_or(|name| r4().type_named(name).is_none()) {
            match base(&from) {
                Some(base) if base.kind == profile.kind || r4().type_named(&profile.kind).is_some_and(|kind| kind.is_a(&base.kind)) => {
                    profile.nodes = base.nodes.clone();
                    profile.nodes[0].name.clone_from(&profile.kind);
                    profile.notes.extend(base.notes.iter().cloned());
                    if profile.contexts.is_empty() {
                        profile.contexts.clone_from(&base.contexts);
                    }
                }
                Some(_) => return refuse("Its type is not that of the profile it derives from."),
                None if elements("snapshot").is_some() => view = elements("snapshot"),
                None => profile.notes.push(format!("The profile it derives from, {from}, is not held: what that one asks was not looked at.")),
            }
        }
        let view = view.or_else(|| elements("snapshot"));
        Reader { profile: &mut profile, open: Vec::new() }.elements(view)?;
        Ok(profile)
    }
}

fn contexts(definition: Value<'_>) -> Vec<Place> {
    let each = definition.get("context").into_iter().flat_map(|contexts| contexts.items());
    each.filter_map(|context| {
        let expression = context.string("expression")?.into_owned();
        Some(match context.string("type").as_deref() {
            Some("extension") => Place::Extension(expression),
            Some("fhirpath") => Place::Path(expression),
            _ => Place::Element(expression),
        })
    })
    .collect()
}

/// What an element of the differential is about.
enum Aim {
    /// That node.
    At(usize),
    /// The inner value of a primitive, of which there is nothing to say.
    Value,
    /// Nothing the type has.
    Nowhere,
}

struct Reader<'p> {
    profile: &'p mut Profile,
    /// Slices named so far by path and name, for elements without an id.
    open: Vec<(String, String)>,
}

impl Reader<'_> {
    fn elements(&mut self, elements: Option<Value<'_>>) -> Result<(), Unusable> {
        for (count, element) in elements.into_iter().flat_map(|elements| elements.items()).enumerate() {
            if count == MOST_ELEMENTS {
                return Err(Unusable(format!("It has more than {MOST_ELEMENTS} elements; divide it.")));
            }
            let id = match element.string("id") {
                Some(id) => id.into_owned(),
                None => self.id_of(element),
            };
            match self.place(&id) {
                Aim::At(number) => self.element(number, element, &id),
                Aim::Value => {}
                Aim::Nowhere => self.note(&id, "names no element of the type"),
            }
        }
        Ok(())
    }

    fn note(&mut self, id: &str, what: &str) {
        let id: String = id.chars().take(120).collect();
        self.profile.notes.push(format!("Its element {id} {what}; what it asks there was not looked at."));
    }

    /// The id an element would have: its path with the slices that were opened last.
    fn id_of(&mut self, element: Value<'_>) -> String {
        let path = element.string("path").unwrap_or_default().into_owned();
        let own = element.string("sliceName");
        // A path that is not below an opened slice closes it.
        self.open.retain(|(opened, _)| path == *opened || path.strip_prefix(opened.as_str()).is_some_and(|rest| rest.starts_with('.')));
        if path == self.open.last().map_or("", |(opened, _)| opened) {
            self.open.pop();
        }
        let mut id = String::new();
        let mut so_far = String::new();
        for step in path.split('.') {
            if !id.is_empty() {
                id.push('.');
                so_far.push('.');
            }
            id.push_str(step);
            so_far.push_str(step);
            if let Some((_, slice)) = self.open.iter().find(|(opened, _)| *opened == so_far) {
                id.extend([":", slice]);
            }
        }
        if let Some(slice) = own {
            id.extend([":", &slice]);
            self.open.push((path, slice.into_owned()));
        }
        id
    }

    /// The node of an id, made where it is not there yet.
    fn place(&mut self, id: &str) -> Aim {
        let mut here = 0;
        let mut kind = r4().type_named(&self.profile.kind);
        for step in id.split('.').skip(1) {
            if kind.is_some_and(|kind| kind.kind == Kind::Primitive) {
                if step == "value" {
                    return Aim::Value;
                }
                kind = r4().type_named("Element");
            }
            let (step, slices) = step.split_once(':').unwrap_or((step, ""));
            let name = step.strip_suffix("[x]").unwrap_or(step);
            let known = kind.and_then(|kind| kind.elements.iter().find(|element| element.name == name));
            let (name, shortcut) = match (known, kind) {
                (None, Some(kind)) => {
                    // `valueQuantity` is the element `value` as a Quantity.
                    let Some((element, one)) = kind.element(name) else { return Aim::Nowhere };
                    (element.name, Some((name, one.code)))
                }
                _ => (name, None),
            };
            here = self.child(here, name);
            let element = kind.and_then(|kind| kind.elements.iter().find(|element| element.name == name));
            let mut code = element.filter(|element| element.types.len() == 1).map(|element| element.types[0].code.to_owned());
            if let Some((slice, one)) = shortcut {
                here = self.type_slice(here, slice, one);
                code = Some(one.to_owned());
            }
            for slice in slices.split('/').filter(|slice| !slice.is_empty()) {
                let by_name = element.filter(|element| element.is_choice).and_then(|element| element.types.iter().find(|one| one.json_name == slice));
                here = match by_name {
                    Some(one) => {
                        code = Some(one.code.to_owned());
                        self.type_slice(here, slice, one.code)
                    }
                    None => self.slice(here, slice),
                };
            }
            let narrowed = &self.profile.nodes[here].types;
            if let (None, [only]) = (&code, narrowed.as_slice()) {
                code = Some(only.code.clone());
            }
            kind = code.as_deref().and_then(type_named);
        }
        Aim::At(here)
    }

    fn child(&mut self, parent: usize, name: &str) -> usize {
        self.profile.child(parent, name).unwrap_or_else(|| self.add(Node::named(name, None), |profile, number| profile.nodes[parent].children.push(number)))
    }

    fn slice(&mut self, of: usize, slice: &str) -> usize {
        let name = self.profile.nodes[of].name.clone();
        self.profile.slice(of, slice).unwrap_or_else(|| self.add(Node::named(&name, Some(slice)), |profile, number| profile.nodes[of].slices.push(number)))
    }

    /// A slice of a choice by the type of its value.
    fn type_slice(&mut self, of: usize, slice: &str, code: &str) -> usize {
        let number = self.slice(of, slice);
        let node = &mut self.profile.nodes[number];
        if node.types.is_empty() {
            node.types.push(TypeRule { code: code.to_owned(), ..TypeRule::default() });
        }
        self.profile.nodes[of].slicing.get_or_insert_with(|| by_type("$this"));
        number
    }

    fn add(&mut self, node: Node, hang: impl FnOnce(&mut Profile, usize)) -> usize {
        let number = self.profile.nodes.len();
        self.profile.nodes.push(node);
        hang(self.profile, number);
        number
    }

    fn element(&mut self, number: usize, element: Value<'_>, id: &str) {
        let slicing = element.get("slicing").and_then(|slicing| self.slicing(slicing, id));
        let invariants = self.invariants(element, id);
        let node = &mut self.profile.nodes[number];
        if let Some(min) = element.get("min").and_then(|min| min.as_number()?.parse().ok()) {
            node.min = node.min.max(min);
        }
        if let Some(max) = element.string("max").and_then(|max| max.parse().ok()) {
            node.max = Some(node.max.map_or(max, |before: u32| before.min(max)));
        }
        if let Some(types) = element.get("type") {
            let types: Vec<TypeRule> = types.items().filter_map(type_rule).collect();
            if !types.is_empty() {
                node.types = types;
            }
        }
        if slicing.is_some() {
            node.slicing = slicing;
        }
        node.max_length = element.get("maxLength").and_then(|length| length.as_number()?.parse().ok()).or(node.max_length);
        node.is_modifier |= element.get("isModifier").and_then(|is| is.as_bool()) == Some(true);
        node.bindings.extend(element.get("binding").into_iter().flat_map(bounds));
        node.invariants.extend(invariants);
        let mut is_beyond = false;
        for (name, value) in element.members() {
            let slot = match () {
                () if is_choice(&name, "fixed") => &mut node.fixed,
                () if is_choice(&name, "pattern") => &mut node.pattern,
                () if is_choice(&name, "minValue") => &mut node.least,
                () if is_choice(&name, "maxValue") => &mut node.most,
                () => continue,
            };
            // What the base says holds on where this cannot be compared.
            match Expected::read(value) {
                Some(expected) => *slot = Some(expected),
                None => is_beyond = true,
            }
        }
        if is_beyond {
            self.note(id, "has a value that is beyond what is compared here");
        }
    }

    fn slicing(&mut self, slicing: Value<'_>, id: &str) -> Option<Slicing> {
        let mut discriminators = Vec::new();
        for one in slicing.get("discriminator").into_iter().flat_map(|all| all.items()) {
            let path = one.string("path").unwrap_or_default().into_owned();
            let by = match one.string("type").as_deref() {
                Some("value" | "pattern") => By::Value,
                Some("exists") => By::Exists,
                Some("type") => By::Type,
                Some("profile") => By::Profile,
                _ => {
                    self.note(id, "is sliced by something R4 does not know");
                    return None;
                }
            };
            match Expression::parse(&path) {
                Ok(expression) => discriminators.push(Discriminator { by, path, expression }),
                Err(_) => {
                    self.note(id, "is sliced by a path that cannot be read");
                    return None;
                }
            }
        }
        let rules = match slicing.string("rules").as_deref() {
            Some("closed") => Rules::Closed,
            Some("openAtEnd") => Rules::OpenAtEnd,
            _ => Rules::Open,
        };
        Some(Slicing { discriminators, rules, is_ordered: slicing.get("ordered").and_then(|ordered| ordered.as_bool()) == Some(true) })
    }

    /// The invariants of an element that R4 itself does not state there.
    fn invariants(&mut self, element: Value<'_>, id: &str) -> Vec<Arc<Invariant>> {
        let mut found = Vec::new();
        for one in element.get("constraint").into_iter().flat_map(|all| all.items()) {
            let text = |name: &str| one.string(name).unwrap_or_default().into_owned();
            let source = text("source");
            let is_core = source.strip_prefix(CORE).is_some_and(|name| r4().type_named(name).is_some());
            if is_core || text("expression").is_empty() {
                continue;
            }
            match Expression::parse(&text("expression")) {
                Ok(expression) => found.push(Arc::new(Invariant { key: text("key"), is_error: text("severity") != "warning", human: text("human").trim().trim_end_matches('.').to_owned(), expression })),
                Err(_) => self.note(id, "has an invariant that cannot be read"),
            }
        }
        found
    }
}

/// Slices told apart by the type of what is at `path`.
pub(super) fn by_type(path: &str) -> Slicing {
    let expression = Expression::parse(path).expect("a path of ours");
    Slicing { discriminators: vec![Discriminator { by: By::Type, path: path.to_owned(), expression }], rules: Rules::Open, is_ordered: false }
}

/// The slicing of extensions, where a profile leaves it out: R4 says it for all.
pub(super) fn by_url() -> Slicing {
    let expression = Expression::parse("url").expect("a path of ours");
    Slicing { discriminators: vec![Discriminator { by: By::Value, path: "url".to_owned(), expression }], rules: Rules::Open, is_ordered: false }
}

fn type_named(code: &str) -> Option<&'static Type> {
    r4().type_named(code).filter(|kind| !["Resource", "DomainResource"].contains(&kind.name))
}

/// A permitted type; none for the inner types of FHIRPath, which R4 uses for ids and addresses.
fn type_rule(one: Value<'_>) -> Option<TypeRule> {
    let code = one.string("code")?.into_owned();
    let all = |name: &str| one.get(name).into_iter().flat_map(|all| all.items()).filter_map(|item| item.as_str().map(|text| text.into_owned())).collect();
    (!code.starts_with("http://hl7.org/fhirpath/")).then(|| TypeRule { code, profiles: all("profile"), targets: all("targetProfile") })
}

fn bounds(binding: Value<'_>) -> Vec<Bound> {
    let strength = match binding.string("strength").as_deref() {
        Some("required") => Strength::Required,
        Some("extensible") => Strength::Extensible,
        Some("preferred") => Strength::Preferred,
        _ => Strength::Example,
    };
    let own = binding.string("valueSet").map(|value_set| Bound { strength, value_set: value_set.into_owned(), is_maximum: false });
    let extensions = binding.get("extension").into_iter().flat_map(|all| all.items());
    let maximum = extensions.filter(|one| one.string("url").as_deref() == Some(MAXIMUM)).filter_map(|one| {
        let value_set = one.string("valueCanonical").or_else(|| one.string("valueUri"))?.into_owned();
        Some(Bound { strength: Strength::Required, value_set, is_maximum: true })
    });
    own.into_iter().chain(maximum).collect()
}

/// `fixedUri` is a choice of `fixed`.
fn is_choice(name: &str, of: &str) -> bool {
    name.strip_prefix(of).is_some_and(|rest| rest.starts_with(|letter: char| letter.is_ascii_uppercase()))
}
