//! What Carnet makes, judged by the validator of HL7 (in HAPI FHIR): `cargo xtask conformance`.
//!
//! * A demonstration of its own is started, asked and removed; the judge is `tests/conformance/Judge.java`.
//! * Each kind of message is told once in `docs/conformance.md`, with who is right and why, from
//!   `tests/conformance/differences.tsv`. A message nobody explained yet makes the command fail.
//! * Java, Maven and what Maven fetches are asked for here only; nothing of them is shipped.

mod ask;
mod examples;

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use ask::Server;
use examples::Examples;
use fhir::{Document, Value};

/// People of the demonstration, of three countries.
const PEOPLE: &str = "30";
/// Resources of one type that are judged.
const MOST_OF_A_TYPE: usize = 60;
/// People whose summary is judged, in each language.
const SUMMARIES: usize = 4;
const LANGUAGES: [&str; 4] = ["es", "vi", "ru", "en"];
pub(crate) const PAGE: &str = "docs/conformance.md";
const DIFFERENCES: &str = "tests/conformance/differences.tsv";

/// What the command is asked for beyond what Carnet makes.
#[derive(Default)]
pub struct Asked {
    /// Files of FHIR packages whose profiles are judged by, too.
    pub packages: Vec<PathBuf>,
    /// A folder of resources, one a file: Carnet's verdict on each is held beside the validator's.
    pub examples: Option<PathBuf>,
}

/// Runs it.
pub fn judge(asked: &Asked) -> Result<()> {
    ready()?;
    let folder = std::env::temp_dir().join(format!("carnet-conformance-{}", std::process::id()));
    for name in ["made", "examples"] {
        fs::create_dir_all(folder.join(name)).with_context(|| format!("could not make {}", folder.display()))?;
    }
    let judged = judge_in(&folder, asked);
    fs::remove_dir_all(&folder).with_context(|| format!("could not remove {}", folder.display()))?;
    let (made, examples) = judged?;
    tell(&made, examples.as_ref(), &asked.packages)
}

/// Has what Carnet makes judged, and the examples where there are any.
fn judge_in(folder: &Path, asked: &Asked) -> Result<(Judged, Option<(Examples, Judged)>)> {
    gather(folder)?;
    let made = messages(&folder.join("made"), &asked.packages)?;
    let Some(source) = &asked.examples else { return Ok((made, None)) };
    let examples = Examples::gather(source, &folder.join("examples"))?;
    let judged = messages(&folder.join("examples"), &[])?;
    Ok((made, Some((examples, judged))))
}

/// What the command needs beyond Rust, and the program itself.
fn ready() -> Result<()> {
    run(Command::new("scripts/set-up").arg("conformance"))?;
    run(Command::new(std::env::var("CARGO").unwrap_or("cargo".into())).args(["build", "--release", "-p", "carnet"]))?;
    run(Command::new("mvn").args(["-q", "-B", "-f", "tests/conformance/pom.xml", "dependency:copy-dependencies"]).arg(format!("-DoutputDirectory={}", library()?.display())))
}

/// Where the judge's libraries are kept: beside what cargo builds.
fn library() -> Result<PathBuf> {
    beside("conformance-library")
}

pub(crate) fn beside(name: &str) -> Result<PathBuf> {
    let own = std::env::current_exe().context("this program does not know where it is")?;
    Ok(own.parent().context("this program lies in no folder")?.join(name))
}

pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("could not start {:?}", command.get_program()))?;
    ensure!(status.success(), "{:?} failed: {status}", command.get_program());
    Ok(())
}

/// A demonstration that ends with this value.
struct Demonstration(Child);

