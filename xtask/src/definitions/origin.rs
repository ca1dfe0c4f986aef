//! The page that says where the table comes from.

use super::Counts;
use super::normalise::Changes;
use super::source::{FILES, LICENCE, PACKAGE, VERSION, digest};

/// `ORIGIN.md` in full.
pub fn page(table: &[u8], counts: &Counts, changes: &Changes) -> String {
    let lines = |items: &[String]| items.iter().map(|item| format!("* {item}\n")).collect::<String>();
    let files: String = FILES.iter().map(|(name, digest)| format!("| dist/fhir/r4/{name} | {digest} |\n")).collect();
    let held: String = counts.iter().map(|(what, count)| format!("| {what} | {count} |\n")).collect();
    format!(
        "# Where r4.bin comes from

Made by `cargo xtask definitions`; not edited by hand. Its format is described in
`src/definitions/decode.rs`.

* Source: npm package {PACKAGE} {VERSION}, licence {LICENCE}, which carries the definitions of
  FHIR R4 (4.0.1). The definitions themselves are published by HL7 under CC0-1.0.
* SHA-256 of r4.bin: {digest}
* Size: {size} bytes

| File read | SHA-256 |
|---|---|
{files}
| Held | |
|---|---|
{held}
Not held: profiles, extensions, operations, concept maps, narrative, definitions and designations
of concepts, mappings.

## Taken out: not part of R4 4.0.1

{dropped}
## Put back to the published value

{corrected}
{KNOWN}",
        digest = digest(table),
        size = table.len(),
        dropped = lines(&changes.dropped),
        corrected = lines(&changes.corrected),
    )
}

const KNOWN: &str = "\
## Left different from the official package, on purpose

`xtask/tests/published.rs` compares the table with the official package and knows these and no others.

| Where | Official | Here | Why |
|---|---|---|---|
| Appointment, app-4 | `no-show` | `noshow` | the value set has only `noshow`, so the official rule refuses every missed appointment with a reason |
| Bundle.entry, bdl-8 | `fullUrl.contains(…).not()` | `fullUrl.exists() implies …` | without a fullUrl the official rule is empty, neither true nor false |
| Timing.repeat, tim-9 | `when in (…)` | `when.select($this in (…)).allFalse()` | `in` fails where `when` has two values |
| CodeSystem v2-0550 | 446 codes | 442 codes | four official codes are broken bytes: a no-break space, bare or after a code |
";
