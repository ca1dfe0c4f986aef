//! The decision about one resource of a record that may be opened.
//!
//! * One pure function, [`judge`]: the same facts always give the same answer.
//! * The first rule of the list that speaks decides. Who broke the glass sees what was sealed.
//! * What cannot be read is hidden wherever a rule would have to read it.

use std::sync::Arc;

use country::{Adolescence, ConsentRegime, Sensitivity};
use fhir::{Document, Moment, PartialDateTime, Reference, ResourceType, Value};

use crate::care::{Care, Relation, is_from};
use crate::consent::{Consent, Consents, Ruling, is_about_treatment};
use crate::facts::{CONFIDENTIALITY, each_coding, each_label};
use crate::unsent::may_be_unsent;
use crate::{Act, Around, Facts, Purpose, Role, Sieve};

/// What a site has decided about whole records.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Where no consent speaks.
    pub regime: ConsentRegime,
    /// Who treats sees the content of a record only with a relation of care.
    pub needs_relation: bool,
    /// What is sensitive; empty where the site tells nothing apart.
    pub sensitivities: Arc<[Sensitivity]>,
    /// Who is adolescent.
    pub adolescence: Option<Adolescence>,
    /// For how long an encounter that has ended is a relation of care.
    pub care_lasts_ms: i64,
    /// The zone of dates without one, in minutes east of UTC.
    pub zone_offset_minutes: i16,
}

impl Default for Policy {
    fn default() -> Policy {
        Policy { regime: ConsentRegime::OptOut, needs_relation: false, sensitivities: Arc::default(), adolescence: None, care_lasts_ms: 30 * fhir::date::DAY_MS, zone_offset_minutes: 0 }
    }
}

impl Policy {
    /// True where labels and relations count, so that a record must be known before it is decided about.
    pub fn reads_records(&self) -> bool {
        self.needs_relation || !self.sensitivities.is_empty()
    }

    /// The labels that a resource bears by its `meta.security` or its codes, without those of the person.
    fn labels<'p>(&'p self, resource: Value<'_>, is_adolescent: bool) -> Vec<&'p str> {
        let mut labels: Vec<&'p str> = Vec::new();
        let mut add = |label: &'p str| {
            if !labels.contains(&label) {
                labels.push(label);
            }
        };
        each_coding(resource, &mut |system, code| {
            if system == CONFIDENTIALITY && code == VERY_RESTRICTED {
                add(VERY_RESTRICTED);
            }
            self.sensitivities.iter().filter(|rule| rule.holds(system, code)).for_each(|rule| add(&rule.label));
        });
        if is_adolescent && self.adolescence.as_ref().is_some_and(|age| age.labels.iter().any(|label| labels.contains(&label.as_str()))) {
            labels.push(ADOLESCENT);
        }
        labels
    }

    /// True where a version bears fewer than the one before of the labels that keep a resource from others: less
    /// confidential than `R` or `V`, or without one that this site calls sensitive.
    pub(crate) fn is_unlabelled(&self, before: Value<'_>, now: Value<'_>) -> bool {
        let labels = |resource: Value<'_>| {
            let (mut confidentiality, mut sensitive): (u8, Vec<&str>) = (0, Vec::new());
            each_label(resource, &mut |system, code| {
                if system == CONFIDENTIALITY {
                    confidentiality = confidentiality.max(match code {
                        VERY_RESTRICTED => 2,
                        RESTRICTED => 1,
                        _ => 0,
                    });
                }
                sensitive.extend(self.sensitivities.iter().filter(|rule| rule.holds(system, code)).map(|rule| rule.label.as_str()));
            });
            (confidentiality, sensitive)
        };
        let ((was, before), (is, now)) = (labels(before), labels(now));
        is < was || before.iter().any(|label| !now.contains(label))
    }
}

/// HL7's confidentiality `V`: sealed to all but those who break the glass.
pub const VERY_RESTRICTED: &str = "V";
/// HL7's confidentiality `R`: restricted, for other systems to obey.
const RESTRICTED: &str = "R";
const ADOLESCENT: &str = "ADOL";
/// What is looked at to pay for care.
const BILLING: &[&str] = &["Patient", "Coverage", "Claim", "ClaimResponse", "ExplanationOfBenefit", "Account", "Invoice", "ChargeItem", "PaymentNotice", "PaymentReconciliation", "EnrollmentRequest", "EnrollmentResponse"];

