//! How many resources of which type were written, and how large they are.

macro_rules! types {
    ($($name:ident),* $(,)?) => {
        /// The resource types a population has.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Type { $($name),* }

        const NAMES: &[&str] = &[$(stringify!($name)),*];
    };
}

types!(
    Patient, RelatedPerson, Coverage, AllergyIntolerance, Encounter, Condition, Observation, DiagnosticReport,
    MedicationRequest, Procedure, Immunization, ServiceRequest, DocumentReference, Composition, CarePlan, Appointment,
    Organization, Location, Practitioner, PractitionerRole,
);

impl Type {
    pub fn name(self) -> &'static str {
        NAMES[self as usize]
    }
}

/// One type's share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TypeCount {
    /// The FHIR resource type.
    pub name: &'static str,
    /// How many were written.
    pub count: u64,
    /// Their JSON together, without the Bundle around it.
    pub bytes: u64,
}

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stats {
    counts: [(u64, u64); 20],
    /// Bundles written.
    pub bundles: u64,
    /// Their JSON together.
    pub bytes: u64,
}

impl Stats {
    pub(crate) fn add(&mut self, kind: Type, bytes: usize) {
        let count = &mut self.counts[kind as usize];
        count.0 += 1;
        count.1 += bytes as u64;
    }

    /// Resources of all types.
    pub fn resources(&self) -> u64 {
        self.counts.iter().map(|count| count.0).sum()
    }

    /// The types that occur.
    pub fn types(&self) -> impl Iterator<Item = TypeCount> {
        NAMES
            .iter()
            .zip(&self.counts)
            .filter(|(_, (count, _))| *count > 0)
            .map(|(name, (count, bytes))| TypeCount { name, count: *count, bytes: *bytes })
    }
}
