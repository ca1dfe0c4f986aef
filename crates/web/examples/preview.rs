//! Shows the pages over a synthetic population in memory, for those who work on their look.
//!
//! `cargo run --release -p web --example preview [PORT] [BUNDLE…]` and sign in as `ana`, `desk` or
//! `root` with the password `a secret word`. Bundles given as files are shown too.

#[path = "../tests/it/common/mod.rs"]
mod common;

use web::words::Language;
use web::{Settings, router_of};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let port: u16 = arguments.next().and_then(|port| port.parse().ok()).unwrap_or(8099);
    let mut shelf = common::Shelf::new("es", false);
    shelf.openings = 250;
    for country in country::all() {
        for bundle in synth::Population::new(country, 7).bundles(14) {
            shelf.add_bundle(&bundle);
        }
    }
    for path in arguments {
        shelf.add_bundle(&std::fs::read_to_string(path)?);
    }
    for person in &shelf.persons {
        println!("http://127.0.0.1:{port}/person/{}  {} entries", person.patient.id, person.resources.len());
    }
    let mut state = 0x9e37_79b9_7f4a_7c15u64 ^ u64::from(std::process::id());
    // A preview on a loopback address; the binary draws from the operating system.
    let chance = move |bytes: &mut [u8]| {
        for byte in bytes {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (state >> 33) as u8;
        }
    };
    let settings = Settings { language: Language::Spanish, zone_offset_minutes: 0, ..Settings::default() };
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    let oauth = shelf.clinic.oauth();
    axum::serve(listener, router_of(shelf, oauth, Box::new(chance), settings)).await?;
    Ok(())
}
