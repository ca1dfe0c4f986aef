//! Records leave one site and are taken in at another: verified, repeatable, to the letter; and what
//! was altered on the way is found with its place.

use std::fs;
use std::io::Cursor;
use std::ops::ControlFlow;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use access::Role;
use attest::{Algorithm, Authority, Capacity, Evidence, Holder, Item, ItemKind, Packer, Parcel, ParcelFault, SignerSaid, sign, verify_signature};
use chart::{Origin, TakenIn};
use fhir::ResourceType;
use testkit::{Clinic, block_on, caller};

use crate::site::{Said, Site, synth, without_meta};
use crate::web::Server;

const NOW: i64 = 1_772_438_400;

fn fingerprint_in(said: &Said) -> String {
    let line = said.out.lines().find(|line| line.starts_with("  ") && line.len() > 60).unwrap_or_else(|| panic!("no fingerprint: {}", said.out));
    line.trim().to_owned()
}

fn hand_over(site: &Site, out: &Path, whom: &[&str]) -> Said {
    let mut all = vec!["--out", out.to_str().unwrap()];
    if !whom.contains(&"--to") {
        all.push("--in-clear");
    }
    all.extend_from_slice(whom);
    site.run("hand-over", &all)
}

fn take_in(site: &Site, file: &Path, more: &[&str]) -> Said {
    let mut all = vec![file.to_str().unwrap()];
    all.extend_from_slice(more);
    site.run("take-in", &all)
}

#[test]
fn a_person_goes_to_another_site_to_the_letter_and_the_file_is_verified_first() {
    let (from, to) = (Site::new(), Site::new());
    let folder = from.folder("people");
    synth(&folder, "mx", 3);
    from.import(&folder, &[]).ok();
    let before = from.export();
    let person = before.keys().find(|name| name.starts_with("Patient/")).unwrap().clone();
    let file = from.folder("out").join("person.parcel");
    // Named twice, with its type and without: it is in the file once.
    let packed = hand_over(&from, &file, &[&person, person.trim_start_matches("Patient/"), &person]).ok();
    assert!(packed.out.contains("1 persons, "), "{}", packed.out);
    let fingerprint = fingerprint_in(&packed);
    assert_eq!(hand_over(&from, &file, &[&person]).code, 2, "nothing is written over");
    assert!(hand_over(&from, &file.with_extension("none"), &["nobody"]).err.contains("nobody and nothing is here"));
    assert!(!file.with_extension("none").exists() && !file.with_extension("none.unfinished").exists());

    // Without naming an authority, or naming another one, nothing is taken in.
    for more in [&[][..], &["--fingerprint", "00 11"]] {
        let said = take_in(&to, &file, more);
        assert!(said.code == 2 && said.err.contains("not trusted here") && said.err.contains(&fingerprint), "{}", said.err);
    }
    // What was altered or cut off on the way is told with its place, and nothing of it is used.
    let good = fs::read(&file).unwrap();
    let bad = file.with_extension("bad");
    let mut altered = good.clone();
    let middle = altered.len() / 2;
    altered[middle] ^= 1;
    fs::write(&bad, &altered).unwrap();
    let said = take_in(&to, &bad, &["--fingerprint", &fingerprint]);
    assert!(said.code == 2 && said.err.contains("altered or damaged") && said.err.contains("at item") && said.err.contains("nothing was taken in"), "{}", said.err);
    fs::write(&bad, &good[..middle]).unwrap();
    let said = take_in(&to, &bad, &["--fingerprint", &fingerprint]);
    assert!(said.code == 2 && said.err.contains("was cut off") && said.err.contains("behind item"), "{}", said.err);
    assert!(to.export().keys().all(|name| !name.starts_with("Patient/")), "nothing was taken in");

    assert_eq!(take_in(&to, &file, &["--fingerprint", &fingerprint, "--only-verify"]).code, 0);
    let said = take_in(&to, &file, &["--fingerprint", &fingerprint]).ok();
    assert!(said.out.contains("1 persons") && said.out.contains(" 0 differ") && said.out.contains(" 0 could not"), "{}", said.out);
    let after = to.export();
    let parcel = items(&good, &fingerprint);
    assert!(parcel.len() > 20);
    for item in &parcel {
        assert_eq!(without_meta(&after[&item.name]), without_meta(&before[&item.name]), "{}", item.name);
    }
    let told = after.values().find(|text| text.contains("\"code\":\"receive\"")).expect("where the person came from is told");
    assert!(told.contains(&person) && told.contains("NamingSystem/parcel"), "{told}");
    // Again: nothing is new, and nothing is twice.
    let said = take_in(&to, &file, &["--fingerprint", &fingerprint]).ok();
    assert!(said.out.contains(" 0 items are new here"), "{}", said.out);
    assert_eq!(to.export(), after);
    to.run("check", &[]).ok();

    // What is here and says something else stays; what came is kept beside, with the reason.
    let one = parcel.iter().find(|item| item.name.starts_with("Observation/")).unwrap();
    let other = after[&one.name].replace("\"status\":\"final\"", "\"status\":\"amended\"");
    let change = to.folder("change").join("one.json");
    fs::write(&change, &other).unwrap();
    to.import(&change, &[]).ok();
    let said = take_in(&to, &file, &["--fingerprint", &fingerprint]);
    assert!(said.code == 1 && said.out.contains(" 1 differ from what is here"), "{} {}", said.out, said.err);
    assert!(to.export()[&one.name].contains("amended"));
    let rejects = fs::read_to_string(format!("{}.rejects", file.display())).unwrap();
    assert!(rejects.lines().count() == 1 && rejects.contains(&one.name) && rejects.contains("it stays"), "{rejects}");
}

