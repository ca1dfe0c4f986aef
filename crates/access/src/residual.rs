//! What is left to ask of each resource when the record itself is permitted.
//!
//! * A [`Residual`] hides; it never shows what another one hides.
//! * An empty one costs nothing: storage then copies bytes and looks at none of them.
//! * What cannot be read is hidden wherever anything is.

use std::cell::OnceCell;
use std::fmt;
use std::sync::Arc;

use fhir::{Document, ResourceType, Value};

/// One resource as a decision sees it. The tree is read when somebody asks for it, and once.
pub struct Facts<'r> {
    kind: ResourceType,
    id: &'r str,
    text: &'r str,
    read: OnceCell<Option<Document<'r>>>,
}

impl<'r> Facts<'r> {
    /// The facts of a version: its type, id and tokens.
    pub fn new(kind: ResourceType, id: &'r str, text: &'r str) -> Facts<'r> {
        Facts { kind, id, text, read: OnceCell::new() }
    }

    /// The type.
    pub fn kind(&self) -> ResourceType {
        self.kind
    }

    /// The logical id.
    pub fn id(&self) -> &'r str {
        self.id
    }

    /// The tokens.
    pub fn text(&self) -> &'r str {
        self.text
    }

    /// The tree; none where the tokens cannot be read.
    pub fn root(&self) -> Option<Value<'_>> {
        self.read.get_or_init(|| Document::read(self.text).ok()).as_ref().map(Document::root)
    }
}

/// A question asked of every resource before it is shown, counted, matched or followed.
pub trait Sieve: Send + Sync {
    /// True where this sieve has nothing against showing it.
    fn shows(&self, resource: &Facts<'_>) -> bool;
}

/// All questions that are left. Cheap to clone.
#[derive(Clone, Default)]
pub struct Residual(Option<Arc<[Arc<dyn Sieve>]>>);

impl Residual {
    /// Nothing is left to ask: whatever lies in the record may be shown.
    pub fn none() -> Residual {
        Residual(None)
    }

    /// The same, and one question more.
    pub fn and(&self, sieve: Arc<dyn Sieve>) -> Residual {
        let before = self.0.iter().flat_map(|sieves| sieves.iter().cloned());
        Residual(Some(before.chain([sieve]).collect()))
    }

    /// True where nothing is left to ask.
    pub fn is_none(&self) -> bool {
        self.0.is_none()
    }

    /// True where every question allows it.
    pub fn shows(&self, resource: &Facts<'_>) -> bool {
        self.0.as_ref().is_none_or(|sieves| sieves.iter().all(|sieve| sieve.shows(resource)))
    }
}

impl PartialEq for Residual {
    /// The same questions, not questions that happen to be alike.
    fn eq(&self, other: &Residual) -> bool {
        match (&self.0, &other.0) {
            (None, None) => true,
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }
}

impl Eq for Residual {}

impl fmt::Debug for Residual {
    /// How many, and never what: a question may name what somebody has.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Residual({})", self.0.as_ref().map_or(0, |sieves| sieves.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct OnlyType(&'static str);

    impl Sieve for OnlyType {
        fn shows(&self, resource: &Facts<'_>) -> bool {
            resource.kind().name() == self.0
        }
    }

    #[test]
    fn each_question_may_hide_and_none_may_show_what_another_hides() {
        let encounter = Facts::new(ResourceType::ENCOUNTER, "e", "{}");
        let patient = Facts::new(ResourceType::PATIENT, "p", "{}");
        let one = Residual::none().and(Arc::new(OnlyType("Encounter")));
        let both = one.and(Arc::new(OnlyType("Patient")));
        assert!(Residual::none().is_none() && Residual::none().shows(&encounter));
        assert!(one.shows(&encounter) && !one.shows(&patient));
        assert!(!both.shows(&encounter) && !both.shows(&patient));
    }

    #[test]
    fn a_residual_tells_how_many_questions_it_has_and_not_which() {
        let one = Residual::none().and(Arc::new(OnlyType("Encounter")));
        assert_eq!(format!("{one:?} {:?}", Residual::none()), "Residual(1) Residual(0)");
        assert!(one == one.clone() && one != Residual::none() && one != Residual::none().and(Arc::new(OnlyType("Encounter"))));
    }
}
