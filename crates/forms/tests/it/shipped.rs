//! What tests of forms hand in: the codes that ship, a patient, a day.

use std::sync::Arc;

use fhir::{Document, PartialDateTime, r4};
use forms::Around;
use terminology::{Library, Set, System, starter};

/// The codes that ship.
pub struct Shipped;

impl Library for Shipped {
    fn system(&self, url: &str) -> Option<Arc<System>> {
        starter::system(url).or_else(|| r4().code_system(url).map(System::of_r4)).map(Arc::new)
    }

    fn set(&self, url: &str) -> Option<Arc<Set>> {
        starter::set(url).or_else(|| r4().value_set(url).map(Set::of_r4)).map(Arc::new)
    }
}

/// Around a form: this patient, on this day.
pub fn around(patient: &str) -> Around<'static> {
    let named = if patient.is_empty() { Vec::new() } else { vec![("patient".to_owned(), Document::read_owned(patient.to_owned()).unwrap())] };
    Around { named, now: PartialDateTime::parse("2026-03-02T10:00:00.000+00:00") }
}
