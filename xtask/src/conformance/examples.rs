//! The official examples: the validator's verdict on each beside Carnet's.
//!
//! A verdict is whether there is an error. Warnings differ by taste and are not compared.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use fhir::Document;
use validation::profile::{Asked, Shipped, Site, survey};

use super::{Difference, Judged, Message, shortened, without_numbers};

/// Where an example stands: the name of its file, and its line there, from 1.
type Line = (String, usize);

/// The examples as they are given to the validator, with Carnet's errors about each.
#[derive(Default)]
pub(super) struct Examples {
    verdicts: BTreeMap<Line, Vec<(Message, String)>>,
    /// Files that hold no resource.
    passed_over: usize,
}

impl Examples {
    /// Reads every `*.json` of a folder and writes one `example-TYPE.ndjson` a type for the validator.
    pub fn gather(source: &Path, folder: &Path) -> Result<Examples> {
        let listed = fs::read_dir(source).with_context(|| format!("could not list {}", source.display()))?;
        let mut paths: Vec<_> = listed.flatten().map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|extension| extension == "json")).collect();
        paths.sort();
        let (mut examples, mut lines): (Examples, BTreeMap<String, Vec<String>>) = Default::default();
        for path in paths {
            let text = fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))?;
            let Some(document) = Document::read(&text).ok().filter(|document| document.root().string("resourceType").is_some()) else {
                examples.passed_over += 1;
                continue;
            };
            let made = format!("example-{}", document.root().string("resourceType").unwrap_or_default());
            let mut compact = String::new();
            document.root().write_compact(&mut compact);
            let of_type = lines.entry(made.clone()).or_default();
            of_type.push(compact);
            examples.verdicts.insert((made.clone(), of_type.len()), errors(&made, &document));
        }
        ensure!(!examples.verdicts.is_empty(), "{} holds no resources", source.display());
        for (made, lines) in lines {
            fs::write(folder.join(format!("{made}.ndjson")), lines.join("\n") + "\n").with_context(|| format!("could not write {made}.ndjson"))?;
        }
        Ok(examples)
    }

    /// Writes what differs. Gives how many kinds of difference nobody explained yet.
    pub fn tell(&self, judged: &Judged, known: &[Difference<'_>], page: &mut String) -> usize {
        let (mut clean, mut flawed, mut stricter, mut laxer) = (0, 0, 0, 0);
        let mut kinds: BTreeMap<(&str, Message), (usize, String)> = BTreeMap::new();
        for (line, own) in &self.verdicts {
            if judged.failed.contains_key(line) {
                continue;
            }
            let theirs = judged.errors.get(line);
            let (who, messages) = match (own.is_empty(), theirs.is_some()) {
                (true, false) => {
                    clean += 1;
                    continue;
                }
                (false, true) => {
                    flawed += 1;
                    continue;
                }
                (true, true) => {
                    laxer += 1;
                    ("the validator", theirs.map_or(&[][..], Vec::as_slice))
                }
                (false, false) => {
                    stricter += 1;
                    ("Carnet", own.as_slice())
                }
            };
            for (message, text) in messages {
                kinds.entry((who, message.clone())).or_insert_with(|| (0, text.clone())).0 += 1;
            }
        }
        let _ = write!(
            page,
            "\n## The official examples\n\n{} examples of R4; Carnet's verdict (`$validate`, with what ships) beside the validator's. A verdict is whether there is an error.\n\n\
             | | the validator: no error | the validator: errors |\n|---|---:|---:|\n| **Carnet: no error** | {clean} | {laxer} |\n| **Carnet: errors** | {stricter} | {flawed} |\n\n",
            self.verdicts.len()
        );
        if self.passed_over > 0 {
            let _ = writeln!(page, "{} files hold no resource and were passed over.\n", self.passed_over);
        }
        if let Some((_, said)) = judged.failed.iter().min() {
            let _ = writeln!(page, "On {} the validator itself broke ({}); they are not counted.\n", judged.failed.len(), shortened(said));
        }
        page.push_str("What is said where the verdicts differ:\n\n| Said by | Where | What, for example | Times | Who is right | Why |\n|---|---|---|---:|---|---|\n");
        rows(kinds, known, page)
    }
}

/// One row for each reason; those without a reason each have their own.
fn rows(kinds: BTreeMap<(&str, Message), (usize, String)>, known: &[Difference<'_>], page: &mut String) -> usize {
    let mut explained: BTreeMap<(usize, &str), (usize, String, String)> = BTreeMap::new();
    let mut open = 0;
    let mut unexplained = String::new();
    for ((who, message), (count, text)) in kinds {
        match known.iter().position(|one| one.explains(&message, &text)) {
            Some(at) => explained.entry((at, who)).or_insert((0, message.place, text)).0 += count,
            None => {
                open += 1;
                let _ = writeln!(unexplained, "| {who} | {} | {} | {count} | open | not looked at yet ({}) |", message.place, shortened(&text), message.id);
            }
        }
    }
    for ((at, who), (count, place, text)) in explained {
        let _ = writeln!(page, "| {who} | {place} | {} | {count} | {} | {} |", shortened(&text), known[at].right, known[at].reason);
    }
    page.push_str(&unexplained);
    open
}

fn errors(made: &str, document: &Document<'_>) -> Vec<(Message, String)> {
    let base = validation::validate(document.root(), &validation::Options::default());
    let profiles = survey(document.root(), &Asked::default(), Site { profiles: &Shipped, codes: &terminology::R4 });
    let errors = base.into_iter().chain(profiles).filter(|issue| issue.is_error());
    errors.map(|issue| (Message { made: made.to_owned(), severity: "error".to_owned(), id: issue.rule.to_string(), place: without_numbers(&issue.expression) }, issue.message)).collect()
}
