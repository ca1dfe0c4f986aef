//! SearchParameters of the site itself, beside those of R4.
//!
//! * One is taken whole or refused, with the place and what would work: an expression that is half
//!   understood would find half of what it should.
//! * No name hides one of R4's, and no two of the site's stand for one name on a type.
//! * The same definition is compiled once in a process and kept: criteria point to it.
//! * Nothing here knows where the resources are kept.
//!
//! <https://hl7.org/fhir/R4/searchparameter.html>

use crate::parameter::{Parameter, can_compare, parameter, parameters};
use crate::path::{Route, Shape};
use fhir::definitions::{ParameterKind, SearchParameter, r4};
use fhir::{Issue, IssueCode, ResourceType, Value};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// More would make every search slower to read.
pub const MOST_CUSTOM: usize = 200;
/// Longer expressions, names and addresses are refused, in bytes.
const LONGEST: usize = 2000;

/// The parameters of a site.
#[derive(Default)]
pub struct Custom {
    own: Vec<Own>,
}

/// One of them on one type.
#[derive(Clone, Copy)]
pub struct Own {
    /// The type it works on.
    pub kind: ResourceType,
    /// How it works.
    pub parameter: &'static Parameter,
}

impl Custom {
    /// Adds what a SearchParameter means. Nothing is added where it is refused.
    pub fn add(&mut self, resource: Value<'_>) -> Result<(), Vec<Issue>> {
        let own = compile(resource)?;
        let url = own.first().map_or("", |first| first.parameter.definition.url);
        if let Some(taken) = own.iter().find(|one| self.find(one.kind, one.parameter.code()).is_some()) {
            let message = format!("{} has a parameter {} already, from another SearchParameter of this server.", taken.kind, taken.parameter.code());
            return Err(vec![Issue::error(IssueCode::Duplicate, "SearchParameter.code", message)]);
        }
        if self.own.iter().any(|other| other.parameter.definition.url == url) {
            return Err(vec![Issue::error(IssueCode::Duplicate, "SearchParameter.url", "Another active SearchParameter of this server has this url.")]);
        }
        if self.own.len() + own.len() > MOST_CUSTOM {
            let message = format!("This server keeps {MOST_CUSTOM} parameters of its own, each type counted; retire one first.");
            return Err(vec![Issue::error(IssueCode::TooCostly, "SearchParameter", message)]);
        }
        self.own.extend(own);
        Ok(())
    }

    /// The parameters of a type.
    pub fn of(&self, kind: ResourceType) -> impl Iterator<Item = &'static Parameter> {
        self.own.iter().filter(move |one| one.kind == kind).map(|one| one.parameter)
    }

    /// The parameter of that name on a type.
    pub fn find(&self, kind: ResourceType, code: &str) -> Option<&'static Parameter> {
        self.of(kind).find(|one| one.code() == code)
    }

    /// True where the site has none.
    pub fn is_empty(&self) -> bool {
        self.own.is_empty()
    }
}

