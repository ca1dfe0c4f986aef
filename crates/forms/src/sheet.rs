//! A form written so that a nurse can read it, and the Questionnaire it stands for.
//!
//! ```text
//! form https://example.org/Questionnaire/visit 1.0.0
//! languages es en
//! language es
//! standing proposed
//! title Visita | Visit
//!
//! signs group observe=vital-signs | Signos | Signs
//!   weight quantity unit=kg min=0.2 max=400 decimals=1 loinc=29463-7 absent | Peso | Weight
//!     ? Sin zapatos | Without shoes
//!   bmi decimal decimals=1 readonly | Índice | Index
//!     = %resource.descendants().where(linkId = 'weight').answer.value.value / 2
//! smoker choice required | ¿Fuma? | Smokes?
//!   - yes | Sí | Yes
//!   - no | No | No
//! ```
//!
//! * One line, one question: its name, its type, what holds of it, and what it asks in each language.
//! * Two spaces more are one level deeper. A line that begins with a sign belongs to the
//!   question above it that stands less far in.
//! * `include NAME` puts the lines of a part there, as far in as it stands itself. A part may include
//!   others, and `include NAME WORD` puts the word where the part says `$1`: one part for both eyes.
//! * `kind`, `sex` and `ages` say where the form stands in the list and for whom it is:
//!   `kind visit`, `sex female`, `ages 0 17`, `ages 60`, in whole years. They become `useContext`.
//! * `unit=CODE:WORDS,CODE:WORDS` names units of UCUM, `_` standing for a space in the words. A comma begins
//!   the next unit, so the words have none.
//! * `filled-by` says who may fill it in: `filled-by staff person guardian carer`; without it, staff.
//!
//! | sign | |
//! |---|---|
//! | `?` | help |
//! | `-` | a choice: its code, or `system#code` |
//! | `=` | always calculated so |
//! | `~` | begins so, out of the record |
//! | `~~` | a name and what gives the rows a group begins with |
//! | `&` | asked only where this is true |
//! | `%` | a name for a formula |
//! | `!` | must be true, and what to say where it is not |
//! | `+` | a resource that follows: JSON, in which `"=…"` is a formula, `{"=":"…"}` one for a whole element, and `"@"` what an element stands once for |

use crate::address::{ADDENDUM, CERTIFICATE, CORE, FILLERS, FORM_KINDS, LETTERHEAD, MAY_BE_ABSENT, PRINT, SDC, SIGNATURE, SOURCE, STANDING, WITHHELD};
use crate::answer::Absent;
use crate::json::Json;

/// Why a sheet cannot be read, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// From 1.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
}

impl std::fmt::Display for Flaw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}", self.line, self.problem)
    }
}

impl std::error::Error for Flaw {}

/// The system of codes that a form makes up itself.
pub const OWN_CODES: &str = "https://carnet.health/fhir/CodeSystem/form-choice";
const UCUM: &str = "http://unitsofmeasure.org";
const LOINC: &str = "http://loinc.org";

/// The Questionnaire a sheet stands for, as JSON. `part` gives the lines of what it includes.
pub fn questionnaire(text: &str, part: &dyn Fn(&str) -> Option<&'static str>) -> Result<String, Flaw> {
    let mut sheet = Sheet { languages: vec!["en".to_owned()], own: 0, root: Json::object([("resourceType", Json::text("Questionnaire"))]), templates: Vec::new(), open: Vec::new() };
    for (number, line) in text.lines().enumerate() {
        sheet.lines(line, part, 0).map_err(|problem| Flaw { line: number + 1, problem })?;
    }
    sheet.close(0);
    if !sheet.templates.is_empty() {
        sheet.root.set("contained", Json::List(std::mem::take(&mut sheet.templates)));
    }
    let root = sheet.root;
    if root.string("url").is_none() || root.each("item").is_empty() {
        return Err(Flaw { line: 1, problem: "a sheet begins with `form ADDRESS VERSION` and has questions".to_owned() });
    }
    Ok(ordered(root).written())
}

