//! SearchParameters of the site itself, beside those of R4.
//!
//! * One is taken whole or refused, with the place and what would work: an expression that is half
//!   understood would find half of what it should.
//! * No name hides one of R4's, and no two of the site's stand for one name on a type.
//! * The same definition is compiled once in a process and kept: criteria point to it.
//! * Its number, under which its terms lie, follows from what it means: another meaning has other terms.
//! * Terms narrow only once somebody has said that all of them are there ([`Custom::is_indexed_now`]).
//! * A few references of R4 have their terms here too, because stores that are older do not have them:
//!   they are built like those of the site, and narrow once they are whole.
//! * Nothing here knows where the resources are kept.
//!
//! <https://hl7.org/fhir/R4/searchparameter.html>

use crate::parameter::{Parameter, can_compare, parameter, parameters};
use crate::fold;
use crate::magnitude;
use crate::matcher::{CANONICAL, reference_text};
use crate::parameter_id::{self as id, ParameterId, UNDATED};
use crate::path::{Found, Route, Shape, member};
use crate::plan::{Buckets, TermQuery};
use crate::query::{Criterion, Modifier};
use crate::terms::{Term, first_letters, local_or_absolute, when};
use crate::wanted::Wanted;
use fhir::definitions::{ParameterKind, SearchParameter, r4};
use fhir::{Issue, IssueCode, ResourceType, Value};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

/// More would make every search slower to read.
pub const MOST_CUSTOM: usize = 200;
/// Longer expressions, names and addresses are refused, in bytes.
const LONGEST: usize = 2000;

/// References of R4 with terms of their own: who looks after whom is what chains lead to.
const BESIDE: &[(&str, &str)] = &[("Patient", "general-practitioner")];

/// The parameters of a site.
#[derive(Default)]
pub struct Custom {
    own: Vec<Own>,
    beside: Vec<Own>,
    indexed: BTreeSet<u64>,
}

/// One of them on one type.
#[derive(Clone, Copy)]
pub struct Own {
    /// The type it works on.
    pub kind: ResourceType,
    /// How it works.
    pub parameter: &'static Parameter,
    /// The number under which its terms lie.
    pub key: u64,
}

impl Custom {
    /// No parameters of a site, only the references of R4 whose terms are kept like theirs.
    pub fn beside_r4() -> Custom {
        let known = BESIDE.iter().filter_map(|(base, code)| {
            let kind = ResourceType::named(base)?;
            let parameter = parameter(kind, code)?;
            Some(Own { kind, parameter, key: number_of(&format!("{base}.{code} of R4")) })
        });
        Custom { beside: known.collect(), ..Custom::default() }
    }

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

    /// All of the site's.
    pub fn all(&self) -> &[Own] {
        &self.own
    }

    /// All that have terms here: the site's, and those of R4.
    pub fn with_terms(&self) -> impl Iterator<Item = &Own> {
        self.own.iter().chain(&self.beside)
    }

    /// Says that the terms of a number are there for every resource: from now on they narrow.
    pub fn is_indexed_now(&mut self, key: u64) {
        self.indexed.insert(key);
    }

    /// True where the terms of a number narrow.
    pub fn narrows(&self, key: u64) -> bool {
        self.indexed.contains(&key)
    }

    /// The number of a parameter on a type, if its terms may narrow.
    pub(crate) fn indexed_key(&self, kind: ResourceType, parameter: &Parameter) -> Option<u64> {
        let found = self.with_terms().find(|one| one.kind == kind && std::ptr::eq(one.parameter, parameter))?;
        self.indexed.contains(&found.key).then_some(found.key)
    }

    /// Calls `give` with each term that a resource has by the parameters that are `wanted`, each once.
    pub fn terms(&self, kind: ResourceType, resource: Value<'_>, wanted: &dyn Fn(u64) -> bool, give: &mut dyn FnMut(Term<'_>)) {
        self.with_terms().filter(|one| one.kind == kind && wanted(one.key)).for_each(|one| one.terms(resource, give));
    }
}

