//! Secrets that a caller may not see, at the same places of clinics that are alike in all else.
//!
//! * Half of the secrets bear the label that seals, the others are refused by a consent; one is what the person is still
//!   writing, which nobody else sees.
//! * Whoever may not see them must be told the same everywhere.

use std::sync::Arc;

use access::{Policy, Role};
use chart::{Error, Settings, Target};
use fhir::{Document, Moment, ResourceType};

use crate::invent::{Chance, Inventor, PEOPLE, TOLD};
use crate::{Clinic, OPENS, caller, clinic_set, settings};

/// Types of what is hidden; all have their home with the person.
pub const SECRETS: [&str; 12] = [
    "Observation", "Condition", "Encounter", "MedicationRequest", "Procedure", "Immunization", "DiagnosticReport", "AllergyIntolerance", "ServiceRequest", "List", "Provenance", UNSENT,
];

/// The type of what a person is still writing: hidden without a label and without a consent.
const UNSENT: &str = "QuestionnaireResponse";

/// A clinic where labels count, and that may notify the one told by invented subscriptions.
pub fn clinic() -> Clinic {
    let rules = &country::all()[0].sensitivities;
    let policy = Policy { sensitivities: Arc::from(rules.labels.clone()), ..Policy::default() };
    clinic_set(Settings { policy, subscription_targets: vec![TOLD.to_owned()], ..settings() })
}

