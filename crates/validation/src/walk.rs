//! The walk over a resource: every member known, of its type, as often as it may be.
//!
//! * One pass in the order of the text; nothing is allocated until something is wrong.
//! * The reader has bounded the depth, so the walk may call itself.

use crate::findings::Findings;
use crate::narrative;
use crate::place::{Place, is_showable};
use crate::primitive::{Flaw, Primitive};
use crate::schema::{Element, Member, Role, Schema, Shape, Table};
use crate::scope::{Entries, Scope};
use crate::{Options, binding, reference, rules};
use fhir::json::Items;
use fhir::{IssueCode, Kind, Severity, Value};

/// What the walk knows while it goes.
pub(crate) struct Walk<'d, 'o> {
    pub(crate) schema: &'static Schema,
    pub(crate) options: &'o Options,
    pub(crate) findings: Findings,
    pub(crate) scope: Scope<'d>,
    /// The bundle around the walk.
    pub(crate) bundle: Option<Entries<'d>>,
}

/// How a resource came to stand where it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Alone, or in an entry or a parameter.
    Free,
    /// In `contained`.
    Contained,
}

/// What an object must at least say.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Duty {
    /// Its type.
    Resource,
    /// Something beside its id.
    Element,
    /// Anything: it stands beside a primitive that has a value.
    Beside,
}

