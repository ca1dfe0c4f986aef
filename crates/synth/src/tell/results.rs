//! What was measured: vital signs and laboratory values with their ranges.

use super::*;
use crate::resources::{LOINC, UCUM};

/// A value of the day.
#[derive(Clone, Copy)]
pub(super) struct Value {
    pub measure: &'static Measure,
    pub value: f64,
}

/// The vital signs of a visit; those not taken are none.
#[derive(Default, Clone, Copy)]
pub(super) struct Signs {
    pub systolic: Option<f64>,
    pub diastolic: f64,
    pub pulse: Option<f64>,
    pub breaths: Option<f64>,
    pub temperature: Option<f64>,
    pub saturation: Option<f64>,
    pub weight: Option<f64>,
    pub height: Option<f64>,
    pub head: Option<f64>,
}

impl Teller<'_> {
    /// The reference range of a measure for this person, in its first unit.
    fn range(&self, measure: &Measure, day: Day) -> (f64, f64) {
        let age = day.age(self.person.birth);
        let woman = self.person.woman;
        if *measure == measure::HEMOGLOBIN {
            return match age {
                ..6.0 => (11.0, 14.0),
                ..12.0 => (11.5, 15.0),
                _ if woman => (12.0, 15.5),
                _ => (13.0, 17.0),
            };
        }
        if *measure == measure::CREATININE {
            return if age < 14.0 { (0.2, 0.7) } else if woman { (0.5, 1.0) } else { (0.7, 1.3) };
        }
        if age < 18.0 && *measure == measure::BMI {
            // A child's is judged by its age, on a growth chart.
            return (f64::NAN, f64::NAN);
        }
        if age < 12.0 {
            if *measure == measure::PULSE {
                let middle = self.body.pulse(day);
                return (middle - 25.0, middle + 30.0);
            }
            if *measure == measure::BREATHS {
                let middle = self.body.breaths(day);
                return (middle - 8.0, middle + 10.0);
            }
            if *measure == measure::SYSTOLIC {
                return (70.0, 90.0 + age * 2.5);
            }
            if *measure == measure::DIASTOLIC {
                return (35.0, 60.0 + age * 1.8);
            }
            if *measure == measure::LEUKOCYTES {
                return (5.0, 14.5);
            }
        }
        (measure.low, measure.high)
    }

    fn judged(&self, measure: &Measure, value: f64, day: Day) -> (&'static str, &'static str) {
        let (low, high) = self.range(measure, day);
        // A value as far out again as the range is wide is critical for its reader.
        if value > high * 1.6 && !measure.vital {
            ("HH", "Critical high")
        } else if value > high {
            ("H", "High")
        } else if value < low {
            ("L", "Low")
        } else {
            ("N", "Normal")
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn start_observation(&mut self, id: Id, category: (&str, &str), measure: &Measure, unit: usize, shown: &str, here: &Here, at: Moment) {
        self.begin(Type::Observation, id);
        let name = self.say(&measure.name);
        self.json.narrative(&[(name, shown)]);
        self.json.text("status", "final");
        self.json.concepts("category", "http://terminology.hl7.org/CodeSystem/observation-category", category.0, category.1, "");
        self.json.concept("code", LOINC, measure.loinc[unit], measure.english, name);
        self.subject("subject");
        self.encounter(here);
        self.json.moment("effectiveDateTime", at);
        if category.0 == "laboratory" {
            self.json.moment("issued", at.plus(190 + at.minute % 300));
        }
    }

    fn shown(&self, measure: &Measure, value: f64) -> String {
        let unit = if measure.vital { 0 } else { self.tongue.molar() };
        let mut text = String::with_capacity(24);
        note::number(&mut text, self.tongue, value * if unit == 1 { measure.factor } else { 1.0 }, measure.places[unit]);
        if measure.unit[unit] != "1" {
            text.push(' ');
            text.push_str(self.tongue.unit(measure.unit[unit]));
        }
        text
    }

    fn value_members(&mut self, measure: &Measure, value: f64, day: Day) {
        let unit = if measure.vital { 0 } else { self.tongue.molar() };
        let factor = if unit == 1 { measure.factor } else { 1.0 };
        let places = measure.places[unit];
        self.json.quantity("valueQuantity", value * factor, places, self.tongue.unit(measure.unit[unit]), measure.ucum[unit]);
        let (low, high) = self.range(measure, day);
        if low.is_nan() && high.is_nan() {
            return;
        }
        let (code, display) = self.judged(measure, value, day);
        self.json.concepts("interpretation", "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", code, display, "");
        self.json.list("referenceRange");
        self.json.item();
        let mut text = String::new();
        for (name, end) in [("low", low), ("high", high)] {
            if end.is_nan() {
                continue;
            }
            self.json.open(name);
            self.json.decimal("value", end * factor, places);
            self.json.text("unit", self.tongue.unit(measure.unit[unit]));
            self.json.text("system", UCUM);
            self.json.text("code", measure.ucum[unit]);
            self.json.close();
            text.push_str(if !text.is_empty() { " – " } else if name == "high" { "≤ " } else if high.is_nan() { "≥ " } else { "" });
            note::number(&mut text, self.tongue, end * factor, places);
        }
        self.json.text("text", &text);
        self.json.close();
        self.json.end_list();
    }

    fn vital(&mut self, here: &Here, measure: &'static Measure, value: f64) {
        let id = self.id();
        let shown = self.shown(measure, value);
        self.start_observation(id, ("vital-signs", "Vital Signs"), measure, 0, &shown, here, here.at.plus(4));
        self.json.list("performer");
        self.nurse_item(here);
        self.json.end_list();
        self.value_members(measure, value, here.at.day);
        self.finish(Type::Observation);
    }

    fn nurse_item(&mut self, here: &Here) {
        self.json.item();
        if here.facility < places::DISTRICTS {
            let nurse = places::who(here.facility, Work::Nurse, 0);
            let signature = places::signature(self.tongue, nurse);
            crate::resources::practitioner_members(&mut self.json, self.registry.country, &signature, nurse);
        } else {
            crate::resources::practitioner_members(&mut self.json, self.registry.country, &here.signature, here.practitioner);
        }
        self.json.close();
    }

    /// Writes the vital signs and says them in a sentence.
    pub(super) fn signs(&mut self, here: &Here, signs: &Signs, findings: &mut String) {
        let tongue = self.tongue;
        let day = here.at.day;
        let mut line = String::with_capacity(160);
        let mut part = |words: &Words, measure: &Measure, shown: &str| {
            if !line.is_empty() {
                line.push_str(", ");
            }
            line.push_str(tongue.say(words));
            line.push(' ');
            line.push_str(shown);
            let _ = measure;
        };
        if let Some(systolic) = signs.systolic {
            let mut shown = String::new();
            push_decimal(&mut shown, systolic, 0);
            shown.push('/');
            push_decimal(&mut shown, signs.diastolic, 0);
            part(&["PA", "HA", "АД"], &measure::PRESSURE, &shown);
        }
        for (words, measure, value) in [
            (["FC", "mạch", "ЧСС"], &measure::PULSE, signs.pulse),
            (["FR", "nhịp thở", "ЧДД"], &measure::BREATHS, signs.breaths),
            (["temperatura", "nhiệt độ", "температура"], &measure::TEMPERATURE, signs.temperature),
            (["SpO₂", "SpO₂", "SpO₂"], &measure::SATURATION, signs.saturation),
            (["peso", "cân nặng", "масса"], &measure::WEIGHT, signs.weight),
            (["talla", "cao", "рост"], &measure::HEIGHT, signs.height),
            (["perímetro cefálico", "vòng đầu", "окружность головы"], &measure::HEAD, signs.head),
        ] {
            if let Some(value) = value {
                let shown = self.shown(measure, value);
                part(&words, measure, &shown);
            }
        }
        if !line.is_empty() {
            line.push('.');
            note::add(findings, &note::capital(&line));
        }
        if let Some(systolic) = signs.systolic {
            self.pressure(here, systolic, signs.diastolic);
        }
        for (measure, value) in [
            (&measure::PULSE, signs.pulse),
            (&measure::BREATHS, signs.breaths),
            (&measure::TEMPERATURE, signs.temperature),
            (&measure::SATURATION, signs.saturation),
            (&measure::WEIGHT, signs.weight),
            (&measure::HEIGHT, signs.height),
            (&measure::HEAD, signs.head),
        ] {
            if let Some(value) = value {
                self.vital(here, measure, value);
            }
        }
        if let (Some(weight), Some(height)) = (signs.weight, signs.height)
            && day.age(self.person.birth) >= 2.0
        {
            self.vital(here, &measure::BMI, weight / (height / 100.0) / (height / 100.0));
        }
    }

    fn pressure(&mut self, here: &Here, systolic: f64, diastolic: f64) {
        let id = self.id();
        let mut shown = String::new();
        push_decimal(&mut shown, systolic, 0);
        shown.push('/');
        push_decimal(&mut shown, diastolic, 0);
        shown.push_str(self.tongue.say(&[" mmHg", " mmHg", " мм рт. ст."]));
        let day = here.at.day;
        self.start_observation(id, ("vital-signs", "Vital Signs"), &measure::PRESSURE, 0, &shown, here, here.at.plus(4));
        self.json.list("performer");
        self.nurse_item(here);
        self.json.end_list();
        self.json.list("component");
        for (measure, value) in [(&measure::SYSTOLIC, systolic), (&measure::DIASTOLIC, diastolic)] {
            self.json.item();
            let name = self.say(&measure.name);
            self.json.concept("code", LOINC, measure.loinc[0], measure.english, name);
            self.value_members(measure, value.round(), day);
            self.json.close();
        }
        self.json.end_list();
        self.finish(Type::Observation);
    }

    /// Writes one value that belongs to no report.
    pub(super) fn single(&mut self, here: &Here, value: Value) {
        self.vital(here, value.measure, value.value);
    }

    /// Whether somebody smokes, asked once.
    pub(super) fn smoking(&mut self, here: &Here, findings: &mut String) {
        if self.asked_smoking || here.at.day.age(self.person.birth) < 18.0 {
            return;
        }
        self.asked_smoking = true;
        let often = if self.person.woman { 12 } else { 34 };
        let (code, english, words): (&str, &str, Words) = match self.person.key % 100 {
            lot if lot < often => ("77176002", "Smoker", ["Fuma actualmente", "Đang hút thuốc lá", "Курит"]),
            lot if lot < often + 15 => ("8517006", "Ex-smoker", ["Dejó de fumar", "Đã bỏ thuốc lá", "Курение в прошлом"]),
            _ => ("266919005", "Never smoked tobacco", ["Nunca ha fumado", "Chưa bao giờ hút thuốc", "Не курит"]),
        };
        let said = self.say(&words);
        let name = self.say(&["Tabaquismo", "Hút thuốc lá", "Курение"]);
        let id = self.id();
        self.begin(Type::Observation, id);
        self.json.narrative(&[(name, said)]);
        self.json.text("status", "final");
        self.json.concepts("category", "http://terminology.hl7.org/CodeSystem/observation-category", "social-history", "Social History", "");
        self.json.concept("code", LOINC, "72166-2", "Tobacco smoking status", name);
        self.subject("subject");
        self.encounter(here);
        self.json.moment("effectiveDateTime", here.at.plus(3));
        self.json.list("performer");
        self.nurse_item(here);
        self.json.end_list();
        self.json.concept("valueCodeableConcept", "http://snomed.info/sct", code, english, said);
        self.finish(Type::Observation);
        note::add(findings, said);
        findings.push('.');
    }

    /// Writes a laboratory report with its values; returns what is worth saying.
    pub(super) fn report(&mut self, here: &Here, panel: &'static Panel, values: &[Value], say: &mut String) {
        let report = self.id();
        let taken = here.at.plus(-35);
        let ids: Vec<Id> = values.iter().map(|_| self.id()).collect();
        let analyst = places::PRACTITIONERS - 1;
        let analyst_signature = places::signature(self.tongue, analyst);
        let mut conclusion = String::new();
        for (value, id) in values.iter().zip(&ids) {
            let unit = self.tongue.molar();
            let shown = self.shown(value.measure, value.value);
            self.start_observation(*id, ("laboratory", "Laboratory"), value.measure, unit, &shown, here, taken);
            self.json.list("performer");
            self.json.item();
            crate::resources::practitioner_members(&mut self.json, self.registry.country, &analyst_signature, analyst);
            self.json.close();
            self.json.end_list();
            self.value_members(value.measure, value.value, taken.day);
            self.finish(Type::Observation);
            let name = self.say(&value.measure.name);
            let (code, _) = self.judged(value.measure, value.value, taken.day);
            let (low, high) = self.range(value.measure, taken.day);
            if code != "N" && !(low.is_nan() && high.is_nan()) {
                if !conclusion.is_empty() {
                    conclusion.push_str("; ");
                }
                conclusion.push_str(name);
                conclusion.push(' ');
                conclusion.push_str(&shown);
                conclusion.push_str(if code == "L" { " ↓" } else { " ↑" });
            }
        }
        self.begin(Type::DiagnosticReport, report);
        let name = self.say(&panel.name);
        let normal = self.say(&["Dentro de los límites de referencia", "Trong giới hạn tham chiếu", "В пределах референсных значений"]);
        let concluded: &str = if conclusion.is_empty() { normal } else { &conclusion };
        self.json.narrative(&[(name, concluded)]);
        self.json.text("status", "final");
        self.json.concepts("category", "http://terminology.hl7.org/CodeSystem/v2-0074", "LAB", "Laboratory", "");
        self.json.concept("code", LOINC, panel.loinc, panel.english, name);
        self.subject("subject");
        self.encounter(here);
        self.json.moment("effectiveDateTime", taken);
        self.json.moment("issued", taken.plus(190 + taken.minute % 300));
        self.json.list("performer");
        self.json.item();
        crate::resources::facility_members(&mut self.json, self.registry.country, self.tongue, "Organization", places::LABORATORY);
        self.json.close();
        self.json.end_list();
        self.json.list("result");
        for (value, id) in values.iter().zip(&ids) {
            let shown = self.say(&value.measure.name);
            self.json.reference_item(*id, shown);
        }
        self.json.end_list();
        self.json.text("conclusion", concluded);
        self.finish(Type::DiagnosticReport);
        if !conclusion.is_empty() {
            conclusion.push('.');
            note::add(say, &conclusion);
        }
    }
}
