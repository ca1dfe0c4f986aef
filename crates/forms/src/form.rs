//! A form: a Questionnaire, read once.

use crate::address::{ADDENDUM, CERTIFICATE, CORE, LETTERHEAD, PRINT, SDC, SIGNATURE, SOURCE, STANDING};
use crate::filler::Filler;
use crate::item::{Item, Reading, Variable};
use crate::json::Json;
use crate::said::Said;
use crate::whom::Whom;
use fhir::{Document, Issue, IssueCode};

/// Whether a form's list of fields has a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A source that was read says which fields it has.
    Official,
    /// Proposed by us: no source was reached, or only a second-hand one.
    Proposed,
}

/// What may be handed in under a name: `patient`, `encounter`, `user`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch {
    /// Without the percent sign.
    pub name: String,
    /// The type of the resource.
    pub kind: String,
}

/// What a form asks of whoever signs what answers it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signing {
    /// It is not completed without a signature.
    pub is_needed: bool,
    /// Whoever signs has a licence.
    pub needs_licence: bool,
    /// The institution signs too.
    pub by_institution: bool,
}

/// What kind of certificate a form makes, and what holds of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// `sick-leave`, `referral`…
    pub kind: String,
    /// Names and values, as the kind understands them: which question tells the first day, how many
    /// days are allowed.
    pub rules: std::collections::BTreeMap<String, String>,
}

impl Certificate {
    /// The value of a rule; none where the form says nothing of it.
    pub fn rule(&self, name: &str) -> Option<&str> {
        self.rules.get(name).map(String::as_str)
    }
}

/// A form.
#[derive(Debug)]
pub struct Form {
    /// Its canonical address; may be empty.
    pub url: String,
    /// Its version; may be empty.
    pub version: String,
    /// What it is called.
    pub title: Said,
    /// What it is for.
    pub description: Said,
    /// The language it was written in.
    pub language: Option<String>,
    /// Whether it is official; none where nobody says.
    pub standing: Option<Standing>,
    /// Where its fields come from.
    pub source: Option<String>,
    /// The name of the template it is printed by; none for the one of its kind.
    pub print: Option<String>,
    /// What stands at the head of its papers beside who issues them, in the language of the form.
    pub letterhead: Vec<String>,
    /// Two-letter codes of the countries it is for; empty for all.
    pub countries: Vec<String>,
    /// For whom it is, and of which kind.
    pub whom: Whom,
    /// Who may fill it in.
    pub fillers: Vec<Filler>,
    /// With it something is added to a signed document; it is not begun by itself.
    pub is_addendum: bool,
    /// What it asks of whoever signs.
    pub signing: Signing,
    /// What certificate it makes.
    pub certificate: Option<Certificate>,
    /// Handed in when it is begun.
    pub launch: Vec<Launch>,
    /// Some of its answers are calculated.
    pub(crate) calculates: bool,
    /// Names for all formulas.
    pub variables: Vec<Variable>,
    /// What it asks.
    pub items: Vec<Item>,
    /// What is wrong with it; a flawed item is left out.
    pub issues: Vec<Issue>,
    pub(crate) json: Json,
    pub(crate) document: Document<'static>,
}

/// More items than any honest form has.
const MOST_ITEMS: usize = 3000;
/// More formulas than any honest form has.
const MOST_FORMULAS: usize = 4000;
/// More names for formulas than any honest form has.
const MOST_NAMES: usize = 300;

fn calculates(items: &[Item]) -> bool {
    items.iter().any(|item| item.calculated.is_some() || calculates(&item.items))
}

