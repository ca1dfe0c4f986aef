//! Accounts of persons: bound to one record each, and what their holders may read.
//!
//! * A person's account has a number no account of staff can have, and is found by number, login
//!   or record in one look each, however many there are.
//! * What may be read is worked out at each act, so that a trust ends at its hour.

use std::ops::ControlFlow;
use std::sync::Arc;

use access::{Account, Act, Ages, Caller, Purpose, Readable};
use fhir::{Document, PartialDateTime, RecordId, ResourceType, Value};
use store::{Method, Tick};

use super::contact::Contact;
use crate::door::Chart;
use crate::error::Result;
use crate::terminology::house;

/// Numbers from here up to twice this are those of persons.
const PERSONS: u64 = 1 << 62;

/// Which record an account is bound to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Binding {
    pub record: RecordId,
    /// The id of its Patient.
    pub patient: String,
    /// Where codes may be sent, once its holder has shown that they arrive.
    pub contact: Option<Contact>,
}

impl Binding {
    pub fn read(text: &str) -> Option<Binding> {
        let (record, patient) = text.split_once(' ')?;
        let record = RecordId(u64::from_str_radix(record, 16).ok()?);
        fhir::is_id(patient).then(|| Binding { record, patient: patient.to_owned(), contact: None })
    }

    pub fn written(&self) -> String {
        let contact = self.contact.as_ref().map_or_else(String::new, |contact| format!("\tcontact={}", contact.written()));
        format!("\tperson={:016x} {}{contact}", self.record.0, self.patient)
    }
}

/// The account of a person, as a health station sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PersonAccount {
    /// The account.
    pub account: Account,
    /// Nobody may use it.
    pub blocked: bool,
    /// Its holder has added a second factor.
    pub has_second_factor: bool,
    /// Codes can be sent to its holder.
    pub has_contact: bool,
}

/// What is known of a person where it is decided who may act for them.
pub(super) struct Known {
    pub patient: String,
    pub born: Option<PartialDateTime>,
    pub ages: Ages,
}

pub(super) fn is_person_number(number: u64) -> bool {
    number >> 62 == 1
}

pub(super) fn login_name(login: &str) -> String {
    format!("person-login-{}", login.to_ascii_lowercase())
}

pub(super) fn record_name(record: RecordId) -> String {
    format!("person-of-{:016x}", record.0)
}

impl Chart {
    pub(super) fn new_person_number(&self) -> u64 {
        PERSONS | (u64::from_le_bytes(self.store().random()) & (PERSONS - 1))
    }

    /// The number of the person's account with that login.
    pub(super) fn number_of_login(&self, login: &str) -> Result<Option<u64>> {
        self.number_in(&login_name(login))
    }

    /// The number of the account of the person of a record.
    pub(super) fn number_of_record(&self, record: RecordId) -> Result<Option<u64>> {
        self.number_in(&record_name(record))
    }

    /// The number of the account of a person, whichever of the records that are one person it is bound to.
    pub(super) fn number_of_person(&self, record: RecordId) -> Result<Option<u64>> {
        for record in self.records_of_person(record)? {
            if let Some(number) = self.number_of_record(record)? {
                return Ok(Some(number));
            }
        }
        Ok(None)
    }

    fn number_in(&self, name: &str) -> Result<Option<u64>> {
        let Some(note) = self.store().note(name)?.filter(|note| !note.is_empty()) else { return Ok(None) };
        let number = std::str::from_utf8(&note).ok().and_then(|text| text.parse().ok()).filter(|number| is_person_number(*number));
        Ok(Some(number.ok_or(store::Error::Damaged("the number of a person's account could not be read"))?))
    }

    /// The account of a person, for whoever may read the record.
    pub fn person_account(&self, caller: &Caller, patient_id: &str) -> Result<Option<PersonAccount>> {
        let (at, _) = self.find_seen_person(caller, patient_id)?;
        let Some(number) = self.number_of_person(at.record)? else { return Ok(None) };
        let kept = self.kept_of_number(number)?.ok_or(store::Error::Damaged("the account of a person is gone"))?;
        let has_contact = kept.person.as_ref().is_some_and(|person| person.contact.is_some());
        Ok(Some(PersonAccount { has_second_factor: self.has_second_factor(number)?, account: kept.account, blocked: kept.blocked, has_contact }))
    }

    /// The id of the Patient an account is bound to; none for an account of staff.
    pub fn own_patient(&self, account: &Account) -> Result<Option<String>> {
        Ok(self.kept_of_number(account.number)?.and_then(|kept| kept.person).map(|person| person.patient))
    }

    /// The records somebody with the account of a person may read now, their own first.
    pub fn readable_now(&self, account: &Account) -> Result<Vec<Readable>> {
        let Some(own) = self.kept_of_number(account.number)?.and_then(|kept| kept.person) else { return Ok(Vec::new()) };
        let mut all = vec![Readable { record: own.record, author: format!("Patient/{}", own.patient), patient: own.patient, purpose: Purpose::Own }];
        for (record, patient, id) in self.entrusted_to(account.number)? {
            if all.iter().all(|other| other.record != record) {
                all.push(Readable { record, patient, purpose: Purpose::Entrusted, author: format!("RelatedPerson/{id}") });
            }
        }
        // Whoever reads one of a person's records reads all that were joined with it.
        for number in 0..all.len() {
            for member in self.joined(all[number].record)?.iter() {
                if all.iter().all(|other| other.record != member.record) {
                    all.push(Readable { record: member.record, patient: member.patient.clone(), purpose: all[number].purpose, author: all[number].author.clone() });
                }
            }
        }
        Ok(all)
    }

    /// The same for a decision.
    pub(crate) fn readable(&self, account: &Account) -> Result<Arc<[Readable]>> {
        Ok(self.readable_now(account)?.into())
    }

    /// What the record itself says of its person; the house asks, and nobody is shown anything.
    pub(super) fn known_person(&self, record: RecordId) -> Result<Option<Known>> {
        let permitted = self.permit(&house(), Act::Read, record)?;
        let mut known = None;
        self.store().scan_types(&permitted, &[ResourceType::PATIENT], Tick::END, None, &mut |entry| {
            if entry.method != Method::Delete
                && let Ok(document) = Document::read(entry.text)
            {
                let born = document.root().string("birthDate").and_then(|text| PartialDateTime::parse(&text));
                known = Some(Known { patient: entry.id.to_owned(), born, ages: self.ages_of(document.root()) });
            }
            ControlFlow::Break(())
        })?;
        Ok(known)
    }

    /// The ages of the country whose identifiers somebody has, else of the site's country. Where
    /// neither is known, the earliest of all: then a parent's reading ends rather too soon.
    fn ages_of(&self, patient: Value<'_>) -> Ages {
        let systems = patient.get("identifier").into_iter().flat_map(|all| all.each()).filter_map(|one| one.string("system").map(|text| text.into_owned()));
        let by_identifier = systems.into_iter().find_map(|system| country::all().iter().find(|country| country.identifiers.iter().any(|one| one.uri == system)));
        let country = by_identifier.or_else(|| country::by_code(&self.settings().country));
        let ages = |country: &country::Country| Ages { majority: country.ages.majority, own_confidence: country.ages.own_confidence };
        let earliest = |one: Ages, other: Ages| Ages { majority: one.majority.min(other.majority), own_confidence: one.own_confidence.min(other.own_confidence) };
        country.map(ages).or_else(|| country::all().iter().map(ages).reduce(earliest)).unwrap_or(Ages { majority: 0, own_confidence: 0 })
    }
}
