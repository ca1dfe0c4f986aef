//! Who cares for a person, told from the person's own record, and which institution a person has left.
//!
//! * An institution that a person left has no relation any more by what began before, but for somebody
//!   who lies in its beds. It keeps what it wrote itself.
//! * What names nobody but a practitioner was written where that one worked then, if all of their roles of that
//!   day were at one institution. Where somebody worked for two, nobody can tell, and it is nobody's copy.

use fhir::date::Precision;
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
    /// Since when, as far as it is said.
    since: Moment,
    until: Moment,
    /// Somebody lies in a bed, or came as an emergency, and has not gone home.
    is_stay: bool,
}

/// The ties of a person to those who care.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Care {
    ties: Vec<Tie>,
    /// Institutions the person was transferred away from, and when.
    left: Vec<(String, Moment)>,
    /// Institutions the person is assigned to.
    entered: Vec<String>,
    /// Encounters, and whose they are.
    visits: Vec<(String, Vec<String>)>,
    /// Where practitioners worked whom the record names.
    practices: Vec<Practice>,
}

/// That somebody worked for an organisation, as a PractitionerRole tells.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Practice {
    role: String,
    practitioner: String,
    /// The organisation, and those of which it is a part.
    organizations: Vec<String>,
    since: Moment,
    until: Moment,
}

/// The codes of an EpisodeOfCare that says to which unit a person is assigned.
pub const ASSIGNMENT: &str = "https://carnet.health/fhir/CodeSystem/assignment";
/// The person is, or was, assigned to a unit.
pub const ASSIGNED_UNIT: &str = "assigned-unit";
/// The assignment ended by a transfer to another institution.
pub const TRANSFERRED: &str = "transferred";
/// The extension of such an EpisodeOfCare that names the institution of the unit.
pub const INSTITUTION: &str = "https://carnet.health/fhir/StructureDefinition/institution";

const FOR_EVER: Moment = Moment(i64::MAX);
/// Classes of encounters in which somebody stays. http://terminology.hl7.org/ValueSet/v3-ActEncounterCode
const STAYS: &[&str] = &["IMP", "ACUTE", "NONAC", "OBSENC", "SS", "EMER"];
/// Encounters and orders that have begun and not ended.
const OPEN: &[&str] = &["planned", "arrived", "triaged", "in-progress", "onleave", "active", "on-hold", "requested", "received", "accepted", "ready"];

impl Care {
    /// The types whose resources tell of care.
    pub const TYPES: &[&str] = &["Patient", "Encounter", "ServiceRequest", "Task", "EpisodeOfCare"];

    /// Learns what a resource of the record tells. An encounter that has ended is a tie for so long still.
    pub fn learn(&mut self, kind: ResourceType, resource: Value<'_>, zone_offset_minutes: i16, lasts_ms: i64) {
        if kind.name() == "EpisodeOfCare" && has_code(resource, ASSIGNED_UNIT) {
            return self.learn_assignment(resource, zone_offset_minutes);
        }
        let (relation, members): (Relation, &[&str]) = match kind.name() {
            "Patient" => (Relation::Unit, &["managingOrganization", "generalPractitioner"]),
            "Encounter" => (Relation::Encounter, &["serviceProvider", "participant"]),
            "EpisodeOfCare" => (Relation::Encounter, &["managingOrganization", "careManager"]),
            "ServiceRequest" => (Relation::Order, &["performer"]),
            "Task" => (Relation::Order, &["owner"]),
            _ => return,
        };
        let until = if relation == Relation::Unit { Some(FOR_EVER) } else { until(resource, zone_offset_minutes, lasts_ms) };
        let names: Vec<String> = members.iter().flat_map(|member| named_in(resource, member)).collect();
        if kind == ResourceType::ENCOUNTER
            && let Some(id) = resource.string("id")
        {
            let providers = named_in(resource, "serviceProvider");
            if !providers.is_empty() {
                self.visits.push((format!("Encounter/{id}"), providers));
            }
        }
        if let Some(until) = until.filter(|_| !names.is_empty()) {
            let start = resource.get("period").and_then(|period| period.string("start")).or_else(|| resource.string("authoredOn"));
            let since = start.and_then(|text| PartialDateTime::parse(&text)).map_or(Moment(i64::MIN), |date| date.range(zone_offset_minutes).0);
            let class = resource.get("class").and_then(|class| class.string("code"));
            let is_stay = kind == ResourceType::ENCOUNTER && until == FOR_EVER && resource.string("status").as_deref() != Some("planned") && class.is_some_and(|class| STAYS.contains(&class.as_ref()));
            self.ties.push(Tie { relation, names, since, until, is_stay });
        }
    }

