//! What FHIR adds to the language.
//!
//! <https://hl7.org/fhir/R4/fhirpath.html#functions>

use super::{Evaluator, Frame, Result};
use crate::ast::{Call, Expr, TypeSpecifier};
use crate::context::Code;
use crate::error::EvalError;
use crate::functions::Function;
use crate::model::{TypeId, model};
use crate::{Collection, Item, Node, reference, xhtml};
use std::borrow::Cow;

impl<'d> Evaluator<'_, '_, 'd> {
    pub(super) fn fhir_function(&mut self, call: &Call, input: &Collection<'d>, frame: Frame<'_, 'd>) -> Result<Collection<'d>> {
        use Function::*;
        let answer = |value: bool| Ok(Collection::one(value));
        match call.function {
            Extension => {
                let url = self.argument(call, 0, frame)?;
                let Some(url) = url else { return Ok(Collection::empty()) };
                let mut out = Collection::empty();
                for node in input.nodes() {
                    node.for_each_member("extension", &mut |extension| {
                        if extension.value.and_then(|value| value.string("url")).as_deref() == Some(&*url) {
                            out.push(extension);
                        }
                    });
                }
                self.bounded(out)
            }
            HasValue => answer(matches!(input.as_slice(), [Item::Node(node)] if node.has_value() && node.is_primitive()) || matches!(input.as_slice(), [item] if !matches!(item, Item::Node(_)))),
            GetValue => match input.as_slice() {
                [Item::Node(node)] if node.is_primitive() => Ok(crate::compare::node_value(node).map(Collection::one).unwrap_or_default()),
                [Item::Node(_)] => Ok(Collection::empty()),
                [item] => Ok(Collection::one(item.clone())),
                _ => Ok(Collection::empty()),
            },
            Resolve => self.resolve(input),
            MemberOf => {
                let value_set = self.argument(call, 0, frame)?;
                let Some(value_set) = value_set else { return Ok(Collection::empty()) };
                let codes = self.codes(input, "memberOf")?;
                if codes.is_empty() {
                    return Ok(Collection::empty());
                }
                let Some(terminology) = self.context.terminology else { return Err(EvalError::NotAvailable("memberOf()")) };
                // One code that nobody can judge leaves open whether any is in the set.
                let mut is_open = false;
                for code in &codes {
                    self.work(1)?;
                    match terminology.member_of(code, &value_set) {
                        Some(true) => return answer(true),
                        Some(false) => {}
                        None => is_open = true,
                    }
                }
                if is_open { Err(EvalError::NotAvailable("the value set")) } else { answer(false) }
            }
            Subsumes | SubsumedBy => {
                let other = self.eval(call.arguments[0], frame)?;
                let (mine, theirs) = (self.codes(input, "subsumes")?, self.codes(&other, "subsumes")?);
                if mine.is_empty() || theirs.is_empty() {
                    return Ok(Collection::empty());
                }
                // Of concepts with several codings one pair suffices.
                let mut is_open = false;
                for (mine, theirs) in mine.iter().flat_map(|mine| theirs.iter().map(move |theirs| (mine, theirs))) {
                    self.work(1)?;
                    let (broad, narrow) = if call.function == Subsumes { (mine, theirs) } else { (theirs, mine) };
                    if broad.system == narrow.system && broad.code == narrow.code {
                        return answer(true);
                    }
                    match self.context.terminology.and_then(|terminology| terminology.subsumes(broad, narrow)) {
                        Some(true) => return answer(true),
                        Some(false) => {}
                        None => is_open = true,
                    }
                }
                if is_open { Err(EvalError::NotAvailable("subsumes()")) } else { answer(false) }
            }
            HtmlChecks => {
                let mut sound = true;
                for item in input {
                    let text = match item {
                        Item::Node(node) => node.text(),
                        Item::String(text) => Some(text.clone()),
                        _ => None,
                    };
                    if let Some(text) = text {
                        self.work(text.len() / 8)?;
                        sound &= xhtml::is_sound(&text);
                    }
                }
                if input.is_empty() { Ok(Collection::empty()) } else { answer(sound) }
            }
            ConformsTo => {
                let profile = self.argument(call, 0, frame)?;
                let (Some(profile), Some(item)) = (profile, self.single(input, "conformsTo")?) else { return Ok(Collection::empty()) };
                let Item::Node(node) = item else { return Err(EvalError::WrongType { what: "conformsTo", found: crate::compare::type_name(item).to_owned() }) };
                if let Some(known) = self.context.terminology.and_then(|terminology| terminology.conforms_to(node, &profile)) {
                    return answer(known);
                }
                // To conform to a base definition is to be of its type.
                let base = profile.strip_prefix("http://hl7.org/fhir/StructureDefinition/").and_then(TypeId::named);
                match base {
                    Some(kind) => answer(node.kind.is_a(kind)),
                    None => Err(EvalError::NotAvailable("the profile")),
                }
            }
            CheckModifiers => self.check_modifiers(call, input, frame),
            ElementDefinition => Err(EvalError::NotAvailable("elementDefinition()")),
            Slice => Err(EvalError::NotAvailable("slice()")),
            GetResourceKey => {
                let Some(Item::Node(node)) = self.single(input, "getResourceKey")? else { return Ok(Collection::empty()) };
                let id = node.value.and_then(|value| value.string("id"));
                Ok(id.map(|id| Collection::one(format!("{}/{id}", node.type_name()))).unwrap_or_default())
            }
            GetReferenceKey => self.reference_key(call, input),
            _ => Ok(Collection::empty()),
        }
    }

    fn argument(&mut self, call: &Call, at: usize, frame: Frame<'_, 'd>) -> Result<Option<Cow<'d, str>>> {
        let argument = self.eval(call.arguments[at], frame)?;
        self.string(&argument, call.function.name())
    }

