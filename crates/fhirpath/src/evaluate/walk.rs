//! The fast lane: paths gone node by node.
//!
//! A run of names, `where()`, `ofType()`, `[0]`, `children()` gives nothing but elements, so
//! it needs no collection between its steps: each node is followed to the end before the
//! next one. `exists()`, `empty()` and `count()` after it need no collection at all.

use super::{Evaluator, Frame, Result};
use crate::ast::{Expr, Literal, Step};
use crate::error::EvalError;
use crate::functions::Function;
use crate::{Collection, Item, Node};
use smallvec::{SmallVec, smallvec};

/// How many items have reached each step: what `[1]` and `$index` count.
type Counters = SmallVec<[u32; 8]>;

impl<'e, 'd> Evaluator<'e, '_, 'd> {
    /// Goes the first `walked` steps from `input`, and the one after if it only asks for
    /// existence or count. Gives what was found and how many steps that was; none where an
    /// input item is no node.
    pub(super) fn walked(&mut self, input: &Collection<'d>, steps: &'e [Step], walked: usize, frame: Frame<'_, 'd>) -> Result<Option<(Collection<'d>, usize)>> {
        if !input.iter().all(|item| matches!(item, Item::Node(_))) {
            return Ok(None);
        }
        let path = &steps[..walked];
        let last = match steps.get(walked) {
            Some(Step::Call(call)) if call.arguments.is_empty() => Some(call.function),
            _ => None,
        };
        let answer = match last {
            Some(asks @ (Function::Exists | Function::Empty)) => {
                let mut exists = false;
                self.walk_all(input, path, frame, &mut |_| {
                    exists = true;
                    false
                })?;
                Item::Boolean(exists == (asks == Function::Exists))
            }
            Some(Function::Count) => {
                let mut count = 0;
                self.walk_all(input, path, frame, &mut |_| {
                    count += 1;
                    true
                })?;
                Item::Integer(count)
            }
            _ => {
                let mut out = Collection::empty();
                let most = self.context.limits.items;
                self.walk_all(input, path, frame, &mut |node| {
                    out.push(node);
                    out.len() <= most
                })?;
                let out = self.bounded(out)?;
                return Ok(Some((out, walked)));
            }
        };
        Ok(Some((Collection::one(answer), walked + 1)))
    }

    /// Goes the steps from each node of `input`; `found` says whether to go on.
    pub(crate) fn walk_all(&mut self, input: &Collection<'d>, steps: &'e [Step], frame: Frame<'_, 'd>, found: &mut dyn FnMut(Node<'d>) -> bool) -> Result<bool> {
        let mut counters: Counters = smallvec![0; steps.len()];
        for node in input.nodes() {
            if !self.walk(node, steps, frame, &mut counters, found)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn walk(&mut self, node: Node<'d>, steps: &'e [Step], frame: Frame<'_, 'd>, counters: &mut [u32], found: &mut dyn FnMut(Node<'d>) -> bool) -> Result<bool> {
        self.work(1)?;
        let Some((step, rest)) = steps.split_first() else { return Ok(found(node)) };
        let Some((counter, rest_counters)) = counters.split_first_mut() else { return Ok(true) };
        match step {
            Step::Member(member) => {
                if member.root.is_some_and(|root| node.kind.is_a(root)) {
                    return self.walk(node, rest, frame, rest_counters, found);
                }
                let mut outcome = Ok(true);
                node.each_member(&member.name, &|kind| member.child_of(kind), &mut |child| {
                    if let Ok(true) = outcome {
                        outcome = self.walk(child, rest, frame, rest_counters, found);
                    }
                });
                outcome
            }
            Step::Index(index) => {
                let Expr::Literal(Literal::Integer(wanted)) = &self.nodes[*index as usize] else { return Ok(true) };
                let at = std::mem::replace(counter, *counter + 1);
                if at as i64 == *wanted { self.walk(node, rest, frame, rest_counters, found) } else { Ok(true) }
            }
            Step::Call(call) => match call.function {
                Function::First => {
                    let at = std::mem::replace(counter, *counter + 1);
                    if at == 0 { self.walk(node, rest, frame, rest_counters, found) } else { Ok(true) }
                }
                Function::Where => {
                    let index = std::mem::replace(counter, *counter + 1) as usize;
                    let this = Collection::one(node);
                    let inner = Frame { this: &this, index: Some(index), total: frame.total };
                    match self.truth(call.arguments[0], "where", inner)? {
                        Some(true) => self.walk(node, rest, frame, rest_counters, found),
                        _ => Ok(true),
                    }
                }
                Function::OfType | Function::As => {
                    let fits = match &call.kind {
                        Some(kind) => self.is_cast_to(&Item::Node(node), kind)?,
                        None => false,
                    };
                    if fits { self.walk(node, rest, frame, rest_counters, found) } else { Ok(true) }
                }
                Function::Children => {
                    let mut outcome = Ok(true);
                    node.for_each_child(&mut |_, child| {
                        if let Ok(true) = outcome {
                            outcome = self.walk(child, rest, frame, rest_counters, found);
                        }
                    });
                    outcome
                }
                Function::Extension => {
                    let Expr::Literal(Literal::String(url)) = &self.nodes[call.arguments[0] as usize] else { return Ok(true) };
                    let mut outcome = Ok(true);
                    node.for_each_member("extension", &mut |extension| {
                        let fits = extension.value.and_then(|value| value.string("url")).as_deref() == Some(&**url);
                        if let (Ok(true), true) = (&outcome, fits) {
                            outcome = self.walk(extension, rest, frame, rest_counters, found);
                        }
                    });
                    outcome
                }
                // The parser lets no other step in here.
                _ => Err(EvalError::NotAvailable("this step")),
            },
        }
    }
}