impl Form {
    /// Reads a Questionnaire. What is wrong inside stands in [`Form::issues`].
    ///
    /// An error is a text that is no Questionnaire at all, or a larger one than anybody fills.
    pub fn read(text: &str) -> Result<Form, Issue> {
        let document = Document::read_owned(text.to_owned()).map_err(|cause| Issue::from(&cause))?;
        let json = Json::of(document.root());
        if json.string("resourceType") != Some("Questionnaire") {
            return Err(Issue::error(IssueCode::Structure, "resourceType", "A Questionnaire is expected."));
        }
        let mut reading = Reading::default();
        let items: Vec<Item> = json.each("item").iter().filter_map(|item| reading.item(item)).collect();
        if reading.link_ids.len() > MOST_ITEMS {
            return Err(Issue::error(IssueCode::TooCostly, "Questionnaire.item", format!("A form has at most {MOST_ITEMS} items.")));
        }
        let address = format!("{SDC}launchContext");
        let launch = json.extensions(&address).filter_map(|one| {
            let name = one.extension("name").and_then(|name| name.string("code").or_else(|| name.as_str()))?;
            let kind = one.extension("type").and_then(Json::as_str).unwrap_or_default();
            Some(Launch { name: name.to_owned(), kind: kind.to_owned() })
        });
        let launch = launch.collect();
        let mut variables = Vec::new();
        for one in json.extensions(&format!("{CORE}variable")) {
            if let Some(expression) = one.get("valueExpression") {
                variables.extend(reading.variable("", expression));
            }
        }
        if reading.formulas > MOST_FORMULAS || reading.names > MOST_NAMES {
            return Err(Issue::error(IssueCode::TooCostly, "Questionnaire", format!("A form has at most {MOST_FORMULAS} formulas and {MOST_NAMES} names for them.")));
        }
        let standing = match json.extension(STANDING).and_then(Json::as_str) {
            Some("official") => Some(Standing::Official),
            Some("proposed") => Some(Standing::Proposed),
            _ => None,
        };
        let asked = |word: &str| json.extensions(SIGNATURE).any(|one| one.string("valueCode") == Some(word));
        let certificate = json.extensions(CERTIFICATE).next().and_then(|one| {
            let parts: Vec<(String, String)> = one.each("extension").iter().filter_map(|part| Some((part.string("url")?.to_owned(), part.choice("value")?.1.as_str()?.to_owned()))).collect();
            let kind = parts.iter().find(|(name, _)| name == "kind")?.1.clone();
            Some(Certificate { kind, rules: parts.into_iter().collect() })
        });
        let signing = Signing { is_needed: certificate.is_some() || ["needed", "licence", "institution"].into_iter().any(asked), needs_licence: asked("licence"), by_institution: asked("institution") };
        let countries = json.each("jurisdiction").iter().flat_map(|one| one.each("coding")).filter_map(|coding| coding.string("code")).map(|code| code.to_ascii_lowercase()).collect();
        let own = |name: &str| json.string(name).unwrap_or_default().to_owned();
        let mut title = Said::of(&json, "title");
        if title.is_empty() {
            title.plain = own("name");
        }
        Ok(Form {
            url: own("url"),
            version: own("version"),
            title,
            description: Said::of(&json, "description"),
            language: json.string("language").map(str::to_owned),
            standing,
            source: json.extension(SOURCE).and_then(Json::as_str).map(str::to_owned),
            print: json.extension(PRINT).and_then(Json::as_str).map(str::to_owned),
            letterhead: json.extensions(LETTERHEAD).filter_map(|one| one.string("valueString").map(str::to_owned)).collect(),
            countries,
            whom: Whom::of(&json),
            fillers: Filler::of(&json),
            is_addendum: json.extension(ADDENDUM).and_then(Json::as_bool) == Some(true),
            signing,
            certificate,
            launch,
            variables,
            calculates: calculates(&items),
            items,
            issues: reading.issues,
            json,
            document,
        })
    }

    /// How a response names it: address and version.
    pub fn canonical(&self) -> String {
        if self.version.is_empty() { self.url.clone() } else { format!("{}|{}", self.url, self.version) }
    }

    /// The name of the template that what is completed today is printed by, its edition included. It is kept with what
    /// is completed: another one for new documents leaves old ones as they are.
    pub fn template(&self) -> &str {
        self.print.as_deref().unwrap_or(match (self.certificate.is_some(), self.countries.is_empty()) {
            (false, true) => "form-1",
            (true, true) => "certificate-1",
            // A paper of a country begins as papers do there.
            (false, false) => "form-2",
            (true, false) => "certificate-2",
        })
    }

    /// A short name of what it asks, by which a page is known that was made before that was changed: choices and units are
    /// sent by their number. No secret, so FNV-1a.
    pub fn fingerprint(&self) -> String {
        let asked = self.json.get("item").map(Json::written).unwrap_or_default();
        let digest = asked.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        format!("{digest:016x}")
    }

    /// The item of that name.
    pub fn item(&self, link_id: &str) -> Option<&Item> {
        fn look<'f>(items: &'f [Item], link_id: &str) -> Option<&'f Item> {
            items.iter().find_map(|item| if item.link_id == link_id { Some(item) } else { look(&item.items, link_id) })
        }
        look(&self.items, link_id)
    }

    /// A resource inside the form, by its id with or without the sign before it.
    pub fn contained(&self, id: &str) -> Option<&Json> {
        let id = id.trim_start_matches('#');
        self.json.each("contained").iter().find(|one| one.string("id") == Some(id))
    }

    /// The searches whose answers must be handed in before it is begun: name and query, the
    /// expressions between braces not yet put in.
    pub fn queries(&self) -> Vec<(&str, &str)> {
        fn gather<'f>(variables: &'f [Variable], population: Option<&'f Variable>, found: &mut Vec<(&'f str, &'f str)>) {
            for one in variables.iter().chain(population) {
                if let crate::item::Formula::Query(query) = &one.formula {
                    found.push((&one.name, query));
                }
            }
        }
        fn below<'f>(items: &'f [Item], found: &mut Vec<(&'f str, &'f str)>) {
            for item in items {
                gather(&item.variables, item.population.as_ref(), found);
                below(&item.items, found);
            }
        }
        let mut found = Vec::new();
        gather(&self.variables, None, &mut found);
        below(&self.items, &mut found);
        found
    }
}
