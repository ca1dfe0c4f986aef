//! The numbers of a day: vital signs and laboratory values as body,
//! conditions and treatment have them.

use super::results::{Signs, Value};
use super::*;
use crate::measure as m;

impl Teller<'_> {
    /// Vital signs of a body on a day, with what its conditions do to them.
    pub(super) fn usual_signs(&mut self, day: Day, fever: bool, measured: bool) -> Signs {
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
    pub(super) fn laboratory(&mut self, measure: &'static Measure, day: Day, acute: bool) -> Value {
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
            _ if *measure == m::FEV1 => self.body.height(day) / 100.0 * self.body.height(day) / 100.0 * (1.12 - (age - 25.0).max(0.0) * 0.008) * if state(Kind::Copd).is_some() { 0.58 } else { 0.86 } + bell * 0.07,
            _ if *measure == m::FEV1_FVC => if state(Kind::Copd).is_some() { 58.0 + bell * 3.0 } else { 77.0 + bell * 4.0 },
            _ if *measure == m::TROPONIN => 6.0 + bell.abs() * 4.0,
            _ if *measure == m::INR => 1.05 + bell * 0.06,
            _ if *measure == m::ALT || *measure == m::AST => 22.0 + own * 6.0 + bell * 4.0 + if self.body_is_heavy(day) { 14.0 } else { 0.0 },
            _ if *measure == m::BILIRUBIN => 0.6 + own * 0.12 + bell * 0.1,
            _ => (measure.low + measure.high) / 2.0,
        };
        Value { measure, value }
    }

    pub(super) fn years(&self, from: Day, to: Day) -> f64 {
        f64::from(to.0 - from.0) / 365.25
    }

    pub(super) fn body_is_heavy(&self, day: Day) -> bool {
        let height = self.body.height(day) / 100.0;
        self.body.weight(day) / height / height > 30.0
    }
}
