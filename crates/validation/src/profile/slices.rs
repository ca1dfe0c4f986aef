//! Whether an item belongs to a slice.
//!
//! A discriminator's path is followed twice: in the item, and in the profile's tree, where it
//! ends at what the slice says there. What the two say is compared.

use super::rules::{along, kind_of};
use super::survey::{Around, Survey, is_a};
use super::tree::{By, Discriminator, Profile, Slicing};
use fhir::definitions::{Membership, Strength};
use fhirpath::Node;
use std::sync::Arc;

/// Whether an item is of a slice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub(super) enum Verdict { Yes, No, Unsure }

/// A node of a profile's tree.
type Spot = (Arc<Profile>, usize);

impl<'d> Survey<'d, '_> {
    /// Whether an item is of a slice by all that tells slices apart.
    pub(super) fn matches(&mut self, profile: &Arc<Profile>, slice: usize, slicing: &Slicing, node: Node<'d>, around: Around<'d>, holder: Node<'d>) -> Verdict {
        // A resource in an entry is looked at as itself: what it refers to is sought from there.
        let around = match node.value.and_then(|value| value.get("fullUrl").or_else(|| value.get("resource"))) {
            Some(_) if holder.type_name() == "Bundle" => self.entry_around(Around { full_url: node.value.and_then(|value| value.get("fullUrl")), ..around }),
            _ => around,
        };
        let mut verdict = Verdict::Yes;
        for discriminator in &slicing.discriminators {
            match self.tells(profile, slice, discriminator, node, around) {
                Verdict::No => return Verdict::No,
                Verdict::Unsure => verdict = Verdict::Unsure,
                Verdict::Yes => {}
            }
        }
        verdict
    }

    fn tells(&mut self, profile: &Arc<Profile>, slice: usize, by: &Discriminator, node: Node<'d>, around: Around<'d>) -> Verdict {
        let steps = steps(&by.path);
        match by.by {
            By::Value => self.by_value(profile, slice, &steps, by, node, around),
            By::Exists => {
                let wanted = self.ends(profile, slice, &steps);
                let is_there = !along(&by.expression, node, around, self.root).is_empty();
                match wanted.iter().map(|(profile, number)| &profile.nodes[*number]).find(|rule| rule.max == Some(0) || rule.min > 0) {
                    Some(rule) => Verdict::of(is_there == (rule.max != Some(0))),
                    None => Verdict::Unsure,
                }
            }
            By::Type => self.by_type(profile, slice, &steps, by, node, around),
            By::Profile => self.by_profile(profile, slice, &steps, by, node, around),
        }
    }

    fn by_value(&mut self, profile: &Arc<Profile>, slice: usize, steps: &[&str], by: &Discriminator, node: Node<'d>, around: Around<'d>) -> Verdict {
        // An extension's slice is known by its definition, whose address is the extension's url.
        let rule = &profile.nodes[slice];
        if node.type_name() == "Extension" && steps == ["url"] && profile.child(slice, "url").is_none() {
            let url = node.value.and_then(|value| value.string("url"));
            let named: Vec<&str> = rule.types.iter().flat_map(|one| &one.profiles).map(|address| address.split('|').next().unwrap_or(address)).collect();
            return if named.is_empty() { Verdict::Unsure } else { Verdict::of(url.is_some_and(|url| named.contains(&&*url))) };
        }
        let found = along(&by.expression, node, around, self.root);
        let mut verdict = Verdict::Unsure;
        for (profile, number) in self.ends(profile, slice, steps) {
            let answers: Vec<Option<bool>> = found.iter().map(|node| self.satisfies(&profile, number, *node)).collect();
            if answers.contains(&Some(true)) {
                verdict = Verdict::Yes;
            } else if found.is_empty() && self.is_decisive(&profile, number) || answers.contains(&Some(false)) {
                return Verdict::No;
            }
        }
        verdict
    }

    fn by_type(&mut self, profile: &Arc<Profile>, slice: usize, steps: &[&str], by: &Discriminator, node: Node<'d>, around: Around<'d>) -> Verdict {
        let wanted: Vec<String> = match steps.split_last() {
            Some((&"resolve()", before)) => {
                let targets = self.targets_at(profile, slice, before);
                targets.iter().filter_map(|address| kind_of(self, address)).collect()
            }
            _ => self.ends(profile, slice, steps).iter().flat_map(|(profile, number)| profile.nodes[*number].types.iter().map(|one| one.code.clone())).collect(),
        };
        if wanted.is_empty() {
            return Verdict::Unsure;
        }
        let mut found: Vec<String> = along(&by.expression, node, around, self.root).iter().map(|node| node.type_name().to_owned()).collect();
        if steps.last() == Some(&"resolve()") {
            found = self.led_to(node, steps, around).iter().filter_map(|target| target.kind.clone()).collect();
        }
        if found.is_empty() && steps.last() == Some(&"resolve()") {
            return Verdict::Unsure;
        }
        Verdict::of(found.iter().any(|kind| wanted.iter().any(|wanted| is_a(kind, wanted))))
    }

    fn by_profile(&mut self, profile: &Arc<Profile>, slice: usize, steps: &[&str], by: &Discriminator, node: Node<'d>, around: Around<'d>) -> Verdict {
        if let Some((&"resolve()", before)) = steps.split_last() {
            let targets = self.targets_at(profile, slice, before);
            let led = self.led_to(node, steps, around);
            let mut verdict = if targets.is_empty() || led.is_empty() { Verdict::Unsure } else { Verdict::No };
            for target in led {
                for address in &targets {
                    let met = match target.value {
                        Some(value) => self.meets(Node::resource(value), address, around),
                        None => match (&target.kind, kind_of(self, address)) {
                            (Some(kind), Some(wanted)) if !is_a(kind, &wanted) => Some(false),
                            _ => None,
                        },
                    };
                    match met {
                        Some(true) => return Verdict::Yes,
                        None => verdict = Verdict::Unsure,
                        Some(false) => {}
                    }
                }
            }
            return verdict;
        }
        let rules: Vec<Spot> = self.ends(profile, slice, steps);
        let types: Vec<super::tree::TypeRule> = rules.iter().flat_map(|(profile, number)| profile.nodes[*number].types.clone()).collect();
        let mut verdict = if types.is_empty() { Verdict::Unsure } else { Verdict::No };
        for node in along(&by.expression, node, around, self.root) {
            for one in types.iter().filter(|one| is_a(node.type_name(), &one.code)) {
                if one.profiles.is_empty() {
                    return Verdict::Yes;
                }
                for address in &one.profiles {
                    match self.meets(node, address, around) {
                        Some(true) => return Verdict::Yes,
                        None => verdict = Verdict::Unsure,
                        Some(false) => {}
                    }
                }
            }
        }
        verdict
    }

    /// Where a path ends in a profile's tree, from a slice on.
    fn ends(&mut self, profile: &Arc<Profile>, slice: usize, steps: &[&str]) -> Vec<Spot> {
        let mut here: Vec<Spot> = vec![(profile.clone(), slice)];
        for step in steps.iter().filter(|step| **step != "$this") {
            here = here.into_iter().flat_map(|spot| self.below(&spot, step)).collect();
        }
        here
    }

    /// The profiles of what the references at a path may lead to.
    fn targets_at(&mut self, profile: &Arc<Profile>, slice: usize, steps: &[&str]) -> Vec<String> {
        self.ends(profile, slice, steps).iter().flat_map(|(profile, number)| profile.nodes[*number].types.iter().flat_map(|one| one.targets.clone())).collect()
    }

    fn below(&mut self, (profile, number): &Spot, step: &str) -> Vec<Spot> {
        let rule = &profile.nodes[*number];
        let inside = |function: &str| step.strip_prefix(function).and_then(|rest| rest.strip_prefix('(')).and_then(|rest| rest.strip_suffix(')'));
        if step == "resolve()" {
            let targets: Vec<String> = rule.types.iter().flat_map(|one| one.targets.clone()).collect();
            return targets.iter().filter_map(|address| Some((self.profile(address)?, 0))).collect();
        }
        if let Some(kind) = inside("ofType").or_else(|| inside("as")) {
            let by_type: Vec<Spot> = rule.slices.iter().filter(|slice| profile.nodes[**slice].types.iter().any(|one| one.code == kind)).map(|slice| (profile.clone(), *slice)).collect();
            return if by_type.is_empty() { vec![(profile.clone(), *number)] } else { by_type };
        }
        let mut found = Vec::new();
        if let Some(url) = inside("extension").map(|quoted| quoted.trim_matches(['\'', '"'])) {
            let extension = profile.child(*number, "extension");
            let slices = extension.into_iter().flat_map(|extension| profile.nodes[extension].slices.iter());
            found.extend(slices.filter(|slice| profile.nodes[**slice].types.iter().flat_map(|one| &one.profiles).any(|address| address == url)).map(|slice| (profile.clone(), *slice)));
            return found;
        }
        if let Some(child) = profile.child(*number, step) {
            found.push((profile.clone(), child));
            let needed = profile.nodes[child].slices.iter().filter(|slice| profile.nodes[**slice].min > 0);
            found.extend(needed.map(|slice| (profile.clone(), *slice)));
        }
        // What a value's own profile says there holds as well.
        let inner: Vec<String> = rule.types.iter().flat_map(|one| one.profiles.clone()).collect();
        for address in inner {
            if let Some(inner) = self.profile(&address)
                && let Some(child) = inner.child(0, step)
            {
                found.push((inner, child));
            }
        }
        found
    }

    /// True if a node, or something it needs, says by what it is known.
    fn is_decisive(&self, profile: &Profile, number: usize) -> bool {
        let rule = &profile.nodes[number];
        rule.is_decisive() || rule.children.iter().chain(&rule.slices).any(|below| profile.nodes[*below].min > 0 && self.is_decisive(profile, *below))
    }

    /// Whether a value is what a node says it is, by fixed values, patterns and required sets,
    /// its own and those below; none where the node says nothing of the kind.
    fn satisfies(&mut self, profile: &Arc<Profile>, number: usize, node: Node<'d>) -> Option<bool> {
        if !self.step() {
            return None;
        }
        let rule = &profile.nodes[number];
        let mut answer = None;
        let mut hear = |found: Option<bool>| {
            answer = answer.or(found);
            found != Some(false)
        };
        if let Some(fixed) = &rule.fixed
            && !hear(Some(node.value.is_some_and(|value| fixed.is(value))))
        {
            return Some(false);
        }
        if let Some(pattern) = &rule.pattern
            && !hear(Some(node.value.is_some_and(|value| pattern.is_said_by(value))))
        {
            return Some(false);
        }
        for bound in rule.bindings.iter().filter(|bound| bound.strength == Strength::Required) {
            if !hear(super::code::is_in(self, node, &bound.value_set)) {
                return Some(false);
            }
        }
        for &child in &rule.children {
            let mut below = Vec::new();
            node.for_each_member(&profile.nodes[child].name, &mut |node| below.push(node));
            if below.is_empty() && profile.nodes[child].min > 0 && self.is_decisive(profile, child) {
                return Some(false);
            }
            for node in &below {
                let found = self.satisfies(profile, child, *node);
                if !hear(found) {
                    return Some(false);
                }
            }
            for &slice in profile.nodes[child].slices.iter().filter(|slice| profile.nodes[**slice].min > 0) {
                let found: Vec<Option<bool>> = below.iter().map(|node| self.satisfies(profile, slice, *node)).collect();
                if found.contains(&Some(true)) {
                    hear(Some(true));
                } else if found.contains(&Some(false)) {
                    return Some(false);
                }
            }
        }
        answer
    }
}

impl Verdict {
    fn of(is: bool) -> Verdict {
        if is { Verdict::Yes } else { Verdict::No }
    }

    /// Of a membership.
    pub(super) fn of_member(membership: &Membership) -> Option<bool> {
        match membership {
            Membership::In => Some(true),
            Membership::Out => Some(false),
            Membership::Unknown(_) => None,
        }
    }
}

/// `value.ofType(Coding)` in steps; a point inside parentheses divides nothing.
fn steps(path: &str) -> Vec<&str> {
    let mut depth = 0;
    path.split(|letter| {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        letter == '.' && depth == 0
    })
    .collect()
}
