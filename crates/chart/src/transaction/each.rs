//! Several orders in one commit where possible: what is refused is taken out and told, and the rest is tried again.

use access::Caller;
use fhir::{Issue, ResourceType};

use super::check::sent_along;
use super::{Order, Rules, Transaction};
use crate::door::Chart;
use crate::error::{Error, Result};
use crate::stored::Written;

impl Chart {
    /// Carries out those orders that are not refused, and tells of each, in their order, what became of it.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn transact_each(&self, caller: &Caller, mut orders: Vec<Order<'_>>, rules: Rules) -> Result<Vec<Result<Written>>> {
        let mut fates: Vec<Option<Result<Written>>> = orders.iter().map(|_| None).collect();
        let mut places: Vec<usize> = (0..orders.len()).collect();
        // Refused entries still name what the others refer to: their ids are known.
        let mut refused_names: Vec<(String, ResourceType, String)> = Vec::new();
        let (mut flaws, mut refused): (Vec<Vec<Issue>>, Vec<(usize, Error)>) = (Vec::with_capacity(orders.len()), Vec::new());
        let along = sent_along(&orders);
        for (index, order) in orders.iter().enumerate() {
            flaws.push(self.flaws_of(order, rules, &along).unwrap_or_else(|cause| {
                refused.push((index, cause));
                Vec::new()
            }));
        }
        loop {
            // From the end, so that the places before stay what they are.
            refused.sort_by_key(|(index, _)| std::cmp::Reverse(*index));
            refused.dedup_by_key(|(index, _)| *index);
            for (index, cause) in refused.drain(..) {
                if matches!(cause, Error::Store(_)) {
                    return Err(cause);
                }
                let order = orders.remove(index);
                flaws.remove(index);
                fates[places.remove(index)] = Some(Err(cause));
                if let (Some(full_url), Some(id)) = (order.full_url, order.id) {
                    refused_names.push((full_url, order.kind, id));
                }
            }
            if orders.is_empty() {
                break;
            }
            match self.transact_validated(&Transaction { caller, orders: &orders, rules, flaws: &flaws, others: &refused_names }).await {
                Ok(written) => {
                    for (place, written) in places.into_iter().zip(written) {
                        fates[place] = Some(Ok(written));
                    }
                    break;
                }
                Err(causes) => refused.extend(causes.into_iter().map(|cause| match cause {
                    Error::Entry { index, cause } => (index, *cause),
                    cause => (0, cause),
                })),
            }
        }
        Ok(fates.into_iter().flatten().collect())
    }
}
