//! What stays: check-ups, follow-ups of lasting conditions and their
//! medicines, care at home.

use super::clinical::{Class, Diagnosis};
use super::results::Value;
use super::visits::{NURSE_NOTE, OUTPATIENT_NOTE};
use super::*;
use crate::measure as m;

impl Teller<'_> {
    pub(super) fn checkup(&mut self, life: &Life, visit: &Visit) {
        let tongue = self.tongue;
        let day = visit.day;
        let here = self.here(day, self.clinic(), Work::Family);
        let mut note = Note { reason: self.say(&["Revisión preventiva", "Khám sức khỏe định kỳ", "Диспансеризация"]).to_owned(), ..Note::default() };
        self.who(day, &mut note.history);
        note::adherence(&mut note.history, tongue, &mut self.chance);
        self.background(day, &mut note.history);
        self.smoking(&here, &mut note.history);
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

    pub(super) fn review(&mut self, life: &Life, visit: &Visit) {
        let tongue = self.tongue;
        let day = visit.day;
        let home = matches!(visit.purpose, Purpose::HomeVisit);
        let here = self.here(day, self.clinic(), if home { Work::Nurse } else { self.family_work(day) });
        let mut note = Note { reason: self.say(if home { &["Visita domiciliaria", "Thăm khám tại nhà", "Патронаж на дому"] } else { &["Control de enfermedades crónicas", "Tái khám bệnh mạn tính", "Плановый приём, диспансерное наблюдение"] }).to_owned(), ..Note::default() };
        self.who(day, &mut note.history);
        note::adherence(&mut note.history, tongue, &mut self.chance);
        self.background(day, &mut note.history);
        self.smoking(&here, &mut note.history);
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
                Kind::Fibrillation => signs.pulse.map(|pulse| pulse < 92.0),
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
                if !text.ends_with('.') {
                    text.push('.');
                }
                note::add(&mut note.assessment, &text);
                // With much to look after, only what changes is written down.
                if !steady || self.known.len() < 3 || note.plan.is_empty() {
                    let mut advice = note::capital(tongue.say(plan));
                    advice.push('.');
                    note::add(&mut note.plan, &advice);
                }
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
            self.renew(&here, &prescribe, &mut note.treatment);
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
    pub(super) fn renew(&mut self, here: &Here, wanted: &[(&'static Drug, Diagnosis)], plan: &mut String) {
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

    /// A short visit at home: five measurements, a word now and then.
    pub(super) fn home_care(&mut self, life: &Life, visit: &Visit, number: u32) {
        let tongue = self.tongue;
        let here = self.here(visit.day, self.clinic(), Work::Nurse);
        let mut note = Note { reason: self.say(&["Cuidado de enfermería en casa", "Chăm sóc điều dưỡng tại nhà", "Сестринский уход на дому"]).to_owned(), ..Note::default() };
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
