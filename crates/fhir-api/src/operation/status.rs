//! `GET|POST /Subscription/{id}/$status`, and `/Subscription/$status?id=…` for several: where
//! subscriptions stand, in the words of the R5 Backport.
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
    at: &[At::Type(&["Subscription"]), At::Instance(&["Subscription"])],
    methods: "GET, HEAD, POST",
    parameters: &["id"],
    reads: Reads::Parameters,
    run: |asked, call| Box::pin(status(asked, call)),
};

pub(super) async fn found(asked: &Asked<'_>, id: &str) -> Result<(Subscribed, Option<SubscriptionState>), Trouble> {
    let subscribed = asked.chart.subscription(asked.caller, id).await?;
    let state = asked.chart.subscription_state(id)?;
    Ok((subscribed, state))
}

async fn status(asked: &mut Asked<'_>, call: Call<'_>) -> Result<Answer, Trouble> {
    let named = |asked: &Asked<'_>| asked.parameters.pairs().filter(|(name, _)| *name == "id").map(|(_, id)| id.to_owned()).collect::<Vec<_>>();
    let ids = match call.place {
        Place::Instance(_, id) => vec![id.to_owned()],
        // Without an id: all that wait or tell.
        _ if named(asked).is_empty() => asked.chart.subscriptions(asked.caller)?,
        _ => named(asked),
    };
    let base = asked.base();
    let mut out = String::new();
    let _ = write!(out, "{{\"resourceType\":\"Bundle\",\"type\":\"searchset\",\"total\":{}", ids.len());
    for (place, id) in ids.iter().enumerate() {
        let (subscribed, state) = found(asked, id).await?;
        let uuid = asked.chart.new_uuid();
        out.push_str(if place == 0 { ",\"entry\":[" } else { "," });
        let _ = write!(out, "{{\"fullUrl\":\"urn:uuid:{uuid}\",\"resource\":");
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
        out.push_str(",\"search\":{\"mode\":\"match\"}}");
    }
    out.push_str(if ids.is_empty() { "}" } else { "]}" });
    Ok(Answer::ok(Payload::Text(out)))
}
