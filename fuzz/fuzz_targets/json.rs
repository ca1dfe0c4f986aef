//! Any bytes to the JSON reader. What must hold is in `testkit::fuzz::json`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| testkit::fuzz::json(bytes));
