//! One value of a query, read as its parameter's kind asks.
//!
//! A value is read once, when the query is; matching then only compares. Whatever cannot be
//! read is refused: a query never quietly means something else.

use crate::decimal::Decimal;
use crate::fold;
use crate::parameter::{Parameter, Source};
use crate::part::wholes;
use crate::path::Shape;
use crate::query::{Modifier, QueryContext};
use crate::text::{split_escaped, unescape};
use crate::words::Words;
use fhir::definitions::ParameterKind;
use fhir::{Moment, PartialDateTime, Reference, ResourceType};

/// How a value compares: `eq` where nothing is said.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[allow(missing_docs)]
pub enum Prefix { Eq, Ne, Gt, Lt, Ge, Le, Sa, Eb, Ap, Po }

impl Prefix {
    /// The prefix of those two letters. `po` (the times overlap) is known to `_filter` only.
    pub(crate) fn named(letters: &str) -> Option<Prefix> {
        match Prefix::take(letters) {
            (_, rest) if !rest.is_empty() => None,
            (prefix, _) => (!letters.is_empty()).then_some(prefix),
        }
    }

    /// Takes the prefix from ordered values (dates, numbers, quantities).
    fn take(text: &str) -> (Prefix, &str) {
        let prefix = match text.as_bytes() {
            [b'e', b'q', ..] => Prefix::Eq,
            [b'n', b'e', ..] => Prefix::Ne,
            [b'g', b't', ..] => Prefix::Gt,
            [b'l', b't', ..] => Prefix::Lt,
            [b'g', b'e', ..] => Prefix::Ge,
            [b'l', b'e', ..] => Prefix::Le,
            [b's', b'a', ..] => Prefix::Sa,
            [b'e', b'b', ..] => Prefix::Eb,
            [b'a', b'p', ..] => Prefix::Ap,
            _ => return (Prefix::Eq, text),
        };
        (prefix, &text[2..])
    }
}

/// What is wanted of a token's system.
#[derive(Clone, PartialEq, Eq)]
pub enum System {
    /// `code`: any, or none.
    Any,
    /// `|code`: none at all.
    None,
    /// `system|code`.
    Is(String),
}

/// True and false have a system that is seldom named. <https://hl7.org/fhir/R4/search.html#token>
pub(crate) fn is_system_of_truth(system: &System) -> bool {
    match system {
        System::Any | System::None => true,
        System::Is(system) => matches!(system.as_str(), "http://hl7.org/fhir/special-values" | "http://terminology.hl7.org/CodeSystem/special-values"),
    }
}

/// A wanted value.
#[derive(Clone)]
pub enum Wanted {
    /// `system|code`; without a code, any of the system.
    Token {
        /// The system asked for.
        system: System,
        /// The code, unless any will do.
        code: Option<String>,
    },
    /// `:of-type`: an identifier by its type and value.
    IdentifierOfType {
        /// `Identifier.type.coding.system`.
        system: String,
        /// `Identifier.type.coding.code`.
        code: String,
        /// `Identifier.value`.
        value: String,
    },
    /// `:in`, `:not-in`: the canonical address of a value set whose codes are all known.
    ValueSet(String),
    /// `:above`, `:below`: a code in a hierarchy that is known.
    Hierarchy {
        /// The code system.
        system: String,
        /// The code.
        code: String,
    },
    /// A string, as written and folded.
    Text {
        /// As written, for `:exact`.
        exact: String,
        /// Folded.
        folded: String,
    },
    /// A date and how it compares.
    Date {
        /// How.
        prefix: Prefix,
        /// First moment it covers.
        low: Moment,
        /// First moment it no longer covers.
        high: Moment,
        /// As written, for what needs its precision.
        date: PartialDateTime,
    },
    /// A number.
    Number {
        /// How.
        prefix: Prefix,
        /// The number with its precision.
        number: Decimal,
    },
    /// A number with a unit.
    Quantity {
        /// How.
        prefix: Prefix,
        /// The number with its precision.
        number: Decimal,
        /// The unit's system; `Any` also looks at the unit's text.
        system: System,
        /// The unit; none where any will do.
        unit: Option<String>,
    },
    /// A reference to a resource here.
    Local {
        /// Its type; none where only an id was given and the parameter leads to several types.
        kind: Option<ResourceType>,
        /// Its id.
        id: String,
        /// The version that is named; none where any will do.
        version: Option<String>,
    },
    /// `:above`, `:below` of a reference: a place here, whose parts or wholes are not looked up yet.
    Part {
        /// Its type.
        kind: ResourceType,
        /// Its id.
        id: String,
    },
    /// A reference to something elsewhere, or a canonical address.
    Address(String),
    /// Words of a text.
    Words(Words),
    /// A place on the earth, and how far from it.
    Near {
        /// Degrees north.
        latitude: f64,
        /// Degrees east.
        longitude: f64,
        /// As far as this is near.
        metres: f64,
    },
    /// An address.
    Uri(String),
    /// One value for each component.
    Composite(Vec<Wanted>),
}