impl Drop for Demonstration {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a demonstration and writes what it answers into `made/*.ndjson`, one resource a line.
fn gather(folder: &Path) -> Result<()> {
    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).context("no port is free")?.port();
    let address = format!("127.0.0.1:{port}");
    let data = folder.join("demo");
    let mut command = Command::new(beside("carnet")?);
    command.args(["demo", "--people", PEOPLE, "--listen", &address, "--data"]).arg(&data).stdout(Stdio::null()).stderr(Stdio::null());
    let _running = Demonstration(command.spawn().context("could not start carnet")?);
    let server = Server::waited_for(&address, &data.join("sign-ins.txt"))?;
    let statement = server.get("/metadata")?;
    let statement = Document::read(&statement).context("the CapabilityStatement cannot be read")?;
    let made = folder.join("made");
    keep(&made, "CapabilityStatement", &[statement.text().to_owned(), server.get("/metadata?mode=terminology")?])?;
    let mut people = Vec::new();
    for kind in types(statement.root()) {
        let found = server.resources(&format!("/{kind}?_count=100"), MOST_OF_A_TYPE)?;
        if kind == "Patient" {
            people = found.iter().filter_map(|text| Some(Document::read(text).ok()?.root().string("id")?.into_owned())).collect();
        }
        keep(&made, &kind, &found)?;
    }
    ensure!(!people.is_empty(), "the demonstration has no people");
    for language in LANGUAGES {
        let summaries: Result<Vec<String>> = people.iter().take(SUMMARIES).map(|id| server.get(&format!("/Patient/{id}/$summary?_language={language}"))).collect();
        keep(&made, &format!("summary-{language}"), &summaries?)?;
    }
    let first = &people[0];
    let answers = [
        format!("/Patient/{first}/$everything?_count=40"),
        format!("/Patient/{first}/_history"),
        format!("/Patient/{first}/Observation?_count=20&_include=Observation:encounter"),
        format!("/Observation/$lastn?patient={first}&category=vital-signs,laboratory&max=2"),
        format!("/Observation/$stats?subject=Patient/{first}&code=http://loinc.org|29463-7&statistic=average,maximum,count"),
        format!("/Patient/{first}/$meta"),
        format!("/Patient/{first}/$validate"),
        "/CodeSystem/$lookup?system=http://hl7.org/fhir/administrative-gender&code=female".to_owned(),
        "/ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender".to_owned(),
        "/ValueSet/$validate-code?url=http://hl7.org/fhir/ValueSet/administrative-gender&code=female".to_owned(),
        "/Patient/none".to_owned(),
        "/Patient?nonsense=1".to_owned(),
    ];
    let answers: Result<Vec<String>> = answers.iter().map(|path| server.get(path)).collect();
    keep(&made, "answers", &answers?)
}

fn types(statement: Value<'_>) -> Vec<String> {
    let rest = statement.get("rest").and_then(|rest| rest.first());
    let resources = rest.and_then(|rest| rest.get("resource")).into_iter().flat_map(|list| list.items());
    resources.filter_map(|resource| Some(resource.string("type")?.into_owned())).collect()
}

fn keep(made: &Path, name: &str, resources: &[String]) -> Result<()> {
    if resources.is_empty() {
        return Ok(());
    }
    let mut lines = String::new();
    for text in resources {
        // An answer may be indented; a line may not be broken.
        let document = Document::read(text).with_context(|| format!("a resource for {name} cannot be read"))?;
        document.root().write_compact(&mut lines);
        lines.push('\n');
    }
    fs::write(made.join(format!("{name}.ndjson")), lines).with_context(|| format!("could not write {name}.ndjson"))
}

/// A message of the judge, without where exactly: the same about many resources is one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Message {
    made: String,
    severity: String,
    id: String,
    place: String,
}

/// What was judged: how many resources of each kind, and what was said how often, with an example.
#[derive(Default)]
struct Judged {
    counts: BTreeMap<String, usize>,
    messages: BTreeMap<Message, (usize, String)>,
    /// The errors about each resource: the name of its file and its line.
    errors: HashMap<(String, usize), Vec<(Message, String)>>,
    /// Resources the validator itself broke on, with what it said.
    failed: HashMap<(String, usize), String>,
}

