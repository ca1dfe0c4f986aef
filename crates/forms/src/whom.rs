//! For whom a form is, and where it stands in a list: what its `useContext` says.
//!
//! * It narrows what is offered and forbids nothing: whoever wants a form that does not fit finds it
//!   by its name.
//! * What is not known of a person excludes nothing.
//!
//! <https://hl7.org/fhir/R4/metadatatypes.html#UsageContext>

use crate::address::FORM_KINDS;
use crate::json::Json;

/// What a form is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FormKind {
    /// Somebody comes and goes home again.
    Visit,
    /// A stay: its notes, an operation, the discharge.
    Hospital,
    /// One illness or state followed for long.
    Programme,
    /// Children, vaccinations, what is done before there is an illness.
    Prevention,
    /// A paper that somebody takes with them.
    Paper,
    /// Consent, or its refusal.
    Consent,
}

impl FormKind {
    /// In the order of a list.
    pub const ALL: [FormKind; 6] = [FormKind::Visit, FormKind::Hospital, FormKind::Programme, FormKind::Prevention, FormKind::Paper, FormKind::Consent];

    /// As a form says it.
    pub fn code(self) -> &'static str {
        match self {
            FormKind::Visit => "visit",
            FormKind::Hospital => "hospital",
            FormKind::Programme => "programme",
            FormKind::Prevention => "prevention",
            FormKind::Paper => "paper",
            FormKind::Consent => "consent",
        }
    }

    /// The kind of this code.
    pub fn of_code(code: &str) -> Option<FormKind> {
        FormKind::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// For whom a form is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Whom {
    /// What it is used for; none where it does not say, or in words of its own.
    pub kind: Option<FormKind>,
    /// `female` or `male`; none for everybody.
    pub sex: Option<String>,
    /// The youngest, in whole months.
    pub from_months: Option<i64>,
    /// The oldest, in whole months.
    pub to_months: Option<i64>,
}

impl Whom {
    /// What a Questionnaire says.
    pub(crate) fn of(questionnaire: &Json) -> Whom {
        let mut whom = Whom::default();
        for context in questionnaire.each("useContext") {
            let codes = || context.get("valueCodeableConcept").into_iter().flat_map(|concept| concept.each("coding"));
            match context.get("code").and_then(|code| code.string("code")) {
                Some("workflow") => whom.kind = whom.kind.or(codes().filter(|coding| coding.string("system") == Some(FORM_KINDS)).find_map(|coding| FormKind::of_code(coding.string("code")?))),
                Some("gender") => whom.sex = codes().find_map(|coding| coding.string("code")).filter(|code| matches!(*code, "female" | "male")).map(str::to_owned),
                Some("age") => {
                    let range = context.get("valueRange");
                    whom.from_months = range.and_then(|range| months(range.get("low")?)).map(|(months, _)| months);
                    whom.to_months = range.and_then(|range| months(range.get("high")?)).map(|(months, length)| months + length - 1);
                }
                _ => {}
            }
        }
        whom
    }

    /// Whether it is meant for somebody of this sex, as Patient.gender tells it, and age.
    pub fn fits(&self, gender: Option<&str>, age_months: Option<i64>) -> bool {
        let sex = match (self.sex.as_deref(), gender) {
            (Some(wanted), Some(gender @ ("female" | "male"))) => wanted == gender,
            _ => true,
        };
        sex && age_months.is_none_or(|age| self.from_months.is_none_or(|from| age >= from) && self.to_months.is_none_or(|to| age <= to))
    }
}

/// An age in whole months, and how many of them it lasts: who is 17 years old is so for twelve.
fn months(quantity: &Json) -> Option<(i64, i64)> {
    let Some(Json::Number(value)) = quantity.get("value") else { return None };
    let value: f64 = value.parse().ok()?;
    let (months, length) = match quantity.string("code")? {
        "a" => (value * 12.0, 12),
        "mo" => (value, 1),
        "wk" => (value * 7.0 / 30.4375, 1),
        "d" => (value / 30.4375, 1),
        _ => return None,
    };
    // Nobody is older than some hundreds of years, whatever a form says.
    Some((months.clamp(0.0, 10_000.0) as i64, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_for_whom_it_says_and_what_is_not_known_excludes_nobody() {
        let whom = |contexts: &str| Whom::of(&Json::read(&format!(r#"{{"useContext":[{contexts}]}}"#)).unwrap());
        let ages = |range: &str| whom(&format!(r#"{{"code":{{"code":"age"}},"valueRange":{range}}}"#));
        let sex = |code: &str| whom(&format!(r#"{{"code":{{"code":"gender"}},"valueCodeableConcept":{{"coding":[{{"code":"{code}"}}]}}}}"#));
        let check = |whom: &Whom, gender: Option<&str>, age: Option<i64>, expected: bool| assert_eq!(whom.fits(gender, age), expected, "{whom:?} {gender:?} {age:?}");
        let child = ages(r#"{"low":{"value":0,"code":"a"},"high":{"value":17,"code":"a"}}"#);
        for (age, expected) in [(Some(0), true), (Some(12 * 18 - 1), true), (Some(12 * 18), false), (None, true)] {
            check(&child, None, age, expected);
        }
        let infant = ages(r#"{"high":{"value":28,"code":"d"}}"#);
        check(&infant, None, Some(0), true);
        check(&infant, None, Some(1), false);
        let old = ages(r#"{"low":{"value":60,"code":"a"}}"#);
        check(&old, None, Some(719), false);
        check(&old, None, Some(720), true);
        check(&ages(r#"{"low":{"value":"x","code":"a"}}"#), None, Some(1), true);
        for (gender, expected) in [(Some("female"), true), (Some("male"), false), (Some("other"), true), (Some("unknown"), true), (None, true)] {
            check(&sex("female"), gender, None, expected);
        }
        check(&sex("other"), Some("male"), None, true);
        assert_eq!(whom(r#"{"code":{"code":"workflow"},"valueCodeableConcept":{"coding":[{"system":"https://carnet.health/fhir/CodeSystem/form-kind","code":"paper"}]}}"#).kind, Some(FormKind::Paper));
        assert_eq!(whom(r#"{"code":{"code":"workflow"},"valueCodeableConcept":{"coding":[{"system":"https://example.org","code":"paper"}]}}"#).kind, None);
    }
}
