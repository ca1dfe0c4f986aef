//! Profiles: each rule a profile can state, kept and broken.
//!
//! `profiles/cases.txt` holds profiles and resources; every resource is followed by what must be
//! told of it: `rule @ place`, or nothing.

use fhir::Document;
use std::collections::HashMap;
use std::sync::Arc;
use terminology::Codes;
use validation::profile::{Asked, Profile, Profiles, Site, meets, shipped, survey};

/// The profiles of the file, and those that ship.
struct Shelf(HashMap<String, Arc<Profile>>);

impl Profiles for Shelf {
    fn profile(&self, address: &str) -> Option<Arc<Profile>> {
        let url = address.split('|').next().unwrap_or(address);
        self.0.get(url).cloned().or_else(|| shipped::profile(address))
    }
}

/// One set of two codes beside R4's own.
struct Colours;

impl Codes for Colours {
    fn member(&self, value_set: &str, system: Option<&str>, code: &str) -> terminology::Membership {
        match value_set {
            "urn:set:colours" if system.is_none_or(|system| system == "urn:colours") && ["red", "green"].contains(&code) => terminology::Membership::In,
            "urn:set:colours" => terminology::Membership::Out,
            _ => terminology::R4.member(value_set, system, code),
        }
    }

    fn is_a(&self, system: &str, code: &str, ancestor: &str) -> Option<bool> {
        terminology::R4.is_a(system, code, ancestor)
    }

    fn holds_value_set(&self, value_set: &str) -> bool {
        value_set == "urn:set:colours" || terminology::R4.holds_value_set(value_set)
    }

    fn holds_hierarchy(&self, system: &str) -> bool {
        terminology::R4.holds_hierarchy(system)
    }

    fn is_called(&self, system: &str, code: &str, display: &str) -> Option<bool> {
        terminology::R4.is_called(system, code, display)
    }
}

/// The short way the file writes a profile, made a StructureDefinition.
fn definition(url: &str, kind: &str, base: &str, elements: &str) -> String {
    let base = if base.contains(':') { base.to_owned() } else { format!("http://hl7.org/fhir/StructureDefinition/{base}") };
    let elements: Vec<String> = elements
        .lines()
        .map(|line| {
            let (id, members) = line.trim().split_once(' ').unwrap_or((line.trim(), "{}"));
            let path: Vec<&str> = id.split('.').map(|step| step.split(':').next().unwrap_or(step)).collect();
            let inner = members.trim().trim_start_matches('{').trim_end().strip_suffix('}').unwrap_or("");
            let comma = if inner.trim().is_empty() { "" } else { "," };
            format!("{{\"id\":\"{id}\",\"path\":\"{}\"{comma}{inner}}}", path.join("."))
        })
        .collect();
    format!(
        "{{\"resourceType\":\"StructureDefinition\",\"url\":\"{url}\",\"type\":\"{kind}\",\"baseDefinition\":\"{base}\",\"derivation\":\"constraint\",\"differential\":{{\"element\":[{}]}}}}",
        elements.join(",")
    )
}

