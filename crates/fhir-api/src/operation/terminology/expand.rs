//! `ValueSet/$expand`: the codes of a value set, also while somebody types.
//! https://hl7.org/fhir/R4/valueset-operation-expand.html

use super::versions::{CHECKED, FORCED, PREFERRED, Versions};
use super::{Dated, language, set_address, set_meant, told_truth, truth};
use crate::answer::Answer;
use crate::asked::Asked;
use crate::operation::{At, Call, Operation, Place, Reads};
use crate::outcome::Trouble;
use axum::http::StatusCode;
use fhir::splice::write_string;
use fhir::{Document, IssueCode, Value};
use std::fmt::Write;
use terminology::{Designation, Found, Library, Set, Wanted, bcp47, fold};

pub(crate) const OPERATION: Operation = Operation {
    name: "expand",
    definition: "http://hl7.org/fhir/OperationDefinition/ValueSet-expand",
    at: &[At::Type(&["ValueSet"]), At::Instance(&["ValueSet"])],
    methods: "GET, HEAD, POST",
    parameters: &[
        "url", "valueSet", "valueSetVersion", "filter", "offset", "count", "activeOnly", "includeDesignations", "designation", "includeDefinition", "displayLanguage", "excludeNested", "excludeNotForUI",
        "excludePostCoordinated", "exclude-system", PREFERRED, CHECKED, FORCED,
    ],
    reads: Reads::Resource,
    run: |asked, call| Box::pin(expand(asked, call)),
};

/// Without `count` a larger expansion is refused: it would be a download, not an answer.
const MOST_AT_ONCE: usize = 50_000;

