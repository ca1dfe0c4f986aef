//! The rules: which opening should be asked about, and why.

use fhir::Moment;
use mpi::ties;
use store::OpeningLine;

use super::facts::{Known, Person};
use crate::door::Chart;
use crate::error::Result;

/// Why an opening should be asked about.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Sign {
    /// The record is, as far as anybody can tell, the account holder's own.
    Own,
    /// The person lives where the account holder does.
    SameAddress,
    /// The person has a telephone or e-mail address of the account holder.
    SameContact,
    /// The person's record names the account holder as a relative or contact.
    Related,
    /// The person has the account holder's whole name, and nothing says that they have to do with them.
    Namesake,
    /// The person works at the same institution, and is not in its care.
    Colleague,
    /// The record says that its person is well known, and they are not in the care of the institution.
    WellKnown,
    /// It was night, and the person is not in the care of the institution.
    Night,
}

impl Sign {
    /// All of them, with the word that names each on disk.
    pub const ALL: [(Sign, &'static str); 8] = [
        (Sign::Own, "own"),
        (Sign::SameAddress, "address"),
        (Sign::SameContact, "contact"),
        (Sign::Related, "related"),
        (Sign::Namesake, "namesake"),
        (Sign::Colleague, "colleague"),
        (Sign::WellKnown, "well-known"),
        (Sign::Night, "night"),
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        Sign::ALL.iter().find(|(sign, _)| *sign == self).map_or("", |(_, word)| word)
    }

    /// The sign of that word.
    pub fn named(word: &str) -> Option<Sign> {
        Sign::ALL.iter().find(|(_, name)| *name == word).map(|(sign, _)| *sign)
    }

    /// True where when it was matters, and not whose record: told once, however many there were.
    pub fn is_of_the_hour(self) -> bool {
        self == Sign::Night
    }
}

impl Chart {
    /// What an opening shows. Of several ties the strongest is told; the night by itself.
    pub(super) fn signs(&self, known: &Known, person: &Person, line: &OpeningLine) -> Result<Vec<Sign>> {
        let at = line.at.moment();
        let mut found = Vec::new();
        let shared = known.persons.iter().map(|own| ties(own, &person.known)).fold(None, |best: Option<mpi::Ties>, ties| {
            Some(best.map_or(ties, |best| mpi::Ties {
                whole_name: best.whole_name || ties.whole_name,
                surname: best.surname || ties.surname,
                street: best.street || ties.street,
                contact: best.contact || ties.contact,
                identifier: best.identifier || ties.identifier,
                birth: best.birth.into_iter().chain(ties.birth).reduce(|one, other| one || other),
            }))
        });
        let shared = shared.unwrap_or_default();
        let is_named = person.relatives.iter().any(|relative| known.persons.iter().any(|own| ties(own, relative).whole_name || ties(own, relative).contact));
        let is_cared_for = person.care.relation(&known.stands_for, at).is_some();
        if shared.is_same_person() {
            found.push(Sign::Own);
        } else if is_named {
            found.push(Sign::Related);
        } else if shared.street {
            found.push(Sign::SameAddress);
        } else if shared.contact {
            found.push(Sign::SameContact);
        } else if !is_cared_for {
            if shared.whole_name {
                found.push(Sign::Namesake);
            }
            if self.is_colleague(known, person)? {
                found.push(Sign::Colleague);
            }
        }
        if !is_cared_for && person.is_well_known {
            found.push(Sign::WellKnown);
        }
        // Where nobody wrote down which organisation the institution is, nobody can be in its care.
        if !is_cared_for && !known.stands_for.is_empty() && self.is_night(at) && line.purpose != "ETREAT" {
            found.push(Sign::Night);
        }
        Ok(found)
    }

    /// True between the hours of the site that are night.
    fn is_night(&self, at: Moment) -> bool {
        let (from, until) = self.settings().night;
        let minutes = at.0.div_euclid(60_000) + i64::from(self.settings().zone_offset_minutes);
        let hour = minutes.rem_euclid(24 * 60) / 60;
        let (from, until) = (i64::from(from), i64::from(until));
        if from <= until { (from..until).contains(&hour) } else { hour >= from || hour < until }
    }
}
