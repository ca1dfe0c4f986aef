//! The invariants that usual resources meet and that [`crate::logic`] cannot say, by hand.
//!
//! * A check answers `Some(false)` only where the published expression is false, and `None`
//!   where it would rather ask the full engine; a test compares them.

use crate::scope::Scope;
use crate::walk::companion_of;
use fhir::date::Precision;
use fhir::{PartialDateTime, Value};
use std::borrow::Cow;
use std::collections::HashSet;

/// A check by hand: the object and the resource around it.
pub(crate) type Check = for<'d> fn(Value<'d>, &Scope<'d>) -> Option<bool>;

/// The check for an invariant of a type (`Period`, `per-1`), if there is one.
pub(crate) fn named(type_name: &str, key: &str) -> Option<Check> {
    Some(match (type_name, key) {
        ("Period", "per-1") => |value, _| in_order(value, "start", "end"),
        ("MedicationDispense", "mdd-1") => |value, _| in_order(value, "whenPrepared", "whenHandedOver"),
        ("Task", "inv-1") => |value, _| in_order(value, "authoredOn", "lastModified"),
        ("Range", "rng-2") => |value, _| (value.get("low").is_none() || value.get("high").is_none()).then_some(true),
        ("Timing.repeat", "tim-4") => |value, _| is_not_negative(value, "duration"),
        ("Timing.repeat", "tim-5") => |value, _| is_not_negative(value, "period"),
        ("Timing.repeat", "tim-9") => |value, _| (!has(value, "offset")).then_some(true),
        ("Observation", "obs-7") => obs_7,
        ("Condition", "con-3") => con_3,
        ("Condition", "con-4") => con_4,
        ("Condition", "con-5") => |value, _| Some(!has_coding(value, "verificationStatus", CONDITION_VERIFICATION, &["entered-in-error"]) || value.get("clinicalStatus").is_none()),
        ("AllergyIntolerance", "ait-1") => |value, _| Some(is_allergy_in_error(value) || value.get("clinicalStatus").is_some()),
        ("AllergyIntolerance", "ait-2") => |value, _| Some(!is_allergy_in_error(value) || value.get("clinicalStatus").is_none()),
        ("Bundle", "bdl-2") => |value, _| if entries(value).all(|entry| entry.get("search").is_none()) { Some(true) } else { value.string("type").map(|kind| kind == "searchset") },
        ("Bundle", "bdl-3") => |value, _| members_as_type(value, "request", &["batch", "transaction", "history"]),
        ("Bundle", "bdl-4") => |value, _| members_as_type(value, "response", &["batch-response", "transaction-response", "history"]),
        ("Bundle", "bdl-7") => bdl_7,
        ("Bundle", "bdl-9") => |value, _| if is_type(value, &["document"]) { None } else { value.string("type").map(|_| true) },
        ("Bundle", "bdl-10") => |value, _| if is_type(value, &["document"]) { None } else { value.string("type").map(|_| true) },
        ("Bundle", "bdl-11") => |value, _| (!is_type(value, &["document"])).then_some(true),
        ("Bundle", "bdl-12") => |value, _| (!is_type(value, &["message"])).then_some(true),
        ("Bundle.entry", "bdl-8") => |value, _| value.string("fullUrl").map(|url| !url.contains("/_history/")),
        // As published it asks for the System type Boolean, which no element has.
        ("Questionnaire.item.enableWhen", "que-7") => |value, _| Some(value.string("operator").is_none_or(|operator| operator != "exists") || value.get("answerBoolean").is_some()),
        ("CodeSystem", "csd-1") => |value, _| if value.get("contained").is_none() { codes_are_distinct(value) } else { None },
        ("ImplementationGuide.definition", "ig-1") => ig_1,
        ("StructureDefinition.snapshot", "sdf-8") => |value, scope| paths_begin_alike(value, scope, false),
        ("StructureDefinition.differential", "sdf-8a") => |value, scope| paths_begin_alike(value, scope, true),
        ("Questionnaire", "que-2") => |value, _| link_ids_are_distinct(value),
        (_, "dom-6") => |value, _| Some(value.path(&["text", "div"]).is_some()),
        _ => return None,
    })
}

const CONDITION_VERIFICATION: &str = "http://terminology.hl7.org/CodeSystem/condition-ver-status";
const CONDITION_CLINICAL: &str = "http://terminology.hl7.org/CodeSystem/condition-clinical";
const ALLERGY_VERIFICATION: &str = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification";

