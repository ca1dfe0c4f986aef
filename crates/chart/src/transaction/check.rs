//! What a body says, before anything is known of where it goes: the scopes of the program, the rules of R4, profiles.

use std::collections::HashMap;
use std::sync::Arc;

use access::{Caller, Deeds};
use fhir::{Issue, IssueCode, ResourceType, Value};
use validation::profile::{Asked, survey};

use super::{Deed, Order, Rules, entry};
use crate::door::Chart;
use crate::error::{Error, Result};
use crate::subscription::SUBSCRIPTION;

impl Chart {
    /// Refuses what no scope of the caller's program names, whatever it is about.
    pub(super) fn check_order(&self, caller: &Caller, order: &Order<'_>, rules: Rules) -> Result<()> {
        let deeds: Deeds = match order.deed {
            Deed::Create => access::Deed::Create.into(),
            // A scope to create is one for `POST` alone; one to update holds updates that make something.
            // <https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html>
            Deed::Update => access::Deed::Update.into(),
            Deed::Delete => access::Deed::Delete.into(),
        };
        self.check_scope(caller, deeds, order.kind)?;
        if order.kind.name() == SUBSCRIPTION && !rules.by_the_server {
            self.check_outlives(caller, |_| false)?;
        }
        Ok(())
    }

    /// The issues of each body; errors unless they are kept.
    pub(super) fn validate(&self, orders: &[Order<'_>], rules: Rules) -> Result<Vec<Vec<Issue>>> {
        let sent_along = sent_along(orders);
        let flaws = orders.iter().enumerate().map(|(index, order)| self.flaws_of(order, rules, &sent_along).map_err(|cause| entry(index, orders, cause)));
        flaws.collect()
    }

    /// What is wrong with a resource: by the rules of R4, best practice included, by the profiles
    /// asked for and those it claims, by the codes and extensions this site knows. Nothing is kept
    /// and nothing of the record is read.
    pub fn validate_resource(&self, resource: Value<'_>, profiles: &[&str]) -> Vec<Issue> {
        // References by search are understood inside what is sent to the base.
        let is_act = resource.string("resourceType").as_deref() == Some("Bundle") && matches!(resource.string("type").as_deref(), Some("transaction" | "batch"));
        let mut issues = validation::validate(resource, &validation::Options { best_practice: true, conditional_references: is_act, ..validation::Options::default() });
        issues.extend(survey(resource, &Asked { profiles, only_profiles: false }, self.knowledge().site()));
        if let Some(kind) = resource.string("resourceType").and_then(|name| ResourceType::named(&name)) {
            issues.extend(crate::identity::doubts(kind, resource, self.now().civil(self.inner.settings.zone_offset_minutes)));
            issues.extend(fhir::life::flaws(kind, resource, self.now()));
        }
        issues
    }

    /// The issues of one body that is sent with others; an error unless they are kept.
    pub(super) fn flaws_of(&self, order: &Order<'_>, rules: Rules, sent_along: &SentAlong) -> Result<Vec<Issue>> {
        let Some(body) = order.body else { return Ok(Vec::new()) };
        if body.string("resourceType").as_deref() != Some(order.kind.name()) {
            let message = format!("The body is not a {}, the type the address names.", order.kind);
            return Err(Error::Malformed(vec![Issue::error(IssueCode::Invalid, "resourceType", message)]));
        }
        let options = validation::Options { conditional_references: rules.conditional_references, sent_along: sent_along.clone(), ..validation::Options::default() };
        let mut issues = validation::validate(body, &options);
        if self.inner.settings.claimed_profiles && validation::profile::claims_any(body) {
            // What is only advice is for `$validate`.
            issues.extend(survey(body, &Asked { only_profiles: true, ..Asked::default() }, self.knowledge().site()).into_iter().filter(Issue::is_error));
        }
        let breaks_r4 = issues.iter().any(Issue::is_error);
        // What a life cannot be is refused once it is known what stood there: see `refuse_untrue_life`.
        issues.extend(fhir::life::flaws(order.kind, body, self.now()));
        if !rules.keep_flawed && breaks_r4 { Err(Error::Invalid(issues)) } else { Ok(issues) }
    }
}

/// The types of what is written together, by the names that references use; none where nothing has one.
pub(super) type SentAlong = Option<Arc<HashMap<String, ResourceType>>>;

/// The names that these orders bear, and the type of each.
pub(super) fn sent_along(orders: &[Order<'_>]) -> SentAlong {
    let named: HashMap<String, ResourceType> = orders.iter().filter(|order| order.deed != Deed::Delete).filter_map(|order| Some((order.full_url.clone()?, order.kind))).collect();
    (!named.is_empty()).then(|| Arc::new(named))
}
