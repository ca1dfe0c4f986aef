//! What comes and goes: consultations, emergencies, admissions.

use super::clinical::{Class, Diagnosis};
use super::visits::{EMERGENCY_NOTE, OUTPATIENT_NOTE};
use super::*;
use crate::illness::{Illness, Setting};

impl Teller<'_> {
    /// Drugs this person can take for an illness at this age.
    pub(super) fn fitting(&self, drug: &'static Drug, day: Day) -> &'static Drug {
        let young = self.age(day) < 12.0;
        let penicillin = drug.atc == drugs::AMOXICILLIN.atc;
        if penicillin && self.allergy == Allergy::Penicillin {
            return &drugs::AZITHROMYCIN;
        }
        let anti_inflammatory = drug.atc.starts_with("M01A");
        let kidneys = self.known.iter().any(|known| known.kind == Kind::Kidney && known.onset <= day);
        if anti_inflammatory && (self.allergy == Allergy::Nsaid || kidneys) {
            return &drugs::PARACETAMOL;
        }
        match (young, drug.atc) {
            (true, atc) if atc == drugs::PARACETAMOL.atc => &drugs::PARACETAMOL_SYRUP,
            (true, atc) if atc == drugs::AMOXICILLIN.atc => &drugs::AMOXICILLIN_SYRUP,
            _ => drug,
        }
    }

    pub(super) fn illness(&mut self, life: &Life, visit: &Visit, illness: &'static Illness) {
        let tongue = self.tongue;
        let day = visit.day;
        let emergency = illness.setting == Setting::Emergency;
        let (facility, work, class) = if emergency {
            (places::hospital(tongue, self.clinic(), false), Work::Emergency, Class::Emergency)
        } else {
            (self.clinic(), self.family_work(day), Class::Ambulatory)
        };
        let here = self.here(day, facility, work);
        let diagnosis = Diagnosis { id: self.id(), icd: illness.icd, name: self.say(&illness.name) };
        let ill_for = if emergency { 0 } else { self.chance.between(1, 6) };
        let mut note = self.illness_note(illness, day, ill_for);
        let fever = illness.fever && self.chance.happens(0.75);
        let measured = self.age(day) < 12.0 || self.chance.happens(0.3);
        let signs = self.usual_signs(day, fever, measured);
        let onset = day.plus(-ill_for);
        let over = day.plus(self.chance.between(illness.lasting.0, illness.lasting.1));
        let mut findings = String::new();
        self.signs(&here, &signs, &mut findings);
        note::add(&mut findings, &std::mem::take(&mut note.findings));
        note.findings = findings;
        for panel in illness.panels {
            self.panel(&here, panel, illness.fever, &mut note.findings);
        }
        if let Some((name, finding)) = illness.image {
            self.image(&here, tongue.say(name), tongue.say(finding));
            note::add(&mut note.findings, tongue.say(name));
            note.findings.push_str(": ");
            note.findings.push_str(tongue.say(finding));
        }
        if let Some(name) = illness.procedure {
            self.procedure(&here, tongue.say(name), here.at.plus(65), 35, Some(&diagnosis));
        }
        let mut said: Vec<&'static str> = Vec::new();
        for drug in illness.drugs {
            let drug = self.fitting(drug, day);
            if said.contains(&drug.atc) {
                continue;
            }
            said.push(drug.atc);
            let active = day.plus(drug.days as i32) > self.life_end;
            self.prescription(&here, drug, drug.days, active, None, Some(&diagnosis), &mut note.treatment);
        }
        self.condition(&here, &diagnosis, onset, Some(over), false);
        note::safety(&mut note.plan, tongue, illness.fever, &mut self.chance);
        let kind = if emergency { self.say(&["Atención de urgencias", "Khám cấp cứu", "Неотложная помощь"]) } else { self.say(&["Consulta", "Khám bệnh", "Амбулаторный приём"]) };
        let minutes = if emergency { self.chance.between(90, 320) } else { self.chance.between(12, 25) };
        self.encounter_resource(&here, class, kind, minutes, &note, std::slice::from_ref(&diagnosis), life);
        self.document(&here, if emergency { self.say(&["Nota de urgencias", "Phiếu khám cấp cứu", "Запись приёмного отделения"]) } else { self.say(&["Nota médica", "Phiếu khám bệnh", "Осмотр врача"]) }, if emergency { EMERGENCY_NOTE } else { OUTPATIENT_NOTE }, minutes, &note);
    }

    pub(super) fn illness_note(&mut self, illness: &'static Illness, day: Day, ill_for: i32) -> Note {
        let tongue = self.tongue;
        let mut note = Note::default();
        let mut number = String::new();
        push_padded(&mut number, ill_for.max(1) as u32, 1);
        let reason = tongue.say(self.chance.pick(illness.reasons));
        note.reason = note::filled(reason, &[("{n}", &number)]);
        self.who(day, &mut note.history);
        note::history(&mut note.history, tongue, &mut self.chance);
        self.background(day, &mut note.history);
        note::general(&mut note.findings, tongue, &mut self.chance);
        note::add_one(&mut note.findings, tongue, illness.findings, &mut self.chance);
        note.findings.push('.');
        note.assessment = self.say(&illness.name).to_owned();
        if self.chance.happens(0.5) {
            note.assessment.push_str(tongue.say(self.chance.pick(&[
                [", sin datos de gravedad", ", không có dấu hiệu nặng", ", без признаков тяжёлого течения"],
                [", evolución esperada", ", diễn tiến như dự kiến", ", течение типичное"],
                [", leve", ", mức độ nhẹ", ", лёгкое течение"],
            ])));
        }
        note.assessment.push('.');
        note::add_one(&mut note.plan, tongue, illness.plans, &mut self.chance);
        note.plan.push('.');
        note
    }

    pub(super) fn admission(&mut self, life: &Life, visit: &Visit, illness: &'static Illness) {
        let tongue = self.tongue;
        let day = visit.day;
        let facility = places::hospital(tongue, self.clinic(), false);
        let surgical = illness.procedure.is_some();
        let work = if illness.icd.starts_with('S') { Work::Traumatology } else if surgical { Work::Surgery } else { Work::Internal };
        let here = self.here(day, facility, work);
        let diagnosis = Diagnosis { id: self.id(), icd: illness.icd, name: self.say(&illness.name) };
        let nights = self.chance.between(2, 8).min(self.life_end.0 - day.0);
        let ill_for = self.chance.between(1, 5);
        let mut note = self.illness_note(illness, day, ill_for);
        let mut signs = self.usual_signs(day, illness.fever, true);
        if illness.icd == "J18.9" {
            signs.saturation = Some((89.0 + self.chance.bell() * 1.6).round());
            signs.breaths = signs.breaths.map(|breaths| breaths + 8.0);
        }
        let mut findings = String::new();
        self.signs(&here, &signs, &mut findings);
        note::add(&mut findings, &std::mem::take(&mut note.findings));
        note.findings = findings;
        for panel in illness.panels {
            self.panel(&here, panel, illness.fever, &mut note.findings);
        }
        if let Some((name, finding)) = illness.image {
            self.image(&here, tongue.say(name), tongue.say(finding));
            note::add(&mut note.findings, tongue.say(finding));
        }
        if let Some(name) = illness.procedure {
            self.procedure(&here, tongue.say(name), here.at.plus(700), 85, Some(&diagnosis));
        }
        let over = day.plus(self.chance.between(illness.lasting.0, illness.lasting.1));
        self.condition(&here, &diagnosis, day.plus(-ill_for), Some(over), false);
        for drug in illness.drugs {
            let drug = self.fitting(drug, day);
            self.prescription(&here, drug, drug.days, false, None, Some(&diagnosis), &mut note.treatment);
        }
        // Each day on the ward has its round.
        for night in 1..=nights {
            let round = Here { encounter: here.encounter, at: self.moment(day.plus(night), 480 + night * 3), facility, practitioner: here.practitioner, signature: here.signature.clone() };
            let better = self.usual_signs(round.at.day, illness.fever && night == 1, false);
            let mut said = String::new();
            self.signs(&round, &better, &mut said);
            if night == nights && !illness.panels.is_empty() {
                self.panel(&round, illness.panels[0], false, &mut said);
            }
        }
        let minutes = nights * 1440 + self.chance.between(60, 300);
        let mut stay = String::new();
        push_padded(&mut stay, nights as u32, 1);
        note::add(&mut note.assessment, &note::filled(self.say(&["Estancia de {n} días con mejoría.", "Nằm viện {n} ngày, cải thiện.", "Госпитализация {n} дн., с улучшением."]), &[("{n}", &stay)]));
        note::return_in(&mut note.plan, tongue, 10);
        let kind = self.say(&["Hospitalización", "Điều trị nội trú", "Госпитализация"]);
        self.encounter_resource(&here, Class::Inpatient, kind, minutes, &note, std::slice::from_ref(&diagnosis), life);
        self.summary(&here, self.say(&["Nota de egreso", "Tóm tắt ra viện", "Выписной эпикриз"]), minutes, &note);
        self.referral(&here, Work::Internal, diagnosis.name, day.plus(40) < self.life_end, Some(&diagnosis));
    }
}