    fn learn_assignment(&mut self, resource: Value<'_>, zone: i16) {
        let institutions = institutions_of(resource);
        let end = resource.get("period").and_then(|period| period.string("end")).and_then(|text| PartialDateTime::parse(&text));
        if has_code(resource, TRANSFERRED) {
            // A transfer of which nobody knows when has been.
            let when = end.map_or(Moment(i64::MIN), |end| if end.precision < Precision::Minute { end.range(zone).1 } else { end.range(zone).0 });
            self.left.extend(institutions.into_iter().map(|institution| (institution, when)));
        } else if end.is_none() && resource.string("status").as_deref() == Some("active") {
            self.entered.extend(institutions);
        }
    }

    /// True where the person left an institution, whichever.
    pub fn has_left(&self) -> bool {
        !self.left.is_empty()
    }

    /// When the person left the institution of somebody who works within these; none where they did not, or came back.
    pub fn left_at(&self, within: &[String], at: Moment) -> Option<Moment> {
        let is_left = |(institution, when): &&(String, Moment)| *when <= at && within.contains(institution) && !self.entered.contains(institution);
        self.left.iter().filter(is_left).map(|(_, when)| *when).max()
    }

    /// The first tie to any of those somebody stands for.
    pub fn relation(&self, stands_for: &[String], at: Moment) -> Option<Relation> {
        self.relation_after(stands_for, None, at)
    }

    /// The same where the person left their institution: what began before does not tie any more.
    pub(crate) fn relation_after(&self, stands_for: &[String], left_at: Option<Moment>, at: Moment) -> Option<Relation> {
        let is_new = |tie: &Tie| left_at.is_none_or(|left| tie.relation == Relation::Unit || tie.is_stay || tie.since >= left);
        let ties = |tie: &&Tie| at < tie.until && is_new(tie) && tie.names.iter().any(|name| stands_for.contains(name));
        self.ties.iter().find(ties).map(|tie| tie.relation)
    }

    /// Learns from a PractitionerRole where a practitioner works or worked; `organizations` are its organisation and
    /// those of which it is a part. One that is out of use and does not say until when it was in use tells nothing.
    pub fn learn_practice(&mut self, role: Value<'_>, organizations: Vec<String>, zone: i16) {
        let bound = |name: &str| role.get("period").and_then(|period| period.string(name)).and_then(|text| PartialDateTime::parse(&text)).map(|date| date.range(zone));
        let is_out_of_use = role.get("active").is_some_and(|active| active.as_bool() == Some(false));
        let (Some(id), Some(practitioner)) = (role.string("id"), named_in(role, "practitioner").into_iter().next()) else { return };
        if is_out_of_use && bound("end").is_none() {
            return;
        }
        let (since, until) = (bound("start").map_or(Moment(i64::MIN), |range| range.0), bound("end").map_or(FOR_EVER, |range| range.1));
        self.practices.push(Practice { role: format!("PractitionerRole/{id}"), practitioner, organizations, since, until });
    }