/// What a SearchParameter means, type by type.
fn compile(resource: Value<'_>) -> Result<Vec<Own>, Vec<Issue>> {
    let mut issues = Vec::new();
    let mut wrong = |code, element: &str, message: String| issues.push(Issue::error(code, format!("SearchParameter.{element}"), message));
    let said = |name: &str| resource.string(name).filter(|text| text.len() <= LONGEST).unwrap_or_default().into_owned();
    let each = |name: &str| resource.get(name).into_iter().flat_map(|list| list.each()).filter_map(|one| one.as_str()).map(|one| one.into_owned()).collect::<Vec<_>>();
    let (code, url, expression) = (said("code"), said("url"), said("expression"));
    let is_name = code.starts_with(|letter: char| letter.is_ascii_alphabetic()) && code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if !is_name {
        wrong(IssueCode::Value, "code", "A name of letters, digits, - and _ is expected, beginning with a letter.".into());
    }
    if url.is_empty() {
        wrong(IssueCode::Required, "url", "A canonical address is expected.".into());
    }
    let kind = kind_named(&said("type"));
    if kind.is_none() {
        wrong(IssueCode::NotSupported, "type", "number, date, string, token, reference, quantity and uri work here; composite and special do not.".into());
    }
    if expression.is_empty() {
        wrong(IssueCode::Required, "expression", "A FHIRPath expression is expected, as Patient.extension.where(url='https://a.example/x').value.".into());
    }
    for member in ["modifierExtension", "chain", "component"].into_iter().filter(|member| resource.get(member).is_some()) {
        wrong(IssueCode::NotSupported, member, "This server does not follow it; leave it out.".into());
    }
    let names = each("base");
    let bases: Vec<ResourceType> = names.iter().filter_map(|name| ResourceType::named(name)).collect();
    if bases.is_empty() || bases.len() < names.len() {
        wrong(IssueCode::Value, "base", "Resource types of R4 are expected; Resource and DomainResource stand for too many.".into());
    }
    for base in bases.iter().filter(|base| parameter(**base, &code).is_some_and(|known| known.definition.url != url)) {
        wrong(IssueCode::Duplicate, "code", format!("{base} has a parameter of this name in R4; take another one."));
    }
    let targets = each("target");
    if targets.iter().any(|target| ResourceType::named(target).is_none()) {
        wrong(IssueCode::Value, "target", "Resource types of R4 are expected.".into());
    }
    let Some(kind) = kind.filter(|_| issues.is_empty()) else { return Err(issues) };
    let mut own = Vec::new();
    for base in bases {
        // What R4 publishes is there already; somebody keeps a copy of it.
        if parameter(base, &code).is_some() {
            continue;
        }
        match kept(base, kind, [&code, &url, &expression], &targets) {
            Ok(parameter) => own.push(Own { kind: base, parameter }),
            Err(reason) => issues.push(Issue::error(IssueCode::NotSupported, "SearchParameter.expression", format!("For {base}: {reason}"))),
        }
    }
    if issues.is_empty() { Ok(own) } else { Err(issues) }
}

/// More definitions than this are not compiled in one process.
const MOST_KEPT: usize = 10_000;
const NOT_UNDERSTOOD: &str = "Nothing of that kind is found by this expression. This server understands paths from a resource type through elements, with where(element='text'), \
    where(resolve() is Type), extension('url'), [0], as(Type), ofType(Type), (… as Type), and several joined by |.";

fn kind_named(code: &str) -> Option<ParameterKind> {
    Some(match code {
        "number" => ParameterKind::Number,
        "date" => ParameterKind::Date,
        "string" => ParameterKind::String,
        "token" => ParameterKind::Token,
        "reference" => ParameterKind::Reference,
        "quantity" => ParameterKind::Quantity,
        "uri" => ParameterKind::Uri,
        _ => return None,
    })
}

/// Compiled once, then kept as long as the process: queries under way point to it. A site has few,
/// and changes them seldom.
fn kept(base: ResourceType, kind: ParameterKind, [code, url, expression]: [&str; 3], targets: &[String]) -> Result<&'static Parameter, &'static str> {
    static KEPT: Mutex<Option<HashMap<String, &'static Parameter>>> = Mutex::new(None);
    let name = format!("{base}\n{kind:?}\n{code}\n{url}\n{expression}\n{}", targets.join(","));
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let kept = kept.get_or_insert_default();
    if let Some(known) = kept.get(&name) {
        return Ok(known);
    }
    let lasting = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
    if kept.len() >= MOST_KEPT {
        return Err("This server has compiled too many different parameters since it was started; start it again.");
    }
    let routes = Route::compile(expression, base.name(), r4()).map(|mut routes| {
        routes.retain(|route| can_compare(kind, route.shape) && route.shape != Shape::Resource);
        routes
    });
    let routes = routes.filter(|routes| !routes.is_empty()).ok_or(NOT_UNDERSTOOD)?;
    let targets = targets.iter().filter_map(|target| ResourceType::named(target)).map(ResourceType::name).collect();
    let definition = SearchParameter { code: lasting(code), url: lasting(url), kind, bases: vec![base.name()], expression: lasting(expression), targets, components: Vec::new() };
    let parameter: &'static Parameter = Box::leak(Box::new(Parameter::of_routes(Box::leak(Box::new(definition)), routes)));
    kept.insert(name, parameter);
    Ok(parameter)
}

