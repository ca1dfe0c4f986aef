//! How long sealing takes, step by step: `cargo run --release -p seal --example seal_speed [NDJSON]`.
//!
//! With a file, its lines are the values; without one, made-up observations are.
//! Prints nanoseconds each, the fastest of several rounds.

use std::hint::black_box;
use std::time::Instant;

use seal::{Dictionaries, InstitutionKey, PersonKey, Place, Purpose, Sealer, Stream};

fn main() {
    let values: Vec<Vec<u8>> = match std::env::args().nth(1) {
        Some(file) => std::fs::read(file)
            .expect("a readable file")
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .take(20_000)
            .map(<[u8]>::to_vec)
            .collect(),
        None => (0..2_000).map(observation).collect(),
    };
    let dictionary = |value: &[u8]| {
        let text = std::str::from_utf8(value).unwrap_or("");
        let name = text
            .split("\"resourceType\":\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next());
        Dictionaries::id_for(name.unwrap_or(""))
    };
    let mut chance = Stream::new([1; 32]);
    let institution = InstitutionKey::new(&mut chance);
    let person = PersonKey::new(&mut chance);
    let sealer = Sealer::new(&person);
    let place = |entry: usize| Place {
        record: 7,
        type_code: 3,
        entry: entry as u32,
        version: 1,
        kind: 0,
    };
    let count = values.len();
    let plain: usize = values.iter().map(Vec::len).sum();

    let dictionaries: Vec<_> = values.iter().map(|value| dictionary(value)).collect();
    let mut sealed: Vec<Vec<u8>> = vec![Vec::with_capacity(1024); count];
    measure("seal a value", count, || {
        for (entry, value) in values.iter().enumerate() {
            sealed[entry].clear();
            sealer
                .seal(
                    &place(entry),
                    value,
                    dictionaries[entry],
                    &mut chance,
                    &mut sealed[entry],
                )
                .expect("seals");
        }
    });
    let bytes: usize = sealed.iter().map(Vec::len).sum();
    println!(
        "{:<44}{:>8} -> {} bytes, ratio {:.2}",
        "mean size",
        plain / count,
        bytes / count,
        plain as f64 / bytes as f64
    );
    let mut out = Vec::with_capacity(64 << 10);
    measure("open a value", count, || {
        for (entry, sealed) in sealed.iter().enumerate() {
            out.clear();
            sealer.open(&place(entry), sealed, &mut out).expect("opens");
            black_box(&out);
        }
    });
    measure("digest of a value", count, || {
        black_box(
            sealed
                .iter()
                .enumerate()
                .fold(0u128, |sum, (entry, sealed)| {
                    sum.wrapping_add(sealer.digest(&place(entry), sealed))
                }),
        );
    });
    measure("make a sealer", 1_000, || {
        for _ in 0..1_000 {
            black_box(Sealer::new(&person));
        }
    });
    let wrapper = institution.wrapper();
    let wrap = wrapper.wrap(7, 1, b"hospital", &person, &mut chance);
    measure("unwrap a person's key", 1_000, || {
        for _ in 0..1_000 {
            black_box(wrapper.unwrap(7, 1, b"hospital", &wrap).expect("unwraps"));
        }
    });
    let tokens = institution.as_site().tokens();
    measure("twelve tokens with their blocks", 1_000, || {
        for month in 0..12_000u16 {
            let (token, key) = tokens.term("code", b"http://loinc.org|8310-5", month);
            black_box((token, key.seal([month as u8; 16])));
        }
    });
    let opener = tokens
        .term("code", b"http://loinc.org|8310-5", 1)
        .1
        .opener();
    measure("open a posting's block", 10_000, || {
        for number in 0..10_000u16 {
            black_box(opener.open([number as u8; 16]));
        }
    });
    measure("locator token", 1_000, || {
        for _ in 0..1_000 {
            black_box(tokens.locator(
                "Observation",
                black_box("0d1c3cc1-4b9e-4f3e-8f9c-2d1f3b7a6c11"),
            ));
        }
    });
    let heads = institution.as_site().small(Purpose::Head);
    let head = heads.seal(&[1; 9], &[2; 40], &mut chance);
    measure("seal a head of 40 bytes", 1_000, || {
        for _ in 0..1_000 {
            black_box(heads.seal(&[1; 9], &[2; 40], &mut chance));
        }
    });
    measure("seal a locator of 14 bytes", 1_000, || {
        for _ in 0..1_000 {
            black_box(heads.seal_same(&[1; 12], &[2; 14]));
        }
    });
    measure("open a head", 1_000, || {
        for _ in 0..1_000 {
            black_box(heads.open(&[1; 9], &head).expect("opens"));
        }
    });
}

fn measure(what: &str, count: usize, mut act: impl FnMut()) {
    let best = (0..15)
        .map(|_| {
            let start = Instant::now();
            act();
            start.elapsed().as_nanos() as f64 / count as f64
        })
        .fold(f64::INFINITY, f64::min);
    println!("{what:<44}{best:>8.0} ns");
}

fn observation(number: usize) -> Vec<u8> {
    let mixed = number.wrapping_mul(2_654_435_761) % 1_000_003;
    format!(
        r#"{{"resourceType":"Observation","id":"{mixed:08x}-4b9e-4f3e-8f9c-2d1f3b{number:06x}","meta":{{"versionId":"1","lastUpdated":"2024-03-{:02}T10:{:02}:00.000Z"}},"status":"final","category":[{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs","display":"Vital Signs"}}]}}],"code":{{"coding":[{{"system":"http://loinc.org","code":"85354-9","display":"Blood pressure panel with all children optional"}}],"text":"Blood pressure"}},"subject":{{"reference":"Patient/{mixed:x}"}},"encounter":{{"reference":"Encounter/{:x}"}},"effectiveDateTime":"2024-03-{:02}T09:{:02}:00-06:00","issued":"2024-03-{:02}T09:{:02}:31.482-06:00","performer":[{{"reference":"Practitioner/{}"}}],"component":[{{"code":{{"coding":[{{"system":"http://loinc.org","code":"8462-4","display":"Diastolic blood pressure"}}],"text":"Diastolic blood pressure"}},"valueQuantity":{{"value":{},"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}}}},{{"code":{{"coding":[{{"system":"http://loinc.org","code":"8480-6","display":"Systolic blood pressure"}}],"text":"Systolic blood pressure"}},"valueQuantity":{{"value":{},"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}}}}],"note":[{{"text":"Measured on the left arm after {} minutes of rest, sitting."}}]}}"#,
        mixed % 28 + 1, mixed % 60, mixed * 7, mixed % 28 + 1, mixed % 60, mixed % 28 + 1, mixed % 60, mixed % 97, 60 + mixed % 40, 100 + mixed % 60, mixed % 9,
    )
    .into_bytes()
}
