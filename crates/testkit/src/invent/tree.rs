//! A resource while it is being invented: members can still be taken out.

use fhir::definitions::{Type, r4};
use fhir::{Document, ResourceType};

use super::Chance;

/// JSON as it will be written.
#[derive(Clone)]
pub(super) enum Tree {
    Object(Vec<(String, Tree)>),
    List(Vec<Tree>),
    /// A token: a string with its quotes, a number, `true`.
    Token(String),
}

impl Tree {
    /// A string.
    pub fn text(text: &str) -> Tree {
        let mut token = String::new();
        fhir::splice::write_string(text, &mut token);
        Tree::Token(token)
    }

    /// A number, `true` or `false`.
    pub fn token(token: &str) -> Tree {
        Tree::Token(token.to_owned())
    }

    /// An object of these members.
    pub fn object<const N: usize>(members: [(&str, Tree); N]) -> Tree {
        Tree::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// Puts a member before all others; one of that name is replaced.
    pub fn put_first(&mut self, name: &str, value: Tree) {
        if let Tree::Object(members) = self {
            members.retain(|(known, _)| known != name);
            members.insert(0, (name.to_owned(), value));
        }
    }

    fn write(&self, out: &mut String) {
        match self {
            Tree::Token(token) => out.push_str(token),
            Tree::List(items) => {
                for (number, item) in items.iter().enumerate() {
                    out.push(if number == 0 { '[' } else { ',' });
                    item.write(out);
                }
                out.push(']');
            }
            Tree::Object(members) => {
                out.push('{');
                for (number, (name, value)) in members.iter().enumerate() {
                    let comma = if number == 0 { "" } else { "," };
                    out.push_str(&format!("{comma}\"{name}\":"));
                    value.write(out);
                }
                out.push('}');
            }
        }
    }

    /// Its text, once nothing breaks a rule of R4; none where that cannot be had by taking out
    /// what is optional.
    pub fn mended(mut self, kind: ResourceType, chance: &mut Chance) -> Option<String> {
        let definition = r4().type_named(kind.name())?;
        for _ in 0..80 {
            let mut text = String::new();
            self.write(&mut text);
            let document = Document::read(&text).unwrap_or_else(|cause| panic!("{cause}: {text}"));
            let mut issues = validation::validate(document.root(), &validation::Options::default());
            // What the door refuses of a body besides, at the hour at which a clinic opens.
            issues.extend(fhir::life::flaws(kind, document.root(), crate::OPENS));
            let Some(issue) = issues.iter().find(|issue| issue.is_error()) else {
                drop(document);
                return Some(text);
            };
            let steps: Vec<Step> = steps(&issue.expression);
            if !self.take_out(definition, &steps, chance) {
                return None;
            }
        }
        None
    }

    /// Takes out the innermost optional part on the way to a place; at the place itself, if
    /// nothing on the way is optional, any optional member.
    fn take_out(&mut self, definition: &'static Type, steps: &[Step], chance: &mut Chance) -> bool {
        let Tree::Object(members) = self else { return false };
        let Some((step, rest)) = steps.split_first() else {
            let optional: Vec<usize> = (0..members.len()).filter(|at| definition.element(&members[*at].0).is_some_and(|(element, _)| element.min == 0 && element.name != "id")).collect();
            return match optional.is_empty() {
                true => false,
                false => {
                    members.remove(optional[chance.below(optional.len())]);
                    true
                }
            };
        };
        let Some(at) = members.iter().position(|(name, _)| *name == step.name) else { return false };
        let Some((element, chosen)) = definition.element(&step.name) else { return false };
        let inner = match &mut members[at].1 {
            Tree::List(items) => items.get_mut(step.item.unwrap_or(0)),
            other => Some(other),
        };
        // What is wrong with an object as a whole is mended by leaving out the object, if that may be.
        let goes_on = !rest.is_empty() || element.min > 0;
        if goes_on && inner.is_some_and(|inner| inner.take_out(chosen.definition(), rest, chance)) {
            if let Tree::List(items) = &mut members[at].1 {
                items.retain(|item| !matches!(item, Tree::Object(members) if members.is_empty()));
            }
            let is_empty = matches!(&members[at].1, Tree::Object(members) if members.is_empty()) || matches!(&members[at].1, Tree::List(items) if items.is_empty());
            if is_empty {
                members.remove(at);
            }
            return true;
        }
        match &mut members[at].1 {
            Tree::List(items) if items.len() > usize::from(element.min.max(1)) => {
                items.remove(step.item.unwrap_or(0).min(items.len() - 1));
                true
            }
            _ if element.min == 0 => {
                members.remove(at);
                true
            }
            _ => false,
        }
    }
}

/// One step of an issue's place.
struct Step {
    name: String,
    item: Option<usize>,
}

/// `Patient.name[0].value.ofType(Quantity)` as steps below the resource.
fn steps(expression: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for part in expression.split('.').skip(1) {
        let (name, item) = part.split_once('[').map_or((part, None), |(name, rest)| (name, rest.trim_end_matches(']').parse().ok()));
        match (name.strip_prefix("ofType(").and_then(|rest| rest.strip_suffix(')')), steps.last_mut()) {
            (Some(kind), Some(choice)) => {
                choice.name.push_str(&kind[..1].to_ascii_uppercase());
                choice.name.push_str(&kind[1..]);
            }
            _ => steps.push(Step { name: name.to_owned(), item }),
        }
    }
    steps
}
