//! The published invariants, each by the cheapest way that gives the published answer.
//!
//! * An invariant is broken only if its expression is surely false: one that has no
//!   answer, because something it compares is absent, is kept.
//! * Those in [`BY_STRUCTURE`] are what the walk itself checks, with better places and words.
//! * The full engine is asked only about objects without errors: its expressions take a
//!   well-formed object for granted. A warning says that the object is well formed.

use crate::logic::{Logic, Names};
use crate::native;
use crate::place::Place;
use crate::scope::Scope;
use crate::walk::Walk;
use fhir::definitions::Invariant;
use fhir::{IssueCode, Severity, Value};
use fhirpath::{Collection, Context, EvalError, Expression, Limits, Node};

/// One invariant and how it is checked.
pub(crate) struct Rule {
    invariant: Invariant,
    logic: Option<Logic>,
    native: Option<native::Check>,
    expression: Option<Expression>,
    is_best_practice: bool,
    /// An answer that is neither true nor false breaks it.
    needs_truth: bool,
}

/// Invariants that have no rule of their own, and which check is theirs.
pub(crate) const BY_STRUCTURE: &[(&str, &str)] = &[
    ("ele-1", "the walk refuses empty objects, empty strings, nulls and objects with nothing but an id"),
    ("dom-2", "the walk refuses `contained` in a contained resource"),
    ("dom-3", "the walk collects what refers to contained resources; the expression would look through the whole resource once for each"),
    ("dom-4", "the walk looks at the meta of contained resources"),
    ("dom-5", "the walk looks at the meta of contained resources"),
    ("ref-1", "references to contained resources are followed, and the type found is compared"),
    ("txt-1", "the narrative is parsed by our own checker"),
    ("txt-2", "the narrative is parsed by our own checker"),
];

/// Where an optional element is absent these expressions have no answer, but their words do:
/// `repeats=true or initial.count() <= 1` is meant to be broken by two initial values without `repeats`, and a document
/// without entries has no Composition as the first.
const NEEDS_TRUTH: &[&str] = &["que-13", "opd-2", "opd-3", "vsd-9", "ras-1", "tst-7", "bdl-11", "bdl-12"];

/// Marked by R4 as best practice: kept by the good, not asked of all.
const BEST_PRACTICE: &[&str] = &["dom-6", "con-3"];

/// What the engine may do for one invariant, at least and for each token of the object.
const STEPS: u64 = 20_000;
const STEPS_PER_TOKEN: u64 = 20;

impl Rule {
    /// The rule for an invariant of a type or element; none where the structure covers it.
    pub(crate) fn new(owner: &str, invariant: Invariant, names: Option<&Names<'_>>) -> Option<Rule> {
        if BY_STRUCTURE.iter().any(|(key, _)| *key == invariant.key) {
            return None;
        }
        let logic = names.and_then(|names| Logic::read(invariant.expression, names));
        let native = if logic.is_some() { None } else { native::named(owner, invariant.key) };
        let expression = if logic.is_some() { None } else { Expression::parse(invariant.expression).ok() };
        Some(Rule { invariant, logic, native, expression, is_best_practice: BEST_PRACTICE.contains(&invariant.key), needs_truth: NEEDS_TRUTH.contains(&invariant.key) })
    }

    fn verdict<'d>(&self, walk: &Walk<'d, '_>, value: Value<'d>, present: u64, type_name: &'static str, is_clean: bool) -> Verdict {
        if let Some(logic) = &self.logic {
            return self.judge(logic.evaluate(value, present));
        }
        if let Some(answer) = self.native.and_then(|check| check(value, &walk.scope)) {
            return self.judge(Some(answer));
        }
        match &self.expression {
            Some(expression) if is_clean => match ask(expression, &walk.scope, value, type_name) {
                Ok(answer) => self.judge(answer),
                Err(EvalError::Limit(_)) => Verdict::TooCostly,
                // The expression does not fit this resource, as a comparison of many with one: nothing is surely wrong.
                Err(_) => Verdict::Kept,
            },
            _ => Verdict::Kept,
        }
    }

    fn judge(&self, answer: Option<bool>) -> Verdict {
        match answer {
            Some(true) => Verdict::Kept,
            Some(false) => Verdict::Broken,
            None if self.needs_truth => Verdict::Broken,
            None => Verdict::Kept,
        }
    }
}

