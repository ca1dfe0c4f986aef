//! `[privacy]` of `carnet.toml`: who sees what of a record that they may open.

use std::sync::Arc;

use access::Policy;
use anyhow::{Result, bail};
use country::{ConsentRegime, Country};
use serde::{Deserialize, Serialize};

/// What an operator decides about whole records.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Privacy {
    /// What is sensitive: as the `country` pack says, or `off`.
    pub sensitivity: String,
    /// Where no consent speaks: as the `country` pack says, `opt-out` or `opt-in`.
    pub consent: String,
    /// Who treats sees the content of a record with a relation of care only: `optional` or `required`.
    pub relation: String,
    /// For so many days after its end an encounter is a relation of care.
    pub relation_days: u16,
    /// So many minutes a broken glass stays broken.
    pub glass_minutes: u32,
    /// The hours, in the site's zone, between which it is night at its facilities.
    pub night: (u8, u8),
}

impl Default for Privacy {
    fn default() -> Privacy {
        Privacy { sensitivity: "off".to_owned(), consent: "country".to_owned(), relation: "optional".to_owned(), relation_days: 30, glass_minutes: 60, night: (22, 6) }
    }
}

impl Privacy {
    /// Refuses what is none of the words above.
    pub fn check(&self) -> Result<()> {
        for (key, value, words) in [
            ("sensitivity", &self.sensitivity, &["off", "country"][..]),
            ("consent", &self.consent, &["country", "opt-out", "opt-in"][..]),
            ("relation", &self.relation, &["optional", "required"][..]),
        ] {
            if !words.contains(&value.as_str()) {
                bail!("{key} is one of {}, not `{value}`", words.join(", "));
            }
        }
        if self.night.0 > 23 || self.night.1 > 23 {
            bail!("night is two hours between 0 and 23, as [22, 6], not [{}, {}]", self.night.0, self.night.1);
        }
        if !(1..=720).contains(&self.glass_minutes) {
            bail!("glass_minutes lies between 1 and 720, not at {}", self.glass_minutes);
        }
        Ok(())
    }

    /// The policy of a site in a country; of a site in none, the labels of all packs.
    pub fn policy(&self, country: &str) -> Policy {
        let own: Vec<&Country> = match country::by_code(country) {
            Some(country) => vec![country],
            None => country::all().iter().collect(),
        };
        let first = own.first().map(|country| &country.sensitivities);
        let regime = match self.consent.as_str() {
            "opt-in" => ConsentRegime::OptIn,
            "opt-out" => ConsentRegime::OptOut,
            _ => first.map_or(ConsentRegime::OptOut, |rules| rules.consent),
        };
        let is_on = self.sensitivity == "country";
        let labels = own.iter().flat_map(|country| &country.sensitivities.labels).cloned();
        Policy {
            regime,
            needs_relation: self.relation == "required",
            sensitivities: if is_on { labels.collect::<Vec<_>>().into() } else { Arc::default() },
            adolescence: first.filter(|_| is_on).map(|rules| rules.adolescence.clone()),
            care_lasts_ms: i64::from(self.relation_days) * fhir::date::DAY_MS,
            ..Policy::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_that_says_nothing_tells_nothing_apart() {
        let policy = Privacy::default().policy("");
        assert!(policy.sensitivities.is_empty() && !policy.needs_relation && policy.regime == ConsentRegime::OptOut && !policy.reads_records());
    }

    #[test]
    fn a_site_has_the_rules_of_its_country() {
        let on = Privacy { sensitivity: "country".into(), consent: "opt-in".into(), relation: "required".into(), ..Privacy::default() };
        let policy = on.policy("ru");
        assert_eq!((policy.regime, policy.needs_relation), (ConsentRegime::OptIn, true));
        assert_eq!(policy.adolescence.map(|age| age.from_years), Some(15));
        assert!(policy.sensitivities.iter().any(|rule| rule.label == "HIV"));
        assert!(on.policy("").sensitivities.len() > policy.sensitivities.len());
    }

    #[test]
    fn a_word_that_is_none_is_refused_with_those_there_are() {
        let wrong = Privacy { relation: "always".into(), ..Privacy::default() };
        assert!(wrong.check().unwrap_err().to_string().contains("optional, required"));
        assert!(Privacy { glass_minutes: 0, ..Privacy::default() }.check().is_err());
        assert!(Privacy::default().check().is_ok());
    }
}
