//! The topics of this server, as data: what must have been and what must be.
//!
//! * A topic is a type, two searches and the parameters one may filter by. A new one is a line.
//! * The addresses are ours until somebody publishes better ones.

use super::extension;
use fhir::{Issue, IssueCode, Value};

/// Something that may happen.
#[derive(Debug)]
pub struct Topic {
    /// Its canonical address: what `Subscription.criteria` holds.
    pub url: &'static str,
    /// In words.
    pub title: &'static str,
    /// Which type it happens to.
    pub kind: &'static str,
    /// What the version before must not have answered; where there was none, it happened anew.
    pub before_not: &'static str,
    /// What the version must answer.
    pub now: &'static str,
    /// True where only the first version counts.
    pub only_new: bool,
    /// By what one may filter.
    pub filters: &'static [&'static str],
}

const OF_ENCOUNTERS: &[&str] = &["patient", "subject", "service-provider", "class", "type", "location", "participant"];

/// All there are.
pub const TOPICS: &[Topic] = &[
    Topic {
        url: "https://carnet.health/fhir/SubscriptionTopic/encounter-start",
        title: "A visit or stay of any kind begins",
        kind: "Encounter",
        before_not: "status=in-progress",
        now: "status=in-progress",
        only_new: false,
        filters: OF_ENCOUNTERS,
    },
    Topic {
        url: "https://carnet.health/fhir/SubscriptionTopic/admission",
        title: "Somebody is admitted to a ward",
        kind: "Encounter",
        before_not: "status=in-progress&class=IMP,ACUTE,NONAC,OBSENC",
        now: "status=in-progress&class=IMP,ACUTE,NONAC,OBSENC",
        only_new: false,
        filters: OF_ENCOUNTERS,
    },
    Topic {
        url: "https://carnet.health/fhir/SubscriptionTopic/discharge",
        title: "Somebody is discharged from a ward",
        kind: "Encounter",
        before_not: "status=finished",
        now: "status=finished&class=IMP,ACUTE,NONAC,OBSENC",
        only_new: false,
        filters: OF_ENCOUNTERS,
    },
    Topic {
        url: "https://carnet.health/fhir/SubscriptionTopic/observation-new",
        title: "A result or measurement arrives",
        kind: "Observation",
        before_not: "",
        now: "",
        only_new: true,
        filters: &["patient", "subject", "code", "category", "status"],
    },
    Topic {
        url: "https://carnet.health/fhir/SubscriptionTopic/report-final",
        title: "A diagnostic report becomes final",
        kind: "DiagnosticReport",
        before_not: "status=final,amended,corrected,appended",
        now: "status=final,amended,corrected,appended",
        only_new: false,
        filters: &["patient", "subject", "code", "category"],
    },
];

pub(super) fn named(url: &str) -> Option<&'static Topic> {
    TOPICS.iter().find(|topic| topic.url == url)
}

/// The filters a subscription puts on a topic, as searches without their type. All must hold.
pub(super) fn filters(root: Value<'_>, topic: &Topic) -> Result<Vec<String>, Issue> {
    let wrong = |message: String| Issue::error(IssueCode::Value, "Subscription.criteria", message);
    let Some(element) = root.get("_criteria") else { return Ok(Vec::new()) };
    let mut all = Vec::new();
    let extensions = element.get("extension").into_iter().flat_map(|list| list.items());
    for one in extensions.filter(|one| one.string("url").is_some_and(|url| url.ends_with("/backport-filter-criteria"))) {
        let text = one.string("valueString").unwrap_or_default().into_owned();
        let (kind, text) = text.split_once('?').unwrap_or(("", &text));
        if !kind.is_empty() && kind != topic.kind {
            return Err(wrong(format!("A filter of this topic is about {}, as {}?patient=Patient/23.", topic.kind, topic.kind)));
        }
        let names = text.split('&').filter_map(|part| part.split(['=', ':']).next());
        if let Some(_unknown) = names.into_iter().find(|name| !topic.filters.contains(name)) {
            return Err(wrong(format!("This topic is filtered by {}.", topic.filters.join(", "))));
        }
        all.push(text.to_owned());
    }
    Ok(all)
}

pub(super) fn unknown() -> Issue {
    let topics: Vec<_> = TOPICS.iter().map(|topic| topic.url).collect();
    let message = format!("The criteria are a search on one type, as Observation?code=8480-6, or one of the topics {}.", topics.join(", "));
    Issue::error(IssueCode::NotSupported, "Subscription.criteria", message)
}

/// The limits of a channel that stand in extensions; told before they are kept.
pub(super) fn within(channel: Value<'_>, name: &str, least: u64, most: u64) -> Result<(), Issue> {
    let Some(one) = extension(channel, name) else { return Ok(()) };
    let number = one.get("valueUnsignedInt").or_else(|| one.get("valuePositiveInt")).and_then(|value| value.as_number()?.parse::<u64>().ok());
    match number {
        Some(number) if (least..=most).contains(&number) => Ok(()),
        _ => Err(Issue::error(IssueCode::Value, "Subscription.channel.extension", format!("{name} is a whole number from {least} to {most}."))),
    }
}
