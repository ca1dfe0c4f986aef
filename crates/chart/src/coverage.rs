//! Who pays for a person's care, since when and until when: each as one FHIR Coverage.
//!
//! * A coverage that ended stays: its period gets an end, and nothing of it is taken away.
//! * The number is compared with the check digits of the country's schemes, before it is written.
//!
//! <https://hl7.org/fhir/R4/coverage.html>

use ::forms::Json;
use access::{Act, Caller, may_assign};
use fhir::date::Precision;
use fhir::{Document, Issue, IssueCode, PartialDateTime, Reference, ResourceType, Value};
use store::{Method, Tick};

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::organization_kinds::{is_asked_whether_it_pays, may_be_unit};
use crate::stored::Stored;
use crate::transaction::{Deed, Order, Rules};
use crate::write::order;

/// The kinds of coverage that a page offers, with what HL7 calls them.
/// <http://terminology.hl7.org/CodeSystem/v3-ActCode>
pub const COVERAGE_KINDS: [(&str, &str); 4] = [("PUBLICPOL", "public healthcare"), ("SUBSIDIZ", "subsidized health program"), ("EHCPOL", "extended healthcare"), ("HIP", "health insurance plan policy")];
const ACT_CODE: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
/// Nobody's care was paid for before; a slip of the pen was.
const EARLIEST_YEAR: i32 = 1900;
/// Nor will it be behind.
const LATEST_YEAR: i32 = 2200;
/// The longest number.
const NUMBER_LONGEST: usize = 64;

/// A coverage that begins.
#[derive(Clone, Copy, Debug)]
pub struct NewCoverage<'a> {
    /// The id of the Organization that pays.
    pub payor: &'a str,
    /// One of [`COVERAGE_KINDS`].
    pub kind: &'a str,
    /// The scheme of the number by its short name (`nss`); empty where it is no scheme of a known country.
    pub scheme: &'a str,
    /// The person's number there; may be empty.
    pub number: &'a str,
    /// The first day.
    pub from: &'a str,
    /// The last day; none for one without an end.
    pub until: Option<&'a str>,
    /// Whoever asks knows that by its types this Organization treats, and says that it pays: hospitals may.
    pub is_confirmed: bool,
}

impl Chart {
    /// Writes down that somebody pays for a person's care from a day on.
    ///
    /// # Errors
    /// Hidden ones are not found; a wrong day, number or payer is refused, with its place.
    pub async fn begin_coverage(&self, caller: &Caller, patient: &str, new: &NewCoverage<'_>) -> Result<Stored> {
        if !may_assign(caller) {
            return Err(Error::Forbidden);
        }
        self.find_seen_person(caller, patient)?;
        let text = self.coverage_text(caller, patient, new)?;
        let body = self.read_body(text.as_bytes())?;
        let mut written = self.transact(caller, &[order(Deed::Create, coverage()?, Some(body.root()))], Rules::default()).await?;
        Ok(written.pop().ok_or(Error::NotFound)?.stored)
    }

    /// Writes down until which day somebody pays. What has ended earlier is not lengthened.
    ///
    /// # Errors
    /// Hidden ones, and those of others, are not found; a wrong day is refused.
    pub async fn end_coverage(&self, caller: &Caller, patient: &str, id: &str, until: &str) -> Result<Stored> {
        if !may_assign(caller) {
            return Err(Error::Forbidden);
        }
        let (stored, text) = self.ended_coverage(caller, patient, id, until)?;
        let body = self.read_body(text.as_bytes())?;
        let one = Order { id: Some(stored.id.clone()), if_match: Some(stored.version.to_string()), ..order(Deed::Update, stored.kind, Some(body.root())) };
        let mut written = self.transact(caller, &[one], Rules::default()).await?;
        Ok(written.pop().ok_or(Error::NotFound)?.stored)
    }

