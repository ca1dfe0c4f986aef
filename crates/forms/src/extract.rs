//! What a completed response says of the person, as resources of their own.
//!
//! * By observation: a question with a code becomes an Observation.
//! * By definition: a question that names an element fills it.
//! * By template: a resource inside the form, its places filled by formulas.
//! * What was not answered makes nothing; a reason for no answer makes nothing either.
//! * Every resource is about whom the response is about, and Observations name it as their source.
//!
//! <https://build.fhir.org/ig/HL7/sdc/extraction.html>

mod definition;
mod observation;
mod template;

use crate::budget::Budget;
use crate::evaluate::{Around, Names, Pass, told_here};
use crate::filling::{Filling, Given};
use crate::form::Form;
use crate::item::Item;
use crate::json::Json;
use fhir::{Document, Issue, IssueCode, Value};

/// One resource that follows from a response.
#[derive(Clone, Debug)]
pub struct Extracted {
    /// The resource, without an id where it is new.
    pub resource: Json,
    /// How others of the same bundle name it.
    pub full_url: String,
    /// Where it goes: `Observation`, or `Patient/1` for a change of what is there.
    pub url: String,
}

impl Extracted {
    /// True for a change of a resource that is there.
    pub fn is_update(&self) -> bool {
        self.url.contains('/')
    }
}

/// What all extractions need to know of the response.
pub(crate) struct Source {
    pub reference: String,
    pub subject: Option<Json>,
    pub encounter: Option<Json>,
    pub author: Option<Json>,
    pub authored: Option<String>,
}

pub(crate) struct Taking<'t, 'd> {
    pub form: &'d Form,
    pub pass: Pass<'t, 'd>,
    pub source: Source,
    pub new_url: &'t mut dyn FnMut() -> String,
    pub found: Vec<Extracted>,
    pub issues: Vec<Issue>,
    /// The element of a template at hand, from the type on.
    pub at: Vec<String>,
}

/// As many resources come out of one response at most.
const MOST: usize = 500;

/// Takes out of a response what it says. `reference` is how the resources name the response;
/// `new_url` gives a new `urn:uuid:` each time.
///
/// What could not be taken out stands in the issues, with the place in the form.
pub fn extract(form: &Form, response: &str, reference: &str, around: &Around<'_>, new_url: &mut dyn FnMut() -> String) -> Result<(Vec<Extracted>, Vec<Issue>), Issue> {
    let mut json = Json::read(response).map_err(|cause| Issue::from(&cause))?;
    if json.string("resourceType") != Some("QuestionnaireResponse") {
        return Err(Issue::error(IssueCode::Structure, "resourceType", "A QuestionnaireResponse is expected."));
    }
    // What is empty goes, so that answers and their nodes keep step.
    let filling = Filling::read(&json);
    json.set("item", filling.json());
    // Formulas take the day out of it, which is the day here and not that of UTC.
    if let Some(here) = json.string("authored").and_then(|text| told_here(text, around.now)) {
        json.set("authored", Json::Text(here));
    }
    let document = Document::read_owned(json.written()).map_err(|cause| Issue::from(&cause))?;
    let root = document.root();
    let source = Source {
        reference: reference.to_owned(),
        subject: json.get("subject").cloned(),
        encounter: json.get("encounter").cloned(),
        author: json.get("author").cloned(),
        authored: json.string("authored").map(str::to_owned),
    };
    let budget = Budget::whole();
    let pass = Pass::new(form, around, root, &budget);
    let names = pass.names(form, &around.named);
    let mut taking = Taking { form, pass, source, new_url, found: Vec::new(), issues: Vec::new(), at: Vec::new() };
    taking.own(root, &names);
    taking.items(&form.items, &filling.items, root, &names, taking.observes(&form.json, false), None);
    for link_id in budget.stopped() {
        taking.issues.push(Issue::error(IssueCode::TooCostly, format!("Questionnaire.item.where(linkId='{link_id}')"), "Too much would have to be worked out here; nothing is taken out of the response."));
    }
    if taking.found.len() > MOST {
        return Err(Issue::error(IssueCode::TooCostly, "Questionnaire", format!("More than {MOST} resources would follow from one response.")));
    }
    Ok((taking.found, taking.issues))
}

impl<'d> Taking<'_, 'd> {
    /// What hangs on the form as a whole.
    fn own(&mut self, root: Value<'d>, names: &Names<'d>) {
        let json = self.form.json.clone();
        self.templates(&json, "", root, names);
        if let Some(context) = definition::context_of(&json) {
            let names = names.clone();
            self.define_whole(&context, root, &names);
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn items(&mut self, items: &'d [Item], given: &[Given], parent: Value<'d>, names: &Names<'d>, observes: bool, category: Option<&Json>) {
        let nodes = crate::evaluate::nodes_of(Some(parent), given);
        for (one, node) in given.iter().zip(nodes) {
            let (Some(item), Some(node)) = (items.iter().find(|item| item.link_id == one.link_id), node) else { continue };
            self.pass.budget.at(&item.link_id);
            let mut names = names.clone();
            self.pass.add(&item.variables, &crate::evaluate::here_of(node), &mut names);
            let observes = self.observes(&item.source, observes);
            let own_category = item.guide("observation-extract-category").find_map(|one| one.get("valueCodeableConcept"));
            let category = own_category.or(category);
            self.templates(&item.source, &item.link_id, node, &names);
            if let Some(context) = definition::context_of(&item.source) {
                self.define(&context, item, one, node, &names);
            }
            if observes && item.kind.is_question() && !item.codes.is_empty() {
                self.observe(item, one, category);
            }
            self.items(&item.items, &one.items, node, &names, observes, category);
            for (place, answer) in one.answers.iter().enumerate() {
                if let Some(below) = crate::evaluate::answer_node(Some(node), &one.answers, place) {
                    self.items(&item.items, &answer.items, below, &names, observes, category);
                }
            }
        }
    }

    /// Whether questions become Observations here and below.
    fn observes(&self, json: &Json, above: bool) -> bool {
        json.extension(&format!("{}observationExtract", crate::address::SDC)).and_then(Json::as_bool).unwrap_or(above)
    }

    fn flaw(&mut self, link_id: &str, message: &str) {
        self.issues.push(Issue::error(IssueCode::Processing, format!("Questionnaire.item.where(linkId='{link_id}')"), message));
    }

    fn add(&mut self, mut resource: Json, full_url: Option<String>, id: Option<String>) {
        let Some(kind) = resource.string("resourceType").map(str::to_owned) else { return };
        if kind == "Observation" && resource.get("derivedFrom").is_none() {
            resource.push("derivedFrom", Json::object([("reference", Json::text(&self.source.reference))]));
        }
        let full_url = full_url.unwrap_or_else(|| (self.new_url)());
        let url = match id {
            Some(id) => {
                resource.set("id", Json::text(&id));
                format!("{kind}/{id}")
            }
            None => {
                resource.remove("id");
                kind
            }
        };
        self.found.push(Extracted { resource, full_url, url });
    }
}