/// What became of an invariant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Verdict { Kept, Broken, TooCostly }

/// Asks the full engine.
fn ask<'d>(expression: &Expression, scope: &Scope<'d>, value: Value<'d>, type_name: &'static str) -> Result<Option<bool>, EvalError> {
    // In proportion to what is looked at, so that no resource costs more than its size allows.
    let limits = Limits { steps: STEPS + STEPS_PER_TOKEN * value.token_count() as u64, ..Limits::default() };
    let context = Context { resource: Some(Node::resource(scope.resource)), root_resource: Some(Node::resource(scope.root)), limits, ..Context::default() };
    expression.evaluate(&context, Collection::one(Node::element(value, type_name))).map(|answer| answer.as_boolean())
}

/// Checks the rules of one object or value.
pub(crate) fn check<'d>(walk: &mut Walk<'d, '_>, rules: &'static [Rule], value: Value<'d>, present: u64, type_name: &'static str, is_clean: bool, place: &Place<'_>) {
    for rule in rules {
        if rule.is_best_practice && !walk.options.best_practice {
            continue;
        }
        match rule.verdict(walk, value, present, type_name, is_clean) {
            Verdict::Kept => {}
            Verdict::Broken => {
                let severity = if rule.invariant.is_error && !rule.is_best_practice { Severity::Error } else { Severity::Warning };
                let human = rule.invariant.human.trim_end_matches('.');
                walk.findings.add(severity, IssueCode::Invariant, place, value.span().start, format!("{human} ({}).", rule.invariant.key));
            }
            Verdict::TooCostly => {
                let message = format!("This is too large to check the invariant {}; divide it.", rule.invariant.key);
                walk.findings.error(IssueCode::TooCostly, place, value.span().start, message);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    //! Logic and checks by hand against the full engine, on random objects: whatever the
    //! short way answers must be what the published expression answers.

    use super::*;
    use crate::schema::{Schema, Table};
    use fhir::definitions::Kind as TypeKind;
    use fhir::{Document, Kind};
    use std::collections::{BTreeMap, BTreeSet};

    /// A random number from a seed.
    struct Chance(u64);

    impl Chance {
        fn below(&mut self, bound: usize) -> usize {
            self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut mixed = self.0;
            mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
            ((mixed ^ mixed >> 31) % bound as u64) as usize
        }

        fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
            all[self.below(all.len())]
        }
    }

    const DATES: &[&str] = &["2025", "2026", "2026-01", "2026-01-31", "2026-02-01", "2026-01-31T08:00:00Z", "2026-01-31T08:00:00+07:00", "2026-01-31T08:00:00.5Z", "2026-01-31T08:00:00.500Z", "2026-01-31T08:00:01-05:00", "2023-01-31T08:00:00Z"];

    /// The words in quotes of a type's invariants: what codes and systems are compared with.
    fn literals(kind: &fhir::definitions::Type) -> Vec<&'static str> {
        let mut all = vec!["x", "http://unitsofmeasure.org", "entered-in-error", "resolved"];
        for invariant in &kind.invariants {
            all.extend(invariant.expression.split('\'').skip(1).step_by(2).filter(|word| !word.is_empty() && !word.contains('\\')));
        }
        all
    }

    /// A random object of a type, small, with only the members that its invariants could mean.
    fn object(chance: &mut Chance, kind: &'static fhir::definitions::Type, words: &[&str], depth: usize, out: &mut String) {
        let mut members: Vec<(String, &'static fhir::definitions::TypeRef, bool)> = Vec::new();
        for element in &kind.elements {
            let is_named = depth > 0 || kind.kind == TypeKind::Complex || kind.invariants.iter().any(|invariant| invariant.expression.contains(element.name));
            if !is_named || matches!(element.name, "contained" | "id" | "meta") || chance.below(3) == 0 || element.types.is_empty() {
                continue;
            }
            let one = &element.types[chance.below(element.types.len())];
            let is_array = element.max != Some(1);
            if one.definition().kind == TypeKind::Primitive && chance.below(12) == 0 && one.code != "xhtml" && !is_array {
                members.push((format!("_{}", one.json_name), one, false));
            } else {
                members.push((one.json_name.to_owned(), one, is_array));
            }
        }
        if kind.kind == TypeKind::Resource {
            out.push_str(&format!("{{\"resourceType\":\"{}\"", kind.name));
        } else {
            out.push_str("{\"id\":\"i\"");
        }
        for (name, one, is_array) in members {
            out.push_str(&format!(",\"{name}\":"));
            if name.starts_with('_') {
                out.push_str("{\"extension\":[{\"url\":\"u\",\"valueCode\":\"c\"}]}");
            } else if is_array {
                out.push('[');
                for place in 0..=chance.below(3) {
                    out.push_str(if place > 0 { "," } else { "" });
                    value(chance, one, words, depth, out);
                }
                out.push(']');
            } else {
                value(chance, one, words, depth, out);
            }
        }
        out.push('}');
    }

    fn value(chance: &mut Chance, one: &'static fhir::definitions::TypeRef, words: &[&str], depth: usize, out: &mut String) {
        match one.code {
            "boolean" => out.push_str(chance.of(&["true", "false"])),
            "integer" | "positiveInt" | "unsignedInt" => out.push_str(chance.of(&["1", "0", "2"])),
            "decimal" => out.push_str(chance.of(&["1", "1.0", "-1", "0", "-0.0", "2.5"])),
            "date" => out.push_str(&format!("\"{}\"", chance.of(&DATES[..5]))),
            "dateTime" => out.push_str(&format!("\"{}\"", chance.of(DATES))),
            "instant" => out.push_str(&format!("\"{}\"", chance.of(&DATES[5..]))),
            "time" => out.push_str("\"08:00:00\""),
            "xhtml" => out.push_str("\"<div xmlns=\\\"http://www.w3.org/1999/xhtml\\\">x</div>\""),
            "Resource" => out.push_str(chance.of(&["{\"resourceType\":\"Patient\",\"meta\":{\"versionId\":\"1\"}}", "{\"resourceType\":\"Composition\"}"])),
            _ if one.definition().kind == TypeKind::Primitive => out.push_str(&format!("\"{}\"", chance.of(words))),
            _ if depth >= 3 => out.push_str("{\"id\":\"d\"}"),
            _ => object(chance, one.definition(), words, depth + 1, out),
        }
    }

    /// The bits the walk would have collected.
    fn present(table: &Table, value: Value<'_>) -> u64 {
        value.members().filter_map(|(name, _)| table.member(name.strip_prefix('_').unwrap_or(&name)).map(|member| 1u64 << member.element)).fold(0, |bits, bit| bits | bit)
    }

    /// Published expressions that are flawed, and what the hand-written check does instead.
    const CORRECTED: &[&str] = &["que-7", "ig-1"];

    #[test]
    fn the_short_way_answers_as_the_published_expression_does() {
        let mut chance = Chance(20_260_131);
        let mut answers: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for kind in fhir::r4().types.iter().filter(|kind| !kind.is_abstract && kind.kind != TypeKind::Primitive) {
            let Some(table) = Schema::r4().any(kind.name) else { continue };
            let rules: Vec<&Rule> = table.rules.iter().filter(|rule| (rule.logic.is_some() || rule.native.is_some()) && !CORRECTED.contains(&rule.invariant.key)).collect();
            if rules.iter().all(|rule| rule.is_best_practice && rule.invariant.key == "dom-6") && chance.below(20) != 0 {
                continue;
            }
            let words = literals(kind);
            for _ in 0..400 {
                let mut text = String::new();
                object(&mut chance, kind, &words, 0, &mut text);
                let document = Document::read(&text).unwrap();
                let root = document.root();
                let scope = Scope::of(root);
                for rule in &rules {
                    let short = match (&rule.logic, rule.native) {
                        (Some(logic), _) => logic.evaluate(root, present(table, root)),
                        (None, Some(check)) => match check(root, &scope) {
                            None => continue,
                            answer => answer,
                        },
                        _ => continue,
                    };
                    let expression = Expression::parse(rule.invariant.expression).unwrap();
                    let Ok(long) = ask(&expression, &scope, root, kind.name) else { continue };
                    // A check by hand answers true where the expression has no answer: both keep the invariant.
                    let short = if rule.native.is_some() && short == Some(true) && long.is_none() { None } else { short };
                    assert_eq!(short, long, "{} {} on {text}", rule.invariant.key, rule.invariant.expression);
                    let count = answers.entry(rule.invariant.key).or_default();
                    if long == Some(false) { count.0 += 1 } else { count.1 += 1 }
                }
            }
        }
        let one_sided: Vec<_> = answers.iter().filter(|(_, (broken, kept))| *broken == 0 || *kept == 0).collect();
        eprintln!("{} invariants compared; only one answer seen for {one_sided:?}", answers.len());
        assert!(answers.len() > 110, "{} invariants compared", answers.len());
        assert!(one_sided.len() < answers.len() / 8, "{one_sided:?}");
    }

    #[test]
    fn codes_of_components_are_compared_as_obs_7_says() {
        let mut chance = Chance(9);
        let check = native::named("Observation", "obs-7").unwrap();
        let published = fhir::r4().type_named("Observation").unwrap().invariants.iter().find(|invariant| invariant.key == "obs-7").unwrap();
        let expression = Expression::parse(published.expression).unwrap();
        const CODINGS: &[&str] = &[
            "{\"system\":\"s\",\"code\":\"a\"}", "{\"code\":\"a\",\"system\":\"s\"}", "{\"system\":\"s\",\"code\":\"b\"}", "{\"system\":\"s\",\"code\":\"a\",\"display\":\"A\"}", "{\"code\":\"a\"}",
            "{\"code\":\"\\u0061\"}", "{\"display\":\"A\"}", "{\"system\":\"s\",\"code\":\"a\",\"userSelected\":true}", "{\"extension\":[{\"url\":\"u\",\"valueCode\":\"c\"}],\"code\":\"a\"}",
        ];
        let mut seen = [0; 2];
        for _ in 0..4000 {
            let mut codings = || (0..chance.below(3)).map(|_| chance.of(CODINGS)).collect::<Vec<_>>().join(",");
            let (own, first, second) = (codings(), codings(), codings());
            let value = chance.of(&[",\"valueString\":\"x\"", ",\"_valueString\":{\"extension\":[{\"url\":\"u\",\"valueCode\":\"c\"}]}", ""]);
            let text = format!("{{\"resourceType\":\"Observation\",\"code\":{{\"coding\":[{own}]}}{value},\"component\":[{{\"code\":{{\"coding\":[{first}]}}}},{{\"code\":{{\"coding\":[{second}]}}}}]}}");
            let document = Document::read(&text).unwrap();
            let scope = Scope::of(document.root());
            let short = check(document.root(), &scope);
            assert_eq!(short, ask(&expression, &scope, document.root(), "Observation").unwrap(), "{text}");
            seen[usize::from(short == Some(true))] += 1;
        }
        assert!(seen[0] > 200 && seen[1] > 200, "{seen:?}");
    }

    #[test]
    fn every_invariant_can_be_checked() {
        let (mut logic, mut native, mut engine, mut structure) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for kind in &fhir::r4().types {
            for invariant in kind.invariants.iter().chain(kind.elements.iter().flat_map(|element| &element.invariants)) {
                assert!(Expression::parse(invariant.expression).is_ok(), "{} {}", invariant.key, invariant.expression);
                if BY_STRUCTURE.iter().any(|(key, _)| *key == invariant.key) {
                    structure.insert(invariant.key);
                }
            }
            let table = Schema::r4().any(kind.name).unwrap();
            for rule in &table.rules {
                let group = if rule.logic.is_some() { &mut logic } else if rule.native.is_some() { &mut native } else { &mut engine };
                group.insert(rule.invariant.key);
            }
        }
        eprintln!("logic {}, by hand {}, engine {}: {engine:?}", logic.len(), native.len(), engine.len());
        assert_eq!(structure.len(), BY_STRUCTURE.len(), "{structure:?}");
        assert!(logic.len() > 90 && native.len() > 20, "{} {}", logic.len(), native.len());
        // What is looked up by name must exist.
        for key in NEEDS_TRUTH.iter().chain(BEST_PRACTICE) {
            assert!(logic.contains(key) || native.contains(key) || engine.contains(key) || *key == "ras-1", "{key}");
        }
    }

    /// Random resources with contained ones: the structure's own checks against the published expressions.
    #[test]
    fn the_structure_answers_as_the_invariants_it_stands_for() {
        let mut chance = Chance(5);
        let expression_of = |kind: &str, key: &str| {
            let kind = fhir::r4().type_named(kind).unwrap();
            Expression::parse(kind.invariants.iter().find(|invariant| invariant.key == key).unwrap().expression).unwrap()
        };
        let expressions: Vec<(&str, Expression)> = ["dom-2", "dom-3", "dom-4", "dom-5"].into_iter().map(|key| (key, expression_of("Basic", key))).collect();
        let mut seen: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for _ in 0..3000 {
            let mut contained = Vec::new();
            for id in ["a", "b"] {
                if chance.below(3) == 0 {
                    continue;
                }
                let meta = chance.of(&["", ",\"meta\":{\"versionId\":\"1\"}", ",\"meta\":{\"lastUpdated\":\"2026-01-31T08:00:00Z\"}", ",\"meta\":{\"security\":[{\"code\":\"R\"}]}", ",\"meta\":{\"tag\":[{\"code\":\"R\"}]}"]);
                let author = chance.of(&["", ",\"subject\":{\"reference\":\"#\"}", ",\"subject\":{\"reference\":\"#a\"}", ",\"subject\":{\"reference\":\"#b\"}", ",\"contained\":[{\"resourceType\":\"Patient\",\"id\":\"c\"}]"]);
                contained.push(format!("{{\"resourceType\":\"Basic\",\"id\":\"{id}\",\"code\":{{\"text\":\"x\"}}{meta}{author}}}"));
            }
            let list = if contained.is_empty() { String::new() } else { format!(",\"contained\":[{}]", contained.join(",")) };
            let own = chance.of(&["", ",\"subject\":{\"reference\":\"#a\"}", ",\"subject\":{\"reference\":\"#b\"}", ",\"implicitRules\":\"#b\"", ",\"extension\":[{\"url\":\"u\",\"valueUri\":\"#a\"}]", ",\"extension\":[{\"url\":\"u\",\"valueCanonical\":\"#b\"}]", ",\"extension\":[{\"url\":\"u\",\"valueString\":\"#b\"}]"]);
            let text = format!("{{\"resourceType\":\"Basic\",\"code\":{{\"text\":\"x\"}}{list}{own}}}");
            let document = Document::read(&text).unwrap();
            let issues = crate::validate(document.root(), &crate::Options::default());
            for (key, expression) in &expressions {
                let published = ask(expression, &Scope::of(document.root()), document.root(), "Basic").unwrap();
                let ours = issues.iter().any(|issue| issue.message.contains(&format!("({key})")));
                assert_eq!(published == Some(false), ours, "{key} on {text}: {issues:?}");
                let count = seen.entry(key).or_default();
                if ours { count.0 += 1 } else { count.1 += 1 }
            }
        }
        assert!(seen.values().all(|(broken, kept)| *broken > 100 && *kept > 100), "{seen:?}");
    }

    /// ele-1 on random objects: broken by the published expression exactly where the walk says so.
    #[test]
    fn emptiness_is_what_ele_1_says() {
        let ele_1 = Expression::parse(fhir::r4().type_named("HumanName").unwrap().invariants.iter().find(|invariant| invariant.key == "ele-1").unwrap().expression).unwrap();
        for (name, expect) in [("{}", true), ("{\"id\":\"a\"}", true), ("{\"text\":\"a\"}", false), ("{\"id\":\"a\",\"text\":\"a\"}", false), ("{\"_text\":{\"extension\":[{\"url\":\"u\",\"valueCode\":\"c\"}]}}", false)] {
            let text = format!("{{\"resourceType\":\"Patient\",\"name\":[{name}]}}");
            let document = Document::read(&text).unwrap();
            let value = document.root().path(&["name"]).unwrap();
            assert_eq!(value.kind(), Kind::Object);
            let published = ask(&ele_1, &Scope::of(document.root()), value, "HumanName").unwrap();
            let ours = crate::validate(document.root(), &crate::Options::default()).iter().any(|issue| issue.message.contains("(ele-1)"));
            assert_eq!((published == Some(false), ours), (expect, expect), "{name}");
        }
    }
}
