//! `POST /$fhirpath`: an expression evaluated on the resource that is sent, as public FHIRPath tools call it.
//! <https://github.com/brianpos/fhirpath-lab/blob/main/server-api.md>
//!
//! * No record is read: `resolve()` finds what is contained or in the same bundle, and nothing else.
//!   `memberOf()`, `subsumes()` and `conformsTo()` are answered by what the site knows about codes
//!   and profiles.
//! * Every call ends: the steps of all contexts together are bounded.

use super::{At, Call, Input, Operation, Reads};
use crate::answer::Answer;
use crate::asked::Asked;
use crate::outcome::{Trouble, outcome};
use axum::http::StatusCode;
use fhir::splice::write_string;
use fhir::{Document, Issue, IssueCode, Kind, PartialDateTime, Value, r4};
use fhirpath::{Code, Collection, Context, EvalError, Expression, Item, Limits, Node, Terminology, Trace, write_item};
use std::cell::{Cell, RefCell};
use terminology::{Codes, Membership};
use validation::profile::meets;

pub(crate) const OPERATION: Operation = Operation {
    name: "fhirpath",
    definition: "https://carnet.health/fhir/OperationDefinition/fhirpath",
    at: &[At::System],
    methods: "POST",
    parameters: &["expression", "context", "resource", "variables", "validate", "debug", "terminologyserver"],
    reads: Reads::Resource,
    run: |asked, call| Box::pin(async move { fhirpath(asked, &call) }),
};

/// How what fits into no `value[x]` is sent, by the caller as by us.
const JSON_VALUE: &str = "http://fhir.forms-lab.com/StructureDefinition/json-value";
const RESOURCE_PATH: &str = "http://fhir.forms-lab.com/StructureDefinition/resource-path";
/// Items of the context for which the expression is evaluated, at most.
const CONTEXTS_MOST: usize = 1_000;
/// Questions about codes that one call may ask; each may cost a look into the store.
const QUESTIONS_MOST: usize = 500;

fn fhirpath(asked: &mut Asked<'_>, call: &Call<'_>) -> Result<Answer, Trouble> {
    let input = &call.input;
    let text = asked.parameters.first("expression").ok_or_else(|| Trouble::malformed(IssueCode::Required, "Send the FHIRPath in the parameter expression.").at("Parameters.parameter"))?;
    let context_text = asked.parameters.first("context").filter(|text| !text.is_empty());
    let validate = truth(asked, "validate")?;
    truth(asked, "debug")?;
    let expression = read(text)?;
    let embedded = embedded_resource(input)?;
    let resource = input.resource("resource").or_else(|| embedded.as_ref().map(Document::root));
    let resource = resource.filter(|resource| resource.get("resourceType").is_some());
    if resource.is_none() && input.all("resource").next().is_some() {
        let message = "Send the resource itself in the parameter resource; this operation reads nothing from the record.";
        return Err(Trouble::malformed(IssueCode::NotSupported, message).at("Parameters.parameter"));
    }
    let variable_texts = variable_documents(input)?;
    let traced = Traced { parts: RefCell::default(), room: Room(Cell::new(Some(asked.settings.body_limit_bytes))) };
    let mut context = resource.map(Context::of).unwrap_or_default();
    context.constants = variables(input, &variable_texts)?;
    context.now = now(asked);
    context.trace = Some(&traced);
    let knowledge = Knowledge { site: asked.chart.knowledge(), asked: Cell::new(0) };
    context.terminology = Some(&knowledge);
    let whole = resource.map(|resource| Collection::one(Node::resource(resource))).unwrap_or_default();
    let mut out = String::from("{\"resourceType\":\"Parameters\",\"id\":\"fhirpath\",\"parameter\":[");
    write_parameters(&mut out, asked, text, context_text, resource, input, &expression, validate);
    match context_text {
        None => {
            let found = expression.evaluate(&context, whole).map_err(refused)?;
            write_result(&mut out, None, &found, &traced, resource)?;
        }
        Some(context_text) => {
            let contexts = read(context_text)?.evaluate(&context, whole).map_err(refused)?;
            traced.parts.borrow_mut().clear();
            if contexts.len() > CONTEXTS_MOST {
                return Err(Trouble::new(StatusCode::UNPROCESSABLE_ENTITY, IssueCode::TooCostly, format!("The context finds more than {CONTEXTS_MOST} items; narrow it.")).at("Parameters.parameter"));
            }
            // All contexts together have the steps of one evaluation.
            context.limits = Limits { steps: Limits::default().steps / contexts.len().max(1) as u64, ..Limits::default() };
            for (number, item) in contexts.into_iter().enumerate() {
                let place = place_of(&item, resource).unwrap_or_else(|| format!("{context_text}[{number}]"));
                let found = expression.evaluate(&context, Collection::one(item)).map_err(refused)?;
                write_result(&mut out, Some(&place), &found, &traced, resource)?;
            }
        }
    }
    out.push_str("]}");
    Ok(Answer::text(StatusCode::OK, out))
}

