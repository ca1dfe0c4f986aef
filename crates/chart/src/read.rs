//! Reading one resource, as it is or as it was.

use access::{Act, Caller, Deed, Disclosure, Permitted};
use fhir::{ResourceType, is_id};
use store::{Location, Method};

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::stored::Stored;

impl Chart {
    /// The newest version of a resource.
    pub async fn read(&self, caller: &Caller, kind: ResourceType, id: &str) -> Result<Stored> {
        self.check_scope(caller, Deed::Read, kind)?;
        let (at, permitted) = self.find(caller, Act::Read, kind, id)?;
        let stored = self.newest(&permitted, kind, at)?.ok_or(Error::NotFound)?;
        self.disclose(Disclosure::Read, [permitted]).await?;
        present(stored)
    }

    /// One version of a resource.
    pub async fn vread(&self, caller: &Caller, kind: ResourceType, id: &str, version: &str) -> Result<Stored> {
        self.check_scope(caller, Deed::Read, kind)?;
        let (at, permitted) = self.find(caller, Act::Read, kind, id)?;
        // A version has one name: 01 is none of ours.
        let version = version.parse().ok().filter(|number: &u32| number.to_string() == version).ok_or(Error::NotFound)?;
        let mut found = None;
        self.store().version(&permitted, kind, at, version, &mut |entry| found = Some(Stored::from(entry)))?;
        let stored = found.ok_or(Error::NotFound)?;
        self.disclose(Disclosure::Read, [permitted]).await?;
        present(stored)
    }

    /// Where a resource lies and the right to an act on its record.
    pub(crate) fn find(&self, caller: &Caller, act: Act, kind: ResourceType, id: &str) -> Result<(Location, Permitted)> {
        if !is_id(id) {
            return Err(Error::NotFound);
        }
        self.check_scope(caller, act, kind)?;
        let at = self.store().locate(kind, id)?.ok_or(Error::NotFound)?;
        Ok((at, self.permit(caller, act, at.record)?))
    }

    /// Where a Patient lies and the right to read its record, for what is told beside it: who has looked, who acts for
    /// the person, that they have an account. From whom the Patient itself is hidden, nothing of this is told either.
    pub(crate) fn find_seen_person(&self, caller: &Caller, patient_id: &str) -> Result<(Location, Permitted)> {
        let (at, permitted) = self.find(caller, Act::Read, ResourceType::PATIENT, patient_id)?;
        match self.newest(&permitted, ResourceType::PATIENT, at)? {
            Some(_) => Ok((at, permitted)),
            None => Err(Error::NotFound),
        }
    }

    /// The rights to read all records of a person, each with the id of its Patient, the one asked for first; without
    /// those whose Patient is hidden from the caller.
    pub(crate) fn find_seen_records(&self, caller: &Caller, patient_id: &str) -> Result<Vec<(String, Permitted)>> {
        let (at, permitted) = self.find_seen_person(caller, patient_id)?;
        let mut all = vec![(patient_id.to_owned(), permitted)];
        for member in self.joined(at.record)?.iter().filter(|member| member.record != at.record) {
            match self.find_seen_person(caller, &member.patient) {
                Ok((_, right)) => all.push((member.patient.clone(), right)),
                Err(Error::NotFound) => {}
                Err(cause) => return Err(cause),
            }
        }
        Ok(all)
    }

    pub(crate) fn newest(&self, permitted: &Permitted, kind: ResourceType, at: Location) -> Result<Option<Stored>> {
        let mut found = None;
        self.store().newest(permitted, kind, at, &mut |entry| found = Some(Stored::from(entry)))?;
        Ok(found)
    }
}

fn present(stored: Stored) -> Result<Stored> {
    match stored.method {
        Method::Delete => Err(Error::Gone { version: stored.version }),
        _ => Ok(stored),
    }
}
