//! `carnet demo`: a site with people in it, and sign-ins for every role.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use access::{Account, Caller, Purpose, Role, Session};
use anyhow::{Context, Result, bail};
use chart::{Chart, Imported, Importer, NewAccount, Terms, arrivals};
use fhir::Document;
use synth::Population;

use crate::config::Config;
use crate::init::{password, say_key};
use crate::site::Site;
use crate::{progress, serve};

/// Try Carnet: make a store with a population of three countries and serve it.
#[derive(clap::Args)]
pub struct Demo {
    /// How many persons; they are spread over Mexico, Vietnam and Russia.
    #[arg(long, default_value_t = 300)]
    people: u64,
    /// The folder of the demonstration; a second start goes on with it.
    #[arg(long, default_value = "carnet-demo")]
    data: PathBuf,
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
}

/// One sign-in of the demonstration. The names say what they are: examples.
const STAFF: &[(&str, Role, &str, &str, &str)] = &[
    ("doctor-mx", Role::Physician, "Médico de ejemplo", "Unidad de Medicina Familiar de ejemplo", "es"),
    ("doctor-vn", Role::Physician, "Bác sĩ mẫu", "Trạm Y tế mẫu", "vi"),
    ("doctor-ru", Role::Physician, "Врач-пример", "Детская поликлиника (пример)", "ru"),
    ("doctor", Role::Physician, "Example physician", "Example clinic", "en"),
    ("nurse", Role::Nurse, "Example nurse", "Example clinic", "en"),
    ("admissions", Role::Admissions, "Example admissions desk", "Example clinic", "en"),
    ("laboratory", Role::Laboratory, "Example laboratory", "Example clinic", "en"),
    ("pharmacy", Role::Pharmacy, "Example pharmacy", "Example clinic", "en"),
    ("imaging", Role::Imaging, "Example imaging", "Example clinic", "en"),
    ("records", Role::RecordsClerk, "Example records clerk", "Example clinic", "en"),
    ("programme", Role::ProgrammeOfficer, "Example programme officer", "Example clinic", "en"),
    ("auditor", Role::Auditor, "Example auditor", "Example clinic", "en"),
    ("privacy", Role::PrivacyOfficer, "Example privacy officer", "Example clinic", "en"),
    ("system", Role::Integration, "Example hospital system", "Example clinic", "en"),
    ("operator", Role::Operator, "Example operator", "Example clinic", "en"),
];

impl Demo {
    /// Makes the site where there is none, and serves it.
    pub fn run(self) -> Result<ExitCode> {
        let began = Instant::now();
        let site = Site::at(&self.data, None);
        let fresh = !site.exists();
        let config = if fresh { Config { listen: self.listen.to_string(), ..Config::default() } } else { Config::read(&site.config_file())? };
        if fresh {
            site.create(&config)?;
        }
        let chart = site.chart(&config, &serve::base_url(&config, self.listen))?;
        // A demonstration that was interrupted is filled up: what is there already stays as it is.
        let sign_ins = site.folder.join("sign-ins.txt");
        if !sign_ins.exists() {
            self.fill(&chart)?;
            let text = make_accounts(&chart)?;
            std::fs::write(&sign_ins, text).context("could not keep the sign-ins")?;
            site.anchor(&chart)?;
        }
        if fresh {
            println!("Made {} people of three countries in {:.1} s.", self.people, began.elapsed().as_secs_f64());
            say_key(&site);
        }
        let address = format!("{}://{}", serve::scheme(&config), self.listen);
        println!("\nOpen       {address}/");
        println!("FHIR API   {address}/fhir   (try: curl -u system:PASSWORD {address}/fhir/Patient?_count=3)\n");
        print!("{}", std::fs::read_to_string(&sign_ins).context("could not read the sign-ins")?);
        println!("\nThese people are made up. Stop with Ctrl-C; the next start goes on with the same store in {}.", site.folder.display());
        serve::run(site, chart, &config, self.listen, false)
    }

    fn fill(&self, chart: &Chart) -> Result<()> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().context("no threads could be started")?;
        let bar = progress::bar(self.people, "Making people");
        let countries = country::all();
        let caller = console(chart);
        for (number, country) in countries.iter().enumerate() {
            let share = self.people / countries.len() as u64 + u64::from((number as u64) < self.people % countries.len() as u64);
            let mut bundles = Population::new(country, 1).bundles(share);
            let mut text = String::new();
            while bundles.write_bundle(&mut text) {
                let document = Document::read(&text).context("a made-up bundle could not be read")?;
                let fates = runtime.block_on(chart.import(&caller, &arrivals::of(document.root()), Importer::default()))?;
                for fate in fates {
                    if let Imported::Rejected(issues) | Imported::Waiting(issues) = fate {
                        bail!("a made-up resource was refused: {issues:?}");
                    }
                }
                bar.inc(1);
            }
        }
        bar.finish_and_clear();
        Ok(())
    }
}

/// The command line as an actor of its own.
pub fn console(chart: &Chart) -> Caller {
    Caller {
        account: Account {
            number: 0,
            login: "console".to_owned(),
            display: "Command line".to_owned(),
            role: Role::Console,
            institution: String::new(),
            language: "en".to_owned(),
        },
        purpose: Purpose::Operations,
        session: Session { number: 0, began: chart.now() },
        grant: None,
    }
}

fn make_accounts(chart: &Chart) -> Result<String> {
    let mut text = "Sign in    role               login         password\n".to_owned();
    let there: Vec<String> = chart.accounts()?.into_iter().map(|account| account.login).collect();
    for (login, role, display, institution, language) in STAFF {
        if there.iter().any(|other| other == login) {
            bail!("a demonstration was interrupted while its sign-ins were made; remove the folder and start again");
        }
        let password = password()?;
        let new = NewAccount { login: (*login).into(), display: (*display).into(), role: *role, institution: (*institution).into(), language: (*language).into(), terms: Terms::default() };
        chart.add_account(&console(chart).account, new, &password)?;
        text.push_str(&format!("           {:<18} {login:<13} {password}\n", role.word()));
    }
    Ok(text)
}