impl Own {
    /// Calls `give` with each term that a resource of its type has by it, each once.
    pub fn terms(&self, resource: Value<'_>, give: &mut dyn FnMut(Term<'_>)) {
        let mut values = BTreeSet::new();
        self.parameter.any(resource, &mut |found| {
            let mut add = |part: Option<&str>| {
                let mut value = Vec::new();
                id::own(self.kind, self.key, part, &mut value);
                values.insert(value);
            };
            add(None);
            each_part(self.parameter.kind(), found, &mut |part| add(Some(part)));
            false
        });
        let time = if values.is_empty() { 0 } else { when(self.kind, resource).1 };
        values.iter().for_each(|value| give(Term { parameter: ParameterId::OWN, value, bucket: UNDATED, time }));
    }

    /// What a SearchParameter means on each of its types, whether it is in force or not; nothing
    /// where it cannot be compiled.
    pub fn all_of(resource: Value<'_>) -> Vec<Own> {
        compile(resource).unwrap_or_default()
    }
}

/// A condition with more parts than this is looked up by there being any value.
const MOST_PARTS: usize = 1000;
/// How many letters of a word a term has.
const LETTERS: usize = 3;

/// What of a value is looked up: codes without case, beginnings of words, references as they stand
/// and as type and id, where numbers and times lie.
fn each_part(kind: ParameterKind, found: Found<'_>, visit: &mut dyn FnMut(&str)) {
    let value = found.value;
    let text = |value: Value<'_>, name: &str| member(value, name).and_then(|text| text.as_str()).map(|text| text.into_owned());
    match (kind, found.shape()) {
        (ParameterKind::Token, Shape::CodeableConcept) => {
            let codings = member(value, "coding").into_iter().flat_map(|codings| codings.each());
            codings.filter_map(|coding| text(coding, "code")).for_each(|code| visit(&code.to_ascii_lowercase()));
        }
        (ParameterKind::Token, Shape::Coding) => text(value, "code").into_iter().for_each(|code| visit(&code.to_ascii_lowercase())),
        (ParameterKind::Token, Shape::Identifier | Shape::ContactPoint) => text(value, "value").into_iter().for_each(|text| visit(&text.to_ascii_lowercase())),
        (ParameterKind::Token, Shape::Boolean) => visit(value.raw()),
        (ParameterKind::Token, _) => value.as_str().into_iter().for_each(|text| visit(&text.to_ascii_lowercase())),
        (ParameterKind::Uri, _) => value.as_str().into_iter().for_each(|text| visit(&text)),
        (ParameterKind::String, _) => each_text(value, &mut |text| {
            let folded = fold::fold(text);
            for word in fold::words(&folded) {
                first_letters(word, LETTERS).into_iter().for_each(&mut *visit);
                let mut latin = String::new();
                if fold::transliterated(word, &mut latin) {
                    first_letters(&latin, LETTERS).into_iter().for_each(&mut *visit);
                }
            }
        }),
        (ParameterKind::Reference, _) => {
            let Some(text) = reference_text(found) else { return };
            visit(&text);
            text.split_once('|').into_iter().for_each(|(url, _)| visit(url));
            local_or_absolute(&text).into_iter().for_each(|(kind, id)| visit(&format!("{kind}/{id}")));
        }
        (kind, _) => magnitude::each_part(kind, found, visit),
    }
}

/// Every text of a string, a name, an address or a concept.
fn each_text(value: Value<'_>, visit: &mut dyn FnMut(&str)) {
    match value.as_str() {
        Some(text) => visit(&text),
        None if value.kind() == fhir::Kind::Array => value.items().for_each(|item| each_text(item, visit)),
        None => value.members().for_each(|(_, member)| each_text(member, visit)),
    }
}