/// The items of a parcel without evidence and logs.
fn items(bytes: &[u8], fingerprint: &str) -> Vec<Item> {
    let mut all = Vec::new();
    Parcel::open(Cursor::new(bytes), &[fingerprint.to_owned()]).map_err(|cause| cause.to_string()).unwrap().walk(&mut |item| {
        all.push(item);
        ControlFlow::Continue(())
    }).unwrap();
    all.retain(|item| !matches!(item.kind, ItemKind::Evidence | ItemKind::Log));
    all
}

#[test]
fn an_institution_goes_while_servers_run_and_a_taking_in_that_was_killed_goes_on() {
    let (from, to) = (Site::new(), Site::new());
    let folder = from.folder("people");
    synth(&folder, "mx", 30);
    from.import(&folder, &[]).ok();
    let before = from.export();
    let unit = before.values().filter(|text| text.starts_with("{\"resourceType\":\"Patient\"")).find_map(|text| {
        let document = fhir::Document::read(text).unwrap();
        document.root().path(&["managingOrganization", "reference"]).and_then(|text| text.as_str().map(|text| text.into_owned()))
    }).unwrap();
    let persons = before.iter().filter(|(name, text)| name.starts_with("Patient/") && text.contains(&format!("\"managingOrganization\":{{\"reference\":\"{unit}\""))).count();
    let file = from.folder("out").join("unit.parcel");
    let server = Server::start(&from);
    let packed = hand_over(&from, &file, &["--institution", &unit]).ok();
    drop(server);
    assert!(packed.out.contains(&format!("{persons} persons")), "{persons}: {}", packed.out);
    let fingerprint = fingerprint_in(&packed);
    let mut killed = 0;
    for wait in [150, 300, 500] {
        let mut child = to.start("take-in", &[file.to_str().unwrap(), "--fingerprint", &fingerprint]);
        sleep(Duration::from_millis(wait));
        killed += u32::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
    }
    println!("{killed} killed in the middle");
    let said = take_in(&to, &file, &["--fingerprint", &fingerprint]).ok();
    assert!(said.out.contains(&format!("{persons} persons")) && said.out.contains(" 0 differ") && said.out.contains(" 0 could not"), "{}", said.out);
    let after = to.export();
    let parcel = items(&fs::read(&file).unwrap(), &fingerprint);
    for item in &parcel {
        assert_eq!(without_meta(&after[&item.name]), without_meta(&before[&item.name]), "{}", item.name);
    }
    assert_eq!(after.keys().filter(|name| name.starts_with("Patient/")).count(), persons);
    to.run("check", &[]).ok();
    assert_eq!(hand_over(&from, &file.with_extension("none"), &["--institution", "nowhere"]).code, 2);
}

