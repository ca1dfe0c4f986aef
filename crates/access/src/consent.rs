//! What a person has agreed to and refused: FHIR Consent as a rule.
//!
//! * The newest consent in force that speaks about a question answers it; of two of the same
//!   moment, and inside one, deny overrides.
//! * A provision speaks where everything it names is met. An exception inside it goes before it.
//! * What is named and cannot be understood denies, and never permits.
//!
//! <https://hl7.org/fhir/R4/consent.html>

use fhir::{Moment, PartialDateTime, Reference, ResourceType, Value, happened, home};

use crate::facts::{each_coding, names};
use crate::{Account, Act, Asker, Facts, Purpose};

/// What a provision says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ruling {
    /// It may be shown.
    Permit,
    /// It may not.
    Deny,
}

/// A code as it is compared: its system where one is named, and the code.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Code {
    system: String,
    code: String,
}

/// Who is meant.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Actor {
    /// `Organization/1`, `Practitioner/2`.
    Named(String),
    /// An account of this record, by its number or login.
    Account(String),
    /// Somebody this record cannot tell.
    Unknown,
}

/// How far what is named reaches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Reach {
    Instance,
    Related,
    AuthoredBy,
    Unknown,
}

/// A span of time; open where a bound is not said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Span {
    from: Moment,
    until: Moment,
}

/// One rule, with its exceptions.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Provision {
    ruling: Option<Ruling>,
    period: Option<Span>,
    actors: Vec<Actor>,
    actions: Vec<Code>,
    labels: Vec<Code>,
    purposes: Vec<Code>,
    classes: Vec<Code>,
    codes: Vec<Code>,
    data_period: Option<Span>,
    data: Vec<(Reach, String)>,
    exceptions: Vec<Provision>,
}

/// A consent in force.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Consent {
    /// When it was given.
    at: Moment,
    provision: Provision,
}

/// Whether all that is named is met; none where it cannot be told.
type Met = Option<bool>;

const SCOPE: &str = "http://terminology.hl7.org/CodeSystem/consentscope";
/// What is about privacy, as against research or treatment.
const PRIVACY: &str = "patient-privacy";
/// How deep exceptions of exceptions are followed; deeper ones deny.
const DEEPEST: usize = 8;

/// True where a Consent says that it is about treatment: it tells nobody that something of the record is refused.
pub(crate) fn is_about_treatment(resource: Value<'_>) -> bool {
    let codes = |code: &str| {
        let codings = resource.get("scope").and_then(|scope| scope.get("coding"));
        codings.into_iter().flat_map(|codings| codings.each()).any(|coding| coding.string("code").as_deref() == Some(code) && coding.string("system").as_deref() == Some(SCOPE))
    };
    codes("treatment") && !codes(PRIVACY)
}

impl Consent {
    /// Reads a Consent; none where it is not active or not about who may see the record.
    /// `written` is when this version was written, for a consent that says no date, or one to come.
    pub fn read(resource: Value<'_>, written: Moment, zone_offset_minutes: i16) -> Option<Consent> {
        let is_privacy = resource.path(&["scope"]).is_some_and(|scope| {
            let mut codings = scope.get("coding").into_iter().flat_map(|codings| codings.each());
            codings.any(|coding| coding.string("code").as_deref() == Some(PRIVACY) && coding.string("system").as_deref() == Some(SCOPE))
        });
        if !is_privacy || resource.string("status").as_deref() != Some("active") {
            return None;
        }
        // A slip of the year would else outrank for decades whatever the person says later.
        let at = resource.string("dateTime").and_then(|text| PartialDateTime::parse(&text)).map_or(written, |date| date.range(zone_offset_minutes).0.min(written));
        let provision = Provision::read(resource.get("provision")?, zone_offset_minutes, 0);
        Some(Consent { at, provision })
    }

    /// What it says of a resource; none where it does not speak.
    fn rules(&self, question: &Question<'_, '_>) -> Option<Ruling> {
        self.provision.rules(question)
    }

    /// True where anything it refuses is refused to this caller.
    fn refuses(&self, asker: &Asker) -> bool {
        self.provision.refuses(asker)
    }

