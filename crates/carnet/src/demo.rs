//! `carnet demo`: a site with people in it, and sign-ins for every role.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use access::{Account, Caller, ProxyKind, Purpose, Role, Session};
use anyhow::{Context, Result, bail};
use chart::{Activation, Chart, Imported, Importer, NewAccount, NewPerson, NewProxy, Terms, arrivals};
use fhir::{Document, PartialDateTime, Value};
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
        let config = if fresh { Config { listen: self.listen.to_string(), message_outbox: Some("outbox".into()), second_person: false, ..Config::default() } } else { Config::read(&site.config_file())? };
        if fresh {
            site.create(&config)?;
        }
        // As every later start reads it: a folder in it means one beside the file.
        let config = Config::read(&site.config_file())?;
        let chart = site.chart(&config, &serve::base_url(&config, self.listen))?;
        // A demonstration that was interrupted is filled up: what is there already stays as it is.
        let sign_ins = site.folder.join("sign-ins.txt");
        if !sign_ins.exists() {
            let persons = self.fill(&chart)?;
            let text = make_accounts(&chart, &persons)?;
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

    fn fill(&self, chart: &Chart) -> Result<Vec<Family>> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().context("no threads could be started")?;
        let bar = progress::bar(self.people, "Making people");
        let countries: Vec<&country::Country> = country::all().iter().filter(|country| synth::invents(country)).collect();
        let caller = console(chart);
        let year = chart.now().civil(0).0;
        let mut families = Vec::new();
        // Where the clock stands before the last day of the invented records, the youngest are born in days to come, and
        // are kept all the same.
        let importer = Importer { keep_flawed: chart.now().civil(0) < synth::LAST_DAY, ..Importer::default() };
        runtime.block_on(crate::forms::keep(chart, country::all().iter()))?;
        for (number, country) in countries.iter().copied().enumerate() {
            let share = self.people / countries.len() as u64 + u64::from((number as u64) < self.people % countries.len() as u64);
            let mut bundles = Population::new(country, 1).bundles(share);
            let mut text = String::new();
            let mut family = Family { language: country.languages[0].clone(), code: country.code.clone(), adult: None, child: None };
            while bundles.write_bundle(&mut text) {
                let document = Document::read(&text).context("a made-up bundle could not be read")?;
                family.look_at(document.root(), year);
                let fates = runtime.block_on(chart.import(&caller, &arrivals::of(document.root()), importer))?;
                for fate in fates {
                    if let Imported::Rejected(issues) | Imported::Waiting(issues) = fate {
                        bail!("a made-up resource was refused: {issues:?}");
                    }
                }
                bar.inc(1);
            }
            families.push(family);
        }
        bar.finish_and_clear();
        Ok(families)
    }
}

/// Of each country somebody who reads their own record, and a child entrusted to them.
struct Family {
    language: String,
    code: String,
    /// The id of the Patient, and the name.
    adult: Option<(String, String)>,
    /// The id of the Patient.
    child: Option<String>,
}

impl Family {
    /// Takes the first of age and the first child.
    fn look_at(&mut self, bundle: Value<'_>, year: i32) {
        for entry in bundle.get("entry").into_iter().flat_map(|all| all.items()) {
            let Some(patient) = entry.get("resource").filter(|resource| resource.string("resourceType").as_deref() == Some("Patient")) else { continue };
            let Some(id) = entry.string("fullUrl").and_then(|url| url.strip_prefix("urn:uuid:").map(str::to_owned)) else { continue };
            let born = patient.string("birthDate").and_then(|text| PartialDateTime::parse(&text));
            match born.map(|born| year - born.year).filter(|_| fhir::life::death(patient).is_none()) {
                Some(30..=70) if self.adult.is_none() => self.adult = Some((id, name(patient))),
                Some(1..=10) if self.child.is_none() => self.child = Some(id),
                _ => {}
            }
        }
    }
}

/// Given names and family name of somebody made up.
fn name(patient: Value<'_>) -> String {
    let Some(name) = patient.get("name").and_then(|names| names.first()) else { return String::new() };
    let given = name.get("given").into_iter().flat_map(|given| given.each().filter_map(|part| part.as_str().map(|text| text.into_owned())).collect::<Vec<_>>());
    given.chain(name.string("family").map(|family| family.into_owned())).collect::<Vec<_>>().join(" ")
}

/// Makes the sign-ins of persons, as a health station and they themselves would.
fn make_persons(chart: &Chart, families: &[Family], text: &mut String) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().context("no threads could be started")?;
    let console = console(chart);
    for family in families {
        let Some((patient, display)) = &family.adult else { continue };
        let (login, password) = (format!("person-{}", family.code), password()?);
        let new = NewPerson { patient, display, language: &family.language, evidence: "a made-up person of the demonstration", contact: None };
        let invitation = chart.invite(&console, &new)?;
        let Activation::Done(_) = chart.activate(&invitation.code, &login, &password, None)? else { bail!("the sign-in {login} could not be made") };
        text.push_str(&format!("           {:<18} {login:<13} {password}\n", Role::Person.word()));
        if let Some(child) = &family.child {
            let proxy = NewProxy { login, kind: ProxyKind::Parent, agreed: false, until: None, evidence: "made up with the demonstration".to_owned(), document: None };
            runtime.block_on(chart.entrust(&console, child, &proxy))?;
        }
    }
    Ok(())
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

fn make_accounts(chart: &Chart, families: &[Family]) -> Result<String> {
    let mut text = "Sign in    role               login         password\n".to_owned();
    let there: Vec<String> = chart.accounts()?.into_iter().map(|account| account.login).collect();
    for (login, role, display, institution, language) in STAFF {
        if there.iter().any(|other| other == login) {
            bail!("a demonstration was interrupted while its sign-ins were made; remove the folder and start again");
        }
        let password = password()?;
        // Certificates are signed by somebody with a licence; this one says that it is none.
        let licence = if *role == Role::Physician { format!("demo-{login}") } else { String::new() };
        let new = NewAccount { login: (*login).into(), display: (*display).into(), role: *role, institution: (*institution).into(), language: (*language).into(), terms: Terms { licence, ..Terms::default() } };
        chart.add_account(&console(chart).account, new, &password)?;
        text.push_str(&format!("           {:<18} {login:<13} {password}\n", role.word()));
    }
    make_persons(chart, families, &mut text)?;
    Ok(text)
}
