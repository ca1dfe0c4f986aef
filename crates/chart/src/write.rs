//! Creating, changing and deleting one resource.

use access::Caller;
use fhir::{Document, Issue, IssueCode, ResourceType, Value};

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::patch::{Patch, Patched};
use crate::stored::Written;
use crate::transaction::{Deed, Order, Rules};

/// Which resource an address means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target<'a> {
    /// The one of that id.
    Id(&'a str),
    /// The one a search finds.
    Criteria(&'a str),
}

impl<'a> Target<'a> {
    fn id(self) -> Option<String> {
        match self {
            Target::Id(id) => Some(id.to_owned()),
            Target::Criteria(_) => None,
        }
    }

    fn condition(self) -> Option<String> {
        match self {
            Target::Id(_) => None,
            Target::Criteria(query) => Some(query.to_owned()),
        }
    }
}

impl Chart {
    /// Creates a resource under a new id; with a condition, only if nothing answers it.
    pub async fn create(&self, caller: &Caller, kind: ResourceType, body: &[u8], if_none_exist: Option<&str>) -> Result<Written> {
        let document = self.read_body(body)?;
        let order = Order { condition: if_none_exist.map(str::to_owned), ..order(Deed::Create, kind, Some(document.root())) };
        self.one(caller, order).await
    }

    /// Adds a version to the resource of an id, or creates it under that id.
    pub async fn update(&self, caller: &Caller, kind: ResourceType, id: &str, body: &[u8], if_match: Option<&str>) -> Result<Written> {
        let document = self.read_body(body)?;
        let root = document.root();
        if root.string("id").is_none() {
            let message = "An update carries the id of the resource in its body; add it.";
            return Err(Error::Malformed(vec![Issue::error(IssueCode::Required, format!("{kind}.id"), message)]));
        }
        let order = Order { id: Some(id.to_owned()), if_match: if_match.map(str::to_owned), ..order(Deed::Update, kind, Some(root)) };
        self.one(caller, order).await
    }

    /// Adds a version to the one resource a search finds, or creates one.
    pub async fn update_where(&self, caller: &Caller, kind: ResourceType, criteria: &str, body: &[u8], if_match: Option<&str>) -> Result<Written> {
        let document = self.read_body(body)?;
        let order = Order {
            condition: Some(criteria.to_owned()),
            if_match: if_match.map(str::to_owned),
            ..order(Deed::Update, kind, Some(document.root()))
        };
        self.one(caller, order).await
    }

    /// Changes parts of a resource. Nobody else's write in between is lost.
    pub async fn patch(&self, caller: &Caller, kind: ResourceType, target: Target<'_>, patch: Patch<'_>, if_match: Option<&str>) -> Result<Written> {
        for _ in 0..8 {
            let Patched { id, version, text, is_shown } = self.patched(caller, kind, target, patch, if_match).await?;
            let document = self.read_body(text.as_bytes())?;
            let order = Order { id: Some(id), if_match: Some(version), ..order(Deed::Update, kind, Some(document.root())) };
            match self.one(caller, order).await {
                // Without If-Match the patch applies to whatever is there: look again.
                Err(Error::VersionMismatch { .. }) if if_match.is_none() => continue,
                result => return result.map(|written| Written { is_shown, ..written }),
            }
        }
        Err(Error::Conflict("others keep writing to the same resource; try again in a moment"))
    }

    /// Ends a resource with a tombstone; deleting a deleted one changes nothing.
    pub async fn delete(&self, caller: &Caller, kind: ResourceType, target: Target<'_>, if_match: Option<&str>) -> Result<Written> {
        let order = Order {
            id: target.id(),
            condition: target.condition(),
            if_match: if_match.map(str::to_owned),
            ..order(Deed::Delete, kind, None)
        };
        self.one(caller, order).await
    }

    async fn one(&self, caller: &Caller, order: Order<'_>) -> Result<Written> {
        let mut written = self.transact(caller, &[order], Rules::default()).await?;
        written.pop().ok_or(Error::NotFound)
    }

    /// Reads a body strictly, within the limits of this site: one JSON object.
    pub fn read_body<'b>(&self, body: &'b [u8]) -> Result<Document<'b>> {
        let document = Document::read_bytes(body, self.inner.settings.limits).map_err(|cause| Error::Malformed(vec![Issue::from(&cause)]))?;
        if document.root().kind() != fhir::Kind::Object {
            let message = "The body is JSON but not an object; send one FHIR resource.";
            return Err(Error::Malformed(vec![Issue::error(IssueCode::Structure, "", message)]));
        }
        Ok(document)
    }
}

pub(crate) fn order(deed: Deed, kind: ResourceType, body: Option<Value<'_>>) -> Order<'_> {
    Order { deed, kind, id: None, condition: None, if_match: None, full_url: None, body, fill: None }
}