/// Who asks, as far as resources are concerned.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asker {
    /// The role.
    pub role: Role,
    /// For what.
    pub purpose: Purpose,
    /// To do what.
    pub act: Act,
    /// The account's number.
    pub account: u64,
    /// The account's login.
    pub login: String,
    /// The institution and the practitioner they stand for: `Organization/1`.
    pub stands_for: Arc<[String]>,
    /// The organisations of which these are parts, and these.
    pub within: Arc<[String]>,
    /// The moment of the question.
    pub at: Moment,
}

/// What is known of a record before any of its resources is asked about.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Circumstances {
    consents: Consents,
    care: Care,
    /// Labels of the person, which hold for all of the record.
    labels: Vec<String>,
    /// The day of birth covers these moments.
    born: Option<(Moment, Moment)>,
    /// Any resource of the record bears a label, or did in an earlier version.
    is_labelled: bool,
    /// The record is a person's: consents and care can be told of it.
    is_persons: bool,
    /// Something in it may be what a person is, or was, still writing.
    has_unsent: bool,
}

impl Circumstances {
    /// Of what belongs to nobody: no consents, no care.
    pub fn of_nobody() -> Circumstances {
        Circumstances::default()
    }

    /// Of a person of whom nothing is known yet.
    pub fn of_person() -> Circumstances {
        Circumstances { is_persons: true, ..Circumstances::default() }
    }

    /// Learns from the newest version of a Consent. `written` is when that version was.
    pub fn learn_consent(&mut self, resource: Value<'_>, written: Moment, policy: &Policy) {
        if let Some(consent) = Consent::read(resource, written, policy.zone_offset_minutes) {
            self.consents.add(consent);
        }
    }

    /// Learns from the newest version of a resource whether a person may be writing it; none for what was deleted, or
    /// cannot be read.
    pub fn learn_unsent(&mut self, kind: ResourceType, newest: Option<Value<'_>>) {
        self.has_unsent |= may_be_unsent(kind, newest);
    }

    /// True where something in the record may be what a person is, or was, still writing.
    pub(crate) fn has_unsent(&self) -> bool {
        self.has_unsent
    }

    /// Learns from one version of a resource of the record; ties come from the newest one alone.
    pub fn learn(&mut self, kind: ResourceType, text: &str, is_newest: bool, policy: &Policy) {
        // What cannot be read may be anything.
        let Ok(document) = Document::read(text) else { return self.is_labelled = true };
        let root = document.root();
        self.is_labelled |= !policy.labels(root, false).is_empty();
        if !is_newest {
            return;
        }
        self.learn_care(kind, root, policy);
        if kind == ResourceType::PATIENT {
            self.born = root.string("birthDate").and_then(|text| PartialDateTime::parse(&text)).map(|born| born.range(policy.zone_offset_minutes));
            each_label(root, &mut |_, code| {
                if policy.sensitivities.iter().any(|rule| rule.of_person && rule.label == code) {
                    self.labels.push(code.to_owned());
                }
            });
        }
    }

    /// Learns from the newest version of a resource who cares, and which institution the person left.
    pub fn learn_care(&mut self, kind: ResourceType, resource: Value<'_>, policy: &Policy) {
        self.care.learn(kind, resource, policy.zone_offset_minutes, policy.care_lasts_ms);
    }

    /// Learns from a PractitionerRole where somebody works whom the record names.
    pub fn learn_practice(&mut self, role: Value<'_>, organizations: Vec<String>, policy: &Policy) {
        self.care.learn_practice(role, organizations, policy.zone_offset_minutes);
    }

    /// True where the person left an institution: where practitioners work then counts too.
    pub fn has_left(&self) -> bool {
        self.care.has_left()
    }

    /// All was learned: forgets what no question needs.
    pub fn settle(&mut self) {
        self.care.settle();
    }

    /// True where no resource of the record is hidden from anybody, so that none need be looked at.
    pub fn hide_nothing(&self, policy: &Policy) -> bool {
        let is_free = !self.is_persons || (policy.regime == ConsentRegime::OptOut && !policy.needs_relation);
        is_free && !self.care.has_left() && self.consents.is_empty() && self.labels.is_empty() && !self.is_labelled
    }

    /// Why somebody has to do with the person; none where nothing ties them.
    pub fn relation(&self, asker: &Asker) -> Option<Relation> {
        self.care.relation_after(&asker.stands_for, self.left_at(asker), asker.at)
    }

