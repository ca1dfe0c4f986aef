//! The rows of the table, over HTTP against the real binary.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context, Result, bail};

use crate::connection::Connection;
use crate::emergency::{self, SignedIn};
use crate::load::{Load, Outcome, Pace, Requests, mix, run};
use crate::people::{self, Person};
use crate::process::Server;
use crate::sheet::{Sheet, percentile};

/// Measure throughput and latency over HTTP.
#[derive(clap::Args)]
pub struct Rows {
    /// The folder of the site.
    #[arg(long)]
    data: PathBuf,
    /// The binary that serves it.
    #[arg(long)]
    carnet: PathBuf,
    /// The list of persons with usual records, from `bench people`.
    #[arg(long)]
    usual: PathBuf,
    /// The list of persons with long records.
    #[arg(long)]
    long: Option<PathBuf>,
    /// The list of persons with very many encounters.
    #[arg(long)]
    many: Option<PathBuf>,
    /// Value sets to expand by typing: `URL` of a large code system's set, and words typed, as `URL=word,word`.
    #[arg(long)]
    value_sets: Vec<String>,
    /// Only rows whose name contains this.
    #[arg(long, default_value = "")]
    only: String,
    /// Seconds of each run.
    #[arg(long, default_value_t = 6.0)]
    seconds: f64,
    /// Runs of each row.
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// What the figures are called.
    #[arg(long, default_value = "rows")]
    name: String,
    /// Where the figures go.
    #[arg(long)]
    sheet: PathBuf,
}

const COLUMNS: &str = "name,row,pace,run,clients,asked_per_second,seconds,answered,refused,per_second,p50_us,p95_us,p99_us,most_us,bytes_per_answer,server_cpu_us,driver_cpu_us,server_rss_mib,server_peak_mib";
/// Persons a session works with.
const WORKING_SET: usize = 50;

struct Row {
    name: &'static str,
    clients: usize,
    /// One after the other, each only once: every request opens somebody new.
    first_openings: bool,
    requests: Requests,
    /// Numbers after this one repeat persons.
    most: u64,
}

impl Rows {
    /// Runs the rows.
    pub fn run(self) -> Result<()> {
        // One thread drives, so that the other core is the server's.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let usual = people::read(&self.usual)?;
        let mut rows = over(&usual, &self.value_sets);
        if let Some(long) = &self.long {
            let long = people::read(long)?;
            rows.push(Row { name: "everything, long", clients: 16, first_openings: false, requests: everything(&long[..long.len().min(WORKING_SET)]), most: u64::MAX });
        }
        let rows: Vec<Row> = rows.into_iter().filter(|row| row.name.contains(&self.only)).collect();
        let sheet = Sheet::new(&self.sheet, COLUMNS);
        for row in rows {
            for number in 1..=self.runs {
                // A fresh server for first openings: nobody has been opened, nothing is remembered.
                let server = Server::start(&self.carnet, &self.data, true)?;
                runtime.block_on(self.row(&server, &row, number, &sheet))?;
            }
        }
        let emergencies = [("emergency summary, usual", Some(&self.usual)), ("emergency summary, long", self.long.as_ref())];
        for (name, list) in emergencies.into_iter().filter(|(name, _)| name.contains(&self.only)) {
            let Some(list) = list else { continue };
            // Each person once in all runs: a glass that is broken already is not broken again.
            let persons: Vec<Person> = shuffled(&people::read(list)?).cloned().collect();
            let password = self.physician(if name.ends_with("long") { "-long" } else { "-usual" })?;
            for number in 1..=self.runs {
                let server = Server::start(&self.carnet, &self.data, false)?;
                let part = persons.len() / self.runs.max(1);
                let outcome = runtime.block_on(async {
                    let who = SignedIn::with(&server, sign_in(&server, &password).await?).await?;
                    emergency::run(&server, &who, &persons[part * (number - 1)..part * number], self.seconds).await
                })?;
                let row = Row { name, clients: 1, first_openings: true, requests: Arc::new(|_, _| {}), most: u64::MAX };
                self.tell(&server, &row, "open", number, 20.0, &outcome, &sheet)?;
            }
        }
        if let Some(many) = &self.many
            && "chart page".contains(&self.only)
        {
            let many = people::read(many)?;
            let password = self.physician("")?;
            for number in 1..=self.runs {
                let server = Server::start(&self.carnet, &self.data, false)?;
                runtime.block_on(async {
                    let cookie = sign_in(&server, &password).await?;
                    let pages: Vec<String> = many.iter().map(|person| format!("/person/{}", person.id)).collect();
                    let requests = gets(pages, &format!("Accept: text/html\r\nAccept-Encoding: gzip\r\nCookie: {cookie}\r\n"));
                    let row = Row { name: "chart page, 2000 encounters", clients: 4, first_openings: false, requests, most: u64::MAX };
                    self.row(&server, &row, number, &sheet).await
                })?;
            }
        }
        Ok(())
    }

