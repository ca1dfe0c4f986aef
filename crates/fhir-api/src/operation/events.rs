//! `GET|POST /Subscription/{id}/$events`: what a subscription was told last, once more.
//! https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/OperationDefinition-backport-subscription-events.html
//!
//! * Whoever asks sees what they may see, not what the owner of the subscription may.

use super::status::found;
use super::{At, Call, Operation, Place, Reads};
use crate::answer::{Answer, Payload};
use crate::asked::Asked;
use crate::outcome::Trouble;
use crate::subscription::notification::{Kind, Notification, Numbered};
use chart::{Event, Telling};
use fhir::IssueCode;

pub(crate) const OPERATION: Operation = Operation {
    name: "events",
    definition: "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription-events",
    at: &[At::Instance(&["Subscription"])],
    methods: "GET, HEAD, POST",
    parameters: &["eventsSinceNumber", "eventsUntilNumber", "content"],
    reads: Reads::Parameters,
    run: |asked, call| Box::pin(events(asked, call)),
};

async fn events(asked: &mut Asked<'_>, call: Call<'_>) -> Result<Answer, Trouble> {
    let Place::Instance(_, id) = call.place else { return Err(Trouble::inside()) };
    let (mut subscribed, state) = found(asked, id).await?;
    let (since, until) = (number(asked, "eventsSinceNumber")?, number(asked, "eventsUntilNumber")?);
    subscribed.telling = match asked.parameters.first("content") {
        None if subscribed.telling.is_bundle() => subscribed.telling,
        None => Telling::BundleIds,
        Some("empty") => Telling::BundleEmpty,
        Some("id-only") => Telling::BundleIds,
        Some("full-resource") => Telling::BundleResources,
        Some(_) => return Err(Trouble::malformed(IssueCode::Value, "content is empty, id-only or full-resource.").at("http.content")),
    };
    let (so_far, last) = state.map_or((0, Vec::new()), |state| (state.events, state.last));
    let first_known = last.first().map_or(so_far + 1, |one| one.number);
    if since.is_some_and(|since| since < first_known && first_known > 1) {
        let message = format!("This server remembers the last {} events of a subscription, from number {first_known} on; read the resources themselves for what came before.", last.len());
        return Err(Trouble::malformed(IssueCode::NotFound, message).at("http.eventsSinceNumber"));
    }
    let wanted: Vec<_> = last.into_iter().filter(|one| since.is_none_or(|since| one.number >= since) && until.is_none_or(|until| one.number <= until)).collect();
    let places: Vec<_> = wanted.iter().map(|one| one.place).collect();
    let found: Vec<Option<Event>> = asked.chart.subscription_events_at(asked.caller, &subscribed, &places).await?;
    let numbered: Vec<Numbered<'_>> = wanted.iter().zip(&found).filter_map(|(one, event)| Some(Numbered { number: one.number, event: event.as_ref()? })).collect();
    let notification = Notification {
        base: &asked.base(),
        kind: Kind::QueryEvent,
        status: subscribed.status.code(),
        events_so_far: so_far,
        events: &numbered,
        telling: subscribed.telling,
        at: &asked.chart.now().to_string(),
        uuid: &asked.chart.new_uuid(),
        subscribed: &subscribed,
    };
    Ok(Answer::ok(Payload::Text(notification.bundle())))
}

fn number(asked: &Asked<'_>, name: &str) -> Result<Option<u64>, Trouble> {
    let wrong = || Trouble::malformed(IssueCode::Value, format!("{name} is a whole number.")).at(&format!("http.{name}"));
    asked.parameters.first(name).map(|text| text.parse().map_err(|_| wrong())).transpose()
}