fn truth(asked: &Asked<'_>, name: &str) -> Result<bool, Trouble> {
    match asked.parameters.first(name) {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(Trouble::malformed(IssueCode::Value, format!("{name} is true or false.")).at("Parameters.parameter")),
    }
}

fn read(text: &str) -> Result<Expression, Trouble> {
    Expression::parse(text).map_err(|cause| Trouble::malformed(IssueCode::Invalid, format!("The expression cannot be read: {cause} of the expression.")).at("Parameters.parameter"))
}

fn refused(cause: EvalError) -> Trouble {
    let code = if matches!(cause, EvalError::Limit(_)) { IssueCode::TooCostly } else { IssueCode::Processing };
    Trouble::new(StatusCode::UNPROCESSABLE_ENTITY, code, format!("The expression cannot be evaluated: {cause}.")).at("Parameters.parameter")
}

/// The institution's clock, for `now()`.
fn now(asked: &Asked<'_>) -> Option<PartialDateTime> {
    let offset = asked.settings.zone_offset_minutes;
    let local = fhir::Moment(asked.chart.now().0 + i64::from(offset) * 60_000).to_string();
    let sign = if offset < 0 { '-' } else { '+' };
    PartialDateTime::parse(&format!("{}{sign}{:02}:{:02}", local.trim_end_matches('Z'), offset.abs() / 60, offset.abs() % 60))
}

/// The JSON text that an extension of a parameter carries.
fn embedded<'v>(parameter: Value<'v>) -> Option<std::borrow::Cow<'v, str>> {
    parameter.get("extension")?.items().find(|one| one.string("url").as_deref() == Some(JSON_VALUE))?.string("valueString")
}

fn read_embedded(text: &str) -> Result<Document<'static>, Trouble> {
    Document::read_owned(text.to_owned()).map_err(|cause| Trouble::malformed(IssueCode::Structure, format!("The JSON inside an extension cannot be read: {cause} of it.")).at("Parameters.parameter"))
}

fn embedded_resource(input: &Input) -> Result<Option<Document<'static>>, Trouble> {
    input.all("resource").find_map(embedded).map(|text| read_embedded(&text)).transpose()
}

fn variable_documents(input: &Input) -> Result<Vec<Document<'static>>, Trouble> {
    variable_parts(input).filter_map(embedded).map(|text| read_embedded(&text)).collect()
}

fn variable_parts(input: &Input) -> impl Iterator<Item = Value<'_>> {
    input.all("variables").filter_map(|parameter| parameter.get("part")).flat_map(|parts| parts.items())
}

/// `%name` of each part of `variables`, with the type its member tells.
fn variables<'d>(input: &'d Input, texts: &'d [Document<'static>]) -> Result<Vec<(String, Collection<'d>)>, Trouble> {
    let (mut found, mut texts) = (Vec::<(String, Collection<'d>)>::new(), texts.iter());
    for part in variable_parts(input) {
        let name = part.string("name").ok_or_else(|| Trouble::malformed(IssueCode::Required, "Each variable has a name.").at("Parameters.parameter.part"))?;
        let node = match (embedded(part).and_then(|_| texts.next()), part.get("resource")) {
            (Some(document), _) => Some(Node::resource(document.root())),
            (None, Some(resource)) => Some(Node::resource(resource)),
            (None, None) => part.members().find_map(|(member, value)| Some(Node::element(value, value_type(&member)?))),
        };
        // One without a value is empty; a value that nobody can read would be as if it were.
        let wrong = |message: &str| Trouble::malformed(IssueCode::Value, message).at("Parameters.parameter.part");
        if node.is_none() && part.members().any(|(member, _)| !["id", "name", "extension"].contains(&member.trim_start_matches('_'))) {
            return Err(wrong("The value of a variable is a value[x], a resource, or JSON text in an extension."));
        }
        if found.iter().any(|(known, _)| *known == *name) {
            return Err(wrong("Each variable has a name of its own."));
        }
        found.push((name.into_owned(), node.map(Collection::one).unwrap_or_default()));
    }
    Ok(found)
}

/// The type behind a member of a parameter: `valueString` is a `string`.
fn value_type(member: &str) -> Option<&'static str> {
    let (element, chosen) = r4().type_named("Parameters.parameter")?.element(member)?;
    (element.name == "value").then_some(chosen.code)
}

/// The member that holds a value of a type in a parameter, if one can.
fn value_member(type_name: &str) -> Option<&'static str> {
    let value = r4().type_named("Parameters.parameter")?.elements.iter().find(|element| element.name == "value")?;
    value.types.iter().find(|chosen| chosen.code == type_name).map(|chosen| chosen.json_name)
}

