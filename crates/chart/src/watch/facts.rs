//! What is known of who opened and of whom they opened, as far as the rules ask.

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::sync::Arc;

use access::{Account, Act, Care, Permitted};
use fhir::{Document, RecordId, ResourceType, Value};
use mpi::ties;
use store::{Class, Method, Tick};

use crate::door::Chart;
use crate::error::Result;
use crate::terminology::house;

/// Codes in the labels of a Patient, or in an active Flag, that say that a person is well known
/// (`CEL` of <http://terminology.hl7.org/CodeSystem/v3-ActCode>, `VIP` of v2 table 0099).
const WELL_KNOWN: [&str; 2] = ["CEL", "VIP"];
/// The label of the country packs for staff as patients.
const STAFF: &str = "EMPL";
/// Practitioners of one surname that are compared.
const MOST_COMPARED: usize = 200;

/// Who opened.
pub(super) struct Known {
    pub account: Account,
    /// Who they are: their Practitioners, else what the account is called.
    pub persons: Vec<mpi::Person>,
    /// For whom they stand.
    pub stands_for: Arc<[String]>,
}

/// Whom they opened.
pub(super) struct Person {
    /// The id of the Patient.
    pub patient: String,
    pub known: mpi::Person,
    /// Whom the record names beside them.
    pub relatives: Vec<mpi::Person>,
    pub care: Care,
    pub is_well_known: bool,
    /// The record says that they are staff.
    is_staff: bool,
    /// Surnames as received, for looking colleagues up.
    surnames: Vec<String>,
}

impl Chart {
    /// Who the holder of an account is.
    pub(super) fn facts_of(&self, account: Account) -> Result<Known> {
        let stands_for = self.stands_for(&account)?;
        let practitioner = ResourceType::named("Practitioner");
        let mut persons = Vec::new();
        for id in stands_for.iter().filter_map(|reference| reference.strip_prefix("Practitioner/")) {
            let Some(kind) = practitioner else { break };
            let (at, permitted) = self.find(&house(), Act::Read, kind, id)?;
            if let Some(stored) = self.newest(&permitted, kind, at)?.filter(|stored| stored.method != Method::Delete)
                && let Ok(document) = Document::read(&stored.text)
            {
                persons.push(mpi::Person::read(document.root()));
            }
        }
        let mut named = "{\"name\":[{\"text\":".to_owned();
        fhir::splice::write_string(&account.display, &mut named);
        named.push_str("}]}");
        if let Ok(document) = Document::read(&named) {
            persons.push(mpi::Person::read(document.root()));
        }
        Ok(Known { account, persons, stands_for })
    }

    /// Who a record is about; none for what is no person's, and where nobody is there any more.
    pub(super) fn facts_of_person(&self, record: RecordId) -> Result<Option<Person>> {
        if Class::of(record) != Class::Person {
            return Ok(None);
        }
        let Some(permitted) = self.right_of_the_house(record)? else { return Ok(None) };
        let kinds: Vec<ResourceType> = Care::TYPES.iter().chain(&["RelatedPerson", "Flag"]).filter_map(|name| ResourceType::named(name)).collect();
        let policy = &self.inner.policy;
        let mut person: Option<Person> = None;
        let (mut care, mut relatives, mut is_well_known) = (Care::default(), Vec::new(), false);
        self.store().scan_types(&permitted, &kinds, Tick::END, None, &mut |entry| {
            if entry.method == Method::Delete {
                return ControlFlow::Continue(());
            }
            let Ok(document) = Document::read(entry.text) else { return ControlFlow::Continue(()) };
            let root = document.root();
            care.learn(entry.kind, root, policy.zone_offset_minutes, policy.care_lasts_ms);
            match entry.kind.name() {
                "Patient" => {
                    relatives.extend(each(root, "contact").map(relative));
                    is_well_known |= has_label(root, &WELL_KNOWN);
                    let surnames = each(root, "name").filter_map(|name| name.string("family")).map(|family| family.into_owned()).filter(|family| !family.trim().is_empty()).collect();
                    let id = root.string("id").map(|id| id.into_owned()).unwrap_or_default();
                    person = Some(Person { patient: id, known: mpi::Person::read(root), relatives: Vec::new(), care: Care::default(), is_well_known: false, is_staff: has_label(root, &[STAFF]), surnames });
                }
                "RelatedPerson" => relatives.push(mpi::Person::read(root)),
                "Flag" if root.string("status").as_deref() == Some("active") => {
                    is_well_known |= root.get("code").is_some_and(|code| each(code, "coding").any(|coding| coding.string("code").is_some_and(|code| WELL_KNOWN.contains(&code.as_ref()))));
                }
                _ => {}
            }
            ControlFlow::Continue(())
        })?;
        Ok(person.map(|person| Person { relatives, care, is_well_known, ..person }))
    }

    fn right_of_the_house(&self, record: RecordId) -> Result<Option<Permitted>> {
        let set = self.permitted_set(&house(), Act::Read)?;
        Ok(set.of(Class::subject(record), &self.inner.known.nobody(), false))
    }

    /// True if the person works where the account does: their record says that they are staff, or a
    /// Practitioner of an account of the same institution is, as far as anybody can tell, the same person.
    pub(super) fn is_colleague(&self, known: &Known, person: &Person) -> Result<bool> {
        if person.is_staff {
            return Ok(true);
        }
        let compared = RefCell::new(0);
        let found: RefCell<Vec<String>> = RefCell::default();
        for surname in &person.surnames {
            self.shared_by("Practitioner", "family", surname, &|text| {
                let Ok(document) = Document::read(text) else { return false };
                *compared.borrow_mut() += 1;
                let ties = ties(&mpi::Person::read(document.root()), &person.known);
                let is_they = ties.identifier || (ties.whole_name && ties.birth != Some(false));
                if is_they && *compared.borrow() <= MOST_COMPARED {
                    let names_an_account = |identifier: &Value<'_>| identifier.string("system").as_deref() == Some(Account::SYSTEM);
                    found.borrow_mut().extend(each(document.root(), "identifier").filter(names_an_account).filter_map(|identifier| identifier.string("value").map(|value| value.into_owned())));
                }
                false
            })?;
        }
        let values = found.into_inner();
        if values.is_empty() {
            return Ok(false);
        }
        let works_here = |account: &Account| account.number != known.account.number && account.institution == known.account.institution && values.iter().any(|value| Account::is_named(&account.login, account.number, value));
        Ok(self.accounts()?.iter().any(works_here))
    }
}

fn each<'v>(value: Value<'v>, name: &str) -> impl Iterator<Item = Value<'v>> {
    value.get(name).into_iter().flat_map(|list| list.each())
}

/// A contact of a Patient has one name and one address where others have lists.
fn relative(contact: Value<'_>) -> mpi::Person {
    let member = |name: &str| contact.get(name).map(|value| format!(",\"{name}\":[{}]", value.raw())).unwrap_or_default();
    let telecom = contact.get("telecom").map(|value| format!(",\"telecom\":{}", value.raw())).unwrap_or_default();
    let text = format!("{{\"resourceType\":\"RelatedPerson\"{}{}{telecom}}}", member("name"), member("address"));
    Document::read(&text).map(|document| mpi::Person::read(document.root())).unwrap_or_default()
}

/// True if a resource bears one of these labels.
fn has_label(resource: Value<'_>, codes: &[&str]) -> bool {
    let Some(meta) = resource.get("meta") else { return false };
    each(meta, "security").any(|label| label.string("code").is_some_and(|code| codes.contains(&code.as_ref())))
}