    /// True where somebody wrote a resource: it names them as who wrote it or keeps it, or belongs to one of their
    /// encounters, or names nobody but a practitioner who worked for them then.
    pub(crate) fn wrote(&self, names: &[&[String]], kind: ResourceType, resource: Value<'_>, zone: i16) -> bool {
        let is_theirs = |name: &String| names.iter().any(|names| names.contains(name));
        let by_name = |member: &&str| named_in(resource, member).iter().any(is_theirs);
        let is_order = matches!(kind.name(), "ServiceRequest" | "DeviceRequest" | "MedicationRequest" | "CommunicationRequest" | "Task" | "SupplyRequest" | "VisionPrescription");
        // An order names as performer for whom it is meant.
        let writers = || WRITERS.iter().filter(|member| !(is_order && **member == "performer"));
        if writers().any(|member| by_name(&member)) {
            return true;
        }
        let visits: Vec<&(String, Vec<String>)> = ["encounter", "context"].iter().flat_map(|member| named_in(resource, member)).filter_map(|name| self.visits.iter().find(|(visit, _)| *visit == name)).collect();
        if !visits.is_empty() {
            return visits.iter().any(|(_, providers)| providers.iter().any(is_theirs));
        }
        let writers: Vec<String> = writers().flat_map(|member| named_in(resource, member)).collect();
        !writers.iter().any(|name| name.starts_with("Organization/")) && written_at(resource, zone).is_some_and(|at| writers.iter().any(|writer| self.worked_for(writer, at, &is_theirs)))
    }

    /// True where a practitioner, or in this role, worked for nobody else at a moment.
    fn worked_for(&self, writer: &String, at: Moment, is_theirs: &dyn Fn(&String) -> bool) -> bool {
        let mut then = self.practices.iter().filter(|one| (one.role == *writer || one.practitioner == *writer) && one.since <= at && at < one.until).peekable();
        then.peek().is_some() && then.all(|one| one.organizations.iter().any(is_theirs))
    }

    /// Forgets what nobody will ask: whose encounters are, where nobody was left.
    pub(crate) fn settle(&mut self) {
        if !self.has_left() {
            self.visits = Vec::new();
            self.practices = Vec::new();
        }
    }
}

/// Elements that name who wrote a resource, or keeps it.
const WRITERS: &[&str] = &[
    "author", "recorder", "asserter", "performer", "requester", "informationSource", "custodian", "serviceProvider", "managingOrganization", "provider", "payor", "insurer", "sender", "agent", "organization", "performingOrganization",
];

/// Elements that tell when a resource was written, and after them those that tell when what it tells was done.
const WRITTEN: &[&[&str]] = &[
    &["issued"], &["authoredOn"], &["authored"], &["recordedDate"], &["recorded"], &["dateAsserted"], &["dateWritten"], &["date"], &["sent"],
    &["effectiveDateTime"], &["effectivePeriod", "start"], &["performedDateTime"], &["performedPeriod", "start"], &["occurrenceDateTime"], &["started"], &["meta", "lastUpdated"],
];

/// When a resource was written, as far as it says.
fn written_at(resource: Value<'_>, zone: i16) -> Option<Moment> {
    WRITTEN.iter().find_map(|path| PartialDateTime::parse(&resource.path(path)?.as_str()?)).map(|date| date.range(zone).0)
}

/// True for an EpisodeOfCare that tells of a transfer: the assignment to a unit that ended by one.
pub fn tells_of_leaving(episode: Value<'_>) -> bool {
    has_code(episode, ASSIGNED_UNIT) && has_code(episode, TRANSFERRED)
}

/// True for an EpisodeOfCare that says to which unit a person is, or was, assigned.
pub fn tells_of_assignment(episode: Value<'_>) -> bool {
    has_code(episode, ASSIGNED_UNIT)
}

fn has_code(episode: Value<'_>, code: &str) -> bool {
    let types = episode.get("type").into_iter().flat_map(|types| types.each());
    let mut codings = types.filter_map(|kind| kind.get("coding")).flat_map(|codings| codings.each());
    codings.any(|coding| coding.string("system").as_deref() == Some(ASSIGNMENT) && coding.string("code").as_deref() == Some(code))
}

/// The institutions an assignment names, each as `Organization/1`; where it names none, its unit.
pub fn institutions_of(episode: Value<'_>) -> Vec<String> {
    let extensions = episode.get("extension").into_iter().flat_map(|extensions| extensions.each());
    let named: Vec<String> = extensions.filter(|one| one.string("url").as_deref() == Some(INSTITUTION)).flat_map(|one| named_in(one, "valueReference")).collect();
    if named.is_empty() { named_in(episode, "managingOrganization") } else { named }
}

