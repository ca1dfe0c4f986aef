//! More people for a store that holds some already.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use synth::{Population, Shape, Stats};

/// Write people with records of another size, from a place in the population where nobody is yet:
/// their identifiers follow from their place, so they can join those of `carnet synth`.
#[derive(clap::Args)]
pub struct Others {
    /// mx, vn or ru.
    #[arg(long)]
    country: String,
    /// The place of the first one.
    #[arg(long, default_value_t = 1_000_000)]
    from: u64,
    /// How many.
    #[arg(long)]
    people: u64,
    /// Encounters of each in seven years; without it records are long.
    #[arg(long)]
    encounters: Option<u32>,
    /// The folder to write to.
    #[arg(long)]
    out: PathBuf,
}

impl Others {
    /// Writes one file a person.
    pub fn run(self) -> Result<()> {
        let Some(country) = country::by_code(&self.country) else { bail!("there is no country pack `{}`", self.country) };
        let population = Population::new(country, 1).shaped(self.encounters.map_or(Shape::Long, Shape::Encounters));
        std::fs::create_dir_all(&self.out).with_context(|| format!("could not make {}", self.out.display()))?;
        let mut stats = Stats::default();
        for index in self.from..self.from + self.people {
            let mut text = String::new();
            population.write_person(index, &mut text, &mut stats);
            std::fs::write(self.out.join(format!("person-{}-{index:08}.json", self.country)), text)?;
        }
        println!("{} bundles in {}", stats.bundles, self.out.display());
        Ok(())
    }
}
