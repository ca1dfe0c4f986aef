//! A key is what a write costs, so keys are counted: at most seven a resource on average,
//! entry and locator included.

mod support;

use fhir::{Document, home};
use std::collections::BTreeMap;

#[test]
fn resources_have_few_keys() {
    let mut counts: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for text in support::population(60) {
        let document = Document::read(&text).unwrap();
        let kind = home::resource_type_of(&document).unwrap();
        let count = counts.entry(kind.name()).or_default();
        count.0 += 1;
        count.1 += 2;
        search::terms(kind, document.root(), &mut |_| count.1 += 1);
    }
    let (all, keys) = counts.values().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    for (name, (number, keys)) in &counts {
        println!("{name:28} {number:6} {:6.2} keys each", f64::from(*keys) / f64::from(*number));
    }
    println!("{:28} {all:6} {:6.2} keys each", "all", f64::from(keys) / f64::from(all));
    assert!(all > 5_000 && keys <= 6 * all, "{keys} keys for {all} resources: more than six each leaves no room below seven");
    let (number, keys) = counts["Observation"];
    assert!(keys <= 5 * number, "an observation, the most frequent of all, has more than five keys");
}
