//! What a birth certificate must be true to before it is signed: a moment that has been, a mother who can be one, a weight
//! that fits the weeks, a child who has no certificate yet, and a pregnancy between two births.
//!
//! * Ages, weights and the days between births are the country's (`country::Births`), generous and proposed. What is not
//!   known refuses nothing.
//! * The same child is the same mother, day and place in the order of birth. What is compared is every certificate in
//!   force of this mother, also in records that were merged with this one, and one that the signer may not see.
//! * Who was born alone has no twin: neither on the same day nor in the days around it.

use ::forms::{Certificate, Datum, Fault, Filling, Json};
use access::Act;
use country::Births;
use fhir::date::{DAY_MS, Precision, days_from_civil};
use fhir::{Document, Moment, PartialDateTime, RecordId, ResourceType};
use store::Method;

use crate::accounts::Day;
use crate::born::{country_of, is_answered_so, number};
use crate::certificates::day;
use crate::door::Chart;
use crate::error::Result;
use crate::forms::Filled;
use crate::stored::Stored;
use crate::terminology::house;

/// A birth that a certificate tells of.
#[derive(Clone, PartialEq, Eq)]
struct Birth {
    day: Day,
    /// The instant as it was written.
    at: String,
    /// More than one was born.
    is_several: bool,
    /// The form asks for the order of birth.
    asks_order: bool,
    order: Option<u32>,
    /// Whole weeks of the pregnancy.
    weeks: Option<u32>,
}

/// Why two certificates of one mother are not both true; what is plainest comes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Clash {
    /// They tell of one child.
    SameChild,
    /// The other one says that its child was born alone.
    SaidAlone,
    /// There is no time for a pregnancy between them.
    TooNear,
}

impl Birth {
    fn told(certificate: &Certificate, filling: &Filling) -> Option<Birth> {
        let answer = filling.first(certificate.rule("born")?)?;
        let Some(Datum::Date(at) | Datum::DateTime(at)) = &answer.value else { return None };
        let is_several = is_answered_so(certificate, "several", filling);
        Some(Birth { day: day(answer)?, at: at.clone(), is_several, asks_order: certificate.rule("order").is_some(), order: if is_several { number(certificate, "order", filling) } else { None }, weeks: number(certificate, "weeks", filling) })
    }

    /// It is said that no other child was born with this one. A form that does not ask for the order leaves it open.
    fn is_alone(&self) -> bool {
        self.asks_order && !self.is_several
    }

    /// The day, counted from 1970.
    fn day_number(&self) -> i64 {
        days_from_civil(self.day.0, self.day.1, self.day.2)
    }

    /// The day that the weeks of the pregnancy are counted from.
    fn counted_from(&self) -> Option<i64> {
        Some(self.day_number() - 7 * i64::from(self.weeks?))
    }

    /// Why this certificate cannot be signed beside another one of the mother.
    fn against(&self, other: &Birth, births: Option<&Births>) -> Option<Clash> {
        let is_said_alone = self.is_several && other.is_alone();
        if self.day == other.day {
            return if is_said_alone { Some(Clash::SaidAlone) } else { self.is_of_same_child(other).then_some(Clash::SameChild) };
        }
        let births = births?;
        let apart = (self.day_number() - other.day_number()).abs();
        let is_other_of_several = !self.is_alone() && !other.is_alone();
        let has_same_order = self.order.is_some() && self.order == other.order;
        if apart <= i64::from(births.together_days) {
            return match (is_said_alone, is_other_of_several) {
                (true, _) => Some(Clash::SaidAlone),
                (false, false) => Some(Clash::TooNear),
                (false, true) => has_same_order.then_some(Clash::SameChild),
            };
        }
        // Children of one pregnancy may be born weeks apart; their weeks then tell of the same beginning.
        let slack = 7 * i64::from(births.slack_weeks);
        let begin_together = self.counted_from().zip(other.counted_from()).is_none_or(|(own, others)| (own - others).abs() <= slack);
        if is_other_of_several && !has_same_order && begin_together {
            return None;
        }
        let later = if self.day > other.day { self } else { other };
        let pregnancy = 7 * i64::from(later.weeks.unwrap_or(births.shortest_weeks));
        (apart < pregnancy - slack).then_some(Clash::TooNear)
    }