impl<'d> Walk<'d, '_> {
    /// The resource sent, for which the walk was begun.
    pub(crate) fn root_resource(&mut self, value: Value<'d>, place: &Place<'_>) {
        self.resource(value, place, Standing::Free);
    }

    /// Another resource that is its own root: a bundle's entry, a parameter.
    fn free_resource(&mut self, value: Value<'d>, place: &Place<'_>) {
        let outer = std::mem::replace(&mut self.scope, Scope::of(value));
        self.resource(value, place, Standing::Free);
        self.scope = outer;
    }

    fn resource(&mut self, value: Value<'d>, place: &Place<'_>, standing: Standing) {
        let Some(table) = self.table_of(value, place) else { return };
        if table.name == "Bundle" {
            let outer = self.bundle.replace(Entries::of(value));
            self.object(value, table, place, Duty::Resource);
            self.bundle = outer;
        } else {
            self.object(value, table, place, Duty::Resource);
        }
        match standing {
            Standing::Free => self.check_contained_use(place),
            Standing::Contained => self.check_contained(value, place),
        }
    }

    /// The table of the type a resource says it is.
    fn table_of(&mut self, value: Value<'d>, place: &Place<'_>) -> Option<&'static Table> {
        let offset = value.span().start;
        if value.kind() != Kind::Object {
            self.findings.error(IssueCode::Structure, place, offset, "A resource is a JSON object with a resourceType.");
            return None;
        }
        let Some(said) = value.get("resourceType") else {
            self.findings.error(IssueCode::Structure, place, offset, "The resource does not say what it is; add resourceType.");
            return None;
        };
        let table = said.as_str().and_then(|name| self.schema.resource(&name));
        if table.is_none() {
            self.findings.error(IssueCode::Structure, place, said.span().start, "resourceType must be the name of an R4 resource type, such as Patient.");
        }
        table
    }

    /// An object of a known type; gives the elements that are present, as bits.
    pub(crate) fn object(&mut self, value: Value<'d>, table: &'static Table, place: &Place<'_>, duty: Duty) -> u64 {
        let is_resource = duty == Duty::Resource;
        let errors_before = self.findings.error_count();
        let mut present = 0u64;
        let mut is_empty = true;
        let mut members = value.members();
        while let Some((key, member)) = members.next_with_key() {
            is_empty = false;
            let name = key.as_str().unwrap_or_default();
            let (name, is_companion) = match name.strip_prefix('_') {
                Some(rest) => (rest, true),
                None => (&*name, false),
            };
            let Some(found) = table.member(name) else {
                if !(is_resource && name == "resourceType" && !is_companion) {
                    self.unknown(name, is_companion, key, table, place);
                }
                continue;
            };
            let element = &table.elements[found.element as usize];
            let bit = 1 << found.element;
            if element.is_choice && present & bit != 0 {
                self.check_one_choice(value, table, found, name, key, place);
            }
            present |= bit;
            if element.is_choice {
                self.member(value, name, element, found, member, is_companion, &place.choice(element.name, found.type_name));
            } else {
                self.member(value, name, element, found, member, is_companion, &place.member(element.name));
            }
            if self.findings.is_full() {
                return present;
            }
        }
        if is_empty && !is_resource {
            self.findings.error(IssueCode::Invariant, place, value.span().start, "An object may not be empty; leave the element out (ele-1).");
            return present;
        }
        if present & !table.id_bit == 0 && duty == Duty::Element && self.findings.error_count() == errors_before {
            self.findings.error(IssueCode::Invariant, place, value.span().start, "An id alone says nothing; give the element a value or leave it out (ele-1).");
        }
        let missing = table.required & !present;
        if missing != 0 {
            self.missing(table, missing, value, place);
        }
        if table.name == "Bundle.entry" {
            reference::check_full_url(self, value, place);
        }
        if self.options.invariants && !table.rules.is_empty() {
            rules::check(self, &table.rules, value, present, table.name, self.findings.error_count() == errors_before, place);
        }
        present
    }

    fn unknown(&mut self, name: &str, is_companion: bool, key: Value<'d>, table: &Table, place: &Place<'_>) {
        let offset = key.span().start;
        let message = match table.elements.iter().find(|element| element.is_choice && element.name == name) {
            Some(_) => format!("In {} this element's name is followed by the type of its value, as in valueString.", table.name),
            None if name == "resourceType" => "Only resources have a resourceType; leave it out here.".to_owned(),
            None => format!("{} has no such element in R4; check the spelling, or move it to an extension.", table.name),
        };
        if !is_showable(name) {
            self.findings.error(IssueCode::Structure, place, offset, message);
        } else if is_companion {
            self.findings.error(IssueCode::Structure, &place.member(&format!("_{name}")), offset, message);
        } else {
            self.findings.error(IssueCode::Structure, &place.member(name), offset, message);
        }
    }

    fn missing(&mut self, table: &Table, missing: u64, value: Value<'d>, place: &Place<'_>) {
        for (number, element) in table.elements.iter().enumerate() {
            if missing & 1 << number != 0 {
                let message = format!("{} needs {}{}; add it.", table.name, element.name, if element.is_choice { "[x]" } else { "" });
                self.findings.error(IssueCode::Required, &place.member(element.name), value.span().start, message);
            }
        }
    }

    /// A choice element has come twice: the companion of the same member is fine, another type is not.
    fn check_one_choice(&mut self, value: Value<'d>, table: &Table, found: &Member, name: &str, key: Value<'d>, place: &Place<'_>) {
        let element = &table.elements[found.element as usize];
        let before = value.members().map_while(|(other, member)| (member.order() < key.order()).then_some(other));
        let is_other = |other: &str| {
            let other = other.strip_prefix('_').unwrap_or(other);
            other != name && table.member(other).is_some_and(|member| member.element == found.element)
        };
        if before.into_iter().any(|other| is_other(&other)) {
            let message = format!("{}[x] may have one type only; keep one of its forms.", element.name);
            self.findings.error(IssueCode::Structure, &place.member(element.name), key.span().start, message);
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn member(&mut self, parent: Value<'d>, name: &str, element: &Element, found: &'static Member, value: Value<'d>, is_companion: bool, place: &Place<'_>) {
        if is_companion {
            self.companion(parent, name, element, found, value, place);
        } else if !element.is_array {
            match value.kind() {
                Kind::Array => self.findings.error(IssueCode::Structure, place, value.span().start, "This element may occur once; write it without an array."),
                Kind::Null => self.findings.error(IssueCode::Structure, place, value.span().start, "null is no value; leave the element out."),
                _ => self.value(found, value, place),
            }
        } else if value.kind() != Kind::Array {
            self.findings.error(IssueCode::Structure, place, value.span().start, "This element may repeat; write it as an array even when there is one.");
        } else {
            let mut count = 0;
            let mut companion = None;
            for item in value.items() {
                let here = place.item(count);
                if item.is_null() {
                    let companion = companion.get_or_insert_with(|| Beside::of(companion_of(parent, name).filter(|_| matches!(found.shape, Shape::Primitive(_)))));
                    if !companion.says_something(count) {
                        self.findings.error(IssueCode::Structure, &here, item.span().start, "null stands only for a value whose extensions are at the same place of the companion array (_…); leave the item out.");
                    }
                } else {
                    self.value(found, item, &here);
                }
                count += 1;
            }
            self.check_count(element, count, value, place);
        }
    }

    fn check_count(&mut self, element: &Element, count: usize, value: Value<'d>, place: &Place<'_>) {
        let offset = value.span().start;
        if count == 0 {
            self.findings.error(IssueCode::Structure, place, offset, "An array may not be empty; leave the element out.");
        } else if count < usize::from(element.min) {
            let message = format!("This element must occur at least {} times.", element.min);
            self.findings.error(IssueCode::Required, place, offset, message);
        } else if element.max.is_some_and(|max| count > usize::from(max)) {
            let message = format!("This element may occur at most {} times.", element.max.unwrap_or_default());
            self.findings.error(IssueCode::Structure, place, offset, message);
        }
    }

    /// `_birthDate`: the id and extensions of a primitive.
    fn companion(&mut self, parent: Value<'d>, name: &str, element: &Element, found: &Member, value: Value<'d>, place: &Place<'_>) {
        let offset = value.span().start;
        if !matches!(found.shape, Shape::Primitive(primitive) if primitive != Primitive::Xhtml) {
            self.findings.error(IssueCode::Structure, place, offset, "Only primitive elements have a companion with an underscore; write its id and extensions inside the element.");
            return;
        }
        let table = self.schema.table(self.schema.element);
        let partner = parent.get(name);
        if !element.is_array {
            match value.kind() {
                Kind::Object => {
                    let duty = if partner.is_some_and(|partner| !partner.is_null()) { Duty::Beside } else { Duty::Element };
                    self.object(value, table, place, duty);
                }
                _ => self.findings.error(IssueCode::Structure, place, offset, "The companion of a single primitive is an object with id or extension."),
            }
            return;
        }
        if value.kind() != Kind::Array {
            self.findings.error(IssueCode::Structure, place, offset, "The companion of a repeating primitive is an array of the same length, with null where there is nothing.");
            return;
        }
        let mut values = partner.filter(|partner| partner.kind() == Kind::Array).map(|partner| partner.items());
        let mut count = 0;
        let mut is_said = false;
        for item in value.items() {
            let here = place.item(count);
            let beside = values.as_mut().and_then(Iterator::next);
            match item.kind() {
                Kind::Object => {
                    is_said = true;
                    let duty = if beside.is_some_and(|value| !value.is_null()) { Duty::Beside } else { Duty::Element };
                    self.object(item, table, &here, duty);
                }
                // A null beside a null is reported where the value should be.
                Kind::Null if beside.is_some() => {}
                Kind::Null => self.findings.error(IssueCode::Structure, &here, item.span().start, "This item has neither a value nor extensions; leave it out."),
                _ => self.findings.error(IssueCode::Structure, &here, item.span().start, "An item of a companion array is an object or null."),
            }
            count += 1;
        }
        let partner_count = partner.filter(|partner| partner.kind() == Kind::Array).map(|partner| partner.items().count());
        if partner_count.is_some_and(|partner_count| partner_count != count) {
            // What is meant is clear, and other validators let it pass.
            self.findings.add(Severity::Warning, IssueCode::Structure, place, offset, "An array and its companion (_…) should have the same length; fill with null.");
        } else if !is_said {
            self.findings.error(IssueCode::Structure, place, offset, "A companion array that says nothing must be left out.");
        }
        if partner.is_none() {
            self.check_count(element, count.max(1), value, place);
        }
    }

    fn value(&mut self, found: &'static Member, value: Value<'d>, place: &Place<'_>) {
        if found.rules.is_empty() || !self.options.invariants {
            return self.plain_value(found, value, place);
        }
        let errors_before = self.findings.error_count();
        self.plain_value(found, value, place);
        rules::check(self, &found.rules, value, 0, found.type_name, self.findings.error_count() == errors_before, place);
    }

    fn plain_value(&mut self, found: &'static Member, value: Value<'d>, place: &Place<'_>) {
        match found.shape {
            Shape::Primitive(primitive) => self.primitive(primitive, found, value, place),
            Shape::Object(_) if value.kind() != Kind::Object => {
                let message = format!("A {} is written as a JSON object.", found.type_name);
                self.findings.error(IssueCode::Structure, place, value.span().start, message);
            }
            Shape::Object(number) => {
                let table = self.schema.table(number);
                self.object(value, table, place, Duty::Element);
                match table.role {
                    Role::Reference => reference::check(self, found, value, place),
                    Role::Quantity if found.is_simple_quantity && value.get("comparator").is_some() => {
                        self.findings.error(IssueCode::Invariant, &place.member("comparator"), value.span().start, "A quantity here has no comparator; give the exact value (sqt-1).");
                    }
                    Role::Coding | Role::CodeableConcept | Role::Quantity => {
                        if let Some(bound) = found.bound {
                            binding::check(self, bound, table.role, value, place);
                        }
                    }
                    _ => {}
                }
            }
            Shape::Resource => self.nested_resource(value, place),
        }
    }

    fn primitive(&mut self, primitive: Primitive, found: &'static Member, value: Value<'d>, place: &Place<'_>) {
        if let Some(flaw) = primitive.flaw(value) {
            let code = if flaw == Flaw::Kind { IssueCode::Structure } else if flaw == Flaw::TooLong { IssueCode::TooLong } else { IssueCode::Value };
            self.findings.error(code, place, value.span().start, flaw.message(primitive, found.type_name));
            return;
        }
        match primitive {
            Primitive::Code => {
                if let (Some(bound), Some(code)) = (found.bound, value.as_str())
                    && bound.excludes_code(&code)
                {
                    binding::report(self, bound, value, place);
                }
            }
            Primitive::Canonical | Primitive::Uri | Primitive::Url => reference::check_address(self, primitive, found, value, place),
            Primitive::Xhtml => {
                if let Some(flaw) = value.as_str().and_then(|text| narrative::flaw(&text)) {
                    self.findings.error(IssueCode::Invariant, place, value.span().start, flaw.message());
                }
            }
            _ => {}
        }
    }
}

impl<'d> Walk<'d, '_> {
    /// A resource inside another: contained, in an entry, in a parameter.
    fn nested_resource(&mut self, value: Value<'d>, place: &Place<'_>) {
        if !place.is_contained() {
            self.free_resource(value, place);
        } else if self.scope.is_contained() {
            // Reported once, where the contained resource has a `contained` (dom-2).
        } else {
            let outer = std::mem::replace(&mut self.scope.resource, value);
            self.resource(value, place, Standing::Contained);
            self.scope.resource = outer;
        }
    }
}

/// The companion array of primitives, asked for its items in order.
struct Beside<'d> {
    items: Option<Items<'d>>,
    asked: usize,
}

impl<'d> Beside<'d> {
    fn of(companion: Option<Value<'d>>) -> Beside<'d> {
        Beside { items: companion.map(|companion| companion.items()), asked: 0 }
    }

    /// True if there is more than null at that index, which grows from call to call.
    fn says_something(&mut self, index: usize) -> bool {
        let skipped = index - self.asked;
        self.asked = index + 1;
        self.items.as_mut().and_then(|items| items.nth(skipped)).is_some_and(|item| !item.is_null())
    }
}

/// The member `_name`, found without making its name.
pub(crate) fn companion_of<'d>(parent: Value<'d>, name: &str) -> Option<Value<'d>> {
    parent.members().find_map(|(key, value)| (key.strip_prefix('_') == Some(name)).then_some(value))
}