    async fn row(&self, server: &Server, row: &Row, number: usize, sheet: &Sheet) -> Result<()> {
        let load = Load { clients: row.clients, pace: Pace::Closed, seconds: self.seconds, first: 0, most: row.most };
        let (peak, rest) = if row.first_openings {
            let half = Load { most: row.most / 2, ..load.clone() };
            (run(server, half, &row.requests).await?, row.most / 2)
        } else {
            run(server, Load { seconds: self.seconds.min(2.0), ..load.clone() }, &row.requests).await.context("while warming up")?;
            (run(server, load.clone(), &row.requests).await?, 0)
        };
        self.tell(server, row, "closed", number, 0.0, &peak, sheet)?;
        let rate = peak.answered as f64 / peak.seconds / 2.0;
        let most = row.most.saturating_sub(rest);
        // Long enough for a few requests, however slow they are.
        let seconds = load.seconds.max(3.0 / rate);
        let open = Load { pace: Pace::Open(rate), seconds, first: rest, most, clients: row.clients.max(64), ..load };
        let open = run(server, open, &row.requests).await?;
        self.tell(server, row, "open", number, rate, &open, sheet)
    }

    #[allow(clippy::too_many_arguments)]
    fn tell(&self, server: &Server, row: &Row, pace: &str, number: usize, rate: f64, outcome: &Outcome, sheet: &Sheet) -> Result<()> {
        let answers = (outcome.answered + outcome.refused) as f64;
        let at = |share| percentile(&outcome.micros, share);
        let (rss, peak) = server.memory_kib();
        sheet.line(&format!(
            "{},\"{}\",{pace},{number},{},{rate:.0},{:.2},{},{},{:.0},{},{},{},{},{:.0},{:.1},{:.1},{},{}",
            self.name,
            row.name,
            row.clients,
            outcome.seconds,
            outcome.answered,
            outcome.refused,
            outcome.answered as f64 / outcome.seconds,
            at(0.5),
            at(0.95),
            at(0.99),
            at(1.0),
            outcome.bytes as f64 / answers,
            outcome.cpu.0 * 1e6 / answers,
            outcome.cpu.1 * 1e6 / answers,
            rss / 1024,
            peak / 1024
        ))
    }

    /// A sign-in for the pages, made anew; its login holds the time of this run's process.
    fn physician(&self, kind: &str) -> Result<(String, String)> {
        let login = format!("bench-{}{kind}", std::process::id());
        let made = Command::new(&self.carnet).args(["user", "add", "--data"]).arg(&self.data).args([&login, "--role", "physician"]).output()?;
        let line = String::from_utf8_lossy(&made.stdout).into_owned();
        let password = line.trim().rsplit(" / ").next().unwrap_or_default().to_owned();
        if !made.status.success() || password.is_empty() {
            bail!("`carnet user add` failed: {}", String::from_utf8_lossy(&made.stderr));
        }
        Ok((login, password))
    }
}

