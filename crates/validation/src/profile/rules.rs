//! One value against one node of a profile, and what is below both.

use super::slices::Verdict;
use super::survey::{Around, Survey, children_of, core_type, is_a, is_core, offset};
use super::tree::{Invariant, Node as Rule, Profile, Rules, Slicing, TypeRule};
use super::{code, read};
use crate::place::Place;
use fhir::{IssueCode, Severity};
use fhirpath::{Collection, Context, EvalError, Limits, Node};
use std::sync::Arc;

/// What the engine may do for one invariant of a profile, at least and for each token of the resource.
const STEPS: u64 = 50_000;
const STEPS_PER_TOKEN: u64 = 50;
/// Profiles inside profiles.
const MOST_DEEP: u32 = 40;

/// An item of an element: its value, and its number where the element repeats.
#[derive(Clone, Copy)]
pub(super) struct Spot<'d> {
    pub(super) node: Node<'d>,
    index: Option<usize>,
}

impl<'d> Survey<'d, '_> {
    /// Holds a node against a whole profile.
    pub(super) fn hold(&mut self, profile: &Arc<Profile>, node: Node<'d>, around: Around<'d>, place: &Place<'_>) {
        for note in &profile.notes {
            if self.is_news(format!("{} {note}", profile.url)) {
                self.findings.ruled("not-looked-at").add(Severity::Information, IssueCode::Incomplete, place, offset(node), format!("Of the profile {}: {note}", profile.url));
            }
        }
        if !profile.is_usable {
            return;
        }
        if !is_a(node.type_name(), &profile.kind) {
            let message = format!("The profile {} is for the type {}.", profile.url, profile.kind);
            return self.findings.ruled("profile-type").error(IssueCode::Invalid, place, offset(node), message);
        }
        if self.depth == MOST_DEEP {
            let message = format!("Profiles lead to profiles more than {MOST_DEEP} deep here; what is below was not looked at.");
            return self.findings.ruled("too-costly").add(Severity::Warning, IssueCode::TooCostly, place, offset(node), message);
        }
        self.depth += 1;
        self.node(profile, 0, node, around, place);
        self.depth -= 1;
    }

    /// Holds one value against one node.
    fn node(&mut self, profile: &Arc<Profile>, number: usize, node: Node<'d>, around: Around<'d>, place: &Place<'_>) {
        if !self.step() {
            return;
        }
        let rule = &profile.nodes[number];
        let at = offset(node);
        if let Some(fixed) = &rule.fixed
            && !node.value.is_some_and(|value| fixed.is(value))
        {
            self.findings.ruled("fixed-value").error(IssueCode::Value, place, at, format!("The profile {} fixes this value: {}.", profile.url, fixed.show()));
        }
        if let Some(pattern) = &rule.pattern
            && !node.value.is_some_and(|value| pattern.is_said_by(value))
        {
            self.findings.ruled("pattern-value").error(IssueCode::Value, place, at, format!("The profile {} wants at least this here: {}.", profile.url, pattern.show()));
        }
        if let (Some(most), Some(text)) = (rule.max_length, node.text())
            && text.chars().count() > most
        {
            self.findings.ruled("max-length").error(IssueCode::TooLong, place, at, format!("The profile {} permits {most} characters here.", profile.url));
        }
        self.range(profile, rule, node, place);
        if !rule.types.is_empty() && number != 0 {
            self.types(profile, rule, node, around, place);
        }
        for bound in &rule.bindings {
            self.bound(bound, node, place, false);
        }
        for invariant in &rule.invariants {
            self.invariant(profile, invariant, node, around, place);
        }
        self.children(profile, number, node, around, place);
    }

    /// The types a profile leaves, with their own profiles.
    fn types(&mut self, profile: &Profile, rule: &Rule, node: Node<'d>, around: Around<'d>, place: &Place<'_>) {
        let fitting: Vec<&TypeRule> = rule.types.iter().filter(|one| is_a(node.type_name(), &one.code)).collect();
        if fitting.is_empty() {
            let names: Vec<&str> = rule.types.iter().map(|one| one.code.as_str()).collect();
            let message = format!("The profile {} permits only {} here.", profile.url, names.join(", "));
            return self.findings.ruled("type").error(IssueCode::Structure, place, offset(node), message);
        }
        let inner: Vec<&str> = fitting.iter().flat_map(|one| &one.profiles).map(String::as_str).filter(|address| !is_core(address) || self.site.profiles.profile(address).is_some()).collect();
        match inner.as_slice() {
            [] => {}
            [only] => match self.profile(only) {
                Some(inner) => self.hold(&inner, node, around, place),
                None => self.not_held(only, node, place),
            },
            several => {
                let verdicts: Vec<Option<bool>> = several.iter().map(|address| self.meets(node, address, around)).collect();
                if verdicts.iter().all(|verdict| *verdict == Some(false)) {
                    let message = format!("This meets none of the profiles that {} permits here: {}.", profile.url, several.join(", "));
                    self.findings.ruled("profile-none").error(IssueCode::Value, place, offset(node), message);
                }
            }
        }
        if node.type_name() == "Reference" {
            let targets: Vec<&str> = fitting.iter().flat_map(|one| &one.targets).map(String::as_str).collect();
            self.leads_to(profile, &targets, node, around, place);
        }
    }

    /// Says once that a profile is not held.
    pub(super) fn not_held(&mut self, address: &str, node: Node<'d>, place: &Place<'_>) {
        if self.is_news(address.to_owned()) {
            let message = format!("The profile {address} is not held here, so what it asks was not looked at.");
            self.findings.ruled("profile-unknown").add(Severity::Information, IssueCode::Incomplete, place, offset(node), message);
        }
    }

    fn invariant(&mut self, profile: &Profile, invariant: &Invariant, node: Node<'d>, around: Around<'d>, place: &Place<'_>) {
        let most = STEPS + STEPS_PER_TOKEN * around.resource.token_count() as u64;
        let limits = Limits { steps: most.min(self.engine_steps), ..Limits::default() };
        let known = code::Known { site: self.site };
        let context = Context { resource: Some(Node::resource(around.resource)), root_resource: Some(Node::resource(around.container)), terminology: Some(&known), limits, ..Context::default() };
        let severity = if invariant.is_error { Severity::Error } else { Severity::Warning };
        let (found, steps) = fhirpath::holds_counted(&invariant.expression, &context, node);
        self.engine_steps = self.engine_steps.saturating_sub(steps);
        match found {
            Ok(Some(false)) => self.findings.ruled(&invariant.key).add(severity, IssueCode::Invariant, place, offset(node), format!("{} ({} of {}).", invariant.human, invariant.key, profile.url)),
            Ok(_) => {}
            Err(EvalError::Limit(_)) => self.findings.ruled(&invariant.key).error(IssueCode::TooCostly, place, offset(node), format!("This is too large to check the invariant {} of {}; divide it.", invariant.key, profile.url)),
            Err(_) => {
                if self.is_news(format!("{} {}", profile.url, invariant.key)) {
                    let message = format!("Whether {} of {} is kept could not be told here.", invariant.key, profile.url);
                    self.findings.ruled("not-looked-at").add(Severity::Information, IssueCode::Incomplete, place, offset(node), message);
                }
            }
        }
    }

    fn children(&mut self, profile: &Arc<Profile>, number: usize, node: Node<'d>, around: Around<'d>, place: &Place<'_>) {
        let own = children_of(node.type_name());
        for &child in &profile.nodes[number].children {
            let name = &*profile.nodes[child].name;
            let Some(element) = own.iter().find(|element| element.name == name) else { continue };
            let is_array = element.max != Some(1);
            let mut spots = Vec::new();
            node.for_each_member(name, &mut |node| spots.push(Spot { node, index: is_array.then_some(spots.len()) }));
            let group = Group { profile, holder: node, element, around, parent: place };
            self.group(&group, child, &spots);
        }
    }

    /// All items of an element, or of a slice of it.
    fn group(&mut self, group: &Group<'d, '_>, number: usize, spots: &[Spot<'d>]) {
        let profile = group.profile;
        let rule = &profile.nodes[number];
        self.count(group, rule, spots);
        for spot in spots {
            let element = group.element(spot);
            let place = spot.index.map_or(element, |index| element.item(index));
            let around = match spot.node.value {
                Some(value) if spot.node.is_resource() => group.around.within(value, &place, group.holder.value),
                _ => group.around,
            };
            self.node(profile, number, spot.node, around, &place);
        }
        if !rule.slices.is_empty() {
            self.slice(group, number, spots);
        }
    }

    fn count(&mut self, group: &Group<'d, '_>, rule: &Rule, spots: &[Spot<'d>]) {
        let what = match &rule.slice {
            Some(slice) => format!("{} ({slice})", rule.name),
            None => rule.name.clone(),
        };
        let place = group.parent.member(&rule.name);
        let url = &group.profile.url;
        if (spots.len() as u64) < u64::from(rule.min) {
            let message = match rule.min {
                1 => format!("The profile {url} needs {what}; add it."),
                min => format!("The profile {url} needs {what} at least {min} times."),
            };
            self.findings.ruled("cardinality-min").error(IssueCode::Required, &place, offset(group.holder), message);
        }
        if let Some(max) = rule.max.filter(|max| spots.len() as u64 > u64::from(*max)) {
            let message = match max {
                0 => format!("The profile {url} does not permit {what}; leave it out."),
                max => format!("The profile {url} permits {what} at most {max} times."),
            };
            self.findings.ruled("cardinality-max").error(IssueCode::Structure, &place, spots.get(max as usize).map_or(0, |spot| offset(spot.node)), message);
        }
    }

    /// Gives each item to its slice, and looks at the slices.
    fn slice(&mut self, group: &Group<'d, '_>, number: usize, spots: &[Spot<'d>]) {
        let profile = group.profile;
        let rule = &profile.nodes[number];
        let assumed;
        let slicing = match &rule.slicing {
            Some(slicing) => slicing,
            None if rule.name == "extension" || rule.name == "modifierExtension" => {
                assumed = read::by_url();
                &assumed
            }
            None => return self.undecided(group, rule, "does not say how its slices are told apart"),
        };
        if slicing.discriminators.is_empty() {
            return self.undecided(group, rule, "does not say how its slices are told apart");
        }
        let mut shares: Vec<Vec<Spot<'d>>> = vec![Vec::new(); rule.slices.len()];
        let mut is_unsure = vec![false; rule.slices.len()];
        let mut last = 0;
        let mut has_other = false;
        for spot in spots {
            let mut found = None;
            let mut unsure = false;
            for (place, slice) in rule.slices.iter().enumerate() {
                match self.matches(profile, *slice, slicing, spot.node, group.around, group.holder) {
                    Verdict::Yes => {
                        found = Some(place);
                        break;
                    }
                    Verdict::Unsure => {
                        unsure = true;
                        is_unsure[place] = true;
                    }
                    Verdict::No => {}
                }
            }
            match found {
                Some(place) => {
                    self.order(group, rule, slicing, spot, place < last, has_other);
                    last = last.max(place);
                    shares[place].push(*spot);
                }
                None => {
                    has_other = true;
                    if slicing.rules == Rules::Closed && !unsure {
                        let element = group.element(spot);
                        let place = spot.index.map_or(element, |index| element.item(index));
                        let names: Vec<&str> = rule.slices.iter().filter_map(|slice| profile.nodes[*slice].slice.as_deref()).collect();
                        let message = format!("The profile {} permits only these here: {}.", profile.url, names.join(", "));
                        self.findings.ruled("slice-closed").error(IssueCode::Structure, &place, offset(spot.node), message);
                    }
                }
            }
        }
        for (place, slice) in rule.slices.iter().enumerate() {
            let node = &profile.nodes[*slice];
            if is_unsure[place] && shares[place].len() < node.min as usize {
                self.undecided(group, node, "could not be told apart from others, because a profile or value set it needs is not held");
            } else {
                self.group(group, *slice, &shares[place]);
            }
        }
    }

    fn order(&mut self, group: &Group<'d, '_>, rule: &Rule, slicing: &Slicing, spot: &Spot<'d>, is_before: bool, has_other: bool) {
        let message = match () {
            () if slicing.is_ordered && is_before => format!("The profile {} wants the slices of {} in its order.", group.profile.url, rule.name),
            () if slicing.rules == Rules::OpenAtEnd && has_other => format!("The profile {} wants what it names of {} before anything else.", group.profile.url, rule.name),
            () => return,
        };
        let element = group.element(spot);
        let place = spot.index.map_or(element, |index| element.item(index));
        self.findings.ruled("slice-order").error(IssueCode::Structure, &place, offset(spot.node), message);
    }

    fn undecided(&mut self, group: &Group<'d, '_>, rule: &Rule, why: &str) {
        let what = rule.slice.as_deref().unwrap_or(&rule.name);
        if self.is_news(format!("{} {what} {why}", group.profile.url)) {
            let message = format!("{what} of {} {why}; it was not looked at.", group.profile.url);
            self.findings.ruled("not-looked-at").add(Severity::Information, IssueCode::Incomplete, &group.parent.member(&rule.name), offset(group.holder), message);
        }
    }
}

/// An element of one object, being held against a profile.
struct Group<'d, 'g> {
    profile: &'g Arc<Profile>,
    holder: Node<'d>,
    element: &'static fhir::definitions::Element,
    around: Around<'d>,
    parent: &'g Place<'g>,
}

impl<'g, 'd> Group<'d, 'g> {
    fn element(&self, spot: &Spot<'d>) -> Place<'g> {
        if self.element.is_choice { self.parent.choice(self.element.name, spot.node.type_name()) } else { self.parent.member(self.element.name) }
    }
}

/// Evaluates a path on a node; nothing where it has no answer.
pub(super) fn along<'d>(path: &fhirpath::Expression, node: Node<'d>, around: Around<'d>, root: fhir::Value<'d>) -> Vec<Node<'d>> {
    let context = Context { resource: Some(Node::resource(around.container)), root_resource: Some(Node::resource(root)), limits: Limits { steps: STEPS, ..Limits::default() }, ..Context::default() };
    path.evaluate(&context, Collection::one(node)).map(|found| found.nodes().collect()).unwrap_or_default()
}

/// The type a profile is for: R4's own, or that of a held profile.
pub(super) fn kind_of(survey: &mut Survey<'_, '_>, address: &str) -> Option<String> {
    match core_type(address) {
        Some(kind) => Some(kind.to_owned()),
        None => survey.profile(address).map(|profile| profile.kind.clone()),
    }
}
