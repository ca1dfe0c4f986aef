//! What a birth certificate says of a newborn, as the newborn's record holds it.
//!
//! * The same answers and the same mother always give the same elements, so that an amendment can tell what it
//!   changes, and what somebody else has changed since.
//! * What was not answered is not there.
//! * Nothing here knows a record, a store or a clock.

use ::forms::{Certificate, Datum, Filling, Form, Json};
use country::Country;
use fhir::Document;

use crate::accounts::{Day, day_told};
use crate::certificates::{code_of, day};
use crate::newborn::{BirthOrder, Newborn, told_at};
use crate::provenance::reference;

const LOINC: &str = "http://loinc.org";
const UCUM: &str = "http://unitsofmeasure.org";

/// What the answers say of a newborn.
pub(crate) struct Born {
    /// Elements of the Patient; none where there is no such element.
    pub elements: Vec<(&'static str, Option<Json>)>,
    /// Observations at birth, without whom they are of.
    pub observed: Vec<Observed>,
}

/// An Observation at birth.
pub(crate) struct Observed {
    /// The LOINC code that it is known by.
    pub code: &'static str,
    /// The resource; none where the question was not answered.
    pub resource: Option<Json>,
}

/// A question that becomes an Observation.
struct Asked {
    /// The rule that names the question.
    rule: &'static str,
    code: &'static str,
    /// The code of the vital sign it is as well, which growth is read by.
    vital: Option<&'static str>,
    category: &'static str,
    /// The unit of a bare number; none where it has none or brings its own.
    unit: Option<&'static str>,
}

// 76516-4 is the age of pregnancy at birth, 8339-4 the weight and 89269-5 the length at birth, 9274-2 the score of
// Apgar at five minutes; 29463-7 and 8306-3 are weight and length of somebody lying. https://loinc.org
const ASKED: [Asked; 4] = [
    Asked { rule: "weeks", code: "76516-4", vital: None, category: "exam", unit: Some("wk") },
    Asked { rule: "weight", code: "8339-4", vital: Some("29463-7"), category: "vital-signs", unit: None },
    Asked { rule: "length", code: "89269-5", vital: Some("8306-3"), category: "vital-signs", unit: None },
    Asked { rule: "apgar", code: "9274-2", vital: None, category: "survey", unit: None },
];

/// The question and the code of a rule `question:code`, answered so.
pub(crate) fn is_answered_so(certificate: &Certificate, rule: &str, filling: &Filling) -> bool {
    let Some((question, code)) = certificate.rule(rule).and_then(|rule| rule.split_once(':')) else { return false };
    filling.first(question).and_then(code_of).as_deref() == Some(code)
}

/// The whole number that answers the question of a rule.
pub(crate) fn number(certificate: &Certificate, rule: &str, filling: &Filling) -> Option<u32> {
    match &filling.first(certificate.rule(rule)?)?.value {
        Some(Datum::Integer(text)) => text.parse().ok(),
        _ => None,
    }
}

/// The country whose rules and customs hold for a birth: that of the form, else the mother's.
pub(crate) fn country_of(form: &Form, mother: &str) -> Option<&'static Country> {
    form.countries.first().and_then(|code| country::by_code(code)).or_else(|| own_country(mother))
}

/// The country whose numbers or address a Patient bears.
pub(crate) fn own_country(patient: &str) -> Option<&'static Country> {
    schedule::record::country_of(Document::read(patient).ok()?.root())
}

impl Born {
    /// What the answers say; none without a whole day.
    pub fn told(form: &Form, certificate: &Certificate, filling: &Filling, mother: &str, zone_offset_minutes: i16) -> Option<Born> {
        let answer = |name: &str| certificate.rule(name).and_then(|question| filling.first(question));
        let born = answer("born")?;
        let birth_day: Day = day(born)?;
        let Some(Datum::Date(at) | Datum::DateTime(at)) = &born.value else { return None };
        let country = country_of(form, mother);
        let sex = answer("sex").and_then(code_of).unwrap_or_else(|| "unknown".to_owned());
        // A form that does not ask leaves it open.
        let order = certificate.rule("several").map(|_| match (is_answered_so(certificate, "several", filling), number(certificate, "order", filling)) {
            (false, _) => BirthOrder::Single,
            (true, order) => order.and_then(|order| u8::try_from(order).ok()).map_or(BirthOrder::OneOfSeveral, BirthOrder::Nth),
        });
        let mother = Json::read(mother).unwrap_or(Json::Null);
        let surname = match answer("name").map(|answer| &answer.value) {
            Some(Some(Datum::Text(name))) => Some(name.as_str()),
            _ => None,
        };
        let newborn = Newborn { mother: &mother, family: surname, sex: &sex, day: day_told(birth_day), at: told_at(at, zone_offset_minutes), order, is_called_by_order: true, country };
        let observed = ASKED.iter().filter(|asked| certificate.rule(asked.rule).is_some()).map(|asked| Observed { code: asked.code, resource: observation(form, certificate, filling, asked, at) });
        Some(Born { elements: newborn.elements(), observed: observed.collect() })
    }
}