/// Reads one alternative of a criterion. The error says what was expected, never the value.
pub(crate) fn read(parameter: &Parameter, modifier: Modifier, text: &str, context: &QueryContext) -> Result<Wanted, String> {
    if text.is_empty() {
        return Err("a value is missing; leave the parameter out or give one".into());
    }
    if let Source::Composite { components, .. } = &parameter.source {
        let parts: Vec<_> = split_escaped(text, '$').collect();
        if parts.len() != components.len() || parts.contains(&"") {
            return Err(format!("{} values joined by $ are expected", components.len()));
        }
        let wanted: Result<Vec<_>, _> =
            parts.iter().zip(components).map(|(part, component)| read_kind(component.kind, None, Modifier::Plain, part, context)).collect();
        return wanted.map(Wanted::Composite);
    }
    if matches!(parameter.source, Source::Narrative | Source::Everything) {
        return Words::read(&unescape(text)).map(Wanted::Words);
    }
    let wanted = read_kind(parameter.kind(), Some(parameter), modifier, text, context)?;
    match &wanted {
        Wanted::Token { system, code } => can_be(parameter, system, code.as_deref()).map(|()| wanted),
        _ => Ok(wanted),
    }
}

/// What a telephone or an address of mail is for. <https://hl7.org/fhir/R4/valueset-contact-point-use.html>
const USES: [&str; 5] = ["home", "work", "temp", "old", "mobile"];

/// Refuses a token that no value of the parameter can ever be: finding nothing would look like an answer.
fn can_be(parameter: &Parameter, system: &System, code: Option<&str>) -> Result<(), String> {
    let only = |shape: Shape| !parameter.routes().is_empty() && parameter.routes().iter().all(|route| route.shape == shape);
    let says_yes = matches!(parameter.source, Source::Presence(_)) || only(Shape::Boolean);
    let wrong = match system {
        // Nothing else bears the ids of this server: a system before one would have to be passed over.
        System::None | System::Is(_) if matches!(parameter.source, Source::Id) => "an id is expected, without a system and a bar",
        System::Any if matches!(parameter.source, Source::Id) && !code.is_some_and(fhir::is_id) => "an id alone is expected, as 23, without a type before it",
        _ if says_yes && !is_system_of_truth(system) => "true or false is expected, without a system",
        _ if says_yes && !is_truth(code) => "true or false is expected",
        // https://hl7.org/fhir/R4/search.html#token
        System::Is(told) if only(Shape::ContactPoint) && !USES.contains(&told.as_str()) => {
            "what a contact is for is expected before the bar: home, work, temp, old or mobile; telephones and mail are asked for by phone and email"
        }
        _ => return Ok(()),
    };
    Err(wrong.into())
}

/// True for what may be asked of true and false: one of them, or both by their system alone.
fn is_truth(code: Option<&str>) -> bool {
    code.is_none_or(|code| matches!(code, "true" | "false"))
}

