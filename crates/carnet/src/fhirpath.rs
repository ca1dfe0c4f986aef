//! `carnet fhirpath`: evaluates an expression, prints one JSON value a line.

use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use fhir::Document;
use fhirpath::{Collection, Expression, Node, to_json_lines};

/// Evaluate a FHIRPath expression on a resource; one JSON value a line.
#[derive(clap::Args)]
pub struct Fhirpath {
    /// For example: Patient.name.where(use = 'official').given
    expression: String,
    /// A file with one resource as JSON; standard input where none is named. Without either, pass "-n".
    file: Option<PathBuf>,
    /// Evaluate on nothing: for expressions like 1 + 1.
    #[arg(short = 'n', long)]
    no_input: bool,
}

impl Fhirpath {
    /// Prints the results. Exit code 1 where the expression cannot be evaluated.
    pub fn run(self) -> Result<ExitCode> {
        let expression = match Expression::parse(&self.expression) {
            Ok(expression) => expression,
            Err(cause) => {
                eprintln!("carnet fhirpath: {cause}");
                return Ok(ExitCode::from(1));
            }
        };
        let text = self.text()?;
        let document = Document::read(&text).context("the input is not JSON")?;
        let root = document.root();
        let context = fhirpath::Context::of(root);
        let input = if self.no_input { Collection::default() } else { Collection::one(Node::resource(root)) };
        match expression.evaluate(&context, input) {
            Ok(found) => {
                print!("{}", to_json_lines(&found));
                Ok(ExitCode::SUCCESS)
            }
            Err(cause) => {
                eprintln!("carnet fhirpath: {cause}");
                Ok(ExitCode::from(1))
            }
        }
    }

    fn text(&self) -> Result<String> {
        let mut text = String::new();
        match &self.file {
            _ if self.no_input => text.push_str("{}"),
            Some(file) => text = std::fs::read_to_string(file).with_context(|| format!("could not read {}", file.display()))?,
            None => {
                std::io::stdin().read_to_string(&mut text).context("could not read standard input")?;
            }
        }
        if text.trim().is_empty() {
            bail!("the input is empty; name a file, or pass -n to evaluate on nothing");
        }
        Ok(text)
    }
}
