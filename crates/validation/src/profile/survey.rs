//! One resource, everything in it looked at once.
//!
//! * Bindings, displays and extensions of every element, by R4's own definitions and the site's knowledge.
//! * Every claim in `meta.profile`, of the resource, of what it contains and of a bundle's entries.

use super::code::{self, Standing};
use super::read::CORE;
use super::tree::Profile;
use super::{Asked, Site, context};
use crate::findings::Findings;
use crate::place::{Place, is_showable};
use fhir::definitions::Strength;
use fhir::{Issue, IssueCode, Severity, Value, r4};
use fhirpath::Node;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Places looked at in one survey, over all profiles.
const STEPS: u64 = 3_000_000;
/// What the engine may do for all invariants of profiles together, at least and for each token: one that looks at the whole
/// resource, asked of each of its elements, would take days of a large one.
const ENGINE_STEPS: u64 = 5_000_000;
const ENGINE_STEPS_PER_TOKEN: u64 = 500;

/// A survey under way.
pub(super) struct Survey<'d, 's> {
    pub(super) site: Site<'s>,
    pub(super) root: Value<'d>,
    pub(super) findings: Findings,
    /// Whether something met a profile, by place and address; in progress counts as met.
    pub(super) known: HashMap<(u32, String), Option<bool>>,
    /// The entries of the bundles around, by the addresses that others use.
    pub(super) entries: HashMap<String, Value<'d>>,
    pub(super) steps: u64,
    /// What the engine may still do for invariants.
    pub(super) engine_steps: u64,
    pub(super) depth: u32,
    profiles: HashMap<String, Option<Arc<Profile>>>,
    /// What was said once and need not be said again.
    told: HashSet<String>,
    /// Places whose codes a profile has judged: R4's own preference is the same or wider.
    pub(super) judged: HashSet<u32>,
    /// Above zero while what is found is thrown away.
    unheard: u32,
}

/// The resources around a place.
#[derive(Clone, Copy)]
pub(super) struct Around<'d> {
    /// The nearest resource.
    pub(super) resource: Value<'d>,
    /// What holds the contained resources: the nearest one that is not contained itself.
    pub(super) container: Value<'d>,
    /// The address by which a bundle knows the container.
    pub(super) full_url: Option<Value<'d>>,
}