    /// True where two certificates of one mother tell of one child.
    fn is_of_same_child(&self, other: &Birth) -> bool {
        let is_same_place = match (self.asks_order, other.asks_order) {
            (true, true) => !self.is_several || !other.is_several || self.order == other.order,
            // Of a form that does not ask for the order, one of several is told from another by the hour.
            _ => self.at == other.at,
        };
        self.day == other.day && is_same_place
    }
}

impl Chart {
    /// What the rules of a birth certificate refuse; nothing for any other certificate.
    pub(crate) fn birth_faults(&self, draft: &Filled, certificate: &Certificate, filling: &Filling, record: RecordId) -> Result<Vec<Fault>> {
        if certificate.kind != "birth" {
            return Ok(Vec::new());
        }
        let Some(birth) = Birth::told(certificate, filling) else { return Ok(vec![Fault::NotWholeDay]) };
        let mut faults = Vec::new();
        if is_to_come(&birth, self.now(), self.settings().zone_offset_minutes) {
            faults.push(Fault::BornToCome);
        }
        let mother = self.patient_named_by(draft)?;
        let country = country_of(&draft.form, &mother);
        if let Ok(document) = Document::read(&mother) {
            let mother = document.root();
            if mother.string("gender").as_deref() == Some("male") {
                faults.push(Fault::MotherIsMan);
            }
            let of = |member: &str| mother.string(member).and_then(|text| days(&text));
            let born = birth.day_number();
            if of("deceasedDateTime").is_some_and(|(_, last)| last < born) {
                faults.push(Fault::MotherDied);
            }
            // A birth date without its day may mean any day of its month or year.
            let ages = mother.string("birthDate").and_then(|text| ages(&text, birth.day));
            let (from, until) = country.map_or((0, i32::MAX), |country| (country.births.mother_from_years, country.births.mother_until_years));
            if ages.is_some_and(|(youngest, oldest)| oldest < from || youngest > until) {
                faults.push(Fault::MotherAge(if country.is_some() { format!("{from}–{until}") } else { format!("≥ {from}") }));
            }
        }
        let grams = match certificate.rule("weight").and_then(|question| filling.first(question)).and_then(|answer| answer.value.as_ref()) {
            Some(Datum::Quantity(weight)) if weight.code.as_deref() == Some("g") => weight.value.as_ref().and_then(|text| text.parse::<f64>().ok()),
            _ => None,
        };
        let line = country.zip(number(certificate, "weeks", filling)).and_then(|(country, weeks)| country.births.weighs(weeks));
        if let (Some(grams), Some(line)) = (grams, line) && !(f64::from(line.least_g)..=f64::from(line.most_g)).contains(&grams) {
            faults.push(Fault::WeightForWeeks(format!("{}–{} g", line.least_g, line.most_g)));
        }
        let births = country.map(|country| &country.births);
        let mut plainest: Option<(Clash, String)> = None;
        self.certificates_in_force(record, draft, "birth", &mut |id, certificate, filling| {
            let clash = Birth::told(certificate, filling).and_then(|other| birth.against(&other, births));
            if let Some(clash) = clash.filter(|clash| plainest.as_ref().is_none_or(|(known, _)| clash < known)) {
                plainest = Some((clash, format!("QuestionnaireResponse/{id}")));
            }
        })?;
        faults.extend(plainest.map(|(clash, address)| match clash {
            Clash::SameChild => Fault::BornAlready(address),
            Clash::SaidAlone => Fault::BornBesideSingle(address),
            Clash::TooNear => Fault::BornTooNear(address),
        }));
        Ok(faults)
    }