fn read_kind(kind: ParameterKind, parameter: Option<&Parameter>, modifier: Modifier, text: &str, context: &QueryContext) -> Result<Wanted, String> {
    match (kind, modifier) {
        (ParameterKind::Token | ParameterKind::Uri, Modifier::Contains | Modifier::Begins | Modifier::Ends) => {
            Ok(Wanted::Text { exact: text.to_lowercase(), folded: String::new() })
        }
        (ParameterKind::Token, Modifier::Text) => read_text(text, modifier),
        (ParameterKind::Token, Modifier::In | Modifier::NotIn) => read_value_set(text, context),
        (ParameterKind::Token, Modifier::Above | Modifier::Below) => read_hierarchy(text, context),
        (ParameterKind::Token, Modifier::OfType) => read_of_type(text),
        (ParameterKind::Token, _) | (ParameterKind::Reference, Modifier::Identifier) => read_token(text),
        (ParameterKind::String, _) => read_text(text, modifier),
        (ParameterKind::Date, _) => read_date(text, context),
        (ParameterKind::Number, _) => {
            let (prefix, number) = Prefix::take(text);
            Ok(Wanted::Number { prefix, number: Decimal::parse(number).ok_or("a number of at most thirty digits is expected, as 5.4 or gt100")? })
        }
        (ParameterKind::Quantity, _) => read_quantity(text),
        (ParameterKind::Reference, Modifier::Above | Modifier::Below) => read_part(parameter, text, context),
        (ParameterKind::Reference, modifier) => read_reference(parameter, modifier, text, context),
        (ParameterKind::Uri, _) => Ok(Wanted::Uri(unescape(text))),
        (ParameterKind::Special, _) => read_near(text),
        (ParameterKind::Composite, _) => Err("this parameter cannot be used here".into()),
    }
}

/// A province or state by name or as `system|code`: all the ways in which it, and what went into it, is written.
pub(crate) fn read_place(text: &str, context: &QueryContext) -> Result<Vec<Wanted>, String> {
    let parts: Vec<_> = split_escaped(text, '|').map(unescape).collect();
    let names = match parts.as_slice() {
        [name] => context.codes.names_below(None, name),
        [system, code] => context.codes.names_below(Some(system), code),
        _ => Vec::new(),
    };
    match names.is_empty() {
        true => Err("the name of a province or state of today is expected, or system|code with a code system of units of this server".into()),
        false => Ok(names.into_iter().map(|name| Wanted::Text { folded: fold::fold(&name), exact: name }).collect()),
    }
}

fn read_token(text: &str) -> Result<Wanted, String> {
    let parts: Vec<_> = split_escaped(text, '|').collect();
    let some = |part: &str| (!part.is_empty()).then(|| unescape(part));
    match parts.as_slice() {
        [code] => Ok(Wanted::Token { system: System::Any, code: some(code) }),
        ["", ""] => Err("a code or a system is expected around the |".into()),
        ["", code] => Ok(Wanted::Token { system: System::None, code: some(code) }),
        [system, code] => Ok(Wanted::Token { system: System::Is(unescape(system)), code: some(code) }),
        _ => Err("at most one | is expected, as system|code; write \\| for one that belongs to the value".into()),
    }
}

fn read_of_type(text: &str) -> Result<Wanted, String> {
    match split_escaped(text, '|').collect::<Vec<_>>().as_slice() {
        [system, code, value] if !system.is_empty() && !code.is_empty() && !value.is_empty() => {
            Ok(Wanted::IdentifierOfType { system: unescape(system), code: unescape(code), value: unescape(value) })
        }
        _ => Err("three parts are expected: system|code|value of the identifier".into()),
    }
}

fn read_text(text: &str, modifier: Modifier) -> Result<Wanted, String> {
    let exact = unescape(text);
    let folded = fold::fold(&exact);
    if folded.is_empty() && modifier != Modifier::Exact {
        return Err("at least one letter or digit is expected".into());
    }
    Ok(Wanted::Text { folded, exact })
}

