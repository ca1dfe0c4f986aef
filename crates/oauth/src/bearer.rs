//! What a token for access is worth at a moment.

use std::sync::Arc;

use access::{Grant, Session};
use fhir::Moment;
use serde_json::{Value, json};

use crate::authorize::LaunchContext;
use crate::binding::{Binding, token_type};
use crate::error::Result;
use crate::family::{Family, Token, TokenKind};
use crate::scope::Scopes;
use crate::server::Server;
use crate::token::Accounts;

/// Who comes with a token, and with what rights.
#[derive(Clone, Debug)]
pub struct Bearer {
    /// The account in whose name the program works.
    pub account: u64,
    /// The account's era at the consent: compare it with what it is now.
    pub era: u64,
    /// What was allowed.
    pub grant: Arc<Grant>,
    /// The stretch of work.
    pub session: Session,
    /// What was chosen at the start.
    pub context: LaunchContext,
    /// To what it is bound.
    pub binding: Option<Binding>,
}

/// A token for access that is good at a moment.
struct Standing {
    family: Arc<Family>,
    /// What this token allows: all that was given, or less.
    scopes: String,
    until: Moment,
}

impl Server {
    /// Whose a token is; none where it is worth nothing now, whoever brings it.
    pub(crate) fn bearer(&self, token: &str, now: Moment) -> Result<Option<Bearer>> {
        let Some(Standing { family, scopes, .. }) = self.standing_of(token, now)? else { return Ok(None) };
        let patient = family.context.patient.as_ref().map(|patient| fhir::RecordId(patient.record));
        let grant = Arc::new(Scopes::parse(&scopes).grant(&family.client, patient));
        Ok(Some(Bearer { account: family.account, era: family.era, grant, session: family.session_at(now), context: family.context.clone(), binding: family.binding.clone() }))
    }

    /// A token for access that is good now.
    fn standing_of(&self, token: &str, now: Moment) -> Result<Option<Standing>> {
        let Some(token) = Token::read(token) else { return Ok(None) };
        let TokenKind::Access { made_at, until, narrowed } = token.kind else { return Ok(None) };
        let Some(family) = self.family_of(&token)?.filter(|family| family.made(&token)) else { return Ok(None) };
        let is_in_time = now < until && now.0 < family.until && made_at.0 >= family.valid_from;
        let is_registered = self.client(&family.client)?.is_some_and(|client| client.approved);
        let Some(scopes) = family.scopes_of(narrowed).map(str::to_owned) else { return Ok(None) };
        Ok((is_in_time && is_registered).then_some(Standing { family, scopes, until }))
    }

    /// What is told about a token to a program that may ask: its own, or any where it introspects.
    /// <https://www.rfc-editor.org/rfc/rfc7662>
    pub(crate) fn describe(&self, token: &str, asks: &crate::client::Client, accounts: &dyn Accounts, now: Moment) -> Result<Value> {
        let inactive = || json!({ "active": false });
        let Some(Standing { family, scopes, until }) = self.standing_of(token, now)? else { return Ok(inactive()) };
        let is_theirs = family.client == asks.id || asks.introspects;
        if !is_theirs || accounts.era(family.account)? != Some(family.era) {
            return Ok(inactive());
        }
        let mut told = json!({
            "active": true,
            "scope": scopes,
            "client_id": family.client,
            "token_type": token_type(family.binding.as_ref()),
            "exp": until.0.div_euclid(1000),
            "iss": self.addresses.issuer,
            "sub": self.subject(family.account)?,
        });
        if let Some(binding) = &family.binding {
            told["cnf"] = json!(binding);
        }
        family.context.write(&mut told);
        Ok(told)
    }
}