/// In the order in which R4 lists the members, and Questionnaires are read.
fn ordered(root: Json) -> Json {
    const FIRST: [&str; 18] = ["resourceType", "language", "contained", "extension", "url", "version", "name", "title", "_title", "status", "experimental", "subjectType", "date", "publisher", "description", "_description", "useContext", "jurisdiction"];
    let Json::Object(mut members) = root else { return root };
    members.sort_by_key(|(name, _)| FIRST.iter().position(|first| first == name).unwrap_or(FIRST.len()));
    Json::Object(members)
}

struct Sheet {
    /// In the order of the texts.
    languages: Vec<String>,
    /// Which of them the form is written in.
    own: usize,
    root: Json,
    templates: Vec<Json>,
    /// Items that are not closed yet: how far they stand in, and what is known of them.
    open: Vec<(usize, Json)>,
}

type Done = Result<(), String>;

/// Parts within parts; a form of ours has two.
const DEEPEST: usize = 6;

impl Sheet {
    /// A line, or those of the part it includes.
    fn lines(&mut self, line: &str, part: &dyn Fn(&str) -> Option<&'static str>, depth: usize) -> Done {
        let Some(told) = line.trim().strip_prefix("include ") else { return self.line(line) };
        let (name, word) = told.trim().split_once(' ').unwrap_or((told.trim(), ""));
        let lines = part(name).filter(|_| depth < DEEPEST).ok_or_else(|| format!("there is no such part as `{name}`"))?;
        let indent = &line[..line.len() - line.trim_start().len()];
        for inner in lines.lines() {
            let inner = format!("{indent}{inner}");
            // Formulas have `$this` and `$index`; `$1` is nothing there.
            let inner = if word.is_empty() { inner } else { inner.replace("$1", word.trim()) };
            self.lines(&inner, part, depth + 1).map_err(|problem| if depth == 0 { format!("in the part {name}: {problem}") } else { problem })?;
        }
        Ok(())
    }

    fn line(&mut self, line: &str) -> Done {
        let text = line.trim();
        if text.is_empty() || text.starts_with('#') {
            return Ok(());
        }
        let indent = line.len() - line.trim_start().len();
        let length = if text.starts_with("~~") { 2 } else { text.chars().next().map_or(0, char::len_utf8) };
        let (sign, rest) = text.split_at(length);
        match sign {
            "~~" | "?" | "-" | "=" | "~" | "&" | "%" | "!" | "+" => {
                self.close(indent);
                // The form itself has names and rules too.
                if self.open.is_empty() && !matches!(sign, "%" | "!" | "+") {
                    return Err("this belongs to a question, and there is none above".to_owned());
                }
                self.belongs(sign, rest.trim())
            }
            _ if indent == 0 && self.head(text)? => Ok(()),
            _ => self.question(indent, text),
        }
    }

