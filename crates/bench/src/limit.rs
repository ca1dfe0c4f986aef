//! The limit: every step of the pipeline, measured alone on the same data, on one core.

use std::hint::black_box;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::Result;
use fhir::{Document, ResourceType};
use seal::{Dictionaries, InstitutionKey, PersonKey, Place, Sealer, Stream};

use crate::people::files;
use crate::sheet::Sheet;

/// Measure what each step costs at least.
#[derive(clap::Args)]
pub struct Limit {
    /// Folders of Bundles.
    #[arg(required = true)]
    folders: Vec<PathBuf>,
    /// Resources looked at.
    #[arg(long, default_value_t = 20_000)]
    resources: usize,
    /// Rounds; the figure is the median, the deviation goes over all.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// What the figures are called.
    #[arg(long, default_value = "limit")]
    name: String,
    /// Where the figures go.
    #[arg(long)]
    sheet: PathBuf,
}

/// One resource, and what later steps need of earlier ones.
struct Sample<'t> {
    kind: ResourceType,
    text: &'t str,
    terms: Vec<(String, Vec<u8>, u16)>,
}

impl Limit {
    /// Writes a line for each step.
    pub fn run(self) -> Result<()> {
        let mut texts = Vec::new();
        // Persons from all over the list, not the first ones only.
        let all = files(&self.folders)?;
        let step = (all.len() / (self.resources / 60).max(1)).max(1);
        for file in all.iter().step_by(step) {
            let bundle = std::fs::read_to_string(file)?;
            let document = Document::read(&bundle)?;
            for entry in document.root().get("entry").into_iter().flat_map(|entries| entries.items()) {
                if let Some(resource) = entry.get("resource") {
                    texts.push(resource.raw().to_owned());
                }
            }
            if texts.len() >= self.resources {
                break;
            }
        }
        let documents: Vec<Document<'_>> = texts.iter().map(|text| Document::read(text)).collect::<Result<_, _>>()?;
        let samples: Vec<Sample<'_>> = documents.iter().zip(&texts).filter_map(|(document, text)| sample(document, text)).collect();
        let mean = texts.iter().map(String::len).sum::<usize>() / texts.len().max(1);
        let sheet = Sheet::new(&self.sheet, "name,step,resources,mean_bytes,median_us,least_us,most_us");
        let measure = |step: &str, act: &mut dyn FnMut()| -> Result<f64> {
            act();
            let mut rounds: Vec<f64> = (0..self.rounds)
                .map(|_| {
                    let began = Instant::now();
                    act();
                    began.elapsed().as_secs_f64() * 1e6 / samples.len() as f64
                })
                .collect();
            rounds.sort_by(f64::total_cmp);
            let median = rounds[rounds.len() / 2];
            sheet.line(&format!("{},{step},{},{mean},{median:.2},{:.2},{:.2}", self.name, samples.len(), rounds[0], rounds[rounds.len() - 1]))?;
            Ok(median)
        };
        let mut sum = measure("parse", &mut || {
            for sample in &samples {
                black_box(Document::read(sample.text).is_ok());
            }
        })?;
        let options = validation::Options { conditional_references: true, ..validation::Options::default() };
        sum += measure("validate", &mut || {
            for document in &documents {
                black_box(validation::validate(document.root(), &options));
            }
        })?;
        sum += measure("terms", &mut || {
            for (document, sample) in documents.iter().zip(&samples) {
                search::terms(sample.kind, document.root(), &mut |term| {
                    black_box(term);
                });
            }
        })?;
        let mut chance = Stream::new([7; 32]);
        let tokens = InstitutionKey::new(&mut chance).as_site().tokens();
        sum += measure("tokens", &mut || {
            for sample in &samples {
                for (parameter, value, month) in &sample.terms {
                    let (token, key) = tokens.term(parameter, value, *month);
                    black_box((token, key.seal([1; 16])));
                }
            }
        })?;
        let sealer = Sealer::new(&PersonKey::new(&mut chance));
        let place = |entry: usize| Place { record: 7, type_code: 3, entry: entry as u32, version: 1, kind: 0 };
        let mut sealed: Vec<Vec<u8>> = vec![Vec::new(); samples.len()];
        sum += measure("compress and seal", &mut || {
            for (entry, (sample, sealed)) in samples.iter().zip(&mut sealed).enumerate() {
                sealed.clear();
                let done = sealer.seal(&place(entry), sample.text.as_bytes(), Dictionaries::id_for(sample.kind.name()), &mut chance, sealed);
                black_box((done.is_ok(), sealer.digest(&place(entry), sealed)));
            }
        })?;
        let mut plain = Vec::new();
        measure("open and decompress", &mut || {
            for (entry, sealed) in sealed.iter().enumerate() {
                plain.clear();
                black_box(sealer.open(&place(entry), sealed, &mut plain).is_ok());
            }
        })?;
        let bytes: usize = sealed.iter().map(Vec::len).sum();
        let terms: usize = samples.iter().map(|sample| sample.terms.len()).sum();
        let per = |count: usize| count as f64 / samples.len() as f64;
        sheet.line(&format!("{},write limit (sum),{},{mean},{sum:.2},,", self.name, samples.len()))?;
        println!("sealed {:.0} bytes a resource, {:.2} terms a resource; two cores at the limit: {:.0} resources/s", per(bytes), per(terms), 2e6 / sum);
        Ok(())
    }
}

fn sample<'t>(document: &Document<'_>, text: &'t str) -> Option<Sample<'t>> {
    let kind = ResourceType::named(&document.root().string("resourceType")?)?;
    let mut terms = Vec::new();
    search::terms(kind, document.root(), &mut |term| terms.push((term.parameter.0.to_string(), term.value.to_vec(), term.bucket)));
    Some(Sample { kind, text, terms })
}
