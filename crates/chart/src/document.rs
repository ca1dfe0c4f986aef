//! A stored Composition as a document: itself, and what it names.
//!
//! * What the composition names comes first, in the order it is named, then what those name.
//! * What the caller may not see, and what is not here, stays a reference.
//!
//! <https://hl7.org/fhir/R4/composition-operation-document.html>

use std::collections::HashSet;

use access::{Act, Caller, Disclosure};
use fhir::ResourceType;
use store::Tick;

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::stored::Stored;

/// How far from the composition a document reaches: what it names, and what that names.
const STEPS: usize = 2;
/// The most resources one document holds.
const RESOURCES_MOST: usize = 5_000;

impl Chart {
    /// The resources of a document, the Composition first.
    pub async fn document(&self, caller: &Caller, composition_id: &str) -> Result<Vec<Stored>> {
        let kind = ResourceType::named("Composition").ok_or(Error::NotFound)?;
        let composition = self.read(caller, kind, composition_id).await?;
        let (_, permitted) = self.find(caller, Act::Read, kind, composition_id)?;
        let set = self.permitted_set(caller, Act::Read)?;
        let mut known = HashSet::from([(kind, composition.id.clone())]);
        let mut room_bytes = self.inner.settings.search_memory_bytes;
        let (mut resources, mut rights) = (vec![composition], vec![permitted]);
        let mut from = 0;
        for _ in 0..STEPS {
            let until = resources.len();
            for place in from..until {
                for (kind, id) in self.names_in(&resources[place].text) {
                    if !known.insert((kind, id.clone())) {
                        continue;
                    }
                    let Some((right, stored)) = self.look_up(&set, kind, &id, Tick::END)? else { continue };
                    room_bytes = room_bytes.saturating_sub(stored.text.len());
                    if resources.len() == RESOURCES_MOST || room_bytes == 0 {
                        let message = "The document would hold more than this server puts into one.";
                        return Err(Error::TooCostly(vec![fhir::Issue::error(fhir::IssueCode::TooCostly, "", message)]));
                    }
                    resources.push(stored);
                    rights.push(right);
                }
            }
            from = until;
        }
        self.disclose(Disclosure::Summary, rights).await?;
        Ok(resources)
    }
}