/// The term that everything has which meets a criterion, and how narrow it is; none where the
/// criterion may be met without any value.
pub(crate) fn term(kind: ResourceType, key: u64, criterion: &Criterion) -> Option<(u8, TermQuery)> {
    if criterion.missing == Some(true) || matches!(criterion.modifier, Modifier::Not | Modifier::NotIn) {
        return None;
    }
    let leads_to = |is: &dyn Fn(&Route) -> bool| criterion.parameter.routes().iter().any(is);
    // The terms hold a canonical address with its version: without one it may be any of them.
    let any_version = |wanted: &Wanted| match wanted {
        Wanted::Uri(uri) => !uri.contains('|') && leads_to(&|route: &Route| route.end == CANONICAL),
        Wanted::Local { .. } => leads_to(&|route: &Route| route.shape == Shape::Text),
        _ => false,
    };
    let parts: Option<Vec<Vec<String>>> = criterion.wanted.iter().map(|wanted| if any_version(wanted) { None } else { parts(criterion.modifier, wanted) }).collect();
    let parts = parts.map(|parts| parts.into_iter().flatten().collect::<BTreeSet<String>>());
    let made = |part: Option<&str>| {
        let mut value = Vec::new();
        id::own(kind, key, part, &mut value);
        value
    };
    let (rank, values) = match parts.filter(|parts| (1..=MOST_PARTS).contains(&parts.len())) {
        Some(parts) => (4, parts.iter().map(|part| made(Some(part))).collect()),
        None => (8, vec![made(None)]),
    };
    Some((rank, TermQuery { parameter: ParameterId::OWN, values, buckets: Buckets::Undated }))
}

/// What a wanted value is looked up by; none where only being there can be.
fn parts(modifier: Modifier, wanted: &Wanted) -> Option<Vec<String>> {
    let only = |part: String| Some(vec![part]);
    match (modifier, wanted) {
        (Modifier::Plain, Wanted::Date { .. } | Wanted::Number { .. } | Wanted::Quantity { .. }) => magnitude::cover(wanted),
        (Modifier::Plain, Wanted::Token { code: Some(code), .. }) => only(code.to_ascii_lowercase()),
        (Modifier::Plain, Wanted::Uri(uri)) => only(uri.clone()),
        (Modifier::Plain, Wanted::Address(address)) => only(address.clone()),
        (Modifier::Plain | Modifier::Type(_) | Modifier::Above | Modifier::Below, Wanted::Local { kind: Some(kind), id, .. }) => only(format!("{kind}/{id}")),
        (Modifier::Plain | Modifier::Exact | Modifier::Equals | Modifier::Begins, Wanted::Text { folded, .. }) => {
            let longest = fold::words(folded).max_by_key(|word| word.chars().count())?;
            first_letters(longest, LETTERS).map(str::to_owned).and_then(only)
        }
        _ => None,
    }
}

/// FNV-1a: small, and the same for ever. Two parameters of one number would only narrow less.
fn number_of(meaning: &str) -> u64 {
    meaning.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
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
            Ok((parameter, key)) => own.push(Own { kind: base, parameter, key }),
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
fn kept(base: ResourceType, kind: ParameterKind, [code, url, expression]: [&str; 3], targets: &[String]) -> Result<(&'static Parameter, u64), &'static str> {
    static KEPT: Mutex<Option<HashMap<String, &'static Parameter>>> = Mutex::new(None);
    // Numbers and times had fewer terms before 0.2, and numbers of more than thirty digits and what was sampled had none
    // for longer: another number makes all that is here be indexed anew, as a write would do it.
    let by_magnitude = match kind {
        ParameterKind::Date => "\nby magnitude",
        ParameterKind::Number | ParameterKind::Quantity => "\nby magnitude of any length",
        _ => "",
    };
    let name = format!("{base}\n{kind:?}\n{code}\n{url}\n{expression}\n{}{by_magnitude}", targets.join(","));
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let kept = kept.get_or_insert_default();
    if let Some(known) = kept.get(&name) {
        return Ok((known, number_of(&name)));
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
    let key = number_of(&name);
    kept.insert(name, parameter);
    Ok((parameter, key))
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