fn observation(form: &Form, certificate: &Certificate, filling: &Filling, asked: &Asked, at: &str) -> Option<Json> {
    let question = certificate.rule(asked.rule)?;
    let value = filling.first(question)?.value.as_ref()?;
    let unit = |code: &str, value: &str| Json::object([("value", Json::Number(value.to_owned())), ("unit", Json::text(code)), ("system", Json::text(UCUM)), ("code", Json::text(code))]);
    let value = match (value, asked.unit) {
        (Datum::Integer(number) | Datum::Decimal(number), Some(code)) => ("valueQuantity", unit(code, number)),
        (Datum::Integer(_), None) => ("valueInteger", value.json()),
        (Datum::Quantity(_), None) => ("valueQuantity", value.json()),
        _ => return None,
    };
    let coding = |system: &str, code: &str| Json::object([("system", Json::text(system)), ("code", Json::text(code))]);
    let mut json = Json::object([("resourceType", Json::text("Observation")), ("status", Json::text("final"))]);
    json.set("category", Json::List(vec![Json::object([("coding", Json::List(vec![coding("http://terminology.hl7.org/CodeSystem/observation-category", asked.category)]))])]));
    let mut code = Json::object([("coding", Json::List(asked.vital.into_iter().chain([asked.code]).map(|code| coding(LOINC, code)).collect()))]);
    if let Some(text) = form.item(question).map(|item| &item.text.plain).filter(|text| !text.is_empty()) {
        code.set("text", Json::text(text));
    }
    json.set("code", code);
    json.set("effectiveDateTime", Json::text(at));
    json.set(value.0, value.1);
    Some(json)
}

/// Where a newborn lives and who keeps the record, as the mother's record says: her address of today, at least its
/// country (else the one that is given), and her unit.
pub(crate) fn as_the_mother(json: &Json, country: Option<&Country>) -> Vec<(&'static str, Json)> {
    let is_of_today = |address: &&Json| !matches!(address.string("use"), Some("old" | "temp" | "billing")) && address.get("period").is_none_or(|period| period.get("end").is_none());
    let mut address = json.each("address").iter().find(is_of_today).cloned().unwrap_or_else(|| Json::object([("use", Json::text("home"))]));
    // Since when the mother lives there is not since when the child does.
    for member in ["id", "period"] {
        address.remove(member);
    }
    if let (None, Some(country)) = (address.string("country"), country) {
        address.set("country", Json::text(&country.iso));
    }
    let mut found = Vec::new();
    if address.members().iter().any(|(name, _)| name != "use") {
        found.push(("address", Json::List(vec![address])));
    }
    if let Some(unit) = json.get("managingOrganization") {
        found.push(("managingOrganization", unit.clone()));
    }
    found
}

/// The value of an Observation and its time: what an amendment may change.
pub(crate) fn said(observation: &Json) -> (Option<&Json>, Option<&str>) {
    (observation.choice("value").map(|(_, value)| value), observation.string("effectiveDateTime"))
}

/// True where an Observation follows from a document.
pub(crate) fn follows_from(observation: &Json, document: &str) -> bool {
    observation.each("derivedFrom").iter().any(|one| one.string("reference") == Some(document))
}

/// An Observation of a child, from a document.
pub(crate) fn of_child(mut observation: Json, child: &str, document: &str, performer: Option<Json>) -> Json {
    observation.set("subject", reference(child));
    if let Some(performer) = performer {
        observation.set("performer", Json::List(vec![performer]));
    }
    observation.set("derivedFrom", Json::List(vec![reference(document)]));
    observation
}
