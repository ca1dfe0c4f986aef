//! What every entry has in one form or another: a date, a place, a person, a title.

use fhir::{PartialDateTime, Value};

use super::{Item, Record, concept};

/// True for what was entered in error or refuted by nobody but the pen that slipped.
pub fn is_error(root: Value<'_>) -> bool {
    let is = |text: &str| text == "entered-in-error";
    root.get("status").and_then(|status| status.as_str()).is_some_and(|status| is(&status))
        || root.get("verificationStatus").is_some_and(|status| concept::has_code(status, "entered-in-error"))
}

/// Where the date of an entry stands, by type; the clinically truest first.
fn date_paths(type_name: &str) -> &'static [&'static [&'static str]] {
    match type_name {
        "Observation" | "DiagnosticReport" | "Media" => &[&["effectiveDateTime"], &["effectivePeriod", "start"], &["effectiveInstant"], &["createdDateTime"], &["issued"]],
        "Encounter" | "EpisodeOfCare" | "CarePlan" | "CareTeam" | "Coverage" => &[&["period", "start"], &["period", "end"], &["created"]],
        "Condition" => &[&["onsetDateTime"], &["onsetPeriod", "start"], &["recordedDate"]],
        "AllergyIntolerance" => &[&["onsetDateTime"], &["recordedDate"], &["lastOccurrence"]],
        "MedicationRequest" => &[&["authoredOn"]],
        "MedicationStatement" | "MedicationAdministration" => &[&["effectiveDateTime"], &["effectivePeriod", "start"], &["dateAsserted"]],
        "MedicationDispense" => &[&["whenHandedOver"], &["whenPrepared"]],
        "Immunization" => &[&["occurrenceDateTime"], &["recorded"]],
        "Procedure" => &[&["performedDateTime"], &["performedPeriod", "start"]],
        "ServiceRequest" | "Task" | "DeviceRequest" | "CommunicationRequest" | "NutritionOrder" => &[&["authoredOn"], &["occurrenceDateTime"], &["occurrencePeriod", "start"], &["dateTime"]],
        "DocumentReference" => &[&["context", "period", "start"], &["date"]],
        "ImagingStudy" => &[&["started"]],
        "Appointment" => &[&["start"], &["created"]],
        "Goal" => &[&["startDate"], &["statusDate"]],
        "QuestionnaireResponse" => &[&["authored"]],
        "Communication" => &[&["sent"], &["received"]],
        "Claim" | "ExplanationOfBenefit" | "ClaimResponse" => &[&["billablePeriod", "start"], &["created"]],
        "Patient" => &[&["birthDate"]],
        "Specimen" => &[&["collection", "collectedDateTime"], &["receivedTime"]],
        "Provenance" => &[&["recorded"]],
        _ => &[&["date"], &["effectiveDateTime"], &["occurrenceDateTime"], &["period", "start"], &["dateTime"], &["authoredOn"], &["created"], &["recorded"], &["identifiedDateTime"], &["issued"]],
    }
}

/// The date an entry is about, with the precision it has.
pub fn date_of(type_name: &str, root: Value<'_>) -> Option<PartialDateTime> {
    date_paths(type_name).iter().find_map(|path| PartialDateTime::parse(&root.path(path)?.as_str()?))
}

/// The place an entry names itself.
pub fn own_place(record: &Record<'_>, root: Value<'_>) -> Option<String> {
    let name = |reference: Value<'_>| record.name_of(root, reference);
    for member in ["serviceProvider", "custodian", "managingOrganization", "performerOrganization"] {
        if let Some(found) = root.get(member).and_then(name) {
            return Some(found);
        }
    }
    let organisation = |reference: &Value<'_>| reference.string("reference").is_some_and(|text| text.starts_with("Organization/")) || reference.string("type").as_deref() == Some("Organization");
    for member in ["performer", "author", "requester", "recorder", "provider", "insurer", "participant", "supportingInformation"] {
        let Some(values) = root.get(member) else { continue };
        let references = values.each().map(|value| value.get("actor").or_else(|| value.get("onBehalfOf")).unwrap_or(value));
        if let Some(found) = references.filter(organisation).find_map(name) {
            return Some(found);
        }
    }
    let place = root.path(&["location", "location"]).or_else(|| root.get("location").and_then(|location| location.first()))?;
    name(place)
}

/// The organisation in a role for which an entry was written.
pub fn place_of_role(record: &Record<'_>, root: Value<'_>) -> Option<String> {
    ["performer", "author", "requester", "recorder", "asserter", "participant"].iter().filter_map(|member| root.get(member)).find_map(|values| {
        values.each().find_map(|value| {
            let reference = value.get("actor").or_else(|| value.get("individual")).unwrap_or(value);
            let role = record.target(reference).filter(|target| target.type_name() == "PractitionerRole")?;
            record.name_of(role.root(), role.root().get("organization")?)
        })
    })
}

