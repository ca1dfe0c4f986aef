//! Code systems from the files of their owners: what is taken in, what is refused, what is said.

use std::fs;
use std::path::PathBuf;

use crate::site::{Site, text_at};
use crate::web::Server;

const CLAML: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<ClaML version="2.0.0"><Title name="SAMPLE" version="2026">Sample classification</Title>
<ModifierClass code=".0" modifier="M4"><Rubric kind="preferred"><Label xml:lang="en">With coma</Label></Rubric></ModifierClass>
<Class code="IV" kind="chapter"><Rubric kind="preferred"><Label xml:lang="en">Endocrine</Label></Rubric></Class>
<Class code="E10" kind="category"><SuperClass code="IV"/><ModifiedBy code="M4"/><Rubric kind="preferred"><Label xml:lang="en">Type 1 diabetes</Label><Label xml:lang="es">Diabetes tipo 1</Label></Rubric><Rubric kind="inclusion"><Label xml:lang="en">brittle</Label></Rubric></Class>
</ClaML>"#;

fn file(site: &Site, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = site.folder("codes").join(name);
    fs::write(&path, content).unwrap();
    path
}

/// What a server says of each address.
fn check(site: &Site, cases: &[(&str, u16, &[&str])]) {
    let server = Server::start(site);
    let mut client = server.client();
    for (path, status, parts) in cases {
        let answer = client.ask("GET", &format!("/fhir/{path}"), "", "").unwrap();
        assert_eq!(answer.status, *status, "{path}\n{}", answer.body);
        for part in *parts {
            assert!(answer.body.contains(part), "{path}: {part}\n{}", answer.body);
        }
    }
}

#[test]
fn a_classification_is_taken_in_once_its_licence_is_accepted() {
    let site = Site::new();
    let path = file(&site, "icd.xml", CLAML);
    let asked = site.terminology("claml", &[], &[&path]);
    assert_eq!(asked.code, 2);
    assert!(asked.err.contains("World Health Organization") && asked.err.contains("--accept-licence"), "{}", asked.err);
    assert!(site.export().is_empty());
    let said = site.terminology("claml", &["--accept-licence"], &[&path]).ok();
    assert!(said.out.contains("3 codes with 2 more names; 0 rows rejected.") && said.out.contains("2 resources") && said.out.contains("2 created"), "{}", said.out);
    let again = site.terminology("claml", &["--accept-licence"], &[&path]).ok();
    assert!(again.out.contains("2 unchanged"), "{}", again.out);
    let icd = "http://hl7.org/fhir/sid/icd-10";
    check(&site, &[
        (&format!("CodeSystem/$lookup?system={icd}&code=E10.0"), 200, &["Type 1 diabetes: With coma", "\"valueCode\":\"E10\""]),
        (&format!("CodeSystem/$lookup?system={icd}&code=E10&displayLanguage=es"), 200, &["\"valueString\":\"Diabetes tipo 1\""]),
        (&format!("CodeSystem/$subsumes?system={icd}&codeA=IV&codeB=E10.0"), 200, &["subsumes"]),
        (&format!("CodeSystem/$validate-code?url={icd}&code=Z99"), 200, &["\"valueBoolean\":false"]),
        (&format!("ValueSet/$expand?url={icd}?fhir_vs&filter=brittle"), 200, &["\"total\":1", "E10"]),
        (&format!("ValueSet/$expand?url={icd}?fhir_vs&excludeNotForUI=true"), 200, &["\"total\":2"]),
        ("CodeSystem?url=http://hl7.org/fhir/sid/icd-10&_elements=url,content", 200, &["\"content\":\"complete\""]),
    ]);
}

