//! What the profiles ask for and a record may lack, said to be unknown; and entries that say that
//! nothing is known.
//! <http://hl7.org/fhir/uv/ips/design.html#missing-data>

use fhir::Value;
use fhir::splice::write_string;

use crate::words::Voice;

/// The extension that says why there is no value.
const UNKNOWN: &str = "{\"extension\":[{\"url\":\"http://hl7.org/fhir/StructureDefinition/data-absent-reason\",\"valueCode\":\"unknown\"}]}";

/// Members that an entry must have and this one lacks.
pub(super) fn missing(kind: &str, resource: Value<'_>, voice: &Voice) -> Vec<(&'static str, String)> {
    let mut missing = Vec::new();
    let lacks = |start: &str| !resource.members().any(|(name, _)| name.strip_prefix('_').unwrap_or(&name).starts_with(start));
    let mut ask = |start: &str, member: &'static str| {
        if lacks(start) {
            missing.push((member, UNKNOWN.to_owned()));
        }
    };
    match kind {
        "Patient" => ask("birthDate", "_birthDate"),
        "MedicationStatement" | "Observation" | "DiagnosticReport" => ask("effective", "_effectiveDateTime"),
        "Procedure" => ask("performed", "_performedDateTime"),
        "Immunization" => ask("occurrence", "_occurrenceDateTime"),
        "DeviceUseStatement" => ask("timing", "_timingDateTime"),
        _ => {}
    }
    if kind == "Patient" && lacks("name") {
        let mut name = String::from("[{\"text\":");
        write_string(&voice.say("no-name"), &mut name);
        name.push_str("}]");
        missing.push(("name", name));
    }
    missing
}

/// An entry that says that nothing is known.
#[derive(Clone, Copy)]
pub(super) struct Absent {
    /// The type of the entry.
    pub kind: &'static str,
    /// The code of the statement.
    pub code: &'static str,
    /// What the code system calls it.
    pub display: &'static str,
}

impl Absent {
    /// The resource, about the person at an address.
    pub fn written(&self, voice: &Voice, patient: &str, patient_name: Option<String>) -> String {
        let mut concept = format!("{{\"coding\":[{{\"system\":\"http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips\",\"code\":\"{}\",\"display\":\"{}\"}}],\"text\":", self.code, self.display);
        write_string(&voice.say(self.code), &mut concept);
        concept.push('}');
        let mut about = String::from("{\"reference\":");
        write_string(patient, &mut about);
        if let Some(name) = patient_name {
            about.push_str(",\"display\":");
            write_string(&name, &mut about);
        }
        about.push('}');
        let kind = self.kind;
        let status = |system: &str, code: &str| format!("{{\"coding\":[{{\"system\":\"http://terminology.hl7.org/CodeSystem/{system}\",\"code\":\"{code}\"}}]}}");
        match kind {
            "Condition" => format!("{{\"resourceType\":\"Condition\",\"clinicalStatus\":{},\"code\":{concept},\"subject\":{about}}}", status("condition-clinical", "active")),
            "AllergyIntolerance" => format!("{{\"resourceType\":\"AllergyIntolerance\",\"clinicalStatus\":{},\"code\":{concept},\"patient\":{about}}}", status("allergyintolerance-clinical", "active")),
            _ => format!("{{\"resourceType\":\"MedicationStatement\",\"status\":\"unknown\",\"medicationCodeableConcept\":{concept},\"subject\":{about},\"_effectiveDateTime\":{UNKNOWN}}}"),
        }
    }
}
