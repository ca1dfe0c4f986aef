//! Scopes: what a program asks for, as it writes it, in the grammars of SMART 1 and 2.
//!
//! <https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html>

use access::{Deeds, Grant, Reach, Rule};
use fhir::{RecordId, ResourceType};

use crate::error::{Code, Result, refused};

/// Scopes that one request may name.
const MOST: usize = 200;

/// One scope.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Scope {
    /// `openid`: who is using the program, signed.
    OpenId,
    /// `fhirUser` (or `profile`): the resource of who is using it.
    FhirUser,
    /// `launch`: what was open in the pages when they started it.
    Launch,
    /// `launch/patient`: a patient, to be chosen.
    LaunchPatient,
    /// `launch/encounter`: the encounter that was open.
    LaunchEncounter,
    /// `offline_access`: until somebody takes it back.
    Offline,
    /// `online_access`: until the stretch of work ends.
    Online,
    /// Resources.
    Data(Rule),
}

impl Scope {
    /// The scope of a word; none where this server knows no such scope.
    pub fn parse(word: &str) -> Option<Scope> {
        Some(match word {
            "openid" => Scope::OpenId,
            "fhirUser" | "profile" => Scope::FhirUser,
            "launch" => Scope::Launch,
            "launch/patient" => Scope::LaunchPatient,
            "launch/encounter" => Scope::LaunchEncounter,
            "offline_access" => Scope::Offline,
            "online_access" => Scope::Online,
            _ => Scope::Data(rule(word)?),
        })
    }

    /// True if whoever was given this may ask for the other.
    fn covers(&self, other: &Scope) -> bool {
        match (self, other) {
            (Scope::Data(own), Scope::Data(asked)) => {
                let type_fits = own.kind.is_none() || own.kind == asked.kind;
                own.reach == asked.reach && type_fits && own.deeds.holds(asked.deeds) && (own.query.is_empty() || own.query == asked.query)
            }
            _ => self == other,
        }
    }
}

fn rule(word: &str) -> Option<Rule> {
    let (reach, rest) = word.split_once('/')?;
    let reach = match reach {
        "patient" => Reach::Patient,
        "user" => Reach::User,
        "system" => Reach::System,
        _ => return None,
    };
    let (rest, query) = match rest.split_once('?') {
        Some((rest, query)) => (rest, query),
        None => (rest, ""),
    };
    let (kind, deeds) = rest.split_once('.')?;
    let kind = if kind == "*" { None } else { Some(ResourceType::named(kind)?) };
    // A search means something to one type only, and says at least one parameter with its value.
    let is_narrowed = word.contains('?');
    let is_search = |query: &str| query.len() <= 500 && query.split('&').all(|pair| pair.split_once('=').is_some_and(|(name, value)| !name.is_empty() && !value.is_empty()));
    if is_narrowed && (kind.is_none() || !is_search(query)) {
        return None;
    }
    let deeds = match deeds {
        "read" if !is_narrowed => Deeds::READING,
        "write" if !is_narrowed => Deeds::WRITING,
        "*" if !is_narrowed => Deeds::READING.and(Deeds::WRITING),
        letters => Deeds::of_letters(letters)?,
    };
    Some(Rule { reach, kind, deeds, query: query.to_owned() })
}

/// Several scopes, each with the word that asked for it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Scopes(Vec<(String, Scope)>);

impl Scopes {
    /// The scopes of a text that this server knows, each once. The others are left out: whoever
    /// asked reads in the answer what was given.
    pub fn parse(text: &str) -> Scopes {
        let mut found: Vec<(String, Scope)> = Vec::new();
        for word in text.split_ascii_whitespace() {
            if let Some(scope) = Scope::parse(word)
                && found.len() < MOST
                && found.iter().all(|(other, _)| other != word)
            {
                found.push((word.to_owned(), scope));
            }
        }
        Scopes(found)
    }

    /// The scopes of what a program asks for.
    ///
    /// # Errors
    /// `invalid_scope` where it names more than one request may name.
    pub(crate) fn asked(text: &str) -> Result<Scopes> {
        match Scopes::are_too_many(text) {
            true => refused(Code::InvalidScope, "scope names at most 200 scopes."),
            false => Ok(Scopes::parse(text)),
        }
    }

    /// True where a text names more scopes than are taken at once.
    pub(crate) fn are_too_many(text: &str) -> bool {
        text.split_ascii_whitespace().count() > MOST
    }

    /// The words of a text that are no scopes.
    pub fn unknown(text: &str) -> impl Iterator<Item = &str> {
        text.split_ascii_whitespace().filter(|word| Scope::parse(word).is_none())
    }

    /// Those of them for which `keep` is true.
    pub fn filtered(&self, mut keep: impl FnMut(usize, &Scope) -> bool) -> Scopes {
        Scopes(self.0.iter().enumerate().filter(|(place, (_, scope))| keep(*place, scope)).map(|(_, one)| one.clone()).collect())
    }

    /// Those of them that whoever has `own` may ask for.
    pub fn within(&self, own: &Scopes) -> Scopes {
        self.filtered(|_, scope| own.0.iter().any(|(_, own)| own.covers(scope)))
    }

