//! `GET|POST /Subscription/{id}/$status`: where a subscription stands, in the words of the R5 Backport.
//! https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/OperationDefinition-backport-subscription-status.html

use super::{At, Call, Operation, Place, Reads};
use crate::answer::{Answer, Payload};
use crate::asked::Asked;
use crate::outcome::Trouble;
use crate::subscription::notification::{Kind, Notification};
use chart::{Subscribed, SubscriptionState};
use std::fmt::Write;

pub(crate) const OPERATION: Operation = Operation {
    name: "status",
    definition: "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription-status",
    at: &[At::Instance(&["Subscription"])],
    methods: "GET, HEAD, POST",
    parameters: &[],
    reads: Reads::Parameters,
    run: |asked, call| Box::pin(status(asked, call)),
};

pub(super) async fn found(asked: &Asked<'_>, place: Place<'_>) -> Result<(Subscribed, Option<SubscriptionState>), Trouble> {
    let Place::Instance(_, id) = place else { return Err(Trouble::inside()) };
    let subscribed = asked.chart.subscription(asked.caller, id).await?;
    let state = asked.chart.subscription_state(id)?;
    Ok((subscribed, state))
}

async fn status(asked: &mut Asked<'_>, call: Call<'_>) -> Result<Answer, Trouble> {
    let (subscribed, state) = found(asked, call.place).await?;
    let base = asked.base();
    let uuid = asked.chart.new_uuid();
    let mut out = String::new();
    let _ = write!(out, "{{\"resourceType\":\"Bundle\",\"type\":\"searchset\",\"total\":1,\"entry\":[{{\"fullUrl\":\"urn:uuid:{uuid}\",\"resource\":");
    let notification = Notification {
        base: &base,
        kind: Kind::QueryStatus,
        status: subscribed.status.code(),
        events_so_far: state.map_or(0, |state| state.events),
        events: &[],
        telling: subscribed.telling,
        at: "",
        uuid: &uuid,
        subscribed: &subscribed,
    };
    notification.write_status(&mut out);
    out.push_str(",\"search\":{\"mode\":\"match\"}}]}");
    Ok(Answer::ok(Payload::Text(out)))
}
