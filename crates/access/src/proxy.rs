//! Acting for another person: until when, to the hour.
//!
//! * A parent or guardian acts for a minor. It ends when the person comes of age, and before that
//!   at the age from which the country keeps the person's confidence even from parents, unless the
//!   person agreed.
//! * A carer acts for somebody of any age who agreed, or for whom a court or a document says so.
//! * An age is reached at 00:00 of the birthday, in the institution's zone; whoever was born on
//!   29 February reaches it on 1 March in other years. Of a birth date that is known in part the
//!   earliest day counts: an adolescent's confidence weighs more than a month of a parent's reading.

use fhir::date::{DAY_MS, days_from_civil, days_in_month};
use fhir::{Moment, PartialDateTime};

/// Who acts for a person.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ProxyKind {
    /// Mother or father.
    Parent,
    /// Guardian or trustee by an act of an authority.
    Guardian,
    /// Somebody the person, a court or a power of attorney named.
    Carer,
}

impl ProxyKind {
    /// All of them, with the word that names each on disk, and its code in HL7's RoleCode.
    pub const ALL: &[(ProxyKind, &str, &str)] = &[
        (ProxyKind::Parent, "parent", "PRN"),
        (ProxyKind::Guardian, "guardian", "GUARD"),
        (ProxyKind::Carer, "carer", "POWATT"),
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        ProxyKind::ALL.iter().find(|(kind, ..)| *kind == self).map_or("", |(_, word, _)| word)
    }

    /// Its code in <http://terminology.hl7.org/CodeSystem/v3-RoleCode>.
    pub fn code(self) -> &'static str {
        ProxyKind::ALL.iter().find(|(kind, ..)| *kind == self).map_or("", |(.., code)| code)
    }

    /// The kind of a word.
    pub fn named(word: &str) -> Option<ProxyKind> {
        ProxyKind::ALL.iter().find(|(_, name, _)| *name == word).map(|(kind, ..)| *kind)
    }
}

/// The ages of a country, in whole years.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ages {
    /// From here on nobody acts for the person as parent or guardian of a minor.
    pub majority: u8,
    /// From here on a parent needs the person's own agreement.
    pub own_confidence: u8,
}

/// That somebody acts for a person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Proxy {
    /// As what.
    pub kind: ProxyKind,
    /// The person agreed to it.
    pub agreed: bool,
    /// From when on.
    pub from: Moment,
    /// Until when at most; none where nobody said so.
    pub until: Option<Moment>,
}

impl Proxy {
    /// The moment from which it holds no more; none where only somebody's word ends it. A parent of
    /// somebody whose birth date is unknown has nothing: nobody can say when it would end.
    pub fn ends(&self, born: Option<&PartialDateTime>, ages: Ages, zone_offset_minutes: i16) -> Option<Moment> {
        if self.kind == ProxyKind::Carer {
            return self.until;
        }
        let years = if self.agreed { ages.majority } else { ages.own_confidence.min(ages.majority) };
        let reached = born.map_or(self.from, |born| reaches(born, years, zone_offset_minutes));
        Some(self.until.map_or(reached, |until| until.min(reached)))
    }

    /// Whether it holds at a moment.
    pub fn holds_at(&self, now: Moment, born: Option<&PartialDateTime>, ages: Ages, zone_offset_minutes: i16) -> bool {
        self.from <= now && self.ends(born, ages, zone_offset_minutes).is_none_or(|end| now < end)
    }
}

