//! A whole request to the FHIR API. What must hold is in `testkit::fuzz::request`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| testkit::fuzz::request(bytes));
