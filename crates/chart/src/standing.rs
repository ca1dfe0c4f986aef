//! For whom an account stands: the organisations of its institution, and its practitioner.
//!
//! * An institution is the Organizations that bear its name, and what is part of them.
//! * Whoever works in a part works within the whole: that is asked only where a person left an institution.
//! * A practitioner is the account's where one of its identifiers names the account.

use std::sync::Arc;

use access::{Account, Act, Role};
use fhir::{Document, Reference, ResourceType};
use search::{Handling, Query};
use store::Tick;

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::memory::Memory;
use crate::search::beyond::Beyond;
use crate::search::look::Look;
use crate::stand_in::{FORMER, stand_in_id};
use crate::terminology::{house, search_value};

/// Organisations of one institution that are followed.
const MOST: usize = 2_000;

/// Parts within parts that are followed upwards.
const DEEPEST: usize = 20;

/// What was found out, until an organisation or a practitioner is written: it may have another name or another part then.
pub(crate) type Standings = Memory<(u64, String), Standing>;

/// For whom an account stands, and what these are parts of.
#[derive(Clone, Default)]
pub(crate) struct Standing {
    /// The organisations and practitioners, as references.
    pub stands_for: Arc<[String]>,
    /// The organisations among them, and those of which they are parts.
    pub within: Arc<[String]>,
}

/// True for a type whose resources tell for whom an account stands.
pub(crate) fn tells(kind: ResourceType) -> bool {
    matches!(kind.name(), "Organization" | "Practitioner" | "PractitionerRole")
}

impl Chart {
    /// The organisations and practitioners an account stands for, as references.
    pub(crate) fn stands_for(&self, account: &Account) -> Result<Arc<[String]>> {
        Ok(self.standing_of(account)?.stands_for)
    }

    /// The same, and within which organisations they work.
    pub(crate) fn standing_of(&self, account: &Account) -> Result<Standing> {
        // The house and the command line stand for nobody; they hold the keys.
        if account.role == Role::Console {
            return Ok(Standing::default());
        }
        let key = (account.number, account.institution.clone());
        self.inner.standings.known_or(key, usize::MAX, |_| true, || {
            let stands_for = self.find_standing(account)?;
            let mut within: Vec<String> = Vec::new();
            for own in stands_for.iter().filter_map(|one| one.strip_prefix("Organization/")) {
                for organization in self.wholes_of(own)? {
                    let name = format!("Organization/{organization}");
                    if !within.contains(&name) {
                        within.push(name);
                    }
                }
            }
            Ok(Standing { stands_for: stands_for.into(), within: within.into() })
        })
    }

    /// An organisation and those of which it is a part, the largest last.
    pub(crate) fn wholes_of(&self, id: &str) -> Result<Vec<String>> {
        let kind = ResourceType::named("Organization").ok_or(Error::NotFound)?;
        let set = self.permitted_set(&house(), Act::Read)?;
        let mut found: Vec<String> = vec![id.to_owned()];
        while found.len() < DEEPEST {
            let Some((_, stored)) = self.look_up(&set, kind, &found[found.len() - 1], Tick::END)? else { break };
            let Ok(document) = Document::read(&stored.text) else { break };
            let Some(whole) = document.root().path(&["partOf", "reference"]).and_then(|text| text.as_str().map(|text| text.into_owned())) else { break };
            match Reference::parse(&whole).local() {
                // What is said to be a part of itself ends here.
                Some((of, id)) if of == kind && !found.iter().any(|one| one == id) => found.push(id.to_owned()),
                _ => break,
            }
        }
        Ok(found)
    }

    fn find_standing(&self, account: &Account) -> Result<Vec<String>> {
        let mut found = Vec::new();
        let named = account.institution.trim();
        if !named.is_empty() {
            let is_it = |text: &str| Document::read(text).is_ok_and(|document| bears(document.root(), named));
            found = self.shared_by("Organization", "name", named, &is_it)?;
            let mut from = 0;
            while from < found.len() && found.len() < MOST {
                let part_of = found[from].clone();
                from += 1;
                for part in self.shared_by("Organization", "partof", &part_of, &|_| true)? {
                    if !found.contains(&part) {
                        found.push(part);
                    }
                }
            }
        }
        let number = account.number.to_string();
        let login = Some(&account.login).filter(|login| Account::is_named(login, account.number, login));
        let mut own: Vec<String> = Vec::new();
        for (system, value) in login.map(|login| (Account::SYSTEM, login)).into_iter().chain([(Account::SYSTEM, &number), (FORMER, &number)]) {
            let token = format!("{system}|{}", search_value(value));
            let found = self.shared_by_raw("Practitioner", "identifier", &token, &|_| true)?;
            // The former system named stand-ins and nobody else.
            let stand_in = format!("Practitioner/{}", stand_in_id(account.number));
            own.extend(found.into_iter().filter(|one| system != FORMER || *one == stand_in));
        }
        own.sort();
        own.dedup();
        for practitioner in own {
            found.extend(self.shared_by("PractitionerRole", "practitioner", &practitioner, &|_| true)?);
            found.push(practitioner);
        }
        Ok(found)
    }

    pub(crate) fn shared_by(&self, kind: &str, parameter: &str, value: &str, is_it: &dyn Fn(&str) -> bool) -> Result<Vec<String>> {
        self.shared_by_raw(kind, parameter, &search_value(value), is_it)
    }

    /// References to the shared resources that answer one criterion.
    fn shared_by_raw(&self, kind: &str, parameter: &str, value: &str, is_it: &dyn Fn(&str) -> bool) -> Result<Vec<String>> {
        let kind = ResourceType::named(kind).ok_or(Error::NotFound)?;
        let query = Query::parse(kind, [(parameter, value)].into_iter(), Handling::Strict, self.query_context_without_codes()).map_err(Error::Malformed)?;
        let set = self.permitted_set(&house(), Act::Read)?;
        let beyond = Beyond::new(self, &set, Tick::END);
        let (matches, _) = Look::plain(self, &set, query, Tick::END, &beyond)?.page(None, MOST)?;
        Ok(matches.into_iter().filter(|one| is_it(&one.stored.text)).map(|one| format!("{kind}/{}", one.stored.id)).collect())
    }
}

/// True for an organisation of exactly that name, or one it goes by.
fn bears(organisation: fhir::Value<'_>, named: &str) -> bool {
    let is_same = |text: &str| text.trim().to_lowercase() == named.to_lowercase();
    let mut aliases = organisation.get("alias").into_iter().flat_map(|aliases| aliases.each());
    organisation.string("name").is_some_and(|name| is_same(&name)) || aliases.any(|alias| alias.as_str().is_some_and(|alias| is_same(&alias)))
}
