//! What was done and written: encounters, conditions, prescriptions, doses,
//! procedures, referrals and notes.

use super::*;
use crate::resources::{ATC, CVX, ICD_10, LOINC, UCUM};

/// What kind of encounter it was.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Ambulatory,
    Emergency,
    Inpatient,
    Home,
}

/// A diagnosis made or looked after in an encounter.
#[derive(Clone)]
pub(super) struct Diagnosis {
    pub id: Id,
    pub icd: &'static str,
    pub name: &'static str,
}

impl Teller<'_> {
    #[allow(clippy::too_many_arguments)]
    pub(super) fn encounter_resource(&mut self, here: &Here, class: Class, kind: &str, minutes: i32, note: &Note, diagnoses: &[Diagnosis], life: &Life) {
        self.begin(Type::Encounter, here.encounter);
        self.json.narrative(&[(kind, &note.reason), ("", &note.assessment)]);
        self.json.text("status", "finished");
        let (code, display) = match class {
            Class::Ambulatory => ("AMB", "ambulatory"),
            Class::Emergency => ("EMER", "emergency"),
            Class::Inpatient => ("IMP", "inpatient encounter"),
            Class::Home => ("HH", "home health"),
        };
        self.json.open("class");
        self.json.text("system", "http://terminology.hl7.org/CodeSystem/v3-ActCode");
        self.json.text("code", code);
        self.json.text("display", display);
        self.json.close();
        self.json.list("type");
        self.json.item();
        self.json.text("text", kind);
        self.json.close();
        self.json.end_list();
        self.json.open("serviceType");
        let service = self.say(places::post(here.practitioner).1.words());
        self.json.text("text", service);
        self.json.close();
        self.subject("subject");
        let end = here.at.plus(minutes);
        self.json.list("participant");
        self.json.item();
        self.json.concepts("type", "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "PPRF", "primary performer", "");
        self.json.period("period", here.at, Some(end));
        self.by("individual", here);
        self.json.close();
        self.json.end_list();
        self.json.period("period", here.at, Some(end));
        self.json.list("reasonCode");
        self.json.item();
        if let Some(first) = diagnoses.first() {
            self.json.coding(ICD_10, first.icd, first.name);
        }
        self.json.text("text", &note.reason);
        self.json.close();
        self.json.end_list();
        if !diagnoses.is_empty() {
            self.json.list("diagnosis");
            for (place, diagnosis) in diagnoses.iter().enumerate() {
                self.json.item();
                self.json.reference("condition", diagnosis.id, diagnosis.name);
                let (code, display) = if class == Class::Inpatient { ("DD", "Discharge diagnosis") } else { ("CC", "Chief complaint") };
                self.json.concept("use", "http://terminology.hl7.org/CodeSystem/diagnosis-role", code, display, "");
                self.json.number("rank", place as u32 + 1);
                self.json.close();
            }
            self.json.end_list();
        }
        if class == Class::Inpatient {
            let died = self.person.death == Some(end.day) || life.end == end.day && self.person.death.is_some();
            self.json.open("hospitalization");
            self.json.concept("admitSource", "http://terminology.hl7.org/CodeSystem/admit-source", "emd", "From accident/emergency department", "");
            let (code, display) = if died { ("exp", "Expired") } else { ("home", "Home") };
            self.json.concept("dischargeDisposition", "http://terminology.hl7.org/CodeSystem/discharge-disposition", code, display, "");
            self.json.close();
        }
        self.json.list("location");
        self.json.item();
        self.at_facility("location", "Location", here.facility);
        self.json.text("status", "completed");
        self.json.close();
        self.json.end_list();
        self.at_facility("serviceProvider", "Organization", here.facility);
        self.finish(Type::Encounter);
    }

    /// A condition; an `end` makes it resolved.
    pub(super) fn condition(&mut self, here: &Here, diagnosis: &Diagnosis, onset: Day, end: Option<Day>, lasting: bool) {
        self.begin(Type::Condition, diagnosis.id);
        self.json.narrative(&[(diagnosis.icd, diagnosis.name)]);
        let over = end.filter(|end| *end <= self.life_end);
        let (code, display) = if over.is_some() { ("resolved", "Resolved") } else { ("active", "Active") };
        self.json.concept("clinicalStatus", "http://terminology.hl7.org/CodeSystem/condition-clinical", code, display, "");
        self.json.concept("verificationStatus", "http://terminology.hl7.org/CodeSystem/condition-ver-status", "confirmed", "Confirmed", "");
        let (code, display) = if lasting { ("problem-list-item", "Problem List Item") } else { ("encounter-diagnosis", "Encounter Diagnosis") };
        self.json.concepts("category", "http://terminology.hl7.org/CodeSystem/condition-category", code, display, "");
        self.json.concept("code", ICD_10, diagnosis.icd, diagnosis.name, diagnosis.name);
        self.subject("subject");
        self.encounter(here);
        self.json.day("onsetDateTime", onset);
        if let Some(over) = over {
            self.json.day("abatementDateTime", over);
        }
        self.json.moment("recordedDate", here.at.plus(12));
        self.by("recorder", here);
        self.finish(Type::Condition);
    }

    /// A prescription. `prior` is the one it renews.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn prescription(&mut self, here: &Here, drug: &'static Drug, days: u32, active: bool, prior: Option<Id>, reason: Option<&Diagnosis>, say: &mut String) -> Id {
        let id = self.id();
        let tongue = self.tongue;
        let mut title = String::with_capacity(48);
        drug.title(tongue, &mut title);
        let mut instruction = String::with_capacity(120);
        drug.instruction(tongue, if reason.is_some() && prior.is_none() && !active { days } else { 0 }, &mut instruction);
        self.begin(Type::MedicationRequest, id);
        self.json.narrative(&[(&title, &instruction)]);
        self.json.text("status", if active { "active" } else { "completed" });
        self.json.text("intent", "order");
        let community = here.facility < places::DISTRICTS;
        let (code, display) = if community { ("community", "Community") } else { ("outpatient", "Outpatient") };
        self.json.concepts("category", "http://terminology.hl7.org/CodeSystem/medicationrequest-category", code, display, "");
        let name = tongue.say(&drug.name);
        let mut full = title.clone();
        full.push_str(", ");
        full.push_str(drug.form_word(tongue));
        self.json.concept("medicationCodeableConcept", ATC, drug.atc, name, &full);
        self.subject("subject");
        self.encounter(here);
        self.json.moment("authoredOn", here.at.plus(14));
        self.by("requester", here);
        if let Some(reason) = reason {
            self.json.list("reasonReference");
            self.json.reference_item(reason.id, reason.name);
            self.json.end_list();
        }
        if let Some(prior) = prior {
            self.json.reference("priorPrescription", prior, "");
        }
        self.json.list("dosageInstruction");
        self.json.item();
        self.json.number("sequence", 1);
        self.json.text("text", &instruction);
        let (times, period, unit) = drug.frequency();
        self.json.open("timing");
        self.json.open("repeat");
        self.json.number("frequency", times);
        self.json.number("period", period);
        self.json.text("periodUnit", unit);
        self.json.close();
        self.json.close();
        if drug.schedule == drugs::Schedule::AsNeeded {
            self.json.flag("asNeededBoolean", true);
        }
        self.json.open("route");
        self.json.text("text", drug.route_word(tongue));
        self.json.close();
        self.json.list("doseAndRate");
        self.json.item();
        self.json.open("doseQuantity");
        self.json.decimal("value", drug.dose.0, drug.dose.1);
        self.json.text("unit", drug.dose.2);
        self.json.text("system", UCUM);
        self.json.text("code", drug.dose.2);
        self.json.close();
        self.json.close();
        self.json.end_list();
        self.json.close();
        self.json.end_list();
        self.json.open("dispenseRequest");
        self.json.period("validityPeriod", here.at, Some(here.at.plus(days as i32 * 1440)));
        if drug.days >= 60 {
            self.json.number("numberOfRepeatsAllowed", 2);
        }
        self.json.open("expectedSupplyDuration");
        self.json.number("value", days.min(drug.days));
        self.json.text("unit", tongue.say(&["días", "ngày", "дн."]));
        self.json.text("system", UCUM);
        self.json.text("code", "d");
        self.json.close();
        self.json.close();
        self.finish(Type::MedicationRequest);
        title.push_str(": ");
        let mut letters = instruction.chars();
        if let Some(first) = letters.next() {
            title.extend(first.to_lowercase());
            title.push_str(letters.as_str());
        }
        title.push('.');
        if !say.is_empty() {
            say.push('\n');
        }
        say.push_str(&title);
        id
    }

    /// A dose of a vaccine; without an encounter it comes from a booklet.
    pub(super) fn immunization(&mut self, dose: &'static country::Dose, day: Day, here: Option<&Here>) {
        let id = self.id();
        self.doses.push(&dose.id);
        let mut written = String::with_capacity(24);
        day.write(&mut written);
        self.begin(Type::Immunization, id);
        self.json.narrative(&[(&dose.vaccine, &written)]);
        self.json.text("status", "completed");
        self.json.open("vaccineCode");
        self.json.list("coding");
        self.json.coding_item(CVX, &dose.cvx, "");
        self.json.coding_item("https://carnet.health/id/immunisation-calendar", &dose.id, &dose.vaccine);
        self.json.end_list();
        self.json.text("text", &dose.vaccine);
        self.json.close();
        self.subject("patient");
        if let Some(here) = here {
            self.encounter(here);
            self.json.moment("occurrenceDateTime", here.at.plus(9));
        } else {
            self.json.day("occurrenceDateTime", day);
        }
        self.json.flag("primarySource", here.is_some());
        if let Some(here) = here {
            self.at_facility("location", "Location", here.facility);
            let mut lot = String::new();
            for _ in 0..2 {
                lot.push(char::from(b'A' + self.chance.below(26) as u8));
            }
            push_padded(&mut lot, self.chance.below(99_999) as u32, 5);
            self.json.text("lotNumber", &lot);
            self.json.list("performer");
            self.json.item();
            self.json.concept("function", "http://terminology.hl7.org/CodeSystem/v2-0443", "AP", "Administering Provider", "");
            self.by("actor", here);
            self.json.close();
            self.json.end_list();
        } else {
            let booklet = self.say(&["Cartilla de vacunación", "Sổ tiêm chủng", "Прививочный сертификат"]);
            self.json.open("reportOrigin");
            self.json.coding("http://terminology.hl7.org/CodeSystem/immunization-origin", "record", "Written Record");
            self.json.text("text", booklet);
            self.json.close();
        }
        self.json.list("protocolApplied");
        self.json.item();
        self.json.text("series", &dose.vaccine);
        self.json.list("targetDisease");
        for antigen in &dose.antigens {
            self.json.item();
            self.json.text("text", antigen);
            self.json.close();
        }
        self.json.end_list();
        self.json.text("doseNumberString", dose.dose.as_deref().unwrap_or("1"));
        self.json.close();
        self.json.end_list();
        self.finish(Type::Immunization);
    }

    /// Doses known from a booklet, given before the record begins.
    pub(super) fn booklet(&mut self, life: &Life) {
        for (day, dose) in &life.booklet {
            self.immunization(dose, *day, None);
        }
    }

    pub(super) fn procedure(&mut self, here: &Here, name: &str, start: Moment, minutes: i32, reason: Option<&Diagnosis>) {
        let id = self.id();
        self.begin(Type::Procedure, id);
        self.json.narrative(&[("", name)]);
        self.json.text("status", "completed");
        self.json.open("code");
        self.json.text("text", name);
        self.json.close();
        self.subject("subject");
        self.encounter(here);
        self.json.period("performedPeriod", start, Some(start.plus(minutes)));
        self.json.list("performer");
        self.json.item();
        self.by("actor", here);
        self.json.close();
        self.json.end_list();
        self.at_facility("location", "Location", here.facility);
        if let Some(reason) = reason {
            self.json.list("reasonReference");
            self.json.reference_item(reason.id, reason.name);
            self.json.end_list();
        }
        self.finish(Type::Procedure);
    }

    /// The report of an image.
    pub(super) fn image(&mut self, here: &Here, name: &str, finding: &str) {
        let id = self.id();
        let at = here.at.plus(50);
        self.begin(Type::DiagnosticReport, id);
        self.json.narrative(&[(name, finding)]);
        self.json.text("status", "final");
        self.json.concepts("category", "http://terminology.hl7.org/CodeSystem/v2-0074", "RAD", "Radiology", "");
        self.json.concept("code", LOINC, "18748-4", "Diagnostic imaging study", name);
        self.subject("subject");
        self.encounter(here);
        self.json.moment("effectiveDateTime", at);
        self.json.moment("issued", at.plus(70));
        self.json.list("performer");
        self.json.item();
        crate::resources::facility_members(&mut self.json, self.registry.country, self.tongue, "Organization", here.facility);
        self.json.close();
        self.json.end_list();
        self.json.text("conclusion", finding);
        self.finish(Type::DiagnosticReport);
    }

    /// A referral to another service, answered or still open.
    pub(super) fn referral(&mut self, here: &Here, to: Work, why: &str, answered: bool, reason: Option<&Diagnosis>) {
        let id = self.id();
        self.begin(Type::ServiceRequest, id);
        let service = self.say(to.words());
        let mut title = self.tongue.say(&["Envío a ", "Chuyển khám ", "Направление: "]).to_owned();
        title.push_str(service);
        self.json.narrative(&[(&title, why)]);
        self.json.text("status", if answered { "completed" } else { "active" });
        self.json.text("intent", "order");
        self.json.concepts("category", "http://snomed.info/sct", "3457005", "Patient referral", "");
        self.json.text("priority", "routine");
        self.json.open("code");
        self.json.text("text", &title);
        self.json.close();
        self.subject("subject");
        self.encounter(here);
        self.json.moment("authoredOn", here.at.plus(16));
        self.by("requester", here);
        let hospital = places::hospital(self.tongue, self.person.household.district, matches!(to, Work::Obstetrics | Work::Neonatology));
        let specialist = places::who(hospital, to, 0);
        let signature = places::signature(self.tongue, specialist);
        self.json.list("performer");
        self.json.item();
        crate::resources::practitioner_members(&mut self.json, self.registry.country, &signature, specialist);
        self.json.close();
        self.json.end_list();
        self.json.list("reasonCode");
        self.json.item();
        self.json.text("text", why);
        self.json.close();
        self.json.end_list();
        if let Some(reason) = reason {
            self.json.list("reasonReference");
            self.json.reference_item(reason.id, reason.name);
            self.json.end_list();
        }
        self.finish(Type::ServiceRequest);
    }

    /// The note as a plain text document; `description` holds assessment and
    /// plan for those who only look.
    pub(super) fn document(&mut self, here: &Here, title: &str, loinc: (&str, &str), minutes: i32, note: &Note) {
        let id = self.id();
        let tongue = self.tongue;
        let mut text = String::with_capacity(1400);
        for (heading, section) in note.sections(tongue) {
            text.push_str(&heading.to_uppercase());
            text.push('\n');
            text.push_str(section);
            text.push_str("\n\n");
        }
        text.push_str(&here.signature);
        text.push_str(", ");
        text.push_str(self.say(places::post(here.practitioner).1.words()));
        text.push('\n');
        text.push_str(places::facility_name(tongue, here.facility));
        text.push('\n');
        self.begin(Type::DocumentReference, id);
        self.json.narrative(&[(title, &note.assessment)]);
        self.json.text("status", "current");
        self.json.text("docStatus", "final");
        self.json.concept("type", LOINC, loinc.0, loinc.1, title);
        self.json.concepts("category", "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category", "clinical-note", "Clinical Note", "");
        self.subject("subject");
        let at = here.at.plus(minutes);
        self.json.moment("date", at);
        self.json.list("author");
        self.json.item();
        crate::resources::practitioner_members(&mut self.json, self.registry.country, &here.signature, here.practitioner);
        self.json.close();
        self.json.end_list();
        self.at_facility("custodian", "Organization", here.facility);
        self.json.texts("description", &[&note.assessment, " ", &note.plan]);
        self.json.list("content");
        self.json.item();
        self.json.open("attachment");
        self.json.text("contentType", "text/plain; charset=utf-8");
        self.json.text("language", &self.registry.country.languages[0]);
        self.json.key("data");
        self.json.out.push('"');
        crate::json::base64(self.json.out, text.as_bytes());
        self.json.out.push('"');
        self.json.number("size", text.len() as u32);
        self.json.text("title", title);
        self.json.moment("creation", at);
        self.json.close();
        self.json.close();
        self.json.end_list();
        self.json.open("context");
        self.json.list("encounter");
        self.json.reference_item(here.encounter, "");
        self.json.end_list();
        self.json.period("period", here.at, Some(at));
        self.json.close();
        self.finish(Type::DocumentReference);
    }

    /// A discharge summary as a structured document.
    pub(super) fn summary(&mut self, here: &Here, title: &str, minutes: i32, note: &Note) {
        let id = self.id();
        self.begin(Type::Composition, id);
        self.json.narrative(&[(title, &note.assessment)]);
        self.json.text("status", "final");
        self.json.concept("type", LOINC, "18842-5", "Discharge summary", title);
        self.subject("subject");
        self.encounter(here);
        self.json.moment("date", here.at.plus(minutes));
        self.json.list("author");
        self.json.item();
        crate::resources::practitioner_members(&mut self.json, self.registry.country, &here.signature, here.practitioner);
        self.json.close();
        self.json.end_list();
        self.json.text("title", title);
        self.at_facility("custodian", "Organization", here.facility);
        self.json.list("section");
        for (heading, section) in note.sections(self.tongue) {
            self.json.item();
            self.json.text("title", heading);
            self.json.prose(&[("", section)]);
            self.json.close();
        }
        self.json.end_list();
        self.finish(Type::Composition);
    }
}