#[test]
fn a_national_table_is_taken_in_by_its_own_headings_and_what_is_flawed_is_told() {
    let site = Site::new();
    let path = file(&site, "catalogo.csv", "CLAVE;NOMBRE;PADRE;LSEX\nA00;Cólera;;0\nA000;Cólera clásico;A00;1\nA00;Otra vez;;0\nA999;Huérfano;B99;0\n;Sin clave;;0\n");
    let columns = ["--url", "http://salud.example/cie", "--version", "2026", "--name", "Catálogo", "--language", "es", "--column", "code=CLAVE", "--column", "display=NOMBRE", "--column", "parent=PADRE"];
    let said = site.terminology("table", &columns, &[&path]);
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(said.out.contains("2 codes") && said.out.contains("3 rows rejected") && said.out.contains("fragment") && said.out.contains("3 REJECTED"), "{}", said.out);
    let rejects = site.rejects();
    let told: Vec<(String, String)> = rejects.iter().map(|line| (line.root().get("line").unwrap().as_number().unwrap().to_owned(), text_at(line.root(), &["issues", "message"]))).collect();
    for ((line, reason), (expect, part)) in told.iter().zip([("6", "no code"), ("4", "line 2 already"), ("5", "parent is not in the file")]) {
        assert!(line == expect && reason.contains(part), "{line} {reason}");
    }
    assert_eq!(told.len(), 3);
    check(&site, &[
        ("CodeSystem/$lookup?system=http://salud.example/cie&code=A000", 200, &["Cólera clásico", "\"valueCode\":\"LSEX\"", "2026"]),
        // What was rejected may exist: it is never denied.
        ("CodeSystem/$validate-code?url=http://salud.example/cie&code=A999", 422, &["only a part"]),
    ]);
    // Mended, it becomes whole, as a new version of the same resource.
    let path = file(&site, "catalogo.csv", "CLAVE;NOMBRE;PADRE;LSEX\nA00;Cólera;;0\nA000;Cólera clásico;A00;1\n");
    assert!(site.terminology("table", &columns, &[&path]).ok().out.contains("1 updated, 1 unchanged"));
    check(&site, &[("CodeSystem/$validate-code?url=http://salud.example/cie&code=A999", 200, &["\"valueBoolean\":false"])]);
}

#[test]
fn loinc_atc_and_cvx_are_taken_in_from_their_own_files() {
    let site = Site::new();
    let loinc = file(&site, "Loinc.csv", "\"LOINC_NUM\",\"COMPONENT\",\"STATUS\",\"LONG_COMMON_NAME\"\n\"718-7\",\"Hemoglobin\",\"ACTIVE\",\"Hemoglobin [Mass/volume] in Blood\"\n\"1-8\",\"x\",\"DEPRECATED\",\"An old one\"\n");
    let variant = file(&site, "esMX12LinguisticVariant.csv", "\"ID\",\"LOINC_NUM\",\"LONG_COMMON_NAME\"\n\"1\",\"718-7\",\"Hemoglobina oficial\"\n");
    assert_eq!(site.terminology("loinc", &["--version", "2.99"], &[&loinc]).code, 2);
    site.terminology("loinc", &["--version", "2.99", "--accept-licence"], &[&loinc, &variant]).ok();
    let atc = file(&site, "atc.csv", "ATC code,ATC level name\nA,TRACT\nA10,DRUGS\n");
    site.terminology("atc", &["--accept-licence"], &[&atc]).ok();
    let cvx = file(&site, "cvx.txt", "03     |MMR|measles, mumps and rubella||Active|False|2020/06/02\n");
    site.terminology("cvx", &[], &[&cvx]).ok();
    check(&site, &[
        ("CodeSystem/$lookup?system=http://loinc.org&code=718-7&displayLanguage=es", 200, &["Hemoglobina oficial", "2.99"]),
        ("CodeSystem/$lookup?system=http://loinc.org&code=1-8", 200, &["An old one"]),
        ("CodeSystem/$subsumes?system=http://www.whocc.no/atc&codeA=A&codeB=A10", 200, &["subsumes"]),
        ("ValueSet/$expand?url=http://hl7.org/fhir/sid/cvx?fhir_vs", 200, &["\"total\":1", "MMR"]),
        // Names of the starter set are still found by.
        ("ValueSet/$expand?url=http://loinc.org/vs&filter=huyet%20sac%20to", 200, &["718-7"]),
    ]);
}

