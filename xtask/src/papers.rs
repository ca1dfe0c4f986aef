//! What Carnet prints, judged by veraPDF: `cargo xtask papers FOLDER`.
//!
//! * The folder holds the papers that a test has put there: `KEEP_PAPERS=FOLDER cargo test --release -p web --test proof`.
//! * The verdict is a section of `docs/conformance.md`; the rest of the page is that of `cargo xtask conformance`.
//! * A paper that breaks a rule makes the command fail.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::conformance::{PAGE, beside, run};

/// How the section begins; it is the last of the page.
const HEADING: &str = "\n## Papers as PDF/A\n";

/// Runs it.
pub fn judge(folder: &Path) -> Result<()> {
    run(Command::new("scripts/set-up").arg("conformance"))?;
    let library = beside("papers-library")?;
    run(Command::new("mvn").args(["-q", "-B", "-f", "tests/conformance/papers/pom.xml", "dependency:copy-dependencies"]).arg(format!("-DoutputDirectory={}", library.display())))?;
    let output = Command::new("java").arg("-Xmx2g").arg("-cp").arg(format!("{}/*", library.display())).arg("tests/conformance/papers/Papers.java").arg(folder).stderr(Stdio::inherit()).output().context("could not start java")?;
    ensure!(output.status.success(), "the judge failed: {}", output.status);
    let told = String::from_utf8(output.stdout).context("the judge does not write UTF-8")?;
    let (mut judged, mut broken) = (BTreeMap::<&str, usize>::new(), BTreeMap::<(&str, &str, &str), (usize, &str)>::new());
    for line in told.lines() {
        match line.split('\t').collect::<Vec<_>>()[..] {
            ["judged", standard, _] => *judged.entry(standard).or_default() += 1,
            ["broken", standard, file, rule, says] => broken.entry((standard, rule, says)).or_insert((0, file)).0 += 1,
            _ => bail!("the judge wrote a line that is none of its own"),
        }
    }
    ensure!(!judged.is_empty(), "{} holds no PDF", folder.display());
    let mut section = format!(
        "{HEADING}\nWhat veraPDF (1.28.2, fetched by Maven) says of what Carnet prints. The papers are those of the proof: every form of the packs in every language, filled in from its sample and signed, and the certificates with their codes.\n\n    KEEP_PAPERS=FOLDER cargo test --release -p web --test proof\n    cargo xtask papers FOLDER\n\n| Standard | Papers | Rules broken |\n|---|---:|---:|\n"
    );
    for (standard, count) in &judged {
        let _ = writeln!(section, "| {} | {count} | {} |", called(standard), broken.keys().filter(|(own, ..)| own == standard).count());
    }
    if !broken.is_empty() {
        section.push_str("\n| Standard | Rule | What it says | Papers | For example |\n|---|---|---|---:|---|\n");
        for ((standard, rule, says), (count, file)) in &broken {
            let _ = writeln!(section, "| {} | {rule} | {} | {count} | {file} |", called(standard), says.replace('|', "/"));
        }
    }
    let page = fs::read_to_string(PAGE).with_context(|| format!("could not read {PAGE}"))?;
    let rest = page.split(HEADING).next().unwrap_or_default();
    fs::write(PAGE, format!("{rest}{section}")).with_context(|| format!("could not write {PAGE}"))?;
    println!("{} papers judged, {} rules broken: {PAGE}", judged.values().max().copied().unwrap_or(0), broken.len());
    ensure!(broken.is_empty(), "mend what is printed: {PAGE} says which rules");
    Ok(())
}

/// What a page of conformance says of papers, for whoever writes the rest of it anew.
pub fn section_of(page: &str) -> Option<String> {
    page.split_once(HEADING).map(|(_, rest)| format!("{HEADING}{rest}"))
}

fn called(standard: &str) -> &str {
    match standard {
        "2a" => "PDF/A-2a",
        "ua1" => "PDF/UA-1",
        other => other,
    }
}