async fn expand(asked: &mut Asked<'_>, call: Call<'_>) -> Result<Answer, Trouble> {
    let number = |name: &str| -> Result<Option<usize>, Trouble> {
        let wrong = || Trouble::malformed(IssueCode::Value, format!("{name} is a whole number.")).at(&format!("http.{name}"));
        asked.parameters.first(name).map(|text| text.parse().map_err(|_| wrong())).transpose()
    };
    let (offset, count) = (number("offset")?.unwrap_or(0), number("count")?);
    let (active_only, choosable_only) = (truth(asked, "activeOnly")?, truth(asked, "excludeNotForUI")?);
    let (with_definition, no_expressions) = (truth(asked, "includeDefinition")?, truth(asked, "excludePostCoordinated")?);
    truth(asked, "excludeNested")?;
    let names = Names::asked(asked)?;
    let set = set_meant(asked, &call).await?;
    let definition = if with_definition { definition(asked, &call, &set).await? } else { None };
    let language = language(asked);
    let filter = asked.parameters.first("filter").map(str::to_owned);
    let wanted = Wanted { filter: filter.as_deref(), active_only };
    let unknown = |why: String| {
        let message = format!("The value set cannot be expanded: it is built on {why}.");
        Trouble::new(StatusCode::UNPROCESSABLE_ENTITY, IssueCode::NotSupported, message).at("ValueSet.compose")
    };
    let knowledge = asked.chart.knowledge();
    let dated = Dated::of(&set, &knowledge);
    let versions = Versions::asked(asked, &dated)?;
    let found = set.expand(wanted, &versions);
    versions.check(&set, found.as_deref().unwrap_or_default())?;
    let left_out = set.left_out(&versions);
    let mut members = found.map_err(unknown)?;
    let excluded: Vec<(&str, Option<&str>)> = values(asked, "exclude-system").map(|value| value.split_once('|').map_or((value, None), |(url, version)| (url, Some(version)))).collect();
    let version_of = |one: &Found| one.version().map(str::to_owned).or_else(|| versions.system(one.system())?.version.clone());
    let is_excluded = |one: &Found| excluded.iter().any(|(url, version)| *url == one.system() && version.is_none_or(|version| version_of(one).as_deref() == Some(version)));
    members.retain(|one| !(choosable_only && one.concept().is_abstract || no_expressions && is_expression(one) || is_excluded(one)));
    // Signs are no word that a name could begin with; who types them means what is written so.
    let signs = filter.as_deref().map(str::trim).filter(|text| !text.is_empty() && fold::words(&fold::fold(text)).next().is_none());
    if let Some(signs) = signs {
        members.retain(|one| one.concept().code.contains(signs) || one.concept().names().any(|name| name.contains(signs)));
    }
    if count.is_none() && members.len() > MOST_AT_ONCE {
        let message = format!("The value set has more than {MOST_AT_ONCE} codes; ask for pages with offset and count, or type a filter.");
        return Err(Trouble::new(StatusCode::UNPROCESSABLE_ENTITY, IssueCode::TooCostly, message));
    }
    let total = members.len();
    let shown = members.iter().skip(offset).take(count.unwrap_or(usize::MAX));
    let mut out = String::from("{\"resourceType\":\"ValueSet\"");
    let mut text = |name: &str, value: Option<&str>, out: &mut String| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            let _ = write!(out, ",\"{name}\":");
            write_string(value, out);
        }
    };
    text("url", Some(&set.url), &mut out);
    text("version", set.version.as_deref(), &mut out);
    text("title", set.name.as_deref(), &mut out);
    let timestamp = asked.chart.now();
    text("copyright", set.copyright.as_deref(), &mut out);
    text("status", Some(set.status.as_deref().unwrap_or("active")), &mut out);
    if let Some(definition) = &definition {
        let _ = write!(out, ",\"compose\":{definition}");
    }
    let _ = write!(out, ",\"expansion\":{{\"identifier\":\"urn:uuid:{}\",\"timestamp\":\"{timestamp}\",\"total\":{total},\"offset\":{offset}", uuid(asked.request_id));
    let mut parameters = Vec::new();
    let versions = versions.told();
    let told = [("filter", "valueString", filter.as_deref()), ("displayLanguage", "valueCode", language.as_deref())];
    let told = told.into_iter().filter_map(|(name, member, value)| Some((name, member, value?)));
    let told = told.chain(values(asked, "designation").map(|value| ("designation", "valueString", value)));
    let told = told.chain(values(asked, "exclude-system").map(|value| ("exclude-system", "valueUri", value)));
    for (name, member, value) in told.chain(versions.iter().map(|(name, value)| (*name, "valueUri", value.as_str()))) {
        let mut quoted = String::new();
        write_string(value, &mut quoted);
        parameters.push(format!("{{\"name\":\"{name}\",\"{member}\":{quoted}}}"));
    }
    let left_out = (left_out > 0).then(|| format!("Codes that the value set lists, and their code system, held whole, does not have, were left out: {left_out}."));
    for warning in dated.note().into_iter().chain(left_out.as_deref()) {
        parameters.push(format!("{{\"name\":\"warning\",\"valueString\":\"{warning}\"}}"));
    }
    for (name, is_true) in [("activeOnly", active_only), ("excludeNotForUI", choosable_only), ("excludePostCoordinated", no_expressions)] {
        if is_true {
            parameters.push(format!("{{\"name\":\"{name}\",\"valueBoolean\":true}}"));
        }
    }
    if !parameters.is_empty() {
        let _ = write!(out, ",\"parameter\":[{}]", parameters.join(","));
    }
    for (place, member) in shown.enumerate() {
        out.push_str(if place == 0 { ",\"contains\":[" } else { "," });
        write_member(member, language.as_deref(), &names, &mut text, &mut out);
    }
    out.push_str(if total > offset && count != Some(0) { "]}}" } else { "}}" });
    Ok(Answer::text(StatusCode::OK, out))
}

fn write_member(member: &Found, language: Option<&str>, names: &Names, text: &mut impl FnMut(&str, Option<&str>, &mut String), out: &mut String) {
    out.push_str("{\"system\":");
    write_string(member.system(), out);
    let concept = member.concept();
    if concept.is_abstract {
        out.push_str(",\"abstract\":true");
    }
    if concept.is_inactive {
        out.push_str(",\"inactive\":true");
    }
    text("code", Some(&concept.code), out);
    text("display", concept.display_in(language), out);
    let designations = concept.designations.iter().filter(|one| names.has(one));
    for (place, designation) in designations.clone().enumerate() {
        out.push_str(if place == 0 { ",\"designation\":[{" } else { ",{" });
        let mut one = String::new();
        text("language", designation.language.as_deref(), &mut one);
        if let Some(usage) = &designation.usage {
            let _ = write!(one, ",\"use\":{usage}");
        }
        text("value", Some(&designation.value), &mut one);
        out.push_str(one.trim_start_matches(','));
        out.push('}');
    }
    if designations.count() > 0 {
        out.push(']');
    }
    out.push('}');
}

