//! Expressions that mean harm end: with an answer or an error, never a panic, a hang or an
//! exhausted stack. The corpus of the fuzz target is replayed here too.

use fhir::Document;
use fhirpath::{Context, EvalError, Expression, Limits};
use proptest::prelude::*;
use std::path::Path;
use std::time::{Duration, Instant};

const RESOURCE: &str = r##"{"resourceType":"Patient","id":"p","name":[{"given":["a","b"],"family":"c"}],"birthDate":"2000-01-01","contact":[{"name":{"text":"t"}}],"generalPractitioner":[{"reference":"#"}]}"##;

/// Evaluates on a small stack, as a server's thread has, and tells how long it took.
fn run(expression: &str) -> (Result<usize, String>, Duration) {
    let text = expression.to_owned();
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(move || {
        let from = Instant::now();
        let document = Document::read(RESOURCE).unwrap();
        let mut context = Context::of(document.root());
        context.limits = Limits { steps: 300_000, ..Limits::default() };
        context.now = fhir::PartialDateTime::parse("2026-01-31T12:30:00.000+07:00");
        let outcome = Expression::parse(&text).map_err(|error| error.to_string()).and_then(|expression| {
            expression.check("Patient");
            let found = expression.evaluate_on(&context, document.root()).map_err(|error| error.to_string())?;
            fhirpath::to_json_lines(&found);
            Ok(found.len())
        });
        (outcome, from.elapsed())
    });
    thread.unwrap().join().unwrap_or_else(|_| panic!("a panic on {expression:.200}"))
}

#[test]
fn deep_and_wide_expressions_end() {
    let cases = [
        "(".repeat(50_000),
        format!("{}1{}", "(".repeat(99), ")".repeat(99)),
        format!("{}1{}", "(".repeat(5000), ")".repeat(5000)),
        format!("{}1", "-".repeat(60_000)),
        format!("{}1", "- ".repeat(90)),
        format!("1{}", "+1".repeat(30_000)),
        format!("name{}", ".name".repeat(12_000)),
        format!("name{}", "[0]".repeat(20_000)),
        format!("1{}", " is Integer".repeat(5000)),
        format!("{}true{}", "iif(true,".repeat(90), ",1)".repeat(90)),
        format!("{}true{}", "name.where(".repeat(95), ")".repeat(95)),
        format!("{}true{}", "name.where(".repeat(3000), ")".repeat(3000)),
        format!("name{}", ".where(true)".repeat(5000)),
        format!("true{}", " and true".repeat(7000)),
        format!("1{}", " | 1".repeat(15_000)),
        format!("(1{}).distinct()", " | 2.5".repeat(9000)),
        "'a'.replaceMatches('a', 'aaaaaaaaaa')".to_owned() + &".replaceMatches('a', 'aaaaaaaaaa')".repeat(60),
        "'aaaaaaaaaa'".to_owned() + &".replace('', 'aaaaaaaaaa')".repeat(60),
        "'ab'.replaceMatches('(.*)', '$1$1$1$1$1$1$1$1$1$1')".to_owned() + &".replaceMatches('(.*)', '$1$1$1$1$1$1$1$1$1$1')".repeat(20),
        "(1).repeat($this + 1)".to_owned(),
        "(1).repeatAll($this | $this)".to_owned(),
        "('a').repeat($this & $this)".to_owned(),
        "('a').repeatAll($this & $this)".to_owned(),
        "(1|2|3|4|5|6|7|8|9)".to_owned() + &".select((1|2|3|4|5|6|7|8|9).select($this))".repeat(30),
        "(1|2|3)".to_owned() + &".combine($this)".repeat(5000),
        "descendants()".to_owned() + &".combine(descendants())".repeat(2000),
        "name.descendants()".to_owned() + &".descendants()".repeat(2000),
        format!("'{}'.matches('(a*)*(a*)*(a*)*b')", "a".repeat(30_000)),
        format!("'{}'.matches('(((a{{1,100}}){{1,100}}){{1,100}}){{1,100}}')", "a".repeat(1000)),
        "generalPractitioner.repeat(resolve().generalPractitioner)".to_owned(),
        "(1).aggregate($total | $this)".to_owned(),
        "1.power(999999999)".to_owned(),
        "10.power(9999) + 2.power(-9999)".to_owned(),
        "1.1.power(2147483647)".to_owned(),
        "99999999.exp()".to_owned(),
        "0.0000000000000000000000000001.ln()".to_owned(),
        "79228162514264337593543950335.0 * 79228162514264337593543950335.0".to_owned(),
        "1 'g' * 1 'g' * 1 'g'".to_owned(),
        format!("1 'g'{}", " * 1 'm'".repeat(2000)),
        format!("1 '{}' = 1 'g'", "(".repeat(20_000)),
        format!("1 '{}' = 1 'g'", "m.".repeat(20_000)),
        "@9999-12-31 + 999999999 years".to_owned(),
        "@0001-01-01T00:00:00.000+14:00 - 2147483647 weeks".to_owned(),
        "@2026-01-31T00:00:00 + 79228162514264337593543950335.0 seconds".to_owned(),
        "defineVariable('a', %resource)".to_owned() + &(0..500).map(|n| format!(".defineVariable('v{n}', descendants())")).collect::<String>(),
        "name.sort(given.count(), -family, use)".to_owned(),
        format!("false{}", (0..63).map(|n| format!(" or 'x'.matches('((a{{1,90}}){{1,90}}){n}')")).collect::<String>()),
        "(1|2|3|4|5|6|7|8|9).repeat(iif($this < 9999, $this + 9, {})).select('x'.matches('((a{1,30}){1,30})' & $this.toString()))".to_owned(),
        format!("(1|2|3|4|5|6|7|8|9).repeat(iif($this < 9999, $this + 9, {{}})).select(1 '{}' = 1 'g')", "m.".repeat(20_000)),
        "\u{0}\u{1}\u{2}".to_owned(),
        "`".repeat(1000),
        "'\\u".to_owned(),
        "@T99:99:99.9999999999999999999999999999".to_owned(),
        "@2026-01-31T08:00:00.99999999999999999999999Z = @2026-01-31T08:00:01Z".to_owned(),
        "%`".to_owned(),
    ];
    for case in cases {
        let (outcome, took) = run(&case);
        println!("{took:?} {case:.60}: {outcome:.80?}");
        assert!(took < Duration::from_secs(3), "{took:?} for {case:.100}");
    }
}