    /// A line about the form; false where it is a question.
    fn head(&mut self, text: &str) -> Result<bool, String> {
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        let rest = rest.trim();
        let extension = |url: String, member: &str, value: Json| Json::object([("url", Json::text(url)), (member, value)]);
        match word {
            "form" => {
                let (url, version) = rest.split_once(' ').ok_or("`form ADDRESS VERSION`")?;
                self.root.set("url", Json::text(url));
                self.root.set("version", Json::text(version.trim()));
                let name: String = url.rsplit('/').next().unwrap_or(url).split('-').map(|part| part[..part.len().min(1)].to_uppercase() + part.get(1..).unwrap_or_default()).collect();
                self.root.set("name", Json::text(name));
                self.root.set("status", Json::text("active"));
                self.root.set("subjectType", Json::List(vec![Json::text("Patient")]));
                self.root.set("publisher", Json::text("Carnet"));
                for (name, kind) in [("patient", "Patient"), ("encounter", "Encounter"), ("user", "Practitioner")] {
                    let coding = Json::object([("system", Json::text("http://hl7.org/fhir/uv/sdc/CodeSystem/launchContext")), ("code", Json::text(name))]);
                    let parts = vec![extension("name".into(), "valueCoding", coding), extension("type".into(), "valueCode", Json::text(kind))];
                    self.root.push("extension", Json::object([("url", Json::text(format!("{SDC}launchContext"))), ("extension", Json::List(parts))]));
                }
            }
            "languages" => {
                self.languages = rest.split_whitespace().map(str::to_owned).collect();
            }
            "language" => {
                self.own = self.languages.iter().position(|one| one == rest).ok_or("the language is one of those of the texts")?;
                self.root.set("language", Json::text(rest));
            }
            "standing" if matches!(rest, "official" | "proposed") => self.root.push("extension", extension(STANDING.to_owned(), "valueCode", Json::text(rest))),
            "source" => self.root.push("extension", extension(SOURCE.to_owned(), "valueString", Json::text(rest))),
            "print" => self.root.push("extension", extension(PRINT.to_owned(), "valueCode", Json::text(rest))),
            // What stands at the head of its papers, in its own language; one line for each.
            "letterhead" if !rest.is_empty() => self.root.push("extension", extension(LETTERHEAD.to_owned(), "valueString", Json::text(rest))),
            // What it asks of whoever signs: `signature needed`, `signature licence institution`.
            "signature" => {
                for word in rest.split_whitespace() {
                    if !matches!(word, "needed" | "licence" | "institution") {
                        return Err("a signature is `needed`, of somebody with a `licence`, of the `institution`".to_owned());
                    }
                    self.root.push("extension", extension(SIGNATURE.to_owned(), "valueCode", Json::text(word)));
                }
            }
            // With it something is added to a signed document.
            "addendum" if rest.is_empty() => self.root.push("extension", extension(ADDENDUM.to_owned(), "valueBoolean", Json::Bool(true))),
            // Who may fill it in: `filled-by staff person guardian carer`.
            "filled-by" => {
                for word in rest.split_whitespace() {
                    crate::Filler::of_code(word).ok_or("a form is filled in by `staff`, the `person`, a `guardian`, a `carer`")?;
                    self.root.push("extension", extension(FILLERS.to_owned(), "valueCode", Json::text(word)));
                }
            }
            // What certificate it makes, and what holds of it: `certificate sick-leave from=begins most-days=30`.
            "certificate" => {
                let mut words = rest.split_whitespace();
                let kind = words.next().ok_or("`certificate KIND NAME=VALUE…`")?;
                let mut parts = vec![extension("kind".to_owned(), "valueCode", Json::text(kind))];
                for word in words {
                    let (name, value) = word.split_once('=').ok_or("what holds of a certificate is `NAME=VALUE`")?;
                    parts.push(extension(name.to_owned(), "valueString", Json::text(value)));
                }
                self.root.push("extension", Json::object([("url", Json::text(CERTIFICATE)), ("extension", Json::List(parts))]));
            }
            "country" => {
                let coding = Json::object([("system", Json::text("urn:iso:std:iso:3166")), ("code", Json::text(rest.to_uppercase()))]);
                self.root.set("jurisdiction", Json::List(vec![Json::object([("coding", Json::List(vec![coding]))])]));
            }
            "kind" if crate::FormKind::of_code(rest).is_some() => self.root.push("useContext", context("workflow", "valueCodeableConcept", concept(FORM_KINDS, rest))),
            "sex" if matches!(rest, "female" | "male") => self.root.push("useContext", context("gender", "valueCodeableConcept", concept("http://hl7.org/fhir/administrative-gender", rest))),
            "ages" => {
                let bound = |text: &str| text.parse::<u16>().map(|years| Json::object([("value", Json::Number(years.to_string())), ("unit", Json::text("a")), ("system", Json::text(UCUM)), ("code", Json::text("a"))])).map_err(|_| "`ages FROM TO` or `ages FROM`, in whole years");
                let (from, to) = rest.split_once(' ').map_or((rest, None), |(from, to)| (from, Some(to.trim())));
                let mut range = Json::object([("low", bound(from)?)]);
                if let Some(to) = to {
                    range.set("high", bound(to)?);
                }
                self.root.push("useContext", context("age", "valueRange", range));
            }
            "date" => self.root.set("date", Json::text(rest)),
            "title" => self.said_root("title", rest)?,
            "about" => self.said_root("description", rest)?,
            "query" => {
                let (name, query) = rest.split_once(' ').ok_or("`query NAME SEARCH`")?;
                let expression = Json::object([("name", Json::text(name)), ("language", Json::text("application/x-fhir-query")), ("expression", Json::text(query.trim()))]);
                self.root.push("extension", extension(format!("{CORE}variable"), "valueExpression", expression));
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn said_root(&mut self, name: &str, rest: &str) -> Done {
        let said = self.texts(rest)?;
        let mut holder = std::mem::replace(&mut self.root, Json::Null);
        self.say(&mut holder, name, &said);
        self.root = holder;
        Ok(())
    }

    fn texts(&self, text: &str) -> Result<Vec<String>, String> {
        let parts: Vec<String> = text.split(" | ").map(|part| part.trim().replace("\\n", "\n")).collect();
        if parts.len() != self.languages.len() || parts.iter().any(String::is_empty) {
            return Err(format!("{} texts are needed, one for each language, with ` | ` between them; there are {}", self.languages.len(), parts.len()));
        }
        Ok(parts)
    }

    /// A text and its translations.
    fn say(&self, holder: &mut Json, name: &str, said: &[String]) {
        holder.set(name, Json::text(&said[self.own]));
        let part = |url: &str, member: &str, text: &str| Json::object([("url", Json::text(url)), (member, Json::text(text))]);
        let translations: Vec<Json> = self.languages.iter().zip(said).enumerate().filter(|(place, _)| *place != self.own).map(|(_, (language, text))| {
            Json::object([("url", Json::text(format!("{CORE}translation"))), ("extension", Json::List(vec![part("lang", "valueCode", language), part("content", "valueString", text)]))])
        }).collect();
        if !translations.is_empty() {
            holder.set(&format!("_{name}"), Json::object([("extension", Json::List(translations))]));
        }
    }

    /// Closes the items that stand as far in as this, or further.
    fn close(&mut self, indent: usize) {
        while self.open.last().is_some_and(|(own, _)| *own >= indent) {
            let Some((_, item)) = self.open.pop() else { return };
            match self.open.last_mut() {
                Some((_, parent)) => parent.push("item", item),
                None => self.root.push("item", item),
            }
        }
    }

    fn question(&mut self, indent: usize, text: &str) -> Done {
        self.close(indent);
        let (told, said) = text.split_once(" | ").ok_or("a question has its text after ` | `")?;
        let mut words = told.split_whitespace();
        let (link_id, kind) = words.next().zip(words.next()).ok_or("a question has a name and a type")?;
        if crate::ItemType::of_code(kind).is_none() {
            return Err(format!("there is no type {kind}"));
        }
        let mut item = Json::object([("linkId", Json::text(link_id)), ("type", Json::text(kind))]);
        let said = self.texts(said)?;
        self.say(&mut item, "text", &said);
        for word in words {
            self.holds(&mut item, kind, word)?;
        }
        self.open.push((indent, item));
        Ok(())
    }

    /// One thing that holds of a question.
    fn holds(&mut self, item: &mut Json, kind: &str, word: &str) -> Done {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        let extension = |url: String, member: &str, value: Json| Json::object([("url", Json::text(url)), (member, value)]);
        let number = || value.parse::<f64>().map(|_| Json::Number(value.to_owned())).map_err(|_| format!("{name} is a number"));
        let whole = || value.parse::<u32>().map(|_| Json::Number(value.to_owned())).map_err(|_| format!("{name} is a whole number"));
        match name {
            "required" => item.set("required", Json::Bool(true)),
            "repeats" => item.set("repeats", Json::Bool(true)),
            "readonly" => item.set("readOnly", Json::Bool(true)),
            "hidden" => item.push("extension", extension(format!("{CORE}questionnaire-hidden"), "valueBoolean", Json::Bool(true))),
            "withheld" => item.push("extension", extension(WITHHELD.to_owned(), "valueBoolean", Json::Bool(true))),
            "any" => item.set("enableBehavior", Json::text("any")),
            "absent" => {
                for absent in Absent::ALL {
                    item.push("extension", extension(MAY_BE_ABSENT.to_owned(), "valueCode", Json::text(absent.code())));
                }
            }
            "min" | "max" => {
                let member = if kind == "integer" { "valueInteger" } else { "valueDecimal" };
                match kind {
                    "date" => item.push("extension", extension(format!("{CORE}{name}Value"), "valueDate", Json::text(value))),
                    "quantity" => {
                        let bound = Json::object([("value", number()?)]);
                        item.push("extension", extension(format!("{SDC}{name}Quantity"), "valueQuantity", bound));
                    }
                    _ => item.push("extension", extension(format!("{CORE}{name}Value"), member, number()?)),
                }
            }
            "decimals" => item.push("extension", extension(format!("{CORE}maxDecimalPlaces"), "valueInteger", whole()?)),
            "length" => item.set("maxLength", whole()?),
            "least" => item.push("extension", extension(format!("{CORE}questionnaire-minOccurs"), "valueInteger", whole()?)),
            "most" => item.push("extension", extension(format!("{CORE}questionnaire-maxOccurs"), "valueInteger", whole()?)),
            "unit" => {
                for (place, code) in value.split(',').enumerate() {
                    let (code, display) = code.split_once(':').unwrap_or((code, code));
                    terminology::ucum::meaning(code).map_err(|_| "`unit=CODE:WORDS`, each code one of UCUM; a comma begins the next unit")?;
                    let coding = Json::object([("system", Json::text(UCUM)), ("code", Json::text(code)), ("display", Json::text(display.replace('_', " ")))]);
                    // The plain unit is for numbers alone; a quantity has options, be it one.
                    let url = if kind != "quantity" && place == 0 && !value.contains(',') { "questionnaire-unit" } else { "questionnaire-unitOption" };
                    item.push("extension", extension(format!("{CORE}{url}"), "valueCoding", coding));
                }
            }
            "loinc" => item.push("code", Json::object([("system", Json::text(LOINC)), ("code", Json::text(value))])),
            "code" => {
                let (system, code) = value.rsplit_once('#').ok_or("`code=SYSTEM#CODE`")?;
                item.push("code", Json::object([("system", Json::text(system)), ("code", Json::text(code))]));
            }
            "definition" => item.set("definition", Json::text(value)),
            "set" => item.set("answerValueSet", Json::text(value)),
            "to" => value.split(',').for_each(|target| item.push("extension", extension(format!("{CORE}questionnaire-referenceResource"), "valueCode", Json::text(target)))),
            "control" => {
                let coding = Json::object([("system", Json::text("http://hl7.org/fhir/questionnaire-item-control")), ("code", Json::text(value))]);
                item.push("extension", extension(format!("{CORE}questionnaire-itemControl"), "valueCodeableConcept", Json::object([("coding", Json::List(vec![coding]))])));
            }
            "observe" => {
                item.push("extension", extension(format!("{SDC}observationExtract"), "valueBoolean", Json::Bool(true)));
                if !value.is_empty() {
                    let coding = Json::object([("system", Json::text("http://terminology.hl7.org/CodeSystem/observation-category")), ("code", Json::text(value))]);
                    item.push("extension", extension(format!("{SDC}observation-extract-category"), "valueCodeableConcept", Json::object([("coding", Json::List(vec![coding]))])));
                }
            }
            "extract" => item.push("extension", extension(format!("{SDC}itemExtractionContext"), "valueCode", Json::text(value))),
            "when" => {
                let (question, expected) = value.split_once(':').unwrap_or((value, "exists"));
                let mut rule = Json::object([("question", Json::text(question))]);
                let (operator, member, answer) = match expected {
                    "exists" => ("exists", "answerBoolean", Json::Bool(true)),
                    "missing" => ("exists", "answerBoolean", Json::Bool(false)),
                    "true" | "false" => ("=", "answerBoolean", Json::Bool(expected == "true")),
                    code => {
                        let (operator, code) = code.strip_prefix('!').map_or(("=", code), |code| ("!=", code));
                        let (system, code) = code.rsplit_once('#').unwrap_or((OWN_CODES, code));
                        (operator, "answerCoding", Json::object([("system", Json::text(system)), ("code", Json::text(code))]))
                    }
                };
                rule.set("operator", Json::text(operator));
                rule.set(member, answer);
                item.push("enableWhen", rule);
            }
            _ => return Err(format!("nothing is known of `{name}`")),
        }
        Ok(())
    }

    /// A line that belongs to the question above it.
    fn belongs(&mut self, sign: &str, rest: &str) -> Done {
        let extension = |url: String, value: Json| Json::object([("url", Json::text(url)), ("valueExpression", value)]);
        let path = |text: &str| Json::object([("language", Json::text("text/fhirpath")), ("expression", Json::text(text))]);
        let parsed = |text: &str| fhirpath::Expression::parse(text).map(|_| ()).map_err(|error| format!("the formula cannot be read: {error}"));
        let mut target = match self.open.pop() {
            Some((indent, item)) => (Some(indent), item),
            None => (None, std::mem::replace(&mut self.root, Json::Null)),
        };
        let link_id = target.1.string("linkId").unwrap_or("form").to_owned();
        let item = &mut target.1;
        let done: Done = (|| {
            match sign {
                "?" => {
                    let said = self.texts(rest)?;
                    let coding = Json::object([("system", Json::text("http://hl7.org/fhir/questionnaire-item-control")), ("code", Json::text("help"))]);
                    let concept = Json::object([("coding", Json::List(vec![coding]))]);
                    let control = Json::object([("url", Json::text(format!("{CORE}questionnaire-itemControl"))), ("valueCodeableConcept", concept)]);
                    let mut help = Json::object([("extension", Json::List(vec![control])), ("linkId", Json::text(format!("{link_id}-help"))), ("type", Json::text("display"))]);
                    self.say(&mut help, "text", &said);
                    item.push("item", help);
                }
                "-" => {
                    let (code, said) = rest.split_once(" | ").ok_or("a choice has its text after ` | `")?;
                    let code = code.trim();
                    let (system, code) = code.rsplit_once('#').unwrap_or((OWN_CODES, code));
                    let mut coding = Json::object([("system", Json::text(system)), ("code", Json::text(code))]);
                    let said = self.texts(said)?;
                    self.say(&mut coding, "display", &said);
                    item.push("answerOption", Json::object([("valueCoding", coding)]));
                }
                "=" | "~" | "&" => {
                    parsed(rest)?;
                    let name = match sign {
                        "=" => "calculatedExpression",
                        "~" => "initialExpression",
                        _ => "enableWhenExpression",
                    };
                    item.push("extension", extension(format!("{SDC}{name}"), path(rest)));
                }
                "~~" => {
                    let (name, formula) = rest.split_once(' ').ok_or("`~~ NAME FORMULA`")?;
                    parsed(formula)?;
                    let named = Json::object([("name", Json::text(name)), ("language", Json::text("text/fhirpath")), ("expression", Json::text(formula))]);
                    item.push("extension", extension(format!("{SDC}itemPopulationContext"), named));
                }
                "%" => {
                    let (name, formula) = rest.split_once('=').ok_or("`% NAME = FORMULA`")?;
                    parsed(formula.trim())?;
                    let mut named = Json::object([("name", Json::text(name.trim()))]);
                    named.set("language", Json::text("text/fhirpath"));
                    named.set("expression", Json::text(formula.trim()));
                    item.push("extension", extension(format!("{CORE}variable"), named));
                }
                "!" => {
                    let (formula, said) = rest.split_once(" | ").ok_or("a rule has its text after ` | `")?;
                    parsed(formula)?;
                    let said = self.texts(said)?;
                    let mut human = Json::object([("url", Json::text("human"))]);
                    self.say(&mut human, "valueString", &said);
                    let key = format!("{link_id}-{}", item.each("extension").len());
                    let part = |url: &str, member: &str, value: Json| Json::object([("url", Json::text(url)), (member, value)]);
                    let parts = vec![part("key", "valueId", Json::text(key.replace('_', "-"))), part("severity", "valueCode", Json::text("error")), part("expression", "valueExpression", path(formula)), human];
                    item.push("extension", Json::object([("url", Json::text(format!("{CORE}targetConstraint"))), ("extension", Json::List(parts))]));
                }
                _ => {
                    let json = Json::read(rest).map_err(|error| format!("the resource cannot be read: {error}"))?;
                    let id = format!("template-{}", self.templates.len() + 1);
                    let mut template = template(&json)?;
                    if let Json::Object(members) = &mut template {
                        members.insert(1.min(members.len()), ("id".to_owned(), Json::text(&id)));
                    }
                    self.templates.push(template);
                    let part = Json::object([("url", Json::text("template")), ("valueReference", Json::object([("reference", Json::text(format!("#{id}")))]))]);
                    item.push("extension", Json::object([("url", Json::text(format!("{SDC}templateExtract"))), ("extension", Json::List(vec![part]))]));
                }
            }
            Ok(())
        })();
        match target.0 {
            Some(indent) => self.open.push((indent, target.1)),
            None => self.root = target.1,
        }
        done
    }
}

fn concept(system: &str, code: &str) -> Json {
    let coding = Json::object([("system", Json::text(system)), ("code", Json::text(code))]);
    Json::object([("coding", Json::List(vec![coding]))])
}

/// Where a form is used. <https://hl7.org/fhir/R4/metadatatypes.html#UsageContext>
fn context(code: &str, member: &str, value: Json) -> Json {
    let code = Json::object([("system", Json::text("http://terminology.hl7.org/CodeSystem/usage-context-type")), ("code", Json::text(code))]);
    Json::object([("code", code), (member, value)])
}

/// A resource with short formulas as the guide writes them.
fn template(json: &Json) -> Result<Json, String> {
    let value = |name: &str, text: &str| {
        fhirpath::Expression::parse(text).map_err(|error| format!("a formula of a resource cannot be read: {error}"))?;
        Ok::<Json, String>(Json::object([("url", Json::text(format!("{SDC}{name}"))), ("valueString", Json::text(text))]))
    };
    let holding = |name: &str, text: &str| Ok::<Json, String>(Json::object([("extension", Json::List(vec![value(name, text)?]))]));
    Ok(match json {
        Json::Object(members) => {
            if let [(name, Json::Text(formula))] = members.as_slice()
                && name == "="
            {
                return holding("templateExtractValue", formula);
            }
            let mut made = Json::Object(Vec::new());
            for (name, held) in members {
                match held {
                    Json::Text(formula) if name == "@" => made.push("extension", value("templateExtractContext", formula)?),
                    Json::Text(text) => match text.strip_prefix('=') {
                        Some(formula) => made.set(&format!("_{name}"), holding("templateExtractValue", formula)?),
                        None => made.set(name, held.clone()),
                    },
                    _ => made.set(name, template(held)?),
                }
            }
            made
        }
        Json::List(items) => Json::List(items.iter().map(template).collect::<Result<_, _>>()?),
        other => other.clone(),
    })
}