    /// True where the person left the institution of somebody at work, whom nothing ties to them since: they see what
    /// was written there, and no more.
    pub fn was_left(&self, asker: &Asker) -> bool {
        self.relation(asker).is_none() && self.left_at(asker).is_some()
    }

    /// When the person left the institution of somebody at work; none where they did not.
    fn left_at(&self, asker: &Asker) -> Option<Moment> {
        if asker.role == Role::Person { None } else { self.care.left_at(&asker.within, asker.at) }
    }

    /// True if the person may be adolescent at a moment: a birth date that says only the year may be.
    fn is_adolescent(&self, age: &Adolescence, at: Moment, zone_offset_minutes: i16) -> bool {
        let Some((first, last)) = self.born else { return false };
        let birthday = |born: i64, years: u8| {
            let (year, month, day) = Moment(born).civil(zone_offset_minutes);
            fhir::date::days_from_civil(year + i32::from(years), month, day) * fhir::date::DAY_MS - i64::from(zone_offset_minutes) * 60_000
        };
        birthday(first.0, age.from_years) <= at.0 && at.0 < birthday(last.0 - 1, age.until_years)
    }
}

/// Why a resource is shown or hidden.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Shown: the command line holds the keys.
    Keys,
    /// Shown: they broke the glass.
    Glass,
    /// Hidden: it cannot be read.
    Unreadable,
    /// Hidden: it is not what is needed to pay for care.
    NotBilling,
    /// Hidden: the person left their institution, and others wrote it.
    Left,
    /// Hidden: no relation of care.
    NoRelation,
    /// Hidden: sealed to all but those who break the glass.
    Sealed,
    /// Hidden: the role does not see what bears this label.
    LabelRole,
    /// Hidden: what bears this label needs a relation of care.
    LabelRelation,
    /// Hidden: the person refuses.
    Refused,
    /// Hidden: the consents themselves would tell.
    AboutRefusal,
    /// Hidden: nobody permitted it, and here that is needed.
    NotPermitted,
    /// Shown: the person permits.
    Permitted,
    /// Shown: nothing speaks against it.
    Open,
}

impl Verdict {
    /// True where the resource is shown.
    pub fn shows(self) -> bool {
        matches!(self, Verdict::Keys | Verdict::Glass | Verdict::Permitted | Verdict::Open)
    }
}

/// May the asker see this resource of a record that they may open?
pub fn judge(asker: &Asker, policy: &Policy, record: &Circumstances, broke_glass: bool, resource: &Facts<'_>) -> Verdict {
    if asker.role == Role::Console {
        return Verdict::Keys;
    }
    if broke_glass {
        return Verdict::Glass;
    }
    let Some(root) = resource.root() else { return Verdict::Unreadable };
    let is_patient = resource.kind() == ResourceType::PATIENT;
    if asker.purpose == Purpose::Payment && !BILLING.contains(&resource.kind().name()) {
        return Verdict::NotBilling;
    }
    let relation = record.relation(asker);
    // Whoever was left keeps what they wrote, as if they still cared, and sees who the person is.
    let was_left = relation.is_none() && record.left_at(asker).is_some();
    if was_left && !is_patient && !record.care.wrote(&[&asker.stands_for, &asker.within], resource.kind(), root, policy.zone_offset_minutes) {
        return Verdict::Left;
    }
    let is_stranger = relation.is_none() && !was_left;
    if policy.needs_relation && record.is_persons && treats(asker.role) && is_stranger && !is_patient {
        return Verdict::NoRelation;
    }
    let is_adolescent = policy.adolescence.as_ref().is_some_and(|age| record.is_adolescent(age, asker.at, policy.zone_offset_minutes));
    let mut labels = policy.labels(root, is_adolescent);
    if !policy.sensitivities.is_empty() && labels.contains(&VERY_RESTRICTED) {
        return Verdict::Sealed;
    }
    if !is_patient {
        // Without the person nobody would find them, and register them again.
        labels.extend(record.labels.iter().map(String::as_str));
        for rule in policy.sensitivities.iter().filter(|rule| labels.contains(&rule.label.as_str())) {
            if !rule.roles.iter().any(|role| role == asker.role.word()) {
                return Verdict::LabelRole;
            }
            if rule.needs_relation && is_stranger {
                return Verdict::LabelRelation;
            }
        }
    }
    by_consent(asker, policy, record, resource, root, &labels)
}