#[test]
fn each_limit_says_its_name() {
    let document = Document::read(RESOURCE).unwrap();
    let check = |limits: Limits, expression: &str, what: &str| {
        let mut context = Context::of(document.root());
        context.limits = limits;
        let outcome = Expression::parse(expression).unwrap().evaluate_on(&context, document.root());
        assert!(matches!(&outcome, Err(EvalError::Limit(found)) if *found == what), "{expression}: {outcome:?}");
    };
    let usual = Limits::default();
    check(Limits { steps: 3, ..usual }, "name.given.given.given.given", "steps");
    check(Limits { depth: 2, ..usual }, "name.where(given.where(true).exists())", "nested evaluations");
    check(Limits { items: 2, ..usual }, "1 | 2 | 3", "items in a collection");
    check(Limits { string_bytes: 3, ..usual }, "'ab' & 'cd'", "bytes in a text");
}

#[test]
fn the_corpus_is_survived() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = String::from_utf8_lossy(&std::fs::read(entry.unwrap().path()).unwrap()).into_owned();
        let (_, took) = run(&text);
        assert!(took < Duration::from_secs(3), "{took:?} for {text:.100}");
        count += 1;
    }
    assert!(count > 5, "the corpus is missing");
}

/// Fragments that are joined at random into something that is often an expression.
fn fragment() -> impl Strategy<Value = String> {
    let words = [
        "name", "given", "Patient", "birthDate", ".", ".", ".", "(", ")", "[", "]", "{}", "1", "2.5", "'a'", "'\\'", "@2026", "@T10", "true", "$this", "$index", "$total", "%resource", "%x",
        "+", "-", "*", "/", "&", "|", "=", "~", "!=", "<", ">=", " and ", " or ", " implies ", " is ", " as ", " in ", " div ", " mod ", "where(", "select(", "exists()", "first()", "repeat(", "iif(", ",", "4 days",
        "5 'mg'", "children()", "descendants()", "toString()", "substring(1)", "matches('a')", "sort(", "aggregate(", "resolve()", "`x`", "/*", "*/", "//", "\n", " ", "é", "now()", "round(2)", "power(", "join(", "type()",
    ];
    prop::sample::select(words.to_vec()).prop_map(str::to_owned)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_text_is_refused_or_evaluated(parts in prop::collection::vec(fragment(), 0..25)) {
        let text = parts.concat();
        let document = Document::read(RESOURCE).unwrap();
        let mut context = Context::of(document.root());
        context.limits.steps = 100_000;
        if let Ok(expression) = Expression::parse(&text) {
            let first = expression.evaluate_on(&context, document.root()).map(|found| fhirpath::to_json_lines(&found));
            // What is printed reads as the same expression.
            let printed = expression.to_string();
            let again = Expression::parse(&printed).unwrap_or_else(|error| panic!("{text} printed as {printed}: {error}"));
            prop_assert_eq!(&again.to_string(), &printed, "{} printed as", text);
            let second = again.evaluate_on(&context, document.root()).map(|found| fhirpath::to_json_lines(&found));
            prop_assert_eq!(first.ok(), second.ok(), "{} printed as {}", text, printed);
        }
    }

    #[test]
    fn any_bytes_are_survived(text in "\\PC{0,40}") {
        let _ = Expression::parse(&text).map(|expression| expression.check("Patient"));
    }
}