    /// True where it permits anything to anybody, for a purpose that somebody has here.
    pub(crate) fn permits(&self) -> bool {
        self.provision.says(Ruling::Permit)
    }

    /// True where it denies anything to anybody, for a purpose that somebody has here.
    pub(crate) fn denies(&self) -> bool {
        self.provision.says(Ruling::Deny)
    }
}

/// The consents of a record.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Consents(Vec<Consent>);

/// A resource, and who asks for it.
struct Question<'q, 'r> {
    asker: &'q Asker,
    resource: &'q Facts<'r>,
    labels: &'q [&'q str],
    zone_offset_minutes: i16,
}

impl Consents {
    /// Adds one.
    pub fn add(&mut self, consent: Consent) {
        self.0.push(consent);
        self.0.sort_by_key(|consent| std::cmp::Reverse(consent.at));
    }

    /// True where there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What they say of a resource that bears these labels; none where none speaks.
    pub fn rule(&self, asker: &Asker, resource: &Facts<'_>, labels: &[&str], zone_offset_minutes: i16) -> Option<Ruling> {
        let question = Question { asker, resource, labels, zone_offset_minutes };
        let mut spoken: Option<(Moment, Ruling)> = None;
        for consent in &self.0 {
            if spoken.is_some_and(|(at, _)| consent.at < at) {
                break;
            }
            match consent.rules(&question) {
                Some(Ruling::Deny) => return Some(Ruling::Deny),
                Some(Ruling::Permit) => spoken = Some((consent.at, Ruling::Permit)),
                None => {}
            }
        }
        spoken.map(|(_, ruling)| ruling)
    }

    /// True where any of them refuses something to this caller: then the consents themselves would
    /// tell that there is something.
    pub fn refuse(&self, asker: &Asker) -> bool {
        self.0.iter().any(|consent| consent.refuses(asker))
    }
}

impl Provision {
    fn read(value: Value<'_>, zone: i16, depth: usize) -> Provision {
        if depth == DEEPEST {
            return Provision { ruling: Some(Ruling::Deny), ..Provision::default() };
        }
        let each = |name: &str| value.get(name).into_iter().flat_map(|list| list.each());
        let codings = |name: &str| each(name).map(code_of).collect::<Vec<_>>();
        Provision {
            ruling: match value.string("type").as_deref() {
                Some("permit") => Some(Ruling::Permit),
                Some("deny") => Some(Ruling::Deny),
                // At the top the type may be missing: then only the exceptions speak.
                None if depth == 0 => None,
                _ => Some(Ruling::Deny),
            },
            period: value.get("period").map(|period| span_of(period, zone)),
            actors: each("actor").map(actor_of).collect(),
            actions: each("action").flat_map(codings_of).collect(),
            labels: codings("securityLabel"),
            purposes: codings("purpose"),
            classes: codings("class"),
            codes: each("code").flat_map(codings_of).collect(),
            data_period: value.get("dataPeriod").map(|period| span_of(period, zone)),
            data: each("data").map(data_of).collect(),
            exceptions: each("provision").map(|inner| Provision::read(inner, zone, depth + 1)).collect(),
        }
    }

    fn rules(&self, question: &Question<'_, '_>) -> Option<Ruling> {
        let met = self.is_met(question);
        if met == Some(false) {
            return None;
        }
        let mut spoken = None;
        for exception in &self.exceptions {
            match exception.rules(question) {
                Some(Ruling::Deny) => return Some(Ruling::Deny),
                Some(Ruling::Permit) => spoken = Some(Ruling::Permit),
                None => {}
            }
        }
        match (met, spoken.or(self.ruling)) {
            (Some(true), ruling) => ruling,
            // It cannot be told whether this is meant: only a refusal counts.
            (_, Some(Ruling::Deny)) => Some(Ruling::Deny),
            _ => None,
        }
    }

