//! A site in a folder that goes away, and the commands on it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use fhir::{Document, Value};
use tempfile::TempDir;

pub const CARNET: &str = env!("CARGO_BIN_EXE_carnet");

pub struct Site {
    folder: TempDir,
    pub data: PathBuf,
    exports: std::cell::Cell<u32>,
}

/// What a command said.
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    pub fn of(output: Output) -> Said {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Said { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }

    /// The numbers of a line of the table: created, updated, unchanged, deleted, rejected.
    pub fn counts(&self, kind: &str) -> [u64; 5] {
        let line = self.out.lines().find(|line| line.starts_with(&format!("{kind} "))).unwrap_or_default();
        let numbers: Vec<u64> = line.split_whitespace().rev().take(5).filter_map(|number| number.parse().ok()).collect();
        let mut numbers: [u64; 5] = numbers.try_into().unwrap_or_default();
        numbers.reverse();
        numbers
    }

    pub fn ok(self) -> Said {
        assert_eq!(self.code, 0, "{}\n{}", self.out, self.err);
        self
    }
}

impl Site {
    pub fn new() -> Site {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("site");
        let site = Site { folder, data, exports: Default::default() };
        site.run("init", &[]).ok();
        site
    }

    /// A folder for inputs and outputs.
    pub fn folder(&self, name: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::create_dir_all(&path).unwrap();
        path
    }

    fn command(&self, name: &str, rest: &[&str]) -> Command {
        let mut command = Command::new(CARNET);
        command.arg(name).arg("--data").arg(&self.data).args(rest).stdin(Stdio::null());
        command
    }

    pub fn run(&self, name: &str, rest: &[&str]) -> Said {
        Said::of(self.command(name, rest).output().unwrap())
    }

    /// `carnet keys`.
    pub fn keys(&self, act: &str, rest: &[&str]) -> Said {
        Said::of(Command::new(CARNET).args(["keys", act, "--data"]).arg(&self.data).args(rest).stdin(Stdio::null()).output().unwrap())
    }

    pub fn import(&self, path: &Path, rest: &[&str]) -> Said {
        let mut all = vec![path.to_str().unwrap()];
        all.extend_from_slice(rest);
        self.run("import", &all)
    }

    /// `carnet terminology import`.
    pub fn terminology(&self, kind: &str, rest: &[&str], files: &[&Path]) -> Said {
        let mut command = Command::new(CARNET);
        command.args(["terminology", "import", "--kind", kind, "--data"]).arg(&self.data).args(rest).args(files).stdin(Stdio::null());
        Said::of(command.output().unwrap())
    }

    pub fn add_packages(&self, rest: &[&str], files: &[&Path]) -> Said {
        let mut command = Command::new(CARNET);
        command.args(["package", "add", "--data"]).arg(&self.data).args(rest).args(files).stdin(Stdio::null());
        Said::of(command.output().unwrap())
    }

    pub fn start(&self, name: &str, rest: &[&str]) -> Child {
        self.command(name, rest).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Everything in the store: `Type/id` and the text.
    pub fn export(&self) -> BTreeMap<String, String> {
        let number = self.exports.replace(self.exports.get() + 1);
        let out = self.folder.path().join(format!("export-{number}"));
        self.run("export", &["--out", out.to_str().unwrap()]).ok();
        let mut found = BTreeMap::new();
        for file in fs::read_dir(&out).unwrap() {
            let path = file.unwrap().path();
            for line in fs::read_to_string(&path).unwrap().lines() {
                let document = Document::read(line).unwrap();
                let text = |name: &str| document.root().string(name).unwrap().into_owned();
                assert_eq!(path.file_stem().unwrap().to_str().unwrap(), text("resourceType"));
                assert!(found.insert(format!("{}/{}", text("resourceType"), text("id")), line.to_owned()).is_none(), "exported twice");
            }
        }
        found
    }

    /// The lines of the first rejects file.
    pub fn rejects(&self) -> Vec<Document<'static>> {
        let text = fs::read_to_string(self.data.join("rejects-1.ndjson")).unwrap_or_default();
        text.lines().map(|line| Document::read_owned(line.to_owned()).unwrap()).collect()
    }
}

/// The same text without what a server sets.
pub fn without_meta(text: &str) -> String {
    let document = Document::read(text).unwrap();
    let mut out = String::new();
    for (name, member) in document.root().members().filter(|(name, _)| name != "meta") {
        out.push_str(&name);
        out.push(':');
        member.write_compact(&mut out);
    }
    out
}

/// A population in a folder.
pub fn synth(folder: &Path, country: &str, people: u32) {
    let people = people.to_string();
    let output = Command::new(CARNET).args(["synth", "--country", country, "--people", &people, "--out"]).arg(folder).output().unwrap();
    assert!(output.status.success());
}

/// A text at a path of members.
pub fn text_at(value: Value<'_>, path: &[&str]) -> String {
    value.path(path).and_then(|value| value.first()).and_then(|value| value.as_str()).unwrap_or_default().into_owned()
}