fn messages(folder: &Path, packages: &[PathBuf]) -> Result<Judged> {
    let mut command = Command::new("java");
    command.arg("-Xmx2g").arg("-cp").arg(format!("{}/*", library()?.display())).arg("tests/conformance/Judge.java").arg(folder);
    for package in packages {
        command.arg("--package").arg(package);
    }
    let output = command.stderr(Stdio::inherit()).output().context("could not start java")?;
    ensure!(output.status.success(), "the judge failed: {}", output.status);
    let mut judged = Judged::default();
    for line in String::from_utf8(output.stdout).context("the judge does not write UTF-8")?.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [file, number, severity, id, place, text] = fields[..] else { bail!("the judge wrote a line of {} fields", fields.len()) };
        let made = file.trim_end_matches(".ndjson").to_owned();
        if severity == "judged" {
            judged.counts.insert(made, number.parse().context("the judge counts in numbers")?);
            continue;
        }
        if severity == "failed" {
            judged.failed.insert((made, number.parse().context("the judge counts in numbers")?), format!("{id}: {text}"));
            continue;
        }
        let message = Message { made: made.clone(), severity: severity.to_owned(), id: id.to_owned(), place: without_numbers(place) };
        if matches!(severity, "error" | "fatal") {
            let number = number.parse().context("the judge counts in numbers")?;
            judged.errors.entry((made, number)).or_default().push((message.clone(), text.to_owned()));
        }
        let (count, _) = judged.messages.entry(message).or_insert_with(|| (0, text.to_owned()));
        *count += 1;
    }
    ensure!(!judged.counts.is_empty(), "nothing was judged");
    Ok(judged)
}

/// `Bundle.entry[3].resource/*Patient/1*/.name[0]` as `Bundle.entry.resource.name`.
fn without_numbers(place: &str) -> String {
    let mut out = String::new();
    let mut rest = place;
    while let Some(at) = rest.find(['[', '/']) {
        out.push_str(&rest[..at]);
        let end = if rest[at..].starts_with("/*") { rest[at..].find("*/").map(|end| end + 2) } else { rest[at..].find(']').map(|end| end + 1) };
        rest = &rest[at + end.unwrap_or(rest.len() - at)..];
    }
    out.push_str(rest);
    out
}

/// A line of `differences.tsv`: which messages it is about, who is right, and why.
struct Difference<'t> {
    made: &'t str,
    id: &'t str,
    place: &'t str,
    text: &'t str,
    right: &'t str,
    reason: &'t str,
}

