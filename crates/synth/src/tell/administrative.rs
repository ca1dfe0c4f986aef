//! Who the person is: Patient, relatives, coverage, and what lies ahead.

use super::*;
use crate::resources::{address_line, human_name, telephone};

impl Teller<'_> {
    pub(super) fn patient(&mut self) {
        let person = self.person;
        let tongue = self.tongue;
        self.begin(Type::Patient, self.patient_id());
        let name = person.name_text();
        let mut line = String::with_capacity(64);
        person.birth.write(&mut line);
        for (_, value) in &person.identifiers {
            line.push_str(", ");
            line.push_str(value);
        }
        self.json.narrative(&[(&name, &line)]);
        self.json.list("identifier");
        for (place, (system, value)) in person.identifiers.iter().enumerate() {
            let known = self.registry.country.identifiers.iter().find(|known| known.uri == *system);
            self.json.item();
            self.json.text("use", if place == 0 { "official" } else { "secondary" });
            if let Some(known) = known {
                self.json.concept("type", "http://terminology.hl7.org/CodeSystem/v2-0203", known.kind.type_code(), "", &known.label);
            }
            self.json.text("system", system);
            self.json.text("value", value);
            self.json.close();
        }
        self.json.end_list();
        self.json.flag("active", true);
        self.json.list("name");
        human_name(&mut self.json, &person.name, tongue, "official");
        self.json.end_list();
        let adult = person.role != Role::Child;
        self.json.list("telecom");
        let serial = (person.key >> 40) as u32 % 9_999_999;
        self.json.item();
        self.json.text("system", "phone");
        self.json.text("value", &telephone(tongue, serial));
        self.json.text("use", if adult { "mobile" } else { "home" });
        self.json.close();
        if adult && self.chance.happens(0.4) {
            self.json.item();
            self.json.text("system", "email");
            let mut email = String::from("persona");
            push_padded(&mut email, serial, 7);
            email.push_str("@example.org");
            self.json.text("value", &email);
            self.json.close();
        }
        self.json.end_list();
        self.json.text("gender", if person.woman { "female" } else { "male" });
        self.json.day("birthDate", person.birth);
        if let Some(death) = person.death {
            let minute = self.chance.between(0, 1439);
            let at = self.moment(death, minute);
            self.json.moment("deceasedDateTime", at);
        }
        self.json.list("address");
        self.json.item();
        self.json.text("use", "home");
        self.json.text("type", "physical");
        self.json.list("line");
        self.json.string(&address_line(tongue, person.household.street, person.household.house));
        self.json.end_list();
        self.json.text("city", places::town(tongue, person.household.district));
        self.json.text("state", places::state(tongue));
        self.json.text("postalCode", &format!("00{:03}", person.household.district * 37 + 11));
        self.json.text("country", &self.registry.country.iso);
        self.json.close();
        self.json.end_list();
        if adult {
            let (code, display) = match person.role {
                Role::Mother | Role::Father => ("M", "Married"),
                Role::Grandmother => ("W", "Widowed"),
                _ if person.birth.0 < self.registry.end.0 - 66 * 365 => ("W", "Widowed"),
                _ => ("S", "Never Married"),
            };
            self.json.concept("maritalStatus", "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus", code, display, "");
        }
        if !adult && let Some(mother) = self.registry.relative(person, Role::Mother) {
            self.json.list("contact");
            self.json.item();
            self.json.concepts("relationship", "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "MTH", "mother", self.tongue.say(&["Madre", "Mẹ", "Мать"]));
            self.json.open("name");
            self.json.text("text", &mother.name_text());
            self.json.text("family", &mother.name.family);
            self.json.close();
            self.json.list("telecom");
            self.json.item();
            self.json.text("system", "phone");
            self.json.text("value", &telephone(tongue, (mother.key >> 40) as u32 % 9_999_999));
            self.json.close();
            self.json.end_list();
            self.json.text("gender", "female");
            self.json.close();
            self.json.end_list();
        }
        self.json.list("communication");
        self.json.item();
        self.json.open("language");
        let language = &self.registry.country.languages[0];
        self.json.coding("urn:ietf:bcp:47", language, "");
        self.json.close();
        self.json.flag("preferred", true);
        self.json.close();
        self.json.end_list();
        let doctor = self.family_doctor();
        let signature = places::signature(tongue, doctor);
        self.json.list("generalPractitioner");
        self.json.item();
        crate::resources::practitioner_members(&mut self.json, self.registry.country, &signature, doctor);
        self.json.close();
        self.json.end_list();
        self.at_facility("managingOrganization", "Organization", person.household.district);
        self.finish(Type::Patient);
    }

    pub(super) fn family_doctor(&self) -> usize {
        let child = self.registry.end.age(self.person.birth) < 16.0;
        let work = if child { Work::Paediatrics } else { Work::Family };
        places::who(self.person.household.district, work, self.person.household.number)
    }

    /// A child's parents, as the record knows them.
    pub(super) fn relatives(&mut self) {
        if self.person.role != Role::Child {
            return;
        }
        for (role, code, display, words) in [
            (Role::Mother, "MTH", "mother", ["Madre", "Mẹ", "Мать"]),
            (Role::Father, "FTH", "father", ["Padre", "Bố", "Отец"]),
        ] {
            let Some(relative) = self.registry.relative(self.person, role) else { continue };
            let id = self.id();
            self.begin(Type::RelatedPerson, id);
            let label = self.say(&words);
            self.json.narrative(&[(label, &relative.name_text())]);
            if let Some((system, value)) = relative.identifiers.first() {
                self.json.list("identifier");
                self.json.item();
                self.json.text("system", system);
                self.json.text("value", value);
                self.json.close();
                self.json.end_list();
            }
            self.json.flag("active", true);
            self.subject("patient");
            self.json.concepts("relationship", "http://terminology.hl7.org/CodeSystem/v3-RoleCode", code, display, label);
            self.json.list("name");
            human_name(&mut self.json, &relative.name, self.tongue, "official");
            self.json.end_list();
            self.json.list("telecom");
            self.json.item();
            self.json.text("system", "phone");
            self.json.text("value", &telephone(self.tongue, (relative.key >> 40) as u32 % 9_999_999));
            self.json.text("use", "mobile");
            self.json.close();
            self.json.end_list();
            self.json.text("gender", if relative.woman { "female" } else { "male" });
            self.json.day("birthDate", relative.birth);
            self.finish(Type::RelatedPerson);
        }
    }

    pub(super) fn coverage(&mut self, life: &Life) {
        let id = self.id();
        self.begin(Type::Coverage, id);
        let (_, number) = &self.person.identifiers[match self.tongue {
            Tongue::Spanish => 1,
            Tongue::Vietnamese => self.person.identifiers.len() - 1,
            Tongue::Russian => 0,
        }];
        let insurer = places::facility_name(self.tongue, places::INSURER);
        self.json.narrative(&[(insurer, number)]);
        self.json.text("status", if self.person.death.is_some() { "cancelled" } else { "active" });
        self.json.concept("type", "http://terminology.hl7.org/CodeSystem/v3-ActCode", "PUBLICPOL", "public healthcare", insurer);
        self.json.text("subscriberId", number);
        self.subject("beneficiary");
        let child = self.person.role == Role::Child;
        self.json.concept("relationship", "http://terminology.hl7.org/CodeSystem/subscriber-relationship", if child { "child" } else { "self" }, "", "");
        let start = self.moment(life.start, 0);
        self.json.period("period", start, None);
        self.json.list("payor");
        self.json.item();
        crate::resources::facility_members(&mut self.json, self.registry.country, self.tongue, "Organization", places::INSURER);
        self.json.close();
        self.json.end_list();
        self.finish(Type::Coverage);
    }

    pub(super) fn allergies(&mut self, life: &Life) {
        let (code, display, words, kind, category, criticality): (&str, &str, Words, &str, &str, &str) = match self.allergy {
            Allergy::NotAsked => return,
            Allergy::Denied => ("716186003", "No known allergy", ["Sin alergias conocidas", "Không có dị ứng đã biết", "Аллергия не известна"], "", "", ""),
            Allergy::Penicillin => ("91936005", "Allergy to penicillin", ["Penicilina", "Penicillin", "Пенициллин"], "allergy", "medication", "high"),
            Allergy::Sulfonamides => ("91939003", "Allergy to sulfonamide", ["Sulfonamidas", "Sulfonamid", "Сульфаниламиды"], "allergy", "medication", "low"),
            Allergy::Peanut => ("91935009", "Allergy to peanut", ["Cacahuate", "Lạc (đậu phộng)", "Арахис"], "allergy", "food", "high"),
            Allergy::Nsaid => ("293619005", "Allergy to aspirin", ["Naproxeno", "Naproxen", "Напроксен"], "intolerance", "medication", "low"),
            Allergy::Mite => ("232350006", "House dust mite allergy", ["Ácaros del polvo", "Mạt bụi nhà", "Клещи домашней пыли"], "allergy", "environment", "low"),
        };
        let id = self.id();
        let recorded = life.visits.first().map_or(life.start, |visit| visit.day);
        // A statement that there is none is renewed: the latest asking counts.
        let recorded = if self.allergy == Allergy::Denied { life.visits.iter().rev().nth(1).map_or(recorded, |visit| visit.day) } else { recorded };
        self.begin(Type::AllergyIntolerance, id);
        let name = self.say(&words);
        let (birth_year, _, _) = self.person.birth.parts();
        let (record_year, _, _) = recorded.parts();
        let year = (record_year - 1 - self.chance.between(0, 14)).max(birth_year);
        self.json.narrative(&[(self.tongue.say(&["Alergia:", "Dị ứng:", "Аллергия:"]), name)]);
        self.json.concept("clinicalStatus", "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "active", "Active", "");
        self.json.concept("verificationStatus", "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification", "confirmed", "Confirmed", "");
        if self.allergy != Allergy::Denied {
            self.json.text("type", kind);
            self.json.list("category");
            self.json.string(category);
            self.json.end_list();
            self.json.text("criticality", criticality);
        }
        self.json.concept("code", "http://snomed.info/sct", code, display, name);
        self.subject("patient");
        if self.allergy != Allergy::Denied {
            let year = if self.person.case == Some(Case::ManyConditions) { 2012 } else { year };
            self.json.text("onsetDateTime", &year.to_string());
        }
        let at = self.moment(recorded, 600);
        self.json.moment("recordedDate", at);
        if self.allergy != Allergy::Denied {
            let (manifestation, severity): (Words, &str) = match self.allergy {
                Allergy::Penicillin => (["Anafilaxia", "Phản vệ", "Анафилаксия"], "severe"),
                Allergy::Peanut => (["Urticaria y edema de labios", "Mề đay, phù môi", "Крапивница и отёк губ"], "moderate"),
                Allergy::Mite => (["Rinitis y sibilancias", "Viêm mũi, khò khè", "Ринит и свистящее дыхание"], "mild"),
                Allergy::Nsaid => (["Dolor epigástrico y urticaria", "Đau thượng vị, mề đay", "Боль в эпигастрии, крапивница"], "moderate"),
                _ => (["Exantema", "Phát ban", "Сыпь"], "mild"),
            };
            self.json.list("reaction");
            self.json.item();
            self.json.list("manifestation");
            self.json.item();
            self.json.text("text", self.tongue.say(&manifestation));
            self.json.close();
            self.json.end_list();
            self.json.text("severity", severity);
            self.json.close();
            self.json.end_list();
        }
        self.finish(Type::AllergyIntolerance);
    }

    /// A plan of care for those with several conditions, and the next appointment.
    pub(super) fn ahead(&mut self, life: &Life) {
        if self.person.death.is_some() {
            return;
        }
        let written: Vec<(Id, Kind)> = self.known.iter().filter_map(|known| known.id.map(|id| (id, known.kind))).collect();
        if written.len() >= 2 {
            self.care_plan(life, &written);
        }
        if !written.is_empty() || life.expecting.is_some() || self.registry.end.age(self.person.birth) < 2.0 {
            self.appointment();
        }
    }

    fn care_plan(&mut self, life: &Life, written: &[(Id, Kind)]) {
        let id = self.id();
        self.begin(Type::CarePlan, id);
        let title = self.say(&["Plan de atención de enfermedades crónicas", "Kế hoạch chăm sóc bệnh mạn tính", "План ведения хронических заболеваний"]);
        self.json.narrative(&[("", title)]);
        self.json.text("status", "active");
        self.json.text("intent", "plan");
        self.json.text("title", title);
        self.subject("subject");
        let start = self.moment(self.last_review.unwrap_or(life.start), 540);
        self.json.period("period", start, None);
        self.json.moment("created", start);
        self.json.list("addresses");
        for (condition, kind) in written {
            let name = self.say(&chronic::of(*kind).name);
            self.json.reference_item(*condition, name);
        }
        self.json.end_list();
        self.json.list("activity");
        for (_, kind) in written {
            self.json.item();
            self.json.open("detail");
            self.json.text("status", "in-progress");
            let plan = note::capital(self.say(&chronic::of(*kind).plan_steady));
            self.json.text("description", &plan);
            self.json.close();
            self.json.close();
        }
        self.json.end_list();
        self.finish(Type::CarePlan);
    }

    fn appointment(&mut self) {
        let id = self.id();
        let days = self.chance.between(9, 70);
        let minute = self.chance.between(16, 32) * 30;
        let start = self.moment(self.registry.end.plus(days).working(), minute);
        self.begin(Type::Appointment, id);
        let words = self.say(&["Consulta de seguimiento", "Tái khám", "Повторный приём"]);
        self.json.narrative(&[("", words)]);
        self.json.text("status", "booked");
        self.json.list("serviceType");
        self.json.item();
        self.json.text("text", words);
        self.json.close();
        self.json.end_list();
        self.json.text("description", words);
        self.json.agreed("start", start);
        self.json.agreed("end", start.plus(20));
        self.json.number("minutesDuration", 20);
        self.json.list("participant");
        self.json.item();
        self.subject("actor");
        self.json.text("status", "accepted");
        self.json.close();
        let doctor = self.family_doctor();
        let signature = places::signature(self.tongue, doctor);
        self.json.item();
        self.json.open("actor");
        crate::resources::practitioner_members(&mut self.json, self.registry.country, &signature, doctor);
        self.json.close();
        self.json.text("status", "accepted");
        self.json.close();
        self.json.end_list();
        self.finish(Type::Appointment);
    }
}