/// The rows about usual records.
fn over(usual: &[Person], value_sets: &[String]) -> Vec<Row> {
    let set = &usual[usual.len() / 2..][..WORKING_SET.min(usual.len() / 2)];
    let all = usual.len() as u64;
    let warm = |name, clients, requests| Row { name, clients, first_openings: false, requests, most: u64::MAX };
    let first = |name, clients, requests| Row { name, clients, first_openings: true, requests, most: all };
    let reads: Vec<String> = set.iter().flat_map(|person| &person.resources).map(|resource| format!("/fhir/{resource}")).collect();
    let once: Vec<String> = shuffled(usual).map(|person| format!("/fhir/{}", person.resources[0])).collect();
    let observations: Vec<String> = set.iter().map(|person| format!("/fhir/Observation?patient={}&_count=50", person.id)).collect();
    let coded: Vec<&Person> = usual.iter().step_by((usual.len() / 1000).max(1)).filter(|person| person.code.len() > 1).collect();
    let codes: Vec<String> = coded.iter().map(|person| format!("/fhir/Observation?code={}&_count=50", escaped(&person.code))).collect();
    let dated = coded.iter().filter(|person| person.month.len() == 7);
    let dates: Vec<String> = dated.map(|person| format!("/fhir/Observation?code={}&date={}&_count=50", escaped(&person.code), person.month)).collect();
    let named = usual.iter().step_by((usual.len() / 5000).max(1));
    let names: Vec<String> = named.map(|person| format!("/fhir/Patient?family={}&birthdate={}", escaped(&person.family), person.born)).collect();
    let counts: Vec<String> = coded.iter().map(|person| format!("/fhir/Observation?code={}&_summary=count", escaped(&person.code))).collect();
    let some = || usual.iter().step_by((usual.len() / 2000).max(1));
    let chained: Vec<String> = some().map(|person| format!("/fhir/Observation?patient.family={}&patient.birthdate={}&_count=50", escaped(&person.family), person.born)).collect();
    let treated_by = |number: u64| escaped(&format!("https://carnet.health/id/synthetic/practitioner|mx-p-{:03}", mix(number) % 67 + 1));
    let chained_twice: Vec<String> = coded
        .iter()
        .zip(0..)
        .map(|(person, number)| format!("/fhir/Observation?patient:Patient.general-practitioner:Practitioner.identifier={}&code={}&_count=50", treated_by(number), escaped(&person.code)))
        .collect();
    let having: Vec<String> = coded.iter().map(|person| format!("/fhir/Patient?_has:Observation:patient:code={}&birthdate={}&_count=50", escaped(&person.code), person.born)).collect();
    vec![
        warm("read one", 64, gets(reads, FHIR)),
        first("read one, first opening", 64, gets_in_order(once, FHIR)),
        warm("everything, usual", 16, everything(set)),
        first("everything, usual, first opening", 16, gets_in_order(shuffled(usual).map(of_everything).collect(), FHIR)),
        warm("observations of a person", 32, gets(observations, FHIR)),
        warm("code", 16, gets(codes, FHIR)),
        warm("code and date", 16, gets(dates, FHIR)),
        warm("name and birth date", 32, gets(names, FHIR)),
        warm("count by code", 4, gets(counts, FHIR)),
        warm("chain: observations by name and birth date", 16, gets(chained, FHIR)),
        warm("chain of two: a code at a practitioner's patients", 8, gets(chained_twice, FHIR)),
        warm("has: who has a code, by birth date", 16, gets(having, FHIR)),
        warm("match", 8, matches(usual)),
        warm("expand by typing", 16, typing(value_sets)),
        warm("transaction of 2", 128, transactions(usual)),
    ]
}

const FHIR: &str = "Accept: application/fhir+json\r\n";

fn of_everything(person: &Person) -> String {
    format!("/fhir/Patient/{}/$everything", person.id)
}

fn everything(persons: &[Person]) -> Requests {
    gets(persons.iter().map(of_everything).collect(), FHIR)
}

/// The same persons in an order that has nothing to do with how they were imported.
fn shuffled(persons: &[Person]) -> impl Iterator<Item = &Person> {
    let mut order: Vec<usize> = (0..persons.len()).collect();
    order.sort_by_key(|place| mix(*place as u64));
    order.into_iter().map(|place| &persons[place])
}

fn get(path: &str, fields: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n").into_bytes()
}

/// Requests for these addresses, by chance.
fn gets(paths: Vec<String>, fields: &str) -> Requests {
    let requests: Vec<Vec<u8>> = paths.iter().map(|path| get(path, fields)).collect();
    Arc::new(move |number, out| out.extend_from_slice(&requests[(mix(number) % requests.len() as u64) as usize]))
}

/// Requests for these addresses, one after the other.
fn gets_in_order(paths: Vec<String>, fields: &str) -> Requests {
    let requests: Vec<Vec<u8>> = paths.iter().map(|path| get(path, fields)).collect();
    Arc::new(move |number, out| out.extend_from_slice(&requests[number as usize % requests.len()]))
}

/// An encounter and an observation made there, of somebody in the record.
fn transactions(persons: &[Person]) -> Requests {
    let ids: Vec<String> = persons.iter().map(|person| person.id.clone()).collect();
    Arc::new(move |number, out| {
        let id = &ids[(mix(number) % ids.len() as u64) as usize];
        let (day, value) = (mix(number ^ 7) % 28 + 1, 100 + mix(number ^ 8) % 60);
        let encounter = format!(
            r#"{{"resourceType":"Encounter","status":"finished","class":{{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"}},"subject":{{"reference":"Patient/{id}"}},"period":{{"start":"2026-11-{day:02}T09:00:00Z","end":"2026-11-{day:02}T09:20:00Z"}}}}"#
        );
        let observation = format!(
            r#"{{"resourceType":"Observation","status":"final","category":[{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}}]}}],"code":{{"coding":[{{"system":"http://loinc.org","code":"8480-6","display":"Systolic blood pressure"}}]}},"subject":{{"reference":"Patient/{id}"}},"encounter":{{"reference":"urn:uuid:6f1ff13e-09c2-44fc-97d1-f84aa89239b4"}},"effectiveDateTime":"2026-11-{day:02}T09:10:00Z","valueQuantity":{{"value":{value},"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}}}}"#
        );
        let body = format!(
            r#"{{"resourceType":"Bundle","type":"transaction","entry":[{{"fullUrl":"urn:uuid:6f1ff13e-09c2-44fc-97d1-f84aa89239b4","resource":{encounter},"request":{{"method":"POST","url":"Encounter"}}}},{{"fullUrl":"urn:uuid:7f1ff13e-09c2-44fc-97d1-f84aa89239b4","resource":{observation},"request":{{"method":"POST","url":"Observation"}}}}]}}"#
        );
        let head = format!("POST /fhir HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/fhir+json\r\nContent-Length: {}\r\n{FHIR}\r\n", body.len());
        out.extend_from_slice(head.as_bytes());
        out.extend_from_slice(body.as_bytes());
    })
}