impl<'t> Difference<'t> {
    fn read(line: &'t str) -> Result<Difference<'t>> {
        let fields: Vec<&str> = line.split('\t').collect();
        let [made, id, place, text, right, reason] = fields[..] else { bail!("{DIFFERENCES}: six fields are expected, found {}: {line}", fields.len()) };
        Ok(Difference { made, id, place, text, right, reason })
    }

    fn explains(&self, message: &Message, text: &str) -> bool {
        let is = |pattern: &str, found: &str| match pattern.strip_suffix('*') {
            Some(beginning) => found.starts_with(beginning),
            None => found == pattern,
        };
        is(self.made, &message.made) && is(self.id, &message.id) && is(self.place, &message.place) && (self.text == "*" || text.contains(self.text))
    }
}

/// Writes the page. Fails if a message has no reason yet.
fn tell(judged: &Judged, examples: Option<&(Examples, Judged)>, packages: &[PathBuf]) -> Result<()> {
    let known = fs::read_to_string(DIFFERENCES).with_context(|| format!("could not read {DIFFERENCES}"))?;
    let known = known.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(Difference::read).collect::<Result<Vec<_>>>()?;
    let mut rows: BTreeMap<usize, (usize, &str)> = BTreeMap::new();
    let mut open = Vec::new();
    for (message, (count, text)) in &judged.messages {
        match known.iter().position(|one| one.explains(message, text)) {
            Some(at) => rows.entry(at).or_insert((0, text.as_str())).0 += count,
            None => open.push((message, count, text)),
        }
    }
    let resources: usize = judged.counts.values().sum();
    let mut page = String::from(
        "# Conformance\n\nWhat Carnet makes, judged by the validator of HL7 as HAPI FHIR packs it (7.6.1, R4). `cargo xtask conformance` makes this page: \
         it starts a demonstration, asks it for resources of every type it has, the statement of its capabilities, answers of operations and International \
         Patient Summaries in four languages, and has the validator judge each.\n\n",
    );
    match packages {
        [] => page.push_str("This time no package was given (`--package FILE.tgz`): summaries were held against R4 alone, not against the profiles of the International Patient Summary.\n"),
        _ => {
            let names: Vec<_> = packages.iter().filter_map(|path| path.file_name()?.to_str()).collect();
            let _ = writeln!(page, "Summaries were also held against the profiles of {}.", names.join(", "));
        }
    }
    let _ = write!(page, "\n{resources} resources were judged:\n\n| Made | Number |\n|---|---:|\n");
    for (made, count) in &judged.counts {
        let _ = writeln!(page, "| {made} | {count} |");
    }
    page.push_str("\n## Where the validator says something\n\n| Where | What it says, for example | Times | Who is right | Why |\n|---|---|---:|---|---|\n");
    for (at, (count, text)) in &rows {
        let one = &known[*at];
        let place = if one.place == "*" { one.made } else { one.place };
        let _ = writeln!(page, "| {place} | {} | {count} | {} | {} |", shortened(text), one.right, one.reason);
    }
    for (message, count, text) in &open {
        let _ = writeln!(page, "| {} {} | {} | {count} | open | not looked at yet ({}, {}) |", message.made, message.place, shortened(text), message.severity, message.id);
    }
    if !judged.failed.is_empty() {
        let _ = writeln!(page, "\nThe validator itself broke on {} of them and gave no verdict.", judged.failed.len());
    }
    let open = open.len() + examples.map_or(0, |(examples, judged)| examples.tell(judged, &known, &mut page));
    if let Some(papers) = crate::papers::section_of(&fs::read_to_string(PAGE).unwrap_or_default()) {
        page.push_str(&papers);
    }
    fs::write(PAGE, page).with_context(|| format!("could not write {PAGE}"))?;
    println!("{resources} resources judged, {} kinds of message, {open} without a reason: {PAGE}", judged.messages.len());
    ensure!(open == 0, "explain the messages marked open in {PAGE}, in {DIFFERENCES}; or mend what they are about");
    Ok(())
}

/// A message as it fits into a table.
fn shortened(text: &str) -> String {
    let plain = text.replace('|', "/");
    match plain.char_indices().nth(180) {
        Some((at, _)) => format!("{}…", &plain[..at]),
        None => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_told_without_numbers_and_remarks() {
        assert_eq!(without_numbers("Bundle.entry[3].resource/*Patient/1*/.name[0].given[1]"), "Bundle.entry.resource.name.given");
        assert_eq!(without_numbers("Patient.gender"), "Patient.gender");
    }

    #[test]
    fn a_difference_explains_what_it_is_about() {
        let message = Message { made: "summary-es".into(), severity: "warning".into(), id: "x".into(), place: "Bundle.entry.resource".into() };
        let explains = |line: &str| Difference::read(line).unwrap().explains(&message, "a text of many words");
        assert!(explains("summary*\t*\t*\t*\tneither\twhy"));
        assert!(explains("summary-es\tx\tBundle.entry*\tmany words\tneither\twhy"));
        assert!(!explains("summary-vi\t*\t*\t*\tneither\twhy"));
        assert!(!explains("summary*\t*\tBundle\t*\tneither\twhy"));
        assert!(!explains("summary*\t*\t*\tfew words\tneither\twhy"));
        assert!(Difference::read("too\tfew").is_err());
    }

    #[test]
    fn every_known_difference_can_be_read() {
        let known = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(DIFFERENCES)).unwrap();
        for line in known.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let one = Difference::read(line).unwrap();
            assert!(["Carnet", "the validator", "both", "neither"].contains(&one.right) && one.reason.ends_with('.'), "{line}");
        }
    }
}