impl<'d> Around<'d> {
    pub(super) fn of(root: Value<'d>) -> Around<'d> {
        Around { resource: root, container: root, full_url: None }
    }

    /// What is around the elements of a resource at that place, found below `holder`.
    pub(super) fn within(self, resource: Value<'d>, place: &Place<'_>, holder: Option<Value<'d>>) -> Around<'d> {
        if place.is_contained() {
            Around { resource, ..self }
        } else {
            Around { resource, container: resource, full_url: holder.and_then(|holder| holder.get("fullUrl")) }
        }
    }
}

/// What a node hangs on.
#[derive(Clone, Copy)]
struct Holder<'d, 'p> {
    node: Node<'d>,
    element: &'p str,
    /// What holds the holder, for the address of the holder's element.
    outer: Option<&'p Holder<'d, 'p>>,
}

impl<'d, 's> Survey<'d, 's> {
    pub(super) fn of(root: Value<'d>, site: Site<'s>) -> Survey<'d, 's> {
        let engine_steps = ENGINE_STEPS + ENGINE_STEPS_PER_TOKEN * root.token_count() as u64;
        let mut survey = Survey { site, root, findings: Findings::default(), known: HashMap::new(), entries: HashMap::new(), steps: STEPS, engine_steps, depth: 0, profiles: HashMap::new(), told: HashSet::new(), judged: HashSet::new(), unheard: 0 };
        survey.note_entries(root);
        survey
    }

    pub(super) fn all(mut self, asked: &Asked<'_>) -> Vec<Issue> {
        let name = self.root.string("resourceType");
        let name = name.as_deref().filter(|name| is_showable(name)).unwrap_or("Resource").to_owned();
        let place = Place::root(&name);
        let node = Node::resource(self.root);
        let around = Around::of(self.root);
        for address in asked.profiles {
            match self.profile(address) {
                Some(profile) => self.hold(&profile, node, around, &place),
                None if is_core(address) => self.core(address, node, &place),
                None => self.findings.ruled("profile-unknown").error(IssueCode::NotFound, &place, 0, format!("The profile {address} is not held here; store its StructureDefinition or import its package, then ask again.")),
            }
        }
        self.look(node, None, around, &place, asked);
        if self.steps == 0 {
            self.findings.ruled("too-costly").error(IssueCode::TooCostly, &place, 0, "This is too large to check whole against its profiles; what is told here is not all. Divide it.");
        }
        self.findings.finish(&name)
    }

    /// The profile of an address, asked of the site once.
    pub(super) fn profile(&mut self, address: &str) -> Option<Arc<Profile>> {
        if let Some(known) = self.profiles.get(address) {
            return known.clone();
        }
        let found = self.site.profiles.profile(address);
        self.profiles.insert(address.to_owned(), found.clone());
        found
    }

    /// True the first time only; what nobody hears has not been said.
    pub(super) fn is_news(&mut self, what: String) -> bool {
        self.unheard > 0 || self.told.insert(what)
    }

    /// Remembers that a profile has judged the codes of a place.
    pub(super) fn note_judged(&mut self, node: Node<'d>) {
        if self.unheard == 0 {
            self.judged.extend(node.value.map(|value| value.order()));
        }
    }

    /// Takes one step; false when none is left.
    pub(super) fn step(&mut self) -> bool {
        self.steps = self.steps.saturating_sub(1);
        self.steps > 0
    }

    /// R4's own type, asked for as a profile: only the type is to be compared.
    fn core(&mut self, address: &str, node: Node<'d>, place: &Place<'_>) {
        if !core_type(address).is_some_and(|kind| is_a(node.type_name(), kind)) {
            self.findings.ruled("profile-type").error(IssueCode::Invalid, place, offset(node), format!("The profile {address} is for another type than this resource has."));
        }
    }

    /// Every element below a node.
    fn look(&mut self, node: Node<'d>, holder: Option<&Holder<'d, '_>>, around: Around<'d>, place: &Place<'_>, asked: &Asked<'_>) {
        if !self.step() {
            return;
        }
        let around = match (node.is_resource(), node.value, holder) {
            (true, Some(value), Some(holder)) => around.within(value, place, holder.node.value),
            _ => around,
        };
        if node.is_resource() {
            self.claims(node, around, place);
        }
        if !asked.only_profiles {
            self.element(node, holder, around, place);
        }
        let Some(kind) = r4().type_named(node.type_name()) else { return };
        if kind.kind == fhir::definitions::Kind::Primitive && node.sibling.is_none() {
            return;
        }
        for element in children_of(kind.name) {
            let mut spots = Vec::new();
            node.for_each_member(element.name, &mut |child| spots.push(child));
            let is_array = element.max != Some(1);
            for (index, child) in spots.into_iter().enumerate() {
                let member = if element.is_choice { place.choice(element.name, child.type_name()) } else { place.member(element.name) };
                let here = if is_array { member.item(index) } else { member };
                let below = Holder { node, element: element.name, outer: holder };
                self.look(child, Some(&below), around, &here, asked);
            }
        }
    }

    /// The profiles a resource says it meets.
    fn claims(&mut self, node: Node<'d>, around: Around<'d>, place: &Place<'_>) {
        let claimed = node.value.and_then(|value| value.get("meta")?.get("profile"));
        for (number, claim) in claimed.into_iter().flat_map(|claims| claims.items().enumerate()) {
            let Some(address) = claim.as_str().map(|text| text.into_owned()) else { continue };
            match self.profile(&address) {
                Some(profile) => self.hold(&profile, node, around, place),
                None if is_core(&address) => self.core(&address, node, place),
                None => {
                    let meta = place.member("meta");
                    let member = meta.member("profile");
                    let message = "This profile is not held here, so whether the resource meets it was not looked at; store its StructureDefinition or import its package.";
                    self.findings.ruled("profile-unknown").add(Severity::Warning, IssueCode::NotFound, &member.item(number), claim.span().start, message);
                }
            }
        }
    }

    /// What R4's definitions and the site say of one element.
    fn element(&mut self, node: Node<'d>, holder: Option<&Holder<'d, '_>>, around: Around<'d>, place: &Place<'_>) {
        let Some(holder) = holder else { return };
        if node.type_name() == "Extension" {
            return self.extension(node, holder, around, place);
        }
        if node.type_name() == "Reference" {
            self.is_led_somewhere(node, around, place);
        }
        let Some(kind) = r4().type_named(holder.node.type_name()) else { return };
        let Some(element) = kind.elements.iter().find(|element| element.name == holder.element) else { return };
        if let Some(binding) = element.binding.filter(|binding| binding.strength != Strength::Example) {
            // What R4 itself knows to be outside a required set the base rules have told.
            let own = binding.strength == Strength::Required && matches!(code::stand(&terminology::R4, node, binding.value_set), Standing::Outside | Standing::Words);
            if !own {
                self.bound_by_r4(binding, node, place);
            }
        }
        match node.type_name() {
            "Coding" => self.is_called(node, place),
            "Age" | "Duration" | "Distance" => self.unit_of_r4(node, place),
            _ => {}
        }
    }

    /// An extension: its definition, and whether it may stand here. Its expressions see the resource that holds it.
    fn extension(&mut self, node: Node<'d>, holder: &Holder<'d, '_>, around: Around<'d>, place: &Place<'_>) {
        let Some(url) = node.value.and_then(|value| value.string("url")).map(|url| url.into_owned()) else { return };
        // Parts of an extension have names of their own, which its definition checks.
        if !url.contains(':') {
            return;
        }
        let is_modifier = holder.element == "modifierExtension";
        let Some(profile) = self.profile(&url).filter(|profile| profile.is_usable && profile.kind == "Extension") else {
            if is_modifier {
                let message = "This changes the meaning of what it stands on, and its definition is not held here: whoever reads the record cannot understand it. Store its StructureDefinition or leave it out.";
                self.findings.ruled("modifier-extension-unknown").error(IssueCode::Extension, place, offset(node), message);
            }
            return;
        };
        if profile.is_modifier() != is_modifier {
            let message = if is_modifier { "This extension does not change the meaning of what it stands on; write it as extension." } else { "This extension changes the meaning of what it stands on; write it as modifierExtension." };
            self.findings.ruled("modifier-extension").error(IssueCode::Extension, place, offset(node), message);
        }
        self.hold(&profile, node, around, place);
        let above = holder.outer.map(|outer| (outer.node, outer.element));
        if !context::permits(&profile, holder.node, above, around) {
            let message = format!("This extension may stand only on: {}.", context::names(&profile));
            // Some of R4's own extensions stand, in R4's own examples, where their contexts forbid it.
            let severity = if url.starts_with(CORE) { Severity::Warning } else { Severity::Error };
            self.findings.ruled("extension-context").add(severity, IssueCode::Extension, place, offset(node), message);
        }
    }

    /// Runs something without keeping what it finds; true if it finds no error.
    pub(super) fn quietly(&mut self, look: impl FnOnce(&mut Self)) -> bool {
        let outer = std::mem::take(&mut self.findings);
        self.unheard += 1;
        look(self);
        self.unheard -= 1;
        let inner = std::mem::replace(&mut self.findings, outer);
        !inner.has_errors()
    }

    /// Whether a node meets a profile; none where the profile is not held. `around` is what is around an element; a
    /// resource is looked at as itself.
    pub(super) fn meets(&mut self, node: Node<'d>, address: &str, around: Around<'d>) -> Option<bool> {
        if is_core(address) && self.profile(address).is_none() {
            return core_type(address).map(|kind| is_a(node.type_name(), kind));
        }
        let key = (node.value.map_or(u32::MAX, |value| value.order()), address.to_owned());
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let profile = self.profile(address).filter(|profile| profile.is_usable)?;
        if !is_a(node.type_name(), &profile.kind) {
            return Some(false);
        }
        self.known.insert(key.clone(), Some(true));
        let around = self.entry_around(node.value.filter(|_| node.is_resource()).map_or(around, Around::of));
        let place = Place::root(node.type_name());
        let is_met = self.quietly(|survey| survey.hold(&profile, node, around, &place));
        self.known.insert(key, Some(is_met));
        Some(is_met)
    }
}

/// Where a node begins in the text.
pub(super) fn offset(node: Node<'_>) -> usize {
    node.value.or(node.sibling).map_or(0, |value| value.span().start)
}

/// True if a type is the other or specialises it.
pub(super) fn is_a(name: &str, other: &str) -> bool {
    name == other || r4().type_named(name).is_some_and(|kind| kind.is_a(other))
}

/// True for R4's own definition of a type.
pub(super) fn is_core(address: &str) -> bool {
    core_type(address).is_some()
}

/// The type an address of R4's own definitions names.
pub(super) fn core_type(address: &str) -> Option<&'static str> {
    let url = address.split('|').next()?;
    r4().type_named(url.strip_prefix(CORE)?).map(|kind| kind.name)
}

/// The elements a value of that type may have; of a primitive those of its companion.
pub(super) fn children_of(kind: &str) -> &'static [fhir::definitions::Element] {
    let found = r4().type_named(kind).map_or(&[][..], |kind| &kind.elements[..]);
    if found.is_empty() { r4().type_named("Element").map_or(&[][..], |kind| &kind.elements[..]) } else { found }
}
