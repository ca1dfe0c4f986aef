//! The Practitioner that stands for whoever holds an account, so that a program can tell who uses it.
//! https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html#scopes-for-requesting-identity-data

use access::{Account, Role};
use fhir::splice::write_string;
use fhir::{Document, ResourceType};

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::terminology::house;

const PRACTITIONER: &str = "Practitioner";
/// The system of the numbers of accounts in stand-ins written before [`Account::SYSTEM`] was for all.
/// Such a one is written anew when somebody signs in at a program.
pub(crate) const FORMER: &str = "urn:carnet:account";

/// The id of the Practitioner of an account.
pub fn stand_in_id(account: u64) -> String {
    format!("account-{account}")
}

impl Chart {
    /// Sees to it that the Practitioner of an account is there and says how the holder is called now.
    pub async fn keep_stand_in(&self, account: &Account) -> Result<()> {
        // A person is told by their Patient: their name is nobody's in the shared space.
        if account.role == Role::Person {
            return Ok(());
        }
        let kind = ResourceType::named(PRACTITIONER).ok_or(Error::NotFound)?;
        let id = stand_in_id(account.number);
        let number = account.number.to_string();
        let found = match self.read(&house(), kind, &id).await {
            Ok(stored) => Some(stored.text),
            Err(Error::NotFound | Error::Gone { .. }) => None,
            Err(cause) => return Err(cause),
        };
        let says = |text: &str| {
            let document = Document::read(text).ok()?;
            let root = document.root();
            let is_own = root.path(&["identifier", "system"])?.as_str()? == Account::SYSTEM && root.path(&["identifier", "value"])?.as_str()? == number.as_str();
            Some(is_own && root.path(&["name", "text"])?.as_str()? == account.display.as_str())
        };
        if found.as_deref().and_then(says) == Some(true) {
            return Ok(());
        }
        let mut body = format!("{{\"resourceType\":\"{PRACTITIONER}\",\"id\":\"{id}\",\"identifier\":[{{\"system\":\"{}\",\"value\":\"{number}\"}}],\"active\":true,\"name\":[{{\"text\":", Account::SYSTEM);
        write_string(&account.display, &mut body);
        body.push_str("}]}");
        self.update(&house(), kind, &id, body.as_bytes(), None).await.map(|_| ())
    }
}