fn said_by(name: &str) -> SignerSaid {
    SignerSaid { name: name.into(), ..SignerSaid::default() }
}

/// A parcel of these items, signed by an authority.
fn packed(authority: &Authority, items: &[(ItemKind, String, String)], capacity: Capacity) -> Vec<u8> {
    let mut packer = Packer::begin(Vec::new()).unwrap();
    items.iter().for_each(|(kind, name, text)| packer.add(*kind, name, text).unwrap());
    let manifest = packer.manifest("p1", "2026-03-02", "North");
    let hand = authority.hand(Holder::Institution("North"), &said_by("North"), Algorithm::Es256, "North", NOW).unwrap();
    let signature = sign(&hand, &manifest, NOW, &said_by("North"), capacity).unwrap();
    packer.end(&evidence(authority, manifest, vec![signature])).unwrap()
}

fn evidence(authority: &Authority, text: String, signatures: Vec<String>) -> Evidence {
    Evidence { text, signatures, authority: authority.certificate("North", NOW).unwrap(), revoked: authority.list("North", NOW).unwrap(), made_at: "2026-03-02".into() }
}

fn whole(bytes: &[u8], trusted: &str) -> Result<u64, ParcelFault> {
    let mut seen = 0;
    Parcel::open(Cursor::new(bytes), &[trusted.to_owned()])?.walk(&mut |_| {
        seen += 1;
        ControlFlow::Continue(())
    })?;
    Ok(seen)
}