    /// All of them, in the order in which they were asked for.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Scope)> {
        self.0.iter().map(|(word, scope)| (word.as_str(), scope))
    }

    /// True if this one is among them.
    pub fn has(&self, scope: &Scope) -> bool {
        self.0.iter().any(|(_, one)| one == scope)
    }

    /// True where none is about resources.
    pub fn has_no_data(&self) -> bool {
        self.rules().next().is_none()
    }

    /// Those about resources.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.0.iter().filter_map(|(_, scope)| match scope {
            Scope::Data(rule) => Some(rule),
            _ => None,
        })
    }

    /// True where one is about the records of a chosen patient.
    pub fn needs_patient(&self) -> bool {
        self.has(&Scope::LaunchPatient) || self.rules().any(|rule| rule.reach == Reach::Patient)
    }

    /// As they were written.
    pub fn text(&self) -> String {
        self.0.iter().map(|(word, _)| word.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// What they allow a program.
    pub fn grant(&self, client: &str, patient: Option<RecordId>) -> Grant {
        let rules = self.rules().map(|rule| Rule { query: decoded(&rule.query), ..rule.clone() }).collect();
        Grant { client: client.to_owned(), rules, patients: patient.into_iter().collect() }
    }
}

/// The search of a scope is written as in an address; a rule holds it with its signs brought back to one form.
fn decoded(query: &str) -> String {
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    if pairs.is_empty() { String::new() } else { url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(table: &str) {
        for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (word, expected) = line.split_once(' ').unwrap();
            let found = match Scope::parse(word) {
                Some(Scope::Data(Rule { reach, kind, deeds, query })) => {
                    let letters: String = Deeds::LETTERS.into_iter().filter(|(_, deed)| deeds.meets((*deed).into())).map(|(letter, _)| letter).collect();
                    format!("{reach:?} {} {letters} {query}", kind.map_or("any", |kind| kind.name())).trim().to_owned()
                }
                Some(other) => format!("{other:?}"),
                None => "unknown".to_owned(),
            };
            assert_eq!(found, expected.trim(), "{word}");
        }
    }

    #[test]
    fn both_grammars_are_read_and_nothing_between_them() {
        check("
            openid                                  OpenId
            fhirUser                                FhirUser
            profile                                 FhirUser
            launch                                  Launch
            launch/patient                          LaunchPatient
            offline_access                          Offline
            patient/Observation.rs                  Patient Observation rs
            patient/*.cruds                         Patient any cruds
            patient/Observation.read                Patient Observation rs
            user/Patient.write                      User Patient cud
            system/*.*                              System any cruds
            patient/Observation.rs?category=lab     Patient Observation rs category=lab
            patient/Observation.rs?code=a&date=ge2020 Patient Observation rs code=a&date=ge2020
            patient/Observation.sr                  unknown
            patient/Observation.                    unknown
            patient/Observation                     unknown
            patient/Nothing.rs                      unknown
            patient/observation.rs                  unknown
            everyone/Observation.rs                 unknown
            patient/*.rs?category=lab               unknown
            patient/Observation.read?category=lab   unknown
            patient/Observation.rs?                 unknown
            patient/Observation.rs?category         unknown
            patient/Observation.rs?=lab             unknown
            OPENID                                  unknown
        ");
    }

    #[test]
    fn too_many_scopes_are_refused_and_not_cut() {
        assert!(Scopes::asked(&["openid"; MOST].join(" ")).is_ok());
        assert!(Scopes::asked(&["openid"; MOST + 1].join(" ")).is_err());
    }

    #[test]
    fn a_program_gets_no_more_than_it_is_registered_for() {
        for (own, asked, given) in [
            ("patient/*.rs", "patient/Observation.rs patient/Condition.r", "patient/Observation.rs patient/Condition.r"),
            ("patient/*.rs", "patient/*.cruds", ""),
            ("patient/*.rs", "user/*.rs", ""),
            ("patient/*.rs", "system/*.rs", ""),
            ("patient/Observation.rs", "patient/*.rs patient/Observation.read", "patient/Observation.read"),
            ("patient/Observation.rs?category=lab", "patient/Observation.rs", ""),
            ("patient/Observation.rs?category=lab", "patient/Observation.r?category=lab", "patient/Observation.r?category=lab"),
            ("patient/Observation.rs", "patient/Observation.rs?category=lab", "patient/Observation.rs?category=lab"),
            ("openid launch/patient", "openid fhirUser launch/patient offline_access", "openid launch/patient"),
            ("fhirUser", "profile", "profile"),
        ] {
            assert_eq!(Scopes::parse(asked).within(&Scopes::parse(own)).text(), given, "{own}: {asked}");
        }
    }

    #[test]
    fn what_is_unknown_or_there_twice_is_left_out() {
        let scopes = Scopes::parse("openid nonsense openid  patient/Observation.rs\n");
        assert_eq!(scopes.text(), "openid patient/Observation.rs");
        assert!(scopes.needs_patient() && !scopes.has_no_data());
        assert_eq!(Scopes::unknown("openid nonsense").collect::<Vec<_>>(), ["nonsense"]);
        let many: String = (0..MOST + 10).map(|number| format!("patient/Observation.rs?code={number} ")).collect();
        assert_eq!(Scopes::parse(&many).iter().count(), MOST);
    }

    #[test]
    fn the_search_of_a_rule_has_one_form() {
        let grant = Scopes::parse("patient/Observation.rs?category=http://x.example%7Claboratory").grant("app", Some(RecordId(1)));
        assert_eq!(grant.rules[0].query, "category=http%3A%2F%2Fx.example%7Claboratory");
    }
}