/// A secret: half of them bear the label that seals, the others are refused by a consent, and one is what the person is
/// still writing.
pub fn secret(of: &str, person: &str, chance: &mut Chance) -> String {
    let code = |chance: &mut Chance| {
        let (system, code) = *chance.one(&[("http://loinc.org", "8480-6"), ("http://loinc.org", "75622-1"), ("http://hl7.org/fhir/sid/icd-10", "B20"), ("http://hl7.org/fhir/sid/icd-10", "J06.9"), ("http://snomed.info/sct", "123")]);
        format!(r#"{{"coding":[{{"system":"{system}","code":"{code}"}}],"text":"{}"}}"#, chance.one(&["red", "green", "blue"]))
    };
    let day = format!("20{:02}-{:02}-{:02}", 10 + chance.below(16), 1 + chance.below(12), 1 + chance.below(28));
    let whom = format!(r#"{{"reference":"Patient/{person}"}}"#);
    let near = format!(r#"{{"reference":"Encounter/{person}-{}"}}"#, 1 + chance.below(2));
    let (one, number) = (code(chance), chance.below(200));
    let body = match of {
        "Observation" => format!(r#""status":"final","code":{one},"subject":{whom},"encounter":{near},"effectiveDateTime":"{day}","valueQuantity":{{"value":{number},"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}}"#),
        "Condition" => format!(r#""code":{one},"subject":{whom},"encounter":{near},"recordedDate":"{day}""#),
        "Encounter" => format!(r#""status":"finished","class":{{"code":"AMB"}},"type":[{one}],"subject":{whom},"partOf":{near},"period":{{"start":"{day}","end":"{day}"}}"#),
        "MedicationRequest" => format!(r#""status":"active","intent":"order","medicationCodeableConcept":{one},"subject":{whom},"authoredOn":"{day}""#),
        "Procedure" => format!(r#""status":"completed","code":{one},"subject":{whom},"encounter":{near},"performedDateTime":"{day}""#),
        "Immunization" => format!(r#""status":"completed","vaccineCode":{one},"patient":{whom},"occurrenceDateTime":"{day}""#),
        "DiagnosticReport" => format!(r#""status":"final","code":{one},"subject":{whom},"effectiveDateTime":"{day}","result":[{{"reference":"Observation/{person}-1"}}]"#),
        "AllergyIntolerance" => format!(r#""clinicalStatus":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical","code":"active"}}]}},"code":{one},"patient":{whom},"recordedDate":"{day}""#),
        "ServiceRequest" => format!(r#""status":"active","intent":"order","code":{one},"subject":{whom},"authoredOn":"{day}""#),
        UNSENT => format!(r#""questionnaire":"https://form.example/told|1","status":"in-progress","subject":{whom},"encounter":{near},"authored":"{day}","author":{whom},"source":{whom},"item":[{{"linkId":"note","text":"n{number}","answer":[{{"valueInteger":{number}}}]}}]"#),
        "List" => format!(r#""status":"current","mode":"working","title":"t{number}","code":{one},"subject":{whom},"date":"{day}","entry":[{{"item":{{"reference":"Observation/{person}-1"}}}},{{"item":{{"reference":"Condition/{person}-1"}}}}]"#),
        _ => format!(r#""target":[{{"reference":"Observation/{person}-1"}}],"recorded":"{day}T08:00:00Z","agent":[{{"who":{{"display":"d{number}"}}}}]"#),
    };
    let seal = if is_sealed(of) { r#""meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"V"}]},"# } else { "" };
    format!(r#"{{"resourceType":"{of}","id":"{person}-9",{seal}{body}}}"#)
}

/// True for the types whose secrets bear the label that seals; the others are refused.
pub fn is_sealed(of: &str) -> bool {
    SECRETS.iter().position(|secret| *secret == of).is_some_and(|place| place % 2 == 0)
}

/// Refuses what is not sealed to everybody, and so does not tell whom it would be hidden from.
pub fn refusal(person: &str) -> String {
    let data: Vec<String> = SECRETS.iter().filter(|of| !is_sealed(of) && **of != UNSENT).map(|of| format!(r#"{{"meaning":"instance","reference":{{"reference":"{of}/{person}-9"}}}}"#)).collect();
    consent(person, "active", &format!(r#""data":[{}]"#, data.join(",")))
}

/// A consent of somebody, which refuses so much.
pub fn consent(person: &str, status: &str, what: &str) -> String {
    format!(
        r#"{{"resourceType":"Consent","id":"{person}-refusal","status":"{status}","scope":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}}]}},"category":[{{"coding":[{{"system":"http://loinc.org","code":"59284-0"}}]}}],"patient":{{"reference":"Patient/{person}"}},"dateTime":"2026-01-01","policyRule":{{"text":"x"}},"provision":{{"type":"deny",{what}}}}}"#
    )
}

/// Three clinics that are filled alike: secrets at the same places of the first two that say different
/// things, and none in the third.
pub struct Three {
    /// The clinics.
    pub all: [Clinic; 3],
    /// Writes so far: each has its minute.
    pub steps: i64,
    /// Where the rest comes from.
    pub inventor: Inventor,
    /// Everything that was written, seen or not: questions are asked about both.
    pub texts: Vec<(ResourceType, String)>,
}

impl Three {
    /// Writes to all three, or where there is a text; true where it was taken.
    pub async fn write(&mut self, of: ResourceType, id: &str, texts: [Option<&str>; 3]) -> bool {
        self.steps += 1;
        let mut done = Vec::new();
        for (clinic, text) in self.all.iter().zip(texts) {
            clinic.hands.stand_at(Moment(OPENS.0 + self.steps * 60_000));
            let Some(text) = text else { continue };
            done.push(match clinic.chart.update(&caller(Role::Console), of, id, text.as_bytes(), None).await {
                Ok(written) => Ok(written.stored.version),
                Err(Error::Refused(_) | Error::Invalid(_) | Error::Conflict(_)) => Err(()),
                Err(other) => panic!("{of}/{id}: {other} {:?}\n{text}", other.issues()),
            });
        }
        assert!(done.windows(2).all(|two| two[0] == two[1]), "{of}/{id}: {done:?}\n{texts:?}");
        let is_kept = done.first().is_some_and(Result::is_ok);
        if is_kept {
            self.texts.extend(texts.into_iter().flatten().take(2).map(|text| (of, text.to_owned())));
        }
        is_kept
    }

    /// The three of a seed.
    pub async fn filled(seed: u64) -> Three {
        let mut three = Three { all: [clinic(), clinic(), clinic()], steps: 0, inventor: Inventor::new(seed), texts: Vec::new() };
        for person in PEOPLE {
            let text = format!(r#"{{"resourceType":"Patient","id":"{person}"}}"#);
            three.write(ResourceType::PATIENT, person, [Some(&text); 3]).await;
        }
        let personal: Vec<ResourceType> = ResourceType::all().filter(|of| !fhir::home::is_shared(*of) && *of != ResourceType::PATIENT && of.name() != "Subscription").collect();
        for of in [ResourceType::ENCOUNTER].into_iter().chain(personal.iter().copied().filter(|of| *of != ResourceType::ENCOUNTER)) {
            for person in PEOPLE {
                for number in 1..=2 {
                    let id = format!("{person}-{number}");
                    let mut text = three.inventor.about(person).resource(of, &id);
                    while of == ResourceType::ENCOUNTER && !fhir::home::candidates(of, Document::read(&text).expect("what is invented is JSON").root()).contains(&(ResourceType::PATIENT, person.to_owned())) {
                        text = three.inventor.resource(of, &id);
                    }
                    three.write(of, &id, [Some(&text); 3]).await;
                }
            }
        }
        for person in PEOPLE {
            let text = refusal(person);
            assert!(three.write(kind("Consent"), &format!("{person}-refusal"), [Some(&text); 3]).await, "the refusal is kept");
            for of in SECRETS {
                let [mut one, mut other] = [0, 1].map(|side| Chance(seed * 1_000 + three.steps as u64 * 2 + side));
                for version in 0..2 {
                    let (first, second) = (secret(of, person, &mut one), secret(of, person, &mut other));
                    assert!(three.write(kind(of), &format!("{person}-9"), [Some(&first), Some(&second), None]).await, "a secret is kept: {first}");
                    if version == 0 && three.steps % 3 == 0 {
                        break;
                    }
                }
            }
        }
        // What is seen is written to again, and some of both is deleted.
        for person in PEOPLE {
            for of in SECRETS.map(kind) {
                let id = format!("{person}-1");
                if of != ResourceType::ENCOUNTER {
                    let text = three.inventor.about(person).resource(of, &id);
                    three.write(of, &id, [Some(&text); 3]).await;
                }
            }
        }
        for clinic in &three.all[..2] {
            clinic.hands.stand_at(Moment(OPENS.0 + (three.steps + 1) * 60_000));
            clinic.chart.delete(&caller(Role::Console), kind("Procedure"), Target::Id("bao-9"), None).await.expect("a secret that is there is deleted");
        }
        three.steps += 10;
        for clinic in &three.all {
            clinic.hands.stand_at(Moment(OPENS.0 + three.steps * 60_000));
        }
        three
    }
}

fn kind(name: &str) -> ResourceType {
    ResourceType::named(name).expect("a type of R4")
}
