//! Whether somebody is pregnant now, since when, and why no longer.
//!
//! * Conditions tell of a pregnancy and of its end; a birth ends what began before it.
//! * A pregnancy that nobody ended is over after 45 weeks.

use fhir::Value;

use super::{Reader, codes};
use crate::day::Day;
use crate::immunisation::{Pregnancy, PregnancyOver};

/// A pregnancy is told by these codes of ICD-10, and by those of its chapter that are not among the next ones.
const PREGNANT: [&str; 3] = ["Z33", "Z34", "Z35"];
/// It ended: without a child, by a birth, or it is spoken of what came out of it. Z39 and O85 to O92 are of the time after.
const ENDS: [&str; 16] = ["O00", "O01", "O02", "O03", "O04", "O05", "O06", "O07", "O08", "O80", "O81", "O82", "O83", "O84", "Z37", "Z39"];
const AFTERWARDS: [&str; 9] = ["O85", "O86", "O87", "O88", "O89", "O90", "O91", "O92", "O94"];
/// No pregnancy lasts longer, in days: 45 weeks.
const PREGNANCY_DAYS: i32 = 45 * 7;

impl Reader<'_> {
    pub(super) fn condition(&mut self, resource: Value<'_>) {
        let is = |member: &'static str, wanted: &[&str]| codes(resource, member).any(|(_, code)| wanted.contains(&code.as_str()));
        if is("verificationStatus", &["refuted", "entered-in-error"]) {
            return;
        }
        let is_over = is("clinicalStatus", &["inactive", "remission", "resolved"]) || resource.members().any(|(name, _)| name.starts_with("abatement"));
        let onset = resource.string("onsetDateTime").or_else(|| resource.path(&["onsetPeriod", "start"]).and_then(|start| start.as_str()));
        let recorded = || resource.string("recordedDate").and_then(|text| self.day(&text));
        let since = onset.as_deref().and_then(|text| self.day(text)).or_else(recorded).map(|(day, _)| day);
        // A birth ends what began before it. When it was written down tells nothing of that, and of a month or a year the
        // first day counts: a pregnancy that has begun since goes on.
        let ended = onset.as_deref().and_then(|text| self.first_day(text));
        let mine = codes(resource, "code").filter(|(system, _)| system.contains("icd-10") || system.contains("2.16.840.1.113883.6.3")).map(|(_, code)| code.to_uppercase());
        for code in mine {
            let begins = |beginnings: &[&str]| beginnings.iter().any(|beginning| code.starts_with(beginning));
            if begins(&ENDS) {
                // A birth has been, whatever became of its Condition.
                self.births.extend(ended);
            }
            if is_over || begins(&AFTERWARDS) || begins(&ENDS) {
                continue;
            }
            if begins(&PREGNANT) || code.starts_with('O') {
                self.expecting.push((code, since));
            } else {
                self.facts.conditions.push(code);
            }
        }
    }

    /// Once everything is read: which pregnancy is now, and which is only told of still.
    pub(super) fn weigh_pregnancies(&mut self) {
        let today = self.today;
        let births = std::mem::take(&mut self.births);
        let ended = |since: Day| births.iter().copied().filter(|birth| *birth >= since && *birth <= today).min();
        // A period that began more than ten months ago tells of a pregnancy that is over.
        let began = self.began.filter(|began| (0..310).contains(&(today.0 - began.0)) && ended(*began).is_none());
        let mut is_pregnant = began.is_some();
        for (code, since) in std::mem::take(&mut self.expecting) {
            let over = since.and_then(|since| match ended(since) {
                Some(on) => Some(PregnancyOver::Birth { on }),
                None => (today.0 - since.0 > PREGNANCY_DAYS).then_some(PregnancyOver::Weeks { since }),
            });
            match over {
                Some(over) if self.facts.pregnancy_over.is_none_or(|known| known.day() < over.day()) => self.facts.pregnancy_over = Some(over),
                Some(_) => {}
                None => {
                    is_pregnant |= PREGNANT.iter().any(|beginning| code.starts_with(beginning));
                    self.facts.conditions.push(code);
                }
            }
        }
        self.facts.pregnancy = is_pregnant.then_some(Pregnancy { began });
        self.facts.last_birth = births.iter().copied().filter(|birth| *birth <= today).max();
    }
}