    /// The births that certificates among these resources tell of, each as an Observation of the day of delivery (LOINC
    /// 93857-1), as a mother's record would tell it: for whoever reads whether a pregnancy is over. What a reader may not
    /// see is not among what they bring.
    ///
    /// # Errors
    /// A form could not be read.
    pub fn deliveries_told<'r>(&self, resources: impl Iterator<Item = &'r Stored>) -> Result<Vec<String>> {
        let mut told = Vec::new();
        for stored in resources.filter(|stored| stored.kind.name() == "QuestionnaireResponse") {
            let Ok(json) = Json::read(&stored.text) else { continue };
            if !matches!(json.string("status"), Some("completed" | "amended")) {
                continue;
            }
            let Some(form) = self.form_answered(&json, stored)? else { continue };
            let Some(certificate) = form.certificate.as_ref().filter(|one| one.kind == "birth") else { continue };
            if let Some(Birth { day: (year, month, day), .. }) = Birth::told(certificate, &Filling::read(&json)) {
                let coding = r#"{"system":"http://loinc.org","code":"93857-1"}"#;
                told.push(format!(r#"{{"resourceType":"Observation","status":"final","code":{{"coding":[{coding}]}},"valueDateTime":"{year:04}-{month:02}-{day:02}"}}"#));
            }
        }
        Ok(told)
    }

    /// The Patient of a certificate, whoever asks; of a birth the mother. Empty where there is none.
    pub(crate) fn patient_named_by(&self, draft: &Filled) -> Result<String> {
        Ok(self.patient_now(&draft.patient)?.map(|stored| stored.text).unwrap_or_default())
    }

    /// A Patient as it is now, for the house; none where it is not here.
    pub(crate) fn patient_now(&self, id: &str) -> Result<Option<Stored>> {
        let Some(at) = self.store().locate(ResourceType::PATIENT, id)? else { return Ok(None) };
        let Some(permitted) = self.right(&self.permitted_set(&house(), Act::Read)?, at.record)? else { return Ok(None) };
        Ok(self.newest(&permitted, ResourceType::PATIENT, at)?.filter(|stored| stored.method != Method::Delete))
    }
}

/// True of a birth behind this minute, or behind this day where no time is told.
fn is_to_come(birth: &Birth, now: Moment, zone_offset_minutes: i16) -> bool {
    match PartialDateTime::parse(&birth.at).filter(|at| at.precision >= Precision::Minute) {
        Some(at) => at.range(zone_offset_minutes).0 > now,
        None => birth.day > now.civil(zone_offset_minutes),
    }
}

/// The first and the last day that a date may mean, as days since 1970.
pub(crate) fn days(text: &str) -> Option<(i64, i64)> {
    let date = PartialDateTime::parse(text)?;
    if date.precision >= Precision::Day {
        let day = days_from_civil(date.year, date.month, date.day);
        return Some((day, day));
    }
    let (first, end) = date.range(0);
    Some((first.0.div_euclid(DAY_MS), end.0.div_euclid(DAY_MS) - 1))
}

/// How old somebody born then was on a day, in whole years, at least and at most; below zero before their birth.
pub(crate) fn ages(born: &str, on: (i32, u8, u8)) -> Option<(i32, i32)> {
    let date = PartialDateTime::parse(born)?;
    let age = |month: u8, day: u8| on.0 - date.year - i32::from((on.1, on.2) < (month, day));
    let (month, last_month) = if date.precision < Precision::Month { (1, 12) } else { (date.month, date.month) };
    let (day, last_day) = if date.precision < Precision::Day { (1, 31) } else { (date.day, date.day) };
    Some((age(last_month, last_day), age(month, day)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_as_uncertain_as_the_birth_date() {
        for (born, on, expect) in [
            ("1990-05-01", (2026, 3, 2), (35, 35)),
            ("1990-03-02", (2026, 3, 2), (36, 36)),
            ("1990-03", (2026, 3, 2), (35, 36)),
            ("1990", (2026, 3, 2), (35, 36)),
            ("2027-01-01", (2026, 12, 31), (-1, -1)),
        ] {
            assert_eq!(ages(born, on), Some(expect), "{born}");
        }
    }

    #[test]
    fn one_child_is_told_from_another_by_day_and_order() {
        let birth = |day: u8, order: Option<u32>| Birth { day: (2026, 3, day), at: format!("2026-03-{day:02}T09:15:00Z"), is_several: order.is_some(), asks_order: true, order, weeks: None };
        for (one, other, expect) in [
            (birth(2, None), birth(2, None), true),
            (birth(2, None), birth(1, None), false),
            (birth(2, Some(1)), birth(2, Some(2)), false),
            (birth(2, Some(2)), birth(2, Some(2)), true),
            (birth(2, None), birth(2, Some(2)), true),
        ] {
            assert_eq!(one.is_of_same_child(&other), expect);
        }
        let older = |hour: &str| Birth { at: hour.to_owned(), is_several: true, asks_order: false, ..birth(2, None) };
        assert!(older("09:15").is_of_same_child(&older("09:15")) && !older("09:15").is_of_same_child(&older("09:22")));
    }

    #[test]
    fn a_birth_is_to_come_by_the_minute_where_its_time_is_told() {
        let now = Moment::parse("2026-03-02T08:00:00Z").unwrap();
        let birth = |at: &str| Birth { day: (2026, 3, 2), at: at.to_owned(), is_several: false, asks_order: true, order: None, weeks: None };
        for (at, expect) in [("2026-03-02T08:00", false), ("2026-03-02T08:01", true), ("2026-03-02T09:30:00+02:00", false), ("2026-03-02T23:59:00Z", true), ("2026-03-02", false)] {
            assert_eq!(is_to_come(&birth(at), now, 0), expect, "{at}");
        }
    }

    #[test]
    fn two_births_of_one_mother_leave_time_for_a_pregnancy_or_are_of_one() {
        let births = &country::by_code("mx").unwrap().births;
        let birth = |month: u8, day: u8, order: Option<u32>, weeks: Option<u32>| Birth { day: (2026, month, day), at: format!("2026-{month:02}-{day:02}T09:15:00Z"), is_several: order.is_some(), asks_order: true, order, weeks };
        for (one, other, expect) in [
            // Another pregnancy.
            (birth(11, 29, None, Some(39)), birth(6, 10, None, Some(39)), Some(Clash::TooNear)),
            (birth(6, 10, None, Some(39)), birth(11, 29, None, Some(39)), Some(Clash::TooNear)),
            (birth(11, 29, None, Some(26)), birth(6, 10, None, Some(39)), None),
            (birth(12, 29, None, Some(30)), birth(1, 10, None, Some(39)), None),
            (birth(3, 2, None, None), birth(3, 30, None, None), Some(Clash::TooNear)),
            // Twins on two days, and one who had none.
            (birth(3, 2, Some(2), Some(36)), birth(3, 1, Some(1), Some(36)), None),
            (birth(3, 2, Some(2), Some(36)), birth(3, 1, Some(2), Some(36)), Some(Clash::SameChild)),
            (birth(3, 2, Some(2), Some(36)), birth(3, 1, None, Some(36)), Some(Clash::SaidAlone)),
            (birth(3, 1, Some(2), Some(36)), birth(3, 1, None, Some(36)), Some(Clash::SaidAlone)),
            (birth(3, 1, None, Some(36)), birth(3, 1, Some(1), Some(36)), Some(Clash::SameChild)),
            (birth(3, 2, None, Some(36)), birth(3, 1, None, Some(36)), Some(Clash::TooNear)),
            // The second twin five weeks after the first.
            (birth(4, 5, Some(2), Some(29)), birth(3, 1, Some(1), Some(24)), None),
            (birth(4, 5, Some(2), Some(39)), birth(3, 1, Some(1), Some(24)), Some(Clash::TooNear)),
        ] {
            assert_eq!(one.against(&other, Some(births)), expect, "{:?} {:?}", one.day, other.day);
        }
    }
}
