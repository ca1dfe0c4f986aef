//! One answer: a value, or why there is none, or what was typed and is neither.

use crate::address::{ABSENT, PREFILLED, TYPED};
use crate::filling::Given;
use crate::json::Json;

/// A code with its system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Coding {
    pub system: Option<String>,
    pub version: Option<String>,
    pub code: Option<String>,
    pub display: Option<String>,
}

/// A number with its unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quantity {
    /// The number, as it was written.
    pub value: Option<String>,
    /// Where it is a bound and not the amount: `<`, `<=`, `>=`, `>`. Pages cannot make one.
    pub comparator: Option<String>,
    /// The unit as it is read.
    pub unit: Option<String>,
    /// The system of its code.
    pub system: Option<String>,
    /// Its code.
    pub code: Option<String>,
}

/// What something is about, by reference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Reference {
    pub reference: Option<String>,
    pub display: Option<String>,
}

/// The value of an answer. Texts of numbers and dates stay as they were written.
#[derive(Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Datum {
    Boolean(bool),
    Decimal(String),
    Integer(String),
    Date(String),
    DateTime(String),
    Time(String),
    Text(String),
    Uri(String),
    Coding(Coding),
    Quantity(Quantity),
    Reference(Reference),
    /// Kept as it is; pages cannot make one.
    Attachment(Json),
}

impl std::fmt::Debug for Datum {
    /// Never shows content: it is about a person.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.member())
    }
}

/// Why there is no answer. <https://hl7.org/fhir/R4/valueset-data-absent-reason.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent {
    /// Asked, and nobody knows.
    Unknown,
    /// Nobody asked.
    NotAsked,
    /// Asked, and the person would not say.
    Declined,
}

impl Absent {
    /// All of them.
    pub const ALL: [Absent; 3] = [Absent::Unknown, Absent::NotAsked, Absent::Declined];

    /// FHIR's code.
    pub fn code(self) -> &'static str {
        match self {
            Absent::Unknown => "unknown",
            Absent::NotAsked => "not-asked",
            Absent::Declined => "asked-declined",
        }
    }

    /// The reason of a code. What others call `asked-unknown` is the same to a reader.
    pub fn of_code(code: &str) -> Option<Absent> {
        match code {
            "asked-unknown" => Some(Absent::Unknown),
            _ => Absent::ALL.into_iter().find(|one| one.code() == code),
        }
    }
}

/// One answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The value.
    pub value: Option<Datum>,
    /// Why there is none.
    pub absent: Option<Absent>,
    /// What was typed and could not be read as a value; only in drafts.
    pub typed: Option<String>,
    /// It came out of the record and nobody has confirmed it.
    pub is_prefilled: bool,
    /// Answers to the questions below this one.
    pub items: Vec<Given>,
}

impl Answer {
    /// A value.
    pub fn of(value: Datum) -> Answer {
        Answer { value: Some(value), ..Answer::default() }
    }

    /// True where nothing is said, not even why.
    pub fn is_empty(&self) -> bool {
        self.value.is_none() && self.absent.is_none() && self.typed.is_none() && self.items.iter().all(Given::is_empty)
    }

    pub(crate) fn read(json: &Json) -> Answer {
        let absent = json.extension(ABSENT).and_then(Json::as_str).and_then(Absent::of_code);
        Answer {
            value: json.choice("value").and_then(|(member, value)| Datum::read(member, value)),
            absent,
            typed: json.extension(TYPED).and_then(Json::as_str).map(str::to_owned),
            is_prefilled: json.extension(PREFILLED).and_then(Json::as_bool) == Some(true),
            items: json.each("item").iter().map(Given::read).collect(),
        }
    }

    pub(crate) fn json(&self) -> Json {
        let mut extensions = Vec::new();
        let mut add = |url: &str, member: &str, value: Json| extensions.push(Json::object([("url", Json::text(url)), (member, value)]));
        if let Some(absent) = self.absent {
            add(ABSENT, "valueCode", Json::text(absent.code()));
        }
        if let Some(typed) = &self.typed {
            add(TYPED, "valueString", Json::text(typed));
        }
        if self.is_prefilled {
            add(PREFILLED, "valueBoolean", Json::Bool(true));
        }
        let mut json = Json::Object(Vec::new());
        if !extensions.is_empty() {
            json.set("extension", Json::List(extensions));
        }
        if let Some(value) = &self.value {
            json.set(value.member(), value.json());
        }
        let items: Vec<Json> = self.items.iter().filter(|one| !one.is_empty()).map(Given::json).collect();
        if !items.is_empty() {
            json.set("item", Json::List(items));
        }
        json
    }
}

