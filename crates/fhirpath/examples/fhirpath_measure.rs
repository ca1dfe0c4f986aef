//! How long the invariants and the search parameters of one resource take.
//!
//! `cargo run --release -p fhirpath --example fhirpath_measure -- resource.json…`

use fhir::definitions::{Invariant, r4};
use fhirpath::{Context, Expression, Node, PathSet, TypeId, holds};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

type Invariants = BTreeMap<&'static str, Expression>;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut expressions = Invariants::new();
    for kind in &r4().types {
        for invariant in kind.invariants.iter().chain(kind.elements.iter().flat_map(|element| &element.invariants)) {
            if !expressions.contains_key(invariant.expression) {
                match Expression::parse(invariant.expression) {
                    Ok(expression) => drop(expressions.insert(invariant.expression, expression)),
                    Err(error) => println!("{}: {error}", invariant.key),
                }
            }
        }
    }
    println!("{} distinct invariants", expressions.len());
    for path in std::env::args().skip(1) {
        let text = std::fs::read_to_string(&path)?;
        let document = match fhir::Document::read(&text) {
            Ok(document) => document,
            Err(error) => {
                println!("{path}: {error}");
                continue;
            }
        };
        let root = document.root();
        let type_name = root.string("resourceType").unwrap_or_default();
        let context = Context::of(root);
        let mut work = Vec::new();
        collect(Node::resource(root), &mut work);
        let mut failed = BTreeMap::new();
        for (invariant, node) in &work {
            let verdict = holds(&expressions[invariant.expression], &context, *node);
            if !matches!(verdict, Ok(Some(true) | None)) && (invariant.is_error || verdict.is_err()) {
                *failed.entry((invariant.key, format!("{verdict:?}"))).or_insert(0) += 1;
            }
        }
        let rounds = std::env::var("ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(200);
        let from = worked();
        for _ in 0..rounds {
            for (invariant, node) in &work {
                let _ = holds(&expressions[invariant.expression], &context, *node);
            }
        }
        let invariants = (worked() - from) / rounds;
        if std::env::var_os("EACH").is_some() {
            let mut each: BTreeMap<&str, (u32, Duration)> = BTreeMap::new();
            for (invariant, node) in &work {
                let from = worked();
                for _ in 0..rounds {
                    let _ = holds(&expressions[invariant.expression], &context, *node);
                }
                let entry = each.entry(invariant.key).or_default();
                entry.0 += 1;
                entry.1 += (worked() - from) / rounds;
            }
            let mut each: Vec<_> = each.into_iter().collect();
            each.sort_by_key(|(_, (_, time))| std::cmp::Reverse(*time));
            for (key, (count, time)) in each.iter().take(8) {
                println!("    {key}: {count} times, {time:?} together");
            }
        }
        let parameters: Vec<&str> = r4().parameters_of(&type_name).map(|parameter| parameter.expression).filter(|expression| !expression.is_empty()).collect();
        let set = PathSet::compile(&type_name, &parameters)?;
        let mut found = 0;
        let from = worked();
        for _ in 0..rounds {
            set.for_each(&context, root, &mut |_, _| found += 1)?;
        }
        let search = (worked() - from) / rounds;
        println!("{path}: {} bytes, {} invariants in {invariants:?}, {} parameters ({} items) in {search:?}, failed {failed:?}", text.len(), work.len(), parameters.len(), found / rounds);
    }
    Ok(())
}

/// Time this thread has had a processor; other work on the machine does not count. Where
/// the system does not tell, the time since the start.
fn worked() -> Duration {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.as_deref().and_then(|text| text.split_whitespace().next()).and_then(|text| text.parse().ok());
    nanoseconds.map_or_else(|| START.get_or_init(Instant::now).elapsed(), Duration::from_nanos)
}

/// Each invariant with the node it is stated on.
fn collect<'d>(node: Node<'d>, out: &mut Vec<(&'static Invariant, Node<'d>)>) {
    let Some(kind) = r4().type_named(node.type_name()) else { return };
    out.extend(kind.invariants.iter().map(|invariant| (invariant, node)));
    for element in &kind.elements {
        node.for_each_member(element.name, &mut |child| {
            out.extend(element.invariants.iter().filter(|invariant| !kind_has(child.kind, invariant.key)).map(|invariant| (invariant, child)));
            collect(child, out);
        });
    }
}

fn kind_has(kind: TypeId, key: &str) -> bool {
    r4().type_named(kind.name()).is_some_and(|kind| kind.invariants.iter().any(|invariant| invariant.key == key))
}
