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
use chart::growth_table;
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
/// bfawho2007.txt and wfawho2007.txt (5 to 19 years) as the World Health Organization gives them out, or its tables of one sex
/// saved as CSV (bmi-girls-z-who-2007-exp.csv); the server must be stopped.
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
    /// Of whom, for a file without a column `sex` whose name does not tell it.
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
        let named = table::of_file(name);
        let measure = match &self.measure {
            Some(wanted) => Measure::named(wanted).with_context(|| format!("--measure wants one of {}", Measure::ALL.map(|(_, name)| name).join(", ")))?,
            None => named.with_context(|| format!("{shown}: the name tells no measure that is used here; say which with --measure, or leave the file out"))?.measure,
        };
        let months = self.months || named.is_some_and(|named| named.months);
        let bytes = std::fs::read(file).with_context(|| format!("{shown} cannot be read"))?;
        let text = text_of(&bytes).with_context(|| format!("{shown} is not text: save the table as text or CSV"))?;
        let said = self.sex.map(|sex| if sex == Sex::Girl { table::Sex::Girl } else { table::Sex::Boy });
        table::read(&text, measure, said.or(named.and_then(|named| named.sex)), months).with_context(|| format!("{shown} is not a table of growth"))
    }
}

/// The text of a file: UTF-8, or the UTF-16 in which a spreadsheet writes "Unicode text".
fn text_of(bytes: &[u8]) -> Option<String> {
    let wide = |order: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes[2..].chunks(2).map(|pair| <[u8; 2]>::try_from(pair).map(order)).collect::<std::result::Result<_, _>>().ok()?;
        String::from_utf16(&units).ok()
    };
    match bytes {
        [0xFF, 0xFE, ..] => wide(u16::from_le_bytes),
        [0xFE, 0xFF, ..] => wide(u16::from_be_bytes),
        _ => String::from_utf8(bytes.to_vec()).ok().filter(|text| !text.contains('\0')),
    }
}

fn sex_of(table: &Table) -> &'static str {
    if table.sex == table::Sex::Girl { "girls" } else { "boys" }
}

/// A table as the resource it is kept as.
fn library(table: &Table) -> String {
    let url = growth_table(table);
    let title = format!("{} of {}", table.measure.name(), sex_of(table));
    let kind = r#"{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/library-type","code":"asset-collection"}]}"#;
    format!(r#"{{"resourceType":"Library","url":"{url}","title":"{title}","status":"active","type":{kind},"publisher":"World Health Organization","content":[{{"contentType":"text/tab-separated-values","data":"{}"}}]}}"#, STANDARD.encode(table.text()))
}
