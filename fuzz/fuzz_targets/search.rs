//! A query, and perhaps a resource, to the search parser. What must hold is in `testkit::fuzz::search`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| testkit::fuzz::search(bytes));