/// Only sets whose every code the definitions hold: for any other the answer would be a guess.
fn read_value_set(text: &str, context: &QueryContext) -> Result<Wanted, String> {
    let url = unescape(text);
    // R4 lets a set be named by where it lies, too. <https://hl7.org/fhir/R4/search.html#token>
    let here = match Reference::within(&url, &context.base_url) {
        Reference::Local { kind, id, version: None } if kind.name() == "ValueSet" => Some(format!("{kind}/{id}")),
        _ => None,
    };
    let held = std::iter::once(url).chain(here).find(|address| context.codes.holds_value_set(address));
    held.map(Wanted::ValueSet).ok_or_else(|| "a value set whose codes this server holds all is expected: its canonical address, or ValueSet/23 where it is kept here".into())
}

/// Only in code systems whose hierarchy is known.
fn read_hierarchy(text: &str, context: &QueryContext) -> Result<Wanted, String> {
    match read_token(text)? {
        // What lies below a code that does not exist is not nothing: nobody meant it.
        Wanted::Token { system: System::Is(system), code: Some(code) } if context.codes.holds_hierarchy(&system) => match context.codes.may_exist(&system, &code) {
            true => Ok(Wanted::Hierarchy { system, code }),
            false => Err("that code system, which this server holds whole, does not have the code".into()),
        },
        Wanted::Token { system: System::Is(_), code: Some(_) } => Err("this server does not hold that code system with its hierarchy".into()),
        _ => Err("a code with its system is expected, as system|code".into()),
    }
}

fn read_date(text: &str, context: &QueryContext) -> Result<Wanted, String> {
    let (prefix, date) = Prefix::take(text);
    // An unencoded plus sign arrives as a space; a date holds no other.
    let date = PartialDateTime::parse(&date.replacen(' ', "+", 1)).ok_or("a date is expected, as 2024, 2024-05, 2024-05-17 or ge2024-05-17T08:00:00Z")?;
    let (low, high) = date.range(context.default_offset_minutes);
    Ok(Wanted::Date { prefix, low, high, date })
}

fn read_quantity(text: &str) -> Result<Wanted, String> {
    let (prefix, rest) = Prefix::take(text);
    let parts: Vec<_> = split_escaped(rest, '|').collect();
    let number = Decimal::parse(parts[0]).ok_or("a number of at most thirty digits is expected first, as 5.4|http://unitsofmeasure.org|mg")?;
    let some = |part: &str| (!part.is_empty()).then(|| unescape(part));
    let (system, unit) = match parts.as_slice() {
        [_] => (System::Any, None),
        [_, "", unit] => (System::Any, some(unit)),
        [_, system, unit] => (System::Is(unescape(system)), some(unit)),
        _ => return Err("number|system|unit is expected, with both bars or none".into()),
    };
    Ok(Wanted::Quantity { prefix, number, system, unit })
}

/// What is near where no distance is given. R4 leaves it to the server.
const NEAR_METRES: f64 = 10_000.0;
/// No two places on the earth are further apart.
const FARTHEST_METRES: f64 = 20_100_000.0;

/// `latitude|longitude|distance|unit`. <https://hl7.org/fhir/R4/location.html#positional>
fn read_near(text: &str) -> Result<Wanted, String> {
    let parts: Vec<String> = split_escaped(text, '|').map(unescape).collect();
    let degrees = |part: &String, most: f64| Decimal::parse(part).and_then(|_| part.parse::<f64>().ok()).filter(|degrees| degrees.abs() <= most);
    let (place, distance, unit) = match parts.as_slice() {
        [latitude, longitude] => ((latitude, longitude), "", ""),
        [latitude, longitude, distance] => ((latitude, longitude), distance.as_str(), ""),
        [latitude, longitude, distance, unit] => ((latitude, longitude), distance.as_str(), unit.as_str()),
        _ => return Err("latitude|longitude|distance|unit is expected, as 19.43|-99.13|5|km".into()),
    };
    let latitude = degrees(place.0, 90.0).ok_or("a latitude from -90 to 90 is expected first, as 19.43|-99.13|5|km")?;
    let longitude = degrees(place.1, 180.0).ok_or("a longitude from -180 to 180 is expected second, as 19.43|-99.13|5|km")?;
    let metres = if distance.is_empty() { NEAR_METRES } else { metres(distance, if unit.is_empty() { "km" } else { unit })? };
    Ok(Wanted::Near { latitude, longitude, metres })
}