/// What was asked, and by what it was answered.
#[allow(clippy::too_many_arguments)]
fn write_parameters(out: &mut String, asked: &Asked<'_>, text: &str, context: Option<&str>, resource: Option<Value<'_>>, input: &Input, expression: &Expression, validate: bool) {
    out.push_str("{\"name\":\"parameters\",\"part\":[");
    write_text_part(out, "evaluator", concat!("Carnet ", env!("CARGO_PKG_VERSION"), " (R4)"));
    out.push(',');
    write_text_part(out, "parseDebugTree", &expression.outline());
    if validate {
        let kind = resource.and_then(|resource| resource.string("resourceType")).unwrap_or_default();
        let complaints: Vec<_> = expression.check(&kind).iter().map(|complaint| Issue::warning(IssueCode::Invalid, "", format!("{complaint}."))).collect();
        out.push_str(",{\"name\":\"debugOutcome\",\"resource\":");
        match complaints.is_empty() {
            true => out.push_str(&crate::outcome::all_well(asked.request_id, "Nothing can be said against the expression.", &[])),
            false => out.push_str(&outcome(asked.request_id, &complaints)),
        }
        out.push('}');
    }
    if let Some(context) = context {
        out.push(',');
        write_text_part(out, "context", context);
    }
    out.push(',');
    write_text_part(out, "expression", text);
    if let Some(resource) = resource {
        out.push_str(",{\"name\":\"resource\",\"resource\":");
        resource.write_compact(out);
        out.push('}');
    }
    for variables in input.all("variables") {
        out.push(',');
        variables.write_compact(out);
    }
    out.push_str("]}");
}

fn write_text_part(out: &mut String, name: &str, text: &str) {
    out.push_str("{\"name\":\"");
    out.push_str(name);
    out.push_str("\",\"valueString\":");
    write_string(text, out);
    out.push('}');
}

/// One `result`: the items, then what `trace()` showed on the way. The same long item may be found any number of times.
fn write_result(out: &mut String, place: Option<&str>, found: &Collection<'_>, traced: &Traced, resource: Option<Value<'_>>) -> Result<(), Trouble> {
    out.push_str(",{\"name\":\"result\"");
    if let Some(place) = place {
        out.push_str(",\"valueString\":");
        write_string(place, out);
    }
    let mut parts: Vec<String> = found.iter().map(|item| part(item, resource)).take_while(|part| traced.room.take(part.len())).collect();
    if traced.room.is_over() {
        let message = "What the expression finds is longer than this server writes in one answer; narrow it.";
        return Err(Trouble::new(StatusCode::UNPROCESSABLE_ENTITY, IssueCode::TooCostly, message).at("Parameters.parameter"));
    }
    parts.append(&mut traced.parts.borrow_mut());
    if !parts.is_empty() {
        out.push_str(",\"part\":[");
        out.push_str(&parts.join(","));
        out.push(']');
    }
    out.push('}');
    Ok(())
}

/// An item as a part named by its type.
fn part(item: &Item<'_>, resource: Option<Value<'_>>) -> String {
    let mut out = String::from("{");
    let kind = match item {
        Item::Node(node) if node.type_name().is_empty() => "Element",
        Item::Node(node) => node.type_name(),
        Item::Boolean(_) => "boolean",
        Item::String(text) if text.is_empty() => return "{\"name\":\"empty-string\"}".to_owned(),
        Item::String(_) => "string",
        Item::Integer(_) => "integer",
        Item::Decimal(_) => "decimal",
        Item::Date(_) => "date",
        Item::DateTime(_) => "dateTime",
        Item::Time(_) => "time",
        Item::Quantity(_) => "Quantity",
        Item::Type(_) => "TypeInfo",
    };
    let node = match item {
        Item::Node(node) => Some(*node),
        _ => None,
    };
    let is_resource = node.is_some_and(|node| node.is_resource());
    let member = value_member(kind).filter(|_| !is_resource);
    let mut extensions: Vec<(&str, String)> = Vec::new();
    extensions.extend(place_of(item, resource).map(|place| (RESOURCE_PATH, place)));
    if member.is_none() && !is_resource {
        let mut json = String::new();
        write_item(item, &mut json);
        extensions.push((JSON_VALUE, json));
    }
    for (number, (url, text)) in extensions.iter().enumerate() {
        out.push_str(if number == 0 { "\"extension\":[{\"url\":\"" } else { ",{\"url\":\"" });
        out.push_str(url);
        out.push_str("\",\"valueString\":");
        write_string(text, &mut out);
        out.push('}');
    }
    out.push_str(if extensions.is_empty() { "\"name\":\"" } else { "],\"name\":\"" });
    out.push_str(kind);
    out.push('"');
    match (node, member) {
        (Some(node), _) if is_resource => write_member(&mut out, "", "resource", node.value),
        (Some(node), Some(member)) => {
            write_member(&mut out, "", member, node.value);
            write_member(&mut out, "_", member, node.sibling);
        }
        (None, Some(member)) => {
            out.push_str(",\"");
            out.push_str(member);
            out.push_str("\":");
            write_item(item, &mut out);
        }
        _ => {}
    }
    out.push('}');
    out
}

