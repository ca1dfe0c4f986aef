//! A door over bundles in memory, for previews and for tests that need whole persons.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use access::{Caller, Disclosure, Role};
use chart::{ChildRecord, Error, Method, Page, PersonHit, PersonRecord, Stored};
use fhir::{Document, Moment, Reference, ResourceType, Value};
use web::door::{Answer, Door, Opened};

/// The moment at which samples are read.
pub const NOW: &str = "2026-11-22T09:00:00Z";

/// Persons in memory.
pub struct Shelf {
    pub persons: Vec<PersonRecord>,
    shared: HashMap<(ResourceType, String), Stored>,
    by_identifier: HashMap<(String, String), String>,
    /// A real door for the sign-ins.
    pub clinic: testkit::Clinic,
    /// How many times each record was opened.
    pub openings: u64,
    /// Questions and answers that came.
    pub said: Arc<Mutex<Vec<String>>>,
}

/// The password of every account of the shelf.
pub const PASSWORD: &str = "a secret word";

impl Shelf {
    /// Nobody yet; `ana` and `ruiz` are physicians, `desk` is admissions, `root` an operator and
    /// `system` a system; they read in that language.
    pub fn new(language: &str, second_factor_required: bool) -> Shelf {
        Shelf::set(language, chart::Settings { second_factor_required, ..testkit::settings() })
    }

    /// The same, where the door is set so.
    pub fn set(language: &str, settings: chart::Settings) -> Shelf {
        let passkeys = Some(access::passkey::PasskeySite { id: "record.example".into(), origins: vec!["http://record.example".into()] });
        let clinic = testkit::clinic_set(chart::Settings { passkeys, ..settings });
        let console = testkit::caller(Role::Console).account;
        for (login, role) in [("ana", Role::Physician), ("ruiz", Role::Physician), ("desk", Role::Admissions), ("root", Role::Operator), ("system", Role::Integration)] {
            let new = chart::NewAccount { login: login.into(), display: format!("Dr. {login}"), role, institution: "Carnet".into(), language: language.into(), terms: chart::Terms::default() };
            clinic.chart.add_account(&console, new, PASSWORD).expect("an account");
        }
        Shelf { persons: Vec::new(), shared: HashMap::new(), by_identifier: HashMap::new(), clinic, openings: 180, said: Arc::default() }
    }

    /// Takes a transaction bundle: shared things are kept apart, the rest is one person's.
    pub fn add_bundle(&mut self, bundle: &str) {
        let document = Document::read(bundle).expect("a bundle is JSON");
        let entries: Vec<(String, Value<'_>)> = document.root().get("entry").into_iter().flat_map(|entries| entries.items()).filter_map(|entry| Some((entry.string("fullUrl")?.into_owned(), entry.get("resource")?))).collect();
        let mut names: HashMap<String, String> = HashMap::new();
        for (url, resource) in &entries {
            let kind = resource.string("resourceType").unwrap_or_default();
            let id = resource.string("id").map_or_else(|| url.trim_start_matches("urn:uuid:").to_owned(), |id| id.into_owned());
            names.insert(url.clone(), format!("{kind}/{id}"));
            for identifier in resource.get("identifier").into_iter().flat_map(|all| all.each().collect::<Vec<_>>()) {
                let token = format!("{}|{}", identifier.string("system").unwrap_or_default(), identifier.string("value").unwrap_or_default());
                self.by_identifier.insert((kind.clone().into_owned(), token), id.clone());
            }
        }
        let mut stored: Vec<Stored> = entries.iter().filter_map(|(url, resource)| self.stored(resource, &names[url], &names)).collect();
        let place = stored.iter().position(|stored| stored.kind == ResourceType::PATIENT);
        match place {
            Some(place) => {
                let patient = stored.swap_remove(place);
                let shared = self.named_by(&stored);
                self.persons.push(PersonRecord { patient, merged: Vec::new(), resources: stored, shared, holds: Vec::new() });
            }
            None => {
                for one in stored {
                    self.shared.insert((one.kind, one.id.clone()), one);
                }
            }
        }
    }

    fn stored(&self, resource: &Value<'_>, name: &str, names: &HashMap<String, String>) -> Option<Stored> {
        let (kind, id) = name.split_once('/')?;
        let mut text = String::new();
        if resource.get("id").is_none() {
            text.push_str(&format!("{{\"id\":\"{id}\","));
            text.push_str(&resource.raw()[1..]);
        } else {
            text.push_str(resource.raw());
        }
        let mut linked = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some(at) = rest.find("\"reference\"") {
            let Some(open) = rest[at + 11..].find('"').map(|open| at + 12 + open) else { break };
            let Some(close) = rest[open..].find('"').map(|close| open + close) else { break };
            linked.push_str(&rest[..open]);
            let target = &rest[open..close];
            match (names.get(target), Reference::parse(target)) {
                (Some(name), _) => linked.push_str(name),
                (None, Reference::Conditional { kind, query }) => {
                    let token = query.trim_start_matches("identifier=").to_owned();
                    match self.by_identifier.get(&(kind.name().to_owned(), token)) {
                        Some(id) => linked.push_str(&format!("{}/{id}", kind.name())),
                        None => linked.push_str(target),
                    }
                }
                _ => linked.push_str(target),
            }
            rest = &rest[close..];
        }
        linked.push_str(rest);
        Some(Stored { kind: ResourceType::named(kind)?, id: id.to_owned(), version: 1, last_updated: Moment::parse(NOW)?, method: Method::Create, text: linked, flaws: Vec::new() })
    }

    /// The shared things a record names.
    fn named_by(&self, stored: &[Stored]) -> Vec<Stored> {
        let mut found: HashMap<(ResourceType, String), Stored> = HashMap::new();
        for one in stored {
            let mut rest = one.text.as_str();
            while let Some(at) = rest.find("\"reference\":\"") {
                rest = &rest[at + 13..];
                let target = rest.split('"').next().unwrap_or_default();
                if let Some((kind, id)) = Reference::parse(target).local()
                    && let Some(shared) = self.shared.get(&(kind, id.to_owned()))
                {
                    found.insert((kind, id.to_owned()), shared.clone());
                }
            }
        }
        found.into_values().collect()
    }
}

impl Door for Shelf {
    fn now(&self) -> Moment {
        Moment::parse(NOW).expect("a moment")
    }

