//! `POST /Type/{id}/$meta-delete`: takes away profiles, security labels and tags; needs the right to write.
//! https://hl7.org/fhir/R4/resource-operation-meta-delete.html

use super::{At, EVERY_TYPE, Operation, Reads, meta};
use chart::Labelling;

pub(crate) const OPERATION: Operation = Operation {
    name: "meta-delete",
    definition: "http://hl7.org/fhir/OperationDefinition/Resource-meta-delete",
    // Not on a version: what was written is never changed.
    at: &[At::Instance(EVERY_TYPE)],
    methods: "POST",
    parameters: &["meta"],
    reads: Reads::Parameters,
    run: |asked, call| Box::pin(meta::label(asked, call, Labelling::Remove)),
};
