//! An expression, and perhaps a resource, to FHIRPath. What must hold is in `testkit::fuzz::fhirpath`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| testkit::fuzz::fhirpath(bytes));