fn write_member(out: &mut String, prefix: &str, member: &str, value: Option<Value<'_>>) {
    let Some(value) = value else { return };
    out.push_str(",\"");
    out.push_str(prefix);
    out.push_str(member);
    out.push_str("\":");
    value.write_compact(out);
}

/// Where an item stands in the resource that was sent: `Patient.name[0].given[1]`.
fn place_of(item: &Item<'_>, resource: Option<Value<'_>>) -> Option<String> {
    let (Item::Node(node), Some(root)) = (item, resource) else { return None };
    let target = node.value.or(node.sibling)?;
    let mut place = root.string("resourceType")?.into_owned();
    let (mut at, mut kind) = (root, r4().type_named(&place));
    while at != target {
        let holds = |value: &Value<'_>| value.order() <= target.order() && target.order() < value.order() + value.token_count() as u32;
        match at.kind() {
            Kind::Object => {
                let (name, member) = at.members().find(|(_, value)| holds(value))?;
                let name = name.strip_prefix('_').unwrap_or(&name);
                // A choice is named without its type, as expressions name it.
                let element = kind.and_then(|kind| kind.element(name));
                place.push('.');
                place.push_str(element.map_or(name, |(element, _)| element.name));
                kind = element.map(|(_, chosen)| chosen.definition());
                at = member;
            }
            Kind::Array => {
                let (number, one) = at.items().enumerate().find(|(_, value)| holds(value))?;
                place.push_str(&format!("[{number}]"));
                at = one;
            }
            _ => return None,
        }
        // What may be any resource says itself which one it is.
        if let Some(name) = at.string("resourceType") {
            kind = r4().type_named(&name);
        }
    }
    Some(place)
}

/// What the site knows about codes, asked a bounded number of times.
struct Knowledge {
    site: chart::Knowledge,
    asked: Cell<usize>,
}

impl Knowledge {
    fn may_ask(&self) -> bool {
        self.asked.set(self.asked.get() + 1);
        self.asked.get() <= QUESTIONS_MOST
    }
}

impl Terminology for Knowledge {
    fn member_of(&self, code: &Code<'_>, value_set: &str) -> Option<bool> {
        match self.may_ask().then(|| self.site.member(value_set, code.system.as_deref(), &code.code))? {
            Membership::In => Some(true),
            Membership::Out => Some(false),
            Membership::Unknown(_) => None,
        }
    }

    fn subsumes(&self, broad: &Code<'_>, narrow: &Code<'_>) -> Option<bool> {
        let (system, other) = (broad.system.as_deref()?, narrow.system.as_deref()?);
        if system != other {
            return Some(false);
        }
        self.may_ask().then(|| self.site.is_a(system, &narrow.code, &broad.code))?
    }

    fn conforms_to(&self, node: &Node<'_>, profile: &str) -> Option<bool> {
        self.may_ask().then(|| meets(*node, profile, self.site.site()))?
    }
}

/// Bytes that the answer may still take; none once it would have taken more.
struct Room(Cell<Option<usize>>);

impl Room {
    fn take(&self, bytes: usize) -> bool {
        self.0.set(self.0.get().and_then(|left| left.checked_sub(bytes)));
        !self.is_over()
    }

    fn is_over(&self) -> bool {
        self.0.get().is_none()
    }
}

/// What `trace()` showed, each call as a part, as far as there is room in the answer.
struct Traced {
    parts: RefCell<Vec<String>>,
    room: Room,
}

impl Trace for Traced {
    fn trace(&self, name: &str, items: &Collection<'_>) {
        let mut out = String::from("{\"name\":\"trace\",\"valueString\":");
        write_string(name, &mut out);
        let parts: Vec<_> = items.iter().map(|item| part(item, None)).take_while(|part| self.room.take(part.len())).collect();
        if !self.room.take(out.len()) {
            return;
        }
        if !parts.is_empty() {
            out.push_str(",\"part\":[");
            out.push_str(&parts.join(","));
            out.push(']');
        }
        out.push('}');
        self.parts.borrow_mut().push(out);
    }
}
