//! One request, read as far as all interactions need it.

use crate::Settings;
use crate::answer::Answer;
use crate::body;
use crate::capabilities::Capabilities;
use crate::conditional::{self, Tags};
use chart::{Chart, Written, WrittenAs};
use crate::negotiate::Format;
use crate::outcome::{Trouble, all_well};
use crate::parameters::{Parameters, is_showable};
use crate::prefer::{Prefer, Return};
use crate::trim::Trim;
use access::Caller;
use axum::body::Body;
use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use chart::Stored;
use fhir::{IssueCode, Moment, PartialDateTime, ResourceType};
use oauth::Server;
use parking_lot::Mutex;
use std::borrow::Cow;
use std::sync::Arc;

/// What is asked, by whom.
pub(crate) struct Asked<'r> {
    pub chart: &'r Chart,
    pub settings: &'r Settings,
    pub headers: &'r HeaderMap,
    pub parameters: Parameters,
    /// The query as it came, for conditions that the door reads itself.
    pub query: &'r str,
    pub format: Format,
    pub prefer: Prefer,
    pub caller: &'r Caller,
    pub request_id: &'r str,
    /// Host header, validated; none where the settings name the base.
    pub host: Option<&'r str>,
    /// What this server says of itself, for `metadata` inside a bundle.
    pub capabilities: &'r Capabilities,
    /// Where programs get their tokens.
    pub oauth: &'r Server,
    /// Parameters that a lenient caller goes without, of this request and of what it asks inside a bundle; a search tells its own.
    pub passed_over: Arc<Mutex<Vec<String>>>,
}

/// More names than these are not told one by one.
const PASSED_OVER_MOST: usize = 20;