/// Whether somebody of the list is known, told with family name and birth date.
fn matches(persons: &[Person]) -> Requests {
    let bodies: Vec<String> = persons
        .iter()
        .step_by((persons.len() / 2000).max(1))
        .map(|person| {
            format!(
                r#"{{"resourceType":"Parameters","parameter":[{{"name":"resource","resource":{{"resourceType":"Patient","name":[{{"family":"{}"}}],"birthDate":"{}"}}}},{{"name":"count","valueInteger":5}}]}}"#,
                person.family, person.born
            )
        })
        .collect();
    Arc::new(move |number, out| {
        let body = &bodies[(mix(number) % bodies.len() as u64) as usize];
        let head = format!("POST /fhir/Patient/$match HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/fhir+json\r\nContent-Length: {}\r\n{FHIR}\r\n", body.len());
        out.extend_from_slice(head.as_bytes());
        out.extend_from_slice(body.as_bytes());
    })
}

/// What somebody types, letter by letter: the first two to six letters of the words given.
fn typing(value_sets: &[String]) -> Requests {
    let mut paths = Vec::new();
    for line in value_sets {
        let (url, words) = line.rsplit_once('=').unwrap_or((line, "ab"));
        for word in words.split(',') {
            let letters: Vec<char> = word.chars().collect();
            for typed in 2..=letters.len().min(6) {
                let typed: String = letters[..typed].iter().collect();
                paths.push(format!("/fhir/ValueSet/$expand?url={}&filter={}&count=10", escaped(url), escaped(&typed)));
            }
        }
    }
    match paths.is_empty() {
        true => gets(vec!["/fhir/ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/observation-codes&filter=bl&count=10".to_owned()], FHIR),
        false => gets(paths, FHIR),
    }
}

/// A search value in an address.
fn escaped(text: &str) -> String {
    text.bytes().map(|byte| if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// Signs in at the door; the cookie of the session.
async fn sign_in(server: &Server, (login, password): &(String, String)) -> Result<String> {
    let mut connection = Connection::open(server.address).await?;
    let page = connection.ask(&get("/sign-in", "")).await?;
    let door = cookies(page.head).into_iter().find(|cookie| cookie.starts_with("carnet_door=")).context("the door gave no cookie")?;
    let token = door.split('=').nth(1).unwrap_or_default().to_owned();
    let form = format!("token={token}&login={login}&password={password}&back=/");
    let head = format!("POST /sign-in HTTP/1.1\r\nHost: localhost\r\nCookie: {door}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n", form.len());
    let answer = connection.ask(&[head.as_bytes(), form.as_bytes()].concat()).await?;
    let session = cookies(answer.head).into_iter().find(|cookie| cookie.starts_with("carnet="));
    session.with_context(|| format!("signing in was answered with {}", answer.status))
}

fn cookies(head: &str) -> Vec<String> {
    let fields = head.lines().filter_map(|line| line.split_once(':')).filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
    fields.filter_map(|(_, value)| value.trim().split(';').next().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_up_transaction_is_json() {
        let person = Person { id: "a-1".into(), family: String::new(), born: String::new(), resources: Vec::new(), code: String::new(), month: String::new() };
        let mut request = Vec::new();
        transactions(&[person])(3, &mut request);
        let text = String::from_utf8(request).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("Content-Length: {}", body.len())));
        let document = fhir::Document::read(body).unwrap();
        assert_eq!(document.root().get("entry").unwrap().items().count(), 2);
    }

    #[test]
    fn values_in_addresses_are_escaped() {
        assert_eq!(escaped("http://loinc.org|8480-6"), "http%3A%2F%2Floinc.org%7C8480-6");
        assert_eq!(escaped("Mai"), "Mai");
    }
}