/// True if an element is there, be it only as the extensions of a primitive.
fn has(value: Value<'_>, name: &str) -> bool {
    value.get(name).is_some() || has_only_companion(value, name)
}

/// True if a primitive is there without a value.
fn has_only_companion(value: Value<'_>, name: &str) -> bool {
    value.get(name).is_none() && companion_of(value, name).is_some()
}

/// True if a CodeableConcept has a coding of that system with one of these codes.
fn has_coding(value: Value<'_>, name: &str, system: &str, codes: &[&str]) -> bool {
    let Some(codings) = value.get(name).and_then(|concept| concept.get("coding")) else { return false };
    codings.items().any(|coding| coding.string("system").is_some_and(|found| found == system) && coding.string("code").is_some_and(|found| codes.contains(&&*found)))
}

fn is_allergy_in_error(value: Value<'_>) -> bool {
    has_coding(value, "verificationStatus", ALLERGY_VERIFICATION, &["entered-in-error"])
}

/// Two dates, the earlier one first; where precision leaves it open, the engine leaves it too.
fn in_order(value: Value<'_>, earlier: &str, later: &str) -> Option<bool> {
    let (Some(earlier), Some(later)) = (value.string(earlier), value.string(later)) else {
        return (!has_only_companion(value, earlier) && !has_only_companion(value, later)).then_some(true);
    };
    // The same form and zone: the texts sort as the times do.
    let same_form = earlier.len() == later.len() && earlier.as_bytes().get(19..) == later.as_bytes().get(19..);
    if same_form && earlier <= later {
        return Some(true);
    }
    let (earlier, later) = (PartialDateTime::parse(&earlier)?, PartialDateTime::parse(&later)?);
    // No zone moves a moment by two years.
    if later.year - earlier.year >= 2 {
        return Some(true);
    }
    let is_exact = |date: &PartialDateTime| date.offset_minutes.is_some() && date.precision >= Precision::Second && date.fraction_digits <= 3;
    if is_exact(&earlier) && is_exact(&later) {
        return Some(earlier.range(0).0 <= later.range(0).0);
    }
    None
}

fn is_not_negative(value: Value<'_>, name: &str) -> Option<bool> {
    match value.get(name) {
        None => (!has_only_companion(value, name)).then_some(true),
        Some(number) => number.as_number().filter(|text| !text.starts_with('-')).map(|_| true),
    }
}

/// A component does not repeat the code of an observation that has a value itself.
fn obs_7<'d>(value: Value<'d>, scope: &Scope<'d>) -> Option<bool> {
    let Some(components) = value.get("component") else { return Some(true) };
    let has_value = value.members().any(|(name, _)| name.trim_start_matches('_').starts_with("value"));
    if !has_value {
        return Some(true);
    }
    let codings = |holder: Value<'d>| holder.get("code").and_then(|code| code.get("coding")).into_iter().flat_map(|codings| codings.items());
    let own: HashSet<String> = codings(scope.resource).map(coding_key).collect();
    Some(own.is_empty() || !components.items().flat_map(codings).any(|coding| own.contains(&coding_key(coding))))
}

/// Equal for codings that are equal member by member, whatever their order.
fn coding_key(coding: Value<'_>) -> String {
    let mut members: Vec<(Cow<'_, str>, Value<'_>)> = coding.members().collect();
    members.sort_by(|left, right| left.0.cmp(&right.0));
    let mut key = String::new();
    for (name, value) in members {
        key.push_str(&name);
        key.push('\u{1}');
        match value.as_str() {
            Some(text) => key.push_str(&text),
            None => value.write_compact(&mut key),
        }
        key.push('\u{2}');
    }
    key
}

/// A resource of a guide is in a group that the guide defines.
fn ig_1<'d>(value: Value<'d>, _: &Scope<'d>) -> Option<bool> {
    let groups: HashSet<Cow<'_, str>> = value.get("grouping").into_iter().flat_map(|groups| groups.items()).filter_map(|group| group.string("id")).collect();
    let mut resources = value.get("resource").into_iter().flat_map(|resources| resources.items());
    Some(resources.all(|resource| resource.string("groupingId").is_none_or(|id| groups.contains(&id))))
}