    /// The text of a Coverage that begins.
    pub(crate) fn coverage_text(&self, caller: &Caller, patient: &str, new: &NewCoverage<'_>) -> Result<String> {
        let (_, display) = COVERAGE_KINDS.iter().find(|(code, _)| *code == new.kind).ok_or_else(|| wrong("kind", "A coverage is of a kind that the page offers."))?;
        let payor = self.organization(caller, new.payor)?.ok_or_else(|| wrong("payor", "Who pays is an Organization of this server."))?;
        if payor.is_asked_whether_it_pays && !new.is_confirmed {
            return Err(ruled("payor-asked", "payor", "By its types this Organization treats. Choose who pays, or confirm that it pays for this person; if it always does, give it the type pay or ins, too."));
        }
        let from = day("from", new.from)?;
        let until = new.until.map(|until| day("until", until)).transpose()?;
        if until.is_some_and(|until| until.range(0).1 <= from.range(0).0) {
            return Err(ends_before());
        }
        if self.born(caller, patient)?.is_some_and(|born| from.range(0).1 <= born.range(0).0) {
            return Err(ruled("before-birth", "from", "A coverage begins on the day of birth, or later."));
        }
        let number = new.number.trim();
        if number.chars().count() > NUMBER_LONGEST || number.chars().any(char::is_control) {
            return Err(wrong("number", "The number is too long, or is no line of text."));
        }
        let scheme = country::all().iter().flat_map(|country| &country.identifiers).find(|scheme| !new.scheme.is_empty() && scheme.key == new.scheme);
        if scheme.is_none() && !new.scheme.is_empty() {
            return Err(wrong("scheme", "No country here has a scheme of that name."));
        }
        let number = scheme.map_or_else(|| number.to_owned(), |scheme| scheme.normalise(number));
        if let Some(scheme) = scheme
            && scheme.check(&number).is_err()
        {
            return Err(wrong("number", "The number is not one of its scheme: its length or its check digit is wrong."));
        }
        let kind = Json::object([("system", Json::text(ACT_CODE)), ("code", Json::text(new.kind)), ("display", Json::text(*display))]);
        let mut period = Json::object([("start", Json::text(new.from.trim()))]);
        if let Some(until) = new.until {
            period.set("end", Json::text(until.trim()));
        }
        let mut json = Json::object([("resourceType", Json::text("Coverage")), ("status", Json::text("active")), ("type", Json::object([("coding", Json::List(vec![kind]))]))]);
        if !number.is_empty() {
            let mut identifier = Json::object([("value", Json::text(&number))]);
            if let Some(scheme) = scheme {
                identifier = Json::object([("system", Json::text(&scheme.uri)), ("value", Json::text(&number))]);
            }
            // The number of a scheme is the person's, and two coverages of it may bear it.
            json.set("identifier", Json::List(vec![identifier]));
            json.set("subscriberId", Json::text(&number));
        }
        json.set("beneficiary", Json::object([("reference", Json::text(format!("Patient/{patient}")))]));
        json.set("period", period);
        json.set("payor", Json::List(vec![payor.reference()]));
        Ok(json.written())
    }

