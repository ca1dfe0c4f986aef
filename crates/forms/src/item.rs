//! One item of a form: what it asks, how, and under which rules.

use crate::address::{CORE, MAY_BE_ABSENT, SDC, WITHHELD};
use crate::answer::{Absent, Coding, Datum};
use crate::json::Json;
use crate::said::Said;
use fhir::{Issue, IssueCode};
use fhirpath::Expression;

/// What an item is. <https://hl7.org/fhir/R4/valueset-item-type.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ItemType {
    Group, Display, Boolean, Decimal, Integer, Date, DateTime, Time, String, Text, Url, Choice, OpenChoice, Attachment, Reference, Quantity,
}

impl ItemType {
    /// The type of FHIR's code.
    pub fn of_code(code: &str) -> Option<ItemType> {
        Some(match code {
            "group" => ItemType::Group,
            "display" => ItemType::Display,
            "boolean" => ItemType::Boolean,
            "decimal" => ItemType::Decimal,
            "integer" => ItemType::Integer,
            "date" => ItemType::Date,
            "dateTime" => ItemType::DateTime,
            "time" => ItemType::Time,
            "string" => ItemType::String,
            "text" => ItemType::Text,
            "url" => ItemType::Url,
            "choice" => ItemType::Choice,
            "open-choice" => ItemType::OpenChoice,
            "attachment" => ItemType::Attachment,
            "reference" => ItemType::Reference,
            "quantity" => ItemType::Quantity,
            _ => return None,
        })
    }

    /// True for what is answered.
    pub fn is_question(self) -> bool {
        !matches!(self, ItemType::Group | ItemType::Display)
    }
}

/// How an item wants to be drawn, as far as we draw it so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// All choices side by side, one of them.
    Radio,
    /// All choices side by side, several of them.
    Check,
    /// Choices in a list that opens.
    DropDown,
    /// Choices found by typing.
    Typing,
    /// Rows of a group as rows of a table, or questions as rows and choices as columns.
    Table,
    /// A score between two ends.
    Slider,
}

/// A rule that switches an item on. <https://hl7.org/fhir/R4/valueset-questionnaire-enable-operator.html>
#[derive(Clone, Debug, PartialEq)]
pub struct EnableWhen {
    /// The question it looks at.
    pub question: String,
    /// How.
    pub operator: Operator,
    /// With what.
    pub answer: Datum,
}

/// How an answer is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Operator { Exists, Equal, NotEqual, Greater, Less, GreaterOrEqual, LessOrEqual }

/// A choice that is offered.
#[derive(Clone, Debug)]
pub struct Choice {
    /// What is answered by choosing it.
    pub value: Datum,
    /// What it is called.
    pub said: Said,
    /// Chosen from the beginning.
    pub is_initial: bool,
    /// Chosen alone or not at all.
    pub is_exclusive: bool,
}

/// An expression, or a question to the record.
#[derive(Clone, Debug)]
pub enum Formula {
    /// FHIRPath.
    Path(Box<Expression>),
    /// A FHIR search, with expressions between double braces.
    Query(String),
}

/// A name for what a formula gives.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Without the percent sign.
    pub name: String,
    /// How it is found.
    pub formula: Formula,
}

/// A rule that answers must keep.
#[derive(Clone, Debug)]
pub struct Constraint {
    /// True where it is kept.
    pub expression: Box<Expression>,
    /// What to tell whoever breaks it.
    pub human: Said,
    /// A warning only.
    pub is_advice: bool,
}

