//! `carnet init`: a new, empty site.

use std::path::PathBuf;
use std::process::ExitCode;

use access::Role;
use anyhow::{Result, bail};
use chart::{NewAccount, Terms};

use crate::config::Config;
use crate::demo::console;
use crate::site::Site;
use crate::system;

/// Create a new, empty site: keys, configuration, first administrator.
#[derive(clap::Args)]
pub struct Init {
    /// The folder of the site; its key goes to a folder of the same name with "-key" at its end.
    #[arg(long)]
    data: PathBuf,
    /// Where the key goes instead.
    #[arg(long)]
    key_folder: Option<PathBuf>,
    /// The country pack: mx, vn or ru.
    #[arg(long)]
    country: Option<String>,
}

impl Init {
    /// Makes the site and says what to do next.
    pub fn run(self) -> Result<ExitCode> {
        let site = Site::at(&self.data, self.key_folder.as_deref());
        let mut config = Config::default();
        if let Some(code) = &self.country {
            let Some(country) = country::by_code(code) else { bail!("there is no country pack `{code}`; there are mx, vn and ru") };
            config.country = country.code.clone();
            config.zone_offset_minutes = country.utc_offset_minutes as i16;
            config.privacy.sensitivity = "country".to_owned();
        }
        site.create(&config)?;
        let chart = site.chart(&config, "")?;
        let password = password()?;
        let language = country::by_code(&config.country).and_then(|country| country.languages.first().cloned()).unwrap_or("en".to_owned());
        let new = NewAccount { login: "admin".to_owned(), display: "Administrator".to_owned(), role: Role::Operator, institution: String::new(), language, terms: Terms::default() };
        chart.add_account(&console(&chart).account, new, &password)?;
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        runtime.block_on(crate::forms::keep(&chart, country::by_code(&config.country).into_iter()))?;
        site.anchor(&chart)?;
        chart.close()?;
        println!("A new site in {}", site.folder.display());
        say_key(&site);
        println!("First sign-in: admin / {password}  (an operator: opens no chart; add others with `carnet user add`)");
        println!("Start it with: carnet serve --data {}", site.folder.display());
        Ok(ExitCode::SUCCESS)
    }
}

/// Tells the operator where the key is and what to do with its copy.
pub fn say_key(site: &Site) {
    println!("The institution's key: {} (without it nothing in the store can ever be read)", site.key_file().display());
    if !site.recovery_file().exists() {
        println!("Divide it into shares now: carnet keys shares --data {} --out FOLDER", site.folder.display());
        return;
    }
    println!("TAKE AWAY the recovery copy {}: move it to a place that is not this machine.", site.recovery_file().display());
}

/// A password of four groups of letters that are hard to confuse.
pub fn password() -> Result<String> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let seed = system::seed()?;
    let groups: Vec<String> = seed[..16].chunks(4).map(|group| group.iter().map(|byte| LETTERS[(byte % 32) as usize] as char).collect()).collect();
    Ok(groups.join("-"))
}
