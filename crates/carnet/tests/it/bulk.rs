//! Bulk export and import, end to end: the real server, a real source of files on loopback, and the plug.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use fhir::Document;

use crate::site::{Site, synth, without_meta};
use crate::web::{Client, Server};

/// Files by their names, served in pieces; each request is counted.
#[derive(Clone)]
struct Source {
    origin: String,
    files: Arc<Mutex<HashMap<String, Vec<u8>>>>,
    asked: Arc<Mutex<Vec<String>>>,
    /// Between two pieces of 4 KiB.
    pause: Arc<Mutex<Duration>>,
}

impl Source {
    fn new() -> Source {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let source = Source { origin: format!("http://{}", listener.local_addr().unwrap()), files: Arc::default(), asked: Arc::default(), pause: Arc::default() };
        let serving = source.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let serving = serving.clone();
                // Whoever hangs up has been killed.
                std::thread::spawn(move || drop(serving.answer(stream)));
            }
        });
        source
    }

    fn answer(&self, stream: std::net::TcpStream) -> std::io::Result<()> {
        let mut stream = BufReader::new(stream);
        let (mut line, mut first) = (String::new(), String::new());
        while stream.read_line(&mut line)? > 0 && !line.trim().is_empty() {
            if first.is_empty() {
                first.clone_from(&line);
            }
            line.clear();
        }
        let path = first.split_whitespace().nth(1).unwrap_or_default().trim_start_matches('/').to_owned();
        self.asked.lock().unwrap().push(path.clone());
        let file = self.files.lock().unwrap().get(&path).cloned();
        let out = stream.get_mut();
        let Some(file) = file else {
            let status = if path == "moved" { format!("302 Found\r\nLocation: {}/p", self.origin) } else { "404 Not Found".to_owned() };
            return out.write_all(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").as_bytes());
        };
        out.write_all(format!("HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", file.len()).as_bytes())?;
        for piece in file.chunks(4096) {
            out.write_all(piece)?;
            std::thread::sleep(*self.pause.lock().unwrap());
        }
        Ok(())
    }
}

/// A site that may fetch from there.
fn site(source: &Source) -> Site {
    let site = Site::new();
    let file = site.data.join("carnet.toml");
    let text = std::fs::read_to_string(&file).unwrap().replace("import_sources = []", &format!("import_sources = [\"{}\"]", source.origin));
    assert!(text.contains(&source.origin));
    std::fs::write(&file, text).unwrap();
    site
}