#[test]
fn each_rule_of_a_profile_is_checked() {
    let mut shelf = Shelf(HashMap::new());
    let mut count = 0;
    let mut wrong = Vec::new();
    for block in include_str!("profiles/cases.txt").split("\n\n") {
        let block: String = block.lines().filter(|line| !line.starts_with('#')).map(|line| format!("{line}\n")).collect();
        let Some((head, body)) = block.trim().split_once('\n') else { continue };
        if let Some(head) = head.strip_prefix("profile ") {
            let [url, kind, base] = head.split(' ').collect::<Vec<_>>()[..] else { panic!("profile URL TYPE BASE: {head}") };
            let text = definition(url, kind, base, body);
            let document = Document::read(&text).unwrap_or_else(|cause| panic!("{url}: {cause}\n{text}"));
            let profile = Profile::read(document.root(), &|base| shelf.profile(base)).unwrap_or_else(|cause| panic!("{url}: {cause:?}"));
            assert!(profile.notes.is_empty(), "{url}: {:?}", profile.notes);
            shelf.0.insert(url.to_owned(), Arc::new(profile));
            continue;
        }
        let url = head.strip_prefix("of ").unwrap_or_else(|| panic!("of URL: {head}"));
        for case in body.lines() {
            let (resource, wanted) = case.split_once(" => ").unwrap_or_else(|| panic!("RESOURCE => RULES: {case}"));
            let document = Document::read(resource).unwrap_or_else(|cause| panic!("{cause}: {resource}"));
            let site = Site { profiles: &shelf, codes: &Colours };
            let found = survey(document.root(), &Asked { profiles: &[url], only_profiles: false }, site);
            let told: Vec<String> = found.iter().map(|issue| format!("{} @ {}", issue.rule, issue.expression)).collect();
            if told.join("; ") != wanted.trim_start_matches("nothing") {
                wrong.push(format!("{url} of {resource}\n  wanted {wanted}\n  found  {}\n  {:?}", told.join("; "), found.iter().map(|issue| &issue.message).collect::<Vec<_>>()));
            }
            for issue in &found {
                assert!(!issue.message.contains("SECRET") && !issue.expression.contains("SECRET"), "{issue:?}");
                assert!(!issue.rule.is_empty(), "{issue:?}");
            }
            count += 1;
        }
    }
    assert!(wrong.is_empty(), "{} of {count} cases:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 80, "{count} cases");
}

#[test]
fn all_that_ships_can_be_read_and_says_nothing_unclear() {
    let mut count = 0;
    for (url, version) in shipped::addresses() {
        let profile = shipped::profile(&format!("{url}|{version}")).unwrap_or_else(|| panic!("{url} cannot be read"));
        assert!(profile.notes.is_empty(), "{url}: {:?}", profile.notes);
        count += 1;
    }
    assert!(count > 450, "{count} profiles");
}

#[test]
fn a_definition_that_cannot_be_used_says_why() {
    let check = |text: &str, why: &str| {
        let document = Document::read(text).unwrap();
        let refused = Profile::read(document.root(), &|_| None).err().unwrap_or_else(|| panic!("{text}")).0;
        assert!(refused.contains(why), "{refused}");
    };
    check(r#"{"resourceType":"Patient"}"#, "no StructureDefinition");
    check(r#"{"resourceType":"StructureDefinition","type":"Patient"}"#, "no url");
    check(r#"{"resourceType":"StructureDefinition","url":"urn:x","type":"Dragon"}"#, "none of R4's");
    let read = |text: &str| Profile::read(Document::read(text).unwrap().root(), &|_| None).unwrap();
    let orphan = read(r#"{"resourceType":"StructureDefinition","url":"urn:x","type":"Patient","baseDefinition":"urn:gone","differential":{"element":[{"id":"Patient.dragon","min":1},{"id":"Patient.name","constraint":[{"key":"x-1","expression":"((","human":"h","severity":"error"}],"slicing":{"discriminator":[{"type":"smell","path":"use"}],"rules":"open"}}]}}"#);
    assert_eq!(orphan.notes.len(), 4, "{:?}", orphan.notes);
}

#[test]
fn elements_without_ids_are_placed_by_path_and_slice_name() {
    let text = r#"{"resourceType":"StructureDefinition","url":"urn:old","type":"Observation","baseDefinition":"http://hl7.org/fhir/StructureDefinition/Observation","differential":{"element":[
        {"path":"Observation.component","slicing":{"discriminator":[{"type":"pattern","path":"code"}],"rules":"open"}},
        {"path":"Observation.component","sliceName":"a","min":1},{"path":"Observation.component.code","patternCodeableConcept":{"coding":[{"code":"a"}]}},
        {"path":"Observation.component","sliceName":"b"},{"path":"Observation.component.code","patternCodeableConcept":{"coding":[{"code":"b"}]}},
        {"path":"Observation.component.valueString","min":1},{"path":"Observation.subject","min":1}]}}"#;
    let profile = Profile::read(Document::read(text).unwrap().root(), &|_| None).unwrap();
    assert!(profile.notes.is_empty(), "{:?}", profile.notes);
    let shelf = Shelf(HashMap::from([("urn:old".to_owned(), Arc::new(profile))]));
    let told = |resource: &str| {
        let document = Document::read(resource).unwrap();
        let issues = survey(document.root(), &Asked { profiles: &["urn:old"], only_profiles: true }, Site { profiles: &shelf, codes: &terminology::R4 });
        issues.iter().map(|issue| format!("{} @ {}", issue.rule, issue.expression)).collect::<Vec<_>>()
    };
    let component = |code: &str, value: &str| format!(r#"{{"code":{{"coding":[{{"code":"{code}"}}]}}{value}}}"#);
    let whole = |components: &str| format!(r#"{{"resourceType":"Observation","status":"final","code":{{"text":"x"}},"subject":{{"reference":"Patient/1"}},"component":[{components}]}}"#);
    assert_eq!(told(&whole(&component("a", ""))), [""; 0]);
    assert_eq!(told(&whole(&component("b", ""))), ["cardinality-min @ Observation.component", "cardinality-min @ Observation.component[0].value"]);
    assert_eq!(told(&whole(&[component("a", ""), component("b", r#","valueString":"x""#)].join(","))), [""; 0]);
}

#[test]
fn profiles_that_lead_round_in_circles_end() {
    let text = definition("urn:circle", "Patient", "Patient", "Patient\nPatient.link\nPatient.link.other {\"type\":[{\"code\":\"Reference\",\"targetProfile\":[\"urn:circle\"]}]}\nPatient.contained {\"type\":[{\"code\":\"Patient\",\"profile\":[\"urn:circle\"]}]}");
    let profile = Profile::read(Document::read(&text).unwrap().root(), &|_| None).unwrap();
    let shelf = Shelf(HashMap::from([("urn:circle".to_owned(), Arc::new(profile))]));
    let resource = r##"{"resourceType":"Patient","contained":[{"resourceType":"Patient","id":"a","link":[{"other":{"reference":"#"},"type":"seealso"},{"other":{"reference":"#a"},"type":"seealso"}]}],"link":[{"other":{"reference":"#a"},"type":"seealso"}]}"##;
    assert_eq!(meets(fhirpath::Node::resource(Document::read(resource).unwrap().root()), "urn:circle", Site { profiles: &shelf, codes: &terminology::R4 }), Some(true));
}

#[test]
fn an_invariant_that_looks_at_everything_from_everywhere_is_given_up_in_a_large_resource() {
    let text = definition("urn:heavy", "Patient", "Patient", "Patient\nPatient.name {\"constraint\":[{\"key\":\"h-1\",\"severity\":\"error\",\"human\":\"h\",\"expression\":\"%resource.descendants().count() > 0\"}]}");
    let profile = Profile::read(Document::read(&text).unwrap().root(), &|_| None).unwrap();
    let shelf = Shelf(HashMap::from([("urn:heavy".to_owned(), Arc::new(profile))]));
    let is_given_up = |names: usize| {
        let resource = format!(r#"{{"resourceType":"Patient","name":[{}]}}"#, vec![r#"{"family":"x","given":["a"]}"#; names].join(","));
        let document = Document::read(&resource).unwrap();
        let issues = survey(document.root(), &Asked { profiles: &["urn:heavy"], only_profiles: true }, Site { profiles: &shelf, codes: &terminology::R4 });
        issues.iter().any(|issue| issue.code == fhir::IssueCode::TooCostly)
    };
    assert!(!is_given_up(20) && is_given_up(2_000));
}

/// The guides whose examples must meet their own profiles, where they are at hand.
#[test]
fn the_examples_of_published_guides_meet_their_profiles() {
    let Some(data) = std::env::var_os("CARNET_SHARED_DATA").map(std::path::PathBuf::from) else {
        println!("passed over: CARNET_SHARED_DATA is not set");
        return;
    };
    let folder = data.join("ips-2.0.0/package/example");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("passed over: there is no ips-2.0.0");
        return;
    };
    let mut count = 0;
    for path in entries.flatten().map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|extension| extension == "json")) {
        let text = std::fs::read_to_string(&path).unwrap();
        let document = Document::read(&text).unwrap();
        let issues = survey(document.root(), &Asked::default(), Site { profiles: &Shelf(HashMap::new()), codes: &terminology::R4 });
        let errors: Vec<_> = issues.iter().filter(|issue| issue.is_error()).collect();
        assert!(errors.is_empty(), "{}: {errors:?}", path.display());
        count += 1;
    }
    println!("{count} examples");
}
