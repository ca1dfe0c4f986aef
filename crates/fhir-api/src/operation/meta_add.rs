//! `POST /Type/{id}/$meta-add`: adds profiles, security labels and tags; needs the right to write.
//! https://hl7.org/fhir/R4/resource-operation-meta-add.html

use super::{At, EVERY_TYPE, Operation, Reads, meta};
use chart::Labelling;

pub(crate) const OPERATION: Operation = Operation {
    name: "meta-add",
    definition: "http://hl7.org/fhir/OperationDefinition/Resource-meta-add",
    // Not on a version: what was written is never changed.
    at: &[At::Instance(EVERY_TYPE)],
    methods: "POST",
    parameters: &["meta"],
    reads: Reads::Parameters,
    run: |asked, call| Box::pin(meta::label(asked, call, Labelling::Add)),
};