#[test]
fn a_fhir_package_is_taken_in_by_canonical_address() {
    let site = Site::new();
    let system = r#"{"resourceType":"CodeSystem","id":"same","url":"http://x.example/a","version":"1","status":"active","content":"complete","concept":[{"code":"1","display":"One"}]}"#;
    let other = r#"{"resourceType":"CodeSystem","id":"same","url":"http://x.example/b","status":"active","content":"complete","concept":[{"code":"2","display":"Two"}]}"#;
    let bundle = r#"{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"ValueSet","url":"http://x.example/vs","status":"active","compose":{"include":[{"system":"http://x.example/b"}]}}},{"resource":{"resourceType":"Patient","id":"p"}},{"resource":{"resourceType":"ValueSet","status":"active"}}]}"#;
    let mut package = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    for (name, text) in [("package/package.json", r#"{"name":"x.example"}"#), ("package/.index.json", "{}"), ("package/a.json", system), ("package/b.json", other), ("package/c.json", bundle), ("package/broken.json", "{"), ("package/readme.md", "hello")] {
        let mut header = tar::Header::new_ustar();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        package.append_data(&mut header, name, text.as_bytes()).unwrap();
    }
    let path = file(&site, "x.tgz", package.into_inner().unwrap().finish().unwrap());
    let said = site.terminology("fhir", &[], &[&path]);
    assert_eq!(said.code, 1, "{}\n{}", said.out, said.err);
    assert!(said.out.contains("3 created") && said.out.contains("1 resources of other types") && said.out.contains("2 REJECTED"), "{}", said.out);
    assert!(site.export().keys().all(|name| !name.starts_with("Patient")), "only terminology is taken");
    check(&site, &[("ValueSet/$expand?url=http://x.example/vs", 200, &["Two"]), ("CodeSystem/$lookup?system=http://x.example/a&code=1", 200, &["One"])]);
    let snomed = file(&site, "sct.json", r#"{"resourceType":"CodeSystem","url":"http://snomed.info/sct","status":"active","content":"fragment","concept":[{"code":"1","display":"One"}]}"#);
    let asked = site.terminology("fhir", &["--rejects", site.folder("out").join("r.ndjson").to_str().unwrap()], &[&snomed]);
    assert!(asked.code == 2 && asked.err.contains("SNOMED International"), "{}", asked.err);
}

#[test]
fn rubbish_is_refused_with_a_reason_and_nothing_is_kept() {
    let site = Site::new();
    let url = ["--url", "http://x.example/c"];
    let endless = file(&site, "endless.csv", ["code,display\nA,", &"x".repeat(100 << 20)].concat());
    let cases: [(&str, &[&str], PathBuf, &str); 16] = [
        ("claml", &["--accept-licence"], file(&site, "a.xml", "<html></html>"), "not ClaML"),
        ("claml", &["--accept-licence"], file(&site, "b.xml", "<ClaML><Class"), "line 1"),
        ("claml", &["--accept-licence"], file(&site, "c.xml", b"<?xml version=\"1.0\" encoding=\"windows-1251\"?><ClaML/>"), "not UTF-8"),
        ("table", &url, file(&site, "d.csv", "a,b\n1,2\n"), "--column code=HEADING"),
        ("table", &["--url", "http://x.example/c", "--column", "code=nope"], file(&site, "l.csv", "code,display\nA,a\n"), "no column headed nope"),
        ("table", &["--url", "http://x.example/c", "--column", "code=key", "--column", "display=nope"], file(&site, "m.csv", "key,display\nA,a\n"), "--column display=nope"),
        ("table", &["--url", "http://x.example/c", "--column", "code=nope"], file(&site, "n.csv", "key,display\nA,a\n"), "no column headed nope"),
        ("table", &url, file(&site, "e.csv", ""), "empty"),
        ("table", &url, file(&site, "f.csv", "code,display,parent\nA,a,B\nB,b,A\n"), "no code that could be kept"),
        ("table", &["--url", "http://x.example/c"], endless, "without an end"),
        ("table", &[], file(&site, "g.csv", "code,display\nA,a\n"), "--url"),
        ("table", &["--url", "nothing"], file(&site, "h.csv", "code,display\nA,a\n"), "canonical address"),
        ("loinc", &["--accept-licence"], file(&site, "i.csv", "code,display\nA,a\n"), "LOINC_NUM"),
        ("cvx", &[], file(&site, "j.txt", "code|display\n"), "CVX code is a number"),
        ("fhir", &[], file(&site, "k.json", r#"{"resourceType":"Patient"}"#), "there is no CodeSystem"),
        ("table", &url, site.folder("codes").join("nowhere.csv"), "could not find"),
    ];
    for (kind, rest, path, part) in cases {
        let said = site.terminology(kind, rest, &[&path]);
        assert!(said.code == 2 && said.err.contains(part), "{}: {} {}", path.display(), said.code, said.err);
    }
    assert!(site.export().is_empty());
}

#[test]
fn a_hundred_thousand_codes_are_taken_in_and_found_while_somebody_types() {
    let site = Site::new();
    let mut text = String::from("code,display,parent,display:es,axis one,axis two\n");
    for number in 0..100_000 {
        let parent = if number < 100 { String::new() } else { format!("C{}", number % 100) };
        text.push_str(&format!("C{number},Finding number {number} of the left hand,{parent},Hallazgo número {number} de la mano izquierda,axis {},axis {}\n", number % 7, number % 11));
    }
    let path = file(&site, "large.csv", text);
    let said = site.terminology("table", &["--url", "http://x.example/large"], &[&path]).ok();
    assert!(said.out.contains("100000 codes with 100000 more names"), "{}", said.out);
    check(&site, &[
        ("ValueSet/$expand?url=http://x.example/large?fhir_vs&filter=hallazgo%2099999&displayLanguage=es", 200, &["\"total\":1", "Hallazgo número 99999"]),
        ("ValueSet/$expand?url=http://x.example/large?fhir_vs&count=1", 200, &["\"total\":100000"]),
        ("CodeSystem/$subsumes?system=http://x.example/large&codeA=C99&codeB=C99999", 200, &["subsumes"]),
    ]);
}