/// One item.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its name within the form.
    pub link_id: String,
    /// What it is.
    pub kind: ItemType,
    /// What it asks or says.
    pub text: Said,
    /// Its number as the form counts: `1a`.
    pub prefix: Said,
    /// Words of help.
    pub help: Said,
    /// How an answer is written: `DD/MM/YYYY`.
    pub entry_format: Said,
    /// The codes of what it asks.
    pub codes: Vec<Coding>,
    /// The element it stands for.
    pub definition: Option<String>,
    /// How to draw it.
    pub control: Option<Control>,
    /// `instructions`, `security`…: what a display item is for.
    pub category: Option<String>,
    /// Where more is written about it.
    pub support_link: Option<String>,
    /// An answer is needed.
    pub is_required: bool,
    /// It can be answered, or filled, several times.
    pub repeats: bool,
    /// Nobody types into it.
    pub is_read_only: bool,
    /// Not shown.
    pub is_hidden: bool,
    /// It stands on no copy that is made for an employer or a school.
    pub is_withheld: bool,
    /// The least number of answers or rows.
    pub min_occurs: Option<usize>,
    /// The most.
    pub max_occurs: Option<usize>,
    /// Characters at most.
    pub max_length: Option<usize>,
    /// Characters at least.
    pub min_length: Option<usize>,
    /// The least value.
    pub min_value: Option<Datum>,
    /// The largest value.
    pub max_value: Option<Datum>,
    /// Digits after the point at most.
    pub max_decimal_places: Option<usize>,
    /// The whole text matches it.
    pub pattern: Option<regex::Regex>,
    /// The unit of a number, or the one offered first.
    pub units: Vec<Coding>,
    /// What may be chosen.
    pub choices: Vec<Choice>,
    /// What may be chosen, as a value set: its address, or `#id` for one inside the form.
    pub value_set: Option<String>,
    /// The types a reference may lead to.
    pub targets: Vec<String>,
    /// Which reasons for no answer it takes.
    pub absents: Vec<Absent>,
    /// When it is asked.
    pub enable_when: Vec<EnableWhen>,
    /// One of them is enough.
    pub any_enables: bool,
    /// When it is asked, as an expression.
    pub enable_formula: Option<Box<Expression>>,
    /// What it begins with.
    pub initial: Vec<Datum>,
    /// What it begins with, out of the record.
    pub initial_formula: Option<Box<Expression>>,
    /// What it always is.
    pub calculated: Option<Box<Expression>>,
    /// Rows out of the record: a name and what gives them.
    pub population: Option<Variable>,
    /// Names for the formulas here and below.
    pub variables: Vec<Variable>,
    /// Rules.
    pub constraints: Vec<Constraint>,
    /// Below it; help is taken out.
    pub items: Vec<Item>,
    /// As the form holds it, for extraction.
    pub(crate) source: Json,
}

/// Collects what is wrong with a form.
#[derive(Default)]
pub(crate) struct Reading {
    pub issues: Vec<Issue>,
    pub link_ids: std::collections::HashSet<String>,
    /// Formulas and names for them so far.
    pub formulas: usize,
    pub names: usize,
    depth: usize,
}

/// Items inside items: what answers them lies twice as deep, and JSON has an end.
const DEEPEST: usize = 20;

/// A pattern and what is made of it are never larger than this.
const PATTERN_BYTES: usize = 100_000;

impl Reading {
    pub fn flaw(&mut self, link_id: &str, code: IssueCode, message: &str) {
        // A linkId is the form's own name for a question, nothing of a person.
        self.issues.push(Issue::error(code, format!("Questionnaire.item.where(linkId='{link_id}')"), message));
    }

    fn expression(&mut self, link_id: &str, json: &Json) -> Option<Box<Expression>> {
        if json.string("language").is_some_and(|language| language != "text/fhirpath") {
            self.flaw(link_id, IssueCode::NotSupported, "Only FHIRPath is understood here.");
            return None;
        }
        let text = json.string("expression")?;
        self.formulas += 1;
        match Expression::parse(text) {
            Ok(expression) => Some(Box::new(expression)),
            Err(error) => {
                self.flaw(link_id, IssueCode::Invalid, &format!("An expression cannot be read: {error}."));
                None
            }
        }
    }

    pub fn variable(&mut self, link_id: &str, json: &Json) -> Option<Variable> {
        let name = json.string("name")?.to_owned();
        self.names += 1;
        let formula = match json.string("language") {
            Some("application/x-fhir-query") => Formula::Query(json.string("expression")?.to_owned()),
            _ => Formula::Path(self.expression(link_id, json)?),
        };
        Some(Variable { name, formula })
    }

    pub fn constraints(&mut self, link_id: &str, json: &Json) -> Vec<Constraint> {
        let mut found = Vec::new();
        for address in [format!("{CORE}targetConstraint"), format!("{CORE}questionnaire-constraint")] {
            for one in json.extensions(&address) {
                let expression = match one.extension("expression") {
                    Some(Json::Text(text)) => Json::object([("expression", Json::text(text))]),
                    Some(json) => json.clone(),
                    None => continue,
                };
                let Some(expression) = self.expression(link_id, &expression) else { continue };
                let human = one.extensions("human").next().map(|human| Said::of(human, "valueString")).unwrap_or_default();
                let is_advice = one.extension("severity").and_then(Json::as_str) == Some("warning");
                found.push(Constraint { expression, human, is_advice });
            }
        }
        found
    }

