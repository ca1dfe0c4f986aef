//! What an account has allowed programs: for whoever allowed it to see, and to take back.

use fhir::Moment;

use crate::error::Result;
use crate::scope::Scopes;
use crate::server::Server;

/// One consent that still holds.
#[derive(Clone, Debug)]
pub struct Consent {
    /// Its id.
    pub id: String,
    /// The program's identifier.
    pub client: String,
    /// What the program is called; none where it was taken off since.
    pub name: Option<String>,
    /// What was allowed.
    pub scopes: Scopes,
    /// The id of the patient it is about, where it is about one.
    pub patient: Option<String>,
    /// Since when.
    pub began: Moment,
    /// Until when, if it is not taken back.
    pub until: Moment,
}

impl Server {
    /// What an account of that era has allowed programs, the newest first.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn consents(&self, account: u64, era: u64, now: Moment) -> Result<Vec<Consent>> {
        let clients = self.clients()?;
        let name = |id: &str| clients.iter().find(|client| client.id == id).map(|client| client.name.clone());
        // What ended with an older era is worth nothing, though it still lies there.
        let families = self.families_of(account)?;
        let mut found: Vec<Consent> = families.iter().filter(|family| family.era == era && family.until > now.0).map(|family| Consent {
            id: family.id.clone(),
            name: name(&family.client),
            client: family.client.clone(),
            scopes: Scopes::parse(&family.scopes),
            patient: family.context.patient.as_ref().map(|patient| patient.id.clone()),
            began: Moment(family.began),
            until: Moment(family.until),
        }).collect();
        found.sort_by_key(|consent| std::cmp::Reverse(consent.began));
        Ok(found)
    }

    /// Takes a consent back: every token that came of it is worth nothing from now on. The program's
    /// identifier; none where the account has given no such consent.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn withdraw(&self, account: u64, id: &str, now: Moment) -> Result<Option<String>> {
        if self.families_of(account)?.iter().all(|family| family.id != id) {
            return Ok(None);
        }
        self.change_families(account, now, |families| {
            let place = families.iter().position(|family| family.id == id);
            Ok(place.map(|place| families.remove(place).client))
        })
    }
}