/// When somebody reaches an age: 00:00 of the birthday in a zone.
fn reaches(born: &PartialDateTime, years: u8, zone_offset_minutes: i16) -> Moment {
    let year = born.year + i32::from(years);
    // What was not said of a date is its first month and day.
    let exists = born.day <= days_in_month(year, born.month);
    let days = if exists { days_from_civil(year, born.month, born.day) } else { days_from_civil(year, 3, 1) };
    Moment(days * DAY_MS - i64::from(zone_offset_minutes) * 60_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUSSIA: Ages = Ages { majority: 18, own_confidence: 15 };
    const MOSCOW: i16 = 180;

    /// Kind, agreed or not, born, until, now, whether it holds; in Moscow, from 2020 on.
    fn check(ages: Ages, zone: i16, table: &str) {
        for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let words: Vec<_> = line.split_whitespace().collect();
            let until = Moment::parse(words[3]);
            let proxy = Proxy { kind: ProxyKind::named(words[0]).unwrap(), agreed: words[1] == "agreed", from: Moment::parse("2020-01-01T00:00:00Z").unwrap(), until };
            let born = PartialDateTime::parse(words[2]);
            let holds = proxy.holds_at(Moment::parse(words[4]).unwrap(), born.as_ref(), ages, zone);
            assert_eq!(holds, words[5] == "holds", "{line}");
        }
    }

    #[test]
    fn a_parent_acts_until_the_hour_of_the_birthday() {
        check(RUSSIA, MOSCOW, "
            parent    alone   2011-03-02  -                     2019-12-31T23:59:59Z  not
            parent    alone   2011-03-02  -                     2020-01-01T00:00:00Z  holds
            parent    alone   2011-03-02  -                     2026-03-01T20:59:59Z  holds
            parent    alone   2011-03-02  -                     2026-03-01T21:00:00Z  not
            guardian  alone   2011-03-02  -                     2026-03-01T20:59:59Z  holds
            guardian  alone   2011-03-02  -                     2026-03-01T21:00:00Z  not
            parent    agreed  2011-03-02  -                     2026-03-01T21:00:00Z  holds
            parent    agreed  2011-03-02  -                     2029-03-01T20:59:59Z  holds
            parent    agreed  2011-03-02  -                     2029-03-01T21:00:00Z  not
            parent    alone   2011-03-02  2025-05-01T00:00:00Z  2025-04-30T23:59:59Z  holds
            parent    alone   2011-03-02  2025-05-01T00:00:00Z  2025-05-01T00:00:00Z  not
            parent    alone   2011-03-02  2040-05-01T00:00:00Z  2026-03-01T21:00:00Z  not
        ");
    }

    #[test]
    fn of_a_birth_date_known_in_part_the_earliest_day_counts() {
        check(RUSSIA, MOSCOW, "
            parent  alone  2011        -  2025-12-31T20:59:59Z  holds
            parent  alone  2011        -  2025-12-31T21:00:00Z  not
            parent  alone  2011-07     -  2026-06-30T20:59:59Z  holds
            parent  alone  2011-07     -  2026-06-30T21:00:00Z  not
            parent  alone  unknown     -  2024-01-01T00:00:00Z  not
            parent  alone  2012-02-29  -  2027-02-28T20:59:59Z  holds
            parent  alone  2012-02-29  -  2027-02-28T21:00:00Z  not
        ");
    }

    #[test]
    fn a_carer_acts_at_any_age_until_the_day_that_was_said() {
        check(RUSSIA, MOSCOW, "
            carer  agreed  1940-01-01  -                     2100-01-01T00:00:00Z  holds
            carer  agreed  1940-01-01  2026-01-01T00:00:00Z  2025-12-31T23:59:59Z  holds
            carer  agreed  1940-01-01  2026-01-01T00:00:00Z  2026-01-01T00:00:00Z  not
            carer  agreed  unknown     -                     2030-01-01T00:00:00Z  holds
        ");
    }

    #[test]
    fn the_zone_of_the_institution_decides() {
        for (zone, last) in [(-360, "2026-03-02T05:59:59Z"), (420, "2026-03-01T16:59:59Z"), (0, "2026-03-01T23:59:59Z")] {
            check(RUSSIA, zone, &format!("parent alone 2011-03-02 - {last} holds"));
            let after = Moment(Moment::parse(last).unwrap().0 + 1000);
            check(RUSSIA, zone, &format!("parent alone 2011-03-02 - {after} not"));
        }
        let no_earlier_confidence = Ages { majority: 18, own_confidence: 18 };
        check(no_earlier_confidence, 0, "parent alone 2011-03-02 - 2026-03-02T00:00:00Z holds");
    }
}
