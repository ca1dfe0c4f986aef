//! `carnet synth`: a population as Bundles in files.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use synth::{Population, Shape};

use crate::progress;

/// Write a made-up population as FHIR Bundles: the same seed always gives the same people.
#[derive(clap::Args)]
pub struct Synth {
    /// mx, vn or ru.
    #[arg(long)]
    country: String,
    /// How many persons.
    #[arg(long, default_value_t = 100)]
    people: u64,
    /// Another seed, other people.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The folder to write to.
    #[arg(long)]
    out: PathBuf,
    /// usual, long, or encounters=N for records with that many encounters.
    #[arg(long, default_value = "usual")]
    shape: String,
}

impl Synth {
    /// Writes `places.json`, then one file a person.
    pub fn run(self) -> Result<ExitCode> {
        let Some(country) = country::by_code(&self.country) else { bail!("there is no country pack `{}`; there are {}", self.country, country::all().iter().map(|country| country.code.as_str()).collect::<Vec<_>>().join(", ")) };
        if !synth::invents(country) {
            bail!("people of `{}` cannot be invented: their numbers are not known here", self.country);
        }
        let shape = match (self.shape.as_str(), self.shape.strip_prefix("encounters=")) {
            ("usual", _) => Shape::Usual,
            ("long", _) => Shape::Long,
            (_, Some(number)) => Shape::Encounters(number.parse().context("encounters= wants a number")?),
            _ => bail!("--shape is usual, long or encounters=N"),
        };
        fs::create_dir_all(&self.out).with_context(|| format!("could not make {}", self.out.display()))?;
        let mut bundles = Population::new(country, self.seed).shaped(shape).bundles(self.people);
        let bar = progress::bar(self.people + 1, "Writing");
        let mut text = String::new();
        let mut number = 0;
        while bundles.write_bundle(&mut text) {
            // Names sort so that the places come before the persons that refer to them.
            let name = if number == 0 { format!("0000-places-{}.json", self.country) } else { format!("person-{}-{number:08}.json", self.country) };
            let file = self.out.join(name);
            fs::write(&file, &text).with_context(|| format!("could not write {}", file.display()))?;
            number += 1;
            bar.inc(1);
        }
        bar.finish_and_clear();
        println!("{} bundles in {}", number, self.out.display());
        Ok(ExitCode::SUCCESS)
    }
}
