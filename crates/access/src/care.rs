//! Who cares for a person, told from the person's own record.

use fhir::{Moment, PartialDateTime, ResourceType, Value, home};

use crate::facts;

/// Why somebody has to do with a person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Relation {
    /// It is their own record.
    Own,
    /// An encounter that is open at their institution, or with them.
    Encounter,
    /// The person is assigned to their institution, or to them.
    Unit,
    /// Something was ordered from their institution, or from them.
    Order,
}

/// One tie: whom it names, and until when it holds.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Tie {
    relation: Relation,
    names: Vec<String>,
    until: Moment,
}

/// The ties of a person to those who care.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Care(Vec<Tie>);

const FOR_EVER: Moment = Moment(i64::MAX);
/// Encounters and orders that have begun and not ended.
const OPEN: &[&str] = &["planned", "arrived", "triaged", "in-progress", "onleave", "active", "on-hold", "requested", "received", "accepted", "ready"];

impl Care {
    /// The types whose resources tell of care.
    pub const TYPES: &[&str] = &["Patient", "Encounter", "ServiceRequest", "Task", "EpisodeOfCare"];

    /// Learns what a resource of the record tells. An encounter that has ended is a tie for so long still.
    pub fn learn(&mut self, kind: ResourceType, resource: Value<'_>, zone_offset_minutes: i16, lasts_ms: i64) {
        let (relation, members): (Relation, &[&str]) = match kind.name() {
            "Patient" => (Relation::Unit, &["managingOrganization", "generalPractitioner"]),
            "Encounter" => (Relation::Encounter, &["serviceProvider", "participant"]),
            "EpisodeOfCare" => (Relation::Encounter, &["managingOrganization", "careManager"]),
            "ServiceRequest" => (Relation::Order, &["performer"]),
            "Task" => (Relation::Order, &["owner"]),
            _ => return,
        };
        let until = if relation == Relation::Unit { Some(FOR_EVER) } else { until(resource, zone_offset_minutes, lasts_ms) };
        let mut names = Vec::new();
        for member in members.iter().filter_map(|member| resource.get(member)) {
            member.each().for_each(|item| {
                home::reference_texts(item, &mut |text| {
                    if let Some((kind, id)) = fhir::Reference::parse(&text).local() {
                        names.push(format!("{kind}/{id}"));
                    }
                });
            });
        }
        if let Some(until) = until.filter(|_| !names.is_empty()) {
            self.0.push(Tie { relation, names, until });
        }
    }

    /// The first tie to any of those somebody stands for.
    pub fn relation(&self, stands_for: &[String], at: Moment) -> Option<Relation> {
        let ties = |tie: &&Tie| at < tie.until && tie.names.iter().any(|name| stands_for.contains(name));
        self.0.iter().find(ties).map(|tie| tie.relation)
    }
}

/// Until when an encounter or an order is a tie; none where it never is.
fn until(resource: Value<'_>, zone: i16, lasts_ms: i64) -> Option<Moment> {
    let status = resource.string("status")?;
    let end = resource.get("period").and_then(|period| period.string("end")).and_then(|end| PartialDateTime::parse(&end)).map(|end| end.range(zone).1);
    let lasting = |end: Moment| Moment(end.0.saturating_add(lasts_ms));
    match (OPEN.contains(&status.as_ref()), end) {
        (true, None) => Some(FOR_EVER),
        (_, Some(end)) if OPEN.contains(&status.as_ref()) || status == "finished" => Some(lasting(end)),
        _ => None,
    }
}

/// True where a resource names any of those somebody stands for as its place of origin.
pub(crate) fn is_from(resource: Value<'_>, stands_for: &[String]) -> bool {
    stands_for.iter().any(|name| facts::names(resource, name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use fhir::Document;

    const DAY: i64 = 86_400_000;

    /// Each line: a resource, after the mark the day of January 2026 it is asked on, and the relation of Organization/north.
    fn check(resource: &str, day: i64, expect: Option<Relation>) {
        let document = Document::read(resource).unwrap();
        let kind = fhir::home::resource_type_of(&document).unwrap();
        let mut care = Care::default();
        care.learn(kind, document.root(), 0, 30 * DAY);
        let at = Moment(PartialDateTime::parse("2026-01-01").unwrap().range(0).0.0 + (day - 1) * DAY);
        assert_eq!(care.relation(&["Organization/north".to_owned()], at), expect, "{resource}, day {day}");
    }

    #[test]
    fn a_tie_is_an_encounter_a_unit_or_an_order() {
        let north = r#"{"reference":"Organization/north"}"#;
        let south = r#"{"reference":"Organization/south"}"#;
        check(&format!(r#"{{"resourceType":"Patient","managingOrganization":{north}}}"#), 1, Some(Relation::Unit));
        check(&format!(r#"{{"resourceType":"Patient","generalPractitioner":[{south},{north}]}}"#), 1, Some(Relation::Unit));
        check(&format!(r#"{{"resourceType":"Patient","managingOrganization":{south}}}"#), 1, None);
        check(&format!(r#"{{"resourceType":"Encounter","status":"in-progress","serviceProvider":{north}}}"#), 400, Some(Relation::Encounter));
        check(&format!(r#"{{"resourceType":"Encounter","status":"cancelled","serviceProvider":{north}}}"#), 1, None);
        let ended = format!(r#"{{"resourceType":"Encounter","status":"finished","serviceProvider":{north},"period":{{"end":"2026-01-10"}}}}"#);
        check(&ended, 20, Some(Relation::Encounter));
        check(&ended, 39, Some(Relation::Encounter));
        check(&ended, 41, None);
        check(&format!(r#"{{"resourceType":"ServiceRequest","status":"active","performer":[{north}]}}"#), 1, Some(Relation::Order));
        check(&format!(r#"{{"resourceType":"ServiceRequest","status":"completed","performer":[{north}]}}"#), 1, None);
        check(&format!(r#"{{"resourceType":"Task","status":"accepted","owner":{north}}}"#), 1, Some(Relation::Order));
        check(&format!(r#"{{"resourceType":"Observation","status":"final","performer":[{north}]}}"#), 1, None);
    }
}
