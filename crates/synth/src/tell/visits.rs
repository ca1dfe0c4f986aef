//! One visit after the other: who sees whom where, and what comes of it.

use super::clinical::{Class, Diagnosis};
use super::results::{Signs, Value};
use super::*;
use crate::illness::{Illness, Setting};
use crate::measure as m;

const OUTPATIENT_NOTE: (&str, &str) = ("34131-3", "Outpatient Progress note");
const EMERGENCY_NOTE: (&str, &str) = ("34878-9", "Emergency medicine Note");
const NURSE_NOTE: (&str, &str) = ("34746-8", "Nurse Note");

impl Teller<'_> {
    pub(super) fn visit(&mut self, life: &Life, visit: &Visit) {
        match visit.purpose {
            Purpose::Birth => self.birth(life, visit),
            Purpose::WellChild => self.well_child(life, visit),
            Purpose::Checkup => self.checkup(life, visit),
            Purpose::Review | Purpose::HomeVisit => self.review(life, visit),
            Purpose::Illness(illness) => match illness.setting {
                Setting::Ward => self.admission(life, visit, illness),
                _ => self.illness(life, visit, illness),
            },
            Purpose::Prenatal(week) => self.prenatal(life, visit, week),
            Purpose::Delivery(caesarean) => self.delivery(life, visit, caesarean),
            Purpose::Postnatal => self.postnatal(life, visit),
            Purpose::HomeCare(number) => self.home_care(life, visit, number),
        }
    }

    fn here(&mut self, day: Day, facility: usize, work: Work) -> Here {
        let minute = if matches!(work, Work::Emergency) { self.chance.between(0, 1439) } else { self.chance.between(48, 100) * 10 };
        // Nearly always the same doctor.
        let which = self.person.household.number + u64::from(self.chance.happens(0.12));
        let practitioner = places::who(facility, work, which);
        let signature = places::signature(self.tongue, practitioner);
        Here { encounter: self.id(), at: self.moment(day, minute), facility, practitioner, signature }
    }

    fn clinic(&self) -> usize {
        self.person.household.district
    }

    fn age(&self, day: Day) -> f64 {
        day.age(self.person.birth)
    }

    fn family_work(&self, day: Day) -> Work {
        if self.age(day) < 16.0 { Work::Paediatrics } else { Work::Family }
    }

    /// Vital signs of a body on a day, with what its conditions do to them.
    fn usual_signs(&mut self, day: Day, fever: bool, measured: bool) -> Signs {
        let age = self.age(day);
        let mut systolic = self.body.systolic(day) + self.chance.bell() * 5.5;
        let mut diastolic = systolic * 0.62 + self.chance.bell() * 3.5;
        if let Some(known) = self.known.iter().find(|known| known.kind == Kind::Hypertension && known.onset <= day) {
            let untreated = 24.0 + known.severity * 16.0;
            let effect = [8.0, 21.0, 32.0][known.step.min(2)];
            systolic += (untreated - effect).max(-4.0);
            diastolic += (untreated - effect) * 0.45;
        }
        let mut pulse = self.body.pulse(day) + self.chance.bell() * 6.0;
        if self.known.iter().any(|known| known.kind == Kind::Fibrillation && known.onset <= day) {
            pulse += 8.0 + self.chance.bell() * 6.0;
        }
        let temperature = if fever { 37.9 + self.chance.unit() * 1.4 } else { 36.5 + self.chance.bell() * 0.22 };
        if fever {
            pulse += 14.0;
        }
        let weeks = self.pregnancy.map_or(0.0, |(_, began)| f64::from(day.0 - began.0) / 7.0);
        let weeks = if (0.0..41.0).contains(&weeks) { weeks } else { 0.0 };
        let lungs = self.known.iter().any(|known| matches!(known.kind, Kind::Copd | Kind::HeartFailure) && known.onset <= day);
        let saturation = (97.6 + self.chance.bell() * 0.8 - if lungs { 3.4 } else { 0.0 }).clamp(86.0, 99.0);
        Signs {
            systolic: (age >= 18.0 || age >= 5.0 && (self.rich || self.chance.happens(0.2))).then_some(systolic.round()),
            diastolic: diastolic.round().min(systolic.round() - 20.0),
            pulse: (self.rich || fever || self.chance.happens(0.12)).then(|| pulse.round()),
            breaths: (fever && self.chance.happens(0.4) || self.rich && measured).then(|| (self.body.breaths(day) + self.chance.bell() * 1.2 + if fever { 3.0 } else { 0.0 }).round()),
            temperature: (fever || self.chance.happens(if self.rich { 0.5 } else { 0.12 })).then_some(temperature),
            saturation: (lungs || self.chance.happens(if self.rich || fever { 0.4 } else { 0.08 })).then(|| saturation.round()),
            weight: (measured && (self.rich || age < 5.0 || self.chance.happens(0.7))).then(|| self.body.weight(day) + weeks * 0.28 + self.chance.bell() * 0.25 * if age < 3.0 { 0.2 } else { 1.0 }),
            height: (measured && (age < 20.0 || self.chance.happens(if self.rich { 0.25 } else { 0.1 }))).then(|| self.body.height(day)),
            head: (measured && age < 3.0).then(|| self.body.head(day)),
        }
    }

    /// A value of a laboratory measure on a day, as body and conditions have it.
    fn laboratory(&mut self, measure: &'static Measure, day: Day, acute: bool) -> Value {
        let age = self.age(day);
        let woman = self.person.woman;
        let bell = self.chance.bell();
        // Sugar and HbA1c of one day move together, and so do the lipids.
        let daily = Chance::new(mix(self.person.key ^ 0x0DA1, day.0 as u64)).bell();
        // What is one's own stays one's own: a steady part from the person's key.
        let own = Chance::new(mix(self.person.key, measure.loinc[0].bytes().fold(0, |sum, byte| sum * 31 + u64::from(byte)))).bell();
        let state = |kind: Kind| self.known.iter().find(|known| known.kind == kind && known.onset <= day).map(|known| (known.severity, known.step, self.years(known.onset, day)));
        let diabetes = state(Kind::Diabetes);
        let kidney = state(Kind::Kidney);
        let a1c = diabetes.map_or(5.3 + self.body.bias * 0.22 + daily * 0.12, |(severity, step, years)| {
            (7.4 + severity * 3.1 + years * 0.06 - [0.4, 1.3, 2.2, 3.0][step.min(3)] + self.body.bias * 0.25 + daily * 0.28).clamp(5.6, 13.5)
        });
        let gfr = kidney.map_or((104.0 - (age - 30.0).max(0.0) * 0.72 + self.body.bias * 7.0 + daily * 3.5).max(38.0), |(severity, _, years)| {
            (58.0 - severity * 9.0 - years * (1.2 + severity * 2.2) + daily * 2.2).max(16.0)
        });
        let ldl = state(Kind::Lipids).map_or(108.0 + self.body.bias * 16.0 + daily * 7.0, |(severity, step, _)| (152.0 + severity * 48.0) * [0.66, 0.52][step.min(1)] + daily * 9.0);
        let hdl = (if woman { 54.0 } else { 46.0 }) - self.body.bias * 6.0 + daily * 2.0;
        let triglycerides = 118.0 + self.body.bias * 26.0 + daily * 16.0 + diabetes.map_or(0.0, |_| 38.0);
        let anaemia = state(Kind::Anaemia);
        let hemoglobin = (if age < 12.0 { 12.2 } else if woman { 13.3 } else { 14.9 }) + self.body.bias * 0.5 + daily * 0.3
            - anaemia.map_or(0.0, |(severity, _, years)| (2.0 + severity * 1.6 - years * 1.9).max(0.1))
            - if gfr < 45.0 { 1.2 } else { 0.0 };
        let value = match measure {
            _ if *measure == m::HBA1C => a1c,
            _ if *measure == m::GLUCOSE => (28.0 * a1c - 58.0 + bell * 7.0).max(66.0),
            _ if *measure == m::EGFR => gfr.min(120.0),
            _ if *measure == m::CREATININE => if age < 14.0 { 0.3 + age * 0.025 } else { (if woman { 72.0 } else { 94.0 }) / gfr },
            _ if *measure == m::UREA => 13.5 + (90.0 - gfr).max(0.0) * 0.28 + bell * 1.6,
            _ if *measure == m::POTASSIUM => 4.3 + own * 0.15 + bell * 0.18 + (50.0 - gfr).max(0.0) * 0.018,
            _ if *measure == m::SODIUM => 140.0 + bell * 1.6,
            _ if *measure == m::LDL => ldl,
            _ if *measure == m::HDL => hdl.max(28.0),
            _ if *measure == m::TRIGLYCERIDES => triglycerides.max(48.0),
            _ if *measure == m::CHOLESTEROL => ldl + hdl + triglycerides / 5.0,
            _ if *measure == m::ALBUMINURIA => diabetes.map_or(8.0, |(severity, ..)| 14.0 + severity * 30.0) + kidney.map_or(0.0, |(severity, _, years)| 60.0 + severity * 140.0 + years * 18.0) + bell.abs() * 6.0,
            _ if *measure == m::HEMOGLOBIN => hemoglobin,
            _ if *measure == m::HEMATOCRIT => hemoglobin * 2.98 + bell * 0.4,
            _ if *measure == m::ERYTHROCYTES => hemoglobin * 0.334 + bell * 0.06,
            _ if *measure == m::MCV => 89.0 + own * 2.0 + bell - anaemia.map_or(0.0, |(severity, _, years)| (13.0 + severity * 6.0 - years * 9.0).max(0.0)),
            _ if *measure == m::LEUKOCYTES => (6.6 + own * 0.9 + bell * 0.7 + if acute { 5.6 + bell * 1.8 } else { 0.0 }).max(3.2),
            _ if *measure == m::PLATELETS => (252.0 + own * 34.0 + bell * 18.0).max(90.0),
            _ if *measure == m::CRP => if acute { 46.0 + bell.abs() * 48.0 } else { 1.9 + bell.abs() * 1.3 },
            _ if *measure == m::FERRITIN => anaemia.map_or(68.0 + own * 18.0, |(_, _, years)| 6.5 + years * 26.0) + bell.abs() * 3.0,
            _ if *measure == m::TSH => state(Kind::Thyroid).map_or(2.1 + own * 0.6 + bell * 0.25, |(severity, _, years)| 2.6 + severity * 2.2 + (1.6 - years).max(0.0) * 5.0 + bell * 0.8).max(0.3),
            _ if *measure == m::NT_PROBNP => state(Kind::HeartFailure).map_or(82.0, |(severity, ..)| 640.0 + severity * 1700.0) * (1.0 + bell * 0.16),
            _ if *measure == m::URATE => state(Kind::Gout).map_or(5.1, |(severity, _, years)| 7.9 + severity * 1.4 - (years * 0.5).min(2.6)) + own * 0.5 + bell * 0.25,
            _ if *measure == m::PSA => 1.1 + own.abs() * 1.2 + bell.abs() * 0.25 + state(Kind::Prostate).map_or(0.0, |(severity, ..)| severity * 2.4),
            _ if *measure == m::FEV1 => (self.body.height(day) / 100.0).powi(2) * (1.12 - (age - 25.0).max(0.0) * 0.008) * if state(Kind::Copd).is_some() { 0.58 } else { 0.86 } + bell * 0.07,
            _ if *measure == m::FEV1_FVC => if state(Kind::Copd).is_some() { 58.0 + bell * 3.0 } else { 77.0 + bell * 4.0 },
            _ if *measure == m::TROPONIN => 6.0 + bell.abs() * 4.0,
            _ if *measure == m::INR => 1.05 + bell * 0.06,
            _ if *measure == m::ALT || *measure == m::AST => 22.0 + own * 6.0 + bell * 4.0 + if self.body_is_heavy(day) { 14.0 } else { 0.0 },
            _ if *measure == m::BILIRUBIN => 0.6 + own * 0.12 + bell * 0.1,
            _ => (measure.low + measure.high) / 2.0,
        };
        Value { measure, value }
    }

    fn years(&self, from: Day, to: Day) -> f64 {
        f64::from(to.0 - from.0) / 365.25
    }

    fn body_is_heavy(&self, day: Day) -> bool {
        let height = self.body.height(day) / 100.0;
        self.body.weight(day) / height / height > 30.0
    }

    fn panel(&mut self, here: &Here, panel: &'static Panel, acute: bool, say: &mut String) -> Vec<Value> {
        let day = here.at.day;
        let values: Vec<Value> = panel.measures.iter().map(|measure| self.laboratory(measure, day, acute)).collect();
        self.report(here, panel, &values, say);
        values
    }

    fn give(&mut self, visit: &Visit, here: &Here, plan: &mut String) {
        if visit.doses.is_empty() {
            return;
        }
        let tongue = self.tongue;
        let mut names = String::new();
        for dose in &visit.doses {
            self.immunization(dose, here.at.day, Some(here));
            names.push_str(if names.is_empty() { "" } else { ", " });
            names.push_str(&dose.vaccine);
        }
        names.push('.');
        note::add(plan, tongue.say(&["Se aplica:", "Đã tiêm/uống:", "Введено:"]));
        note::add(plan, &names);
    }

    /// `Hombre de 67 años.` — as a note begins.
    fn who(&self, day: Day, text: &mut String) {
        let years = day.years_since(self.person.birth);
        let months = (day.0 - self.person.birth.0) * 100 / 3044;
        let tongue = self.tongue;
        let (number, unit): (i32, Words) = if years >= 2 {
            let russian = match years % 10 {
                1 if years % 100 != 11 => "год",
                2..=4 if !(12..=14).contains(&(years % 100)) => "года",
                _ => "лет",
            };
            (years, ["años", "tuổi", russian])
        } else if months >= 1 {
            (months, [if months == 1 { "mes" } else { "meses" }, "tháng tuổi", "мес."])
        } else {
            (day.0 - self.person.birth.0, ["días", "ngày tuổi", "дн."])
        };
        let words: Words = match (years < 12, years < 18, self.person.woman) {
            (true, _, true) => ["Niña de", "Bé gái", "Девочка,"],
            (true, _, false) => ["Niño de", "Bé trai", "Мальчик,"],
            (_, true, true) => ["Adolescente mujer de", "Thiếu nữ", "Девушка,"],
            (_, true, false) => ["Adolescente varón de", "Thiếu niên nam", "Юноша,"],
            (_, _, true) => ["Mujer de", "Người bệnh nữ", "Пациентка,"],
            (_, _, false) => ["Hombre de", "Người bệnh nam", "Пациент,"],
        };
        note::add(text, tongue.say(&words));
        text.push(' ');
        push_padded(text, number.max(0) as u32, 1);
        text.push(' ');
        text.push_str(tongue.say(&unit));
        if !text.ends_with('.') {
            text.push('.');
        }
    }

    /// What one lives with, in a sentence.
    fn background(&self, day: Day, text: &mut String) {
        let tongue = self.tongue;
        let mut names = String::new();
        for known in self.known.iter().filter(|known| known.onset <= day) {
            names.push_str(if names.is_empty() { "" } else { ", " });
            names.push_str(&tongue.say(&chronic::of(known.kind).name).to_lowercase());
        }
        if !names.is_empty() {
            names.push('.');
            note::add(text, tongue.say(&["Antecedentes:", "Tiền sử:", "В анамнезе:"]));
            note::add(text, &names);
        }
        let allergy: Option<Words> = match self.allergy {
            Allergy::Penicillin => Some(["Alergia a penicilina.", "Dị ứng penicillin.", "Аллергия на пенициллин."]),
            Allergy::Sulfonamides => Some(["Alergia a sulfonamidas.", "Dị ứng sulfonamid.", "Аллергия на сульфаниламиды."]),
            Allergy::Nsaid => Some(["No tolera naproxeno.", "Không dung nạp naproxen.", "Непереносимость напроксена."]),
            Allergy::Denied if day.0 % 3 == 0 => Some(["Niega alergias.", "Không dị ứng.", "Аллергию отрицает."]),
            _ => None,
        };
        if let Some(allergy) = allergy {
            note::add(text, tongue.say(&allergy));
        }
    }

    /// Drugs this person can take for an illness at this age.
    fn fitting(&self, drug: &'static Drug, day: Day) -> &'static Drug {
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

    fn illness(&mut self, life: &Life, visit: &Visit, illness: &'static Illness) {
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
            self.prescription(&here, drug, drug.days, active, None, Some(&diagnosis), &mut note.plan);
        }
        self.condition(&here, &diagnosis, onset, Some(over), false);
        note::safety(&mut note.plan, tongue, &mut self.chance);
        let kind = if emergency { self.say(&["Atención de urgencias", "Khám cấp cứu", "Неотложная помощь"]) } else { self.say(&["Consulta", "Khám bệnh", "Амбулаторный приём"]) };
        let minutes = if emergency { self.chance.between(90, 320) } else { self.chance.between(12, 25) };
        self.encounter_resource(&here, class, kind, minutes, &note, std::slice::from_ref(&diagnosis), life);
        self.document(&here, if emergency { self.say(&["Nota de urgencias", "Phiếu khám cấp cứu", "Запись приёмного отделения"]) } else { self.say(&["Nota médica", "Phiếu khám bệnh", "Осмотр врача"]) }, if emergency { EMERGENCY_NOTE } else { OUTPATIENT_NOTE }, minutes, &note);
    }

    fn illness_note(&mut self, illness: &'static Illness, day: Day, ill_for: i32) -> Note {
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

    fn admission(&mut self, life: &Life, visit: &Visit, illness: &'static Illness) {
        let tongue = self.tongue;
        let day = visit.day;
        let facility = places::hospital(tongue, self.clinic(), false);
        let surgical = illness.procedure.is_some();
        let work = if illness.icd.starts_with('S') { Work::Traumatology } else if surgical { Work::Surgery } else { Work::Internal };
        let here = self.here(day, facility, work);
        let diagnosis = Diagnosis { id: self.id(), icd: illness.icd, name: self.say(&illness.name) };
        let nights = self.chance.between(2, 8);
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
            self.prescription(&here, drug, drug.days, false, None, Some(&diagnosis), &mut note.plan);
        }
        // Each day on the ward has its round.
        for night in 1..=nights {
            let round = Here { encounter: here.encounter, at: self.moment(day.plus(night), 480 + night * 3), facility, practitioner: here.practitioner, signature: here.signature.clone() };
            if round.at.day > self.life_end {
                break;
            }
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

    fn well_child(&mut self, life: &Life, visit: &Visit) {
        let tongue = self.tongue;
        let day = visit.day;
        let work = if self.chance.happens(0.2) { Work::Nurse } else { self.family_work(day) };
        let here = self.here(day, self.clinic(), work);
        let mut note = Note::default();
        let vaccines = !visit.doses.is_empty();
        note.reason = self.say(if vaccines { &["Control de niño sano y vacunación", "Khám sức khỏe trẻ em và tiêm chủng", "Профилактический осмотр и вакцинация"] } else { &["Control de niño sano", "Khám sức khỏe trẻ em định kỳ", "Профилактический осмотр ребёнка"] }).to_owned();
        self.who(day, &mut note.history);
        let age = self.age(day);
        let milestones: &[Words] = match age {
            ..0.3 => &[["Lactancia materna exclusiva, gana peso.", "Bú mẹ hoàn toàn, tăng cân tốt.", "Грудное вскармливание, прибавка в весе достаточная."], ["Fija la mirada y sonríe.", "Biết nhìn theo, mỉm cười.", "Фиксирует взгляд, улыбается."]],
            ..0.8 => &[["Se sienta con apoyo, inició alimentación complementaria.", "Ngồi có đỡ, bắt đầu ăn dặm.", "Сидит с поддержкой, введён прикорм."], ["Balbucea y toma objetos.", "Bập bẹ, cầm nắm đồ vật.", "Лепечет, берёт игрушки."]],
            ..1.6 => &[["Camina con ayuda, dice papá y mamá.", "Tập đi, nói được ba, mẹ.", "Ходит с поддержкой, говорит «мама», «папа»."], ["Come de la dieta familiar.", "Ăn cùng gia đình.", "Ест с общего стола."]],
            ..4.0 => &[["Corre, arma frases de tres palabras.", "Chạy, nói câu ba từ.", "Бегает, говорит фразами."], ["Duerme bien, juega con otros niños.", "Ngủ ngon, chơi với trẻ khác.", "Спит хорошо, играет с детьми."]],
            _ => &[["Buen aprovechamiento escolar.", "Học tập tốt.", "Успеваемость хорошая."], ["Hace deporte dos veces por semana.", "Chơi thể thao hai lần mỗi tuần.", "Занимается спортом дважды в неделю."], ["Usa pantallas tres horas al día.", "Dùng màn hình ba giờ mỗi ngày.", "Экранное время — три часа в день."]],
        };
        note::add_one(&mut note.history, tongue, milestones, &mut self.chance);
        self.background(day, &mut note.history);
        let mut signs = self.usual_signs(day, false, true);
        signs.breaths = None;
        signs.saturation = None;
        signs.systolic = signs.systolic.filter(|_| age > 6.0);
        signs.height = Some(self.body.height(day));
        let mut findings = String::new();
        self.signs(&here, &signs, &mut findings);
        note::general(&mut findings, tongue, &mut self.chance);
        note.findings = findings;
        if (age - 1.0).abs() < 0.05 || (age - 6.0).abs() < 0.2 || self.chance.happens(0.05) {
            self.panel(&here, &m::SHORT_COUNT, false, &mut note.findings);
        }
        note.assessment = self.say(&["Crecimiento y desarrollo adecuados para la edad.", "Phát triển thể chất và tâm thần vận động phù hợp lứa tuổi.", "Физическое и нервно-психическое развитие по возрасту."]).to_owned();
        self.give(visit, &here, &mut note.plan);
        note::add_one(&mut note.plan, tongue, &[
            ["Cepillado de dientes, prevención de accidentes en casa.", "Vệ sinh răng miệng, phòng tai nạn trong nhà.", "Гигиена полости рта, профилактика травм дома."],
            ["Alimentación variada, sin bebidas azucaradas.", "Ăn đa dạng, không nước ngọt.", "Разнообразное питание, без сладких напитков."],
            ["Reacciones leves a las vacunas explicadas.", "Đã dặn phản ứng nhẹ sau tiêm.", "Разъяснены возможные реакции на прививки."],
        ], &mut self.chance);
        if age < 1.0 && self.chance.happens(0.35) {
            self.prescription(&here, &drugs::VITAMIN_D, 90, day.plus(90) > self.life_end, None, None, &mut note.plan);
        }
        let next = if age < 1.0 { 45 } else if age < 3.0 { 150 } else { 360 };
        note::return_in(&mut note.plan, tongue, next);
        let kind = self.say(&["Control de niño sano", "Khám trẻ khỏe", "Профилактический осмотр"]);
        self.encounter_resource(&here, Class::Ambulatory, kind, 25, &note, &[], life);
        self.document(&here, self.say(&["Nota de control de niño sano", "Phiếu khám trẻ khỏe", "Запись профилактического осмотра"]), if work == Work::Nurse { NURSE_NOTE } else { OUTPATIENT_NOTE }, 22, &note);
    }

    fn birth(&mut self, life: &Life, visit: &Visit) {
        let tongue = self.tongue;
        let facility = places::hospital(tongue, self.clinic(), true);
        let here = self.here(visit.day, facility, Work::Neonatology);
        let diagnosis = Diagnosis { id: self.id(), icd: "Z38.0", name: self.say(&["Nacido vivo único, en hospital", "Trẻ sinh sống, đơn thai, tại bệnh viện", "Один ребёнок, рождённый в стационаре"]) };
        let mut note = Note::default();
        let weeks = self.chance.between(37, 41);
        let mut number = String::new();
        push_padded(&mut number, weeks as u32, 1);
        note.reason = note::filled(self.say(&["Recién nacido de {n} semanas de gestación", "Trẻ sơ sinh, thai {n} tuần", "Новорождённый, срок гестации {n} нед."]), &[("{n}", &number)]);
        note.history = self.say(&["Parto en hospital, llanto inmediato, contacto piel a piel. Apgar 8 al minuto y 9 a los cinco.", "Sinh tại bệnh viện, khóc ngay, da kề da. Apgar 8 phút thứ nhất, 9 phút thứ năm.", "Роды в стационаре, закричал сразу, контакт кожа к коже. Апгар 8 и 9 баллов."]).to_owned();
        let signs = Signs { pulse: Some((138.0 + self.chance.bell() * 7.0).round()), breaths: Some(44.0), temperature: Some(36.8), weight: Some(self.body.weight(visit.day)), height: Some(self.body.height(visit.day)), head: Some(self.body.head(visit.day)), ..Signs::default() };
        let mut findings = String::new();
        self.signs(&here, &signs, &mut findings);
        note::add(&mut findings, self.say(&["Fontanela normotensa, caderas estables, reflejos presentes.", "Thóp phẳng, khớp háng vững, phản xạ tốt.", "Большой родничок не напряжён, тазобедренные суставы стабильны, рефлексы живые."]));
        note.findings = findings;
        note.assessment = self.say(&["Recién nacido sano de término.", "Trẻ sơ sinh đủ tháng khỏe mạnh.", "Здоровый доношенный новорождённый."]).to_owned();
        note.plan = self.say(&["Alojamiento conjunto, lactancia a libre demanda, tamiz metabólico y auditivo.", "Nằm cùng mẹ, bú theo nhu cầu, sàng lọc sơ sinh và thính lực.", "Совместное пребывание, кормление по требованию, неонатальный и аудиологический скрининг."]).to_owned();
        self.give(visit, &here, &mut note.plan);
        self.condition(&here, &diagnosis, visit.day, Some(visit.day.plus(2)), false);
        self.procedure(&here, self.say(&["Tamiz metabólico neonatal", "Sàng lọc sơ sinh lấy máu gót chân", "Неонатальный скрининг"]), here.at.plus(1500), 10, None);
        let minutes = (2 * 1440 - here.at.minute + 660).min((self.life_end.0 - visit.day.0).max(1) * 1440);
        self.encounter_resource(&here, Class::Inpatient, self.say(&["Nacimiento", "Sinh", "Рождение"]), minutes, &note, std::slice::from_ref(&diagnosis), life);
        self.summary(&here, self.say(&["Nota de egreso del recién nacido", "Tóm tắt ra viện trẻ sơ sinh", "Выписной эпикриз новорождённого"]), minutes, &note);
    }

    fn checkup(&mut self, life: &Life, visit: &Visit) {
        let tongue = self.tongue;
        let day = visit.day;
        let here = self.here(day, self.clinic(), Work::Family);
        let mut note = Note::default();
        note.reason = self.say(&["Revisión preventiva", "Khám sức khỏe định kỳ", "Диспансеризация"]).to_owned();
        self.who(day, &mut note.history);
        note::adherence(&mut note.history, tongue, &mut self.chance);
        self.background(day, &mut note.history);
        let signs = self.usual_signs(day, false, true);
        self.signs(&here, &signs, &mut note.findings);
        note::general(&mut note.findings, tongue, &mut self.chance);
        let before = note.findings.len();
        self.panel(&here, &m::SHORT_COUNT, false, &mut note.findings);
        if self.age(day) > 32.0 {
            self.panel(&here, &m::GLUCOSE_ONLY, false, &mut note.findings);
            self.panel(&here, &m::LIPIDS, false, &mut note.findings);
        }
        let abnormal = note.findings.len() > before;
        note.assessment = self.say(if abnormal { &["Persona sana con hallazgos menores de laboratorio.", "Khỏe mạnh, có vài chỉ số cần theo dõi.", "Без хронических заболеваний, небольшие отклонения в анализах."] } else { &["Persona sana, sin factores de riesgo nuevos.", "Khỏe mạnh, không có yếu tố nguy cơ mới.", "Без хронических заболеваний, новых факторов риска нет."] }).to_owned();
        note::add_one(&mut note.plan, tongue, &[
            ["Actividad física 150 minutos por semana, dieta con verduras.", "Vận động 150 phút mỗi tuần, ăn nhiều rau.", "Физическая активность 150 минут в неделю, больше овощей."],
            ["Dejar de fumar, consejería breve.", "Tư vấn cai thuốc lá.", "Краткое консультирование по отказу от курения."],
            ["Revisión dental y de la vista.", "Khám răng và mắt.", "Осмотр стоматолога и офтальмолога."],
        ], &mut self.chance);
        self.give(visit, &here, &mut note.plan);
        note::return_in(&mut note.plan, tongue, 365);
        self.encounter_resource(&here, Class::Ambulatory, self.say(&["Revisión preventiva", "Khám sức khỏe", "Профилактический осмотр"]), 30, &note, &[], life);
        self.document(&here, self.say(&["Nota de revisión preventiva", "Phiếu khám sức khỏe", "Заключение по диспансеризации"]), OUTPATIENT_NOTE, 28, &note);
    }

    fn review(&mut self, life: &Life, visit: &Visit) {
        let tongue = self.tongue;
        let day = visit.day;
        let home = matches!(visit.purpose, Purpose::HomeVisit);
        let here = self.here(day, self.clinic(), if home { Work::Nurse } else { self.family_work(day) });
        let mut note = Note::default();
        note.reason = self.say(if home { &["Visita domiciliaria", "Thăm khám tại nhà", "Патронаж на дому"] } else { &["Control de enfermedades crónicas", "Tái khám bệnh mạn tính", "Плановый приём, диспансерное наблюдение"] }).to_owned();
        self.who(day, &mut note.history);
        note::adherence(&mut note.history, tongue, &mut self.chance);
        self.background(day, &mut note.history);
        let signs = self.usual_signs(day, false, true);
        self.signs(&here, &signs, &mut note.findings);
        note::general(&mut note.findings, tongue, &mut self.chance);
        let mut pressure = String::new();
        push_decimal(&mut pressure, signs.systolic.unwrap_or(0.0), 0);
        pressure.push('/');
        push_decimal(&mut pressure, signs.diastolic, 0);

        // What is due is measured once, however many conditions ask for it.
        let mut values: Vec<Value> = Vec::new();
        let mut done: Vec<&'static str> = Vec::new();
        for place in 0..self.known.len() {
            let known = &self.known[place];
            let wait = if self.rich { 165 } else { 420 };
            let due = known.onset <= day && (day.0.saturating_sub(known.measured.0) >= wait || self.rich && self.last_review == Some(day));
            if !due || home {
                continue;
            }
            for panel in chronic::of(known.kind).panels {
                if !done.contains(&panel.english) {
                    done.push(panel.english);
                    values.extend(self.panel(&here, panel, false, &mut note.findings));
                }
            }
            self.known[place].measured = day;
        }
        let shown = |measure: &Measure| -> Option<f64> { values.iter().find(|value| value.measure == measure).map(|value| value.value) };
        let (a1c, gfr, ldl) = (shown(&m::HBA1C), shown(&m::EGFR), shown(&m::LDL));
        let mut a1c_text = String::new();
        let mut gfr_text = String::new();
        let mut ldl_text = String::new();
        note::number(&mut a1c_text, tongue, a1c.unwrap_or(0.0), 1);
        note::number(&mut gfr_text, tongue, gfr.unwrap_or(0.0), 0);
        gfr_text.push_str(tongue.say(&[" mL/min", " mL/phút", " мл/мин"]));
        let molar = tongue.molar() == 1;
        note::number(&mut ldl_text, tongue, ldl.unwrap_or(0.0) * if molar { 0.02586 } else { 1.0 }, u8::from(molar));
        ldl_text.push_str(tongue.say(&[" mg/dL", " mmol/L", " ммоль/л"]));
        let fill = [("{bp}", pressure.as_str()), ("{a1c}", a1c_text.as_str()), ("{egfr}", gfr_text.as_str()), ("{ldl}", ldl_text.as_str())];

        let mut diagnoses: Vec<Diagnosis> = Vec::new();
        let mut fresh: Vec<(Diagnosis, Day)> = Vec::new();
        let mut referred: Option<(Work, &'static str, Diagnosis)> = None;
        let mut prescribe: Vec<(&'static Drug, Diagnosis)> = Vec::new();
        for place in 0..self.known.len() {
            if self.known[place].onset > day {
                continue;
            }
            let chronic = chronic::of(self.known[place].kind);
            let id = match self.known[place].id {
                Some(id) => id,
                None => self.id(),
            };
            let diagnosis = Diagnosis { id, icd: chronic.icd, name: tongue.say(&chronic.name) };
            if self.known[place].id.is_none() {
                self.known[place].id = Some(id);
                fresh.push((diagnosis.clone(), self.known[place].onset));
            }
            // Without today's value there is nothing to say about it.
            let verdict = match chronic.kind {
                Kind::Hypertension => signs.systolic.map(|systolic| systolic < 140.0 && signs.diastolic < 90.0),
                Kind::Diabetes => a1c.map(|a1c| a1c < 7.5),
                Kind::Kidney => gfr.map(|gfr| gfr > 38.0),
                Kind::Lipids => ldl.map(|ldl| ldl < 115.0),
                Kind::Anaemia => shown(&m::HEMOGLOBIN).map(|hemoglobin| hemoglobin > 11.8),
                Kind::Thyroid => shown(&m::TSH).map(|tsh| tsh < 4.5),
                Kind::Gout => shown(&m::URATE).map(|urate| urate < 7.2),
                _ => Some(!self.chance.happens(0.22)),
            };
            if let Some(steady) = verdict {
                let (assessment, plan) = if steady { (&chronic.steady, &chronic.plan_steady) } else { (&chronic.unsteady, &chronic.plan_unsteady) };
                let mut text = note::filled(tongue.say(assessment), &fill);
                if chronic.kind == Kind::Diabetes {
                    let today = a1c.unwrap_or(0.0);
                    if self.previous_a1c > 0.0 && (self.previous_a1c - today).abs() > 0.25 {
                        text.push_str(tongue.say(&[" (antes ", " (trước đó ", " (ранее "]));
                        note::number(&mut text, tongue, self.previous_a1c, 1);
                        text.push_str(" %)");
                    }
                    self.previous_a1c = today;
                }
                text.push('.');
                note::add(&mut note.assessment, &text);
                let mut advice = note::capital(tongue.say(plan));
                advice.push('.');
                note::add(&mut note.plan, &advice);
                let last = chronic.steps.len() - 1;
                if !steady && self.known[place].step < last && self.chance.happens(0.8) {
                    self.known[place].step += 1;
                } else if !steady && self.known[place].step == last && referred.is_none() && self.chance.happens(0.2) {
                    let to = match chronic.kind {
                        Kind::Kidney => Some(Work::Nephrology),
                        Kind::Diabetes | Kind::Thyroid => Some(Work::Endocrinology),
                        Kind::Coronary | Kind::HeartFailure | Kind::Fibrillation | Kind::Hypertension => Some(Work::Cardiology),
                        Kind::Knee | Kind::Osteoporosis => Some(Work::Traumatology),
                        Kind::Copd | Kind::Asthma => Some(Work::Internal),
                        _ => None,
                    };
                    referred = to.map(|to| (to, tongue.say(&chronic.unsteady), diagnosis.clone()));
                }
            }
            for drug in chronic.steps[self.known[place].step.min(chronic.steps.len() - 1)] {
                if !prescribe.iter().any(|(known, _)| known.atc == drug.atc) {
                    prescribe.push((drug, diagnosis.clone()));
                }
            }
            diagnoses.push(diagnosis);
        }
        if note.assessment.is_empty() {
            note.assessment = self.say(&["Estable, sin cambios respecto a la cita previa.", "Ổn định, không thay đổi so với lần trước.", "Состояние стабильное, без изменений."]).to_owned();
        }
        for (diagnosis, onset) in &fresh {
            self.condition(&here, diagnosis, *onset, None, true);
        }
        if !home {
            self.renew(&here, &prescribe, &mut note.plan);
        }
        if let Some((to, why, diagnosis)) = &referred {
            let answered = here.at.day.plus(60) < self.life_end && self.chance.happens(0.7);
            self.referral(&here, *to, why.split('{').next().unwrap_or(why).trim_end_matches([',', ' ']), answered, Some(diagnosis));
        }
        self.give(visit, &here, &mut note.plan);
        if !home {
            let next = life.standing.iter().map(|standing| chronic::of(standing.kind).review_days).min().unwrap_or(180);
            note::return_in(&mut note.plan, tongue, next as u32);
        }
        diagnoses.truncate(6);
        let (class, kind) = if home { (Class::Home, self.say(&["Visita domiciliaria", "Khám tại nhà", "Посещение на дому"])) } else { (Class::Ambulatory, self.say(&["Consulta de seguimiento", "Tái khám", "Диспансерный приём"])) };
        self.encounter_resource(&here, class, kind, 20, &note, &diagnoses, life);
        let title = if home { self.say(&["Nota de visita domiciliaria", "Phiếu thăm khám tại nhà", "Запись патронажа"]) } else { self.say(&["Nota de evolución", "Phiếu tái khám", "Дневниковая запись"]) };
        self.document(&here, title, if home { NURSE_NOTE } else { OUTPATIENT_NOTE }, 19, &note);
    }

    /// Prescribes anew what is new, stronger, or running out.
    fn renew(&mut self, here: &Here, wanted: &[(&'static Drug, Diagnosis)], plan: &mut String) {
        let day = here.at.day;
        let last = self.last_review == Some(day);
        for (drug, diagnosis) in wanted {
            let place = self.taken.iter().position(|taken| taken.drug.atc == drug.atc);
            let stale = place.is_none_or(|place| {
                let taken = &self.taken[place];
                taken.drug != *drug || day.0 - taken.renewed.0 >= if self.rich { 165 } else { 540 }
            });
            if !stale && !last {
                continue;
            }
            let prior = place.map(|place| self.taken[place].prescription);
            let since = place.map_or(day, |place| self.taken[place].since);
            let active = last && self.person.death.is_none();
            let id = self.prescription(here, drug, drug.days * 2, active, prior, Some(diagnosis), plan);
            let taken = Taken { drug, prescription: id, since, renewed: day };
            match place {
                Some(place) => self.taken[place] = taken,
                None => self.taken.push(taken),
            }
        }
    }

    fn prenatal(&mut self, life: &Life, visit: &Visit, week: i32) {
        let tongue = self.tongue;
        let day = visit.day;
        let here = self.here(day, self.clinic(), if week % 8 == 0 { Work::Midwife } else { Work::Family });
        let first_day = day.plus(-week * 7);
        let current = self.pregnancy.filter(|(_, began)| (began.0 - first_day.0).abs() < 60);
        let id = match current {
            Some((id, _)) => id,
            None => self.id(),
        };
        self.pregnancy = Some((id, first_day));
        let diagnosis = Diagnosis { id, icd: "Z34.9", name: self.say(&["Supervisión de embarazo normal", "Theo dõi thai kỳ bình thường", "Наблюдение нормальной беременности"]) };
        let mut note = Note::default();
        let mut number = String::new();
        push_padded(&mut number, week as u32, 1);
        note.reason = note::filled(self.say(&["Control prenatal, {n} semanas", "Khám thai, {n} tuần", "Наблюдение беременности, {n} нед."]), &[("{n}", &number)]);
        self.who(day, &mut note.history);
        note::add_one(&mut note.history, tongue, if week > 19 { &[["Percibe movimientos fetales, sin sangrado.", "Thai máy tốt, không ra huyết.", "Шевеления плода ощущает, выделений нет."], ["Sin cefalea ni edema, movimientos fetales presentes.", "Không đau đầu, không phù, thai máy.", "Головной боли и отёков нет, плод шевелится."]] } else { &[["Náusea matutina leve.", "Buồn nôn nhẹ buổi sáng.", "Лёгкая утренняя тошнота."], ["Sin sangrado ni dolor.", "Không đau, không ra huyết.", "Болей и выделений нет."]] }, &mut self.chance);
        self.background(day, &mut note.history);
        let mut signs = self.usual_signs(day, false, true);
        signs.height = None;
        signs.saturation = None;
        signs.temperature = None;
        self.signs(&here, &signs, &mut note.findings);
        if week >= 20 {
            let fundus = f64::from(week) - 1.0 + self.chance.bell() * 0.8;
            let pulse = (143.0 + self.chance.bell() * 6.0).round();
            self.single(&here, Value { measure: &m::FUNDUS, value: fundus });
            self.single(&here, Value { measure: &m::FETAL_PULSE, value: pulse });
            note::add(&mut note.findings, self.say(&["Altura uterina acorde, frecuencia cardiaca fetal ", "Bề cao tử cung phù hợp, tim thai ", "Высота дна матки соответствует сроку, ЧСС плода "]));
            push_decimal(&mut note.findings, pulse, 0);
            note.findings.push_str(tongue.say(&["/min.", " lần/phút.", "/мин."]));
        }
        if matches!(week, 8 | 28) {
            self.panel(&here, &m::BLOOD_COUNT, false, &mut note.findings);
            self.panel(&here, &m::GLUCOSE_ONLY, false, &mut note.findings);
        }
        if matches!(week, 12 | 20 | 32) {
            let finding = self.say(match week {
                12 => &["Embrión único vivo, longitud cráneo-caudal acorde, translucencia nucal normal.", "Một thai sống, chiều dài đầu mông phù hợp, độ mờ da gáy bình thường.", "Один живой плод, копчико-теменной размер соответствует сроку, воротниковое пространство в норме."],
                20 => &["Feto único, anatomía sin alteraciones, placenta corporal posterior, líquido normal.", "Một thai, hình thái bình thường, nhau bám mặt sau thân tử cung, ối bình thường.", "Один плод, анатомия без особенностей, плацента по задней стенке, воды в норме."],
                _ => &["Feto cefálico, crecimiento en percentil 50, líquido amniótico normal.", "Ngôi đầu, phát triển bách phân vị 50, ối bình thường.", "Головное предлежание, рост по 50 перцентилю, околоплодные воды в норме."],
            });
            let name = self.say(&["Ultrasonido obstétrico", "Siêu âm thai", "УЗИ плода"]);
            self.image(&here, name, finding);
            note::add(&mut note.findings, finding);
        }
        note.assessment = note::filled(self.say(&["Embarazo de {n} semanas de evolución normal.", "Thai {n} tuần, diễn tiến bình thường.", "Беременность {n} нед., течение нормальное."]), &[("{n}", &number)]);
        let drug = if week < 14 { &drugs::FOLIC_ACID } else { &drugs::IRON_SULFATE };
        if matches!(week, 8 | 16 | 28) {
            let active = life.expecting.is_some_and(|first| first.plus(week * 7) <= day && week == 28) || day.plus(90) > self.life_end;
            self.prescription(&here, drug, 90, active, None, Some(&diagnosis), &mut note.plan);
        }
        let expecting = life.expecting.is_some_and(|first| day >= first);
        if current.is_none() {
            let over = if expecting { None } else { Some(day.plus((39 - week).max(1) * 7)) };
            self.condition(&here, &diagnosis, first_day, over, true);
        }
        if matches!(week, 28 | 30)
            && !visit.doses.iter().any(|dose| dose.target == country::Target::Pregnant)
            && let Some(dose) = self.registry.country.immunisation.iter().find(|dose| dose.target == country::Target::Pregnant)
            && !self.doses.contains(&dose.id.as_str())
        {
            self.immunization(dose, day, Some(&here));
            note::add(&mut note.plan, &dose.vaccine);
            note.plan.push('.');
        }
        note::add_one(&mut note.plan, tongue, &[
            ["Datos de alarma obstétrica explicados.", "Đã dặn dấu hiệu nguy hiểm thai kỳ.", "Разъяснены тревожные признаки беременности."],
            ["Hierro y ácido fólico, dieta variada.", "Sắt và acid folic, ăn đa dạng.", "Железо и фолиевая кислота, полноценное питание."],
            ["Plan de parto y traslado conversado con la familia.", "Đã bàn kế hoạch sinh với gia đình.", "Обсуждён план родов с семьёй."],
        ], &mut self.chance);
        note::return_in(&mut note.plan, tongue, if week < 28 { 28 } else if week < 36 { 14 } else { 7 });
        self.encounter_resource(&here, Class::Ambulatory, self.say(&["Control prenatal", "Khám thai", "Наблюдение беременности"]), 25, &note, std::slice::from_ref(&diagnosis), life);
        self.document(&here, self.say(&["Nota de control prenatal", "Phiếu khám thai", "Запись наблюдения беременной"]), OUTPATIENT_NOTE, 24, &note);
    }

    fn delivery(&mut self, life: &Life, visit: &Visit, caesarean: bool) {
        let tongue = self.tongue;
        let facility = places::hospital(tongue, self.clinic(), true);
        let here = self.here(visit.day, facility, Work::Obstetrics);
        let (icd, words, procedure): (&str, Words, Words) = if caesarean {
            ("O82.9", ["Parto único por cesárea", "Sinh mổ đơn thai", "Роды путём кесарева сечения"], ["Cesárea tipo Kerr", "Mổ lấy thai", "Кесарево сечение"])
        } else {
            ("O80.9", ["Parto único espontáneo", "Sinh thường đơn thai", "Самопроизвольные роды"], ["Atención de parto eutócico", "Đỡ đẻ thường", "Ведение физиологических родов"])
        };
        let diagnosis = Diagnosis { id: self.id(), icd, name: tongue.say(&words) };
        let mut note = Note::default();
        note.reason = self.say(if caesarean { &["Cesárea por desproporción cefalopélvica", "Mổ lấy thai do bất xứng đầu chậu", "Кесарево сечение: клинически узкий таз"] } else { &["Trabajo de parto en fase activa", "Chuyển dạ pha hoạt động", "Активная фаза родов"] }).to_owned();
        self.who(visit.day, &mut note.history);
        self.background(visit.day, &mut note.history);
        let signs = self.usual_signs(visit.day, false, false);
        self.pregnancy = None;
        self.signs(&here, &signs, &mut note.findings);
        self.panel(&here, &m::SHORT_COUNT, false, &mut note.findings);
        note.assessment = self.say(&["Nacimiento de término sin complicaciones, sangrado habitual.", "Sinh đủ tháng không biến chứng, lượng máu mất bình thường.", "Срочные роды без осложнений, кровопотеря физиологическая."]).to_owned();
        note.plan = self.say(&["Lactancia inmediata, vigilancia del puerperio, orientación en anticoncepción.", "Cho bú sớm, theo dõi hậu sản, tư vấn kế hoạch hóa gia đình.", "Раннее прикладывание, наблюдение послеродового периода, консультация по контрацепции."]).to_owned();
        self.prescription(&here, &drugs::PARACETAMOL, 5, false, None, Some(&diagnosis), &mut note.plan);
        self.procedure(&here, tongue.say(&procedure), here.at.plus(150), if caesarean { 55 } else { 30 }, Some(&diagnosis));
        self.condition(&here, &diagnosis, visit.day, Some(visit.day.plus(if caesarean { 3 } else { 2 })), false);
        let minutes = 1440 * if caesarean { 3 } else { 2 } - 200;
        self.encounter_resource(&here, Class::Inpatient, self.say(&["Hospitalización por parto", "Nhập viện sinh", "Госпитализация на роды"]), minutes, &note, std::slice::from_ref(&diagnosis), life);
        self.summary(&here, self.say(&["Nota de egreso obstétrico", "Tóm tắt ra viện sau sinh", "Выписной эпикриз родильного отделения"]), minutes, &note);
    }

    fn postnatal(&mut self, life: &Life, visit: &Visit) {
        let tongue = self.tongue;
        let here = self.here(visit.day, self.clinic(), Work::Midwife);
        let mut note = Note::default();
        note.reason = self.say(&["Control de puerperio", "Khám sau sinh", "Послеродовой осмотр"]).to_owned();
        self.who(visit.day, &mut note.history);
        note::add(&mut note.history, self.say(&["Lactancia materna sin dificultad, loquios escasos.", "Cho con bú tốt, sản dịch ít.", "Кормит грудью, лохии скудные."]));
        let signs = self.usual_signs(visit.day, false, true);
        self.signs(&here, &signs, &mut note.findings);
        note::general(&mut note.findings, tongue, &mut self.chance);
        note.assessment = self.say(&["Puerperio fisiológico, ánimo conservado.", "Hậu sản bình thường, tinh thần ổn định.", "Послеродовой период без осложнений, настроение ровное."]).to_owned();
        note.plan = self.say(&["Continuar hierro tres meses, cita de planificación familiar.", "Tiếp tục sắt 3 tháng, hẹn kế hoạch hóa gia đình.", "Железо ещё три месяца, консультация по планированию семьи."]).to_owned();
        if self.chance.happens(0.5) {
            self.prescription(&here, &drugs::IRON_SULFATE, 90, visit.day.plus(90) > self.life_end, None, None, &mut note.plan);
        }
        self.encounter_resource(&here, Class::Ambulatory, self.say(&["Control de puerperio", "Khám hậu sản", "Послеродовой осмотр"]), 20, &note, &[], life);
        self.document(&here, self.say(&["Nota de puerperio", "Phiếu khám hậu sản", "Запись послеродового осмотра"]), OUTPATIENT_NOTE, 18, &note);
    }

    /// A short visit at home: five measurements, a word now and then.
    fn home_care(&mut self, life: &Life, visit: &Visit, number: u32) {
        let tongue = self.tongue;
        let here = self.here(visit.day, self.clinic(), Work::Nurse);
        let mut note = Note::default();
        note.reason = self.say(&["Cuidado de enfermería en casa", "Chăm sóc điều dưỡng tại nhà", "Сестринский уход на дому"]).to_owned();
        let mut signs = self.usual_signs(visit.day, false, true);
        signs.height = None;
        signs.head = None;
        signs.temperature = signs.temperature.or(Some(36.5));
        signs.breaths = None;
        signs.saturation = signs.saturation.or(Some(95.0));
        self.signs(&here, &signs, &mut note.findings);
        note.assessment = self.say(&["Estable, signos dentro de lo esperado.", "Ổn định, dấu hiệu sinh tồn trong giới hạn.", "Состояние стабильное, показатели ожидаемые."]).to_owned();
        note.plan = self.say(&["Continuar cuidados.", "Tiếp tục chăm sóc.", "Уход продолжить."]).to_owned();
        if number.is_multiple_of(100) {
            let mut fresh: Vec<(Diagnosis, Day)> = Vec::new();
            for place in 0..self.known.len() {
                if self.known[place].id.is_none() && self.known[place].onset <= visit.day {
                    let chronic = chronic::of(self.known[place].kind);
                    let id = self.id();
                    self.known[place].id = Some(id);
                    fresh.push((Diagnosis { id, icd: chronic.icd, name: tongue.say(&chronic.name) }, self.known[place].onset));
                }
            }
            for (diagnosis, onset) in fresh {
                self.condition(&here, &diagnosis, onset, None, true);
            }
        }
        self.encounter_resource(&here, Class::Home, self.say(&["Visita de enfermería", "Điều dưỡng thăm nhà", "Визит медсестры"]), 25, &note, &[], life);
        if number.is_multiple_of(7) {
            self.who(visit.day, &mut note.history);
            note::adherence(&mut note.history, tongue, &mut self.chance);
            self.document(&here, self.say(&["Nota de enfermería", "Phiếu chăm sóc", "Запись медсестры"]), NURSE_NOTE, 20, &note);
        }
    }
}
