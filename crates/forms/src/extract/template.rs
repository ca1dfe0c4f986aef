//! A resource inside the form, its places filled by formulas.
//! <https://build.fhir.org/ig/HL7/sdc/extraction.html#template-based-extraction>
//!
//! * An element with a context that gives nothing goes; one in a list stands once for each item.
//! * A value that gives nothing leaves its element out.
//! * An element that is no list holds one value: where its formula or its context gives several, that is told by its name
//!   and nothing stands there, because nobody knows which was meant.

use super::Taking;
use crate::address::SDC;
use crate::evaluate::{Names, here_of};
use crate::json::Json;
use fhir::{Value, is_id};
use fhirpath::{Collection, Expression, write_item};

/// Elements below elements; a resource is never deeper.
const DEEPEST: u32 = 60;

impl<'d> Taking<'_, 'd> {
    /// Fills the templates that an item, or the form, names.
    pub(super) fn templates(&mut self, holder: &Json, link_id: &str, node: Value<'d>, names: &Names<'d>) {
        let mut names = names.clone();
        for one in holder.extensions(&format!("{SDC}extractAllocateId")) {
            if let Some(name) = one.string("valueString") {
                names.push((name.to_owned(), Collection::one((self.new_url)())));
            }
        }
        for one in holder.extensions(&format!("{SDC}templateExtract")) {
            let part = |name: &str| one.extension(name);
            let reference = part("template").and_then(|template| template.string("reference").or_else(|| template.as_str()));
            let Some(template) = reference.and_then(|reference| self.form.contained(reference)).cloned() else {
                self.flaw(link_id, "A template is named that is not inside the form.");
                continue;
            };
            let text_of = |taking: &Self, name: &str| {
                let expression = part(name)?.as_str().and_then(|text| Expression::parse(text).ok())?;
                let mut found = String::new();
                write_item(taking.pass.give(&expression, here_of(node), &names).first()?, &mut found);
                Json::read(&found).ok()?.as_str().map(str::to_owned)
            };
            let full_url = text_of(self, "fullUrl");
            let id = text_of(self, "resourceId").filter(|id| is_id(id));
            self.fill_template(template, full_url, id, link_id, node, &names);
        }
        for one in holder.extensions(&format!("{SDC}templateExtractBundle")) {
            let reference = one.get("valueReference").and_then(|template| template.string("reference"));
            let Some(bundle) = reference.and_then(|reference| self.form.contained(reference)).cloned() else {
                self.flaw(link_id, "A template is named that is not inside the form.");
                continue;
            };
            for filled in self.fill(&bundle, &here_of(node), &names, 0, link_id) {
                for entry in filled.each("entry") {
                    let is_update = entry.get("request").and_then(|request| request.string("method")) == Some("PUT");
                    let url = entry.get("request").and_then(|request| request.string("url")).unwrap_or_default();
                    let id = is_update.then(|| url.rsplit('/').next().unwrap_or_default().to_owned()).filter(|id| is_id(id));
                    if let Some(resource) = entry.get("resource") {
                        self.add(resource.clone(), entry.string("fullUrl").map(str::to_owned), id);
                    }
                }
            }
        }
    }

    fn fill_template(&mut self, mut template: Json, full_url: Option<String>, id: Option<String>, link_id: &str, node: Value<'d>, names: &Names<'d>) {
        template.remove("id");
        for (place, resource) in self.fill(&template, &here_of(node), names, 0, link_id).into_iter().enumerate() {
            let own = (place == 0).then(|| (full_url.clone(), id.clone())).unwrap_or_default();
            self.add(resource, own.0, own.1);
        }
    }

    /// An element filled: nothing, or one for each item of its context.
    fn fill(&mut self, element: &Json, here: &Collection<'d>, names: &Names<'d>, depth: u32, link_id: &str) -> Vec<Json> {
        if depth > DEEPEST {
            return Vec::new();
        }
        let Json::Object(members) = element else { return vec![element.clone()] };
        if depth == 0 {
            self.at = vec![element.string("resourceType").unwrap_or("resource").to_owned()];
        }
        if let Some(formula) = formula_of(element, "templateExtractValue") {
            return self.values(&formula, here, names, link_id);
        }
        let contexts: Vec<(Collection<'d>, Names<'d>)> = match formula_of(element, "templateExtractContext") {
            None => vec![(here.clone(), names.clone())],
            Some(formula) => {
                let Some(expression) = self.parsed(&formula.0, link_id) else { return Vec::new() };
                let found = self.pass.give(&expression, here.clone(), names);
                let with = |one: &fhirpath::Item<'d>| {
                    let mut names = names.clone();
                    if let Some(name) = &formula.1 {
                        names.push((name.clone(), Collection::one(one.clone())));
                    }
                    (Collection::one(one.clone()), names)
                };
                found.iter().map(with).collect()
            }
        };
        let mut all = Vec::new();
        for (here, names) in contexts {
            if !self.pass.budget.place() {
                break;
            }
            let mut filled = Json::Object(Vec::new());
            for (name, value) in members {
                self.member(name, value, &mut filled, &here, &names, depth, link_id);
            }
            if filled.members().iter().any(|(name, _)| name != "resourceType") {
                all.push(filled);
            }
        }
        all
    }

    #[allow(clippy::too_many_arguments)]
    fn member(&mut self, name: &str, value: &Json, filled: &mut Json, here: &Collection<'d>, names: &Names<'d>, depth: u32, link_id: &str) {
        self.at.push(name.trim_start_matches('_').to_owned());
        self.fill_member(name, value, filled, here, names, depth, link_id);
        self.at.pop();
    }

    /// Tells that the element at hand holds one value and is given several; once, however many rows there are.
    fn told_twice(&mut self, link_id: &str, count: usize) {
        let element = self.at.join(".");
        let begins = format!("The element {element} of a template holds one value");
        let item = format!("'{link_id}'");
        if !self.issues.iter().any(|issue| issue.message.starts_with(&begins) && issue.expression.contains(&item)) {
            self.flaw(link_id, &format!("{begins}, and it is given {count}. Let its formula choose one, or make it a list."));
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn fill_member(&mut self, name: &str, value: &Json, filled: &mut Json, here: &Collection<'d>, names: &Names<'d>, depth: u32, link_id: &str) {
        if name == "extension" {
            let kept: Vec<Json> = match value {
                Json::List(items) => items.iter().filter(|one| !is_ours(one)).flat_map(|one| self.fill(one, here, names, depth + 1, link_id)).collect(),
                _ => Vec::new(),
            };
            if !kept.is_empty() {
                filled.set(name, Json::List(kept));
            }
            return;
        }
        if let Some(plain) = name.strip_prefix('_') {
            return self.sibling(plain, value, filled, here, names, link_id);
        }
        match value {
            Json::List(items) => {
                let kept: Vec<Json> = items.iter().flat_map(|one| self.fill(one, here, names, depth + 1, link_id)).collect();
                if !kept.is_empty() {
                    filled.set(name, Json::List(kept));
                }
            }
            _ => {
                let mut given = self.fill(value, here, names, depth + 1, link_id);
                match given.len() {
                    0 | 1 => given.pop().into_iter().for_each(|one| filled.set(name, one)),
                    count => self.told_twice(link_id, count),
                }
            }
        }
    }

    /// What stands beside a primitive: its formula gives the primitive.
    fn sibling(&mut self, name: &str, value: &Json, filled: &mut Json, here: &Collection<'d>, names: &Names<'d>, link_id: &str) {
        let is_list = matches!(value, Json::List(_));
        let beside = match value {
            Json::List(items) => items.as_slice(),
            one => std::slice::from_ref(one),
        };
        let mut found = Vec::new();
        for one in beside {
            match formula_of(one, "templateExtractValue") {
                Some(formula) => found.extend(self.values(&formula, here, names, link_id)),
                // An extension of the primitive that is not ours stays as it is.
                None => return filled.set(&format!("_{name}"), value.clone()),
            }
        }
        let scalar = |one: &Json| !matches!(one, Json::Object(_) | Json::List(_));
        found.retain(scalar);
        match found.len() {
            0 => drop(filled.remove(name)),
            // A list holds all that the formula gives.
            _ if is_list => found.into_iter().for_each(|one| filled.push(name, one)),
            1 => found.pop().into_iter().for_each(|one| filled.set(name, one)),
            count => {
                filled.remove(name);
                self.told_twice(link_id, count);
            }
        }
    }

    fn values(&mut self, formula: &(String, Option<String>), here: &Collection<'d>, names: &Names<'d>, link_id: &str) -> Vec<Json> {
        let Some(expression) = self.parsed(&formula.0, link_id) else { return Vec::new() };
        let found = self.pass.give(&expression, here.clone(), names);
        let json = |item: &fhirpath::Item<'_>| {
            let mut text = String::new();
            write_item(item, &mut text);
            Json::read(&text).ok().filter(|one| *one != Json::Null)
        };
        found.iter().filter_map(json).collect()
    }

    fn parsed(&mut self, text: &str, link_id: &str) -> Option<Expression> {
        match Expression::parse(text) {
            Ok(expression) => Some(expression),
            Err(error) => {
                self.flaw(link_id, &format!("A formula of a template cannot be read: {error}."));
                None
            }
        }
    }
}

/// The formula an element carries under an address, with the name it gives to its items.
fn formula_of(element: &Json, name: &str) -> Option<(String, Option<String>)> {
    let address = format!("{SDC}{name}");
    match element.extension(&address)? {
        Json::Text(text) => Some((text.clone(), None)),
        expression => Some((expression.string("expression")?.to_owned(), expression.string("name").map(str::to_owned))),
    }
}

fn is_ours(extension: &Json) -> bool {
    extension.string("url").and_then(|url| url.strip_prefix(SDC)).is_some_and(|name| matches!(name, "templateExtractValue" | "templateExtractContext"))
}