    /// Reads one item and what lies below it.
    pub fn item(&mut self, json: &Json) -> Option<Item> {
        let link_id = json.string("linkId").unwrap_or_default().to_owned();
        if link_id.is_empty() || !self.link_ids.insert(link_id.clone()) {
            self.flaw(&link_id, IssueCode::Duplicate, "Each item has a linkId of its own; this one is left out.");
            return None;
        }
        if self.depth >= DEEPEST {
            self.flaw(&link_id, IssueCode::TooCostly, "Items lie inside items twenty deep at most; this one is left out.");
            return None;
        }
        let Some(kind) = json.string("type").and_then(ItemType::of_code) else {
            self.flaw(&link_id, IssueCode::CodeInvalid, "An item of a type that R4 does not know is left out.");
            return None;
        };
        let core = |name: &str| format!("{CORE}{name}");
        let count = |name: &str| json.extension(&core(name)).and_then(Json::as_number).and_then(|text| text.parse::<usize>().ok());
        let truth = |name: &str| json.get(name).and_then(Json::as_bool) == Some(true);
        let bound = |name: &str| json.extensions(&core(name)).find_map(|one| one.choice("value").and_then(|(member, value)| Datum::read(member, value)));
        let quantity_bound = |name: &str| json.extensions(&format!("{SDC}{name}")).find_map(|one| Datum::read("valueQuantity", one.get("valueQuantity")?));
        let control_code = json.extension(&core("questionnaire-itemControl")).and_then(|concept| concept.each("coding").first()).and_then(|coding| coding.string("code")).map(str::to_owned);
        let formula = |reading: &mut Reading, name: &str| {
            let found = json.extension(&format!("{SDC}{name}")).cloned();
            found.and_then(|found| reading.expression(&link_id, &found))
        };
        let enable_formula = formula(self, "enableWhenExpression");
        let calculated = formula(self, "calculatedExpression");
        let initial_formula = formula(self, "initialExpression");
        let population = json.extension(&format!("{SDC}itemPopulationContext")).cloned().and_then(|one| self.variable(&link_id, &one));
        let mut variables = Vec::new();
        for one in json.extensions(&core("variable")) {
            if let Some(expression) = one.get("valueExpression") {
                variables.extend(self.variable(&link_id, expression));
            }
        }
        let pattern = json.extension(&core("regex")).and_then(Json::as_str).and_then(|text| {
            let made = regex::RegexBuilder::new(&format!("^(?:{text})$")).size_limit(PATTERN_BYTES).build();
            if made.is_err() {
                self.flaw(&link_id, IssueCode::Invalid, "A pattern cannot be read, or is too large.");
            }
            made.ok()
        });
        let mut enable_when = Vec::new();
        for one in json.each("enableWhen") {
            match enabling(one) {
                Some(rule) => enable_when.push(rule),
                None => self.flaw(&link_id, IssueCode::Value, "A rule of enableWhen cannot be read; it never holds."),
            }
        }
        // A rule that cannot be read must not switch on what it was to keep away.
        let unread = json.each("enableWhen").len() - enable_when.len();
        let any_enables = json.string("enableBehavior") == Some("any");
        let constraints = self.constraints(&link_id, json);
        let mut help = Said::default();
        let mut items = Vec::new();
        self.depth += 1;
        for below in json.each("item") {
            let control = below.extension(&core("questionnaire-itemControl")).and_then(|concept| concept.each("coding").first()).and_then(|coding| coding.string("code"));
            if below.string("type") == Some("display") && matches!(control, Some("help" | "flyover" | "prompt")) {
                self.link_ids.insert(below.string("linkId").unwrap_or_default().to_owned());
                help = Said::of(below, "text");
            } else {
                items.extend(self.item(below));
            }
        }
        self.depth -= 1;
        let mut units: Vec<Coding> = Vec::new();
        for name in ["questionnaire-unit", "questionnaire-unitOption"] {
            for one in json.extensions(&core(name)) {
                if let Some(Datum::Coding(unit)) = one.get("valueCoding").and_then(|value| Datum::read("valueCoding", value)) && !units.contains(&unit) {
                    units.push(unit);
                }
            }
        }
        let mut item = Item {
            kind,
            text: Said::of(json, "text"),
            prefix: Said::of(json, "prefix"),
            help,
            entry_format: json.extensions(&core("entryFormat")).next().map(|one| Said::of(one, "valueString")).unwrap_or_default(),
            codes: json.each("code").iter().filter_map(|one| match Datum::read("valueCoding", one) { Some(Datum::Coding(coding)) => Some(coding), _ => None }).collect(),
            definition: json.string("definition").map(str::to_owned),
            control: control_code.as_deref().and_then(control),
            category: json.extension(&core("questionnaire-displayCategory")).and_then(|concept| concept.each("coding").first()).and_then(|coding| coding.string("code")).map(str::to_owned),
            support_link: json.extension(&core("questionnaire-supportLink")).and_then(Json::as_str).filter(|link| link.starts_with("https://") || link.starts_with("http://")).map(str::to_owned),
            is_required: truth("required"),
            repeats: truth("repeats"),
            is_read_only: truth("readOnly"),
            is_hidden: json.extension(&core("questionnaire-hidden")).and_then(Json::as_bool) == Some(true),
            is_withheld: json.extension(WITHHELD).and_then(Json::as_bool) == Some(true),
            min_occurs: count("questionnaire-minOccurs"),
            max_occurs: count("questionnaire-maxOccurs"),
            max_length: json.get("maxLength").and_then(Json::as_number).and_then(|text| text.parse().ok()),
            min_length: count("minLength"),
            min_value: bound("minValue").or_else(|| quantity_bound("minQuantity")),
            max_value: bound("maxValue").or_else(|| quantity_bound("maxQuantity")),
            max_decimal_places: count("maxDecimalPlaces"),
            pattern,
            units,
            choices: json.each("answerOption").iter().filter_map(choice).collect(),
            value_set: json.string("answerValueSet").map(str::to_owned),
            targets: json.extensions(&core("questionnaire-referenceResource")).filter_map(|one| one.string("valueCode").map(str::to_owned)).collect(),
            absents: json.extensions(MAY_BE_ABSENT).filter_map(|one| Absent::of_code(one.string("valueCode")?)).collect(),
            enable_when,
            any_enables,
            enable_formula,
            initial: json.each("initial").iter().filter_map(|one| one.choice("value").and_then(|(member, value)| Datum::read(member, value))).collect(),
            initial_formula,
            calculated,
            population,
            variables,
            constraints,
            items,
            source: json.clone(),
            link_id,
        };
        if unread > 0 && !(any_enables && !item.enable_when.is_empty()) {
            item.enable_when = vec![EnableWhen { question: item.link_id.clone(), operator: Operator::Exists, answer: Datum::Boolean(true) }];
        }
        Some(item)
    }
}

