//! What lies around a resource that is asked about, told by whoever can look: where a record lies is not known here.

use std::fmt::Debug;
use std::sync::Arc;

use fhir::ResourceType;

use crate::Circumstances;

/// What is known of somebody whom a resource names.
#[derive(Clone, Debug)]
pub enum Known {
    /// Nobody is here under that name.
    Nobody,
    /// What is known of their record, and whether whoever asks has broken its glass.
    Person(Arc<Circumstances>, bool),
}

/// It cannot be told: nobody could look. Then nothing is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Untold;

/// Who can look around a resource.
pub trait Around: Send + Sync + Debug {
    /// What is known of the person whose Patient has this id.
    ///
    /// # Errors
    /// Nobody could look.
    fn person(&self, patient_id: &str) -> Result<Known, Untold>;

    /// The tokens of a resource as it was last, for deciding and for nobody to see; none where there is none.
    ///
    /// # Errors
    /// Nobody could look.
    fn content(&self, kind: ResourceType, id: &str) -> Result<Option<String>, Untold>;
}

/// Can look nowhere.
#[derive(Clone, Copy, Debug)]
pub struct Nowhere;

impl Around for Nowhere {
    fn person(&self, _patient_id: &str) -> Result<Known, Untold> {
        Err(Untold)
    }

    fn content(&self, _kind: ResourceType, _id: &str) -> Result<Option<String>, Untold> {
        Err(Untold)
    }
}