/// What the person's consents say, after everything else.
fn by_consent(asker: &Asker, policy: &Policy, record: &Circumstances, resource: &Facts<'_>, root: Value<'_>, labels: &[&str]) -> Verdict {
    let is_consent = resource.kind().name() == "Consent";
    if is_consent && !is_about_treatment(root) && record.consents.refuse(asker) && !keeps_consents(asker.role) {
        return Verdict::AboutRefusal;
    }
    // Who the person is stays known, so that nobody registers them twice; and who keeps consents sees them.
    if resource.kind() == ResourceType::PATIENT || (is_consent && keeps_consents(asker.role)) {
        return Verdict::Open;
    }
    match record.consents.rule(asker, resource, labels, policy.zone_offset_minutes) {
        Some(Ruling::Deny) => Verdict::Refused,
        Some(Ruling::Permit) => Verdict::Permitted,
        None if !record.is_persons || policy.regime == ConsentRegime::OptOut || is_from(root, &asker.stands_for) => Verdict::Open,
        None => Verdict::NotPermitted,
    }
}

/// Roles that see what is in a record because they treat.
fn treats(role: Role) -> bool {
    matches!(role, Role::Physician | Role::Nurse | Role::Laboratory | Role::Pharmacy | Role::Imaging)
}

/// Roles that write consents down and withdraw them.
pub(crate) fn keeps_consents(role: Role) -> bool {
    matches!(role, Role::Admissions | Role::RecordsClerk | Role::Integration)
}

/// Roles that take labels off. Whoever treats puts them on, and would else show everybody what a colleague keeps back.
pub(crate) fn keeps_labels(role: Role) -> bool {
    matches!(role, Role::RecordsClerk | Role::Integration)
}

/// The judgement as a question that is left for storage to ask.
pub(crate) struct Judge {
    pub asker: Arc<Asker>,
    pub policy: Arc<Policy>,
    pub record: Arc<Circumstances>,
    pub around: Arc<dyn Around>,
}

impl Judge {
    fn allows(&self, resource: &Facts<'_>) -> bool {
        judge(&self.asker, &self.policy, &self.record, false, resource).shows()
    }
}

impl Sieve for Judge {
    fn shows(&self, resource: &Facts<'_>) -> bool {
        if !self.allows(resource) {
            return false;
        }
        let Some((kind, id)) = security_context(resource) else { return true };
        match self.around.content(kind, &id) {
            Ok(Some(text)) => self.allows(&Facts::new(kind, &id, &text)),
            Ok(None) => true,
            Err(_untold) => false,
        }
    }
}

/// The resource that stands for a Binary where it is decided who may see it. That of a person as a whole is their record.
/// <https://hl7.org/fhir/R4/binary-definitions.html#Binary.securityContext>
fn security_context(resource: &Facts<'_>) -> Option<(ResourceType, String)> {
    if resource.kind() != ResourceType::BINARY {
        return None;
    }
    let text = resource.root()?.path(&["securityContext", "reference"])?.as_str()?;
    let (kind, id) = Reference::parse(&text).local()?;
    // One Binary stands for no other: each would wait for the next.
    (kind != ResourceType::PATIENT && kind != ResourceType::BINARY).then(|| (kind, id.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_with_fewer_labels_is_told_from_one_with_more() {
        let policy = Policy { sensitivities: country::all()[0].sensitivities.labels.clone().into(), ..Policy::default() };
        let of = |labels: &str| {
            let labels: Vec<String> = labels.split_whitespace().map(|label| label.split_once('|').unwrap_or(("Confidentiality", label))).map(|(system, code)| format!(r#"{{"system":"http://terminology.hl7.org/CodeSystem/v3-{system}","code":"{code}"}}"#)).collect();
            format!(r#"{{"resourceType":"Observation","meta":{{"security":[{}]}}}}"#, labels.join(","))
        };
        for (before, now, expected) in [
            ("", "", false),
            ("", "V", false),
            ("N", "", false),
            ("R", "V", false),
            ("R", "N R", false),
            ("R", "N", true),
            ("V", "R", true),
            ("ActCode|HIV", "", true),
            ("ActCode|HIV", "R", true),
            ("ActCode|HIV", "ActCode|HIV ActCode|PSY", false),
            ("ActCode|ANYTHING", "", false),
        ] {
            let (one, other) = (of(before), of(now));
            let (one, other) = (Document::read(&one).unwrap(), Document::read(&other).unwrap());
            assert_eq!(policy.is_unlabelled(one.root(), other.root()), expected, "{before} to {now}");
        }
    }
}