    /// Where references lead: contained resources, entries of the same bundle, then whoever
    /// the context knows. What leads nowhere is left out.
    fn resolve(&mut self, input: &Collection<'d>) -> Result<Collection<'d>> {
        let mut out = Collection::empty();
        for item in input {
            self.work(1)?;
            let text = match item {
                Item::Node(node) if node.kind.is_a(model().known.reference) => node.value.and_then(|value| value.string("reference")),
                Item::Node(node) => node.text(),
                Item::String(text) => Some(text.clone()),
                _ => None,
            };
            let Some(text) = text else { continue };
            let from = match item {
                Item::Node(node) => node.value,
                _ => None,
            };
            let inside = reference::find_inside(&text, from, self.resource, self.root_resource);
            let found = inside.or_else(|| self.context.resolver.and_then(|resolver| resolver.resolve(&text)));
            out.extend(found.map(|value| Item::Node(Node::resource(value))));
        }
        self.work(out.len() * 8)?;
        Ok(out)
    }

    /// `x.resolve() is T`: what the reference says of its target's type is enough, the
    /// target itself need not be at hand. Search parameters rely on it.
    pub(super) fn resolves_to(&mut self, input: &Collection<'d>, kind: &TypeSpecifier) -> Result<Collection<'d>> {
        let Some(item) = self.single(input, "is")? else { return Ok(Collection::empty()) };
        let wanted = kind.fhir.ok_or_else(|| EvalError::UnknownType(kind.name.to_string()))?;
        let named = match item {
            Item::Node(node) if node.kind.is_a(model().known.reference) => node.value.and_then(|value| reference::named_type(value, self.resource, self.root_resource)),
            _ => None,
        };
        if let Some(named) = named {
            return Ok(Collection::one(TypeId::named(&named).is_some_and(|named| named.is_a(wanted))));
        }
        let found = self.resolve(input)?;
        self.is(&found, kind)
    }

    fn reference_key(&mut self, call: &Call, input: &Collection<'d>) -> Result<Collection<'d>> {
        let Some(Item::Node(node)) = self.single(input, "getReferenceKey")? else { return Ok(Collection::empty()) };
        let Some(text) = node.value.and_then(|value| value.string("reference")) else { return Ok(Collection::empty()) };
        let Some((kind, id)) = reference::type_and_id(&text) else { return Ok(Collection::empty()) };
        let wanted = match call.arguments.first().map(|argument| &self.nodes[*argument as usize]) {
            Some(Expr::Chain { head: None, steps, .. }) => match steps.as_ref() {
                [crate::ast::Step::Member(member)] => Some(&*member.name),
                _ => None,
            },
            _ => None,
        };
        Ok(if wanted.is_none_or(|wanted| wanted == kind) { Collection::one(format!("{kind}/{id}")) } else { Collection::empty() })
    }

    /// The codings of Coding, CodeableConcept and code elements and of texts.
    fn codes(&mut self, input: &Collection<'d>, what: &'static str) -> Result<Vec<Code<'d>>> {
        let mut out = Vec::new();
        if let Some(item) = self.single(input, what)? {
            match item {
                Item::String(text) => out.push(Code { system: None, version: None, code: text.clone() }),
                Item::Node(node) if node.is_primitive() => out.extend(node.text().map(|code| Code { system: None, version: None, code })),
                Item::Node(node) => {
                    // One without a system is of none, and not of whichever has such a code.
                    let coding = |value: fhir::Value<'d>| value.string("code").map(|code| Code { system: Some(value.string("system").unwrap_or_default()), version: value.string("version"), code });
                    if let Some(value) = node.value {
                        match value.get("coding") {
                            Some(codings) => out.extend(codings.each().filter_map(coding)),
                            None => out.extend(coding(value)),
                        }
                    }
                }
                other => return Err(EvalError::WrongType { what, found: crate::compare::type_name(other).to_owned() }),
            }
        }
        Ok(out)
    }

    /// An error where an element has a modifier extension that is not named as understood.
    fn check_modifiers(&mut self, call: &Call, input: &Collection<'d>, frame: Frame<'_, 'd>) -> Result<Collection<'d>> {
        let mut understood = Vec::new();
        for at in 0..call.arguments.len() {
            understood.extend(self.argument(call, at, frame)?);
        }
        let mut sound = true;
        for node in input.nodes() {
            node.for_each_member("modifierExtension", &mut |extension| {
                let url = extension.value.and_then(|value| value.string("url"));
                sound &= url.is_some_and(|url| understood.contains(&url));
            });
        }
        if sound { Ok(input.clone()) } else { Err(EvalError::BadArgument { function: "checkModifiers", problem: "there is a modifier extension that is not understood" }) }
    }
}
