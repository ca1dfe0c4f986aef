//! How long the pages of a very long record take: `cargo run --release -p web --example web_measure`.
//!
//! A synthetic person of 2,000 encounters; the arithmetic mean of twenty readings after one.

#[path = "../tests/it/common/mod.rs"]
mod common;

use std::time::Instant;

use web::overview::overview;
use web::record::Record;
use web::timeline::{TimelineQuery, timeline};
use web::voice::Voice;
use web::words::Language;

fn main() {
    let country = country::by_code("mx").expect("the pack of Mexico");
    let mut shelf = common::Shelf::new("vi", false);
    for bundle in synth::Population::new(country, 7).shaped(synth::Shape::Encounters(2000)).bundles(1) {
        shelf.add_bundle(&bundle);
    }
    let person = &shelf.persons[0];
    let of = |kind: &str| person.resources.iter().filter(|stored| stored.kind.name() == kind).count();
    let bytes: usize = person.resources.iter().map(|stored| stored.text.len()).sum();
    println!("{} entries, {} kB, {} encounters, {} observations", person.resources.len(), bytes / 1000, of("Encounter"), of("Observation"));
    let now = fhir::Moment::parse(common::NOW).expect("a moment");
    let voice = Voice { language: Language::Spanish, zone_offset_minutes: -360 };
    let time = |name: &str, act: &dyn Fn() -> usize| {
        act();
        let began = Instant::now();
        let rounds = 20;
        let said: usize = (0..rounds).map(|_| act()).sum();
        println!("{name}: {:.1} ms ({} rows)", began.elapsed().as_secs_f64() * 1000.0 / rounds as f64, said / rounds);
    };
    time("reading the JSON alone", &|| person.resources.iter().filter(|stored| fhir::Document::read(&stored.text).is_ok()).count());
    time("overview", &|| overview(person, now, &voice).results.len());
    time("timeline", &|| timeline(&Record::new(person), &voice, TimelineQuery::default()).groups.len());
}
