//! A nation in outline: very many persons with few resources each.
//!
//! * Persons are those of `synth`, so names, birth dates and identifiers are spread as there.
//! * Each has a few measurements in ten years: what searches across the nation walk over.
//! * Made and imported inside this process, through the door, durably, like any import.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use chart::{Arrival, Chart, Imported, Importer};
use fhir::Document;
use synth::{Population, Stats};

use crate::fill::{arrival, console, open};
use crate::load::mix;
use crate::process::own_cpu_seconds;
use crate::sheet::Sheet;

/// Fill a store with very many persons who have a few measurements each.
#[derive(clap::Args)]
pub struct Wide {
    /// The folder of the site; made where there is none.
    #[arg(long)]
    data: PathBuf,
    /// The binary that makes it.
    #[arg(long)]
    carnet: PathBuf,
    /// mx, vn or ru.
    #[arg(long)]
    country: String,
    /// How many persons.
    #[arg(long)]
    people: u64,
    /// Measurements of each.
    #[arg(long, default_value_t = 10)]
    observations: u64,
    /// Persons under way at once.
    #[arg(long, default_value_t = 64)]
    in_flight: u64,
    /// Where a list of some of them goes, as `bench people` writes it.
    #[arg(long)]
    list: PathBuf,
    /// What the figures are called.
    #[arg(long, default_value = "wide")]
    name: String,
    /// Where the figures go.
    #[arg(long)]
    sheet: PathBuf,
}

const COLUMNS: &str = "name,people,resources,kept,other,bytes,seconds,resources_per_second,cpu_seconds,cpu_us_per_resource";
/// Persons on the list.
const LISTED: u64 = 20_000;
/// Persons that one import takes together.
const TOGETHER: u64 = 8;

/// LOINC codes of common measurements with a unit and a usual value: what is measured often stands first.
const MEASURED: [(&str, &str, u64); 24] = [
    ("8867-4", "/min", 72), ("8480-6", "mm[Hg]", 120), ("8462-4", "mm[Hg]", 78), ("8310-5", "Cel", 37), ("29463-7", "kg", 68), ("9279-1", "/min", 16),
    ("59408-5", "%", 97), ("8302-2", "cm", 165), ("2345-7", "mg/dL", 95), ("4548-4", "%", 6), ("2160-0", "mg/dL", 1), ("718-7", "g/dL", 14),
    ("6690-2", "10*3/uL", 7), ("777-3", "10*3/uL", 250), ("2093-3", "mg/dL", 180), ("2571-8", "mg/dL", 140), ("2085-9", "mg/dL", 50), ("1742-6", "U/L", 25),
    ("1920-8", "U/L", 24), ("3016-3", "m[IU]/L", 2), ("2823-3", "mmol/L", 4), ("2951-2", "mmol/L", 140), ("1988-5", "mg/L", 3), ("5778-6", "1", 1),
];

#[derive(Default)]
struct Counts {
    kept: AtomicU64,
    other: AtomicU64,
    bytes: AtomicU64,
}

impl Wide {
    /// Fills the store once.
    pub fn run(self) -> Result<()> {
        let Some(country) = country::by_code(&self.country) else { bail!("there is no country pack `{}`", self.country) };
        if !self.data.join("record").exists() {
            let status = Command::new(&self.carnet).args(["init", "--data"]).arg(&self.data).stdout(Stdio::null()).status()?;
            if !status.success() {
                bail!("`carnet init` ended with {status}");
            }
        }
        let population = Population::new(country, 1);
        let chart = open(&self.data)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let counts = Arc::new(Counts::default());
        let (cpu, began) = (own_cpu_seconds(), Instant::now());
        let list = runtime.block_on(self.all(&chart, population, &counts))?;
        let (seconds, cpu) = (began.elapsed().as_secs_f64(), own_cpu_seconds() - cpu);
        chart.close()?;
        std::fs::write(&self.list, list).with_context(|| format!("could not write {}", self.list.display()))?;
        let [kept, other, bytes] = [&counts.kept, &counts.other, &counts.bytes].map(|count| count.load(Relaxed));
        let line = format!(
            "{},{},{},{kept},{other},{bytes},{seconds:.2},{:.0},{cpu:.2},{:.2}",
            self.name,
            self.people,
            kept + other,
            kept as f64 / seconds,
            cpu * 1e6 / kept as f64
        );
        Sheet::new(&self.sheet, COLUMNS).line(&line)
    }

