//! Files in an owner's own form: opened, read, and named as the operator says.

use std::cell::{Cell, RefCell};
use std::path::Path;

use anyhow::{Context, Result, bail};
use terminology::import::table::{self, Column, Columns, Shape};
use terminology::import::{About, Reading, Unreadable, atc, claml, cvx, loinc};

use super::rejected::Rejected;
use super::{Import, Kind};
use crate::import::source;
use crate::progress;

/// Reads the files of one code system.
pub fn read(import: &Import, rejected: &mut Rejected) -> Result<Reading> {
    let (first, others) = import.files.split_first().context("no file was named")?;
    if !others.is_empty() && import.kind != Kind::Loinc {
        bail!("one file at a time: each is a code system of its own");
    }
    let columns = import.columns.iter().map(|text| column(text)).collect::<Result<Vec<_>>>()?;
    if !columns.is_empty() && !matches!(import.kind, Kind::Table | Kind::Atc) {
        bail!("--column goes with --kind table or atc");
    }
    // Which of them the file has, as its first line is read.
    let (seen, is_headed) = (RefCell::new(vec![false; columns.len()]), Cell::new(false));
    let named = |heading: &str| {
        is_headed.set(true);
        let mut found = None;
        for (place, (wanted, column)) in columns.iter().enumerate() {
            if wanted.trim().eq_ignore_ascii_case(heading.trim()) {
                seen.borrow_mut()[place] = true;
                found.get_or_insert_with(|| column.clone());
            }
        }
        found
    };
    let usual = |heading: &str| named(heading).unwrap_or_else(|| table::usual(heading));
    let reading = opened(first, |input| match import.kind {
        Kind::Claml => claml::read(input),
        Kind::Loinc => loinc::read(input),
        Kind::Atc => atc::read(input, &named),
        Kind::Cvx => cvx::read(input),
        Kind::Table | Kind::Fhir => table::read(input, &Shape { divider: None, columns: Columns::Headed(&usual), names_only: false }),
    });
    if is_headed.get()
        && let Some(place) = seen.borrow().iter().position(|is_seen| !is_seen)
    {
        // Another column would be taken in its place.
        let missing = format!("{} has no column headed {}, which --column {} names", first.display(), columns[place].0, import.columns[place]);
        return match reading {
            Ok(_) => Err(anyhow::Error::msg(missing)),
            Err(cause) => Err(cause.context(missing)),
        };
    }
    let mut reading = reading?;
    for variant in others {
        let name = variant.file_name().unwrap_or_default().to_string_lossy();
        let plain = name.trim_end_matches(".gz").trim_end_matches(".zst").trim_end_matches(".bz2");
        let Some(language) = loinc::language_of(plain) else {
            bail!("{} is not named as a linguistic variant is, as esMX12LinguisticVariant.csv, so its language is not known", variant.display());
        };
        let names = opened(variant, |input| loinc::variant(input, &language))?;
        rejected.keep(variant, &reading.name_more(names))?;
    }
    name(&mut reading.about, import)?;
    Ok(reading)
}

fn opened(path: &Path, read: impl FnOnce(Box<dyn std::io::BufRead + Send>) -> Result<Reading, Unreadable>) -> Result<Reading> {
    let size = std::fs::metadata(path).with_context(|| format!("could not find {}", path.display()))?.len();
    let bar = progress::bytes(size, "Reading");
    let input = source::open(path, &bar).with_context(|| format!("could not open {}", path.display()))?;
    let reading = read(input);
    bar.finish_and_clear();
    reading.with_context(|| format!("could not read {}", path.display()))
}

/// `MEANING=HEADING`, as the heading and what it means.
fn column(text: &str) -> Result<(String, Column)> {
    let Some((meaning, heading)) = text.split_once('=').filter(|(meaning, heading)| !meaning.is_empty() && !heading.is_empty()) else {
        bail!("--column wants MEANING=HEADING, as code=CATALOG_KEY, not {text}");
    };
    Ok((heading.to_owned(), table::usual(meaning)))
}

/// What the operator says of the system counts before what the file says.
fn name(about: &mut About, import: &Import) -> Result<()> {
    if let Some(url) = &import.url {
        about.url.clone_from(url);
    }
    if about.url.is_empty() {
        bail!("a table does not say which code system it is; name it with --url, as http://salud.example/CodeSystem/servicios");
    }
    if import.version.is_some() {
        about.version.clone_from(&import.version);
    }
    if import.language.is_some() {
        about.language.clone_from(&import.language);
    }
    if let Some(name) = &import.name {
        about.title.clone_from(name);
        about.name = computable(name);
    }
    if about.title.is_empty() {
        about.title = about.url.rsplit('/').next().unwrap_or_default().to_owned();
    }
    if about.name.is_empty() {
        about.name = computable(&about.title);
    }
    Ok(())
}

/// A name for programs: it begins with a capital and has letters, digits and underscores.
fn computable(name: &str) -> String {
    let plain = terminology::fold::fold(name);
    let mut out = String::new();
    for word in plain.split(' ') {
        let letters: String = word.chars().filter(char::is_ascii_alphanumeric).collect();
        out.extend(letters.chars().next().map(|first| first.to_ascii_uppercase()));
        out.extend(letters.chars().skip(1));
    }
    match out.chars().next() {
        Some(first) if first.is_ascii_uppercase() => out,
        _ => format!("CodeSystem{out}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_for_programs_is_made_of_any_name() {
        for (name, expect) in [("Catálogo de servicios", "CatalogoDeServicios"), ("МКБ-10", "CodeSystem10"), ("2026 list", "CodeSystem2026List"), ("ICD-10", "Icd10")] {
            assert_eq!(computable(name), expect);
        }
    }

    #[test]
    fn a_column_is_named_by_its_heading() {
        assert_eq!(column("code=CATALOG_KEY").unwrap(), ("CATALOG_KEY".to_owned(), Column::Code));
        assert_eq!(column("display:es=NOMBRE").unwrap().1, Column::Name(Some("es".to_owned())));
        assert!(column("code").is_err() && column("=x").is_err() && column("code=").is_err());
    }
}