fn begin(client: &mut Client, source: &Source, files: &[(String, String)]) -> String {
    let inputs: Vec<String> = files.iter().map(|(kind, name)| format!(r#"{{"name":"input","part":[{{"name":"type","valueCode":"{kind}"}},{{"name":"url","valueUrl":"{}/{name}"}}]}}"#, source.origin)).collect();
    let body = format!(r#"{{"resourceType":"Parameters","parameter":[{{"name":"inputFormat","valueCode":"application/fhir+ndjson"}},{}]}}"#, inputs.join(","));
    let begun = client.ask("POST", "/fhir/$import", "Prefer: respond-async\r\n", &body).unwrap();
    assert_eq!(begun.status, 202, "{}", begun.body);
    begun.header("content-location").split_once("/fhir").unwrap().1.to_owned()
}

fn ended(client: &mut Client, job: &str) -> String {
    let began = Instant::now();
    loop {
        let answer = client.ask("GET", &format!("/fhir{job}"), "", "").unwrap();
        if answer.status == 200 {
            return answer.body;
        }
        assert_eq!(answer.status, 202, "{}", answer.body);
        assert!(began.elapsed() < Duration::from_secs(60), "it does not end: {}", answer.header("x-progress"));
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// `Type count` of each file in a list of a manifest.
fn counts(manifest: &str, list: &str) -> Vec<String> {
    let document = Document::read(manifest).unwrap();
    let items = document.root().get(list).unwrap();
    let told: Vec<String> = items.items().map(|file| format!("{} {}", file.string("type").unwrap(), file.get("count").unwrap().raw())).collect();
    told
}

fn gunzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    flate2::read::MultiGzDecoder::new(bytes).read_to_end(&mut out).unwrap();
    out
}

/// Everything an export holds: `Type/id` and the text without meta. Files come packed.
fn exported(server: &Server, manifest: &str) -> BTreeMap<String, String> {
    let document = Document::read(manifest).unwrap();
    let mut found = BTreeMap::new();
    for file in document.root().get("output").unwrap().items() {
        let url = file.string("url").unwrap().into_owned();
        let path = format!("/fhir{}", url.split_once("/fhir").unwrap().1);
        let plain = server.client().whole("GET", &path, "");
        let packed = server.client().whole("GET", &path, "Accept-Encoding: gzip\r\n");
        assert!(gunzip(&packed) == plain, "{path}: packed, it says something else");
        let text = String::from_utf8(plain).unwrap();
        assert_eq!(text.lines().count().to_string(), file.get("count").unwrap().raw(), "{path}");
        for line in text.lines() {
            let line_document = Document::read(line).unwrap();
            let name = format!("{}/{}", line_document.root().string("resourceType").unwrap(), line_document.root().string("id").unwrap());
            assert!(found.insert(name, without_meta(line)).is_none(), "exported twice");
        }
    }
    found
}

/// The files of an export by command, as a source has them: each type packed or plain.
fn offer(site: &Site, source: &Source) -> Vec<(String, String)> {
    let mut by_type: BTreeMap<String, String> = BTreeMap::new();
    for (name, text) in site.export() {
        let lines = by_type.entry(name.split('/').next().unwrap().to_owned()).or_default();
        lines.push_str(&text);
        lines.push('\n');
    }
    let mut files = Vec::new();
    for (number, (kind, text)) in by_type.into_iter().enumerate() {
        let mut bytes = text.into_bytes();
        if number % 2 == 0 {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(&bytes).unwrap();
            bytes = encoder.finish().unwrap();
        }
        source.files.lock().unwrap().insert(kind.clone(), bytes);
        files.push((kind.clone(), kind));
    }
    files
}

#[test]
fn what_one_site_exports_another_imports_though_the_plug_is_pulled() {
    let source = Source::new();
    let first = Site::new();
    let folder = first.folder("in");
    synth(&folder, "mx", 12);
    first.import(&folder, &[]).ok();
    let expected: BTreeMap<String, String> = first.export().into_iter().map(|(name, text)| (name, without_meta(&text))).collect();
    let files = offer(&first, &source);

    let second = site(&source);
    let mut server = Server::start(&second);
    *source.pause.lock().unwrap() = Duration::from_millis(1);
    let job = begin(&mut server.client(), &source, &files);
    for round in 0..4 {
        std::thread::sleep(Duration::from_millis(150 + 100 * round));
        server.kill();
        server = Server::start(&second);
    }
    *source.pause.lock().unwrap() = Duration::ZERO;
    let mut client = server.client();
    let manifest = ended(&mut client, &job);
    assert_eq!(counts(&manifest, "error"), Vec::<String>::new(), "{manifest}");
    let taken: usize = counts(&manifest, "output").iter().map(|one| one.split(' ').nth(1).unwrap().parse::<usize>().unwrap()).sum();
    assert_eq!(taken, expected.len());
    assert!(source.asked.lock().unwrap().len() > files.len(), "no kill met a file");
    // Each is there once, at its first version.
    let begun = client.ask("GET", "/fhir/$export", "Prefer: respond-async\r\n", "").unwrap();
    let export = begun.header("content-location").split_once("/fhir").unwrap().1.to_owned();
    let manifest = ended(&mut client, &export);
    assert!(exported(&server, &manifest) == expected, "what was imported is not what was exported");
    let versions = String::from_utf8(server.client().whole("GET", "/fhir/Patient/_history?_count=1000", "")).unwrap();
    assert!(versions.contains(r#""versionId":"1""#) && !versions.contains(r#""versionId":"2""#), "a kill doubled something");
    server.kill();
    second.run("check", &[]).ok();
}

#[test]
fn an_export_that_was_killed_is_there_again_with_every_line() {
    let site = Site::new();
    let folder = site.folder("in");
    synth(&folder, "vn", 20);
    site.import(&folder, &[]).ok();
    let expected: BTreeMap<String, String> = site.export().into_iter().map(|(name, text)| (name, without_meta(&text))).collect();
    let mut server = Server::start(&site);
    let mut client = server.client();
    // Two are counted at a time: when the plug is pulled the others have not begun.
    let jobs: Vec<String> = (0..6)
        .map(|_| {
            let begun = client.ask("GET", "/fhir/$export", "Prefer: respond-async\r\n", "").unwrap();
            assert_eq!(begun.status, 202, "{}", begun.body);
            begun.header("content-location").split_once("/fhir").unwrap().1.to_owned()
        })
        .collect();
    let is_ready = |job: &String| server.client().ask("GET", &format!("/fhir{job}"), "", "").unwrap().status == 200;
    let ready = jobs.iter().filter(|job| is_ready(job)).count();
    server.kill();
    server = Server::start(&site);
    let manifests: Vec<String> = jobs.iter().map(|job| ended(&mut server.client(), job)).collect();
    println!("{ready} of {} exports were ready when the plug was pulled", jobs.len());
    for manifest in &manifests {
        assert_eq!(counts(manifest, "output"), counts(&manifests[0], "output"));
    }
    let (job, manifest) = (&jobs[5], &manifests[5]);
    // And once more, while a file is fetched.
    let path = format!("/fhir{}", Document::read(manifest).unwrap().root().get("output").unwrap().first().unwrap().string("url").unwrap().split_once("/fhir").unwrap().1);
    let mut reading = server.client();
    reading.send("GET", &path, "");
    server.kill();
    server = Server::start(&site);
    let again = ended(&mut server.client(), job);
    assert_eq!(&again, manifest);
    // What is written after its moment is no part of it.
    let later = server.client().ask("PUT", "/fhir/Patient/later", "", r#"{"resourceType":"Patient","id":"later"}"#).unwrap();
    assert_eq!(later.status, 201, "{}", later.body);
    assert!(exported(&server, &again) == expected, "the export is not what the record held");
}

#[test]
fn redirects_and_strangers_are_not_followed_and_what_is_refused_is_told() {
    let source = Source::new();
    let stranger = Source::new();
    let site = site(&source);
    let server = Server::start(&site);
    let mut client = server.client();
    source.files.lock().unwrap().insert("p".to_owned(), b"{\"resourceType\":\"Patient\",\"id\":\"a\"}\n{\"resourceType\":\"Patient\",\"id\":\"b\",\"gender\":\"blue\"}\n".to_vec());
    let job = begin(&mut client, &source, &[("Patient".into(), "moved".into()), ("Patient".into(), "p".into()), ("Patient".into(), "gone".into())]);
    let manifest = ended(&mut client, &job);
    assert_eq!(counts(&manifest, "output"), ["Patient 0", "Patient 1", "Patient 0"]);
    assert_eq!(counts(&manifest, "error"), ["OperationOutcome 1", "OperationOutcome 1", "OperationOutcome 1"]);
    assert_eq!(*source.asked.lock().unwrap(), ["moved", "p", "gone"]);
    let told = |number: usize| String::from_utf8(server.client().whole("GET", &format!("/fhir{job}/refused.{number}.ndjson"), "")).unwrap();
    assert!(told(0).contains("redirect") && told(2).contains("404"), "{}{}", told(0), told(2));
    assert!(told(1).contains("\"id\":\"file-1-line-2\"") && told(1).contains("\"valueInteger\":2") && !told(1).contains("blue"), "{}", told(1));
    let body = format!(r#"{{"resourceType":"Parameters","parameter":[{{"name":"inputFormat","valueCode":"application/fhir+ndjson"}},{{"name":"input","part":[{{"name":"type","valueCode":"Patient"}},{{"name":"url","valueUrl":"{}/p"}}]}}]}}"#, stranger.origin);
    let refused = client.ask("POST", "/fhir/$import", "Prefer: respond-async\r\n", &body).unwrap();
    assert!(refused.status == 422 && refused.body.contains("import_sources"), "{}", refused.body);
    assert!(stranger.asked.lock().unwrap().is_empty());
    assert_eq!(client.ask("DELETE", &format!("/fhir{job}"), "", "").unwrap().status, 202);
    assert_eq!(client.ask("GET", &format!("/fhir{job}"), "", "").unwrap().status, 404);
}
