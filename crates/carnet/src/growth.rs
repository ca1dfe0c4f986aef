//! `carnet growth`: tables of growth taken in from the files the World Health Organization gives out.
//!
//! * The coefficients are theirs and do not ship. Each file becomes one Library for each sex; the same file twice
//!   changes nothing, another file of the same range takes its place as a new version.
//! * A file with one wrong line is refused as a whole, with the line, and nothing of it is kept.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chart::GROWTH_TABLE;
use clap::{Subcommand, ValueEnum};
use schedule::growth::Measure;
use schedule::growth::table::{self, Table};

use crate::canonical::{Door, word};
use crate::site::Site;

/// Take in tables of growth.
#[derive(clap::Args)]
pub struct Growth {
    #[command(subcommand)]
    deed: Deed,
}

#[derive(Subcommand)]
enum Deed {
    Import(Import),
}

/// Of whom a table is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Sex {
    /// Girls.
    Girl,
    /// Boys.
    Boy,
}

/// Import weianthro.txt, lenanthro.txt, wfhanthro.txt, wflanthro.txt, bmianthro.txt, hcanthro.txt (0 to 5 years), hfawho2007.txt,
/// bfawho2007.txt and wfawho2007.txt (5 to 19 years) as the World Health Organization gives them out; the server must be stopped.
#[derive(clap::Args)]
struct Import {
    /// The folder of the site.
    #[arg(long)]
    data: PathBuf,
    /// The files: text with columns parted by tabs, commas or semicolons, among them L, M and S.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// What is compared, for a file of another name: weight-for-age, height-for-age, weight-for-height, weight-for-length, bmi-for-age or head-for-age.
    #[arg(long)]
    measure: Option<String>,
    /// Of whom, for a file without a column `sex`.
    #[arg(long, value_enum)]
    sex: Option<Sex>,
    /// A column `age` counts months, for a file of another name.
    #[arg(long)]
    months: bool,
}

impl Growth {
    /// Does it.
    pub fn run(self) -> Result<ExitCode> {
        let Deed::Import(import) = self.deed;
        import.run()
    }
}

impl Import {
    fn run(self) -> Result<ExitCode> {
        let site = Site::at(&self.data, None);
        if !site.exists() {
            bail!("there is no site in {}; create one with `carnet init --data {}`", site.folder.display(), site.folder.display());
        }
        // Everything is read before anything is kept.
        let mut tables = Vec::new();
        for file in &self.files {
            tables.extend(self.read(file)?);
        }
        let mut door = Door::open(&site)?;
        for table in &tables {
            let told = match door.take(&library(table), false)? {
                Ok(told) => told,
                Err(issues) => bail!("a table was refused: {}", issues.first().map_or("", |issue| issue.message.as_str())),
            };
            println!("{}, {}: {} rows, {}", table.measure.name(), sex_of(table), table.rows.len(), word(told.done));
        }
        door.close(&site)?;
        Ok(ExitCode::SUCCESS)
    }

    fn read(&self, file: &Path) -> Result<Vec<Table>> {
        let shown = file.display();
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let (measure, months) = match &self.measure {
            Some(wanted) => (Measure::named(wanted).with_context(|| format!("--measure wants one of {}", Measure::ALL.map(|(_, name)| name).join(", ")))?, self.months),
            None => table::of_file(name).with_context(|| format!("{shown}: the name tells no measure that is used here; say which with --measure, or leave the file out"))?,
        };
        let text = std::fs::read_to_string(file).with_context(|| format!("{shown} cannot be read"))?;
        let sex = self.sex.map(|sex| if sex == Sex::Girl { table::Sex::Girl } else { table::Sex::Boy });
        table::read(&text, measure, sex, months).with_context(|| format!("{shown} is not a table of growth"))
    }
}

fn sex_of(table: &Table) -> &'static str {
    if table.sex == table::Sex::Girl { "girls" } else { "boys" }
}

/// A table as the resource it is kept as.
fn library(table: &Table) -> String {
    let from = table.rows.first().map_or(0.0, |(place, _)| place.floor());
    let url = format!("{GROWTH_TABLE}{}-{}-from-{from}", table.measure.name(), sex_of(table));
    let title = format!("{} of {}", table.measure.name(), sex_of(table));
    let kind = r#"{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/library-type","code":"asset-collection"}]}"#;
    format!(r#"{{"resourceType":"Library","url":"{url}","title":"{title}","status":"active","type":{kind},"publisher":"World Health Organization","content":[{{"contentType":"text/tab-separated-values","data":"{}"}}]}}"#, STANDARD.encode(table.text()))
}