/// The local resources that an element names: `Organization/1`.
fn named_in(resource: Value<'_>, member: &str) -> Vec<String> {
    let mut names = Vec::new();
    for item in resource.get(member).into_iter().flat_map(|member| member.each()) {
        home::reference_texts(item, &mut |text| {
            if let Some((kind, id)) = fhir::Reference::parse(&text).local() {
                names.push(format!("{kind}/{id}"));
            }
        });
    }
    names
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

    const DAY: i64 = fhir::date::DAY_MS;

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

    /// An EpisodeOfCare of an assignment to a unit of an institution, ended on a day of January 2026 or not.
    fn assignment(institution: &str, ended: Option<&str>) -> String {
        let (code, period) = match ended {
            Some(day) => (r#"{"coding":[{"system":"https://carnet.health/fhir/CodeSystem/assignment","code":"transferred"}]},"#, format!(r#","period":{{"end":"{day}"}},"status":"finished""#)),
            None => ("", r#","status":"active""#.to_owned()),
        };
        format!(r#"{{"resourceType":"EpisodeOfCare","type":[{code}{{"coding":[{{"system":"https://carnet.health/fhir/CodeSystem/assignment","code":"assigned-unit"}}]}}],"managingOrganization":{{"reference":"Organization/{institution}-unit"}},"extension":[{{"url":"https://carnet.health/fhir/StructureDefinition/institution","valueReference":{{"reference":"Organization/{institution}"}}}}]{period}}}"#)
    }

    fn learned(resources: &[String]) -> Care {
        let mut care = Care::default();
        for text in resources {
            let document = Document::read(text).unwrap();
            care.learn(fhir::home::resource_type_of(&document).unwrap(), document.root(), 0, 30 * DAY);
        }
        care
    }

    fn day(day: i64) -> Moment {
        Moment(PartialDateTime::parse("2026-01-01").unwrap().range(0).0.0 + (day - 1) * DAY)
    }

    #[test]
    fn who_left_an_institution_has_left_all_of_it_until_they_come_back() {
        let north = ["Organization/north-other-unit".to_owned(), "Organization/north".to_owned()];
        let left = |resources: &[String], at: i64| learned(resources).left_at(&north, day(at)).is_some();
        let went = assignment("north", Some("2026-01-10"));
        assert!(!left(std::slice::from_ref(&went), 10) && left(std::slice::from_ref(&went), 11));
        assert!(left(&[went.clone(), assignment("south", None)], 20));
        assert!(!left(&[went.clone(), assignment("north", None)], 20), "they came back");
        assert!(!left(&[assignment("south", Some("2026-01-10"))], 20));
        // A change within the institution ends an assignment and leaves nothing.
        assert!(!left(&[went.replace(r#"{"coding":[{"system":"https://carnet.health/fhir/CodeSystem/assignment","code":"transferred"}]},"#, "")], 20));
    }

    #[test]
    fn what_names_only_a_practitioner_was_written_where_they_worked_then() {
        let role = |id: &str, who: &str, organization: &str, more: &str| (format!(r#"{{"resourceType":"PractitionerRole","id":"{id}","practitioner":{{"reference":"Practitioner/{who}"}},"organization":{{"reference":"Organization/{organization}"}}{more}}}"#), vec![format!("Organization/{organization}"), format!("Organization/{}", organization.trim_end_matches("-unit"))]);
        let mut care = learned(&[assignment("north", Some("2026-01-20")), r#"{"resourceType":"Encounter","id":"of-south","status":"finished","serviceProvider":{"reference":"Organization/south"}}"#.to_owned()]);
        for (text, organizations) in [
            role("1", "ruiz", "north-unit", r#","period":{"start":"2020-01-01","end":"2026-01-10"}"#),
            role("2", "ruiz", "south", r#","period":{"start":"2026-01-11"}"#),
            role("3", "both", "north", ""),
            role("4", "both", "south", ""),
            role("5", "gone", "north", r#","active":false"#),
        ] {
            let document = Document::read(&text).unwrap();
            care.learn_practice(document.root(), organizations, 0);
        }
        let north = ["Organization/north".to_owned()];
        for (more, expect) in [
            (r#""performer":[{"reference":"Practitioner/ruiz"}],"effectiveDateTime":"2026-01-05""#, true),
            (r#""performer":[{"reference":"PractitionerRole/1"}],"effectiveDateTime":"2026-01-05""#, true),
            (r#""performer":[{"reference":"Practitioner/ruiz"}],"meta":{"lastUpdated":"2026-01-10T23:00:00Z"}"#, true),
            (r#""performer":[{"reference":"Practitioner/ruiz"}],"effectiveDateTime":"2026-01-12""#, false),
            (r#""performer":[{"reference":"Practitioner/ruiz"}],"effectiveDateTime":"2026-01-05","issued":"2026-01-12T10:00:00Z""#, false),
            (r#""performer":[{"reference":"Practitioner/ruiz"}],"effectiveDateTime":"2019-01-05""#, false),
            (r#""performer":[{"reference":"Practitioner/ruiz"}]"#, false),
            (r#""performer":[{"reference":"Practitioner/both"}],"effectiveDateTime":"2026-01-05""#, false),
            (r#""performer":[{"reference":"PractitionerRole/3"}],"effectiveDateTime":"2026-01-05""#, true),
            (r#""performer":[{"reference":"Practitioner/gone"}],"effectiveDateTime":"2026-01-05""#, false),
            (r#""performer":[{"reference":"Practitioner/nobody"}],"effectiveDateTime":"2026-01-05""#, false),
            (r#""performer":[{"reference":"Practitioner/ruiz"},{"reference":"Organization/south"}],"effectiveDateTime":"2026-01-05""#, false),
            (r#""performer":[{"reference":"Practitioner/ruiz"}],"encounter":{"reference":"Encounter/of-south"},"effectiveDateTime":"2026-01-05""#, false),
            (r#""effectiveDateTime":"2026-01-05""#, false),
        ] {
            let text = format!(r#"{{"resourceType":"Observation",{more}}}"#);
            let document = Document::read(&text).unwrap();
            assert_eq!(care.wrote(&[&north], fhir::home::resource_type_of(&document).unwrap(), document.root(), 0), expect, "{more}");
        }
        // Whoever is asked to do something has not written it.
        let order = r#"{"resourceType":"ServiceRequest","authoredOn":"2026-01-05","performer":[{"reference":"Practitioner/ruiz"}]}"#;
        let document = Document::read(order).unwrap();
        assert!(!care.wrote(&[&north], fhir::home::resource_type_of(&document).unwrap(), document.root(), 0));
    }

    #[test]
    fn what_began_before_somebody_left_ties_no_more_but_for_a_bed() {
        let stands_for = ["Organization/north".to_owned()];
        let north = r#"{"reference":"Organization/north"}"#;
        let went = assignment("north", Some("2026-01-10"));
        let tied = |text: String| {
            let care = learned(&[went.clone(), text]);
            let left = care.left_at(&stands_for, day(15));
            assert!(left.is_some());
            care.relation_after(&stands_for, left, day(15))
        };
        let visit = |class: &str, status: &str, period: &str| format!(r#"{{"resourceType":"Encounter","status":"{status}","class":{{"code":"{class}"}},"serviceProvider":{north},"period":{{{period}}}}}"#);
        assert_eq!(tied(visit("AMB", "finished", r#""start":"2026-01-08","end":"2026-01-08""#)), None);
        assert_eq!(tied(visit("AMB", "in-progress", r#""start":"2026-01-08""#)), None, "somebody forgot to close it");
        assert_eq!(tied(visit("IMP", "in-progress", r#""start":"2026-01-08""#)), Some(Relation::Encounter));
        assert_eq!(tied(visit("AMB", "finished", r#""start":"2026-01-12","end":"2026-01-12""#)), Some(Relation::Encounter), "an emergency is treated anywhere");
        let order = |day: &str| format!(r#"{{"resourceType":"ServiceRequest","status":"active","authoredOn":"{day}","performer":[{north}]}}"#);
        assert_eq!((tied(order("2026-01-09")), tied(order("2026-01-12"))), (None, Some(Relation::Order)));
        assert_eq!(tied(format!(r#"{{"resourceType":"Patient","managingOrganization":{north}}}"#)), Some(Relation::Unit));
    }
}