/// The names that work on a type: R4's, then the site's.
pub(crate) fn names(custom: &Custom, kind: ResourceType, wanted: impl Fn(&Parameter) -> bool) -> String {
    let all = parameters(kind).iter().chain(custom.of(kind)).filter(|one| wanted(one)).map(Parameter::code);
    all.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use fhir::Document;

    fn add(custom: &mut Custom, members: &str) -> Result<(), String> {
        let text = format!(r#"{{"resourceType":"SearchParameter","status":"active",{members}}}"#);
        let document = Document::read(&text).unwrap();
        custom.add(document.root()).map_err(|issues| issues.iter().map(|issue| format!("{} {}", issue.code.code(), issue.expression)).collect::<Vec<_>>().join(", "))
    }

    #[test]
    fn a_parameter_is_taken_whole_or_refused() {
        let mut custom = Custom::default();
        let nickname = r#""url":"http://a.example/nick","code":"nick","base":["Patient","Person"],"type":"string","expression":"Patient.name.where(use='nickname').given | Person.name.where(use='nickname').given""#;
        assert_eq!(add(&mut custom, nickname), Ok(()));
        let kind = |name: &str| ResourceType::named(name).unwrap();
        assert!(custom.find(kind("Patient"), "nick").is_some() && custom.find(kind("Person"), "nick").is_some() && custom.find(kind("Group"), "nick").is_none());
        for (members, expect) in [
            (nickname, "duplicate SearchParameter.code"),
            (r#""url":"http://a.example/nick","code":"nick2","base":["Patient"],"type":"string","expression":"Patient.name.given""#, "duplicate SearchParameter.url"),
            (r#""url":"http://a.example/b","code":"birthdate","base":["Patient"],"type":"date","expression":"Patient.birthDate""#, "duplicate SearchParameter.code"),
            (r#""url":"http://a.example/b","code":"_b","base":["Patient"],"type":"date","expression":"Patient.birthDate""#, "value SearchParameter.code"),
            (r#""url":"http://a.example/b","code":"b","base":["Resource"],"type":"date","expression":"Resource.meta.lastUpdated""#, "value SearchParameter.base"),
            (r#""url":"http://a.example/b","code":"b","base":["Patient"],"type":"composite","expression":"Patient.name""#, "not-supported SearchParameter.type"),
            (r#""url":"http://a.example/b","code":"b","base":["Patient"],"type":"date","expression":"Patient.birthDate.toString()""#, "not-supported SearchParameter.expression"),
            (r#""url":"http://a.example/b","code":"b","base":["Patient"],"type":"date","expression":"Patient.gender""#, "not-supported SearchParameter.expression"),
            (r#""url":"http://a.example/b","code":"b","base":["Patient"],"type":"date""#, "required SearchParameter.expression"),
            (r#""code":"b","base":["Patient"],"type":"date","expression":"Patient.birthDate""#, "required SearchParameter.url"),
            (r#""url":"http://a.example/b","code":"b","base":["Patient"],"type":"reference","target":["Nobody"],"expression":"Patient.link.other""#, "value SearchParameter.target"),
        ] {
            assert_eq!(add(&mut custom, members), Err(expect.to_owned()), "{members}");
        }
        // A copy of one of R4's own changes nothing.
        let copy = r#""url":"http://hl7.org/fhir/SearchParameter/individual-birthdate","code":"birthdate","base":["Patient"],"type":"date","expression":"Patient.birthDate""#;
        assert_eq!(add(&mut custom, copy), Ok(()));
        assert!(custom.find(kind("Patient"), "birthdate").is_none());
    }
}