impl Datum {
    /// The member of an answer that holds it.
    pub fn member(&self) -> &'static str {
        match self {
            Datum::Boolean(_) => "valueBoolean",
            Datum::Decimal(_) => "valueDecimal",
            Datum::Integer(_) => "valueInteger",
            Datum::Date(_) => "valueDate",
            Datum::DateTime(_) => "valueDateTime",
            Datum::Time(_) => "valueTime",
            Datum::Text(_) => "valueString",
            Datum::Uri(_) => "valueUri",
            Datum::Coding(_) => "valueCoding",
            Datum::Quantity(_) => "valueQuantity",
            Datum::Reference(_) => "valueReference",
            Datum::Attachment(_) => "valueAttachment",
        }
    }

    /// Reads the value of a member; none where the member and what it holds do not go together.
    pub(crate) fn read(member: &str, value: &Json) -> Option<Datum> {
        let text = |name: &str| value.string(name).map(str::to_owned);
        let own = || value.as_str().map(str::to_owned);
        Some(match member {
            "valueBoolean" => Datum::Boolean(value.as_bool()?),
            "valueDecimal" => Datum::Decimal(value.as_number()?.to_owned()),
            "valueInteger" | "valuePositiveInt" | "valueUnsignedInt" => Datum::Integer(value.as_number()?.to_owned()),
            "valueDate" => Datum::Date(own()?),
            "valueDateTime" | "valueInstant" => Datum::DateTime(own()?),
            "valueTime" => Datum::Time(own()?),
            "valueString" | "valueMarkdown" | "valueCode" => Datum::Text(own()?),
            "valueUri" | "valueUrl" | "valueCanonical" => Datum::Uri(own()?),
            "valueCoding" => Datum::Coding(Coding { system: text("system"), version: text("version"), code: text("code"), display: text("display") }),
            "valueQuantity" => Datum::Quantity(Quantity { value: value.get("value").and_then(Json::as_number).map(str::to_owned), comparator: text("comparator"), unit: text("unit"), system: text("system"), code: text("code") }),
            "valueReference" => Datum::Reference(Reference { reference: text("reference"), display: text("display") }),
            "valueAttachment" => Datum::Attachment(value.clone()),
            _ => return None,
        })
    }

    /// As FHIR writes it.
    pub fn json(&self) -> Json {
        let object = |members: [(&str, &Option<String>); 4]| {
            let written = members.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text.as_ref()?)));
            Json::Object(written.map(|(name, text)| if name == "value" { (name, Json::Number(text.clone())) } else { (name, Json::text(text)) }).collect())
        };
        match self {
            Datum::Boolean(value) => Json::Bool(*value),
            Datum::Decimal(text) | Datum::Integer(text) => Json::Number(text.clone()),
            Datum::Date(text) | Datum::DateTime(text) | Datum::Time(text) | Datum::Text(text) | Datum::Uri(text) => Json::text(text),
            Datum::Coding(coding) => object([("system", &coding.system), ("version", &coding.version), ("code", &coding.code), ("display", &coding.display)]),
            Datum::Quantity(quantity) => {
                let mut json = object([("value", &quantity.value), ("unit", &quantity.unit), ("system", &quantity.system), ("code", &quantity.code)]);
                if let (Json::Object(members), Some(comparator)) = (&mut json, &quantity.comparator) {
                    members.insert(usize::from(quantity.value.is_some()), ("comparator".to_owned(), Json::text(comparator)));
                }
                json
            }
            Datum::Reference(reference) => object([("reference", &reference.reference), ("display", &reference.display), ("", &None), ("", &None)]),
            Datum::Attachment(json) => json.clone(),
        }
    }

    /// The same value, whatever it is called: a code counts without its display.
    pub fn is_same(&self, other: &Datum) -> bool {
        match (self, other) {
            (Datum::Coding(left), Datum::Coding(right)) => {
                let systems_agree = left.system.is_none() || right.system.is_none() || left.system == right.system;
                left.code == right.code && systems_agree && (left.code.is_some() || left.display == right.display)
            }
            (Datum::Reference(left), Datum::Reference(right)) => left.reference == right.reference,
            _ => self == other,
        }
    }
}