impl Asked<'_> {
    /// The address of this server as the caller knows it, without a slash at its end.
    pub fn base(&self) -> Cow<'_, str> {
        self.settings.base(self.host)
    }

    /// The body, whole and unpacked.
    pub async fn body(&self, body: Body, limit_bytes: usize) -> Result<Bytes, Trouble> {
        body::receive(self.headers, body, limit_bytes, self.settings.body_patience).await
    }

    /// The part of the query that is a condition: what is not for the face.
    pub fn criteria(&self) -> Option<String> {
        let is_ours = |part: &&str| ["_format", "_pretty"].contains(&part.split('=').next().unwrap_or_default());
        let criteria: Vec<_> = self.query.split('&').filter(|part| !part.is_empty() && !is_ours(part)).collect();
        (!criteria.is_empty()).then(|| criteria.join("&"))
    }

    /// Refuses criteria where the address names the resource already: a write would pass them over.
    pub fn names_by_id_alone(&self) -> Result<(), Trouble> {
        match self.criteria() {
            None => Ok(()),
            Some(_) => Err(Trouble::malformed(IssueCode::NotSupported, "The address names one resource by its id, or those that criteria find, not both; leave the parameters out.").at("http")),
        }
    }

    /// Notes a parameter that a lenient caller goes without: the answer tells it.
    pub fn pass_over(&self, name: &str) {
        let mut names = self.passed_over.lock();
        // What cannot be the name of a parameter may be anything, and is not repeated.
        let name = match (names.len() < PASSED_OVER_MOST, is_showable(name)) {
            (true, true) => name,
            (true, false) => "one without a usual name",
            (false, _) => "and more",
        };
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }

    /// Notes that a lenient caller names in `_elements` what none of these types has, and goes without it.
    pub fn pass_over_elements(&self, kinds: &[ResourceType]) {
        let mut names = self.parameters.pairs().filter(|(name, _)| *name == "_elements").flat_map(|(_, value)| value.split(','));
        if self.prefer.lenient && names.any(|name| !search::has_element(kinds, name.trim())) {
            self.pass_over("_elements");
        }
    }

    /// Refuses parameters an address does not know, unless the caller is lenient, who is told.
    pub fn knows_only(&self, names: &[&str]) -> Result<(), Trouble> {
        let unknown = |name: &str| !names.contains(&name) && !matches!(name, "_format" | "_pretty");
        if self.prefer.lenient {
            self.parameters.pairs().filter(|(name, _)| unknown(name)).for_each(|(name, _)| self.pass_over(name));
            return Ok(());
        }
        let Some((name, _)) = self.parameters.pairs().find(|(name, _)| unknown(name)) else { return Ok(()) };
        let known: Vec<&str> = names.iter().copied().chain(["_format", "_pretty"]).collect();
        let place = if is_showable(name) { format!("http.{name}") } else { "http".to_owned() };
        Err(Trouble::malformed(IssueCode::NotSupported, format!("This address knows the parameters {}.", known.join(", "))).at(&place))
    }

    /// The version a writer insists on. A list and `*` are settled against what is there now.
    pub async fn version_insisted_on(&self, kind: ResourceType, id: Option<&str>) -> Result<Option<String>, Trouble> {
        let named = match conditional::if_match(self.headers)? {
            None => return Ok(None),
            Some(Tags::Versions(mut versions)) if versions.len() == 1 => {
                // Versions begin at 1; to the door, 0 means that nothing may be there.
                let version = versions.pop().filter(|one| one.parse::<u32>().is_ok_and(|number| number > 0));
                return match version {
                    Some(version) => Ok(Some(version)),
                    None => Err(Trouble::condition_fails("If-Match names a version that has never been.").at("http.If-Match")),
                };
            }
            Some(tags) => tags,
        };
        let Some(id) = id else {
            return Err(Trouble::malformed(IssueCode::NotSupported, "A conditional write takes one version in If-Match.").at("http.If-Match"));
        };
        let current = match self.chart.read(self.caller, kind, id).await {
            Ok(stored) => stored.version,
            Err(chart::Error::NotFound | chart::Error::Gone { .. }) => {
                return Err(Trouble::condition_fails("If-Match asks for a resource that is there, and it is not.").at("http.If-Match"));
            }
            Err(other) => return Err(other.into()),
        };
        match named {
            Tags::Versions(versions) if !versions.iter().any(|one| one.parse() == Ok(current)) => Err(chart::Error::VersionMismatch { current }.into()),
            _ => Ok(Some(current.to_string())),
        }
    }

    /// One version, shown to a reader.
    pub fn show(&self, stored: Stored) -> Result<Answer, Trouble> {
        let trim = Trim::asked(&self.parameters, &[stored.kind], self.prefer.lenient)?;
        self.pass_over_elements(&[stored.kind]);
        let (version, last_updated) = (stored.version, stored.last_updated);
        Ok(Answer::text(StatusCode::OK, trim.text(stored)).of_version(version, last_updated))
    }

    /// The answer to a write: status, place, version, and as much of it as the writer prefers.
    pub fn wrote(&self, written: Written) -> Answer {
        let Written { stored, done, issues, is_shown } = written;
        let status = if done == WrittenAs::Created { StatusCode::CREATED } else { StatusCode::OK };
        let location = format!("{}/{}/{}/_history/{}", self.base(), stored.kind.name(), stored.id, stored.version);
        let (version, last_updated) = (stored.version, stored.last_updated);
        let returns = if is_shown { self.prefer.returns } else { self.prefer.returns.filter(|returns| *returns == Return::Outcome).or(Some(Return::Minimal)) };
        let answer = match returns {
            Some(Return::Minimal) => Answer::empty(status),
            Some(Return::Outcome) => {
                let message = match done {
                    WrittenAs::Created => "Created.",
                    WrittenAs::Updated => "Updated.",
                    WrittenAs::Unchanged => "Nothing had to be changed.",
                    WrittenAs::Deleted => "Deleted.",
                };
                Answer::text(status, all_well(self.request_id, message, &issues))
            }
            Some(Return::Representation) | None => Answer::text(status, stored.text),
        };
        Answer { location: Some(location), applied: self.prefer.returns.filter(|preferred| Some(*preferred) == returns), ..answer }.of_version(version, last_updated)
    }

    /// Refuses to say something of a whole record to a program that may read only a part of what it is said from.
    pub fn must_read_whole(&self, patient_id: &str, kinds: &[&str]) -> Result<(), Trouble> {
        let unread = self.chart.not_read_whole(self.caller, patient_id, kinds)?;
        if unread.is_empty() {
            return Ok(());
        }
        let scopes = unread.iter().map(|kind| format!("{kind}.rs")).collect::<Vec<_>>().join(", ");
        let message = format!("The scopes of this token show only a part of what this is said from, and a part would say what is not so. Ask for these scopes, too, without a search in them: {scopes}.");
        Err(Trouble::new(StatusCode::FORBIDDEN, IssueCode::Forbidden, message))
    }

    /// `_count`: none where it is not given.
    pub fn count(&self) -> Result<Option<usize>, Trouble> {
        count_in(&self.parameters)
    }

    /// A date parameter as it was written.
    pub fn date(&self, name: &str) -> Result<Option<PartialDateTime>, Trouble> {
        let Some(text) = self.parameters.only(name)? else {
            return Ok(None);
        };
        // The plus of a zone arrives as a space where the sender did not escape it.
        PartialDateTime::parse(&text.replace(' ', "+"))
            .map(Some)
            .ok_or_else(|| Trouble::malformed(IssueCode::Value, format!("{name} is a date, as 2024-05-17 or 2024-05-17T08:00:00Z.")).at(&format!("http.{name}")))
    }

    /// The first moment of a date parameter, in the institution's zone where it names none.
    pub fn moment(&self, name: &str) -> Result<Option<Moment>, Trouble> {
        Ok(self.date(name)?.map(|date| date.range(self.settings.zone_offset_minutes).0))
    }

    /// An address with these parameters, escaped.
    pub fn link<'p>(&self, path: &str, pairs: impl Iterator<Item = (&'p str, &'p str)>) -> String {
        let mut link = self.base().into_owned();
        link.push_str(path);
        let mut separator = '?';
        for (name, value) in pairs {
            link.push(separator);
            separator = '&';
            crate::parameters::encode(name, &mut link);
            link.push('=');
            crate::parameters::encode(value, &mut link);
        }
        link
    }

    /// The self link of an address with the parameters it knows, and the next one if a page follows.
    pub fn links(&self, path: &str, known: &[&str], next: Option<&str>) -> (String, Option<String>) {
        // What a lenient caller goes without is not said again.
        let elements = |value: &str| value.split(',').filter(|name| search::has_element(&[], name.trim())).collect::<Vec<_>>().join(",");
        let said = |name: &str, value: &str| if name == "_elements" { elements(value) } else { value.to_owned() };
        let pairs = self.parameters.pairs().filter(|(name, _)| known.contains(name));
        let pairs: Vec<(&str, String)> = pairs.map(|(name, value)| (name, said(name, value))).filter(|(name, value)| *name != "_elements" || !value.is_empty()).collect();
        let kept = || pairs.iter().map(|(name, value)| (*name, value.as_str()));
        let own = self.link(path, kept());
        let next = next.map(|cursor| self.link(path, kept().filter(|(name, _)| *name != "_cursor").chain([("_cursor", cursor)])));
        (own, next)
    }
}

/// `_count` among these parameters, which came by address or by form: none where it is not given.
pub(crate) fn count_in(parameters: &Parameters) -> Result<Option<usize>, Trouble> {
    let wrong = || Trouble::malformed(IssueCode::Value, "_count is a whole number, 1 or more.").at("http._count");
    parameters.only("_count")?.map(|text| text.parse().ok().filter(|count| *count > 0).ok_or_else(wrong)).transpose()
}