    /// A Coverage of a person as it is, and as it will be once it ends on a day.
    pub(crate) fn ended_coverage(&self, caller: &Caller, patient: &str, id: &str, until: &str) -> Result<(Stored, String)> {
        let last = day("until", until)?;
        let (at, permitted) = self.find(caller, Act::Read, coverage()?, id)?;
        let own = self.find(caller, Act::Read, ResourceType::PATIENT, patient)?.0.record;
        // Whoever was registered twice is one person, whichever of their records it lies in.
        if own != at.record && !self.joined(own)?.iter().any(|member| member.record == at.record) {
            return Err(Error::NotFound);
        }
        let stored = self.newest(&permitted, coverage()?, at)?.ok_or(Error::NotFound)?;
        if stored.method == Method::Delete {
            return Err(Error::Gone { version: stored.version });
        }
        let document = Document::read(&stored.text).map_err(|_| store::Error::Damaged("a stored resource cannot be read"))?;
        let period = document.root().get("period");
        let bound = |name: &str| period.and_then(|period| period.string(name)).and_then(|text| PartialDateTime::parse(&text));
        let zone = self.inner.settings.zone_offset_minutes;
        if bound("start").is_some_and(|start| start.range(zone).0 >= last.range(zone).1) {
            return Err(ends_before());
        }
        if bound("end").is_some_and(|end| end.range(zone).1 <= last.range(zone).1) {
            return Err(ruled("ended-already", "until", "This coverage has ended, or ends by then already."));
        }
        let operation = match period {
            Some(_) => format!(r#"[{{"op":"add","path":"/period/end","value":"{}"}}]"#, until.trim()),
            None => format!(r#"[{{"op":"add","path":"/period","value":{{"end":"{}"}}}}]"#, until.trim()),
        };
        let text = self.patched_text(&stored, &operation)?;
        Ok((stored, text))
    }

    /// The birth date of somebody whom the caller may see, as far as it is known.
    fn born(&self, caller: &Caller, patient: &str) -> Result<Option<PartialDateTime>> {
        let (at, permitted) = self.find(caller, Act::Read, ResourceType::PATIENT, patient)?;
        let stored = self.newest(&permitted, ResourceType::PATIENT, at)?;
        Ok(stored.and_then(|stored| Document::read(&stored.text).ok().and_then(|document| PartialDateTime::parse(&document.root().string("birthDate")?))))
    }

    /// A warning for each payor of a Coverage that treats, by its told types: somebody may look again. Nothing is said of
    /// one that the caller may not see.
    pub(crate) fn payors_asked(&self, caller: &Caller, kind: ResourceType, coverage: Value<'_>) -> Result<Vec<Issue>> {
        let mut issues = Vec::new();
        if kind.name() != "Coverage" {
            return Ok(issues);
        }
        for (place, payor) in coverage.get("payor").into_iter().flat_map(|payors| payors.each()).enumerate() {
            let Some(text) = payor.string("reference") else { continue };
            let reference = Reference::parse(&text);
            let Some((of, id)) = reference.local() else { continue };
            if of.name() == "Organization" && self.organization(caller, id)?.is_some_and(|payor| payor.is_asked_whether_it_pays) {
                let message = "By its types the Organization that pays treats. It is kept as it was said; if another one pays, correct Coverage.payor, and if this one always does, give it the type pay or ins, too.";
                issues.push(Issue::warning(IssueCode::BusinessRule, format!("Coverage.payor[{place}]"), message).of_rule("payor-asked"));
            }
        }
        Ok(issues)
    }

    /// An Organization that the caller may see; none where there is none.
    pub(crate) fn organization(&self, caller: &Caller, id: &str) -> Result<Option<Named>> {
        let kind = ResourceType::named("Organization").ok_or(Error::NotFound)?;
        if !fhir::is_id(id) {
            return Ok(None);
        }
        let Some((_, stored)) = self.look_up(&self.permitted_set(caller, Act::Read)?, kind, id, Tick::END)? else { return Ok(None) };
        let document = Document::read(&stored.text).ok();
        let root = document.as_ref().map(Document::root);
        let name = root.and_then(|root| root.string("name").map(|name| name.into_owned())).unwrap_or_default();
        Ok(Some(Named { id: id.to_owned(), name, may_be_unit: root.is_none_or(may_be_unit), is_asked_whether_it_pays: root.is_some_and(is_asked_whether_it_pays) }))
    }
}

/// An organisation, and what it is called.
pub(crate) struct Named {
    pub id: String,
    pub name: String,
    /// By its told types somebody may be assigned to it.
    pub may_be_unit: bool,
    /// By its told types it treats, and whoever names it as a payer is asked.
    pub is_asked_whether_it_pays: bool,
}

impl Named {
    /// A Reference to it.
    pub fn reference(&self) -> Json {
        let mut json = Json::object([("reference", Json::text(format!("Organization/{}", self.id)))]);
        if !self.name.is_empty() {
            json.set("display", Json::text(&self.name));
        }
        json
    }
}

pub(crate) fn coverage() -> Result<ResourceType> {
    ResourceType::named("Coverage").ok_or(Error::NotFound)
}

/// A whole day that a coverage may begin or end on.
pub(crate) fn day(place: &'static str, text: &str) -> Result<PartialDateTime> {
    let date = PartialDateTime::parse(text.trim()).filter(|date| date.precision == Precision::Day);
    let date = date.ok_or_else(|| ruled("no-day", place, "There is no such day; a day is written as 2026-11-22."))?;
    match (EARLIEST_YEAR..=LATEST_YEAR).contains(&date.year) {
        true => Ok(date),
        false => Err(ruled("far-day", place, "A coverage begins and ends between 1900 and 2200.")),
    }
}

fn ends_before() -> Error {
    ruled("ends-before", "until", "A coverage ends on the day it begins, or later.")
}

/// A refusal with the rule that was broken, for whoever tells it in other words.
pub(crate) fn ruled(rule: &'static str, place: &'static str, message: &str) -> Error {
    Error::Refused(vec![Issue::error(IssueCode::BusinessRule, place, message).of_rule(rule)])
}

pub(crate) fn wrong(place: &'static str, message: &str) -> Error {
    Error::Refused(vec![Issue::error(IssueCode::BusinessRule, place, message)])
}