#[test]
fn every_alteration_of_a_parcel_is_found() {
    let authority = Authority::new(testkit::clinic().chart.drawer("sign"));
    let trusted = attest::fingerprint(&authority.certificate("North", NOW).unwrap());
    let item = |number: usize| (ItemKind::Entry, format!("Observation/o{number}"), format!(r#"{{"resourceType":"Observation","id":"o{number}"}}"#));
    let all: Vec<_> = (0..2_100).map(item).collect();
    let long = packed(&authority, &all, Capacity::Institution);
    assert_eq!(whole(&long, &trusted).unwrap(), 2_100, "over several blocks");
    let small = packed(&authority, &all[..5], Capacity::Institution);
    assert_eq!(whole(&packed(&authority, &[], Capacity::Institution), &trusted).unwrap(), 0);
    for length in 0..small.len() {
        assert!(whole(&small[..length], &trusted).is_err(), "cut off after {length} bytes");
    }
    assert!(matches!(whole(&small[..small.len() - 1], &trusted), Err(ParcelFault::Cut { items, .. }) if items >= 5));
    for place in 0..small.len() {
        let mut altered = small.clone();
        altered[place] ^= 0x20;
        // A letter of white space in the file of evidence says nothing, and is said by nobody to be something.
        if let Ok(seen) = whole(&altered, &trusted) {
            panic!("a bit of byte {place} was turned and nobody noticed: {seen}");
        }
    }
    // An item taken out, put in, exchanged with the next: each well formed by itself.
    let lines: Vec<&[u8]> = long.split_inclusive(|byte| *byte == b'\n').collect();
    let without: Vec<u8> = [&lines[..5], &lines[7..]].concat().concat();
    let twice: Vec<u8> = [&lines[..7], &lines[5..]].concat().concat();
    let exchanged: Vec<u8> = [&lines[..5], &lines[7..9], &lines[5..7], &lines[9..]].concat().concat();
    for bytes in [&without, &twice] {
        assert!(matches!(whole(bytes, &trusted), Err(ParcelFault::Altered { .. } | ParcelFault::Cut { .. })));
    }
    assert!(matches!(whole(&exchanged, &trusted), Err(ParcelFault::Altered { item: 1, .. })), "the block is named");
    // Signed by nobody we trust, by an author, or not a parcel.
    let other = Authority::new(testkit::clinic().chart.drawer("sign"));
    assert!(matches!(whole(&packed(&other, &all[..2], Capacity::Institution), &trusted), Err(ParcelFault::UnknownAuthority(_))));
    assert!(matches!(whole(&packed(&authority, &all[..2], Capacity::Author), &trusted), Err(ParcelFault::NotSigned(_))));
    assert!(matches!(whole(b"{}", &trusted), Err(ParcelFault::NoParcel)));
    // The manifest of another parcel of the same house.
    let cut_at = |bytes: &[u8]| bytes.windows(11).position(|window| window == b"\nM manifest").unwrap() + 1;
    let glued = [&long[..cut_at(&long)], &small[cut_at(&small)..]].concat();
    assert!(whole(&glued, &trusted).is_err());
}

fn put(clinic: &Clinic, text: &str) {
    let document = fhir::Document::read(text).unwrap();
    let (of, id) = (ResourceType::named(&document.root().string("resourceType").unwrap()).unwrap(), document.root().string("id").unwrap().into_owned());
    block_on(clinic.chart.update(&caller(Role::Console), of, &id, text.as_bytes(), None)).unwrap_or_else(|cause| panic!("{cause} {:?}", cause.issues()));
}

#[test]
fn what_was_signed_there_is_good_here_and_held_fast() {
    let (from, to) = (testkit::clinic(), testkit::clinic());
    let console = caller(Role::Console);
    let authority = Authority::new(from.chart.drawer("sign"));
    let unique = &country::all()[0].identifiers.iter().find(|one| one.unique).unwrap().uri;
    let patient = |id: &str| format!(r#"{{"resourceType":"Patient","id":"{id}","identifier":[{{"system":"{unique}","value":"RIVA800304MDFSGN02"}}]}}"#);
    put(&from, &patient("ana"));
    let form = r#"{"resourceType":"QuestionnaireResponse","id":"note","status":"completed","subject":{"reference":"Patient/ana"},"item":[{"linkId":"1","answer":[{"valueString":"1.50"}]}]}"#;
    put(&from, form);
    put(&from, &form.replace("1.50", "1.5"));
    let response = ResourceType::named("QuestionnaireResponse").unwrap();
    let stored = block_on(from.chart.read(&console, response, "note")).unwrap();
    let who = SignerSaid { name: "Dr. Ana".into(), role: "physician".into(), licence: "L-1".into(), place: "North".into() };
    let hand = authority.hand(Holder::Account(1), &who, Algorithm::Ed25519, "North", NOW).unwrap();
    let jws = sign(&hand, &stored.text, NOW, &who, Capacity::Author).unwrap();
    let mut data = String::new();
    fhir::base64::encode(jws.as_bytes(), &mut data);
    put(&from, &format!(r#"{{"resourceType":"Provenance","id":"signed","target":[{{"reference":"QuestionnaireResponse/note/_history/2"}}],"recorded":"2026-03-02T08:00:00Z","agent":[{{"who":{{"display":"Dr. Ana"}}}}],"signature":[{{"type":[{{"code":"x"}}],"when":"2026-03-02T08:00:00Z","who":{{"display":"Dr. Ana"}},"sigFormat":"application/jose","data":"{data}"}}]}}"#));
    let handed = block_on(from.chart.hand_over(&console, "ana")).unwrap().unwrap();
    assert_eq!((handed.patients.len(), handed.entries.len(), handed.signed.len()), (1, 2, 1));
    let files: Vec<String> = handed.signed.iter().map(|one| evidence(&authority, one.text.clone(), one.signatures.clone()).written()).collect();
    let texts = |all: &[chart::Stored]| all.iter().map(|one| one.text.clone()).collect::<Vec<_>>();
    let origin = Origin { institution: "North", parcel: "p1" };
    let take = || block_on(to.chart.take_in_person(&console, &origin, &texts(&handed.patients), &texts(&handed.entries), &files, &[])).unwrap();
    assert_eq!(take(), vec![TakenIn::New; 4]);
    assert_eq!(take(), vec![TakenIn::Same; 4], "again");
    let here = block_on(to.chart.read(&console, response, "note")).unwrap();
    assert!(here.version == 1 && here.text != stored.text, "here it bears another version and time");
    let signed = block_on(to.chart.signatures(&console, &here)).unwrap();
    assert_eq!(signed.len(), 1);
    let elsewhere = signed[0].elsewhere.as_ref().expect("what was signed there is kept");
    assert_eq!(elsewhere.text, stored.text, "to the letter");
    assert_eq!(elsewhere.file, files[0]);
    let read = Evidence::read(&elsewhere.file).unwrap();
    assert_eq!(read.verify(&[]).pop().unwrap().unwrap().by, who);
    assert!(verify_signature(&signed[0].signatures[0], &elsewhere.text, &[&attest::OwnJudge::new(vec![read.authority.clone()], vec![read.revoked.clone()])]).is_ok());
    let refused = block_on(to.chart.update(&console, response, "note", form.as_bytes(), None));
    assert!(matches!(&refused, Err(chart::Error::Refused(issues)) if issues[0].rule == "signed"), "it is held fast here too: {refused:?}");
    // Only whoever holds the keys takes records in.
    for role in [Role::Integration, Role::Admissions, Role::Physician] {
        assert!(matches!(block_on(to.chart.take_in_person(&caller(role), &origin, &texts(&handed.patients), &[], &[], &[])), Err(chart::Error::Forbidden)));
    }
    // Whoever has that number here already is somebody else until a person says otherwise: nothing of them is taken in.
    let third = testkit::clinic();
    put(&third, &patient("known"));
    let fates = block_on(third.chart.take_in_person(&console, &origin, &texts(&handed.patients), &texts(&handed.entries), &files, &[])).unwrap();
    assert!(fates.len() == 4 && fates.iter().all(|fate| matches!(fate, TakenIn::Refused(_))), "{fates:?}");
    // An opening stands in the log of the house it left.
    let openings = block_on(from.chart.openings_from(&console, "ana", None, 50)).unwrap();
    assert!(openings.iter().any(|line| line.how == access::Disclosure::Export));
}

#[test]
fn a_sealed_parcel_opens_at_the_site_it_is_for_and_nowhere_else() {
    let (from, to, other) = (Site::new(), Site::new(), Site::new());
    let folder = from.folder("people");
    synth(&folder, "mx", 1);
    from.import(&folder, &[]).ok();
    let person = from.export().into_keys().find(|name| name.starts_with("Patient/")).unwrap();
    let file = from.folder("out").join("person.parcel");
    // For nobody in particular, or for a key with a wrong sign, nothing is written.
    let said = from.run("hand-over", &["--out", file.to_str().unwrap(), &person]);
    assert!(said.code == 2 && said.err.contains("carnet keys receiving") && said.err.contains("--in-clear"), "{}", said.err);
    let told = |site: &Site, more: &[&str]| site.keys("receiving", more).ok().out.lines().find(|line| line.starts_with("  ")).unwrap().trim().to_owned();
    let key = told(&to, &[]);
    assert_eq!(told(&to, &[]), key, "a site has one key");
    let wrong = format!("{}{}", if key.starts_with('0') { '1' } else { '0' }, &key[1..]);
    assert!(hand_over(&from, &file, &["--to", &wrong, &person]).err.contains("a sign is wrong"));
    assert!(!file.exists());

    let packed = hand_over(&from, &file, &["--to", &key, &person]).ok();
    assert!(!packed.out.contains("NOT sealed"), "{}", packed.out);
    let fingerprint = fingerprint_in(&packed);
    let sealed = fs::read(&file).unwrap();
    let id = person.trim_start_matches("Patient/").as_bytes();
    assert!(!sealed.windows(id.len()).any(|window| window == id) && !sealed.windows(12).any(|window| window == b"resourceType"), "nothing of it is in the clear");
    // Another site, one without a key, a file that was cut off or altered: told, and nothing is taken in.
    let trusted = ["--fingerprint", fingerprint.as_str()];
    for again in 0..2 {
        let said = take_in(&other, &file, &trusted);
        assert!(said.code == 2 && said.err.contains("sealed for another key") && said.err.contains("nothing was taken in"), "{again}: {}", said.err);
        told(&other, &[]);
    }
    let bad = file.with_extension("bad");
    for (bytes, says) in [(sealed[..sealed.len() - 5].to_vec(), "altered or damaged in piece"), (sealed[..100].to_vec(), "cut off"), ([&sealed[..200], &[sealed[200] ^ 1], &sealed[201..]].concat(), "altered or damaged in piece 1")] {
        fs::write(&bad, bytes).unwrap();
        let said = take_in(&to, &bad, &trusted);
        assert!(said.code == 2 && said.err.contains(says) && said.err.contains("nothing was taken in"), "{says}: {}", said.err);
    }
    assert!(to.export().keys().all(|name| !name.starts_with("Patient/")));
    // The authority must be trusted all the same, and a key made meanwhile changes nothing.
    assert!(take_in(&to, &file, &[]).err.contains("not trusted here"));
    assert_ne!(told(&to, &["--new"]), key);
    let said = take_in(&to, &file, &trusted).ok();
    assert!(said.out.contains("1 persons") && to.export().contains_key(&person), "{}", said.out);
    let folder = file.parent().unwrap();
    let clear: Vec<_> = fs::read_dir(folder).unwrap().map(|one| one.unwrap().path()).filter(|path| path.is_file() && fs::read(path).unwrap().windows(12).any(|window| window == b"resourceType")).collect();
    assert!(clear.is_empty(), "nothing was left in the clear beside it: {clear:?}");
}

#[test]
fn somebody_who_is_known_here_is_kept_beside_and_a_merge_is_proposed() {
    let unique = &country::all()[0].identifiers.iter().find(|one| one.unique).unwrap().uri;
    let patient = |id: &str, given: &str, born: &str| format!(r#"{{"resourceType":"Patient","id":"{id}","identifier":[{{"system":"{unique}","value":"RIVA800304MDFSGN02"}}],"name":[{{"family":"Ríos Vega","given":["{given}"]}}],"gender":"female","birthDate":"{born}"}}"#);
    let observation = r#"{"resourceType":"Observation","id":"o1","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/arrives"}}"#.to_owned();
    let console = caller(Role::Console);
    let origin = Origin { institution: "North", parcel: "p1" };
    for (given, born, is_one) in [("Ana", "1980-03-04", true), ("Ana", "1985-03-04", false), ("Beatriz", "1980-03-04", false)] {
        let to = testkit::clinic();
        put(&to, &patient("known", "Ana", "1980-03-04"));
        let arrives = patient("arrives", given, born);
        let take = || block_on(to.chart.take_in_person(&console, &origin, std::slice::from_ref(&arrives), std::slice::from_ref(&observation), &[], &[])).unwrap();
        let fates = take();
        let waiting = || block_on(to.chart.duplicates(&caller(Role::Admissions), 10)).unwrap().0;
        if !is_one {
            assert!(fates.iter().all(|fate| matches!(fate, TakenIn::Refused(_))), "{given} {born}: {fates:?}");
            assert!(block_on(to.chart.read(&console, ResourceType::PATIENT, "arrives")).is_err() && waiting().is_empty());
            continue;
        }
        assert_eq!(fates, [TakenIn::Beside("known".into()), TakenIn::New]);
        assert_eq!(take(), [TakenIn::Same, TakenIn::Same], "again");
        let known = block_on(to.chart.read(&console, ResourceType::PATIENT, "known")).unwrap();
        assert!(known.version == 1 && !known.text.contains("link") && !known.text.contains("\"old\""), "who was here is as before: {}", known.text);
        let here = block_on(to.chart.read(&console, ResourceType::PATIENT, "arrives")).unwrap();
        assert!(here.text.contains("\"use\":\"old\"") && !here.text.contains("link"), "{}", here.text);
        let pairs = waiting();
        assert!(pairs.len() == 1 && pairs[0].grade == chart::Grade::Certain, "{pairs:?}");
        // A person decides; then all of it is one person's.
        let desk = caller(Role::Admissions);
        block_on(to.chart.merge(&desk, "known", "arrives", "the same")).unwrap();
        assert!(waiting().is_empty());
        let record = block_on(to.chart.person(&console, "known")).unwrap();
        assert!(record.resources.iter().any(|one| one.id == "o1"));
    }
}

#[test]
fn who_looked_elsewhere_comes_along_and_stays_apart() {
    let (from, to) = (testkit::clinic(), testkit::clinic());
    let console = caller(Role::Console);
    put(&from, r#"{"resourceType":"Patient","id":"ana","name":[{"family":"Prueba"}]}"#);
    block_on(from.chart.person(&caller(Role::Physician), "ana")).unwrap();
    let handed = block_on(from.chart.hand_over(&console, "ana")).unwrap().unwrap();
    let [log] = &handed.logs[..] else { panic!("a short log is one item: {}", handed.logs.len()) };
    let events = fhir::Document::read(log).unwrap();
    let all: Vec<_> = events.root().get("entry").unwrap().items().map(|entry| entry.get("resource").unwrap()).collect();
    assert!(all.len() >= 2 && all.iter().all(|one| one.string("resourceType").as_deref() == Some("AuditEvent")), "{}", log);
    assert!(log.contains("\"code\":\"chart\"") && log.contains("Patient/ana"));
    let before = to.chart.log_size();
    let origin = Origin { institution: "North", parcel: "p1" };
    let patients: Vec<String> = handed.patients.iter().map(|one| one.text.clone()).collect();
    let fates = block_on(to.chart.take_in_person(&console, &origin, &patients, &[], &[], std::slice::from_ref(log))).unwrap();
    assert_eq!(fates, [TakenIn::New, TakenIn::New]);
    assert_eq!(to.chart.log_size(), before, "the log of this house has not grown by it");
    assert!(block_on(to.chart.audit_events(&console, &chart::AuditQuery { patient: Some("ana".into()), ..chart::AuditQuery::default() })).unwrap().items.iter().all(|hit| !hit.stored.text.contains("\"code\":\"chart\"")));
    let record = block_on(to.chart.person(&console, "ana")).unwrap();
    let binary = record.resources.iter().find(|one| one.id.starts_with(chart::LOG_ELSEWHERE)).expect("it is kept apart");
    let data = fhir::Document::read(&binary.text).unwrap().root().string("data").unwrap().into_owned();
    assert_eq!(String::from_utf8(fhir::base64::decode(&data).unwrap()).unwrap(), *log);
    // And it goes along again.
    let again = block_on(to.chart.hand_over(&console, "ana")).unwrap().unwrap();
    assert!(again.entries.iter().any(|one| one.id == binary.id));
}

#[test]
fn of_a_long_log_nothing_is_left_out() {
    let from = testkit::clinic();
    let console = caller(Role::Console);
    put(&from, r#"{"resourceType":"Patient","id":"ana","name":[{"family":"Prueba"}]}"#);
    for session in 0..1_005u64 {
        // Each stretch of work has its own opening.
        let mut physician = caller(Role::Physician);
        physician.session.number = session + 1_000;
        block_on(from.chart.person(&physician, "ana")).unwrap();
    }
    let handed = block_on(from.chart.hand_over(&console, "ana")).unwrap().unwrap();
    let count = |log: &String| log.matches("\"resourceType\":\"AuditEvent\"").count();
    let counts: Vec<usize> = handed.logs.iter().map(count).collect();
    assert!(counts.len() == 2 && counts[0] == 1_000 && counts.iter().sum::<usize>() >= 1_005, "{counts:?}");
}