fn control(code: &str) -> Option<Control> {
    Some(match code {
        "radio-button" => Control::Radio,
        "check-box" => Control::Check,
        "drop-down" => Control::DropDown,
        "autocomplete" | "lookup" => Control::Typing,
        "table" | "gtable" | "grid" | "htable" | "atable" => Control::Table,
        "slider" | "spinner" => Control::Slider,
        _ => return None,
    })
}

fn enabling(json: &Json) -> Option<EnableWhen> {
    let operator = match json.string("operator")? {
        "exists" => Operator::Exists,
        "=" => Operator::Equal,
        "!=" => Operator::NotEqual,
        ">" => Operator::Greater,
        "<" => Operator::Less,
        ">=" => Operator::GreaterOrEqual,
        "<=" => Operator::LessOrEqual,
        _ => return None,
    };
    let (member, value) = json.choice("answer")?;
    let answer = Datum::read(&format!("value{}", member.strip_prefix("answer")?), value)?;
    Some(EnableWhen { question: json.string("question")?.to_owned(), operator, answer })
}

fn choice(json: &Json) -> Option<Choice> {
    let (member, held) = json.choice("value")?;
    let value = Datum::read(member, held)?;
    let said = match &value {
        Datum::Coding(coding) => {
            let mut said = Said::of(held, "display");
            if said.plain.is_empty() {
                said.plain = coding.code.clone().unwrap_or_default();
            }
            said
        }
        Datum::Reference(reference) => Said { plain: reference.display.clone().or_else(|| reference.reference.clone()).unwrap_or_default(), ..Said::default() },
        _ => Said { plain: held.as_str().or_else(|| held.as_number()).unwrap_or_default().to_owned(), ..Said::of(json, member) },
    };
    let is_exclusive = json.extension(&format!("{CORE}questionnaire-optionExclusive")).and_then(Json::as_bool) == Some(true);
    Some(Choice { value, said, is_initial: json.get("initialSelected").and_then(Json::as_bool) == Some(true), is_exclusive })
}

impl Item {
    /// What its own extension of an address of the guide holds.
    pub(crate) fn guide<'i>(&'i self, name: &str) -> impl Iterator<Item = &'i Json> {
        let address = format!("{SDC}{name}");
        self.source.each("extension").iter().filter(move |one| one.string("url") == Some(&address))
    }
}