    async fn all(&self, chart: &Chart, population: Population, counts: &Arc<Counts>) -> Result<String> {
        let mut places = String::new();
        population.write_places(&mut places, &mut Stats::default());
        import(chart, &[places], counts).await?;
        let (next, people, observations) = (Arc::new(AtomicU64::new(0)), self.people, self.observations);
        let every = (people / LISTED).max(1);
        let mut workers = tokio::task::JoinSet::new();
        for _ in 0..self.in_flight {
            let (chart, next, counts) = (chart.clone(), next.clone(), counts.clone());
            workers.spawn(async move {
                let mut list = String::new();
                loop {
                    let first = next.fetch_add(TOGETHER, Relaxed);
                    if first >= people {
                        return anyhow::Ok(list);
                    }
                    let mut bundles = Vec::new();
                    for index in first..(first + TOGETHER).min(people) {
                        let (bundle, line) = outline(&population, index, observations)?;
                        bundles.push(bundle);
                        if index % every == 0 {
                            list.push_str(&line);
                        }
                    }
                    import(&chart, &bundles, &counts).await?;
                }
            });
        }
        let mut list = String::new();
        while let Some(done) = workers.join_next().await {
            list.push_str(&done??);
        }
        Ok(list)
    }
}

/// A person's Patient and measurements as a Bundle, and the line of the list.
fn outline(population: &Population, index: u64, observations: u64) -> Result<(String, String)> {
    let mut whole = String::new();
    population.write_person(index, &mut whole, &mut Stats::default());
    let document = Document::read(&whole).context("a made-up person is JSON")?;
    let patient = document.root().get("entry").into_iter().flat_map(|entries| entries.items()).find(|entry| {
        entry.get("resource").and_then(|resource| resource.string("resourceType")).as_deref() == Some("Patient")
    });
    let patient = patient.context("a made-up person has a Patient")?;
    let url = patient.string("fullUrl").context("a made-up person has a fullUrl")?;
    let mut bundle = format!(r#"{{"resourceType":"Bundle","type":"transaction","entry":[{}"#, patient.raw());
    let (mut code, mut month, mut listed) = (String::new(), String::new(), String::new());
    for number in 0..observations {
        let chance = mix(index << 8 | number);
        // The smaller of two chances: what stands first is measured more often.
        let which = (chance % MEASURED.len() as u64).min((chance >> 16) % MEASURED.len() as u64) as usize;
        let (loinc, unit, usual) = MEASURED[which];
        let (year, month_of, day) = (2017 + (chance >> 24) % 10, 1 + (chance >> 32) % 12, 1 + (chance >> 40) % 28);
        let id = format!("{:08x}-{:04x}-4000-8000-{:012x}", index, number, chance >> 16);
        let value = usual * 10 + (chance >> 48) % (usual * 4 + 2);
        write!(
            bundle,
            r#",{{"fullUrl":"urn:uuid:{id}","request":{{"method":"POST","url":"Observation"}},"resource":{{"resourceType":"Observation","status":"final","category":[{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"{}"}}]}}],"code":{{"coding":[{{"system":"http://loinc.org","code":"{loinc}"}}]}},"subject":{{"reference":"{url}"}},"effectiveDateTime":"{year}-{month_of:02}-{day:02}T{:02}:{:02}:00Z","valueQuantity":{{"value":{}.{},"unit":"{unit}","system":"http://unitsofmeasure.org","code":"{unit}"}}}}}}"#,
            if which < 8 { "vital-signs" } else { "laboratory" },
            8 + (chance >> 5) % 10,
            (chance >> 11) % 60,
            value / 10,
            value % 10
        )?;
        (code, month, listed) = (format!("http://loinc.org|{loinc}"), format!("{year}-{month_of:02}"), format!("Observation/{id}"));
    }
    bundle.push_str("]}");
    let resource = patient.get("resource").context("an entry has a resource")?;
    let family = resource.get("name").and_then(|names| names.items().find_map(|name| name.string("family"))).unwrap_or_default().into_owned();
    let (id, born) = (url.trim_start_matches("urn:uuid:").to_owned(), resource.string("birthDate").unwrap_or_default().into_owned());
    Ok((bundle, format!("{id}\t{family}\t{born}\tPatient/{id},{listed}\t{code}\t{month}\n")))
}

async fn import(chart: &Chart, bundles: &[String], counts: &Counts) -> Result<()> {
    let documents = bundles.iter().map(|text| Document::read(text)).collect::<Result<Vec<_>, _>>().context("a made-up bundle is JSON")?;
    let entries = documents.iter().flat_map(|document| document.root().get("entry")).flat_map(|entries| entries.items());
    let arrivals: Vec<Arrival<'_>> = entries.map(arrival).collect();
    for fate in chart.import(&console(chart), &arrivals, Importer::default()).await? {
        let count = if matches!(fate, Imported::Kept { .. }) { &counts.kept } else { &counts.other };
        count.fetch_add(1, Relaxed);
    }
    counts.bytes.fetch_add(bundles.iter().map(|text| text.len() as u64).sum(), Relaxed);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outline_is_a_bundle_with_a_person_and_measurements() {
        let population = Population::new(country::by_code("vn").unwrap(), 1);
        for index in [0, 4, 999_999] {
            let (bundle, line) = outline(&population, index, 10).unwrap();
            let document = Document::read(&bundle).unwrap();
            assert_eq!(document.root().get("entry").unwrap().items().count(), 11);
            assert_eq!(line.trim_end().split('\t').count(), 6);
        }
    }
}
