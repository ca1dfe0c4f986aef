//! Prints what a population weighs and how fast it is written:
//! `cargo run --release -p synth --example figures -- mx 2000 [usual|long|N]`.

use std::time::Instant;

use synth::{Population, Shape};

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let word = |place: usize, otherwise: &'static str| words.get(place).map_or(otherwise, String::as_str).to_owned();
    let people: u64 = word(1, "1000").parse().unwrap_or(1000);
    let shape = match word(2, "usual").as_str() {
        "usual" => Shape::Usual,
        "long" => Shape::Long,
        count => Shape::Encounters(count.parse().unwrap_or(2000)),
    };
    let Some(country) = country::by_code(&word(0, "mx")) else {
        eprintln!("the country is one of mx, vn, ru");
        std::process::exit(2);
    };
    let mut bundles = Population::new(country, 7).shaped(shape).bundles(people);
    let mut out = String::new();
    bundles.write_bundle(&mut out);
    let places = (bundles.stats().resources(), bundles.stats().bytes);
    let start = Instant::now();
    while bundles.write_bundle(&mut out) {
        if words.get(3).is_some() {
            println!("{out}");
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    let stats = bundles.stats();
    let (resources, bytes) = (stats.resources() - places.0, stats.bytes - places.1);
    eprintln!("{people} people, {resources} resources, {bytes} bytes in {seconds:.2} s");
    eprintln!("a person: {:.1} resources, {:.1} kB", resources as f64 / people as f64, bytes as f64 / people as f64 / 1000.0);
    eprintln!("a second: {:.0} resources, {:.0} MB", resources as f64 / seconds, bytes as f64 / seconds / 1e6);
    for kind in stats.types() {
        eprintln!("{:>20} {:>9}  {:>6} bytes", kind.name, kind.count, kind.bytes / kind.count);
    }
}