/// The elements of a definition lie below its type, which the first one names.
fn paths_begin_alike<'d>(value: Value<'d>, scope: &Scope<'d>, is_differential: bool) -> Option<bool> {
    let definition = scope.resource;
    let mut paths = value.get("element")?.items().map(|element| element.string("path"));
    let first = paths.next()??;
    if definition.string("kind")? != "logical" {
        let kind = definition.string("type")?;
        if !(if is_differential { first.starts_with(&*kind) } else { first == kind }) {
            return Some(false);
        }
    }
    let root = if is_differential { first.split('.').next().unwrap_or_default() } else { &*first };
    let mut all = true;
    for path in paths {
        all &= path?.strip_prefix(root).is_some_and(|rest| rest.starts_with('.'));
    }
    Some(all)
}

fn con_3<'d>(value: Value<'d>, _: &Scope<'d>) -> Option<bool> {
    Some(value.get("clinicalStatus").is_some() || has_coding(value, "verificationStatus", CONDITION_VERIFICATION, &["entered-in-error"]) || value.get("category").is_none())
}

fn con_4<'d>(value: Value<'d>, _: &Scope<'d>) -> Option<bool> {
    let has_abatement = value.members().any(|(name, _)| name.trim_start_matches('_').starts_with("abatement"));
    Some(!has_abatement || has_coding(value, "clinicalStatus", CONDITION_CLINICAL, &["resolved", "remission", "inactive"]))
}

fn entries(bundle: Value<'_>) -> impl Iterator<Item = Value<'_>> {
    bundle.get("entry").into_iter().flat_map(|entries| entries.items())
}

fn is_type(bundle: Value<'_>, types: &[&str]) -> bool {
    bundle.string("type").is_some_and(|found| types.contains(&&*found))
}

/// Every entry has the member if and only if the bundle is of one of these types.
fn members_as_type(bundle: Value<'_>, name: &str, types: &[&str]) -> Option<bool> {
    bundle.string("type")?;
    let wanted = is_type(bundle, types);
    Some(entries(bundle).all(|entry| entry.get(name).is_some() == wanted))
}

/// A fullUrl is unique, or else the versions differ.
fn bdl_7<'d>(value: Value<'d>, _: &Scope<'d>) -> Option<bool> {
    if is_type(value, &["history"]) {
        return Some(true);
    }
    if entries(value).any(|entry| has_only_companion(entry, "fullUrl")) {
        return None;
    }
    let mut seen = HashSet::with_capacity(value.get("entry").map_or(0, |entries| entries.items().count()));
    let is_distinct = entries(value).filter(|entry| entry.get("fullUrl").is_some()).all(|entry| {
        let url = entry.string("fullUrl").unwrap_or_default();
        let version = entry.path(&["resource", "meta", "versionId"]).and_then(|version| version.as_str());
        seen.insert(match version {
            Some(version) => (url.into_owned() + &version).into(),
            None => url,
        })
    });
    if is_distinct { Some(true) } else { value.string("type").map(|_| false) }
}

type Seen<'d> = HashSet<Cow<'d, str>>;

/// True if no code occurs twice in a tree of concepts; no answer where a code has no value.
fn codes_are_distinct(value: Value<'_>) -> Option<bool> {
    fn collect<'d>(value: Value<'d>, seen: &mut Seen<'d>) -> Option<bool> {
        let mut are_distinct = true;
        for concept in value.get("concept").into_iter().flat_map(|concepts| concepts.items()) {
            match concept.string("code") {
                Some(code) => are_distinct &= seen.insert(code),
                None if has(concept, "code") => return None,
                None => {}
            }
            are_distinct &= collect(concept, seen)?;
        }
        Some(are_distinct)
    }
    collect(value, &mut Seen::new())
}

/// True if no linkId occurs twice anywhere in a questionnaire; no answer where one has no value.
fn link_ids_are_distinct(value: Value<'_>) -> Option<bool> {
    fn collect<'d>(value: Value<'d>, seen: &mut Seen<'d>) -> Option<bool> {
        let mut are_distinct = true;
        if has_only_companion(value, "linkId") {
            return None;
        }
        for (name, member) in value.members() {
            are_distinct &= match (&*name, member.as_str()) {
                ("linkId", Some(id)) => seen.insert(id),
                _ => collect(member, seen)?,
            };
        }
        for item in value.items() {
            are_distinct &= collect(item, seen)?;
        }
        Some(are_distinct)
    }
    collect(value, &mut Seen::new())
}