    fn is_met(&self, question: &Question<'_, '_>) -> Met {
        let asker = question.asker;
        all([
            self.period.map_or(Some(true), |period| Some(period.holds(asker.at))),
            self.meets_actor(asker),
            any(&self.actions, |action| is_action(action, asker.act)),
            any(&self.purposes, |purpose| is_purpose(purpose, asker)),
            any(&self.labels, |label| Some(question.labels.contains(&label.code.as_str()))),
            any(&self.classes, |class| is_class(class, question.resource.kind())),
            any(&self.codes, |code| Some(bears(question.resource, code))),
            self.data_period.map_or(Some(true), |period| period.overlaps(question)),
            any(&self.data, |(reach, name)| reaches(*reach, name, question.resource)),
        ])
    }

    fn meets_actor(&self, asker: &Asker) -> Met {
        any(&self.actors, |actor| match actor {
            // An organisation is meant with its parts, and whoever works in a part works within the whole.
            Actor::Named(name) => Some(asker.stands_for.contains(name) || asker.within.contains(name)),
            Actor::Account(account) => Some(Account::is_named(&asker.login, asker.account, account)),
            Actor::Unknown => None,
        })
    }

    /// False where it speaks of purposes alone that nobody has here, as research.
    fn has_purpose(&self) -> bool {
        self.purposes.is_empty() || self.purposes.iter().any(|purpose| purpose.code == "PurposeOfUse" || Purpose::named(&purpose.code).is_some())
    }

    fn says(&self, ruling: Ruling) -> bool {
        self.has_purpose() && (self.ruling == Some(ruling) || self.exceptions.iter().any(|exception| exception.says(ruling)))
    }

    fn refuses(&self, asker: &Asker) -> bool {
        // What is refused for purposes that nobody has here is refused to nobody who asks.
        if !self.has_purpose() {
            return false;
        }
        let is_refusal = self.ruling == Some(Ruling::Deny) || self.exceptions.iter().any(|exception| exception.refuses(asker));
        is_refusal && self.meets_actor(asker) != Some(false)
    }
}

impl Span {
    fn holds(&self, at: Moment) -> bool {
        self.from <= at && at < self.until
    }

    /// What has no date may lie inside.
    fn overlaps(&self, question: &Question<'_, '_>) -> Met {
        let root = question.resource.root()?;
        let (low, high) = happened::range(question.resource.kind(), root, question.zone_offset_minutes)?;
        Some(low < self.until && high > self.from)
    }
}

/// All of several: one that is not met decides, then one that cannot be told.
fn all(parts: impl IntoIterator<Item = Met>) -> Met {
    let mut whole = Some(true);
    for part in parts {
        match part {
            Some(false) => return Some(false),
            None => whole = None,
            Some(true) => {}
        }
    }
    whole
}

/// Any of several, and met where none is named: one that is met decides, then one that cannot be told.
fn any<T>(parts: &[T], is_met: impl Fn(&T) -> Met) -> Met {
    if parts.is_empty() {
        return Some(true);
    }
    let mut whole = Some(false);
    for part in parts {
        match is_met(part) {
            Some(true) => return Some(true),
            None => whole = None,
            Some(false) => {}
        }
    }
    whole
}

/// <http://terminology.hl7.org/CodeSystem/consentaction>
fn is_action(action: &Code, act: Act) -> Met {
    Some(match action.code.as_str() {
        "access" | "use" => matches!(act, Act::Read | Act::Export),
        "disclose" => matches!(act, Act::Read | Act::Export),
        "collect" | "correct" => act == Act::Write,
        _ => return None,
    })
}

/// <http://terminology.hl7.org/CodeSystem/v3-ActReason>: emergency treatment is treatment.
fn is_purpose(purpose: &Code, asker: &Asker) -> Met {
    let own = asker.purpose.code();
    Some(purpose.code == own || (purpose.code == "TREAT" && own == "ETREAT") || purpose.code == "PurposeOfUse")
}

/// A class is a resource type; kinds of documents are not told apart.
fn is_class(class: &Code, kind: ResourceType) -> Met {
    let is_type = class.system == "http://hl7.org/fhir/resource-types" || (class.system.is_empty() && ResourceType::named(&class.code).is_some());
    is_type.then_some(class.code == kind.name())
}