    fn gate(&self) -> &chart::Chart {
        &self.clinic.chart
    }

    fn find_persons<'a>(&'a self, _caller: &'a Caller, text: &'a str, limit: usize) -> Answer<'a, Vec<PersonHit>> {
        Box::pin(async move {
            let words: Vec<String> = text.to_lowercase().split_whitespace().map(str::to_owned).collect();
            let fits = |person: &&PersonRecord| words.iter().all(|word| person.patient.text.to_lowercase().contains(word.as_str()));
            Ok(self.persons.iter().filter(fits).take(limit).map(|person| PersonHit { patient: person.patient.clone(), last_seen: Moment::parse("2026-10-01T08:00:00Z") }).collect())
        })
    }

    fn facilities<'a>(&'a self, _caller: &'a Caller, text: &'a str, limit: usize) -> Answer<'a, Vec<Stored>> {
        Box::pin(async move { Ok(self.shared.values().filter(|one| one.kind.name() == "Organization" && one.text.contains(text)).take(limit).cloned().collect()) })
    }

    fn facility<'a>(&'a self, _caller: &'a Caller, id: &'a str) -> Answer<'a, Stored> {
        Box::pin(async move { self.shared.values().find(|one| one.kind.name() == "Organization" && one.id == id).cloned().ok_or(Error::NotFound) })
    }

    fn children_of<'a>(&'a self, _caller: &'a Caller, facility: &'a str, _born_since: &'a str, _size: usize, cursor: Option<&'a str>) -> Answer<'a, Page<ChildRecord>> {
        Box::pin(async move {
            let belongs = |person: &&PersonRecord| person.patient.text.contains(&format!("Organization/{facility}"));
            let items = self.persons.iter().filter(belongs).map(|person| ChildRecord { patient: person.patient.clone(), resources: person.resources.clone() }).collect();
            Ok(Page { items, total: None, next: cursor.is_none().then(|| "more".to_owned()), issues: Vec::new() })
        })
    }

    fn undated_of<'a>(&'a self, _caller: &'a Caller, facility: &'a str, _size: usize, cursor: Option<&'a str>) -> Answer<'a, Page<ChildRecord>> {
        Box::pin(async move {
            let text = format!(r#"{{"resourceType":"Patient","id":"undated","name":[{{"text":"Somebody"}}],"address":[{{"country":"MX","state":"Puebla"}}],"managingOrganization":{{"reference":"Organization/{facility}"}}}}"#);
            let patient = self.persons.first().map(|person| Stored { id: "undated".to_owned(), text, ..person.patient.clone() });
            let items = patient.into_iter().map(|patient| ChildRecord { patient, resources: Vec::new() }).collect();
            Ok(Page { items, total: None, next: cursor.is_none().then(|| "further".to_owned()), issues: Vec::new() })
        })
    }

    fn called(&self, system: &str, code: &str, text: &str, language: &str) -> Option<String> {
        let is_known = system == "http://hl7.org/fhir/sid/icd-10" && code == "I10" && text == "Tăng huyết áp nguyên phát" && language == "es";
        is_known.then(|| "Hipertensión <esencial>".to_owned())
    }

    fn openings<'a>(&'a self, caller: &'a Caller, _patient_id: &'a str, before: Option<u64>, limit: usize) -> Answer<'a, Vec<Opened>> {
        let known = caller.account.clone();
        let now = Moment::parse(NOW).expect("a moment");
        let opened = move |index: u64| Opened {
            index,
            at: Moment(now.0 - (self.openings - index) as i64 * 5 * 3_600_000),
            account: (index % 7 != 3).then(|| known.clone()),
            purpose: if index.is_multiple_of(5) { "HOPERAT" } else { "TREAT" }.to_owned(),
            how: Disclosure::ALL[index as usize % Disclosure::ALL.len()].0,
        };
        let from = before.unwrap_or(self.openings).min(self.openings);
        Box::pin(async move { Ok((0..from).rev().take(limit).map(opened).collect()) })
    }

    fn question<'a>(&'a self, _caller: &'a Caller, patient_id: &'a str, opening: u64, text: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            self.said.lock().unwrap().push(format!("question {patient_id} {opening} {text}"));
            Ok(())
        })
    }

    fn glass_of(&self, _: &Caller, _: &str) -> chart::Result<Vec<chart::BrokenGlass>> {
        Ok(Vec::new())
    }

    fn answer<'a>(&'a self, caller: &'a Caller, patient_id: &'a str, question_id: &'a str, text: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            if !access::may_answer_questions(caller) {
                return Err(Error::Forbidden);
            }
            self.said.lock().unwrap().push(format!("answer {patient_id} {question_id} {text}"));
            Ok(())
        })
    }

    fn person<'a>(&'a self, _caller: &'a Caller, patient_id: &'a str) -> Answer<'a, PersonRecord> {
        Box::pin(async move { self.persons.iter().find(|person| person.patient.id == patient_id).cloned().ok_or(Error::NotFound) })
    }
}