/// Which names of a code are told beside its display.
struct Names {
    is_any: bool,
    /// Languages and uses, each a code with its system; all names where there is none.
    only: Vec<(Option<String>, String)>,
}

impl Names {
    fn asked(asked: &Asked<'_>) -> Result<Names, Trouble> {
        let wrong = || Trouble::malformed(IssueCode::Value, "designation is a language or a use, as urn:ietf:bcp:47|es.").at("http.designation");
        let token = |value: &str| {
            let (system, code) = value.split_once('|').map_or((None, value), |(system, code)| (Some(system.to_owned()), code));
            (!code.is_empty()).then(|| (system, code.to_owned())).ok_or_else(wrong)
        };
        let only = values(asked, "designation").map(token).collect::<Result<Vec<_>, _>>()?;
        // Who names some wants them, unless it is said otherwise.
        let is_any = told_truth(asked, "includeDesignations")?.unwrap_or(!only.is_empty());
        Ok(Names { is_any, only })
    }

    fn has(&self, one: &Designation) -> bool {
        self.is_any && (self.only.is_empty() || self.only.iter().any(|(system, code)| is_in_language(one, system.as_deref(), code) || is_for(one, system.as_deref(), code)))
    }
}

/// `es` means the Spanish of Mexico, too.
fn is_in_language(one: &Designation, system: Option<&str>, code: &str) -> bool {
    let told = one.language.as_deref().unwrap_or_default().to_ascii_lowercase();
    let code = code.to_ascii_lowercase();
    system.is_none_or(|system| system == bcp47::SYSTEM) && told.strip_prefix(&code).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

fn is_for(one: &Designation, system: Option<&str>, code: &str) -> bool {
    let Some(usage) = one.usage.as_deref().and_then(|usage| Document::read(usage).ok()) else { return false };
    let own = |name: &str| usage.root().string(name).unwrap_or_default().into_owned();
    own("code") == code && system.is_none_or(|system| own("system") == system)
}

/// Codes that are put together of others: those of SNOMED CT that are no mere number.
/// https://hl7.org/fhir/R4/snomedct.html
fn is_expression(one: &Found) -> bool {
    one.system() == "http://snomed.info/sct" && !one.concept().code.bytes().all(|byte| byte.is_ascii_digit())
}

/// All values of a parameter.
fn values<'a>(asked: &'a Asked<'_>, name: &'a str) -> impl Iterator<Item = &'a str> {
    asked.parameters.pairs().filter(move |(own, _)| *own == name).map(|(_, value)| value)
}

/// How the set is composed: in the words of the resource that says it.
async fn definition(asked: &Asked<'_>, call: &Call<'_>, set: &Set) -> Result<Option<String>, Trouble> {
    let compose = |resource: Value<'_>| resource.get("compose").map(|compose| compose.raw().to_owned());
    if let Place::Instance(kind, id) = call.place {
        let stored = asked.chart.read(asked.caller, kind, id).await?;
        return Ok(compose(Document::read(&stored.text).map_err(|_| Trouble::inside())?.root()));
    }
    if let Some(sent) = call.input.resource("valueSet") {
        return Ok(compose(sent));
    }
    Ok(set_address(asked).and_then(|address| asked.chart.knowledge().definition(&address)).or_else(|| Some(set.definition())))
}

/// A UUID that tells this expansion from others: made from the request's id.
fn uuid(request_id: &str) -> String {
    let digest = blake3::hash(request_id.as_bytes()).to_hex();
    format!("{}-{}-4{}-8{}-{}", &digest[..8], &digest[8..12], &digest[13..16], &digest[17..20], &digest[20..32])
}