fn bears(resource: &Facts<'_>, wanted: &Code) -> bool {
    let mut found = false;
    if let Some(root) = resource.root() {
        each_coding(root, &mut |system, code| found |= code == wanted.code && (wanted.system.is_empty() || system == wanted.system));
    }
    found
}

fn reaches(reach: Reach, name: &str, resource: &Facts<'_>) -> Met {
    let is_itself = || name.split_once('/') == Some((resource.kind().name(), resource.id()));
    match reach {
        Reach::Instance => Some(is_itself()),
        Reach::Related => Some(is_itself() || names(resource.root()?, name)),
        Reach::AuthoredBy => {
            let root = resource.root()?;
            let authors = ["author", "performer", "recorder", "asserter", "requester", "sender", "source", "participant"];
            Some(authors.iter().filter_map(|member| root.get(member)).any(|member| member.each().any(|one| names(one, name))))
        }
        Reach::Unknown => None,
    }
}

fn code_of(coding: Value<'_>) -> Code {
    let text = |name: &str| coding.string(name).unwrap_or_default().into_owned();
    Code { system: text("system"), code: text("code") }
}

fn codings_of<'d>(concept: Value<'d>) -> impl Iterator<Item = Code> + 'd {
    let codings: Vec<Code> = concept.get("coding").into_iter().flat_map(|codings| codings.each()).map(code_of).collect();
    // A concept in words alone is named and not understood.
    let unknown = codings.is_empty().then(|| Code { system: "text".to_owned(), code: String::new() });
    codings.into_iter().chain(unknown)
}

fn actor_of(actor: Value<'_>) -> Actor {
    let Some(reference) = actor.get("reference") else { return Actor::Unknown };
    if let Some(text) = reference.string("reference")
        && let Some((kind, id)) = Reference::parse(&text).local()
    {
        return if matches!(kind.name(), "Organization" | "Practitioner" | "PractitionerRole") { Actor::Named(format!("{kind}/{id}")) } else { Actor::Unknown };
    }
    match reference.get("identifier") {
        Some(identifier) if identifier.string("system").as_deref() == Some(Account::SYSTEM) => Actor::Account(identifier.string("value").unwrap_or_default().into_owned()),
        _ => Actor::Unknown,
    }
}

fn data_of(data: Value<'_>) -> (Reach, String) {
    let mut name = None;
    if let Some(reference) = data.get("reference") {
        home::reference_texts(reference, &mut |text| name = Reference::parse(&text).local().map(|(kind, id)| format!("{kind}/{id}")));
    }
    let reach = match data.string("meaning").as_deref() {
        Some("instance") => Reach::Instance,
        Some("related" | "dependents") => Reach::Related,
        Some("authoredby") => Reach::AuthoredBy,
        _ => Reach::Unknown,
    };
    match name {
        Some(name) => (reach, name),
        None => (Reach::Unknown, String::new()),
    }
}

fn span_of(period: Value<'_>, zone: i16) -> Span {
    let bound = |name: &str| period.string(name).and_then(|text| PartialDateTime::parse(&text)).map(|date| date.range(zone));
    Span { from: bound("start").map_or(Moment(i64::MIN), |(low, _)| low), until: bound("end").map_or(Moment(i64::MAX), |(_, high)| high) }
}

#[cfg(test)]
mod tests {
    use fhir::Document;

    use super::*;

    #[test]
    fn a_consent_counts_from_its_day_and_never_from_one_to_come() {
        let written = Moment::parse("2026-03-02T08:00:00Z").unwrap();
        for (date, expected) in [(r#""dateTime":"2026-01-01","#, "2026-01-01T00:00:00Z"), ("", "2026-03-02T08:00:00Z"), (r#""dateTime":"2062-01-01","#, "2026-03-02T08:00:00Z")] {
            let text = format!(r#"{{"resourceType":"Consent","status":"active","scope":{{"coding":[{{"system":"{SCOPE}","code":"{PRIVACY}"}}]}},{date}"provision":{{"type":"permit"}}}}"#);
            let document = Document::read(&text).unwrap();
            assert_eq!(Consent::read(document.root(), written, 0).unwrap().at, Moment::parse(expected).unwrap(), "{text}");
        }
    }
}