/// Who saw, wrote, did or asked: the first person named.
pub fn person_of(record: &Record<'_>, root: Value<'_>) -> Option<String> {
    for member in ["participant", "performer", "author", "asserter", "recorder", "requester", "informationSource"] {
        let Some(values) = root.get(member) else { continue };
        for value in values.each() {
            let reference = value.get("individual").or_else(|| value.get("actor")).or_else(|| value.get("member")).unwrap_or(value);
            let text = reference.string("reference").unwrap_or_default();
            let is_person = !["Organization/", "Patient/", "Location/", "HealthcareService/", "Device/"].iter().any(|kind| text.starts_with(kind));
            if let Some(found) = record.name_of(root, reference).filter(|_| is_person) {
                return Some(found);
            }
        }
    }
    None
}

/// The name of a thing or person: `Organization.name`, a HumanName, a location, a practitioner's role.
fn own_name(root: Value<'_>) -> Option<String> {
    let name = root.get("name")?;
    if let Some(text) = name.as_str() {
        return Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    }
    human_name(name.first()?)
}

/// A HumanName as it is spoken: prefix, given, family; where the text is given, the text.
pub fn human_name(name: Value<'_>) -> Option<String> {
    if let Some(text) = concept::said(name, "text") {
        return Some(text);
    }
    let parts = |member: &str| name.get(member).into_iter().flat_map(|values| values.each().filter_map(|value| value.as_str().map(|text| text.trim().to_owned())).collect::<Vec<_>>());
    let words: Vec<String> = parts("prefix").chain(parts("given")).chain(parts("family")).filter(|word| !word.is_empty()).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// What an entry is called by those who work with it; none where it says nothing.
pub fn title(record: &Record<'_>, root: Value<'_>) -> Option<String> {
    let type_name = root.string("resourceType")?;
    let concept_at = |member: &str| record.says_all(root.get(member));
    match type_name.as_ref() {
        "Patient" | "Practitioner" | "Organization" | "Location" | "Person" | "RelatedPerson" | "HealthcareService" => own_name(root),
        "PractitionerRole" => root.get("practitioner").and_then(|reference| record.name_of(root, reference)).or_else(|| concept_at("code")),
        "Encounter" => concept_at("type").or_else(|| concept_at("serviceType")).or_else(|| concept_at("reasonCode")),
        "Composition" => concept::said(root, "title").or_else(|| concept_at("type")),
        "DocumentReference" => concept_at("type").or_else(|| concept::said(root, "description")).or_else(|| concept::said(root.path(&["content", "attachment"])?, "title")),
        "Immunization" => concept_at("vaccineCode"),
        "MedicationRequest" | "MedicationStatement" | "MedicationAdministration" | "MedicationDispense" => medicine(record, root),
        "CarePlan" => concept::said(root, "title").or_else(|| concept_at("category")).or_else(|| concept::said(root, "description")),
        "Goal" => concept_at("description"),
        "ImagingStudy" => concept::said(root, "description").or_else(|| concept_at("procedureCode")).or_else(|| root.path(&["series", "modality"]).and_then(|coding| concept::said(coding, "display"))),
        "Appointment" => concept::said(root, "description").or_else(|| concept_at("serviceType")).or_else(|| concept_at("reasonCode")).or_else(|| concept_at("appointmentType")),
        "Coverage" => root.get("payor").and_then(|payors| record.name_of(root, payors.first()?)).or_else(|| concept_at("type")),
        "Claim" | "ExplanationOfBenefit" => concept_at("type").or_else(|| root.path(&["item", "productOrService"]).and_then(concept::text)),
        "FamilyMemberHistory" => concept_at("relationship"),
        "Device" => root.path(&["deviceName"]).and_then(|name| concept::said(name, "name")).or_else(|| concept_at("type")),
        "ClinicalImpression" => concept_at("code").or_else(|| concept::said(root, "description")),
        "Provenance" => concept_at("activity"),
        "Consent" => concept_at("scope"),
        _ => concept_at("code").or_else(|| concept::said(root, "title")).or_else(|| concept::said(root, "description")).or_else(|| own_name(root)).or_else(|| concept_at("type")).or_else(|| concept_at("category")),
    }
}

/// The name of a medicine: its concept, or the Medication it refers to.
fn medicine(record: &Record<'_>, root: Value<'_>) -> Option<String> {
    root.get("medicationCodeableConcept").and_then(|concept| record.says(concept)).or_else(|| record.name_of(root, root.get("medicationReference")?))
}

/// The language clinical text of an entry is written in, where it says so.
pub fn language_of(item: &Item<'_>) -> Option<String> {
    concept::said(item.root(), "language")
}
