//! Functions on whole collections: filtering, subsetting, combining, walking the tree.

use super::{Evaluator, Frame, Result};
use crate::ast::{Call, Expr, ExprId};
use crate::compare::{cost, equal, order, system_value};
use crate::error::EvalError;
use crate::functions::Function;
use crate::{Collection, Item, Node};
use std::cmp::Ordering;
use std::collections::HashSet;

impl<'d> Evaluator<'_, '_, 'd> {
    pub(super) fn collection_function(&mut self, call: &Call, input: &Collection<'d>, frame: Frame<'_, 'd>) -> Result<Collection<'d>> {
        use Function::*;
        let items = input.as_slice();
        let answer = |value: bool| Ok(Collection::one(value));
        let pick = |item: Option<&Item<'d>>| Ok(item.cloned().map(Collection::one).unwrap_or_default());
        let slice = |from: usize, to: usize| Ok(items[from.min(items.len())..to.min(items.len()).max(from.min(items.len()))].iter().cloned().collect());
        match call.function {
            Exists => {
                for index in 0..items.len() {
                    if self.criterion(call, input, index, frame)? {
                        return answer(true);
                    }
                }
                answer(false)
            }
            All => {
                for index in 0..items.len() {
                    if !self.criterion(call, input, index, frame)? {
                        return answer(false);
                    }
                }
                answer(true)
            }
            Where => {
                let mut out = Collection::empty();
                for (index, item) in items.iter().enumerate() {
                    if self.criterion(call, input, index, frame)? {
                        out.push(item.clone());
                    }
                }
                Ok(out)
            }
            Select => self.select(input, call.arguments[0], frame),
            Repeat => self.repeat(input, call.arguments[0], frame, true),
            RepeatAll => self.repeat(input, call.arguments[0], frame, false),
            Sort => self.sort(call, input, frame),
            Coalesce => {
                for argument in &call.arguments {
                    let found = self.eval(*argument, frame)?;
                    if !found.is_empty() {
                        return Ok(found);
                    }
                }
                Ok(Collection::empty())
            }
            Aggregate => {
                let mut total = match call.arguments.get(1) {
                    Some(start) => self.eval(*start, frame)?,
                    None => Collection::empty(),
                };
                for (index, item) in items.iter().enumerate() {
                    let this = Collection::one(item.clone());
                    total = self.scoped(call.arguments[0], Frame { this: &this, index: Some(index), total: Some(&total) })?;
                }
                Ok(total)
            }
            Single => {
                self.single(input, "single")?;
                Ok(input.clone())
            }
            First => pick(items.first()),
            Last => pick(items.last()),
            Tail => slice(1, items.len()),
            Skip | Take => {
                let count = self.eval(call.arguments[0], frame)?;
                let Some(count) = self.integer(&count, call.function.name())? else { return Ok(Collection::empty()) };
                let count = usize::try_from(count).unwrap_or(0);
                if call.function == Skip { slice(count, items.len()) } else { slice(0, count) }
            }
            AllTrue => self.booleans(input, "allTrue", |value| value, true),
            AnyTrue => self.booleans(input, "anyTrue", |value| value, false),
            AllFalse => self.booleans(input, "allFalse", |value| !value, true),
            AnyFalse => self.booleans(input, "anyFalse", |value| !value, false),
            SubsetOf | SupersetOf => {
                let other = self.eval(call.arguments[0], frame)?;
                let (small, large) = if call.function == SubsetOf { (input, &other) } else { (&other, input) };
                for item in small {
                    if !self.includes(large, item)? {
                        return answer(false);
                    }
                }
                answer(true)
            }
            Distinct => self.distinct(input.clone()),
            IsDistinct => {
                let distinct = self.distinct(input.clone())?;
                answer(distinct.len() == input.len())
            }
            Intersect => {
                let other = self.eval(call.arguments[0], frame)?;
                let mut out = Collection::empty();
                for item in self.distinct(input.clone())? {
                    if self.includes(&other, &item)? {
                        out.push(item);
                    }
                }
                Ok(out)
            }
            Exclude => {
                let other = self.eval(call.arguments[0], frame)?;
                let mut out = Collection::empty();
                for item in input {
                    if !self.includes(&other, item)? {
                        out.push(item.clone());
                    }
                }
                Ok(out)
            }
            Union | Combine => {
                let mut all = input.clone();
                all.extend(self.scoped(call.arguments[0], frame)?);
                if call.function == Union { self.distinct(all) } else { self.bounded(all) }
            }
            OfType => self.of_type(call, input),
            _ => Ok(Collection::empty()),
        }
    }

    pub(super) fn of_type(&mut self, call: &Call, input: &Collection<'d>) -> Result<Collection<'d>> {
        let Some(kind) = &call.kind else { return Ok(Collection::empty()) };
        // The type must exist even where nothing is there to have it.
        self.item_is(&Item::Boolean(true), kind)?;
        self.work(input.len())?;
        let mut out = Collection::empty();
        for item in input {
            if self.is_cast_to(item, kind)? {
                out.push(item.clone());
            }
        }
        Ok(out)
    }

    fn criterion(&mut self, call: &Call, input: &Collection<'d>, index: usize, frame: Frame<'_, 'd>) -> Result<bool> {
        let this = Collection::one(input.as_slice()[index].clone());
        Ok(self.truth(call.arguments[0], call.function.name(), Frame { this: &this, index: Some(index), total: frame.total })? == Some(true))
    }

    pub(super) fn select(&mut self, input: &Collection<'d>, projection: ExprId, frame: Frame<'_, 'd>) -> Result<Collection<'d>> {
        let mut out = Collection::empty();
        for (index, item) in input.iter().enumerate() {
            let this = Collection::one(item.clone());
            out.extend(self.scoped(projection, Frame { this: &this, index: Some(index), total: frame.total })?);
            if out.len() > self.context.limits.items {
                return Err(EvalError::Limit("items in a collection"));
            }
        }
        Ok(out)
    }

    /// Projects again what the projection gave, until nothing new comes.
    fn repeat(&mut self, input: &Collection<'d>, projection: ExprId, frame: Frame<'_, 'd>, only_new: bool) -> Result<Collection<'d>> {
        let mut out = Collection::empty();
        let mut places = HashSet::new();
        let mut frontier = input.clone();
        while !frontier.is_empty() {
            let mut fresh = Collection::empty();
            for item in self.select(&frontier, projection, frame)? {
                self.work(1)?;
                if only_new {
                    // A place in the tree is new once; only made values need comparing.
                    match place(&item) {
                        Some(place) if !places.insert(place) => continue,
                        Some(_) => {}
                        None if self.includes(&out, &item)? || self.includes(&fresh, &item)? => continue,
                        None => {}
                    }
                }
                fresh.push(item);
            }
            out.extend(fresh.iter().cloned());
            out = self.bounded(out)?;
            frontier = fresh;
        }
        Ok(out)
    }

    fn sort(&mut self, call: &Call, input: &Collection<'d>, frame: Frame<'_, 'd>) -> Result<Collection<'d>> {
        let mut keys: Vec<(Vec<Option<Item<'d>>>, Item<'d>)> = Vec::new();
        for (index, item) in input.iter().enumerate() {
            let this = Collection::one(item.clone());
            let inner = Frame { this: &this, index: Some(index), total: frame.total };
            let mut key = Vec::new();
            for argument in &call.arguments {
                let (argument, _) = self.direction(*argument);
                let value = self.scoped(argument, inner)?;
                key.push(self.single_value(&value, "sort")?);
            }
            if call.arguments.is_empty() {
                key.push(Some(system_value(item)));
            }
            keys.push((key, item.clone()));
        }
        let descending: Vec<bool> = call.arguments.iter().map(|argument| self.direction(*argument).1).collect();
        let zone = self.zone;
        let mut trouble = None;
        let compare = |left: &Option<Item<'d>>, right: &Option<Item<'d>>, trouble: &mut Option<EvalError>| match (left, right) {
            (None, None) => Ordering::Equal,
            // What is absent comes last, and first when descending.
            (None, _) => Ordering::Greater,
            (_, None) => Ordering::Less,
            (Some(left), Some(right)) => match order(left, right, zone) {
                Ok(found) => found.unwrap_or(Ordering::Equal),
                Err(error) => {
                    trouble.get_or_insert(error);
                    Ordering::Equal
                }
            },
        };
        self.work(keys.len() * (keys.len().max(2).ilog2() as usize + 1))?;
        // A stable merge never panics on an order that is not total, as partial dates give.
        merge_sort(&mut keys, &mut |left, right| {
            for (place, (left, right)) in left.0.iter().zip(&right.0).enumerate() {
                let found = compare(left, right, &mut trouble);
                let found = if descending.get(place) == Some(&true) { found.reverse() } else { found };
                if found != Ordering::Equal {
                    return found;
                }
            }
            Ordering::Equal
        });
        match trouble {
            Some(error) => Err(error),
            None => Ok(keys.into_iter().map(|(_, item)| item).collect()),
        }
    }

    /// `-family` sorts by family, descending.
    fn direction(&self, argument: ExprId) -> (ExprId, bool) {
        match &self.nodes[argument as usize] {
            Expr::Polarity { negative: true, operand } => (*operand, true),
            _ => (argument, false),
        }
    }

    fn booleans(&mut self, input: &Collection<'d>, what: &'static str, test: fn(bool) -> bool, all: bool) -> Result<Collection<'d>> {
        let mut out = all;
        for item in input {
            let Item::Boolean(value) = system_value(item) else {
                return Err(EvalError::WrongType { what, found: crate::compare::type_name(item).to_owned() });
            };
            out = if all { out && test(value) } else { out || test(value) };
        }
        Ok(Collection::one(out))
    }

    pub(super) fn includes(&mut self, all: &Collection<'d>, item: &Item<'d>) -> Result<bool> {
        self.work(all.len() * cost(item))?;
        let zone = self.zone;
        Ok(all.iter().any(|other| equal(item, other, zone) == Some(true)))
    }

    /// Each item once, the first kept.
    pub(super) fn distinct(&mut self, input: Collection<'d>) -> Result<Collection<'d>> {
        if input.len() < 2 {
            return Ok(input);
        }
        let mut out = Collection::empty();
        let mut texts: HashSet<String> = HashSet::new();
        for item in input {
            // Texts, the usual case, are found by hash; the rest by comparing.
            match system_value(&item) {
                Item::String(text) => {
                    self.work(1)?;
                    if !texts.insert(text.into_owned()) {
                        continue;
                    }
                }
                _ if self.includes(&out, &item)? => continue,
                _ => {}
            }
            out.push(item);
        }
        self.bounded(out)
    }

    pub(super) fn children(&mut self, input: &Collection<'d>) -> Result<Collection<'d>> {
        let mut out = Collection::empty();
        for node in input.nodes() {
            node.for_each_child(&mut |_, child| out.push(child));
        }
        self.bounded(out)
    }

    /// All nodes below, level by level. A resource nests at most 100 deep, so this ends.
    pub(super) fn descendants(&mut self, input: &Collection<'d>) -> Result<Collection<'d>> {
        let mut out = Collection::empty();
        let mut level: Vec<Node<'d>> = input.nodes().collect();
        while !level.is_empty() {
            let mut below = Vec::new();
            for node in &level {
                node.for_each_child(&mut |_, child| below.push(child));
            }
            out.extend(below.iter().copied().map(Item::Node));
            out = self.bounded(out)?;
            level = below;
        }
        Ok(out)
    }
}

/// Tells places in the same process apart.
fn place(item: &Item<'_>) -> Option<(usize, usize)> {
    let Item::Node(node) = item else { return None };
    let address = |value: Option<fhir::Value<'_>>| value.map_or(0, |value| value.raw().as_ptr() as usize);
    Some((address(node.value), address(node.sibling)))
}

fn merge_sort<T: Clone>(items: &mut [T], compare: &mut dyn FnMut(&T, &T) -> Ordering) {
    let middle = items.len() / 2;
    if middle == 0 {
        return;
    }
    merge_sort(&mut items[..middle], compare);
    merge_sort(&mut items[middle..], compare);
    let (left, right) = (items[..middle].to_vec(), items[middle..].to_vec());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    for slot in items {
        let take_right = match (left.peek(), right.peek()) {
            (Some(left), Some(right)) => compare(right, left) == Ordering::Less,
            (None, _) => true,
            _ => false,
        };
        let next = if take_right { right.next() } else { left.next() };
        if let Some(next) = next {
            *slot = next;
        }
    }
}