fn metres(distance: &str, unit: &str) -> Result<f64, String> {
    let distance = distance.parse().map_err(|_| "a distance is expected third, as 19.43|-99.13|5|km")?;
    let quantity = fhirpath::Quantity { value: distance, unit: fhirpath::Unit::from_code(unit) };
    let metres = quantity.convert("m").ok_or("the unit is a UCUM code of length, as km, m or [mi_us]")?.value.to_string().parse::<f64>();
    match metres {
        Ok(metres) if (0.0..=FARTHEST_METRES).contains(&metres) => Ok(metres),
        _ => Err("a distance from 0 to half the earth's girth is expected".into()),
    }
}

fn read_reference(parameter: Option<&Parameter>, modifier: Modifier, text: &str, context: &QueryContext) -> Result<Wanted, String> {
    let text = unescape(text);
    if let Modifier::Type(kind) = modifier {
        return match Reference::within(&text, &context.base_url) {
            Reference::Local { kind: named, .. } if named != kind => Err("the modifier and the value name different types".into()),
            Reference::Local { id, version, .. } => Ok(Wanted::Local { kind: Some(kind), id: id.to_owned(), version: version.map(str::to_owned) }),
            _ if fhir::is_id(&text) => Ok(Wanted::Local { kind: Some(kind), id: text, version: None }),
            _ => Err("an id is expected after a type".into()),
        };
    }
    match Reference::within(&text, &context.base_url) {
        Reference::Local { kind, id, version } => Ok(Wanted::Local { kind: Some(kind), id: id.to_owned(), version: version.map(str::to_owned) }),
        Reference::Urn(_) | Reference::Absolute(_) => Ok(Wanted::Address(text)),
        _ if fhir::is_id(&text) => Ok(Wanted::Local { kind: parameter.and_then(meant_type), id: text, version: None }),
        // `Questionnaire/` parameters lead to canonical addresses, which may be any URI.
        _ if parameter.is_some_and(|parameter| parameter.routes().iter().any(|route| route.shape == Shape::Text)) => Ok(Wanted::Address(text)),
        _ => Err("a reference is expected, as Patient/23, 23 or an absolute address".into()),
    }
}

/// A place here that others are parts of, or that is part of others.
fn read_part(parameter: Option<&Parameter>, text: &str, context: &QueryContext) -> Result<Wanted, String> {
    let (text, kinds) = (unescape(text), parameter.into_iter().flat_map(wholes).collect::<Vec<_>>());
    let names = || kinds.iter().map(|kind| format!("{kind}/23")).collect::<Vec<_>>().join(" or ");
    // What lies in a place does so now: a version of it has no parts.
    let place = match Reference::within(&text, &context.base_url) {
        Reference::Local { kind, id, version: None } => Some((kind, id)),
        _ => None,
    };
    match (place, kinds.as_slice()) {
        (Some((kind, id)), _) if kinds.contains(&kind) => Ok(Wanted::Part { kind, id: id.to_owned() }),
        (None, [only]) if fhir::is_id(&text) => Ok(Wanted::Part { kind: *only, id: text.clone() }),
        _ => Err(format!("a place of this server is expected, as {}", names())),
    }
}

/// The type a bare id means: the only one the parameter leads to; where it may lead to
/// several and a patient is one of them, the patient.
fn meant_type(parameter: &Parameter) -> Option<ResourceType> {
    match parameter.definition.targets.as_slice() {
        [only] => ResourceType::named(only),
        targets if targets.contains(&"Patient") => Some(ResourceType::PATIENT),
        _ => None,
    }
}
